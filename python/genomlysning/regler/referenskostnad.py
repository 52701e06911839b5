"""Cost against reference cost, and whether the goal is met (docs/regler.md).

The published deviation decides; our own ratio only where none is published.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from genomlysning.ord import INDEX
from genomlysning.regler.avrundning import exceeds, round_half_away
from genomlysning.regler.bedomning import Bedomning, Toleranser, compute_skillnad

#: Decimals of the deviation in per cent and of the indices, as shown in the workbook.
DECIMALER_PROCENT = 1
DECIMALER_INDEX = 1
#: Own and published deviation may differ by this many percentage points without a remark.
TILLATEN_SKILLNAD = 0.1
#: An own deviation further from zero than this many per cent can't be real. Nobody runs a
#: verksamhet at less than two fifths or more than eight fifths of what it should cost: then the
#: two amounts cover different things, as when other municipalities or years are booked on one of
#: them. Kolada's own deviations have been checked by those who publish them.
RIMLIG_PROCENT = 60.0
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
    """Tell whether the cost is within the reference cost: at most 0 per cent above it."""
    if avvikelse_procent is None:
        return Svar.OKANT
    return Svar.NEJ if exceeds(avvikelse_procent, 0.0) else Svar.JA


def is_orimlig(egen_procent: float | None) -> bool:
    """Tell whether a deviation (per cent) of our own reckoning is beyond what can be real."""
    return egen_procent is not None and exceeds(abs(egen_procent), RIMLIG_PROCENT)


def compute_avvikelse_kr(netto: float | None, referens: float | None) -> float | None:
    """Return net cost minus reference cost as shown, in kr per inhabitant; None without both."""
    if netto is None or referens is None:
        return None
    return round_half_away(netto, 0) - round_half_away(referens, 0)


def has_better_results(
    kvalitetsindex: float | None,
    liknande: float | None,
    kvalitet: Iterable[Bedomning],
    toleranser: Toleranser,
) -> Svar:
    """Tell whether the results are better than those of similar municipalities.

    The quality index decides where both have one, and is better by the same tolerance as on 2.1;
    else more than half of at least three judged quality figures of the verksamhet (`kvalitet`:
    their verdicts).
    """
    difference = compute_skillnad(kvalitetsindex, liknande)
    if difference is not None and liknande is not None:
        better = difference > 0 and not toleranser.is_level(difference, liknande, INDEX)
        return Svar.JA if better else Svar.NEJ
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


class Summapost(NamedTuple):
    """One verksamhet to be summed: its deviation in million kronor, and if that can't be real."""

    namn: str
    mkr: float | None
    orimlig: bool = False


class Avvikelsesumma(NamedTuple):
    """Deviations summed in million kronor, above (≥ 0) and below (≤ 0) reference cost.

    `summerade`, `saknas` (no amount) and `orimliga` (an amount that can't be real) name the
    verksamheter. Without any in the first there is no sum, whatever the numbers say.
    """

    over: float
    under: float
    summerade: tuple[str, ...]
    saknas: tuple[str, ...] = ()
    orimliga: tuple[str, ...] = ()

    @property
    def netto(self) -> float:
        """Above and below taken together, in million kronor."""
        return self.over + self.under

    @property
    def finns(self) -> bool:
        """Whether there is anything in the sum."""
        return bool(self.summerade)


def sum_avvikelser(poster: Iterable[Summapost]) -> Avvikelsesumma:
    """Sum deviations in million kronor; what can't be real is named and not summed."""
    every = list(poster)
    summed = [(p.namn, p.mkr) for p in every if p.mkr is not None and not p.orimlig]
    return Avvikelsesumma(
        over=sum((v for _, v in summed if v > 0), 0.0),
        under=sum((v for _, v in summed if v < 0), 0.0),
        summerade=tuple(n for n, _ in summed),
        saknas=tuple(p.namn for p in every if p.mkr is None),
        orimliga=tuple(p.namn for p in every if p.mkr is not None and p.orimlig),
    )
