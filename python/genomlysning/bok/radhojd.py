"""How high a row must be for its texts."""

from textwrap import wrap

#: A column's width is counted in digits, and running text has narrower letters.
_TECKEN_PER_BREDD = 1.18


def count_lines(text: str, bredd: float) -> int:
    """Estimate how many lines a wrapped text takes in a column of this width (characters)."""
    per_line = max(int(bredd * _TECKEN_PER_BREDD), 1)
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
