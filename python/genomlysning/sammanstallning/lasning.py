"""Reads what people have left of one committee's workbook: whatever can be read is read.

Runs in a process of its own (`barn`), since the file may come from anyone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lxml import etree

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ANALYSTEXT,
    BOKVERSION,
    EXEMPELMARKNING,
    FORFLYTTNINGSBLAD,
    JAMFORELSER,
    LISTBLAD,
    NAMN_BOKVERSION,
    NAMN_EXEMPELMARKNING,
    OVER_TID,
    TALSLAG,
    UPPFOLJNINGSBLAD,
    UPPFOLJNINGSTEXT,
    Tabell,
)
from genomlysning.bok.cellvarde import Cellinnehall, from_serial
from genomlysning.bok.lasning import Exceltabell
from genomlysning.bok.listor import read_regler
from genomlysning.bok.modell import cell_name, read_namn
from genomlysning.bok.omrakning import Regler, compute_jamforelse
from genomlysning.bok.paket import FEL_FILTYP, FIL_OLASBAR, FIL_SAKNAS, LOSENORD
from genomlysning.bok.tabellplats import Tabellplats, read_platser
from genomlysning.fel import FilFel, Meddelande
from genomlysning.filskrivning import list_las
from genomlysning.regler.bedomning import Toleranser
from genomlysning.sammanstallning.namndbok import (
    AMNE_SAMMANSTALLNING,
    OVRIGT,
    STORSTA_TAL,
    Namndbok,
    Rad,
    Varde,
)
from genomlysning.sammanstallning.snabbok import MAX_STORLEK, Calaminblad, Snabbok
from genomlysning.svenska import join_nagra, uppraknat

UPPFOLJNINGAR = tuple(t for b in UPPFOLJNINGSBLAD for t in b.tabeller)
FORFLYTTNINGAR = tuple(t for b in FORFLYTTNINGSBLAD for t in b.tabeller)
#: Tables that people write rows in.
EGNA = tuple(t.namn for t in (*UPPFOLJNINGAR, *FORFLYTTNINGAR))
_LASTA = (*JAMFORELSER, *OVER_TID, beskrivning.REFERENSKOSTNAD.namn, *EGNA)
#: A workbook without these has lost something that the others are put together with.
_VANTADE = (beskrivning.REFERENSKOSTNAD.namn, *(t.namn for t in FORFLYTTNINGAR))
#: Headers that a row must have to be taken for one of our tables that is a table no more.
_MINST_RUBRIKER = 3
#: A lost table is looked for among so many rows and columns of each sheet.
_SOKYTA = (200, 30)

_OLE = b"\xd0\xcf\x11\xe0"
_TAL = re.compile(r"[+-]?(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?")
_SISTA_AR = 2099
#: The most letters of a name or a list of them in a message.
_MEST_NAMN = 300
#: The header of a table's own values: municipality and year.
_VARDERUBRIK = re.compile(r"([^\W\d].*) \d{4}")

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
    "{fil} är öppen i ett annat program.",
    "Det som inte är sparat är inte med.",
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
BLAD_DOPT_OM = Meddelande(
    "sammanstall-blad-dopt-om", "{fil}: bladet {blad} heter nu {nu}. Det är läst ändå."
)
FLYTTAD_TABELL = Meddelande(
    "sammanstall-flyttad-tabell",
    "{fil}: tabellen {tabell} är ingen Exceltabell längre. Raderna under rubrikerna i "
    "{blad}!{cell} är lästa.",
    "Kontrollera att alla är med.",
)
UTAN_TABELL = Meddelande(
    "sammanstall-utan-tabell", "{fil} saknar tabellen {tabell} (bladet {blad})."
)
UTANFOR_TABELL = Meddelande(
    "sammanstall-utanfor-tabell",
    "{fil}: {antal} direkt under tabellen på bladet {blad} har också lästs.",
)
TAL_SOM_TEXT = Meddelande(
    "sammanstall-tal-som-text",
    "{fil}: {antal} stod som text och har lästs som tal.",
)
EGNA_BLAD = Meddelande(
    "sammanstall-egna-blad", "{fil} har egna blad, som inte är med i sammanställningen: {blad}."
)
UTAN_KOMMUN = Meddelande(
    "sammanstall-utan-kommun",
    "{fil} säger inte vilken kommun den gäller.",
    "Fyll i Kommun på bladet Start.",
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
    lasare = _Lasare(bok, fil.name)
    tables = lasare.read_tabeller()
    if not tables:
        raise FilFel(ANNAN_BOK, fil=fil)
    lasare.check_blad()
    year = lasare.read_ar()
    kommun = lasare.read_kommun()
    if not kommun:
        lasare.varna(UTAN_KOMMUN)
    if year is None:
        lasare.varna(UTAN_AR)
    if list_las(fil):
        lasare.varna(OPPEN)
    return Namndbok(
        fil=fil.name,
        namnd=lasare.read_text("Namnd") or fil.stem,
        kommun=kommun,
        profil=lasare.read_text("Profil"),
        year=year,
        period=lasare.read_text("Period"),
        antagen=lasare.read_antagen(),
        hamtad=lasare.read_datum("SenastHamtad"),
        # Either mark: properties are easily lost, and so are names.
        exempel=amne == EXEMPELMARKNING or bool(lasare.read_text(NAMN_EXEMPELMARKNING)),
        tabeller=tables,
        texter={n: t for n in (ANALYSTEXT, UPPFOLJNINGSTEXT) if (t := lasare.read_text(n))},
        varningar=tuple(lasare.varningar),
    )


def parse_svenskt_tal(text: str) -> float | None:
    """Return a number written as people do: '1 234,5', '−3,1', '12,5 %'; None if it is none."""
    plain = re.sub(r"[\u00a0\u202f\u2009\u2007]", " ", text).replace("\u2212", "-")
    plain = plain.strip().removesuffix("%").strip()
    if not _TAL.fullmatch(plain):
        return None
    return float(plain.replace(" ", "").replace(",", "."))


def _check_slag(fil: Path) -> None:
    """Refuse other kinds of files, each by its name; Paket tells the rest."""
    if not fil.exists():
        raise FilFel(FIL_SAKNAS, fil=fil)
    try:
        with fil.open("rb") as stream:
            head = stream.read(200)
            if head.startswith(_OLE):
                # A workbook with a password lies encrypted in a package of the old kind.
                rest = head + stream.read(MAX_STORLEK)
                locked = "EncryptedPackage".encode("utf-16-le") in rest
                raise FilFel(LOSENORD if locked else GAMMALT_FORMAT, fil=fil)
    except OSError as error:
        raise FilFel(FIL_OLASBAR, fil=fil, orsak=error.strerror or error) from error
    if b"mimetypeapplication/vnd.oasis.opendocument" in head:
        raise FilFel(OPENDOCUMENT, fil=fil)
    if fil.suffix.lower() == ".xlsb":
        raise FilFel(BINARFORMAT, fil=fil)
    if fil.suffix.lower() not in (".xlsx", ".xlsm"):
        raise FilFel(FEL_FILTYP, fil=fil)


@dataclass(slots=True)
class _Lasare:
    """Reads the parts of a workbook and takes note of what the reader should know."""

    bok: Snabbok
    namn: str
    varningar: list[str] = field(default_factory=list)
    som_text: int = 0
    rubrikkommun: str = ""

    def varna(self, meddelande: Meddelande, **falt: object) -> None:
        told = {k: _cut(v) if isinstance(v, str) else v for k, v in falt.items()}
        self.varningar.append(meddelande.format(fil=_cut(self.namn), **told))

    def read_text(self, namn: str) -> str:
        cell = read_namn(self.bok, namn)
        return "" if cell is None else cell.text.strip()

    def read_kommun(self) -> str:
        """Return the municipality, by its name also where Start has its code."""
        written = self.read_text("Kommun")
        return self.rubrikkommun or written if written.isdecimal() else written

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

    def check_blad(self) -> None:
        """Say which sheets people have added, and if it is a copy or of a later form."""
        known = {b.kodnamn for b in beskrivning.MAKROBOKENS_BLAD}
        tabs = {b.namn for b in beskrivning.MAKROBOKENS_BLAD}
        ours = {id(t.blad) for t in self.bok.tabeller.values() if t.namn in _LASTA}
        own = [
            b.namn
            for b in self.bok.blad
            if b.kodnamn not in known and b.namn not in tabs and id(b) not in ours
        ]
        if own:
            self.varna(EGNA_BLAD, blad=join_nagra(own, 8))
        if self.bok.find_blad(LISTBLAD.kodnamn, LISTBLAD.namn) is None:
            self.varna(KOPIA)
        if (self.read_tal(NAMN_BOKVERSION) or 0) > BOKVERSION:
            self.varna(NYARE)

    # ---- tables ------------------------------------------------------------------------------

    def read_tabeller(self) -> dict[str, tuple[Rad, ...]]:
        """Read the tables that are left, also those that are ordinary cells by now."""
        wanted = [t for b in beskrivning.BLAD for t in b.tabeller if t.namn in _LASTA]
        for tabell in wanted:
            if tabell.namn.lower() not in self.bok.tabeller:
                self._find_losa(tabell)
        places = read_platser(self.bok, _LASTA)
        regler = read_regler(self.bok) if places else {}
        toleranser = Toleranser(
            *(v if (v := self.read_tal(n)) is not None else std for n, std in _TOLERANSER)
        )
        found: dict[str, tuple[Rad, ...]] = {}
        for tabell in wanted:
            place = places.get(tabell.namn)
            home = next(b.namn for b in beskrivning.BLAD if tabell in b.tabeller)
            if place is None:
                if places and tabell.namn in _VANTADE:
                    self.varna(UTAN_TABELL, tabell=tabell.namn, blad=home)
                continue
            if place.blad.namn != home:
                self.varna(BLAD_DOPT_OM, blad=home, nu=place.blad.namn)
            if match := _VARDERUBRIK.fullmatch(place.rubriker.get("varde", "")):
                self.rubrikkommun = self.rubrikkommun or match[1]
            if tabell.namn != beskrivning.REFERENSKOSTNAD.namn:
                self._extend(place)
            rows = tuple(self._read_rader(place))
            if tabell.namn in JAMFORELSER:
                rows = tuple(_with_bedomning(r, regler, toleranser) for r in rows)
            found[tabell.namn] = rows
        if self.som_text:
            self.varna(TAL_SOM_TEXT, antal=uppraknat(self.som_text, "värde", "värden"))
        return found

    def _find_losa(self, tabell: Tabell) -> None:
        """Find a table's header among ordinary cells, by headers that no other table has."""
        headers = {k.rubrik.lower() for k in tabell.kolumner if "{" not in k.rubrik}
        home = next(b for b in beskrivning.BLAD if tabell in b.tabeller)
        for blad in self.bok.blad:
            at_home = blad.kodnamn == home.kodnamn or blad.namn == home.namn
            if not at_home:  # alike tables can't be told apart on another sheet
                continue
            for row in range(1, _SOKYTA[0]):
                cells = [blad.cell(row, col).text.strip() for col in range(1, _SOKYTA[1])]
                if sum(c.lower() in headers for c in cells) < _MINST_RUBRIKER:
                    continue
                first = next(i for i, c in enumerate(cells, start=1) if c)
                last = first
                while last < _SOKYTA[1] - 1 and cells[last]:
                    last += 1
                end = row
                while any(blad.cell(end + 1, c).varde is not None for c in range(first, last + 1)):
                    end += 1
                self.bok.tabeller[tabell.namn.lower()] = Exceltabell(
                    *(tabell.namn, "", etree.Element("table"), blad),
                    *((row, first, end, last), [(0, c) for c in cells[first - 1 : last]], 0, 1),
                )
                self.varna(
                    FLYTTAD_TABELL,
                    tabell=tabell.namn,
                    blad=blad.namn,
                    cell=cell_name(row, first),
                )
                return

    def _extend(self, place: Tabellplats) -> None:
        """Take in rows that stand directly below a table without being part of it."""
        excel = place.excel
        assert isinstance(excel, Exceltabell)
        first_row, first, last_row, last = excel.omrade
        if excel.summarader:
            return
        taken = [
            t.omrade[0]
            for t in self.bok.tabeller.values()
            if t.blad is excel.blad and t.omrade[0] > last_row
        ]
        stop, end = min(taken, default=10**7), last_row
        while end + 1 < stop and any(
            place.blad.cell(end + 1, c).varde is not None for c in range(first, last + 1)
        ):
            end += 1
        if end > last_row:
            excel.omrade = (first_row, first, end, last)
            count = uppraknat(end - last_row, "rad", "rader")
            self.varna(UTANFOR_TABELL, antal=count, blad=place.blad.namn)

    def _read_rader(self, place: Tabellplats) -> Iterator[Rad]:
        """Yield the rows that hold something besides our own formulas."""
        kinds = {k.nyckel: k for k in place.tabell.kolumner}
        ours = set(place.kolumner.values())
        _, first, _, last = place.excel.omrade
        blad = place.blad
        assert isinstance(blad, Calaminblad)
        own = [
            (first + i, header)
            for i, (_, header) in enumerate(place.excel.kolumner)
            if first + i not in ours
        ]
        numbers = {k for k in place.kolumner if kinds[k].slag in TALSLAG}
        reckoned = {k for k in place.kolumner if kinds[k].formel}
        for nr in place.excel.datarader:
            line = [
                v if type(v) is float else None if v is None else _value(v)
                for v in blad.row(nr)[:last]
            ]
            if not any(v is not None for v in line[first - 1 :]):
                continue
            line += [None] * (last - len(line))
            row: dict[str, Varde] = {}
            extra: list[str] = []
            for key, col in place.kolumner.items():
                value = line[col - 1]
                if key in numbers and isinstance(value, float) and abs(value) > STORSTA_TAL:
                    value = _text(value)
                if key in numbers and isinstance(value, str):
                    number = parse_svenskt_tal(value)
                    if number is not None and abs(number) > STORSTA_TAL:
                        number = None
                    if number is not None:
                        self.som_text += 1
                    elif key not in reckoned:
                        extra.append(f"{place.rubriker[key]}: {value}")
                    value = number
                row[key] = value
            for col, header in own:
                if (own_value := line[col - 1]) is not None:
                    extra.append(f"{header}: {_text(own_value)}")
            row[OVRIGT] = "\n".join(extra) or None
            if any(v is not None for k, v in row.items() if k not in reckoned):
                yield row


def _cut(text: str) -> str:
    """Return a name on one line, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= _MEST_NAMN else f"{line[:_MEST_NAMN]} …"


_TOLERANSER = (("Tolerans", 2.0), ("ToleransEnheter", 1.0))


def _text(value: str | float) -> str:
    return f"{value:.15g}" if isinstance(value, float) else value.strip()


def _value(value: Cellinnehall) -> Varde:
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    return None if isinstance(value, str) and not value.strip() else value


def _with_bedomning(rad: Rad, regler: Regler, toleranser: Toleranser) -> Rad:
    """Give a row the verdict that its values have by the workbook's own rules.

    The saved one may be missing, or made before a number was pasted as text.
    """
    if not regler and rad.get("bedomning"):  # a copy keeps its verdicts but not the rules
        return rad
    reckoned = compute_jamforelse(rad, regler, toleranser)
    return {**rad, **{k: v for k, v in reckoned.items() if isinstance(v, str | float)}}
