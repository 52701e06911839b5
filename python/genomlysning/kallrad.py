"""The source of numbers shown together: Kolada's as they came, and our own apart from them.

Kolada may not be named as the source of what we have reckoned (its terms of use), so the line
under a table or a sentence follows from the numbers in it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from genomlysning.ord import KALLA_EGEN, KALLA_KOLADA
from genomlysning.svenska import join_nagra, join_och, lower_first

#: So many rows are named whose numbers are our own; the rest are counted.
_MEST_NAMN = 8
#: What the numbers of a verksamhet's row are called in a source line, by the keys of its columns.
TALSLAG = {
    "netto": "nettokostnader",
    "referens": "referenskostnader",
    "procent": "avvikelser i procent",
    "mkr": "avvikelser i Mkr",
    "liknande": "liknande kommuners avvikelser",
    "index": "kvalitetsindex",
    "index_liknande": "liknande kommuners kvalitetsindex",
}


class Tal(NamedTuple):
    """A shown number: its kind (a key of `TALSLAG`), whose row it is in, and whether it is ours."""

    slag: str
    namn: str
    egen: bool


def tell_kalla(tal: Iterable[Tal], egna: Sequence[str] = ()) -> str:
    """Return the source of some numbers; `egna` are other things shown, all of them ours."""
    kolada: dict[str, None] = {}
    own: dict[str, list[str]] = {}
    for t in tal:
        if t.egen:
            own.setdefault(t.slag, []).append(t.namn)
        else:
            kolada[t.slag] = None
    ours = [
        f"{TALSLAG[kind]} för {join_nagra([lower_first(n) for n in names], _MEST_NAMN)}"
        if kind in kolada
        else TALSLAG[kind]
        for kind, names in own.items()
    ]
    parts = []
    if kolada:
        parts.append(f"{KALLA_KOLADA} för {join_och([TALSLAG[k] for k in kolada])}.")
    if all_ours := [*ours, *egna]:
        parts.append(f"{KALLA_EGEN}: {join_och(all_ours)}.")
    return " ".join(parts)
