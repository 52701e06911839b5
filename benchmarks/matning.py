"""Runs a command in a process of its own and tells what it cost."""

import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Seconds between two looks at how much memory a process and its children have.
_LOOK = 0.02


class Misslyckad(Exception):
    """A measured command failed, so there is nothing to tell."""


@dataclass(frozen=True)
class Korning:
    """One run. `sekunder` is wall-clock, `processor` its and its children's processor seconds.

    `minne` is the most memory (resident, MB) that it and its children had at once, `skrivningar`
    and `skrivet` how many times it wrote and how much (MB; files, pipes and the network), both
    None where the system does not tell. `anrop` are the requests it made. `svar` is what it
    printed, where that is JSON.
    """

    sekunder: float
    processor: float
    minne: float
    skrivningar: int | None
    skrivet: float | None
    anrop: int = 0
    svar: dict[str, Any] = field(default_factory=dict)


def run(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    cwd: Path,
    anrop: Callable[[], int] = lambda: 0,
) -> Korning:
    """Run a command to its end. Raises Misslyckad when it does not end well."""
    before = anrop()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(c) for c in command], stdout=out, stderr=err, env=dict(env), cwd=cwd
        )
        done = threading.Event()
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process.pid, done, peak))
        watcher.start()
        try:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            seconds = time.perf_counter() - started
            writes, written = _read_writes(process.pid)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            done.set()
            watcher.join()
        out.seek(0)
        err.seek(0)
        text = out.read().decode(errors="replace")
        if process.returncode:
            raise Misslyckad(f"{command[1:]}\n{text[-2000:]}\n{err.read().decode()[-2000:]}")
    return Korning(
        seconds,
        used.ru_utime + used.ru_stime,
        # Without /proc, as in macOS: of the largest process, which is told in bytes there.
        peak[0] or used.ru_maxrss / 1e6,
        writes,
        written,
        anrop() - before,
        json.loads(text) if text.startswith("{") else {},
    )


def alternate(
    cases: Mapping[str, Callable[[], Korning]], ganger: int, *, varm: bool = True
) -> dict[str, list[Korning]]:
    """Run the cases in turns, `ganger` times each; with `varm`, once before that is not counted."""
    if varm:
        for work in cases.values():
            work()
    found: dict[str, list[Korning]] = {name: [] for name in cases}
    for turn in range(ganger):
        # Every other turn backwards, so that nobody always comes after the same one.
        for name, work in list(cases.items())[:: -1 if turn % 2 else 1]:
            found[name].append(work())
    return found


def median(runs: Sequence[Korning], vad: str = "sekunder") -> float:
    """Return the median of a measure over the runs."""
    return statistics.median(getattr(r, vad) for r in runs)


def ratio(one: Sequence[Korning], other: Sequence[Korning], vad: str = "sekunder") -> float:
    """Return how many times as much one costs as the other: the median over the turns."""
    pairs = zip(one, other, strict=True)
    return statistics.median(getattr(a, vad) / getattr(b, vad) for a, b in pairs)


def _watch(pid: int, done: threading.Event, peak: list[float]) -> None:
    while not done.is_set():
        family = _family(pid)
        # Of one process the system itself remembers the most that it has had.
        seen = _read_memory(pid, "VmHWM") if len(family) == 1 else 0.0
        peak[0] = max(peak[0], seen or sum(_read_memory(p, "VmRSS") for p in family))
        done.wait(_LOOK)


def _family(pid: int) -> list[int]:
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in task.read_text().split():
                found += _family(int(child))
    except OSError:  # it has just ended
        pass
    return found


def _read_memory(pid: int, vad: str) -> float:
    """Return a measure of a process' memory in MB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(rf"^{vad}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1.024e-3 if found else 0.0


def _read_writes(pid: int) -> tuple[int | None, float | None]:
    """Return writes and MB written by a process that has ended but is not yet forgotten."""
    try:
        lines = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    except OSError:
        return None, None
    return int(lines["syscw"]), int(lines["wchar"]) / 1e6
