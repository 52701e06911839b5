"""The reference-cost row of one verksamhet, from fetched values (design §2, 'Reference cost')."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from genomlysning.begrepp import INVANARE, Nyckeltal
from genomlysning.profil import Verksamhet
from genomlysning.regler.bedomning import MINST_ANTAL_LIKNANDE, Bedomning
from genomlysning.regler.publicering import is_preliminary
from genomlysning.regler.referenskostnad import (
    DECIMALER_PROCENT,
    Svar,
    compute_egen_procent,
    compute_mkr,
    differs,
    has_better_results,
    is_within,
    meets_goal,
)
from genomlysning.svenska import (
    format_med_enhet,
    format_procent,
    join_meningar,
    join_och,
)
from genomlysning.urval import Gruppval


class Uppslag(Protocol):
    """Looks up the value of a figure for a municipality or group and a year, None if missing."""

    def value(self, nyckeltal: str, kommun: str, year: int) -> float | None:
        """Return the value in the figure's unit."""

    def antal(self, nyckeltal: str, kommun: str, year: int) -> int | None:
        """Return how many municipalities a group's mean rests on."""


@dataclass(frozen=True, slots=True)
class PerBrukarvarden:
    """Net cost and reference cost in kr per pupil (or the like) and their ratio in per cent."""

    enhet: str
    nettokostnad: float | None
    referenskostnad: float | None
    egen_procent: float | None


@dataclass(frozen=True, slots=True)
class Referensrad:
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
    resursindex: float | None
    effektivitetsindex: float | None
    per_brukare: PerBrukarvarden | None
    inom: Svar
    battre: Svar
    uppfyller: Svar
    anmarkning: str
    over_tid: tuple[tuple[int, float | None], ...]
    anmarkning_over_tid: str

    @property
    def gallande_procent(self) -> float | None:
        """The deviation that decides, in per cent: the published one, else our own."""
        if self.verksamhet.avvikelse_procent is None:
            return self.egen_procent
        return self.avvikelse_procent


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


def find_total(verksamheter: Iterable[Verksamhet]) -> Verksamhet | None:
    """Return the verksamhet that contains others of these, to be left out of their sum."""
    found = list(verksamheter)
    for v in found:
        if any(w is not v and set(w.nettokostnad) < set(v.nettokostnad) for w in found):
            return v
    return None


def compute_referensrad(
    v: Verksamhet,
    years: Sequence[int],
    uppslag: Uppslag,
    kommun: str,
    grupp: Gruppval | None,
    kvalitet: Sequence[Bedomning],
    katalog: Mapping[str, Nyckeltal | None],
    idag: date,
) -> Referensrad:
    """Return the row of one verksamhet for the last of `years`, with its deviation in each.

    `kvalitet` are the verdicts of its quality figures, which decide where it has no index.
    """
    year = years[-1]

    def own(nyckeltal: str | None) -> float | None:
        return uppslag.value(nyckeltal, kommun, year) if nyckeltal else None

    def similar(nyckeltal: str | None) -> float | None:
        return uppslag.value(nyckeltal, grupp.grupp.id, year) if nyckeltal and grupp else None

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
    index, index_liknande = own(v.kvalitetsindex), similar(v.kvalitetsindex)
    battre = has_better_results(index, index_liknande, kvalitet)
    per_brukare = None
    if v.per_brukare is not None:
        n, r = own(v.per_brukare.nettokostnad), own(v.per_brukare.referenskostnad)
        per_brukare = PerBrukarvarden(v.per_brukare.enhet, n, r, compute_egen_procent(n, r))
    antal = None
    if v.kvalitetsindex and grupp:
        antal = uppslag.antal(v.kvalitetsindex, grupp.grupp.id, year)
    remarks = [
        _remark_missing(v, publicerad, netto, referens),
        _remark_own(v, egen, publicerad, mkr, mkr_egen),
        _remark_preliminary(v, year, own, katalog, idag),
        _remark_per_brukare(per_brukare),
        _remark_index(v, index, index_liknande, battre, antal),
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
        liknande_procent=similar(v.avvikelse_procent),
        kvalitetsindex=index,
        kvalitetsindex_liknande=index_liknande,
        resursindex=own(v.resursindex),
        effektivitetsindex=own(v.effektivitetsindex),
        per_brukare=per_brukare,
        inom=inom,
        battre=battre,
        uppfyller=meets_goal(inom, battre),
        anmarkning=join_meningar(remarks),
        over_tid=tuple((y, deciding(y)) for y in years),
        anmarkning_over_tid=join_meningar(
            [b.text for b in v.metodbrott if years[0] < b.year <= years[-1]]
        ),
    )


def _sum(ids: Sequence[str], kommun: str, year: int, uppslag: Uppslag) -> float | None:
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
    return f"Saknas i Kolada för året: {join_och(missing)}." if missing else ""


def _remark_own(
    v: Verksamhet,
    egen: float | None,
    publicerad: float | None,
    mkr: float | None,
    mkr_egen: bool,
) -> str:
    remarks = []
    if v.avvikelse_procent is None and egen is not None:
        remarks.append(
            "Kolada publicerar ingen nettokostnadsavvikelse; procenttalet är vår egen beräkning."
        )
    if differs(egen, publicerad) and egen is not None and publicerad is not None:
        remarks.append(
            f"Egen beräkning ({format_procent(egen, DECIMALER_PROCENT)}) skiljer sig från den "
            f"publicerade avvikelsen ({format_procent(publicerad, DECIMALER_PROCENT)}). Den "
            "publicerade gäller. "
            "Det kan bero på att en slutlig nettokostnad möter en preliminär referenskostnad "
            "eller på att kostnaderna är avgränsade olika."
        )
    if mkr is not None and mkr_egen:
        remarks.append("Beloppet i Mkr är vår egen beräkning av kr/inv gånger antalet invånare.")
    return " ".join(remarks)


def _remark_preliminary(
    v: Verksamhet,
    year: int,
    own: Callable[[str | None], float | None],
    katalog: Mapping[str, Nyckeltal | None],
    idag: date,
) -> str:
    parts = {
        "nettokostnaden": v.nettokostnad,
        "referenskostnaden": v.referenskostnad,
        "avvikelsen": (v.avvikelse_procent,) if v.avvikelse_procent else (),
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
    when = f", slutligt {max(final).isoformat()}" if final else ""
    return f"Preliminärt värde för {join_och(found)}{when}."


def _remark_per_brukare(p: PerBrukarvarden | None) -> str:
    if p is None or p.nettokostnad is None or p.referenskostnad is None or p.egen_procent is None:
        return ""
    return (
        f"Per brukare: {format_med_enhet(p.nettokostnad, 0, p.enhet)} mot referenskostnaden "
        f"{format_med_enhet(p.referenskostnad, 0, p.enhet)} "
        f"({format_procent(p.egen_procent, DECIMALER_PROCENT, tecken=True)}, egen beräkning)."
    )


def _remark_index(
    v: Verksamhet,
    index: float | None,
    liknande: float | None,
    battre: Svar,
    antal: int | None,
) -> str:
    if v.kvalitetsindex is None or index is None or liknande is None:
        if battre is not Svar.OKANT:
            return "Resultatet bedöms efter flertalet kvalitetsnyckeltal, eftersom index saknas."
        return (
            "Resultatet kan inte bedömas: kvalitetsindex och tillräckligt många nyckeltal saknas."
        )
    remark = f"Kvalitetsindex avser {v.kvalitet_avser}." if v.kvalitet_avser else ""
    if antal is not None and antal < MINST_ANTAL_LIKNANDE:
        remark += f" Bara {antal} av de liknande kommunerna har kvalitetsindex."
    return remark.strip()
