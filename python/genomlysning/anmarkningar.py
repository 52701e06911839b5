"""The remarks on values (the column Anmärkning): how they read, and how they are known again.

They are composed when values are fetched, and read later, when the sheets are all there is: to
count the preliminary values, and to choose what the report says under a table.
"""

import re
from collections.abc import Sequence
from datetime import date

from genomlysning.ord import KALLA_EGEN
from genomlysning.regler.referenskostnad import RIMLIG_PROCENT
from genomlysning.svenska import join_och, split_meningar

# ---- on a figure's value, or on its comparison -----------------------------------------------

OKANT_NYCKELTAL = "Nyckeltalet {id} finns inte i Kolada."
EFTERFOLJARE = "Det har troligen ersatts av {id}."
SAKNAS_ALLTID = "Värde saknas för {year}, liksom för {forsta}–{sista}."
SAKNAS_NU = "Värde saknas för {year}; senaste år med värde är {senaste}."
UTAN_GRUPP = "Kolada har ingen grupp av liknande kommuner för kommunen."
RESERVGRUPP = "Gruppen för {omrade} saknas; jämförs med liknande kommuner, {reserv}."
INGEN_LIKNANDE = "Ingen av de liknande kommunerna har värde."
FA_LIKNANDE = "{antal} av de {alla} liknande kommunerna har värde."
EGET_MEDEL = f"Medelvärdet för liknande kommuner är vårt eget ({KALLA_EGEN})."
FA_KOMMUNER = (
    "Bara {antal} kommuner har värde; kommungenomsnittet och placeringen säger därför lite."
)
OMGJORD_GRUPP = "{vad} var ”{fore}” innan Kolada gjorde om gruppen liknande kommuner."
_PRELIMINART = "Preliminärt värde"

_OM_VARDET = (
    *(OKANT_NYCKELTAL, EFTERFOLJARE, SAKNAS_ALLTID, SAKNAS_NU, _PRELIMINART),
    *(UTAN_GRUPP, RESERVGRUPP, INGEN_LIKNANDE, FA_LIKNANDE, EGET_MEDEL),
    *(FA_KOMMUNER, OMGJORD_GRUPP),
)

# ---- on a verksamhet's row --------------------------------------------------------------------

SAKNAS_I_RADEN = "Saknas i Kolada för året: {delar}."
INGEN_PUBLICERAD = (
    "Kolada publicerar ingen nettokostnadsavvikelse; procenttalet är vår egen beräkning."
)
SKILJER_SIG = (
    "Egen beräkning ({egen}) skiljer sig från den publicerade avvikelsen ({publicerad}). Den "
    "publicerade gäller. Det kan bero på att en slutlig nettokostnad möter en preliminär "
    "referenskostnad eller på att kostnaderna är avgränsade olika."
)
EGET_BELOPP = "Beloppet i Mkr är vår egen beräkning av kr/inv gånger antalet invånare."
PER_BRUKARE = (
    "Per brukare: {nettokostnad} mot referenskostnaden {referenskostnad} "
    "({procent}, egen beräkning)."
)
INDEX_AVSER = "Kvalitetsindex avser {avser}."
FA_INDEX = "Bara {antal} av de liknande kommunerna har kvalitetsindex."
EFTER_FLERTALET = "Resultatet bedöms efter flertalet kvalitetsnyckeltal."
UTAN_RESULTAT = (
    "Resultatet kan inte bedömas: kvalitetsindex eller tillräckligt många bedömda "
    "kvalitetsnyckeltal saknas."
)
ORIMLIG = (
    f"VARNING: vår egen beräkning ger en avvikelse på mer än {RIMLIG_PROCENT:.0f} procent. Så stor "
    "är ingen verklig avvikelse; nettokostnad och referenskostnad gäller troligen inte samma sak. "
    "Den räknas inte i summan."
)
_EGET_MEDEL_I_RADEN = "Medelvärde för liknande kommuner som Kolada saknar"
_PRELIMINARA_DELAR = "Preliminärt för"

# ---- whose numbers they are --------------------------------------------------------------------

#: The numbers of a verksamhet's row that may be our own, by the keys of their columns, as the
#: remark on our own means names them.
_EGNA_MEDEL = {"liknande": "nettokostnadsavvikelse", "index_liknande": "kvalitetsindex"}


def tell_egna_medel(nycklar: Sequence[str]) -> str:
    """Return the remark on those means of similar municipalities (column keys) that are ours."""
    if not nycklar:
        return ""
    parts = join_och([_EGNA_MEDEL[k] for k in nycklar])
    return f"{_EGET_MEDEL_I_RADEN} ({parts}): {KALLA_EGEN}."


def find_egna_tal(anmarkning: str) -> frozenset[str]:
    """Return the columns of a verksamhet's row whose numbers its remarks say are our own."""
    found = {key for key, remark in _EGNA_TAL.items() if remark in anmarkning}
    for sentence in split_meningar(anmarkning):
        if sentence.startswith(_EGET_MEDEL_I_RADEN):
            named = {key for key, part in _EGNA_MEDEL.items() if part in sentence}
            # Workbooks of earlier versions don't say which of them it is.
            found |= named or set(_EGNA_MEDEL)
    return frozenset(found)


#: What says that a number is our own, by column.
_EGNA_TAL = {"procent": INGEN_PUBLICERAD, "mkr": EGET_BELOPP}


# ---- preliminary values -----------------------------------------------------------------------

#: The remark as it may stand in a sentence, since COUNTIF does not tell capitals from others.
_PRELIMINART_SOKT = _PRELIMINART[1:]
#: What finds the cells with that remark in a formula's COUNTIF.
PRELIMINART_MONSTER = f"*{_PRELIMINART_SOKT}*"


def tell_preliminart(year: int | None, slut: date | None) -> str:
    """Return the remark on a value that may change; `year` where several are shown."""
    which = _PRELIMINART if year is None else f"{_PRELIMINART} för {year}"
    if slut is None:
        return f"{which}; Kolada anger inget slutdatum."
    return f"{which}, slutligt {slut.isoformat()}."


def tell_preliminara_delar(delar: Sequence[str], slut: date | None) -> str:
    """Return the remark on a verksamhet whose cost, index or the like may change."""
    when = f", slutligt {slut.isoformat()}" if slut else ""
    return f"{_PRELIMINARA_DELAR} {join_och(delar)}{when}."


def is_preliminart(anmarkning: str) -> bool:
    """Tell whether a figure's remarks say that its value may change."""
    return _PRELIMINART_SOKT in anmarkning


def has_preliminara_delar(anmarkning: str) -> bool:
    """Tell whether a verksamhet's remarks say that some of its values may change."""
    return _PRELIMINARA_DELAR in anmarkning


def is_om_vardet(mening: str) -> bool:
    """Tell whether a sentence is a remark of ours on a value, not on what a figure covers."""
    return _FORSTA_LEDET.match(mening) is not None


def _compile_forsta_led(remarks: Sequence[str]) -> re.Pattern[str]:
    """Return what matches the first clause of each remark, whatever its fields hold."""
    clauses = (re.split(r"[,;(.]", remark)[0] for remark in remarks)
    fixed = (map(re.escape, re.split(r"\{\w+\}", clause)) for clause in clauses)
    return re.compile("|".join(".+".join(parts) for parts in fixed))


_FORSTA_LEDET = _compile_forsta_led(_OM_VARDET)
