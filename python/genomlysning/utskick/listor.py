"""Lists on sheets that go: dropdowns and look-ups that use them get the words themselves.

A dropdown shows its words to everyone, so they may stay. A range that rules look things up in
stays only when it is on the program's own sheet of lists; anyone else's hidden cells may hold
what is not to be sent.
"""

from collections.abc import Mapping, Sequence

from genomlysning.bok.beskrivning import LISTBLAD
from genomlysning.bok.lasning import Kalkylblad
from genomlysning.bok.modell import Cell, Omrade, parse_omrade

#: Excel's limits for a list written in a dropdown, a text in a formula and a name's formula.
MAX_RULLISTA, MAX_TEXT, MAX_NAMN = 255, 255, 8000


class Listor:
    """The cells of the sheets that go, reached by reference or by workbook name."""

    def __init__(self, blad: Sequence[Kalkylblad], namn: Mapping[str, str]) -> None:
        self._blad = {b.namn.lower(): b for b in blad}
        self._namn = namn

    def format_rullista(self, formel: str) -> str | None:
        """Return the words of a dropdown as Excel writes them in one, None if they can't be."""
        cells = self._cells(formel)
        if cells is None or (len(cells) > 1 and len(cells[0]) > 1):
            return None
        words = [_word(c) for line in cells for c in line if c.varde not in (None, "")]
        text = ",".join(w or "" for w in words)
        if not words or None in words or len(text) > MAX_RULLISTA:
            return None
        return f'"{text}"'

    def format_matris(self, formel: str) -> str | None:
        """Return a look-up range of the program's own as an array constant, None if it can't be."""
        place = self._place(formel)
        if place is None or not _is_listblad(place[0]):
            return None
        rows = [[_constant(c) for c in line] for line in self._cells(formel) or []]
        text = "{" + ";".join(",".join(c or "" for c in row) for row in rows) + "}"
        if not rows or any(c is None for row in rows for c in row) or len(text) > MAX_NAMN:
            return None
        return text

    def _cells(self, formel: str) -> list[list[Cell]] | None:
        place = self._place(formel)
        if place is None:
            return None
        sheet, (first, left, last, right) = place
        if (last - first + 1) * (right - left + 1) > MAX_NAMN:
            return None
        return [
            [sheet.cell(row, col) for col in range(left, right + 1)]
            for row in range(first, last + 1)
        ]

    def _place(self, formel: str) -> tuple[Kalkylblad, Omrade] | None:
        text = self._namn.get(formel.strip().lower(), formel).strip().removeprefix("=")
        name, _, ref = text.rpartition("!")
        if name.startswith("'"):
            name = name[1:-1].replace("''", "'")
        sheet, area = self._blad.get(name.lower()), parse_omrade(ref)
        return (sheet, area) if sheet and area else None


def _is_listblad(sheet: Kalkylblad) -> bool:
    return LISTBLAD.kodnamn == sheet.kodnamn or LISTBLAD.namn == sheet.namn


def _word(cell: Cell) -> str | None:
    """Return a cell as a word of a dropdown; None for what can't be written in one."""
    value = cell.varde
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if not isinstance(value, str) or cell.fel or value != value.strip():
        return None
    return None if any(c in value for c in ',"\n\r') else value


def _constant(cell: Cell) -> str | None:
    """Return a cell as a constant of a formula."""
    value = cell.varde
    if cell.fel:
        return None
    if value is None:
        return '""'
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() else value)
    return None if len(value) > MAX_TEXT else '"' + value.replace('"', '""') + '"'
