"""What is taken from one committee's workbook, as plain data that passes between processes."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Varde = str | float | None
Rad = Mapping[str, Varde]

#: The subject property of the workbook that is made, by which it is known again.
AMNE_SAMMANSTALLNING = "Genomlysning, hela kommunen"
#: Written before each answer that goes between processes.
LANGD = struct.Struct(">Q")
#: A larger number than this is no cost or result of a municipality, and can't be summed safely.
STORSTA_TAL = 1e15
#: Key of what stands in a row's own columns, those that people have added.
OVRIGT = "ovrigt"


@dataclass(frozen=True, slots=True)
class Namndbok:
    """One workbook. `tabeller` holds the rows by table name, each by column key.

    `year` is None where Start has none; `texter` is the running text by workbook name.
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

    def rader(self, tabell: str) -> tuple[Rad, ...]:
        """Return a table's rows; none where it is gone."""
        return self.tabeller.get(tabell, ())


@dataclass(frozen=True, slots=True)
class Avvisad:
    """A file that could not be taken in, and why. `fil` is its name."""

    fil: str
    skal: str
