"""What a report says, as plain data: headings, paragraphs, lists, tables and pictures in order.

Nothing here knows of Excel or Word. Texts are as they are to be read; a line break in one is one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from genomlysning.regler.bedomning import Bedomning

#: Stands in a cell without a value.
TOM_CELL = "–"


@dataclass(frozen=True, slots=True)
class Rubrik:
    """A heading; `nummer` is (2,) or (2, 1). `kommentar` is what the template's margin says."""

    nummer: tuple[int, ...]
    text: str
    kommentar: str = ""


class Stil(StrEnum):
    """What a paragraph is, which decides its look."""

    TEXT = "text"
    SAKNAS = "saknas"  # what people have yet to write
    KALLA = "källa"
    EXEMPEL = "exempel"
    VARNING = "varning"


@dataclass(frozen=True, slots=True)
class Stycke:
    """A paragraph."""

    text: str
    stil: Stil = Stil.TEXT


@dataclass(frozen=True, slots=True)
class Punkt:
    """An item of a list; `nummer` is the number that was written, None for a bullet."""

    text: str
    niva: int = 0
    nummer: int | None = None


@dataclass(frozen=True, slots=True)
class Lista:
    """Consecutive items, numbered and bulleted as they were written."""

    punkter: tuple[Punkt, ...]


Text = Stycke | Lista


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: running text, with a unit after it and marks that refer to notes."""

    innehall: tuple[Text, ...]
    enhet: str = ""
    marken: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The text, list items a line each."""
        parts = []
        for one in self.innehall:
            parts += [one.text] if isinstance(one, Stycke) else [p.text for p in one.punkter]
        return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Kolumn:
    """A column; `bredd` is its share of the width. Numbers are right-aligned."""

    rubrik: str
    bredd: float
    tal: bool


@dataclass(frozen=True, slots=True)
class Tabell:
    """A table with caption, source and notes; `noter` are numbered from 1."""

    namn: str
    bildtext: str
    kolumner: tuple[Kolumn, ...]
    rader: tuple[tuple[Cell, ...], ...]
    kallor: tuple[Stycke, ...] = ()
    noter: tuple[str, ...] = ()
    kommentar: str = ""


@dataclass(frozen=True, slots=True)
class Kvadrant:
    """Each verksamhet by cost deviation (per cent) and quality index against similar.

    A point is (number, name, x, y); the number gives the same colour in every picture.
    """

    punkter: tuple[tuple[int, str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Tidslinje:
    """The cost deviation (per cent) over the years; a series is (number, name, values)."""

    years: tuple[str, ...]
    serier: tuple[tuple[int, str, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Staplar:
    """How many figures got which verdict, by category."""

    antal: Mapping[str, Mapping[Bedomning, int]]


@dataclass(frozen=True, slots=True)
class Avvikelser:
    """How far each verksamhet's cost is from its reference cost, in Mkr."""

    mkr: Mapping[str, float]


Diagram = Kvadrant | Tidslinje | Staplar | Avvikelser


@dataclass(frozen=True, slots=True)
class Bild:
    """A picture with caption, source and a text that stands in for it."""

    diagram: Diagram
    bildtext: str
    alt: str
    kallor: tuple[Stycke, ...] = ()


Block = Rubrik | Stycke | Lista | Tabell | Bild


@dataclass(frozen=True, slots=True)
class Uppgifter:
    """What a Word template may ask for. Empty is unknown.

    `forra_atgarder` is how many measures the former genomlysning led to, in words.
    """

    kommun: str
    namnd: str
    namnd_i_text: str
    namndens: str
    forvaltning: str
    period: str
    dataar: str
    datum: str
    diarienummer: str
    antagen: str
    ordning: str
    forra: str
    forra_antagen: str = ""
    forra_atgarder: str = ""


@dataclass(frozen=True, slots=True)
class Rapport:
    """The whole report. `utelamnade` are the tables that were left out.

    `forst` stands before the contents, and `sidmarke` in the header of every page. A report that
    is `hel` can't do without its first chapter. The contents show headings of `nivaer` levels.
    """

    uppgifter: Uppgifter
    exempel: bool
    block: Sequence[Block]
    utelamnade: Sequence[str] = ()
    varningar: Sequence[str] = field(default_factory=tuple)
    forst: Sequence[Stycke] = ()
    sidmarke: str = ""
    hel: bool = False
    nivaer: int = 2

    def tabeller(self) -> Iterator[Tabell]:
        """Yield the tables in order."""
        yield from (b for b in self.block if isinstance(b, Tabell))
