"""No text is cut on any sheet of any kind of our files, and rows grow with what is written."""

from pathlib import Path

import pytest

from cellmatt import count_rader, find_avhuggna, find_teckenbredder
from excelredigering import Excelredigering, q
from genomlysning.bok.radhojd import count_lines, measure_text, row_height
from genomlysning.kommandorad import run
from koladaserver import Koladaserver
from namndbocker import PROFILER

IDAG, SENARE, NASTA = "2026-11-24", "2026-11-26", "2027-10-01"
ALINGSAS = "1489"
BOK, NY = Path("bok.xlsx"), Path("ny.xlsx")
TOM = Path(__file__).parents[1] / "genomlysning.xlsm"
#: What people write in: sheet, table and the headers of texts that are to have room.
SKRIVS = {"3.1 Kort sikt": "KortSikt", "4.1 Inom förvaltningen": "InomForvaltningen"}
LANG = "Vi prövar att samordna lokaler, fordon och vikarier med grannkommunerna. " * 6


@pytest.fixture(autouse=True)
def _server(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)


def make(namnd: str, ut: Path = BOK) -> None:
    arguments = ["--kommun", "Alingsås", "--namnd", namnd, "--ar", "2024", "--ut", str(ut)]
    assert run(["skapa", *arguments, "--idag", IDAG]) == 0


def test_the_blank_workbook() -> None:
    assert find_avhuggna(TOM) == []


@pytest.mark.parametrize("namnd", PROFILER)
def test_a_filled_an_updated_and_a_rolled_workbook(namnd) -> None:
    make(namnd)
    assert find_avhuggna(BOK) == []
    assert run(["uppdatera", str(BOK), "--idag", SENARE]) == 0
    assert find_avhuggna(BOK) == []
    assert run(["nytt-ar", str(BOK), "--ut", str(NY), "--idag", NASTA]) == 0
    assert find_avhuggna(NY) == []
    assert run(["uppdatera", str(NY), "--idag", NASTA]) == 0
    assert find_avhuggna(NY) == []


def test_an_example_and_its_copy(tmp_path) -> None:
    assert run(["skapa", "--exempel", "--namnd", PROFILER[2], "--ut", str(BOK)]) == 0
    assert find_avhuggna(BOK) == []
    assert run(["kopia", str(BOK), "--ut", "kopia.xlsx"]) == 0
    assert find_avhuggna(Path("kopia.xlsx")) == []


def test_the_blank_workbook_at_its_first_filling() -> None:
    bok = Excelredigering(TOM)
    bok.put_name("Kommun", "Alingsås")
    bok.put_name("Profil", PROFILER[0])
    bok.put_name("Dataar", 2024)
    bok.save(Path("fylld.xlsm"))
    assert run(["uppdatera", "fylld.xlsm", "--idag", IDAG]) == 0
    assert find_avhuggna(Path("fylld.xlsm")) == []


def test_the_whole_municipality() -> None:
    Path("in").mkdir()
    for namnd in PROFILER[:3]:
        make(namnd, Path("in") / f"{namnd}.xlsx")
    assert run(["sammanstall", "in", "--ut", "kommun.xlsx", "--idag", IDAG]) == 0
    assert find_avhuggna(Path("kommun.xlsx")) == []


def test_rows_to_write_in_grow_and_keep_a_height_to_write_in_until_then() -> None:
    make(PROFILER[0])
    for sheet in SKRIVS:
        lines = Excelredigering(BOK).sheet(sheet).iter(q("row"))
        rows = {int(r.get("r")): r for r in lines}
        assert {rows[nr].get("customHeight") for nr in range(7, 13)} == {None}
        assert {float(rows[nr].get("ht")) for nr in range(7, 13)} == {32.25}  # whole pixels


def test_the_widths_are_those_of_the_font() -> None:
    if (widths := find_teckenbredder()) is None:
        pytest.skip("Carlito saknas")
    signs = [
        c for c in bytes(range(32, 256)).decode("cp1252", "ignore") if c.isprintable() and c != "?"
    ]
    for sign in signs:
        assert measure_text(sign) == pytest.approx(widths[sign], abs=0.006), sign


@pytest.mark.parametrize("bredd", [12, 23, 46, 70])
def test_a_text_takes_no_more_lines_than_it_is_given(bredd) -> None:
    for text in (LANG, "Barn- och\nungdomsnämnden", "Samhällsbyggnadsförvaltningen " * 4, "W" * 99):
        assert count_lines(text, bredd) >= count_rader(text, bredd)
    assert row_height(2) > 2 * 12.2
