"""Structured references of Excel tables: as they are stored, shown, and renamed.

A file and Excel's own memory hold `Tabell[[#This Row],[Kolumn]]`; Excel takes and shows the short
`[@Kolumn]`. A column's name has `'` before each of `[ ] # '`.
"""

import re
from collections.abc import Callable, Collection

#: A text, a quoted sheet name, or table[columns] with at most one bracket inside the other.
_PART = re.compile(
    r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'(?=!)"
    r"|(?P<table>[^\W\d][\w.]*)?\[(?P<inner>(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*)\](?![\w!])"
)
_COLUMN = re.compile(r"\[((?:'.|[^\[\]'])*)\]")
_THIS_ROW = "[#This Row],"


class Okand(Exception):
    """A formula names a table or column that is not there."""


def escape(column: str) -> str:
    return re.sub(r"(['\[\]#])", r"'\1", column)


def unescape(column: str) -> str:
    return re.sub(r"'(.)", r"\1", column)


def _replace(formula: str, change: Callable[[str | None, str], str]) -> str:
    """Replace each reference by what `change(table, inner)` gives."""

    def replace(part: re.Match[str]) -> str:
        inner = part["inner"]
        return part[0] if inner is None else change(part["table"], inner)

    return _PART.sub(replace, formula) if "[" in formula else formula


def rename_column(formula: str, table: str, old: str, new: str) -> str:
    """Follow a column that was renamed, in a formula as it is stored."""
    if f"{table}[".casefold() not in formula.casefold():
        return formula
    before, after = escape(old).casefold(), escape(new)

    def change(name: str | None, inner: str) -> str:
        if name is not None and name.casefold() == table.casefold():
            if inner.casefold() == before:
                inner = after
            elif "[" in inner:
                inner = _COLUMN.sub(
                    lambda c: f"[{after}]" if c[1].casefold() == before else c[0], inner
                )
        return f"{name or ''}[{inner}]"

    return _replace(formula, change)


def store(formula: str, own: str | None, columns: Callable[[str], Collection[str] | None]) -> str:
    """Write a formula as it is stored; `own` is the table of the formula's cell.

    `columns(table)` gives a table's columns in lower case, None where there is no such table.
    """

    def change(name: str | None, inner: str) -> str:
        table = name or own
        known = columns(table) if table else None
        if known is None:
            raise Okand(f"{name or ''}[{inner}]")
        if inner.startswith("@"):
            rest = inner[1:]
            if rest and not rest.startswith("["):
                rest = f"[{rest}]"
            inner = _THIS_ROW + rest if rest else "#This Row"
        for column in _COLUMN.findall(inner) or [inner]:
            if not column.startswith("#") and unescape(column).casefold() not in known:
                raise Okand(f"{table}[{inner}]")
        return f"{table}[{inner}]"

    return _replace(formula, change)


def show(formula: str, own: str | None) -> str:
    """Write a stored formula as Excel shows it in a cell of the table `own`."""

    def change(name: str | None, inner: str) -> str:
        if inner.startswith(_THIS_ROW):
            rest = inner[len(_THIS_ROW) :]
            only = _COLUMN.fullmatch(rest)
            short = only[1] if only and re.fullmatch(r"\w+", only[1]) else rest
            return f"{'' if name == own else name}[@{short}]"
        only = _COLUMN.fullmatch(inner)
        return f"{name or ''}[{only[1] if only else inner}]"

    return _replace(formula, change)
