"""What one run found out: plain data, which everything that is shown is made from.

The workbook's planned writes, the JSON answers and the drafted analysis read it; it is reckoned
from fetched values (`underlagsberakning`) or from the sheets as they stand (`bok.bladunderlag`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from genomlysning.begrepp import Grupp, Kommun, Revidering
from genomlysning.ord import Kategori, Riktning
from genomlysning.profil import Profil, Profilnyckeltal
from genomlysning.regler.bedomning import Bedomning, Toleranser
from genomlysning.regler.placering import Placering
from genomlysning.regler.referenskostnad import Avvikelsesumma
from genomlysning.regler.utveckling import Utveckling
from genomlysning.regler.visning import choose_decimaler
from genomlysning.urval import Gruppval
from genomlysning.verksamhetskostnad import Referensrad, sum_referensrader


class Radpost(NamedTuple):
    """A figure as one row has it; `year` is the row's own year, None the data year."""

    post: Profilnyckeltal
    year: int | None = None


def choose_decimaler_for(
    post: Profilnyckeltal,
    varde: float | None,
    jamfort_med: float | None,
    toleranser: Toleranser,
) -> int:
    """Return with how many decimals a figure's two values are shown (`regler.visning`)."""
    return choose_decimaler(
        varde,
        jamfort_med,
        decimaler=post.decimaler,
        riktning=post.riktning if post.jamforbar else Riktning.INGEN,
        enhet=post.enhet,
        toleranser=toleranser,
        mal=post.mal,
    )


class Foregaende(NamedTuple):
    """What was shown before this run, to tell what a remade group has done.

    `grupper` are the groups of similar municipalities, `liknande` the means of theirs by figure
    and year. `behall`: the groups keep the members that they had (an adopted workbook).
    """

    grupper: tuple[Grupp, ...]
    liknande: Mapping[tuple[str, int], float]
    behall: bool = False


class Omgjord(NamedTuple):
    """A group of similar municipalities that Kolada has remade since last time.

    `nya` and `borta` are the codes of those that came and went, in Kolada.
    """

    val: Gruppval
    nya: tuple[str, ...]
    borta: tuple[str, ...]

    @property
    def behallen(self) -> bool:
        """Whether the comparison still is with those of before."""
        return self.val.behallen


class Jamforelse(NamedTuple):
    """One figure beside similar municipalities and all of them, in the figure's own unit.

    It is shown with `decimaler`.
    """

    post: Profilnyckeltal
    year: int
    varde: float | None
    liknande: float | None
    liknande_antal: int | None
    liknande_egen: bool
    snitt: float | None
    skillnad: float | None
    bedomning: Bedomning
    placering: Placering | None
    grupp: Gruppval | None
    anmarkning: str
    hamtad: datetime | None
    decimaler: int
    preliminar: bool = False
    #: How many municipalities the mean of all rests on.
    snitt_antal: int | None = None

    @property
    def av(self) -> int | None:
        """How many municipalities have a value: those ranked, else those in the mean of all."""
        return self.placering.av if self.placering else self.snitt_antal


class Tidsserie(NamedTuple):
    """One figure over three years, oldest first, in the figure's own unit.

    It is shown with `decimaler`.
    """

    post: Profilnyckeltal
    years: tuple[int, ...]
    varden: tuple[float | None, ...]
    forandring: float | None
    utveckling: Utveckling
    anmarkning: str
    hamtad: datetime | None
    decimaler: int


class Underlag(NamedTuple):
    """All that one run found out, ready to be shown."""

    kommun: Kommun
    profil: Profil
    year: int
    nu: datetime
    toleranser: Toleranser
    jamforelser: tuple[Jamforelse, ...]
    tidsserier: tuple[Tidsserie, ...]
    referensrader: tuple[Referensrad, ...]
    grupper: tuple[Gruppval, ...]
    kommunnamn: Mapping[str, str]
    saknade: tuple[str, ...]
    reviderade: tuple[Revidering, ...]
    varningar: tuple[str, ...]
    exempel: bool = False
    omgjorda: tuple[Omgjord, ...] = ()
    #: The titles before and after, by id, of figures that Kolada has renamed.
    omdopta: Mapping[str, tuple[str, str]] = {}

    @property
    def idag(self) -> date:
        """The day of the run."""
        return self.nu.date()

    @property
    def senast_hamtad(self) -> date:
        """The day when the oldest of the shown values was fetched."""
        times = [j.hamtad for j in self.jamforelser] + [t.hamtad for t in self.tidsserier]
        return min((t for t in times if t is not None), default=self.nu).date()

    @property
    def summa(self) -> Avvikelsesumma:
        """The deviations of the verksamheter together, none of them counted twice."""
        return sum_referensrader(self.referensrader)

    def jamforelser_i(self, kategori: Kategori) -> list[Jamforelse]:
        """Return the compared figures of one category, in the profile's order."""
        return [j for j in self.jamforelser if j.post.kategori is kategori]

    def tidsserier_i(self, kategori: Kategori) -> list[Tidsserie]:
        """Return the figures over time of one category, in the profile's order."""
        return [t for t in self.tidsserier if t.post.kategori is kategori]
