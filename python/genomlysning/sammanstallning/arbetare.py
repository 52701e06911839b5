"""Has many files read by processes of their own, and goes on whatever one of them meets.

One process per processor core, at most four, reads file after file. One that dies or takes too long
is replaced, and its file is refused with the reason.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from genomlysning.fel import FilFel, Meddelande, describe_systemfel
from genomlysning.sammanstallning.namndbok import (
    LANGD,
    MAX_SVAR,
    Avvisad,
    Namndbok,
    decode_svar,
    make_utf8,
)

#: For one file, which ordinarily takes some hundredths.
TIDSGRANS_SEKUNDER = 8.0
_MEST = 4

FOR_LANG_TID = Meddelande(
    "sammanstall-for-lang-tid",
    "{fil} tar för lång tid att läsa för att vara en genomlysning.",
    "Öppna den i Excel, ta bort det som inte hör dit och spara, eller ta fram en tidigare kopia.",
)
LASAREN_STARTAR_INTE = Meddelande(
    "sammanstall-lasaren-startar-inte",
    "Det program som läser arbetsböckerna kunde inte startas ({orsak}), så inget är skrivet.",
    "Stäng andra program, eller starta om datorn, och kör igen.",
)
LASAREN_DOG = Meddelande(
    "sammanstall-lasaren-dog",
    "{fil} gick inte att läsa: den är skadad eller kräver orimligt mycket minne.",
    "Öppna den i Excel och spara den på nytt, eller ta fram en tidigare kopia.",
)


def read_filer(
    filer: Sequence[Path], visa: Callable[[str], None] = lambda _: None
) -> list[Namndbok | Avvisad]:
    """Read all files, in the order given; `visa` is told each as it is done."""
    found: dict[Path, Namndbok | Avvisad] = {}
    with _start_pool(min(os.cpu_count() or 1, _MEST, len(filer))) as read:
        for n, (fil, answer) in enumerate(read(filer), start=1):
            visa(f"Läser {n} av {len(filer)}: {fil.name}")
            found[fil] = answer
    return [_rename(found[fil], shown) for fil, shown in zip(filer, name_filer(filer), strict=True)]


def name_filer(filer: Sequence[Path]) -> list[str]:
    """Return what each file is called to users: its name, with so many folders as tell it apart."""
    whole = [tuple(map(make_utf8, f.absolute().parts)) for f in filer]
    names = [parts[-1] for parts in whole]
    for depth in range(2, max(map(len, whole), default=0) + 1):
        shared = {n for n, count in Counter(names).items() if count > 1}
        if not shared:
            break
        names = [
            "/".join(parts[-depth:]) if n in shared else n
            for n, parts in zip(names, whole, strict=True)
        ]
    return names


def _rename(answer: Namndbok | Avvisad, visas: str) -> Namndbok | Avvisad:
    """Return an answer about a file by the name that it goes by here."""
    name = answer.fil
    if name == visas:
        return answer
    if isinstance(answer, Avvisad):
        return replace(answer, fil=visas, skal=answer.skal.replace(name, visas, 1))
    told = tuple(w.replace(name, visas, 1) for w in answer.varningar)
    return replace(answer, fil=visas, varningar=told)


_Svar = tuple[Path, Namndbok | Avvisad]


@contextmanager
def _start_pool(antal: int) -> Iterator[Callable[[Sequence[Path]], Iterator[_Svar]]]:
    """Give a function that reads files as they come to hand; no process outlives it."""
    readers = [Lasare() for _ in range(max(antal, 1))]
    stopped = threading.Event()
    threads: list[threading.Thread] = []

    def read_all(filer: Sequence[Path]) -> Iterator[_Svar]:
        waiting, done = iter(filer), queue.SimpleQueue[_Svar | BaseException]()
        turn = threading.Lock()

        def take() -> Path | None:
            with turn:
                return next(waiting, None)

        def work(reader: Lasare) -> None:
            try:
                fil = take()
                while fil is not None and not stopped.is_set():
                    following = take()
                    done.put((fil, reader.read(fil, following)))
                    fil = following
            except BaseException as error:  # told to who waits for the answers
                done.put(error)

        for reader in readers:
            threads.append(threading.Thread(target=work, args=(reader,), daemon=True))
            threads[-1].start()
        for _ in filer:
            answer = done.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer

    try:
        yield read_all
    finally:
        stopped.set()
        for reader in readers:
            reader.stop()
        for reader, thread in zip(readers, threads, strict=False):
            # One that was about to begin on a file has started its process anew.
            while thread.is_alive():
                reader.stop()
                thread.join(0.05)
            reader.stop()  # started anew just before its thread ended


class Lasare:
    """One process that reads, started when it is needed and again when it has died."""

    def __init__(self, tidsgrans: float = TIDSGRANS_SEKUNDER) -> None:
        self._tidsgrans = tidsgrans
        self._process: subprocess.Popen[bytes] | None = None
        self._har_svarat = False
        self._skickade: set[Path] = set()

    def read(self, fil: Path, nasta: Path | None = None) -> Namndbok | Avvisad:
        """Read one file within the limits. Raises FilFel where no process can be started.

        `nasta`, which will be asked for next, is named to the process already, so that it need
        not wait for this one, which may have its hands full.
        """
        answer, late = self._try(fil, nasta)
        if answer is None and not late and self._har_svarat:
            # It may have died of the file before, which it had answered for.
            self.stop()
            answer, late = self._try(fil, nasta)
        if answer is None:
            self.stop()
            reason = FOR_LANG_TID if late else LASAREN_DOG
            return Avvisad(fil.name, reason.format(fil=fil.name))
        self._har_svarat = True
        return answer

    def _try(self, fil: Path, nasta: Path | None) -> tuple[Namndbok | Avvisad | None, bool]:
        """Return the answer, None if there is none, and whether that is for want of time."""
        process = self._process or self._start()
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._tidsgrans, kill)
        timer.start()
        try:
            for each in (fil, nasta):
                if each is not None and each not in self._skickade:
                    _send(process, each)
                    self._skickade.add(each)
            return _receive(process), late.is_set()
        except (OSError, ValueError):  # dead, or stopped by another thread
            return None, late.is_set()
        finally:
            self._skickade.discard(fil)
            timer.cancel()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        self._har_svarat = False
        self._skickade.clear()
        if process is not None:
            process.kill()
            with suppress(OSError), process:
                pass

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            self._process = self._open()
        except OSError as error:
            orsak = describe_systemfel(error)
            raise FilFel(LASAREN_STARTAR_INTE, orsak=orsak) from error
        return self._process

    def _open(self) -> subprocess.Popen[bytes]:
        # Without the folder that the command is run in, where the files may lie.
        command = [sys.executable, "-P", "-m", "genomlysning.sammanstallning.barn"]
        # In a group of its own, so that Ctrl+C reaches the parent alone, which ends it.
        if sys.platform == "win32":
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            )
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )


def _send(process: "subprocess.Popen[bytes]", fil: Path) -> None:
    """Name a file to the process. Raises OSError if it has died."""
    assert process.stdin
    process.stdin.write(json.dumps(str(fil.absolute())).encode() + b"\n")
    process.stdin.flush()


def _receive(process: "subprocess.Popen[bytes]") -> Namndbok | Avvisad | None:
    """Return the process's next answer, None if it died."""
    assert process.stdout
    try:
        head = process.stdout.read(LANGD.size)
        if len(head) < LANGD.size:
            return None
        (length,) = LANGD.unpack(head)
        if length > MAX_SVAR:
            return None
        return decode_svar(process.stdout.read(length))
    except (OSError, EOFError, ValueError):
        return None
