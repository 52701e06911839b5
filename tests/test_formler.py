"""The workbook's formulas and the pure rules give the same answers, by LibreOffice's reckoning."""

import random
from datetime import datetime

import pytest
from xlsxwriter.worksheet import Worksheet

from genomlysning.bok import formler
from genomlysning.bok.beskrivning import find_tabell
from genomlysning.bok.nybok import GAMLA_FUNKTIONER, Nybok
from genomlysning.bok.plan import Regelrad, Tabellinnehall, plan_tom_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.ord import Riktning, Slag
from genomlysning.regler.avrundning import round_half_away
from genomlysning.regler.bedomning import Bedomning, Toleranser, assess, compute_skillnad
from genomlysning.regler.referenskostnad import (
    compute_egen_procent,
    has_better_results,
    is_within,
    meets_goal,
)
from genomlysning.regler.utveckling import assess_utveckling
from libreoffice import compare_cached, require_libreoffice
from narapar import BLAD, make_par, write_par

NU = datetime(2026, 11, 24)
KINDS = [
    # unit, decimals, kind, direction, target, comparable
    ("%", 1, Slag.RESULTAT, Riktning.HOGRE, None, True),
    ("%", 1, Slag.RESULTAT, Riktning.LAGRE, None, True),
    ("%", 2, Slag.INGEN, Riktning.INGEN, None, True),
    ("%", 1, Slag.MAL, Riktning.MAL, 0.0, True),
    ("%", 1, Slag.MAL, Riktning.MAL, 2.5, True),
    ("index", 1, Slag.RESULTAT, Riktning.HOGRE, None, True),
    ("index", 1, Slag.KOSTNAD, Riktning.HOGRE, None, True),
    ("poäng", 1, Slag.RESULTAT, Riktning.HOGRE, None, True),
    ("antal", 1, Slag.RESULTAT, Riktning.LAGRE, None, True),
    ("antal", 0, Slag.RESULTAT, Riktning.LAGRE, None, False),
    ("kr/elev", 0, Slag.KOSTNAD, Riktning.LAGRE, None, True),
    ("kr/inv", 0, Slag.KOSTNAD, Riktning.INGEN, None, True),
    ("kr/inv", 0, Slag.RESULTAT, Riktning.LAGRE, None, True),
    ("Mkr", 1, Slag.MAL, Riktning.MAL, 0.0, False),
    ("%", 1, Slag.RESULTAT, Riktning.MAL, None, True),
]


@pytest.fixture(scope="module", autouse=True)
def _libreoffice():
    require_libreoffice()


def some_value(rng):
    """Return values that meet the edges: halves, ties, zero, negatives, missing."""
    return rng.choice(
        [
            None,
            0.0,
            round(rng.uniform(-20, 20), 3),
            rng.randint(-400, 400) / 20,  # halves at one decimal
            rng.uniform(50, 100),
            float(rng.randint(90, 110)),
            rng.uniform(90_000, 130_000),
        ]
    )


def make_bok(tmp_path, tables, regler, toleranser):
    plan = plan_tom_bok(NU)
    settings = dict(plan.installningar) | {
        "Tolerans": toleranser.procent,
        "ToleransEnheter": toleranser.enheter,
    }
    path = tmp_path / "formler.xlsx"
    # The verdicts counted on other sheets follow the rows, which are not a plan's own here.
    write_bok(
        plan._replace(tabeller=dict(plan.tabeller) | tables, regler=regler, installningar=settings),
        path,
    )
    return path


def differences(path, *sheets):
    """Return what differs on the sheets under test."""
    return [d for d in compare_cached(path) if d.startswith(tuple(f"{s}!" for s in sheets))]


@pytest.mark.parametrize("toleranser", [Toleranser(), Toleranser(0.0, 0.5), Toleranser(7.5, 3.0)])
def test_comparison(tmp_path, toleranser):
    rng = random.Random(20260331)
    regler = [
        Regelrad(
            f"N{i:05}", kind.value if comparable else formler.EJ_JAMFORBAR, decimals, target, ""
        )
        for i, (_, decimals, kind, _, target, comparable) in enumerate(KINDS)
    ]
    rows, decimals_of = [], []
    for n in range(500):
        i = n % len(KINDS)
        unit, decimals, kind, direction, target, comparable = KINDS[i]
        own, similar = some_value(rng), some_value(rng)
        if own is not None and rng.random() < 0.5:
            similar = round(own + rng.choice([-1, 1, 2, -2]) * rng.choice([0, 0.5, 1, 1.05]), 2)
        count = rng.choice([None, 0, 3, 4, 7])
        verdict = assess(
            own, similar, count, slag=kind, riktning=direction, enhet=unit,
            toleranser=toleranser, mal=target, jamforbar=comparable,
        )  # fmt: skip
        rows.append(
            {
                "namn": f"Nyckeltal {n}",
                "varde": own,
                "liknande": similar,
                "enhet": unit,
                "riktning": direction.value,
                "antal": count,
                "id": regler[i].id,
                "skillnad": compute_skillnad(own, similar),
                "bedomning": verdict.value,
            }
        )
        decimals_of.append(decimals)
    table = find_tabell("Kvalitet")
    content = Tabellinnehall(table, headers(table), rows, decimals_of)
    path = make_bok(tmp_path, {"Kvalitet": content}, regler, toleranser)
    assert differences(path, "2.3 Kvalitet") == []
    assert {r["bedomning"] for r in rows} == set(Bedomning)


def headers(table):
    return plan_tom_bok(NU).tabeller[table.namn].rubriker


def test_rows_of_the_controllers_own_fall_back_on_the_unit(tmp_path):
    rows = [
        {"namn": "Egen kostnad", "varde": 90.4, "liknande": 100.4, "enhet": "kr/plats",
         "riktning": "Lägre", "antal": 5, "skillnad": -10.0, "bedomning": "Lägre"},
        {"namn": "Eget resultat", "varde": 90.44, "liknande": 80.0, "enhet": "%",
         "riktning": "Högre", "antal": 5, "skillnad": 10.44, "bedomning": "Bättre"},
        {"namn": "Utan riktning", "varde": 90.44, "liknande": 80.0, "enhet": "%",
         "antal": 5, "skillnad": 10.44, "bedomning": "Kan inte bedömas"},
        {"namn": "Mål som ingen har angett", "varde": 0.1, "enhet": "%", "riktning": "Mål",
         "bedomning": "Kan inte bedömas"},
        {"namn": "Utan antal liknande", "varde": 70.0, "liknande": 80.0, "enhet": "%",
         "riktning": "Högre", "skillnad": -10.0, "bedomning": "Sämre"},
    ]  # fmt: skip
    table = find_tabell("Personal")
    path = make_bok(
        tmp_path, {"Personal": Tabellinnehall(table, headers(table), rows)}, [], Toleranser()
    )
    assert differences(path, "2.2 Personal") == []


def test_development(tmp_path):
    rng = random.Random(7)
    rows, decimals_of, regler = [], [], []
    for n in range(300):
        unit, decimals, kind, direction, target, _ = KINDS[n % len(KINDS)]
        first, last = some_value(rng), some_value(rng)
        if first is not None and rng.random() < 0.5:
            last = round(first + rng.choice([-1, 1]) * rng.choice([0, 0.5, 1, 1.05]), 2)
        if n < len(KINDS):
            regler.append(Regelrad(f"N{n:05}", kind.value, decimals, target, ""))
        development = assess_utveckling(
            first, last, riktning=direction, enhet=unit,
            toleranser=Toleranser(), mal=target,
        )  # fmt: skip
        rows.append(
            {
                "namn": f"Nyckeltal {n}",
                "year_1": first,
                "year_2": some_value(rng),
                "year_3": last,
                "enhet": unit,
                "riktning": direction.value,
                "id": f"N{n % len(KINDS):05}",
                "forandring": compute_skillnad(last, first),
                "utveckling": development.value,
            }
        )
        decimals_of.append(decimals)
    table = find_tabell("EkonomiOverTid")
    content = Tabellinnehall(table, headers(table), rows, decimals_of)
    path = make_bok(tmp_path, {"EkonomiOverTid": content}, regler, Toleranser())
    assert differences(path, "2.1 Ekonomi över tid") == []
    assert len({r["utveckling"] for r in rows}) == 4


def test_ten_thousand_pairs_near_the_tolerance(tmp_path):
    rows = make_par(10_000)
    assert {r["bedomning"] for r in rows} == set(Bedomning) - {Bedomning.OKANT}
    path = tmp_path / "par.xlsx"
    write_par(rows, path)
    assert differences(path, BLAD) == []


def test_reference_cost(tmp_path):
    rng = random.Random(11)
    rows, quality, regler = [], [], []
    for n in range(60):
        name = f"Verksamhet {n}"
        net, reference = (rng.choice([None, rng.uniform(800, 16_000)]) for _ in range(2))
        percent = rng.choice([None, 0.04, 0.05, -0.04, rng.uniform(-9, 9)])
        index = rng.choice([None, 50.0, 51.0, 51.04, 49.0, rng.uniform(0, 100)])
        similar = rng.choice([None, 50.0, 50.04, rng.uniform(0, 100)])
        verdicts = [
            rng.choice([Bedomning.BATTRE, Bedomning.SAMRE, Bedomning.I_NIVA])
            for _ in range(rng.randint(0, 5))
        ]
        for k, verdict in enumerate(verdicts):
            figure = f"U{n:03}{k:02}"
            regler.append(Regelrad(figure, "resultat", 1, None, name))
            own = {Bedomning.BATTRE: 70.0, Bedomning.SAMRE: 50.0, Bedomning.I_NIVA: 60.0}[verdict]
            quality.append(
                {"namn": figure, "varde": own, "liknande": 60.0, "enhet": "%",
                 "riktning": "Högre", "antal": 7, "id": figure, "skillnad": own - 60.0,
                 "bedomning": verdict.value}
            )  # fmt: skip
        inom, battre = (
            is_within(percent),
            has_better_results(index, similar, verdicts, Toleranser()),
        )
        deviation = None
        if net is not None and reference is not None:
            deviation = round_half_away(net, 0) - round_half_away(reference, 0)
        rows.append(
            {
                "verksamhet": name,
                "netto": net,
                "referens": reference,
                "avvikelse_kr": deviation,
                "egen": compute_egen_procent(net, reference),
                "procent": percent,
                "inom": inom.value,
                "index": index,
                "index_liknande": similar,
                "battre": battre.value,
                "uppfyller": meets_goal(inom, battre).value,
            }
        )
    tables = {
        name: Tabellinnehall(find_tabell(name), headers(find_tabell(name)), content)
        for name, content in (("Referenskostnad", rows), ("Kvalitet", quality))
    }
    path = make_bok(tmp_path, tables, regler, Toleranser())
    found = [d for d in differences(path, "Referenskostnad") if "Verksamheter utan" not in d]
    # The committee's sums below the table are not part of this made-up plan.
    assert [d for d in found if not d.startswith("Referenskostnad!B")] == []
    assert {r["battre"] for r in rows} == {"Ja", "Nej", "Kan inte bedömas"}


def test_the_functions_known_as_old_are_written_as_they_are() -> None:
    formula = "+".join(f"{name}(A1)" for name in sorted(GAMLA_FUNKTIONER))
    sheet = Worksheet()
    assert sheet._prepare_formula(f"={formula}", True) == formula


@pytest.mark.parametrize(
    "formula", ["=IF(A1,B1)", "{=SUMPRODUCT(N(A1:A2))}", "=IFNA(A1,MAX(B1))", "=XLOOKUP(1,A:A,B:B)"]
)
def test_a_formula_is_prepared_as_xlsxwriter_does(formula: str) -> None:
    for expand in (False, True):
        ours = Nybok.worksheet_class()._prepare_formula(formula, expand)
        assert ours == Worksheet()._prepare_formula(formula, expand)
