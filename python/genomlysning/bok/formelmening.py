"""What a formula means, however it is spelt: one normal form, for all who compare formulas.

Programs that save a workbook write the same formula in their own ways: `Tabell[Kolumn]`,
`Tabell[[Kolumn]]` and `tabell[ [kolumn] ]`; `[@Kolumn]` and `Tabell[[#This Row],[Kolumn]]`; names
and functions in capitals or not, newer functions with `_xlfn.`; TRUE and TRUE(); 0.5 and .5; blanks
here and there. In the normal form all these are alike, while texts in quotes stay as they are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from genomlysning.bok.formeltext import column_letters, column_number, end_of_brackets
from genomlysning.bok.formler import escape_rubrik

#: The last row and column of a sheet, over which a copied reference goes round.
_SISTA_RAD, _SISTA_KOLUMN = 1_048_576, 16_384
#: So many formulas are kept in their normal form: those of a workbook are much the same.
_MEST_KANDA = 4096

_BIT = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*"?)
    |(?P<blad>'(?:[^']|'')*'!|[^\W\d][\w.]*(?::[^\W\d][\w.]*)?!)
    |(?P<fel>\#(?i:n/a|div/0!|[a-z][a-z_]*[!?]?))
    |(?P<rader>\$?\d{1,7}:\$?\d{1,7}(?![\w.]))
    |(?P<kolumner>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w.(\[!$]))
    |(?P<cell>\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w.(\[!\\?]))
    |(?P<tal>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<namn>[^\W\d][\w.\\?]*|\\[\w.\\?]*)
    |(?P<blank>\s+)
    |(?P<hakar>\[)
    |(?P<tecken><=|>=|<>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: A cell, or the end of an area of whole columns or rows.
_DEL = re.compile(r"(?:(\$?)([A-Za-z]{1,3}))?(?:(\$?)(\d{1,7}))?")
_FORLED = re.compile(r"(?:_xl(?:fn|ws|pm|udf)\.)+", re.IGNORECASE)
_SANNING = ("TRUE", "FALSE")
#: The function that `@` is saved as where formulas may spill; in ours there is but one answer.
_ETT_SVAR = "SINGLE"
#: What can end an operand, so that a blank after it may be the operator that intersects.
_SLUT = (")", "}", "%", "#")
_EGEN_TABELL = "\0"
_CELLER = ("cell", "kolumner", "rader")


class _Cell(NamedTuple):
    """A reference to a cell; row or column 0 for whole columns and rows. `blad` in lower case."""

    blad: str
    rad: int
    kolumn: int
    fast_rad: bool
    fast_kolumn: bool


class _Tolkad(NamedTuple):
    """A formula in its normal form, but for where the cells are that it refers to."""

    bitar: tuple[str | _Cell, ...]
    tabeller: frozenset[str]


class Sammanhang(NamedTuple):
    """Where a formula stands: the sheet's name, row and column from 1, and its table if any."""

    blad: str
    rad: int
    kolumn: int
    tabell: str = ""


def describe_mening(formel: str, plats: Sammanhang) -> str:
    """Return what a formula means where it stands; equal for those that give the same value.

    Cells of its own sheet are told from its own place, so that rows may have been inserted above
    them both; those of others by where they are. That the former hold the same is another
    question (`list_egna`).
    """

    def tell(cell: _Cell) -> str:
        if cell.blad and cell.blad != plats.blad.lower():
            return f"{cell.blad}!{_tell(cell, None)}"
        return _tell(cell, plats)

    return _join(formel, plats, tell)


def describe_monster(formel: str, plats: Sammanhang) -> str:
    """Return a formula as it is copied: two are equal where each could be a copy of the other."""

    def tell(cell: _Cell) -> str:
        sheet = "" if cell.blad in ("", plats.blad.lower()) else f"{cell.blad}!"
        return sheet + _tell(cell, plats, med_fasta=True)

    return _join(formel, plats, tell)


def rename_tabeller(formel: str, namn: Mapping[str, str]) -> str:
    """Return a formula with other names for tables, which are given in lower case."""
    if not namn:
        return formel
    return "".join(
        namn.get(text.lower(), text) if kind == "namn" else text
        for kind, text in _read_bitar(formel)
    )


def list_tabeller(formel: str) -> frozenset[str]:
    """Return the tables that a formula names with brackets, in lower case."""
    return _tolka(formel).tabeller


def list_egna(formel: str, plats: Sammanhang) -> Iterator[tuple[int, int, int, int]]:
    """Yield the cells of its own sheet that a formula refers to, as areas.

    They are first row, first column, last row, last column; 0 for all rows or columns.
    """
    parts = _tolka(formel).bitar
    i = 0
    while i < len(parts):
        first = parts[i]
        i += 1
        if isinstance(first, str):
            continue
        last = first
        if i + 1 < len(parts) and parts[i] == ":" and isinstance(end := parts[i + 1], _Cell):
            last, i = end, i + 2
        if first.blad in ("", plats.blad.lower()):
            yield first.rad, first.kolumn, last.rad, last.kolumn


def move_formula(formel: str, rows: int, columns: int) -> str:
    """Return a formula as it reads when copied so many rows down and columns to the right."""

    def move(part: str) -> str:
        fixed_column, letters, fixed_row, number = _split(part)
        if letters and not fixed_column:
            place = (column_number(letters) + columns - 1) % _SISTA_KOLUMN
            letters = column_letters(place + 1)
        if number and not fixed_row:
            number = str((int(number) + rows - 1) % _SISTA_RAD + 1)
        return f"{fixed_column}{letters}{fixed_row}{number}"

    if not rows and not columns:
        return formel
    return "".join(
        ":".join(map(move, text.split(":"))) if kind in _CELLER else text
        for kind, text in _read_bitar(formel)
    )


# ---- the pieces of a formula -----------------------------------------------------------------


def _read_bitar(formel: str) -> Iterator[tuple[str, str]]:
    """Yield the formula in pieces, each with its kind: the names in `_BIT`.

    One of `hakar` is a whole structured reference, without the table's name.
    """
    i = 0
    while i < len(formel):
        match = _BIT.match(formel, i)
        assert match is not None  # any character is a piece
        kind, start = match.lastgroup or "", i
        i = end_of_brackets(formel, i) if kind == "hakar" else match.end()
        yield kind, formel[start:i]


def _split(part: str) -> tuple[str, str, str, str]:
    """Return the sign and letters of a column, and the sign and number of a row, in a reference."""
    match = _DEL.fullmatch(part)
    return (match[1] or "", match[2] or "", match[3] or "", match[4] or "") if match else ("",) * 4


# ---- the normal form -------------------------------------------------------------------------


class _Tolk:
    """Writes a formula in its normal form, piece by piece."""

    def __init__(self, formel: str) -> None:
        self._pieces = list(_read_bitar(formel))
        self.ut: list[str | _Cell] = []
        self.tabeller: set[str] = set()
        self._blad = ""
        #: Where in `ut` each open parenthesis stands, and whether it is of `_ETT_SVAR`; and those
        #: that hold more than one operand.
        self._oppna: list[tuple[int, bool]] = []
        self._sammansatta: set[int] = set()

    def read(self) -> _Tolkad:
        i = 0
        while i < len(self._pieces):
            i += self._read_bit(i)
        merged: list[str | _Cell] = []
        for bit in self.ut:
            if isinstance(bit, str) and merged and isinstance(merged[-1], str) and bit != ":":
                merged[-1] += bit
            else:
                merged.append(bit)
        return _Tolkad(tuple(merged), frozenset(self.tabeller))

    def _read_bit(self, i: int) -> int:
        """Write the piece with this number; return how many it took."""
        kind, text = self._pieces[i]
        taken = 1
        if kind == "blank":
            if self._ends_operand(i - 1) and self._starts_operand(i + 1):
                self._write_tecken(" ")
        elif kind in _CELLER:
            self._write_celler(text)
        elif kind == "blad":
            name = text[:-1]
            name = name[1:-1].replace("''", "'") if name.startswith("'") else name
            self._blad = name.lower()
        elif kind == "namn":
            taken = self._write_namn(i, text)
        elif kind == "hakar":
            if text == "[0]" and self._text(i + 1) == "!":  # this very workbook
                taken = 2
            elif text[1:-1].isdigit():  # another one
                self.ut.append(text)
            else:
                self.ut.append(_format_tabelldel(_EGEN_TABELL, text))
        elif kind == "tal":
            self.ut.append(f"{float(text):.15g}")
        elif text == "(":
            self._oppna.append((len(self.ut), False))
            self.ut.append(text)
        elif text == ")":
            self._close()
        elif kind == "tecken":
            self._write_tecken(text)
        else:
            self.ut.append(text.upper() if kind == "fel" else text)
        return taken

    def _write_tecken(self, text: str) -> None:
        if text == "@":
            return
        if self._oppna and text not in (":", "%", "#"):
            self._sammansatta.add(self._oppna[-1][0])
        self.ut.append(text)

    def _write_celler(self, text: str) -> None:
        if not self._blad and self.ut[-1:] == [":"] and isinstance(first := self.ut[-2], _Cell):
            self._blad = first.blad  # Blad!A1:B2 is all of that sheet
        for n, part in enumerate(text.split(":")):
            fixed_column, letters, fixed_row, number = _split(part)
            if n:
                self.ut.append(":")
            self.ut.append(
                _Cell(
                    self._blad,
                    int(number or 0),
                    column_number(letters),
                    bool(fixed_row),
                    bool(fixed_column),
                )
            )
        self._blad = ""

    def _write_namn(self, i: int, text: str) -> int:
        following = self._text(i + 1)
        if self._blad:
            self.ut.append(f"{self._blad}!")
            self._blad = ""
        if following.startswith("["):
            table = text.lower()
            self.tabeller.add(table)
            self.ut.append(_format_tabelldel(table, following))
            return 2
        name = _FORLED.sub("", text)
        if name.upper() in _SANNING:
            self.ut.append(name.upper())
            return 3 if following == "(" and self._text(i + 2) == ")" else 1
        if following != "(":
            self.ut.append(name.lower())
            return 1
        one = name.upper() == _ETT_SVAR and name != text
        self._oppna.append((len(self.ut), one))
        self.ut.append("(" if one else f"{name.upper()}(")
        return 2

    def _close(self) -> None:
        start, one = self._oppna.pop() if self._oppna else (0, False)
        if one and start not in self._sammansatta:
            del self.ut[start]  # one operand needs no parentheses
        else:
            self.ut.append(")")
        self._sammansatta.discard(start)

    def _text(self, i: int) -> str:
        return self._pieces[i][1] if 0 <= i < len(self._pieces) else ""

    def _ends_operand(self, i: int) -> bool:
        if i < 0:
            return False
        kind, text = self._pieces[i]
        return kind not in ("tecken", "blad") or text in _SLUT

    def _starts_operand(self, i: int) -> bool:
        text = self._text(i)
        return bool(text) and (self._pieces[i][0] != "tecken" or text in "({")


def _format_tabelldel(tabell: str, hakar: str) -> str:
    """Return a structured reference, brackets included, in its normal form."""
    inner = hakar[1:-1].strip()
    items: set[str] = set()
    columns: list[str] = []
    if inner.startswith("@"):
        items.add("#this row")
        inner = inner[1:].strip()
    if "[" not in re.sub("'.", "", inner):
        pieces = [inner] if inner else []
    else:
        pieces = []
        i = 0
        while i < len(inner):
            if inner[i] == "[":
                end = end_of_brackets(inner, i)
                pieces.append(inner[i + 1 : end - 1])
                i = end
            else:  # commas, blanks, and the colon between two columns
                i += 1
    for piece in pieces:
        if piece.startswith("#"):
            items.add(" ".join(piece.lower().split()))
        else:
            columns.append(re.sub("'(.)", r"\1", piece).lower())
    items.discard("#data")  # what is meant where nothing is said
    if not items and not columns:
        return tabell
    return f"{tabell}[{','.join(sorted(items))}|{']:['.join(map(escape_rubrik, columns))}]"


@lru_cache(maxsize=_MEST_KANDA)
def _tolka(formel: str) -> _Tolkad:
    return _Tolk(formel).read()


def _join(formel: str, plats: Sammanhang, tell: Callable[[_Cell], str]) -> str:
    parts = (p if isinstance(p, str) else tell(p) for p in _tolka(formel).bitar)
    return "".join(parts).replace(_EGEN_TABELL, plats.tabell.lower())


def _tell(cell: _Cell, plats: Sammanhang | None, *, med_fasta: bool = False) -> str:
    """Return a cell told from a place; where it stands, with none, or if its sign says so."""

    def one(letter: str, number: int, here: int | None) -> str:
        if not number:  # whole columns have no row
            return ""
        return f"{letter}{number}" if here is None else f"{letter}[{number - here}]"

    row = None if plats is None or (med_fasta and cell.fast_rad) else plats.rad
    column = None if plats is None or (med_fasta and cell.fast_kolumn) else plats.kolumn
    return one("R", cell.rad, row) + one("C", cell.kolumn, column)
