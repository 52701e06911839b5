"""The closed word lists, and the words for sources, that profiles, rules and workbook share.

The values are the exact words written in the profile files (TOML) and, for
``Riktning`` and ``Kategori``, shown in the workbook.  Kept apart from the rest so
that the rules can import them without importing the profile reader.
"""

from enum import StrEnum

#: What is said of where a value comes from (Kolada's terms of use).
KALLA_KOLADA = "Källa: Kolada"
KALLA_EGEN = "Egen bearbetning av uppgifter från Kolada"
#: The same for a value of the example data.
KALLA_PAHITTAT = "Påhittat värde"


def is_egen_kalla(kalla: str) -> bool:
    """Tell whether a fetched row's source says that a person has the value from elsewhere."""
    source = kalla.strip()
    return bool(source) and not source.startswith((KALLA_KOLADA, KALLA_PAHITTAT))


#: The unit of an index, which runs from 0 to 100.
INDEX = "index"


def is_index(enhet: str) -> bool:
    """Tell whether a unit is that of an index."""
    return enhet.lower() == INDEX


class Riktning(StrEnum):
    """Which way is better; the column Önskad riktning."""

    HOGRE = "Högre"
    LAGRE = "Lägre"
    MAL = "Mål"
    INGEN = "Ingen"


class Slag(StrEnum):
    """How a figure may be judged: the key ``bedomning`` in a profile (docs/regler.md)."""

    RESULTAT = "resultat"
    KOSTNAD = "kostnad"
    MAL = "mal"
    INGEN = "ingen"


class Kategori(StrEnum):
    """The three heads a figure is listed under."""

    EKONOMI = "Ekonomi"
    PERSONAL = "Personal"
    KVALITET = "Kvalitet"


_OVER_TID = "OverTid"


def tabellnamn(kategori: Kategori, *, over_tid: bool) -> str:
    """Return the name of the table that a category's figures stand in."""
    return kategori.value + (_OVER_TID if over_tid else "")


def parse_tabellnamn(namn: str) -> tuple[Kategori, bool]:
    """Return the category of such a table, and whether it shows its figures over time."""
    return Kategori(namn.removesuffix(_OVER_TID)), namn.endswith(_OVER_TID)
