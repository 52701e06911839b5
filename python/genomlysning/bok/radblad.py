"""A worksheet that takes a long table a row at a time, several times faster than cell by cell.

XlsxWriter keeps every cell as an object and makes its XML when the workbook is saved, which is
most of what a workbook of hundreds of thousands of cells costs. Here a row becomes XML at once,
the same as XlsxWriter would have made (a test compares them); all else is XlsxWriter's. It relies
on how the pinned version writes rows and numbers its formats and shared texts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range

from genomlysning.bok.vaxrader import Vaxblad

#: What follows on a cell's place and style, by the kind of its value.
_PER_SLAG = {
    str: ' t="s"><v>%d</v></c>',
    float: "><v>%.16G</v></c>",
    int: "><v>%.16G</v></c>",
    type(None): "/>",
}
_ENKLA = frozenset(_PER_SLAG)
#: Stands for the row's number until that is known; no number has it.
_RAD = "#"


def is_rich(text: str) -> bool:
    """Tell whether XlsxWriter would take a text for the XML of one with several fonts."""
    return text.startswith("<r>") and text.endswith("</r>")


class Radblad(Vaxblad):
    """The worksheet; give it to `Workbook.add_worksheet` as `worksheet_class`."""

    dim_rowmin: Any
    dim_rowmax: Any

    def __init__(self) -> None:
        super().__init__()
        self._fardiga: dict[int, str] = {}
        self._sista = -1
        self._mallar: dict[tuple[int, tuple[type, ...]], tuple[Sequence[Format], str]] = {}
        self._formler: dict[tuple[str, bool], str] = {}

    def write_rad(
        self, row: int, values: Sequence[object], styles: Sequence[Format], height: float | None
    ) -> bool:
        """Write a row from column A on, `height` in points; nothing else may be written in it.

        Text stays text. Returns False, with nothing written, for a row that holds something
        else than texts, numbers and None. Raises ValueError for what no cell can hold.
        """
        kinds = tuple(map(type, values))
        if not _ENKLA.issuperset(kinds):
            return False
        texts = self.str_table
        known, content = texts.string_table.get, []
        for value, kind in zip(values, kinds, strict=True):
            if kind is str:
                number = known(value)
                if number is None:
                    if is_rich(value):  # type: ignore[arg-type]
                        return False
                    number = texts._get_shared_string_index(value)
                else:
                    texts.count += 1
                content.append(number)
            elif value is not None:
                content.append(value)
        last = len(styles) - 1
        # The first column once: the rows of a table are as wide as each other.
        first_wrong = last != self._sista and self._check_dimensions(row, 0)
        if first_wrong or self._check_dimensions(row, last):
            raise ValueError(row)
        self._sista = last
        cells = self._find_mall(styles, kinds) % tuple(content)
        if "N</v>" in cells or "F</v>" in cells:  # NAN, INF
            raise ValueError(cells)
        high = ""
        if height is not None:
            self.set_least_height(row, height)
            pixels = self.row_info[row].height
            if pixels != self.original_row_height:
                high = f' ht="{pixels * 0.75:.16g}"'
        ready = f'<row r="{_RAD}"{high}>{cells}</row>'
        self._fardiga[row] = ready.replace(_RAD, str(row + 1))
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

    def _find_mall(self, styles: Sequence[Format], kinds: tuple[type, ...]) -> str:
        """Return what cells of these kinds and styles are made of, their values left out."""
        found = self._mallar.get((id(styles), kinds))
        if found is None:
            cells = []
            for col, (style, kind) in enumerate(zip(styles, kinds, strict=True)):
                start = f'<c r="{xl_col_to_name(col)}{_RAD}" s="{style._get_xf_index()}"'
                cells.append(start + _PER_SLAG[kind])
            # With the styles, so that no others come to lie where they lay.
            found = self._mallar[id(styles), kinds] = (styles, "".join(cells))
        return found[1]

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Return a formula with Excel's prefixes, worked out once though rows share it."""
        key = (formula, expand_future_functions)
        if key not in self._formler:
            self._formler[key] = super()._prepare_formula(formula, expand_future_functions)
        return self._formler[key]

    def _write_rows(self) -> None:
        """Write the ready rows in their places among the others (called by XlsxWriter)."""
        first, last = self.dim_rowmin, self.dim_rowmax
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
