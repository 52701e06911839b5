"""What people have written on top of the cells: notes, threaded comments and text boxes."""

from collections.abc import Iterator

from lxml import etree

from genomlysning.bok.beskrivning import KNAPPAR
from genomlysning.bok.cellvarde import shorten_text
from genomlysning.bok.lasning import q, unescape
from genomlysning.bok.modell import cell_name, parse_omrade
from genomlysning.sammanstallning.snabbok import Calaminblad, Snabbok

#: Parts of these kinds are read up to so many bytes: more is no writing.
MEST = {"comments": 5_000_000, "threadedComment": 5_000_000, "drawing": 1_000_000}
#: How Excel signs the plain copy of a threaded comment, for programs that know no such.
_TRAD = "tc="
_RITAT = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_RITTEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RADBRYTNING = f"{_RITTEXT}br"
_MED_TEXT = b"txBody"
_KNAPPTEXTER = frozenset(knapp.text for knapp in KNAPPAR)
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

    Not those of buttons, which other programs than Excel make plain shapes of, nor those that show
    a cell. Raises as `list_kommentarer`.
    """
    for _, part in _list_delar(bok, blad, "drawing"):
        if _MED_TEXT not in bok.paket[part]:  # charts alone, as on the sheets that we draw on
            continue
        # Once, though a shape of a newer kind stands in a plainer form too, for older programs.
        yield from dict.fromkeys(
            (_find_cell(shape), shorten_text(text))
            for shape in bok.parse(part).iter(f"{_RITAT}sp")
            if not shape.get("macro") and not shape.get("textlink")
            if (text := _read_rittext(shape)) and text not in _KNAPPTEXTER
        )


def _find_cell(shape: etree._Element) -> str:
    """Return the cell that a shape begins at, A1 where it has none."""
    row = col = 1
    for anchor in shape.iterancestors(*_ANKARE):
        place = [anchor.findtext(f"{_RITAT}from/{_RITAT}{x}") for x in ("row", "col")]
        row, col = (int(n) + 1 if n and n.isdecimal() else 1 for n in place)
        break
    return cell_name(row, col)


def _read_rittext(shape: etree._Element) -> str:
    lines = []
    for paragraph in shape.iterfind(f"{_RITAT}txBody/{_RITTEXT}p"):
        runs = (
            "\n" if run.tag == _RADBRYTNING else run.findtext(f"{_RITTEXT}t") or ""
            for run in paragraph.iterchildren("*")
        )
        lines.append("".join(runs))
    return "\n".join(lines).strip()


def _list_delar(bok: Snabbok, blad: Calaminblad, *slag: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and name of the parts of these kinds that belong to a sheet, each once."""
    for kind, part in dict.fromkeys(bok.list_delar(blad.del_)):
        if kind in slag:
            if part not in bok.paket or len(bok.paket[part]) > MEST[kind]:
                raise ValueError("no notes, or too many")
            yield kind, part
