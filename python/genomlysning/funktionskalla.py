"""The worksheet functions' access to figures: from the store, and from Kolada in bulk.

Excel keeps one process for its functions and calls it once for each cell, so the store is held
open between the calls and read anew each time: what a button or the command line has fetched is
seen at once. A Kolada that did not answer is left alone for a while, since a sheet of five
hundred cells must not wait for it five hundred times.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from genomlysning.begrepp import MAX_AR, Grupp, Kommun, LagratVarde, Nyckeltal
from genomlysning.fel import AnvandarFel, FilFel, KoladaFel
from genomlysning.hamtning import (
    FARSKA_METADATA,
    FARSKA_VARDEN,
    Hamtning,
    Nyckel,
    is_fresh,
    is_grupp,
)
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.lagerfil import find_fil

#: Seconds before a Kolada or a store that failed is tried again.
VILA = 60.0
#: Seconds that the lists of municipalities and groups are kept in memory.
LISTORNA_HALLS = 60.0
#: Seconds that a cell may wait for Kolada; Excel stands still meanwhile.
TIDSGRANS = 15.0
#: Kolada has values for most figures at least this many years back.
AR_MED_VARDEN = 2

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Behov:
    """What is needed.

    `varden` are single values, `alla` (figure, year) whose values are needed for every
    municipality, and `nyckeltal` figures whose entries in the catalogue are needed.
    """

    varden: frozenset[Nyckel] = frozenset()
    alla: frozenset[tuple[str, int]] = frozenset()
    nyckeltal: frozenset[str] = frozenset()

    def __or__(self, other: "Behov") -> "Behov":
        return Behov(
            self.varden | other.varden, self.alla | other.alla, self.nyckeltal | other.nyckeltal
        )

    def __bool__(self) -> bool:
        return bool(self.varden or self.alla or self.nyckeltal)


@dataclass(slots=True)
class Uppgifter:
    """What is known of what was needed; `katalog` None entries are figures Kolada lacks."""

    varden: dict[Nyckel, LagratVarde] = field(default_factory=dict)
    katalog: dict[str, Nyckeltal | None] = field(default_factory=dict)


class Kalla:
    """Answers from the store, which it fills from Kolada. Only for one thread."""

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now().replace(microsecond=0),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._lager: Lager | None = None
        self._file: tuple[object, ...] = ()
        self._rests_until = -math.inf
        self._broken: tuple[float, FilFel] | None = None
        self._lists: dict[str, tuple[float, Sequence[Any]]] = {}

    def close(self) -> None:
        """Close the store; it is opened again when needed."""
        if self._lager is not None:
            self._lager.close()
        self._lager = None
        self._lists.clear()

    def read_kommuner(self) -> Sequence[Kommun]:
        """Return all municipalities and regions; none when they cannot be had at present."""
        return self._read_list("kommuner", Hamtning.read_kommuner)

    def list_koder(self) -> list[str]:
        """Return the codes of all municipalities, without regions."""
        return [k.id for k in self.read_kommuner() if k.typ == "K"]

    def read_grupper(self) -> Sequence[Grupp]:
        """Return all groups; none when they cannot be had at present."""
        return self._read_list("grupper", Hamtning.read_grupper)

    def read(self, behov: Behov, mer: Callable[[], Behov] = Behov) -> Uppgifter:
        """Return what is needed, and fetch what the store has not, or no longer fresh.

        `mer` tells what else to fetch at the same time; it is asked only when something must
        be fetched. Where Kolada does not answer, the store's own answers are used whatever
        their age, and the rest is missing. Raises FilFel when the store cannot be used.
        """
        with self._remembering_faults():
            found, stale = self._look_up(behov)
            if stale and not self._is_resting():
                self._fetch(stale | self._look_up(mer())[1])
                found, _ = self._look_up(behov)
            return found

    def peek(self, behov: Behov) -> Uppgifter:
        """Return what the store has of what is needed, whatever its age."""
        with self._remembering_faults():
            return self._look_up(behov)[0]

    # ---- the store -------------------------------------------------------------------------

    def _look_up(self, behov: Behov) -> tuple[Uppgifter, Behov]:
        """Return what the store has, and what of that is lacking or no longer fresh."""
        lager, nu = self._open(), self._now()
        found = Uppgifter()
        codes = self.list_koder() if behov.alla else []
        alla = [(figure, code, year) for figure, year in behov.alla for code in codes]
        for keys in (behov.varden, alla):
            if keys:
                found.varden |= lager.read_varden(*_grid(keys))
        entries = lager.read_nyckeltal(list(behov.nyckeltal)) if behov.nyckeltal else {}
        found.katalog = {i: entry for i, (entry, _) in entries.items()}

        def is_stale(nyckel: Nyckel) -> bool:
            value = found.varden.get(nyckel)
            return value is None or not is_fresh(value.hamtad, nu, FARSKA_VARDEN)

        known = {
            i
            for i, (entry, hamtad) in entries.items()
            if is_fresh(hamtad, nu, FARSKA_METADATA if entry else FARSKA_VARDEN)
        }
        return found, Behov(
            frozenset(filter(is_stale, behov.varden)),
            frozenset((figure, year) for figure, _, year in filter(is_stale, alla)),
            behov.nyckeltal - known,
        )

    def _open(self) -> Lager:
        """Return the open store, opened anew when another file has taken its place."""
        fil = find_fil()
        if self._lager is None or _identify(fil) != self._file:
            self.close()
            self._lager = Lager.open(fil)
            self._file = _identify(fil)
        return self._lager

    @contextmanager
    def _remembering_faults(self) -> Iterator[None]:
        """Raise a fault of the store at once, for a while, instead of waiting for it again."""
        if self._broken is not None and self._monotonic() < self._broken[0]:
            raise self._broken[1]
        self._broken = None
        try:
            yield
        except FilFel as error:
            self.close()
            self._broken = (self._monotonic() + VILA, error)
            raise

    # ---- Kolada ----------------------------------------------------------------------------

    def _is_resting(self) -> bool:
        return self._monotonic() < self._rests_until

    def _fetch(self, behov: Behov) -> None:
        """Bring the store up to date with what is needed, as far as Kolada answers."""
        for year in sorted({year for _, year in behov.alla}):
            self._fetch_alla(sorted(figure for figure, y in behov.alla if y == year), year)
        values = {n for n in behov.varden if (n[0], n[2]) not in behov.alla or is_grupp(n[1])}
        if values:
            self._fetch_varden(*_grid(values))
        if behov.nyckeltal:
            self._ask(partial(Hamtning.read_nyckeltal, ids=sorted(behov.nyckeltal)))

    def _fetch_alla(self, figures: Sequence[str], year: int) -> None:
        codes = self.list_koder()
        self._ask(partial(Hamtning.read_varden_alla, nyckeltal=figures, kommuner=codes, year=year))

    def _fetch_varden(
        self, figures: Sequence[str], places: Sequence[str], years: Sequence[int]
    ) -> None:
        """Fetch single values."""
        newest = self._now().year - AR_MED_VARDEN
        if min(years) > newest and len(years) < MAX_AR:
            # An answer without any value at all means that the question was not understood.
            years = [newest, *years]
        self._ask(partial(Hamtning.read_varden, nyckeltal=figures, kommuner=places, years=years))

    def _ask(self, question: Callable[[Hamtning], _T]) -> _T:
        """Put a question to the store and Kolada, or to the store alone while Kolada rests."""
        if not self._is_resting():
            try:
                hamtning = Hamtning(self._open(), Kolada(tidsgrans=TIDSGRANS), self._now())
                answer = question(hamtning)
            except (KoladaFel, AnvandarFel):
                self._rests_until = self._monotonic() + VILA
            else:
                if hamtning.gruppandringar:
                    self._lists.pop("grupper", None)
                if hamtning.lagrade_anvands:
                    self._rests_until = self._monotonic() + VILA
                return answer
        return question(Hamtning(self._open(), None, self._now()))

    def _read_list(self, name: str, read: Callable[[Hamtning], list[_T]]) -> Sequence[_T]:
        until, kept = self._lists.get(name, (-math.inf, ()))
        if self._monotonic() < until:
            return kept
        with self._remembering_faults():
            answer = self._ask(read)
        if answer:
            self._lists[name] = (self._monotonic() + LISTORNA_HALLS, answer)
        return answer


def _identify(fil: Path) -> tuple[object, ...]:
    """Return what tells this file from another that takes its name."""
    try:
        stat = fil.stat()
    except OSError:
        return (fil,)
    return fil, stat.st_dev, stat.st_ino


def _grid(keys: Iterable[Nyckel]) -> tuple[list[str], list[str], list[int]]:
    """Return the figures, the places and the years of some values, each once."""
    figures, places, years = zip(*keys, strict=True)
    return sorted(set(figures)), sorted(set(places)), sorted(set(years))
