"""Reads a key figure's unit from its title, which is the only place where Kolada states it.

The patterns and their order are those found over the whole catalogue of spring 2026 (3,649
figures of municipalities, where they leave 12 without a unit). A wrong unit is worse than none:
a title that states none, or contradicts itself, gives None.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

#: The units that are words and not quotas.
PROCENT = "%"
PROCENTENHETER = "procentenheter"
KOD = "kod"
INDEX = "index"
ANTAL = "antal"
POANG = "poäng"


class Monster(Enum):
    """The pattern that gave the unit, in order of priority; the value tells what it looks for."""

    MANUELL = "a unit known from the description, not from the title"
    MOTSAGELSE = "a title that names two units which exclude each other"
    KOD = "a last parenthesis that explains codes, (Ja=1, Nej=0)"
    PROCENTENHETER = "procentenheter last"
    PROMILLE = "promille"
    KR_PER = "kr/inv, kr/elev and other quotas of kronor"
    KRONOR = "kr, tkr, mkr or miljoner kronor last"
    ANDEL = "andel (%) last"
    PROCENT = "(%) last"
    ANDEL_AV = "andel (%) av something"
    NAKEN_PROCENT = "% without parentheses, or the word procent"
    ANTAL_PER = "antal/inv and other quotas of counts"
    FYSISK_PER = "meter/inv, timmar/vecka and other physical quotas"
    TID = "days, hours, minutes, months or years"
    ANTAL = "antal last"
    INDEX = "index or balanstal"
    ANTAL_MEDEL = "antal …, medelvärde"
    POANG = "poäng, meritvärde, or a mean that does not say of what"
    FYSISK = "meter, kbm and other physical amounts last"
    ANTAL_INNE = "antal inside the title"
    OKAND = "none of these"


@dataclass(frozen=True, slots=True)
class Enhetstolkning:
    """The unit (None: not known) and the pattern that it was read by."""

    monster: Monster
    enhet: str | None


#: Titles without a unit where Kolada's description gives one.
_MANUELLA = {
    "strukturjusterad kostnad per elev i kommunal grundskola f-9": "kr/elev",  # U15049
}

_SLUTMARKE = re.compile(r"\(\s*-\s*(\d{4})\s*\)")
_PUBLICERAS = re.compile(r"\(publiceras när [^()]*\)", re.IGNORECASE)
_KALLA = re.compile(r"\.?\s*Källa:.*$", re.IGNORECASE)
_SLUTPARENTES = re.compile(r"\(([^()]*)\)$")

_FYSISKA = (
    r"meter|liter|gram|kg|ton(?: [\w-]+)*|timmar|minuter|dagar|kwh|mwh|gwh|kbm|kvm|km|ha|hektar"
    r"|mil|mbit|mw|recept"
)
#: Written otherwise than Kolada's title has it, or than its lower case.
_SKRIVS = {
    "kbm": "m³",
    "kvm": "m²",
    "kwh": "kWh",
    "mwh": "MWh",
    "gwh": "GWh",
    "mw": "MW",
    "mbit": "Mbit",
    "ton nmvoc": "ton NMVOC",
    "ton co2e": "ton CO2e",
    "ton co2-ekv": "ton CO2-ekv",
    "kronor": "kr",
    "1000 kr": "tkr",
    "mkr": "Mkr",
    "mnkr": "Mkr",
    "miljoner kronor": "Mkr",
}


def parse_enhet(titel: str) -> str | None:
    """Return the unit that a title states, such as 'kr/inv', '%' or 'index'; None if unknown."""
    return tolka_titel(titel).enhet


def find_nedlagd(titel: str) -> int | None:
    """Return the last year of a discontinued figure, which its title ends with: '(-2024)'."""
    marks = _SLUTMARKE.findall(titel)
    return int(marks[-1]) if marks else None


def shorten_titel(titel: str) -> str:
    """Return a title without its unit, which has a column of its own."""
    text, enhet = " ".join(titel.split()).rstrip("."), parse_enhet(titel)
    for ending in (f", {enhet}", f" {enhet}", f", andel ({enhet})", f" ({enhet})"):
        if enhet and text.lower().endswith(ending.lower()):
            return text[: -len(ending)].rstrip(" ,")
    return text


def tolka_titel(titel: str) -> Enhetstolkning:
    """Return the unit of a title with the pattern that gave it."""
    text = _clean(titel)
    low = text.casefold()
    if low in _MANUELLA:
        return Enhetstolkning(Monster.MANUELL, _MANUELLA[low])
    return _read_code(low) or _read_end(low) or _read_inside(low) or _unknown()


def _clean(titel: str) -> str:
    """Return the title without what stands after its unit: end marks, source, full stop."""
    text = unicodedata.normalize("NFC", titel)
    text = _SLUTMARKE.sub(" ", _PUBLICERAS.sub(" ", text))
    text = _KALLA.sub("", text)
    return " ".join(text.split()).rstrip(" .,")


def _unknown() -> Enhetstolkning:
    return Enhetstolkning(Monster.OKAND, None)


def _read_code(low: str) -> Enhetstolkning | None:
    last = _SLUTPARENTES.search(low)
    if last and ("=" in last[1] or "kodade svar" in last[1]):
        return Enhetstolkning(Monster.KOD, KOD)
    return None


def _read_end(low: str) -> Enhetstolkning | None:
    """Read the patterns that stand last in the title, but for the counts."""
    if low.endswith("procentenheter"):
        return Enhetstolkning(Monster.PROCENTENHETER, PROCENTENHETER)
    if re.search(r"\bpromille\b", low):
        return Enhetstolkning(Monster.PROMILLE, "‰")
    if found := re.search(r"(?:^|[\s,])((?:1000 |t)?kr)/(.+)$", low):
        return Enhetstolkning(Monster.KR_PER, f"{_write(found[1])}/{_short_namnare(found[2])}")
    if found := re.search(r"(?:^|[\s,])(miljoner kronor|kronor|mn?kr|tkr|kr)$", low):
        return Enhetstolkning(Monster.KRONOR, _write(found[1]))
    # Kolada writes deviations from a modelled value as (%), but they are differences of two.
    unit = PROCENTENHETER if "avvikelse från modellberäknat värde" in low else PROCENT
    if low.endswith("(%)"):
        if re.search(r"\bandel ?\(%\)$", low):
            if re.search(r"- antal .* andel ?\(%\)$", low):
                return Enhetstolkning(Monster.MOTSAGELSE, None)
            return Enhetstolkning(Monster.ANDEL, unit)
        return Enhetstolkning(Monster.PROCENT, unit)
    if re.search(r"\bandel ?\(%\)", low):
        return Enhetstolkning(Monster.ANDEL_AV, unit)
    if re.search(r"%$|\bprocent$", low):
        return Enhetstolkning(Monster.NAKEN_PROCENT, PROCENT)
    return None


def _read_inside(low: str) -> Enhetstolkning | None:
    """Read quotas, times, counts and what else only the last part of the title tells."""
    if found := re.search(r"\bantal(?: \w+)?(?:/| per (?=10+ ?0)) ?([^,]+)(?:,[^,]*)?$", low):
        return Enhetstolkning(Monster.ANTAL_PER, f"antal/{_short_namnare(found[1])}")
    if found := re.search(rf"(?:^|[\s,])({_FYSISKA})/([^,]+)$", low):
        return Enhetstolkning(Monster.FYSISK_PER, f"{_write(found[1])}/{_short_namnare(found[2])}")
    if unit := _find_tid(low):
        return Enhetstolkning(Monster.TID, unit)
    if re.search(r"\bantal(?: svar\b.*| i (?:abo|ebo|övrigt boende|kommunens boende))?$", low):
        return Enhetstolkning(Monster.ANTAL, ANTAL)
    if re.search(r"index\b|\bbalanstal\b", low):
        return Enhetstolkning(Monster.INDEX, INDEX)
    mean = re.search(r"(medelvärde|median|genomsnitt)$", low)
    if (mean and re.search(r"\bantal\b", low)) or low.startswith("genomsnittligt antal "):
        return Enhetstolkning(Monster.ANTAL_MEDEL, ANTAL)
    if re.search(r"poäng|meritvärde", low):
        return Enhetstolkning(Monster.POANG, POANG)
    if mean:
        # It says how the figure was made and not what it counts.
        return Enhetstolkning(Monster.POANG, None)
    if found := re.search(rf"(?:^|[\s,])({_FYSISKA})$", low):
        return Enhetstolkning(Monster.FYSISK, _write(found[1]))
    if re.search(r"\bantal\b", low):
        return Enhetstolkning(Monster.ANTAL_INNE, ANTAL)
    return None


def _find_tid(low: str) -> str | None:
    """Return the unit of a time, which stands after 'antal', 'i' or a comma."""
    if found := re.search(
        r"(?:antal|mediantid i|tid i) (dagar|timmar|minuter|månader|veckor)$", low
    ):
        return found[1]
    if found := re.search(r"tid(?:er)? i antal (dagar|timmar|minuter|månader|veckor)\b", low):
        return found[1]
    return "år" if low.endswith(", år") else None


def _write(unit: str) -> str:
    return _SKRIVS.get(unit, unit)


def _short_namnare(text: str) -> str:
    """Return the denominator in one way of writing: 'inv' for 'invånare', '1000 inv', no comma."""
    text = re.sub(r"\binvånare\b", "inv", text.strip())
    return re.sub(r"(?<=\d)(?=inv)", " ", text).replace(",", "")
