"""Fetches what the rows of an existing workbook need: common to the command line and the buttons.

First all that the workbook asks for is read and checked, then it is fetched. Nothing is written
here.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from genomlysning.bok.befintlig import Befintlig, read_befintlig
from genomlysning.bok.bladrader import Radval, read_rader, select_verksamheter
from genomlysning.bok.foregaende import read_foregaende
from genomlysning.bok.modell import Bok, format_dag
from genomlysning.bok.plan import EXEMPELKOMMUN
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.profil import OKAND_PROFIL, Profil, load_profil, load_verksamheter
from genomlysning.underlag import Radpost, Underlag
from genomlysning.underlagsberakning import compute_underlag
from genomlysning.urval import KOMMUN_AR_REGION, KOMMUN_OKAND

FEL_I_CELL = Meddelande("bok-fel-i-cell", "{plats}: {fel}", "Inget har ändrats.")
HITTAR_EJ_PROFIL = Meddelande(
    "bok-profil-okand",
    "det finns ingen profil som heter ”{namn}”.",
    "{forslag}Välj i listan, eller lägg den egna profilfilen {fil} bredvid arbetsboken.",
)
ANNAN_PROFIL = Meddelande(
    "bok-annan-profil",
    "De flesta av arbetsbokens nyckeltal hör inte till profilen {profil}.",
    "Raderna är dina och byts inte när profilen gör det. Vill du ha profilens, skapa en ny "
    "arbetsbok.",
)
UTAN_ETT_VARDE = Meddelande(
    "bok-utan-ett-varde",
    "Inget nyckeltal har något värde för {kommun} {year}.",
    "Ändra Dataår på Start. Inget har ändrats.",
)


class Begaran(NamedTuple):
    """What a workbook asks for: its settings and tables, its profile and its rows."""

    found: Befintlig
    profil: Profil
    val: Radval

    @property
    def antagen(self) -> tuple[str, str] | None:
        """The day and the paragraph of the decision, when the workbook has been adopted."""
        settings = self.found.installningar
        if not settings.antagen:
            return None
        day, paragraph = (settings.alla[n].text for n in ("AntagenDatum", "AntagenParagraf"))
        return format_dag(day), paragraph


def read_begaran(bok: Bok, nu: datetime) -> Begaran:
    """Return what a workbook asks for; raises AnvandarFel or FilFel for all that must be mended.

    A profile of one's own is looked for where its path says and beside the workbook.
    """
    last_year = nu.year + 1
    profiler: list[Profil] = []

    def check_profil(namn: str) -> str:
        try:
            profiler.append(_load_profil(namn, bok.mapp))
        except AnvandarFel as error:
            return str(error)
        return ""

    found = read_befintlig(bok, last_year, check_profil)
    if found.installningar.kommun == EXEMPELKOMMUN:
        plats = found.installningar.platser["Kommun"]
        raise AnvandarFel(
            FEL_I_CELL, plats=plats, fel=f"{EXEMPELKOMMUN} är påhittad. Skriv en kommun som finns."
        )
    (profil,) = profiler
    val = read_rader(found, profil, last_year)
    ids = [r.post.id for r in val.rader]
    known = {p.id for p in profil.nyckeltal}
    if ids and known and 2 * sum(i in known for i in ids) < len(ids):
        val.varningar.append(ANNAN_PROFIL.format(profil=profil.namn))
    return Begaran(found, profil, val)


def fetch_begaran(
    begaran: Begaran,
    nu: datetime,
    *,
    hamta_om: bool = False,
    visa: Callable[[str], None] = lambda _: None,
) -> tuple[Underlag, int]:
    """Fetch and compute for the workbook's rows; also return how many requests it took."""
    found, val = begaran.found, begaran.val
    settings = found.installningar
    own = begaran.profil._replace(
        nyckeltal=tuple(r.post for r in val.rader),
        verksamheter=select_verksamheter(found, begaran.profil, load_verksamheter()),
    )
    with Lager.open() as lager:
        kolada = Kolada()
        hamtning = Hamtning(lager, kolada, nu, hamta_om=hamta_om, visa=visa)
        try:
            underlag = compute_underlag(
                hamtning,
                own,
                settings.kommun,
                settings.year,
                toleranser=settings.toleranser,
                rader=[Radpost(r.post, r.year) for r in val.rader],
                fore=read_foregaende(
                    found, val.rader, own.verksamheter, behall=begaran.antagen is not None
                ),
            )
        except AnvandarFel as error:
            if error.meddelande not in (KOMMUN_OKAND, KOMMUN_AR_REGION):
                raise
            plats = settings.platser["Kommun"]
            raise AnvandarFel(FEL_I_CELL, plats=plats, fel=str(error)) from error
    _check_varden(underlag)
    missing = tuple(dict.fromkeys((*underlag.saknade, *val.felaktiga)))
    return underlag._replace(saknade=missing), kolada.anrop


def _check_varden(underlag: Underlag) -> None:
    """Refuse to empty a workbook: a year without a single value is likely a slip of the finger."""
    series = [v for t in underlag.tidsserier for v in t.varden]
    costs = [r.gallande_procent for r in underlag.referensrader]
    values = [*(j.varde for j in underlag.jamforelser), *series, *costs]
    if values and all(v is None for v in values):
        raise AnvandarFel(UTAN_ETT_VARDE, kommun=underlag.kommun.namn, year=underlag.year)


def _is_fil(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than that of any file
        return False


def _load_profil(namn: str, mapp: Path | None) -> Profil:
    """Load the profile that Start names: one that comes with the program, or a file."""
    file = namn if namn.lower().endswith(".toml") else f"{namn}.toml"
    try:
        return load_profil(str(mapp / file) if mapp and _is_fil(mapp / file) else namn)
    except AnvandarFel as error:
        if error.meddelande is not OKAND_PROFIL:
            raise
        forslag = error.falt["forslag"]
        raise AnvandarFel(HITTAR_EJ_PROFIL, namn=namn, fil=file, forslag=forslag) from error
