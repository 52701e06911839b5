"""A column of function cells, calculated as Excel does: `celler.py ANTAL IDAG`.

Excel's part is tests/xlwingsfunktioner.py, which calls through xlwings' own code.
"""

import json
import sys
import time
from datetime import datetime
from itertools import islice, product
from typing import Any

import klick  # first: it keeps out what the installed runtime does not have

from genomlysning.funktionsbeskrivning import MODUL
from genomlysning.funktionskalla import Kalla
from genomlysning.funktionsvarden import Funktionsvarden
from genomlysning.kolada import anslutning  # HTTP is read in before the clock is started
from genomlysning.profil import list_profiler, load_profil
from koladavarden import load
from xlwingsfunktioner import Blad, Bok, xlwings_on_windows

assert anslutning
assert klick
antal, idag = int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
ids = dict.fromkeys(n.id for p in list_profiler() for n in load_profil(p).nyckeltal)
places = [r["title"] for r in load("municipality") if r["type"] == "K"]
# Every figure of the profiles for one municipality, then for the next.
wanted = [(i, place, 2024.0) for place, i in islice(product(places, ids), antal)]
blad = Blad([[i, f'=KOLADA_VARDE(A{n},"{k}",2024)'] for n, (i, k, _) in enumerate(wanted, 1)])
with xlwings_on_windows() as call:
    module: Any = sys.modules[MODUL]
    module._varden = Funktionsvarden(Kalla(now=lambda: idag))
    started = time.perf_counter()
    answers = []
    for n, argument in enumerate(wanted, 1):
        cell = blad.Cells(n, 2)
        answers.append(call(MODUL, "KOLADA_VARDE", (*argument, cell), Bok(), cell))
    seconds = time.perf_counter() - started
known = sum(isinstance(a, float) for a in answers)
assert known > 0.5 * antal, answers[:10]
print(json.dumps({"sekunder": seconds, "varden": known}))
