"""From a profile, a municipality and a year to everything the workbook shows.

The one place where fetched values meet the rules. What comes out is plain data: the workbook's
planned writes, the JSON answers and the drafted analysis are all made from it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from genomlysning.begrepp import KOMMUNGENOMSNITT, Kommun, LagratVarde, Nyckeltal, Revidering
from genomlysning.fel import Meddelande
from genomlysning.hamtning import Hamtning, Nyckel
from genomlysning.ord import Kategori, Riktning
from genomlysning.profil import Profil, Profilnyckeltal
from genomlysning.regler.bedomning import Bedomning, Toleranser, assess, compute_skillnad
from genomlysning.regler.placering import Placering, rank
from genomlysning.regler.publicering import choose_year, is_preliminary, step_back_to_data
from genomlysning.regler.utveckling import Utveckling, assess_utveckling
from genomlysning.svenska import join_meningar, join_och
from genomlysning.urval import Gruppval, choose_grupp, find_grupper, find_kommun
from genomlysning.verksamhetskostnad import (
    Referensrad,
    collect_nyckeltal_ids,
    compute_referensrad,
)

#: Years shown in the tables over time, and of the deviation from reference cost.
ANTAL_AR_OVER_TID = 3
ANTAL_AR_REFERENSKOSTNAD = 5
#: How far back the data year may lie behind the calendar before the newest final year is taken.
LANGST_BAKAT = 2

KALLA_KOLADA = "Källa: Kolada"
KALLA_EGEN = "Egen bearbetning av uppgifter från Kolada"

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


@dataclass(frozen=True, slots=True)
class Jamforelse:
    """One figure beside similar municipalities and all of them, in the figure's own unit."""

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


@dataclass(frozen=True, slots=True)
class Tidsserie:
    """One figure over three years, oldest first, in the figure's own unit."""

    post: Profilnyckeltal
    years: tuple[int, ...]
    varden: tuple[float | None, ...]
    forandring: float | None
    utveckling: Utveckling
    anmarkning: str
    hamtad: datetime | None


@dataclass(frozen=True, slots=True)
class Underlag:
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

    @property
    def idag(self) -> date:
        """The day of the run."""
        return self.nu.date()

    def jamforelser_i(self, kategori: Kategori) -> list[Jamforelse]:
        """Return the compared figures of one category, in the profile's order."""
        return [j for j in self.jamforelser if j.post.kategori is kategori]

    def tidsserier_i(self, kategori: Kategori) -> list[Tidsserie]:
        """Return the figures over time of one category, in the profile's order."""
        return [t for t in self.tidsserier if t.post.kategori is kategori]


@dataclass(slots=True)
class _Lage:
    """The fetched values of one run, with the look-ups that the rules need."""

    kommun: str
    year: int
    years: Sequence[int]
    idag: date
    toleranser: Toleranser
    katalog: Mapping[str, Nyckeltal | None]
    grupper: Mapping[str, Gruppval | None]
    alla_koder: Sequence[str]
    varden: dict[Nyckel, LagratVarde]

    def get(self, nyckeltal: str, kommun: str, year: int) -> LagratVarde | None:
        return self.varden.get((nyckeltal, kommun, year))

    def value(self, nyckeltal: str, kommun: str, year: int) -> float | None:
        found = self.get(nyckeltal, kommun, year)
        return found.varde if found else None

    def antal(self, nyckeltal: str, kommun: str, year: int) -> int | None:
        found = self.get(nyckeltal, kommun, year)
        return found.antal if found else None

    def own(self, nyckeltal: str, year: int) -> float | None:
        return self.value(nyckeltal, self.kommun, year)

    def newest_year(self, nyckeltal: str) -> int | None:
        return max((y for y in self.years if self.own(nyckeltal, y) is not None), default=None)

    def known(self, nyckeltal: str, kommuner: Sequence[str], year: int) -> list[float]:
        found = (self.value(nyckeltal, k, year) for k in kommuner)
        return [v for v in found if v is not None]


def compute_underlag(
    hamtning: Hamtning,
    profil: Profil,
    kommun: str,
    year: int | None = None,
    *,
    toleranser: Toleranser | None = None,
    med_jamforelser: bool = True,
) -> Underlag:
    """Fetch what the profile needs for a municipality (name or code) and apply the rules.

    `year` None takes the newest year whose figures are mostly final. `med_jamforelser` False
    leaves out the figures of the tables and keeps the reference cost. Raises AnvandarFel for an
    unknown municipality and KoladaFel when Kolada does not answer.
    """
    kommuner = hamtning.read_kommuner()
    vald = find_kommun(kommun, kommuner)
    poster = profil.nyckeltal if med_jamforelser else _pick_kvalitet(profil)
    lage = _fetch(hamtning, profil, poster, vald, kommuner, year, toleranser or Toleranser())
    jamforda = [p for p in poster if not p.over_tid]
    _fetch_alla(hamtning, jamforda, lage, med_placering=med_jamforelser)

    jamforelser = [_compare(p, lage) for p in jamforda]
    serier = [_follow(p, lage) for p in poster if p.over_tid]
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
        reviderade=tuple(hamtning.reviderade),
        varningar=tuple(_warn(hamtning, lage, vald)),
    )


def _fetch(
    hamtning: Hamtning,
    profil: Profil,
    poster: Sequence[Profilnyckeltal],
    vald: Kommun,
    kommuner: Sequence[Kommun],
    year: int | None,
    toleranser: Toleranser,
) -> _Lage:
    """Fetch groups, catalogue and values, and settle the data year."""
    found = find_grupper(vald, hamtning.read_grupper())
    omraden = [*(p.omrade for p in poster), *(v.omrade for v in profil.verksamheter)]
    grupper = {omrade: choose_grupp(omrade, found) for omrade in omraden}
    of_verksamheter = collect_nyckeltal_ids(profil.verksamheter)
    ids = list(dict.fromkeys([*(p.id for p in poster), *of_verksamheter]))
    katalog = hamtning.read_nyckeltal(ids)
    idag = hamtning.nu.date()
    chosen = year
    if chosen is None:
        chosen = choose_year([n for n in katalog.values() if n is not None], idag)
    earliest = chosen - ANTAL_AR_REFERENSKOSTNAD + 1 - (LANGST_BAKAT if year is None else 0)
    years = range(earliest, max(chosen, idag.year) + 1)
    platser = dict.fromkeys([vald.id, *(g.grupp.id for g in grupper.values() if g is not None)])
    lage = _Lage(
        kommun=vald.id,
        year=chosen,
        years=years,
        idag=idag,
        toleranser=toleranser,
        katalog=katalog,
        grupper=grupper,
        alla_koder=[k.id for k in kommuner if k.typ == "K"],
        varden=hamtning.read_varden(ids, [*platser, KOMMUNGENOMSNITT], years),
    )
    if year is None:
        # The same figures decide for every command, so that they all settle on one year.
        deciding = of_verksamheter or [p.id for p in poster]
        have = Counter(y for i in deciding for y in years if lage.own(i, y) is not None)
        lage.year = step_back_to_data(chosen, have, len(deciding), chosen - LANGST_BAKAT)
    return lage


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
    hamtning: Hamtning, poster: Sequence[Profilnyckeltal], lage: _Lage, *, med_placering: bool
) -> None:
    """Fetch all municipalities' values for the figures that need them.

    Needed for a place among all, and where Kolada has no mean of the similar ones.
    """
    wanted = []
    for post in poster:
        grupp = lage.grupper[post.omrade]
        lacks_mean = grupp is not None and lage.value(post.id, grupp.grupp.id, lage.year) is None
        ranked = med_placering and _is_ranked(post)
        if lage.own(post.id, lage.year) is not None and (ranked or lacks_mean):
            wanted.append(post.id)
    if wanted:
        lage.varden |= hamtning.read_varden_alla(wanted, lage.alla_koder, lage.year)


def _is_ranked(post: Profilnyckeltal) -> bool:
    return post.jamforbar and post.riktning is not Riktning.INGEN


def _compare(post: Profilnyckeltal, lage: _Lage) -> Jamforelse:
    year, grupp = lage.year, lage.grupper[post.omrade]
    own = lage.get(post.id, lage.kommun, year)
    varde = own.varde if own else None
    liknande, antal, egen = _similar(post.id, grupp, lage)
    placering = None
    if _is_ranked(post):
        placering = rank(varde, lage.known(post.id, lage.alla_koder, year), post.riktning)
    remarks = [
        *_remark_missing(post, lage),
        *_remark_preliminary(post.id, [year], lage),
        *_remark_group(liknande, antal, egen, grupp, post),
        post.anmarkning,
        *(b.text for b in post.metodbrott if b.year == year),
    ]
    return Jamforelse(
        post=post,
        year=year,
        varde=varde,
        liknande=liknande,
        liknande_antal=antal,
        liknande_egen=egen,
        snitt=lage.value(post.id, KOMMUNGENOMSNITT, year),
        skillnad=compute_skillnad(varde, liknande, post.decimaler),
        bedomning=assess(
            varde,
            liknande,
            antal,
            slag=post.bedomning,
            riktning=post.riktning,
            enhet=post.enhet,
            decimaler=post.decimaler,
            toleranser=lage.toleranser,
            mal=post.mal or 0.0,
            jamforbar=post.jamforbar,
        ),
        placering=placering,
        grupp=grupp,
        anmarkning=join_meningar(remarks),
        hamtad=own.hamtad if own else None,
    )


def _similar(
    nyckeltal: str, grupp: Gruppval | None, lage: _Lage
) -> tuple[float | None, int | None, bool]:
    """Return the mean of the similar ones, how many it rests on, and whether it is our own."""
    if grupp is None:
        return None, None, False
    members = lage.known(nyckeltal, grupp.grupp.medlemmar, lage.year)
    stored = lage.get(nyckeltal, grupp.grupp.id, lage.year)
    if stored is not None and stored.varde is not None:
        return stored.varde, stored.antal if stored.antal is not None else len(members), False
    if members:
        return sum(members) / len(members), len(members), True
    return None, 0, False


def _follow(post: Profilnyckeltal, lage: _Lage) -> Tidsserie:
    years = tuple(range(lage.year - ANTAL_AR_OVER_TID + 1, lage.year + 1))
    values = tuple(lage.own(post.id, y) for y in years)
    newest = lage.get(post.id, lage.kommun, lage.year)
    remarks = [
        *_remark_missing(post, lage),
        *_remark_preliminary(post.id, years, lage),
        post.anmarkning,
        # A break at the first shown year lies before all changes that are shown.
        *(b.text for b in post.metodbrott if years[0] < b.year <= years[-1]),
    ]
    return Tidsserie(
        post=post,
        years=years,
        varden=values,
        forandring=compute_skillnad(values[-1], values[0], post.decimaler),
        utveckling=assess_utveckling(
            values[0],
            values[-1],
            riktning=post.riktning,
            enhet=post.enhet,
            decimaler=post.decimaler,
            toleranser=lage.toleranser,
            mal=post.mal or 0.0,
        ),
        anmarkning=join_meningar(remarks),
        hamtad=newest.hamtad if newest else None,
    )


def _remark_missing(post: Profilnyckeltal, lage: _Lage) -> list[str]:
    if lage.katalog.get(post.id) is None:
        return [f"Nyckeltalet {post.id} finns inte i Kolada."]
    if lage.own(post.id, lage.year) is not None:
        return []
    newest = lage.newest_year(post.id)
    if newest is None:
        return [f"Värde saknas för {lage.year}, liksom för {lage.years[0]}–{lage.years[-1]}."]
    return [f"Värde saknas för {lage.year}; senaste år med värde är {newest}."]


def _remark_preliminary(nyckeltal: str, years: Sequence[int], lage: _Lage) -> list[str]:
    known = lage.katalog.get(nyckeltal)
    if known is None:
        return []
    for year in years:
        if lage.own(nyckeltal, year) is not None and is_preliminary(known, year, lage.idag):
            which = "Preliminärt värde" if len(years) == 1 else f"Preliminärt värde för {year}"
            if known.slut_datum is None:
                return [f"{which}; Kolada anger inget slutdatum."]
            return [f"{which}, slutligt {known.slut_datum.isoformat()}."]
    return []


def _remark_group(
    liknande: float | None,
    antal: int | None,
    egen: bool,
    grupp: Gruppval | None,
    post: Profilnyckeltal,
) -> list[str]:
    if grupp is None:
        return ["Kolada har ingen grupp av liknande kommuner för kommunen."]
    remarks = []
    if grupp.reserv and grupp.omrade.lower() != post.omrade.lower():
        remarks.append(
            f"Gruppen för {post.omrade} saknas; jämförs med liknande kommuner, {grupp.omrade}."
        )
    size = len(grupp.grupp.medlemmar)
    if liknande is None:
        remarks.append("Ingen av de liknande kommunerna har värde.")
    elif antal is not None and antal < size:
        remarks.append(f"{antal} av de {size} liknande kommunerna har värde.")
    if egen:
        remarks.append(f"Medelvärdet för liknande kommuner är vårt eget ({KALLA_EGEN}).")
    return remarks


def _warn(hamtning: Hamtning, lage: _Lage, kommun: Kommun) -> list[str]:
    warnings = list(hamtning.varningar)
    unknown = [i for i, n in lage.katalog.items() if n is None]
    if unknown:
        warnings.append(OKANDA_NYCKELTAL.format(ids=join_och(unknown)))
    if any(g is None for g in lage.grupper.values()):
        warnings.append(INGA_GRUPPER.format(kommun=kommun.namn))
    for omrade, grupp in lage.grupper.items():
        if grupp is not None and grupp.reserv and omrade.lower() != grupp.omrade.lower():
            warnings.append(
                RESERVGRUPP.format(kommun=kommun.namn, omrade=omrade, reserv=grupp.omrade)
            )
    return warnings
