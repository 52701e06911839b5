"""The runtime that Excel's buttons start: where it is, and whether it is whole.

`installera` makes it and `halsa` looks at it. Standard library only, since it is used before
anything is installed. The platform is `sys.platform`'s word and always an argument, so that each
one's rules can be tried on any other.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from genomlysning.excelmiljo import (
    FUNKTIONSMODUL,
    KNAPPMODUL,
    KORMAPP_MAC,
    KORMAPP_WIN,
    SKRIPTMAPP_MAC,
    TOLK_MAC,
    TOLK_WIN,
    XLWINGS,
    XLWINGS_DLL,
    XLWINGS_SKRIPT,
)
from genomlysning.fel import FilFel, Meddelande

#: The file that is written last, with the version: without it the runtime is half-made.
KLAR = "genomlysning-klar.txt"
#: What must load there, as far as the installed version has it. They need all other packages.
MODULER = (
    "xlwings",
    "genomlysning.kommandorad",
    "genomlysning.uppdatera",
    KNAPPMODUL,
    FUNKTIONSMODUL,
)

HEMMAPP_SAKNAS = Meddelande(
    "kormiljo-hemmapp-saknas",
    "Miljövariabeln {namn} saknas, så det går inte att veta var programmet för Excel ska ligga.",
    "Logga ut och in igen. Saknas den ändå, be IT rätta det.",
)
HALVFARDIG = Meddelande(
    "kormiljo-halvfardig", "Installationen i {mapp} blev aldrig klar, eller är ändrad."
)
STARTAR_INTE = Meddelande("kormiljo-startar-inte", "{tolk} går inte att starta.")
FOR_LANGSAM = Meddelande(
    "kormiljo-for-langsam",
    "{tolk} svarade inte inom {sekunder} sekunder, så det gick inte att kontrollera.",
    "Prova igen om en stund.",
)
FILER_SAKNAS = Meddelande(
    "kormiljo-filer-saknas",
    "Filer saknas eller är skadade i {mapp}: {antal} st, bland dem {fil}.",
)
LADDAS_INTE = Meddelande("kormiljo-laddas-inte", "Delar av programmet går inte att ladda: {vad}.")
FEL_VERSION = Meddelande(
    "kormiljo-fel-version", "Där finns version {dar}, men det här är version {vantad}."
)
FEL_PLATS = Meddelande(
    "kormiljo-fel-plats", "Genomlysning laddas från {plats} i stället för från {mapp}."
)
FEL_XLWINGS = Meddelande(
    "kormiljo-fel-xlwings",
    f"Arbetsboken behöver xlwings {XLWINGS}, men där finns {{version}}.",
)
DLL_SAKNAS = Meddelande(
    "kormiljo-dll-saknas",
    "Filen {fil} saknas i {mapp}. Den följer med till 64-bitars Python från python.org.",
)
HAR_PANDAS = Meddelande(
    "kormiljo-har-pandas",
    "Paketet pandas finns där och gör varje knapptryckning långsam.",
)
SKRIPT_SAKNAS = Meddelande(
    "kormiljo-skript-saknas",
    "Skriptet {fil}, som låter Excel starta Python, saknas eller är ett annat.",
)

# Run by the runtime's own Python. Whatever it finds, it answers with one line of JSON.
_FRAGOR = """
import importlib, importlib.util, json, os, sys
from importlib import metadata

answer = {"trasiga": [], "laddas_inte": [], "xlwings": None, "version": None, "fil": None}
answer["pandas"] = importlib.util.find_spec("pandas") is not None
for dist in metadata.distributions():
    for file in dist.files or ():
        if file.hash is None:
            continue
        try:
            whole = file.size in (None, os.stat(dist.locate_file(file)).st_size)
        except OSError:
            whole = False
        if not whole:
            answer["trasiga"].append(str(file))
try:
    import genomlysning
    answer["version"], answer["fil"] = genomlysning.__version__, genomlysning.__file__
except Exception:
    answer["laddas_inte"].append("genomlysning")
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
        if name == "xlwings":
            answer["xlwings"] = module.__version__
    except Exception as error:
        absent = getattr(error, "name", None) or ""
        if not (absent.startswith("genomlysning.") and f"{name}.".startswith(f"{absent}.")):
            answer["laddas_inte"].append(name)
print()
print(json.dumps(answer), flush=True)
# At an ordinary end xlwings would close every Excel that has no workbook open.
os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Kormiljo:
    """The place of a runtime, whether or not there is one.

    `skript` is where Excel for macOS looks for the script by which xlwings starts Python.
    """

    platform: str
    mapp: Path
    tolk: Path
    skript: Path

    @property
    def tidigare(self) -> Path:
        """Where the one before is kept while a new one is made."""
        return self.mapp.with_name(f"{self.mapp.name}.tidigare")

    @property
    def logg(self) -> Path:
        """What pip said when it was last installed."""
        return self.mapp.with_name("installera.logg.txt")

    @property
    def finns(self) -> bool:
        """Whether there is a runtime, or what an interrupted installation has left."""
        return self.mapp.exists() or self.tidigare.exists()

    @property
    def klar(self) -> bool:
        """Whether the installation came to its end."""
        return (self.mapp / KLAR).is_file()


@dataclass(frozen=True, slots=True)
class Provning:
    """One thing that was checked: what was found, and the fault if there is one."""

    namn: str
    text: str
    fel: FilFel | None = None


@dataclass(frozen=True, slots=True)
class Svar:
    """What a runtime's own Python says of what it has."""

    trasiga: Sequence[str]
    laddas_inte: Sequence[str]
    xlwings: str | None
    version: str | None
    fil: str | None
    pandas: bool


def find_kormiljo(
    platform: str = sys.platform, environ: Mapping[str, str] = os.environ
) -> Kormiljo:
    """Return the place that the workbook's xlwings.conf names, for this user.

    There is no Excel for other systems than Windows and macOS; they have the latter's place.
    """
    windows = platform == "win32"
    variable = "LOCALAPPDATA" if windows else "HOME"
    value = environ.get(variable) or ("" if windows else str(Path.home()))
    if not value:
        raise FilFel(HEMMAPP_SAKNAS, namn=variable)

    def expand(text: str) -> Path:
        if windows:
            return Path(text.replace(f"%{variable}%", value).replace("\\", "/"))
        return Path(text.replace(f"${variable}", value))

    mapp, tolk = (KORMAPP_WIN, TOLK_WIN) if windows else (KORMAPP_MAC, TOLK_MAC)
    skript = expand(SKRIPTMAPP_MAC) / XLWINGS_SKRIPT
    return Kormiljo(platform, expand(mapp), expand(tolk), skript)


def ask_tolk(kormiljo: Kormiljo, seconds: float) -> Svar:
    """Let the runtime's Python say what it has; nothing is written there.

    Raises FilFel when it does not start, or takes longer than `seconds`.
    """
    # -I: what the user's environment variables name is not there when Excel starts it.
    command = [str(kormiljo.tolk), "-I", "-B", "-c", _FRAGOR, *MODULER]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=kormiljo.mapp,
            timeout=seconds,
            check=False,
        )
        return Svar(**json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired as error:
        raise FilFel(FOR_LANGSAM, tolk=kormiljo.tolk, sekunder=f"{seconds:.0f}") from error
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise FilFel(STARTAR_INTE, tolk=kormiljo.tolk) from error


def check_svar(kormiljo: Kormiljo, svar: Svar, version: str) -> tuple[Provning, ...]:
    """Compare what a runtime has with what the workbook and this version of the program need."""
    mapp = kormiljo.mapp
    made = [
        _judge(
            "Filer",
            "Alla finns.",
            None
            if not svar.trasiga
            else FilFel(FILER_SAKNAS, mapp=mapp, antal=len(svar.trasiga), fil=svar.trasiga[0]),
        ),
        _judge(
            "Laddas",
            "Alla delar går att ladda.",
            FilFel(LADDAS_INTE, vad=", ".join(svar.laddas_inte)) if svar.laddas_inte else None,
        ),
        _judge("Genomlysning", f"Version {version}.", _check_version(kormiljo, svar, version)),
        _judge(
            "xlwings",
            f"Version {XLWINGS}.",
            None if svar.xlwings in (XLWINGS, None) else FilFel(FEL_XLWINGS, version=svar.xlwings),
        ),
        _judge("Utan pandas", "Ja.", FilFel(HAR_PANDAS) if svar.pandas else None),
    ]
    if kormiljo.platform == "win32":
        found = (mapp / XLWINGS_DLL).is_file()
        fault = None if found else FilFel(DLL_SAKNAS, fil=XLWINGS_DLL, mapp=mapp)
        made.append(_judge("DLL", f"{XLWINGS_DLL} finns.", fault))
    if kormiljo.platform == "darwin":
        made.append(_judge("AppleScript", f"{kormiljo.skript} finns.", _check_skript(kormiljo)))
    return tuple(made)


def find_skript(kormiljo: Kormiljo) -> Path | None:
    """Return xlwings' script as the runtime's own xlwings has it."""
    found = kormiljo.mapp.glob(f"lib/python*/site-packages/xlwings/{XLWINGS_SKRIPT}")
    return next(found, None)


def _judge(namn: str, text: str, fel: FilFel | None) -> Provning:
    return Provning(namn, text if fel is None else str(fel), fel)


def _check_version(kormiljo: Kormiljo, svar: Svar, version: str) -> FilFel | None:
    if svar.version is None or svar.fil is None:  # told among what can't be loaded
        return None
    if not Path(svar.fil).resolve().is_relative_to(kormiljo.mapp.resolve()):
        return FilFel(FEL_PLATS, plats=Path(svar.fil).parent, mapp=kormiljo.mapp)
    if svar.version != version:
        return FilFel(FEL_VERSION, dar=svar.version, vantad=version)
    return None


def _check_skript(kormiljo: Kormiljo) -> FilFel | None:
    own = find_skript(kormiljo)
    try:
        same = own is not None and own.read_bytes() == kormiljo.skript.read_bytes()
    except OSError:
        same = False
    return None if same else FilFel(SKRIPT_SAKNAS, fil=kormiljo.skript)
