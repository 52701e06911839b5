"""Workbooks and sheets, on openpyxl."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

from . import referenser
from .namn import Names
from .omrade import MAX_COLUMNS, MAX_ROWS, Range
from .protokoll import Skrivning
from .tabell import Table, Tables
from .varden import Excelfel, read_value

if TYPE_CHECKING:
    from .app import Books


class Book(base_classes.Book):
    api = property(lambda self: self)
    app = property(lambda self: self.books.app)
    name = property(lambda self: self.path.name)
    fullname = property(lambda self: str(self.path))
    sheets = property(lambda self: Sheets(self))
    names = property(lambda self: Names(self))
    motor = property(lambda self: self.app.motor)
    books = None

    def __init__(self, books: Books, path: Path) -> None:
        self.books, self.path = books, path
        self.xl = _load(path, data_only=False)
        values = _load(path, data_only=True)
        #: (sheet, row, column) → the saved value of a formula
        self.cached: dict[tuple[str, int, int], Any] = {}
        for ws in self.xl.worksheets:
            saved = values[ws.title]._cells
            for (row, column), cell in ws._cells.items():
                if cell.data_type == "f":
                    value = saved[row, column]
                    self.cached[ws.title, row, column] = read_value(value.value, value.data_type)
        self.selections: dict[str, Range] = {}

    @property
    def selection(self) -> Range:
        sheet = self.sheets.active
        if sheet.name not in self.selections:
            views = sheet.xl.sheet_view.selection
            self.selections[sheet.name] = sheet.range(views[0].sqref.split()[0] if views else "A1")
        return self.selections[sheet.name]

    def save(self, path: str | None = None, password: str | None = None) -> None:
        self.path = Path(path) if path else self.path
        self.xl.save(self.path)
        self.motor.saves.append(self.path)

    def close(self) -> None:
        self.books.remove(self)

    def activate(self) -> None:
        pass

    def find_table(self, name: str) -> Table | None:
        for sheet in self.sheets:
            for table in sheet.tables:
                if table.name.casefold() == name.casefold():
                    return table
        return None

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Follow a renamed column in every formula, as Excel does."""

        def renamed(formula: str) -> str:
            return referenser.rename_column(formula, table, old, new)

        defined = [self.xl.defined_names]
        for ws in self.xl.worksheets:
            defined.append(ws.defined_names)
            for cell in ws._cells.values():
                if cell.data_type == "f" and isinstance(cell.value, ArrayFormula):
                    cell.value.text = renamed(cell.value.text)
                elif cell.data_type == "f" and isinstance(cell.value, str):
                    cell._value = renamed(cell.value)
            for xl in ws.tables.values():
                for column in xl.tableColumns:
                    for formula in (column.calculatedColumnFormula, column.totalsRowFormula):
                        if formula:
                            formula.attr_text = renamed(formula.attr_text)
        for name in itertools.chain.from_iterable(names.values() for names in defined):
            name.attr_text = renamed(name.attr_text)


def _load(path: Path, data_only: bool) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # names what openpyxl loses on saving
        return openpyxl.load_workbook(path, data_only=data_only, rich_text=not data_only)


class Sheets(base_classes.Sheets):
    api = property(lambda self: self)

    def __init__(self, book: Book) -> None:
        self.book = book

    active = property(lambda self: Sheet(self.book, self.book.xl.active))

    def __len__(self) -> int:
        return len(self.book.xl.worksheets)

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, ws) for ws in self.book.xl.worksheets)

    def __call__(self, key: int | str) -> Sheet:
        for number, sheet in enumerate(self, 1):
            if key == number or (isinstance(key, str) and sheet.name.casefold() == key.casefold()):
                return sheet
        raise Excelfel(f"Subscript out of range: {key!r}")

    __getitem__ = __call__

    def add(self, before: Sheet | None, after: Sheet | None, name: str | None) -> Sheet:
        beside = before or after or self.active
        number = self.book.xl.index(beside.xl) + (before is None and after is not None)
        self.book.xl.active = made = self.book.xl.create_sheet(name, number)
        return Sheet(self.book, made)


class Sheet(base_classes.Sheet):
    api = property(lambda self: self)
    ProtectContents = property(lambda self: bool(self.xl.protection.sheet))
    name = property(lambda self: self.xl.title)
    index = property(lambda self: self.book.xl.index(self.xl) + 1)
    tables = property(lambda self: Tables(self))
    names = property(lambda self: Names(self.book, self.xl))
    cells = property(lambda self: Range(self, 1, 1, MAX_ROWS, MAX_COLUMNS))
    book = None

    def __init__(self, book: Book, xl: Worksheet) -> None:
        self.book, self.xl = book, xl

    @property
    def visible(self) -> bool:
        return self.xl.sheet_state == "visible"

    @visible.setter
    def visible(self, value: bool) -> None:
        self.change("", "sheet", ("visible", value))
        self.xl.sheet_state = "visible" if value else "hidden"

    def activate(self) -> None:
        if not self.visible:
            raise Excelfel(f"the sheet {self.name} is hidden")
        self.book.xl.active = self.xl

    select = activate

    @property
    def used_range(self) -> Range:
        cells = self.xl._cells
        if not cells:
            return Range(self, 1, 1, 1, 1)
        rows, columns = {row for row, _ in cells}, {column for _, column in cells}
        top, left = min(rows), min(columns)
        return Range(self, top, left, max(rows) - top + 1, max(columns) - left + 1)

    def range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, int) and isinstance(last, int):
            first, last = (first, last), None
        start = self._find(first)
        if last is None:
            return start
        end = self._find(last)
        top, left = min(start.row, end.row), min(start.column, end.column)
        bottom, right = max(start.bottom, end.bottom), max(start.right, end.right)
        return Range(start.sheet, top, left, bottom - top + 1, right - left + 1)

    def _find(self, where: Any) -> Range:
        if isinstance(where, Range):
            return where
        if isinstance(where, tuple):
            row, column, *shape = where
            return Range(self, row, column, *(shape or (1, 1)))
        sheet, bang, address = where.rpartition("!")
        if bang:
            name = sheet.removeprefix("'").removesuffix("'").replace("''", "'")
            return self.book.sheets(name).range(address)
        address = address.replace("$", "")
        if re.fullmatch(
            r"[A-Za-z]{1,3}\d+(:[A-Za-z]{1,3}\d+)?|[A-Za-z]+:[A-Za-z]+|\d+:\d+", address
        ):
            left, top, right, bottom = range_boundaries(address.upper())
            left, right, top = left or 1, right or MAX_COLUMNS, top or 1
            return Range(self, top, left, (bottom or MAX_ROWS) - top + 1, right - left + 1)
        for names in (self.names, self.book.names):
            if names.contains(address):
                return names(address).refers_to_range
        if table := self.book.find_table(address):
            return table.data_body_range
        raise Excelfel(f"there is no range {where!r}")

    def change(self, address: str, kind: str, value: Any) -> None:
        """Count and log a change that is about to be made; a change of content ends a copying."""
        self.book.motor.before_write()
        if kind != "format":
            self.book.app.cut_copy_mode = False
        self.book.motor.log.append(Skrivning(self.name, address, kind, value))
