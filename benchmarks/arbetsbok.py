"""Building a workbook and updating one: time, memory, and how much of the file is touched."""

import zipfile
from pathlib import Path

from lxml import etree

from benchmarks.matning import Korning, alternate
from benchmarks.miljo import IDAG, KOMMUN, YEAR, Miljo, write_profil
from benchmarks.resultat import Avsnitt, Tabell, tal, vaxt, vaxtmal

VAXT = (1, 10, 100)
_CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
TEXT = """\
`skapa` och `uppdatera` med alla värden i värdelagret, så att det som mäts är arbetsboken:
processen från start till slut. Uppdateringen görs efter att var tionde värde har ändrats i
Kolada. *Delar* är filens delar, *ändrade* de vars innehåll inte är detsamma som före."""


def measure(miljo: Miljo) -> Avsnitt:
    """Build and update workbooks with 1, 10 and 100 figures."""
    found = Avsnitt("arbetsbok", "Skriva och uppdatera en arbetsbok", TEXT)
    built: dict[int, list[Korning]] = {}
    updated: dict[int, list[Korning]] = {}
    touched: list[tuple[str, ...]] = []
    for antal in VAXT[:2] if miljo.snabb else VAXT:
        miljo.visa(f"Arbetsbok med {antal} nyckeltal …")
        profil = write_profil(miljo.mapp / f"profil{antal}.toml", antal)
        bok, ny = miljo.mapp / f"bok{antal}.xlsx", miljo.mapp / f"ny{antal}.xlsx"
        what = ("--kommun", KOMMUN, "--namnd", profil, "--ar", str(YEAR), "--idag", IDAG)

        def build(bok: Path = bok, what: tuple[str | Path, ...] = what) -> Korning:
            bok.unlink(missing_ok=True)
            return miljo.genomlysning("skapa", *what, "--ut", bok)

        def update(bok: Path = bok, ny: Path = ny) -> Korning:
            ny.unlink(missing_ok=True)
            return miljo.genomlysning("uppdatera", bok, "--ut", ny, "--idag", IDAG)

        miljo.forget()
        built[antal] = alternate({"": build}, miljo.ganger(5))[""]
        _change_values(miljo, profil)
        updated[antal] = alternate({"": update}, miljo.ganger(5))[""]
        touched.append((f"{antal}", *_compare(bok, ny)))
    found.tabeller += [
        vaxt("skapa", "nyckeltal", built),
        vaxt("uppdatera", "nyckeltal", updated),
        Tabell(
            "vad en uppdatering rör",
            ("nyckeltal", "delar", "ändrade delar", "celler", "ändrade celler"),
            tuple(touched),
        ),
    ]
    found.mal += [vaxtmal("Skapa", built), vaxtmal("Uppdatera", updated)]
    return found


def _change_values(miljo: Miljo, profil: Path) -> None:
    """Let every tenth figure have another value, already fetched."""
    from genomlysning.profil import load_profil

    figures = [n.id for n in load_profil(str(profil)).nyckeltal]
    kod = miljo.skript("hamta", profil, KOMMUN, str(YEAR), IDAG).svar["kod"]
    for figure in figures[::10]:
        old = miljo.server.value(figure, kod, YEAR)[0]
        miljo.server.varden[figure, kod, YEAR] = (old or 0.0) + 1.0
    miljo.server.minne.clear()
    miljo.forget()
    miljo.skript("hamta", profil, KOMMUN, str(YEAR), IDAG)
    miljo.server.varden.clear()
    miljo.server.minne.clear()


def _compare(fore: Path, efter: Path) -> tuple[str, ...]:
    """Return parts, changed parts, cells and changed cells."""
    with zipfile.ZipFile(fore) as one, zipfile.ZipFile(efter) as other:
        parts = {i.filename: i.CRC for i in one.infolist()}
        after = {i.filename: i.CRC for i in other.infolist()}
        changed = [n for n in parts.keys() | after.keys() if parts.get(n) != after.get(n)]
        cells = sum(len(_cells(one, n)) for n in parts if n.startswith("xl/worksheets/sheet"))
        touched = 0
        for name in changed:
            if name.startswith("xl/worksheets/sheet"):
                before, now = _cells(one, name), _cells(other, name)
                touched += sum(before.get(r) != now.get(r) for r in before.keys() | now.keys())
    return tal(len(parts), 0), tal(len(changed), 0), tal(cells, 0), tal(touched, 0)


def _cells(packed: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    root = etree.fromstring(packed.read(name))
    return {c.get("r", ""): etree.tostring(c, method="c14n") for c in root.iter(_CELL)}
