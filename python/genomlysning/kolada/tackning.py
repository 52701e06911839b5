"""Tells an answer that lost its values from one about values that do not exist.

An answer without a row is how Kolada answers what it does not understand, and also how it says
that nothing is published. What the other answers of the same run hold tells the two apart.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from genomlysning.begrepp import KOMMUNGENOMSNITT, Observation
from genomlysning.kolada.fraga import Fraga

#: A figure that this share of the municipalities have is one that any ten of them have too.
_NASTAN_ALLA = 0.8
_MINST_PLATSER = 10
_KOMMUNER = 290

_Serie = tuple[str, int]


class _Svar(NamedTuple):
    """A question, how many rows it was answered with, and how many places have each figure.

    `ensam`: no other question is about the same figures and years.
    """

    fraga: Fraga
    rader: int
    antal: Counter[_Serie]
    ensam: bool


class Tackning:
    """What the answers of one run hold, by figure and year."""

    def __init__(self) -> None:
        self._svar: list[_Svar] = []
        self._begarda: Counter[_Serie] = Counter()
        self._antal: Counter[_Serie] = Counter()
        #: How many municipalities Kolada itself says that its mean of all rests on.
        self._i_snittet: dict[_Serie, int] = {}

    def add(self, fraga: Fraga, rader: int, found: Sequence[Observation], *, ensam: bool) -> None:
        """Take an answer, and the number of rows it came in."""
        antal = Counter((o.nyckeltal, o.year) for o in found if o.gender == "T")
        self._svar.append(_Svar(fraga, rader, antal, ensam))
        self._antal += antal
        for figure in fraga.nyckeltal:
            for year in fraga.years:
                self._begarda[figure, year] += len(fraga.kommuner)
        for o in found:
            if o.kommun == KOMMUNGENOMSNITT and o.gender == "T" and o.antal is not None:
                self._i_snittet[o.nyckeltal, o.year] = o.antal

    def is_tom(self) -> bool:
        """Tell whether there was no row at all, deleted values included.

        A year that nothing is published for yet gives no municipality any, in many questions.
        """
        alone = [s.rader for s in self._svar if s.ensam]
        return bool(alone) and not any(s.rader for s in self._svar)

    def list_tomma(self) -> list[Fraga]:
        """Return the questions without a row that were alone in what they asked about."""
        return [s.fraga for s in self._svar if s.ensam and not s.rader]

    def list_luckor(self) -> Iterator[tuple[Fraga, str, int]]:
        """Yield the questions, figures and years where no place has what nearly all others have."""
        for fraga, _, antal, _ in self._svar:
            places = len(fraga.kommuner)
            if places < _MINST_PLATSER:
                continue
            for serie in sorted((f, y) for f in fraga.nyckeltal for y in fraga.years):
                if antal[serie]:
                    continue
                others = self._begarda[serie] - places
                enough = others >= _MINST_PLATSER and self._antal[serie] >= _NASTAN_ALLA * others
                if enough or self._i_snittet.get(serie, 0) >= _NASTAN_ALLA * _KOMMUNER:
                    yield fraga, *serie
