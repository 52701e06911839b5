"""Makes a PDF of a workbook or a Word document with LibreOffice, where it is installed.

LibreOffice prints what the file says is to be printed: the visible sheets, their print areas and
page set-up. Nothing is recalculated, so that the pages show the values saved in the file.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from genomlysning.fel import FilFel, Meddelande

#: For one file; starting alone may take a minute on a busy computer.
TIDSGRANS_SEKUNDER = 180

LIBREOFFICE_SAKNAS = Meddelande(
    "pdf-libreoffice-saknas",
    "PDF:en kan inte göras, eftersom LibreOffice inte finns på datorn.",
    "Öppna filen och spara den som PDF därifrån, eller be IT installera LibreOffice. Utan --pdf "
    "görs allt annat.",
)
PDF_MISSLYCKADES = Meddelande(
    "pdf-misslyckades",
    "LibreOffice kunde inte göra en PDF av {fil} ({orsak}).",
    "Försök igen, eller öppna filen och spara den som PDF därifrån.",
)

_PROGRAM = ("soffice", "libreoffice")
#: Where LibreOffice is when it is not on PATH; on Windows below each folder for programs.
_MAC = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "~/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_WINDOWS = ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)", "LOCALAPPDATA")
#: Swedish numbers, tags and bookmarks for those who don't see the page, no macros, and the values
#: as they are saved (1 is 'never recalculate').
_INSTALLNINGAR = (
    ("org.openoffice.Setup/L10N", "ooSetupSystemLocale", "sv-SE"),
    ("org.openoffice.Office.Common/Filter/PDF/Export", "UseTaggedPDF", "true"),
    ("org.openoffice.Office.Common/Filter/PDF/Export", "ExportBookmarks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"),
)


def convert_to_pdf(fil: Path, pdf: Path) -> None:
    """Print `fil` (.xlsx or .docx) to `pdf`, which is overwritten.

    Raises FilFel where LibreOffice is missing or fails, OSError when `pdf` can't be written.
    """
    soffice = require_libreoffice()
    # A folder of our own, so that a LibreOffice that is open, and its settings, are left alone.
    with tempfile.TemporaryDirectory(
        prefix="genomlysning-", ignore_cleanup_errors=True
    ) as temporary:
        folder = Path(temporary)
        profile = folder / "profil"
        _write_profile(profile)
        source = folder / f"fil{fil.suffix.lower()}"
        shutil.copyfile(fil, source)
        failure = _run(
            [
                soffice,
                f"-env:UserInstallation={profile.as_uri()}",
                *("--headless", "--norestore", "--nolockcheck", "--nodefault"),
                *("--convert-to", "pdf", "--outdir", str(folder), str(source)),
            ]
        )
        made = source.with_suffix(".pdf")
        if not made.is_file() or made.stat().st_size == 0:
            raise FilFel(PDF_MISSLYCKADES, fil=fil.name, orsak=failure or "ingen fil blev skriven")
        shutil.copyfile(made, pdf)


def require_libreoffice() -> str:
    """Return the path of LibreOffice's program; raises FilFel where there is none."""
    found = find_libreoffice()
    if found is None:
        raise FilFel(LIBREOFFICE_SAKNAS)
    return found


def find_libreoffice() -> str | None:
    """Return the path of LibreOffice's program, on PATH or where it is usually installed."""
    for name in _PROGRAM:
        if on_path := shutil.which(name):
            return on_path
    places = [Path(p).expanduser() for p in _MAC] if sys.platform == "darwin" else []
    if os.name == "nt":
        folders = [Path(os.environ[v]) for v in _WINDOWS if os.environ.get(v)]
        # The .com waits until the work is done.
        places += [f / "LibreOffice" / "program" / "soffice.com" for f in folders]
    return next((str(p) for p in places if p.is_file()), None)


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _INSTALLNINGAR
    )
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>',
        encoding="utf-8",
    )


def _run(command: list[str]) -> str:
    """Run LibreOffice; return why it failed, empty when it ended well."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        return f"det gick inte att starta: {error.strerror}"
    try:
        status = process.wait(TIDSGRANS_SEKUNDER)
    except subprocess.TimeoutExpired:
        return f"det blev inte klart inom {TIDSGRANS_SEKUNDER} sekunder"
    finally:
        if process.poll() is None:
            _end(process)
    return f"felkod {status}" if status else ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End LibreOffice with all that it has started, which alone would go on."""
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(process.pid)],
            capture_output=True,
            check=False,
        )
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
