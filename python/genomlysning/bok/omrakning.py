"""What our formulas give for the rows of an existing workbook, reckoned from the rows themselves.

A row may be the controller's own, and its direction, unit and tolerances may have been changed,
so each verdict follows from what the cells hold, as it does in Excel. The rules are those of
`regler/`; how a cell's content is taken is that of `bok/formler.py`. `UTAN_SVAR` stands for a
value that can't be known here, because it depends on a person's own formula.
"""

from collections.abc import Mapping, Sequence

from genomlysning.bok.beskrivning import ARSKOLUMNER, Regelrad
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formler import EJ_JAMFORBAR
from genomlysning.ord import Riktning, Slag
from genomlysning.regler.bedomning import (
    MINST_ANTAL_LIKNANDE,
    Bedomning,
    Toleranser,
    assess,
    compute_skillnad,
)
from genomlysning.regler.referenskostnad import (
    Svar,
    compute_avvikelse_kr,
    compute_egen_procent,
    has_better_results,
    is_within,
    meets_goal,
)
from genomlysning.regler.utveckling import assess_utveckling

#: The rules by Kolada-id in capitals, as the sheet Listor has them.
Regler = Mapping[str, Regelrad]


class UtanSvar:
    """The value of a cell that only Excel can reckon."""


UTAN_SVAR = UtanSvar()
Raknat = Cellvarde | UtanSvar
#: What a row holds, by the keys of its columns.
Raknerad = Mapping[str, Raknat]


def read_tal(rad: Raknerad, key: str) -> float | None:
    """Return the number in a column; None where the cell has none."""
    value = rad.get(key)
    return float(value) if isinstance(value, float | int) and not isinstance(value, bool) else None


def find_regel(rad: Raknerad, regler: Regler) -> Regelrad:
    """Return the rules of a row's figure, by its unit where it has none of its own."""
    known = regler.get(_text(rad, "id").upper()) if rad.get("id") else None
    if known is not None:
        return known
    krona = _text(rad, "enhet")[:2].lower() == "kr"
    kind = Slag.KOSTNAD if krona else Slag.RESULTAT
    return Regelrad(_text(rad, "id"), kind.value, 0 if krona else 1, None, "")


def parse_riktning(text: str) -> Riktning | None:
    """Return the wanted direction of a cell; None for a word that is not in the list."""
    if not text:
        return Riktning.INGEN
    return next((r for r in Riktning if r.value.lower() == text.lower()), None)


def compute_jamforelse(rad: Raknerad, regler: Regler, toleranser: Toleranser) -> dict[str, Raknat]:
    """Return `skillnad` and `bedomning` of a row of a comparing table."""
    if _unknown(rad, "varde", "liknande", "enhet", "riktning", "antal", "id", "namn"):
        return {"skillnad": UTAN_SVAR, "bedomning": UTAN_SVAR}
    regel = find_regel(rad, regler)
    own, similar = read_tal(rad, "varde"), read_tal(rad, "liknande")
    difference = compute_skillnad(own, similar)
    riktning = _riktning(rad)
    # Own rows need not say how many the similar ones are.
    count = read_tal(rad, "antal") if rad.get("id") else MINST_ANTAL_LIKNANDE
    if not _text(rad, "namn"):
        verdict = ""
    else:
        verdict = assess(
            own,
            similar,
            int(count or 0),
            slag=_slag(regel),
            riktning=riktning,
            enhet=_text(rad, "enhet"),
            toleranser=toleranser,
            mal=regel.mal,
            jamforbar=regel.slag != EJ_JAMFORBAR,
        ).value
    return {"skillnad": difference, "bedomning": verdict}


def compute_tidsserie(rad: Raknerad, regler: Regler, toleranser: Toleranser) -> dict[str, Raknat]:
    """Return `forandring` and `utveckling` of a row of a table over time."""
    first_key, last_key = ARSKOLUMNER[0], ARSKOLUMNER[-1]
    if _unknown(rad, first_key, last_key, "enhet", "riktning", "id", "namn"):
        return {"forandring": UTAN_SVAR, "utveckling": UTAN_SVAR}
    regel = find_regel(rad, regler)
    first, last = read_tal(rad, first_key), read_tal(rad, last_key)
    change = compute_skillnad(last, first)
    riktning = _riktning(rad)
    if not _text(rad, "namn"):
        verdict = ""
    else:
        verdict = assess_utveckling(
            first,
            last,
            riktning=riktning,
            enhet=_text(rad, "enhet"),
            toleranser=toleranser,
            mal=regel.mal,
        ).value
    return {"forandring": change, "utveckling": verdict}


def compute_referens(
    rad: Raknerad, kvalitet: Sequence[Raknerad], regler: Regler, toleranser: Toleranser
) -> dict[str, Raknat]:
    """Return the five reckoned columns of a row of the reference cost.

    `kvalitet` are the rows of the table Kvalitet, whose verdicts decide without an index.
    """
    keys = ("avvikelse_kr", "egen", "inom", "battre", "uppfyller")
    if _unknown(rad, "verksamhet", "netto", "referens", "procent", "index", "index_liknande"):
        return dict.fromkeys(keys, UTAN_SVAR)
    net, reference = read_tal(rad, "netto"), read_tal(rad, "referens")
    answer: dict[str, Raknat] = {
        "avvikelse_kr": compute_avvikelse_kr(net, reference),
        "egen": compute_egen_procent(net, reference),
    }
    name = _text(rad, "verksamhet")
    if not name:
        return answer | {"inom": "", "battre": "", "uppfyller": ""}
    within = is_within(read_tal(rad, "procent"))
    index, similar = read_tal(rad, "index"), read_tal(rad, "index_liknande")
    verdicts = [
        r.get("bedomning")
        for r in kvalitet
        if (rule := regler.get(_text(r, "id").upper())) and rule.verksamhet.lower() == name.lower()
    ]
    if UTAN_SVAR in verdicts and (index is None or similar is None):
        goal = Svar.NEJ.value if within is Svar.NEJ else UTAN_SVAR
        return answer | {"inom": within.value, "battre": UTAN_SVAR, "uppfyller": goal}
    known = [b for v in verdicts for b in Bedomning if b == v]
    better = has_better_results(index, similar, known, toleranser)
    return answer | {
        "inom": within.value,
        "battre": better.value,
        "uppfyller": meets_goal(within, better).value,
    }


def _unknown(rad: Raknerad, *keys: str) -> bool:
    return any(rad.get(k) is UTAN_SVAR for k in keys)


def _text(rad: Raknerad, key: str) -> str:
    value = rad.get(key)
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _riktning(rad: Raknerad) -> Riktning:
    # The formulas take every other word for Lägre; who updates is warned of it.
    return parse_riktning(_text(rad, "riktning")) or Riktning.LAGRE


def _slag(regel: Regelrad) -> Slag:
    # A target and no verdict at all follow from the direction, as in the formula.
    return Slag.KOSTNAD if regel.slag == Slag.KOSTNAD.value else Slag.RESULTAT
