"""What all measurements share: a work folder, the stand-in Kolada and the commands."""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs

from benchmarks.matning import Korning, run
from koladaserver import Koladaserver

ROOT = Path(__file__).parents[1]
KRAV = Path(__file__).with_name("krav-koladapy.txt")
_SKRIPT = Path(__file__).with_name("skript")
KOMMUN, YEAR = "Alingsås", 2024
#: The day of every run, so that the same values are fetched whenever it is made.
IDAG = "2026-11-24"


@dataclass
class Miljo:
    """The work folder, the server, and how much is to be measured.

    `snabb` means the least that shows that everything works; `visa` tells what is going on.
    """

    mapp: Path
    server: Koladaserver
    snabb: bool
    visa: Callable[[str], None]
    env: Mapping[str, str] = field(default_factory=dict)

    def ganger(self, full: int) -> int:
        """Return how many times to measure."""
        return 1 if self.snabb else full

    def genomlysning(self, *argument: str | Path) -> Korning:
        """Run the command line."""
        return self._run(sys.executable, "-m", "genomlysning", *argument)

    def skript(self, namn: str, *argument: str | Path, python: str | Path = "") -> Korning:
        """Run one of the scripts, with our own Python or another."""
        return self._run(python or sys.executable, _SKRIPT / f"{namn}.py", *argument)

    def _run(self, *command: str | Path) -> Korning:
        return run(command, self.env, self.mapp, lambda: len(self.server.anrop))

    @property
    def lager(self) -> Path:
        """The value store."""
        return self.mapp / "lager.sqlite"

    def forget(self) -> None:
        """Let every figure be asked for anew."""
        for fil in self.mapp.glob("lager.sqlite*"):
            fil.unlink()

    def with_env(self, **extra: str) -> "Miljo":
        """Return the same with more in the environment."""
        return replace(self, env={**self.env, **extra})


@contextmanager
def open_miljo(snabb: bool, visa: Callable[[str], None]) -> Iterator[Miljo]:
    """Give a work folder, with a stand-in Kolada that answers as long as it is open."""
    with TemporaryDirectory(prefix="genomlysning-bank-") as name, Koladaserver() as server:
        server.minns = True
        folder = Path(name)
        # Compiled code is kept, as in an installed program.
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        env |= {
            "PYTHONPYCACHEPREFIX": str(folder / "kompilerat"),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "python"), str(ROOT / "tests")]),
            "GENOMLYSNING_KOLADA_URL": server.bas_url,
            "GENOMLYSNING_LAGER": str(folder / "lager.sqlite"),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        yield Miljo(folder, server, snabb, visa, env)


def write_profil(fil: Path, antal: int) -> Path:
    """Write a profile of so many figures, taken in turn from those that come with the program."""
    figures: dict[str, str] = {}
    for source in sorted((ROOT / "templates" / "namnder").glob("*.toml")):
        data = tomllib.loads(source.read_text(encoding="utf-8"))
        for figure in data["nyckeltal"]:
            figure.pop("verksamhet", None)  # whose costs would add figures of their own
            figure.setdefault("omrade", data["omrade"])
            lines = [f"{key} = {_toml(value)}" for key, value in figure.items()]
            figures.setdefault(figure["id"], "\n".join(["[[nyckeltal]]", *lines]))
    if len(figures) < antal:
        raise ValueError(f"there are only {len(figures)} figures")
    head = 'namn = "Mätnämnden"\nforvaltning = "mätförvaltningen"\nomrade = "övergripande"'
    head += "\nverksamheter = []"
    fil.write_text("\n\n".join([head, *list(figures.values())[:antal], ""]), encoding="utf-8")
    return fil


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def prepare_koladapy(visa: Callable[[str], None]) -> Path:
    """Return a Python of its own that has koladapy, made at the first run and then kept."""
    folder = platformdirs.user_cache_path("genomlysning-bank", appauthor=False) / "koladapy"
    python = folder / "bin" / "python"
    stamp = folder / KRAV.name
    if not stamp.exists() or stamp.read_bytes() != KRAV.read_bytes():
        visa("Installerar koladapy i en egen miljö …")
        venv.create(folder, clear=True, with_pip=True)
        command = [python, "-m", "pip", "install", "-qq", "-r", KRAV]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        shutil.copy(KRAV, stamp)
    return python
