"""The sentences of the municipality's report: what the tables come to, in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from genomlysning import summaord
from genomlysning.bok.plan import Rad
from genomlysning.kallrad import Tal, tell_kalla
from genomlysning.rapport.beloppsord import Beloppslage, tell_belopp
from genomlysning.rapport.texter import ANTAGET
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.pengar import format_belopp
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.bokbenamning import INGAR_INTE
from genomlysning.sammanstallning.kommunkostnad import read_avvikelse
from genomlysning.sammanstallning.sammanforing import Sammanstallning
from genomlysning.sammanstallning.samordning import (
    AVSTAMT,
    INGEN_ANGIVEN,
    OKLART,
    cut_tillagg,
    is_samordnad,
)
from genomlysning.sammanstallning.tal import (
    ARLIG,
    EJ_ANGIVET,
    EJ_LASBAR,
    ENGANG,
    OBERAKNELIGT,
    TOMT,
    Flyttsumma,
    Malsvar,
    count_mal,
    count_svar,
    list_summerade,
    sum_flyttar,
    sum_referens,
)
from genomlysning.svenska import format_tal, join_nagra, join_och, lower_first, uppraknat

#: So many names are listed; the rest are counted. In the summary fewer, and figures fewest.
MEST_NAMN = 8
_MEST_I_KORTHET, _MEST_SAMST = 4, 3
#: So many committees are named in a cell of a table.
MEST_I_CELL = 3
_STRECK = "\u2013"

RUBRIK_SAMMANFATTNING = "Sammanfattning"
RUBRIK_NAMNDER = "Nämnderna sida vid sida"
RUBRIK_REFERENS = "Kostnad mot referenskostnad"
RUBRIK_NYCKELTAL = "Nyckeltal jämförda med liknande kommuner"
RUBRIK_UPPFOLJNING = "Åtgärderna från förra genomlysningen"
RUBRIK_FLYTTAR = "Möjliga förflyttningar"
RUBRIK_SAMORDNING = "Förslag som kräver samordning eller berör andra"
RUBRIK_LIKA = "Förslag som liknar varandra"
RUBRIK_UNDERLAG = "Underlaget och vad som saknas"

MALET = (
    "Målet är bättre resultat än liknande kommuner till en kostnad som inte överstiger "
    "referenskostnaden. Referenskostnaden är vad en verksamhet förväntas kosta med de "
    "förutsättningar som kommunen har och inte själv råder över."
)
NAMNDER = (
    "Hur många av nämndens verksamheter som håller sig inom referenskostnaden, har bättre resultat "
    "än liknande kommuner och uppfyller målet. Avvikelserna är summor av verksamheternas; netto "
    "för dem tillsammans står i nästa kapitel."
)
BEDOMNINGAR = (
    "Bättre och sämre räknar även mål som nås eller inte nås. Om en kostnad är lägre eller högre "
    "än hos liknande kommuner är varken bra eller dåligt i sig."
)
REFERENS = "Varje verksamhet står en gång, även när flera nämnder redovisar den."
UTANFOR = "Följande redovisas av nämnderna men ingår inte i summan."
SKILLNAD = (
    "Skillnaden är i procent av värdet för liknande kommuner, för ett index i enheter, och störst "
    "skillnad står överst. Ett nyckeltal som flera nämnder redovisar lika står en gång."
)
FLERA_GANGER = "Ett förslag som flera nämnder har lämnat är räknat en gång för var och en."
FLYTTAR = (
    "Beloppen är lästa ur nämndernas egna ord och visas som spann när nämnden har skrivit ett. "
    f"{FLERA_GANGER} Det som inte går att läsa säkert räknas inte, och inget är gissat. Summorna "
    "är vad nämnderna vill undersöka, inte beslutade besparingar."
)
SAMORDNING = (
    "Här står de efter vem de berör, och samma förslag en gång för var och en. Avstämning är läst "
    f"ur det som nämnden har skrivit. Med ”{AVSTAMT}” menas att den som berörs är nämnd där, inte "
    f"att man är överens. Med ”{OKLART}” menas att texten också har ett ”inte” eller ”utom”, en "
    "fråga eller något som ska göras."
)
UTAN_AVSLUTADE = "Åtgärder som är genomförda eller avbrutna är inte med."
LIKA = (
    "Följande förslag kommer från olika nämnder men har ovanliga ord eller samma Område gemensamt. "
    "Av ett förslag som liknar många andra visas de mest lika paren. Urvalet är gjort av "
    "programmet och säger inte att de hör ihop: läs dem bredvid varandra och bedöm."
)
SLAGEN = (
    "Ej angivet: varken beloppet eller Effekt säger om det är per år eller en gång. Går inte att "
    "beräkna (enligt nämnden) och Kan inte läsas är antal förslag. Inom förvaltningen är förslag "
    "som förvaltningen själv undersöker, Kommunövergripande sådana som kräver samordning i "
    "kommunen."
)
KALLA_NAMNDERNA = "Källa: nämndernas arbetsböcker."


def tell_kallor(tal: Iterable[Tal], *egna: str) -> str:
    """Return the source of numbers of verksamheter, and of other things, all of them ours."""
    return f"{KALLA_NAMNDERNA} {tell_kalla(tal, egna)}"


def list_tal(rader: Iterable[Rad], nycklar: Sequence[str]) -> Iterator[Tal]:
    """Yield the numbers of some verksamheter (rows of `bladen.VERKSAMHETER`) in some columns."""
    for r in rader:
        own = read_avvikelse(r).egna_tal
        for key in nycklar:
            if isinstance(r[key], float):
                yield Tal(key, str(r["verksamhet"]), key in own)


def tell_forst(data: Sammanstallning) -> str:
    """Return what must be known before anything else is read; empty where all is in it."""
    told = []
    if data.avvisade:
        names = join_nagra([a.fil for a in data.avvisade], MEST_NAMN)
        told.append(f"{uppraknat(len(data.avvisade), 'fil', 'filer')} är inte med ({names}).")
    if data.saknade:
        told.append(f"Ingen arbetsbok finns från {join_nagra(data.saknade, MEST_NAMN)}.")
    if other := list_andra(data):
        told.append(
            f"Annat år eller annan kommun än de flesta, och därför inte i kommunens tal: "
            f"{join_nagra(other, MEST_NAMN)}."
        )
    if unknown := list_okanda(data):
        told.append(
            f"Kommun eller dataår saknas i filen från {join_nagra(unknown, MEST_NAMN)}: förslagen "
            "är med i summorna, men inte kostnaderna mot referenskostnad."
        )
    if data.dubbletter:
        told.append(
            "Flera filer kommer från samma nämnd, så dess förflyttningar kan vara räknade flera "
            "gånger."
        )
    if not told:
        return ""
    how = "OFULLSTÄNDIG" if data.avvisade else "KAN VARA OFULLSTÄNDIG"
    return f"{how}: {' '.join(told)} Läs mer i kapitlet ”{RUBRIK_UNDERLAG}”."


def list_andra(data: Sammanstallning) -> list[str]:
    """Return the committees whose files are of another year or municipality, with which."""
    return [
        f"{cut_tillagg(str(r['namnd']))} "
        f"({r['kommun'] or 'utan kommun'} {r['year'] or 'utan dataår'})"
        for r in data.tabeller[bladen.FILER.namn]
        if r["namnd"] in data.utanfor
    ]


def list_okanda(data: Sammanstallning) -> list[str]:
    """Return the committees whose files do not say of which municipality or year they are."""
    return [
        str(r["namnd"])
        for r in data.egna(bladen.FILER)
        if (r["kommun"], r["year"]) != (data.kommun, data.year)
    ]


# ---- the summary -----------------------------------------------------------------------------


def tell_inledning(data: Sammanstallning) -> str:
    """Return what the report is made of."""
    own = len({cut_tillagg(str(r["namnd"])) for r in data.egna(bladen.NAMNDER)})
    count = uppraknat(own, "nämnds genomlysning", "nämnders genomlysningar")
    joined = "sammanställd" if own == 1 else "sammanställda"
    year = f" Värdena gäller {data.year} om inget annat sägs." if data.year else ""
    text = f"Här är {count} i {data.kommun} {joined}.{year}"
    return f"{text} {describe_utanfor(data)}" if data.utanfor else text


def tell_oskrivet(data: Sammanstallning) -> str:
    """Return who has not written what; empty where all have written everything."""
    told = [
        f"{part.lower()} från {join_nagra(names, MEST_NAMN)}"
        for part, names in data.tomma_delar.items()
    ]
    return f"Det finns {'; '.join(told)}." if told else ""


def tell_mal(verksamheter: Sequence[Rad]) -> str:
    """Return how many verksamheter meet the goal."""
    goal = count_mal(verksamheter)
    if not goal.alla:
        return bladen.UTAN_RADER[bladen.VERKSAMHETER.namn]
    met = [str(r["verksamhet"]) for r in list_summerade(verksamheter) if r["uppfyller"] == "Ja"]
    named = f" ({join_nagra(met, _MEST_I_KORTHET)})" if met else ""
    if goal.alla == 1:
        how = "uppfyller" if goal.ja else "uppfyller inte" if goal.nej else "kan inte bedömas mot"
        return f"Den enda verksamheten med referenskostnad {how} målet{named}."
    rest = ((goal.nej, "gör det inte"), (goal.okant, "kan inte bedömas"))
    told = [f"{_antal(goal.ja)} av {goal.alla} verksamheter uppfyller målet{named}"]
    return f"{join_och([*told, *(f'{n} {how}' for n, how in rest if n)])}."


def tell_kostnader(namnder: Sequence[Rad], redovisat: Sequence[Rad]) -> Iterator[str]:
    """Yield how many committees keep within reference cost, and how many have better results.

    `redovisat` is what they report of each verksamhet, and tells which can be judged.
    """
    with_any = [r for r in namnder if r["verksamheter"]]
    if not with_any:
        return

    def count(nyckel: str) -> dict[str, Malsvar]:
        return {
            name: count_svar(r[nyckel] for r in redovisat if r["namnd"] == name)
            for name in (str(r["namnd"]) for r in with_any)
        }

    yield _split(
        "Kostnaden ligger inom referenskostnaden",
        count("inom"),
        *("i alla verksamheter", "i en del av verksamheterna", "inte i någon verksamhet"),
    )
    yield _split(
        "Resultatet är bättre än hos liknande kommuner",
        count("battre"),
        *("i alla verksamheter", "i en del av verksamheterna", "inte i någon som kan bedömas"),
    )


def _split(what: str, svar: Mapping[str, Malsvar], *led: str) -> str:
    """Say in which committees something holds for all, some and none of their verksamheter.

    Those of which nothing can be judged stand apart, since that says nothing of them.
    """
    groups: dict[str, list[str]] = {text: [] for text in led}
    every, some, none = led
    unknown: list[str] = []
    for name, s in svar.items():
        if s.okant == s.alla:
            unknown.append(name)
        else:
            groups[every if s.ja == s.alla else some if s.ja else none].append(name)
    parts = [f"{text} {_hos(names)}" for text, names in groups.items() if names]
    if not parts:
        return f"Om {lower_first(what)} kan inte bedömas {_hos(unknown)}."
    text = f"{what} {join_och(parts)}."
    return f"{text} Det kan inte bedömas {_hos(unknown)}." if unknown else text


def _hos(namnder: Sequence[str]) -> str:
    count = uppraknat(len(namnder), "nämnd", "nämnder")
    return f"hos {count} ({join_nagra(namnder, _MEST_I_KORTHET)})"


def tell_summa(verksamheter: Sequence[Rad]) -> str:
    """Return the municipality's sums against reference cost."""
    return summaord.tell_summa(sum_referens(verksamheter), summaord.NAMNDERNAS_BUDGETAR)


def tell_nyckeltal(antal: Mapping[str, int], samst: Sequence[str]) -> str:
    """Return how the figures stand, by verdict, and which are the worst of them."""

    def count(*words: Bedomning) -> int:
        return sum(antal.get(w.value, 0) for w in words)

    total = sum(antal.values())
    if not total:
        return "Inga nyckeltal är jämförda med andra kommuner."
    text = (
        f"Av {uppraknat(total, 'jämfört nyckeltal', 'jämförda nyckeltal')} är "
        f"{count(Bedomning.BATTRE, Bedomning.INOM_MALET)} bättre och "
        f"{count(Bedomning.SAMRE, Bedomning.OVER_MALET)} sämre än hos liknande kommuner eller mot "
        f"sitt mål. {uppraknat(count(Bedomning.LAGRE), 'kostnad', 'kostnader')} är lägre och "
        f"{count(Bedomning.HOGRE)} högre."
    )
    if samst:
        names = join_och([lower_first(n) for n in samst[:_MEST_SAMST]])
        text += f" Störst skillnad åt fel håll har {names}."
    return text


def describe_utanfor(data: Sammanstallning) -> str:
    """Say how many files are of another year or municipality, and how they are shown."""
    count = uppraknat(len(data.utanfor), "fil", "filer")
    return (
        f"{count} till gäller ett annat år eller en annan kommun. Där uppgifterna visas står "
        f"”{INGAR_INTE}” efter nämndens namn, och de räknas inte i kommunens tal."
    )


def tell_utfall(lage: Beloppslage) -> str:
    """Return what the measures of the former genomlysning have come to."""
    told = tell_belopp(lage, "Realiserad effekt", "åtgärd", "åtgärder")
    return " ".join([told, *([ANTAGET] if lage.antagna else [])])


def tell_flyttar(rader: Sequence[Rad]) -> str:
    """Return how many moves the municipality has and what their amounts come to."""
    if not rader:
        return bladen.UTAN_RADER[bladen.FORFLYTTNINGAR.namn]
    kinds = ((ARLIG, "per år"), (ENGANG, "en gång"), (EJ_ANGIVET, "utan uppgift om vilket"))
    sums = [
        f"{_belopp(total)} {how}"
        for kind, how in kinds
        if (total := sum_flyttar(rader, kind)).antal
    ]
    text = f"Nämnderna föreslår {uppraknat(len(rader), 'förflyttning', 'förflyttningar')}."
    if sums:
        text += f" Beloppen som går att läsa är tillsammans {join_och(sums)}."
        if len({r["namnd"] for r in rader}) > 1:
            text += f" {FLERA_GANGER}"
    uncounted, unread, empty = (
        sum_flyttar(rader, k).antal for k in (OBERAKNELIGT, EJ_LASBAR, TOMT)
    )
    outside = [
        told
        for count, told in (
            (uncounted, f"{uncounted} förslag går enligt nämnden inte att beräkna"),
            (unread, f"{unread} belopp går inte att läsa"),
        )
        if count
    ]
    if outside:
        who = "de" if uncounted + unread > 1 else "det"
        text += f" {join_och(outside)}; {who} ingår inte."
    if empty:
        text += f" {empty} förslag saknar belopp."
    return text


def _belopp(summa: Flyttsumma) -> str:
    low, high = (Decimal(round(v * 1000)) for v in (summa.lagst, summa.hogst))
    return format_belopp(low, high).replace("mkr", "Mkr")  # as the other sums


def tell_samordning(rader: Sequence[Rad], samordning: Sequence[Rad]) -> str:
    """Return how many moves concern others, and in how many cases it has been checked."""
    concerned = sum(map(is_samordnad, rader))
    if not concerned:
        return bladen.UTAN_RADER[bladen.SAMORDNING.namn]
    text = f"{concerned} av {len(rader)} förslag kräver samordning eller berör andra."
    states = [
        r["lage"]
        for r in samordning
        if r["lage"] and r["berord"] != INGEN_ANGIVEN and str(r["kapitel"]).startswith("4")
    ]
    checked = states.count(AVSTAMT)
    if len(states) == 1:
        how = "nämns den" if checked else "nämns den inte"
        text += f" I det enda fall där det står vem som berörs {how} i Avstämt med."
    elif states:
        text += (
            f" I {checked or 'inget'} av de {len(states)} fall där det står vem som berörs nämns "
            "den i Avstämt med."
        )
    return text


def tell_lika(antal: int) -> str:
    """Return how many pairs of moves look alike."""
    if antal == 1:
        return "Två förslag från olika nämnder liknar varandra och bör läsas tillsammans."
    return f"{antal} gånger liknar två förslag från olika nämnder varandra; läs dem tillsammans."


# ---- ranges ----------------------------------------------------------------------------------


def format_spann(lagst: float, hogst: float) -> str:
    """Write an amount in tkr, one number or a range: '500', '500–1 000'."""
    decimals = 0 if all(round(v) == v for v in (lagst, hogst)) else 1
    low, high = (format_tal(v, decimals) for v in (lagst, hogst))
    return high if low == high else f"{low}{_STRECK}{high}"


def tell_resten(visade: int, alla: int, vad: str, blad: str, bok: str) -> str:
    """Say where the rest is, when a table shows only the first of its rows; else nothing."""
    if visade >= alla:
        return ""
    return f"Här visas {visade} av {alla} {vad}. Alla står på bladet {blad} i {bok}."


def _antal(tal: int) -> str:
    return "Ingen" if tal == 0 else str(tal)
