"""`sammanstall`: many committees' workbooks, edited and hostile ones too, in one."""

import builtins
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from arbete import HANGER
from arbetsbok import find_text, open_bok, read_tabell
from excelredigering import Excelredigering, q
from genomlysning import sammanstall
from genomlysning.bok.beskrivning import UTAN_NAMND
from genomlysning.kommandorad import run
from genomlysning.profil import load_profil
from genomlysning.regler.avrundning import round_half_away
from genomlysning.regler.pengar import sum_belopp
from genomlysning.sammanstallning import arbetare, bladen, snabbok, tabellasning
from genomlysning.sammanstallning.lasning import read_namndbok
from genomlysning.sammanstallning.namndbok import (
    LANGD,
    OVRIGT,
    Avvisad,
    Namndbok,
    decode_svar,
    encode_svar,
)
from genomlysning.sammanstallning.samordning import (
    AVSTAMT,
    EJ_AVSTAMT,
    EJ_NAMND,
    describe_avstamning,
    find_berorda,
    list_kanda,
    rank_lika,
)
from genomlysning.sammanstallning.tabellasning import parse_svenskt_tal
from koladaserver import run_for_tests
from libreoffice import compare_cached, require_libreoffice
from namndbocker import PROFILER, Namndbokfil, edit, fill, make_bok, write_overallt
from ooxml import require_validator, validate

NU = datetime(2026, 11, 24)
IDAG = "2026-11-24"
SOCIAL, VARD = "socialnamnden", "vard-och-omsorgsnamnden"
#: A blank shipped profile also serves other committees of the municipality.
ANDRA = (
    *("Räddningsnämnden", "Valnämnden", "Bolaget AB", "Överförmyndarnämnden"),
    *("Byggnadsnämnden", "Tekniska nämnden", "Fritidsnämnden"),
)


FEL_TYP = json.dumps({"avvisad": {"fil": "x", "skal": ["y"]}}).encode()
INTE_TAL = b'{"bok": {"year": NaN}}'
#: What makes a file, if it is unpickled.
PICKLE = b"cbuiltins\nopen\n(S'gjort'\nS'w'\ntR."


@pytest.fixture(scope="module")
def tolv(tmp_path_factory: pytest.TempPathFactory) -> list[Namndbokfil]:
    """Twelve committees' workbooks with the stand-in server's values, filled in and edited."""
    folder, sources = tmp_path_factory.mktemp("tolv"), tmp_path_factory.mktemp("mallar")
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for server in run_for_tests():
            patch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)
            patch.setenv("GENOMLYSNING_LAGER", str(sources / "lager.sqlite"))
            for profil in PROFILER:
                make_bok(profil, sources / f"{profil}.xlsx", NU, kommun="Alingsås")
    for number, profil in enumerate((*PROFILER, *["generell"] * len(ANDRA))):
        own = profil == "generell" and number >= len(PROFILER)
        namnd = ANDRA[number - len(PROFILER)] if own else ""
        fil = folder / f"{number:02} {profil}.xlsx"
        made.append(fill(sources / f"{profil}.xlsx", fil, number, namnd))
        write_overallt(made[-1], number)
        edit(made[-1], number)
    return made


@pytest.fixture(scope="module")
def exempel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An example workbook, with what a committee writes in it."""
    folder = tmp_path_factory.mktemp("exempel")
    make_bok(SOCIAL, folder / "mall.xlsx", NU, exempel=True)
    return fill(folder / "mall.xlsx", folder / "exempel.xlsx", 1).fil


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def collect(capsys, *sources, ut="kommun.xlsx"):
    capsys.readouterr()
    names = [str(s) for s in sources]
    status = run(["sammanstall", *names, "--ut", ut, "--json", "--idag", IDAG])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def cells(fil: Path) -> set[str]:
    bok = open_bok(fil)
    return {
        str(c.value)
        for sheet in bok.worksheets
        for row in sheet.iter_rows()
        for c in row
        if c.value is not None
    }


# ---- twelve committees -----------------------------------------------------------------------


def test_nothing_that_people_have_written_is_lost(capsys, tolv) -> None:
    status, answer, _ = collect(capsys, tolv[0].fil.parent)
    assert status == 0
    assert answer["fil"] == "kommun.xlsx"
    assert [n["fil"] for n in sorted(answer["namnder"], key=lambda n: n["fil"])] == [
        m.fil.name for m in tolv
    ]
    assert {(n["kommun"], n["ar"]) for n in answer["namnder"]} == {("Alingsås", 2024)}
    assert {n["namnd"] for n in answer["namnder"]} >= {*ANDRA, "Socialnämnden"}
    assert answer["avvisade"] == []
    found = cells(Path("kommun.xlsx"))
    whole = "\n".join(found)
    for made in tolv:
        missing = [text for text in made.skrivet if text not in found and text not in whole]
        assert not missing, (made.fil.name, missing)
        said = {n: f"{n:.15g}".replace(".", ",") for n in made.tal}
        lost = [n for n in made.tal if str(n) not in found and said[n] not in whole]
        assert not lost, (made.fil.name, lost)
    bok = open_bok(Path("kommun.xlsx"))
    moves = read_tabell(bok, "AllaForflyttningar")
    followed = read_tabell(bok, "AllUppfoljning")
    rows = [r for m in tolv for r in read_namndbok(m.fil).rader("Kommunovergripande")]
    assert sum(r["Kapitel"] == "4.2" for r in moves) == len(rows)
    assert len(followed) == 9 * len(tolv)
    assert all(r["Uppföljning"] for r in followed), "a renamed header is read"
    says = "\n".join(answer["varningar"])
    assert "heter nu Våra förslag" in says
    assert "Anteckningar" in says
    assert re.search(r"1 rad direkt under tabellen .* har också lästs \(rad \d+\)\.", says)
    assert "stod som text" in says


def test_the_sums_are_those_of_the_amounts(capsys, tolv) -> None:
    collect(capsys, tolv[0].fil.parent)
    bok = open_bok(Path("kommun.xlsx"))
    moves = read_tabell(bok, "AllaForflyttningar")
    summa = sum_belopp((r["Möjlig effektivisering"], r["Effekt"]) for r in moves)
    grid = {
        row[0].value: [c.value for c in row[1:4]]
        for row in bok["Förflyttningar"].iter_rows(min_row=6, max_row=13, max_col=4)
    }
    low, high = float(summa.arlig_lagst) / 1000, float(summa.arlig_hogst) / 1000
    assert grid["Årlig"][1:] == [low, high]
    assert 0 < low < high
    assert grid["Engång"][1] == float(summa.engang_lagst) / 1000
    assert grid["Ej angivet"][1] == float(summa.ej_angivet_lagst) / 1000
    outside = (grid[k][0] for k in ("Går inte att beräkna", "Kan inte läsas"))
    assert sum(outside) == summa.antal_ej_lasta > 0
    concerned = {r["Berörd"] for r in read_tabell(bok, "Samordning")}
    assert {"Socialnämnden", "Vård- och omsorgsnämnden", "Kommunstyrelsen"} <= concerned
    alike = read_tabell(bok, "LiknandeForslag")
    assert any(
        {"Bilpool", "Fordon"} == {r[k].split(":")[0] for k in ("Förslag", "Dess förslag")}
        for r in alike
    )


def test_each_verksamhet_is_counted_once(capsys, tolv) -> None:
    own = [m.fil for m in tolv if m.fil.stem.endswith((SOCIAL, VARD, "kommunstyrelsen"))]
    collect(capsys, *own)
    bok = open_bok(Path("kommun.xlsx"))
    reported = read_tabell(bok, "Redovisat")
    assert sum(r["Verksamhet"] == "LSS" for r in reported) == 2
    rows = read_tabell(bok, "Verksamheter")
    (lss,) = [r for r in rows if r["Verksamhet"] == "LSS"]
    assert lss["Redovisas av"] == "Socialnämnden, Vård- och omsorgsnämnden"
    counted = [r["Avvikelse (Mkr)"] for r in rows if r["I summan"] == "Ja"]
    assert {r["Verksamhet"] for r in rows if r["I summan"] == "Nej"} == {"Totalt exkl. LSS"}
    over = bok["Referenskostnad"]["B7"].value
    assert over == pytest.approx(sum(v for v in counted if v and v > 0))


def test_verdicts_that_were_never_saved_are_reckoned_anew(capsys, tolv, tmp_path) -> None:
    source = tolv[1].fil
    bok = Excelredigering(source)
    for table in ("Referenskostnad", "Kvalitet"):
        for cell in bok.root(bok.table(table)[2]).iter(q("c")):
            if cell.find(q("f")) is not None and cell.find(q("v")) is not None:
                cell.remove(cell.find(q("v")))
                cell.attrib.pop("t", None)
    bok.save(tmp_path / "osparad.xlsx")
    answers = [
        [
            (r["inom"], r["battre"], r["uppfyller"])
            for r in read_namndbok(f).rader("Referenskostnad")
        ]
        for f in (source, tmp_path / "osparad.xlsx")
    ]
    assert {word for row in answers[0] for word in row} >= {"Ja", "Nej"}
    assert answers[0] == answers[1]


def test_worst_figures_come_first(capsys, tolv) -> None:
    collect(capsys, *(m.fil for m in tolv[:3]))
    rows = read_tabell(open_bok(Path("kommun.xlsx")), "AllaNyckeltal")
    words = list(dict.fromkeys(r["Bedömning"] for r in rows))
    assert words.index("Bättre") > words.index("Sämre")
    assert words[-1] == "Kan inte bedömas"
    # A unit of an index counts as much as a per cent.
    worse = [
        abs(r["Skillnad" if r["Enhet"] == "index" else "Skillnad (%)"])
        for r in rows
        if r["Bedömning"] == "Sämre"
    ]
    assert worse == sorted(worse, reverse=True)
    pasted = next(m for m in tolv if read_namndbok(m.fil).varningar and "04" in m.fil.name)
    row = read_namndbok(pasted.fil).rader("Ekonomi")[0]
    assert row["varde"] == 1234.5
    assert row["skillnad"] is not None


@pytest.mark.parametrize("kopia", [False, True], ids=["egen fil", "kopia utan regler"])
def test_figures_are_shown_as_their_workbook_shows_them(capsys, tmp_path, kopia) -> None:
    made = tmp_path / "in" / "bok.xlsx"
    made.parent.mkdir()
    make_bok("kommunstyrelsen", made, NU, exempel=True)
    own = open_bok(made)
    rules = {row[0].value: row[2].value for row in own["Listor"]["H2:J201"]}
    tables = ("Ekonomi", "Personal", "Kvalitet")
    rows = [r for t in (*tables, *(f"{t}OverTid" for t in tables)) for r in read_tabell(own, t)]
    expected = {r["Nyckeltal"]: rules[r["Kolada-id"]] for r in rows if r["Kolada-id"]}
    assert set(expected.values()) == {0, 1, 2}
    if kopia:
        assert run(["kopia", str(made), "--ut", "kopia.xlsx"]) == 0
        made.write_bytes(Path("kopia.xlsx").read_bytes())
    collect(capsys, made.parent)
    bok = open_bok(Path("kommun.xlsx"))
    for name, pair in (
        ("Nyckeltal", ("Eget värde", "Liknande kommuner")),
        ("Över tid", ("Sista årets värde", "Två år före")),
    ):
        (table,) = bok[name].tables.values()
        header, *rows = bok[name][table.ref]
        columns = {c.value: n for n, c in enumerate(header)}
        for row in rows:
            own_value, other = (row[columns[k]] for k in pair)
            decimals = len(own_value.number_format.partition(".")[2].partition(";")[0])
            assert other.number_format == own_value.number_format
            if not kopia:
                assert decimals == expected[row[columns["Nyckeltal"]].value]
            if "Skillnad" in columns and other.value is not None:
                shown = [round_half_away(c.value, decimals) for c in (own_value, other)]
                difference = row[columns["Skillnad"]].value
                assert difference == pytest.approx(own_value.value - other.value, abs=1e-6)
                assert abs(shown[0] - shown[1] - difference) <= 10**-decimals
                share = row[columns["Skillnad (%)"]].value
                assert share is None or share == pytest.approx(
                    100 * difference / other.value, abs=0.06
                )


def test_the_result_recalculates_to_its_saved_values(capsys, tolv, tmp_path) -> None:
    require_libreoffice()
    broken = tmp_path / "trasig.xlsx"
    broken.write_bytes(b"PK")
    assert collect(capsys, *(m.fil for m in tolv[::2]), broken)[0] == 1
    assert compare_cached(tmp_path / "kommun.xlsx") == []


def test_the_result_is_valid_and_has_links(capsys, tolv, tmp_path) -> None:
    require_validator()
    collect(capsys, *(m.fil for m in tolv[:4]))
    assert validate(tmp_path / "kommun.xlsx") == []
    sheet = open_bok(tmp_path / "kommun.xlsx")["Innehåll"]
    linked = {
        c.hyperlink.location.split("!")[0].strip("'") for r in sheet for c in r if c.hyperlink
    }
    assert linked == {b.namn for b in bladen.BLAD[1:]}


def test_what_sets_a_file_apart_is_told(capsys, tolv, tmp_path) -> None:
    other = Excelredigering(tolv[1].fil)
    other.put_name("Kommun", "Mark")
    other.put_name("SenastHamtad", "2026-01-02")
    other.save(tmp_path / "a.xlsx")
    older = Excelredigering(tolv[3].fil)
    older.put_name("Dataar", 2021.0)
    older.save(tmp_path / "b.xlsx")
    again = Excelredigering(tolv[0].fil)
    again.put_name("Diarienummer", "KS 2026/1")
    again.save(tmp_path / "c.xlsx")
    (tmp_path / "~$c.xlsx").touch()
    status, answer, _ = collect(capsys, tmp_path, tolv[0].fil, tolv[2].fil)
    assert status == 0
    says = "\n".join(answer["varningar"])
    assert "a.xlsx gäller Mark" in says
    assert "2026-01-02" in says
    assert "b.xlsx har dataår 2021" in says
    assert "c.xlsx är läst som den senast sparades" in says
    assert "Flera filer gäller Kommunstyrelsen" in says
    assert "Ingen arbetsbok finns från Barn- och ungdomsnämnden, Kultur- och utbildnings" in says
    bok = open_bok(Path("kommun.xlsx"))
    for text in ("Gäller Mark, men", "Flera filer gäller", "Miljöskyddsnämnden"):
        assert find_text(bok, "Underlaget", text)
    rows = read_tabell(bok, "Verksamheter")
    assert {r["I summan"] for r in rows if r["År"] == 2021} == {"Nej"}
    figures = read_tabell(bok, "AllaNyckeltal")
    outside = ["ingår inte" in r["Nämnd"] for r in figures]
    assert 0 < sum(outside) < len(outside)
    assert outside == sorted(outside)
    assert find_text(bok, "Nyckeltal", "Där det står ”ingår inte”")
    assert find_text(bok, "Innehåll", "räknas inte i något av talen ovan")
    assert find_text(bok, "Innehåll", "De nämnder vars filer är med")
    # The result lies among its sources the next time, and is not taken for one.
    status, again, _ = collect(capsys, tmp_path, tolv[2].fil)
    assert {n["fil"] for n in again["namnder"]} == {"a.xlsx", "b.xlsx", "c.xlsx", tolv[2].fil.name}


def _read_changed(source: Path, *changes: tuple[str, ...]) -> tuple[Namndbok, str]:
    """Read a workbook changed in LibreOffice, which numbers the columns anew; and what is told.

    A change is an edit's name, a table and its headers.
    """
    bok = Excelredigering(source)
    for name, *words in changes:
        getattr(bok, name)(*words)
        if name == "insert_column":
            bok.put_in(words[0], bok.area(words[0])[0] + 1, words[-1], 4444.0)
    bok.renumber_columns()
    bok.save(Path("andrad.xlsx"))
    read = read_namndbok(Path("andrad.xlsx"))
    return read, "\n".join(read.varningar)


def _first(bok: Namndbok, table: str, *keys: str) -> list[Any]:
    return [bok.rader(table)[0].get(k) for k in keys]


BELOPP, LIKNANDE = "Möjlig effektivisering", "Liknande kommuner 2024"


def test_columns_that_libreoffice_has_renumbered_are_told_by_place(tolv) -> None:
    source = tolv[0].fil
    before = read_namndbok(source)
    after, says = _read_changed(
        source,
        ("insert_column", "InomForvaltningen", "Beskrivning", "Nr"),
        ("rename_column", "InomForvaltningen", BELOPP, "Belopp"),
        ("rename_column", "Ekonomi", LIKNANDE, "Liknande kommuner 2023"),
        ("rename_column", "KortSikt", "Uppföljning", "Hur gick det?"),
    )
    keys = ("omrade", "belopp", "effekt")
    assert _first(after, "InomForvaltningen", *keys) == _first(before, "InomForvaltningen", *keys)
    assert after.rader("InomForvaltningen")[0][OVRIGT] == "Nr: 4444"
    assert f"4.1 Inom förvaltningen: ”Belopp” (D6) är läst som ”{BELOPP}”." in says
    assert "3.1 Kort sikt: ”Hur gick det?” (D6) är läst som ”Uppföljning”." in says
    assert after.rader("Ekonomi") == before.rader("Ekonomi")
    assert "2.1 Ekonomi:" not in says, "only the year differs"


def test_a_column_that_cannot_be_told_is_nobodys_and_is_kept_in_words(tolv) -> None:
    source = tolv[0].fil
    before = read_namndbok(source)
    after, says = _read_changed(
        source,
        ("insert_column", "InomForvaltningen", BELOPP, "Budget 2026"),
        ("rename_column", "InomForvaltningen", BELOPP, "Belopp"),
        ("insert_column", "Ekonomi", LIKNANDE, "Vårt mål"),
        ("rename_column", "Ekonomi", LIKNANDE, "Jämförbara"),
        ("insert_column", "LangSikt", "Ursprung", "Klart när"),
        ("rename_column", "LangSikt", "Ursprung", "Härkomst"),
    )
    assert _first(after, "LangSikt", "ursprung", OVRIGT) == [None, "Klart när: 4444"]
    (amount,) = _first(before, "InomForvaltningen", "belopp")
    assert _first(after, "InomForvaltningen", "belopp", OVRIGT) == [
        None,
        f"Budget 2026: 4444\nBelopp: {amount}",
    ]
    assert f"kolumnen {BELOPP} saknas på bladet 4.1 Inom förvaltningen" in says
    assert _first(after, "Ekonomi", "varde", "liknande", "snitt") == [
        *_first(before, "Ekonomi", "varde"),
        None,
        *_first(before, "Ekonomi", "snitt"),
    ]
    assert "Vårt mål: 4444\nJämförbara: " in after.rader("Ekonomi")[0][OVRIGT]


def test_a_column_that_fell_out_of_its_table_is_read(tolv) -> None:
    source = tolv[0].fil
    before = read_namndbok(source)
    after, says = _read_changed(
        source,
        ("move_column_out", "InomForvaltningen", BELOPP),
        ("move_column_out", "Ekonomi", LIKNANDE),
    )
    for table in ("InomForvaltningen", "Ekonomi"):
        assert after.rader(table) == before.rader(table)
    assert (
        f"till höger om tabellen på bladet 4.1 Inom förvaltningen har också lästs ({BELOPP})"
        in says
    )
    beside = [[r["text"] for r in b.rader("Anteckningar")] for b in (before, after)]
    assert beside[0] == beside[1], "what is read as a column is no note"


# ---- other kinds of files --------------------------------------------------------------------


def test_examples_are_marked_and_never_mixed(capsys, tolv, exempel) -> None:
    status, answer, err = collect(capsys, tolv[0].fil, exempel)
    assert status == 1
    assert [a["fil"] for a in answer["avvisade"]] == ["exempel.xlsx"]
    assert "OFULLSTÄNDIG" in err
    bok = open_bok(Path("kommun.xlsx"))
    assert find_text(bok, "Innehåll", "OFULLSTÄNDIG: 1 fil är inte med")
    assert find_text(bok, "Nyckeltal", "De nämnder vars filer är med")
    assert find_text(bok, "Innehåll", "ingen besparing")
    assert find_text(bok, "Underlaget", "exempel.xlsx")
    assert collect(capsys, exempel, ut="ex.xlsx")[0] == 0
    assert find_text(open_bok(Path("ex.xlsx")), "Innehåll", "EXEMPELDATA")


def test_each_kind_of_file_has_its_own_message(capsys, tolv, exempel, tmp_path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "gammal.xls").write_bytes(ole + b"Workbook")
    (folder / "last.xlsx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    with zipfile.ZipFile(folder / "fritt.ods", "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    (folder / "binar.xlsb").write_bytes(b"PK\3\4")
    (folder / "text.xlsx").write_text("hej")
    write_plain(folder / "annan.xlsx")
    assert run(["sammanstall", str(exempel), "--ut", str(folder / "forra.xlsx")]) == 0
    assert run(["kopia", str(exempel), "--ut", str(folder / "kopia.xlsx")]) == 0
    status, answer, _ = collect(capsys, folder)
    assert status == 1
    assert [n["fil"] for n in answer["namnder"]] == ["kopia.xlsx"]
    assert any("kopia för utskick" in w for w in answer["varningar"])
    reasons = {a["fil"]: a["skal"] for a in answer["avvisade"]}
    assert len(set(reasons.values())) == len(reasons) == 6
    assert any("egna sammanställningar är inte lästa: forra.xlsx" in w for w in answer["varningar"])
    for name, words in {
        "gammal.xls": "gamla format (.xls)",
        "last.xlsx": "lösenord",
        "fritt.ods": "OpenDocument",
        "binar.xlsb": "binär",
        "text.xlsx": "ingen arbetsbok av typen",
        "annan.xlsx": "ingen genomlysning",
    }.items():
        assert words in reasons[name], reasons[name]
        assert str(folder) not in reasons[name]


def write_plain(fil: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(fil)) as bok:
        bok.add_worksheet("Data").write_row(0, 0, ["Namn", "Värde"])


def test_usage_is_told(capsys, tmp_path, monkeypatch) -> None:
    status, _, err = collect(capsys, tmp_path)
    assert status == 4
    assert "inga arbetsböcker" in err
    assert collect(capsys)[0] == 2
    assert collect(capsys, tmp_path, ut="kommun.docx")[0] == 2
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    status, answer, err = collect(capsys, tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert (status, answer) == (4, None)
    assert "a.xlsx" in err
    assert "b.xlsx finns inte" in err
    assert not Path("kommun.xlsx").exists()
    monkeypatch.setattr(sammanstall, "find_spec", lambda name: None if name == "pandas" else 1)
    status, _, err = collect(capsys, tmp_path)
    assert status == 2
    assert 'pip install ".[sammanstallning]"' in err


def test_the_command_line_needs_no_pandas(monkeypatch) -> None:
    real = builtins.__import__

    def deny(name, *args, **kwargs):
        assert not name.startswith(("pandas", "python_calamine")), name
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", deny)
    monkeypatch.setattr(sammanstall, "find_spec", lambda name: None)
    assert run(["sammanstall", ".", "--ut", "k.xlsx"]) == 2


# ---- hostile files ---------------------------------------------------------------------------

_SHEET = b"<sheetData>"


def make_hostile(source: Path, folder: Path) -> dict[str, str | None]:
    """Write hostile variants of a workbook; return what the refusal of each says, if any."""
    with zipfile.ZipFile(source) as package:
        parts = {n: package.read(n) for n in package.namelist()}
    book = Excelredigering(source)
    sheet = book.table("InomForvaltningen")[2]
    plain = parts[sheet]
    strings = "xl/sharedStrings.xml"

    def put(name: str, changed: dict[str, bytes], extra: tuple[str, bytes] | None = None) -> None:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as package:
            for part, content in (parts | changed).items():
                package.writestr(part, content)
            if extra:
                package.writestr(*extra)

    def add_dtd(part: bytes, dtd: bytes) -> bytes:
        return part.replace(b"?>", b"?>" + dtd, 1)

    def add_cell(cell: bytes) -> bytes:
        return plain.replace(b"</sheetData>", cell + b"</sheetData>")

    wide = b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>2</v></c></row>'
    many = b"".join(wide % (n, n, n) for n in range(400, 99_000))
    laughs = b"<!DOCTYPE x [<!ENTITY a 'lol'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
    )
    dtd = laughs + b"]>"
    xxe = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
    put("blanksteg.xlsx", {sheet: plain.replace(_SHEET, b" " * 150_000_000 + _SHEET)})
    put("texter.xlsx", {strings: parts[strings] + b"<si><t>A</t></si>" * 7_000_000})
    put("celler.xlsx", {sheet: add_cell(many)})
    for name, part in (("skratt-s", strings), ("skratt-b", sheet), ("skratt-w", "xl/workbook.xml")):
        put(f"{name}.xlsx", {part: add_dtd(parts[part], dtd)})
    comments = b"<?xml version='1.0'?>" + dtd + b"<comments/>"
    put("skratt-k.xlsx", {}, ("xl/comments9.xml", comments))
    put("extern.xlsx", {strings: add_dtd(parts[strings], xxe)})
    put("hornet.xlsx", {sheet: add_cell(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')})
    put(
        "dolt.xlsx",
        {sheet: add_cell(b'<row r="1048576"><c s="0" r="XFD1048576"><v>1</v></c></row>')},
    )
    put("stil.xlsx", {sheet: add_cell(b'<row r="1048576"><c r="XFD1048576" s="0"/></row>')})
    put(
        "matt.xlsx",
        {sheet: plain.replace(b'<dimension ref="', b'<dimension ref="A1:XFD1048576" x="')},
    )
    put("utbrott.xlsx", {}, ("../../ESCAPED.txt", b"x"))
    put("dubbel.xlsx", {}, (sheet.upper(), plain))
    put("manga.xlsx", {})
    with zipfile.ZipFile(folder / "manga.xlsx", "a") as package:
        for n in range(3000):
            package.writestr(f"xl/media/{n}.png", b"")
    content = source.read_bytes()
    (folder / "kapad.xlsx").write_bytes(content[: len(content) // 2])
    # The directory says that a large part is small, and that another has other content.
    (folder / "ljuger.xlsx").write_bytes(
        content.replace(*(len(plain).to_bytes(4, "little"), (9).to_bytes(4, "little")))
    )
    first = book.area("Ekonomi")[0] + 1
    for row, number in enumerate((1e308, -1e308, 1e300, float("inf"), float("nan")), start=first):
        for column in "DEFGHIJK":
            book.put(book.table("Ekonomi")[0], f"{column}{row}", number)
    row = book.area("InomForvaltningen")[0] + 1
    book.put_in("InomForvaltningen", row, "Möjlig effektivisering", 1e308)
    for name in ("Dataar", "SenastHamtad", "Tolerans"):
        book.put_name(name, 1e300)
    book.save(folder / "tal.xlsx")
    return {
        "ljuger.xlsx": "skadad",
        "tal.xlsx": None,
        "blanksteg.xlsx": "för stor",
        "texter.xlsx": "för stor",
        "celler.xlsx": None,
        **dict.fromkeys((f"skratt-{part}.xlsx" for part in "sbwk"), "dokumenttyp"),
        "extern.xlsx": "dokumenttyp",
        "hornet.xlsx": "XFD1048576",
        "dolt.xlsx": "",
        "stil.xlsx": None,
        "matt.xlsx": None,
        "utbrott.xlsx": "utanför filen",
        "dubbel.xlsx": "två gånger",
        "manga.xlsx": "för stor",
        "kapad.xlsx": "skadad",
    }


@pytest.fixture(scope="module")
def elaka(exempel, tmp_path_factory) -> tuple[Path, dict[str, str | None]]:
    """A folder with hostile files and a sound one, and what the refusal of each says, if any."""
    folder = tmp_path_factory.mktemp("elaka")
    expected = make_hostile(exempel, folder)
    shutil.copy(exempel, folder / "hel.xlsx")
    return folder, expected


def check_answers(expected: dict[str, str | None], read: set[str], reasons: dict[str, str]) -> None:
    for name, words in expected.items():
        if words is None:
            assert name in read, reasons.get(name)
        else:
            assert words in reasons[name], (name, reasons.get(name))
            assert name in reasons[name]


def test_hostile_files_are_refused_by_name_and_the_rest_goes_on(elaka, tmp_path) -> None:
    folder, expected = elaka
    code = (
        "import re, resource, sys\n"
        "from genomlysning.kommandorad import run\n"
        "status = run(sys.argv[1:])\n"
        "own = int(re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1])\n"
        "most = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "print(f'MEST {most}', file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "sammanstall", str(folder), "--ut", "k.xlsx", "--json"],
        capture_output=True,
        text=True,
        timeout=HANGER,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert int(done.stderr.split("MEST ")[1]) < 500_000, "kilobytes"
    answer = json.loads(done.stdout)
    read = {n["fil"] for n in answer["namnder"]}
    assert "hel.xlsx" in read
    check_answers(expected, read, {a["fil"]: a["skal"] for a in answer["avvisade"]})
    assert not list(folder.parent.rglob("ESCAPED.txt"))
    assert not list(tmp_path.rglob("ESCAPED.txt"))
    assert open_bok(tmp_path / "k.xlsx").sheetnames == [b.namn for b in bladen.BLAD]


_EN_I_TAGET = """
import json, resource, sys
from pathlib import Path
from genomlysning.sammanstallning.arbetare import Lasare
from genomlysning.sammanstallning.namndbok import Avvisad

hel = Path(sys.argv[1], "hel.xlsx")
for fil in sorted(Path(sys.argv[1]).iterdir()):
    lasare = Lasare(tidsgrans=60)  # what the machine does beside has no say
    answer = lasare.read(fil)
    after = lasare.read(hel)
    lasare.stop()
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    reason = answer.skal if isinstance(answer, Avvisad) else None
    print(json.dumps([fil.name, reason, most, isinstance(after, Avvisad)]))
"""


def test_each_hostile_file_alone_is_done_in_memory_and_before_it_is_stopped(elaka) -> None:
    folder, expected = elaka
    done = subprocess.run(
        [sys.executable, "-c", _EN_I_TAGET, str(folder)],
        capture_output=True,
        text=True,
        timeout=HANGER,
        check=True,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for name, _, most, next_refused in rows:
        # The most of any so far, so the first that is named is the one.
        assert most < 500_000, (name, "kilobytes")
        assert not next_refused, f"a sound file after {name}"
    reasons = {name: reason for name, reason, *_ in rows if reason}
    assert not [r for r in reasons.values() if "för lång tid" in r]
    check_answers(expected, {row[0] for row in rows} - set(reasons), reasons)


def test_formula_texts_come_through_as_text(capsys, exempel, tmp_path) -> None:
    texts = ["=cmd|'/c calc'!A0", "+1+1", "@SUM(1)", "-2+3", '=HYPERLINK("http://x","k")', "'=1"]
    # What XlsxWriter takes for its own XML, well-formed and not.
    texts += ["<r><t>fet</t></r>", "<r>&</r>", "<r></c></row></r>", "]]>&amp;"]
    long = "\N{GRINNING FACE}" * 20_000
    bok = Excelredigering(exempel)
    first = bok.area("InomForvaltningen")[0] + 1
    sheet, column = (
        bok.table("InomForvaltningen")[0],
        bok.column("InomForvaltningen", "Beskrivning"),
    )
    for n, text in enumerate([*texts, long]):
        bok.put(sheet, f"{column}{first + n}", None)
        c = bok.cell(sheet, f"{column}{first + n}")
        c.set("t", "inlineStr")
        inline = c.makeelement(q("is"), {})
        t = c.makeelement(q("t"), {})
        t.text = text
        inline.append(t)
        c.append(inline)
    bok.put_name("Namnd", "Nämnden *")
    bok.save(tmp_path / "formler.xlsx")
    assert collect(capsys, tmp_path / "formler.xlsx")[0] == 0
    from openpyxl import load_workbook

    sheet = load_workbook("kommun.xlsx")["Förflyttningar"]
    found = {c.value: c.data_type for row in sheet.iter_rows() for c in row if c.value in texts}
    assert found == dict.fromkeys(texts, "s")
    (cut,) = (c.value for row in sheet.iter_rows() for c in row if str(c.value)[:9] == long[:9])
    assert cut.endswith("(texten är förkortad)")
    assert 15_000 < cut.count(long[0]) < len(long)


def test_a_reader_that_dies_or_hangs_is_replaced(exempel, tmp_path) -> None:
    lasare = arbetare.Lasare()
    lasare.read(exempel)
    assert lasare._process
    threading.Timer(0.0, lasare._process.kill).start()
    time.sleep(0.2)
    assert lasare.read(exempel).namnd == "Socialnämnden"
    lasare.stop()
    slow = arbetare.Lasare(tidsgrans=0.0)
    assert "för lång tid" in slow.read(exempel).skal
    slow.stop()


LOGN = {
    "a length beyond any memory": LANGD.pack(2**63),
    "a command": LANGD.pack(len(PICKLE)) + PICKLE,
    "no JSON": LANGD.pack(1) + b"{",
    "a deep nest": LANGD.pack(200_000) + b"[" * 200_000,
    "another type": LANGD.pack(len(FEL_TYP)) + FEL_TYP,
    "a number that is none": LANGD.pack(len(INTE_TAL)) + INTE_TAL,
}


@pytest.mark.parametrize("answer", LOGN.values(), ids=LOGN)
def test_a_process_that_lies_is_not_believed(monkeypatch, tmp_path, exempel, answer) -> None:
    (tmp_path / "svar").write_bytes(answer)
    lie = "import sys; sys.stdin.readline(); sys.stdout.buffer.write(open(sys.argv[1],'rb').read())"

    def start(self):
        command = [sys.executable, "-c", lie, str(tmp_path / "svar")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process

    monkeypatch.setattr(arbetare.Lasare, "_start", start)
    lasare = arbetare.Lasare()
    assert "gick inte att läsa" in lasare.read(exempel).skal
    assert not (tmp_path / "gjort").exists()
    lasare.stop()


def test_an_answer_is_the_same_on_the_other_side(tolv) -> None:
    for made in tolv[:2]:
        bok = read_namndbok(made.fil)
        assert decode_svar(encode_svar(bok)) == bok


@pytest.mark.parametrize("wrong", [[2.0, "1"], [2.0, 1.0, 3.0], [2.0, 1e999], "ab", None])
def test_tolerances_that_are_no_numbers_are_no_answer(exempel, wrong) -> None:
    answer = json.loads(encode_svar(read_namndbok(exempel)))
    answer["bok"]["toleranser"] = wrong
    with pytest.raises(ValueError, match=r"answer|type"):
        decode_svar(json.dumps(answer).replace("Infinity", "1e999").encode())


def test_a_number_without_end_is_no_answer(exempel) -> None:
    answer = json.loads(encode_svar(read_namndbok(exempel)))
    answer["bok"]["tabeller"]["Ekonomi"][0]["decimaler"] = float("inf")
    with pytest.raises(ValueError, match="type"):
        decode_svar(json.dumps(answer).replace("Infinity", "1e999").encode())


def test_a_committee_that_nobody_has_named_is_told_and_tolerances_are_read(tolv, tmp_path) -> None:
    unnamed = Excelredigering(tolv[4].fil)
    unnamed.put_name("Tolerans", 5.0)
    unnamed.save(tmp_path / "bolag.xlsx")
    read = read_namndbok(tmp_path / "bolag.xlsx")
    assert read.namnd == ""
    assert any("inte vilken nämnd den gäller" in w for w in read.varningar)
    assert read.toleranser == (5.0, 1.0)
    assert load_profil("generell").namn == UTAN_NAMND


FULL = """
from pathlib import Path
from genomlysning.sammanstallning import barn
refused = barn._refuse_stor(Path("b.xlsx"))
barn.read_one = lambda fil: refused if fil.name == "b.xlsx" else barn.Avvisad(fil.name, "nej")
barn.main()
"""


@pytest.mark.parametrize(("files", "answered", "status"), [("ab", 1, 1), ("ba", 2, 0)])
def test_want_of_memory_is_tried_again_in_a_new_process(files, answered, status) -> None:
    asked = "".join(json.dumps(f"{name}.xlsx") + "\n" for name in files).encode()
    done = subprocess.run([sys.executable, "-c", FULL], input=asked, capture_output=True)
    assert done.returncode == status
    count, rest = 0, done.stdout
    while rest:
        (length,) = LANGD.unpack(rest[: LANGD.size])
        rest, count = rest[LANGD.size + length :], count + 1
    assert count == answered


def test_more_rows_than_any_genomlysning_has_are_told_and_not_read(tolv, monkeypatch) -> None:
    monkeypatch.setattr(tabellasning, "MEST_RADER", 2)
    bok = read_namndbok(tolv[0].fil)
    assert len(bok.rader("Ekonomi")) == 2
    assert any("tabellen Ekonomi har fler än 2 rader" in t for t in bok.varningar)


def test_what_parts_said_is_remembered_within_bounds(tolv, monkeypatch) -> None:
    known: dict = {}
    monkeypatch.setattr(snabbok, "_KANDA", known)
    first = [read_namndbok(m.fil) for m in tolv[:2]]
    assert 0 < len(known) < 100
    assert [read_namndbok(m.fil) for m in tolv[:2]] == first
    monkeypatch.setattr(snabbok, "_MEST_KANDA", 3)
    known.clear()
    assert [read_namndbok(m.fil) for m in tolv[:2]] == first
    assert len(known) <= 3
    monkeypatch.setattr(snabbok, "_KORT", 0)
    known.clear()
    assert read_namndbok(tolv[0].fil) == first[0]
    assert not known


def test_own_results_and_kept_files_in_a_folder_are_skipped(capsys, exempel, tmp_path) -> None:
    folder, empty = tmp_path / "in", tmp_path / "tom"
    folder.mkdir()
    empty.mkdir()
    shutil.copy(exempel, folder)
    for _ in range(3):
        status, answer, _ = collect(capsys, folder, ut="in/kommun.xlsx")
        assert status == 0
    shutil.copy(folder / "kommun.xlsx", folder / "annat namn.xlsx")
    status, answer, _ = collect(capsys, folder, ut="in/kommun.xlsx")
    assert (status, answer["avvisade"], len(answer["namnder"])) == (0, [], 1)
    told = "\n".join(answer["varningar"])
    assert f"kommun (tidigare {IDAG}).xlsx" in told
    assert "annat namn.xlsx" in told
    # One that is named is refused, and so is an empty folder, but the rest goes on.
    status, answer, _ = collect(capsys, exempel, folder / "annat namn.xlsx", empty)
    assert status == 1
    assert [Path(a["fil"]).name for a in answer["avvisade"]] == ["tom", "annat namn.xlsx"]
    assert len(answer["namnder"]) == 1


def test_ctrl_c_leaves_no_process_and_no_file(capsys, exempel, tmp_path, monkeypatch) -> None:
    started = []
    real = arbetare.Lasare._start

    def note(self):
        started.append(real(self))
        return started[-1]

    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(arbetare.Lasare, "_start", note)
    with pytest.raises(KeyboardInterrupt):
        arbetare.read_filer([exempel], interrupt)
    assert started
    assert all(p.poll() is not None for p in started)
    # The command, with a file of the same name before it, interrupted when it reads.
    (tmp_path / "k.xlsx").write_bytes(b"gammal")
    monkeypatch.setattr(arbetare, "name_filer", interrupt)
    assert run(["sammanstall", str(exempel), "--ut", "k.xlsx", "--rapport"]) == 130
    assert "Inget är halvgjort" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"k.xlsx": b"gammal"}
    assert all(p.poll() is not None for p in started)


def test_a_reader_started_as_the_others_are_stopped_is_stopped_too(exempel, monkeypatch) -> None:
    started, stopping = [], threading.Event()
    stop = arbetare.Lasare.stop

    def read(self, fil, nasta):
        if fil is not exempel:
            stopping.wait(10)
            started.append(self._start())
        return Avvisad(fil.name, "")

    def note_stop(self):
        stop(self)
        stopping.set()

    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(arbetare.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(arbetare.Lasare, "read", read)
    monkeypatch.setattr(arbetare.Lasare, "stop", note_stop)
    with pytest.raises(KeyboardInterrupt):
        arbetare.read_filer([exempel, Path("annan.xlsx")], interrupt)
    assert len(started) == 1
    assert started[0].poll() is not None


def test_a_reader_that_cannot_be_started_is_told(capsys, exempel, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(arbetare.subprocess, "Popen", refuse)
    assert run(["sammanstall", str(exempel), "--ut", "k.xlsx"]) == 4
    err = capsys.readouterr().err
    assert "kunde inte startas (datorn har för mycket i gång)" in err
    assert not list(Path().iterdir())


def test_forty_files_are_read_by_a_few_processes(exempel, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(40):
        shutil.copy(exempel, folder / f"{n}.xlsx")
    shown: list[str] = []
    started: list[object] = []
    start = arbetare.Lasare._start
    monkeypatch.setattr(arbetare.Lasare, "_start", lambda self: started.append(self) or start(self))
    answers = arbetare.read_filer(sorted(folder.iterdir()), shown.append)
    assert len(started) <= min(4, os.cpu_count() or 1)
    assert len(answers) == len(shown) == 40
    assert "Läser 40 av 40" in shown[-1]
    assert ".xlsx" in shown[-1]


def test_calamine_reads_a_file_once_and_each_sheet_once(tolv, monkeypatch) -> None:
    opened: list[object] = []
    sheets: Counter[str] = Counter()

    class Counted:
        def __init__(self, stream) -> None:
            opened.append(stream)
            self._bok = CalamineWorkbook.from_filelike(stream)

        from_filelike = classmethod(lambda cls, stream: cls(stream))

        def __getattr__(self, name: str):
            return getattr(self._bok, name)

        def get_sheet_by_name(self, name: str):
            sheets[name] += 1
            return self._bok.get_sheet_by_name(name)

    monkeypatch.setattr(snabbok, "CalamineWorkbook", Counted)
    for made in tolv:
        sheets.clear()
        read_namndbok(made.fil)
        assert set(sheets.values()) == {1}
    assert len(opened) == len(tolv)


# ---- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 234,5", 1234.5),
        ("1\u00a0234", 1234.0),
        ("\u22123,1", -3.1),
        ("12,5 %", 12.5),
        ("12.5", 12.5),
        ("+4", 4.0),
        ("12.500", None),  # twelve and a half, or thousands
        ("0.125", 0.125),
        ("ca 4", None),
        ("1,2,3", None),
        ("", None),
    ],
)
def test_swedish_numbers_are_read(text, expected) -> None:
    assert parse_svenskt_tal(text) == expected


def test_who_is_concerned_is_found() -> None:
    names = list_kanda(["Socialnämnden", "Kommunstyrelsen", "Barn- och ungdomsnämnden"])
    assert find_berorda("Socialförvaltningen, Bostadsbolaget", names) == [
        "Socialnämnden",
        "Bostadsbolaget",
    ]
    assert find_berorda("barn- och ungdomsförvaltningen", names) == ["Barn- och ungdomsnämnden"]
    assert find_berorda("Kommunledningskontoret", names) == ["Kommunstyrelsen"]
    assert find_berorda("kommunens bolag", names) == ["kommunens bolag"]
    assert describe_avstamning("Socialnämnden", "Socialchefen 3 mars", names) == AVSTAMT
    assert describe_avstamning("Socialnämnden", "Rektor", names) == EJ_NAMND
    assert describe_avstamning("Socialnämnden", " ", names) == EJ_AVSTAMT


def test_alike_moves_of_different_committees_are_paired() -> None:
    texts = [
        "Gemensam fordonspool för tjänsteresor med elbilar",
        "Elbilar för tjänsteresor i en fordonspool på parkeringen",
        "Köp livsmedel med grannkommuner",
    ]
    pairs = rank_lika(texts, [["A"], ["B"], ["B", "C"]]).par
    assert [(p.forsta, p.andra) for p in pairs] == [(2, 2), (0, 1)]
    assert "fordonspool" in pairs[1].gemensamt
    assert rank_lika(texts, [["A"], ["A"], ["A"]]).par == []
