"""The use cases of the command line: make a new workbook, check the reference cost."""

import os
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from genomlysning.exempel import EXEMPEL_YEAR, EXEMPELKOMMUN, load_exempel, read_exempeltext
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.profil import Profil, load_profil
from genomlysning.underlag import Underlag, compute_underlag

#: Years that Kolada can have figures for.
FORSTA_AR = 1998

AR_ORIMLIGT = Meddelande(
    "ar-orimligt",
    "Året {year} går inte att använda.",
    "Ange ett år från {forsta} till {sista} med --ar.",
)
EJ_XLSX = Meddelande(
    "fil-ej-xlsx",
    "Arbetsboken kan bara skrivas som .xlsx, inte ”{fil}”.",
    "Ange ett filnamn som slutar på .xlsx med --ut.",
)
MAPP_SAKNAS = Meddelande(
    "fil-mapp-saknas",
    "Mappen {mapp} finns inte.",
    "Skapa den först, eller välj en annan med --ut.",
)
KAN_INTE_SKRIVA = Meddelande(
    "fil-kan-inte-skrivas",
    "Filen {fil} kunde inte skrivas ({orsak}).",
    "Stäng den om den är öppen i Excel, kontrollera att du får skriva i mappen och att disken inte "
    "är full. Ingen fil har ändrats.",
)
SPARAD_UNDAN = Meddelande(
    "fil-sparad-undan",
    "Det fanns redan en fil med namnet {fil}. Den är sparad som {undan}.",
)


@dataclass(frozen=True, slots=True)
class Korning:
    """What a run found, how many requests it made and what the user should know."""

    underlag: Underlag
    anrop: int
    varningar: tuple[str, ...]
    fil: Path | None = None


def collect_underlag(
    kommun: str,
    namnd: str,
    year: int | None,
    nu: datetime,
    *,
    hamta_om: bool = False,
    med_jamforelser: bool = True,
    visa: Callable[[str], None] = lambda _: None,
) -> Korning:
    """Fetch and compute for a municipality and a committee (profile id, name or file)."""
    if year is not None and not FORSTA_AR <= year <= nu.year + 1:
        raise AnvandarFel(AR_ORIMLIGT, year=year, forsta=FORSTA_AR, sista=nu.year + 1)
    profil = load_profil(namnd)
    with Lager.open() as lager:
        kolada = Kolada()
        hamtning = Hamtning(lager, kolada, nu, hamta_om=hamta_om, visa=visa)
        underlag = compute_underlag(hamtning, profil, kommun, year, med_jamforelser=med_jamforelser)
    return Korning(underlag, kolada.anrop, underlag.varningar)


def collect_exempel(namnd: str, year: int | None, nu: datetime) -> Korning:
    """Compute the embedded example, without network and without touching the user's store."""
    profil: Profil = load_profil(namnd)
    with Lager.open(":memory:") as lager:
        load_exempel(lager, nu)
        underlag = compute_underlag(
            Hamtning(lager, None, nu), profil, EXEMPELKOMMUN, year or EXEMPEL_YEAR
        )
    return Korning(replace(underlag, exempel=True), 0, underlag.varningar)


def check_utfil(fil: Path) -> None:
    """Refuse a file name that can't become a workbook, before anything is fetched."""
    if fil.suffix.lower() != ".xlsx":
        raise AnvandarFel(EJ_XLSX, fil=fil.name)
    if not fil.absolute().parent.is_dir():
        raise FilFel(MAPP_SAKNAS, mapp=fil.absolute().parent)
    if fil.is_dir():
        raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak="det är en mapp")


def save_bok(korning: Korning, fil: Path) -> Korning:
    """Write a new workbook; whole or not at all.

    A file that already had the name is kept beside the new one under a name of its own.
    """
    # Imported here, since XlsxWriter costs more than all else and a failed fetch needs none of it.
    from genomlysning.bok.plan import plan_bok
    from genomlysning.bok.skriv import write_bok

    underlag = korning.underlag
    text = read_exempeltext(underlag.profil.id) if underlag.exempel else None
    plan = plan_bok(underlag, text)
    with _replace_whole(fil, underlag.nu) as (temporary, kept):
        write_bok(plan, temporary)
    warnings = korning.varningar
    if kept:
        warnings += (SPARAD_UNDAN.format(fil=fil.name, undan=kept[0].name),)
    return replace(korning, varningar=warnings, fil=fil)


def suggest_filnamn(underlag: Underlag) -> Path:
    """Return the file name used when none is given."""
    text = f"genomlysning-{underlag.kommun.namn}-{underlag.profil.id}-{underlag.year}".lower()
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return Path("".join(c if c.isalnum() else "-" for c in plain) + ".xlsx")


@contextmanager
def _replace_whole(fil: Path, nu: datetime) -> Iterator[tuple[Path, list[Path]]]:
    """Give a temporary file beside `fil` that takes its place when the block ends well."""
    temporary = fil.with_name(f".{fil.stem}-{os.getpid()}.tmp")
    kept: list[Path] = []
    try:
        try:
            yield temporary, kept
            if fil.exists():
                kept.append(_free_name(fil, nu))
                shutil.copy2(fil, kept[0])
            try:
                os.replace(temporary, fil)
            except OSError:
                for copy in kept:
                    copy.unlink()
                raise
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak=error.strerror or error) from error


def _free_name(fil: Path, nu: datetime) -> Path:
    """Return a name for the former file that no other file has."""
    n = 1
    while True:
        number = "" if n == 1 else f" {n}"
        name = fil.with_name(f"{fil.stem} (tidigare {nu.date().isoformat()}{number}){fil.suffix}")
        if not name.exists():
            return name
        n += 1
