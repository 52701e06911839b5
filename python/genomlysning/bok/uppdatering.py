"""Puts newly fetched values in an existing workbook, in the cells that are ours and no others.

The values are those that a new workbook would get; they go into the rows that the controller has.
A cell of ours where a person has put a formula is theirs and is left. Our own formulas get the
value they now give: those of the tables reckoned row by row (`omrakning`), those elsewhere by
making a new workbook of the same rows and taking over the values of equal formulas.

A person's own formula that could depend on what has changed loses its saved value, since only
Excel can reckon it; the workbook is then marked to be recalculated when it is opened. Charts keep
the picture they have until the file is opened in a program that draws them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from genomlysning.bok import beskrivning, formler
from genomlysning.bok.befintlig import (
    JAMFORELSER,
    OVER_TID,
    Befintlig,
    Tabellplats,
    plan_rubriker,
    read_indexkrav,
)
from genomlysning.bok.beroenden import Plats, find_dependent
from genomlysning.bok.bladrader import Bladrad, Radval, read_regler
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad, cell_name
from genomlysning.bok.listblad import list_regel
from genomlysning.bok.omrakning import (
    UTAN_SVAR,
    Raknat,
    UtanSvar,
    compute_jamforelse,
    compute_referens,
    compute_tidsserie,
)
from genomlysning.bok.paket import Paket
from genomlysning.bok.plan import (
    MAX_I_LOGGEN,
    Bokplan,
    Cellvarde,
    Fritext,
    Rad,
    Regelrad,
    Verksamhetslage,
    compose_avsnitt,
    compose_slutsatser,
    compose_underlag,
    plan_bok,
)
from genomlysning.bok.skriv import write_bok
from genomlysning.fel import FilFel, Meddelande
from genomlysning.ord import Kategori
from genomlysning.regler.bedomning import Bedomning
from genomlysning.svenska import format_tal, join_och
from genomlysning.underlag import Underlag

_JAMFORELSEKOLUMNER = (
    *("varde", "liknande", "snitt", "placering", "av", "antal", "grupp"),
    *("anmarkning", "kalla", "hamtad"),
)
_TIDSKOLUMNER = ("year_1", "year_2", "year_3", "anmarkning", "kalla", "hamtad")
_AVVIKELSERUBRIK = re.compile(r"Avvikelse \d{4} \(%\)")
HANDELSE = "Uppdatering"

EGEN_FORMEL = Meddelande(
    "cell-egen-formel",
    "{plats} har en egen formel och har inte uppdaterats.",
    "Ta bort formeln om värdet ska hämtas från Kolada.",
)
EGET_UTKAST = Meddelande(
    "cell-eget-utkast",
    "{plats} har ändrats för hand och har inte skrivits om.",
    "Töm cellen före nästa uppdatering om du vill ha ett nytt utkast.",
)
SUMMARAD = Meddelande(
    "bok-summarad",
    "Tabellen {tabell} behöver en rad till, men har en summarad ({blad}!{cell}).",
    "Ta bort den under Tabelldesign, Summarad. Inget har ändrats.",
)
EGNA_FORMLER = Meddelande(
    "egna-formler-raknas-om",
    "Egna formler kan ha fått nya värden ({blad}).",
    "De räknas om när filen öppnas i Excel och är tomma i en förhandsvisning tills den har sparats "
    "därifrån.",
)
EJ_PLATS = Meddelande(
    "bok-ej-plats",
    "Tabellen {tabell} behöver en rad till, men {blad}!{cell} under den är inte tom.",
    "Flytta det som står där. Inget har ändrats.",
)


@dataclass(slots=True)
class Utfall:
    """What an update did. `skrivna` is what each written cell shall hold, for the read-back."""

    lappning: Lappning
    varningar: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Arbete:
    """One update under way. `rader` are the tables' rows as they now stand, people's own too."""

    found: Befintlig
    val: Radval
    underlag: Underlag
    plan: Bokplan
    lapp: Lappning
    varningar: list[str] = field(default_factory=list)
    andrade: list[str] = field(default_factory=list)
    rader: dict[str, list[dict[str, Raknat]]] = field(default_factory=dict)
    vara_formler: set[tuple[str, int, int]] = field(default_factory=set)
    okanda: set[tuple[str, int, int]] = field(default_factory=set)

    @property
    def bok(self) -> Arbetsbok:
        return self.found.bok

    def put(self, place: Tabellplats, nr: int, key: str, value: Cellvarde) -> None:
        """Write a value of ours, unless the column is gone or a person has a formula there."""
        col = place.kolumner.get(key)
        if col is None:
            return
        if place.blad.cell(nr, col).formel is not None:
            self.varningar.append(EGEN_FORMEL.format(plats=place.plats(nr, key)))
        else:
            self.lapp.set_value(place.blad, nr, col, value)


def update_bok(found: Befintlig, val: Radval, underlag: Underlag) -> Utfall:
    """Change the workbook in memory to what `underlag` found for the rows in `val`.

    Raises FilFel where a new header or row has no room; the file itself is not touched.
    """
    work = _Arbete(found, val, underlag, plan_bok(underlag), Lappning(found.bok))
    headers = plan_rubriker(found, underlag.kommun.namn, underlag.year)
    work.lapp.rename_headers(headers)
    for place in found.tabeller.values():
        _, first, _, _ = place.excel.omrade
        for key, col in place.kolumner.items():
            place.rubriker[key] = place.excel.kolumner[col - first][1]
    _write_regler(work)
    _write_nyckeltal(work)
    _write_referens(work)
    _write_grupper(work)
    _write_texter(work)
    _write_grid_year(work)
    _write_logg(work)
    _cache_tabeller(work)
    _cache_ovriga(work)
    _drop_stale(work)
    work.lapp.finish()
    return Utfall(work.lapp, work.varningar)


# ---- plain values ----------------------------------------------------------------------------


def _write_nyckeltal(work: _Arbete) -> None:
    """Write values, places, remarks and sources of the figures, row by row."""
    for name in (*JAMFORELSER, *OVER_TID):
        rows = [r for r in work.val.rader if r.plats.tabell.namn == name]
        planned = work.plan.tabeller[name].rader
        keys = _JAMFORELSEKOLUMNER if name in JAMFORELSER else _TIDSKOLUMNER
        for rad, values in zip(rows, planned, strict=True):
            _note_andring(work, rad, values)
            for key in keys:
                work.put(rad.plats, rad.nr, key, values[key])
            if rad.flyttas:
                work.put(rad.plats, rad.nr, "year", work.underlag.year)


def _note_andring(work: _Arbete, rad: Bladrad, values: Rad) -> None:
    """Take note of own values that are others than those the sheet had."""
    old_year, new_year = work.found.gammalt_year, work.underlag.year
    compared: list[tuple[str, str, str]] = []
    if rad.plats.tabell.namn in JAMFORELSER:
        year = str(rad.rad.year or new_year)
        if rad.flyttas and old_year != new_year:
            year = f"{old_year} → {new_year}"
        compared.append(("varde", "varde", year))
    else:
        for i in (1, 2, 3):
            j = i + old_year - new_year
            if 1 <= j <= 3:
                compared.append((f"year_{i}", f"year_{j}", str(old_year - 3 + i)))
    decimals = max(rad.rad.post.decimaler, 2)
    for old_key, new_key, year in compared:
        cell, new = rad.plats.cell(rad.nr, old_key), values[new_key]
        if cell.formel is not None or cell.varde == new or (not cell.varde and new is None):
            continue
        if cell.tal is not None and isinstance(new, float) and f"{cell.tal:.12g}" == f"{new:.12g}":
            continue
        before = format_tal(cell.tal, decimals) if cell.tal is not None else cell.text or "tomt"
        after = format_tal(new, decimals) if isinstance(new, float | int) else "saknas"
        post = rad.rad.post
        work.andrade.append(f"{post.namn} ({post.id}) {year}: {before} → {after}")


def _write_referens(work: _Arbete) -> None:
    """Write the rows of the reference cost and of its years, found by verksamhet."""
    for name in ("Referenskostnad", "ReferenskostnadOverTid"):
        place = work.found.tabeller[name]
        known = {str(r["verksamhet"]).lower(): r for r in work.plan.tabeller[name].rader}
        for nr in place.excel.datarader:
            values = known.get(place.cell(nr, "verksamhet").text.strip().lower())
            if values is None:
                continue
            for kolumn in place.tabell.kolumner:
                if not kolumn.formel and kolumn.nyckel != "verksamhet":
                    work.put(place, nr, kolumn.nyckel, values[kolumn.nyckel])


def _write_grupper(work: _Arbete) -> None:
    """Write the groups that were used; those of areas no longer used make room or are emptied."""
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
        elif ours or not _has_content(place, nr):
            free.append(nr)
    for values in wanted.values():
        nr = free.pop(0) if free else _add_row(work, place)
        for key, value in values.items():
            work.put(place, nr, key, value)
    for nr in free:
        for key in place.kolumner:
            work.put(place, nr, key, None)


def _write_logg(work: _Arbete) -> None:
    """Add a row that tells of this run."""
    place = work.found.tabeller["Logg"]
    (planned,) = work.plan.tabeller["Logg"].rader
    old, new = work.found.gammalt_year, work.underlag.year
    changes = [f"Dataår {old} → {new}"] if old != new else []
    changes += work.andrade
    more = len(changes) - MAX_I_LOGGEN
    if more > 0:
        changes[MAX_I_LOGGEN:] = [f"och {more} till"]
    told = [*work.underlag.varningar, *work.val.varningar, *work.varningar]
    values = dict(planned) | {
        "handelse": HANDELSE,
        # Not joined by commas, which the numbers have.
        "andrade": "; ".join(changes),
        "meddelande": " ".join(told),
    }
    last = place.excel.datarader[-1]
    nr = last if not _has_content(place, last) else _add_row(work, place)
    for key, value in values.items():
        work.put(place, nr, key, value)


def _has_content(place: Tabellplats, nr: int) -> bool:
    _, first, _, last = place.excel.omrade
    return any(
        (c := place.blad.cell(nr, col)).formel is not None or c.varde not in (None, "")
        for col in range(first, last + 1)
    )


def _add_row(work: _Arbete, place: Tabellplats) -> int:
    """Let the table have one more row, styled as its last; return the row's number."""
    _, first, last_row, last = place.excel.omrade
    nr = last_row + 1
    below = (
        col for col in range(first, last + 1) if place.blad.cell(nr, col).varde not in (None, "")
    )
    taken = next(below, None)
    others = (
        t.omrade
        for t in work.bok.tabeller.values()
        if t.blad is place.blad and t is not place.excel
    )
    under = any(a[0] <= nr <= a[2] and a[1] <= last and a[3] >= first for a in others)
    if taken is not None or under or place.excel.summarader:
        row = last_row if place.excel.summarader else nr
        raise FilFel(
            SUMMARAD if place.excel.summarader else EJ_PLATS,
            tabell=place.tabell.namn,
            blad=place.blad.namn,
            cell=cell_name(row, taken or first),
        )
    work.lapp.extend_table(place.excel, 1)
    for col in range(first, last + 1):
        work.lapp.make_cell(place.blad, nr, col, (last_row, col))
    return nr


def _write_texter(work: _Arbete) -> None:
    """Write our drafted texts and the day of the fetch, at their workbook names."""
    place = work.bok.namn.get("senasthamtad")
    if place is not None:
        value = work.plan.installningar["SenastHamtad"]
        _put_at(work, place[0], place[1][0], place[1][1], value)
    text = compose_underlag(work.plan.analys)
    if target := _find_utkast(work, beskrivning.ANALYSUNDERLAG, text):
        work.lapp.set_rik_text(*target, compose_avsnitt(work.plan.analys))
    text = compose_slutsatser(work.plan.slutsatser)
    if target := _find_utkast(work, beskrivning.IKORTHET, text):
        _put_at(work, *target, text)


def _find_utkast(work: _Arbete, namn: str, text: str) -> tuple[Kalkylblad, int, int] | None:
    """Return the cell of a draft that may be written anew, and keep what is to be written there.

    A draft that is not as we last wrote it has become a person's own; it stays, with a warning.
    """
    place = work.bok.namn.get(namn.lower())
    if place is None:
        return None
    blad, (row, col, _, _) = place
    kept = work.bok.namn.get(beskrivning.SKRIVNA_UTKAST[namn].lower())
    cell = blad.cell(row, col)
    last = kept[0].cell(kept[1][0], kept[1][1]).text if kept else ""
    if cell.formel is not None or cell.text.strip() not in ("", last.strip()):
        plats = f"{blad.namn}!{cell_name(row, col)}"
        work.varningar.append(EGET_UTKAST.format(plats=plats))
        return None
    if kept:
        work.lapp.set_value(kept[0], kept[1][0], kept[1][1], text)
    return blad, row, col


def _put_at(work: _Arbete, blad: Kalkylblad, row: int, col: int, value: Cellvarde) -> None:
    if blad.cell(row, col).formel is not None:
        plats = f"{blad.namn}!{cell_name(row, col)}"
        work.varningar.append(EGEN_FORMEL.format(plats=plats))
    else:
        work.lapp.set_value(blad, row, col, value)


def _summary(work: _Arbete) -> Kalkylblad | None:
    blad = beskrivning.SAMMANFATTNING
    return work.bok.find_blad(blad.kodnamn, blad.namn)


def _grid(blad: Kalkylblad) -> Iterator[tuple[int, str]]:
    """Yield the rows of the summary's verksamheter with their names, the header's first."""
    heads = [
        place
        for place in sorted(blad.celler)
        if blad.cell(*place).varde == "Verksamhet" and blad.cell(*place).formel is None
    ]
    if not heads:
        return
    row, col = heads[0]
    yield row, ""
    # A saved value may be missing or empty; the formula is what makes it a row of the grid.
    while (cell := blad.cell(row + 1, col)).formel is not None:
        row += 1
        yield row, cell.text


def _write_grid_year(work: _Arbete) -> None:
    """Write the year in the header of the summary's verksamheter."""
    blad = _summary(work)
    rows = list(_grid(blad)) if blad else []
    if blad is None or not rows:
        return
    head = rows[0][0]
    for row, col in [p for p in sorted(blad.celler) if p[0] == head]:
        if _AVVIKELSERUBRIK.fullmatch(blad.cell(row, col).text):
            _put_at(work, blad, row, col, f"Avvikelse {work.underlag.year} (%)")


def _write_regler(work: _Arbete) -> None:
    """Bring what the formulas look up (sheet Listor) in line with the rules used here."""
    place = work.bok.namn.get(formler.REGLER.lower())
    if place is None:
        return
    blad, (_, col, last, last_col) = place
    width = last_col - col + 1
    had: dict[str, int] = {}
    for nr, regel in read_regler(work.bok):
        had.setdefault(regel.id, nr)

    def put(nr: int, regel: Regelrad) -> None:
        for i, value in enumerate(list_regel(regel)[:width]):
            work.lapp.set_value(blad, nr, col + i, value)

    end = last
    for regel in work.val.regler.values():
        if regel.id in had:
            put(had[regel.id], regel)
        else:
            end += 1
            put(end, regel)
    if end > last:
        for name in (formler.REGLER, formler.REGLER_ID, formler.REGLER_VERKSAMHET):
            area = work.bok.namn.get(name.lower())
            if area is not None:
                _, (r1, c1, _, c2) = area
                sheet = blad.namn.replace("'", "''")
                first, to = (cell_name(1, c)[:-1] for c in (c1, c2))
                work.lapp.set_namn(name, f"'{sheet}'!${first}${r1}:${to}${end}")
                work.bok.namn[name.lower()] = (blad, (r1, c1, end, c2))


# ---- the values of our formulas --------------------------------------------------------------


def _cache_tabeller(work: _Arbete) -> None:
    """Reckon our formulas in the tables, and take note of every row as it now stands."""
    rules, tolerances = work.val.regler, work.found.installningar.toleranser
    for name in (*JAMFORELSER, *OVER_TID, "Referenskostnad"):
        place = work.found.tabeller[name]
        formulas = _formulas(place)
        stale = _stale_inputs(work, place, formulas)
        rows = work.rader.setdefault(name, [])
        for nr in place.excel.datarader:
            row = _read_row(place, nr, formulas, stale)
            if name in JAMFORELSER:
                answer = compute_jamforelse(row, rules, tolerances)
            elif name in OVER_TID:
                answer = compute_tidsserie(row, rules, tolerances)
            else:
                answer = compute_referens(row, work.rader[Kategori.KVALITET.value], rules)
            _cache_row(work, place, nr, row, answer, formulas)
            rows.append(row)


def _formulas(place: Tabellplats) -> dict[str, str]:
    """Return our formulas of a table, with the headers it has now."""
    headers = {k.nyckel: k.rubrik for k in place.tabell.kolumner} | place.rubriker
    references = {k: formler.this_row(place.excel.namn, h) for k, h in headers.items()}
    return {
        k.nyckel: k.formel.format(**references).removeprefix("=")
        for k in place.tabell.kolumner
        if k.formel and k.nyckel in place.kolumner
    }


def _stale_inputs(
    work: _Arbete, place: Tabellplats, formulas: Mapping[str, str]
) -> set[tuple[int, int]]:
    """Return the cells in our columns where a person's formula has no value to go by."""
    own: list[Plats] = []
    for key, col in place.kolumner.items():
        for nr in place.excel.datarader:
            cell = place.blad.cell(nr, col)
            if cell.formel is not None and cell.formel != formulas.get(key):
                own.append((place.blad, nr, col))
    changed = set(work.lapp.andrade)
    stale = {(nr, col) for _, nr, col in find_dependent(work.bok, changed, own)}
    return stale | {(nr, col) for b, nr, col in own if b.cell(nr, col).varde is None}


def _read_row(
    place: Tabellplats, nr: int, formulas: Mapping[str, str], stale: set[tuple[int, int]]
) -> dict[str, Raknat]:
    row: dict[str, Raknat] = {}
    for key, col in place.kolumner.items():
        cell = place.blad.cell(nr, col)
        row[key] = UTAN_SVAR if (nr, col) in stale else cell.varde
    return row


#: The columns that formulas outside the tables count and sum.
_RAKNAS = (
    *("id", "varde", "anmarkning", "bedomning", "utveckling"),
    *("verksamhet", "mkr", "inom", "battre", "uppfyller"),
)
#: Which reckoned column another one of ours is reckoned from.
_BYGGER_PA = {"bedomning": "skillnad", "utveckling": "forandring"}


def _cache_row(
    work: _Arbete,
    place: Tabellplats,
    nr: int,
    row: dict[str, Raknat],
    answer: dict[str, Raknat],
    formulas: Mapping[str, str],
) -> None:
    """Put the reckoned values beside our formulas; a person's own in their place are left."""
    for key in (k.nyckel for k in place.tabell.kolumner if k.nyckel in formulas):
        col = place.kolumner[key]
        if place.blad.cell(nr, col).formel != formulas[key]:
            for other, base in _BYGGER_PA.items():
                if base == key:  # what we would have reckoned no longer says what it gives
                    answer[other] = UTAN_SVAR
            if key in ("inom", "battre"):
                answer["uppfyller"] = UTAN_SVAR
            continue
        value = answer.get(key)
        row[key] = value
        spot = (place.blad.namn, nr, col)
        work.vara_formler.add(spot)
        if isinstance(value, UtanSvar):
            work.okanda.add(spot)
        else:
            work.lapp.set_cached(place.blad, nr, col, value)


def _cache_ovriga(work: _Arbete) -> None:
    """Take over the values of our formulas outside the tables from a new workbook's equal ones."""
    memory = BytesIO()
    write_bok(_mirror(work), memory)
    new = Arbetsbok(Paket.from_bytes(memory.getvalue(), Path("ny.xlsx")), Path("ny.xlsx"))
    for blad in beskrivning.BLAD:
        source = new.find_blad(blad.kodnamn, blad.namn)
        target = work.bok.find_blad(blad.kodnamn, blad.namn)
        if source is None or target is None:
            continue
        values: dict[tuple[str, str], set[Cellvarde]] = {}
        for row, col in source.formler():
            cell = source.cell(row, col)
            for label in (source.cell(row, 1).text, ""):
                values.setdefault((cell.relativ, label), set()).add(cell.varde)
        for row, col in target.formler():
            if (target.namn, row, col) in work.vara_formler:
                continue
            cell = target.cell(row, col)
            for label in (target.cell(row, 1).text, ""):
                found = values.get((cell.relativ, label), set())
                if len(found) == 1:
                    work.vara_formler.add((target.namn, row, col))
                    if _is_uncertain(work, blad.namn, cell.formel or ""):
                        work.okanda.add((target.namn, row, col))
                    else:
                        work.lapp.set_cached(target, row, col, next(iter(found)))
                    break


def _is_uncertain(work: _Arbete, blad: str, formel: str) -> bool:
    """Tell whether a formula counts rows whose values only Excel can reckon."""
    tables = {
        n
        for n, rows in work.rader.items()
        if any(r.get(key) is UTAN_SVAR for r in rows for key in _RAKNAS)
    }
    if not tables:
        return False
    summary = blad == beskrivning.SAMMANFATTNING.namn and "Referenskostnad" in tables
    return summary or any(f"{t}[" in formel for t in tables) or blad == "Referenskostnad"


def _mirror(work: _Arbete) -> Bokplan:
    """Return the plan of a new workbook with the rows, texts and settings of this one."""
    tables = dict(work.plan.tabeller)
    for name, rows in work.rader.items():
        keys = [k.nyckel for k in tables[name].tabell.kolumner]
        full: list[Rad] = [{k: _known(r.get(k)) for k in keys} for r in rows]
        tables[name] = replace(tables[name], rader=full, decimaler=())
    measures: dict[str, Sequence[Rad]] = {}
    for blad in (*beskrivning.UPPFOLJNINGSBLAD, *beskrivning.FORFLYTTNINGSBLAD):
        for tabell in blad.tabeller:
            place = work.found.tabeller.get(tabell.namn)
            texts: list[Rad] = []
            if place is not None:
                texts = [
                    {k: place.cell(nr, k).text or None for k in place.kolumner}
                    for nr in place.excel.datarader
                ]
            measures[tabell.namn] = texts
            tables[tabell.namn] = replace(tables[tabell.namn], rader=texts)
    settings = work.found.installningar.alla
    return replace(
        work.plan,
        namnd=settings["Namnd"].text,
        installningar={n: c.text or None for n, c in settings.items()},
        tabeller=tables,
        regler=(),
        lagen=_mirror_lagen(work, tables["Referenskostnad"].rader),
        antal={
            k: {b: sum(r.get("bedomning") == b for r in tables[k.value].rader) for b in Bedomning}
            for k in Kategori
        },
        indexkrav=read_indexkrav(work.bok),
        slutsatser=(),
        analys=(),
        fritext=Fritext(
            _text_at(work.bok, beskrivning.ANALYSTEXT),
            _text_at(work.bok, beskrivning.UPPFOLJNINGSTEXT),
            measures,
        ),
    )


def _known(value: Raknat) -> Cellvarde:
    return None if isinstance(value, UtanSvar) else value


def _mirror_lagen(work: _Arbete, rader: Sequence[Rad]) -> list[Verksamhetslage]:
    """Return the summary's verksamheter, with what their formulas find in the reference cost."""
    blad = _summary(work)
    places = list(_grid(blad))[1:] if blad else []
    answer = []
    for i, _ in enumerate(places):
        row = rader[i] if i < len(rader) else {}
        percent, mkr, own, similar = (
            v if isinstance(v := row.get(k), float | int) else None
            for k in ("procent", "mkr", "index", "index_liknande")
        )
        difference = own - similar if own is not None and similar is not None else None
        words = [str(row.get(k) or "") for k in ("verksamhet", "inom", "battre", "uppfyller")]
        answer.append(Verksamhetslage(words[0], percent, mkr, difference, *words[1:]))
    return answer


def _text_at(bok: Arbetsbok, namn: str) -> str:
    cell = bok.read_namn(namn)
    return cell.text if cell is not None else ""


# ---- what only Excel can reckon --------------------------------------------------------------


def _drop_stale(work: _Arbete) -> None:
    """Take the saved values from formulas that may be wrong now, and have Excel reckon them."""
    others = [
        (blad, row, col)
        for blad in work.bok.blad
        for row, col in blad.formler()
        if (blad.namn, row, col) not in work.vara_formler
    ]
    changed = set(work.lapp.andrade)
    stale: Iterable[Plats] = [
        *find_dependent(work.bok, changed, others),
        *((b, r, c) for b in work.bok.blad for n, r, c in work.okanda if n == b.namn),
    ]
    sheets = [place[0].namn for place in stale if work.lapp.drop_cached(*place)]
    if sheets:
        work.lapp.require_recalculation()
        names = join_och(sorted(set(sheets)))
        work.varningar.append(EGNA_FORMLER.format(blad=names))


def check_skrivet(lappning: Lappning, fil: Path) -> str | None:
    """Read a written file again; return what is not as it should be, None if all is."""
    again = Arbetsbok(Paket.open(fil), fil)
    sheets = {b.namn: b for b in again.blad}
    for (namn, row, col), wanted in lappning.skrivna.items():
        found = sheets[namn].cell(row, col).varde
        same = (found or None) == (wanted or None)
        if isinstance(found, float) and isinstance(wanted, float):
            same = f"{found:.15g}" == f"{wanted:.15g}"
        if not same:
            return f"{namn}!{cell_name(row, col)}"
    return None
