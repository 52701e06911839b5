"""Planned writes: what goes in every cell of ours, as data, before anything is written.

A new file, the patch of an existing one and the live workbook all take their cells from here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from genomlysning.analys import Avsnitt, draft_analys, draft_slutsatser
from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ARSKOLUMNER,
    ARSKOLUMNER_REFERENSKOSTNAD,
    BELOPPSKOLUMNER,
    EXEMPELMARKNING,
    Regelrad,
    Tabell,
    fill_rubrik,
    find_tabell,
)
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formler import EJ_JAMFORBAR
from genomlysning.bok.kvadrant import Verksamhetslage, read_lage
from genomlysning.bok.programtexter import (
    BELOPPSINLEDNING,
    EXEMPELTEXT,
    SER_UT_SOM_SUMMA,
    UTAN_BELOPP_ATT_RAKNA,
)
from genomlysning.bok.radhojd import FLEST_RADER, count_lines
from genomlysning.bok.summarader import looks_like_summa
from genomlysning.bok.ursprung import find_effekt
from genomlysning.ord import KALLA_EGEN, KALLA_KOLADA, KALLA_PAHITTAT, Kategori, tabellnamn
from genomlysning.profil import Profil, load_verksamheter
from genomlysning.regler.bedomning import Bedomning, Toleranser
from genomlysning.regler.pengar import describe_belopp, sum_belopp
from genomlysning.regler.referenskostnad import compute_avvikelse_kr
from genomlysning.svenska import format_tal, genitiv, join_nagra, join_och, lower_first, uppraknat
from genomlysning.underlag import Jamforelse, Tidsserie, Underlag
from genomlysning.urval import Gruppval
from genomlysning.verksamhetskostnad import Referensrad, find_dubbla

Rad = Mapping[str, Cellvarde]

#: Stands in the heading until there is a municipality on Start.
UTAN_KOMMUN = "Fyll i kommun och nämnd på bladet Start."

#: What an administration is called until a profile has named it.
UTAN_FORVALTNING = "förvaltningen"

#: So many changed or missing values are named in a row of the log, if they have room there.
_MAX_I_LOGGEN = 25

EXEMPELKOMMUN = "Exempelkommun"


class Tabellinnehall(NamedTuple):
    """The rows of one table, by column key. `decimaler` holds those of each row's figure.

    For a column with a formula the value is what the formula gives, to be cached beside it.
    """

    tabell: Tabell
    rubriker: Mapping[str, str]
    rader: Sequence[Rad]
    decimaler: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Fritext:
    """Text and rows that people have written, to be put in a new workbook."""

    analys: str = ""
    uppfoljning: str = ""
    skal: str = ""
    rader: Mapping[str, Sequence[Rad]] = field(default_factory=dict)


class Bokplan(NamedTuple):
    """Everything that a new workbook holds."""

    kommun: str
    namnd: str
    forvaltning: str
    year: int
    nu: datetime
    exempel: bool
    installningar: Mapping[str, Cellvarde]
    tabeller: Mapping[str, Tabellinnehall]
    regler: Sequence[Regelrad]
    lagen: Sequence[Verksamhetslage]
    utanfor_summan: Sequence[str]
    antal: Mapping[Kategori, Mapping[Bedomning, int]]
    indexkrav: Sequence[str]
    slutsatser: Sequence[str]
    analys: Sequence[Avsnitt]
    fritext: Fritext

    @property
    def underrubrik(self) -> str:
        """Whose genomlysning it is and for which period; the sheets have it as a formula."""
        kommun, namnd, period = (self.installningar.get(n) for n in ("Kommun", "Namnd", "Period"))
        if not kommun:
            return UTAN_KOMMUN
        names = ", ".join(str(n) for n in (namnd, kommun) if n)
        return f"{names} · genomlysning {period}" if period else names

    @property
    def amne(self) -> str:
        """The file's subject property, which says if the values are made up."""
        return EXEMPELMARKNING if self.exempel else "Genomlysning"

    def fill_namn(self, text: str) -> str:
        """Return a heading with the committee's and its administration's names filled in."""
        namnd = lower_first(self.namnd) or "nämnden"
        return text.format(namnd_genitiv=genitiv(namnd), forvaltning=self.forvaltning)

    def egna_rader(self, tabell: str) -> Sequence[Rad]:
        """Return the rows that people have written in a table."""
        return self.tabeller[tabell].rader

    def beloppssumma(self, tabell: str) -> str:
        """Return a line with the sum of the amounts that can be read in a table of measures."""
        rows = ({k: _text(r, k) for k in r} for r in self.egna_rader(tabell))
        return describe_summa(rows, self.nu.date())


def plan_bok(underlag: Underlag, fritext: Fritext | None = None) -> Bokplan:
    """Plan a new workbook from what a run found out."""
    fritext = fritext or Fritext()
    profil = underlag.profil
    tables = [
        *(_plan_jamforelser(underlag, k) for k in Kategori),
        *(_plan_tidsserier(underlag, k) for k in Kategori),
        _table("Referenskostnad", underlag, [_referensrad(r) for r in underlag.referensrader]),
        _table("ReferenskostnadOverTid", underlag, [_over_tid(r) for r in underlag.referensrader]),
        _table("Jamforelsegrupper", underlag, _grupprader(underlag)),
        _table("Logg", underlag, [_loggrad(underlag)]),
        *(
            _table(t.namn, underlag, fritext.rader.get(t.namn, ()))
            for b in (*beskrivning.UPPFOLJNINGSBLAD, *beskrivning.FORFLYTTNINGSBLAD)
            for t in b.tabeller
        ),
    ]
    return Bokplan(
        kommun=underlag.kommun.namn,
        namnd=profil.namn,
        forvaltning=profil.forvaltning,
        year=underlag.year,
        nu=underlag.nu,
        exempel=underlag.exempel,
        installningar=_installningar(underlag),
        tabeller={t.tabell.namn: t for t in tables},
        regler=show_decimaler(plan_regler(profil), underlag),
        lagen=[read_lage(r) for r in underlag.referensrader],
        utanfor_summan=_list_utanfor_summan(underlag.referensrader),
        antal={
            k: {b: sum(j.bedomning is b for j in underlag.jamforelser_i(k)) for b in Bedomning}
            for k in Kategori
        },
        indexkrav=[
            i
            for v in profil.verksamheter
            for i in (v.effektivitetsindex, v.kvalitetsindex, v.resursindex)
            if i is not None
        ],
        slutsatser=draft_slutsatser(underlag),
        analys=draft_analys(underlag),
        fritext=fritext,
    )


def plan_tom_bok(idag: datetime) -> Bokplan:
    """Plan a workbook without values, to be filled later.

    Its reference cost and summary have a hidden row for each verksamhet that a profile may have,
    since the charts can't be given more of them later.
    """
    year = idag.year - 1
    slots = len(load_verksamheter())
    empty: dict[str, Sequence[Rad]] = dict.fromkeys(beskrivning.REFERENSTABELLER, [{}] * slots)
    return Bokplan(
        kommun="",
        namnd="",
        forvaltning=UTAN_FORVALTNING,
        year=year,
        nu=idag,
        exempel=False,
        installningar={
            "Tolerans": Toleranser().procent,
            "ToleransEnheter": Toleranser().enheter,
        },
        tabeller={
            t.namn: Tabellinnehall(
                t, _rubriker(t, beskrivning.UTAN_NAMN, year), empty.get(t.namn, ())
            )
            for b in beskrivning.BLAD
            for t in b.tabeller
        },
        regler=(),
        lagen=[Verksamhetslage("", None, None, None, "", "", "")] * slots,
        utanfor_summan=(),
        antal={k: dict.fromkeys(Bedomning, 0) for k in Kategori},
        indexkrav=(),
        slutsatser=(),
        analys=(),
        fritext=Fritext(),
    )


def _text(rad: Rad, nyckel: str) -> str | None:
    value = rad.get(nyckel)
    return value if isinstance(value, str) else None


def compose_avsnitt(avsnitt: Sequence[Avsnitt]) -> list[tuple[str, bool]]:
    """Return headed sentences as pieces of one text, each with whether it is a heading."""
    parts = []
    for section in avsnitt:
        parts.append((f"{section.rubrik}\n", True))
        parts.append(("\n".join(f"– {m}" for m in section.meningar) + "\n\n", False))
    return parts


def compose_underlag(avsnitt: Sequence[Avsnitt]) -> str:
    """Return the same as one plain text."""
    return "".join(text for text, _ in compose_avsnitt(avsnitt))


def compose_slutsatser(slutsatser: Sequence[str]) -> str:
    """Return the summary's drafted sentences as one text, a line each."""
    return "\n".join(f"• {s}" for s in slutsatser)


def describe_summa(rader: Iterable[Mapping[str, str | None]], idag: date) -> str:
    """Say in one line what the amounts in a table came to on a day, and what is not counted.

    Each row is by column key: what it is called, and `BELOPPSKOLUMNER`.
    """
    rows = list(rader)
    proposals = [r for r in rows if not looks_like_summa(r)]
    belopp = ([r.get(k) for k in BELOPPSKOLUMNER] for r in proposals)
    summa = sum_belopp((amount, find_effekt(amount, *more)) for amount, *more in belopp)
    parts = join_och(describe_belopp(summa))
    text = f"{BELOPPSINLEDNING} {idag.isoformat()}: {parts}." if parts else ""
    if summa.antal_ej_lasta:
        text += f" {uppraknat(summa.antal_ej_lasta, 'rad', 'rader')} {UTAN_BELOPP_ATT_RAKNA}."
    if sums := len(rows) - len(proposals):
        text += f" {uppraknat(sums, 'rad', 'rader')} {SER_UT_SOM_SUMMA}."
    return text.strip()


def _rubriker(tabell: Tabell, kommun: str, year: int) -> dict[str, str]:
    return {k.nyckel: fill_rubrik(k.rubrik, kommun, year) for k in tabell.kolumner}


def _table(
    namn: str, underlag: Underlag, rader: Sequence[Rad], decimaler: Sequence[int] = ()
) -> Tabellinnehall:
    tabell = find_tabell(namn)
    rubriker = _rubriker(tabell, underlag.kommun.namn, underlag.year)
    return Tabellinnehall(tabell, rubriker, rader, decimaler)


def _period(year: int) -> str:
    return f"{year + 1}–{year + 2}"


def _installningar(underlag: Underlag) -> dict[str, Cellvarde]:
    return {
        "Kommun": underlag.kommun.namn,
        "Namnd": underlag.profil.namn,
        "Profil": underlag.profil.id,
        "Dataar": underlag.year,
        "Period": _period(underlag.year),
        "ForraAret": underlag.year,
        "Tolerans": underlag.toleranser.procent,
        "ToleransEnheter": underlag.toleranser.enheter,
        "SenastHamtad": underlag.senast_hamtad,
    }


def _plan_jamforelser(underlag: Underlag, kategori: Kategori) -> Tabellinnehall:
    rows = underlag.jamforelser_i(kategori)
    return _table(
        tabellnamn(kategori, over_tid=False),
        underlag,
        [_jamforelserad(j) | _mark(underlag) for j in rows],
        [j.decimaler for j in rows],
    )


def _plan_tidsserier(underlag: Underlag, kategori: Kategori) -> Tabellinnehall:
    rows = underlag.tidsserier_i(kategori)
    return _table(
        tabellnamn(kategori, over_tid=True),
        underlag,
        [_tidsserierad(t) | _mark(underlag) for t in rows],
        [t.decimaler for t in rows],
    )


def _mark(underlag: Underlag) -> dict[str, Cellvarde]:
    """Return what replaces the source of a made-up value: Kolada must not be named for it."""
    return {"kalla": KALLA_PAHITTAT} if underlag.exempel else {}


def _jamforelserad(j: Jamforelse) -> dict[str, Cellvarde]:
    kallor = [KALLA_KOLADA] + ([f"Liknande: {KALLA_EGEN}"] if j.liknande_egen else [])
    return {
        "namn": j.post.namn,
        "varde": j.varde,
        "liknande": j.liknande,
        "snitt": j.snitt,
        "year": j.year,
        "enhet": j.post.enhet,
        "riktning": j.post.riktning.value,
        "skillnad": j.skillnad,
        "bedomning": j.bedomning.value,
        "placering": j.placering.plats if j.placering else None,
        "av": j.av,
        "antal": j.liknande_antal,
        "grupp": f"Liknande kommuner, {j.grupp.omrade}, {j.grupp.year}" if j.grupp else None,
        "id": j.post.id,
        "anmarkning": j.anmarkning,
        "kalla": ". ".join(kallor),
        "hamtad": j.hamtad.date() if j.hamtad else None,
        "kommentar": None,
    }


def _tidsserierad(t: Tidsserie) -> dict[str, Cellvarde]:
    return {
        "namn": t.post.namn,
        **dict(zip(ARSKOLUMNER, t.varden, strict=True)),
        "enhet": t.post.enhet,
        "riktning": t.post.riktning.value,
        "forandring": t.forandring,
        "utveckling": t.utveckling.value,
        "id": t.post.id,
        "anmarkning": t.anmarkning,
        "kalla": KALLA_KOLADA,
        "hamtad": t.hamtad.date() if t.hamtad else None,
        "kommentar": None,
    }


def _referensrad(r: Referensrad) -> Rad:
    return {
        "verksamhet": r.verksamhet.namn,
        "netto": r.nettokostnad,
        "referens": r.referenskostnad,
        "avvikelse_kr": compute_avvikelse_kr(r.nettokostnad, r.referenskostnad),
        "egen": r.egen_procent,
        "procent": r.gallande_procent,
        "mkr": r.avvikelse_mkr,
        "liknande": r.liknande_procent,
        "inom": r.inom.value,
        "index": r.kvalitetsindex,
        # Not shown where it may not be judged against, or the formula would.
        "index_liknande": None if r.for_fa_liknande else r.kvalitetsindex_liknande,
        "resursindex": r.resursindex,
        "effektivitetsindex": r.effektivitetsindex,
        "battre": r.battre.value,
        "uppfyller": r.uppfyller.value,
        "anmarkning": r.anmarkning,
    }


def _over_tid(r: Referensrad) -> Rad:
    return {
        "verksamhet": r.verksamhet.namn,
        **dict(zip(ARSKOLUMNER_REFERENSKOSTNAD, (v for _, v in r.over_tid), strict=True)),
        "anmarkning": r.anmarkning_over_tid,
    }


def _describe_medlemmar(underlag: Underlag, val: Gruppval) -> str:
    """Return the names of a group's members; those that came and went since last time are told."""
    changed = {o.val.omrade: o for o in underlag.omgjorda if not o.behallen}.get(val.omrade)
    new, gone = (changed.nya, changed.borta) if changed else ((), ())

    def name(code: str) -> str:
        return underlag.kommunnamn.get(code, code)

    members = [name(m) + (" (ny)" if m in new else "") for m in val.grupp.medlemmar]
    text = join_och(members)
    return f"{text}. Inte längre med: {join_och(list(map(name, gone)))}." if gone else text


def _grupprader(underlag: Underlag) -> list[Rad]:
    return [
        {
            "omrade": g.omrade,
            "kommuner": _describe_medlemmar(underlag, g),
            "year": g.year,
            "antal": len(g.grupp.medlemmar),
            "grupp": g.grupp.titel,
            "id": g.grupp.id,
            "koder": ", ".join(g.grupp.medlemmar),
        }
        for g in underlag.grupper
    ]


def count_i_loggen(words: Sequence[str], nyckel: str) -> int:
    """Return how many of these words to name in a column of the log, whose rows have an end."""
    kolumn = next(k for k in beskrivning.LOGG.kolumner if k.nyckel == nyckel)
    most = min(len(words), _MAX_I_LOGGEN)
    # With a line left for how many more they are.
    while (
        most > 1 and count_lines(", ".join(words[:most]), kolumn.fit(kolumn.bredd)) >= FLEST_RADER
    ):
        most -= 1
    return most


def _loggrad(underlag: Underlag) -> Rad:
    values = [v for j in underlag.jamforelser for v in (j.varde, j.liknande, j.snitt)]
    values += [v for t in underlag.tidsserier for v in t.varden]
    names = {p.id: p.namn for p in underlag.profil.nyckeltal}
    changed = [
        f"{r.nyckeltal} {r.year} ({underlag.kommunnamn.get(r.kommun, r.kommun)}): "
        f"{format_tal(r.fran, 2)} → "
        f"{format_tal(r.till, 2) if r.till is not None else 'saknas'}"
        for r in underlag.reviderade
    ]
    missing = [f"{names.get(i, '')} ({i})".strip() for i in underlag.saknade]
    return {
        "tid": underlag.nu,
        "handelse": "Ny arbetsbok",
        "kommun": underlag.kommun.namn,
        "year": underlag.year,
        "varden": sum(v is not None for v in values),
        "andrade": join_nagra(changed, count_i_loggen(changed, "andrade")),
        "saknade": join_nagra(missing, count_i_loggen(missing, "saknade")),
        "meddelande": " ".join(
            [*([EXEMPELTEXT + "."] if underlag.exempel else []), *underlag.varningar]
        ),
    }


def plan_regler(profil: Profil) -> list[Regelrad]:
    """Return what the formulas look up about the profile's figures, by id."""
    names = {v.id: v.namn for v in profil.verksamheter}
    rows = {
        p.id: Regelrad(
            p.id,
            p.bedomning.value if p.jamforbar else EJ_JAMFORBAR,
            p.decimaler,
            p.mal,
            names.get(p.verksamhet or "", ""),
            p.riktning.value,
        )
        for p in reversed(profil.nyckeltal)
    }
    return [rows[i] for i in sorted(rows)]


def show_decimaler(regler: Iterable[Regelrad], underlag: Underlag) -> list[Regelrad]:
    """Return the rules with so many decimals as the figures' values now need to be shown with."""
    needed: dict[str, int] = {}
    rows: list[Jamforelse | Tidsserie] = [*underlag.jamforelser, *underlag.tidsserier]
    for row in rows:
        needed[row.post.id] = max(row.decimaler, needed.get(row.post.id, 0))
    return [r._replace(decimaler=max(r.decimaler, needed.get(r.id, 0))) for r in regler]


def _list_utanfor_summan(rader: Sequence[Referensrad]) -> list[str]:
    """Return the verksamheter that are not summed: in another one too, or beyond what is real."""
    twice = [v.namn for v in find_dubbla(r.verksamhet for r in rader)]
    return list(dict.fromkeys([*twice, *(r.verksamhet.namn for r in rader if r.orimlig)]))


def list_regel(r: Regelrad) -> tuple[Cellvarde, ...]:
    """Return one figure's row of the look-up, from its id on."""
    # A cell without a number is no target; an empty one would be looked up as zero.
    return r.id, r.slag, r.decimaler, "–" if r.mal is None else r.mal, r.verksamhet, r.riktning
