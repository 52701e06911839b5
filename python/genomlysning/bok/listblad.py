"""The hidden sheet Listor: words for the dropdowns and what the formulas look up."""

from genomlysning.bok.beskrivning import INDEXKRAVKOLUMN, LISTOR, REGLERKOLUMN
from genomlysning.bok.bladverk import Bladverk
from genomlysning.bok.plan import Cellvarde


def write_listor(verk: Bladverk) -> None:
    """Write the lists, one column each with its name on top, and hide the sheet."""
    for col, (namn, words) in enumerate(LISTOR.items()):
        for row, word in enumerate((namn, *words)):
            verk.write(row, col, word)
    first = ord(REGLERKOLUMN) - ord("A")
    rows: list[tuple[Cellvarde, ...]] = [
        ("Kolada-id", "Bedöms som", "Decimaler", "Mål (högst)", "Verksamhet")
    ]
    rows += [(r.id, r.slag, r.decimaler, r.mal, r.verksamhet) for r in verk.plan.regler]
    for row, values in enumerate(rows):
        for i, value in enumerate(values):
            verk.write(row, first + i, value)
    column = ord(INDEXKRAVKOLUMN) - ord("A")
    for row, value in enumerate(("Index som ska redovisas", *verk.plan.indexkrav)):
        verk.write(row, column, value)
    verk.sheet.hide()
