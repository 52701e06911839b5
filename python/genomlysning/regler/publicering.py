"""Preliminary and final values, and the year to look at (docs/kolada.md)."""

from collections.abc import Iterable, Mapping
from datetime import date

from genomlysning.begrepp import Nyckeltal


def is_preliminary(nyckeltal: Nyckeltal, year: int, idag: date) -> bool:
    """Tell whether a value for `year` is preliminary on the day `idag`.

    The dates of the catalogue concern its `publ_period` alone: preliminary from the first date
    until the second, or for good where Kolada has announced no final date.
    """
    if nyckeltal.publ_period != year or nyckeltal.prel_datum is None:
        return False
    if idag < nyckeltal.prel_datum:
        return False
    return nyckeltal.slut_datum is None or idag < nyckeltal.slut_datum


def newest_final_year(nyckeltal: Nyckeltal, idag: date) -> int | None:
    """Return the newest year whose values are final, by the catalogue's dates; None if unknown."""
    if nyckeltal.publ_period is None:
        return None
    if nyckeltal.slut_datum is not None and nyckeltal.slut_datum <= idag:
        return nyckeltal.publ_period
    return nyckeltal.publ_period - 1


def choose_year(nyckeltal: Iterable[Nyckeltal], idag: date) -> int:
    """Return the newest year that is final for more than half of the figures.

    It is the year before `idag` at the latest, and also without any dates: a year is over before
    it has final accounts.
    """
    years = sorted(
        (y for n in nyckeltal if (y := newest_final_year(n, idag)) is not None), reverse=True
    )
    return min(years[len(years) // 2] if years else idag.year, idag.year - 1)


def step_back_to_data(year: int, have_value: Mapping[int, int], total: int, earliest: int) -> int:
    """Return the newest year up to `year` in which more than half of `total` figures have a value.

    `have_value` counts figures with a value by year. Dates in the catalogue are plans, so what
    has really come decides; `year` itself if no year qualifies.
    """
    for candidate in range(year, earliest - 1, -1):
        if 2 * have_value.get(candidate, 0) > total:
            return candidate
    return year
