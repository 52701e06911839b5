"""Commands and clicks that are killed: the files are the old ones or the new, never between.

The moments are drawn from a seed, which is printed when a test fails; GENOMLYSNING_FRO gives it.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from arbete import HANGER
from forkare import Forkare
from koladaserver import Koladaserver
from provlage import BOK, PROV, TILLFALLIG, Prov, Provlage, read_lager

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

#: How many times each is killed at a random moment.
ANTAL = {
    "skapa": 50,
    "uppdatera": 50,
    "kopia": 40,
    "rapport": 35,
    "nytt-ar": 35,
    "sammanstall": 40,
    "klick Hämta Kolada": 20,
    "klick Nytt år": 20,
}
#: And as the installed command, in a process that begins with Python itself.
INSTALLERAT = {"skapa": 5, "uppdatera": 5, "kopia": 2, "rapport": 3, "nytt-ar": 2, "sammanstall": 3}


@pytest.fixture(scope="module")
def lage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provlage]:
    with pytest.MonkeyPatch.context() as patch, Koladaserver() as server, Forkare() as forkare:
        patch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield Provlage(forkare, server, tmp_path_factory.mktemp("avbrott"))


@pytest.fixture(autouse=True)
def _adress(lage: Provlage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", lage.server.bas_url)


@pytest.fixture
def slump(request: pytest.FixtureRequest) -> random.Random:
    seed = os.environ.get("GENOMLYSNING_FRO") or str(random.SystemRandom().randrange(10**9))
    print(f"GENOMLYSNING_FRO={seed}")
    return random.Random(f"{seed} {request.node.name}")


def test_the_note_tells_how_many_times() -> None:
    note = (Path(__file__).parents[1] / "docs" / "drift.md").read_text("utf-8")
    told = " ".join(note.split())
    assert f"(SIGKILL) {sum(ANTAL.values())} gånger" in told
    assert f"kommandot {sum(INSTALLERAT.values())} gånger" in told


@pytest.mark.parametrize(
    "prov",
    # One command stands for all where time is short.
    [pytest.param(p, id=n, marks=[pytest.mark.lang] * (n != "uppdatera")) for n, p in PROV.items()],
)
def test_killed_before_each_step_with_files(lage: Provlage, prov: Prov) -> None:
    wanted = lage.learn(prov)
    steps = prov.run(lage.forkare, lage.put(prov), rakna=True).steg
    assert any("rename" in s for s in steps) or not prov.ut
    outcomes = []
    for number in range(1, len(steps) + 1):
        folder = lage.put(prov)
        assert prov.run(lage.forkare, folder, steg=number).status == -signal.SIGKILL
        outcomes.append(lage.check(prov, folder, dodad=True))
        lage.follow(prov, folder)
    # The last step but for tidying up is the one that makes the difference.
    assert outcomes == sorted(outcomes), steps
    assert wanted.ny is None or not outcomes[0]


@pytest.mark.lang
@pytest.mark.parametrize("prov", PROV.values(), ids=PROV.keys())
def test_killed_at_random_moments(lage: Provlage, prov: Prov, slump: random.Random) -> None:
    lasts = lage.learn(prov).sekunder
    seen: Counter[str] = Counter()
    for _ in range(ANTAL[prov.namn]):
        folder = lage.put(prov)
        moment = slump.uniform(0, lasts)
        ended = prov.run(lage.forkare, folder, efter=moment)
        killed = ended.status == -signal.SIGKILL
        assert killed or ended.status == 0, (moment, ended)
        new = lage.check(prov, folder, dodad=killed)
        lage.follow(prov, folder)
        seen.update(["killed" if killed else "done", "new" if new else "old"])
        # The computer may have more or less to do than when it was measured.
        if not killed:
            lasts = ended.sekunder
        elif moment > 0.9 * lasts:
            lasts *= 1.1
    assert seen["killed"] >= ANTAL[prov.namn] / 4, seen
    _wait_for_readers(lage)


def _wait_for_readers(lage: Provlage) -> None:
    """See that no process that a killed run has started goes on without it."""
    if not Path("/proc").is_dir():
        return
    mine = str(lage.mapp).encode()
    for _ in range(200):
        alive = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                if b"sammanstallning.barn" in command:
                    alive += [process] * (mine in (process / "environ").read_bytes())
            except OSError:  # it has ended
                continue
        if not alive:
            return
        time.sleep(0.1)
    raise AssertionError(f"still there: {alive}")


@pytest.mark.lang
@pytest.mark.parametrize("namn", INSTALLERAT)
def test_the_installed_command_killed_at_random_moments(
    lage: Provlage, namn: str, slump: random.Random
) -> None:
    prov = PROV[namn]
    lasts, _ = _run_installed(lage, prov, None)
    for _ in range(INSTALLERAT[namn]):
        _, status = _run_installed(lage, prov, slump.uniform(0, lasts))
        folder = lage.mapp / "prov"
        lage.check(prov, folder, dodad=status == -signal.SIGKILL)
        lage.follow(prov, folder)


def _run_installed(lage: Provlage, prov: Prov, kill_after: float | None) -> tuple[float, int]:
    folder = lage.put(prov)
    began = time.monotonic()
    with subprocess.Popen(
        prov.line(),
        cwd=folder,
        env={**os.environ, "GENOMLYSNING_LAGER": str(folder / "lager.sqlite")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            _, err = process.communicate(timeout=HANGER if kill_after is None else kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err.decode()
    assert kill_after is not None or process.returncode == 0
    return time.monotonic() - began, process.returncode


@pytest.mark.lang
def test_ctrl_c_at_random_moments_is_told_and_leaves_nothing(
    lage: Provlage, slump: random.Random
) -> None:
    seen: Counter[int] = Counter()
    for namn in ("skapa", "uppdatera", "kopia", "sammanstall"):
        prov = PROV[namn]
        lasts = lage.learn(prov).sekunder
        for _ in range(6):
            folder = lage.put(prov)
            ended = prov.run(
                lage.forkare, folder, efter=slump.uniform(0, lasts), signal=signal.SIGINT
            )
            seen[ended.status] += 1
            assert ended.status in (0, 130), ended
            assert ended.status == 0 or "Avbrutet. Inget är halvgjort" in ended.err
            assert "Traceback" not in ended.err
            lage.check(prov, folder, dodad=False)
    assert seen[130] >= 6, seen


def test_ctrl_c_while_the_streams_are_set_up_is_told() -> None:
    """An interruption of that leaves a stream that nothing can be written to."""
    code = (
        "import codecs, sys\n"
        "from genomlysning import __main__, kommandorad\n"
        "class Avbruten(codecs.IncrementalEncoder):\n"
        "    def __init__(self, *_):\n"
        "        raise KeyboardInterrupt\n"
        "utf8 = codecs.lookup('utf-8')\n"
        "codecs.register(lambda name: codecs.CodecInfo(utf8.encode, utf8.decode, None, None,\n"
        "    Avbruten, utf8.incrementaldecoder, name='avbruten') if name == 'avbruten' else None)\n"
        "kommandorad.run = lambda _: sys.stderr.reconfigure(encoding='avbruten')\n"
        "__main__.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.decode().startswith("Avbrutet. Inget är halvgjort")


def test_what_is_half_made_is_thrown_away_without_a_word() -> None:
    code = (
        "from genomlysning import __main__, kommandorad\n"
        "class Halv:\n"
        "    def __del__(self):\n"
        "        raise AttributeError('_writing')\n"
        "def run(_):\n"
        "    half = Halv()\n"
        "    raise KeyboardInterrupt\n"
        "kommandorad.run = run\n"
        "__main__.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 130
    assert done.stderr.decode().splitlines()[0].startswith("Avbrutet. Inget är halvgjort")


def test_what_killed_runs_have_left_is_removed_later(lage: Provlage) -> None:
    prov = PROV["uppdatera"]
    folder = lage.put(prov)
    old, recent = folder / ".bok-0123456789ab.tmp", folder / ".bok-ba9876543210.tmp"
    others = [folder / n for n in (".annan-0123456789ab.tmp", ".bok-min egen.tmp")]
    for left in (old, recent, *others):
        left.write_bytes(b"halv")
    long_ago = time.time() - 2 * 3600
    for left in (old, *others):
        os.utime(left, (long_ago, long_ago))
    assert prov.run(lage.forkare, folder).status == 0
    # The recent one may be that of a run which is still going on.
    assert [p.exists() for p in (old, recent, *others)] == [False, True, True, True]
    assert TILLFALLIG.fullmatch(old.name)


@pytest.mark.lang
def test_a_store_killed_in_the_middle_of_a_transaction_is_taken_back(lage: Provlage) -> None:
    """The moments above seldom hit the few milliseconds of a write: this one always does."""
    prov = PROV["uppdatera"]
    folder = lage.put(prov)
    before = read_lager(folder / "lager.sqlite")
    code = (
        "import os, signal, sqlite3, sys\n"
        "con = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "con.execute('PRAGMA cache_size = 1')\n"
        "con.execute('BEGIN IMMEDIATE')\n"
        "con.execute('UPDATE varde SET varde = -1')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", code, str(folder / "lager.sqlite")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert (folder / "lager.sqlite-journal").stat().st_size > 1000
    done = prov.run(lage.forkare, folder)
    assert (done.status, done.err.count("skadad")) == (0, 0)
    assert done.json["nyckeltal"] == lage.learn(prov).svar
    assert read_lager(folder / "lager.sqlite") == lage.learn(prov).lager != before
    assert BOK in os.listdir(folder)
