"""How high a row must be for its texts."""

import re
from textwrap import wrap

#: A column's width is counted in digits. How wide the letters of Calibri are in hundredths of
#: one, by those that are about as wide; all others count as a digit.
_BREDDER = {
    46: "ijl '",
    52: "I.,;:",
    62: "fJ-()!",
    70: "rt",
    80: "cszL/",
    92: "gkvxyFS?",
    108: "BKRV",
    114: "AÅÄ",
    123: "DGH",
    130: "NOQUÖ",
    140: "w%&",
    160: "m",
    172: "MW",
}
_BREDD_AV = bytes(
    next((width for width, letters in _BREDDER.items() if chr(code) in letters), 100)
    for code in range(256)
)
#: Words do not fill their lines, and programs differ.
_FYLLNAD = 0.95
#: Where a line can break, or disappear, otherwise than at a single space between words.
_SARSKILD = re.compile(r"^\s|\s$|\s\s|[^\S ]|-")


def count_lines(text: str, bredd: float) -> int:
    """Estimate how many lines a wrapped text takes in a column of this width (characters)."""
    wide = sum(text.encode("latin-1", "replace").translate(_BREDD_AV))
    per_line = max(int(bredd * _FYLLNAD * 100 * len(text) / max(wide, 1)), 1)
    return sum(count_wrapped(part, per_line) for part in text.split("\n"))


def count_wrapped(text: str, per_line: int) -> int:
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
