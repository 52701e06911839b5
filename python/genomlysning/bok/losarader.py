"""Rows that people take for part of a table of ours though Excel does not.

They are written directly below it, or the table has been made ordinary cells.
"""

from collections.abc import Iterable

from genomlysning.bok.beskrivning import Tabell
from genomlysning.bok.modell import Bokblad, Boktabell

#: Headers that a row must have to be taken for those of a table that is a table no more.
_MINST_RUBRIKER = 3
#: They are looked for among so many rows and columns of a sheet, whose last may be far away.
SOKYTA = (1000, 30)


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
    for row in range(1, SOKYTA[0] + 1):
        known = [
            col
            for col in range(1, SOKYTA[1] + 1)
            if blad.cell(row, col).text.strip().lower() in headers
        ]
        if len(known) >= _MINST_RUBRIKER:
            return row, known[0]
    return None
