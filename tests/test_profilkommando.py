"""A profile of one's own: the starting file, and the check against the catalogue."""

import json
import re
from functools import partial
from pathlib import Path

import pytest

from genomlysning import profilkontroll as modul
from genomlysning.begrepp import Nyckeltal
from genomlysning.kolada import Kolada
from genomlysning.kommandorad import run
from genomlysning.mallar import find_templates
from genomlysning.profil import OMRADEN, list_profiler, load_profil, load_verksamheter
from koladaserver import Fel
from koladavarden import figures

IDAG = ("--idag", "2026-11-24")
POST = """
[[nyckeltal]]
id = "{id}"
namn = "{namn}"
kategori = "Kvalitet"
bedomning = "ingen"
riktning = "Ingen"
enhet = "{enhet}"
decimaler = 1
"""


@pytest.fixture(autouse=True)
def _server(koladaserver, monkeypatch, tmp_path):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.setattr(modul, "Kolada", partial(Kolada, tidsgrans=2.0))
    monkeypatch.chdir(tmp_path)


def tell(capsys, *arguments):
    status = run(["profil", *arguments])
    return status, *capsys.readouterr()


def write(*figures_: tuple[str, str]) -> str:
    head = 'namn = "Nämnd"\nforvaltning = "f"\nverksamheter = []\nomrade = "övergripande"\n'
    posts = [POST.format(id=i, namn=f"Mått {i}", enhet=e) for i, e in figures_]
    Path("egen.toml").write_text(head + "".join(posts), encoding="utf-8")
    return "egen.toml"


def check(capsys, *figures_):
    status, out, err = tell(capsys, write(*figures_), "--json", *IDAG)
    assert err == ""
    answer = json.loads(out)
    return status, answer, {n["id"]: n for n in answer["nyckeltal"]}


# ---- a new one -----------------------------------------------------------------------------


def test_a_new_profile_is_valid_and_passes_its_check(capsys):
    status, out, err = tell(capsys, "--ny")
    assert (status, err) == (0, "")
    assert "genomlysning profil min-namnd.toml" in out
    profil = load_profil("min-namnd.toml")
    assert len(profil.nyckeltal) >= 3
    assert {p.bedomning.value for p in profil.nyckeltal} == {"kostnad", "resultat", "mal", "ingen"}
    status, out, err = tell(capsys, "min-namnd.toml", *IDAG)
    assert (status, err) == (0, "")
    assert "inga fel." in out


def test_the_new_profile_is_the_template_and_explains_itself(capsys):
    status, out, _ = tell(capsys, "--ny", "--ut", "en ny.toml", "--json")
    assert (status, json.loads(out)) == (0, {"fil": "en ny.toml"})
    text = Path("en ny.toml").read_text(encoding="utf-8")
    assert text == (find_templates() / "ny-profil.toml").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    assert set(load_verksamheter()) <= words
    assert all(omrade in " ".join(text.replace("#", "").split()) for omrade in OMRADEN)


def test_a_new_profile_makes_a_workbook(capsys):
    tell(capsys, "--ny")
    status = run(["skapa", "--kommun", "Mark", "--namnd", "min-namnd.toml", "--ut", "bok.xlsx"])
    assert status == 0, capsys.readouterr().err
    assert Path("bok.xlsx").exists()


def test_a_file_that_exists_is_left_alone(capsys):
    Path("min-namnd.toml").write_text("mitt", encoding="utf-8")
    status, out, err = tell(capsys, "--ny")
    assert (status, out) == (2, "")
    assert "min-namnd.toml finns redan" in err
    assert "--ut" in err
    assert Path("min-namnd.toml").read_text(encoding="utf-8") == "mitt"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "profil --ny"),
        (["--ut", "x.toml"], 2, "profil FIL"),
        (["--ny", "--ut", "x.txt"], 2, ".toml"),
        (["--ny", "--ut", "saknas/x.toml"], 4, "mappen finns"),
        (["--ny", "x.toml"], 2, "--ny --ut x.toml"),
        (["saknas.toml"], 2, "finns inte"),
    ],
)
def test_wrong_usage(capsys, koladaserver, arguments, status, words):
    found, out, err = tell(capsys, *arguments)
    assert (found, out) == (status, "")
    assert words in err
    assert koladaserver.anrop == []
    assert list(Path().glob("*.t*")) == []


# ---- the check -----------------------------------------------------------------------------


@pytest.mark.parametrize("profil", list_profiler())
def test_the_shipped_profiles_are_without_fault(capsys, profil):
    status, out, _ = tell(capsys, profil, "--json", *IDAG)
    answer = json.loads(out)
    assert (status, answer["felfri"], answer["profil"]) == (0, True, profil)
    assert [n["id"] for n in answer["nyckeltal"]] == [p.id for p in load_profil(profil).nyckeltal]
    for n in answer["nyckeltal"]:
        assert n["titel"] == figures()[n["id"]]["title"]


def test_a_good_figure_has_no_remarks(capsys):
    status, answer, found = check(capsys, ("N15001", "%"))
    assert (status, answer["felfri"], answer["varningar"]) == (0, True, [])
    assert found["N15001"] == {
        "id": "N15001",
        "namn": "Mått N15001",
        "titel": "Nettokostnadsavvikelse grundskola F-9, (%)",
        "period": 2025,
        "enhet": "%",
        "enhet_i_titeln": "%",
        "konsuppdelat": False,
        "fel": [],
        "anmarkningar": [],
    }


def test_an_unknown_figure_is_wrong_and_its_twin_is_suggested(capsys):
    status, answer, found = check(capsys, ("N15049", "kr/elev"), ("N99999", "%"), ("N15001", "%"))
    assert (status, answer["felfri"]) == (1, False)
    [text] = found["N15049"]["fel"]
    assert "Finns inte i Kolada. Menade du U15049 (Strukturjusterad" in text
    [text] = found["N99999"]["fel"]
    assert "Menade du" not in text
    assert found["N99999"]["titel"] is None
    assert found["N15001"]["fel"] == []


def find_figure(**fields):
    for i, row in figures().items():
        if all(row.get(k) == v for k, v in fields.items()) and "(-" not in row["title"]:
            return i
    raise AssertionError(fields)


def test_a_figure_for_regions_only_is_wrong(capsys):
    region = find_figure(municipality_type="L")
    status, _, found = check(capsys, (region, "%"))
    assert status == 1
    assert "bara regioner" in found[region]["fel"][0]
    everywhere = find_figure(municipality_type="A")
    assert check(capsys, (everywhere, "%"))[0] == 0


@pytest.mark.parametrize(("ending", "year"), [("(-2024)", 2024), ("(- 2024)", 2024)])
def test_a_discontinued_figure_is_wrong(capsys, ending, year):
    ended = next(
        i
        for i, r in figures().items()
        if r["title"].endswith(ending) and r["municipality_type"] == "K"
    )
    status, _, found = check(capsys, (ended, "%"))
    assert status == 1
    [text] = found[ended]["fel"]
    assert f"Nedlagt i Kolada efter {year}." in text
    # Once is enough: that it has no period either tells nothing more.
    assert not any("självrapporterat" in a for a in found[ended]["anmarkningar"])


def test_a_figure_without_period_is_to_be_looked_at(capsys):
    status, _, found = check(capsys, ("U31402", "dagar"))
    assert status == 0
    assert any("självrapporterat eller nedlagt" in a for a in found["U31402"]["anmarkningar"])
    assert found["U31402"]["period"] is None


@pytest.mark.parametrize(("period", "remarks"), [(2023, ["2023"]), (2024, []), (2029, [])])
def test_an_old_period_is_to_be_looked_at(period, remarks):
    post = load_profil(write(("N00001", "%"))).nyckeltal[0]
    n = Nyckeltal("N00001", "Mått, andel (%)", "K", False, period, None, None)
    found = modul.check_post(post, n, 2026)
    assert found.allvarliga == ()
    assert [r for r in remarks if r in found.anmarkningar[0]] == list(remarks)
    assert len(found.anmarkningar) == len(remarks)


def test_units_that_differ_are_told(capsys):
    status, _, found = check(
        capsys, ("N15001", "kr/inv"), ("N15505", "meritvärdespoäng"), ("U07553", "%")
    )
    assert status == 0
    assert found["N15001"]["anmarkningar"] == [
        "Enheten är ”kr/inv” i profilen men ”%” i Koladas titel. Kontrollera vilken som stämmer."
    ]
    assert not any("Enheten" in a for a in found["N15505"]["anmarkningar"])
    assert any("säger inte vilken enheten är" in a for a in found["U07553"]["anmarkningar"])


def test_a_figure_divided_by_gender_is_told(capsys):
    _, _, found = check(capsys, ("N00090", "%"))
    assert found["N00090"]["konsuppdelat"] is True
    assert any("värdet för båda tillsammans används" in a for a in found["N00090"]["anmarkningar"])


def test_the_text_tells_the_same(capsys):
    status, out, _ = tell(capsys, write(("N99999", "%"), ("N00090", "%")), *IDAG)
    assert status == 1
    lines = out.splitlines()
    assert lines[0] == "fel  N99999  Mått N99999 (%)"
    assert lines[1].startswith("     Fel: Finns inte i Kolada.")
    assert lines[2] == "ok   N00090  Mått N00090 (%, period 2026)"
    assert lines[3].startswith("     Obs: Finns även för kvinnor")
    assert lines[-1] == "Nämnd: 2 nyckeltal, varav 1 med fel att rätta."


def test_a_broken_file_is_told_fault_by_fault(capsys, koladaserver):
    Path("egen.toml").write_text('namn = "X"\n', encoding="utf-8")
    status, out, err = tell(capsys, "egen.toml")
    assert (status, out) == (2, "")
    assert "nyckeln forvaltning" in err
    assert koladaserver.anrop == []


def test_a_second_check_asks_nothing_and_a_dead_kolada_is_told(capsys, koladaserver):
    fil = write(("N15001", "%"), ("N15049", "kr/elev"))
    assert tell(capsys, fil, *IDAG)[0] == 1
    asked = len(koladaserver.anrop)
    koladaserver.fel = Fel("503")
    assert tell(capsys, fil, *IDAG)[0] == 1
    assert len(koladaserver.anrop) == asked
    status, out, err = tell(capsys, fil, "--idag", "2026-12-24")
    assert status == 1
    assert "2026-11-24 (30 dygn gamla)" in err
    assert "U15049" in out
    status, out, err = tell(capsys, write(("N99999", "%")), *IDAG)
    assert (status, out) == (3, "")
    assert "tillfälligt fel" in err
