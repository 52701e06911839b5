"""The hidden sheet Listor: words for the dropdowns and what the formulas look up."""

from collections.abc import Mapping

from genomlysning import __version__
from genomlysning.bok.beskrivning import (
    ANALYSUNDERLAG,
    BOKVERSION,
    EXEMPELMARKNING,
    IKORTHET,
    INDEXKRAVKOLUMN,
    LISTOR,
    MARKESKOLUMN,
    NAMN_BOKVERSION,
    NAMN_EXEMPELMARKNING,
    NAMN_PROGRAMVERSION,
    PROFILER,
    PROFILKOLUMN,
    REGLERKOLUMN,
    SKRIVET_KOLUMN,
    SKRIVNA_UTKAST,
    SUMMA_UTAN_KOLUMN,
    SUMMA_UTAN_RADER,
)
from genomlysning.bok.bladverk import Bladverk
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formler import SUMMA_UTAN
from genomlysning.bok.plan import (
    compose_slutsatser,
    compose_underlag,
    list_regel,
)
from genomlysning.profil import list_profilnamn


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
    column = ord(SUMMA_UTAN_KOLUMN) - ord("A")
    for row, value in enumerate(("Räknas inte i summorna", *verk.plan.utanfor_summan)):
        verk.write(row, column, value)
    area = f"${SUMMA_UTAN_KOLUMN}$2:${SUMMA_UTAN_KOLUMN}${SUMMA_UTAN_RADER + 1}"
    verk.bok.define_name(SUMMA_UTAN, f"={verk.blad.namn}!{area}")
    names = list_profilnamn()
    column = ord(PROFILKOLUMN) - ord("A")
    for row, value in enumerate(("Profiler som följer med", *names)):
        verk.write(row, column, value)
    area = f"${PROFILKOLUMN}$2:${PROFILKOLUMN}${len(names) + 1}"
    verk.bok.define_name(PROFILER, f"={verk.blad.namn}!{area}")
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
