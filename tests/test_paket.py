"""The package as others get it: wheel, sdist and both kinds of install carry what they must.

Built with the `hatchling` at hand, so that no test needs the network.
"""

import os
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

import ooxml
from arbete import HANGER

ROOT = Path(__file__).parents[1]
TEMPLATES = "genomlysning/templates/"


def _python(*arguments: str, cwd: Path, python: str | Path = sys.executable) -> str:
    """Run Python without the caller's PYTHONPATH; return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(python), *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=HANGER,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout.strip()


def _build(source: Path, target: str, folder: Path) -> Path:
    """Build a `wheel` or an `sdist` of the project in `source`."""
    _python("-m", "hatchling", "build", "-t", target, "-d", str(folder), cwd=source)
    [made] = folder.iterdir()
    return made


def _build_editable(folder: Path) -> Path:
    """Build the wheel that `pip install -e` builds and installs (PEP 660)."""
    folder.mkdir()
    script = "import sys, hatchling.build as b; print(b.build_editable(sys.argv[1]))"
    return folder / _python("-c", script, str(folder), cwd=ROOT).splitlines()[-1]


def _install(wheel: Path, folder: Path) -> Path:
    """Install a wheel alone in a new virtual environment; return the environment's Python."""
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = ("-m", "pip", "--python", str(python), "install", "--quiet")
    _python(*pip, "--no-deps", "--no-index", "--no-compile", str(wheel), cwd=folder)
    return python


def _installed_templates(python: Path, cwd: Path) -> Path:
    script = "from genomlysning.mallar import find_templates; print(find_templates())"
    return Path(_python("-c", script, python=python, cwd=cwd))


def _checkout_templates() -> dict[str, bytes]:
    folder = ROOT / "templates"
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert "verksamheter.toml" in found
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(ROOT, "wheel", tmp_path_factory.mktemp("hjul") / "ut")


def test_wheel_holds_the_package_and_the_templates(wheel: Path) -> None:
    content = ooxml.parts(wheel)
    templates = {
        name.removeprefix(TEMPLATES): data
        for name, data in content.items()
        if name.startswith(TEMPLATES)
    }
    assert templates == _checkout_templates()
    assert "genomlysning/py.typed" in content
    tops = {name.split("/")[0] for name in content}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"genomlysning"}
    assert not [name for name in content if "tests" in name.split("/") or name.endswith(".pyc")]


def test_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(_build(ROOT, "sdist", tmp_path / "ut")) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
        archive.extractall(tmp_path / "källa", filter="data")
    assert {"README.md", "LICENSE", "tests/test_paket.py"} <= set(names)
    assert not [name for name in names if "node_modules" in name or name.endswith(".pyc")]
    [source] = (tmp_path / "källa").iterdir()
    assert ooxml.compare_parts(wheel, _build(source, "wheel", tmp_path / "hjul")) == []


def test_installed_wheel_finds_its_templates(wheel: Path, tmp_path: Path) -> None:
    python = _install(wheel, tmp_path / "miljö")
    templates = _installed_templates(python, tmp_path)
    assert templates.is_relative_to((tmp_path / "miljö").resolve())
    assert (templates / "verksamheter.toml").is_file()


def test_editable_install_finds_the_templates_of_the_checkout(tmp_path: Path) -> None:
    python = _install(_build_editable(tmp_path / "hjul"), tmp_path / "miljö")
    assert _installed_templates(python, tmp_path) == ROOT / "templates"
    assert (ROOT / "templates" / "verksamheter.toml").is_file()
