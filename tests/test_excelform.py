"""Every command takes a workbook that Excel has saved, and gives what it gives on our own file."""

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl.formula.translate import Translator

from excelform import save_as_excel
from excelredigering import MAIN, Excelredigering, etree, q
from genomlysning.bok.formelvarden import EGNA_FORMLER
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.paket import Paket
from genomlysning.kommandorad import run
from koladaserver import Koladaserver
from libreoffice import compare_cached, require_libreoffice
from ooxml import require_validator, validate

IDAG, SENARE = "2026-11-24", "2026-11-26"
MADE: dict[str, bytes] = {}
FORMER = ("var", "excel")


@pytest.fixture(autouse=True)
def _server(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    if not MADE:
        for name in ("fylld.xlsx", "fylld.xlsm"):
            make_fylld(name)
            rolled = name.replace("fylld", "rullad")
            assert run(["nytt-ar", name, "--ut", rolled, "--idag", IDAG]) == 0
        MADE.update({p.name: p.read_bytes() for p in Path.cwd().glob("*.xls?")})
        MADE["lager.sqlite"] = Path("lager.sqlite").read_bytes()
    for name, content in MADE.items():
        Path(name).write_bytes(content)


def make_fylld(name: str) -> None:
    """Write a workbook that has been filled in: values from Kolada, and people's words."""
    arguments = ["--kommun", "Alingsås", "--namnd", "barn-och-ungdomsnamnden", "--ar", "2023"]
    assert run(["skapa", *arguments, "--ut", name, "--idag", IDAG]) == 0
    bok = Excelredigering(Path(name))
    bok.put_name("Analys", "Vår analys.\nMed två rader.")
    bok.put_name("Uppfoljning", "Vår uppföljning.")
    row = bok.area("KortSikt")[0] + 1
    for i, (what, status) in enumerate((("Digital anmälan", "Pågår"), ("Lokaler", "Genomförd"))):
        bok.put_in("KortSikt", row + i, "Åtgärd", what)
        bok.put_in("KortSikt", row + i, "Genomförandestatus", status)
    for table in ("InomForvaltningen", "Kommunovergripande"):
        row = bok.area(table)[0] + 1
        bok.put_in(table, row, "Område", "Städning")
        bok.put_in(table, row, "Möjlig effektivisering", "500 tkr per år")
    bok.save(Path(name))


def cells(fil: Path) -> dict[tuple[str, str], object]:
    """Return the value of each cell, text areas of Word as cells of their own."""
    if fil.suffix == ".docx":
        with zipfile.ZipFile(fil) as package:
            root = etree.fromstring(package.read("word/document.xml"))
        return {("Word", ""): [e.text for e in root.iter() if e.tag.endswith("}t")]}
    bok = Excelredigering(fil)
    return {
        (name, c.get("r")): value
        for name in bok.sheets
        for c in bok.sheet(name).iter(q("c"))
        if (value := read_value(bok, c)) is not None
    }


def read_value(bok: Excelredigering, c) -> object:
    """Return what a cell holds, None for a formula without a value and an empty cell alike."""
    if c.get("t") == "inlineStr":
        return "".join(t.text or "" for t in c.iter(q("t"))) or None
    v = c.find(q("v"))
    if v is None:
        return None
    text = v.text or ""
    if c.get("t") == "s":
        return bok.strings[int(text)] or None
    return float(text) if c.get("t", "n") == "n" else (c.get("t"), text)


def dropdowns(fil: Path) -> dict[str, str]:
    """Return the words of each dropdown, or where they are, by the cells that have it."""
    bok = Excelredigering(fil)
    found = {}
    for name in bok.sheets:
        for element in bok.sheet(name).iter():
            if etree.QName(element).localname == "dataValidation" and element.get("type") == "list":
                texts = {etree.QName(e).localname: e.text for e in element.iter() if e.text}
                cells = element.get("sqref") or texts["sqref"]
                found[f"{name}!{cells}"] = texts.get("formula1") or texts["f"]
    return found


def run_json(capsys, *arguments) -> tuple[int, object, str]:
    capsys.readouterr()
    status = run([*map(str, arguments)])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out.startswith("{") else None, err


def run_all(capsys, mapp: Path, fil: Path) -> dict[str, object]:
    """Run every command that takes a workbook; return what each wrote and said."""
    suffix = fil.suffix
    inside = mapp / "namnder"
    inside.mkdir()
    commands = {
        "uppdatera": (fil, mapp / f"uppdaterad{suffix}", "--hamta-om", "--idag", SENARE),
        "kopia": (mapp / f"uppdaterad{suffix}", mapp / "kopia.xlsx"),
        "rapport": (mapp / f"uppdaterad{suffix}", mapp / "rapport.docx", "--idag", SENARE),
        "nytt-ar": (mapp / f"uppdaterad{suffix}", mapp / f"nasta{suffix}", "--idag", SENARE),
        "sammanstall": (inside, mapp / "kommun.xlsx", "--rapport", "--idag", SENARE),
    }
    found: dict[str, object] = {}
    for command, (source, target, *options) in commands.items():
        if command == "sammanstall":
            shutil.copy(mapp / f"uppdaterad{suffix}", inside / f"bok{suffix}")
        status, answer, err = run_json(capsys, command, source, "--ut", target, "--json", *options)
        assert status == 0, (command, err)
        assert isinstance(answer, dict)
        found[command] = [w.replace(f"{mapp}/", "") for w in answer["varningar"]]
        found[target.name] = cells(target)
        if target.suffix == fil.suffix:
            found[f"rullistor {target.name}"] = dropdowns(target)
    return found


@pytest.mark.parametrize("namn", ["fylld.xlsx", "fylld.xlsm", "rullad.xlsx", "rullad.xlsm"])
def test_what_excel_has_saved_gives_what_our_own_file_gives(capsys, koladaserver, namn):
    koladaserver.varden[("N15001", "1489", 2023)] = 41.5
    answers = []
    for form in FORMER:
        mapp = Path(form)
        mapp.mkdir()
        fil = mapp / namn
        if form == "excel":
            save_as_excel(Path(namn), fil)
            assert cells(fil) == cells(Path(namn))
        else:
            shutil.copy(namn, fil)
        answers.append(run_all(capsys, mapp, fil))
    ours, excels = answers
    assert '"Högre,Lägre,Mål,Ingen"' in dropdowns(Path("excel/kopia.xlsx")).values()
    assert ours.keys() == excels.keys()
    for what, found in ours.items():
        if isinstance(found, dict):
            there = excels[what]
            differ = {
                k: (found.get(k), there.get(k))
                for k in found.keys() | there.keys()
                if found.get(k) != there.get(k)
            }
            assert not differ, what
        else:
            assert found == excels[what], what
            assert not any(EGNA_FORMLER.text[:20] in w for w in found), what


@pytest.mark.parametrize("namn", ["fylld.xlsx", "fylld.xlsm"])
def test_the_form_is_one_that_excel_could_have_written(namn, tmp_path):
    require_validator()
    fil = save_as_excel(Path(namn), tmp_path / f"excel{Path(namn).suffix}")
    assert validate(fil) == []
    bok = Excelredigering(fil)
    for part in ("xl/calcChain.xml", "xl/metadata.xml"):
        assert part in bok.parts
    text = b"".join(bok.parts.values())
    for word in (b't="shared"', b"x14:dataValidation ", b"dyDescent", b"absPath", b"xr:uid"):
        assert word in text, word
    assert (b"<controls>" in text) == namn.endswith("m")
    assert b"Ekonomi[[Anm" not in text
    assert b"Ekonomi[Anm" in text


@pytest.mark.parametrize("command", ["uppdatera", "nytt-ar"])
def test_what_is_written_in_excels_file_is_valid_and_recalculates(command, tmp_path):
    require_validator()
    require_libreoffice()
    fil = save_as_excel(Path("fylld.xlsm"), tmp_path / "excel.xlsm")
    assert run([command, str(fil), "--ut", "ny.xlsm", "--idag", SENARE]) == 0
    assert validate(Path("ny.xlsm")) == []
    assert compare_cached(Path("ny.xlsm")) == []


def test_formulas_that_cells_share_are_each_cells_own(tmp_path):
    bok = Excelredigering(Path("fylld.xlsx"))
    own = {f"A{row}": f"=B{row}*2+$C$1" for row in range(1, 4)} | {"B1": 1.0, "C1": 5.0}
    bok.add_sheet("Egen flik", own)
    bok.save(Path("egen.xlsx"))
    fil = save_as_excel(Path("egen.xlsx"), tmp_path / "excel.xlsx")
    read = Arbetsbok(Paket.open(fil), fil)
    blad = read.find_blad("", "Egen flik")
    assert [blad.cell(row, 1).formel for row in (1, 2, 3)] == [
        "B1*2+$C$1",
        "B2*2+$C$1",
        "B3*2+$C$1",
    ]
    # When the first of them gets a value, the others must not lose theirs.
    lapp = Lappning(read)
    lapp.set_value(blad, 1, 1, 7.0)
    lapp.finish()
    read.paket.write(tmp_path / "ny.xlsx")
    root = Excelredigering(tmp_path / "ny.xlsx").sheet("Egen flik")
    formulas = {c.get("r"): c.find(q("f")) for c in root.iter(q("c"))}
    assert formulas["A1"] is None
    assert [(formulas[r].text, dict(formulas[r].attrib)) for r in ("A2", "A3")] == [
        ("B2*2+$C$1", {}),
        ("B3*2+$C$1", {}),
    ]
    assert root.tag == f"{{{MAIN}}}worksheet"


# ---- what people do in Excel, which then rewrites the formulas -------------------------------


def rename_tables(bok: Excelredigering) -> None:
    """Give every table of the committee's own and of figures another name."""
    for part in [p for p in bok.roots if p.startswith("xl/tables/")]:
        table = bok.root(part)
        name = table.get("name")
        for key in ("name", "displayName"):
            table.set(key, f"Vår_{name}")
        for root in [bok.sheet(s) for s in bok.sheets] + list(bok.roots.values()):
            for element in root.iter(q("f"), q("calculatedColumnFormula"), q("formula")):
                if element.text:
                    element.text = re.sub(rf"\b{name}\[", f"Vår_{name}[", element.text)


def insert_rows_above(bok: Excelredigering) -> None:
    """Insert a row high up on sheets whose formulas refer to cells of their own."""
    for sheet in ("Sammanfattning", "Referenskostnad"):
        bok._move(sheet, lambda r, c: (r + 1 if r >= 3 else r, c))
        for c in bok.sheet(sheet).iter(q("c")):
            f = c.find(q("f"))
            if f is not None and f.text:
                # Each formula moves along with all that it refers to on its own sheet.
                moved = Translator(f"={f.text}", origin="A1").translate_formula("A2")
                f.text = moved.removeprefix("=")
        for name in bok.root("xl/workbook.xml").iter(q("definedName")):
            if name.text.startswith(f"{sheet}!"):
                name.text = re.sub(r"\$(\d+)", lambda m: f"${int(m[1]) + 1}", name.text)


@pytest.mark.parametrize("how", [rename_tables, insert_rows_above])
@pytest.mark.parametrize("command", ["uppdatera", "nytt-ar"])
def test_our_formulas_are_known_in_what_excel_has_rewritten(capsys, how, command):
    bok = Excelredigering(Path("fylld.xlsx"))
    before = sum(c.find(q("f")) is not None for s in bok.sheets for c in bok.sheet(s).iter(q("c")))
    how(bok)
    bok.save(Path("andrad.xlsx"))
    save_as_excel(Path("andrad.xlsx"), Path("excel.xlsx"))
    values = []
    for fil in ("fylld.xlsx", "excel.xlsx"):
        ut = f"ny-{fil}"
        status, answer, err = run_json(capsys, command, fil, "--ut", ut, "--json", "--idag", SENARE)
        assert (status, err) == (0, "") or answer["varningar"], err
        found = cells(Path(ut))
        values.append(sorted(map(str, found.values())))
        assert not any(EGNA_FORMLER.text[:20] in w for w in answer["varningar"])
        again = Excelredigering(Path(ut))
        formulas = [
            c
            for s in again.sheets
            for c in again.sheet(s).iter(q("c"))
            if c.find(q("f")) is not None
        ]
        assert len(formulas) == before
        assert all(c.find(q("v")) is not None for c in formulas)
    assert values[0] == values[1]


def test_new_rows_in_a_renamed_table_get_formulas_with_its_name(tmp_path):
    bok = Excelredigering(Path(__file__).parents[1] / "genomlysning.xlsm")
    for name, value in (("Kommun", "Alingsås"), ("Profil", "socialnamnden"), ("Dataar", 2023)):
        bok.put_name(name, value)
    rename_tables(bok)
    bok.save(Path("tom.xlsm"))
    assert run(["uppdatera", "tom.xlsm", "--idag", SENARE]) == 0
    again = Excelredigering(Path("tom.xlsm"))
    formulas = [f.text for s in again.sheets for f in again.sheet(s).iter(q("f")) if f.text]
    assert len([f for f in formulas if "vår_kvalitet[[kolada-id]]" in f.lower()]) > 1
    assert not [f for f in formulas if re.search(r"\b(Kvalitet|Ekonomi|Referenskostnad)\[", f)]


def test_a_copy_of_our_formula_in_another_place_is_a_persons_own(capsys):
    """It says of other cells what ours says of its own, so the value of ours is not its."""
    bok = Excelredigering(Path("fylld.xlsx"))
    net = next(
        c.get("r")
        for c in bok.sheet("Referenskostnad").iter(q("c"))
        if (f := c.find(q("f"))) is not None
        and re.fullmatch(r'IF\(ISNUMBER\(B\d+\),B\d+\+B\d+,""\)', f.text)
    )
    row = int(net[1:])
    copied = f'=IF(ISNUMBER(C{row + 8}),C{row + 8}+C{row + 9},"")'
    bok.put("Referenskostnad", f"C{row + 10}", copied)
    own = bok.cell("Referenskostnad", f"C{row + 10}")
    etree.SubElement(own, q("v")).text = "7"
    bok.put("Referenskostnad", f"C{row + 8}", 3.0)
    bok.put("Referenskostnad", f"C{row + 9}", 4.0)
    bok.save(Path("egen.xlsx"))
    assert run(["uppdatera", "egen.xlsx", "--idag", SENARE]) == 0
    assert "Egna formler" in capsys.readouterr().err
    again = Excelredigering(Path("egen.xlsx"))
    assert again.value("Referenskostnad", f"C{row + 10}") is None
    assert again.value("Referenskostnad", net) is not None
