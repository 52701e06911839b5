"""Writes to a workbook that is open in Excel: all that was planned, or nothing.

The plan is gathered first (`Samlare`), then written in blocks, one for each run of our own cells.
Should Excel fail on the way, what has been written is taken back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import xlwings as xw

from genomlysning.bok.cellvarde import MAX_TEXT, Cellvarde, clean_text, is_same, to_innehall
from genomlysning.bok.modell import Bokblad, Boktabell, Cell, Omrade, cell_name
from genomlysning.bok.radhojd import count_lines, row_height
from genomlysning.bok.skrivare import Textdel
from genomlysning.bok.tabellrader import EJ_PLATS
from genomlysning.excel.levande import Levandebok, Levandetabell
from genomlysning.fel import FilFel, Meddelande

EXCEL_SADE_NEJ = Meddelande(
    "excel-sade-nej",
    "Excel tog inte emot det som skulle skrivas på bladet {blad} ({orsak}).",
    "Allt är återställt som det var. Avsluta det du håller på att skriva i en cell, stäng öppna "
    "dialogrutor och försök igen.",
)
EJ_ATERSTALLT = Meddelande(
    "excel-ej-aterstallt",
    "Excel slutade svara mitt i skrivningen på bladet {blad} ({orsak}), och allt kunde inte "
    "återställas.",
    "Stäng arbetsboken utan att spara och öppna den igen, så är den som när du senast sparade.",
)

#: The longest text that Excel takes as one of many.
MAX_I_BLOCK = 8000
#: An apostrophe put before a text must have room too.
_MAX_TEXT = MAX_TEXT - 1
_MANADER = (
    "jan|januari|january|feb|februari|february|mar|mars|march|apr|april|maj|may|jun|juni|june|"
    "jul|juli|july|aug|augusti|august|sep|september|okt|oktober|oct|october|nov|november|"
    "dec|december"
)
#: Texts that Excel would take for a formula, a number, a date or a truth value.
_TOLKAS = re.compile(
    rf"\s*[=+\-@'\d.,($€£#]|({_MANADER})\.?[ -]?\d|(true|false|sant|falskt)$", re.IGNORECASE
)

#: A text longer than this may need more room than its merged cells have.
_LANG_TEXT = 300
#: Excel's highest row, in points.
_HOGSTA_RAD = 409.0

_Ruta = tuple[int, int]


@dataclass(slots=True)
class _Block:
    """A block of cells with what they shall hold and what they hold, as Excel takes it."""

    blad: str
    omrade: Omrade
    nya: list[list[Any]]
    gamla: list[list[Any]]


@dataclass(slots=True)
class Samlare:
    """Takes note of what is to be written (`bok.skrivare.Skrivare`); `write` then writes it."""

    bok: Levandebok
    varden: dict[str, dict[_Ruta, Cellvarde]] = field(default_factory=dict)
    formler: dict[str, dict[_Ruta, str]] = field(default_factory=dict)
    rubriker: list[tuple[Levandetabell, dict[str, str]]] = field(default_factory=list)
    tillagda: dict[str, int] = field(default_factory=dict)
    visas: list[tuple[str, int, int]] = field(default_factory=list)
    namn: dict[str, str] = field(default_factory=dict)
    rika: list[tuple[str, _Ruta, Sequence[Textdel]]] = field(default_factory=list)

    def set_value(self, blad: Bokblad, row: int, col: int, value: Cellvarde) -> None:
        """Put a plain value in a cell; text stays text."""
        self.varden.setdefault(blad.namn, {})[row, col] = value

    def set_formula(self, blad: Bokblad, row: int, col: int, formel: str) -> None:
        """Put a formula of ours (without its equals sign) in a cell of a new row."""
        self.formler.setdefault(blad.namn, {})[row, col] = f"={formel}"

    def set_rik_text(self, blad: Bokblad, row: int, col: int, delar: Sequence[Textdel]) -> None:
        """Put a text of several runs in a cell, headings bold."""
        text = "".join(t for t, _ in delar)
        self.set_value(blad, row, col, text)
        if text and text != blad.cell(row, col).text:
            self.rika.append((blad.namn, (row, col), delar))

    def rename_headers(self, byten: Iterable[tuple[Boktabell, dict[str, str]]]) -> None:
        """Give columns new headers; Excel renames them in its formulas."""
        for found, columns in byten:
            table = self.bok.tabeller[self._find_key(found)]
            if columns:
                self.rubriker.append((table, dict(columns)))
                table.kolumner = [(n, columns.get(h, h)) for n, h in table.kolumner]

    def add_row(self, tabell: Boktabell) -> None:
        """Let a table reach one row further down, with the looks of its last."""
        key = self._find_key(tabell)
        table = self.bok.tabeller[key]
        first, left, last, right = table.omrade
        table.omrade = (first, left, last + 1, right)
        self.tillagda[key] = self.tillagda.get(key, 0) + 1

    def _find_key(self, tabell: Boktabell) -> str:
        return next(key for key, table in self.bok.tabeller.items() if table is tabell)

    def show_rows(self, blad: Bokblad, first: int, last: int) -> None:
        """Show rows that may be hidden."""
        self.visas.append((blad.namn, first, last))

    def set_namn(self, namn: str, ref: str) -> None:
        """Let a workbook name point at another area."""
        self.namn[namn] = f"={ref}"

    def write(self) -> int:
        """Write all of it; return how many blocks of values that took.

        Raises FilFel when Excel does not take it; then the workbook is as it was.
        """
        blocks = list(self._plan_blocks())
        self._check_plats()
        undo: list[Callable[[], object]] = []
        where = ""
        try:
            for step in self._steps(blocks):
                where, do, back = step
                undo.append(back)
                do()
        except Exception as error:
            self._take_back(undo, where, error)
        self._improve_looks(blocks)
        return len(blocks)

    def _take_back(
        self, undo: Sequence[Callable[[], object]], where: str, error: Exception
    ) -> None:
        whole = True
        for i, back in enumerate(reversed(undo)):
            try:
                back()
            except Exception:
                # What could not be taken back is told; the step that failed may have done nothing.
                whole = whole and i == 0
        cause = describe(error)
        if whole:
            raise FilFel(EXCEL_SADE_NEJ, blad=where, orsak=cause) from error
        raise FilFel(EJ_ATERSTALLT, blad=where, orsak=cause) from error

    def _make_room(self, area: xw.Range, text: str) -> None:
        """Let an area of merged cells be as high as its text, which Excel does not do by itself."""
        rows = area.shape[0]
        if rows == 1:
            return
        needed = row_height(1) * count_lines(text, sum(c.column_width or 0.0 for c in area.columns))
        if needed > area.height:
            area.row_height = min(needed / rows, _HOGSTA_RAD)

    def _check_plats(self) -> None:
        """Refuse where a table that is to grow would take in what somebody has written below it."""
        for blad, top, bottom in self._new_rows():
            table = next(
                t for t in self.bok.tabeller.values() if t.blad is blad and t.omrade[2] == bottom
            )
            _, left, _, right = table.omrade
            found = self._area(blad.namn, (top, left, bottom, right)).options(ndim=2).value
            for i, row in enumerate(found):
                for j, value in enumerate(row):
                    if value not in (None, ""):
                        cell = cell_name(top + i, left + j)
                        raise FilFel(EJ_PLATS, tabell=table.namn, blad=blad.namn, cell=cell)

    # ---- what is written, in order -----------------------------------------------------------

    def _steps(
        self, blocks: Sequence[_Block]
    ) -> Iterator[tuple[str, Callable[[], object], Callable[[], object]]]:
        """Yield the sheet, what to do and how to take it back, one step at a time."""
        for key, count in self.tillagda.items():
            yield self._grow(self.bok.tabeller[key], count)
        for table, columns in self.rubriker:
            sheet, (row, first, _, _) = table.blad.sheet, table.omrade
            headers = [h for _, h in table.kolumner]
            for old, new in order_byten(columns):
                cell = sheet.range((row, first + headers.index(columns.get(old, new))))
                yield table.blad.namn, _set(cell, to_excel(new)), _set(cell, to_excel(old))
        for namn, formulas in self.formler.items():
            for omrade in group_rutor(formulas):
                first, left, last, right = omrade
                area = self._area(namn, omrade)
                rows = [
                    [formulas[r, c] for c in range(left, right + 1)] for r in range(first, last + 1)
                ]
                yield namn, _set(area, rows, "formula"), area.clear_contents
        for block in blocks:
            area = self._area(block.blad, block.omrade)
            yield block.blad, _set(area, block.nya), _set(area, block.gamla)
        for name, ref in self.namn.items():
            entry = self.bok.book.names[name]
            former = str(entry.refers_to)
            yield name, _set(entry, ref, "refers_to"), _set(entry, former, "refers_to")

    def _grow(
        self, table: Levandetabell, count: int
    ) -> tuple[str, Callable[[], object], Callable[[], object]]:
        """Return the step that lets a table reach `count` rows further down."""
        first, left, last, right = table.omrade
        sheet = table.blad.sheet
        whole = sheet.range((first, left), (last, right))
        before = sheet.range((first, left), (last - count, right))
        added = sheet.range((last - count + 1, left), (last, right))

        def grow() -> None:
            table.table.resize(whole)
            # Only looks, which must not stop the values.
            with suppress(Exception):
                sheet.range((last - count, left), (last - count, right)).copy()
                added.paste(paste="formats")
                self.bok.book.app.cut_copy_mode = False

        def shrink() -> None:
            added.clear_contents()
            table.table.resize(before)

        return table.blad.namn, grow, shrink

    def _improve_looks(self, blocks: Sequence[_Block]) -> None:
        """Show the rows that were kept, as high as their texts, and set headings in bold.

        What Excel does not take of this is let be: the values are in place.
        """
        new = [(b.namn, top, bottom) for b, top, bottom in self._new_rows()]
        tables = {t.blad.namn for t in self.bok.tabeller.values()}
        for namn, top, bottom in self.visas:
            with suppress(Exception):
                self._sheet(namn).range(f"{top}:{bottom}").rows.hidden = False
        shown = [v for v in self.visas if v[0] in tables]
        for namn, top, bottom in [*new, *shown, *self._text_rows(blocks)]:
            with suppress(Exception):
                self._sheet(namn).range(f"{top}:{bottom}").rows.autofit()
        for namn, cells in self.varden.items():
            for (row, col), value in cells.items():
                if isinstance(value, str) and len(value) > _LANG_TEXT:
                    with suppress(Exception):
                        self._make_room(self._sheet(namn).range((row, col)).merge_area, value)
        for namn, (row, col), parts in self.rika:
            cell = self._sheet(namn).range((row, col))
            with suppress(Exception):
                # Excel gives the whole new text the looks of the old one's first letter.
                cell.font.bold = False
                start = 0
                for text, heading in parts:
                    if heading:
                        cell.characters[start : start + len(text)].font.bold = True
                    start += len(text)

    def _text_rows(self, blocks: Sequence[_Block]) -> Iterator[tuple[str, int, int]]:
        """Yield the rows of tables in which texts were written, which may need other heights."""
        rows: set[tuple[str, int]] = set()
        done = {
            (b.namn, nr) for b, first, last in self._new_rows() for nr in range(first, last + 1)
        }
        for block in blocks:
            top, left, _, _ = block.omrade
            for nr, (new, old) in enumerate(zip(block.nya, block.gamla, strict=True), start=top):
                texts = any(
                    isinstance(a or b, str) and a != b for a, b in zip(new, old, strict=True)
                )
                if texts and self._in_table(block.blad, nr, left):
                    rows.add((block.blad, nr))
        rows -= done
        for namn in sorted({n for n, _ in rows}):
            for first, _, last, _ in group_rutor({(r, 1): None for n, r in rows if n == namn}):
                yield namn, first, last

    def _in_table(self, namn: str, row: int, col: int) -> bool:
        return any(
            t.blad.namn == namn and row in t.datarader and t.omrade[1] <= col <= t.omrade[3]
            for t in self.bok.tabeller.values()
        )

    def _new_rows(self) -> Iterator[tuple[Bokblad, int, int]]:
        for key, count in self.tillagda.items():
            table = self.bok.tabeller[key]
            yield table.blad, table.omrade[2] - count + 1, table.omrade[2]

    # ---- blocks ------------------------------------------------------------------------------

    def _plan_blocks(self) -> Iterator[_Block]:
        """Yield the blocks of our own cells in which anything is to change."""
        sheets = {b.namn: b for b in self.bok.blad}
        for namn, cells in self.varden.items():
            blad = sheets[namn]
            for area in group_rutor(cells):
                first, left, last, right = area
                spots = [[(r, c) for c in range(left, right + 1)] for r in range(first, last + 1)]
                changed = any(
                    not _holds(blad.cell(*spot), cells[spot]) for row in spots for spot in row
                )
                if changed:
                    new = [[to_excel(cells[spot]) for spot in row] for row in spots]
                    old = [[_restore(blad.cell(*spot)) for spot in row] for row in spots]
                    yield _Block(namn, area, new, old)

    def _sheet(self, namn: str) -> xw.Sheet:
        return next(b.sheet for b in self.bok.blad if b.namn == namn)

    def _area(self, namn: str, omrade: Omrade) -> xw.Range:
        first, left, last, right = omrade
        return self._sheet(namn).range((first, left), (last, right))


@contextmanager
def stilla(app: xw.App) -> Iterator[None]:
    """Let Excel neither draw, reckon nor run other macros meanwhile; restore that whatever happens.

    What was selected is selected again.
    """
    selected = None
    with suppress(Exception):  # it may be a diagram, or nothing
        selected = app.selection
    settings: dict[str, Any] = {}
    wanted = {"screen_updating": False, "enable_events": False, "calculation": "manual"}
    try:
        for name, value in wanted.items():
            settings[name] = getattr(app, name)
            setattr(app, name, value)
        yield
    finally:
        for name, value in reversed(settings.items()):
            with suppress(Exception):
                setattr(app, name, value)
        if selected is not None:
            with suppress(Exception):
                selected.select()


def group_rutor(cells: Mapping[_Ruta, Cellvarde]) -> list[Omrade]:
    """Return the cells (row, column) as blocks: runs in a row, with equal runs below joined.

    A text too long to be one of many has a block of its own.
    """
    alone = {s for s, v in cells.items() if isinstance(v, str) and len(v) > MAX_I_BLOCK}
    runs: list[Omrade] = []
    for row, col in sorted(cells):
        before = (row, col - 1)
        if before in cells and not alone & {before, (row, col)}:
            runs[-1] = (row, runs[-1][1], row, col)
        else:
            runs.append((row, col, row, col))
    blocks: list[Omrade] = []
    latest: dict[tuple[int, int], int] = {}
    for row, left, _, right in runs:
        index = latest.get((left, right))
        above = (row - 1, left)
        if index is not None and blocks[index][2] == row - 1 and not alone & {above, (row, left)}:
            blocks[index] = (blocks[index][0], left, row, right)
        else:
            latest[left, right] = len(blocks)
            blocks.append((row, left, row, right))
    return blocks


def order_byten(byten: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the renamings (from, to) in an order in which no two columns share a header.

    Excel would otherwise number the second. Those that trade names take a detour.
    """
    left = dict(byten)
    done: list[tuple[str, str]] = []
    while left:
        taken = {old.lower() for old in left}
        free = next((old for old, new in left.items() if new.lower() not in taken), None)
        if free is None:
            old, new = next(iter(left.items()))
            detour = f"{old} (byter namn)"
            done.append((old, detour))
            del left[old]
            left[detour] = new
        else:
            done.append((free, left.pop(free)))
    return done


def to_excel(value: Cellvarde | bool) -> Any:
    """Return a value that Excel takes as what it is: text never becomes anything else."""
    if isinstance(value, str):
        text = clean_text(value, _MAX_TEXT)
        return f"'{text}" if _TOLKAS.match(text) else text or None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def describe(error: Exception) -> str:
    """Return the shortest words in which an error of Excel's can be told."""
    # An error of COM's own has what Excel says in a tuple within.
    inner = [a for arg in error.args if isinstance(arg, tuple) for a in arg]
    parts = [a for a in (*inner[2:3], *error.args) if isinstance(a, str) and a]
    return (parts[0] if parts else type(error).__name__)[:120].rstrip(".")


def _restore(cell: Cell) -> Any:
    """Return what puts a cell back as it was."""
    return to_excel(cell.varde) if cell.formel is None else f"={cell.formel}"


def _holds(cell: Cell, value: Cellvarde) -> bool:
    """Tell whether a cell already holds what is to be written."""
    if cell.formel is not None or cell.fel:
        return False
    return is_same(to_innehall(value, longest=_MAX_TEXT), cell.varde)


def _set(target: Any, value: Any, attribute: str = "value") -> Callable[[], object]:
    return lambda: setattr(target, attribute, value)
