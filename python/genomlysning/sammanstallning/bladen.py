"""The sheets, tables and columns of the municipality's workbook: the one description of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from genomlysning.bok.beskrivning import Blad, Kolumn, Slag, Tabell
from genomlysning.bok.formler import column
from genomlysning.regler.bedomning import Bedomning

#: Stands for the committee where it is about them all, and where a file or a committee is missing.
ALLA_NAMNDER, LASTA_NAMNDER = "Alla nämnder", "De nämnder vars filer är med"
#: Added to a sheet's guidance where files of another year or municipality are among its rows.
OM_UTANFOR = (
    "Där det står ”ingår inte” efter nämndens namn gäller filen ett annat år eller en annan "
    "kommun. De raderna står sist och räknas inte i kommunens tal."
)
_NAMND = Kolumn("namnd", "Nämnd", 28, Slag.LANG_TEXT, fet=True, rubrikkolumn=True)
_KAPITEL = Kolumn("kapitel", "Kapitel", 8)
_BELOPP = Kolumn("belopp", "Möjlig effektivisering", 18, Slag.LANG_TEXT)
_OVRIGT = Kolumn("ovrigt", "Övrigt i raden", 24, Slag.LANG_TEXT)
_KOMMENTAR = Kolumn("kommentar", "Kommentar", 30, Slag.LANG_TEXT)
_KALLA = "Källa: nämndernas arbetsböcker, med värden från Kolada. {0}"
_EGEN = _KALLA.format("Sammanställning och summor: Egen bearbetning av uppgifter från Kolada.")


def _count(tabell: str, **villkor: str) -> str:
    """Return the formula that counts a committee's rows with one of these words in a column.

    Not COUNTIFS, in which a name with an asterisk would stand for others too.
    """
    terms = [f"({column(tabell, 'Nämnd')}={{namnd}})"]
    for header, words in villkor.items():
        found = (f'({column(tabell, _RUBRIK[header])}="{w}")' for w in words.split("|"))
        terms.append(f"({'+'.join(found)})")
    return f"=SUMPRODUCT({'*'.join(terms)}*1)"


def _sum_mkr(which: str) -> str:
    """Return the formula that sums a committee's deviations above or below zero.

    Without any that is counted the sum is empty: it would say that the committee is level.
    """
    mkr, ours = column("Redovisat", "Avvikelse (Mkr)"), column("Redovisat", "Nämnd")
    counted = f'({ours}={{namnd}})*({column("Redovisat", "I egen summa")}="Ja")'
    known = f"SUMPRODUCT({counted}*ISNUMBER({mkr}))"
    return f'=IF({known}=0,"",SUMPRODUCT({counted}*({mkr}{which}0)*{mkr}))'


def _verdicts(*words: Bedomning) -> str:
    return _count("AllaNyckeltal", bedomning="|".join(words))


_RUBRIK = {
    "bedomning": "Bedömning",
    "inom": "Inom referenskostnaden",
    "battre": "Bättre resultat",
    "uppfyller": "Uppfyller målet",
    "kapitel": "Kapitel",
}
NAMNDER = Tabell(
    "Namnder",
    (
        _NAMND,
        Kolumn("year", "Dataår", 8, Slag.HELTAL),
        Kolumn("verksamheter", "Verksamheter", 12, Slag.HELTAL, formel=_count("Redovisat")),
        Kolumn(
            "inom", "Inom referenskostnaden", 19, Slag.HELTAL, formel=_count("Redovisat", inom="Ja")
        ),
        Kolumn(
            "battre_resultat",
            "Bättre resultat",
            10,
            Slag.HELTAL,
            formel=_count("Redovisat", battre="Ja"),
        ),
        Kolumn(
            "uppfyller",
            "Uppfyller målet",
            10,
            Slag.HELTAL,
            formel=_count("Redovisat", uppfyller="Ja"),
        ),
        Kolumn("over", "Över referenskostnad (Mkr)", 18, Slag.MKR, formel=_sum_mkr(">")),
        Kolumn("under", "Under referenskostnad (Mkr)", 18, Slag.MKR, formel=_sum_mkr("<")),
        Kolumn(
            "battre",
            "Nyckeltal bättre",
            10,
            Slag.HELTAL,
            formel=_verdicts(Bedomning.BATTRE, Bedomning.INOM_MALET),
        ),
        Kolumn("niva", "I nivå", 8, Slag.HELTAL, formel=_verdicts(Bedomning.I_NIVA)),
        Kolumn("lagre", "Lägre kostnad", 9, Slag.HELTAL, formel=_verdicts(Bedomning.LAGRE)),
        Kolumn("hogre", "Högre kostnad", 9, Slag.HELTAL, formel=_verdicts(Bedomning.HOGRE)),
        Kolumn(
            "samre",
            "Nyckeltal sämre",
            10,
            Slag.HELTAL,
            formel=_verdicts(Bedomning.SAMRE, Bedomning.OVER_MALET),
        ),
        Kolumn("okant", "Kan inte bedömas", 9, Slag.HELTAL, formel=_verdicts(Bedomning.OKANT)),
        Kolumn("flyttar", "Förflyttningar", 13, Slag.HELTAL, formel=_count("AllaForflyttningar")),
        Kolumn(
            "samordnas",
            "varav i 4.2",
            8,
            Slag.HELTAL,
            formel=_count("AllaForflyttningar", kapitel="4.2"),
        ),
    ),
)
VERKSAMHETER = Tabell(
    "Verksamheter",
    (
        Kolumn("verksamhet", "Verksamhet", 30, Slag.LANG_TEXT, fet=True, rubrikkolumn=True),
        Kolumn("namnder", "Redovisas av", 28, Slag.LANG_TEXT),
        Kolumn("year", "År", 7, Slag.HELTAL),
        Kolumn("netto", "Nettokostnad (kr/inv)", 13, Slag.KRONOR),
        Kolumn("referens", "Referenskostnad (kr/inv)", 15, Slag.KRONOR),
        Kolumn("procent", "Avvikelse (%)", 11, Slag.PROCENT),
        Kolumn("mkr", "Avvikelse (Mkr)", 11, Slag.MKR),
        Kolumn("liknande", "Liknande avvikelse (%)", 12, Slag.PROCENT),
        Kolumn("inom", "Inom referenskostnaden", 17, Slag.OMDOME),
        Kolumn("battre", "Bättre resultat", 17, Slag.OMDOME),
        Kolumn("uppfyller", "Uppfyller målet", 17, Slag.OMDOME),
        Kolumn("summan", "I summan", 9),
        Kolumn("anmarkning", "Anmärkning", 50, Slag.LANG_TEXT),
    ),
)
REDOVISAT = Tabell(
    "Redovisat",
    (
        _NAMND,
        Kolumn("verksamhet", "Verksamhet", 28, Slag.LANG_TEXT),
        *VERKSAMHETER.kolumner[2:11],
        Kolumn("raknas", "I egen summa", 9),
        Kolumn("index", "Kvalitetsindex", 11, Slag.INDEX),
        Kolumn("index_liknande", "Kvalitetsindex liknande", 11, Slag.INDEX),
        Kolumn("resursindex", "Resursindex", 11, Slag.INDEX),
        Kolumn("effektivitetsindex", "Effektivitetsindex", 12, Slag.INDEX),
        Kolumn("anmarkning", "Anmärkning", 44, Slag.LANG_TEXT),
        _OVRIGT,
    ),
)
NYCKELTAL = Tabell(
    "AllaNyckeltal",
    (
        _NAMND,
        Kolumn("nyckeltal", "Nyckeltal", 44, Slag.LANG_TEXT),
        Kolumn("bedomning", "Bedömning", 17, Slag.OMDOME),
        Kolumn("varde", "Eget värde", 11, Slag.TAL),
        Kolumn("liknande", "Liknande kommuner", 11, Slag.TAL),
        Kolumn("skillnad", "Skillnad", 10, Slag.TAL),
        Kolumn("andel", "Skillnad (%)", 10, Slag.PROCENT),
        Kolumn("enhet", "Enhet", 12),
        Kolumn("year", "År", 7, Slag.HELTAL),
        _KOMMENTAR,
        Kolumn("riktning", "Önskad riktning", 10),
        Kolumn("kategori", "Kategori", 11),
        Kolumn("snitt", "Alla kommuner", 11, Slag.TAL),
        Kolumn("anmarkning", "Anmärkning", 44, Slag.LANG_TEXT),
        _OVRIGT,
    ),
)
OVER_TID = Tabell(
    "AllaOverTid",
    (
        _NAMND,
        Kolumn("nyckeltal", "Nyckeltal", 44, Slag.LANG_TEXT),
        Kolumn("kategori", "Kategori", 11),
        Kolumn("enhet", "Enhet", 12),
        Kolumn("year", "Sista året", 9, Slag.HELTAL),
        Kolumn("year_1", "Två år före", 11, Slag.TAL),
        Kolumn("year_2", "Året före", 11, Slag.TAL),
        Kolumn("year_3", "Sista årets värde", 11, Slag.TAL),
        Kolumn("utveckling", "Utveckling", 17, Slag.OMDOME),
        _KOMMENTAR,
        Kolumn("anmarkning", "Anmärkning", 44, Slag.LANG_TEXT),
        _OVRIGT,
    ),
)
REFERENS_OVER_TID = Tabell(
    "ReferensOverTid",
    (
        _NAMND,
        Kolumn("verksamhet", "Verksamhet", 34, Slag.LANG_TEXT),
        Kolumn("year", "Sista året", 9, Slag.HELTAL),
        Kolumn("year_1", "Fyra år före", 11, Slag.PROCENT),
        Kolumn("year_2", "Tre år före", 11, Slag.PROCENT),
        Kolumn("year_3", "Två år före", 11, Slag.PROCENT),
        Kolumn("year_4", "Året före", 11, Slag.PROCENT),
        Kolumn("year_5", "Sista årets värde", 11, Slag.PROCENT),
        Kolumn("anmarkning", "Anmärkning", 44, Slag.LANG_TEXT),
        _OVRIGT,
    ),
)
FORFLYTTNINGAR = Tabell(
    "AllaForflyttningar",
    (
        _NAMND,
        _KAPITEL,
        Kolumn("omrade", "Område", 22, Slag.LANG_TEXT),
        Kolumn("beskrivning", "Beskrivning", 44, Slag.LANG_TEXT),
        _BELOPP,
        Kolumn("effekt", "Effekt", 9),
        Kolumn("raknas", "Räknas som", 15),
        Kolumn("lagst", "Lägst (tkr)", 11, Slag.KRONOR),
        Kolumn("hogst", "Högst (tkr)", 11, Slag.KRONOR),
        Kolumn("summan", "I summan", 19, Slag.LANG_TEXT),
        Kolumn("beror", "Berör även", 28, Slag.LANG_TEXT),
        Kolumn("avstamt", "Avstämt med", 25, Slag.LANG_TEXT),
        Kolumn("hanteras", "Hanteras som", 17, Slag.LANG_TEXT),
        Kolumn("bokslut", "Läge vid årsbokslut", 18, Slag.LANG_TEXT),
        _OVRIGT,
    ),
)
SAMORDNING = Tabell(
    "Samordning",
    (
        Kolumn("berord", "Berörd", 26, Slag.LANG_TEXT, fet=True, rubrikkolumn=True),
        Kolumn("namnd", "Föreslås av", 28, Slag.LANG_TEXT),
        _KAPITEL,
        Kolumn("omrade", "Område", 22, Slag.LANG_TEXT),
        Kolumn("beskrivning", "Beskrivning", 40, Slag.LANG_TEXT),
        _BELOPP,
        Kolumn("beror", "Berör även, som det står", 28, Slag.LANG_TEXT),
        Kolumn("avstamt", "Avstämt med", 27, Slag.LANG_TEXT),
        Kolumn("lage", "Avstämning", 26, Slag.LANG_TEXT),
        Kolumn("status", "Genomförandestatus", 20, Slag.LANG_TEXT),
        Kolumn("uppfoljning", "Uppföljning", 30, Slag.LANG_TEXT),
    ),
)
LIKA = Tabell(
    "LiknandeForslag",
    (
        _NAMND,
        Kolumn("text", "Förslag", 50, Slag.LANG_TEXT),
        Kolumn("belopp", "Möjlig effektivisering", 16, Slag.LANG_TEXT),
        Kolumn("namnd_2", "Annan nämnd", 30, Slag.LANG_TEXT),
        Kolumn("text_2", "Dess förslag", 50, Slag.LANG_TEXT),
        Kolumn("belopp_2", "Dess möjliga effektivisering", 16, Slag.LANG_TEXT),
        Kolumn("likhet", "Likhet (%)", 9, Slag.HELTAL),
        Kolumn("gemensamt", "Gemensamma ord", 24, Slag.LANG_TEXT),
    ),
)
UPPFOLJNING = Tabell(
    "AllUppfoljning",
    (
        _NAMND,
        _KAPITEL,
        Kolumn("atgard", "Åtgärd", 24, Slag.LANG_TEXT),
        Kolumn("beskrivning", "Beskrivning", 38, Slag.LANG_TEXT),
        _BELOPP,
        Kolumn("uppfoljning", "Uppföljning", 38, Slag.LANG_TEXT),
        Kolumn("status", "Genomförandestatus", 20, Slag.LANG_TEXT),
        Kolumn("realiserad", "Realiserad effekt", 16, Slag.LANG_TEXT),
        Kolumn("samordning", "Kräver samordning", 11),
        Kolumn("ursprung", "Ursprung", 32, Slag.LANG_TEXT),
        _OVRIGT,
    ),
)
TEXTER = Tabell(
    "Texter",
    (
        _NAMND,
        Kolumn("analys", "Nämndens analys (2.4)", 88, Slag.LANG_TEXT),
        Kolumn("uppfoljning", "Uppföljningen i stort (3)", 60, Slag.LANG_TEXT),
        Kolumn("skal", "Varför dessa förflyttningar (4)", 60, Slag.LANG_TEXT),
    ),
)
ANTECKNINGAR = Tabell(
    "Anteckningar",
    (
        _NAMND,
        Kolumn("blad", "Blad", 24, Slag.LANG_TEXT),
        Kolumn("cell", "Cell", 9),
        Kolumn("slag", "Slag", 20),
        Kolumn("text", "Text", 84, Slag.LANG_TEXT),
    ),
)
FILER = Tabell(
    "Filer",
    (
        Kolumn("fil", "Fil", 34, Slag.LANG_TEXT, fet=True, rubrikkolumn=True),
        Kolumn("namnd", "Nämnd", 26, Slag.LANG_TEXT),
        Kolumn("kommun", "Kommun", 16),
        Kolumn("year", "Dataår", 8, Slag.HELTAL),
        Kolumn("period", "Period", 12),
        Kolumn("hamtad", "Hämtad", 12, Slag.DATUM),
        Kolumn("antagen", "Antagen", 20, Slag.LANG_TEXT),
        Kolumn("anmarkning", "Att känna till", 76, Slag.LANG_TEXT),
    ),
)

#: What is said below a table that has no rows.
UTAN_RADER = {
    VERKSAMHETER.namn: "Ingen verksamhet har en referenskostnad att jämföra med.",
    REDOVISAT.namn: "Nämnderna redovisar inga verksamheter med referenskostnad.",
    NYCKELTAL.namn: "Nämndernas arbetsböcker har inga jämförda nyckeltal.",
    OVER_TID.namn: "Nämndernas arbetsböcker har inga nyckeltal över tid.",
    REFERENS_OVER_TID.namn: "Nämnderna redovisar ingen nettokostnadsavvikelse över tid.",
    FORFLYTTNINGAR.namn: "Nämnderna har inte fyllt i några möjliga förflyttningar.",
    SAMORDNING.namn: "Inget förslag sägs kräva samordning eller beröra andra.",
    LIKA.namn: "Inga förslag liknar varandra.",
    UPPFOLJNING.namn: "Nämnderna har inte fyllt i några åtgärder från förra genomlysningen.",
    TEXTER.namn: "Nämnderna har inte skrivit någon analys eller uppföljning i stort.",
    ANTECKNINGAR.namn: "Inget är skrivet vid sidan av tabellerna.",
}
#: The last column that is printed of a table too wide for a page; the rest is for the screen.
SISTA_PA_PAPPER = {
    REDOVISAT.namn: "raknas",
    NYCKELTAL.namn: "kommentar",
    OVER_TID.namn: "kommentar",
    FORFLYTTNINGAR.namn: "avstamt",
}


def _describe_papper(tabell: Tabell) -> str:
    last = SISTA_PA_PAPPER[tabell.namn]
    header = next(k.rubrik for k in tabell.kolumner if k.nyckel == last)
    return f"Kolumnerna till höger om ”{header}” skrivs inte ut."


INNEHALL = Blad("Innehåll", "BladInnehall", "Kommunens genomlysningar")
NAMNDBLAD = Blad(
    "Nämnderna",
    "BladNamnder",
    "Nämnderna sida vid sida",
    "Hur många verksamheter som håller sig inom referenskostnaden, har bättre resultat och "
    "uppfyller målet, hur nyckeltalen står sig mot liknande kommuner, och hur många "
    "förflyttningar nämnden föreslår. Bättre och sämre räknar även mål som nås eller inte nås. "
    "Samma verksamhet kan redovisas av flera nämnder, så kolumnerna kan inte summeras.",
    _EGEN,
    (NAMNDER,),
)
REFERENSBLAD = Blad(
    "Referenskostnad",
    "BladKommunensReferenskostnad",
    "Kostnad mot referenskostnad",
    "Varje verksamhet en gång, även när flera nämnder redovisar den. Siffrorna kommer ur "
    "räkenskaperna per verksamhet, inte ur nämndernas budgetar. Summorna är inte besparingar. "
    "Vad var och en av nämnderna redovisar står på bladet Redovisat.",
    _EGEN,
    (VERKSAMHETER,),
)
REDOVISATBLAD = Blad(
    "Redovisat",
    "BladRedovisat",
    "Så redovisar nämnderna verksamheterna",
    "Varje nämnds verksamheter, så som de står i dess arbetsbok. En verksamhet som flera nämnder "
    "redovisar står en gång för var och en, så raderna kan inte summeras för kommunen. Kolumnen "
    "”I egen summa” visar Nej för en verksamhet som annars skulle räknas två gånger hos nämnden. "
    + _describe_papper(REDOVISAT),
    _EGEN,
    (REDOVISAT,),
)
NYCKELTALSBLAD = Blad(
    "Nyckeltal",
    "BladAllaNyckeltal",
    "Nyckeltalen mot liknande kommuner, sämst först",
    "Först de som är sämre än hos liknande kommuner eller inte når sitt mål, störst skillnad "
    "överst. Därefter kostnader som är högre, det som är i nivå, kostnader som är lägre och det "
    "som är bättre, och sist det som inte kan bedömas. En hög eller låg kostnad är inte bra eller "
    "dålig i sig. " + _describe_papper(NYCKELTAL),
    _EGEN,
    (NYCKELTAL,),
)
TIDSBLAD = Blad(
    "Över tid",
    "BladAllaOverTid",
    "Nyckeltal över tid",
    "Nyckeltal som inte går att jämföra med andra kommuners. " + _describe_papper(OVER_TID),
    _EGEN,
    (OVER_TID,),
)
REFERENSTIDSBLAD = Blad(
    "Referenskostnad över tid",
    "BladKommunensReferensOverTid",
    "Nettokostnadsavvikelsen de senaste fem åren (%)",
    "Så som varje nämnd redovisar den. Över noll kostade verksamheten mer än referenskostnaden.",
    _EGEN,
    (REFERENS_OVER_TID,),
)
FORFLYTTNINGSBLAD = Blad(
    "Förflyttningar",
    "BladAllaForflyttningar",
    "Alla möjliga förflyttningar",
    "Beloppen är lästa ur nämndernas egna ord. Det som inte går att läsa säkert räknas inte, och "
    "inget är gissat. Kolumnen ”I summan” visar vilka belopp som är medräknade, och varför de "
    "andra inte är det. Ett förslag som flera nämnder har lämnat räknas en gång för var och en. "
    + _describe_papper(FORFLYTTNINGAR),
    "Källa: nämndernas arbetsböcker (4.1 och 4.2).",
    (FORFLYTTNINGAR,),
)
SAMORDNINGSBLAD = Blad(
    "Samordning",
    "BladSamordning",
    "Det som kräver samordning eller berör andra",
    "Förslagen är ordnade efter vem de berör, så ett förslag som berör flera står en gång för var "
    "och en. Kolumnen ”Avstämning” visar om den som berörs nämns i nämndens kolumn ”Avstämt med”, "
    "men inte vad de kom överens om. ”Oklart, läs” betyder att texten där också har ett ”inte” "
    "eller ”utom”, en fråga eller något som ska göras, eller att ingen berörd är angiven. ”Ingen "
    "avstämning angiven” betyder att där inte står något, eller bara ett nej. För åtgärderna i "
    "3.1–3.3 är uppgifterna hämtade ur nämndens kolumn ”Ursprung”.",
    "Källa: nämndernas arbetsböcker (3.1–3.3, 4.1 och 4.2).",
    (SAMORDNING,),
)
LIKABLAD = Blad(
    "Liknande förslag",
    "BladLiknandeForslag",
    "Förslag som liknar varandra",
    "Förslag från olika nämnder som har ovanliga ord eller samma Område gemensamt. Urvalet är ett "
    "utkast från programmet: läs dem och bedöm själv om de hör ihop. Filer av ett annat år eller "
    "från en annan kommun jämförs inte.",
    "Källa: nämndernas arbetsböcker (4.1 och 4.2).",
    (LIKA,),
)
UPPFOLJNINGSBLAD = Blad(
    "Uppföljning",
    "BladAllUppfoljning",
    "Uppföljning av förra genomlysningens åtgärder",
    "Nämndernas åtgärder i 3.1–3.3.",
    "Källa: nämndernas arbetsböcker (3.1–3.3).",
    (UPPFOLJNING,),
)
TEXTBLAD = Blad(
    "Analyser",
    "BladTexter",
    "Nämndernas egna analyser",
    "Så som de står på 2.4 Analys och 3 Uppföljning.",
    "Källa: nämndernas arbetsböcker.",
    (TEXTER,),
)
ANTECKNINGSBLAD = Blad(
    "Anteckningar",
    "BladAnteckningar",
    "Det som nämnderna har skrivit vid sidan av",
    "Text utanför tabellerna, på nämndernas egna blad, i kommentarer till celler, i textrutor och "
    "i utkast som nämnden har ändrat, och det som Start säger utöver vad bladet Underlaget har. "
    "Inget av det räknas i någon summa.",
    "Källa: nämndernas arbetsböcker.",
    (ANTECKNINGAR,),
)
FILBLAD = Blad(
    "Underlaget",
    "BladUnderlaget",
    "Vad sammanställningen bygger på",
    "Vilka filer som är lästa, vilka som inte gick att läsa och vilka nämnder som saknas.",
    tabeller=(FILER,),
)
#: All sheets in the order of their tabs. What the contents say of each stands in `skriv`.
BLAD: tuple[Blad, ...] = (
    INNEHALL,
    NAMNDBLAD,
    REFERENSBLAD,
    REDOVISATBLAD,
    NYCKELTALSBLAD,
    TIDSBLAD,
    REFERENSTIDSBLAD,
    FORFLYTTNINGSBLAD,
    SAMORDNINGSBLAD,
    LIKABLAD,
    UPPFOLJNINGSBLAD,
    TEXTBLAD,
    ANTECKNINGSBLAD,
    FILBLAD,
)


def fit_rader(rows: Iterable[Mapping[str, Any]], tabell: Tabell) -> list[Mapping[str, Any]]:
    """Return rows with the table's columns and no others; what is missing is None."""
    keys = [k.nyckel for k in tabell.kolumner]
    return [{k: r.get(k) for k in keys} for r in rows]
