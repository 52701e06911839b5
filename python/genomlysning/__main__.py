"""Starts the command line: `python -m genomlysning`, or the script `genomlysning`."""

import gc
import sys

from genomlysning.kommandorad import run


def main() -> None:
    """Run the command line and leave with its exit status."""
    # A command lives for a second or so: there is little garbage to look for, and much to look
    # through each time.
    gc.set_threshold(20_000, 20, 100)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
