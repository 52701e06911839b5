"""The workbook's native formulas, as templates with `{key}` for the same row's column.

Each is the twin of a pure rule, named beside it; a test recalculates a workbook in LibreOffice
and holds the two to each other. Only functions that Excel 2013 and LibreOffice 7 both have are
used: no LET, XLOOKUP or dynamic arrays.

What a figure's unit cannot tell (decimals, plain cost or result, target) is looked up by its
Kolada-id in the hidden sheet Listor, under the workbook names below. Rows of the controller's
own have no id there: they fall back on the unit, and need not say how many the similar ones are.
"""

from genomlysning.begrepp import ANTAL_AR_OVER_TID
from genomlysning.regler.bedomning import ENHETER_MED_FAST_TOLERANS, MINST_ANTAL_LIKNANDE
from genomlysning.regler.referenskostnad import (
    DECIMALER_INDEX,
    DECIMALER_PROCENT,
    MINST_ANTAL_KVALITET,
)
from genomlysning.regler.utveckling import PENGAENHETER

#: Workbook names of the look-up on Listor: all columns, the ids, and their verksamhet.
REGLER, REGLER_ID, REGLER_VERKSAMHET = (
    "NyckeltalRegler",
    "NyckeltalId",
    "NyckeltalVerksamhet",
)
#: The committee's name in the genitive, as it stands in a heading; `Bokplan.fill_namn` is its twin.
NAMND_GENITIV = (
    'IF(Namnd="","nämndens",'
    "IF(EXACT(LEFT(Namnd,2),UPPER(LEFT(Namnd,2))),LEFT(Namnd),LOWER(LEFT(Namnd)))"
    '&MID(Namnd,2,LEN(Namnd))&IF(ISNUMBER(FIND(LOWER(RIGHT(Namnd)),"sxz")),"","s"))'
)
#: How Listor marks a figure that may not be compared.
EJ_JAMFORBAR = "ej jämförbar"

_OKANT = '"Kan inte bedömas"'
_D = f'IFERROR(VLOOKUP({{id}},{REGLER},3,FALSE),IF(LEFT({{enhet}},2)="kr",0,1))'
_MAL = f'IFERROR(VLOOKUP({{id}},{REGLER},4,FALSE),"")'
_SLAG = f'IFERROR(VLOOKUP({{id}},{REGLER},2,FALSE),IF(LEFT({{enhet}},2)="kr","kostnad","resultat"))'
_FAST = "OR(" + ",".join(f'{{enhet}}="{e}"' for e in ENHETER_MED_FAST_TOLERANS) + ")"
_PENGAR = "OR(" + ",".join(f'LEFT({{enhet}}&"/",{len(e) + 1})="{e}/"' for e in PENGAENHETER) + ")"


def _tolerans(jamfort_med: str) -> str:
    return f"IF({_FAST},ToleransEnheter,ROUND(ABS(ROUND({jamfort_med},{_D}))*Tolerans/100,9))"


def _skillnad(a: str, b: str) -> str:
    return f'=IF(AND(ISNUMBER({a}),ISNUMBER({b})),ROUND(ROUND({a},{_D})-ROUND({b},{_D}),{_D}),"")'


#: regler.bedomning.compute_skillnad
SKILLNAD = _skillnad("{varde}", "{liknande}")

#: regler.bedomning.assess
BEDOMNING = (
    '=IF({namn}="","",'
    'IF(OR(NOT(ISNUMBER({varde})),{riktning}="Ingen",{riktning}="",'
    f'{_SLAG}="{EJ_JAMFORBAR}"),{_OKANT},'
    f'IF({{riktning}}="Mål",IF(NOT(ISNUMBER({_MAL})),{_OKANT},'
    f'IF(ROUND({{varde}},{_D})<={_MAL},"Inom målet","Över målet")),'
    f'IF(OR({{skillnad}}="",AND({{id}}<>"",N({{antal}})<{MINST_ANTAL_LIKNANDE})),{_OKANT},'
    f'IF(ABS({{skillnad}})<={_tolerans("{liknande}")},"I nivå",'
    f'IF({_SLAG}="kostnad",IF({{skillnad}}<0,"Lägre","Högre"),'
    'IF(({skillnad}>0)=({riktning}="Högre"),"Bättre","Sämre")))))))'
)

_FORSTA_AR, _SISTA_AR = "{year_1}", f"{{year_{ANTAL_AR_OVER_TID}}}"

#: regler.bedomning.compute_skillnad, last shown year minus the first
FORANDRING = _skillnad(_SISTA_AR, _FORSTA_AR)

_FORANDRING_MOT_MAL = (
    f'IF({{riktning}}="Mål",ROUND(MAX(0,ROUND({_SISTA_AR},{_D})-N({_MAL}))'
    f"-MAX(0,ROUND({_FORSTA_AR},{_D})-N({_MAL})),{_D}),{{forandring}})"
)

#: regler.utveckling.assess_utveckling
UTVECKLING = (
    '=IF({namn}="","",'
    f'IF(OR({{forandring}}="",{{riktning}}="Ingen",{{riktning}}="",{_PENGAR},'
    f'AND({{riktning}}="Mål",NOT(ISNUMBER({_MAL})))),{_OKANT},'
    f'IF(ABS({_FORANDRING_MOT_MAL})<={_tolerans(_FORSTA_AR)},"Oförändrad",'
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

#: regler.referenskostnad.is_within
INOM = (
    '=IF({verksamhet}="","",IF(ISNUMBER({procent}),'
    f'IF(ROUND({{procent}},{DECIMALER_PROCENT})<=0,"Ja","Nej"),{_OKANT}))'
)


def _count(bedomning: str) -> str:
    return (
        f"SUMPRODUCT(({REGLER_VERKSAMHET}={{verksamhet}})*COUNTIFS(Kvalitet[[Kolada-id]],"
        f'{REGLER_ID},Kvalitet[[Bedömning]],"{bedomning}"))'
    )


_ALLA = f"({_count('Bättre')}+{_count('Sämre')}+{_count('I nivå')})"

#: regler.referenskostnad.has_better_results
BATTRE_RESULTAT = (
    '=IF({verksamhet}="","",IF(AND(ISNUMBER({index}),ISNUMBER({index_liknande})),'
    f"IF(ROUND({{index}},{DECIMALER_INDEX})>ROUND({{index_liknande}},{DECIMALER_INDEX}),"
    f'"Ja","Nej"),IF({_ALLA}<{MINST_ANTAL_KVALITET},{_OKANT},'
    f'IF(2*{_count("Bättre")}>{_ALLA},"Ja",IF(2*{_count("Sämre")}>{_ALLA},"Nej",{_OKANT})))))'
)

#: regler.referenskostnad.meets_goal
UPPFYLLER = (
    '=IF({verksamhet}="","",IF(OR({inom}="Nej",{battre}="Nej"),"Nej",'
    f'IF(AND({{inom}}="Ja",{{battre}}="Ja"),"Ja",{_OKANT})))'
)


def escape_rubrik(rubrik: str) -> str:
    """Return a column header as a structured reference needs it."""
    return "".join(f"'{c}" if c in "[]#'" else c for c in rubrik)


def this_row(tabell: str, rubrik: str) -> str:
    """Return a structured reference to a column's cell in the same row."""
    return f"{tabell}[[#This Row],[{escape_rubrik(rubrik)}]]"


def column(tabell: str, rubrik: str) -> str:
    """Return a structured reference to a whole column without its header."""
    return f"{tabell}[[{escape_rubrik(rubrik)}]]"
