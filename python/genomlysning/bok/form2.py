"""The formulas of form 2 of the workbook that form 3 has others for, to be known and replaced.

They judged values rounded as they were shown. Each is a template as those of `formler`, by table
and column.
"""

from genomlysning.bok.formler import REGLER, REGLER_ID, REGLER_VERKSAMHET, SUMMA_UTAN

_OKANT = '"Kan inte bedömas"'
_D = f'IFERROR(VLOOKUP({{id}},{REGLER},3,FALSE),IF(LEFT({{enhet}},2)="kr",0,1))'
_MAL = f'IFERROR(VLOOKUP({{id}},{REGLER},4,FALSE),"")'
_SLAG = f'IFERROR(VLOOKUP({{id}},{REGLER},2,FALSE),IF(LEFT({{enhet}},2)="kr","kostnad","resultat"))'
_PENGAR = 'OR(LEFT({enhet}&"/",3)="kr/",LEFT({enhet}&"/",4)="tkr/",LEFT({enhet}&"/",4)="mkr/")'


def _skillnad(a: str, b: str) -> str:
    return f'=IF(AND(ISNUMBER({a}),ISNUMBER({b})),ROUND(ROUND({a},{_D})-ROUND({b},{_D}),{_D}),"")'


def _tolerans(jamfort_med: str) -> str:
    return (
        'IF(OR({enhet}="%",{enhet}="index"),ToleransEnheter,'
        f"ROUND(ABS(ROUND({jamfort_med},{_D}))*Tolerans/100,9))"
    )


_MOT_MAL = (
    f'IF({{riktning}}="Mål",ROUND(MAX(0,ROUND({{year_3}},{_D})-N({_MAL}))'
    f"-MAX(0,ROUND({{year_1}},{_D})-N({_MAL})),{_D}),{{forandring}})"
)


def _count(bedomning: str) -> str:
    return (
        f"SUMPRODUCT(({REGLER_VERKSAMHET}={{verksamhet}})*COUNTIFS(Kvalitet[[Kolada-id]],"
        f'{REGLER_ID},Kvalitet[[Bedömning]],"{bedomning}"))'
    )


_ALLA = f"({_count('Bättre')}+{_count('Sämre')}+{_count('I nivå')})"

#: By the key of the column.
FORMLER = {
    "skillnad": _skillnad("{varde}", "{liknande}"),
    "bedomning": (
        '=IF({namn}="","",'
        'IF(OR(NOT(ISNUMBER({varde})),{riktning}="Ingen",{riktning}="",'
        f'{_SLAG}="ej jämförbar"),{_OKANT},'
        f'IF({{riktning}}="Mål",IF(NOT(ISNUMBER({_MAL})),{_OKANT},'
        f'IF(ROUND({{varde}},{_D})<={_MAL},"Inom målet","Över målet")),'
        f'IF(OR({{skillnad}}="",AND({{id}}<>"",N({{antal}})<4)),{_OKANT},'
        f'IF(ABS({{skillnad}})<={_tolerans("{liknande}")},"I nivå",'
        f'IF({_SLAG}="kostnad",IF({{skillnad}}<0,"Lägre","Högre"),'
        'IF(({skillnad}>0)=({riktning}="Högre"),"Bättre","Sämre")))))))'
    ),
    "forandring": _skillnad("{year_3}", "{year_1}"),
    "utveckling": (
        '=IF({namn}="","",'
        f'IF(OR({{forandring}}="",{{riktning}}="Ingen",{{riktning}}="",{_PENGAR},'
        f'AND({{riktning}}="Mål",NOT(ISNUMBER({_MAL})))),{_OKANT},'
        f'IF(ABS({_MOT_MAL})<={_tolerans("{year_1}")},"Oförändrad",'
        f'IF(({_MOT_MAL}>0)=({{riktning}}="Högre"),"Förbättrad","Försämrad"))))'
    ),
    "inom": (
        '=IF({verksamhet}="","",IF(ISNUMBER({procent}),'
        f'IF(ROUND({{procent}},1)<=0,"Ja","Nej"),{_OKANT}))'
    ),
    "battre": (
        '=IF({verksamhet}="","",IF(AND(ISNUMBER({index}),ISNUMBER({index_liknande})),'
        f'IF(ROUND({{index}},1)>ROUND({{index_liknande}},1),"Ja","Nej"),IF({_ALLA}<3,{_OKANT},'
        f'IF(2*{_count("Bättre")}>{_ALLA},"Ja",IF(2*{_count("Sämre")}>{_ALLA},"Nej",{_OKANT})))))'
    ),
}


def compose_summor(mkr: str, verksamhet: str, rad: int) -> tuple[str, str, str]:
    """Return the sums as `formler.compose_summor` has them now."""
    over, under = (
        f'=SUMIFS({mkr},{mkr},"{which}")'
        f'-SUMPRODUCT(SUMIFS({mkr},{verksamhet},{SUMMA_UTAN},{mkr},"{which}"))'
        for which in (">0", "<0")
    )
    return over, under, f"=B{rad}+B{rad + 1}"
