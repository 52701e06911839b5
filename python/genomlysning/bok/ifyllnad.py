"""What newly fetched values put in an existing workbook: cells that are ours and no others.

The values are those that a new workbook would get; they go into the rows that the controller has.
A workbook that has never been filled gets the profile's rows.
How it is written is the writer's own business: a file's
package is patched (`lappning`), an open workbook is written through Excel (`excel.skrivning`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from genomlysning.bok import beskrivning, formler
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beskrivning import (
    ARSKOLUMNER,
    HAMTADE_KOLUMNER,
    JAMFORELSER,
    NYCKELTALSTABELLER,
    REFERENSTABELLER,
    map_years,
)
from genomlysning.bok.bladrader import Bladrad, Radval
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formeltext import column_number
from genomlysning.bok.listor import list_regelrader
from genomlysning.bok.modell import Bokblad, cell_name, refer
from genomlysning.bok.plan import (
    UTAN_FORVALTNING,
    Bokplan,
    Rad,
    count_i_loggen,
    describe_summa,
    list_regel,
    plan_bok,
    show_decimaler,
)
from genomlysning.bok.programtexter import is_beloppssumma
from genomlysning.bok.rutnat import write_rutnat
from genomlysning.bok.skrivare import Skrivare
from genomlysning.bok.tabellplats import VARA_TABELLER, Tabellplats, plan_rubriker
from genomlysning.bok.tabellrader import Skrivarbete
from genomlysning.bok.utkast import write_utkast
from genomlysning.fel import Meddelande
from genomlysning.regler.enhet import shorten_titel
from genomlysning.svenska import format_tal
from genomlysning.underlag import Underlag

EGEN_RAD = Meddelande(
    "bok-egen-rad",
    "{plats} har en egen text och är kvar som den var, så summan av beloppen står inte där.",
    "Flytta texten och kör på nytt om du vill ha summan.",
)
_TIDSKOLUMNER = (*ARSKOLUMNER, "anmarkning", "kalla", "hamtad")
HANDELSE, TILLAGDA = "Uppdatering", "Nyckeltal tillagda"


@dataclass(slots=True, kw_only=True)
class Ifyllnad(Skrivarbete):
    """One filling under way, and what came of it: the plan it follows and what has changed."""

    val: Radval
    underlag: Underlag
    handelse: str = HANDELSE
    andrade: list[str] = field(default_factory=list)
    plan: Bokplan = field(init=False)

    def __post_init__(self) -> None:
        self.plan = plan_bok(self.underlag)


def fill_bok(
    found: Befintlig,
    val: Radval,
    underlag: Underlag,
    skrivare: Skrivare,
    *,
    handelse: str = HANDELSE,
    bara_referens: bool = False,
) -> Ifyllnad:
    """Have the writer put what `underlag` found in the rows in `val`.

    `bara_referens`: in the reference cost and what follows from it only.

    Raises FilFel where a new header or row has no room.
    """
    work = Ifyllnad(found=found, skrivare=skrivare, val=val, underlag=underlag, handelse=handelse)
    if not bara_referens:
        write_rubriker(found, skrivare, underlag.kommun.namn, underlag.year)
        _write_regler(work)
        _write_nyckeltal(work)
        _write_grupper(work)
        _write_texter(work)
        _write_installningar(work)
    _write_referens(work)
    write_rutnat(work, underlag.year, work.plan.lagen, ny=val.ny)
    _write_logg(work)
    return work


# ---- headers and rules -----------------------------------------------------------------------


def write_rubriker(found: Befintlig, skrivare: Skrivare, kommun: str, year: int) -> None:
    """Let the headers follow municipality and year."""
    skrivare.rename_headers(plan_rubriker(found.tabeller, kommun, year))
    for place in (found.tabeller[name] for name in VARA_TABELLER):
        _, first, _, _ = place.excel.omrade
        for key, col in place.kolumner.items():
            place.rubriker[key] = place.excel.kolumner[col - first][1]


def _write_regler(work: Ifyllnad) -> None:
    """Bring what the formulas look up (sheet Listor) in line with the rules used here."""
    place = work.bok.namn.get(formler.REGLER.lower())
    if place is None:
        return
    blad, (first, col, last, last_col) = place
    width = last_col - col + 1
    had: dict[str, int] = {}
    for nr, regel in list_regelrader(work.bok):
        had.setdefault(regel.id, nr)
    end = max(had.values(), default=first - 1)
    for regel in show_decimaler(work.val.regler.values(), work.underlag):
        if regel.id not in had:
            had[regel.id] = end = end + 1
        nr = had[regel.id]
        for i, value in enumerate(list_regel(regel)[:width]):
            work.skrivare.set_value(blad, nr, col + i, value)
    if end > last:
        for name in (formler.REGLER, formler.REGLER_ID, formler.REGLER_VERKSAMHET):
            area = work.bok.namn.get(name.lower())
            if area is not None:
                _, (r1, c1, _, c2) = area
                work.skrivare.set_namn(name, refer(blad, (r1, c1, end, c2)))
    if work.val.ny:
        _write_listkolumn(work, blad, beskrivning.INDEXKRAVKOLUMN, work.plan.indexkrav)
    if formler.SUMMA_UTAN.lower() in work.bok.namn:
        twice = [*work.plan.utanfor_summan, *[None] * beskrivning.SUMMA_UTAN_RADER]
        twice = twice[: beskrivning.SUMMA_UTAN_RADER]
        _write_listkolumn(work, blad, beskrivning.SUMMA_UTAN_KOLUMN, twice)


def _write_listkolumn(
    work: Ifyllnad, blad: Bokblad, column: str, values: Sequence[Cellvarde]
) -> None:
    for nr, value in enumerate(values, start=2):
        work.skrivare.set_value(blad, nr, column_number(column), value)


# ---- the tables ------------------------------------------------------------------------------


def _write_nyckeltal(work: Ifyllnad) -> None:
    """Write values, places, remarks and sources of the figures, row by row."""
    for name in NYCKELTALSTABELLER:
        rows = [r for r in work.val.rader if r.plats.tabell.namn == name]
        planned = work.plan.tabeller[name].rader
        for rad, values in zip(rows, planned, strict=True):
            keys: Iterable[str] = HAMTADE_KOLUMNER if name in JAMFORELSER else _TIDSKOLUMNER
            nr = rad.nr or work.take_row(rad.plats)
            if rad.nr:
                _note_andring(work, rad, values)
                _follow_titel(work, rad)
            else:
                keys = _plain_keys(rad.plats)
            for key in keys:
                work.put(rad.plats, nr, key, values[key])
            if rad.flyttas:
                work.put(rad.plats, nr, "year", work.underlag.year)


def _plain_keys(place: Tabellplats) -> list[str]:
    """Return the columns that a new row gets plain values in."""
    return [k.nyckel for k in place.tabell.kolumner if not k.formel and not k.ifylls]


def _follow_titel(work: Ifyllnad, rad: Bladrad) -> None:
    """Let a name that is Kolada's former title follow when Kolada renames the figure.

    Any other name is the controller's own, and stays.
    """
    fore, efter = work.underlag.omdopta.get(rad.post.id, ("", ""))
    new = {fore: efter, shorten_titel(fore): shorten_titel(efter)}.get(rad.post.namn)
    if new and new != rad.post.namn:
        work.put(rad.plats, rad.nr, "namn", new)
        work.andrade.append(f"{rad.post.id} heter i Kolada nu {new} (förut {rad.post.namn})")


def _note_andring(work: Ifyllnad, rad: Bladrad, values: Rad) -> None:
    """Take note of own values that are others than those the sheet had."""
    old_year, new_year = work.found.gammalt_year, work.underlag.year
    compared: list[tuple[str, str, str]] = []
    if rad.plats.tabell.namn in JAMFORELSER:
        year = str(rad.year or new_year)
        if rad.flyttas and old_year != new_year:
            year = f"{old_year} → {new_year}"
        compared.append(("varde", "varde", year))
    else:
        new_keys = {y: k for k, y in map_years(ARSKOLUMNER, new_year).items()}
        for key, shown in map_years(ARSKOLUMNER, old_year).items():
            if shown in new_keys:
                compared.append((key, new_keys[shown], str(shown)))
    decimals = max(rad.post.decimaler, 2)
    for old_key, new_key, year in compared:
        if not {old_key, new_key} <= rad.plats.kolumner.keys():
            continue
        cell, new = rad.plats.cell(rad.nr, old_key), values[new_key]
        if cell.formel is not None or cell.varde == new or (not cell.varde and new is None):
            continue
        if cell.tal is not None and isinstance(new, float) and f"{cell.tal:.12g}" == f"{new:.12g}":
            continue
        before = format_tal(cell.tal, decimals) if cell.tal is not None else cell.text or "tomt"
        after = format_tal(new, decimals) if isinstance(new, float | int) else "saknas"
        told = f"{rad.post.namn} ({rad.post.id}) {year}: {before} → {after}"
        work.andrade.append(told)


def _write_referens(work: Ifyllnad) -> None:
    """Write the rows of the reference cost and of its years, found by verksamhet."""
    for name in REFERENSTABELLER:
        place = work.found.tabeller[name]
        planned = work.plan.tabeller[name].rader
        if work.val.ny:
            _write_nya_verksamheter(work, place, planned)
            continue
        known = {str(r["verksamhet"]).lower(): r for r in planned}
        for nr in place.excel.datarader:
            values = known.get(place.cell(nr, "verksamhet").text.strip().lower())
            if values is None:
                continue
            for key in _plain_keys(place):
                if key != "verksamhet":
                    work.put(place, nr, key, values[key])


def _write_nya_verksamheter(work: Ifyllnad, place: Tabellplats, planned: Sequence[Rad]) -> None:
    """Write the profile's verksamheter in the rows that a workbook without values has for them."""
    for values in planned:
        nr = work.take_row(place)
        work.skrivare.show_rows(place.blad, nr, nr)
        for key in _plain_keys(place):
            work.put(place, nr, key, values[key])


def _write_grupper(work: Ifyllnad, *, behall: bool = False) -> None:
    """Write the groups that were used; those of areas no longer used make room or are emptied.

    With `behall` they stay.
    """
    place = work.found.tabeller["Jamforelsegrupper"]
    wanted = {str(r["omrade"]).lower(): r for r in work.plan.tabeller["Jamforelsegrupper"].rader}
    free: list[int] = []
    for nr in place.excel.datarader:
        area = place.cell(nr, "omrade").text.strip().lower()
        ours = re.fullmatch(r"G\d+", place.cell(nr, "id").text)
        if area in wanted and (ours or not place.cell(nr, "id").text):
            values = wanted.pop(area)
            for key, value in values.items():
                if key != "omrade":
                    work.put(place, nr, key, value)
        elif ours and not behall:
            free.append(nr)
    for values in wanted.values():
        nr = free.pop(0) if free else work.take_row(place)
        for key, value in values.items():
            work.put(place, nr, key, value)
    for nr in free:
        for key in place.kolumner:
            work.put(place, nr, key, None)


def _write_logg(work: Ifyllnad) -> None:
    """Add a row that tells of this run."""
    place = work.found.tabeller["Logg"]
    (planned,) = work.plan.tabeller["Logg"].rader
    old, new = work.found.gammalt_year, work.underlag.year
    changes = [f"Dataår {old} → {new}"] if old != new and not work.val.ny else []
    changes += work.andrade
    named = count_i_loggen(changes, "andrade")
    if more := len(changes) - named:
        changes[named:] = [f"och {more} till"]
    told = [*work.underlag.varningar, *work.val.varningar, *work.varningar]
    values = dict(planned) | {
        "handelse": "Första ifyllnaden" if work.val.ny else work.handelse,
        # Not joined by commas, which the numbers have.
        "andrade": "; ".join(changes),
        "meddelande": " ".join(told),
    }
    nr = work.append_row(place)
    for key, value in values.items():
        work.put(place, nr, key, value)


# ---- texts, settings and the summary ---------------------------------------------------------


def _write_texter(work: Ifyllnad) -> None:
    """Write our drafted texts at their workbook names."""
    write_utkast(work.bok, work.plan.analys, work.plan.slutsatser, work.skrivare, work.varningar)


def write_beloppssummor(found: Befintlig, skrivare: Skrivare, idag: date) -> list[str]:
    """Have the line above each table of measures say what its amounts come to on a day.

    One that a person has written in is left; returns what to tell of those.
    """
    told: list[str] = []
    for blad in (*beskrivning.UPPFOLJNINGSBLAD, *beskrivning.FORFLYTTNINGSBLAD):
        for tabell in blad.tabeller:
            place = found.tabeller.get(tabell.namn)
            target = found.bok.namn.get(beskrivning.beloppsnamn(tabell.namn).lower())
            if place is None or target is None:
                continue
            sheet, (row, col, _, _) = target
            cell = sheet.cell(row, col)
            if cell.formel is not None or not is_beloppssumma(cell.text):
                told.append(EGEN_RAD.format(plats=f"{sheet.namn}!{cell_name(row, col)}"))
                continue
            rows = (
                {k: place.cell(nr, k).text or None for k in place.kolumner}
                for nr in place.excel.datarader
            )
            skrivare.set_value(sheet, row, col, describe_summa(rows, idag))
    return told


def add_nyckeltal(
    found: Befintlig, val: Radval, underlag: Underlag, skrivare: Skrivare
) -> Ifyllnad:
    """Have the writer put new figures, the rows in `val`, at the end of their tables."""
    work = Ifyllnad(found=found, skrivare=skrivare, val=val, underlag=underlag, handelse=TILLAGDA)
    work.andrade += [f"{r.post.namn} ({r.post.id})" for r in val.rader]
    _write_regler(work)
    _write_nyckeltal(work)
    _write_grupper(work, behall=True)
    _write_logg(work)
    return work


def _write_installningar(work: Ifyllnad) -> None:
    """Write the day of the fetch, and in a workbook without values what nobody has filled in."""
    settings = work.plan.installningar
    empty = [n for n, c in work.found.installningar.alla.items() if c.varde in (None, "")]
    wanted = ["SenastHamtad", *(n for n in settings if work.val.ny and n in empty)]
    for name in dict.fromkeys(wanted):
        place = work.bok.namn.get(name.lower())
        if place is not None:
            work.put_at(place[0], place[1][0], place[1][1], settings[name])
    if work.val.ny:
        _name_forvaltning(work)


def _name_forvaltning(work: Ifyllnad) -> None:
    """Let the heading of 4.1 name the profile's administration, unless a person has changed it."""
    blad = beskrivning.FORFLYTTNINGSBLAD[0]
    sheet = work.bok.find_blad(blad.kodnamn, blad.namn)
    blank = blad.rubrik.format(forvaltning=UTAN_FORVALTNING)
    if sheet is not None and not sheet.skyddat and sheet.cell(1, 1).text == blank:
        work.put_at(sheet, 1, 1, work.plan.fill_namn(blad.rubrik))
