"""Chooses the municipality and its groups of similar municipalities from Kolada's lists."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from genomlysning.begrepp import Grupp, Kommun
from genomlysning.fel import AnvandarFel, Meddelande

#: The area that serves where a figure's own area has no group (docs/regler.md).
RESERVOMRADE = "övergripande"

#: Kolada's titles, with and without a comma after 'kommuner'.
_TITEL = re.compile(r"^Liknande kommuner,? (.+?), (.+), (\d{4})$")

KOMMUN_OKAND = Meddelande(
    "kommun-okand",
    "Det finns ingen kommun som heter ”{namn}” i Kolada.",
    "{forslag}",
)
KOMMUN_AR_REGION = Meddelande(
    "kommun-ar-region",
    "{namn} är ingen kommun, och genomlysningen gäller kommuner.",
    "{forslag}",
)


class Gruppval(NamedTuple):
    """The group that a figure is compared with; `reserv` when its own area has none.

    `behallen` when its members are those that an adopted workbook had: Kolada, which has remade
    the group, then has no mean of them.
    """

    omrade: str
    grupp: Grupp
    year: int
    reserv: bool = False
    behallen: bool = False


def fold(text: str) -> str:
    """Return text without what does not matter when names are compared (see find_kommun)."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def index_kommuner(kommuner: Iterable[Kommun]) -> dict[str, Kommun]:
    """Return the municipalities, without regions, by folded name and by code."""
    return {key: k for k in kommuner if k.typ == "K" for key in (fold(k.namn), k.id)}


def find_kommun(namn_eller_kod: str, kommuner: Sequence[Kommun]) -> Kommun:
    """Return the municipality with exactly this name or code.

    Upper and lower case, surrounding blanks and composed or decomposed letters don't matter.
    Raises AnvandarFel with the nearest names on a miss.
    """
    wanted = fold(namn_eller_kod)
    found = index_kommuner(kommuner).get(wanted)
    if found is not None:
        return found
    matches = [k for k in kommuner if wanted in (fold(k.namn), k.id)]
    nearest = _suggest(wanted, [k for k in kommuner if k.typ == "K"])
    if matches:
        raise AnvandarFel(KOMMUN_AR_REGION, namn=matches[0].namn, forslag=nearest)
    raise AnvandarFel(KOMMUN_OKAND, namn=namn_eller_kod.strip(), forslag=nearest)


def find_grupper(kommun: Kommun, grupper: Iterable[Grupp]) -> dict[str, Gruppval]:
    """Return the municipality's newest group of each area, by the area's name in lower case.

    The municipality's name must match the whole name part: 'Mark' is a prefix of 'Markaryd',
    and 'Region Gotland' is not 'Gotland'.
    """
    found: dict[str, Gruppval] = {}
    for grupp in grupper:
        titel = unicodedata.normalize("NFC", grupp.titel)
        # The name itself is looked for first: that is ten times faster, for 3,600 groups.
        match = _TITEL.match(titel) if kommun.namn in titel else None
        if match is None or match[2] != kommun.namn:
            continue
        area, year = match[1], int(match[3])
        if area.lower() not in found or found[area.lower()].year < year:
            found[area.lower()] = Gruppval(area, grupp, year)
    return found


def titelmonster(kommun: Kommun) -> str:
    """Return a pattern (SQL LIKE) that the titles of all of the municipality's groups match.

    Letters that may be composed or not are left open.
    """
    return "%, " + re.sub(r"[^ -~]+", "%", kommun.namn) + ", %"


def choose_grupp(omrade: str, grupper: Mapping[str, Gruppval]) -> Gruppval | None:
    """Return the group of an area, `övergripande` where the area has none, else None."""
    own = grupper.get(omrade.lower())
    if own is not None:
        return own
    reserve = grupper.get(RESERVOMRADE)
    return reserve._replace(reserv=True) if reserve else None


def _suggest(wanted: str, kommuner: Sequence[Kommun]) -> str:
    import difflib  # only when something is wrong

    by_name = {fold(k.namn): k.namn for k in kommuner}
    # Someone who writes 'Alingsås kommun' or 'Region Gotland' means the name within.
    within = [n for n in by_name if len(n) > 2 and re.search(rf"\b{re.escape(n)}s?\b", wanted)]
    near = within + difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.6)
    near += [n for n in by_name if n.startswith(wanted) and len(wanted) > 1]
    names = [by_name[n] for n in dict.fromkeys(near)][:5]
    if not names:
        return "Skriv kommunens namn eller dess fyrsiffriga kod."
    return f"Menade du {' eller '.join(names)}?"
