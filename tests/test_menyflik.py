"""The tab in Excel's ribbon: what it holds, what it calls, and who keeps it."""

import re
import zipfile
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree

from genomlysning.bok import makron, menyflik
from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.bok.paket import Paket
from genomlysning.bok.plan import plan_tom_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.kommandorad import run
from ooxml import compare_parts, faults, parts, require_validator, validate
from vbaprojekt import check, read_sources

ROOT = Path(__file__).parents[1]
TOM = ROOT / "genomlysning.xlsm"
BOK, NY = Path("bok.xlsm"), Path("ny.xlsm")
Q = f"{{{menyflik.NAMNRYMD}}}"
#: Of every string in the part, and of every id (MS-CUSTOMUI 2.2, ST_String and ST_ID).
MAX_LANGD = 1024


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def exempel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fil = tmp_path_factory.mktemp("exempel") / "bok.xlsm"
    assert run(["skapa", "--exempel", "--ut", str(fil), "--idag", "2026-11-24"]) == 0
    return fil


def relations(fil: Path) -> list[str]:
    """Return the parts that a file says are its tabs."""
    root = etree.fromstring(parts(fil)["_rels/.rels"])
    return [r.get("Target") for r in root if r.get("Type") == menyflik.RELATION]


def rewrite(fil: Path, ut: Path, change) -> Path:
    """Write a workbook with its parts changed."""
    content = parts(fil)
    change(content)
    with zipfile.ZipFile(ut, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in content.items():
            package.writestr(name, part)
    return ut


def remove_tab(content: dict[str, bytes]) -> None:
    del content[menyflik.DEL]
    content["_rels/.rels"] = re.sub(
        rb"<Relationship [^>]*customUI[^>]*>", b"", content["_rels/.rels"]
    )


def make_old(fil: Path, ut: Path = BOK, moduler=None) -> Path:
    """Write a workbook as it was before the tab, or with these modules."""
    project = makron.pack_moduler(
        moduler or [m for m in makron.compose_moduler() if m.namn != menyflik.MODUL]
    )

    def change(content: dict[str, bytes]) -> None:
        remove_tab(content)
        content[menyflik.PROJEKTDEL] = project

    return rewrite(fil, ut, change)


def give(fil: Path, ut: Path = NY) -> bool:
    paket = Paket.open(fil)
    given = makron.give_menyflik(paket)
    paket.write(ut)
    return given


# ---- the part ------------------------------------------------------------------------------


def test_the_tab_has_the_seven_buttons_in_their_order() -> None:
    root = etree.fromstring(parts(TOM)[menyflik.DEL])
    assert [e.tag.removeprefix(Q) for e in root.iter()] == [
        *("customUI", "ribbon", "tabs", "tab", "group"),
        *["button"] * 7,
    ]
    [tab] = root.iter(f"{Q}tab")
    assert tab.get("label") == "Genomlysning"
    assert [dict(b.attrib) for b in root.iter(f"{Q}button")] == [
        {
            "id": f"knapp{k.sub}",
            "label": k.text,
            "size": "large",
            "imageMso": k.bild,
            "screentip": k.text,
            "supertip": k.hjalp,
            "onAction": f"Menyflik{k.sub}",
        }
        for k in KNAPPAR
    ]


def test_the_part_keeps_the_rules_of_its_schema() -> None:
    root = etree.fromstring(menyflik.compose_menyflik())
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) == 9
    assert all(re.fullmatch(r"[A-Za-z_]\w*", i, re.ASCII) for i in ids)
    for e in root.iter():
        assert all(1 <= len(value) <= MAX_LANGD for value in e.attrib.values())
    assert len({k.bild for k in KNAPPAR}) == len({k.text for k in KNAPPAR}) == 7


def test_one_relationship_leads_to_it_and_excel_knows_its_kind() -> None:
    assert relations(TOM) == [menyflik.DEL]
    ids = re.findall(rb'Id="(.*?)"', parts(TOM)["_rels/.rels"])
    assert len(ids) == len(set(ids))
    assert (
        b'<Default Extension="xml" ContentType="application/xml"/>'
        in (parts(TOM)["[Content_Types].xml"])
    )


def test_every_callback_calls_the_button_of_the_same_name() -> None:
    sources = read_sources(TOM)
    found = re.findall(
        r"Public Sub (\w+)\(ByVal \w+ As Object\)\r\n    Genomlysning\.(\w+)\r\nEnd Sub",
        sources[menyflik.MODUL],
    )
    assert found == [(f"Menyflik{k.sub}", k.sub) for k in KNAPPAR]
    everything = "".join(sources.values())
    for callback, sub in found:
        assert len(re.findall(rf"Sub {callback}\b", everything)) == 1
        assert f"Public Sub {sub}()" in sources["Genomlysning"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'size="large"', b'size="stor"'),
        (b"supertip=", b"tips="),
        (b'onAction="MenyflikNyttAr"', b'onAction=""'),
    ],
)
def test_the_validator_reads_the_tab(old: bytes, new: bytes) -> None:
    require_validator()

    def change(content: dict[str, bytes]) -> None:
        content[menyflik.DEL] = content[menyflik.DEL].replace(old, new)

    assert any(menyflik.DEL in line for line in validate(rewrite(TOM, BOK, change)))


# ---- who has it ----------------------------------------------------------------------------


def test_a_workbook_without_macros_has_no_tab(exempel: Path) -> None:
    memory = BytesIO()
    write_bok(plan_tom_bok(datetime(2026, 11, 1)), memory)
    assert menyflik.DEL not in zipfile.ZipFile(memory).namelist()
    assert menyflik.DEL in parts(exempel)


def test_a_copy_has_none_and_tells_of_one(exempel: Path, capsys: pytest.CaptureFixture) -> None:
    assert run(["kopia", str(exempel), "--ut", "kopia.xlsx"]) == 0
    assert "Egna menyflikar: 1\n" in capsys.readouterr().out
    copy = parts(Path("kopia.xlsx"))
    assert not any("customui" in name.lower() for name in copy)
    assert b"extensibility" not in copy["_rels/.rels"]
    assert b"customUI" not in copy["[Content_Types].xml"]


def test_next_years_workbook_keeps_it(exempel: Path) -> None:
    assert run(["nytt-ar", str(exempel), "--ut", str(NY)]) == 0
    before, after = parts(exempel), parts(NY)
    for part in (menyflik.DEL, "_rels/.rels", "[Content_Types].xml", menyflik.PROJEKTDEL):
        assert after[part] == before[part]


def test_an_older_workbook_gets_it_with_next_years(exempel: Path) -> None:
    make_old(exempel)
    assert run(["nytt-ar", str(BOK), "--ut", str(NY)]) == 0
    assert relations(NY) == [menyflik.DEL]
    assert parts(NY)[menyflik.DEL] == menyflik.compose_menyflik()
    assert read_sources(NY) == read_sources(exempel)
    assert check(NY) == faults(NY) == []


def test_all_else_of_an_older_workbook_stays() -> None:
    assert give(make_old(TOM))
    changed = {line.split(":")[0] for line in compare_parts(BOK, NY)} - {"[Content_Types].xml"}
    assert changed == {menyflik.DEL, "_rels/.rels", menyflik.PROJEKTDEL}
    assert not give(NY, Path("igen.xlsm"))


def test_a_tab_that_another_program_lost_is_put_back() -> None:
    rewrite(TOM, BOK, remove_tab)
    assert give(BOK)
    assert relations(NY) == [menyflik.DEL]
    assert read_sources(NY) == read_sources(TOM)


def change_project(old: str, new: str) -> list[makron.Modul]:
    return [
        replace(m, text=m.text.replace(old, new))
        for m in makron.compose_moduler()
        if m.namn != menyflik.MODUL
    ]


@pytest.mark.parametrize(
    "moduler",
    [
        change_project("Public Sub NyttAr()", "Public Sub Annat()"),
        [m for m in change_project("", "") if m.namn in ("ThisWorkbook", "Dialogruta")],
    ],
    ids=["knapp saknas", "modul saknas"],
)
def test_a_project_that_is_not_ours_is_left_alone(moduler) -> None:
    make_old(TOM, moduler=moduler)
    assert not give(BOK)
    assert compare_parts(BOK, NY) == []


@pytest.mark.parametrize(
    ("part", "content"),
    [("xl/vbaProjectSignature.bin", b"signatur"), (menyflik.PROJEKTDEL, b"skadat")],
)
def test_a_signed_or_unreadable_project_is_left_alone(part: str, content: bytes) -> None:
    make_old(TOM)
    rewrite(BOK, Path("annan.xlsm"), lambda parts: parts.update({part: content}))
    assert not give(Path("annan.xlsm"))
    assert compare_parts(Path("annan.xlsm"), NY) == []


def test_another_tab_is_left_alone() -> None:
    make_old(TOM)

    def add_own(content: dict[str, bytes]) -> None:
        content["customUI/customUI14.xml"] = b'<customUI xmlns="x"/>'
        own = (
            b'<Relationship Id="egen" Target="customUI/customUI14.xml" Type="http://schemas.'
            b'microsoft.com/office/2007/relationships/ui/extensibility"/></Relationships>'
        )
        rels = content["_rels/.rels"]
        content["_rels/.rels"] = rels.replace(b"</Relationships>", own)

    rewrite(BOK, Path("egen.xlsm"), add_own)
    assert not give(Path("egen.xlsm"))
