"""The exact packages of the runtime that Excel's buttons start.

`lista` writes them with hashes, for every system and Python that the project supports, to the list
that `installera` installs from; `granska` asks PyPI whether any of them has a known vulnerability.
Both need the extra `utgava`: `.venv/bin/python -m pip install -e ".[utgava]"`.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTA = ROOT / "templates" / "kormiljo.txt"
RUBRIK = (
    "# Exakta paket för programmet i Excel, med kontrollsummor. "
    "Görs av verktyg/beroenden.py lista.\n"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one of the two; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vad", choices=["lista", "granska"])
    return make_lista() if parser.parse_args(argv).vad == "lista" else granska()


def make_lista() -> int:
    """Write the list anew, with the newest versions that pyproject.toml allows."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    # The build backend too, since the package is built in the runtime without a net.
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    oldest = project["project"]["requires-python"].removeprefix(">=")
    options = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet")
    made = subprocess.run(
        [_find("uv"), "pip", "compile", *options, "--python-version", oldest, "-"],
        input="\n".join(wanted),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    LISTA.write_text(RUBRIK + made.stdout, encoding="utf-8")
    return 0


def granska() -> int:
    """Tell of known vulnerabilities; return 0 only if each package was asked about and has none."""
    options = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
    with tempfile.TemporaryDirectory() as folder:
        # Without the markers, so that what only other systems have is asked about too.
        every = Path(folder) / LISTA.name
        text = LISTA.read_text(encoding="utf-8")
        every.write_text(re.sub(r" ; .*(?= \\$)", "", text, flags=re.MULTILINE), encoding="utf-8")
        done = subprocess.run(
            [_find("pip-audit"), *options, "--requirement", str(every)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "inget svar")
        print("Granskningen gick inte att göra. Inget är visat om paketen.")
        return 2
    unknown = [p["name"] for p in packages if "skip_reason" in p]
    found = [(p, v) for p in packages for v in p.get("vulns", ())]
    for p, v in found:
        print(f"{p['name']} {p['version']}: {v['id']}, rättat i {', '.join(v['fix_versions'])}")
    if unknown:
        print(f"PyPI gav inget besked om {len(unknown)} av {len(packages)}: {', '.join(unknown)}.")
    if found or unknown or not packages:
        return 1
    print(f"Inga kända sårbarheter i {len(packages)} paket.")
    return 0


def _find(namn: str) -> str:
    """Return a program's path beside the running Python."""
    for candidate in (namn, f"{namn}.exe"):
        if (path := Path(sys.executable).parent / candidate).is_file():
            return str(path)
    sys.exit(f'{namn} saknas. Kör: {sys.executable} -m pip install -e ".[utgava]"')


if __name__ == "__main__":
    sys.exit(main())
