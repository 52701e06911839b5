"""Messages shown to people and the errors that carry them.

Every text the program can show when something is wrong is a `Meddelande`, defined as a
constant in the module that shows it and collected in `REGISTER`, so that a list of all of them
can be made from the definitions. The exit statuses are those of docs/kommandorad.md.
"""

import errno
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

_STYRTECKEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
REGISTER: dict[str, "Meddelande"] = {}


@dataclass(frozen=True, slots=True)
class Meddelande:
    """One message: what happened and what the reader should do, with `{fields}` to fill in.

    `kod` is unique and stable (lower-case ASCII with hyphens). `atgard` may be empty where
    nothing needs to be done.
    """

    kod: str
    text: str
    atgard: str = ""

    def __post_init__(self) -> None:
        if self.kod in REGISTER:
            raise ValueError(f"message defined twice: {self.kod}")
        REGISTER[self.kod] = self

    def format(self, **falt: object) -> str:
        """Return the text and the remedy in one line, fields filled in."""
        clean = {name: _clean(value) for name, value in falt.items()}
        return f"{self.text} {self.atgard}".strip().format(**clean)


def _clean(value: object) -> object:
    """Return a field without what would steer a terminal or turn the text about.

    Names of files and what others have written in them come in messages; a list has its lines.
    """
    if isinstance(value, PurePath):
        return _STYRTECKEN.sub("", str(value)).replace("\n", " ")
    return _STYRTECKEN.sub("", value) if isinstance(value, str) else value


AVBRUTET = Meddelande(
    "avbrutet", "Avbrutet. Inget är halvgjort: det som inte hann bli klart är som det var."
)
#: The exit status after Ctrl+C, as shells have it.
AVBRUTET_STATUS = 130


class GenomlysningFel(Exception):
    """Anything a user can cause or meet; shown as its message, never as a traceback."""

    exit_status: ClassVar[int] = 2

    def __init__(self, meddelande: Meddelande, **falt: object) -> None:
        super().__init__(meddelande.format(**falt))
        self.meddelande = meddelande
        self.falt = falt


class AnvandarFel(GenomlysningFel):
    """Wrong usage: an unknown name, a faulty profile, a setting out of range."""

    exit_status = 2


class KoladaFel(GenomlysningFel):
    """Kolada could not be reached or answered wrongly."""

    exit_status = 3


class KoladaOnabar(KoladaFel):
    """Kolada cannot be reached at present; stored values may be used instead."""


class KoladaSvarFel(KoladaFel):
    """Kolada answered, but not as its interface says; stored values must not hide that."""


class FilFel(GenomlysningFel):
    """A workbook or another file could not be read or written."""

    exit_status = 4


_SYSTEMFEL = {
    errno.ENOSPC: "disken är full",
    errno.EDQUOT: "utrymmet är slut",
    errno.EACCES: "åtkomst nekad",
    errno.EPERM: "åtkomst nekad",
    errno.EROFS: "disken är skrivskyddad",
    errno.ENOENT: "mappen finns inte längre",
    errno.EISDIR: "det är en mapp",
    errno.ENOTDIR: "det är ingen mapp",
    errno.ENAMETOOLONG: "namnet är för långt",
    errno.ELOOP: "länken leder tillbaka till sig själv",
    errno.EFBIG: "filen får inte bli så stor där",
    errno.EIO: "disken eller nätverket svarar inte",
    errno.ESTALE: "disken eller nätverket svarar inte",
    errno.ETIMEDOUT: "disken eller nätverket svarar inte",
    errno.EHOSTDOWN: "disken eller nätverket svarar inte",
    errno.EAGAIN: "datorn har för mycket i gång",
    errno.ENOMEM: "minnet räcker inte",
    errno.EMFILE: "för många filer är öppna",
    errno.ENFILE: "för många filer är öppna",
}


def describe_systemfel(error: OSError) -> str:
    """Say in Swedish what the operating system says in a language of its own."""
    return _SYSTEMFEL.get(error.errno or 0, f"felkod {error.errno or 'saknas'}")
