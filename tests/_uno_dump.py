"""Recalculate a workbook in headless LibreOffice and print every cell as JSON.

Run by `libreoffice.py` with a Python that has LibreOffice's `uno` (the system's, hardly ever
that of a virtual environment): `_uno_dump.py SOFFICE PROFILE_FOLDER FILE`.
Standard output is one JSON object: sheet → list of [column, row, value, formula, error], column
and row from 0, value a number, a text or null, formula null for a constant.
"""

import json
import subprocess
import sys
import time
import uuid
from pathlib import Path

import uno

START_SECONDS = 60
# com.sun.star.sheet.CellFlags and FormulaResult; the constants cannot be imported without the
# import hook of uno, which linters do not know.
CONTENT, FORMULA = 1 | 2 | 4 | 16, 16
RESULT_ERROR = 4


def start(soffice: str, profile: Path):
    """Start LibreOffice with a profile of its own; return the process and its desktop."""
    pipe = f"genomlysning{uuid.uuid4().hex}"
    process = subprocess.Popen(
        [
            soffice,
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except Exception as error:  # UNO's own exception classes exist only at run time
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise SystemExit(f"LibreOffice did not start: {error}") from error
            time.sleep(0.1)
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    return process, desktop


def load(desktop, path: Path, **properties):
    """Open a workbook out of sight, with more properties of the loader if needed."""
    arguments = []
    for name, value in {"Hidden": True, **properties}.items():
        argument = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        argument.Name, argument.Value = name, value
        arguments.append(argument)
    document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, tuple(arguments))
    if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        raise SystemExit(f"LibreOffice could not open {path.name} as a workbook")
    return document


def positions(ranges) -> set[tuple[int, int]]:
    """Every (column, row) of a collection of ranges."""
    return {
        (column, row)
        for area in ranges.getRangeAddresses()
        for column in range(area.StartColumn, area.EndColumn + 1)
        for row in range(area.StartRow, area.EndRow + 1)
    }


def dump(sheet) -> list[list[object]]:
    """All used cells of a sheet, read in blocks.

    Only blocks with content are read, since one cell in a sheet's last row would otherwise make
    it read a million rows.
    """
    formulas = positions(sheet.queryContentCells(FORMULA))
    errors = positions(sheet.queryFormulaCells(RESULT_ERROR))
    cells: list[list[object]] = []
    for area in sheet.queryContentCells(CONTENT).getRangeAddresses():
        left, top = area.StartColumn, area.StartRow
        block = sheet.getCellRangeByPosition(left, top, area.EndColumn, area.EndRow)
        rows = zip(block.getDataArray(), block.getFormulaArray(), strict=True)
        for row, (values, texts) in enumerate(rows, top):
            for column, (value, text) in enumerate(zip(values, texts, strict=True), left):
                here = (column, row)
                error = sheet.getCellByPosition(*here).getError() if here in errors else 0
                formula = text if here in formulas else None
                cells.append([column, row, None if error else value, formula, error])
    return cells


def main(soffice: str, profile: str, file: str) -> None:
    process, desktop = start(soffice, Path(profile))
    try:
        document = load(desktop, Path(file))
        document.calculateAll()
        json.dump({sheet.Name: dump(sheet) for sheet in document.Sheets}, sys.stdout)
        document.close(True)
        desktop.terminate()
        process.wait(20)
    finally:
        process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
