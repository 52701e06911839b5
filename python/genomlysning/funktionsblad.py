"""Reads what the functions on a sheet are likely to ask for, from the sheet's formulas.

Excel calls a function once for each cell. To fetch for a whole column at once, the first call
looks at what else stands on the sheet.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Years with any values in Kolada; other numbers are not taken for years.
YEARS = range(1998, 2101)

_FUNKTION = re.compile(r"\bKOLADA_[A-Z]+(?=\()")
_CITERAT = re.compile(r'"((?:[^"]|"")*)"')
_ID = re.compile(r"\b[A-Z]\d{5}\b")
_TAL = re.compile(r"(?<![\w$.:])\d{1,4}(?![\w$.:(])")


@dataclass(frozen=True, slots=True)
class Blad:
    """What occurs on a sheet, each once and in the sheet's order.

    `texter` are all short texts and small numbers, among which are the names and codes of
    municipalities and the names of verksamheter.
    """

    funktioner: tuple[str, ...]
    nyckeltal: tuple[str, ...]
    years: tuple[int, ...]
    texter: tuple[str, ...]


def read_blad(formler: Iterable[Sequence[object]]) -> Blad:
    """Return what occurs in rows of formulas, as Excel's Formula has them (English, A1)."""
    functions: dict[str, None] = {}
    texts: dict[str, None] = {}
    for cell in (_show(c) for row in formler for c in row if c not in (None, "")):
        if cell.startswith("="):
            quoted = _CITERAT.findall(cell)
            bare = _CITERAT.sub(" ", cell)
            functions |= dict.fromkeys(_FUNKTION.findall(bare.upper()))
            texts |= dict.fromkeys(t.replace('""', '"') for t in quoted)
            # A reference such as N15001 is a cell here, not a figure.
            texts |= dict.fromkeys(_TAL.findall(bare))
        elif len(cell) <= 200:
            texts[cell] = None
    years = [int(t) for t in texts if t.isdecimal() and int(t) in YEARS]
    return Blad(
        funktioner=tuple(functions),
        nyckeltal=tuple(dict.fromkeys(i for t in texts for i in _ID.findall(t.upper()))),
        years=tuple(dict.fromkeys(years)),
        # A bare year is more often a year than the code of Vansbro (2021).
        texter=tuple(t for t in texts if not (t.isdecimal() and int(t) in YEARS)),
    )


def _show(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
