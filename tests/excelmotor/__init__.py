"""An xlwings engine of the tests' own: code for live Excel runs on openpyxl, in memory.

    book = open_live(path)              # xlwings.Book.caller() now gives this book
    motor(book).answers.append("yes")   # the next app.alert() is answered so
    handler()
    assert motor(book).log == [...]

It takes what is written as Excel does: a text that looks like a number becomes one, a header
renames its column, a protected sheet refuses. Nothing is recalculated: a formula shows the value
saved in the file until its own cell is written; `recalculate` asks LibreOffice.
"""

import tempfile
from pathlib import Path

import xlwings as xw

import libreoffice

from .app import ENGINE
from .bild import changes, snapshot
from .protokoll import Motor, Skrivning
from .varden import Excelfel

__all__ = [
    "Excelfel",
    "Motor",
    "Skrivning",
    "changes",
    "motor",
    "open_live",
    "recalculate",
    "save",
    "snapshot",
]


def open_live(path: Path) -> xw.Book:
    """Open a workbook in an Excel of its own, as the one whose button was clicked."""
    if ENGINE.name not in xw.engines.engines_by_name:
        xw.engines.add(xw.Engine(impl=ENGINE))
    xw.engines[ENGINE.name].activate()
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
