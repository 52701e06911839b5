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

    Invisible points there leave room around the farthest of those that are drawn, as in the
    report's diagram.
    """
    drawn = [v for v in lagen if v.procent is not None and v.index_skillnad is not None]
    x = limit_axel(v.procent for v in drawn)
    y = limit_axel(v.index_skillnad for v in drawn)
    return [("Hörn", -x, -y), ("Hörn", x, y)]


def describe_utanfor(lagen: Sequence[Verksamhetslage]) -> str:
    """Name the verksamheter that have no place in the diagram of cost and quality."""
    missing = {"avvikelse": "procent", "kvalitetsindex att jämföra": "index_skillnad"}
    return _tell_saknas(
        (v.namn, [what for what, key in missing.items() if getattr(v, key) is None])
        for v in lagen
        if v.namn
    )


class Punktlage(NamedTuple):
    """What a point in the diagram needs: deviation (%), and the two quality indices."""

    namn: str
    procent: float | None
    kvalitetsindex: float | None
    liknande: float | None


def describe_saknas(lagen: Iterable[Punktlage]) -> str:
    """Name the verksamheter that have no point in the diagram, and what each of them lacks."""
    return _tell_saknas(
        (
            v.namn,
            [
                what
                for what, value in (
                    ("avvikelse", v.procent),
                    ("kvalitetsindex", v.kvalitetsindex),
                    ("liknande kommuners kvalitetsindex", v.liknande),
                )
                if value is None
            ],
        )
        for v in lagen
    )


def _tell_saknas(saknas: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Return who lacks what, those that lack the same together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, missing in saknas:
        if missing:
            groups.setdefault(tuple(missing), []).append(name)
    told = [f"{join_och(names)} saknar {join_och(list(what))}" for what, names in groups.items()]
    return f"{UTANFORTEXT} {'; '.join(told)}." if told else ""


def limit_axel(values: Iterable[float | None]) -> int:
    """Return an axis end that leaves room around the farthest value, at least 4, and even."""
    farthest = max((abs(v) for v in values if v is not None), default=0.0)
    return max(4, 4 * ceil(farthest * 1.25 / 4))
