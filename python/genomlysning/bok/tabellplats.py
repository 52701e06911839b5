"""Where our tables stand in an existing workbook, and which of its columns are ours.

A column is found by its header, which names the municipality and the year that the values have.
One under another header is known by its number or its place, where these tell.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    JAMFORELSER,
    NYCKELTALSTABELLER,
    OVER_TID,
    REFERENSTABELLER,
    TALSLAG,
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
from genomlysning.svenska import join_och

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
    "Skriv tillbaka ”{ratt}” i cellen. Är det en egen kolumn, flytta den till sist i tabellen. "
    "Inget har ändrats.",
)
RUBRIK_SAKNAS = Meddelande(
    "bok-rubrik-saknas",
    "Kolumnen ”{ratt}” saknas i tabellen {tabell}, vars rubriker står i {blad}!{cell} och framåt.",
    "Raderna känns igen på den. Ta fram den ur en tidigare kopia. Inget har ändrats.",
)
RUBRIK_OKLAR = Meddelande(
    "bok-rubrik-oklar",
    "Kolumnen ”{ratt}” saknas i tabellen {tabell}. Kanske är den en av {rubriker} ({blad}!{cell}).",
    "Skriv tillbaka rubriken på den som är det. Är ingen det, flytta dem till sist i tabellen. "
    "Inget har ändrats.",
)
KOLUMN_UTANFOR = Meddelande(
    "bok-kolumn-utanfor",
    "Kolumnen ”{rubrik}” i {blad}!{cell} står till höger om tabellen {tabell} men är inte med i "
    "den.",
    "Dra tabellens nedre högra hörn åt höger så att kolumnen kommer med (i LibreOffice: Data, "
    "Definiera område). Inget har ändrats.",
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
    header it has now. `omdopta` are those that have it instead of the one here, and `utanfor` the
    headers that stand beside the table, up to the last one of ours.
    """

    tabell: Tabell
    excel: Boktabell
    kolumner: dict[str, int] = field(default_factory=dict)
    rubriker: dict[str, str] = field(default_factory=dict)
    omdopta: dict[str, str] = field(default_factory=dict)
    utanfor: tuple[str, ...] = ()

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

    def check_utanfor(self) -> None:
        """Refuse a column of ours that stands beside the table: writing would part its rows."""
        row, first, _, _ = self.excel.omrade
        for nyckel, col in self.kolumner.items():
            if col >= first + len(self.excel.kolumner):
                raise FilFel(
                    KOLUMN_UTANFOR,
                    rubrik=self.rubriker[nyckel],
                    tabell=self.excel.namn,
                    blad=self.blad.namn,
                    cell=cell_name(row, col),
                )


def read_platser(bok: Bok, bara: Collection[str] | None = None) -> dict[str, Tabellplats]:
    """Return every table of ours that is left, with the columns that can be told apart.

    `bara` are the names of the only tables that are wanted. For who only reads: nothing is
    refused.
    """
    named = {n: c for n in ("Kommun", "Dataar") if (c := read_namn(bok, n)) is not None}
    kommuner = [named["Kommun"].text] if "Kommun" in named else []
    kommuner += read_former_kommuner(bok)
    year = read_former_year(bok) or (parse_year(named["Dataar"]) if "Dataar" in named else None)
    years = (year or FORSTA_AR,) * 2
    return {
        tabell.namn: find_kolumner(tabell, excel, kommuner or [""], years, False)
        for tabell in (t for b in beskrivning.BLAD for t in b.tabeller)
        if (excel := bok.tabeller.get(tabell.namn.lower())) is not None
        and (bara is None or tabell.namn in bara)
    }


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

    What has another header is told by its number or place. For one of `ours`, which is written
    in, raises FilFel where that is so, and where a column is missing that the rows need.
    """
    # The settings may have been changed by hand and the headers with them.
    variants = [
        _fill_rubriker(tabell.namn, kommun, year)
        for year in dict.fromkeys(years)
        for kommun in dict.fromkeys(kommuner)
    ]
    row, first, _, _ = excel.omrade
    place = Tabellplats(tabell, excel)
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
    found: dict[str, int] = {}
    if excel.rubrikrader:
        place.utanfor = _list_utanfor(excel, {h.lower() for h in expected.values()} - present)
        headers += place.utanfor
        by_header = {h.lower(): i for i, h in reversed(list(enumerate(headers)))}
        found = {k: by_header[h.lower()] for k, h in expected.items() if h.lower() in by_header}
    if excel.rubrikrader or not ours:
        _find_omdopta(place, found, expected, years, ours)
    if ours and find_nyckelkolumn(tabell.namn) not in found:
        raise FilFel(
            RUBRIK_SAKNAS,
            ratt=expected[find_nyckelkolumn(tabell.namn)],
            tabell=tabell.namn,
            blad=excel.blad.namn,
            cell=cell_name(row, first),
        )
    for key in expected:
        if key in found:
            place.kolumner[key] = first + found[key]
            place.rubriker[key] = headers[found[key]]
    if ours:
        place.check_utanfor()
    return place


def _list_utanfor(excel: Boktabell, saknade: Collection[str]) -> tuple[str, ...]:
    """Return the headers directly beside a table, up to the last of those that it is without.

    In LibreOffice a column that is moved to after the last one falls out of the table.
    """
    row, first, _, _ = excel.omrade
    col = first + len(excel.kolumner)
    beside: list[str] = []
    while saknade and (header := excel.blad.cell(row, col + len(beside)).text.strip()):
        beside.append(header)
    while beside and beside[-1].lower() not in saknade:
        beside.pop()
    return tuple(beside)


def _find_omdopta(
    place: Tabellplats,
    found: dict[str, int],
    expected: Mapping[str, str],
    years: tuple[int, int],
    ours: bool,
) -> None:
    """Add to `found` the columns that have other headers.

    Of `ours` only the one that the municipality names may; raises FilFel for another, and for
    columns of values that can't be told.
    """
    excel = place.excel
    row, first, _, _ = excel.omrade
    numbered = any(number for number, _ in excel.kolumner)
    values = {k.nyckel for k in place.tabell.kolumner if k.mall or k.slag in TALSLAG}
    list_luckor = _list_omnumrerade if _has_vara_nummer(place, found) else _list_luckor
    for missing, unknown in list(list_luckor(place, found)):
        sure = len(missing) == len(unknown)
        for i, key in enumerate(missing):
            now = excel.kolumner[unknown[i]][1] if sure else ""
            own = key == "varde" and now.endswith(tuple(f" {y}" for y in years))
            # One of text may as well be gone, and a person's own in its place.
            guarded = key in values or (sure and numbered and key not in _DERAS)
            if ours and not own and unknown and guarded:
                raise FilFel(
                    RUBRIK_ANDRAD if sure else RUBRIK_OKLAR,
                    blad=excel.blad.namn,
                    cell=cell_name(row, first + unknown[i if sure else 0]),
                    nu=now,
                    ratt=expected[key],
                    tabell=place.tabell.namn,
                    rubriker=join_och([f"”{excel.kolumner[n][1]}”" for n in unknown]),
                )
            if sure and (own or not ours):
                found[key] = unknown[i]
                if not own and not _is_samma(now, expected[key]):
                    place.omdopta[key] = expected[key]


def _is_samma(nu: str, ratt: str) -> bool:
    """Tell whether headers are alike but for their year."""
    one, other = (re.sub(r"\d{4}", "", h).lower() for h in (nu, ratt))
    return one == other


def _has_vara_nummer(place: Tabellplats, found: Mapping[str, int]) -> bool:
    """Tell whether a table's columns have the numbers that we gave them, 1, 2, 3 ….

    In Excel a column keeps its number for life. LibreOffice numbers them from the left at each
    saving, and of a workbook that is open, and of ordinary cells, they are not known.
    """
    ids = [number for number, _ in place.excel.kolumner]
    inside = {k: i for k, i in found.items() if i < len(ids)}
    return not inside or (
        ids != list(range(1, len(ids) + 1))
        and all(
            ids[inside[k.nyckel]] == number
            for number, k in enumerate(place.tabell.kolumner, start=1)
            if k.nyckel in inside
        )
    )


#: Columns of ours that are missing, by key, and those that they may be, by place in the table.
_Lucka = tuple[list[str], list[int]]


def _list_omnumrerade(place: Tabellplats, found: Mapping[str, int]) -> Iterator[_Lucka]:
    """Yield each missing column whose number another header has."""
    taken = set(found.values())
    by_id = {n: i for i, (n, _) in enumerate(place.excel.kolumner) if i not in taken}
    for number, kolumn in enumerate(place.tabell.kolumner, start=1):
        if kolumn.nyckel not in found and number in by_id:
            yield [kolumn.nyckel], [by_id[number]]


def _list_luckor(place: Tabellplats, found: Mapping[str, int]) -> Iterator[_Lucka]:
    """Yield the columns missing between two that are found, and what stands there now.

    As many unknown ones as are missing are those. Others may have been deleted.
    """
    keys = [k.nyckel for k in place.tabell.kolumner]
    width = len(place.excel.kolumner)
    inside = {k: i for k, i in found.items() if i < width}
    end = 0
    for gone, group in groupby(keys, key=lambda k: k not in found):
        missing = list(group)
        start, end = end, end + len(missing)
        if gone:
            left = max((inside[k] for k in keys[:start] if k in inside), default=-1)
            right = min((inside[k] for k in keys[end:] if k in inside), default=width)
            yield missing, [i for i in range(left + 1, right) if i not in inside.values()]


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
