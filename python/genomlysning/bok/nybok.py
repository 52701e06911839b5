"""XlsxWriter's workbook, with its slowest part made faster."""

import re
from functools import cache
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

_FUNKTION = re.compile(r"[\w.]+\(")


class _Kalkylblad(Worksheet):  # type: ignore[misc]
    """A worksheet that looks only once whether the name of a function is one of the newer ones.

    XlsxWriter looks for each of them, 130 in all, in each formula, which takes a third of the
    time of a whole workbook. What is written is the same.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        if all(_is_plain(name, expand_future_functions) for name in _FUNKTION.findall(formula)):
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")
        done: str = super()._prepare_formula(formula, expand_future_functions)
        return done


class Nybok(xlsxwriter.Workbook):  # type: ignore[misc]
    """A new workbook."""

    worksheet_class = _Kalkylblad


@cache
def _is_plain(namn: str, expand_future_functions: bool) -> bool:
    """Tell whether XlsxWriter leaves a function's name, with its parenthesis, as it is."""
    sheet: Any = Worksheet()
    return bool(sheet._prepare_formula(namn, expand_future_functions) == namn)
