"""The questions put to Kolada, as paths below the base url, and what an answer of no form is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from genomlysning.fel import Meddelande

FORM = Meddelande(
    "kolada-form",
    "Kolada svarade på frågan {fraga} med något som programmet inte känner igen: {kom}.",
    "Inget har ändrats. Försök igen senare; står felet kvar behöver Genomlysning uppdateras.",
)

#: Most ids that Kolada takes in one segment of a path; more gives status 422.
MAX_PER_SEGMENT = 25
#: The longest page that Kolada gives; more is answered with status 422.
PER_SIDA = 5000

_T = TypeVar("_T", str, int)


@dataclass(frozen=True, slots=True)
class Fraga:
    """One question: the path to ask, how messages name it, and what the answer may contain.

    An empty set of asked things means that any may come.
    """

    sokvag: str
    kort: str
    nyckeltal: frozenset[str] = frozenset()
    kommuner: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()


def ask_lista(sokvag: str) -> Fraga:
    """Return the question for a whole list, such as `/municipality`."""
    return Fraga(sokvag, sokvag)


KOMMUNER = ask_lista("/municipality")
GRUPPER = ask_lista("/municipality_groups")


def ask_nyckeltal(ids: Sequence[str]) -> list[Fraga]:
    """Return the questions for what the catalogue says of these figures."""
    return [
        Fraga(f"/kpi/{','.join(part)}", f"/kpi/{_shorten(part)}", nyckeltal=frozenset(part))
        for part in split(clean_ids(ids))
    ]


def ask_grupper(ids: Sequence[str]) -> list[Fraga]:
    """Return the questions for the members that these groups have now."""
    return [
        Fraga(f"{GRUPPER.sokvag}/{','.join(part)}", f"{GRUPPER.kort}/{_shorten(part)}")
        for part in split(clean_ids(ids))
    ]


def ask_varden(
    nyckeltal: Sequence[str], kommuner: Sequence[str], years: Sequence[int]
) -> list[Fraga]:
    """Return the questions for values.

    The figures are divided first, since the places and years of one run seldom exceed a segment.
    """
    return [
        _ask_varden(figures, place, period)
        for figures in split(clean_ids(nyckeltal))
        for place in split(clean_ids(kommuner))
        for period in split(list(dict.fromkeys(years)))
    ]


def halve_fraga(fraga: Fraga) -> list[Fraga]:
    """Return two smaller questions that ask the same together; none where it can't be divided."""
    figures, places = sorted(fraga.nyckeltal), sorted(fraga.kommuner)
    years = sorted(fraga.years)
    most = max(figures, places, key=len)
    if len(most) < 2:
        return []
    parts = (most[: len(most) // 2], most[len(most) // 2 :])
    if not years:
        return [q for part in parts for q in ask_nyckeltal(part)]
    if most is figures:
        return [_ask_varden(part, places, years) for part in parts]
    return [_ask_varden(figures, part, years) for part in parts]


def clean_ids(ids: Iterable[str]) -> list[str]:
    """Return the ids without repeats and without what cannot be an id.

    People type ids in a workbook: a slash or a comma in one would turn it into another question.
    One that is left out is missing from the answer, like any id that Kolada does not have.
    """
    return [i for i in dict.fromkeys(ids) if i.isascii() and i.isalnum()]


def _ask_varden(figures: list[str], places: list[str], years: list[int]) -> Fraga:
    segments: list[tuple[str, list[str]]] = [("kpi", figures)]
    if places:
        segments.append(("municipality", places))
    segments.append(("year", [str(y) for y in years]))
    return Fraga(
        "/data/" + "/".join(f"{name}/{','.join(ids)}" for name, ids in segments),
        "/data/" + "/".join(f"{name}/{_shorten(ids)}" for name, ids in segments),
        frozenset(figures),
        frozenset(places),
        frozenset(years),
    )


def split(items: Sequence[_T]) -> Iterator[list[_T]]:
    """Yield the items in parts that each fit in a segment of a path."""
    for start in range(0, len(items), MAX_PER_SEGMENT):
        yield list(items[start : start + MAX_PER_SEGMENT])


def _shorten(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{ids[0]},…({len(ids)} st)"
