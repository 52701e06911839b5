"""The full comparison against koladapy, at three latencies, and how it grows with the figures."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.matning import Korning, Misslyckad, alternate, median, ratio
from benchmarks.miljo import IDAG, KOMMUN, YEAR, Miljo, prepare_koladapy, write_profil
from benchmarks.resultat import KOSTNADER, Avsnitt, Mal, Tabell, kostnad, tal, vaxt, vaxtmal
from genomlysning.ord import Riktning
from genomlysning.profil import load_profil

ANTAL = 60
LATENSER = (0, 80, 300)
#: The latency at which the aims are set, in milliseconds.
MALLATENS = 80
MAL_HAMTNING, MAL_KOMMANDO = 5.0, 1.5
VAXT = (1, 10, 100)
#: Rounds of questions that must wait for one another: the lists, then what they point out.
OMGANGAR = 2

_SATT = {
    "standard": "koladapy, som det kommer",
    "fri": "koladapy, utan sin fartgräns",
    "tradar": "koladapy, fyra egna trådar",
}
EGET = "genomlysning"
TEXT = f"""\
{ANTAL} nyckeltal för en kommun: egna värden i tre år, områdenas grupper av liknande kommuner,
alla kommuners medelvärde och platsen bland alla kommuner. *Hämtningen* räknas i processen från
första frågan till att värdena finns i minnet, med alla moduler redan inlästa; hos oss ingår att
spara dem i värdelagret och att räkna fram jämförelsen. *Hela kommandot* är processen från start
till slut: `skapa`, som gör arbetsboken, mot ett program med koladapy, pandas och openpyxl som
gör samma tabell på ett enda blad. Värdelagret är tomt före varje körning.

koladapy 1.0.1 används på tre sätt: som det kommer (högst fem frågor i sekunden, en i taget), med
gränsen avstängd genom paketets egen inställning, och utan gräns i fyra trådar med var sin klient.
Det sista kan paketet inte självt; det är programmerarens eget arbete och står med för
jämförelsens skull. Frågorna är de bästa som paketet kan ställa: 25 nyckeltal och 25 kommuner i
varje (ett svar för alla kommuner har också alla grupper), och grupperna sökta på namn. Båda sidor
ska komma fram till samma egna värden och samma platser, annars avbryts mätningen. Målen gäller
mot koladapy utan fartgräns."""


def measure(miljo: Miljo) -> Avsnitt:
    """Measure at every latency, then with 1, 10 and 100 figures."""
    found = Avsnitt("jamforelse", "Jämförelsen mot koladapy", TEXT)
    python = prepare_koladapy(miljo.visa)
    profil = write_profil(miljo.mapp / f"profil{ANTAL}.toml", ANTAL)
    order = write_uppdrag(profil, miljo.mapp / "uppdrag.json")
    for latens in LATENSER[:2] if miljo.snabb else LATENSER:
        runs = _measure_latens(miljo, latens, profil, order, python)
        rows = tuple((name, *kostnad(made)) for name, made in runs.items())
        found.tabeller.append(Tabell(f"{latens} ms per svar", ("", *KOSTNADER), rows))
        found.slutsatser.append(_describe_kvoter(runs, latens))
        if latens == MALLATENS:
            found.mal += _aims(runs)
            if not found.mal[0].natt:
                found.slutsatser.append(_explain(runs))
    grown = _grow(miljo)
    found.tabeller.append(vaxt("hämtningen växer (0 ms per svar)", "nyckeltal", grown))
    found.mal.append(vaxtmal("Hämtningen", grown))
    return found


def write_uppdrag(profil: Path, fil: Path) -> Path:
    """Write down what koladapy is to fetch: the same as the profile makes us fetch."""
    figures = load_profil(str(profil)).nyckeltal
    ranked = [n for n in figures if n.placeras and not n.over_tid]
    order = {
        "kommun": KOMMUN,
        "year": YEAR,
        "years": [YEAR - 2, YEAR - 1, YEAR],
        "nyckeltal": [n.id for n in figures],
        "placeras": [n.id for n in ranked],
        "hogre": {n.id: n.riktning is Riktning.HOGRE for n in ranked},
        "omraden": {n.id: n.omrade for n in figures},
    }
    fil.write_text(json.dumps(order), encoding="utf-8")
    return fil


def _measure_latens(
    miljo: Miljo, latens: int, profil: Path, order: Path, python: Path
) -> dict[str, list[Korning]]:
    miljo.visa(f"Jämförelsen, {latens} ms per svar …")

    def fetch() -> Korning:
        miljo.forget()
        return _inner(miljo.skript("hamta", profil, KOMMUN, str(YEAR), IDAG))

    def create() -> Korning:
        miljo.forget()
        ut = miljo.mapp / "jamforelse.xlsx"
        ut.unlink(missing_ok=True)
        command = ("--kommun", KOMMUN, "--namnd", profil, "--ar", str(YEAR), "--idag", IDAG)
        return miljo.genomlysning("skapa", *command, "--ut", ut)

    def other(satt: str, *ut: Path) -> Korning:
        made = miljo.skript("koladapy_jamfor", order, satt, *ut, python=python)
        return made if ut else _inner(made)

    ut = miljo.mapp / "koladapy.xlsx"
    cases = {
        f"hämtning: {EGET}": fetch,
        **{f"hämtning: {name}": partial(other, satt) for satt, name in _SATT.items()},
        f"hela kommandot: {EGET} skapa": create,
        **{
            f"hela kommandot: {name}": partial(other, satt, ut)
            for satt, name in _SATT.items()
            if satt != "standard"
        },
    }
    # The server's answers are made, and code compiled, in a turn without latency.
    first = latens == LATENSER[0]
    miljo.server.latens = latens / 1000
    try:
        runs = alternate(cases, miljo.ganger(3), varm=first)
    finally:
        miljo.server.latens = 0.0
    _check_same(runs)
    return runs


def _inner(made: Korning) -> Korning:
    """Return the run with the script's own seconds instead of those of the whole process."""
    return replace(made, sekunder=made.svar["sekunder"])


def _check_same(runs: dict[str, list[Korning]]) -> None:
    own = runs[f"hämtning: {EGET}"][0].svar
    for name, made in runs.items():
        for answer in (r.svar for r in made if r.svar):
            for what in ("egna", "platser"):
                mine = {k: v for k, v in own[what].items() if v is not None}
                theirs = {k: v for k, v in answer[what].items() if v is not None and k in mine}
                if mine != theirs:
                    wrong = {k: (v, theirs.get(k)) for k, v in mine.items() if v != theirs.get(k)}
                    raise Misslyckad(f"{name}: {what} differ: {wrong}")


def _aims(runs: dict[str, list[Korning]]) -> list[Mal]:
    mine, whole = runs[f"hämtning: {EGET}"], runs[f"hela kommandot: {EGET} skapa"]
    best = runs[f"hämtning: {_SATT['fri']}"]
    at = f"{MALLATENS} ms"
    return [
        Mal(f"Hämtningen, {at}: så många gånger snabbare", ratio(best, mine), MAL_HAMTNING, "min"),
        Mal(
            f"Hämtningen, {at}: anrop mot koladapys",
            ratio(mine, best, "anrop"),
            1.0,
            "max",
        ),
        Mal(
            f"Hela kommandot, {at}: så många gånger snabbare",
            ratio(runs[f"hela kommandot: {_SATT['fri']}"], whole),
            MAL_KOMMANDO,
            "min",
        ),
    ]


def _grow(miljo: Miljo) -> dict[int, list[Korning]]:
    grown = {}
    for antal in VAXT:
        miljo.visa(f"Jämförelsen, {antal} nyckeltal …")
        profil = write_profil(miljo.mapp / f"profil{antal}.toml", antal)

        def fetch(profil: Path = profil) -> Korning:
            miljo.forget()
            return _inner(miljo.skript("hamta", profil, KOMMUN, str(YEAR), IDAG))

        grown[antal] = alternate({"": fetch}, miljo.ganger(3))[""]
    return grown


def _describe_kvoter(runs: dict[str, list[Korning]], latens: int) -> str:
    """Say how many times as long each of koladapy's ways takes."""
    mine = runs[f"hämtning: {EGET}"]
    ways = [f"{tal(ratio(runs[f'hämtning: {n}'], mine), 1)} ({n})" for n in _SATT.values()]
    return f"Vid {latens} ms tar koladapys hämtning så många gånger vår tid: {', '.join(ways)}."


def _explain(runs: dict[str, list[Korning]]) -> str:
    """Say why the fetch's aim is not met, with what was measured."""
    mine = median(runs[f"hämtning: {EGET}"])
    theirs = median(runs[f"hämtning: {_SATT['fri']}"])
    waits = OMGANGAR * MALLATENS / 1000
    return (
        f"Målet för hämtningen hade krävt högst {tal(theirs / MAL_HAMTNING, 2)} s; den tar "
        f"{tal(mine, 2)} s. Av dem är {tal(waits, 2)} s väntan som inte går att undvika: vad som "
        f"ska frågas efter beror på svaren på de första frågorna, så det blir {OMGANGAR} omgångar. "
        f"Resten, {tal(mine - waits, 2)} s, är att läsa svaren, kontrollera varje värde, spara dem "
        "i värdelagret och räkna jämförelsen. koladapy varken kontrollerar eller sparar."
    )
