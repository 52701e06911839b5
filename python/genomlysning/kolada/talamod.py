"""How long Kolada is waited for: as long as answers keep coming."""

import threading
from collections.abc import Callable
from time import monotonic

from genomlysning.fel import KoladaFel

#: Bytes a second that count as something coming. Any line that one can work with carries many
#: times as much; an answer that drips slower than this would take hours.
MINSTA_FART = 1000


class Talamod:
    """The seconds since something last came, and what has gone wrong since then.

    Something is the beginning or the end of an answer, or as many bytes, of all answers together,
    as `MINSTA_FART` gives in `tidsgrans` seconds. Only right answers count: a service that says
    that it is broken gives nothing. Time between calls doesn't count either, but time wasted in a
    call that failed does: a run that asks five times of a dead service still ends in time.
    """

    def __init__(self, tidsgrans: float, now: Callable[[], float] = monotonic) -> None:
        self.tidsgrans = tidsgrans
        self._now = now
        self._lock = threading.Lock()
        self._since = now()
        self._wasted = 0.0
        self._byte = 0
        #: The last fault that may pass and has not.
        self.hinder: KoladaFel | None = None

    @property
    def vantat(self) -> float:
        """Seconds that nothing has come."""
        with self._lock:
            return self._now() - self._since

    @property
    def kvar(self) -> float:
        """Seconds until it has been waited for long enough."""
        return self.tidsgrans - self.vantat

    def begin(self) -> None:
        """Start to wait."""
        with self._lock:
            self._since = self._now() - self._wasted

    def end(self) -> None:
        """Stop, and remember what has been waited in vain."""
        with self._lock:
            self._wasted = self._now() - self._since

    def came(self) -> None:
        """Take in that an answer has begun or ended."""
        with self._lock:
            self._renew()

    def count(self, byte: int) -> None:
        """Take in that so many bytes of an answer have come."""
        with self._lock:
            self._byte += byte
            if self._byte >= MINSTA_FART * self.tidsgrans:
                self._renew()

    def _renew(self) -> None:
        self._since, self._byte, self.hinder = self._now(), 0, None
