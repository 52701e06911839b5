"""From a profile, a municipality and a year to everything the workbook shows.

The one place where fetched values meet the rules.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from genomlysning import anmarkningar
from genomlysning.begrepp import (
    ANTAL_AR_OVER_TID,
    ANTAL_AR_REFERENSKOSTNAD,
    KOMMUNGENOMSNITT,
)
from genomlysning.fel import Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.jamforelsehamtning import Lage, begin_fetch, fetch_lage
from genomlysning.ord import Kategori
from genomlysning.profil import (
    Metodbrott,
    Profil,
    Profilnyckeltal,
    load_verksamheter,
)
from genomlysning.regler.bedomning import Bedomning, Toleranser, assess, compute_skillnad
from genomlysning.regler.placering import FA_KOMMUNER, Placering, rank
from genomlysning.regler.publicering import is_preliminary
from genomlysning.regler.utveckling import assess_utveckling
from genomlysning.skrapsamling import pause_skrapsamling
from genomlysning.svenska import join_meningar, join_och
from genomlysning.underlag import (
    Foregaende,
    Jamforelse,
    Omgjord,
    Radpost,
    Tidsserie,
    Underlag,
    choose_decimaler_for,
)
from genomlysning.uppslag import Gruppmedel
from genomlysning.urval import Gruppval
from genomlysning.verksamhetskostnad import Referensrad, compute_referensrad

OKANDA_NYCKELTAL = Meddelande(
    "nyckeltal-okanda",
    "Kolada känner inte till {ids}.",
    "{forslag}Kontrollera beteckningarna.",
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
GRUPP_OMGJORD = Meddelande(
    "grupp-omgjord",
    "Gruppen liknande kommuner, {omrade} är omgjord: {andring}.",
    "Jämförelsen gäller de nya kommunerna.",
)
GRUPP_BEHALLEN = Meddelande(
    "grupp-behallen",
    "Gruppen liknande kommuner, {omrade} är omgjord: {andring}.",
    "Genomlysningen är antagen, så den jämför med samma kommuner som förut, med vårt eget "
    "medelvärde.",
)
AR_UTAN_VARDEN = Meddelande(
    "ar-utan-varden",
    "Inget av nyckeltalen har något värde för {year}.",
    "{senaste} Välj ett annat dataår, eller vänta tills Kolada har årets värden.",
)
PRELIMINARA = Meddelande(
    "varden-preliminara",
    "Jämförda värden som är preliminära: {antal} av {alla}.",
    "Anmärkning säger när de blir slutliga, om Kolada har angett det.",
)


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


def _list_breaks(post: Profilnyckeltal) -> list[Metodbrott]:
    """Return a figure's changes of method; a deviation has those of its verksamhet too."""
    return [*post.metodbrott, *_read_avvikelsebrott().get(post.id, ())]


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
    fore: Foregaende | None = None,
) -> Underlag:
    """Fetch what the profile needs for a municipality (name or code) and apply the rules.

    `rader` are the figures of an existing workbook, in its order and each with its year; without
    them they are the profile's. `year` None takes the newest year whose figures are mostly
    final. `med_jamforelser` False leaves out the figures of the tables and keeps the reference
    cost. `fore` is what the workbook showed before; without it remade groups are told against
    what the store had. Raises AnvandarFel for an unknown municipality and KoladaFel when Kolada
    does not answer.
    """
    if rader is None:
        poster = profil.nyckeltal if med_jamforelser else _pick_kvalitet(profil)
        rader = [Radpost(p) for p in poster]
    try:
        begin_fetch(hamtning, profil, rader, year)
        lage = fetch_lage(
            hamtning,
            profil,
            rader,
            kommun,
            year,
            toleranser or Toleranser(),
            med_placering=med_jamforelser,
            fore=fore,
        )
    finally:
        hamtning.abort()

    jamforda = [(r.post, r.year or lage.year) for r in rader if not r.post.over_tid]
    jamforelser = [_compare(p, y, lage) for p, y in jamforda]
    referensrader = _check_verksamheter(profil, jamforelser, lage)
    if lage.omgjorda:
        before = lage.as_before()
        old = [_compare(p, y, before) for p, y in jamforda]
        old_rows = _check_verksamheter(profil, old, before)
        jamforelser = list(map(_tell_omgjord, jamforelser, old))
        referensrader = list(map(_tell_omgjord_rad, referensrader, old_rows))
    serier = [_follow(r.post, lage) for r in rader if r.post.over_tid]
    saknade = [j.post.id for j in jamforelser if j.varde is None]
    saknade += [t.post.id for t in serier if t.varden[-1] is None]
    saknade += [i for i, n in lage.katalog.items() if n is None]
    used = {v.omrade: v for v in lage.grupper.values() if v is not None}
    return Underlag(
        kommun=lage.kommun,
        profil=profil,
        year=lage.year,
        nu=hamtning.nu,
        toleranser=lage.toleranser,
        jamforelser=tuple(jamforelser) if med_jamforelser else (),
        tidsserier=tuple(serier),
        referensrader=tuple(referensrader),
        grupper=tuple(used.values()),
        kommunnamn=lage.kommunnamn,
        saknade=tuple(dict.fromkeys(saknade)),
        reviderade=tuple(r for r in hamtning.reviderade if r.kommun in lage.platser),
        varningar=tuple(_warn(hamtning, lage) + _warn_values(jamforelser, lage)),
        omgjorda=tuple(lage.omgjorda),
        omdopta={
            i: (n.tidigare_titel, n.titel)
            for i, n in lage.katalog.items()
            if n is not None and n.tidigare_titel
        },
    )


def _check_verksamheter(
    profil: Profil, jamforelser: Sequence[Jamforelse], lage: Lage
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
            lage.kommun.id,
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


def _compare(post: Profilnyckeltal, year: int, lage: Lage) -> Jamforelse:
    grupp = lage.grupper[post.omrade]
    own = lage.get(post.id, lage.kommun.id, year)
    varde = own.varde if own else None
    liknande = lage.liknande(post.id, grupp, year)
    placering = None
    if post.placeras:
        placering = rank(varde, lage.known(post.id, lage.alla_koder, year), post.riktning)
    preliminary = _remark_preliminary(post.id, [year], lage)
    remarks = [*_remark_missing(post, year, lage), *preliminary]
    snitt = lage.get(post.id, KOMMUNGENOMSNITT, year)
    if lage.katalog.get(post.id) is not None:
        remarks += _remark_group(liknande, grupp, post)
        remarks += _remark_few(snitt.antal if snitt else None, placering)
    remarks += [post.anmarkning, *(b.text for b in _list_breaks(post) if b.year == year)]
    return Jamforelse(
        post=post,
        year=year,
        varde=varde,
        liknande=liknande.varde,
        liknande_antal=liknande.antal,
        liknande_egen=liknande.eget,
        snitt=snitt.varde if snitt else None,
        snitt_antal=snitt.antal if snitt else None,
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


def _follow(post: Profilnyckeltal, lage: Lage) -> Tidsserie:
    years = tuple(range(lage.year - ANTAL_AR_OVER_TID + 1, lage.year + 1))
    values = tuple(lage.own(post.id, y) for y in years)
    newest = lage.get(post.id, lage.kommun.id, lage.year)
    remarks = [
        *_remark_missing(post, lage.year, lage),
        *_remark_preliminary(post.id, years, lage),
        post.anmarkning,
        # A break at the first shown year lies before all changes that are shown.
        *(b.text for b in _list_breaks(post) if years[0] < b.year <= years[-1]),
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


def _remark_missing(post: Profilnyckeltal, year: int, lage: Lage) -> list[str]:
    if lage.katalog.get(post.id) is None:
        remark = anmarkningar.OKANT_NYCKELTAL.format(id=post.id)
        likely = lage.efterfoljare.get(post.id)
        return [remark, anmarkningar.EFTERFOLJARE.format(id=likely.id) if likely else ""]
    if lage.own(post.id, year) is not None:
        return []
    newest = lage.newest_year(post.id)
    if newest is None:
        years = lage.spann[post.id]
        span = {"forsta": years[0], "sista": years[-1]}
        return [anmarkningar.SAKNAS_ALLTID.format(year=year, **span)]
    return [anmarkningar.SAKNAS_NU.format(year=year, senaste=newest)]


def _remark_preliminary(nyckeltal: str, years: Sequence[int], lage: Lage) -> list[str]:
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


def _remark_few(antal: int | None, placering: Placering | None) -> list[str]:
    """Remark on a figure that few municipalities have published yet."""
    known = antal if antal is not None else placering.av if placering else None
    if not known or known >= FA_KOMMUNER:
        return []
    return [anmarkningar.FA_KOMMUNER.format(antal=known)]


def _tell_omgjord(now: Jamforelse, then: Jamforelse) -> Jamforelse:
    """Remark on a verdict that is another since Kolada remade the group."""
    if now.bedomning is then.bedomning:
        return now
    remark = anmarkningar.OMGJORD_GRUPP.format(vad="Bedömningen", fore=then.bedomning.value)
    return now._replace(anmarkning=join_meningar([now.anmarkning, remark]))


def _tell_omgjord_rad(now: Referensrad, then: Referensrad) -> Referensrad:
    """Remark on a verksamhet whose results are judged otherwise since Kolada remade the group."""
    if now.battre is then.battre:
        return now
    remark = anmarkningar.OMGJORD_GRUPP.format(vad="Bättre resultat", fore=then.battre.value)
    return now._replace(anmarkning=join_meningar([now.anmarkning, remark]))


def _describe_andring(omgjord: Omgjord, namn: Mapping[str, str]) -> str:
    parts = [
        f"{vad} {join_och([namn.get(k, k) for k in koder])}"
        for vad, koder in (("in", omgjord.nya), ("ut", omgjord.borta))
        if koder
    ]
    return ", ".join(parts)


def _warn_values(jamforelser: Sequence[Jamforelse], lage: Lage) -> list[str]:
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


def _warn(hamtning: Hamtning, lage: Lage) -> list[str]:
    warnings = list(hamtning.varningar)
    kommun = lage.kommun
    for omgjord in lage.omgjorda:
        message = GRUPP_BEHALLEN if omgjord.behallen else GRUPP_OMGJORD
        andring = _describe_andring(omgjord, lage.kommunnamn)
        warnings.append(message.format(omrade=omgjord.val.omrade, andring=andring))
    unknown = [i for i, n in lage.katalog.items() if n is None]
    if unknown:
        found = lage.efterfoljare
        likely = join_och(
            [f"{i} är troligen {found[i].id} ({found[i].titel})" for i in unknown if i in found]
        )
        forslag = f"{likely}. " if likely else ""
        named = [f"{lage.namn[i]} ({i})" if lage.namn.get(i, i) != i else i for i in unknown]
        warnings.append(OKANDA_NYCKELTAL.format(ids=join_och(named), forslag=forslag))
    if any(g is None for g in lage.grupper.values()):
        warnings.append(INGA_GRUPPER.format(kommun=kommun.namn))
    for omrade, grupp in lage.grupper.items():
        if grupp is not None and grupp.reserv:
            warnings.append(
                RESERVGRUPP.format(kommun=kommun.namn, omrade=omrade, reserv=grupp.omrade)
            )
    return warnings
