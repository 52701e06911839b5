"""What all tests share: the stand-in Kolada, and that no test reaches outside or keeps anything."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import trasigheter
from genomlysning.kolada import takt
from koladaserver import Koladaserver, run_for_tests

#: Nothing listens on the port 'discard', so a test that sets no server of its own gets no answer.
STANGD_PORT = "http://127.0.0.1:9/v3"

# In CI the same cases each time, so that a change is judged by what it changes; at home new ones.
# A case may take its time on a busy machine.
_PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, print_blob=True, **_PATIENT)
settings.register_profile("hemma", **_PATIENT)
settings.load_profile("ci" if os.environ.get("CI") else "hemma")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--allt", action="store_true", help="kör också de långa proven")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lang: tar lång tid; körs med --allt, eller utpekat")
    trasigheter.fewer = not config.getoption("--allt")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """A whole run is shared by all cores; of what is pointed out one process does it sooner."""
    return 0 if config.args_source is not pytest.Config.ArgsSource.TESTPATHS else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests, unless all are asked for or some by name, -k or -m."""
    option = config.getoption
    chosen = option("--allt") or option("-k") or option("-m") or any("::" in a for a in config.args)
    long = [] if chosen else [i for i in items if i.get_closest_marker("lang")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [i for i in items if not i.get_closest_marker("lang")]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not config.getoption("--allt"):
        terminalreporter.write_line(
            "De långa proven (dödade kommandon, tusentals slumpade indata) är inte med. "
            "Kör alla med: .venv/bin/python -m pytest --allt"
        )


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
