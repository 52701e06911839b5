"""How fast questions follow each other: as fast as they come, until Kolada says that it is much.

How many questions Kolada wants in a minute is written nowhere, and other clients keep to about
five a second. So does this one, all its threads together, once a status says that Kolada has too
much to do, and for the rest of the run. Each further time the gap is doubled. A gap also lessens
how many are asked at once, when answers take long.
"""

#: The statuses that say so: too many requests, and service unavailable.
TRANGSEL = (429, 503)
#: Seconds that all rest after it, unless Kolada asks for more.
VILA = 1.0
#: Seconds from one question to the next, after the first such status and at the most.
MELLANRUM = 0.2
STORSTA_MELLANRUM = 3.2


class Takt:
    """When the next question may be sent. `now` is the caller's clock, in seconds.

    For one thread at a time.
    """

    def __init__(self) -> None:
        self._gap = 0.0
        self._next = 0.0
        self._held_until = 0.0
        #: How many times the pace has been slowed; a question is sent at one of these paces.
        self.varv = 0
        #: How many times since the last right answer, which sets it to 0.
        self.i_rad = 0
        #: The status that last held the questions back.
        self.status = 0

    def take(self, now: float) -> float:
        """Take the turn and return 0, or return the seconds until it is worth trying again."""
        pause = max(self._next, self._held_until) - now
        if pause > 0:
            return pause
        self._next = now + self._gap
        return 0.0

    def held(self, now: float) -> float:
        """Return the seconds that Kolada still wants us to wait."""
        return max(0.0, self._held_until - now)

    def hold(self, now: float, status: int, sekunder: float, varv: int) -> None:
        """Take in that a question sent at the pace `varv` was answered with such a status.

        All questions wait the seconds that Kolada asks for. Several that were under way at one
        pace tell of the same crowding, and slow it once.
        """
        if sekunder > self.held(now):
            self._held_until = now + sekunder
            self.status = status
        if status in TRANGSEL and varv == self.varv:
            self.varv += 1
            self.i_rad += 1
            self._gap = min(self._gap * 2 or MELLANRUM, STORSTA_MELLANRUM)
            self._next = now + max(VILA, self._gap)
