"""Files and folders that can't be reached, and computers that refuse: told in Swedish, always."""

import errno
import io
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from genomlysning import skapa
from genomlysning.kommandorad import run
from genomlysning.sammanstallning import arbetare, barn
from genomlysning.sammanstallning.arbetare import read_filer
from genomlysning.sammanstallning.namndbok import Namndbok
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


def test_files_are_read_where_memory_cannot_be_limited(exempel, tmp_path, monkeypatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import resource\n"
        "def setrlimit(what, limits):\n"
        "    raise ValueError('current limit exceeds maximum limit')\n"
        "resource.setrlimit = setrlimit\n"
    )
    package = Path(barn.__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{package}")
    [answer] = read_filer([exempel])
    assert isinstance(answer, Namndbok)


@pytest.fixture
def ta_ifran(monkeypatch) -> Callable[[str, int], None]:
    """Let the system refuse whatever has a name: as folders without rights and lost disks do."""

    def take(namn: str, felkod: int) -> None:
        def guard(real):
            def refuse(path, *args, **kwargs):
                if namn in str(path):
                    raise OSError(felkod, os.strerror(felkod), str(path))
                return real(path, *args, **kwargs)

            return refuse

        for module, name in ((os, "stat"), (os, "listdir"), (io, "open")):
            monkeypatch.setattr(module, name, guard(getattr(module, name)))

    return take


KOMMANDON = {
    "uppdatera": ["uppdatera", "stangd/bok.xlsx"],
    "uppdatera --ut": ["uppdatera", "bok.xlsx", "--ut", "stangd/ny.xlsx"],
    "kopia": ["kopia", "stangd/bok.xlsx"],
    "kopia --ut": ["kopia", "bok.xlsx", "--ut", "stangd/ny.xlsx"],
    "rapport": ["rapport", "stangd/bok.xlsx", "--ut", "r.docx"],
    "rapport --mall": ["rapport", "bok.xlsx", "--mall", "stangd/m.docx"],
    "nytt-ar": ["nytt-ar", "stangd/bok.xlsx"],
    "nytt-ar --ut": ["nytt-ar", "bok.xlsx", "--ut", "stangd/ny.xlsx"],
    "sammanstall": ["sammanstall", "stangd/bok.xlsx", "--ut", "k.xlsx"],
    "sammanstall MAPP": ["sammanstall", "stangd", "--ut", "k.xlsx"],
    "sammanstall --ut": ["sammanstall", "bok.xlsx", "--ut", "stangd/k.xlsx"],
    "sammanstall --rapport": [
        "sammanstall",
        "bok.xlsx",
        "--ut",
        "k.xlsx",
        "--rapport=stangd/r.docx",
    ],
    "halsa": ["halsa", "stangd/bok.xlsx"],
}


@pytest.mark.parametrize("argv", KOMMANDON.values(), ids=KOMMANDON)
def test_a_place_that_cannot_be_reached_is_told(
    capsys, exempel, ta_ifran, monkeypatch, argv
) -> None:
    shutil.copy(exempel, "bok.xlsx")
    # Readers are processes of their own, which the fault made here does not reach.
    monkeypatch.setattr(arbetare, "read_filer", lambda filer, _: [barn.read_one(f) for f in filer])
    lost = argv[1] == "stangd"
    ta_ifran("stangd", errno.EHOSTDOWN if lost else errno.EACCES)
    status = run(argv)
    err = "".join(capsys.readouterr())
    assert status == 4
    assert ("disken eller nätverket svarar inte" if lost else "åtkomst nekad") in err
    assert "skadad" not in err
    assert [p.name for p in Path().iterdir()] == ["bok.xlsx"]


def test_what_nobody_knew_better_is_told_by_the_command_line(capsys, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENAMETOOLONG, "File name too long", "x" * 500)

    monkeypatch.setattr(skapa, "build_tom_bok", fail)
    assert run(["bygg", "--ut", "tom.xlsx"]) == 4
    err = capsys.readouterr().err
    assert err.startswith("Filen eller mappen xxx")
    assert "… går inte att nå (namnet är för långt)" in err
    assert len(err) < 600


def test_a_folder_and_a_missing_file_are_told_apart(capsys) -> None:
    Path("mapp").mkdir()
    for fil, words in {"mapp": "mapp är en mapp.", "a/b.xlsx": "finns inte"}.items():
        for command in ("uppdatera", "kopia", "rapport", "nytt-ar"):
            ut = "ny.docx" if command == "rapport" else "ny.xlsx"
            assert run([command, fil, "--ut", ut]) == 4
            assert words in capsys.readouterr().err


def test_the_municipalitys_workbook_is_no_committees(capsys, exempel) -> None:
    assert run(["sammanstall", str(exempel), "--ut", "k.xlsx", "--rapport"]) == 0
    report = Path("k.docx").read_bytes()
    capsys.readouterr()
    for command in ("rapport", "nytt-ar", "uppdatera"):
        assert run([command, "k.xlsx"]) == 4
        err = capsys.readouterr().err
        assert err.startswith("k.xlsx är kommunens sammanställning.")
        assert "sammanstall MAPP --ut KOMMUN.xlsx --rapport" in err
    assert sorted(p.name for p in Path().iterdir()) == ["k.docx", "k.xlsx"]
    assert Path("k.docx").read_bytes() == report


def test_a_link_to_itself_is_told(capsys, exempel) -> None:
    Path("ring.xlsx").symlink_to("ring.xlsx")
    assert run(["sammanstall", "ring.xlsx", str(exempel), "--ut", "k.xlsx"]) == 1
    assert "ring.xlsx kan inte läsas (länken leder tillbaka" in capsys.readouterr().err
    for argv in (["uppdatera", "ring.xlsx"], ["nytt-ar", "ring.xlsx"]):
        assert run(argv) == 4
        assert "länken leder tillbaka" in capsys.readouterr().err


def test_a_name_too_long_for_a_lock_file_is_no_fault(capsys, exempel) -> None:
    name = f"{'x' * 244}.xlsx"
    shutil.copy(exempel, name)
    assert run(["sammanstall", name, "--ut", "k.xlsx"]) == 0, capsys.readouterr().err
    assert run(["kopia", name, "--ut", "kopia.xlsx"]) == 0, capsys.readouterr().err
