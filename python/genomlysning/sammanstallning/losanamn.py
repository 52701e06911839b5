"""The cells that workbook names should point at, found by what stands beside them.

A workbook that has been through another program may have lost its names. Without them nobody
would know which committee it is, or read its analysis.
"""

from genomlysning.bok.beskrivning import (
    ANALYS,
    ANALYSUNDERLAG,
    EXEMPELMARKNING,
    IKORTHET,
    INSTALLNINGAR,
    NAMN_EXEMPELMARKNING,
    REFERENSKOSTNADSBLAD,
    SAMMANFATTNING,
    START,
    TEXTRUTOR,
)
from genomlysning.bok.programtexter import (
    IKORTHETSRUBRIK,
    UNDERLAGSRUBRIK,
    is_programtext,
)
from genomlysning.sammanstallning.snabbok import Snabbok

#: Each name with its sheet, a text on it, and how far below and right of that the cell stands.
_PLATSER = (
    *((post.namn, START, post.etikett, 0, 1) for post in INSTALLNINGAR),
    *((name, home, heading, 1, 0) for name, (home, heading) in TEXTRUTOR.items()),
    (IKORTHET, SAMMANFATTNING, IKORTHETSRUBRIK, 1, 0),
    (ANALYSUNDERLAG, ANALYS, UNDERLAGSRUBRIK, 1, 0),
    (NAMN_EXEMPELMARKNING, REFERENSKOSTNADSBLAD, EXEMPELMARKNING, 0, 0),
)
#: So many rows and columns of a sheet are searched.
_SOKYTA = (60, 10)


def find_namn(bok: Snabbok) -> None:
    """Add the names that are gone to those of a workbook, where their cells can be told."""
    for name, home, text, down, right in _PLATSER:
        if name.lower() in bok.namn:
            continue
        blad = bok.find_blad(home.kodnamn, home.namn)
        if blad is None:
            continue
        for row in range(1, _SOKYTA[0] + 1):
            texts = blad.texts(row, 1, _SOKYTA[1])
            if text in texts:
                cell = (row + down, texts.index(text) + 1 + right)
                # Where the cell itself has been deleted, the program's next words stand there.
                if text == EXEMPELMARKNING or not is_programtext(blad.cell(*cell).text, home):
                    bok.namn[name.lower()] = (blad, (*cell, *cell))
                break
