"""The sheet Sammanfattning: the verdict on one page, with charts."""

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from genomlysning.bok import formler
from genomlysning.bok.beskrivning import (
    ANTALSRUBRIK,
    DIAGRAMVARDEN,
    IKORTHET,
    REFERENSKOSTNAD,
    REFERENSKOSTNADSBLAD,
    UTANFOR_RUTAN,
)
from genomlysning.bok.bladverk import TABELLRAD, Bladverk
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.diagram import BREDD, make_bedomningar, make_kvadrant, make_tidslinje
from genomlysning.bok.kvadrant import describe_utanfor, list_diagramhorn, list_diagramvarden
from genomlysning.bok.plan import compose_slutsatser
from genomlysning.bok.programtexter import (
    ANTALSKOLUMN,
    FRAGA,
    IKORTHETSRUBRIK,
    PUNKTRUBRIKER,
)
from genomlysning.bok.radhojd import count_lines
from genomlysning.bok.tabellblad import find_tidsrad
from genomlysning.bok.utseende import (
    BLA,
    GRA,
    LINJE,
    LJUSBLA,
    STAPLAR,
    bedomningsrubrik,
    talformat_tecken,
)
from genomlysning.ord import Kategori
from genomlysning.regler.referenskostnad import Svar
from genomlysning.svenska import format_tal

_BREDDER = (32.0, 13.0, 13.0, 15.0, 21.0, 17.0, 17.0, 17.0, 17.0, 22.0)
#: The drafted sentences stand to the right of the verksamheter.
_TEXTKOLUMN = 7
_SISTA = len(_BREDDER) - 1
#: The points of the diagram stand outside the printed page.
_PUNKTKOLUMN = _SISTA + 2
_UTAN_VERKSAMHET = (
    "Nämnden har ingen verksamhet med referenskostnad. Läs i stället hur nyckeltalen står sig mot "
    "liknande kommuner."
)
_UTAN_VARDEN = "Svaret visas här när värdena har hämtats."
#: The answer for a committee with a single verksamhet, after its name.
_ENDA = {
    Svar.JA: " uppfyller målet.",
    Svar.NEJ: " uppfyller inte målet.",
    Svar.OKANT: ": det går inte att bedöma om målet uppfylls.",
}
#: Height in points of a row kept for a verksamhet, hidden until there is one.
_LEDIG_RADHOJD = 40.0
_MELLANRUM = 12  # pixels between charts
_DIAGRAMHOJD = 15  # rows of 20 pixels


def write_sammanfattning(verk: Bladverk) -> None:
    """Write question, answer, the verksamheter, charts, counts of verdicts, drafted sentences."""
    verk.set_column_widths(_BREDDER)
    verk.write_huvud(sum(_BREDDER), _SISTA)
    verk.set_page(_BREDDER, en_sida=True)
    row = TABELLRAD
    _write_merged(verk, row, FRAGA, {"font_size": 12, "font_color": GRA, "italic": True}, 20)
    head = row + 3
    _write_svar(verk, row + 1, head + 1)
    row = _write_verksamheter(verk, head)
    _write_slutsatser(verk, head, row)
    antalrad = row + _DIAGRAMHOJD + 3
    _write_diagram(verk, row + 1, head + 1, antalrad + 1)
    _write_antal(verk, antalrad)
    verk.sheet.print_area(0, 0, antalrad + 1 + len(Kategori), _SISTA)


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
        text = _UTAN_VERKSAMHET if verk.plan.kommun else _UTAN_VARDEN
        _write_merged(verk, row, text, style, 24)
        return
    fmt = verk.format.get(text_wrap=True, valign="vcenter", **style)
    verk.sheet.merge_range(row, 0, row, _SISTA, "", fmt)
    verk.sheet.set_row(row, 28)
    names = f"A{first + 1}:A{first + len(lagen)}"
    area = f"G{first + 1}:G{first + len(lagen)}"
    there = f'COUNTIF({names},"?*")'
    count = {s: f'COUNTIF({area},"{s}")' for s in Svar}
    single = (
        f'A{first + 1}&IF({count[Svar.JA]}=1,"{_ENDA[Svar.JA]}",'
        f'IF({count[Svar.NEJ]}=1,"{_ENDA[Svar.NEJ]}","{_ENDA[Svar.OKANT]}"))'
    )
    several = (
        f'{count[Svar.JA]}&" av "&COUNTIF({area},"?*")&" verksamheter uppfyller målet, "'
        f'&{count[Svar.NEJ]}&" gör det inte och "&{count[Svar.OKANT]}&" kan inte bedömas."'
    )
    # Without a fetched value there is nothing to say, of however many verksamheter.
    none = f'IF(SenastHamtad="","{_UTAN_VARDEN}","{_UTAN_VERKSAMHET}")'
    formula = f"=IF({there}=0,{none},IF({there}=1,{single},{several}))"
    verk.write_formula(row, 0, formula, _answer(verk), fmt)


def _answer(verk: Bladverk) -> str:
    """Return what the answer's formula gives."""
    present = [v for v in verk.plan.lagen if v.namn]
    if not present:
        fetched = verk.plan.installningar.get("SenastHamtad")
        return _UTAN_VERKSAMHET if fetched else _UTAN_VARDEN
    if len(present) == 1:
        (only,) = present
        # A row whose figures only Excel can reckon has no answer yet.
        return f"{only.namn}{_ENDA.get(Svar(only.uppfyller), '') if only.uppfyller else ''}"
    met = [v.uppfyller for v in present]
    return (
        f"{met.count(Svar.JA)} av {sum(map(bool, met))} verksamheter uppfyller målet, "
        f"{met.count(Svar.NEJ)} gör det inte och {met.count(Svar.OKANT)} kan inte bedömas."
    )


def _write_verksamheter(verk: Bladverk, row: int) -> int:
    """Write the grid of verksamheter; return the row after it."""
    if not verk.plan.lagen:
        return row + 1
    verk.write_rutnat_rubriker(
        row,
        0,
        (
            "Verksamhet",
            f"Avvikelse {verk.plan.year} (%)",
            "Avvikelse (Mkr)",
            "Kvalitetsindex mot liknande",
            "Inom referenskostnaden",
            "Bättre resultat",
            "Uppfyller målet",
        ),
    )
    verk.sheet.set_row(row, 32)
    number = verk.format.cell(num_format=talformat_tecken(1), align="center")
    verdict = verk.format.cell(align="center")
    name = verk.format.cell(bold=True, text_wrap=True)
    first = row + 1
    for place, v in enumerate(verk.plan.lagen, start=1):
        row += 1
        # By place and not by name, so that sorted and renamed rows are followed.
        cells: tuple[tuple[str, Cellvarde, Format], ...] = (
            (_look_up("verksamhet", place), v.namn, name),
            (_look_up("procent", place), v.procent, number),
            (_look_up("mkr", place), v.mkr, number),
            (_look_up_skillnad(place), v.index_skillnad, number),
            (_look_up("inom", place), v.inom, verdict),
            (_look_up("battre", place), v.battre, verdict),
            (_look_up("uppfyller", place), v.uppfyller, verdict),
        )
        for col, (formula, value, fmt) in enumerate(cells):
            verk.write_formula(row, col, f"={formula}", value, fmt)
        if not v.namn:
            verk.sheet.set_row(row, _LEDIG_RADHOJD, None, {"hidden": place > 1})
    verk.show_procent(first, 1, row)
    verk.color_omdome(first, 4, row, 6)
    return row + 1


def _cell(nyckel: str, place: int) -> str:
    rubrik = next(k.rubrik for k in REFERENSKOSTNAD.kolumner if k.nyckel == nyckel)
    return f"INDEX({formler.column(REFERENSKOSTNAD.namn, rubrik)},{place})"


def _look_up(nyckel: str, place: int) -> str:
    """Return the formula for a cell of the reference-cost table, empty where that is."""
    cell = _cell(nyckel, place)
    return f'IFERROR(IF({cell}="","",{cell}),"")'


def _look_up_skillnad(place: int) -> str:
    """Return the formula for the quality index minus that of similar municipalities."""
    own, similar = _cell("index", place), _cell("index_liknande", place)
    return f'IFERROR(IF(AND(ISNUMBER({own}),ISNUMBER({similar})),{own}-{similar},""),"")'


def _write_diagram(verk: Bladverk, row: int, first: int, antalrad: int) -> None:
    """Insert the charts side by side; those on costs only where there are any."""
    lagen, sheet = verk.plan.lagen, verk.blad.namn
    charts: list[tuple[Chart, str]] = []
    waiting = bool(lagen) and not any(v.namn for v in lagen)
    points = [
        i
        for i, v in enumerate(lagen)
        if waiting or (v.procent is not None and v.index_skillnad is not None)
    ]
    if points:
        place = _write_punkter(verk, first)
        chart = make_kvadrant(verk.bok, sheet, place, len(lagen), points)
        charts.append((chart, _beskriv_kvadrant(verk)))
    if lagen:
        line = make_tidslinje(
            verk.bok, REFERENSKOSTNADSBLAD.namn, find_tidsrad(verk.plan), len(lagen)
        )
        charts.append(
            (
                line,
                "Linjediagram: nettokostnadsavvikelsen i procent per verksamhet de senaste fem "
                "åren. Samma tal står på bladet Referenskostnad.",
            )
        )
    bars = make_bedomningar(verk.bok, sheet, antalrad, len(Kategori))
    charts.append(
        (
            bars,
            "Liggande staplar: antal nyckeltal per bedömning och kategori. Samma tal står i "
            "tabellen nedanför.",
        )
    )
    for i, (chart, description) in enumerate(charts):
        where = {"object_position": 1, "x_offset": 2 + i * (BREDD + _MELLANRUM)}
        verk.sheet.insert_chart(row, 0, chart, where | {"description": description})
    if points:
        note = verk.format.get(font_color=GRA, italic=True, font_size=9)
        verk.write(row + _DIAGRAMHOJD, 0, describe_utanfor(lagen), note)
        cell = xl_rowcol_to_cell(row + _DIAGRAMHOJD, 0, row_abs=True, col_abs=True)
        verk.bok.define_name(UTANFOR_RUTAN, f"={verk.blad.namn}!{cell}")


def _write_punkter(verk: Bladverk, first: int) -> tuple[int, int]:
    """Write where the diagram has its points, beside the page that is printed.

    Not on a hidden sheet, which a copy to send goes without. Return their first row and column.
    """
    pale = verk.format.get(font_color=LINJE, font_size=8)
    verk.sheet.set_column(_PUNKTKOLUMN, _PUNKTKOLUMN, _BREDDER[0])
    for i, text in enumerate(PUNKTRUBRIKER):
        verk.write(first - 1, _PUNKTKOLUMN + i, text, pale)
    lagen = verk.plan.lagen
    rows = [*map(list_diagramvarden, lagen), *list_diagramhorn(lagen)]
    for row, values in enumerate(rows, start=first):
        for i, value in enumerate(values):
            verk.write(row, _PUNKTKOLUMN + i, value, pale)
    area = xl_range_abs(first, _PUNKTKOLUMN, first + len(rows) - 1, _PUNKTKOLUMN + 2)
    verk.bok.define_name(DIAGRAMVARDEN, f"={verk.blad.namn}!{area}")
    return first, _PUNKTKOLUMN


def _beskriv_kvadrant(verk: Bladverk) -> str:
    placed = [
        f"{v.namn} {format_tal(v.procent, 1, tecken=True)} procent och "
        f"{format_tal(v.index_skillnad, 1, tecken=True)} indexenheter"
        for v in verk.plan.lagen
        if v.procent is not None and v.index_skillnad is not None
    ]
    text = "Varje verksamhet efter kostnadsavvikelse och kvalitetsindex mot liknande kommuner. "
    return text + "; ".join(placed)


def _write_antal(verk: Bladverk, row: int) -> None:
    """Write how many figures got which verdict."""
    verk.mellanrubrik(row, 0, ANTALSRUBRIK)
    row += 1
    verk.write_rutnat_rubriker(row, 0, (ANTALSKOLUMN, *(bedomningsrubrik(b) for b in STAPLAR)))
    verk.sheet.set_row(row, 32)
    number = verk.format.cell(num_format='0;-0;"–"', align="center")
    for kategori in Kategori:
        row += 1
        verk.write(row, 0, kategori.value, verk.format.cell(bold=True))
        verdicts = formler.column(kategori.value, "Bedömning")
        for col, b in enumerate(STAPLAR, start=1):
            formula = f'=COUNTIF({verdicts},"{b}")'
            verk.write_formula(row, col, formula, verk.plan.antal[kategori][b], number)


def _write_slutsatser(verk: Bladverk, head: int, after: int) -> None:
    """Write the drafted sentences beside the verksamheter, from their header row on."""
    verk.write_rutnat_rubriker(head, _TEXTKOLUMN, ("", "", ""))
    heading = {"bold": True, "font_color": BLA, "bottom": 2, "bottom_color": BLA, "indent": 1}
    verk.write(
        head,
        _TEXTKOLUMN,
        IKORTHETSRUBRIK,
        verk.format.get(**heading),
    )
    text = compose_slutsatser(verk.plan.slutsatser)
    height = 12.8 * count_lines(text, sum(_BREDDER[_TEXTKOLUMN:])) + 6
    rows = range(head + 1, after)
    if any(v.namn for v in verk.plan.lagen) or not verk.plan.lagen:
        # The rows of the grid share the height of the text; what is left stands below it.
        each = min(max(height / max(len(rows), 1), 22.0), 46.0)
        for row in rows:
            verk.sheet.set_row(row, each)
        verk.sheet.set_row(after, max(height - each * len(rows), 8))
    else:
        verk.sheet.set_row(after, _LEDIG_RADHOJD)
    fmt = verk.format.get(text_wrap=True, valign="top", align="left", indent=1)
    verk.sheet.merge_range(head + 1, _TEXTKOLUMN, after, _SISTA, "", fmt)
    verk.write(head + 1, _TEXTKOLUMN, text or None, fmt)
    cell = xl_rowcol_to_cell(head + 1, _TEXTKOLUMN, row_abs=True, col_abs=True)
    verk.bok.define_name(IKORTHET, f"={verk.blad.namn}!{cell}")
