"""A click's own work against a bare import of xlwings and requests."""

from dataclasses import replace

from benchmarks.matning import Korning, alternate, ratio
from benchmarks.miljo import KOMMUN, YEAR, Miljo, write_profil
from benchmarks.resultat import Avsnitt, Mal, Tabell, kostnad, tal, vaxt, vaxtmal

MAL_KLICK = 1.5
VAXT = (1, 10, 100)
TEXT = """\
Knappen Hämta Kolada i en ifylld arbetsbok, i en egen process som när Excel startar den, mot en
som bara läser in xlwings och requests. Tiden är processortid (`benchmarks/skript/klick.py`). Excel
ersätts av testernas egen motor, och dess tid att öppna arbetsboken räknas inte; minnet är hela
processens, med motorn. Värdena finns i värdelagret, så att nätet inte är med. Skrivningarna är
anropen till Excel som ändrar något."""


def measure(miljo: Miljo) -> Avsnitt:
    """Measure the click in the committee's own workbook, and in ones with 1, 10 and 100 rows."""
    found = Avsnitt("klick", "Ett klick i Excel", TEXT)
    miljo.visa("Ett klick …")
    bok = _make(miljo, "barn-och-ungdomsnamnden", "klick")
    runs = alternate(
        {
            "import xlwings, requests": lambda: _own(miljo.skript("klick", "bara")),
            "Hämta Kolada": lambda: _own(miljo.skript("klick", "klick", bok)),
        },
        miljo.ganger(7),
    )
    base = runs["import xlwings, requests"]
    rows = tuple((n, *_kostnad(r), tal(ratio(r, base), 2)) for n, r in runs.items())
    columns = ("", "processor (s)", "minne (MB)", "anrop", "skrivningar i Excel", "mot importen")
    found.tabeller.append(Tabell("ett klick", columns, rows))
    found.mal.append(
        Mal("Ett klick mot importen", ratio(runs["Hämta Kolada"], base), MAL_KLICK, "max")
    )
    grown = {}
    for antal in VAXT[:2] if miljo.snabb else VAXT:
        profil = write_profil(miljo.mapp / f"profil{antal}.toml", antal)
        bok = _make(miljo, str(profil), f"klick{antal}")
        grown[antal] = alternate(
            {"": lambda bok=bok: _own(miljo.skript("klick", "klick", bok))}, miljo.ganger(3)
        )[""]
    found.tabeller.append(vaxt("klicket växer", "rader", grown))
    found.mal.append(vaxtmal("Klicket", grown))
    return found


def _make(miljo: Miljo, namnd: str, namn: str):
    fil = miljo.mapp / f"{namn}.xlsx"
    fil.unlink(missing_ok=True)
    what = ("--kommun", KOMMUN, "--namnd", namnd, "--ar", str(YEAR))
    miljo.genomlysning("skapa", *what, "--ut", fil)
    return fil


def _own(made: Korning) -> Korning:
    """Return the run with the click's own processor time and writes."""
    own = made.svar["sekunder"]
    return replace(
        made, sekunder=own, processor=own, skrivningar=made.svar["skrivningar"], skrivet=None
    )


def _kostnad(runs: list[Korning]) -> tuple[str, ...]:
    return kostnad(runs)[1:5]
