"""Joins the committees' rows into the municipality's tables; pandas orders the figures.

What a table's columns mean stands in `bladen`. Nothing that people have written is left out.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    ARSKOLUMNER,
    FORFLYTTNINGSTEXT,
    JAMFORELSER,
    REFERENSKOSTNAD_OVER_TID,
    UPPFOLJNINGSTEXT,
    Tabell,
)
from genomlysning.bok.beskrivning import OVER_TID as TIDSTABELLER
from genomlysning.bok.plan import Rad
from genomlysning.fel import Meddelande
from genomlysning.ord import Riktning, is_index
from genomlysning.profil import list_profiler, load_profil
from genomlysning.regler.bedomning import Bedomning
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.bokbenamning import drop_fil, name_namnder, spell_kommuner
from genomlysning.sammanstallning.bokvarningar import (
    describe_avvikelser,
    find_saknade,
    find_vanliga_toleranser,
    warn_andra_ar,
    warn_dubbletter,
)
from genomlysning.sammanstallning.forslagsrader import (
    list_forflyttningar,
    list_lika,
    list_samordning,
    list_uppfoljning,
)
from genomlysning.sammanstallning.kommunkostnad import join_referenskostnad
from genomlysning.sammanstallning.namndbok import (
    ANTECKNINGAR,
    DECIMALER,
    EGEN_UPPGIFT,
    OVRIGT,
    STORLEK,
    Avvisad,
    Namndbok,
    is_egen_uppgift,
    is_samma,
)
from genomlysning.sammanstallning.tal import find_decimaler
from genomlysning.svenska import join_meningar, join_och
from genomlysning.urval import fold

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

FLER_LIKA = Meddelande(
    "sammanstall-fler-lika",
    "Av förslag som liknar varandra visas {antal} par, av varje förslag de som är mest lika. "
    "{kvar} par till är inte med.",
)
NAMNDER_SAKNAS = Meddelande(
    "sammanstall-namnder-saknas",
    "Ingen arbetsbok finns från {namnder}.",
    "Kontrollera om kommunen har dem, och om de ska lämna någon.",
)
#: What is said of parts that a committee has left empty.
INGEN_ANALYS, INGEN_UPPFOLJNING, INGA_FLYTTAR = (
    "Ingen analys",
    "Ingen övergripande uppföljning",
    "Inga förflyttningar",
)
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
        """Whose genomlysningar these are: not all committees', where a file or one is missing."""
        missing = self.avvisade or self.saknade
        return bladen.LASTA_NAMNDER if missing else bladen.ALLA_NAMNDER

    @property
    def om_saknade(self) -> str:
        """What to add where committees without a workbook are named, with a space first."""
        return f" {KAN_VARA_OLAST}" if self.avvisade else ""

    @property
    def tomma_delar(self) -> dict[str, list[str]]:
        """What own committees have left empty, by what is said of it, with their names."""
        texts = {r["namnd"]: r for r in self.tabeller[bladen.TEXTER.namn]}
        proposers = {r["namnd"] for r in self.tabeller[bladen.FORFLYTTNINGAR.namn]}
        names = [str(r["namnd"]) for r in self.egna(bladen.NAMNDER)]
        found = {
            INGEN_ANALYS: [n for n in names if not texts.get(n, {}).get("analys")],
            INGEN_UPPFOLJNING: [n for n in names if not texts.get(n, {}).get("uppfoljning")],
            INGA_FLYTTAR: [n for n in names if n not in proposers],
        }
        return {part: empty for part, empty in found.items() if empty}

    def egna(self, tabell: Tabell) -> list[Rad]:
        """Return the rows of a table that are of the municipality's own committees and year."""
        return [r for r in self.tabeller[tabell.namn] if r["namnd"] not in self.utanfor]


def join_bocker(
    bocker: Sequence[Namndbok], avvisade: Sequence[Avvisad], idag: date
) -> Sammanstallning:
    """Put the workbooks together. There must be at least one."""
    bocker = spell_kommuner(bocker)
    bocker.sort(key=lambda b: (fold(b.namnd), fold(b.kommun), b.year or 0, b.fil))
    kommun = _most_common(b.kommun for b in bocker if b.kommun) or ""
    year = _most_common_year(b.year for b in bocker if b.year and b.kommun == kommun)
    # Those of other years and municipalities come last, on every sheet.
    bocker.sort(key=lambda b: not is_samma(b, kommun, year))
    names = name_namnder(bocker, kommun, year)
    others = frozenset(
        n for b, n in zip(bocker, names, strict=True) if not is_samma(b, kommun, year)
    )
    moves = list_forflyttningar(bocker, names, kommun, year)
    followed = list_uppfoljning(bocker, names)
    alike, left_out = list_lika(
        [r for r in moves if r["namnd"] not in others],
        {n: (fold(b.namnd), b.kommun) for b, n in zip(bocker, names, strict=True)},
    )
    reference, reported = join_referenskostnad(bocker, names, kommun, year)
    figures = _nyckeltal(bocker, names, others)
    profiles = {p: load_profil(p).namn for p in list_profiler() if p != _GENERELL}
    missing = find_saknade([b for b in bocker if b.kommun in ("", kommun)], profiles)
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
        bladen.SAMORDNING.namn: list_samordning(moves, followed, names, profiles.values(), others),
        bladen.LIKA.namn: alike,
        bladen.UPPFOLJNING.namn: followed,
        bladen.TEXTER.namn: [
            {
                "namnd": name,
                "analys": b.texter.get(ANALYSTEXT),
                "uppfoljning": b.texter.get(UPPFOLJNINGSTEXT),
                "skal": b.texter.get(FORFLYTTNINGSTEXT),
            }
            for b, name in zip(bocker, names, strict=True)
            if b.texter
        ],
        bladen.NAMNDER.namn: _count_namnder(bocker, names, reported, figures, moves),
    }
    tolerances = find_vanliga_toleranser(bocker)
    remarks = [describe_avvikelser(b, kommun, year, tolerances, idag) for b in bocker]
    tables[bladen.FILER.namn] = [
        {
            "fil": b.fil,
            "namnd": name,
            "kommun": b.kommun,
            "year": b.year,
            "period": b.period,
            "hamtad": b.hamtad,
            "antagen": b.antagen,
            "anmarkning": join_meningar([drop_fil(w, b.fil) for w in (*b.varningar, *own)]),
        }
        for b, name, own in zip(bocker, names, remarks, strict=True)
    ]
    warnings = [w for b, own in zip(bocker, remarks, strict=True) for w in (*b.varningar, *own)]
    warnings += warn_andra_ar(bocker)
    twice = warn_dubbletter([b for b in bocker if is_samma(b, kommun, year)])
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
            DECIMALER: find_decimaler(r),
            EGEN_UPPGIFT: is_egen_uppgift(r),
        }
        for b, name in zip(bocker, names, strict=True)
        for table in JAMFORELSER
        for r in b.rader(table)
    ]
    keys = ("namnd", "bedomning", "riktning", "varde", "skillnad")
    frame = pd.DataFrame(rows, columns=list(keys))
    frame["liknande"] = [r["liknande"] for r in rows]
    frame["_index"] = [is_index(str(r["enhet"] or "")) for r in rows]
    numbers = frame[["varde", "skillnad", "liknande"]].apply(pd.to_numeric, errors="coerce")
    # A figure with a target is judged by that: how far from similar it is says nothing.
    target = frame["riktning"] == Riktning.MAL.value
    share = 100 * numbers["skillnad"] / numbers["liknande"]
    share = share.where(~target & ~frame["_index"] & (numbers["liknande"] > 0)).round(1)
    # An index runs from 0 to 100: its units are as large whatever it is compared with.
    size = share.where(~frame["_index"] | target, numbers["skillnad"])
    sizes = size.abs().astype(object).where(size.notna(), None).tolist()
    order = frame["bedomning"].map(_ORDNING).fillna(len(_ORDNING))
    size = size.where(~target, numbers["varde"]).abs()
    size = size.fillna(numbers["skillnad"].abs())
    # Among the better the nearest to similar comes first: worst first all the way down.
    size = size.where(order > _ORDNING[Bedomning.I_NIVA], -size)
    frame = frame.assign(_utanfor=frame["namnd"].isin(utanfor), _ordning=order, _storlek=size)
    frame = frame.sort_values(["_utanfor", "_ordning", "_storlek", "namnd"], kind="stable")
    shares = share.astype(object).where(share.notna(), None).tolist()
    return [{**rows[i], "andel": shares[i], STORLEK: sizes[i]} for i in frame.index]


def _over_tid(bocker: Sequence[Namndbok], names: Sequence[str]) -> list[Rad]:
    keys = ("enhet", *ARSKOLUMNER, "utveckling", "kommentar", "anmarkning", OVRIGT)
    return [
        {
            "namnd": name,
            "nyckeltal": r.get("namn"),
            "year": b.year,
            "kategori": table.removesuffix("OverTid"),
            DECIMALER: find_decimaler(r),
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
    return bladen.fit_rader(
        (
            {**r, "namnd": name, "year": b.year}
            for b, name in zip(bocker, names, strict=True)
            for r in b.rader(tabell)
        ),
        ut,
    )


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
                "over": math.fsum(a for a in amounts if a > 0) if amounts else None,
                "under": math.fsum(a for a in amounts if a < 0) if amounts else None,
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
