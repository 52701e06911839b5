"""The use case `nytt-ar`: next year's workbook from this year's, which is left as it is.

Nothing is fetched; `uppdatera` or the button Hämta Kolada then fills the new year.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from genomlysning.bok.arsskifte import (
    MAX_NAMNDA,
    TILL,
    Arsskifte,
    Atgard,
    has_period,
    list_formelrader,
    plan_arsskifte,
    step_period,
)
from genomlysning.bok.befintlig import read_befintlig
from genomlysning.bok.beskrivning import (
    EXEMPELMARKNING,
    FORFLYTTNINGSBLAD,
    UPPFOLJNINGSBLAD,
    Blad,
)
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, open_namndbok
from genomlysning.bok.losarader import find_rubrikrad, find_sista_rad
from genomlysning.bok.menyflik import lacks_menyflik
from genomlysning.bok.migrering import migrate_bok
from genomlysning.bok.modell import cell_name
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.bok.textruta import restore_namn
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import check_oppen, describe_undan, is_samma_fil, replace_whole
from genomlysning.profil import load_verksamheter
from genomlysning.svenska import join_nagra, uppraknat
from genomlysning.uppdatera import EJ_SOM_TANKT, check_filer

#: The last data year that a workbook may be rolled over from.
SISTA_DATAAR = 2099
FORVALT_TILL = "utredning"

OKANT_TILL = Meddelande(
    "nytt-ar-okant-till",
    "”{till}” är ingen plats för förflyttningarna.",
    "Skriv {val}.",
)
SAMMA_FIL = Meddelande(
    "nytt-ar-samma-fil",
    "Nästa års arbetsbok kan inte skrivas över {fil}, som den görs av.",
    "Ange ett annat filnamn med --ut.",
)
BARA_VARDEN = Meddelande(
    "nytt-ar-bara-varden",
    "Filen {fil} har bara värden och inga formler: den är en kopia för utskick, eller ingen "
    "genomlysning.",
    "Använd arbetsboken som kopian gjordes av.",
)


EJ_TABELL = Meddelande(
    "nytt-ar-ej-tabell",
    "Det som står under rubrikerna i {blad}!{cell} är ingen Exceltabell längre, så det går inte "
    "att föra över.",
    "Markera rubrikerna och raderna, välj Infoga, Tabell, och skriv {tabell} som tabellnamn under "
    "Tabelldesign. Eller utgå från en tidigare kopia. Inget har ändrats.",
)
UNDER_TABELL = Meddelande(
    "nytt-ar-under-tabell",
    "{antal} direkt under tabellen på bladet {blad} räknas in i den ({celler}).",
    "Kontrollera att de är åtgärder.",
)
STAR_KVAR = Meddelande(
    "nytt-ar-star-kvar",
    "Det som står i {celler} på bladet {blad} är kvar där: det är under tabellen, eller bara "
    "formler.",
    "Är det en åtgärd eller ett förslag, flytta det själv till rätt tabell i 3.1–3.3.",
)


@dataclass(frozen=True, slots=True)
class NyttAr:
    """The new workbook and what became of the measures. `exempel`: its values are made up."""

    fil: Path
    plan: Arsskifte
    varningar: tuple[str, ...]
    exempel: bool = False


def make_nytt_ar(
    fil: Path,
    ut: Path | None,
    nu: datetime,
    *,
    till: str = FORVALT_TILL,
    mapp: Path | None = None,
    visa: Callable[[str], None] = lambda _: None,
) -> NyttAr:
    """Write next year's workbook to `ut`; without it, in `mapp` (else beside) with the new year.

    `till` says where last year's moves are followed up: kort, lang or utredning. Raises
    AnvandarFel and FilFel for what stops it; then nothing is written.
    """
    if till not in TILL:
        *first, last = (f"--till {t}" for t in TILL)
        raise AnvandarFel(OKANT_TILL, till=till, val=f"{', '.join(first)} eller {last}")
    visa("Läser arbetsboken …")
    bok = open_namndbok(fil)
    if not any(True for sheet in bok.blad for _ in sheet.formler()):
        raise FilFel(BARA_VARDEN, fil=fil)
    lapp = Lappning(bok)
    migrate_bok(bok, lapp)
    told = restore_namn(bok, lapp)
    found = read_befintlig(bok, SISTA_DATAAR, aven_exempel=True)
    for blad in (*UPPFOLJNINGSBLAD, *FORFLYTTNINGSBLAD):
        place = found.tabeller.get(blad.tabeller[0].namn)
        if place is None:
            _check_lost(bok, blad)
        else:
            told += [*_extend(lapp, bok, place), *_list_kvar(bok, place)]
    verksamheter = [v.namn for v in load_verksamheter().values()]
    plan = plan_arsskifte(found, verksamheter, TILL[till])
    plan.varningar[:0] = told
    target = ut or (mapp or fil.parent) / _suggest_namn(fil, plan.year)
    if is_samma_fil(target, fil):
        raise AnvandarFel(SAMMA_FIL, fil=fil)
    check_filer(fil, target)
    visa("Skriver arbetsboken …")

    # Imported here, since XlsxWriter costs more than all else.
    from genomlysning.bok.arsskrivning import write_arsskifte
    from genomlysning.bok.uppdatering import check_skrivet

    warnings = write_arsskifte(bok, found, plan, lapp, nu)
    if lacks_menyflik(bok.paket):
        from genomlysning.bok.makron import give_menyflik

        give_menyflik(bok.paket)

    def check(written: Path) -> None:
        wrong = check_skrivet(lapp, written)
        if wrong is not None:
            raise FilFel(EJ_SOM_TANKT, plats=wrong, fil=fil)
        check_oppen(target)

    kept = replace_whole(target, bok.paket.write, nu.date(), check)
    warnings += describe_undan(target, kept)
    return NyttAr(target, plan, tuple(warnings), bok.amne() == EXEMPELMARKNING)


def _check_lost(bok: Arbetsbok, blad: Blad) -> None:
    """Refuse measures that are ordinary cells by now; a sheet that is gone holds none."""
    sheet = bok.find_blad(blad.kodnamn, blad.namn)
    tabell = blad.tabeller[0]
    found = find_rubrikrad(sheet, tabell) if sheet is not None else None
    if found is not None:
        place = {"blad": blad.namn, "cell": cell_name(*found)}
        raise FilFel(EJ_TABELL, **place, tabell=tabell.namn)


def _extend(lapp: Lappning, bok: Arbetsbok, place: Tabellplats) -> list[str]:
    """Take in rows written directly below a table; say which. Columns beside it are refused."""
    place.check_utanfor()
    excel = place.excel
    _, first, before, last = excel.omrade
    end = find_sista_rad(excel, bok.tabeller.values())
    for _ in range(end - before):
        lapp.add_row(excel)
    if end == before:
        return []
    area = f"{cell_name(before + 1, first)}:{cell_name(end, last)}"
    count = uppraknat(end - before, "rad", "rader")
    return [UNDER_TABELL.format(antal=count, blad=place.blad.namn, celler=area)]


def _list_kvar(bok: Arbetsbok, place: Tabellplats) -> list[str]:
    """Tell of what is no measure to the program and stays: below the table, or formulas alone."""
    blad = bok.tabeller[place.tabell.namn.lower()].blad
    _, first, last, right = place.excel.omrade
    rows = {nr: [first, right] for nr in list_formelrader(place)}
    for row, col in sorted(blad.celler):
        if row > last and blad.cell(row, col).text.strip():
            rows.setdefault(row, []).append(col)
    areas = [
        ":".join(dict.fromkeys((cell_name(row, cols[0]), cell_name(row, cols[-1]))))
        for row, cols in rows.items()
    ]
    if not areas:
        return []
    return [STAR_KVAR.format(celler=join_nagra(areas, MAX_NAMNDA), blad=blad.namn)]


def _suggest_namn(fil: Path, year: int) -> str:
    """Return a file name with the new year in the place of the one before.

    A period moves on as a whole; without a year to change the new one stands last.
    """
    stem = fil.stem
    if has_period(stem):
        return f"{step_period(stem)}{fil.suffix}"
    places = [m.span() for m in re.finditer(rf"(?<!\d){year - 1}(?!\d)", stem)]
    if not places:
        return f"{stem} {year}{fil.suffix}"
    start, end = places[-1]
    return f"{stem[:start]}{year}{stem[end:]}{fil.suffix}"


def to_json_nytt_ar(done: NyttAr) -> dict[str, Any]:
    """Return the answer as docs/kommandorad.md has it."""
    return {
        "fil": str(done.fil),
        "ar": done.plan.year,
        "flyttade": _list_atgarder(done.plan.flyttade),
        "kvar": _list_atgarder(done.plan.kvar),
        "avslutade": _list_atgarder(done.plan.avslutade),
        "varningar": list(done.varningar),
    }


_HAMTA = "Hämta sedan det nya årets värden till den."
_EXEMPEL = "Den har påhittade exempeldata, så det går inte att hämta värden till den."


def format_nytt_ar(done: NyttAr) -> str:
    """Return the answer as text."""
    plan = done.plan
    moved = f" till {plan.nya[0].atgard.till}" if plan.nya else ""
    return (
        f"Arbetsboken för dataår {plan.year} är sparad som {done.fil}: "
        f"{uppraknat(len(plan.nya), 'förflyttning', 'förflyttningar')}{moved}, "
        f"{uppraknat(len(plan.kvar), 'åtgärd', 'åtgärder')} kvar, "
        f"{uppraknat(len(plan.avslutade), 'avslutad', 'avslutade')}. "
        f"{_EXEMPEL if done.exempel else _HAMTA}"
    )


def _list_atgarder(atgarder: Iterable[Atgard]) -> list[dict[str, Any]]:
    return [
        {
            "atgard": a.namn,
            "fran": a.fran,
            "till": a.till or None,
            "ursprung": a.ursprung or None,
            "status": a.status or None,
        }
        for a in atgarder
    ]
