"""Which formulas could depend on cells that an update has changed.

Reckoned by sheet, table and workbook name rather than by cell: it may take a formula for dependent
that is not, never the other way round.
"""

import re
from collections.abc import Collection, Iterable

from genomlysning.bok.formeltext import has_cell_reference, split_formula
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad, q

Plats = tuple[Kalkylblad, int, int]
#: Functions that can refer to anything.
_VART_SOM_HELST = re.compile(r"\b(INDIRECT|OFFSET)\b", re.IGNORECASE)


def find_dependent(
    bok: Arbetsbok, changed: Iterable[str], formulas: Collection[Plats]
) -> list[Plats]:
    """Return those of `formulas` that could depend on the sheets named in `changed`.

    A formula that does makes its own sheet a changed one, until nothing is added.
    """
    dirty = set(changed)
    remaining = {place: place[0].cell(place[1], place[2]).formel or "" for place in formulas}
    found: list[Plats] = []
    while dirty:
        words = _words(bok, dirty)
        hit = [p for p, text in remaining.items() if _depends(text, p[0].namn in dirty, words)]
        for place in hit:
            del remaining[place]
            dirty.add(place[0].namn)
        found += hit
        if not hit:
            break
    return found


def _words(bok: Arbetsbok, dirty: set[str]) -> list[str]:
    """Return what a formula must mention to refer to one of the sheets, in lower case."""
    words = [namn.lower().replace("'", "''") for namn in dirty]
    words += [t.namn.lower() for t in bok.tabeller.values() if t.blad.namn in dirty]
    names = {
        n.get("name", "").lower(): (n.text or "").lower()
        for n in bok.root.iterfind(f"{q('definedNames')}/{q('definedName')}")
    }
    while True:  # names may be defined by other names
        more = [n for n, text in names.items() if n not in words and any(w in text for w in words)]
        if not more:
            return words
        words += more


def _depends(formel: str, on_dirty: bool, words: list[str]) -> bool:
    if not has_cell_reference(formel):
        return False
    if _VART_SOM_HELST.search(formel):
        return True
    text = "".join(
        p for kind, p in split_formula(formel) if kind != "quoted" or p.startswith("'")
    ).lower()
    # References without a sheet's name are to the formula's own.
    return on_dirty or any(w in text for w in words)
