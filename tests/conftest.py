"""What all tests share: the stand-in Kolada, and that no test reaches outside or keeps anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from koladaserver import Koladaserver, run_for_tests

#: Nothing listens on the port 'discard', so a test that sets no server of its own gets no answer.
STANGD_PORT = "http://127.0.0.1:9/v3"


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(tmp_path / "lager.sqlite"))
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", STANGD_PORT)
    for name in ("NO_PROXY", "no_proxy"):  # the stand-in must not be asked through a proxy
        monkeypatch.setenv(name, "127.0.0.1,localhost")


@pytest.fixture
def koladaserver() -> Iterator[Koladaserver]:
    """A stand-in Kolada without faults; give its `bas_url` to what is tested."""
    yield from run_for_tests()
