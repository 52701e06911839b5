"""Makes `templates/rapport.docx` from the texts in `templates/rapport/`.

The made file is committed, since municipalities start their own from it; a test holds it to the
texts. Run `python -m genomlysning.rapport.standardmall` after changing them.
"""

import zipfile
from pathlib import Path

from genomlysning.mallar import find_templates

#: The time of every entry, so that the same texts make the same file.
TID = (1980, 1, 1, 0, 0, 0)

_PAKET = "http://schemas.openxmlformats.org/package/2006"
_KONTOR = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYP = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HUVUD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Part, kind of relationship from the document, and the text it is made from.
_DELAR = (
    ("header1", "header", "sidhuvud"),
    ("footer1", "footer", "sidfot"),
    ("styles", "styles", "stilar"),
    ("numbering", "numbering", "numrering"),
    ("settings", "settings", "installningar"),
)
_EGENSKAPER = (
    f'{_HUVUD}<cp:coreProperties xmlns:cp="{_PAKET}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Genomlysning</dc:title>'
    "<dc:language>sv-SE</dc:language></cp:coreProperties>"
)


def find_standardmall() -> Path:
    """Return the Word template that is used when no other is given."""
    return find_templates() / "rapport.docx"


def build_standardmall(fil: Path) -> None:
    """Write the template to `fil`."""
    folder = find_templates() / "rapport"
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            ("rId1", f"{_KONTOR}/officeDocument", "word/document.xml"),
            ("rId2", f"{_PAKET}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _EGENSKAPER,
        "word/document.xml": _read(folder, "dokument"),
        "word/_rels/document.xml.rels": _relations(
            *(
                (f"rId{i}", f"{_KONTOR}/{kind}", f"{part}.xml")
                for i, (part, kind, _) in enumerate(_DELAR, start=1)
            )
        ),
    }
    parts |= {f"word/{part}.xml": _read(folder, text) for part, _, text in _DELAR}
    with zipfile.ZipFile(fil, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, TID)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, text.encode())


def _read(folder: Path, text: str) -> str:
    return (folder / f"{text}.xml").read_text(encoding="utf-8")


def _relations(*entries: tuple[str, str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="{i}" Type="{kind}" Target="{target}"/>' for i, kind, target in entries
    )
    return f'{_HUVUD}<Relationships xmlns="{_PAKET}/relationships">{lines}</Relationships>'


def _content_types() -> str:
    overrides = [("/word/document.xml", f"{_TYP}.document.main+xml")]
    overrides += [(f"/word/{part}.xml", f"{_TYP}.{kind}+xml") for part, kind, _ in _DELAR]
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    overrides.append(("/docProps/core.xml", core))
    lines = "".join(f'<Override PartName="{n}" ContentType="{t}"/>' for n, t in overrides)
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HUVUD}<Types xmlns="{_PAKET}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{lines}</Types>'
    )


if __name__ == "__main__":
    build_standardmall(find_standardmall())
