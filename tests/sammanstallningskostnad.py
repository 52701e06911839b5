"""What `sammanstall` costs beside python-calamine alone reading the same cells.

    sammanstallningskostnad.py gor MAPP [ANTAL]   write ANTAL (300) committees' workbooks to MAPP
    sammanstallningskostnad.py mat MAPP [GÅNGER]  measure, in turns, and print the answer as JSON

The same cells are every cell of every sheet of every workbook, as `CalamineWorkbook.from_path` and
`get_sheet_by_name(…).to_python()` give them: one process, from its start to its end. The other
side is the command as it is run, from its start until the municipality's workbook lies on disk.
Seconds are wall-clock and processor time, children included; memory is in megabytes. `andra` is
the processor time that other programs took meanwhile: with much of it, only the processor time
says anything, and the quietest turn, `lugnast`, is the fairest.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ANTAL = 300
NU = datetime(2026, 11, 24)
_BARA = (
    "import sys, pathlib\n"
    "from python_calamine import CalamineWorkbook\n"
    "cells = 0\n"
    "for fil in sorted(pathlib.Path(sys.argv[1]).glob('*.xlsx')):\n"
    "    with CalamineWorkbook.from_path(str(fil)) as bok:\n"
    "        for name in bok.sheet_names:\n"
    "            rows = bok.get_sheet_by_name(name).to_python()\n"
    "            cells += sum(len(r) for r in rows)\n"
    "print(cells)\n"
)
#: Committees without a profile of their own.
_ANDRA = ("Räddningsnämnden", "Valnämnden", "Byggnadsnämnden", "Tekniska nämnden")
_SIDA = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def make_bocker(mapp: Path, antal: int = ANTAL) -> None:
    """Write so many workbooks: a dozen committees, filled in and edited, in municipalities."""
    from excelredigering import Excelredigering
    from genomlysning.profil import list_profiler
    from namndbocker import edit, fill, make_bok

    profiler = [*sorted(list_profiler()), *("generell" for _ in _ANDRA)]
    own = len(profiler) - len(_ANDRA)
    mapp.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as mallar:
        for profil in set(profiler):
            make_bok(profil, Path(mallar, f"{profil}.xlsx"), NU, exempel=True)
        for number in range(antal):
            which, where = number % len(profiler), number // len(profiler)
            namnd = _ANDRA[which - own] if which >= own else ""
            fil = mapp / f"{number:03} {profiler[which]}.xlsx"
            made = fill(Path(mallar, f"{profiler[which]}.xlsx"), fil, number, namnd)
            edit(made, number)
            if where:
                bok = Excelredigering(fil)
                bok.put_name("Kommun", f"Kommun {where}")
                bok.save(fil)


def measure(mapp: Path, ganger: int = 3) -> dict[str, Any]:
    """Run both sides in turns; return the medians, and the ratio of them."""
    files = len(list(mapp.glob("*.xlsx")))
    bara, hela = [], []
    with tempfile.TemporaryDirectory() as ut:
        # A first turn of each, so that neither pays for reading files and programs from disk.
        for turn in range(ganger + 1):
            one = _run([sys.executable, "-c", _BARA, str(mapp)])
            target = Path(ut, f"kommun{turn}.xlsx")
            command = [sys.executable, "-m", "genomlysning", "sammanstall", str(mapp)]
            two = _run([*command, "--ut", str(target), "--json"])
            assert two["status"] == 0, two
            assert target.exists()
            if turn:
                bara.append(one)
                hela.append(two)
    answer: dict[str, Any] = {"filer": files, "celler": bara[0]["celler"]}
    for name, runs in (("calamine", bara), ("sammanstall", hela)):
        answer[name] = {
            key: round(statistics.median(r[key] for r in runs), 2)
            for key in ("sekunder", "processor", "andra", "minne", "minne_alla")
        }
    pairs = sorted(zip(bara, hela, strict=True), key=lambda p: p[0]["andra"] + p[1]["andra"])
    ratios = [round(h["sekunder"] / b["sekunder"], 2) for b, h in pairs]
    answer |= {"kvot": statistics.median(ratios), "lugnast": ratios[0], "kvoter": ratios}
    return answer


def _run(command: list[str]) -> dict[str, Any]:
    """Run a command; return its seconds, processor seconds and memory with its children."""
    before, busy, started = os.times(), _busy(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen = {"minne": 0.0, "minne_alla": 0.0}
    watcher = threading.Thread(target=_watch, args=(process, seen))
    watcher.start()
    out, err = process.communicate()
    seconds, after = time.perf_counter() - started, os.times()
    busy = _busy() - busy
    watcher.join()
    own = sum(after[:4]) - sum(before[:4])
    return {
        "sekunder": seconds,
        "processor": sum(after[2:4]) - sum(before[2:4]),
        "andra": max(busy - own, 0.0),
        **seen,
        "celler": int(out) if out.strip().isdigit() else 0,
        "status": process.returncode,
        "fel": err.decode(errors="replace")[-2000:],
    }


def _watch(process: "subprocess.Popen[bytes]", seen: dict[str, float]) -> None:
    """Take note of the most memory that one process, and all together, have had at once."""
    while process.poll() is None:
        sizes = [_resident(pid) for pid in _family(process.pid)]
        seen["minne"] = max(seen["minne"], *sizes, 0.0)
        seen["minne_alla"] = max(seen["minne_alla"], sum(sizes))
        time.sleep(0.1)


def _family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def _busy() -> float:
    """Return the seconds that all processors have been at work; 0 where it can't be known."""
    try:
        user, nice, system = Path("/proc/stat").read_text().split(maxsplit=4)[1:4]
    except OSError:
        return 0.0
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _SIDA / 1e6
    except OSError:
        return 0.0


if __name__ == "__main__":
    folder, rest = Path(sys.argv[2]), [int(n) for n in sys.argv[3:]]
    if sys.argv[1] == "gor":
        make_bocker(folder, *rest)
    else:
        print(json.dumps(measure(folder, *rest), indent=2))
