"""Plans as few and as small questions as Kolada allows for all values that one run needs.

Kolada takes 25 ids in each segment of a path. A question that names no municipality is no way
round that: its answer also holds all 3,630 groups, thirteen times as much as is wanted. So all
290 municipalities take twelve questions for each 25 figures and year, and one question more gives
the own municipality and its groups for all years. The municipalities that would need a twelfth
question are put in that one, where there is room for them.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from genomlysning.begrepp import INVANARE
from genomlysning.kolada.fraga import MAX_PER_SEGMENT, PER_SIDA, split


class Behov(NamedTuple):
    """The values that are needed.

    `years` are, by figure, those for `platser` (municipalities and groups); `alla` are, by year,
    the figures needed for all municipalities, whose codes are `koder`.
    """

    years: Mapping[str, Sequence[int]]
    platser: Sequence[str] = ()
    alla: Mapping[int, Sequence[str]] = {}
    koder: Sequence[str] = ()


class Block(NamedTuple):
    """One question: each of the figures for each of the places in each of the years.

    `en_av` is how many questions ask for these figures and years, for different municipalities.
    """

    nyckeltal: tuple[str, ...]
    platser: tuple[str, ...]
    years: tuple[int, ...]
    en_av: int = 1


def plan_block(behov: Behov) -> list[Block]:
    """Return the questions, each within Kolada's limits, those first that others wait for."""
    own: list[Block] = []
    others: list[Block] = []
    for figures in split(_order(behov)):
        spread = {y: [f for f in figures if f in of] for y, of in behov.alla.items()}
        spread = {y: of for y, of in spread.items() if of}
        asked = [f for f in figures if f in behov.years]
        years = sorted({y for f in asked for y in behov.years[f]})
        spill = _find_spill(behov, asked, years, spread)
        if spill:
            asked, years = figures, sorted({*years, *spread})
        if asked:
            asked = with_invanare(asked)
            own += [
                Block(tuple(asked), tuple(places), tuple(period))
                for places in split([*behov.platser, *spill])
                for period in split(years)
            ]
        for year, of in spread.items():
            given = {*behov.platser, *spill} if _has_all(behov, of, year) else {*spill}
            parts = list(split([k for k in behov.koder if k not in given]))
            # Without a question about places of our own, nothing else tells an answer that holds
            # nothing from one that was not understood.
            wanted = of if asked else with_invanare(of)
            others += [Block(tuple(wanted), tuple(part), (year,), len(parts)) for part in parts]
    return own + others


def with_invanare(nyckeltal: Sequence[str]) -> list[str]:
    """Return the figures with that of inhabitants added where it costs no request of its own.

    Kolada answers a question that it does not understand with nothing, so an empty answer must
    be told from a few figures that happen to have no values.
    """
    full = len(nyckeltal) % MAX_PER_SEGMENT == 0
    return [*nyckeltal] if full or INVANARE in nyckeltal else [*nyckeltal, INVANARE]


def _order(behov: Behov) -> list[str]:
    """Return the figures so that those needed for all municipalities, and years, come together."""
    of_year = {y: set(of) for y, of in behov.alla.items()}
    common = sorted(of_year, key=lambda y: -len(of_year[y]))
    figures = dict.fromkeys([*(f for y in common for f in behov.alla[y]), *behov.years])
    return sorted(
        figures,
        key=lambda f: (
            [f not in of_year[y] for y in common],
            len(behov.years.get(f, ())),
        ),
    )


def _find_spill(
    behov: Behov, asked: Sequence[str], years: Sequence[int], spread: Mapping[int, Sequence[str]]
) -> list[str]:
    """Return the municipalities to ask for together with our own places, sparing a question."""
    if not asked or not spread or not all(_has_all(behov, of, y) for y, of in spread.items()):
        return []
    rest = [k for k in behov.koder if k not in behov.platser]
    spill = rest[len(rest) // MAX_PER_SEGMENT * MAX_PER_SEGMENT :]
    together = len(behov.platser) + len(spill)
    rows = len(asked) * together * len({*years, *spread})
    return spill if together <= MAX_PER_SEGMENT and rows <= PER_SIDA else []


def _has_all(behov: Behov, figures: Sequence[str], year: int) -> bool:
    """Tell whether the values of our own places are asked for too, that year."""
    return all(year in behov.years.get(f, ()) for f in figures)
