"""Joins the committees' rows into the municipality's tables; pandas orders the figures.

What a table's columns mean stands in `bladen`. Nothing that people have written is left out.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    ARSKOLUMNER,
    JAMFORELSER,
    REFERENSKOSTNAD,
    REFERENSKOSTNAD_OVER_TID,
    UPPFOLJNINGSTEXT,
    Tabell,
)
from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD as NAMNDENS_FORFLYTTNINGSBLAD
from genomlysning.bok.beskrivning import OVER_TID as TIDSTABELLER
from genomlysning.bok.beskrivning import UPPFOLJNINGSBLAD as NAMNDENS_UPPFOLJNINGSBLAD
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.plan import Rad
from genomlysning.bok.ursprung import read_ursprung
from genomlysning.fel import Meddelande
from genomlysning.ord import Riktning
from genomlysning.profil import Verksamhet, list_profiler, load_profil, load_verksamheter
from genomlysning.regler.bedomning import Bedomning, Toleranser
from genomlysning.regler.pengar import combine_engang, parse_belopp, sum_belopp
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.namndbok import (
    ANTECKNINGAR,
    OVRIGT,
    STORSTA_TAL,
    Avvisad,
    Namndbok,
)
from genomlysning.sammanstallning.samordning import (
    INGEN_ANGIVEN,
    describe_avstamning,
    find_berorda,
    is_samma_namnd,
    list_kanda,
    rank_lika,
)
from genomlysning.sammanstallning.tal import (
    ANNAN_KOMMUN,
    ANNAT_AR_I_SUMMAN,
    ARLIG,
    EJ_ANGIVET,
    EJ_LASBAR,
    ENGANG,
    I_SUMMAN,
    TOMT,
)
from genomlysning.svenska import cut_namn, join_meningar, join_nagra, join_och
from genomlysning.urval import fold
from genomlysning.verksamhetskostnad import find_dubbla

#: Values fetched longer ago than this many days are called old.
GAMMAL_DAGAR = 180
#: Follows the name of a committee whose file is of another year or municipality.
INGAR_INTE = "ingår inte"
#: So many files are named in a message.
_MEST_FILER = 8
#: The profile that any committee or company may use, so that none is missing without it.
_GENERELL = "generell"

_ORDNING = {
    b: i
    for i, group in enumerate(
        (
            (Bedomning.SAMRE, Bedomning.OVER_MALET),
            (Bedomning.HOGRE,),
            (Bedomning.I_NIVA,),
            (Bedomning.LAGRE,),
            (Bedomning.BATTRE, Bedomning.INOM_MALET),
        )
    )
    for b in group
}

ANDRA_KOMMUN = Meddelande(
    "sammanstall-annan-kommun",
    "{fil} gäller {kommun}, men sammanställningen {vanlig}. Den står för sig, märkt "
    "”ingår inte”, och räknas inte i summorna.",
)
ANNAT_AR = Meddelande(
    "sammanstall-annat-ar",
    "{fil} har dataår {year}, men sammanställningen gäller {vanligt}. Den står för sig, "
    "märkt ”ingår inte”, och räknas inte i summorna.",
)
ANNAN_TOLERANS = Meddelande(
    "sammanstall-annan-tolerans",
    "{fil} bedömer med toleransen {tolerans}, de flesta andra med {vanlig}. Bedömningarna är "
    "därför inte gjorda lika.",
    "Kom överens om toleransen och ändra den på bladet Start.",
)
GAMLA_SIFFROR = Meddelande(
    "sammanstall-gamla-siffror",
    "{fil} har värden som hämtades {dag}, för mer än ett halvår sedan.",
    "Be nämnden uppdatera.",
)
ALDRIG_HAMTAD = Meddelande(
    "sammanstall-aldrig-hamtad", "{fil} har aldrig fyllts med värden från Kolada."
)
SAMMA_NAMND = Meddelande(
    "sammanstall-samma-namnd",
    "Flera filer gäller {namnd} och år {year}: {filer}. Alla är med, så nämndens förflyttningar "
    "kan vara räknade flera gånger.",
    "Ta bort dem som inte ska vara med.",
)
SAMMA_NAMND_ANNAT_AR = Meddelande(
    "sammanstall-samma-namnd-annat-ar",
    "Filer från olika år gäller {namnd}: {filer}. Alla är med, men i summorna räknas bara de från "
    "sammanställningens dataår.",
    "Ta bort dem som inte ska vara med.",
)
FLER_LIKA = Meddelande(
    "sammanstall-fler-lika",
    "Av förslag som liknar varandra visas de {antal} par som är mest lika. {kvar} till är inte "
    "med.",
)
NAMNDER_SAKNAS = Meddelande(
    "sammanstall-namnder-saknas",
    "Ingen arbetsbok finns från {namnder}.",
    "Kontrollera om kommunen har dem, och om de ska lämna någon.",
)
OLIKA_VARDEN = "Nämnderna har olika värden; de som hämtades senast visas."
DUBBLERAR = "Omfattar en annan verksamhet, och räknas därför inte i summan."
ANNAT_UNDERLAG = "Gäller annat år eller annan kommun, och räknas därför inte i summan."
OKANT_UNDERLAG = "Filen saknar kommun eller dataår, och räknas därför inte i summan."
UTAN_BELOPP = "Belopp saknas."
KAN_VARA_OLAST = "En fil som inte är med kan vara från någon av dem."


@dataclass(frozen=True, slots=True)
class Sammanstallning:
    """Everything that the municipality's workbook holds; tables by name, rows by column key.

    `dubbletter` are those of the warnings that concern a committee whose moves are counted more
    than once, and `utanfor` the names of those whose files are of another year or municipality.
    """

    kommun: str
    year: int | None
    period: str
    exempel: bool
    idag: date
    bocker: tuple[Namndbok, ...]
    avvisade: tuple[Avvisad, ...]
    varningar: tuple[str, ...]
    dubbletter: tuple[str, ...]
    saknade: tuple[str, ...]
    tabeller: Mapping[str, Sequence[Rad]] = field(default_factory=dict)
    utanfor: frozenset[str] = frozenset()

    @property
    def namnder(self) -> str:
        """Whose genomlysningar these are: not all committees', where a file is missing."""
        return bladen.LASTA_NAMNDER if self.avvisade else bladen.ALLA_NAMNDER

    @property
    def om_saknade(self) -> str:
        """What to add where committees without a workbook are named, with a space first."""
        return f" {KAN_VARA_OLAST}" if self.avvisade else ""

    def egna(self, tabell: Tabell) -> list[Rad]:
        """Return the rows of a table that are of the municipality's own committees and year."""
        return [r for r in self.tabeller[tabell.namn] if r["namnd"] not in self.utanfor]


def join_bocker(
    bocker: Sequence[Namndbok], avvisade: Sequence[Avvisad], idag: date
) -> Sammanstallning:
    """Put the workbooks together. There must be at least one."""
    bocker = _spell_kommuner(bocker)
    bocker.sort(key=lambda b: (fold(b.namnd), fold(b.kommun), b.year or 0, b.fil))
    kommun = _most_common(b.kommun for b in bocker if b.kommun) or ""
    year = _most_common_year(b.year for b in bocker if b.year and b.kommun == kommun)
    # Those of other years and municipalities come last, on every sheet.
    bocker.sort(key=lambda b: not _is_samma(b, kommun, year))
    names = _name_namnder(bocker, kommun, year)
    others = frozenset(
        n for b, n in zip(bocker, names, strict=True) if not _is_samma(b, kommun, year)
    )
    moves = _forflyttningar(bocker, names, kommun, year)
    followed = _uppfoljning(bocker, names)
    alike, left_out = _lika(
        [r for r in moves if r["namnd"] not in others],
        {n: (fold(b.namnd), b.kommun) for b, n in zip(bocker, names, strict=True)},
    )
    reference, reported = _referenskostnad(bocker, names, kommun, year)
    figures = _nyckeltal(bocker, names, others)
    profiles = {p: load_profil(p).namn for p in list_profiler() if p != _GENERELL}
    missing = _find_saknade([b for b in bocker if b.kommun in ("", kommun)], profiles)
    tables: dict[str, Sequence[Rad]] = {
        bladen.VERKSAMHETER.namn: reference,
        bladen.REDOVISAT.namn: reported,
        bladen.NYCKELTAL.namn: figures,
        bladen.OVER_TID.namn: _over_tid(bocker, names),
        bladen.REFERENS_OVER_TID.namn: _list_rader(
            bocker, names, REFERENSKOSTNAD_OVER_TID.namn, bladen.REFERENS_OVER_TID
        ),
        bladen.ANTECKNINGAR.namn: _list_rader(bocker, names, ANTECKNINGAR, bladen.ANTECKNINGAR),
        bladen.FORFLYTTNINGAR.namn: moves,
        bladen.SAMORDNING.namn: _samordning(moves, followed, names, profiles.values(), others),
        bladen.LIKA.namn: alike,
        bladen.UPPFOLJNING.namn: followed,
        bladen.TEXTER.namn: [
            {
                "namnd": name,
                "analys": b.texter.get(ANALYSTEXT),
                "uppfoljning": b.texter.get(UPPFOLJNINGSTEXT),
            }
            for b, name in zip(bocker, names, strict=True)
            if b.texter
        ],
        bladen.NAMNDER.namn: _count_namnder(bocker, names, reported, figures, moves),
    }
    tolerances = _find_vanliga(bocker)
    remarks = [_remarks(b, kommun, year, tolerances, idag) for b in bocker]
    tables[bladen.FILER.namn] = [
        {
            "fil": b.fil,
            "namnd": name,
            "kommun": b.kommun,
            "year": b.year,
            "period": b.period,
            "hamtad": b.hamtad,
            "antagen": b.antagen,
            "anmarkning": join_meningar([_drop_fil(w, b.fil) for w in (*b.varningar, *own)]),
        }
        for b, name, own in zip(bocker, names, remarks, strict=True)
    ]
    warnings = [w for b, own in zip(bocker, remarks, strict=True) for w in (*b.varningar, *own)]
    warnings += _warn_andra_ar(bocker)
    twice = _warn_dubbletter([b for b in bocker if _is_samma(b, kommun, year)])
    warnings += twice
    if left_out:
        warnings.append(FLER_LIKA.format(antal=len(alike), kvar=left_out))
    if missing:
        warnings.append(NAMNDER_SAKNAS.format(namnder=join_och(missing)))
    return Sammanstallning(
        kommun=kommun,
        year=year,
        period=_most_common(b.period for b in bocker if b.period) or "",
        exempel=bocker[0].exempel,
        idag=idag,
        bocker=tuple(bocker),
        avvisade=tuple(avvisade),
        varningar=tuple(warnings),
        dubbletter=tuple(twice),
        saknade=tuple(missing),
        tabeller=tables,
        utanfor=others,
    )


def _most_common(values: Iterable[Any]) -> Any:
    found = Counter(values).most_common(1)
    return found[0][0] if found else None


def _most_common_year(years: Iterable[int]) -> int | None:
    """Return the year of most files; of several, the newest."""
    found = Counter(years)
    return max(found, key=lambda y: (found[y], y), default=None)


def _spell_kommuner(bocker: Iterable[Namndbok]) -> list[Namndbok]:
    """Return the workbooks with one spelling of each municipality: 'alingsås', 'Alingsås kommun'.

    The spelling is that of most files, and no name is longer than a message can hold. A committee
    that nobody has named is called as its file.
    """
    bocker = list(bocker)
    names = {fold(b.kommun) for b in bocker}

    def find_key(kommun: str) -> str:
        key = fold(kommun)
        short = key.removesuffix(" kommun").strip()
        # 'Marks kommun' is Mark where another file says so; 'Alingsås kommun' is Alingsås.
        genitive = short != key and short not in names and short.removesuffix("s") in names
        return short.removesuffix("s") if genitive else short

    spelled: dict[str, Counter[str]] = {}
    for b in bocker:
        spelled.setdefault(find_key(b.kommun), Counter())[b.kommun] += 1
    best = {key: found.most_common(1)[0][0] for key, found in spelled.items()}
    return [
        replace(
            b,
            kommun=cut_namn(best[find_key(b.kommun)]),
            namnd=cut_namn(b.namnd or _drop_andelse(b.fil)),
        )
        for b in bocker
    ]


def _drop_andelse(fil: str) -> str:
    return fil.removesuffix(Path(fil).suffix)


def _drop_fil(text: str, fil: str) -> str:
    """Return what is said of a file without its name first, for where that stands beside it."""
    name = cut_namn(fil)
    if not text.startswith(name):
        return text
    rest = text.removeprefix(name).lstrip(": ")
    return rest[:1].upper() + rest[1:]


def _name_namnder(bocker: Sequence[Namndbok], kommun: str, year: int | None) -> list[str]:
    """Return what each workbook's committee is called here; told apart where several share it.

    One of another year or municipality says so, since its rows stand among the others'.
    """
    by_name: dict[tuple[str, bool], list[Namndbok]] = {}
    for b in bocker:
        by_name.setdefault((fold(b.namnd), _is_samma(b, kommun, year)), []).append(b)
    names = []
    for b in bocker:
        same = _is_samma(b, kommun, year)
        alike = by_name[fold(b.namnd), same]
        told = f"{b.kommun} {b.year or 'utan år'}".strip()
        if len({(x.kommun, x.year) for x in alike}) < len(alike):
            told = _drop_andelse(b.fil)
        told = re.sub("[()]", "", cut_namn(told))
        if not same:
            names.append(f"{b.namnd} ({told}, {INGAR_INTE})")
        else:
            names.append(b.namnd if len(alike) == 1 else f"{b.namnd} ({told})")
    taken: Counter[str] = Counter()
    for i, name in enumerate(names):
        taken[fold(name)] += 1
        if taken[fold(name)] > 1:
            names[i] = f"{name} {taken[fold(name)]}"
    return names


def _is_samma(b: Namndbok, kommun: str, year: int | None) -> bool:
    """Tell whether a workbook's moves are counted: it is not of another municipality or year."""
    return b.kommun in ("", kommun) and b.year in (None, year)


def _rows(rows: Iterable[Mapping[str, Any]], tabell: Tabell) -> list[Rad]:
    """Return rows with the table's columns and no others; what is missing is None."""
    keys = [k.nyckel for k in tabell.kolumner]
    return [{k: r.get(k) for k in keys} for r in rows]


# ---- figures ---------------------------------------------------------------------------------


def _nyckeltal(
    bocker: Sequence[Namndbok], names: Sequence[str], utanfor: Collection[str]
) -> list[Rad]:
    """Return the compared figures, those worse than similar first and the worst of them on top.

    Those of the committees in `utanfor` come last, in the same order.
    """
    rows = [
        {
            "namnd": name,
            "nyckeltal": r.get("namn"),
            "kategori": table,
            **{k: r.get(k) for k in ("bedomning", "varde", "liknande", "snitt", "skillnad")},
            **{k: r.get(k) for k in ("enhet", "riktning", "kommentar", "anmarkning", OVRIGT)},
            "year": r.get("year") or b.year,
        }
        for b, name in zip(bocker, names, strict=True)
        for table in JAMFORELSER
        for r in b.rader(table)
    ]
    found = _rows(rows, bladen.NYCKELTAL)
    keys = ("namnd", "bedomning", "riktning", "varde", "skillnad", "liknande")
    frame = pd.DataFrame(found, columns=list(keys))
    numbers = frame[["varde", "skillnad", "liknande"]].apply(pd.to_numeric, errors="coerce")
    # A figure with a target is judged by that: how far from similar it is says nothing.
    target = frame["riktning"] == Riktning.MAL.value
    share = 100 * numbers["skillnad"] / numbers["liknande"]
    share = share.where(~target & (numbers["liknande"] > 0)).round(1)
    order = frame["bedomning"].map(_ORDNING).fillna(len(_ORDNING))
    size = share.where(~target, numbers["varde"]).abs()
    size = size.fillna(numbers["skillnad"].abs())
    # Among the better the nearest to similar comes first: worst first all the way down.
    size = size.where(order > _ORDNING[Bedomning.I_NIVA], -size)
    frame = frame.assign(_utanfor=frame["namnd"].isin(utanfor), _ordning=order, _storlek=size)
    frame = frame.sort_values(["_utanfor", "_ordning", "_storlek", "namnd"], kind="stable")
    shares = share.astype(object).where(share.notna(), None).tolist()
    return [{**found[i], "andel": shares[i]} for i in frame.index]


def _over_tid(bocker: Sequence[Namndbok], names: Sequence[str]) -> list[Rad]:
    keys = ("enhet", *ARSKOLUMNER, "utveckling", "kommentar", "anmarkning", OVRIGT)
    return [
        {
            "namnd": name,
            "nyckeltal": r.get("namn"),
            "year": b.year,
            "kategori": table.removesuffix("OverTid"),
            **{k: r.get(k) for k in keys},
        }
        for b, name in zip(bocker, names, strict=True)
        for table in TIDSTABELLER
        for r in b.rader(table)
    ]


def _list_rader(
    bocker: Sequence[Namndbok], names: Sequence[str], tabell: str, ut: Tabell
) -> list[Rad]:
    """Return a table's rows of all committees, each with whose it is and of which year."""
    return _rows(
        (
            {**r, "namnd": name, "year": b.year}
            for b, name in zip(bocker, names, strict=True)
            for r in b.rader(tabell)
        ),
        ut,
    )


# ---- reference cost --------------------------------------------------------------------------


def _referenskostnad(
    bocker: Sequence[Namndbok], names: Sequence[str], kommun: str, year: int | None
) -> tuple[list[Rad], list[Rad]]:
    """Return every verksamhet once, dearest first, and what each committee reports."""
    rows = [
        {
            **r,
            "namnd": name,
            "year": b.year,
            "kommun": b.kommun,
            "nyckel": fold(str(r["verksamhet"])),
            "samma": b.kommun == kommun and b.year == year,
            "okant": _is_samma(b, kommun, year),
            "hamtad": b.hamtad or date.min,
            "raknas": "Ja",
        }
        for b, name in zip(bocker, names, strict=True)
        for r in b.rader(REFERENSKOSTNAD.namn)
        if r.get("verksamhet")
    ]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for r in rows:
        by_name.setdefault(str(r["namnd"]), []).append(r)
    for own in by_name.values():
        # As in the committee's own workbook.
        twice = {fold(v.namn) for v in find_dubbla(_known(str(r["nyckel"]) for r in own))}
        for r in own:
            r["raknas"] = "Nej" if r["nyckel"] in twice else "Ja"
    reported = _rows(rows, bladen.REDOVISAT)
    if not rows:
        return [], reported
    twice = _find_totaler(str(r["nyckel"]) for r in rows if r["samma"])
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for r in rows:
        # Other years and municipalities are shown for themselves.
        apart = () if r["samma"] else (r["year"], r["kommun"])
        groups.setdefault((r["nyckel"], *apart), []).append(r)
    found: list[dict[str, Any]] = []
    for group in groups.values():
        # A committee that has not got its values yet does not hide another's.
        ages = [(r.get("mkr") is not None, r["hamtad"], n) for n, r in enumerate(group)]
        newest = group[max(ages)[2]]
        same = bool(newest["samma"])
        counted = same and newest["nyckel"] not in twice
        differ = any(len({r.get(k) for r in group}) > 1 for k in ("procent", "mkr"))
        remarks = [
            OLIKA_VARDEN if differ else "",
            "" if same else OKANT_UNDERLAG if newest["okant"] else ANNAT_UNDERLAG,
            DUBBLERAR if same and not counted else "",
            UTAN_BELOPP if newest.get("mkr") is None else "",
            *(str(r["anmarkning"]) for r in group if r.get("anmarkning")),
        ]
        found.append(
            {
                **newest,
                "namnder": ", ".join(dict.fromkeys(str(r["namnd"]) for r in group)),
                "summan": "Ja" if counted else "Nej",
                "anmarkning": join_meningar(remarks),
            }
        )

    def order(rad: Mapping[str, Any]) -> tuple[str, bool, float]:
        amount = rad.get("mkr")
        return rad["summan"], amount is None, -(amount or 0.0)

    return _rows(sorted(found, key=order), bladen.VERKSAMHETER), reported


def _known(nycklar: Iterable[str]) -> list[Verksamhet]:
    """Return the verksamheter that have these folded names; a name of people's own has none."""
    known = {fold(v.namn): v for v in load_verksamheter().values()}
    return [known[n] for n in dict.fromkeys(nycklar) if n in known]


def _find_totaler(nycklar: Iterable[str]) -> set[str]:
    """Return the folded names of those that hold another: with it, they would be counted twice.

    What several committees report is shown part by part, so that what is above and below
    reference cost does not vanish in a total of one of them.
    """
    found = _known(nycklar)
    return {
        fold(v.namn)
        for v in found
        if any(set(other.nettokostnad) < set(v.nettokostnad) for other in found)
    }


# ---- moves and follow-up ---------------------------------------------------------------------


def _forflyttningar(
    bocker: Sequence[Namndbok], names: Sequence[str], kommun: str, year: int | None
) -> list[Rad]:
    keys = ("omrade", "beskrivning", "belopp", "effekt", "beror", "avstamt", "hanteras", "bokslut")
    rows = []
    for b, name in zip(bocker, names, strict=True):
        foreign = ANNAN_KOMMUN if b.kommun not in ("", kommun) else ANNAT_AR_I_SUMMAN
        same = _is_samma(b, kommun, year)
        for blad in NAMNDENS_FORFLYTTNINGSBLAD:
            for r in b.rader(blad.tabeller[0].namn):
                row: dict[str, Cellvarde] = {k: _as_text(r.get(k)) for k in (*keys, OVRIGT)}
                row |= {"namnd": name, "kapitel": blad.namn.split()[0]}
                row |= _read_belopp(r.get("belopp"), r.get("effekt"))
                rows.append(row | {"summan": I_SUMMAN[str(row["raknas"])] if same else foreign})
    return _rows(rows, bladen.FORFLYTTNINGAR)


def _read_belopp(belopp: str | float | None, effekt: str | float | None) -> dict[str, Cellvarde]:
    """Return what an amount counts as, with its range in tkr."""
    summa = sum_belopp([(belopp, effekt)])
    if summa.antal_tomma:
        return {"raknas": TOMT}
    if summa.antal_ej_lasta:
        return {"raknas": EJ_LASBAR}
    ranges = (
        (ARLIG, summa.arlig_lagst, summa.arlig_hogst),
        (ENGANG, summa.engang_lagst, summa.engang_hogst),
        (EJ_ANGIVET, summa.ej_angivet_lagst, summa.ej_angivet_hogst),
    )
    kind, low, high = max(ranges, key=lambda r: r[2])
    if not high:  # nothing is the largest of the three as well
        own = parse_belopp(belopp)
        once = combine_engang(own.engang if own else None, effekt)
        kind = EJ_ANGIVET if once is None else ENGANG if once else ARLIG
    if high > STORSTA_TAL:
        return {"raknas": EJ_LASBAR}
    return {"raknas": kind, "lagst": float(low) / 1000, "hogst": float(high) / 1000}


def _uppfoljning(bocker: Sequence[Namndbok], names: Sequence[str]) -> list[Rad]:
    keys = [k.nyckel for k in bladen.UPPFOLJNING.kolumner]
    rows = [
        {k: _as_text(r.get(k)) for k in keys} | {"namnd": name, "kapitel": blad.namn.split()[0]}
        for b, name in zip(bocker, names, strict=True)
        for blad in NAMNDENS_UPPFOLJNINGSBLAD
        for r in b.rader(blad.tabeller[0].namn)
    ]
    return _rows(rows, bladen.UPPFOLJNING)


def _samordning(
    moves: Sequence[Rad],
    followed: Sequence[Rad],
    names: Sequence[str],
    profiler: Iterable[str],
    utanfor: Collection[str],
) -> list[Rad]:
    """Return what concerns others, once for each of them and in their order.

    For each, that of the committees in `utanfor` comes last.
    """
    known = list_kanda(names, profiler)
    concerned: dict[str, list[str]] = {}
    rows: list[dict[str, Any]] = []
    for r in moves:
        beror, avstamt = str(r["beror"] or ""), str(r["avstamt"] or "")
        if r["kapitel"] != "4.2" and not beror.strip():
            continue
        if beror not in concerned:
            concerned[beror] = find_berorda(beror, known)
        for who in concerned[beror]:
            if not is_samma_namnd(who, str(r["namnd"])):
                rows.append({**r, "berord": who, "lage": describe_avstamning(who, avstamt, known)})
    for r in followed:
        # What a measure said while it was a proposal has followed it into Ursprung.
        before = read_ursprung(str(r["ursprung"] or ""))
        if fold(str(r["samordning"] or "")) != "ja" and not before.beror:
            continue
        told = {"omrade": r["atgard"], "beror": before.beror, "avstamt": before.avstamt}
        for who in find_berorda(before.beror, known) if before.beror else [INGEN_ANGIVEN]:
            if not is_samma_namnd(who, str(r["namnd"])):
                checked = before.beror or before.avstamt
                state = describe_avstamning(who, before.avstamt, known) if checked else None
                rows.append({**r, **told, "berord": who, "lage": state})

    def order(rad: Mapping[str, Any]) -> tuple[bool, str, bool, str, str]:
        who, namnd = rad["berord"], rad["namnd"]
        return who == INGEN_ANGIVEN, folded[who], namnd in utanfor, namnd, rad["kapitel"]

    folded = {who: fold(who) for who in {str(r["berord"]) for r in rows}}
    return _rows(sorted(rows, key=order), bladen.SAMORDNING)


def _lika(moves: Sequence[Rad], bakom: Mapping[str, tuple[str, str]]) -> tuple[list[Rad], int]:
    """Return the proposals that look most alike, and how many pairs more there are.

    One that several have written stands once.

    `bakom` tells which committee and municipality a name here stands for: two years of the same
    one are no pair.
    """
    same: dict[str, list[Rad]] = {}
    for r in moves:
        if text := _join_text(r):
            same.setdefault(text, []).append(r)
    texts = list(same)
    who = [list(dict.fromkeys(str(r["namnd"]) for r in same[t])) for t in texts]
    rows: list[Rad] = []
    areas = [str(same[t][0]["omrade"] or "") for t in texts]
    owners = [list(dict.fromkeys("\n".join(bakom[n]) for n in names)) for names in who]
    ranked = rank_lika(texts, owners, areas)
    for p in ranked.par:
        first, second = who[p.forsta], who[p.andra]
        if p.forsta == p.andra:
            own = bakom[first[0]]
            first, second = (
                [n for n in who[p.forsta] if (bakom[n] == own) is mine] for mine in (True, False)
            )
        rows.append(
            {
                "namnd": ", ".join(first),
                "text": texts[p.forsta],
                "belopp": _join_belopp(same[texts[p.forsta]], first),
                "namnd_2": ", ".join(second),
                "text_2": texts[p.andra],
                "belopp_2": _join_belopp(same[texts[p.andra]], second),
                "likhet": round(100 * p.likhet),
                "gemensamt": ", ".join(p.gemensamt),
            }
        )
    return rows, ranked.utelamnade


def _join_belopp(moves: Sequence[Rad], namnder: Sequence[str]) -> str:
    amounts = (str(r["belopp"]) for r in moves if r["namnd"] in namnder and r["belopp"])
    return "; ".join(dict.fromkeys(amounts))


def _join_text(rad: Rad) -> str:
    return ": ".join(str(rad[k]) for k in ("omrade", "beskrivning") if rad[k])


def _as_text(value: str | float | None) -> str | None:
    return f"{value:.15g}" if isinstance(value, float) else value


# ---- the whole -------------------------------------------------------------------------------


def _count_namnder(
    bocker: Sequence[Namndbok],
    names: Sequence[str],
    reported: Sequence[Rad],
    figures: Sequence[Rad],
    moves: Sequence[Rad],
) -> list[Rad]:
    """Return what the formulas of the sheet Nämnderna give, committee by committee."""
    verdicts = Counter((r["namnd"], r["bedomning"]) for r in figures)
    proposed = Counter(r["namnd"] for r in moves)
    coordinated = Counter(r["namnd"] for r in moves if r["kapitel"] == "4.2")
    costs_of: dict[Any, list[Rad]] = {}
    for r in reported:
        costs_of.setdefault(r["namnd"], []).append(r)
    rows: list[Rad] = []
    for b, name in zip(bocker, names, strict=True):
        costs = costs_of.get(name, [])
        amounts = [r["mkr"] for r in costs if r["raknas"] == "Ja" and isinstance(r["mkr"], float)]

        def count(*words: Bedomning, name: str = name) -> int:
            return sum(verdicts[name, w] for w in words)

        rows.append(
            {
                "namnd": name,
                "year": b.year,
                "verksamheter": len(costs),
                "inom": sum(r["inom"] == "Ja" for r in costs),
                "battre_resultat": sum(r["battre"] == "Ja" for r in costs),
                "uppfyller": sum(r["uppfyller"] == "Ja" for r in costs),
                "over": math.fsum(a for a in amounts if a > 0),
                "under": math.fsum(a for a in amounts if a < 0),
                "battre": count(Bedomning.BATTRE, Bedomning.INOM_MALET),
                "niva": count(Bedomning.I_NIVA),
                "lagre": count(Bedomning.LAGRE),
                "hogre": count(Bedomning.HOGRE),
                "samre": count(Bedomning.SAMRE, Bedomning.OVER_MALET),
                "okant": count(Bedomning.OKANT),
                "flyttar": proposed[name],
                "samordnas": coordinated[name],
            }
        )
    return rows


def _find_vanliga(bocker: Sequence[Namndbok]) -> Toleranser:
    """Return the tolerances of most files; of several, those that a new workbook has."""
    found = Counter(b.toleranser for b in bocker)
    return max(found, key=lambda t: (found[t], t == Toleranser()))


def _describe_toleranser(toleranser: Toleranser) -> str:
    percent, units = (f"{v:g}".replace(".", ",") for v in toleranser)
    return f"{percent} % och {units} {'enhet' if units == '1' else 'enheter'}"


def _remarks(
    b: Namndbok, kommun: str, year: int | None, vanliga: Toleranser, idag: date
) -> list[str]:
    """Say what sets a workbook apart from the others."""
    found, fil = [], cut_namn(b.fil)
    if b.kommun and b.kommun != kommun:
        found.append(ANDRA_KOMMUN.format(fil=fil, kommun=b.kommun, vanlig=kommun))
    if b.year and year and b.year != year:
        found.append(ANNAT_AR.format(fil=fil, year=b.year, vanligt=year))
    if b.toleranser != vanliga:
        own, usual = (_describe_toleranser(t) for t in (b.toleranser, vanliga))
        found.append(ANNAN_TOLERANS.format(fil=fil, tolerans=own, vanlig=usual))
    if b.hamtad is None:
        found.append(ALDRIG_HAMTAD.format(fil=fil))
    elif (idag - b.hamtad).days > GAMMAL_DAGAR:
        found.append(GAMLA_SIFFROR.format(fil=fil, dag=b.hamtad.isoformat()))
    return found


def _warn_dubbletter(bocker: Iterable[Namndbok]) -> list[str]:
    """Name the committees that have several files for one year."""
    groups: dict[tuple[str, int | None], list[Namndbok]] = {}
    for b in bocker:
        groups.setdefault((fold(b.namnd), b.year), []).append(b)
    return [
        SAMMA_NAMND.format(
            namnd=found[0].namnd,
            year=year,
            filer=join_nagra([cut_namn(b.fil) for b in found], _MEST_FILER),
        )
        for (_, year), found in groups.items()
        if len(found) > 1
    ]


def _warn_andra_ar(bocker: Iterable[Namndbok]) -> list[str]:
    """Name the committees that have files for several years."""
    groups: dict[tuple[str, str], list[Namndbok]] = {}
    for b in bocker:
        groups.setdefault((fold(b.namnd), b.kommun), []).append(b)
    return [
        SAMMA_NAMND_ANNAT_AR.format(
            namnd=found[0].namnd,
            filer=join_nagra(
                [f"{cut_namn(b.fil)} ({b.year or 'utan år'})" for b in found], _MEST_FILER
            ),
        )
        for found in groups.values()
        if len({b.year for b in found}) > 1
    ]


def _find_saknade(bocker: Sequence[Namndbok], profiler: Mapping[str, str]) -> list[str]:
    """Return the committees whose profiles come with the program but that have no workbook."""
    there = {fold(x) for b in bocker for x in (b.profil, b.namnd)}
    return [n for p, n in profiler.items() if not {p, fold(n)} & there]
