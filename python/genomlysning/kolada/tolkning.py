"""What Kolada's rows mean: strict about meaning, lenient about form.

Lenient: whole numbers as floats, years as text, fields we do not know, `count` and `status`
left out. Strict: anything that could turn into a wrong value, or hide that one is missing.
"""

import json
import math
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NoReturn, TypeVar

from genomlysning.begrepp import Grupp, Kommun, Nyckeltal, Observation
from genomlysning.fel import KoladaSvarFel, Meddelande
from genomlysning.kolada.fraga import FORM, Fraga

OBEGART = Meddelande(
    "kolada-obegart",
    "Kolada svarade på frågan {fraga} med värden som inte efterfrågades: {kom}.",
    "Inget har ändrats. Försök igen senare; står felet kvar behöver Genomlysning uppdateras.",
)
OLIKA = Meddelande(
    "kolada-olika-varden",
    "Kolada gav två olika värden för samma sak på frågan {fraga}: {kom}.",
    "Inget har ändrats. Försök igen senare; står felet kvar, anmäl det till Kolada.",
)

_GENDERS = ("T", "K", "M")
_Rad = dict[str, Any]
_T = TypeVar("_T")


def read_observationer(rows: Iterable[object], fraga: Fraga) -> list[Observation]:
    """Return the values of an answer, all genders, in the order they came, without repeats.

    Deleted values are left out; a missing value (null) stays None and zero stays zero.
    """
    found: dict[tuple[str, str, int, str], Observation] = {}
    for row in rows:
        plain = _read_plain(row, fraga)
        for o in _read_row(row, fraga) if plain is None else plain:
            key = (o.nyckeltal, o.kommun, o.year, o.gender)
            if key not in found:
                found[key] = o
            elif found[key] != o:
                came = f"{o.nyckeltal} för {o.kommun} år {o.year}, {found[key].varde} och {o.varde}"
                raise KoladaSvarFel(OLIKA, fraga=fraga.kort, kom=came)
    return list(found.values())


def _read_plain(row: Any, fraga: Fraga) -> list[Observation] | None:
    """Return the values of a row that has the form which nearly all have, in a fifth of the time.

    None where anything at all is unusual, for `_read_row` to judge.
    """
    try:
        nyckeltal, kommun, year = row["kpi"], row["municipality"], row["period"]
        if (
            not (type(nyckeltal) is type(kommun) is str and nyckeltal and kommun)
            or type(year) is not int
            or year not in fraga.years
            or (fraga.nyckeltal and nyckeltal not in fraga.nyckeltal)
            or (fraga.kommuner and kommun not in fraga.kommuner)
            or type(row["values"]) is not list
        ):
            return None
        found = []
        for given in row["values"]:
            gender, value = given["gender"], given["value"]
            antal, status = given["count"], given["status"]
            if (
                (type(value) is not float and value is not None)
                or (value is not None and value - value != 0.0)  # infinite, or not a number
                or type(antal) is not int
                or antal < 0
                or type(status) is not str
                or gender not in _GENDERS
                or given["isdeleted"] is not False
                or "is_deleted" in given
            ):
                return None
            found.append(Observation(nyckeltal, kommun, year, gender, value, antal, status))
    except (KeyError, TypeError, IndexError):
        return None
    return found


def _read_row(row: object, fraga: Fraga) -> list[Observation]:
    """Return the values of a row of any form; raises KoladaSvarFel for one that means nothing."""
    [known] = _objects([row], fraga)
    nyckeltal = _read_text(known, "kpi", fraga)
    kommun = _read_text(known, "municipality", fraga)
    year = _read_year(known, "period", fraga)
    _check_asked(nyckeltal, kommun, year, fraga)
    values = known.get("values")
    if not isinstance(values, list):
        _fail(fraga, _describe("values", values, "en lista"))
    return [
        Observation(
            nyckeltal,
            kommun,
            year,
            _read_gender(value, fraga),
            _read_value(value, fraga),
            _read_antal(value, fraga),
            _read_text(value, "status", fraga, default=""),
        )
        for value in _objects(values, fraga)
        if not _is_deleted(value, fraga)
    ]


def read_kommuner(rows: Iterable[object], fraga: Fraga) -> list[Kommun]:
    """Return municipalities and regions."""
    return _read_list(rows, fraga, _read_kommun)


def read_grupper(rows: Iterable[object], fraga: Fraga) -> list[Grupp]:
    """Return groups of municipalities."""
    return _read_list(rows, fraga, _read_grupp)


def read_nyckeltal(rows: Iterable[object], fraga: Fraga) -> list[Nyckeltal]:
    """Return what the catalogue says of figures, which must be among those asked for."""
    found = _read_list(rows, fraga, _read_ett_nyckeltal)
    for n in found:
        if fraga.nyckeltal and n.id not in fraga.nyckeltal:
            raise KoladaSvarFel(OBEGART, fraga=fraga.kort, kom=n.id)
    return found


def _read_list(rows: Iterable[object], fraga: Fraga, read: Callable[[_Rad, Fraga], _T]) -> list[_T]:
    """Return what the rows say, by id, without deleted and repeated ones."""
    found: dict[str, _T] = {}
    for row in _objects(rows, fraga):
        if _is_deleted(row, fraga):
            continue
        item = read(row, fraga)
        key = _read_text(row, "id", fraga)
        if found.setdefault(key, item) != item:
            raise KoladaSvarFel(OLIKA, fraga=fraga.kort, kom=key)
    return list(found.values())


def _read_kommun(row: _Rad, fraga: Fraga) -> Kommun:
    return Kommun(
        _read_text(row, "id", fraga),
        _read_text(row, "title", fraga),
        # Regions and the nation have codes that begin with two zeros.
        _read_text(row, "type", fraga, "L" if str(row.get("id")).startswith("00") else "K"),
    )


def _read_grupp(row: _Rad, fraga: Fraga) -> Grupp:
    plain = _read_plain_grupp(row)
    if plain is not None:
        return plain
    members = row.get("members", [])
    if not isinstance(members, list):
        _fail(fraga, _describe("members", members, "en lista"))
    return Grupp(
        _read_text(row, "id", fraga),
        _read_text(row, "title", fraga),
        # Older answers name the member's code 'id'.
        tuple(
            _read_text(m, "member_id" if "member_id" in m else "id", fraga)
            for m in _objects(members, fraga)
        ),
    )


def _read_plain_grupp(row: _Rad) -> Grupp | None:
    """Return a group of the form that all of Kolada's have; None for `_read_grupp` to judge."""
    try:
        codes = tuple([m["member_id"] for m in row["members"]])
        texts = (row["id"], row["title"], *codes)
    except (KeyError, TypeError, IndexError):
        return None
    if not all(type(t) is str and t for t in texts) or type(row["members"]) is not list:
        return None
    return Grupp(row["id"], row["title"], codes)


def _read_ett_nyckeltal(row: _Rad, fraga: Fraga) -> Nyckeltal:
    divided = row.get("is_divided_by_gender", False)
    if divided not in (True, False):  # older answers have 1 and 0, which are equal to these
        _fail(fraga, _describe("is_divided_by_gender", divided, "ja eller nej"))
    return Nyckeltal(
        _read_text(row, "id", fraga),
        _read_text(row, "title", fraga),
        _read_text(row, "municipality_type", fraga, default="K"),
        bool(divided),
        None if row.get("publ_period") in (None, "") else _read_year(row, "publ_period", fraga),
        _read_date(row, "prel_publication_date", fraga),
        _read_date(row, "publication_date", fraga),
        omrade=_read_text(row, "operating_area", fraga, default=""),
    )


# ---- fields --------------------------------------------------------------------------------


def _objects(rows: Iterable[object], fraga: Fraga) -> list[_Rad]:
    found: list[_Rad] = []
    for row in rows:
        if not isinstance(row, dict):
            _fail(fraga, f"en uppgift är {_show(row)} och inte ett objekt")
        found.append(row)
    return found


def _read_text(row: _Rad, field: str, fraga: Fraga, default: str | None = None) -> str:
    value = row.get(field)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or (not value and default is None):
        _fail(fraga, _describe(field, value, "en text"))
    return value


def _read_year(row: _Rad, field: str, fraga: Fraga) -> int:
    value = row.get(field)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 4:
        return int(value)
    if type(value) is not int or not 1000 <= value <= 9999:
        _fail(fraga, _describe(field, value, "ett år"))
    return value


def _read_date(row: _Rad, field: str, fraga: Fraga) -> date | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        _fail(fraga, _describe(field, value, "ett datum"))
    try:
        return date.fromisoformat(value[:10])  # a time of day may follow
    except ValueError:
        _fail(fraga, _describe(field, value, "ett datum"))


def _read_gender(row: _Rad, fraga: Fraga) -> str:
    value = row.get("gender")
    if value not in _GENDERS:
        _fail(fraga, _describe("gender", value, "T, K eller M"))
    return str(value)


def _read_value(row: _Rad, fraga: Fraga) -> float | None:
    # Without the field nothing is said of the value; that is not the same as null.
    if "value" not in row:
        _fail(fraga, "fältet value saknas")
    value = row["value"]
    if value is None:
        return None
    number = _to_float(value)
    if number is None:
        _fail(fraga, _describe("value", value, "ett tal"))
    return number


def _read_antal(row: _Rad, fraga: Fraga) -> int | None:
    value = row.get("count")
    if value is None:
        return None
    number = _to_float(value)
    if number is None or not number.is_integer() or number < 0:
        _fail(fraga, _describe("count", value, "ett antal"))
    return int(number)


def _to_float(value: object) -> float | None:
    """Return a finite number as a float, None for anything else; true and false are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_deleted(row: _Rad, fraga: Fraga) -> bool:
    """Tell whether the row is withdrawn; older texts spell the field with an underscore."""
    for field in ("isdeleted", "is_deleted"):
        value = row.get(field)
        if value is not None and not isinstance(value, bool):
            _fail(fraga, _describe(field, value, "ja eller nej"))
        if value:
            return True
    return False


def _check_asked(nyckeltal: str, kommun: str, year: int, fraga: Fraga) -> None:
    if (
        (not fraga.nyckeltal or nyckeltal in fraga.nyckeltal)
        and (not fraga.kommuner or kommun in fraga.kommuner)
        and (not fraga.years or year in fraga.years)
    ):
        return
    raise KoladaSvarFel(OBEGART, fraga=fraga.kort, kom=f"{nyckeltal} för {kommun} år {year}")


def _describe(field: str, value: object, expected: str) -> str:
    if value is None:
        return f"fältet {field} saknas"
    return f"fältet {field} är {_show(value)} och inte {expected}"


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _fail(fraga: Fraga, kom: str) -> NoReturn:
    raise KoladaSvarFel(FORM, fraga=fraga.kort, kom=kom)
