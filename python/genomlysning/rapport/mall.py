"""A municipality's own Word template: read safely, its placeholders found and filled in.

A placeholder is written {{so}}. Those in running text are replaced wherever they stand, also in
headers, footers and text boxes; a paragraph whose placeholders all are empty goes away with its
words. Two stand alone in a paragraph and show where the contents and the chapters are to be.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Dokument
from docx.oxml.ns import qn
from lxml import etree

from genomlysning.bok.paket import MAX_UPPACKAT, OLE
from genomlysning.fel import AnvandarFel, FilFel, Meddelande, describe_systemfel
from genomlysning.rapport.innehall import Uppgifter
from genomlysning.svenska import join_och

_TYP = b"application/vnd.openxmlformats-officedocument.wordprocessingml."
_MALLTYP, _DOKUMENTTYP = _TYP + b"template.main+xml", _TYP + b"document.main+xml"
_MARKE = re.compile(r"\{\{([^{}]*)\}\}")
_HALVT = re.compile(r"\{\{[^{}]{0,30}\}?|\{?[^{}\s]{0,30}\}\}")

MALL_SAKNAS = Meddelande(
    "mall-saknas", "Mallen {fil} finns inte.", "Kontrollera mappen och filnamnet."
)
MALL_OLASBAR = Meddelande(
    "mall-olasbar",
    "Mallen {fil} kan inte läsas ({orsak}).",
    "Stäng den om den är öppen i ett annat program och kontrollera att du får läsa den.",
)
EJ_WORDMALL = Meddelande(
    "mall-fel-filtyp",
    "{fil} är inget Worddokument som kan vara mall.",
    "Öppna mallen i Word, välj Spara som och typen Word-dokument (.docx). Ett lösenord tas bort "
    "under Arkiv, Info.",
)
MALL_TRASIG = Meddelande(
    "mall-trasig",
    "Mallen {fil} är skadad och kan inte läsas.",
    "Öppna den i Word, låt Word reparera den och spara, eller ta fram en tidigare kopia.",
)
OKANDA_MARKEN = Meddelande(
    "mall-okanda-marken",
    "Mallen {fil} har märken som programmet inte känner till: {okanda}.",
    "De som finns är {kanda}.",
)
PLATS_SAKNAS = Meddelande(
    "mall-plats-saknas",
    "Mallen {fil} säger inte var genomlysningens kapitel ska stå.",
    "Skriv {{{{genomlysning}}}} i ett eget stycke, eller {{{{kapitel 2–4}}}} om mallen själv har "
    "det första kapitlet.",
)
FLERA_PLATSER = Meddelande(
    "mall-flera-platser",
    "Mallen {fil} har {marken} mer än en gång.",
    "Låt ett av dem stå kvar.",
)
EJ_EGET_STYCKE = Meddelande(
    "mall-ej-eget-stycke",
    "I mallen {fil} står {marke} inte ensamt i ett stycke i dokumentets text.",
    "Flytta det till ett eget stycke, utanför tabeller, rutor, sidhuvud och sidfot.",
)

#: Where the chapters are to stand: all of them, or those after a first chapter of the template's.
KAPITEL, KAPITEL_2_4, INNEHALL = "genomlysning", "kapitel 2-4", "innehåll"
_PLATSER = (KAPITEL, KAPITEL_2_4, INNEHALL)


def list_marken(u: Uppgifter) -> dict[str, str]:
    """Return the placeholders of running text with what they stand for."""
    return {
        "kommun": u.kommun,
        "nämnd": u.namnd,
        "nämnden": u.namnd_i_text,
        "nämndens": u.namndens,
        "förvaltningen": u.forvaltning,
        "period": u.period,
        "dataår": u.dataar,
        "datum": u.datum,
        "diarienummer": u.diarienummer,
        "antagen": u.antagen,
        "ordningstal": u.ordning,
        "förra": u.forra,
        "förra antagen": u.forra_antagen,
        "förra åtgärder": u.forra_atgarder,
    }


@dataclass(slots=True)
class Mall:
    """A template that is filled in. The places are paragraphs of the body to be replaced."""

    dokument: Dokument
    kapitel: Any
    innehall: Any | None
    med_kapitel_1: bool


def open_mall(fil: Path, uppgifter: Uppgifter) -> Mall:
    """Read a template and fill in its placeholders.

    Raises FilFel for a file that is no sound Word document and AnvandarFel for placeholders that
    are unknown, missing or wrongly placed.
    """
    document = _read(fil)
    values = list_marken(uppgifter)
    _check_marken(fil, document, values)
    places = _find_platser(fil, document)
    for root in _stories(document):
        for paragraph in list(root.iter(qn("w:p"))):
            _fill(paragraph, values)
    which = KAPITEL if KAPITEL in places else KAPITEL_2_4
    return Mall(document, places[which], places.get(INNEHALL), which == KAPITEL)


# ---- the file --------------------------------------------------------------------------------


def _read(fil: Path) -> Dokument:
    try:
        content = fil.read_bytes() if fil.stat().st_size <= MAX_UPPACKAT else b""
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FilFel(MALL_SAKNAS, fil=fil) from error
    except OSError as error:
        raise FilFel(MALL_OLASBAR, fil=fil, orsak=describe_systemfel(error)) from error
    if content.startswith(OLE) or not content.startswith(b"PK"):
        raise FilFel(EJ_WORDMALL, fil=fil)
    try:
        document = Document(io.BytesIO(_check_paket(fil, content)))
        # Parts that python-docx looks at only when they are asked for, and takes for granted.
        _ = document.settings.element, document.styles.element, document.core_properties.title
        _ = document.element.body.p_lst
        for reference in ("w:headerReference", "w:footerReference"):
            for element in document.element.iter(qn(reference)):
                _ = document.part.related_parts[element.get(qn("r:id"))].element.p_lst
        return document
    except (
        *(KeyError, ValueError, AttributeError, TypeError, IndexError, AssertionError),
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
        etree.LxmlError,
    ) as error:
        raise FilFel(MALL_TRASIG, fil=fil) from error


def _check_paket(fil: Path, content: bytes) -> bytes:
    """Return the package as a document; a template for new documents (.dotx) is turned into one."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        infos = package.infolist()
        if sum(i.file_size for i in infos) > MAX_UPPACKAT:
            raise FilFel(EJ_WORDMALL, fil=fil)
        parts = {i.filename: package.read(i) for i in infos}
    types = parts.get("[Content_Types].xml", b"")
    if _MALLTYP not in types and _DOKUMENTTYP not in types:
        raise FilFel(EJ_WORDMALL, fil=fil)
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part:
            raise FilFel(MALL_TRASIG, fil=fil)
    if _MALLTYP not in types:
        return content
    parts["[Content_Types].xml"] = types.replace(_MALLTYP, _DOKUMENTTYP)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return memory.getvalue()


# ---- placeholders ----------------------------------------------------------------------------


def _stories(document: Dokument) -> Iterator[Any]:
    """Yield the roots of the body and of every header and footer."""
    yield document.element
    for part in document.part.package.iter_parts():
        if part.content_type.endswith((".header+xml", ".footer+xml")):
            yield part.element


def _texts(paragraph: Any) -> list[Any]:
    """Return a paragraph's own pieces of text, not those of text boxes in it."""
    return [t for t in paragraph.iter(qn("w:t")) if next(t.iterancestors(qn("w:p"))) is paragraph]


def _text(paragraph: Any) -> str:
    return "".join(t.text or "" for t in _texts(paragraph))


def _fold(marke: str) -> str:
    """Return a placeholder's name as it is compared: case, dashes and blanks do not matter."""
    name = unicodedata.normalize("NFC", marke).lower()
    return " ".join(re.sub("[\u2010-\u2015]", "-", name).split())


def _check_marken(fil: Path, document: Dokument, values: dict[str, str]) -> None:
    unknown = []
    for root in _stories(document):
        for paragraph in root.iter(qn("w:p")):
            text = _text(paragraph)
            for marke in _MARKE.findall(text):
                if _fold(marke) not in values and _fold(marke) not in _PLATSER:
                    unknown.append(f"{{{{{marke}}}}}")
            # Half a placeholder, such as {{period}.
            unknown += _HALVT.findall(_MARKE.sub(" ", text))
    if unknown:
        known = [f"{{{{{n}}}}}" for n in (*_PLATSER, *values)]
        raise AnvandarFel(
            OKANDA_MARKEN,
            fil=fil,
            okanda=join_och(list(dict.fromkeys(unknown))),
            kanda=join_och(known).replace("2-4", "2–4"),
        )


def _find_platser(fil: Path, document: Dokument) -> dict[str, Any]:
    """Return the paragraphs that are places, by name."""
    found: dict[str, Any] = {}
    chapters: list[str] = []
    for root in _stories(document):
        for paragraph in root.iter(qn("w:p")):
            text = _text(paragraph)
            for marke in _MARKE.findall(text):
                name = _fold(marke)
                if name not in _PLATSER:
                    continue
                alone = _MARKE.fullmatch(text.strip()) is not None
                if not alone or paragraph.getparent() is not document.element.body:
                    raise AnvandarFel(EJ_EGET_STYCKE, fil=fil, marke=f"{{{{{marke}}}}}")
                chapters += [name] if name != INNEHALL else []
                if name in found or len(chapters) > 1:
                    again = "{{genomlysning}} eller {{kapitel 2–4}}"
                    marks = "{{innehåll}}" if name == INNEHALL else again
                    raise AnvandarFel(FLERA_PLATSER, fil=fil, marken=marks)
                found[name] = paragraph
    if not chapters:
        raise AnvandarFel(PLATS_SAKNAS, fil=fil)
    return found


def _fill(paragraph: Any, values: dict[str, str]) -> None:
    """Replace a paragraph's placeholders; Word may have split one over several pieces."""
    pieces = _texts(paragraph)
    whole = "".join(t.text or "" for t in pieces)
    found = [m for m in _MARKE.finditer(whole) if _fold(m[1]) in values]
    if not found:
        return
    if not any(values[_fold(m[1])] for m in found):
        if not _drop(paragraph):
            for t in pieces:
                t.text = ""
        return
    starts = [0]
    for t in pieces:
        starts.append(starts[-1] + len(t.text or ""))
    for match in reversed(found):
        for i, t in enumerate(pieces):
            first, last = max(match.start(), starts[i]), min(match.end(), starts[i + 1])
            if first >= last:
                continue
            text = t.text or ""
            # The piece that the placeholder begins in takes its value, the others lose their part.
            value = values[_fold(match[1])] if first == match.start() else ""
            t.text = text[: first - starts[i]] + value + text[last - starts[i] :]
            t.set(qn("xml:space"), "preserve")


def _drop(paragraph: Any) -> bool:
    """Remove a paragraph, if what holds it can do without; else say no."""
    parent = paragraph.getparent()
    others = [p for p in parent.iterchildren(qn("w:p")) if p is not paragraph]
    if not others or paragraph.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
        return False
    before = paragraph.getprevious()
    ends_cell = parent.tag == qn("w:tc") and paragraph.getnext() is None
    if ends_cell and (before is None or before.tag != qn("w:p")):
        return False
    parent.remove(paragraph)
    return True
