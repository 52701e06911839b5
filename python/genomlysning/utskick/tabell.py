"""Tables of a copy: their formulas go, and their ties to where the rows came from."""

from lxml import etree

from genomlysning.bok.lasning import q
from genomlysning.utskick.delar import drop_attributes

_FRAN_KALLA = ("tableType", "connectionId", "published")
_KOLUMN_FRAN_KALLA = ("queryTableFieldId", "totalsRowFunction")
_FORMLER = ("calculatedColumnFormula", "totalsRowFormula", "xmlColumnPr")


def clean_tabell(root: etree._Element) -> None:
    """Strip a table; what its formulas gave is in the cells."""
    drop_attributes(root, *_FRAN_KALLA)
    for column in root.iter(q("tableColumn")):
        drop_attributes(column, *_KOLUMN_FRAN_KALLA)
        for name in _FORMLER:
            for child in column.findall(q(name)):
                column.remove(child)
