"""Invented values for the stand-in Kolada: the same for the same figure, place and year.

They are of a plausible size by the unit in the figure's title, now and then missing, and the
costs agree: net cost / reference cost − 1 is the deviation, and the amount in Mkr is the
difference times the inhabitants. Kungsbacka's compulsory school has its real published values.
"""

import gzip
import json
import math
import re
from enum import Enum
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

KATALOG = Path(__file__).with_name("katalog")
YEARS = range(2015, 2026)
RIKET = "0000"
KUNGSBACKA = "1384"


class Lucka(Enum):
    """The two ways, besides null, in which Kolada can lack a value."""

    ABSENT = "ingen post"
    DELETED = "borttagen"


ABSENT, DELETED = Lucka.ABSENT, Lucka.DELETED
Cell = float | Lucka | None

#: Per verksamhet: shares of the net cost by figure, reference cost, deviation in per cent,
#: deviation in Mkr (both may be lacking), and the reference cost's usual size in kr/inv.
KOSTNADER: dict[str, tuple[dict[str, float], str, str | None, str | None, float]] = {
    "forskola": ({"N11031": 1.0}, "N11025", "N11024", "N11038", 8_600),
    "fritidshem": ({"N13027": 1.0}, "N13021", "N13020", "N13032", 1_500),
    "grundskola": ({"N15028": 1.0}, "N15018", "N15001", "N15045", 15_800),
    "gymnasieskola": ({"N17014": 1.0}, "N17016", "N17001", "N17030", 5_400),
    "vuxenutbildning": (
        {"N18004": 0.2, "N18005": 0.45, "N18008": 0.35},
        "N00153",
        None,
        None,
        900,
    ),
    "aldreomsorg": ({"N20014": 1.0}, "N20016", "N20900", "N20029", 14_200),
    "lss": ({"N28016": 1.0}, "N28026", "N28018", "N28021", 6_300),
    "ifo": ({"N30005": 1.0}, "N30007", "N30001", "N30026", 4_700),
}
#: Net and reference cost per pupil: (verksamhet, net, reference, usual size in kr).
PER_ELEV = (
    ("grundskola", "U15011", "N15058", 121_000),
    ("gymnasieskola", "U17023", "N17029", 138_000),
)
TOTALT = "N00097"
I_TOTALT = ("forskola", "fritidshem", "grundskola", "gymnasieskola", "aldreomsorg", "ifo")
INVANARE = "N01951"

#: Values as Kolada published them for Kungsbacka; its other costs are fitted to these.
PUBLICERADE: dict[tuple[str, str, int], float] = {
    (kpi, KUNGSBACKA, year): value
    for kpi, values in {
        "U15011": (106801.333333, 114828.931674, 120649.454167, 122531.452602),
        "N15058": (109113.597456, 117668.666647, 124435.22775, 125964.669042),
        "N15001": (-2.1192, -2.4134, -3.0424, -2.7256),
        "N15045": (-27.747169, -33.332809, -43.695398, -39.186732),
    }.items()
    for year, value in zip(range(2022, 2026), values, strict=True)
}


@cache
def load(namn: str) -> list[dict[str, Any]]:
    """Return one of the lists of the catalogue: 'kpi', 'groups' or 'municipality'."""
    rows: list[dict[str, Any]] = json.loads(
        gzip.decompress((KATALOG / f"{namn}.json.gz").read_bytes())
    )
    return rows


@cache
def figures() -> dict[str, dict[str, Any]]:
    """Return the key figures by id."""
    return {row["id"]: row for row in load("kpi")}


@cache
def places() -> dict[str, dict[str, Any]]:
    """Return municipalities and regions by code."""
    return {row["id"]: row for row in load("municipality")}


@cache
def members() -> dict[str, tuple[str, ...]]:
    """Return the members' codes of every group, by the group's id."""
    return {row["id"]: tuple(row["members"]) for row in load("groups")}


@lru_cache(maxsize=500_000)
def generate(kpi: str, kommun: str, year: int) -> Cell:
    """Return the value of a figure for one municipality, region or the nation."""
    figure, place = figures().get(kpi), places().get(kommun)
    known = range(1970, YEARS.stop) if kpi == INVANARE else YEARS
    if figure is None or place is None or year not in known:
        return ABSENT
    if kommun != RIKET and figure["municipality_type"] not in ("A", place["type"]):
        return ABSENT
    # 'title (-2024)': the figure ended then.
    ended = re.search(r"\(-\s?(20\d\d)\)", figure["title"])
    if ended and year > int(ended[1]):
        return ABSENT
    published = PUBLICERADE.get((kpi, kommun, year))
    if published is not None:
        return published
    if kpi == INVANARE:
        return float(_inhabitants(kommun, year))
    cost = _costs(kommun, year).get(kpi)
    if cost is not None:
        return round(cost, 6)
    luck = _draw("lucka", kpi, kommun, year)
    if luck < 0.03:
        return None
    if luck < 0.045:
        return ABSENT
    if luck < 0.05:
        return DELETED
    return _by_unit(kpi, kommun, year)


@lru_cache(maxsize=20_000)
def _costs(kommun: str, year: int) -> dict[str, float]:
    """Return all cost figures of a place and year, which must agree with one another."""
    found: dict[str, float] = {}
    net_sum = reference_sum = 0.0
    for name, (net, reference, percent_id, mkr_id, usual) in KOSTNADER.items():
        percent = _percent(name, kommun, year)
        cost = usual * _level(reference, kommun, 0.2) * _prices(year)
        mkr = PUBLICERADE.get((mkr_id or "", kommun, year))
        if mkr is not None:
            cost = mkr * 1e6 / _inhabitants(kommun, year) / (percent / 100)
        spent = cost * (1 + percent / 100)
        found[reference] = cost
        found.update({kpi: spent * share for kpi, share in net.items()})
        if percent_id:
            found[percent_id] = percent
        if mkr_id:
            found[mkr_id] = (spent - cost) * _inhabitants(kommun, year) / 1e6
        if name in I_TOTALT:
            net_sum += spent
            reference_sum += cost
    for name, net_id, reference_id, usual in PER_ELEV:
        cost = usual * _level(reference_id, kommun, 0.12) * _prices(year)
        found[reference_id] = cost
        found[net_id] = cost * (1 + _percent(name, kommun, year) / 100)
    found[TOTALT] = (net_sum / reference_sum - 1) * 100
    return found


def _percent(verksamhet: str, kommun: str, year: int) -> float:
    """Return a verksamhet's deviation in per cent: rather steady over the years."""
    published = PUBLICERADE.get((KOSTNADER[verksamhet][2] or "", kommun, year))
    if published is not None:
        return published
    steady, shifting = _draw("%", verksamhet, kommun), _draw("%", verksamhet, kommun, year)
    return round(24 * steady - 12 + 6 * shifting - 3, 4)


def _inhabitants(kommun: str, year: int) -> int:
    if kommun == RIKET:
        return 10_000_000 + 60_000 * (year - 2015)
    start = 86_000 if kommun == KUNGSBACKA else 2_500 * math.exp(4.5 * _draw("inv", kommun) ** 1.5)
    return round(start * (1 + (0.02 * _draw("tillväxt", kommun) - 0.005) * (year - 2025)))


def _prices(year: int) -> float:
    return float(1.04 ** (year - 2025))


def _level(kpi: str, kommun: str, spread: float) -> float:
    return 1 + spread * (2 * _draw("nivå", kpi, kommun) - 1)


def _by_unit(kpi: str, kommun: str, year: int) -> float:
    """Return a value of a plausible size by the unit that the figure's title ends with."""
    title = figures()[kpi]["title"].lower()
    own = 0.8 * _draw("nivå", kpi, kommun) + 0.2 * _draw("år", kpi, kommun, year)
    usual = _draw("storlek", kpi)
    if re.search(r"\(\s*(ja|1)\s*=", title):
        return float(own < 0.6)
    if "avvikelse" in title:
        return round(30 * own - 15, 6)
    if "miljoner kronor" in title or title.endswith("mkr"):
        return round(10 + 500 * own, 6)
    if "index" in title:
        return round(100 * own, 6)
    if "%" in title:
        return round(min(100.0, max(0.0, 10 + 80 * usual + 30 * (own - 0.5))), 6)
    if "kr/" in title or "kronor" in title:
        return round((400 + 12_000 * usual**2) * (0.75 + 0.5 * own) * _prices(year), 6)
    if "antal/" in title or "antal per" in title:
        return round((1 + 20 * usual) * (0.5 + own), 6)
    if "antal" in title:
        # Small counts, so that zero, a real value, is not rare.
        return float(int(own**3 * (10 + 400 * usual)))
    return round((10 + 200 * usual) * (0.7 + 0.6 * own), 6)


def _draw(*parts: object) -> float:
    """Return a number in [0, 1), always the same for the same parts."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=6).digest()) / 2**48
