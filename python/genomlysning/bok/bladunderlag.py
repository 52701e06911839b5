"""What a workbook's sheets say as they stand, own figures included, without asking Kolada.

From it the drafts are written anew after people have worked in the sheets. The verdicts are
reckoned from the rows as the formulas reckon them (`omrakning`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from genomlysning import anmarkningar
from genomlysning.begrepp import Kommun
from genomlysning.bok.befintlig import JAMFORELSER, OVER_TID, Befintlig, Tabellplats
from genomlysning.bok.beskrivning import ARSKOLUMNER, map_years
from genomlysning.bok.bladrader import Radval, read_post, select_verksamheter
from genomlysning.bok.omrakning import (
    Raknat,
    compute_jamforelse,
    compute_referens,
    compute_tidsserie,
)
from genomlysning.ord import Kategori
from genomlysning.profil import Profil, load_verksamheter
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.referenskostnad import Svar
from genomlysning.regler.utveckling import Utveckling
from genomlysning.underlag import Jamforelse, Tidsserie, Underlag
from genomlysning.verksamhetskostnad import Referensrad

_Bladrad = Mapping[str, Raknat]


def read_underlag(found: Befintlig, val: Radval, profil: Profil, nu: datetime) -> Underlag:
    """Return what the sheets say, with the rows in their order."""
    year = found.gammalt_year
    # What is odd about the rows has been told by who read them first.
    val = Radval(regler=val.regler)
    jamforelser: list[Jamforelse] = []
    kvalitet: list[_Bladrad] = []
    for name in JAMFORELSER:
        place = found.tabeller[name]
        for nr, row in _read_rows(place, "namn"):
            answer = compute_jamforelse(row, val.regler, found.installningar.toleranser)
            row |= answer
            jamforelser.append(_read_jamforelse(found, val, profil, place, nr, row))
            if name == Kategori.KVALITET.value:
                kvalitet.append(row)
    serier = [
        _read_tidsserie(found, val, profil, found.tabeller[name], nr, row)
        for name in OVER_TID
        for nr, row in _read_rows(found.tabeller[name], "namn")
    ]
    return Underlag(
        kommun=Kommun("", found.installningar.kommun, "K"),
        profil=profil,
        year=year,
        nu=nu,
        toleranser=found.installningar.toleranser,
        jamforelser=tuple(jamforelser),
        tidsserier=tuple(serier),
        referensrader=tuple(_read_referensrader(found, val, profil, kvalitet)),
        grupper=(),
        kommunnamn={},
        saknade=(),
        reviderade=(),
        varningar=(),
    )


def _read_rows(place: Tabellplats, needed: str) -> list[tuple[int, dict[str, Raknat]]]:
    """Return the rows that have something in the column that names them."""
    return [
        (nr, {key: place.cell(nr, key).varde for key in place.kolumner})
        for nr in place.excel.datarader
        if place.cell(nr, needed).text.strip()
    ]


def _number(row: _Bladrad, key: str) -> float | None:
    value = row.get(key)
    return float(value) if isinstance(value, float | int) and not isinstance(value, bool) else None


def _read_jamforelse(
    found: Befintlig,
    val: Radval,
    profil: Profil,
    place: Tabellplats,
    nr: int,
    row: _Bladrad,
) -> Jamforelse:
    year, count = _number(row, "year"), _number(row, "antal")
    remark = str(row.get("anmarkning") or "")
    return Jamforelse(
        post=read_post(val, place, nr, profil, place.tabell.namn),
        year=int(year or found.gammalt_year),
        varde=_number(row, "varde"),
        liknande=_number(row, "liknande"),
        liknande_antal=None if count is None else int(count),
        liknande_egen=False,
        snitt=_number(row, "snitt"),
        skillnad=_number(row, "skillnad"),
        bedomning=next((b for b in Bedomning if b == row.get("bedomning")), Bedomning.OKANT),
        placering=None,
        grupp=None,
        anmarkning=remark,
        hamtad=None,
        preliminar=anmarkningar.is_preliminart(remark),
    )


def _read_tidsserie(
    found: Befintlig,
    val: Radval,
    profil: Profil,
    place: Tabellplats,
    nr: int,
    row: _Bladrad,
) -> Tidsserie:
    answer = compute_tidsserie(row, val.regler, found.installningar.toleranser)
    years = map_years(ARSKOLUMNER, found.gammalt_year)
    return Tidsserie(
        post=read_post(val, place, nr, profil, place.tabell.namn),
        years=tuple(years.values()),
        varden=tuple(_number(row, key) for key in years),
        forandring=_number(answer, "forandring"),
        utveckling=next((u for u in Utveckling if u == answer["utveckling"]), Utveckling.OKANT),
        anmarkning=str(row.get("anmarkning") or ""),
        hamtad=None,
    )


def _read_referensrader(
    found: Befintlig, val: Radval, profil: Profil, kvalitet: Sequence[_Bladrad]
) -> list[Referensrad]:
    known = {v.namn.lower(): v for v in select_verksamheter(found, profil, load_verksamheter())}
    rows = []
    for _, row in _read_rows(found.tabeller["Referenskostnad"], "verksamhet"):
        v = known.get(str(row["verksamhet"]).strip().lower())
        if v is None:
            continue
        answer = compute_referens(row, kvalitet, val.regler)
        within, better, goal = (
            next((s for s in Svar if s == answer[key]), Svar.OKANT)
            for key in ("inom", "battre", "uppfyller")
        )
        deciding, remark = _number(row, "procent"), str(row.get("anmarkning") or "")
        published = v.avvikelse_procent is not None
        rows.append(
            Referensrad(
                verksamhet=v,
                year=found.gammalt_year,
                nettokostnad=_number(row, "netto"),
                referenskostnad=_number(row, "referens"),
                egen_procent=_number(answer, "egen") if published else deciding,
                avvikelse_procent=deciding if published else None,
                avvikelse_mkr=_number(row, "mkr"),
                mkr_egen=False,
                liknande_procent=_number(row, "liknande"),
                kvalitetsindex=_number(row, "index"),
                kvalitetsindex_liknande=_number(row, "index_liknande"),
                for_fa_liknande=False,
                resursindex=_number(row, "resursindex"),
                effektivitetsindex=_number(row, "effektivitetsindex"),
                per_brukare=None,
                inom=within,
                battre=better,
                uppfyller=goal,
                anmarkning=remark,
                over_tid=(),
                anmarkning_over_tid="",
                preliminar=anmarkningar.has_preliminara_delar(remark),
            )
        )
    return rows
