"""The Word document: what it says as data (pure), and how it is written (python-docx).

`bokdata` reads a filled workbook, `disposition` makes it a `Rapport` (`innehall`), with the
standing text of `texter`, sources and notes by `noter`, measures and moves by `atgarder`, what they
come to by `beloppsord` and people's own text by `fritext`. `word` writes it in a template (`mall`,
`formatmallar`), and `bilder` draws. `standardmall` makes the template that comes with the program.
"""
