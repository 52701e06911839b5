"""What people have written on top of the cells: notes, threaded comments and text boxes."""

from collections.abc import Iterator

from lxml import etree

from genomlysning.bok.cellvarde import shorten_text
from genomlysning.bok.lasning import q, unescape
from genomlysning.bok.modell import cell_name, parse_omrade
from genomlysning.sammanstallning.snabbok import Calaminblad, Snabbok

#: Each part is read up to this many bytes: more is no writing.
MEST_KOMMENTARER = 5_000_000
#: How Excel signs the plain copy of a threaded comment, for programs that know no such.
_TRAD = "tc="
_RITAT = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_RITTEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TEXT, _RADBRYTNING = f"{_RITTEXT}t", f"{_RITTEXT}br"
_MED_TEXT = b"txBody"
_ANKARE = tuple(f"{_RITAT}{kind}Anchor" for kind in ("twoCell", "oneCell", "absolute"))


def list_kommentarer(bok: Snabbok, blad: Calaminblad) -> Iterator[tuple[str, str]]:
    """Yield the notes to a sheet's cells and the threaded comments, each with its cell.

    Raises ValueError for too much or a part that is missing, and FilFel for no plain XML.
    """
    for kind, part in _list_delar(bok, blad, "comments", "threadedComment"):
        root = bok.parse(part)
        if kind == "comments":
            authors = [a.text or "" for a in root.iterfind(f"{q('authors')}/{q('author')}")]
            for one in root.iterfind(f"{q('commentList')}/{q('comment')}"):
                number = one.get("authorId", "")
                by = (
                    authors[int(number)]
                    if number.isdecimal() and int(number) < len(authors)
                    else ""
                )
                if not by.startswith(_TRAD):
                    yield from _describe_kommentar(one)
        else:
            for one in root:
                if isinstance(one.tag, str):
                    yield from _describe_kommentar(one)


def _describe_kommentar(one: etree._Element) -> Iterator[tuple[str, str]]:
    place = parse_omrade(one.get("ref", ""))
    text = unescape("".join(t.text or "" for t in one.iter() if _is_text(t))).strip()
    if place and text:
        yield cell_name(*place[:2]), shorten_text(text)


def _is_text(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and etree.QName(element).localname in ("t", "text")


def list_textrutor(bok: Snabbok, blad: Calaminblad) -> Iterator[tuple[str, str]]:
    """Yield the texts of the boxes and shapes on a sheet, each with the cell it begins at.

    Not those of buttons, nor those that show a cell. Raises as `list_kommentarer`.
    """
    for _, part in _list_delar(bok, blad, "drawing"):
        if _MED_TEXT not in bok.paket[part]:  # charts alone, as on the sheets that we draw on
            continue
        root = bok.parse(part)
        # Once, though a shape of a newer kind stands in a plainer form too, for older programs.
        yield from dict.fromkeys(
            (_find_cell(anchor), shorten_text(text))
            for anchor in root.iter(*_ANKARE)
            for shape in anchor.iter(f"{_RITAT}sp")
            if not shape.get("macro") and not shape.get("textlink")
            if (text := _read_rittext(shape))
        )


def _find_cell(anchor: etree._Element) -> str:
    place = [anchor.findtext(f"{_RITAT}from/{_RITAT}{x}") for x in ("row", "col")]
    row, col = (int(n) + 1 if n and n.isdecimal() else 1 for n in place)
    return cell_name(row, col)


def _read_rittext(shape: etree._Element) -> str:
    paragraphs = (
        "".join(t.text or "" if t.tag == _TEXT else "\n" for t in p.iter(_TEXT, _RADBRYTNING))
        for p in shape.iter(f"{_RITTEXT}p")
    )
    return "\n".join(paragraphs).strip()


def _list_delar(bok: Snabbok, blad: Calaminblad, *slag: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and name of the parts of these kinds that belong to a sheet."""
    for kind, part in bok.list_delar(blad.del_):
        if kind in slag:
            if part not in bok.paket or len(bok.paket[part]) > MEST_KOMMENTARER:
                raise ValueError("no notes, or too many")
            yield kind, part
