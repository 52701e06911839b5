"""Installs the program where Excel's buttons look for it: a Python of its own for each user.

`python -m genomlysning.installera` runs it from a source folder, before anything is installed:
it uses the standard library and our modules that need no more. A new runtime is made in its
place, since a virtual environment can't be moved, while the one before is kept aside until the
new one has been checked; whatever happens, one of them is left, or taken back at the next run.
"""

import sys

# Told here, since an older Python can't read what is imported below. macOS has 3.9 of its own.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.stderr.write(
        "Python {}.{} är för gammal. Installera Python 3.11 eller nyare från python.org, eller be "
        "IT göra det, och kör sedan samma rad med den.\n".format(*sys.version_info)
    )
    sys.exit(4)

import argparse
import json
import os
import re
import shutil
import subprocess
import sysconfig
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import url2pathname

from genomlysning.excelmiljo import XLWINGS, XLWINGS_SKRIPT
from genomlysning.fel import (
    AVBRUTET,
    AnvandarFel,
    FilFel,
    GenomlysningFel,
    Meddelande,
    describe_systemfel,
)
from genomlysning.kormiljo import (
    KLAR,
    SKRIPT_SAKNAS,
    Kormiljo,
    Provning,
    ask_tolk,
    check_svar,
    find_kormiljo,
    find_skript,
)
from genomlysning.terminal import fold_names, prefer_utf8

#: The exact packages of the runtime, in `templates/` and kept in the runtime.
LASLISTA = "kormiljo.txt"
#: Seconds for the check of what was installed; a virus scanner reads every file at first.
KONTROLLTID = 120.0
#: How often a folder is renamed before it is taken to be in use, and the pause between in seconds.
FORSOK, PAUS = 5, 0.4
#: The versions of pip that trust the computer's certificates only when told to.
TRUSTSTORE_FRAN, TRUSTSTORE_TILL = (23, 3), (24, 2)

FELSKRIVET = Meddelande(
    "installera-felskrivet",
    "Kommandoraden gick inte att tolka.",
    "Växlarna är --kalla MAPP eller FIL, --ta-bort och --json.",
)
VENV_SAKNAS = Meddelande(
    "installera-venv-saknas",
    "Den här Python-installationen saknar {modul}, som behövs för att installera.",
    "Installera Python från python.org, eller be IT göra det. I Debian och Ubuntu: "
    "installera paketet python3-venv.",
)
STOREPYTHON = Meddelande(
    "installera-python-fran-store",
    "Python från Microsoft Store gömmer sina filer så att Excel inte hittar dem.",
    "Installera 64-bitars Python 3.11 eller nyare från python.org, eller be IT göra det.",
)
FEL_SLAGS_PYTHON = Meddelande(
    "installera-fel-slags-python",
    "Den här Python-installationen är av slaget {slag}, som saknar det Excel behöver.",
    "Installera 64-bitars Python (x86-64) 3.11 eller nyare från python.org, eller be IT göra det. "
    "Den fungerar både med 32- och 64-bitars Excel.",
)
INIFRAN = Meddelande(
    "installera-inifran",
    "Programmet för Excel kan inte byta ut eller ta bort sig självt medan det körs.",
    "Kör det från mappen som du hämtade hem: i Windows installera.ps1, annars raden i README.",
)
KALLA_OKAND = Meddelande(
    "installera-kalla-okand",
    "Det går inte att se vad som ska installeras: mappen som programmet kom från finns inte kvar.",
    "Hämta hem Genomlysning och ange mappen: genomlysning installera --kalla MAPP.",
)
KALLA_SAKNAS = Meddelande(
    "installera-kalla-saknas",
    "{kalla} finns inte.",
    "Ange mappen med Genomlysning, eller dess .whl-fil, med --kalla.",
)
KALLA_FEL = Meddelande(
    "installera-kalla-fel",
    "{kalla} är inte Genomlysning: det ska vara mappen med filen pyproject.toml, eller en .whl-fil "
    "som heter genomlysning-….",
    "Är det en zip-fil, packa upp den först. Ange mappen eller filen med --kalla.",
)
LISTA_SAKNAS = Meddelande(
    "installera-lista-saknas",
    "{kalla} har ingen lista över vilka paket som ska installeras (templates/{fil}).",
    "Hämta hem Genomlysning på nytt och ange den mappen med --kalla.",
)
FEL_PAKET = Meddelande(
    "installera-fel-paket",
    "Ett paket från paketindexet är inte det som Genomlysning är prövat med, och har inte "
    "installerats.",
    "Försök igen. Kommer felet tillbaka, låt IT kontrollera kommunens paketindex: vilket paket det "
    "gäller står i {logg}.",
)
PAGAR = Meddelande(
    "installera-pagar",
    "En annan installation pågår redan på den här datorn.",
    "Vänta tills den är klar och kör sedan igen om det behövs.",
)
ANVANDS = Meddelande(
    "installera-anvands",
    "Programmet i {mapp} används just nu, så det går inte att byta ut eller ta bort.",
    "Stäng Excel och kör igen. Inget har ändrats.",
)
KAN_INTE_SKRIVA = Meddelande(
    "installera-kan-inte-skriva",
    "Det går inte att skriva i {mapp} ({orsak}).",
    "Kontrollera att du får skriva där och att disken inte är full, och kör igen.",
)
DISKEN_FULL = Meddelande(
    "installera-disken-full",
    "Disken är full.",
    "Frigör minst 300 MB och kör igen. Allt som skrevs ut står i {logg}.",
)
TLS = Meddelande(
    "installera-tls",
    "Den säkra anslutningen till Pythons paketindex kunde inte godkännas: nätet granskar troligen "
    "krypterad trafik (TLS).",
    "Python 3.13 eller nyare litar på datorns egna certifikat. Hjälper inte det, be IT peka ut "
    "kommunens certifikat för pip (PIP_CERT). Allt som skrevs ut står i {logg}.",
)
PROXY = Meddelande(
    "installera-proxy",
    "Nätets proxyserver släppte inte fram frågan till Pythons paketindex.",
    "Be IT om proxyns adress och sätt den i miljövariabeln HTTPS_PROXY, eller be dem tillåta "
    "pypi.org och files.pythonhosted.org. Allt som skrevs ut står i {logg}.",
)
NATET = Meddelande(
    "installera-natet",
    "Det gick inte att nå Pythons paketindex.",
    "Kontrollera att datorn har nät och försök igen. Är det spärrat, be IT tillåta pypi.org och "
    "files.pythonhosted.org, eller peka ut ett eget index för pip. Allt som skrevs ut står i "
    "{logg}.",
)
PAKET_SAKNAS = Meddelande(
    "installera-paket-saknas",
    "Ett paket som behövs finns inte i paketindexet för den här Python-versionen ({python}).",
    "Använd en annan Python, 3.11 till 3.14, eller be IT lägga in paketet i kommunens index. "
    "Vilket det är står i {logg}.",
)
BYGGS_INTE = Meddelande(
    "installera-byggs-inte",
    "Genomlysning eller ett paket som det behöver gick inte att bygga.",
    "Hämta hem Genomlysning på nytt och använd Python 3.11 till 3.14. Vilket paket det är står "
    "i {logg}.",
)
MISSLYCKADES = Meddelande(
    "installera-misslyckades",
    "Installationen misslyckades.",
    "Försök igen. Kommer felet tillbaka, visa {logg} för den som ansvarar för datorn.",
)
UNDERKANT = Meddelande(
    "installera-underkand",
    "Det som installerades klarade inte kontrollen. {fel}",
    "Försök igen. Kommer felet tillbaka, visa {logg} för den som ansvarar för datorn.",
)

#: What pip's output has in it, from the surest sign to the least sure.
_TECKEN: tuple[tuple[str, Meddelande], ...] = (
    (r"DO NOT MATCH THE HASHES", FEL_PAKET),
    (r"\[?Errno 28|WinError 112|No space left", DISKEN_FULL),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError", TLS),
    (r"ProxyError|407 Proxy|Tunnel connection failed", PROXY),
    (
        r"NewConnectionError|ConnectTimeoutError|ReadTimeoutError|NameResolutionError|"
        r"ConnectionResetError|Connection aborted|ProtocolError|Max retries exceeded|"
        r"HTTPError: (?:4|5)\d\d|Could not fetch URL",
        NATET,
    ),
    (r"No matching distribution|Could not find a version|ResolutionImpossible", PAKET_SAKNAS),
    (r"subprocess-exited-with-error|Failed (?:to build|building)|metadata-generation", BYGGS_INTE),
)


@dataclass(frozen=True, slots=True)
class Kalla:
    """What is installed: a source folder or a wheel, and the version it has."""

    plats: Path
    version: str


@dataclass(frozen=True, slots=True)
class Utfall:
    """What was installed where, and what was checked."""

    kormiljo: Kormiljo
    version: str
    provningar: tuple[Provning, ...]


@dataclass(frozen=True, slots=True)
class _Arbete:
    """What the steps of an installation share. `las` is the open lock file."""

    kormiljo: Kormiljo
    kalla: Kalla
    visa: Callable[[str], None]
    las: IO[bytes]


def install(
    kalla: Path | None = None,
    visa: Callable[[str], None] = lambda _: None,
    kormiljo: Kormiljo | None = None,
) -> Utfall:
    """Make the runtime, or make it anew; `visa` is told each step.

    `kalla` is a source folder or a wheel, by default where the running program came from. Raises
    GenomlysningFel; then the runtime is the one that was there before.
    """
    place = kormiljo or find_kormiljo()
    check_python(place.platform, sysconfig.get_platform(), sys.base_prefix)
    _check_utifran(place)
    source = find_kalla(kalla)
    with _lock(place) as las:
        _heal(place)
        return _replace(_Arbete(place, source, visa, las))


def remove(kormiljo: Kormiljo | None = None) -> bool:
    """Remove the runtime and what belongs to it; tell whether there was one.

    The store of fetched values is kept.
    """
    place = kormiljo or find_kormiljo()
    _check_utifran(place)
    if not place.mapp.parent.exists():
        return False
    with _lock(place):
        found = place.finns
        _heal(place)
        _discard(place, place.mapp)
        if place.platform == "darwin":
            place.skript.unlink(missing_ok=True)
        place.logg.unlink(missing_ok=True)
    for leftover in (_lock_file(place).unlink, place.mapp.parent.rmdir):
        with suppress(OSError):  # another run has it, or the folder has more in it
            leftover()
    return found


# ---- before anything is changed ------------------------------------------------------------


def check_python(platform: str, slag: str, bas: str) -> None:
    """Refuse a Python that can't make a runtime which Excel can start.

    `slag` is sysconfig's word for the kind of Python, `bas` the folder it is installed in.
    """
    if platform == "win32":
        if "windowsapps" in bas.lower():
            raise FilFel(STOREPYTHON)
        # xlwings has its DLL for no other kind.
        if slag != "win-amd64":
            raise FilFel(FEL_SLAGS_PYTHON, slag=slag)
    for modul in ("venv", "ensurepip"):
        if util.find_spec(modul) is None:
            raise FilFel(VENV_SAKNAS, modul=modul)


def find_kalla(vald: Path | None) -> Kalla:
    """Return what to install: the chosen one, else where the running program came from."""
    if vald is not None:
        if not vald.exists():
            raise AnvandarFel(KALLA_SAKNAS, kalla=vald)
        return _read_kalla(vald.absolute())
    own = Path(__file__).resolve().parents[2]
    candidates = [own] if (own / "pyproject.toml").is_file() else []
    if noted := _read_noted():
        candidates.append(noted)
    for candidate in candidates:
        if candidate.exists():
            return _read_kalla(candidate)
    raise AnvandarFel(KALLA_OKAND)


def _read_noted() -> Path | None:
    """Return the local folder or file that pip noted when it installed the running program."""
    try:
        text = metadata.distribution("genomlysning").read_text("direct_url.json")
        url = urlsplit(json.loads(text or "{}").get("url", ""))
    except (metadata.PackageNotFoundError, ValueError, OSError):
        return None
    if url.scheme != "file":
        return None
    return Path(url2pathname((f"//{url.netloc}" if url.netloc else "") + url.path))


def _read_kalla(plats: Path) -> Kalla:
    try:
        if plats.is_dir():
            with (plats / "pyproject.toml").open("rb") as file:
                project = tomllib.load(file)["project"]
            if project["name"] == "genomlysning":
                return Kalla(plats, str(project["version"]))
        elif zipfile.is_zipfile(plats):
            match = re.fullmatch(r"genomlysning-([^-]+)-.+\.whl", plats.name)
            if match:
                return Kalla(plats, match[1])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise AnvandarFel(KALLA_FEL, kalla=plats)


def _check_utifran(place: Kormiljo) -> None:
    if place.mapp.exists() and Path(sys.prefix).resolve() == place.mapp.resolve():
        raise FilFel(INIFRAN)


# ---- one runtime in place of another -------------------------------------------------------


def _replace(work: _Arbete) -> Utfall:
    place = work.kormiljo
    if place.mapp.exists():
        _move(place, place.mapp, place.tidigare)
    try:
        with place.logg.open("wb") as log:
            outcome = _make(work, log)
        (place.mapp / KLAR).write_text(f"{work.kalla.version}\n", encoding="utf-8")
    except BaseException:
        # What can't be done here is done by the next run, before anything else.
        with suppress(OSError):
            _heal(place)
        if place.klar:
            work.visa("Det som var installerat tidigare är kvar.")
        raise
    with suppress(OSError, FilFel):
        _discard(place, place.tidigare)
    return outcome


def _make(work: _Arbete, log: IO[bytes]) -> Utfall:
    place, kalla = work.kormiljo, work.kalla
    work.visa(f"Gör i ordning {place.mapp} …")
    _make_venv(work, log)
    work.visa(f"Installerar Genomlysning {kalla.version} från {kalla.plats} …")
    _install_paket(work, log)
    work.visa("Kontrollerar …")
    if place.platform == "darwin":
        _copy_skript(place)
    provningar = check_svar(place, ask_tolk(place, KONTROLLTID), kalla.version)
    faults = " ".join(str(p.fel) for p in provningar if p.fel)
    if faults:
        raise FilFel(UNDERKANT, fel=faults, logg=place.logg)
    return Utfall(place, kalla.version, provningar)


def _make_venv(work: _Arbete, log: IO[bytes]) -> None:
    _run(work, log, [sys.executable, "-I", "-m", "venv", str(work.kormiljo.mapp)])


def _install_paket(work: _Arbete, log: IO[bytes]) -> None:
    # By its address, so that no sign in the path is taken for something else.
    wanted = f"genomlysning @ {work.kalla.plats.as_uri()}"
    options = ("--no-input", "--disable-pip-version-check", "--no-warn-script-location")
    pip = [str(work.kormiljo.tolk), "-I", "-X", "utf8", "-m", "pip", "install", *options]
    listan = work.kormiljo.mapp / LASLISTA
    listan.write_bytes(read_laslista(work.kalla.plats))
    _run(work, log, [*pip, *exakt(listan)])
    _run(work, log, [*pip, "--no-deps", "--no-build-isolation", wanted])


def exakt(listan: Path) -> tuple[str, ...]:
    """Return pip's options for the packages of a list and no others.

    Wheels only: nothing from the index is run while it is installed.
    """
    return "--require-hashes", "--only-binary=:all:", "--requirement", str(listan)


def read_laslista(plats: Path) -> bytes:
    """Return the list of exact packages, with hashes, of a source folder or a wheel.

    It is made by verktyg/beroenden.py. Raises AnvandarFel where there is none.
    """
    try:
        if plats.is_dir():
            return (plats / "templates" / LASLISTA).read_bytes()
        with zipfile.ZipFile(plats) as wheel:
            return wheel.read(f"genomlysning/templates/{LASLISTA}")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise AnvandarFel(LISTA_SAKNAS, kalla=plats, fil=LASLISTA) from error


def _run(work: _Arbete, log: IO[bytes], command: Sequence[str]) -> None:
    windows = sys.platform == "win32"
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=make_environ(os.environ, _read_pip_version()),
        # The lock lives as long as either process: pip outlives an installation that is killed.
        pass_fds=() if windows else (work.las.fileno(),),
        check=False,
    )
    if done.returncode == 0:
        return
    logg = work.kormiljo.logg
    said = logg.read_text(encoding="utf-8", errors="replace")
    raise FilFel(find_orsak(said), logg=logg, python=".".join(map(str, sys.version_info[:3])))


def find_orsak(said: str) -> Meddelande:
    """Return the message for what pip or venv said when it failed."""
    found = (m for pattern, m in _TECKEN if re.search(pattern, said))
    return next(found, MISSLYCKADES)


def make_environ(environ: Mapping[str, str], pip: tuple[int, ...]) -> dict[str, str]:
    """Return the environment for pip: the user's own, without what would lead it astray."""
    astray = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    made = {name: value for name, value in environ.items() if name.upper() not in astray}
    made["PIP_USER"] = made["PIP_REQUIRE_VIRTUALENV"] = "0"
    if TRUSTSTORE_FRAN <= pip < TRUSTSTORE_TILL:
        made.setdefault("PIP_USE_FEATURE", "truststore")
    return made


def _read_pip_version() -> tuple[int, ...]:
    import ensurepip

    return tuple(int(n) for n in re.findall(r"\d+", ensurepip.version())[:2])


def _copy_skript(place: Kormiljo) -> None:
    """Put xlwings' script where Excel for macOS may run it, as `xlwings runpython install`."""
    source = find_skript(place)
    if source is None:
        raise FilFel(SKRIPT_SAKNAS, fil=XLWINGS_SKRIPT)
    place.skript.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place.skript)


# ---- folders -------------------------------------------------------------------------------


def _heal(place: Kormiljo) -> None:
    """Undo what an interrupted run has left: the older runtime wins unless the newer is whole."""
    _sweep(place)
    if place.tidigare.exists():
        if place.klar:
            _discard(place, place.tidigare)
        else:
            if place.mapp.exists():
                _discard(place, place.mapp)
            _move(place, place.tidigare, place.mapp)
    elif place.mapp.exists() and not place.klar:
        _discard(place, place.mapp)


def _move(place: Kormiljo, source: Path, target: Path) -> None:
    for remaining in reversed(range(FORSOK)):
        try:
            source.rename(target)
            return
        except PermissionError as error:
            # Windows refuses while any program has a file of it open, a virus scanner too.
            if place.platform != "win32":
                raise
            if not remaining:
                raise FilFel(ANVANDS, mapp=place.mapp) from error
            time.sleep(PAUS)


def _discard(place: Kormiljo, folder: Path) -> None:
    """Remove a folder at once; what is in use is removed by a later run."""
    if folder.exists():
        _move(place, folder, _waste(place))
        _sweep(place)


def _waste(place: Kormiljo) -> Path:
    return place.mapp.with_name(f"{place.mapp.name}.bort-{token_hex(4)}")


def _sweep(place: Kormiljo) -> None:
    for folder in place.mapp.parent.glob(f"{place.mapp.name}.bort-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _lock_file(place: Kormiljo) -> Path:
    return place.mapp.with_name("installera.las")


@contextmanager
def _lock(place: Kormiljo) -> Iterator[IO[bytes]]:
    """Keep other runs out; the operating system lets go of it however this one ends."""
    try:
        place.mapp.parent.mkdir(parents=True, exist_ok=True)
        with _lock_file(place).open("ab") as file:
            try:
                _take(file)
            except OSError as error:
                raise FilFel(PAGAR) from error
            yield file
    except OSError as error:  # also whatever the run itself could not write
        raise FilFel(KAN_INTE_SKRIVA, mapp=place.mapp.parent, orsak=_describe(error)) from error


def _take(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _describe(error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):  # where the folder is to be
        return "en fil ligger i vägen"
    return describe_systemfel(error)


# ---- what is told --------------------------------------------------------------------------


def to_json_installera(utfall: Utfall) -> dict[str, Any]:
    """Return the answer of `installera` for other programs."""
    return {
        "mapp": str(utfall.kormiljo.mapp),
        "version": utfall.version,
        "xlwings": XLWINGS,
        "kontroller": [
            {"namn": p.namn, "status": "fel" if p.fel else "ok", "text": p.text}
            for p in utfall.provningar
        ],
    }


def to_json_bortta(kormiljo: Kormiljo, borttagen: bool) -> dict[str, Any]:
    """Return the answer of `installera --ta-bort` for other programs."""
    return {"mapp": str(kormiljo.mapp), "borttagen": borttagen}


def format_utfall(utfall: Utfall) -> str:
    """Return what was installed and what to do next."""
    place = utfall.kormiljo
    if place.platform in ("win32", "darwin"):
        rest = "Stäng och öppna Excel, öppna arbetsboken och tryck på en knapp på Start."
    else:
        rest = "Knapparna i Excel finns bara i Windows och macOS."
    return (
        f"Genomlysning {utfall.version} med xlwings {XLWINGS} är installerat i {place.mapp} och "
        f"kontrollerat. {rest}"
    )


def format_bortta(kormiljo: Kormiljo, borttagen: bool) -> str:
    """Return what was removed and what was kept."""
    done = "är borttaget" if borttagen else "fanns inte"
    return f"Programmet för Excel i {kormiljo.mapp} {done}. Hämtade värden är kvar."


class _Vaxlar(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise AnvandarFel(FELSKRIVET)


def main(argv: Sequence[str]) -> int:
    """Run from a source folder, as the command line's `installera` does once it is installed."""
    prefer_utf8()
    parser = _Vaxlar(add_help=False, allow_abbrev=False)
    parser.add_argument("--kalla", type=Path)
    parser.add_argument("--ta-bort", action="store_true")
    parser.add_argument("--json", action="store_true")
    try:
        chosen = parser.parse_args(fold_names(argv))
        print(carry_out(chosen.kalla, ta_bort=chosen.ta_bort, som_json=chosen.json))
    except GenomlysningFel as error:
        tell(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        tell(AVBRUTET.format())
        return 130
    return 0


def carry_out(kalla: Path | None, *, ta_bort: bool, som_json: bool) -> str:
    """Install or remove, telling each step on standard error; return what to write."""
    if ta_bort:
        place = find_kormiljo()
        gone = remove(place)
        if som_json:
            return _to_text(to_json_bortta(place, gone))
        return format_bortta(place, gone)
    utfall = install(kalla, tell)
    return _to_text(to_json_installera(utfall)) if som_json else format_utfall(utfall)


def _to_text(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=2)


def tell(text: str) -> None:
    """Write a line on standard error."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
