"""The comparison's fetch, as `skapa` makes it: `hamta.py PROFIL KOMMUN ÅR IDAG`."""

import json
import sys
import time
from datetime import datetime

from genomlysning.kolada import anslutning  # HTTP is read in before the clock is started
from genomlysning.skapa import collect_underlag

assert anslutning
profil, kommun, year, idag = sys.argv[1:]
started = time.perf_counter()
korning = collect_underlag(kommun, profil, int(year), datetime.fromisoformat(idag))
seconds = time.perf_counter() - started
underlag = korning.underlag
print(
    json.dumps(
        {
            "sekunder": seconds,
            "kod": underlag.kommun.id,
            "egna": {j.post.id: j.varde for j in underlag.jamforelser},
            "platser": {j.post.id: list(j.placering) for j in underlag.jamforelser if j.placering},
        }
    )
)
