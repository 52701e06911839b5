"""The workbook that is open in Excel: what its buttons do and its functions answer, by xlwings."""
