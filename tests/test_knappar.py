"""The buttons, against an Excel of the tests' own: what is written, and that nothing else is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import xlwings as xw
from docx import Document
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table

from excelmotor import changes, motor, open_live, recalculate, snapshot
from excelredigering import Excelredigering
from genomlysning import bokhamtning, sok
from genomlysning.begrepp import KOMMUNGENOMSNITT
from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.bok.plan import plan_tom_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.excel import dialog, knappar
from genomlysning.excel.levande import Levandeblad
from genomlysning.excel.skrivning import group_rutor, order_byten, to_excel
from genomlysning.kolada import Kolada, anslutning
from genomlysning.kommandorad import run
from koladaserver import Fel, Koladaserver
from libreoffice import require_libreoffice

BUN = "barn-och-ungdomsnamnden"
ALINGSAS = "1489"
FYLLD, TOM = Path("fylld.xlsx"), Path("tom.xlsx")
MADE: dict[str, bytes] = {}
ALLA = ("hamta_kolada", "kontrollera_referenskostnad", "skriv_sammanfattning", "sok_nyckeltal")


@pytest.fixture(autouse=True)
def _filer(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)
    if not MADE:  # the same workbooks and store for every test
        arguments = ["--kommun", "Alingsås", "--namnd", BUN, "--ar", "2024", "--ut", str(FYLLD)]
        assert run(["skapa", *arguments]) == 0
        write_bok(plan_tom_bok(datetime(2026, 11, 1)), TOM)
        MADE.update({f: Path(f).read_bytes() for f in (str(FYLLD), str(TOM), "lager.sqlite")})
    for name, content in MADE.items():
        Path(name).write_bytes(content)


@pytest.fixture
def bok() -> Iterator[xw.Book]:
    yield from _open(FYLLD)


@pytest.fixture
def tom_bok() -> Iterator[xw.Book]:
    yield from _open(TOM)


def _open(path: Path) -> Iterator[xw.Book]:
    book = open_live(path)
    yield book
    book.app.quit()


def forget_store() -> None:
    """Let every figure be asked for anew."""
    Path("lager.sqlite").unlink()


def name(book: xw.Book, key: str) -> xw.Range:
    return book.names[key].refers_to_range


def message(book: xw.Book) -> str:
    """Return the one message that a click has ended with."""
    [(text, title, _, _)] = motor(book).alerts
    assert title.startswith("Genomlysning – ")
    return text


def rows(book: xw.Book, table: str) -> list[dict]:
    found = next(t for s in book.sheets for t in s.tables if t.name == table)
    header, *values = found.range.options(ndim=2).value
    return [dict(zip(header, v, strict=True)) for v in values]


def edit_as_people_do(path: Path) -> None:
    """Own rows and columns, a shortened name, a sheet, notes, rich text, text in free fields."""
    edited = Excelredigering(path)
    row = edited.find_row("Ekonomi", "Kolada-id", "U15011")
    edited.put_in("Ekonomi", row, "Nyckeltal", "Kort namn")
    edited.put_in("Ekonomi", row, "Kommentar", "−2 kr & <mer>")
    edited.insert_row(
        "Ekonomi",
        row,
        {"Nyckeltal": "Vårt eget", "Alingsås 2024": 12.0, "Liknande kommuner 2024": 10.0,
         "Enhet": "%", "Önskad riktning": "Högre", "Kommentar": "eget"},
    )  # fmt: skip
    edited.insert_column("Ekonomi", "Avser år", "Vår kolumn")
    edited.put_in("Ekonomi", row + 1, "Vår kolumn", "vår text")
    edited.insert_row("KortSikt", 7, {"Åtgärd": "=1+1", "Genomförandestatus": "Pågår"})
    edited.put_name("Analys", "Vår analys.")
    edited.put_name("Uppfoljning", "Så gick det.")
    edited.add_sheet("Egen flik", {"A1": "=SUM(Ekonomi[[Alingsås 2024]])", "A4": "text"})
    edited.save(path)
    book = load_workbook(path, rich_text=True)
    book["2.1 Ekonomi"]["A8"].comment = Comment("Min anteckning", "Kim")
    book["2.4 Analys"].add_table(Table(displayName="Egen", ref="F30:G31"))
    book["2.4 Analys"]["F30"], book["2.4 Analys"]["G30"] = "Fråga", "Svar"
    book.save(path)


def own_cells(book: xw.Book) -> set[tuple[str, str]]:
    """Return (sheet, header) of what a click may change in the tables of figures."""
    return {
        (s.name, h)
        for s in book.sheets
        for t in s.tables
        for h in t.header_row_range.options(ndim=1).value
        if h in ("Placering", "Av", "Antal liknande", "Jämförelsegrupp", "Anmärkning", "Källa",
                 "Hämtad") or h.endswith((" 2024", " 2025"))
    }  # fmt: skip


# ---- Hämta Kolada ----------------------------------------------------------------------------


def test_a_blank_workbook_is_filled_in_place(tom_bok: xw.Book, koladaserver: Koladaserver) -> None:
    name(tom_bok, "Kommun").value = "Alingsås"
    name(tom_bok, "Profil").value = "Barn- och ungdomsnämnden"
    motor(tom_bok).reset()
    knappar.hamta_kolada()
    assert message(tom_bok).startswith("36 nyckeltal för Alingsås 2025 är hämtade")
    ekonomi = rows(tom_bok, "Ekonomi")
    own = {r["Kolada-id"]: r["Alingsås 2025"] for r in ekonomi}
    assert own["N11024"] == koladaserver.value("N11024", ALINGSAS, 2025)[0]
    assert ekonomi[0]["Nyckeltal"] == "Nettokostnadsavvikelse förskola"
    names = [r["Verksamhet"] for r in rows(tom_bok, "Referenskostnad")]
    assert names[:3] == ["Förskola", "Fritidshem", "Grundskola F–9"]
    assert not any(names[3:])
    assert name(tom_bok, "Dataar").value == 2025
    assert name(tom_bok, "Namnd").value == "Barn- och ungdomsnämnden"
    heading = tom_bok.sheets["4.1 Inom förvaltningen"].range("A1").value
    assert heading.endswith("ska undersökas av barn- och ungdomsförvaltningen")
    assert name(tom_bok, "IKorthet").value
    hidden = [tom_bok.sheets["Referenskostnad"].range((r, 1)).row_height == 0 for r in range(7, 16)]
    assert hidden == [False] * 3 + [True] * 6


def test_a_filled_blank_workbook_reckons_as_the_rules_do(tom_bok: xw.Book) -> None:
    require_libreoffice()
    name(tom_bok, "Kommun").value = "Alingsås"
    name(tom_bok, "Profil").value = BUN
    name(tom_bok, "Dataar").value = 2024
    knappar.hamta_kolada()
    reckoned = recalculate(tom_bok)
    errors = [(s, c) for s, cells in reckoned.items() for c, cell in cells.items() if cell.error]
    assert not errors
    made = load_workbook(FYLLD, data_only=True)
    for sheet in ("Sammanfattning", "2.1 Ekonomi", "2.3 Kvalitet över tid", "Referenskostnad"):
        wanted = {
            str(c.value)
            for row in made[sheet].iter_rows()
            for c in row
            if isinstance(c.value, str) and c.value in ("Bättre", "Sämre", "Ja", "Nej", "I nivå")
        }
        got = {str(c.value) for c in reckoned[sheet].values()}
        assert wanted <= got
    skillnad = {r["Kolada-id"]: r["Skillnad"] for r in _table_rows(made["2.1 Ekonomi"], "Ekonomi")}
    sheet = tom_bok.sheets["2.1 Ekonomi"]
    for row in range(7, 7 + len(skillnad)):
        figure = sheet.range((row, 14)).value
        assert reckoned["2.1 Ekonomi"][f"H{row}"].value == pytest.approx(skillnad[figure])


def _table_rows(sheet, table: str) -> list[dict]:
    header, *body = sheet[sheet.tables[table].ref]
    heads = [c.value for c in header]
    return [dict(zip(heads, (c.value for c in r), strict=True)) for r in body]


def test_an_edited_workbook_is_filled_and_nothing_else_changes(koladaserver: Koladaserver) -> None:
    edit_as_people_do(FYLLD)
    koladaserver.varden["U15011", ALINGSAS, 2024] = 41.5
    koladaserver.varden["U15011", KOMMUNGENOMSNITT, 2024] = 42.5
    forget_store()
    book = open_live(FYLLD)
    before = snapshot(book)
    knappar.hamta_kolada()
    assert "1 ändrat" in message(book)
    row = next(r for r in rows(book, "Ekonomi") if r["Kolada-id"] == "U15011")
    assert (row["Nyckeltal"], row["Alingsås 2024"], row["Kommungenomsnitt 2024"]) == (
        "Kort namn",
        41.5,
        42.5,
    )
    assert (row["Kommentar"], row["Vår kolumn"]) == ("−2 kr & <mer>", "vår text")
    own = next(r for r in rows(book, "Ekonomi") if r["Nyckeltal"] == "Vårt eget")
    assert (own["Alingsås 2024"], own["Kolada-id"]) == (12.0, None)
    allowed = own_cells(book)
    heads = {
        (s.name, t.range.column + i): h
        for s in book.sheets
        for t in s.tables
        for i, h in enumerate(t.header_row_range.options(ndim=1).value)
    }
    for place, what in changes(before, snapshot(book)).items():
        sheet = place[0] if isinstance(place, tuple) else place
        if sheet in ("Logg", "Listor", "Sammanfattning"):
            continue
        cell = place[1] if isinstance(place, tuple) and len(place) > 1 else ""
        try:
            col = book.sheets[sheet].range(cell).column
        except Exception:
            pytest.fail(f"{place}: {what}")
        if (sheet, heads.get((sheet, col))) in allowed:
            continue
        assert (sheet, cell) in {("Start", "B21"), ("2.4 Analys", "C7")}, (place, what)


def test_headers_follow_municipality_and_year(bok: xw.Book) -> None:
    name(bok, "Kommun").value = "Mark"
    name(bok, "Dataar").value = 2025
    knappar.hamta_kolada()
    heads = list(rows(bok, "Ekonomi")[0])
    assert heads[1:4] == ["Mark 2025", "Liknande kommuner 2025", "Kommungenomsnitt 2025"]
    assert list(rows(bok, "EkonomiOverTid")[0])[1:4] == ["År 2023", "År 2024", "År 2025"]
    assert list(rows(bok, "ReferenskostnadOverTid")[0])[1:6] == [str(y) for y in range(2021, 2026)]
    formulas = bok.sheets["2.1 Ekonomi"].range("H7").formula
    assert "Mark 2025" in formulas
    assert "Alingsås" not in formulas


def test_one_write_per_run_and_all_settings_restored(bok: xw.Book) -> None:
    forget_store()
    seen = motor(bok)
    bok.sheets["3.1 Kort sikt"].activate()
    bok.sheets["3.1 Kort sikt"].range("B8").select()
    seen.reset()
    knappar.hamta_kolada()
    values = [w for w in seen.log if w.kind == "value"]
    # Nothing has changed in Kolada: the day and the log are all there is to write.
    assert {w.sheet for w in values} <= {"Logg", "Start", "Jämförelsegrupper"} | {
        s.name for s in bok.sheets if s.name.startswith("2.")
    }
    per_sheet = {s: sum(w.sheet == s for w in values) for s in {w.sheet for w in values}}
    assert max(per_sheet.values()) <= 2
    last = dict(seen.history)
    assert (last["screen_updating"], last["calculation"]) == (True, "automatic")
    assert bok.app.status_bar is False
    assert bok.selection.address == "$B$8"
    assert any("Hämtar" in str(v) for k, v in seen.history if k == "status_bar")


@pytest.mark.parametrize("knapp", ["hamta_kolada", "kontrollera_referenskostnad", "sok_nyckeltal"])
def test_no_fault_of_koladas_changes_a_cell(
    bok: xw.Book, koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, knapp: str
) -> None:
    for module in (bokhamtning, sok):
        monkeypatch.setattr(module, "Kolada", partial(Kolada, tidsgrans=0.5))
    bok.sheets["2.2 Personal"].activate()
    motor(bok).macros["Genomlysning.Fraga"] = lambda text, *_: "N00094" if "ord" in text else "1"
    motor(bok).reset()
    before = snapshot(bok)
    kinds = "429 500 503 404 410 reset cut cut-json html redirect not-json wrong-types loop foreign"
    for kind in [*kinds.split(), "slow", "trickle"]:
        forget_store()
        koladaserver.fel = Fel(kind, sokvag="/data/" if kind == "wrong-types" else "")
        getattr(knappar, knapp)()
        text = message(bok)
        assert "Kolada" in text or "nätet" in text, kind
        assert text.endswith("."), kind
        assert not motor(bok).log, kind
        motor(bok).alerts.clear()
    assert not changes(before, snapshot(bok))


@pytest.mark.parametrize("knapp", ["hamta_kolada", "kontrollera_referenskostnad", "sok_nyckeltal"])
def test_esc_ends_a_fetch_that_waits_and_changes_no_cell(
    bok: xw.Book, koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, knapp: str
) -> None:
    bok.sheets["2.2 Personal"].activate()
    motor(bok).macros["Genomlysning.Fraga"] = lambda text, *_: "N00094" if "ord" in text else "1"
    forget_store()
    before = snapshot(bok)
    motor(bok).reset()
    koladaserver.anrop.clear()
    koladaserver.fel = Fel("slow")
    monkeypatch.setattr(dialog, "is_esc_pressed", lambda _: bool(koladaserver.anrop))
    getattr(knappar, knapp)()
    assert message(bok) == "Inget har ändrats."
    assert bok.app.status_bar is False
    assert not motor(bok).log
    assert not changes(before, snapshot(bok))


def test_a_fault_late_in_the_fetch_changes_no_cell(
    bok: xw.Book, koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_store()
    koladaserver.anrop.clear()  # of those that the workbook itself was made with
    knappar.hamta_kolada()
    # A fetch that was given up in another test may still be asking: the same, once more.
    asked = len(set(koladaserver.anrop))
    monkeypatch.setattr(bokhamtning, "Kolada", partial(Kolada, tidsgrans=0.5))
    before = snapshot(bok)
    for number in range(asked + 1, 2 * asked + 1):
        forget_store()
        motor(bok).reset()
        koladaserver.anrop[asked:] = []
        koladaserver.fel = lambda n, _, first=number: Fel("404") if n >= first else None
        knappar.hamta_kolada()
        assert "Kolada" in message(bok)
        assert not motor(bok).log
    assert not changes(before, snapshot(bok))


def test_no_network_is_told_with_what_to_do(bok: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_store()
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "http://127.0.0.1:9/v3")
    knappar.hamta_kolada()
    assert "Kontrollera att datorn har nät" in message(bok)
    assert not motor(bok).log


def test_every_fault_of_the_settings_is_told_at_once(bok: xw.Book) -> None:
    name(bok, "Kommun").value = None
    name(bok, "Dataar").value = 1850
    name(bok, "Tolerans").value = "två"
    motor(bok).reset()
    for knapp in ALLA:
        getattr(knappar, knapp)()
        text = message(bok)
        for part in ("Start!B7 (Kommun)", "Start!B10 (Dataår)", "Start!B19 (Tolerans (%))"):
            assert part in text, knapp
        motor(bok).alerts.clear()
    assert not motor(bok).log


def test_a_wrong_municipality_is_told_with_its_cell(bok: xw.Book) -> None:
    name(bok, "Kommun").value = "Alingsas"
    knappar.hamta_kolada()
    assert "Start!B7" in message(bok)
    assert "Menade du Alingsås?" in message(bok)


def test_an_adopted_workbook_asks_first(bok: xw.Book) -> None:
    name(bok, "AntagenDatum").value = datetime(2026, 3, 1)
    name(bok, "AntagenParagraf").value = "§ 12"
    seen = motor(bok)
    seen.reset()
    before = snapshot(bok)
    seen.answers.append("no")
    knappar.hamta_kolada()
    question, answer = seen.alerts
    assert "2026-03-01, § 12" in question[0]
    assert answer[0] == "Inget har ändrats."
    assert not changes(before, snapshot(bok))
    seen.answers.append("yes")
    knappar.hamta_kolada()
    assert "är hämtade" in seen.alerts[-1][0]


@pytest.mark.parametrize("n", [1, 5, 7, 9, 11, 12, 15, 18, 23, 28, 33, 38])
def test_a_fault_of_excels_own_is_taken_back(
    tom_bok: xw.Book, koladaserver: Koladaserver, n: int
) -> None:
    name(tom_bok, "Kommun").value = "Alingsås"
    name(tom_bok, "Profil").value = BUN
    motor(tom_bok).reset()
    before = _contents(tom_bok)
    motor(tom_bok).fail_on_write(n)
    knappar.hamta_kolada()
    assert "Allt är återställt" in message(tom_bok)
    assert _contents(tom_bok) == before


def _contents(book: xw.Book) -> dict:
    """Return all values, formulas and tables; looks may differ."""
    return {
        s.name: (
            s.range("A1:X60").formula,
            [(t.name, t.range.address) for t in s.tables],
        )
        for s in book.sheets
    }


def test_excel_that_stops_answering_is_told_apart(tom_bok: xw.Book) -> None:
    name(tom_bok, "Kommun").value = "Alingsås"
    name(tom_bok, "Profil").value = BUN
    motor(tom_bok).reset()
    motor(tom_bok).fail_after(9)
    knappar.hamta_kolada()
    assert "Stäng arbetsboken utan att spara" in message(tom_bok)


def test_a_protected_sheet_is_refused_before_anything_is_fetched(
    bok: xw.Book, koladaserver: Koladaserver
) -> None:
    bok.impl.xl["2.2 Personal"].protection.enable()
    forget_store()
    asked = len(koladaserver.anrop)
    knappar.hamta_kolada()
    assert "Bladet 2.2 Personal är skyddat" in message(bok)
    assert len(koladaserver.anrop) == asked


def test_a_workbook_of_an_earlier_form_is_told(bok: xw.Book) -> None:
    said = "dess formler bedömer efter de regler som gällde då"
    knappar.hamta_kolada()
    assert said not in message(bok)
    name(bok, "Bokversion").value = 2
    motor(bok).reset()
    knappar.hamta_kolada()
    assert said in message(bok)


def test_a_workbook_of_a_newer_version_is_refused(bok: xw.Book) -> None:
    listor = bok.sheets["Listor"]
    listor.range("AA1").value = 99
    if "Bokversion" in [n.name for n in bok.names]:
        bok.names["Bokversion"].refers_to = "=Listor!$AA$1"
    else:
        bok.names.add("Bokversion", "=Listor!$AA$1")
    motor(bok).reset()
    for knapp in ALLA:
        getattr(knappar, knapp)()
        assert "nyare version" in message(bok)
        motor(bok).alerts.clear()
    assert not motor(bok).log


def test_what_is_unexpected_is_logged_and_told(
    bok: xw.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knappar, "read_begaran", lambda *_: 1 / 0)
    knappar.hamta_kolada()
    assert "ZeroDivisionError" in message(bok)
    assert "fel.log" in message(bok)
    assert "ZeroDivisionError" in Path("fel.log").read_text("utf-8")


# ---- the other buttons -----------------------------------------------------------------------


def test_the_check_writes_the_reference_cost_only(bok: xw.Book, koladaserver: Koladaserver) -> None:
    for year in (2023, 2024):
        koladaserver.varden["N11024", ALINGSAS, year] = -1.5
    koladaserver.varden["U15011", ALINGSAS, 2024] = 41.5
    forget_store()
    knappar.kontrollera_referenskostnad()
    assert "2 av 3 verksamheter ligger inom referenskostnaden 2024" in message(bok)
    found = rows(bok, "Referenskostnad")[0]
    assert found["Nettokostnadsavvikelse (%)"] == -1.5
    written = {w.sheet for w in motor(bok).log if w.kind == "value"}
    assert written <= {"Referenskostnad", "Listor", "Logg", "Sammanfattning"}
    assert bok.sheets.active.name == "Referenskostnad"


@pytest.mark.parametrize("knapp", ["kontrollera_referenskostnad", "sok_nyckeltal"])
def test_another_year_must_be_fetched_first(bok: xw.Book, knapp: str) -> None:
    name(bok, "Dataar").value = 2023
    motor(bok).reset()
    getattr(knappar, knapp)()
    assert "Start säger Alingsås 2023, men värdena på bladen gäller Alingsås 2024" in message(bok)
    assert not motor(bok).log


def test_the_summary_is_drafted_from_what_the_sheets_say(bok: xw.Book) -> None:
    sheet = bok.sheets["2.3 Kvalitet"]
    row = next(r for r in range(7, 30) if sheet.range((r, 1)).value is None)
    table = next(t for t in sheet.tables)
    table.resize(sheet.range((6, 1), (row, 18)))
    sheet.range((row, 1), (row, 3)).value = [["Vårt eget mått", 99.0, 11.0]]
    sheet.range((row, 6), (row, 7)).value = [["%", "Högre"]]
    kort = bok.sheets["3.1 Kort sikt"]
    kort.range("A7:C7").value = [["Ny åtgärd", "Text", "2 mkr per år"]]
    bok.sheets["3.2 Lång sikt"].range("A5").value = "Se protokollet."
    motor(bok).reset()
    knappar.skriv_sammanfattning()
    assert "är skrivna ur siffrorna" in message(bok)
    assert "Vårt eget mått (99,0 mot 11,0" in name(bok, "IKorthet").value
    assert "Vårt eget mått" in name(bok, "Analysunderlag").value
    assert "2\xa0mkr per år" in kort.range("A5").value
    assert bok.sheets["3.2 Lång sikt"].range("A5").value == "Se protokollet."
    assert "3.2 Lång sikt!A5 har en egen text" in message(bok)
    assert {w.sheet for w in motor(bok).log if w.kind == "value"} <= {
        "Listor", "Sammanfattning", "2.4 Analys", *(s.name for s in bok.sheets if s.name[0] in "34")
    }  # fmt: skip


@pytest.mark.parametrize(("answer", "kept"), [("no", True), ("yes", False)])
def test_a_draft_of_ones_own_is_asked_for(bok: xw.Book, answer: str, kept: bool) -> None:
    name(bok, "IKorthet").value = "Min text"
    motor(bok).reset()
    motor(bok).answers.append(answer)
    knappar.skriv_sammanfattning()
    assert "ändrat för hand" in motor(bok).alerts[0][0]
    assert (name(bok, "IKorthet").value == "Min text") is kept


def test_found_figures_are_added_with_unit_direction_and_group(
    bok: xw.Book, koladaserver: Koladaserver
) -> None:
    bok.sheets["2.2 Personal"].activate()
    asked = []
    answers = iter(["N00094", "1"])
    motor(bok).macros["Genomlysning.Fraga"] = lambda *a: (asked.append(a), next(answers))[1]
    motor(bok).reset()
    before = rows(bok, "Personal")
    knappar.sok_nyckeltal()
    assert "finns nu sist på bladet 2.2 Personal" in message(bok)
    *same, new = rows(bok, "Personal")
    assert [r["Kolada-id"] for r in same] == [r["Kolada-id"] for r in before]
    assert (new["Kolada-id"], new["Enhet"]) == ("N00094", "%")
    assert new["Önskad riktning"] in ("Lägre", "Ingen")
    assert new["Jämförelsegrupp"].startswith("Liknande kommuner, ")
    assert new["Alingsås 2024"] == koladaserver.value("N00094", ALINGSAS, 2024)[0]
    assert "(N00094)" in asked[1][0]
    assert all(len(a[0]) <= 1000 for a in asked)
    last = [r for r in rows(bok, "Logg") if r["Händelse"]][-1]
    assert last["Händelse"] == "Nyckeltal tillagda"
    assert "N00094" in last["Ändrade värden"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([""], "Inget har ändrats."),
        (["N00094", ""], "Inget har ändrats."),
        (["N00094", "7"], "”7” är inget av numren"),
        (["N00094", "1", ""], "Inget har ändrats."),
        (["N00094", "1", "9"], "”9” är inget av numren"),
        (["qzxqzx"], "Inget nyckeltal i Kolada innehåller"),
        (["N11010", "1", "2"], "N11010 finns redan på bladet 2.2 Personal"),
    ],
)
def test_a_search_that_ends_early_changes_nothing(
    bok: xw.Book, answers: list[str], told: str
) -> None:
    bok.sheets["Start"].activate()
    given = iter(answers)
    motor(bok).macros["Genomlysning.Fraga"] = lambda *_: next(given)
    before = snapshot(bok)
    motor(bok).reset()
    knappar.sok_nyckeltal()
    assert told in motor(bok).alerts[0][0]
    assert not changes(before, snapshot(bok))


def test_a_blank_workbook_has_nothing_to_add_to(tom_bok: xw.Book) -> None:
    name(tom_bok, "Kommun").value = "Alingsås"
    name(tom_bok, "Profil").value = BUN
    motor(tom_bok).reset()
    for knapp in ("kontrollera_referenskostnad", "skriv_sammanfattning", "sok_nyckeltal"):
        getattr(knappar, knapp)()
        assert "Klicka först på Hämta Kolada" in message(tom_bok)
        motor(tom_bok).alerts.clear()


# ---- documents -------------------------------------------------------------------------------


def save_as_excel_does(book: xw.Book) -> None:
    """Let the stand-in for VBA save the file that was opened, with its saved values."""

    def save_copy(place: str) -> bool:
        Path(place).write_bytes(FYLLD.read_bytes())
        return True

    motor(book).macros["Genomlysning.SparaKopia"] = save_copy


def test_the_copy_to_send_is_made_beside_the_workbook(bok: xw.Book) -> None:
    save_as_excel_does(bok)
    knappar.kopia_for_utskick()
    assert message(bok).startswith("Kopian är sparad som ")
    made = load_workbook("fylld (kopia).xlsx")
    assert "Listor" not in made.sheetnames
    cells = [c for s in made for row in s.iter_rows() for c in row]
    assert not any(c.data_type == "f" for c in cells)
    assert not motor(bok).log


def test_the_report_is_made_beside_the_workbook(bok: xw.Book) -> None:
    save_as_excel_does(bok)
    knappar.word_rapport()
    assert message(bok).startswith("Rapporten är sparad som ")
    headings = [p.text for p in Document("fylld.docx").paragraphs if p.style.name == "Heading 1"]
    assert len(headings) == 4
    assert not motor(bok).log


def test_next_years_workbook_is_made_beside_the_workbook(bok: xw.Book) -> None:
    edited = Excelredigering(FYLLD)
    edited.put_in("Kommunovergripande", 7, "Område", "Transporter")
    edited.save(FYLLD)
    save_as_excel_does(bok)
    motor(bok).macros["Genomlysning.Fraga"] = lambda *_: "2"
    knappar.nytt_ar()
    text = message(bok)
    assert text.startswith("Arbetsboken för dataår 2025 är sparad som ")
    assert "1 förflyttning till 3.2" in text
    table = load_workbook("fylld 2025.xlsx")["3.2 Lång sikt"]
    assert (table["A7"].value, table["G7"].value) == ("Transporter", "Ja")
    assert not motor(bok).log


@pytest.mark.parametrize(("answer", "words"), [("", "Inget har ändrats"), ("4", "1, 2 eller 3")])
def test_next_year_is_not_made_without_a_place(bok: xw.Book, answer: str, words: str) -> None:
    motor(bok).macros["Genomlysning.Fraga"] = lambda *_: answer
    knappar.nytt_ar()
    assert words in message(bok)
    assert not list(Path().glob("*2025*"))


@pytest.mark.parametrize("knapp", ["kopia_for_utskick", "word_rapport", "nytt_ar"])
def test_excel_that_cannot_save_is_told(bok: xw.Book, knapp: str) -> None:
    motor(bok).macros["Genomlysning.SparaKopia"] = lambda _: False
    motor(bok).macros["Genomlysning.Fraga"] = lambda *_: "3"
    getattr(knappar, knapp)()
    assert "Spara arbetsboken på datorn" in message(bok)
    assert not list(Path().glob("*.docx")) + list(Path().glob("*kopia*"))
    assert not list(Path().glob("*20??*"))


# ---- what Excel may come up with --------------------------------------------------------------


def test_a_renamed_column_of_values_is_refused(bok: xw.Book) -> None:
    bok.sheets["2.1 Ekonomi"].range("C6").value = "Liknande"
    name(bok, "Dataar").value = 2025
    motor(bok).reset()
    knappar.hamta_kolada()
    assert "Rubriken i 2.1 Ekonomi!C6 är ändrad till ”Liknande”" in message(bok)
    assert not motor(bok).log


def test_the_own_column_may_have_any_name_that_ends_with_the_year(bok: xw.Book) -> None:
    bok.sheets["2.1 Ekonomi"].range("B6").value = "Vi själva 2024"
    motor(bok).reset()
    knappar.hamta_kolada()
    assert "inga ändrade" in message(bok)
    assert list(rows(bok, "Ekonomi")[0])[1] == "Alingsås 2024"


def test_errors_money_and_texts_that_look_like_formulas_are_read_as_what_they_are(
    bok: xw.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    blad = Levandeblad(bok.sheets["Start"])
    values = [[-2146826243, Decimal("12.5"), "=1+1", 7, True, None]]
    formulas = [["=SORT(A1:A3)", "12.5", "=1+1", "7", "TRUE", ""]]
    monkeypatch.setattr(Levandeblad, "_content", (values, formulas))
    found = [blad.cell(1, col) for col in range(1, 8)]
    assert found[0].fel
    assert (found[0].tal, found[0].formel) == (None, "SORT(A1:A3)")
    assert found[1].tal == 12.5
    assert (found[2].text, found[2].formel) == ("=1+1", None)
    assert (found[3].tal, found[4].varde, found[5].varde, found[6].varde) == (7.0, True, None, None)


def test_a_workbook_on_the_web_has_no_folder(
    bok: xw.Book, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_path(_: xw.Book) -> str:
        raise xw.XlwingsError("no local copy")

    monkeypatch.setattr(xw.Book, "fullname", property(no_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    knappar.hamta_kolada()
    assert "är hämtade" in motor(bok).alerts[-1][0]
    save_as_excel_does(bok)
    knappar.kopia_for_utskick()
    assert str(tmp_path / "fylld (kopia).xlsx") in motor(bok).alerts[-1][0]


def test_a_hidden_sheet_is_not_shown_but_nothing_is_lost(
    bok: xw.Book, koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: xw.Sheet) -> None:
        raise RuntimeError("hidden")

    monkeypatch.setattr(xw.Sheet, "activate", refuse)
    knappar.kontrollera_referenskostnad()
    assert "ligger inom" in message(bok)


def test_what_happens_after_the_writing_is_told_apart(
    bok: xw.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knappar, "_sum_up", lambda _: 1 / 0)
    knappar.kontrollera_referenskostnad()
    assert message(bok).startswith("Värdena är skrivna")


def test_what_stands_below_a_table_is_never_taken_in(tom_bok: xw.Book) -> None:
    name(tom_bok, "Kommun").value = "Alingsås"
    name(tom_bok, "Profil").value = BUN
    tom_bok.sheets["2.1 Ekonomi"].range("C15").value = "min anteckning"
    motor(tom_bok).reset()
    before = _contents(tom_bok)
    knappar.hamta_kolada()
    assert "2.1 Ekonomi!C15 under den är inte tom" in message(tom_bok)
    assert _contents(tom_bok) == before


def test_a_workbook_that_changes_meanwhile_is_left(
    bok: xw.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knappar, "I_BAKGRUNDEN", True)  # as on macOS
    fetch = knappar.fetch_begaran

    def meanwhile(*arguments, **named):
        bok.sheets["2.1 Ekonomi"].range("A8").value = "Ny rad här"
        return fetch(*arguments, **named)

    monkeypatch.setattr(knappar, "fetch_begaran", meanwhile)
    knappar.hamta_kolada()
    assert "ändrades medan värdena hämtades" in message(bok)
    monkeypatch.setattr(knappar, "fetch_begaran", fetch)
    knappar.hamta_kolada()
    assert "är hämtade" in motor(bok).alerts[-1][0]


# ---- parts -----------------------------------------------------------------------------------


def test_cells_are_joined_to_blocks() -> None:
    cells = {(r, c): 1 for r in (1, 2, 3) for c in (1, 2, 4)}
    assert group_rutor(cells) == [(1, 1, 3, 2), (1, 4, 3, 4)]
    long = {(1, 1): "a", (1, 2): "b" * 9000, (1, 3): "c"}
    assert group_rutor(long) == [(1, 1, 1, 1), (1, 2, 1, 2), (1, 3, 1, 3)]
    below = {(1, 1): "a" * 9000, (2, 1): "b", (3, 1): "c"}
    assert group_rutor(below) == [(1, 1, 1, 1), (2, 1, 3, 1)]


def test_headers_never_stand_twice_on_the_way() -> None:
    columns = {"År 2022": "År 2023", "År 2023": "År 2024", "År 2024": "År 2025"}
    assert order_byten(columns) == [
        ("År 2024", "År 2025"), ("År 2023", "År 2024"), ("År 2022", "År 2023")
    ]  # fmt: skip
    heads = ["A", "B"]
    for old, new in order_byten({"A": "B", "B": "A"}):
        heads[heads.index(old)] = new
        assert len(set(heads)) == 2
    assert heads == ["B", "A"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@a", "'a", "0180", "1,5", "2024-01-01", "maj 2024", "SANT", "50 %"],
)
def test_text_stays_text(bok: xw.Book, text: str) -> None:
    cell = bok.sheets["Start"].range("E40")
    cell.value = to_excel(text)
    assert cell.value == text
    assert not str(cell.formula).startswith("=") or text.startswith("=")


@pytest.mark.parametrize("text", ["Förskola", "kr/inv", "Alingsås 2024", "– minus", "%"])
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert to_excel(text) == text


def test_a_click_imports_neither_pandas_nor_the_builder() -> None:
    # xlwings imports pandas wherever it is installed, so here it is not: ours must do without.
    code = (
        "import json, sys; sys.modules['pandas'] = None; import genomlysning.excel.knappar; "
        "print(json.dumps([m for m, found in sys.modules.items() if found is not None]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True,
        env={**os.environ},
    )  # fmt: skip
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"pandas", "xlsxwriter", "lxml", "openpyxl", "typer", "rich", "requests"}
    assert {"xlwings", "genomlysning.excel.knappar"} <= loaded


#: What a click takes in a workbook of thirty-six rows that is filled already; each of them asks
#: Excel, which answers in some milliseconds.
MEST_SKRIVNINGAR, MEST_LASNINGAR = 4, 40


def test_a_click_reads_and_writes_few_times() -> None:
    book = open_live(FYLLD)
    knappar.hamta_kolada()
    assert "är hämtade" in motor(book).alerts[0][0]
    assert motor(book).writes <= MEST_SKRIVNINGAR
    assert motor(book).reads <= MEST_LASNINGAR


def test_every_button_calls_what_there_is() -> None:
    for knapp in KNAPPAR:
        assert callable(getattr(knappar, knapp.funktion)), knapp
