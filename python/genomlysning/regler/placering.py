"""The place of a municipality among all that have a value (docs/regler.md)."""

from collections.abc import Iterable
from typing import NamedTuple

from genomlysning.ord import Riktning

#: With a value from fewer municipalities, place and mean say little (many figures come in during
#: the autumn: U00810 had 24 in 2025, 103 the year before).
FA_KOMMUNER = 50


class Placering(NamedTuple):
    """Place 1 is best by the wanted direction; `av` is how many municipalities have a value."""

    plats: int
    av: int


def rank(varde: float | None, alla: Iterable[float], riktning: Riktning) -> Placering | None:
    """Return the place of `varde` among `alla` (own value included); equal values share it.

    None when the own value is missing or the figure is neutral. A figure with a target ranks
    as one where lower is better, since its target is a ceiling.
    """
    if varde is None or riktning is Riktning.INGEN:
        return None
    values = list(alla)
    if riktning is Riktning.HOGRE:
        ahead = sum(v > varde for v in values)
    else:
        ahead = sum(v < varde for v in values)
    return Placering(ahead + 1, len(values))
