"""The use case `sammanstall`: one workbook for the municipality from all committees' workbooks."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import (
    XLSX,
    check_oppen,
    check_plats,
    describe_undan,
    is_samma_fil,
    replace_all,
    replace_whole,
)
from genomlysning.sammanstallning.filval import list_filer
from genomlysning.sammanstallning.namndbok import Avvisad, Namndbok
from genomlysning.skrapsamling import pause_skrapsamling
from genomlysning.svenska import join_nagra, uppraknat

if TYPE_CHECKING:
    from genomlysning.sammanstallning.sammanforing import Sammanstallning

_PAKET = ("pandas", "python_calamine")

TILLAGG_SAKNAS = Meddelande(
    "sammanstall-tillagg-saknas",
    "Det som behövs för att sammanställa saknas på datorn ({paket}).",
    "Lägg till det i mappen som du hämtade hem, med samma Python som programmet har: "
    'python -m pip install ".[sammanstallning]".',
)
ANGE_UT = Meddelande(
    "sammanstall-ange-ut",
    "Sammanställningen saknar namn.",
    "Ange med --ut ett filnamn som slutar på .xlsx.",
)
EJ_XLSX = Meddelande(
    "sammanstall-ej-xlsx",
    "Sammanställningen kan bara sparas som .xlsx, inte ”{fil}”.",
    "Ange ett filnamn som slutar på .xlsx med --ut.",
)
HOPPAR_OVER = Meddelande(
    "sammanstall-hoppar-over",
    "Filer i mappen som är tidigare versioner eller egna sammanställningar är inte lästa: {filer}.",
)
INGEN_GICK = Meddelande(
    "sammanstall-ingen-gick",
    "Ingen av filerna gick att sammanställa, så inget är skrivet.\n{lista}",
)
BLANDAD_EXEMPEL = Meddelande(
    "sammanstall-blandad-exempel",
    "{fil} är fylld med påhittade exempeldata, som inte blandas med riktiga värden.",
    "Ta bort den ur urvalet.",
)
OFULLSTANDIG = Meddelande(
    "sammanstall-ofullstandig",
    "SAMMANSTÄLLNINGEN ÄR OFULLSTÄNDIG: {antal} är inte med.\n{lista}",
)
RAPPORT_KRAVS = Meddelande(
    "sammanstall-rapport-kravs",
    "{vaxel} gäller rapporten, som inte är beställd.",
    "Lägg till --rapport.",
)
RAPPORT_AR_ANNAN = Meddelande(
    "sammanstall-rapport-ar-annan",
    "Rapporten kan inte skrivas över {fil}, som är en annan av filerna.",
    "Ange ett annat filnamn med --rapport.",
)


@dataclass(frozen=True, slots=True)
class Rapportval:
    """How the report is wanted: `fil` is None for one beside the workbook, with its name."""

    fil: Path | None = None
    mall: Path | None = None
    med_pdf: bool = False


@dataclass(frozen=True, slots=True)
class Utfall:
    """What was written, of what, and what could not be taken in.

    `rapport` and `pdf` are None when none was asked for, `pdf` also when none could be made.
    """

    fil: Path
    namnder: tuple[Namndbok, ...]
    avvisade: tuple[Avvisad, ...]
    varningar: tuple[str, ...]
    exempel: bool
    rapport: Path | None = None
    pdf: Path | None = None
    pdf_uteblev: bool = False


@pause_skrapsamling()
def make_sammanstallning(
    kallor: Sequence[Path],
    ut: Path | None,
    nu: datetime,
    visa: Callable[[str], None] = lambda _: None,
    rapport: Rapportval | None = None,
) -> Utfall:
    """Read every workbook in `kallor`, files and folders, and write `ut`, and a report if wanted.

    A file that can't be read is named with the reason and the rest goes on. Raises AnvandarFel
    for wrong usage or what is not installed, FilFel when nothing could be read or written. The
    workbook and the report are both written, or neither.
    """
    missing = [p.replace("_", "-") for p in _PAKET if find_spec(p) is None]
    if missing:
        raise AnvandarFel(TILLAGG_SAKNAS, paket=", ".join(missing))
    if ut is None:
        raise AnvandarFel(ANGE_UT)
    if ut.suffix.lower() != XLSX:
        raise AnvandarFel(EJ_XLSX, fil=ut.name)
    check_plats(ut)
    check_oppen(ut)
    val = list_filer(kallor, ut)
    filer = val.filer
    document = _check_rapport(rapport, ut, filer) if rapport else None
    from genomlysning.sammanstallning.arbetare import read_filer

    visa(f"Läser {uppraknat(len(filer), 'fil', 'filer')} …")
    # Meanwhile, since loading pandas takes as long as reading fifty files.
    threading.Thread(target=_load_sammanforing, daemon=True).start()
    answers = read_filer(filer, visa)
    books = [a for a in answers if isinstance(a, Namndbok)]
    refused = [*val.avvisade, *(a for a in answers if isinstance(a, Avvisad))]
    # Our own results lie in the folder the next time; one that is named is refused.
    named = {os.path.realpath(k) for k in kallor}
    ours = [
        a
        for fil, a in zip(filer, answers, strict=True)
        if isinstance(a, Avvisad) and a.sammanstalld and os.path.realpath(fil) not in named
    ]
    refused = [a for a in refused if a not in ours]
    skipped = [*val.tidigare, *(a.fil for a in ours)]
    if any(not b.exempel for b in books):
        refused += [Avvisad(b.fil, BLANDAD_EXEMPEL.format(fil=b.fil)) for b in books if b.exempel]
        books = [b for b in books if not b.exempel]
    if not books:
        raise FilFel(INGEN_GICK, lista=_list_avvisade([*refused, *ours]))
    visa("Sammanställer …")
    from genomlysning.sammanstallning.sammanforing import join_bocker
    from genomlysning.sammanstallning.skriv import write_sammanstallning

    joined = join_bocker(books, refused, nu.date())
    told = list(val.varningar)
    if skipped:
        told.append(HOPPAR_OVER.format(filer=join_nagra(skipped, 5)))
    joined = replace(joined, varningar=(*joined.varningar, *told))

    def write_bok(new: Path) -> None:
        visa("Skriver arbetsboken …")
        write_sammanstallning(joined, new, nu)

    if rapport and document:
        return _write_med_rapport(joined, (ut, write_bok), rapport, document, nu, visa)
    kept = replace_whole(ut, write_bok, nu.date())
    warnings = (*joined.varningar, *describe_undan(ut, kept))
    return Utfall(ut, joined.bocker, joined.avvisade, warnings, joined.exempel)


def _write_med_rapport(
    joined: "Sammanstallning",
    bok: tuple[Path, Callable[[Path], None]],
    rapport: Rapportval,
    document: Path,
    nu: datetime,
    visa: Callable[[str], None],
) -> Utfall:
    """Write the workbook, by its name and how, and the report, or neither; then the PDF."""
    from genomlysning.rapportskrivning import Rapportskrivning
    from genomlysning.sammanstallning.kommunrapport import compose_kommunrapport

    ut = bok[0]
    work = Rapportskrivning(compose_kommunrapport(joined, ut.name), nu, rapport.mall)

    def write_rapport(new: Path) -> None:
        visa("Skriver rapporten …")
        work.write(new)

    # The report first: a template that can't be used is found sooner so.
    kept = replace_all([(document, write_rapport), bok], nu.date())
    told = [*work.warn(), *describe_undan(document, kept[0]), *describe_undan(ut, kept[1])]
    pdf = None
    if rapport.med_pdf:
        visa("Gör en PDF …")
        pdf, more = work.save_pdf(document.with_suffix(".pdf"))
        told += more
    return Utfall(
        fil=ut,
        namnder=joined.bocker,
        avvisade=joined.avvisade,
        varningar=(*joined.varningar, *told),
        exempel=joined.exempel,
        rapport=document,
        pdf=pdf,
        pdf_uteblev=rapport.med_pdf and pdf is None,
    )


def _check_rapport(rapport: Rapportval, ut: Path, filer: Sequence[Path]) -> Path:
    """Return where the report is to be written; refuse what it can't be or would write over."""
    # Only a report needs what reads and writes Word documents.
    from genomlysning.pdf import require_libreoffice
    from genomlysning.rapport.word import check_hel_mall
    from genomlysning.rapportskrivning import DOCX, check_rapportfil

    document = rapport.fil or ut.with_suffix(DOCX)
    check_rapportfil(document, rapport.mall, "--rapport")
    check_oppen(document)
    for fil in (ut, *filer):
        if is_samma_fil(document, fil):
            raise AnvandarFel(RAPPORT_AR_ANNAN, fil=fil)
    if rapport.mall:
        check_hel_mall(rapport.mall)
    if rapport.med_pdf:
        require_libreoffice()
    return document


def _load_sammanforing() -> None:
    with suppress(Exception):  # met again, and told, by who needs it
        import genomlysning.sammanstallning.skriv  # noqa: F401


def to_json_sammanstall(utfall: Utfall) -> dict[str, Any]:
    """Return the answer as docs/kommandorad.md has it."""
    return {
        "fil": str(utfall.fil),
        "namnder": [
            {"fil": b.fil, "namnd": b.namnd, "kommun": b.kommun, "ar": b.year}
            for b in utfall.namnder
        ],
        "avvisade": [{"fil": a.fil, "skal": a.skal} for a in utfall.avvisade],
        "varningar": list(utfall.varningar),
        "rapport": str(utfall.rapport) if utfall.rapport else None,
        "pdf": str(utfall.pdf) if utfall.pdf else None,
    }


def format_utfall(utfall: Utfall) -> str:
    """Return the answer as text."""
    mark = " EXEMPELDATA: kommunen och värdena är påhittade." if utfall.exempel else ""
    count = uppraknat(len(utfall.namnder), "arbetsbok", "arbetsböcker")
    how = "OFULLSTÄNDIG" if utfall.avvisade else "klar"
    extra = f" Rapport: {utfall.rapport}." if utfall.rapport else ""
    extra += f" PDF: {utfall.pdf}." if utfall.pdf else ""
    return f"Sammanställningen {utfall.fil} är {how}: {count}.{extra}{mark}"


def describe_avvisade(utfall: Utfall) -> str:
    """Say loudly what is not in the result; empty when all is."""
    if not utfall.avvisade:
        return ""
    count = uppraknat(len(utfall.avvisade), "fil", "filer")
    return OFULLSTANDIG.format(antal=count, lista=_list_avvisade(utfall.avvisade))


def _list_avvisade(avvisade: Sequence[Avvisad]) -> str:
    return "\n".join(f"– {a.skal}" for a in avvisade)
