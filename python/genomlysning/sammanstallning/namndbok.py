"""What is taken from one committee's workbook, as plain data that passes between processes."""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, NoReturn

from genomlysning.ord import is_egen_kalla
from genomlysning.regler.bedomning import Toleranser

Varde = str | float | None
Rad = Mapping[str, Varde]

#: Written before each answer that goes between processes.
LANGD = struct.Struct(">Q")
#: The longest answer in bytes. That of an ordinary workbook has some tens of thousands.
MAX_SVAR = 64_000_000
#: A larger number than this is no cost or result of a municipality, and can't be summed safely.
STORSTA_TAL = 1e15
#: Key of what stands in a row's own columns, those that people have added.
OVRIGT = "ovrigt"
#: Key of the decimals that a figure is shown with, where its workbook has the rules of its figures.
DECIMALER = "decimaler"
#: Key of how far a figure is from similar: in per cent of them, or in units of an index.
STORLEK = "storlek"
#: Key of whether a figure is the committee's own and not Kolada's.
EGEN_UPPGIFT = "egen_uppgift"
#: Stands among the tables for what people have written beside them: slag, blad, cell, text.
ANTECKNINGAR = "Anteckningar"


@dataclass(frozen=True, slots=True)
class Namndbok:
    """One workbook. `tabeller` holds the rows by table name, each by column key.

    `namnd` is empty where nobody has named it, and `year` None where Start has none; `texter` is
    the running text by workbook name.
    """

    fil: str
    namnd: str
    kommun: str
    profil: str
    year: int | None
    period: str
    antagen: str
    hamtad: date | None
    exempel: bool
    tabeller: Mapping[str, tuple[Rad, ...]] = field(default_factory=dict)
    texter: Mapping[str, str] = field(default_factory=dict)
    varningar: tuple[str, ...] = ()
    toleranser: Toleranser = field(default_factory=Toleranser)

    def rader(self, tabell: str) -> tuple[Rad, ...]:
        """Return a table's rows; none where it is gone."""
        return self.tabeller.get(tabell, ())


def is_egen_uppgift(rad: Rad) -> bool:
    """Tell whether a row's values are people's own, so that what is said of them is as well."""
    return not rad.get("id") or is_egen_kalla(str(rad.get("kalla") or ""))


def is_samma(b: Namndbok, kommun: str, year: int | None) -> bool:
    """Tell whether a workbook's moves are counted: it is not of another municipality or year."""
    return b.kommun in ("", kommun) and b.year in (None, year)


@dataclass(frozen=True, slots=True)
class Avvisad:
    """A file that could not be taken in, and why. `fil` is its name.

    `sammanstalld` tells that it is itself the municipality's workbook.
    """

    fil: str
    skal: str
    sammanstalld: bool = False


def encode_svar(svar: Namndbok | Avvisad) -> bytes:
    """Return an answer as it is passed between processes."""
    if isinstance(svar, Avvisad):
        return _encode({"avvisad": asdict(svar)})
    whole = {name: getattr(svar, name) for name in Namndbok.__dataclass_fields__}
    whole["hamtad"] = svar.hamtad.isoformat() if svar.hamtad else None
    return _encode({"bok": whole})


def _encode(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")


def make_utf8(text: str) -> str:
    """Return a text that a file can hold: a name on disk may be no text in UTF-8."""
    return text.encode("utf-8", "replace").decode()


def decode_svar(content: bytes) -> Namndbok | Avvisad:
    """Return the answer again, of the types it must have and no others.

    Raises ValueError for what is none: the process that wrote it may be in a file's hands.
    """
    try:
        answer = json.loads(content, parse_constant=_refuse, parse_float=_parse_tal)
        if not isinstance(answer, dict):
            _refuse("answer")
        if "avvisad" in answer:
            found = Avvisad(**answer["avvisad"])
            _check(isinstance(found.sammanstalld, bool))
            _check(isinstance(found.fil, str) and isinstance(found.skal, str))
            return found
        return _rebuild(answer["bok"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no answer") from error


def _rebuild(parts: dict[str, Any]) -> Namndbok:
    tables, texts, told = parts["tabeller"], parts["texter"], parts["varningar"]
    bok = Namndbok(
        **{
            **parts,
            "hamtad": None if parts["hamtad"] is None else date.fromisoformat(parts["hamtad"]),
            "tabeller": {name: tuple(rows) for name, rows in tables.items()},
            "varningar": tuple(told),
            "toleranser": Toleranser(*parts["toleranser"]),
        }
    )
    plain = (bok.fil, bok.namnd, bok.kommun, bok.profil, bok.period, bok.antagen)
    _check(all(type(t) is str for t in (*plain, *bok.varningar, *texts.values())))
    _check(type(bok.exempel) is bool and (bok.year is None or type(bok.year) is int))
    _check(all(type(t) is float and math.isfinite(t) for t in bok.toleranser))
    for rows in bok.tabeller.values():
        for row in rows:
            _check(type(row) is dict and _CELLTYPER.issuperset(map(type, row.values())))
    return bok


_CELLTYPER = frozenset({str, float, type(None)})


def _parse_tal(text: str) -> float:
    """Return a number; one with too many digits is without end, and none to reckon with."""
    number = float(text)
    _check(math.isfinite(number))
    return number


def _check(holds: bool) -> None:
    if not holds:
        _refuse("type")


def _refuse(what: str) -> NoReturn:
    raise ValueError(what)
