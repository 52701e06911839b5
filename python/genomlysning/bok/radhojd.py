"""How high a row must be for its texts."""

import re
from textwrap import wrap

#: A column's width is counted in digits, and running text has narrower letters; not that of
#: abbreviations and dates, of whose letters more than a quarter are as wide.
_TECKEN_PER_BREDD, _BREDA_PER_BREDD = 1.18, 1.0
_BREDA = re.compile("[A-ZÅÄÖ0-9]")
#: Where a line can break, or disappear, otherwise than at a single space between words.
_SARSKILD = re.compile(r"^\s|\s$|\s\s|[^\S ]|-")


def count_lines(text: str, bredd: float) -> int:
    """Estimate how many lines a wrapped text takes in a column of this width (characters)."""
    wide = 4 * len(_BREDA.findall(text)) > len(text)
    per_line = max(int(bredd * (_BREDA_PER_BREDD if wide else _TECKEN_PER_BREDD)), 1)
    return sum(_count_wrapped(part, per_line) for part in text.split("\n"))


def _count_wrapped(text: str, per_line: int) -> int:
    """Return the number of lines that `textwrap.wrap` makes of a text; one for none.

    That takes its time, so where a text can break at single spaces only they are counted here.
    """
    lines, start, last = 1, 0, len(text) - per_line
    if last > 0 and _SARSKILD.search(text):
        return max(1, len(wrap(text, per_line)))
    while start < last:
        end = text.rfind(" ", start, start + per_line + 1)
        if end <= start:  # a word that is longer than a line
            return max(1, len(wrap(text, per_line)))
        start = end + 1
        lines += 1
    return lines


def text_height(text: str, bredd: float) -> float:
    """Estimate the height in points of an area of joined cells that shows a whole text."""
    return 13.5 * count_lines(text, bredd) + 4


def row_height(lines: int) -> float:
    """Return the height in points of a table's row with so many lines of text."""
    return min(13.5 * lines + 3, 400)
