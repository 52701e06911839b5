"""What municipalities are called where many files name them."""

import pytest

from genomlysning.sammanstallning.bokbenamning import spell_kommuner
from genomlysning.sammanstallning.namndbok import Namndbok


def spell(*kommuner: str) -> list[str]:
    books = [
        Namndbok(f"{i}.xlsx", "N", k, "", 2024, "", "", None, False) for i, k in enumerate(kommuner)
    ]
    return [b.kommun for b in spell_kommuner(books)]


@pytest.mark.parametrize(
    "kommuner",
    [
        ("Alingsås", "alingsås", "Alingsås kommun"),
        ("Mark", "Mark", "Marks kommun"),
        ("Borås", "Borås stad", "Borås Stad"),
        ("Stockholm", "Stockholms stad"),
        ("Region Gotland", "Gotlands kommun", "Gotland"),
    ],
)
def test_one_municipality_has_one_name(kommuner) -> None:
    assert len(set(spell(*kommuner))) == 1


def test_municipalities_with_like_names_stay_apart() -> None:
    names = ("Mark", "Marks stad", "Halmstad", "Halm", "Region Skåne")
    assert len(set(spell(*names))) == 4
