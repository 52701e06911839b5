"""Collecting workbooks against pandas with openpyxl and against bare python-calamine."""

from datetime import datetime
from functools import partial
from pathlib import Path

from benchmarks.matning import Korning, Misslyckad, alternate, median, ratio
from benchmarks.miljo import IDAG, Miljo
from benchmarks.resultat import KOSTNADER, Avsnitt, Mal, Tabell, kostnad, tal, vaxt, vaxtmal

ANTAL = (40, 300)
VAXT = (1, 10, 100)
MAL_CALAMINE = 3.0
_ANDRA = ("Räddningsnämnden", "Valnämnden", "Byggnadsnämnden", "Tekniska nämnden")
TOMT = "sammanstall, en enda fil"
CALAMINE, PANDAS, EGET = "bara python-calamine", "pandas med openpyxl", "sammanstall"
TEXT = """\
Nämnders arbetsböcker, ifyllda och ändrade som människor gör, i en mapp. `sammanstall` läser
filerna i egna processer (högst fyra, en för varje kärna) med gränser för minne och tid,
kontrollerar dem, fogar ihop raderna och skriver kommunens arbetsbok. Det jämförs med att bara
läsa alla celler i samma filer med python-calamine (en process, inget skrivs) och med pandas, som
läser alla blad med openpyxl, lägger dem under varandra och skriver ett enda blad.
Minnet är alla processernas tillsammans."""


def measure(miljo: Miljo) -> Avsnitt:
    """Collect 40 and 300 workbooks, then 1, 10 and 100."""
    found = Avsnitt("sammanstallning", "Sammanställa arbetsböcker", TEXT)
    wanted = (3,) if miljo.snabb else ANTAL
    largest = max(wanted)
    miljo.visa(f"Gör {largest} arbetsböcker …")
    files = make_bocker(miljo.mapp / "bocker", largest)
    for antal in wanted:
        miljo.visa(f"Sammanställer {antal} arbetsböcker …")
        folder = _pick(miljo, files, antal)
        ut = miljo.mapp / "kommun.xlsx"
        runs = alternate(
            {
                EGET: partial(_collect, miljo, folder),
                TOMT: partial(_collect, miljo, _pick(miljo, files, 1)),
                CALAMINE: partial(miljo.skript, "calamine_las", folder),
            },
            miljo.ganger(3),
        )
        # Takes minutes for 300 files, and never comes near.
        slow = alternate({PANDAS: partial(miljo.skript, "pandas_samla", folder, ut)}, 1, varm=False)
        runs |= slow
        rows = tuple(
            (n, *kostnad(r), tal(ratio(r, runs[CALAMINE][: len(r)]), 2)) for n, r in runs.items()
        )
        columns = ("", *KOSTNADER, "mot calamine")
        found.tabeller.append(Tabell(f"{antal} arbetsböcker", columns, rows))
        found.mal.append(
            Mal(
                f"Sammanställa {antal} arbetsböcker mot calamine",
                ratio(runs[EGET], runs[CALAMINE]),
                MAL_CALAMINE,
                "max",
            )
        )
        if unread := runs[PANDAS][0].svar["olasta"]:
            found.slutsatser.append(
                f"openpyxl kunde inte läsa {unread} av de {antal} arbetsböckerna; `sammanstall` "
                "läste alla."
            )
        start = median(runs[TOMT])
        found.slutsatser.append(
            f"Med {antal} arbetsböcker är {tal(start, 2)} s av tiden sådant som inte beror på hur "
            "många de är: att läsa in programmet och pandas, starta läsarna och skriva arbetsboken "
            "för en enda fil."
        )
    steps = VAXT[:1] if miljo.snabb else VAXT
    grown = {}
    for antal in steps:
        miljo.visa(f"Sammanställer {antal} arbetsböcker …")
        folder = _pick(miljo, files, antal)
        grown[antal] = alternate({"": partial(_collect, miljo, folder)}, miljo.ganger(3))[""]
    found.tabeller.append(vaxt("sammanställningen växer", "arbetsböcker", grown))
    if len(grown) > 1:
        found.mal.append(vaxtmal("Sammanställningen", grown))
    return found


def make_bocker(mapp: Path, antal: int) -> list[Path]:
    """Write so many workbooks: a dozen committees in each of several municipalities."""
    from excelredigering import Excelredigering
    from genomlysning.profil import list_profiler
    from namndbocker import edit, fill, make_bok

    profiler = [*list_profiler(), *("generell" for _ in _ANDRA)]
    own = len(profiler) - len(_ANDRA)
    mapp.mkdir()
    made = []
    for number in range(antal):
        which, where = number % len(profiler), number // len(profiler)
        source = mapp / f"{profiler[which]}.mall"
        if not source.exists():
            make_bok(profiler[which], source, datetime.fromisoformat(IDAG), exempel=True)
        fil = mapp / f"{number:03} {profiler[which]}.xlsx"
        written = fill(source, fil, number, _ANDRA[which - own] if which >= own else "")
        edit(written, number)
        if where:
            bok = Excelredigering(fil)
            bok.put_name("Kommun", f"Kommun {where}")
            bok.save(fil)
        made.append(fil)
    return made


def _pick(miljo: Miljo, files: list[Path], antal: int) -> Path:
    folder = miljo.mapp / f"bocker{antal}"
    folder.mkdir(exist_ok=True)
    for fil in files[:antal]:
        target = folder / fil.name
        if not target.exists():
            target.hardlink_to(fil)
    return folder


def _collect(miljo: Miljo, folder: Path) -> Korning:
    ut = miljo.mapp / "kommun.xlsx"
    ut.unlink(missing_ok=True)
    made = miljo.genomlysning("sammanstall", folder, "--ut", ut, "--idag", IDAG, "--json")
    if made.svar["avvisade"]:
        raise Misslyckad(f"{made.svar['avvisade']}")
    return made
