"""The value store: what Kolada has answered, kept between runs in one SQLite file.

The store is a cache with a memory: it also knows what Kolada did *not* have (or every warm run
would ask again), and which value a changed one had before. The file itself is `lagerfil`'s.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from genomlysning.begrepp import (
    Grupp,
    Kommun,
    LagratVarde,
    Nyckeltal,
    Observation,
    Revidering,
    Spridning,
)
from genomlysning.lagerfil import Lagerfil, transaction

_NYCKELTAL = (
    "id, finns, titel, kommuntyp, konsuppdelat, publ_period, prel_datum, slut_datum, hamtad, omrade"
)
#: A title that became another is remembered, and also that of a figure which is gone.
_INSERT_NYCKELTAL = (
    f"INSERT INTO nyckeltal ({_NYCKELTAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET"
    " tidigare_titel = iif(excluded.titel <> titel, titel,"
    " tidigare_titel),"
    " finns = excluded.finns, titel = coalesce(excluded.titel, titel),"
    " kommuntyp = excluded.kommuntyp, konsuppdelat = excluded.konsuppdelat,"
    " publ_period = excluded.publ_period, prel_datum = excluded.prel_datum,"
    " slut_datum = excluded.slut_datum, hamtad = excluded.hamtad,"
    " omrade = iif(excluded.omrade = '', omrade, excluded.omrade)"
)
_SELECT_NYCKELTAL = f"SELECT {_NYCKELTAL}, tidigare_titel FROM nyckeltal"


class Lager(Lagerfil):
    """The value store. Each write is one transaction: an exception or a kill leaves all as it was.

    Open it with `Lager.open`, close it with `close` or a `with` statement.
    """

    def __init__(self, fil: Path) -> None:
        super().__init__(fil)
        #: What is made ready, and how much of it the temporary table of a connection has.
        self._staged: list[tuple[Sequence[Observation], Sequence[tuple[str, str, int]]]] = []
        self._filled: tuple[sqlite3.Connection | None, int] = (None, 0)

    # ---- lists and catalogue ---------------------------------------------------------------

    def write_kommuner(self, kommuner: Sequence[Kommun], hamtad: datetime) -> None:
        """Replace the whole list of municipalities."""
        rows = [(k.id, k.namn, k.typ) for k in kommuner]
        self._write_list("kommun", "INSERT INTO kommun VALUES (?, ?, ?)", rows, hamtad)

    def write_grupper(self, grupper: Sequence[Grupp], hamtad: datetime) -> None:
        """Replace the whole list of groups; values of those with other members are forgotten."""

        def work(con: sqlite3.Connection) -> None:
            with transaction(con):
                _replace_grupper(con, grupper, hamtad, hela=True)

        self._run(work)

    def write_nyckeltal(
        self, nyckeltal: Sequence[Nyckeltal], begarda: Sequence[str], hamtad: datetime
    ) -> None:
        """Keep catalogue entries; ids in `begarda` that did not come are kept as unknown."""
        tid = hamtad.isoformat()
        kom = {n.id for n in nyckeltal}
        rows = [_to_row(n, tid) for n in nyckeltal]
        rows += [(id_, False, *[None] * 6, tid, "") for id_ in begarda if id_ not in kom]

        def work(con: sqlite3.Connection) -> None:
            with transaction(con):
                con.executemany(_INSERT_NYCKELTAL, rows)

        self._run(work)

    def write_katalog(self, nyckeltal: Sequence[Nyckeltal], hamtad: datetime) -> None:
        """Replace the whole catalogue; ids that are no longer in it are kept as unknown."""
        tid = hamtad.isoformat()
        rows = [_to_row(n, tid) for n in nyckeltal]

        def work(con: sqlite3.Connection) -> None:
            with transaction(con):
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

    def read_forna(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return the titles and areas, by id, that figures had which Kolada no longer has."""

        def work(con: sqlite3.Connection) -> dict[str, tuple[str, str]]:
            rows = con.execute(
                "SELECT id, titel, omrade FROM nyckeltal WHERE NOT finns AND titel IS NOT NULL"
                " AND id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
            return {i: (titel, omrade) for i, titel, omrade in rows}

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
        grupper: Sequence[Grupp] = (),
        *,
        alla_grupper: bool = False,
    ) -> list[Revidering]:
        """Keep values, and that those asked for in `begarda` but not given do not exist.

        `begarda` are (nyckeltal, kommun, year); without an observation for both genders
        together (T) such a cell is kept as absent. Rows for one gender stay as last seen.

        A value that became another or went missing is a revision: the former one is kept with
        the time, and the revisions of T are returned in order. A first value, or one that comes
        where none was, is no revision and leaves what is known of the latest one.

        `grupper` are groups as they were when the values came, with `alla_grupper` all there are:
        kept in the same transaction, so that members and means belong together at every moment. A
        group with other members than before gets values anew, which are no revisions.
        """
        tid = hamtad.isoformat()

        def work(con: sqlite3.Connection) -> list[Revidering]:
            self._fill_staged(con)
            with transaction(con):
                if grupper:
                    _replace_grupper(con, grupper, hamtad, hela=alla_grupper)
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
        with transaction(con, "BEGIN"):
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

    def _write_list(
        self, tabell: str, insert: str, rows: Sequence[tuple[str, ...]], hamtad: datetime
    ) -> None:
        def work(con: sqlite3.Connection) -> None:
            with transaction(con):
                con.execute(f"DELETE FROM {tabell}")
                con.executemany(insert, rows)
                con.execute(
                    "INSERT OR REPLACE INTO hamtning VALUES (?, ?)", (tabell, hamtad.isoformat())
                )

        self._run(work)


def _replace_grupper(
    con: sqlite3.Connection, grupper: Sequence[Grupp], hamtad: datetime, *, hela: bool
) -> None:
    """Keep groups, and forget the values of those that were remade or, with `hela`, are no more.

    A mean over other municipalities is another thing than the one that was stored, also when the
    group's id comes back one day.
    """
    known = dict(con.execute("SELECT id, medlemmar FROM grupp"))
    members = {g.id: ",".join(g.medlemmar) for g in grupper}
    old = [
        i
        for i, then in known.items()
        if (set(then.split(",")) != {*members[i].split(",")} if i in members else hela)
    ]
    if old:
        con.execute(
            "DELETE FROM varde WHERE kommun IN (SELECT value FROM json_each(?))",
            (json.dumps(old),),
        )
    if hela:
        con.execute("DELETE FROM grupp")
        con.execute("INSERT OR REPLACE INTO hamtning VALUES ('grupp', ?)", (hamtad.isoformat(),))
    con.executemany(
        "INSERT OR REPLACE INTO grupp VALUES (?, ?, ?)",
        [(g.id, g.titel, members[g.id]) for g in grupper],
    )


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
        tidigare_titel=r[10],
    )


def _read_hamtad(con: sqlite3.Connection, lista: str) -> datetime | None:
    row = con.execute("SELECT hamtad FROM hamtning WHERE lista = ?", (lista,)).fetchone()
    return datetime.fromisoformat(row[0]) if row else None
