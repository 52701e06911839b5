"""The Word document: what it says as data (pure), and how it is written (python-docx)."""
