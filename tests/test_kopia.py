"""`kopia`: a copy to send keeps what people made, and nothing that must not leave the house."""

import json
import re
import shutil
import sys
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from lxml import etree

from arbetsbok import open_bok
from excelredigering import Excelredigering, q
from genomlysning import kopia as kopia_modul
from genomlysning import pdf
from genomlysning.bok.paket import Paket
from genomlysning.kommandorad import run
from genomlysning.utskick.granskning import check_kopia
from genomlysning.utskick.hanvisning import Hanvisningar, is_extern, is_omrade
from genomlysning.utskick.rensa import clean_paket
from libreoffice import recalculate, require_libreoffice
from ooxml import compare_parts, parts, require_validator, validate
from utskicksbocker import Delbok, make_fientlig, make_makrobok, make_personlig, png

KOPIA = Path("kopia.xlsx")
SKRIVNA_OM = {
    "[Content_Types].xml",
    "docProps/app.xml",
    "docProps/core.xml",
    "xl/persons/person.xml",
    "xl/workbook.xml",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@cache
def exempel() -> bytes:
    """The example workbook, the same for every test; made in the folder of the first."""
    assert run(["skapa", "--exempel", "--ut", "exempel.xlsx", "--idag", "2026-11-24"]) == 0
    return Path("exempel.xlsx").read_bytes()


def write_exempel() -> Path:
    fil = Path("exempel.xlsx")
    fil.write_bytes(exempel())
    return fil


def copy(capsys, fil, *options, ut=KOPIA):
    capsys.readouterr()
    status = run(["kopia", str(fil), "--ut", str(ut), "--json", *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def by_slag(posts):
    return {p["slag"]: p for p in posts}


def element_texts(part: bytes, name: str) -> list[str]:
    return [
        e.text or ""
        for e in etree.fromstring(part).iter()
        if isinstance(e.tag, str) and e.tag.rpartition("}")[2] == name
    ]


def test_keeps_every_part_of_what_people_made(capsys) -> None:
    require_validator()
    fil = make_personlig(Path("egen.xlsx"))
    status, answer, err = copy(capsys, fil)
    assert (status, err) == (0, "")
    changed = {line.partition(":")[0] for line in compare_parts(fil, KOPIA)}
    assert changed == SKRIVNA_OM
    assert validate(KOPIA) == []
    kept = by_slag(answer["kvar"])
    assert kept["kommentarer"]["vad"] == ["Min flik å!A2", "Min flik å!B3"]
    assert set(kept["forfattare"]["vad"]) == {"Anna Andersson", "Bo Berg", "Eva Ek"}
    assert (kept["diagram"]["antal"], kept["bilder"]["antal"]) == (2, 2)
    before, after = (parts(f)["xl/workbook.xml"].decode() for f in (fil, KOPIA))
    assert re.sub("<calcPr.*?>", "", before) == re.sub("<calcPr.*?>", "", after)


@pytest.fixture
def fientlig(capsys):
    fil = make_fientlig(Path("fientlig.xlsm"))
    return copy(capsys, fil), parts(KOPIA)


def test_nothing_secret_or_active_leaves_a_hostile_workbook(fientlig) -> None:
    require_validator()
    (status, answer, err), found = fientlig
    assert status == 0, err
    assert [
        name for name, content in found.items() if b"HEMLIG" in content or "HEMLIG" in name
    ] == []
    assert not [name for name in found if name.endswith(".bin")]
    assert validate(KOPIA) == []
    removed = by_slag(answer["borttaget"])
    assert removed["formler"]["antal"] == 12
    assert removed["dolda-blad"]["vad"] == ["Dolt blad", "Djupt"]
    assert removed["makron"]["antal"] == 3
    assert removed["knappar"]["antal"] == 2
    assert removed["pivottabeller"]["vad"] == ["Data: Pivot1"]
    for slag in (
        "menyflikar",
        "lankade-arbetsbocker",
        "anslutningar",
        "inbaddat",
        "lankar",
        "namn",
        "datavalidering",
        "villkorsformat",
        "miniatyrdiagram",
        "dokumentegenskaper",
        "konton",
        "skrivarinstallningar",
        "sokvagar",
        "vyer",
        "scenarier",
        "andringslogg",
        "tillagg",
        "inbaddade-data",
        "ovrigt",
    ):
        assert removed[slag]["antal"] >= 1, slag


def test_hostile_workbook_keeps_values_and_what_is_seen(fientlig) -> None:
    _, found = fientlig
    book = Excelredigering(KOPIA)
    values = {"A2": 6.0, "A3": 2.0, "A10": 7.0, "A11": 8.0, "B11": 9.0, "C10": "I cellen"}
    values |= {"C4": "Klicka", "C6": "=1+1 <w:p> 😀", "B10": "dde", "A1": "Rubrik", "C2": None}
    assert {ref: book.value("Data", ref) for ref in values} == values
    sheet = found["xl/worksheets/sheet1.xml"]
    assert not list(etree.fromstring(sheet).iter(q("f")))
    assert b'<c r="C3" t="e"><v>#DIV/0!</v></c>' in sheet
    lists = [e.text for e in etree.fromstring(sheet).iter(q("formula1"))]
    assert lists == ['"Ett,Två,Tre"', '"Ett,Två,Tre"', "Data!$B$2:$B$4"]
    assert '"Ett,Två,Tre"' in element_texts(sheet, "f")
    assert "Data!B2:B4" in element_texts(sheet, "f")  # the sparkline that stays
    assert "Ledtext som är kvar" in sheet.decode()
    assert element_texts(sheet, "formula") == ["B2>Formelnamn", "B2>1"]
    names = {
        e.get("name"): e.text
        for e in etree.fromstring(found["xl/workbook.xml"]).iter(q("definedName"))
    }
    assert names == {
        "Formelnamn": "SUM(Data!$B$2:$B$4)",  # a rule that stays reckons with it
        "Lokalt": "Data!$A$1",
        "Plats": "Data!$B$2:$B$4",
    }
    links = [e.get("ref") for e in etree.fromstring(sheet).iter(q("hyperlink"))]
    assert links == ["F1", "F2", "F3"]
    assert b"sheetProtection" in sheet
    assert b"lockStructure" in found["xl/workbook.xml"]
    drawing = found["xl/drawings/drawing1.xml"]
    assert "Länkad text" in drawing.decode()
    assert "Stannar" in drawing.decode()
    assert set(re.findall(rb'descr="([^"]*)"', drawing)) == {b"b.png", b"c.png"}


def test_chart_of_hidden_cells_keeps_its_values(fientlig) -> None:
    (_, answer, _), found = fientlig
    chart = found["xl/charts/chart1.xml"]
    assert element_texts(chart, "f") == []
    assert element_texts(chart, "v") == ["Ett", "Ett", "Två", "Tre", "1", "2", "3"]
    assert element_texts(chart, "t") == ["Två"]
    assert any("diagram på Data" in text for text in answer["varningar"])


def test_hidden_things_stay_when_asked_for(capsys) -> None:
    require_validator()
    fil = make_fientlig(Path("fientlig.xlsm"))
    status, answer, err = copy(capsys, fil, "--behall-dolda")
    assert status == 0, err
    kept = by_slag(answer["kvar"])
    assert kept["dolda-blad"]["vad"] == ["Dolt blad", "Djupt"]
    assert "företag" in kept["dokumentegenskaper"]["vad"]
    assert kept["konton"]["vad"] == ["Bo Berg", "Eva Ek"]
    found = parts(KOPIA)
    assert "'Dolt blad'!$A$1:$A$3" in element_texts(found["xl/worksheets/sheet1.xml"], "formula1")
    assert b"'Dolt blad'!$B$1:$B$3" in found["xl/charts/chart1.xml"]
    assert b"S::bo.HEMLIG@kommun::1" in found["xl/persons/person.xml"]
    assert validate(KOPIA) == []
    for name, content in found.items():
        assert not re.search(rb"vbaProject|externalLink|absPath|C:\\|DSN=|EXEC|\[1\]", content), (
            name
        )


def test_macro_workbook_becomes_an_ordinary_one(capsys, tmp_path: Path) -> None:
    from oletools.olevba import VBA_Parser

    fil = make_makrobok(Path("makron.xlsm"), tmp_path)
    assert VBA_Parser(str(fil)).detect_vba_macros()
    status, answer, err = copy(capsys, fil, "--behall-dolda")
    assert status == 0, err
    parser = VBA_Parser(str(KOPIA))
    assert not parser.detect_vba_macros()
    assert not parser.detect_xlm_macros()
    removed = by_slag(answer["borttaget"])
    assert removed["knappar"]["vad"] == ["Start: Hämta Kolada"]
    assert removed["dolda-blad"]["vad"] == ["xlwings.conf"]  # settings of the macros, always
    assert not [n for n in parts(KOPIA) if "vml" in n.lower() or "vba" in n.lower()]


def test_copy_of_the_example_has_the_same_cells_and_dropdowns(capsys) -> None:
    require_validator()
    fil = write_exempel()
    status, answer, err = copy(capsys, fil)
    assert (status, err) == (0, "")
    assert validate(KOPIA) == []
    before, after = open_bok(fil), open_bok(KOPIA)
    assert after.sheetnames == [n for n in before.sheetnames if n != "Listor"]
    for sheet in after.worksheets:
        cells = {c.coordinate: c.value for row in sheet.iter_rows() for c in row}
        original = before[sheet.title]
        assert {ref: original[ref].value for ref in cells} == cells
    lists = {d.formula1 for d in after["3.1 Kort sikt"].data_validations.dataValidation}
    assert '"Ej påbörjad,Pågår,Genomförd,Avbruten"' in lists
    assert after.properties.subject == "EXEMPELDATA"
    assert set(after.defined_names) >= {"Kommun", "NyckeltalRegler"}
    assert not by_slag(answer["borttaget"]).keys() & {"villkorsformat", "datavalidering"}
    assert answer["varningar"] == []


def test_look_up_of_a_conditional_format_still_works() -> None:
    """The name that the format looks up in holds the list itself, which can be reckoned with."""
    require_libreoffice()
    clean, _ = clean_paket(Paket.open(write_exempel()), Path("exempel.xlsx"), behall_dolda=False)
    clean.write(KOPIA)
    book = Excelredigering(KOPIA)
    row = next(c for c in range(7, 20) if book.value("2.1 Ekonomi", f"N{c}"))
    book.put("2.1 Ekonomi", "Z1", f"=VLOOKUP(N{row},NyckeltalRegler,6,FALSE)")
    book.save(Path("prov.xlsx"))
    cell = recalculate(Path("prov.xlsx"))["2.1 Ekonomi"]["Z1"]
    assert (cell.error, cell.value) == (0, book.value("2.1 Ekonomi", f"G{row}"))


def test_refuses_formulas_without_values_and_names_the_cells(capsys) -> None:
    with xlsxwriter.Workbook("bok.xlsx") as bok:
        s = bok.add_worksheet("Min flik")
        for row in range(8):
            s.write_formula(row, 0, "=1+1", None, "")
        s.write_formula("B1", "=1+1", None, 2)
    status, _, err = copy(capsys, "bok.xlsx")
    assert status == 4
    assert "8 (Min flik!A1, Min flik!A2, " in err
    assert "och 2 till" in err
    assert "B1" not in err
    assert not KOPIA.exists()


def test_refuses_to_write_over_its_source_and_other_kinds_of_files(capsys) -> None:
    fil = write_exempel()
    before = fil.read_bytes()
    Path("länk.xlsx").hardlink_to(fil)
    for ut in (fil, "länk.xlsx"):
        status, _, err = copy(capsys, fil, ut=ut)
        assert (status, "kan inte skrivas över" in err) == (2, True)
    assert copy(capsys, fil, ut="kopia.xlsm")[0] == 2
    assert copy(capsys, fil, ut="saknas/kopia.xlsx")[0] == 4
    assert copy(capsys, "finns-inte.xlsx")[0] == 4
    Path("text.xlsx").write_text("ingen arbetsbok")
    assert copy(capsys, "text.xlsx")[0] == 4
    assert run(["kopia"]) == 2
    assert fil.read_bytes() == before
    assert not KOPIA.exists()


def test_default_name_and_what_had_it_is_kept(capsys) -> None:
    fil = write_exempel()
    Path("exempel (kopia).xlsx").write_text("tidigare")
    Path("~$exempel.xlsx").touch()
    assert run(["kopia", str(fil), "--idag", "2026-11-25"]) == 0
    out, err = capsys.readouterr()
    assert "exempel (kopia).xlsx är klar att skicka." in out
    assert "Dolda blad: 1 (Listor)" in out
    assert "Det som inte är sparat är inte med" in err
    assert Path("exempel (kopia) (tidigare 2026-11-25).xlsx").read_text() == "tidigare"
    Path("~$exempel (kopia).xlsx").touch()
    assert run(["kopia", str(fil)]) == 4


def test_same_source_gives_the_same_file(capsys) -> None:
    fil = write_exempel()
    copy(capsys, fil)
    copy(capsys, fil, ut="igen.xlsx")
    assert KOPIA.read_bytes() == Path("igen.xlsx").read_bytes()


def test_pdf_beside_the_copy(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    fil = write_exempel()
    calls = []

    def convert(source: Path, target: Path) -> None:
        calls.append(source)
        target.write_bytes(b"%PDF")

    monkeypatch.setattr(kopia_modul, "require_libreoffice", lambda: "soffice")
    monkeypatch.setattr(kopia_modul, "convert_to_pdf", convert)
    status, answer, _ = copy(capsys, fil, "--pdf")
    assert (status, answer["pdf"], calls) == (0, "kopia.pdf", [KOPIA])
    assert Path("kopia.pdf").read_bytes() == b"%PDF"

    def fail(source: Path, target: Path) -> None:
        raise pdf.FilFel(pdf.PDF_MISSLYCKADES, fil=source, orsak="felkod 1")

    monkeypatch.setattr(kopia_modul, "convert_to_pdf", fail)
    status, answer, err = copy(capsys, fil, "--pdf", ut="ny.xlsx")
    assert (status, answer["pdf"], Path("ny.xlsx").exists()) == (1, None, True)
    assert "Kopian är skriven, men ingen PDF." in err


def test_pdf_without_libreoffice_writes_nothing(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: None)
    status, _, err = copy(capsys, write_exempel(), "--pdf")
    assert (status, KOPIA.exists()) == (4, False)
    assert "be IT installera LibreOffice" in err


REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize(
    ("part", "old", "new", "told"),
    [
        ("xl/worksheets/sheet1.xml", "<v>4</v>", "<f>2*2</f><v>4</v>", "har en formel"),
        ("xl/workbook.xml", 'name="Start"', 'name="Start" state="hidden"', "inget blad syns"),
        (
            "xl/workbook.xml",
            "<calcPr",
            "<definedNames><definedName name='x'>[1]A!B2</definedName></definedNames><calcPr",
            "hänvisning utåt",
        ),
        (
            "xl/workbook.xml",
            "<calcPr",
            "<definedNames><definedName name='x'>Borta!B2</definedName></definedNames><calcPr",
            "bladet Borta som saknas",
        ),
        ("xl/workbook.xml", "<calcPr", '<calcPr fullCalcOnLoad="1"', "räknas om"),
        ("[Content_Types].xml", "sheet.main+xml", "template.main+xml", "sort som inte får"),
        ("xl/workbook.xml", 'r:id="rId1"', 'r:id="rId77"', "rId77 som saknas"),
        ("docProps/core.xml", "/>", "><x>Anna</x></cp:coreProperties>", "egenskapen x"),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            f'<Relationship Id="x" Type="{REL}/image" Target="file:///C:/b.png" '
            'TargetMode="External"/></Relationships>',
            "leder till file:",
        ),
        (
            "xl/worksheets/sheet1.xml",
            "</sheetData>",
            '</sheetData><controls xmlns="x"/>',
            "har controls",
        ),
    ],
)
def test_audit_finds_every_broken_promise(capsys, tmp_path, part, old, new, told) -> None:
    copy(capsys, make_makrobok(Path("makron.xlsm"), tmp_path))
    assert check_kopia(KOPIA, med_dolda=False) == []
    book = Delbok(KOPIA)
    if part == "docProps/core.xml":
        book.parts[part] = book.parts[part].replace(b'-instance"/>', b'-instance"/>')
    book.replace(part, old, new)
    faults = check_kopia(book.save(Path("brist.xlsx")), med_dolda=False)
    assert any(told in fault for fault in faults), faults


def test_a_copy_that_fails_its_audit_is_not_written(
    capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kopia_modul, "check_kopia", lambda *_, **__: ["bladet X är dolt"])
    status, _, err = copy(capsys, write_exempel())
    assert (status, KOPIA.exists()) == (4, False)
    assert "bladet X är dolt" in err
    assert list(Path().glob(".*tmp")) == []


def test_broken_packages_are_told_and_leave_nothing(capsys) -> None:
    fil = write_exempel()
    for name in ("xl/workbook.xml", "xl/worksheets/sheet4.xml", "xl/sharedStrings.xml"):
        book = Delbok(fil)
        book.parts[name] = book.parts[name][: len(book.parts[name]) // 2]
        status, _, err = copy(capsys, book.save(Path("trasig.xlsx")))
        assert (status, "skadad" in err) == (4, True), (name, err)
    book = Delbok(fil)
    del book.parts["xl/worksheets/sheet4.xml"]
    assert copy(capsys, book.save(Path("trasig.xlsx")))[0] == 4
    shutil.copyfile(fil, "kort.xlsx")
    with open("kort.xlsx", "r+b") as f:
        f.truncate(9000)
    assert copy(capsys, "kort.xlsx")[0] == 4
    assert not KOPIA.exists()


def test_only_hidden_sheets_are_no_copy(capsys) -> None:
    book = Delbok(write_exempel())
    book.replace("xl/workbook.xml", "<sheet ", '<sheet state="hidden" ', 18)
    status, _, err = copy(capsys, book.save(Path("dold.xlsx")))
    assert (status, "inga synliga blad" in err) == (4, True)


@pytest.mark.parametrize(
    ("formel", "broken", "extern"),
    [
        ("Start!$A$1", False, False),
        ("'2.1 Ekonomi'!$A$1:'2.1 Ekonomi'!B2", False, False),
        ("Start!A1:Start!B2", False, False),
        ("Start:Borta!A1", True, False),
        ("Borta!A1", True, False),
        ("'[1]x'!A1", True, True),
        ("[1]!Namn", True, True),
        ("'C:\\x\\[b.xlsx]Start'!A1", True, True),
        ("[0]!Namn", False, False),
        ("cmd|'/c calc'!A0", True, True),
        ("Tab[Kol]", False, False),
        ("BortaTab[Kol]", True, False),
        ("VLOOKUP(A1,Bortanamn,6)", True, False),
        ('"Bortanamn"', False, False),
        ('INDIRECT("Borta!A1")', True, False),
        ('INDIRECT("Start!A1")', False, False),
        ("Start!#REF!", True, False),
    ],
)
def test_references_are_judged(formel: str, broken: bool, extern: bool) -> None:
    found = Hanvisningar({"start", "2.1 ekonomi"}, {"bortanamn", "bortatab"})
    assert (found.is_broken(formel), is_extern(formel)) == (broken, extern)


def test_plain_names_are_told_from_formulas() -> None:
    plain = ["A!$A$1", "'a b'!$A:$A,'a b'!$6:$6", "1.5", '"text"']
    assert all(is_omrade(text) for text in plain)
    assert not any(is_omrade(text) for text in ["SUM(A!A1)", "OFFSET(A!$A$1,0,0)", "A!A1*2"])


def test_pictures_in_cells_stay_and_linked_data_go(capsys) -> None:
    for kind, stays in (("_localImage", True), ("_linkedentity", False)):
        with xlsxwriter.Workbook("bok.xlsx") as bok:
            bok.add_worksheet("A").embed_image("A1", "b.png", {"image_data": BytesIO(png())})
        book = Delbok(Path("bok.xlsx"))
        structure = next(n for n in book.parts if "rdrichvaluestructure" in n)
        book.replace(structure, "_localImage", kind)
        status, answer, _ = copy(capsys, book.save(Path("bok.xlsx")))
        assert status == 0
        assert (b'vm="1"' in parts(KOPIA)["xl/worksheets/sheet1.xml"]) is stays
        assert any("image" in n for n in parts(KOPIA)) is stays
        assert any("länkade data" in text for text in answer["varningar"]) is not stays


def test_a_copy_is_not_updated(capsys) -> None:
    """Its verdicts are values, which would stay as they were beside new figures."""
    copy(capsys, write_exempel(), "--behall-dolda")
    before = KOPIA.read_bytes()
    assert run(["uppdatera", str(KOPIA)]) == 4
    assert "kopia för utskick" in capsys.readouterr().err
    assert KOPIA.read_bytes() == before


def test_zip_tells_no_time(capsys) -> None:
    copy(capsys, write_exempel())
    with zipfile.ZipFile(KOPIA) as package:
        assert {i.date_time[0] for i in package.infolist()} == {1980}


# ---- names that stand twice ------------------------------------------------------------------


def add_names(fil: Path, *names: str) -> None:
    bok = Delbok(fil)
    bok.replace("xl/workbook.xml", "</definedNames>", "".join(names) + "</definedNames>")
    bok.save(fil)


def test_names_that_stand_twice_and_mean_the_same_are_one(capsys):
    fil = write_exempel()
    area = "'2.1 Ekonomi'!$A$6:$R$20"
    add_names(
        fil,
        # the areas the other way round, as one program writes them and another adds
        '<definedName name="_xlnm.Print_Titles" localSheetId="3">'
        "'2.1 ekonomi'!$6:$6,'2.1 Ekonomi'!$A:$A</definedName>",
        # LibreOffice writes the area of a filter twice, once hidden and once not
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="3">{area}</definedName>',
        '<definedName name="_xlnm._FilterDatabase" localSheetId="3" hidden="true">'
        f"{area}</definedName>",
        "<definedName name=\"KOMMUN\">'Start'!B7</definedName>",
    )
    status, answer, err = copy(capsys, fil)
    assert status == 0, err
    assert answer["varningar"] == []
    names = [
        (n.get("name"), n.get("localSheetId"), n.get("hidden"), n.text)
        for n in Excelredigering(KOPIA).root("xl/workbook.xml").iter(q("definedName"))
    ]
    assert [n for n in names if n[1] == "3"] == [
        ("_xlnm.Print_Titles", "3", None, "'2.1 Ekonomi'!$A:$A,'2.1 Ekonomi'!$6:$6"),
        ("_xlnm._FilterDatabase", "3", "1", area),
    ]
    assert [n[0] for n in names if n[0].lower() == "kommun"] == ["Kommun"]


def test_of_names_that_stand_twice_for_different_cells_the_first_stays(capsys):
    fil = write_exempel()
    add_names(fil, '<definedName name="Kommun">Start!$B$8</definedName>')
    status, answer, err = copy(capsys, fil)
    assert status == 0, err
    (told,) = answer["varningar"]
    assert "Kommun" in told
    assert "Start!$B$7 och Start!$B$8" in told
    (name,) = (
        n
        for n in Excelredigering(KOPIA).root("xl/workbook.xml").iter(q("definedName"))
        if n.get("name") == "Kommun"
    )
    assert name.text == "Start!$B$7"


# ---- an old workbook, full of what leads nowhere ---------------------------------------------


def make_gammal(fil: Path, antal: int) -> Path:
    """Write a workbook with so many names, rules, checks, links and cell styles of no use."""
    with xlsxwriter.Workbook(fil) as bok:
        s = bok.add_worksheet("Blad")
        for row in range(antal):
            bok.define_name(f"Gammalt{row}", f"=#REF!$A${row + 1}")
            s.write(row, 0, row, bok.add_format({"font_size": 8 + row / 10}))
            rule = {"type": "formula", "criteria": f"=[1]A!$A${row + 1}>1"}
            s.conditional_format(row, 1, row, 1, rule)
            s.data_validation(row, 2, row, 2, {"validate": "list", "source": f"=[1]A!$A${row + 1}"})
            s.add_sparkline(row, 3, {"range": f"Borta!A{row + 1}:C{row + 1}"})
            s.write_url(row, 4, f"external:C:\\mapp\\bok{row}.xlsx", string="Länk")
    return fil


def count_calls(fil: Path) -> int:
    """Return how many calls it takes to strip a workbook and to look it over."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        parts, _ = clean_paket(Paket.open(fil), fil, behall_dolda=False)
        parts.write(KOPIA)
        assert check_kopia(KOPIA, med_dolda=False) == []
    finally:
        sys.setprofile(None)
    return calls


def test_the_work_grows_as_the_workbook_does():
    few, many = (count_calls(make_gammal(Path(f"{n}.xlsx"), n)) for n in (50, 400))
    assert many < few * 8 * 1.2
