"""Reads an existing workbook part by part: sheets, tables by name, workbook names, cells.

Only what is asked for is interpreted; the XML trees are kept as they are, so that patching
changes nothing but the cells it means to. XML with a document type is refused, and nothing is
fetched from outside.
"""

import math
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from genomlysning.bok.beskrivning import AMNE_SAMMANSTALLNING
from genomlysning.bok.cellvarde import Cellinnehall, from_serial
from genomlysning.bok.formelmening import move_formula
from genomlysning.bok.modell import TOM, Cell, Omrade, cell_name, parse_omrade
from genomlysning.bok.omdopta import key_tabeller
from genomlysning.bok.paket import TRASIG, Paket
from genomlysning.fel import FilFel, Meddelande

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NS_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NS_STRIKT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_blank_text=False,
)
#: Excel's own formats that show a day, and what tells one in a format that is spelt out: a sign
#: for day, month or year outside quoted words and brackets.
_DATUMFORMAT = frozenset(map(str, (*range(14, 18), 22, *range(27, 32), 36, *range(50, 59))))
_EJ_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|General', re.IGNORECASE)
_DATUMTECKEN = re.compile(r"[dyå]", re.IGNORECASE)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
#: So many empty rows last in a table are looked at.
LEDIGA_RADER = 200

STRIKT = Meddelande(
    "bok-strikt",
    "Filen {fil} är sparad som Strict Open XML, som inte går att använda här.",
    "Öppna den i Excel, välj Spara som och typen Excel-arbetsbok.",
)
KOMMUNENS_BOK = Meddelande(
    "bok-kommunens",
    "{fil} är kommunens sammanställning.",
    "Ange en nämnds arbetsbok. Kommunens arbetsbok och rapporten för hela kommunen skrivs med: "
    "genomlysning sammanstall MAPP --ut KOMMUN.xlsx --rapport.",
)


def q(tag: str) -> str:
    """Return an element's name in the main namespace."""
    return f"{{{NS}}}{tag}"


class Datumstilar(NamedTuple):
    """The cell styles, by their numbers, that show a number as a day."""

    stilar: frozenset[str] = frozenset()
    date1904: bool = False

    def read_dag(self, value: Cellinnehall, stil: str) -> date | None:
        """Return the day that a cell shows, None for what is shown as anything else."""
        if stil not in self.stilar or not isinstance(value, float):
            return None
        try:
            return from_serial(value, date1904=self.date1904)
        except (ValueError, OverflowError):
            return None


class Kalkylblad:
    """One worksheet of the file `fil`, which names it in messages."""

    def __init__(
        self,
        namn: str,
        del_: str,
        root: etree._Element,
        strings: list[str],
        fil: Path,
        datum: Datumstilar | None = None,
    ) -> None:
        self.namn = namn
        self._fil = fil
        self.del_ = del_
        self.root = root
        self._strings = strings
        self._datum = datum or Datumstilar()
        properties = root.find(q("sheetPr"))
        self.kodnamn = "" if properties is None else properties.get("codeName", "")
        self.rader: dict[int, etree._Element] = {}
        self.celler: dict[tuple[int, int], etree._Element] = {}
        self._shared: dict[str, tuple[str, int, int]] = {}
        data = root.find(q("sheetData"))
        if data is None:
            raise ValueError("sheetData")
        self.data = data
        row = 0
        for line in data.iterchildren(q("row")):
            row = int(line.get("r") or row + 1)
            self.rader[row] = line
            col = 0
            for c in line.iterchildren(q("c")):
                ref = parse_omrade(c.get("r", ""))
                col = ref[1] if ref else col + 1
                self.celler[row, col] = c
        self.reindex_shared()

    def reindex_shared(self) -> None:
        """Take note of the formulas that several cells share, as they now are."""
        for (row, col), c in self.celler.items():
            f = c.find(q("f"))
            if f is not None and f.get("t") == "shared" and f.text:
                self._shared[f.get("si", "")] = (f.text.strip(), row, col)

    def part_shared(self, row: int, col: int) -> None:
        """Let the copies of a cell's formula stand on their own, before the cell gets another."""
        f = self.celler[row, col].find(q("f"))
        number = None if f is None or not f.text else f.get("si")
        if f is None or number not in self._shared:
            return
        for place, c in self.celler.items():
            own = c.find(q("f"))
            if own is not None and own.get("t") == "shared" and own.get("si") == number:
                own.text = self._formel(own, *place)
                for name in ("t", "si", "ref"):
                    own.attrib.pop(name, "")
        del self._shared[number]

    @property
    def skyddat(self) -> bool:
        """Tell whether the sheet's protection is on."""
        protection = self.root.find(q("sheetProtection"))
        return protection is not None and protection.get("sheet") in ("1", "true")

    def bredd(self, col: int) -> float | None:
        """Return a column's width in characters, 0 if hidden, None where it has none of its own."""
        for element in self.root.iterfind(f"{q('cols')}/{q('col')}"):
            if int(element.get("min", "0")) <= col <= int(element.get("max", "0")):
                width = element.get("width")
                if element.get("hidden") in ("1", "true"):
                    return 0.0
                return float(width) if width else None
        return None

    def cell(self, row: int, col: int) -> Cell:
        """Return what a cell holds; an empty one for a place without.

        Raises FilFel for a cell that Excel would not have written, such as a number that is none.
        """
        c = self.celler.get((row, col))
        if c is None:
            return TOM
        f = c.find(q("f"))
        formula = None if f is None else self._formel(f, row, col)
        kind = c.get("t", "n")
        try:
            value = self._value(c, kind)
        except (ValueError, IndexError) as error:
            vad = f"cellen {self.namn}!{cell_name(row, col)} går inte att tolka"
            raise FilFel(TRASIG, fil=self._fil, vad=vad) from error
        day = self._datum.read_dag(value, c.get("s", "0")) if self._datum.stilar else None
        return Cell(value, formula, kind == "e", day)

    def _formel(self, f: etree._Element, row: int, col: int) -> str:
        """Return a cell's formula, which may be noted at another one that it is a copy of."""
        text = (f.text or "").strip()
        kind = f.get("t")
        if kind == "shared" and not text and (shared := self._shared.get(f.get("si", ""))):
            text, first_row, first_col = shared
            return move_formula(text, row - first_row, col - first_col)
        # Excel marks one of a single cell as an array too, where it could have filled several.
        return f"{{{text}}}" if kind == "array" and ":" in f.get("ref", "") else text

    def texts(self, row: int, first: int, antal: int) -> list[str]:
        """Return what so many cells of a row, from a column on, hold as text."""
        return [self.cell(row, first + i).text for i in range(antal)]

    def find_sista_fyllda(self, till: int) -> int:
        """Return the last row, of those to `till`, with anything in it; 0 if there is none."""
        return max(
            (row for (row, _), c in self.celler.items() if row <= till and len(c)), default=0
        )

    def formler(self) -> Iterator[tuple[int, int]]:
        """Yield the places of all cells with a formula."""
        for place, c in self.celler.items():
            if c.find(q("f")) is not None:
                yield place

    def _value(self, c: etree._Element, kind: str) -> Cellinnehall:
        if kind == "inlineStr":
            inline = c.find(q("is"))
            return "" if inline is None else read_text(inline)
        v = c.find(q("v"))
        text = None if v is None else v.text
        if text is None:
            return "" if kind == "str" and v is not None else None
        if kind == "s":
            number = int(text)
            if number < 0:  # Python would count from the end
                raise IndexError(number)
            return self._strings[number]
        if kind == "b":
            return text.strip() in ("1", "true")
        if kind in ("str", "e", "d"):
            return unescape(text)
        value = float(text)
        if not math.isfinite(value):  # Excel has neither infinity nor 'not a number'
            raise ValueError(text)
        return value


class Tabelldel(NamedTuple):
    """What a table's part says; `kolumner` are (id, header), and the cells may say otherwise."""

    namn: str
    root: etree._Element
    omrade: Omrade
    kolumner: list[tuple[int, str]]
    summarader: int
    rubrikrader: int


@dataclass(slots=True)
class Exceltabell:
    """One Excel table: where it is and its columns as (id, header), left to right."""

    namn: str
    del_: str
    root: etree._Element
    blad: Kalkylblad
    omrade: Omrade
    kolumner: list[tuple[int, str]]
    summarader: int
    rubrikrader: int

    @property
    def datarader(self) -> range:
        """The sheet rows below the header and above any total.

        Of a table that goes on far below what is written, as one made of whole columns does, those
        with something in them and `LEDIGA_RADER` more.
        """
        first, _, last, _ = self.omrade
        end = last - self.summarader
        if end - first > LEDIGA_RADER:
            end = min(end, max(first, self.blad.find_sista_fyllda(end)) + LEDIGA_RADER)
        return range(first + 1, end + 1)


class Arbetsbok:
    """An existing workbook, read."""

    def __init__(self, paket: Paket, fil: Path) -> None:
        self.paket = paket
        self.fil = fil
        try:
            self._read()
        except (KeyError, ValueError, IndexError, StopIteration, AttributeError) as error:
            raise FilFel(TRASIG, fil=fil, vad="en del saknas eller går inte att tolka") from error

    @property
    def mapp(self) -> Path:
        """The folder it lies in."""
        return self.fil.resolve().parent

    def _read(self) -> None:
        self.del_ = next(
            target for kind, target in self._relations("").values() if kind == "officeDocument"
        )
        self.root = self.parse(self.del_)
        if self.root.tag == f"{{{NS_STRIKT}}}workbook":
            raise FilFel(STRIKT, fil=self.fil)
        relations = self._relations(self.del_)
        self._strings = self._read_strings(relations)
        properties = self.root.find(q("workbookPr"))
        self.date1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self.blad: list[Kalkylblad] = []
        self.tabeller: dict[str, Exceltabell] = {}
        sheets = self.root.find(q("sheets"))
        if sheets is None:
            raise ValueError("sheets")
        for entry in sheets.iterchildren(q("sheet")):
            kind, part = relations[entry.get(f"{{{NS_REL}}}id", "")]
            if kind != "worksheet":  # a sheet that is all chart, or one of old macros
                continue
            sheet = self._open_blad(entry.get("name", ""), part)
            self.blad.append(sheet)
            self._read_tables(sheet)
        self.tabeller = key_tabeller(self, self.tabeller)
        self.read_namn()

    def read_namn(self) -> None:
        """Take note of what the workbook's names point at."""
        self.namn: dict[str, tuple[Kalkylblad, Omrade]] = {}
        for name in self.root.iterfind(f"{q('definedNames')}/{q('definedName')}"):
            place = self._place(name.text or "")
            if place and name.get("localSheetId") is None:
                self.namn.setdefault(name.get("name", "").lower(), place)  # as in a copy to send

    def _open_blad(self, namn: str, part: str) -> Kalkylblad:
        return Kalkylblad(namn, part, self.parse(part), self._strings, self.fil, self._datumstilar)

    @cached_property
    def _datumstilar(self) -> Datumstilar:
        part = self.find_del("styles")
        if part is None or part not in self.paket:
            return Datumstilar()
        root = self.parse(part)
        dates = set(_DATUMFORMAT)
        for one in root.iterfind(f"{q('numFmts')}/{q('numFmt')}"):
            code = _EJ_FORMAT.sub("", one.get("formatCode", ""))
            if _DATUMTECKEN.search(code):
                dates.add(one.get("numFmtId", ""))
        styles = root.iterfind(f"{q('cellXfs')}/{q('xf')}")
        found = (str(i) for i, xf in enumerate(styles) if xf.get("numFmtId") in dates)
        return Datumstilar(frozenset(found), self.date1904)

    def parse(self, name: str) -> etree._Element:
        """Parse a part; raises FilFel where it is missing or no plain XML."""
        if name not in self.paket:
            raise FilFel(TRASIG, fil=self.fil, vad=f"delen {name} saknas")
        return parse_del(self.paket[name], name, self.fil)

    def find_blad(self, kodnamn: str, namn: str) -> Kalkylblad | None:
        """Return a sheet by its code name, which survives renaming, else by its tab."""
        by_code, by_name = self._blad_efter
        return by_code.get(kodnamn) or by_name.get(namn)

    @cached_property
    def _blad_efter(self) -> tuple[dict[str, Kalkylblad], dict[str, Kalkylblad]]:
        """The sheets by code name and by tab; the first, where several have the same."""
        sheets = self.blad[::-1]
        return {b.kodnamn: b for b in sheets}, {b.namn: b for b in sheets}

    def find_del(self, slag: str) -> str | None:
        """Return the name of the workbook's one part of a kind."""
        parts = (p for kind, p in self._relations(self.del_).values() if kind == slag)
        return next(parts, None)

    def list_sammanfogat(self, blad: Kalkylblad) -> list[Omrade]:
        """Return a sheet's areas of joined cells."""
        refs = blad.root.iterfind(f"{q('mergeCells')}/{q('mergeCell')}")
        return [a for r in refs if (a := parse_omrade(r.get("ref", ""))) is not None]

    def list_notrader(self, blad: Kalkylblad) -> set[int]:
        """Return the rows of a sheet that have a note or a comment."""
        return {
            area[0]
            for kind, part in self.list_delar(blad.del_)
            if kind in ("comments", "threadedComment")
            for e in self.parse(part).iter()
            if isinstance(e.tag, str) and (area := parse_omrade(e.get("ref", "")))
        }

    def list_delar(self, del_: str) -> list[tuple[str, str]]:
        """Return the kind and name of each part that a part points at."""
        return list(self._relations(del_).values())

    def amne(self) -> str:
        """Return the file's subject property."""
        for kind, part in self._relations("").values():
            if kind == "core-properties" and part in self.paket:
                for element in self.parse(part).iter():
                    if isinstance(element.tag, str) and element.tag.endswith("}subject"):
                        return element.text or ""
        return ""

    def _place(self, text: str) -> tuple[Kalkylblad, Omrade] | None:
        sheet, _, ref = text.rpartition("!")
        name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        area = parse_omrade(ref)
        found = self._blad_efter[1].get(name)
        return (found, area) if found and area else None

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.dirname(part), find_rels(part)
        if name not in self.paket:
            return {}
        found = {}
        for r in self.parse(name):
            target = r.get("Target", "") if isinstance(r.tag, str) else ""
            if not target or r.get("TargetMode") == "External":
                continue
            kind = r.get("Type", "").rsplit("/", 1)[-1]
            found[r.get("Id", "")] = (kind, _resolve(folder, target))
        return found

    def _read_strings(self, relations: dict[str, tuple[str, str]]) -> list[str]:
        part = next((p for kind, p in relations.values() if kind == "sharedStrings"), None)
        if part is None:
            return []
        return [read_text(si) for si in self.parse(part).iterchildren(q("si"))]

    def _read_tables(self, sheet: Kalkylblad) -> None:
        for kind, part in self._relations(sheet.del_).values():
            if kind != "table":
                continue
            table = self._read_tabelldel(part)
            area, columns = table.omrade, table.kolumner
            # What a person sees is the cell; a table's own note of it may lag behind.
            seen = sheet.texts(area[0], area[1], len(columns))
            self.tabeller[table.namn.lower()] = Exceltabell(
                table.namn,
                part,
                table.root,
                sheet,
                area,
                [(n, text or header) for (n, header), text in zip(columns, seen, strict=True)],
                table.summarader,
                table.rubrikrader,
            )

    def _read_tabelldel(self, part: str) -> Tabelldel:
        """Return what a table's own part says of it. Raises ValueError for none."""
        root = self.parse(part)
        area = parse_omrade(root.get("ref", ""))
        totals, headers = (
            int(root.get(name, standard))
            for name, standard in (("totalsRowCount", "0"), ("headerRowCount", "1"))
        )
        if area is None or totals < 0 or headers < 0:
            raise ValueError("table")
        return Tabelldel(
            root.get("displayName", root.get("name", "")),
            root,
            area,
            [
                (int(c.get("id", "0")), unescape(c.get("name", "")))
                for c in root.iterfind(f"{q('tableColumns')}/{q('tableColumn')}")
            ],
            totals,
            headers,
        )


def open_namndbok(fil: Path) -> Arbetsbok:
    """Return a committee's workbook. Raises FilFel for what is none, also the municipality's."""
    bok = Arbetsbok(Paket.open(fil), fil)
    if bok.amne() == AMNE_SAMMANSTALLNING:
        raise FilFel(KOMMUNENS_BOK, fil=fil)
    return bok


def find_rels(part: str) -> str:
    """Return the name of the part that holds what a part points at."""
    folder, slash, file = part.rpartition("/")
    return f"{folder}{slash}_rels/{file}.rels"


def _resolve(folder: str, target: str) -> str:
    """Return the name of the part that a relation points at from a folder."""
    whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(whole)


def parse_del(content: bytes, name: str, fil: Path) -> etree._Element:
    """Parse a part's content; raises FilFel where it is no plain XML."""
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise FilFel(TRASIG, fil=fil, vad=f"delen {name} går inte att tolka") from error
    if b"<!DOCTYPE" in content or root.getroottree().docinfo.internalDTD is not None:
        raise FilFel(TRASIG, fil=fil, vad=f"delen {name} har en dokumenttyp")
    return root


def read_text(element: etree._Element) -> str:
    """Return the text of a string item, its runs together and without reading aids."""
    parts = []
    for child in element:
        if child.tag == q("t"):
            parts.append(child.text or "")
        elif child.tag == q("r"):
            parts += [t.text or "" for t in child.iterchildren(q("t"))]
    return unescape("".join(parts))


def unescape(text: str) -> str:
    """Return a text with Excel's _xHHHH_ turned into the characters they stand for."""
    if "_x" not in text:
        return text
    # Two halves become one character; a half alone, which can't be written, becomes U+FFFD.
    units = _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
