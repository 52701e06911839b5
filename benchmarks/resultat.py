"""What a measurement gives, tables and aims, and how it is shown on screen and in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rich.console import Console
from rich.table import Table

from benchmarks.matning import Korning, median


@dataclass(frozen=True)
class Mal:
    """An aim: what was measured must be at least, or at most, `grans`. `slag` is min or max."""

    vad: str
    uppmatt: float
    grans: float
    slag: str
    enhet: str = "gånger"

    @property
    def natt(self) -> bool:
        """Whether the aim is met, with the figures rounded as they are shown."""
        shown = round(self.uppmatt, 2)
        return shown >= self.grans if self.slag == "min" else shown <= self.grans

    def describe(self) -> tuple[str, str, str, str]:
        """Return what, the aim, the outcome and the verdict."""
        word = "minst" if self.slag == "min" else "högst"
        aim = f"{word} {tal(self.grans, 1 if self.grans % 1 else 0)}"
        share = abs(self.uppmatt / self.grans - 1) * 100 if self.grans else 0.0
        over = "under" if self.slag == "min" else "över"
        verdict = "nått" if self.natt else f"inte nått: {tal(share, 0)} % {over}"
        return self.vad, f"{aim} {self.enhet}".strip(), tal(self.uppmatt, 2), verdict


@dataclass(frozen=True)
class Tabell:
    """Rows of text below headers; all columns but the first are to the right."""

    rubrik: str
    kolumner: tuple[str, ...]
    rader: tuple[tuple[str, ...], ...]


@dataclass
class Avsnitt:
    """One measurement. `text` tells what is measured and how, `slutsatser` what the figures say."""

    namn: str
    rubrik: str
    text: str
    tabeller: list[Tabell] = field(default_factory=list)
    mal: list[Mal] = field(default_factory=list)
    slutsatser: list[str] = field(default_factory=list)


KOSTNADER = ("tid (s)", "processor (s)", "minne (MB)", "anrop", "skrivningar", "skrivet (MB)")


def kostnad(runs: Sequence[Korning]) -> tuple[str, ...]:
    """Return the medians in the order of KOSTNADER."""

    def known(vad: str, decimaler: int) -> str:
        return "–" if getattr(runs[0], vad) is None else tal(median(runs, vad), decimaler)

    return (
        tal(median(runs), 2 if median(runs) < 100 else 1),
        tal(median(runs, "processor"), 2),
        tal(median(runs, "minne"), 0),
        tal(median(runs, "anrop"), 0),
        known("skrivningar", 0),
        known("skrivet", 2),
    )


def vaxt(rubrik: str, enhet: str, runs: dict[int, Sequence[Korning]]) -> Tabell:
    """Return how the cost grows: `runs` by how much work, each ten times the one before."""
    rows: list[tuple[str, ...]] = []
    before: tuple[int, Sequence[Korning]] | None = None
    for work, made in runs.items():
        times = "" if before is None else tal(median(made) / median(before[1]), 2)
        rows.append((f"{work}", *kostnad(made), times))
        before = work, made
    return Tabell(rubrik, (enhet, *KOSTNADER, "mot raden ovanför"), tuple(rows))


def vaxtmal(vad: str, runs: dict[int, Sequence[Korning]]) -> Mal:
    """Return the aim that the cost grows no faster than the work: the worst step's share of it."""
    steps = list(runs.items())
    shares = [(median(b) / median(a)) / (wb / wa) for (wa, a), (wb, b) in pairwise(steps)]
    return Mal(f"{vad}: kostnadens växt mot arbetets", max(shares), 1.0, "max")


def tal(value: float, decimaler: int) -> str:
    """Return a number as Swedish has it."""
    return f"{value:,.{decimaler}f}".replace(",", " ").replace(".", ",").replace("-", "−")


def show(avsnitt: Avsnitt, console: Console) -> None:
    """Print a measurement on the screen."""
    for tabell in avsnitt.tabeller:
        table = Table(title=f"{avsnitt.rubrik}: {tabell.rubrik}", title_justify="left")
        for i, name in enumerate(tabell.kolumner):
            table.add_column(name, justify="right" if i else "left")
        for row in tabell.rader:
            table.add_row(*row)
        console.print(table)
    for mal in avsnitt.mal:
        what, aim, measured, verdict = mal.describe()
        style = "green" if mal.natt else "red"
        console.print(f"[{style}]{what}: {measured} (mål {aim}) – {verdict}[/]")
    for line in avsnitt.slutsatser:
        console.print(line)


def to_markdown(avsnitt: Avsnitt) -> str:
    """Return a measurement as a section of docs/prestanda.md."""
    parts = [f"## {avsnitt.rubrik}", avsnitt.text]
    for tabell in avsnitt.tabeller:
        parts += [f"**{tabell.rubrik}**", table_markdown(tabell.kolumner, tabell.rader)]
    parts += avsnitt.slutsatser
    return "\n\n".join(parts)


def table_markdown(kolumner: Sequence[str], rader: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [kolumner, ["---", *("---:" for _ in kolumner[1:])], *rader]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
