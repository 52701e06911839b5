"""Workbooks to make copies of: one as people make them, one that is hostile on purpose.

Whatever must not reach a reader of the copy says HEMLIG.
"""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import xlsxwriter
from lxml import etree
from pyopenvba import ExcelFile, VBAModuleKind

from ooxml import parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MS = "http://schemas.microsoft.com/office"
PKG = "http://schemas.openxmlformats.org/package/2006/relationships"
CT = "http://schemas.openxmlformats.org/package/2006/content-types"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
SS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
NS = f'xmlns="{MAIN}" xmlns:r="{R}"'


class Delbok:
    """A package as a dictionary of parts, with what is needed to add to it."""

    def __init__(self, fil: Path) -> None:
        self.parts = parts(fil)

    def save(self, fil: Path) -> Path:
        with zipfile.ZipFile(fil, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in self.parts.items():
                package.writestr(name, content)
        return fil

    def add(self, name: str, content: str | bytes, content_type: str) -> None:
        """Add a part with a content type of its own."""
        self.parts[name] = content.encode() if isinstance(content, str) else content
        types = etree.fromstring(self.parts["[Content_Types].xml"])
        etree.SubElement(
            types, f"{{{CT}}}Override", {"PartName": f"/{name}", "ContentType": content_type}
        )
        self.parts["[Content_Types].xml"] = etree.tostring(types)

    def relate(self, source: str, kind: str, target: str, extern: bool = False) -> str:
        """Add a relationship (kind: a whole address, or its end) and return its id."""
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        root = etree.fromstring(self.parts.get(name, f'<Relationships xmlns="{PKG}"/>'.encode()))
        rid = f"rIdEgen{len(root)}"
        kind = kind if kind.startswith("http") else f"{R}/{kind}"
        r = etree.SubElement(
            root, f"{{{PKG}}}Relationship", {"Id": rid, "Type": kind, "Target": target}
        )
        if extern:
            r.set("TargetMode", "External")
        self.parts[name] = etree.tostring(root)
        return rid

    def replace(self, name: str, old: str, new: str, count: int = 1) -> None:
        """Replace a piece of a part's text, which must be there."""
        text = self.parts[name].decode()
        assert old in text, (name, old)
        self.parts[name] = text.replace(old, new, count).encode()


def png(colour: bytes = b"\x20\x60\x80") -> bytes:
    """Return a picture of 8 × 8 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    rows = (b"\x00" + colour * 8) * 8
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def make_personlig(fil: Path) -> Path:
    """Write a workbook of people's own things: nothing in it needs to change but who made it."""
    with xlsxwriter.Workbook(fil, {"strings_to_formulas": False}) as bok:
        bok.set_properties({"title": "Min bok", "author": "Anna HEMLIG", "company": "HEMLIG AB"})
        s = bok.add_worksheet("Min flik å")
        other = bok.add_worksheet("Data & mer")
        heading = bok.add_format({"bold": True, "bg_color": "#225566", "font_color": "#FFFFFF"})
        s.write_row("A1", ["Ord", "Tal", "Länk"], heading)
        for row in range(1, 6):
            s.write_row(row, 0, [f"=ord {row} å", row * 1.5])
            other.write_row(row, 0, [f"x{row}", row, 6 - row])
        s.write_url("C2", "https://www.kolada.se/", string="Kolada")
        s.write_url("C3", "mailto:namnden@kommun.example", string="Mejla")
        s.write_url("C4", "internal:'Data & mer'!B2", string="Till data")
        s.write_rich_string("A8", "vanlig ", heading, "fet", " text")
        s.merge_range("A9:C9", "Sammanfogat", heading)
        s.set_column("A:A", 33)
        s.set_row(4, 42)
        s.freeze_panes(1, 1)
        s.set_landscape()
        s.set_paper(9)
        s.print_area("A1:F40")
        s.repeat_rows(0)
        s.set_header("&LMin rubrik")
        s.set_background(BytesIO(png(b"\xf0\xf0\xf0")))
        s.set_h_pagebreaks([20])
        s.write_comment("A2", "En anteckning", {"author": "Anna Andersson"})
        s.insert_image("E2", "bild.png", {"image_data": BytesIO(png()), "description": "En bild"})
        s.insert_textbox("E8", "Text i en ruta")
        s.conditional_format("B2:B6", {"type": "data_bar", "data_bar_2010": True})
        s.conditional_format(
            "B2:B6",
            {"type": "cell", "criteria": ">", "value": "'Data & mer'!$B$3", "format": heading},
        )
        s.conditional_format("A2:A6", {"type": "formula", "criteria": "=$B2>3", "format": heading})
        s.data_validation("A12", {"validate": "list", "source": ["Ja", "Nej"]})
        s.data_validation("A13", {"validate": "list", "source": "='Data & mer'!$A$2:$A$6"})
        s.add_sparkline("D2", {"range": "'Data & mer'!B2:B6"})
        s.protect("", {"format_cells": True})
        other.add_table("A1:C6", {"name": "MinTabell", "columns": [{"header": h} for h in "abc"]})
        chart = bok.add_chart({"type": "column"})
        chart.add_series({"values": "='Data & mer'!$B$2:$B$6", "name": "='Data & mer'!$B$1"})
        s.insert_chart("E14", chart)
        bok.define_name("MittOmrade", "='Data & mer'!$A$2:$A$6")
        bok.define_name("Andel", "=0.25")
        sheet = bok.add_chartsheet("Diagramflik")
        pie = bok.add_chart({"type": "pie"})
        pie.add_series({"values": "='Data & mer'!$C$2:$C$6"})
        sheet.set_chart(pie)
    bok = Delbok(fil)
    _add_trad(bok, "xl/worksheets/sheet1.xml", "xl/comments1.xml")
    return bok.save(fil)


def _add_trad(bok: Delbok, sheet: str, comments: str) -> None:
    """Add a thread of comments, as Excel keeps it beside a note for older versions."""
    thread = "{11111111-2222-3333-4444-555555555555}"
    bo, eva, old = (f"{{AAAAAAAA-0000-0000-0000-00000000000{n}}}" for n in (1, 2, 3))
    tc = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    bok.replace(comments, "</authors>", f"<author>tc={thread}</author></authors>")
    bok.replace(
        comments,
        "</commentList>",
        '<comment ref="B3" authorId="1" shapeId="0"><text><t>[Kommentarstråd] Stämmer det?</t>'
        "</text></comment></commentList>",
    )
    bok.add(
        "xl/threadedComments/threadedComment1.xml",
        f'<ThreadedComments xmlns="{tc}"><threadedComment ref="B3" dT="2026-11-20T10:00:00.00" '
        f'personId="{bo}" id="{thread}"><text>Stämmer det? @Eva Ek</text><mentions><mention '
        f'mentionpersonId="{eva}" mentionId="{{BBBBBBBB-0000-0000-0000-000000000001}}" '
        'startIndex="13" length="7"/></mentions></threadedComment></ThreadedComments>',
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    bok.add(
        "xl/persons/person.xml",
        f'<personList xmlns="{tc}">'
        f'<person displayName="Bo Berg" id="{bo}" userId="S::bo.HEMLIG@kommun::1" providerId="AD"/>'
        f'<person displayName="Eva Ek" id="{eva}" userId="S::eva.HEMLIG@k::2" providerId="AD"/>'
        f'<person displayName="Gammal HEMLIG" id="{old}" userId="x" providerId="AD"/>'
        "</personList>",
        "application/vnd.ms-excel.person+xml",
    )
    relation = f"{MS}/2017/10/relationships"
    bok.relate(sheet, f"{relation}/threadedComment", "../threadedComments/threadedComment1.xml")
    bok.relate("xl/workbook.xml", f"{relation}/person", "persons/person.xml")
    _add_anteckning(bok, "xl/drawings/vmlDrawing1.vml", 2, 1)


def _add_anteckning(bok: Delbok, vml: str, row: int, col: int) -> None:
    bok.replace(
        vml,
        "</xml>",
        '<v:shape id="_x0000_s1099" type="#_x0000_t202" style="visibility:hidden" '
        'fillcolor="#ffffe1"><x:ClientData ObjectType="Note"><x:Anchor>2, 15, 2, 10, 4, 31, 6, 9'
        f"</x:Anchor><x:Row>{row}</x:Row><x:Column>{col}</x:Column></x:ClientData></v:shape></xml>",
    )


def make_makrobok(fil: Path, folder: Path) -> Path:
    """Write an .xlsm with a macro and a button that runs it."""
    stub = folder / "stomme.xlsm"
    with xlsxwriter.Workbook(stub.with_suffix(".xlsx")) as bok:
        bok.add_worksheet("Start")
    plain = Delbok(stub.with_suffix(".xlsx"))
    plain.replace(
        "[Content_Types].xml",
        f"{SS}.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    plain.save(stub)
    with ExcelFile(str(stub)) as book:
        project = book.add_vba_project()
        project.add_module(
            "HEMLIG", 'Sub HamtaKolada()\r\nShell "calc"\r\nEnd Sub', kind=VBAModuleKind.standard
        )
        book.save(str(stub))
    binary = folder / "vbaProject.bin"
    binary.write_bytes(parts(stub)["xl/vbaProject.bin"])
    with xlsxwriter.Workbook(fil) as bok:
        s = bok.add_worksheet("Start")
        bok.add_vba_project(str(binary))
        bok.set_vba_name("ThisWorkbook")
        s.set_vba_name("Sheet1")
        s.write("A1", 2)
        s.write_formula("A2", "=A1*2", None, 4)
        s.insert_button("C2", {"macro": "HamtaKolada", "caption": "Hämta Kolada"})
        conf = bok.add_worksheet("xlwings.conf")
        conf.write_row("A1", ["INTERPRETER_WIN", "C:\\HEMLIG\\python.exe"])
        conf.hide()
    return fil


def make_fientlig(fil: Path) -> Path:
    """Write a workbook with one of every thing that must not reach whoever gets the copy."""
    with xlsxwriter.Workbook(fil) as bok:
        bok.set_properties(
            dict.fromkeys(("author", "manager", "company", "keywords", "category"), "HEMLIG")
        )
        bok.set_custom_property("HEMLIG", "HEMLIG")
        s = bok.add_worksheet("Data")
        hidden = bok.add_worksheet("Dolt blad")
        deep = bok.add_worksheet("Djupt")
        hidden.hide()
        deep.very_hidden()
        for row, word in enumerate(["Ett", "Två", "Tre"]):
            hidden.write_row(row, 0, [word, row + 1, "HEMLIG", "Ja, kanske", f"HEMLIG {row}"])
        hidden.add_table("G1:H3", {"name": "DoldTabell"})
        deep.write("A1", "HEMLIG djupt")
        red = bok.add_format({"bg_color": "#FF0000"})
        s.write_row("A1", ["Rubrik", "Tal", "Text"])
        s.write_formula("A2", "=SUM(B2:B4)", None, 6)
        s.write_array_formula("A3:A4", "{='Dolt blad'!B1:B2*2}", None, 2)
        s.write_dynamic_array_formula("D2:D3", "=_xlfn._xlws.SORT(B2:B3)", None, 1)
        for row in range(1, 4):
            s.write(row, 1, row)
        s.write_formula("C2", '=""', None, "")
        s.write_formula("C3", "=1/0", None, "#DIV/0!")
        s.write_formula("C4", '=HYPERLINK("https://HEMLIG.example","Klicka")', None, "Klicka")
        s.write_formula("C5", "=TRUE", None, True)
        s.write_formula("C6", '="=1+1 <w:p> 😀"', None, "=1+1 <w:p> 😀")
        for cell, url in (
            ("F1", "https://www.kolada.se/"),
            ("F2", "mailto:a@b.example"),
            ("F3", "internal:'Data'!A1"),
            ("F4", "internal:'Dolt blad'!A1"),
            ("F5", "external:C:\\HEMLIG\\bok.xlsx"),
            ("F6", "external:\\\\server\\HEMLIG\\bok.xlsx"),
        ):
            s.write_url(cell, url, string="Länk")
        lists = {
            "H1": "='Dolt blad'!$A$1:$A$3",
            "H2": "=DoldLista",
            "H3": "='Dolt blad'!$D$1:$D$3",
            "H4": "=Data!$B$2:$B$4",
        }
        for cell, source in lists.items():
            s.data_validation(cell, {"validate": "list", "source": source})
        s.data_validation(
            "H5",
            {
                "validate": "custom",
                "value": "='Dolt blad'!$B$1>0",
                "input_title": "Skriv",
                "input_message": "Ledtext som är kvar",
            },
        )
        rules = ("=B2>'Dolt blad'!$B$1", "=B2>DoldtTal", "=B2>Formelnamn", "=B2>1")
        for rule in rules:
            s.conditional_format("B2:B4", {"type": "formula", "criteria": rule, "format": red})
        s.add_sparkline("J1", {"range": "'Dolt blad'!B1:B3"})
        s.add_sparkline("J2", {"range": "Data!B2:B4"})
        chart = bok.add_chart({"type": "line"})
        chart.add_series(
            {
                "name": "='Dolt blad'!$A$1",
                "categories": "='Dolt blad'!$A$1:$A$3",
                "values": "='Dolt blad'!$B$1:$B$3",
            }
        )
        chart.set_title({"name": "='Dolt blad'!$A$2"})
        s.insert_chart("L2", chart)
        s.write_comment("B2", "Behåll mig", {"author": "Anna Andersson"})
        s.insert_button("L20", {"macro": "HEMLIG", "caption": "Tryck"})
        s.insert_textbox("L24", "Länkad text", {"textlink": "='Dolt blad'!$C$1"})
        s.insert_image(
            "L28", "b.png", {"image_data": BytesIO(png()), "description": "C:\\HEMLIG\\b.png"}
        )
        s.insert_image(
            "L30", "c.png", {"image_data": BytesIO(png()), "url": "external:C:\\HEMLIG\\c.xlsx"}
        )
        s.protect()
        for name, text in (
            ("DoldLista", "='Dolt blad'!$A$1:$A$3"),
            ("DoldtTal", "='Dolt blad'!$B$1"),
            ("Formelnamn", "=SUM(Data!$B$2:$B$4)"),
            ("OnodigFormel", "=SUM(Data!$B$2:$B$3)"),
            ("Plats", "=Data!$B$2:$B$4"),
            ("Data!Lokalt", "=Data!$A$1"),
            ("'Dolt blad'!Lokalt", "='Dolt blad'!$A$1"),
        ):
            bok.define_name(name, text)
    bok = Delbok(fil)
    # XlsxWriter leaves out that the result is a text.
    bok.replace("xl/worksheets/sheet1.xml", '<c r="C2">', '<c r="C2" t="str">')
    _make_arbetsbok_fientlig(bok)
    _make_blad_fientligt(bok)
    _make_ritning_fientlig(bok)
    _add_trad(bok, "xl/worksheets/sheet1.xml", "xl/comments1.xml")
    bok.replace("xl/comments1.xml", "</authors>", "<author>HEMLIG gammal</author></authors>")
    return bok.save(fil)


def _make_arbetsbok_fientlig(bok: Delbok) -> None:
    """Add what belongs to the workbook or to the package as a whole."""
    w = "xl/workbook.xml"
    bok.replace(
        "[Content_Types].xml",
        f"{SS}.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    bok.add("xl/vbaProject.bin", b"HEMLIG", "application/vnd.ms-office.vbaProject")
    bok.relate(w, f"{MS}/2006/relationships/vbaProject", "vbaProject.bin")
    bok.add(
        "xl/externalLinks/externalLink1.xml",
        f'<externalLink {NS}><externalBook r:id="rIdEgen0"><sheetNames><sheetName val="HEMLIG"/>'
        "</sheetNames></externalBook></externalLink>",
        f"{SS}.externalLink+xml",
    )
    bok.relate(
        "xl/externalLinks/externalLink1.xml",
        "externalLinkPath",
        "file:///C:\\HEMLIG\\bok.xlsx",
        extern=True,
    )
    bok.add(
        "xl/externalLinks/externalLink2.xml",
        f'<externalLink {NS}><ddeLink ddeService="cmd" ddeTopic="HEMLIG"/></externalLink>',
        f"{SS}.externalLink+xml",
    )
    external = [bok.relate(w, "externalLink", f"externalLinks/externalLink{n}.xml") for n in (1, 2)]
    bok.add(
        "xl/connections.xml",
        f'<connections {NS}><connection id="1" name="HEMLIG" type="1" refreshedVersion="6">'
        '<dbPr connection="DSN=HEMLIG;PWD=HEMLIG" command="x"/></connection></connections>',
        f"{SS}.connections+xml",
    )
    bok.relate(w, "connections", "connections.xml")
    bok.add(
        "xl/calcChain.xml", f'<calcChain {NS}><c r="A2" i="1"/></calcChain>', f"{SS}.calcChain+xml"
    )
    bok.relate(w, "calcChain", "calcChain.xml")
    bok.add(
        "xl/macrosheets/sheet1.xml",
        '<xm:macrosheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:xm="{XM}"><sheetData><row r="1"><c r="A1"><f>EXEC("HEMLIG")</f><v>0</v></c></row>'
        "</sheetData></xm:macrosheet>",
        "application/vnd.ms-excel.macrosheet+xml",
    )
    macro = bok.relate(w, f"{MS}/2006/relationships/xlMacrosheet", "macrosheets/sheet1.xml")
    bok.add(
        "xl/dialogsheets/sheet1.xml",
        f"<dialogsheet {NS}><sheetPr/></dialogsheet>",
        f"{SS}.dialogsheet+xml",
    )
    dialog = bok.relate(w, "dialogsheet", "dialogsheets/sheet1.xml")
    bok.add(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f'<pivotCacheDefinition {NS} refreshedBy="HEMLIG" recordCount="0"><cacheSource '
        'type="external" connectionId="1"/><cacheFields count="1"><cacheField name="HEMLIG">'
        "<sharedItems/></cacheField></cacheFields></pivotCacheDefinition>",
        f"{SS}.pivotCacheDefinition+xml",
    )
    cache = bok.relate(w, "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml")
    bok.add(
        "xl/pivotTables/pivotTable1.xml",
        f'<pivotTableDefinition {NS} name="Pivot1" cacheId="7" dataCaption="x">'
        '<location ref="A10:B12" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
        "</pivotTableDefinition>",
        f"{SS}.pivotTable+xml",
    )
    bok.relate("xl/worksheets/sheet1.xml", "pivotTable", "../pivotTables/pivotTable1.xml")
    for name, kind, content_type in (
        ("revisions/revisionHeaders", "revisionHeaders", f"{SS}.revisionHeaders+xml"),
        ("revisions/userNames", "usernames", f"{SS}.userNames+xml"),
        ("volatileDependencies", "volatileDependencies", f"{SS}.volatileDependencies+xml"),
        ("xmlMaps", "xmlMaps", "application/xml"),
        ("okant", "http://schemas.example/nytt/sort", "application/vnd.okant+xml"),
    ):
        bok.add(f"xl/{name}.xml", f'<x {NS} a="HEMLIG"/>', content_type)
        bok.relate(w, kind, f"{name}.xml")
    bok.relate("xl/revisions/revisionHeaders.xml", "revisionLog", "HEMLIG.xml")
    for name, kind, content_type in (
        ("customUI/customUI14.xml", f"{MS}/2007/relationships/ui/extensibility", "application/xml"),
        ("customXml/item1.xml", f"{R}/customXml", "application/xml"),
        (
            "xl/webextensions/taskpanes.xml",
            f"{MS}/2011/relationships/webextensiontaskpanes",
            "application/vnd.ms-office.webextensiontaskpanes+xml",
        ),
        (
            "docProps/thumbnail.jpeg",
            "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail",
            "image/jpeg",
        ),
        (
            "docMetadata/LabelInfo.xml",
            f"{MS}/2020/02/relationships/classificationlabels",
            "application/vnd.ms-office.classificationlabels+xml",
        ),
        (
            "_xmlsignatures/origin.sigs",
            "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin",
            "application/vnd.openxmlformats-package.digital-signature-origin",
        ),
    ):
        label = (
            '<l:labelList xmlns:l="http://schemas.microsoft.com/office/2020/mipLabelMetadata">'
            '<l:label id="{00000000-0000-0000-0000-000000000001}" enabled="1" method="Standard" '
            'siteId="{00000000-0000-0000-0000-000000000002}" removed="0"/></l:labelList>'
        )
        bok.add(name, label if "Label" in name else '<x a="HEMLIG"/>', content_type)
        bok.relate("", kind, name)
    bok.add("los/HEMLIG.xml", "<x>HEMLIG</x>", "application/xml")  # that nothing leads to
    bok.replace(
        w,
        "<workbookPr ",
        '<fileSharing readOnlyRecommended="1" userName="HEMLIG"/>'
        '<workbookPr codeName="HEMLIG" updateLinks="always" ',
    )
    bok.replace(
        w,
        "<bookViews>",
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x15" xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/'
        '2010/11/main"><x15ac:absPath url="C:\\HEMLIG\\" xmlns:x15ac="http://schemas.microsoft.com/'
        'office/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent>'
        '<xr:revisionPtr revIDLastSave="0" documentId="8_{HEMLIG}" xmlns:xr="http://schemas.microsoft'
        '.com/office/spreadsheetml/2014/revision"/><workbookProtection lockStructure="1"/>'
        "<bookViews>",
    )
    bok.replace(
        w,
        "<sheets>",
        f'<sheets><sheet name="Makro" sheetId="90" r:id="{macro}"/>'
        f'<sheet name="Dialog" sheetId="91" r:id="{dialog}"/>',
    )
    bok.replace(w, 'localSheetId="0"', 'localSheetId="2"')
    bok.replace(w, 'localSheetId="1"', 'localSheetId="3"')
    bok.replace(
        w,
        "</sheets>",
        "</sheets><externalReferences>"
        + "".join(f'<externalReference r:id="{e}"/>' for e in external)
        + "</externalReferences>",
    )
    bok.replace(
        w,
        "<definedNames>",
        '<definedNames><definedName name="_xlnm.Auto_Open" hidden="1">Makro!$A$1</definedName>'
        '<definedName name="Makronamn" function="1" xlm="1">#N/A</definedName>'
        '<definedName name="GamlaMakron">GET.WORKBOOK(1)</definedName>'
        '<definedName name="HEMLIGext">[1]HEMLIG!$A$1</definedName>'
        '<definedName name="HEMLIGdold" hidden="1">Data!$A$1</definedName>'
        '<definedName name="HEMLIGtrasig">Data!#REF!</definedName>'
        '<definedName name="Z_HEMLIG_.wvu.PrintArea" hidden="1">Data!$A$1</definedName>'
        '<definedName name="Utsnitt_HEMLIG">#N/A</definedName>',
    )
    bok.replace(
        w,
        "<calcPr ",
        '<oleSize ref="A1"/><customWorkbookViews><customWorkbookView name="HEMLIG - Personlig vy" '
        'guid="{00000000-0000-0000-0000-000000000001}" windowWidth="1" windowHeight="1" '
        'activeSheetId="1"/></customWorkbookViews>'
        f'<pivotCaches><pivotCache cacheId="7" r:id="{cache}"/></pivotCaches><calcPr ',
    )


def _make_blad_fientligt(bok: Delbok) -> None:
    """Add what belongs to a sheet: other kinds of formulas, controls, embedded things."""
    s = "xl/worksheets/sheet1.xml"
    bok.replace(
        s,
        "</sheetData>",
        '<row r="10"><c r="A10"><f t="shared" ref="A10:A11" si="0">B2+[1]HEMLIG!A1</f><v>7</v></c>'
        '<c r="B10" t="str"><f>cmd|\'HEMLIG\'!A0</f><v>dde</v></c>'
        '<c r="C10" t="inlineStr"><is><t>I cellen</t></is></c></row>'
        '<row r="11"><c r="A11"><f t="shared" si="0"/><v>8</v></c>'
        '<c r="B11"><f t="dataTable" ref="B11:B12" dt2D="0" dtr="0" r1="B2"/><v>9</v></c></row>'
        '<row r="12" hidden="1"><c r="B12"><v>10</v></c></row></sheetData>'
        '<sheetCalcPr fullCalcOnLoad="1"/>',
    )
    bok.replace(
        s,
        "<conditionalFormatting ",
        '<protectedRanges><protectedRange sqref="A1" name="Omr" securityDescriptor="O:HEMLIG"/>'
        '</protectedRanges><scenarios><scenario name="HEMLIG" user="HEMLIG" count="1">'
        '<inputCells r="B2" val="1"/></scenario></scenarios><dataConsolidate><dataRefs count="1">'
        '<dataRef ref="A1" sheet="HEMLIG"/></dataRefs></dataConsolidate>'
        '<customSheetViews><customSheetView guid="{00000000-0000-0000-0000-000000000001}"/>'
        "</customSheetViews><conditionalFormatting ",
    )
    bok.replace(s, "</formula1>", "</formula1><formula2>0</formula2>")  # as LibreOffice does
    bok.replace(
        s,
        "</dataValidations>",
        '<dataValidation type="list" sqref="H6"><formula1>[1]HEMLIG!$A$1:$A$3</formula1>'
        "</dataValidation></dataValidations>",
    )
    printer = "xl/printerSettings/printerSettings1.bin"
    bok.add(printer, b"HEMLIG", f"{SS}.printerSettings")
    rid = bok.relate(s, "printerSettings", "../printerSettings/printerSettings1.bin")
    bok.add("xl/customProperty1.bin", b"HEMLIG", f"{SS}.customProperty")
    custom = bok.relate(s, "customProperty", "../customProperty1.bin")
    bok.add(
        "xl/ctrlProps/ctrlProp1.xml",
        '<f a="HEMLIG"/>',
        "application/vnd.ms-excel.controlproperties+xml",
    )
    control = bok.relate(s, "ctrlProp", "../ctrlProps/ctrlProp1.xml")
    bok.add("xl/activeX/activeX1.xml", '<f a="HEMLIG"/>', "application/vnd.ms-office.activeX+xml")
    active = bok.relate(s, "control", "../activeX/activeX1.xml")
    bok.add("xl/embeddings/oleObject1.bin", b"HEMLIG", f"{SS[:-14]}.oleObject")
    ole = bok.relate(s, "oleObject", "../embeddings/oleObject1.bin")
    bok.add("xl/embeddings/bok.xlsx", b"HEMLIG", f"{SS}.sheet")
    package = bok.relate(s, "package", "../embeddings/bok.xlsx")
    bok.add(
        "xl/queryTables/queryTable1.xml",
        f'<queryTable {NS} name="HEMLIG" connectionId="1"/>',
        f"{SS}.queryTable+xml",
    )
    bok.relate(s, "queryTable", "../queryTables/queryTable1.xml")
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    text = bok.parts[s].decode()
    margins = text[text.index("<pageMargins") :].partition("/>")[0] + "/>"
    bok.replace(
        s,
        margins,
        f'{margins}<pageSetup paperSize="9" orientation="landscape" r:id="{rid}"/>'
        f'<customProperties><customPr name="HEMLIG" r:id="{custom}"/></customProperties>',
    )
    tail = "<extLst>" if "<extLst>" in text else "</worksheet>"
    bok.replace(
        s,
        tail,
        f'<oleObjects><oleObject progId="HEMLIG" shapeId="1030" r:id="{ole}"/>'
        f'<oleObject progId="HEMLIG" shapeId="1031" r:id="{package}"/></oleObjects>'
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="x14" xmlns:x14="{X14}">'
        f'<controls><control shapeId="1025" r:id="{control}" name="HEMLIG"/>'
        f'<control shapeId="1026" r:id="{active}" name="HEMLIG"/></controls>'
        f"</mc:Choice></mc:AlternateContent>{tail}",
    )
    bok.replace(
        s,
        "<extLst>",
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        f'xmlns:x14="{X14}"><x14:dataValidations count="2" xmlns:xm="{XM}"><x14:dataValidation '
        "type=\"list\"><x14:formula1><xm:f>'Dolt blad'!$A$1:$A$3</xm:f></x14:formula1>"
        '<xm:sqref>I1</xm:sqref></x14:dataValidation><x14:dataValidation type="whole">'
        "<x14:formula1><xm:f>'Dolt blad'!$B$1</xm:f></x14:formula1><xm:sqref>I2</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations></ext>"
        '<ext uri="{HEMLIG-0000}"><x14:okant xmlns:x14="'
        f'{X14}" a="HEMLIG"/></ext>',
    )


def _make_ritning_fientlig(bok: Delbok) -> None:
    """Add what belongs to drawings and charts."""
    d = "xl/drawings/drawing1.xml"
    ns = (
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    )
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    place = (
        "<xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>20</xdr:row>"
        "<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff>"
        "<xdr:row>22</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
    )
    shape = (
        '<xdr:sp macro="{macro}" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{id}" name="{name}">{extra}'
        '</xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
        "</xdr:txBody></xdr:sp>"
    )
    anchor = "<xdr:twoCellAnchor>" + place + "{}<xdr:clientData/></xdr:twoCellAnchor>"
    compat = (
        '<a:extLst><a:ext uri="{63B3BB69-23CF-44E3-9099-C40C66FF867C}"><a14:compatExt '
        'spid="_x0000_s1025" xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"/></a:ext></a:extLst>'
    )
    linked = bok.relate(d, "image", "file:///C:/HEMLIG/bild.png", extern=True)
    link = bok.relate(d, "hyperlink", "#'Dolt blad'!A1", extern=True)
    hlink = f'<a:hlinkClick r:id="{link}" xmlns:r="{R}"/>'
    added = (
        anchor.format(
            shape.format(macro="[0]!HEMLIG", id=90, name="x", extra="", text="Kör HEMLIG")
        )
        + f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="a14" xmlns:a14="'
        + 'http://schemas.microsoft.com/office/drawing/2010/main">'
        + anchor.format(shape.format(macro="", id=91, name="HEMLIG", extra=compat, text="skugga"))
        + "</mc:Choice><mc:Fallback/></mc:AlternateContent>"
        + anchor.format(shape.format(macro="", id=92, name="Pil", extra=hlink, text="Stannar"))
        + anchor.format(
            '<xdr:pic macro=""><xdr:nvPicPr><xdr:cNvPr id="93" name="HEMLIG"/><xdr:cNvPicPr/>'
            f'</xdr:nvPicPr><xdr:blipFill><a:blip r:link="{linked}" xmlns:r="{R}"/><a:stretch/>'
            '</xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
            "</xdr:pic>"
        )
    )
    assert ns.split()[0] in bok.parts[d].decode()
    bok.replace(d, "</xdr:wsDr>", f"{added}</xdr:wsDr>")
    chart = "xl/charts/chart1.xml"
    package = bok.relate(chart, "package", "../embeddings/bok.xlsx")
    bok.replace(
        chart,
        "<c:chart>",
        '<c:pivotSource><c:name>[HEMLIG.xlsx]P!Pivot1</c:name><c:fmtId val="0"/>'
        "</c:pivotSource><c:chart>",
    )
    bok.replace(
        chart,
        "</c:chartSpace>",
        f'<c:externalData r:id="{package}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>',
    )
