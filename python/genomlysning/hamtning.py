"""Answers from the store while fresh, else from Kolada: what was asked, whole, or an error.

Nothing is stored until a question has been answered in full. When Kolada cannot be reached,
stored answers are used if they cover the whole question, with a warning that tells their age.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from genomlysning.begrepp import (
    KOMMUNGENOMSNITT,
    Grupp,
    Gruppandring,
    Kommun,
    LagratVarde,
    Nyckeltal,
    Revidering,
)
from genomlysning.fel import KoladaOnabar, KoladaSvarFel, Meddelande
from genomlysning.kolada import (
    GRUPPER,
    KOMMUNER,
    Behov,
    Kolada,
    ask_grupper,
    ask_nyckeltal,
    plan_block,
    with_invanare,
)
from genomlysning.lager import Lager

#: How long stored answers are used without asking again.
FARSKA_VARDEN = timedelta(hours=24)
FARSKA_METADATA = timedelta(days=7)

#: What is shown when nothing has come for so many seconds.
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

#: Sweden has 290 municipalities; no figure is stored for much fewer, where all were asked for.
_KOMMUNER_MINST = 280

Nyckel = tuple[str, str, int]
_T = TypeVar("_T")


def is_fresh(hamtad: datetime | None, nu: datetime, farsk: timedelta) -> bool:
    """Tell whether an answer is fresh; one from the future (a wrong clock) is not."""
    return hamtad is not None and abs(nu - hamtad) < farsk


def is_grupp(plats: str) -> bool:
    """Tell a group's id from a municipality's code."""
    return plats.startswith("G")


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


class Hamtning:
    """One run's access to Kolada's figures.

    `kolada` None means that the store holds all there is (embedded example data). `nu` is the
    run's own time, which decides what is fresh and is written as the time of fetch.

    Kolada remakes the groups once a year under the ids they have, so whenever values of a group
    are fetched its members are too, and both are stored together. `gruppandringar` are the groups
    that this run has seen remade, by id, and `fore_andring` the stored values that they had.
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
        self.gruppandringar: dict[str, Gruppandring] = {}
        self.fore_andring: dict[Nyckel, float] = {}
        self._lager = lager
        self._kolada = kolada
        self._hamta_om = hamta_om
        self._visa = _Framsteg(visa)
        if kolada is not None:
            kolada.vid_vantan = self._visa.wait
        #: What this run has asked for, and been given.
        self._asked: set[Nyckel] = set()
        self._given: set[Nyckel] = set()
        #: All groups, when this run has fetched them; those to be stored with their values; and
        #: those whose members this run has asked for.
        self._grupper: list[Grupp] | None = None
        self._vantande: Sequence[Grupp] = ()
        self._aktuella: set[str] = set()
        #: Their values could not be had, so the members that the stored ones are of are used.
        self._bara_lagrade = False
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
        return found

    def begin(self, nyckeltal: Sequence[str]) -> None:
        """Ask at once for the lists and what the catalogue says of figures, where not fresh.

        The answers are taken by the methods below. Call `abort` when the run ends, however it
        does.
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
            fragor += ask_nyckeltal(with_invanare(unknown))
        self._kolada.begin(fragor)

    def abort(self) -> None:
        """Give up what has been begun and not taken."""
        self._lager.forget_staged()
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

    def read_grupper(self, titel: str = "%", *, med_varden: bool = False) -> list[Grupp]:
        """Return the groups of municipalities as they are today, by part of their titles or all.

        `titel` is a pattern as that of SQL's LIKE; more groups than it says may come. Groups that
        were remade are stored at once, and their values forgotten, unless `med_varden` says that
        their values are to be read too: then members and values are stored together, or neither.
        """
        if self._grupper is not None:
            return self._grupper
        if self._bara_lagrade:
            return self._lager.read_grupper(titel)[0]

        def write(came: Sequence[Grupp], nu: datetime) -> None:
            self._note_andringar(came)
            self._grupper = list(came)
            if med_varden and self.gruppandringar:
                self._vantande = came
            else:
                self._lager.write_grupper(came, nu)

        return self._list(
            "grupperna", lambda: self._lager.read_grupper(titel), Kolada.fetch_grupper, write
        )

    def read_katalog(self) -> list[Nyckeltal]:
        """Return the whole catalogue of figures, regions' own included."""
        return self._list(
            "katalogen", self._lager.read_katalog, Kolada.fetch_katalog, self._lager.write_katalog
        )

    def read_forna(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return the titles and areas that the store remembers of figures which are no more."""
        return self._lager.read_forna(ids)

    def read_nyckeltal(self, ids: Sequence[str]) -> dict[str, Nyckeltal | None]:
        """Return what the catalogue says of each figure; None where Kolada has no such figure."""
        stored = self._lager.read_nyckeltal(ids)
        stale = self._list_stale(ids, stored)
        if self._kolada and stale:
            self._visa("Hämtar uppgifter om nyckeltalen …")
            try:
                came = self._kolada.fetch_nyckeltal(with_invanare(stale))
            except KoladaOnabar as error:
                self._fall_back(error, [stored[i][1] if i in stored else None for i in ids])
            else:
                if not came:
                    raise KoladaSvarFel(UTAN_UPPGIFTER, nyckeltal=stale[0])
                self._lager.write_nyckeltal(came, stale, self.nu)
                stored = self._lager.read_nyckeltal(ids)
        return {i: stored[i][0] if i in stored else None for i in ids}

    # ---- values ----------------------------------------------------------------------------

    def read_varden(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], years: Sequence[int]
    ) -> dict[Nyckel, LagratVarde]:
        """Return the values of figures for municipalities or groups in the given years."""
        return self.read_behov(Behov(dict.fromkeys(nyckeltal, tuple(years)), kommuner))

    def read_varden_alla(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], year: int
    ) -> dict[str, dict[str, float]]:
        """Return, by figure, the values of one year that all municipalities have, by code.

        `kommuner` are the codes of all of them.
        """
        self.read_behov(Behov({}, (), {year: nyckeltal}, kommuner))
        taken = {n: self._taken_alla[n, year] for n in nyckeltal if (n, year) in self._taken_alla}
        left = [n for n in nyckeltal if n not in taken]
        if left:
            stored = self._lager.read_spridning(left, kommuner, year)
            taken |= {figure: found.varden for figure, found in stored.items()}
        return taken

    def read_behov(self, behov: Behov) -> dict[Nyckel, LagratVarde]:
        """Return the values of the figures in `behov.years` for its places.

        Those for all municipalities are fetched together with them, for `read_varden_alla`. What
        is not fresh is asked for in as few questions as can be, and stored whole or not at all.
        """
        figures = list(behov.years)
        years = sorted({y for of in behov.years.values() for y in of})

        def read() -> dict[Nyckel, LagratVarde]:
            if not (figures and years):
                return {}
            return self._lager.read_varden(figures, behov.platser, years)

        stored = read()
        if self._kolada is None:
            return stored
        # Twice where the answer tells that a group was remade, whose other values then are old.
        while (stale := self._find_stale(behov, stored)).years or stale.alla:
            count = len({*stale.years, *(f for of in stale.alla.values() for f in of)})
            self._visa(f"Hämtar värden för {count} nyckeltal …")
            try:
                self._fetch(self._kolada, stale, stored)
            except KoladaOnabar as error:
                self._grupper, self._vantande, self._bara_lagrade = None, (), True
                self.gruppandringar.clear()
                self._fall_back(error, self._list_times(stale, stored))
                return stored
            finally:
                self._lager.forget_staged()
            stored = read()
        if self._vantande:
            self._lager.write_grupper(self._vantande, self.nu)
            self._vantande = ()
        return stored

    def _find_stale(self, behov: Behov, stored: Mapping[Nyckel, LagratVarde]) -> Behov:
        """Return what of a need must be fetched."""

        def is_stale(nyckel: Nyckel) -> bool:
            found = stored.get(nyckel)
            if nyckel in self._asked:
                return False
            remade = nyckel[1] in self.gruppandringar
            return remade or not self._is_fresh(found and found.hamtad, FARSKA_VARDEN)

        years = {
            figure: of
            for figure, of in behov.years.items()
            if any(is_stale((figure, p, y)) for p in behov.platser for y in of)
        }
        alla = {y: self._find_stale_alla(of, y) for y, of in behov.alla.items()}
        return behov._replace(years=years, alla={y: of for y, of in alla.items() if of})

    def _find_stale_alla(self, figures: Sequence[str], year: int) -> list[str]:
        left = [f for f in dict.fromkeys(figures) if (f, year) not in self._taken_alla]
        known = {} if self._hamta_om or not left else self._lager.count_spridning(left, year)
        return [
            f
            for f in left
            if f not in known
            or known[f].antal < _KOMMUNER_MINST
            or not all(self._is_fresh(t, FARSKA_VARDEN) for t in known[f].hamtade)
        ]

    def _list_times(
        self, behov: Behov, stored: Mapping[Nyckel, LagratVarde]
    ) -> Iterator[datetime | None]:
        """Yield when each value of a need was fetched, None for one that is not stored."""
        for figure, years in behov.years.items():
            for place in behov.platser:
                for year in years:
                    found = stored.get((figure, place, year))
                    yield found.hamtad if found else None
        for year, figures in behov.alla.items():
            known = self._lager.count_spridning(figures, year)
            for figure in figures:
                found_all = known.get(figure)
                whole = found_all is not None and found_all.antal >= _KOMMUNER_MINST
                yield from found_all.hamtade if found_all and whole else [None]

    def _fetch(self, kolada: Kolada, behov: Behov, stored: Mapping[Nyckel, LagratVarde]) -> None:
        """Fetch values, and the groups they are of, and store all of it or nothing."""
        groups = [p for p in behov.platser if is_grupp(p) and p != KOMMUNGENOMSNITT]
        if self._grupper is not None or not behov.years:
            groups = []
        groups = [g for g in groups if g not in self._aktuella]
        kolada.begin(ask_grupper(groups))
        taken = {(f, y): dict[str, float]() for y, of in behov.alla.items() for f in of}
        codes = set(behov.koder)
        asked: set[Nyckel] = set()
        absent: set[Nyckel] = set()
        for block, found in kolada.fetch_block(plan_block(behov)):
            # Of the many municipalities only what is needed is kept.
            came = [o for o in found if o.gender == "T"] if block.en_av > 1 else found
            cells = [(f, p, y) for f in block.nyckeltal for p in block.platser for y in block.years]
            self._lager.stage_varden(came, cells)
            asked.update(cells)
            absent.update(set(cells).difference(o[:3] for o in came))
            for o in came:
                if o.gender == "T" and o.varde is not None:
                    self._given.add(o[:3])
                    if (o.nyckeltal, o.year) in taken and o.kommun in codes:
                        taken[o.nyckeltal, o.year][o.kommun] = o.varde
        # An answer that lost its values on the way must not be stored as 'no value'.
        if lost := self._given & absent:
            figure, kommun, year = min(lost)
            raise KoladaSvarFel(OFULLSTANDIGT, nyckeltal=figure, kommun=kommun, year=year)
        if groups:
            self._fetch_grupper(kolada, groups)
        self.fore_andring |= {
            n: v.varde
            for n, v in stored.items()
            if n[1] in self.gruppandringar and n not in self._asked and v.varde is not None
        }
        self.reviderade += self._lager.write_varden(
            [], [], self.nu, self._vantande, alla_grupper=self._vantande is self._grupper
        )
        self._vantande = ()
        self._asked |= asked
        self._taken_alla |= taken

    def _fetch_grupper(self, kolada: Kolada, ids: Sequence[str]) -> None:
        """Ask which members some groups have now, to be stored with their values.

        All groups are asked for where that isn't answered, or one of them is no more.
        """
        try:
            came = kolada.fetch_aktuella_grupper(ids)
        except KoladaSvarFel:
            came = []
        if len(came) < len(ids):
            came = self._grupper = kolada.fetch_grupper()
        self._aktuella.update(ids)
        self._note_andringar(came)
        self._vantande = came

    def _note_andringar(self, came: Sequence[Grupp]) -> None:
        stored = {g.id: g for g in self._lager.read_grupper()[0]}
        for grupp in came:
            fore = stored.get(grupp.id, grupp)
            if set(fore.medlemmar) != set(grupp.medlemmar):
                self.gruppandringar[grupp.id] = Gruppandring(fore, grupp)

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
