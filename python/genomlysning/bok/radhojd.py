"""How high a row must be for its texts."""

import re
from textwrap import wrap

#: A column's width is counted in digits, and running text has narrower letters; not that of
#: abbreviations and dates, of whose letters more than a quarter are as wide.
_TECKEN_PER_BREDD, _BREDA_PER_BREDD = 1.18, 1.0
_BREDA = re.compile("[A-ZÅÄÖ0-9]")


def count_lines(text: str, bredd: float) -> int:
    """Estimate how many lines a wrapped text takes in a column of this width (characters)."""
    wide = 4 * len(_BREDA.findall(text)) > len(text)
    per_line = max(int(bredd * (_BREDA_PER_BREDD if wide else _TECKEN_PER_BREDD)), 1)
    # Wrapping takes its time, and most texts are short.
    return sum(
        1 if len(part) <= per_line else max(1, len(wrap(part, per_line)))
        for part in text.split("\n")
    )


def text_height(text: str, bredd: float) -> float:
    """Estimate the height in points of an area of joined cells that shows a whole text."""
    return 13.5 * count_lines(text, bredd) + 4


def row_height(lines: int) -> float:
    """Return the height in points of a table's row with so many lines of text."""
    return min(13.5 * lines + 3, 400)
