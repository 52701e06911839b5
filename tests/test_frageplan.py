"""The plan of questions covers all that is needed, in few questions within Kolada's limits."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from genomlysning.begrepp import INVANARE
from genomlysning.kolada import Behov, plan_block
from genomlysning.kolada.fraga import MAX_PER_SEGMENT, PER_SIDA
from koladavarden import figures, places

CODES = [i for i, p in places().items() if p["type"] == "K"]
FIGURES = [i for i in figures() if i != INVANARE][:90]
OWN, GROUPS = "1489", ["G35866", "G85752", "G2328"]


@st.composite
def needs(draw) -> Behov:
    ids = draw(st.lists(st.sampled_from(FIGURES), max_size=80, unique=True))
    years = {
        i: range(first, draw(st.integers(first + 1, 2027)))
        for i in ids
        if (first := draw(st.integers(2015, 2025))) and draw(st.booleans())
    }
    alla = {
        y: draw(st.lists(st.sampled_from(FIGURES), max_size=60, unique=True))
        for y in draw(st.lists(st.integers(2022, 2025), max_size=3, unique=True))
    }
    own = [OWN, *draw(st.lists(st.sampled_from(GROUPS), unique=True))]
    return Behov(years, own, alla, CODES)


def list_wanted(behov: Behov) -> set[tuple[str, str, int]]:
    own = {(f, p, y) for f, years in behov.years.items() for p in behov.platser for y in years}
    return own | {(f, k, y) for y, of in behov.alla.items() for f in of for k in behov.koder}


@settings(max_examples=25, deadline=None)
@given(needs())
def test_every_value_is_asked_for_once_and_within_the_limits(behov: Behov) -> None:
    blocks = plan_block(behov)
    asked: dict[tuple[str, str, int], int] = {}
    for b in blocks:
        assert max(map(len, (b.nyckeltal, b.platser, b.years))) <= MAX_PER_SEGMENT
        for f in b.nyckeltal:
            for p in b.platser:
                for y in b.years:
                    asked[f, p, y] = asked.get((f, p, y), 0) + 1
    assert list_wanted(behov) <= asked.keys()
    # The number of inhabitants may stand in several, to tell an empty answer from none, and the
    # own municipality both among its own figures' years and among all municipalities.
    assert {n for (f, p, _), n in asked.items() if f != INVANARE and p != OWN} <= {1}
    assert len({(b.nyckeltal, b.platser, b.years) for b in blocks}) == len(blocks)


@given(needs())
def test_questions_are_few(behov: Behov) -> None:
    chunks = math.ceil(len({*behov.years, *(f for of in behov.alla.values() for f in of)}) / 25)
    most = chunks * (1 + 12 * len(behov.alla))
    assert len(plan_block(behov)) <= most


def test_the_municipalities_left_over_ride_with_the_own_values() -> None:
    years = dict.fromkeys(FIGURES[:44], range(2021, 2026))
    blocks = plan_block(Behov(years, [OWN, *GROUPS], {2025: FIGURES[:30]}, CODES))
    assert len(blocks) == 2 + 2 * 11
    first = blocks[0]
    assert {OWN, *GROUPS} < set(first.platser)
    assert len(first.nyckeltal) * len(first.platser) * len(first.years) <= PER_SIDA


def test_without_a_municipality_of_ones_own_there_are_twelve() -> None:
    assert len(plan_block(Behov({}, (), {2025: FIGURES[:25]}, CODES))) == 12
    assert len(plan_block(Behov({}, (), {2025: FIGURES[:26]}, CODES))) == 24
