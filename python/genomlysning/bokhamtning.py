"""Fetches what the rows of an existing workbook need: common to the command line and the buttons.

First all that the workbook asks for is read and checked, then it is fetched. Nothing is written
here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from genomlysning.bok.befintlig import Befintlig, read_befintlig
from genomlysning.bok.bladrader import Radval, read_rader, select_verksamheter
from genomlysning.bok.modell import Bok, format_dag
from genomlysning.bok.plan import EXEMPELKOMMUN
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.profil import OKAND_PROFIL, Profil, load_profil, load_verksamheter
from genomlysning.underlag import Underlag, compute_underlag
from genomlysning.urval import KOMMUN_AR_REGION, KOMMUN_OKAND

FEL_I_CELL = Meddelande("bok-fel-i-cell", "{plats}: {fel}", "Inget har ändrats.")
HITTAR_EJ_PROFIL = Meddelande(
    "bok-profil-okand",
    "{plats}: det finns ingen profil som heter ”{namn}”.",
    "Skriv profilens id, eller lägg den egna profilfilen {fil} bredvid arbetsboken. "
    "Inget har ändrats.",
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
    found = read_befintlig(bok, last_year)
    if found.installningar.kommun == EXEMPELKOMMUN:
        plats = found.installningar.platser["Kommun"]
        raise AnvandarFel(
            FEL_I_CELL, plats=plats, fel=f"{EXEMPELKOMMUN} är påhittad. Skriv en kommun som finns."
        )
    profil = _find_profil(found)
    return Begaran(found, profil, read_rader(found, profil, last_year))


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
        nyckeltal=tuple(r.rad.post for r in val.rader),
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
                rader=[r.rad for r in val.rader],
            )
        except AnvandarFel as error:
            if error.meddelande not in (KOMMUN_OKAND, KOMMUN_AR_REGION):
                raise
            plats = settings.platser["Kommun"]
            raise AnvandarFel(FEL_I_CELL, plats=plats, fel=str(error)) from error
    missing = tuple(dict.fromkeys((*underlag.saknade, *val.felaktiga)))
    return underlag._replace(saknade=missing), kolada.anrop


def _find_profil(found: Befintlig) -> Profil:
    """Load the profile that Start names: one that comes with the program, or a file."""
    namn = found.installningar.profil
    plats = found.installningar.platser["Profil"]
    file = namn if namn.lower().endswith(".toml") else f"{namn}.toml"
    beside = found.bok.mapp / file if found.bok.mapp else None
    try:
        if beside is not None and beside.is_file():
            return load_profil(str(beside))
        return load_profil(namn)
    except AnvandarFel as error:
        if error.meddelande is OKAND_PROFIL:
            raise AnvandarFel(HITTAR_EJ_PROFIL, plats=plats, namn=namn, fil=file) from error
        raise AnvandarFel(FEL_I_CELL, plats=plats, fel=str(error)) from error
