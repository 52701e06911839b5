"""`sammanstall` on workbooks that have lost their tables, or names, in another program."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from arbetsbok import open_bok, read_tabell
from excelredigering import Excelredigering, etree
from genomlysning.bok.beskrivning import REFERENSTABELLER, TEXTRUTETIPS
from genomlysning.kommandorad import run
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.lasning import read_namndbok
from genomlysning.sammanstallning.namndbok import ANTECKNINGAR, DECIMALER, Namndbok
from namndbocker import fill, make_bok, write_overallt

SKOLA = "barn-och-ungdomsnamnden"
REFERENSKOSTNAD, OVER_TID = REFERENSTABELLER


@pytest.fixture(scope="module")
def hel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committee's workbook, written in wherever a person can write."""
    folder = tmp_path_factory.mktemp("hel")
    make_bok(SKOLA, folder / "mall.xlsx", datetime(2026, 11, 24), exempel=True)
    made = fill(folder / "mall.xlsx", folder / "skola.xlsx", 1)
    write_overallt(made, 1)
    return made.fil


def change(fil: Path, to: Path, how: Callable[[Excelredigering], None]) -> Path:
    bok = Excelredigering(fil)
    how(bok)
    bok.save(to / fil.name)
    return to / fil.name


def warn_losa(bok: Namndbok) -> list[str]:
    return [w for w in bok.varningar if "vanliga celler" in w]


@pytest.mark.parametrize(
    "tables", [("InomForvaltningen",), (REFERENSKOSTNAD,), (OVER_TID,), REFERENSTABELLER, ()]
)
def test_tables_that_are_plain_cells_by_now_give_the_same(hel, tmp_path, tables) -> None:
    fil = change(hel, tmp_path, lambda bok: bok.make_plain(*tables))
    before, after = read_namndbok(hel), read_namndbok(fil)
    (said,) = warn_losa(after)
    assert replace(after, varningar=()) == replace(before, varningar=())
    assert [w for w in after.varningar if w != said] == list(before.varningar)
    assert f"{len(tables) or 13} tabell" in said
    for table in tables:
        bok = Excelredigering(hel)
        assert f"{bok.table(table)[0]}!A{bok.area(table)[0]}" in said


def test_the_costs_of_the_municipality_are_the_same_from_plain_cells(hel, tmp_path) -> None:
    fil = change(hel, tmp_path, Excelredigering.make_plain)
    found = []
    for source, to in ((hel, "hel.xlsx"), (fil, "losa.xlsx")):
        assert run(["sammanstall", str(source), "--ut", str(tmp_path / to)]) == 0
        bok = open_bok(tmp_path / to)
        tables = (bladen.VERKSAMHETER, bladen.REDOVISAT, bladen.REFERENS_OVER_TID, bladen.NAMNDER)
        found.append([read_tabell(bok, t.namn) for t in tables])
    assert found[0] == found[1]
    assert [len(rows) for rows in found[0]] == [4, 4, 4, 1]


@pytest.mark.parametrize(
    "spelt", ["SUM({0}{1}:{0}{2})", "sum( ${0}${1}:{0}${2} )", "SUM('{3}'!{0}{1}:{0}{2})"]
)
def test_a_sum_that_a_person_has_put_below_plain_cells_is_no_row(hel, tmp_path, spelt) -> None:
    def add(bok: Excelredigering) -> None:
        for table, column in ((REFERENSKOSTNAD, "G"), ("KortSikt", "C")):
            sheet, (first, _, last, _) = bok.table(table)[0], bok.area(table)
            bok.put(sheet, f"A{last + 1}", "Allt")
            formula = spelt.format(column, first + 1, last, sheet)
            bok.put(sheet, f"{column}{last + 1}", f"={formula}")
        bok.make_plain()
        for part in bok.sheets.values():  # as ONLYOFFICE spells an apostrophe
            content = etree.tostring(bok.roots.pop(part)) if part in bok.roots else bok.parts[part]
            bok.parts[part] = content.replace(b"SUM('", b"SUM(&apos;").replace(b"'!", b"&apos;!")

    before, after = read_namndbok(hel), read_namndbok(change(hel, tmp_path, add))
    for table in (REFERENSKOSTNAD, "KortSikt"):
        assert after.rader(table) == before.rader(table)
    assert sum(n["text"] == "Allt" for n in after.rader(ANTECKNINGAR)) == 2


def test_a_figure_reckoned_from_others_is_a_row_of_plain_cells(hel, tmp_path) -> None:
    def add(bok: Excelredigering) -> None:
        row = bok.area("Ekonomi")[0] + 2
        bok.put(bok.table("Ekonomi")[0], f"B{row}", f"=SUM(B{row + 1}:B{row + 2})")
        bok.make_plain()

    before, after = read_namndbok(hel), read_namndbok(change(hel, tmp_path, add))
    names = [r["namn"] for r in before.rader("Ekonomi")]
    assert [r["namn"] for r in after.rader("Ekonomi")] == names


def test_settings_and_texts_are_found_without_their_names(hel, tmp_path) -> None:
    def lose(bok: Excelredigering) -> None:
        bok.make_plain()
        bok.drop_names()

    before, after = read_namndbok(hel), read_namndbok(change(hel, tmp_path, lose))
    assert before.year
    assert set(before.texter) == {"Analys", "Uppfoljning"}
    # The rules on Listor are found by their name; without them each figure's decimals follow from
    # its values alone.
    whole, found = (
        {
            name: tuple({k: v for k, v in r.items() if k != DECIMALER} for r in rows)
            for name, rows in bok.tabeller.items()
        }
        for bok in (before, after)
    )
    # What aids the summary's diagram is found by its name alone.
    found[ANTECKNINGAR] = tuple(
        n for n in after.rader(ANTECKNINGAR) if not re.fullmatch(r"L\d+", str(n["cell"]))
    )
    assert replace(after, varningar=(), tabeller=found) == replace(
        before, varningar=(), tabeller=whole
    )
    assert len(after.varningar) == len(before.varningar) + len(warn_losa(after))


def test_what_follows_a_text_that_has_been_deleted_is_not_taken_for_it(hel, tmp_path) -> None:
    def lose(bok: Excelredigering) -> None:
        bok.drop_names()
        bok.put("2.4 Analys", "A7", TEXTRUTETIPS)

    assert set(read_namndbok(change(hel, tmp_path, lose)).texter) == {"Uppfoljning"}


def test_an_example_is_known_without_its_marks(hel, tmp_path) -> None:
    def lose(bok: Excelredigering) -> None:
        bok.drop_names()
        core = bok.root("docProps/core.xml")
        for e in [e for e in core if e.tag.endswith("}subject")]:
            core.remove(e)

    assert read_namndbok(change(hel, tmp_path, lose)).exempel
