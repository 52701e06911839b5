"""Which files are read when the committees' workbooks are collected, of those and folders named."""

import os
import re
from collections.abc import Iterator, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from genomlysning.fel import AnvandarFel, FilFel, Meddelande, describe_systemfel
from genomlysning.filskrivning import is_undan
from genomlysning.sammanstallning.arbetare import name_filer
from genomlysning.sammanstallning.namndbok import Avvisad
from genomlysning.svenska import cut_namn, join_nagra

#: What in a folder is taken for a workbook; the last four are refused with what to do instead.
_FILTYPER = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".xltx")
#: Lock files and temporary files begin so, and folders that are not for people.
_LAS = ("~$", ".")
#: What Windows, macOS and mail programs add to the name of a file that is saved again.
_KOPIA = re.compile(
    r"^(?:kopia av|copy of) |(?: ?[-–]? ?(?:kopia|copy)(?: \d+)?)?(?: ?\(\d+\))*$", re.IGNORECASE
)
#: So many folders are named in a message.
_MEST_MAPPAR = 5

ANGE_FILER = Meddelande(
    "sammanstall-ange-filer",
    "Det framgår inte vad som ska sammanställas.",
    "Ange en mapp eller filer: genomlysning sammanstall MAPP --ut KOMMUN.xlsx.",
)
INGA_FILER = Meddelande(
    "sammanstall-inga-filer",
    "Det finns inga arbetsböcker i {mapp}.",
    "Kontrollera mappen. Arbetsböcker slutar på .xlsx eller .xlsm.",
)
UNDERMAPPAR = Meddelande(
    "sammanstall-undermappar",
    "{mappar} har arbetsböcker som inte är lästa.",
    "Lägg dem i samma mapp, eller ange mapparna.",
)
MAPP_OLASBAR = Meddelande(
    "sammanstall-mapp-olasbar",
    "Mappen {mapp} kan inte läsas ({orsak}).",
    "Kontrollera att du får läsa den.",
)
LIKADAN = Meddelande("sammanstall-likadan", "{fil} är likadan som {annan} och räknas inte igen.")


class Filval(NamedTuple):
    """The files to read, names of earlier versions that are not, and folders without any.

    `varningar` tell what else is left out.
    """

    filer: list[Path]
    tidigare: list[str]
    avvisade: list[Avvisad]
    varningar: list[str]


def list_filer(kallor: Sequence[Path], ut: Path) -> Filval:
    """Return the files to read, each once: those named, and those in the folders named.

    `ut` is not among them, nor the lock files that Excel leaves beside an open workbook, nor what
    is kept in a folder of files that have been written over. A copy of one that is read is not.
    Raises FilFel when nothing is left.
    """
    if not kallor:
        raise AnvandarFel(ANGE_FILER)
    found: dict[str, Path] = {}
    earlier: list[str] = []
    errors: list[tuple[Path, FilFel]] = []
    told: list[str] = []
    named = {os.path.realpath(k) for k in kallor}
    for source in kallor:
        files = [source]
        if _is_mapp(source):
            try:
                files, below = _list_mapp(source, named)
            except FilFel as error:
                errors.append((source, error))
                continue
            if below:
                told.append(below)
            earlier += [f.name for f in files if is_undan(f)]
            files = [f for f in files if not is_undan(f)]
        for fil in files:
            found.setdefault(os.path.realpath(fil), fil)
    found.pop(os.path.realpath(ut), None)
    if not found:
        raise errors[0][1] if errors else FilFel(INGA_FILER, mapp=kallor[0])
    files = list(found.values())
    names = dict(zip(files, map(cut_namn, name_filer(files)), strict=True))
    same = dict(_find_likadana(files))
    told += [LIKADAN.format(fil=names[f], annan=names[first]) for f, first in same.items()]
    refused = [Avvisad(str(source), str(error)) for source, error in errors]
    return Filval([f for f in files if f not in same], earlier, refused, told)


def _is_mapp(kalla: Path) -> bool:
    """Tell whether it is a folder; of one that can't be reached by its name."""
    try:
        return kalla.is_dir()
    except OSError:
        return kalla.suffix.lower() not in _FILTYPER


def _list_mapp(mapp: Path, angivna: set[str]) -> tuple[list[Path], str]:
    """Return the workbooks in a folder, and what to tell of those in folders within.

    `angivna` are the files and folders that are named themselves. Raises FilFel where there are
    none.
    """
    try:
        files = list(_list_bocker(mapp))
        within = [f for f in sorted(mapp.iterdir()) if not f.name.startswith(_LAS) and f.is_dir()]
    except OSError as error:
        raise FilFel(MAPP_OLASBAR, mapp=mapp, orsak=describe_systemfel(error)) from error
    missed = [
        cut_namn(f.name) for f in within if os.path.realpath(f) not in angivna and _has_bocker(f)
    ]
    which = "Undermappen" if len(missed) == 1 else "Undermapparna"
    below = {"mappar": f"{which} {join_nagra(missed, _MEST_MAPPAR)}"}
    if not files:
        raise FilFel(UNDERMAPPAR, **below) if missed else FilFel(INGA_FILER, mapp=mapp)
    return files, UNDERMAPPAR.format(**below) if missed else ""


def _list_bocker(mapp: Path) -> Iterator[Path]:
    """Yield the workbooks in a folder by name. Raises OSError."""
    for fil in sorted(mapp.iterdir()):
        if fil.suffix.lower() not in _FILTYPER or fil.name.startswith(_LAS):
            continue
        # A link to what isn't there, or can't be reached, was meant to be a workbook: it is named.
        if os.path.isfile(fil) or (fil.is_symlink() and not os.path.exists(fil)):
            yield fil


def _has_bocker(mapp: Path) -> bool:
    try:
        return any(not is_undan(f) for f in _list_bocker(mapp))
    except OSError:
        return False


def _find_likadana(filer: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield each file that is a copy by its name and its content, and the one that it is a copy of.

    Files with the same content and names of their own are somebody's meaning, and are all read.
    """
    sizes: dict[tuple[int, str], list[Path]] = {}
    for fil in filer:
        try:
            key = fil.stat().st_size, _KOPIA.sub("", fil.stem).lower()
        except OSError:  # told when it is read
            continue
        sizes.setdefault(key, []).append(fil)
    for alike in sizes.values():
        seen: dict[bytes, Path] = {}
        # The copies have the longer names.
        for fil in sorted(alike, key=lambda f: len(f.name)) if len(alike) > 1 else ():
            try:
                with fil.open("rb") as stream:
                    content = file_digest(stream, "sha256").digest()
            except OSError:
                continue
            first = seen.setdefault(content, fil)
            if first is not fil:
                yield fil, first
