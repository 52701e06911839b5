"""Gives a workbook of an earlier form the fields that form 3 has and people write in.

Nothing is moved: on Start they come below all else, and on 2.4 below the analysis.
"""

from math import ceil

from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    FORFLYTTNINGSTEXT,
    INSTALLNINGAR,
    SKALHOJD,
    TEXTRADHOJD,
    TEXTRUTOR,
)
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad
from genomlysning.bok.modell import refer
from genomlysning.bok.textruta import find_ruta

#: The settings that look as a new one does, by the end of its name.
_LIKA = {"Datum": "AntagenDatum", "Paragraf": "AntagenParagraf"}


def add_installningar(bok: Arbetsbok, lapp: Lappning) -> None:
    """Give Start the settings that it is without, each looking as one like it."""
    gap = 2
    for post in INSTALLNINGAR:
        like = next((n for end, n in _LIKA.items() if post.namn.endswith(end)), "")
        place = bok.namn.get(like.lower())
        if post.form == 1 or post.namn.lower() in bok.namn or place is None:
            continue
        blad, (row, col, _, _) = place
        new, gap = _find_sista(blad) + gap, 1
        for i, text in enumerate((post.etikett, None, post.hjalp), start=-1):
            lapp.set_value(blad, new, col + i, text)
            lapp.set_style(blad, new, col + i, (blad, row, col + i))
        lapp.add_namn(post.namn, refer(blad, (new, col, new, col)))


def add_skalruta(bok: Arbetsbok, lapp: Lappning) -> None:
    """Give 2.4 the area for why the moves were chosen, looking as that of the analysis."""
    place = find_ruta(bok, ANALYSTEXT)
    if place is None or FORFLYTTNINGSTEXT.lower() in bok.namn:
        return
    blad, row, col = place
    joined = [a[2] for a in bok.list_sammanfogat(blad)]
    first = max([_find_sista(blad), *joined]) + 3
    lapp.set_value(blad, first - 1, col, TEXTRUTOR[FORFLYTTNINGSTEXT][1])
    lapp.set_style(blad, first - 1, col, (blad, row - 1, col))
    last = first + ceil(SKALHOJD / TEXTRADHOJD) - 1
    for nr in range(first, last + 1):
        lapp.set_style(blad, nr, col, (blad, row, col))
    lapp.merge(blad, (first, col, last, col))
    lapp.add_namn(FORFLYTTNINGSTEXT, refer(blad, (first, col, first, col)))


def _find_sista(blad: Kalkylblad) -> int:
    """Return the last row where something stands."""
    return max((r for r, c in blad.celler if blad.cell(r, c).text.strip()), default=1)
