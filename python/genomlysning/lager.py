"""The value store: what Kolada has answered, kept between runs in one SQLite file.

The store is a cache with a memory: it also knows what Kolada did *not* have (or every warm run
would ask again), and which value a changed one had before. It keeps a rollback journal and
not a WAL, since a home folder may lie on a network drive, where a WAL does not work.

Everything that goes wrong with the file is either mended here (a damaged file is set aside and
named in `Lager.varningar`) or raised as a `FilFel`.
"""

import errno
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from genomlysning.begrepp import (
    Grupp,
    Kommun,
    LagratVarde,
    Nyckeltal,
    Observation,
    Revidering,
    Spridning,
)
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
)

_NYCKELTAL = (
    "id, finns, titel, kommuntyp, konsuppdelat, publ_period, prel_datum, slut_datum, hamtad, omrade"
)
_INSERT_NYCKELTAL = (
    f"INSERT OR REPLACE INTO nyckeltal ({_NYCKELTAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_SELECT_NYCKELTAL = f"SELECT {_NYCKELTAL} FROM nyckeltal"

_MINNE = Path(":memory:")
_T = TypeVar("_T")


class _Skada(sqlite3.DatabaseError):
    """The file is an SQLite database but not a sound store."""


class Lager:
    """The value store. Open it with `Lager.open`, close it with `close` or a `with` statement.

    `varningar` holds what the user should be told, such as that a damaged file was set aside.
    Each write is one transaction: an exception or a kill leaves the former state.

    Opening checks the version, the tables and the structure of the whole file (about 12 ms for
    50,000 values, in proportion to the size). Damage that comes later is found, and mended in
    the same way, by the read or the write that meets it; the store then seems empty.
    """

    def __init__(self, fil: Path) -> None:
        self.fil = fil
        self.varningar: list[str] = []
        self._con: sqlite3.Connection
        #: What is made ready, and how much of it the temporary table of a connection has.
        self._staged: list[tuple[Sequence[Observation], Sequence[tuple[str, str, int]]]] = []
        self._filled: tuple[sqlite3.Connection | None, int] = (None, 0)
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

    # ---- lists and catalogue ---------------------------------------------------------------

    def write_kommuner(self, kommuner: Sequence[Kommun], hamtad: datetime) -> None:
        """Replace the whole list of municipalities."""
        rows = [(k.id, k.namn, k.typ) for k in kommuner]
        self._write_list("kommun", "INSERT INTO kommun VALUES (?, ?, ?)", rows, hamtad)

    def write_grupper(self, grupper: Sequence[Grupp], hamtad: datetime) -> None:
        """Replace the whole list of groups."""
        rows = [(g.id, g.titel, ",".join(g.medlemmar)) for g in grupper]
        self._write_list("grupp", "INSERT INTO grupp VALUES (?, ?, ?)", rows, hamtad)

    def write_nyckeltal(
        self, nyckeltal: Sequence[Nyckeltal], begarda: Sequence[str], hamtad: datetime
    ) -> None:
        """Keep catalogue entries; ids in `begarda` that did not come are kept as unknown."""
        tid = hamtad.isoformat()
        kom = {n.id for n in nyckeltal}
        rows = [_to_row(n, tid) for n in nyckeltal]
        rows += [(id_, False, *[None] * 6, tid, "") for id_ in begarda if id_ not in kom]

        def work(con: sqlite3.Connection) -> None:
            with _transaction(con):
                con.executemany(_INSERT_NYCKELTAL, rows)

        self._run(work)

    def write_katalog(self, nyckeltal: Sequence[Nyckeltal], hamtad: datetime) -> None:
        """Replace the whole catalogue; ids that are no longer in it are kept as unknown."""
        tid = hamtad.isoformat()
        rows = [_to_row(n, tid) for n in nyckeltal]

        def work(con: sqlite3.Connection) -> None:
            with _transaction(con):
                con.execute("UPDATE nyckeltal SET finns = 0, hamtad = ?", (tid,))
                con.executemany(_INSERT_NYCKELTAL, rows)
                con.execute("INSERT OR REPLACE INTO hamtning VALUES ('nyckeltal', ?)", (tid,))

        self._run(work)

    def read_kommuner(self) -> tuple[list[Kommun], datetime | None]:
        """Return the municipalities by code, and when they were fetched (None: never)."""

        def work(con: sqlite3.Connection) -> tuple[list[Kommun], datetime | None]:
            rows = con.execute("SELECT id, namn, typ FROM kommun ORDER BY id")
            return [Kommun(*r) for r in rows], _read_hamtad(con, "kommun")

        return self._run(work)

    def read_grupper(self, like: str = "%") -> tuple[list[Grupp], datetime | None]:
        """Return the groups by id, and when the list was fetched (None: never).

        `like` is an SQL LIKE pattern for the title, such as '%, Alingsås, ____'.
        """

        def work(con: sqlite3.Connection) -> tuple[list[Grupp], datetime | None]:
            rows = con.execute(
                "SELECT id, titel, medlemmar FROM grupp WHERE titel LIKE ? ORDER BY id", (like,)
            )
            grupper = [Grupp(i, titel, tuple(m.split(",")) if m else ()) for i, titel, m in rows]
            return grupper, _read_hamtad(con, "grupp")

        return self._run(work)

    def read_nyckeltal(self, ids: Sequence[str]) -> dict[str, tuple[Nyckeltal | None, datetime]]:
        """Return the known ones of `ids`; a None entry is an id that Kolada does not have."""

        def work(con: sqlite3.Connection) -> dict[str, tuple[Nyckeltal | None, datetime]]:
            svar: dict[str, tuple[Nyckeltal | None, datetime]] = {}
            for r in con.execute(
                f"{_SELECT_NYCKELTAL} WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            ):
                svar[r[0]] = (_from_row(r) if r[1] else None, datetime.fromisoformat(r[8]))
            return svar

        return self._run(work)

    def read_katalog(self) -> tuple[list[Nyckeltal], datetime | None]:
        """Return the catalogue by id, and when it was fetched as a whole (None: never)."""

        def work(con: sqlite3.Connection) -> tuple[list[Nyckeltal], datetime | None]:
            rows = con.execute(f"{_SELECT_NYCKELTAL} WHERE finns ORDER BY id")
            return [_from_row(r) for r in rows], _read_hamtad(con, "nyckeltal")

        return self._run(work)

    def read_listtid(self, lista: str) -> datetime | None:
        """Return when a list ('kommun', 'grupp' or 'nyckeltal') was fetched (None: never)."""
        return self._run(lambda con: _read_hamtad(con, lista))

    # ---- values ----------------------------------------------------------------------------

    def write_varden(
        self,
        observationer: Sequence[Observation],
        begarda: Iterable[tuple[str, str, int]],
        hamtad: datetime,
    ) -> list[Revidering]:
        """Keep values, and that those asked for in `begarda` but not given do not exist.

        `begarda` are (nyckeltal, kommun, year); without an observation for both genders
        together (T) such a cell is kept as absent. Rows for one gender stay as last seen.

        A value that became another or went missing is a revision: the former one is kept with
        the time, and the revisions of T are returned in order. A first value, or one that comes
        where none was, is no revision and leaves what is known of the latest one.
        """
        tid = hamtad.isoformat()

        def work(con: sqlite3.Connection) -> list[Revidering]:
            self._fill_staged(con)
            with _transaction(con):
                revideringar = con.execute(
                    "SELECT nyckeltal, kommun, year, v.varde, ny.varde"
                    " FROM ny JOIN varde AS v USING (nyckeltal, kommun, year, gender)"
                    " WHERE gender = 'T' AND v.varde IS NOT NULL AND ny.varde IS NOT v.varde"
                    " ORDER BY nyckeltal, kommun, year"
                ).fetchall()
                # The right-hand sides of SET see the row as it was.
                con.execute(
                    "INSERT INTO varde"
                    " SELECT nyckeltal, kommun, year, gender, varde, antal, status, finns, ?1,"
                    " NULL, NULL FROM ny WHERE true"
                    " ON CONFLICT DO UPDATE SET"
                    " tidigare = iif(varde IS NOT NULL AND excluded.varde IS NOT varde,"
                    " varde, tidigare),"
                    " andrad = iif(varde IS NOT NULL AND excluded.varde IS NOT varde,"
                    " ?1, andrad),"
                    " varde = excluded.varde, antal = excluded.antal, status = excluded.status,"
                    " finns = excluded.finns, hamtad = excluded.hamtad",
                    (tid,),
                )
            return [Revidering(*r) for r in revideringar]

        try:
            self.stage_varden(observationer, begarda)
            return self._run(work)
        finally:
            self.forget_staged()

    def stage_varden(
        self, observationer: Sequence[Observation], begarda: Iterable[tuple[str, str, int]]
    ) -> None:
        """Make values ready to be kept by the next `write_varden`, in the same transaction.

        Nothing is written to the file until then, and no other process has to wait.
        """
        given = {o[:3] for o in observationer if o.gender == "T"}
        self._staged.append((observationer, [cell for cell in begarda if cell not in given]))
        try:
            self._run(self._fill_staged)
        except BaseException:
            self.forget_staged()
            raise

    def forget_staged(self) -> None:
        """Give up what has been made ready."""
        self._staged.clear()
        self._filled = (self._con, 0)

    def _fill_staged(self, con: sqlite3.Connection) -> None:
        """See that the temporary table `ny` of this connection has all that is made ready."""
        owner, done = self._filled
        if owner is not con:  # the store has been replaced
            done = 0
        if done == 0:
            con.execute(
                "CREATE TEMP TABLE IF NOT EXISTS ny (nyckeltal, kommun, year, gender, varde, antal,"
                " status, finns, PRIMARY KEY (nyckeltal, kommun, year, gender)) WITHOUT ROWID"
            )
            con.execute("DELETE FROM ny")
        # Without a lock on the file, which has no part in it.
        with _transaction(con, "BEGIN"):
            for observationer, saknade in self._staged[done:]:
                # An observation has its fields in the order of the columns; as plain tuples they
                # are taken faster.
                con.executemany(
                    "INSERT OR REPLACE INTO ny VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
                    map(tuple, observationer),
                )
                con.executemany(
                    "INSERT OR IGNORE INTO ny VALUES (?, ?, ?, 'T', NULL, NULL, '', 0)", saknade
                )
        self._filled = con, len(self._staged)

    def read_varden(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], years: Sequence[int]
    ) -> dict[tuple[str, str, int], LagratVarde]:
        """Return what is stored for both genders together, keyed (nyckeltal, kommun, year).

        A cell that was never asked for is not in the answer; one that Kolada does not have is,
        with `finns` False.
        """

        def work(con: sqlite3.Connection) -> dict[tuple[str, str, int], LagratVarde]:
            parse = cache(datetime.fromisoformat)
            return {
                (n, k, year): LagratVarde(
                    v, antal, status, bool(finns), parse(hamtad), tid, andrad and parse(andrad)
                )
                for n, k, year, v, antal, status, finns, hamtad, tid, andrad in con.execute(
                    "SELECT nyckeltal, kommun, year, varde, antal, status, finns, hamtad,"
                    " tidigare, andrad FROM varde"
                    " WHERE nyckeltal IN (SELECT value FROM json_each(?))"
                    " AND kommun IN (SELECT value FROM json_each(?))"
                    " AND year IN (SELECT value FROM json_each(?)) AND gender = 'T'",
                    tuple(json.dumps(list(x)) for x in (nyckeltal, kommuner, years)),
                )
            }

        return self._run(work)

    def read_spridning(
        self, nyckeltal: Sequence[str], kommuner: Sequence[str], year: int
    ) -> dict[str, Spridning]:
        """Return what is stored of one year for many municipalities, by figure.

        The same as `read_varden` tells, but in a form that takes a fifth of the time.
        """

        def work(con: sqlite3.Connection) -> dict[str, Spridning]:
            found: dict[str, Spridning] = {}
            times: dict[str, set[str]] = {}
            # The plus sign keeps SQLite from looking up each municipality: reading on is faster.
            for figure, kommun, value, hamtad in con.execute(
                "SELECT nyckeltal, kommun, varde, hamtad FROM varde"
                " WHERE nyckeltal IN (SELECT value FROM json_each(?))"
                " AND +kommun IN (SELECT value FROM json_each(?)) AND year = ? AND gender = 'T'",
                (json.dumps(list(nyckeltal)), json.dumps(list(kommuner)), year),
            ):
                spread = found.get(figure)
                if spread is None:
                    spread = found[figure] = Spridning()
                    times[figure] = set()
                if value is not None:
                    spread.varden[kommun] = value
                spread.antal += 1
                times[figure].add(hamtad)
            for figure, stamps in times.items():
                found[figure].hamtade = {datetime.fromisoformat(t) for t in stamps}
            return found

        return self._run(work)

    def count_spridning(self, nyckeltal: Sequence[str], year: int) -> dict[str, Spridning]:
        """Return how many municipalities and groups one year is stored for, by figure, and when.

        `varden` is left empty, and of the times only the first and the last are given.
        """

        def work(con: sqlite3.Connection) -> dict[str, Spridning]:
            rows = con.execute(
                "SELECT nyckeltal, count(*), min(hamtad), max(hamtad) FROM varde"
                " WHERE nyckeltal IN (SELECT value FROM json_each(?))"
                " AND year = ? AND gender = 'T' GROUP BY nyckeltal",
                (json.dumps(list(nyckeltal)), year),
            )
            return {
                n: Spridning(antal=antal, hamtade={*map(datetime.fromisoformat, times)})
                for n, antal, *times in rows
            }

        return self._run(work)

    # ---- the file --------------------------------------------------------------------------

    def _write_list(
        self, tabell: str, insert: str, rows: Sequence[tuple[str, ...]], hamtad: datetime
    ) -> None:
        def work(con: sqlite3.Connection) -> None:
            with _transaction(con):
                con.execute(f"DELETE FROM {tabell}")
                con.executemany(insert, rows)
                con.execute(
                    "INSERT OR REPLACE INTO hamtning VALUES (?, ?)", (tabell, hamtad.isoformat())
                )

        self._run(work)

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
    """Return the file that `Lager.open` uses."""
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
def _transaction(con: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
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
        with _transaction(con):
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


def _to_row(n: Nyckeltal, tid: str) -> tuple[object, ...]:
    return (
        n.id,
        True,
        n.titel,
        n.kommuntyp,
        n.konsuppdelat,
        n.publ_period,
        n.prel_datum and n.prel_datum.isoformat(),
        n.slut_datum and n.slut_datum.isoformat(),
        tid,
        n.omrade,
    )


def _from_row(r: Sequence[Any]) -> Nyckeltal:
    return Nyckeltal(
        id=r[0],
        titel=r[2],
        kommuntyp=r[3],
        konsuppdelat=bool(r[4]),
        publ_period=r[5],
        prel_datum=r[6] and date.fromisoformat(r[6]),
        slut_datum=r[7] and date.fromisoformat(r[7]),
        omrade=r[9],
    )


def _read_hamtad(con: sqlite3.Connection, lista: str) -> datetime | None:
    row = con.execute("SELECT hamtad FROM hamtning WHERE lista = ?", (lista,)).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


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
