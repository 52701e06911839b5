"""The figures of an existing workbook: its rows with a Kolada-id, as the controller left them.

Which figures there are, their names, wanted directions, units and years are the rows' own:
the sheet rules. What a row can't tell comes from the profile, else from what the formulas
look up in the workbook, else from the unit.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from genomlysning.begrepp import FORSTA_AR, MAX_AR
from genomlysning.bok import formler
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beskrivning import NYCKELTALSTABELLER, Regelrad
from genomlysning.bok.listor import read_regler
from genomlysning.bok.omrakning import Regler, find_regel, parse_riktning
from genomlysning.bok.plan import plan_regler
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.fel import Meddelande
from genomlysning.ord import Kategori, Riktning, Slag, parse_tabellnamn
from genomlysning.profil import Profil, Profilnyckeltal, Verksamhet

_ID = re.compile(r"[A-Z]\d{5}", re.ASCII)

FEL_ID = Meddelande(
    "rad-fel-id",
    "{plats}: ”{text}” är inget Kolada-id, så raden har inte uppdaterats.",
    "Skriv en bokstav och fem siffror utan blanksteg, eller lämna cellen tom om raden är din egen.",
)
FEL_AR = Meddelande(
    "rad-fel-ar",
    "{plats}: ”{text}” är inget år som går att hämta, så raden har inte uppdaterats.",
    "Skriv ett år från {forsta} till {sista}.",
)
FEL_RIKTNING = Meddelande(
    "rad-fel-riktning",
    "{plats}: ”{text}” är ingen riktning, och Bedömning räknar den som Lägre.",
    "Välj Högre, Lägre, Mål eller Ingen i listan.",
)
DUBBEL_RAD = Meddelande(
    "rad-dubbel",
    "{plats}: {id} står redan på rad {forsta} för samma år. Båda raderna har uppdaterats.",
    "Ta bort den ena, annars räknas nyckeltalet två gånger.",
)


class Bladrad(NamedTuple):
    """One row to refresh, `nr` 0 for one to be made, and the figure in it.

    `year` is the row's own year, None the data year; `flyttas`: what it says follows the data year.
    """

    plats: Tabellplats
    nr: int
    post: Profilnyckeltal
    year: int | None = None
    flyttas: bool = False


@dataclass(slots=True)
class Radval:
    """The rows to refresh, what is to be told of others, and the rules of all figures.

    `ny` tells that the workbook has never been filled, so that the rows are the profile's.
    """

    ny: bool = False
    rader: list[Bladrad] = field(default_factory=list)
    varningar: list[str] = field(default_factory=list)
    felaktiga: list[str] = field(default_factory=list)
    regler: dict[str, Regelrad] = field(default_factory=dict)


def read_rader(found: Befintlig, profil: Profil, last_year: int) -> Radval:
    """Return the rows with a Kolada-id; those that can't be used are warned of and left."""
    chosen = Radval(regler=merge_regler(found, profil))
    if not found.ifylld:
        chosen.ny = True
        chosen.rader = _plan_rader(found, profil)
        return chosen
    for name in NYCKELTALSTABELLER:
        place = found.tabeller[name]
        seen: dict[tuple[str, int | None], int] = {}
        for nr in place.excel.datarader:
            text = place.cell(nr, "id").text
            if not text.strip():
                continue
            if not _ID.fullmatch(text.upper()):
                plats = place.plats(nr, "id")
                chosen.varningar.append(FEL_ID.format(plats=plats, text=text))
                chosen.felaktiga.append(text)
                continue
            year, moves, fault = _read_year(found, place, nr, last_year)
            if fault:
                chosen.varningar.append(fault)
                chosen.felaktiga.append(text.upper())
                continue
            post = read_post(place, nr, profil, chosen.regler)
            if _find_riktning(place, nr, post) is None:
                fields = {"plats": place.plats(nr, "riktning")}
                chosen.varningar.append(
                    FEL_RIKTNING.format(text=place.cell(nr, "riktning").text, **fields)
                )
            if (post.id, year) in seen:
                chosen.varningar.append(
                    DUBBEL_RAD.format(
                        plats=place.plats(nr, "id"), id=post.id, forsta=seen[post.id, year]
                    )
                )
            seen.setdefault((post.id, year), nr)
            chosen.rader.append(Bladrad(place, nr, post, year, moves))
    return chosen


def _plan_rader(found: Befintlig, profil: Profil) -> list[Bladrad]:
    """Return the profile's figures as rows to be made, table by table."""
    return [
        Bladrad(found.tabeller[name], 0, p)
        for name in NYCKELTALSTABELLER
        for p in profil.nyckeltal
        if name == p.tabell
    ]


def select_verksamheter(
    found: Befintlig, profil: Profil, alla: dict[str, Verksamhet]
) -> tuple[Verksamhet, ...]:
    """Return the verksamheter that the tables of reference cost have rows for, in their order."""
    if not found.ifylld:
        return profil.verksamheter
    known = {v.namn.lower(): v for v in (*alla.values(), *profil.verksamheter)}
    names = [
        place.cell(nr, "verksamhet").text.strip().lower()
        for place in (found.tabeller["Referenskostnad"], found.tabeller["ReferenskostnadOverTid"])
        for nr in place.excel.datarader
    ]
    return tuple(known[n] for n in dict.fromkeys(names) if n in known)


def merge_regler(found: Befintlig, profil: Profil) -> dict[str, Regelrad]:
    """Return the rules by id: the profile's, else those that the workbook already had."""
    return read_regler(found.bok) | {r.id: r for r in plan_regler(profil)}


def _read_year(
    found: Befintlig, place: Tabellplats, nr: int, last_year: int
) -> tuple[int | None, bool, str]:
    """Return a row's own year (None: the data year), whether it moves along, and any fault."""
    cell = place.cell(nr, "year")
    text = cell.text.strip()
    if not text:
        return None, False, ""
    first_year = max(FORSTA_AR, last_year - MAX_AR + 1)
    if not re.fullmatch(r"\d{4}", text) or not first_year <= int(text) <= last_year:
        plats = place.plats(nr, "year")
        fields = {"plats": plats, "text": text, "forsta": first_year, "sista": last_year}
        return None, False, FEL_AR.format(**fields)
    if int(text) in (found.gammalt_year, found.installningar.year):
        return None, cell.formel is None, ""
    return int(text), False, ""


def read_post(place: Tabellplats, nr: int, profil: Profil, regler: Regler) -> Profilnyckeltal:
    """Return what a row says of its figure, which may be the committee's own (without an id)."""
    figure = place.cell(nr, "id").text.upper()
    kategori, over_tid = parse_tabellnamn(place.tabell.namn)
    known = [p for p in profil.nyckeltal if p.id == figure]
    exact = [p for p in known if p.over_tid is over_tid and p.kategori is kategori]
    base = next(iter(exact or known), None)
    enhet = place.cell(nr, "enhet").text
    if "enhet" not in place.kolumner and base is not None:
        enhet = base.enhet
    regel = find_regel({"id": figure, "enhet": enhet}, regler)
    if base is None:
        base = _catalogue_post(figure, kategori, over_tid, profil)
    kind = next((s for s in Slag if s == regel.slag), Slag.RESULTAT)
    return base._replace(
        namn=place.cell(nr, "namn").text.strip() or figure,
        kategori=kategori,
        over_tid=over_tid,
        bedomning=kind,
        riktning=_find_riktning(place, nr, base) or Riktning.LAGRE,
        mal=regel.mal,
        enhet=enhet,
        decimaler=regel.decimaler,
        jamforbar=regel.slag != formler.EJ_JAMFORBAR,
    )


def _find_riktning(place: Tabellplats, nr: int, base: Profilnyckeltal) -> Riktning | None:
    """Return a row's wanted direction; None for a word that is none."""
    if "riktning" not in place.kolumner:
        return base.riktning
    return parse_riktning(place.cell(nr, "riktning").text)


def _catalogue_post(
    figure: str, kategori: Kategori, over_tid: bool, profil: Profil
) -> Profilnyckeltal:
    """Return a figure that the profile does not have: compared with the profile's own area."""
    return Profilnyckeltal(
        id=figure,
        namn=figure,
        kategori=kategori,
        over_tid=over_tid,
        bedomning=Slag.RESULTAT,
        riktning=Riktning.INGEN,
        mal=None,
        enhet="",
        decimaler=1,
        omrade=profil.omrade,
    )
