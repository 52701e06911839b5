"""The committees' proposals and measures as the municipality's rows, and what concerns others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD as NAMNDENS_FORFLYTTNINGSBLAD
from genomlysning.bok.beskrivning import UPPFOLJNINGSBLAD as NAMNDENS_UPPFOLJNINGSBLAD
from genomlysning.bok.cellvarde import Cellvarde, describe_varde
from genomlysning.bok.plan import Rad
from genomlysning.bok.ursprung import read_ursprung
from genomlysning.regler.pengar import (
    combine_engang,
    is_oberakneligt,
    parse_belopp,
    sum_belopp,
)
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.namndbok import (
    OVRIGT,
    STORSTA_TAL,
    Namndbok,
    is_samma,
)
from genomlysning.sammanstallning.samordning import (
    INGEN_ANGIVEN,
    describe_avstamning,
    find_berorda,
    is_samma_namnd,
    is_samordnad,
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
    OBERAKNELIGT,
    TOMT,
)
from genomlysning.urval import fold


def list_forflyttningar(
    bocker: Sequence[Namndbok], names: Sequence[str], kommun: str, year: int | None
) -> list[Rad]:
    """Return every proposal in 4.1 and 4.2, with its amount in tkr and if it is in the sum."""
    keys = ("omrade", "beskrivning", "belopp", "effekt", "beror", "avstamt", "hanteras", "bokslut")
    rows = []
    for b, name in zip(bocker, names, strict=True):
        foreign = ANNAN_KOMMUN if b.kommun not in ("", kommun) else ANNAT_AR_I_SUMMAN
        same = is_samma(b, kommun, year)
        for blad in NAMNDENS_FORFLYTTNINGSBLAD:
            for r in b.rader(blad.tabeller[0].namn):
                row: dict[str, Cellvarde] = {k: as_text(r.get(k)) for k in (*keys, OVRIGT)}
                row |= {"namnd": name, "kapitel": blad.namn.split()[0]}
                row |= _read_belopp(r.get("belopp"), r.get("effekt"))
                rows.append(row | {"summan": I_SUMMAN[str(row["raknas"])] if same else foreign})
    return bladen.fit_rader(rows, bladen.FORFLYTTNINGAR)


def _read_belopp(belopp: str | float | None, effekt: str | float | None) -> dict[str, Cellvarde]:
    """Return what an amount counts as, with its range in tkr."""
    summa = sum_belopp([(belopp, effekt)])
    if summa.antal_tomma:
        return {"raknas": TOMT}
    if summa.antal_ej_lasta:
        return {"raknas": OBERAKNELIGT if is_oberakneligt(belopp) else EJ_LASBAR}
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


def list_uppfoljning(bocker: Sequence[Namndbok], names: Sequence[str]) -> list[Rad]:
    """Return every measure in 3.1–3.3."""
    keys = [k.nyckel for k in bladen.UPPFOLJNING.kolumner]
    rows = [
        {k: as_text(r.get(k)) for k in keys} | {"namnd": name, "kapitel": blad.namn.split()[0]}
        for b, name in zip(bocker, names, strict=True)
        for blad in NAMNDENS_UPPFOLJNINGSBLAD
        for r in b.rader(blad.tabeller[0].namn)
    ]
    return bladen.fit_rader(rows, bladen.UPPFOLJNING)


def list_samordning(
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
        if not is_samordnad(r):
            continue
        beror, avstamt = str(r["beror"] or ""), str(r["avstamt"] or "")
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
    return bladen.fit_rader(sorted(rows, key=order), bladen.SAMORDNING)


def list_lika(moves: Sequence[Rad], bakom: Mapping[str, tuple[str, str]]) -> tuple[list[Rad], int]:
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


def as_text(value: str | float | None) -> str | None:
    return describe_varde(value) if isinstance(value, float) else value
