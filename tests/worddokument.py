"""Reads a Word document for the tests: headings with the numbers they show, tables, texts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph


@dataclass
class Avsnitt:
    """What stands under a heading, down to the next one of any level."""

    nummer: str
    rubrik: str
    tabeller: list[list[list[str]]] = field(default_factory=list)
    stycken: list[tuple[str, str]] = field(default_factory=list)  # style name, text

    @property
    def texter(self) -> list[str]:
        return [text for _, text in self.stycken]

    @property
    def huvuden(self) -> list[list[str]]:
        return [t[0] for t in self.tabeller]


def read_avsnitt(path: Path) -> list[Avsnitt]:
    """Return the parts of a document; what comes before the first heading has no number."""
    document = docx.Document(str(path))
    numbering = document.part.numbering_part.element
    starts = {
        n.get(qn("w:numId")): {
            o.get(qn("w:ilvl")): int(o.find(qn("w:startOverride")).get(qn("w:val")))
            for o in n.iter(qn("w:lvlOverride"))
        }
        for n in numbering.iter(qn("w:num"))
    }
    parts = [Avsnitt("", "")]
    counts = [0, 0]
    for element in document.element.body.iterchildren():
        if element.tag == qn("w:tbl"):
            table = Table(element, document._body)
            parts[-1].tabeller.append([[c.text for c in r.cells] for r in table.rows])
        elif element.tag == qn("w:p"):
            paragraph = Paragraph(element, document._body)
            style = paragraph.style.name
            if style in ("Heading 1", "Heading 2"):
                level = int(style[-1]) - 1
                own = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
                override = None
                if own is not None:
                    num = own.find(qn("w:numId")).get(qn("w:val"))
                    override = starts[num].get(str(level))
                counts[level] = override or counts[level] + 1
                counts[level + 1 :] = [0] * (1 - level)
                shown = ".".join(str(n) for n in counts[: level + 1])
                parts.append(Avsnitt(shown, paragraph.text))
            else:
                parts[-1].stycken.append((style, paragraph.text))
    return parts


def read_innehall(path: Path) -> list[str]:
    """Return the entries of the table of contents, tabs between number and text."""
    document = docx.Document(str(path))
    return [
        "".join(
            t.text if t.tag == qn("w:t") else "\t"
            for t in p._p.iter(qn("w:t"), qn("w:tab"))
            if t.getparent().tag == qn("w:r")
        ).strip("\t")
        for p in document.paragraphs
        if p.style.name.lower().startswith("toc ") and p.style.name[-1].isdigit()
    ]


def find_lista(path: Path, text: str) -> tuple[str, int, str]:
    """Return kind, level and start of the list that a paragraph with this text is an item of."""
    document = docx.Document(str(path))
    for p in document.element.body.iter(qn("w:p")):
        if Paragraph(p, document._body).text == text:
            own = p.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            assert own is not None, f"no list: {text}"
            level = own.find(qn("w:ilvl")).get(qn("w:val"))
            return (*_look_up(document, own.find(qn("w:numId")).get(qn("w:val")), level),)
    raise KeyError(text)


def _look_up(document: Any, num: str, level: str) -> tuple[str, int, str]:
    numbering = document.part.numbering_part.element
    entry = next(n for n in numbering.iter(qn("w:num")) if n.get(qn("w:numId")) == num)
    abstract = entry.find(qn("w:abstractNumId")).get(qn("w:val"))
    definition = next(
        a for a in numbering.iter(qn("w:abstractNum")) if a.get(qn("w:abstractNumId")) == abstract
    )
    form = next(x for x in definition.iter(qn("w:lvl")) if x.get(qn("w:ilvl")) == level)
    override = entry.find(f"{qn('w:lvlOverride')}/{qn('w:startOverride')}")
    start = "" if override is None else override.get(qn("w:val"))
    return form.find(qn("w:numFmt")).get(qn("w:val")), int(level), start


def check_tillganglighet(document: Any) -> None:
    """Hold a document to what those who don't see the page need: language, headers, headings."""
    styles = document.styles.element
    assert styles.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").get(qn("w:val")) == "sv-SE"
    for table in document.tables:
        rows = list(table._tbl.iter(qn("w:tr")))
        assert rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
        look = table._tbl.tblPr.find(qn("w:tblLook"))
        assert (look.get(qn("w:firstRow")), look.get(qn("w:firstColumn"))) == ("1", "1")
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        assert not list(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge")))
    empty = [p for p in document.paragraphs if not p.text and not list(p._p.iter(qn("w:drawing")))]
    assert empty == []
    headings = {"Heading 1": 1, "Heading 2": 2}
    levels = [n for p in document.paragraphs if (n := headings.get(p.style.name))]
    assert all(b - a <= 1 for a, b in zip([0, *levels], levels, strict=False))
