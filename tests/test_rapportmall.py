"""The Word template: the standard one, and a municipality's own with --mall."""

import io
import zipfile
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from excelredigering import Excelredigering
from genomlysning import rapportskrivning
from genomlysning.bok.plan import plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.exempel import read_exempeltext
from genomlysning.kommandorad import run
from genomlysning.rapport.innehall import Uppgifter
from genomlysning.rapport.mall import list_marken
from genomlysning.rapport.standardmall import build_standardmall, find_standardmall
from genomlysning.skapa import collect_exempel
from ooxml import compare_parts, parts, require_validator, validate
from worddokument import find_lista, read_avsnitt, read_innehall

DOCS = Path(__file__).parents[1] / "docs" / "kommandorad.md"
BUN = "barn-och-ungdomsnamnden"
BOK = Path("bok.xlsx")
MADE: dict[str, bytes] = {}


@pytest.fixture(autouse=True)
def _bok(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rapportskrivning, "can_draw", lambda: False)
    if not MADE:
        memory = io.BytesIO()
        underlag = collect_exempel(BUN, None, datetime(2026, 11, 24)).underlag
        write_bok(plan_bok(underlag, read_exempeltext(BUN)), memory)
        MADE[str(BOK)] = memory.getvalue()
    BOK.write_bytes(MADE[str(BOK)])


def make(capsys, *options: str, mall: str = "egen.docx") -> tuple[int, str]:
    capsys.readouterr()
    arguments = ["--ut", "rapport.docx", "--mall", mall, "--idag", "2026-11-24", *options]
    status = run(["rapport", str(BOK), *arguments])
    return status, capsys.readouterr().err


def own_mall(*texts: str, fil: str = "egen.docx"):
    """A document as python-docx starts one: English styles, no numbering of headings."""
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    document.save(fil)
    return document


def test_the_committed_template_is_made_from_its_texts(tmp_path):
    build_standardmall(tmp_path / "ny.docx")
    assert compare_parts(find_standardmall(), tmp_path / "ny.docx") == []
    require_validator()
    assert validate(find_standardmall()) == []


def test_a_municipalitys_own_template_keeps_what_is_in_it(capsys):
    document = docx.Document()
    document.add_heading("Vårt mål", 1)
    document.add_paragraph("Antaget av fullmäktige för {{nämnd}} i {{kommun}}.").runs[0].bold = True
    document.add_paragraph("{{Kapitel 2–4}}")
    document.add_paragraph("Efterord av {{ nämndens }} ordförande.")
    document.sections[0].header.paragraphs[0].text = "Vår kommun {{datum}}"
    document.sections[0].left_margin = document.sections[0].right_margin = Cm(4)
    document.save("egen.docx")
    assert make(capsys)[0] == 0
    got = read_avsnitt(Path("rapport.docx"))
    assert got[1].rubrik == "Vårt mål"
    assert (
        got[1].texter[0] == "Antaget av fullmäktige för Barn- och ungdomsnämnden i Exempelkommun."
    )
    headings = [a.rubrik for a in got[2:]]
    # python-docx's own headings have no numbers, so that ours have them as text.
    assert headings[0] == "2 Barn- och ungdomsnämndens effektivitet"
    assert headings[1] == "2.1 Ekonominyckeltal"
    assert headings[-1].startswith("4.2 Möjliga")
    assert "Efterord av barn- och ungdomsnämndens ordförande." in got[-1].texter
    made = docx.Document("rapport.docx")
    assert [p.text for p in made.sections[0].header.paragraphs] == [
        "EXEMPELDATA – påhittad kommun med påhittade värden",
        "Vår kommun 2026-11-24",
    ]
    width = made.sections[0].page_width - 2 * Cm(4)
    assert abs(sum(c.width for c in made.tables[0].columns) - width) < Cm(0.1)
    assert made.paragraphs[1].runs[0].bold
    require_validator()
    assert validate(Path("rapport.docx")) == []


def test_a_template_tells_when_the_former_was_adopted(capsys):
    bok = Excelredigering(BOK)
    for name, value in {"ForraAntagenDatum": 45735.0, "ForraAntagenParagraf": "§ 9"}.items():
        bok.put_name(name, value)
    bok.save(BOK)
    own_mall(
        "{{genomlysning}}", "Den antogs {{förra antagen}}.", "Den ledde till {{förra åtgärder}}."
    )

    def told() -> list[str]:
        assert make(capsys)[0] == 0
        return [p.text for p in docx.Document("rapport.docx").paragraphs]

    # None of the example's measures comes from the year that Start has.
    assert told()[-1] == "Den antogs den 19\u00a0mars 2025, § 9."
    bok.put_name("ForraAret", 2024.0)
    bok.save(BOK)
    assert told()[-1] == "Den ledde till 3 åtgärder."


def test_the_standard_template_with_adopted_words_keeps_its_numbers(capsys):
    document = docx.Document(str(find_standardmall()))
    place = next(p for p in document.paragraphs if p.text == "{{genomlysning}}")
    place.insert_paragraph_before("Vårt mål", style="Heading 1")
    place.insert_paragraph_before("Antagen text.")
    place.text = "{{kapitel 2-4}}"
    document.save("egen.docx")
    assert make(capsys)[0] == 0
    got = read_avsnitt(Path("rapport.docx"))
    assert [(a.nummer, a.rubrik) for a in got[1:4]] == [
        ("1", "Vårt mål"),
        ("2", "Barn- och ungdomsnämndens effektivitet"),
        ("2.1", "Ekonominyckeltal"),
    ]
    contents = read_innehall(Path("rapport.docx"))
    assert contents[0] == "1\tVårt mål"
    assert contents[2] == "2.1\tEkonominyckeltal"


def test_placeholders_split_by_word_and_in_boxes_are_filled(capsys):
    document = docx.Document()
    paragraph = document.add_paragraph()
    for piece in ("Nämnd: {", "{näm", "nd}", "} och {{kom", "mun}}."):
        paragraph.add_run(piece)
    table = document.add_table(rows=1, cols=1)
    table.cell(0, 0).text = "Dnr {{diarienummer}}"
    document.add_paragraph("Dnr {{diarienummer}}")
    document.add_paragraph("{{genomlysning}}")
    document.save("egen.docx")
    assert make(capsys)[0] == 0
    made = docx.Document("rapport.docx")
    assert made.paragraphs[0].text == "Nämnd: Barn- och ungdomsnämnden och Exempelkommun."
    # The line of an empty setting goes, but a cell keeps a paragraph.
    assert made.tables[0].cell(0, 0).text == ""
    assert "Dnr" not in "\n".join(p.text for p in made.paragraphs)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("Bara text.",), "säger inte var genomlysningens kapitel ska stå"),
        (("{{genomlysning}}", "{{genomlysning}}"), "mer än en gång"),
        (("{{genomlysning}}", "{{kapitel 2–4}}"), "mer än en gång"),
        (("{{genomlysning}}", "{{namnd}} {{Xyz}}"), "inte känner till: {{namnd}} och {{Xyz}}."),
        (("{{genomlysning}}", "För {{period}."), "inte känner till: {{period}."),
        (("Här: {{genomlysning}}",), "står {{genomlysning}} inte ensamt i ett stycke"),
    ],
)
def test_wrong_placeholders_are_named(capsys, texts, words):
    own_mall(*texts)
    status, err = make(capsys)
    assert (status, words in err) == (2, True), err
    assert not Path("rapport.docx").exists()


def test_a_place_inside_a_table_is_refused(capsys):
    document = docx.Document()
    document.add_table(rows=1, cols=1).cell(0, 0).text = "{{genomlysning}}"
    document.save("egen.docx")
    status, err = make(capsys)
    assert (status, "utanför tabeller" in err) == (2, True)


def test_broken_and_foreign_files_are_refused(capsys):
    own_mall("{{genomlysning}}", fil="bra.docx")
    good = parts(Path("bra.docx"))

    def write(name: str, changed: dict[str, bytes]) -> None:
        with zipfile.ZipFile(name, "w") as package:
            for part, content in changed.items():
                package.writestr(part, content)

    Path("text.docx").write_text("hej")
    Path("gammal.docx").write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 100)
    Path("avhuggen.docx").write_bytes(Path("bra.docx").read_bytes()[:3000])
    write("xml.docx", good | {"word/document.xml": b"<w:document"})
    write("dtd.docx", good | {"word/document.xml": b"<!DOCTYPE x>" + good["word/document.xml"]})
    measures = good["word/document.xml"].replace(b'w:w="12240"', b'w:w="bred"')
    write("matt.docx", good | {"word/document.xml": measures})
    write("utan.docx", {k: v for k, v in good.items() if k != "word/document.xml"})
    header = b"w:hdr".join(good["word/document.xml"].split(b"w:document"))
    write("huvud.docx", good | {"word/document.xml": header})
    settings = b"w:ftr".join(good["word/settings.xml"].split(b"w:settings"))
    write("installningar.docx", good | {"word/settings.xml": settings})
    lost = good["_rels/.rels"].replace(b"metadata/core-properties", b"")
    write("egenskaper.docx", good | {"_rels/.rels": lost})
    makro = good["[Content_Types].xml"].replace(
        b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"vnd.ms-word.document.macroEnabled.main+xml",
    )
    write("makro.docx", good | {"[Content_Types].xml": makro})
    for name, words in {
        "saknas.docx": "finns inte",
        "text.docx": "inget Worddokument",
        "gammal.docx": "inget Worddokument",
        str(BOK): "inget Worddokument",
        "makro.docx": "inget Worddokument",
        "avhuggen.docx": "är skadad",
        "xml.docx": "är skadad",
        "dtd.docx": "är skadad",
        "utan.docx": "är skadad",
        "matt.docx": "är skadad",
        "huvud.docx": "är skadad",
        "installningar.docx": "är skadad",
        "egenskaper.docx": "är skadad",
    }.items():
        status, err = make(capsys, mall=name)
        assert (status, words in err) == (4, True), (name, err)
    assert not Path("rapport.docx").exists()


def test_a_template_for_new_documents_can_be_used(capsys):
    own_mall("{{genomlysning}}")
    content = parts(Path("egen.docx"))
    types = content["[Content_Types].xml"].replace(b"document.main+xml", b"template.main+xml")
    with zipfile.ZipFile("egen.dotx", "w") as package:
        for part, data in (content | {"[Content_Types].xml": types}).items():
            package.writestr(part, data)
    assert make(capsys, mall="egen.dotx")[0] == 0
    assert len(docx.Document("rapport.docx").tables) == 11


def test_a_template_without_numberings_headings_or_table_styles_gets_ours(capsys):
    document = docx.Document()
    styles = document.styles.element
    for style in list(styles):
        name = style.find(qn("w:name"))
        if (
            name is not None
            and name.get(qn("w:val")) != "Normal"
            and style.get(qn("w:default")) != "1"
        ):
            styles.remove(style)
    part = document.part
    [numbering] = [r for r, rel in part.rels.items() if rel.reltype.endswith("/numbering")]
    part.drop_rel(numbering)
    document.element.body.insert(0, OxmlElement("w:p"))
    document.add_paragraph("{{genomlysning}}")
    document.save("egen.docx")
    assert "word/numbering.xml" not in parts(Path("egen.docx"))
    assert make(capsys, "--kommentarer")[0] == 0
    made = docx.Document("rapport.docx")
    names = {s.name for s in made.styles}
    assert {"Heading 1", "Genomlysning tabell", "Caption", "List Paragraph"} <= names
    assert "1 Sveriges mest effektiva kommun" in [p.text for p in made.paragraphs]
    assert find_lista(
        Path("rapport.docx"),
        next(p.text for p in made.paragraphs if p.text.startswith("Förskola (")),
    ) == ("bullet", 0, "")
    require_validator()
    assert validate(Path("rapport.docx")) == []


def test_a_header_without_paragraphs_is_marked_too(capsys):
    document = own_mall("{{genomlysning}}")
    header = document.sections[0].header
    header.is_linked_to_previous = False
    header.add_table(1, 1, Cm(10)).cell(0, 0).text = "Kommunens vapen"
    for paragraph in header.paragraphs:
        paragraph._p.getparent().remove(paragraph._p)
    document.save("egen.docx")
    status, err = make(capsys)
    assert status == 0, err
    marked = docx.Document("rapport.docx").sections[0].header
    assert "EXEMPELDATA" in marked.paragraphs[0].text
    assert marked.tables[0].cell(0, 0).text == "Kommunens vapen"


def test_the_report_is_not_written_over_its_template(capsys):
    own_mall("{{genomlysning}}", fil="rapport.docx")
    status, err = make(capsys, mall="rapport.docx")
    assert (status, "kan inte skrivas över mallen" in err) == (2, True)


def test_every_placeholder_is_documented():
    text = DOCS.read_text(encoding="utf-8").split("## `rapport`")[1].split("\n## ")[0]
    empty = Uppgifter(*([""] * len(fields(Uppgifter))))
    for name in (*list_marken(empty), "genomlysning", "kapitel 2–4", "innehåll"):
        assert f"`{{{{{name}}}}}`" in text, name
