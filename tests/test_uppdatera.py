"""`uppdatera`: an edited workbook is refreshed, and nothing but our cells has changed."""

import json
import signal
import stat
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path

import pytest

from arbetsbok import open_bok, read_namn, read_tabell
from excelredigering import MAIN, REL, Excelredigering, etree, q
from genomlysning import bokhamtning
from genomlysning.begrepp import KOMMUNGENOMSNITT
from genomlysning.bok.formeltext import rename_columns
from genomlysning.kolada import Kolada, anslutning
from genomlysning.kommandorad import run
from koladaserver import Fel, Koladaserver
from libreoffice import compare_cached, require_libreoffice
from ooxml import compare_parts, parts, require_validator, validate

BUN = "barn-och-ungdomsnamnden"
ALINGSAS = "1489"
IDAG, SENARE = "2026-11-24", "2026-11-26"
BOK = Path("bok.xlsx")
FIGURES = ("Ekonomi", "Personal", "Kvalitet")
MADE: dict[str, bytes] = {}


@pytest.fixture(autouse=True)
def _server(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)
    if not MADE:  # the same workbook and store for every test
        assert make() == 0
        MADE.update({f: Path(f).read_bytes() for f in (str(BOK), "lager.sqlite")})
    for name, content in MADE.items():
        Path(name).write_bytes(content)


def make(namnd=BUN, kommun="Alingsås"):
    arguments = ["--kommun", kommun, "--namnd", namnd, "--ar", "2024", "--ut", str(BOK)]
    return run(["skapa", *arguments, "--idag", IDAG])


def update(capsys, *options, fil=BOK, idag=SENARE):
    capsys.readouterr()
    status = run(["uppdatera", str(fil), "--json", "--idag", idag, *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def change(koladaserver, *figures, year=2024, kommun=ALINGSAS):
    """Let Kolada have other values for these figures; return them."""
    new = {}
    for i, figure in enumerate(figures):
        new[figure] = koladaserver.varden[(figure, kommun, year)] = 40.5 + i
    return new


def cells(path):
    """Return every cell as its XML without place, by sheet and reference, and each row's height."""
    package = Excelredigering(path)
    found = {}
    for name in package.sheets:
        for c in package.sheet(name).iter(q("c")):
            ref = c.get("r")
            value = (package.value(name, ref), c.get("s"))
            f = c.find(q("f"))
            found[name, ref] = (*value, None if f is None else (f.text, sorted(f.items())))
    return found


def differences(before, after):
    a, b = cells(before), cells(after)
    return {k: (a.get(k), b.get(k)) for k in a.keys() | b.keys() if a.get(k) != b.get(k)}


def edit_as_people_do(path):
    """Own rows, columns and sheets, sorting, a shortened name, a deleted row, comments …"""
    bok = Excelredigering(path)
    row = bok.find_row("Ekonomi", "Kolada-id", "U15011")
    bok.put_in("Ekonomi", row, "Nyckeltal", "Kort namn")
    bok.put_in("Ekonomi", row, "Kommentar", "−2 kr & <mer>")
    bok.put_in("Ekonomi", row, "Önskad riktning", "Högre")
    bok.insert_row(
        "Ekonomi",
        row,
        {"Nyckeltal": "Vårt eget", "Alingsås 2024": 12.0, "Liknande kommuner 2024": 10.0,
         "Enhet": "%", "Önskad riktning": "Högre", "Kommentar": "eget"},
    )  # fmt: skip
    bok.insert_column("Ekonomi", "Avser år", "Vår kolumn")
    bok.put_in("Ekonomi", row + 1, "Vår kolumn", "vår text")
    bok.insert_column("Ekonomi", "", "Sist")
    bok.reverse_rows("Kvalitet")
    gone = bok.find_row("Kvalitet", "Kolada-id", "N15505")
    bok.delete_row("Kvalitet", gone)
    other = bok.find_row("Kvalitet", "Kolada-id", "N15436")
    bok.put_in("Kvalitet", other, "Avser år", 2022)
    bok.put_in("Kvalitet", other, "Enhet", "%")
    bok.insert_row("Personal", 7, {"Nyckeltal": "Eget id", "Kolada-id": "N15006", "Enhet": "%",
                                   "Önskad riktning": "Högre", "Avser år": 2024})  # fmt: skip
    bok.insert_row("KortSikt", 7, {"Åtgärd": "Ny åtgärd", "Genomförandestatus": "Pågår"})
    bok.put_name("Analys", "Vår analys.")
    bok.add_sheet(
        "Egen flik",
        {
            "A1": "=SUM(Ekonomi[[Alingsås 2024]])",
            "A2": "=A1*2",
            "A3": "=1+1",
            "A4": "text",
            "A5": "='2.3 Kvalitet'!B8",
        },
    )
    for ref in ("A1", "A2", "A3", "A5"):  # as Excel saved them
        etree.SubElement(bok.cell("Egen flik", ref), q("v")).text = "2"
    add_chart(bok, "Egen flik")
    sheet = bok.sheet("2.1 Ekonomi")
    rule = etree.fromstring(
        f'<conditionalFormatting xmlns="{MAIN}" sqref="B7:B9"><cfRule type="expression" '
        'priority="99"><formula>$B7&gt;100</formula></cfRule></conditionalFormatting>'
    )
    sheet.findall(q("conditionalFormatting"))[-1].addnext(rule)
    add_threaded_comment(bok, "2.2 Personal")
    bok.save(path)
    return gone


def add_chart(bok, sheet):
    """An own chart of an own sheet, drawn from our table."""
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    kind = "application/vnd.openxmlformats-officedocument.drawing"
    bok.add_part("xl/charts/eget.xml", bok.parts["xl/charts/chart1.xml"], f"{kind}ml.chart+xml")
    part = "xl/drawings/eget.xml"
    bok.add_part(part, b"<x/>", f"{kind}+xml")
    rel = bok.relate(part, f"{REL}/chart", "../charts/eget.xml")
    bok.parts[part] = (
        f'<xdr:wsDr xmlns:xdr="{drawing}/spreadsheetDrawing" xmlns:a="{drawing}/main">'
        "<xdr:absoluteAnchor><xdr:pos x='0' y='900000'/><xdr:ext cx='4000000' cy='2500000'/>"
        "<xdr:graphicFrame macro=''><xdr:nvGraphicFramePr><xdr:cNvPr id='2' name='Eget'/>"
        "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x='0' y='0'/>"
        "<a:ext cx='0' cy='0'/></xdr:xfrm><a:graphic>"
        f"<a:graphicData uri='{drawing}/chart'><c:chart xmlns:c='{drawing}/chart' "
        f"xmlns:r='{REL}' r:id='{rel}'/></a:graphicData></a:graphic></xdr:graphicFrame>"
        "<xdr:clientData/></xdr:absoluteAnchor></xdr:wsDr>"
    ).encode()
    holder = etree.SubElement(bok.sheet(sheet), q("drawing"))
    number = bok.relate(bok.sheets[sheet], f"{REL}/drawing", "../drawings/eget.xml")
    holder.set(f"{{{REL}}}id", number)


def add_threaded_comment(bok, sheet):
    tc = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    who = "{6E4E9B3A-0C1B-4C7B-9B0E-0A1B2C3D4E5F}"
    number = "{11111111-2222-4333-8444-555555555555}"
    bok.add_part(
        "xl/persons/person.xml",
        f'<personList xmlns="{tc}"><person displayName="Åsa" id="{who}" userId="a" '
        'providerId="None"/></personList>'.encode(),
        "application/vnd.ms-excel.person+xml",
    )
    office = "http://schemas.microsoft.com/office/2017/10/relationships"
    bok.relate("xl/workbook.xml", f"{office}/person", "persons/person.xml")
    bok.add_part(
        "xl/threadedComments/threadedComment1.xml",
        f'<ThreadedComments xmlns="{tc}"><threadedComment ref="B7" dT="2026-01-01T00:00:00.00" '
        f'personId="{who}" id="{number}"><text>Stämmer det?</text></threadedComment>'
        "</ThreadedComments>".encode(),
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    part = bok.sheets[sheet]
    bok.relate(part, f"{office}/threadedComment", "../threadedComments/threadedComment1.xml")
    bok.add_part(
        "xl/comments1.xml",
        f'<comments xmlns="{MAIN}"><authors><author>tc={number}</author></authors><commentList>'
        '<comment ref="B7" authorId="0"><text><t>[Trådad kommentar]</t></text></comment>'
        "</commentList></comments>".encode(),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    )
    bok.relate(part, f"{REL}/comments", "../comments1.xml")


OURS = {
    "Alingsås 2024", "Liknande kommuner 2024", "Kommungenomsnitt 2024", "Placering", "Av",
    "Antal liknande", "Jämförelsegrupp", "Anmärkning", "Källa", "Hämtad", "Skillnad", "Bedömning",
    "År 2022", "År 2023", "År 2024", "Förändring", "Utveckling",
}  # fmt: skip


def test_only_our_cells_have_changed(capsys, koladaserver):
    gone = edit_as_people_do(BOK)
    fore = Path("fore.xlsx")
    fore.write_bytes(BOK.read_bytes())
    new = change(koladaserver, "U15011", "N15505", "N15006", "N15436")
    status, answer, err = update(capsys, "--hamta-om")
    assert status == 0, err
    bok = Excelredigering(BOK)

    assert "Egna formler kan ha fått nya värden (Egen flik)." in err

    # parts: only sheets of ours, the log's table and the mark to recalculate
    a, b = parts(fore), parts(BOK)
    assert list(a) == list(b)
    touched = {n for n in a if a[n] != b[n]}
    log = next(n for n in a if n.startswith("xl/tables/") and b'name="Logg"' in a[n])
    sheets = {bok.sheets[s] for s in bok.sheets if s[0] in "2RSJL" or s in ("Egen flik",)}
    assert touched <= {*sheets, bok.sheets["3 Uppföljning"], "xl/workbook.xml", log}

    # cells: only those of ours
    allowed = set()
    for table in (*FIGURES, *(f"{f}OverTid" for f in FIGURES)):
        sheet = bok.table(table)[0]
        r1, _, r2, _ = bok.area(table)
        headers = [c.get("name") for c in bok.table(table)[1].iter(q("tableColumn"))]
        for header in OURS & set(headers):
            letters = bok.column(table, header)
            for row in range(r1 + 1, r2 + 1):
                figure = bok.value(sheet, f"{bok.column(table, 'Kolada-id')}{row}")
                reckoned = header in ("Skillnad", "Bedömning", "Förändring", "Utveckling")
                if figure or reckoned:
                    allowed.add((sheet, f"{letters}{row}"))
    for place, (old, now) in differences(fore, BOK).items():
        if place[0] in ("Logg", "Jämförelsegrupper", "Referenskostnad"):
            continue
        assert old is None or old[1:] == now[1:], place  # style and formula stay
        if place in allowed:
            continue
        ours = now[2] is not None or place[0] in ("Sammanfattning", "2.4 Analys", "Listor")
        assert ours or place == ("Start", "B21"), (place, old, now)
    # values are the server's, row by row
    for n in answer["nyckeltal"]:
        if n["id"] in new and n["avser_ar"] == 2024:
            assert n["varde"] == new[n["id"]]
    ids = [n["id"] for n in answer["nyckeltal"]]
    assert "N15505" not in ids
    assert gone
    rows = read_tabell(open_bok(BOK), "Ekonomi")
    mine = next(r for r in rows if r["Kolada-id"] == "U15011")
    assert (mine["Nyckeltal"], mine["Alingsås 2024"]) == ("Kort namn", 40.5)
    assert mine["Vår kolumn"] == "vår text"
    own = next(r for r in rows if r["Nyckeltal"] == "Vårt eget")
    assert (own["Alingsås 2024"], own["Bedömning"], own["Hämtad"]) == (12, "Bättre", None)
    other = next(n for n in answer["nyckeltal"] if n["id"] == "N15436")
    group = other["grupp"]
    assert other["avser_ar"] == 2022
    assert other["varde"] == koladaserver.value("N15436", ALINGSAS, 2022)[0]
    assert other["liknande"] == koladaserver.value("N15436", group, 2022)[0]
    assert other["snitt"] == koladaserver.value("N15436", KOMMUNGENOMSNITT, 2022)[0]

    # the log tells what changed, and people's formulas wait for Excel
    log_rows = read_tabell(open_bok(BOK), "Logg")
    assert [r["Händelse"] for r in log_rows] == ["Ny arbetsbok", "Uppdatering"]
    assert "Kort namn (U15011) 2024:" in log_rows[1]["Ändrade värden"]
    assert "→ 40,50" in log_rows[1]["Ändrade värden"]
    assert read_namn(open_bok(BOK), "SenastHamtad").date().isoformat() == SENARE
    own_values = [bok.value("Egen flik", ref) for ref in ("A1", "A2", "A3", "A4", "A5")]
    assert own_values == [None, None, 2.0, "text", None]
    assert b'fullCalcOnLoad="1"' in b["xl/workbook.xml"]
    kept = Path(f"bok (tidigare {SENARE}).xlsx")
    assert kept.read_bytes() == fore.read_bytes()


def test_recalculation_and_validator_agree(capsys, koladaserver):
    require_libreoffice()
    require_validator()
    edit_as_people_do(BOK)
    change(koladaserver, "U15011", "N15006", "N15001", "N15419")
    assert validate(BOK) == []
    bok = Excelredigering(BOK)
    bok.put_name("Namnd", "LSS-nämnden")
    bok.save(BOK)
    assert update(capsys, "--hamta-om")[0] == 0
    assert validate(BOK) == []
    heading = open_bok(BOK)["2.4 Analys"]["A1"].value
    assert heading == "2.4 Analys av LSS-nämndens effektivitet"
    wrong = [d for d in compare_cached(BOK) if not d.startswith("Egen flik!")]
    assert wrong == []


def test_nothing_new_changes_only_the_log(capsys):
    assert update(capsys, idag=IDAG)[0] == 0
    fore = Path("fore.xlsx")
    fore.write_bytes(BOK.read_bytes())
    status, answer, _ = update(capsys, idag=IDAG)
    assert (status, answer["anrop"]) == (0, 0)
    assert {sheet for sheet, _ in differences(fore, BOK)} == {"Logg"}
    lines = compare_parts(fore, BOK)
    assert len(lines) == 2, lines
    assert b"fullCalcOnLoad" not in parts(BOK)["xl/workbook.xml"]


def test_a_macro_workbook_and_another_file(capsys, koladaserver):
    source, target = Path("bok.xlsm"), Path("ny.xlsm")
    bok = Excelredigering(BOK)
    bok.add_part("xl/vbaProject.bin", b"\x00makron", "application/vnd.ms-office.vbaProject")
    bok.relate(
        "xl/workbook.xml",
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
        "vbaProject.bin",
    )
    bok.save(source)
    before = source.read_bytes()
    change(koladaserver, "N15001")
    status, answer, _ = update(capsys, "--ut", str(target), "--hamta-om", fil=source)
    assert (status, answer["fil"]) == (0, "ny.xlsm")
    assert source.read_bytes() == before
    assert parts(target)["xl/vbaProject.bin"] == b"\x00makron"
    assert not list(Path().glob("*tidigare*"))


def test_json_has_the_shape_of_skapa(capsys):
    capsys.readouterr()
    options = ["--kommun", "Alingsås", "--namnd", BUN, "--ar", "2024", "--idag", IDAG, "--json"]
    assert run(["skapa", *options, "--ut", "annan.xlsx"]) == 0
    made = json.loads(capsys.readouterr().out)
    _, answer, _ = update(capsys, idag=IDAG)
    assert set(answer) == set(made)
    key = partial(sorted, key=lambda n: (n["tabell"], n["id"]))
    assert key(answer["nyckeltal"]) == key(made["nyckeltal"])


# ---- another year or municipality ----------------------------------------------------------


def test_headers_and_references_follow_the_data_year(capsys, koladaserver):
    require_libreoffice()
    bok = Excelredigering(BOK)
    row = bok.find_row("Kvalitet", "Kolada-id", "N15436")
    bok.put_in("Kvalitet", row, "Avser år", 2022)
    bok.add_sheet(
        "Egen flik", {"A1": "=SUM(Kvalitet[[Alingsås 2024]])+MAX(KvalitetOverTid[År 2023])"}
    )
    bok.put_name("Dataar", 2023)
    bok.save(BOK)
    status, answer, err = update(capsys)
    assert (status, answer["ar"]) == (0, 2023), err
    rows = read_tabell(open_bok(BOK), "Kvalitet")
    assert list(rows[0])[1:4] == [
        "Alingsås 2023", "Liknande kommuner 2023", "Kommungenomsnitt 2023",
    ]  # fmt: skip
    years = {r["Kolada-id"]: r["Avser år"] for r in rows}
    assert years.pop("N15436") == 2022
    assert set(years.values()) == {2023}
    over_time = read_tabell(open_bok(BOK), "KvalitetOverTid")
    assert list(over_time[0])[1:4] == ["År 2021", "År 2022", "År 2023"]
    assert list(read_tabell(open_bok(BOK), "ReferenskostnadOverTid")[0])[1:6] == [
        "2019", "2020", "2021", "2022", "2023",
    ]  # fmt: skip
    for n in answer["nyckeltal"]:
        assert n["varde"] == koladaserver.value(n["id"], ALINGSAS, n["avser_ar"])[0]
    formula = Excelredigering(BOK).cell("Egen flik", "A1").find(q("f")).text
    assert formula == "SUM(Kvalitet[[Alingsås 2023]])+MAX(KvalitetOverTid[År 2022])"
    assert all(b"ngs\xc3\xa5s 2024" not in p for n, p in parts(BOK).items() if "tables" in n)
    assert [d for d in compare_cached(BOK) if not d.startswith("Egen flik!")] == []
    assert validate(BOK) == []


def test_another_municipality(capsys, koladaserver):
    bok = Excelredigering(BOK)
    bok.put_name("Kommun", "Mark")
    bok.save(BOK)
    status, answer, err = update(capsys)
    assert (status, answer["kommun"]["id"]) == (0, "1463"), err
    assert "Mark 2024" in read_tabell(open_bok(BOK), "Ekonomi")[0]
    groups = read_tabell(open_bok(BOK), "Jamforelsegrupper")
    assert all("Mark" in r["Gruppens namn i Kolada"] for r in groups if r["Område"])
    assert {n["grupp"] for n in answer["nyckeltal"]} - {None} <= {r["Grupp-id"] for r in groups}


def test_rows_that_cannot_be_fetched_are_told_of(capsys, koladaserver):
    bok = Excelredigering(BOK)
    values = {"Enhet": "%", "Önskad riktning": "Högre", "Nyckeltal": "x"}
    bok.insert_row("Kvalitet", 8, values | {"Kolada-id": "N1500", "Alingsås 2024": 3.0})
    bok.insert_row("Kvalitet", 8, values | {"Kolada-id": "N99999"})
    bok.insert_row("Kvalitet", 8, values | {"Kolada-id": "N15505", "Önskad riktning": "Uppåt"})
    first = bok.find_row("Kvalitet", "Kolada-id", "N15505")
    bok.insert_row("Kvalitet", 8, values | {"Kolada-id": "N15505", "Avser år": 20240})
    bok.save(BOK)
    status, answer, err = update(capsys)
    assert status == 0
    assert {"N1500", "N99999"} <= set(answer["saknade"])
    for words in ("”N1500” är inget Kolada-id", "”20240”", "”Uppåt”", "står redan på rad 9"):
        assert words in err, err
    rows = read_tabell(open_bok(BOK), "Kvalitet")
    assert next(r for r in rows if r["Kolada-id"] == "N1500")["Alingsås 2024"] == 3
    unknown = next(r for r in rows if r["Kolada-id"] == "N99999")
    assert "finns inte i Kolada" in unknown["Anmärkning"]
    assert first


def test_a_persons_formula_in_our_place_is_theirs(capsys, koladaserver):
    require_libreoffice()
    bok = Excelredigering(BOK)
    a, b = (bok.find_row("Kvalitet", "Kolada-id", i) for i in ("N15436", "N15505"))
    bok.put_in("Kvalitet", a, "Bedömning", "Vår bedömning")
    bok.put_in("Kvalitet", b, "Alingsås 2024", "=10*2")
    bok.save(BOK)
    change(koladaserver, "N15436", "N15505")
    status, _, err = update(capsys, "--hamta-om")
    assert status == 0
    assert "har en egen formel" in err
    bok = Excelredigering(BOK)
    sheet = bok.table("Kvalitet")[0]
    assert bok.value(sheet, f"{bok.column('Kvalitet', 'Bedömning')}{a}") == "Vår bedömning"
    formula = bok.cell(sheet, f"{bok.column('Kvalitet', 'Alingsås 2024')}{b}").find(q("f"))
    assert formula.text == "10*2"
    # what depends on it has no saved value that could be wrong
    assert all("sparat ''" in d for d in compare_cached(BOK)), compare_cached(BOK)


def test_a_later_version_of_an_own_profile_is_found_beside_the_workbook(capsys):
    text = (
        'namn = "Egen"\nforvaltning = "f"\nomrade = "grundskola"\n[[nyckeltal]]\nid = "N15001"\n'
        'namn = "N"\nkategori = "Kvalitet"\nenhet = "%"\nbedomning = "resultat"\n'
        'riktning = "Högre"\ndecimaler = 1\n'
    )
    Path("min.toml").write_text(text, encoding="utf-8")
    assert make(namnd="min.toml") == 0
    assert update(capsys)[0] == 0
    Path("min.toml").unlink()
    status, _, err = update(capsys)
    assert status == 2
    assert "Start!B9" in err
    assert "min.toml" in err


# ---- what is refused -------------------------------------------------------------------------


def rename(table, header):
    return lambda bok: bok.rename_column(table, header, "Vårt namn")


def protect(name):
    def change_(bok):
        sheet = bok.sheet(name)
        element = etree.Element(q("sheetProtection"), {"sheet": "1"})
        sheet.find(q("sheetData")).addnext(element)

    return change_


def drop_table(bok):
    sheet, table, part = bok.table("Personal")
    parts_element = bok.sheet(sheet).find(q("tableParts"))
    parts_element.getparent().remove(parts_element)
    rels = bok.root(part.replace("worksheets/", "worksheets/_rels/") + ".rels")
    for r in list(rels):
        if r.get("Type").endswith("/table"):
            rels.remove(r)
    assert table is not None


def settings(**values):
    def change_(bok):
        for name, value in values.items():
            bok.put_name(name, value)

    return change_


def libreoffice(*changes):
    """Change a workbook as people do in LibreOffice, which numbers the columns anew."""

    def change_(bok):
        for change in changes:
            change(bok)
        bok.renumber_columns()

    return change_


REFUSED = [
    (rename("Kvalitet", "Alingsås 2024"), 4, ["2.3 Kvalitet!B6", "”Vårt namn”", "Alingsås 2024"]),
    (rename("Ekonomi", "Placering"), 4, ["2.1 Ekonomi!J6", "”Placering”"]),
    (rename("Logg", "Händelse"), 4, ["Logg!B6"]),
    (libreoffice(lambda b: b.insert_column("Ekonomi", "Alingsås 2024", "Nr"),
                 rename("Ekonomi", "Liknande kommuner 2024")), 4,
     ["2.1 Ekonomi!D6 är ändrad", "”Vårt namn”", "”Liknande kommuner 2024”"]),
    (libreoffice(lambda b: b.insert_column("Ekonomi", "Liknande kommuner 2024", "Vårt mål"),
                 rename("Ekonomi", "Liknande kommuner 2024")), 4,
     ["”Liknande kommuner 2024” saknas", "”Vårt mål” och ”Vårt namn” (2.1 Ekonomi!C6)"]),
    (libreoffice(lambda b: b.move_column_out("Ekonomi", "Liknande kommuner 2024")), 4,
     ["”Liknande kommuner 2024” i 2.1 Ekonomi!R6 står till höger om tabellen Ekonomi"]),
    (lambda b: b.delete_column("Kvalitet", "Kolada-id"), 4, ["Kolada-id", "2.3 Kvalitet!A6"]),
    (lambda b: b.insert_column("Ekonomi", "", "Alingsås 2023") or b.put_name("Dataar", 2023), 4,
     ["2.1 Ekonomi!S6", "Alingsås 2023"]),
    (lambda b: b.put("Logg", "A8", "anteckning"), 4, ["Logg!A8"]),
    (drop_table, 4, ["Personal", "2.2 Personal", "A6"]),
    (protect("2.3 Kvalitet"), 4, ["2.3 Kvalitet!A6", "skyddat"]),
    (settings(Dataar="i fjol", Tolerans=-1, Kommun=None), 2,
     ["Start!B10", "Start!B19", "Start!B7"]),
    (settings(Kommun="Alingås"), 2, ["Start!B7", "Alingsås"]),
    (settings(Profil="skolnämnden"), 2, ["Start!B9", "skolnämnden"]),
    (settings(AntagenDatum=46000, AntagenParagraf="§ 12"), 2,
     ["antagen", "2025-12-09", "§ 12", "--aven-antagen"]),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected", "words"), REFUSED)
def test_what_cannot_be_done_safely_is_named_and_changes_nothing(capsys, edit, expected, words):
    bok = Excelredigering(BOK)
    edit(bok)
    bok.save(BOK)
    before = BOK.read_bytes()
    status, answer, err = update(capsys)
    assert (status, answer) == (expected, None), err
    assert all(w in err for w in words), err
    assert BOK.read_bytes() == before
    assert [p.name for p in Path().glob("*bok*")] == ["bok.xlsx"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "lösenord"),
        (b"PK\x03\x04 trasig", "skadad"),
        (b"<html>", "ingen arbetsbok"),
        (None, "skadad"),
        (b"", "ingen arbetsbok"),
    ],
)
def test_files_that_are_no_workbook(capsys, content, words):
    if content is None:
        with zipfile.ZipFile(BOK, "w") as package:
            package.writestr("[Content_Types].xml", "<Types/>")
    else:
        BOK.write_bytes(content)
    status, _, err = update(capsys)
    assert (status, words in err) == (4, True), err


def test_bombs_and_entities_are_refused(capsys):
    original = parts(BOK)
    with zipfile.ZipFile(BOK, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/stor.xml", b"\0" * 50_000_000)
    assert "för stor" in update(capsys)[2]
    workbook = original["xl/workbook.xml"].replace(
        b"<workbook ", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><workbook ', 1
    )
    with zipfile.ZipFile(BOK, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in original.items():
            package.writestr(name, workbook if name == "xl/workbook.xml" else content)
    status, _, err = update(capsys)
    assert (status, "dokumenttyp" in err) == (4, True), err


def test_open_read_only_missing_and_other_types(capsys):
    before = BOK.read_bytes()
    lock = Path("~$bok.xlsx")
    lock.touch()
    status, _, err = update(capsys)
    assert (status, "öppen i Excel" in err) == (4, True)
    lock.unlink()
    BOK.chmod(stat.S_IRUSR)
    status, _, err = update(capsys)
    assert (status, "skrivskyddad" in err) == (4, True)
    assert update(capsys, "--ut", "ny.xlsx")[0] == 0
    BOK.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert BOK.read_bytes() == before
    for fil in ("finns-inte.xlsx", "bok.ods", "bok.xls"):
        assert update(capsys, fil=Path(fil))[0] == 4
    assert update(capsys, "--ut", "ny.xlsm")[0] == 2
    assert run(["uppdatera"]) == 2


def test_an_adopted_one_can_be_updated_on_purpose(capsys):
    bok = Excelredigering(BOK)
    settings(AntagenDatum=46000, AntagenParagraf="§ 12")(bok)
    bok.save(BOK)
    assert update(capsys, "--aven-antagen")[0] == 0


def test_example_data_are_not_mixed_with_real(capsys):
    assert run(["skapa", "--exempel", "--ut", "exempel.xlsx", "--idag", IDAG]) == 0
    status, _, err = update(capsys, fil=Path("exempel.xlsx"))
    assert (status, "exempeldata" in err) == (2, True)


@pytest.mark.parametrize("fault", [Fel("500"), Fel("html"), Fel("wrong-types", sokvag="/data/")])
def test_a_failed_fetch_changes_nothing(capsys, koladaserver, monkeypatch, fault):
    monkeypatch.setattr(bokhamtning, "Kolada", partial(Kolada, tidsgrans=3.0))
    before = BOK.read_bytes()
    koladaserver.fel = fault
    Path("lager.sqlite").unlink()
    status, answer, _ = update(capsys, "--hamta-om")
    assert (status, answer) == (3, None)
    assert BOK.read_bytes() == before
    assert [p.name for p in Path().glob("*bok*")] == ["bok.xlsx"]


@pytest.mark.lang
def test_killed_at_any_moment_leaves_the_old_or_the_new_whole(capsys, koladaserver):
    before = BOK.read_bytes()
    change(koladaserver, "N15001")
    command = [sys.executable, "-m", "genomlysning", "uppdatera", str(BOK), "--idag", SENARE]
    started = time.monotonic()
    subprocess.run([*command, "--ut", "hel.xlsx"], check=True, capture_output=True)
    whole = time.monotonic() - started
    for i in range(10):
        BOK.write_bytes(before)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * (0.5 + i / 20))  # the later half is where files are written
        process.send_signal(signal.SIGKILL)
        process.wait()
        if BOK.read_bytes() != before:
            assert [r["Händelse"] for r in read_tabell(open_bok(BOK), "Logg")][-1] == "Uppdatering"


# ---- formulas as text ------------------------------------------------------------------------

RENAMES = {"t": {"år 2023": "År 2024", "år 2024": "År 2025", "a#b": "c#d"}}


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(T[År 2023])+T[[År 2024]]", "SUM(T[År 2024])+T[[År 2025]]"),
        ("T[[#This Row],[År 2023]]-1", "T[[#This Row],[År 2024]]-1"),
        ("T[[#All],[År 2024]]", "T[[#All],[År 2025]]"),
        ("SUM(T[[År 2023]:[År 2024]])", "SUM(T[[År 2024]:[År 2025]])"),
        ("T[@[År 2023]]&T[@År]", "T[@[År 2024]]&T[@År]"),
        ("T[A'#B]", "T[c'#d]"),
        ('"T[År 2023]"&U[År 2023]&\'År 2023\'!A1', '"T[År 2023]"&U[År 2023]&\'År 2023\'!A1'),
        ("[1]Blad!A1+t[år 2023]", "[1]Blad!A1+t[År 2024]"),
        ("SUM('Min bok.xlsx'!T[År 2023])", "SUM('Min bok.xlsx'!T[År 2023])"),
        ("SUM([1]!T[År 2023])", "SUM([1]!T[År 2023])"),
    ],
)  # fmt: skip
def test_headers_in_formulas_change_at_once(formula, expected):
    assert rename_columns(formula, RENAMES) == expected


def test_a_draft_that_a_person_has_changed_is_theirs(capsys, koladaserver):
    bok = Excelredigering(BOK)
    bok.put_name("IKorthet", "Vår egen slutsats.")
    bok.save(BOK)
    change(koladaserver, "N15001", "U15011")
    status, answer, err = update(capsys, "--hamta-om")
    assert status == 0, err
    again = open_bok(BOK)
    assert read_namn(again, "IKorthet") == "Vår egen slutsats."
    assert "har ändrats för hand och har inte skrivits om" in err
    assert any("Sammanfattning!" in w for w in answer["varningar"])
    # The other draft, which nobody has touched, is new.
    assert "40,5" in str(read_namn(again, "Analysunderlag")) or answer["reviderade"]


def test_a_renamed_list_sheet_keeps_its_names_valid(capsys, koladaserver):
    require_libreoffice()
    bok = Excelredigering(BOK)
    entry = next(
        e for e in bok.root("xl/workbook.xml").find(q("sheets")) if e.get("name") == "Listor"
    )
    entry.set("name", "Våra listor")
    for name in bok.root("xl/workbook.xml").find(q("definedNames")):
        name.text = name.text.replace("Listor!", "'Våra listor'!")
    for part in bok.sheets.values():
        for f in bok.root(part).iter(q("f")):
            f.text = f.text and f.text.replace("Listor!", "'Våra listor'!")
    bok.sheets["Våra listor"] = bok.sheets.pop("Listor")
    bok.insert_row("Personal", 7, {"Nyckeltal": "Nytt", "Kolada-id": "N15006", "Enhet": "%",
                                   "Önskad riktning": "Högre", "Avser år": 2024})  # fmt: skip
    bok.save(BOK)
    status, _, err = update(capsys)
    assert status == 0, err
    names = {
        n.get("name"): n.text
        for n in Excelredigering(BOK).root("xl/workbook.xml").find(q("definedNames"))
    }
    assert names["NyckeltalRegler"].startswith("'Våra listor'!$H$2:$M$")
    # The formula that names the sheet is no longer as we wrote it: Excel reckons it at opening.
    assert [d for d in compare_cached(BOK) if not d.startswith("Start!B31: sparat ''")] == []


def test_a_deleted_verksamhet_and_lost_saved_values_are_counted_right(capsys):
    require_libreoffice()
    bok = Excelredigering(BOK)
    bok.delete_row("Referenskostnad", bok.find_row("Referenskostnad", "Verksamhet", "Fritidshem"))
    for part in bok.sheets.values():  # as a program that does not reckon saves it
        for c in bok.root(part).iter(q("c")):
            if c.find(q("f")) is not None and c.find(q("v")) is not None:
                c.remove(c.find(q("v")))
    bok.save(BOK)
    status, _, err = update(capsys)
    assert status == 0, err
    answer = open_bok(BOK)["Sammanfattning"]["A7"].value
    assert " av 2 verksamheter" in (answer or "")
    assert [d for d in compare_cached(BOK) if d.startswith("Sammanfattning")] == []
