"""Reads a filled workbook for the report: what is there, as people have left it.

Tables, columns and sheets may have been removed, renamed and sorted. What can't be shown to a
committee, a formula without a value or one that shows an error, is refused with its cell named.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ARSKOLUMNER_REFERENSKOSTNAD,
    EXEMPELMARKNING,
    INSTALLNINGAR,
    JAMFORELSER,
    OVER_TID,
    Regelrad,
    Tabell,
)
from genomlysning.bok.cellvarde import format_innehall, from_serial
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.listor import is_bedomd_forr, read_indexkrav, read_regler
from genomlysning.bok.modell import Bokblad, Cell, cell_name
from genomlysning.bok.tabellplats import Tabellplats, read_platser
from genomlysning.fel import FilFel, Meddelande
from genomlysning.rapport.fritext import clean_text
from genomlysning.regler.bedomning import Toleranser
from genomlysning.svenska import join_nagra, uppraknat

#: So many cells are named in a message.
MAX_NAMNDA = 8

UTAN_VARDE = Meddelande(
    "rapport-utan-varde",
    "Formler i {fil} saknar uträknat värde ({celler}).",
    "Öppna filen i Excel och spara den, så räknas de ut. Ingen rapport har skrivits.",
)
FELVARDE = Meddelande(
    "rapport-felvarde",
    "Celler i {fil} visar ett fel i stället för ett värde ({celler}).",
    "Rätta dem först. Ingen rapport har skrivits.",
)
BEDOMD_FORR = Meddelande(
    "rapport-bedomd-forr",
    "{fil} är gjord med en tidigare version, och dess bedömningar följer de regler som gällde då.",
    "Kör uppdatera på filen och skriv rapporten igen, så följer de reglerna som gäller nu.",
)
UTAN_RUBRIKRAD = Meddelande(
    "rapport-utan-rubrikrad",
    "Tabellen {tabell} på bladet {blad} har ingen rubrikrad.",
    "Slå på den i Excel under Tabelldesign, Rubrikrad. Ingen rapport har skrivits.",
)
STYRTECKEN = Meddelande(
    "rapport-styrtecken",
    "{plats}: {antal} som inte kan visas i ett dokument har tagits bort.",
)

#: What is read besides the template's own columns.
_AVEN = {
    **dict.fromkeys(
        JAMFORELSER, ("year", "enhet", "riktning", "bedomning", "id", "anmarkning", "kalla")
    ),
    **dict.fromkeys(OVER_TID, ("enhet", "riktning", "id", "anmarkning", "kalla")),
    "Referenskostnad": (
        *("verksamhet", "procent", "mkr", "index", "index_liknande"),
        *("inom", "battre", "uppfyller", "anmarkning"),
    ),
    "ReferenskostnadOverTid": ("verksamhet", *ARSKOLUMNER_REFERENSKOSTNAD),
    "Jamforelsegrupper": ("omrade", "kommuner", "year"),
    "Logg": ("andrade",),
}

Varde = str | float | None


@dataclass(frozen=True, slots=True)
class Bokrad:
    """A row by column key. `formler` are the columns where a person's formula stands."""

    varden: Mapping[str, Varde]
    formler: frozenset[str] = frozenset()

    def text(self, nyckel: str) -> str:
        """Return a cell as text, without blanks around it."""
        value = self.varden.get(nyckel)
        return format_innehall(value)

    def tal(self, nyckel: str) -> float | None:
        """Return a cell's number; None where there is none."""
        value = self.varden.get(nyckel)
        return value if isinstance(value, float) else None


@dataclass(frozen=True, slots=True)
class Boktabell:
    """A table as it stands: the headers of the columns that are left, and the rows with content."""

    tabell: Tabell
    rubriker: Mapping[str, str]
    rader: tuple[Bokrad, ...]


@dataclass(frozen=True, slots=True)
class Bokdata:
    """Everything that the report takes from a workbook."""

    exempel: bool
    installningar: Mapping[str, Varde]
    tabeller: Mapping[str, Boktabell]
    texter: Mapping[str, str]
    rubriker: Mapping[str, str]
    regler: Mapping[str, Regelrad]
    indexkrav: tuple[str, ...]
    toleranser: Toleranser
    varningar: tuple[str, ...]
    datum_1904: bool = False

    def rader(self, tabell: str) -> tuple[Bokrad, ...]:
        """Return a table's rows; none where it has been removed."""
        found = self.tabeller.get(tabell)
        return found.rader if found else ()

    def installning(self, namn: str) -> str:
        """Return a setting as text; whole numbers without decimals, dates as ÅÅÅÅ-MM-DD."""
        value = self.installningar.get(namn)
        if isinstance(value, float) and namn == "AntagenDatum":
            try:
                return from_serial(value, date1904=self.datum_1904).isoformat()
            except (OverflowError, ValueError):
                return ""
        return format_innehall(value)


def read_bokdata(bok: Arbetsbok) -> Bokdata:
    """Return what the report needs; raises FilFel for what can't be shown, cells named."""
    work = _Lasare()
    tables = {}
    for namn, place in read_platser(bok).items():
        if not place.excel.rubrikrader:
            raise FilFel(UTAN_RUBRIKRAD, tabell=namn, blad=place.blad.namn)
        tables[namn] = work.read_tabell(place)
    settings = {post.namn: work.read_namn(bok, post.namn) for post in INSTALLNINGAR}
    texts = {
        namn: format_innehall(value)
        for namn in (beskrivning.ANALYSTEXT, beskrivning.UPPFOLJNINGSTEXT)
        if (value := work.read_namn(bok, namn)) is not None
    }
    work.check(bok)
    if is_bedomd_forr(bok):
        work.varningar.append(BEDOMD_FORR.format(fil=bok.fil.name))
    return Bokdata(
        exempel=bok.amne() == EXEMPELMARKNING,
        installningar=settings,
        tabeller=tables,
        texter=texts,
        rubriker=dict(_read_rubriker(bok)),
        regler=read_regler(bok),
        indexkrav=tuple(read_indexkrav(bok)),
        toleranser=Toleranser(
            *(
                standard if not isinstance(v := settings.get(name), float) else v
                for name, standard in zip(
                    ("Tolerans", "ToleransEnheter"), Toleranser(), strict=True
                )
            )
        ),
        varningar=tuple(work.varningar),
        datum_1904=bok.date1904,
    )


def _read_rubriker(bok: Arbetsbok) -> Iterator[tuple[str, str]]:
    """Yield the sheets' headings by code name."""
    for blad in beskrivning.BLAD:
        sheet = bok.find_blad(blad.kodnamn, blad.namn)
        if sheet is not None:
            yield blad.kodnamn, clean_text(sheet.cell(1, 1).text)[0].strip()


@dataclass(slots=True)
class _Lasare:
    """Reads cells and takes note of those that can't be shown."""

    utan_varde: list[str] = field(default_factory=list)
    felvarden: list[str] = field(default_factory=list)
    varningar: list[str] = field(default_factory=list)

    def check(self, bok: Arbetsbok) -> None:
        """Refuse a workbook with cells that can't be shown."""
        for places, message in ((self.utan_varde, UTAN_VARDE), (self.felvarden, FELVARDE)):
            if places:
                cells = join_nagra(places, MAX_NAMNDA)
                raise FilFel(message, fil=bok.fil.name, celler=cells)

    def read(self, blad: Bokblad, row: int, col: int) -> Varde:
        """Return a cell's value, text cleaned; empty text is None."""
        cell = blad.cell(row, col)
        place = f"{blad.namn}!{cell_name(row, col)}"
        if cell.fel:
            self.felvarden.append(place)
        elif cell.formel is not None and cell.varde is None:
            self.utan_varde.append(place)
        return self._value(cell, place)

    def _value(self, cell: Cell, place: str) -> Varde:
        if isinstance(cell.varde, bool):
            return "Ja" if cell.varde else "Nej"
        if not isinstance(cell.varde, str):
            return cell.varde
        text, removed = clean_text(cell.varde)
        if removed:
            count = uppraknat(removed, "tecken", "tecken")
            self.varningar.append(STYRTECKEN.format(plats=place, antal=count))
        return text if text.strip() else None

    def read_namn(self, bok: Arbetsbok, namn: str) -> Varde:
        place = bok.namn.get(namn.lower())
        if place is None:
            return None
        value = self.read(place[0], place[1][0], place[1][1])
        return value.strip() if isinstance(value, str) and namn in _INSTALLNINGSNAMN else value

    def read_tabell(self, place: Tabellplats) -> Boktabell:
        """Read the columns that the report uses, and the rows that hold something in them."""
        tabell = place.tabell
        keys = [
            k.nyckel
            for k in tabell.kolumner
            if k.nyckel in place.kolumner and (k.mall or k.nyckel in _AVEN.get(tabell.namn, ()))
        ]
        shown = {k.nyckel for k in tabell.kolumner if k.mall} or set(keys)
        formulas = {k.nyckel for k in tabell.kolumner if k.formel}
        rows = []
        for nr in place.excel.datarader:
            values = {k: self.read(place.blad, nr, place.kolumner[k]) for k in keys}
            if any(v is not None for k, v in values.items() if k in shown):
                own = frozenset(
                    k for k in keys if k not in formulas and place.cell(nr, k).formel is not None
                )
                rows.append(Bokrad(values, own))
        headers = {k: clean_text(h)[0].strip() for k, h in place.rubriker.items()}
        return Boktabell(tabell, headers, tuple(rows))


_INSTALLNINGSNAMN = {post.namn for post in INSTALLNINGAR}


def find_year(text: str) -> str:
    """Return the year that a header ends with, empty if none."""
    match = re.search(r"(?:19|20)\d{2}$", text)
    return match[0] if match else ""
