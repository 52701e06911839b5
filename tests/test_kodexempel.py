"""Every command and piece of code in the documents is run, as a reader would, in order.

Kolada is the stand-in server, and the folder is one that was just fetched: it has the workbook
with buttons and the examples. What is not run here is listed in `PROVAS_ANNORSTADES`.
"""

import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import genomlysning
from excelmotor import open_live
from genomlysning import GenomlysningFel, Jamforelse, compare, compare_exempel, save_arbetsbok
from genomlysning.begrepp import KOMMUNGENOMSNITT
from genomlysning.funktionsbeskrivning import FUNKTIONER
from genomlysning.funktionskalla import Kalla
from genomlysning.funktionsvarden import Funktionsvarden
from genomlysning.installera import main as installera
from genomlysning.kommandorad import run
from genomlysning.profil import load_profil
from koladaserver import Koladaserver
from libreoffice import REQUIRED, find_soffice
from test_dokumentation import HANDBOK, ROOT, documents, read

#: The beginnings of commands that are not run here, and what runs them.
PROVAS_ANNORSTADES = {
    "python3 -m venv .venv": ".ci/run, from a clean clone",
    ".venv/bin/python -m pip install": ".ci/run; the extras are checked here",
    ".venv/bin/python -m pytest": ".ci/run",
    ".venv/bin/python tests/koladaserver.py": "the server of these tests is that one",
    ".venv/bin/python -m benchmarks": "test_prestanda.py",
    ".venv/bin/python verktyg/beroenden.py": "test_beroenden.py; it asks the package index",
    "python3 -m genomlysning.installera": "test_installera.py; that which removes is run here",
}
GENOMLYSNING = (".venv/bin/genomlysning", "genomlysning")
PYTHON = ".venv/bin/python"
#: The handbook is followed page after page in one folder, as the controller does.
HANDBOKEN = sorted(HANDBOK.glob("[0-9]*.md"))
ENSKILDA = [d for d in documents() if "```sh" in read(d) and d not in HANDBOKEN]

KOMMUN, YEAR = "1384", 2024
#: The fewest figures, so that a test takes no time.
LITEN_PROFIL = ROOT / "examples" / "kultur-och-fritidsnamnden.toml"

Block = tuple[str, str]


@pytest.fixture(autouse=True)
def _hemhamtat(koladaserver: Koladaserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    for name in ("HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "hem"))
    folder = tmp_path / "genomlysning"
    folder.mkdir()
    shutil.copy(ROOT / "genomlysning.xlsm", folder)
    shutil.copytree(ROOT / "examples", folder / "examples")
    monkeypatch.chdir(folder)


def blocks(path: Path) -> list[Block]:
    """The blocks of code of a document, each with its language, in order."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", read(path), re.M | re.S)
    assert len(found) * 2 == len(re.findall(r"^```", read(path), re.M)), path.name
    return found


def follow(path: Path) -> None:
    """Run a document's blocks in order; text after commands is what the last one answered."""
    said = None
    for language, text in blocks(path):
        if language == "sh":
            said = [run_line(line) for line in text.splitlines() if line.strip()][-1]
        elif language == "text" and said is not None:
            assert said == without_pdf(text), path.name
            said = None
        elif language == "python":
            exec(compile(text, path.name, "exec"), {})


def run_line(line: str) -> str:
    """Run commands joined by &&, and return what they answered."""
    return "".join(run_command(shlex.split(command)) for command in line.split(" && "))


def run_command(words: list[str]) -> str:
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):  # the server of the tests is the one asked
        words = words[1:]
    joined = " ".join(words)
    if words[:3] == ["python3", "-m", "genomlysning.installera"] and "--ta-bort" in words:
        return captured(lambda: installera(words[3:]))
    if any(joined.startswith(other) for other in PROVAS_ANNORSTADES):
        for extra in re.findall(r"\.\[([^\]]*)\]", joined):
            assert set(extra.split(",")) <= extras(), joined
        return ""
    if words[0] == "mkdir":
        Path(words[1]).mkdir()
        return ""
    if words[0] in GENOMLYSNING:
        return captured(lambda: run(without_pdf(words[1:])))
    assert words[0] == PYTHON, joined
    return captured(lambda: bool(runpy.run_path(words[1]) is None))


def captured(work) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert work() == 0
    return out.getvalue()


def without_pdf(given):
    """Leave out the PDF where there is no LibreOffice to make it."""
    if find_soffice() or os.environ.get(REQUIRED):
        return given
    if isinstance(given, str):
        return re.sub(r" PDF: .*\.pdf\.", "", given)
    return [word for word in given if word != "--pdf"]


def extras() -> set[str]:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    return set(project["optional-dependencies"])


def test_the_handbook_can_be_followed_from_the_first_page_to_the_last() -> None:
    for page in HANDBOKEN:
        follow(page)
    made = {path.name for path in Path().iterdir()}
    assert {"exempel (kopia).xlsx", "rapport.docx", "nasta-ar.xlsx", "kommun.xlsx"} <= made


@pytest.mark.parametrize("path", ENSKILDA, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_of_the_other_documents_works(path: Path) -> None:
    if path == HANDBOK / "for-it.md":
        assert "halsa genomlysning.xlsm" in read(path)
    follow(path)


def test_windows_is_told_the_same_commands() -> None:
    seen = 0
    for path in documents():
        texts = {"sh": "", "powershell": ""}
        for language, text in blocks(path):
            texts[language] = texts.get(language, "") + text
        commands = texts["sh"].replace(" && ", "\n").splitlines()
        for line in texts["powershell"].replace("; ", "\n").splitlines():
            seen += 1
            if line.startswith("powershell "):
                options = line.partition("-File installera.ps1")[2].split()
                assert {o for o in options if o.startswith("--")} <= {"--json", "--ta-bort"}
            else:
                same = line.replace("py ", "python3 ", 1) if line.startswith("py ") else line
                assert same.replace(".venv\\Scripts\\", ".venv/bin/") in commands, (path.name, line)
    assert seen > 8


def test_every_profile_that_is_shown_can_be_read(tmp_path: Path) -> None:
    shown = [text for d in documents() for language, text in blocks(d) if language == "toml"]
    assert shown
    for number, text in enumerate(shown):
        fil = tmp_path / f"{number}.toml"
        fil.write_text(text, encoding="utf-8")
        assert load_profil(str(fil)).nyckeltal


def test_no_block_is_in_a_language_that_is_not_run() -> None:
    languages = {language for d in documents() for language, _ in blocks(d)}
    assert languages <= {"sh", "powershell", "python", "toml", "text"}


# ---- the examples ----------------------------------------------------------------------------


def test_every_example_is_told_of() -> None:
    listed = set(re.findall(r"\]\(([\w.-]+)\)", read(ROOT / "examples" / "README.md")))
    there = {p.name for p in (ROOT / "examples").iterdir() if p.suffix in (".py", ".toml")}
    assert listed == there


def test_the_comparison_takes_ten_lines() -> None:
    lines = [r for r in read(ROOT / "examples" / "jamfor.py").splitlines() if r.strip()]
    assert len(lines) <= 10


def test_the_sheet_of_ones_own_asks_for_what_there_is(koladaserver: Koladaserver) -> None:
    book = open_live(Path("genomlysning.xlsm"))
    try:
        assert {"Kommun", "Dataar"} <= {n.name for n in book.names}
        runpy.run_path("examples/eget_blad.py")
        rows = book.sheets["Mina nyckeltal"]["A2:F4"].formula
    finally:
        book.app.quit()
    names = {"Kommun": KOMMUN, "Dataar": YEAR}
    for figure, *formulas in rows:
        title, own, similar, mean, place = (call_funktion(f, figure, names) for f in formulas)
        assert isinstance(title, str)
        assert own == koladaserver.value(figure, KOMMUN, YEAR)[0]
        assert mean == koladaserver.value(figure, KOMMUNGENOMSNITT, YEAR)[0] != similar
        assert place in range(1, 291)


def call_funktion(formula: str, nyckeltal: str, names: dict[str, object]) -> object:
    """What a function answers in a cell, its arguments read from the formula."""
    namn, _, rest = formula.removeprefix("=").partition("(")
    [funktion] = [f for f in FUNKTIONER if f.namn == namn]
    words = rest.removesuffix(")").split(",")
    assert sum(not a.valfri for a in funktion.argument) <= len(words) <= len(funktion.argument)
    values = [names.get(w, nyckeltal if re.fullmatch(r"A\d", w) else w.strip('"')) for w in words]
    [[answer]] = Funktionsvarden(Kalla()).compute(namn, [[[v]] for v in values], lambda: None)
    return answer


# ---- from Python -----------------------------------------------------------------------------


def test_a_comparison_from_python_is_what_the_workbook_has(tmp_path: Path) -> None:
    underlag = compare(KOMMUN, LITEN_PROFIL, YEAR)
    assert (underlag.kommun.namn, underlag.year) == ("Kungsbacka", YEAR)
    assert all(isinstance(rad, Jamforelse) for rad in underlag.jamforelser)
    assert save_arbetsbok(underlag, tmp_path / "bok.xlsx") == list(underlag.varningar)
    assert (tmp_path / "bok.xlsx").is_file()
    with pytest.raises(GenomlysningFel, match="Alingsås"):
        compare("Alingsas", LITEN_PROFIL)
    with pytest.raises(GenomlysningFel, match="docx"):
        save_arbetsbok(compare_exempel(), "bok.docx")


def test_what_is_offered_is_there_and_costs_nothing_until_it_is_used() -> None:
    for name in genomlysning.__all__:
        assert name == "__version__" or f"`{name}" in read(ROOT / "examples" / "README.md")
        assert getattr(genomlysning, name).__doc__
    with pytest.raises(AttributeError, match="finns_inte"):
        _ = genomlysning.finns_inte
    script = "import sys, genomlysning; print([m for m in sys.modules if m.startswith('genomlys')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "['genomlysning']"


def test_a_signature_of_the_macros_is_kept() -> None:
    shutil.copy(LITEN_PROFIL, ".")  # a profile of one's own lies beside the workbook
    save_arbetsbok(compare(KOMMUN, LITEN_PROFIL, YEAR), "bok.xlsm")
    signature = {
        "xl/vbaProjectSignature.bin": b"signatur",
        "xl/_rels/vbaProject.bin.rels": RELATION,
    }
    with zipfile.ZipFile("bok.xlsm") as package:
        parts = {name: package.read(name) for name in package.namelist()} | signature
    types = parts["[Content_Types].xml"].replace(b"</Types>", TYP + b"</Types>")
    with zipfile.ZipFile("signerad.xlsm", "w") as package:
        for name, content in (parts | {"[Content_Types].xml": types}).items():
            package.writestr(name, content)
    assert run(["uppdatera", "signerad.xlsm"]) == 0
    assert run(["nytt-ar", "signerad.xlsm", "--ut", "ny.xlsm"]) == 0
    for fil in ("signerad.xlsm", "ny.xlsm"):
        with zipfile.ZipFile(fil) as package:
            for name in (*signature, "xl/vbaProject.bin"):
                assert package.read(name) == parts[name]
            assert TYP in package.read("[Content_Types].xml")


TYP = (
    b'<Override PartName="/xl/vbaProjectSignature.bin" '
    b'ContentType="application/vnd.ms-office.vbaProjectSignature"/>'
)
RELATION = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.microsoft.com/office/2006/relationships/'
    b'vbaProjectSignature" Target="vbaProjectSignature.bin"/></Relationships>'
)
