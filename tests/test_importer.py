"""The imports follow one direction: client → store → selection → rules → writers.

The picture is the table below. A new module fails until it is given a place in it.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "python" / "genomlysning"
NAME = PACKAGE.name


@dataclass(frozen=True)
class Place:
    """What a module may import: other places of the package, and packages from outside.

    A place holds its own submodules, except those with a place of their own, and may always
    import itself. Of the outside, `packages` lists the third-party packages and the watched
    parts of the standard library; the rest of the standard library is free.
    """

    may: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    anything: bool = False


BASE = ("begrepp", "fel", "ord", "mallar")
USE_CASE = ("profil", "regler", "svenska", "urval")
RESULT = ("underlag", "verksamhetskostnad")
SOURCES = ("hamtning", "kolada", "lager", "lagerfil")
PICTURE: dict[str, Place] = {
    # The package itself hands on the names of `bibliotek`, when they are asked for.
    "": Place(may=("bibliotek",)),
    **{name: Place(may=BASE) for name in BASE},
    "kolada": Place(may=BASE, packages=("requests", "urllib3", "truststore", "ssl")),
    "kolada.diagnos": Place(may=(*BASE, "kolada"), packages=("requests", "urllib3", "socket")),
    "kolada.antaganden": Place(may=(*BASE, "kolada"), packages=("requests",)),
    "koladaprov": Place(may=("kolada", "kolada.antaganden"), packages=("rich",)),
    "lagerfil": Place(may=BASE, packages=("sqlite3", "platformdirs")),
    "lager": Place(may=(*BASE, "lagerfil"), packages=("sqlite3",)),
    "lagerkontroll": Place(may=(*BASE, "lagerfil"), packages=("sqlite3",)),
    "profilfil": Place(may=BASE, packages=("tomllib",)),
    "profil": Place(may=(*BASE, "profilfil")),
    "hamtning": Place(may=(*BASE, "profil", "kolada", "lager")),
    "urval": Place(may=(*BASE, "profil")),
    "regler": Place(may=BASE),
    "svenska": Place(may=("regler",)),
    "anmarkningar": Place(may=(*BASE, "regler", "svenska")),
    "kallrad": Place(may=("ord", "svenska")),
    "summaord": Place(may=("regler", "svenska")),
    "verksamhetskostnad": Place(may=(*BASE, *USE_CASE, "anmarkningar", "uppslag")),
    "uppslag": Place(may=(*BASE, "urval")),
    "skrapsamling": Place(),
    "underlag": Place(may=(*BASE, *USE_CASE, "verksamhetskostnad")),
    "efterfoljare": Place(may=(*BASE, "hamtning", "regler")),
    "jamforelsehamtning": Place(
        may=(*BASE, *USE_CASE, *RESULT, "efterfoljare", "hamtning", "kolada", "uppslag")
    ),
    "underlagsberakning": Place(
        may=(
            *(*BASE, *USE_CASE, *RESULT),
            *("anmarkningar", "hamtning", "jamforelsehamtning", "skrapsamling", "uppslag"),
        )
    ),
    "funktionsbeskrivning": Place(may=("excelmiljo",)),
    "funktionsblad": Place(),
    "funktionskalla": Place(may=(*BASE, *SOURCES)),
    "funktionsvarden": Place(
        may=(
            *BASE,
            *USE_CASE,
            "funktionsbeskrivning",
            "funktionsblad",
            "funktionskalla",
            "hamtning",
            "uppslag",
            "verksamhetskostnad",
        )
    ),
    "excel": Place(
        may=(
            *(*BASE, *USE_CASE, *RESULT, *SOURCES),
            *("analys", "bok", "bokhamtning", "excel.dokument", "klocka", "sok", "summaord"),
        ),
        packages=("xlwings",),
    ),
    "excel.dokument": Place(may=("fel", "excel", "kopia", "nytt_ar", "rapportera")),
    "excel.funktioner": Place(
        may=("funktionsbeskrivning", "funktionsblad", "funktionsvarden"), packages=("xlwings",)
    ),
    "svar": Place(may=(*BASE, *USE_CASE, *RESULT)),
    "analys": Place(may=(*BASE, *USE_CASE, *RESULT, "summaord")),
    "bok": Place(
        may=(
            *(*BASE, *USE_CASE, *RESULT),
            *("analys", "anmarkningar", "excelmiljo", "funktionsbeskrivning"),
        ),
        packages=("xlsxwriter", "lxml"),
    ),
    "bok.makron": Place(may=(*BASE, "excelmiljo", "bok"), packages=("pyopenvba", "xlsxwriter")),
    "bokhamtning": Place(may=(*BASE, *USE_CASE, *RESULT, *SOURCES, "bok", "underlagsberakning")),
    "exempel": Place(may=(*BASE, "profil", "lager", "bok"), packages=("tomllib",)),
    "filskrivning": Place(may=BASE),
    "klocka": Place(may=BASE),
    "pdf": Place(may=BASE),
    "utskick": Place(may=(*BASE, "bok"), packages=("lxml",)),
    "kopia": Place(may=(*BASE, "bok", "filskrivning", "pdf", "utskick")),
    "rapport": Place(
        may=(
            *(*BASE, "profil", "regler", "svenska", "verksamhetskostnad"),
            *("anmarkningar", "bok", "kallrad", "summaord"),
        )
    ),
    "rapport.bilder": Place(may=("bok", "rapport", "svenska"), packages=("matplotlib",)),
    "rapport.mall": Place(may=(*BASE, "svenska", "bok", "rapport"), packages=("docx", "lxml")),
    "rapport.formatmallar": Place(may=("rapport",), packages=("docx",)),
    "rapport.word": Place(
        may=(*BASE, "bok", "rapport", "rapport.formatmallar", "rapport.mall"),
        packages=("docx",),
    ),
    "rapportskrivning": Place(
        may=(*BASE, "filskrivning", "pdf", "rapport", "rapport.bilder", "rapport.word")
    ),
    "rapportera": Place(
        may=(*BASE, "svenska", "bok", "filskrivning", "pdf", "rapport", "rapportskrivning")
    ),
    "sammanstallning": Place(
        may=(*BASE, *USE_CASE, "verksamhetskostnad", "bok"),
    ),
    "sammanstallning.snabbok": Place(may=(*BASE, "bok"), packages=("lxml", "python_calamine")),
    "sammanstallning.losanamn": Place(may=("bok", "sammanstallning.snabbok")),
    "sammanstallning.kommentarer": Place(
        may=(*BASE, "bok", "sammanstallning.snabbok"), packages=("lxml",)
    ),
    "sammanstallning.anteckningar": Place(
        may=(
            *(*BASE, *USE_CASE, "bok"),
            *("sammanstallning.kommentarer", "sammanstallning.snabbok"),
        )
    ),
    "sammanstallning.tabellasning": Place(
        may=(
            *(*BASE, *USE_CASE, "bok"),
            *("sammanstallning", "sammanstallning.anteckningar", "sammanstallning.snabbok"),
        ),
        packages=("lxml",),
    ),
    "sammanstallning.lasning": Place(
        may=(
            *(*BASE, *USE_CASE, "bok", "filskrivning"),
            *(
                "sammanstallning",
                "sammanstallning.anteckningar",
                "sammanstallning.losanamn",
                "sammanstallning.snabbok",
                "sammanstallning.tabellasning",
            ),
        ),
        packages=("lxml",),
    ),
    "sammanstallning.filval": Place(may=("fel", "svenska", "filskrivning", "sammanstallning")),
    # In a process of its own.
    "sammanstallning.barn": Place(may=("fel", "sammanstallning", "sammanstallning.lasning")),
    "sammanstallning.sammanforing": Place(
        may=(*BASE, *USE_CASE, "verksamhetskostnad", "bok", "sammanstallning"),
        packages=("pandas",),
    ),
    "sammanstallning.skriv": Place(
        may=(*BASE, *USE_CASE, "bok", "sammanstallning", "sammanstallning.sammanforing"),
        packages=("xlsxwriter",),
    ),
    **{
        f"sammanstallning.{name}": Place(
            may=(
                *(*BASE, *USE_CASE, "anmarkningar", "bok", "kallrad", "rapport", "summaord"),
                *("sammanstallning", "sammanstallning.sammanforing", "verksamhetskostnad"),
                *(f"sammanstallning.{own}" for own in ("kommunord", "kommunrader")),
            )
        )
        for name in ("kommunord", "kommunrader", "kommunrapport")
    },
    "sammanstall": Place(
        may=(
            *(*BASE, "svenska", "filskrivning", "pdf", "rapportskrivning"),
            *("sammanstallning", "sammanstallning.filval", "skrapsamling"),
            *("rapport.word", "sammanstallning.kommunrapport"),
            *("sammanstallning.sammanforing", "sammanstallning.skriv"),
        )
    ),
    "skapa": Place(
        may=(
            *(*BASE, *USE_CASE, *RESULT, *SOURCES),
            *("bok", "bok.makron", "exempel", "filskrivning", "underlagsberakning"),
        )
    ),
    "uppdatera": Place(may=(*BASE, "bok", "bokhamtning", "filskrivning", "skapa")),
    "nytt_ar": Place(
        may=(
            *(*BASE, "profil", "svenska"),
            *("bok", "bok.makron", "filskrivning", "uppdatera"),
        ),
    ),
    "sok": Place(may=(*BASE, "regler", *SOURCES)),
    "profilkontroll": Place(may=(*BASE, "profil", "regler", "efterfoljare", *SOURCES)),
    # Run before any package is installed: the standard library, and what needs no more.
    "excelmiljo": Place(),
    "terminal": Place(),
    "kormiljo": Place(may=("fel", "excelmiljo")),
    "installera": Place(
        may=("fel", "excelmiljo", "kormiljo", "terminal"), packages=("tomllib", "urllib")
    ),
    "halsa": Place(
        may=(
            *(*BASE, "profil", "svenska", "kolada.diagnos", "lagerfil", "lagerkontroll"),
            *("bok", "excelmiljo", "klocka", "kolada", "kormiljo"),
        )
    ),
    "sokutskrift": Place(may=("sok", "svenska"), packages=("rich",)),
    "tabellutskrift": Place(
        may=(*BASE, *USE_CASE, *RESULT, "kallrad", "summaord"), packages=("rich",)
    ),
    "svensk_typer": Place(may=BASE, packages=("typer",)),
    # What other programs may use.
    "bibliotek": Place(may=(*BASE, *RESULT, "filskrivning", "klocka", "skapa")),
    "kommandorad": Place(anything=True),
    "__main__": Place(anything=True),
}
#: Parts of the standard library that belong to one place each.
WATCHED = {"sqlite3", "tomllib", "http", "urllib", "socket", "ssl"}


@dataclass(frozen=True)
class Import:
    """One import, as written in the source; `name` is dotted and absolute."""

    name: str
    line: int


def module_names(package: Path) -> dict[str, Path]:
    """Every module below a package, named relative to it; the package itself is ''."""
    names = {}
    for path in sorted(package.rglob("*.py")):
        steps = path.relative_to(package).with_suffix("").parts
        names[".".join(steps[:-1] if steps[-1] == "__init__" else steps)] = path
    return names


def imports(source: str, module: str, is_package: bool) -> Iterator[Import]:
    """Yield every import of a module, also those inside functions and `TYPE_CHECKING`.

    `from x import y` counts as `x.y`, since `y` may be a module.
    """
    here = [NAME, *(module.split(".") if module else [])]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = here if is_package else here[:-1]
            start = above[: len(above) - node.level + 1] if node.level else []
            stem = [*start, *((node.module or "").split(".") if node.module else [])]
            for alias in node.names:
                yield Import(".".join([*stem, alias.name]), node.lineno)


def place_of(module: str) -> str | None:
    """The place of a module: its own name in the picture, or the nearest package's."""
    steps = module.split(".")
    for length in range(len(steps), 0, -1):
        if (name := ".".join(steps[:length])) in PICTURE:
            return name
    return None


def faults(modules: dict[str, Path]) -> list[str]:
    """Return a line for every import against the picture."""
    lines = []
    for module, path in modules.items():
        place = place_of(module)
        if place is None and module:
            lines.append(f"{module}: place it in PICTURE of tests/test_importer.py")
            continue
        rule = PICTURE[place or ""]
        source = path.read_text(encoding="utf-8")
        for found in imports(source, module, path.name == "__init__.py"):
            if not rule.anything and not _allowed(found.name, place, rule, modules):
                lines.append(f"{module or '__init__'}:{found.line} imports {found.name}")
    return lines


def _allowed(name: str, place: str | None, rule: Place, modules: dict[str, Path]) -> bool:
    top, _, rest = name.partition(".")
    if top != NAME:
        free = top in sys.stdlib_module_names and top not in WATCHED
        return free or top in rule.packages
    if rest not in modules:  # `from module import name`, or a name of the package itself
        rest = rest.rpartition(".")[0]
    target = place_of(rest)
    return not rest or (target is not None and (target == place or target in rule.may))


def test_imports_follow_the_picture() -> None:
    modules = module_names(PACKAGE)
    assert {"begrepp", "mallar"} <= modules.keys()
    found = faults(modules)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("regler/a.py", "import math\nfrom ..begrepp import Kommun", []),
        ("regler/a.py", "from . import b\nfrom .b import c", []),
        ("regler/a.py", "import requests", ["regler.a:1 imports requests"]),
        ("regler/a.py", "def f():\n    import sqlite3", ["regler.a:2 imports sqlite3"]),
        ("regler/a.py", "from .. import kolada", ["regler.a:1 imports genomlysning.kolada"]),
        ("regler/a.py", "from genomlysning import __version__", []),
        ("kolada.py", "import requests\nimport pandas", ["kolada:2 imports pandas"]),
        ("kolada.py", "import urllib.request", ["kolada:1 imports urllib.request"]),
        ("lager.py", "from .kolada import X", ["lager:1 imports genomlysning.kolada.X"]),
        ("bok/skriv.py", "import typer", ["bok.skriv:1 imports typer"]),
        ("kommandorad.py", "import typer\nfrom .kolada import X", []),
        ("okant.py", "", ["okant: place it in PICTURE of tests/test_importer.py"]),
    ],
)
def test_the_check_finds_what_it_should(
    tmp_path: Path, module: str, source: str, expected: list[str]
) -> None:
    for name in ("__init__.py", "begrepp.py", "kolada.py", "regler/__init__.py", "regler/b.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    path = tmp_path / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    assert faults(module_names(tmp_path)) == expected
