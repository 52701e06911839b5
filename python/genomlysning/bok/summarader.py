"""Rows of a table of measures that people have added the others up in."""

from collections.abc import Mapping

from genomlysning.bok.beskrivning import BESKRIVNING, NAMNKOLUMNER
from genomlysning.regler.pengar import Cell, is_summarad


def looks_like_summa(rad: Mapping[str, Cell]) -> bool:
    """Tell whether a row, by column key, is a sum of the others and no measure or move itself."""
    name = next((v for k in NAMNKOLUMNER if (v := rad.get(k))), None)
    return is_summarad(name, rad.get(BESKRIVNING))
