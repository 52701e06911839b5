"""What an existing workbook is: its settings and where its tables stand, and may it be changed.

Everything that makes a workbook impossible to update safely is found here, before anything is
fetched, and named with sheet and cell.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from genomlysning.bok import beskrivning, formler
from genomlysning.bok.beskrivning import (
    EXEMPELMARKNING,
    NYCKELTALSTABELLER,
    REFERENSTABELLER,
    UTAN_NAMN,
    find_tabell,
)
from genomlysning.bok.installningar import Installningar, read_installningar
from genomlysning.bok.modell import Bok, cell_name, parse_year, read_namn
from genomlysning.bok.tabellplats import (
    VARA_TABELLER,
    Tabellplats,
    find_kolumner,
    find_nyckelkolumn,
    read_former_kommuner,
    read_former_year,
    read_platser,
)
from genomlysning.fel import AnvandarFel, FilFel, Meddelande

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
SKYDDAT_BLAD = Meddelande(
    "bok-skyddat-blad",
    "Bladet {blad} är skyddat, så värdena från {blad}!{cell} och framåt går inte att ändra.",
    "Ta bort skyddet i Excel under Granska, Ta bort bladets skydd. Inget har ändrats.",
)
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


@dataclass(slots=True)
class Befintlig:
    """An existing workbook that can be updated. `ifylld`: it has figures, so its rows rule."""

    bok: Bok
    installningar: Installningar
    gammalt_year: int
    ifylld: bool
    tabeller: dict[str, Tabellplats] = field(default_factory=dict)

    @property
    def omdopta(self) -> dict[str, str]:
        """The names that people have given our tables, in lower case, and ours."""
        names = ((p.excel.namn, p.tabell.namn) for p in self.tabeller.values())
        return {now.lower(): ours for now, ours in names if now.lower() != ours.lower()}


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
    settings = read_installningar(bok, last_year, filled, check_profil)
    year = read_former_year(bok) or settings.year or last_year
    kommuner = [settings.alla["Kommun"].text, *read_former_kommuner(bok), UTAN_NAMN]
    found = Befintlig(bok, settings, year, filled)
    for blad in beskrivning.BLAD:
        for tabell in blad.tabeller:
            excel = bok.tabeller.get(tabell.namn.lower())
            if excel is None:  # one of people's own tables, which may be dropped
                continue
            ours = tabell.namn in VARA_TABELLER
            found.tabeller[tabell.namn] = find_kolumner(
                tabell, excel, kommuner, (year, settings.year or year), ours
            )
    _check_skydd(found)
    return found


def _is_filled(bok: Bok) -> bool:
    """Tell whether values have ever been fetched, or there is a figure in one of our tables."""
    fetched = read_namn(bok, "SenastHamtad")
    if fetched is not None and fetched.text.strip():
        return True
    for name in (*NYCKELTALSTABELLER, *REFERENSTABELLER):
        table = bok.tabeller.get(name.lower())
        if table is None:
            continue
        wanted = find_nyckelkolumn(name)
        header = next(k.rubrik for k in find_tabell(name).kolumner if k.nyckel == wanted)
        col = next((i for i, (_, h) in enumerate(table.kolumner) if h == header), None)
        if col is not None and any(
            table.blad.cell(nr, table.omrade[1] + col).text.strip() for nr in table.datarader
        ):
            return True
    return False


def describe_inaktuell(bok: Bok) -> str:
    """Say that the values are not those that Start asks for, or not there at all; else ''."""
    kommun, year = (read_namn(bok, n) for n in ("Kommun", "Dataar"))
    former = read_former_year(bok)
    own = [h for p in read_platser(bok).values() if (h := p.rubriker.get("varde"))]
    if kommun is None or year is None or former is None or not own:
        return ""
    if not _is_filled(bok):
        return UTAN_VARDEN.format()
    wanted_year, name = parse_year(year), kommun.text.strip()
    sheets = own[0] if own[0].endswith(str(former)) else f"{own[0]} ({former})"
    # A municipality may be given by its code, which no header has.
    other = (
        kommun.tal is None and not name.isdigit() and own[0].lower() != f"{name} {former}".lower()
    )
    if wanted_year == former and not other:
        return ""
    return VARDEN_AV_ANNAT.format(start=f"{name} {year.text}".strip() or "ingenting", blad=sheets)


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
