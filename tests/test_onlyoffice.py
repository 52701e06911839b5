"""Our files in ONLYOFFICE: opened, reckoned, edited and saved there, and then used again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from arbetsbok import open_bok, read_tabell
from genomlysning.kommandorad import run
from koladaserver import Koladaserver
from libreoffice import same_value
from narapar import BLAD, make_par, write_par
from onlyoffice import OnlyofficeError, compare_cached, require_onlyoffice, run_script

#: openpyxl tells of what it does not show.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")

ROOT = Path(__file__).parents[1]
NAMND = "barn-och-ungdomsnamnden"
#: What Document Builder without a licence writes in a shape on every sheet that it saves.
STAMPEL = "Unregistered Version"
IDAG, SENARE, NASTA = "2026-11-24", "2026-11-26", "2027-11-02"
#: As people do: a move is written, one is added below the last, a figure is deleted, one is added,
#: and a table is filtered.
REDIGERING = """
var sheet = Api.GetSheet("4.1 Inom förvaltningen"), table = sheet.GetListObjects()[0];
var headings = table.GetHeaderRowRange().GetValue2()[0];
function write(sheet, row, column, text) { sheet.GetRangeByNumber(row, column).SetValue(text); }
write(sheet, 6, headings.indexOf("Område"), "Lokaler");
write(sheet, 6, headings.indexOf("Beskrivning"), "Samla i ett hus");
table.AddListRow();
write(sheet, 14, headings.indexOf("Område"), "Måltider");
var economy = Api.GetSheet("2.1 Ekonomi");
economy.GetRange("A8").GetEntireRow().Delete("up");
economy.GetListObjects()[0].AddListRow();
var body = economy.GetListObjects()[0].GetDataBodyRange();
write(economy, body.GetRow() + body.GetRowsCount() - 2, 0, "Vårt eget");
var staff = Api.GetSheet("2.2 Personal"), area = staff.GetListObjects()[0].GetRange();
area.SetAutoFilter(1, [staff.GetRange("A8").GetText()], "xlFilterValues");
return [economy.GetListObjects()[0].GetRange().GetAddress(false, false), area.GetRowsCount()];
"""


@dataclass(frozen=True)
class Filer:
    """The filled workbook as it was made, as ONLYOFFICE saved it, and as it saved it edited."""

    mapp: Path
    gjord: Path
    sparad: Path
    redigerad: Path


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, Koladaserver() as server:
        patch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture(scope="module")
def filer(server: Koladaserver, tmp_path_factory: pytest.TempPathFactory) -> Filer:
    require_onlyoffice()
    mapp = tmp_path_factory.mktemp("onlyoffice")
    found = Filer(mapp, *(mapp / f"{n}.xlsx" for n in ("gjord", "sparad", "redigerad")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENOMLYSNING_LAGER", str(mapp / "lager.sqlite"))
        for fil in (found.gjord, mapp / "gjord.xlsm"):
            what = ["--kommun", "Alingsås", "--namnd", NAMND, "--ar", "2024", "--idag", IDAG]
            assert run(["skapa", *what, "--ut", str(fil)]) == 0
    run_script(found.gjord, spara=[found.sparad])
    run_script(found.gjord, REDIGERING, [found.redigerad])
    return found


@pytest.fixture(autouse=True)
def _folder(server: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)


def do(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """Run a command that must succeed; return its answer."""
    capsys.readouterr()
    status = run([*map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    assert status == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def differences(a: Path, b: Path, utom: tuple[str, ...] = ()) -> list[str]:
    """Return a line for every cell whose value is not the same in two workbooks.

    Sheets in `utom` are not compared.
    """
    first, second = (openpyxl.load_workbook(f, data_only=True) for f in (a, b))
    assert first.sheetnames == second.sheetnames
    found = []
    for name in set(first.sheetnames) - set(utom):
        cells = {c.coordinate for bok in (first, second) for c in bok[name]._cells.values()}
        for place in sorted(cells):
            old, new = first[name][place].value, second[name][place].value
            if not same_value(old, new):
                found.append(f"{name}!{place}: {old!r} {new!r}")
    return found


# ---- opened and reckoned -------------------------------------------------------------------


@pytest.mark.parametrize("slag", ["tom", "ifylld", "ifylld med knappar", "nästa års", "kommunens"])
def test_every_kind_of_workbook_is_reckoned_to_the_saved_values(
    capsys: pytest.CaptureFixture[str], filer: Filer, slag: str
) -> None:
    fil = {"tom": ROOT / "genomlysning.xlsm", "ifylld": filer.gjord}.get(slag, Path("ny.xlsx"))
    if slag == "ifylld med knappar":
        fil = filer.mapp / "gjord.xlsm"
    elif slag == "nästa års":
        do(capsys, "nytt-ar", filer.gjord, "--ut", fil)
        do(capsys, "uppdatera", fil, "--idag", NASTA)
    elif slag == "kommunens":
        do(capsys, "sammanstall", filer.gjord, "--ut", fil)
    formulas = sum(
        c.data_type == "f" for s in openpyxl.load_workbook(fil) for c in s._cells.values()
    )
    assert formulas or slag == "kommunens"
    assert compare_cached(fil, Path("omraknad.xlsx")) == []


def test_a_copy_and_a_report_are_opened_whole(
    capsys: pytest.CaptureFixture[str], filer: Filer
) -> None:
    do(capsys, "kopia", filer.gjord, "--ut", "kopia.xlsx")
    run_script(Path("kopia.xlsx"), spara=[Path("igen.xlsx")])
    assert differences(Path("kopia.xlsx"), Path("igen.xlsx")) == []
    do(capsys, "rapport", filer.gjord, "--ut", "rapport.docx")
    counted = "return [Api.GetDocument().GetAllTables().length, Api.GetDocument().GetText()];"
    tables, text = run_script(Path("rapport.docx"), counted)
    assert tables >= 6
    assert "barn- och ungdomsnämnden" in text.lower()


def test_a_file_that_cannot_be_read_is_an_error() -> None:
    require_onlyoffice()
    Path("skräp.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(OnlyofficeError):
        run_script(Path("skräp.xlsx"))


def test_a_script_that_fails_is_an_error(filer: Filer) -> None:
    with pytest.raises(OnlyofficeError, match="the script failed"):
        run_script(filer.gjord, "throw new Error('nej');")


# ---- saved, then used ----------------------------------------------------------------------


def test_a_saved_workbook_is_updated_as_the_one_we_made(
    capsys: pytest.CaptureFixture[str], filer: Filer
) -> None:
    answers = [
        do(capsys, "uppdatera", fil, "--ut", ut, "--idag", SENARE)
        for fil, ut in ((filer.gjord, "a.xlsx"), (filer.sparad, "b.xlsx"))
    ]
    assert answers[0]["varningar"] == answers[1]["varningar"]
    assert differences(Path("a.xlsx"), Path("b.xlsx")) == []


@pytest.mark.parametrize("kommando", ["kopia", "nytt-ar", "sammanstall"])
def test_every_command_makes_of_a_saved_workbook_what_it_makes_of_ours(
    capsys: pytest.CaptureFixture[str], filer: Filer, kommando: str
) -> None:
    for fil in (filer.gjord, filer.sparad):
        Path(fil.stem).mkdir()
        same = Path(fil.stem, "bok.xlsx")
        same.write_bytes(fil.read_bytes())
        do(capsys, kommando, same, "--ut", Path(fil.stem, "ut.xlsx"))
    ours, theirs = Path("gjord", "ut.xlsx"), Path("sparad", "ut.xlsx")
    utom: tuple[str, ...] = ()
    if kommando == "sammanstall":
        notes = [r["Text"] for r in read_tabell(open_bok(theirs), "Anteckningar")]
        assert set(notes) <= {STAMPEL}
        utom = ("Innehåll", "Anteckningar", "Underlaget")  # what tells of them
    assert differences(ours, theirs, utom) == []


def test_the_report_of_a_saved_workbook_says_the_same(
    capsys: pytest.CaptureFixture[str], filer: Filer
) -> None:
    from docx import Document

    texts = []
    for fil in (filer.gjord, filer.sparad):
        ut = Path(f"{fil.stem}.docx")
        do(capsys, "rapport", fil, "--ut", ut)
        document = Document(str(ut))
        cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
        texts.append([*(p.text for p in document.paragraphs), *cells])
    assert texts[0] == texts[1]


def test_what_people_did_there_is_kept_and_used(
    capsys: pytest.CaptureFixture[str], filer: Filer
) -> None:
    ours = [r["Nyckeltal"] for r in read_tabell(open_bok(filer.gjord), "Ekonomi")]
    figures = [*ours[:1], *ours[2:], "Vårt eget"]
    do(capsys, "uppdatera", filer.redigerad, "--ut", "ny.xlsx", "--idag", SENARE)
    bok = open_bok(Path("ny.xlsx"))
    assert [r["Nyckeltal"] for r in read_tabell(bok, "Ekonomi")] == figures
    moves = [r["Område"] for r in read_tabell(bok, "InomForvaltningen")]
    assert (moves[0], moves[-1], len(moves)) == ("Lokaler", "Måltider", 9)
    assert bok["2.2 Personal"].row_dimensions[7].hidden
    assert not bok["2.2 Personal"].row_dimensions[8].hidden

    do(capsys, "kopia", "ny.xlsx", "--ut", "kopia.xlsx")
    copied = [r["Nyckeltal"] for r in read_tabell(open_bok(Path("kopia.xlsx")), "Ekonomi")]
    assert copied == figures
    do(capsys, "rapport", "ny.xlsx", "--ut", "rapport.docx")
    answer = do(capsys, "nytt-ar", "ny.xlsx", "--ut", "nasta.xlsx")
    assert len(answer["flyttade"]) == 2
    do(capsys, "sammanstall", "ny.xlsx", "--ut", "kommun.xlsx")
    everything = {c.value for s in openpyxl.load_workbook("kommun.xlsx") for c in s._cells.values()}
    assert {"Samla i ett hus", "Vårt eget"} <= everything


def test_a_macro_workbook_loses_its_buttons_there_and_is_still_used(
    capsys: pytest.CaptureFixture[str], filer: Filer
) -> None:
    run_script(filer.mapp / "gjord.xlsm", spara=[Path("bok.xlsm")])
    do(capsys, "uppdatera", "bok.xlsm", "--idag", SENARE)
    do(capsys, "kopia", "bok.xlsm", "--ut", "kopia.xlsx")
    do(capsys, "nytt-ar", "bok.xlsm", "--ut", "nasta.xlsm")
    hamtad = [r["Händelse"] for r in read_tabell(open_bok(Path("bok.xlsm")), "Logg")]
    assert len(hamtad) >= 2


def test_ten_thousand_pairs_near_the_tolerance_are_judged_alike(tmp_path: Path) -> None:
    require_onlyoffice()
    rows = make_par(10_000)
    fil, ut = tmp_path / "par.xlsx", tmp_path / "raknad.xlsx"
    write_par(rows, fil)
    run_script(fil, "Api.RecalculateAllFormulas();", [ut])
    sheet = openpyxl.load_workbook(ut, data_only=True, read_only=True)[BLAD]
    rows_read = sheet.iter_rows(values_only=True)
    cells = [row for row in rows_read if row and str(row[0]).startswith("Nyckeltal")]
    headings, *found = cells
    judged, apart = (headings.index(h) for h in ("Bedömning", "Skillnad"))
    assert len(found) == len(rows)
    for row, made in zip(found, rows, strict=True):
        assert row[judged] == made["bedomning"], made
        assert same_value(row[apart], made["skillnad"]), made
