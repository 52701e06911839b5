"""The workbook: one description of its sheets, and what writes them."""
