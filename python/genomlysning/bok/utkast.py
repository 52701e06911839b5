"""The drafted texts of a workbook: written anew, unless a person has made them their own."""

from collections.abc import Sequence

from genomlysning.analys import Avsnitt
from genomlysning.bok import beskrivning
from genomlysning.bok.modell import Bok, Bokblad, cell_name
from genomlysning.bok.plan import compose_avsnitt, compose_slutsatser, compose_underlag
from genomlysning.bok.skrivare import Skrivare
from genomlysning.fel import Meddelande

EGET_UTKAST = Meddelande(
    "cell-eget-utkast",
    "{plats} har ändrats för hand och har inte skrivits om.",
    "Töm cellen före nästa uppdatering om du vill ha ett nytt utkast.",
)


def write_utkast(
    bok: Bok,
    analys: Sequence[Avsnitt],
    slutsatser: Sequence[str],
    skrivare: Skrivare,
    varningar: list[str],
    *,
    ersatt: bool = False,
) -> None:
    """Have the drafts written anew; those that a person has changed only if `ersatt`."""
    text = compose_underlag(analys)
    if target := _find_utkast(bok, beskrivning.ANALYSUNDERLAG, text, skrivare, varningar, ersatt):
        skrivare.set_rik_text(*target, compose_avsnitt(analys))
    text = compose_slutsatser(slutsatser)
    if target := _find_utkast(bok, beskrivning.IKORTHET, text, skrivare, varningar, ersatt):
        skrivare.set_value(*target, text)


def find_egna_utkast(bok: Bok) -> list[str]:
    """Return the places of the drafts that a person has changed since they were written."""
    return [
        f"{place[0].namn}!{cell_name(place[1][0], place[1][1])}"
        for namn in beskrivning.SKRIVNA_UTKAST
        if (place := bok.namn.get(namn.lower())) and _is_own(bok, namn)
    ]


def _is_own(bok: Bok, namn: str) -> bool:
    blad, (row, col, _, _) = bok.namn[namn.lower()]
    kept = bok.namn.get(beskrivning.SKRIVNA_UTKAST[namn].lower())
    cell = blad.cell(row, col)
    last = kept[0].cell(kept[1][0], kept[1][1]).text if kept else ""
    return cell.formel is not None or cell.text.strip() not in ("", last.strip())


def _find_utkast(
    bok: Bok, namn: str, text: str, skrivare: Skrivare, varningar: list[str], ersatt: bool
) -> tuple[Bokblad, int, int] | None:
    """Return the cell of a draft that may be written anew, and keep what is to be written there.

    A draft that is not as we last wrote it has become a person's own; it stays, with a warning.
    """
    place = bok.namn.get(namn.lower())
    if place is None:
        return None
    blad, (row, col, _, _) = place
    if _is_own(bok, namn) and not ersatt:
        varningar.append(EGET_UTKAST.format(plats=f"{blad.namn}!{cell_name(row, col)}"))
        return None
    kept = bok.namn.get(beskrivning.SKRIVNA_UTKAST[namn].lower())
    if kept:
        skrivare.set_value(kept[0], kept[1][0], kept[1][1], text)
    return blad, row, col
