"""What surrounds the program fails: Kolada, the clock, the disk, the store, other runs.

The installed command and the buttons' handlers meet each fault. After it every file is as it was
or new and whole (`Provlage.check`), the store is sound, a following run gives what an undisturbed
one does, and the message says what to do, with the exit status of docs/kommandorad.md.
"""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from arbete import HANGER
from excelmotor import changes, motor, open_live, snapshot
from forkare import Forkare, Svar
from genomlysning import bokhamtning, klocka
from genomlysning.excel import knappar
from genomlysning.kolada import Kolada, anslutning
from koladaserver import Fel, Koladaserver
from provlage import BOK, LAGER, PROFIL, PROV, SENARE, Prov, Provlage, read_lager

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

SKAPA, UPPDATERA, KLICK = PROV["skapa"], PROV["uppdatera"], PROV["klick Hämta Kolada"]
KOMMANDON = [p for p in PROV.values() if p.argv]
#: Faults of Kolada or of the way there, each with words of its message.
KOLADAFEL = {
    "500": "status 500",
    "reset": "kontakt med Kolada",
    "cut": "kom inte fram helt",
    "cut-json": "kom inte fram helt",
    "html": "logga in på nätet",
    "slow": "svarade inte i tid",
    "trickle": "svarade inte i tid",
}
#: Seconds of waiting after which Kolada is given up, where a fault is to wait.
TIDSGRANS = 0.4


@pytest.fixture(scope="module")
def lage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provlage]:
    with pytest.MonkeyPatch.context() as patch, Koladaserver() as server, Forkare() as forkare:
        patch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield Provlage(forkare, server, tmp_path_factory.mktemp("driftfel"))


@pytest.fixture(autouse=True)
def _adress(lage: Provlage, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", lage.server.bas_url)
    yield
    lage.server.fel, lage.server.klockskillnad, lage.server.latens = None, 0, 0.0


def told(done: Svar, status: int, *words: str) -> None:
    """See that a run ended with this status and said what to do, in a sentence."""
    assert done.status == status, done
    assert all(w in done.err for w in words), done.err
    assert "Traceback" not in done.err
    assert done.err.rstrip().endswith(".")
    assert done.out == ""


def run_installed(prov: Prov, folder: Path, **how) -> "subprocess.Popen[bytes]":
    """Start the installed command in a folder."""
    env = {**os.environ, "GENOMLYSNING_LAGER": str(folder / LAGER), **how.pop("env", {})}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.Popen(prov.line(), cwd=folder, env=env, **streams)


# ---- Kolada ------------------------------------------------------------------------------------


def run_from_nothing(lage: Provlage, prov: Prov) -> tuple[int, str]:
    """Return how many requests a run makes from an empty store, and the store's digest then."""
    folder = lage.put(prov)
    (folder / LAGER).write_bytes(b"")
    before = len(lage.server.anrop)
    assert prov.run(lage.forkare, folder).status == 0
    return len(lage.server.anrop) - before, read_lager(folder / LAGER)


@pytest.mark.lang
@pytest.mark.parametrize("prov", [SKAPA, UPPDATERA], ids=lambda p: p.namn)
def test_every_request_failing_in_turn_leaves_the_old(lage: Provlage, prov: Prov) -> None:
    lage.learn(prov)
    requests, filled = run_from_nothing(lage, prov)
    assert requests >= 5
    for kind, words in KOLADAFEL.items():
        for number in range(1, requests + 1):
            folder = lage.put(prov)
            (folder / LAGER).write_bytes(b"")
            first = len(lage.server.anrop) + number
            lage.server.fel = lambda n, _, kind=kind, first=first: Fel(kind) if n >= first else None
            patience = TIDSGRANS if kind in ("slow", "trickle") else None
            done = prov.run(lage.forkare, folder, tidsgrans=patience)
            told(done, 3, words)
            assert not lage.check(prov, folder, dodad=False), (kind, number)
            lage.server.fel = None
            lage.follow(prov, folder, filled)


@pytest.mark.lang
def test_every_request_of_a_click_failing_in_turn_changes_no_cell(
    lage: Provlage, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = lage.put(KLICK, "klick")
    store = folder / LAGER
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(store))
    monkeypatch.setattr(knappar, "read_nu", lambda: datetime.fromisoformat(SENARE))
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)
    requests, filled = run_from_nothing(lage, UPPDATERA)
    book = open_live(folder / BOK)
    before = snapshot(book)
    for kind, words in KOLADAFEL.items():
        patience = TIDSGRANS if kind in ("slow", "trickle") else 25.0
        monkeypatch.setattr(bokhamtning, "Kolada", partial(Kolada, tidsgrans=patience))
        for number in range(1, requests + 1):
            store.write_bytes(b"")
            motor(book).reset()
            first = len(lage.server.anrop) + number
            lage.server.fel = lambda n, _, kind=kind, first=first: Fel(kind) if n >= first else None
            knappar.hamta_kolada()
            [(text, _, _, mode)] = motor(book).alerts
            assert (words in text, mode) == (True, "critical"), (kind, number, text)
            assert not motor(book).log, (kind, number)
            read_lager(store)
    assert not changes(before, snapshot(book))
    lage.server.fel = None
    monkeypatch.setattr(bokhamtning, "Kolada", Kolada)
    store.write_bytes(b"")
    motor(book).reset()
    knappar.hamta_kolada()
    assert "1 ändrat" in motor(book).alerts[0][0]
    assert read_lager(store) == filled
    book.app.quit()


def test_answers_that_come_slowly_are_waited_for(lage: Provlage) -> None:
    lage.server.latens = 0.1
    lage.server.fel = Fel("trickle", sekunder=0.002, bitar=500)
    folder = lage.put(UPPDATERA)
    done = UPPDATERA.run(lage.forkare, folder)
    assert done.status == 0, done.err
    assert lage.learn(UPPDATERA).svar == done.json["nyckeltal"]
    assert lage.check(UPPDATERA, folder, dodad=False)


@pytest.mark.lang
@pytest.mark.parametrize("kind", ["slow", "trickle"])
def test_ctrl_c_ends_a_command_that_waits_for_bytes(lage: Provlage, kind: str) -> None:
    folder = lage.put(SKAPA)
    asked = threading.Event()

    def silent(*_: object) -> Fel:
        asked.set()
        return Fel(kind, sekunder=600)

    lage.server.fel = silent
    with run_installed(SKAPA, folder, env={"GENOMLYSNING_LAGER": str(folder / "ny")}) as process:
        assert asked.wait(HANGER)
        process.send_signal(signal.SIGINT)
        # What waits for bytes ends by itself too, but not before this.
        out, err = process.communicate(timeout=anslutning.LASTID - 5)
    assert (process.returncode, out) == (130, b"")
    assert err.decode().startswith("Avbrutet. Inget är halvgjort")
    read_lager(folder / "ny")


@pytest.mark.lang
def test_the_installed_command_gives_up_in_time(lage: Provlage) -> None:
    """With its own pauses and limits, and an answer that trickles in for ever."""
    lage.learn(SKAPA)
    folder = lage.put(SKAPA)
    lage.server.fel = Fel("trickle")
    with run_installed(SKAPA, folder, env={"GENOMLYSNING_LAGER": str(folder / "ny")}) as process:
        out, err = process.communicate(timeout=HANGER)
    told(Svar(process.returncode, out.decode(), err.decode(), 0.0), 3, "svarade inte i tid")
    read_lager(folder / "ny")
    (folder / "ny").unlink()
    assert not lage.check(SKAPA, folder, dodad=False)


# ---- the clock ---------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-3650, 3650])
def test_a_wrong_clock_is_told_by_koladas(lage: Provlage, days: int) -> None:
    """It is Kolada's that is moved, which looks the same from here."""
    lage.server.klockskillnad = days
    folder = lage.put(UPPDATERA)
    with run_installed(UPPDATERA, folder) as process:
        out, err = process.communicate(timeout=HANGER)
    assert process.returncode == 0
    assert "Obs: Datorns klocka går fel: den säger " in err.decode()
    assert "Ställ klockan" in err.decode()
    assert json.loads(out)["nyckeltal"] == lage.learn(UPPDATERA).svar


def test_a_click_tells_of_a_wrong_clock(lage: Provlage, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lage.put(KLICK)
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(folder / LAGER))
    lage.server.klockskillnad = 400
    monkeypatch.setattr(knappar, "read_nu", lambda: datetime.fromisoformat(SENARE))
    book = open_live(folder / BOK)
    knappar.hamta_kolada()
    assert "Datorns klocka går fel" in motor(book).alerts[0][0]

    class Stannad(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(1970, 1, 1, 0, 3)

    monkeypatch.undo()
    monkeypatch.setattr(klocka, "datetime", Stannad)
    motor(book).reset()
    knappar.hamta_kolada()
    [(text, _, _, mode)] = motor(book).alerts
    assert (text.startswith("Datorns klocka säger 1970-01-01"), mode) == (True, "critical")
    assert not motor(book).log
    book.app.quit()


@pytest.mark.parametrize("when", ["1970-01-01T00:03:00", "2150-06-01T12:00:00"])
def test_a_clock_that_cannot_be_right_stops_every_command(
    lage: Provlage, tmp_path: Path, when: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import datetime\n"
        "class Stannad(datetime.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None):\n"
        f"        return cls.fromisoformat({when!r}).replace(tzinfo=tz)\n"
        "datetime.datetime = Stannad\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    running = []
    for prov in KOMMANDON:
        folder = lage.put(prov, f"klocka {prov.namn}")
        now = Prov(prov.namn, prov.argv)
        line = [w for w in now.line() if w not in ("--idag", SENARE)]
        env = {**os.environ, "PYTHONPATH": path, "GENOMLYSNING_LAGER": str(folder / LAGER)}
        process = subprocess.Popen(
            line, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        running.append((prov, folder, process))
    for prov, folder, process in running:
        out, err = process.communicate(timeout=HANGER)
        told(
            Svar(process.returncode, out.decode(), err.decode(), 0.0),
            *(2, f"Datorns klocka säger {when[:10]}", "Ställ klockan"),
        )
        lage.learn(prov)
        assert not lage.check(prov, folder, dodad=False)


def test_values_dated_in_the_future_are_fetched_anew_and_never_called_old(lage: Provlage) -> None:
    folder = lage.put(UPPDATERA)
    ahead = (*UPPDATERA.argv, "--idag", "2036-11-24", "--ut", "framtid.xlsx")
    assert lage.forkare.run(*ahead, mapp=folder).status == 0
    (folder / "framtid.xlsx").unlink()
    lage.server.fel = Fel("500")
    asked = len(lage.server.anrop)
    offline = UPPDATERA.run(lage.forkare, folder)
    assert offline.status == 0
    assert len(lage.server.anrop) > asked
    assert "2036-11-24 (ett datum som inte har varit än; datorns klocka går fel" in offline.err
    lage.server.fel = None
    folder_new = lage.put(UPPDATERA, "efterat")
    (folder_new / LAGER).write_bytes((folder / LAGER).read_bytes())
    done = UPPDATERA.run(lage.forkare, folder_new)
    assert done.json["nyckeltal"] == lage.learn(UPPDATERA).svar
    assert "Obs: Kolada kunde inte nås" not in done.err
    with closing(sqlite3.connect(folder_new / LAGER)) as store:
        days = {d[:10] for (d,) in store.execute("SELECT hamtad FROM varde")}
    assert SENARE in days


# ---- the disk ----------------------------------------------------------------------------------


def mount(*arguments: str) -> bool:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty disk of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.name == "nt" or not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)):
        pytest.skip("a small disk takes an administrator")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, left: int) -> None:
    """Leave so many bytes of a disk."""
    state = os.statvfs(disk)
    (disk / "barlast").write_bytes(bytes(max(0, state.f_bavail * state.f_frsize - left)))


#: Bytes left on the disk. A workbook takes some 60,000, and the old one's copy as much.
KVAR = (0, 4096, 30_000, 80_000, 130_000)


@pytest.mark.parametrize("prov", KOMMANDON, ids=lambda p: p.namn)
def test_a_full_disk_leaves_the_old(lage: Provlage, disk: Path, prov: Prov) -> None:
    lage.learn(prov)
    outcomes = []
    for left in KVAR:
        for old in disk.iterdir():
            old.unlink()
        for name, content in lage.start(prov).items():
            (disk / name).write_bytes(content)
        fill(disk, left)
        done = prov.run(lage.forkare, disk)
        outcomes.append(done.status)
        (disk / "barlast").unlink()
        if done.status:
            told(done, 4, "disk")
        assert lage.check(prov, disk, dodad=False) is (done.status == 0)
        lage.follow(prov, disk)
    assert outcomes[0] == 4
    assert sorted(outcomes, reverse=True) == outcomes


@pytest.mark.parametrize("prov", KOMMANDON, ids=lambda p: p.namn)
def test_a_file_that_may_not_grow_leaves_the_old(lage: Provlage, prov: Prov) -> None:
    lage.learn(prov)
    for most in (0, 5_000, 40_000):
        folder = lage.put(prov)
        (folder / LAGER).write_bytes(lage.filer[LAGER])
        done = prov.run(lage.forkare, folder, storsta_fil=most)
        told(done, 4) if most else told_or_silent(done)
        assert not lage.check(prov, folder, dodad=False)


def told_or_silent(done: Svar) -> None:
    """Where not a byte can be written, not even the message can be: the status remains."""
    assert (done.status, done.out, done.err) == (4, "", "")


def test_an_answer_that_cannot_be_printed_is_told(lage: Provlage) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    folder = lage.put(UPPDATERA)
    lage.learn(UPPDATERA)
    with Path("/dev/full").open("w") as full, run_installed(UPPDATERA, folder, stdout=full) as p:
        _, err = p.communicate(timeout=HANGER)
    assert p.returncode == 4
    assert "svaret kunde inte skrivas ut" in err.decode()
    assert "Traceback" not in err.decode()
    assert lage.check(UPPDATERA, folder, dodad=False)


@pytest.fixture
def skrivskyddad(lage: Provlage) -> Iterator[Path]:
    """A folder with the files, in which nothing can be written."""
    folder = lage.put(UPPDATERA, "skrivskyddad")
    bound = os.geteuid() == 0 and mount("--bind", str(folder), str(folder))
    if bound:
        assert mount("-o", "remount,ro,bind", str(folder))
    else:
        folder.chmod(0o555)
        if os.access(folder, os.W_OK):
            pytest.skip("permissions do not bind this user")
    yield folder
    if bound:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.chmod(0o755)


def test_a_read_only_folder_is_told_and_left(lage: Provlage, skrivskyddad: Path) -> None:
    before = {p.name: p.read_bytes() for p in skrivskyddad.iterdir()}
    elsewhere = {"GENOMLYSNING_LAGER": str(lage.mapp / "annat.sqlite")}
    for prov in KOMMANDON:
        told(prov.run(lage.forkare, skrivskyddad, env=elsewhere), 4, "kunde inte skrivas")
    for prov in (SKAPA, UPPDATERA):
        told(prov.run(lage.forkare, skrivskyddad), 4, "GENOMLYSNING_LAGER")
    for prov in (KLICK, PROV["klick Nytt år"]):
        said = prov.run(lage.forkare, skrivskyddad).out
        assert re.search(r"(kan|kunde) inte (läsas eller )?skriva", said), said
        assert "kontrollera" in said.lower()
    assert {p.name: p.read_bytes() for p in skrivskyddad.iterdir()} == before


# ---- the store and other runs ------------------------------------------------------------------


def test_a_store_locked_by_another_program_is_told(lage: Provlage) -> None:
    for prov in (SKAPA, UPPDATERA, KLICK):
        lage.learn(prov)
        folder = lage.put(prov)
        with closing(sqlite3.connect(folder / LAGER, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            done = prov.run(lage.forkare, folder, satt={"genomlysning.lagerfil.VANTETID": 0.1})
            said = done.out if prov.klick else done.err
            assert "används just nu av ett annat program" in said
            assert "Vänta en stund" in said
            assert done.status == (0 if prov.klick else 4)
        assert not lage.check(prov, folder, dodad=False)
        lage.follow(prov, folder)


def test_a_store_locked_while_kolada_answers_is_told(lage: Provlage) -> None:
    lage.learn(UPPDATERA)
    folder = lage.put(UPPDATERA)
    first = len(lage.server.anrop) + 2
    with closing(
        sqlite3.connect(folder / LAGER, isolation_level=None, check_same_thread=False)
    ) as other:
        lock = threading.Lock()

        def lock_store(number: int, _: str) -> None:
            with lock:
                if number >= first and not other.in_transaction:
                    other.execute("BEGIN IMMEDIATE")

        lage.server.fel = lock_store
        done = UPPDATERA.run(lage.forkare, folder, satt={"genomlysning.lagerfil.VANTETID": 0.1})
        assert other.in_transaction
        told(done, 4, "används just nu av ett annat program")
    lage.server.fel = None
    assert not lage.check(UPPDATERA, folder, dodad=False)
    lage.follow(UPPDATERA, folder)


def test_a_store_that_is_released_in_time_is_waited_for(lage: Provlage) -> None:
    lage.learn(UPPDATERA)
    folder = lage.put(UPPDATERA)
    with closing(sqlite3.connect(folder / LAGER, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with run_installed(UPPDATERA, folder) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(2.0)
            other.execute("ROLLBACK")
            _, err = process.communicate(timeout=HANGER)
        assert process.returncode == 0, err
    assert lage.check(UPPDATERA, folder, dodad=False)


def test_ten_commands_at_once_fetch_into_one_store(lage: Provlage) -> None:
    places = ("Alingsås", "Kungsbacka", "Mark", "Borås", "Lerum")
    folder = lage.put(SKAPA, "tio")
    (folder / LAGER).unlink()

    def line(n: int) -> Prov:
        argv = ("skapa", "--kommun", places[n % 5], "--namnd", PROFIL, "--ar", "2024")
        return Prov(f"{n}", (*argv, "--ut", f"bok {n}.xlsx"))

    running = [run_installed(line(n), folder) for n in range(10)]
    answers = []
    for process in running:
        out, err = process.communicate(timeout=HANGER)
        assert (process.returncode, err.decode()) == (0, "")
        answers.append(json.loads(out))
    together = read_lager(folder / LAGER)
    assert {p.name for p in folder.iterdir()} == {
        *(BOK, LAGER, PROFIL),
        *(f"bok {n}.xlsx" for n in range(10)),
    }
    alone = lage.put(SKAPA, "en i taget")
    (alone / LAGER).unlink()
    for n in range(5):
        done = line(n).run(lage.forkare, alone)
        for same in (n, n + 5):
            assert answers[same]["nyckeltal"] == done.json["nyckeltal"]
            made = (folder / f"bok {same}.xlsx").read_bytes()
            assert len(made) == len((alone / f"bok {n}.xlsx").read_bytes())
    assert read_lager(alone / LAGER) == together


def test_two_updates_of_one_workbook_at_once_lose_nothing(lage: Provlage) -> None:
    lage.learn(UPPDATERA)
    folder = lage.put(UPPDATERA)
    running = [run_installed(UPPDATERA, folder) for _ in range(2)]
    for process in running:
        _, err = process.communicate(timeout=HANGER)
        assert process.returncode in (0, 4), err
        assert process.returncode == 0 or b"ndrades av n" in err
    kept = [p.read_bytes() for p in folder.glob("bok (tidigare*).xlsx")]
    assert lage.filer[BOK] in kept
    assert (folder / BOK).read_bytes() != lage.filer[BOK]
    again = lage.forkare.run("kopia", BOK, mapp=folder)
    assert again.status == 0, again.err
    assert not list(folder.glob(".*.tmp"))
