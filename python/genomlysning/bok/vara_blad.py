"""Which sheets of an existing workbook are ours, whatever people or programs have called them."""

from genomlysning.bok import formler
from genomlysning.bok.beskrivning import (
    ANALYS,
    ANALYSTEXT,
    IKORTHET,
    LISTBLAD,
    MAKROBOKENS_BLAD,
    SAMMANFATTNING,
    START,
    UPPFOLJNING,
    UPPFOLJNINGSTEXT,
    Blad,
)
from genomlysning.bok.modell import Bok, Bokblad

#: Sheets without a table of their own, by code name, and a workbook name that is always on them.
ANKARE = {
    START.kodnamn: "Kommun",
    SAMMANFATTNING.kodnamn: IKORTHET,
    ANALYS.kodnamn: ANALYSTEXT,
    UPPFOLJNING.kodnamn: UPPFOLJNINGSTEXT,
    LISTBLAD.kodnamn: formler.REGLER,
}


def list_vara_blad(bok: Bok) -> list[tuple[Bokblad, Blad]]:
    """Return our sheets that are left, each with what it is.

    By code name or tab; other programs than Excel drop the former, and then by what stands there.
    """
    found = [(_find_blad(bok, blad), blad) for blad in MAKROBOKENS_BLAD]
    return [(sheet, blad) for sheet, blad in found if sheet is not None]


def _find_blad(bok: Bok, blad: Blad) -> Bokblad | None:
    if (sheet := bok.find_blad(blad.kodnamn, blad.namn)) is not None:
        return sheet
    if place := bok.namn.get(ANKARE.get(blad.kodnamn, "").lower()):
        return place[0]
    tables = (bok.tabeller.get(t.namn.lower()) for t in blad.tabeller)
    return next((t.blad for t in tables if t is not None), None)
