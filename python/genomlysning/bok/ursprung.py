"""What stands in Ursprung of a measure that was a move last year: written here, and read here.

The first line says which genomlysning the move stood in. Then follows a line for each of the
move's other cells, as version 0.2.0 wrote them too: 'Berör även: Barn- och ungdomsnämnden'.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD, LISTOR
from genomlysning.regler.pengar import parse_belopp

ARLIG, ENGANG = LISTOR["effekt"]
#: What sets a line apart that goes on with the one before it.
_INDRAG = "  "
#: A line that begins with a header: a letter first, so that '2026-03-01: klart' is none.
_RUBRIKRAD = re.compile(r"([^\W\d_][^:\n]{0,59}):(?: +|$)(.*)")


class Ursprung(NamedTuple):
    """Where a measure comes from, and what its move said ('' where it said nothing).

    `fran` is which genomlysning and chapter, or what a person has written instead. `ovrigt` are
    (header, text) of lines that are none of the others, such as people's own columns.
    """

    fran: str = ""
    effekt: str = ""
    beror: str = ""
    avstamt: str = ""
    hanteras: str = ""
    bokslut: str = ""
    ovrigt: tuple[tuple[str, str], ...] = ()


#: The headers of the parts, which are those of the moves' columns.
_RUBRIKER: Mapping[str, str] = {
    k.nyckel: k.rubrik
    for k in FORFLYTTNINGSBLAD[0].tabeller[0].kolumner
    if k.nyckel in Ursprung._fields
}
#: The columns of a move that have a part of their own.
DELAR = tuple(_RUBRIKER)
_NYCKLAR = {rubrik.casefold(): nyckel for nyckel, rubrik in _RUBRIKER.items()}


def compose_ursprung(ursprung: Ursprung) -> str:
    """Return the text for the cell; `read_ursprung` makes the same parts of it again."""
    lines = [f"{rubrik}: {_join_rader(text)}" for rubrik, text in list_delar(ursprung)]
    return "\n".join([ursprung.fran, *lines]) if ursprung.fran else "\n".join(lines)


def list_delar(ursprung: Ursprung) -> list[tuple[str, str]]:
    """Return what stands after where a measure comes from, as (header, text)."""
    parts = ((rubrik, getattr(ursprung, nyckel)) for nyckel, rubrik in _RUBRIKER.items())
    return [(rubrik, text) for rubrik, text in (*parts, *ursprung.ovrigt) if text]


def read_ursprung(text: str | None) -> Ursprung:
    """Return the parts of a cell's text, also of one that a person has written or changed.

    A line that begins with no header goes on with the part before it.
    """
    parts: dict[str, list[str]] = {"fran": []}
    other: list[tuple[str, list[str]]] = []
    at = parts["fran"]
    for line in (text or "").strip().splitlines():
        match = None if line.startswith(_INDRAG) else _RUBRIKRAD.fullmatch(line.strip())
        key = _NYCKLAR.get(match[1].strip().casefold()) if match else None
        if match is None or (key is None and at is parts["fran"] and not at):
            at.append(line.strip())
        elif key is not None:
            at = parts.setdefault(key, [])
            at.append(match[2])
        else:
            at = [match[2]]
            other.append((match[1].strip(), at))
    return Ursprung(
        **{key: "\n".join(lines).strip() for key, lines in parts.items()},
        ovrigt=tuple((header, "\n".join(lines).strip()) for header, lines in other),
    )


def find_effekt(belopp: str | None, effekt: str | None, ursprung: str | None) -> str | None:
    """Return whether an amount is yearly or one-off: Effekt, else what Ursprung says of it.

    An amount that says so itself is not contradicted by Ursprung: it has been written since.
    """
    if effekt:
        return effekt
    known = parse_belopp(belopp)
    if known is not None and known.engang is not None:
        return None
    return read_ursprung(ursprung).effekt or None


def find_realiserad_effekt(
    realiserad: str | None, belopp: str | None, ursprung: str | None
) -> str | None:
    """Return what makes a realised amount yearly or one-off, as words of Effekt; else None.

    One that says so itself needs nothing more. Else it is of the kind that the measure was said
    to be: in its own amount, or when it was a move.
    """
    own, possible = parse_belopp(realiserad), parse_belopp(belopp)
    if own is None or own.engang is not None:
        return None
    if possible is not None and possible.engang is not None:
        return ENGANG if possible.engang else ARLIG
    return read_ursprung(ursprung).effekt or None


def _join_rader(text: str) -> str:
    first, *rest = text.strip().splitlines()
    return "\n".join([first.strip(), *(_INDRAG + line.strip() for line in rest if line.strip())])
