"""Defined names of a workbook and its sheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet
from xlwings import base_classes

from .omrade import Range
from .varden import Excelfel

if TYPE_CHECKING:
    from .bok import Book, Sheet


class Names(base_classes.Names):
    """The names of a book, those of its sheets included, or of one sheet."""

    api = property(lambda self: self)

    def __init__(self, book: Book, ws: Worksheet | None = None) -> None:
        self.book, self.ws = book, ws

    def _list(self) -> list[Name]:
        scopes = [self.ws] if self.ws else [None, *self.book.xl.worksheets]
        return [
            Name(self.book, ws, name)
            for ws in scopes
            for name in (ws or self.book.xl).defined_names
        ]

    def __len__(self) -> int:
        return len(self._list())

    def __call__(self, key: int | str) -> Name:
        for number, name in enumerate(self._list(), 1):
            if key == number or (isinstance(key, str) and name.is_called(key)):
                return name
        raise Excelfel(f"1004: there is no name {key!r}")

    def contains(self, key: str) -> bool:
        return any(name.is_called(key) for name in self._list())

    def add(self, name: str, refers_to: str) -> Name:
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
    def _sheet(self) -> Sheet:
        return self.book.sheets(self.ws.title if self.ws else 1)

    @property
    def name(self) -> str:
        return f"{_quoted(self.ws.title)}!{self.key}" if self.ws else self.key

    def is_called(self, name: str) -> bool:
        return name.casefold() in (self.name.casefold(), self.key.casefold())

    def _change(self, value: str | None) -> None:
        self._sheet.change(self.name, "name", value)

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
        return self._sheet.range(self.refers_to.removeprefix("="))

    def delete(self) -> None:
        self._change(None)
        del self._names[self.key]


def _quoted(sheet: str) -> str:
    return sheet if re.fullmatch(r"[^\W\d]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"
