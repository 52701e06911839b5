"""Reads a workbook that is open in Excel, as `bok.modell` has it.

Each sheet is read once, values and formulas in one question each, and no further than to where our
tables and names reach: somebody's styled cell in the last row must not make it a million rows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import xlwings as xw

from genomlysning.bok import beskrivning
from genomlysning.bok.cellvarde import to_serial
from genomlysning.bok.modell import TOM, Cell, Omrade, parse_omrade
from genomlysning.bok.omdopta import key_tabeller
from genomlysning.bok.vara_blad import ANKARE

#: The summary's grid has no name of its own; it stands among these rows and columns.
_MINST = (60, 12)
#: How Windows tells the errors that xlwings does not know (#SPILL! and its like).
_NYA_FEL = range(-2146826288, -2146826199)


class Levandeblad:
    """A sheet, read at the first question about a cell of it."""

    def __init__(self, sheet: xw.Sheet) -> None:
        self.sheet = sheet
        self.namn: str = sheet.name
        self._reach = _MINST

    def reach(self, omrade: Omrade) -> None:
        """Let the reading take in an area, and the row below it."""
        rows, cols = self._reach
        self._reach = (max(rows, omrade[2] + 1), max(cols, omrade[3]))

    @property
    def skyddat(self) -> bool:
        """Whether the sheet's protection is on; taken for off where Excel does not tell."""
        for name in ("ProtectContents", "protect_contents"):  # Windows, macOS
            found = getattr(self.sheet.api, name, None)
            if found is not None:
                return bool(found() if callable(found) else found)
        return False

    def cell(self, row: int, col: int) -> Cell:
        """Return what a cell holds; an empty one outside of what is in use."""
        values, formulas = self._content
        if row > len(values) or col > len(values[0]):
            return TOM
        value, formula = values[row - 1][col - 1], formulas[row - 1][col - 1]
        # A text that only looks like a formula is told as its value too.
        is_formula = isinstance(formula, str) and formula.startswith("=") and formula != value
        own = formula[1:] if is_formula else None
        if isinstance(value, datetime):
            value = to_serial(value)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            if value in _NYA_FEL:
                return Cell(None, own, fel=True)
            value = float(value)  # an amount of money comes as Decimal
        return Cell(value, own)

    @cached_property
    def _content(self) -> tuple[list[list[Any]], Sequence[Sequence[Any]]]:
        area = self.sheet.range((1, 1), self._reach)
        # Errors come as nothing. That they could come as text does not work on macOS.
        return area.options(ndim=2).value, area.formula


class Levandetabell:
    """A table (ListObject). Excel does not tell which id a column has, so all have 0."""

    def __init__(self, table: xw.main.Table, blad: Levandeblad) -> None:
        self.table = table
        self.namn: str = table.name
        self.blad = blad
        area = table.range
        rows, cols = area.shape
        self.omrade: Omrade = (
            area.row,
            area.column,
            area.row + rows - 1,
            area.column + cols - 1,
        )
        self.summarader = int(bool(table.show_totals))
        self.rubrikrader = int(bool(table.show_headers))
        self._read_at = self.omrade
        blad.reach(self.omrade)

    @cached_property
    def kolumner(self) -> list[tuple[int, str]]:
        """The columns as (0, header), left to right."""
        row, first, _, last = self.omrade
        return [(0, self.blad.cell(row, col).text) for col in range(first, last + 1)]

    @property
    def datarader(self) -> range:
        """The sheet rows below the header and above any total."""
        first, _, last, _ = self.omrade
        return range(first + 1, last + 1 - self.summarader)

    def describe_lage(self) -> tuple[Omrade, list[str], list[str]]:
        """Return where it was when it was read, its headers then, and what its rows are about."""
        first, left, last, right = self._read_at
        headers = [self.blad.cell(first, col).text for col in range(left, right + 1)]
        keys = [left, *(left + i for i, h in enumerate(headers) if h == "Kolada-id")]
        rows = [self.blad.cell(row, col).text for row in range(first, last + 1) for col in keys]
        return self._read_at, headers, rows


class Levandebok:
    """The workbook `book` as it is in Excel now."""

    def __init__(self, book: xw.Book) -> None:
        self.book = book
        self.fil = Path(book.name)
        self.mapp = _find_mapp(book)
        self.blad = [Levandeblad(sheet) for sheet in book.sheets]
        self._by_name = {b.namn: b for b in self.blad}
        self.tabeller = {
            table.name.lower(): Levandetabell(table, blad)
            for blad in self.blad
            for table in blad.sheet.tables
        }
        self.namn = dict(self._read_namn(book.names))
        self.tabeller = key_tabeller(self, self.tabeller)

    def find_blad(self, kodnamn: str, namn: str) -> Levandeblad | None:
        """Return a sheet by its tab, else by a name or a table that stands on it."""
        if namn in self._by_name:
            return self._by_name[namn]
        anchor = self.namn.get(ANKARE.get(kodnamn, "").lower())
        return anchor[0] if anchor else None

    def amne(self) -> str:
        """Return the mark that tells example data from real."""
        place = self.namn.get(beskrivning.NAMN_EXEMPELMARKNING.lower())
        return place[0].cell(place[1][0], place[1][1]).text if place else ""

    def _read_namn(
        self, names: Iterable[xw.Name]
    ) -> Iterable[tuple[str, tuple[Levandeblad, Omrade]]]:
        for name in names:
            sheet, _, ref = str(name.refers_to).lstrip("=").rpartition("!")
            tab = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            area = parse_omrade(ref)
            blad = self._by_name.get(tab)
            if blad is None or area is None or "!" in name.name:
                continue
            blad.reach(area)
            yield name.name.lower(), (blad, area)


def _find_mapp(book: xw.Book) -> Path | None:
    """Return the folder that a workbook lies in; None for one on the web or not saved yet."""
    try:
        whole = str(book.fullname)
    except Exception:  # xlwings looks for the synced copy of one on the web, and there may be none
        return None
    path = Path(whole)
    return path.parent if "://" not in whole and path.is_absolute() else None
