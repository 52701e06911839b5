"""Writes the change of year (`arsskifte`) in a workbook's package.

Only the cells that the plan names are touched, so that all that people have made is as it was.
"""

from datetime import datetime
from math import ceil

from genomlysning.bok import beskrivning, formler
from genomlysning.bok.arsskifte import Arsskifte, NyRad
from genomlysning.bok.befintlig import SKYDDAT_BLAD, TABELL_SAKNAS, Befintlig
from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    ANALYSUNDERLAG,
    FORFLYTTNINGSBLAD,
    FORFLYTTNINGSTEXT,
    STODBREDD,
    TEXTRADHOJD,
    UPPFOLJNINGSBLAD,
    UPPFOLJNINGSTEXT,
    fill_rubrik,
)
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formelvarden import cache_formler
from genomlysning.bok.ifyllnad import write_beloppssummor, write_rubriker
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.listor import read_regler
from genomlysning.bok.modell import cell_name, refer
from genomlysning.bok.plan import Bokplan, plan_tom_bok
from genomlysning.bok.radhojd import TOM_RADHOJD, count_lines, text_height
from genomlysning.bok.radpassning import fit_rader
from genomlysning.bok.rutnat import write_rutnat
from genomlysning.bok.tabellblad import measure_huvud
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.bok.tabellrader import Skrivarbete
from genomlysning.bok.textruta import shrink_ruta
from genomlysning.bok.utkast import write_utkast
from genomlysning.fel import FilFel
from genomlysning.svenska import uppraknat

HANDELSE = "Nytt år"
#: What stands over last year's texts, and the least rows of the area they get.
_FORRA_RUBRIKER = {
    ANALYSTEXT: "Förra analysen ({period}), att läsa",
    FORFLYTTNINGSTEXT: "Förra skälen till förflyttningarna ({period}), att läsa",
    UPPFOLJNINGSTEXT: "Förra uppföljningen ({period}), att läsa",
}
_MINST_RADER = 3


def write_arsskifte(
    bok: Arbetsbok, found: Befintlig, plan: Arsskifte, lapp: Lappning, nu: datetime
) -> list[str]:
    """Change the workbook in memory to next year's; return what to tell.

    Raises FilFel where something has no room or a sheet is protected.
    """
    for cell in plan.celler:
        if cell.blad.skyddat:
            raise FilFel(SKYDDAT_BLAD, blad=cell.blad.namn, cell=cell_name(cell.row, cell.col))
    for cell in plan.celler:
        lapp.set_value(*cell)
    work = Skrivarbete(found=found, skrivare=lapp, varningar=list(plan.varningar))
    _write_nya(bok, work, plan, lapp)
    write_rubriker(found, lapp, plan.kommun, plan.year)
    write_rutnat(work, plan.year, ())
    for blad in bok.blad:
        lapp.replace_sidhuvud(blad, f"genomlysning {plan.fore}", f"genomlysning {plan.period}")
    write_utkast(bok, (), (), lapp, work.varningar)
    work.varningar += write_beloppssummor(found, lapp, nu.date())
    _fit_summarader(bok, lapp)
    fit_rader(found, lapp, found.tabeller)
    for name, text in plan.forra_texter.items():
        _write_forra(bok, lapp, name, text, plan.fore)
    shrink_ruta(bok, lapp, plan.forra_texter.get(ANALYSTEXT, ""))
    _write_logg(work, plan, nu)
    rules = read_regler(bok)
    cache_formler(bok, found, _plan_tomt(bok, plan, nu), rules, lapp, work.varningar)
    lapp.finish()
    return list(dict.fromkeys(work.varningar))


# ---- measures --------------------------------------------------------------------------------


def _write_nya(bok: Arbetsbok, work: Skrivarbete, plan: Arsskifte, lapp: Lappning) -> None:
    """Write the new rows, in empty ones where no note belongs to another measure."""
    tables = work.found.tabeller
    for name, rows in plan.tomda.items():
        blad = bok.tabeller[name.lower()].blad
        work.reserve(tables[name], bok.list_notrader(blad).intersection(rows))
        for nr in rows:
            lapp.show_rows(blad, nr, nr)  # a filter may have hidden what was there
            lapp.set_height(blad, nr, TOM_RADHOJD)
    for new in plan.nya:
        place = tables.get(new.tabell)
        if place is None:
            blad_namn = next(b.namn for b in UPPFOLJNINGSBLAD if b.tabeller[0].namn == new.tabell)
            raise FilFel(TABELL_SAKNAS, fil=bok.fil, tabell=new.tabell, blad=blad_namn, cell="A6")
        if place.blad.skyddat:
            raise FilFel(SKYDDAT_BLAD, blad=place.blad.namn, cell="A7")
        nr = work.take_row(place)
        lapp.show_rows(place.blad, nr, nr)  # a filter may have hidden it
        values = _fit_kolumner(place, new)
        for key, value in values.items():
            work.put(place, nr, key, value)


def _fit_kolumner(place: Tabellplats, new: NyRad) -> dict[str, Cellvarde]:
    """Return a row's values; those of columns that are gone stand as words in another."""
    values: dict[str, Cellvarde] = {
        k: v for k, v in new.varden.items() if v and k in place.kolumner
    }
    room = next((k for k in ("ursprung", "beskrivning", "atgard") if k in place.kolumner), None)
    headers = {k.nyckel: k.rubrik for k in place.tabell.kolumner}
    gone = [f"{headers[k]}: {v}" for k, v in new.varden.items() if v and k not in values]
    if room and gone:
        values[room] = "\n".join([str(values.get(room) or ""), *gone]).strip()
    return values


def _fit_summarader(bok: Arbetsbok, lapp: Lappning) -> None:
    """Give the lines that sum amounts room; they are low as long as they have nothing to say."""
    for blad in (*UPPFOLJNINGSBLAD, *FORFLYTTNINGSBLAD):
        (tabell,) = blad.tabeller
        place = bok.namn.get(beskrivning.beloppsnamn(tabell.namn).lower())
        if place is None or not (text := place[0].cell(*place[1][:2]).text):
            continue
        width = measure_huvud(tabell.kolumner)[1]
        lapp.grow_height(place[0], place[1][0], 13.5 * count_lines(text, width) + 4)


# ---- texts and log ---------------------------------------------------------------------------


def _write_forra(bok: Arbetsbok, lapp: Lappning, namn: str, text: str, period: str) -> None:
    """Let last year's text stand beside this year's, below what else the column has.

    It takes the place of the one that was there before.
    """
    blad, (row, col, _, _) = bok.namn[namn.lower()]
    own_name = beskrivning.FORRA_TEXTER[namn]
    if before := bok.namn.get(own_name.lower()):
        old, (r, c, _, _) = before
        lapp.unmerge(old, r, c)
        for nr in (r - 1, r):
            lapp.set_value(old, nr, c, None)
    if not text:
        return
    col += 2
    used = [
        r
        for (r, c) in blad.celler
        if c == col and ((cell := blad.cell(r, c)).formel or cell.varde not in (None, ""))
    ]
    joined = [a[2] for a in bok.list_sammanfogat(blad) if a[1] <= col <= a[3]]
    first = max([row, *used, *joined]) + 2
    height = text_height(text, STODBREDD)
    rows = max(_MINST_RADER, ceil(height / TEXTRADHOJD))
    lapp.set_value(blad, first, col, _FORRA_RUBRIKER[namn].format(period=period))
    lapp.set_style(blad, first, col, (blad, row - 1, col - 2))
    lapp.set_value(blad, first + 1, col, text)
    if like := bok.namn.get(ANALYSUNDERLAG.lower()):
        lapp.set_style(blad, first + 1, col, (like[0], *like[1][:2]))
    lapp.merge(blad, (first + 1, col, first + rows, col))
    lapp.add_namn(own_name, refer(blad, (first + 1, col, first + 1, col)))


def _write_logg(work: Skrivarbete, plan: Arsskifte, nu: datetime) -> None:
    place = work.found.tabeller["Logg"]
    counts = (
        (len(plan.nya), "förflyttning följs nu upp", "förflyttningar följs nu upp"),
        (len(plan.kvar), "åtgärd är kvar", "åtgärder är kvar"),
        (len(plan.avslutade), "avslutad åtgärd är borta", "avslutade åtgärder är borta"),
    )
    done = [f"Dataår {plan.year - 1} → {plan.year}", *(uppraknat(*c) for c in counts if c[0])]
    decided = [f"Den förra genomlysningen: {plan.beslut}."] if plan.beslut else []
    values: dict[str, Cellvarde] = {
        "tid": nu,
        "handelse": HANDELSE,
        "kommun": plan.kommun,
        "year": plan.year,
        "andrade": "; ".join(done),
        "meddelande": " ".join([*decided, *work.varningar]),
    }
    nr = work.append_row(place)
    for key, value in values.items():
        work.put(place, nr, key, value)


def _plan_tomt(bok: Arbetsbok, plan: Arsskifte, nu: datetime) -> Bokplan:
    """Return the plan of a workbook without values, with the headers that this one now has."""
    empty = plan_tom_bok(nu)
    tables = {
        name: t._replace(
            rubriker={
                k.nyckel: fill_rubrik(k.rubrik, plan.kommun, plan.year) for k in t.tabell.kolumner
            },
            rader=(),
        )
        for name, t in empty.tabeller.items()
    }
    twice: list[str] = []
    if place := bok.namn.get(formler.SUMMA_UTAN.lower()):
        blad, (first, col, last, _) = place
        twice = [t for nr in range(first, last + 1) if (t := blad.cell(nr, col).text)]
    return empty._replace(kommun=plan.kommun, year=plan.year, tabeller=tables, utanfor_summan=twice)
