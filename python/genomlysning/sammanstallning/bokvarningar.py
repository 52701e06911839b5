"""What the reader should know of the workbooks together: what sets one apart, or is missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from genomlysning.fel import Meddelande
from genomlysning.regler.bedomning import Toleranser
from genomlysning.sammanstallning.namndbok import Namndbok
from genomlysning.svenska import cut_namn, join_nagra
from genomlysning.urval import fold

#: Values fetched longer ago than this many days are called old.
GAMMAL_DAGAR = 180
#: So many files are named in a message.
_MEST_FILER = 8

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


def find_vanliga_toleranser(bocker: Sequence[Namndbok]) -> Toleranser:
    """Return the tolerances of most files; of several, those that a new workbook has."""
    found = Counter(b.toleranser for b in bocker)
    return max(found, key=lambda t: (found[t], t == Toleranser()))


def _describe_toleranser(toleranser: Toleranser) -> str:
    percent, units = (f"{v:g}".replace(".", ",") for v in toleranser)
    return f"{percent} % och {units} {'enhet' if units == '1' else 'enheter'}"


def describe_avvikelser(
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


def warn_dubbletter(bocker: Iterable[Namndbok]) -> list[str]:
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


def warn_andra_ar(bocker: Iterable[Namndbok]) -> list[str]:
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


def find_saknade(bocker: Sequence[Namndbok], profiler: Mapping[str, str]) -> list[str]:
    """Return the committees whose profiles come with the program but that have no workbook."""
    there = {fold(x) for b in bocker for x in (b.profil, b.namnd)}
    return [n for p, n in profiler.items() if not {p, fold(n)} & there]
