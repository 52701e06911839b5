"""The use case `kopia`: a macro-free copy of a workbook to send, with values only.

The copy takes its place only when it has been read back and every promise about it holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from genomlysning.bok.befintlig import describe_inaktuell
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.paket import Paket, check_filtyp
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import (
    XLSX,
    check_oppen,
    check_plats,
    describe_undan,
    is_samma_fil,
    list_las,
    replace_whole,
)
from genomlysning.pdf import convert_to_pdf, require_libreoffice
from genomlysning.utskick.granskning import check_kopia
from genomlysning.utskick.rensa import clean_paket
from genomlysning.utskick.utfall import Utfall

SAMMA_FIL = Meddelande(
    "kopia-samma-fil",
    "Kopian kan inte skrivas över {fil}, som den är en kopia av.",
    "Ange ett annat filnamn med --ut.",
)
EJ_XLSX = Meddelande(
    "kopia-ej-xlsx",
    "En kopia för utskick har inga makron och kan bara skrivas som .xlsx, inte ”{fil}”.",
    "Ange ett filnamn som slutar på .xlsx med --ut.",
)
EJ_SOM_LOVAT = Meddelande(
    "kopia-ej-som-lovat",
    "Kopian blev inte säker att skicka: {brister}.",
    "Ingen kopia är skriven. Anmäl felet och bifoga filen om du kan.",
)
KALLAN_OPPEN = Meddelande(
    "kopia-kallan-oppen",
    "Filen {fil} är öppen i ett annat program.",
    "Det som inte är sparat är inte med i kopian.",
)
PDF_UTEBLEV = Meddelande("kopia-pdf-uteblev", "Kopian är skriven, men ingen PDF. {fel}")


@dataclass(frozen=True, slots=True)
class Kopia:
    """What was written and what was done. `pdf` is None when none was asked for, or none made."""

    fil: Path
    pdf: Path | None
    utfall: Utfall
    pdf_uteblev: bool = False


def make_kopia(
    fil: Path,
    ut: Path | None,
    idag: date,
    *,
    behall_dolda: bool = False,
    med_pdf: bool = False,
    visa: Callable[[str], None] = lambda _: None,
) -> Kopia:
    """Write a copy of `fil` (.xlsx or .xlsm) to `ut`, or beside it, and a PDF if one is wanted.

    Raises AnvandarFel for a name that can't be used and FilFel for what stops the workbook from
    being read or copied; then nothing is written.
    """
    check_filtyp(fil)
    target = ut or suggest_kopianamn(fil)
    _check_filer(fil, target)
    if med_pdf:
        require_libreoffice()
    visa("Läser arbetsboken …")
    content = Paket.open(fil)
    parts, utfall = clean_paket(content, fil, behall_dolda=behall_dolda)
    if inaktuell := describe_inaktuell(Arbetsbok(content, fil)):
        utfall.varningar.append(inaktuell)
    if list_las(fil):
        utfall.varningar.append(KALLAN_OPPEN.format(fil=fil.name))

    def check(written: Path) -> None:
        visa("Granskar kopian …")
        faults = check_kopia(written, med_dolda=behall_dolda)
        if faults:
            raise FilFel(EJ_SOM_LOVAT, brister="; ".join(faults[:5]))

    visa("Skriver kopian …")
    kept = replace_whole(target, parts.write, idag, check)
    pdf, missing = None, False
    if med_pdf:
        visa("Gör en PDF …")
        pdf = target.with_suffix(".pdf")
        try:
            kept_pdf = replace_whole(pdf, lambda new: convert_to_pdf(target, new), idag)
        except FilFel as error:
            utfall.varningar.append(PDF_UTEBLEV.format(fel=error))
            pdf, missing = None, True
        else:
            utfall.varningar += describe_undan(pdf, kept_pdf)
    utfall.varningar += describe_undan(target, kept)
    return Kopia(target, pdf, utfall, missing)


def suggest_kopianamn(fil: Path) -> Path:
    """Return where a copy is written when no name is given."""
    return fil.with_name(f"{fil.stem} (kopia).xlsx")


def to_json_kopia(kopia: Kopia) -> dict[str, Any]:
    """Return the answer as docs/kommandorad.md has it."""
    return {
        "fil": str(kopia.fil),
        "pdf": str(kopia.pdf) if kopia.pdf else None,
        **kopia.utfall.to_json(),
        "varningar": kopia.utfall.varningar,
    }


def format_kopia(kopia: Kopia) -> str:
    """Return the answer as text."""
    pdf = f" PDF: {kopia.pdf}." if kopia.pdf else ""
    return f"Kopian {kopia.fil} är klar att skicka.{pdf}\n{kopia.utfall.format()}"


def _check_filer(fil: Path, target: Path) -> None:
    if target.suffix.lower() != XLSX:
        raise AnvandarFel(EJ_XLSX, fil=target.name)
    check_plats(target)
    if is_samma_fil(target, fil):
        raise AnvandarFel(SAMMA_FIL, fil=fil)
    check_oppen(target)
