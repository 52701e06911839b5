"""Reads the tables of one committee's workbook, as people have left them.

Rows and columns may be moved, added and gone, a table may be ordinary cells by now, and numbers
may be texts. What finds no column of its own is kept in words.
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from lxml import etree

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ARSKOLUMNER,
    FORFLYTTNINGSBLAD,
    JAMFORELSER,
    NYCKELTALSTABELLER,
    OVER_TID,
    TALSLAG,
    UPPFOLJNINGSBLAD,
    Blad,
    Slag,
    Tabell,
    find_tabell,
)
from genomlysning.bok.cellvarde import describe_varde, shorten_text, to_serial
from genomlysning.bok.formelmening import Sammanhang, list_egna, move_formula
from genomlysning.bok.formeltext import column_number
from genomlysning.bok.formler import EJ_JAMFORBAR
from genomlysning.bok.lasning import Exceltabell
from genomlysning.bok.listor import is_bedomd_forr, read_regler
from genomlysning.bok.losarader import SOKYTA, find_rubrikrad, find_sista_losa, find_sista_rad
from genomlysning.bok.modell import cell_name, format_dag
from genomlysning.bok.omrakning import (
    Regler,
    compute_jamforelse,
    compute_referens,
    find_regel,
    parse_riktning,
    read_tal,
)
from genomlysning.bok.programtexter import is_programtext
from genomlysning.bok.summarader import looks_like_summa
from genomlysning.bok.tabellplats import Tabellplats, read_platser
from genomlysning.fel import Meddelande
from genomlysning.ord import Riktning
from genomlysning.regler.bedomning import Toleranser
from genomlysning.regler.visning import choose_decimaler
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.anteckningar import (
    NAMNLOS,
    SUMMARAD,
    Anteckning,
)
from genomlysning.sammanstallning.namndbok import (
    DECIMALER,
    OVRIGT,
    STORSTA_TAL,
    Rad,
    is_egen_uppgift,
)
from genomlysning.sammanstallning.snabbok import Calaminblad, Snabbok, plain_value
from genomlysning.svenska import cut_namn, join_nagra, join_och, uppraknat

UPPFOLJNINGAR = tuple(t for b in UPPFOLJNINGSBLAD for t in b.tabeller)
FORFLYTTNINGAR = tuple(t for b in FORFLYTTNINGSBLAD for t in b.tabeller)
#: Tables that people write rows in.
EGNA = tuple(t.namn for t in (*UPPFOLJNINGAR, *FORFLYTTNINGAR))
LASTA = (*JAMFORELSER, *OVER_TID, *beskrivning.REFERENSTABELLER, *EGNA)
#: All tables, and those that are read, each with the sheet that it is made on.
_ALLA = tuple((b, t) for b in beskrivning.BLAD for t in b.tabeller)
_HEMMA = tuple((b, t) for b, t in _ALLA if t.namn in LASTA)
#: A workbook without these has lost something that the others are put together with.
_VANTADE = (beskrivning.REFERENSKOSTNAD.namn, *(t.namn for t in FORFLYTTNINGAR))

#: The settings that are the tolerances, in their order.
_TOLERANSER = ("Tolerans", "ToleransEnheter")
#: So many rows are read of a table. A genomlysning has some tens in each.
MEST_RADER = 1000
#: The most places that a message names.
MEST_PLATSER = 5
#: The most headers that a message names, and how much of each.
_MEST_RUBRIKER, _RUBRIKLANGD = 3, 40
_TAL = re.compile(r"[+-]?(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?")
#: May be twelve and a half or twelve thousand five hundred.
_TUSENPUNKT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
#: The municipality's tables of figures, by the committee's, and the columns they have no place for.
_VISAS_SOM = dict.fromkeys(JAMFORELSER, bladen.NYCKELTAL) | dict.fromkeys(OVER_TID, bladen.OVER_TID)
#: The columns of a comparing table and of one over time whose values are held to each other.
_SKILLNAD_MELLAN = (("varde", "liknande"), (ARSKOLUMNER[-1], ARSKOLUMNER[0]))
_VISAS_INTE = {
    name: tuple(
        k.nyckel
        for k in find_tabell(name).kolumner
        if not k.formel
        and k.nyckel not in ("namn", "id", *(shown.nyckel for shown in tabell.kolumner))
    )
    for name, tabell in _VISAS_SOM.items()
}
#: What a row without a day holds.
_UTAN_DAG = frozenset({str, float, type(None)})
#: A cell's formula in a sheet's part: its column and row, the formula's attributes and text, which
#: is no longer than Excel takes.
_FORMEL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f([^>/]*)(?:/>|>([^<]{0,20000})<)')
_DELAD = re.compile(r'\bsi="(\d+)"')
#: The header of a table's own values: municipality and year.
_VARDERUBRIK = re.compile(r"([^\W\d].*) \d{4}")

BLAD_DOPT_OM = Meddelande(
    "sammanstall-blad-dopt-om", "{fil}: bladet {blad} heter nu {nu}. Det är läst ändå."
)

FLYTTAD_TABELL = Meddelande(
    "sammanstall-flyttad-tabell",
    "{fil}: {antal} har blivit vanliga celler. Raderna under rubrikerna är lästa ({platser}).",
    "Kontrollera att alla är med.",
)

UTAN_TABELL = Meddelande(
    "sammanstall-utan-tabell", "{fil} saknar tabellen {tabell} (bladet {blad})."
)

UTANFOR_TABELL = Meddelande(
    "sammanstall-utanfor-tabell",
    "{fil}: {antal} direkt under tabellen på bladet {blad} har också lästs ({rader}).",
    "Kontrollera att de hör till tabellen, och till exempel inte är en summa.",
)

FOR_MANGA_RADER = Meddelande(
    "sammanstall-for-manga-rader",
    "{fil}: tabellen {tabell} har fler än {antal} rader. De som kommer sedan är inte lästa.",
    "Ta bort det som inte hör dit i nämndens arbetsbok.",
)

KOLUMN_UTANFOR = Meddelande(
    "sammanstall-kolumn-utanfor",
    "{fil}: {antal} direkt till höger om tabellen på bladet {blad} har också lästs ({rubriker}).",
    "Kontrollera att de hör till tabellen.",
)

ANDRADE_RUBRIKER = Meddelande(
    "sammanstall-andrade-rubriker",
    "{fil}: ändrade rubriker på bladet {blad}: {kolumner}.",
    "Kontrollera att det är rätt kolumn.",
)

UTAN_BELOPP = Meddelande(
    "sammanstall-utan-belopp",
    "{fil}: kolumnen {rubrik} saknas på bladet {blad}, så beloppen där är inte med i summorna.",
    "Heter den något annat, skriv tillbaka rubriken i nämndens arbetsbok.",
)

SUMMARADER = Meddelande(
    "sammanstall-summarader",
    "{fil}: {antal} ser ut som en summa av de andra, och räknas inte ({platser}).",
    "Ta bort den i nämndens arbetsbok: raden ovanför tabellen summerar redan. Är det ett förslag, "
    "skriv något i Beskrivning.",
)
OMBEDOMT = Meddelande(
    "sammanstall-ombedomt",
    "{fil} är gjord med en tidigare version. {antal} har fått den bedömning som reglerna ger nu.",
    "Kör uppdatera på filen, så säger den detsamma.",
)
TAL_SOM_TEXT = Meddelande(
    "sammanstall-tal-som-text",
    "{fil}: {antal} stod som text och har lästs som tal ({platser}).",
)


def parse_svenskt_tal(text: str) -> float | None:
    """Return a number written as people do: '1 234,5', '−3,1', '12,5 %'; None if it is none."""
    plain = re.sub(r"[\u00a0\u202f\u2009\u2007]", " ", text).replace("\u2212", "-")
    plain = plain.strip().removesuffix("%").strip()
    if not _TAL.fullmatch(plain) or _TUSENPUNKT.fullmatch(plain):
        return None
    return float(plain.replace(" ", "").replace(",", "."))


@dataclass(slots=True)
class Tabellasare:
    """Reads the tables, and takes note of what the reader should know.

    `varna` tells a message with its fields; `read_installning` reads a number on Start.
    """

    bok: Snabbok
    varna: Callable[..., None]
    read_installning: Callable[[str], float | None]
    som_text: list[str] = field(default_factory=list)
    summarader: list[str] = field(default_factory=list)
    anteckningar: list[Anteckning] = field(default_factory=list)
    rubrikkommun: str = ""
    toleranser: Toleranser = field(default_factory=Toleranser)
    _regler: Regler | None = None

    def read_tabeller(self) -> dict[str, tuple[Rad, ...]]:
        """Read the tables that are left, also those that are ordinary cells by now."""
        self._find_losa()
        places = read_platser(self.bok, LASTA)
        self.toleranser = Toleranser(
            *(
                std if (v := self.read_installning(n)) is None else v
                for n, std in zip(_TOLERANSER, Toleranser(), strict=True)
            )
        )
        found: dict[str, tuple[Rad, ...]] = {}
        former, changed = is_bedomd_forr(self.bok) and bool(self.read_regler()), 0
        for home, tabell in _HEMMA:
            place = places.get(tabell.namn)
            if place is None:
                if places and tabell.namn in _VANTADE:
                    self.varna(UTAN_TABELL, tabell=tabell.namn, blad=home.namn)
                continue
            if place.blad.namn != home.namn:
                self.varna(BLAD_DOPT_OM, blad=home.namn, nu=place.blad.namn)
            if match := _VARDERUBRIK.fullmatch(place.rubriker.get("varde", "")):
                self.rubrikkommun = self.rubrikkommun or match[1]
            self._check_kolumner(place)
            if tabell.namn != beskrivning.REFERENSKOSTNAD.namn:
                self._extend(place)
            rows = tuple(islice(self._read_rader(place), MEST_RADER + 1))
            if len(rows) > MEST_RADER:
                rows = rows[:MEST_RADER]
                self.varna(FOR_MANGA_RADER, tabell=tabell.namn, antal=MEST_RADER)
            if tabell.namn in JAMFORELSER:
                judged = [
                    r
                    if r.get("bedomning") and not former
                    else _with_bedomning(r, self.read_regler(), self.toleranser)
                    for r in rows
                ]
                changed += sum(
                    bool(a.get("bedomning")) and a["bedomning"] != b["bedomning"]
                    for a, b in zip(rows, judged, strict=True)
                )
                rows = tuple(judged)
            if rows and tabell.namn in _VISAS_SOM:
                pair = _SKILLNAD_MELLAN[tabell.namn in OVER_TID]
                rows = tuple({**r, DECIMALER: self._choose_decimaler(r, *pair)} for r in rows)
            found[tabell.namn] = rows
            if rows and tabell.namn in EGNA and "belopp" not in place.kolumner:
                header = next(k.rubrik for k in tabell.kolumner if k.nyckel == "belopp")
                self.varna(UTAN_BELOPP, rubrik=header, blad=place.blad.namn)
        if costs := found.get(beskrivning.REFERENSKOSTNAD.namn):
            quality = found.get("Kvalitet", ())
            found[beskrivning.REFERENSKOSTNAD.namn] = tuple(
                r
                if r.get("uppfyller") and not self.som_text and not former
                else _with_svar(r, quality, self.read_regler(), self.toleranser)
                for r in costs
            )
        if changed:
            self.varna(OMBEDOMT, antal=uppraknat(changed, "nyckeltal", "nyckeltal"))
        if self.summarader:
            count = uppraknat(len(self.summarader), "rad", "rader")
            named = join_nagra(self.summarader, MEST_PLATSER)
            self.varna(SUMMARADER, antal=count, platser=named)
        if self.som_text:
            count = uppraknat(len(self.som_text), "värde", "värden")
            named = join_nagra(self.som_text, MEST_PLATSER)
            self.varna(TAL_SOM_TEXT, antal=count, platser=named)
        return found

    def _choose_decimaler(self, rad: Rad, forst: str, sist: str) -> float:
        """Return the decimals of a figure whose values in two columns are held to each other."""
        rules = self.read_regler()
        rule = find_regel(rad, rules)
        own, other = read_tal(rad, forst), read_tal(rad, sist)
        # A copy goes without the rules of its figures.
        whole = not rules and all(v is None or v == round(v) for v in (own, other))
        direction = parse_riktning(str(rad.get("riktning") or ""))
        return float(
            choose_decimaler(
                own,
                other,
                decimaler=0 if whole else rule.decimaler,
                riktning=Riktning.INGEN if rule.slag == EJ_JAMFORBAR else direction,
                enhet=str(rad.get("enhet") or ""),
                toleranser=self.toleranser,
                mal=rule.mal,
            )
        )

    def _find_losa(self) -> None:
        """Take ordinary cells on a table's own sheet, below its headers, for the table."""
        lost: list[tuple[Tabell, Exceltabell, set[int]]] = []
        for home, tabell in _ALLA:
            if tabell.namn.lower() in self.bok.tabeller:
                continue
            # Alike tables can't be told apart on another sheet.
            blad = self.bok.find_blad(home.kodnamn, home.namn)
            found = None if blad is None else find_rubrikrad(blad, tabell)
            if blad is None or found is None:
                continue
            assert isinstance(blad, Calaminblad)
            excel = _make_losa(tabell, blad, *found)
            self.bok.tabeller[tabell.namn.lower()] = excel
            lost.append((tabell, excel, self._find_annat(home, tabell, blad, found[1])))
        for _, excel, others in lost:
            row, first, _, last = excel.omrade
            end = find_sista_losa(excel, self.bok.tabeller.values(), others)
            excel.omrade = (row, first, end, last)
        places = [
            f"{excel.blad.namn}!{cell_name(*excel.omrade[:2])}"
            for tabell, excel, _ in lost
            if tabell.namn in LASTA
        ]
        if places:
            count = uppraknat(len(places), "tabell", "tabeller")
            self.varna(FLYTTAD_TABELL, antal=count, platser=join_och(places))

    def _find_annat(self, home: Blad, tabell: Tabell, blad: Calaminblad, col: int) -> set[int]:
        """Return the rows of a sheet that are none of its table's, whose first column is `col`.

        There stand the program's own words, or a formula over several cells of its own column:
        a sum of the rows above.
        """
        found = {
            nr
            for nr in range(1, len(blad.rows) + 1)
            if (text := blad.cell(nr, col).text.strip()) and is_programtext(text, home)
        }
        if tabell.namn in NYCKELTALSTABELLER:  # a figure may well be reckoned from others
            return found
        for nr, column, formula in _read_formler(self.bok.paket[blad.del_]):
            areas = list_egna(formula, Sammanhang(blad.namn, nr, column))
            if any(left == right == column and first != last for first, left, last, right in areas):
                found.add(nr)
        return found

    def _check_kolumner(self, place: Tabellplats) -> None:
        """Take in columns that stand directly beside a table, and tell of other headers."""
        if place.utanfor:
            excel = place.excel
            assert isinstance(excel, Exceltabell)
            row, first, last_row, _ = excel.omrade
            # The list that it was read with may be another workbook's too.
            excel.kolumner = [*excel.kolumner, *((0, header) for header in place.utanfor)]
            excel.omrade = (row, first, last_row, first + len(excel.kolumner) - 1)
            count = uppraknat(len(place.utanfor), "kolumn", "kolumner")
            named = join_nagra([cut_namn(h, _RUBRIKLANGD) for h in place.utanfor], _MEST_RUBRIKER)
            self.varna(KOLUMN_UTANFOR, antal=count, blad=place.blad.namn, rubriker=named)
        if place.omdopta and place.excel.rubrikrader:
            row = place.excel.omrade[0]
            renamed = [
                f"”{cut_namn(place.rubriker[key], _RUBRIKLANGD)}” "
                f"({cell_name(row, place.kolumner[key])}) är läst som ”{header}”"
                for key, header in place.omdopta.items()
            ]
            named = join_nagra(renamed, _MEST_RUBRIKER)
            self.varna(ANDRADE_RUBRIKER, blad=place.blad.namn, kolumner=named)

    def _extend(self, place: Tabellplats) -> None:
        """Take in rows that stand directly below a table without being part of it."""
        excel = place.excel
        assert isinstance(excel, Exceltabell)
        end = find_sista_rad(excel, self.bok.tabeller.values())
        first_row, first, last_row, last = excel.omrade
        below = range(last_row + 1, end + 1)
        end = next((nr - 1 for nr in below if self._is_summa(place, nr)), end)
        if end > last_row:
            excel.omrade = (first_row, first, end, last)
            count = uppraknat(end - last_row, "rad", "rader")
            rows = f"rad {last_row + 1}" + (f"–{end}" if end > last_row + 1 else "")
            self.varna(UTANFOR_TABELL, antal=count, blad=place.blad.namn, rader=rows)

    def _is_summa(self, place: Tabellplats, nr: int) -> bool:
        """Tell whether a row has a formula where people write; calamine does not say."""
        blad = place.blad
        assert isinstance(blad, Calaminblad)
        written = (k.nyckel for k in place.tabell.kolumner if not k.formel)
        cells = (cell_name(nr, place.kolumner[k]) for k in written if k in place.kolumner)
        formula = rf'<c r="(?:{"|".join(cells)})"[^>]*>\s*<f[\s/>]'
        return re.search(formula.encode(), self.bok.paket[blad.del_]) is not None

    def _read_rader(self, place: Tabellplats) -> Iterator[Rad]:
        """Yield the rows that hold something besides our own formulas."""
        kinds = {k.nyckel: k for k in place.tabell.kolumner}
        ours = set(place.kolumner.values())
        _, first, _, last = place.excel.omrade
        blad = place.blad
        assert isinstance(blad, Calaminblad)
        own = [
            (first + i, header)
            for i, (_, header) in enumerate(place.excel.kolumner)
            if first + i not in ours
        ]
        numbers = [k for k in place.kolumner if kinds[k].slag in TALSLAG]
        texts = [k for k in place.kolumner if kinds[k].slag not in TALSLAG]
        reckoned = {k for k in place.kolumner if kinds[k].formel}
        others = [k for k in place.kolumner if k not in reckoned]
        unshown = [k for k in _VISAS_INTE.get(place.tabell.namn, ()) if k in place.kolumner]
        for nr in place.excel.datarader:
            raw = blad.raw_row(nr)[:last]
            if raw.count("") == len(raw):
                continue
            line = [None if v == "" else _value(v) for v in raw]
            if line.count(None) == len(line):
                continue
            line += [None] * (last - len(line))
            row: dict[str, Any] = {key: line[col - 1] for key, col in place.kolumner.items()}
            extra: list[str] = []
            if not _UTAN_DAG.issuperset(map(type, line)):
                for key in texts:
                    if isinstance(value := row[key], date):
                        row[key] = describe_varde(value)
            for key in numbers:
                value = row[key]
                if value is None or (type(value) is float and -STORSTA_TAL <= value <= STORSTA_TAL):
                    continue
                row[key] = self._read_tal(place, nr, key, value)
                if row[key] is None and key not in reckoned:
                    extra.append(f"{place.rubriker[key]}: {describe_varde(value)}")
                elif isinstance(value, str) and row.get("bedomning") and self.read_regler():
                    row["bedomning"] = None  # it was made when the number was a text
            for key in unshown if unshown and is_egen_uppgift(row) else ():
                if (value := row[key]) is not None:
                    day = kinds[key].slag is Slag.DATUM and isinstance(value, float)
                    shown = format_dag(str(value)) if day else describe_varde(value)
                    extra.append(f"{place.rubriker[key]}: {shown}")
            for col, header in own:
                if (own_value := line[col - 1]) is not None:
                    extra.append(f"{header}: {describe_varde(own_value)}")
            if row.get("verksamhet", "") is None:
                self._keep_anteckning(NAMNLOS, place, nr, row, extra)
                continue
            if place.tabell.namn in EGNA and looks_like_summa(row):
                self.summarader.append(f"{blad.namn}!{cell_name(nr, first)}")
                self._keep_anteckning(SUMMARAD, place, nr, row, extra)
                continue
            row[OVRIGT] = "\n".join(extra) or None
            if extra or any(row[k] is not None for k in others):
                yield row

    def _keep_anteckning(
        self, slag: str, place: Tabellplats, nr: int, rad: Rad, ovrigt: list[str]
    ) -> None:
        """Keep as a note what a row says that can't stand among the others."""
        own = {k.nyckel for k in place.tabell.kolumner if not k.formel}
        told = [
            f"{place.rubriker[k]}: {describe_varde(v)}"
            for k, v in rad.items()
            if v is not None and k in own
        ]
        if told or ovrigt:
            cell = cell_name(nr, place.excel.omrade[1])
            text = "; ".join([*told, *ovrigt])
            self.anteckningar.append(Anteckning(slag, place.blad.namn, cell, text))

    def _read_tal(
        self, place: Tabellplats, nr: int, key: str, value: str | float | date
    ) -> float | None:
        """Return the number of a cell, None for what is no number or none to reckon with."""
        if isinstance(value, date):
            kind = next(k.slag for k in place.tabell.kolumner if k.nyckel == key)
            # '3.1' typed as a value becomes the third of January, which is no number.
            return to_serial(value, date1904=self.bok.date1904) if kind is Slag.DATUM else None
        number = value if isinstance(value, float) else parse_svenskt_tal(value)
        if number is None or abs(number) > STORSTA_TAL:
            return None
        if not isinstance(value, float):
            self.som_text.append(place.plats(nr, key))
        return number

    def read_regler(self) -> Regler:
        """Return the rules of the workbook's figures, which are read when a row wants them."""
        if self._regler is None:
            self._regler = read_regler(self.bok)
        return self._regler


def _read_formler(del_: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield the formulas in a sheet's part, each with its row and column.

    A text may be another cell's too, in which it reads as a copy.
    """
    shared: dict[str, tuple[str, int, int]] = {}
    for match in _FORMEL.finditer(del_):
        row, col = int(match[2]), column_number(match[1].decode())
        attributes, formula = (
            html.unescape((m or b"").decode(errors="replace")) for m in match.group(3, 4)
        )
        if number := _DELAD.search(attributes):
            text, first_row, first_col = shared.setdefault(number[1], (formula, row, col))
            formula = formula or move_formula(text, row - first_row, col - first_col)
        yield row, col, formula


def _make_losa(tabell: Tabell, blad: Calaminblad, row: int, col: int) -> Exceltabell:
    """Return a table without rows, whose headers are those beside a known one."""
    headers = [text.strip() for text in blad.texts(row, 1, SOKYTA[1])]
    first, last = col, col
    while first > 1 and headers[first - 2]:
        first -= 1
    while last < SOKYTA[1] and headers[last]:
        last += 1
    return Exceltabell(
        *(tabell.namn, "", etree.Element("table"), blad),
        *((row, first, row, last), [(0, h) for h in headers[first - 1 : last]], 0, 1),
    )


def _value(value: object) -> str | float | date | None:
    """Return a value as a row has it, None for blanks."""
    if type(value) is str:
        return None if not value or value.isspace() else shorten_text(value)
    plain = plain_value(value)
    if isinstance(plain, bool):
        return "Ja" if plain else "Nej"
    return plain


def _with_bedomning(rad: Rad, regler: Regler, toleranser: Toleranser) -> Rad:
    """Give a row without a saved verdict the one that its values have by the workbook's rules."""
    reckoned = compute_jamforelse(rad, regler, toleranser)
    return {**rad, **{k: v for k, v in reckoned.items() if isinstance(v, str | float)}}


def _with_svar(rad: Rad, kvalitet: Sequence[Rad], regler: Regler, toleranser: Toleranser) -> Rad:
    """Give a row of the reference cost the answers that its values have, as `_with_bedomning`."""
    if not regler and rad.get("uppfyller"):  # a copy keeps its answers but not the rules
        return rad
    reckoned = compute_referens(rad, kvalitet, regler, toleranser)
    return {**rad, **{k: v for k, v in reckoned.items() if isinstance(v, str | float)}}
