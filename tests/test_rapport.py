"""`rapport`: the Word document of a workbook, read back and held to the template's structure."""

import base64
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from arbetsbok import open_bok, read_tabell
from excelredigering import Excelredigering
from genomlysning import rapportera, rapportskrivning
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.listor import read_regler
from genomlysning.bok.omrakning import find_regel
from genomlysning.bok.paket import FEL_FILTYP, Paket
from genomlysning.bok.plan import Bokplan, plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.exempel import read_exempeltext
from genomlysning.fel import FilFel
from genomlysning.kommandorad import run
from genomlysning.skapa import collect_exempel
from libreoffice import require_libreoffice
from ooxml import compare_parts, parts, require_validator, validate
from worddokument import Avsnitt, check_tillganglighet, read_avsnitt, read_innehall

IDAG = "2026-11-24"
NU = datetime(2026, 11, 24)
BUN = "barn-och-ungdomsnamnden"
#: Profile → committee, in the genitive, administration.
PROFILER = {
    "kommunstyrelsen": ("kommunstyrelsens", "kommunledningskontoret"),
    BUN: ("barn- och ungdomsnämndens", "barn- och ungdomsförvaltningen"),
    "kultur-och-utbildningsnamnden": (
        "kultur- och utbildningsnämndens",
        "kultur- och utbildningsförvaltningen",
    ),
    "socialnamnden": ("socialnämndens", "socialförvaltningen"),
    "vard-och-omsorgsnamnden": ("vård- och omsorgsnämndens", "vård- och omsorgsförvaltningen"),
    "samhallsbyggnadsnamnden": (
        "samhällsbyggnadsnämndens",
        "samhällsbyggnadsförvaltningen",
    ),
    "miljoskyddsnamnden": ("miljöskyddsnämndens", "miljöskyddsförvaltningen"),
    "generell": ("nämndens", "förvaltningen"),
}
#: The template's chapters and headings, in its order, as it has them.
RUBRIKER = [
    ("1", "Sveriges mest effektiva kommun"),
    ("1.1", "{Namndens} genomlysning 2026–2027"),
    ("2", "{Namndens} effektivitet"),
    ("2.1", "Ekonominyckeltal"),
    ("2.2", "Personalnyckeltal"),
    ("2.3", "Kvalitetsnyckeltal"),
    ("2.4", "Analys av {namndens} effektivitet"),
    ("3", "Uppföljning av möjliga förflyttningar"),
    ("3.1", "Effektiviseringsåtgärder på kort sikt"),
    ("3.2", "Effektiviseringsåtgärder på lång sikt"),
    ("3.3", "Effektiviseringsåtgärder som utreds"),
    ("4", "Möjliga förflyttningar för ökad effektivitet 2026–2027"),
    ("4.1", "Möjliga förflyttningar som ska undersökas av {forvaltning}"),
    (
        "4.2",
        "Möjliga förflyttningar som ska undersökas och som kräver kommunövergripande samordning",
    ),
]
JAMFORELSE = [
    "Nyckeltal",
    "Exempelkommun 2025",
    "Liknande kommuner 2025",
    "Kommungenomsnitt 2025",
]
OVER_TID = ["Nyckeltal", "År 2023", "År 2024", "År 2025"]
UPPFOLJNING = ["Åtgärd", "Beskrivning", "Möjlig effektivisering", "Uppföljning"]
FORFLYTTNING = ["Område", "Beskrivning", "Möjlig effektivisering"]
#: The template's tables, by the heading that they stand under, with their workbook names.
TABELLER = {
    "2.1": [("Ekonomi", JAMFORELSE), ("EkonomiOverTid", OVER_TID)],
    "2.2": [("Personal", JAMFORELSE), ("PersonalOverTid", OVER_TID)],
    "2.3": [("Kvalitet", JAMFORELSE), ("KvalitetOverTid", OVER_TID)],
    "3.1": [("KortSikt", UPPFOLJNING)],
    "3.2": [("LangSikt", UPPFOLJNING)],
    "3.3": [("UnderUtredning", UPPFOLJNING)],
    "4.1": [("InomForvaltningen", FORFLYTTNING)],
    "4.2": [("Kommunovergripande", FORFLYTTNING)],
}
ATGARDER = ("KortSikt", "LangSikt", "UnderUtredning", "InomForvaltningen", "Kommunovergripande")
#: The smallest picture there is.
PUNKT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
PLANER: dict[str, Bokplan] = {}


@pytest.fixture(autouse=True)
def _folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    if "riktiga_bilder" not in request.fixturenames:  # drawing takes most of the time
        monkeypatch.setattr(rapportskrivning, "draw", lambda *_: PUNKT)


@pytest.fixture
def riktiga_bilder() -> None:
    """Let the test draw its pictures."""


def plan(profil: str) -> Bokplan:
    """The plan of an example workbook with the example's texts and measures, whatever profile."""
    if profil not in PLANER:
        PLANER[profil] = plan_bok(collect_exempel(profil, None, NU).underlag, read_exempeltext(BUN))
    return PLANER[profil]


def make_bok(profil: str, fil: str = "bok.xlsx", **changes: object) -> Path:
    path = Path(fil)
    write_bok(plan(profil)._replace(**changes), path)
    return path


def report(capsys, bok: Path, *options: str, ut: str = "rapport.docx"):
    """Run the command; return status, answer (or None) and what was told."""
    capsys.readouterr()
    status = run(["rapport", str(bok), "--ut", ut, "--json", "--idag", IDAG, *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def make_report(capsys, bok: Path, *options: str) -> list[Avsnitt]:
    status, _, err = report(capsys, bok, *options)
    assert status == 0, err
    return read_avsnitt(Path("rapport.docx"))


def expected_headings(profil: str, left_out: set[str] = frozenset()) -> list[tuple[str, str]]:
    namndens, forvaltning = PROFILER[profil]
    fields = {
        "namndens": namndens,
        "Namndens": namndens[0].upper() + namndens[1:],
        "forvaltning": forvaltning,
    }
    return [(n, t.format(**fields)) for n, t in RUBRIKER if n not in left_out]


def find(avsnitt: list[Avsnitt], nummer: str) -> Avsnitt:
    return next(a for a in avsnitt if a.nummer == nummer)


@pytest.mark.parametrize("profil", PROFILER)
def test_headings_tables_and_numbers_are_the_templates(profil, capsys):
    bok = make_bok(profil)
    status, answer, _ = report(capsys, bok)
    assert status == 0
    parts_ = read_avsnitt(Path("rapport.docx"))
    assert [(a.nummer, a.rubrik) for a in parts_[1:]] == expected_headings(profil)
    book = open_bok(bok)
    shown = []
    for part in parts_:
        wanted = [
            (name, header)
            for name, header in TABELLER.get(part.nummer, ())
            if any(any(row.get(h) for h in header) for row in read_tabell(book, name))
        ]
        assert part.huvuden == [header for _, header in wanted], part.nummer
        for (name, header), table in zip(wanted, part.tabeller, strict=True):
            shown.append(name)
            compare_rows(bok, read_tabell(book, name), header, table[1:])
    every = [name for tables in TABELLER.values() for name, _ in tables]
    assert answer["tabeller"] == shown
    assert answer["utelamnade"] == [n for n in every if n not in shown]
    contents = [line.split("\t")[:2] for line in read_innehall(Path("rapport.docx"))]
    assert contents == [list(h) for h in expected_headings(profil)]


def compare_rows(bok, rows, header, shown):
    """Every figure is the workbook's cell at the decimals that are shown; text is the same."""
    rules = read_regler(Arbetsbok(Paket.open(bok), bok))
    rows = [r for r in rows if any(r[h] not in (None, "") for h in header)]
    assert len(rows) == len(shown)
    for row, texts in zip(rows, shown, strict=True):
        rule = find_regel({"id": row.get("Kolada-id"), "enhet": row.get("Enhet")}, rules)
        for name, text in zip(header, texts, strict=True):
            value = row[name]
            if isinstance(value, int | float):
                assert re.fullmatch(r"\u2212?\d{1,3}(\u00a0\d{3})*(,\d+)?", text)
                assert len(text.partition(",")[2]) == rule.decimaler
                number = float(text.replace("\u2212", "-").replace("\u00a0", "").replace(",", "."))
                assert abs(number - value) <= 0.5 * 10**-rule.decimaler + 1e-9
            elif value is None:
                assert text == "–" or name in UPPFOLJNING
            elif name == "Nyckeltal":
                assert text.startswith(value)
            else:
                # Marks of notes, and beside an amount whether it is yearly.
                after = r"( per år|, engång)?" if name == "Möjlig effektivisering" else ""
                marks = r"(\u00a0\d+\)(, \d+\))*)?"
                assert re.fullmatch(f"{re.escape(value)}{after}{marks}", text)


@pytest.mark.parametrize("profil", PROFILER)
def test_a_nearly_empty_workbook_keeps_chapters_and_numbers(profil, capsys):
    """One figure of quality is all that is left: the headings without anything go, numbers stay."""
    content = plan(profil)
    tables = {
        name: t._replace(
            rader=t.rader[:1] if name in ("Kvalitet", "Jamforelsegrupper", "Logg") else ()
        )
        for name, t in content.tabeller.items()
    }
    bok = make_bok(
        profil,
        tabeller=tables,
        lagen=(),
        fritext=replace(content.fritext, analys="", uppfoljning="", rader={}),
    )
    status, answer, err = report(capsys, bok)
    assert status == 0
    got = read_avsnitt(Path("rapport.docx"))
    gone = {"2.1", "2.2", "3.1", "3.2", "3.3", "4.1", "4.2"}
    assert [(a.nummer, a.rubrik) for a in got[1:]] == expected_headings(profil, gone)
    assert [a.huvuden for a in got if a.tabeller] == [[JAMFORELSE]]
    assert answer["tabeller"] == ["Kvalitet"]
    assert len(answer["utelamnade"]) == 10
    for text in ("Nämndens analys är inte skriven", "Den övergripande uppföljningen är inte"):
        assert any(text in w for w in answer["varningar"])
    assert "[Nämndens analys är inte skriven." in find(got, "2.4").texter[0]
    assert "är inte skriven" in find(got, "3").texter[1]
    assert "[Inga förflyttningar är ifyllda." in find(got, "4").texter[0]
    required = bool(content.indexkrav)
    assert ("ska redovisas bland ekonominyckeltalen i 2.1" in err) == required
    contents = [line.split("\t")[0] for line in read_innehall(Path("rapport.docx"))]
    assert contents == [n for n, _ in RUBRIKER if n not in gone]


def test_removed_sheets_columns_and_renamed_things_are_taken_as_they_are(capsys):
    bok = make_bok(BUN)
    edit = Excelredigering(bok)
    edit.delete_column("Ekonomi", "Kommungenomsnitt 2025")
    edit.rename_column("Kvalitet", "Exempelkommun 2025", "Vår kommun")
    edit.reverse_rows("Personal")
    book = edit.root("xl/workbook.xml")
    for entry in list(book.iter(qn_x("sheet"))):
        if entry.get("name") in ("2.2 Personal över tid", "3.1 Kort sikt", "Logg"):
            entry.getparent().remove(entry)
        if entry.get("name") == "2.3 Kvalitet":
            entry.set("name", "Våra mått")
    for name in list(book.iter(qn_x("definedName"))):
        if "#REF" in (name.text or "") or name.get("localSheetId"):
            name.getparent().remove(name)
    edit.save(bok)
    status, answer, _ = report(capsys, bok)
    assert status == 0
    got = read_avsnitt(Path("rapport.docx"))
    assert answer["utelamnade"] == ["PersonalOverTid", "KortSikt"]
    assert find(got, "2.1").huvuden[0] == JAMFORELSE[:3]
    assert any("saknar kolumnen Kommungenomsnitt" in w for w in answer["varningar"])
    assert find(got, "2.3").huvuden[0] == ["Nyckeltal", "Vår kommun", *JAMFORELSE[2:]]
    names = [r["Nyckeltal"] for r in read_tabell(open_bok(make_bok(BUN, "b.xlsx")), "Personal")]
    shown = [r[0] for r in find(got, "2.2").tabeller[0][1:]]
    assert all(s.startswith(n) for s, n in zip(shown, reversed(names), strict=True))
    assert [a.nummer for a in got if a.nummer.startswith("3")] == ["3", "3.2", "3.3"]


def qn_x(tag: str) -> str:
    return f"{{http://schemas.openxmlformats.org/spreadsheetml/2006/main}}{tag}"


def test_start_fills_the_standing_text(capsys):
    bok = make_bok(BUN)
    edit = Excelredigering(bok)
    for name, value in {
        "Ordningstal": 2.0,
        "ForraAret": 2023.0,
        "Diarienummer": "BUN 2026/17",
        "AntagenDatum": 46100.0,
        "AntagenParagraf": "§ 14",
    }.items():
        edit.put_name(name, value)
    edit.save(bok)
    got = make_report(capsys, bok)
    assert find(got, "1.1").texter[-1] == (
        "Detta är den andra genomlysningen som barn- och ungdomsnämnden gör. Den föregående är "
        "från 2023 och ledde till 2 åtgärder, som följs upp i kapitel 3 tillsammans med 4 andra. "
        "Genomlysningen antogs den 19\u00a0mars 2026, § 14."
    )
    assert "den föregående genomlysningen 2023" in find(got, "3").texter[0]
    cover = got[0].texter
    assert "Diarienummer BUN 2026/17" in cover
    assert "Antagen av nämnden den 19\u00a0mars 2026, § 14" in cover
    head = docx.Document("rapport.docx").sections[0].header.paragraphs
    assert [p.text for p in head][1:] == [
        "Barn- och ungdomsnämnden, Exempelkommun\t2026-03-19",
        "\tDnr BUN 2026/17",
    ]


def test_a_first_genomlysning_has_nothing_to_follow_up(capsys):
    content = plan("generell")
    bok = make_bok(
        "generell",
        installningar=dict(content.installningar) | {"Ordningstal": 1},
        fritext=replace(content.fritext, uppfoljning=""),
        tabeller=dict(content.tabeller)
        | {n: content.tabeller[n]._replace(rader=()) for n in ATGARDER[:3]},
    )
    got = make_report(capsys, bok)
    assert "nämndens första genomlysning" in find(got, "3").texter[0]
    assert not any("föregående" in t for a in got for t in a.texter)


def test_example_data_says_so_everywhere(capsys):
    make_report(capsys, make_bok(BUN))
    document = docx.Document("rapport.docx")
    assert all("EXEMPELDATA" in s.header.paragraphs[0].text for s in document.sections)
    assert document.core_properties.subject == "EXEMPELDATA"
    body = list(document.element.body)
    for table in document.tables:
        after = body[body.index(table._tbl) + 1]
        assert "EXEMPELDATA" in "".join(t.text for t in after.iter(qn("w:t")))
    assert "Källa: Kolada" not in etree.tostring(document.element, encoding="unicode")


def test_the_document_is_accessible(capsys):
    make_report(capsys, make_bok(BUN))
    document = docx.Document("rapport.docx")
    core = document.core_properties
    assert core.title == ("Genomlysning 2026–2027 – Barn- och ungdomsnämnden, Exempelkommun")
    assert core.language == "sv-SE"
    check_tillganglighet(document)
    rows = [r for t in document.tables for r in t._tbl.iter(qn("w:tr"))]
    assert all(r.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for r in rows)
    pictures = list(document.element.iter(qn("wp:docPr")))
    assert len(pictures) == 3
    for picture in pictures:
        assert len(picture.get("descr")) > 80
    assert "Förskola +2,4 procent och +7,2 indexenheter" in pictures[0].get("descr")
    fields = "".join(t.text for t in document.element.iter(qn("w:instrText")))
    assert 'TOC \\o "1-2"' in fields
    assert "SEQ Tabell" in fields
    assert "SEQ Diagram" in fields
    assert document.settings.element.find(qn("w:updateFields")) is not None
    footer = document.sections[0].footer._element
    assert [t.text.strip() for t in footer.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_has_contrast():
    root = etree.fromstring(parts(rapportskrivning.find_standardmall())["word/styles.xml"])
    colours = {c.get(qn("w:val")) for c in root.iter(qn("w:color"))} - {"auto", None}
    fills = {s.get(qn("w:fill")) for s in root.iter(qn("w:shd"))}
    assert fills == {"1F4E5F"}
    for colour in colours:
        other = luminance("1F4E5F") if colour == "FFFFFF" else 1.0
        low, high = sorted((luminance(colour), other))
        assert (high + 0.05) / (low + 0.05) >= 4.5, colour


@pytest.mark.usefixtures("riktiga_bilder")
def test_the_same_workbook_gives_the_same_document(capsys):
    bok = make_bok(BUN)
    make_report(capsys, bok, "--kommentarer")
    Path("rapport.docx").rename("a.docx")
    make_report(capsys, bok, "--kommentarer")
    assert compare_parts(Path("a.docx"), Path("rapport.docx")) == []
    with zipfile.ZipFile("a.docx") as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_comments_are_the_margin_notes_and_no_text(capsys):
    bok = make_bok(BUN)
    without = [a.stycken for a in make_report(capsys, bok)]
    assert "word/comments.xml" not in parts(Path("rapport.docx"))
    with_comments = make_report(capsys, bok, "--kommentarer")
    assert [a.stycken for a in with_comments] == without
    comments = [c.text for c in docx.Document("rapport.docx").comments]
    assert len(comments) == 13
    for word in (
        "effektivitetsindex ska de finnas med",
        "inte går att jämföra med andra",
        "vilka besparingar som har genomförts",
        "krävde samordning i hela kommunen",
        "Stäm av med andra förvaltningar",
        "varför andra valdes bort",
    ):
        assert any(word in c for c in comments), word
    assert "Excel" not in " ".join(comments)


@pytest.mark.parametrize("option", ["", "--kommentarer"])
@pytest.mark.usefixtures("riktiga_bilder")
def test_open_xml_is_valid(option, capsys):
    require_validator()
    make_report(capsys, make_bok(BUN), *([option] if option else []))
    assert validate(Path("rapport.docx")) == []


@pytest.mark.usefixtures("riktiga_bilder")
def test_pdf_has_right_page_numbers_in_its_contents(capsys):
    require_libreoffice()
    status, answer, err = report(capsys, make_bok(BUN), "--pdf")
    assert status == 0, err
    assert answer["pdf"] == "rapport.pdf"
    text = subprocess.run(
        ["pdftotext", "-layout", "rapport.pdf", "-"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    pages = text.split("\f")
    for number, title in (("2.1", "Ekonominyckeltal"), ("3", "Uppföljning av möjliga")):
        line = next(
            x for x in pages[0].splitlines() if x.strip().startswith(f"{number} ") and title in x
        )
        page = int(line.split(".")[-1])
        assert re.search(rf"^\s*{re.escape(number)}\s+{title}", pages[page - 1], re.MULTILINE)
    assert "EXEMPELDATA" in pages[-2]


def test_a_failed_pdf_leaves_the_document(capsys, monkeypatch):
    bok = make_bok("generell")
    monkeypatch.setattr(rapportera, "require_libreoffice", lambda: "")

    def fail(*_: object) -> None:
        raise FilFel(FEL_FILTYP, fil="x")

    monkeypatch.setattr(rapportskrivning, "convert_to_pdf", fail)
    status, answer, err = report(capsys, bok, "--pdf")
    assert (status, answer["pdf"]) == (1, None)
    assert "Rapporten är skriven, men ingen PDF." in err
    assert Path("rapport.docx").exists()
    assert not Path("rapport.pdf").exists()


def test_without_the_plotting_library_the_report_lacks_pictures_and_says_so(capsys, monkeypatch):
    monkeypatch.setattr(rapportskrivning, "can_draw", lambda: False)
    status, _, err = report(capsys, make_bok(BUN))
    assert status == 0
    assert "Rapporten har inga diagram" in err
    assert not list(docx.Document("rapport.docx").element.iter(qn("w:drawing")))


def test_the_plotting_library_is_not_imported_before_it_draws():
    script = (
        "import sys; import genomlysning.rapportera; import genomlysning.kommandorad;"
        "print([m for m in ('matplotlib', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_an_older_report_is_kept(capsys):
    bok = make_bok("generell")
    Path("rapport.docx").write_text("min gamla")
    _, answer, _ = report(capsys, bok)
    assert Path(f"rapport (tidigare {IDAG}).docx").read_text() == "min gamla"
    assert any("är sparad som rapport (tidigare" in w for w in answer["varningar"])


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["rapport"], 2, "Arbetsbok saknas."),
        (["rapport", "saknas.xlsx"], 4, "Filen saknas.xlsx finns inte."),
        (["rapport", "bok.xlsx", "--ut", "rapport.pdf"], 2, "slutar på .docx"),
        (["rapport", "bok.xlsx", "--ut", "finns/inte.docx"], 4, "Mappen"),
        (["rapport", "bok.txt"], 4, "ingen arbetsbok"),
        (["rapport", "trasig.xlsx"], 4, "skadad"),
    ],
)
def test_wrong_use_is_told(capsys, arguments, status, words):
    Path("trasig.xlsx").write_bytes(b"PK\x03\x04")
    Path("bok.xlsx").write_bytes(b"")
    capsys.readouterr()
    assert run(arguments) == status
    out, err = capsys.readouterr()
    assert (out, words in err) == ("", True), err


def test_formulas_without_values_and_errors_are_refused_with_their_cells(capsys):
    bok = make_bok(BUN)
    edit = Excelredigering(bok)
    row = edit.find_row("Ekonomi", "Kolada-id", "N11024")
    edit.put_in("Ekonomi", row, "Exempelkommun 2025", "=1+1")
    edit.save(bok)
    status, _, err = report(capsys, bok)
    assert status == 4
    assert f"saknar uträknat värde (2.1 Ekonomi!B{row})" in err
    cell = edit.cell("2.1 Ekonomi", f"B{row}")
    cell.set("t", "e")
    etree.SubElement(cell, qn_x("v")).text = "#DIV/0!"
    edit.save(bok)
    status, _, err = report(capsys, bok)
    assert status == 4
    assert f"visar ett fel i stället för ett värde (2.1 Ekonomi!B{row})" in err
    assert not Path("rapport.docx").exists()


def test_without_committee_or_municipality_there_is_no_report(capsys):
    bok = make_bok(BUN)
    edit = Excelredigering(bok)
    edit.put_name("Namnd", None)
    edit.save(bok)
    status, _, err = report(capsys, bok)
    assert status == 2
    assert "Nämnd är tomt på bladet Start" in err
