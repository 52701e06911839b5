"""The answers in JSON that `skapa` and `kontrollera` give to other programs.

Numbers are unrounded, unknown is null, yes/no verdicts are ja, nej or okant. The shapes are
described in docs/kommandorad.md.
"""

from typing import Any

from genomlysning.regler.referenskostnad import Svar
from genomlysning.underlag import Jamforelse, Tidsserie, Underlag
from genomlysning.verksamhetskostnad import Referensrad

#: The means of similar municipalities by the key of their column, as the answer calls them.
_MEDEL = {"liknande": "liknande_procent", "index_liknande": "kvalitetsindex_liknande"}
_SVAR = {Svar.JA: "ja", Svar.NEJ: "nej", Svar.OKANT: "okant"}


def to_json_skapa(underlag: Underlag, fil: str, anrop: int, varningar: list[str]) -> dict[str, Any]:
    """Return the answer of `skapa`."""
    return {
        "fil": fil,
        "kommun": {"id": underlag.kommun.id, "namn": underlag.kommun.namn},
        "namnd": underlag.profil.id,
        "ar": underlag.year,
        "nyckeltal": [
            *(_jamforelse(j) for j in underlag.jamforelser),
            *(_tidsserie(t) for t in underlag.tidsserier),
        ],
        "saknade": list(underlag.saknade),
        "reviderade": [
            {"id": r.nyckeltal, "kommun": r.kommun, "ar": r.year, "fran": r.fran, "till": r.till}
            for r in underlag.reviderade
        ],
        "omgjorda_grupper": _omgjorda(underlag),
        "anrop": anrop,
        "varningar": varningar,
    }


def to_json_kontrollera(underlag: Underlag, varningar: list[str]) -> dict[str, Any]:
    """Return the answer of `kontrollera`."""
    summa = underlag.summa
    return {
        "kommun": {"id": underlag.kommun.id, "namn": underlag.kommun.namn},
        "ar": underlag.year,
        "verksamheter": [_referensrad(r) for r in underlag.referensrader],
        "summa_over_mkr": summa.over if summa.finns else None,
        "summa_under_mkr": summa.under if summa.finns else None,
        "summa_saknar": list(summa.saknas),
        "summa_utan_orimliga": list(summa.orimliga),
        "omgjorda_grupper": _omgjorda(underlag),
        "varningar": varningar,
    }


def _omgjorda(underlag: Underlag) -> list[dict[str, Any]]:
    return [
        {
            "omrade": o.val.omrade,
            "grupp": o.val.grupp.id,
            "in": list(o.nya),
            "ut": list(o.borta),
            "behallen": o.behallen,
        }
        for o in underlag.omgjorda
    ]


def _jamforelse(j: Jamforelse) -> dict[str, Any]:
    return {
        "id": j.post.id,
        "namn": j.post.namn,
        "kategori": j.post.kategori.value,
        "tabell": j.post.tabell,
        "avser_ar": j.year,
        "varde": j.varde,
        "liknande": j.liknande,
        "liknande_antal": j.liknande_antal,
        "liknande_eget": j.liknande_egen,
        "snitt": j.snitt,
        "snitt_antal": j.snitt_antal,
        "placering": j.placering.plats if j.placering else None,
        "placering_av": j.av,
        "bedomning": j.bedomning.value,
        "anmarkning": j.anmarkning,
        "grupp": j.grupp.grupp.id if j.grupp else None,
    }


def _tidsserie(t: Tidsserie) -> dict[str, Any]:
    return {
        "id": t.post.id,
        "namn": t.post.namn,
        "kategori": t.post.kategori.value,
        "tabell": t.post.tabell,
        "avser_ar": t.years[-1],
        "varde": t.varden[-1],
        "varden": {str(y): v for y, v in zip(t.years, t.varden, strict=True)},
        "liknande": None,
        "liknande_antal": None,
        "liknande_eget": False,
        "snitt": None,
        "placering": None,
        "placering_av": None,
        "bedomning": t.utveckling.value,
        "anmarkning": t.anmarkning,
        "grupp": None,
    }


def _referensrad(r: Referensrad) -> dict[str, Any]:
    p = r.per_brukare
    return {
        "id": r.verksamhet.id,
        "namn": r.verksamhet.namn,
        "nettokostnad": r.nettokostnad,
        "referenskostnad": r.referenskostnad,
        "egen_procent": r.egen_procent,
        "avvikelse_procent": r.avvikelse_procent,
        "avvikelse_mkr": r.avvikelse_mkr,
        "avvikelse_mkr_egen": r.mkr_egen,
        "orimlig": r.orimlig,
        "egna_medel": sorted(_MEDEL[key] for key in r.egna_medel),
        "liknande_procent": r.liknande_procent,
        "inom_referenskostnaden": _SVAR[r.inom],
        "kvalitetsindex": r.kvalitetsindex,
        "kvalitetsindex_liknande": r.kvalitetsindex_liknande,
        "battre_resultat": _SVAR[r.battre],
        "uppfyller_malet": _SVAR[r.uppfyller],
        "per_brukare": None
        if p is None
        else {
            "enhet": p.enhet,
            "nettokostnad": p.nettokostnad,
            "referenskostnad": p.referenskostnad,
            "egen_procent": p.egen_procent,
        },
        "anmarkning": r.anmarkning,
    }
