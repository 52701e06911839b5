"""Shows which of the program's beliefs about Kolada hold: `halsa --kolada`."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from genomlysning.kolada.antaganden import Provning, Utfall, try_antaganden


def try_kolada(visa: Callable[[str], None]) -> list[Provning]:
    """Ask the service that the program asks, Kolada or that of GENOMLYSNING_KOLADA_URL."""
    return list(try_antaganden(os.environ.get("GENOMLYSNING_KOLADA_URL"), visa))


def to_json_prov(prov: Sequence[Provning]) -> list[dict[str, Any]]:
    """Return the tests for other programs."""
    return [
        {
            "id": p.antagande.id,
            "antagande": p.antagande.text,
            "belagg": p.antagande.belagg.value,
            "bygger": p.antagande.bygger,
            "utfall": p.utfall.value,
            "sett": p.sett,
        }
        for p in prov
    ]


def find_brutna(prov: Sequence[Provning]) -> list[Provning]:
    """Return the beliefs that do not hold and that the program builds on."""
    return [p for p in prov if p.utfall is Utfall.HALLER_INTE and p.antagande.bygger]


def print_prov(prov: Sequence[Provning]) -> None:
    """Print the tests as a table, and what follows from them."""
    console = Console(markup=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Antaganden om Kolada")
    for header in ("Utfall", "Antagande", "Belägg", "Det som sågs"):
        table.add_column(header)
    table.columns[0].min_width = max(len(u.value) for u in Utfall)
    for p in prov:
        table.add_row(p.utfall.value, p.antagande.text, p.antagande.belagg.value, p.sett)
    console.print(table)
    broken = find_brutna(prov)
    if broken:
        names = ", ".join(p.antagande.id for p in broken)
        console.print(
            f"Programmet bygger på antaganden som inte håller: {names}. Värden kan vara fel eller "
            "saknas. Skicka den här tabellen till den som ansvarar för Genomlysning."
        )
    elif all(p.utfall is Utfall.EJ_PROVAT for p in prov):
        console.print("Inget kunde prövas. Se ovan vad som hindrar vägen till Kolada.")
    else:
        console.print("Inget av det som programmet bygger på och som kunde prövas är fel.")
