"""A click's own work, beside a bare import of xlwings and requests, in processor seconds.

Run as `klick.py bara` or `klick.py klick BOK`, each in a process of its own. The runtime has
neither pandas nor numpy, so xlwings must go without them here too. What the click finds is in the
store, so that no time goes to the network; opening the tests' Excel does not count.
"""

import json
import sys
import time
from pathlib import Path

for _saknas in ("numpy", "pandas", "polars", "matplotlib", "PIL"):
    sys.modules[_saknas] = None  # type: ignore[assignment]


def measure_bara() -> float:
    import requests
    import xlwings

    assert requests
    assert xlwings
    return time.process_time()


def measure_klick(fil: Path) -> tuple[float, int]:
    """Return the seconds and the number of writes in the workbook."""
    import xlwings

    assert xlwings
    imported = time.process_time()
    from excelmotor import motor, open_live

    book = open_live(fil)
    opened = time.process_time()
    from genomlysning.excel import knappar

    knappar.hamta_kolada()
    done = time.process_time()
    assert "är hämtade" in motor(book).alerts[0][0], motor(book).alerts
    return imported + done - opened, motor(book).writes


if __name__ == "__main__":
    bare = sys.argv[1] == "bara"
    seconds, writes = (measure_bara(), 0) if bare else measure_klick(Path(sys.argv[2]))
    print(json.dumps({"sekunder": seconds, "skrivningar": writes}))
