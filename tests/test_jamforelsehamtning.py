"""What a comparison fetches. Kolada gives its groups other members once a year, under the ids they
have: names and means belong together at every moment, and the change is told.
"""

import json
from datetime import date, datetime

import pytest

from arbetsbok import open_bok, read_tabell
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada, anslutning
from genomlysning.kommandorad import run
from genomlysning.lager import Lager
from koladaserver import Fel, Koladaserver
from koladavarden import members, places

BUN = "barn-och-ungdomsnamnden"
ALINGSAS = "1489"
GRUNDSKOLA = "G35866"
FORST, SEDAN = "2026-11-20", "2026-11-24"


@pytest.fixture(autouse=True)
def _server(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)


def make(capsys, *options, idag=SEDAN, namnd=BUN, command=("skapa", "--ut", "bok.xlsx")):
    arguments = [*command, "--json", "--idag", idag, *options]
    if command[0] != "uppdatera":
        arguments += ["--kommun", "Alingsås", "--namnd", namnd, "--ar", "2024"]
    status = run(arguments)
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def update(capsys, *options, idag=SEDAN):
    return make(capsys, *options, idag=idag, command=("uppdatera", "bok.xlsx"))


def groups(bok="bok.xlsx"):
    """Return what the sheet says of each group: names, year and codes, by id."""
    rows = read_tabell(open_bok(bok), "Jamforelsegrupper")
    return {r["Grupp-id"]: r for r in rows if r["Grupp-id"]}


def codes_of(row):
    return set(row["Kommunkoder"].split(", "))


def check_together(server, answer):
    """Check that each mean is that of the members which the sheet names."""
    shown = groups()
    checked = 0
    for figure in answer["nyckeltal"]:
        if figure.get("grupp") and figure["liknande"] is not None:
            values = [
                v
                for code in codes_of(shown[figure["grupp"]])
                if (v := server.value(figure["id"], code, figure["avser_ar"])[0]) is not None
            ]
            assert figure["liknande"] == pytest.approx(sum(values) / len(values), abs=1e-5)
            assert figure["liknande_antal"] == len(values)
            checked += 1
    assert checked > 20


def test_a_remade_group_is_told_everywhere(capsys, koladaserver):
    _, first, _ = make(capsys, idag=FORST)
    assert first["omgjorda_grupper"] == []
    old = koladaserver.remake_grupper(ALINGSAS, 2025)[GRUNDSKOLA]
    gone, came = old[:2], list(koladaserver.members(GRUNDSKOLA))[-2:]
    _, answer, err = make(capsys, "--ut", "ny.xlsx")
    (told,) = [g for g in answer["omgjorda_grupper"] if g["grupp"] == GRUNDSKOLA]
    assert told == {
        "omrade": "grundskola",
        "grupp": GRUNDSKOLA,
        "in": came,
        "ut": gone,
        "behallen": False,
    }
    names = [places()[c]["title"] for c in (*came, *gone)]
    sentence = (
        f"Gruppen liknande kommuner, grundskola är omgjord: in {names[0]} och {names[1]}, "
        f"ut {names[2]} och {names[3]}."
    )
    assert sentence in err
    assert any(sentence in v for v in answer["varningar"])
    assert any(sentence in r["Meddelande"] for r in read_tabell(open_bok("ny.xlsx"), "Logg"))
    row = groups("ny.xlsx")[GRUNDSKOLA]
    assert f"{names[0]} (ny)" in row["Liknande kommuner"]
    assert f"Inte längre med: {names[2]} och {names[3]}." in row["Liknande kommuner"]
    assert row["Gruppens år"] == 2025
    # They are other means, not the same ones revised.
    assert [r for r in answer["reviderade"] if r["kommun"].startswith("G")] == []


@pytest.mark.parametrize("again", [[], ["--hamta-om"]])
def test_names_and_means_belong_together_whatever_was_fresh(capsys, koladaserver, again):
    make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025)
    # Another committee an hour later: its own figures are new, its groups were fetched just now.
    make(capsys, "--ut", "annan.xlsx", idag=FORST, namnd="kultur-och-utbildningsnamnden")
    _, answer, _ = make(capsys, *again, idag=FORST)
    check_together(koladaserver, answer)
    _, answer, _ = make(capsys, *again, idag=SEDAN)
    check_together(koladaserver, answer)


def test_a_verdict_that_changed_by_the_group_says_so(capsys, koladaserver):
    _, first, _ = make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025, byter=5)
    _, second, _ = update(capsys)
    before = {n["id"]: n["bedomning"] for n in first["nyckeltal"]}
    changed = 0
    for n in second["nyckeltal"]:
        other = n["bedomning"] != before[n["id"]]
        assert ("innan Kolada gjorde om gruppen" in n["anmarkning"]) is other
        if other:
            assert f"Bedömningen var ”{before[n['id']]}” innan" in n["anmarkning"]
            changed += 1
    assert changed > 0
    check_together(koladaserver, second)
    # Told once: the next fetch has nothing new to tell.
    _, third, _ = update(capsys, idag="2026-11-26")
    assert third["omgjorda_grupper"] == []
    assert not any("gjorde om" in n["anmarkning"] for n in third["nyckeltal"])
    assert "(ny)" not in str(groups())


def test_the_workbook_tells_also_what_another_run_saw_first(capsys, koladaserver):
    make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025)
    make(capsys, command=("kontrollera",))
    _, answer, _ = update(capsys)
    assert {g["omrade"] for g in answer["omgjorda_grupper"]} >= {"grundskola", "förskola"}


def test_an_adopted_workbook_keeps_its_members(capsys, koladaserver):
    import openpyxl

    make(capsys, idag=FORST)
    book = openpyxl.load_workbook("bok.xlsx")
    for name, value in (("AntagenDatum", date(2026, 11, 21)), ("AntagenParagraf", "§ 12")):
        sheet, cell = book.defined_names[name].attr_text.split("!")
        book[sheet.strip("'")][cell.replace("$", "")] = value
    book.save("bok.xlsx")
    old = {i: codes_of(row) for i, row in groups().items()}
    koladaserver.remake_grupper(ALINGSAS, 2025)
    status, answer, err = update(capsys, "--aven-antagen")
    assert status == 0, err
    assert {i: codes_of(row) for i, row in groups().items()} == old
    assert "jämför med samma kommuner som förut, med vårt eget medelvärde" in err
    assert all(g["behallen"] for g in answer["omgjorda_grupper"])
    check_together(koladaserver, answer)
    compared = [n for n in answer["nyckeltal"] if n["liknande"] is not None]
    assert all("är vårt eget" in n["anmarkning"] for n in compared)


@pytest.mark.parametrize("part", ["/data/", "_groups"])
def test_stopped_between_groups_and_values_nothing_is_mixed(capsys, koladaserver, part):
    make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025)
    koladaserver.fel = Fel("wrong-types", sokvag=part, andra=lambda a: a | {"values": None})
    assert make(capsys)[0] == 3
    koladaserver.fel = None
    with Lager.open() as lager:
        stored = {g.id: set(g.medlemmar) for g in lager.read_grupper()[0]}
    assert stored[GRUNDSKOLA] == set(members()[GRUNDSKOLA])
    _, answer, _ = make(capsys)
    assert {g["grupp"] for g in answer["omgjorda_grupper"]} >= {GRUNDSKOLA}
    check_together(koladaserver, answer)


def test_unreachable_after_the_groups_came_the_stored_ones_are_used_together(capsys, koladaserver):
    make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025)
    koladaserver.fel = lambda n, path: Fel("500") if "/data/" in path else None
    # After a week the whole list is fetched; then the values can't be had.
    status, answer, _ = make(capsys, idag="2026-11-29")
    assert status == 0
    assert answer["omgjorda_grupper"] == []
    assert codes_of(groups()[GRUNDSKOLA]) == set(members()[GRUNDSKOLA])
    assert any("Det som hämtades 2026-11-20" in v for v in answer["varningar"])


@pytest.mark.parametrize("fault", [Fel("404", sokvag="_groups/"), "empty"])
def test_a_service_that_takes_no_ids_of_groups_is_asked_for_all(capsys, koladaserver, fault):
    make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025)
    empty = Fel("wrong-types", sokvag="_groups/", andra=lambda a: a | {"values": []})
    koladaserver.fel = empty if fault == "empty" else fault
    _, answer, _ = make(capsys)
    check_together(koladaserver, answer)
    assert len(answer["omgjorda_grupper"]) == 3


def test_a_sheet_function_takes_the_new_mean_with_the_new_members(koladaserver):
    nu = datetime(2026, 11, 20)
    with Lager.open() as lager:
        ask = lambda when: Hamtning(lager, Kolada(), when)  # noqa: E731
        first = ask(nu).read_varden(["N15001"], [GRUNDSKOLA], [2024])
        koladaserver.remake_grupper(ALINGSAS, 2025)
        second = ask(datetime(2026, 11, 22)).read_varden(["N15001"], [GRUNDSKOLA], [2024])
        assert first != second
        assert ask(nu).read_grupper()
        stored = {g.id: set(g.medlemmar) for g in lager.read_grupper()[0]}
    assert stored[GRUNDSKOLA] == set(koladaserver.members(GRUNDSKOLA))


def test_a_figure_few_municipalities_have_is_told(capsys, koladaserver):
    figure = "U15010"
    for n, code in enumerate(c for c, p in places().items() if p["type"] == "K"):
        koladaserver.varden[figure, code, 2024] = 50.0 + n if n < 24 else None
    koladaserver.varden[figure, ALINGSAS, 2024] = 50.0
    _, answer, _ = make(capsys)
    (found,) = [n for n in answer["nyckeltal"] if n["id"] == figure]
    assert found["snitt_antal"] == 25
    assert "Bara 25 kommuner har värde" in found["anmarkning"]
    others = [n for n in answer["nyckeltal"] if n["id"] != figure and n.get("snitt_antal")]
    assert not any("Bara" in n["anmarkning"] and "kommuner har värde" in n["anmarkning"]
                   for n in others)  # fmt: skip


def test_a_figure_without_recent_values_is_looked_for_further_back(capsys, koladaserver):
    figure = "N11037"
    for year in range(2015, 2026):
        koladaserver.varden[figure, ALINGSAS, year] = 12.5 if year == 2020 else None
    _, answer, _ = make(capsys)
    (found,) = [n for n in answer["nyckeltal"] if n["id"] == figure]
    assert "Värde saknas för 2024; senaste år med värde är 2020." in found["anmarkning"]
    further = [p for p, _ in koladaserver.anrop if p.endswith("/year/2020,2021")]
    assert [p.split("/")[4:7] for p in further] == [[f"{figure},N01951", "municipality", ALINGSAS]]
    asked = len(koladaserver.anrop)
    make(capsys)
    assert len(koladaserver.anrop) == asked


@pytest.mark.parametrize("namnd", [BUN, "socialnamnden", "generell"])
@pytest.mark.parametrize("first", [2024, 2025, 2026])
def test_a_year_that_nothing_is_published_for_is_told(capsys, koladaserver, first, namnd):
    arguments = ["skapa", "--kommun", "Alingsås", "--namnd", namnd, "--idag", SEDAN]
    for year in (first, 2026):
        assert run([*arguments, "--ar", str(year), "--ut", f"{year}.xlsx"]) == 0
    assert "Inget av nyckeltalen har något värde för 2026." in capsys.readouterr().err


def test_the_verdict_of_before_is_by_the_figures_own_group(capsys, koladaserver):
    _, first, _ = make(capsys, idag=FORST)
    koladaserver.remake_grupper(ALINGSAS, 2025, byter=5)
    _, second, _ = make(capsys, "--ut", "ny.xlsx")
    before = {n["id"]: n["bedomning"] for n in first["nyckeltal"]}
    assert len(second["omgjorda_grupper"]) == 3
    for n in second["nyckeltal"]:
        said = f"Bedömningen var ”{before[n['id']]}” innan" in n["anmarkning"]
        assert said is (n["bedomning"] != before[n["id"]]), n["id"]
        assert ("Bedömningen var" in n["anmarkning"]) is said
