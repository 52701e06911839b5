"""Files and folders that can't be reached, and computers that refuse: told in Swedish, always."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from genomlysning.sammanstallning import barn
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
