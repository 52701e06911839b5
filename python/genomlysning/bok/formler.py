"""The workbook's native formulas, as templates with `{key}` for the same row's column.

Each is the twin of a pure rule, named beside it; a test recalculates a workbook in LibreOffice
and holds the two to each other. Only functions that Excel 2013 and LibreOffice 7 both have are
used: no LET, XLOOKUP or dynamic arrays.

What a figure's unit cannot tell (decimals, plain cost or result, target) is looked up by its
Kolada-id in the hidden sheet Listor, under the workbook names below. Rows of the controller's
own have no id there: they fall back on the unit, and need not say how many the similar ones are.
"""

from genomlysning.begrepp import ANTAL_AR_OVER_TID
from genomlysning.ord import INDEX
from genomlysning.regler.avrundning import JAMFORDA_DECIMALER
from genomlysning.regler.bedomning import ENHETER_MED_FAST_TOLERANS, MINST_ANTAL_LIKNANDE
from genomlysning.regler.referenskostnad import MINST_ANTAL_KVALITET
from genomlysning.regler.utveckling import PENGAENHETER

#: Workbook names of the look-up on Listor: all columns, the ids, and their verksamhet.
REGLER, REGLER_ID, REGLER_VERKSAMHET = (
    "NyckeltalRegler",
    "NyckeltalId",
    "NyckeltalVerksamhet",
)
#: Workbook name of the verksamheter, on Listor, that are left out of the committee's sums.
SUMMA_UTAN = "SummaUtan"
#: The committee's name in the genitive, as it stands in a heading; `Bokplan.fill_namn` is its twin.
NAMND_GENITIV = (
    'IF(Namnd="","nämndens",'
    "IF(EXACT(LEFT(Namnd,2),UPPER(LEFT(Namnd,2))),LEFT(Namnd),LOWER(LEFT(Namnd)))"
    '&MID(Namnd,2,LEN(Namnd))&IF(ISNUMBER(FIND(LOWER(RIGHT(Namnd)),"sxz")),"","s"))'
)
#: How Listor marks a figure that may not be compared.
EJ_JAMFORBAR = "ej jämförbar"

_OKANT = '"Kan inte bedömas"'
_MAL = f'IFERROR(VLOOKUP({{id}},{REGLER},4,FALSE),"")'
_SLAG = f'IFERROR(VLOOKUP({{id}},{REGLER},2,FALSE),IF(LEFT({{enhet}},2)="kr","kostnad","resultat"))'
#: Whether a high figure means a low cost.
_OMVAND = f'AND({{riktning}}="Högre",{{enhet}}="{INDEX}")'
_FAST = "OR(" + ",".join(f'{{enhet}}="{e}"' for e in ENHETER_MED_FAST_TOLERANS) + ")"
_PENGAR = "OR(" + ",".join(f'LEFT({{enhet}}&"/",{len(e) + 1})="{e}/"' for e in PENGAENHETER) + ")"


def _exceeds(tal: str, grans: str) -> str:
    """regler.avrundning.exceeds"""
    return f"ROUND({tal}-{grans},{JAMFORDA_DECIMALER})>0"


def _is_level(skillnad: str, jamfort_med: str) -> str:
    """regler.bedomning.Toleranser.is_level"""
    tolerance = f"IF({_FAST},ToleransEnheter,ABS({jamfort_med})*Tolerans/100)"
    return f"NOT({_exceeds(f'ABS({skillnad})', tolerance)})"


def _skillnad(a: str, b: str) -> str:
    return f'=IF(AND(ISNUMBER({a}),ISNUMBER({b})),ROUND({a}-{b},{JAMFORDA_DECIMALER}),"")'


#: regler.bedomning.compute_skillnad
SKILLNAD = _skillnad("{varde}", "{liknande}")

#: regler.bedomning.assess
BEDOMNING = (
    '=IF({namn}="","",'
    'IF(OR(NOT(ISNUMBER({varde})),{riktning}="Ingen",{riktning}="",'
    f'{_SLAG}="{EJ_JAMFORBAR}"),{_OKANT},'
    f'IF({{riktning}}="Mål",IF(NOT(ISNUMBER({_MAL})),{_OKANT},'
    f'IF({_exceeds("{varde}", _MAL)},"Över målet","Inom målet")),'
    f'IF(OR({{skillnad}}="",AND({{id}}<>"",N({{antal}})<{MINST_ANTAL_LIKNANDE})),{_OKANT},'
    f'IF({_is_level("{skillnad}", "{liknande}")},"I nivå",'
    f'IF({_SLAG}="kostnad",IF(({{skillnad}}<0)<>{_OMVAND},"Lägre","Högre"),'
    'IF(({skillnad}>0)=({riktning}="Högre"),"Bättre","Sämre")))))))'
)

_FORSTA_AR, _SISTA_AR = "{year_1}", f"{{year_{ANTAL_AR_OVER_TID}}}"

#: regler.bedomning.compute_skillnad, last shown year minus the first
FORANDRING = _skillnad(_SISTA_AR, _FORSTA_AR)

_FORANDRING_MOT_MAL = (
    f'IF({{riktning}}="Mål",ROUND(MAX(0,{_SISTA_AR}-N({_MAL}))'
    f"-MAX(0,{_FORSTA_AR}-N({_MAL})),{JAMFORDA_DECIMALER}),{{forandring}})"
)

#: regler.utveckling.assess_utveckling
UTVECKLING = (
    '=IF({namn}="","",'
    f'IF(OR({{forandring}}="",{{riktning}}="Ingen",{{riktning}}="",{_PENGAR},'
    f'AND({{riktning}}="Mål",NOT(ISNUMBER({_MAL})))),{_OKANT},'
    f'IF({_is_level(_FORANDRING_MOT_MAL, _FORSTA_AR)},"Oförändrad",'
    f'IF(({_FORANDRING_MOT_MAL}>0)=({{riktning}}="Högre"),"Förbättrad","Försämrad"))))'
)

#: compute_avvikelse_kr.
AVVIKELSE_KR = (
    '=IF(AND(ISNUMBER({netto}),ISNUMBER({referens})),ROUND({netto},0)-ROUND({referens},0),"")'
)

#: regler.referenskostnad.compute_egen_procent
EGEN_PROCENT = (
    "=IF(AND(ISNUMBER({netto}),ISNUMBER({referens}),N({referens})<>0),"
    '({netto}/{referens}-1)*100,"")'
)

#: Whether a deviation is above zero, and a quality index above similar by more than the tolerance.
OVER_NOLL = _exceeds("{procent}", "0")
BATTRE_INDEX = _exceeds("({index}-{index_liknande})", "ToleransEnheter")

#: regler.referenskostnad.is_within
INOM = f'=IF({{verksamhet}}="","",IF(ISNUMBER({{procent}}),IF({OVER_NOLL},"Nej","Ja"),{_OKANT}))'


def _count(bedomning: str) -> str:
    return (
        f"SUMPRODUCT(({REGLER_VERKSAMHET}={{verksamhet}})*COUNTIFS(Kvalitet[[Kolada-id]],"
        f'{REGLER_ID},Kvalitet[[Bedömning]],"{bedomning}"))'
    )


_ALLA = f"({_count('Bättre')}+{_count('Sämre')}+{_count('I nivå')})"

#: regler.referenskostnad.has_better_results
BATTRE_RESULTAT = (
    '=IF({verksamhet}="","",IF(AND(ISNUMBER({index}),ISNUMBER({index_liknande})),'
    f'IF({BATTRE_INDEX},"Ja","Nej"),IF({_ALLA}<{MINST_ANTAL_KVALITET},{_OKANT},'
    f'IF(2*{_count("Bättre")}>{_ALLA},"Ja",IF(2*{_count("Sämre")}>{_ALLA},"Nej",{_OKANT})))))'
)

#: regler.referenskostnad.meets_goal
UPPFYLLER = (
    '=IF({verksamhet}="","",IF(OR({inom}="Nej",{battre}="Nej"),"Nej",'
    f'IF(AND({{inom}}="Ja",{{battre}}="Ja"),"Ja",{_OKANT})))'
)


def compose_summor(mkr: str, verksamhet: str, rad: int) -> tuple[str, str, str]:
    """Return the sums above and below reference cost, in rows `rad` and the next, and the net.

    `mkr` and `verksamhet` refer to columns of the reference cost. What Listor names is not summed,
    and where nothing can be there is no sum.
    """
    counted = f'({verksamhet}<>"")*(COUNTIF({SUMMA_UTAN},{verksamhet})=0)'
    over, under = (
        f'=IF(SUMPRODUCT({counted}*ISNUMBER({mkr}))=0,"",SUMIFS({mkr},{mkr},"{which}")'
        f'-SUMPRODUCT(SUMIFS({mkr},{verksamhet},{SUMMA_UTAN},{mkr},"{which}")))'
        for which in (">0", "<0")
    )
    return over, under, f'=IF(ISNUMBER(B{rad}),B{rad}+B{rad + 1},"")'


def needs_decimaler(avgorande: str, decimaler: int, **celler: str) -> str:
    """Return the formula that tells whether so many decimals are needed to see what decides.

    They are where the cells rounded to one less, as they would be shown, give another answer.
    """
    real = avgorande.format(**celler)
    shown = avgorande.format(**{k: f"ROUND({c},{decimaler - 1})" for k, c in celler.items()})
    numbers = ",".join(f"ISNUMBER({c})" for c in celler.values())
    return f"=IF(AND({numbers}),({real})<>({shown}),FALSE)"


def escape_rubrik(rubrik: str) -> str:
    """Return a column header as a structured reference needs it."""
    return "".join(f"'{c}" if c in "[]#'" else c for c in rubrik)


def this_row(tabell: str, rubrik: str) -> str:
    """Return a structured reference to a column's cell in the same row."""
    return f"{tabell}[[#This Row],[{escape_rubrik(rubrik)}]]"


def column(tabell: str, rubrik: str) -> str:
    """Return a structured reference to a whole column without its header."""
    return f"{tabell}[[{escape_rubrik(rubrik)}]]"
