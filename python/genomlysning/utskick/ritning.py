"""Drawings of a copy: shapes, pictures and charts stay, buttons and what leads outside go."""

import ntpath
import re

from lxml import etree

from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import drop_attributes, local, rel_attributes, remove
from genomlysning.utskick.diagram import is_broken
from genomlysning.utskick.tillatet import SOKVAG
from genomlysning.utskick.utfall import Slag

_FORM = ("sp", "pic", "graphicFrame", "grpSp", "cxnSp", "contentPart")
_ANKARE = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor", "relSizeAnchor", "absSizeAnchor")
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
_TEXTER = ("descr", "title", "name", "alt")


def clean_ritning(arbete: Arbete, blad: str, part: str) -> None:
    """Strip a drawing (also one within a chart) of all that acts or leads outside."""
    root = arbete.delar.root(part)
    for e in list(root.iter()):
        uri = e.get("uri", "") if local(e) == "graphicData" else ""
        slicer = "timeslicer" in uri or ("slicer" in uri and not arbete.utsnitt)
        # compatExt marks the shadow of a button or an embedded object.
        if local(e) == "compatExt" or slicer:
            _drop_form(e)
        elif local(e) == "sp" and e.get("macro"):
            arbete.utfall.remove(Slag.KNAPPAR, _place(blad, _text(e)))
            _drop_form(e)
        elif local(e) == "cameraTool":
            _drop_ext(e)
        elif local(e) == "fld" and e.get("type") == "TxLink":  # text of a cell, now only text
            e.tag = e.tag.replace("}fld", "}r")
            drop_attributes(e, "id", "type")
            for properties in [c for c in e if local(c) == "pPr"]:
                e.remove(properties)
    for e in root.iter():
        for attribute in ("macro", "textlink"):
            if e.get(attribute):
                e.set(attribute, "")
    _clean_diagramref(arbete, blad, part, root)
    _clean_lankar(arbete, blad, part, root)


def clean_vml(arbete: Arbete, blad: str, part: str) -> bool:
    """Strip a sheet's older drawing of its buttons; tell whether anything is left in it."""
    root = arbete.delar.root(part)
    left = False
    for shape in [e for e in root.iter() if local(e) in ("shape", "group", "rect", "oval")]:
        data = shape.find(f"{_EXCEL}ClientData")
        if data is None or data.get("ObjectType") == "Note":
            left = left or local(shape) == "shape"
            continue
        if data.get("ObjectType") != "Pict":  # embedded objects are told of as relationships
            arbete.utfall.remove(Slag.KNAPPAR, _place(blad, "".join(_texts(shape)).strip()))
        remove(shape)
    for e in list(root.iter()):
        if local(e).startswith("Fmla"):
            remove(e)
        elif isinstance(e.tag, str):
            for attribute in list(e.attrib):
                if isinstance(attribute, str) and attribute.rpartition("}")[2] in ("href", "src"):
                    e.attrib.pop(attribute)
    return left


def drop_lost(arbete: Arbete, part: str) -> None:
    """Drop what names a relationship that is no longer there, which Excel would want to repair."""
    root = arbete.delar.root(part)
    ids = {r.id for r in arbete.delar.relations(part)}
    for e in [e for e in root.iter() if isinstance(e.tag, str)]:
        for attribute, rid in rel_attributes(e).items():
            if rid in ids or not rid:
                continue
            if local(e) == "blip":
                e.attrib.pop(attribute)
                if not rel_attributes(e):
                    _drop_form(e)
            elif local(e) in ("chart", "relIds", "contentPart", "webextensionref"):
                _drop_form(e)
            elif local(e).startswith("hlink"):
                remove(e)
            else:
                _drop_ext(e)


def clean_sokvagar(arbete: Arbete, part: str) -> None:
    """Leave only the file's name where a drawing remembers the folder it came from."""
    for e in arbete.delar.root(part).iter():
        if not isinstance(e.tag, str):
            continue
        for name, value in list(e.attrib.items()):
            if isinstance(name, str) and isinstance(value, str) and SOKVAG.match(value):
                text = ntpath.basename(re.sub(r"/", r"\\", value))
                e.set(name, text if name.rpartition("}")[2] in _TEXTER else "")
                arbete.utfall.remove(Slag.SOKVAGAR, text)


def _clean_diagramref(arbete: Arbete, blad: str, part: str, root: etree._Element) -> None:
    """Drop charts of the newest kinds that draw what is not in the copy; they can't be frozen."""
    newer = {r.id: r.mal for r in arbete.delar.relations(part) if r.kind == "chartEx"}
    for e in list(root.iter()):
        for rid in rel_attributes(e).values() if isinstance(e.tag, str) else ():
            if rid in newer and is_broken(arbete, arbete.delar.root(newer[rid])):
                arbete.utfall.remove(Slag.DIAGRAM, blad)
                arbete.delar.drop_relations(part, [rid])
                _drop_form(e)


def _clean_lankar(arbete: Arbete, blad: str, part: str, root: etree._Element) -> None:
    relations = {r.id: r for r in arbete.delar.relations(part)}
    for e in [e for e in root.iter() if local(e).startswith("hlink")]:
        for rid in rel_attributes(e).values():
            relation = relations.get(rid)
            inside = relation is not None and relation.mal.startswith("#")
            if relation is None or (
                inside and arbete.hanvisningar.is_broken(relation.mal.lstrip("#"))
            ):
                arbete.utfall.remove(Slag.LANKAR, blad)
                arbete.delar.drop_relations(part, [rid])
                remove(e)
        if SOKVAG.match(e.get("tooltip", "")):
            e.attrib.pop("tooltip")


def _drop_form(element: etree._Element) -> None:
    """Drop the shape that an element is part of, and its anchor when that holds nothing more."""
    form: etree._Element | None = element
    while form is not None and local(form) not in _FORM:
        form = form.getparent()
    if form is None:
        remove(element)
        return
    holder = form.getparent()
    while holder is not None and local(holder) in ("Choice", "Fallback", "AlternateContent"):
        form, holder = holder, holder.getparent()
    remove(form)
    if holder is not None and local(holder) in _ANKARE:
        outer = holder.getparent()
        while outer is not None and local(outer) in ("Choice", "AlternateContent"):
            holder, outer = outer, outer.getparent()
        remove(holder)
    elif (
        holder is not None
        and local(holder) == "grpSp"
        and not any(local(c) in (*_FORM, "AlternateContent") for c in holder)
    ):
        _drop_form(holder)


def _drop_ext(element: etree._Element) -> None:
    """Drop an element, or the extension that it is the content of."""
    parent = element.getparent()
    remove(element)
    if parent is not None and local(parent) in ("ext", "extLst") and not len(parent):
        _drop_ext(parent)


def _text(shape: etree._Element) -> str:
    words = "".join(_texts(shape)).strip()
    name = next((e.get("name", "") for e in shape.iter() if local(e) == "cNvPr"), "")
    return words or name


def _texts(shape: etree._Element) -> list[str]:
    """Return what is written on a shape."""
    boxes = [e for e in shape.iter() if local(e) in ("txBody", "textbox")]
    return [str(text) for box in boxes for text in box.itertext()]


def _place(blad: str, name: str) -> str:
    return f"{blad}: {' '.join(name.split())}" if name else blad
