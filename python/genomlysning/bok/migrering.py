"""Brings a workbook of an earlier form up to the present one, a step for each form.

A workbook says its form itself (the name Bokversion on Listor); one that says nothing has form 1.
"""

from collections.abc import Callable

from genomlysning import __version__
from genomlysning.bok import beskrivning, formler
from genomlysning.bok.beskrivning import EXEMPELMARKNING
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formelbyte import replace_formler, show_fler_decimaler
from genomlysning.bok.formeltext import column_number
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.listor import list_regelrader, read_bokversion
from genomlysning.bok.modell import refer
from genomlysning.bok.nya_falt import add_installningar, add_skalruta
from genomlysning.bok.tabellplats import read_platser
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.ord import Slag

NYARE_BOK = Meddelande(
    "bok-nyare-version",
    "Arbetsboken {fil} är gjord med en nyare version av Genomlysning än den som finns på datorn.",
    "Installera den nya versionen. Tills dess går arbetsboken att läsa och ändra i Excel.",
)


def migrate_bok(bok: Arbetsbok, lapp: Lappning) -> None:
    """Bring a workbook to the present form.

    Raises AnvandarFel for one of a later form.
    """
    version = read_bokversion(bok)
    if version > beskrivning.BOKVERSION:
        raise AnvandarFel(NYARE_BOK, fil=bok.fil)
    for step in _STEG[version - 1 :]:
        step(bok, lapp)


def _to_form_2(bok: Arbetsbok, lapp: Lappning) -> None:
    """Give the workbook its marks, and names to the lines that sum the measures' amounts."""
    for name, place in read_platser(bok).items():
        own = beskrivning.beloppsnamn(name)
        row, col, _, _ = place.excel.omrade
        measures = any(k.nyckel == "belopp" for k in place.tabell.kolumner)
        if measures and own.lower() not in bok.namn and row > 1:
            lapp.add_namn(own, refer(place.blad, (row - 1, col, row - 1, col)))
    listor = bok.find_blad(beskrivning.LISTBLAD.kodnamn, beskrivning.LISTBLAD.namn)
    if listor is None:
        return
    col = column_number(beskrivning.MARKESKOLUMN)
    example = EXEMPELMARKNING if bok.amne() == EXEMPELMARKNING else None
    marks: dict[str, Cellvarde] = {
        beskrivning.NAMN_BOKVERSION: 2,
        beskrivning.NAMN_PROGRAMVERSION: __version__,
        beskrivning.NAMN_EXEMPELMARKNING: example,
    }
    lapp.set_value(listor, 1, col, "Om arbetsboken")
    for row, (name, value) in enumerate(marks.items(), start=2):
        lapp.set_value(listor, row, col, value)
        lapp.add_namn(name, refer(listor, (row, col, row, col)))


def _to_form_3(bok: Arbetsbok, lapp: Lappning) -> None:
    """Let verdicts be of unrounded values, and give the workbook the fields people now write in."""
    replace_formler(bok, lapp)
    show_fler_decimaler(bok, lapp)
    _judge_resursindex(bok, lapp)
    add_installningar(bok, lapp)
    add_skalruta(bok, lapp)
    if (place := bok.namn.get(beskrivning.NAMN_BOKVERSION.lower())) is not None:
        lapp.set_value(place[0], *place[1][:2], 3)


def _judge_resursindex(bok: Arbetsbok, lapp: Lappning) -> None:
    """Let the indices of resources be costs, and no results."""
    place = bok.namn.get(formler.REGLER.lower())
    if place is None:
        return
    for nr, rule in list_regelrader(bok):
        if rule.slag == Slag.KOSTNAD:
            lapp.set_value(place[0], nr, place[1][1] + 1, rule.slag)


#: The step from each form to the next.
_STEG: tuple[Callable[[Arbetsbok, Lappning], None], ...] = (_to_form_2, _to_form_3)
