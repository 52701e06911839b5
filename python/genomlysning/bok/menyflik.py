"""The tab Genomlysning in Excel's ribbon: the buttons once more, there on every sheet.

Excel reads it from a part of the file's own ([MS-CUSTOMUI]). The form is that of Excel 2007, which
every later Excel takes too, also for macOS; the later form ([MS-CUSTOMUI2]) adds nothing to a tab.
"""

from xml.sax.saxutils import quoteattr

from lxml import etree

from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.bok.paket import Paket

#: The part, the type of the relationship that leads to it, and its namespace.
DEL = "customUI/customUI.xml"
RELATION = "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
NAMNRYMD = "http://schemas.microsoft.com/office/2006/01/customui"
#: The part with the VBA project.
PROJEKTDEL = "xl/vbaProject.bin"
#: The module of the VBA project with the Subs that the tab calls, and what their names begin with.
MODUL = FORLED = "Menyflik"
_FLIK, _GRUPP = "Genomlysning", "Arbetsboken"
_RELATIONER, _TYPER = "_rels/.rels", "[Content_Types].xml"
_NS_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"
_NS_TYP = "http://schemas.openxmlformats.org/package/2006/content-types"


def compose_menyflik() -> bytes:
    """Return the part."""
    buttons = "".join(
        "<button"
        + "".join(
            f" {name}={quoteattr(value)}"
            for name, value in (
                ("id", f"knapp{k.sub}"),
                ("label", k.text),
                ("size", "large"),
                ("imageMso", k.bild),
                ("screentip", k.text),
                ("supertip", k.hjalp),
                ("onAction", f"{FORLED}{k.sub}"),
            )
        )
        + "/>"
        for k in KNAPPAR
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{NAMNRYMD}"><ribbon><tabs>'
        f'<tab id="flik{_FLIK}" label="{_FLIK}" insertAfterMso="TabView">'
        f'<group id="grupp{_GRUPP}" label="{_GRUPP}">{buttons}</group>'
        "</tab></tabs></ribbon></customUI>"
    ).encode()


def lacks_menyflik(paket: Paket) -> bool:
    """Tell whether a macro workbook has no tab, neither ours nor another's, of either form."""
    if PROJEKTDEL not in paket:
        return False
    root = etree.fromstring(paket[_RELATIONER])
    return not any(r.get("Type", "").endswith("/ui/extensibility") for r in root)


def add_menyflik(paket: Paket) -> None:
    """Give a file without one the tab; its VBA project must have what it calls."""
    relations = etree.fromstring(paket[_RELATIONER])
    ids = {r.get("Id") for r in relations}
    own = next(i for n in range(len(ids) + 1) if (i := f"rIdMenyflik{n or ''}") not in ids)
    relation = {"Id": own, "Type": RELATION, "Target": DEL}
    etree.SubElement(relations, f"{{{_NS_RELATION}}}Relationship", relation)
    types = etree.fromstring(paket[_TYPER])
    if all(t.get("Extension", "").lower() != "xml" for t in types):
        override = {"PartName": f"/{DEL}", "ContentType": "application/xml"}
        etree.SubElement(types, f"{{{_NS_TYP}}}Override", override)
    paket.add(DEL, compose_menyflik())
    for name, root in ((_RELATIONER, relations), (_TYPER, types)):
        paket.replace(
            name, etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
        )
