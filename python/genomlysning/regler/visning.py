"""With how many decimals two values are shown, so that a reader sees why they are judged so.

Values are judged unrounded. Rounded as usual, 23.30 against 23.57 days would be 23 against
24, which looks better and is level by the rule.
"""

from genomlysning.ord import INDEX, Riktning
from genomlysning.regler.avrundning import exceeds, round_half_away
from genomlysning.regler.bedomning import Toleranser
from genomlysning.regler.referenskostnad import DECIMALER_INDEX, DECIMALER_PROCENT

#: No value is shown with more decimals.
MEST_DECIMALER = 4
#: The shown difference may be off by this share of the real one, or of the tolerance.
_TILLATET_FEL = 0.1


def choose_decimaler(
    varde: float | None,
    jamfort_med: float | None,
    *,
    decimaler: int,
    riktning: Riktning | None,
    enhet: str,
    toleranser: Toleranser,
    mal: float | None = None,
) -> int:
    """Return the fewest decimals, at least `decimaler`, that bear the verdict as shown.

    Judged as shown they get the same verdict, and their difference is nearly the real one. Values
    that aren't judged are shown with `decimaler`.
    """
    if varde is None or riktning is Riktning.INGEN or (riktning is Riktning.MAL and mal is None):
        return decimaler
    if riktning is not Riktning.MAL:
        mal = None
    elif mal is None or jamfort_med is None:
        jamfort_med = 0.0
    if jamfort_med is None:
        return decimaler
    for tried in range(decimaler, MEST_DECIMALER):
        own, other = round_half_away(varde, tried), round_half_away(jamfort_med, tried)
        if mal is not None:
            if exceeds(own, mal) == exceeds(varde, mal):
                return tried
            continue
        shown, real = own - other, varde - jamfort_med
        level = toleranser.is_level(real, jamfort_med, enhet)
        room = max(abs(real), toleranser.compute(jamfort_med, enhet)) * _TILLATET_FEL
        if toleranser.is_level(shown, other, enhet) is level and not exceeds(
            abs(shown - real), room
        ):
            return tried
    return max(decimaler, MEST_DECIMALER)


def choose_procent_decimaler(avvikelse: float) -> int:
    """Return the decimals of a deviation, which is judged as being above zero or not."""
    return choose_decimaler(
        avvikelse,
        None,
        decimaler=DECIMALER_PROCENT,
        riktning=Riktning.MAL,
        enhet="%",
        toleranser=Toleranser(),
        mal=0.0,
    )


def choose_index_decimaler(index: float, liknande: float, toleranser: Toleranser) -> int:
    """Return the decimals of a quality index and that of similar municipalities."""
    return choose_decimaler(
        index,
        liknande,
        decimaler=DECIMALER_INDEX,
        riktning=Riktning.HOGRE,
        enhet=INDEX,
        toleranser=toleranser,
    )
