"""The verdict on a figure against similar municipalities or a target (docs/regler.md).

What is judged is what the reader sees: both values are rounded to their shown decimals before
they are compared, so that anybody can check a verdict from the printed table. The workbook has
the same rule as a formula in `bok/formler.py`; a test holds them to each other.
"""

from enum import StrEnum
from typing import NamedTuple

from genomlysning.ord import Riktning, Slag
from genomlysning.regler.avrundning import round_half_away

#: A mean over fewer municipalities than this says too little to judge against.
MINST_ANTAL_LIKNANDE = 4

#: Units whose tolerance is in the unit itself; for all others it is relative.
ENHETER_MED_FAST_TOLERANS = ("%", "index")


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
        # Rounded so that 2 % of a shown value is not missed by a floating-point hair.
        return round_half_away(abs(jamfort_med) * self.procent / 100, 9)


def compute_skillnad(varde: float | None, liknande: float | None, decimaler: int) -> float | None:
    """Return own value minus similar as shown, in the figure's unit; None if either is missing."""
    if varde is None or liknande is None:
        return None
    shown = round_half_away(varde, decimaler) - round_half_away(liknande, decimaler)
    return round_half_away(shown, decimaler)


def assess(
    varde: float | None,
    liknande: float | None,
    antal_liknande: int | None,
    *,
    slag: Slag,
    riktning: Riktning,
    enhet: str,
    decimaler: int,
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
        within = round_half_away(varde, decimaler) <= mal
        return Bedomning.INOM_MALET if within else Bedomning.OVER_MALET
    skillnad = compute_skillnad(varde, liknande, decimaler)
    if skillnad is None or liknande is None or (antal_liknande or 0) < MINST_ANTAL_LIKNANDE:
        return Bedomning.OKANT
    if abs(skillnad) <= toleranser.compute(round_half_away(liknande, decimaler), enhet):
        return Bedomning.I_NIVA
    if slag is Slag.KOSTNAD:
        return Bedomning.LAGRE if skillnad < 0 else Bedomning.HOGRE
    better = (skillnad > 0) == (riktning is Riktning.HOGRE)
    return Bedomning.BATTRE if better else Bedomning.SAMRE
