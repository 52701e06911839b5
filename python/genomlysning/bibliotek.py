"""What other programs may use, as `from genomlysning import compare`.

The same use cases as the command line's, without its texts. Values are in the figures' own
units, unrounded, and None where there is none. Every error is a `GenomlysningFel` whose text is
in Swedish and says what to do.
"""

from datetime import date, datetime, time
from pathlib import Path

from genomlysning.fel import GenomlysningFel
from genomlysning.filskrivning import check_utfil
from genomlysning.klocka import read_nu
from genomlysning.skapa import Korning, collect_exempel, collect_underlag, save_bok
from genomlysning.underlag import Jamforelse, Underlag
from genomlysning.verksamhetskostnad import Referensrad

__all__ = [
    "GenomlysningFel",
    "Jamforelse",
    "Referensrad",
    "Underlag",
    "compare",
    "compare_exempel",
    "save_arbetsbok",
]


def compare(
    kommun: str,
    namnd: str | Path,
    year: int | None = None,
    *,
    idag: date | None = None,
    hamta_om: bool = False,
) -> Underlag:
    """Compare a committee with similar municipalities, by Kolada or values stored at most a day.

    `kommun` is a name or a four-digit code, `namnd` the id or name of a profile that comes with
    the program, or a profile file (.toml). Without `year` it is the latest for which most values
    are final. `idag` decides what is preliminary and fresh, by default the clock. The answer's
    `jamforelser` are the figures beside similar municipalities and all of them, `referensrader`
    the costs against the reference cost. Raises GenomlysningFel when something is unknown or
    Kolada can't be reached and nothing is stored.
    """
    nu = _moment(idag)
    return collect_underlag(kommun, str(namnd), year, nu, hamta_om=hamta_om).underlag


def compare_exempel(
    namnd: str | Path = "barn-och-ungdomsnamnden", *, idag: date | None = None
) -> Underlag:
    """Compare the invented Exempelkommun, without network, as `skapa --exempel` does."""
    return collect_exempel(str(namnd), None, _moment(idag)).underlag


def save_arbetsbok(underlag: Underlag, fil: str | Path) -> list[str]:
    """Write a new workbook (.xlsx, or .xlsm with buttons); return what the reader should know.

    Whole or not at all; a file that had the name is kept beside it. Raises GenomlysningFel.
    """
    target = Path(fil)
    check_utfil(target)
    return list(save_bok(Korning(underlag, 0, underlag.varningar), target).varningar)


def _moment(idag: date | None) -> datetime:
    if idag is None:
        return read_nu()
    return datetime.combine(idag, time())
