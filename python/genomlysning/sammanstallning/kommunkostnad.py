"""The reference cost of the whole municipality: every verksamhet once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from genomlysning.bok.beskrivning import REFERENSKOSTNAD
from genomlysning.bok.plan import Rad
from genomlysning.profil import Verksamhet, load_verksamheter
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.namndbok import Namndbok, is_samma
from genomlysning.sammanstallning.tal import ORIMLIG_I_SUMMAN
from genomlysning.svenska import join_meningar
from genomlysning.urval import fold
from genomlysning.verksamhetskostnad import Avvikelserad, find_dubbla

OLIKA_VARDEN = "Nämnderna har olika värden; de som hämtades senast visas."
DUBBLERAR = "Omfattar en annan verksamhet, och räknas därför inte i summan."
ANNAT_UNDERLAG = "Gäller annat år eller annan kommun, och räknas därför inte i summan."
OKANT_UNDERLAG = "Filen saknar kommun eller dataår, och räknas därför inte i summan."
UTAN_BELOPP = "Belopp saknas."


def join_referenskostnad(
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
            "kan_vara_samma": is_samma(b, kommun, year),
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
            left_out = r["nyckel"] in twice or read_avvikelse(r).orimlig
            r["raknas"] = "Nej" if left_out else "Ja"
    reported = bladen.fit_rader(rows, bladen.REDOVISAT)
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
        unreal = read_avvikelse(newest).orimlig
        once = same and newest["nyckel"] not in twice
        counted = once and not unreal
        differ = any(len({r.get(k) for r in group}) > 1 for k in ("procent", "mkr"))
        remarks = [
            OLIKA_VARDEN if differ else "",
            "" if same else OKANT_UNDERLAG if newest["kan_vara_samma"] else ANNAT_UNDERLAG,
            DUBBLERAR if same and not once else "",
            ORIMLIG_I_SUMMAN if once and unreal else "",
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

    return bladen.fit_rader(sorted(found, key=order), bladen.VERKSAMHETER), reported


def read_avvikelse(rad: Mapping[str, Any]) -> Avvikelserad:
    """Return the deviation of a committee's row."""
    percent, mkr = (v if isinstance(v := rad.get(k), float) else None for k in ("procent", "mkr"))
    return Avvikelserad(str(rad["verksamhet"]), percent, mkr, str(rad.get("anmarkning") or ""))


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
