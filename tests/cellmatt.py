"""Measures whether the texts of a workbook's cells have room, with the font's own widths."""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties, findfont
from openpyxl import load_workbook

from genomlysning.bok.radhojd import measure_text

#: What Excel adds to a column for its edges, and a step of indentation, in digits.
_KANT, _INDRAG = 5 / 7, 9 / 7
#: A row without a height of its own, and how high a line is for its letters' size (Calibri).
_RADHOJD, _RAD = 15.0, 1.22
#: Carlito has the widths of Calibri.
_TYPSNITT = "Carlito"


class Avhuggen(NamedTuple):
    """A text without room: where, how much there is and how much it takes (points or digits)."""

    plats: str
    rum: float
    behov: float
    text: str


def find_avhuggna(fil: Path) -> list[Avhuggen]:
    """Return the texts that are cut on the visible sheets of a workbook."""
    bok = load_workbook(fil, data_only=True)
    return [a for sheet in bok if sheet.sheet_state == "visible" for a in _find_in(sheet)]


def find_teckenbredder() -> dict[str, float] | None:
    """Return how wide the font's signs are, in digits; None where the font is missing."""
    return _read_font(bold=False)


def _find_in(sheet) -> Iterator[Avhuggen]:
    joined = {a.min_row: {} for a in sheet.merged_cells.ranges}
    inside = set()
    for area in sheet.merged_cells.ranges:
        joined[area.min_row][area.min_col] = area
        inside |= set(area.cells) - {(area.min_row, area.min_col)}
    widths = _list_bredder(sheet)
    filled = {
        row[0].row: [c.column for c in row if c.value not in (None, "")]
        for row in sheet.iter_rows()
    }
    for row in sheet.iter_rows():
        for cell in row:
            if not isinstance(cell.value, str) or (cell.row, cell.column) in inside:
                continue
            area = joined.get(cell.row, {}).get(cell.column)
            last_row, last_col = (area.max_row, area.max_col) if area else (cell.row, cell.column)
            cols = range(cell.column, last_col + 1)
            height = sum(_height(sheet, r) for r in range(cell.row, last_row + 1))
            if not height or not (width := sum(widths(c) for c in cols)):
                continue
            look = cell.alignment
            size = cell.font.sz / 10
            room = (width - _KANT - _INDRAG * (look.indent or 0)) / size
            where = f"{sheet.title}!{cell.coordinate}"
            if look.wrap_text:
                needed = _RAD * cell.font.sz * count_rader(cell.value, room, bold=bool(cell.font.b))
                if needed > height + 0.1:
                    yield Avhuggen(where, height, needed, cell.value)
                continue
            if not area and look.horizontal in (None, "general", "left"):
                # A text that is not wrapped goes on over the empty cells beside it.
                beside = (c for c in filled[cell.row] if c > last_col)
                if (stop := next(beside, None)) is None:
                    continue
                room += sum(widths(c) for c in range(last_col + 1, stop)) / size
            needed = max(_measure(part, bold=bool(cell.font.b)) for part in cell.value.split("\n"))
            if needed > room + 0.1:
                yield Avhuggen(where, room, needed, cell.value)


def count_rader(text: str, rum: float, *, bold: bool = False) -> int:
    """Return how many lines a wrapped text takes where a line has room for so many digits."""
    return sum(_count_wrapped(part, rum, bold) for part in text.split("\n"))


@lru_cache(100_000)
def _count_wrapped(text: str, room: float, bold: bool) -> int:
    lines, used = 1, 0.0
    space = _measure(" ", bold=bold)
    for word in text.split(" "):
        width = _measure(word, bold=bold)
        if used and used + width > room:
            lines, used = lines + 1, 0.0
        if width > room:  # broken inside the word
            for sign in word:
                wide = _measure(sign, bold=bold)
                if used + wide > room:
                    lines, used = lines + 1, 0.0
                used += wide
        else:
            used += width
        used += space
    return lines


@lru_cache(100_000)
def _measure(text: str, *, bold: bool = False) -> float:
    if (widths := _read_font(bold=bold)) is None:
        return measure_text(text) * (1.05 if bold else 1)
    return sum(widths.get(sign, 2.0) for sign in text)


@cache
def _read_font(*, bold: bool) -> dict[str, float] | None:
    try:
        found = findfont(
            FontProperties(family=_TYPSNITT, weight="bold" if bold else "normal"),
            fallback_to_default=False,
        )
    except ValueError:
        return None
    font = TTFont(found)
    signs, widths = font.getBestCmap(), font["hmtx"]
    digit = widths[signs[ord("0")]][0]
    return {chr(code): widths[name][0] / digit for code, name in signs.items()}


def _height(sheet, row: int) -> float:
    if row not in sheet.row_dimensions:
        return _RADHOJD
    line = sheet.row_dimensions[row]
    return 0.0 if line.hidden else float(line.height or _RADHOJD)


def _list_bredder(sheet):
    """Return a function that gives a column's width in digits, 0 if hidden."""
    spans = [
        (d.min or 0, d.max or 0, 0.0 if d.hidden else float(d.width))
        for d in sheet.column_dimensions.values()
    ]

    @cache
    def width(col: int) -> float:
        return next((w for first, last, w in spans if first <= col <= last), 9.14)

    return width
