"""The summary's grid of verksamheter and the points of its diagram."""

import re
from collections.abc import Iterator, Sequence

from genomlysning.bok import beskrivning
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.kvadrant import (
    Verksamhetslage,
    describe_utanfor,
    list_diagramhorn,
    list_diagramvarden,
)
from genomlysning.bok.modell import Bok, Bokblad
from genomlysning.bok.tabellrader import Skrivarbete

_AVVIKELSERUBRIK = re.compile(r"Avvikelse \d{4} \(%\)")
#: The summary's rows of verksamheter are looked for among the sheet's first rows and columns.
_SOKYTA = (60, 3)


def find_rutnat(bok: Bok) -> tuple[Bokblad, int, int] | None:
    """Return the summary's sheet and the first and last row of its grid, the header's first."""
    described = beskrivning.SAMMANFATTNING
    blad = bok.find_blad(described.kodnamn, described.namn)
    if blad is None:
        return None
    for row in range(1, _SOKYTA[0]):
        for col in range(1, _SOKYTA[1] + 1):
            cell = blad.cell(row, col)
            if cell.varde == "Verksamhet" and cell.formel is None:
                last = row
                # A saved value may be missing; the formula is what makes it a row of the grid.
                while blad.cell(last + 1, col).formel is not None:
                    last += 1
                return blad, row, last
    return None


def write_rutnat(
    work: Skrivarbete, year: int, lagen: Sequence[Verksamhetslage], *, ny: bool = False
) -> None:
    """Write the year over the summary's verksamheter, and where the diagram has its points."""
    grid = find_rutnat(work.bok)
    if grid is None:
        return
    blad, head, last = grid
    for col in _find_rubriker(blad, head):
        work.put_at(blad, head, col, f"Avvikelse {year} (%)")
    if ny and lagen:
        work.skrivare.show_rows(blad, head + 1, min(head + len(lagen), last))
    place = work.bok.namn.get(beskrivning.DIAGRAMVARDEN.lower())
    if place is not None:
        points, (row, col, _, _) = place
        rows = [*_order_lagen(work, lagen, last - head, ny), *list_diagramhorn(lagen)]
        for i, values in enumerate(rows):
            for j, value in enumerate(values):
                work.skrivare.set_value(points, row + i, col + j, value)
    place = work.bok.namn.get(beskrivning.UTANFOR_RUTAN.lower())
    if place is not None:
        note, (row, col, _, _) = place
        work.put_at(note, row, col, describe_utanfor(lagen))


def _order_lagen(
    work: Skrivarbete, lagen: Sequence[Verksamhetslage], antal: int, ny: bool
) -> Iterator[tuple[Cellvarde, ...]]:
    """Yield the points in the order of the table's rows, which the grid follows."""
    known = {v.namn.lower(): v for v in lagen}
    place = work.found.tabeller["Referenskostnad"]
    names = [place.cell(nr, "verksamhet").text.strip().lower() for nr in place.excel.datarader]
    if ny:
        names = list(known)
    for i in range(antal):
        yield list_diagramvarden(known.get(names[i]) if i < len(names) else None)


def _find_rubriker(blad: Bokblad, row: int) -> list[int]:
    return [c for c in range(1, 12) if _AVVIKELSERUBRIK.fullmatch(blad.cell(row, c).text)]
