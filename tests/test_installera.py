"""The runtime of Excel's buttons: made whole or not at all, and checked before it is used."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from genomlysning import __version__, excelmiljo, installera
from genomlysning.fel import AnvandarFel, FilFel
from genomlysning.installera import Kalla
from genomlysning.kommandorad import run
from genomlysning.kormiljo import KLAR, Kormiljo, Svar, check_svar, find_kormiljo
from libreoffice import skip_or_fail

ROOT = Path(__file__).parents[1]
#: Set to 1 where the packages can be had from an index (CI).
KRAV_NAT = "GENOMLYSNING_KRAV_NAT"
GOTT = Svar((), (), excelmiljo.XLWINGS, __version__, "", pandas=False)


@pytest.fixture
def place(tmp_path: Path) -> Kormiljo:
    return find_kormiljo("linux", {"HOME": str(tmp_path / "hem")})


@pytest.fixture
def steg(monkeypatch, place):
    """Stand-ins for the steps that take long; a fault in the dictionary stops the one named."""
    faults: dict[str, BaseException] = {}

    def make_venv(work, _log):
        (place.mapp / "bin").mkdir(parents=True)

    def install_paket(work, log):
        (place.mapp / "paket").write_text(work.kalla.version, encoding="utf-8")
        if fault := faults.get("pip"):
            raise fault

    def ask(_place, _seconds):
        if fault := faults.get("kontroll"):
            raise fault
        version = (place.mapp / "paket").read_text(encoding="utf-8")
        return Svar((), (), excelmiljo.XLWINGS, version, str(place.mapp), pandas=False)

    monkeypatch.setattr(installera, "_make_venv", make_venv)
    monkeypatch.setattr(installera, "_install_paket", install_paket)
    monkeypatch.setattr(installera, "ask_tolk", ask)
    return faults


def make_kalla(folder: Path, version: str = "0.0.1", name: str = "genomlysning") -> Path:
    folder.mkdir(exist_ok=True)
    text = f'[project]\nname = "{name}"\nversion = "{version}"\n'
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def contents(place: Kormiljo) -> list[str]:
    return sorted(p.name for p in place.mapp.parent.iterdir())


# ---- where, and by what --------------------------------------------------------------------


def test_the_places_are_those_that_the_workbook_names(tmp_path):
    windows = find_kormiljo("win32", {"LOCALAPPDATA": f"{tmp_path}\\AppData"})
    assert windows.mapp == tmp_path / "AppData" / "genomlysning" / "python"
    assert windows.tolk == windows.mapp / "Scripts" / "python.exe"
    mac = find_kormiljo("darwin", {"HOME": str(tmp_path)})
    assert mac.mapp == tmp_path / ".genomlysning" / "python"
    assert mac.tolk == mac.mapp / "bin" / "python"
    assert mac.skript.parent == tmp_path / "Library/Application Scripts/com.microsoft.Excel"
    assert find_kormiljo("linux", {"HOME": str(tmp_path)}).mapp == mac.mapp
    with pytest.raises(FilFel, match="LOCALAPPDATA"):
        find_kormiljo("win32", {})


def test_the_version_of_xlwings_is_the_pinned_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"xlwings=={excelmiljo.XLWINGS}" in project["dependencies"]
    assert project["version"] == __version__


def test_pythons_that_do_not_do(monkeypatch):
    installera.check_python("win32", "win-amd64", r"C:\Python313")
    for slag, bas, words in (
        ("win-amd64", r"C:\Program Files\WindowsApps\Python.3.12_x64", "Microsoft Store"),
        ("win32", r"C:\Python313-32", "64-bitars"),
        ("win-arm64", r"C:\Python313", "64-bitars"),
    ):
        with pytest.raises(FilFel, match=words):
            installera.check_python("win32", slag, bas)
    monkeypatch.setattr(installera.util, "find_spec", lambda name: None)
    with pytest.raises(FilFel, match="python3-venv"):
        installera.check_python("linux", "linux-x86_64", "")


def test_an_old_python_can_read_so_far_as_to_be_told():
    source = (ROOT / "python/genomlysning/installera.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    first = next(n for n in tree.body if isinstance(n, ast.If))
    before = tree.body[: tree.body.index(first)]
    assert [ast.unparse(n) for n in before[1:]] == ["import sys"]
    told = ast.unparse(first).replace("sys.version_info", "(3, 9)", 1)
    with pytest.raises(SystemExit) as end:
        exec(told, {"sys": sys})
    assert end.value.code == 4


def test_the_script_for_windows_asks_for_what_the_program_asks_for():
    content = (ROOT / "installera.ps1").read_bytes()
    # Windows PowerShell 5.1 takes a file without a mark to be in an older encoding.
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    assert "-m genomlysning.installera --kalla $PSScriptRoot @args\nexit $LASTEXITCODE" in text
    parts = re.search(r'\$krav = "(.+)" \+\n +"(.+)"', text)
    assert parts
    code = parts[1] + parts[2]
    for version, prefix, platform, fails in (
        ((3, 11, 0), r"C:\Python", "win-amd64", False),
        ((3, 10, 9), r"C:\Python", "win-amd64", True),
        ((3, 13, 0), r"C:\Program Files\WindowsApps\P", "win-amd64", True),
        ((3, 13, 0), r"C:\Python", "win32", True),
    ):
        script = (
            f"import sys, sysconfig; sys.version_info = {version}; sys.base_prefix = {prefix!r}; "
            f"sysconfig.get_platform = lambda: {platform!r}; {code}"
        )
        assert bool(subprocess.run([sys.executable, "-c", script]).returncode) == fails


# ---- what is installed ---------------------------------------------------------------------


def test_what_to_install(tmp_path, monkeypatch):
    assert installera.find_kalla(None) == Kalla(ROOT, __version__)
    chosen = make_kalla(tmp_path / "käl la")
    assert installera.find_kalla(chosen) == Kalla(chosen, "0.0.1")
    # Installed as a package, it finds the folder that pip took it from.
    monkeypatch.setattr(installera, "__file__", str(tmp_path / "lib/genomlysning/installera.py"))

    class Dist:
        noted = json.dumps({"url": chosen.as_uri(), "dir_info": {}})

        def read_text(self, _name):
            return self.noted

    monkeypatch.setattr(installera.metadata, "distribution", lambda _name: Dist())
    assert installera.find_kalla(None) == Kalla(chosen, "0.0.1")
    for noted in (json.dumps({"url": "https://x.invalid/g.whl"}), None, "["):
        Dist.noted = noted
        with pytest.raises(AnvandarFel, match="--kalla MAPP"):
            installera.find_kalla(None)
    Dist.noted = json.dumps({"url": chosen.as_uri()})
    shutil.rmtree(chosen)
    with pytest.raises(AnvandarFel, match="--kalla MAPP"):
        installera.find_kalla(None)


def test_what_is_not_to_be_installed(tmp_path):
    for chosen in (
        tmp_path,
        make_kalla(tmp_path / "annan", name="annan"),
        ROOT / "README.md",
    ):
        with pytest.raises(AnvandarFel, match="är inte Genomlysning"):
            installera.find_kalla(chosen)
    with pytest.raises(AnvandarFel, match="finns inte"):
        installera.find_kalla(tmp_path / "saknas")


# ---- one runtime in place of another -------------------------------------------------------


def test_a_new_one_takes_the_place_of_the_old(place, steg, tmp_path):
    told: list[str] = []
    for version in ("0.0.1", "0.0.2"):
        utfall = installera.install(make_kalla(tmp_path / "k", version), told.append, place)
        assert utfall.version == version
        assert (place.mapp / KLAR).read_text(encoding="utf-8") == f"{version}\n"
        assert contents(place) == ["installera.las", "installera.logg.txt", "python"]
    assert len(told) == 6


@pytest.mark.parametrize("step", ["pip", "kontroll"])
@pytest.mark.parametrize(
    "fault", [FilFel(installera.NATET, logg=""), KeyboardInterrupt(), OSError(28, "")], ids=repr
)
def test_the_old_is_kept_when_the_new_fails(place, steg, tmp_path, step, fault):
    steg[step] = fault
    expected = FilFel if isinstance(fault, OSError) else type(fault)
    with pytest.raises(expected):
        installera.install(make_kalla(tmp_path / "k", "0.0.1"), kormiljo=place)
    assert not place.finns
    steg.clear()
    installera.install(make_kalla(tmp_path / "k", "0.0.1"), kormiljo=place)
    steg[step] = fault
    told: list[str] = []
    with pytest.raises(expected):
        installera.install(make_kalla(tmp_path / "k", "0.0.2"), told.append, place)
    assert told[-1] == "Det som var installerat tidigare är kvar."
    assert (place.mapp / "paket").read_text(encoding="utf-8") == "0.0.1"
    assert contents(place) == ["installera.las", "installera.logg.txt", "python"]


def test_what_does_not_pass_the_check_is_not_kept(place, steg, tmp_path, monkeypatch):
    monkeypatch.setattr(
        installera, "ask_tolk", lambda *_: replace(GOTT, version="0", fil=str(place.mapp))
    )
    with pytest.raises(FilFel, match="finns version 0, men det här"):
        installera.install(make_kalla(tmp_path / "k"), kormiljo=place)
    assert not place.finns


@pytest.mark.parametrize("klar", [False, True], ids=["half-made", "whole"])
@pytest.mark.parametrize("ny", [False, True], ids=["between renames", "with a new"])
def test_an_interrupted_run_is_healed(place, steg, tmp_path, klar, ny):
    kalla = make_kalla(tmp_path / "k")
    installera.install(kalla, kormiljo=place)
    # As kill -9 leaves it: the old one aside, the new one not begun, half-made or whole.
    place.mapp.rename(place.tidigare)
    if ny:
        place.mapp.mkdir()
        (place.mapp / "paket").write_text("ny", encoding="utf-8")
        if klar:
            (place.mapp / KLAR).touch()
    place.mapp.with_name("python.bort-1").mkdir()
    steg["pip"] = FilFel(installera.NATET, logg="")
    with pytest.raises(FilFel):
        installera.install(kalla, kormiljo=place)
    kept = (place.mapp / "paket").read_text(encoding="utf-8")
    assert kept == ("ny" if ny and klar else "0.0.1")
    assert contents(place) == ["installera.las", "installera.logg.txt", "python"]


def test_two_at_once(place, steg, tmp_path):
    kalla = make_kalla(tmp_path / "k")
    with installera._lock(place), pytest.raises(FilFel, match="pågår redan"):
        installera.install(kalla, kormiljo=place)
    assert installera.install(kalla, kormiljo=place).version == "0.0.1"


def test_one_that_excel_is_using(steg, tmp_path, monkeypatch):
    windows = find_kormiljo("win32", {"LOCALAPPDATA": str(tmp_path)})
    windows.mapp.mkdir(parents=True)
    (windows.mapp / KLAR).touch()
    monkeypatch.setattr(installera, "PAUS", 0)
    monkeypatch.setattr(installera, "check_python", lambda *_: None)

    def refuse(_self, _target):
        raise PermissionError(13, "")

    monkeypatch.setattr(Path, "rename", refuse)
    for act in (
        lambda: installera.install(make_kalla(tmp_path / "k"), kormiljo=windows),
        lambda: installera.remove(windows),
    ):
        with pytest.raises(FilFel, match="Stäng Excel"):
            act()
    assert windows.klar


def test_a_place_that_cannot_be_written(place, steg, tmp_path):
    place.mapp.parent.parent.mkdir()
    place.mapp.parent.write_text("en fil", encoding="utf-8")
    with pytest.raises(FilFel, match="en fil ligger i vägen"):
        installera.install(make_kalla(tmp_path / "k"), kormiljo=place)


def test_it_does_not_replace_itself(place, steg, tmp_path, monkeypatch):
    installera.install(make_kalla(tmp_path / "k"), kormiljo=place)
    monkeypatch.setattr(sys, "prefix", str(place.mapp))
    with pytest.raises(FilFel, match="sig självt"):
        installera.install(make_kalla(tmp_path / "k"), kormiljo=place)
    with pytest.raises(FilFel, match="sig självt"):
        installera.remove(place)
    assert place.klar


def test_on_macos_excel_gets_its_script(steg, tmp_path, monkeypatch):
    mac = find_kormiljo("darwin", {"HOME": str(tmp_path / "hem")})
    script = mac.mapp / "lib/python3.13/site-packages/xlwings" / excelmiljo.XLWINGS_SKRIPT
    make = installera._install_paket

    def install_paket(work, log):
        make(work, log)
        script.parent.mkdir(parents=True)
        script.write_text("on VbaHandler", encoding="utf-8")

    monkeypatch.setattr(installera, "_install_paket", install_paket)
    utfall = installera.install(make_kalla(tmp_path / "k"), kormiljo=mac)
    assert [p.namn for p in utfall.provningar][-1] == "AppleScript"
    assert mac.skript.read_text(encoding="utf-8") == "on VbaHandler"
    assert "tryck på en knapp" in installera.format_utfall(utfall)
    assert installera.remove(mac)
    assert not mac.skript.exists()
    assert not mac.mapp.parent.exists()


def test_removal_keeps_what_is_not_its_own(place, steg, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(place.mapp.parent.parent))
    assert run(["installera", "--ta-bort"]) == 0
    assert "fanns inte" in capsys.readouterr().out
    installera.install(make_kalla(tmp_path / "k"), kormiljo=place)
    (place.mapp.parent / "eget").touch()
    assert run(["installera", "--ta-bort", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"mapp": str(place.mapp), "borttagen": True}
    assert contents(place) == ["eget"]


# ---- what is checked -----------------------------------------------------------------------


def test_what_a_runtime_must_have(tmp_path):
    windows = find_kormiljo("win32", {"LOCALAPPDATA": str(tmp_path)})
    windows.mapp.mkdir(parents=True)
    inside = str(windows.mapp / "Lib/site-packages/genomlysning/__init__.py")

    def faults(**changed):
        svar = replace(GOTT, **{"fil": inside, **changed})
        return [str(p.fel) for p in check_svar(windows, svar, __version__) if p.fel]

    assert [excelmiljo.XLWINGS_DLL in text for text in faults()] == [True]
    (windows.mapp / excelmiljo.XLWINGS_DLL).touch()
    assert faults() == []
    for changed, words in (
        ({"trasiga": ["lxml/etree.so"]}, "1 st, bland dem lxml/etree.so"),
        ({"laddas_inte": ["genomlysning.excel.knappar"]}, "genomlysning.excel.knappar"),
        ({"version": "9.9"}, "version 9.9"),
        ({"fil": str(ROOT / "python/genomlysning/__init__.py")}, "laddas från"),
        ({"xlwings": "0.30.0"}, "men där finns 0.30.0"),
        ({"pandas": True}, "pandas"),
    ):
        [text] = faults(**changed)
        assert words in text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", installera.DISKEN_FULL),
        ("OSError: [WinError 112] Det finns inte tillräckligt", installera.DISKEN_FULL),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE", installera.TLS),
        ("WARNING: Retrying after ProxyError('Cannot connect to proxy.'", installera.PROXY),
        ("NewConnectionError(…)\nERROR: No matching distribution found", installera.NATET),
        ("ERROR: No matching distribution found for hatchling>=1.27", installera.PAKET_SAKNAS),
        ("error: subprocess-exited-with-error", installera.BYGGS_INTE),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", installera.FEL_PAKET),
        ("något annat", installera.MISSLYCKADES),
    ],
)
def test_what_pip_says_is_told_in_swedish(said, expected):
    assert installera.find_orsak(said) is expected


def test_pip_gets_the_users_settings_and_no_others_way(monkeypatch):
    given = {"PYTHONPATH": "python", "PIP_TARGET": "x", "PIP_INDEX_URL": "i", "HTTPS_PROXY": "p"}
    made = installera.make_environ(given, (25, 0))
    own = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    assert made == {"PIP_INDEX_URL": "i", "HTTPS_PROXY": "p", **own}
    # Between these versions pip must be told to trust the certificates of the computer.
    assert installera.make_environ(given, (24, 0))["PIP_USE_FEATURE"] == "truststore"
    assert "PIP_USE_FEATURE" not in installera.make_environ(given, (23, 2))


@pytest.mark.parametrize("arguments", [["--kala", "x"], ["--kalla"], ["x"]])
def test_wrong_usage_from_the_source_folder(capsys, arguments):
    assert installera.main(arguments) == 2
    assert "--kalla MAPP" in capsys.readouterr().err


# ---- exactly the packages that are listed --------------------------------------------------


def test_the_list_comes_with_what_is_installed(tmp_path):
    lista = (ROOT / "templates" / installera.LASLISTA).read_bytes()
    assert installera.read_laslista(ROOT) == lista
    wheel = tmp_path / "genomlysning-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr(f"genomlysning/templates/{installera.LASLISTA}", b"a==1")
    assert installera.read_laslista(wheel) == b"a==1"
    with zipfile.ZipFile(wheel, "w"):
        pass
    for without in (wheel, make_kalla(tmp_path / "mapp")):
        with pytest.raises(AnvandarFel, match="Hämta hem Genomlysning på nytt") as caught:
            installera.read_laslista(without)
        assert str(without) in str(caught.value)


def test_another_package_with_the_same_name_is_refused(tmp_path):
    """By the pip that installs, with the options that it is given."""
    wheel = tmp_path / "falsk-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr("falsk.py", "")
        package.writestr(
            "falsk-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: falsk\nVersion: 1\n"
        )
        package.writestr("falsk-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        package.writestr("falsk-1.dist-info/RECORD", "")
    told = []
    for checksum in (hashlib.sha256(wheel.read_bytes()).hexdigest(), "0" * 64):
        lista = tmp_path / "lista.txt"
        lista.write_text(f"falsk==1 --hash=sha256:{checksum}\n", encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-I", "-m", "pip", "install", *installera.exakt(lista)),
                *("--dry-run", "--ignore-installed", "--no-index", "--find-links", str(tmp_path)),
            ],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        told.append((done.returncode, done.stderr))
    assert told[0][0] == 0, told[0][1]
    assert told[1][0] != 0
    assert installera.find_orsak(told[1][1]) is installera.FEL_PAKET


# ---- for real ------------------------------------------------------------------------------


def start(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run from the source folder by a Python that finds no other packages than its own."""
    environ = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT / "python")}
    if "PIP_CONFIG_FILE" not in environ:  # pip's own settings lie in the real home
        for folder in (".config/pip", ".pip", "Library/Application Support/pip"):
            if (found := Path.home() / folder / "pip.conf").is_file():
                environ["PIP_CONFIG_FILE"] = str(found)
    return subprocess.run(
        [sys.executable, "-S", "-m", "genomlysning.installera", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environ,
        timeout=600,
        check=False,
    )


@pytest.mark.lang
def test_a_real_installation(tmp_path, monkeypatch, capsys, koladaserver):
    home = tmp_path / "hem å"
    home.mkdir()
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    done = start(home, "--json")
    if "Pythons paketindex" in done.stderr:
        skip_or_fail(KRAV_NAT, f"Testet behöver Pythons paketindex: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        *("Gör", "Installerar", "Kontrollerar")
    ]
    place = find_kormiljo("linux", {"HOME": str(home)})
    answer = json.loads(done.stdout)
    assert {n: answer[n] for n in ("mapp", "version", "xlwings")} == {
        "mapp": str(place.mapp),
        "version": __version__,
        "xlwings": excelmiljo.XLWINGS,
    }
    assert {k["status"] for k in answer["kontroller"]} == {"ok"}
    assert not list(place.mapp.glob("lib/python*/site-packages/pandas"))

    monkeypatch.setenv("HOME", str(home))

    def halsa() -> dict[str, str]:
        run(["halsa", "--json"])
        found = json.loads(capsys.readouterr().out)["kontroller"]
        return next(k for k in found if k["namn"] == "Programmet för Excel")

    assert halsa()["status"] == "ok"
    # A package is damaged, and the repair of it was killed between its two renames.
    [damaged] = place.mapp.glob("lib/python*/site-packages/rich/table.py")
    damaged.unlink()
    assert "rich/table.py" in halsa()["text"]
    place.mapp.rename(place.tidigare)
    found = halsa()
    assert (found["status"], "blev aldrig klar" in found["text"]) == ("fel", True)
    assert "genomlysning installera" in found["atgard"]
    again = start(home)
    assert again.returncode == 0, again.stderr
    assert "Knapparna i Excel finns bara i Windows och macOS." in again.stdout
    assert damaged.is_file()
    assert halsa()["status"] == "ok"
    assert contents(place) == ["installera.las", "installera.logg.txt", "python"]
