"""Edits a workbook as people do in Excel, on the level of the package: rows, columns, sheets.

Written apart from the product's own reader and patcher, so that a fault in those is not hidden.
Formulas keep structured references, so only places (A1) need to move.
"""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
PKG = "http://schemas.openxmlformats.org/package/2006/relationships"
CT = "http://schemas.openxmlformats.org/package/2006/content-types"
_REF = re.compile(r"([A-Z]{1,3})(\d+)")


def q(tag: str) -> str:
    return f"{{{MAIN}}}{tag}"


class Excelredigering:
    """An open workbook; `save` writes it."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as package:
            self.parts = {n: package.read(n) for n in package.namelist()}
        self.roots: dict[str, Any] = {}
        rels = self.root("xl/_rels/workbook.xml.rels")
        targets = {r.get("Id"): f"xl/{r.get('Target')}" for r in rels}
        self.sheets = {
            s.get("name"): targets[s.get(f"{{{REL}}}id")]
            for s in self.root("xl/workbook.xml").find(q("sheets"))
        }
        for part in self.parts:
            if part.startswith("xl/tables/"):
                self.root(part)
        self.strings = [
            "".join(t.text or "" for t in si.iter(q("t")))
            for si in self.root("xl/sharedStrings.xml")
        ]

    def root(self, part: str) -> Any:
        if part not in self.roots:
            self.roots[part] = etree.fromstring(self.parts[part])
        return self.roots[part]

    def save(self, path: Path) -> None:
        for part, root in self.roots.items():
            self.parts[part] = etree.tostring(
                root, xml_declaration=True, encoding="UTF-8", standalone=True
            )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for part, content in self.parts.items():
                package.writestr(part, content)

    def sheet(self, name: str) -> Any:
        return self.root(self.sheets[name])

    def table(self, name: str) -> tuple[str, Any, str]:
        """Return a table's sheet, its element and the sheet's part."""
        for sheet, part in self.sheets.items():
            rels = part.replace("worksheets/", "worksheets/_rels/") + ".rels"
            if rels not in self.parts:
                continue
            for r in self.root(rels):
                if r.get("Type").endswith("/table"):
                    table = self.root("xl/" + r.get("Target").removeprefix("../"))
                    if table.get("name") == name:
                        return sheet, table, part
        raise KeyError(name)

    def area(self, table: str) -> tuple[int, int, int, int]:
        first, last = self.table(table)[1].get("ref").split(":")
        (c1, r1), (c2, r2) = (_REF.fullmatch(x).groups() for x in (first, last))
        return int(r1), column_index_from_string(c1), int(r2), column_index_from_string(c2)

    def column(self, table: str, header: str) -> str:
        """Return the letters of a table's column."""
        names = [c.get("name") for c in self.table(table)[1].iter(q("tableColumn"))]
        return get_column_letter(self.area(table)[1] + names.index(header))

    def find_row(self, table: str, header: str, text: str) -> int:
        sheet, letters = self.table(table)[0], self.column(table, header)
        r1, _, r2, _ = self.area(table)
        return next(n for n in range(r1 + 1, r2 + 1) if self.value(sheet, f"{letters}{n}") == text)

    def cell(self, sheet: str, ref: str, make: bool = False) -> Any:
        data = self.sheet(sheet).find(q("sheetData"))
        for c in data.iter(q("c")):
            if c.get("r") == ref:
                return c
        if not make:
            return None
        letters, number = _REF.fullmatch(ref).groups()
        row = next((r for r in data if int(r.get("r")) == int(number)), None)
        if row is None:
            row = etree.Element(q("row"), {"r": number})
            later = [r for r in data if int(r.get("r")) > int(number)]
            if later:
                later[0].addprevious(row)
            else:
                data.append(row)
        c = etree.Element(q("c"), {"r": ref})
        wanted = column_index_from_string(letters)
        after = [x for x in row if column_index_from_string(_REF.match(x.get("r"))[1]) > wanted]
        if after:
            after[0].addprevious(c)
        else:
            row.append(c)
        row.attrib.pop("spans", None)
        return c

    def value(self, sheet: str, ref: str) -> Any:
        c = self.cell(sheet, ref)
        if c is None:
            return None
        if c.get("t") == "inlineStr":
            return "".join(t.text or "" for t in c.iter(q("t")))
        v = c.find(q("v"))
        if v is None or v.text is None:
            return None
        if c.get("t") == "s":
            return self.strings[int(v.text)]
        return v.text if c.get("t") == "str" else float(v.text)

    def put(self, sheet: str, ref: str, value: Any) -> None:
        """Write text, a number, a formula (with its equals sign) or nothing.

        A text that begins with an apostrophe is what comes after it, as when a person writes it.
        """
        c = self.cell(sheet, ref, make=True)
        for child in list(c):
            c.remove(child)
        c.attrib.pop("t", None)
        if isinstance(value, str) and value.startswith("="):
            etree.SubElement(c, q("f")).text = value[1:]
        elif isinstance(value, str) and value.startswith("'"):
            c.set("t", "inlineStr")
            etree.SubElement(etree.SubElement(c, q("is")), q("t")).text = value[1:]
        elif isinstance(value, str):
            c.set("t", "inlineStr")
            etree.SubElement(etree.SubElement(c, q("is")), q("t")).text = value
        elif value is not None:
            etree.SubElement(c, q("v")).text = repr(value)

    def put_in(self, table: str, row: int, header: str, value: Any) -> None:
        self.put(self.table(table)[0], f"{self.column(table, header)}{row}", value)

    def put_name(self, name: str, value: Any) -> None:
        """Write in the cell of a workbook name."""
        names = self.root("xl/workbook.xml").iter(q("definedName"))
        text = next(n.text for n in names if n.get("name") == name)
        sheet, ref = text.split("!")
        self.put(sheet.strip("'"), ref.replace("$", ""), value)

    def insert_row(self, table: str, before: int, values: dict[str, Any]) -> None:
        """Insert a row in a table; its formulas are filled in, without saved values."""
        sheet, _, _ = self.table(table)
        self._move(sheet, lambda r, c: (r + 1 if r >= before else r, c))
        source = before - 1 if before - 1 > self.area(table)[0] else before + 1
        _, c1, _, c2 = self.area(table)
        for col in range(c1, c2 + 1):
            like = self.cell(sheet, f"{get_column_letter(col)}{source}")
            if like is None:
                continue
            ref = f"{get_column_letter(col)}{before}"
            formula = like.find(q("f"))
            self.put(sheet, ref, None if formula is None else f"={formula.text}")
            self.cell(sheet, ref).set("s", like.get("s", "0"))
        for header, value in values.items():
            self.put_in(table, before, header, value)

    def delete_row(self, table: str, row: int) -> None:
        sheet, _, _ = self.table(table)
        data = self.sheet(sheet).find(q("sheetData"))
        for element in [r for r in data if int(r.get("r")) == row]:
            data.remove(element)
        self._move(sheet, lambda r, c: (r - 1 if r > row else r, c))

    def insert_column(self, table: str, before: str, header: str) -> None:
        """Insert an own column before the one with this header (last with '')."""
        sheet, element, _ = self.table(table)
        r1, c1, r2, c2 = self.area(table)
        columns = element.find(q("tableColumns"))
        names = [c.get("name") for c in columns]
        at = names.index(before) if before else len(names)
        col = c1 + at
        if before:
            self._move(sheet, lambda r, c: (r, c + 1 if c >= col else c))
            r1, c1, r2, c2 = self.area(table)
        else:
            c2 += 1
        element.set("ref", f"{get_column_letter(c1)}{r1}:{get_column_letter(c2)}{r2}")
        new = etree.Element(q("tableColumn"))
        new.set("id", str(max(int(c.get("id")) for c in columns) + 1))
        new.set("name", header)
        columns.insert(at, new)
        columns.set("count", str(len(columns)))
        self.put(sheet, f"{get_column_letter(col)}{r1}", header)

    def delete_column(self, table: str, header: str) -> None:
        """Delete a column of the sheet, and of the table."""
        sheet, element, _ = self.table(table)
        letters = self.column(table, header)
        col = column_index_from_string(letters)
        for row in self.sheet(sheet).find(q("sheetData")):
            for c in [c for c in row if _REF.match(c.get("r"))[1] == letters]:
                row.remove(c)
        columns = element.find(q("tableColumns"))
        columns.remove(next(c for c in columns if c.get("name") == header))
        columns.set("count", str(len(columns)))
        self._move(sheet, lambda r, c: (r, c - 1 if c >= col else c), skip_start=col)

    def rename_column(self, table: str, header: str, new: str) -> None:
        sheet, element, _ = self.table(table)
        r1, _, _, _ = self.area(table)
        ref = f"{self.column(table, header)}{r1}"
        next(c for c in element.iter(q("tableColumn")) if c.get("name") == header).set("name", new)
        self.put(sheet, ref, new)

    def reverse_rows(self, table: str) -> None:
        """Sort the rows the other way round, styles and all."""
        sheet, _, _ = self.table(table)
        r1, _, r2, _ = self.area(table)
        data = self.sheet(sheet).find(q("sheetData"))
        rows = [r for r in data if r1 < int(r.get("r")) <= r2]
        places = [r.get("r") for r in rows]
        anchor = rows[0].getprevious()
        for row in rows:
            data.remove(row)
        for place, row in zip(places, reversed(rows), strict=True):
            row.set("r", place)
            for c in row:
                c.set("r", _REF.match(c.get("r"))[1] + place)
            anchor.addnext(row)
            anchor = row

    def add_part(self, name: str, content: bytes, content_type: str) -> None:
        self.parts[name] = content
        types = self.root("[Content_Types].xml")
        etree.SubElement(
            types, f"{{{CT}}}Override", {"PartName": f"/{name}", "ContentType": content_type}
        )

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relationship from a part and return its id."""
        folder, _, file = part.rpartition("/")
        rels = f"{folder}/_rels/{file}.rels"
        if rels not in self.parts:
            self.parts[rels] = f'<Relationships xmlns="{PKG}"/>'.encode()
        root = self.root(rels)
        number = f"rIdEgen{len(root)}"
        etree.SubElement(
            root, f"{{{PKG}}}Relationship", {"Id": number, "Type": kind, "Target": target}
        )
        return number

    def add_sheet(self, name: str, cells: dict[str, Any]) -> None:
        part = "xl/worksheets/egenflik.xml"
        self.add_part(
            part,
            f'<worksheet xmlns="{MAIN}" xmlns:r="{REL}"><sheetData/></worksheet>'.encode(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
        )
        rel = self.relate("xl/workbook.xml", f"{REL}/worksheet", "worksheets/egenflik.xml")
        sheets = self.root("xl/workbook.xml").find(q("sheets"))
        entry = etree.SubElement(sheets, q("sheet"), {"name": name, "sheetId": "99"})
        entry.set(f"{{{REL}}}id", rel)
        self.sheets[name] = part
        for ref, value in cells.items():
            self.put(name, ref, value)

    def add_comments(self, sheet: str, texts: dict[str, str]) -> None:
        """Give cells notes of the old kind, which show as yellow labels."""
        notes = "".join(
            f'<comment ref="{ref}" authorId="0"><text><r><t>{text}</t></r></text></comment>'
            for ref, text in texts.items()
        )
        body = f"<authors><author>A</author></authors><commentList>{notes}</commentList>"
        part = f"xl/comments{len(self.parts)}.xml"
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
        self.add_part(part, f'<comments xmlns="{MAIN}">{body}</comments>'.encode(), kind)
        self.relate(self.sheets[sheet], f"{REL}/comments", f"../{part.removeprefix('xl/')}")

    def add_textbox(self, sheet: str, ref: str, *lines: str, **attributes: str) -> str:
        """Draw a box with text at a cell, on a sheet without drawings; return the part's name."""
        row, col = coordinate_to_tuple(ref)
        place = f"<d:from><d:col>{col - 1}</d:col><d:row>{row - 1}</d:row></d:from>"
        text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
        said = "".join(f' {name}="{value}"' for name, value in attributes.items())
        box = f"<d:sp{said}><d:txBody><a:bodyPr/>{text}</d:txBody></d:sp>"
        names = f'xmlns:d="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main"'
        whole = f"<d:oneCellAnchor>{place}{box}<d:clientData/></d:oneCellAnchor>"
        part = f"xl/drawings/drawing{len(self.parts)}.xml"
        kind = "application/vnd.openxmlformats-officedocument.drawing+xml"
        self.add_part(part, f"<d:wsDr {names}>{whole}</d:wsDr>".encode(), kind)
        rel = self.relate(self.sheets[sheet], f"{REL}/drawing", f"../{part.removeprefix('xl/')}")
        root = self.root(self.sheets[sheet])
        # The schema has it before the tables.
        before = root.find(q("tableParts"))
        drawing = etree.Element(q("drawing"), {f"{{{REL}}}id": rel})
        root.insert(len(root) if before is None else root.index(before), drawing)
        return part

    def _move(
        self, sheet: str, place: Callable[[int, int], tuple[int, int]], skip_start: int = 0
    ) -> None:
        """Move every cell and area of a sheet to where `place` says."""

        def ref(match: re.Match[str]) -> str:
            row, col = place(int(match[2]), column_index_from_string(match[1]))
            return f"{get_column_letter(col)}{row}"

        def area(text: str) -> str:
            parts = []
            for one in text.split():
                first, _, last = one.partition(":")
                start = _REF.fullmatch(first)
                kept = skip_start and column_index_from_string(start[1]) <= skip_start
                new = first if kept else _REF.sub(ref, first)
                parts.append(f"{new}:{_REF.sub(ref, last)}" if last else new)
            return " ".join(parts)

        root = self.sheet(sheet)
        for row in root.find(q("sheetData")):
            row.attrib.pop("spans", None)
            row.set("r", str(place(int(row.get("r")), 1)[0]))
            for c in row:
                c.set("r", _REF.sub(ref, c.get("r")))
        for element in root.iter():
            for name in ("ref", "sqref"):
                if isinstance(element.tag, str) and element.get(name):
                    element.set(name, area(element.get(name)))
        for part, table in list(self.roots.items()):
            if part.startswith("xl/tables/") and self.table(table.get("name"))[0] == sheet:
                table.set("ref", area(table.get("ref")))
