"""A click's own work in processor seconds: `klick.py bara` or `klick.py klick BOK`.

tests/klickkostnad.py says what is counted.
"""

import json
import sys
from pathlib import Path

import klickkostnad

if sys.argv[1] == "bara":
    print(json.dumps({"sekunder": klickkostnad.measure_bara(), "skrivningar": 0}))
else:
    seconds, writes = klickkostnad.measure_klick(Path(sys.argv[2]))
    print(json.dumps({"sekunder": seconds, "skrivningar": writes}))
