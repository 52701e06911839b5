"""The command line: translates arguments, errors and outcomes, and calls one use case each."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genomlysning import __version__
from genomlysning.fel import (
    AVBRUTET,
    AVBRUTET_STATUS,
    AnvandarFel,
    FilFel,
    GenomlysningFel,
    Meddelande,
    describe_systemfel,
)
from genomlysning.klocka import FORSTA_DAG, SISTA_DAG, read_nu
from genomlysning.svensk_typer import (
    FLAGGA,
    RAPPORT,
    Grupp,
    Kommando,
    Rapportkommando,
    translate_error,
)
from genomlysning.terminal import fold_names, prefer_utf8

if TYPE_CHECKING:
    from genomlysning.skapa import Korning

ANGE_KOMMUN = Meddelande(
    "ange-kommun",
    "Kommun saknas.",
    "Ange den med --kommun NAMN eller KOD, till exempel --kommun Alingsås.",
)
ANGE_NAMND = Meddelande(
    "ange-namnd",
    "Nämnd saknas.",
    "Ange den med --namnd. Välj bland {profiler}, eller ge en egen profilfil (.toml).",
)
ANGE_PROFIL = Meddelande(
    "ange-profil",
    "Det framgår inte vilken profil det gäller.",
    "Skriv genomlysning profil FIL för att kontrollera en profilfil, eller genomlysning profil "
    "--ny --ut FIL för att börja på en ny.",
)
NY_MED_FIL = Meddelande(
    "ny-profil-med-fil",
    "Med --ny anges filen med --ut.",
    "Skriv genomlysning profil --ny --ut {fil}.",
)
ANGE_BOK = Meddelande(
    "ange-bok",
    "Arbetsbok saknas.",
    "Ange vilken fil som ska uppdateras: genomlysning uppdatera FIL.",
)
ANGE_RAPPORTENS_BOK = Meddelande(
    "ange-rapportens-bok",
    "Arbetsbok saknas.",
    "Ange vilken fil rapporten ska göras av: genomlysning rapport FIL.",
)
ANGE_KALLA = Meddelande(
    "ange-kalla",
    "Arbetsbok saknas.",
    "Ange vilken fil som ska kopieras: genomlysning kopia FIL.",
)
ANGE_FORRA = Meddelande(
    "ange-forra-arets-bok",
    "Arbetsbok saknas.",
    "Ange vilken fil nästa års arbetsbok ska göras av: genomlysning nytt-ar FIL --ut NY.",
)
SYSTEMFEL = Meddelande(
    "systemfel",
    "{vad} går inte att nå ({orsak}).",
    "Kontrollera namnet, att du får läsa och skriva där, och att disken eller nätverket svarar.",
)
EJ_ETT_AR = Meddelande(
    "ar-ej-tal", "”{text}” är inget årtal.", "Skriv fyra siffror, till exempel --ar 2024."
)
EJ_ETT_DATUM = Meddelande(
    "datum-ogiltigt",
    "”{text}” är inget datum som går att använda.",
    "Skriv ÅÅÅÅ-MM-DD, till exempel 2026-09-30, från 1998 till 2100.",
)
KOMMUN_MED_EXEMPEL = Meddelande(
    "exempel-har-egen-kommun",
    "Exempeldata finns bara för den påhittade kommunen Exempelkommun.",
    "Ta bort --kommun, eller ta bort --exempel för att hämta riktiga värden.",
)
EJ_UTSKRIVET = Meddelande(
    "svar-ej-utskrivet",
    "Det som skulle göras är gjort, men svaret kunde inte skrivas ut.",
    "Kontrollera att det som svaret skrivs till tar emot det och att disken inte är full.",
)
#: The committee of the example, if none is given.
EXEMPELNAMND = "barn-och-ungdomsnamnden"


app = typer.Typer(
    name="genomlysning",
    cls=Grupp,
    add_completion=False,
    options_metavar="[VÄXLAR]",
    subcommand_metavar="KOMMANDO [VÄXLAR]",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Gör en nämnds genomlysning: jämförelser från Kolada och kontroll mot referenskostnaden.",
    epilog="Källa för värdena: Kolada.",
)

Kommunval = Annotated[
    str | None, typer.Option("--kommun", metavar="NAMN|KOD", help="Kommunens namn eller kod.")
]
Namndval = Annotated[
    str | None,
    typer.Option("--namnd", metavar="PROFIL|FIL", help="Nämndens profil, eller en egen .toml-fil."),
]
Arval = Annotated[
    str | None,
    typer.Option(
        "--ar", metavar="ÅR", help="Dataår. Utelämnat: senaste år där de flesta värden är slutliga."
    ),
]
Idagval = Annotated[
    str | None,
    typer.Option("--idag", metavar="ÅÅÅÅ-MM-DD", help="Räkna som om det vore den här dagen."),
]
HamtaOm = Annotated[
    bool,
    typer.Option(
        "--hamta-om", metavar=FLAGGA, help="Hämta allt på nytt, även det som redan är färskt."
    ),
]
Mallval = Annotated[
    Path | None,
    typer.Option("--mall", metavar="MALL", help="Kommunens egen Wordmall (.docx)."),
]
Pdfval = Annotated[
    bool, typer.Option("--pdf", metavar=FLAGGA, help="Gör även en PDF, med LibreOffice.")
]
Jsonval = Annotated[bool, typer.Option("--json", metavar=FLAGGA, help="Skriv resultatet som JSON.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"genomlysning {__version__}")
        raise typer.Exit


@app.callback()
def _all(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar=FLAGGA,
            help="Visa versionen.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    pass


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def skapa(
    kommun: Kommunval = None,
    namnd: Namndval = None,
    ar: Arval = None,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="FIL", help="Arbetsboken: .xlsx, eller .xlsm med knappar."),
    ] = None,
    exempel: Annotated[
        bool,
        typer.Option("--exempel", metavar=FLAGGA, help="Fyll med påhittade exempeldata, utan nät."),
    ] = False,
    hamta_om: HamtaOm = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Skapa en ny arbetsbok för en nämnd, fylld med värden från Kolada."""
    from genomlysning.filskrivning import check_utfil
    from genomlysning.skapa import collect_exempel, collect_underlag, save_bok, suggest_filnamn

    nu, year = _parse_nu(idag), _parse_year(ar)
    if ut is not None:
        check_utfil(ut)
    with _progress() as visa:
        if exempel:
            if kommun is not None:
                raise AnvandarFel(KOMMUN_MED_EXEMPEL)
            korning = collect_exempel(namnd or EXEMPELNAMND, year, nu)
        else:
            korning = collect_underlag(
                *_require(kommun, namnd), year, nu, hamta_om=hamta_om, visa=visa
            )
        visa("Skriver arbetsboken …")
        korning = save_bok(korning, ut or suggest_filnamn(korning.underlag))
    _show_bok(korning, "klar", som_json)
    if year is None and not exempel and not som_json:
        _say(
            f"Dataåret är det nyaste med värden för nämnden. Ange --ar {korning.underlag.year} för "
            "kommunens andra nämnder, så gäller deras arbetsböcker samma år."
        )


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def uppdatera(
    fil: Annotated[
        Path | None,
        typer.Argument(metavar="FIL", help="Arbetsboken (.xlsx eller .xlsm) som skapa har gjort."),
    ] = None,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="NY", help="Skriv till en ny fil och låt den gamla vara."),
    ] = None,
    aven_antagen: Annotated[
        bool,
        typer.Option(
            "--aven-antagen",
            metavar=FLAGGA,
            help="Ändra siffrorna även om nämnden har antagit genomlysningen.",
        ),
    ] = False,
    hamta_om: HamtaOm = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Hämta värdena på nytt till en arbetsbok som redan finns."""
    from genomlysning.uppdatera import update_fil

    nu = _parse_nu(idag)
    if fil is None:
        raise AnvandarFel(ANGE_BOK)
    with _progress() as visa:
        korning = update_fil(fil, ut, nu, hamta_om=hamta_om, aven_antagen=aven_antagen, visa=visa)
    _show_bok(korning, "uppdaterad", som_json)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def kopia(
    fil: Annotated[
        Path | None,
        typer.Argument(metavar="FIL", help="Arbetsboken (.xlsx eller .xlsm) som ska kopieras."),
    ] = None,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="KOPIA", help="Kopian som ska skrivas (.xlsx)."),
    ] = None,
    behall_dolda: Annotated[
        bool,
        typer.Option(
            "--behall-dolda",
            metavar=FLAGGA,
            help="Behåll dolda blad, dokumentegenskaper och kontouppgifter.",
        ),
    ] = False,
    pdf: Pdfval = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Gör en kopia att skicka: utan makron, bara värden, inget dolt."""
    from genomlysning.kopia import format_kopia, make_kopia, to_json_kopia

    nu = _parse_nu(idag)
    if fil is None:
        raise AnvandarFel(ANGE_KALLA)
    with _progress() as visa:
        done = make_kopia(fil, ut, nu.date(), behall_dolda=behall_dolda, med_pdf=pdf, visa=visa)
    _warn(done.utfall.varningar)
    _say(_dump(to_json_kopia(done)) if som_json else format_kopia(done))
    if done.pdf_uteblev:
        raise typer.Exit(1)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def rapport(
    fil: Annotated[
        Path | None,
        typer.Argument(metavar="FIL", help="Den ifyllda arbetsboken (.xlsx eller .xlsm)."),
    ] = None,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="RAPPORT", help="Worddokumentet som ska skrivas (.docx)."),
    ] = None,
    mall: Mallval = None,
    kommentarer: Annotated[
        bool,
        typer.Option(
            "--kommentarer",
            metavar=FLAGGA,
            help="Lägg råd om vad som ska stå var som kommentarer i marginalen.",
        ),
    ] = False,
    pdf: Pdfval = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Skriv rapporten som nämnden beslutar om, som Worddokument."""
    from genomlysning.rapportera import format_utfall, make_rapport, to_json_rapport

    nu = _parse_nu(idag)
    if fil is None:
        raise AnvandarFel(ANGE_RAPPORTENS_BOK)
    with _progress() as visa:
        done = make_rapport(fil, ut, nu, mall=mall, kommentarer=kommentarer, med_pdf=pdf, visa=visa)
    _warn(done.varningar)
    _say(_dump(to_json_rapport(done)) if som_json else format_utfall(done))
    if done.pdf_uteblev:
        raise typer.Exit(1)


@app.command("nytt-ar", cls=Kommando, options_metavar="[VÄXLAR]")
def nytt_ar(
    fil: Annotated[
        Path | None,
        typer.Argument(metavar="FIL", help="Årets arbetsbok (.xlsx eller .xlsm)."),
    ] = None,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="NY", help="Nästa års arbetsbok, av samma typ."),
    ] = None,
    till: Annotated[
        str,
        typer.Option(
            "--till",
            metavar="kort|lang|utredning",
            help="Var förra årets förflyttningar ska följas upp: 3.1, 3.2 eller 3.3.",
        ),
    ] = "utredning",
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Gör nästa års arbetsbok av årets."""
    from genomlysning.nytt_ar import format_nytt_ar, make_nytt_ar, to_json_nytt_ar

    nu = _parse_nu(idag)
    if fil is None:
        raise AnvandarFel(ANGE_FORRA)
    with _progress() as visa:
        done = make_nytt_ar(fil, ut, nu, till=fold_names([till])[0].lower(), visa=visa)
    _warn(done.varningar)
    _say(_dump(to_json_nytt_ar(done)) if som_json else format_nytt_ar(done))


@app.command(cls=Rapportkommando, options_metavar="[VÄXLAR]")
def sammanstall(
    kallor: Annotated[
        list[Path] | None,
        typer.Argument(metavar="MAPP|FIL…", help="Nämndernas arbetsböcker, eller deras mapp."),
    ] = None,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="KOMMUN", help="Arbetsboken som ska skrivas (.xlsx)."),
    ] = None,
    rapport: Annotated[
        str | None,
        typer.Option(
            RAPPORT,
            metavar="[RAPPORT]",
            help="Skriv även en rapport för hela kommunen (.docx). Utelämnat namn: som KOMMUN.",
        ),
    ] = None,
    mall: Mallval = None,
    pdf: Annotated[
        bool,
        typer.Option("--pdf", metavar=FLAGGA, help="Gör även en PDF av rapporten."),
    ] = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Sammanställ alla nämnders arbetsböcker till en för kommunen, och till en rapport."""
    from genomlysning.sammanstall import (
        RAPPORT_KRAVS,
        Rapportval,
        describe_avvisade,
        format_utfall,
        make_sammanstallning,
        to_json_sammanstall,
    )

    nu = _parse_nu(idag)
    wanted = None
    if rapport is not None:
        wanted = Rapportval(Path(rapport) if rapport else None, mall, pdf)
    elif mall or pdf:
        raise AnvandarFel(RAPPORT_KRAVS, vaxel="--mall" if mall else "--pdf")
    with _progress() as visa:
        done = make_sammanstallning(kallor or [], ut, nu, visa, wanted)
    _warn(done.varningar)
    if missing := describe_avvisade(done):
        _tell(missing)
    _say(_dump(to_json_sammanstall(done)) if som_json else format_utfall(done))
    if done.avvisade or done.pdf_uteblev:
        raise typer.Exit(1)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def kontrollera(
    kommun: Kommunval = None,
    namnd: Namndval = None,
    ar: Arval = None,
    hamta_om: HamtaOm = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Kontrollera nämndens kostnader mot referenskostnaden."""
    from genomlysning.skapa import collect_underlag
    from genomlysning.svar import to_json_kontrollera

    nu, year = _parse_nu(idag), _parse_year(ar)
    with _progress() as visa:
        korning = collect_underlag(
            *_require(kommun, namnd),
            year,
            nu,
            hamta_om=hamta_om,
            med_jamforelser=False,
            visa=visa,
        )
    _warn(korning.varningar)
    if som_json:
        _say(_dump(to_json_kontrollera(korning.underlag, list(korning.varningar))))
        return
    from genomlysning.tabellutskrift import print_referenskostnad

    with _utskrift():
        print_referenskostnad(korning.underlag)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def sok(
    ord_: Annotated[
        list[str] | None,
        typer.Argument(metavar="ORD…", help="Ord som alla ska finnas i titeln, eller ett id."),
    ] = None,
    hamta_om: HamtaOm = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Sök bland alla nyckeltal i Kolada."""
    from genomlysning.sok import search_katalog, to_json_sok

    nu = _parse_nu(idag)
    with _progress() as visa:
        sokning = search_katalog(ord_ or [], nu, hamta_om=hamta_om, visa=visa)
    _warn(sokning.varningar)
    if sokning.tips:
        _tell(sokning.tips)
    if som_json:
        _say(_dump(to_json_sok(sokning)))
    elif sokning.traffar:
        from genomlysning.sokutskrift import print_sokning

        with _utskrift():
            print_sokning(sokning)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def profil(
    fil: Annotated[
        str | None,
        typer.Argument(metavar="FIL", help="Profilfilen (.toml), eller en profil som följer med."),
    ] = None,
    ny: Annotated[
        bool,
        typer.Option("--ny", metavar=FLAGGA, help="Skriv en ny profilfil att börja med."),
    ] = False,
    ut: Annotated[
        Path | None,
        typer.Option("--ut", metavar="FIL", help="Den nya profilfilen (.toml)."),
    ] = None,
    hamta_om: HamtaOm = False,
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Kontrollera en egen profil mot Kolada, eller börja på en ny."""
    from genomlysning import profilkontroll

    nu = _parse_nu(idag)
    if ny:
        if fil is not None:
            raise AnvandarFel(NY_MED_FIL, fil=fil if fil.endswith(".toml") else f"{fil}.toml")
        ut = ut or profilkontroll.NY_PROFIL
        profilkontroll.write_ny_profil(ut)
        told = f"{ut} är skriven. Ändra i den och kontrollera med genomlysning profil {ut}."
        _say(_dump({"fil": str(ut)}) if som_json else told)
        return
    if fil is None or ut is not None:
        raise AnvandarFel(ANGE_PROFIL)
    with _progress() as visa:
        kontroll = profilkontroll.check_profil(fil, nu, hamta_om=hamta_om, visa=visa)
    _warn(kontroll.varningar)
    _say(
        _dump(profilkontroll.to_json_profil(kontroll))
        if som_json
        else profilkontroll.format_profilkontroll(kontroll)
    )
    if not kontroll.felfri:
        raise typer.Exit(1)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def bygg(
    ut: Annotated[
        Path,
        typer.Option("--ut", metavar="FIL", help="Arbetsboken: .xlsm med knappar, eller .xlsx."),
    ] = Path("genomlysning.xlsm"),
    idag: Idagval = None,
    som_json: Jsonval = False,
) -> None:
    """Bygg den tomma arbetsboken, att fylla med knapparna."""
    from genomlysning.filskrivning import check_utfil
    from genomlysning.skapa import build_tom_bok

    nu = None if idag is None else _parse_nu(idag)
    check_utfil(ut)
    _warn(build_tom_bok(ut, nu))
    told = f"Den tomma arbetsboken {ut} är byggd."
    _say(_dump({"fil": str(ut)}) if som_json else told)


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def installera(
    kalla: Annotated[
        Path | None,
        typer.Option(
            "--kalla",
            metavar="MAPP|FIL",
            help="Mappen med Genomlysning, eller dess .whl-fil. Utelämnat: där programmet kom "
            "ifrån.",
        ),
    ] = None,
    ta_bort: Annotated[
        bool,
        typer.Option(
            "--ta-bort", metavar=FLAGGA, help="Ta bort installationen och behåll hämtade värden."
        ),
    ] = False,
    som_json: Jsonval = False,
) -> None:
    """Installera programmet där Excels knappar hittar det, uppdatera eller laga det."""
    from genomlysning.installera import carry_out

    _say(carry_out(kalla, ta_bort=ta_bort, som_json=som_json))


@app.command(cls=Kommando, options_metavar="[VÄXLAR]")
def halsa(
    fil: Annotated[
        Path | None,
        typer.Argument(metavar="FIL", help="En arbetsbok att också kontrollera."),
    ] = None,
    med_kolada: Annotated[
        bool,
        typer.Option(
            "--kolada",
            metavar=FLAGGA,
            help="Pröva också det som programmet tar för givet om Kolada, med små frågor.",
        ),
    ] = False,
    som_json: Jsonval = False,
) -> None:
    """Kontrollera att allt som behövs fungerar, och säg vad som ska göras annars."""
    from genomlysning.halsa import check_halsa, find_exit_status, format_halsa, to_json_halsa

    prov = None
    with _progress() as visa:
        kontroller = check_halsa(datetime.now(), fil, visa)
        status = find_exit_status(kontroller)
        if med_kolada:
            from genomlysning.koladaprov import find_brutna, print_prov, to_json_prov, try_kolada

            prov = try_kolada(visa)
            status = status or (1 if find_brutna(prov) else 0)
    if som_json:
        answer = to_json_halsa(kontroller)
        _say(_dump(answer if prov is None else answer | {"antaganden": to_json_prov(prov)}))
    else:
        _say(format_halsa(kontroller))
        if prov is not None:
            print_prov(prov)
    if status:
        raise typer.Exit(status)


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit status; errors are told on standard error."""
    prefer_utf8()
    try:
        # A command that ends with `typer.Exit` has its exit status returned from here.
        outcome = app(fold_names(argv), prog_name="genomlysning", standalone_mode=False)
    except GenomlysningFel as error:
        _tell(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        _tell(AVBRUTET.format())
        return AVBRUTET_STATUS
    except typer.Exit as done:
        return done.exit_code
    except OSError as error:
        # What no use case knows better. Files are written whole, so nothing is half done.
        from genomlysning.svenska import cut_namn

        name = "En fil eller mapp som behövs"
        if error.filename is not None:
            name = f"Filen eller mappen {cut_namn(os.fsdecode(error.filename))}"
        _tell(SYSTEMFEL.format(vad=name, orsak=describe_systemfel(error)))
        return FilFel.exit_status
    except Exception as error:
        names = [c.name or c.callback.__name__ for c in app.registered_commands if c.callback]
        wrong = translate_error(error, names)
        if wrong is None:
            raise
        _tell(wrong)
        return AVBRUTET_STATUS if wrong == AVBRUTET.format() else 2
    if outcome == AVBRUTET_STATUS:  # what typer makes of Ctrl+C
        _tell(AVBRUTET.format())
    return outcome if isinstance(outcome, int) else 0


def _show_bok(korning: "Korning", gjort: str, som_json: bool) -> None:
    """Tell what a run has written, and what the user should know about it."""
    from genomlysning.skapa import format_korning
    from genomlysning.svar import to_json_skapa

    _warn(korning.varningar)
    if som_json:
        warnings = list(korning.varningar)
        answer = to_json_skapa(korning.underlag, str(korning.fil), korning.anrop, warnings)
        _say(_dump(answer))
    else:
        _say(format_korning(korning, gjort))


def _require(kommun: str | None, namnd: str | None) -> tuple[str, str]:
    if not (kommun or "").strip():
        raise AnvandarFel(ANGE_KOMMUN)
    if not (namnd or "").strip():
        from genomlysning.profil import list_profiler

        raise AnvandarFel(ANGE_NAMND, profiler=", ".join(list_profiler()))
    assert kommun
    assert namnd
    return kommun, namnd


def _parse_year(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise AnvandarFel(EJ_ETT_AR, text=text)
    return int(text)


def _parse_nu(idag: str | None) -> datetime:
    if idag is None:
        return read_nu()
    try:
        found = datetime.strptime(idag, "%Y-%m-%d")
    except ValueError:
        found = datetime.min
    if len(idag) != 10 or not FORSTA_DAG <= found.date() <= SISTA_DAG:
        raise AnvandarFel(EJ_ETT_DATUM, text=idag)
    return found


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is going on at a terminal; keep silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("Förbereder …") as status:
        yield status.update


def _warn(varningar: Sequence[str]) -> None:
    for text in varningar:
        _tell(f"Obs: {text}")


def _tell(text: str) -> None:
    with suppress(OSError):  # there is nobody to tell it to
        print(text, file=sys.stderr)


def _dump(answer: dict[str, Any] | list[dict[str, Any]]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=2, allow_nan=False)


def _say(text: str) -> None:
    with _utskrift():
        print(text)


@contextmanager
def _utskrift() -> Iterator[None]:
    """Have what is printed within out before it is left; raises FilFel when it can't be."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader has had enough
        raise
    except OSError as error:
        raise FilFel(EJ_UTSKRIVET) from error
