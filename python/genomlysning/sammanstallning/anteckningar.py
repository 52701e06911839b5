"""What people have written beside the tables: in other cells, on own sheets, on top of cells.

What the program itself writes is known by its words (`bok.programtexter`), and where those vary by
what survives that rows and columns are added: the tables and the workbook names.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ANALYSUNDERLAG,
    DIAGRAMVARDEN,
    FORRA_TEXTER,
    IKORTHET,
    SKRIVNA_UTKAST,
    TEXTRUTOR,
    Blad,
)
from genomlysning.bok.cellvarde import describe_varde, shorten_text
from genomlysning.bok.modell import Omrade, cell_name, read_namn
from genomlysning.bok.programtexter import ANTALSKOLUMN, FRAGA, is_raknad, make_igenkannare
from genomlysning.bok.vara_blad import list_vara_blad
from genomlysning.fel import FilFel
from genomlysning.ord import Kategori
from genomlysning.regler.bedomning import Toleranser
from genomlysning.sammanstallning.kommentarer import list_kommentarer, list_textrutor
from genomlysning.sammanstallning.snabbok import Calaminblad, Snabbok, plain_value

#: Where a note comes from.
UTANFOR, EGET_BLAD = "Utanför tabellerna", "Eget blad"
KOMMENTAR, TEXTRUTA, ANDRAT_UTKAST = "Kommentar till cell", "Textruta", "Ändrat utkast"
NAMNLOS, SUMMARAD, INSTALLNINGAR = "Rad utan verksamhet", "Summarad", "Inställningar"
#: Those that a file's warnings count; the others have a warning of their own, or need none.
SAGS = (UTANFOR, KOMMENTAR, TEXTRUTA, ANDRAT_UTKAST)
#: So many rows with notes are read of a sheet.
MEST_PER_BLAD = 1000
#: Own sheets are read up to this many bytes together: more is no writing but data, which there is
#: neither time nor memory for.
MEST_EGNA = 20_000_000
#: Between the cells of a row.
_MELLAN = " | "
_SKRIVER_INGEN_PA = (beskrivning.LISTBLAD.namn, beskrivning.XLWINGSBLAD.namn)
#: Workbook names of cells that are read as something else, or hold what is drafted or reckoned.
_MED_RUBRIK = (*FORRA_TEXTER.values(), DIAGRAMVARDEN)
_NAMNGIVNA = (
    *(post.namn for post in beskrivning.INSTALLNINGAR),
    *(*TEXTRUTOR, ANALYSUNDERLAG, IKORTHET, *_MED_RUBRIK),
)
#: So many columns of the summary's first grid stand before the text, and so many verdicts are
#: counted in its second.
_FORE_TEXTEN, _ANTAL_BEDOMNINGAR = 7, 8
#: Settings on Start that nothing else shows, each with what it is where nobody has chosen.
_OVRIGA = {
    "Diarienummer": None,
    "Ordningstal": None,
    "Tolerans": Toleranser().procent,
    "ToleransEnheter": Toleranser().enheter,
}


class Anteckning(NamedTuple):
    """What stands in a cell or in cells side by side; `cell` is the first of them."""

    slag: str
    blad: str
    cell: str
    text: str


class Anteckningar(NamedTuple):
    """The notes, the sheets that have more than are read, and those that can't be read."""

    lista: list[Anteckning]
    avkortade: list[str]
    olasta: list[str]


def read_anteckningar(bok: Snabbok, egna: Sequence[str]) -> Anteckningar:
    """Return all notes of a workbook, sheet by sheet; `egna` are the sheets people have added."""
    found = list(_list_installningar(bok))
    cut: list[str] = []
    unread: list[str] = []
    room = MEST_EGNA
    ours = {id(sheet): blad for sheet, blad in list_vara_blad(bok)}
    for blad in bok.blad:
        beskriven = ours.get(id(blad))
        if beskriven is not None and beskriven.namn in _SKRIVER_INGEN_PA:
            continue
        assert isinstance(blad, Calaminblad)
        own = blad.namn in egna
        if own and blad.storlek > room:
            unread.append(blad.namn)
            continue
        room -= blad.storlek if own else 0
        # The tables are read by now: what is wrong beside them costs no more than a sheet's notes.
        try:
            if own:
                bok.check_omfang(blad)
            areas = _list_vara(bok, blad, beskriven) if beskriven else []
            rows = _list_rader(blad, areas, beskriven)
            whole = _take(EGET_BLAD if own else UTANFOR, blad, rows, found)
            whole &= _take(KOMMENTAR, blad, list_kommentarer(bok, blad), found)
            whole &= _take(TEXTRUTA, blad, list_textrutor(bok, blad), found)
        except (ValueError, FilFel):
            unread.append(blad.namn)
        else:
            if not whole:
                cut.append(blad.namn)
    found += _list_utkast(bok)
    return Anteckningar(found, cut, unread)


def _list_installningar(bok: Snabbok) -> Iterator[Anteckning]:
    """Yield as one note, at the first of them, the settings that people have made."""
    labels = {post.namn: post.etikett for post in beskrivning.INSTALLNINGAR}
    said = []
    for name, standard in _OVRIGA.items():
        cell = read_namn(bok, name)
        if cell is not None and cell.varde != standard and (text := describe_varde(cell.varde)):
            blad, (row, col, _, _) = bok.namn[name.lower()]
            said.append((blad.namn, cell_name(row, col), f"{labels[name]}: {text}"))
    if said:
        text = "; ".join(text for *_, text in said)
        yield Anteckning(INSTALLNINGAR, *said[0][:2], shorten_text(text))


def _take(
    slag: str, blad: Calaminblad, notes: Iterator[tuple[str, str]], found: list[Anteckning]
) -> bool:
    """Add a sheet's notes up to the limit; tell whether those were all."""
    for n, (cell, text) in enumerate(notes):
        if n == MEST_PER_BLAD:
            return False
        found.append(Anteckning(slag, blad.namn, cell, text))
    return True


def _list_rader(
    blad: Calaminblad, areas: Sequence[Omrade], beskriven: Blad | None
) -> Iterator[tuple[str, str]]:
    """Yield cells side by side that are people's own, as their first cell and text.

    `areas` and the texts of the sheet as it is described are not; a text of the program's is its
    own once, and people's when it comes again.
    """
    rows = blad.rows
    single: dict[int, list[Omrade]] = {}
    for area in areas:
        if area[0] == area[2]:
            single.setdefault(area[0], []).append(area)
    several = [area for area in areas if area[0] != area[2]]
    is_var = None if beskriven is None else make_igenkannare(beskriven.namn)
    known: set[object] = set()
    for nr in _list_fria(areas, len(rows), max(map(len, rows), default=0)):
        row = rows[nr - 1]
        width = len(row)
        if row.count("") == width:
            continue
        free = list(row)
        for first, left, last, right in (*several, *single.get(nr, ())):
            if first <= nr <= last:
                free[left - 1 : right] = [""] * len(free[left - 1 : right])
        if is_var is not None:
            _drop_programtexter(free, is_var, known)
        if free.count("") == width:
            continue
        texts = [describe_varde(plain_value(v)) for v in free]
        start = next((i for i, t in enumerate(texts) if t), None)
        if start is not None:
            text = _MELLAN.join(t for t in texts if t)
            yield cell_name(nr, start + 1), shorten_text(text)


def _drop_programtexter(
    rad: list[object], is_var: Callable[[str], bool], kanda: set[object]
) -> None:
    """Empty the cells of a row that hold a text of the program's that is not yet among `kanda`."""
    for i, value in enumerate(rad):
        if not value or type(value) is not str or value in kanda or not is_var(value):
            continue
        kanda.add(value)
        rad[i] = ""
        if is_raknad(value):
            # Next to it, or with columns of people's own between.
            nearest = next((n for n in range(i + 1, len(rad)) if rad[n] != ""), i)
            if nearest == i + 1 or isinstance(rad[nearest], float):
                rad[nearest] = ""


def _list_fria(areas: Sequence[Omrade], antal: int, bredd: int) -> Iterator[int]:
    """Yield the rows that no area covers from the first column to the last."""
    nr = 1
    for first, left, last, right in sorted(areas):
        if left == 1 and right >= bredd:
            yield from range(nr, min(first, antal + 1))
            nr = max(nr, last + 1)
    yield from range(nr, antal + 1)


# ---- where the program writes ----------------------------------------------------------------


def _list_vara(bok: Snabbok, blad: Calaminblad, beskriven: Blad) -> list[Omrade]:
    """Return the areas of a sheet where the program writes what is not always the same."""
    found = [t.omrade for t in bok.tabeller.values() if t.blad is blad]
    for name in _NAMNGIVNA:
        place = bok.namn.get(name.lower())
        if place is not None and place[0] is blad:
            row, col, last, right = place[1]
            # Headings stand above last year's texts and the diagram's points.
            found.append((row - (name in _MED_RUBRIK), col, last, right))
    # Whose genomlysning it is, below the heading.
    under = next((i for i, v in enumerate(blad.raw_row(2), start=1) if v != ""), 1)
    found.append((2, under, 2, under))
    if beskriven is beskrivning.SAMMANFATTNING:
        found += _list_sammanfattning(bok, blad)
    return found


def _list_sammanfattning(bok: Snabbok, blad: Calaminblad) -> Iterator[Omrade]:
    """Yield the answer, below the question, and the two grids of the summary."""
    if (place := bok.namn.get(IKORTHET.lower())) is not None:
        # The text stands to the right of the grid of verksamheter, from the row below its header.
        first, text, _, _ = place[1]
        left, last = max(text - _FORE_TEXTEN, 1), first
        while any(blad.texts(last, left, 1)):
            last += 1
        yield (first - 1, left, last - 1, text + 2)
    for nr, row in enumerate(blad.rows, start=1):
        if FRAGA in row:
            col = row.index(FRAGA) + 1
            yield (nr + 1, col, nr + 1, col)
        for label in (ANTALSKOLUMN, *Kategori):
            if label in row:
                col = row.index(label) + 1
                yield (nr, col, nr, col + _ANTAL_BEDOMNINGAR)


# ---- drafts ----------------------------------------------------------------------------------


def _list_utkast(bok: Snabbok) -> Iterator[Anteckning]:
    """Yield the drafted texts that a person has changed."""
    for name in (IKORTHET, ANALYSUNDERLAG):
        place, written = bok.namn.get(name.lower()), read_namn(bok, SKRIVNA_UTKAST[name])
        if place is None or written is None or written.varde is None:
            continue
        blad, (row, col, _, _) = place
        now = blad.cell(row, col).text
        if now.split() and now.split() != written.text.split():
            yield Anteckning(
                ANDRAT_UTKAST, blad.namn, cell_name(row, col), shorten_text(now.strip())
            )
