"""Rows written at once are what XlsxWriter makes of them cell by cell."""

import io
import re
import zipfile
from datetime import date

import pytest
import xlsxwriter

from genomlysning.bok.radblad import Radblad
from genomlysning.bok.vaxrader import Vaxblad

ROWS = [
    (["Å & <b>", 1.0, None, "x" * 40], None),
    (["  blank före", -0.5, 3, ""], 30.0),
    (["samma", 1234567.891, 2024, "rad\nrad"], 13.5),
    (["samma", 1e-9, 0, "_x0041_ \x07"], 15.0),
    ([None, 0.1 + 0.2, None, None], None),
    (["#", 1e15, 7, "100 %d %s"], 400.0),
]


def write(kind: type[Vaxblad]) -> dict[str, bytes]:
    """Write the rows between others and in a table; return the parts that hold them."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as bok:
        styles = [bok.add_format({"bold": True}), bok.add_format({"num_format": "0.00"})] * 2
        for style in styles:
            style._get_xf_index()
        sheet = bok.add_worksheet("Blad", kind)
        sheet.write_string(0, 0, "Rubrik", styles[0])
        sheet.set_row(1, 40)
        columns = [{"header": h, "formula": ""} for h in "ABCD"]
        options = {"name": "Tabell", "columns": columns, "autofilter": False}
        assert sheet.add_table(3, 0, 3 + len(ROWS), 3, options) == 0
        for row, (values, height) in enumerate(ROWS, start=4):
            if isinstance(sheet, Radblad):
                plain = [None if v == "" else v for v in values]
                assert sheet.write_rad(row, plain, styles, height)
                continue
            for col, (value, style) in enumerate(zip(values, styles, strict=True)):
                if value is None or value == "":
                    sheet.write_blank(row, col, None, style)
                elif isinstance(value, str):
                    sheet.write_string(row, col, value, style)
                else:
                    sheet.write_number(row, col, value, style)
            if height is not None:
                sheet.set_least_height(row, height)
        sheet.write_string(14, 2, "Under", styles[0])
        sheet.write_formula(15, 5, "=SORT(A1:A2)+1", styles[1], 3)
        sheet.write_formula(16, 5, "=SORT(A1:A2)+1", styles[1], 4)
    with zipfile.ZipFile(content) as package:
        parts = ("worksheets/sheet1", "sharedStrings", "styles", "tables/table1")
        return {p: package.read(f"xl/{p}.xml") for p in parts}


def test_a_row_written_at_once_is_what_xlsxwriter_makes() -> None:
    fast, slow = write(Radblad), write(Vaxblad)
    # The hint of which columns a row has is left out; the standard does not ask for it.
    slow["worksheets/sheet1"] = re.sub(rb' spans="\d+:\d+"', b"", slow["worksheets/sheet1"])
    fast["worksheets/sheet1"] = re.sub(rb' spans="\d+:\d+"', b"", fast["worksheets/sheet1"])
    assert fast == slow
    assert b'<row r="5">' in fast["worksheets/sheet1"]


@pytest.mark.parametrize("value", [date(2026, 1, 1), "<r>fet</r>", True])
def test_a_row_with_what_is_not_plain_is_left_to_be_written_cell_by_cell(value) -> None:
    with xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}) as bok:
        sheet = bok.add_worksheet("Blad", Radblad)
        assert not sheet.write_rad(0, ["a", value], [bok.add_format()] * 2, None)
        assert sheet.write_rad(0, ["a", 1.0], [bok.add_format()] * 2, None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_no_cell_can_hold_is_not_written(value) -> None:
    with xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}) as bok:
        sheet = bok.add_worksheet("Blad", Radblad)
        with pytest.raises(ValueError, match="<v>"):
            sheet.write_rad(0, ["a", value], [bok.add_format()] * 2, None)
