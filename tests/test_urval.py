"""Choosing the municipality and its groups."""

import unicodedata

import pytest

from genomlysning.begrepp import Grupp, Kommun
from genomlysning.fel import AnvandarFel
from genomlysning.urval import choose_grupp, find_grupper, find_kommun

KOMMUNER = [
    Kommun("0009", "Region Gotland", "L"),
    Kommun("0980", "Gotland", "K"),
    Kommun("1463", "Mark", "K"),
    Kommun("0767", "Markaryd", "K"),
    Kommun("1489", "Alingsås", "K"),
    Kommun("0114", "Upplands Väsby", "K"),
    Kommun("0139", "Upplands-Bro", "K"),
    Kommun("0019", "Region Västmanland", "L"),
]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mark", "1463"),
        ("markaryd", "0767"),
        ("ALINGSÅS", "1489"),
        (" Upplands  Väsby ", "0114"),
        (unicodedata.normalize("NFD", "Alingsås"), "1489"),
        ("0139", "0139"),
        ("Gotland", "0980"),
    ],
)
def test_finds_by_exact_name_or_code(text, code):
    assert find_kommun(text, KOMMUNER).id == code


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Alingsas", ["Alingsas", "Menade du Alingsås?"]),
        ("Alingsås kommun", ["Menade du Alingsås?"]),
        ("Upplands", ["Upplands Väsby", "Upplands-Bro"]),
        ("Region Gotland", ["är ingen kommun", "Menade du Gotland?"]),
        ("0019", ["Region Västmanland är ingen kommun"]),
        ("Xyzzy", ["fyrsiffriga kod"]),
        ("", ["fyrsiffriga kod"]),
    ],
)
def test_a_miss_names_the_nearest(text, words):
    with pytest.raises(AnvandarFel) as caught:
        find_kommun(text, KOMMUNER)
    assert all(w in str(caught.value) for w in words)


def group(number, title):
    return Grupp(f"G{number}", title, tuple("1234567"))


def test_groups_match_the_whole_name_and_the_newest_year():
    found = find_grupper(
        Kommun("1463", "Mark", "K"),
        [
            group(1, "Liknande kommuner grundskola, Markaryd, 2024"),
            group(2, "Liknande kommuner grundskola, Mark, 2023"),
            group(3, "Liknande kommuner grundskola, Mark, 2024"),
            group(4, "Liknande kommuner, övergripande, Mark, 2025"),
            group(5, "Marks grannar (ovägt medel)"),
            group(6, "Liknande regioner socioekonomi, Mark, 2024"),
            group(7, "Liknande kommuner ekonomiskt bistånd, Mark, 2023"),
        ],
    )
    assert {area: g.grupp.id for area, g in found.items()} == {
        "grundskola": "G3",
        "övergripande": "G4",
        "ekonomiskt bistånd": "G7",
    }
    assert found["grundskola"].year == 2024


def test_a_region_is_not_the_municipality_of_that_name():
    found = find_grupper(
        Kommun("0980", "Gotland", "K"),
        [group(1, "Liknande kommuner räddningstjänst, Region Gotland, 2024")],
    )
    assert found == {}


def test_an_area_without_a_group_falls_back_and_says_so():
    found = find_grupper(
        Kommun("0617", "Gnosjö", "K"),
        [
            group(1, "Liknande kommuner, övergripande, Gnosjö, 2025"),
            group(2, "Liknande kommuner IFO, Gnosjö, 2024"),
        ],
    )
    own, reserve = choose_grupp("IFO", found), choose_grupp("LSS", found)
    assert (own.grupp.id, own.reserv) == ("G2", False)
    assert (reserve.grupp.id, reserve.reserv, reserve.omrade) == ("G1", True, "övergripande")
    assert choose_grupp("LSS", {}) is None
