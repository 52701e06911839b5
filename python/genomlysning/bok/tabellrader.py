"""Writing in the rows of an existing workbook's tables, beside what a person has written there.

A cell of ours where a person has put a formula is theirs and is left, with a warning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from genomlysning.bok import formler
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formelmening import rename_tabeller
from genomlysning.bok.modell import Bok, Bokblad, cell_name
from genomlysning.bok.skrivare import Skrivare
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.fel import FilFel, Meddelande

EGEN_FORMEL = Meddelande(
    "cell-egen-formel",
    "{plats} har en egen formel och har inte uppdaterats.",
    "Ta bort formeln om värdet ska hämtas från Kolada.",
)
SUMMARAD = Meddelande(
    "bok-summarad",
    "Tabellen {tabell} behöver en rad till, men har en summarad ({blad}!{cell}).",
    "Ta bort den under Tabelldesign, Summarad. Inget har ändrats.",
)
EJ_PLATS = Meddelande(
    "bok-ej-plats",
    "Tabellen {tabell} behöver en rad till, men {blad}!{cell} under den är inte tom.",
    "Flytta det som står där. Inget har ändrats.",
)


@dataclass(slots=True, kw_only=True)
class Skrivarbete:
    """Writing in the tables of an existing workbook, and what is to be told of it."""

    found: Befintlig
    skrivare: Skrivare
    varningar: list[str] = field(default_factory=list)
    _taken: dict[str, set[int]] = field(default_factory=dict)

    @property
    def bok(self) -> Bok:
        """The workbook."""
        return self.found.bok

    def reserve(self, place: Tabellplats, rader: Iterable[int]) -> None:
        """Keep rows that look empty from being used."""
        self._taken.setdefault(place.tabell.namn, set()).update(rader)

    def put(self, place: Tabellplats, nr: int, key: str, value: Cellvarde) -> None:
        """Write a value of ours, unless the column is gone or a person has a formula there."""
        col = place.kolumner.get(key)
        if col is not None:
            self.put_at(place.blad, nr, col, value)

    def put_at(self, blad: Bokblad, row: int, col: int, value: Cellvarde) -> None:
        """Write a value of ours in a cell, unless a person has a formula there."""
        if blad.cell(row, col).formel is not None:
            plats = f"{blad.namn}!{cell_name(row, col)}"
            self.varningar.append(EGEN_FORMEL.format(plats=plats))
        else:
            self.skrivare.set_value(blad, row, col, value)

    def take_row(self, place: Tabellplats) -> int:
        """Return an empty row of a table, made below its last where there is none."""
        taken = self._taken.setdefault(place.tabell.namn, set())
        free = (
            nr for nr in place.excel.datarader if nr not in taken and not has_content(place, nr)
        )
        nr = next(free, None) or self.append_row(place)
        taken.add(nr)
        names = {ours.lower(): now for now, ours in self.found.omdopta.items()}
        for key, formula in compose_formler(place).items():
            col = place.kolumner[key]
            if place.blad.cell(nr, col).formel is None:
                self.skrivare.set_formula(place.blad, nr, col, rename_tabeller(formula, names))
        return nr

    def append_row(self, place: Tabellplats) -> int:
        """Return the first of the empty rows last in a table, else one more styled as its last."""
        taken_already = self._taken.get(place.tabell.namn, ())
        empty = takewhile(
            lambda nr: nr not in taken_already and not has_content(place, nr),
            reversed(place.excel.datarader),
        )
        if (free := min(empty, default=None)) is not None:
            return free
        _, first, last_row, last = place.excel.omrade
        nr = last_row + 1
        below = (
            col
            for col in range(first, last + 1)
            if place.blad.cell(nr, col).varde not in (None, "")
        )
        taken = next(below, None)
        others = (
            t.omrade
            for t in self.bok.tabeller.values()
            if t.blad is place.blad and t is not place.excel
        )
        under = any(a[0] <= nr <= a[2] and a[1] <= last and a[3] >= first for a in others)
        if taken is not None or under or place.excel.summarader:
            raise FilFel(
                SUMMARAD if place.excel.summarader else EJ_PLATS,
                tabell=place.tabell.namn,
                blad=place.blad.namn,
                cell=cell_name(last_row if place.excel.summarader else nr, taken or first),
            )
        self.skrivare.add_row(place.excel)
        return nr


def compose_formler(place: Tabellplats) -> dict[str, str]:
    """Return our formulas of a table, without their equals sign, with the headers it has now."""
    formulas = {k.nyckel: k.formel for k in place.tabell.kolumner if k.formel}
    return fill_formler(place, formulas)


def fill_formler(place: Tabellplats, mallar: Mapping[str, str]) -> dict[str, str]:
    """Return formulas from templates by column key, for the columns that a table has."""
    headers = {k.nyckel: k.rubrik for k in place.tabell.kolumner} | place.rubriker
    references = {k: formler.this_row(place.excel.namn, h) for k, h in headers.items()}
    return {
        key: formula.format(**references).removeprefix("=")
        for key, formula in mallar.items()
        if key in place.kolumner
    }


def has_content(place: Tabellplats, nr: int) -> bool:
    """Tell whether there is anything in a table's row but our own formulas."""
    ours = {place.kolumner[k] for k in compose_formler(place)}
    _, first, _, last = place.excel.omrade
    return any(
        (c := place.blad.cell(nr, col)).formel is not None or c.varde not in (None, "")
        for col in range(first, last + 1)
        if col not in ours
    )
