"""The report's standing text: our own words, with what Start says filled in.

A sentence about a setting that is empty is left out. A municipality with adopted words of its
own has them in a Word template (docs/kommandorad.md).
"""

from collections.abc import Iterator, Sequence

from genomlysning.ord import Kategori
from genomlysning.rapport.innehall import Uppgifter
from genomlysning.svenska import join_och

RUBRIK_1 = "Sveriges mest effektiva kommun"
RUBRIK_3 = "Uppföljning av möjliga förflyttningar"
RUBRIK_42 = "Möjliga förflyttningar som ska undersökas och som kräver kommunövergripande samordning"
#: Captions of the tables of measures, which stand right below their headings.
BILDTEXTER = {
    "KortSikt": "Uppföljning av åtgärder på kort sikt",
    "LangSikt": "Uppföljning av åtgärder på lång sikt",
    "UnderUtredning": "Uppföljning av åtgärder som utreds",
    "InomForvaltningen": "Förflyttningar som förvaltningen undersöker",
    "Kommunovergripande": "Förflyttningar som kräver samordning i kommunen",
}
_GRUPPNAMN = {
    Kategori.EKONOMI: "ekonomi",
    Kategori.PERSONAL: "personal",
    Kategori.KVALITET: "kvalitet",
}

MAL = (
    "En effektiv kommun ger invånarna mer för pengarna. Resultaten är bättre än i kommuner med "
    "liknande förutsättningar, och verksamheten kostar inte mer än den kan förväntas göra. Båda "
    "delarna behövs: en låg kostnad är inget mål i sig om kvaliteten blir lidande, och god "
    "kvalitet räcker inte om resurserna hade gjort större nytta någon annanstans."
)
MATT = (
    "Kostnaden ställs mot referenskostnaden, som visar vad en verksamhet förväntas kosta med de "
    "förutsättningar som kommunen har och inte själv råder över, till exempel invånarnas ålder "
    "och bebyggelsens struktur. Resultaten ställs mot kommuner som liknar {kommun}."
)
GENOMLYSNINGEN = (
    "Genomlysningen är {namndens} årliga genomgång av hur väl resurserna används och vad som kan "
    "göras bättre. Den omfattar organisation, ansvar och gränsdragningar, resurser som kan delas "
    "med andra nämnder och med kommunens bolag samt samverkan med andra kommuner."
)
DISPOSITION = (
    "I kapitel 2 redovisas nyckeltal och nämndens analys av dem. Kapitel 3 följer upp tidigare "
    "åtgärder, och kapitel 4 tar upp de förflyttningar som ska undersökas."
)
LIKNANDE = (
    "{kommun} jämförs med liknande kommuner, som är de kommuner som databasen Kolada bedömer ha "
    "mest lika förutsättningar, och med genomsnittet för alla kommuner. Båda är ovägda "
    "medelvärden. Ett streck betyder att värde saknas."
)
OVER_TID = "Nyckeltal som inte går att jämföra med andra kommuners visas i stället över tid."
MALET = (
    "Målet är bättre resultat än liknande kommuner till en kostnad som inte överstiger "
    "referenskostnaden. Så står sig verksamheterna{year}:"
)
GRUPPER = "De liknande kommunerna skiljer sig mellan områden:"
GRUPP = "De liknande kommunerna är:"
FORSTA = "Detta är nämndens första genomlysning. Det finns därför inga åtgärder att följa upp."
#: What a comment in the margin says of chapter 4.
RAD_4 = (
    "Skriv varför analysen och uppföljningen leder till just dessa förflyttningar, och varför "
    "andra valdes bort."
)
HANTERING = (
    "De hanteras som egna ärenden eller i nämndens budget och följs upp i samband med årsbokslutet."
)

UTAN_VARDEN = (
    "[Arbetsboken har inga värden{year}: inget nyckeltal och ingen kostnad är ifylld. Rapporten "
    "går därför inte att använda ännu.]"
)
MOJLIGT = "Det är vad nämnden vill undersöka, inte beslutade besparingar."
ANTAGET = (
    "Där uppgiften inte säger om det är per år eller en gång gäller det som står om åtgärdens "
    "möjliga effektivisering."
)

EJ_ANALYS = "[Nämndens analys är inte skriven. Den skrivs på bladet 2.4 Analys i arbetsboken.]"
EJ_UPPFOLJNING = (
    "[Den övergripande uppföljningen är inte skriven. Den skrivs på bladet 3 Uppföljning i "
    "arbetsboken.]"
)
EJ_RESONEMANG = (
    "[Varför det blev dessa förflyttningar, och inte andra, är inte skrivet. Det skrivs på bladet "
    "2.4 Analys i arbetsboken.]"
)
EJ_FORFLYTTNINGAR = (
    "[Inga förflyttningar är ifyllda. De skrivs på bladen 4.1 och 4.2 i arbetsboken.]"
)


def tell_ordning(u: Uppgifter, andra: int = 0) -> str:
    """Return which genomlysning this is, which came before it, and whether it is adopted.

    `andra` of the measures that are followed up do not come from the former one.
    """
    sentences = []
    if u.ordning:
        sentences.append(f"Detta är den {u.ordning} genomlysningen som {u.namnd_i_text} gör.")
    if (u.ordning and u.forra) or u.forra_antagen:
        sentences.append(_tell_forra(u, andra))
    if u.antagen:
        sentences.append(f"Genomlysningen antogs {u.antagen}.")
    return " ".join(sentences)


def _tell_forra(u: Uppgifter, andra: int) -> str:
    """Return when the former genomlysning was made and adopted, and what it led to."""
    told = [f"är från {u.forra}"] if u.forra else []
    told += [f"antogs {u.forra_antagen}"] if u.forra_antagen else []
    if u.forra_atgarder:
        more = f" tillsammans med {andra} andra" if andra else ""
        told.append(f"ledde till {u.forra_atgarder}, som följs upp i kapitel 3{more}")
    *first, last = told
    # A paragraph is told after a comma of its own, so one ends it too.
    comma = "," if u.forra_antagen and u.forra_atgarder else ""
    return f"Den föregående {', '.join(first)}{comma}{' och ' if first else ''}{last}."


def tell_nyckeltal(u: Uppgifter, kategorier: Sequence[Kategori]) -> str:
    """Return what chapter 2 shows."""
    if not kategorier:
        return f"Här bedöms {u.namndens} effektivitet."
    names = join_och([_GRUPPNAMN[k] for k in kategorier])
    groups = f" De är indelade i {names}." if len(kategorier) > 1 else ""
    return f"Här visas de nyckeltal som säger mest om {u.namndens} effektivitet.{groups}"


def tell_uppfoljning(u: Uppgifter) -> str:
    """Return what chapter 3 follows up."""
    when = f" {u.forra}" if u.forra else ""
    return (
        f"Här följs de förflyttningar upp som togs upp i den föregående genomlysningen{when}: hur "
        "det har gått och vad det har gett."
    )


def tell_forflyttningar(u: Uppgifter) -> Iterator[str]:
    """Yield what chapter 4 is about, and how the moves are dealt with."""
    yield (
        f"Analysen och uppföljningen visar var det finns mer att göra. {u.namnd} avser att "
        "undersöka nedanstående förflyttningar, utöver det som redan är beslutat."
    )
    yield HANTERING
