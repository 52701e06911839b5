"""Writes a file whole or not at all, and keeps the one that had its name."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from glob import escape
from itertools import count
from pathlib import Path
from secrets import token_hex

from genomlysning.fel import AnvandarFel, FilFel, Meddelande, describe_systemfel

#: What a workbook may be called: without macros, and with.
XLSX, XLSM = ".xlsx", ".xlsm"
#: Seconds after which a temporary file is one that a killed run has left: none takes so long.
OVERGIVEN = 3600.0

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
        raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak=describe_systemfel(error)) from error


def check_oppen(fil: Path) -> None:
    """Refuse a file that Excel or LibreOffice has a lock file beside."""
    if las := list_las(fil):
        raise FilFel(FIL_OPPEN, fil=fil, las=las[0])


def list_las(fil: Path) -> list[str]:
    """Return the lock files that Excel or LibreOffice has beside a file it has open."""
    names = (f"~${fil.name}", f".~lock.{fil.name}#")
    found = []
    for name in names:
        with suppress(OSError):  # too long to be a name, or in a folder that can't be looked in
            if fil.with_name(name).exists():
                found.append(name)
    return found


def is_samma_fil(fil: Path, annan: Path) -> bool:
    """Tell whether two names are one file, whatever links and capitals lead there."""
    with suppress(OSError):  # one of them is not there, or can't be reached
        return fil.samefile(annan)
    return os.path.realpath(fil) == os.path.realpath(annan)


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
    made = [(fil, _name_temporary(fil)) for fil, _ in filer]
    moved: list[tuple[Path, Path | None]] = []
    fil, kept = made[0][0], None  # the one at hand
    try:
        for (_, write), (target, temporary) in zip(filer, made, strict=True):
            fil = target
            write(temporary)
            check(temporary)
            _remove_overgivna(fil, temporary)
        for fil, temporary in made:
            if fil.exists():
                shutil.copymode(fil, temporary)
                kept = _keep(fil, idag)
            _flush(temporary)
            os.replace(temporary, fil)
            moved.append((fil, kept))
            kept = None
    except BaseException as error:
        if kept is not None:
            if temporary.exists():
                _remove(kept)
            else:  # interrupted when the new file had just taken its place
                moved.append((fil, kept))
        for _, leftover in made:
            _remove(leftover)
        for done, old in moved:
            with suppress(OSError):  # then it is still there, under the name it is kept with
                if old is None:
                    done.unlink()
                else:
                    os.replace(old, done)
        if isinstance(error, OSError):
            raise FilFel(KAN_INTE_SKRIVA, fil=fil, orsak=describe_systemfel(error)) from error
        raise
    return [old for _, old in moved]


def describe_undan(fil: Path, kept: Path | None) -> list[str]:
    """Say where a file that already had the name is kept, as `replace_whole` returned it."""
    return [SPARAD_UNDAN.format(fil=fil.name, undan=kept.name)] if kept else []


def _keep(fil: Path, idag: date) -> Path:
    """Copy a file to a name that no other file has, and return it.

    The name is taken when the copy is whole, and only if it is free then: a run that is killed
    leaves no half copy, and two runs at once can't write over each other's.
    """
    whole = _name_temporary(fil)
    try:
        shutil.copyfile(fil, whole)
        shutil.copystat(fil, whole)
        for n in count(1):
            kept = _name_undan(fil, idag, n)
            with suppress(FileExistsError):
                _take_name(whole, kept)
                return kept
    finally:
        _remove(whole)
    raise AssertionError("unreachable")


def _name_undan(fil: Path, idag: date, nr: int) -> Path:
    """Return what a file of this name is called when it is kept: the `nr`th that day."""
    number = "" if nr == 1 else f" {nr}"
    return fil.with_name(f"{fil.stem} (tidigare {idag.isoformat()}{number}){fil.suffix}")


_UNDAN = re.compile(r" \(tidigare \d{4}-\d\d-\d\d(?: \d+)?\)$")


def is_undan(fil: Path) -> bool:
    """Tell whether a file is called as one that has been kept."""
    return _UNDAN.search(fil.stem) is not None


def _take_name(fil: Path, name: Path) -> None:
    """Give a file another name; raises FileExistsError when there is a file of that name."""
    if os.name == "nt":
        fil.rename(name)  # does not replace, on Windows
        return
    try:
        os.link(fil, name)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        name.open("xb").close()
        fil.replace(name)


def _name_temporary(fil: Path) -> Path:
    return fil.with_name(f".{fil.stem[:40]}-{token_hex(6)}.tmp")


def _remove_overgivna(fil: Path, ny: Path) -> None:
    """Remove what runs that were killed have left beside a file.

    Their age is told by the clock of the disk, which may be another computer's: by that of `ny`,
    the temporary file just written.
    """
    pattern = f".{escape(fil.stem[:40])}-{'[0-9a-f]' * 12}.tmp"
    with suppress(OSError):
        now = ny.stat().st_mtime
        for old in fil.parent.glob(pattern):
            with suppress(OSError):
                if now - old.stat().st_mtime > OVERGIVEN:
                    old.unlink()


def _flush(fil: Path) -> None:
    """Have a file on the disk before it takes its name, should the computer lose power."""
    with fil.open("r+b") as opened:
        os.fsync(opened.fileno())


def _remove(fil: Path) -> None:
    with suppress(OSError):
        fil.unlink(missing_ok=True)
