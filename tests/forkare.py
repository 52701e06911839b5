"""Runs the program's commands in processes that have everything imported, and kills them.

Starting Python and importing takes most of a command's time, so a few hundred runs start from one
process instead: it imports what the commands need and then forks for each run. It runs in one
thread of its own, outside pytest (`Forkare` starts it), so that no lock is held when it forks.

A run is `genomlysning.__main__.main()` with the arguments of the command line, in a folder of its
own, and ends with the exit status that the command has. `efter` kills it (SIGKILL) so many
seconds after it began; `steg` just before its n-th step with files: what opens one to write, or to
read just after that, renames, links or removes one.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

#: What the commands import when they need it, and so must have been imported before the fork.
IMPORTS = (
    "genomlysning.__main__",
    *("genomlysning.skapa", "genomlysning.svar", "genomlysning.bok.plan", "genomlysning.bok.skriv"),
    *("genomlysning.uppdatera", "genomlysning.bok.uppdatering", "genomlysning.kolada.anslutning"),
    *("genomlysning.kopia", "genomlysning.rapportera", "genomlysning.nytt_ar"),
    *("genomlysning.bok.arsskrivning", "genomlysning.sammanstall"),
    "genomlysning.sammanstallning.arbetare",
    *("genomlysning.sammanstallning.sammanforing", "genomlysning.sammanstallning.skriv"),
    *("genomlysning.excel.knappar", "genomlysning.excel.dokument"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "excelmotor", "rich.console"),
)
#: Events of Python's audit hooks that are steps with files.
STEG = ("os.rename", "os.link", "os.remove")


@dataclass
class Svar:
    """How a run ended: `status` is negative, the signal's number, when it was killed."""

    status: int
    out: str
    err: str
    sekunder: float
    #: The steps with files, in order, when they were asked for.
    steg: list[str] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Forkare:
    """The process that forks, for tests: `with Forkare() as f: f.run("skapa", …, mapp=…)`."""

    def __enter__(self) -> Self:
        # numpy must not start threads of its own.
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **threads},
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)
        assert self._process.stdout
        self._process.stdout.close()

    def run(
        self,
        *argv: str,
        mapp: Path,
        env: Mapping[str, str] | None = None,
        satt: Mapping[str, object] | None = None,
        efter: float | None = None,
        steg: int | None = None,
        rakna: bool = False,
        storsta_fil: int | None = None,
        klick: Sequence[str] = (),
        tidsgrans: float | None = None,
        signal: int = signal.SIGKILL,
    ) -> Svar:
        """Run a command in the folder `mapp` to its end, or until it is killed.

        `satt` changes constants, 'module.NAME' to a value. `klick` is instead of a command the
        file of a workbook, the button's function and the day. `storsta_fil` is the most bytes
        that a file may come to, `tidsgrans` the seconds of waiting after which Kolada is given
        up. Other pauses of the client are short.
        """
        request = {
            "argv": argv,
            "mapp": str(mapp),
            "env": {**_own_env(mapp), **(env or {})},
            "satt": dict(satt or {}),
            "efter": efter,
            "steg": steg,
            "rakna": rakna,
            "storsta_fil": storsta_fil,
            "signal": int(signal),
            "klick": list(klick),
            "tidsgrans": tidsgrans,
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Svar(**json.loads(self._process.stdout.readline()))


def _own_env(mapp: Path) -> dict[str, str]:
    return {
        "GENOMLYSNING_LAGER": str(mapp / "lager.sqlite"),
        "GENOMLYSNING_KOLADA_URL": os.environ["GENOMLYSNING_KOLADA_URL"],
    }


# ---- the process that forks --------------------------------------------------------------------


def _serve() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that of a run comes when its command has begun
    for name in IMPORTS:
        importlib.import_module(name)
    tasks = Path("/proc/self/task")
    assert not tasks.exists() or len(list(tasks.iterdir())) == 1, "to fork threads is not safe"
    with tempfile.TemporaryDirectory(prefix="forkare-") as folder:
        for line in sys.stdin:
            print(json.dumps(_run(json.loads(line), Path(folder))), flush=True)


def _run(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    out, err, steps = folder / "out", folder / "err", folder / "steg"
    steps.write_text("")
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _be_command(request, out, err, steps)
    if request["efter"] is not None:
        # The run's own end, if that comes first, is not waited for.
        time.sleep(max(0.0, began + request["efter"] - time.monotonic()))
        os.kill(pid, request["signal"])
    _, status = os.waitpid(pid, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "out": out.read_text("utf-8"),
        "err": err.read_text("utf-8"),
        "sekunder": time.monotonic() - began,
        "steg": steps.read_text("utf-8").splitlines(),
    }


def _be_command(request: dict[str, Any], out: Path, err: Path, steps: Path) -> None:
    """Become the command: never returns."""
    status = 70
    try:
        for number, target in enumerate((out, err), start=1):
            opened = os.open(target, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(request["mapp"])
        os.environ.update(request["env"])
        for place, value in request["satt"].items():
            module, _, name = place.rpartition(".")
            setattr(importlib.import_module(module), name, value)
        _hurry(request["tidsgrans"])
        if request["storsta_fil"] is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (request["storsta_fil"],) * 2)
        if request["steg"] is not None or request["rakna"]:
            _count_steps(request["mapp"], request["steg"], steps)
        sys.argv = ["genomlysning", *request["argv"]]
        from genomlysning.__main__ import main

        signal.signal(signal.SIGINT, signal.default_int_handler)
        if request["klick"]:
            _click(*request["klick"])
            status = 0
        else:
            main()
    except SystemExit as done:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = done.code if isinstance(done.code, int) else 1 if done.code else 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _hurry(tidsgrans: float | None) -> None:
    """Let the client pause shortly between its attempts, and give up after `tidsgrans`."""
    from genomlysning.kolada import Kolada, anslutning, takt

    takt.VILA = takt.MELLANRUM = 0.01
    anslutning.OMFORSOK = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    if tidsgrans is not None:
        Kolada.__init__.__kwdefaults__["tidsgrans"] = tidsgrans


def _count_steps(mapp: str, kill_at: int | None, steps: Path) -> None:
    """Note every step with a file in the folder, and be killed just before the n-th."""
    count, wrote = 0, False
    note = os.open(steps, os.O_WRONLY | os.O_APPEND)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count, wrote
        if event == "open":
            path, mode, flags = args
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR)) if isinstance(flags, int) else False
            if mode is not None:
                writes = any(c in mode for c in "wxa+")
            after_write, wrote = wrote, writes
            if isinstance(path, int) or not (writes or after_write):
                return
        elif event in STEG:
            path = args[0]
        else:
            return
        place = os.path.abspath(os.fsdecode(path))
        if not place.startswith(mapp):
            return
        count += 1
        os.write(note, f"{event} {os.path.relpath(place, mapp)}\n".encode())
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _click(fil: str, knapp: str, dag: str) -> None:
    """Click a button of the workbook on a day, and print what was told."""
    import excelmotor
    from genomlysning.excel import knappar

    knappar.read_nu = lambda: datetime.fromisoformat(dag)

    book = excelmotor.open_live(Path(fil))
    seen = excelmotor.motor(book)

    def save_copy(place: str) -> bool:
        Path(place).write_bytes(Path(fil).read_bytes())
        return True

    seen.macros["Genomlysning.SparaKopia"] = save_copy
    seen.macros["Genomlysning.Fraga"] = lambda *_: "3"
    getattr(knappar, knapp)()
    print("\n".join(text for text, *_ in seen.alerts))


if __name__ == "__main__":
    _serve()
