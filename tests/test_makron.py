"""The macro workbook: what `bygg` and `skapa` put in it, and that its buttons arrive."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

from arbetsbok import find_text, open_bok, read_namn, read_tabell
from genomlysning import __version__, excelmiljo
from genomlysning.bok import beskrivning, makron
from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.bok.plan import plan_tom_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.fel import FilFel
from genomlysning.kommandorad import run
from genomlysning.skapa import TOM_BOK_DAG
from libreoffice import click_buttons, compare_cached, require_libreoffice
from ooxml import compare_parts, parts, require_validator, validate
from vbaprojekt import button_macros, check, code_names, read_sources

ROOT = Path(__file__).parents[1]
BOK = Path("bok.xlsm")
#: How many buttons there are on all sheets.
ANTAL = sum(len(k.blad) for k in KNAPPAR)
HJALP = "Om knapparna saknas eller inte fungerar"
PYTHONANROP = "import genomlysning.excel.knappar as knappar; knappar.{}()"


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def tom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The blank macro workbook."""
    fil = tmp_path_factory.mktemp("tom") / "tom.xlsm"
    assert run(["bygg", "--ut", str(fil)]) == 0
    return fil


def make_exempel(fil: Path = BOK) -> Path:
    assert run(["skapa", "--exempel", "--ut", str(fil), "--idag", "2026-11-24"]) == 0
    return fil


# ---- the file ------------------------------------------------------------------------------


def test_the_committed_workbook_is_built_from_the_sources(tom):
    committed = ROOT / "genomlysning.xlsm"
    assert compare_parts(committed, tom) == [], "kör: genomlysning bygg --ut genomlysning.xlsm"


def test_building_tells_what_it_made_and_takes_a_day(capsys):
    assert run(["bygg", "--ut", "tom.xlsm", "--idag", "2025-03-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"fil": "tom.xlsm"}
    assert "Liknande kommuner 2024" in read_tabell(open_bok(Path("tom.xlsm")), "Ekonomi")[0]
    assert run(["bygg", "--ut", "tom.ods"]) == 2
    assert ".xlsm" in capsys.readouterr().err


def test_olevba_extracts_exactly_the_sources(tom):
    found = read_sources(tom)
    for modul in makron.compose_moduler():
        source = found.pop(modul.namn)
        if modul.slag is makron.VBAModuleKind.standard:
            assert source == modul.text
        else:  # the attributes in front are the kind's
            body = modul.text.split("Attribute VB_Exposed = True\r\n")[-1]
            assert source.endswith(body)
    assert found.keys() == {b.kodnamn for b in beskrivning.MAKROBOKENS_BLAD}
    assert all(re.fullmatch(r"(Attribute VB_.*\r\n)+", source) for source in found.values())


def test_the_project_keeps_the_rules_and_fits_the_workbook(tom):
    assert check(tom) == []
    assert set(code_names(tom)) == {
        "ThisWorkbook",
        *(b.kodnamn for b in beskrivning.MAKROBOKENS_BLAD),
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Sub HamtaKolada()", "Sub Hamta()", "no public Sub HamtaKolada"),
        ("Sub HamtaKolada()", f"Sub HamtaKolada() '{'x' * 1023}", "Genomlysning: a line too long"),
        ("\r\nPublic Sub", "\nPublic Sub", "Genomlysning: a bare line end"),
        ("användaren", "anvÃ¤ndaren", "Genomlysning: garbled letters"),
    ],
)
def test_the_check_finds_what_it_should(old, new, fault):
    moduler = [replace(m, text=m.text.replace(old, new)) for m in makron.compose_moduler()]
    write_tom(makron.pack_moduler(moduler))
    assert fault in check(BOK)


def write_tom(projekt: bytes | None) -> None:
    write_bok(plan_tom_bok(TOM_BOK_DAG), BOK, projekt)


@pytest.mark.parametrize("filled", [False, True], ids=["tom", "ifylld"])
def test_recalculation_and_validator_agree(tom, filled):
    require_libreoffice()
    require_validator()
    fil = make_exempel() if filled else tom
    assert validate(fil) == []
    assert compare_cached(fil) == []


def test_a_filled_macro_workbook_is_the_plain_one_with_buttons(tom):
    make_exempel()
    make_exempel(Path("bok.xlsx"))
    a, b = parts(BOK), parts(Path("bok.xlsx"))
    assert a["xl/vbaProject.bin"] == parts(tom)["xl/vbaProject.bin"]
    assert not {n for n in b if "vba" in n or n.endswith(".vml")}
    macro, plain = open_bok(BOK), open_bok(Path("bok.xlsx"))
    assert macro.sheetnames == [*plain.sheetnames, "xlwings.conf"]
    assert find_text(macro, "Start", HJALP)
    assert not find_text(plain, "Start", HJALP)
    for sheet in plain.sheetnames[1:]:
        assert list(macro[sheet].values) == list(plain[sheet].values), sheet


def test_the_workbook_says_where_python_is(tom):
    sheet = open_bok(tom)["xlwings.conf"]
    assert sheet.sheet_state == "hidden"
    assert dict(sheet.values) == {
        "INTERPRETER_WIN": r"%LOCALAPPDATA%\genomlysning\python\Scripts\python.exe",
        "INTERPRETER_MAC": "$HOME/.genomlysning/python/bin/python",
        "UDF MODULES": "genomlysning.excel.funktioner",
        "USE UDF SERVER": "True",
        "ADD_WORKBOOK_TO_PYTHONPATH": "False",
        "SHOW CONSOLE": "False",
        "PYTHONPATH": None,
        "DEBUG UDFS": "False",
    }


def test_the_version_of_xlwings_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"xlwings=={excelmiljo.XLWINGS}" in project["dependencies"]
    sources = {m.namn: m.text for m in makron.compose_moduler()}
    assert f'XLWINGS_VERSION As String = "{excelmiljo.XLWINGS}"' in sources["xlwings"]
    assert f'"{excelmiljo.XLWINGS_DLL}"' in sources["xlwings"]


def test_the_sources_of_xlwings_are_found_without_importing_it():
    code = "from genomlysning.bok import makron as m; m.compose_moduler(); import sys; " + (
        "assert 'xlwings' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_licences_of_what_the_workbook_holds_are_given():
    given = (ROOT / "docs" / "licenser.md").read_text(encoding="utf-8").split()
    (text,) = distribution("xlwings").read_text("licenses/LICENSE.txt").split("license:\n")[1:]
    words = text.split()
    assert any(given[i : i + len(words)] == words for i in range(len(given)))
    assert "Copyright (c) 2017 Tim Hall" in " ".join(given)


def test_without_xlwings_there_is_a_message_and_no_file(monkeypatch, capsys):
    monkeypatch.setattr(makron, "find_spec", lambda name: None)
    with pytest.raises(FilFel):
        makron.compose_makron()
    assert run(["bygg", "--ut", "tom.xlsm"]) == 4
    assert "xlwings" in capsys.readouterr().err
    assert not list(Path().iterdir())
    assert find_spec("xlwings")


def test_letters_that_vba_lacks_are_refused():
    with pytest.raises(UnicodeEncodeError):
        makron.pack_moduler([makron.Modul("Modul", 'Attribute VB_Name = "Modul"\r\n\' →\r\n')])


# ---- what the workbook says about itself ---------------------------------------------------


def test_the_workbook_tells_its_form_and_version(tom):
    def read(fil):
        names = ("Bokversion", "Programversion", "Exempelmarkning")
        return [read_namn(open_bok(fil), name) for name in names]

    assert read(tom) == [beskrivning.BOKVERSION, __version__, None]
    assert read(make_exempel(Path("bok.xlsx"))) == [
        beskrivning.BOKVERSION,
        __version__,
        "EXEMPELDATA",
    ]


@pytest.mark.parametrize("marked", [True, False], ids=["nu", "utan versionsmärke"])
def test_an_update_keeps_macros_and_buttons(marked, koladaserver, monkeypatch):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    choice = ["--kommun", "Alingsås", "--namnd", "generell", "--ar", "2024"]
    assert run(["skapa", *choice, "--ut", str(BOK), "--idag", "2026-11-24"]) == 0
    if not marked:
        remove_marks(BOK)
    before = parts(BOK)
    assert run(["uppdatera", str(BOK), "--idag", "2026-11-26"]) == 0
    after = parts(BOK)
    kept = [n for n in before if n.endswith((".vml", ".vml.rels", ".bin"))]
    assert len(kept) == 1 + len({b.namn for k in KNAPPAR for b in k.blad})
    assert {n: after[n] for n in kept} == {n: before[n] for n in kept}
    assert after.keys() == before.keys()
    assert check(BOK) == []
    assert read_namn(open_bok(BOK), "SenastHamtad").date().isoformat() == "2026-11-26"


def remove_marks(fil: Path) -> None:
    """Make the workbook one of before the version mark."""
    content = parts(fil)
    mark = r"<definedName name=\"(Bokversion|Programversion|Exempelmarkning)\">.*?</definedName>"
    text, count = re.subn(mark, "", content["xl/workbook.xml"].decode())
    assert count == 3
    with zipfile.ZipFile(fil, "w") as package:
        for name, part in content.items():
            package.writestr(name, text if name == "xl/workbook.xml" else part)


# ---- the buttons ---------------------------------------------------------------------------

#: Stands in for xlwings, which does not compile in LibreOffice: writes down what it is asked to
#: run, asks the user as Python does, and lets two buttons meet with what Python can do wrong.
XLWINGS = """Attribute VB_Name = "xlwings"
Public Function RunPython(PythonCommand As String)
    ThisWorkbook.Worksheets("Listor").Range("Z1").Value = PythonCommand
    ThisWorkbook.Worksheets("Listor").Range("Z3").Value = Genomlysning.Fraga("Vad?", " Sök", " å")
    RunPython = 0
    If InStr(PythonCommand, ".kontrollera_referenskostnad(") > 0 Then RunPython = -1
    If InStr(PythonCommand, ".skriv_sammanfattning(") > 0 Then Err.Raise 1000, , "DLL saknas"
End Function
"""
DIALOGRUTA = """Attribute VB_Name = "Dialogruta"
Public Sub VisaText(ByVal Text As String)
    ThisWorkbook.Worksheets("Listor").Range("Z2").Value = Text
End Sub
Public Function LasText(ByVal Prompt As String, ByVal Titel As String, ByVal Forval As String)
    LasText = Prompt & Titel & Forval
End Function
"""
WATCHED = tuple(("Listor", cell) for cell in ("Z1", "Z2", "Z3"))


@pytest.fixture
def stubbed() -> Path:
    stubs = {"xlwings": XLWINGS, "Dialogruta": DIALOGRUTA}
    moduler = [
        replace(m, text=stubs.get(m.namn, m.text).replace("\r\n", "\n").replace("\n", "\r\n"))
        for m in makron.compose_moduler()
        if m.namn != "Dictionary"
    ]
    write_tom(makron.pack_moduler(moduler))
    return BOK


def message(meddelande) -> str:
    return f"{meddelande.text}\n\n{meddelande.atgard}"


def test_every_button_stands_where_it_should_and_can_be_read_aloud(tom):
    buttons = [(b.kodnamn, k) for b in beskrivning.BLAD for k in KNAPPAR if b in k.blad]
    assert len(buttons) == ANTAL
    assert button_macros(tom) == [k.sub for _, k in buttons]
    with zipfile.ZipFile(tom) as package:
        vml = [package.read(n).decode() for n in package.namelist() if n.endswith(".vml")]
    text = "".join(vml)
    assert re.findall(r'alt="(.*?)"', text) == [k.hjalp for _, k in buttons]
    assert text.count("<x:PrintObject>False</x:PrintObject>") == len(buttons)


def test_a_click_on_each_button_calls_its_python_function(stubbed):
    require_libreoffice()
    (clicks,) = click_buttons(stubbed, WATCHED, {"LOCALAPPDATA": ""})
    expected = {
        "kontrollera_referenskostnad": message(makron.AVBRUTET),
        "skriv_sammanfattning": f"{message(makron.MISSLYCKADES)}\n\nExcel säger: DLL saknas",
    }
    assert [(c.sheet, c.label) for c in clicks] == [
        (b.namn, k.text) for b in beskrivning.BLAD for k in KNAPPAR if b in k.blad
    ]
    by_label = {k.text: k for k in KNAPPAR}
    for click in clicks:
        knapp = by_label[click.label]
        assert f".Genomlysning.{knapp.sub}?" in click.script
        assert click.texts == [
            PYTHONANROP.format(knapp.funktion),
            expected.get(knapp.funktion, ""),
            "Vad? Sök å",
        ]


def test_without_python_a_button_says_what_to_ask_for(stubbed, tmp_path):
    """The computer has nothing, then another version, then the right one."""
    require_libreoffice()
    # LibreOffice takes the backslashes for letters of the files' names.
    folder = f"{tmp_path}\\genomlysning\\python\\"
    files = [[folder + r"Scripts\python.exe"], [folder + "xlwings64-0.37.8.dll"]]
    rounds = click_buttons(stubbed, WATCHED, {"LOCALAPPDATA": str(tmp_path)}, [[], *files])
    nothing, other, right = ([c.texts for c in one] for one in rounds)
    assert nothing == [["", message(makron.SAKNAS_WIN), ""]] * ANTAL
    assert other == [["", message(makron.FEL_VERSION), ""]] * ANTAL
    assert all(command for command, *_ in right)


def test_without_python_on_macos_too(stubbed):
    require_libreoffice()
    home = {"LOCALAPPDATA": "", "HOME": "/Users/x/Library/Containers/com.microsoft.Excel/Data"}
    (clicks,) = click_buttons(stubbed, WATCHED, home)
    assert [c.texts for c in clicks] == [["", message(makron.SAKNAS_MAC), ""]] * ANTAL


def test_readme_tells_of_every_button_and_of_no_other() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("| knapp | gör |\n|---|---|\n")[1].split("\n\n")[0]
    assert re.findall(r"^\| ([^|]+) \|", table, re.M) == [k.text for k in KNAPPAR]


def test_the_blank_workbook_says_that_it_has_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    fil = ROOT / "genomlysning.xlsm"
    assert run(["rapport", str(fil), "--ut", "rapport.docx"]) == 2
    assert "Arbetsboken har inga värden ännu. Hämta dem först" in capsys.readouterr().err
    assert not Path("rapport.docx").exists()
    assert run(["kopia", str(fil), "--ut", "kopia.xlsx"]) == 0
    assert "Arbetsboken har inga värden ännu. Hämta dem först" in capsys.readouterr().err
