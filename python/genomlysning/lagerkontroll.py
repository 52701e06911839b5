"""Looks at the value store without changing it: is it there, sound, and to be written in?

Opening a `Lager` creates a missing file and sets a damaged one aside. That is right for a run
and wrong for someone who only asks how things are.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from genomlysning.fel import FilFel, Meddelande
from genomlysning.lagerfil import MAPP, NYARE_VERSION, OATKOMLIGT, STEG, UPPTAGET

SKADAT = Meddelande(
    "lagerkontroll-skadat",
    "Filen med sparade värden, {fil}, är skadad eller något annat än Genomlysnings fil.",
    "Nästa körning lägger den åt sidan, börjar på en ny och hämtar värdena igen. Är filen någon "
    "annans, ange en annan i miljövariabeln GENOMLYSNING_LAGER.",
)

#: Seconds to wait for another process that holds the file.
VANTETID = 2.0


@dataclass(frozen=True, slots=True)
class Lagerlage:
    """The state of the store; `storlek` is in bytes, `senast` when a value was last fetched."""

    fil: Path
    finns: bool
    storlek: int = 0
    antal: int = 0
    senast: datetime | None = None


def inspect_lager(fil: Path) -> Lagerlage:
    """Return the state of the store in `fil`; raises FilFel when it cannot be used."""
    try:
        if fil.is_dir():
            raise FilFel(MAPP, fil=fil)
        if not fil.exists():
            if not _can_be_made(fil):
                raise FilFel(OATKOMLIGT, fil=fil)
            return Lagerlage(fil, finns=False)
        if not os.access(fil, os.R_OK | os.W_OK) or not os.access(fil.parent, os.W_OK):
            raise FilFel(OATKOMLIGT, fil=fil)
        if not fil.stat().st_size:  # made by a run that got no further
            return Lagerlage(fil, finns=True)
        with closing(sqlite3.connect(fil, timeout=VANTETID, isolation_level=None)) as con:
            return _read(con, fil)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise FilFel(UPPTAGET, fil=fil) from error
        unreachable = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
        raise FilFel(OATKOMLIGT if code in unreachable else SKADAT, fil=fil) from error
    except (OSError, ValueError) as error:
        raise FilFel(OATKOMLIGT, fil=fil) from error


def _read(con: sqlite3.Connection, fil: Path) -> Lagerlage:
    # Takes the lock of a writer and gives it back: proves that the file can be written.
    con.execute("BEGIN IMMEDIATE")
    con.execute("ROLLBACK")
    version = con.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEG):
        raise FilFel(NYARE_VERSION, fil=fil)
    if version < 1 or con.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise FilFel(SKADAT, fil=fil)
    antal, senast = con.execute("SELECT count(*), max(hamtad) FROM varde WHERE finns").fetchone()
    for table in ("kommun", "grupp", "nyckeltal", "hamtning"):
        con.execute(f"SELECT 1 FROM {table} LIMIT 1")
    return Lagerlage(
        fil,
        finns=True,
        storlek=fil.stat().st_size,
        antal=antal,
        senast=senast and datetime.fromisoformat(senast),
    )


def _can_be_made(fil: Path) -> bool:
    """Tell whether the nearest folder that exists lets us make the file and folders below it."""
    folder = next(p for p in fil.absolute().parents if p.exists())
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
