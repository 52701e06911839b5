"""The sheet Start: settings, the state of the data, checks before a decision, what to do next."""

from collections.abc import Callable
from typing import Any

from genomlysning.anmarkningar import PRELIMINART_MONSTER, is_preliminart
from genomlysning.bok import beskrivning, formler
from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    FORFLYTTNINGSBLAD,
    FORSTA_INSTALLNING,
    INDEXKRAVKOLUMN,
    INDEXRADER,
    INSTALLNINGAR,
    KNAPPHJALPSRUBRIK,
    LISTBLAD,
    PROFILER,
    STARTRUBRIKER,
    UPPFOLJNINGSBLAD,
    UPPFOLJNINGSTEXT,
    UTAN_NAMND,
    Slag,
)
from genomlysning.bok.bladverk import LEDTEXTRAD, TABELLRAD, Bladverk
from genomlysning.bok.plan import Rad
from genomlysning.bok.radhojd import count_lines
from genomlysning.bok.utseende import BLA, DATUM, GRA, GRON_TEXT, ROD_TEXT, SKRIV
from genomlysning.ord import Kategori
from genomlysning.regler.bedomning import Bedomning

_INSTALLNINGAR, _LAGET, _KONTROLLER, _VIDARE = STARTRUBRIKER
_BREDDER = (34.0, 30.0, 76.0)
_KLART, _ATERSTAR, _EJ_AKTUELLT = "Klart", "Återstår", "Inte aktuellt"

_STEG = (
    (
        "Läs värdena och anmärkningarna i 2.1–2.3. Stryk det som inte är aktuellt och lägg till "
        "egna nyckeltal.",
        "2.1 Ekonomi",
    ),
    ("Se hur kostnaderna står sig mot referenskostnaden.", "Referenskostnad"),
    ("Skriv nämndens analys.", "2.4 Analys"),
    (
        "Följ upp förra genomlysningens åtgärder, först i sin helhet och sedan en och en.",
        "3 Uppföljning",
    ),
    ("Skriv nya möjliga förflyttningar och stäm av dem som berör andra.", "4.1 Inom förvaltningen"),
    ("Läs sammanfattningen som nämndens ledamöter får den.", "Sammanfattning"),
)
_KNAPPTEXT = (
    "Knapparna hämtar och räknar åt dig om Genomlysning är installerat på datorn. Längst ned står "
    "vad du gör om de saknas eller inte fungerar."
)
_KNAPPHJALP = (
    (
        "Filen kom med mejl eller från nätet",
        "Windows stoppar makron i filer som kommer utifrån, också ur en zip-fil. Spara filen på "
        "din dator och stäng den. Högerklicka på den i Utforskaren, välj Egenskaper, kryssa för "
        "Avblockera och öppna den igen. Går det inte: be IT göra mappen till en betrodd plats.",
    ),
    (
        "En gul rad visas överst",
        "Välj Aktivera redigering och därefter Aktivera innehåll.",
    ),
    (
        "Utan Genomlysning på datorn",
        "Allt går att läsa, ändra och spara, och formlerna räknar som de ska. Värden kan inte "
        "hämtas där. Vill du det: be IT köra installera.ps1 från Genomlysning. Administratör "
        "behövs inte.",
    ),
    (
        "Inga knappar syns",
        "Då är filen en kopia för utskick, utan makron och formler. Allt går att läsa.",
    ),
    (
        "Windows och macOS",
        "Knapparna finns i Excel för Windows och macOS. Funktioner som KOLADA_VARDE finns bara i "
        "Windows. I Excel på webben och i telefonen går arbetsboken att läsa och ändra.",
    ),
)


#: The names that come with the program are offered; a file of one's own may be written too.
_PROFILVAL = {"validate": "list", "source": f"={PROFILER}", "error_type": "information"}
_FORSTA_STEG = (
    "Fyll i kommun och profil i de gula fälten ovan. Klicka sedan på Hämta Kolada, eller kör "
    "genomlysning uppdatera.",
    "Start",
)


def write_start(verk: Bladverk) -> None:
    """Write the whole sheet."""
    verk.set_column_widths(_BREDDER)
    verk.write_huvud(sum(_BREDDER), 2)
    verk.set_page(sum(_BREDDER), en_sida=True)
    verk.mellanrubrik(TABELLRAD, 0, _INSTALLNINGAR)
    _write_installningar(verk)
    row = FORSTA_INSTALLNING - 1 + len(INSTALLNINGAR) + 1
    row = _write_laget(verk, row)
    row = _write_kontroller(verk, row + 1)
    row = _write_steg(verk, row + 1)
    if verk.knappar:
        verk.write(LEDTEXTRAD, 0, _KNAPPTEXT, verk.format.get(font_color=GRA))
        verk.sheet.set_row(LEDTEXTRAD, 17)
        _write_knapphjalp(verk, row + 1)


def _write_installningar(verk: Bladverk) -> None:
    numbers = {Slag.HELTAL: "0", Slag.TAL: "0.0", Slag.DATUM: DATUM, Slag.TEXT: "@"}
    note = verk.format.get(font_color=GRA, text_wrap=True)
    for i, post in enumerate(INSTALLNINGAR):
        row = FORSTA_INSTALLNING - 1 + i
        look: dict[str, Any] = {"bg_color": SKRIV, "bold": True} if post.ifylls else {}
        field = verk.format.cell(num_format=numbers[post.slag], align="left", **look)
        verk.write(row, 0, post.etikett, verk.format.cell())
        verk.write(row, 1, verk.plan.installningar.get(post.namn), field)
        verk.write(row, 2, post.hjalp, note)
        lines = count_lines(post.hjalp, _BREDDER[2])
        if lines > 1:
            verk.sheet.set_row(row, 13.5 * lines + 1)
        verk.sheet.data_validation(
            row,
            1,
            row,
            1,
            (_PROFILVAL if post.namn == "Profil" else _validation(post.slag))
            | {"input_title": post.etikett[:32], "input_message": post.hjalp},
        )


def _validation(slag: Slag) -> dict[str, object]:
    if slag is Slag.HELTAL:
        return {
            "validate": "integer",
            "criteria": "between",
            "minimum": 1,
            "maximum": 2100,
            "error_title": "Ett heltal",
            "error_message": "Skriv ett heltal, till exempel 2024.",
        }
    if slag is Slag.TAL:
        return {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": 100,
            "error_title": "Ett tal",
            "error_message": "Skriv ett tal från 0 till 100.",
        }
    return {"validate": "any"}


def _write_laget(verk: Bladverk, row: int) -> int:
    """Write how many figures there are, lack values or wait for final ones; return next row."""
    plan = verk.plan
    verk.mellanrubrik(row, 0, _LAGET)
    tables = [(plan.tabeller[k.value], k) for k in Kategori]

    def total(formula: Callable[[str, str], str]) -> str:
        return "=" + "+".join(formula(t.tabell.namn, t.rubriker["varde"]) for t, _ in tables)

    def column(table: str, header: str) -> str:
        return formler.column(table, header)

    rows: list[Rad] = [r for t, _ in tables for r in t.rader]
    for label, formula, value, note in (
        (
            "Nyckeltal från Kolada",
            total(lambda t, _: f'COUNTIF({column(t, "Kolada-id")},"?*")'),
            sum(bool(r.get("id")) for r in rows),
            "Rader med Kolada-id i de tre jämförande tabellerna.",
        ),
        (
            "Utan värde för året",
            total(
                lambda t, v: (
                    f'SUMPRODUCT(({column(t, "Kolada-id")}<>"")*NOT(ISNUMBER({column(t, v)})))'
                )
            ),
            sum(bool(r.get("id")) and not isinstance(r.get("varde"), float | int) for r in rows),
            "Anmärkning säger vilket år som senast har ett värde.",
        ),
        (
            "Preliminära värden",
            total(lambda t, _: f'COUNTIF({column(t, "Anmärkning")},"{PRELIMINART_MONSTER}")'),
            sum(is_preliminart(str(r.get("anmarkning"))) for r in rows),
            "Anmärkning säger när de blir slutliga.",
        ),
        (
            "Kan inte bedömas",
            total(lambda t, _: f'COUNTIF({column(t, "Bedömning")},"{Bedomning.OKANT}")'),
            sum(r.get("bedomning") == Bedomning.OKANT for r in rows),
            "Värde saknas, ingen önskad riktning, eller färre än fyra liknande kommuner har värde.",
        ),
    ):
        row += 1
        verk.write(row, 0, label, verk.format.cell())
        verk.write_formula(row, 1, formula, value, verk.format.cell(num_format="0", align="left"))
        verk.write(row, 2, note, verk.format.get(font_color=GRA))
    return row + 1


def _write_kontroller(verk: Bladverk, row: int) -> int:
    """Write what remains before a decision, as formulas; return the next row."""
    verk.mellanrubrik(row, 0, _KONTROLLER)
    first = row + 1
    for label, formula, value, note in (
        _check_namnd(verk),
        _check_index(verk),
        _check_text(ANALYSTEXT, "Analysen är skriven", verk.plan.fritext.analys, "2.4 Analys"),
        _check_text(
            UPPFOLJNINGSTEXT,
            "Övergripande uppföljning är skriven",
            verk.plan.fritext.uppfoljning,
            "3 Uppföljning",
        ),
        _check_rows(
            verk,
            "Åtgärder har uppföljning",
            UPPFOLJNINGSBLAD,
            "atgard",
            "uppfoljning",
            "Varje åtgärd i 3.1–3.3 ska ha text i Uppföljning.",
        ),
        _check_rows(
            verk,
            "Berörda är avstämda",
            FORFLYTTNINGSBLAD,
            "beror",
            "avstamt",
            "Där Berör även är ifyllt ska Avstämt med också vara det.",
        ),
        _check_rows(
            verk,
            "Förflyttningar har hantering",
            FORFLYTTNINGSBLAD,
            "omrade",
            "hanteras",
            "Eget ärende eller nämndens budget, i 4.1 och 4.2.",
        ),
    ):
        row += 1
        verk.write(row, 0, label, verk.format.cell())
        verk.write_formula(row, 1, formula, value, verk.format.cell(bold=True))
        verk.write(row, 2, note, verk.format.get(font_color=GRA))
    _color_checks(verk, first, row)
    return row + 1


def _color_checks(verk: Bladverk, first: int, last: int) -> None:
    for criteria, word in (("begins with", _KLART), ("begins with", _ATERSTAR)):
        style = verk.format.cell(
            bold=True,
            italic=word == _ATERSTAR,
            font_color=GRON_TEXT if word == _KLART else ROD_TEXT,
        )
        verk.sheet.conditional_format(
            first,
            1,
            last,
            1,
            {"type": "text", "criteria": criteria, "value": word, "format": style},
        )


def _check_namnd(verk: Bladverk) -> tuple[str, str, str, str]:
    formula = f'=IF(OR(Namnd="",Namnd="{UTAN_NAMND}"),"{_ATERSTAR}","{_KLART}")'
    value = _ATERSTAR if verk.plan.namnd in ("", UTAN_NAMND) else _KLART
    return "Nämndens namn är ifyllt", formula, value, "Skriv det i fältet Nämnd ovan."


def _check_index(verk: Bladverk) -> tuple[str, str, str, str]:
    required = verk.plan.indexkrav
    shown = {r.get("id") for r in verk.plan.tabeller[Kategori.EKONOMI.value].rader}
    missing = sum(i not in shown for i in required)
    last = max(len(required), INDEXRADER) + 1
    ids = f"{LISTBLAD.namn}!${INDEXKRAVKOLUMN}$2:${INDEXKRAVKOLUMN}${last}"
    column = formler.column(Kategori.EKONOMI.value, "Kolada-id")
    count = f'SUMPRODUCT(({ids}<>"")*(COUNTIF({column},{ids})=0))'
    formula = (
        f'=IF(COUNTIF({ids},"?*")=0,"{_EJ_AKTUELLT}",'
        f'IF({count}=0,"{_KLART}","{_ATERSTAR}: "&{count}&" saknas"))'
    )
    value = _KLART if not missing else f"{_ATERSTAR}: {missing} saknas"
    return (
        "Koladas index redovisas i 2.1",
        formula,
        value if required else _EJ_AKTUELLT,
        "Har nämndens verksamheter index i Kolada ska de finnas med bland ekonominyckeltalen.",
    )


def _check_text(name: str, label: str, text: str, sheet: str) -> tuple[str, str, str, str]:
    formula = f'=IF(LEN({name})=0,"{_ATERSTAR}","{_KLART}")'
    return label, formula, _KLART if text else _ATERSTAR, f"Texten skrivs på bladet {sheet}."


def _check_rows(
    verk: Bladverk,
    label: str,
    sheets: tuple[beskrivning.Blad, ...],
    given: str,
    needed: str,
    note: str,
) -> tuple[str, str, str, str]:
    """Count rows where one column is written and another that then is needed is not."""
    counts, any_rows, missing, rows = [], [], 0, 0
    for blad in sheets:
        (tabell,) = blad.tabeller
        content = verk.plan.tabeller[tabell.namn]
        a = formler.column(tabell.namn, content.rubriker[given])
        b = formler.column(tabell.namn, content.rubriker[needed])
        counts.append(f'SUMPRODUCT(({a}<>"")*({b}=""))')
        any_rows.append(f'COUNTIF({a},"?*")')
        missing += sum(bool(r.get(given)) and not r.get(needed) for r in content.rader)
        rows += sum(bool(r.get(given)) for r in content.rader)
    total = "+".join(counts)
    formula = (
        f'=IF({"+".join(any_rows)}=0,"{_EJ_AKTUELLT}",'
        f'IF({total}=0,"{_KLART}","{_ATERSTAR}: "&({total})))'
    )
    value = _EJ_AKTUELLT if not rows else _KLART if not missing else f"{_ATERSTAR}: {missing}"
    return label, formula, value, note


def _write_steg(verk: Bladverk, row: int) -> int:
    """Write what to do next, each step with a link to its sheet; return the next row."""
    verk.mellanrubrik(row, 0, _VIDARE)
    link = verk.format.get(font_color=BLA, underline=1)
    steps = _STEG if verk.plan.kommun else (_FORSTA_STEG, *_STEG)
    for i, (step, sheet) in enumerate(steps, start=1):
        row += 1
        verk.sheet.write_url(row, 0, f"internal:'{sheet}'!A1", link, f"{i}. {sheet}")
        _write_bredvid(verk, row, step)
    return row + 1


def _write_knapphjalp(verk: Bladverk, row: int) -> None:
    """Write what to do when the buttons don't work."""
    verk.mellanrubrik(row, 0, KNAPPHJALPSRUBRIK)
    for label, text in _KNAPPHJALP:
        row += 1
        verk.write(row, 0, label, verk.format.get())
        _write_bredvid(verk, row, text)


def _write_bredvid(verk: Bladverk, row: int, text: str) -> None:
    """Write a text over the second and third columns."""
    fmt = verk.format.get(text_wrap=True)
    verk.sheet.merge_range(row, 1, row, 2, "", fmt)
    verk.write(row, 1, text, fmt)
    verk.sheet.set_row(row, 14.0 * count_lines(text, _BREDDER[1] + _BREDDER[2]) + 3)
