"""Reads what people have left of one committee's workbook: whatever can be read is read.

Runs in a process of its own (`barn`), since the file may come from anyone.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    AMNE_SAMMANSTALLNING,
    BOKVERSION,
    EXEMPELMARKNING,
    LISTBLAD,
    NAMN_BOKVERSION,
    NAMN_EXEMPELMARKNING,
    TEXTRUTOR,
)
from genomlysning.bok.cellvarde import from_serial
from genomlysning.bok.modell import read_namn
from genomlysning.bok.paket import LOSENORD, OLE, check_filtyp, open_fil
from genomlysning.bok.vara_blad import list_vara_blad
from genomlysning.fel import FilFel, Meddelande
from genomlysning.filskrivning import list_las
from genomlysning.regler.bedomning import Toleranser
from genomlysning.sammanstallning import namndbok
from genomlysning.sammanstallning.anteckningar import (
    MEST_PER_BLAD,
    SAGS,
    Anteckning,
    read_anteckningar,
)
from genomlysning.sammanstallning.losanamn import find_namn
from genomlysning.sammanstallning.namndbok import Namndbok, Rad
from genomlysning.sammanstallning.snabbok import MAX_STORLEK, Snabbok
from genomlysning.sammanstallning.tabellasning import (
    MEST_PLATSER,
    Tabellasare,
    parse_svenskt_tal,
)
from genomlysning.svenska import cut_namn, join_nagra, uppraknat
from genomlysning.urval import fold

_SISTA_AR = 2099

GAMMALT_FORMAT = Meddelande(
    "sammanstall-gammalt-format",
    "{fil} är sparad i Excels gamla format (.xls).",
    "Öppna den i Excel, välj Spara som och typen Excel-arbetsbok (.xlsx).",
)
OPENDOCUMENT = Meddelande(
    "sammanstall-opendocument",
    "{fil} är sparad som OpenDocument-kalkylblad (.ods).",
    "Öppna den i Excel eller LibreOffice, välj Spara som och typen Excel-arbetsbok (.xlsx).",
)
BINARFORMAT = Meddelande(
    "sammanstall-binarformat",
    "{fil} är sparad som binär Excel-arbetsbok (.xlsb).",
    "Öppna den i Excel, välj Spara som och typen Excel-arbetsbok (.xlsx).",
)
ANNAN_BOK = Meddelande(
    "sammanstall-annan-bok",
    "{fil} är ingen genomlysning: den har ingen av genomlysningens tabeller.",
    "Ta bort den ur urvalet, eller ta fram en tidigare kopia av nämndens arbetsbok.",
)
REDAN_SAMMANSTALLD = Meddelande(
    "sammanstall-redan-sammanstalld",
    "{fil} är själv en sammanställning för hela kommunen.",
    "Ta bort den ur urvalet.",
)
OPPEN = Meddelande(
    "sammanstall-oppen",
    "{fil} är läst som den senast sparades, eftersom den är öppen i ett annat program.",
    "Spara den och sammanställ igen om något har ändrats.",
)
KOPIA = Meddelande(
    "sammanstall-kopia",
    "{fil} är en kopia för utskick, utan formler. Värdena är de som gällde när den gjordes.",
)
NYARE = Meddelande(
    "sammanstall-nyare",
    "{fil} är gjord med en nyare version av Genomlysning.",
    "Uppdatera programmet, så att allt säkert är med.",
)
EGNA_BLAD = Meddelande(
    "sammanstall-egna-blad",
    "{fil} har egna blad: {blad}. Texten på dem står på bladet Anteckningar.",
)
ANTECKNINGAR = Meddelande(
    "sammanstall-anteckningar",
    "{fil}: {antal} vid sidan av tabellerna finns på bladet Anteckningar, men räknas inte i någon "
    "summa ({platser}).",
)
AVKORTADE = Meddelande(
    "sammanstall-avkortade",
    "{fil} har mer text utanför tabellerna än vad som får plats. Av bladet {blad} är de första "
    "{antal} raderna med.",
    "Läs resten i nämndens arbetsbok.",
)
OLASTA_BLAD = Meddelande(
    "sammanstall-olasta-blad",
    "{fil}: det som står utanför tabellerna på {blad} är inte läst, eller bara en del av det, "
    "eftersom det är för mycket eller skadat.",
    "Läs det i nämndens arbetsbok.",
)
UTAN_KOMMUN = Meddelande(
    "sammanstall-utan-kommun",
    "{fil} säger inte vilken kommun den gäller.",
    "Fyll i Kommun på bladet Start.",
)
UTAN_NAMND = Meddelande(
    "sammanstall-utan-namnd",
    "{fil} säger inte vilken nämnd den gäller, så nämnden kallas här efter filen.",
    "Fyll i Nämnd på bladet Start.",
)
UTAN_AR = Meddelande(
    "sammanstall-utan-ar",
    "{fil} säger inte vilket dataår den gäller.",
    "Fyll i Dataår på bladet Start.",
)


def read_namndbok(fil: Path) -> Namndbok:
    """Read one workbook. Raises FilFel for what is no genomlysning or can't be read safely."""
    _check_slag(fil)
    bok = Snabbok(fil)
    amne = bok.amne()
    if amne == AMNE_SAMMANSTALLNING:
        raise FilFel(REDAN_SAMMANSTALLD, fil=fil)
    find_namn(bok)
    lasare = _Lasare(bok, fil.name)
    tables = lasare.read_tabeller()
    if not tables:
        raise FilFel(ANNAN_BOK, fil=fil)
    lasare.check_blad()
    tables[namndbok.ANTECKNINGAR] = lasare.read_anteckningar()
    year = lasare.read_ar()
    kommun = lasare.read_kommun()
    namnd = lasare.read_namnd()
    if not kommun:
        lasare.varna(UTAN_KOMMUN)
    if not namnd:
        lasare.varna(UTAN_NAMND)
    if year is None:
        lasare.varna(UTAN_AR)
    if list_las(fil):
        lasare.varna(OPPEN)
    return Namndbok(
        fil=fil.name,
        namnd=namnd,
        kommun=kommun,
        profil=lasare.read_text("Profil"),
        year=year,
        period=lasare.read_text("Period"),
        antagen=lasare.read_antagen(),
        hamtad=lasare.read_datum("SenastHamtad"),
        # Either mark: properties are easily lost, and so are names.
        exempel=amne == EXEMPELMARKNING or bool(lasare.read_text(NAMN_EXEMPELMARKNING)),
        tabeller=tables,
        texter={n: t for n in TEXTRUTOR if (t := lasare.read_text(n))},
        varningar=tuple(lasare.varningar),
        toleranser=lasare.toleranser,
    )


def _check_slag(fil: Path) -> None:
    """Refuse other kinds of files, each by its name; Paket tells the rest."""
    with open_fil(fil) as stream:
        head = stream.read(200)
        if head.startswith(OLE):
            # A workbook with a password lies encrypted in a package of the old kind.
            rest = head + stream.read(MAX_STORLEK)
            locked = "EncryptedPackage".encode("utf-16-le") in rest
            raise FilFel(LOSENORD if locked else GAMMALT_FORMAT, fil=fil)
    if b"mimetypeapplication/vnd.oasis.opendocument" in head:
        raise FilFel(OPENDOCUMENT, fil=fil)
    if fil.suffix.lower() == ".xlsb":
        raise FilFel(BINARFORMAT, fil=fil)
    check_filtyp(fil)


@dataclass(slots=True)
class _Lasare:
    """Reads the parts of a workbook and takes note of what the reader should know."""

    bok: Snabbok
    namn: str
    varningar: list[str] = field(default_factory=list)
    egna: list[str] = field(default_factory=list)
    anteckningar: list[Anteckning] = field(default_factory=list)
    rubrikkommun: str = ""
    toleranser: Toleranser = field(default_factory=Toleranser)

    def varna(self, meddelande: Meddelande, **falt: object) -> None:
        told = {k: cut_namn(v) if isinstance(v, str) else v for k, v in falt.items()}
        self.varningar.append(meddelande.format(fil=cut_namn(self.namn), **told))

    def read_text(self, namn: str) -> str:
        cell = read_namn(self.bok, namn)
        return "" if cell is None else cell.text.strip()

    def read_kommun(self) -> str:
        """Return the municipality, by its name also where Start has its code."""
        written = self.read_text("Kommun")
        return self.rubrikkommun or written if written.isdecimal() else written

    def read_namnd(self) -> str:
        """Return the committee; empty where nobody has named it."""
        written = self.read_text("Namnd")
        return "" if fold(written) == fold(beskrivning.UTAN_NAMND) else written

    def read_tal(self, namn: str) -> float | None:
        cell = read_namn(self.bok, namn)
        if cell is None:
            return None
        return cell.tal if cell.tal is not None else parse_svenskt_tal(cell.text)

    def read_ar(self) -> int | None:
        """Return Dataår; None for what is no year that there are figures for."""
        year = self.read_tal("Dataar")
        if year is None or not year.is_integer() or not FORSTA_AR <= year <= _SISTA_AR:
            return None
        return int(year)

    def read_datum(self, namn: str) -> date | None:
        cell = read_namn(self.bok, namn)
        if cell is None:
            return None
        if cell.dag is not None:
            return cell.dag
        try:
            if cell.tal is None:
                return date.fromisoformat(cell.text.strip()[:10])
            return from_serial(cell.tal, date1904=self.bok.date1904)
        except (ValueError, OverflowError):
            return None

    def read_antagen(self) -> str:
        """Return when it was adopted, as text; a date that can't be read as it stands."""
        day, written = self.read_datum("AntagenDatum"), self.read_text("AntagenDatum")
        when = day.isoformat() if day else written
        return " ".join(x for x in (when, self.read_text("AntagenParagraf")) if x)

    def read_tabeller(self) -> dict[str, tuple[Rad, ...]]:
        """Return the rows of each table by its name; none for what is no genomlysning."""
        work = Tabellasare(self.bok, self.varna, self.read_tal)
        found = work.read_tabeller()
        self.anteckningar, self.rubrikkommun = work.anteckningar, work.rubrikkommun
        self.toleranser = work.toleranser
        return found

    def check_blad(self) -> None:
        """Say which sheets people have added, and if it is a copy or of a later form."""
        found = list_vara_blad(self.bok)
        ours = {id(sheet) for sheet, _ in found}
        self.egna = [b.namn for b in self.bok.blad if id(b) not in ours]
        if self.egna:
            self.varna(EGNA_BLAD, blad=join_nagra(self.egna, 8))
        if all(blad is not LISTBLAD for _, blad in found):
            self.varna(KOPIA)
        if (self.read_tal(NAMN_BOKVERSION) or 0) > BOKVERSION:
            self.varna(NYARE)

    def read_anteckningar(self) -> tuple[Rad, ...]:
        """Return what people have written beside the tables, as rows of a table of its own."""
        notes, cut, unread = read_anteckningar(self.bok, self.egna)
        beside = [f"{n.blad}!{n.cell}" for n in notes if n.slag in SAGS]
        if beside:
            count = uppraknat(len(beside), "anteckning", "anteckningar")
            self.varna(ANTECKNINGAR, antal=count, platser=join_nagra(beside, MEST_PLATSER))
        for sheet in cut:
            self.varna(AVKORTADE, blad=sheet, antal=MEST_PER_BLAD)
        if unread:
            self.varna(OLASTA_BLAD, blad=join_nagra(unread, MEST_PLATSER))
        return tuple(n._asdict() for n in (*self.anteckningar, *notes))
