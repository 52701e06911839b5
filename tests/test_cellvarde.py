"""A cell's value and what Excel makes of it."""

from datetime import date, datetime

import pytest

from genomlysning.bok.cellvarde import from_serial, is_same, to_innehall, to_serial
from genomlysning.bok.lasning import unescape


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (None, "", True),
        (None, 0.0, False),
        ("", 0.0, False),
        ("0", 0.0, False),
        (0.1 + 0.2, 0.3, True),
        (1.0, True, False),
        (True, True, True),
        ("a", "A", False),
    ],
)
def test_empty_zero_and_false_are_three_things(a: object, b: object, same: bool) -> None:
    assert is_same(a, b) is same  # type: ignore[arg-type]
    assert is_same(b, a) is same  # type: ignore[arg-type]


@pytest.mark.parametrize("date1904", [False, True])
def test_days_are_counted_from_the_workbooks_first(date1904: bool) -> None:
    day = date(2026, 11, 24)
    assert to_serial(day, date1904=date1904) == (44888.0 if date1904 else 46350.0)
    assert from_serial(to_serial(day, date1904=date1904), date1904=date1904) == day
    assert to_innehall(datetime(2026, 11, 24, 18), date1904=date1904) == pytest.approx(
        to_serial(day, date1904=date1904) + 0.75
    )


def test_a_text_has_room_and_only_what_xml_can_hold() -> None:
    assert to_innehall("a\x00b\ncå\uffff" + "d" * 40000) == "ab\ncå" + "d" * (32767 - 5)
    assert to_innehall("abc", longest=2) == "ab"
    assert to_innehall(None) is None
    assert to_innehall(3) == 3.0


def test_half_a_character_of_excels_escapes_is_none() -> None:
    assert unescape("A_xDFFF_B _xD83D__xDE00_ _x00e5_") == "A\ufffdB \U0001f600 å"
