"""The sheets of running text: the committee's analysis and the overall follow-up."""

from math import ceil

from xlsxwriter.format import Format

from genomlysning.bok import formler
from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    ANALYSUNDERLAG,
    FORFLYTTNINGSTEXT,
    LISTOR,
    MINSTA_TEXTHOJD,
    SKALHOJD,
    STODBREDD,
    TEXTRADHOJD,
    TEXTRUTETIPS,
    TEXTRUTOR,
    UPPFOLJNINGSBLAD,
    UPPFOLJNINGSTEXT,
)
from genomlysning.bok.bladverk import TABELLRAD, Bladverk
from genomlysning.bok.plan import compose_underlag
from genomlysning.bok.programtexter import (
    FORFLYTTNINGSSTOD,
    LAGESRUBRIK,
    UNDERLAGSRUBRIK,
    UPPFOLJNINGSSTOD,
    UTAN_STATUS,
)
from genomlysning.bok.radhojd import count_lines, row_height, text_height
from genomlysning.bok.utseende import BLA, GRA, LINJE, LJUSGRA, SKRIV

_TEXTBREDD, _MELLANRUM = 72.0, 3.0


def write_analys(verk: Bladverk) -> None:
    """Write the area for the committee's own analysis beside the drafted basis."""
    _write_ram(verk, ANALYSTEXT, UNDERLAGSRUBRIK)
    height = max(text_height(compose_underlag(verk.plan.analys), STODBREDD), MINSTA_TEXTHOJD)
    row = _write_textruta(verk, height, verk.plan.fritext.analys, ANALYSTEXT)
    body = verk.format.get(bg_color=LJUSGRA, text_wrap=True, valign="top", align="left", indent=1)
    first = TABELLRAD + 1
    verk.sheet.merge_range(first, 2, row, 2, "", body)
    verk.write_avsnitt(first, 2, verk.plan.analys, body)
    verk.bok.define_name(ANALYSUNDERLAG, f"='{verk.blad.namn}'!$C${first + 1}")
    _write_tips(verk, row + 1)
    _write_skal(verk, row + 3)


def _write_skal(verk: Bladverk, row: int) -> None:
    """Write the area for why these moves, and not others, which opens chapter 4."""
    verk.write(row, 0, TEXTRUTOR[FORFLYTTNINGSTEXT][1], _rubrikformat(verk))
    for i, prompt in enumerate(FORFLYTTNINGSSTOD):
        verk.write(row + i, 2, prompt, verk.format.get(bg_color=LJUSGRA, text_wrap=True))
        _fit_rad(verk, row + i, prompt)
    _write_textruta(verk, SKALHOJD, verk.plan.fritext.skal, FORFLYTTNINGSTEXT, row)


def write_uppfoljning(verk: Bladverk) -> None:
    """Write the area for the overall follow-up beside counts of the measures' status."""
    _write_ram(verk, UPPFOLJNINGSTEXT, LAGESRUBRIK)
    row = TABELLRAD + 1
    body = verk.format.get(bg_color=LJUSGRA, text_wrap=True)
    tables = [t for blad in UPPFOLJNINGSBLAD for t in blad.tabeller]
    rows = [r for t in tables for r in verk.plan.egna_rader(t.namn)]
    status = [formler.column(t.namn, "Genomförandestatus") for t in tables]
    for word in LISTOR["genomforandestatus"]:
        formula = "+".join(f'COUNTIF({c},"{word}")' for c in status)
        count = sum(r.get("status") == word for r in rows)
        verk.write_formula(row, 2, f'="{word}: "&({formula})', f"{word}: {count}", body)
        row += 1
    measure = [formler.column(t.namn, "Åtgärd") for t in tables]
    missing = "+".join(
        f'SUMPRODUCT(({m}<>"")*({s}=""))' for m, s in zip(measure, status, strict=True)
    )
    count = sum(bool(r.get("atgard")) and not r.get("status") for r in rows)
    verk.write_formula(row, 2, f'="{UTAN_STATUS}: "&({missing})', f"{UTAN_STATUS}: {count}", body)
    row += 2
    for prompt in UPPFOLJNINGSSTOD:
        verk.write(row, 2, prompt, body)
        _fit_rad(verk, row, prompt)
        row += 1
    text = verk.plan.fritext.uppfoljning
    _write_tips(verk, 1 + _write_textruta(verk, MINSTA_TEXTHOJD, text, UPPFOLJNINGSTEXT))


def _write_ram(verk: Bladverk, namn: str, hoger: str) -> None:
    verk.set_column_widths((_TEXTBREDD, _MELLANRUM, STODBREDD))
    width = _TEXTBREDD + _MELLANRUM + STODBREDD
    verk.write_huvud(width, 2)
    verk.set_page(verk.bredder)
    heading = _rubrikformat(verk)
    verk.write(TABELLRAD, 0, TEXTRUTOR[namn][1], heading)
    verk.write(TABELLRAD, 2, hoger, heading)


def _rubrikformat(verk: Bladverk) -> Format:
    return verk.format.get(bold=True, font_size=12, font_color=BLA, bottom=2, bottom_color=BLA)


def _write_textruta(
    verk: Bladverk, hojd: float, text: str, namn: str, rubrikrad: int = TABELLRAD
) -> int:
    """Merge the left column into one area to write in, and give it a workbook name.

    It is `hojd` points high. Returns its last row.
    """
    first = rubrikrad + 1
    row = first + ceil(hojd / TEXTRADHOJD) - 1
    fmt = verk.format.get(
        bg_color=SKRIV,
        text_wrap=True,
        valign="top",
        border=1,
        border_color=LINJE,
        num_format="@",
        font_size=11,
    )
    verk.sheet.merge_range(first, 0, row, 0, "", fmt)
    verk.write(first, 0, text, fmt)
    verk.bok.define_name(namn, f"='{verk.blad.namn}'!$A${first + 1}")
    verk.sheet.data_validation(
        first,
        0,
        first,
        0,
        {
            "validate": "any",
            "input_title": "Skriv här",
            "input_message": "Alt+Enter ger ny rad. Texten sparas precis som du skriver den.",
        },
    )
    return row


def _fit_rad(verk: Bladverk, row: int, text: str) -> None:
    """Give a row beside an area for running text room for a text of several lines."""
    if (lines := count_lines(text, STODBREDD)) > 1:
        verk.sheet.set_row(row, row_height(lines))


def _write_tips(verk: Bladverk, row: int) -> None:
    verk.write(row, 0, TEXTRUTETIPS, verk.format.get(font_color=GRA, italic=True, font_size=9))
