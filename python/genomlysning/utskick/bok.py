"""The workbook's own part: its list of sheets and its settings."""

from lxml import etree

from genomlysning.bok.lasning import NS_REL, q
from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import local, remove
from genomlysning.utskick.utfall import Slag

#: What the workbook's part may hold, and how the loss of anything else is told.
_FAR_FINNAS = (
    "fileVersion",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "definedNames",
    "extLst",
)
_SLOPAS = {
    "fileSharing": Slag.ANDRINGSLOGG,
    "customWorkbookViews": Slag.VYER,
    "webPublishing": Slag.OVRIGT,
    "webPublishObjects": Slag.OVRIGT,
}
_INSTALLNINGAR = (
    "date1904",
    "dateCompatibility",
    "showObjects",
    "defaultThemeVersion",
    "autoCompressPictures",
    "filterPrivacy",
)
_TILLAGG = ("slicerCaches", "tableSlicerCaches", "chartTrackingRefBase")
#: Excel of today, which then trusts the values and reckons nothing at opening.
_BERAKNING = {"calcId": "191029"}


def drop_blad(arbete: Arbete) -> None:
    """Take the sheets that are not to be in the copy out of the workbook's list."""
    ids = []
    for sheet in arbete.borttagna:
        ids.append(sheet.post.get(f"{{{NS_REL}}}id", ""))
        remove(sheet.post)
    arbete.delar.drop_relations(arbete.bok, ids)
    places = {b.nummer: i for i, b in enumerate(arbete.kvar)}
    first = next((i for i, b in enumerate(arbete.kvar) if not b.dolt), 0)
    for view in arbete.delar.root(arbete.bok).iterfind(f"{q('bookViews')}/{q('workbookView')}"):
        for attribute in ("activeTab", "firstSheet"):
            number = view.get(attribute)
            if number is not None:
                view.set(attribute, str(places.get(int(number), first)))


def clean_bok(arbete: Arbete) -> None:
    """Strip the workbook's part of all but its sheets, names and looks."""
    root = arbete.delar.root(arbete.bok)
    for child in list(root):
        name = local(child)
        if name not in _FAR_FINNAS:  # also absPath, the sender's folder, and ids of the document
            arbete.utfall.remove(_SLOPAS.get(name), "")
            if any(local(e) == "absPath" for e in child.iter()):
                arbete.utfall.remove(Slag.SOKVAGAR, "arbetsbokens mapp")
            root.remove(child)
    for tag, allowed in (
        ("workbookPr", _INSTALLNINGAR),
        ("fileVersion", ("appName", "lastEdited", "lowestEdited", "rupBuild")),
        ("workbookProtection", None),
    ):
        element = root.find(q(tag))
        for attribute in [] if element is None else list(element.attrib):
            # The protection of the structure stays, that of a log of changes has nothing to guard.
            kept = allowed is None and "evisions" not in attribute and attribute != "lockRevision"
            if element is not None and not kept and attribute not in (allowed or ()):
                element.attrib.pop(attribute)
    holder = root.find(q("extLst"))
    for extension in [] if holder is None else list(holder):
        inside = [local(c) for c in extension]
        slicers = any("licerCaches" in name for name in inside)
        if not set(inside) <= set(_TILLAGG) or (slicers and not arbete.utsnitt):
            remove(extension)
    if holder is not None and not len(holder):
        remove(holder)
    _set_berakning(root)


def _set_berakning(root: etree._Element) -> None:
    calc = etree.Element(q("calcPr"), _BERAKNING)
    before = [e for tag in ("definedNames", "sheets") if (e := root.find(q(tag))) is not None]
    before[0].addnext(calc)
