"""The reference-cost row of one verksamhet, from fetched values (docs/regler.md)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from genomlysning import anmarkningar
from genomlysning.begrepp import INVANARE, Nyckeltal
from genomlysning.profil import Verksamhet, load_verksamheter
from genomlysning.regler.bedomning import MINST_ANTAL_LIKNANDE, Bedomning, Toleranser
from genomlysning.regler.publicering import is_preliminary
from genomlysning.regler.referenskostnad import (
    DECIMALER_PROCENT,
    Avvikelsesumma,
    Summapost,
    Svar,
    compute_egen_procent,
    compute_mkr,
    differs,
    has_better_results,
    is_orimlig,
    is_within,
    meets_goal,
    sum_avvikelser,
)
from genomlysning.svenska import (
    format_med_enhet,
    format_procent,
    join_meningar,
    join_och,
    lower_first,
)
from genomlysning.uppslag import Gruppmedel, Vardeuppslag
from genomlysning.urval import Gruppval


class PerBrukarvarden(NamedTuple):
    """Net cost and reference cost in kr per pupil (or the like) and their ratio in per cent."""

    enhet: str
    nettokostnad: float | None
    referenskostnad: float | None
    egen_procent: float | None


class Referensrad(NamedTuple):
    """One verksamhet: costs in kr per inhabitant, deviations in per cent and million kronor.

    `avvikelse_procent` is the published one or None; `gallande_procent` is that which decides
    and is shown. `over_tid` holds the deviation that decides for each year, oldest first.
    """

    verksamhet: Verksamhet
    year: int
    nettokostnad: float | None
    referenskostnad: float | None
    egen_procent: float | None
    avvikelse_procent: float | None
    avvikelse_mkr: float | None
    mkr_egen: bool
    liknande_procent: float | None
    kvalitetsindex: float | None
    kvalitetsindex_liknande: float | None
    for_fa_liknande: bool
    resursindex: float | None
    effektivitetsindex: float | None
    per_brukare: PerBrukarvarden | None
    inom: Svar
    battre: Svar
    uppfyller: Svar
    anmarkning: str
    over_tid: tuple[tuple[int, float | None], ...]
    anmarkning_over_tid: str
    preliminar: bool = False
    #: Which of the means of similar municipalities are our own, by the keys of their columns.
    egna_medel: frozenset[str] = frozenset()

    @property
    def procent_egen(self) -> bool:
        """Whether the deviation that decides is our own, since Kolada publishes none."""
        return self.verksamhet.avvikelse_procent is None

    @property
    def gallande_procent(self) -> float | None:
        """The deviation that decides, in per cent: the published one, else our own."""
        return self.egen_procent if self.procent_egen else self.avvikelse_procent

    @property
    def orimlig(self) -> bool:
        """Whether the deviation that decides is our own and beyond what can be real."""
        return self.procent_egen and is_orimlig(self.egen_procent)

    @property
    def egna_tal(self) -> frozenset[str]:
        """The numbers that are our own and not Kolada's, by the keys of their columns."""
        own = {"procent": self.procent_egen, "mkr": self.mkr_egen}
        ours = self.egna_medel.union(key for key, is_ours in own.items() if is_ours)
        return ours | _list_summerade(self.verksamhet)


def _list_summerade(v: Verksamhet) -> frozenset[str]:
    """Return the numbers that are our sums of several of Kolada's, by the keys of their columns."""
    parts = {"netto": v.nettokostnad, "referens": v.referenskostnad, "mkr": v.avvikelse_mkr}
    return frozenset(key for key, ids in parts.items() if len(ids) > 1)


def collect_nyckeltal_ids(verksamheter: Iterable[Verksamhet]) -> list[str]:
    """Return every figure that the rows of these verksamheter need, without repeats."""
    found: list[str] = []
    for v in verksamheter:
        found += [*v.nettokostnad, *v.referenskostnad, *v.avvikelse_mkr, INVANARE]
        found += [
            i
            for i in (
                v.avvikelse_procent,
                v.kvalitetsindex,
                v.resursindex,
                v.effektivitetsindex,
            )
            if i is not None
        ]
        if v.per_brukare is not None:
            found += [v.per_brukare.nettokostnad, v.per_brukare.referenskostnad]
    return list(dict.fromkeys(found))


def collect_over_tid_ids(verksamheter: Iterable[Verksamhet]) -> list[str]:
    """Return those that the deviation of each year is read or reckoned from."""
    found = ((*v.nettokostnad, *v.referenskostnad, v.avvikelse_procent) for v in verksamheter)
    return list(dict.fromkeys(i for of in found for i in of if i is not None))


def find_dubbla(verksamheter: Iterable[Verksamhet]) -> list[Verksamhet]:
    """Return those to leave out of a sum of these, so that nothing is counted twice.

    A total is left out beside all of its parts; beside some of them, the parts are.
    """
    found = list(verksamheter)
    for total in found:
        whole = set(total.nettokostnad)
        parts = [v for v in found if v is not total and set(v.nettokostnad) < whole]
        if parts:
            complete = whole == {i for v in parts for i in v.nettokostnad}
            return [total] if complete else parts
    return []


def sum_referensrader(rader: Sequence[Referensrad]) -> Avvikelsesumma:
    """Sum the deviations of verksamheter, none of them counted twice."""
    twice = find_dubbla(r.verksamhet for r in rader)
    return sum_avvikelser(
        Summapost(r.verksamhet.namn, r.avvikelse_mkr, r.orimlig)
        for r in rader
        if r.verksamhet not in twice
    )


class Avvikelserad(NamedTuple):
    """A verksamhet's row as a sheet has it: deviations in per cent and Mkr, and its remarks."""

    namn: str
    procent: float | None
    mkr: float | None
    anmarkning: str = ""

    @property
    def egna_tal(self) -> frozenset[str]:
        """The numbers that are our own and not Kolada's, by the keys of their columns."""
        own = anmarkningar.find_egna_tal(self.anmarkning)
        known = _find_verksamhet(self.namn)
        if known is None:
            return own
        own |= _list_summerade(known)
        return own if known.avvikelse_procent is not None else own | {"procent", "mkr"}

    @property
    def orimlig(self) -> bool:
        """Whether the deviation is our own and beyond what can be real."""
        return "procent" in self.egna_tal and is_orimlig(self.procent)


def sum_avvikelserader(rader: Sequence[Avvikelserad]) -> Avvikelsesumma:
    """Sum the deviations of a sheet's rows, none of them counted twice."""
    known = [v for r in rader if (v := _find_verksamhet(r.namn)) is not None]
    twice = [v.namn.lower() for v in find_dubbla(known)]
    return sum_avvikelser(
        Summapost(r.namn, r.mkr, r.orimlig) for r in rader if r.namn.lower() not in twice
    )


def _find_verksamhet(namn: str) -> Verksamhet | None:
    """Return the verksamhet that comes with the program and has this name."""
    name = namn.lower()
    return next((v for v in load_verksamheter().values() if v.namn.lower() == name), None)


def compute_referensrad(
    v: Verksamhet,
    years: Sequence[int],
    uppslag: Vardeuppslag,
    kommun: str,
    grupp: Gruppval | None,
    kvalitet: Sequence[Bedomning],
    toleranser: Toleranser,
    katalog: Mapping[str, Nyckeltal | None],
    idag: date,
) -> Referensrad:
    """Return the row of one verksamhet for the last of `years`, with its deviation in each.

    `kvalitet` are the verdicts of its quality figures, which decide where it has no index.
    """
    year = years[-1]

    def own(nyckeltal: str | None) -> float | None:
        return uppslag.value(nyckeltal, kommun, year) if nyckeltal else None

    def similar(nyckeltal: str | None) -> Gruppmedel:
        return uppslag.liknande(nyckeltal, grupp, year) if nyckeltal else Gruppmedel()

    def deciding(one_year: int) -> float | None:
        if v.avvikelse_procent is not None:
            return uppslag.value(v.avvikelse_procent, kommun, one_year)
        return compute_egen_procent(
            _sum(v.nettokostnad, kommun, one_year, uppslag),
            _sum(v.referenskostnad, kommun, one_year, uppslag),
        )

    netto = _sum(v.nettokostnad, kommun, year, uppslag)
    referens = _sum(v.referenskostnad, kommun, year, uppslag)
    egen = compute_egen_procent(netto, referens)
    publicerad = own(v.avvikelse_procent)
    mkr = _sum(v.avvikelse_mkr, kommun, year, uppslag)
    mkr_egen = mkr is None
    if mkr is None:
        mkr = compute_mkr(netto, referens, own(INVANARE))
    inom = is_within(publicerad if v.avvikelse_procent else egen)
    index = own(v.kvalitetsindex)
    index_liknande, procent_liknande = similar(v.kvalitetsindex), similar(v.avvikelse_procent)
    few = index_liknande.antal is not None and index_liknande.antal < MINST_ANTAL_LIKNANDE
    battre = has_better_results(index, None if few else index_liknande.varde, kvalitet, toleranser)
    per_brukare = None
    if v.per_brukare is not None:
        n, r = own(v.per_brukare.nettokostnad), own(v.per_brukare.referenskostnad)
        per_brukare = PerBrukarvarden(v.per_brukare.enhet, n, r, compute_egen_procent(n, r))
    preliminary = _remark_preliminary(v, year, own, katalog, idag)
    means = {"liknande": procent_liknande, "index_liknande": index_liknande}
    own_means = [key for key, mean in means.items() if mean.eget]
    remarks = [
        _remark_missing(v, publicerad, netto, referens),
        _remark_own(v, egen, publicerad, mkr, mkr_egen),
        preliminary,
        _remark_per_brukare(per_brukare),
        _remark_index(v, index, index_liknande, battre, few=few),
        anmarkningar.tell_egna_medel(own_means),
        v.anmarkning,
    ]
    return Referensrad(
        verksamhet=v,
        year=year,
        nettokostnad=netto,
        referenskostnad=referens,
        egen_procent=egen,
        avvikelse_procent=publicerad,
        avvikelse_mkr=mkr,
        mkr_egen=mkr_egen and mkr is not None,
        liknande_procent=procent_liknande.varde,
        kvalitetsindex=index,
        kvalitetsindex_liknande=index_liknande.varde,
        for_fa_liknande=few,
        resursindex=own(v.resursindex),
        effektivitetsindex=own(v.effektivitetsindex),
        per_brukare=per_brukare,
        inom=inom,
        battre=battre,
        uppfyller=meets_goal(inom, battre),
        anmarkning=join_meningar(remarks),
        over_tid=tuple((y, deciding(y)) for y in years),
        anmarkning_over_tid=join_meningar(
            [
                f"{year}: {lower_first(preliminary)}" if preliminary else "",
                *(b.text for b in v.metodbrott if years[0] < b.year <= years[-1]),
            ]
        ),
        preliminar=bool(preliminary),
        egna_medel=frozenset(own_means),
    )


def _sum(ids: Sequence[str], kommun: str, year: int, uppslag: Vardeuppslag) -> float | None:
    """Add up figures; None if there are none or one of them is missing."""
    values = [uppslag.value(i, kommun, year) for i in ids]
    known = [x for x in values if x is not None]
    return sum(known) if known and len(known) == len(values) else None


def _remark_missing(
    v: Verksamhet, publicerad: float | None, netto: float | None, referens: float | None
) -> str:
    missing = []
    if netto is None:
        missing.append("nettokostnad")
    if referens is None:
        missing.append("referenskostnad")
    if v.avvikelse_procent and publicerad is None:
        missing.append("publicerad nettokostnadsavvikelse")
    return anmarkningar.SAKNAS_I_RADEN.format(delar=join_och(missing)) if missing else ""


def _remark_own(
    v: Verksamhet,
    egen: float | None,
    publicerad: float | None,
    mkr: float | None,
    mkr_egen: bool,
) -> str:
    remarks = []
    if v.avvikelse_procent is None and egen is not None:
        remarks.append(anmarkningar.INGEN_PUBLICERAD)
        if is_orimlig(egen):
            remarks.append(anmarkningar.ORIMLIG)
    if differs(egen, publicerad) and egen is not None and publicerad is not None:
        both = {
            "egen": format_procent(egen, DECIMALER_PROCENT),
            "publicerad": format_procent(publicerad, DECIMALER_PROCENT),
        }
        remarks.append(anmarkningar.SKILJER_SIG.format(**both))
    if mkr is not None and mkr_egen:
        remarks.append(anmarkningar.EGET_BELOPP)
    return " ".join(remarks)


def _remark_preliminary(
    v: Verksamhet,
    year: int,
    own: Callable[[str | None], float | None],
    katalog: Mapping[str, Nyckeltal | None],
    idag: date,
) -> str:
    parts: dict[str, Sequence[str]] = {
        "nettokostnaden": v.nettokostnad,
        "referenskostnaden": v.referenskostnad,
        "avvikelsen": (v.avvikelse_procent,) if v.avvikelse_procent else (),
        "indexen": [i for i in (v.kvalitetsindex, v.resursindex, v.effektivitetsindex) if i],
    }
    found: list[str] = []
    final: set[date] = set()
    for name, ids in parts.items():
        entries = [katalog.get(i) for i in ids if own(i) is not None]
        preliminary = [n for n in entries if n is not None and is_preliminary(n, year, idag)]
        if preliminary:
            found.append(name)
            final |= {n.slut_datum for n in preliminary if n.slut_datum is not None}
    if not found:
        return ""
    return anmarkningar.tell_preliminara_delar(found, max(final, default=None))


def _remark_per_brukare(p: PerBrukarvarden | None) -> str:
    if p is None or p.nettokostnad is None or p.referenskostnad is None or p.egen_procent is None:
        return ""
    return anmarkningar.PER_BRUKARE.format(
        nettokostnad=format_med_enhet(p.nettokostnad, 0, p.enhet),
        referenskostnad=format_med_enhet(p.referenskostnad, 0, p.enhet),
        procent=format_procent(p.egen_procent, DECIMALER_PROCENT, tecken=True),
    )


def _remark_index(
    v: Verksamhet, index: float | None, liknande: Gruppmedel, battre: Svar, *, few: bool
) -> str:
    """Say what the index covers or why it does not decide; `few`: too few to judge against."""
    if v.kvalitetsindex is not None and index is not None and liknande.varde is not None:
        if not few:
            covers = v.kvalitet_avser
            return anmarkningar.INDEX_AVSER.format(avser=covers) if covers else ""
        lead = anmarkningar.FA_INDEX.format(antal=liknande.antal)
    else:
        lead = ""
    known = battre is not Svar.OKANT
    return join_meningar(
        [lead, anmarkningar.EFTER_FLERTALET if known else anmarkningar.UTAN_RESULTAT]
    )
