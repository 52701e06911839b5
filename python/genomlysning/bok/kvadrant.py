"""The diagram of cost and quality: where each verksamhet stands, and the ends of the axes."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from genomlysning.bok.beskrivning import UTANFORTEXT
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.svenska import join_och
from genomlysning.verksamhetskostnad import Referensrad


class Verksamhetslage(NamedTuple):
    """One verksamhet as the summary shows it.

    `index_skillnad` is the quality index minus that of similar municipalities, in index units.
    """

    namn: str
    procent: float | None
    mkr: float | None
    index_skillnad: float | None
    inom: str
    battre: str
    uppfyller: str


def read_lage(r: Referensrad) -> Verksamhetslage:
    """Return where a verksamhet stands by its row of the reference cost."""
    difference = None
    if (
        r.kvalitetsindex is not None
        and r.kvalitetsindex_liknande is not None
        and not r.for_fa_liknande
    ):
        difference = r.kvalitetsindex - r.kvalitetsindex_liknande
    return Verksamhetslage(
        r.verksamhet.namn,
        r.gallande_procent,
        r.avvikelse_mkr,
        difference,
        r.inom.value,
        r.battre.value,
        r.uppfyller.value,
    )


def list_diagramvarden(lage: Verksamhetslage | None) -> tuple[Cellvarde, ...]:
    """Return one verksamhet's name and place (x, y) in the diagram of cost and quality.

    An empty cell draws no point, which a formula can't give; hence these plain values.
    """
    if lage is None or lage.procent is None or lage.index_skillnad is None:
        return None, None, None
    return lage.namn, lage.procent, lage.index_skillnad


def list_diagramhorn(lagen: Sequence[Verksamhetslage]) -> list[tuple[Cellvarde, ...]]:
    """Return two opposite corners (name, x, y) that keep the diagram's axes centred on zero.

    Invisible points there leave room around the farthest of the others.
    """
    x = limit_axel(v.procent for v in lagen)
    y = limit_axel(v.index_skillnad for v in lagen)
    return [("Hörn", -x, -y), ("Hörn", x, y)]


def describe_utanfor(lagen: Sequence[Verksamhetslage]) -> str:
    """Name the verksamheter that have no place in the diagram of cost and quality."""
    without = [v.namn for v in lagen if v.namn and (v.index_skillnad is None or v.procent is None)]
    if not without:
        return ""
    return f"{UTANFORTEXT} {join_och(without)}."


def limit_axel(values: Iterable[float | None]) -> int:
    """Return an axis end that leaves room around the farthest value, at least 4, and even."""
    farthest = max((abs(v) for v in values if v is not None), default=0.0)
    return max(4, 4 * ceil(farthest * 1.25 / 4))
