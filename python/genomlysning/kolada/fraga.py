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


def ask_nyckeltal(ids: Sequence[str]) -> list[Fraga]:
    """Return the questions for what the catalogue says of these figures."""
    return [
        Fraga(f"/kpi/{','.join(part)}", f"/kpi/{_shorten(part)}", nyckeltal=frozenset(part))
        for part in _split(clean_ids(ids))
    ]


def ask_varden(
    nyckeltal: Sequence[str], kommuner: Sequence[str] | None, years: Sequence[int]
) -> list[Fraga]:
    """Return the questions for values; `kommuner` None asks for all municipalities.

    The figures are divided first, since the places and years of one run seldom exceed a segment.
    """
    places: list[list[str]] = [[]] if kommuner is None else list(_split(clean_ids(kommuner)))
    return [
        _ask_varden(figures, place, period)
        for figures in _split(clean_ids(nyckeltal))
        for place in places
        for period in _split(list(dict.fromkeys(years)))
    ]


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


def _split(items: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(items), MAX_PER_SEGMENT):
        yield items[start : start + MAX_PER_SEGMENT]


def _shorten(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{ids[0]},…({len(ids)} st)"
