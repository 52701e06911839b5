"""Changes single cells of an existing workbook and keeps everything else about them.

A cell keeps its style, a row its height, a sheet its order; text goes into the cell itself
(inlineStr), so that the shared strings stay as they are, and can never become a formula. What
already says the same is not touched, so that a part without changes stays byte for byte.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy

from lxml import etree

from genomlysning.bok.cellvarde import MAX_TEXT, Cellinnehall, Cellvarde, is_same, to_innehall
from genomlysning.bok.formeltext import Rubrikbyten, rename_columns
from genomlysning.bok.lasning import Arbetsbok, Exceltabell, Kalkylblad, q
from genomlysning.bok.modell import (
    Bokblad,
    Boktabell,
    Omrade,
    cell_name,
    parse_omrade,
)
from genomlysning.bok.radhojd import VANLIG_RADHOJD
from genomlysning.bok.skrivare import Textdel
from genomlysning.bok.utseende import BLA, STORLEK, SVART, TYPSNITT

_XML = "http://www.w3.org/XML/1998/namespace"
_HUVUD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: What comes before joined cells in a sheet, in order.
_FORE_SAMMANFOGAT = (
    *("sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios"),
    *("autoFilter", "sortState", "dataConsolidate", "customSheetViews"),
)
#: Heights in points that differ by no more than this are as good.
_LITET = 4.0
#: Elements that hold formulas in sheets and tables, in any namespace.
_FORMELTAGGAR = frozenset(
    ("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula")
)


class Lappning:
    """The changes of one run. `skrivna` is what each written cell shall hold, for the read-back."""

    def __init__(self, bok: Arbetsbok) -> None:
        self.bok = bok
        self.skrivna: dict[tuple[str, int, int], Cellinnehall] = {}
        #: Cells whose value really changed, by sheet.
        self.andrade: dict[str, set[tuple[int, int]]] = {}
        self._stilar: etree._Element | None = None
        self._rorda: dict[str, etree._Element] = {}
        #: Cells that had a formula and have a value now.
        self._forna_formler: set[tuple[str, str]] = set()

    def set_value(self, blad: Bokblad, row: int, col: int, value: Cellvarde) -> bool:
        """Put a value in a cell (row, column from 1); tell whether it was another before."""
        blad = _own(blad)
        plain = to_innehall(value, date1904=self.bok.date1904)
        self.skrivna[blad.namn, row, col] = plain
        before = blad.cell(row, col)
        if before.formel is None and is_same(before.varde, plain) and not before.fel:
            return False
        c = self._cell(blad, row, col, None)
        if before.formel is not None:
            self._forna_formler.add((blad.namn, cell_name(row, col)))
            blad.part_shared(row, col)
        _clear(c)
        if isinstance(plain, str):
            c.set("t", "inlineStr")
            _add_text(etree.SubElement(c, q("is")), plain)
        elif plain is not None:
            etree.SubElement(c, q("v")).text = _number(plain)
        self._note(blad, row, col)
        return True

    def set_rik_text(self, blad: Bokblad, row: int, col: int, delar: Sequence[Textdel]) -> None:
        """Put a text of several runs in a cell, headings bold."""
        blad = _own(blad)
        text = "".join(t for t, _ in delar)
        if not self.set_value(blad, row, col, text) or not text or len(text) > MAX_TEXT:
            return
        inline = blad.celler[row, col].find(q("is"))
        assert inline is not None
        for child in list(inline):
            inline.remove(child)
        for part, heading in delar:
            run = etree.SubElement(inline, q("r"))
            style = etree.SubElement(run, q("rPr"))
            if heading:
                etree.SubElement(style, q("b"))
            etree.SubElement(style, q("sz")).set("val", str(STORLEK))
            opaque = (BLA if heading else SVART).replace("#", "FF")
            etree.SubElement(style, q("color")).set("rgb", opaque)
            etree.SubElement(style, q("rFont")).set("val", TYPSNITT)
            etree.SubElement(style, q("family")).set("val", "2")
            _add_text(run, part)

    def set_cached(self, blad: Kalkylblad, row: int, col: int, value: Cellvarde) -> None:
        """Put the value that a formula gives beside it."""
        plain = to_innehall("" if value is None else value, date1904=self.bok.date1904)
        self.skrivna[blad.namn, row, col] = plain
        before = blad.cell(row, col)
        c = blad.celler[row, col]
        # An empty text and a value never saved look the same, but only one of them is right.
        saved = c.find(q("v")) is not None
        if saved and is_same(before.varde, plain) and not before.fel:
            return
        self._drop_value(c)
        v = etree.SubElement(c, q("v"))
        if isinstance(plain, str):
            c.set("t", "str")
            v.text = _escape(plain)
        else:
            v.text = _number(plain or 0.0)
        self._note(blad, row, col)

    def drop_cached(self, blad: Kalkylblad, row: int, col: int) -> bool:
        """Take away the value beside a formula that may be stale; tell whether there was one."""
        c = blad.celler[row, col]
        if c.find(q("v")) is None:
            return False
        self._drop_value(c)
        self._touch(blad.del_, blad.root)
        return True

    def set_formula(self, blad: Bokblad, row: int, col: int, formel: str) -> None:
        """Put a formula (without its equals sign) in a cell, as yet without its value."""
        blad = _own(blad)
        c = self._cell(blad, row, col, None)
        _clear(c)
        etree.SubElement(c, q("f")).text = formel
        self._note(blad, row, col)

    def set_kolumnformel(
        self, tabell: Exceltabell, col: int, till: str, fran: Callable[[str], bool]
    ) -> None:
        """Let new rows of a column of a table get another formula, if `fran` knows theirs."""
        elements = list(tabell.root.iterfind(f"{q('tableColumns')}/{q('tableColumn')}"))
        formula = elements[col - tabell.omrade[1]].find(q("calculatedColumnFormula"))
        if formula is not None and fran(formula.text or ""):
            formula.text = till
            self._touch(tabell.del_, tabell.root)

    def copy_villkorsformat(
        self, regel: etree._Element, byten: Sequence[tuple[str, str]]
    ) -> int | None:
        """Return the number of a rule's format with another number format; None if it has none.

        `byten` are the number formats that it may have, each with the one to have instead.
        """
        part = self.bok.find_del("styles")
        if part is None:
            return None
        if self._stilar is None:
            self._stilar = self.bok.parse(part)
        formats = self._stilar.find(q("dxfs"))
        number = int(regel.get("dxfId", "-1"))
        if formats is None or not 0 <= number < len(formats):
            return None
        new = deepcopy(formats[number])
        shown = new.find(q("numFmt"))
        code = None if shown is None else dict(byten).get(shown.get("formatCode", ""))
        if shown is None or code is None:
            return None
        used = {e.get("formatCode"): e.get("numFmtId") for e in self._stilar.iter(q("numFmt"))}
        free = max(int(n or 0) for n in (*used.values(), "163")) + 1
        shown.attrib.update({"formatCode": code, "numFmtId": used.get(code) or str(free)})
        for i, other in enumerate(formats):
            if etree.tostring(other) == etree.tostring(new):
                return i
        formats.append(new)
        formats.set("count", str(len(formats)))
        self._touch(part, self._stilar)
        return len(formats) - 1

    def touch(self, blad: Kalkylblad) -> None:
        """Take note that a sheet has been changed otherwise than through its cells."""
        self._touch(blad.del_, blad.root)

    def add_row(self, tabell: Boktabell) -> None:
        """Let a table reach one row further down, its cells styled as those of its last."""
        own = _own_tabell(tabell)
        r1, c1, r2, c2 = own.omrade
        own.omrade = (r1, c1, r2 + 1, c2)
        ref = f"{cell_name(r1, c1)}:{cell_name(r2 + 1, c2)}"
        own.root.set("ref", ref)
        autofilter = own.root.find(q("autoFilter"))
        if autofilter is not None:
            autofilter.set("ref", ref)
        self._touch(own.del_, own.root)
        for col in range(c1, c2 + 1):
            self._cell(own.blad, r2 + 1, col, (r2, col))
        self._touch(own.blad.del_, own.blad.root)

    def show_rows(self, blad: Bokblad, first: int, last: int) -> None:
        """Show rows that may be hidden."""
        blad = _own(blad)
        for row in range(first, last + 1):
            line = blad.rader.get(row)
            if line is not None and line.get("hidden"):
                del line.attrib["hidden"]
                self._touch(blad.del_, blad.root)

    def rename_headers(self, byten: Iterable[tuple[Boktabell, dict[str, str]]]) -> None:
        """Give columns new headers, and all formulas of the workbook with them."""
        renames: dict[str, dict[str, str]] = {}
        for found, columns in byten:
            table = _own_tabell(found)
            if columns:
                renames[table.namn.lower()] = {old.lower(): new for old, new in columns.items()}
                self._rename_columns(table, columns)
        if renames:
            self._rename_references(renames)

    def set_height(self, blad: Kalkylblad, row: int, height: float) -> None:
        """Give a row a height in points."""
        line = blad.rader.get(row)
        if line is not None:
            line.set("ht", f"{height:g}")
            line.set("customHeight", "1")
            self._touch(blad.del_, blad.root)

    def fit_height(self, blad: Kalkylblad, row: int, height: float) -> None:
        """Give a row the height in points that its text needs, to grow with what is written in it.

        A higher one that a person may have set is left, and what differs by less than a line.
        """
        line = blad.rader.get(row)
        if line is None:
            return
        fixed = line.get("customHeight") in ("1", "true")
        now = float(line.get("ht") or VANLIG_RADHOJD)
        if now < height - _LITET or (not fixed and now > height + _LITET):
            line.set("ht", f"{height:g}")
            self.free_height(blad, row)
            self._touch(blad.del_, blad.root)

    def free_height(self, blad: Kalkylblad, row: int) -> None:
        """Let a row grow with what is written in it, as high as it is until then."""
        line = blad.rader.get(row)
        if line is not None and line.attrib.pop("customHeight", ""):
            self._touch(blad.del_, blad.root)

    def grow_height(self, blad: Kalkylblad, row: int, height: float) -> None:
        """Give a row at least a height in points."""
        line = blad.rader.get(row)
        if line is not None and float(line.get("ht", "0")) < height:
            self.set_height(blad, row, height)

    def set_namn(self, namn: str, ref: str) -> None:
        """Let a workbook name point at another area."""
        for name in self._find_namn(namn):
            if name.text != ref:
                name.text = ref
                self._touch(self.bok.del_, self.bok.root)

    def add_namn(self, namn: str, ref: str) -> None:
        """Give an area a workbook name, which may be had before."""
        if self._find_namn(namn):  # also one that points at nothing any longer
            self.set_namn(namn, ref)
        else:
            names = self.bok.root.find(q("definedNames"))
            if names is None:
                names = etree.Element(q("definedNames"))
                sheets = self.bok.root.find(q("sheets"))
                assert sheets is not None
                sheets.addnext(names)
            etree.SubElement(names, q("definedName"), {"name": namn}).text = ref
            self._touch(self.bok.del_, self.bok.root)
        self.bok.read_namn()

    def _find_namn(self, namn: str) -> list[etree._Element]:
        """Return the elements of a name of the whole workbook's."""
        return [
            name
            for name in self.bok.root.iterfind(f"{q('definedNames')}/{q('definedName')}")
            if name.get("name", "").lower() == namn.lower() and name.get("localSheetId") is None
        ]

    def set_style(self, blad: Bokblad, row: int, col: int, like: tuple[Bokblad, int, int]) -> None:
        """Let a cell look as another of the workbook."""
        own, model = _own(blad), _own(like[0]).celler.get(like[1:])
        if model is not None and model.get("s"):
            self._cell(own, row, col, None).set("s", model.get("s", "0"))
            self._touch(own.del_, own.root)

    def replace_sidhuvud(self, blad: Bokblad, old: str, new: str) -> None:
        """Put other words in what is printed over and under a sheet's pages."""
        own = _own(blad)
        for element in own.root.iterfind(f"{q('headerFooter')}/*"):
            if element.text and old in element.text:
                element.text = element.text.replace(old, new)
                self._touch(own.del_, own.root)

    def merge(self, blad: Bokblad, omrade: Omrade) -> None:
        """Join an area, which is no part of another joined one, to one cell."""
        own = _own(blad)
        merged = own.root.find(q("mergeCells"))
        if merged is None:
            merged = etree.Element(q("mergeCells"))
            before = [e for t in _FORE_SAMMANFOGAT if (e := own.root.find(q(t))) is not None]
            before[-1].addnext(merged)
        ref = f"{cell_name(*omrade[:2])}:{cell_name(*omrade[2:])}"
        etree.SubElement(merged, q("mergeCell"), {"ref": ref})
        merged.set("count", str(len(merged)))
        self._touch(own.del_, own.root)

    def unmerge(self, blad: Bokblad, row: int, col: int) -> None:
        """Part the joined area that starts in a cell."""
        own = _own(blad)
        for one in own.root.findall(f"{q('mergeCells')}/{q('mergeCell')}"):
            area = parse_omrade(one.get("ref", ""))
            merged = one.getparent()
            if area is None or area[:2] != (row, col) or merged is None:
                continue
            merged.remove(one)
            merged.set("count", str(len(merged)))
            if not len(merged):
                own.root.remove(merged)
            self._touch(own.del_, own.root)

    def _rename_columns(self, table: Exceltabell, columns: dict[str, str]) -> None:
        row, first, _, _ = table.omrade
        elements = table.root.iterfind(f"{q('tableColumns')}/{q('tableColumn')}")
        for i, (element, (number, name)) in enumerate(zip(elements, table.kolumner, strict=True)):
            if name in columns:
                element.set("name", columns[name])
                table.kolumner[i] = (number, columns[name])
                self.set_value(table.blad, row, first + i, columns[name])
        self._touch(table.del_, table.root)

    def _rename_references(self, renames: Rubrikbyten) -> None:
        inside = {
            (t.blad.namn, row, col): t.namn
            for t in self.bok.tabeller.values()
            for row in t.datarader
            for col in range(t.omrade[1], t.omrade[3] + 1)
        }
        for sheet in self.bok.blad:
            own = {id(c): inside.get((sheet.namn, *k), "") for k, c in sheet.celler.items()}
            for element in sheet.root.iter():
                self._rename_in(element, renames, sheet.del_, sheet.root, own)
            sheet.reindex_shared()
        for table in self.bok.tabeller.values():
            for element in table.root.iter():
                self._rename_in(element, renames, table.del_, table.root, {}, table.namn)
        for name in self.bok.root.iterfind(f"{q('definedNames')}/{q('definedName')}"):
            new = rename_columns(name.text or "", renames)
            if new != (name.text or ""):
                name.text = new
                self._touch(self.bok.del_, self.bok.root)

    def _rename_in(
        self,
        element: etree._Element,
        renames: Rubrikbyten,
        part: str,
        root: etree._Element,
        own: dict[int, str],
        table: str = "",
    ) -> None:
        if not isinstance(element.tag, str) or not element.text:
            return
        if element.tag.rpartition("}")[2] not in _FORMELTAGGAR:
            return
        parent = element.getparent()
        here = table or (own.get(id(parent), "") if parent is not None else "")
        new = rename_columns(element.text, renames, here)
        if new != element.text:
            element.text = new
            self._touch(part, root)

    def require_recalculation(self) -> None:
        """Let Excel recalculate everything at the next opening."""
        calc = self.bok.root.find(q("calcPr"))
        if calc is None:
            calc = etree.Element(q("calcPr"))
            before = [
                e
                for tag in ("definedNames", "externalReferences", "functionGroups", "sheets")
                if (e := self.bok.root.find(q(tag))) is not None
            ]
            before[0].addnext(calc)
        if calc.get("fullCalcOnLoad") != "1":
            calc.set("fullCalcOnLoad", "1")
            self._touch(self.bok.del_, self.bok.root)

    def finish(self) -> None:
        """Put the changed parts into the package."""
        if self._forna_formler:
            self._prune_kedja()
        for name, root in self._rorda.items():
            self.bok.paket.replace(name, _HUVUD + etree.tostring(root, encoding="UTF-8"))

    def _prune_kedja(self) -> None:
        """Take cells without a formula out of the order that Excel has noted for reckoning."""
        part = self.bok.find_del("calcChain")
        if part is None:
            return
        root = self.bok.parse(part)
        numbers = {
            s.get("sheetId"): s.get("name", "")
            for s in self.bok.root.iterfind(f"{q('sheets')}/{q('sheet')}")
        }
        number = ""
        for c in list(root):
            # A cell without a sheet's number is on the sheet of the one before it.
            number = c.get("i", number)
            c.set("i", number)
            if (numbers.get(number, ""), c.get("r", "")) in self._forna_formler:
                root.remove(c)
        self._touch(part, root)

    def _cell(
        self, blad: Kalkylblad, row: int, col: int, style_from: tuple[int, int] | None
    ) -> etree._Element:
        """Return a cell's element, made in its right place where there is none."""
        found = blad.celler.get((row, col))
        if found is not None:
            return found
        line = blad.rader.get(row)
        if line is None:
            line = etree.Element(q("row"), {"r": str(row)})
            _insert(blad.data, line, blad.rader, row)
            blad.rader[row] = line
        c = etree.Element(q("c"), {"r": cell_name(row, col)})
        like = blad.celler.get(style_from) if style_from else None
        if like is not None and like.get("s"):
            c.set("s", like.get("s", "0"))
        _insert(line, c, {k[1]: e for k, e in blad.celler.items() if k[0] == row}, col)
        blad.celler[row, col] = c
        line.attrib.pop("spans", "")  # a hint only, and now perhaps wrong
        self._widen(blad, row, col)
        return c

    def _widen(self, blad: Kalkylblad, row: int, col: int) -> None:
        dimension = blad.root.find(q("dimension"))
        area = parse_omrade(dimension.get("ref", "")) if dimension is not None else None
        if dimension is not None and area is not None:
            r1, c1, r2, c2 = area
            first, last = (min(r1, row), min(c1, col)), (max(r2, row), max(c2, col))
            dimension.set("ref", f"{cell_name(*first)}:{cell_name(*last)}")

    def _drop_value(self, c: etree._Element) -> None:
        for child in c.findall(q("v")):
            c.remove(child)
        c.attrib.pop("t", "")

    def _note(self, blad: Kalkylblad, row: int, col: int) -> None:
        self.andrade.setdefault(blad.namn, set()).add((row, col))
        self._touch(blad.del_, blad.root)

    def _touch(self, part: str, root: etree._Element) -> None:
        self._rorda[part] = root


def _own(blad: Bokblad) -> Kalkylblad:
    """Return a sheet as one of the package, which every sheet of a package's workbook is."""
    assert isinstance(blad, Kalkylblad)
    return blad


def _own_tabell(tabell: Boktabell) -> Exceltabell:
    """Return a table as one of the package, as `_own`."""
    assert isinstance(tabell, Exceltabell)
    return tabell


def _insert(
    parent: etree._Element,
    element: etree._Element,
    siblings: dict[int, etree._Element],
    number: int,
) -> None:
    """Put an element before the first sibling with a higher number."""
    after = [n for n in siblings if n > number]
    if after:
        siblings[min(after)].addprevious(element)
    else:
        parent.append(element)


def _clear(c: etree._Element) -> None:
    """Empty a cell but for its place and style."""
    for child in list(c):
        c.remove(child)
    for name in ("t", "cm", "vm"):
        c.attrib.pop(name, "")


def _add_text(parent: etree._Element, text: str) -> None:
    t = etree.SubElement(parent, q("t"))
    t.text = _escape(text)
    if text != text.strip() or "\n" in text:
        t.set(f"{{{_XML}}}space", "preserve")


def _escape(text: str) -> str:
    """Return a text whose own _xHHHH_ Excel does not take for a character."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
