"""Puts beside the formulas of a changed workbook file the values that they now give.

Those of the tables are reckoned row by row (`omrakning`), those elsewhere by making a new workbook
of the same rows and taking over the values of equal formulas.

A person's own formula that could depend on what has changed loses its saved value, since only
Excel can reckon it; the workbook is then marked to be recalculated when it is opened.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from genomlysning.bok import beskrivning
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beroenden import Plats, find_dependent
from genomlysning.bok.beskrivning import JAMFORELSER, NYCKELTALSTABELLER, OVER_TID
from genomlysning.bok.cellvarde import Cellvarde, is_same
from genomlysning.bok.formelmening import (
    Sammanhang,
    describe_mening,
    list_egna,
    list_tabeller,
    rename_tabeller,
)
from genomlysning.bok.kvadrant import Verksamhetslage
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad
from genomlysning.bok.listor import read_indexkrav
from genomlysning.bok.modell import read_namn
from genomlysning.bok.omrakning import (
    UTAN_SVAR,
    Raknat,
    Regler,
    UtanSvar,
    compute_jamforelse,
    compute_referens,
    compute_tidsserie,
    read_tal,
)
from genomlysning.bok.paket import Paket
from genomlysning.bok.plan import Bokplan, Fritext, Rad
from genomlysning.bok.rutnat import find_rutnat
from genomlysning.bok.skriv import write_bok
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.bok.tabellrader import compose_formler
from genomlysning.fel import Meddelande
from genomlysning.ord import Kategori
from genomlysning.regler.bedomning import Bedomning
from genomlysning.svenska import join_och

EGNA_FORMLER = Meddelande(
    "egna-formler-raknas-om",
    "Egna formler kan ha fått nya värden ({blad}).",
    "De räknas om när filen öppnas i Excel och är tomma i en förhandsvisning tills den har sparats "
    "därifrån.",
)


@dataclass(slots=True)
class _Arbete:
    """One update under way. `rader` are the tables' rows as they now stand, people's own too.

    `omdopta` are the names that people have given our tables, in lower case, and ours.
    """

    bok: Arbetsbok
    found: Befintlig
    plan: Bokplan
    regler: Regler
    lapp: Lappning
    varningar: list[str]
    omdopta: Mapping[str, str]
    rader: dict[str, list[dict[str, Raknat]]] = field(default_factory=dict)
    vara_formler: set[tuple[str, int, int]] = field(default_factory=set)
    okanda: set[tuple[str, int, int]] = field(default_factory=set)

    def blad(self, place: Tabellplats) -> Kalkylblad:
        """Return the sheet that a table stands on."""
        return self.bok.tabeller[place.tabell.namn.lower()].blad


def cache_formler(
    bok: Arbetsbok,
    found: Befintlig,
    plan: Bokplan,
    regler: Regler,
    lapp: Lappning,
    varningar: list[str],
) -> None:
    """Put beside our formulas what they now give; have Excel reckon those that only it can.

    `plan` has the headers that the tables now have.
    """
    work = _Arbete(bok, found, plan, regler, lapp, varningar, found.omdopta)
    _cache_tabeller(work)
    _cache_ovriga(work)
    _drop_stale(work)


def _cache_tabeller(work: _Arbete) -> None:
    """Reckon our formulas in the tables, and take note of every row as it now stands."""
    rules, tolerances = work.regler, work.found.installningar.toleranser
    for name in (*NYCKELTALSTABELLER, "Referenskostnad"):
        place = work.found.tabeller[name]
        formulas = compose_formler(place)
        stale = _stale_inputs(work, place, formulas)
        rows = work.rader.setdefault(name, [])
        for nr in place.excel.datarader:
            row = _read_row(place, nr, formulas, stale)
            if name in JAMFORELSER:
                answer = compute_jamforelse(row, rules, tolerances)
            elif name in OVER_TID:
                answer = compute_tidsserie(row, rules, tolerances)
            else:
                answer = compute_referens(
                    row, work.rader[Kategori.KVALITET.value], rules, tolerances
                )
            _cache_row(work, place, nr, row, answer, formulas)
            rows.append(row)


def _stale_inputs(
    work: _Arbete, place: Tabellplats, formulas: Mapping[str, str]
) -> set[tuple[int, int]]:
    """Return the cells in our columns where a person's formula has no value to go by."""
    own: list[Plats] = []
    blad = work.blad(place)
    for key, col in place.kolumner.items():
        for nr in place.excel.datarader:
            cell = blad.cell(nr, col)
            if cell.formel is not None and not _is_var(work, place, nr, col, formulas.get(key)):
                own.append((blad, nr, col))
    changed = set(work.lapp.andrade)
    stale = {(nr, col) for _, nr, col in find_dependent(work.bok, changed, own)}
    return stale | {(nr, col) for b, nr, col in own if b.cell(nr, col).varde is None}


def _is_var(work: _Arbete, place: Tabellplats, nr: int, col: int, formel: str | None) -> bool:
    """Tell whether a cell of a table has this formula of ours, whoever has saved it."""
    there = place.blad.cell(nr, col).formel
    if there is None or formel is None:
        return False
    if there == formel:  # as we spell it
        return True
    context = Sammanhang(place.blad.namn, nr, col, place.tabell.namn)
    one, other = (rename_tabeller(f, work.omdopta) for f in (there, formel))
    return describe_mening(one, context) == describe_mening(other, context)


def _read_row(
    place: Tabellplats, nr: int, formulas: Mapping[str, str], stale: set[tuple[int, int]]
) -> dict[str, Raknat]:
    row: dict[str, Raknat] = {}
    for key, col in place.kolumner.items():
        cell = place.blad.cell(nr, col)
        row[key] = UTAN_SVAR if (nr, col) in stale else cell.varde
    return row


#: So many cells of its own sheet does a formula of ours refer to at most.
_MEST_CELLER = 1000
#: The columns that formulas outside the tables count and sum.
_RAKNAS = (
    *("id", "varde", "anmarkning", "bedomning", "utveckling"),
    *("verksamhet", "mkr", "inom", "battre", "uppfyller"),
)
#: The reckoned column that is reckoned from another one of ours.
_FOLJER_AV = {
    "skillnad": "bedomning",
    "forandring": "utveckling",
    "inom": "uppfyller",
    "battre": "uppfyller",
}


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
        if not _is_var(work, place, nr, col, formulas[key]):
            if key in _FOLJER_AV:  # what we would have reckoned no longer says what it gives
                answer[_FOLJER_AV[key]] = UTAN_SVAR
            continue
        value = answer.get(key)
        row[key] = value
        spot = (place.blad.namn, nr, col)
        work.vara_formler.add(spot)
        if isinstance(value, UtanSvar):
            work.okanda.add(spot)
        else:
            work.lapp.set_cached(work.blad(place), nr, col, value)


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
        known: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for row, col in source.formler():
            for label in (source.cell(row, 1).text, ""):
                key = (describe_mening(*_formel(source, row, col)), label)
                known.setdefault(key, []).append((row, col))
        for row, col in target.formler():
            if (target.namn, row, col) in work.vara_formler:
                continue
            for label in (target.cell(row, 1).text, ""):
                formel, context = _formel(target, row, col, work.omdopta)
                alike = [
                    place
                    for place in known.get((describe_mening(formel, context), label), ())
                    if _refer_alike(work, source, place, target, (row, col))
                ]
                found = {source.cell(*place).varde for place in alike}
                if len(found) == 1:
                    work.vara_formler.add((target.namn, row, col))
                    if _is_uncertain(work, blad.namn, formel):
                        work.okanda.add((target.namn, row, col))
                    else:
                        work.lapp.set_cached(target, row, col, next(iter(found)))
                    break


def _formel(
    blad: Kalkylblad, row: int, col: int, omdopta: Mapping[str, str] | None = None
) -> tuple[str, Sammanhang]:
    """Return a cell's formula and where it stands, tables under the names that we gave them."""
    formel = rename_tabeller(blad.cell(row, col).formel or "", omdopta or {})
    return formel, Sammanhang(blad.namn, row, col)


def _refer_alike(
    work: _Arbete,
    source: Kalkylblad,
    one: tuple[int, int],
    target: Kalkylblad,
    other: tuple[int, int],
) -> bool:
    """Tell whether equal formulas on two sheets refer to cells of their own that are alike.

    A copy of ours in another place says the same of other cells.
    """
    areas = (list(list_egna(*_formel(b, *p))) for b, p in ((source, one), (target, other)))
    for (first, left, last, right), (row, col, _, _) in zip(*areas, strict=True):
        if not first or not left or (last - first + 1) * (right - left + 1) > _MEST_CELLER:
            return False
        for r in range(last - first + 1):
            for c in range(right - left + 1):
                ours, there = source.cell(first + r, left + c), target.cell(row + r, col + c)
                if ours.formel is None and there.formel is None:
                    if not is_same(ours.varde, there.varde):
                        return False
                elif describe_mening(*_formel(source, first + r, left + c)) != describe_mening(
                    *_formel(target, row + r, col + c, work.omdopta)
                ):
                    return False
    return True


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
    named = list_tabeller(formel)
    return summary or any(t.lower() in named for t in tables) or blad == "Referenskostnad"


def _mirror(work: _Arbete) -> Bokplan:
    """Return the plan of a new workbook with the rows, texts and settings of this one."""
    tables = dict(work.plan.tabeller)
    for name, rows in work.rader.items():
        keys = [k.nyckel for k in tables[name].tabell.kolumner]
        full: list[Rad] = [{k: _known(r.get(k)) for k in keys} for r in rows]
        tables[name] = tables[name]._replace(rader=full, decimaler=())
    measures: dict[str, Sequence[Rad]] = {}
    for blad in (*beskrivning.UPPFOLJNINGSBLAD, *beskrivning.FORFLYTTNINGSBLAD):
        for tabell in blad.tabeller:
            place = work.found.tabeller.get(tabell.namn)
            texts: list[Rad] = []
            headers = dict(tables[tabell.namn].rubriker)
            if place is not None:
                texts = [
                    {k: place.cell(nr, k).text or None for k in place.kolumner}
                    for nr in place.excel.datarader
                ]
                headers |= place.rubriker
            measures[tabell.namn] = texts
            tables[tabell.namn] = tables[tabell.namn]._replace(rader=texts, rubriker=headers)
    # As they now stand: those that nobody had filled in may just have been.
    settings = {n: _text_at(work.bok, n) or None for n in work.found.installningar.alla}
    return work.plan._replace(
        namnd=settings["Namnd"] or "",
        installningar=settings,
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
            _text_at(work.bok, beskrivning.FORFLYTTNINGSTEXT),
            measures,
        ),
    )


def _known(value: Raknat) -> Cellvarde:
    return None if isinstance(value, UtanSvar) else value


def _mirror_lagen(work: _Arbete, rader: Sequence[Rad]) -> list[Verksamhetslage]:
    """Return the summary's verksamheter, with what their formulas find in the reference cost."""
    grid = find_rutnat(work.bok)
    rows = grid[2] - grid[1] if grid else 0
    answer = []
    for i in range(rows):
        row = rader[i] if i < len(rader) else {}
        percent, mkr, own, similar = (
            read_tal(row, k) for k in ("procent", "mkr", "index", "index_liknande")
        )
        difference = own - similar if own is not None and similar is not None else None
        words = [str(row.get(k) or "") for k in ("verksamhet", "inom", "battre", "uppfyller")]
        answer.append(Verksamhetslage(words[0], percent, mkr, difference, *words[1:]))
    return answer


def _text_at(bok: Arbetsbok, namn: str) -> str:
    cell = read_namn(bok, namn)
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
