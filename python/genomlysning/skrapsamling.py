"""Lets Python rest from looking for objects that only point at each other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_skrapsamling() -> Iterator[None]:
    """Pause the cyclic garbage collection meanwhile.

    It goes through all that has been made again and again while tens of thousands of rows are
    read, which takes as long as reading them, and finds nothing: rows do not point at each other.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
