"""The test engine takes what is written as Excel does, so that a careless writer is caught."""

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table, TableFormula

from excelmotor import Excelfel, changes, motor, open_live, recalculate, save, snapshot
from excelmotor.referenser import rename_column, show, store
from genomlysning.skapa import collect_exempel, save_bok
from libreoffice import require_libreoffice

SUMMA = "Tabell[[#This Row],[År 2024]]+Tabell[[#This Row],[År 2025]]"


@pytest.fixture
def book(tmp_path: Path) -> xw.Book:
    """A table in A1:D3 of a sheet, a name, a merged area, a note, rich text, a locked sheet."""
    xl = openpyxl.Workbook()
    ws = xl.active
    ws.title = "Ett blad"
    ws.append(["Namn", "År 2024", "År 2025", "Summa"])
    ws.append(["Förskola", 1, 2.5, f"={SUMMA}"])
    ws.append(["Grundskola", 3, 4, f"={SUMMA}"])
    table = Table(displayName="Tabell", ref="A1:D3")
    ws.add_table(table)
    table._initialise_columns()
    for column, cell in zip(table.tableColumns, ws[1], strict=True):
        column.name = cell.value
    table.tableColumns[3].calculatedColumnFormula = TableFormula(attr_text=SUMMA)
    ws["F1"], ws["F2"], ws["F3"] = dt.datetime(2026, 5, 1), True, "#N/A"
    ws["F4"] = '=SUM(Tabell[År 2025])&INDIRECT("Tabell[År 2025]")'
    ws["G1"].number_format = "@"
    ws["H1"] = CellRichText("fritt ", TextBlock(InlineFont(b=True), "fetstilt"))
    ws["H2"].comment = Comment("Fråga Anna", "Bo")
    ws["F6"] = "sammanslaget"
    ws.merge_cells("F6:G7")
    xl.defined_names["Kommun"] = DefinedName("Kommun", attr_text="'Ett blad'!$F$6")
    xl.defined_names["Kolumn"] = DefinedName("Kolumn", attr_text="Tabell[[År 2025]]")
    locked = xl.create_sheet("Låst")
    locked["A1"], locked["B1"] = "låst", "öppen"
    locked["B1"].protection = Protection(locked=False)
    locked.protection.enable()
    path = tmp_path / "bok.xlsx"
    xl.save(path)
    return open_live(path)


@pytest.fixture
def sheet(book: xw.Book) -> xw.Sheet:
    return book.sheets["Ett blad"]


@pytest.fixture(scope="module")
def exempel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exempel") / "genomlysning.xlsx"
    save_bok(collect_exempel("kommunstyrelsen", None, dt.datetime(2026, 11, 24, 9)), path)
    return path


# ---------------------------------------------------------------- reading
def test_the_opened_book_is_the_caller(book: xw.Book) -> None:
    caller = xw.Book.caller()
    assert caller == book
    assert (caller.name, Path(caller.fullname).name) == ("bok.xlsx", "bok.xlsx")
    assert [s.name for s in caller.sheets] == ["Ett blad", "Låst"]
    assert caller.app.selection.address == "$A$1"


def test_values_are_read_as_excel_gives_them(sheet: xw.Sheet) -> None:
    assert sheet.range("A1:C2").value == [
        ["Namn", "År 2024", "År 2025"],
        ["Förskola", 1.0, 2.5],
    ]
    assert isinstance(sheet.range("B2").value, float)
    assert sheet.range("F1:F3").value == [dt.datetime(2026, 5, 1), True, None]
    assert sheet.range("F3").options(err_to_str=True).value == "#N/A"
    assert sheet.range("H1").value == "fritt fetstilt"
    assert sheet.range("Z99").value is None
    assert sheet.used_range.address == "$A$1:$H$7"
    assert (99, 26) not in sheet.impl.xl._cells  # reading leaves no cells behind


def test_formulas_and_constants_are_read_as_text(sheet: xw.Sheet) -> None:
    assert sheet.range("A2:B2").formula == (("Förskola", "1"),)
    assert sheet.range("F1:F2").formula == (("46143",), ("TRUE",))
    assert sheet.range("Z1").formula == ""
    assert sheet.range("D2").formula == "=[@[År 2024]]+[@[År 2025]]"  # as Excel shows it
    assert sheet.range("F4").formula.startswith("=SUM(Tabell[År 2025])")


def test_a_formula_has_its_saved_value(exempel: Path) -> None:
    table = open_live(exempel).sheets["2.1 Ekonomi"].tables["Ekonomi"]
    headers = table.header_row_range.value
    rows = table.data_body_range.value
    bedomning = [row[headers.index("Bedömning")] for row in rows]
    assert set(bedomning) & {"Lägre", "Högre", "I nivå", "Inom målet", "Över målet"}
    assert all(isinstance(word, str) for word in bedomning)


def test_a_used_range_is_read_at_once(exempel: Path) -> None:
    book = open_live(exempel)
    area = book.sheets["2.1 Ekonomi"].range("A1:T30")
    for _ in range(10):
        assert len(area.value) == 30
    assert motor(book).reads == 10


# ---------------------------------------------------------------- writing values
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0180", 180.0),
        ("1,5", 1.5),
        ("1.5", 1.5),
        ("1 000 kr", 1000.0),
        ("1,234,567", 1_234_567.0),
        ("2E5", 200_000.0),
        ("12,5 %", 0.125),
        ("2026-05-01", dt.datetime(2026, 5, 1)),
        ("1-2", dt.datetime(dt.date.today().year, 2, 1)),
        ("TRUE", True),
        ("Förskola 1", "Förskola 1"),
        ("2025–2026", "2025–2026"),
        ("N11024", "N11024"),
        ("-", "-"),
        ("'0180", "0180"),
        ("'=1+1", "=1+1"),
        (7, 7.0),
        (dt.date(2026, 5, 1), dt.datetime(2026, 5, 1)),
        (False, False),
        (None, None),
        ("", None),
    ],
)
def test_what_becomes_of_a_value(sheet: xw.Sheet, written: Any, read: Any) -> None:
    sheet.range("B2").value = written
    value = sheet.range("B2").value
    assert (value, type(value)) == (read, type(read))


def test_a_cell_for_text_keeps_text(sheet: xw.Sheet) -> None:
    cell = sheet.range("G1")
    for written, read in (("0180", "0180"), ("=1+1", "=1+1"), (180, "180"), ("'a", "a")):
        cell.value = written
        assert cell.value == read
    cell.formula = "=1+1"
    assert cell.value == "=1+1"


def test_the_apostrophe_is_kept_apart_and_goes(sheet: xw.Sheet) -> None:
    sheet.range("B2").value = "'0180"
    cell = sheet.impl.xl["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("0180", "s", True)
    sheet.range("B2").value = "0180"
    assert (cell.value, cell.quotePrefix) == (180, False)


def test_a_date_and_a_share_give_the_cell_a_format(sheet: xw.Sheet) -> None:
    sheet.range("B2").value = dt.datetime(2026, 5, 1)
    sheet.range("B3").value = "5 %"
    assert [sheet.range(a).number_format for a in ("B2", "B3")] == ["yyyy-mm-dd", "0%"]
    sheet.range("B2").number_format = "0"
    assert sheet.range("B2").value == 46143.0
    sheet.range("B2").number_format = "yyyy-mm-dd"
    assert sheet.range("B2").value == dt.datetime(2026, 5, 1)


def test_text_that_begins_as_a_formula_becomes_one(sheet: xw.Sheet) -> None:
    for written in ("=1+1", "+alfa", "-alfa", "@alfa"):
        sheet.range("B2").value = written
        assert sheet.impl.xl["B2"].data_type == "f"
        assert sheet.range("B2").value is None  # nothing reckons it here


@pytest.mark.parametrize(
    "formula",
    [
        "=) :",
        "=SUM(A1;B1)",
        "=A1+",
        "=(A1",
        "=== rubrik",
        '="öppen',
        "=Finns[År 2024]",
        "=Tabell[Finns inte]",
        "=[@Namn]",
        f"={'1+' * 4096}1",
    ],
)
def test_a_broken_formula_is_refused(sheet: xw.Sheet, formula: str) -> None:
    with pytest.raises(Excelfel):
        sheet.range("B9").formula = formula
    assert sheet.range("B9").value is None


def test_a_formula_is_stored_with_its_table(sheet: xw.Sheet) -> None:
    sheet.range("D2").formula = "=[@[År 2024]]*2"
    sheet.range("F8").formula = "=Tabell[@Namn]"
    stored = [sheet.impl.xl[a].value for a in ("D2", "F8")]
    assert stored == ["=Tabell[[#This Row],[År 2024]]*2", "=Tabell[[#This Row],[Namn]]"]


def test_a_block_and_one_value_for_all(sheet: xw.Sheet) -> None:
    sheet.range("B10").value = [[1, None], ["a", True]]
    assert sheet.range("B10:C11").value == [[1.0, None], ["a", True]]
    sheet.range("B10:C11").value = "x"
    assert sheet.range("B10:C11").value == [["x", "x"], ["x", "x"]]
    sheet.range("B10:B12").formula = "=A1*2"
    assert sheet.range("B10:B12").formula == (("=A1*2",), ("=A2*2",), ("=A3*2",))
    sheet.range("B10:C12").clear_contents()
    assert sheet.range("B10:C12").value == [[None, None]] * 3


def test_merged_cells(sheet: xw.Sheet) -> None:
    assert sheet.range("G7").merge_area.address == "$F$6:$G$7"
    sheet.range("G7").value = "försvinner"
    assert sheet.range("F6:G7").value == [["sammanslaget", None], [None, None]]
    sheet.range("F6").value = "nytt"
    with pytest.raises(Excelfel):
        sheet.range("F6").clear_contents()
    assert sheet.range("F6").value == "nytt"
    sheet.range("F6:G7").clear_contents()
    assert sheet.range("F6").value is None


def test_a_value_that_no_cell_can_hold(sheet: xw.Sheet) -> None:
    with pytest.raises(TypeError):
        sheet.range("B2").value = {1, 2}
    with pytest.raises(Excelfel):
        sheet.range("B2").value = "å" * 40_000


# ---------------------------------------------------------------- tables
def test_the_ranges_of_a_table(sheet: xw.Sheet) -> None:
    (table,) = sheet.tables
    assert "Tabell" in sheet.tables
    assert table.name == "Tabell"
    ranges = (table.range, table.header_row_range, table.data_body_range)
    assert [r.address for r in ranges] == ["$A$1:$D$3", "$A$1:$D$1", "$A$2:$D$3"]
    assert (table.show_headers, table.show_totals, table.totals_row_range) == (True, False, None)
    assert sheet.range("B2").table == table
    assert sheet.range("H2").table is None
    with pytest.raises(KeyError):
        sheet.tables["Finns inte"]


def test_a_header_renames_its_column_everywhere(book: xw.Book, sheet: xw.Sheet) -> None:
    sheet.range("C1").value = "År 2026"
    ws = sheet.impl.xl
    new = SUMMA.replace("2025", "2026")
    assert [ws["D2"].value, ws["D3"].value] == [f"={new}"] * 2
    columns = ws.tables["Tabell"].tableColumns
    assert [c.name for c in columns] == ["Namn", "År 2024", "År 2026", "Summa"]
    assert columns[3].calculatedColumnFormula.attr_text == new
    assert ws["F4"].value == '=SUM(Tabell[År 2026])&INDIRECT("Tabell[År 2025]")'
    assert book.names["Kolumn"].refers_to == "=Tabell[[År 2026]]"


def test_a_header_that_exists_gets_a_number(sheet: xw.Sheet) -> None:
    sheet.range("B1:C1").value = ["År 2025", "År 2026"]
    assert sheet.range("B1:C1").value == ["År 20252", "År 2026"]


def test_a_header_is_a_text_and_never_empty(sheet: xw.Sheet) -> None:
    sheet.range("B1:C1").value = [2025, None]
    assert sheet.range("B1:C1").value == ["2025", "Kolumn1"]
    sheet.range("B1").clear_contents()
    assert sheet.range("B1").value == "Kolumn2"


def test_a_table_grows(sheet: xw.Sheet) -> None:
    table = sheet.tables["Tabell"]
    table.resize(sheet.range("A1:E5"))
    assert table.range.address == "$A$1:$E$5"
    assert table.header_row_range.value == ["Namn", "År 2024", "År 2025", "Summa", "Kolumn1"]
    for wrong in ("A2:E5", "A1:E1", "H1:I3"):
        with pytest.raises(Excelfel):
            table.resize(sheet.range(wrong))


def test_a_total_row_is_no_data_and_stops_growth(sheet: xw.Sheet) -> None:
    sheet.impl.xl.tables["Tabell"].totalsRowCount = 1
    table = sheet.tables["Tabell"]
    assert table.show_totals
    assert table.data_body_range.address == "$A$2:$D$2"
    assert table.totals_row_range.address == "$A$3:$D$3"
    with pytest.raises(Excelfel):
        table.resize(sheet.range("A1:D4"))


def test_a_table_does_not_grow_over_another(exempel: Path) -> None:
    sheet = open_live(exempel).sheets["Referenskostnad"]
    table = sheet.tables["Referenskostnad"]
    below = sheet.tables["ReferenskostnadOverTid"].range
    with pytest.raises(Excelfel):
        table.resize(table.range.resize(row_size=below.row - table.range.row + 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("T[a]+T[[#This Row],[a]]", "T[b'#]+T[[#This Row],[b'#]]"),
        ("SUM(t[[A]:[c]])", "SUM(t[[b'#]:[c]])"),
        ("T[[#Headers],[a]]", "T[[#Headers],[b'#]]"),
        ("TT[a]&\"T[a]\"&'T[a]'!A1&T[ab]", None),
    ],
)
def test_renamed_references(before: str, after: str | None) -> None:
    assert rename_column(before, "T", "a", "b#") == (after or before)


def test_references_are_shown_short_and_stored_long() -> None:
    columns = {"T": {"a", "b c", "[x]"}}.get
    for stored, shown in (
        ("T[[#This Row],[a]]", "[@a]"),
        ("T[[#This Row],[b c]]", "[@[b c]]"),
        ("T[[#This Row],[a]:[b c]]", "[@[a]:[b c]]"),
        ("T[#This Row]+T['[x']]", "T[#This Row]+T['[x']]"),
        ("T[[#Totals],[a]]", "T[[#Totals],[a]]"),
    ):
        assert show(stored, "T") == shown
        assert store(shown, "T", columns) == stored


# ---------------------------------------------------------------- names
def test_names(book: xw.Book) -> None:
    assert [n.name for n in book.names] == ["Kommun", "Kolumn"]
    name = book.names["kommun"]
    assert name.refers_to == "='Ett blad'!$F$6"
    assert name.refers_to_range.value == "sammanslaget"
    name.refers_to = "='Ett blad'!$A$2"
    assert book.names["Kommun"].refers_to_range.value == "Förskola"
    book.names.add("Ny", "='Ett blad'!$A$3")
    assert book.sheets[0].range("Ny").value == "Grundskola"
    book.names["Ny"].delete()
    assert "Ny" not in book.names
    with pytest.raises(Excelfel):
        book.names["Ny"]
    assert {entry.kind for entry in motor(book).log} == {"name"}


# ---------------------------------------------------------------- formats, rows, selection
def test_formats_can_be_pasted(sheet: xw.Sheet) -> None:
    sheet.range("A2:B2").font.bold = True
    sheet.range("B2").number_format = "0.0"
    sheet.range("A2:B2").copy()
    assert sheet.book.app.cut_copy_mode == "copy"
    sheet.range("A9:B10").paste(paste="formats")
    sheet.book.app.cut_copy_mode = False
    assert sheet.range("B9:B10").number_format == "0.0"
    assert sheet.range("A9:B10").font.bold is True
    assert sheet.range("A9:B9").number_format is None
    with pytest.raises(Excelfel):
        sheet.range("A9").paste(paste="formats")
    sheet.range("A2").copy()
    sheet.range("C2").value = 1  # ends the copying
    with pytest.raises(Excelfel):
        sheet.range("A9").paste(paste="formats")
    sheet.range("A2").clear()
    assert (sheet.range("A2").value, sheet.range("A2").font.bold) == (None, False)


def test_rows_are_hidden_by_their_height(sheet: xw.Sheet) -> None:
    rows = sheet.range("2:3")
    assert rows.row_height == 15
    rows.row_height = 0
    assert (rows.row_height, rows.rows.hidden) == (0, True)
    rows.rows.hidden = False
    sheet.range("A2").row_height = 30
    assert (sheet.range("A2").row_height, rows.row_height) == (30, None)


def test_part_of_a_text_made_bold_is_logged(sheet: xw.Sheet) -> None:
    sheet.range("A2").characters[:3].font.bold = True
    assert sheet.range("A2").characters[:3].text == "För"
    entry = motor(sheet.book).log[-1]
    assert entry == ("Ett blad", "$A$2", "format", (None, 3, "bold", True))


def test_only_a_cell_of_the_active_sheet_can_be_selected(book: xw.Book) -> None:
    with pytest.raises(Excelfel):
        book.sheets["Låst"].range("B1").select()
    book.sheets["Låst"].activate()
    book.sheets["Låst"].range("B1").select()
    assert (book.selection.sheet.name, book.selection.address) == ("Låst", "$B$1")
    book.sheets["Ett blad"].visible = False
    with pytest.raises(Excelfel):
        book.sheets["Ett blad"].activate()


def test_a_protected_sheet_refuses(book: xw.Book) -> None:
    sheet = book.sheets["Låst"]
    assert sheet.api.ProtectContents
    assert not book.sheets["Ett blad"].api.ProtectContents
    before = snapshot(book)
    with pytest.raises(Excelfel):
        sheet.range("A1:B1").value = ["x", "y"]
    with pytest.raises(Excelfel):
        sheet.range("B1").number_format = "0"
    assert (changes(before, snapshot(book)), motor(book).writes) == ({}, 0)
    sheet.range("B1").value = "y"
    assert sheet.range("B1").value == "y"


# ---------------------------------------------------------------- the application
def test_messages_are_recorded_and_answered(book: xw.Book) -> None:
    motor(book).answers.extend(["no"])
    assert book.app.alert("Klart.", "Genomlysning", "ok", "info") == "ok"
    assert book.app.alert("Ändra?", "Genomlysning", "yes_no") == "no"
    assert motor(book).alerts[1] == ("Ändra?", "Genomlysning", "yes_no", None)
    with pytest.raises(AssertionError):
        book.app.alert("Ingen har svarat", buttons="yes_no")


def test_macros_are_the_tests_stand_ins(book: xw.Book) -> None:
    motor(book).macros["Genomlysning.Fraga"] = lambda text: f"svar på {text}"
    assert book.macro("Genomlysning.Fraga")("allt") == "svar på allt"
    with pytest.raises(Excelfel):
        book.app.macro("FinnsInte")()


def test_settings_are_kept_in_order(book: xw.Book) -> None:
    with book.app.properties(screen_updating=False, calculation="manual"):
        book.app.status_bar = "Hämtar …"
    book.app.status_bar = False
    assert motor(book).history == [
        ("screen_updating", False),
        ("calculation", "manual"),
        ("status_bar", "Hämtar …"),
        ("screen_updating", True),
        ("calculation", "automatic"),
        ("status_bar", False),
    ]
    with pytest.raises(Excelfel):
        book.app.calculation = "ibland"


def test_each_write_is_logged(book: xw.Book, sheet: xw.Sheet) -> None:
    sheet.range("B2:C2").value = [[5, 6]]
    sheet.range("D2").formula = "=1+1"
    sheet.range("B2").number_format = "0.0"
    sheet.tables[0].resize(sheet.range("A1:D4"))
    assert [tuple(entry) for entry in motor(book).log] == [
        ("Ett blad", "$B$2:$C$2", "value", ((5, 6),)),
        ("Ett blad", "$D$2", "formula", (("=1+1",),)),
        ("Ett blad", "$B$2", "format", ("number_format", "0.0")),
        ("Ett blad", "$A$1:$D$4", "table", ("resize", "Tabell")),
    ]
    motor(book).reset()
    assert (motor(book).log, motor(book).writes, motor(book).reads) == ([], 0, 0)


def test_ordered_faults(book: xw.Book, sheet: xw.Sheet) -> None:
    motor(book).fail_on_write(2)
    sheet.range("B2").value = 10
    with pytest.raises(Excelfel):
        sheet.range("B3").value = 20
    sheet.range("C2").value = 30
    assert sheet.range("B2:C3").value == [[10.0, 30.0], [3.0, 4.0]]
    motor(book).fail_after(1)
    sheet.range("C3").value = 40
    for _ in range(2):
        with pytest.raises(Excelfel):
            sheet.range("A1").value = "Annat"
    assert sheet.range("A1").value == "Namn"
    motor(book).reset()
    sheet.range("A1").value = "Annat"


# ---------------------------------------------------------------- the whole workbook
@pytest.mark.parametrize(
    ("edit", "places"),
    [
        (lambda s: s.range("A2:B2").__setattr__("value", ["Annat", 1]), {"A2"}),
        (lambda s: s.range("H1").__setattr__("value", "fritt fetstilt"), {"H1"}),
        (lambda s: s.range("B2").font.__setattr__("bold", True), {"B2"}),
        (lambda s: s.tables[0].resize(s.range("A1:D4")), {"tabell Tabell"}),
        (lambda s: s.range("2:2").__setattr__("row_height", 0), {"rader"}),
        (lambda s: setattr(s.impl.xl["H2"], "comment", None), {"H2"}),
        (lambda s: setattr(s, "visible", False), {"blad"}),
        (lambda s: s.impl.xl.unmerge_cells("F6:G7"), {"sammanslagna"}),
    ],
)
def test_a_snapshot_sees_what_a_person_would_miss(
    book: xw.Book, sheet: xw.Sheet, edit: Any, places: set[str]
) -> None:
    before = snapshot(book)
    assert changes(before, snapshot(book)) == {}
    edit(sheet)
    assert {place for _, place in changes(before, snapshot(book))} == places


def test_saving_keeps_what_was_written(book: xw.Book, sheet: xw.Sheet, tmp_path: Path) -> None:
    sheet.range("B2").value = "'0180"
    before = snapshot(book)
    book.save()
    assert motor(book).saves == [tmp_path / "bok.xlsx"]
    again = open_live(save(book, tmp_path / "igen.xlsx"))
    assert changes(before, snapshot(again)) == {}


def test_libreoffice_reckons_after_new_headers(exempel: Path) -> None:
    require_libreoffice()
    book = open_live(exempel)
    sheet = book.sheets["2.1 Ekonomi"]
    header, body = sheet.tables[0].header_row_range, sheet.tables[0].data_body_range
    names = header.value
    header[0, 1].value = "Exempelkommun 2030"
    row = next(i for i, value in enumerate(body.columns[1].value) if value is not None)
    own, skillnad = body[row, 1], body[row, names.index("Skillnad")]
    own.value = own.value + 1000
    cells = recalculate(book)
    address = skillnad.get_address(False, False)
    liknande = body[row, 2].value
    assert cells["2.1 Ekonomi"][address].value == pytest.approx(own.value - liknande, abs=0.6)
    assert not [c for sheet_cells in cells.values() for c in sheet_cells.values() if c.error]
