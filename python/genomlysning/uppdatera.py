"""The use case `uppdatera`: fetch anew and change an existing workbook in place.

Nothing is written until everything has been fetched, the new file has been made whole beside the
old one, and has been read back.
"""

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from genomlysning.bok.befintlig import Befintlig, read_befintlig
from genomlysning.bok.bladrader import Radval, read_rader, select_verksamheter
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.paket import FEL_FILTYP, Paket
from genomlysning.exempel import EXEMPELKOMMUN
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import (
    KAN_INTE_SKRIVA,
    MAPP_SAKNAS,
    check_oppen,
    replace_whole,
)
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.profil import OKAND_PROFIL, Profil, load_profil, load_verksamheter
from genomlysning.skapa import Korning
from genomlysning.underlag import Underlag, compute_underlag
from genomlysning.urval import KOMMUN_AR_REGION, KOMMUN_OKAND

FILTYPER = (".xlsx", ".xlsm")

SKRIVSKYDDAD = Meddelande(
    "bok-skrivskyddad",
    "Filen {fil} är skrivskyddad.",
    "Ta bort skrivskyddet i filens egenskaper, eller skriv till en ny fil med --ut.",
)
BARA_VARDEN = Meddelande(
    "uppdatera-bara-varden",
    "Filen {fil} har bara värden och inga formler: den är en kopia för utskick, eller ingen "
    "genomlysning.",
    "Uppdatera arbetsboken som kopian gjordes av.",
)
FEL_UTFIL = Meddelande(
    "uppdatera-fel-utfil",
    "Den nya filen {ut} måste vara av samma typ som {fil}.",
    "Ange ett filnamn som slutar på {typ} med --ut.",
)
ANTAGEN = Meddelande(
    "bok-antagen",
    "Genomlysningen i {fil} är antagen ({datum}, {paragraf}), så dess siffror ändras inte utan "
    "vidare.",
    "Ska de ändå hämtas på nytt, lägg till --aven-antagen, helst med --ut NY FIL så att den "
    "antagna finns kvar.",
)
FEL_I_CELL = Meddelande("bok-fel-i-cell", "{plats}: {fel}", "Inget har ändrats.")
HITTAR_EJ_PROFIL = Meddelande(
    "bok-profil-okand",
    "{plats}: det finns ingen profil som heter ”{namn}”.",
    "Skriv profilens id, eller lägg den egna profilfilen {fil} bredvid arbetsboken. "
    "Inget har ändrats.",
)
ANDRAD_UNDER_TIDEN = Meddelande(
    "bok-andrad-under-tiden",
    "Filen {fil} ändrades av någon annan medan värdena hämtades.",
    "Kör igen. Inget har ändrats.",
)
SAKERHETSKOPIA = Meddelande(
    "bok-sakerhetskopia", "{fil} som den var före uppdateringen är sparad som {undan}."
)
EJ_SOM_TANKT = Meddelande(
    "bok-ej-som-tankt",
    "Den nya filen blev inte som den skulle vid {plats}.",
    "Filen {fil} är som den var. Anmäl felet och bifoga filen om du kan.",
)


def update_fil(
    fil: Path,
    ut: Path | None,
    nu: datetime,
    *,
    hamta_om: bool = False,
    aven_antagen: bool = False,
    visa: Callable[[str], None] = lambda _: None,
) -> Korning:
    """Fetch what the workbook's own rows need and write it there, or to `ut`.

    Raises AnvandarFel for settings to correct, KoladaFel when Kolada does not answer and FilFel
    for what stops the file from being read or changed; then the file is as it was.
    """
    target = _check_filer(fil, ut)
    content = Paket.open(fil)
    last_year = nu.year + 1
    bok = Arbetsbok(content, fil)
    if not any(True for sheet in bok.blad for _ in sheet.formler()):
        raise FilFel(BARA_VARDEN, fil=fil)
    found = read_befintlig(bok, last_year)
    settings = found.installningar
    if settings.antagen and not aven_antagen:
        datum, paragraf = (settings.alla[n].text for n in ("AntagenDatum", "AntagenParagraf"))
        raise AnvandarFel(ANTAGEN, fil=fil, datum=_as_day(datum), paragraf=paragraf)
    if settings.kommun == EXEMPELKOMMUN:
        plats = settings.platser["Kommun"]
        raise AnvandarFel(
            FEL_I_CELL, plats=plats, fel=f"{EXEMPELKOMMUN} är påhittad. Skriv en kommun som finns."
        )
    profil = _find_profil(found, fil)
    val = read_rader(found, profil, last_year)
    underlag, calls = _fetch(found, val, profil, nu, hamta_om=hamta_om, visa=visa)
    visa("Skriver arbetsboken …")

    # Imported here, since XlsxWriter costs more than all else and a failed fetch needs none of it.
    from genomlysning.bok.uppdatering import check_skrivet, update_bok

    done = update_bok(found, val, underlag)
    warnings = (*underlag.varningar, *val.varningar, *done.varningar)

    def check(written: Path) -> None:
        wrong = check_skrivet(done.lappning, written)
        if wrong is not None:
            raise FilFel(EJ_SOM_TANKT, plats=wrong, fil=fil)
        check_oppen(target)
        if fil.read_bytes() != content.original:
            raise FilFel(ANDRAD_UNDER_TIDEN, fil=fil)

    kept = replace_whole(target, content.write, underlag.idag, check)
    if kept:
        warnings += (SAKERHETSKOPIA.format(fil=target.name, undan=kept.name),)
    return Korning(underlag, calls, warnings, ut or fil)


def _check_filer(fil: Path, ut: Path | None) -> Path:
    """Return the file to write; refuse what can't be read or written before anything is fetched."""
    if fil.suffix.lower() not in FILTYPER:
        raise FilFel(FEL_FILTYP, fil=fil)
    target = (ut or fil).resolve()  # a link stays a link
    if ut is not None and ut.suffix.lower() != fil.suffix.lower():
        raise AnvandarFel(FEL_UTFIL, ut=ut, fil=fil, typ=fil.suffix.lower())
    if not target.parent.is_dir():
        raise FilFel(MAPP_SAKNAS, mapp=target.parent)
    if ut is not None and target.is_dir():
        raise FilFel(KAN_INTE_SKRIVA, fil=ut, orsak="det är en mapp")
    # Whoever has the file open has changes in it that are not saved yet.
    for one in (fil, target):
        check_oppen(one)
    if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
        raise FilFel(SKRIVSKYDDAD, fil=ut or fil)
    return target


def _as_day(text: str) -> str:
    """Return a date for a message; a cell has it as a number of days."""
    try:
        return (date(1899, 12, 30) + timedelta(days=int(float(text)))).isoformat()
    except (ValueError, OverflowError):
        return text


def _find_profil(found: Befintlig, fil: Path) -> Profil:
    """Load the profile that Start names: one that comes with the program, or a file.

    A file of one's own is looked for where its path says and beside the workbook.
    """
    namn = found.installningar.profil
    plats = found.installningar.platser["Profil"]
    file = namn if namn.lower().endswith(".toml") else f"{namn}.toml"
    beside = fil.resolve().parent / file
    try:
        if beside.is_file():
            return load_profil(str(beside))
        return load_profil(namn)
    except AnvandarFel as error:
        if error.meddelande is OKAND_PROFIL:
            raise AnvandarFel(HITTAR_EJ_PROFIL, plats=plats, namn=namn, fil=file) from error
        raise AnvandarFel(FEL_I_CELL, plats=plats, fel=str(error)) from error


def _fetch(
    found: Befintlig,
    val: Radval,
    profil: Profil,
    nu: datetime,
    *,
    hamta_om: bool,
    visa: Callable[[str], None],
) -> tuple[Underlag, int]:
    """Fetch and compute for the workbook's rows; also return how many requests it took."""
    settings = found.installningar
    own = replace(
        profil,
        nyckeltal=tuple(r.rad.post for r in val.rader),
        verksamheter=select_verksamheter(found, profil, load_verksamheter()),
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
    return replace(underlag, saknade=missing), kolada.anrop
