"""A worksheet that takes a long table a row at a time, several times faster than cell by cell.

XlsxWriter keeps every cell as an object and makes its XML when the workbook is saved, which is
most of what a workbook of hundreds of thousands of cells costs. Here a row becomes XML at once,
the same as XlsxWriter would have made (a test compares them); all else is XlsxWriter's. It relies
on how the pinned version writes rows and numbers its formats and shared texts.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

_ENKLA = frozenset((str, float, int, type(None)))


def is_rich(text: str) -> bool:
    """Tell whether XlsxWriter would take a text for the XML of one with several fonts."""
    return text.startswith("<r>") and text.endswith("</r>")


class Radblad(Worksheet):  # type: ignore[misc]
    """The worksheet; give it to `Workbook.add_worksheet` as `worksheet_class`."""

    def __init__(self) -> None:
        super().__init__()
        self.dim_rowmin: int | None
        self.dim_rowmax: int | None
        self._fardiga: dict[int, str] = {}
        self._mallar: dict[int, tuple[Sequence[Format], list[tuple[str, str, str, str]]]] = {}
        self._formler: dict[tuple[str, bool], str] = {}

    def write_rad(
        self, row: int, values: Sequence[object], styles: Sequence[Format], height: float | None
    ) -> bool:
        """Write a row from column A on, `height` in points; nothing else may be written in it.

        Text stays text. Returns False, with nothing written, for a row that holds something
        else than texts, numbers and None. Raises ValueError for what no cell can hold.
        """
        if not {type(v) for v in values} <= _ENKLA:
            return False
        if any(v[:3] == "<r>" for v in values if type(v) is str):
            return False
        if self._check_dimensions(row, 0) or self._check_dimensions(row, len(styles) - 1):
            raise ValueError(row)
        shared = self.str_table._get_shared_string_index
        number = row + 1
        cells = []
        for value, (place, text, tal, tom) in zip(values, self._find_mallar(styles), strict=True):
            if type(value) is str and value:
                cells.append(f"{place}{number}{text}{shared(value)}</v></c>")
            elif not value and value != 0:
                cells.append(f"{place}{number}{tom}")
            elif isfinite(value):  # type: ignore[arg-type]
                cells.append(f"{place}{number}{tal}{value:.16G}</v></c>")
            else:
                raise ValueError(value)
        high = ""
        if height is not None:
            self.set_row(row, height)
            pixels = self.row_info[row].height
            if pixels != self.original_row_height:
                high = f' ht="{pixels * 0.75:.16g}" customHeight="1"'
        self._fardiga[row] = f'<row r="{number}"{high}>{"".join(cells)}</row>'
        return True

    def add_table(
        self,
        first_row: int,
        first_col: int,
        last_row: int,
        last_col: int,
        options: Mapping[str, Any],
    ) -> int:
        """Add a table whose cells are written apart, formulas too.

        XlsxWriter would take note of each of its cells.
        """
        done: int = super().add_table(first_row, first_col, first_row + 1, last_col, options)
        if not done:
            whole, table = xl_range(first_row, first_col, last_row, last_col), self.tables[-1]
            table |= {k: whole for k in ("range", "a_range", "autofilter") if k in table}
        return done

    def _find_mallar(self, styles: Sequence[Format]) -> list[tuple[str, str, str, str]]:
        """Return what cells with these styles are made of: before the row number and after."""
        found = self._mallar.get(id(styles))
        if found is None:
            made = [
                (f'<c r="{xl_col_to_name(col)}', f'{s} t="s"><v>', f"{s}><v>", f"{s}/>")
                for col, s in enumerate(f'" s="{style._get_xf_index()}"' for style in styles)
            ]
            # With the styles, so that no others come to lie where they lay.
            found = self._mallar[id(styles)] = (styles, made)
        return found[1]

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Return a formula with Excel's prefixes, worked out once though rows share it."""
        key = (formula, expand_future_functions)
        if key not in self._formler:
            self._formler[key] = super()._prepare_formula(formula, expand_future_functions)
        return self._formler[key]

    def _write_rows(self) -> None:
        """Write the ready rows in their places among the others (called by XlsxWriter)."""
        first: int = self.dim_rowmin
        last: int = self.dim_rowmax
        at = first
        for row, xml in sorted(self._fardiga.items()):
            if row > at:
                self.dim_rowmin, self.dim_rowmax = at, row - 1
                super()._write_rows()
            self.fh.write(xml)
            at = row + 1
        self.dim_rowmin, self.dim_rowmax = at, last
        if at <= last:
            super()._write_rows()
        self.dim_rowmin = first
