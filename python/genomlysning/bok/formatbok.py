"""The cell formats of one workbook that XlsxWriter makes, each made once."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from genomlysning.bok.utseende import GRA, LINJE, STORLEK, TYPSNITT


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
            base = {"font_name": TYPSNITT, "font_size": STORLEK, "valign": "vcenter"}
            self._made[key] = self.bok.add_format(base | egenskaper)
        return self._made[key]

    def cell(self, **egenskaper: Any) -> Format:
        """Return a format for a cell of a table or grid: thin line below."""
        return self.get(bottom=1, bottom_color=LINJE, **egenskaper)
