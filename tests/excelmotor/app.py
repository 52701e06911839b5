"""The engine that xlwings calls, and its applications."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from xlwings import base_classes

from .bok import Book
from .omrade import Range
from .protokoll import Motor
from .varden import Excelfel, Felvarde


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
    """Every Excel with a workbook that some test still holds, the latest first."""

    def __init__(self) -> None:
        self._apps: WeakValueDictionary[int, App] = WeakValueDictionary()

    def keys(self) -> list[int]:
        return sorted(self._apps, reverse=True)

    def add(self, **_: Any) -> App:
        app = App(self)
        self._apps[app.pid] = app
        return app

    def remove(self, app: App) -> None:
        del self._apps[app.pid]

    def cleanup(self) -> None:
        pass

    def __iter__(self) -> Iterator[App]:
        return (self._apps[pid] for pid in self.keys())

    def __len__(self) -> int:
        return len(self._apps)

    def __getitem__(self, pid: int) -> App:
        return self._apps[pid]


def _setting(name: str, allowed: tuple[Any, ...] | None = None) -> property:
    """A setting of the app, kept in the history in order."""

    def write(app: App, value: Any) -> None:
        if allowed and value not in allowed:
            raise Excelfel(f"{name} = {value!r}")
        app.settings[name] = value
        app.motor.history.append((name, value))

    return property(lambda app: app.settings[name], write)


class App(base_classes.App):
    _pids = itertools.count(1)
    pid, books, visible, version, hwnd = 0, None, False, "16.0", 0
    engine = property(lambda self: ENGINE)
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
    def selection(self) -> Range:
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
        if allowed == ["ok"]:
            return "ok"
        answer = self.motor.answers.popleft() if self.motor.answers else None
        if answer not in allowed:
            raise AssertionError(f"answers has {answer!r}, not one of {allowed}, for: {prompt}")
        return answer


class Books:
    def __init__(self, app: App) -> None:
        self.app = app
        self._books: list[Book] = []

    api = property(lambda self: self)
    active = property(lambda self: self._books[0])

    def open(self, fullname: str, *_: Any) -> Book:
        self._books.insert(0, Book(self, Path(fullname)))
        return self._books[0]

    def remove(self, book: Book) -> None:
        self._books.remove(book)

    def __iter__(self) -> Iterator[Book]:
        return iter(list(self._books))

    def __len__(self) -> int:
        return len(self._books)

    def __call__(self, key: int | str) -> Book:
        for number, book in enumerate(self._books, 1):
            if key in (number, book.name):
                return book
        raise KeyError(key)


ENGINE = Engine()
