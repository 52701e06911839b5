"""Makes the pictures of the documentation from the example data.

Needs LibreOffice and pdftoppm; run from anywhere: `.venv/bin/python docs/gor_bilder.py`.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from libreoffice import render  # noqa: E402

#: Page of the rendered workbook and the picture's name.
BILDER = {1: "start", 2: "sammanfattning", 3: "referenskostnad", 5: "ekonomi"}


#: The page of the report that is shown.
RAPPORTSIDA = 5


def main() -> None:
    """Render the example workbook and keep the pages that the documents show."""
    target = ROOT / "docs" / "bilder"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        fil = Path(folder) / "exempel.xlsx"
        command = [sys.executable, "-m", "genomlysning", "skapa", "--exempel"]
        subprocess.run([*command, "--ut", str(fil), "--idag", "2026-11-24"], check=True)
        pages = render(fil, Path(folder), dpi=110, locale="sv-SE")
        for page, name in BILDER.items():
            (target / f"{name}.png").write_bytes(pages[page - 1].read_bytes())
        blank = Path(folder) / "genomlysning.xlsm"
        command = [sys.executable, "-m", "genomlysning", "bygg", "--ut", str(blank)]
        subprocess.run(command, check=True)
        _print_knappar(blank)
        pages = render(blank, Path(folder), dpi=110, locale="sv-SE")
        (target / "knappar.png").write_bytes(pages[0].read_bytes())
        report = Path(folder) / "rapport.docx"
        command = [sys.executable, "-m", "genomlysning", "rapport", str(fil), "--ut", str(report)]
        subprocess.run([*command, "--idag", "2026-11-24"], check=True)
        pages = render(report, Path(folder), dpi=70, locale="sv-SE")
        (target / "rapport.png").write_bytes(pages[RAPPORTSIDA - 1].read_bytes())


def _print_knappar(fil: Path) -> None:
    """Let the buttons, which are not for paper, be printed after all, at their own size."""
    with zipfile.ZipFile(fil) as package:
        parts = {n: package.read(n) for n in package.namelist()}
    with zipfile.ZipFile(fil, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            for unwanted in (b"<x:PrintObject>False</x:PrintObject>", b'fitToPage="1"'):
                content = content.replace(unwanted, b"")
            package.writestr(name, content)


if __name__ == "__main__":
    main()
