"""What is written beside the tables of a committee's workbook, and what is not taken for it."""

from datetime import datetime
from pathlib import Path

import pytest

from excelredigering import MAIN, REL, Excelredigering, q
from genomlysning.kommandorad import run
from genomlysning.sammanstallning.anteckningar import (
    ANDRAT_UTKAST,
    EGET_BLAD,
    INSTALLNINGAR,
    KOMMENTAR,
    MEST_PER_BLAD,
    NAMNLOS,
    SUMMARAD,
    TEXTRUTA,
    UTANFOR,
)
from genomlysning.sammanstallning.arbetare import Lasare
from genomlysning.sammanstallning.lasning import read_namndbok
from genomlysning.sammanstallning.namndbok import ANTECKNINGAR
from namndbocker import make_bok

ROOT = Path(__file__).parents[1]
TRAD = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"


@pytest.fixture(scope="module")
def exempel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fil = tmp_path_factory.mktemp("exempel") / "ex.xlsx"
    make_bok("socialnamnden", fil, datetime(2026, 11, 24), exempel=True)
    return fil


def read(fil: Path) -> list[tuple[str, str, str, str]]:
    rows = read_namndbok(fil).rader(ANTECKNINGAR)
    return [(r["slag"], r["blad"], r["cell"], r["text"]) for r in rows]


def change(exempel: Path, fil: Path, edit) -> list[tuple[str, str, str, str]]:
    bok = Excelredigering(exempel)
    edit(bok)
    bok.save(fil)
    return read(fil)


def test_nothing_of_the_programs_own_is_taken_for_a_note(exempel, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["kopia", str(exempel), "--ut", "kopia.xlsx"]) == 0
    assert run(["nytt-ar", str(exempel), "--ut", "ny.xlsx"]) == 0
    arkiv = sorted((ROOT / "tests" / "arkiv").glob("*.xlsx"))
    assert arkiv
    files = (exempel, tmp_path / "kopia.xlsx", tmp_path / "ny.xlsx", *arkiv)
    for fil in (*files, ROOT / "genomlysning.xlsm"):
        # The kept ones have a reference number that somebody wrote.
        assert [n for n in read(fil) if n[0] != INSTALLNINGAR] == [], fil


def test_cells_side_by_side_are_one_note(exempel, tmp_path) -> None:
    def edit(bok: Excelredigering) -> None:
        for ref, value in (("B30", "Se"), ("C30", 12.5), ("E30", "sidan 4"), ("B32", " ")):
            bok.put("3.1 Kort sikt", ref, value)
        bok.put("Referenskostnad", "A16", "Mellan summorna och åren")
        bok.put("Start", "A44", "Under stegen")

    assert change(exempel, tmp_path / "a.xlsx", edit) == [
        (UTANFOR, "Start", "A44", "Under stegen"),
        (UTANFOR, "Referenskostnad", "A16", "Mellan summorna och åren"),
        (UTANFOR, "3.1 Kort sikt", "B30", "Se | 12,5 | sidan 4"),
    ]


MELLAN = {
    "Start": ("A5", "B5", "B20", "C20", "A35", "C36"),
    "Sammanfattning": ("A4", "A8", "A15", "D16", "F2", "J20", "B29", "K33"),
    "Referenskostnad": ("A4", "A5", "A16", "C12"),
    "2.1 Ekonomi": ("A4", "B4", "A5"),
    "2.4 Analys": ("B5", "B6", "C5"),
    "3 Uppföljning": ("C12", "C18"),
    "3.1 Kort sikt": ("B4", "B5"),
    "Logg": ("B2", "B5"),
}


def test_text_among_the_programs_own_is_a_note(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    for sheet, places in MELLAN.items():
        for ref in places:
            bok.put(sheet, ref, f"Eget i {sheet} {ref}")
    bok.save(tmp_path / "a.xlsx")
    # Cells side by side are one note, at the first of them.
    whole = "\n".join(text for *_, text in read(tmp_path / "a.xlsx"))
    for sheet, places in MELLAN.items():
        for ref in places:
            assert f"Eget i {sheet} {ref}" in whole
    assert len(whole.split("Eget i ")) == 1 + sum(map(len, MELLAN.values()))


def test_rows_that_are_made_room_for_among_the_programs_texts_are_notes(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    places = {
        "2.1 Ekonomi": "A4",
        "3.1 Kort sikt": "A5",
        "4.1 Inom förvaltningen": "A5",
        "Logg": "A5",
        "Sammanfattning": "C8",
    }
    for sheet, ref in places.items():
        bok.put(sheet, ref, f"Eget i {sheet}")
    bok.put("Start", "A22", "Handläggare")
    bok.put("Start", "B22", "Anna")
    bok.put("Start", "C9", "Vi utgick från förra profilen.")
    # The program's own word is a person's when it comes again.
    bok.put("Referenskostnad", "B40", "Netto")
    bok.put("Referenskostnad", "C40", 12.5)
    bok.save(tmp_path / "a.xlsx")
    notes = {(sheet, cell): text for _, sheet, cell, text in read(tmp_path / "a.xlsx")}
    assert notes == {
        **{place: f"Eget i {place[0]}" for place in places.items()},
        ("Start", "A22"): "Handläggare | Anna",
        ("Start", "C9"): "Vi utgick från förra profilen.",
        ("Referenskostnad", "B40"): "Netto | 12,5",
    }


@pytest.mark.parametrize("table", ["Ekonomi", "EkonomiOverTid", "Referenskostnad", "KortSikt"])
def test_an_own_column_moves_the_programs_texts_without_making_them_notes(
    exempel, tmp_path, table
) -> None:
    bok = Excelredigering(exempel)
    headers = [c.get("name") for c in bok.table(table)[1].iter(q("tableColumn"))]
    bok.insert_column(table, headers[1], "Ansvarig")
    bok.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == []


def test_sheets_without_code_names_are_known_by_what_stands_on_them(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    for sheet in bok.sheets:
        properties = bok.sheet(sheet).find(q("sheetPr"))
        if properties is not None:
            properties.attrib.pop("codeName", None)
    renamed = {"Start": "Framsida", "Sammanfattning": "Kort", "2.4 Analys": "A", "Listor": "L"}
    renamed |= {"3 Uppföljning": "U", "Jämförelsegrupper": "J", "Logg": "H"}
    workbook = bok.root("xl/workbook.xml")
    for entry in workbook.find(q("sheets")):
        entry.set("name", renamed.get(entry.get("name"), entry.get("name")))
    for name in workbook.iter(q("definedName")):
        sheet, _, ref = (name.text or "").rpartition("!")
        if (old := sheet.strip("'")) in renamed:
            name.text = f"'{renamed[old]}'!{ref}"
    bok.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == []
    told = read_namndbok(tmp_path / "a.xlsx").varningar
    assert not any("egna blad" in t or "kopia" in t for t in told)


def test_an_analysis_that_has_lost_its_name_and_heading_is_a_note(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    bok.put_name("Analys", "Vår analys av året.")
    for name in list(bok.root("xl/workbook.xml").iter(q("definedName"))):
        if name.get("name") in ("Analys", "Uppfoljning"):
            name.text = "#REF!"
    bok.put("3 Uppföljning", "A7", "Vår uppföljning.")
    for sheet in ("2.4 Analys", "3 Uppföljning"):
        bok.put(sheet, "A6", None)
    bok.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert [n[1:] for n in found] == [
        ("2.4 Analys", "A7", "Vår analys av året."),
        ("3 Uppföljning", "A7", "Vår uppföljning."),
    ]


def test_the_settings_that_people_have_made_are_one_note(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    bok.put_name("Diarienummer", "KS 2026/1")
    bok.put_name("Tolerans", 3.5)
    bok.save(tmp_path / "a.xlsx")
    (note,) = read(tmp_path / "a.xlsx")
    assert note == (INSTALLNINGAR, "Start", "B16", "Diarienummer: KS 2026/1; Tolerans (%): 3,5")


SUMMOR = (
    ("Summa", None, True),
    ("Totalt per år:", None, True),
    (None, "Summa förslag 4.1", True),
    ("Summa", "Av flera små åtgärder", False),
    ("Total översyn av lokaler", None, False),
)


@pytest.mark.parametrize(("omrade", "beskrivning", "summa"), SUMMOR)
def test_a_sum_row_is_no_proposal(exempel, tmp_path, omrade, beskrivning, summa) -> None:
    bok = Excelredigering(exempel)
    row = bok.area("InomForvaltningen")[2]
    told = {"Område": omrade, "Beskrivning": beskrivning, "Möjlig effektivisering": "9 mkr per år"}
    for header, text in told.items():
        bok.put_in("InomForvaltningen", row, header, text)
    bok.save(tmp_path / "a.xlsx")
    found = read_namndbok(tmp_path / "a.xlsx")
    assert (len(found.rader("InomForvaltningen")) == 0) is summa
    assert any("ser ut som en summa" in w for w in found.varningar) is summa
    assert [n[0] for n in read(tmp_path / "a.xlsx")] == [SUMMARAD] * summa


def test_a_date_in_a_column_of_numbers_is_no_number(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    row, sheet = bok.area("Ekonomi")[0] + 1, bok.table("Ekonomi")[0]
    ref = f"{bok.column('Ekonomi', 'Exempelkommun 2025')}{row}"
    bok.put(sheet, ref, 46_025.0)
    bok.cell(sheet, ref).set("s", bok.cell("Logg", "A7").get("s"))
    bok.save(tmp_path / "a.xlsx")
    first = read_namndbok(tmp_path / "a.xlsx").rader("Ekonomi")[0]
    assert first["varde"] is None
    assert "Exempelkommun 2025: 2026-01-03" in first["ovrigt"]


def test_a_changed_draft_is_a_note(exempel, tmp_path) -> None:
    (note,) = change(exempel, tmp_path / "a.xlsx", lambda b: b.put_name("IKorthet", "Egna ord."))
    assert note == (ANDRAT_UTKAST, "Sammanfattning", "H10", "Egna ord.")


def test_notes_to_cells_are_read_once(exempel, tmp_path) -> None:
    def edit(bok: Excelredigering) -> None:
        sheet = "2.1 Ekonomi"
        bok.add_comments(sheet, {"B8": "Gammal_x0020_sort"})
        thread = "".join(
            f'<threadedComment ref="B9" id="{n}"><text>{text}</text></threadedComment>'
            for n, text in enumerate(("Fråga?", "Svar."))
        )
        name = "xl/threadedComments/threadedComment1.xml"
        content = f'<ThreadedComments xmlns="{TRAD}">{thread}</ThreadedComments>'.encode()
        bok.add_part(name, content, "application/vnd.ms-excel.threadedcomments+xml")
        kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
        bok.relate(bok.sheets[sheet], kind, "../threadedComments/threadedComment1.xml")
        # Its plain copy, for programs that know no threads.
        copy = '<comment ref="B9" authorId="0"><text><t>Fråga? Svar.</t></text></comment>'
        body = f"<authors><author>tc={{1}}</author></authors><commentList>{copy}</commentList>"
        bok.add_part(
            "xl/comments7.xml", f'<comments xmlns="{MAIN}">{body}</comments>'.encode(), "x"
        )
        bok.relate(bok.sheets[sheet], f"{REL}/comments", "../comments7.xml")

    found = change(exempel, tmp_path / "a.xlsx", edit)
    assert {(kind, cell, text) for kind, _, cell, text in found} == {
        (KOMMENTAR, "B8", "Gammal sort"),
        (KOMMENTAR, "B9", "Fråga?"),
        (KOMMENTAR, "B9", "Svar."),
    }
    assert len(found) == 3


def test_the_texts_of_boxes_are_notes_but_not_those_of_buttons(exempel, tmp_path) -> None:
    def edit(bok: Excelredigering) -> None:
        bok.add_textbox("4.1 Inom förvaltningen", "D9", "Fråga BUN", "före mars")
        name = bok.add_textbox("4.2 Kommunövergripande", "C3", "Bilar")
        whole = (
            bok.parts[name].decode().replace("Bilar", "Bilar</a:t></a:r><a:br/><a:r><a:t>och hus")
        )
        start, end = whole.index("<d:oneCell"), whole.index("</d:wsDr>")
        anchor = whole[start:end]
        newer = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        both = f"<mc:Choice>{anchor}</mc:Choice><mc:Fallback>{anchor}</mc:Fallback>"
        whole = f"{whole[:start]}<mc:AlternateContent {newer}>{both}</mc:AlternateContent></d:wsDr>"
        bok.parts[name] = whole.encode()
        bok.add_textbox("3.1 Kort sikt", "D9", "Hämta Kolada", macro="[0]!Hamta")
        bok.add_textbox("2.1 Ekonomi", "D3", "Sök nyckeltal")  # as ONLYOFFICE leaves a button
        bok.add_textbox("3.2 Lång sikt", "D9", "1 234", textlink="$A$1")
        bok.add_textbox("3.3 Under utredning", "D9", " ")

    found = change(exempel, tmp_path / "k.xlsx", edit)
    assert found == [
        (TEXTRUTA, "4.1 Inom förvaltningen", "D9", "Fråga BUN\nföre mars"),
        (TEXTRUTA, "4.2 Kommunövergripande", "C3", "Bilar\noch hus"),
    ]


def test_an_own_sheet_is_read_to_a_limit_that_is_told(exempel, tmp_path) -> None:
    cells = {f"A{n}": f"Rad {n}" for n in range(1, MEST_PER_BLAD + 2)}
    found = change(exempel, tmp_path / "a.xlsx", lambda b: b.add_sheet("Bokföring", cells))
    assert [n[3] for n in found] == [f"Rad {n}" for n in range(1, MEST_PER_BLAD + 1)]
    assert {n[0] for n in found} == {EGET_BLAD}
    told = read_namndbok(tmp_path / "a.xlsx").varningar
    assert any(f"Av bladet Bokföring är de första {MEST_PER_BLAD} raderna" in t for t in told)


def test_a_verksamhet_without_a_name_is_a_note(exempel, tmp_path) -> None:
    def edit(bok: Excelredigering) -> None:
        row = bok.area("Referenskostnad")[2]
        bok.put_in("Referenskostnad", row, "Verksamhet", None)
        bok.put_in("Referenskostnad", row, "Anmärkning", "Utan namn")

    (note,) = change(exempel, tmp_path / "a.xlsx", edit)
    assert note[:2] == (NAMNLOS, "Referenskostnad")
    assert "Anmärkning: Utan namn" in note[3]
    assert "Nettokostnad (kr/inv): " in note[3]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="ZZ90000"><v>1</v></c>',  # calamine's memory for it would end the process
        '<c r="A1" s="{tid}"><v>1e10</v></c>',  # hours without end
        f'<c r="A1"><v>{"1" * 500}</v></c>',  # data, to this test's limit
    ],
)
def test_an_own_sheet_that_cant_be_read_costs_no_more_than_itself(
    exempel, tmp_path, monkeypatch, cell: str
) -> None:
    monkeypatch.setattr("genomlysning.sammanstallning.anteckningar.MEST_EGNA", 500)
    bok = Excelredigering(exempel)
    bok.add_sheet("Rådata", {})
    styles = bok.root("xl/styles.xml").find(q("cellXfs"))
    styles.append(styles.makeelement(q("xf"), {"numFmtId": "46"}))
    cell = cell.replace("{tid}", str(len(styles) - 1))
    bok.parts[bok.sheets["Rådata"]] = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row>{cell}</row></sheetData></worksheet>'
    ).encode()
    bok.save(tmp_path / "a.xlsx")
    lasare = Lasare()
    found = (lasare.read if "ZZ" in cell else read_namndbok)(tmp_path / "a.xlsx")
    lasare.stop()
    assert found.rader("Ekonomi") == read_namndbok(exempel).rader("Ekonomi")
    assert any("utanför tabellerna på Rådata är inte läst" in t for t in found.varningar)


def test_notes_to_cells_that_cant_be_read_cost_no_more_than_themselves(exempel, tmp_path) -> None:
    bok = Excelredigering(exempel)
    bok.put("2.1 Ekonomi", "B60", "Under tabellen")
    bok.relate(bok.sheets["2.1 Ekonomi"], f"{REL}/comments", "../comments9.xml")
    bok.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == [(UTANFOR, "2.1 Ekonomi", "B60", "Under tabellen")]
    told = read_namndbok(tmp_path / "a.xlsx").varningar
    assert any("utanför tabellerna på 2.1 Ekonomi är inte läst, eller" in t for t in told)


def test_a_sum_below_a_table_is_no_proposal(exempel, tmp_path) -> None:
    table, header = "InomForvaltningen", "Möjlig effektivisering"
    bok = Excelredigering(exempel)
    sheet, (first, _, last, _) = bok.table(table)[0], bok.area(table)
    for row in range(first + 1, last + 1):
        bok.put_in(table, row, header, 500_000.0)
    amount = f"{bok.column(table, header)}{last + 1}"
    bok.put(sheet, f"A{last + 1}", "Summa")
    bok.put(sheet, amount, "=SUM(C7:C14)")
    cell = bok.cell(sheet, amount)
    cell.append(cell.makeelement(q("v")))
    cell[-1].text = "4000000"
    bok.save(tmp_path / "a.xlsx")
    amounts = [r["belopp"] for r in read_namndbok(tmp_path / "a.xlsx").rader(table)]
    assert amounts == [500_000.0] * (last - first)
    assert read(tmp_path / "a.xlsx") == [
        (UTANFOR, sheet, f"A{last + 1}", "Summa | 4000000"),
    ]
