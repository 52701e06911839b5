"""Live Excel: what the buttons and the worksheet functions do there.

`knappar` has a function for each button, `dialog` speaks with the person and `tangentbord` sees the
Esc key, `nyckeltalsval` lets them choose figures, `dokument` makes the copy, the report and next
year's workbook. `levande` reads the open workbook as `bok.modell` has it, `skrivning` writes to it:
all or nothing. `funktioner` is what the cells call.
"""
