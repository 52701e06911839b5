"""A column of function cells, cold and warm."""

from dataclasses import replace
from functools import partial

from benchmarks.matning import Korning, alternate
from benchmarks.miljo import IDAG, Miljo
from benchmarks.resultat import KOSTNADER, Avsnitt, Tabell, kostnad, vaxt, vaxtmal

ANTAL = 500
VAXT = (5, 50, 500)
LATENSER = (0, 80, 300)
TEXT = f"""\
En kolumn med {ANTAL} celler `KOLADA_VARDE`, som Excel frågar om en i taget genom xlwings egen
kod (`tests/xlwingsfunktioner.py`). *Kall*: värdelagret är tomt, så allt hämtas från Kolada.
*Varm*: ny process, men värdena finns i lagret. Tiden är alla cellernas tillsammans, utan
processens start."""


def measure(miljo: Miljo) -> Avsnitt:
    """Calculate the column at every latency, then 5, 50 and 500 cells."""
    found = Avsnitt("celler", "Kalkylbladsfunktioner", TEXT)
    rows: list[tuple[str, ...]] = []
    antal = 50 if miljo.snabb else ANTAL
    for latens in LATENSER[:1] if miljo.snabb else LATENSER:
        miljo.visa(f"Kalkylbladsfunktioner, {latens} ms per svar …")
        miljo.server.latens = latens / 1000
        try:
            runs = alternate(
                {"kall": partial(_cold, miljo, antal), "varm": partial(_calculate, miljo, antal)},
                miljo.ganger(3),
                varm=latens == LATENSER[0],
            )
        finally:
            miljo.server.latens = 0.0
        rows += [(f"{n}, {latens} ms per svar", *kostnad(r)) for n, r in runs.items()]
    found.tabeller.append(Tabell(f"{antal} celler", ("", *KOSTNADER), tuple(rows)))
    for name, work in (("kall", _cold), ("varm", _calculate)):
        grown = {}
        for n in VAXT[:2] if miljo.snabb else VAXT:
            miljo.visa(f"Kalkylbladsfunktioner, {n} celler …")
            grown[n] = alternate({"": partial(work, miljo, n)}, miljo.ganger(3))[""]
        found.tabeller.append(vaxt(f"{name} kolumn växer (0 ms per svar)", "celler", grown))
        found.mal.append(vaxtmal(f"{name.capitalize()} kolumn", grown))
    return found


def _cold(miljo: Miljo, antal: int) -> Korning:
    miljo.forget()
    return _calculate(miljo, antal)


def _calculate(miljo: Miljo, antal: int) -> Korning:
    made = miljo.skript("celler", str(antal), IDAG)
    return replace(made, sekunder=made.svar["sekunder"])
