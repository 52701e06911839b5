"""Shows the reference-cost check as a table in a terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from genomlysning.kallrad import Tal, tell_kalla
from genomlysning.regler.visning import choose_procent_decimaler
from genomlysning.summaord import tell_summa
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
    ours = ("ja/nej", "summor") if underlag.summa.finns else ("ja/nej",)
    table = Table(
        # Lines between the columns would take the room of the names on a narrow screen.
        box=SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
        title=Text(
            f"{underlag.profil.namn}, {underlag.kommun.namn}: referenskostnad {underlag.year}"
        ),
        caption=tell_kalla(_list_tal(underlag), ours),
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
            "–" if percent is None else _format_procent(percent),
            "–" if r.avvikelse_mkr is None else format_tal(r.avvikelse_mkr, 1, tecken=True),
            "–" if r.liknande_procent is None else format_procent(r.liknande_procent, tecken=True),
            r.inom.value,
            r.battre.value,
            r.uppfyller.value,
        )
    console.print(table)
    if told := tell_summa(underlag.summa):
        console.print(told)
    for r in underlag.referensrader:
        if r.anmarkning:
            console.print(f"{r.verksamhet.namn}: {r.anmarkning}")


def _format_procent(procent: float) -> str:
    return format_procent(procent, choose_procent_decimaler(procent), tecken=True)


def _list_tal(underlag: Underlag) -> list[Tal]:
    """Return the numbers that the table shows."""
    return [
        Tal(kind, r.verksamhet.namn, kind in r.egna_tal)
        for r in underlag.referensrader
        for kind, value in (
            ("procent", r.gallande_procent),
            ("mkr", r.avvikelse_mkr),
            ("liknande", r.liknande_procent),
        )
        if value is not None
    ]
