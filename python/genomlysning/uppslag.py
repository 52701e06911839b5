"""Looks up fetched values, and reckons the means that Kolada does not have (docs/regler.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from genomlysning.begrepp import LagratVarde
from genomlysning.urval import Gruppval


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
        """Tell whether Kolada has no mean of the group, so that its members are needed."""
        return grupp is not None and self.value(nyckeltal, grupp.grupp.id, year) is None

    def liknande(
        self, nyckeltal: str, grupp: Gruppval | None, year: int
    ) -> tuple[float | None, int | None, bool]:
        """Return the mean of the similar ones, how many it rests on, and whether it is our own."""
        if grupp is None:
            return None, None, False
        stored = self.get(nyckeltal, grupp.grupp.id, year)
        if stored is not None and stored.varde is not None:
            return stored.varde, stored.antal, False
        members = self.known(nyckeltal, grupp.grupp.medlemmar, year)
        if members:
            return sum(members) / len(members), len(members), True
        return None, 0, False

    def known(self, nyckeltal: str, kommuner: Sequence[str], year: int) -> list[float]:
        """Return the values of those municipalities that have one."""
        spread = self.alla.get((nyckeltal, year))
        if spread is not None:
            return [spread[k] for k in kommuner if k in spread]
        found = (self.value(nyckeltal, k, year) for k in kommuner)
        return [v for v in found if v is not None]
