"""Sources and notes under a table: where its values come from, and which are not quite as usual.

A remark in the workbook that bears on a value itself (preliminary, missing, reckoned by us) is
shown; what only explains a figure's scope is not, since the template has no such column. Values
that Kolada has changed are found in the log.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from genomlysning.anmarkningar import EGET_MEDEL, is_om_vardet
from genomlysning.bok.beskrivning import EXEMPELMARKNING
from genomlysning.ord import KALLA_EGEN, KALLA_KOLADA, KALLA_PAHITTAT
from genomlysning.rapport.bokdata import Bokdata, Bokrad
from genomlysning.rapport.innehall import Stil, Stycke
from genomlysning.svenska import format_tal, split_meningar

KALLA_NAMNDEN = "Källa: nämnden"
#: Said of a source where some of the values above it are our own.
UTOM_NOTER = ", utom där en not säger annat"
KALLRAD_EXEMPEL = f"{EXEMPELMARKNING} – påhittade värden."

_TAL = r"(\u2212?[\d\u00a0]+(?:,\d+)?)"
#: A change as `uppdatera` tells it of the committee's own figure, and as `skapa` does.
_ANDRING = re.compile(rf"\(([A-Z]\d{{5}})\) (\d{{4}}): {_TAL} → {_TAL}")
_REVIDERING = re.compile(rf"\b([A-Z]\d{{5}}) (\d{{4}}) \(([^()]*)\): {_TAL} → {_TAL}")


class Ursprung(Enum):
    """Where a row's values come from."""

    KOLADA = auto()
    EGEN_BEARBETNING = auto()  # a person's formula in a row of Kolada's
    EXEMPEL = auto()
    NAMNDEN = auto()


@dataclass(frozen=True, slots=True)
class Andring:
    """A value as it was and became, as the log tells it."""

    fran: str
    till: str


Andringar = Mapping[tuple[str, int], Andring]


def read_andringar(data: Bokdata, kommun: str) -> Andringar:
    """Return the values of the municipality that the log says were changed, the latest last."""
    found: dict[tuple[str, int], Andring] = {}
    for row in data.rader("Logg"):
        text = row.text("andrade")
        for figure, year, before, after in _ANDRING.findall(text):
            found[figure, int(year)] = Andring(before, after)
        for figure, year, place, before, after in _REVIDERING.findall(text):
            if place == kommun:
                found[figure, int(year)] = Andring(before, after)
    return found


def find_ursprung(rad: Bokrad, varden: Sequence[str]) -> Ursprung:
    """Return where a row's values (columns `varden`) come from."""
    kalla = rad.text("kalla").strip()
    if kalla == KALLA_PAHITTAT:
        return Ursprung.EXEMPEL
    if not rad.text("id").strip() or not kalla.startswith(KALLA_KOLADA):
        return Ursprung.NAMNDEN
    if rad.formler.intersection(varden):
        return Ursprung.EGEN_BEARBETNING
    return Ursprung.KOLADA


def tell_kalla(rad: Bokrad) -> str:
    """Return the source of a row that people have filled in themselves."""
    own = rad.text("kalla").strip().rstrip(".")
    if not own or own.startswith(KALLA_KOLADA):
        return f"{KALLA_NAMNDEN}."
    return f"{own}." if own.lower().startswith("källa") else f"Källa: {own}."


@dataclass(slots=True)
class Notapparat:
    """The notes of one table, each told once however many rows it concerns."""

    noter: list[str] = field(default_factory=list)

    def mark(self, text: str) -> int:
        """Return the mark of a note, from 1."""
        if text not in self.noter:
            self.noter.append(text)
        return self.noter.index(text) + 1

    def mark_all(self, texts: Iterable[str]) -> tuple[int, ...]:
        """Return the marks of several notes, in order."""
        return tuple(sorted({self.mark(t) for t in texts}))


def tell_anmarkningar(rad: Bokrad, *, alla: bool) -> Iterator[str]:
    """Yield a row's remarks that belong in the report; `alla` takes every one."""
    for sentence in split_meningar(rad.text("anmarkning")):
        if alla or is_om_vardet(sentence):
            yield sentence


def tell_falt(rubrik: str, text: str) -> Iterator[str]:
    """Yield what a person has written in a column, under its header; nothing where it is empty."""
    if written := text.strip():
        end = "" if written.endswith((".", "!", "?", "…")) else "."
        yield f"{rubrik}: {written}{end}" if rubrik else f"{written}{end}"


def tell_revidering(
    rad: Bokrad, nyckel: str, year: str, decimaler: int, andringar: Andringar
) -> Iterator[str]:
    """Yield what the log says of a value that still is what it was changed to."""
    value = rad.tal(nyckel)
    if value is None or not year.isdigit():
        return
    change = andringar.get((rad.text("id").strip().upper(), int(year)))
    if change and format_tal(value, max(decimaler, 2)) == change.till:
        before, after = (_round(t, decimaler) for t in (change.fran, change.till))
        if before != after:
            yield f"Värdet för {year} är reviderat i Kolada, från {before} till {after}."


def _round(text: str, decimaler: int) -> str:
    number = float(text.replace("\u2212", "-").replace("\u00a0", "").replace(",", "."))
    return format_tal(number, decimaler)


def tell_kallor(
    rader: Sequence[Bokrad], varden: Sequence[str]
) -> tuple[tuple[Stycke, ...], dict[int, str]]:
    """Return the lines of sources under a table, and what rows with another source note."""
    origins = [find_ursprung(r, varden) for r in rader]
    lines: list[Stycke] = []
    if Ursprung.EXEMPEL in origins:
        lines.append(Stycke(KALLRAD_EXEMPEL, Stil.EXEMPEL))
    if Ursprung.KOLADA in origins:
        # The remark on such a mean is one of the notes.
        own = any(EGET_MEDEL in r.text("anmarkning") for r in rader) and "liknande" in varden
        lines.append(Stycke(f"{KALLA_KOLADA}{UTOM_NOTER if own else ''}.", Stil.KALLA))
    others = {
        i: f"{KALLA_EGEN}." if o is Ursprung.EGEN_BEARBETNING else tell_kalla(rader[i])
        for i, o in enumerate(origins)
        if o in (Ursprung.EGEN_BEARBETNING, Ursprung.NAMNDEN)
    }
    same = set(others.values())
    if not lines and len(same) == 1:
        return (Stycke(same.pop(), Stil.KALLA),), {}
    return tuple(lines), others
