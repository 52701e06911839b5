"""The use case `rapport`: the Word document of a filled workbook, and a PDF of it if wanted."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from genomlysning.bok.befintlig import describe_inaktuell
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.paket import FEL_FILTYP, Paket
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import check_plats, describe_undan, replace_whole
from genomlysning.pdf import convert_to_pdf, require_libreoffice
from genomlysning.rapport.bilder import can_draw, draw
from genomlysning.rapport.bokdata import read_bokdata
from genomlysning.rapport.innehall import Bild, Rapport
from genomlysning.rapport.sammanstallning import compose_rapport
from genomlysning.rapport.standardmall import find_standardmall
from genomlysning.rapport.word import write_rapport
from genomlysning.svenska import uppraknat

FILTYPER = (".xlsx", ".xlsm")

EJ_DOCX = Meddelande(
    "rapport-ej-docx",
    "Rapporten kan bara skrivas som .docx, inte ”{fil}”.",
    "Ange ett filnamn som slutar på .docx med --ut.",
)
SAMMA_SOM_MALLEN = Meddelande(
    "rapport-samma-som-mallen",
    "Rapporten kan inte skrivas över mallen {fil}.",
    "Ange ett annat filnamn med --ut.",
)
INAKTUELL = Meddelande("rapport-inaktuell", "{vad}", "Ingen rapport är skriven.")
UTAN_DIAGRAM = Meddelande(
    "rapport-utan-diagram",
    "Rapporten har inga diagram, eftersom det som ritar dem inte är installerat.",
    "Ska de vara med, installera tillägget rapport (se README) och kör genomlysning rapport, eller "
    "klistra in dem från bladet Sammanfattning.",
)
PDF_UTEBLEV = Meddelande("rapport-pdf-uteblev", "Rapporten är skriven, men ingen PDF. {fel}")


@dataclass(frozen=True, slots=True)
class Utfall:
    """What was written. `pdf` is None when none was asked for, or none could be made."""

    fil: Path
    pdf: Path | None
    rapport: Rapport
    varningar: tuple[str, ...]
    pdf_uteblev: bool = False


def make_rapport(
    fil: Path,
    ut: Path | None,
    nu: datetime,
    *,
    mall: Path | None = None,
    kommentarer: bool = False,
    med_pdf: bool = False,
    visa: Callable[[str], None] = lambda _: None,
) -> Utfall:
    """Write the report of the workbook `fil` to `ut`, or beside it, in the template `mall`.

    `fil` is as it was last saved; a button gives a copy of the workbook that is open. Raises
    AnvandarFel for names, settings and placeholders to correct, and FilFel for what stops a file
    from being read or written; then nothing is written.
    """
    target = ut or fil.with_suffix(".docx")
    _check_filer(fil, target, mall)
    if med_pdf:
        require_libreoffice()
    visa("Läser arbetsboken …")
    bok = Arbetsbok(Paket.open(fil), fil)
    if inaktuell := describe_inaktuell(bok):
        raise AnvandarFel(INAKTUELL, vad=inaktuell)
    rapport = compose_rapport(read_bokdata(bok), nu.date())
    warnings = list(rapport.varningar)
    drawn = can_draw()
    if not drawn and any(isinstance(b, Bild) for b in rapport.block):
        warnings.append(UTAN_DIAGRAM.format())

    def write(new: Path, *, for_utskrift: bool = False) -> None:
        write_rapport(
            rapport,
            mall or find_standardmall(),
            new,
            nu,
            rita=draw if drawn else None,
            kommentarer=kommentarer and not for_utskrift,
            for_utskrift=for_utskrift,
        )

    visa("Skriver rapporten …")
    kept = [(target, replace_whole(target, write, nu.date()))]
    pdf, missing = None, False
    if med_pdf:
        visa("Gör en PDF …")
        pdf = target.with_suffix(".pdf")
        try:
            kept.append((pdf, _save_pdf(lambda new: write(new, for_utskrift=True), pdf, nu.date())))
        except FilFel as error:
            warnings.append(PDF_UTEBLEV.format(fel=error))
            pdf, missing = None, True
    warnings += [text for new, old in kept for text in describe_undan(new, old)]
    return Utfall(target, pdf, rapport, tuple(warnings), missing)


def _check_filer(fil: Path, target: Path, mall: Path | None) -> None:
    if fil.suffix.lower() not in FILTYPER:
        raise FilFel(FEL_FILTYP, fil=fil)
    if target.suffix.lower() != ".docx":
        raise AnvandarFel(EJ_DOCX, fil=target.name)
    check_plats(target)
    if mall is not None and target.exists() and mall.exists() and target.samefile(mall):
        raise AnvandarFel(SAMMA_SOM_MALLEN, fil=mall)


def _save_pdf(write: Callable[[Path], None], pdf: Path, idag: date) -> Path | None:
    """Write a document made for printing, and print it; return where an older PDF is kept."""
    with tempfile.TemporaryDirectory(prefix="genomlysning-") as folder:
        document = Path(folder) / "rapport.docx"
        write(document)
        return replace_whole(pdf, lambda new: convert_to_pdf(document, new), idag)


def to_json_rapport(utfall: Utfall) -> dict[str, Any]:
    """Return the answer as docs/kommandorad.md has it."""
    return {
        "fil": str(utfall.fil),
        "pdf": str(utfall.pdf) if utfall.pdf else None,
        "tabeller": [t.namn for t in utfall.rapport.tabeller()],
        "utelamnade": list(utfall.rapport.utelamnade),
        "varningar": list(utfall.varningar),
    }


def format_utfall(utfall: Utfall) -> str:
    """Return the answer as text."""
    tables = list(utfall.rapport.tabeller())
    pdf = f" PDF: {utfall.pdf}." if utfall.pdf else ""
    mark = " EXEMPELDATA: kommunen och värdena är påhittade." if utfall.rapport.exempel else ""
    return (
        f"Rapporten {utfall.fil} är klar, med {uppraknat(len(tables), 'tabell', 'tabeller')}."
        f"{pdf}{mark}"
    )
