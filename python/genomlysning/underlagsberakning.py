"""From a profile, a municipality and a year to everything the workbook shows.

The one place where fetched values meet the rules.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from genomlysning import anmarkningar
from genomlysning.begrepp import (
    ANTAL_AR_OVER_TID,
    ANTAL_AR_REFERENSKOSTNAD,
    KOMMUNGENOMSNITT,
    MAX_AR,
    Kommun,
    Nyckeltal,
)
from genomlysning.fel import Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.ord import Kategori
from genomlysning.profil import (
    Metodbrott,
    Profil,
    Profilnyckeltal,
    Verksamhet,
    load_verksamheter,
)
from genomlysning.regler.bedomning import Bedomning, Toleranser, assess, compute_skillnad
from genomlysning.regler.placering import rank
from genomlysning.regler.publicering import choose_year, is_preliminary, step_back_to_data
from genomlysning.regler.utveckling import assess_utveckling
from genomlysning.skrapsamling import pause_skrapsamling
from genomlysning.svenska import join_meningar, join_och
from genomlysning.underlag import (
    Jamforelse,
    Radpost,
    Tidsserie,
    Underlag,
    choose_decimaler_for,
)
from genomlysning.uppslag import Gruppmedel, Vardeuppslag
from genomlysning.urval import Gruppval, choose_grupp, find_grupper, find_kommun, titelmonster
from genomlysning.verksamhetskostnad import (
    Referensrad,
    collect_nyckeltal_ids,
    compute_referensrad,
)

#: How far back the data year may lie behind the calendar before the newest final year is taken.
LANGST_BAKAT = 2

OKANDA_NYCKELTAL = Meddelande(
    "nyckeltal-okanda",
    "Kolada känner inte till {ids}.",
    "Kontrollera beteckningarna i profilen.",
)
INGA_GRUPPER = Meddelande(
    "grupper-saknas",
    "Kolada har inga grupper av liknande kommuner för {kommun}; de kolumnerna är därför tomma.",
)
RESERVGRUPP = Meddelande(
    "grupp-reserv",
    "{kommun} har ingen grupp för området {omrade}; jämförelsen görs med liknande kommuner, "
    "{reserv}.",
)
AR_UTAN_VARDEN = Meddelande(
    "ar-utan-varden",
    "Inget av nyckeltalen har något värde för {year}.",
    "{senaste} Välj ett annat dataår, eller vänta tills Kolada har årets värden.",
)
PRELIMINARA = Meddelande(
    "varden-preliminara",
    "Jämförda värden som är preliminära: {antal} av {alla}.",
    "Anmärkning säger när de blir slutliga.",
)


@dataclass(slots=True)
class _Lage(Vardeuppslag):
    """The fetched values of one run, with what the rules need beside them."""

    kommun: str
    year: int
    years: Sequence[int]
    idag: date
    toleranser: Toleranser
    verksamheter: Sequence[Verksamhet]
    katalog: Mapping[str, Nyckeltal | None]
    grupper: Mapping[str, Gruppval | None]
    platser: Sequence[str]
    alla_koder: Sequence[str]

    def breaks(self, post: Profilnyckeltal) -> list[Metodbrott]:
        """Return a figure's changes of method; a deviation has those of its verksamhet too."""
        return [*post.metodbrott, *_read_avvikelsebrott().get(post.id, ())]

    def own(self, nyckeltal: str, year: int) -> float | None:
        return self.value(nyckeltal, self.kommun, year)

    def newest_year(self, nyckeltal: str) -> int | None:
        return max((y for y in self.years if self.own(nyckeltal, y) is not None), default=None)


@cache
def _read_avvikelsebrott() -> dict[str, tuple[Metodbrott, ...]]:
    """Return the changes of method of every published deviation, in per cent and in Mkr."""
    return {
        figure: v.metodbrott
        for v in load_verksamheter().values()
        for figure in (v.avvikelse_procent, *v.avvikelse_mkr)
        if figure is not None
        # A total's amount is the sum of its parts', which have breaks of their own.
        and (figure == v.avvikelse_procent or len(v.avvikelse_mkr) == 1)
    }


@pause_skrapsamling()
def compute_underlag(
    hamtning: Hamtning,
    profil: Profil,
    kommun: str,
    year: int | None = None,
    *,
    toleranser: Toleranser | None = None,
    med_jamforelser: bool = True,
    rader: Sequence[Radpost] | None = None,
) -> Underlag:
    """Fetch what the profile needs for a municipality (name or code) and apply the rules.

    `rader` are the figures of an existing workbook, in its order and each with its year; without
    them they are the profile's. `year` None takes the newest year whose figures are mostly
    final. `med_jamforelser` False leaves out the figures of the tables and keeps the reference
    cost. Raises AnvandarFel for an unknown municipality and KoladaFel when Kolada does not answer.
    """
    if rader is None:
        poster = profil.nyckeltal if med_jamforelser else _pick_kvalitet(profil)
        rader = [Radpost(p) for p in poster]
    try:
        _begin(hamtning, profil, rader, year, med_placering=med_jamforelser)
        kommuner = hamtning.read_kommuner()
        vald = find_kommun(kommun, kommuner)
        lage = _fetch(hamtning, profil, rader, vald, kommuner, year, toleranser or Toleranser())
        jamforda = [(r.post, r.year or lage.year) for r in rader if not r.post.over_tid]
        _fetch_alla(hamtning, jamforda, lage, med_placering=med_jamforelser)
    finally:
        hamtning.abort()

    jamforelser = [_compare(p, y, lage) for p, y in jamforda]
    serier = [_follow(r.post, lage) for r in rader if r.post.over_tid]
    saknade = [j.post.id for j in jamforelser if j.varde is None]
    saknade += [t.post.id for t in serier if t.varden[-1] is None]
    saknade += [i for i, n in lage.katalog.items() if n is None]
    used = {v.omrade: v for v in lage.grupper.values() if v is not None}
    return Underlag(
        kommun=vald,
        profil=profil,
        year=lage.year,
        nu=hamtning.nu,
        toleranser=lage.toleranser,
        jamforelser=tuple(jamforelser) if med_jamforelser else (),
        tidsserier=tuple(serier),
        referensrader=tuple(_check_verksamheter(profil, jamforelser, lage)),
        grupper=tuple(used.values()),
        kommunnamn={k.id: k.namn for k in kommuner},
        saknade=tuple(dict.fromkeys(saknade)),
        reviderade=tuple(r for r in hamtning.reviderade if r.kommun in lage.platser),
        varningar=tuple(_warn(hamtning, lage, vald) + _warn_values(jamforelser, lage)),
    )


def _begin(
    hamtning: Hamtning,
    profil: Profil,
    rader: Sequence[Radpost],
    year: int | None,
    *,
    med_placering: bool,
) -> None:
    """Ask for what does not depend on any answer: lists, catalogue, and a given year's places."""
    alla: dict[int, list[str]] = {}
    for post, own in rader:
        when = own or year
        if med_placering and post.placeras and not post.over_tid and when is not None:
            alla.setdefault(when, []).append(post.id)
    ids = _list_nyckeltal(profil, rader, year)
    hamtning.begin(ids, {when: list(dict.fromkeys(of)) for when, of in alla.items()})


def _list_nyckeltal(profil: Profil, rader: Sequence[Radpost], year: int | None) -> list[str]:
    """Return the figures that are shown; without a year all of the profile's come after them.

    Then every command settles on one year, whatever it shows.
    """
    ids = [*(r.post.id for r in rader), *collect_nyckeltal_ids(profil.verksamheter)]
    if year is None:
        ids += [p.id for p in profil.nyckeltal]
    return list(dict.fromkeys(ids))


def _fetch(
    hamtning: Hamtning,
    profil: Profil,
    rader: Sequence[Radpost],
    vald: Kommun,
    kommuner: Sequence[Kommun],
    year: int | None,
    toleranser: Toleranser,
) -> _Lage:
    """Fetch groups, catalogue and values, and settle the data year."""
    found = find_grupper(vald, hamtning.read_grupper(titelmonster(vald)))
    poster = [r.post for r in rader]
    omraden = [*(p.omrade for p in poster), *(v.omrade for v in profil.verksamheter)]
    grupper = {omrade: choose_grupp(omrade, found) for omrade in omraden}
    of_verksamheter = collect_nyckeltal_ids(profil.verksamheter)
    ids = list(dict.fromkeys([*(p.id for p in poster), *of_verksamheter]))
    catalogue = hamtning.read_nyckeltal(_list_nyckeltal(profil, rader, year))
    katalog = {i: catalogue[i] for i in ids}
    idag = hamtning.nu.date()
    # The catalogue's dates tell which year ought to have figures; below, the values which has.
    newest = year or choose_year([n for n in catalogue.values() if n is not None], idag)
    earliest = year or newest - LANGST_BAKAT
    years = _span_years(earliest, max(newest, idag.year), [r.year for r in rader if r.year])
    own_groups = dict.fromkeys(g.grupp.id for g in grupper.values() if g is not None)
    platser = [vald.id, *own_groups, KOMMUNGENOMSNITT]
    koder = [k.id for k in kommuner if k.typ == "K"]
    varden = hamtning.read_varden(ids, platser, years, koder)
    if year is None:
        deciding = of_verksamheter or [p.id for p in poster]
        value = Vardeuppslag(varden).value
        have = Counter(y for i in deciding for y in years if value(i, vald.id, y) is not None)
        year = step_back_to_data(newest, have, len(deciding), earliest)
    return _Lage(
        kommun=vald.id,
        year=year,
        years=years,
        idag=idag,
        toleranser=toleranser,
        verksamheter=profil.verksamheter,
        katalog=katalog,
        grupper=grupper,
        platser=platser,
        alla_koder=koder,
        varden=varden,
    )


def _span_years(earliest: int, latest: int, of_rows: Sequence[int]) -> range:
    """Return the years to fetch, so that each data year from `earliest` on has those before it."""
    first = earliest - ANTAL_AR_REFERENSKOSTNAD + 1
    last = min(latest, first + MAX_AR - 1)
    return range(min([first, *of_rows]), max([last, *of_rows]) + 1)


def _check_verksamheter(
    profil: Profil, jamforelser: Sequence[Jamforelse], lage: _Lage
) -> list[Referensrad]:
    verdicts: dict[str | None, list[Bedomning]] = {}
    for j in jamforelser:
        if j.post.kategori is Kategori.KVALITET:
            verdicts.setdefault(j.post.verksamhet, []).append(j.bedomning)
    years = range(lage.year - ANTAL_AR_REFERENSKOSTNAD + 1, lage.year + 1)
    return [
        compute_referensrad(
            v,
            years,
            lage,
            lage.kommun,
            lage.grupper[v.omrade],
            verdicts.get(v.id, []),
            lage.toleranser,
            lage.katalog,
            lage.idag,
        )
        for v in profil.verksamheter
    ]


def _pick_kvalitet(profil: Profil) -> tuple[Profilnyckeltal, ...]:
    """Return the quality figures that stand in where a verksamhet's index is missing."""
    wanted = {v.id for v in profil.verksamheter}
    return tuple(
        p
        for p in profil.nyckeltal
        if p.verksamhet in wanted and p.kategori is Kategori.KVALITET and not p.over_tid
    )


def _fetch_alla(
    hamtning: Hamtning,
    poster: Sequence[tuple[Profilnyckeltal, int]],
    lage: _Lage,
    *,
    med_placering: bool,
) -> None:
    """Fetch all municipalities' values for the figures that need them, each for its year.

    Needed for a place among all, and where Kolada has no mean of the similar ones.
    """
    wanted: dict[int, list[str]] = {}
    for post, year in poster:
        grupp = lage.grupper[post.omrade]
        ranked = med_placering and post.placeras and lage.own(post.id, year) is not None
        if ranked or lage.lacks_mean(post.id, grupp, year):
            wanted.setdefault(year, []).append(post.id)
    for v in lage.verksamheter:
        for figure in (v.kvalitetsindex, v.avvikelse_procent):
            if figure and lage.lacks_mean(figure, lage.grupper[v.omrade], lage.year):
                wanted.setdefault(lage.year, []).append(figure)
    for year, ids in wanted.items():
        found = hamtning.read_varden_alla(list(dict.fromkeys(ids)), lage.alla_koder, year)
        lage.alla |= {(figure, year): spread for figure, spread in found.items()}


def _compare(post: Profilnyckeltal, year: int, lage: _Lage) -> Jamforelse:
    grupp = lage.grupper[post.omrade]
    own = lage.get(post.id, lage.kommun, year)
    varde = own.varde if own else None
    liknande = lage.liknande(post.id, grupp, year)
    placering = None
    if post.placeras:
        placering = rank(varde, lage.known(post.id, lage.alla_koder, year), post.riktning)
    preliminary = _remark_preliminary(post.id, [year], lage)
    remarks = [*_remark_missing(post, year, lage), *preliminary]
    if lage.katalog.get(post.id) is not None:
        remarks += _remark_group(liknande, grupp, post)
    remarks += [post.anmarkning, *(b.text for b in lage.breaks(post) if b.year == year)]
    return Jamforelse(
        post=post,
        year=year,
        varde=varde,
        liknande=liknande.varde,
        liknande_antal=liknande.antal,
        liknande_egen=liknande.eget,
        snitt=lage.value(post.id, KOMMUNGENOMSNITT, year),
        skillnad=compute_skillnad(varde, liknande.varde),
        bedomning=assess(
            varde,
            liknande.varde,
            liknande.antal,
            slag=post.bedomning,
            riktning=post.riktning,
            enhet=post.enhet,
            toleranser=lage.toleranser,
            mal=post.mal,
            jamforbar=post.jamforbar,
        ),
        placering=placering,
        grupp=grupp,
        anmarkning=join_meningar(remarks),
        hamtad=own.hamtad if own else None,
        decimaler=choose_decimaler_for(post, varde, liknande.varde, lage.toleranser),
        preliminar=bool(preliminary),
    )


def _follow(post: Profilnyckeltal, lage: _Lage) -> Tidsserie:
    years = tuple(range(lage.year - ANTAL_AR_OVER_TID + 1, lage.year + 1))
    values = tuple(lage.own(post.id, y) for y in years)
    newest = lage.get(post.id, lage.kommun, lage.year)
    remarks = [
        *_remark_missing(post, lage.year, lage),
        *_remark_preliminary(post.id, years, lage),
        post.anmarkning,
        # A break at the first shown year lies before all changes that are shown.
        *(b.text for b in lage.breaks(post) if years[0] < b.year <= years[-1]),
    ]
    return Tidsserie(
        post=post,
        years=years,
        varden=values,
        forandring=compute_skillnad(values[-1], values[0]),
        utveckling=assess_utveckling(
            values[0],
            values[-1],
            riktning=post.riktning,
            enhet=post.enhet,
            toleranser=lage.toleranser,
            mal=post.mal,
        ),
        anmarkning=join_meningar(remarks),
        hamtad=newest.hamtad if newest else None,
        decimaler=choose_decimaler_for(post, values[-1], values[0], lage.toleranser),
    )


def _remark_missing(post: Profilnyckeltal, year: int, lage: _Lage) -> list[str]:
    if lage.katalog.get(post.id) is None:
        return [anmarkningar.OKANT_NYCKELTAL.format(id=post.id)]
    if lage.own(post.id, year) is not None:
        return []
    newest = lage.newest_year(post.id)
    if newest is None:
        span = {"forsta": lage.years[0], "sista": lage.years[-1]}
        return [anmarkningar.SAKNAS_ALLTID.format(year=year, **span)]
    return [anmarkningar.SAKNAS_NU.format(year=year, senaste=newest)]


def _remark_preliminary(nyckeltal: str, years: Sequence[int], lage: _Lage) -> list[str]:
    known = lage.katalog.get(nyckeltal)
    if known is None:
        return []
    for year in years:
        if lage.own(nyckeltal, year) is not None and is_preliminary(known, year, lage.idag):
            named = year if len(years) > 1 else None
            return [anmarkningar.tell_preliminart(named, known.slut_datum)]
    return []


def _remark_group(liknande: Gruppmedel, grupp: Gruppval | None, post: Profilnyckeltal) -> list[str]:
    if grupp is None:
        return [anmarkningar.UTAN_GRUPP]
    remarks = []
    if grupp.reserv:
        fields = {"omrade": post.omrade, "reserv": grupp.omrade}
        remarks.append(anmarkningar.RESERVGRUPP.format(**fields))
    size = len(grupp.grupp.medlemmar)
    if liknande.varde is None:
        remarks.append(anmarkningar.INGEN_LIKNANDE)
    elif liknande.antal is not None and liknande.antal < size:
        remarks.append(anmarkningar.FA_LIKNANDE.format(antal=liknande.antal, alla=size))
    if liknande.eget:
        remarks.append(anmarkningar.EGET_MEDEL)
    return remarks


def _warn_values(jamforelser: Sequence[Jamforelse], lage: _Lage) -> list[str]:
    """Warn of a year without values, and of values that are not final."""
    warnings = []
    newest = [y for j in jamforelser if (y := lage.newest_year(j.post.id)) is not None]
    if jamforelser and all(j.varde is None for j in jamforelser):
        when = f"Senaste år med värden är {max(newest)}." if newest else ""
        warnings.append(AR_UTAN_VARDEN.format(year=lage.year, senaste=when))
    preliminary = sum(j.preliminar for j in jamforelser)
    if preliminary:
        warnings.append(PRELIMINARA.format(antal=preliminary, alla=len(jamforelser)))
    return warnings


def _warn(hamtning: Hamtning, lage: _Lage, kommun: Kommun) -> list[str]:
    warnings = list(hamtning.varningar)
    unknown = [i for i, n in lage.katalog.items() if n is None]
    if unknown:
        warnings.append(OKANDA_NYCKELTAL.format(ids=join_och(unknown)))
    if any(g is None for g in lage.grupper.values()):
        warnings.append(INGA_GRUPPER.format(kommun=kommun.namn))
    for omrade, grupp in lage.grupper.items():
        if grupp is not None and grupp.reserv:
            warnings.append(
                RESERVGRUPP.format(kommun=kommun.namn, omrade=omrade, reserv=grupp.omrade)
            )
    return warnings
