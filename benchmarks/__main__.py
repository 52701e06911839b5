"""Measures everything, shows tables on the screen and writes docs/prestanda.md.

python -m benchmarks                    all of it, and docs/prestanda.md anew
python -m benchmarks --bara klick       one part, on the screen only
python -m benchmarks --snabb            the least that shows that everything works
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The package as it is here, and the tests' stand-ins for Kolada and Excel.
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests")]

from rich.console import Console  # noqa: E402

from benchmarks.matning import Misslyckad  # noqa: E402
from benchmarks.miljo import Miljo, open_miljo  # noqa: E402
from benchmarks.resultat import Avsnitt, show, table_markdown, to_markdown  # noqa: E402

#: In the order of docs/prestanda.md; each module measures one part.
DELAR = ("jamforelse", "upprepning", "klick", "arbetsbok", "sammanstallning", "celler")
DOKUMENT = ROOT / "docs" / "prestanda.md"
BORJAN, SLUT = "<!-- mätt: början -->", "<!-- mätt: slut -->"


def main() -> int:
    """Measure what was asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Mät programmet.")
    parser.add_argument("--bara", choices=DELAR, action="append", help="mät bara den delen")
    parser.add_argument("--snabb", action="store_true", help="mät så lite som möjligt")
    parser.add_argument("--ut", type=Path, help="skriv till en annan fil än docs/prestanda.md")
    options = parser.parse_args()
    console = Console(width=140 if not sys.stdout.isatty() else None)
    started = time.monotonic()
    found: list[Avsnitt] = []
    with console.status("Börjar …") as status:

        def tell(text: str) -> None:
            seconds = time.monotonic() - started
            status.update(f"{seconds:.0f} s: {text}")
            if not console.is_terminal:
                console.print(f"{seconds:.0f} s: {text}")

        with open_miljo(options.snabb, tell) as miljo:
            for name in options.bara or DELAR:
                measure: Callable[[Miljo], Avsnitt] = import_module(f"benchmarks.{name}").measure
                try:
                    found.append(measure(miljo))
                except Misslyckad as error:
                    console.print(f"{name}: {error}", style="red", markup=False)
                    return 1
                miljo.forget()
                show(found[-1], console)
    minutes = (time.monotonic() - started) / 60
    whole = not options.bara and not options.snabb
    if options.ut or whole:
        write(found, options.ut or DOKUMENT, minutes)
    console.print(f"Klart på {minutes:.1f} minuter.".replace(".", ",", 1))
    return 0


def write(found: list[Avsnitt], fil: Path, minutes: float) -> None:
    """Put the figures between the marks in the document; the rest of it stays."""
    text = fil.read_text(encoding="utf-8") if fil.exists() else f"{BORJAN}\n{SLUT}\n"
    before, _, rest = text.partition(BORJAN)
    after = rest.partition(SLUT)[2]
    fil.write_text(f"{before}{BORJAN}\n\n{compose(found, minutes)}\n\n{SLUT}{after}", "utf-8")


def compose(found: list[Avsnitt], minutes: float) -> str:
    """Return what was measured, and where, in Markdown."""
    where = (
        f"Mätt {date.today().isoformat()} på {round(minutes)} minuter: {platform.system()}, "
        f"{platform.machine()}, {os.cpu_count()} kärnor, Python {platform.python_version()}."
    )
    aims = [m for a in found for m in a.mal]
    met = sum(m.natt for m in aims)
    columns = ("", "mål", "uppmätt", "")
    rows = [m.describe() for m in aims]
    head = f"## Målen\n\n{met} av {len(aims)} mål är nådda.\n\n{table_markdown(columns, rows)}"
    return "\n\n".join([where, head, *map(to_markdown, found)])


if __name__ == "__main__":
    sys.exit(main())
