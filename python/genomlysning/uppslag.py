"""Looks up fetched values, and reckons the means that Kolada does not have (docs/regler.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from genomlysning.begrepp import LagratVarde
from genomlysning.urval import Gruppval


class Gruppmedel(NamedTuple):
    """The mean of a group of similar municipalities, and how many of them it rests on.

    `eget`: reckoned by us, where Kolada has none.
    """

    varde: float | None = None
    antal: int | None = None
    eget: bool = False


@dataclass(slots=True)
class Vardeuppslag:
    """Values by figure, municipality or group, and year, in the figure's own unit.

    `alla` has those of all municipalities by figure and year, where that has been asked for.
    """

    varden: dict[tuple[str, str, int], LagratVarde]
    alla: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict, kw_only=True)

    def get(self, nyckeltal: str, kommun: str, year: int) -> LagratVarde | None:
        """Return the value with what is known of it."""
        return self.varden.get((nyckeltal, kommun, year))

    def value(self, nyckeltal: str, kommun: str, year: int) -> float | None:
        """Return the value; None if it is missing."""
        found = self.get(nyckeltal, kommun, year)
        return found.varde if found else None

    def lacks_mean(self, nyckeltal: str, grupp: Gruppval | None, year: int) -> bool:
        """Tell whether Kolada has no mean of the group, so that its members are needed.

        They are not where Kolada says itself that none of them has a value.
        """
        if grupp is None:
            return False
        found = self._mean(nyckeltal, grupp, year)
        return found is None or (found.varde is None and not (found.finns and found.antal == 0))

    def _mean(self, nyckeltal: str, grupp: Gruppval, year: int) -> LagratVarde | None:
        return None if grupp.behallen else self.get(nyckeltal, grupp.grupp.id, year)

    def liknande(self, nyckeltal: str, grupp: Gruppval | None, year: int) -> Gruppmedel:
        """Return the mean of the similar ones; without a value where none of them has one."""
        if grupp is None:
            return Gruppmedel()
        stored = self._mean(nyckeltal, grupp, year)
        if stored is not None and stored.varde is not None:
            return Gruppmedel(stored.varde, stored.antal)
        members = self.known(nyckeltal, grupp.grupp.medlemmar, year)
        if members:
            return Gruppmedel(sum(members) / len(members), len(members), eget=True)
        return Gruppmedel(antal=0)

    def known(self, nyckeltal: str, kommuner: Sequence[str], year: int) -> list[float]:
        """Return the values of those municipalities that have one."""
        spread = self.alla.get((nyckeltal, year))
        if spread is not None:
            return [spread[k] for k in kommuner if k in spread]
        found = (self.value(nyckeltal, k, year) for k in kommuner)
        return [v for v in found if v is not None]
