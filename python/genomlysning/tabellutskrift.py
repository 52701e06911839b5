"""Shows the reference-cost check as a table in a terminal."""

from rich.console import Console
from rich.table import Table

from genomlysning.regler.referenskostnad import sum_avvikelser
from genomlysning.svenska import format_procent, format_tal
from genomlysning.underlag import Underlag
from genomlysning.verksamhetskostnad import find_total


def print_referenskostnad(underlag: Underlag) -> None:
    """Print costs, deviations and verdicts per verksamhet, the sums, and the remarks."""
    console = Console()
    if not underlag.referensrader:
        console.print(
            f"{underlag.profil.namn} har ingen verksamhet med referenskostnad i sin profil."
        )
        return
    table = Table(
        title=f"{underlag.profil.namn}, {underlag.kommun.namn}: referenskostnad {underlag.year}",
        caption="Källa: Kolada. Ja/nej och summor: Egen bearbetning av uppgifter från Kolada.",
    )
    for header in (
        "Verksamhet",
        "Avvikelse",
        "Mkr",
        "Inom referens-\nkostnaden",
        "Bättre\nresultat",
        "Uppfyller\nmålet",
    ):
        table.add_column(header, justify="right" if header in ("Avvikelse", "Mkr") else "left")
    for r in underlag.referensrader:
        percent = r.gallande_procent
        table.add_row(
            r.verksamhet.namn,
            "–" if percent is None else format_procent(percent, tecken=True),
            "–" if r.avvikelse_mkr is None else format_tal(r.avvikelse_mkr, 1, tecken=True),
            r.inom.value,
            r.battre.value,
            r.uppfyller.value,
        )
    console.print(table)
    total = find_total(r.verksamhet for r in underlag.referensrader)
    summa = sum_avvikelser(
        [r.avvikelse_mkr for r in underlag.referensrader if r.verksamhet is not total]
    )
    console.print(
        f"Summa över referenskostnad {format_tal(summa.over, 1)} Mkr, under "
        f"{format_tal(abs(summa.under), 1)} Mkr, netto {format_tal(summa.netto, 1, tecken=True)} "
        "Mkr. Det gäller räkenskaperna per verksamhet, inte nämndens budget.",
        highlight=False,
    )
    for r in underlag.referensrader:
        if r.anmarkning:
            console.print(f"{r.verksamhet.namn}: {r.anmarkning}", highlight=False)
