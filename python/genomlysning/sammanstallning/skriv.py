"""Writes the municipality's workbook, with XlsxWriter and in the look of the committees' own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from genomlysning.bok.beskrivning import Blad, Slag, Tabell
from genomlysning.bok.bladverk import TABELLRAD, Bladverk
from genomlysning.bok.diagram import make_avvikelser, make_staplar
from genomlysning.bok.formatbok import Formatbok
from genomlysning.bok.formler import column
from genomlysning.bok.plan import Bokplan, Fritext, Rad, Tabellinnehall
from genomlysning.bok.radblad import Radblad
from genomlysning.bok.radhojd import count_lines
from genomlysning.bok.skriv import open_bok
from genomlysning.bok.utseende import (
    BLA,
    EXEMPEL,
    GRA,
    LJUSBLA,
    OCKRA,
    VIT,
    talformat,
    talformat_tecken,
)
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.namndbok import AMNE_SAMMANSTALLNING
from genomlysning.sammanstallning.sammanforing import (
    EJ_LASBAR,
    SUMMERAS,
    TOMT,
    Sammanstallning,
)
from genomlysning.sammanstallning.tal import (
    count_mal,
    describe_utanfor,
    find_decimaler,
    list_summerade,
    sum_flyttar,
    sum_referens,
)
from genomlysning.svenska import join_och, uppraknat

#: Excel takes no longer text in a cell.
_MAX_TEXT = 32_000
_FORKORTAD = " … (texten är förkortad)"
#: The last column that is printed of a sheet too wide for one page; the rest is for the screen.
_SISTA_PA_PAPPER = {bladen.NYCKELTAL.namn: "kommentar", bladen.FORFLYTTNINGAR.namn: "avstamt"}
_LASBAR_BREDD = 130
_INNEHALLSBREDDER = (38.0, 15.0, 15.0, 74.0)
#: A chart with more bars than this can't be read.
_MEST_STAPLAR = 40
#: What the contents say of each sheet, shorter than its own guidance.
_OM_BLADEN = {
    bladen.NAMNDBLAD.namn: "Varje nämnds kostnader och resultat i siffror, med diagram.",
    bladen.REFERENSBLAD.namn: "Varje verksamhet en gång, och kommunens summor över och under.",
    bladen.NYCKELTALSBLAD.namn: "Alla nyckeltal som är sämre och bättre än liknande, sämst först.",
    bladen.TIDSBLAD.namn: "Nyckeltal som inte går att jämföra, över tre år.",
    bladen.FORFLYTTNINGSBLAD.namn: "Alla förslag i 4.1 och 4.2 med belopp, summerade som spann.",
    bladen.SAMORDNINGSBLAD.namn: "Vad som berör vem, och vad som är avstämt.",
    bladen.LIKABLAD.namn: "Förslag från olika nämnder att läsa bredvid varandra.",
    bladen.UPPFOLJNINGSBLAD.namn: "Hur det har gått med förra genomlysningens åtgärder.",
    bladen.TEXTBLAD.namn: "Vad nämnderna själva skriver.",
    bladen.FILBLAD.namn: "Filerna, det som är att känna till om dem, och vad som saknas.",
}


def write_sammanstallning(data: Sammanstallning, fil: Path, nu: datetime) -> None:
    """Write the workbook to `fil`, which is overwritten. Raises OSError if it can't be."""
    plan = _plan(data, nu)
    properties = {
        "title": f"Genomlysning {data.kommun}, alla nämnder",
        "subject": AMNE_SAMMANSTALLNING,
        "author": "",
        "comments": "Gjord med Genomlysning.",
        "created": datetime(nu.year, nu.month, nu.day),
    }
    with open_bok(fil, properties) as bok:
        formats = Formatbok(bok)
        sheets: list[tuple[Blad, Worksheet]] = []
        for blad in bladen.BLAD:
            sheet = bok.add_worksheet(blad.namn, Radblad)
            sheet.set_tab_color(BLA if blad is bladen.INNEHALL else _TAB_COLORS.get(blad.namn, GRA))
            sheets.append((blad, sheet))
        for name, row in (("Kommun", 1), ("Namnd", 2), ("Period", 3)):
            bok.define_name(name, f"='{bladen.INNEHALL.namn}'!$B${TABELLRAD + row}")
        for blad, sheet in sheets:
            verk = Bladverk(bok, sheet, blad, plan, formats)
            _SARSKILDA.get(blad.namn, _write_tabellblad)(verk, data)
        sheets[0][1].activate()


_TAB_COLORS = {
    bladen.FORFLYTTNINGSBLAD.namn: OCKRA,
    bladen.SAMORDNINGSBLAD.namn: OCKRA,
    bladen.LIKABLAD.namn: OCKRA,
    bladen.UPPFOLJNINGSBLAD.namn: OCKRA,
}


def _plan(data: Sammanstallning, nu: datetime) -> Bokplan:
    """Return whose workbook it is, as the sheets' headings and footers want it."""
    return Bokplan(
        kommun=data.kommun,
        namnd=bladen.ALLA_NAMNDER,
        forvaltning="",
        year=data.year or nu.year,
        nu=nu,
        exempel=data.exempel,
        installningar={"Kommun": data.kommun, "Namnd": bladen.ALLA_NAMNDER, "Period": data.period},
        tabeller={},
        regler=(),
        lagen=(),
        dubbla=(),
        antal={},
        indexkrav=(),
        slutsatser=(),
        analys=(),
        fritext=Fritext(),
    )


# ---- tables ----------------------------------------------------------------------------------


def _write_tabellblad(verk: Bladverk, data: Sammanstallning) -> None:
    (tabell,) = verk.blad.tabeller
    _write_ram(verk, tabell, TABELLRAD, len(data.tabeller[tabell.namn]))
    _write_tabell(verk, tabell, data, TABELLRAD)


def _write_ram(verk: Bladverk, tabell: Tabell, rubrikrad: int, antal: int) -> None:
    """Write heading and page set-up for a sheet with this table, `antal` rows, at `rubrikrad`."""
    kolumner = tabell.kolumner
    verk.set_column_widths([k.bredd for k in kolumner])
    last, width = 0, kolumner[0].bredd
    while last + 1 < len(kolumner) and width + kolumner[last + 1].bredd <= _LASBAR_BREDD:
        last += 1
        width += kolumner[last].bredd
    verk.write_huvud(width, last)
    keys = [k.nyckel for k in kolumner]
    shown = keys.index(_SISTA_PA_PAPPER.get(tabell.namn, keys[-1])) + 1
    if shown < len(kolumner):
        verk.sheet.print_area(0, 0, rubrikrad + max(antal, 1), shown - 1)
    verk.set_page(sum(k.bredd for k in kolumner[:shown]), repetera=(rubrikrad, rubrikrad))
    verk.sheet.freeze_panes(rubrikrad + 1, 1)


def _write_tabell(verk: Bladverk, tabell: Tabell, data: Sammanstallning, row: int) -> int:
    """Write a table with its header at `row`; return the row after it."""
    rows = [_clip_rad(r) for r in data.tabeller[tabell.namn]]
    headers = {k.nyckel: k.rubrik for k in tabell.kolumner}
    shows_values = any(k.slag is Slag.TAL for k in tabell.kolumner)
    decimals = [find_decimaler(r) for r in rows] if shows_values else ()
    innehall = Tabellinnehall(tabell, headers, rows, decimals)
    return verk.write_tabell(innehall, row)


def _clip_rad(rad: Rad) -> Rad:
    if any(isinstance(v, str) and len(v) > _MAX_TEXT // 2 for v in rad.values()):
        return {k: _clip(v) for k, v in rad.items()}
    return rad


def _clip(value: Any) -> Any:
    """Return a text that a cell can hold, where signs outside the basic plane count twice."""
    if not isinstance(value, str) or len(value) <= _MAX_TEXT // 2:
        return value
    units = value.encode("utf-16-le")
    if len(units) <= 2 * _MAX_TEXT:
        return value
    return units[: 2 * _MAX_TEXT].decode("utf-16-le", "ignore") + _FORKORTAD


# ---- sheets with more than a table -----------------------------------------------------------


def _write_namnder(verk: Bladverk, data: Sammanstallning) -> None:
    _write_tabellblad(verk, data)
    rows = data.tabeller[bladen.NAMNDER.namn]
    keys = [k.nyckel for k in bladen.NAMNDER.kolumner]
    if len(rows) <= _MEST_STAPLAR:
        chart = make_staplar(
            *(verk.bok, verk.blad.namn, TABELLRAD, len(rows)),
            [keys.index(k) for k in ("battre", "niva", "lagre", "hogre", "samre", "okant")],
        )
        _insert(
            *(verk, TABELLRAD + len(rows) + 2, chart, len(rows)),
            "Liggande staplar: antal nyckeltal per bedömning för varje nämnd. Samma tal står i "
            "tabellen ovanför.",
        )


def _write_referenskostnad(verk: Bladverk, data: Sammanstallning) -> None:
    rows = data.tabeller[bladen.VERKSAMHETER.namn]
    header = TABELLRAD + 6
    _write_ram(verk, bladen.VERKSAMHETER, header, len(rows))
    _write_grid(verk, TABELLRAD, ("Hela kommunen", "Mkr"))
    number = verk.format.cell(num_format=talformat_tecken(1), bold=True)
    for i, (label, formula, value) in enumerate(_sum_referens(rows), start=1):
        verk.write(TABELLRAD + i, 0, label, verk.format.cell())
        fmt = number if i < 4 else verk.format.cell(num_format="0")
        verk.write_formula(TABELLRAD + i, 1, formula, value, fmt)
    row = _write_tabell(verk, bladen.VERKSAMHETER, data, header)
    # Those in the sum come first, and only they belong together in a chart.
    counted = list_summerade(rows)
    known = [r for r in counted if isinstance(r["mkr"], float)]
    if known and len(counted) <= _MEST_STAPLAR:
        mkr = [k.nyckel for k in bladen.VERKSAMHETER.kolumner].index("mkr")
        chart = make_avvikelser(verk.bok, verk.blad.namn, header, len(counted), mkr)
        row += 1
        row = _insert(
            *(verk, row, chart, len(counted)),
            "Liggande staplar: avvikelsen från referenskostnaden i Mkr för varje verksamhet i "
            "summan. Samma tal står i tabellen ovanför.",
        )
    verk.mellanrubrik(row + 1, 0, "Så redovisar nämnderna verksamheterna")
    _write_tabell(verk, bladen.REDOVISAT, data, row + 2)


def _sum_referens(rows: Sequence[Rad]) -> list[tuple[str, str, float]]:
    """Return the municipality's sums (Mkr) and how many amounts are missing, as formulas too."""
    mkr = column(bladen.VERKSAMHETER.namn, "Avvikelse (Mkr)")
    counted = f'({column(bladen.VERKSAMHETER.namn, "I summan")}="Ja")'
    total = sum_referens(rows)
    first = TABELLRAD + 2
    return [
        (
            "Summa över referenskostnad",
            f"=SUMPRODUCT({counted}*({mkr}>0)*{mkr})",
            total.over,
        ),
        (
            "Summa under referenskostnad",
            f"=SUMPRODUCT({counted}*({mkr}<0)*{mkr})",
            total.under,
        ),
        ("Netto", f"=B{first}+B{first + 1}", total.netto),
        (
            "Verksamheter utan belopp",
            f"=SUMPRODUCT({counted}*NOT(ISNUMBER({mkr})))",
            total.saknas,
        ),
    ]


def _write_forflyttningar(verk: Bladverk, data: Sammanstallning) -> None:
    header = TABELLRAD + 8
    _write_ram(verk, bladen.FORFLYTTNINGAR, header, len(data.tabeller[bladen.FORFLYTTNINGAR.namn]))
    _write_grid(verk, TABELLRAD, ("Räknas som", "Antal", "Lägst (tkr)", "Högst (tkr)"))
    rows = data.tabeller[bladen.FORFLYTTNINGAR.namn]
    label = verk.format.cell(bold=True, text_wrap=True)
    number = verk.format.cell(num_format=talformat(0), align="right")
    for i, kind in enumerate((*SUMMERAS, EJ_LASBAR, TOMT), start=1):
        row = TABELLRAD + i
        verk.write(row, 0, kind, label)
        for col, (formula, value) in enumerate(_sum_flyttar(rows, kind, row + 1), start=1):
            verk.write_formula(row, col, formula, value, number)
    note = (
        "Ej angivet: varken beloppet eller Effekt säger om det är årligt eller en gång. Kan inte "
        "läsas: orden går inte att räkna med, och ingår inte i summorna."
    )
    fmt = verk.format.get(italic=True, font_size=9, font_color=GRA)
    verk.write(header - 2, 0, note, fmt)
    _write_tabell(verk, bladen.FORFLYTTNINGAR, data, header)


def _sum_flyttar(rows: Sequence[Rad], kind: str, excelrad: int) -> list[tuple[str, float]]:
    """Return count, lowest and highest sum (tkr) of the moves of a kind, with their formulas."""
    name = bladen.FORFLYTTNINGAR.namn
    which = f'({column(name, "I summan")}="Ja")*({column(name, "Räknas som")}=$A{excelrad})'
    total = sum_flyttar(rows, kind)
    found: list[tuple[str, float]] = [(f"=SUMPRODUCT({which}*1)", total.antal)]
    if kind in SUMMERAS:
        for value, header in ((total.lagst, "Lägst (tkr)"), (total.hogst, "Högst (tkr)")):
            found.append((f"=SUMPRODUCT({which}*{column(name, header)})", value))
    return found


def _write_filer(verk: Bladverk, data: Sammanstallning) -> None:
    _write_tabellblad(verk, data)
    row = TABELLRAD + len(data.bocker) + 2
    fmt = verk.format.cell(text_wrap=True)
    if data.avvisade:
        verk.mellanrubrik(row, 0, "Filer som inte är med")
        _write_grid(verk, row + 1, ("Fil", "Varför"))
        row += 2
        for a in data.avvisade:
            _write_rad(verk, row, _clip(a.fil), _clip(a.skal), 7)
            row += 1
        row += 1
    if data.dubbletter:
        verk.mellanrubrik(row, 0, "Flera filer från samma nämnd")
        for text in data.dubbletter:
            row += 1
            _write_rad(verk, row, "", _clip(text), 7)
        row += 2
    verk.mellanrubrik(row, 0, "Nämnder utan arbetsbok")
    text = (
        f"{join_och(data.saknade)}. Det är de nämnder som har en profil i programmet; kommunen kan "
        "ha andra."
        if data.saknade
        else "Alla nämnder som har en profil i programmet är med."
    )
    verk.sheet.merge_range(row + 1, 0, row + 1, 7, "", fmt)
    verk.write(row + 1, 0, text, fmt)
    verk.sheet.set_row(row + 1, 32)


def _write_innehall(verk: Bladverk, data: Sammanstallning) -> None:
    """Write whose it is, what is missing, the figures that matter, and links to the sheets."""
    verk.set_column_widths(_INNEHALLSBREDDER)
    last = len(_INNEHALLSBREDDER) - 1
    verk.write_huvud(sum(_INNEHALLSBREDDER), last)
    verk.set_page(sum(_INNEHALLSBREDDER), en_sida=True)
    fields = (
        ("Kommun", data.kommun),
        ("Nämnder", bladen.ALLA_NAMNDER),
        ("Period", data.period),
        ("Dataår", data.year),
        ("Sammanställd", data.idag.isoformat()),
        ("Arbetsböcker", len(data.bocker)),
    )
    plain, bold = verk.format.cell(), verk.format.cell(bold=True, align="left")
    for row, (label, value) in enumerate(fields, start=TABELLRAD):
        verk.write(row, 0, label, plain)
        verk.write(row, 1, value, bold)
    row = TABELLRAD + len(fields) + 1
    if data.avvisade:
        row = _write_ofullstandig(verk, data, row)
    row = _write_svar(verk, data, row)
    verk.mellanrubrik(row, 0, "Innehåll")
    link = verk.format.get(font_color=BLA, underline=1, bold=True)
    note = verk.format.get(font_color=GRA, text_wrap=True)
    for blad in bladen.BLAD[1:]:
        row += 1
        if verk.sheet.write_url(row, 0, f"internal:'{blad.namn}'!A1", link, blad.namn):
            raise ValueError(f"link not written: {blad.namn}")
        verk.sheet.merge_range(row, 1, row, last, "", note)
        verk.write(row, 1, _OM_BLADEN[blad.namn], note)
    remarks = len(data.varningar)
    moves = data.tabeller[bladen.FORFLYTTNINGAR.namn]
    outside = len(moves) - len(list_summerade(moves))
    if data.saknade or remarks:
        row += 2
        verk.mellanrubrik(row, 0, "Att känna till")
        if data.saknade:
            row += 1
            _write_rad(verk, row, "Nämnder utan arbetsbok", join_och(data.saknade), last)
        if outside:
            row += 1
            text = f"{describe_utanfor(outside)} I summan är Nej för dem."
            _write_rad(verk, row, "Förflyttningar", text, last)
        if remarks:
            row += 1
            text = (
                f"{uppraknat(remarks, 'anmärkning', 'anmärkningar')} om filer, år och hämtningar. "
                f"De står på bladet {bladen.FILBLAD.namn}."
            )
            _write_rad(verk, row, "Om underlaget", text, last)


def _write_ofullstandig(verk: Bladverk, data: Sammanstallning, row: int) -> int:
    """Say loudly which files are not in it; return the row after."""
    loud = verk.format.get(
        bold=True, font_size=14, font_color=VIT, bg_color=EXEMPEL, indent=1, valign="vcenter"
    )
    count = uppraknat(len(data.avvisade), "fil", "filer")
    verk.sheet.merge_range(row, 0, row, 3, "", loud)
    verk.write(row, 0, f"OFULLSTÄNDIG: {count} är inte med", loud)
    verk.sheet.set_row(row, 26)
    for a in data.avvisade:
        row += 1
        _write_rad(verk, row, _clip(a.fil), _clip(a.skal), 3)
    return row + 2


def _write_svar(verk: Bladverk, data: Sammanstallning, row: int) -> int:
    """Write how many verksamheter meet the goal and the sums, as formulas; return the row after."""
    style = verk.format.get(
        bold=True, font_size=14, font_color=BLA, bg_color=LJUSBLA, indent=1, text_wrap=True
    )
    goal = count_mal(data.tabeller[bladen.VERKSAMHETER.namn])
    name = bladen.VERKSAMHETER.namn
    counted = f'({column(name, "I summan")}="Ja")'
    verdict = column(name, "Uppfyller målet")
    yes, no = (f'SUMPRODUCT({counted}*({verdict}="{w}"))' for w in ("Ja", "Nej"))
    every = f"SUMPRODUCT({counted}*1)"
    verk.sheet.merge_range(row, 0, row, 3, "", style)
    verk.write_formula(
        row,
        0,
        f'={yes}&" av "&{every}&" verksamheter har bättre resultat än liknande kommuner inom '
        f'referenskostnaden, "&{no}&" har det inte och "&({every}-{yes}-{no})&" kan inte bedömas."',
        f"{goal.ja} av {goal.alla} verksamheter har bättre resultat än liknande kommuner "
        f"inom referenskostnaden, {goal.nej} har det inte och "
        f"{goal.okant} kan inte bedömas.",
        style,
    )
    verk.sheet.set_row(row, 30)
    row += 1
    sheet = bladen.REFERENSBLAD.namn
    signed = verk.format.cell(num_format=talformat_tecken(1), bold=True)
    notes = (
        "Mkr. Jämförelse mellan räkenskaper och referenskostnad, ingen besparing.",
        "Mkr.",
        "Mkr.",
    )
    sums = _sum_referens(data.tabeller[name])[:3]
    for i, ((label, _, amount), note) in enumerate(zip(sums, notes, strict=True)):
        formula = f"={sheet}!$B${TABELLRAD + 2 + i}"
        _write_nyckelrad(verk, row, label, (formula, amount, signed), note)
        row += 1
    moves = data.tabeller[bladen.FORFLYTTNINGAR.namn]
    _write_grid(verk, row, ("Möjlig effektivisering (tkr)", "Lägst", "Högst"))
    whole = verk.format.cell(num_format=talformat(0), bold=True)
    source = f"={bladen.FORFLYTTNINGSBLAD.namn}!"
    for i, (kind, label) in enumerate(zip(SUMMERAS, _PER_SLAG, strict=True)):
        row += 1
        (_, count), (_, low), (_, high) = _sum_flyttar(moves, kind, 0)
        note = f"{uppraknat(int(count), 'förslag', 'förslag')} med belopp som går att läsa."
        place = TABELLRAD + 2 + i
        _write_nyckelrad(verk, row, label, (f"{source}$C${place}", low, whole), note)
        verk.write_formula(row, 2, f"{source}$D${place}", high, whole)
    row += 1
    unread = sum_flyttar(moves, EJ_LASBAR).antal
    cell = f"{source}$B${TABELLRAD + 2 + len(SUMMERAS)}"
    note = "Så många förslag har belopp som inte går att läsa säkert. De ingår inte i summorna."
    _write_nyckelrad(verk, row, "Belopp som inte kan läsas", (cell, unread, whole), note)
    return row + 2


_PER_SLAG = ("Per år", "En gång", "Ej angivet om per år eller en gång")


def _write_nyckelrad(
    verk: Bladverk, row: int, label: str, cell: tuple[str, Any, Format], note: str
) -> None:
    formula, value, fmt = cell
    verk.write(row, 0, label, verk.format.cell())
    verk.write_formula(row, 1, formula, value, fmt)
    verk.write(row, 2, None, verk.format.cell())
    verk.write(row, 3, note, verk.format.get(font_color=GRA, indent=1))


def _write_rad(verk: Bladverk, row: int, label: str, text: str, last: int) -> None:
    """Write a label and a text over the columns up to `last`."""
    fmt = verk.format.cell(text_wrap=True, valign="top")
    verk.write(row, 0, label, verk.format.cell(text_wrap=True, bold=True, valign="top"))
    verk.sheet.merge_range(row, 1, row, last, "", fmt)
    verk.write(row, 1, text, fmt)
    lines = max(
        count_lines(text, sum(verk.bredder[1 : last + 1])), count_lines(label, verk.bredder[0])
    )
    verk.sheet.set_row(row, min(13.5 * lines + 4, 400))


def _write_grid(verk: Bladverk, row: int, words: Sequence[str]) -> None:
    style = {"bold": True, "font_color": BLA, "bottom": 2, "bottom_color": BLA}
    for col, word in enumerate(words):
        align = {} if col == 0 or len(words) == 2 else {"align": "right"}
        verk.write(row, col, word, verk.format.get(text_wrap=True, **style, **align))


def _insert(verk: Bladverk, row: int, chart: Chart, staplar: int, description: str) -> int:
    """Insert a chart as high as its bars need; return the row after it."""
    height = 130 + 26 * staplar
    chart.set_size({"width": 900, "height": height})
    place = {"object_position": 1, "x_offset": 4, "description": description}
    verk.sheet.insert_chart(row, 0, chart, place)
    return row + height // 20 + 2


_SARSKILDA: Mapping[str, Callable[[Bladverk, Sammanstallning], None]] = {
    bladen.INNEHALL.namn: _write_innehall,
    bladen.NAMNDBLAD.namn: _write_namnder,
    bladen.REFERENSBLAD.namn: _write_referenskostnad,
    bladen.FORFLYTTNINGSBLAD.namn: _write_forflyttningar,
    bladen.FILBLAD.namn: _write_filer,
}
