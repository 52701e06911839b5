"""Threads that never keep the program alive.

Nothing can interrupt a read that waits for bytes. Those of a ThreadPoolExecutor are waited for
when Python ends, so that Ctrl+C would seem to do nothing for half a minute.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Tradar(Generic[_T]):
    """Does what it is given in order, `most` at once. Given and closed by one thread."""

    def __init__(self, most: int, namn: str) -> None:
        self._most, self._namn = most, namn
        self._threads = 0
        self._queue: SimpleQueue[tuple[Future[_T], Callable[[], _T]] | None] = SimpleQueue()

    def submit(self, work: Callable[[], _T]) -> Future[_T]:
        """Have some work done, and return where its outcome will be."""
        future: Future[_T] = Future()
        self._queue.put((future, work))
        if self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._work, name=self._namn, daemon=True).start()
        return future

    def close(self) -> None:
        """Leave what has not begun undone; what has ends by itself and isn't waited for."""
        try:
            while waiting := self._queue.get_nowait():
                waiting[0].cancel()
        except Empty:
            pass
        for _ in range(self._threads):
            self._queue.put(None)

    def _work(self) -> None:
        while given := self._queue.get():
            future, work = given
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
            del future, work, given  # or the last answer would be kept while nothing is asked
