"""ONLYOFFICE as a second engine in the tests: what another program makes of our files.

It is the Document Builder, a package for Linux only (`document-builder`, the extra test-motorer).
For checking only. Every call starts a process of its own, so that calls may run side by side.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import openpyxl

from arbete import HANGER
from libreoffice import same_value, skip_or_fail

#: Set to 1 where the tests must not be skipped (CI).
REQUIRED = "GENOMLYSNING_KRAV_ONLYOFFICE"
_RUNNER = Path(__file__).with_name("_docbuilder.py")


class OnlyofficeError(Exception):
    """ONLYOFFICE could not do what a test asked of it."""


def require_onlyoffice() -> None:
    """Skip the test where Document Builder is missing; fail it where CI has promised it."""
    if find_spec("docbuilder") is None:
        skip_or_fail(
            REQUIRED, 'Testet behöver ONLYOFFICE: pip install -e ".[test-motorer]" (Linux)'
        )


def run_script(fil: Path, skript: str = "", spara: Sequence[Path] = ()) -> Any:
    """Open a file, run the body of a function in JavaScript, save; return what it returned.

    What it is saved as follows of the names. Raises OnlyofficeError.
    """
    asked = {
        "fil": str(fil.absolute()),
        "skript": skript,
        "spara": [(ut.suffix[1:], str(ut.absolute())) for ut in spara],
    }
    done = subprocess.run(
        [sys.executable, str(_RUNNER)],
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        timeout=HANGER,
        check=False,
    )
    _, found, answer = done.stdout.rpartition("\nSVAR ")
    if done.returncode or not found:
        raise OnlyofficeError(f"{fil.name}: {done.stderr.strip()} ({done.returncode})")
    return json.loads(answer)


def compare_cached(fil: Path, ut: Path) -> list[str]:
    """Return a line for every formula whose saved value is not what ONLYOFFICE reckons.

    It recalculates everything and saves in `ut`.
    """
    run_script(fil, "Api.RecalculateAllFormulas();", [ut])
    formulas = openpyxl.load_workbook(fil)
    saved, reckoned = (openpyxl.load_workbook(f, data_only=True) for f in (fil, ut))
    differences = [f"{name}: bladet saknas" for name in saved.sheetnames if name not in reckoned]
    for sheet in formulas.worksheets:
        for cell in sheet._cells.values():
            if cell.data_type == "f" and sheet.title in reckoned:
                before, after = (b[sheet.title][cell.coordinate].value for b in (saved, reckoned))
                if not same_value(before, after):
                    differences.append(
                        f"{sheet.title}!{cell.coordinate}: {before!r} {after!r} ({cell.value})"
                    )
    return differences
