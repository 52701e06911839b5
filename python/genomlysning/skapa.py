"""The use cases of the command line: make a new workbook, check the reference cost."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok.plan import EXEMPELKOMMUN
from genomlysning.exempel import EXEMPEL_YEAR, load_exempel, read_exempeltext
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.filskrivning import XLSM, XLSX, describe_undan, replace_whole
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.profil import load_profil
from genomlysning.underlag import Underlag
from genomlysning.underlagsberakning import compute_underlag
from genomlysning.verksamhetskostnad import collect_nyckeltal_ids

if TYPE_CHECKING:
    from genomlysning.bok.plan import Bokplan

#: The day of the blank workbook, unless another is given: it is the same whenever it is built.
#: Set it forward, and build genomlysning.xlsm anew, when its data year should be another.
TOM_BOK_DAG = datetime(2026, 11, 24)

AR_ORIMLIGT = Meddelande(
    "ar-orimligt",
    "Året {year} går inte att använda.",
    "Ange ett år från {forsta} till {sista} med --ar.",
)
EXEMPEL_AR = Meddelande(
    "exempel-har-ett-ar",
    "Exempeldata finns bara för dataåret {year}.",
    "Ta bort --ar, eller ta bort --exempel för att hämta riktiga värden.",
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
    if year not in (None, EXEMPEL_YEAR):
        raise AnvandarFel(EXEMPEL_AR, year=EXEMPEL_YEAR)
    profil = load_profil(namnd)
    ids = {p.id for p in profil.nyckeltal}.union(collect_nyckeltal_ids(profil.verksamheter))
    with Lager.open(":memory:") as lager:
        load_exempel(lager, nu, ids)
        hamtning = Hamtning(lager, None, nu)
        underlag = compute_underlag(hamtning, profil, EXEMPELKOMMUN, EXEMPEL_YEAR)
    return Korning(underlag._replace(exempel=True), 0, underlag.varningar)


def save_bok(korning: Korning, fil: Path) -> Korning:
    """Write a new workbook; whole or not at all. A file that had the name is kept beside it."""
    from genomlysning.bok.plan import plan_bok

    underlag = korning.underlag
    text = read_exempeltext(underlag.profil.id) if underlag.exempel else None
    warnings = korning.varningar + _write_ny(plan_bok(underlag, text), fil, underlag.idag)
    return replace(korning, varningar=warnings, fil=fil)


def build_tom_bok(fil: Path, idag: datetime | None) -> tuple[str, ...]:
    """Write the blank workbook as of `idag`, or of `TOM_BOK_DAG`; return the warnings."""
    from genomlysning.bok.plan import plan_tom_bok

    return _write_ny(plan_tom_bok(idag or TOM_BOK_DAG), fil, (idag or datetime.now()).date())


def _write_ny(plan: "Bokplan", fil: Path, idag: date) -> tuple[str, ...]:
    # Imported here, since XlsxWriter costs more than all else and a failed fetch needs none of it.
    from genomlysning.bok.skriv import write_bok

    makron = None
    if fil.suffix.lower() == XLSM:
        from genomlysning.bok.makron import compose_makron

        makron = compose_makron()
    kept = replace_whole(fil, lambda temporary: write_bok(plan, temporary, makron), idag)
    return tuple(describe_undan(fil, kept))


def format_korning(korning: Korning, gjort: str) -> str:
    """Return the sentence on a workbook that has been written; `gjort` says how (klar …)."""
    found = korning.underlag
    over_tid = f" och {len(found.tidsserier)} över tid" if found.tidsserier else ""
    missing = f", varav {len(found.saknade)} utan värde för året" if found.saknade else ""
    mark = " EXEMPELDATA: kommunen och värdena är påhittade." if found.exempel else ""
    return (
        f"Arbetsboken {korning.fil} är {gjort}: {found.profil.namn}, {found.kommun.namn}, dataår "
        f"{found.year}, {len(found.jamforelser)} jämförda nyckeltal{over_tid}{missing}.{mark}"
    )


def suggest_filnamn(underlag: Underlag) -> Path:
    """Return the file name used when none is given."""
    text = f"genomlysning-{underlag.kommun.namn}-{underlag.profil.id}-{underlag.year}".lower()
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return Path("".join(c if c.isalnum() else "-" for c in plain) + XLSX)
