"""The client of Kolada, the database of Swedish municipal key figures (API v3).

Kolada's own field names and paths are known in this package only: `fraga` has the questions,
`tolkning` has what the rows mean, and `anslutning` the HTTP, with `adress` (where answers may
lead), `takt` (how fast questions follow each other), `talamod` (how long answers are waited for)
and `tradar` (the threads). `diagnos` tries the way there for `halsa`.
"""

import os
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from genomlysning.begrepp import Grupp, Kommun, Nyckeltal, Observation
from genomlysning.fel import KoladaSvarFel, Meddelande
from genomlysning.kolada.fraga import (
    ALLA_PER_FRAGA,
    GRUPPER,
    KOMMUNER,
    MAX_PER_SEGMENT,
    PER_SIDA,
    Fraga,
    ask_lista,
    ask_nyckeltal,
    ask_varden,
    ask_varden_alla,
)
from genomlysning.kolada.tolkning import (
    read_grupper,
    read_kommuner,
    read_nyckeltal,
    read_observationer,
)

if TYPE_CHECKING:
    from genomlysning.kolada.anslutning import Anslutning

__all__ = [
    "ALLA_PER_FRAGA",
    "BAS_URL",
    "GRUPPER",
    "KOMMUNER",
    "MAX_PER_SEGMENT",
    "PER_SIDA",
    "Kolada",
    "ask_nyckeltal",
    "ask_varden",
    "ask_varden_alla",
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
        seen = self._anslutning.klockor
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

    def fetch_varden(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], years: Sequence[int]
    ) -> list[Observation]:
        """Return the values of figures for municipalities or groups in the given years.

        No row at all for a well-formed question is an error: that is how Kolada answers what it
        does not understand. No row from one request among others is a line in `varningar`.
        """
        fragor = ask_varden(nyckeltal, kommuner, years)
        found, rows = self._fetch_varden(fragor)
        if fragor and not rows:
            raise KoladaSvarFel(UTAN_VARDEN, fraga=fragor[0].kort)
        return found

    def fetch_varden_alla(self, nyckeltal: Sequence[str], year: int) -> list[Observation]:
        """Return the values of one year for all municipalities and regions."""
        return self._fetch_varden(ask_varden_alla(nyckeltal, year))[0]

    def _fetch_varden(self, fragor: Sequence[Fraga]) -> tuple[list[Observation], int]:
        """Return the values and the number of rows they came in, deleted values included."""
        answers = self._fetch_rows(fragor)
        found: list[Observation] = []
        empty: list[str] = []
        for fraga, rows in zip(fragor, answers, strict=True):
            found += read_observationer(rows, fraga)
            if not rows:
                empty.append(_describe_tomt(fraga))
        self.varningar += [line for line in empty if line not in self.varningar]
        return found, sum(map(len, answers))

    def _fetch_lista(self, fraga: Fraga) -> list[object]:
        [rows] = self._fetch_rows([fraga])
        if not rows:
            raise KoladaSvarFel(TOM_LISTA, fraga=fraga.kort)
        return rows

    def _fetch_rows(self, fragor: Sequence[Fraga]) -> list[list[object]]:
        rows = self._anslutning.fetch_rows(fragor)
        if self.klockor is not None:
            warning = FEL_KLOCKA.format(dator=self.klockor[0], kolada=self.klockor[1])
            if warning not in self.varningar:
                self.varningar.append(warning)
        return rows


def _describe_tomt(fraga: Fraga) -> str:
    figures, years = sorted(fraga.nyckeltal), sorted(fraga.years)
    shown, rest = ", ".join(figures[:_MEST_NAMNDA]), len(figures) - _MEST_NAMNDA
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    return TOMT_SVAR.format(ids=f"{shown} och {rest} till" if rest > 0 else shown, year=span)
