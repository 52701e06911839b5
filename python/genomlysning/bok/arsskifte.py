"""What becomes of a workbook's contents when its year is over: a plan, before anything is written.

Design §3 and issue 'Next year': settings advance, last year's moves become measures to follow up,
measures that are not finished stay, values move one year back. What has no place in the new year
is told in words in the row's comment, so that nothing that people have written is lost.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from genomlysning.bok import beskrivning
from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beskrivning import (
    ARETS_VARDEN,
    ARSKOLUMNER,
    ARSKOLUMNER_REFERENSKOSTNAD,
    BESKRIVNING,
    HAMTADE_KOLUMNER,
    JAMFORELSER,
    NAMNKOLUMNER,
    OVER_TID,
    REFERENSTABELLER,
    UPPFOLJNINGSBLAD,
    Blad,
    map_years,
)
from genomlysning.bok.cellvarde import Cellvarde
from genomlysning.bok.formelmening import Sammanhang, describe_monster
from genomlysning.bok.modell import Bokblad, Cell, cell_name, format_dag
from genomlysning.bok.plan import Rad
from genomlysning.bok.summarader import looks_like_summa
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.bok.ursprung import DELAR, Ursprung, compose_ursprung
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.ord import is_egen_kalla
from genomlysning.svenska import join_nagra, uppraknat
from genomlysning.urval import fold

#: Measures with one of these are not followed up again.
AVSLUTADE = beskrivning.LISTOR["genomforandestatus"][2:]
#: Where last year's moves may go, by the word that the controller chooses with.
TILL = {"kort": "KortSikt", "lang": "LangSikt", "utredning": "UnderUtredning"}
OVERGRIPANDE = beskrivning.FORFLYTTNINGSBLAD[1].tabeller[0].namn
#: Columns that a move has in common with a measure to follow up.
_FOLJER_MED = ("beskrivning", "belopp")
#: The settings that belong to one year's decision.
_BESLUT = ("Diarienummer", "AntagenDatum", "AntagenParagraf")
#: Where the next one keeps when and under which paragraph this one was adopted.
_FORRA_BESLUT = {"AntagenDatum": "ForraAntagenDatum", "AntagenParagraf": "ForraAntagenParagraf"}
_EGET_OM_VARDET = ("kalla", "anmarkning")
_KOSTNAD = ("netto", "procent", "mkr")
_REFERENSVARDEN = (
    *("netto", "referens", "procent", "mkr", "liknande", "index", "index_liknande"),
    *("resursindex", "effektivitetsindex"),
)
#: So many cells are named in a message.
MAX_NAMNDA = 8

EJ_IFYLLD = Meddelande(
    "nytt-ar-ej-ifylld",
    "{fil} har inga värden ännu, så det finns inget att föra över till nästa år.",
    "Hämta värden först: genomlysning uppdatera FIL, eller knappen Hämta Kolada.",
)
EJ_HAMTAD = Meddelande(
    "nytt-ar-ej-hamtad",
    "{fil} har inga värden för {year}, så det finns inget att föra över till nästa år.",
    "Hämta dem först: genomlysning uppdatera FIL, eller knappen Hämta Kolada. Den är kanske redan "
    "nästa års arbetsbok.",
)
KVAR_PA_START = Meddelande(
    "nytt-ar-kvar-pa-start",
    "{plats} ({etikett}) är kvar som ”{text}”.",
    "Skriv det som gäller nästa år.",
)
SUMMARAD = Meddelande(
    "nytt-ar-summarad",
    "Raden i {plats} (”{text}”) ser ut som en summa av de andra och har inte blivit en åtgärd.",
    "Är den ett förslag, skriv in det bland åtgärderna.",
)
UTAN_NAMN = Meddelande(
    "nytt-ar-utan-namn",
    "{antal} på bladet {blad} hade inget i Område och heter nu ”{namn}”.",
    "Skriv vad åtgärden är.",
)
EXEMPEL_UTAN_VARDEN = Meddelande(
    "nytt-ar-exempel-utan-varden",
    "{fil} är nästa år av ett exempel och har inga värden för {year}, så det finns inget att föra "
    "över. Värden kan inte hämtas till ett exempel.",
    "Använd exemplet som det gjordes av.",
)
OLIKA_AR = Meddelande(
    "nytt-ar-olika-ar",
    "Dataår på Start är {start}, men värdena gäller {year}.",
    "Skriv {year} i Dataår, eller hämta värdena för {start} först.",
)
OSPARADE = Meddelande(
    "nytt-ar-osparade",
    "Några formler har inget sparat värde eller visar ett fel ({celler}), så det går inte att föra "
    "över vad de ger.",
    "Rätta dem, öppna filen i Excel och spara den därifrån. Inget har ändrats.",
)
EGEN_FORMEL = Meddelande(
    "nytt-ar-egen-formel",
    "{plats} har en egen formel och är kvar som den var.",
    "Kontrollera att den gäller rätt år.",
)
UTAN_KOMMENTAR = Meddelande(
    "nytt-ar-utan-kommentar",
    "{plats} har ingen plats för förra årets värde, som var: {text}",
)
GAMMAL_UPPFOLJNING = Meddelande(
    "nytt-ar-gammal-uppfoljning",
    "{antal} är kvar med förra årets text i Uppföljning.",
    "Skriv hur det har gått sedan dess.",
)


class Cellskrivning(NamedTuple):
    """A value to put in a cell (row and column from 1)."""

    blad: Bokblad
    row: int
    col: int
    varde: Cellvarde


class Atgard(NamedTuple):
    """A measure and what becomes of it: from which heading (3.1, 4.2 …) to which, '' for out."""

    namn: str
    fran: str
    till: str
    ursprung: str
    status: str = ""


class NyRad(NamedTuple):
    """A move that becomes a row to follow up."""

    tabell: str
    varden: Rad
    atgard: Atgard


@dataclass(slots=True)
class Arsskifte:
    """The whole plan. `tomda` are rows of measures that are emptied, by table.

    `fore` is the period that is over, `beslut` what was decided of it, `forra_texter` its running
    texts by workbook name. `med_text` counts measures that stay and have a follow-up written.
    """

    year: int
    kommun: str
    fore: str
    celler: list[Cellskrivning] = field(default_factory=list)
    nya: list[NyRad] = field(default_factory=list)
    kvar: list[Atgard] = field(default_factory=list)
    avslutade: list[Atgard] = field(default_factory=list)
    tomda: dict[str, list[int]] = field(default_factory=dict)
    forra_texter: dict[str, str] = field(default_factory=dict)
    beslut: str = ""
    med_text: int = 0
    varningar: list[str] = field(default_factory=list)
    _ovissa: list[str] = field(default_factory=list)

    @property
    def period(self) -> str:
        """The period of the new genomlysning."""
        return step_period(self.fore)

    @property
    def flyttade(self) -> list[Atgard]:
        """The moves that are now followed up."""
        return [n.atgard for n in self.nya]

    def read(self, blad: Bokblad, row: int, col: int) -> Cell:
        """Return a cell that is to be carried over; take note of a formula without an answer."""
        cell = blad.cell(row, col)
        if cell.formel is not None and (cell.varde is None or cell.fel):
            self._ovissa.append(f"{blad.namn}!{cell_name(row, col)}")
        return cell

    def put(self, blad: Bokblad, row: int, col: int, varde: Cellvarde) -> bool:
        """Plan a cell, unless a person has a formula there; tell whether it was planned."""
        if blad.cell(row, col).formel is not None:
            plats = f"{blad.namn}!{cell_name(row, col)}"
            self.varningar.append(EGEN_FORMEL.format(plats=plats))
            return False
        self.celler.append(Cellskrivning(blad, row, col, varde))
        return True

    def check(self) -> None:
        """Refuse where a value to carry over can't be known."""
        if self._ovissa:
            places = list(dict.fromkeys(self._ovissa))
            raise FilFel(OSPARADE, celler=join_nagra(places, MAX_NAMNDA))


def plan_arsskifte(found: Befintlig, verksamheter: Sequence[str], till: str) -> Arsskifte:
    """Return what a filled workbook becomes for the year after its own.

    `verksamheter` are the names that Kolada's values are fetched for; `till` is the table that
    last year's moves go to. Raises AnvandarFel for a workbook that has no year to leave and FilFel
    for values that can't be known.
    """
    if not found.ifylld:
        raise AnvandarFel(EJ_IFYLLD, fil=found.bok.fil)
    year = found.gammalt_year
    if found.installningar.year != year:
        raise AnvandarFel(OLIKA_AR, start=found.installningar.year, year=year)
    if not _has_varden(found, year):
        if found.bok.amne() == beskrivning.EXEMPELMARKNING:
            raise AnvandarFel(EXEMPEL_UTAN_VARDEN, fil=found.bok.fil, year=year)
        raise AnvandarFel(EJ_HAMTAD, fil=found.bok.fil, year=year)
    plan = Arsskifte(year + 1, _find_kommun(found), _read_period(found))
    _plan_installningar(plan, found)
    for name in JAMFORELSER:
        _plan_jamforelser(plan, found.tabeller[name])
    for name in OVER_TID:
        _plan_over_tid(plan, found.tabeller[name])
    _plan_referens(plan, found, {v.lower() for v in verksamheter})
    for blad in UPPFOLJNINGSBLAD:
        _plan_uppfoljning(plan, found, blad)
    for blad in beskrivning.FORFLYTTNINGSBLAD:
        _plan_forflyttningar(plan, found, blad, till)
    if plan.med_text:
        count = uppraknat(plan.med_text, "åtgärd", "åtgärder")
        plan.varningar.append(GAMMAL_UPPFOLJNING.format(antal=count))
    _plan_texter(plan, found)
    plan.check()
    return plan


#: A year, and what may follow it as the end of a period; no part of a longer number.
_ARTAL = re.compile(r"(?<!\d)(\d{4})(?:(\s?[-–_/]\s?)(\d+))?(?!\d)")
#: A period is so many years at most; what is more is a month, a number or something else.
_LANGST_PERIOD = 5
#: What can be the year of a genomlysning where no period says which.
_MOJLIGA_AR = range(2000, 2100)


def step_period(text: str) -> str:
    """Return a period one year later: '2025–2026', '2026/27' and '2025' are understood.

    Beside a period only a year that is near it is moved: not the number of a case.
    """
    periods = [int(m[1]) for m in _ARTAL.finditer(text) if _is_period(m)]

    def step(match: re.Match[str]) -> str:
        year, ends = int(match[1]), match[3]
        if _is_period(match):
            last = f"{(int(ends) + 1) % 10 ** len(ends):0{len(ends)}}"
            return f"{year + 1}{match[2]}{last}"
        near = any(abs(year - p) <= _LANGST_PERIOD for p in periods)
        alone = ends is None and (near or (not periods and year in _MOJLIGA_AR))
        return str(year + 1) if alone else match[0]

    return _ARTAL.sub(step, text)


def has_period(text: str) -> bool:
    """Tell whether a text names a period of more years than one: '2025–2026', '2026_27'."""
    return any(_is_period(m) for m in _ARTAL.finditer(text))


def find_forsta_ar(text: str) -> int | None:
    """Return the first year of the period that a text names, or else a year; None without one."""
    found = list(_ARTAL.finditer(text))
    years = [int(m[1]) for m in found if _is_period(m)] + [
        year for m in found if (year := int(m[1])) in _MOJLIGA_AR
    ]
    return years[0] if years else None


def _is_period(match: re.Match[str]) -> bool:
    """Tell whether digits after a year say when its period ends: 2026-27, not 2026-11."""
    year, ends = int(match[1]), match[3] or ""
    if len(ends) == 4:
        return 0 < int(ends) - year <= _LANGST_PERIOD
    return len(ends) == 2 and 0 < (int(ends) - year) % 100 <= _LANGST_PERIOD


def _has_varden(found: Befintlig, year: int) -> bool:
    """Tell whether any row has a value for the data year."""
    compared = (found.tabeller[n] for n in JAMFORELSER)
    over_time = (found.tabeller[n] for n in OVER_TID)
    cost = found.tabeller[REFERENSTABELLER[0]]
    return (
        any(
            p.cell(nr, "varde").text.strip()
            for p in compared
            for nr in p.excel.datarader
            if p.cell(nr, "year").text.strip() in ("", str(year))
        )
        or any(
            p.cell(nr, ARSKOLUMNER[-1]).text.strip() for p in over_time for nr in p.excel.datarader
        )
        or any(cost.cell(nr, k).text.strip() for nr in cost.excel.datarader for k in _KOSTNAD)
    )


# ---- settings and texts ----------------------------------------------------------------------


def _find_kommun(found: Befintlig) -> str:
    """Return the municipality as the headers have it; Start may have its code."""
    for name in JAMFORELSER:
        header = found.tabeller[name].rubriker.get("varde", "")
        if header.endswith(f" {found.gammalt_year}"):
            return header.removesuffix(f" {found.gammalt_year}")
    return found.installningar.kommun


def _read_period(found: Befintlig) -> str:
    year = found.gammalt_year
    return found.installningar.alla["Period"].text.strip() or f"{year + 1}–{year + 2}"


def _plan_installningar(plan: Arsskifte, found: Befintlig) -> None:
    settings = found.installningar.alla
    new: dict[str, Cellvarde] = {
        "Dataar": plan.year,
        "Period": plan.period,
        # This genomlysning's own year: the first one of its period.
        "ForraAret": find_forsta_ar(plan.fore) or plan.year,
        **{new: _read_varde(settings[old]) for old, new in _FORRA_BESLUT.items()},
        **dict.fromkeys(_BESLUT),
    }
    number = settings["Ordningstal"].text.strip()
    if number.isdecimal():
        new["Ordningstal"] = int(number) + 1
    stays = {"Ordningstal": number} if number and "Ordningstal" not in new else {}
    if plan.period == plan.fore:
        stays["Period"] = plan.fore
    for name, value in new.items():
        blad, area = found.bok.namn[name.lower()]
        plan.put(blad, area[0], area[1], value)
    labels = {post.namn: post.etikett for post in beskrivning.INSTALLNINGAR}
    for name, text in stays.items():
        plats = found.installningar.platser[name]
        plan.varningar.append(KVAR_PA_START.format(plats=plats, etikett=labels[name], text=text))
    decided = [
        f"{labels[n]}: {format_dag(settings[n].text) if n == 'AntagenDatum' else settings[n].text}"
        for n in _BESLUT
        if settings[n].text.strip()
    ]
    plan.beslut = "; ".join(decided)


def _read_varde(cell: Cell) -> Cellvarde:
    return cell.dag or (None if isinstance(cell.varde, bool) else cell.varde)


def _plan_texter(plan: Arsskifte, found: Befintlig) -> None:
    """Keep the running texts for reading, and empty where they are written."""
    for name in beskrivning.TEXTRUTOR:
        place = found.bok.namn.get(name.lower())
        if place is None:
            continue
        blad, (row, col, _, _) = place
        plan.forra_texter[name] = plan.read(blad, row, col).text.strip()
        plan.celler.append(Cellskrivning(blad, row, col, None))


# ---- figures ---------------------------------------------------------------------------------


def _plan_jamforelser(plan: Arsskifte, place: Tabellplats) -> None:
    """Empty the values of the year that is over; own ones are told in the row's comment."""
    old = str(plan.year - 1)
    for nr in place.excel.datarader:
        own_year = place.cell(nr, "year").text.strip()
        if own_year not in ("", old):  # a survey's year, which its values still have
            continue
        own = not place.cell(nr, "id").text.strip()
        if own or is_egen_kalla(place.cell(nr, "kalla").text):
            keys = ARETS_VARDEN if own else (*ARETS_VARDEN, *_EGET_OM_VARDET)
            told = _describe(place, _read_varden(plan, place, nr, keys))
            homeless = told and own and not _has_room(place, nr, "kommentar")
            # The year beside them tells which one the values are of, so that they can stay.
            if homeless and _put(plan, place, nr, "year", int(old)):
                continue
            if told:
                _comment(plan, place, nr, "kommentar", f"{old}: {told}")
        if own_year:
            _put(plan, place, nr, "year", plan.year)
        for key in ARETS_VARDEN if own else HAMTADE_KOLUMNER:
            if place.cell(nr, key).varde not in (None, ""):
                _put(plan, place, nr, key, None)


def _plan_over_tid(plan: Arsskifte, place: Tabellplats) -> None:
    """Move the years' values one column to the left; what an own row drops goes in its comment."""
    years = map_years(ARSKOLUMNER, plan.year - 1)
    for nr in place.excel.datarader:
        manual = not place.cell(nr, "id").text.strip()
        by_hand = not manual and is_egen_kalla(place.cell(nr, "kalla").text)
        if by_hand:
            told = _describe(place, _read_varden(plan, place, nr, _EGET_OM_VARDET))
            _comment(plan, place, nr, "kommentar", f"{plan.year - 1}: {told}")
        _move_years(plan, place, nr, years, "kommentar" if manual or by_hand else "")
        if not manual:
            _put(plan, place, nr, "anmarkning", None)


def _plan_referens(plan: Arsskifte, found: Befintlig, verksamheter: set[str]) -> None:
    """Empty the reference cost and move the deviations of earlier years."""
    cost, over_time = (found.tabeller[n] for n in REFERENSTABELLER)
    for nr in cost.excel.datarader:
        name = cost.cell(nr, "verksamhet").text.strip().lower()
        if name in verksamheter:
            _put(plan, cost, nr, "anmarkning", None)
        else:
            told = _describe(cost, _read_varden(plan, cost, nr, _REFERENSVARDEN))
            if told:
                _comment(plan, cost, nr, "anmarkning", f"{plan.year - 1}: {told}")
        for key in _REFERENSVARDEN:
            if cost.cell(nr, key).varde not in (None, ""):
                _put(plan, cost, nr, key, None)
    years = map_years(ARSKOLUMNER_REFERENSKOSTNAD, plan.year - 1)
    for nr in over_time.excel.datarader:
        known = over_time.cell(nr, "verksamhet").text.strip().lower() in verksamheter
        _move_years(plan, over_time, nr, years, "" if known else "anmarkning")
        if known:
            _put(plan, over_time, nr, "anmarkning", None)


def _move_years(
    plan: Arsskifte, place: Tabellplats, nr: int, years: Mapping[str, int], kommentar: str
) -> None:
    """Move a row's values one column to the left; tell in `kommentar` of what finds no room."""
    cells = _read_varden(plan, place, nr, years)
    if not cells:
        return
    keys = list(years)
    left = {keys[0]: cells[keys[0]]} if keys[0] in cells else {}
    for target, source in zip(keys, [*keys[1:], None], strict=True):
        moved = cells.get(source) if source else None
        room = target in place.kolumner and _put(
            plan, place, nr, target, moved.varde if moved else None
        )
        if moved and source and not room and moved.formel is None:
            left[source] = moved
    told = "; ".join(f"{years[k]}: {_text(c)}" for k, c in left.items() if c.formel is None)
    if told and kommentar:
        _comment(plan, place, nr, kommentar, told)


def _read_varden(
    plan: Arsskifte, place: Tabellplats, nr: int, keys: Sequence[str] | Mapping[str, int]
) -> dict[str, Cell]:
    """Return the cells of a row that hold something."""
    return {
        k: cell
        for k in keys
        if k in place.kolumner
        and ((cell := plan.read(place.blad, nr, place.kolumner[k])).varde not in (None, ""))
    }


def _describe(place: Tabellplats, cells: Mapping[str, Cell]) -> str:
    """Return a year's values in words, the own one first."""
    parts = []
    for key, cell in cells.items():
        if cell.formel is not None:  # stays, and goes on reckoning
            continue
        header = re.sub(r" \d{4}$", "", place.rubriker[key])
        parts.append(_text(cell) if key == "varde" else f"{header} {_text(cell)}")
    return "; ".join(parts)


def _has_room(place: Tabellplats, nr: int, key: str) -> bool:
    return key in place.kolumner and place.cell(nr, key).formel is None


def _comment(plan: Arsskifte, place: Tabellplats, nr: int, key: str, text: str) -> None:
    """Add a line to a row's comment; without room for it, tell of it (the log has it then)."""
    if _has_room(place, nr, key):
        earlier = [
            c.varde
            for c in plan.celler
            if (c.blad, c.row, c.col) == (place.blad, nr, place.kolumner[key])
        ]
        before = str(earlier[-1]) if earlier else place.cell(nr, key).text
        _put(plan, place, nr, key, f"{before}\n{text}" if before else text)
        return
    plats = f"{place.blad.namn}!{cell_name(nr, place.excel.omrade[1])}"
    plan.varningar.append(UTAN_KOMMENTAR.format(plats=plats, text=text))


def _put(plan: Arsskifte, place: Tabellplats, nr: int, key: str, varde: Cellvarde) -> bool:
    col = place.kolumner.get(key)
    return col is not None and plan.put(place.blad, nr, col, varde)


def _text(cell: Cell) -> str:
    if cell.dag is not None:
        return cell.dag.isoformat()
    return cell.text.replace(".", ",") if cell.tal is not None else cell.text


# ---- measures and moves ----------------------------------------------------------------------


def _nummer(blad: Blad) -> str:
    return blad.namn.partition(" ")[0]


def _plan_uppfoljning(plan: Arsskifte, found: Befintlig, blad: Blad) -> None:
    """Let measures that are not finished stay as they are, and the others make room."""
    finished = {fold(word) for word in AVSLUTADE}
    for place, nr, row in _read_atgarder(found, blad):
        if looks_like_summa(row):
            continue
        status = row.get("status", "").strip()
        name = row.get("atgard") or row.get("beskrivning") or ""
        number = _nummer(blad)
        done = fold(status.rstrip(".")) in finished
        measure = Atgard(name, number, "" if done else number, row.get("ursprung", ""), status)
        if done:
            plan.avslutade.append(measure)
            _empty(plan, place, nr)
        else:
            plan.kvar.append(measure)
            plan.med_text += "uppfoljning" in row


def _plan_forflyttningar(plan: Arsskifte, found: Befintlig, blad: Blad, till: str) -> None:
    """Turn last year's moves into measures to follow up, with what is known of them."""
    number = _nummer(blad)
    target = next(b for b in UPPFOLJNINGSBLAD if b.tabeller[0].namn == till)
    nameless = 0
    for place, nr, row in _read_atgarder(found, blad):
        if looks_like_summa(row):
            plats = f"{place.blad.namn}!{cell_name(nr, place.excel.omrade[1])}"
            text = "; ".join(row.values())
            plan.varningar.append(SUMMARAD.format(plats=plats, text=text))
            _empty(plan, place, nr)
            continue
        carried: dict[str, Cellvarde] = {}
        for key in _FOLJER_MED:
            if key in place.kolumner:
                cell = plan.read(place.blad, nr, place.kolumner[key])
                carried[key] = cell.varde if cell.dag is None else _text(cell)
        origin = _read_ursprung(plan, place, nr, f"Genomlysning {plan.fore}, {number}")
        nameless += "omrade" not in row
        name = row.get("omrade") or f"Förflyttning från {number}"
        values = carried | {
            "atgard": name,
            "samordning": "Ja" if place.tabell.namn == OVERGRIPANDE else None,
            "ursprung": compose_ursprung(origin),
        }
        measure = Atgard(name, number, _nummer(target), origin.fran)
        plan.nya.append(NyRad(till, values, measure))
        _empty(plan, place, nr)
    if nameless:
        count = uppraknat(nameless, "förflyttning", "förflyttningar")
        told = {"antal": count, "blad": blad.namn, "namn": f"Förflyttning från {number}"}
        plan.varningar.append(UTAN_NAMN.format(**told))


def _read_atgarder(
    found: Befintlig, blad: Blad
) -> Iterator[tuple[Tabellplats, int, dict[str, str]]]:
    """Yield the rows of a table of measures that are one, by column key."""
    place = found.tabeller.get(blad.tabeller[0].namn)
    if place is None:
        return
    for nr in place.excel.datarader:
        if _is_atgard(place, nr):
            cells = {k: place.cell(nr, k) for k in place.kolumner}
            yield place, nr, {k: _text(c) for k, c in cells.items() if c.text.strip()}


def _is_atgard(place: Tabellplats, nr: int) -> bool:
    """Tell whether a row has something in our columns, or own words.

    A number alone in a person's own column is no measure: it is often the row's own number.
    """
    _, first, _, last = place.excel.omrade
    ours = place.kolumner.values()
    cells = ((col, place.blad.cell(nr, col)) for col in range(first, last + 1))
    return any(
        c.formel is None and c.text.strip() and (col in ours or c.tal is None) for col, c in cells
    )


def list_formelrader(place: Tabellplats) -> list[int]:
    """Return the rows of a table of measures that say something by formulas alone.

    Of what a whole column reckons only words count, in the columns that say what a row is about.
    """
    words = (*NAMNKOLUMNER, BESKRIVNING)
    return [
        nr
        for nr in place.excel.datarader
        if not _is_atgard(place, nr)
        and any(
            (c := place.cell(nr, key)).formel is not None
            and c.varde != ""
            and ((key in words and c.text.strip()) or not _is_kolumnformel(place, nr, col))
            for key, col in place.kolumner.items()
        )
    ]


def _read_ursprung(plan: Arsskifte, place: Tabellplats, nr: int, fran: str) -> Ursprung:
    """Return a move's cells that a measure has no columns for, people's own columns too."""
    known = {place.kolumner[k] for k in ("omrade", *_FOLJER_MED) if k in place.kolumner}
    ours = {col: k for k, col in place.kolumner.items() if k in DELAR}
    parts: dict[str, str] = {}
    other: list[tuple[str, str]] = []
    first = place.excel.omrade[1]
    for i, (_, header) in enumerate(place.excel.kolumner):
        col = first + i
        if col in known or (
            place.blad.cell(nr, col).formel is not None and _is_kolumnformel(place, nr, col)
        ):
            continue
        text = _text(plan.read(place.blad, nr, col)).strip()
        if text and col in ours:
            parts[ours[col]] = text
        elif text:
            other.append((header, text))
    return Ursprung(fran=fran, **parts, ovrigt=tuple(other))


def _empty(plan: Arsskifte, place: Tabellplats, nr: int) -> None:
    """Empty a row, but for formulas that the whole column has: they reckon on for the next one."""
    _, first, _, last = place.excel.omrade
    for col in range(first, last + 1):
        cell = place.blad.cell(nr, col)
        if cell.formel is None and cell.varde in (None, ""):
            continue
        if cell.formel is None or not _is_kolumnformel(place, nr, col):
            plan.celler.append(Cellskrivning(place.blad, nr, col, None))
    plan.tomda.setdefault(place.tabell.namn, []).append(nr)


def _is_kolumnformel(place: Tabellplats, nr: int, col: int) -> bool:
    """Tell whether another row of the column has the same formula."""

    def describe(row: int) -> str:
        context = Sammanhang(place.blad.namn, row, col, place.excel.namn)
        return describe_monster(place.blad.cell(row, col).formel or "", context)

    own = describe(nr)
    return any(describe(r) == own for r in place.excel.datarader if r != nr)
