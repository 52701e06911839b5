"""What a workbook showed before a fetch: its groups of similar municipalities and their means."""

import re
from collections.abc import Iterable

from genomlysning.begrepp import Grupp
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beskrivning import JAMFORELSEGRUPPER, REFERENSKOSTNAD
from genomlysning.bok.bladrader import Bladrad
from genomlysning.profil import Verksamhet
from genomlysning.underlag import Foregaende


def read_foregaende(
    found: Befintlig, rader: Iterable[Bladrad], verksamheter: Iterable[Verksamhet], *, behall: bool
) -> Foregaende | None:
    """Return what the sheets say of the groups; None for a workbook that was never filled."""
    if not found.ifylld:
        return None
    return Foregaende(tuple(_read_grupper(found)), _read_medel(found, rader, verksamheter), behall)


def _read_grupper(found: Befintlig) -> Iterable[Grupp]:
    place = found.tabeller[JAMFORELSEGRUPPER.namn]
    for nr in place.excel.datarader:
        grupp, titel, codes = (place.cell(nr, k).text.strip() for k in ("id", "grupp", "koder"))
        members = re.findall(r"\b\d{4}\b", codes)
        if re.fullmatch(r"G\d+", grupp) and members:
            yield Grupp(grupp, titel, tuple(members))


def _read_medel(
    found: Befintlig, rader: Iterable[Bladrad], verksamheter: Iterable[Verksamhet]
) -> dict[tuple[str, int], float]:
    """Return the means of the similar ones that the sheets show, by figure and year."""
    year = found.gammalt_year
    means: dict[tuple[str, int], float] = {}
    for place, nr, post, own, _ in rader:
        mean = place.cell(nr, "liknande").tal if nr and not post.over_tid else None
        if mean is not None:
            means[post.id, own or year] = mean
    place = found.tabeller[REFERENSKOSTNAD.namn]
    index = {v.namn.lower(): v.kvalitetsindex for v in verksamheter}
    for nr in place.excel.datarader:
        figure = index.get(place.cell(nr, "verksamhet").text.strip().lower())
        mean = place.cell(nr, "index_liknande").tal
        if figure is not None and mean is not None:
            means.setdefault((figure, year), mean)
    return means
