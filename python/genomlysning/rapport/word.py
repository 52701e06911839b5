"""Writes a report as a Word document, in a template.

The document is made to be read by everyone: its language and title are set, headings follow each
other without gaps, tables say which row is their header and pictures what they show. It holds
nothing of the day it was made on but what the report says, so the same report is the same file.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any

from docx.document import Document as Dokument
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, Twips
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from genomlysning.bok.beskrivning import EXEMPELMARKNING
from genomlysning.bok.programtexter import EXEMPELTEXT
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.rapport import formatmallar as fm
from genomlysning.rapport.formatmallar import Formatmallar
from genomlysning.rapport.innehall import (
    Bild,
    Block,
    Cell,
    Diagram,
    Kolumn,
    Lista,
    Rapport,
    Rubrik,
    Stil,
    Stycke,
    Tabell,
    Text,
    Uppgifter,
)
from genomlysning.rapport.mall import MALL_TRASIG, Mall, open_mall
from genomlysning.rapport.standardmall import TID, find_standardmall

#: A row with more text than this in a cell may go on over a page: it hardly fits one anyway.
_LANG_CELL = 1500
#: So many rows are kept together on a page, if they have no more lines than this.
_HEL_TABELL, _HEL_TABELLS_RADER = 10, 32
#: So many sources and notes are kept together below a table.
_SAMLADE_RADER = 10
#: Room beside a header's longest word, and a letter's mean width in the standard template and in
#: others, whose letters may be wider. In twentieths of a point.
_CELLMARGINAL, _TECKENBREDD, _BREDA_TECKEN = 200, 104, 125
_TABELLNUMMER, _BILDNUMMER = "Tabell", "Diagram"
_KOMMENTATOR, _INITIALER = "Genomlysning", "G"
_EFTER_LISTA, _EFTER_TABELL = Pt(7), Pt(12)
_CM = 567  # twentieths of a point
#: Paragraphs with a style of their own, in cells too.
_STYCKEN = {Stil.KALLA: fm.KALLA, Stil.EXEMPEL: fm.KALLA, Stil.VARNING: fm.VARNING}

Rita = Callable[[Diagram, float], bytes]

MALL_MED_KAPITEL_1 = Meddelande(
    "mall-med-kapitel-1",
    "Mallen {fil} har ett första kapitel om en nämnd, och duger inte för hela kommunens rapport.",
    "Använd en mall som har {{{{genomlysning}}}} i stället för {{{{kapitel 2–4}}}}.",
)


def write_rapport(
    rapport: Rapport,
    mall: Path,
    fil: Path,
    nu: datetime,
    *,
    rita: Rita | None = None,
    kommentarer: bool = False,
    for_utskrift: bool = False,
) -> None:
    """Write the document to `fil`, in the template `mall`. Raises FilFel and AnvandarFel.

    Pictures are left out without `rita`. `for_utskrift` makes the contents plain lines with page
    references, which LibreOffice works out when it prints: it leaves a field of contents as it is.
    """
    opened = _open_mall(mall, rapport.uppgifter, hel=rapport.hel)
    with _refusing_trasig(mall):
        width = _text_width(opened.dokument, opened.kapitel)
        styles = Formatmallar(opened.dokument, width)
    blocks = [b for b in rapport.block if rita is not None or not isinstance(b, Bild)]
    if not opened.med_kapitel_1:
        first = next(i for i, b in enumerate(blocks) if isinstance(b, Rubrik) and b.nummer == (2,))
        blocks = blocks[first:]
    work = _Skrivning(
        opened.dokument, styles, opened.kapitel, width, rita, nu if kommentarer else None
    )
    if mall != find_standardmall():
        work.teckenbredd = _BREDA_TECKEN
    for block in blocks:
        work.write(block)
    if rapport.forst:
        work.plats = _find_forst(opened.innehall, opened.kapitel)
        for block in rapport.forst:
            work.write(block)
    if opened.innehall is not None:
        work.write_innehall(opened.innehall, rapport.nivaer, for_utskrift=for_utskrift)
    opened.kapitel.getparent().remove(opened.kapitel)
    with _refusing_trasig(mall):
        for mark in (EXEMPELTEXT if rapport.exempel else "", rapport.sidmarke):
            if mark:
                _mark_sidor(opened.dokument, styles, mark)
        _set_egenskaper(opened.dokument, rapport, nu)
        _check_delar(opened.dokument)
    _save(opened.dokument, fil)


@contextmanager
def _refusing_trasig(mall: Path) -> Iterator[None]:
    """Refuse measures, styles, numberings or settings that Word itself would have to repair."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FilFel(MALL_TRASIG, fil=mall) from error


def check_hel_mall(fil: Path) -> None:
    """Refuse a template that can't take a whole report, before there is any to write."""
    _open_mall(fil, Uppgifter(*[""] * len(fields(Uppgifter))), hel=True)


def _open_mall(fil: Path, uppgifter: Uppgifter, *, hel: bool) -> Mall:
    opened = open_mall(fil, uppgifter)
    if hel and not opened.med_kapitel_1:
        raise AnvandarFel(MALL_MED_KAPITEL_1, fil=fil)
    return opened


def _text_width(document: Dokument, place: Any) -> int:
    """Return the width between the margins where the chapters stand."""
    after = [
        s
        for p in place.itersiblings(qn("w:p"))
        if (s := p.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")) is not None
    ]
    section: Any = after[0] if after else document.element.body.sectPr
    size = None if section is None else section.find(qn("w:pgSz"))
    margins = None if section is None else section.find(qn("w:pgMar"))
    if size is None or margins is None:
        return fm.STANDARDBREDD
    width, left, right = (
        int(e.get(qn(n), d))
        for e, n, d in ((size, "w:w", 11906), (margins, "w:left", 1304), (margins, "w:right", 1304))
    )
    return max(width - left - right, 2000)


def _find_forst(innehall: Any | None, kapitel: Any) -> Any:
    """Return what the first words are put before: the contents with their heading, if any."""
    if innehall is None:
        return kapitel
    before = innehall.getprevious()
    return innehall if before is None or before.tag != qn("w:p") else before


@dataclass(slots=True)
class _Skrivning:
    """A document under way: every block is put before `plats`, in order."""

    dokument: Dokument
    stilar: Formatmallar
    plats: Any
    bredd: int
    rita: Rita | None
    kommentarer: datetime | None
    antal: dict[str, int] = field(default_factory=dict)
    teckenbredd: int = _TECKENBREDD
    hopp: dict[Any, int] = field(default_factory=dict)  # headings that skip a number
    _nasta_id: int = 0
    _forra: tuple[int, ...] = ()
    _efter_tabell: bool = False

    def __post_init__(self) -> None:
        body = self.dokument.element.body
        ids = [int(b.get(qn("w:id"), "0")) for b in body.iter(qn("w:bookmarkStart"))]
        self._nasta_id = 1 + max(ids, default=0)

    def write(self, block: Block) -> None:
        """Write one block."""
        after_table = self._efter_tabell
        self._efter_tabell = isinstance(block, Tabell | Bild)
        match block:
            case Rubrik():
                self._write_rubrik(block)
            case Stycke() | Lista():
                before = self.plats.getprevious()
                self._write_text(block, self._add_before)
                if after_table:
                    first = Paragraph(before.getnext(), self.dokument._body)
                    first.paragraph_format.space_before = _EFTER_TABELL
            case Tabell():
                self._write_tabell(block)
            case Bild():
                self._write_bild(block)

    # ---- paragraphs ------------------------------------------------------------------------

    def _add_before(self, element: Any) -> None:
        self.plats.addprevious(element)

    def _paragraph(self, stil: str) -> Paragraph:
        element = _make("w:p")
        paragraph = Paragraph(element, self.dokument._body)
        properties = element.get_or_add_pPr()
        if stil != fm.NORMAL:
            properties.append(_make("w:pStyle", self.stilar.id(stil)))
        return paragraph

    def _run(self, paragraph: Paragraph, text: str, stil: str = "") -> Run:
        """Add a text; its line breaks become Word's."""
        run = paragraph.add_run(text)
        if stil:
            run._r.get_or_add_rPr().insert(0, _make("w:rStyle", self.stilar.id(stil)))
        return run

    def _write_text(self, block: Text, add: Callable[[Any], None], i_cell: str = "") -> None:
        """Write a paragraph or a list; in a cell with the style `i_cell`."""
        if isinstance(block, Stycke):
            style = _STYCKEN.get(block.stil) or i_cell or fm.NORMAL
            paragraph = self._paragraph(style)
            mark = {Stil.SAKNAS: fm.SAKNAS, Stil.EXEMPEL: fm.EXEMPEL}.get(block.stil, "")
            self._run(paragraph, block.text, mark)
            add(paragraph._p)
            return
        kind = "cell" if i_cell else "text"
        #: The list and the last number at each level.
        going: dict[tuple[int, bool], tuple[int, int]] = {}
        for item in block.punkter:
            key = (item.niva, item.nummer is None)
            current = going.get(key)
            number = item.nummer or 0
            if current is None or (item.nummer is not None and number != current[1] + 1):
                list_id = self.stilar.add_num(kind, item.niva, item.nummer)
            else:
                list_id = current[0]
            going = {k: v for k, v in going.items() if k[0] <= item.niva}
            going[key] = (list_id, number)
            paragraph = self._paragraph(i_cell or fm.LISTA)
            paragraph._p.get_or_add_pPr().append(_make_numpr(item.niva, list_id))
            self._run(paragraph, item.text)
            if item is block.punkter[-1] and not i_cell:
                paragraph.paragraph_format.space_after = _EFTER_LISTA
            add(paragraph._p)

    def _write_rubrik(self, rubrik: Rubrik) -> None:
        level = len(rubrik.nummer) - 1
        paragraph = self._paragraph(fm.RUBRIKER[level])
        if not self.stilar.numrerar:
            number = ".".join(str(n) for n in rubrik.nummer)
            self._run(paragraph, f"{number} {rubrik.text}")
        else:
            # A chapter takes the number that comes next in the document. A section keeps the
            # template's, also where the one before it has been left out.
            before = self._forra[1] if len(self._forra) > 1 else 0
            if level and rubrik.nummer[1] != before + 1:
                num = self.stilar.add_rubriknum(level, rubrik.nummer[1])
                ilvl = (self.stilar.rubriknummer[level] or (0, level))[1]
                paragraph._p.get_or_add_pPr().append(_make_numpr(ilvl, num))
                self.hopp[paragraph._p] = rubrik.nummer[1]
            self._run(paragraph, rubrik.text)
        self._forra = rubrik.nummer
        self._comment(paragraph, rubrik.kommentar)
        self._add_before(paragraph._p)

    def _bookmark(self, paragraph: Any) -> str:
        number = self._nasta_id
        self._nasta_id += 1
        name = f"_Toc{9_000_000 + number}"
        pieces = [p for p in paragraph.iterchildren() if p.tag != qn("w:pPr")]
        start = _make("w:bookmarkStart", **{"w:id": str(number), "w:name": name})
        pieces[0].addprevious(start)
        pieces[-1].addnext(_make("w:bookmarkEnd", **{"w:id": str(number)}))
        return name

    def _comment(self, paragraph: Paragraph, text: str) -> None:
        """Attach a comment to a paragraph, if comments are wanted."""
        if not text or self.kommentarer is None:
            return
        runs = paragraph.runs
        comment = self.dokument.add_comment([runs[0], runs[-1]], text, _KOMMENTATOR, _INITIALER)
        element: Any = comment._comment_elm
        element.set(qn("w:date"), self.kommentarer.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for tag, style in (("w:pStyle", fm.KOMMENTARTEXT), ("w:rStyle", fm.KOMMENTARMARKE)):
            for reference in (*element.iter(qn(tag)), *paragraph._p.iter(qn(tag))):
                if reference.get(qn("w:val")) in ("CommentText", "CommentReference"):
                    reference.set(qn("w:val"), self.stilar.id(style))

    def _write_bildtext(
        self, slag: str, text: str, kommentar: str = "", *, med_nasta: bool
    ) -> None:
        """Write a caption with a number that Word keeps up to date."""
        self.antal[slag] = self.antal.get(slag, 0) + 1
        paragraph = self._paragraph(fm.BILDTEXT)
        if med_nasta:
            paragraph.paragraph_format.keep_with_next = True
        self._run(paragraph, f"{slag} ")
        for element in _make_field(f"SEQ {slag} \\* ARABIC", str(self.antal[slag])):
            paragraph._p.append(element)
        self._run(paragraph, f". {text}")
        self._comment(paragraph, kommentar)
        self._add_before(paragraph._p)

    def _write_kallor(self, kallor: Iterable[Stycke], noter: Iterable[str] = ()) -> None:
        """Write sources and notes, all on the page where what they concern ends."""
        written: list[Paragraph] = []

        def add(element: Any) -> None:
            written.append(Paragraph(element, self.dokument._body))
            self._add_before(element)

        for source in kallor:
            self._write_text(source, add)
        for i, note in enumerate(noter, start=1):
            paragraph = self._paragraph(fm.KALLA)
            self._run(paragraph, f"{i})").font.superscript = True
            self._run(paragraph, f" {note}")
            add(paragraph._p)
        # Many notes need pages of their own, and must not take the table's last rows with them.
        for paragraph in written[: -1 if len(written) <= _SAMLADE_RADER else 1]:
            paragraph.paragraph_format.keep_with_next = True

    # ---- pictures --------------------------------------------------------------------------

    def _write_bild(self, bild: Bild) -> None:
        assert self.rita is not None
        png = self.rita(bild.diagram, self.bredd / _CM)
        paragraph = self._paragraph(fm.BILD)
        self._add_before(paragraph._p)
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Twips(self.bredd))
        properties: Any = shape._inline.docPr
        properties.set("name", f"{_BILDNUMMER} {self.antal.get(_BILDNUMMER, 0) + 1}")
        properties.set("descr", bild.alt)
        self._write_bildtext(_BILDNUMMER, bild.bildtext, med_nasta=bool(bild.kallor))
        self._write_kallor(bild.kallor)

    # ---- tables ----------------------------------------------------------------------------

    def _write_tabell(self, tabell: Tabell) -> None:
        self._write_bildtext(_TABELLNUMMER, tabell.bildtext, tabell.kommentar, med_nasta=True)
        widths = _share(tabell.kolumner, self.bredd, self.teckenbredd)
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
        element: Any = parse_xml(
            f"<w:tbl {nsdecls('w')}><w:tblPr>"
            "<w:tblStyle/>"
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="06A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1"'
            ' w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
            f"<w:tblCaption/></w:tblPr><w:tblGrid>{grid}</w:tblGrid></w:tbl>"
        )
        properties = element.find(qn("w:tblPr"))
        properties.find(qn("w:tblStyle")).set(qn("w:val"), self.stilar.id(fm.TABELL))
        properties.find(qn("w:tblCaption")).set(qn("w:val"), tabell.bildtext)
        header = [Cell((Stycke(k.rubrik),)) for k in tabell.kolumner]
        element.append(self._row(header, tabell.kolumner, widths, rubrik=True))
        last = len(tabell.rader) - 1
        lines = sum(_count_rader(cells, widths, self.teckenbredd) for cells in tabell.rader)
        together = last < _HEL_TABELL and lines <= _HEL_TABELLS_RADER
        for i, cells in enumerate(tabell.rader):
            row = self._row(cells, tabell.kolumner, widths)
            near_end = i in (0, last - 2, last - 1)
            if (i < last and (together or near_end)) or (
                i == last and (tabell.kallor or tabell.noter)
            ):
                # A short table stays on one page, no row is left alone at either end of a long
                # one, and the last is with the source below it.
                for paragraph in row.iter(qn("w:p")):
                    Paragraph(paragraph, self.dokument._body).paragraph_format.keep_with_next = True
            element.append(row)
        self._add_before(element)
        self._write_kallor(tabell.kallor, tabell.noter)

    def _row(
        self,
        cells: Iterable[Cell],
        kolumner: tuple[Kolumn, ...],
        widths: list[int],
        *,
        rubrik: bool = False,
    ) -> Any:
        row = _make("w:tr")
        content = list(cells)
        properties = _make("w:trPr")
        if not any(_is_long(c) for c in content):
            properties.append(_make("w:cantSplit"))
        if rubrik:
            properties.append(_make("w:tblHeader"))
        if len(properties):
            row.append(properties)
        for cell, kolumn, width in zip(content, kolumner, widths, strict=True):
            element = _make("w:tc")
            size = _make("w:tcPr")
            size.append(_make("w:tcW", **{"w:w": str(width), "w:type": "dxa"}))
            element.append(size)
            style = fm.TABELLTAL if kolumn.tal else fm.TABELLTEXT
            for block in cell.innehall:
                self._write_text(block, element.append, style)
            if len(element) == 1:
                element.append(self._paragraph(style)._p)
            if rubrik:
                for paragraph in element.iterchildren(qn("w:p")):
                    Paragraph(paragraph, self.dokument._body).paragraph_format.keep_with_next = True
            self._finish_cell(element, cell)
            row.append(element)
        return row

    def _finish_cell(self, element: Any, cell: Cell) -> None:
        """Add a cell's unit and the marks of its notes to its last paragraph."""
        paragraph = Paragraph(element[-1], self.dokument._body)
        if cell.enhet:
            self._run(paragraph, f"\u00a0({cell.enhet})", fm.ENHET)
        if cell.marken:
            marks = ", ".join(f"{m})" for m in cell.marken)
            self._run(paragraph, f"\u00a0{marks}").font.superscript = True

    # ---- contents --------------------------------------------------------------------------

    def write_innehall(self, place: Any, nivaer: int, *, for_utskrift: bool) -> None:
        """Write the table of contents, as a field with its entries filled in."""
        entries = [
            (level, number, text, self._bookmark(heading))
            for heading, level, number, text in self._list_rubriker()
            if level < nivaer
        ]
        last = len(entries) - 1
        for i, (level, number, text, name) in enumerate(entries):
            paragraph = self._paragraph(fm.INNEHALL[level])._p
            link = _make("w:hyperlink", **{"w:anchor": name, "w:history": "1"})
            for part in (*((number, "\t") if number else ()), text, "\t"):
                run = Run(_make("w:r"), Paragraph(paragraph, self.dokument._body))
                run.text = part
                link.append(run._r)
            for element in _make_field(f"PAGEREF {name} \\h", ""):
                link.append(element)
            if i == 0 and not for_utskrift:
                for element in _make_field(f'TOC \\o "1-{nivaer}" \\h \\z \\u', None):
                    paragraph.append(element)
            paragraph.append(link)
            if i == last and not for_utskrift:
                paragraph.append(_make_field_end())
            place.addprevious(paragraph)
        place.getparent().remove(place)

    def _list_rubriker(self) -> list[tuple[Any, int, str, str]]:
        """Return all headings in order, the template's own too, with their level and number."""
        levels = {self.stilar.id(namn): i for i, namn in enumerate(fm.RUBRIKER)}
        counts = [0, 0]
        found = []
        for element in self.dokument.element.body.iterchildren(qn("w:p")):
            style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
            level = None if style is None else levels.get(style.get(qn("w:val")))
            text = "".join(t.text or "" for t in element.iter(qn("w:t"))).strip()
            if level is None or not text:
                continue
            counts[level:] = [self.hopp.get(element, counts[level] + 1), *[0] * (1 - level)]
            shown = ".".join(str(n) for n in counts[: level + 1])
            found.append((element, level, shown if self.stilar.numrerar else "", text))
        return found


# ---- elements --------------------------------------------------------------------------------


def _make(tag: str, val: str = "", **attributes: str) -> Any:
    element: Any = OxmlElement(tag)
    if val:
        element.set(qn("w:val"), val)
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element


def _make_numpr(level: int, number: int) -> Any:
    element = _make("w:numPr")
    element.append(_make("w:ilvl", str(level)))
    element.append(_make("w:numId", str(number)))
    return element


def _make_field(code: str, result: str | None) -> list[Any]:
    """Return the runs of a field with its result; without one it is left open."""
    instruction = _make("w:instrText")
    instruction.text = f" {code} "
    instruction.set(qn("xml:space"), "preserve")
    parts = [
        _make("w:fldChar", **{"w:fldCharType": "begin"}),
        instruction,
        _make("w:fldChar", **{"w:fldCharType": "separate"}),
    ]
    if result is not None:
        text = _make("w:t")
        text.text = result
        parts += [text] if result else []
    runs = []
    for part in parts:
        run = _make("w:r")
        run.append(part)
        runs.append(run)
    return runs if result is None else [*runs, _make_field_end()]


def _count_rader(cells: Iterable[Cell], widths: Sequence[int], teckenbredd: int) -> int:
    """Return about how many lines high a row is."""
    return max(
        sum(
            ceil(max(len(line), 1) * teckenbredd / max(width - _CELLMARGINAL, teckenbredd))
            for line in cell.text.split("\n")
        )
        for cell, width in zip(cells, widths, strict=True)
    )


def _is_long(cell: Cell) -> bool:
    return len(cell.text) > _LANG_CELL


def _make_field_end() -> Any:
    run = _make("w:r")
    run.append(_make("w:fldChar", **{"w:fldCharType": "end"}))
    return run


def _share(kolumner: tuple[Kolumn, ...], bredd: int, teckenbredd: int) -> list[int]:
    """Share a width as the workbook does, columns of numbers alike.

    Each leaves room for its header's longest word.
    """
    total = sum(k.bredd for k in kolumner)
    numbers = [k.bredd for k in kolumner if k.tal]
    widths = [bredd * (sum(numbers) / len(numbers) if k.tal else k.bredd) / total for k in kolumner]
    least = [
        _CELLMARGINAL + teckenbredd * max((len(w) for w in k.rubrik.split()), default=0)
        for k in kolumner
    ]
    lacking = sum(max(low - w, 0) for low, w in zip(least, widths, strict=True))
    spare = [max(w - low, 0) for low, w in zip(least, widths, strict=True)]
    part = min(lacking / sum(spare), 1) if sum(spare) else 0
    shared = [int(max(w, low) - s * part) for w, low, s in zip(widths, least, spare, strict=True)]
    shared[0] += bredd - sum(shared)
    return shared


# ---- the document ----------------------------------------------------------------------------


def _mark_sidor(document: Dokument, stilar: Formatmallar, text: str) -> None:
    """Say something on every page that no reader may miss."""
    for i, section in enumerate(document.sections):
        headers = [section.header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        if document.settings.odd_and_even_pages_header_footer:
            headers.append(section.even_page_header)
        for header in headers:
            if header.is_linked_to_previous and i:
                continue
            # First, also where a template's header is a table, or nothing.
            paragraph = header.add_paragraph(text)
            header._element.insert(0, paragraph._p)
            properties: Any = paragraph._p.get_or_add_pPr()
            properties.insert(0, _make("w:pStyle", stilar.id("header")))
            run: Any = paragraph.runs[0]._r
            run.get_or_add_rPr().insert(0, _make("w:rStyle", stilar.id(fm.EXEMPEL)))


def _set_egenskaper(document: Dokument, rapport: Rapport, nu: datetime) -> None:
    u, core = rapport.uppgifter, document.core_properties
    whole = " ".join(t for t in ("Genomlysning", u.period) if t)
    when = nu.replace(tzinfo=UTC, microsecond=0).replace(tzinfo=None)
    core.title = f"{whole} – {u.namnd}, {u.kommun}"[:255]
    core.subject = EXEMPELMARKNING if rapport.exempel else "Genomlysning"
    core.author = core.last_modified_by = f"{u.namnd}, {u.kommun}"[:255]
    core.language = "sv-SE"
    core.created = core.modified = when
    core.revision = 1
    settings: Any = document.settings.element
    if settings.find(qn("w:updateFields")) is None:
        settings.insert_element_before(_make("w:updateFields", "true"), *_EFTER_UPPDATERING)


#: What follows `updateFields` in the settings, by the standard's order.
_EFTER_UPPDATERING = (
    *("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:docVars", "w:rsids"),
    *("m:mathPr", "w:attachedSchema", "w:themeFontLang", "w:clrSchemeMapping"),
    *("w:doNotIncludeSubdocsInStats", "w:doNotAutoCompressPictures", "w:forceUpgrade"),
    *("w:captions", "w:readModeInkLockDown", "w:smartTagType", "sl:schemaLibrary"),
    *("w:shapeDefaults", "w:doNotEmbedSmartTags", "w:decimalSymbol", "w:listSeparator"),
)


def _check_delar(document: Dokument) -> None:
    """Raise ValueError where two parts have one name: a new one was made for one not found."""
    names = [str(part.partname) for part in document.part.package.iter_parts()]
    if len(names) != len(set(names)):
        raise ValueError("parts")


def _save(document: Dokument, fil: Path) -> None:
    """Write the package with the same time on every part."""
    memory = io.BytesIO()
    document.save(memory)
    with zipfile.ZipFile(memory) as made, zipfile.ZipFile(fil, "w") as package:
        for info in made.infolist():
            entry = zipfile.ZipInfo(info.filename, TID)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, made.read(info))
