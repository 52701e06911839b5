"""The worksheet functions as Excel calls them, through xlwings (Windows).

Excel calls the VBA function of the same name (bok/funktionsmodul.py), which calls these in a
process that stays. Ranges and single cells come as grids. `cell` is the calling range; xlwings
would give it to an argument named `caller`, but fails where pywin32 has not generated its classes
for Excel, and in calls from VBA.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import xlwings as xw

from genomlysning.funktionsbeskrivning import FUNKTIONER, KATEGORI, SAKNAS
from genomlysning.funktionsblad import Blad, read_blad
from genomlysning.funktionsvarden import Funktionsvarden, Rutnat

Svar = list[list[object]]

#: So much of a large sheet is looked at: rows on each side of the calling cell, and columns.
RADER, KOLUMNER = 1000, 60

_log = logging.getLogger(__name__)
_BESKRIVNINGAR = {f.namn: f for f in FUNKTIONER}
_varden = Funktionsvarden()


def _excel(function: Callable[..., Svar]) -> Callable[..., Svar]:
    """Register a function with xlwings, as funktionsbeskrivning.py describes it."""
    described = _BESKRIVNINGAR[function.__name__]
    function.__doc__ = described.text
    function.__annotations__ = {}  # xlwings would take the types for converters
    registered = xw.arg("cell", xw.Range)(function)
    for argument in described.argument:
        # An error in a cell must not be taken for an empty cell.
        registered = xw.arg(argument.namn, ndim=2, err_to_str=True, doc=argument.text)(registered)
    return xw.func(category=KATEGORI, call_in_wizard=False)(registered)


@_excel
def KOLADA_VARDE(nyckeltal: Rutnat, kommun: Rutnat, ar: Rutnat, cell: Any = None) -> Svar:
    return _answer("KOLADA_VARDE", cell, nyckeltal, kommun, ar)


@_excel
def KOLADA_LIKNANDE(nyckeltal: Rutnat, kommun: Rutnat, ar: Rutnat, cell: Any = None) -> Svar:
    return _answer("KOLADA_LIKNANDE", cell, nyckeltal, kommun, ar)


@_excel
def KOLADA_SNITT(nyckeltal: Rutnat, ar: Rutnat, cell: Any = None) -> Svar:
    return _answer("KOLADA_SNITT", cell, nyckeltal, ar)


@_excel
def KOLADA_PLACERING(
    nyckeltal: Rutnat,
    kommun: Rutnat,
    ar: Rutnat,
    riktning: Rutnat | None = None,
    cell: Any = None,
) -> Svar:
    return _answer("KOLADA_PLACERING", cell, nyckeltal, kommun, ar, riktning or [[None]])


@_excel
def KOLADA_TITEL(nyckeltal: Rutnat, cell: Any = None) -> Svar:
    return _answer("KOLADA_TITEL", cell, nyckeltal)


@_excel
def KOLADA_REFERENSKOSTNAD(
    verksamhet: Rutnat, kommun: Rutnat, ar: Rutnat, cell: Any = None
) -> Svar:
    return _answer("KOLADA_REFERENSKOSTNAD", cell, verksamhet, kommun, ar)


@_excel
def KOLADA_AVVIKELSE(verksamhet: Rutnat, kommun: Rutnat, ar: Rutnat, cell: Any = None) -> Svar:
    return _answer("KOLADA_AVVIKELSE", cell, verksamhet, kommun, ar)


def _answer(namn: str, cell: Any, *argument: Rutnat) -> Svar:
    try:
        return _varden.compute(namn, argument, lambda: _read_blad(cell))
    except Exception:
        # A text in a cell would be taken for an answer: a sum ignores it in silence.
        _log.exception("%s failed", namn)
        return [[SAKNAS]]


def _read_blad(cell: Any) -> Blad | None:
    """Return what stands on the sheet around the calling cell; None if it can't be read."""
    if cell is None:
        return None
    try:
        return read_blad(_read_formler(cell.sheet, cell.row))
    except Exception:
        # Excel refuses when it is busy, and then one cell is fetched at a time.
        _log.info("the calling sheet could not be read", exc_info=True)
        return None


def _read_formler(sheet: Any, row: int) -> list[Sequence[object]]:
    used = sheet.used_range
    height, width = used.shape
    top, bottom = max(used.row, row - RADER), min(used.row + height - 1, row + RADER)
    left, right = used.column, min(used.column + width, used.column + KOLUMNER) - 1
    formulas = sheet.range((top, left), (bottom, right)).formula
    return [[formulas]] if isinstance(formulas, str) else list(formulas)
