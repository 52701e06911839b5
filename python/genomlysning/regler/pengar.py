"""Money written by people: `1,5 mkr`, `500–700 tkr per år`, `går inte att beräkna`.

Design §2, 'Money in free text': sum what can be read, as a range, yearly and one-off apart;
count what cannot; never guess. So the whole text must be understood. One unknown word, a
missing unit or a number that can be read in two ways makes it unreadable. All amounts are
exact, in kronor.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

#: What a cell may hold.
Cell = str | float | int | None

#: Unit as a pattern, and its power of ten in kronor.
_ENHETER = (
    (r"kr\.?|kronor|:-|sek", 0),
    (r"tkr\.?|kkr\.?|t\.?\s?kr\.?|[tk]sek|tusen\s+(?:kronor|kr\.?)", 3),
    (
        r"mkr\.?|mnkr\.?|mn\.?\s?kr\.?|msek|milj\.?(?:\s?kr\.?)?"
        r"|miljon(?:er)?(?:\s+(?:kronor|kr\.?))?",
        6,
    ),
    (r"md\.?\s?kr\.?|mdr\.?\s?kr\.?|miljard(?:er)?(?:\s+(?:kronor|kr\.?))?", 9),
)
_ENHET = "(?:" + "|".join(monster for monster, _ in _ENHETER) + r")(?!\w)"

# Three digits after a single comma or point may be decimals or thousands ('1.500 kr'), so
# they are read only after '0'. Two points or more ('1.500.000') can only be thousands.
_DECIMALER = r"(?:[.,](?:[0-9]{1,2}|[0-9]{4,8}))?"
_TAL = (
    r"(?:0(?:[.,][0-9]{1,8})?"
    r"|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,3}(?:,[0-9]{1,2})?"
    rf"|[1-9][0-9]{{0,2}}(?: [0-9]{{3}}){{1,3}}{_DECIMALER}"
    rf"|[1-9][0-9]{{0,11}}{_DECIMALER})"
)

_CA = r"(?:(?:ca\.?|c:a|cirka|ungefär|omkring|runt|uppskattningsvis|~|≈)\s*){0,2}"
_HOGST = r"(?:upp\s+till|högst|maximalt|max\.?|som\s+mest)"

# No line break around the dash, and no space before it only: '- 700 tkr' on a line of its own
# is a list, and '500 tkr -700 tkr' may be a saving and a cost.
_STRECK = r"(?: +[-‐‑‒–—] +|[-‐‑‒–—] *)"

_FORSTA = rf"{_CA}(?P<tal1>{_TAL})(?:\s*(?P<enhet1>{_ENHET}))?"
_SISTA = rf"{_CA}(?P<tal2>{_TAL})\s*(?P<enhet2>{_ENHET})"
# Compiled at the first use, which takes 20 ms: a button that reads no money must not wait for it.
_ETT = _SISTA
_TAK = rf"{_HOGST}\s+{_SISTA}"
_SPANN = (
    rf"{_FORSTA}(?:{_STRECK}|\s+till\s+){_SISTA}",
    rf"mellan\s+{_FORSTA}(?:{_STRECK}|\s+till\s+|\s+och\s+){_SISTA}",
    rf"från\s+{_FORSTA}\s+till\s+{_SISTA}",
)

# A 'kostnad' is not a saving, so it is not among the nouns.
_TID = (
    r"(?:(?:som|i)\s+)?(?:"
    r"per\s+år|om\s+året|varje\s+år|årligen|p\.\s?a\.?"
    r"|årlig(?:\s+(?:effekt|besparing|effektivisering))?"
    r"|en\s+gång|engång|engångsvis|engångs(?:effekt|besparing|effektivisering))"
)
_HELA = (
    rf"(?:(?P<fore>{_TID})(?::\s*|\s+))?"
    r"(?P<belopp>.+?)"
    rf"(?P<efter>\s*/\s*år|(?:\s+|\s*,\s*){_TID}|\s*\({_TID}\))?"
    r"\.?"
)

#: The spaces that people and programs put between thousands.
_MELLANSLAG = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007", " "))

#: Longer texts are never an amount alone; the limit keeps the matching quick.
_LANGST_TEXT = 200

#: Where the last number is this many times the first, one unit for both can be read in two
#: ways: '2–300 tkr' is often meant as 200–300, '5–10 000 kr' as 5 000–10 000.
_TVETYDIGT = 100

_NBSP = "\u00a0"
_MKR = Decimal(1_000_000)


class Belopp(NamedTuple):
    """An amount in kronor, 0 ≤ `lagst` ≤ `hogst`; equal when the text gives one number.

    `engang` is True for one-off, False for yearly, None where the text does not say.
    """

    lagst: Decimal
    hogst: Decimal
    engang: bool | None


class Beloppssumma(NamedTuple):
    """Sums in kronor and how many of the texts they rest on.

    `ej_angivet_*` are amounts that neither the text nor `Effekt` says are yearly or one-off,
    and those where the two contradict each other.
    """

    arlig_lagst: Decimal
    arlig_hogst: Decimal
    engang_lagst: Decimal
    engang_hogst: Decimal
    ej_angivet_lagst: Decimal
    ej_angivet_hogst: Decimal
    antal_lasta: int
    antal_ej_lasta: int
    antal_tomma: int


def parse_belopp(text: Cell) -> Belopp | None:
    """Return the amount that the text states, or None when it cannot be read for sure.

    Never raises. A number cell has no unit and is None, and so are negative amounts, open
    ends upwards ('minst 1 mkr'), reversed ranges and several amounts in one text. 'Upp till X'
    is 0–X, since a possible saving is not negative. 'Ca X' is X.
    """
    if not isinstance(text, str):
        return None
    text = _normalize(text)
    hela = re.fullmatch(_HELA, text, re.DOTALL) if len(text) <= _LANGST_TEXT else None
    if hela is None or (hela["fore"] and hela["efter"]):
        return None
    spann = _parse_spann(hela["belopp"])
    if spann is None:
        return None
    tid = hela["fore"] or hela["efter"]
    # Every one-off word holds 'gång' and no yearly one does.
    return Belopp(*spann, engang="gång" in tid if tid else None)


#: What the handbook says to write instead of an amount, as people write it.
_OBERAKNELIGT = re.compile(
    r"(?:det )?"
    r"(?:(?:går (?:inte|ej)|(?:är )?(?:inte|ej) möjligt) att (?:beräkna|räkna (?:ut|på)|uppskatta)"
    r"|kan (?:inte|ej) (?:beräknas|räknas ut|uppskattas)|(?:inte|ej) beräkningsbart?)"
    r"(?: (?:än|ännu|nu|i ?dag|i (?:nuläget|dagsläget)|för närvarande))?\.?"
)


def is_oberakneligt(text: Cell) -> bool:
    """Tell whether a text says, and says only, that the amount can't be reckoned."""
    return isinstance(text, str) and bool(
        _OBERAKNELIGT.fullmatch(" ".join(_normalize(text[:_LANGST_TEXT]).split()))
    )


#: What a row is called that a person has added the others up in: 'Summa förslag', 'Totalt'.
_SUMMA = re.compile(
    r"(?:del|slut|total)?summa\b.{0,40}|totalt?(?: (?:per år|belopp|sparat))?|sammanlagt"
    r"|tillsammans|s:a",
    re.IGNORECASE,
)


def is_summarad(namn: Cell, beskrivning: Cell) -> bool:
    """Tell whether a row of a table of measures looks like a sum of the others.

    `namn` is Område or Åtgärd. A sum has no words but its name, in either of the two.
    """
    words = [
        " ".join(str(w).strip(" :.=").split()) for w in (namn, beskrivning) if w not in (None, "")
    ]
    return len(words) == 1 and bool(_SUMMA.fullmatch(words[0]))


def sum_belopp(rows: Iterable[tuple[Cell, Cell]]) -> Beloppssumma:
    """Return the sums over pairs of amount text and `Effekt` ('Årlig', 'Engång' or else).

    The text decides whether an amount is yearly; `Effekt` does where the text does not say.
    Every row is counted once: as read, as not read, or as empty.
    """
    lagst: dict[bool | None, Decimal] = dict.fromkeys((False, True, None), Decimal(0))
    hogst = dict(lagst)
    lasta = ej_lasta = tomma = 0
    for text, effekt in rows:
        belopp = parse_belopp(text)
        if belopp is not None:
            lasta += 1
            engang = combine_engang(belopp.engang, effekt)
            lagst[engang] += belopp.lagst
            hogst[engang] += belopp.hogst
        elif text is None or (isinstance(text, str) and not text.strip()):
            tomma += 1
        else:
            ej_lasta += 1
    return Beloppssumma(
        arlig_lagst=lagst[False],
        arlig_hogst=hogst[False],
        engang_lagst=lagst[True],
        engang_hogst=hogst[True],
        ej_angivet_lagst=lagst[None],
        ej_angivet_hogst=hogst[None],
        antal_lasta=lasta,
        antal_ej_lasta=ej_lasta,
        antal_tomma=tomma,
    )


def describe_belopp(summa: Beloppssumma) -> list[str]:
    """Return the sums in words, yearly and one-off apart: ['1,5 mkr per år', '500 tkr en gång'].

    Sums of nothing are left out, unless all that can be read is nothing.
    """
    parts = [
        f"{format_belopp(low, high)} {how}"
        for low, high, how in (
            (summa.arlig_lagst, summa.arlig_hogst, "per år"),
            (summa.engang_lagst, summa.engang_hogst, "en gång"),
            (summa.ej_angivet_lagst, summa.ej_angivet_hogst, "utan uppgift om årligt eller engång"),
        )
        if high
    ]
    return parts or ([format_belopp(Decimal(0), Decimal(0))] if summa.antal_lasta else [])


def format_belopp(lagst: Decimal, hogst: Decimal) -> str:
    """Return an amount in kronor (whole öre) for showing: '1,5–2,0 mkr', '500 tkr', '0 kr'.

    Exact in the largest unit that can show it: mkr with at most two decimals, whole tkr, kr
    with öre where there are any. From 1 mkr what would need single kronor is rounded to
    0,1 mkr, half away from zero, and marked 'ca'. Raises ValueError unless 0 ≤ lagst ≤ hogst.
    """
    if not 0 <= lagst <= hogst:
        raise ValueError(f"not an amount: {lagst}–{hogst}")
    for potens, enhet, decimaler in ((6, "mkr", (0, 1, 2)), (3, "tkr", (0,)), (0, "kr", (0, 2))):
        # From 1 mkr single kronor say too much: those amounts are rounded below instead.
        if (potens and hogst < 10**potens) or (not potens and hogst >= _MKR):
            continue
        par = (lagst.scaleb(-potens), hogst.scaleb(-potens))
        for antal in decimaler:
            if all(round(tal, antal) == tal for tal in par):
                return _format_spann(*par, antal, enhet)
    tiondel = Decimal("0.1")
    lagst, hogst = (
        (tal / _MKR).quantize(tiondel, rounding=ROUND_HALF_UP) for tal in (lagst, hogst)
    )
    return f"ca{_NBSP}{_format_spann(lagst, hogst, 1, 'mkr')}"


def _normalize(text: str) -> str:
    """Return the text composed, in lower case, with one kind of space, without margins."""
    return unicodedata.normalize("NFC", text).lower().translate(_MELLANSLAG).strip()


def _parse_spann(text: str) -> tuple[Decimal, Decimal] | None:
    """Return lowest and highest in kronor from an amount or a range, or None."""
    if match := re.fullmatch(_ETT, text):
        ett = _parse_kronor(match["tal2"], match["enhet2"])
        return None if ett is None else (ett, ett)
    if match := re.fullmatch(_TAK, text):
        tak = _parse_kronor(match["tal2"], match["enhet2"])
        return None if tak is None else (Decimal(0), tak)
    match = next((found for form in _SPANN if (found := re.fullmatch(form, text))), None)
    if match is None:
        return None
    lagst = _parse_kronor(match["tal1"], match["enhet1"] or match["enhet2"])
    hogst = _parse_kronor(match["tal2"], match["enhet2"])
    if lagst is None or hogst is None or lagst > hogst:
        return None
    if match["enhet1"] is None and _is_tvetydigt(lagst, hogst):
        return None
    return lagst, hogst


def _parse_kronor(tal: str, enhet: str) -> Decimal | None:
    """Return the kronor of a matched number and unit; None when finer than an öre."""
    siffror = tal.replace(" ", "")
    if siffror.count(".") > 1:
        siffror = siffror.replace(".", "")
    _, _, decimaler = (siffror := siffror.replace(",", ".")).partition(".")
    potens = next(potens for monster, potens in _ENHETER if re.fullmatch(monster, enhet))
    if len(decimaler) > potens + 2:
        return None
    # Adding zero writes '1.5E+6' out as 1500000.
    return Decimal(siffror).scaleb(potens) + Decimal(0)


def _is_tvetydigt(lagst: Decimal, hogst: Decimal) -> bool:
    """Tell whether a range with one unit for both ends may be meant in two ways."""
    return 0 < lagst * _TVETYDIGT <= hogst


def combine_engang(engang: bool | None, effekt: Cell) -> bool | None:
    """Return what text and `Effekt` say together; None when they contradict or are silent."""
    ord_ = _normalize(effekt) if isinstance(effekt, str) else ""
    enligt_effekt = {"årlig": False, "engång": True}.get(ord_)
    if engang is None or enligt_effekt is None:
        return enligt_effekt if engang is None else engang
    return engang if engang == enligt_effekt else None


def _format_spann(lagst: Decimal, hogst: Decimal, decimaler: int, enhet: str) -> str:
    """Return one or two numbers with their unit, repeated where one would be ambiguous."""
    forsta, sista = (
        f"{tal:,.{decimaler}f}".replace(",", _NBSP).replace(".", ",") for tal in (lagst, hogst)
    )
    sista += _NBSP + enhet
    if lagst == hogst:
        return sista
    if _is_tvetydigt(lagst, hogst):
        return f"{forsta}{_NBSP}{enhet} – {sista}"
    return f"{forsta}–{sista}"
