"""Swedish ways of writing numbers, dates and lists in running text."""

import re
from collections.abc import Sequence
from datetime import date

from genomlysning.regler.avrundning import round_half_away

_NBSP = "\u00a0"
#: The real minus sign, in texts as in cells.
MINUS = "\u2212"
_MENINGSSLUT = re.compile(r"(?<=[.])\s+(?=[A-ZÅÄÖ0-9])")


def format_tal(value: float, decimaler: int = 0, *, tecken: bool = False) -> str:
    """Write a number with decimal comma, hard spaces between thousands and a real minus sign.

    `tecken` puts a plus sign before what is above zero.
    """
    rounded = round_half_away(value, decimaler)
    text = f"{abs(rounded):,.{decimaler}f}".replace(",", _NBSP).replace(".", ",")
    if rounded < 0:
        return MINUS + text
    return "+" + text if tecken and rounded > 0 else text


def format_procent(value: float, decimaler: int = 1, *, tecken: bool = False) -> str:
    """Write a per cent value, with a hard space before the sign."""
    return f"{format_tal(value, decimaler, tecken=tecken)}{_NBSP}%"


def format_med_enhet(value: float, decimaler: int, enhet: str) -> str:
    """Write a number with its unit where a reader expects one (not for an index)."""
    text = format_tal(value, decimaler)
    return text if enhet in ("index", "antal", "") else f"{text}{_NBSP}{enhet}"


def join_och(words: Sequence[str]) -> str:
    """Join words as 'a, b och c'."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} och {words[-1]}"


def join_meningar(sentences: Sequence[str]) -> str:
    """Join sentences with a space, leaving out empty ones and repeats."""
    return " ".join(dict.fromkeys(s for s in sentences if s))


def split_meningar(text: str) -> list[str]:
    """Return the sentences that `join_meningar` joined."""
    return [s for s in _MENINGSSLUT.split(text.strip()) if s]


def uppraknat(antal: int, ental: str, flertal: str) -> str:
    """Write a count with its noun: '1 nyckeltal', '3 värden'."""
    return f"{antal} {ental if antal == 1 else flertal}"


def cut_namn(text: str, most: int = 300) -> str:
    """Write a name on one line, and no more of it than a message can hold."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]} …"


def lower_first(text: str) -> str:
    """Write a name inside a sentence; abbreviations such as LSS keep their capitals."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def join_nagra(words: Sequence[str], most: int) -> str:
    """Join words as `join_och`, but name `most` of them and count the rest, unless it is one."""
    if len(words) <= most + 1:
        return join_och(words)
    return f"{', '.join(words[:most])} och {len(words) - most} till"


#: What a committee is called; other names are names of companies, and keep their capitals.
_NAMNDORD = re.compile(r"nämnd|styrelse|utskott|beredning|kommitt|bolaget\b", re.IGNORECASE)
_ORDNINGSTAL = (
    *("första", "andra", "tredje", "fjärde", "femte", "sjätte", "sjunde", "åttonde", "nionde"),
    *("tionde", "elfte", "tolfte", "trettonde", "fjortonde", "femtonde", "sextonde"),
    *("sjuttonde", "artonde", "nittonde", "tjugonde"),
)
_MANADER = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)


def namn_i_text(namn: str) -> str:
    """Write a committee's name inside a sentence; a company's keeps its capital."""
    return lower_first(namn) if _NAMNDORD.search(namn) else namn


def genitiv(namn: str) -> str:
    """Write a name in the genitive."""
    return namn if namn.lower().endswith(("s", "x", "z")) else f"{namn}s"


def format_ordning(tal: int) -> str:
    """Write an ordinal: 'andra', '21:a', '23:e'."""
    if 1 <= tal <= len(_ORDNINGSTAL):
        return _ORDNINGSTAL[tal - 1]
    return f"{tal}:{'a' if tal % 10 in (1, 2) and tal % 100 not in (11, 12) else 'e'}"


def format_datum(dag: date) -> str:
    """Write a day in running text: '24 november 2026'."""
    return f"{dag.day}{_NBSP}{_MANADER[dag.month - 1]} {dag.year}"
