"""Cost against reference cost, and whether the goal is met (docs/regler.md).

The published deviation decides, rounded as shown; our own ratio only where none is published.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from genomlysning.regler.avrundning import round_half_away
from genomlysning.regler.bedomning import Bedomning

#: Decimals of the deviation in per cent and of the indices, as shown in the workbook.
DECIMALER_PROCENT = 1
DECIMALER_INDEX = 1
#: Own and published deviation may differ by this many percentage points without a remark.
TILLATEN_SKILLNAD = 0.1
#: So many judged quality figures are needed where a verksamhet has no quality index.
MINST_ANTAL_KVALITET = 3


class Svar(StrEnum):
    """A yes or no as the workbook spells it."""

    JA = "Ja"
    NEJ = "Nej"
    OKANT = "Kan inte bedömas"


def compute_egen_procent(nettokostnad: float | None, referenskostnad: float | None) -> float | None:
    """Return (net cost / reference cost − 1) · 100 in per cent; None if it can't be reckoned."""
    if nettokostnad is None or referenskostnad is None or referenskostnad == 0:
        return None
    return (nettokostnad / referenskostnad - 1) * 100


def compute_mkr(
    nettokostnad: float | None, referenskostnad: float | None, invanare: float | None
) -> float | None:
    """Return the deviation in million kronor from kr per inhabitant and inhabitants (N01951)."""
    if nettokostnad is None or referenskostnad is None or invanare is None:
        return None
    return (nettokostnad - referenskostnad) * invanare / 1e6


def differs(egen: float | None, publicerad: float | None) -> bool:
    """Tell whether own and published deviation (per cent) differ enough to be explained."""
    if egen is None or publicerad is None:
        return False
    return round_half_away(abs(egen - publicerad), 9) > TILLATEN_SKILLNAD


def is_within(avvikelse_procent: float | None) -> Svar:
    """Tell whether the cost is within the reference cost: at most 0.0 per cent as shown."""
    if avvikelse_procent is None:
        return Svar.OKANT
    return Svar.JA if round_half_away(avvikelse_procent, DECIMALER_PROCENT) <= 0 else Svar.NEJ


def compute_avvikelse_kr(netto: float | None, referens: float | None) -> float | None:
    """Return net cost minus reference cost as shown, in kr per inhabitant; None without both."""
    if netto is None or referens is None:
        return None
    return round_half_away(netto, 0) - round_half_away(referens, 0)


def has_better_results(
    kvalitetsindex: float | None, liknande: float | None, kvalitet: Iterable[Bedomning]
) -> Svar:
    """Tell whether the results are better than those of similar municipalities.

    The quality index as shown decides where both have one; else more than half of at least
    three judged quality figures of the verksamhet (`kvalitet`: their verdicts).
    """
    if kvalitetsindex is not None and liknande is not None:
        own, similar = (round_half_away(v, DECIMALER_INDEX) for v in (kvalitetsindex, liknande))
        return Svar.JA if own > similar else Svar.NEJ
    judged = [b for b in kvalitet if b in (Bedomning.BATTRE, Bedomning.SAMRE, Bedomning.I_NIVA)]
    if len(judged) < MINST_ANTAL_KVALITET:
        return Svar.OKANT
    if 2 * judged.count(Bedomning.BATTRE) > len(judged):
        return Svar.JA
    if 2 * judged.count(Bedomning.SAMRE) > len(judged):
        return Svar.NEJ
    return Svar.OKANT


def meets_goal(inom: Svar, battre: Svar) -> Svar:
    """Tell whether the goal is met: better results at a cost within the reference cost."""
    if Svar.NEJ in (inom, battre):
        return Svar.NEJ
    return Svar.JA if inom is battre is Svar.JA else Svar.OKANT


class Avvikelsesumma(NamedTuple):
    """Deviations summed in million kronor, above and below zero; how many there were and lack."""

    over: float
    under: float
    antal: int
    antal_saknas: int

    @property
    def netto(self) -> float:
        """Above and below taken together, in million kronor."""
        return self.over + self.under


def sum_avvikelser(mkr: Sequence[float | None]) -> Avvikelsesumma:
    """Sum deviations in million kronor, above and below reference cost apart."""
    known = [v for v in mkr if v is not None]
    return Avvikelsesumma(
        over=sum((v for v in known if v > 0), 0.0),
        under=sum((v for v in known if v < 0), 0.0),
        antal=len(known),
        antal_saknas=len(mkr) - len(known),
    )
