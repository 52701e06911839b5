"""LibreOffice as the tests' second opinion on a workbook: recalculate, compare, look.

For checking only; the product never writes its files with LibreOffice. Every call starts a
LibreOffice of its own with a throw-away user profile, so that calls may run side by side.
"""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

#: Set to 1 where the tests must not be skipped (CI).
REQUIRED = "GENOMLYSNING_KRAV_LIBREOFFICE"
#: For a whole run; starting alone may take 60 seconds on a busy machine.
RUN_SECONDS = 180
ATTEMPTS = 2

_DUMP = Path(__file__).with_name("_uno_dump.py")
_BASIC = Path(__file__).with_name("_uno_basic.py")
_CLICK = Path(__file__).with_name("_uno_klick.py")
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>{locale}</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{recalculation}</value></prop></item>
</oor:items>
"""
_ALWAYS, _NEVER = 0, 1  # the values of OOXMLRecalcMode


class LibreOfficeError(Exception):
    """LibreOffice could not do what a test asked of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell after recalculation.

    `error` is LibreOffice's code (532 division by zero, 519 #VALUE!, 525 #NAME?, 32767 #N/A …),
    0 where there is none; `value` is then the empty string. Truth values are 1 and 0.
    """

    kind: Literal["number", "text", "error"]
    value: float | str
    formula: str | None = None
    error: int = 0


def find_soffice() -> str | None:
    """Return the path of LibreOffice's program, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


@cache
def find_uno_python() -> str | None:
    """Return a Python that can import `uno`: this one, the system's or LibreOffice's own."""
    candidates = [sys.executable, "/usr/bin/python3"]
    if soffice := find_soffice():
        candidates.append(str(Path(soffice).resolve().with_name("python")))
    for python in candidates:
        if Path(python).is_file():
            found = subprocess.run(
                [python, "-c", "import uno"], capture_output=True, env=_environment(), check=False
            )
            if found.returncode == 0:
                return python
    return None


def require_libreoffice() -> None:
    """Skip the test where LibreOffice is missing; fail it where CI has promised it."""
    missing = [
        name
        for name, found in (
            ("LibreOffice", find_soffice()),
            ("Python med LibreOffices modul uno (python3-uno)", find_uno_python()),
            ("pdftoppm (poppler-utils)", shutil.which("pdftoppm")),
        )
        if not found
    ]
    if missing:
        skip_or_fail(REQUIRED, f"Testet behöver {', '.join(missing)}, som inte finns här.")


def skip_or_fail(variable: str, reason: str) -> None:
    """Skip, or fail where the environment variable says that the tool must be there."""
    if os.environ.get(variable) == "1":
        pytest.fail(f"{reason} ({variable}=1)", pytrace=False)
    pytest.skip(reason)


def recalculate(path: Path, locale: str = "sv-SE") -> dict[str, dict[str, Cell]]:
    """Open a workbook, recalculate everything, return sheet → cell reference → cell.

    `locale` matters to functions such as TEXT, whose formats follow the reader's language.
    """
    python, soffice = find_uno_python(), find_soffice()
    if python is None or soffice is None:
        raise LibreOfficeError("LibreOffice or its uno module is missing")
    with _workplace(path, locale, _ALWAYS) as (profile, file):
        output = _run([python, str(_DUMP), soffice, str(profile), str(file)])
    return {
        sheet: {
            f"{get_column_letter(column + 1)}{row + 1}": _cell(value, formula, error)
            for column, row, value, formula, error in cells
        }
        for sheet, cells in json.loads(output).items()
    }


def run_basic(fil: Path, moduler: Mapping[str, str], anrop: Sequence[Sequence[str]]) -> list[Any]:
    """Run functions of VBA modules in an empty workbook and return their answers.

    `moduler` are sources by name, `anrop` module, function and arguments of each call; `fil` is a
    file that may be written. A module that LibreOffice can't compile gives no error but None.
    """
    python, soffice = find_uno_python(), find_soffice()
    if python is None or soffice is None:
        raise LibreOfficeError("LibreOffice or its uno module is missing")
    asked = {"moduler": dict(moduler), "anrop": [list(a) for a in anrop]}
    fil.write_text(json.dumps(asked), encoding="utf-8")
    with _workplace(fil, "sv-SE", _NEVER) as (profile, copy):
        answers: list[Any] = json.loads(
            _run([python, str(_BASIC), soffice, str(profile), str(copy)])
        )
    return answers


@dataclass(frozen=True, slots=True)
class Click:
    """A click on a button: where it is, its script, and what the watched cells then say."""

    sheet: str
    label: str
    script: str
    texts: list[str]


def click_buttons(
    path: Path,
    cells: Sequence[tuple[str, str]],
    environment: Mapping[str, str],
    rounds: Sequence[Sequence[Path]] = ((),),
) -> list[list[Click]]:
    """Open a macro workbook with macros on and click every button, as many rounds as are given.

    Before each click the watched `cells` (sheet, reference) are cleared. `environment` is added to
    that of LibreOffice. The files of a round are made before it. The real module of xlwings does
    not compile in LibreOffice, which then silently runs nothing: give a workbook without it.
    """
    python, soffice = find_uno_python(), find_soffice()
    if python is None or soffice is None:
        raise LibreOfficeError("LibreOffice or its uno module is missing")
    watched = json.dumps(list(cells))
    files = json.dumps([[str(file) for file in one] for one in rounds])
    with _workplace(path, "sv-SE", _NEVER) as (profile, file):
        command = [python, str(_CLICK), soffice, str(profile), str(file), watched, files]
        output = _run(command, environment)
    return [
        [Click(sheet, label, *scripts, texts) for sheet, label, scripts, texts in one]
        for one in json.loads(output)
    ]


def compare_cached(path: Path, tolerance: float = 1e-9, locale: str = "sv-SE") -> list[str]:
    """Return a line for every formula whose saved value is not what LibreOffice reckons.

    A phone or a mail preview shows saved values, so they must be right. Numbers
    may differ by `tolerance`, relative or absolute; an empty text equals an empty cell. Every
    cell that shows an error gets a line too, in the file or after recalculation.
    """
    saved, formulas = _load(path, data_only=True), _load(path, data_only=False)
    recalculated = recalculate(path, locale)
    differences = [
        f"{sheet}: bladet finns inte efter omräkning"
        for sheet in formulas.sheetnames
        if sheet not in recalculated
    ]
    for sheet in formulas.worksheets:
        cells = recalculated.get(sheet.title, {})
        # `_cells` holds the cells of the file; the public iterators also make every empty one
        # between them, which a format in a sheet's last row turns into millions.
        references = {cell.coordinate for cell in sheet._cells.values()}
        for reference in sorted(references | set(cells), key=_reading_order):
            cell = cells.get(reference, Cell("text", ""))
            source, cached = sheet[reference], saved[sheet.title][reference]
            place = f"{sheet.title}!{reference}"
            if cell.error or cached.data_type == "e":
                differences.append(
                    f"{place}: felvärde, sparat {cached.value!r}, "
                    f"omräknat fel {cell.error} ({cell.formula})"
                )
            elif source.data_type == "f" or cell.formula is not None:
                value = _plain(cached.value)
                if not same_value(value, cell.value, tolerance):
                    differences.append(
                        f"{place}: sparat {value!r}, omräknat {cell.value!r} ({cell.formula})"
                    )
    return differences


def render(path: Path, folder: Path, dpi: int = 70, locale: str = "sv-SE") -> list[Path]:
    """Print a workbook or document to `folder` as PDF; return a PNG file per page.

    Nothing is recalculated: the pages show the values saved in the file, as a preview does.
    """
    soffice, pdftoppm = find_soffice(), shutil.which("pdftoppm")
    if soffice is None or pdftoppm is None:
        raise LibreOfficeError("LibreOffice or pdftoppm is missing")
    folder.mkdir(parents=True, exist_ok=True)
    with _workplace(path, locale, _NEVER) as (profile, file):
        made = file.with_suffix(".pdf")
        _run(
            [
                soffice,
                f"-env:UserInstallation={profile.as_uri()}",
                *("--headless", "--norestore", "--nologo", "--convert-to", "pdf"),
                *("--outdir", str(file.parent), str(file)),
            ]
        )
        if not made.is_file():
            raise LibreOfficeError(f"LibreOffice made no PDF of {path.name}")
        pdf = Path(shutil.copy(made, folder / f"{path.stem}.pdf"))
    for old in folder.glob(f"{path.stem}-*.png"):
        old.unlink()
    _run([pdftoppm, "-r", str(dpi), "-png", str(pdf), str(pdf.with_suffix(""))])
    return sorted(folder.glob(f"{path.stem}-*.png"))


@contextmanager
def _workplace(path: Path, locale: str, recalculation: int) -> Iterator[tuple[Path, Path]]:
    """Give a new user profile and a copy of the file, so that no lock file is left beside it."""
    with tempfile.TemporaryDirectory(
        prefix="genomlysning-lo-", ignore_cleanup_errors=True
    ) as folder:
        profile = Path(folder, "profil")
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(
            _PROFILE.format(locale=locale, recalculation=recalculation), encoding="utf-8"
        )
        file = Path(folder, "fil").with_suffix(path.suffix)
        shutil.copyfile(path, file)
        yield profile, file


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command and everything it starts in a group of its own; try once more on failure.

    LibreOffice now and then hangs or dies while starting on a busy machine.
    """
    failure = ""
    for _ in range(ATTEMPTS):
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=_environment() | dict(environment or {}),
            start_new_session=True,
        ) as process:
            try:
                output, failure = process.communicate(timeout=RUN_SECONDS)
                if process.returncode == 0:
                    return output
            except subprocess.TimeoutExpired:
                failure = f"no answer within {RUN_SECONDS} seconds"
            finally:
                with suppress(ProcessLookupError):  # nothing is left of the group
                    os.killpg(process.pid, signal.SIGKILL)
    raise LibreOfficeError(f"{Path(command[0]).name}: {failure.strip()}")


def _environment() -> dict[str, str]:
    """The environment without what would lead another Python to this one's packages."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
    } | {"PYTHONIOENCODING": "utf-8"}


def _cell(value: float | str | None, formula: str | None, error: int) -> Cell:
    if error:
        return Cell("error", "", formula, error)
    if isinstance(value, str) or value is None:
        return Cell("text", value or "", formula)
    return Cell("number", value, formula)


def _load(path: Path, data_only: bool) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        # openpyxl says which extensions it would lose on saving; here it only reads.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, data_only=data_only)


def _reading_order(reference: str) -> tuple[int, int, str]:
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), len(letters), letters


def same_value(saved: Any, reckoned: Any, tolerance: float = 1e-9) -> bool:
    """Tell whether two values of a cell are the same; numbers may differ by `tolerance`."""
    first, second = _plain(saved), _plain(reckoned)
    if isinstance(first, str) or isinstance(second, str):
        return first == second
    return math.isclose(first, second, rel_tol=tolerance, abs_tol=tolerance)


def _plain(value: Any) -> float | str:
    """A saved value as LibreOffice gives it: number or text; dates are numbers."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return float(value if isinstance(value, int | float) else to_excel(value))
