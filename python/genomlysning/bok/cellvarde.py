"""A cell's value, and what Excel makes of it: text, a number, or a day as a number of days."""

import re
from datetime import date, datetime, timedelta

#: What may be planned for a cell, and what a cell holds.
Cellvarde = str | float | int | date | datetime | None
Cellinnehall = str | float | bool | None

#: Characters that a cell has room for.
MAX_TEXT = 32767
#: A text of so many characters has room whatever signs it holds.
SAKERT_RUM = MAX_TEXT // 2
_FORKORTAD = " … (texten är förkortad)"
#: Characters that XML, and so a workbook, can't hold.
_STYRTECKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EPOK, _EPOK_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


def to_innehall(
    value: Cellvarde, *, date1904: bool = False, longest: int = MAX_TEXT
) -> Cellinnehall:
    """Return a planned value as a cell holds it: clean text of at most `longest`, or a number."""
    if isinstance(value, date):
        return to_serial(value, date1904=date1904)
    if isinstance(value, str):
        return clean_text(value, longest)
    return None if value is None else float(value)


def clean_text(text: str, longest: int = MAX_TEXT) -> str:
    """Return what a workbook can hold of a text."""
    return _STYRTECKEN.sub("", text)[:longest]


def shorten_text(text: str) -> str:
    """Return a text that a cell has room for, and that says so if it has been cut.

    Signs outside the basic plane, such as smileys, count twice.
    """
    if len(text) <= SAKERT_RUM:
        return text
    units, most = text.encode("utf-16-le", "surrogatepass"), 2 * (MAX_TEXT - len(_FORKORTAD))
    if len(units) <= 2 * MAX_TEXT:
        return text
    return units[:most].decode("utf-16-le", "ignore") + _FORKORTAD


def to_serial(value: date, *, date1904: bool = False) -> float:
    """Return a day or a moment as the number of days that a workbook counts it to."""
    moment = value if isinstance(value, datetime) else datetime(*value.timetuple()[:3])
    since = moment.replace(tzinfo=None) - (_EPOK_1904 if date1904 else _EPOK)
    return since.days + since.seconds / 86400


def from_serial(value: float, *, date1904: bool = False) -> date:
    """Return the day of a number of days.

    Raises OverflowError or ValueError for a number that is none.
    """
    return ((_EPOK_1904 if date1904 else _EPOK) + timedelta(days=int(value))).date()


def format_innehall(value: Cellinnehall) -> str:
    """Return what a cell holds as text, a number without needless decimals."""
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def describe_varde(value: Cellinnehall | date) -> str:
    """Return what a person sees in a cell, near enough: days as such, and decimal commas."""
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, float):
        return f"{value:.15g}".replace(".", ",")
    if isinstance(value, datetime):
        day, clock = value.date().isoformat(), value.time()
        return f"{day} {clock.isoformat('minutes')}" if any((clock.hour, clock.minute)) else day
    if isinstance(value, date):
        return value.isoformat()
    return (value or "").strip()


def is_same(a: Cellinnehall, b: Cellinnehall) -> bool:
    """Tell whether two cells hold the same; files may keep 16 of a number's 17 digits."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, float):
        return a == b or f"{a:.15g}" == f"{b:.15g}"
    if isinstance(a, float) or isinstance(b, float):
        return False
    return (a or "") == (b or "")
