"""Values and formulas as Excel takes them from a program and hands them out."""

import datetime as dt
import math
import re
from typing import Any, NamedTuple

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import from_excel, to_excel

MAX_TEXT, MAX_FORMULA = 32_767, 8_192
DATE_FORMAT = "yyyy-mm-dd"


class Excelfel(Exception):
    """What Excel answers when it will not: on Windows a COM error, mostly number 1004."""


class Felvarde(str):
    """An error in a cell, such as #N/A, told apart from a text that reads the same."""


_NUMBER = re.compile(
    r"[+-]?(?:\d{1,3}(?:[ \xa0]\d{3})+|\d{1,3}(?:,\d{3})+|\d*)(?:[.,]\d*)?(?:[eE][+-]?\d+)?"
    r"\s?(?P<unit>%|kr)?"
)
#: The serial number of 9999-12-31; what is beyond, and below zero, is no date.
LAST_DAY = 2_958_465
_DATE = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")
_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})")


def converted(text: str) -> Any:
    """What Excel makes of a text typed in: number, share, date, truth value or the text.

    English and Swedish ways of writing both count, as one computer converts what another leaves.
    """
    t = text.strip()
    if (match := _NUMBER.fullmatch(t)) and re.search(r"\d", t):
        number = re.sub(r"[\s\xa0%kr]", "", t)
        if "." in number or number.count(",") > 1:
            number = number.replace(",", "")
        value = float(number.replace(",", "."))
        if not math.isfinite(value):  # more digits than a number may have
            return text
        return value / 100 if match["unit"] == "%" else value
    if t.upper() in ("TRUE", "FALSE", "SANT", "FALSKT"):
        return t.upper() in ("TRUE", "SANT")
    try:
        if match := _DATE.fullmatch(t):
            return dt.datetime(int(match[1]), int(match[2]), int(match[3] or 1))
        if match := _DAY.fullmatch(t):
            return dt.datetime(dt.date.today().year, int(match[2]), int(match[1]))
    except ValueError:
        pass
    return text


class Inmatning(NamedTuple):
    """What becomes of a value put into a cell."""

    value: Any
    is_text: bool = False
    is_formula: bool = False
    prefix: bool = False
    number_format: str | None = None


def entry(value: Any, number_format: str) -> Inmatning:
    """Take a value as Excel does in a cell of this number format; a formula keeps its `=`."""
    if value is None or value == "":
        return Inmatning(None)
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise Excelfel(f"text of {len(value)} characters")
        value = str(value)
        if value[0] == "'":
            return Inmatning(value[1:], is_text=True, prefix=True)
        if number_format == "@":
            return Inmatning(value, is_text=True)
        read = converted(value)
        if isinstance(read, str):
            if len(value) == 1 or value[0] not in "=+-@":
                return Inmatning(value)
            return Inmatning(value if value[0] == "=" else f"={value}", is_formula=True)
        if number_format == "General" and value.rstrip().endswith("%"):
            return Inmatning(read, number_format="0%")
        return entry(read, number_format)
    if number_format == "@":
        return Inmatning(constant_text(value), is_text=True)
    if isinstance(value, bool):
        return Inmatning(value)
    if isinstance(value, dt.datetime) and number_format == "General":
        return Inmatning(value, number_format=DATE_FORMAT)
    return Inmatning(typed(value, number_format))


def typed(value: Any, number_format: str) -> Any:
    """A number or date as its cell's format says: Excel keeps numbers only."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and is_date_format(number_format) and 0 <= value <= LAST_DAY:
        return from_excel(value)
    if isinstance(value, dt.datetime) and not is_date_format(number_format):
        return float(to_excel(value))
    return value


def read_value(value: Any, data_type: str) -> Any:
    """A stored constant as Excel hands it out."""
    if data_type == "n":
        return None if value is None else float(value)
    if data_type == "e":
        return Felvarde(value)
    if isinstance(value, dt.time):
        return dt.datetime.combine(dt.date(1899, 12, 30), value)
    if isinstance(value, dt.timedelta):
        return float(to_excel(value))
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return value if isinstance(value, bool | dt.datetime) else str(value)


def constant_text(value: Any) -> str:
    """A constant as `.formula` and a cell for text show it: dates are serial numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        value = to_excel(value)
    return f"{value:.15g}".upper() if isinstance(value, int | float) else str(value)


def check_formula(formula: str) -> None:
    """Refuse what Excel refuses: it takes English formulas with commas, whole ones only."""
    try:
        tokens = [t for t in Tokenizer(formula).items if t.type != Token.WSPACE]
    except (TokenizerError, IndexError) as error:
        raise Excelfel(f"1004: {formula}") from error
    depth, arrays = 0, 0
    for token in tokens:
        step = {Token.OPEN: 1, Token.CLOSE: -1}.get(token.subtype, 0)
        depth += step
        arrays += step if token.type == Token.ARRAY else 0
        if token.type == Token.SEP and token.subtype == Token.ROW and not arrays:
            raise Excelfel(f"1004: {formula}")
    broken = not tokens or depth or tokens[0].type == Token.OP_IN
    if broken or tokens[-1].type in (Token.OP_IN, Token.OP_PRE) or len(formula) > MAX_FORMULA:
        raise Excelfel(f"1004: {formula}")
