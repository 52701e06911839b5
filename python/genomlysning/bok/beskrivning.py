"""The one description of the workbook: sheets, tables, columns, settings, word lists.

Everything that builds, reads or changes a workbook derives from here. Headers and formulas hold
`{fields}` that are filled in for a municipality and a year. A formula's `{key}` is the same
row's cell in the column with that key.
"""

from enum import StrEnum
from typing import NamedTuple

from genomlysning import excelmiljo
from genomlysning.begrepp import ANTAL_AR_OVER_TID, ANTAL_AR_REFERENSKOSTNAD
from genomlysning.bok import formler
from genomlysning.ord import KALLA_EGEN, Kategori, Riktning, tabellnamn

#: Longest texts that Excel accepts in a validation's prompt (title, text).
MAX_HJALP = (32, 255)


class Slag(StrEnum):
    """What a column's cells hold, which decides their format."""

    TEXT = "text"
    LANG_TEXT = "lång text"
    TAL = "tal"  # decimals by the row's figure
    HELTAL = "heltal"
    KRONOR = "kronor"
    PROCENT = "procent"  # per cent units, one decimal
    MKR = "mkr"
    INDEX = "index"
    DATUM = "datum"
    DATUM_TID = "datum och tid"
    OMDOME = "omdöme"  # a verdict, coloured


#: Kinds that are numbers, right-aligned under a right-aligned header.
TALSLAG = (Slag.TAL, Slag.HELTAL, Slag.KRONOR, Slag.PROCENT, Slag.MKR, Slag.INDEX)


class Kolumn(NamedTuple):
    """One column of a table.

    `mall` marks the template's own columns, which the Word document shows. `lista` names the
    dropdown, `hjalp` is the prompt shown in the column's cells or (for ours) its header. `ifylls`
    marks those for people to write in, `rubrikkolumn` the one that says what a row is about.
    """

    nyckel: str
    rubrik: str
    bredd: float
    slag: Slag = Slag.TEXT
    mall: bool = False
    lista: str = ""
    hjalp: str = ""
    formel: str = ""
    ifylls: bool = False
    fet: bool = False
    rubrikkolumn: bool = False

    @property
    def indragen(self) -> bool:
        """Tell whether its texts stand a little in from the cell's edge."""
        return self.slag in (Slag.TEXT, Slag.LANG_TEXT, Slag.OMDOME) and not self.rubrikkolumn

    def fit(self, bredd: float) -> float:
        """Return how much of a column this wide (characters) its texts have, were they plain."""
        # Measured: bold names, with their wide letters, take a tenth more.
        return (bredd - (1.3 if self.indragen else 0)) * (0.9 if self.fet else 1)


class Tabell(NamedTuple):
    """An Excel table. `tomma` is how many empty rows a new workbook offers to write in."""

    namn: str
    kolumner: tuple[Kolumn, ...]
    tomma: int = 0
    rubrik: str = ""


class Regelrad(NamedTuple):
    """What the formulas look up about one figure (sheet Listor)."""

    id: str
    slag: str
    decimaler: int
    mal: float | None
    verksamhet: str
    riktning: str = ""


class Blad(NamedTuple):
    """A sheet: its tab, its VBA code name, its heading and the guidance below it."""

    namn: str
    kodnamn: str
    rubrik: str
    ledtext: str = ""
    kalla: str = ""
    tabeller: tuple[Tabell, ...] = ()
    sidbrytning_efter: str = ""


class Installning(NamedTuple):
    """A setting on Start: its workbook name, label, guidance and kind.

    `ifylls` marks those for people to write in; the program fills in the others. `form` is the
    form of the workbook that it came with: one of an earlier form may be without it.
    """

    namn: str
    etikett: str
    hjalp: str
    slag: Slag = Slag.TEXT
    ifylls: bool = True
    form: int = 1


KALLA_JAMFORELSE = (
    f"Källa: Kolada för värdena som de hämtats. Skillnad, bedömning och placering: {KALLA_EGEN}."
)
KALLA_OVER_TID = (
    f"Källa: Kolada för värdena som de hämtats. Förändring och utveckling: {KALLA_EGEN}."
)
KALLA_REFERENSKOSTNAD = (
    "Källa: Kolada för värdena som de hämtats. Avvikelse (kr/inv), egen beräkning, det som "
    f"Anmärkning kallar vår egen, ja/nej och summor: {KALLA_EGEN}."
)

#: A comparing row's values of one year, and all that is fetched for it.
ARETS_VARDEN = ("varde", "liknande", "snitt", "placering", "av", "antal")
HAMTADE_KOLUMNER = (*ARETS_VARDEN, "grupp", "anmarkning", "kalla", "hamtad")


def _arsnycklar(antal: int) -> tuple[str, ...]:
    return tuple(f"year_{i}" for i in range(1, antal + 1))


#: The columns with a value a year, oldest first: in the tables over time, and of the deviation.
ARSKOLUMNER = _arsnycklar(ANTAL_AR_OVER_TID)
ARSKOLUMNER_REFERENSKOSTNAD = _arsnycklar(ANTAL_AR_REFERENSKOSTNAD)
#: What a measure or a move is called, one of the two, and the words on it.
NAMNKOLUMNER, BESKRIVNING = ("atgard", "omrade"), "beskrivning"
#: What says how much a measure or a move gives, and how often.
BELOPPSKOLUMNER = ("belopp", "effekt", "ursprung")

#: Word lists for the dropdowns, in the order they are offered.
LISTOR: dict[str, tuple[str, ...]] = {
    "riktning": tuple(r.value for r in Riktning),
    "genomforandestatus": ("Ej påbörjad", "Pågår", "Genomförd", "Avbruten"),
    "ja_nej": ("Ja", "Nej"),
    "effekt": ("Årlig", "Engång"),
    "hanteras": ("Eget ärende", "Nämndens budget"),
}

#: Where Listor keeps the rules of figures and the indices that 2.1 must show (first columns).
REGLERKOLUMN, INDEXKRAVKOLUMN = "H", "N"


#: The tables of figures: those that compare, and those over time.
JAMFORELSER, OVER_TID = (
    tuple(tabellnamn(k, over_tid=over_tid) for k in Kategori) for over_tid in (False, True)
)
NYCKELTALSTABELLER = (*JAMFORELSER, *OVER_TID)


def list_reference(lista: str) -> str:
    """Return the formula that points at a dropdown's words on Listor."""
    column = chr(ord("A") + list(LISTOR).index(lista))
    return f"=Listor!${column}$2:${column}${len(LISTOR[lista]) + 1}"


_NYCKELTAL = Kolumn(
    "namn",
    "Nyckeltal",
    46,
    mall=True,
    rubrikkolumn=True,
    hjalp="Du kan korta namnet, ta bort rader och lägga till egna. En egen rad utan Kolada-id "
    "fyller du i själv.",
)
_ENHET = Kolumn("enhet", "Enhet", 13)
_RIKTNING = Kolumn(
    "riktning",
    "Önskad riktning",
    10,
    lista="riktning",
    hjalp="Högre eller Lägre är bättre. Mål finns bara för nyckeltal som har ett mål, som "
    "nettokostnadsavvikelsen. Ingen bedöms inte. Ändras riktningen gäller inte placeringen längre.",
)
_KOLADA_ID = Kolumn(
    "id", "Kolada-id", 10, hjalp="Nyckeltalets beteckning i Kolada. Lämna tomt för egna rader."
)
_ANMARKNING = Kolumn(
    "anmarkning",
    "Anmärkning",
    66,
    Slag.LANG_TEXT,
    hjalp="Skrivs om varje gång värden hämtas. Egna ord skriver du i Kommentar.",
)
_KALLA = Kolumn("kalla", "Källa", 14, Slag.LANG_TEXT)
_HAMTAD = Kolumn("hamtad", "Hämtad", 12, Slag.DATUM)
_KOMMENTAR = Kolumn(
    "kommentar",
    "Kommentar",
    32,
    Slag.LANG_TEXT,
    ifylls=True,
    hjalp="Din egen kommentar. Den ändras aldrig av programmet.",
)


_BELOPP = Kolumn(
    "belopp",
    "Möjlig effektivisering",
    20,
    Slag.LANG_TEXT,
    mall=True,
    ifylls=True,
    hjalp="Skriv belopp med enhet: 1,5 mkr, 500 tkr, 0,5–1 mkr per år. Går det inte att räkna på, "
    "skriv det.",
)


def _arsfalt(bakat: int) -> str:
    """Return the name of a header's field for a year so far behind the data year."""
    return f"year_minus_{bakat}" if bakat else "year"


def _arskolumner(
    nycklar: tuple[str, ...], rubrik: str, bredd: float, slag: Slag, *, mall: bool = False
) -> tuple[Kolumn, ...]:
    """Return a column for each year; `{arsfalt}` in the header is the field of its year."""
    return tuple(
        Kolumn(nyckel, rubrik.format(arsfalt=f"{{{_arsfalt(bakat)}}}"), bredd, slag, mall=mall)
        for bakat, nyckel in zip(reversed(range(len(nycklar))), nycklar, strict=True)
    )


def map_years(nycklar: tuple[str, ...], last: int) -> dict[str, int]:
    """Return the year of each column with a value a year, when the last one's is `last`."""
    return dict(zip(nycklar, range(last - len(nycklar) + 1, last + 1), strict=True))


def _jamforelse(kategori: Kategori) -> Tabell:
    return Tabell(
        tabellnamn(kategori, over_tid=False),
        (
            _NYCKELTAL,
            Kolumn("varde", "{kommun} {year}", 16, Slag.TAL, mall=True, fet=True),
            Kolumn("liknande", "Liknande kommuner {year}", 12, Slag.TAL, mall=True),
            Kolumn("snitt", "Kommungenomsnitt {year}", 19, Slag.TAL, mall=True),
            Kolumn(
                "year",
                "Avser år",
                8,
                Slag.HELTAL,
                hjalp="Ändra året för en undersökning som inte görs varje år. Det gäller egna "
                "värdet, liknande kommuner och genomsnittet.",
            ),
            _ENHET,
            _RIKTNING,
            Kolumn("skillnad", "Skillnad", 10, Slag.TAL, formel=formler.SKILLNAD),
            Kolumn("bedomning", "Bedömning", 18, Slag.OMDOME, formel=formler.BEDOMNING),
            Kolumn("placering", "Placering", 10, Slag.HELTAL),
            Kolumn("av", "Av", 6, Slag.HELTAL),
            Kolumn("antal", "Antal liknande", 10, Slag.HELTAL),
            Kolumn("grupp", "Jämförelsegrupp", 34, Slag.LANG_TEXT),
            _KOLADA_ID,
            _ANMARKNING,
            _KALLA,
            _HAMTAD,
            _KOMMENTAR,
        ),
    )


def _over_tid(kategori: Kategori) -> Tabell:
    *earlier, last = _arskolumner(ARSKOLUMNER, "År {arsfalt}", 12, Slag.TAL, mall=True)
    return Tabell(
        tabellnamn(kategori, over_tid=True),
        (
            _NYCKELTAL,
            *earlier,
            last._replace(fet=True),
            _ENHET,
            _RIKTNING,
            Kolumn("forandring", "Förändring", 12, Slag.TAL, formel=formler.FORANDRING),
            Kolumn("utveckling", "Utveckling", 18, Slag.OMDOME, formel=formler.UTVECKLING),
            _KOLADA_ID,
            _ANMARKNING,
            _KALLA,
            _HAMTAD,
            _KOMMENTAR,
        ),
        tomma=3,
    )


def _uppfoljning(namn: str) -> Tabell:
    return Tabell(
        namn,
        (
            Kolumn(
                "atgard", "Åtgärd", 26, Slag.LANG_TEXT, mall=True, ifylls=True, rubrikkolumn=True
            ),
            Kolumn("beskrivning", "Beskrivning", 40, Slag.LANG_TEXT, mall=True, ifylls=True),
            _BELOPP,
            Kolumn(
                "uppfoljning",
                "Uppföljning",
                40,
                Slag.LANG_TEXT,
                mall=True,
                ifylls=True,
                hjalp="Hur har det gått, vad har sparats och vad återstår?",
            ),
            Kolumn(
                "status",
                "Genomförandestatus",
                20,
                lista="genomforandestatus",
                ifylls=True,
                hjalp="Välj hur långt åtgärden har kommit.",
            ),
            Kolumn(
                "realiserad",
                "Realiserad effekt",
                16,
                Slag.LANG_TEXT,
                ifylls=True,
                hjalp="Belopp som faktiskt har sparats, med enhet.",
            ),
            Kolumn(
                "samordning",
                "Kräver samordning",
                12,
                lista="ja_nej",
                ifylls=True,
                hjalp="Ja om åtgärden krävde eller kräver samordning i kommunen.",
            ),
            Kolumn("ursprung", "Ursprung", 34, Slag.LANG_TEXT, ifylls=True),
        ),
        tomma=6,
    )


def _forflyttningar(namn: str) -> Tabell:
    return Tabell(
        namn,
        (
            Kolumn(
                "omrade", "Område", 24, Slag.LANG_TEXT, mall=True, ifylls=True, rubrikkolumn=True
            ),
            Kolumn("beskrivning", "Beskrivning", 48, Slag.LANG_TEXT, mall=True, ifylls=True),
            _BELOPP,
            Kolumn(
                "effekt",
                "Effekt",
                10,
                lista="effekt",
                ifylls=True,
                hjalp="Årlig om beloppet återkommer varje år, annars Engång.",
            ),
            Kolumn(
                "beror",
                "Berör även",
                21,
                Slag.LANG_TEXT,
                ifylls=True,
                hjalp="Andra förvaltningar, bolag eller kommuner som förflyttningen kan påverka.",
            ),
            Kolumn(
                "avstamt",
                "Avstämt med",
                21,
                Slag.LANG_TEXT,
                ifylls=True,
                hjalp="Stäm av med dem som berörs innan beslut. Skriv med vem och när.",
            ),
            Kolumn(
                "hanteras",
                "Hanteras som",
                17,
                lista="hanteras",
                ifylls=True,
                hjalp="Varje förflyttning blir ett eget ärende eller en del av nämndens budget.",
            ),
            Kolumn(
                "bokslut",
                "Läge vid årsbokslut",
                21,
                Slag.LANG_TEXT,
                ifylls=True,
                hjalp="Följs upp i samband med nämndens årsbokslut.",
            ),
        ),
        tomma=8,
    )


REFERENSKOSTNAD = Tabell(
    "Referenskostnad",
    (
        Kolumn(
            "verksamhet",
            "Verksamhet",
            34,
            fet=True,
            rubrikkolumn=True,
            hjalp="Byt inte namn på verksamheterna: raderna känns igen på namnet.",
        ),
        Kolumn("netto", "Nettokostnad (kr/inv)", 13, Slag.KRONOR),
        Kolumn("referens", "Referenskostnad (kr/inv)", 16, Slag.KRONOR),
        Kolumn(
            "avvikelse_kr",
            "Avvikelse (kr/inv)",
            12,
            Slag.KRONOR,
            formel=formler.AVVIKELSE_KR,
        ),
        Kolumn("egen", "Egen beräkning (%)", 12, Slag.PROCENT, formel=formler.EGEN_PROCENT),
        Kolumn("procent", "Nettokostnadsavvikelse (%)", 23, Slag.PROCENT),
        Kolumn("mkr", "Nettokostnadsavvikelse (Mkr)", 23, Slag.MKR),
        Kolumn("liknande", "Nettokostnadsavvikelse liknande (%)", 23, Slag.PROCENT),
        Kolumn("inom", "Inom referenskostnaden", 18, Slag.OMDOME, formel=formler.INOM),
        Kolumn("index", "Kvalitetsindex", 15, Slag.INDEX),
        Kolumn("index_liknande", "Kvalitetsindex liknande", 15, Slag.INDEX),
        Kolumn("resursindex", "Resursindex", 12, Slag.INDEX),
        Kolumn("effektivitetsindex", "Effektivitetsindex", 18, Slag.INDEX),
        Kolumn("battre", "Bättre resultat", 18, Slag.OMDOME, formel=formler.BATTRE_RESULTAT),
        Kolumn("uppfyller", "Uppfyller målet", 18, Slag.OMDOME, formel=formler.UPPFYLLER),
        Kolumn(
            "anmarkning",
            "Anmärkning",
            70,
            Slag.LANG_TEXT,
            hjalp="Skrivs om varje gång värden hämtas. Egna ord skriver du i 2.4 Analys.",
        ),
    ),
)

REFERENSKOSTNAD_OVER_TID = Tabell(
    "ReferenskostnadOverTid",
    (
        Kolumn("verksamhet", "Verksamhet", 34, fet=True, rubrikkolumn=True),
        *_arskolumner(ARSKOLUMNER_REFERENSKOSTNAD, "{arsfalt}", 13, Slag.PROCENT),
        Kolumn("anmarkning", "Anmärkning", 46, Slag.LANG_TEXT),
    ),
    rubrik="Nettokostnadsavvikelse de senaste fem åren (%)",
)

JAMFORELSEGRUPPER = Tabell(
    "Jamforelsegrupper",
    (
        Kolumn("omrade", "Område", 18, fet=True, rubrikkolumn=True),
        Kolumn("kommuner", "Liknande kommuner", 56, Slag.LANG_TEXT),
        Kolumn("year", "Gruppens år", 10, Slag.HELTAL),
        Kolumn("antal", "Antal kommuner", 10, Slag.HELTAL),
        Kolumn("grupp", "Gruppens namn i Kolada", 34, Slag.LANG_TEXT),
        Kolumn("id", "Grupp-id", 11),
        Kolumn("koder", "Kommunkoder", 36, Slag.LANG_TEXT),
    ),
)

LOGG = Tabell(
    "Logg",
    (
        Kolumn("tid", "Tidpunkt", 17, Slag.DATUM_TID),
        Kolumn("handelse", "Händelse", 18),
        Kolumn("kommun", "Kommun", 16),
        Kolumn("year", "År", 8, Slag.HELTAL),
        Kolumn("varden", "Antal värden", 10, Slag.HELTAL),
        Kolumn("andrade", "Ändrade värden", 32, Slag.LANG_TEXT),
        Kolumn("saknade", "Saknade värden", 32, Slag.LANG_TEXT),
        Kolumn("meddelande", "Meddelande", 44, Slag.LANG_TEXT),
    ),
)

REFERENSTABELLER = (REFERENSKOSTNAD.namn, REFERENSKOSTNAD_OVER_TID.namn)

START = Blad("Start", "BladStart", "Genomlysning")
SAMMANFATTNING = Blad(
    "Sammanfattning",
    "BladSammanfattning",
    "Sammanfattning",
    kalla="Källa: Kolada för publicerade avvikelser. Avvikelser som Kolada inte publicerar, "
    f"bedömningar, skillnader och summor: {KALLA_EGEN}.",
)
ANALYS = Blad(
    "2.4 Analys",
    "BladAnalys",
    "2.4 Analys av {namnd_genitiv} effektivitet",
    "Skriv nämndens egen analys i rutan till vänster. Till höger står ett underlag som "
    "programmet har tagit fram ur siffrorna: det är ett utkast att utgå från, inte en slutsats. I "
    "rutan nedanför skriver ni varför analysen leder till förflyttningarna i 4.1 och 4.2.",
    f"{KALLA_EGEN}.",
)
UPPFOLJNING = Blad(
    "3 Uppföljning",
    "BladUppfoljning",
    "3 Uppföljning av möjliga förflyttningar",
    "Beskriv övergripande hur förra genomlysningens åtgärder har påverkat nämndens effektivitet "
    "och vilka besparingar som har genomförts. Åtgärderna en och en följer du upp i 3.1–3.3.",
)
LISTBLAD = Blad("Listor", "BladListor", "Listor")
#: Only in the macro workbook, where it tells xlwings which Python to start.
XLWINGSBLAD = Blad(excelmiljo.KONFIGURATIONSBLAD, "BladXlwings", "")
#: The code name of the macro workbook itself.
ARBETSBOKENS_KODNAMN = "ThisWorkbook"

#: Workbook names of the cells that people write running text in, and of our drafted texts.
ANALYSTEXT, UPPFOLJNINGSTEXT, ANALYSUNDERLAG = "Analys", "Uppfoljning", "Analysunderlag"
FORFLYTTNINGSTEXT = "Forflyttningsskal"
IKORTHET = "IKorthet"
#: What stands over each area for running text, and the sheet it is on.
TEXTRUTOR = {
    ANALYSTEXT: (ANALYS, "Nämndens analys"),
    FORFLYTTNINGSTEXT: (ANALYS, "Varför dessa förflyttningar, och inte andra (inleder kapitel 4)"),
    UPPFOLJNINGSTEXT: (UPPFOLJNING, "Övergripande uppföljning"),
}
#: Stands below an area for running text.
TEXTRUTETIPS = "Rutan är ett enda fält: klicka i den och skriv."
#: Workbook names of where last year's running texts stand to be read, by those of the texts.
FORRA_TEXTER = {
    ANALYSTEXT: "ForraAnalysen",
    FORFLYTTNINGSTEXT: "ForraForflyttningsskalen",
    UPPFOLJNINGSTEXT: "ForraUppfoljningen",
}
#: Workbook names of the drafts as they were last written, on Listor: a draft that a person has
#: changed since is theirs.
SKRIVNA_UTKAST = {IKORTHET: "SkrivetIKorthet", ANALYSUNDERLAG: "SkrivetAnalysunderlag"}
SKRIVET_KOLUMN = "P"
#: Workbook name of the points in the summary's diagram: name, x, y.
DIAGRAMVARDEN = "Diagramvarden"
#: Workbook name of the line under the diagram that names what has no point in it.
UTANFOR_RUTAN = "UtanforRutan"
#: What that line begins with.
UTANFORTEXT = "Inte i rutan:"
#: Column on Listor of verksamheter that are left out of the committee's sums (`SUMMA_UTAN`).
SUMMA_UTAN_KOLUMN = "W"


def beloppsnamn(tabell: str) -> str:
    """Return the workbook name of the line above a table of measures that sums its amounts."""
    return f"Summa{tabell}"


#: Workbook name and column on Listor of the profiles that come with the program.
PROFILER, PROFILKOLUMN = "Profiler", "Y"
#: Rows that Listor keeps for them, for the rules of figures and for the indices that 2.1 must show.
SUMMA_UTAN_RADER, REGLERRADER, INDEXRADER = 12, 200, 40
#: The mark of made-up values, on the sheets and as the file's subject property.
EXEMPELMARKNING = "EXEMPELDATA"
#: The subject property of the municipality's workbook, by which it is known again.
AMNE_SAMMANSTALLNING = "Genomlysning, hela kommunen"
#: The form of the workbook, counted up when what other parts rely on moves. A workbook without
#: the mark has form 1.
BOKVERSION = 3
#: Workbook names of what a workbook says about itself, on Listor: its form, the version of the
#: program that made it, and whether its values are made up.
NAMN_BOKVERSION, NAMN_PROGRAMVERSION = "Bokversion", "Programversion"
NAMN_EXEMPELMARKNING = "Exempelmarkning"
MARKESKOLUMN = "R"
#: Width in characters of the drafted text beside a text area; how high the area is at least, and
#: each of its rows when it is made, in points.
STODBREDD = 62.0
MINSTA_TEXTHOJD, TEXTRADHOJD = 375.0, 15.0
#: The same of the area for why the moves were chosen.
SKALHOJD = 150.0
#: First row of the settings on Start (as Excel counts).
FORSTA_INSTALLNING = 7

_LEDTEXT_JAMFORELSE = {
    Kategori.EKONOMI: "Egna värden bredvid liknande kommuner och genomsnittet för alla kommuner. "
    "Berörs nämnden av Koladas effektivitetsindex ska de finnas med här. Stryk rader som inte är "
    "aktuella. Index går från 0 till 100, där 100 är bäst (för resursindex lägst kostnad), och kan "
    "ändras för att andra kommuner ändras. Läs kostnaderna tillsammans med kvaliteten: låg kostnad "
    "är inte ett mål i sig.",
    Kategori.PERSONAL: "Egna värden bredvid liknande kommuner och genomsnittet för alla kommuner. "
    "Stryk rader som inte är aktuella, eller hela tabellen om den inte behövs.",
    Kategori.KVALITET: "Egna värden bredvid liknande kommuner och genomsnittet för alla kommuner. "
    "Stryk rader som inte är aktuella. Se i Anmärkning vad ett nyckeltal omfattar innan du drar "
    "slutsatser.",
}
_NYCKELTALSORD = {
    Kategori.EKONOMI: "Ekonominyckeltal",
    Kategori.PERSONAL: "Personalnyckeltal",
    Kategori.KVALITET: "Kvalitetsnyckeltal",
}
_NUMMER = {Kategori.EKONOMI: "2.1", Kategori.PERSONAL: "2.2", Kategori.KVALITET: "2.3"}


def jamforelseblad(kategori: Kategori) -> Blad:
    """Return the sheet that compares one category's figures with other municipalities."""
    return Blad(
        f"{_NUMMER[kategori]} {kategori.value}",
        f"Blad{kategori.value}",
        f"{_NUMMER[kategori]} {_NYCKELTALSORD[kategori]}",
        _LEDTEXT_JAMFORELSE[kategori],
        KALLA_JAMFORELSE,
        (_jamforelse(kategori),),
        sidbrytning_efter="antal",
    )


def over_tid_blad(kategori: Kategori) -> Blad:
    """Return the sheet with one category's figures over three years."""
    return Blad(
        f"{_NUMMER[kategori]} {kategori.value} över tid",
        f"Blad{kategori.value}OverTid",
        f"{_NUMMER[kategori]} {_NYCKELTALSORD[kategori]} över tid",
        "Används för nyckeltal som inte går att jämföra med andra kommuner, till exempel belopp "
        "i Mkr, antal anställda och egna mätningar. Förändring är sista året minus det första.",
        KALLA_OVER_TID,
        (_over_tid(kategori),),
        sidbrytning_efter="utveckling",
    )


#: The headings on Start, and that above the summary's counts.
STARTRUBRIKER = (
    *("Inställningar", "Läget för nyckeltalen i 2.1–2.3", "Kontroller före beslut"),
    "Så arbetar du vidare",
)
ANTALSRUBRIK = "Nyckeltalen mot liknande kommuner eller mål"
#: The heading on the macro workbook's Start of what to do when the buttons don't work.
KNAPPHJALPSRUBRIK = "Om knapparna saknas eller inte fungerar"
#: The sheets with figures, in the order of their tabs.
NYCKELTALSBLAD = tuple(b for k in Kategori for b in (jamforelseblad(k), over_tid_blad(k)))

REFERENSKOSTNADSBLAD = Blad(
    "Referenskostnad",
    "BladReferenskostnad",
    "Referenskostnad",
    "Kostnad mot referenskostnad och resultat mot liknande kommuner. Referenskostnaden är vad "
    "verksamheten förväntas kosta med kommunens egna förutsättningar. Målet är bättre resultat än "
    "liknande kommuner till en kostnad som inte överstiger den. Siffrorna kommer ur räkenskaperna "
    "per verksamhet, inte ur nämndens budget, och kan skilja sig från nämndens bokslut.",
    KALLA_REFERENSKOSTNAD,
    (REFERENSKOSTNAD, REFERENSKOSTNAD_OVER_TID),
    sidbrytning_efter="inom",
)

UPPFOLJNINGSBLAD = (
    Blad(
        "3.1 Kort sikt",
        "BladKortSikt",
        "3.1 Effektiviseringsåtgärder på kort sikt",
        "Följ upp de åtgärder på kort sikt som togs upp i förra genomlysningen.",
        tabeller=(_uppfoljning("KortSikt"),),
    ),
    Blad(
        "3.2 Lång sikt",
        "BladLangSikt",
        "3.2 Effektiviseringsåtgärder på lång sikt",
        "Följ upp de åtgärder på lång sikt som togs upp i förra genomlysningen.",
        tabeller=(_uppfoljning("LangSikt"),),
    ),
    Blad(
        "3.3 Under utredning",
        "BladUnderUtredning",
        "3.3 Effektiviseringsåtgärder som utreds",
        "Redogör även för pågående utredningar som nämnden lyft men som krävde samordning i hela "
        "kommunen. Markera dem i kolumnen Kräver samordning.",
        tabeller=(_uppfoljning("UnderUtredning"),),
    ),
)

FORFLYTTNINGSBLAD = (
    Blad(
        "4.1 Inom förvaltningen",
        "BladInomForvaltningen",
        "4.1 Möjliga förflyttningar som ska undersökas av {forvaltning}",
        "Tänk igenom organisation, ansvar och gränsdragningar, gemensamma resurser i kommunen och "
        "dess bolag samt samverkan med andra kommuner. Stäm av med andra förvaltningar om "
        "förflyttningen kan påverka fler än er.",
        tabeller=(_forflyttningar("InomForvaltningen"),),
    ),
    Blad(
        "4.2 Kommunövergripande",
        "BladKommunovergripande",
        "4.2 Möjliga förflyttningar som kräver kommunövergripande samordning",
        "Förflyttningar som nämnden inte kan genomföra ensam. Stäm av med andra förvaltningar om "
        "förflyttningen kan påverka fler än er, och skriv vilka som berörs och med vilka ni har "
        "stämt av.",
        tabeller=(_forflyttningar("Kommunovergripande"),),
    ),
)

GRUPPBLAD = Blad(
    "Jämförelsegrupper",
    "BladJamforelsegrupper",
    "Jämförelsegrupper",
    "De liknande kommunerna enligt Kolada, område för område. Kolada visar bara dagens grupper; "
    "därför sparas de här som de var när värdena hämtades.",
    "Källa: Kolada.",
    (JAMFORELSEGRUPPER,),
)
LOGGBLAD = Blad(
    "Logg",
    "BladLogg",
    "Logg",
    "Varje hämtning med antal värden, vad som ändrats och vad som saknas.",
    tabeller=(LOGG,),
)

#: All sheets in the order of their tabs.
BLAD: tuple[Blad, ...] = (
    START,
    SAMMANFATTNING,
    REFERENSKOSTNADSBLAD,
    *NYCKELTALSBLAD,
    ANALYS,
    UPPFOLJNING,
    *UPPFOLJNINGSBLAD,
    *FORFLYTTNINGSBLAD,
    GRUPPBLAD,
    LOGGBLAD,
    LISTBLAD,
)

#: All sheets of the macro workbook.
MAKROBOKENS_BLAD = (*BLAD, XLWINGSBLAD)


class Knapp(NamedTuple):
    """A button of the macro workbook.

    It is bound to a Sub of the VBA module Genomlysning, which calls a function of
    `excelmiljo.KNAPPMODUL`. `hjalp` says what it does to those who can't see it. `bild` is its icon
    in the ribbon, one that Excel has for a command of its own (imageMso).
    """

    text: str
    sub: str
    funktion: str
    hjalp: str
    bild: str
    blad: tuple[Blad, ...] = (START,)


#: The buttons, in the order they stand on a sheet.
KNAPPAR: tuple[Knapp, ...] = (
    Knapp(
        "Hämta Kolada",
        "HamtaKolada",
        "hamta_kolada",
        "Hämtar värden från Kolada för kommunen, profilen och dataåret på Start.",
        "RefreshAll",
    ),
    Knapp(
        "Kontrollera referenskostnad",
        "KontrolleraReferenskostnad",
        "kontrollera_referenskostnad",
        "Hämtar kostnaderna mot referenskostnaden till bladet Referenskostnad.",
        "ErrorChecking",
    ),
    Knapp(
        "Skriv sammanfattning",
        "SkrivSammanfattning",
        "skriv_sammanfattning",
        "Skriver om utkasten till text ur värdena i arbetsboken.",
        "Spelling",
    ),
    Knapp(
        "Sök nyckeltal",
        "SokNyckeltal",
        "sok_nyckeltal",
        "Söker nyckeltal i Kolada och lägger till dem i en tabell.",
        "FindDialogExcel",
        (START, *NYCKELTALSBLAD),
    ),
    Knapp(
        "Kopia för utskick",
        "KopiaForUtskick",
        "kopia_for_utskick",
        "Sparar en kopia utan makron och formler bredvid arbetsboken, att skicka till andra.",
        "FileSendAsAttachment",
    ),
    Knapp(
        "Word-rapport",
        "WordRapport",
        "word_rapport",
        "Sparar rapporten som nämnden beslutar om som Worddokument bredvid arbetsboken.",
        "HeaderFooterInsert",
    ),
    Knapp(
        "Nytt år",
        "NyttAr",
        "nytt_ar",
        "Gör nästa års arbetsbok av den här och sparar den bredvid.",
        "FileNew",
    ),
)

#: The settings on Start, in order. Their workbook names are what other parts read.
INSTALLNINGAR: tuple[Installning, ...] = (
    Installning(
        "Kommun",
        "Kommun",
        "Kommunens namn som i Kolada. Byter du följer värdena med vid uppdatering.",
    ),
    Installning(
        "Namnd",
        "Nämnd",
        "Nämndens namn som det ska stå i rubriker. Är det tomt första gången tas det ur profilen.",
    ),
    Installning(
        "Profil",
        "Profil",
        "Vilken uppsättning nyckeltal arbetsboken börjar med: välj i listan, eller skriv namnet på "
        "en egen profilfil bredvid arbetsboken. Ändra inte när den är ifylld.",
    ),
    Installning(
        "Dataar",
        "Dataår",
        "Året som nyckeltalen avser. Byter du följer värdena med vid uppdatering. Är det tomt "
        "första gången väljs det senaste där de flesta värden är slutliga.",
        Slag.HELTAL,
    ),
    Installning("Period", "Period", "Perioden som genomlysningen gäller, till exempel 2025–2026."),
    Installning(
        "ForraAret", "Förra genomlysningen", "Årtalet för den förra. Kontrollera.", Slag.HELTAL
    ),
    Installning(
        "ForraAntagenDatum",
        "Förra antagen den",
        "Datum då nämnden antog den förra. Nytt år fyller i det åt dig.",
        Slag.DATUM,
        form=3,
    ),
    Installning(
        "ForraAntagenParagraf",
        "Förra antagen, paragraf",
        "Paragrafen i det protokollet.",
        form=3,
    ),
    Installning(
        "Ordningstal", "Genomlysning nr", "1 för nämndens första, 2 för den andra …", Slag.HELTAL
    ),
    Installning("Diarienummer", "Diarienummer", "Ärendets diarienummer, om det finns."),
    Installning(
        "AntagenDatum", "Antagen den", "Datum då nämnden antog den, när det är gjort.", Slag.DATUM
    ),
    Installning("AntagenParagraf", "Antagen, paragraf", "Paragrafen i protokollet."),
    Installning(
        "Tolerans", "Tolerans (%)", "Så många procents skillnad räknas som I nivå.", Slag.TAL
    ),
    Installning(
        "ToleransEnheter",
        "Tolerans (enheter)",
        "För nyckeltal i procent eller index: så många enheters skillnad.",
        Slag.TAL,
    ),
    Installning(
        "SenastHamtad",
        "Senast hämtad",
        "Datum då värdena hämtades. Fylls i av programmet.",
        Slag.DATUM,
        ifylls=False,
    ),
)


def find_tabell(namn: str) -> Tabell:
    """Return the description of a table by its Excel name."""
    return next(t for b in BLAD for t in b.tabeller if t.namn == namn)


#: Stands for the municipality in the headers of a workbook that has not been filled.
UTAN_NAMN = "Kommunen"
#: What the general profile calls the committee until somebody has named it.
UTAN_NAMND = "Nämnden"


def fill_rubrik(rubrik: str, kommun: str, year: int) -> str:
    """Return a column header for a municipality and a data year."""
    years = {_arsfalt(i): year - i for i in range(ANTAL_AR_REFERENSKOSTNAD)}
    return rubrik.format(kommun=kommun, **years)
