"""Writes a file whole or not at all, and keeps the one that had its name."""

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from genomlysning.fel import AnvandarFel, FilFel, Meddelande

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


def check_utfil(fil: Path) -> None:
    """Refuse a file name that can't become a workbook, before anything is fetched."""
    if fil.suffix.lower() != ".xlsx":
        raise AnvandarFel(EJ_XLSX, fil=fil.name)
    if not fil.absolute().parent.is_dir():
        raise FilFel(MAPP_SAKNAS, mapp=fil.absolute().parent)
    if fil.is_dir():
        raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak="det är en mapp")


def replace_whole(fil: Path, write: Callable[[Path], None], idag: date) -> Path | None:
    """Let `write` make a temporary file beside `fil`, which then takes its place.

    Returns where a file that already had the name is kept, None if there was none. Raises
    FilFel when something can't be written; then all is as it was.
    """
    temporary = fil.with_name(f".{fil.stem}-{os.getpid()}.tmp")
    kept: Path | None = None
    try:
        write(temporary)
        if fil.exists():
            kept = _free_name(fil, idag)
            shutil.copy2(fil, kept)
        os.replace(temporary, fil)
    except OSError as error:
        for leftover in (temporary, kept):
            if leftover is not None:
                leftover.unlink(missing_ok=True)
        raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak=_describe(error)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return kept


def _describe(error: OSError) -> str:
    known = {
        PermissionError: "åtkomst nekad",
        FileNotFoundError: "mappen finns inte längre",
    }
    if error.errno == 28:
        return "disken är full"
    return known.get(type(error), error.strerror or str(error))


def _free_name(fil: Path, idag: date) -> Path:
    """Return a name for the former file that no other file has."""
    n = 1
    while True:
        number = "" if n == 1 else f" {n}"
        name = fil.with_name(f"{fil.stem} (tidigare {idag.isoformat()}{number}){fil.suffix}")
        if not name.exists():
            return name
        n += 1
