"""The use case `rapport`: the Word document of a filled workbook, and a PDF of it if wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from genomlysning.bok.befintlig import describe_inaktuell
from genomlysning.bok.lasning import open_namndbok
from genomlysning.bok.paket import check_filtyp
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.filskrivning import describe_undan, replace_whole
from genomlysning.pdf import require_libreoffice
from genomlysning.rapport.bokdata import read_bokdata
from genomlysning.rapport.disposition import compose_rapport
from genomlysning.rapport.innehall import Rapport
from genomlysning.rapportskrivning import DOCX, Rapportskrivning, check_rapportfil
from genomlysning.svenska import uppraknat

INAKTUELL = Meddelande("rapport-inaktuell", "{vad}", "Ingen rapport är skriven.")


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
    check_filtyp(fil)
    target = ut or fil.with_suffix(DOCX)
    check_rapportfil(target, mall, "--ut")
    if med_pdf:
        require_libreoffice()
    visa("Läser arbetsboken …")
    bok = open_namndbok(fil)
    if inaktuell := describe_inaktuell(bok):
        raise AnvandarFel(INAKTUELL, vad=inaktuell)
    rapport = compose_rapport(read_bokdata(bok), nu.date())
    work = Rapportskrivning(rapport, nu, mall, kommentarer)
    warnings = [*rapport.varningar, *work.warn()]
    visa("Skriver rapporten …")
    kept = replace_whole(target, work.write, nu.date())
    pdf, told = None, list[str]()
    if med_pdf:
        visa("Gör en PDF …")
        pdf, told = work.save_pdf(target.with_suffix(".pdf"))
    warnings += [*told, *describe_undan(target, kept)]
    return Utfall(target, pdf, rapport, tuple(warnings), med_pdf and pdf is None)


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
