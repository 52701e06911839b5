"""Calls worksheet functions as Excel does on Windows, through xlwings' own code, without COM.

xlwings is imported anew as on Windows, with pywin32 replaced by the little that it needs, so
that `CallUDF` itself runs: its converters, its handling of ranges, missing arguments and shapes.
"""

import asyncio  # noqa: F401  or it would be imported as on Windows
import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar
from unittest import mock

import genomlysning.funktionsvarden  # noqa: F401  once for all tests

#: A missing optional argument, and an error in a cell, as COM gives them.
SAKNAS = -2147352572
FEL_NA = -2146826246
#: What Application.Caller is when VBA calls.
INGEN_CELL = -2146826265

_RANGE_IID = "{00020846-0000-0000-C000-000000000046}"
_WIN32COM = ["client", "server", "server.dispatcher", "server.policy", "server.util"]
_WIN32 = ["api", "con", "event", "gui", "process", "timezone", "com"]
_MODULES = [
    "pythoncom",
    "pywintypes",
    *(f"win32{name}" for name in _WIN32),
    *(f"win32com.{name}" for name in _WIN32COM),
]


class _Stub(ModuleType):
    """A module in which every name is a class of its own."""

    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Exception,), {})
        setattr(self, name, made)
        return made


@contextmanager
def xlwings_on_windows() -> Iterator[Any]:
    """Yield xlwings' `CallUDF`; all modules are as before afterwards."""

    def is_ours(name: str) -> bool:
        return name.split(".")[0] in ("xlwings", *_MODULES) or name.startswith("genomlysning.excel")

    before = {name: module for name, module in sys.modules.items() if is_ours(name)}
    for name in before:
        del sys.modules[name]
    stubs = {name: _Stub(name) for name in _MODULES}
    for name, stub in stubs.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(stubs[parent], last, stub)
    stubs["pywintypes"].IID = str  # type: ignore[attr-defined]
    stubs["pythoncom"].TypeIIDs = {None: object()}  # type: ignore[attr-defined]
    stubs["pythoncom"].IID_IDispatch = None  # type: ignore[attr-defined]
    stubs["pythoncom"].__file__ = ""
    stubs["pythoncom"].CoInitialize = lambda: None  # type: ignore[attr-defined]
    stubs["win32process"].GetWindowThreadProcessId = lambda _: (1, 1)  # type: ignore[attr-defined]
    stubs["win32com.client"].Dispatch = lambda obj, **_: obj  # type: ignore[attr-defined]
    sys.modules.update(stubs)
    try:
        with (
            mock.patch.object(sys, "platform", "win32"),
            mock.patch.multiple(
                ctypes, create=True, **dict.fromkeys(("PyDLL", "oledll", "windll"), mock.DEFAULT)
            ),
            mock.patch("atexit.register"),
        ):
            server = import_module("xlwings.com_server").XLPython()
            import_module("genomlysning.excel.funktioner")
        yield server.CallUDF
    finally:
        for name in [n for n in sys.modules if is_ours(n)]:
            del sys.modules[name]
        sys.modules.update(before)


class _TypeInfo:
    iid = _RANGE_IID

    def GetTypeInfo(self) -> "_TypeInfo":
        return self

    GetTypeAttr = GetTypeInfo


class Blad:
    """A worksheet as COM shows it; `celler` are its formulas from A1 on, row by row."""

    def __init__(self, celler: Sequence[Sequence[object]], namn: str = "Blad1") -> None:
        self.celler = [list(rad) for rad in celler]
        self.Name = namn
        self.Parent = Bok()
        self.lasningar = 0

    @property
    def UsedRange(self) -> "Omrade":
        return Omrade(self, 1, 1, len(self.celler), len(self.celler[0]))

    def Cells(self, row: int, column: int) -> "Omrade":
        return Omrade(self, row, column)

    def Range(self, first: "Omrade", last: "Omrade") -> "Omrade":
        height, width = last.Row - first.Row + 1, last.Column - first.Column + 1
        return Omrade(self, first.Row, first.Column, height, width)


class Program:
    """Excel as COM shows it."""

    Hwnd = 1


class Bok:
    """A workbook as COM shows it."""

    Name = "Egen.xlsm"
    Application = Program()
    Worksheets: ClassVar[list[Blad]] = []


class _Antal:
    def __init__(self, Count: int) -> None:
        self.Count = Count


class Omrade:
    """A range as COM shows it."""

    _oleobj_ = _TypeInfo()

    def __init__(self, blad: Blad, row: int, column: int, height: int = 1, width: int = 1) -> None:
        self.Worksheet = blad
        self.Row, self.Column = row, column
        self.Rows, self.Columns = _Antal(height), _Antal(width)

    @property
    def Formula(self) -> object:
        self.Worksheet.lasningar += 1
        return self._read(lambda value: f"{value:g}" if isinstance(value, float) else value)

    @property
    def Value(self) -> object:
        return self._read(lambda value: value)

    def _read(self, show: Any) -> object:
        rows = self.Worksheet.celler[self.Row - 1 :][: self.Rows.Count]
        cells = [rad[self.Column - 1 :][: self.Columns.Count] for rad in rows]
        shown = tuple(tuple(None if c is None else show(c) for c in rad) for rad in cells)
        return shown[0][0] if self.Rows.Count == self.Columns.Count == 1 else shown
