"""A workbook of form 2 gets the formulas of form 3, and keeps what people have put there."""

import re
from pathlib import Path

import pytest

from genomlysning.bok import form2
from genomlysning.bok.beskrivning import JAMFORELSER, NYCKELTALSTABELLER
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, q
from genomlysning.bok.listor import is_bedomd_forr, read_bokversion, read_regler
from genomlysning.bok.migrering import migrate_bok
from genomlysning.bok.omrakning import compute_jamforelse
from genomlysning.bok.paket import Paket
from genomlysning.bok.tabellplats import read_platser
from genomlysning.bok.tabellrader import compose_formler, fill_formler
from genomlysning.profil import load_verksamheter
from genomlysning.regler.visning import MEST_DECIMALER
from genomlysning.sammanstallning.lasning import read_namndbok
from ooxml import require_validator, validate

ARKIV = Path(__file__).parent / "arkiv" / "version2.xlsx"
OWN = "IF(1=1,2,3)"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Path:
    """The archived workbook, with a formula of a person's own, brought to the present form."""
    fil = tmp_path_factory.mktemp("form3") / "bok.xlsx"
    fil.write_bytes(ARKIV.read_bytes())
    bok = Arbetsbok(Paket.open(fil), fil)
    lapp = Lappning(bok)
    place = read_platser(bok)["Kvalitet"]
    lapp.set_formula(place.blad, place.excel.datarader[0], place.kolumner["bedomning"], OWN)
    migrate_bok(bok, lapp)
    lapp.finish()
    bok.paket.write(fil)
    return fil


def opened(fil):
    return Arbetsbok(Paket.open(fil), fil)


def test_our_formulas_are_replaced_and_a_persons_own_stays(migrated):
    bok = opened(migrated)
    assert read_bokversion(bok) == 3
    for name, place in read_platser(bok).items():
        if name not in (*NYCKELTALSTABELLER, "Referenskostnad"):
            continue
        new, old = compose_formler(place), fill_formler(place, form2.FORMLER)
        for nr in place.excel.datarader:
            for key in old.keys() & new.keys():
                formula = place.cell(nr, key).formel
                mine = (name, nr, key) == ("Kvalitet", place.excel.datarader[0], "bedomning")
                assert formula == (OWN if mine else new[key])
        own = bok.tabeller[name.lower()]
        written = {
            e.get("name"): e.findtext(q("calculatedColumnFormula"))
            for e in own.root.iterfind(f"{q('tableColumns')}/{q('tableColumn')}")
        }
        for key in old.keys() & new.keys():
            assert written[place.rubriker[key]] == new[key]
    sheet = bok.find_blad("", "Referenskostnad")
    sums = {sheet.cell(nr, 1).text: sheet.cell(nr, 2).formel for nr, c in sheet.celler if c == 2}
    assert sums["Summa över referenskostnad"].startswith("IF(SUMPRODUCT(")
    assert sums["Netto"] == 'IF(ISNUMBER(B11),B11+B12,"")'


def test_each_number_of_decimals_has_its_rule(migrated):
    bok = opened(migrated)
    styles = bok.parse(bok.find_del("styles")).find(q("dxfs"))
    for name in NYCKELTALSTABELLER:
        shown = set()
        for rule in bok.tabeller[name.lower()].blad.root.iter(q("cfRule")):
            found = re.search(r",3,FALSE\)=(\d),FALSE\)$", rule.findtext(q("formula")) or "")
            if found:
                code = styles[int(rule.get("dxfId"))].find(q("numFmt")).get("formatCode")
                decimals = len(re.match(r"\+?#,##0\.?(0*);", code)[1])
                assert decimals == int(found[1])
                shown.add(decimals)
        assert shown == set(range(MEST_DECIMALER + 1))


def test_an_index_of_resources_is_a_cost(migrated):
    rules = read_regler(opened(migrated))
    indices = {v.resursindex for v in load_verksamheter().values()} & rules.keys()
    for figure in indices:
        assert rules[figure].slag == "kostnad"


def test_the_file_is_valid(migrated):
    require_validator()
    assert validate(migrated) == []


def test_the_collection_judges_an_earlier_form_by_the_rules_of_now():
    """What stands in the file is judged on rounded values, its indices of resources as results."""
    book = read_namndbok(ARKIV)
    rules, tolerances = read_regler(opened(ARKIV)), book.toleranser
    for name in JAMFORELSER:
        for row in book.rader(name):
            assert row["bedomning"] == compute_jamforelse(row, rules, tolerances)["bedomning"]
    assert is_bedomd_forr(opened(ARKIV))
