"""How much the program does, counted and not timed, so that a busy machine changes nothing.

What it costs in seconds is measured by benchmarks/ (docs/prestanda.md).
"""

import sys
from collections.abc import Callable

#: Seconds after which work is taken to hang. No test waits for so long, on any machine.
HANGER = 600


def count_calls(work: Callable[[], object]) -> int:
    """Return how many functions `work` calls in this thread, Python's own and C's; as often
    as it is asked for the same work, it says the same."""
    calls = 0

    def note(_frame: object, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls
