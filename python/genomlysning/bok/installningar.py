"""The settings on Start of an existing workbook; all that is wrong with them is told together."""

from collections.abc import Callable
from typing import NamedTuple

from genomlysning.begrepp import FORSTA_AR
from genomlysning.bok.beskrivning import INSTALLNINGAR
from genomlysning.bok.modell import Bok, Cell, cell_name, parse_year
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.regler.bedomning import Toleranser

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


def read_installningar(
    bok: Bok, last_year: int, filled: bool, check_profil: Callable[[str], str]
) -> Installningar:
    """Read the settings; all faults are told together."""
    cells: dict[str, Cell] = {}
    places: dict[str, str] = {}
    faults: list[str] = []
    labels = {post.namn: post for post in INSTALLNINGAR}
    for name, post in labels.items():
        place = bok.namn.get(name.lower())
        if place is None and post.form > 1:
            continue
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
    year = parse_year(cells["Dataar"]) if "Dataar" in cells else None
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
