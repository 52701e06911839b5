"""Reads a workbook for the tests: tables by name, workbook names, cells."""

from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook


def open_bok(fil: Path) -> Workbook:
    """Open with cached values."""
    return load_workbook(fil, data_only=True)


def read_tabell(bok: Workbook, namn: str) -> list[dict[str, Any]]:
    """Return a table's rows by header."""
    for sheet in bok.worksheets:
        if namn in sheet.tables:
            header, *rows = sheet[sheet.tables[namn].ref]
            names = [c.value for c in header]
            return [dict(zip(names, (c.value for c in r), strict=True)) for r in rows]
    raise KeyError(namn)


def read_namn(bok: Workbook, namn: str) -> Any:
    """Return the cell that a workbook name points at."""
    sheet, cell = next(iter(bok.defined_names[namn].destinations))
    return bok[sheet][cell].value


def find_text(bok: Workbook, sheet: str, text: str) -> bool:
    """Tell whether a cell of the sheet has this text in it."""
    return any(
        text in c.value for row in bok[sheet].iter_rows() for c in row if isinstance(c.value, str)
    )
