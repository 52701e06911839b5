"""The exact packages of the installed runtime, and the question whether any is vulnerable."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "verktyg"))

import beroenden  # noqa: E402


def read_lista() -> dict[str, tuple[Requirement, list[str]]]:
    """Each line of the list by the package's name, with its hashes."""
    text = beroenden.LISTA.read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            stated = Requirement(line.partition("--hash")[0].strip())
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})(?![0-9a-f])", line)
            found[canonicalize_name(stated.name)] = (stated, hashes)
    return found


def test_every_package_is_one_version_with_hashes() -> None:
    listed = read_lista()
    assert len(listed) >= 20
    for stated, hashes in listed.values():
        [only] = stated.specifier
        assert (only.operator, bool(hashes)) == ("==", True), stated
    assert "://" not in beroenden.LISTA.read_text(encoding="utf-8")


def test_the_list_meets_what_the_project_needs() -> None:
    listed = read_lista()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for text in [*project["project"]["dependencies"], *project["build-system"]["requires"]]:
        wanted = Requirement(text)
        stated, _ = listed[canonicalize_name(wanted.name)]
        [only] = stated.specifier
        assert wanted.specifier.contains(only.version), text


def test_the_list_has_what_only_other_systems_need() -> None:
    markers = {name: str(stated.marker) for name, (stated, _) in read_lista().items()}
    assert markers["pywin32"] == 'sys_platform == "win32"'
    assert markers["psutil"] == 'sys_platform == "darwin"'
    assert "pandas" not in markers


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


GOOD = {"name": "lxml", "version": "6.1.3", "vulns": []}
BAD = {
    "name": "lxml",
    "version": "6.1.3",
    "vulns": [{"id": "PYSEC-2099-1", "fix_versions": ["6.1.4"]}],
}
SILENT = {"name": "lxml", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (answer(GOOD), 0, "Inga kända sårbarheter i 1 paket."),
        (answer(GOOD, BAD), 1, "lxml 6.1.3: PYSEC-2099-1, rättat i 6.1.4"),
        (answer(GOOD, SILENT), 1, "PyPI gav inget besked om 1 av 2: lxml."),
        (answer(), 1, ""),
        ("", 2, "Granskningen gick inte att göra."),
    ],
)
def test_silence_is_not_taken_for_safety(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
    status: int,
    words: str,
) -> None:
    def run(command, **_):
        listed = Path(command[-1]).read_text(encoding="utf-8")
        assert "pywin32==" in listed
        assert ";" not in listed
        return subprocess.CompletedProcess(command, 1, said, "ConnectionError: no route")

    monkeypatch.setattr(beroenden, "_find", lambda namn: namn)
    monkeypatch.setattr(beroenden.subprocess, "run", run)
    assert beroenden.main(["granska"]) == status
    out = capsys.readouterr().out
    assert words in out
    assert ("Inga kända" in out) == (status == 0)
