"""The pure rules: examples from the design, and properties where a rule has an algebra."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomlysning.begrepp import Nyckeltal
from genomlysning.ord import Riktning, Slag
from genomlysning.regler.avrundning import round_half_away
from genomlysning.regler.bedomning import Bedomning, Toleranser, assess, compute_skillnad
from genomlysning.regler.placering import Placering, rank
from genomlysning.regler.publicering import (
    choose_year,
    is_preliminary,
    newest_final_year,
    step_back_to_data,
)
from genomlysning.regler.referenskostnad import (
    Avvikelsesumma,
    Summapost,
    Svar,
    compute_avvikelse_kr,
    compute_egen_procent,
    compute_mkr,
    differs,
    has_better_results,
    is_orimlig,
    is_within,
    meets_goal,
    sum_avvikelser,
)
from genomlysning.regler.utveckling import Utveckling, assess_utveckling, is_money
from genomlysning.regler.visning import (
    choose_decimaler,
    choose_index_decimaler,
    choose_procent_decimaler,
)

VALUES = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
DECIMALS = st.integers(0, 3)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.5, 0, 3.0),
        (-2.5, 0, -3.0),
        (0.05, 1, 0.1),
        (-0.05, 1, -0.1),
        (2.675, 2, 2.68),
        (1.005, 2, 1.01),
        (-0.04, 1, 0.0),
        (1e22, 0, 1e22),
    ],
)
def test_rounds_half_away_from_zero(value, decimals, expected):
    rounded = round_half_away(value, decimals)
    assert rounded == expected
    assert str(rounded) != "-0.0"


@given(VALUES, DECIMALS)
def test_rounding_is_odd_idempotent_and_near(value, decimals):
    rounded = round_half_away(value, decimals)
    assert round_half_away(-value, decimals) == -rounded
    assert round_half_away(rounded, decimals) == rounded
    assert abs(rounded - value) <= 0.5 * 10**-decimals * (1 + 1e-9)
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert rounded == float(exact)


def judge(own, similar, **changes):
    arguments = {
        "slag": Slag.RESULTAT,
        "riktning": Riktning.HOGRE,
        "enhet": "%",
        "toleranser": Toleranser(),
    } | changes
    antal = arguments.pop("antal", 7)
    return assess(own, similar, antal, **arguments)


@pytest.mark.parametrize(
    ("own", "similar", "changes", "expected"),
    [
        (80.0, 78.0, {}, Bedomning.BATTRE),
        (80.0, 78.0, {"riktning": Riktning.LAGRE}, Bedomning.SAMRE),
        (80.0, 79.0, {}, Bedomning.I_NIVA),  # one unit is within the tolerance
        (80.0, 78.9, {}, Bedomning.BATTRE),
        (80.04, 78.96, {}, Bedomning.BATTRE),  # 80.0 and 79.0 with one decimal
        (102.0, 100.0, {"enhet": "kr/elev"}, Bedomning.I_NIVA),  # 2 per cent
        (103.0, 100.0, {"enhet": "poäng"}, Bedomning.BATTRE),
        (23.30, 23.57, {"enhet": "dagar"}, Bedomning.I_NIVA),  # 23 and 24 without decimals
        (5.2, 5.4, {"enhet": "antal", "riktning": Riktning.LAGRE}, Bedomning.BATTRE),
        (
            90.0,
            100.0,
            {"slag": Slag.KOSTNAD, "enhet": "kr/inv", "riktning": Riktning.LAGRE},
            Bedomning.LAGRE,
        ),
        (
            110.0,
            100.0,
            {"slag": Slag.KOSTNAD, "enhet": "kr/inv", "riktning": Riktning.LAGRE},
            Bedomning.HOGRE,
        ),
        (
            110.0,
            100.0,
            {"slag": Slag.KOSTNAD, "enhet": "kr/inv", "riktning": Riktning.INGEN},
            Bedomning.OKANT,
        ),
        (
            0.0,
            None,
            {"slag": Slag.MAL, "riktning": Riktning.MAL, "mal": 0.0},
            Bedomning.INOM_MALET,
        ),
        (
            0.04,
            -9.0,
            {"slag": Slag.MAL, "riktning": Riktning.MAL, "mal": 0.0},
            Bedomning.OVER_MALET,
        ),
        (0.05, -9.0, {"riktning": Riktning.MAL}, Bedomning.OKANT),
        (0.9, None, {"slag": Slag.MAL, "riktning": Riktning.MAL, "mal": 1.0}, Bedomning.INOM_MALET),
        (None, 78.0, {}, Bedomning.OKANT),
        (80.0, None, {}, Bedomning.OKANT),
        (80.0, 78.0, {"antal": 3}, Bedomning.OKANT),
        (80.0, 78.0, {"antal": None}, Bedomning.OKANT),
        (80.0, 78.0, {"antal": 4}, Bedomning.BATTRE),
        (80.0, 78.0, {"jamforbar": False}, Bedomning.OKANT),
        (80.0, 78.0, {"riktning": Riktning.INGEN}, Bedomning.OKANT),
        (0.0, 2.0, {"riktning": Riktning.LAGRE}, Bedomning.BATTRE),  # zero is a value
    ],
)
def test_verdicts(own, similar, changes, expected):
    assert judge(own, similar, **changes) is expected


@given(VALUES, VALUES)
def test_turning_the_direction_swaps_better_and_worse(own, similar):
    up = judge(own, similar)
    down = judge(own, similar, riktning=Riktning.LAGRE)
    swap = {Bedomning.BATTRE: Bedomning.SAMRE, Bedomning.SAMRE: Bedomning.BATTRE}
    assert down is swap.get(up, up)


@given(VALUES, VALUES)
def test_difference_is_antisymmetric_and_of_the_unrounded_values(own, similar):
    difference = compute_skillnad(own, similar)
    assert compute_skillnad(similar, own) == -difference
    assert difference == pytest.approx(own - similar, abs=1e-7)
    assert compute_skillnad(own, own) == 0


@pytest.mark.parametrize(
    ("own", "similar", "unit", "decimals", "expected"),
    [
        (23.30, 23.57, "dagar", 0, 1),  # level, but 23 against 24 looks like 4 per cent
        (1.62, 1.33, "dagar", 0, 1),
        (54321.4, 53000.2, "kr/inv", 0, 0),
        (80.0, 78.0, "%", 1, 1),
        (85.04, 84.0, "%", 1, 2),  # 1.04 units is more than the tolerance, 1.0 is not
        (84.96, 85.04, "%", 1, 1),
        (None, 85.0, "%", 1, 1),
        (85.0, None, "%", 1, 1),
        (85.0, 85.0, "%", 0, 0),
    ],
)
def test_so_many_decimals_that_the_reader_sees_why(own, similar, unit, decimals, expected):
    assert (
        choose_decimaler(
            own,
            similar,
            decimaler=decimals,
            riktning=Riktning.LAGRE,
            enhet=unit,
            toleranser=Toleranser(),
        )
        == expected
    )


def test_a_deviation_is_shown_with_the_decimals_that_tell_if_it_is_above_zero():
    assert choose_procent_decimaler(0.04) == 2
    assert choose_procent_decimaler(0.06) == 1  # shown as 0,1
    assert choose_procent_decimaler(-0.04) == 1
    assert choose_index_decimaler(54.04, 53.0, Toleranser()) == 2


NEAR = st.integers(-40, 40)


@given(st.integers(1, 200_000), NEAR, st.sampled_from(["dagar", "%", "index", "kr/inv"]), DECIMALS)
def test_the_values_as_shown_bear_the_verdict(similar, off, unit, decimals):
    """Of values with three decimals, so near the tolerance as they can be."""
    similar = similar / 1000
    tolerance = Toleranser().compute(similar, unit)
    own = round(similar - tolerance, 3) + off / 1000
    arguments = {"riktning": Riktning.LAGRE, "enhet": unit, "toleranser": Toleranser()}
    shown = choose_decimaler(own, similar, decimaler=decimals, **arguments)
    verdict = assess(own, similar, 7, slag=Slag.RESULTAT, **arguments)
    a, b = round_half_away(own, shown), round_half_away(similar, shown)
    assert assess(a, b, 7, slag=Slag.RESULTAT, **arguments) is verdict
    assert shown >= decimals


@given(st.lists(VALUES, min_size=1, max_size=40), st.data())
def test_places_share_ties_and_turn_with_the_direction(values, data):
    own = data.draw(st.sampled_from(values))
    low, high = rank(own, values, Riktning.LAGRE), rank(own, values, Riktning.HOGRE)
    assert low.av == high.av == len(values)
    assert low.plats + high.plats + values.count(own) == len(values) + 2
    assert rank(own, values, Riktning.MAL) == low


def test_places():
    assert rank(3.0, [1.0, 3.0, 3.0, 5.0], Riktning.HOGRE) == Placering(2, 4)
    assert rank(3.0, [3.0], Riktning.LAGRE) == Placering(1, 1)
    assert rank(None, [3.0], Riktning.LAGRE) is None
    assert rank(3.0, [3.0], Riktning.INGEN) is None


def develop(first, last, **changes):
    arguments = {
        "riktning": Riktning.HOGRE,
        "enhet": "%",
        "toleranser": Toleranser(),
    } | changes
    return assess_utveckling(first, last, **arguments)


@pytest.mark.parametrize(
    ("first", "last", "changes", "expected"),
    [
        (70.0, 75.0, {}, Utveckling.FORBATTRAD),
        (70.0, 75.0, {"riktning": Riktning.LAGRE}, Utveckling.FORSAMRAD),
        (70.0, 71.0, {}, Utveckling.OFORANDRAD),
        (None, 71.0, {}, Utveckling.OKANT),
        (70.0, None, {}, Utveckling.OKANT),
        (70.0, 90.0, {"enhet": "kr/elev"}, Utveckling.OKANT),
        (70.0, 90.0, {"enhet": "Mkr"}, Utveckling.OKANT),
        (70.0, 90.0, {"riktning": Riktning.INGEN}, Utveckling.OKANT),
        (-2.0, -6.0, {"riktning": Riktning.MAL, "mal": 0.0}, Utveckling.OFORANDRAD),
        (-6.0, 3.0, {"riktning": Riktning.MAL, "mal": 0.0}, Utveckling.FORSAMRAD),
        (6.0, -3.0, {"riktning": Riktning.MAL, "mal": 0.0}, Utveckling.FORBATTRAD),
        (6.0, -3.0, {"riktning": Riktning.MAL}, Utveckling.OKANT),
    ],
)
def test_development(first, last, changes, expected):
    assert develop(first, last, **changes) is expected


def test_units_of_money():
    assert all(is_money(u) for u in ("kr", "tkr", "Mkr", "kr/inv", "kr/inskrivet barn"))
    assert not any(is_money(u) for u in ("%", "index", "antal", "antal/1000 inv", "krona"))


def figure(period, prel, final):
    return Nyckeltal("N00001", "Titel", "K", False, period, prel, final)


def test_preliminary_from_the_first_date_until_the_second():
    known = figure(2025, date(2026, 3, 31), date(2026, 8, 28))
    assert not is_preliminary(known, 2025, date(2026, 3, 30))
    assert is_preliminary(known, 2025, date(2026, 3, 31))
    assert is_preliminary(known, 2025, date(2026, 8, 27))
    assert not is_preliminary(known, 2025, date(2026, 8, 28))
    assert not is_preliminary(known, 2024, date(2026, 5, 1))
    assert is_preliminary(figure(2025, date(2026, 6, 15), None), 2025, date(2027, 1, 1))
    assert not is_preliminary(figure(2025, None, date(2026, 8, 28)), 2025, date(2026, 5, 1))


def test_newest_final_year_and_the_choice_of_year():
    known = figure(2025, date(2026, 3, 31), date(2026, 8, 28))
    assert newest_final_year(known, date(2026, 8, 27)) == 2024
    assert newest_final_year(known, date(2026, 8, 28)) == 2025
    assert newest_final_year(figure(None, None, None), date(2026, 8, 28)) is None
    later = figure(2025, None, date(2026, 9, 30))
    # Between the dates two of three are final; before, one of three.
    assert choose_year([known, known, later], date(2026, 9, 1)) == 2025
    assert choose_year([known, later, later], date(2026, 9, 1)) == 2024
    assert choose_year([known, later], date(2026, 9, 1)) == 2024
    assert choose_year([], date(2026, 9, 1)) == 2025


def test_steps_back_to_a_year_with_data():
    assert step_back_to_data(2025, {2025: 6, 2024: 10}, 10, 2023) == 2025
    assert step_back_to_data(2025, {2025: 5, 2024: 10}, 10, 2023) == 2024
    assert step_back_to_data(2025, {}, 10, 2023) == 2025


def test_published_kungsbacka_values_follow_from_cost_and_reference_cost():
    for net, reference, published in (
        (106801.333333, 109113.597456, -2.1192),
        (114828.931674, 117668.666647, -2.4134),
        (120649.454167, 124435.22775, -3.0424),
        (122531.452602, 125964.669042, -2.7256),
    ):
        assert compute_egen_procent(net, reference) == pytest.approx(published, abs=1e-4)


def test_reference_cost_edges():
    assert compute_egen_procent(None, 1.0) is None
    assert compute_egen_procent(1.0, None) is None
    assert compute_egen_procent(1.0, 0.0) is None
    assert compute_mkr(1100.0, 1000.0, 50_000.0) == pytest.approx(5.0)
    assert compute_mkr(1100.0, 1000.0, None) is None
    assert not differs(1.0, 1.1)
    assert differs(1.0, 1.11)
    assert not differs(None, 1.0)
    assert is_within(0.0) is Svar.JA
    assert is_within(0.04) is Svar.NEJ  # shown as 0,04
    assert is_within(-3.0) is Svar.JA
    assert is_within(None) is Svar.OKANT


B, S, N = Bedomning.BATTRE, Bedomning.SAMRE, Bedomning.I_NIVA


@pytest.mark.parametrize(
    ("index", "similar", "verdicts", "expected"),
    [
        (54.0, 50.0, [S, S, S], Svar.JA),
        (50.0, 54.0, [B, B, B], Svar.NEJ),
        (50.9, 50.0, [], Svar.NEJ),  # level on 2.1, so not better here
        (51.0, 50.0, [], Svar.NEJ),
        (51.1, 50.0, [], Svar.JA),
        (None, 50.0, [B, B, S], Svar.JA),
        (None, None, [B, S, S], Svar.NEJ),
        (None, None, [B, S], Svar.OKANT),
        (None, None, [B, B, S, S], Svar.OKANT),
        (None, None, [B, N, N], Svar.OKANT),
        (None, None, [B, B, Bedomning.OKANT, Bedomning.OVER_MALET], Svar.OKANT),
    ],
)
def test_better_results(index, similar, verdicts, expected):
    assert has_better_results(index, similar, verdicts, Toleranser()) is expected


def test_the_goal_needs_both():
    assert meets_goal(Svar.JA, Svar.JA) is Svar.JA
    assert meets_goal(Svar.JA, Svar.OKANT) is Svar.OKANT
    assert meets_goal(Svar.OKANT, Svar.NEJ) is Svar.NEJ
    assert meets_goal(Svar.NEJ, Svar.JA) is Svar.NEJ


@given(st.lists(st.none() | VALUES, max_size=9))
def test_sums_above_and_below_are_kept_apart(values):
    total = sum_avvikelser(Summapost(f"V{i}", v) for i, v in enumerate(values))
    known = [v for v in values if v is not None]
    assert total.over >= 0 >= total.under
    assert total.netto == pytest.approx(sum(known), abs=1e-6)
    assert len(total.saknas) == values.count(None)
    assert total.finns == bool(known)


def test_what_cannot_be_real_is_named_and_not_summed():
    assert not is_orimlig(60.0)
    assert is_orimlig(-60.1)
    assert not is_orimlig(None)
    total = sum_avvikelser(
        [Summapost("A", 1.0), Summapost("B", 80.0, orimlig=True), Summapost("C", None)]
    )
    assert total == Avvikelsesumma(1.0, 0.0, ("A",), ("C",), ("B",))


@pytest.mark.parametrize(
    ("netto", "referens", "expected"),
    [
        (100.4, 90.5, 9.0),
        (100.5, 100.4, 1.0),
        (None, 90.0, None),
        (90.0, None, None),
        (0.0, 0.0, 0),
    ],
)
def test_the_deviation_is_between_the_amounts_as_shown(netto, referens, expected):
    assert compute_avvikelse_kr(netto, referens) == expected
