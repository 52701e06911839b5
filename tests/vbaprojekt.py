"""The hard rules of a macro workbook's VBA project, checked with oletools against the file itself.

They are those of MS-OVBA and of Excel that make it refuse or repair a file: what the workbook
names and what the project holds must be the same.
"""

import io
import re
import struct
import zipfile
from pathlib import Path

import olefile
from lxml import etree
from oletools.olevba import VBA_Parser, decompress_stream

MAX_LINE, MAX_CONTINUATIONS = 1023, 24
WORKBOOK_BASE = "{00020819-0000-0000-C000-000000000046}"
SHEET_BASE = "{00020820-0000-0000-C000-000000000046}"
CLASS_BASE = "{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
#: Records of the dir stream.
_VERSION, _REFERENCE, _MODULE, _OFFSET, _STANDARD, _OTHER = 0x09, 0x16, 0x19, 0x31, 0x21, 0x22


def read_sources(path: Path) -> dict[str, str]:
    """Return the source of every module as olevba extracts it, CRLF kept."""
    parser = VBA_Parser(str(path))
    try:
        found = {name: code for _, _, name, code in parser.extract_all_macros()}
    finally:
        parser.close()
    return {Path(name).stem: code for name, code in found.items()}


def code_names(path: Path) -> dict[str, str]:
    """Return the code names of the workbook and its sheets, each with its kind's class id."""
    with zipfile.ZipFile(path) as package:
        workbook = etree.fromstring(package.read("xl/workbook.xml"))
        targets = {
            r.get("Id"): r.get("Target")
            for r in etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        }
        found = {workbook.find(f"{_MAIN}workbookPr").get("codeName"): WORKBOOK_BASE}
        for sheet in workbook.iter(f"{_MAIN}sheet"):
            part = etree.fromstring(package.read(f"xl/{targets[sheet.get(f'{_REL}id')]}"))
            found[part.find(f"{_MAIN}sheetPr").get("codeName")] = SHEET_BASE
    return found


def button_macros(path: Path) -> list[str]:
    """Return the macro that each button names."""
    with zipfile.ZipFile(path) as package:
        text = "".join(package.read(n).decode() for n in package.namelist() if n.endswith(".vml"))
    return re.findall(r"<x:FmlaMacro>\[0\]!(\w+)</x:FmlaMacro>", text)


def check(path: Path) -> list[str]:
    """Return a line for every broken rule."""
    with zipfile.ZipFile(path) as package:
        project = olefile.OleFileIO(io.BytesIO(package.read("xl/vbaProject.bin")))
    with project:
        streams = {"/".join(n): project.openstream(n).read() for n in project.listdir()}
    modules, references = _read_dir(decompress_stream(bytearray(streams["VBA/dir"])))
    documents = code_names(path)
    text = streams["PROJECT"].decode("cp1252")
    declared = {v: k for k, v in re.findall(r"^(Document|Module|Class)=(\w+)", text, re.M)}
    wrong = []
    if set(declared) != set(modules):
        wrong.append(f"PROJECT and dir differ: {sorted(set(declared) ^ set(modules))}")
    if {n for n, kind in declared.items() if kind == "Document"} != set(documents):
        wrong.append("the document modules are not the code names")
    if set(references) != {"stdole", "Office"}:
        wrong.append(f"references: {references}")
    stray = {n for n in streams if n.startswith("VBA/")} - {f"VBA/{n}" for n in modules}
    if stray != {"VBA/dir", "VBA/_VBA_PROJECT"}:
        wrong.append(f"streams without a module: {sorted(stray)}")
    subs = set()
    for name, (kind, offset) in modules.items():
        source = decompress_stream(bytearray(streams[f"VBA/{name}"][offset:])).decode("cp1252")
        standard = kind == _STANDARD
        if standard != (declared.get(name) == "Module"):
            wrong.append(f"{name}: another kind in PROJECT than in dir")
        base = re.search(r'^Attribute VB_Base = "0(\{.*\})"\r$', source, re.M)
        expected = None if standard else documents.get(name, CLASS_BASE)
        if (base and base[1]) != expected:
            wrong.append(f"{name}: wrong VB_Base")
        wrong += [f"{name}: {fault}" for fault in _faults(name, source)]
        if standard:
            subs |= set(re.findall(r"^(?:Public )?Sub (\w+)\(\)", source, re.M))
    wrong += [f"no public Sub {macro}" for macro in button_macros(path) if macro not in subs]
    return wrong


def _faults(name: str, source: str) -> list[str]:
    lines = source.split("\r\n")
    continued = re.findall(r"(?:.* _\r\n)+", source)
    rules = {
        "the name": lines[0] == f'Attribute VB_Name = "{name}"',
        "a bare line end": not re.search(r"[\r\n]", source.replace("\r\n", "")),
        "no line end at the end": lines[-1] == "",
        "a line too long": max(map(len, lines)) <= MAX_LINE,
        "too many continuations": all(run.count("\n") <= MAX_CONTINUATIONS for run in continued),
        "the head of an exported class": "VERSION 1.0 CLASS" not in source,
        "garbled letters": "Ã" not in source,
    }
    return [fault for fault, kept in rules.items() if not kept]


def _read_dir(data: bytes) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Return the modules' kinds and offsets, and the references, of a dir stream."""
    modules: dict[str, tuple[int, int]] = {}
    references, name, offset, place = [], "", 0, 0
    while place < len(data) - 6:
        record, size = struct.unpack_from("<HI", data, place)
        size = 6 if record == _VERSION else size  # its size field lies
        value = data[place + 6 : place + 6 + size]
        place += 6 + size
        if record == _REFERENCE:
            references.append(value.decode("cp1252"))
        elif record == _MODULE:
            name = value.decode("cp1252")
        elif record == _OFFSET:
            (offset,) = struct.unpack("<I", value)
        elif record in (_STANDARD, _OTHER):
            modules[name] = record, offset
    return modules, references
