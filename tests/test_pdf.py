"""A PDF through LibreOffice: made where it is installed, told in plain words where it is not."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

from genomlysning import pdf
from genomlysning.fel import FilFel
from libreoffice import require_libreoffice


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as bok:
        shown = bok.add_worksheet("Å ä ö")
        shown.write("A1", "Syns")
        shown.write("A2", 1234.5)
        shown.write_formula("A3", "=A2*2", None, 7)  # the saved value, not a right one
        hidden = bok.add_worksheet("Dolt")
        hidden.write("A1", "Osynligt")
        hidden.hide()
    return path


def test_prints_what_is_shown_with_saved_values_and_tags(tmp_path: Path) -> None:
    require_libreoffice()
    made = tmp_path / "ut å.tmp"
    pdf.convert_to_pdf(workbook(tmp_path / "bok å.xlsx"), made)
    text = subprocess.run(
        ["pdftotext", str(made), "-"], capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert "Syns" in text
    assert "1234,5" in text
    assert "7" in text.split()
    assert "Osynligt" not in text
    info = subprocess.run(["pdfinfo", str(made)], capture_output=True, text=True, check=True)
    assert "Tagged:          yes" in info.stdout
    assert {p.name for p in tmp_path.iterdir()} - {"bok å.xlsx", "ut å.tmp"} == set()


def test_says_what_to_do_without_libreoffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: None)
    with pytest.raises(FilFel, match="be IT installera LibreOffice"):
        pdf.convert_to_pdf(workbook(tmp_path / "bok.xlsx"), tmp_path / "ut.pdf")
    assert not (tmp_path / "ut.pdf").exists()


@pytest.mark.skipif(os.name == "nt", reason="a stand-in program that Windows does not start")
@pytest.mark.parametrize(
    ("script", "seconds", "told"),
    [
        ("raise SystemExit(7)", 600, "felkod 7"),
        ("", 600, "ingen fil blev skriven"),
        ("import time; time.sleep(3600)", 1, "1 sekunder"),
    ],
)
def test_a_libreoffice_that_fails_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, seconds: int, told: str
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!{sys.executable}\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(pdf, "TIDSGRANS_SEKUNDER", seconds)
    with pytest.raises(FilFel, match=told):
        pdf.convert_to_pdf(workbook(tmp_path / "bok.xlsx"), tmp_path / "ut.pdf")
    assert not (tmp_path / "ut.pdf").exists()
