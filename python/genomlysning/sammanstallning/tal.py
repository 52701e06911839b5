"""The sums that the municipality's workbook and report both show, and how figures are shown."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from genomlysning.bok.omrakning import find_regel
from genomlysning.bok.plan import Rad
from genomlysning.regler.referenskostnad import (
    Avvikelsesumma,
    Summapost,
    Svar,
    sum_avvikelser,
)
from genomlysning.regler.visning import MEST_DECIMALER
from genomlysning.sammanstallning.namndbok import DECIMALER

#: What an amount counts as.
ARLIG, ENGANG, EJ_ANGIVET = "Årlig", "Engång", "Ej angivet"
OBERAKNELIGT = "Går inte att beräkna"
EJ_LASBAR, TOMT = "Kan inte läsas", "Inget belopp"
#: Said of a verksamhet whose deviation is our own and beyond what can be real.
ORIMLIG_I_SUMMAN = "Egen beräkning som inte är rimlig, och räknas därför inte i summan."
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


def sum_referens(verksamheter: Sequence[Rad]) -> Avvikelsesumma:
    """Return the municipality's sums."""
    return sum_avvikelser(
        Summapost(
            str(r["verksamhet"]),
            a if isinstance(a := r["mkr"], float) else None,
            ORIMLIG_I_SUMMAN in str(r["anmarkning"]),
        )
        for r in verksamheter
        if r["summan"] == "Ja" or ORIMLIG_I_SUMMAN in str(r["anmarkning"])
    )


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
    """Return the decimals to show a figure with: those that its reader chose for it."""
    known = rad.get(DECIMALER)
    if isinstance(known, float | int):
        return int(min(max(known, 0), MEST_DECIMALER))
    return find_regel(rad, {}).decimaler
