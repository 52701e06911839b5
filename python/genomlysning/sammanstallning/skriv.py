"""Writes the municipality's workbook, with XlsxWriter and in the look of the committees' own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format

from genomlysning.bok.beskrivning import AMNE_SAMMANSTALLNING, Blad, Slag, Tabell
from genomlysning.bok.bladverk import TABELLRAD, Bladverk
from genomlysning.bok.cellvarde import shorten_text
from genomlysning.bok.diagram import make_avvikelser, make_staplar
from genomlysning.bok.formatbok import Formatbok
from genomlysning.bok.formler import column
from genomlysning.bok.plan import Bokplan, Fritext, Rad, Tabellinnehall
from genomlysning.bok.programtexter import SUMMA_NETTO, SUMMA_OVER, SUMMA_UNDER, UTAN_BELOPP
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
from genomlysning.bok.vaxrader import Vaxblad
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.kommunkostnad import DUBBLERAR
from genomlysning.sammanstallning.sammanforing import Sammanstallning
from genomlysning.sammanstallning.tal import (
    EJ_LASBAR,
    I_SUMMAN,
    OBERAKNELIGT,
    SUMMERAS,
    TOMT,
    count_mal,
    find_decimaler,
    list_summerade,
    sum_flyttar,
    sum_referens,
)
from genomlysning.svenska import join_nagra, join_och, lower_first, uppraknat

_LASBAR_BREDD = 130
#: Height in pixels of what an A4 landscape page with our margins holds at scale 100; a little
#: less than it does, since programs round the heights of rows differently.
_SIDHOJD = 630
_INNEHALLSBREDDER = (38.0, 15.0, 15.0, 74.0)
#: A chart with more bars than this can't be read.
_MEST_STAPLAR = 40
#: What the contents say of each sheet, shorter than its own guidance.
_OM_BLADEN = {
    bladen.NAMNDBLAD.namn: "Varje nämnds kostnader och resultat i siffror, med diagram.",
    bladen.REFERENSBLAD.namn: "Varje verksamhet en gång, och summorna över och under.",
    bladen.REDOVISATBLAD.namn: "Vad var och en av nämnderna redovisar för sina verksamheter.",
    bladen.NYCKELTALSBLAD.namn: "Alla nyckeltal som är sämre och bättre än liknande, sämst först.",
    bladen.TIDSBLAD.namn: "Nyckeltal som inte går att jämföra, över tre år.",
    bladen.REFERENSTIDSBLAD.namn: "Nettokostnadsavvikelsen i fem år, nämnd för nämnd.",
    bladen.FORFLYTTNINGSBLAD.namn: "Alla förslag i 4.1 och 4.2 med belopp, summerade som spann.",
    bladen.SAMORDNINGSBLAD.namn: "Vad som berör vem, och vad som är avstämt.",
    bladen.LIKABLAD.namn: "Förslag från olika nämnder att läsa bredvid varandra.",
    bladen.UPPFOLJNINGSBLAD.namn: "Hur det har gått med förra genomlysningens åtgärder.",
    bladen.TEXTBLAD.namn: "Vad nämnderna själva skriver.",
    bladen.ANTECKNINGSBLAD.namn: "Text utanför tabellerna, på egna blad och i kommentarer.",
    bladen.FILBLAD.namn: "Filerna, det som är att känna till om dem, och vad som saknas.",
}


def write_sammanstallning(data: Sammanstallning, fil: Path, nu: datetime) -> None:
    """Write the workbook to `fil`, which is overwritten. Raises OSError if it can't be."""
    plan = _plan(data, nu)
    properties = {
        "title": f"Genomlysning {data.kommun}, {lower_first(plan.namnd)}",
        "subject": AMNE_SAMMANSTALLNING,
        "author": "",
        "comments": "Gjord med Genomlysning.",
        "created": datetime(nu.year, nu.month, nu.day),
    }
    with open_bok(fil, properties) as bok:
        formats = Formatbok(bok)
        sheets: list[tuple[Blad, Vaxblad]] = []
        for blad in bladen.BLAD:
            sheet = bok.add_worksheet(blad.namn, Radblad)
            sheet.set_tab_color(BLA if blad is bladen.INNEHALL else _TAB_COLORS.get(blad.namn, GRA))
            sheets.append((blad, sheet))
        for name, row in (("Kommun", 1), ("Namnd", 2), ("Period", 3)):
            bok.define_name(name, f"='{bladen.INNEHALL.namn}'!$B${TABELLRAD + row}")
        for blad, sheet in sheets:
            added = _tell_totaler(data) if blad is bladen.NAMNDBLAD else []
            if data.utanfor and _has_namnder(blad):
                added.append(bladen.OM_UTANFOR)
            blad = blad._replace(ledtext=" ".join((blad.ledtext, *added)))
            verk = Bladverk(bok, sheet, blad, plan, formats)
            _SARSKILDA.get(blad.namn, _write_tabellblad)(verk, data)
        sheets[0][1].activate()


_TAB_COLORS = {
    bladen.FORFLYTTNINGSBLAD.namn: OCKRA,
    bladen.SAMORDNINGSBLAD.namn: OCKRA,
    bladen.LIKABLAD.namn: OCKRA,
    bladen.UPPFOLJNINGSBLAD.namn: OCKRA,
}


def _has_namnder(blad: Blad) -> bool:
    """Tell whether a sheet has rows of files that are of another year or municipality."""
    keys = {k.nyckel for t in blad.tabeller for k in t.kolumner}
    return blad is not bladen.LIKABLAD and not keys.isdisjoint(("namnd", "namnder"))


def _tell_totaler(data: Sammanstallning) -> list[str]:
    """Say which verksamheter hold others that are reported too."""
    return [
        f"{r['verksamhet']}, som {r['namnder']} redovisar, omfattar även verksamheter som "
        "redovisas för sig."
        for r in data.tabeller[bladen.VERKSAMHETER.namn]
        if DUBBLERAR in str(r["anmarkning"])
    ]


def _plan(data: Sammanstallning, nu: datetime) -> Bokplan:
    """Return whose workbook it is, as the sheets' headings and footers want it."""
    who = data.namnder
    return Bokplan(
        kommun=data.kommun,
        namnd=who,
        forvaltning="",
        year=data.year or nu.year,
        nu=nu,
        exempel=data.exempel,
        installningar={"Kommun": data.kommun, "Namnd": who, "Period": data.period},
        tabeller={},
        regler=(),
        lagen=(),
        utanfor_summan=(),
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


def _write_ram(
    verk: Bladverk, tabell: Tabell, rubrikrad: int, antal: int, *, repetera: bool = True
) -> None:
    """Write heading and page set-up for a sheet with this table, `antal` rows, at `rubrikrad`.

    `repetera` has the table's header on every page.
    """
    kolumner = tabell.kolumner
    verk.set_column_widths([k.bredd for k in kolumner])
    last, width = 0, kolumner[0].bredd
    while last + 1 < len(kolumner) and width + kolumner[last + 1].bredd <= _LASBAR_BREDD:
        last += 1
        width += kolumner[last].bredd
    verk.write_huvud(width, last)
    shown = _count_utskrivna(tabell)
    if shown < len(kolumner):
        verk.sheet.print_area(0, 0, rubrikrad + (antal or 2), shown - 1)
    verk.set_page(
        [k.bredd for k in kolumner[:shown]],
        repetera=(rubrikrad, rubrikrad) if repetera else None,
    )
    verk.sheet.freeze_panes(rubrikrad + 1, 1)


def _count_utskrivna(tabell: Tabell) -> int:
    """Return how many of a table's columns are printed."""
    keys = [k.nyckel for k in tabell.kolumner]
    return keys.index(bladen.SISTA_PA_PAPPER.get(tabell.namn, keys[-1])) + 1


def _write_tabell(verk: Bladverk, tabell: Tabell, data: Sammanstallning, row: int) -> int:
    """Write a table with its header at `row`; return the row after it."""
    rows = data.tabeller[tabell.namn]
    headers = {k.nyckel: k.rubrik for k in tabell.kolumner}
    shows_values = any(k.slag is Slag.TAL for k in tabell.kolumner)
    decimals = [find_decimaler(r) for r in rows] if shows_values else ()
    innehall = Tabellinnehall(tabell, headers, rows, decimals)
    row = verk.write_tabell(innehall, row)
    if rows:
        return row
    verk.write(row, 0, bladen.UTAN_RADER[tabell.namn], verk.format.get(italic=True, font_color=GRA))
    return row + 1


# ---- sheets with more than a table -----------------------------------------------------------


def _write_namnder(verk: Bladverk, data: Sammanstallning) -> None:
    _write_ram(verk, bladen.NAMNDER, TABELLRAD, len(data.bocker), repetera=False)
    row = _write_tabell(verk, bladen.NAMNDER, data, TABELLRAD)
    # The municipality's own come first, and only they belong together in a chart.
    own = len(data.egna(bladen.NAMNDER))
    keys = [k.nyckel for k in bladen.NAMNDER.kolumner]
    chart = None
    if own <= _MEST_STAPLAR:
        chart = make_staplar(
            *(verk.bok, verk.blad.namn, TABELLRAD, own),
            [keys.index(k) for k in ("battre", "niva", "lagre", "hogre", "samre", "okant")],
        )
    _finish_sida(
        *(verk, TABELLRAD, row, chart, own),
        "Liggande staplar: antal nyckeltal per bedömning för varje nämnd. Samma tal står i "
        "tabellen ovanför.",
    )


def _write_referenskostnad(verk: Bladverk, data: Sammanstallning) -> None:
    rows = data.tabeller[bladen.VERKSAMHETER.namn]
    header = TABELLRAD + 6
    _write_ram(verk, bladen.VERKSAMHETER, header, len(rows), repetera=False)
    _write_grid(verk, TABELLRAD, (data.namnder, "Mkr"))
    number = verk.format.cell(num_format=talformat_tecken(1), bold=True)
    for i, (label, formula, value) in enumerate(_sum_referens(rows), start=1):
        verk.write(TABELLRAD + i, 0, label, verk.format.cell())
        fmt = number if i < 4 else verk.format.cell(num_format="0")
        verk.write_formula(TABELLRAD + i, 1, formula, value, fmt)
    row = _write_tabell(verk, bladen.VERKSAMHETER, data, header)
    # Those in the sum come first, and only they belong together in a chart.
    counted = list_summerade(rows)
    known = [r for r in counted if isinstance(r["mkr"], float)]
    chart = None
    if known and len(counted) <= _MEST_STAPLAR:
        mkr = [k.nyckel for k in bladen.VERKSAMHETER.kolumner].index("mkr")
        chart = make_avvikelser(verk.bok, verk.blad.namn, header, len(counted), mkr)
    _finish_sida(
        *(verk, header, row, chart, len(counted)),
        "Liggande staplar: avvikelsen från referenskostnaden i Mkr för varje verksamhet i "
        "summan. Samma tal står i tabellen ovanför.",
    )


def _sum_referens(rows: Sequence[Rad]) -> list[tuple[str, str, float | str]]:
    """Return the municipality's sums (Mkr) and how many amounts are missing, as formulas too."""
    mkr = column(bladen.VERKSAMHETER.namn, "Avvikelse (Mkr)")
    counted = f'({column(bladen.VERKSAMHETER.namn, "I summan")}="Ja")'
    which = f'{column(bladen.VERKSAMHETER.namn, "I summan")},"Ja"'
    summed = f"SUMPRODUCT({counted}*ISNUMBER({mkr}))"
    total = sum_referens(rows)
    first = TABELLRAD + 2
    return [
        (
            SUMMA_OVER,
            f'=IF({summed}=0,"",SUMIFS({mkr},{mkr},">0",{which}))',
            total.over if total.finns else "",
        ),
        (
            SUMMA_UNDER,
            f'=IF({summed}=0,"",SUMIFS({mkr},{mkr},"<0",{which}))',
            total.under if total.finns else "",
        ),
        (
            SUMMA_NETTO,
            f'=IF(ISNUMBER(B{first}),B{first}+B{first + 1},"")',
            total.netto if total.finns else "",
        ),
        (
            UTAN_BELOPP,
            f"=SUMPRODUCT({counted}*NOT(ISNUMBER({mkr})))",
            float(len(total.saknas)),
        ),
    ]


def _write_forflyttningar(verk: Bladverk, data: Sammanstallning) -> None:
    header = TABELLRAD + 9
    _write_ram(verk, bladen.FORFLYTTNINGAR, header, len(data.tabeller[bladen.FORFLYTTNINGAR.namn]))
    _write_grid(verk, TABELLRAD, ("Räknas som", "Antal", "Lägst (tkr)", "Högst (tkr)"))
    rows = data.tabeller[bladen.FORFLYTTNINGAR.namn]
    label = verk.format.cell(bold=True, text_wrap=True)
    number = verk.format.cell(num_format=talformat(0), align="right")
    for i, kind in enumerate((*SUMMERAS, OBERAKNELIGT, EJ_LASBAR, TOMT), start=1):
        row = TABELLRAD + i
        verk.write(row, 0, kind, label)
        for col, (formula, value) in enumerate(_sum_flyttar(rows, kind, row + 1), start=1):
            verk.write_formula(row, col, formula, value, number)
    note = (
        "Ej angivet: varken beloppet eller Effekt säger om det är årligt eller en gång. Går inte "
        "att beräkna: det har nämnden skrivit. Kan inte läsas: orden går inte att räkna med. De "
        "två sista ingår inte i summorna."
    )
    fmt = verk.format.get(italic=True, font_size=9, font_color=GRA)
    verk.write(header - 2, 0, note, fmt)
    _write_tabell(verk, bladen.FORFLYTTNINGAR, data, header)


def _sum_flyttar(rows: Sequence[Rad], kind: str, excelrad: int) -> list[tuple[str, float]]:
    """Return count, lowest and highest sum (tkr) of the moves of a kind, with their formulas."""
    name = bladen.FORFLYTTNINGAR.namn
    counted = f'({column(name, "I summan")}="{I_SUMMAN[kind]}")'
    which = f"{counted}*({column(name, 'Räknas som')}=$A{excelrad})"
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
            _write_rad(verk, row, shorten_text(a.fil), shorten_text(a.skal), 7)
            row += 1
        row += 1
    if data.dubbletter:
        verk.mellanrubrik(row, 0, "Flera filer från samma nämnd")
        for text in data.dubbletter:
            row += 1
            _write_rad(verk, row, "", shorten_text(text), 7)
        row += 2
    verk.mellanrubrik(row, 0, "Nämnder utan arbetsbok")
    text = (
        f"{join_och(data.saknade)}. Det är de nämnder som har en profil i programmet; kommunen kan "
        f"ha andra.{data.om_saknade}"
        if data.saknade
        else "Alla nämnder som har en profil i programmet är med."
    )
    verk.sheet.merge_range(row + 1, 0, row + 1, 7, "", fmt)
    verk.write(row + 1, 0, text, fmt)
    verk.sheet.set_row(row + 1, 32)
    if data.tomma_delar:
        row += 3
        verk.mellanrubrik(row, 0, "Delar som nämnder inte har fyllt i")
        for part, names in data.tomma_delar.items():
            row += 1
            _write_rad(verk, row, part, f"{join_och(names)}.", 7)


def _write_innehall(verk: Bladverk, data: Sammanstallning) -> None:
    """Write whose it is, what is missing, the figures that matter, and links to the sheets."""
    verk.set_column_widths(_INNEHALLSBREDDER)
    last = len(_INNEHALLSBREDDER) - 1
    verk.write_huvud(sum(_INNEHALLSBREDDER), last)
    verk.set_page(_INNEHALLSBREDDER, en_sida=True)
    fields = (
        ("Kommun", data.kommun),
        ("Nämnder", verk.plan.namnd),
        ("Period", data.period),
        ("Dataår", data.year),
        ("Sammanställd", data.idag.isoformat()),
        ("Arbetsböcker", len(data.bocker) - len(data.utanfor)),
    )
    plain, bold = verk.format.cell(), verk.format.cell(bold=True, align="left")
    for row, (label, value) in enumerate(fields, start=TABELLRAD):
        verk.write(row, 0, label, plain)
        verk.sheet.merge_range(row, 1, row, 2, "", bold)
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
    if data.saknade or data.tomma_delar or data.utanfor or remarks:
        row += 2
        verk.mellanrubrik(row, 0, "Att känna till")
        if data.saknade:
            row += 1
            text = f"{join_och(data.saknade)}.{data.om_saknade}"
            _write_rad(verk, row, "Nämnder utan arbetsbok", text, last)
        for part, committees in data.tomma_delar.items():
            row += 1
            _write_rad(verk, row, part, f"{join_nagra(committees, 8)}.", last)
        if data.utanfor:
            row += 1
            names = join_nagra(sorted(data.utanfor), 8)
            text = f"{names}. De står sist på bladen och räknas inte i något av talen ovan."
            _write_rad(verk, row, "Annat år eller annan kommun", text, last)
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
        _write_rad(verk, row, shorten_text(a.fil), shorten_text(a.skal), 3)
    return row + 2


def _write_svar(verk: Bladverk, data: Sammanstallning, row: int) -> int:
    """Write how many verksamheter meet the goal and the sums, as formulas; return the row after."""
    style = verk.format.get(
        bold=True,
        font_size=14,
        font_color=BLA,
        bg_color=LJUSBLA,
        indent=1,
        text_wrap=True,
        valign="vcenter",
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
        f'={yes}&" av "&{every}&" verksamheter har bättre resultat än liknande kommuner till en '
        f'kostnad inom referenskostnaden. "&{no}&" har inte det, och "&({every}-{yes}-{no})&" kan '
        'inte bedömas."',
        f"{goal.ja} av {goal.alla} verksamheter har bättre resultat än liknande kommuner till en "
        f"kostnad inom referenskostnaden. {goal.nej} har inte det, och {goal.okant} kan inte "
        "bedömas.",
        style,
    )
    verk.sheet.set_row(row, 42)
    row += 1
    sheet = bladen.REFERENSBLAD.namn
    signed = verk.format.cell(num_format=talformat_tecken(1), bold=True)
    for i, (label, _, amount) in enumerate(_sum_referens(data.tabeller[name])[:3]):
        formula = f"={sheet}!$B${TABELLRAD + 2 + i}"
        _write_nyckelrad(verk, row, f"{label} (Mkr)", (formula, amount, signed), "")
        row += 1
    _write_rad(verk, row, "Summorna omfattar", _tell_omfattning(data.tabeller[name]), 3)
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
    for i, (kind, label, note) in enumerate(_UTANFOR_SUMMAN, start=len(SUMMERAS)):
        row += 1
        cell = f"{source}$B${TABELLRAD + 2 + i}"
        _write_nyckelrad(verk, row, label, (cell, sum_flyttar(moves, kind).antal, whole), note)
    return row + 2


def _tell_omfattning(verksamheter: Sequence[Rad]) -> str:
    """Say what the sums against reference cost cover, and that they are no savings."""
    counted = list_summerade(verksamheter)
    if not counted:
        return bladen.UTAN_RADER[bladen.VERKSAMHETER.namn]
    lacking = [str(r["verksamhet"]) for r in counted if not isinstance(r["mkr"], float)]
    known = [str(r["verksamhet"]) for r in counted if isinstance(r["mkr"], float)]
    told = f"{join_och(known)}." if known else "Ingen verksamhet har ett belopp."
    if lacking:
        told += f" Belopp saknas för {join_och(lacking)}."
    return f"{told} {_INGEN_BESPARING}"


_INGEN_BESPARING = "Det är en jämförelse mellan räkenskaper och referenskostnad, ingen besparing."
_PER_SLAG = ("Per år", "En gång", "Ej angivet om per år eller en gång")
_UTANFOR_SUMMAN = (
    (
        OBERAKNELIGT,
        "Går inte att beräkna",
        "Så många förslag går enligt nämnden inte att beräkna. De ingår inte i summorna.",
    ),
    (
        EJ_LASBAR,
        "Belopp som inte kan läsas",
        "Så många förslag har belopp som inte går att läsa säkert. De ingår inte i summorna.",
    ),
    (TOMT, "Inget belopp", "Så många förslag har inget belopp ifyllt."),
)


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
        count_lines(text, sum(verk.bredder[1 : last + 1])),
        count_lines(label, verk.bredder[0]),
    )
    verk.sheet.set_row(row, min(13.5 * lines + 4, 400))


def _write_grid(verk: Bladverk, row: int, words: Sequence[str]) -> None:
    style = {"bold": True, "font_color": BLA, "bottom": 2, "bottom_color": BLA}
    for col, word in enumerate(words):
        align = {} if col == 0 or len(words) == 2 else {"align": "right"}
        verk.write(row, col, word, verk.format.get(text_wrap=True, **style, **align))


def _finish_sida(
    verk: Bladverk,
    rubrikrad: int,
    slut: int,
    diagram: Chart | None,
    staplar: int,
    beskrivning: str,
) -> None:
    """Insert a chart with `staplar` bars below a table that ends before `slut`.

    No page's end cuts it, and the table's header is on every page only if the table needs many.
    """
    page = _SIDHOJD / (verk.sheet.print_scale / 100)
    info, plain = verk.sheet.row_info, verk.sheet.default_row_height
    used, breaks = 0.0, []
    for row in range(slut + 1):
        height = info[row].height if row in info else plain
        if used + height > page:
            breaks.append(row)
            used = info[rubrikrad].height
        used += height
    if breaks:
        verk.sheet.repeat_rows(rubrikrad)
    wanted, least, left = 130 + 26 * staplar, 110 + 18 * staplar, page - used - 10
    if diagram and left < least:
        breaks.append(slut + 1)
        left = page - info[rubrikrad].height - 10
    verk.sheet.set_h_pagebreaks(breaks)
    if diagram is None:
        return
    diagram.set_size({"width": 900, "height": min(wanted, left)})
    place = {"object_position": 1, "x_offset": 4, "y_offset": 6, "description": beskrivning}
    verk.sheet.insert_chart(slut + 1, 0, diagram, place)


_SARSKILDA: Mapping[str, Callable[[Bladverk, Sammanstallning], None]] = {
    bladen.INNEHALL.namn: _write_innehall,
    bladen.NAMNDBLAD.namn: _write_namnder,
    bladen.REFERENSBLAD.namn: _write_referenskostnad,
    bladen.FORFLYTTNINGSBLAD.namn: _write_forflyttningar,
    bladen.FILBLAD.namn: _write_filer,
}
