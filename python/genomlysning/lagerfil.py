"""The file that the value store is kept in: one SQLite database, sound or made anew.

It keeps a rollback journal and not a WAL, since a home folder may lie on a network drive, where a
WAL does not work. Everything that goes wrong with the file is either mended here (a damaged file
is set aside and named in `varningar`) or raised as a `FilFel`.
"""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from genomlysning.fel import FilFel, Meddelande

NYARE_VERSION = Meddelande(
    "lager-nyare-version",
    "Filen med sparade värden, {fil}, är gjord av en nyare version av Genomlysning.",
    "Uppdatera Genomlysning, eller ange en annan fil i miljövariabeln GENOMLYSNING_LAGER.",
)
UPPTAGET = Meddelande(
    "lager-upptaget",
    "Filen med sparade värden, {fil}, används just nu av ett annat program.",
    "Vänta en stund och försök igen. Stäng annars andra program som kan ha filen öppen.",
)
OATKOMLIGT = Meddelande(
    "lager-oatkomligt",
    "Filen med sparade värden, {fil}, kan inte läsas eller skrivas.",
    "Kontrollera att mappen går att nå och att du får skriva i den, eller ange en annan fil i "
    "miljövariabeln GENOMLYSNING_LAGER.",
)
MAPP = Meddelande(
    "lager-mapp",
    "{fil} är en mapp, men ska vara filen med sparade värden.",
    "Ange en fil i miljövariabeln GENOMLYSNING_LAGER, till exempel lager.sqlite i den mappen.",
)
FULLT = Meddelande(
    "lager-fullt",
    "Det finns inte plats på disken för filen med sparade värden, {fil}.",
    "Frigör utrymme och försök igen, eller ange en fil på en annan disk i miljövariabeln "
    "GENOMLYSNING_LAGER.",
)
SKADAT = Meddelande(
    "lager-skadat",
    "Filen med sparade värden, {fil}, var skadad och har lagts undan som {undan}.",
    "En ny fil har påbörjats, och värdena hämtas från Kolada på nytt. Den undanlagda filen kan "
    "tas bort.",
)

#: Seconds to wait for another process that holds the file.
VANTETID = 20.0

#: Step n brings a store of schema version n to n + 1; a new store takes them all. Only append.
STEG: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE hamtning (lista TEXT PRIMARY KEY, hamtad TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE kommun (id TEXT PRIMARY KEY, namn TEXT NOT NULL, typ TEXT NOT NULL)"
        " WITHOUT ROWID",
        "CREATE TABLE grupp (id TEXT PRIMARY KEY, titel TEXT NOT NULL, medlemmar TEXT NOT NULL)"
        " WITHOUT ROWID",
        "CREATE TABLE nyckeltal (id TEXT PRIMARY KEY, finns INTEGER NOT NULL, titel TEXT,"
        " kommuntyp TEXT, konsuppdelat INTEGER, publ_period INTEGER, prel_datum TEXT,"
        " slut_datum TEXT, hamtad TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE varde (nyckeltal TEXT NOT NULL, kommun TEXT NOT NULL, year INTEGER NOT NULL,"
        " gender TEXT NOT NULL, varde REAL, antal INTEGER, status TEXT NOT NULL,"
        " finns INTEGER NOT NULL, hamtad TEXT NOT NULL, tidigare REAL, andrad TEXT,"
        " PRIMARY KEY (nyckeltal, kommun, year, gender)) WITHOUT ROWID",
    ),
    # Entries stored before have no area until they are fetched anew, within a week.
    ("ALTER TABLE nyckeltal ADD COLUMN omrade TEXT NOT NULL DEFAULT ''",),
    ("ALTER TABLE nyckeltal ADD COLUMN tidigare_titel TEXT NOT NULL DEFAULT ''",),
)

_MINNE = Path(":memory:")
_T = TypeVar("_T")


class _Skada(sqlite3.DatabaseError):
    """The file is an SQLite database but not a sound store."""


class Lagerfil:
    """An open file of values. Open it with `open`, close it with `close` or a `with` statement.

    `varningar` holds what the user should be told, such as that a damaged file was set aside.

    Opening checks the version, the tables and the structure of the whole file (about 12 ms for
    50,000 values, in proportion to the size). Damage that comes later is found, and mended in
    the same way, by the read or the write that meets it; the store then seems empty.
    """

    def __init__(self, fil: Path) -> None:
        self.fil = fil
        self.varningar: list[str] = []
        self._con: sqlite3.Connection
        self._identitet: tuple[int, int] | None = None
        with self._explaining_errors():
            self._connect()
            try:
                self._run(_prepare)
            except BaseException:
                self.close()
                raise

    @classmethod
    def open(cls, fil: Path | str | None = None) -> Self:
        """Open the store in `fil`, else in GENOMLYSNING_LAGER, else in the user's data folder.

        The file and its folders are created when missing; ':memory:' is a store of its own.
        Raises FilFel when the file cannot be used or a newer version has made it.
        """
        return cls(find_fil(fil))

    def close(self) -> None:
        """Close the file; the store cannot be used after that."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        typ: type[BaseException] | None,
        fel: BaseException | None,
        sparning: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do `work`, a second time on a new file if the present one turns out to be damaged."""
        with self._explaining_errors():
            try:
                return work(self._con)
            except (sqlite3.Error, ValueError) as exc:
                if self.fil == _MINNE or not _is_replaceable(exc):
                    raise
                self._replace(move=_code(exc) != sqlite3.SQLITE_READONLY_DBMOVED)
                return work(self._con)

    def _connect(self) -> None:
        """Open the file, made if need be."""
        if self.fil != _MINNE:
            if self.fil.is_dir():
                raise FilFel(MAPP, fil=self.fil)
            self.fil.parent.mkdir(parents=True, exist_ok=True)
            # Created exclusively or not opened at all: closing a handle of our own to a file
            # that SQLite has open in this process would drop SQLite's locks (POSIX).
            with suppress(FileExistsError):
                os.close(os.open(self.fil, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
            # Before connecting: should the file be replaced in between, it looks like another
            # file than ours later on, and is left alone.
            self._identitet = _read_identitet(self.fil)
        self._con = sqlite3.connect(self.fil, timeout=VANTETID, isolation_level=None)
        self._con.execute("PRAGMA temp_store = MEMORY")

    def _replace(self, *, move: bool) -> None:
        """Set the damaged file aside, unless another process already has, and begin anew.

        The guard is the lock of an empty database beside the store: it works on every system
        and is released even when its process is killed. Its file stays, since two processes
        could otherwise hold one each.
        """
        with closing(sqlite3.connect(f"{self.fil}.las", timeout=VANTETID)) as guard:
            guard.execute("BEGIN EXCLUSIVE")
            if move and _read_identitet(self.fil) == self._identitet:
                # A writer that is not yet done must not find a new store at its journal's
                # name. One that comes later is told by SQLite that the file has moved.
                try:
                    self._con.execute("BEGIN EXCLUSIVE")
                except sqlite3.Error as exc:
                    if not _is_replaceable(exc):
                        raise
                if os.name == "nt":  # Windows does not rename what is open
                    self._con.close()
                undan = _set_aside(self.fil)
                self.varningar.append(SKADAT.format(fil=self.fil, undan=undan))
            self._con.close()
            self._connect()
            _prepare(self._con)

    @contextmanager
    def _explaining_errors(self) -> Iterator[None]:
        """Turn what the file system or SQLite refuses into a FilFel; let faults of ours pass."""
        try:
            yield
        except OSError as exc:
            meddelande = FULLT if exc.errno == errno.ENOSPC else OATKOMLIGT
            raise FilFel(meddelande, fil=self.fil) from exc
        except sqlite3.Error as exc:
            meddelande_or_none = _MEDDELANDEN.get(_code(exc) & 0xFF)
            if meddelande_or_none is None and not _is_replaceable(exc):
                raise
            raise FilFel(meddelande_or_none or OATKOMLIGT, fil=self.fil) from exc
        except _NyareVersionError as exc:
            raise FilFel(NYARE_VERSION, fil=self.fil) from exc


def find_fil(fil: Path | str | None = None) -> Path:
    """Return the file that `Lagerfil.open` uses."""
    vald = str(fil or os.environ.get("GENOMLYSNING_LAGER") or "")
    if not vald:
        from platformdirs import user_data_dir

        return Path(user_data_dir("genomlysning", appauthor=False), "lager.sqlite")
    return _MINNE if vald == str(_MINNE) else Path(vald).expanduser().absolute()


class _NyareVersionError(Exception):
    """The store has a schema version that this program does not know."""


_MEDDELANDEN = {
    sqlite3.SQLITE_BUSY: UPPTAGET,
    sqlite3.SQLITE_LOCKED: UPPTAGET,
    sqlite3.SQLITE_FULL: FULLT,
    sqlite3.SQLITE_CANTOPEN: OATKOMLIGT,
    sqlite3.SQLITE_IOERR: OATKOMLIGT,
    sqlite3.SQLITE_PERM: OATKOMLIGT,
    sqlite3.SQLITE_READONLY: OATKOMLIGT,
}


def _code(exc: BaseException) -> int:
    """Return SQLite's extended result code, 0 where there is none."""
    return getattr(exc, "sqlite_errorcode", 0)


def _is_replaceable(exc: Exception) -> bool:
    """Tell whether `exc` means that another file is needed: damaged content, or a moved file."""
    if isinstance(exc, sqlite3.Error):
        return (
            isinstance(exc, _Skada)
            or _code(exc) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            or _code(exc) == sqlite3.SQLITE_READONLY_DBMOVED
            or str(exc).startswith(("Could not decode", "unsupported file format"))
        )
    # Stored text that cannot be read. Text that cannot be written is the caller's fault.
    return isinstance(exc, ValueError) and not isinstance(exc, UnicodeEncodeError)


@contextmanager
def transaction(con: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Have what is done within kept when it is left, or nothing of it."""
    con.execute(begin)
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            con.rollback()
        raise


def _prepare(con: sqlite3.Connection) -> None:
    """Create or migrate the tables, and see that they are ours and the file is sound.

    Raises _NyareVersionError, or _Skada or another sqlite3.Error for a damaged file.
    """
    if _read_version(con) < len(STEG):
        with transaction(con):
            version = _read_version(con)  # another process may have been first
            if version == 0 and con.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise _Skada("tables of something else")
            for sats in (sats for steg in STEG[version:] for sats in steg):
                con.execute(sats)
            con.execute(f"PRAGMA user_version = {len(STEG)}")
    if not _expected_schema() <= _read_schema(con):
        raise _Skada("tables are missing")
    if con.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _Skada("quick_check")


def _read_version(con: sqlite3.Connection) -> int:
    version: int = con.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEG):
        raise _NyareVersionError
    if version < 0:
        raise _Skada("negative version")
    return version


def _read_schema(con: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    return frozenset(con.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))


@cache
def _expected_schema() -> frozenset[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as con:
        for sats in (sats for steg in STEG for sats in steg):
            con.execute(sats)
        return _read_schema(con)


def _read_identitet(fil: Path) -> tuple[int, int] | None:
    """Return what tells this file from another that takes its name; None if there is none."""
    try:
        stat = fil.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


def _set_aside(fil: Path) -> Path:
    """Rename a damaged store and its journal files, and return the new name.

    The journals go first: one left behind would be played back into the next store.
    """
    grund = f"{fil}.skadad-{datetime.now():%Y%m%d-%H%M%S}"
    namn = (Path(f"{grund}-{n}" if n else grund) for n in count())
    undan = next(n for n in namn if not n.exists())
    for slut in ("-journal", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{fil}{slut}", f"{undan}{slut}")
    fil.rename(undan)
    return undan
