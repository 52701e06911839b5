"""Ranges: values, formulas and formats of cells."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formula.translate import Translator
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from xlwings import base_classes

from . import referenser
from .varden import (
    Excelfel,
    Inmatning,
    check_formula,
    constant_text,
    entry,
    read_value,
    typed,
)

if TYPE_CHECKING:
    from .bok import Sheet

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
POINTS = 15.0  # the height of a row that has none of its own


def _format(name: str, read: Callable[[Cell], Any], write: Callable[[Cell, Any], None]) -> property:
    """A property of every cell's format: None where the cells differ."""

    def get(rng: Range) -> Any:
        cells, blank = rng.sheet.xl._cells, Cell(rng.sheet.xl, row=1, column=1)
        found = {read(cells.get(at, blank)) for at in rng.positions()}
        return found.pop() if len(found) == 1 else None

    def change(rng: Range, value: Any) -> None:
        rng.check_protection(formats=True)
        rng.sheet.change(rng.address, "format", (name, value))
        for at in rng.positions():
            write(rng.sheet.xl.cell(*at), value)

    return property(get, change)


def put(cell: Cell, new: Inmatning) -> None:
    """Give a cell what has been taken; an apostrophe from before goes."""
    if new.number_format:
        cell.number_format = new.number_format
    cell.value = new.value
    if new.is_text:
        cell._value, cell.data_type = new.value, "s"
    if new.prefix != cell.quotePrefix:
        cell.quotePrefix = new.prefix


def _with(style: Any, **changes: Any) -> Any:
    """A copy of a font or alignment with some of it changed."""
    style = copy(style)
    for name, value in changes.items():
        setattr(style, name, value)
    return style


def _write_number_format(cell: Cell, number_format: str) -> None:
    value = cell.value
    cell.number_format = number_format
    if cell.data_type in ("n", "d") and value is not None:
        cell.value = typed(value, number_format)


class Range(base_classes.Range):
    api = property(lambda self: self)
    sheet = row = column = shape = None
    options: dict[str, Any]
    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int, columns: int) -> None:
        self.sheet, self.row, self.column, self.shape = sheet, row, column, (rows, columns)
        if row < 1 or column < 1 or self.bottom > MAX_ROWS or self.right > MAX_COLUMNS:
            raise Excelfel(f"outside the sheet: row {row}, column {column}")

    bottom = property(lambda self: self.row + self.shape[0] - 1)
    right = property(lambda self: self.column + self.shape[1] - 1)
    coords = property(lambda self: (self.sheet.name, self.row, self.column, *self.shape))

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> Range:
        if column is None:
            row, column = (row - 1) // self.shape[1] + 1, (row - 1) % self.shape[1] + 1
        return Range(self.sheet, self.row + row - 1, self.column + column - 1, 1, 1)

    def get_address(self, row_absolute: bool, col_absolute: bool, external: bool) -> str:
        down, across = "$" if row_absolute else "", "$" if col_absolute else ""
        left, right = get_column_letter(self.column), get_column_letter(self.right)
        if self.shape[0] == MAX_ROWS:
            return f"{across}{left}:{across}{right}"
        if self.shape[1] == MAX_COLUMNS:
            return f"{down}{self.row}:{down}{self.bottom}"
        start = f"{across}{left}{down}{self.row}"
        return start if len(self) == 1 else f"{start}:{across}{right}{down}{self.bottom}"

    address = property(lambda self: self.get_address(True, True, False))

    def _box(self) -> tuple[range, range]:
        """The rows and columns; of whole rows and columns those in use."""
        bottom, right = self.bottom, self.right
        if MAX_ROWS in self.shape or MAX_COLUMNS in self.shape:
            used = self.sheet.used_range
            bottom = max(self.row, min(bottom, used.bottom))
            right = max(self.column, min(right, used.right))
        return range(self.row, bottom + 1), range(self.column, right + 1)

    def positions(self) -> Iterator[tuple[int, int]]:
        return itertools.product(*self._box())

    def _grid(self, read: Callable[[int, int], Any]) -> Any:
        self.sheet.book.motor.reads += 1
        if len(self) == 1:
            return read(self.row, self.column)
        rows, columns = self._box()
        return tuple(tuple(read(row, column) for column in columns) for row in rows)

    # -- values and formulas
    @property
    def raw_value(self) -> Any:
        cells, cached, title = self.sheet.xl._cells, self.sheet.book.cached, self.sheet.name

        def read(row: int, column: int) -> Any:
            cell = cells.get((row, column))
            if cell is None:
                return None
            if cell.data_type == "f":
                return cached.get((title, row, column))
            return read_value(cell.value, cell.data_type)

        return self._grid(read)

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._write(value, "value")

    @property
    def formula(self) -> Any:
        cells = self.sheet.xl._cells

        def read(row: int, column: int) -> str:
            cell = cells.get((row, column))
            if cell is None:
                return ""
            if cell.data_type != "f":
                return constant_text(cell.value)
            text = cell.value.text if isinstance(cell.value, ArrayFormula) else str(cell.value)
            if "[" not in text:
                return text
            table = self.sheet.tables.at(row, column)
            return referenser.show(text, table and table.name)

        return self._grid(read)

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value, "formula")

    formula2 = formula

    def _filled(self, value: Any) -> list[list[Any]]:
        """One value for every cell; a lone formula is filled with its references moved."""
        rows, columns = self.shape
        if isinstance(value, list | tuple):
            grid = [list(row) if isinstance(row, list | tuple) else None for row in value]
            grid = [list(value)] if None in grid else grid
            if [len(row) for row in grid] != [columns] * rows:
                raise Excelfel(f"{len(grid)} rows for {self.address}")
            return grid
        if len(self) > 1 and isinstance(value, str) and value.startswith("="):
            move = Translator(value, "A1").translate_formula
            letters = [get_column_letter(i + 1) for i in range(columns)]
            return [[move(f"{at}{i + 1}") for at in letters] for i in range(rows)]
        return [[value] * columns for _ in range(rows)]

    def _write(self, value: Any, kind: str) -> None:
        grid = self._filled(value)
        ws, tables = self.sheet.xl, self.sheet.tables
        self.check_protection()
        headers = {at: table for table in tables for at in table.header_positions()}
        taken: dict[tuple[int, int], Inmatning] = {}
        for (row, column), item in zip(self.positions(), itertools.chain(*grid), strict=True):
            cell = ws._cells.get((row, column))
            if isinstance(cell, MergedCell) or (cell is None and item in (None, "")):
                continue
            new = entry(item, cell.number_format if cell is not None else "General")
            if new.is_formula:
                new = new._replace(value=self._stored(new.value, row, column))
            taken[row, column] = new
        self.sheet.change(self.address, kind, tuple(map(tuple, grid)))
        for at, new in taken.items():
            if at in headers:
                headers[at].rename_header(at, new.value)
            else:
                put(ws.cell(*at), new)
            self.sheet.book.cached.pop((self.sheet.name, *at), None)

    def _stored(self, formula: str, row: int, column: int) -> str:
        check_formula(formula)
        if "[" not in formula:
            return formula
        table, book = self.sheet.tables.at(row, column), self.sheet.book

        def columns(name: str) -> set[str] | None:
            found = book.find_table(name)
            return {c.name.casefold() for c in found.xl.tableColumns} if found else None

        try:
            return referenser.store(formula, table and table.name, columns)
        except referenser.Okand as error:
            raise Excelfel(f"1004: {error}") from error

    def check_protection(self, formats: bool = False) -> None:
        """Refuse a change of locked cells, or of any cell's format, on a protected sheet."""
        ws = self.sheet.xl
        if not ws.protection.sheet:
            return
        for at in self.positions():
            cell = ws._cells.get(at)
            if formats or cell is None or cell.protection.locked:
                raise Excelfel(f"1004: {self.sheet.name} is protected")

    def clear_contents(self) -> None:
        self._clear(formats=False)

    def clear(self) -> None:
        self._clear(formats=True)

    def _clear(self, formats: bool) -> None:
        ws = self.sheet.xl
        self.check_protection(formats=formats)
        cleared = set(self.positions())
        for area in ws.merged_cells.ranges:
            inside = [at in cleared for at in area.cells]
            if any(inside) and not all(inside):
                raise Excelfel("1004: We can't do that to a merged cell")
        headers = {at: table for table in self.sheet.tables for at in table.header_positions()}
        self.sheet.change(self.address, "value", None)
        for at in cleared:
            cell = ws._cells.get(at)
            if cell is None or isinstance(cell, MergedCell):
                continue
            if at in headers:
                headers[at].rename_header(at, None)
            else:
                put(cell, Inmatning(None))
            if formats:
                cell.style, cell.comment = "Normal", None
            self.sheet.book.cached.pop((self.sheet.name, *at), None)

    # -- formats
    number_format = _format("number_format", lambda cell: cell.number_format, _write_number_format)
    wrap_text = _format(
        "wrap_text",
        lambda cell: bool(cell.alignment.wrap_text),
        lambda cell, value: setattr(cell, "alignment", _with(cell.alignment, wrap_text=value)),
    )
    font = property(lambda self: Font(self))
    characters = property(lambda self: Characters(self, slice(None)))

    @property
    def row_height(self) -> float | None:
        sheet = self.sheet.xl
        default = sheet.sheet_format.defaultRowHeight or POINTS

        def height(row: int) -> float:
            found = sheet.row_dimensions.get(row)
            if found is None:
                return default
            return 0.0 if found.hidden else found.height or default

        heights = {height(row) for row in range(self.row, self.bottom + 1)}
        return heights.pop() if len(heights) == 1 else None

    @row_height.setter
    def row_height(self, value: float) -> None:
        if not 0 <= value <= 409.5:
            raise Excelfel(f"1004: row height {value}")
        self.check_protection(formats=True)
        self.sheet.change(self.address, "format", ("row_height", value))
        for row in range(self.row, self.bottom + 1):
            found = self.sheet.xl.row_dimensions[row]
            found.hidden = value == 0
            found.height = value or found.height

    @property
    def row_hidden(self) -> bool | None:
        height = self.row_height
        return None if height is None else height == 0

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self.check_protection(formats=True)
        self.sheet.change(self.address, "format", ("row_hidden", value))
        for row in range(self.row, self.bottom + 1):
            self.sheet.xl.row_dimensions[row].hidden = value

    def copy(self, destination: Any = None) -> None:
        if destination is not None:
            raise NotImplementedError("copy to a destination")
        self.sheet.book.app.clipboard = self

    def paste(self, paste: str | None = None, **_: Any) -> None:
        source = self.sheet.book.app.clipboard
        if source is None:
            raise Excelfel("1004: PasteSpecial method of Range class failed")
        if paste != "formats":
            raise NotImplementedError(f"paste {paste}")
        self.check_protection(formats=True)
        self.sheet.change(self.address, "format", ("paste", source.address))
        for row, column in self.positions():
            down, across = (row - self.row) % source.shape[0], (column - self.column)
            at = (source.row + down, source.column + across % source.shape[1])
            cell = self.sheet.xl.cell(row, column)
            cell._style = copy(source.sheet.xl.cell(*at)._style)
            _write_number_format(cell, cell.number_format)

    def autofit(self, axis: str | None = None) -> None:
        self.sheet.change(self.address, "format", ("autofit", axis))

    # -- the rest
    def select(self) -> None:
        if self.sheet.book.xl.active is not self.sheet.xl:
            raise Excelfel("1004: Select method of Range class failed")
        self.sheet.book.selections[self.sheet.name] = self

    table = property(lambda self: self.sheet.tables.at(self.row, self.column))

    @property
    def merge_area(self) -> Range:
        for area in self.sheet.xl.merged_cells.ranges:
            if area.min_row <= self.row <= area.max_row and (
                area.min_col <= self.column <= area.max_col
            ):
                return self.sheet.range(area.coord)
        return self(1, 1)

    merge_cells = property(lambda self: len(self.merge_area) > 1)


def _font(attribute: str) -> property:
    fmt = _format(
        f"font.{attribute}",
        lambda cell: getattr(cell.font, attribute),
        lambda cell, value: setattr(cell, "font", _with(cell.font, **{attribute: value})),
    )
    return property(
        lambda font: fmt.fget(font.range),  # type: ignore[misc]
        lambda font, value: fmt.fset(font.range, value),  # type: ignore[misc]
    )


class Font(base_classes.Font):
    api = property(lambda self: self)
    bold, italic, size, name = map(_font, ("b", "i", "sz", "name"))

    def __init__(self, rng: Range) -> None:
        self.range = rng


class Characters(base_classes.Characters):
    """Part of a cell's text. Formats are logged, not kept."""

    api = property(lambda self: self)
    font = property(lambda self: CharactersFont(self))

    def __init__(self, rng: Range, part: slice) -> None:
        self.range, self.part = rng, part

    @property
    def text(self) -> str:
        return str(self.range.raw_value or "")[self.part]

    def __getitem__(self, item: int | slice) -> Characters:
        return Characters(self.range, item if isinstance(item, slice) else slice(item, item + 1))


class CharactersFont(base_classes.Font):
    def __init__(self, characters: Characters) -> None:
        object.__setattr__(self, "characters", characters)

    def __setattr__(self, name: str, value: Any) -> None:
        rng, part = self.characters.range, self.characters.part
        rng.check_protection(formats=True)
        rng.sheet.change(rng.address, "format", (part.start, part.stop, name, value))
