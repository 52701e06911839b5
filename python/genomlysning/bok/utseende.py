"""The workbook's look: one restrained palette, number formats, page set-up.

Colours are chosen so that text on them keeps a contrast of at least 4.5:1, and every coloured
cell also says in words what it means, since it must hold in black and white.
"""

from dataclasses import dataclass, field
from functools import cached_property
from textwrap import wrap
from typing import Any, Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from genomlysning.regler.bedomning import Bedomning
from genomlysning.svenska import MINUS

TYPSNITT = "Calibri"

BLA = "#1F4E5F"  # headings, own municipality
LJUSBLA = "#E4EDF0"
GRA = "#5A6670"
LJUSGRA = "#F3F5F6"
LINJE = "#C3CCD1"
OCKRA = "#9A5B13"
GRON_TEXT, GRON = "#1B5E3A", "#DCEEE2"
ROD_TEXT, ROD = "#8A2F1B", "#F7E1DA"
NEUTRAL_TEXT, NEUTRAL = "#3D4A52", "#E9EDEF"
SKRIV = "#FFFBEA"  # cells for people to write in
EXEMPEL = "#B00020"
VIT = "#FFFFFF"

#: Series colours for charts, dark enough on white to tell apart, with a marker each.
SERIER = (BLA, OCKRA, "#6B4E8E", "#3E7D4F", "#A8324A", "#5A6670", "#2F6FA3", "#7A6A00", "#8C4A7E")
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

#: A column's width is counted in digits, and running text has narrower letters.
_TECKEN_PER_BREDD = 1.18


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


@dataclass
class Formatbok:
    """Formats of one workbook, each made once."""

    bok: Workbook
    villkor: dict[int, Format] = field(default_factory=dict)
    _made: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    @cached_property
    def struken(self) -> Format:
        """The conditional format of a value that no longer holds."""
        return self.bok.add_format({"font_strikeout": True, "font_color": GRA})

    def villkor_tal(self, talformat: str) -> Format:
        """Return the conditional format that shows a number in this way."""
        key = (("villkor", talformat),)
        if key not in self._made:
            self._made[key] = self.bok.add_format({"num_format": talformat})
        return self._made[key]

    def get(self, **egenskaper: Any) -> Format:
        """Return the format with these XlsxWriter properties, on the common font."""
        key = tuple(sorted(egenskaper.items()))
        if key not in self._made:
            base = {"font_name": TYPSNITT, "font_size": 10, "valign": "vcenter"}
            self._made[key] = self.bok.add_format(base | egenskaper)
        return self._made[key]

    def cell(self, **egenskaper: Any) -> Format:
        """Return a format for a cell of a table or grid: thin line below."""
        return self.get(bottom=1, bottom_color=LINJE, **egenskaper)


def bedomningsrubrik(bedomning: Bedomning) -> str:
    """Return what a verdict is called where it stands without its figure."""
    costs = {Bedomning.LAGRE: "Lägre kostnad", Bedomning.HOGRE: "Högre kostnad"}
    return costs.get(bedomning, bedomning.value)


def count_lines(text: str, bredd: float) -> int:
    """Estimate how many lines a wrapped text takes in a column of this width (characters)."""
    per_line = max(int(bredd * _TECKEN_PER_BREDD), 1)
    # Wrapping takes its time, and most texts are short.
    return sum(
        1 if len(part) <= per_line else max(1, len(wrap(part, per_line)))
        for part in text.split("\n")
    )


def row_height(lines: int) -> float:
    """Return the height in points of a table's row with so many lines of text."""
    return min(13.5 * lines + 3, 400)
