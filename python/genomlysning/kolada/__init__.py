"""The client of Kolada, the database of Swedish municipal key figures (API v3).

Kolada's own field names and paths are known in this package only: `fraga` has the questions,
`frageplan` how few of them do, `tolkning` what the rows mean and `tackning` whether an answer lost
some. `anslutning` has the HTTP, with `adress` (where answers may lead), `takt` (how fast questions
follow each other), `talamod` (how long answers are waited for) and `tradar` (the threads).
`diagnos` tries the way there for `halsa`, and `antaganden` what is believed of the service.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from genomlysning.begrepp import Grupp, Kommun, Nyckeltal, Observation
from genomlysning.fel import KoladaSvarFel, Meddelande
from genomlysning.kolada.fraga import (
    GRUPPER,
    KOMMUNER,
    Fraga,
    ask_grupper,
    ask_lista,
    ask_nyckeltal,
    ask_varden,
)
from genomlysning.kolada.frageplan import Behov, Block, plan_block, with_invanare
from genomlysning.kolada.tackning import Tackning
from genomlysning.kolada.tolkning import (
    read_grupper,
    read_kommuner,
    read_nyckeltal,
    read_observationer,
)

if TYPE_CHECKING:
    from genomlysning.kolada.anslutning import Anslutning

__all__ = [
    "BAS_URL",
    "GRUPPER",
    "KOMMUNER",
    "Behov",
    "Block",
    "Kolada",
    "ask_grupper",
    "ask_nyckeltal",
    "plan_block",
    "with_invanare",
]

BAS_URL = "https://api.kolada.se/v3"

TOM_LISTA = Meddelande(
    "kolada-tom-lista",
    "Kolada svarade på frågan {fraga} med en tom lista.",
    "Inget har ändrats. Försök igen om en stund; står felet kvar behöver Genomlysning uppdateras.",
)
UTAN_VARDEN = Meddelande(
    "kolada-utan-varden",
    "Kolada svarade utan ett enda värde på frågan {fraga}.",
    "Inget har ändrats. Kontrollera att året och nyckeltalen stämmer: värden för året kanske inte "
    "är publicerade än. Försök annars igen om en stund.",
)
DEL_UTAN_VARDEN = Meddelande(
    "kolada-del-utan-varden",
    "Kolada gav inte ett enda värde för {nyckeltal} år {year} på frågan {fraga}, fast nästan alla "
    "kommuner har det.",
    "Inget har ändrats. Försök igen om en stund.",
)
TOMT_SVAR = Meddelande(
    "kolada-tomt-svar",
    "Kolada har inga värden alls för {ids} år {year}.",
    "De är kanske inte publicerade än. Kontrollera annars nyckeltalen.",
)
FEL_KLOCKA = Meddelande(
    "kolada-fel-klocka",
    "Datorns klocka går fel: den säger {dator}, men Kolada {kolada}.",
    "Ställ klockan, eller be IT göra det, och hämta på nytt: datum, dataår och vad som är "
    "preliminärt kan ha blivit fel.",
)

#: So many figures are named in a message.
_MEST_NAMNDA = 3


class Kolada:
    """Kolada's answers as the domain's concepts.

    Make a new client for each run: it gives up on a Kolada from which nothing has come for
    `tidsgrans` seconds, and stays that way. Every method raises KoladaOnabar when Kolada cannot
    be reached, KoladaSvarFel when the answer cannot be trusted, and AnvandarFel when the base url
    is no http address, and then returns nothing.
    """

    def __init__(self, bas_url: str | None = None, *, tidsgrans: float = 30.0) -> None:
        """Take the base url, else that of GENOMLYSNING_KOLADA_URL, else Kolada's own."""
        self._url = bas_url or os.environ.get("GENOMLYSNING_KOLADA_URL") or BAS_URL
        self._tidsgrans = tidsgrans
        self.varningar: list[str] = []
        #: Called every moment that answers are waited for, with the seconds that nothing has come.
        self.vid_vantan: Callable[[float], None] = lambda _: None

    @cached_property
    def _anslutning(self) -> "Anslutning":
        # Imported at the first question: a run whose answers are all stored needs no HTTP, and
        # importing requests takes longer than all that a button then does.
        from genomlysning.kolada.anslutning import Anslutning

        return Anslutning(self._url, self._tidsgrans, lambda s: self.vid_vantan(s))

    @property
    def anrop(self) -> int:
        """Number of HTTP requests sent, retries included."""
        return self._anslutning.anrop if "_anslutning" in self.__dict__ else 0

    def begin(self, fragor: Sequence[Fraga]) -> None:
        """Send questions now whose answers are soon fetched, so that nobody waits for them then.

        What goes wrong with one is told by the method that fetches its answer.
        """
        if fragor:
            self._anslutning.begin(fragor)

    def abort(self) -> None:
        """Give up what has been begun and not fetched."""
        if "_anslutning" in self.__dict__:
            self._anslutning.abort()

    @property
    def klockor(self) -> tuple[date, date] | None:
        """The days that the computer and Kolada said it was, when those differ; else None."""
        seen = self._anslutning.klockor if "_anslutning" in self.__dict__ else None
        return seen and (seen[0].date(), seen[1].date())

    def fetch_kommuner(self) -> list[Kommun]:
        """Return all municipalities and regions."""
        return read_kommuner(self._fetch_lista(KOMMUNER), KOMMUNER)

    def fetch_grupper(self) -> list[Grupp]:
        """Return all groups of municipalities, as they are today."""
        return read_grupper(self._fetch_lista(GRUPPER), GRUPPER)

    def fetch_katalog(self) -> list[Nyckeltal]:
        """Return the whole catalogue of figures."""
        fraga = ask_lista("/kpi")
        return read_nyckeltal(self._fetch_lista(fraga), fraga)

    def fetch_nyckeltal(self, ids: Sequence[str]) -> list[Nyckeltal]:
        """Return what the catalogue says of these figures; unknown ones are not in the answer."""
        fragor = ask_nyckeltal(ids)
        answers = self._fetch_rows(fragor)
        return [
            n
            for fraga, rows in zip(fragor, answers, strict=True)
            for n in read_nyckeltal(rows, fraga)
        ]

    def fetch_aktuella_grupper(self, ids: Sequence[str]) -> list[Grupp]:
        """Return these groups with the members they have now; unknown ones are not in the answer.

        None at all means that Kolada did not understand the question.
        """
        fragor = ask_grupper(ids)
        answers = self._fetch_rows(fragor)
        return [
            g
            for fraga, rows in zip(fragor, answers, strict=True)
            for g in read_grupper(rows, fraga)
            if g.id in ids
        ]

    def fetch_varden(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], years: Sequence[int]
    ) -> list[Observation]:
        """Return the values of figures for municipalities or groups in the given years.

        As `fetch_block`, for one question of any size.
        """
        block = Block(tuple(nyckeltal), tuple(kommuner), tuple(years))
        return [o for _, found in self.fetch_block([block]) for o in found]

    def fetch_block(self, block: Sequence[Block]) -> Iterator[tuple[Block, list[Observation]]]:
        """Yield the values that each question is answered with, in the questions' order.

        They are to be trusted when all have come, not before: no row at all for well-formed
        questions is an error, since that is how Kolada answers what it does not understand, and
        so is none for some municipalities of a figure that nearly all have. No row from one
        question among others is else a line in `varningar`.
        """
        asked = [(b, fraga) for b in block for fraga in ask_varden(*b[:3])]
        tackning = Tackning()
        answers = self._anslutning.fetch_each([fraga for _, fraga in asked]) if asked else ()
        for (b, fraga), rows in zip(asked, answers, strict=True):
            found = read_observationer(rows, fraga)
            tackning.add(fraga, len(rows), found, ensam=b.en_av == 1)
            yield b, found
        self._warn_klockor()
        if asked and tackning.is_tom():
            raise KoladaSvarFel(UTAN_VARDEN, fraga=asked[0][1].kort)
        for fraga, nyckeltal, year in tackning.list_luckor():
            raise KoladaSvarFel(DEL_UTAN_VARDEN, fraga=fraga.kort, nyckeltal=nyckeltal, year=year)
        for fraga in tackning.list_tomma():
            line = _describe_tomt(fraga)
            if line not in self.varningar:
                self.varningar.append(line)

    def _fetch_lista(self, fraga: Fraga) -> list[object]:
        [rows] = self._fetch_rows([fraga])
        if not rows:
            raise KoladaSvarFel(TOM_LISTA, fraga=fraga.kort)
        return rows

    def _fetch_rows(self, fragor: Sequence[Fraga]) -> list[list[object]]:
        rows = self._anslutning.fetch_rows(fragor)
        self._warn_klockor()
        return rows

    def _warn_klockor(self) -> None:
        if self.klockor is not None:
            warning = FEL_KLOCKA.format(dator=self.klockor[0], kolada=self.klockor[1])
            if warning not in self.varningar:
                self.varningar.append(warning)


def _describe_tomt(fraga: Fraga) -> str:
    figures, years = sorted(fraga.nyckeltal), sorted(fraga.years)
    shown, rest = ", ".join(figures[:_MEST_NAMNDA]), len(figures) - _MEST_NAMNDA
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    return TOMT_SVAR.format(ids=f"{shown} och {rest} till" if rest > 0 else shown, year=span)
