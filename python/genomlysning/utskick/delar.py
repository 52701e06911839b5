"""The parts of a package while they are stripped: XML trees, relationships, content types."""

import posixpath
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from genomlysning.bok.lasning import NS_REL, parse_del
from genomlysning.bok.paket import TRASIG, Paket
from genomlysning.fel import FilFel

INNEHALLSTYPER = "[Content_Types].xml"
_CT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_HUVUD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: The same file whenever and wherever it is made.
_DATUM = (1980, 1, 1, 0, 0, 0)
_XML = (".xml", ".rels", ".vml")


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship of a part. `mal` is a part's name, or an address where `extern` is true."""

    id: str
    kind: str
    mal: str
    extern: bool


class Delar:
    """All parts of one package, to be changed and written to a new file."""

    def __init__(self, paket: Paket, fil: Path) -> None:
        self.fil = fil
        self._content = {n: paket[n] for n in paket if not n.endswith("/")}
        self._roots: dict[str, etree._Element] = {}
        self._types = self.root(INNEHALLSTYPER)

    def __contains__(self, name: str) -> bool:
        return name in self._content

    def root(self, name: str) -> etree._Element:
        """Return a part's XML; what is changed in it is written. Raises FilFel for none."""
        if name not in self._roots:
            if name not in self._content:
                raise FilFel(TRASIG, fil=self.fil, vad=f"delen {name} saknas")
            content = self._content[name]
            if name.endswith(".vml"):
                content = _mend_vml(content)
            self._roots[name] = parse_del(content, name, self.fil)
        return self._roots[name]

    def is_xml(self, name: str) -> bool:
        """Tell whether a part is XML."""
        kind = self.content_type(name)
        return kind.endswith(("+xml", "/xml", "vmlDrawing")) or name.lower().endswith(_XML)

    def content_type(self, name: str) -> str:
        """Return a part's content type, empty where it has none."""
        extension = name.rpartition(".")[2].lower()
        default = ""
        for entry in self._types:
            if entry.tag == f"{_CT}Override":
                if entry.get("PartName", "").lstrip("/").lower() == name.lower():
                    return entry.get("ContentType", "")
            elif entry.tag == f"{_CT}Default" and entry.get("Extension", "").lower() == extension:
                default = entry.get("ContentType", "")
        return default

    def set_content_type(self, name: str, content_type: str) -> None:
        """Give a part a content type of its own."""
        for entry in list(self._types):
            if entry.get("PartName", "").lstrip("/").lower() == name.lower():
                self._types.remove(entry)
        etree.SubElement(
            self._types, f"{_CT}Override", {"PartName": f"/{name}", "ContentType": content_type}
        )

    def relations(self, part: str) -> list[Relation]:
        """Return the relationships of a part, '' is the package itself."""
        name = rels_name(part)
        if name not in self._content:
            return []
        found = []
        for r in self.root(name):
            if not isinstance(r.tag, str):
                continue
            target, kind = r.get("Target", ""), r.get("Type", "").rstrip("/").rsplit("/", 1)[-1]
            extern = r.get("TargetMode") == "External" or target.startswith("#")
            mal = target if extern else _resolve(part, target)
            found.append(Relation(r.get("Id", ""), kind, mal, extern))
        return found

    def find_relation(self, part: str, kind: str) -> str | None:
        """Return the part that the first relationship of a kind leads to."""
        return next((r.mal for r in self.relations(part) if r.kind == kind and not r.extern), None)

    def drop_relations(self, part: str, ids: Collection[str]) -> None:
        """Take relationships away from a part."""
        if ids:
            root = self.root(rels_name(part))
            for r in list(root):
                if isinstance(r.tag, str) and r.get("Id") in ids:
                    root.remove(r)

    def reachable(self) -> Iterator[str]:
        """Yield every part that relationships lead to."""
        seen = {""}
        stack = [""]
        while stack:
            for r in self.relations(stack.pop()):
                if not r.extern and r.mal in self._content and r.mal not in seen:
                    seen.add(r.mal)
                    stack.append(r.mal)
                    yield r.mal

    def write(self, fil: Path) -> None:
        """Write what relationships lead to. Parts that did not change keep their very bytes."""
        parts = sorted(self.reachable())
        names = [n for p in ("", *parts) if (n := rels_name(p)) in self._content]
        names = [n for n in names if len(self.root(n))]
        self._tidy_types({*parts, *names})
        with zipfile.ZipFile(fil, "w", zipfile.ZIP_DEFLATED) as package:
            for name in (INNEHALLSTYPER, *names, *parts):
                info = zipfile.ZipInfo(name, _DATUM)
                info.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(info, self._finished(name))

    def _finished(self, name: str) -> bytes:
        content, root = self._content[name], self._roots.get(name)
        if root is None:
            return content
        new = etree.tostring(root, encoding="UTF-8")
        del self._roots[name]
        return content if new == etree.tostring(self.root(name), encoding="UTF-8") else _HUVUD + new

    def _tidy_types(self, names: Collection[str]) -> None:
        extensions = {n.rpartition(".")[2].lower() for n in names}
        for entry in list(self._types):
            part = entry.get("PartName")
            gone = (
                part.lstrip("/") not in names
                if part is not None
                else entry.get("Extension", "").lower() not in extensions
            )
            if gone:
                self._types.remove(entry)


def rels_name(part: str) -> str:
    """Return the name of the part that holds a part's relationships."""
    folder, file = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{file}.rels")


def rel_attributes(element: etree._Element) -> Mapping[str, str]:
    """Return an element's attributes that name relationships, with the ids they name."""
    return {
        name: value
        for name, value in element.attrib.items()
        if isinstance(name, str)
        and isinstance(value, str)
        and (
            name.startswith(f"{{{NS_REL}}}")
            or name == "{urn:schemas-microsoft-com:office:office}relid"
        )
    }


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace, empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def drop_attributes(element: etree._Element, *names: str) -> bool:
    """Take attributes away from an element; tell whether it had any of them."""
    found = [n for n in names if n in element.attrib]
    for name in found:
        del element.attrib[name]
    return bool(found)


def remove(element: etree._Element) -> None:
    """Take an element out of its tree."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _resolve(part: str, target: str) -> str:
    whole = posixpath.join("/", posixpath.dirname(part), target)  # which may be absolute
    return posixpath.normpath(whole).lstrip("/")


def _mend_vml(content: bytes) -> bytes:
    """Return drawings in Office's older language as plain XML, which they are not always."""
    try:
        etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(content, parser)
        return b"" if root is None else etree.tostring(root, encoding="UTF-8")
    return content
