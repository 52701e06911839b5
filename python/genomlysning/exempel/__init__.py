"""The embedded example: a fictional municipality with real figure ids and made-up values.

It needs no network. `generera.py` makes the data from `nivaer.py`, `fritext.toml` holds what people
write.
"""

import gzip
import json
import tomllib
from collections.abc import Collection
from datetime import date, datetime
from importlib.resources import files
from itertools import repeat

from genomlysning.begrepp import Grupp, Kommun, Nyckeltal, Observation
from genomlysning.bok.plan import Fritext
from genomlysning.lager import Lager

EXEMPEL_YEAR = 2025


def load_exempel(lager: Lager, nu: datetime, nyckeltal: Collection[str] | None = None) -> None:
    """Fill an (in-memory) store with the example; `nu` becomes the time of fetch.

    `nyckeltal` limits it to some figures, which is a good deal faster than all of them.
    """
    data = json.loads(gzip.decompress(files(__name__).joinpath("data.json.gz").read_bytes()))
    koder = [kod for kod, _ in data["kommuner"]]
    grupper = [Grupp(i, t, tuple(koder[m] for m in ms)) for i, t, ms in data["grupper"]]
    valda = [n for n in data["nyckeltal"] if nyckeltal is None or n["id"] in nyckeltal]
    lager.write_kommuner([Kommun(kod, namn, "K") for kod, namn in data["kommuner"]], nu)
    lager.write_grupper(grupper, nu)
    lager.write_nyckeltal(
        [
            Nyckeltal(n["id"], n["titel"], "K", False, EXEMPEL_YEAR, prel, slut)
            for n in valda
            for prel, slut in [_read_datum(n["datum"])]
        ],
        [],
        nu,
    )
    observationer = []
    for n in valda:
        # In the order of the store's key, which makes the writing faster.
        cells = [(koder[0], *cell) for cell in zip(data["years"], n["egen"], repeat(None))]
        cells += zip(koder[1:], repeat(EXEMPEL_YEAR), n["alla"][1:], repeat(None))
        for grupp, varden, antal in zip(grupper, n["grupper"], n["antal"], strict=True):
            cells += zip(repeat(grupp.id), data["years"], varden, antal)
        observationer += [
            Observation(n["id"], kommun, year, "T", v, antal, "")
            for kommun, year, v, antal in cells
            if v is not None
        ]
    lager.write_varden(observationer, [], nu)


def _read_datum(datum: list[str | None]) -> list[date | None]:
    return [date.fromisoformat(d) if d else None for d in datum]


def read_exempeltext(profil_id: str) -> Fritext:
    """Return example texts and rows of measures for a profile; empty where there are none."""
    text = files(__name__).joinpath("fritext.toml").read_text(encoding="utf-8")
    egen = tomllib.loads(text).get(profil_id)
    if egen is None:
        return Fritext()
    analys, uppfoljning, skal = (egen[name].strip() for name in ("analys", "uppfoljning", "skal"))
    return Fritext(analys, uppfoljning, skal, egen["rader"])
