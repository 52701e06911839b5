"""Sheets that are one table, and the reference-cost sheet with its two."""

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from genomlysning.bok import formler
from genomlysning.bok.beskrivning import (
    REFERENSKOSTNAD,
    REFERENSKOSTNAD_OVER_TID,
    Kolumn,
    beloppsnamn,
)
from genomlysning.bok.bladverk import KALLRAD, TABELLRAD, Bladverk
from genomlysning.bok.plan import Bokplan, Tabellinnehall
from genomlysning.bok.programtexter import (
    SUMMA_NETTO,
    SUMMA_OVER,
    SUMMA_UNDER,
    SUMMANOT,
    SUMMARUBRIK,
    UTAN_BELOPP,
)
from genomlysning.bok.utseende import talformat_tecken
from genomlysning.regler.referenskostnad import Summapost, sum_avvikelser

#: The heading's merged texts are kept to a readable line.
_LASBAR_BREDD = 130
#: Rows that the sums take, with their heading and their note.
_SUMMARADER = 6


def write_tabellblad(verk: Bladverk) -> None:
    """Write a sheet whose whole content is one table."""
    (tabell,) = verk.blad.tabeller
    # Above the table, where rows that people add are not in its way.
    measures = any(k.nyckel == "belopp" for k in tabell.kolumner)
    _write_ram(verk, tabell.kolumner, verk.plan.beloppssumma(tabell.namn) if measures else "")
    if measures:
        cell = xl_rowcol_to_cell(KALLRAD, 0, row_abs=True, col_abs=True)
        verk.bok.define_name(beloppsnamn(tabell.namn), f"='{verk.blad.namn}'!{cell}")
    verk.write_tabell(verk.plan.tabeller[tabell.namn])


def write_referenskostnad(verk: Bladverk) -> None:
    """Write cost against reference cost, the committee's sums, and the deviation over the years."""
    _write_ram(verk, REFERENSKOSTNAD.kolumner)
    row = verk.write_tabell(verk.plan.tabeller[REFERENSKOSTNAD.namn])
    _hide_lediga(verk, TABELLRAD, verk.plan.tabeller[REFERENSKOSTNAD.namn])
    _write_summor(verk, row + 1)
    row = find_tidsrad(verk.plan)
    verk.mellanrubrik(row - 1, 0, REFERENSKOSTNAD_OVER_TID.rubrik)
    verk.write_tabell(verk.plan.tabeller[REFERENSKOSTNAD_OVER_TID.namn], row)
    _hide_lediga(verk, row, verk.plan.tabeller[REFERENSKOSTNAD_OVER_TID.namn])


def _hide_lediga(verk: Bladverk, header: int, innehall: Tabellinnehall) -> None:
    """Hide the rows that are kept for verksamheter to come, all but the first."""
    for i, values in enumerate(innehall.rader):
        if i and not values:
            verk.sheet.set_row(header + 1 + i, None, None, {"hidden": True})


def find_tidsrad(plan: Bokplan) -> int:
    """Return the header row of the table over the years, which charts point at."""
    rows = max(len(plan.tabeller[REFERENSKOSTNAD.namn].rader), 1)
    return TABELLRAD + 1 + rows + 1 + _SUMMARADER + 2


def measure_huvud(kolumner: Sequence[Kolumn]) -> tuple[int, float]:
    """Return the last column (from 0) under the heading's texts, and their width in characters."""
    last, width = 0, kolumner[0].bredd
    while last + 1 < len(kolumner) and width + kolumner[last + 1].bredd <= _LASBAR_BREDD:
        last += 1
        width += kolumner[last].bredd
    return last, width


def _write_ram(verk: Bladverk, kolumner: tuple[Kolumn, ...], kalla: str = "") -> None:
    """Write heading and page set-up; a wide table is printed on two pages, first column on both."""
    verk.set_column_widths([k.bredd for k in kolumner])
    last, width = measure_huvud(kolumner)
    verk.write_huvud(width, last, kalla)
    pages = [kolumner]
    if verk.blad.sidbrytning_efter:
        split = 1 + next(
            i for i, k in enumerate(kolumner) if k.nyckel == verk.blad.sidbrytning_efter
        )
        verk.sheet.set_v_pagebreaks([split])
        verk.sheet.repeat_columns(0, 0)
        pages = [kolumner[:split], (kolumner[0], *kolumner[split:])]
    widest = max(pages, key=lambda page: sum(k.bredd for k in page))
    verk.set_page([k.bredd for k in widest], repetera=(TABELLRAD, TABELLRAD))
    verk.sheet.freeze_panes(TABELLRAD + 1, 1)


def _write_summor(verk: Bladverk, row: int) -> None:
    """Write the sums above and below reference cost, as formulas."""
    column = formler.column(REFERENSKOSTNAD.namn, "Nettokostnadsavvikelse (Mkr)")
    names = formler.column(REFERENSKOSTNAD.namn, "Verksamhet")
    rows = [
        r
        for r in verk.plan.tabeller[REFERENSKOSTNAD.namn].rader
        if r.get("verksamhet") and r["verksamhet"] not in verk.plan.utanfor_summan
    ]
    summa = sum_avvikelser(
        Summapost(str(r["verksamhet"]), v if isinstance(v := r.get("mkr"), float | int) else None)
        for r in rows
    )
    number = verk.format.cell(num_format=talformat_tecken(1), bold=True)
    label = verk.format.cell()
    verk.mellanrubrik(row, 0, SUMMARUBRIK)

    values: tuple[float | str, ...] = (summa.over, summa.under, summa.netto)
    for text, formula, value in zip(
        (SUMMA_OVER, SUMMA_UNDER, SUMMA_NETTO),
        formler.compose_summor(column, names, row + 2),
        values if summa.finns else ("", "", ""),
        strict=True,
    ):
        row += 1
        verk.write(row, 0, text, label)
        verk.write_formula(row, 1, formula, value, number)
    row += 1
    verk.write(row, 0, UTAN_BELOPP, label)
    counted = f'({names}<>"")*(COUNTIF({formler.SUMMA_UTAN},{names})=0)'
    blanks = f"=SUMPRODUCT({counted}*(1-ISNUMBER({column})))"
    verk.write_formula(row, 1, blanks, len(summa.saknas), verk.format.cell(num_format="0"))
    row += 1
    verk.write(
        row,
        0,
        SUMMANOT,
        verk.format.get(italic=True, font_size=9),
    )
