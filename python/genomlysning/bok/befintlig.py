"""What an existing workbook is: its settings, its tables' columns by header, and may it be changed.

Everything that makes a workbook impossible to update safely is found here, before anything is
fetched, and named with sheet and cell.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok import beskrivning, formler
from genomlysning.bok.beskrivning import (
    EXEMPELMARKNING,
    INSTALLNINGAR,
    JAMFORELSER,
    NYCKELTALSTABELLER,
    OVER_TID,
    TALSLAG,
    UTAN_NAMN,
    Kolumn,
    Regelrad,
    Tabell,
    fill_rubrik,
    find_tabell,
)
from genomlysning.bok.formeltext import column_number
from genomlysning.bok.modell import Bok, Bokblad, Boktabell, Cell, cell_name, read_namn
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.regler.bedomning import Toleranser

REFERENS = beskrivning.REFERENSTABELLER
#: Tables whose cells an update writes; the others are people's own.
VARA_TABELLER = (*NYCKELTALSTABELLER, *REFERENS, "Jamforelsegrupper", "Logg")
#: Columns that an update neither reads nor writes.
_DERAS = ("kommentar",)
#: The column that rows are found by; Kolada-id where no other is named.
_NYCKLAR = dict.fromkeys(REFERENS, "verksamhet") | {"Jamforelsegrupper": "omrade", "Logg": "tid"}

EXEMPELBOK = Meddelande(
    "bok-exempel",
    "{fil} är fylld med påhittade exempeldata och går inte att uppdatera.",
    "Skapa en arbetsbok med riktiga värden: genomlysning skapa --kommun NAMN --namnd PROFIL.",
)
TABELL_SAKNAS = Meddelande(
    "bok-tabell-saknas",
    "{fil} saknar tabellen {tabell}, som ska stå på bladet {blad} med sin rubrikrad i {cell}.",
    "Ta fram den ur en tidigare kopia. Inget har ändrats.",
)
RUBRIK_ANDRAD = Meddelande(
    "bok-rubrik-andrad",
    "Rubriken i {blad}!{cell} är ändrad till ”{nu}”.",
    "Skriv tillbaka ”{ratt}” i cellen. Inget har ändrats.",
)
RUBRIK_SAKNAS = Meddelande(
    "bok-rubrik-saknas",
    "Kolumnen ”{ratt}” saknas i tabellen {tabell}, vars rubriker står i {blad}!{cell} och framåt.",
    "Raderna känns igen på den. Ta fram den ur en tidigare kopia. Inget har ändrats.",
)
RUBRIK_UPPTAGEN = Meddelande(
    "bok-rubrik-upptagen",
    "Rubriken ”{rubrik}” behövs för de nya värdena men finns redan i {blad}!{cell}.",
    "Byt namn på den kolumnen. Inget har ändrats.",
)
SKYDDAT_BLAD = Meddelande(
    "bok-skyddat-blad",
    "Bladet {blad} är skyddat, så värdena från {blad}!{cell} och framåt går inte att ändra.",
    "Ta bort skyddet i Excel under Granska, Ta bort bladets skydd. Inget har ändrats.",
)
FEL_INSTALLNINGAR = Meddelande(
    "bok-installningar-fel",
    "Inställningar i {fil} behöver rättas:\n{lista}\nInget har ändrats.",
)
NAMN_SAKNAS = Meddelande(
    "bok-namn-saknas",
    "Namnet {namn} (bladet Start, {etikett}) saknas.",
    "Ta fram raden ur en tidigare kopia.",
)
INSTALLNING_TOM = Meddelande("bok-installning-tom", "{plats} ({etikett}) är tom.", "Fyll i den.")
VARDEN_AV_ANNAT = Meddelande(
    "bok-varden-av-annat",
    "Start säger {start}, men värdena på bladen gäller {blad}.",
    "Hämta värdena först (knappen Hämta Kolada, eller genomlysning uppdatera), eller skriv "
    "tillbaka på Start.",
)
UTAN_VARDEN = Meddelande(
    "bok-utan-varden",
    "Arbetsboken har inga värden ännu.",
    "Hämta dem först (knappen Hämta Kolada, eller genomlysning uppdatera).",
)
INSTALLNING_FEL = Meddelande(
    "bok-installning-fel", "{plats} ({etikett}): ”{varde}” går inte att använda.", "{hjalp}"
)


class Installningar(NamedTuple):
    """The settings on Start. `alla` has every cell by workbook name, `platser` where it stands.

    `year` may be None, the newest, in a workbook that has not been filled.
    """

    kommun: str
    profil: str
    year: int | None
    toleranser: Toleranser
    antagen: bool
    alla: dict[str, Cell]
    platser: dict[str, str]


@dataclass(slots=True)
class Tabellplats:
    """One of our tables as it stands in the workbook.

    `kolumner` holds the sheet column of each of our columns that is still there, `rubriker` the
    header it has now.
    """

    tabell: Tabell
    excel: Boktabell
    kolumner: dict[str, int]
    rubriker: dict[str, str]

    @property
    def blad(self) -> Bokblad:
        """The sheet it stands on."""
        return self.excel.blad

    def cell(self, row: int, nyckel: str) -> Cell:
        """Return the cell of a row in one of our columns; empty where that is gone."""
        col = self.kolumner.get(nyckel)
        return Cell(None) if col is None else self.blad.cell(row, col)

    def plats(self, row: int, nyckel: str) -> str:
        """Return a cell's place for a message, such as 2.1 Ekonomi!G7."""
        return f"{self.blad.namn}!{cell_name(row, self.kolumner[nyckel])}"


@dataclass(slots=True)
class Befintlig:
    """An existing workbook that can be updated. `ifylld`: it has figures, so its rows rule."""

    bok: Bok
    installningar: Installningar
    gammalt_year: int
    ifylld: bool
    tabeller: dict[str, Tabellplats] = field(default_factory=dict)


def read_befintlig(
    bok: Bok,
    last_year: int,
    check_profil: Callable[[str], str] = lambda _: "",
    *,
    aven_exempel: bool = False,
) -> Befintlig:
    """Return what the workbook is; raises AnvandarFel or FilFel for what stops an update.

    `last_year` is the highest data year that makes sense. `check_profil` says what is wrong with
    the profile that Start names, to be told with the other faults. Example data are refused,
    unless `aven_exempel`.
    """
    if bok.amne() == EXEMPELMARKNING and not aven_exempel:
        raise AnvandarFel(EXEMPELBOK, fil=bok.fil)
    for name in VARA_TABELLER:
        if name.lower() not in bok.tabeller:
            raise FilFel(
                TABELL_SAKNAS, fil=bok.fil, tabell=name, blad=_home(name), cell=_header_cell(name)
            )
    filled = _is_filled(bok)
    settings = _read_installningar(bok, last_year, filled, check_profil)
    year = _former_year(bok) or settings.year or last_year
    kommuner = [settings.alla["Kommun"].text, *_former_kommuner(bok), UTAN_NAMN]
    found = Befintlig(bok, settings, year, filled)
    for blad in beskrivning.BLAD:
        for tabell in blad.tabeller:
            excel = bok.tabeller.get(tabell.namn.lower())
            if excel is None:  # one of people's own tables, which may be dropped
                continue
            ours = tabell.namn in VARA_TABELLER
            found.tabeller[tabell.namn] = _find_kolumner(
                tabell, excel, kommuner, (year, settings.year or year), ours
            )
    _check_skydd(found)
    return found


def _is_filled(bok: Bok) -> bool:
    """Tell whether values have ever been fetched, or there is a figure in one of our tables."""
    fetched = read_namn(bok, "SenastHamtad")
    if fetched is not None and fetched.text.strip():
        return True
    for name in (*NYCKELTALSTABELLER, *REFERENS):
        table = bok.tabeller.get(name.lower())
        if table is None:
            continue
        wanted = _NYCKLAR.get(name, "id")
        header = next(k.rubrik for k in find_tabell(name).kolumner if k.nyckel == wanted)
        col = next((i for i, (_, h) in enumerate(table.kolumner) if h == header), None)
        if col is not None and any(
            table.blad.cell(nr, table.omrade[1] + col).text.strip() for nr in table.datarader
        ):
            return True
    return False


def read_platser(bok: Bok, bara: Collection[str] | None = None) -> dict[str, Tabellplats]:
    """Return every table of ours that is left, with the columns that can be told apart.

    `bara` are the names of the only tables that are wanted.

    For who only reads: nothing is refused. A column whose header a person has changed is known by
    its number, which it keeps for life.
    """
    named = {n: c for n in ("Kommun", "Dataar") if (c := read_namn(bok, n)) is not None}
    kommuner = [named["Kommun"].text] if "Kommun" in named else []
    kommuner += _former_kommuner(bok)
    year = _former_year(bok) or (_read_year(named["Dataar"]) if "Dataar" in named else None)
    found = {}
    for tabell in (t for b in beskrivning.BLAD for t in b.tabeller):
        excel = bok.tabeller.get(tabell.namn.lower())
        if excel is None or (bara is not None and tabell.namn not in bara):
            continue
        years = (year or FORSTA_AR,) * 2
        place = _find_kolumner(tabell, excel, kommuner or [""], years, False)
        first, taken = excel.omrade[1], set(place.kolumner.values())
        by_id = {number: i for i, (number, _) in enumerate(excel.kolumner)}
        for number, kolumn in enumerate(tabell.kolumner, start=1):
            index = by_id.get(number)
            if kolumn.nyckel in place.kolumner or index is None or first + index in taken:
                continue
            place.kolumner[kolumn.nyckel] = first + index
            place.rubriker[kolumn.nyckel] = excel.kolumner[index][1]
        found[tabell.namn] = place
    return found


def describe_inaktuell(bok: Bok) -> str:
    """Say that the values are not those that Start asks for, or not there at all; else ''."""
    kommun, year = (read_namn(bok, n) for n in ("Kommun", "Dataar"))
    former = _former_year(bok)
    own = [h for p in read_platser(bok).values() if (h := p.rubriker.get("varde"))]
    if kommun is None or year is None or former is None or not own:
        return ""
    if not _is_filled(bok):
        return UTAN_VARDEN.format()
    wanted_year, name = _read_year(year), kommun.text.strip()
    sheets = own[0] if own[0].endswith(str(former)) else f"{own[0]} ({former})"
    # A municipality may be given by its code, which no header has.
    other = (
        kommun.tal is None and not name.isdigit() and own[0].lower() != f"{name} {former}".lower()
    )
    if wanted_year == former and not other:
        return ""
    return VARDEN_AV_ANNAT.format(start=f"{name} {year.text}".strip() or "ingenting", blad=sheets)


def read_regler(bok: Bok) -> Iterator[tuple[int, Regelrad]]:
    """Yield what the workbook's own look-up says, each with its row on the sheet."""
    place = bok.namn.get(formler.REGLER.lower())
    if place is None:
        return
    blad, (first, col, last, _) = place
    for nr in range(first, last + 1):
        figure = blad.cell(nr, col).text.upper()
        if figure:
            cells = [blad.cell(nr, col + i) for i in range(1, 6)]
            yield (
                nr,
                Regelrad(
                    figure,
                    cells[0].text,
                    int(cells[1].tal or 0),
                    cells[2].tal,
                    cells[3].text,
                    cells[4].text,
                ),
            )


def read_indexkrav(bok: Bok) -> list[str]:
    """Return the indices that 2.1 must show, as the workbook has them on Listor."""
    blad = bok.find_blad(beskrivning.LISTBLAD.kodnamn, beskrivning.LISTBLAD.namn)
    col, row, found = column_number(beskrivning.INDEXKRAVKOLUMN), 2, []
    while blad is not None and (text := blad.cell(row, col).text):
        found.append(text)
        row += 1
    return found


def _home(tabell: str) -> str:
    return next(b.namn for b in beskrivning.BLAD for t in b.tabeller if t.namn == tabell)


def _header_cell(tabell: str) -> str:
    return "A6" if tabell != "ReferenskostnadOverTid" else "kolumn A"


def _check_skydd(found: Befintlig) -> None:
    """Refuse where a sheet that must be written is protected."""
    places = [(t.blad, t.excel.omrade) for n, t in found.tabeller.items() if n in VARA_TABELLER]
    for name in (
        "SenastHamtad",
        beskrivning.ANALYSUNDERLAG,
        beskrivning.IKORTHET,
        formler.REGLER,
        *beskrivning.SKRIVNA_UTKAST.values(),
    ):
        place = found.bok.namn.get(name.lower())
        if place:
            places.append(place)
    summary = found.bok.find_blad(
        beskrivning.SAMMANFATTNING.kodnamn, beskrivning.SAMMANFATTNING.namn
    )
    if summary is not None:
        places.append((summary, (1, 1, 1, 1)))
    for blad, area in places:
        if blad.skyddat:
            raise FilFel(SKYDDAT_BLAD, blad=blad.namn, cell=cell_name(area[0], area[1]))


# ---- settings --------------------------------------------------------------------------------


def _read_installningar(
    bok: Bok, last_year: int, filled: bool, check_profil: Callable[[str], str]
) -> Installningar:
    """Read the settings; all faults are told together."""
    cells: dict[str, Cell] = {}
    places: dict[str, str] = {}
    faults: list[str] = []
    labels = {post.namn: post for post in INSTALLNINGAR}
    for name, post in labels.items():
        place = bok.namn.get(name.lower())
        if place is None:
            faults.append(NAMN_SAKNAS.format(namn=name, etikett=post.etikett))
            continue
        blad, area = place
        cells[name] = blad.cell(area[0], area[1])
        places[name] = f"{blad.namn}!{cell_name(area[0], area[1])}"

    def fault(name: str, hjalp: str) -> None:
        cell = cells[name]
        fields = {"plats": places[name], "etikett": labels[name].etikett, "hjalp": hjalp}
        empty = cell.varde in (None, "")
        faults.append(
            INSTALLNING_TOM.format(**fields)
            if empty
            else INSTALLNING_FEL.format(**fields, varde=cell.text)
        )

    for name in ("Kommun", "Profil"):
        if name in cells and (not cells[name].text.strip() or cells[name].fel):
            fault(name, labels[name].hjalp)
    profil = cells["Profil"].text.strip() if "Profil" in cells else ""
    if profil and (wrong := check_profil(profil)):
        faults.append(f"{places['Profil']} ({labels['Profil'].etikett}): {wrong}")
    year = _read_year(cells["Dataar"]) if "Dataar" in cells else None
    may_choose = not filled and "Dataar" in cells and not cells["Dataar"].text.strip()
    if "Dataar" in cells and not may_choose and not FORSTA_AR <= (year or 0) <= last_year:
        fault("Dataar", f"Skriv ett år från {FORSTA_AR} till {last_year}.")
    tolerances = []
    for name in ("Tolerans", "ToleransEnheter"):
        value = cells[name].tal if name in cells else None
        if name in cells and (value is None or not 0 <= value <= 100):
            fault(name, "Skriv ett tal från 0 till 100.")
        tolerances.append(value or 0.0)
    if faults:
        lines = "\n".join(f"– {f}" for f in faults)
        raise AnvandarFel(FEL_INSTALLNINGAR, fil=bok.fil, lista=lines)
    kommun = cells["Kommun"]
    return Installningar(
        # A code written as a number has lost its leading zero.
        kommun=f"{int(kommun.tal):04}" if kommun.tal is not None else kommun.text.strip(),
        profil=profil,
        year=year,
        toleranser=Toleranser(*tolerances),
        antagen=all(cells[n].text.strip() for n in ("AntagenDatum", "AntagenParagraf")),
        alla=cells,
        platser=places,
    )


def _read_year(cell: Cell) -> int | None:
    text = cell.text.strip()
    return int(text) if re.fullmatch(r"\d{4}", text) else None


# ---- columns ---------------------------------------------------------------------------------


def _former_year(bok: Bok) -> int | None:
    """Return the data year that the headers have; None if none tells."""
    for header in _headers(bok, JAMFORELSER):
        match = re.fullmatch(r"(?:Liknande kommuner|Kommungenomsnitt) (\d{4})", header)
        if match:
            return int(match[1])
    years = [
        int(m[1])
        for header in _headers(bok, OVER_TID)
        if (m := re.fullmatch(r"År (\d{4})", header))
    ]
    return max(years, default=None)


def _headers(bok: Bok, tabeller: Iterable[str]) -> list[str]:
    found = [bok.tabeller[n.lower()] for n in tabeller if n.lower() in bok.tabeller]
    return [header for table in found for _, header in table.kolumner]


def _former_kommuner(bok: Bok) -> list[str]:
    """Return the municipalities of the log, the latest first: the headers have one of them."""
    log = bok.tabeller.get("logg")
    headers = [h for _, h in log.kolumner] if log else []
    if log is None or "Kommun" not in headers:
        return []
    col = log.omrade[1] + headers.index("Kommun")
    names = [log.blad.cell(row, col).text for row in log.datarader]
    return list(dict.fromkeys(n for n in reversed(names) if n))


@lru_cache(maxsize=200)
def _fill_rubriker(tabell: str, kommun: str, year: int) -> Mapping[str, str]:
    """Return a table's headers by column key, once for each municipality and year."""
    return {k.nyckel: fill_rubrik(k.rubrik, kommun, year) for k in find_tabell(tabell).kolumner}


def _find_kolumner(
    tabell: Tabell,
    excel: Boktabell,
    kommuner: Iterable[str],
    years: tuple[int, int],
    ours: bool,
) -> Tabellplats:
    """Find our columns by header: those of the former year, or already those of the new."""
    # The settings may have been changed by hand and the headers with them.
    variants = [
        _fill_rubriker(tabell.namn, kommun, year)
        for year in dict.fromkeys(years)
        for kommun in dict.fromkeys(kommuner)
    ]
    present = {header.lower() for _, header in excel.kolumner}
    expected = max(variants, key=lambda v: sum(h.lower() in present for h in v.values()))
    row, first, _, _ = excel.omrade
    place = Tabellplats(tabell, excel, {}, {})
    by_header = {h.lower(): i for i, (_, h) in reversed(list(enumerate(excel.kolumner)))}
    by_id = {number: i for i, (number, _) in enumerate(excel.kolumner)}
    if set(by_id) == {0}:
        by_id = _infer_ids(tabell, excel, expected)
    wanted = {h.lower() for h in expected.values()}
    for number, kolumn in enumerate(tabell.kolumner, start=1):
        header = expected[kolumn.nyckel]
        index = by_header.get(header.lower()) if excel.rubrikrader else None
        if index is None and ours and excel.rubrikrader and kolumn.nyckel not in _DERAS:
            index = _find_renamed(kolumn, number, excel, by_id, wanted, header, years)
        if index is None:
            if ours and kolumn.nyckel == _NYCKLAR.get(tabell.namn, "id"):
                raise FilFel(
                    RUBRIK_SAKNAS,
                    ratt=header,
                    tabell=tabell.namn,
                    blad=excel.blad.namn,
                    cell=cell_name(row, first),
                )
            continue
        place.kolumner[kolumn.nyckel] = first + index
        place.rubriker[kolumn.nyckel] = excel.kolumner[index][1]
    return place


def _infer_ids(tabell: Tabell, excel: Boktabell, expected: Mapping[str, str]) -> dict[int, int]:
    """Return which columns (by our number) have been given other headers, where ids are unknown.

    Between two of our columns that are found, as many unknown headers as there are columns of
    values missing are taken for those. Other columns may have been deleted.
    """
    headers = [h.lower() for _, h in excel.kolumner]
    places = [
        headers.index(h) if (h := expected[k.nyckel].lower()) in headers else None
        for k in tabell.kolumner
    ]
    ours = {i for i in places if i is not None}
    found: dict[int, int] = {}
    for number, (kolumn, place) in enumerate(zip(tabell.kolumner, places, strict=True), start=1):
        if place is not None or not (kolumn.mall or kolumn.slag in TALSLAG):
            continue
        before = max((p for p in places[: number - 1] if p is not None), default=-1)
        after = min((p for p in places[number:] if p is not None), default=len(headers))
        missing = [
            n
            for n, p in enumerate(places, start=1)
            if p is None and _lies(n, places, before, after)
        ]
        unknown = [i for i in range(before + 1, after) if i not in ours]
        if len(unknown) == len(missing):
            found[number] = unknown[missing.index(number)]
    return found


def _lies(number: int, places: Sequence[int | None], before: int, after: int) -> bool:
    """Tell whether a missing column has these two as its nearest found neighbours."""
    left = max((p for p in places[: number - 1] if p is not None), default=-1)
    right = min((p for p in places[number:] if p is not None), default=after)
    return (left, right) == (before, after)


def _find_renamed(
    kolumn: Kolumn,
    number: int,
    excel: Boktabell,
    by_id: dict[int, int],
    wanted: set[str],
    header: str,
    years: tuple[int, int],
) -> int | None:
    """Return the value column under a former municipality's name; refuse other new names.

    A table that we made numbers its columns 1, 2, 3 …, and a column keeps its number for life,
    so a number that is left under another header tells renamed from deleted.
    """
    index = by_id.get(number)
    if index is None or excel.kolumner[index][1].lower() in wanted:
        return None
    now = excel.kolumner[index][1]
    if kolumn.nyckel == "varde" and now.endswith(tuple(f" {y}" for y in years)):
        return index
    row, first, _, _ = excel.omrade
    raise FilFel(
        RUBRIK_ANDRAD,
        blad=excel.blad.namn,
        cell=cell_name(row, first + index),
        nu=now,
        ratt=header,
    )


def plan_rubriker(
    found: Befintlig, kommun: str, year: int
) -> list[tuple[Boktabell, dict[str, str]]]:
    """Return the headers to change for a municipality and a data year, table by table."""
    changes = []
    for name in VARA_TABELLER:
        place = found.tabeller[name]
        new = {
            place.rubriker[k.nyckel]: fill_rubrik(k.rubrik, kommun, year)
            for k in find_tabell(name).kolumner
            if k.nyckel in place.kolumner
        }
        changed = {old: header for old, header in new.items() if old != header}
        row, first, _, _ = place.excel.omrade
        for i, (_, header) in enumerate(place.excel.kolumner):
            taken = {h.lower() for h in changed.values()}
            if header not in new and header.lower() in taken:
                raise FilFel(
                    RUBRIK_UPPTAGEN,
                    rubrik=header,
                    blad=place.blad.namn,
                    cell=cell_name(row, first + i),
                )
        changes.append((place.excel, changed))
    return changes
