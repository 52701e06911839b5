"""Writes the embedded example data: `python -m genomlysning.exempel.generera`.

290 fictional municipalities with values for every figure of the shipped profiles. The
formulas between the figures hold as they do in Kolada: deviations follow from costs and
inhabitants, and a group's mean is the unweighted one of those members that have a value.

The same content comes out on every computer and Python version: each figure has its own seed,
so that one more figure leaves the others as they are, and only `Random.random` and plain
arithmetic are used, since the other methods and `sum` have changed between versions.
"""

import gzip
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from genomlysning.begrepp import KOMMUNGENOMSNITT
from genomlysning.exempel.nivaer import (
    ENKATER,
    HARLEDDA,
    INVANARE_EGNA,
    KOSTNADER,
    RESERVKOSTNAD,
    Kostnadsniva,
    Niva,
    choose_niva,
)
from genomlysning.profil import (
    OMRADEN,
    Profilnyckeltal,
    Verksamhet,
    list_profiler,
    load_profil,
    load_verksamheter,
)

FIL = Path(__file__).with_name("data.json.gz")

YEARS = tuple(range(2019, 2026))
NEWEST = len(YEARS) - 1
ANTAL_KOMMUNER = 290
ANTAL_LIKNANDE = 7
FORSTA_KOD = 9001
#: Position of Exempelkommun among the municipalities.
EGEN = 0
INVANARE = "N01951"

_GRUPPAR = {"övergripande": 2025, "ekonomiskt bistånd": 2023}
_GRUPPAR_OVRIGA = 2024

_FORLED = (
    *("Ask", "Björn", "Blå", "Bäver", "Drak", "Ejder", "Fisk", "Gnist", "Grans", "Hjort"),
    *("Humle", "Kråk", "Lilj", "Lomm", "Lärk", "Mjöl", "Måns", "Näver", "Orr", "Pors"),
    *("Rims", "Sälg", "Silver", "Skrak", "Tjäder", "Trast", "Ugg", "Vips", "Åsk", "Ärt"),
)
_EFTERLED = (
    *("mohult", "fjärda", "hamra", "lidsund", "myrby", "nora", "rydal", "sele", "torna"),
    *("tuna", "vallen", "åkersta"),
)
#: Inhabitants at equal steps of the municipalities in order of size, straight lines between.
_STORLEKAR = (2_500, 5_500, 9_000, 12_000, 16_000, 22_000, 34_000, 58_000, 95_000, 160_000, 600_000)

#: When the newest year's values are preliminary and final, by kind.
_KOSTNAD = ("2026-03-31", "2026-08-28")
_AVVIKELSE = ("2026-05-05", "2026-09-30")
_INDEX = ("2026-06-10", "2026-09-29")
_OVRIGT = (None, "2026-04-16")
#: Figures that stay preliminary longer, so that the marking is seen in the example.
_SENA = {
    "N15060": ("2026-04-25", "2027-03-31"),
    "N00216": ("2026-04-16", "2027-02-24"),
    "N03103": ("2026-04-01", "2027-02-24"),
}
_TITLAR = {
    INVANARE: "Invånare totalt",
    "N18004": "Nettokostnad grundläggande vuxenutbildning",
    "N18005": "Nettokostnad gymnasial vuxenutbildning",
    "N18008": "Nettokostnad svenska för invandrare",
}

#: One figure's values by year and municipality, None where missing.
Varden = list[list[float | None]]


@dataclass(slots=True)
class Figur:
    """One figure of the example; dates are ISO texts and `decimaler` those of its values."""

    id: str
    titel: str
    datum: tuple[str | None, str]
    decimaler: int
    varden: Varden


@dataclass(frozen=True, slots=True)
class Gruppdata:
    """A group; `medlemmar` are positions among the municipalities."""

    id: str
    titel: str
    medlemmar: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Exempel:
    """Everything generated, with all municipalities' values for all years."""

    namn: tuple[str, ...]
    grupper: dict[str, Gruppdata]
    figurer: dict[str, Figur]


def _random(vad: str) -> Random:
    return Random(f"genomlysning {vad}")


def _normal(rng: Random) -> float:
    """Draw from (nearly) the normal distribution: mean 0, standard deviation 1."""
    total = -6.0
    for _ in range(12):
        total += rng.random()
    return total


def _shuffled(rng: Random, items: Sequence[int]) -> list[int]:
    return [item for _, item in sorted((rng.random(), item) for item in items)]


def _clip(value: float, lagst: float, hogst: float) -> float:
    return min(max(value, lagst), hogst)


def _discount(value: float, tillvaxt: float, years_back: int) -> float:
    for _ in range(years_back):
        value /= 1 + tillvaxt
    return value


def mean(values: Sequence[float | None], decimaler: int) -> tuple[float | None, int]:
    """Return the unweighted mean of the values there are, and how many they are."""
    known = [v for v in values if v is not None]
    if not known:
        return None, 0
    return round(math.fsum(known) / len(known), decimaler + 2), len(known)


def generate() -> Exempel:
    """Generate the whole example."""
    builder = _Builder()
    for verksamhet in load_verksamheter().values():
        builder.add_verksamhet(verksamhet)
    for profil in list_profiler():
        for post in load_profil(profil).nyckeltal:
            builder.add_nyckeltal(post)
    builder.derive_nyckeltal()
    return Exempel(builder.namn, builder.grupper, builder.figurer)


class _Builder:
    """Generates figure after figure on the same municipalities and groups."""

    def __init__(self) -> None:
        self.namn = _make_names()
        self.invanare = _make_invanare()
        self.grupper = dict(_make_grupper(self.invanare))
        self.figurer: dict[str, Figur] = {}
        antal: Varden = [list(per_year) for per_year in self.invanare]
        self._add(INVANARE, "", _OVRIGT, 0, antal)

    def _add(
        self, id_: str, titel: str, datum: tuple[str | None, str], decimaler: int, varden: Varden
    ) -> None:
        titel = _TITLAR.get(id_, titel)
        self.figurer[id_] = Figur(id_, titel, _SENA.get(id_, datum), decimaler, varden)

    # ---- a profile's figures ---------------------------------------------------------------

    def add_nyckeltal(self, post: Profilnyckeltal) -> None:
        """Draw one figure for all; name it as the profile does if it is there already."""
        if post.id in self.figurer:
            self.figurer[post.id].titel = _TITLAR.get(post.id, post.namn)
            return
        niva = choose_niva(post)
        medlemmar = self.grupper[post.omrade].medlemmar
        varden = _draw_values(niva, post, self.invanare, medlemmar)
        datum = _KOSTNAD if post.enhet.startswith("kr/") else _OVRIGT
        self._add(post.id, post.namn, datum, post.decimaler, varden)

    def derive_nyckeltal(self) -> None:
        """Compute the figures that follow from others, instead of what was drawn for them."""
        for id_, (constant, weights) in HARLEDDA.items():
            figur = self.figurer[id_]
            # Those that begin with U are indices here.
            lagst, hogst = (0.0, 100.0) if id_.startswith("U") else (-math.inf, math.inf)
            parts = [(self.figurer[i].varden, weight) for i, weight in weights.items()]
            for y in range(len(YEARS)):
                for k in range(ANTAL_KOMMUNER):
                    terms = [(part[y][k], weight) for part, weight in parts]
                    known = [v * weight for v, weight in terms if v is not None]
                    value = _clip(math.fsum([constant, *known]), lagst, hogst)
                    complete = len(known) == len(terms)
                    figur.varden[y][k] = round(value, figur.decimaler) if complete else None

    # ---- verksamheter ----------------------------------------------------------------------

    def add_verksamhet(self, v: Verksamhet) -> None:
        """Draw costs and deviations of one verksamhet, or sum it where its parts are there."""
        if all(i in self.figurer for i in (*v.nettokostnad, *v.referenskostnad)):
            self._add_total(v)
            return
        niva = KOSTNADER.get(v.id, RESERVKOSTNAD)
        rng = _random(f"verksamhet {v.id}")
        referens, berorda = _draw_costs(niva, rng)
        netto = [[float(round(x * (1 + niva.utanfor))) for x in per_year] for per_year in berorda]
        self._add_parts(v.nettokostnad, f"Nettokostnad {_name(v)}", _KOSTNAD, netto)
        self._add_parts(v.referenskostnad, f"Referenskostnad {_name(v)}", _AVVIKELSE, referens)
        procent = [_deviations(n, r) for n, r in zip(berorda, referens, strict=True)]
        if v.avvikelse_procent is not None:
            titel = f"Nettokostnadsavvikelse {_name(v)}"
            self._add(v.avvikelse_procent, titel, _AVVIKELSE, 2, _optional(procent))
        for id_ in v.avvikelse_mkr:
            mkr: Varden = [
                [round((n - r) * i / 1e6, 2) for n, r, i in zip(*rows, strict=True)]
                for rows in zip(berorda, referens, self.invanare, strict=True)
            ]
            titel = f"Nettokostnadsavvikelse {_name(v)} i miljoner kronor"
            self._add(id_, titel, _AVVIKELSE, 2, mkr)
        self._add_per_brukare(v, niva, netto, referens)
        self._add_index(v, niva, procent)

    def _add_parts(
        self,
        ids: Sequence[str],
        titel: str,
        datum: tuple[str | None, str],
        summa: list[list[float]],
    ) -> None:
        """Divide a cost between the figures that are summed to it, in whole kronor."""
        left = summa
        for nr, id_ in enumerate(ids, start=1):
            share = nr / (len(ids) * (len(ids) + 1) / 2)
            if nr == len(ids):
                part = left
            else:
                part = [[float(round(x * share)) for x in per_year] for per_year in summa]
            left = [
                [x - p for x, p in zip(*rows, strict=True)] for rows in zip(left, part, strict=True)
            ]
            self._add(id_, titel, datum, 0, _optional(part))

    def _add_per_brukare(
        self,
        v: Verksamhet,
        niva: Kostnadsniva,
        netto: list[list[float]],
        referens: list[list[float]],
    ) -> None:
        if v.per_brukare is None:
            return
        rng = _random(f"brukare {v.id}")
        per_elev = [1000 / (niva.brukare * (1 + 0.06 * _normal(rng))) for _ in self.namn]
        for id_, ord_, factor, costs in (
            (v.per_brukare.nettokostnad, "Nettokostnad", 1 - niva.brukarfel, netto),
            (v.per_brukare.referenskostnad, "Referenskostnad", 1.0, referens),
        ):
            varden: Varden = [
                [float(round(x * k * factor)) for x, k in zip(per_year, per_elev, strict=True)]
                for per_year in costs
            ]
            datum = _KOSTNAD if costs is netto else _AVVIKELSE
            self._add(id_, f"{ord_} {_name(v)} per elev", datum, 0, varden)

    def _add_index(self, v: Verksamhet, niva: Kostnadsniva, procent: list[list[float]]) -> None:
        """Draw the indices; the resource index falls as the deviation rises, and the index of
        effectiveness is the mean of the other two."""
        if v.kvalitetsindex is None:
            return
        rng = _random(f"index {v.id}")
        has = [i == EGEN or rng.random() < niva.med_index for i in range(ANTAL_KOMMUNER)]
        place = [_normal(rng) for _ in self.namn]
        medlemmar = self.grupper[v.omrade].medlemmar
        kvalitet: Varden = []
        resurs: Varden = []
        for y in range(len(YEARS)):
            quality = [round(_clip(50 + 12 * z + 4 * _normal(rng), 0, 100), 1) for z in place]
            similar, _ = mean([quality[m] for m in medlemmar if has[m]], 1)
            behind = niva.kvalitet - 1.3 * (NEWEST - y)
            quality[EGEN] = round(_clip((similar or 50) + behind, 0, 100), 1)
            resource = [
                round(_clip(50 - 2.4 * p + 3 * _normal(rng), 0, 100), 1) for p in procent[y]
            ]
            kvalitet.append([q if h else None for q, h in zip(quality, has, strict=True)])
            resurs.append([q if h else None for q, h in zip(resource, has, strict=True)])
        self._add(v.kvalitetsindex, f"Kvalitetsindex {_name(v)}", _INDEX, 1, kvalitet)
        if v.resursindex is not None:
            self._add(v.resursindex, f"Resursindex {_name(v)}", _INDEX, 1, resurs)
        if v.effektivitetsindex is not None:
            both: Varden = [
                [None if k is None or r is None else round((k + r) / 2, 2) for k, r in pairs]
                for pairs in (
                    zip(*rows, strict=True) for rows in zip(kvalitet, resurs, strict=True)
                )
            ]
            self._add(v.effektivitetsindex, f"Effektivitetsindex {_name(v)}", _INDEX, 2, both)

    def _add_total(self, v: Verksamhet) -> None:
        if v.avvikelse_procent is None:
            return
        netto, referens = self._total(v.nettokostnad), self._total(v.referenskostnad)
        procent = [_deviations(n, r) for n, r in zip(netto, referens, strict=True)]
        titel = f"Nettokostnadsavvikelse {_name(v)}"
        self._add(v.avvikelse_procent, titel, _AVVIKELSE, 2, _optional(procent))

    def _total(self, ids: Sequence[str]) -> list[list[float]]:
        return [
            [
                math.fsum(self.figurer[i].varden[y][k] or 0.0 for i in ids)
                for k in range(ANTAL_KOMMUNER)
            ]
            for y in range(len(YEARS))
        ]


def _name(v: Verksamhet) -> str:
    return v.namn if v.namn[:2].isupper() else v.namn[0].lower() + v.namn[1:]


def _optional(varden: list[list[float]]) -> Varden:
    return [list(per_year) for per_year in varden]


def _deviations(netto: Sequence[float], referens: Sequence[float]) -> list[float]:
    return [round((n / r - 1) * 100, 2) for n, r in zip(netto, referens, strict=True)]


def _draw_costs(niva: Kostnadsniva, rng: Random) -> tuple[list[list[float]], list[list[float]]]:
    """Return reference cost and the net cost it is held against, in whole kr per inhabitant."""
    structure = [1 + 0.09 * _normal(rng) for _ in range(ANTAL_KOMMUNER)]
    structure[EGEN] = 1.02
    place = [_normal(rng) for _ in range(ANTAL_KOMMUNER)]
    referens, netto = [], []
    for y in range(len(YEARS)):
        level = _discount(niva.referens, niva.tillvaxt, NEWEST - y)
        cost = [float(round(level * s * (1 + 0.006 * _normal(rng)))) for s in structure]
        deviation = [niva.avvikelser * (0.9 * z + 0.4 * _normal(rng)) for z in place]
        deviation[EGEN] = niva.egna[y]
        referens.append(cost)
        netto.append(
            [float(round(c * (1 + d / 100))) for c, d in zip(cost, deviation, strict=True)]
        )
    return referens, netto


def _draw_values(
    niva: Niva,
    post: Profilnyckeltal,
    invanare: list[list[int]],
    medlemmar: tuple[int, ...],
) -> Varden:
    """Draw one figure's values; Exempelkommun's follow from those of its similar ones."""
    rng = _random(f"nyckeltal {post.id}")
    takes_part = _Participation(niva, medlemmar) if niva.enkat else lambda kommun, year: True
    place = [_normal(rng) for _ in range(ANTAL_KOMMUNER)]
    egen = niva.egen if niva.egen is not None else 0.8 * niva.spridning * _normal(rng)
    noise = [0.0] * ANTAL_KOMMUNER
    varden: Varden = []
    for y, year in enumerate(YEARS):
        back = NEWEST - y
        level = _discount(niva.medel, niva.tillvaxt, back) - niva.trend * back
        spread = _discount(niva.spridning, niva.tillvaxt, back)
        drawn = [_normal(rng) for _ in range(ANTAL_KOMMUNER)]
        if niva.andras is None or y == 0 or year in niva.andras:
            noise = drawn
        values: list[float | None] = []
        for k in range(ANTAL_KOMMUNER):
            value = level + spread * (0.92 * place[k] + 0.3 * noise[k])
            values.append(_finish(value, niva, post, invanare[y][k]))
            if year in niva.utan or not takes_part(k, year):
                values[k] = None
        if values[EGEN] is not None:
            similar, _ = mean([values[m] for m in medlemmar], post.decimaler)
            if niva.per_tusen or similar is None:
                similar = level
            # Nearer the others the longer back, so that the line over the years moves.
            value = similar + egen * (1 - 0.1 * back) + (0.2 * spread * noise[EGEN] if back else 0)
            values[EGEN] = _finish(value, niva, post, invanare[y][EGEN])
        if year in niva.egen_utan:
            values[EGEN] = None
        varden.append(values)
    return varden


def _finish(value: float, niva: Niva, post: Profilnyckeltal, invanare: int) -> float:
    hogst = niva.hogst
    if hogst is None:
        hogst = 100.0 if post.enhet in ("%", "index") else math.inf
    value = _clip(value, niva.lagst, hogst)
    return round(value * invanare / 1000 if niva.per_tusen else value, post.decimaler)


class _Participation:
    """Tells whether a municipality takes part in a survey in a year."""

    def __init__(self, niva: Niva, medlemmar: tuple[int, ...]) -> None:
        enkat = ENKATER[niva.enkat]
        rng = _random(f"enkät {niva.enkat}")
        self._vartannat = enkat.vartannat
        self._odd = [rng.random() < 0.5 for _ in range(ANTAL_KOMMUNER)]
        self._takes_part = [rng.random() < enkat.andel for _ in range(ANTAL_KOMMUNER)]
        i_gruppen = niva.i_gruppen if niva.i_gruppen is not None else enkat.i_gruppen
        for nr, m in enumerate(medlemmar if i_gruppen is not None else ()):
            self._odd[m] = self._takes_part[m] = nr < (i_gruppen or 0)
            # The other half answers in the years between.
            self._takes_part[m] |= enkat.vartannat
        self._odd[EGEN] = self._takes_part[EGEN] = True

    def __call__(self, kommun: int, year: int) -> bool:
        if self._vartannat and (year % 2 == 1) != self._odd[kommun]:
            return False
        return self._takes_part[kommun]


# ---- municipalities and groups -----------------------------------------------------------


def _make_names() -> tuple[str, ...]:
    names = [f + e for f in _FORLED for e in _EFTERLED]
    order = _shuffled(_random("namn"), range(len(names)))
    return ("Exempelkommun", *sorted(names[i] for i in order[: ANTAL_KOMMUNER - 1]))


def _make_invanare() -> list[list[int]]:
    """Return inhabitants by year and municipality."""
    rng = _random("invånare")
    order = _shuffled(rng, range(ANTAL_KOMMUNER))
    steps = len(_STORLEKAR) - 1
    newest = []
    growth = []
    for nr in order:
        where, rest = divmod(nr * steps, ANTAL_KOMMUNER)
        low, high = _STORLEKAR[where], _STORLEKAR[where + 1]
        newest.append(round(low + (high - low) * rest / ANTAL_KOMMUNER + 200 * rng.random()))
        growth.append(0.002 + 0.005 * _normal(rng))
    newest[EGEN], growth[EGEN] = INVANARE_EGNA, 0.006
    return [
        [round(_discount(n, g, NEWEST - y)) for n, g in zip(newest, growth, strict=True)]
        for y in range(len(YEARS))
    ]


def _make_grupper(invanare: list[list[int]]) -> Iterator[tuple[str, Gruppdata]]:
    """Yield the group of each area: seven municipalities of about the same size."""
    others = range(EGEN + 1, ANTAL_KOMMUNER)
    distance = {k: abs(invanare[NEWEST][k] - invanare[NEWEST][EGEN]) for k in others}
    nearest = sorted(others, key=lambda k: (distance[k], k))[:28]
    for nr, omrade in enumerate(OMRADEN, start=1):
        chosen = _shuffled(_random(f"grupp {omrade}"), nearest)[:ANTAL_LIKNANDE]
        comma = "," if omrade == "övergripande" else ""
        year = _GRUPPAR.get(omrade, _GRUPPAR_OVRIGA)
        titel = f"Liknande kommuner{comma} {omrade}, Exempelkommun, {year}"
        yield omrade, Gruppdata(f"G99{nr:04}", titel, tuple(sorted(chosen)))
    alla = tuple(range(ANTAL_KOMMUNER))
    yield "", Gruppdata(KOMMUNGENOMSNITT, "Alla kommuner (ovägt medel)", alla)


# ---- the file ----------------------------------------------------------------------------


def serialize(exempel: Exempel) -> bytes:
    """Return the JSON that is kept: all municipalities for the newest year, and all years of
    Exempelkommun and the groups. Other years of the rest would make the file far larger."""
    grupper = list(exempel.grupper.values())
    nyckeltal: list[dict[str, Any]] = []
    for figur in sorted(exempel.figurer.values(), key=lambda f: f.id):
        means = [
            [mean([row[m] for m in g.medlemmar], figur.decimaler) for row in figur.varden]
            for g in grupper
        ]
        nyckeltal.append(
            {
                "id": figur.id,
                "titel": figur.titel,
                "datum": figur.datum,
                "alla": [_short(v) for v in figur.varden[NEWEST]],
                "egen": [_short(row[EGEN]) for row in figur.varden],
                "grupper": [[_short(v) for v, _ in per_year] for per_year in means],
                "antal": [[n for _, n in per_year] for per_year in means],
            }
        )
    content = {
        "years": YEARS,
        "kommuner": [[str(FORSTA_KOD + i), namn] for i, namn in enumerate(exempel.namn)],
        "grupper": [[g.id, g.titel, g.medlemmar] for g in grupper],
        "nyckeltal": nyckeltal,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A figure a line, so that a changed one can be seen when two versions are compared.
    return text.replace('{"id":', '\n{"id":').encode() + b"\n"


def _short(value: float | None) -> float | int | None:
    """Return whole numbers without decimals; never minus zero."""
    return int(value) if value is not None and value == int(value) else value


def main() -> None:
    """Rewrite the data file."""
    FIL.write_bytes(gzip.compress(serialize(generate()), mtime=0))
    print(f"{FIL.name}: {FIL.stat().st_size} byte")


if __name__ == "__main__":
    main()
