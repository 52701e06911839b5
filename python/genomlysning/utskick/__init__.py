"""A copy of a workbook to send: macro-free, values only, nothing hidden; the package is stripped.

What is seen stays, what is not seen goes. Only parts of known and harmless kinds are let through
(`tillatet.py`); each kind of part has a module that strips it, and `granskning.py` reads the
finished file anew and proves what is promised.
"""
