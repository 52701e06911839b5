"""What a sum of deviations is said to be, and what is missing in it: one rule for all of them.

A part is never told as the whole, a zero part is not told, and where there is nothing to sum
nothing is said. docs/regler.md has the rule in words.
"""

from collections.abc import Sequence

from genomlysning.regler.avrundning import round_half_away
from genomlysning.regler.referenskostnad import RIMLIG_PROCENT, Avvikelsesumma
from genomlysning.regler.visning import MEST_DECIMALER, choose_procent_decimaler
from genomlysning.svenska import format_procent, format_tal, join_nagra, join_och, lower_first

#: So many verksamheter are named; the rest are counted.
MEST_NAMN = 8
_NBSP = "\u00a0"
NAMNDENS_BUDGET, NAMNDERNAS_BUDGETAR = "nämndens budget", "nämndernas budgetar"


def tell_summa(summa: Avvikelsesumma, budget: str = NAMNDENS_BUDGET) -> str:
    """Return how far verksamheter are from reference cost together, and what is not in that.

    Empty where nothing can be summed, and for a single verksamhet, which is no sum.
    """
    every = len(summa.summerade) + len(summa.saknas) + len(summa.orimliga)
    if not summa.finns or every < 2:
        return ""
    text = f"{_subject(summa, every)} {tell_belopp(summa)}."
    note = f"Beloppen gäller räkenskaperna per verksamhet, inte {budget}, och är inte besparingar."
    return join_text(text, tell_utanfor(summa), note)


def tell_belopp(summa: Avvikelsesumma) -> str:
    """Return the sums in Mkr, without parts that are zero as shown."""
    parts = [
        f"{shown}{_NBSP}Mkr {how}"
        for amount, how in ((summa.over, "över"), (summa.under, "under"))
        if (shown := format_tal(abs(amount), 1)) != format_tal(0.0, 1)
    ]
    whose = "sina referenskostnader" if len(summa.summerade) > 1 else "sin referenskostnad"
    net = f", netto {format_tal(summa.netto, 1, tecken=True)}{_NBSP}Mkr" if len(parts) > 1 else ""
    return f"{join_och(parts) or 'i nivå med'} {whose}{net}"


def tell_utanfor(summa: Avvikelsesumma) -> str:
    """Return which verksamheter are not in the sum, and why; empty where all are."""
    missing = f"Belopp saknas för {_names(summa.saknas)}." if summa.saknas else ""
    unreal = ""
    if summa.orimliga:
        unreal = (
            f"Den egna beräkningen för {_names(summa.orimliga)} räknas inte med, eftersom en "
            f"avvikelse på mer än {RIMLIG_PROCENT:.0f} procent inte är verklig."
        )
    return join_text(missing, unreal)


def describe_avvikelse(procent: float, *, egen: bool, orimlig: bool) -> str:
    """Return how far a cost is from its reference cost, and whose reckoning that is if ours."""
    shown = format_procent(abs(procent), choose_procent_decimaler(procent))
    how = "högre" if procent > 0 else "lägre"
    text = f"{shown} {how} än referenskostnaden"
    if round_half_away(procent, MEST_DECIMALER) == 0:
        text = "lika hög som referenskostnaden"
    if orimlig:
        return f"{text} (egen beräkning, som inte är rimlig)"
    return f"{text} (egen beräkning)" if egen else text


def join_text(*sentences: str) -> str:
    """Join sentences that may be empty."""
    return " ".join(s for s in sentences if s)


def _subject(summa: Avvikelsesumma, every: int) -> str:
    if len(summa.summerade) == every:
        return "Tillsammans ligger verksamheterna"
    if len(summa.summerade) == 1:
        only = lower_first(summa.summerade[0])
        return f"Bara {only} av {every} verksamheter kan räknas in, och ligger"
    count = len(summa.summerade)
    return f"De {count} av {every} verksamheter som kan räknas in ligger tillsammans"


def _names(namn: Sequence[str]) -> str:
    return join_nagra([lower_first(n) for n in namn], MEST_NAMN)
