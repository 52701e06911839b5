"""An xlwings engine of the tests' own: code for live Excel runs on openpyxl, in memory.

    book = open_live(path)              # xlwings.Book.caller() now gives this book
    motor(book).answers.append("yes")   # the next app.alert() is answered so
    handler()
    assert motor(book).log == [...]

It takes what is written as Excel does: a text that looks like a number becomes one, a header
renames its column, a protected sheet refuses. Nothing is recalculated: a formula shows the value
saved in the file until its own cell is written; `recalculate` asks LibreOffice.
"""

import datetime as dt
import itertools
import re
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import xlwings as xw
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.datetime import from_excel, to_excel
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import TableColumn
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

import libreoffice
import strukturreferens

MAX_ROWS, MAX_COLUMNS, MAX_TEXT, MAX_FORMULA = 1_048_576, 16_384, 32_767, 8_192
DATE_FORMAT = "yyyy-mm-dd"
POINTS = 15.0  # the height of a row that has none of its own


class Excelfel(Exception):
    """What Excel answers when it will not: on Windows a COM error, mostly number 1004."""


class Felvarde(str):
    """An error in a cell, such as #N/A, told apart from a text that reads the same."""


class Skrivning(NamedTuple):
    """One call that changed the workbook; `kind` is value, formula, format, name, table, sheet."""

    sheet: str
    address: str
    kind: str
    value: Any


class Motor:
    """What a test scripts and sees of one Excel with one workbook."""

    def __init__(self) -> None:
        self.answers: deque[str] = deque()
        self.macros: dict[str, Callable[..., Any]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget what has been seen, and any fault that was ordered."""
        self.log: list[Skrivning] = []
        self.reads = 0
        self.alerts: list[tuple[str, str | None, str, str | None]] = []
        self.history: list[tuple[str, Any]] = []
        self._left: int | None = None
        self._persistent = False

    @property
    def writes(self) -> int:
        """How many calls have changed something."""
        return len(self.log)

    def fail_on_write(self, n: int) -> None:
        """Let the n-th write from now raise Excelfel, and those after it succeed."""
        self.fail_after(n - 1, persistent=False)

    def fail_after(self, n: int, persistent: bool = True) -> None:
        """Let n more writes succeed and the next one raise, and all after it if `persistent`."""
        self._left, self._persistent = n, persistent

    def before_write(self) -> None:
        if self._left == 0:
            if not self._persistent:
                self._left = None
            raise Excelfel("Exception from HRESULT: 0x800A03EC")
        if self._left is not None:
            self._left -= 1


# ---------------------------------------------------------------- values
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?([.,]\d*)?([eE][+-]?\d+)?\s?%?")
_DATE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")


def converted(text: str) -> Any:
    """What Excel makes of a text typed in: number, share, date, truth value or the text.

    Both the decimal point and the Swedish comma count: what one computer leaves alone, another
    converts.
    """
    t = text.strip()
    if re.search(r"\d", t) and _NUMBER.fullmatch(t):
        number = t.rstrip("%").rstrip()
        number = re.sub(r",(?=\d{3}(\D|$))", "", number) if "." in number else number
        value = float(number.replace(",", "."))
        return value / 100 if t.endswith("%") else value
    if t.upper() in ("TRUE", "FALSE", "SANT", "FALSKT"):
        return t.upper() in ("TRUE", "SANT")
    if match := _DATE.fullmatch(t):
        try:
            return dt.datetime(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            return text
    return text


class Inmatning(NamedTuple):
    """What becomes of a value put into a cell."""

    value: Any
    is_text: bool = False
    prefix: bool = False
    number_format: str | None = None


def entry(value: Any, number_format: str) -> Inmatning:
    """Take a value as Excel does in a cell of this number format; a formula keeps its `=`."""
    if value is None or value == "":
        return Inmatning(None)
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise Excelfel(f"text of {len(value)} characters")
        value = str(value)
        if value[0] == "'":
            return Inmatning(value[1:], is_text=True, prefix=True)
        if number_format == "@":
            return Inmatning(value, is_text=True)
        read = converted(value)
        if isinstance(read, str):
            if value[0] in "+-@":
                value = f"={value}"
            return Inmatning(value)
        if number_format == "General" and value.rstrip().endswith("%"):
            return Inmatning(read, number_format="0%")
        return entry(read, number_format)
    if number_format == "@":
        return Inmatning(constant_text(value), is_text=True)
    if isinstance(value, bool):
        return Inmatning(value)
    if isinstance(value, dt.datetime) and number_format == "General":
        return Inmatning(value, number_format=DATE_FORMAT)
    return Inmatning(typed(value, number_format))


def typed(value: Any, number_format: str) -> Any:
    """A number or date as its cell's format says: Excel keeps numbers only."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and is_date_format(number_format):
        return from_excel(value)
    if isinstance(value, dt.datetime) and not is_date_format(number_format):
        return float(to_excel(value))
    return value


def read_value(value: Any, data_type: str) -> Any:
    """A stored constant as Excel hands it out."""
    if data_type == "n":
        return None if value is None else float(value)
    if data_type == "e":
        return Felvarde(value)
    if isinstance(value, dt.time):
        return dt.datetime.combine(dt.date(1899, 12, 30), value)
    if isinstance(value, dt.timedelta):
        return float(to_excel(value))
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return value if isinstance(value, bool | dt.datetime) else str(value)


def constant_text(value: Any) -> str:
    """A constant as `.formula` and a cell for text show it: dates are serial numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        value = to_excel(value)
    return f"{value:.15g}".upper() if isinstance(value, int | float) else str(value)


def check_formula(formula: str) -> None:
    """Refuse what Excel refuses: it takes English formulas with commas, whole ones only."""
    try:
        tokens = [t for t in Tokenizer(formula).items if t.type != Token.WSPACE]
    except (TokenizerError, IndexError) as error:
        raise Excelfel(f"1004: {formula}") from error
    depth, arrays = 0, 0
    for token in tokens:
        step = {Token.OPEN: 1, Token.CLOSE: -1}.get(token.subtype, 0)
        depth += step
        arrays += step if token.type == Token.ARRAY else 0
        if token.type == Token.SEP and token.subtype == Token.ROW and not arrays:
            raise Excelfel(f"1004: {formula}")
    broken = not tokens or depth or tokens[0].type == Token.OP_IN
    if broken or tokens[-1].type in (Token.OP_IN, Token.OP_PRE) or len(formula) > MAX_FORMULA:
        raise Excelfel(f"1004: {formula}")


# ---------------------------------------------------------------- engine, app, book
class Engine:
    name, type = "excelmotor", "desktop"

    def __init__(self) -> None:
        self.apps = Apps()

    @staticmethod
    def prepare_xl_data_element(value: Any, options: dict[str, Any]) -> Any:
        if hasattr(value, "dtype"):
            value = value.item()
        if value is None or (isinstance(value, float) and value != value):
            return ""
        if isinstance(value, dt.datetime):
            return value.replace(tzinfo=None)
        if isinstance(value, dt.date):
            return dt.datetime.combine(value, dt.time())
        if not isinstance(value, str | int | float):
            raise TypeError(f"Excel cannot hold {type(value).__name__}")
        return value

    @staticmethod
    def clean_value_data(
        data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool
    ) -> list[list[Any]]:
        def clean(value: Any) -> Any:
            if value is None:
                return empty_as
            if isinstance(value, Felvarde):
                return str(value) if err_to_str else None
            if isinstance(value, dt.datetime):
                parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
                return datetime_builder(**{p: getattr(value, p) for p in parts}, tzinfo=None)
            if number_builder and isinstance(value, float):
                return number_builder(value)
            return value

        return [[clean(value) for value in row] for row in data]


class Apps(base_classes.Apps):
    def __init__(self) -> None:
        self._apps: list[App] = []

    def keys(self) -> list[int]:
        return [app.pid for app in self._apps]

    def add(self, **_: Any) -> "App":
        self._apps.insert(0, App(self))
        return self._apps[0]

    def remove(self, app: "App") -> None:
        self._apps.remove(app)

    def cleanup(self) -> None:
        pass

    def __iter__(self) -> Iterator["App"]:
        return iter(list(self._apps))

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> "App":
        return next(app for app in self._apps if app.pid == pid)


def _setting(name: str, allowed: tuple[Any, ...] | None = None) -> property:
    """A setting of the app, kept in the history in order."""

    def write(app: "App", value: Any) -> None:
        if allowed and value not in allowed:
            raise Excelfel(f"{name} = {value!r}")
        app.settings[name] = value
        app.motor.history.append((name, value))

    return property(lambda app: app.settings[name], write)


class App(base_classes.App):
    _pids = itertools.count(1)
    pid, books, visible, version, hwnd = 0, None, False, "16.0", 0
    engine = property(lambda self: _engine)
    api = property(lambda self: self)

    screen_updating = _setting("screen_updating", (True, False))
    enable_events = _setting("enable_events", (True, False))
    display_alerts = _setting("display_alerts", (True, False))
    calculation = _setting("calculation", ("automatic", "manual", "semiautomatic"))
    status_bar = _setting("status_bar")

    def __init__(self, apps: Apps) -> None:
        self.apps, self.pid, self.motor = apps, next(self._pids), Motor()
        self.settings: dict[str, Any] = {
            **dict.fromkeys(("screen_updating", "enable_events", "display_alerts"), True),
            "calculation": "automatic",
            "status_bar": False,
        }
        self.clipboard: Range | None = None
        self.books = Books(self)

    @property
    def cut_copy_mode(self) -> str | None:
        return "copy" if self.clipboard else None

    @cut_copy_mode.setter
    def cut_copy_mode(self, value: bool) -> None:
        self.clipboard = None

    @property
    def selection(self) -> "Range":
        return self.books.active.selection

    def activate(self, steal_focus: bool = False) -> None:
        pass

    def calculate(self) -> None:
        pass

    def quit(self) -> None:
        self.apps.remove(self)

    kill = quit

    def run(self, macro: str, args: Sequence[Any]) -> Any:
        name = macro.rpartition("!")[2]
        if name not in self.motor.macros:
            raise Excelfel(f"Cannot run the macro '{macro}'")
        return self.motor.macros[name](*args)

    def alert(
        self, prompt: str, title: str | None, buttons: str, mode: str | None, callback: Any
    ) -> str:
        self.motor.alerts.append((prompt, title, buttons, mode))
        allowed = (buttons or "ok").split("_")
        answer = self.motor.answers.popleft() if self.motor.answers else allowed[0]
        if answer not in allowed:
            raise AssertionError(f"svaret {answer} finns inte bland knapparna {allowed}: {prompt}")
        return answer


class Books:
    def __init__(self, app: App) -> None:
        self.app = app
        self._books: list[Book] = []

    api = property(lambda self: self)
    active = property(lambda self: self._books[0])

    def open(self, fullname: str, *_: Any) -> "Book":
        self._books.insert(0, Book(self, Path(fullname)))
        return self._books[0]

    def remove(self, book: "Book") -> None:
        self._books.remove(book)

    def __iter__(self) -> Iterator["Book"]:
        return iter(list(self._books))

    def __len__(self) -> int:
        return len(self._books)

    def __call__(self, key: int | str) -> "Book":
        for number, book in enumerate(self._books, 1):
            if key in (number, book.name):
                return book
        raise KeyError(key)


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
    def selection(self) -> "Range":
        sheet = self.sheets.active
        if sheet.name not in self.selections:
            views = sheet.xl.sheet_view.selection
            self.selections[sheet.name] = sheet.range(views[0].sqref.split()[0] if views else "A1")
        return self.selections[sheet.name]

    def save(self, path: str | None = None, password: str | None = None) -> None:
        self.path = Path(path) if path else self.path
        self.xl.save(self.path)

    def close(self) -> None:
        self.books.remove(self)

    def activate(self) -> None:
        pass

    def find_table(self, name: str) -> "Table | None":
        for sheet in self.sheets:
            for table in sheet.tables:
                if table.name.casefold() == name.casefold():
                    return table
        return None

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Follow a renamed column in every formula, as Excel does."""

        def renamed(formula: str) -> str:
            return strukturreferens.rename_column(formula, table, old, new)

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


# ---------------------------------------------------------------- sheets
class Sheets(base_classes.Sheets):
    api = property(lambda self: self)

    def __init__(self, book: Book) -> None:
        self.book = book

    active = property(lambda self: Sheet(self.book, self.book.xl.active))

    def __len__(self) -> int:
        return len(self.book.xl.worksheets)

    def __iter__(self) -> Iterator["Sheet"]:
        return (Sheet(self.book, ws) for ws in self.book.xl.worksheets)

    def __call__(self, key: int | str) -> "Sheet":
        for number, sheet in enumerate(self, 1):
            if key == number or (isinstance(key, str) and sheet.name.casefold() == key.casefold()):
                return sheet
        raise Excelfel(f"Subscript out of range: {key!r}")

    __getitem__ = __call__


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
    def used_range(self) -> "Range":
        cells = self.xl._cells
        if not cells:
            return Range(self, 1, 1, 1, 1)
        rows, columns = {row for row, _ in cells}, {column for _, column in cells}
        top, left = min(rows), min(columns)
        return Range(self, top, left, max(rows) - top + 1, max(columns) - left + 1)

    def range(self, first: Any, last: Any = None) -> "Range":
        if isinstance(first, int) and isinstance(last, int):
            first, last = (first, last), None
        start = self._find(first)
        if last is None:
            return start
        end = self._find(last)
        top, left = min(start.row, end.row), min(start.column, end.column)
        bottom, right = max(start.bottom, end.bottom), max(start.right, end.right)
        return Range(start.sheet, top, left, bottom - top + 1, right - left + 1)

    def _find(self, where: Any) -> "Range":
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
        """Count and log a change that is about to be made."""
        self.book.motor.before_write()
        self.book.motor.log.append(Skrivning(self.name, address, kind, value))


# ---------------------------------------------------------------- ranges
def _format(read: Callable[[Cell], Any], write: Callable[[Cell, Any], None]) -> property:
    """A property of every cell's format: None where the cells differ."""

    def get(rng: "Range") -> Any:
        cells, blank = rng.sheet.xl._cells, Cell(rng.sheet.xl, row=1, column=1)
        found = {read(cells.get(at, blank)) for at in rng.positions()}
        return found.pop() if len(found) == 1 else None

    def change(rng: "Range", value: Any) -> None:
        rng.check_protection(formats=True)
        rng.sheet.change(rng.address, "format", value)
        for at in rng.positions():
            write(rng.sheet.xl.cell(*at), value)

    return property(get, change)


def _put(cell: Cell, put: Inmatning) -> None:
    if put.number_format:
        cell.number_format = put.number_format
    cell.value = put.value
    if put.is_text:
        cell._value, cell.data_type = put.value, "s"
    if put.prefix != cell.quotePrefix:
        cell.quotePrefix = put.prefix


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

    def __call__(self, row: int, column: int | None = None) -> "Range":
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
            return strukturreferens.show(text, table and table.name)

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
            put = entry(item, cell.number_format if cell is not None else "General")
            if isinstance(put.value, str) and put.value[:1] == "=" and not put.is_text:
                if len(put.value) > 1:
                    put = put._replace(value=self._stored(put.value, row, column))
                else:
                    put = put._replace(is_text=True)
            taken[row, column] = put
        self.sheet.change(self.address, kind, tuple(map(tuple, grid)))
        for at, put in taken.items():
            if at in headers:
                headers[at].rename_header(at, put.value)
            else:
                _put(ws.cell(*at), put)
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
            return strukturreferens.store(formula, table and table.name, columns)
        except strukturreferens.Okand as error:
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
                _put(cell, Inmatning(None))
            if formats:
                cell.style, cell.comment = "Normal", None
            self.sheet.book.cached.pop((self.sheet.name, *at), None)

    # -- formats
    number_format = _format(lambda cell: cell.number_format, _write_number_format)
    wrap_text = _format(
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
    def merge_area(self) -> "Range":
        for area in self.sheet.xl.merged_cells.ranges:
            if area.min_row <= self.row <= area.max_row and (
                area.min_col <= self.column <= area.max_col
            ):
                return self.sheet.range(area.coord)
        return self(1, 1)

    merge_cells = property(lambda self: len(self.merge_area) > 1)


def _font(attribute: str) -> property:
    fmt = _format(
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

    def __getitem__(self, item: int | slice) -> "Characters":
        return Characters(self.range, item if isinstance(item, slice) else slice(item, item + 1))


class CharactersFont(base_classes.Font):
    def __init__(self, characters: Characters) -> None:
        object.__setattr__(self, "characters", characters)

    def __setattr__(self, name: str, value: Any) -> None:
        rng, part = self.characters.range, self.characters.part
        rng.check_protection(formats=True)
        rng.sheet.change(rng.address, "format", (part.start, part.stop, name, value))


# ---------------------------------------------------------------- names
class Names(base_classes.Names):
    """The names of a book, those of its sheets included, or of one sheet."""

    api = property(lambda self: self)

    def __init__(self, book: Book, ws: Worksheet | None = None) -> None:
        self.book, self.ws = book, ws

    def _list(self) -> list["Name"]:
        scopes = [self.ws] if self.ws else [None, *self.book.xl.worksheets]
        return [
            Name(self.book, ws, name)
            for ws in scopes
            for name in (ws or self.book.xl).defined_names
        ]

    def __len__(self) -> int:
        return len(self._list())

    def __call__(self, key: int | str) -> "Name":
        for number, name in enumerate(self._list(), 1):
            if key == number or (isinstance(key, str) and name.is_called(key)):
                return name
        raise Excelfel(f"1004: there is no name {key!r}")

    def contains(self, key: str) -> bool:
        return any(name.is_called(key) for name in self._list())

    def add(self, name: str, refers_to: str) -> "Name":
        if not re.fullmatch(r"[^\W\d][\w.]*", name):
            raise Excelfel(f"1004: {name!r} cannot be a name")
        made = Name(self.book, self.ws, name)
        made.refers_to = refers_to
        return made


class Name(base_classes.Name):
    api = property(lambda self: self)

    def __init__(self, book: Book, ws: Worksheet | None, key: str) -> None:
        self.book, self.ws, self.key = book, ws, key

    _names = property(lambda self: (self.ws or self.book.xl).defined_names)

    @property
    def name(self) -> str:
        return f"{_quoted(self.ws.title)}!{self.key}" if self.ws else self.key

    def is_called(self, name: str) -> bool:
        return name.casefold() in (self.name.casefold(), self.key.casefold())

    def _change(self, value: str | None) -> None:
        sheet = Sheet(self.book, self.ws or self.book.xl.worksheets[0])
        sheet.change(self.name, "name", value)

    @property
    def refers_to(self) -> str:
        return f"={self._names[self.key].attr_text}"

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self._change(value)
        text = value.removeprefix("=")
        if self.key in self._names:
            self._names[self.key].attr_text = text
        else:
            self._names[self.key] = DefinedName(self.key, attr_text=text)

    @property
    def refers_to_range(self) -> Range:
        first = Sheet(self.book, self.ws or self.book.xl.worksheets[0])
        return first.range(self.refers_to.removeprefix("="))

    def delete(self) -> None:
        self._change(None)
        del self._names[self.key]


def _quoted(sheet: str) -> str:
    return sheet if re.fullmatch(r"[^\W\d]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"


# ---------------------------------------------------------------- tables
class Tables(base_classes.Tables):
    api = property(lambda self: self)

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def __len__(self) -> int:
        return len(self.sheet.xl.tables)

    def __iter__(self) -> Iterator["Table"]:
        return (Table(self.sheet, xl) for xl in self.sheet.xl.tables.values())

    def __contains__(self, key: str) -> bool:
        return any(table.name.casefold() == key.casefold() for table in self)

    def __call__(self, key: int | str) -> "Table":
        for number, table in enumerate(self, 1):
            if key == number or (isinstance(key, str) and table.name.casefold() == key.casefold()):
                return table
        raise KeyError(key)

    def at(self, row: int, column: int) -> "Table | None":
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
        name = self._free(constant_text(value), others)
        cell = self.sheet.xl.cell(*at)
        _put(cell, Inmatning(name, is_text=True))
        if name != column.name:
            old, column.name = column.name, name
            self.sheet.book.rename_column(self.name, old, name)

    @staticmethod
    def _free(name: str, others: set[str]) -> str:
        tries = (
            (f"{name}{n}" for n in itertools.count(2))
            if name
            else (f"Kolumn{n}" for n in itertools.count(1))
        )
        return next(
            t for t in itertools.chain([name] if name else [], tries) if t.casefold() not in others
        )

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


# ---------------------------------------------------------------- for the tests
_engine = Engine()


def open_live(path: Path) -> xw.Book:
    """Open a workbook in an Excel of its own, as the one whose button was clicked."""
    if _engine.name not in xw.engines.engines_by_name:
        xw.engines.add(xw.Engine(impl=_engine))
    xw.engines[_engine.name].activate()
    book = xw.App(visible=False, add_book=False).books.open(str(path))
    book.set_mock_caller()
    return book


def motor(book: xw.Book) -> Motor:
    """What the book's Excel has seen, and what it is told to answer."""
    return book.impl.motor


def save(book: xw.Book, path: Path) -> Path:
    """Write the workbook, without charts and buttons, as openpyxl can."""
    book.impl.xl.save(path)
    return path


def recalculate(book: xw.Book) -> dict[str, dict[str, libreoffice.Cell]]:
    """What LibreOffice reckons from the workbook as it now is."""
    with tempfile.TemporaryDirectory() as folder:
        return libreoffice.recalculate(save(book, Path(folder, "bok.xlsx")))


def snapshot(book: xw.Book) -> dict[tuple[str, str], Any]:
    """Everything in a workbook that a person would miss: cells by (sheet, reference), and more.

    The rest has a word in place of the reference: (sheet, "tabell Ekonomi"), ("", "namn Kommun").
    """
    xl = book.impl.xl
    seen: dict[tuple[str, str], Any] = {
        ("", "blad"): tuple((ws.title, ws.sheet_state) for ws in xl.worksheets)
    }
    for name, defined in xl.defined_names.items():
        seen["", f"namn {name}"] = defined.attr_text
    for ws in xl.worksheets:
        sheet = ws.title
        for cell in ws._cells.values():
            if cell.value is not None or cell.has_style or cell.comment:
                seen[sheet, cell.coordinate] = _cell_snapshot(cell)
        for table in ws.tables.values():
            columns = tuple(
                (c.name, c.calculatedColumnFormula and c.calculatedColumnFormula.attr_text)
                for c in table.tableColumns
            )
            seen[sheet, f"tabell {table.name}"] = (table.ref, bool(table.totalsRowCount), columns)
        for name, defined in ws.defined_names.items():
            seen[sheet, f"namn {name}"] = defined.attr_text
        seen[sheet, "villkorsstyrd formatering"] = sorted(
            (str(area.sqref), rule.type, tuple(rule.formula), rule.priority)
            for area in ws.conditional_formatting
            for rule in area.rules
        )
        seen[sheet, "dataverifiering"] = sorted(
            (str(v.sqref), v.type, v.formula1, v.formula2)
            for v in ws.data_validations.dataValidation
        )
        seen[sheet, "sammanslagna"] = sorted(str(area) for area in ws.merged_cells.ranges)
        seen[sheet, "rader"] = {
            row: (d.height, d.hidden)
            for row, d in ws.row_dimensions.items()
            if d.height or d.hidden
        }
        seen[sheet, "kolumner"] = {
            letters: (d.width, d.hidden) for letters, d in ws.column_dimensions.items()
        }
        seen[sheet, "skydd"] = bool(ws.protection.sheet)
    return seen


def _cell_snapshot(cell: Cell) -> tuple[Any, ...]:
    value = cell.value
    if isinstance(value, ArrayFormula):
        value = (value.ref, value.text)
    elif isinstance(value, CellRichText):
        value = tuple(repr(part) for part in value)
    comment = cell.comment and (cell.comment.author, cell.comment.text)
    style = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
    link = cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location)
    return value, cell.data_type, cell.number_format, comment, link, cell.quotePrefix, repr(style)


def changes(
    before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any]
) -> dict[tuple[str, str], tuple[Any, Any]]:
    """What differs between two snapshots, as (before, after); None for what is not there."""
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    }
