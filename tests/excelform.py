"""Rewrites a workbook into the form that Excel gives it at saving, from what Excel-made files show.

What it says stays the same, cell by cell; how the package says it does not: short references to
columns, formulas that share their text, one marked as a dynamic array, strings, cell styles and
looks of rules numbered anew, rows without our heights, dropdowns with words from other sheets among
the extensions, buttons as controls in `mc:AlternateContent`, a chain for reckoning, and Excel's own
attributes and properties everywhere.
"""

import re
import uuid
from itertools import groupby
from pathlib import Path

from lxml import etree
from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import coordinate_to_tuple

from excelredigering import CT, DRAWING, MAIN, REL, Excelredigering, q

MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
MS = "http://schemas.microsoft.com/office"
X14 = f"{MS}/spreadsheetml/2009/9/main"
AC = f"{MS}/spreadsheetml/2009/9/ac"
XM = f"{MS}/excel/2006/main"
XR = f"{MS}/spreadsheetml/2014/revision"
XR2 = f"{MS}/spreadsheetml/2015/revision2"
XR3 = f"{MS}/spreadsheetml/2016/revision3"
XR6 = f"{MS}/spreadsheetml/2016/revision6"
XR10 = f"{MS}/spreadsheetml/2016/revision10"
X15 = f"{MS}/spreadsheetml/2010/11/main"
X15AC = f"{MS}/spreadsheetml/2010/11/ac"
A14 = f"{MS}/drawing/2010/main"
XDA = f"{MS}/spreadsheetml/2017/dynamicarray"
SS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
VALIDERING = "{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"
_KORT = re.compile(r"(\w+)\[\[(?!#)([\w -]+)\]\]")
_UTAN_PLATS = re.compile(r'"[^"]*"|\[[^\[\]]*\]')
_PLATS = re.compile(r"[A-Z]\$?\d|\d:\$?\d|:\$?[A-Z]")
_LISTA = "COUNTIF(Listor!$N$2:$N$41"


def save_as_excel(fil: Path, ut: Path) -> Path:
    """Write the workbook `fil` to `ut` as Excel would have saved it."""
    bok = Excelredigering(fil)
    _number_strings(bok)
    _number_styles(bok)
    for name in bok.sheets:
        root = bok.sheet(name)
        _spell_formulas(root)
        _share_formulas(root)
        _mark_rows(root)
        _move_validations(root)
        _add_controls(bok, name)
        bok.roots[bok.sheets[name]] = _dress(
            root, {"x14ac": AC, "xr": XR, "xr2": XR2, "xr3": XR3}, "x14ac xr xr2 xr3", uid=True
        )
    for part in [p for p in bok.roots if p.startswith("xl/tables/")]:
        table = bok.root(part)
        _spell_formulas(table)
        for column in table.iter(q("tableColumn")):
            column.set(f"{{{XR3}}}uid", _uid(part + column.get("id")))
        bok.roots[part] = _dress(table, {"xr": XR, "xr3": XR3}, "xr xr3", uid=True)
    _mark_dynamic(bok)
    _write_chain(bok)
    _dress_workbook(bok)
    _write_properties(bok)
    bok.save(ut)
    return ut


def _uid(seed: str) -> str:
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_OID, seed)).upper() + "}"


def _dress(root, spaces, ignorable, *, uid=False):
    """Return an element with more namespaces, of which older programs may ignore some."""
    new = etree.Element(root.tag, root.attrib, nsmap={**root.nsmap, "mc": MC, **spaces})
    new.text = root.text
    new.extend(list(root))
    new.set(f"{{{MC}}}Ignorable", ignorable)
    if uid:
        new.set(f"{{{XR}}}uid", _uid(new.get("name") or str(len(new))))
    return new


# ---- strings and styles ----------------------------------------------------------------------


def _number_strings(bok):
    """Put all texts of cells among the shared ones, in another order."""
    root = bok.root("xl/sharedStrings.xml")
    items = list(root)
    cells = [c for name in bok.sheets for c in bok.sheet(name).iter(q("c"))]
    for c in cells:
        inline = c.find(q("is"))
        if inline is None:
            continue
        item = etree.Element(q("si"))
        item.extend(list(inline))
        c.remove(inline)
        c.set("t", "s")
        etree.SubElement(c, q("v")).text = str(len(items))
        items.append(item)
    number = {old: new for new, old in enumerate(reversed(range(len(items))))}
    count = 0
    for c in cells:
        if c.get("t") == "s":
            c.find(q("v")).text = str(number[int(c.find(q("v")).text)])
            count += 1
    root[:] = reversed(items)
    root.set("count", str(count))
    root.set("uniqueCount", str(len(items)))


def _number_styles(bok):
    """Number the cells' styles and the looks of rules the other way round, the first one kept."""
    styles = bok.root("xl/styles.xml")
    number = _turn(styles.find(q("cellXfs")), keep=1)
    looks = _turn(styles.find(q("dxfs")), keep=0)
    for name in bok.sheets:
        for element in bok.sheet(name).iter():
            if not isinstance(element.tag, str):
                continue
            key = {q("c"): "s", q("row"): "s", q("col"): "style"}.get(element.tag)
            if key and element.get(key):
                element.set(key, str(number[int(element.get(key))]))
            if element.get("dxfId"):
                element.set("dxfId", str(looks[int(element.get("dxfId"))]))
    for part, root in bok.roots.items():
        if part.startswith("xl/tables/"):
            for element in root.iter():
                for key in [k for k in element.attrib if k.endswith("DxfId")]:
                    element.set(key, str(looks[int(element.get(key))]))


def _turn(holder, keep):
    items = list(holder)
    order = [*range(keep), *reversed(range(keep, len(items)))]
    holder[:] = [items[i] for i in order]
    return {old: new for new, old in enumerate(order)}


# ---- sheets ----------------------------------------------------------------------------------


def _spell_formulas(root):
    for element in root.iter(q("f"), q("calculatedColumnFormula"), q("formula")):
        if element.text:
            element.text = _KORT.sub(r"\1[\2]", element.text)


def _share_formulas(root):
    """Let cells below each other share a formula that is the same but for where it stands."""
    columns: dict[int, list] = {}
    for c in root.iter(q("c")):
        f = c.find(q("f"))
        if f is not None and f.text and f.get("t") is None:
            row, col = coordinate_to_tuple(c.get("r"))
            as_first = f.text
            if _PLATS.search(_UTAN_PLATS.sub("", f.text)):  # openpyxl takes its time
                moved = Translator(f"={f.text}", origin=c.get("r"))
                as_first = moved.translate_formula("XFD500000")
            columns.setdefault(col, []).append((row, as_first, c.get("r"), f))
    number = 0
    for cells in columns.values():
        runs = groupby(enumerate(cells), key=lambda e: (e[1][0] - e[0], e[1][1]))
        for run in ([cell for _, cell in group] for _, group in runs):
            if len(run) < 2:
                continue
            for i, (_, _, _, f) in enumerate(run):
                f.set("t", "shared")
                if i:
                    f.text = None
                else:
                    f.set("ref", f"{run[0][2]}:{run[-1][2]}")
                f.set("si", str(number))
            number += 1


def _mark_rows(root):
    height = root.find(q("sheetFormatPr"))
    if height is None:  # a sheet that a test has made
        height = etree.Element(q("sheetFormatPr"), {"defaultRowHeight": "15"})
        root.find(q("sheetData")).addprevious(height)
    height.set(f"{{{AC}}}dyDescent", "0.25")
    for row in root.iter(q("row")):
        for key in ("ht", "customHeight"):
            row.attrib.pop(key, None)
        if len(row):
            ends = [coordinate_to_tuple(row[i].get("r"))[1] for i in (0, -1)]
            row.set("spans", f"{ends[0]}:{ends[1]}")
        row.set(f"{{{AC}}}dyDescent", "0.25")


def _move_validations(root):
    """Put the checks that refer to other sheets among the extensions, last on the sheet."""
    holder = root.find(q("dataValidations"))
    moved = [] if holder is None else [v for v in holder if "!" in "".join(v.itertext())]
    if not moved:
        return
    extensions = root.find(q("extLst"))
    if extensions is None:
        extensions = etree.SubElement(root, q("extLst"))
    ext = etree.SubElement(extensions, q("ext"), {"uri": VALIDERING}, nsmap={"x14": X14})
    count = str(len(moved))
    new = etree.SubElement(ext, f"{{{X14}}}dataValidations", {"count": count}, nsmap={"xm": XM})
    for old in moved:
        holder.remove(old)
        attributes = {k: v for k, v in old.attrib.items() if k != "sqref"}
        attributes[f"{{{XR}}}uid"] = _uid(old.get("sqref"))
        one = etree.SubElement(new, f"{{{X14}}}dataValidation", attributes, nsmap={"xr": XR})
        for formula in old:
            target = etree.SubElement(one, f"{{{X14}}}{etree.QName(formula).localname}")
            etree.SubElement(target, f"{{{XM}}}f").text = formula.text
        etree.SubElement(one, f"{{{XM}}}sqref").text = old.get("sqref")
    if len(holder):
        holder.set("count", str(len(holder)))
    else:
        root.remove(holder)


def _add_controls(bok, name):
    """Let each button be a control too, with its properties and its shape in parts of their own."""
    part, root = bok.sheets[name], bok.sheet(name)
    legacy = root.find(q("legacyDrawing"))
    if legacy is None:
        return
    rels = part.replace("worksheets/", "worksheets/_rels/") + ".rels"
    wanted = legacy.get(f"{{{REL}}}id")
    target = next(r.get("Target") for r in bok.root(rels) if r.get("Id") == wanted)
    vml = bok.parts["xl/" + target.removeprefix("../")].decode()
    shapes = re.findall(r'<v:shape id="_x0000_s(\d+)".*?</v:shape>', vml, re.DOTALL)
    macros = re.findall(r"<x:FmlaMacro>(.*?)</x:FmlaMacro>", vml)
    anchors = re.findall(r"<x:Anchor>(.*?)</x:Anchor>", vml)
    texts = re.findall(r"<font[^>]*>(.*?)</font>", vml)
    if not macros:
        return
    controls, drawn = "", ""
    buttons = zip(shapes, macros, anchors, texts, strict=True)
    for i, (number, macro, anchor, text) in enumerate(buttons, 1):
        prop = f"xl/ctrlProps/ctrlProp{len(bok.parts)}.xml"
        bok.add_part(
            prop,
            f'<formControlPr xmlns="{X14}" objectType="Button" lockText="1"/>'.encode(),
            "application/vnd.ms-excel.controlproperties+xml",
        )
        rid = bok.relate(part, f"{REL}/ctrlProp", f"../{prop.removeprefix('xl/')}")
        place = [int(n) for n in anchor.split(",")]
        names = ("col", "colOff", "row", "rowOff")
        ends = [
            "".join(
                f"<xdr:{n}>{v * 9525 if 'Off' in n else v}</xdr:{n}>"
                for n, v in zip(names, half, strict=True)
            )
            for half in (place[:4], place[4:])
        ]
        controls += (
            f'<mc:AlternateContent><mc:Choice Requires="x14"><control shapeId="{number}" '
            f'r:id="{rid}" name="Button {i}"><controlPr defaultSize="0" print="0" autoFill="0" '
            f'autoPict="0" macro="{macro}"><anchor><from>{ends[0]}</from><to>{ends[1]}</to>'
            "</anchor></controlPr></control></mc:Choice></mc:AlternateContent>"
        )
        drawn += (
            '<mc:AlternateContent><mc:Choice Requires="a14"><xdr:twoCellAnchor editAs="oneCell">'
            f"<xdr:from>{ends[0]}</xdr:from><xdr:to>{ends[1]}</xdr:to>"
            f'<xdr:sp macro="{macro}" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{number}" '
            f'name="Button {i}" hidden="1"><a:extLst><a:ext uri="{{63B3BB69-23CF-44E3-9099-'
            f'C40C66FF867C}}"><a14:compatExt spid="_x0000_s{number}"/></a:ext></a:extLst>'
            '</xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/>'
            '<a:ext cx="0" cy="0"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
            f"</xdr:spPr><xdr:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
            '</xdr:txBody></xdr:sp><xdr:clientData fPrintsWithSheet="0"/></xdr:twoCellAnchor>'
            "</mc:Choice><mc:Fallback/></mc:AlternateContent>"
        )
    spaces = (
        f'xmlns="{MAIN}" xmlns:r="{REL}" xmlns:mc="{MC}" xmlns:x14="{X14}" xmlns:a14="{A14}" '
        f'xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main"'
    )
    whole = (
        f'<mc:AlternateContent {spaces}><mc:Choice Requires="x14"><controls>{controls}</controls>'
        "</mc:Choice></mc:AlternateContent>"
    )
    legacy.addnext(etree.fromstring(whole))
    drawing = root.find(q("drawing"))
    if drawing is None:
        new = f"xl/drawings/drawing{len(bok.parts)}.xml"
        kind = "application/vnd.openxmlformats-officedocument.drawing+xml"
        bok.add_part(new, f"<xdr:wsDr {spaces}>{drawn}</xdr:wsDr>".encode(), kind)
        rid = bok.relate(part, f"{REL}/drawing", f"../{new.removeprefix('xl/')}")
        legacy.addprevious(etree.Element(q("drawing"), {f"{{{REL}}}id": rid}))
        return
    target = next(r for r in bok.root(rels) if r.get("Id") == drawing.get(f"{{{REL}}}id"))
    shown = bok.root("xl/" + target.get("Target").removeprefix("../"))
    shown.extend(list(etree.fromstring(f"<xdr:wsDr {spaces}>{drawn}</xdr:wsDr>")))


def _mark_dynamic(bok):
    """Mark a formula as one that may spill, as Excel does when it is entered anew."""
    cells = [c for c in bok.sheet("Start").iter(q("c")) if c.find(q("f")) is not None]
    one = next(c for c in cells if _LISTA in (c.find(q("f")).text or ""))
    one.set("cm", "1")
    one.find(q("f")).attrib.update({"t": "array", "ref": one.get("r")})
    part = "xl/metadata.xml"
    bok.add_part(
        part,
        f'<metadata xmlns="{MAIN}" xmlns:xda="{XDA}"><metadataTypes count="1"><metadataType '
        'name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" '
        'merge="1" splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" '
        'coerce="1" cellMeta="1"/></metadataTypes><futureMetadata name="XLDAPR" count="1"><bk>'
        '<extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"><xda:dynamicArrayProperties '
        'fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata><cellMetadata count="1">'
        '<bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'.encode(),
        f"{SS}.sheetMetadata+xml",
    )
    bok.relate("xl/workbook.xml", f"{REL}/sheetMetadata", "metadata.xml")


# ---- the workbook ----------------------------------------------------------------------------


def _write_chain(bok):
    """Write the order that Excel reckons in, the last sheet first."""
    entries = ""
    for number, name in reversed(list(enumerate(bok.sheets, start=1))):
        cells = [c.get("r") for c in bok.sheet(name).iter(q("c")) if c.find(q("f")) is not None]
        for i, ref in enumerate(reversed(cells)):
            entries += f'<c r="{ref}"' + ("/>" if i else f' i="{number}"/>')
    bok.add_part(
        "xl/calcChain.xml",
        f'<calcChain xmlns="{MAIN}">{entries}</calcChain>'.encode(),
        f"{SS}.calcChain+xml",
    )
    bok.relate("xl/workbook.xml", f"{REL}/calcChain", "calcChain.xml")


def _dress_workbook(bok):
    root = bok.root("xl/workbook.xml")
    version = root.find(q("fileVersion"))
    version.attrib.update({"lastEdited": "7", "lowestEdited": "4", "rupBuild": "28324"})
    folder = etree.fromstring(
        f'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice Requires="x15" xmlns:x15="{X15}">'
        f'<x15ac:absPath url="C:\\Users\\anna\\Documents\\" xmlns:x15ac="{X15AC}"/></mc:Choice>'
        "</mc:AlternateContent>"
    )
    root.find(q("workbookPr")).addnext(folder)
    revision = etree.Element(f"{{{XR}}}revisionPtr", nsmap={"xr": XR, "xr6": XR6, "xr10": XR10})
    revision.set("revIDLastSave", "0")
    revision.set("documentId", f"13_ncr:1_{_uid('bok')}")
    for key in ("coauthVersionLast", "coauthVersionMax"):
        revision.set(f"{{{XR6}}}{key}", "47")
    revision.set(f"{{{XR10}}}uidLastSave", _uid("0"))
    folder.addnext(revision)
    root.find(f"{q('bookViews')}/{q('workbookView')}").set(f"{{{XR2}}}uid", _uid("vy"))
    for name in root.iter(q("definedName")):
        sheet, _, area = name.text.partition("!")
        if re.fullmatch(r"'\w+'", sheet) and not sheet[1].isdigit():
            name.text = f"{sheet[1:-1]}!{area}"
    calc = root.find(q("calcPr"))
    calc.attrib.clear()
    calc.set("calcId", "191029")
    spaces = {"x15": X15, "xr": XR, "xr6": XR6, "xr10": XR10, "xr2": XR2}
    bok.roots["xl/workbook.xml"] = _dress(root, spaces, "x15 xr xr6 xr10 xr2")


def _write_properties(bok):
    core = bok.root("docProps/core.xml")
    for element in core:
        if element.tag.endswith("}lastModifiedBy"):
            element.text = "Anna Andersson"
        elif element.tag.endswith("}modified"):
            element.text = "2026-11-30T12:34:56Z"
    app = bok.root("docProps/app.xml")
    version = next(e for e in app if e.tag.endswith("}AppVersion"))
    version.text = "16.0300"
    assert all(e.get("PartName") for e in bok.root("[Content_Types].xml").iter(f"{{{CT}}}Override"))
