"""The checking tools are checked: each finds a planted fault and accepts a good file."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

import libreoffice
import onlyoffice
import ooxml


def _workbook(
    path: Path, cells: dict[str, object], formulas: dict[str, tuple[str, object]]
) -> Path:
    """Write one sheet `Blad å` of constants and of formulas with their saved values."""
    options = {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("Blad å")
        for reference, value in cells.items():
            sheet.write(reference, value)
        for reference, (formula, value) in formulas.items():
            sheet.write_formula(reference, formula, None, value)
    return path


def _replace_in_sheet(path: Path, old: bytes, new: bytes) -> None:
    """Change the XML of the first sheet in place."""
    content = ooxml.parts(path)
    name = "xl/worksheets/sheet1.xml"
    assert old in content[name]
    content[name] = content[name].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, data in content.items():
            package.writestr(part, data)


def test_good_workbook_has_no_differences(tmp_path: Path) -> None:
    libreoffice.require_libreoffice()
    path = _workbook(
        tmp_path / "bra å.xlsx",
        {"A1": 0.1, "A2": 0.2, "A3": "=text", "A4": date(2025, 3, 1), "XFD1048576": 1},
        {
            "B1": ("=A1+A2", 0.3),
            "B2": ('=IF(A1>1,"Bättre","")', ""),
            "B3": ('="I "&"nivå"', "I nivå"),
            "B4": ("=A1<A2", True),
            # Halves go away from zero, in the formulas as in the rules.
            "C1": ("=ROUND(0.5,0)", 1),
            "C2": ("=ROUND(-0.5,0)", -1),
            "C3": ("=ROUND(2.5,0)", 3),
            "C4": ("=ROUND(1.005,2)", 1.01),
            "C5": ("=ROUND(-2.45,1)", -2.5),
        },
    )
    assert libreoffice.compare_cached(path) == []
    sheet = libreoffice.recalculate(path)["Blad å"]
    assert sheet["A3"] == libreoffice.Cell("text", "=text")
    assert sheet["B2"] == libreoffice.Cell("text", "", '=IF(A1>1;"Bättre";"")')
    assert sheet["C2"] == libreoffice.Cell("number", -1.0, "=ROUND(-0.5;0)")
    assert sheet["A4"].value == 45717


def test_wrong_saved_values_and_errors_are_found(tmp_path: Path) -> None:
    libreoffice.require_libreoffice()
    path = _workbook(
        tmp_path / "fel.xlsx",
        {"A1": 1, "A2": "text", "A3": 0.0625},
        {
            "B1": ("=A1+1", 2.00001),
            "B2": ('="a"', "b"),
            "B3": ("=A1*5", ""),
            "B4": ("=A1/0", 0),
            "B5": ("=A1+1", "#N/A"),
            "B6": ("=A1+1", 2),
            "B7": ("=OKAND(A1)", 0),
            "B8": ("=A1+1", "2"),
            "B9": ("=A9+0", 0.125),
        },
    )
    _replace_in_sheet(path, b"<v>0.125</v>", b"")
    _replace_in_sheet(path, b'r="A3"><v>0.0625</v>', b'r="A3" t="e"><v>#N/A</v>')
    lines = libreoffice.compare_cached(path)
    assert [line.split(":")[0].removeprefix("Blad å!") for line in lines] == [
        *("B1", "B2", "A3", "B3", "B4", "B5", "B7", "B8", "B9")
    ]
    assert "2.00001" in lines[0]
    assert "2.0 (=A1+1)" in lines[0]
    assert "532" in lines[4]


def test_pages_are_rendered(tmp_path: Path) -> None:
    libreoffice.require_libreoffice()
    path = tmp_path / "två blad.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for _ in range(2):
            book.add_worksheet().write("A1", 1.5)
    pages = libreoffice.render(path, tmp_path / "bilder")
    assert [page.name for page in pages] == ["två blad-1.png", "två blad-2.png"]
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)


def test_a_hanging_command_is_ended_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "RUN_SECONDS", 2)
    log, forever = tmp_path / "log", "(while :; do :; done)"  # needs no other program
    with pytest.raises(libreoffice.LibreOfficeError, match="no answer within"):
        libreoffice._run(["/bin/sh", "-c", f"echo start >> '{log}'; {forever} & wait"])
    assert log.read_text().split() == ["start"] * libreoffice.ATTEMPTS


def test_a_file_that_is_no_workbook_is_an_error(tmp_path: Path) -> None:
    libreoffice.require_libreoffice()
    path = tmp_path / "skräp.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(libreoffice.LibreOfficeError):
        libreoffice.recalculate(path)


@pytest.mark.parametrize(
    ("variable", "require", "blind"),
    [
        (libreoffice.REQUIRED, libreoffice.require_libreoffice, (libreoffice, "find_soffice")),
        (ooxml.REQUIRED, ooxml.require_validator, (ooxml.shutil, "which")),
        (onlyoffice.REQUIRED, onlyoffice.require_onlyoffice, (onlyoffice, "find_spec")),
    ],
)
def test_a_missing_tool_skips_or_fails(
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    require: Callable[[], None],
    blind: tuple[object, str],
) -> None:
    monkeypatch.setattr(*blind, lambda *_: None)
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(pytest.skip.Exception, match="Testet behöver"):
        require()
    monkeypatch.setenv(variable, "1")
    with pytest.raises(pytest.fail.Exception, match="Testet behöver"):
        require()


def test_validator_accepts_a_good_file_and_finds_a_fault(tmp_path: Path) -> None:
    ooxml.require_validator()
    path = tmp_path / "tabell å.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.add_table("A1:B3", {"columns": [{"header": "Nyckeltal"}, {"header": "År 2025"}]})
        sheet.write_formula("C1", "=SUM(B2:B3)", None, 0)
    assert ooxml.validate(path) == []
    _replace_in_sheet(path, b"<sheetData>", b'<sheetData felaktigt="1">')
    [fault] = ooxml.validate(path)
    assert fault.startswith("/xl/worksheets/sheet1.xml")
    assert "felaktigt" in fault


def test_validator_does_not_pass_what_it_cannot_open(tmp_path: Path) -> None:
    ooxml.require_validator()
    with pytest.raises(ooxml.ValidatorError):
        ooxml.validate(tmp_path / "finns inte.xlsx")


def test_parts_are_compared_by_content(tmp_path: Path) -> None:
    packages = {
        "a.zip": ({"x": b"1", "y": b"2"}, zipfile.ZIP_DEFLATED),
        "samma.zip": ({"y": b"2", "x": b"1"}, zipfile.ZIP_STORED),
        "annan.zip": ({"x": b"1!", "z": b"3"}, zipfile.ZIP_DEFLATED),
    }
    for name, (content, compression) in packages.items():
        with zipfile.ZipFile(tmp_path / name, "w", compression) as package:
            for part, data in content.items():
                package.writestr(part, data)
    a, same, other = (tmp_path / name for name in packages)
    assert ooxml.compare_parts(a, same) == []
    assert ooxml.compare_parts(a, other) == [
        "y: bara i a.zip",
        "z: bara i annan.zip",
        "x: olika innehåll",
    ]
