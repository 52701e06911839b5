"""An untrusted workbook, read fast: the package by us, the cells' saved values by calamine.

Only parts that have passed the gate reach calamine, and no part that is not needed for values.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from genomlysning.bok.cellvarde import Cellinnehall, to_serial
from genomlysning.bok.formeltext import column_number
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad, Tabelldel, find_rels
from genomlysning.bok.modell import TOM, Cell
from genomlysning.bok.paket import TRASIG, Paket
from genomlysning.fel import FilFel, Meddelande

#: The file and all its parts unpacked, in bytes.
MAX_STORLEK = 100_000_000
#: The last row and column that may hold a value. A genomlysning has some hundreds of rows.
MAX_RAD, MAX_KOLUMN = 99_999, 702
#: So many cells from A1 to the last that holds a value.
MAX_CELLER = 2_000_000

_LANGT_BORT = re.compile(rb'<c r="([A-Z]{3}\d{1,7}|[A-Z]{1,3}\d{6,7})"[^>]*?(/?)>')
_KODNAMN = re.compile(rb'<sheetPr[^>]*\bcodeName="([A-Za-z0-9_]+)"')
_MED_VARDE = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^>/])?>')
#: Parts that hold no values, and are left packed.
_ONODIG = re.compile(
    r"/(?:media|charts|drawings/_rels|theme|printerSettings|embeddings)\b"
    r"|/(?:metadata|calcChain)\.xml|^docProps/(?:app|custom)\.xml|\.(?:bin|vml)$"
)
#: A document type comes before the first element, so a part that begins so has none.
_UTAN_DTD = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*\?>)?\s*<[A-Za-z]")
_DTD = b"<!DOCTYPE"
_XML = (".xml", ".rels", ".vml")

_T = TypeVar("_T")
#: What short parts say, by what was asked, their name and content: most are the same in every
#: workbook. Nothing that is found may be changed. Others' files must not fill the memory.
_KANDA: dict[tuple[str, str, bytes], Any] = {}
_KORT, _MEST_KANDA = 10_000, 300
_INGET_TRAD = etree.Element("table")

LANGT_BORT = Meddelande(
    "sammanstall-langt-bort",
    "{fil} har ett värde långt utanför tabellerna ({blad}!{cell}).",
    "Öppna den i Excel, ta bort raderna och kolumnerna som inte används på bladet och spara.",
)
DOKUMENTTYP = Meddelande(
    "sammanstall-dokumenttyp",
    "{fil} innehåller något som aldrig finns i en arbetsbok från Excel (en dokumenttyp i {del_}).",
    "Öppna den inte. Kontrollera med avsändaren varifrån den kommer.",
)


class Calaminblad(Kalkylblad):
    """A worksheet whose saved values are read at the first look; formulas are not.

    `storlek` is that of its part in bytes.
    """

    def __init__(
        self, namn: str, del_: str, content: bytes, bok: CalamineWorkbook, date1904: bool
    ) -> None:
        self.namn = namn
        self.del_ = del_
        self._date1904 = date1904
        start = content[:2000]
        match = _KODNAMN.search(start) if b"codeName" in start else None
        self.kodnamn = match[1].decode() if match else ""
        self.storlek = len(content)
        self._bok = bok
        self._rows: Sequence[Sequence[object]] | None = None

    @property
    def rows(self) -> Sequence[Sequence[object]]:
        """All values from A1 on; empty cells are empty text.

        Raises ValueError for too many, and for what can't be read.
        """
        if self._rows is None:
            try:
                sheet = self._bok.get_sheet_by_name(self.namn)
                if sheet.total_height * sheet.total_width > MAX_CELLER:
                    raise ValueError("too many cells")
                self._rows = sheet.to_python(skip_empty_area=False)
            except (CalamineError, OverflowError) as error:  # the second for a time without end
                raise ValueError("unreadable cells") from error
        return self._rows

    def raw_row(self, row: int) -> Sequence[object]:
        """Return a row's values as calamine has them, for `plain_value`; none beyond the last."""
        rows = self.rows
        return rows[row - 1] if 0 < row <= len(rows) else ()

    def texts(self, row: int, first: int, antal: int) -> list[str]:
        """Return what so many cells of a row, from a column on, hold as text."""
        found = self.raw_row(row)[first - 1 : first - 1 + antal]
        texts = [v if type(v) is str else self._cell(v).text for v in found]
        return texts + [""] * (antal - len(texts))

    def cell(self, row: int, col: int) -> Cell:
        """Return the saved value of a cell."""
        rows = self._rows or self.rows
        if not 0 < row <= len(rows) or not 0 < col <= len(rows[row - 1]):
            return TOM
        value = rows[row - 1][col - 1]
        return TOM if value == "" else self._cell(value)

    def find_sista_fyllda(self, till: int) -> int:
        """Return the last row, of those to `till`, that may have anything in it."""
        return min(till, len(self.rows))

    def _cell(self, value: object) -> Cell:
        plain = plain_value(value)
        if isinstance(plain, date):
            return Cell(to_serial(plain, date1904=self._date1904), dag=to_dag(plain))
        return Cell(plain)


def plain_value(value: object) -> Cellinnehall | date:
    """Return a value as calamine has it: text, a number, a day or a moment; None if it is none."""
    if type(value) is str:
        return value or None
    if type(value) is float:
        # XML can spell what Excel has no number for.
        return value if isfinite(value) else None
    if isinstance(value, bool | date):
        return value
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, time):
        return value.isoformat("minutes")
    return float(value) if isinstance(value, int) else None


def to_dag(value: date) -> date:
    """Return the day of a day or a moment."""
    return value.date() if isinstance(value, datetime) else value


class Snabbok(Arbetsbok):
    """The workbook. Raises FilFel for what is none, or can't be read safely."""

    def __init__(self, fil: Path) -> None:
        paket = Paket.open(fil, MAX_STORLEK, lambda name: bool(_ONODIG.search(name)))
        for name in paket:
            content = paket[name]
            if not _UTAN_DTD.match(content) and _DTD in content and name.endswith(_XML):
                raise FilFel(DOKUMENTTYP, fil=fil, del_=name)
        try:
            super().__init__(paket, fil)
        except CalamineError as error:
            raise FilFel(TRASIG, fil=fil, vad="cellerna går inte att läsa") from error

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        return self._recall(super()._relations, part, find_rels(part))

    def _read_tabelldel(self, part: str) -> Tabelldel:
        return self._recall(self._read_utan_trad, part, part)

    def _read_utan_trad(self, part: str) -> Tabelldel:
        # The tree takes thirty times the room of the part, and only who changes a table needs it.
        return super()._read_tabelldel(part)._replace(root=_INGET_TRAD)

    def _recall(self, read: Callable[[str], _T], part: str, kalla: str) -> _T:
        """Return what is read of a part, known again where another workbook has said the same."""
        if kalla not in self.paket or len(self.paket[kalla]) > _KORT:
            return read(part)
        key = (read.__name__, part, self.paket[kalla])
        found: _T | None = _KANDA.get(key)
        if found is None:
            if len(_KANDA) == _MEST_KANDA:
                _KANDA.clear()
            found = _KANDA[key] = read(part)
        return found

    def _read_strings(self, relations: dict[str, tuple[str, str]]) -> list[str]:
        """Hand over to calamine, which reads the texts itself, and which numbers are days."""
        kinds = ("worksheet", "sharedStrings", "styles")
        wanted = {p for kind, p in relations.values() if kind in kinds}
        parts = ["[Content_Types].xml", find_rels(""), self.del_, find_rels(self.del_)]
        names = [*parts, *sorted(n for n in wanted if n in self.paket)]
        self._calamine = CalamineWorkbook.from_filelike(self.paket.repack(names))
        return []

    def _open_blad(self, namn: str, part: str) -> Kalkylblad:
        content = self.paket[part]
        for match in _LANGT_BORT.finditer(content):
            # A cell far away with a format alone is common, and does no harm.
            cell = match[1].decode()
            letters = cell.rstrip("0123456789")
            far = column_number(letters) > MAX_KOLUMN or int(cell[len(letters) :]) > MAX_RAD
            if far and not match[2]:
                raise FilFel(LANGT_BORT, fil=self.fil, blad=namn, cell=cell)
        return Calaminblad(namn, part, content, self._calamine, self.date1904)

    def check_omfang(self, blad: Calaminblad) -> None:
        """Raise ValueError for a sheet with too many cells from A1 to its last with a value.

        calamine takes memory for them all, and the process dies where there is not enough.
        """
        found = _MED_VARDE.findall(self.paket[blad.del_])
        rows = max((int(row) for _, row in found), default=0)
        columns = max((column_number(c.decode()) for c in {c for c, _ in found}), default=0)
        if rows * columns > MAX_CELLER:
            raise ValueError("too many cells")
