"""The sheet Sammanfattning: the verdict on one page, with charts."""

from genomlysning.bok import formler
from genomlysning.bok.beskrivning import (
    REFERENSKOSTNAD,
    REFERENSKOSTNAD_OVER_TID,
    REFERENSKOSTNADSBLAD,
)
from genomlysning.bok.bladverk import TABELLRAD, Bladverk
from genomlysning.bok.diagram import make_bedomningar, make_kvadrant, make_tidslinje
from genomlysning.bok.tabellblad import find_tidsrad
from genomlysning.bok.utseende import BLA, GRA, LJUSBLA, count_lines, talformat_tecken
from genomlysning.ord import Kategori
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.referenskostnad import Svar

_BREDDER = (33.0, 14.0, 12.0, 14.0, 14.0, 13.0, 13.0, 13.0, 15.0)
_SISTA = len(_BREDDER) - 1
_FRAGA = (
    "Har nämnden bättre resultat än liknande kommuner, till kostnader som inte överstiger "
    "referenskostnaden?"
)
_UTAN_VERKSAMHET = (
    "Nämnden har ingen verksamhet med referenskostnad. Läs i stället hur nyckeltalen står sig mot "
    "liknande kommuner."
)
#: The order of the verdicts in the grid and in the chart: good, level, bad, unknown.
ORDNING = (
    Bedomning.BATTRE,
    Bedomning.INOM_MALET,
    Bedomning.I_NIVA,
    Bedomning.LAGRE,
    Bedomning.HOGRE,
    Bedomning.SAMRE,
    Bedomning.OVER_MALET,
    Bedomning.OKANT,
)
_DIAGRAMHOJD = 16  # rows of 20 pixels


def write_sammanfattning(verk: Bladverk) -> None:
    """Write question, answer, the verksamheter, charts, counts of verdicts, drafted sentences."""
    for col, width in enumerate(_BREDDER):
        verk.sheet.set_column(col, col, width)
    verk.write_huvud(sum(_BREDDER), _SISTA)
    verk.set_page(sum(_BREDDER), en_sida=True)
    row = TABELLRAD
    _write_merged(verk, row, _FRAGA, {"font_size": 12, "font_color": GRA, "italic": True}, 20)
    first = row + 4
    _write_svar(verk, row + 1, first)
    row = _write_verksamheter(verk, row + 3) + 1
    row = _write_diagram(verk, row, first)
    row = _write_antal(verk, row)
    _write_slutsatser(verk, row + 1)


def _write_merged(
    verk: Bladverk, row: int, text: str, style: dict[str, object], height: float
) -> None:
    fmt = verk.format.get(text_wrap=True, **style)
    verk.sheet.merge_range(row, 0, row, _SISTA, "", fmt)
    verk.write(row, 0, text, fmt)
    verk.sheet.set_row(row, height)


def _write_svar(verk: Bladverk, row: int, first: int) -> None:
    lagen = verk.plan.lagen
    style = {"bold": True, "font_size": 14, "font_color": BLA, "bg_color": LJUSBLA, "indent": 1}
    if not lagen:
        _write_merged(verk, row, _UTAN_VERKSAMHET, style, 24)
        return
    fmt = verk.format.get(text_wrap=True, valign="vcenter", **style)
    verk.sheet.merge_range(row, 0, row, _SISTA, "", fmt)
    verk.sheet.set_row(row, 28)
    area = f"G{first + 1}:G{first + len(lagen)}"
    count = {s: f'COUNTIF({area},"{s}")' for s in Svar}
    met = [v.uppfyller for v in lagen]
    noun = "verksamhet" if len(lagen) == 1 else "verksamheter"
    formula = (
        f'={count[Svar.JA]}&" av {len(lagen)} {noun} uppfyller målet, "&{count[Svar.NEJ]}'
        f'&" gör det inte och "&{count[Svar.OKANT]}&" kan inte bedömas."'
    )
    value = (
        f"{met.count(Svar.JA)} av {len(lagen)} {noun} uppfyller målet, {met.count(Svar.NEJ)} "
        f"gör det inte och {met.count(Svar.OKANT)} kan inte bedömas."
    )
    verk.write_formula(row, 0, formula, value, fmt)


def _write_verksamheter(verk: Bladverk, row: int) -> int:
    """Write the grid of verksamheter; return the row after it."""
    verk.write_rutnat_rubriker(
        row,
        0,
        (
            "Verksamhet",
            f"Avvikelse från referens-kostnad {verk.plan.year} (%)",
            "Avvikelse (Mkr)",
            "Kvalitetsindex mot liknande",
            "Inom referens-kostnaden",
            "Bättre resultat",
            "Uppfyller målet",
        ),
    )
    verk.sheet.set_row(row, 46)
    number = verk.format.cell(num_format=talformat_tecken(1), align="center")
    verdict = verk.format.cell(align="center")
    names = formler.column(REFERENSKOSTNAD.namn, "Verksamhet")
    first = row + 1
    for v in verk.plan.lagen:
        row += 1
        verk.write(row, 0, v.namn, verk.format.cell(bold=True, text_wrap=True))
        # Plain values, truly empty where missing: a chart takes a formula's "" for zero.
        for col, value in enumerate((v.procent, v.mkr, v.index_skillnad), start=1):
            verk.write(row, col, value, number)
        for col, header, text in (
            (4, "Inom referenskostnaden", v.inom),
            (5, "Bättre resultat", v.battre),
            (6, "Uppfyller målet", v.uppfyller),
        ):
            column = formler.column(REFERENSKOSTNAD.namn, header)
            formula = f'=IFERROR(INDEX({column},MATCH($A{row + 1},{names},0)),"")'
            verk.write_formula(row, col, formula, text, verdict)
        verk.sheet.set_row(row, 14.0 * count_lines(v.namn, _BREDDER[0]) + 4)
    if verk.plan.lagen:
        verk.color_omdome(first, 4, row, 6)
    return row + 1


def _write_diagram(verk: Bladverk, row: int, first: int) -> int:
    """Insert the two charts on costs side by side; return the row after them."""
    lagen = verk.plan.lagen
    if not lagen:
        return row
    sheet = verk.blad.namn
    points = [(first + i, v) for i, v in enumerate(lagen)]
    verk.sheet.insert_chart(
        row,
        0,
        make_kvadrant(verk.bok, sheet, points),
        {"object_position": 1, "x_offset": 2, "description": _beskriv_kvadrant(verk)},
    )
    table = verk.plan.tabeller[REFERENSKOSTNAD_OVER_TID.namn]
    verk.sheet.insert_chart(
        row,
        4,
        make_tidslinje(
            verk.bok, REFERENSKOSTNADSBLAD.namn, find_tidsrad(verk.plan), len(table.rader)
        ),
        {
            "object_position": 1,
            "x_offset": 20,
            "description": "Linjediagram: nettokostnadsavvikelsen i procent per verksamhet de "
            "senaste fem åren. Samma tal står på bladet Referenskostnad.",
        },
    )
    return row + _DIAGRAMHOJD


def _beskriv_kvadrant(verk: Bladverk) -> str:
    placed = [
        f"{v.namn} {v.procent:.1f} procent och {v.index_skillnad:+.1f} indexenheter".replace(
            ".", ","
        )
        for v in verk.plan.lagen
        if v.procent is not None and v.index_skillnad is not None
    ]
    text = "Varje verksamhet efter kostnadsavvikelse och kvalitetsindex mot liknande kommuner. "
    return text + "; ".join(placed)


def _write_antal(verk: Bladverk, row: int) -> int:
    """Write how many figures got which verdict, with a chart; return the row after."""
    verk.mellanrubrik(row, 0, "Nyckeltalen mot liknande kommuner eller mål")
    row += 1
    head = row
    verk.write_rutnat_rubriker(row, 0, ("Antal nyckeltal", *(_rubrik(b) for b in ORDNING)))
    verk.sheet.set_row(row, 32)
    number = verk.format.cell(num_format="0;-0;–", align="center")
    for kategori in Kategori:
        row += 1
        verk.write(row, 0, kategori.value, verk.format.cell(bold=True))
        verdicts = formler.column(kategori.value, "Bedömning")
        for col, b in enumerate(ORDNING, start=1):
            formula = f'=COUNTIF({verdicts},"{b}")'
            verk.write_formula(row, col, formula, verk.plan.antal[kategori][b], number)
    row += 1
    verk.sheet.insert_chart(
        row,
        0,
        make_bedomningar(verk.bok, verk.blad.namn, head, len(Kategori), ORDNING),
        {
            "object_position": 1,
            "x_offset": 2,
            "y_offset": 6,
            "description": "Liggande staplar: antal nyckeltal per bedömning och kategori. Samma "
            "tal står i tabellen ovanför.",
        },
    )
    return row + 10


def _rubrik(b: Bedomning) -> str:
    return {Bedomning.LAGRE: "Lägre kostnad", Bedomning.HOGRE: "Högre kostnad"}.get(b, b.value)


def _write_slutsatser(verk: Bladverk, row: int) -> None:
    """Write the drafted sentences, one a row."""
    if not verk.plan.slutsatser:
        return
    verk.mellanrubrik(row, 0, "I korthet (utkast ur siffrorna)")
    for sentence in verk.plan.slutsatser:
        row += 1
        text = f"• {sentence}"
        _write_merged(verk, row, text, {}, 14.0 * count_lines(text, sum(_BREDDER)) + 3)
