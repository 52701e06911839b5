"""Rows that people take for part of a table of ours though Excel does not.

They are written directly below it, or the table has been made ordinary cells.
"""

import re
from collections.abc import Collection, Iterable

from genomlysning.bok.beskrivning import Tabell
from genomlysning.bok.modell import Bokblad, Boktabell

#: Headers that a row must have to be taken for those of a table that is a table no more.
_MINST_RUBRIKER = 3
#: They are looked for among so many rows and columns of a sheet, whose last may be far away.
SOKYTA = (1000, 30)
#: So many empty rows there may be between two rows of a table that is ordinary cells by now.
_STORSTA_LUCKA = 10


def find_sista_rad(tabell: Boktabell, tabeller: Iterable[Boktabell]) -> int:
    """Return the last row that belongs to a table: its own, or one written directly below.

    A row with a formula is a sum and no part of it, and so is all below a total row. `tabeller`
    are the workbook's; the rows of another are its own.
    """
    _, first, row, last = tabell.omrade
    if tabell.summarader:
        return row
    others = {t.omrade[0] for t in tabeller if t.blad is tabell.blad}
    while row + 1 not in others:
        cells = [tabell.blad.cell(row + 1, col) for col in range(first, last + 1)]
        if any(c.formel is not None for c in cells) or not any(c.text.strip() for c in cells):
            break
        row += 1
    return row


def find_rubrikrad(blad: Bokblad, tabell: Tabell) -> tuple[int, int] | None:
    """Return where a table's headers stand among ordinary cells: the row, and the first column."""
    headers = {k.rubrik.lower() for k in tabell.kolumner if "{" not in k.rubrik}
    filled = "|".join(_match_rubrik(k.rubrik) for k in tabell.kolumner if "{" in k.rubrik)
    pattern = re.compile(filled, re.IGNORECASE)
    for row in range(1, SOKYTA[0] + 1):
        texts = [blad.cell(row, col).text.strip() for col in range(1, SOKYTA[1] + 1)]
        known = [
            col
            for col, text in enumerate(texts, start=1)
            if text and (text.lower() in headers or pattern.fullmatch(text))
        ]
        # Years alone may be values.
        if len(known) >= _MINST_RUBRIKER and any(t.lower() in headers for t in texts):
            return row, known[0]
    return None


def _match_rubrik(rubrik: str) -> str:
    """Return the pattern of a header that names the municipality or a year."""
    pieces = re.split(r"(\{\w+\})", rubrik)
    return "".join(
        re.escape(p) if "{" not in p else r"20\d\d" if "year" in p else ".+" for p in pieces
    )


def find_sista_losa(
    tabell: Boktabell, tabeller: Iterable[Boktabell], annat: Collection[int]
) -> int:
    """Return the last row of a table that is ordinary cells by now, below its headers.

    It ends before the next table, and before any of the rows `annat`.
    """
    row, first, _, last = tabell.omrade
    end, nr = row, row + 1
    beside = {t.omrade[0] for t in tabeller if t.blad is tabell.blad and t.omrade[1] <= last}
    # The rows that nobody has filled in were part of the table too.
    while nr <= end + _STORSTA_LUCKA and nr not in beside and nr not in annat:
        if any(tabell.blad.cell(nr, c).text.strip() for c in range(first, last + 1)):
            end = nr
        nr += 1
    return end
