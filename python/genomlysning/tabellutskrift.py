"""Shows the reference-cost check as a table in a terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from genomlysning.svenska import format_procent, format_tal
from genomlysning.underlag import Underlag

#: Headers of the columns with numbers.
_HOGER = ("Avvikelse", "Mkr", "Liknande")


def print_referenskostnad(underlag: Underlag) -> None:
    """Print costs, deviations and verdicts per verksamhet, the sums, and the remarks."""
    # Names and remarks are text, whatever brackets they hold.
    console = Console(markup=False)
    if not underlag.referensrader:
        console.print(
            f"{underlag.profil.namn} har ingen verksamhet med referenskostnad i sin profil."
        )
        return
    table = Table(
        # Lines between the columns would take the room of the names on a narrow screen.
        box=SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
        title=Text(
            f"{underlag.profil.namn}, {underlag.kommun.namn}: referenskostnad {underlag.year}"
        ),
        caption="Källa: Kolada. Ja/nej och summor: Egen bearbetning av uppgifter från Kolada.",
    )
    for header in (
        "Verksamhet",
        "Avvikelse",
        "Mkr",
        "Liknande",
        "Inom referens-\nkostnaden",
        "Bättre\nresultat",
        "Uppfyller\nmålet",
    ):
        table.add_column(header, justify="right" if header in _HOGER else "left")
    words = (w for r in underlag.referensrader for w in r.verksamhet.namn.split())
    table.columns[0].min_width = max(map(len, words))
    for r in underlag.referensrader:
        percent = r.gallande_procent
        table.add_row(
            r.verksamhet.namn,
            "–" if percent is None else format_procent(percent, tecken=True),
            "–" if r.avvikelse_mkr is None else format_tal(r.avvikelse_mkr, 1, tecken=True),
            "–" if r.liknande_procent is None else format_procent(r.liknande_procent, tecken=True),
            r.inom.value,
            r.battre.value,
            r.uppfyller.value,
        )
    console.print(table)
    summa = underlag.summa
    console.print(
        f"Summa över referenskostnad {format_tal(summa.over, 1)} Mkr, under "
        f"{format_tal(abs(summa.under), 1)} Mkr, netto {format_tal(summa.netto, 1, tecken=True)} "
        "Mkr. Det gäller räkenskaperna per verksamhet, inte nämndens budget."
    )
    for r in underlag.referensrader:
        if r.anmarkning:
            console.print(f"{r.verksamhet.namn}: {r.anmarkning}")
