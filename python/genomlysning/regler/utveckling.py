"""The development of a figure over the shown years (docs/regler.md)."""

from enum import StrEnum

from genomlysning.ord import Riktning
from genomlysning.regler.avrundning import JAMFORDA_DECIMALER, round_half_away
from genomlysning.regler.bedomning import Toleranser, compute_skillnad

#: Units of money; in running prices a change says nothing by itself.
PENGAENHETER = ("kr", "tkr", "mkr")


class Utveckling(StrEnum):
    """The developments as the workbook spells them."""

    FORBATTRAD = "Förbättrad"
    FORSAMRAD = "Försämrad"
    OFORANDRAD = "Oförändrad"
    OKANT = "Kan inte bedömas"


def is_money(enhet: str) -> bool:
    """Tell whether a unit is money: kr, tkr, Mkr, or kr per something."""
    return enhet.lower().split("/")[0] in PENGAENHETER


def assess_utveckling(
    forsta: float | None,
    sista: float | None,
    *,
    riktning: Riktning,
    enhet: str,
    toleranser: Toleranser,
    mal: float | None = None,
) -> Utveckling:
    """Return how a figure has developed from the first to the last shown year.

    With a target, what counts is the distance above it: moving about below it is no change.
    """
    change = compute_skillnad(sista, forsta)
    if change is None or forsta is None or sista is None:
        return Utveckling.OKANT
    if riktning is Riktning.INGEN or is_money(enhet):
        return Utveckling.OKANT
    if riktning is Riktning.MAL:
        if mal is None:
            return Utveckling.OKANT
        over = [max(0.0, v - mal) for v in (sista, forsta)]
        change = round_half_away(over[0] - over[1], JAMFORDA_DECIMALER)
    if toleranser.is_level(change, forsta, enhet):
        return Utveckling.OFORANDRAD
    better = (change > 0) == (riktning is Riktning.HOGRE)
    return Utveckling.FORBATTRAD if better else Utveckling.FORSAMRAD
