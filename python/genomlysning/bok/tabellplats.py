"""Where our tables stand in an existing workbook, and which of its columns are ours.

A column is found by its header, which names the municipality and the year that the values have.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    JAMFORELSER,
    NYCKELTALSTABELLER,
    OVER_TID,
    REFERENSTABELLER,
    TALSLAG,
    Kolumn,
    Tabell,
    fill_rubrik,
    find_tabell,
)
from genomlysning.bok.modell import (
    Bok,
    Bokblad,
    Boktabell,
    Cell,
    cell_name,
    parse_year,
    read_namn,
)
from genomlysning.fel import FilFel, Meddelande

#: Tables whose cells an update writes; the others are people's own.
VARA_TABELLER = (*NYCKELTALSTABELLER, *REFERENSTABELLER, "Jamforelsegrupper", "Logg")
#: Columns that an update neither reads nor writes.
_DERAS = ("kommentar",)
#: The column that rows are found by; Kolada-id where no other is named.
_NYCKLAR = dict.fromkeys(REFERENSTABELLER, "verksamhet") | {
    "Jamforelsegrupper": "omrade",
    "Logg": "tid",
}

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


def read_platser(bok: Bok, bara: Collection[str] | None = None) -> dict[str, Tabellplats]:
    """Return every table of ours that is left, with the columns that can be told apart.

    `bara` are the names of the only tables that are wanted.

    For who only reads: nothing is refused. A column whose header a person has changed is known by
    its number, which it keeps for life.
    """
    named = {n: c for n in ("Kommun", "Dataar") if (c := read_namn(bok, n)) is not None}
    kommuner = [named["Kommun"].text] if "Kommun" in named else []
    kommuner += read_former_kommuner(bok)
    year = read_former_year(bok) or (parse_year(named["Dataar"]) if "Dataar" in named else None)
    found = {}
    for tabell in (t for b in beskrivning.BLAD for t in b.tabeller):
        excel = bok.tabeller.get(tabell.namn.lower())
        if excel is None or (bara is not None and tabell.namn not in bara):
            continue
        years = (year or FORSTA_AR,) * 2
        place = found[tabell.namn] = find_kolumner(tabell, excel, kommuner or [""], years, False)
        if len(place.kolumner) == len(tabell.kolumner):
            continue
        first, taken = excel.omrade[1], set(place.kolumner.values())
        by_id = {number: i for i, (number, _) in enumerate(excel.kolumner)}
        for number, kolumn in enumerate(tabell.kolumner, start=1):
            index = by_id.get(number)
            if kolumn.nyckel in place.kolumner or index is None or first + index in taken:
                continue
            place.kolumner[kolumn.nyckel] = first + index
            place.rubriker[kolumn.nyckel] = excel.kolumner[index][1]
    return found


def find_nyckelkolumn(tabell: str) -> str:
    """Return the key of the column that a table's rows are found by."""
    return _NYCKLAR.get(tabell, "id")


def read_former_year(bok: Bok) -> int | None:
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


def read_former_kommuner(bok: Bok) -> list[str]:
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


def find_kolumner(
    tabell: Tabell,
    excel: Boktabell,
    kommuner: Iterable[str],
    years: tuple[int, int],
    ours: bool,
) -> Tabellplats:
    """Find our columns by header: those of the former year, or already those of the new.

    For one of `ours`, raises FilFel where a header is missing or changed that the rows need.
    """
    # The settings may have been changed by hand and the headers with them.
    variants = [
        _fill_rubriker(tabell.namn, kommun, year)
        for year in dict.fromkeys(years)
        for kommun in dict.fromkeys(kommuner)
    ]
    row, first, _, _ = excel.omrade
    place = Tabellplats(tabell, excel, {}, {})
    headers = [header for _, header in excel.kolumner]
    for variant in variants:
        if excel.rubrikrader and headers == list(variant.values()):  # as we wrote it
            place.kolumner.update(zip(variant, range(first, first + len(variant)), strict=True))
            place.rubriker.update(variant)
            return place
    present = {header.lower() for header in headers}
    expected = variants[0]
    if len(variants) > 1:
        expected = max(variants, key=lambda v: sum(h.lower() in present for h in v.values()))
    by_header = {h.lower(): i for i, h in reversed(list(enumerate(headers)))}
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
            if ours and kolumn.nyckel == find_nyckelkolumn(tabell.namn):
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
    tabeller: Mapping[str, Tabellplats], kommun: str, year: int
) -> list[tuple[Boktabell, dict[str, str]]]:
    """Return the headers to change for a municipality and a data year, table by table."""
    changes = []
    for name in VARA_TABELLER:
        place = tabeller[name]
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
