"""Checks what Genomlysning needs on this computer and on the way to Kolada.

Nothing is changed. Every check says what is off and what to do about it, and a check that
fails never keeps the others from being made.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

from genomlysning import __version__
from genomlysning.bok.beskrivning import (
    BOKVERSION,
    KNAPPAR,
    NAMN_BOKVERSION,
    NAMN_PROGRAMVERSION,
)
from genomlysning.bok.knappar import list_dova
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.modell import read_namn
from genomlysning.bok.paket import Paket
from genomlysning.excelmiljo import KONFIGURATION, KONFIGURATIONSBLAD, XLWINGS
from genomlysning.fel import FilFel, GenomlysningFel, Meddelande
from genomlysning.klocka import check_nu
from genomlysning.kolada import FEL_KLOCKA, diagnos
from genomlysning.kolada.diagnos import Adress, Certifikat, Uppslag
from genomlysning.kormiljo import FOR_LANGSAM, HALVFARDIG, ask_tolk, check_svar, find_kormiljo
from genomlysning.lagerfil import UPPTAGET, find_fil
from genomlysning.lagerkontroll import inspect_lager
from genomlysning.mallar import find_templates
from genomlysning.profil import list_profiler, load_profil, load_verksamheter
from genomlysning.svenska import format_tal, join_och, uppraknat

#: The oldest Python that the package is made for.
PYTHON = (3, 11)
#: Seconds for a small question to Kolada, above which fetching will be slow.
LANGSAMT = 5.0
#: Seconds for the runtime's Python to answer, within the half minute for all.
KORMILJOTID = 7.0
#: The settings by which the buttons of a workbook find the runtime.
KOPPLING = ("INTERPRETER_WIN", "INTERPRETER_MAC")

PYTHON_GAMMAL = Meddelande(
    "halsa-python-gammal",
    "Python {version} är för gammal.",
    "Be IT installera Python 3.11 eller nyare.",
)
PAKET_FEL = Meddelande(
    "halsa-paket",
    "Paket saknas eller har fel version: {paket}.",
    "Installera om Genomlysning, eller be IT göra det.",
)
PAKET_OKANT = Meddelande(
    "halsa-ej-installerat",
    "Genomlysning är inte installerat som ett paket, så de andra paketens versioner kan inte "
    "kontrolleras.",
    "Installera Genomlysning så som README beskriver.",
)
INGA_PROFILER = Meddelande(
    "halsa-inga-profiler",
    "Mallarna med nämndernas profiler saknas i {mapp}.",
    "Installera om Genomlysning.",
)
MALL_FEL = Meddelande(
    "halsa-mall-fel",
    "En mall som följer med programmet kan inte läsas. {fel}",
    "Installera om Genomlysning, eller ångra ändringen i mallen.",
)
EJ_INSTALLERAT = Meddelande(
    "halsa-ej-installerat-for-excel",
    "Programmet är inte installerat för Excel i {mapp}, så arbetsbokens knappar{var} fungerar "
    "inte. Kommandoraden fungerar ändå.",
    "Kör genomlysning installera om du vill använda knapparna. I Windows kan du i stället köra "
    "installera.ps1 i mappen som du hämtade hem.",
)
KORMILJO_FEL = Meddelande(
    "halsa-installation-for-excel-fel",
    "Programmet för Excel i {mapp} fungerar inte som det ska. {fel}",
    "Stäng Excel och kör genomlysning installera. I Windows kan du i stället köra installera.ps1 i "
    "mappen som du hämtade hem.",
)
EJ_GENOMLYSNING = Meddelande(
    "halsa-ej-genomlysning",
    "{fil} är ingen genomlysning: arbetsboken saknar inställningarna på bladet Start.",
    "Ange en arbetsbok som Genomlysning har gjort.",
)
NYARE_BOK = Meddelande(
    "halsa-nyare-bok",
    "Arbetsboken är gjord med en nyare version av Genomlysning ({bok}) än den som finns här "
    "({program}).",
    "Hämta hem den nya versionen av Genomlysning och kör genomlysning installera därifrån.",
)
BOKVERSION_FEL = Meddelande(
    "halsa-bokversion-fel",
    "Arbetsbokens version går inte att läsa: cellen med namnet {cell} innehåller ”{varde}”.",
    "Ta fram en tidigare kopia, eller skapa arbetsboken på nytt.",
)
KOPPLING_FEL = Meddelande(
    "halsa-koppling-fel",
    "Knapparna i arbetsboken hittar inte programmet: på det dolda bladet {blad} står ”{nu}” för "
    "{nyckel}.",
    "Skriv {ratt} där i stället, eller skapa arbetsboken på nytt.",
)
KNAPPAR_UTAN_MAKRO = Meddelande(
    "halsa-knappar-utan-makro",
    "Knappar i arbetsboken har inget makro längre och gör ingenting: {knappar}. Så blir det när "
    "den sparas i ONLYOFFICE, eller som en arbetsbok utan makron.",
    "Ta fram arbetsboken som den var innan och skriv in det nya i den. Finns den inte: högerklicka "
    "på varje knapp i Excel, välj Tilldela makro och välj det som heter som knappen, till exempel "
    "{makro} för {knapp}. Kommandoraden fungerar ändå.",
)
NAMN_OKANT = Meddelande(
    "halsa-namn-okant",
    "Namnet {vard} går inte att slå upp.",
    "Kontrollera att datorn har nät. Har den det, be IT se till att {vard} går att slå upp (DNS).",
)
NAMN_TID = Meddelande(
    "halsa-namn-tidsgrans",
    "Uppslagningen av namnet {vard} fick inget svar i tid.",
    "Kontrollera att datorn har nät och försök igen. Står felet kvar, be IT se över "
    "namnuppslagningen (DNS).",
)
TLS_GRANSKAS = Meddelande(
    "halsa-tls-granskas",
    "Nätet granskar troligen krypterad trafik (TLS): certifikatet{fran} godkänns på den "
    "här datorn men är inte offentligt känt.",
    "Det fungerar som det är. Slutar det fungera, be IT undanta {vard} från granskningen.",
)
TLS_UNDERKANT = Meddelande(
    "halsa-tls-underkant",
    "Den säkra anslutningen till {vard} kunde inte godkännas: nätet granskar troligen krypterad "
    "trafik (TLS) med ett certifikat som inte finns på datorn.",
    "Be IT lägga in certifikatet på datorn eller undanta {vard} från granskningen.",
)
LANGSAM = Meddelande(
    "halsa-langsam",
    "Kolada svarade, men det tog {sekunder} sekunder.",
    "Att hämta värden kan ta lång tid. Försök vid ett annat tillfälle om det inte går.",
)
OVANTAT = Meddelande(
    "halsa-ovantat",
    "Kontrollen kunde inte göras ({fel}).",
    "Kontakta den som ansvarar för programmet och berätta vad som står här.",
)


class Status(StrEnum):
    """The words of the answer, from the best to the worst."""

    OK = "ok"
    VARNING = "varning"
    FEL = "fel"


@dataclass(frozen=True, slots=True)
class Kontroll:
    """One check; `atgard` is what to do, empty when nothing is. `lokal`: about this computer."""

    namn: str
    status: Status
    text: str
    atgard: str = ""
    lokal: bool = True


def check_halsa(
    nu: datetime, fil: Path | None = None, visa: Callable[[str], None] = lambda _: None
) -> tuple[Kontroll, ...]:
    """Make all checks, of the workbook `fil` too; it takes a minute at most."""
    visa("Kontrollerar datorn …")
    local: list[tuple[str, Callable[[], Kontroll]]] = [
        ("Python", _check_python),
        ("Klocka", lambda: _check_klocka(nu)),
        ("Genomlysning", _check_packages),
        ("Sparade värden", lambda: _check_lager(nu)),
        ("Mallar", _check_mallar),
        ("Programmet för Excel", _check_kormiljo),
    ]
    found = [_guard(namn, check, lokal=True) for namn, check in local]
    if fil is not None:
        found += _check_bok(fil)
    visa("Kontrollerar vägen till Kolada …")
    return (*found, *_check_kolada())


def find_exit_status(kontroller: Iterable[Kontroll]) -> int:
    """Return 4 when something on this computer is broken, else 3 without Kolada, else 0."""
    wrong = [k for k in kontroller if k.status is Status.FEL]
    if any(k.lokal for k in wrong):
        return 4
    return 3 if wrong else 0


def to_json_halsa(kontroller: Iterable[Kontroll]) -> dict[str, Any]:
    """Return the answer of `halsa` for other programs."""
    made = list(kontroller)
    return {
        "status": _find_worst(made).value,
        "kontroller": [
            {"namn": k.namn, "status": k.status.value, "text": k.text, "atgard": k.atgard}
            for k in made
        ],
    }


def format_halsa(kontroller: Iterable[Kontroll]) -> str:
    """Return the checks as text, each with what to do below it, and a summary."""
    made = list(kontroller)
    lines = []
    for k in made:
        lines.append(f"{k.status.value:<8} {k.namn}: {k.text}")
        if k.atgard:
            lines.append(f"{'':<8} → {k.atgard}")
    match _find_worst(made):
        case Status.OK:
            lines.append("Allt fungerar.")
        case Status.VARNING:
            lines.append("Genomlysning fungerar, men se varningen ovan.")
        case Status.FEL:
            lines.append("Något fungerar inte. Gör det som står vid pilen.")
    return "\n".join(lines)


def _find_worst(kontroller: Iterable[Kontroll]) -> Status:
    order = list(Status)
    return max((k.status for k in kontroller), key=order.index, default=Status.OK)


def _guard(namn: str, check: Callable[[], Kontroll], *, lokal: bool) -> Kontroll:
    """Make one check and turn whatever goes wrong into its outcome."""
    try:
        return check()
    except GenomlysningFel as error:
        return _tell(namn, Status.FEL, error, lokal=lokal)
    except Exception as error:  # a check of health that crashes has failed at its one task
        return _fel(namn, OVANTAT, lokal=lokal, fel=type(error).__name__)


def _fel(namn: str, meddelande: Meddelande, *, lokal: bool, **falt: object) -> Kontroll:
    return _tell(namn, Status.FEL, GenomlysningFel(meddelande, **falt), lokal=lokal)


def _tell(namn: str, status: Status, error: GenomlysningFel, *, lokal: bool) -> Kontroll:
    text = error.meddelande.text.format(**error.falt)
    return Kontroll(namn, status, text, error.meddelande.atgard.format(**error.falt), lokal)


# ---- this computer -------------------------------------------------------------------------


def _check_python() -> Kontroll:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        return _fel("Python", PYTHON_GAMMAL, lokal=True, version=version)
    return Kontroll("Python", Status.OK, f"Version {version}.")


def _check_klocka(nu: datetime) -> Kontroll:
    check_nu(nu)
    return Kontroll("Klocka", Status.OK, f"Den säger {nu:%Y-%m-%d %H.%M}.")


def _check_packages() -> Kontroll:
    try:
        requirements = metadata.requires("genomlysning") or []
    except metadata.PackageNotFoundError:
        return _tell("Genomlysning", Status.VARNING, GenomlysningFel(PAKET_OKANT), lokal=True)
    wrong: list[str] = []
    pinned: list[str] = []
    for text in requirements:
        if ";" in text:  # for tests, or for another operating system
            continue
        name, operator, wanted = _read_requirement(text)
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} saknas")
            continue
        if operator == "==":
            pinned.append(f"{name} {version}")
        if not _is_met(version, operator, wanted):
            wrong.append(f"{name} {version} (ska vara {operator} {wanted})")
    if wrong:
        return _fel("Genomlysning", PAKET_FEL, lokal=True, paket=", ".join(wrong))
    rest = f" med {', '.join(pinned)}" if pinned else ""
    return Kontroll("Genomlysning", Status.OK, f"Version {__version__}{rest}.")


def _read_requirement(text: str) -> tuple[str, str, str]:
    """Return name, operator and version; the project's own are no more than these three."""
    match = re.match(r"([\w.-]+)\s*(?:(==|>=)\s*([\w.]+))?", text)
    return (match[1], match[2] or "", match[3] or "") if match else (text, "", "")


def _is_met(version: str, operator: str, wanted: str) -> bool:
    if operator == "==":
        return version == wanted
    return _numbers(version) >= _numbers(wanted)


def _numbers(version: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", version)[:3]]


def _check_lager(nu: datetime) -> Kontroll:
    try:
        state = inspect_lager(find_fil())
    except FilFel as error:
        if error.meddelande is not UPPTAGET:
            raise
        # Another run is writing: that passes.
        return _tell("Sparade värden", Status.VARNING, error, lokal=True)
    if not state.finns:
        text = f"Inga ännu. De kommer att sparas i {state.fil}."
    else:
        size = format_tal(state.storlek / 1_000_000, 1)
        count = uppraknat(state.antal, "värde", "värden")
        age = "" if state.senast is None else f", senast hämtade {_format_age(nu, state.senast)}"
        text = f"{count}{age} ({size} MB i {state.fil})."
    return Kontroll("Sparade värden", Status.OK, text)


def _format_age(nu: datetime, then: datetime) -> str:
    days = (nu.date() - then.date()).days
    date = then.date().isoformat()
    return f"{date} ({uppraknat(days, 'dag', 'dagar')} sedan)" if days > 0 else date


def _check_mallar() -> Kontroll:
    try:
        profiler = list_profiler()
        load_verksamheter()
        for profil in (*profiler, str(find_templates() / "ny-profil.toml")):
            load_profil(profil)
    except GenomlysningFel as error:
        return _fel("Mallar", MALL_FEL, lokal=True, fel=error)
    if not profiler:
        return _fel("Mallar", INGA_PROFILER, lokal=True, mapp=find_templates())
    return Kontroll(
        "Mallar", Status.OK, f"{uppraknat(len(profiler), 'profil', 'profiler')} kan läsas."
    )


# ---- Excel's part --------------------------------------------------------------------------


def _check_kormiljo() -> Kontroll:
    namn, place = "Programmet för Excel", find_kormiljo()
    if not place.finns:
        without = (
            "" if place.platform in ("win32", "darwin") else ", som kräver Windows eller macOS,"
        )
        absent = GenomlysningFel(EJ_INSTALLERAT, mapp=place.mapp, var=without)
        return _tell(namn, Status.VARNING, absent, lokal=True)
    if not place.klar:
        half = HALVFARDIG.format(mapp=place.mapp)
        return _fel(namn, KORMILJO_FEL, lokal=True, mapp=place.mapp, fel=half)
    try:
        found = check_svar(place, ask_tolk(place, KORMILJOTID), __version__)
    except FilFel as error:
        if error.meddelande is FOR_LANGSAM:
            return _tell(namn, Status.VARNING, error, lokal=True)
        return _fel(namn, KORMILJO_FEL, lokal=True, mapp=place.mapp, fel=error)
    if faults := " ".join(str(p.fel) for p in found if p.fel):
        return _fel(namn, KORMILJO_FEL, lokal=True, mapp=place.mapp, fel=faults)
    text = f"Version {__version__} med xlwings {XLWINGS} i {place.mapp}."
    return Kontroll(namn, Status.OK, text)


def _check_bok(fil: Path) -> Iterator[Kontroll]:
    try:
        bok = Arbetsbok(Paket.open(fil), fil)
    except GenomlysningFel as error:
        yield _tell("Arbetsbok", Status.FEL, error, lokal=True)
        return
    yield _guard("Arbetsbok", lambda: _check_bokversion(bok), lokal=True)
    if any(b.namn == KONFIGURATIONSBLAD for b in bok.blad):
        yield _guard("Arbetsbokens knappar", lambda: _check_koppling(bok), lokal=True)


def _check_bokversion(bok: Arbetsbok) -> Kontroll:
    namn = "Arbetsbok"
    if read_namn(bok, "Kommun") is None:
        return _fel(namn, EJ_GENOMLYSNING, lokal=True, fil=bok.fil)
    form, program = read_namn(bok, NAMN_BOKVERSION), read_namn(bok, NAMN_PROGRAMVERSION)
    if form is None or program is None:
        return Kontroll(namn, Status.OK, f"{bok.fil} har version 1, från före Genomlysning 0.2.")
    if form.tal is None or form.tal < 1:
        found = {"cell": NAMN_BOKVERSION, "varde": form.text}
        return _fel(namn, BOKVERSION_FEL, lokal=True, **found)
    if form.tal > BOKVERSION:
        made = {"bok": program.text, "program": __version__}
        return _fel(namn, NYARE_BOK, lokal=True, **made)
    text = f"{bok.fil} har version {form.text}, gjord med Genomlysning {program.text}."
    return Kontroll(namn, Status.OK, text)


def _check_koppling(bok: Arbetsbok) -> Kontroll:
    sheet = next(b for b in bok.blad if b.namn == KONFIGURATIONSBLAD)
    found = {sheet.cell(r, 1).text.upper(): sheet.cell(r, 2).text for r in sheet.rader}
    for key in KOPPLING:
        right = KONFIGURATION[key]
        if (now := found.get(key, "")) != right:
            words = {"blad": KONFIGURATIONSBLAD, "nyckel": key, "nu": now, "ratt": right}
            return _fel("Arbetsbokens knappar", KOPPLING_FEL, lokal=True, **words)
    if lost := list_dova(bok):
        one = next(k for k in KNAPPAR if k.text == lost[0])
        words = {"knappar": join_och(lost), "makro": one.sub, "knapp": one.text}
        return _fel("Arbetsbokens knappar", KNAPPAR_UTAN_MAKRO, lokal=True, **words)
    text = "De söker programmet på rätt plats i Windows och macOS."
    return Kontroll("Arbetsbokens knappar", Status.OK, text)


# ---- the way to Kolada ---------------------------------------------------------------------


def _check_kolada() -> Iterator[Kontroll]:
    """Make the checks from the nearest to the farthest; the first fault hides what lies beyond."""
    try:
        adress = diagnos.read_adress()
    except GenomlysningFel as error:
        # The address is a setting of this computer, whatever Kolada is like.
        yield _tell("Adress", Status.FEL, error, lokal=True)
        return
    origin = "satt i GENOMLYSNING_KOLADA_URL" if adress.egen else "Koladas egen"
    yield Kontroll("Adress", Status.OK, f"{adress.url} ({origin}).")
    yield Kontroll(
        "Proxy", Status.OK, f"{adress.proxy} används." if adress.proxy else "Ingen används."
    )
    for namn, check in (
        ("Namnuppslagning", _check_namn),
        ("Säker anslutning", _check_tls),
        ("Svar från Kolada", _check_svar),
    ):
        made = _guard(namn, lambda c=check: c(adress), lokal=False)  # type: ignore[misc]
        yield made
        if made.status is Status.FEL:
            return


def _check_namn(adress: Adress) -> Kontroll:
    namn, vard = "Namnuppslagning", adress.vard if adress.proxy is None else adress.proxy
    match diagnos.resolve(adress):
        case Uppslag.OKANT:
            return _fel(namn, NAMN_OKANT, lokal=False, vard=vard)
        case Uppslag.TIDSGRANS:
            return _fel(namn, NAMN_TID, lokal=False, vard=vard)
        case Uppslag.BEHOVS_EJ:
            return Kontroll(namn, Status.OK, f"Behövs inte för {vard}.", lokal=False)
    return Kontroll(namn, Status.OK, f"{vard} hittades.", lokal=False)


def _check_tls(adress: Adress) -> Kontroll:
    namn = "Säker anslutning"
    if not adress.https:
        return Kontroll(namn, Status.OK, "Adressen är inte krypterad (http).", lokal=False)
    intyg = diagnos.check_certifikat(adress)
    fran = f" från {intyg.utfardare}" if intyg.utfardare else ""
    match intyg.certifikat:
        case Certifikat.UNDERKANT:
            return _fel(namn, TLS_UNDERKANT, lokal=False, vard=adress.vard)
        case Certifikat.EGET:
            inspected = GenomlysningFel(TLS_GRANSKAS, fran=fran, vard=adress.vard)
            return _tell(namn, Status.VARNING, inspected, lokal=False)
        case Certifikat.OFFENTLIGT:
            return Kontroll(namn, Status.OK, f"Certifikatet{fran} är godkänt.", lokal=False)
    # What hinders the connection is told by the question that follows.
    return Kontroll(namn, Status.OK, "Kunde inte prövas.", lokal=False)


def _check_svar(_: Adress) -> Kontroll:
    seconds, klockor = diagnos.measure_svar()
    if klockor is not None:
        wrong = GenomlysningFel(FEL_KLOCKA, dator=klockor[0], kolada=klockor[1])
        return _tell("Svar från Kolada", Status.VARNING, wrong, lokal=False)
    if seconds > LANGSAMT:
        slow = GenomlysningFel(LANGSAM, sekunder=format_tal(seconds, 0))
        return _tell("Svar från Kolada", Status.VARNING, slow, lokal=False)
    text = f"Kom efter {format_tal(seconds, 1)} sekunder."
    return Kontroll("Svar från Kolada", Status.OK, text, lokal=False)
