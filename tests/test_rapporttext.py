"""Free text, sources and notes of the report."""

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from excelredigering import Excelredigering
from genomlysning import anmarkningar
from genomlysning.begrepp import Grupp, Nyckeltal
from genomlysning.bok.plan import plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.kolada import anslutning
from genomlysning.kommandorad import run
from genomlysning.profil import load_profil
from genomlysning.rapport.bokdata import Bokrad
from genomlysning.rapport.disposition import find_enhet
from genomlysning.rapport.fritext import clean_text, parse_fritext
from genomlysning.rapport.innehall import Lista, Punkt, Stycke
from genomlysning.rapport.noter import tell_anmarkningar
from genomlysning.skapa import collect_exempel
from genomlysning.svenska import format_ordning, genitiv, namn_i_text
from genomlysning.underlagsberakning import (
    _remark_few,
    _remark_group,
    _remark_missing,
    _remark_preliminary,
)
from genomlysning.uppslag import Gruppmedel
from genomlysning.urval import Gruppval
from koladaserver import Koladaserver
from libreoffice import render, require_libreoffice
from ooxml import require_validator, validate
from worddokument import find_lista, read_avsnitt

IDAG = "2026-11-24"
DOCX = Path("rapport.docx")


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def make(capsys, *options: str) -> tuple[int, str]:
    status = run(["rapport", "bok.xlsx", "--ut", str(DOCX), "--idag", IDAG, *options])
    return status, capsys.readouterr().err


def edit_example() -> Excelredigering:
    write_bok(
        plan_bok(collect_exempel("generell", None, datetime(2026, 11, 24)).underlag),
        Path("bok.xlsx"),
    )
    return Excelredigering(Path("bok.xlsx"))


def find(nummer: str):
    return next(a for a in read_avsnitt(DOCX) if a.nummer == nummer)


# ---- parsing ---------------------------------------------------------------------------------


def test_paragraphs_line_breaks_and_lists():
    text = "Först\nen rad till\n\nNästa.\n- a\n  fortsätter\n• b\n    – under\n1. ett\n2) två\nslut"
    assert parse_fritext(text) == (
        Stycke("Först\nen rad till"),
        Stycke("Nästa."),
        Lista(
            (
                Punkt("a\nfortsätter"),
                Punkt("b"),
                Punkt("under", 2),
                Punkt("ett", 0, 1),
                Punkt("två", 0, 2),
            )
        ),
        Stycke("slut"),
    )


@pytest.mark.parametrize("text", ["-5 procent", "1,5 mkr", "2025 var bra", "–", "1.5 ggr", "a - b"])
def test_what_only_looks_like_a_list_is_text(text):
    assert parse_fritext(text) == (Stycke(text),)


@settings(max_examples=60)
@given(st.text())
def test_no_letter_is_lost(text):
    cleaned, _ = clean_text(text)
    parts = []
    for block in parse_fritext(cleaned):
        parts += [block.text] if isinstance(block, Stycke) else [p.text for p in block.punkter]
    letters = [c for c in cleaned if c.isalpha()]
    assert [c for p in parts for c in p if c.isalpha()] == letters


@pytest.mark.parametrize(
    ("text", "cleaned", "removed"),
    [
        ("a\r\nb\rc\x0bd", "a\nb\nc\nd", 0),
        ("a\x00\x01b\x1f", "ab", 3),
        ("\ud83d\ude00", "😀", 0),
        ("a\ud83db", "ab", 1),
        ("å\tä\ufffe", "å\tä", 1),
    ],
)
def test_text_is_made_fit_for_xml(text, cleaned, removed):
    assert clean_text(text) == (cleaned, removed)


@pytest.mark.parametrize(
    ("namn", "inne", "agande"),
    [
        ("Barn- och ungdomsnämnden", "barn- och ungdomsnämnden", "barn- och ungdomsnämndens"),
        ("Kommunstyrelsen", "kommunstyrelsen", "kommunstyrelsens"),
        ("Alingsåshem AB", "Alingsåshem AB", "Alingsåshem ABs"),
        ("IT-nämnden", "IT-nämnden", "IT-nämndens"),
        ("Vattenpalats", "Vattenpalats", "Vattenpalats"),
    ],
)
def test_names_in_running_text(namn, inne, agande):
    assert (namn_i_text(namn), genitiv(namn_i_text(namn))) == (inne, agande)


def test_ordinals():
    told = [format_ordning(n) for n in (1, 2, 12, 20, 21, 23, 111)]
    assert told == ["första", "andra", "tolfte", "tjugonde", "21:a", "23:e", "111:e"]


@pytest.mark.parametrize(
    ("enhet", "namn", "shown"),
    [
        ("%", "sjukfrånvaro", "%"),
        ("kr/elev", "kostnad per elev", "kr"),
        ("kr/elev", "kostnad för elever", "kr/elev"),
        ("index", "kvalitetsindex", ""),
        ("antal", "barn per grupp", ""),
        ("Mkr", "avvikelse i miljoner kronor", ""),
        ("kr/inv", "nettokostnad (kr/inv)", ""),
        ("", "eget", ""),
    ],
)
def test_a_unit_is_told_once(enhet, namn, shown):
    assert find_enhet(namn, enhet) == shown


# ---- through the document --------------------------------------------------------------------


def test_torture_comes_through_as_text(capsys):
    long = "Å" * 31_000 + " SLUT"
    analysis = (
        "=1+1\n<w:p>&amp;</w:p>\n\n😀 familj 👨‍👩‍👧\n- punkt ett\n- punkt två\n3. tre\n4. fyra\n"
        "_x0041_ {{nämnd}} \x07klar"
    )
    edit = edit_example()
    edit.put_name("Analys", "x")
    edit.put_name("Uppfoljning", long)
    row = edit.area("KortSikt")[0] + 1
    edit.put_in("KortSikt", row, "Åtgärd", "@SUM(A1)")
    edit.put_in("KortSikt", row, "Beskrivning", "rad ett\nrad två\n- a\n- b")
    edit.put_in("KortSikt", row, "Uppföljning", long)
    # As Excel saves it: its own escape for the bell, and for what looks like an escape.
    saved = analysis.replace("_x0041_", "_x005F_x0041_").replace("\x07", "_x0007_")
    edit.put_name("Analys", "'" + saved)
    place = edit.root("xl/workbook.xml")
    sheet, ref = next(n.text.split("!") for n in place.iter() if n.get("name") == "Analys")
    (t,) = [t for t in edit.cell(sheet.strip("'"), ref.replace("$", "")).iter() if t.text]
    t.text = saved
    edit.save(Path("bok.xlsx"))
    status, err = make(capsys)
    assert status == 0
    assert "2.4 Analys!A7: 1 tecken som inte kan visas" in err
    got = find("2.4")
    assert got.texter == [
        "=1+1\n<w:p>&amp;</w:p>",
        "😀 familj 👨‍👩‍👧",
        *("punkt ett", "punkt två", "tre", "fyra"),
        "_x0041_ {{nämnd}} klar",
    ]
    assert find_lista(DOCX, "punkt två") == ("bullet", 0, "")
    assert find_lista(DOCX, "fyra") == ("decimal", 0, "3")
    assert find("3").texter[-1] == long
    [table] = find("3.1").tabeller
    assert table[1] == ["@SUM(A1)", "rad ett\nrad två\na\nb", "–", long]
    assert find_lista(DOCX, "b") == ("bullet", 0, "")
    require_validator()
    assert validate(DOCX) == []


def test_a_cell_longer_than_a_page_is_not_cut_off(capsys, tmp_path):
    require_libreoffice()
    edit = edit_example()
    row = edit.area("KortSikt")[0] + 1
    edit.put_in("KortSikt", row, "Åtgärd", "Lång")
    edit.put_in("KortSikt", row, "Uppföljning", "Ord " * 3000 + "SISTAORDET")
    edit.save(Path("bok.xlsx"))
    assert make(capsys)[0] == 0
    pages = render(DOCX, tmp_path / "sidor", dpi=15)
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "sidor" / "rapport.pdf"), "-"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert "SISTAORDET" in text
    assert len(pages) > 8


# ---- sources and notes -----------------------------------------------------------------------


@pytest.fixture
def kolada_bok(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch) -> Excelredigering:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)
    arguments = ["--kommun", "Alingsås", "--namnd", "generell", "--ar", "2024"]
    assert run(["skapa", *arguments, "--ut", "bok.xlsx", "--idag", IDAG]) == 0
    return Excelredigering(Path("bok.xlsx"))


def clear(edit: Excelredigering, table: str, keep: int) -> list[int]:
    """Leave `keep` rows of a table; return their numbers."""
    first, _, last, _ = edit.area(table)
    while last > first + keep:
        edit.delete_row(table, last)
        last -= 1
        element = edit.table(table)[1]
        start = element.get("ref").split(":")[0]
        letters = edit.column(table, "Kommentar")
        element.set("ref", f"{start}:{letters}{last}")
    return list(range(first + 1, first + 1 + keep))


def test_sources_and_notes_stand_under_their_table(kolada_bok, capsys):
    edit = kolada_bok
    rows = clear(edit, "Ekonomi", 6)
    own, other, formula, late, preliminary, revised = rows
    remark = "Preliminärt värde, slutligt 2027-03-31. Endast kommunal regi."
    figure = edit.value("2.1 Ekonomi", f"{edit.column('Ekonomi', 'Kolada-id')}{revised}")
    for row, changes in {
        own: {"Nyckeltal": "Vårt mått", "Kolada-id": None, "Källa": None, "Alingsås 2024": 3.0,
              "Enhet": "kr/elev", "Anmärkning": None},
        other: {"Nyckeltal": "Enkät", "Kolada-id": None, "Källa": "egen enkät", "Anmärkning": None},
        formula: {"Nyckeltal": "Omräknat", "Anmärkning": None},
        late: {"Nyckeltal": "Annat år", "Avser år": 2022.0, "Anmärkning": None},
        preliminary: {"Nyckeltal": "Ej klart", "Anmärkning": remark},
        revised: {"Nyckeltal": "Ändrat", "Anmärkning": None, "Alingsås 2024": 12.25,
                  "Enhet": "%"},
    }.items():  # fmt: skip
        for header, new in changes.items():
            edit.put_in("Ekonomi", row, header, new)
    edit.put_in("Ekonomi", formula, "Alingsås 2024", "=2*3")
    cell = edit.cell("2.1 Ekonomi", f"B{formula}")
    etree.SubElement(cell, cell.tag.replace("}c", "}v")).text = "6"
    log = edit.area("Logg")[0] + 1
    edit.put_in("Logg", log, "Ändrade värden", f"Namn ({figure}) 2024: 9,25 → 12,25")
    edit.save(Path("bok.xlsx"))
    assert make(capsys)[0] == 0
    part = find("2.1")
    names = [r[0] for r in part.tabeller[0][1:]]
    assert names[0] == "Vårt mått\u00a0(kr/elev)\u00a01)"
    assert [n[-2:] for n in names] == ["1)", "2)", "3)", "4)", "5)", "6)"]
    under = [t for s, t in part.stycken if s == "Genomlysning källa"]
    assert under[:7] == [
        "Källa: Kolada.",
        "1) Källa: nämnden.",
        "2) Källa: egen enkät.",
        "3) Egen bearbetning av uppgifter från Kolada.",
        "4) Avser 2022.",
        "5) Preliminärt värde, slutligt 2027-03-31.",
        under[6],
    ]
    assert under[6].startswith("6) Värdet för 2024 är reviderat i Kolada, från 9,")


def test_a_table_of_own_figures_does_not_name_kolada(kolada_bok, capsys):
    for row in clear(kolada_bok, "Ekonomi", 2):
        for header in ("Kolada-id", "Källa", "Anmärkning"):
            kolada_bok.put_in("Ekonomi", row, header, None)
    kolada_bok.save(Path("bok.xlsx"))
    assert make(capsys)[0] == 0
    part = find("2.1")
    assert [t for s, t in part.stycken if s == "Genomlysning källa"] == ["Källa: nämnden."]


def test_the_similar_municipalities_are_named(kolada_bok, capsys):
    loaded = "matplotlib.pyplot" in sys.modules  # by xlwings, in other tests
    assert make(capsys)[0] == 0
    texts = find("2").texter
    [line] = [t for t in texts if t.startswith("Övergripande (20")]
    assert " och " in line
    document = docx.Document(str(DOCX))
    assert "EXEMPELDATA" not in document.sections[0].header._element.xpath("string()")
    assert len(list(document.element.iter(qn("wp:docPr")))) == 1  # no verksamheter, only verdicts
    assert loaded or "matplotlib.pyplot" not in sys.modules


def test_every_remark_on_a_value_is_known_as_one():
    """The remarks that are made of values are shown; those of a figure's scope are not."""
    post = load_profil("generell").nyckeltal[0]
    members = tuple(str(n) for n in range(7))
    reserve = Gruppval("övergripande", Grupp("G1", "T", members), 2024, reserv=True)
    own = reserve._replace(omrade="skola", reserv=False)
    lage = SimpleNamespace(
        katalog={post.id: Nyckeltal(post.id, "T", "K", False, 2024, date(2025, 1, 1), None)},
        own=lambda _, year: 1.0 if year == 2024 else None,
        newest_year=lambda _: 2024,
        idag=date(2025, 6, 1),
        spann={post.id: range(2020, 2025)},
        efterfoljare={"N99999": Nyckeltal("N99998", "T", "K", False, 2024, None, None)},
    )
    other = post._replace(omrade="skola")
    made = [
        *_remark_missing(post, 2023, lage),
        *_remark_missing(post._replace(id="N99999"), 2023, lage),
        *_remark_preliminary(post.id, [2024], lage),
        *_remark_preliminary(post.id, [2023, 2024], lage),
        *_remark_group(Gruppmedel(1.0, 5, eget=True), reserve, other),
        *_remark_group(Gruppmedel(antal=0), own, other),
        *_remark_group(Gruppmedel(), None, post),
        *_remark_few(24, None),
        anmarkningar.OMGJORD_GRUPP.format(vad="Bedömningen", fore="Sämre"),
    ]
    assert len(made) == 12
    row = Bokrad({"anmarkning": " ".join([*made, "Endast kommunal regi."])})
    assert list(tell_anmarkningar(row, alla=False)) == made
    assert list(tell_anmarkningar(row, alla=True)) == [*made, "Endast kommunal regi."]
