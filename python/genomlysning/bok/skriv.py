"""Writes a new workbook from a plan, with XlsxWriter."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from genomlysning.bok import beskrivning, formler
from genomlysning.bok.analysblad import write_analys, write_uppfoljning
from genomlysning.bok.beskrivning import KNAPPAR, Blad
from genomlysning.bok.bladverk import Bladverk
from genomlysning.bok.formatbok import Formatbok
from genomlysning.bok.konfigurationsblad import write_konfiguration
from genomlysning.bok.listblad import write_listor
from genomlysning.bok.menyflik import add_menyflik
from genomlysning.bok.nybok import Nybok
from genomlysning.bok.paket import Paket
from genomlysning.bok.plan import Bokplan
from genomlysning.bok.sammanfattning import write_sammanfattning
from genomlysning.bok.startblad import write_start
from genomlysning.bok.tabellblad import write_referenskostnad, write_tabellblad
from genomlysning.bok.utseende import BLA, GRA, MELLANBLA, OCKRA, STORLEK, TYPSNITT
from genomlysning.bok.vaxrader import Vaxblad

#: Excel of today: a recipient's Excel trusts our cached values and does not recalculate at opening.
_CALC_ID = 191029

_SARSKILDA: dict[str, Callable[[Bladverk], None]] = {
    beskrivning.START.namn: write_start,
    beskrivning.SAMMANFATTNING.namn: write_sammanfattning,
    beskrivning.REFERENSKOSTNADSBLAD.namn: write_referenskostnad,
    beskrivning.ANALYS.namn: write_analys,
    beskrivning.UPPFOLJNING.namn: write_uppfoljning,
    beskrivning.LISTBLAD.namn: write_listor,
    beskrivning.XLWINGSBLAD.namn: write_konfiguration,
}


def write_bok(plan: Bokplan, fil: Path | BytesIO, makron: bytes | None = None) -> None:
    """Write the planned workbook to `fil`, which is overwritten, or into memory.

    With `makron`, a VBA project, it is a macro workbook with buttons and a tab of its own in the
    ribbon (.xlsm), else an .xlsx.
    The same plan gives the same parts, whatever the day. Raises OSError if it can't be written.
    """
    if not makron:
        _write(plan, fil)
        return
    memory = BytesIO()
    _write(plan, memory, makron)
    paket = Paket.from_bytes(memory.getvalue(), Path("ny.xlsm"))
    add_menyflik(paket)
    paket.write(fil)


def _write(plan: Bokplan, fil: Path | BytesIO, makron: bytes | None = None) -> None:
    with open_bok(fil, _properties(plan)) as bok:
        formats = Formatbok(bok)
        # All sheets exist before any is written, since formulas and links point across them.
        sheets: list[tuple[Blad, Vaxblad]] = []
        for blad in beskrivning.MAKROBOKENS_BLAD if makron else beskrivning.BLAD:
            sheet = bok.add_worksheet(blad.namn)
            sheet.set_vba_name(blad.kodnamn)
            sheet.set_tab_color(_tab_color(blad.namn))
            sheets.append((blad, sheet))
        if makron:
            bok.set_vba_name(beskrivning.ARBETSBOKENS_KODNAMN)
            bok.add_vba_project(BytesIO(makron), is_stream=True)
        _define_names(bok, plan)
        for blad, sheet in sheets:
            knappar = [k for k in KNAPPAR if blad in k.blad] if makron else []
            verk = Bladverk(bok, sheet, blad, plan, formats, knappar)
            _SARSKILDA.get(blad.namn, write_tabellblad)(verk)
        sheets[0][1].activate()


@contextmanager
def open_bok(fil: Path | BytesIO, egenskaper: Mapping[str, Any]) -> Iterator[xlsxwriter.Workbook]:
    """Give a new workbook to write, with these properties; it is saved when it is left.

    Text in it stays text, and it is not recalculated at opening. Raises OSError if it can't be
    written.
    """
    # XlsxWriter leaves a file open that it could not write, on a full disk.
    memory = fil if isinstance(fil, BytesIO) else BytesIO()
    with Nybok(
        memory,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    ) as bok:
        bok.set_calc_mode("auto", _CALC_ID)
        bok.calc_on_load = False
        bok.set_size(1600, 930)  # pixels
        bok.set_properties(dict(egenskaper))
        bok.formats[0].set_font_name(TYPSNITT)
        bok.formats[0].set_font_size(STORLEK)
        yield bok
    if isinstance(fil, Path):
        fil.write_bytes(memory.getbuffer())


def _properties(plan: Bokplan) -> dict[str, Any]:
    return {
        "title": f"Genomlysning {plan.namnd}, {plan.kommun}".replace(" ,", ","),
        "subject": plan.amne,
        "author": "",
        "comments": "Gjord med Genomlysning.",
        "created": datetime(plan.nu.year, plan.nu.month, plan.nu.day),
    }


def _tab_color(namn: str) -> str:
    if namn in (beskrivning.START.namn, beskrivning.SAMMANFATTNING.namn):
        return BLA
    return OCKRA if namn[0] in "34" else GRA if namn[0] not in "2R" else MELLANBLA


def _define_names(bok: xlsxwriter.Workbook, plan: Bokplan) -> None:
    for index, post in enumerate(beskrivning.INSTALLNINGAR):
        cell = f"$B${beskrivning.FORSTA_INSTALLNING + index}"
        bok.define_name(post.namn, f"={beskrivning.START.namn}!{cell}")
    last = max(len(plan.regler), beskrivning.REGLERRADER) + 1
    for name, columns in (
        (formler.REGLER, "$H$2:$M$"),
        (formler.REGLER_ID, "$H$2:$H$"),
        (formler.REGLER_VERKSAMHET, "$L$2:$L$"),
    ):
        bok.define_name(name, f"={beskrivning.LISTBLAD.namn}!{columns}{last}")
