"""The process that reads untrusted workbooks, one after another, with a limit on its memory.

Names of files come in on standard input, one a line as JSON; what was read goes out on standard
output as JSON, each with its length before it. Whatever a file does to this process, the one
that started it goes on with the next file.
"""

import gc
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from genomlysning.fel import FilFel, Meddelande
from genomlysning.sammanstallning.lasning import REDAN_SAMMANSTALLD, read_namndbok
from genomlysning.sammanstallning.namndbok import (
    LANGD,
    MAX_SVAR,
    Avvisad,
    Namndbok,
    encode_svar,
)

#: Address space in bytes, where the operating system can limit it (not Windows or macOS).
MAX_MINNE = 450_000_000

FOR_MYCKET = Meddelande(
    "sammanstall-for-mycket",
    "{fil} kräver mer minne än en genomlysning någonsin gör.",
    "Öppna den i Excel, ta bort det som inte hör dit och spara, eller ta fram en tidigare kopia.",
)
EJ_TOLKBAR = Meddelande(
    "sammanstall-ej-tolkbar",
    "{fil} är skadad och går inte att tolka.",
    "Öppna den i Excel, låt Excel reparera den och spara, eller ta fram en tidigare kopia.",
)


def read_one(fil: Path) -> Namndbok | Avvisad:
    """Read a file; whatever is wrong with it becomes a reason."""
    try:
        return read_namndbok(fil)
    except FilFel as error:
        reason = str(error).replace(str(fil), fil.name)
        return Avvisad(fil.name, reason, error.meddelande is REDAN_SAMMANSTALLD)
    except MemoryError:
        return _refuse_stor(fil)
    except BaseException:  # also a panic in calamine, which is no Exception
        return Avvisad(fil.name, EJ_TOLKBAR.format(fil=fil.name))


def _refuse_stor(fil: Path) -> Avvisad:
    return Avvisad(fil.name, FOR_MYCKET.format(fil=fil.name))


def limit_process() -> None:
    """Limit the memory of this process, and what it leaves if it dies, where that can be done."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, MAX_MINNE), (resource.RLIMIT_CORE, 0)):
        # macOS has the name of the first limit only; one that is already lower is left as it is.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def main() -> None:
    """Serve until standard input ends."""
    limit_process()
    # What is loaded lives as long as this process, and what a file leaves is seldom in circles.
    gc.freeze()
    gc.set_threshold(50_000)
    out = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may come between the answers, or reach the user.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for number, line in enumerate(sys.stdin.buffer):
        fil = Path(json.loads(line))
        answer = read_one(fil)
        if number and answer == _refuse_stor(fil):
            # What earlier files have left may be to blame: a new process is given this one.
            sys.exit(1)
        content = encode_svar(answer)
        if len(content) > MAX_SVAR:
            content = encode_svar(_refuse_stor(fil))
        out.write(LANGD.pack(len(content)) + content)
        out.flush()


if __name__ == "__main__":
    main()
