"""Writes a file whole or not at all, and keeps the one that had its name."""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from itertools import count
from pathlib import Path
from secrets import token_hex

from genomlysning.fel import AnvandarFel, FilFel, Meddelande

#: What a workbook may be called: without macros, and with.
XLSX, XLSM = ".xlsx", ".xlsm"

EJ_ARBETSBOK = Meddelande(
    "fil-ej-arbetsbok",
    "Arbetsboken kan bara skrivas som .xlsx eller .xlsm, inte ”{fil}”.",
    "Ange med --ut ett filnamn som slutar på .xlsx, eller på .xlsm om den ska ha knappar.",
)
MAPP_SAKNAS = Meddelande(
    "fil-mapp-saknas",
    "Mappen {mapp} finns inte.",
    "Skapa den först, eller välj en annan med --ut.",
)
KAN_INTE_SKRIVA = Meddelande(
    "fil-kan-inte-skrivas",
    "Filen {fil} kunde inte skrivas ({orsak}).",
    "Stäng den om den är öppen någonstans, kontrollera att du får skriva i mappen och att disken "
    "inte är full. Ingen fil har ändrats.",
)

SPARAD_UNDAN = Meddelande(
    "fil-sparad-undan",
    "Det fanns redan en fil med namnet {fil}. Den är sparad som {undan}.",
    "Det som är skrivet i den finns kvar där och följer inte med till den nya.",
)
FIL_OPPEN = Meddelande(
    "bok-oppen",
    "Filen {fil} är öppen i Excel eller ett annat program.",
    "Spara och stäng den, och kör igen. Finns ingen öppen är {las} kvar av misstag: ta bort den.",
)


def check_utfil(fil: Path) -> None:
    """Refuse a file name that can't become a workbook, before anything is fetched."""
    if fil.suffix.lower() not in (XLSX, XLSM):
        raise AnvandarFel(EJ_ARBETSBOK, fil=fil.name)
    check_plats(fil)


def check_plats(fil: Path) -> None:
    """Refuse a place where no file can be written."""
    try:
        if not fil.absolute().parent.is_dir():
            raise FilFel(MAPP_SAKNAS, mapp=fil.absolute().parent)
        if fil.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        fil.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak=_describe(error)) from error


def check_oppen(fil: Path) -> None:
    """Refuse a file that Excel or LibreOffice has a lock file beside."""
    if las := list_las(fil):
        raise FilFel(FIL_OPPEN, fil=fil, las=las[0])


def list_las(fil: Path) -> list[str]:
    """Return the lock files that Excel or LibreOffice has beside a file it has open."""
    names = (f"~${fil.name}", f".~lock.{fil.name}#")
    return [name for name in names if fil.with_name(name).exists()]


def replace_whole(
    fil: Path,
    write: Callable[[Path], None],
    idag: date,
    check: Callable[[Path], None] = lambda _: None,
) -> Path | None:
    """Let `write` make a temporary file beside `fil`, which then takes its place.

    `check` may read the temporary file and raise what stops it from taking the place.
    Returns where a file that already had the name is kept, None if there was none. Raises
    FilFel when something can't be written; then all is as it was.
    """
    return replace_all([(fil, write)], idag, check)[0]


def replace_all(
    filer: Sequence[tuple[Path, Callable[[Path], None]]],
    idag: date,
    check: Callable[[Path], None] = lambda _: None,
) -> list[Path | None]:
    """Do the same with several files, of which all or none take their places."""
    made = [(fil, fil.with_name(f".{fil.stem[:40]}-{token_hex(6)}.tmp")) for fil, _ in filer]
    moved: list[tuple[Path, Path | None]] = []
    fil, kept = made[0][0], None  # the one at hand
    try:
        for (_, write), (target, temporary) in zip(filer, made, strict=True):
            fil = target
            write(temporary)
            check(temporary)
        for fil, temporary in made:
            if fil.exists():
                shutil.copymode(fil, temporary)
                kept = _keep(fil, idag)
            os.replace(temporary, fil)
            moved.append((fil, kept))
            kept = None
    except BaseException as error:
        for leftover in (*(t for _, t in made), kept):
            if leftover is not None:
                _remove(leftover)
        for done, old in moved:
            with suppress(OSError):  # then it is still there, under the name it is kept with
                if old is None:
                    done.unlink()
                else:
                    os.replace(old, done)
        if isinstance(error, OSError):
            raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak=_describe(error)) from error
        raise
    return [old for _, old in moved]


def describe_undan(fil: Path, kept: Path | None) -> list[str]:
    """Say where a file that already had the name is kept, as `replace_whole` returned it."""
    return [SPARAD_UNDAN.format(fil=fil.name, undan=kept.name)] if kept else []


def _keep(fil: Path, idag: date) -> Path:
    """Copy a file to a name that no other file has, and return it.

    The copy is made with a name that this run alone has created, so that two runs at once can't
    write over each other's.
    """
    for n in count(1):
        number = "" if n == 1 else f" {n}"
        kept = fil.with_name(f"{fil.stem} (tidigare {idag.isoformat()}{number}){fil.suffix}")
        try:
            target = kept.open("xb")
        except FileExistsError:
            continue
        try:
            with target, fil.open("rb") as source:
                shutil.copyfileobj(source, target)
            shutil.copystat(fil, kept)
        except BaseException:
            _remove(kept)
            raise
        return kept
    raise AssertionError("unreachable")


def _remove(fil: Path) -> None:
    with suppress(OSError):
        fil.unlink(missing_ok=True)


def _describe(error: OSError) -> str:
    """Say in Swedish what the operating system says in a language of its own."""
    known = {
        errno.ENOSPC: "disken är full",
        errno.EDQUOT: "utrymmet är slut",
        errno.EACCES: "åtkomst nekad",
        errno.EPERM: "åtkomst nekad",
        errno.EROFS: "disken är skrivskyddad",
        errno.ENOENT: "mappen finns inte längre",
        errno.EISDIR: "det är en mapp",
        errno.ENAMETOOLONG: "namnet är för långt",
    }
    return known.get(error.errno or 0, f"felkod {error.errno}")
