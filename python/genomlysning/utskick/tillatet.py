"""Which parts a copy may hold: kinds of relationships, each with the content types it may lead to.

Everything else is left out, also what Excel invents after this was written.
"""

import re

from genomlysning.utskick.utfall import Slag

_SS = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_DML = "application/vnd.openxmlformats-officedocument.drawingml."
_OD = "application/vnd.openxmlformats-officedocument."

ARBETSBOK = f"{_SS}sheet.main+xml"
#: What may be opened: without macros, and with.
ARBETSBOKSTYPER = (ARBETSBOK, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
BLADSLAG = ("worksheet", "chartsheet")

TILLATNA = {
    "officeDocument": ARBETSBOK,
    "core-properties": "application/vnd.openxmlformats-package.core-properties+xml",
    "extended-properties": f"{_OD}extended-properties+xml",
    "worksheet": f"{_SS}worksheet+xml",
    "chartsheet": f"{_SS}chartsheet+xml",
    "styles": f"{_SS}styles+xml",
    "sharedStrings": f"{_SS}sharedStrings+xml",
    "table": f"{_SS}table+xml",
    "comments": f"{_SS}comments+xml",
    "theme": f"{_OD}theme+xml",
    "themeOverride": f"{_OD}themeOverride+xml",
    "threadedComment": "application/vnd.ms-excel.threadedcomments+xml",
    "person": "application/vnd.ms-excel.person+xml",
    "drawing": f"{_OD}drawing+xml",
    "vmlDrawing": f"{_OD}vmlDrawing",
    "chart": f"{_DML}chart+xml",
    "chartUserShapes": f"{_DML}chartshapes+xml",
    "chartEx": "application/vnd.ms-office.chartex+xml",
    "chartStyle": "application/vnd.ms-office.chartstyle+xml",
    "chartColorStyle": "application/vnd.ms-office.chartcolorstyle+xml",
    "diagramData": f"{_DML}diagramData+xml",
    "diagramLayout": f"{_DML}diagramLayout+xml",
    "diagramQuickStyle": f"{_DML}diagramStyle+xml",
    "diagramColors": f"{_DML}diagramColors+xml",
    "diagramDrawing": "application/vnd.ms-office.drawingml.diagramDrawing+xml",
    "image": "image/",
    "customXml": "application/inkml+xml",  # strokes of a pen; any other customXml stays out
    "slicer": "application/vnd.ms-excel.slicer+xml",
    "slicerCache": "application/vnd.ms-excel.slicerCache+xml",
    "sheetMetadata": f"{_SS}sheetMetadata+xml",
    "rdRichValue": "application/vnd.ms-excel.rdrichvalue+xml",
    "rdRichValueStructure": "application/vnd.ms-excel.rdrichvaluestructure+xml",
    "rdRichValueTypes": "application/vnd.ms-excel.rdrichvaluetypes+xml",
    "richValueRel": "application/vnd.ms-excel.richvaluerel+xml",
}
#: What is let through besides, when what is not seen is to be kept.
DOLDA_EGENSKAPER = {
    "custom-properties": f"{_OD}custom-properties+xml",
    "classificationlabels": "application/vnd.ms-office.classificationlabels+xml",
}
#: The parts that hold pictures in cells.
RIKA_VARDEN = (
    "sheetMetadata",
    "rdRichValue",
    "rdRichValueStructure",
    "rdRichValueTypes",
    "richValueRel",
)

#: The properties that stay whatever is chosen: what the file is, and which program's charts these
#: are, which LibreOffice draws them by.
EGENSKAPER_KVAR = ("title", "subject", "Application", "AppVersion")

_LANK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
SOKVAG = re.compile(r"\s*(?:file:|[A-Za-z]:[\\/]|\\\\)", re.IGNORECASE)

#: How a relationship that is left out is told of; None where nobody would miss it.
_SLOPADE: dict[str, Slag | None] = {
    "xlMacrosheet": Slag.MAKRON,
    "xlIntlMacrosheet": Slag.MAKRON,
    "dialogsheet": Slag.MAKRON,
    "attachedToolbars": Slag.MENYFLIKAR,
    "extensibility": Slag.MENYFLIKAR,
    "userCustomization": Slag.MENYFLIKAR,
    "ctrlProp": None,  # told of as the button
    "control": None,
    "connections": Slag.ANSLUTNINGAR,
    "queryTable": Slag.ANSLUTNINGAR,
    "xmlMaps": Slag.ANSLUTNINGAR,
    "tableSingleCells": Slag.ANSLUTNINGAR,
    "volatileDependencies": Slag.ANSLUTNINGAR,
    "oleObject": Slag.INBADDAT,
    "package": Slag.INBADDAT,
    "printerSettings": Slag.SKRIVARE,
    "thumbnail": Slag.EGENSKAPER,
    "custom-properties": Slag.EGENSKAPER,
    "classificationlabels": Slag.EGENSKAPER,
    "customXml": Slag.EGNA_DATA,
    "customProperty": Slag.EGNA_DATA,
    "pivotTable": Slag.PIVOT,
    "pivotCacheDefinition": None,
    "slicer": Slag.UTSNITT,
    "slicerCache": None,
    "timeline": Slag.UTSNITT,
    "timelineCache": None,
    "revisionHeaders": Slag.ANDRINGSLOGG,
    "revisionLog": Slag.ANDRINGSLOGG,
    "usernames": Slag.ANDRINGSLOGG,
    "calcChain": None,
    "hyperlink": None,  # told of where it stands
    **dict.fromkeys(RIKA_VARDEN),
}


def is_tillaten_lank(adress: str) -> bool:
    """Tell whether a hyperlink may stay: to the web, to an e-mail address, or within the book."""
    return adress.startswith("#") or _LANK.match(adress) is not None


def find_slag(kind: str) -> Slag | None:
    """Return how a relationship that is left out is told of."""
    if kind in _SLOPADE:
        return _SLOPADE[kind]
    for prefix, slag in (
        ("vba", Slag.MAKRON),
        ("activeX", None),
        ("externalLink", Slag.LANKADE),
        ("webextension", Slag.TILLAGG),
        ("powerPivot", Slag.ANSLUTNINGAR),
    ):
        if kind.startswith(prefix):
            return slag
    return Slag.OVRIGT
