"""Which files `sammanstall` reads, and what it says of those that it does not."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from excelredigering import Excelredigering
from genomlysning.kommandorad import run
from genomlysning.sammanstallning.filval import list_filer
from namndbocker import make_bok

NU = datetime(2026, 11, 24)


@pytest.fixture(scope="module")
def exempel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An example workbook."""
    fil = tmp_path_factory.mktemp("exempel") / "exempel.xlsx"
    make_bok("socialnamnden", fil, NU, exempel=True)
    return fil


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def collect(capsys, *kallor, ut="k.xlsx"):
    capsys.readouterr()
    status = run(["sammanstall", *kallor, "--ut", ut, "--json", "--idag", "2026-11-24"])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


@pytest.mark.parametrize("ut", ["k.xls", "k.docx", "k"])
def test_what_the_result_may_be_called_is_told(capsys, exempel, ut) -> None:
    status, _, err = collect(capsys, str(exempel), ut=ut)
    assert status == 2
    assert f"kan bara sparas som .xlsx, inte ”{ut}”" in err


def test_workbooks_in_subfolders_are_told(capsys, exempel) -> None:
    for name in ("m/a/bok.xlsx", "m/b/bok.xlsm", "m/.dold/bok.xlsx", "m/c/djup/bok.xlsx"):
        Path(name).parent.mkdir(parents=True)
        Path(name).write_bytes(b"x")
    shutil.copy(exempel, "m/a/bok.xlsx")
    told = "Undermapparna a och b har arbetsböcker som inte är lästa. Lägg dem i samma mapp"
    status, _, err = collect(capsys, "m")
    assert (status, told in err) == (4, True)
    shutil.copy(exempel, "m/bok.xlsx")
    status, answer, _ = collect(capsys, "m")
    assert status == 0
    assert any(told in w for w in answer["varningar"])
    # One that is named itself is read.
    _, answer, _ = collect(capsys, "m", "m/a")
    assert any("Undermappen b har" in w for w in answer["varningar"])


@pytest.mark.parametrize(
    ("name", "copied"),
    [
        ("a (1).xlsx", True),
        ("a - kopia (2).xlsx", True),
        ("A – Kopia.xlsx", True),
        ("Kopia av a.xlsx", True),
        ("a copy 2.xlsx", True),
        ("b.xlsx", False),
        ("a 2.xlsx", False),
    ],
)
def test_a_copy_is_known_by_its_name_too(exempel, name, copied) -> None:
    Path("m").mkdir()
    for fil in ("a.xlsx", name):
        shutil.copy(exempel, f"m/{fil}")
    found = list_filer([Path("m")], Path("k.xlsx"))
    assert len(found.filer) == 2 - copied
    assert len(found.varningar) == copied


def test_files_with_the_same_content_are_read_once(capsys, exempel) -> None:
    Path("m").mkdir()
    shutil.copy(exempel, "m/a.xlsx")
    shutil.copy(exempel, "m/a - kopia.xlsx")
    other = Excelredigering(exempel)
    other.put_name("Namnd", "Valnämnden")
    other.save(Path("m/c.xlsx"))
    status, answer, err = collect(capsys, "m", "m/a.xlsx")
    assert (status, answer["avvisade"]) == (0, [])
    assert [n["fil"] for n in answer["namnder"]] == ["a.xlsx", "c.xlsx"]
    assert "a - kopia.xlsx är likadan som a.xlsx och räknas inte igen." in answer["varningar"]
    assert "Obs: a - kopia.xlsx är likadan" in err


def test_a_link_that_leads_nowhere_is_named(capsys, exempel) -> None:
    Path("m").mkdir()
    shutil.copy(exempel, "m/a.xlsx")
    Path("m/borta.xlsx").symlink_to("inte-har.xlsx")
    Path("m/ring.xlsx").symlink_to("ring.xlsx")
    status, answer, _ = collect(capsys, "m")
    assert (status, [n["fil"] for n in answer["namnder"]]) == (1, ["a.xlsx"])
    assert {a["fil"] for a in answer["avvisade"]} == {"borta.xlsx", "ring.xlsx"}
