"""Excel tables (ListObjects)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import xlwings as xw
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.table import TableColumn
from xlwings import base_classes

from .omrade import Range, put
from .varden import Excelfel, Inmatning, constant_text

if TYPE_CHECKING:
    from .bok import Sheet


class Tables(base_classes.Tables):
    api = property(lambda self: self)

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __len__(self) -> int:
        return len(self.sheet.xl.tables)

    def __iter__(self) -> Iterator[Table]:
        return (Table(self.sheet, xl) for xl in self.sheet.xl.tables.values())

    def __contains__(self, key: str) -> bool:
        return any(table.name.casefold() == key.casefold() for table in self)

    def __call__(self, key: int | str) -> Table:
        for number, table in enumerate(self, 1):
            if key == number or (isinstance(key, str) and table.name.casefold() == key.casefold()):
                return table
        raise KeyError(key)

    def at(self, row: int, column: int) -> Table | None:
        for table in self:
            left, top, right, bottom = range_boundaries(table.xl.ref)
            if top <= row <= bottom and left <= column <= right:
                return table
        return None


class Table(base_classes.Table):
    api = property(lambda self: self)
    parent = property(lambda self: self.sheet)
    name = property(lambda self: self.xl.displayName)
    display_name = name
    range = property(lambda self: self.sheet.range(self.xl.ref))
    show_headers = property(lambda self: self.xl.headerRowCount != 0)
    show_autofilter = property(lambda self: self.xl.autoFilter is not None)
    insert_row_range = None

    def __init__(self, sheet: Sheet, xl: Any) -> None:
        self.sheet, self.xl = sheet, xl

    def _rows(self, start: int, count: int) -> Range | None:
        whole = self.range
        if count < 1:
            return None
        return Range(self.sheet, whole.row + start, whole.column, count, whole.shape[1])

    @property
    def header_row_range(self) -> Range | None:
        return self._rows(0, int(self.show_headers))

    @property
    def data_body_range(self) -> Range | None:
        edges = int(self.show_headers) + int(self.show_totals)
        return self._rows(int(self.show_headers), self.range.shape[0] - edges)

    @property
    def totals_row_range(self) -> Range | None:
        return self._rows(self.range.shape[0] - 1, int(self.show_totals))

    @property
    def show_totals(self) -> bool:
        return bool(self.xl.totalsRowCount)

    def header_positions(self) -> Iterator[tuple[int, int]]:
        header = self.header_row_range
        return header.positions() if header else iter(())

    def rename_header(self, at: tuple[int, int], value: Any) -> None:
        """Take a header as Excel does: a text, never empty, never the same as another."""
        column = self.xl.tableColumns[at[1] - self.range.column]
        others = {c.name.casefold() for c in self.xl.tableColumns if c is not column}
        word = constant_text(value)
        numbered = (f"{word or 'Kolumn'}{n}" for n in itertools.count(2 if word else 1))
        tries = itertools.chain([word] if word else [], numbered)
        name = next(t for t in tries if t.casefold() not in others)
        cell = self.sheet.xl.cell(*at)
        put(cell, Inmatning(name, is_text=True))
        if name != column.name:
            old, column.name = column.name, name
            self.sheet.book.rename_column(self.name, old, name)

    def resize(self, new: xw.Range) -> None:
        rng, old = new.impl, self.range
        if rng.sheet.xl is not self.sheet.xl or rng.row != old.row or rng.column > old.right:
            raise Excelfel("1004: the headers must stay in the same row and the ranges overlap")
        if self.show_totals or rng.shape[0] < 2 or rng.right < old.column:
            raise Excelfel("1004: Resize method of ListObject class failed")
        for other in self.sheet.tables:
            if other.name != self.name and set(other.range.positions()) & set(rng.positions()):
                raise Excelfel("1004: a table cannot overlap another table")
        rng.check_protection(formats=True)
        self.sheet.change(rng.address, "table", ("resize", self.name))
        columns = dict(enumerate(self.xl.tableColumns, old.column))
        ids = itertools.count(max(c.id for c in columns.values()) + 1)
        self.xl.ref = rng.get_address(False, False, False)
        if self.xl.autoFilter:
            self.xl.autoFilter.ref = self.xl.ref
        self.xl.tableColumns = [
            columns.get(at) or TableColumn(id=next(ids), name="")
            for at in range(rng.column, rng.right + 1)
        ]
        for at in self.header_positions():
            if at[1] not in columns:
                self.rename_header(at, self.sheet.xl.cell(*at).value)
