"""The areas for running text in an existing workbook: where they are, and how high.

Excel does not fit joined cells to their text; the drafted basis shares the analysis's rows.
"""

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    MINSTA_TEXTHOJD,
    STODBREDD,
    TEXTRADHOJD,
    TEXTRUTETIPS,
    TEXTRUTOR,
)
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad
from genomlysning.bok.modell import Omrade, refer
from genomlysning.bok.radhojd import text_height
from genomlysning.fel import Meddelande

#: Excel has no higher rows, in points.
_HOGSTA_RAD = 409.0

RUTA_SAKNAS = Meddelande(
    "bok-ruta-saknas",
    "Namnet {namn} och rubriken ”{rubrik}” saknas på bladet {blad}, så förra årets "
    "text där är inte flyttad.",
    "Flytta den själv. Markera sedan cellen som du vill skriva i, och skriv {namn} i "
    "namnrutan till vänster om formelfältet.",
)


def find_ruta(bok: Arbetsbok, namn: str) -> tuple[Kalkylblad, int, int] | None:
    """Return where an area for running text begins: by its name, else below its heading."""
    if (place := bok.namn.get(namn.lower())) is not None:
        return place[0], *place[1][:2]
    beskriven, rubrik = TEXTRUTOR[namn]
    blad = bok.find_blad(beskriven.kodnamn, beskriven.namn)
    if blad is None:
        return None
    heading = next((p for p in sorted(blad.celler) if blad.cell(*p).text == rubrik), None)
    return (blad, heading[0] + 1, heading[1]) if heading is not None else None


def restore_namn(bok: Arbetsbok, lapp: Lappning) -> list[str]:
    """Name the areas for running text anew that have lost their names; return what to tell.

    They are found by the headings over them. Where the area is no longer joined to one cell, its
    texts are brought together in the first.
    """
    told: list[str] = []
    for namn, (beskriven, rubrik) in TEXTRUTOR.items():
        blad = bok.find_blad(beskriven.kodnamn, beskriven.namn)
        if blad is None or namn.lower() in bok.namn:
            continue
        place = find_ruta(bok, namn)
        if place is None:
            told.append(RUTA_SAKNAS.format(namn=namn, rubrik=rubrik, blad=blad.namn))
            continue
        _, row, col = place
        lapp.add_namn(namn, refer(blad, (row, col, row, col)))
        column = [r for r, c in sorted(blad.celler) if c == col and r >= row]
        tip = next((r for r in column if blad.cell(r, col).text == TEXTRUTETIPS), row)
        inside = [r for r in column if r < tip and blad.cell(r, col).text.strip()]
        if any(r > row for r in inside):
            text = "\n".join(blad.cell(r, col).text for r in inside)
            for r in inside:
                lapp.set_value(blad, r, col, None)
            lapp.set_value(blad, row, col, text)
    return told


def grow_ruta(bok: Arbetsbok, lapp: Lappning) -> None:
    """Let the drafted texts show whole: the basis, and in the summary that in short."""
    if (found := _find_ruta(bok, beskrivning.ANALYSUNDERLAG)) is not None:
        needed = _needed_height(*found)
        if needed > _height(*found):
            _set_height(lapp, *found, needed)
    if (found := _find_ruta(bok, beskrivning.IKORTHET)) is not None:
        blad, area = found
        # The rows but the last are those of the verksamheter beside it.
        lacking = _needed_height(*found) - _height(*found)
        if lacking > 0:
            last = area[2]
            lapp.grow_height(blad, last, min(_row_height(blad, last) + lacking, _HOGSTA_RAD))


def shrink_ruta(bok: Arbetsbok, lapp: Lappning, forra: str) -> None:
    """Let an emptied area be no higher than a text as long as last year's needs.

    Rows where a person has written beside it are left as they are.
    """
    if (found := _find_ruta(bok, beskrivning.ANALYSUNDERLAG)) is None:
        return
    blad, area = found
    first, _, last, _ = area
    beside = any(
        first < row <= last and blad.cell(row, col).varde not in (None, "")
        for row, col in blad.celler
    )
    needed = max(MINSTA_TEXTHOJD, text_height(forra, STODBREDD), _needed_height(blad, area))
    if not beside and needed < _height(blad, area):
        _set_height(lapp, blad, area, needed)


def _find_ruta(bok: Arbetsbok, namn: str) -> tuple[Kalkylblad, Omrade] | None:
    """Return the joined area of a drafted text by its name, if it still is one."""
    place = bok.namn.get(namn.lower())
    if place is None:
        return None
    blad, (row, col, _, _) = place
    area = next((a for a in bok.list_sammanfogat(blad) if a[:2] == (row, col)), None)
    return (blad, area) if area is not None else None


def _needed_height(blad: Kalkylblad, area: Omrade) -> float:
    widths = [blad.bredd(col) for col in range(area[1], area[3] + 1)]
    width = STODBREDD if None in widths else sum(w for w in widths if w)
    return text_height(blad.cell(*area[:2]).text, width or STODBREDD)


def _height(blad: Kalkylblad, area: Omrade) -> float:
    return sum(_row_height(blad, row) for row in range(area[0], area[2] + 1))


def _row_height(blad: Kalkylblad, row: int) -> float:
    line = blad.rader.get(row)
    if line is not None and line.get("hidden") in ("1", "true"):
        return 0.0
    return TEXTRADHOJD if line is None else float(line.get("ht", TEXTRADHOJD))


def _set_height(lapp: Lappning, blad: Kalkylblad, area: Omrade, height: float) -> None:
    rows = range(area[0], area[2] + 1)
    for row in rows:
        lapp.set_height(blad, row, min(round(height / len(rows), 2), _HOGSTA_RAD))
