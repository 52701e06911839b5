"""Finds the figure that likely has taken the place of one that Kolada no longer has.

Kolada renumbers figures now and then: in nineteen days of spring 2026 119 vanished and 13 came.
What is found is a proposal for people to judge; nothing is fetched by it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from genomlysning.begrepp import Nyckeltal
from genomlysning.fel import KoladaFel
from genomlysning.hamtning import Hamtning
from genomlysning.regler.enhet import find_nedlagd

#: So much of the words of both titles must be the same.
_LIKA = 0.6
#: Words that many titles have and that tell nothing of what they are about.
_FYLLNAD = frozenset(
    (
        *("alla", "andel", "antal", "eller", "enligt", "inkl", "inom", "invånare", "kommun"),
        *("kommunen", "med", "och", "per", "som", "till", "totalt", "under", "vid"),
    )
)


def find_efterfoljare(
    hamtning: Hamtning, okanda: Mapping[str, str], kanda: Iterable[Nyckeltal]
) -> dict[str, Nyckeltal]:
    """Return, by id, the likely successor of figures that Kolada does not have.

    `okanda` are what they are called, by id, and `kanda` other figures of the same profile, whose
    areas are looked in when the store doesn't know the area of the missing one. The catalogue is
    asked for once a week at most, and only when a figure is missing; without it none is found.
    """
    if not okanda:
        return {}
    try:
        katalog = hamtning.read_katalog()
    except KoladaFel:  # a proposal is not worth a failure
        return {}
    forna = hamtning.read_forna(list(okanda))
    areas = {n.omrade for n in kanda}
    found = {}
    for figure, namn in okanda.items():
        titel, area = forna.get(figure, ("", ""))
        names = [t for t in (titel, namn) if t]
        chosen = choose_efterfoljare(figure, names, {area} if area else areas, katalog)
        if chosen is not None:
            found[figure] = chosen
    return found


def choose_efterfoljare(
    figure: str, namn: Iterable[str], omraden: Iterable[str], katalog: Iterable[Nyckeltal]
) -> Nyckeltal | None:
    """Return the figure of those areas whose title has most of the same words, if any has.

    One with the same digits (N15049 and U15049) comes first among equals, and will do when no
    title is alike: the letter is what people get wrong. Other near ids tell nothing, since
    neighbours in the numbering are about something else.
    """
    wanted = [_list_words(n) for n in namn]
    areas = set(omraden)
    best: tuple[float, bool, Nyckeltal] | None = None
    for n in katalog:
        if n.id == figure or n.kommuntyp not in ("K", "A") or find_nedlagd(n.titel) is not None:
            continue
        twin = n.id[1:] == figure[1:]
        if areas and n.omrade not in areas and not twin:
            continue
        words = _list_words(n.titel)
        # Year 8 is not year 9, however alike the rest is.
        alike = [w for w in wanted if w and _list_numbers(w) == _list_numbers(words)]
        score = max((len(w & words) / len(w | words) for w in alike), default=0.0)
        if (score >= _LIKA or twin) and (best is None or (score, twin) > best[:2]):
            best = (score, twin, n)
    return best[2] if best else None


def _list_words(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFC", text).casefold()
    words = re.findall(r"[^\W_]+", plain)
    return frozenset(w for w in words if w not in _FYLLNAD)


def _list_numbers(words: frozenset[str]) -> frozenset[str]:
    return frozenset(w for w in words if w[0].isdigit())
