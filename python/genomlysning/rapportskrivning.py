"""Writes a composed report as a Word document and, if wanted, prints it as a PDF.

What the committee's report and the municipality's have in common.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import check_plats, describe_undan, is_samma_fil, replace_whole
from genomlysning.pdf import convert_to_pdf
from genomlysning.rapport.bilder import can_draw, draw
from genomlysning.rapport.innehall import Bild, Rapport
from genomlysning.rapport.standardmall import find_standardmall
from genomlysning.rapport.word import write_rapport

DOCX = ".docx"

EJ_DOCX = Meddelande(
    "rapport-ej-docx",
    "Rapporten kan bara skrivas som .docx, inte ”{fil}”.",
    "Ange ett filnamn som slutar på .docx med {vaxel}.",
)
SAMMA_SOM_MALLEN = Meddelande(
    "rapport-samma-som-mallen",
    "Rapporten kan inte skrivas över mallen {fil}.",
    "Ange ett annat filnamn med {vaxel}.",
)
UTAN_DIAGRAM = Meddelande(
    "rapport-utan-diagram",
    "Rapporten har inga diagram, eftersom det som ritar dem inte är installerat.",
    "Ska de vara med, installera tillägget rapport (se README) och gör rapporten igen, eller "
    "klistra in dem från arbetsboken.",
)
PDF_UTEBLEV = Meddelande("rapport-pdf-uteblev", "Rapporten är skriven, men ingen PDF. {fel}")


def check_rapportfil(fil: Path, mall: Path | None, vaxel: str) -> None:
    """Refuse a name or a place that no report can have; `vaxel` is the option that names it."""
    if fil.suffix.lower() != DOCX:
        raise AnvandarFel(EJ_DOCX, fil=fil.name, vaxel=vaxel)
    check_plats(fil)
    if mall is not None and is_samma_fil(fil, mall):
        raise AnvandarFel(SAMMA_SOM_MALLEN, fil=mall, vaxel=vaxel)


@dataclass(frozen=True, slots=True)
class Rapportskrivning:
    """A report and how it is to be written, in the standard template if `mall` is None."""

    rapport: Rapport
    nu: datetime
    mall: Path | None = None
    kommentarer: bool = False

    def write(self, fil: Path, *, for_utskrift: bool = False) -> None:
        """Write the document to `fil`. Raises FilFel and AnvandarFel for the template."""
        write_rapport(
            self.rapport,
            self.mall or find_standardmall(),
            fil,
            self.nu,
            rita=draw if can_draw() else None,
            kommentarer=self.kommentarer and not for_utskrift,
            for_utskrift=for_utskrift,
        )

    def warn(self) -> Iterator[str]:
        """Say what the document lacks for want of a program."""
        if not can_draw() and any(isinstance(b, Bild) for b in self.rapport.block):
            yield UTAN_DIAGRAM.format()

    def save_pdf(self, pdf: Path) -> tuple[Path | None, list[str]]:
        """Print the report to `pdf`; return it, None if that failed, and what to tell."""
        try:
            kept = self._print(pdf)
        except FilFel as error:
            return None, [PDF_UTEBLEV.format(fel=error)]
        return pdf, describe_undan(pdf, kept)

    def _print(self, pdf: Path) -> Path | None:
        """Write a document made for printing, and print it; return where an older PDF is kept."""
        with tempfile.TemporaryDirectory(prefix="genomlysning-") as folder:
            document = Path(folder) / "rapport.docx"
            self.write(document, for_utskrift=True)
            return replace_whole(pdf, lambda new: convert_to_pdf(document, new), self.nu.date())
