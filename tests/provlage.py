"""A folder with a committee's files in which commands meet faults, and what may be left there.

`Provlage` makes the files once: a workbook and a store fetched on `IDAG`, before Kolada changed a
value. A `Prov` is a command that is run `SENARE`. `Provlage.check` says what holds after any
fault: every file is the old one or the whole new one, byte for byte, the old one is kept where a
new one has taken its name, nothing else is there but what a killed run may leave, and the store
is sound.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from forkare import Forkare, Svar
from koladaserver import Koladaserver

IDAG, SENARE = "2026-11-24", "2026-11-26"
BOK, LAGER, PROFIL = "bok.xlsx", "lager.sqlite", "liten.toml"
#: A committee with few figures of every kind: every run takes the way of a full one, but less time.
NYCKELTAL = (
    ("N15001", "Ekonomi", "resultat", "Lägre", False),
    ("N00090", "Personal", "resultat", "Lägre", False),
    ("N11102", "Kvalitet", "resultat", "Högre", False),
    ("N01951", "Kvalitet", "ingen", "Ingen", True),
)
PROFILTEXT = """namn = "Den lilla nämnden"
forvaltning = "förvaltningen"
omrade = "övergripande"
verksamheter = ["forskola"]
""" + "".join(
    f"""
[[nyckeltal]]
id = "{id_}"
namn = "Mått {id_}"
kategori = "{kategori}"
bedomning = "{bedomning}"
riktning = "{riktning}"
over_tid = {str(over_tid).lower()}
enhet = "%"
decimaler = 1
"""
    for id_, kategori, bedomning, riktning, over_tid in NYCKELTAL
)
#: What Kolada has changed meanwhile: figure, municipality and year, and the new value.
ANDRAT = (("N15001", "1489", 2024), 40.5)
#: What only a killed run leaves: a file not yet whole, and what SQLite takes the store back with.
TILLFALLIG = re.compile(r"\.(.+)-[0-9a-f]{12}\.tmp")
JOURNAL = f"{LAGER}-journal"
TABELLER = ("hamtning", "kommun", "grupp", "nyckeltal", "varde")


@dataclass(frozen=True)
class Prov:
    """A command, or a click (the button's function), and the file that it writes, if any."""

    namn: str
    argv: tuple[str, ...] = ()
    klick: str = ""
    ut: str | None = None
    #: Whether a file has the output's name already.
    fanns: bool = True
    #: Whether it fetches, and so writes to the store.
    hamtar: bool = False

    def run(self, forkare: Forkare, mapp: Path, **how) -> Svar:
        """Run it; `how` is for `Forkare.run`."""
        if self.klick:
            return forkare.run(mapp=mapp, klick=(BOK, self.klick, SENARE), **how)
        return forkare.run(*self.argv, "--json", "--idag", SENARE, mapp=mapp, **how)

    def line(self) -> list[str]:
        """Return the installed command's line."""
        script = Path(sys.executable).with_name("genomlysning")
        start = [str(script)] if script.exists() else [sys.executable, "-m", "genomlysning"]
        return [*start, *self.argv, "--json", "--idag", SENARE]


_SKAPA = ("skapa", "--kommun", "Alingsås", "--namnd", PROFIL, "--ar", "2024", "--ut", BOK)
PROV = {
    p.namn: p
    for p in (
        Prov("skapa", _SKAPA, ut=BOK, hamtar=True),
        Prov("uppdatera", ("uppdatera", BOK), ut=BOK, hamtar=True),
        Prov("kopia", ("kopia", BOK), ut="bok (kopia).xlsx"),
        Prov("rapport", ("rapport", BOK), ut="bok.docx"),
        Prov("nytt-ar", ("nytt-ar", BOK), ut="bok 2025.xlsx", fanns=False),
        Prov("sammanstall", ("sammanstall", BOK, "--ut", "kommun.xlsx"), ut="kommun.xlsx"),
        Prov("klick Hämta Kolada", klick="hamta_kolada", hamtar=True),
        Prov("klick Nytt år", klick="nytt_ar", ut="bok 2025.xlsx", fanns=False),
    )
}


@dataclass
class Utfall:
    """What an undisturbed run leaves: the output's bytes, the store and the answer's values."""

    ny: bytes | None
    lager: str
    svar: object
    sekunder: float


@dataclass
class Provlage:
    """The files to begin with, and what each command makes of them."""

    forkare: Forkare
    server: Koladaserver
    mapp: Path
    filer: dict[str, bytes] = field(default_factory=dict, repr=False)
    utfall: dict[str, Utfall] = field(default_factory=dict, repr=False)
    #: States that a following run has been seen to manage.
    klarade: set[tuple[str, ...]] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        start = self.mapp / "start"
        start.mkdir()
        (start / PROFIL).write_text(PROFILTEXT, encoding="utf-8")
        made = self.forkare.run(*_SKAPA, "--idag", IDAG, mapp=start)
        assert made.status == 0, made.err
        self.filer = {n: (start / n).read_bytes() for n in (BOK, LAGER, PROFIL)}
        cell, value = ANDRAT
        self.server.varden[cell] = value

    def put(self, prov: Prov, namn: str = "prov") -> Path:
        """Return a folder with the files as they are before the command."""
        folder = self.mapp / namn
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in self.start(prov).items():
            (folder / name).write_bytes(content)
        return folder

    def start(self, prov: Prov) -> dict[str, bytes]:
        """Return the files before the command, by name."""
        old = {prov.ut: b"nagon annans" * 10_000} if prov.ut and prov.fanns else {}
        return {**old, **self.filer}

    def learn(self, prov: Prov) -> Utfall:
        """Return what the command makes when nothing disturbs it."""
        if prov.namn not in self.utfall:
            folder = self.put(prov, "ostord")
            server = self.server
            faults = server.fel, server.latens, server.klockskillnad
            server.fel, server.latens, server.klockskillnad = None, 0.0, 0
            done = prov.run(self.forkare, folder)
            server.fel, server.latens, server.klockskillnad = faults
            assert done.status == 0, done.err
            self.utfall[prov.namn] = Utfall(
                (folder / prov.ut).read_bytes() if prov.ut else None,
                read_lager(folder / LAGER),
                _values(prov, done),
                done.sekunder,
            )
            self.check(prov, folder, dodad=False)
        return self.utfall[prov.namn]

    def check(self, prov: Prov, mapp: Path, *, dodad: bool) -> bool:
        """See that nothing is between old and new; tell whether the output is the new one.

        `dodad` says that the run was killed, and so could not tidy up after itself.
        """
        start, wanted = self.start(prov), self.learn(prov) if dodad else self.utfall[prov.namn]
        found = {p.name: p.read_bytes() for p in mapp.iterdir()}
        whole = {start.get(prov.ut or ""), wanted.ny} - {None}
        for name, content in found.items():
            if name == LAGER:
                continue
            if name == prov.ut:
                assert content in whole, f"{name} is neither old nor new"
            elif name in start:
                assert content == start[name], f"{name} has changed"
            elif prov.ut and name == kept_name(prov.ut):
                assert content == start[prov.ut], f"{name} is not what was kept"
            else:
                left = TILLFALLIG.fullmatch(name) or name == JOURNAL
                assert dodad, f"{name} is left"
                assert left, f"{name} is left by a killed run"
        assert start.keys() <= found.keys()
        new = prov.ut is not None and found.get(prov.ut) == wanted.ny
        if new and prov.ut in start:
            assert kept_name(prov.ut) in found, "the old file is lost"
        read_lager(mapp / LAGER)
        return new

    def follow(self, prov: Prov, mapp: Path, lager: str = "") -> None:
        """See that a following run works and gives the same, unless this state has been seen.

        A state is what the files and the store hold, whatever temporary files are called. `lager`
        is the digest of the store that it should give, if not that of an undisturbed run.
        """
        names = [TILLFALLIG.sub(r".\1.tmp", p.name) for p in sorted(mapp.iterdir())]
        done = prov.ut and (mapp / prov.ut).exists() and (mapp / prov.ut).read_bytes()
        state = (prov.namn, *names, str(done == self.learn(prov).ny), read_lager(mapp / LAGER))
        if state in self.klarade:
            return
        wanted = self.learn(prov)
        after = prov.run(self.forkare, mapp)
        assert after.status == 0, after.err
        assert _values(prov, after) == wanted.svar
        assert read_lager(mapp / LAGER) == (lager or wanted.lager)
        if prov.ut and prov.ut != BOK:  # the log of an updated workbook tells of both runs
            assert (mapp / prov.ut).read_bytes() == wanted.ny
        self.klarade.add(state)


def kept_name(fil: str) -> str:
    """Return the name by which a file is kept when another takes its place."""
    stem, suffix = os.path.splitext(fil)
    return f"{stem} (tidigare {SENARE}){suffix}"


def _values(prov: Prov, done: Svar) -> object:
    """Return what must be the same in every run's answer: not the number of requests."""
    if prov.klick:
        return None
    answer = done.json
    return answer.get("nyckeltal") or {k: v for k, v in answer.items() if k != "varningar"}


def read_lager(fil: Path) -> str:
    """See that a store is sound, and return a digest of all that it holds."""
    if Path(f"{fil}-journal").exists():
        with closing(sqlite3.connect(fil, timeout=60)) as con:
            con.execute("SELECT 1 FROM sqlite_master").fetchone()  # takes back what is half done
    return _read_lager(fil.read_bytes())


@cache
def _read_lager(content: bytes) -> str:
    seen = hashlib.sha256()
    with closing(sqlite3.connect(":memory:")) as con:
        if content:
            con.deserialize(content)
        assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        made = con.execute("SELECT 1 FROM sqlite_master").fetchone()
        for table in TABELLER if made else ():  # each comes in the order of its key
            for row in con.execute(f"SELECT * FROM {table}"):
                seen.update(repr(row).encode())
    return seen.hexdigest()
