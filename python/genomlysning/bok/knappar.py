"""The buttons of an existing workbook: which of them no longer run anything.

Excel and LibreOffice note the macro of a button in several parts, and in manners of their own.
ONLYOFFICE makes each a drawn shape with the same text and no macro.
"""

import html
import re

from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad

_DELAR = ("drawing", "vmlDrawing")
_BUNDET = re.compile(r'(?:\bmacro="|FmlaMacro>)([^"<]+)')
_MARKE = re.compile(r"<[^>]*>")


def list_dova(bok: Arbetsbok) -> list[str]:
    """Return the texts of the buttons that are there without their macro, in their order."""
    without = bok.find_del("vbaProject") is None
    lost = {text for blad in bok.blad for text in _read_blad(bok, blad, utan_makron=without)}
    return [k.text for k in KNAPPAR if k.text in lost]


def _read_blad(bok: Arbetsbok, blad: Kalkylblad, *, utan_makron: bool) -> set[str]:
    """Return the buttons on a sheet that nothing is bound to."""
    drawn = [part for kind, part in bok.list_delar(blad.del_) if kind in _DELAR]
    texts = [html.unescape(bok.paket[p].decode(errors="replace")) for p in drawn if p in bok.paket]
    whole = [bok.paket[blad.del_].decode(errors="replace"), *texts]
    # [0]!Sub, Genomlysning.Sub, bok.xlsm!Genomlysning.Sub
    bound = {re.split(r"[!.]", m)[-1] for text in whole for m in _BUNDET.findall(text)}
    shown = {piece.strip() for text in texts for piece in _MARKE.split(text)}
    return {k.text for k in KNAPPAR if k.text in shown and (utan_makron or k.sub not in bound)}
