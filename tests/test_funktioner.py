"""The worksheet functions, called as Excel calls them."""

import inspect
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from genomlysning import funktionskalla, funktionsvarden
from genomlysning.bok import beskrivning
from genomlysning.funktionsbeskrivning import FUNKTIONER, MODUL
from genomlysning.funktionsblad import read_blad
from genomlysning.funktionskalla import Kalla
from genomlysning.funktionsvarden import Funktionsvarden
from genomlysning.profil import load_profil, load_verksamheter
from koladaserver import ABSENT, Fel, Koladaserver
from koladavarden import figures, load, members
from xlwingsfunktioner import FEL_NA, INGEN_CELL, SAKNAS, Blad, Bok, Omrade, xlwings_on_windows

NU = datetime(2026, 3, 1, 9, 0)
KUNGSBACKA, MARK = "1384", "1463"
NAMES = {r["id"]: r["title"] for r in load("municipality")}
GROUPS = {r["title"]: r["id"] for r in load("groups")}
IDS = [n.id for n in load_profil("generell").nyckeltal] + sorted(figures())[:400]
IDS = list(dict.fromkeys(i for i in IDS if figures()[i]["municipality_type"] != "L"))


class Excel:
    """Excel with a process for functions of its own, at a time that the test sets."""

    def __init__(self, call: Callable[..., Any], server: Koladaserver) -> None:
        self.server = server
        self.nu = NU
        self.klocka = 0.0
        self._call = call
        self.restart()

    def restart(self) -> None:
        """Begin a new process; what was fetched is still stored."""
        kalla = Kalla(now=lambda: self.nu, monotonic=lambda: self.klocka)
        module: Any = sys.modules[MODUL]
        module._varden = Funktionsvarden(kalla)

    def __call__(self, namn: str, *argument: object, cell: object = INGEN_CELL) -> Any:
        return self._call(MODUL, namn, (*argument, cell), Bok(), cell)

    def fill(
        self, blad: Blad, namn: str, argument: Callable[[int], tuple[object, ...]]
    ) -> list[Any]:
        """Calculate a function once for each row of a sheet's last column."""
        column = len(blad.celler[0])
        return [
            self(namn, *argument(row), cell=blad.Cells(row + 1, column))
            for row in range(len(blad.celler))
        ]

    def count(self, work: Callable[[], Any]) -> tuple[Any, list[str]]:
        """Return what work gives and the paths that Kolada was asked for meanwhile."""
        before = len(self.server.anrop)
        answer = work()
        return answer, [path for path, _ in self.server.anrop[before:]]


@pytest.fixture(scope="module")
def call_udf() -> Iterator[Callable[..., Any]]:
    with xlwings_on_windows() as call:
        yield call


@pytest.fixture
def excel(
    call_udf: Callable[..., Any], koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> Excel:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    return Excel(call_udf, koladaserver)


def own(server: Koladaserver, ids: list[str], kommun: str, year: int) -> list[object]:
    values = [server.value(i, kommun, year)[0] for i in ids]
    return ["#N/A" if v is None else v for v in values]


def column(cells: list[Any]) -> Omrade:
    blad = Blad([[c] for c in cells])
    return Omrade(blad, 1, 1, len(cells), 1)


def row(cells: list[Any]) -> Omrade:
    return Omrade(Blad([cells]), 1, 1, 1, len(cells))


# ---- each function -------------------------------------------------------------------------


def test_the_own_value(excel):
    assert excel("KOLADA_VARDE", "N15001", "Kungsbacka", 2024.0) == -3.0424


def test_the_mean_of_the_similar_is_that_of_the_figures_own_area(excel):
    group = GROUPS["Liknande kommuner grundskola, Mark, 2024"]
    answer = excel("KOLADA_LIKNANDE", "N15001", "Mark", 2024.0)
    assert answer == excel.server.value("N15001", group, 2024)[0]


def test_a_figure_outside_the_profiles_is_compared_with_the_overall_group(excel):
    figure = next(i for i in IDS if i not in funktionsvarden._read_profilerat())
    group = max(t for t in GROUPS if t.startswith("Liknande kommuner, övergripande, Mark, "))
    expected = excel.server.value(figure, GROUPS[group], 2023)[0]
    assert excel("KOLADA_LIKNANDE", figure, "Mark", 2023.0) == (expected or "#N/A")


def test_a_mean_that_kolada_lacks_is_that_of_the_members(excel):
    group = GROUPS["Liknande kommuner grundskola, Mark, 2024"]
    excel.server.varden["N15001", group, 2024] = ABSENT
    values = [excel.server.value("N15001", m, 2024)[0] for m in members()[group]]
    known = [v for v in values if v is not None]
    assert excel("KOLADA_LIKNANDE", "N15001", "Mark", 2024.0) == pytest.approx(
        sum(known) / len(known)
    )


def test_the_mean_of_all(excel):
    assert excel("KOLADA_SNITT", "N15001", 2024.0) == excel.server.value("N15001", "G2328", 2024)[0]


@pytest.mark.parametrize(
    ("direction", "best"), [((), min), (("Lägre",), min), (("högre",), max), ((SAKNAS,), min)]
)
def test_the_place_among_all(excel, direction, best):
    codes = [r["id"] for r in load("municipality") if r["type"] == "K"]
    values = {k: v for k in codes if (v := excel.server.value("N15001", k, 2024)[0]) is not None}
    first = best(values, key=values.__getitem__)
    (better, answers) = (float.__lt__ if best is min else float.__gt__), []
    answers.append(excel("KOLADA_PLACERING", "N15001", NAMES[first], 2024.0, *(direction or [""])))
    answers.append(excel("KOLADA_PLACERING", "N15001", "Mark", 2024.0, *(direction or [""])))
    assert answers == [1, 1 + sum(better(v, values[MARK]) for v in values.values())]


def test_a_figure_without_direction_has_no_place_unless_one_is_given(excel):
    neutral = "N01951"
    assert excel("KOLADA_PLACERING", neutral, "Mark", 2024.0, SAKNAS) == "#N/A"
    assert excel("KOLADA_PLACERING", neutral, "Mark", 2024.0, "Ingen") == "#N/A"
    assert excel("KOLADA_PLACERING", neutral, "Stockholm", 2024.0, "Högre") >= 1


def test_the_title_stays_text(excel, monkeypatch):
    assert excel("KOLADA_TITEL", "n15001") == figures()["N15001"]["title"]
    monkeypatch.setitem(figures()["N15045"], "title", "=1+1")
    assert excel("KOLADA_TITEL", "N15045") == "=1+1"  # an answer is never read as a formula


def test_the_reference_cost_and_the_deviation_are_those_of_the_sheet(excel):
    value = excel.server.value
    vuxna = load_verksamheter()["vuxenutbildning"]
    net = sum(value(i, MARK, 2024)[0] for i in vuxna.nettokostnad)
    reference = value("N00153", MARK, 2024)[0]
    assert (
        excel("KOLADA_REFERENSKOSTNAD", "Grundskola F-9", "Mark", 2024.0)
        == (value("N15018", MARK, 2024)[0])
    )
    assert excel("KOLADA_AVVIKELSE", "grundskola", "Kungsbacka", 2024.0) == -3.0424
    assert excel("KOLADA_REFERENSKOSTNAD", vuxna.namn, "Mark", 2024.0) == reference
    # Kolada publishes none, so ours decides.
    assert excel("KOLADA_AVVIKELSE", vuxna.namn, 1463.0, 2024.0) == pytest.approx(
        (net / reference - 1) * 100
    )


# ---- arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize("stockholm", ["Stockholm", " STOCKHOLM ", "0180", "180", 180.0])
def test_a_municipality_by_name_or_code(excel, stockholm):
    expected = excel.server.value("N15001", "0180", 2023)[0]
    assert excel("KOLADA_VARDE", "N15001", stockholm, "2023") == expected


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        (("N99999", "Mark", 2024.0), "#N/A"),
        (("nettokostnad", "Mark", 2024.0), "#N/A"),
        (("N15001", "Alingsas", 2024.0), "#N/A"),
        (("N15001", "Region Gotland", 2024.0), "#N/A"),
        (("N15001", "Mark", 2099.0), "#N/A"),
        (("N15001", "Mark", 24.0), "#N/A"),
        (("N15001", "Mark", 9999.0), "#N/A"),
        (("N15001", "Mark", 2024.5), "#VALUE!"),
        (("N15001", "Mark", "i fjol"), "#VALUE!"),
        (("N15001", FEL_NA, 2024.0), "#N/A"),
        (("", "Mark", 2024.0), ""),
        (("N15001", None, 2024.0), ""),
    ],
)
def test_what_cannot_be_answered(excel, argument, error):
    assert excel("KOLADA_VARDE", *argument) == error


def test_a_wrong_direction_is_a_wrong_argument(excel):
    assert excel("KOLADA_PLACERING", "N15001", "Mark", 2024.0, "uppåt") == "#VALUE!"


def test_a_column_and_a_row_spill_a_grid_with_the_empty_left_empty(excel):
    answer = excel(
        "KOLADA_VARDE", column(["N15001", None, "N15045"]), "Kungsbacka", row([2023.0, 2024.0])
    )
    assert answer == [[-2.4134, -3.0424], ["", ""], [-33.332809, -43.695398]]


def test_a_row_gives_a_row_and_pairs_go_together(excel):
    assert excel("KOLADA_VARDE", "N15001", "Kungsbacka", row([2023.0, 2024.0])) == [
        -2.4134,
        -3.0424,
    ]
    pairs = excel(
        "KOLADA_VARDE", column(["N15001", "N15045"]), KUNGSBACKA, column([2023.0, 2024.0])
    )
    assert pairs == [[-2.4134], [-43.695398]]


def test_shapes_that_do_not_fit_are_a_wrong_argument(excel):
    answer, asked = excel.count(
        lambda: excel("KOLADA_VARDE", column(IDS[:3]), column(["Mark", "Ale"]), 2024.0)
    )
    assert (answer, asked) == ("#VALUE!", [])


# ---- in bulk -------------------------------------------------------------------------------


def test_a_range_makes_one_question_for_every_25_figures_and_none_when_warm(excel):
    ids = IDS[:100]
    ask = lambda: excel("KOLADA_VARDE", column(ids), "Mark", 2024.0)  # noqa: E731
    answer, asked = excel.count(ask)
    assert answer == [[v] for v in own(excel.server, ids, MARK, 2024)]
    assert len([p for p in asked if p.startswith("/v3/data/")]) == 4
    assert len(asked) == 5  # and the list of municipalities
    excel.restart()
    assert excel.count(ask) == (answer, [])


def test_a_column_of_single_cells_is_fetched_at_once(excel):
    ids = IDS[:100]
    blad = Blad([[i, None, '=KOLADA_VARDE(A1,"Mark",2024)'] for i in ids])
    answer, asked = excel.count(
        lambda: excel.fill(blad, "KOLADA_VARDE", lambda r: (ids[r], "Mark", 2024.0))
    )
    assert answer == own(excel.server, ids, MARK, 2024)
    assert len(asked) == 5
    assert blad.lasningar == 1


def test_a_column_that_is_pasted_after_another_is_fetched_at_once(excel):
    for ids in (IDS[:30], IDS[30:60]):
        blad = Blad([[i, '=KOLADA_VARDE(A1,"Mark",2024)'] for i in ids])
        _, asked = excel.count(
            lambda: excel.fill(blad, "KOLADA_VARDE", lambda r: (ids[r], "Mark", 2024.0))  # noqa: B023
        )
        assert len([p for p in asked if p.startswith("/v3/data/")]) == 2


def test_literals_in_formulas_are_foreseen_and_references_are_not(excel):
    years = [2022.0, 2023.0, 2024.0]
    blad = Blad([[f'=KOLADA_SNITT("N15001",{y:.0f})+N15045'] for y in years])
    answer, asked = excel.count(
        lambda: excel.fill(blad, "KOLADA_SNITT", lambda r: ("N15001", years[r]))
    )
    assert answer == [excel.server.value("N15001", "G2328", int(y))[0] for y in years]
    assert len(asked) == 1
    assert "N15045" not in asked[0]


def test_every_function_of_a_sheet_is_foreseen_together(excel):
    formulas = ["VARDE(A1,B1,C1)", "LIKNANDE(A1,B1,C1)", "SNITT(A1,C1)", "PLACERING(A1,B1,C1)"]
    blad = Blad([[i, "Mark", 2024.0, *(f"=KOLADA_{f}" for f in formulas)] for i in IDS[:20]])

    def calculate():
        for i in IDS[:20]:
            cell = blad.Cells(1, 4)
            excel("KOLADA_VARDE", i, "Mark", 2024.0, cell=cell)
            excel("KOLADA_LIKNANDE", i, "Mark", 2024.0, cell=cell)
            excel("KOLADA_SNITT", i, 2024.0, cell=cell)
            excel("KOLADA_PLACERING", i, "Mark", 2024.0, SAKNAS, cell=cell)

    _, asked = excel.count(calculate)
    # Municipalities, groups, all of 2024 in twelve parts, the means with the members of their
    # group, and members of groups without.
    assert len(asked) <= 17


def test_all_municipalities_are_twelve_questions(excel):
    names = [r["title"] for r in load("municipality") if r["type"] == "K"]
    blad = Blad([[n, '=KOLADA_VARDE("N15001",A1,2024)'] for n in names])
    answer, asked = excel.count(
        lambda: excel.fill(blad, "KOLADA_VARDE", lambda r: ("N15001", names[r], 2024.0))
    )
    assert len(asked) == 1 + 12
    assert answer[names.index("Kungsbacka")] == -3.0424


def test_a_large_sheet_is_read_around_the_cell_only():
    blad = Blad([["N15001", "Mark", 2024.0]])
    blad.celler = [["N15001", "Mark", 2024.0]] * 1500
    with xlwings_on_windows():
        xlwings = sys.modules["xlwings"]
        sheet = xlwings.Sheet(impl=sys.modules["xlwings._xlwindows"].Sheet(xl=blad))
        formulas = sys.modules[MODUL]._read_formler(sheet, 1400)
    assert len(formulas) == 1101


def test_what_occurs_on_a_sheet():
    blad = read_blad(
        [
            ["Nyckeltal", None, "N15001", 2023.0, "=kolada_varde($A2,N10000,1998)"],
            ['=KOLADA_AVVIKELSE("Grundskola ""F–9""",180,$A$2021)+Sheet2!A2022', "U15401 och mer"],
        ]
    )
    assert blad.funktioner == ("KOLADA_VARDE", "KOLADA_AVVIKELSE")
    assert blad.nyckeltal == ("N15001", "U15401")
    assert blad.years == (2023, 1998)
    assert {"180", 'Grundskola "F–9"', "Nyckeltal"} <= {*blad.texter}


def test_a_sheet_that_cannot_be_read_does_not_matter(excel):
    cell = Blad([[]]).Cells(1, 1)
    assert excel("KOLADA_VARDE", "N15001", KUNGSBACKA, 2024.0, cell=cell) == -3.0424


# ---- freshness and faults ------------------------------------------------------------------


def test_a_value_is_used_for_a_day_and_a_new_one_is_seen_at_once(excel):
    ask = lambda: excel("KOLADA_VARDE", "N15001", KUNGSBACKA, 2024.0)  # noqa: E731
    assert ask() == -3.0424
    excel.server.varden["N15001", KUNGSBACKA, 2024] = 7.0
    excel.nu += timedelta(hours=23)
    assert excel.count(ask) == (-3.0424, [])
    other = Kalla(now=lambda: excel.nu + timedelta(hours=2))  # a button, in another process
    other.read(funktionskalla.Behov(varden=frozenset({("N15001", KUNGSBACKA, 2024)})))
    other.close()
    assert excel.count(ask) == (7.0, [])
    excel.server.varden["N15001", KUNGSBACKA, 2024] = 8.0
    excel.nu += timedelta(days=2)
    assert ask() == 8.0


def test_a_kolada_that_is_down_is_asked_once_a_minute(excel):
    excel("KOLADA_VARDE", "N15001", KUNGSBACKA, 2024.0)
    excel.server.fel = Fel("html")
    ids = IDS[:100]
    ask = lambda: [excel("KOLADA_VARDE", i, "Mark", 2024.0) for i in ids]  # noqa: E731
    answer, asked = excel.count(ask)
    assert set(answer) == {"#N/A"}
    assert len(asked) == 1
    assert excel.count(ask) == (answer, [])
    excel.nu += timedelta(days=3)
    # What is stored is used, whatever its age.
    assert excel.count(lambda: excel("KOLADA_VARDE", "N15001", KUNGSBACKA, 2024.0)) == (-3.0424, [])
    excel.server.fel = None
    excel.klocka += 61
    assert ask() == own(excel.server, ids, MARK, 2024)


def test_stored_values_are_used_without_asking_a_dead_kolada_for_each(excel):
    ids = IDS[:20]
    before = [excel("KOLADA_VARDE", i, "Mark", 2024.0) for i in ids]
    excel.nu += timedelta(days=2)
    excel.server.fel = Fel("html")
    answer, asked = excel.count(lambda: [excel("KOLADA_VARDE", i, "Mark", 2024.0) for i in ids])
    assert answer == before
    assert len(asked) == 1


def test_without_kolada_and_store_nothing_is_known(excel, monkeypatch, tmp_path):
    excel.server.fel = Fel("html")
    assert excel("KOLADA_TITEL", column(["N15001", None])) == [["#N/A"], [""]]
    assert excel("KOLADA_VARDE", "N15001", "Mark", 2024.0) == "#N/A"
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(tmp_path))  # a folder, where a file is wanted
    assert excel("KOLADA_SNITT", "N15001", row([2023.0, 2024.0])) == ["#N/A", "#N/A"]


def test_a_year_yet_to_come_is_no_fault_of_kolada(excel):
    assert excel("KOLADA_VARDE", "N15001", "Mark", 2030.0) == "#N/A"
    assert excel("KOLADA_VARDE", "N15001", KUNGSBACKA, 2024.0) == -3.0424


def test_a_fault_of_our_own_is_no_text(excel, monkeypatch):
    monkeypatch.setattr(Funktionsvarden, "compute", lambda *_: 1 / 0)
    assert excel("KOLADA_VARDE", "N15001", "Mark", 2024.0) == "#N/A"


def test_five_hundred_cells_ask_few_questions_and_then_none(excel):
    ids = IDS[:500]
    assert len(ids) > 300
    blad = Blad([[i, '=KOLADA_VARDE(A1,"Mark",2024)'] for i in ids])
    for most in (40, 0):
        fill = partial(excel.fill, blad, "KOLADA_VARDE", lambda r: (ids[r], "Mark", 2024.0))
        _, asked = excel.count(fill)
        assert len(asked) <= most
        excel.restart()


# ---- described once ------------------------------------------------------------------------


def test_functions_descriptions_and_signatures_agree(call_udf):
    module = sys.modules[MODUL]
    registered = {n: f for n, f in vars(module).items() if hasattr(f, "__xlfunc__")}
    assert [*registered] == [f.namn for f in FUNKTIONER]
    assert registered.keys() == funktionsvarden._FUNKTIONER.keys()
    for f in FUNKTIONER:
        info = registered[f.namn].__xlfunc__
        parameters = inspect.signature(registered[f.namn]).parameters
        assert [*parameters] == [a["name"] for a in info["args"]]
        assert [*parameters] == [*(a.namn for a in f.argument), "cell"]
        optional = [n for n, p in parameters.items() if p.default is not p.empty]
        assert optional == [*(a.namn for a in f.argument if a.valfri), "cell"]
        assert (info["ret"]["doc"], info["category"]) == (f.text, "Genomlysning")
        assert [a["doc"] for a in info["args"]][:-1] == [a.text for a in f.argument]


def test_no_function_has_the_name_of_a_table():
    names = {f.namn.casefold() for f in FUNKTIONER}
    tables = [*vars(beskrivning).values()]
    tables = [t.namn for t in tables if isinstance(t, beskrivning.Tabell)]
    assert len(tables) > 3
    assert not names & {t.casefold() for t in tables}
