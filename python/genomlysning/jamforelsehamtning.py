"""Chooses what one comparison needs from Kolada, fetches it all, and settles the data year.

Nothing is judged here: the rules meet the values in `underlagsberakning`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from genomlysning.begrepp import (
    ANTAL_AR_REFERENSKOSTNAD,
    KOMMUNGENOMSNITT,
    MAX_AR,
    Kommun,
    LagratVarde,
    Nyckeltal,
)
from genomlysning.efterfoljare import find_efterfoljare
from genomlysning.hamtning import Hamtning, Nyckel
from genomlysning.kolada import Behov
from genomlysning.profil import Profil, Profilnyckeltal, Verksamhet
from genomlysning.regler.bedomning import Toleranser
from genomlysning.regler.publicering import choose_year, step_back_to_data
from genomlysning.underlag import Foregaende, Omgjord, Radpost
from genomlysning.uppslag import Vardeuppslag
from genomlysning.urval import Gruppval, choose_grupp, find_grupper, find_kommun, titelmonster
from genomlysning.verksamhetskostnad import collect_nyckeltal_ids, collect_over_tid_ids

#: How far back the data year may lie behind the calendar before the newest final year is taken.
LANGST_BAKAT = 2
#: Years before its own that a compared figure is fetched for, to tell the newest one with a value:
#: surveys come every other year. Figures that are followed over time have more, and those that
#: have no value in these years are asked for once more, further back.
AR_TILLBAKA = 2
_MEST_OMGANGAR = 4


@dataclass(slots=True)
class Lage(Vardeuppslag):
    """The fetched values of one run, with what the rules need beside them.

    `spann` are the years that each figure has been fetched for.
    """

    kommun: Kommun
    year: int
    spann: dict[str, range]
    idag: date
    toleranser: Toleranser
    verksamheter: Sequence[Verksamhet]
    katalog: Mapping[str, Nyckeltal | None]
    grupper: Mapping[str, Gruppval | None]
    platser: Sequence[str]
    alla_koder: Sequence[str]
    kommunnamn: Mapping[str, str]
    #: What the rows call the figures.
    namn: Mapping[str, str]
    #: Likely successors of figures that Kolada does not have.
    efterfoljare: Mapping[str, Nyckeltal]
    omgjorda: Sequence[Omgjord] = ()
    #: The means of remade groups as they were.
    fore: Mapping[Nyckel, float] | None = None

    def own(self, nyckeltal: str, year: int) -> float | None:
        """Return the municipality's own value."""
        return self.value(nyckeltal, self.kommun.id, year)

    def newest_year(self, nyckeltal: str) -> int | None:
        """Return the newest year with an own value, of those fetched for the figure."""
        years = self.spann[nyckeltal]
        return max((y for y in years if self.own(nyckeltal, y) is not None), default=None)

    def as_before(self) -> "Lage":
        """Return the same values, but with the means that remade groups had before."""
        values = dict(self.varden)
        for key, value in (self.fore or {}).items():
            if (found := values.get(key)) is not None:
                values[key] = found._replace(varde=value)
        return replace(self, varden=values)


def begin_fetch(
    hamtning: Hamtning, profil: Profil, rader: Sequence[Radpost], year: int | None
) -> None:
    """Ask for what does not depend on any answer: the lists and the catalogue."""
    hamtning.begin(_list_nyckeltal(profil, rader, year))


def fetch_lage(
    hamtning: Hamtning,
    profil: Profil,
    rader: Sequence[Radpost],
    kommun: str,
    year: int | None,
    toleranser: Toleranser,
    *,
    med_placering: bool,
    fore: Foregaende | None,
) -> Lage:
    """Fetch groups, catalogue and values, and settle the data year (`year` None).

    The newest year that ought to have figures by the catalogue's dates is fetched first; where
    the values tell of another, that one too. Raises AnvandarFel for an unknown municipality.
    """
    kommuner = hamtning.read_kommuner()
    vald = find_kommun(kommun, kommuner)
    poster = [r.post for r in rader]
    ids = list(
        dict.fromkeys([*(p.id for p in poster), *collect_nyckeltal_ids(profil.verksamheter)])
    )
    catalogue = hamtning.read_nyckeltal(_list_nyckeltal(profil, rader, year))
    idag = hamtning.nu.date()
    # The catalogue's dates tell which year ought to have figures; the values, which has.
    newest = year or choose_year([n for n in catalogue.values() if n is not None], idag)
    earliest = year or newest - LANGST_BAKAT
    koder = [k.id for k in kommuner if k.typ == "K"]
    found = _fetch_varden(
        *(hamtning, profil, rader, vald, koder, newest, earliest),
        med_placering=med_placering,
    )
    grupper = found.grupper
    omgjorda, fore_medel = _find_omgjorda(hamtning, vald, grupper, fore)
    if fore is not None and fore.behall:
        kept = {o.val.omrade.lower(): o.val for o in omgjorda}
        grupper = {
            omrade: kept.get(val.omrade.lower(), val)._replace(reserv=val.reserv) if val else None
            for omrade, val in grupper.items()
        }
    names = {p.id: p.namn for p in poster}
    lage = Lage(
        kommun=vald,
        year=found.year,
        spann=found.spann,
        idag=idag,
        toleranser=toleranser,
        verksamheter=profil.verksamheter,
        katalog={i: catalogue[i] for i in ids},
        grupper=grupper,
        platser=found.platser,
        alla_koder=koder,
        kommunnamn={k.id: k.namn for k in kommuner},
        namn=names,
        efterfoljare=find_efterfoljare(
            hamtning,
            {i: names.get(i, "") for i in ids if catalogue[i] is None},
            [n for n in catalogue.values() if n is not None],
        ),
        omgjorda=omgjorda,
        fore=fore_medel,
        varden=found.varden,
    )
    _fetch_alla(hamtning, lage, found.alla)
    _fetch_medlemmar(hamtning, lage, rader)
    _fetch_aldre(hamtning, lage, earliest - ANTAL_AR_REFERENSKOSTNAD + 1)
    return lage


class _Hamtat(NamedTuple):
    """The values of one data year, and what was asked for to have them."""

    year: int
    grupper: dict[str, Gruppval | None]
    platser: list[str]
    spann: dict[str, range]
    alla: dict[int, list[str]]
    varden: dict[Nyckel, LagratVarde]


def _fetch_varden(
    hamtning: Hamtning,
    profil: Profil,
    rader: Sequence[Radpost],
    vald: Kommun,
    koder: Sequence[str],
    newest: int,
    earliest: int,
    *,
    med_placering: bool,
) -> _Hamtat:
    """Fetch the values of the data year, which is `newest` or, where that has few, one before.

    Once more where the year, or the id of a group, turns out to be another than was thought.
    """
    poster = [r.post for r in rader]
    deciding = collect_nyckeltal_ids(profil.verksamheter) or [p.id for p in poster]
    grupper = _choose_grupper(hamtning, vald, profil, poster)
    year, idag = newest, hamtning.nu.date()
    for _ in range(_MEST_OMGANGAR):
        platser = [vald.id, *_list_grupp_ids(grupper), KOMMUNGENOMSNITT]
        spann = _span_years(rader, profil.verksamheter, year, earliest, idag.year)
        alla = _list_placerade(rader, year) if med_placering else {}
        varden = hamtning.read_behov(Behov(spann, platser, alla, koder))
        value = Vardeuppslag(varden).value
        have = Counter(y for i in deciding for y in spann[i] if value(i, vald.id, y) is not None)
        settled = step_back_to_data(newest, have, len(deciding), earliest)
        grupper = _choose_grupper(hamtning, vald, profil, poster)
        if settled == year and set(_list_grupp_ids(grupper)) <= set(platser):
            break
        year = settled
    return _Hamtat(year, grupper, platser, spann, alla, varden)


def _list_nyckeltal(profil: Profil, rader: Sequence[Radpost], year: int | None) -> list[str]:
    """Return the figures that are shown; without a year all of the profile's come after them.

    Then every command settles on one year, whatever it shows.
    """
    ids = [*(r.post.id for r in rader), *collect_nyckeltal_ids(profil.verksamheter)]
    if year is None:
        ids += [p.id for p in profil.nyckeltal]
    return list(dict.fromkeys(ids))


def _choose_grupper(
    hamtning: Hamtning, vald: Kommun, profil: Profil, poster: Sequence[Profilnyckeltal]
) -> dict[str, Gruppval | None]:
    """Return the group of each area that the figures and verksamheter have."""
    found = find_grupper(vald, hamtning.read_grupper(titelmonster(vald), med_varden=True))
    areas = [*(p.omrade for p in poster), *(v.omrade for v in profil.verksamheter)]
    return {omrade: choose_grupp(omrade, found) for omrade in areas}


def _list_grupp_ids(grupper: Mapping[str, Gruppval | None]) -> list[str]:
    return list(dict.fromkeys(g.grupp.id for g in grupper.values() if g is not None))


def _span_years(
    rader: Sequence[Radpost],
    verksamheter: Sequence[Verksamhet],
    year: int,
    earliest: int,
    idag_year: int,
) -> dict[str, range]:
    """Return the years to fetch for each figure.

    What is shown over time has the years that are shown before each data year from `earliest` on;
    another figure its own year and those that tell when it last had a value.
    """
    first = earliest - ANTAL_AR_REFERENSKOSTNAD + 1
    last = max(min(max(year, idag_year), first + MAX_AR - 1), year)
    found = dict.fromkeys(collect_nyckeltal_ids(verksamheter), range(year - AR_TILLBAKA, last + 1))
    found |= dict.fromkeys(collect_over_tid_ids(verksamheter), range(first, last + 1))
    for post, own in rader:
        start = first if post.over_tid else min(year, own or year) - AR_TILLBAKA
        known = found.get(post.id, range(start, max(last, own or year) + 1))
        found[post.id] = range(min(start, known[0]), max(last, own or year, known[-1]) + 1)
    return found


def _list_placerade(rader: Sequence[Radpost], year: int) -> dict[int, list[str]]:
    """Return, by year, the figures that have a place among all municipalities."""
    found: dict[int, dict[str, None]] = {}
    for post, own in rader:
        if post.placeras and not post.over_tid:
            found.setdefault(own or year, {})[post.id] = None
    return {y: list(of) for y, of in found.items()}


def _fetch_alla(hamtning: Hamtning, lage: Lage, alla: Mapping[int, Sequence[str]]) -> None:
    """Take all municipalities' values, which came with the own ones."""
    for year, ids in alla.items():
        ranked = [i for i in ids if lage.own(i, year) is not None]
        found = hamtning.read_varden_alla(ranked, lage.alla_koder, year)
        lage.alla |= {(figure, year): spread for figure, spread in found.items()}


def _fetch_medlemmar(hamtning: Hamtning, lage: Lage, rader: Sequence[Radpost]) -> None:
    """Fetch the similar municipalities' own values where Kolada has no mean of theirs."""
    wanted = [(r.post.id, r.post.omrade, r.year or lage.year) for r in rader if not r.post.over_tid]
    for v in lage.verksamheter:
        for figure in (v.kvalitetsindex, v.avvikelse_procent):
            if figure:
                wanted.append((figure, v.omrade, lage.year))
    years: dict[str, Sequence[int]] = {}
    members: dict[str, None] = {}
    for figure, omrade, year in wanted:
        grupp = lage.grupper[omrade]
        if grupp is None or (figure, year) in lage.alla:
            continue
        if lage.lacks_mean(figure, grupp, year):
            # With years that have values, since an answer without any is no answer.
            years[figure] = lage.spann[figure]
            members.update(dict.fromkeys(grupp.grupp.medlemmar))
    if years:
        lage.varden |= hamtning.read_behov(Behov(years, list(members)))


def _fetch_aldre(hamtning: Hamtning, lage: Lage, first: int) -> None:
    """Look further back for the few figures that have no value in any of their years."""
    bare = [i for i in lage.spann if lage.katalog.get(i) and lage.newest_year(i) is None]
    years = {i: range(first, lage.spann[i][0]) for i in bare if first < lage.spann[i][0]}
    if years:
        lage.varden |= hamtning.read_behov(Behov(years, [lage.kommun.id]))
        lage.spann |= {i: range(first, lage.spann[i][-1] + 1) for i in years}


def _find_omgjorda(
    hamtning: Hamtning,
    vald: Kommun,
    grupper: Mapping[str, Gruppval | None],
    fore: Foregaende | None,
) -> tuple[list[Omgjord], dict[Nyckel, float]]:
    """Return the groups that were remade since last time, and the means they had then.

    Last time is when the workbook was filled, where there is one; else when the store was.
    """
    shown = None if fore is None else find_grupper(vald, fore.grupper)
    found = []
    for val in {v.omrade: v for v in grupper.values() if v is not None}.values():
        if shown is None:
            change = hamtning.gruppandringar.get(val.grupp.id)
            then = val._replace(grupp=change.fore) if change else val
        else:
            then = shown.get(val.omrade.lower(), val)
        was, now = then.grupp.medlemmar, val.grupp.medlemmar
        if set(was) == set(now):
            continue
        kept = fore is not None and fore.behall
        found.append(
            Omgjord(
                then._replace(reserv=val.reserv, behallen=True) if kept else val,
                nya=tuple(k for k in now if k not in was),
                borta=tuple(k for k in was if k not in now),
            )
        )
    ids = {o.val.grupp.id for o in found}
    if fore is not None:
        # The sheet shows each figure's mean of its own group, which alone is looked at.
        return found, {(n, g, y): v for (n, y), v in fore.liknande.items() for g in ids}
    return found, {key: v for key, v in hamtning.fore_andring.items() if key[1] in ids}
