"""What an existing workbook looks like to those who read it, whatever it lies in.

A file's package (`lasning`) and a workbook that is open in Excel (`excel.levande`) both answer to
this; who reads settings, rows and columns need not know which.
"""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

from genomlysning.bok.cellvarde import Cellinnehall, format_innehall, from_serial
from genomlysning.bok.formeltext import column_letters, column_number

#: First row, first column, last row, last column, as Excel counts.
Omrade = tuple[int, int, int, int]

_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


class Cell(NamedTuple):
    """A cell as it stands; for a formula `varde` is the cached value.

    `formel` is without its equals sign, and as its writer spelt it (see `formelmening`); one that
    fills several cells is in braces. `dag` is the day that a number is shown as, where that can be
    known.
    """

    varde: Cellinnehall
    formel: str | None = None
    fel: bool = False
    dag: date | None = None

    @property
    def text(self) -> str:
        """The value as text, numbers without needless decimals."""
        return format_innehall(self.varde)

    @property
    def tal(self) -> float | None:
        """The value if it is a number."""
        return self.varde if isinstance(self.varde, float) else None


TOM = Cell(None)


class Bokblad(Protocol):
    """A worksheet."""

    @property
    def namn(self) -> str:
        """The text of its tab."""

    @property
    def skyddat(self) -> bool:
        """Whether the sheet's protection is on."""

    def cell(self, row: int, col: int) -> Cell:
        """Return what a cell holds; an empty one for a place without."""


class Boktabell(Protocol):
    """An Excel table: where it is and its columns as (id, header), left to right."""

    @property
    def namn(self) -> str:
        """Its name."""

    @property
    def omrade(self) -> Omrade:
        """Where it is, header and any total included."""

    @property
    def kolumner(self) -> list[tuple[int, str]]:
        """The columns."""

    @property
    def summarader(self) -> int:
        """1 with a row of totals, else 0."""

    @property
    def rubrikrader(self) -> int:
        """1 with a row of headers, else 0."""

    @property
    def blad(self) -> Bokblad:
        """The sheet it stands on."""

    @property
    def datarader(self) -> range:
        """The sheet rows below the header and above any total."""


class Bok(Protocol):
    """An existing workbook. Tables and workbook names are found by their names in lower case."""

    @property
    def fil(self) -> Path:
        """The file it is, for messages."""

    @property
    def mapp(self) -> Path | None:
        """The folder it lies in, None when it has none on this computer."""

    @property
    def tabeller(self) -> Mapping[str, Boktabell]:
        """The tables."""

    @property
    def namn(self) -> Mapping[str, tuple[Bokblad, Omrade]]:
        """What workbook names point at."""

    def find_blad(self, kodnamn: str, namn: str) -> Bokblad | None:
        """Return a sheet by its code name where that can be known, else by its tab."""

    def amne(self) -> str:
        """Return the mark that tells example data from real."""


def read_namn(bok: Bok, namn: str) -> Cell | None:
    """Return the first cell that a workbook name points at, None without the name."""
    place = bok.namn.get(namn.lower())
    return place[0].cell(place[1][0], place[1][1]) if place else None


def parse_year(cell: Cell) -> int | None:
    """Return the four-digit year that a cell holds, None where it holds something else."""
    text = cell.text.strip()
    return int(text) if re.fullmatch(r"\d{4}", text) else None


def cell_name(row: int, col: int) -> str:
    """Return a reference such as B7 (row and column from 1)."""
    return f"{column_letters(col)}{row}"


def refer(blad: Bokblad, omrade: Omrade) -> str:
    """Return a reference that workbook names can have: 'Blad'!$A$1 or 'Blad'!$A$1:$B$2."""
    first, left, last, right = omrade
    ends = [f"${column_letters(left)}${first}", f"${column_letters(right)}${last}"]
    sheet = blad.namn.replace("'", "''")
    return f"'{sheet}'!" + ":".join(dict.fromkeys(ends))


def parse_omrade(ref: str) -> Omrade | None:
    """Return (first row, first column, last row, last column) of A1 or A1:B2."""
    match = _REF.fullmatch(ref)
    if match is None:
        return None
    col, row = column_number(match[1]), int(match[2])
    return row, col, int(match[4] or row), column_number(match[3]) if match[3] else col


def format_dag(text: str) -> str:
    """Return a date for a message; a cell has it as a number of days."""
    try:
        return from_serial(float(text)).isoformat()
    except (ValueError, OverflowError):
        return text
