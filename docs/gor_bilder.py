"""Makes the pictures of the documentation from the example data.

Needs LibreOffice and poppler; run from anywhere: `.venv/bin/python docs/gor_bilder.py`.
"""

import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from openpyxl import load_workbook
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

ROOT = Path(__file__).parents[1]
MAPP = ROOT / "docs" / "bilder"
sys.path.insert(0, str(ROOT / "tests"))

from libreoffice import render  # noqa: E402

#: The day of the pictures, so that they only change when what they show does.
DAG = "2026-11-24"
#: Those that docs/handbok/7-kommunen.md has the reader make.
NAMNDER = ("barn-och-ungdomsnamnden", "socialnamnden")
#: Dots per inch, widest picture in pixels, colours and margin in pixels.
DPI, BREDD, FARGER, MARGINAL = 110, 1150, 128, 14
#: What is cut away above and below: the printed page's own header and footer, in inches.
SIDHUVUD, SIDHUVUD_WORD, SIDFOT = 0.52, 0.85, 0.62
#: What the mark of `hash_blad` is called in the picture's file.
MARKE = "innehall"


class Bild(NamedTuple):
    """A picture: the first page of `dokument` that has `rubrik` as a heading.

    The upper part of the page is kept, `hojd` of its height; blank paper is cut away. A wide sheet
    goes on to the right on the page after: `sida` 1.
    """

    namn: str
    dokument: str
    rubrik: str
    hojd: float = 1.0
    sida: int = 0


BILDER = (
    Bild("knappar", "tom.xlsm", "Genomlysning"),
    Bild("start", "exempel.xlsx", "Genomlysning"),
    Bild("sammanfattning", "exempel.xlsx", "Sammanfattning"),
    Bild("referenskostnad", "exempel.xlsx", "Referenskostnad"),
    Bild("referenskostnad-hoger", "exempel.xlsx", "Referenskostnad", 0.39, sida=1),
    Bild("ekonomi", "exempel.xlsx", "2.1 Ekonominyckeltal"),
    Bild("ekonomi-hoger", "exempel.xlsx", "2.1 Ekonominyckeltal", sida=1),
    Bild("over-tid", "exempel.xlsx", "2.1 Ekonominyckeltal över tid"),
    Bild("analys", "exempel.xlsx", "2.4 Analys av barn- och ungdomsnämndens effektivitet"),
    Bild("uppfoljning", "exempel.xlsx", "3.1 Effektiviseringsåtgärder på kort sikt"),
    Bild("forflyttningar", "exempel.xlsx", "4.1 Möjliga förflyttningar", 0.55),
    Bild("jamforelsegrupper", "exempel.xlsx", "Jämförelsegrupper"),
    Bild("logg", "exempel.xlsx", "Logg"),
    Bild("rapport", "rapport.docx", "2.1 Ekonominyckeltal", 0.62),
    Bild("nytt-ar", "nasta-ar.xlsx", "3.3 Effektiviseringsåtgärder som utreds"),
    Bild("kommun", "kommun.xlsx", "Kommunens genomlysningar"),
    Bild("kommun-forflyttningar", "kommun.xlsx", "Alla möjliga förflyttningar"),
)


def main() -> None:
    """Make the documents, render them and keep the pages that the documentation shows."""
    MAPP.mkdir(exist_ok=True)
    for old in MAPP.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_dokument(folder)
        for dokument in dict.fromkeys(b.dokument for b in BILDER):
            pages = render(folder / dokument, folder, DPI, locale="sv-SE")
            texts = _read_pages(folder / Path(dokument).with_suffix(".pdf").name)
            for bild in BILDER:
                if bild.dokument == dokument:
                    mark = hash_blad(folder, bild)
                    _save(bild, pages[_find_page(texts, bild.rubrik) + bild.sida], mark)


def hash_blad(folder: Path, bild: Bild) -> str:
    """Return a mark of what the sheet of a picture says; empty for a document without sheets.

    It is kept in the picture, so that a test can tell when the sheet says something else.
    """
    if bild.dokument.endswith(".docx"):
        return ""
    bok = load_workbook(folder / bild.dokument, data_only=True)
    for sheet in bok.worksheets:
        cells = [(c.coordinate, str(c.value)) for r in sheet for c in r if c.value is not None]
        if any(text.startswith(bild.rubrik) for _, text in cells[:3]):
            return sha256(repr(cells).encode()).hexdigest()[:16]
    raise SystemExit(f"no sheet has the heading {bild.rubrik}")


def read_mark(bild: Bild) -> str:
    """Return the mark of a picture that has been made."""
    with Image.open(MAPP / f"{bild.namn}.png") as image:
        return str(image.info.get(MARKE, ""))


def _make_dokument(folder: Path) -> None:
    exempel = folder / "exempel.xlsx"
    _run("skapa", "--exempel", "--ut", exempel)
    _run("bygg", "--ut", folder / "tom.xlsm", idag=None)
    _print_knappar(folder / "tom.xlsm")
    _run("rapport", exempel, "--ut", folder / "rapport.docx")
    _run("nytt-ar", exempel, "--ut", folder / "nasta-ar.xlsx")
    (folder / "namnder").mkdir()
    for namnd in NAMNDER:
        fil = folder / "namnder" / f"{namnd}.xlsx"
        _run("skapa", "--exempel", "--namnd", namnd, "--ut", fil)
    _run("sammanstall", folder / "namnder", "--ut", folder / "kommun.xlsx")


def _run(*arguments: str | Path, idag: str | None = DAG) -> None:
    command = [sys.executable, "-m", "genomlysning", *map(str, arguments)]
    subprocess.run([*command, *(("--idag", idag) if idag else ())], check=True)


def _read_pages(pdf: Path) -> list[list[str]]:
    """Return the lines of each page, with single blanks."""
    done = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, encoding="utf-8", check=True
    )
    return [[" ".join(r.split()) for r in s.splitlines()] for s in done.stdout.split("\f")]


def _find_page(pages: list[list[str]], rubrik: str) -> int:
    """Return the first page with a line that begins with a heading, tables of contents apart."""
    for number, lines in enumerate(pages):
        if any(line.startswith(rubrik) and "..." not in line for line in lines):
            return number
    raise SystemExit(f"no page has the heading {rubrik}")


def _save(bild: Bild, page: Path, mark: str) -> None:
    """Cut away blank paper and the page's own header and footer, and save in few colours."""
    with Image.open(page) as found:
        image = found.convert("RGB")
    header = SIDHUVUD_WORD if bild.dokument.endswith(".docx") else SIDHUVUD
    top, bottom = int(header * DPI), int(image.height - SIDFOT * DPI)
    image = image.crop((0, top, image.width, min(bottom, top + int(bild.hojd * image.height))))
    box = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    assert box is not None
    left, upper, right, lower = box
    right, lower = min(image.width, right + MARGINAL), min(image.height, lower + MARGINAL)
    image = image.crop((max(0, left - MARGINAL), max(0, upper - MARGINAL), right, lower))
    image.thumbnail((BREDD, image.height))
    info = PngInfo()
    info.add_text(MARKE, mark)
    image.quantize(FARGER).save(MAPP / f"{bild.namn}.png", optimize=True, pnginfo=info)


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
