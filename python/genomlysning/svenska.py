"""Swedish ways of writing numbers, dates and lists in running text."""

from collections.abc import Sequence

from genomlysning.regler.avrundning import round_half_away

_NBSP = "\u00a0"
#: The real minus sign, in texts as in cells.
MINUS = "\u2212"


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


def uppraknat(antal: int, ental: str, flertal: str) -> str:
    """Write a count with its noun: '1 nyckeltal', '3 värden'."""
    return f"{antal} {ental if antal == 1 else flertal}"


def lower_first(text: str) -> str:
    """Write a name inside a sentence; abbreviations such as LSS keep their capitals."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def join_nagra(words: Sequence[str], most: int) -> str:
    """Join words as `join_och`, but name `most` of them at most and count the rest."""
    if len(words) <= most:
        return join_och(words)
    return f"{', '.join(words[:most])} och {len(words) - most} till"
