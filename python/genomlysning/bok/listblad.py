"""The hidden sheet Listor: words for the dropdowns and what the formulas look up."""

from collections.abc import Mapping

from genomlysning import __version__
from genomlysning.bok.beskrivning import (
    ANALYSUNDERLAG,
    BOKVERSION,
    IKORTHET,
    INDEXKRAVKOLUMN,
    LISTOR,
    MARKESKOLUMN,
    NAMN_BOKVERSION,
    NAMN_EXEMPELMARKNING,
    NAMN_PROGRAMVERSION,
    REGLERKOLUMN,
    SKRIVET_KOLUMN,
    SKRIVNA_UTKAST,
)
from genomlysning.bok.bladverk import Bladverk
from genomlysning.bok.plan import (
    EXEMPELMARKNING,
    Cellvarde,
    Regelrad,
    compose_slutsatser,
    compose_underlag,
)


def write_listor(verk: Bladverk) -> None:
    """Write the lists, one column each with its name on top, and hide the sheet."""
    for col, (namn, words) in enumerate(LISTOR.items()):
        for row, word in enumerate((namn, *words)):
            verk.write(row, col, word)
    first = ord(REGLERKOLUMN) - ord("A")
    rows: list[tuple[Cellvarde, ...]] = [
        ("Kolada-id", "Bedöms som", "Decimaler", "Mål (högst)", "Verksamhet", "Riktning")
    ]
    rows += [list_regel(r) for r in verk.plan.regler]
    for row, values in enumerate(rows):
        for i, value in enumerate(values):
            verk.write(row, first + i, value)
    column = ord(INDEXKRAVKOLUMN) - ord("A")
    for row, value in enumerate(("Index som ska redovisas", *verk.plan.indexkrav)):
        verk.write(row, column, value)
    _write_named(
        verk,
        SKRIVET_KOLUMN,
        "Utkasten som de skrevs",
        {
            SKRIVNA_UTKAST[IKORTHET]: compose_slutsatser(verk.plan.slutsatser),
            SKRIVNA_UTKAST[ANALYSUNDERLAG]: compose_underlag(verk.plan.analys),
        },
    )
    _write_named(
        verk,
        MARKESKOLUMN,
        "Om arbetsboken",
        {
            NAMN_BOKVERSION: BOKVERSION,
            NAMN_PROGRAMVERSION: __version__,
            NAMN_EXEMPELMARKNING: EXEMPELMARKNING if verk.plan.exempel else None,
        },
    )
    verk.sheet.hide()


def _write_named(
    verk: Bladverk, bokstav: str, rubrik: str, varden: Mapping[str, Cellvarde]
) -> None:
    """Write a headed column whose cells have workbook names."""
    column = ord(bokstav) - ord("A")
    verk.write(0, column, rubrik)
    for row, (namn, value) in enumerate(varden.items(), start=1):
        verk.write(row, column, value)
        verk.bok.define_name(namn, f"={verk.blad.namn}!${bokstav}${row + 1}")


def list_regel(r: Regelrad) -> tuple[Cellvarde, ...]:
    """Return one figure's row of the look-up, from its id on."""
    # A cell without a number is no target; an empty one would be looked up as zero.
    return r.id, r.slag, r.decimaler, "–" if r.mal is None else r.mal, r.verksamhet, r.riktning
