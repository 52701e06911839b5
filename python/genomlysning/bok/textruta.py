"""How high the analysis's area is in an existing workbook; the drafted basis shares its rows.

Excel does not fit joined cells to their text.
"""

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import MINSTA_TEXTHOJD, STODBREDD, TEXTRADHOJD
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad
from genomlysning.bok.modell import Omrade
from genomlysning.bok.radhojd import text_height

#: Excel has no higher rows, in points.
_HOGSTA_RAD = 409.0


def grow_ruta(bok: Arbetsbok, lapp: Lappning) -> None:
    """Let the drafted basis show whole."""
    if (found := _find_underlag(bok)) is None:
        return
    blad, area = found
    needed = _underlag_height(blad, area)
    if needed > _height(blad, area):
        _set_height(lapp, blad, area, needed)


def shrink_ruta(bok: Arbetsbok, lapp: Lappning, forra: str) -> None:
    """Let an emptied area be no higher than a text as long as last year's needs.

    Rows where a person has written beside it are left as they are.
    """
    if (found := _find_underlag(bok)) is None:
        return
    blad, area = found
    first, _, last, _ = area
    beside = any(
        first < row <= last and blad.cell(row, col).varde not in (None, "")
        for row, col in blad.celler
    )
    needed = max(MINSTA_TEXTHOJD, text_height(forra, STODBREDD), _underlag_height(blad, area))
    if not beside and needed < _height(blad, area):
        _set_height(lapp, blad, area, needed)


def _find_underlag(bok: Arbetsbok) -> tuple[Kalkylblad, Omrade] | None:
    """Return the joined area of the drafted basis, if it still is one."""
    place = bok.namn.get(beskrivning.ANALYSUNDERLAG.lower())
    if place is None:
        return None
    blad, (row, col, _, _) = place
    area = next((a for a in bok.list_sammanfogat(blad) if a[:2] == (row, col)), None)
    return (blad, area) if area is not None else None


def _underlag_height(blad: Kalkylblad, area: Omrade) -> float:
    return text_height(blad.cell(*area[:2]).text, blad.bredd(area[1]) or STODBREDD)


def _height(blad: Kalkylblad, area: Omrade) -> float:
    lines = (blad.rader.get(row) for row in range(area[0], area[2] + 1))
    return sum(TEXTRADHOJD if e is None else float(e.get("ht", TEXTRADHOJD)) for e in lines)


def _set_height(lapp: Lappning, blad: Kalkylblad, area: Omrade, height: float) -> None:
    rows = range(area[0], area[2] + 1)
    for row in rows:
        lapp.set_height(blad, row, min(round(height / len(rows), 2), _HOGSTA_RAD))
