"""The use case `uppdatera`: fetch anew and change an existing workbook in place.

Nothing is written until everything has been fetched, the new file has been made whole beside the
old one, and has been read back.
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from genomlysning.bok.lasning import open_namndbok
from genomlysning.bok.paket import check_filtyp
from genomlysning.bokhamtning import fetch_begaran, read_begaran
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.filskrivning import check_oppen, check_plats, replace_whole
from genomlysning.skapa import Korning

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
    target = check_filer(fil, ut)
    bok = open_namndbok(fil)
    if not any(True for sheet in bok.blad for _ in sheet.formler()):
        raise FilFel(BARA_VARDEN, fil=fil)
    begaran = read_begaran(bok, nu)
    if begaran.antagen and not aven_antagen:
        datum, paragraf = begaran.antagen
        raise AnvandarFel(ANTAGEN, fil=fil, datum=datum, paragraf=paragraf)
    underlag, calls = fetch_begaran(begaran, nu, hamta_om=hamta_om, visa=visa)
    visa("Skriver arbetsboken …")

    # Imported here, since XlsxWriter costs more than all else and a failed fetch needs none of it.
    from genomlysning.bok.uppdatering import check_skrivet, update_bok

    done = update_bok(bok, begaran.found, begaran.val, underlag)
    warnings = (*underlag.varningar, *begaran.val.varningar, *done.varningar)

    def check(written: Path) -> None:
        wrong = check_skrivet(done.lappning, written)
        if wrong is not None:
            raise FilFel(EJ_SOM_TANKT, plats=wrong, fil=fil)
        check_oppen(target)
        if fil.read_bytes() != bok.paket.original:
            raise FilFel(ANDRAD_UNDER_TIDEN, fil=fil)

    kept = replace_whole(target, bok.paket.write, underlag.idag, check)
    if kept:
        warnings += (SAKERHETSKOPIA.format(fil=target.name, undan=kept.name),)
    return Korning(underlag, calls, warnings, ut or fil)


def check_filer(fil: Path, ut: Path | None) -> Path:
    """Return the file to write; refuse what can't be read or written before anything is fetched."""
    check_filtyp(fil)
    target = Path(os.path.realpath(ut or fil))  # a link stays a link
    if ut is not None:
        if ut.suffix.lower() != fil.suffix.lower():
            raise AnvandarFel(FEL_UTFIL, ut=ut, fil=fil, typ=fil.suffix.lower())
        check_plats(target)
    # Whoever has the file open has changes in it that are not saved yet.
    for one in (fil, target):
        check_oppen(one)
    with suppress(OSError):  # it is not there, or that is told when it is read
        if not target.stat().st_mode & stat.S_IWUSR:
            raise FilFel(SKRIVSKYDDAD, fil=ut or fil)
    return target
