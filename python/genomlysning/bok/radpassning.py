"""Lets the rows of an existing workbook's tables be as high as their texts."""

from collections.abc import Iterable

from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Kalkylblad
from genomlysning.bok.radhojd import VANLIG_RADHOJD, count_lines, row_height
from genomlysning.bok.tabellplats import Tabellplats

#: What a column's width in a file has for its edges, and that of a column without, in characters.
_KANT, _VANLIG_BREDD = 5 / 7, 8.43


def fit_rader(found: Befintlig, lapp: Lappning, tabeller: Iterable[str]) -> None:
    """Give the rows of these tables the height that their texts need in every visible column.

    Empty rows for people to write in keep their height until they are written in.
    """
    for place in (found.tabeller[name] for name in tabeller if name in found.tabeller):
        blad = place.blad
        assert isinstance(blad, Kalkylblad)
        rooms = _measure_rum(blad, place)
        written = any(k.ifylls and k.mall for k in place.tabell.kolumner)
        for nr in place.excel.datarader:
            texts = [
                (v, r) for c, r in rooms.items() if isinstance(v := blad.cell(nr, c).varde, str)
            ]
            lines = max((count_lines(*t) for t in texts if t[0]), default=0)
            if lines:
                lapp.fit_height(blad, nr, row_height(lines) if lines > 1 else VANLIG_RADHOJD)
            if written:
                lapp.free_height(blad, nr)


def _measure_rum(blad: Kalkylblad, place: Tabellplats) -> dict[int, float]:
    """Return the room of each visible column of a table, in characters, by its number."""
    ours = {
        place.kolumner[k.nyckel]: k for k in place.tabell.kolumner if k.nyckel in place.kolumner
    }
    _, first, _, last = place.excel.omrade
    rooms: dict[int, float] = {}
    for col in range(first, last + 1):
        width = blad.bredd(col)
        if width is None:
            width = _VANLIG_BREDD
        elif width:
            width -= _KANT
        if width > 0:
            rooms[col] = ours[col].fit(width) if col in ours else width
    return rooms
