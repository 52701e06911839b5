"""Shows the figures that a search found, as a table in a terminal and as lines in a pipe."""

import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from genomlysning.sok import Sokning, Traff
from genomlysning.svenska import uppraknat

#: More rows than this are of no use on a screen.
MEST = 50


def print_sokning(sokning: Sokning) -> None:
    """Print the best figures in a table; all of them, tab-separated, when the output is a pipe."""
    if not sys.stdout.isatty():
        for t in sokning.traffar:
            print(*_cells(t), sep="\t")
        return
    console = Console()
    table = Table(
        title=uppraknat(len(sokning.traffar), "nyckeltal", "nyckeltal"),
        caption=(
            "Period är den senast eller närmast publicerade; värden kan saknas för den. "
            "Enhet läses ur titeln. Källa: Kolada."
        ),
    )
    table.add_column("Id", no_wrap=True)
    table.add_column("Nyckeltal", ratio=1)
    table.add_column("Enhet")
    table.add_column("Period", no_wrap=True)
    table.add_column("Område i Kolada")
    for t in sokning.traffar[:MEST]:
        table.add_row(*map(escape, _cells(t)))
    console.print(table)
    rest = len(sokning.traffar) - MEST
    if rest > 0:
        console.print(
            f"Ytterligare {rest} nyckeltal visas inte. Lägg till ett ord, eller skriv --json "
            "för att få alla.",
            highlight=False,
        )


def _cells(t: Traff) -> tuple[str, ...]:
    n = t.nyckeltal
    area = n.omrade + (" (endast regioner)" if n.kommuntyp == "L" else "")
    return n.id, " ".join(n.titel.split()), t.enhet or "–", str(n.publ_period or "–"), area.strip()
