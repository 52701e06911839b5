"""The domain's concepts as plain data, shared by the client, the store and the rules."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

#: Kolada's group 'Alla kommuner (ovägt medel)': the template's kommungenomsnitt.
KOMMUNGENOMSNITT = "G2328"
#: Inhabitants on 31 December, which every municipality has for every year.
INVANARE = "N01951"
#: The first year that Kolada has figures for: those of inhabitants.
FORSTA_AR = 1970
#: So many years are asked for at most, which is what one request takes.
MAX_AR = 25
#: Years shown in the tables over time, and of the deviation from reference cost.
ANTAL_AR_OVER_TID = 3
ANTAL_AR_REFERENSKOSTNAD = 5


class Kommun(NamedTuple):
    """A municipality (`typ` 'K') or a region or the nation (`typ` 'L'); `id` is its code."""

    id: str
    namn: str
    typ: str


class Grupp(NamedTuple):
    """A group of municipalities as Kolada has it today; `medlemmar` are municipality codes."""

    id: str
    titel: str
    medlemmar: tuple[str, ...]


class Gruppandring(NamedTuple):
    """A group that Kolada has given other members, under the same id."""

    fore: Grupp
    efter: Grupp


@dataclass(frozen=True, slots=True)
class Nyckeltal:
    """What Kolada's catalogue says of a key figure.

    `kommuntyp` is K, L or A. `publ_period` is the year that the publication dates concern:
    the next or the newest one, not necessarily one with data. `omrade` is where Kolada files
    the figure, for people to read: it is sometimes wrong, so nothing is decided by it.
    `tidigare_titel` is what it was called before Kolada last renamed it, as far as the store knows.
    """

    id: str
    titel: str
    kommuntyp: str
    konsuppdelat: bool
    publ_period: int | None
    prel_datum: date | None
    slut_datum: date | None
    omrade: str = ""
    tidigare_titel: str = ""


class Observation(NamedTuple):
    """One value as Kolada gave it. `kommun` may be a group id; `gender` is T, K or M.

    `antal` tells how many municipalities a group's mean rests on. `varde` None is missing.
    """

    nyckeltal: str
    kommun: str
    year: int
    gender: str
    varde: float | None
    antal: int | None
    status: str


class LagratVarde(NamedTuple):
    """A value (both genders together) as the store keeps it; a tuple, since there are thousands.

    `finns` is False where Kolada had no row at all. `tidigare` is the value before the latest
    change and `andrad` when that change was seen, both None if it never changed.
    """

    varde: float | None
    antal: int | None
    status: str
    finns: bool
    hamtad: datetime
    tidigare: float | None = None
    andrad: datetime | None = None


@dataclass(slots=True)
class Spridning:
    """One figure's stored values of one year for many municipalities.

    `varden` are those that there are, by municipality, `antal` how many municipalities have been
    asked for, and `hamtade` the times when that was done.
    """

    varden: dict[str, float] = field(default_factory=dict)
    antal: int = 0
    hamtade: set[datetime] = field(default_factory=set)


class Revidering(NamedTuple):
    """A value that Kolada has changed since it was last fetched; `till` None is withdrawn."""

    nyckeltal: str
    kommun: str
    year: int
    fran: float
    till: float | None
