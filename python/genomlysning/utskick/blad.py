"""A sheet of a copy: values without formulas, and nothing that leads outside."""

from collections.abc import Iterator

from lxml import etree

from genomlysning.bok.lasning import NS_REL, q
from genomlysning.bok.modell import cell_name, parse_omrade
from genomlysning.fel import Meddelande
from genomlysning.utskick.arbete import Arbete, Bladpost
from genomlysning.utskick.delar import drop_attributes, local, remove
from genomlysning.utskick.tillatet import SOKVAG
from genomlysning.utskick.utfall import Slag, name_some

LANKAR_SOM_FORMLER = Meddelande(
    "kopia-lankar-som-formler", "{blad}: länkar som var formler är nu bara text: {celler}."
)
LANKADE_DATA = Meddelande(
    "kopia-lankade-data",
    "{blad}: celler med länkade data eller bilder från webben visar nu ett felvärde: {celler}.",
)
DOLDA_RADER = Meddelande(
    "kopia-dolda-rader",
    "{blad} har dolda {vad} som följer med.",
    "Ta bort dem om de inte ska läsas av andra.",
)

_RID = f"{{{NS_REL}}}id"
#: What a sheet loses whole, and how it is told.
_SLOPAS = {
    "scenarios": Slag.SCENARIER,
    "customSheetViews": None,  # told of once, for the workbook
    "dataConsolidate": Slag.LANKADE,
    "customProperties": None,  # told of as relationships
    "controls": None,
    "oleObjects": None,
    "AlternateContent": None,  # controls and embedded objects, in Excel's newer manner
    "sheetCalcPr": None,
    "cellWatches": None,
    "smartTags": None,
    "webPublishItems": Slag.OVRIGT,
}
#: What newer versions of Excel keep at the end of a sheet, that may stay.
_TILLAGG = (
    "conditionalFormattings",
    "dataValidations",
    "sparklineGroups",
    "ignoredErrors",
    "slicerList",
)


def find_oberaknade(root: etree._Element, blad: str) -> Iterator[str]:
    """Yield the cells (sheet!cell) whose formulas have no computed value."""
    for place, c in iter_celler(root):
        if c.find(q("f")) is None:
            continue
        v, kind = c.find(q("v")), c.get("t", "n")
        # An empty text is a value; Excel writes it as a text of no characters.
        empty_text = kind == "str" and v is not None
        if not (empty_text or (v is not None and v.text) or c.find(q("is")) is not None):
            yield f"{blad}!{place}"


def iter_celler(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield every cell of a sheet with its place."""
    data = root.find(q("sheetData"))
    row = 0
    for line in () if data is None else data.iterchildren(q("row")):
        row, col = int(line.get("r") or row + 1), 0
        for c in line.iterchildren(q("c")):
            ref = parse_omrade(c.get("r", ""))
            col = ref[1] if ref else col + 1
            yield cell_name(row, col), c


def clean_blad(arbete: Arbete, blad: Bladpost) -> None:
    """Strip a sheet of all but values and looks; rules and drawings have modules of their own."""
    root = arbete.delar.root(blad.del_)
    _clean_celler(arbete, blad.namn, root)
    for child in list(root):
        name = local(child)
        if name in _SLOPAS:
            arbete.utfall.remove(_SLOPAS[name], blad.namn)
            root.remove(child)
        elif name == "extLst":
            _clean_tillagg(arbete, blad.namn, child)
        elif name == "pageSetup":
            drop_attributes(child, _RID)  # the printer's own settings
    for element in [e for e in root.iter() if local(e) in ("pivotSelection", "securityDescriptor")]:
        remove(element)
    for element in root.iter(q("protectedRange")):
        drop_attributes(element, "securityDescriptor")
    for element in root.iter():
        if local(element) == "conditionalFormatting":
            drop_attributes(element, "pivot")
    _clean_lankar(arbete, blad, root)
    _warn_dolda(arbete, blad.namn, root)


def _clean_celler(arbete: Arbete, blad: str, root: etree._Element) -> None:
    links, rich = [], []
    for place, c in iter_celler(root):
        f = c.find(q("f"))
        if f is not None:
            if (f.text or "").upper().startswith("HYPERLINK("):
                links.append(place)
            c.remove(f)
            arbete.utfall.remove(Slag.FORMLER)
        drop_attributes(c, "cm")
        if not arbete.rika_varden and drop_attributes(c, "vm"):
            rich.append(place)
        for extension in c.findall(q("extLst")):
            c.remove(extension)
    if links:
        arbete.utfall.varningar.append(
            LANKAR_SOM_FORMLER.format(blad=blad, celler=name_some(links))
        )
    if rich:
        arbete.utfall.varningar.append(LANKADE_DATA.format(blad=blad, celler=name_some(rich)))


def _clean_tillagg(arbete: Arbete, blad: str, holder: etree._Element) -> None:
    for extension in list(holder):
        known = all(local(c) in _TILLAGG for c in extension)
        slicers = any(local(c) == "slicerList" for c in extension)
        if not known or (slicers and not arbete.utsnitt):
            holder.remove(extension)
    if not len(holder):
        remove(holder)


def _clean_lankar(arbete: Arbete, blad: Bladpost, root: etree._Element) -> None:
    relations = {r.id for r in arbete.delar.relations(blad.del_)}
    for link in list(root.iter(q("hyperlink"))):
        rid, inside = link.get(_RID), link.get("location", "")
        gone = rid is not None and rid not in relations
        # An address of the web may end in what looks like a place in a workbook.
        lost = rid is None and arbete.hanvisningar.is_broken(inside.lstrip("#"))
        if gone or lost:
            arbete.utfall.remove(Slag.LANKAR, f"{blad.namn}!{link.get('ref', '')}")
            remove(link)
        elif SOKVAG.match(link.get("tooltip", "")):
            link.attrib.pop("tooltip")
    holder = root.find(q("hyperlinks"))
    if holder is not None and not len(holder):
        remove(holder)


def _warn_dolda(arbete: Arbete, blad: str, root: etree._Element) -> None:
    """Tell of hidden rows and columns, which stay since the sheet would look another way."""
    hidden = ("1", "true")
    # A row without content, such as one kept for a verksamhet, hides nothing.
    rows = sum(
        r.get("hidden") in hidden and any((v.text or "").strip() for v in r.iter(q("v"), q("t")))
        for r in root.iterfind(f"{q('sheetData')}/{q('row')}")
    )
    columns = [c for c in root.iterfind(f"{q('cols')}/{q('col')}") if c.get("hidden") in hidden]
    if rows or columns:
        what = " och ".join(w for w, n in (("rader", rows), ("kolumner", columns)) if n)
        arbete.utfall.varningar.append(DOLDA_RADER.format(blad=blad, vad=what))
