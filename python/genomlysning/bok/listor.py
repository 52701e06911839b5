"""What the hidden sheet Listor of an existing workbook says of figures and indices."""

from collections.abc import Iterator

from genomlysning.bok import beskrivning, formler
from genomlysning.bok.beskrivning import Regelrad
from genomlysning.bok.formeltext import column_number
from genomlysning.bok.modell import Bok, read_namn
from genomlysning.ord import Slag
from genomlysning.profil import load_verksamheter

#: The first form whose verdicts are of unrounded values.
FORM_MED_OAVRUNDAT = 3


def read_regler(bok: Bok) -> dict[str, Regelrad]:
    """Return the rules of figures by id, as the workbook's own look-up has them."""
    return {regel.id: regel for _, regel in list_regelrader(bok)}


def list_regelrader(bok: Bok) -> Iterator[tuple[int, Regelrad]]:
    """Yield the rules, each with its row on the sheet."""
    place = bok.namn.get(formler.REGLER.lower())
    if place is None:
        return
    blad, (first, col, last, _) = place
    for nr in range(first, last + 1):
        figure = blad.cell(nr, col).text.upper()
        if figure:
            cells = [blad.cell(nr, col + i) for i in range(1, 6)]
            yield (
                nr,
                Regelrad(
                    figure,
                    _read_slag(figure, cells[0].text),
                    int(cells[1].tal or 0),
                    cells[2].tal,
                    cells[3].text,
                    cells[4].text,
                ),
            )


def _read_slag(nyckeltal: str, slag: str) -> str:
    """Return what a figure is judged as: an index of resources measures cost, and is no result."""
    if slag != Slag.RESULTAT:
        return slag
    cost = any(v.resursindex == nyckeltal for v in load_verksamheter().values())
    return Slag.KOSTNAD.value if cost else slag


def read_bokversion(bok: Bok) -> int:
    """Return a workbook's form."""
    cell = read_namn(bok, beskrivning.NAMN_BOKVERSION)
    return int(cell.tal) if cell is not None and cell.tal else 1


def is_bedomd_forr(bok: Bok) -> bool:
    """Tell whether a workbook's verdicts follow the rules of an earlier form, on rounded values.

    A copy, which has no formulas of its own, does not say its form.
    """
    said = read_namn(bok, beskrivning.NAMN_BOKVERSION)
    return said is not None and read_bokversion(bok) < FORM_MED_OAVRUNDAT


def read_indexkrav(bok: Bok) -> list[str]:
    """Return the indices that 2.1 must show, as the workbook has them on Listor."""
    blad = bok.find_blad(beskrivning.LISTBLAD.kodnamn, beskrivning.LISTBLAD.namn)
    col, row, found = column_number(beskrivning.INDEXKRAVKOLUMN), 2, []
    while blad is not None and (text := blad.cell(row, col).text):
        found.append(text)
        row += 1
    return found
