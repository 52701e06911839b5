"""The texts that the program itself writes outside the tables, beside those of `beskrivning`.

Written by the sheets' writers, and known again by who looks for what people have written.
"""

import re
from collections.abc import Callable
from functools import cache

from genomlysning.bok.beskrivning import (
    ANALYS,
    ANALYSTEXT,
    ANTALSRUBRIK,
    EXEMPELMARKNING,
    FORFLYTTNINGSBLAD,
    FORFLYTTNINGSTEXT,
    INSTALLNINGAR,
    KNAPPHJALPSRUBRIK,
    LISTOR,
    MAKROBOKENS_BLAD,
    NYCKELTALSBLAD,
    REFERENSKOSTNAD_OVER_TID,
    REFERENSKOSTNADSBLAD,
    SAMMANFATTNING,
    START,
    STARTRUBRIKER,
    TEXTRUTETIPS,
    TEXTRUTOR,
    UPPFOLJNING,
    UPPFOLJNINGSBLAD,
    UPPFOLJNINGSTEXT,
    UTANFORTEXT,
    Blad,
)
from genomlysning.ord import KALLA_EGEN

# ---- every sheet -----------------------------------------------------------------------------

EXEMPELFORKLARING = "Påhittad kommun med påhittade värden"
EXEMPELKALLA = "Påhittade värden. I en riktig arbetsbok står källan här."
EXEMPELTEXT = f"{EXEMPELMARKNING} – {EXEMPELFORKLARING[0].lower()}{EXEMPELFORKLARING[1:]}"

# ---- the line above a table of measures ------------------------------------------------------

BELOPPSINLEDNING = "Möjlig effektivisering, räknat"
UTAN_BELOPP_ATT_RAKNA = "utan belopp att räkna med"
SER_UT_SOM_SUMMA = "ser ut som en summa och räknas inte"
_BELOPPSSUMMA = re.compile(
    rf"(?:{BELOPPSINLEDNING} \d{{4}}-\d\d-\d\d: [^.]+\.)?"
    rf"(?: ?\d+ rad(?:er)? {UTAN_BELOPP_ATT_RAKNA}\.)?"
    rf"(?: ?\d+ rad(?:er)? {SER_UT_SOM_SUMMA}\.)?"
)

# ---- Start -----------------------------------------------------------------------------------

#: What there is of figures: what is counted, and a note on it.
LAGET = (
    ("Nyckeltal från Kolada", "Rader med Kolada-id i de tre jämförande tabellerna."),
    ("Utan värde för året", "Anmärkning säger vilket år som senast har ett värde."),
    ("Preliminära värden", "Anmärkning säger när de blir slutliga."),
    (
        "Kan inte bedömas",
        "Värde saknas, ingen önskad riktning, eller färre än fyra liknande kommuner har värde.",
    ),
)
#: What remains before a decision, and what to do about it.
KONTROLL_NAMND = ("Nämndens namn är ifyllt", "Skriv det i fältet Nämnd ovan.")
KONTROLL_INDEX = (
    "Koladas index redovisas i 2.1",
    "Har nämndens verksamheter index i Kolada ska de finnas med bland ekonominyckeltalen.",
)
KONTROLL_ANALYS = ("Analysen är skriven", "Texten skrivs på bladet 2.4 Analys.")
KONTROLL_UPPFOLJNING = (
    "Övergripande uppföljning är skriven",
    "Texten skrivs på bladet 3 Uppföljning.",
)
KONTROLL_SKAL = (
    "Skälen till förflyttningarna är skrivna",
    "Varför dessa, och inte andra: under analysen på bladet 2.4 Analys.",
)
KONTROLL_ATGARDER = (
    "Åtgärder har uppföljning",
    "Varje åtgärd i 3.1–3.3 ska ha text i Uppföljning.",
)
KONTROLL_BERORDA = (
    "Berörda är avstämda",
    "Där Berör även är ifyllt ska Avstämt med också vara det.",
)
KONTROLL_HANTERING = (
    "Förflyttningar har hantering",
    "Eget ärende eller nämndens budget, i 4.1 och 4.2.",
)
_KONTROLLER = (
    *(KONTROLL_NAMND, KONTROLL_INDEX, KONTROLL_ANALYS, KONTROLL_UPPFOLJNING),
    *(KONTROLL_ATGARDER, KONTROLL_SKAL, KONTROLL_BERORDA, KONTROLL_HANTERING),
)
#: What to do, and on which sheet; first where the workbook has no values yet.
FORSTA_STEG = (
    "Fyll i kommun och profil i de gula fälten ovan. Klicka sedan på Hämta Kolada, eller kör "
    "genomlysning uppdatera.",
    "Start",
)
STEG = (
    (
        "Läs värdena och anmärkningarna i 2.1–2.3. Stryk det som inte är aktuellt och lägg till "
        "egna nyckeltal.",
        "2.1 Ekonomi",
    ),
    ("Se hur kostnaderna står sig mot referenskostnaden.", "Referenskostnad"),
    ("Skriv nämndens analys.", "2.4 Analys"),
    (
        "Följ upp förra genomlysningens åtgärder, först i sin helhet och sedan en och en.",
        "3 Uppföljning",
    ),
    (
        "Skriv nya möjliga förflyttningar och stäm av dem som berör andra. Varför det blev just de "
        "skriver du under analysen.",
        "4.1 Inom förvaltningen",
    ),
    ("Läs sammanfattningen som nämndens ledamöter får den.", "Sammanfattning"),
)
KNAPPTEXT = (
    "Knapparna hämtar och räknar åt dig om Genomlysning är installerat på datorn. Längst ned står "
    "vad du gör om de saknas eller inte fungerar."
)
KNAPPHJALP = (
    (
        "Filen kom med mejl eller från nätet",
        "Windows stoppar makron i filer som kommer utifrån, också ur en zip-fil. Spara filen på "
        "din dator och stäng den. Högerklicka på den i Utforskaren, välj Egenskaper, kryssa för "
        "Avblockera och öppna den igen. Går det inte: be IT göra mappen till en betrodd plats.",
    ),
    (
        "En gul rad visas överst",
        "Välj Aktivera redigering och därefter Aktivera innehåll.",
    ),
    (
        "Utan Genomlysning på datorn",
        "Allt går att läsa, ändra och spara, och formlerna räknar som de ska. Värden kan inte "
        "hämtas där. Vill du det: be IT köra installera.ps1 från Genomlysning. Administratör "
        "behövs inte.",
    ),
    (
        "Inga knappar syns",
        "Då är filen en kopia för utskick, utan makron och formler. Allt går att läsa.",
    ),
    (
        "Windows och macOS",
        "Knapparna finns i Excel för Windows och macOS. Funktioner som KOLADA_VARDE finns bara i "
        "Windows. I Excel på webben och i telefonen går arbetsboken att läsa och ändra.",
    ),
)

# ---- Sammanfattning --------------------------------------------------------------------------

FRAGA = (
    "Har nämnden bättre resultat än liknande kommuner, till kostnader som inte överstiger "
    "referenskostnaden?"
)
IKORTHETSRUBRIK = "I korthet (utkast ur siffrorna, skrivs om vid uppdatering)"
PUNKTRUBRIKER = ("Diagrammets punkter", "x", "y")
#: The first header of the counts of verdicts; the others are the verdicts.
ANTALSKOLUMN = "Antal nyckeltal"

# ---- Referenskostnad -------------------------------------------------------------------------

SUMMARUBRIK = "Nämndens verksamheter tillsammans (Mkr)"
SUMMA_OVER, SUMMA_UNDER = "Summa över referenskostnad", "Summa under referenskostnad"
SUMMA_NETTO, UTAN_BELOPP = "Netto", "Verksamheter utan belopp"
SUMMANOT = (
    "Över och under är jämförelser mellan räkenskaper och referenskostnad. De är inte "
    "besparingar och avser inte nämndens budget."
)

# ---- 2.4 and 3 -------------------------------------------------------------------------------

UNDERLAGSRUBRIK = "Underlag ur siffrorna (utkast, skrivs om vid uppdatering)"
LAGESRUBRIK = "Åtgärderna i 3.1–3.3 just nu"
UTAN_STATUS = "Utan status"
FORFLYTTNINGSSTOD = (
    "Stöd för texten under analysen:",
    "Vad i analysen och uppföljningen pekar mot just dessa förflyttningar?",
    "Vilka andra har nämnden prövat, och varför valdes de bort?",
    "Vad i organisation och samverkan är kvar att pröva?",
)
UPPFOLJNINGSSTOD = (
    "Stöd för texten:",
    "Hur har åtgärderna påverkat nämndens effektivitet?",
    "Vilka besparingar har genomförts, och syns de i räkenskaperna?",
    "Vilka utredningar pågår, och vilka av dem krävde samordning i hela kommunen?",
    "Vad blev inte av, och varför?",
)


# ---- known again -----------------------------------------------------------------------------

#: Labels beside which, to the right, the program writes what it has reckoned.
_RAKNADE = frozenset(
    (
        *(label for label, _ in (*LAGET, *_KONTROLLER)),
        *(SUMMA_OVER, SUMMA_UNDER, SUMMA_NETTO, UTAN_BELOPP),
    )
)
_PA_ALLA = (EXEMPELMARKNING, EXEMPELFORKLARING, EXEMPELKALLA, EXEMPELTEXT)
_PA_BLAD: dict[str, tuple[str, ...]] = {
    START.namn: (
        *(*STARTRUBRIKER, KNAPPHJALPSRUBRIK, KNAPPTEXT),
        *(t for post in INSTALLNINGAR for t in (post.etikett, post.hjalp)),
        *(t for pair in (*LAGET, *_KONTROLLER, *KNAPPHJALP) for t in pair),
        *(t for t, _ in (FORSTA_STEG, *STEG)),
    ),
    SAMMANFATTNING.namn: (FRAGA, IKORTHETSRUBRIK, ANTALSRUBRIK),
    REFERENSKOSTNADSBLAD.namn: (
        *(SUMMARUBRIK, SUMMA_OVER, SUMMA_UNDER, SUMMA_NETTO, UTAN_BELOPP, SUMMANOT),
        REFERENSKOSTNAD_OVER_TID.rubrik,
    ),
    ANALYS.namn: (
        *(TEXTRUTOR[ANALYSTEXT][1], UNDERLAGSRUBRIK, TEXTRUTETIPS),
        *(TEXTRUTOR[FORFLYTTNINGSTEXT][1], *FORFLYTTNINGSSTOD),
    ),
    UPPFOLJNING.namn: (
        *(TEXTRUTOR[UPPFOLJNINGSTEXT][1], LAGESRUBRIK, TEXTRUTETIPS),
        *UPPFOLJNINGSSTOD,
    ),
}
#: What the line under the diagram of cost and quality began with in earlier versions.
_UTANFOR_TIDIGARE = "Saknar kvalitetsindex eller avvikelse och är inte i rutan:"
_MONSTER_PA_BLAD = {
    **{b.namn: _BELOPPSSUMMA.pattern for b in (*UPPFOLJNINGSBLAD, *FORFLYTTNINGSBLAD)},
    START.namn: rf"\d\. (?:{'|'.join(re.escape(sheet) for _, sheet in (FORSTA_STEG, *STEG))})",
    SAMMANFATTNING.namn: rf"(?:{re.escape(UTANFORTEXT)}|{re.escape(_UTANFOR_TIDIGARE)}).*",
    UPPFOLJNING.namn: rf"(?:{'|'.join((*LISTOR['genomforandestatus'], UTAN_STATUS))}): \d+",
}


_OVER_TID_TIDIGARE = (
    "Används för nyckeltal som inte går att jämföra med andra kommuners, till exempel belopp i "
    "Mkr, antal anställda och egna mätningar. Förändring är sista året minus det första."
)
#: What earlier versions of the program wrote, and that still stands in workbooks made with them.
_TIDIGARE: dict[str, tuple[str, ...]] = {
    START.namn: (
        "Nämndens namn som det ska stå i rubriker.",
        "Vilken uppsättning nyckeltal arbetsboken bygger på. Ändra inte.",
        "Året som nyckeltalen avser. Byter du följer värdena med vid uppdatering.",
        "Skriv nya möjliga förflyttningar och stäm av dem som berör andra.",
    ),
    **{b.namn: (_OVER_TID_TIDIGARE,) for b in NYCKELTALSBLAD},
    SAMMANFATTNING.namn: (
        "Källa: Kolada för publicerade avvikelser. Bedömningar, skillnader och summor: "
        f"{KALLA_EGEN}.",
    ),
    REFERENSKOSTNADSBLAD.namn: (
        "Källa: Kolada för värdena som de hämtats. Avvikelse (kr/inv), egen beräkning, ja/nej och "
        f"summor: {KALLA_EGEN}.",
    ),
    ANALYS.namn: (
        "Skriv nämndens egen analys i rutan till vänster. Till höger står ett underlag som "
        "programmet har tagit fram ur siffrorna: det är ett utkast att utgå från, inte en "
        "slutsats.",
    ),
    FORFLYTTNINGSBLAD[1].namn: (
        "Förflyttningar som nämnden inte kan genomföra ensam. Skriv vilka som berörs och med vilka "
        "ni har stämt av.",
    ),
}


def is_programtext(text: str, blad: Blad) -> bool:
    """Tell whether a text outside the tables is one that the program writes on this sheet."""
    return make_igenkannare(blad.namn)(text)


@cache
def make_igenkannare(namn: str) -> Callable[[str], bool]:
    """Return what tells, of texts outside the tables of a sheet, which are the program's own."""
    texts, varying = _list_texter(namn), _make_monster(namn)
    if varying is None:
        return texts.__contains__
    return lambda text: text in texts or varying.fullmatch(text) is not None


def is_beloppssumma(text: str) -> bool:
    """Tell whether a text is one that `plan.describe_summa` gives, the empty one too."""
    return _BELOPPSSUMMA.fullmatch(text.strip()) is not None


def is_raknad(etikett: str) -> bool:
    """Tell whether the program has reckoned what stands to the right of this label."""
    return etikett in _RAKNADE


def _list_texter(namn: str) -> frozenset[str]:
    blad = _find_blad(namn)
    own = (blad.rubrik, blad.ledtext, blad.kalla, *_PA_BLAD.get(namn, ()), *_TIDIGARE.get(namn, ()))
    return frozenset((*_PA_ALLA, *own))


def _make_monster(namn: str) -> re.Pattern[str] | None:
    heading, filled = re.subn(r"\\{\w+\\}", ".+", re.escape(_find_blad(namn).rubrik))
    patterns = [p for p in (heading if filled else "", _MONSTER_PA_BLAD.get(namn)) if p]
    return re.compile("|".join(patterns), re.DOTALL) if patterns else None


def _find_blad(namn: str) -> Blad:
    return next(b for b in MAKROBOKENS_BLAD if b.namn == namn)
