"""A drafted basis for the committee's own analysis: only sentences that the values bear out.

Each sentence states a value or a count and where it comes from. It never says why, never calls
a deviation a saving, and leaves out what cannot be judged except to say how much that is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from genomlysning.begrepp import ANTAL_AR_OVER_TID
from genomlysning.ord import INDEX, Kategori, Riktning
from genomlysning.regler.bedomning import Bedomning, Toleranser, compute_storlek
from genomlysning.regler.referenskostnad import Svar
from genomlysning.regler.utveckling import Utveckling
from genomlysning.regler.visning import choose_index_decimaler
from genomlysning.summaord import describe_avvikelse, tell_summa
from genomlysning.svenska import (
    format_med_enhet,
    format_tal,
    join_nagra,
    join_och,
    lower_first,
    uppraknat,
)
from genomlysning.underlag import Jamforelse, Underlag
from genomlysning.verksamhetskostnad import Referensrad

#: So many figures at most are named in one sentence, with values and without.
MAX_NAMNDA, MAX_UPPRAKNADE = 3, 10


class Avsnitt(NamedTuple):
    """A headed group of drafted sentences."""

    rubrik: str
    meningar: tuple[str, ...]


def draft_analys(underlag: Underlag) -> list[Avsnitt]:
    """Return the drafted basis, section by section, without empty ones."""
    sections = [
        Avsnitt("Kostnad och resultat", tuple(_referenskostnad(underlag))),
        *(
            Avsnitt(k.value, tuple(_kategori(underlag.jamforelser_i(k), k, underlag)))
            for k in Kategori
        ),
        Avsnitt("Att tänka på när siffrorna läses", tuple(_forbehall(underlag))),
    ]
    return [s for s in sections if s.meningar]


def draft_slutsatser(underlag: Underlag) -> list[str]:
    """Return the few sentences for the summary: costs together, strongest and weakest result."""
    costs = list(_summor(underlag)) or [
        _kostnad(r) for r in underlag.referensrader if r.gallande_procent is not None
    ]
    results = underlag.jamforelser_i(Kategori.KVALITET)
    extremes = []
    for verdict, lead in ((Bedomning.BATTRE, "Starkast"), (Bedomning.SAMRE, "Svagast")):
        found = [j for j in results if j.bedomning is verdict]
        if found:
            most = max(found, key=_relative_size)
            extremes.append(f"{lead} i kvalitet mot liknande kommuner: {_named(most)}.")
    preliminary = sum(j.preliminar for j in underlag.jamforelser)
    open_values = f"{uppraknat(preliminary, 'värde är preliminärt', 'värden är preliminära')}."
    return [*costs, *extremes, *([open_values] if preliminary else [])]


def _referenskostnad(underlag: Underlag) -> Iterable[str]:
    for r in underlag.referensrader:
        if r.gallande_procent is not None:
            yield _kostnad(r)
        if (
            r.kvalitetsindex is not None
            and r.kvalitetsindex_liknande is not None
            and not r.for_fa_liknande
        ):
            yield _index(r, underlag.toleranser)
    yield from _summor(underlag)
    missing = [r.verksamhet.namn for r in underlag.referensrader if r.gallande_procent is None]
    if missing:
        yield (
            f"För {join_och([lower_first(n) for n in missing])} går kostnaden inte att ställa "
            f"mot referenskostnaden {underlag.year}."
        )


def _kostnad(r: Referensrad) -> str:
    value = r.gallande_procent
    assert value is not None
    how = describe_avvikelse(value, egen=r.procent_egen, orimlig=r.orimlig)
    if r.avvikelse_mkr is not None and "lika hög" not in how:
        own = " (egen beräkning)" if r.mkr_egen else ""
        how += f", motsvarande {format_tal(abs(r.avvikelse_mkr), 1)} Mkr{own}"
    return f"{r.verksamhet.namn}: nettokostnaden {r.year} var {how}."


def _index(r: Referensrad, toleranser: Toleranser) -> str:
    own, similar = r.kvalitetsindex, r.kvalitetsindex_liknande
    assert own is not None
    assert similar is not None
    decimals = choose_index_decimaler(own, similar, toleranser)
    a, b = format_tal(own, decimals), format_tal(similar, decimals)
    difference = own - similar
    if toleranser.is_level(difference, similar, INDEX):
        how = "samma som" if a == b else "i nivå med det"
    else:
        how = "högre än" if difference > 0 else "lägre än"
    scope = f" Indexet avser {r.verksamhet.kvalitet_avser}." if r.verksamhet.kvalitet_avser else ""
    return f"{r.verksamhet.namn}: kvalitetsindex var {a}, {how} hos liknande kommuner ({b}).{scope}"


def _summor(underlag: Underlag) -> Iterable[str]:
    if told := tell_summa(underlag.summa):
        yield told


def _antal(rows: Sequence[Jamforelse], kategori: Kategori) -> str:
    """Say how the judged figures of a category stand against similar municipalities."""
    count = Counter(j.bedomning for j in rows)
    results = _list_counts(
        (count[Bedomning.BATTRE], "bättre"),
        (count[Bedomning.SAMRE], "sämre"),
        (count[Bedomning.I_NIVA], "i nivå"),
    )
    costs = _list_counts((count[Bedomning.LAGRE], "lägre"), (count[Bedomning.HOGRE], "högre"))
    said = [
        f"{results} jämfört med liknande kommuner" if results else "",
        f"{costs} kostnad än liknande kommuner" if costs else "",
    ]
    sentence = "; ".join(s for s in said if s)
    return f"{kategori.value}: {sentence}." if sentence else ""


def _list_counts(*counts: tuple[int, str]) -> str:
    """Return '4 bättre, 1 sämre och 2 i nivå' of those that there are any of."""
    return join_och([f"{n} {word}" for n, word in counts if n])


def _kategori(rows: Sequence[Jamforelse], kategori: Kategori, underlag: Underlag) -> Iterable[str]:
    if sentence := _antal(rows, kategori):
        yield sentence
    for verdict, lead in (
        (Bedomning.BATTRE, "Bättre än liknande kommuner"),
        (Bedomning.SAMRE, "Sämre än liknande kommuner"),
        (Bedomning.LAGRE, "Lägre kostnad än liknande kommuner"),
        (Bedomning.HOGRE, "Högre kostnad än liknande kommuner"),
    ):
        found = sorted(
            (j for j in rows if j.bedomning is verdict), key=_relative_size, reverse=True
        )
        if found:
            named = "; ".join(_named(j) for j in found[:MAX_NAMNDA])
            more = f"; och {len(found) - MAX_NAMNDA} till" if len(found) > MAX_NAMNDA else ""
            most = "störst i förhållande till liknande först; " if len(found) > 1 else ""
            yield f"{lead} ({most}eget värde mot liknande): {named}{more}."
    years = f"mellan {underlag.year - ANTAL_AR_OVER_TID + 1} och {underlag.year}"
    for development, lead in (
        (Utveckling.FORBATTRAD, f"Förbättrats {years}"),
        (Utveckling.FORSAMRAD, f"Försämrats {years}"),
    ):
        names = [
            t.post.namn for t in underlag.tidsserier_i(kategori) if t.utveckling is development
        ]
        if names:
            yield f"{lead}: {join_och(names)}."


def _named(j: Jamforelse) -> str:
    assert j.varde is not None
    assert j.liknande is not None
    own = format_tal(j.varde, j.decimaler)
    similar = format_med_enhet(j.liknande, j.decimaler, j.post.enhet)
    return f"{j.post.namn} ({own} mot {similar})"


def _relative_size(j: Jamforelse) -> float:
    if j.skillnad is None or j.liknande is None:
        return 0.0
    return compute_storlek(j.skillnad, j.liknande, j.post.enhet) or 0.0


def _forbehall(underlag: Underlag) -> Iterable[str]:
    judged = [*underlag.jamforelser]
    unjudged = [j for j in judged if j.bedomning is Bedomning.OKANT and j.varde is not None]
    neutral = sum(j.post.riktning is Riktning.INGEN or not j.post.jamforbar for j in unjudged)
    if neutral:
        yield (
            f"{neutral} av {len(judged)} nyckeltal visas utan bedömning, eftersom högt eller lågt "
            "inte är bättre i sig."
        )
    if len(unjudged) > neutral:
        few = uppraknat(len(unjudged) - neutral, "nyckeltal", "nyckeltal")
        yield f"{few} kan inte bedömas, eftersom för få liknande kommuner har värde."
    missing = [j.post.namn for j in judged if j.varde is None]
    if missing:
        yield f"Värde för {underlag.year} saknas för {join_nagra(missing, MAX_UPPRAKNADE)}."
    preliminary = sum(j.preliminar for j in judged)
    if preliminary:
        yield (
            uppraknat(preliminary, "värde är preliminärt", "värden är preliminära")
            + "; se Anmärkning för när de blir slutliga, om Kolada har angett det."
        )
    partial = [r.verksamhet for r in underlag.referensrader if r.verksamhet.kvalitet_avser]
    if partial:
        names = join_och([lower_first(v.namn) for v in partial])
        yield (
            f"Kvalitetsindex för {names} omfattar inte hela verksamheten, medan kostnaden gör det."
        )
    if any(r.uppfyller is Svar.OKANT for r in underlag.referensrader):
        yield "Där resultat eller kostnad inte kan bedömas går det inte att säga om målet uppfylls."
