"""The styles and numberings that the report's text is written with, in any Word template.

A style is found by its name, which Word keeps in English in the file whatever language it shows.
What a municipality's template lacks is taken from the standard one; headings get numbers as text
where the template's own headings have none.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, cast

from docx import Document
from docx.document import Document as Dokument
from docx.opc.constants import CONTENT_TYPE as CT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart

from genomlysning.rapport.standardmall import find_standardmall

NORMAL, BILDTEXT, LISTA = "normal", "caption", "list paragraph"
RUBRIKER = ("heading 1", "heading 2")
INNEHALL = ("toc 1", "toc 2")
KOMMENTARTEXT, KOMMENTARMARKE = "annotation text", "annotation reference"
BILD = "genomlysning bild"
TABELL, TABELLTEXT, TABELLTAL = (
    "genomlysning tabell",
    "genomlysning tabelltext",
    "genomlysning tabelltal",
)
KALLA, ENHET = "genomlysning källa", "genomlysning enhet"
VARNING = "genomlysning varning"
SAKNAS, EXEMPEL = "genomlysning saknas", "genomlysning exempel"
#: The width of text that the standard template's tabs are made for, in twentieths of a point.
STANDARDBREDD = 9298
_BEHOVS = (
    *(NORMAL, *RUBRIKER, *INNEHALL, BILDTEXT, LISTA, "header", BILD),
    *(TABELL, TABELLTEXT, TABELLTAL, KALLA, VARNING, ENHET, SAKNAS, EXEMPEL),
    *(KOMMENTARTEXT, KOMMENTARMARKE),
)
#: Lists: their indents for running text and for a cell, in twentieths of a point.
_INDRAG = {"text": (357, 357), "cell": (200, 200)}
_NIVAER = 3
_SPRAK = "sv-SE"


class Formatmallar:
    """The styles of one document. `bredd` is the width of its text in twentieths of a point."""

    def __init__(self, document: Dokument, bredd: int) -> None:
        self.root: Any = document.styles.element
        self._ids: dict[str, str] = {
            self._name(s): s.get(qn("w:styleId")) for s in self._styles(self.root)
        }
        self._import(bredd)
        self._set_sprak()
        self._numbering: Any = _numbering_part(document).element
        self._listor = {k: self._add_abstract_lists(*v) for k, v in _INDRAG.items()}
        self.rubriknummer = [self._find_nummer(namn) for namn in RUBRIKER]

    def id(self, namn: str) -> str:
        """Return a style's id by its name in small letters."""
        return self._ids[namn]

    @property
    def numrerar(self) -> bool:
        """Tell whether the headings number themselves."""
        return all(self.rubriknummer)

    def add_num(self, slag: str, niva: int, start: int | None) -> int:
        """Return a new list's number; a level of it counts from `start`, with bullets if None."""
        bullet, number = self._listor[slag]
        return self._add_num(bullet if start is None else number, niva, start)

    def add_rubriknum(self, niva: int, start: int) -> int:
        """Return a numbering of headings that goes on from `start` at a level (0 or 1)."""
        abstract, ilvl = self.rubriknummer[niva] or (0, niva)
        return self._add_num(abstract, ilvl, start)

    # ---- styles ----------------------------------------------------------------------------

    @staticmethod
    def _styles(root: Any) -> list[Any]:
        return list(root.iterchildren(qn("w:style")))

    @staticmethod
    def _name(style: Any) -> str:
        name = style.find(qn("w:name"))
        return "" if name is None else str(name.get(qn("w:val"))).lower()

    def _import(self, bredd: int) -> None:
        """Add the styles that are lacking, with those that they build on."""
        standard: Any = Document(str(find_standardmall())).styles.element
        source = {self._name(s): s for s in self._styles(standard)}
        names = {s.get(qn("w:styleId")): n for n, s in source.items()}

        def take(name: str) -> str:
            if name in self._ids:
                return self._ids[name]
            style = deepcopy(source[name])
            style.attrib.pop(qn("w:default"), None)
            taken = set(self._ids.values())
            while style.get(qn("w:styleId")) in taken:
                style.set(qn("w:styleId"), f"{style.get(qn('w:styleId'))}G")
            self._ids[name] = style.get(qn("w:styleId"))
            for tag in ("w:basedOn", "w:next", "w:link"):
                for reference in style.findall(qn(tag)):
                    reference.set(qn("w:val"), take(names[reference.get(qn("w:val"))]))
            for numbering in list(style.iter(qn("w:numPr"))):  # its list is in another file
                numbering.getparent().remove(numbering)
            for tab in style.iter(qn("w:tab")):
                if tab.get(qn("w:pos")) == str(STANDARDBREDD):
                    tab.set(qn("w:pos"), str(bredd))
            self.root.append(style)
            return self._ids[name]

        for name in _BEHOVS:
            take(name)

    def _set_sprak(self) -> None:
        """Say that the text is Swedish, unless a style says something else of its own."""
        defaults = self.root.find(qn("w:docDefaults"))
        if defaults is None:
            defaults = parse_xml(f"<w:docDefaults {nsdecls('w')}/>")
            self.root.insert(0, defaults)
        run = defaults.find(qn("w:rPrDefault"))
        if run is None:
            run = parse_xml(f"<w:rPrDefault {nsdecls('w')}/>")
            defaults.insert(0, run)
        properties = run.find(qn("w:rPr"))
        if properties is None:
            properties = parse_xml(f"<w:rPr {nsdecls('w')}/>")
            run.append(properties)
        language = properties.find(qn("w:lang"))
        if language is None:
            language = parse_xml(f"<w:lang {nsdecls('w')}/>")
            properties.append(language)
        language.set(qn("w:val"), _SPRAK)
        normal = next(s for s in self._styles(self.root) if self._name(s) == NORMAL)
        for own in normal.iter(qn("w:lang")):
            own.set(qn("w:val"), _SPRAK)

    # ---- numbering -------------------------------------------------------------------------

    def _find_nummer(self, namn: str) -> tuple[int, int] | None:
        """Return the list (abstract number, level) that a heading's style numbers it by."""
        style_id: str | None = self.id(namn)
        by_id = {s.get(qn("w:styleId")): s for s in self._styles(self.root)}
        own = style_id
        while style_id in by_id:
            style = by_id[style_id]
            numbering = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if numbering is not None and numbering.find(qn("w:numId")) is not None:
                num = numbering.find(qn("w:numId")).get(qn("w:val"))
                return self._find_niva(num, numbering, own)
            based = style.find(qn("w:basedOn"))
            style_id = None if based is None else based.get(qn("w:val"))
        return None

    def _find_niva(self, num: str, numbering: Any, style_id: str | None) -> tuple[int, int] | None:
        entry = next(
            (n for n in self._numbering.iterchildren(qn("w:num")) if n.get(qn("w:numId")) == num),
            None,
        )
        if entry is None:  # number 0 takes the numbering away
            return None
        abstract = entry.find(qn("w:abstractNumId")).get(qn("w:val"))
        levels = {
            level.get(qn("w:ilvl")): level
            for a in self._numbering.iterchildren(qn("w:abstractNum"))
            if a.get(qn("w:abstractNumId")) == abstract
            for level in a.iterchildren(qn("w:lvl"))
        }
        given = numbering.find(qn("w:ilvl"))
        ilvl = "0" if given is None else given.get(qn("w:val"))
        for key, level in levels.items():
            linked = level.find(qn("w:pStyle"))
            if linked is not None and linked.get(qn("w:val")) == style_id:
                ilvl = key
        level = levels.get(ilvl)
        form = None if level is None else level.find(qn("w:numFmt"))
        if form is None or form.get(qn("w:val")) in ("none", "bullet"):
            return None
        return int(abstract), int(ilvl)

    def _add_abstract_lists(self, left: int, hanging: int) -> tuple[int, int]:
        """Add one list with bullets and one with numbers; return their abstract numbers."""
        added = []
        for kind in ("bullet", "decimal"):
            number = 1 + max(
                (
                    int(a.get(qn("w:abstractNumId")))
                    for a in self._numbering.iterchildren(qn("w:abstractNum"))
                ),
                default=-1,
            )
            levels = "".join(_list_level(kind, i, left, hanging) for i in range(_NIVAER))
            element = parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
                f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
            )
            first = self._numbering.find(qn("w:num"))
            if first is None:
                self._numbering.append(element)
            else:
                first.addprevious(element)
            added.append(number)
        return added[0], added[1]

    def _add_num(self, abstract: int, ilvl: int, start: int | None) -> int:
        entries = list(self._numbering.iterchildren(qn("w:num")))
        number = 1 + max((int(n.get(qn("w:numId"))) for n in entries), default=0)
        override = (
            ""
            if start is None
            else f'<w:lvlOverride w:ilvl="{ilvl}"><w:startOverride w:val="{start}"/>'
            "</w:lvlOverride>"
        )
        element = parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{number}">'
            f'<w:abstractNumId w:val="{abstract}"/>{override}</w:num>'
        )
        if entries:
            entries[-1].addnext(element)
        else:
            self._numbering.append(element)
        return number


def _list_level(kind: str, level: int, left: int, hanging: int) -> str:
    text = "•–•"[level] if kind == "bullet" else f"%{level + 1}."
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{left * (level + 1)}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
    )


def _numbering_part(document: Dokument) -> NumberingPart:
    part = document.part
    try:
        return cast(NumberingPart, part.part_related_by(RT.NUMBERING))
    except KeyError:
        root = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        names = set(_part_names(document))
        name = next(
            n
            for i in range(1, 1000)
            if (n := f"/word/numbering{i if i > 1 else ''}.xml") not in names
        )
        made = NumberingPart(PackURI(name), CT.WML_NUMBERING, root, part.package)
        part.relate_to(made, RT.NUMBERING)
        return made


def _part_names(document: Dokument) -> Iterator[str]:
    for part in document.part.package.iter_parts():
        yield str(part.partname)
