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
#: Places in an answer for all municipalities, regions and the nation included.
PLATSER = 312
#: Figures in a question about all municipalities: its answer comes on one page, so that no page
#: waits for another.
ALLA_PER_FRAGA = PER_SIDA // PLATSER

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
        for part in _split(clean_ids(ids))
    ]


def ask_varden(
    nyckeltal: Sequence[str], kommuner: Sequence[str], years: Sequence[int]
) -> list[Fraga]:
    """Return the questions for values.

    The figures are divided first, since the places and years of one run seldom exceed a segment.
    """
    return [
        _ask_varden(figures, place, period)
        for figures in _split(clean_ids(nyckeltal))
        for place in _split(clean_ids(kommuner))
        for period in _split(list(dict.fromkeys(years)))
    ]


def ask_varden_alla(nyckeltal: Sequence[str], year: int) -> list[Fraga]:
    """Return the questions for one year's values of all municipalities."""
    parts = _split(clean_ids(nyckeltal), ALLA_PER_FRAGA)
    return [_ask_varden(figures, [], [year]) for figures in parts]


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


def _split(items: list[_T], most: int = MAX_PER_SEGMENT) -> Iterator[list[_T]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]


def _shorten(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{ids[0]},…({len(ids)} st)"
