"""Starts the command line: `python -m genomlysning`, or the script `genomlysning`."""

import gc
import sys

from genomlysning.fel import AVBRUTET, AVBRUTET_STATUS
from genomlysning.terminal import prefer_utf8


def main() -> None:
    """Run the command line and leave with its exit status."""
    # A command lives for a second or so: there is little garbage to look for, and much to look
    # through each time.
    gc.set_threshold(20_000, 20, 100)
    # What Ctrl+C leaves half made may fail when it is thrown away: nothing that a user can mend.
    sys.unraisablehook = lambda _: None
    try:
        # Imported here, since Ctrl+C may come while that goes on.
        from genomlysning.kommandorad import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        prefer_utf8()  # what was interrupted may be this, which leaves nothing to print with
        print(AVBRUTET.format(), file=sys.stderr)
        status = AVBRUTET_STATUS
    # Python looks for garbage once more when it ends, among all that pandas and others hold.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
