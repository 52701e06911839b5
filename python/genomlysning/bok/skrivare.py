"""What a writer to an existing workbook can do, whether a file is patched or Excel is open."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.modell import Bokblad, Boktabell

#: A run of text and whether it is a heading.
Textdel = tuple[str, bool]


class Skrivare(Protocol):
    """Writes to a workbook, or takes note of what is to be written. Rows and columns are from 1."""

    def set_value(self, blad: Bokblad, row: int, col: int, value: Cellvarde) -> object:
        """Put a plain value in a cell; text stays text."""

    def set_formula(self, blad: Bokblad, row: int, col: int, formel: str) -> object:
        """Put a formula of ours (without its equals sign) in a cell of a new row."""

    def set_rik_text(self, blad: Bokblad, row: int, col: int, delar: Sequence[Textdel]) -> object:
        """Put a text of several runs in a cell, headings bold."""

    def rename_headers(self, byten: Iterable[tuple[Boktabell, dict[str, str]]]) -> object:
        """Give columns new headers, and all formulas of the workbook with them."""

    def add_row(self, tabell: Boktabell) -> object:
        """Let a table reach one row further down, with the looks of its last."""

    def show_rows(self, blad: Bokblad, first: int, last: int) -> object:
        """Show rows that may be hidden."""

    def set_namn(self, namn: str, ref: str) -> object:
        """Let a workbook name point at another area."""
