"""What people have written beside the tables: in other cells, on own sheets, on top of cells.

Where on a sheet the program itself writes is told by position, counted from what survives that
rows are added: the tables and the workbook names.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    ANALYSUNDERLAG,
    ANTALSRUBRIK,
    FORRA_TEXTER,
    IKORTHET,
    KNAPPHJALPSRUBRIK,
    MAKROBOKENS_BLAD,
    SKRIVNA_UTKAST,
    STARTRUBRIKER,
    TEXTRUTETIPS,
    UPPFOLJNINGSTEXT,
    UTANFORTEXT,
    Blad,
)
from genomlysning.bok.cellvarde import describe_varde, shorten_text
from genomlysning.bok.modell import Omrade, cell_name, read_namn
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
_SISTA = 10**7
#: The rows above the table over the years where the sums stand, with heading and note.
_SUMMARADER = (8, 3)
#: The rows of a sheet's heading, and of the follow-up's counts and prompts from its first row on.
_HUVUDRADER, _STODRADER = 3, ((0, 4), (6, 10))
#: The last column that the summary is written in, and the helping ones of its diagram.
_SISTA_KOLUMN, _PUNKTER = 9, (12, 14)
#: Settings on Start that nothing else shows, each with what it is where nobody has chosen.
_OVRIGA = {
    "Diarienummer": None,
    "Ordningstal": None,
    "Tolerans": Toleranser().procent,
    "ToleransEnheter": Toleranser().enheter,
}
_STEG = re.compile(r"\d\. ")


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
    skipped = {
        bok.find_blad(b.kodnamn, b.namn) for b in (beskrivning.LISTBLAD, beskrivning.XLWINGSBLAD)
    }
    ours = {id(s): b for b in MAKROBOKENS_BLAD if (s := bok.find_blad(b.kodnamn, b.namn))}
    for blad in bok.blad:
        if blad in skipped:
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
            areas = [] if own else _list_vara(bok, blad, ours.get(id(blad)))
            whole = _take(EGET_BLAD if own else UTANFOR, blad, _list_rader(blad, areas), found)
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


def _list_rader(blad: Calaminblad, areas: Sequence[Omrade]) -> Iterator[tuple[str, str]]:
    """Yield cells side by side that stand outside the areas, as their first cell and text."""
    rows = blad.rows
    single: dict[int, list[Omrade]] = {}
    for area in areas:
        if area[0] == area[2]:
            single.setdefault(area[0], []).append(area)
    several = [area for area in areas if area[0] != area[2]]
    for nr in _list_fria(areas, len(rows), max(map(len, rows), default=0)):
        row = rows[nr - 1]
        width = len(row)
        if row.count("") == width:
            continue
        free = list(row)
        for first, left, last, right in (*several, *single.get(nr, ())):
            if first <= nr <= last:
                free[left - 1 : right] = [""] * len(free[left - 1 : right])
        if free.count("") == width:
            continue
        texts = [describe_varde(plain_value(v)) for v in free]
        start = next((i for i, t in enumerate(texts) if t), None)
        if start is not None:
            text = _MELLAN.join(t for t in texts if t)
            yield cell_name(nr, start + 1), shorten_text(text)


def _list_fria(areas: Sequence[Omrade], antal: int, bredd: int) -> Iterator[int]:
    """Yield the rows that no area covers from the first column to the last."""
    nr = 1
    for first, left, last, right in sorted(areas):
        if left == 1 and right >= bredd:
            yield from range(nr, min(first, antal + 1))
            nr = max(nr, last + 1)
    yield from range(nr, antal + 1)


# ---- where the program writes ----------------------------------------------------------------


def _list_vara(bok: Snabbok, blad: Calaminblad, beskriven: Blad | None) -> list[Omrade]:
    """Return the areas of a sheet that the program writes in, or that are read as something else.

    `beskriven` is None for a sheet of ours whose code name and tab are both changed.
    """
    tables = sorted(t.omrade for t in bok.tabeller.values() if t.blad is blad)
    if beskriven is beskrivning.START:
        return _list_start(blad)
    if beskriven is beskrivning.SAMMANFATTNING:
        return _list_sammanfattning(bok, blad)
    if beskriven is beskrivning.ANALYS:
        return _list_textblad(bok, ANALYSTEXT)
    if beskriven is beskrivning.UPPFOLJNING:
        return _list_textblad(bok, UPPFOLJNINGSTEXT, _STODRADER)
    # The row of the source, above the table. The texts of a wide one stand in its second column.
    heading = tables[0][0] - 1 if tables else 5
    if beskriven is None or not beskriven.sidbrytning_efter:
        found = [*tables, (1, 1, heading, 1 if beskriven else 2)]
    else:
        found = [*tables, (1, 1, heading - 2, 2), (heading, 2, heading, 2)]
    over_time = bok.tabeller.get(beskrivning.REFERENSKOSTNAD_OVER_TID.namn.lower())
    if over_time is not None and over_time.blad is blad:
        row = over_time.omrade[0]
        first, last = (row - n for n in _SUMMARADER)
        found += [(first, 1, last, 2), (row - 1, 1, row - 1, 2)]
    return found


def _find_sista(blad: Calaminblad, is_var: Callable[[str], bool]) -> int:
    """Return the last row whose first cell is ours; the whole sheet where none is."""
    firsts = [row[0] if row else "" for row in blad.rows]
    ours = [nr for nr, v in enumerate(firsts, start=1) if isinstance(v, str) and is_var(v)]
    return max(ours, default=_SISTA)


def _list_start(blad: Calaminblad) -> list[Omrade]:
    """Return what is ours on Start: rows with a label and what is said of it, and headings."""
    guidance = _HUVUDRADER + 1
    found = [(1, 1, guidance, 1)]
    inside = False
    for nr in range(guidance + 1, _find_startslut(blad) + 1):
        label, *beside = blad.texts(nr, 1, 3)
        if label in (*STARTRUBRIKER, KNAPPHJALPSRUBRIK):
            inside = True
            found.append((nr, 1, nr, 1))
        elif inside and label.strip() and any(t.strip() for t in beside):
            found.append((nr, 1, nr, 3))
        elif not label.strip():
            inside = False
    return found


def _find_startslut(blad: Calaminblad) -> int:
    """Return the last row of Start that is ours: its last step, or the help with the buttons."""
    help_ = _find_sista(blad, lambda text: text == KNAPPHJALPSRUBRIK)
    if help_ == _SISTA:
        last = _find_sista(blad, lambda text: bool(_STEG.match(text)))
        return min(last, len(blad.rows))
    while any(blad.texts(help_ + 1, 1, 1)):
        help_ += 1
    return help_


def _list_sammanfattning(bok: Snabbok, blad: Calaminblad) -> list[Omrade]:
    """Return what is ours on the summary: two grids, a line or two above each, the diagram's."""
    kinds = {k.value for k in Kategori}
    text = bok.namn.get(IKORTHET.lower())
    last = _find_sista(blad, lambda label: label in kinds)
    if text is None or last == _SISTA:
        return [(1, 1, _SISTA, _PUNKTER[1])]
    first = text[1][0] - 1
    found = [(1, 1, _HUVUDRADER, 1), (_HUVUDRADER + 2, 1, first - 2, _SISTA_KOLUMN)]
    found += [(first, 1, first, _SISTA_KOLUMN), (first, _PUNKTER[0], last, _PUNKTER[1])]
    found.append(text[1])
    for nr in range(first + 1, last + 1):
        label, *values = blad.texts(nr, 1, _SISTA_KOLUMN)
        if label.strip() and any(v.strip() for v in values):
            found.append((nr, 1, nr, _SISTA_KOLUMN))
        elif label == ANTALSRUBRIK or label.startswith(UTANFORTEXT):
            found.append((nr, 1, nr, 1))
    return found


def _list_textblad(bok: Snabbok, namn: str, stod: Sequence[tuple[int, int]] = ()) -> list[Omrade]:
    """Return what is ours on a sheet of running text: headings, the area itself, what aids it."""
    place = bok.namn.get(namn.lower())
    if place is None:
        return [(1, 1, _SISTA, 3)]
    blad, (row, col, _, _) = place
    assert isinstance(blad, Calaminblad)
    found = [(1, 1, row - 1, 1), (row - 1, 3, row - 1, 3), (row, col, row, col)]
    found += [(row + first, 3, row + last, 3) for first, last in stod]
    for name in (ANALYSUNDERLAG, *FORRA_TEXTER.values()):
        named = bok.namn.get(name.lower())
        if named is not None and named[0] is blad:
            r, c, _, _ = named[1]
            found.append((r - 1, c, r, c))
    tip = _find_sista(blad, lambda text: text == TEXTRUTETIPS)
    return found if tip == _SISTA else [*found, (tip, 1, tip, 1)]


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
