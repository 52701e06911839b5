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
    FORFLYTTNINGSBLAD,
    INSTALLNINGAR,
    JAMFORELSER,
    OVER_TID,
    TALSLAG,
    TEXTRUTOR,
    UPPFOLJNINGSBLAD,
    Blad,
    Kolumn,
    Regelrad,
    Slag,
    Tabell,
)
from genomlysning.bok.cellvarde import describe_varde, format_innehall, from_serial
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.listor import is_bedomd_forr, read_indexkrav, read_regler
from genomlysning.bok.losarader import find_sista_rad
from genomlysning.bok.modell import Bokblad, Cell, cell_name
from genomlysning.bok.programtexter import make_igenkannare
from genomlysning.bok.tabellplats import Tabellplats, read_platser
from genomlysning.fel import FilFel, Meddelande
from genomlysning.rapport.fritext import clean_text
from genomlysning.regler.bedomning import Toleranser
from genomlysning.svenska import MINUS, join_nagra, uppraknat

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
UNDER_TABELL = Meddelande(
    "rapport-under-tabell",
    "{antal} direkt under tabellen på bladet {blad} räknas in i den ({celler}).",
    "Hör det inte till tabellen, lägg en tom rad emellan.",
)
UTANFOR_TABELL = Meddelande(
    "rapport-utanfor-tabell",
    "Det som står i {celler} på bladet {blad} är inte med i rapporten: det står utanför tabellen.",
    "Skriv det i tabellen om det ska vara med.",
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
#: Tables to which rows are added: those of figures, of measures and of moves.
_ATGARDSBLAD = (*UPPFOLJNINGSBLAD, *FORFLYTTNINGSBLAD)
_DERAS = (*JAMFORELSER, *OVER_TID, *(b.tabeller[0].namn for b in _ATGARDSBLAD))

Varde = str | float | None


@dataclass(frozen=True, slots=True)
class Bokrad:
    """A row by column key. `formler` are the columns where a person's formula stands.

    `ovrigt` is what stands in people's own columns, as (header, text).
    """

    varden: Mapping[str, Varde]
    formler: frozenset[str] = frozenset()
    ovrigt: tuple[tuple[str, str], ...] = ()

    def text(self, nyckel: str) -> str:
        """Return a cell as text, without blanks around it."""
        value = self.varden.get(nyckel)
        return format_innehall(value)

    def visat(self, nyckel: str) -> str:
        """Return a cell as a reader sees it: a number with a decimal comma and a real minus."""
        value = self.varden.get(nyckel)
        return (
            describe_varde(value).replace("-", MINUS) if isinstance(value, float) else value or ""
        )

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
    """Everything that the report takes from a workbook.

    `textrutor` are the areas for running text that it has, `texter` those that hold any.
    """

    exempel: bool
    installningar: Mapping[str, Varde]
    tabeller: Mapping[str, Boktabell]
    texter: Mapping[str, str]
    textrutor: frozenset[str]
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
        if isinstance(value, float) and namn in _DAGAR:
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
        tables[namn] = work.read_tabell(bok, place)
    for blad in _ATGARDSBLAD:
        work.check_utanfor(bok, blad)
    settings = {post.namn: work.read_namn(bok, post.namn) for post in INSTALLNINGAR}
    texts = {
        namn: format_innehall(value)
        for namn in TEXTRUTOR
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
        textrutor=frozenset(n for n in TEXTRUTOR if n.lower() in bok.namn),
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

    def read_tabell(self, bok: Arbetsbok, place: Tabellplats) -> Boktabell:
        """Read the columns that the report uses, and the rows that hold something in them.

        Of the tables that people write in all that they have written is read: rows directly below
        and columns of their own too.
        """
        tabell = place.tabell
        theirs = tabell.namn in _DERAS
        read = {
            k.nyckel: k
            for k in tabell.kolumner
            if k.nyckel in place.kolumner
            and (k.mall or k.ifylls or k.nyckel in _AVEN.get(tabell.namn, ()))
        }
        shown = {k for k, v in read.items() if v.mall or v.ifylls} or set(read)
        formulas = {k.nyckel for k in tabell.kolumner if k.formel}
        lines = [*place.excel.datarader, *(self._find_under(bok, place) if theirs else ())]
        rows = []
        for nr in lines:
            values = {k: self._read_kolumn(place, nr, v) for k, v in read.items()}
            other = tuple(self._read_ovrigt(place, nr)) if theirs else ()
            if other or any(v is not None for k, v in values.items() if k in shown):
                own = frozenset(
                    k for k in read if k not in formulas and place.cell(nr, k).formel is not None
                )
                rows.append(Bokrad(values, own, other))
        headers = {k: clean_text(h)[0].strip() for k, h in place.rubriker.items()}
        return Boktabell(tabell, headers, tuple(rows))

    def _read_kolumn(self, place: Tabellplats, nr: int, kolumn: Kolumn) -> Varde:
        col = place.kolumner[kolumn.nyckel]
        day = place.blad.cell(nr, col).dag
        if day is not None and kolumn.slag not in TALSLAG:
            return day.isoformat()
        return self.read(place.blad, nr, col)

    def _find_under(self, bok: Arbetsbok, place: Tabellplats) -> range:
        """Return the rows that people take for part of a table though Excel does not."""
        _, first, before, last = place.excel.omrade
        end = find_sista_rad(place.excel, bok.tabeller.values())
        if end > before:
            area = f"{cell_name(before + 1, first)}:{cell_name(end, last)}"
            count = uppraknat(end - before, "rad", "rader")
            told = UNDER_TABELL.format(antal=count, blad=place.blad.namn, celler=area)
            self.varningar.append(told)
        return range(before + 1, end + 1)

    def _read_ovrigt(self, place: Tabellplats, nr: int) -> Iterator[tuple[str, str]]:
        """Yield what a row says in people's own columns; numbers that they reckon are not words."""
        _, first, _, _ = place.excel.omrade
        ours = set(place.kolumner.values())
        for col, (_, header) in enumerate(place.excel.kolumner, start=first):
            cell = place.blad.cell(nr, col)
            if col in ours or cell.fel or (cell.formel is not None and cell.tal is not None):
                continue
            value = self._value(cell, f"{place.blad.namn}!{cell_name(nr, col)}")
            text = describe_varde(value if cell.dag is None else cell.dag)
            if text:
                yield clean_text(header)[0].strip(), text

    def check_utanfor(self, bok: Arbetsbok, blad: Blad) -> None:
        """Take note of what people have written below or beside a table of measures."""
        place = bok.tabeller.get(blad.tabeller[0].namn.lower())
        if place is None:
            return
        sheet, (top, first, _, last) = place.blad, place.omrade
        end = find_sista_rad(place, bok.tabeller.values())
        is_var = make_igenkannare(blad.namn)
        found = [
            cell_name(row, col)
            for row, col in sorted(sheet.celler)
            if row >= top
            and not (row <= end and first <= col <= last)
            and (cell := sheet.cell(row, col)).formel is None
            and isinstance(cell.varde, str)
            and cell.varde.strip()
            and not is_var(cell.varde)
        ]
        if found:
            cells = join_nagra(found, MAX_NAMNDA)
            self.varningar.append(UTANFOR_TABELL.format(celler=cells, blad=sheet.namn))


_INSTALLNINGSNAMN = {post.namn for post in INSTALLNINGAR}
_DAGAR = {post.namn for post in INSTALLNINGAR if post.slag is Slag.DATUM}


def find_year(text: str) -> str:
    """Return the year that a header ends with, empty if none."""
    match = re.search(r"(?:19|20)\d{2}$", text)
    return match[0] if match else ""
