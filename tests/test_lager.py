"""The value store: what is kept, what survives, and what happens to a damaged file."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import genomlysning
from arbete import HANGER
from genomlysning import lagerfil as modul
from genomlysning.begrepp import (
    Grupp,
    Kommun,
    LagratVarde,
    Nyckeltal,
    Observation,
    Revidering,
    Spridning,
)
from genomlysning.fel import FilFel
from genomlysning.lager import Lager

IGAR = datetime(2025, 3, 1, 8, 30)
IDAG = datetime(2025, 3, 2, 9, 15, 30)
CELL = ("N00001", "1489", 2024)


def obs(
    varde: float | None, cell: tuple[str, str, int] = CELL, gender: str = "T", status: str = ""
) -> Observation:
    return Observation(*cell, gender, varde, None, status)


def many(varde: float, antal: int = 2000) -> list[Observation]:
    return [obs(varde, (f"N{i:05d}", "1489", 2024)) for i in range(antal)]


def read_all(store: Lager, antal: int = 2000) -> list[float | None]:
    svar = store.read_varden([f"N{i:05d}" for i in range(antal)], ["1489"], [2024])
    return [v.varde for v in svar.values()]


def read_cell(store: Lager) -> LagratVarde:
    return store.read_varden([CELL[0]], [CELL[1]], [CELL[2]])[CELL]


def start(kod: str, *args: object) -> subprocess.Popen[str]:
    """Run `kod` in another Python process, with the imports that it needs."""
    import_ = (
        "import sys\nfrom datetime import datetime\n"
        "from genomlysning.begrepp import Observation\nfrom genomlysning.lager import Lager\n"
    )
    path = os.pathsep.join([str(Path(genomlysning.__file__).parents[1]), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", import_ + kod, *map(str, args)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def minne() -> Iterator[Lager]:
    with Lager.open(":memory:") as store:
        yield store


@pytest.fixture
def fil(tmp_path: Path) -> Path:
    """A sound store with 2,000 values, closed."""
    fil = tmp_path / "lager.sqlite"
    with Lager.open(fil) as store:
        store.write_varden(many(1.0), [], IGAR)
    return fil


# ---- what is kept ------------------------------------------------------------------------------


def test_kommuner_come_back_and_are_replaced_whole(tmp_path: Path) -> None:
    with Lager.open(tmp_path / "ny" / "mapp" / "lager.sqlite") as store:
        assert store.read_kommuner() == ([], None)
        store.write_kommuner([Kommun("1489", "Alingsås", "K"), Kommun("0001", "X", "L")], IGAR)
        store.write_kommuner([Kommun("1489", "Alingsås", "K")], IDAG)
    with Lager.open(tmp_path / "ny" / "mapp" / "lager.sqlite") as store:
        assert store.read_kommuner() == ([Kommun("1489", "Alingsås", "K")], IDAG)


def test_grupper_come_back_and_can_be_chosen_by_title(minne: Lager) -> None:
    grupper = [
        Grupp("G1", "Liknande kommuner äldreomsorg, Alingsås, 2023", ("1440", "1441")),
        Grupp("G2", "Liknande kommuner äldreomsorg, Borås, 2023", ("1442",)),
        Grupp("G3", "Tom grupp", ()),
    ]
    assert minne.read_grupper() == ([], None)
    minne.write_grupper(grupper, IGAR)
    assert minne.read_grupper() == (grupper, IGAR)
    assert minne.read_grupper("%, Alingsås, ____") == (grupper[:1], IGAR)
    assert minne.read_grupper("saknas") == ([], IGAR)


def test_nyckeltal_come_back_and_unknown_ids_are_remembered(minne: Lager) -> None:
    helt = Nyckeltal("N1", "Ett, med å", "K", True, 2024, date(2025, 2, 1), date(2025, 8, 20))
    tomt = Nyckeltal("N2", "Två", "A", False, None, None, None)
    minne.write_nyckeltal([helt, tomt], ["N1", "N2", "N3"], IGAR)
    assert minne.read_nyckeltal(["N1", "N2", "N3", "N4"]) == {
        "N1": (helt, IGAR),
        "N2": (tomt, IGAR),
        "N3": (None, IGAR),
    }
    minne.write_nyckeltal([], ["N1"], IDAG)
    assert minne.read_nyckeltal(["N1"]) == {"N1": (None, IDAG)}


def test_values_come_back_and_absent_ones_are_remembered(minne: Lager) -> None:
    absent, aldrig = ("N00001", "1489", 2023), ("N00001", "1489", 2022)
    rows = [Observation(*CELL, "T", 0.1 + 0.2, 7, "Preliminary"), obs(None, ("N2", "G2328", 2024))]
    assert minne.write_varden(rows, [CELL, absent], IGAR) == []
    assert minne.read_varden(["N00001", "N2"], ["1489", "G2328"], [2022, 2023, 2024]) == {
        CELL: LagratVarde(0.1 + 0.2, 7, "Preliminary", True, IGAR),
        absent: LagratVarde(None, None, "", False, IGAR),
        ("N2", "G2328", 2024): LagratVarde(None, None, "", True, IGAR),
    }
    assert minne.read_varden([aldrig[0]], [aldrig[1]], [aldrig[2]]) == {}


def test_genders_are_kept_apart(minne: Lager) -> None:
    minne.write_varden([obs(1.0), obs(2.0, gender="K"), obs(3.0, gender="M")], [CELL], IGAR)
    changed = [obs(1.0), obs(2.5, gender="K"), obs(None, gender="M")]
    assert minne.write_varden(changed, [CELL], IDAG) == []
    assert read_cell(minne) == LagratVarde(1.0, None, "", True, IDAG)
    rows = minne._con.execute("SELECT gender, varde, tidigare FROM varde ORDER BY 1").fetchall()
    assert rows == [("K", 2.5, 2.0), ("M", None, 3.0), ("T", 1.0, None)]


def test_a_cell_with_one_gender_only_is_absent_for_both(minne: Lager) -> None:
    minne.write_varden([obs(2.0, gender="K")], [CELL], IGAR)
    assert not read_cell(minne).finns


def test_an_exception_leaves_the_former_state(minne: Lager) -> None:
    minne.write_varden([obs(1.0)], [], IGAR)
    with pytest.raises(sqlite3.Error):
        minne.write_varden([obs(2.0), obs(object(), ("N2", "1489", 2024))], [], IDAG)  # type: ignore[arg-type]
    assert read_cell(minne).varde == 1.0
    assert minne.write_varden([obs(1.0)], [], IDAG) == []


# ---- revisions ---------------------------------------------------------------------------------


def test_revisions_are_reported_sorted_with_old_and_new(minne: Lager) -> None:
    a, b, c, d = (("N1", "1489", y) for y in (2021, 2022, 2023, 2024))
    minne.write_varden([obs(1.0, a), obs(2.0, b), obs(3.0, c), obs(None, d)], [], IGAR)
    got = minne.write_varden([obs(4.0, d), obs(None, b), obs(1.5, a)], [a, b, c, d], IDAG)
    assert got == [
        Revidering(*a, 1.0, 1.5),
        Revidering(*b, 2.0, None),
        Revidering(*c, 3.0, None),
    ]
    svar = minne.read_varden(["N1"], ["1489"], [2021, 2022, 2023, 2024])
    assert svar[a] == LagratVarde(1.5, None, "", True, IDAG, 1.0, IDAG)
    assert svar[c] == LagratVarde(None, None, "", False, IDAG, 3.0, IDAG)
    assert svar[d] == LagratVarde(4.0, None, "", True, IDAG)


def test_unchanged_refetch_renews_the_time_and_keeps_the_revision(minne: Lager) -> None:
    for varde, tid in ((1.0, IGAR), (2.0, IDAG), (2.0, IDAG + timedelta(days=1))):
        minne.write_varden([obs(varde, status="Final")], [], tid)
    assert read_cell(minne) == LagratVarde(
        2.0, None, "Final", True, IDAG + timedelta(days=1), 1.0, IDAG
    )


def test_what_is_made_ready_is_kept_by_the_next_write_or_forgotten(fil: Path) -> None:
    other_cell, absent = ("N00001", "1489", 2022), ("N00001", "1489", 2023)
    with Lager.open(fil) as store, Lager.open(fil) as other:
        store.stage_varden([obs(5.0)], [absent])
        other.write_varden([obs(3.0)], [], IDAG)  # is not kept waiting
        assert read_cell(other).varde == 3.0
        store.write_varden([obs(7.0, other_cell)], [], IDAG)
        found = other.read_varden(["N00001"], ["1489"], [2022, 2023, 2024])
        kept = {cell: v.varde for cell, v in found.items()}
        assert kept == {other_cell: 7.0, absent: None, CELL: 5.0}
        store.stage_varden([obs(6.0)], [])
        store.forget_staged()
        store.write_varden([], [], IDAG)
        assert read_cell(other).varde == 5.0


def test_what_is_made_ready_survives_that_the_file_is_replaced(fil: Path) -> None:
    with Lager.open(fil) as store:
        store.stage_varden([obs(5.0)], [])
        fil.unlink()
        store.write_varden([obs(7.0, ("N00001", "1489", 2022))], [], IDAG)
    with Lager.open(fil) as store:
        assert len(store.read_varden(["N00001"], ["1489"], [2022, 2024])) == 2


def test_values_that_cannot_be_made_ready_are_not_tried_again(minne: Lager) -> None:
    with pytest.raises(UnicodeEncodeError):
        minne.stage_varden([obs(1.0, status="\ud800")], [])
    minne.write_varden([obs(2.0)], [], IDAG)
    assert read_cell(minne).varde == 2.0


def test_how_many_municipalities_are_stored_and_when(minne: Lager) -> None:
    minne.write_varden([obs(1.0)], [], IGAR)
    absent = ("N00001", "1403", 2024)
    minne.write_varden([obs(None, ("N00001", "1402", 2024))], [absent], IDAG)
    found = minne.count_spridning(["N00001", "N00002"], 2024)
    assert found == {"N00001": Spridning({}, 3, {IGAR, IDAG})}


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.none(), st.just("absent"), st.sampled_from([-1.0, 0.0, 1e-9, 0.1 + 0.2])),
        min_size=1,
    )
)
def test_last_write_wins_and_tidigare_is_the_value_before_the_latest_change(
    steg: list[float | str | None],
) -> None:
    nu: float | None = None
    tidigare, andrad = None, None
    with Lager.open(":memory:") as store:
        for i, nytt in enumerate(steg):
            tid = IGAR + timedelta(days=i)
            varde = None if isinstance(nytt, str) else nytt
            given_ = [] if nytt == "absent" else [obs(varde)]
            vantat = []
            if nu is not None and varde != nu:
                vantat = [Revidering(*CELL, nu, varde)]
                tidigare, andrad = nu, tid
            assert store.write_varden(given_, [CELL], tid) == vantat
            nu = varde
            assert read_cell(store) == LagratVarde(
                nu, None, "", bool(given_), tid, tidigare, andrad
            )


# ---- several processes, killed processes -------------------------------------------------------

WRITER = """
n, hamtad = sys.argv[2], datetime(2025, 3, 1)
with Lager.open(sys.argv[1]) as store:
    for i in range(5):
        rows = [Observation(f"N{i}", n, y, "T", float(y), None, "") for y in range(1900, 2000)]
        store.write_varden(rows, [], hamtad)
        assert len(store.read_varden([f"N{i}"], [n], range(1900, 2000))) == 100
"""


def write_from_many(fil: Path, antal: int) -> None:
    """Let processes write into one store at once, and see that nothing is lost."""
    processer = [start(WRITER, fil, n) for n in range(antal)]
    for p in processer:
        _, stderr = p.communicate(timeout=HANGER)
        assert p.returncode == 0, stderr
    with Lager.open(fil) as store:
        assert store.varningar == []
        svar = store.read_varden(
            [f"N{i}" for i in range(5)], [str(n) for n in range(antal)], range(1900, 2000)
        )
    assert len(svar) == antal * 500


def test_ten_processes_write_at_once_into_a_new_store(tmp_path: Path) -> None:
    write_from_many(tmp_path / "ny" / "lager.sqlite", 10)


def test_processes_that_find_the_same_damage_at_once_lose_nothing(tmp_path: Path) -> None:
    fil = tmp_path / "lager.sqlite"
    fil.write_bytes(b"x" * 5000)
    write_from_many(fil, 6)
    assert len(list(tmp_path.glob("*.skadad-*"))) == 1


def test_a_killed_writer_leaves_whole_transactions_only(fil: Path) -> None:
    kod = """
print(flush=True)
with Lager.open(sys.argv[1]) as store:
    varde = 2.0
    while True:
        rows = [Observation(f"N{i:05d}", "1489", 2024, "T", varde, None, "") for i in range(2000)]
        store.write_varden(rows, [], datetime(2025, 3, 1))
        varde += 1
"""
    sedda = set()
    for doubling in range(8):  # a busy machine needs the longer ones to write at all
        process = start(kod, fil)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.uniform(0.01, 0.02 * 2**doubling))
        process.kill()
        process.communicate()
        with Lager.open(fil) as store:
            varden = read_all(store)
            assert store.varningar == []
        assert len(varden) == 2000
        assert len(set(varden)) == 1
        sedda |= set(varden)
    assert len(sedda) > 1  # the writer did get somewhere


def test_a_hot_journal_is_rolled_back(fil: Path, tmp_path: Path) -> None:
    kopia = tmp_path / "kopia.sqlite"
    with closing(sqlite3.connect(fil, isolation_level=None)) as con:
        con.execute("PRAGMA cache_size = 1")
        con.execute("BEGIN IMMEDIATE")
        con.execute("UPDATE varde SET varde = 99, status = 'en lång text' || nyckeltal")
        kopia.write_bytes(fil.read_bytes())
        journal = Path(f"{fil}-journal").read_bytes()
        Path(f"{kopia}-journal").write_bytes(journal)
        con.execute("ROLLBACK")
    assert len(journal) > 1000
    with Lager.open(kopia) as store:
        assert set(read_all(store)) == {1.0}
        assert store.varningar == []


# ---- damage ------------------------------------------------------------------------------------


def assert_set_aside(store: Lager, fil: Path) -> Path:
    """The one warning names both files; returns the one set aside."""
    (undan,) = (p for p in fil.parent.glob(f"{fil.name}.skadad-*") if p.name[-1].isdigit())
    (varning,) = store.varningar
    assert str(fil) in varning
    assert str(undan) in varning
    return undan


def overwrite(fil: Path, start_: int, data: bytes) -> None:
    with fil.open("r+b") as f:
        f.seek(start_)
        f.write(data)


def other_tables(fil: Path) -> None:
    fil.unlink()
    with closing(sqlite3.connect(fil)) as con:
        con.execute("CREATE TABLE annat (x)")


def missing_table(fil: Path) -> None:
    with closing(sqlite3.connect(fil)) as con:
        con.execute("DROP TABLE grupp")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "garbage": lambda f: f.write_bytes(b"Detta kan inte vara en databas. ".ljust(900, b"!")),
    "truncated": lambda f: os.truncate(f, f.stat().st_size // 2),
    "cut inside the header": lambda f: os.truncate(f, 60),
    "middle page": lambda f: overwrite(f, f.stat().st_size // 8192 * 4096, os.urandom(4096)),
    "zeroed page": lambda f: overwrite(f, f.stat().st_size // 8192 * 4096, bytes(4096)),
    "schema format": lambda f: overwrite(f, 47, b"\x09"),
    "other tables": other_tables,
    "missing table": missing_table,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_set_aside_and_a_new_store_begun(
    fil: Path, damage: Callable[[Path], object]
) -> None:
    damage(fil)
    innan = fil.read_bytes()
    with Lager.open(fil) as store:
        assert assert_set_aside(store, fil).read_bytes() == innan
        assert read_all(store) == []
        store.write_varden([obs(5.0)], [], IDAG)
    with Lager.open(fil) as store:
        assert store.varningar == []
        assert read_cell(store).varde == 5.0


def test_journal_files_go_with_the_damaged_file(tmp_path: Path) -> None:
    fil = tmp_path / "lager.sqlite"
    fil.write_bytes(b"!" * 900)
    # Empty ones: SQLite itself throws away a journal in which it finds nothing to play back.
    for slut in ("-journal", "-wal", "-shm"):
        Path(f"{fil}{slut}").touch()
    with Lager.open(fil) as store:
        undan = next(p for p in tmp_path.glob("*.skadad-*") if p.name[-1].isdigit())
        assert str(undan) in store.varningar[0]
    for slut in ("-journal", "-wal", "-shm"):
        assert Path(f"{undan}{slut}").exists()
        assert not Path(f"{fil}{slut}").exists()


def test_a_stray_wal_is_not_played_into_the_new_store(tmp_path: Path) -> None:
    fil, annan = tmp_path / "lager.sqlite", tmp_path / "annan.sqlite"
    with closing(sqlite3.connect(annan, isolation_level=None)) as con:
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("CREATE TABLE fel (x)")
        Path(f"{fil}-wal").write_bytes(Path(f"{annan}-wal").read_bytes())
    fil.write_bytes(b"!" * 900)
    with Lager.open(fil) as store:
        store.write_varden([obs(5.0)], [], IDAG)
    with closing(sqlite3.connect(fil)) as con:
        assert con.execute("SELECT 1 FROM sqlite_master WHERE name = 'fel'").fetchall() == []


def test_files_set_aside_in_the_same_second_get_names_of_their_own(tmp_path: Path) -> None:
    fil = tmp_path / "lager.sqlite"
    for n in range(3):
        fil.write_bytes(b"%d" % n * 900)
        with Lager.open(fil) as store:
            assert len(store.varningar) == 1
    innehall = {p.read_bytes()[:1] for p in tmp_path.glob("*.skadad-*")}
    assert innehall == {b"0", b"1", b"2"}


def test_an_empty_file_is_simply_new(tmp_path: Path) -> None:
    fil = tmp_path / "lager.sqlite"
    fil.touch()
    with Lager.open(fil) as store:
        assert store.varningar == []
        assert store.read_kommuner() == ([], None)


def test_damage_met_by_a_read_gives_an_empty_store(fil: Path) -> None:
    with Lager.open(fil) as store:
        overwrite(fil, 0, b"!" * fil.stat().st_size)
        assert read_all(store) == []
        assert_set_aside(store, fil)
        assert store.read_grupper() == ([], None)


def test_damage_met_by_a_write_is_written_to_the_new_file(fil: Path) -> None:
    with Lager.open(fil) as store:
        overwrite(fil, 0, b"!" * fil.stat().st_size)
        assert store.write_varden([obs(5.0)], [], IDAG) == []
        assert_set_aside(store, fil)
        assert read_all(store) == [5.0]


@pytest.mark.parametrize("bytes_", [b"inte en tid", b"\xff\xfe\xfd\xfc\xfb\xfa"])
def test_content_that_cannot_be_read_counts_as_damage(fil: Path, bytes_: bytes) -> None:
    with closing(sqlite3.connect(fil)) as con, con:
        con.execute(
            "UPDATE varde SET hamtad = CAST(? AS TEXT) WHERE nyckeltal = 'N00007'", (bytes_,)
        )
    with Lager.open(fil) as store:
        assert store.varningar == []
        assert read_all(store) == []
        assert_set_aside(store, fil)


def test_another_open_store_follows_to_the_new_file(fil: Path) -> None:
    """Who had the old file open must neither write into it nor set the new one aside."""
    with Lager.open(fil) as andra:
        overwrite(fil, 0, b"!" * fil.stat().st_size)
        with Lager.open(fil) as store:
            store.write_varden([obs(5.0)], [], IGAR)
            assert_set_aside(store, fil)
        assert andra.write_varden([obs(6.0)], [], IDAG) == [Revidering(*CELL, 5.0, 6.0)]
        assert andra.varningar == []
    assert len(list(fil.parent.glob("*.skadad-*"))) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows does not remove an open file")
def test_a_file_that_was_removed_is_made_again_by_the_next_write(fil: Path) -> None:
    with Lager.open(fil) as store:
        fil.unlink()
        store.write_varden([obs(5.0)], [], IDAG)
        assert store.varningar == []
    with Lager.open(fil) as store:
        assert read_all(store) == [5.0]


# ---- what is not damage ------------------------------------------------------------------------


@pytest.mark.parametrize("att_skriva", [True, False])
def test_a_locked_file_is_not_damaged(
    fil: Path, att_skriva: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modul, "VANTETID", 0.05)
    with Lager.open(fil) as store, closing(sqlite3.connect(fil, isolation_level=None)) as con:
        con.execute("BEGIN EXCLUSIVE")
        with pytest.raises(FilFel, match="används just nu av ett annat program") as fel:
            store.write_varden([obs(5.0)], [], IDAG) if att_skriva else Lager.open(fil)
        assert str(fil) in str(fel.value)
        con.execute("ROLLBACK")
        assert set(read_all(store)) == {1.0}
    assert list(fil.parent.glob("*.skadad-*")) == []


def test_a_full_disk_is_explained_and_leaves_the_former_state(fil: Path) -> None:
    with Lager.open(fil) as store:
        store._con.execute("PRAGMA max_page_count = 1")
        with pytest.raises(FilFel, match="inte plats på disken"):
            store.write_varden(many(2.0, 5000), [], IDAG)
        assert set(read_all(store)) == {1.0}
        assert store.varningar == []


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(FilFel, match="är en mapp") as fel:
        Lager.open(tmp_path)
    assert fel.value.exit_status == 4


def test_a_file_in_place_of_the_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "mapp").touch()
    with pytest.raises(FilFel, match=r"kan inte läsas eller skrivas.*GENOMLYSNING_LAGER"):
        Lager.open(tmp_path / "mapp" / "lager.sqlite")


def test_a_folder_without_permission_is_explained(tmp_path: Path) -> None:
    mapp = tmp_path / "mapp"
    mapp.mkdir(mode=0o500)
    if os.access(mapp, os.W_OK):
        pytest.skip("permissions do not bind this user")
    with pytest.raises(FilFel, match="kan inte läsas eller skrivas"):
        Lager.open(mapp / "lager.sqlite")


def test_a_store_of_a_newer_version_is_left_alone(fil: Path) -> None:
    with closing(sqlite3.connect(fil)) as con:
        con.execute(f"PRAGMA user_version = {len(modul.STEG) + 1}")
    innan = fil.read_bytes()
    with pytest.raises(FilFel, match=r"nyare version.*GENOMLYSNING_LAGER"):
        Lager.open(fil)
    assert fil.read_bytes() == innan
    assert [p.name for p in fil.parent.iterdir()] == [fil.name]


def test_a_store_of_an_older_version_is_migrated(
    fil: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nya = (*modul.STEG, ("ALTER TABLE kommun ADD COLUMN lansnamn TEXT",))
    monkeypatch.setattr(modul, "STEG", nya)
    modul._expected_schema.cache_clear()
    try:
        with Lager.open(fil) as store:
            assert store.varningar == []
            assert len(read_all(store)) == 2000
        with closing(sqlite3.connect(fil)) as con:
            assert con.execute("PRAGMA user_version").fetchone() == (len(nya),)
            con.execute("SELECT lansnamn FROM kommun")
    finally:
        modul._expected_schema.cache_clear()


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(tmp_path / "å" / "eget namn.sqlite"))
    Lager.open().close()
    assert (tmp_path / "å" / "eget namn.sqlite").is_file()
    monkeypatch.setenv("GENOMLYSNING_LAGER", "")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_a, **_k: str(tmp_path / "data"))
    Lager.open().close()
    assert (tmp_path / "data" / "lager.sqlite").is_file()


def test_groups_that_were_remade_or_are_gone_lose_their_values(minne: Lager) -> None:
    kept, remade, gone = (Grupp(f"G{n}", "T", ("1440", "1441")) for n in (1, 2, 3))
    minne.write_grupper([kept, remade, gone], IGAR)
    places = ["G1", "G2", "G3", "1440"]
    minne.write_varden([Observation("N1", p, 2024, "T", 1.0, 2, "") for p in places], [], IGAR)
    minne.write_grupper([kept, remade._replace(medlemmar=("1440", "1442"))], IDAG)
    assert {p for _, p, _ in minne.read_varden(["N1"], places, [2024])} == {"G1", "1440"}
    # A few groups say nothing of the others.
    minne.write_varden([], [], IDAG, [remade._replace(medlemmar=("1440", "1442"))])
    assert {p for _, p, _ in minne.read_varden(["N1"], places, [2024])} == {"G1", "1440"}
