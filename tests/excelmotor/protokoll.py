"""What a test scripts in advance and looks at afterwards."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from .varden import Excelfel


class Skrivning(NamedTuple):
    """One call that changed the workbook; `kind` is value, formula, format, name, table, sheet."""

    sheet: str
    address: str
    kind: str
    value: Any


class Motor:
    """What a test scripts and sees of one Excel with one workbook."""

    def __init__(self) -> None:
        #: the button pressed in each message that has more than one, in order
        self.answers: deque[str] = deque()
        #: stand-ins for VBA, by name
        self.macros: dict[str, Callable[..., Any]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget what has been seen, and any fault that was ordered."""
        self.log: list[Skrivning] = []
        self.reads = 0
        #: prompt, title, buttons, mode
        self.alerts: list[tuple[str, str | None, str, str | None]] = []
        #: settings of the application in the order they were made: ("status_bar", "Hämtar …")
        self.history: list[tuple[str, Any]] = []
        self.saves: list[Path] = []
        self._left: int | None = None
        self._persistent = False

    @property
    def writes(self) -> int:
        """How many calls have changed something."""
        return len(self.log)

    def fail_on_write(self, n: int) -> None:
        """Let the n-th write from now raise Excelfel, and those after it succeed."""
        self.fail_after(n - 1, persistent=False)

    def fail_after(self, n: int, persistent: bool = True) -> None:
        """Let n more writes succeed and the next one raise, and all after it if `persistent`."""
        self._left, self._persistent = n, persistent

    def before_write(self) -> None:
        if self._left == 0:
            if not self._persistent:
                self._left = None
            raise Excelfel("Exception from HRESULT: 0x800A03EC")
        if self._left is not None:
            self._left -= 1
