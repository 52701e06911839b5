"""The sheet Start: settings, the state of the data, checks before a decision, what to do next."""

from collections.abc import Callable
from typing import Any

from genomlysning.anmarkningar import PRELIMINART_MONSTER, is_preliminart
from genomlysning.bok import beskrivning, formler
from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    FORFLYTTNINGSBLAD,
    FORFLYTTNINGSTEXT,
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
from genomlysning.bok.programtexter import (
    FORSTA_STEG,
    KNAPPHJALP,
    KNAPPTEXT,
    KONTROLL_ANALYS,
    KONTROLL_ATGARDER,
    KONTROLL_BERORDA,
    KONTROLL_HANTERING,
    KONTROLL_INDEX,
    KONTROLL_NAMND,
    KONTROLL_SKAL,
    KONTROLL_UPPFOLJNING,
    LAGET,
    STEG,
)
from genomlysning.bok.radhojd import count_lines
from genomlysning.bok.utseende import BLA, DATUM, GRA, GRON_TEXT, ROD_TEXT, SKRIV
from genomlysning.ord import Kategori
from genomlysning.regler.bedomning import Bedomning

_INSTALLNINGAR, _LAGET, _KONTROLLER, _VIDARE = STARTRUBRIKER
_BREDDER = (34.0, 30.0, 76.0)
_KLART, _ATERSTAR, _EJ_AKTUELLT = "Klart", "Återstår", "Inte aktuellt"
#: The names that come with the program are offered; a file of one's own may be written too.
_PROFILVAL = {"validate": "list", "source": f"={PROFILER}", "error_type": "information"}


def write_start(verk: Bladverk) -> None:
    """Write the whole sheet."""
    verk.set_column_widths(_BREDDER)
    verk.write_huvud(sum(_BREDDER), 2)
    verk.set_page(_BREDDER, en_sida=True)
    verk.mellanrubrik(TABELLRAD, 0, _INSTALLNINGAR)
    _write_installningar(verk)
    row = FORSTA_INSTALLNING - 1 + len(INSTALLNINGAR) + 1
    row = _write_laget(verk, row)
    row = _write_kontroller(verk, row + 1)
    row = _write_steg(verk, row + 1)
    if verk.knappar:
        verk.write(LEDTEXTRAD, 0, KNAPPTEXT, verk.format.get(font_color=GRA))
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
    counted: tuple[tuple[str, int], ...] = (
        (
            total(lambda t, _: f'COUNTIF({column(t, "Kolada-id")},"?*")'),
            sum(bool(r.get("id")) for r in rows),
        ),
        (
            total(
                lambda t, v: (
                    f'SUMPRODUCT(({column(t, "Kolada-id")}<>"")*NOT(ISNUMBER({column(t, v)})))'
                )
            ),
            sum(bool(r.get("id")) and not isinstance(r.get("varde"), float | int) for r in rows),
        ),
        (
            total(lambda t, _: f'COUNTIF({column(t, "Anmärkning")},"{PRELIMINART_MONSTER}")'),
            sum(is_preliminart(str(r.get("anmarkning"))) for r in rows),
        ),
        (
            total(lambda t, _: f'COUNTIF({column(t, "Bedömning")},"{Bedomning.OKANT}")'),
            sum(r.get("bedomning") == Bedomning.OKANT for r in rows),
        ),
    )
    for (label, note), (formula, value) in zip(LAGET, counted, strict=True):
        row += 1
        verk.write(row, 0, label, verk.format.cell())
        verk.write_formula(row, 1, formula, value, verk.format.cell(num_format="0", align="left"))
        verk.write(row, 2, note, verk.format.get(font_color=GRA))
    return row + 1


def _write_kontroller(verk: Bladverk, row: int) -> int:
    """Write what remains before a decision, as formulas; return the next row."""
    verk.mellanrubrik(row, 0, _KONTROLLER)
    first = row + 1
    text = verk.plan.fritext
    for (label, note), (formula, value) in (
        (KONTROLL_NAMND, _check_namnd(verk)),
        (KONTROLL_INDEX, _check_index(verk)),
        (KONTROLL_ANALYS, _check_text(ANALYSTEXT, text.analys)),
        (KONTROLL_UPPFOLJNING, _check_text(UPPFOLJNINGSTEXT, text.uppfoljning)),
        (KONTROLL_ATGARDER, _check_rows(verk, UPPFOLJNINGSBLAD, "atgard", "uppfoljning")),
        (KONTROLL_SKAL, _check_text(FORFLYTTNINGSTEXT, text.skal)),
        (KONTROLL_BERORDA, _check_rows(verk, FORFLYTTNINGSBLAD, "beror", "avstamt")),
        (KONTROLL_HANTERING, _check_rows(verk, FORFLYTTNINGSBLAD, "omrade", "hanteras")),
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


def _check_namnd(verk: Bladverk) -> tuple[str, str]:
    formula = f'=IF(OR(Namnd="",Namnd="{UTAN_NAMND}"),"{_ATERSTAR}","{_KLART}")'
    value = _ATERSTAR if verk.plan.namnd in ("", UTAN_NAMND) else _KLART
    return formula, value


def _check_index(verk: Bladverk) -> tuple[str, str]:
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
    return formula, value if required else _EJ_AKTUELLT


def _check_text(name: str, text: str) -> tuple[str, str]:
    return f'=IF(LEN({name})=0,"{_ATERSTAR}","{_KLART}")', _KLART if text else _ATERSTAR


def _check_rows(
    verk: Bladverk, sheets: tuple[beskrivning.Blad, ...], given: str, needed: str
) -> tuple[str, str]:
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
    return formula, value


def _write_steg(verk: Bladverk, row: int) -> int:
    """Write what to do next, each step with a link to its sheet; return the next row."""
    verk.mellanrubrik(row, 0, _VIDARE)
    link = verk.format.get(font_color=BLA, underline=1)
    steps = STEG if verk.plan.kommun else (FORSTA_STEG, *STEG)
    for i, (step, sheet) in enumerate(steps, start=1):
        row += 1
        verk.sheet.write_url(row, 0, f"internal:'{sheet}'!A1", link, f"{i}. {sheet}")
        _write_bredvid(verk, row, step)
    return row + 1


def _write_knapphjalp(verk: Bladverk, row: int) -> None:
    """Write what to do when the buttons don't work."""
    verk.mellanrubrik(row, 0, KNAPPHJALPSRUBRIK)
    for label, text in KNAPPHJALP:
        row += 1
        verk.write(row, 0, label, verk.format.get())
        _write_bredvid(verk, row, text)


def _write_bredvid(verk: Bladverk, row: int, text: str) -> None:
    """Write a text over the second and third columns."""
    fmt = verk.format.get(text_wrap=True)
    verk.sheet.merge_range(row, 1, row, 2, "", fmt)
    verk.write(row, 1, text, fmt)
    verk.sheet.set_row(row, 14.0 * count_lines(text, _BREDDER[1] + _BREDDER[2]) + 3)
