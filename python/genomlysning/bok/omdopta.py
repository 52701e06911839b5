"""Tables of ours that a person has given another name: known by their sheet and their headers."""

from collections.abc import Mapping
from typing import TypeVar

from genomlysning.bok.beskrivning import BLAD, Tabell
from genomlysning.bok.modell import Bok, Boktabell

_T = TypeVar("_T", bound=Boktabell)


def key_tabeller(bok: Bok, tabeller: Mapping[str, _T]) -> dict[str, _T]:
    """Return a workbook's tables by our names (in lower case), and the others by their own."""
    found = dict(tabeller)
    ours = {t.namn.lower(): (blad, t) for blad in BLAD for t in blad.tabeller}
    for key, (blad, tabell) in ours.items():
        if key in found:
            continue
        sheet = bok.find_blad(blad.kodnamn, blad.namn)
        alike = [
            name
            for name, table in found.items()
            if name not in ours and table.blad is sheet and _is_alike(table, tabell)
        ]
        if len(alike) == 1:
            found[key] = found.pop(alike[0])
    return found


def _is_alike(table: Boktabell, tabell: Tabell) -> bool:
    """Tell whether a table has most of our headers, of those that no year or name is part of."""
    wanted = [k.rubrik.lower() for k in tabell.kolumner if "{" not in k.rubrik]
    present = {header.lower() for _, header in table.kolumner}
    return 2 * sum(h in present for h in wanted) > len(wanted)
