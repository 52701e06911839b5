"""What all tests share: the stand-in Kolada, and that no test reaches outside or keeps anything."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from genomlysning.kolada import takt
from koladaserver import Koladaserver, run_for_tests

#: Nothing listens on the port 'discard', so a test that sets no server of its own gets no answer.
STANGD_PORT = "http://127.0.0.1:9/v3"

# In CI the same cases each time, so that a change is judged by what it changes; at home new ones.
settings.register_profile("ci", derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(tmp_path / "lager.sqlite"))
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", STANGD_PORT)
    # A stand-in that says that it has too much to do need not be rested from for seconds.
    monkeypatch.setattr(takt, "VILA", 0.01)
    monkeypatch.setattr(takt, "MELLANRUM", 0.01)
    for name in ("NO_PROXY", "no_proxy"):  # the stand-in must not be asked through a proxy
        monkeypatch.setenv(name, "127.0.0.1,localhost")


@pytest.fixture
def koladaserver() -> Iterator[Koladaserver]:
    """A stand-in Kolada without faults; give its `bas_url` to what is tested."""
    yield from run_for_tests()
