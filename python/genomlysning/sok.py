"""Searches Kolada's whole catalogue of key figures, for the one whose id is not known."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from genomlysning.begrepp import Nyckeltal
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.regler.enhet import parse_enhet

ANGE_ORD = Meddelande(
    "sok-ange-ord",
    "Det finns inget att söka efter.",
    "Skriv ett eller flera ord, till exempel: genomlysning sok förskola personal.",
)
INGEN_TRAFF_ORD = Meddelande(
    "sok-ordet-finns-inte",
    "Inget nyckeltal i Kolada innehåller ”{ord}”.",
    "{forslag}",
)
INGEN_TRAFF_TILLSAMMANS = Meddelande(
    "sok-inte-tillsammans",
    "Inget nyckeltal i Kolada innehåller alla orden ({antal}).",
    "Ta bort något av dem och sök igen.",
)

#: A word that is the beginning of an id, folded. Digits alone are not: they stand in titles too.
_ID = re.compile(r"[a-z][0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Traff:
    """A figure that was found, with the unit that its title states (None: not known)."""

    nyckeltal: Nyckeltal
    enhet: str | None


@dataclass(frozen=True, slots=True)
class Sokning:
    """The figures found, best first; `tips` tells what to try instead when there are none."""

    traffar: tuple[Traff, ...]
    tips: str
    varningar: tuple[str, ...]


def search_katalog(
    words: Sequence[str],
    nu: datetime,
    *,
    hamta_om: bool = False,
    visa: Callable[[str], None] = lambda _: None,
) -> Sokning:
    """Find the figures whose titles contain all the words.

    Upper and lower case and the marks over letters don't matter: 'forskola' finds 'förskola'.
    Raises AnvandarFel without words, and KoladaFel when there is no catalogue to search in.
    """
    wanted = {_fold(word): word for text in words for word in text.split() if _fold(word)}
    if not wanted:
        raise AnvandarFel(ANGE_ORD)
    with Lager.open() as lager:
        hamtning = Hamtning(lager, Kolada(), nu, hamta_om=hamta_om, visa=visa)
        katalog = hamtning.read_katalog()
        varningar = tuple(hamtning.varningar)
    found = rank(list(wanted), katalog)
    tips = "" if found else _suggest(wanted, katalog)
    return Sokning(tuple(Traff(n, parse_enhet(n.titel)) for n in found), tips, varningar)


def to_json_sok(sokning: Sokning) -> list[dict[str, Any]]:
    """Return the answer of `sok` for other programs: all figures, best first."""
    return [
        {
            "id": t.nyckeltal.id,
            "titel": t.nyckeltal.titel,
            "enhet": t.enhet,
            "period": t.nyckeltal.publ_period,
        }
        for t in sokning.traffar
    ]


def rank(wanted: Sequence[str], katalog: Sequence[Nyckeltal]) -> list[Nyckeltal]:
    """Return the figures that match all the folded words, best first.

    First an id that was written out, then titles that begin with the words, then the rest;
    within each those for municipalities before those for regions only, then by title and id.
    """
    phrase = " ".join(wanted)
    hits = []
    for n in katalog:
        title = _fold(n.titel)
        if all(w in title or _is_id(w, n) for w in wanted):
            key = (n.id.lower() not in wanted, not title.startswith(phrase), n.kommuntyp == "L")
            hits.append((key, title, n.id, n))
    return [hit[3] for hit in sorted(hits, key=lambda hit: hit[:3])]


def _is_id(word: str, n: Nyckeltal) -> bool:
    return _ID.fullmatch(word) is not None and n.id.lower().startswith(word)


def _fold(text: str) -> str:
    """Return text in lower case, without marks over letters and with single blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _suggest(wanted: Mapping[str, str], katalog: Sequence[Nyckeltal]) -> str:
    """Say which word is not found anywhere, with near ones, or that they are not found together.

    `wanted` are the folded words with how they were written.
    """
    counts = {w: len(rank([w], katalog)) for w in wanted}
    missing = [w for w, count in counts.items() if not count]
    if not missing:
        antal = ", ".join(f"{wanted[w]}: {count}" for w, count in counts.items())
        return INGEN_TRAFF_TILLSAMMANS.format(antal=antal)
    known = {
        _fold(word): word
        for n in katalog
        for word in re.findall(r"[^\W\d_][\w-]{2,}", unicodedata.normalize("NFC", n.titel.lower()))
    }
    lines = []
    for word in missing:
        near = [known[w] for w in difflib.get_close_matches(word[:60], known, n=3, cutoff=0.7)]
        forslag = f"Menade du {' eller '.join(near)}?" if near else "Prova ett kortare ord."
        lines.append(INGEN_TRAFF_ORD.format(ord=wanted[word], forslag=forslag))
    return "\n".join(lines)
