"""Pairs of values near the tolerance, and a workbook of them for a spreadsheet engine to reckon.

Each engine in the tests is given the same workbook: what it gives must be what Python gave.
"""

import random
from datetime import datetime
from pathlib import Path

from genomlysning.bok.beskrivning import find_tabell
from genomlysning.bok.plan import Regelrad, Tabellinnehall, plan_tom_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.ord import Riktning, Slag
from genomlysning.regler.bedomning import Toleranser, assess, compute_skillnad
from genomlysning.regler.visning import choose_decimaler

#: The sheet that the pairs stand on.
BLAD = "2.3 Kvalitet"
TOLERANSER = Toleranser()
_SLAG = [
    ("dagar", 0, Slag.RESULTAT, Riktning.LAGRE),
    ("antal", 1, Slag.RESULTAT, Riktning.HOGRE),
    ("kr/inv", 0, Slag.KOSTNAD, Riktning.LAGRE),
    ("%", 1, Slag.RESULTAT, Riktning.HOGRE),
    ("index", 1, Slag.KOSTNAD, Riktning.HOGRE),
    ("%", 1, Slag.MAL, Riktning.MAL),
]
#: Exactly at the tolerance, a hair beside it, and beyond both.
_AVSTAND = (0.0, 0.001, -0.001, 0.01, -0.01, 0.0001, -0.0001, 0.3, -0.3)


def make_par(antal: int) -> list[dict[str, object]]:
    """Return rows of the table Kvalitet with a value so near the tolerance from similar."""
    rng = random.Random(20261201)
    rows = []
    for n in range(antal):
        unit, decimals, kind, direction = _SLAG[n % len(_SLAG)]
        target = 0.0 if kind is Slag.MAL else None
        most = 130_000 if unit == "kr/inv" else 100
        similar = round(rng.uniform(0.01, most), rng.choice([0, 1, 2, 3]))
        edge = TOLERANSER.compute(similar, unit) * rng.choice([-1, 1])
        own = similar + edge + rng.choice(_AVSTAND)
        if target is not None:
            own = rng.choice(_AVSTAND)
        # As Kolada sends them, or with all the digits that a mean has.
        own = round(own, rng.choice([1, 2, 4])) if rng.random() < 0.5 else own
        judging = {
            "riktning": direction,
            "enhet": unit,
            "toleranser": TOLERANSER,
            "mal": target,
        }
        rows.append(
            {
                "namn": f"Nyckeltal {n}",
                "varde": own,
                "liknande": similar,
                "enhet": unit,
                "riktning": direction.value,
                "antal": 7,
                "id": f"N{n % len(_SLAG):05}",
                "skillnad": compute_skillnad(own, similar),
                "bedomning": assess(own, similar, 7, slag=kind, **judging).value,
                "decimaler": choose_decimaler(own, similar, decimaler=decimals, **judging),
            }
        )
    return rows


def write_par(rader: list[dict[str, object]], fil: Path) -> None:
    """Write a workbook with the pairs on `BLAD`, each with what Python says of it."""
    table = find_tabell("Kvalitet")
    plan = plan_tom_bok(datetime(2026, 12, 1))
    content = Tabellinnehall(
        table, plan.tabeller[table.namn].rubriker, rader, [int(r["decimaler"]) for r in rader]
    )
    rules = [
        Regelrad(f"N{i:05}", kind.value, decimals, 0.0 if kind is Slag.MAL else None, "")
        for i, (_, decimals, kind, _) in enumerate(_SLAG)
    ]
    write_bok(
        plan._replace(tabeller=dict(plan.tabeller) | {table.namn: content}, regler=rules), fil
    )
