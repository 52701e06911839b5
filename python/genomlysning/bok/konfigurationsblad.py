"""The hidden sheet xlwings.conf of the macro workbook."""

from genomlysning.bok.bladverk import Bladverk
from genomlysning.excelmiljo import KONFIGURATION


def write_konfiguration(verk: Bladverk) -> None:
    """Write the settings as xlwings reads them, without blank rows, and hide the sheet."""
    text = verk.format.get(num_format="@")
    for row, pair in enumerate(KONFIGURATION.items()):
        for col, value in enumerate(pair):
            verk.write(row, col, value, text)
    verk.sheet.hide()
