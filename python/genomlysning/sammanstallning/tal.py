"""The sums that the municipality's workbook and report both show, and how figures are shown."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from genomlysning.bok.beskrivning import ARSKOLUMNER
from genomlysning.bok.omrakning import find_regel
from genomlysning.bok.plan import Rad
from genomlysning.regler.bedomning import compute_skillnad
from genomlysning.regler.referenskostnad import Svar
from genomlysning.sammanstallning.namndbok import DECIMALER

#: What an amount counts as.
ARLIG, ENGANG, EJ_ANGIVET = "Årlig", "Engång", "Ej angivet"
OBERAKNELIGT = "Går inte att beräkna"
EJ_LASBAR, TOMT = "Kan inte läsas", "Inget belopp"
SUMMERAS = (ARLIG, ENGANG, EJ_ANGIVET)
#: What is said of a move being in the sum, by what its amount counts as, where its file is one of
#: the municipality's; and where it is not.
I_SUMMAN = {
    **dict.fromkeys(SUMMERAS, "Ja"),
    OBERAKNELIGT: "Nej, går inte att beräkna",
    EJ_LASBAR: "Nej, kan inte läsas",
    TOMT: "Nej, inget belopp",
}
ANNAN_KOMMUN, ANNAT_AR_I_SUMMAN = "Nej, annan kommun", "Nej, annat år"
#: No figure is shown with more decimals, whatever a workbook says.
_MEST_DECIMALER = 3
#: What a table of figures has reckoned, and of which two values.
_SKILLNADER = (
    ("skillnad", "varde", "liknande"),
    ("forandring", ARSKOLUMNER[-1], ARSKOLUMNER[0]),
)


class Referenssumma(NamedTuple):
    """How far the verksamheter are above (≥ 0) and below (≤ 0) reference cost, in Mkr.

    `saknas` of them have no amount.
    """

    over: float
    under: float
    saknas: int

    @property
    def netto(self) -> float:
        """The two together."""
        return self.over + self.under


class Flyttsumma(NamedTuple):
    """How many moves, and the lowest and the highest that their amounts come to, in tkr."""

    antal: int
    lagst: float
    hogst: float


class Malsvar(NamedTuple):
    """How many verksamheter meet the goal, or a part of it, do not, and can't be judged."""

    ja: int
    nej: int
    okant: int

    @property
    def alla(self) -> int:
        """All that are counted."""
        return sum(self)


def list_summerade(verksamheter: Sequence[Rad]) -> list[Rad]:
    """Return the verksamheter that are counted in the municipality's sums."""
    return [r for r in verksamheter if r["summan"] == "Ja"]


def sum_referens(verksamheter: Sequence[Rad]) -> Referenssumma:
    """Return the municipality's sums."""
    amounts = [r["mkr"] for r in list_summerade(verksamheter)]
    known = [a for a in amounts if isinstance(a, float)]
    over, under = (sum(a for a in known if a > 0), sum(a for a in known if a < 0))
    return Referenssumma(over, under, len(amounts) - len(known))


def count_mal(verksamheter: Sequence[Rad]) -> Malsvar:
    """Return how the verksamheter in the sum stand to the goal."""
    return count_svar(r["uppfyller"] for r in list_summerade(verksamheter))


def count_svar(svar: Iterable[object]) -> Malsvar:
    """Return how many answers are yes, no, and neither."""
    answers = list(svar)
    yes, no = answers.count(Svar.JA.value), answers.count(Svar.NEJ.value)
    return Malsvar(yes, no, len(answers) - yes - no)


def sum_flyttar(forflyttningar: Sequence[Rad], raknas: str) -> Flyttsumma:
    """Return what the moves that count as `raknas` come to, of the municipality's own files."""
    wanted = (raknas, I_SUMMAN[raknas])
    own = [r for r in forflyttningar if (r["raknas"], r["summan"]) == wanted]
    low, high = (
        sum(v for r in own if isinstance(v := r[key], float)) for key in ("lagst", "hogst")
    )
    return Flyttsumma(len(own), low, high)


def find_decimaler(rad: Rad) -> int:
    """Return the decimals to show a figure with: those that its workbook rounds it to.

    A copy without the rules of its figures tells them by the difference that it has reckoned.
    """
    known = rad.get(DECIMALER)
    if isinstance(known, float | int):
        return int(min(max(known, 0), _MEST_DECIMALER))
    usual = find_regel(rad, {}).decimaler
    for keys in _SKILLNADER:
        difference, own, other = (v if isinstance(v := rad.get(k), float) else None for k in keys)
        if difference is not None:
            whole = all(v is None or v == round(v) for v in (own, other))
            tried = (0 if whole else usual, *range(_MEST_DECIMALER + 1))
            return next((d for d in tried if compute_skillnad(own, other, d) == difference), usual)
    return usual
