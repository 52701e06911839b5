"""Answers from the store while fresh, else from Kolada: what was asked, whole, or an error.

Nothing is stored until a question has been answered in full. When Kolada cannot be reached,
stored answers are used if they cover the whole question, with a warning that tells their age.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from genomlysning.begrepp import (
    INVANARE,
    Grupp,
    Kommun,
    LagratVarde,
    Nyckeltal,
    Observation,
    Revidering,
)
from genomlysning.fel import KoladaOnabar, KoladaSvarFel, Meddelande
from genomlysning.kolada import (
    ALLA_PER_FRAGA,
    GRUPPER,
    KOMMUNER,
    MAX_PER_SEGMENT,
    Kolada,
    ask_nyckeltal,
    ask_varden,
    ask_varden_alla,
)
from genomlysning.lager import Lager

#: How long stored answers are used without asking again.
FARSKA_VARDEN = timedelta(hours=24)
FARSKA_METADATA = timedelta(days=7)

#: What is shown when nothing has come for so many seconds, which is longer than Kolada takes.
DROJER_EFTER = 5.0
DROJER = "Kolada dröjer; väntar fortfarande ({sekunder} s) …"

LAGRADE_ANVANDS = Meddelande(
    "lagrade-varden-anvands",
    "Kolada kunde inte nås. Det som hämtades {datum} ({alder}) används i stället.",
    "Kör igen när nätet fungerar om du behöver de senaste.",
)

OFULLSTANDIGT = Meddelande(
    "kolada-ofullstandigt",
    "Kolada gav inte alla värden: {nyckeltal} för {kommun} år {year} saknades i ett svar men fanns "
    "i ett annat.",
    "Inget har ändrats. Försök igen om en stund.",
)
UTAN_UPPGIFTER = Meddelande(
    "kolada-utan-uppgifter",
    "Kolada svarade utan att känna till ett enda av nyckeltalen ({nyckeltal} …).",
    "Kontrollera beteckningarna i profilen. Försök annars igen om en stund.",
)

#: Sweden has 290 municipalities.
_KOMMUNER_MINST = 280

Nyckel = tuple[str, str, int]
_T = TypeVar("_T")


def is_fresh(hamtad: datetime | None, nu: datetime, farsk: timedelta) -> bool:
    """Tell whether an answer is fresh; one from the future (a wrong clock) is not."""
    return hamtad is not None and abs(nu - hamtad) < farsk


class _Framsteg:
    """Shows what is being fetched and, while Kolada is slow, that it is still waited for.

    What `visa` raises, as when the user wants no more, ends a fetch that is waiting.
    """

    def __init__(self, visa: Callable[[str], None]) -> None:
        self._show = visa
        self._text = ""

    def __call__(self, text: str) -> None:
        self._text = text
        self._show(text)

    def wait(self, sekunder: float) -> None:
        """Show that nothing has come for so many seconds; called every moment."""
        slow = f"{self._text} {DROJER.format(sekunder=int(sekunder))}".strip()
        self._show(slow if sekunder >= DROJER_EFTER else self._text)


class _Svar(NamedTuple):
    """What came, of all that was asked for."""

    came: Sequence[Observation]
    begarda: Sequence[Nyckel]


class Hamtning:
    """One run's access to Kolada's figures.

    `kolada` None means that the store holds all there is (embedded example data). `nu` is the
    run's own time, which decides what is fresh and is written as the time of fetch.
    """

    def __init__(
        self,
        lager: Lager,
        kolada: Kolada | None,
        nu: datetime,
        *,
        hamta_om: bool = False,
        visa: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.nu = nu
        self.reviderade: list[Revidering] = []
        self._lager = lager
        self._kolada = kolada
        self._hamta_om = hamta_om
        self._visa = _Framsteg(visa)
        if kolada is not None:
            kolada.vid_vantan = self._visa.wait
        self._varningar: list[str] = []
        self._given: set[Nyckel] = set()
        self._begun_alla: dict[int, list[str]] = {}
        self._staged: list[_Svar] = []
        self._taken_alla: dict[tuple[str, int], dict[str, float]] = {}
        self._oldest_used: datetime | None = None

    @property
    def anrop(self) -> int:
        """Number of HTTP requests made so far."""
        return self._kolada.anrop if self._kolada else 0

    @property
    def lagrade_anvands(self) -> bool:
        """Whether Kolada could not be reached and stored answers were used instead."""
        return self._oldest_used is not None

    @property
    def varningar(self) -> list[str]:
        """Everything that the reader should know about how the values were come by."""
        found = list(self._lager.varningar)
        if self._kolada:
            found += self._kolada.varningar
        if self._oldest_used is not None:
            alder = _describe_alder((self.nu - self._oldest_used).days)
            found.append(
                LAGRADE_ANVANDS.format(datum=self._oldest_used.date().isoformat(), alder=alder)
            )
        return [*found, *self._varningar]

    def begin(self, nyckeltal: Sequence[str], alla: Mapping[int, Sequence[str]]) -> None:
        """Ask at once for all that is surely needed, without waiting for any of it.

        That is the lists, what the catalogue says of `nyckeltal`, and by year the figures in
        `alla` for all municipalities; only what is not fresh. The answers are taken by the
        methods below. Call `abort` when the run ends, however it does.
        """
        if self._kolada is None:
            return
        # First those whose answers the next questions wait for.
        fragor = []
        for lista, fraga in (("kommun", KOMMUNER), ("grupp", GRUPPER)):
            if not self._is_fresh(self._lager.read_listtid(lista), FARSKA_METADATA):
                fragor.append(fraga)
        unknown = self._list_stale(nyckeltal, self._lager.read_nyckeltal(nyckeltal))
        if unknown:
            fragor += ask_nyckeltal(_with_invanare(unknown))
        for year, figures in alla.items():
            known = {} if self._hamta_om else self._lager.count_spridning(figures, year)
            # The list of municipalities may not be here yet; no figure has much fewer.
            stale = [
                f
                for f in figures
                if f not in known
                or known[f].antal < _KOMMUNER_MINST
                or not all(self._is_fresh(t, FARSKA_VARDEN) for t in known[f].hamtade)
            ]
            if stale:
                self._begun_alla[year] = _with_invanare(stale, ALLA_PER_FRAGA)
                fragor += ask_varden_alla(self._begun_alla[year], year)
        self._kolada.begin(fragor)

    def abort(self) -> None:
        """Give up what has been begun and not taken."""
        self._begun_alla.clear()
        self._forget_staged()
        if self._kolada is not None:
            self._kolada.abort()

    def read_kommuner(self) -> list[Kommun]:
        """Return all municipalities and regions."""
        return self._list(
            "kommunerna",
            self._lager.read_kommuner,
            Kolada.fetch_kommuner,
            self._lager.write_kommuner,
        )

    def read_grupper(self, titel: str = "%") -> list[Grupp]:
        """Return the groups of municipalities as they are today, by part of their titles or all.

        `titel` is a pattern as that of SQL's LIKE; more groups than it says may come.
        """
        return self._list(
            "grupperna",
            lambda: self._lager.read_grupper(titel),
            Kolada.fetch_grupper,
            self._lager.write_grupper,
        )

    def read_katalog(self) -> list[Nyckeltal]:
        """Return the whole catalogue of figures, regions' own included."""
        return self._list(
            "katalogen", self._lager.read_katalog, Kolada.fetch_katalog, self._lager.write_katalog
        )

    def read_nyckeltal(self, ids: Sequence[str]) -> dict[str, Nyckeltal | None]:
        """Return what the catalogue says of each figure; None where Kolada has no such figure."""
        stored = self._lager.read_nyckeltal(ids)
        stale = self._list_stale(ids, stored)
        if self._kolada and stale:
            self._visa("Hämtar uppgifter om nyckeltalen …")
            try:
                came = self._kolada.fetch_nyckeltal(_with_invanare(stale))
            except KoladaOnabar as error:
                self._fall_back(error, [stored[i][1] if i in stored else None for i in ids])
            else:
                if not came:
                    raise KoladaSvarFel(UTAN_UPPGIFTER, nyckeltal=stale[0])
                self._lager.write_nyckeltal(came, stale, self.nu)
                stored = self._lager.read_nyckeltal(ids)
        return {i: stored[i][0] if i in stored else None for i in ids}

    def read_varden(
        self,
        nyckeltal: Sequence[str],
        kommuner: Sequence[str],
        years: Sequence[int],
        alla_kommuner: Sequence[str] = (),
    ) -> dict[Nyckel, LagratVarde]:
        """Return the values of figures for municipalities or groups in the given years.

        What has been begun for all municipalities, whose codes are `alla_kommuner`, is read while
        Kolada answers, and stored together with these values.
        """
        stored = self._lager.read_varden(nyckeltal, kommuner, years)

        def times(figure: str) -> Iterable[datetime | None]:
            for kommun in kommuner:
                for year in years:
                    found = stored.get((figure, kommun, year))
                    yield found.hamtad if found else None

        def fetch(kolada: Kolada, stale: Sequence[str]) -> list[Observation]:
            kolada.begin(ask_varden(stale, kommuner, years))
            self._stage_alla(kolada, alla_kommuner)
            return kolada.fetch_varden(stale, kommuner, years)

        if self._renew(nyckeltal, kommuner, years, times, fetch):
            return self._lager.read_varden(nyckeltal, kommuner, years)
        return stored

    def read_varden_alla(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], year: int
    ) -> dict[str, dict[str, float]]:
        """Return, by figure, the values of one year that all municipalities have, by code.

        `kommuner` are the codes of all of them.
        """
        if self._kolada is not None and self._begun_alla:
            self._stage_alla(self._kolada, kommuner)
            self._store([], [])
        taken = {n: self._taken_alla[n, year] for n in nyckeltal if (n, year) in self._taken_alla}
        left = [n for n in nyckeltal if n not in taken]
        if not left:
            return taken
        stored = self._lager.read_spridning(left, kommuner, year)

        def times(figure: str) -> Iterable[datetime | None]:
            found = stored.get(figure)
            return found.hamtade if found and found.antal == len(kommuner) else [None]

        def fetch(kolada: Kolada, stale: Sequence[str]) -> list[Observation]:
            return _fetch_alla(kolada, stale, kommuner, year)

        if self._renew(left, kommuner, [year], times, fetch, ALLA_PER_FRAGA):
            stored = self._lager.read_spridning(left, kommuner, year)
        return taken | {figure: found.varden for figure, found in stored.items()}

    def _stage_alla(self, kolada: Kolada, kommuner: Sequence[str]) -> None:
        """Read the values for all municipalities that have been begun, for `_store`.

        Where they cannot be had nothing is said: they are asked for anew when they are needed.
        """
        for year, figures in self._begun_alla.items():
            try:
                came = _fetch_alla(kolada, figures, kommuner, year)
            except KoladaOnabar:
                break
            begarda = [(f, k, year) for f in figures for k in kommuner]
            self._lager.stage_varden(came, begarda)
            self._staged.append(_Svar(came, begarda))
        self._begun_alla = {}

    def _forget_staged(self) -> None:
        if self._staged:
            self._lager.forget_staged()
            self._staged = []

    def _renew(
        self,
        nyckeltal: Sequence[str],
        kommuner: Sequence[str],
        years: Sequence[int],
        times: Callable[[str], Iterable[datetime | None]],
        fetch: Callable[[Kolada, Sequence[str]], list[Observation]],
        per_fraga: int = MAX_PER_SEGMENT,
    ) -> bool:
        """Fetch the figures whose stored values, with these `times`, are not fresh.

        Tells whether the store has been written to.
        """
        if self._kolada is None:
            return False
        stale = [
            n for n in nyckeltal if not all(self._is_fresh(t, FARSKA_VARDEN) for t in times(n))
        ]
        if not stale:
            return False
        self._visa(f"Hämtar värden för {len(stale)} nyckeltal …")
        asked = _with_invanare(stale, per_fraga)
        try:
            came = fetch(self._kolada, asked)
        except KoladaOnabar as error:
            self._forget_staged()
            self._fall_back(error, [t for n in stale for t in times(n)])
            return False
        self._store(came, [(n, k, y) for n in asked for k in kommuner for y in years])
        return True

    def _store(self, came: Sequence[Observation], begarda: Sequence[Nyckel]) -> None:
        """Keep the answers to a question, and those that are staged, or none of them."""
        answers = [_Svar(came, begarda), *self._staged]
        for svar in answers:
            self._given |= {o[:3] for o in svar.came if o.gender == "T" and o.varde is not None}
        for svar in answers:
            self._check_whole(svar)
        self.reviderade += self._lager.write_varden(came, begarda, self.nu)
        for svar in self._staged:
            self._taken_alla |= {(n, year): {} for n, _, year in svar.begarda}
            for o in svar.came:
                if o.varde is not None:
                    self._taken_alla[o.nyckeltal, o.year][o.kommun] = o.varde
        self._staged = []

    def _check_whole(self, svar: "_Svar") -> None:
        """Refuse an answer that lacks a value which this very run has been given in another.

        Otherwise an answer that lost its values on the way would be stored as 'no value'.
        """
        lost = self._given.intersection(svar.begarda).difference(o[:3] for o in svar.came)
        if lost:
            figure, kommun, year = min(lost)
            raise KoladaSvarFel(OFULLSTANDIGT, nyckeltal=figure, kommun=kommun, year=year)

    def _list(
        self,
        vad: str,
        read: Callable[[], tuple[list[_T], datetime | None]],
        fetch: Callable[[Kolada], list[_T]],
        write: Callable[[Sequence[_T], datetime], None],
    ) -> list[_T]:
        stored, hamtad = read()
        if self._kolada is None or self._is_fresh(hamtad, FARSKA_METADATA):
            return stored
        self._visa(f"Hämtar {vad} …")
        try:
            came = fetch(self._kolada)
        except KoladaOnabar as error:
            self._fall_back(error, [hamtad])
            return stored
        write(came, self.nu)
        return came

    def _is_fresh(self, hamtad: datetime | None, farsk: timedelta) -> bool:
        if self._hamta_om:
            return False
        return is_fresh(hamtad, self.nu, farsk)

    def _list_stale(
        self, ids: Sequence[str], stored: Mapping[str, tuple[Nyckeltal | None, datetime]]
    ) -> list[str]:
        """Return the figures whose entries in the catalogue must be fetched."""
        return [i for i in ids if i not in stored or not self._is_fresh_entry(*stored[i])]

    def _is_fresh_entry(self, nyckeltal: Nyckeltal | None, hamtad: datetime) -> bool:
        """Tell whether an entry of the catalogue is fresh; that a figure is unknown, for a day."""
        return self._is_fresh(hamtad, FARSKA_METADATA if nyckeltal else FARSKA_VARDEN)

    def _fall_back(self, error: KoladaOnabar, times: Iterable[datetime | None]) -> None:
        """Use stored answers, or raise `error` if one of them is lacking."""
        known = list(times)
        if not known or None in known:
            raise error
        oldest = min(t for t in known if t is not None)
        self._oldest_used = min(oldest, self._oldest_used or oldest)


def _describe_alder(days: int) -> str:
    if days < 0:
        return "ett datum som inte har varit än; datorns klocka går fel, eller gick fel då"
    named = {0: "mindre än ett dygn gamla", 1: "ett dygn gamla"}
    return named.get(days, f"{days} dygn gamla")


def _fetch_alla(
    kolada: Kolada, nyckeltal: Sequence[str], kommuner: Sequence[str], year: int
) -> list[Observation]:
    """Return one year's values of the municipalities, of which only those of T are used."""
    wanted = set(kommuner)
    came = kolada.fetch_varden_alla(nyckeltal, year)
    return [o for o in came if o.gender == "T" and o.kommun in wanted]


def _with_invanare(nyckeltal: Sequence[str], per_fraga: int = MAX_PER_SEGMENT) -> list[str]:
    """Return the figures with that of inhabitants added where it costs no request of its own.

    Kolada answers a question that it does not understand with nothing, so an empty answer must
    be told from a few figures that happen to have no values.
    """
    full = len(nyckeltal) % per_fraga == 0
    return [*nyckeltal] if full or INVANARE in nyckeltal else [*nyckeltal, INVANARE]
