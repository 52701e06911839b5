"""What a workbook's sheets say as they stand, own figures included, without asking Kolada.

From it the drafts are written anew after people have worked in the sheets. The verdicts are
reckoned from the rows as the formulas reckon them (`omrakning`).
"""

from collections.abc import Sequence
from datetime import datetime

from genomlysning import anmarkningar
from genomlysning.begrepp import Kommun
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beskrivning import ARSKOLUMNER, JAMFORELSER, OVER_TID, map_years
from genomlysning.bok.bladrader import read_post, select_verksamheter
from genomlysning.bok.omrakning import (
    Raknat,
    Raknerad,
    Regler,
    compute_jamforelse,
    compute_referens,
    compute_tidsserie,
    read_tal,
)
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.ord import Kategori
from genomlysning.profil import Profil, load_verksamheter
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.referenskostnad import Svar
from genomlysning.regler.utveckling import Utveckling
from genomlysning.underlag import Jamforelse, Tidsserie, Underlag, choose_decimaler_for
from genomlysning.verksamhetskostnad import Referensrad


def read_underlag(found: Befintlig, regler: Regler, profil: Profil, nu: datetime) -> Underlag:
    """Return what the sheets say, with the rows in their order."""
    year = found.gammalt_year
    jamforelser: list[Jamforelse] = []
    kvalitet: list[Raknerad] = []
    for name in JAMFORELSER:
        place = found.tabeller[name]
        for nr, row in _read_rows(place, "namn"):
            row |= compute_jamforelse(row, regler, found.installningar.toleranser)
            jamforelser.append(_read_jamforelse(found, regler, profil, place, nr, row))
            if name == Kategori.KVALITET.value:
                kvalitet.append(row)
    serier = [
        _read_tidsserie(found, regler, profil, found.tabeller[name], nr, row)
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
        referensrader=tuple(_read_referensrader(found, regler, profil, kvalitet)),
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


def _read_jamforelse(
    found: Befintlig,
    regler: Regler,
    profil: Profil,
    place: Tabellplats,
    nr: int,
    row: Raknerad,
) -> Jamforelse:
    year, count = read_tal(row, "year"), read_tal(row, "antal")
    own, similar = read_tal(row, "varde"), read_tal(row, "liknande")
    post = read_post(place, nr, profil, regler)
    remark = str(row.get("anmarkning") or "")
    return Jamforelse(
        post=post,
        year=int(year or found.gammalt_year),
        varde=own,
        liknande=similar,
        liknande_antal=None if count is None else int(count),
        liknande_egen=anmarkningar.EGET_MEDEL in remark,
        snitt=read_tal(row, "snitt"),
        skillnad=read_tal(row, "skillnad"),
        bedomning=next((b for b in Bedomning if b == row.get("bedomning")), Bedomning.OKANT),
        placering=None,
        grupp=None,
        anmarkning=remark,
        hamtad=None,
        decimaler=choose_decimaler_for(post, own, similar, found.installningar.toleranser),
        preliminar=anmarkningar.is_preliminart(remark),
    )


def _read_tidsserie(
    found: Befintlig,
    regler: Regler,
    profil: Profil,
    place: Tabellplats,
    nr: int,
    row: Raknerad,
) -> Tidsserie:
    answer = compute_tidsserie(row, regler, found.installningar.toleranser)
    years = map_years(ARSKOLUMNER, found.gammalt_year)
    post = read_post(place, nr, profil, regler)
    values = tuple(read_tal(row, key) for key in years)
    return Tidsserie(
        post=post,
        years=tuple(years.values()),
        varden=values,
        forandring=read_tal(answer, "forandring"),
        utveckling=next((u for u in Utveckling if u == answer["utveckling"]), Utveckling.OKANT),
        anmarkning=str(row.get("anmarkning") or ""),
        hamtad=None,
        decimaler=choose_decimaler_for(post, values[-1], values[0], found.installningar.toleranser),
    )


def _read_referensrader(
    found: Befintlig, regler: Regler, profil: Profil, kvalitet: Sequence[Raknerad]
) -> list[Referensrad]:
    known = {v.namn.lower(): v for v in select_verksamheter(found, profil, load_verksamheter())}
    rows = []
    for _, row in _read_rows(found.tabeller["Referenskostnad"], "verksamhet"):
        v = known.get(str(row["verksamhet"]).strip().lower())
        if v is None:
            continue
        answer = compute_referens(row, kvalitet, regler, found.installningar.toleranser)
        within, better, goal = (
            next((s for s in Svar if s == answer[key]), Svar.OKANT)
            for key in ("inom", "battre", "uppfyller")
        )
        deciding, remark = read_tal(row, "procent"), str(row.get("anmarkning") or "")
        published = v.avvikelse_procent is not None
        own = anmarkningar.find_egna_tal(remark)
        rows.append(
            Referensrad(
                verksamhet=v,
                year=found.gammalt_year,
                nettokostnad=read_tal(row, "netto"),
                referenskostnad=read_tal(row, "referens"),
                egen_procent=read_tal(answer, "egen") if published else deciding,
                avvikelse_procent=deciding if published else None,
                avvikelse_mkr=read_tal(row, "mkr"),
                mkr_egen="mkr" in own,
                liknande_procent=read_tal(row, "liknande"),
                kvalitetsindex=read_tal(row, "index"),
                kvalitetsindex_liknande=read_tal(row, "index_liknande"),
                for_fa_liknande=False,
                resursindex=read_tal(row, "resursindex"),
                effektivitetsindex=read_tal(row, "effektivitetsindex"),
                per_brukare=None,
                inom=within,
                battre=better,
                uppfyller=goal,
                anmarkning=remark,
                over_tid=(),
                anmarkning_over_tid="",
                preliminar=anmarkningar.has_preliminara_delar(remark),
                egna_medel=own - {"procent", "mkr"},
            )
        )
    return rows
