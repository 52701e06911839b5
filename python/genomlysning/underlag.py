"""From a profile, a municipality and a year to everything the workbook shows.

The one place where fetched values meet the rules. What comes out is plain data: the workbook's
planned writes, the JSON answers and the drafted analysis are all made from it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from genomlysning.begrepp import KOMMUNGENOMSNITT, Kommun, LagratVarde, Nyckeltal, Revidering
from genomlysning.hamtning import Hamtning, Nyckel
from genomlysning.ord import Kategori, Riktning
from genomlysning.profil import Profil, Profilnyckeltal
from genomlysning.regler.bedomning import Bedomning, Toleranser, assess, compute_skillnad
from genomlysning.regler.placering import Placering, rank
from genomlysning.regler.publicering import choose_year, is_preliminary, step_back_to_data
from genomlysning.regler.utveckling import Utveckling, assess_utveckling
from genomlysning.svenska import join_meningar, join_och, uppraknat
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
class _Varden:
    """Fetched values with the look-ups that the rules need."""

    by_key: dict[Nyckel, LagratVarde]
    kommun: str
    years: Sequence[int]
    alla: dict[Nyckel, LagratVarde] = field(default_factory=dict)

    def get(self, nyckeltal: str, kommun: str, year: int) -> LagratVarde | None:
        key = (nyckeltal, kommun, year)
        return self.by_key.get(key) or self.alla.get(key)

    def value(self, nyckeltal: str, kommun: str, year: int) -> float | None:
        found = self.get(nyckeltal, kommun, year)
        return found.varde if found else None

    def own(self, nyckeltal: str, year: int) -> float | None:
        return self.value(nyckeltal, self.kommun, year)

    def newest_year(self, nyckeltal: str) -> int | None:
        return max((y for y in self.years if self.own(nyckeltal, y) is not None), default=None)

    def antal(self, nyckeltal: str, grupp: Gruppval | None, year: int) -> int | None:
        found = self.get(nyckeltal, grupp.grupp.id, year) if grupp else None
        return found.antal if found else None

    def members(self, nyckeltal: str, grupp: Gruppval, year: int) -> list[float]:
        found = (self.value(nyckeltal, m, year) for m in grupp.grupp.medlemmar)
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
    toleranser = toleranser or Toleranser()
    kommuner = hamtning.read_kommuner()
    vald = find_kommun(kommun, kommuner)
    grupper = find_grupper(vald, hamtning.read_grupper())
    poster = profil.nyckeltal if med_jamforelser else _kvalitet_utan_index(profil)
    val = {
        omrade: choose_grupp(omrade, grupper)
        for omrade in [*(p.omrade for p in poster), *(v.omrade for v in profil.verksamheter)]
    }
    ids = list(
        dict.fromkeys([*(p.id for p in poster), *collect_nyckeltal_ids(profil.verksamheter)])
    )
    katalog = hamtning.read_nyckeltal(ids)
    known = [n for n in katalog.values() if n is not None]
    idag = hamtning.nu.date()
    chosen = year if year is not None else choose_year(known, idag)
    years = range(
        chosen - ANTAL_AR_REFERENSKOSTNAD + 1 - (LANGST_BAKAT if year is None else 0),
        max(chosen, idag.year) + 1,
    )
    grupp_ids = dict.fromkeys(v.grupp.id for v in val.values() if v is not None)
    varden = _Varden(
        hamtning.read_varden(ids, [vald.id, *grupp_ids, KOMMUNGENOMSNITT], years), vald.id, years
    )
    if year is None:
        have = Counter(y for p in poster for y in years if varden.own(p.id, y) is not None)
        chosen = step_back_to_data(chosen, have, len(poster), chosen - LANGST_BAKAT)
    alla_koder = [k.id for k in kommuner if k.typ == "K"]
    jamforda = [p for p in poster if not p.over_tid]
    varden.alla = _read_alla(hamtning, jamforda, varden, val, alla_koder, chosen)

    jamforelser = [
        _compare(p, chosen, varden, val[p.omrade], katalog, toleranser, alla_koder, idag)
        for p in jamforda
    ]
    serier = [_follow(p, chosen, varden, katalog, toleranser, idag) for p in poster if p.over_tid]
    referensrader = [
        compute_referensrad(
            v,
            chosen,
            ANTAL_AR_REFERENSKOSTNAD,
            varden.value,
            vald.id,
            val[v.omrade],
            [
                j.bedomning
                for j in jamforelser
                if j.post.verksamhet == v.id and j.post.kategori is Kategori.KVALITET
            ],
            katalog,
            idag,
            lambda nyckeltal, grupp=val[v.omrade]: varden.antal(nyckeltal, grupp, chosen),
        )
        for v in profil.verksamheter
    ]
    used = {v.omrade: v for v in val.values() if v is not None}
    saknade = [j.post.id for j in jamforelser if j.varde is None]
    saknade += [t.post.id for t in serier if t.varden[-1] is None]
    return Underlag(
        kommun=vald,
        profil=profil,
        year=chosen,
        nu=hamtning.nu,
        toleranser=toleranser,
        jamforelser=tuple(jamforelser) if med_jamforelser else (),
        tidsserier=tuple(serier),
        referensrader=tuple(referensrader),
        grupper=tuple(used.values()),
        kommunnamn={k.id: k.namn for k in kommuner},
        saknade=tuple(dict.fromkeys([*saknade, *(i for i in ids if katalog[i] is None)])),
        reviderade=tuple(hamtning.reviderade),
        varningar=tuple(_warn(hamtning, katalog, val, vald)),
    )


def _kvalitet_utan_index(profil: Profil) -> tuple[Profilnyckeltal, ...]:
    """Return the quality figures that stand in for an index where a verksamhet has none."""
    without = {v.id for v in profil.verksamheter if v.kvalitetsindex is None}
    return tuple(
        p
        for p in profil.nyckeltal
        if p.verksamhet in without and p.kategori is Kategori.KVALITET and not p.over_tid
    )


def _read_alla(
    hamtning: Hamtning,
    poster: Sequence[Profilnyckeltal],
    varden: _Varden,
    val: Mapping[str, Gruppval | None],
    alla_koder: Sequence[str],
    year: int,
) -> dict[Nyckel, LagratVarde]:
    """Fetch all municipalities' values for the figures that need them, by year.

    Needed for a place among all, and where Kolada has no mean of the similar ones.
    """
    by_year: dict[int, list[str]] = {}
    for post in poster:
        grupp = val[post.omrade]
        ranked = _is_ranked(post) and varden.own(post.id, year) is not None
        lacks_mean = (
            grupp is not None
            and varden.own(post.id, year) is not None
            and varden.value(post.id, grupp.grupp.id, year) is None
        )
        if ranked or lacks_mean:
            by_year.setdefault(year, []).append(post.id)
    found: dict[Nyckel, LagratVarde] = {}
    for one_year, ids in by_year.items():
        found |= hamtning.read_varden_alla(ids, alla_koder, one_year)
    return found


def _is_ranked(post: Profilnyckeltal) -> bool:
    return post.jamforbar and post.riktning is not Riktning.INGEN


def _compare(
    post: Profilnyckeltal,
    year: int,
    varden: _Varden,
    grupp: Gruppval | None,
    katalog: Mapping[str, Nyckeltal | None],
    toleranser: Toleranser,
    alla_koder: Sequence[str],
    idag: date,
) -> Jamforelse:
    own = varden.get(post.id, varden.kommun, year)
    varde = own.varde if own else None
    liknande, antal, egen = _similar(post.id, year, varden, grupp)
    placering = None
    if _is_ranked(post):
        others = (varden.alla.get((post.id, k, year)) for k in alla_koder)
        placering = rank(
            varde, [o.varde for o in others if o and o.varde is not None], post.riktning
        )
    remarks = [
        *_remark_missing(post, year, varden, katalog),
        *_remark_preliminary(post.id, [year], varden, katalog, idag),
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
        snitt=varden.value(post.id, KOMMUNGENOMSNITT, year),
        skillnad=compute_skillnad(varde, liknande, post.decimaler),
        bedomning=assess(
            varde,
            liknande,
            antal,
            slag=post.bedomning,
            riktning=post.riktning,
            enhet=post.enhet,
            decimaler=post.decimaler,
            toleranser=toleranser,
            mal=post.mal or 0.0,
            jamforbar=post.jamforbar,
        ),
        placering=placering,
        grupp=grupp,
        anmarkning=join_meningar(remarks),
        hamtad=own.hamtad if own else None,
    )


def _similar(
    nyckeltal: str, year: int, varden: _Varden, grupp: Gruppval | None
) -> tuple[float | None, int | None, bool]:
    """Return the mean of the similar ones, how many it rests on, and whether it is our own."""
    if grupp is None:
        return None, None, False
    members = varden.members(nyckeltal, grupp, year)
    stored = varden.get(nyckeltal, grupp.grupp.id, year)
    if stored is not None and stored.varde is not None:
        return stored.varde, stored.antal if stored.antal is not None else len(members), False
    if members:
        return sum(members) / len(members), len(members), True
    return None, 0, False


def _follow(
    post: Profilnyckeltal,
    year: int,
    varden: _Varden,
    katalog: Mapping[str, Nyckeltal | None],
    toleranser: Toleranser,
    idag: date,
) -> Tidsserie:
    years = tuple(range(year - ANTAL_AR_OVER_TID + 1, year + 1))
    values = tuple(varden.own(post.id, y) for y in years)
    newest = varden.get(post.id, varden.kommun, year)
    remarks = [
        *_remark_missing(post, year, varden, katalog),
        *_remark_preliminary(post.id, years, varden, katalog, idag),
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
            toleranser=toleranser,
            mal=post.mal or 0.0,
        ),
        anmarkning=join_meningar(remarks),
        hamtad=newest.hamtad if newest else None,
    )


def _remark_missing(
    post: Profilnyckeltal,
    year: int,
    varden: _Varden,
    katalog: Mapping[str, Nyckeltal | None],
) -> list[str]:
    if katalog.get(post.id) is None:
        return [f"Nyckeltalet {post.id} finns inte i Kolada."]
    if varden.own(post.id, year) is not None:
        return []
    newest = varden.newest_year(post.id)
    if newest is None:
        return [f"Värde saknas för {year} och för åren {varden.years[0]}–{varden.years[-1]}."]
    return [f"Värde saknas för {year}; senaste år med värde är {newest}."]


def _remark_preliminary(
    nyckeltal: str,
    years: Sequence[int],
    varden: _Varden,
    katalog: Mapping[str, Nyckeltal | None],
    idag: date,
) -> list[str]:
    known = katalog.get(nyckeltal)
    if known is None:
        return []
    for year in years:
        if varden.own(nyckeltal, year) is not None and is_preliminary(known, year, idag):
            vilket = "Preliminärt värde" if len(years) == 1 else f"Värdet för {year} är preliminärt"
            if known.slut_datum is None:
                return [f"{vilket}; Kolada anger inget slutdatum."]
            return [f"{vilket}, slutligt {known.slut_datum.isoformat()}."]
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


def _warn(
    hamtning: Hamtning,
    katalog: Mapping[str, Nyckeltal | None],
    val: Mapping[str, Gruppval | None],
    kommun: Kommun,
) -> list[str]:
    warnings = list(hamtning.varningar)
    unknown = [i for i, n in katalog.items() if n is None]
    if unknown:
        noun = uppraknat(len(unknown), "nyckeltal", "nyckeltal")
        warnings.append(f"Kolada känner inte till {noun}: {join_och(unknown)}.")
    if any(v is None for v in val.values()):
        warnings.append(
            f"Kolada har inga grupper av liknande kommuner för {kommun.namn}; "
            "kolumnerna för liknande kommuner är därför tomma."
        )
    for omrade, vald in val.items():
        if vald is not None and vald.reserv and omrade.lower() != vald.omrade.lower():
            warnings.append(
                f"{kommun.namn} har ingen grupp för området {omrade}; "
                f"jämförelsen görs med liknande kommuner, {vald.omrade}."
            )
    return warnings
