"""The hidden sheet Listor: words for the dropdowns and what the formulas look up."""

from genomlysning.bok.beskrivning import INDEXKRAVKOLUMN, LISTOR, REGLERKOLUMN
from genomlysning.bok.bladverk import Bladverk
from genomlysning.bok.plan import Cellvarde, Regelrad


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
    verk.sheet.hide()


def list_regel(r: Regelrad) -> tuple[Cellvarde, ...]:
    """Return one figure's row of the look-up, from its id on."""
    # A cell without a number is no target; an empty one would be looked up as zero.
    return r.id, r.slag, r.decimaler, "–" if r.mal is None else r.mal, r.verksamhet, r.riktning
