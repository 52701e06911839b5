"""Patches a workbook file with newly fetched values (`ifyllnad`) and with what its formulas give.

Charts keep the picture they have until the file is opened in a program that draws them.
"""

from dataclasses import dataclass, field
from pathlib import Path

from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.bladrader import Radval
from genomlysning.bok.cellvarde import is_same
from genomlysning.bok.formelvarden import cache_formler
from genomlysning.bok.ifyllnad import fill_bok
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.migrering import migrate_bok
from genomlysning.bok.modell import cell_name
from genomlysning.bok.paket import Paket
from genomlysning.bok.radpassning import fit_rader
from genomlysning.bok.tabellplats import VARA_TABELLER
from genomlysning.bok.textruta import grow_ruta
from genomlysning.underlag import Underlag


@dataclass(slots=True)
class Utfall:
    """What an update did. `skrivna` is what each written cell shall hold, for the read-back."""

    lappning: Lappning
    varningar: list[str] = field(default_factory=list)


def update_bok(bok: Arbetsbok, found: Befintlig, val: Radval, underlag: Underlag) -> Utfall:
    """Change the workbook in memory to what `underlag` found for the rows in `val`.

    Raises FilFel where a new header or row has no room; the file itself is not touched.
    """
    lapp = Lappning(bok)
    migrate_bok(bok, lapp)
    filled = fill_bok(found, val, underlag, lapp)
    fit_rader(found, lapp, VARA_TABELLER)
    grow_ruta(bok, lapp)
    cache_formler(bok, found, filled.plan, val.regler, lapp, filled.varningar)
    lapp.finish()
    return Utfall(lapp, filled.varningar)


def check_skrivet(lappning: Lappning, fil: Path) -> str | None:
    """Read a written file again; return what is not as it should be, None if all is."""
    again = Arbetsbok(Paket.open(fil), fil)
    sheets = {b.namn: b for b in again.blad}
    for (namn, row, col), wanted in lappning.skrivna.items():
        if not is_same(sheets[namn].cell(row, col).varde, wanted):
            return f"{namn}!{cell_name(row, col)}"
    return None
