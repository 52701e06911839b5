"""The workbook's look: one restrained palette, the font, number formats.

Colours are chosen so that text on them keeps a contrast of at least 4.5:1, and every coloured
cell also says in words what it means, since it must hold in black and white.
"""

from dataclasses import dataclass
from typing import Literal

from genomlysning.regler.bedomning import Bedomning
from genomlysning.svenska import MINUS

TYPSNITT, STORLEK = "Calibri", 10

BLA = "#1F4E5F"  # headings, own municipality
MELLANBLA = "#7FA3B0"  # tabs of the sheets with figures
LJUSBLA = "#E4EDF0"
GRA = "#5A6670"
LJUSGRA = "#F3F5F6"
LINJE = "#C3CCD1"
RUTNAT = "#E3E8EA"  # behind what a chart draws
OCKRA = "#9A5B13"
GRON_TEXT, GRON = "#1B5E3A", "#DCEEE2"
ROD_TEXT, ROD = "#8A2F1B", "#F7E1DA"
NEUTRAL_TEXT, NEUTRAL = "#3D4A52", "#E9EDEF"
SKRIV = "#FFFBEA"  # cells for people to write in
EXEMPEL = "#B00020"
VIT, SVART = "#FFFFFF", "#000000"
DIAGRAMTEXT = "#222222"

#: Series colours for charts, dark enough on white to tell apart, with a marker each.
SERIER = (BLA, OCKRA, "#6B4E8E", "#3E7D4F", "#A8324A", GRA, "#2F6FA3", "#7A6A00", "#8C4A7E")
MARKORER = (
    "circle",
    "square",
    "diamond",
    "triangle",
    "x",
    "star",
    "plus",
    "long_dash",
    "short_dash",
)


@dataclass(frozen=True, slots=True)
class Stapelfarg:
    """How a verdict's bar is filled: one colour, or stripes that lean upward or downward."""

    farg: str
    rander: Literal["", "upp", "ned"] = ""
    mork: bool = False  # white figures on it


#: The verdicts in the order they are counted and drawn: good, level, bad, unknown.
STAPLAR: dict[Bedomning, Stapelfarg] = {
    Bedomning.BATTRE: Stapelfarg("#2E7D4F", mork=True),
    Bedomning.INOM_MALET: Stapelfarg("#9CCBAE"),
    Bedomning.I_NIVA: Stapelfarg("#C9D1D6"),
    Bedomning.LAGRE: Stapelfarg(BLA, "upp"),
    Bedomning.HOGRE: Stapelfarg(BLA, "ned"),
    Bedomning.SAMRE: Stapelfarg("#A8432B", mork=True),
    Bedomning.OVER_MALET: Stapelfarg("#E0A797"),
    Bedomning.OKANT: Stapelfarg(VIT),
}

DATUM = "yyyy-mm-dd"
DATUM_TID = "yyyy-mm-dd hh:mm"


def talformat(decimaler: int) -> str:
    """Return the invariant number format with thousands separator and so many decimals."""
    plain = _talformat(decimaler)
    return f'{plain};"{MINUS}"{plain}'


def talformat_tecken(decimaler: int) -> str:
    """Return the same with a plus sign before what is above zero."""
    plain = _talformat(decimaler)
    return f'+{plain};"{MINUS}"{plain};{plain}'


def _talformat(decimaler: int) -> str:
    return "#,##0" + ("." + "0" * decimaler if decimaler else "")


def bedomningsrubrik(bedomning: Bedomning) -> str:
    """Return what a verdict is called where it stands without its figure."""
    costs = {Bedomning.LAGRE: "Lägre kostnad", Bedomning.HOGRE: "Högre kostnad"}
    return costs.get(bedomning, bedomning.value)
