"""A picture of a whole workbook, to see that nothing else has changed."""

from typing import Any

import xlwings as xw
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.worksheet.formula import ArrayFormula


def snapshot(book: xw.Book) -> dict[tuple[str, str], Any]:
    """Everything in a workbook that a person would miss: cells by (sheet, reference), and more.

    The rest has a word in place of the reference: (sheet, "tabell Ekonomi"), ("", "namn Kommun").
    """
    xl = book.impl.xl
    styles: dict[tuple[int, ...], str] = {}
    seen: dict[tuple[str, str], Any] = {
        ("", "blad"): tuple((ws.title, ws.sheet_state) for ws in xl.worksheets)
    }
    for name, defined in xl.defined_names.items():
        seen["", f"namn {name}"] = defined.attr_text
    for ws in xl.worksheets:
        sheet = ws.title
        for cell in ws._cells.values():
            if cell.value is not None or cell.has_style or cell.comment:
                seen[sheet, cell.coordinate] = _cell_snapshot(cell, styles)
        for table in ws.tables.values():
            columns = tuple(
                (c.name, c.calculatedColumnFormula and c.calculatedColumnFormula.attr_text)
                for c in table.tableColumns
            )
            seen[sheet, f"tabell {table.name}"] = (table.ref, bool(table.totalsRowCount), columns)
        for name, defined in ws.defined_names.items():
            seen[sheet, f"namn {name}"] = defined.attr_text
        seen[sheet, "villkorsstyrd formatering"] = sorted(
            repr((str(area.sqref), rule.type, rule.formula, rule.priority))
            for area in ws.conditional_formatting
            for rule in area.rules
        )
        seen[sheet, "dataverifiering"] = sorted(
            repr((str(v.sqref), v.type, v.formula1, v.formula2))
            for v in ws.data_validations.dataValidation
        )
        seen[sheet, "sammanslagna"] = sorted(str(area) for area in ws.merged_cells.ranges)
        seen[sheet, "rader"] = {
            row: (d.height, d.hidden)
            for row, d in ws.row_dimensions.items()
            if d.height or d.hidden
        }
        seen[sheet, "kolumner"] = {
            letters: (d.width, d.hidden) for letters, d in ws.column_dimensions.items()
        }
        seen[sheet, "skydd"] = bool(ws.protection.sheet)
    return seen


def _cell_snapshot(cell: Cell, styles: dict[tuple[int, ...], str]) -> tuple[Any, ...]:
    value = cell.value
    if isinstance(value, ArrayFormula):
        value = (value.ref, value.text)
    elif isinstance(value, CellRichText):
        value = tuple(repr(part) for part in value)
    comment = cell.comment and (cell.comment.author, cell.comment.text)
    key = tuple(cell._style)
    if key not in styles:
        parts = (cell.font, cell.fill, cell.border, cell.alignment, cell.protection)
        styles[key] = repr((cell.quotePrefix, parts))
    link = cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location)
    return value, cell.data_type, cell.number_format, comment, link, styles[key]


def changes(
    before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any]
) -> dict[tuple[str, str], tuple[Any, Any]]:
    """What differs between two snapshots, as (before, after); None for what is not there."""
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    }
