"""The verdict on a figure against similar municipalities or a target (docs/regler.md).

Values are judged unrounded. With how many decimals they must be shown for a reader to see why is
told by `visning`. The workbook has the same rule as a formula in `bok/formler.py`; a test holds
them to each other.
"""

from enum import StrEnum
from typing import NamedTuple

from genomlysning.ord import INDEX, Riktning, Slag, is_index
from genomlysning.regler.avrundning import JAMFORDA_DECIMALER, exceeds, round_half_away

#: A mean over fewer municipalities than this says too little to judge against.
MINST_ANTAL_LIKNANDE = 4

#: Units whose tolerance is in the unit itself; for all others it is relative.
ENHETER_MED_FAST_TOLERANS = ("%", INDEX)


class Bedomning(StrEnum):
    """The verdicts as the workbook spells them."""

    BATTRE = "Bättre"
    SAMRE = "Sämre"
    I_NIVA = "I nivå"
    LAGRE = "Lägre"
    HOGRE = "Högre"
    INOM_MALET = "Inom målet"
    OVER_MALET = "Över målet"
    OKANT = "Kan inte bedömas"


class Toleranser(NamedTuple):
    """How large a difference is still 'I nivå': per cent, or units for per cent and index."""

    procent: float = 2.0
    enheter: float = 1.0

    def compute(self, jamfort_med: float, enhet: str) -> float:
        """Return the largest difference, in the figure's unit, that counts as level."""
        # Excel compares text without regard to case.
        if enhet.lower() in ENHETER_MED_FAST_TOLERANS:
            return self.enheter
        return abs(jamfort_med) * self.procent / 100

    def is_level(self, skillnad: float, jamfort_med: float, enhet: str) -> bool:
        """Tell whether a difference counts as level."""
        return not exceeds(abs(skillnad), self.compute(jamfort_med, enhet))


def compute_skillnad(varde: float | None, liknande: float | None) -> float | None:
    """Return own value minus similar, in the figure's unit; None if either is missing."""
    if varde is None or liknande is None:
        return None
    return round_half_away(varde - liknande, JAMFORDA_DECIMALER)


def compute_storlek(skillnad: float, liknande: float, enhet: str) -> float | None:
    """Return how large a difference is as a share, to tell which of several is the largest.

    An index runs from 0 to 100, so its unit is a hundredth whatever it is compared with. None
    where the difference is no share of the similar value, which is zero or below.
    """
    if is_index(enhet):
        return abs(skillnad) / 100
    return abs(skillnad) / liknande if liknande > 0 else None


def assess(
    varde: float | None,
    liknande: float | None,
    antal_liknande: int | None,
    *,
    slag: Slag,
    riktning: Riktning,
    enhet: str,
    toleranser: Toleranser,
    mal: float | None = None,
    jamforbar: bool = True,
) -> Bedomning:
    """Return the verdict on one figure.

    A figure with a target (riktning Mål) is judged against the target alone, at most `mal`, and
    not at all if nobody has said what the target is. `jamforbar` False (amounts, head counts) is
    never judged.
    """
    if varde is None or not jamforbar or riktning is Riktning.INGEN:
        return Bedomning.OKANT
    if riktning is Riktning.MAL:
        if mal is None:
            return Bedomning.OKANT
        return Bedomning.OVER_MALET if exceeds(varde, mal) else Bedomning.INOM_MALET
    skillnad = compute_skillnad(varde, liknande)
    if skillnad is None or liknande is None or (antal_liknande or 0) < MINST_ANTAL_LIKNANDE:
        return Bedomning.OKANT
    if toleranser.is_level(skillnad, liknande, enhet):
        return Bedomning.I_NIVA
    if slag is Slag.KOSTNAD:
        # An index of resources is highest where the cost is lowest.
        turned = riktning is Riktning.HOGRE and is_index(enhet)
        return Bedomning.LAGRE if (skillnad < 0) is not turned else Bedomning.HOGRE
    better = (skillnad > 0) == (riktning is Riktning.HOGRE)
    return Bedomning.BATTRE if better else Bedomning.SAMRE
