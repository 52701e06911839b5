"""The closed word lists that profiles, rules and workbook share.

The values are the exact words written in the profile files (TOML) and, for
``Riktning`` and ``Kategori``, shown in the workbook.  Kept apart from the rest so
that the rules can import them without importing the profile reader.
"""

from enum import StrEnum

__all__ = ["Kategori", "Riktning", "Slag"]


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
