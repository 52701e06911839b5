"""A profile's file, in TOML as people write it: takes keys out and tells of every fault at once.

File, place and remedy are told in Swedish. What the keys mean is for `profil` to know.
"""

import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from genomlysning.fel import AnvandarFel, Meddelande

# Kolada's ids as its catalogue has them: a letter and five digits.
_ID = re.compile(r"[A-Z][0-9]{5}")
_SYNTAX_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_MAX_BYTES = 1_000_000
MAX_TEXT = 1000

FIL_SAKNAS = Meddelande(
    "profilfil-saknas",
    "Profilfilen {fil} finns inte.",
    "Kontrollera mappen och filnamnet.",
)
FIL_MAPP = Meddelande(
    "profilfil-mapp",
    "{fil} är en mapp eller något annat än en vanlig fil.",
    "Ange en profilfil som slutar på .toml.",
)
FIL_OLASBAR = Meddelande(
    "profilfil-olasbar",
    "Profilfilen {fil} kan inte läsas.",
    "Kontrollera att du har rätt att läsa den och att inget annat program låser den.",
)
FIL_STOR = Meddelande(
    "profilfil-for-stor",
    "Filen {fil} är för stor för att vara en profil.",
    "Kontrollera att du har angett rätt fil.",
)
FIL_TECKEN = Meddelande(
    "profilfil-teckenkod",
    "Profilfilen {fil} är inte sparad som UTF-8 (rad {rad_nr}).",
    "Öppna den i en textredigerare och spara den med teckenkodningen UTF-8.",
)
FIL_SYNTAX = Meddelande(
    "profilfil-syntax",
    "Profilfilen {fil} går inte att tolka: rad {rad_nr}, kolumn {kolumn}{utdrag}.",
    "Kontrollera att text står inom citattecken, att varje nyckel bara står en gång i sitt "
    "avsnitt, att hakparenteser är i par och att nycklar bara har a–z, siffror, _ och -. Jämför "
    "med en profil som följer med.",
)
FIL_FEL = Meddelande("profilfil-fel", "Filen {fil} har {antal} fel att rätta:\n{lista}")

SAKNAS = Meddelande("profil-nyckel-saknas", "nyckeln saknas.", "Lägg till {exempel}.")
FEL_TYP = Meddelande(
    "profil-fel-typ", "värdet {varde} är inte {slag}.", "Skriv till exempel {exempel}."
)
TOM_TEXT = Meddelande("profil-tom-text", "texten är tom.", "Skriv till exempel {exempel}.")
LANG_TEXT = Meddelande(
    "profil-lang-text", "texten är {antal} tecken lång.", "Korta den till högst {hogst}."
)
STYRTECKEN = Meddelande(
    "profil-styrtecken",
    "texten innehåller en radbrytning eller ett annat styrtecken.",
    "Skriv texten på en enda rad.",
)
OKAND_NYCKEL = Meddelande(
    "profil-okand-nyckel", "nyckeln finns inte.", "{forslag}Nycklar här: {tillatna}."
)
OKANT_VARDE = Meddelande(
    "profil-okant-varde", "värdet {varde} finns inte.", "{forslag}Tillåtna värden: {tillatna}."
)
FEL_ID = Meddelande(
    "profil-fel-id",
    "{varde} är inget id i Kolada.",
    "Skriv en stor bokstav och fem siffror, till exempel N15001.",
)
UTANFOR = Meddelande(
    "profil-utanfor",
    "värdet {varde} är utanför gränserna.",
    "Ange ett tal från {minst} till {mest}.",
)


def read_bytes(path: Path) -> bytes:
    """Return a file's content; a missing, unreadable or oversized one raises AnvandarFel."""
    try:
        if not path.exists():
            raise AnvandarFel(FIL_SAKNAS, fil=path)
        if not path.is_file():
            raise AnvandarFel(FIL_MAPP, fil=path)
        if path.stat().st_size > _MAX_BYTES:
            raise AnvandarFel(FIL_STOR, fil=path)
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise AnvandarFel(FIL_OLASBAR, fil=show_varde(str(path))[1:-1]) from error


def parse_toml(content: bytes, fil: str) -> dict[str, Any]:
    """Return the parsed TOML; a file that is not UTF-8 or not TOML raises AnvandarFel."""
    try:
        # Windows' Notepad may put a byte order mark first, which TOML does not allow.
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise AnvandarFel(FIL_TECKEN, fil=fil, rad_nr=line) from error
    lines = text.split("\n")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # tomllib tells the place in its message only, or "at end of document"; numbers and
        # nestings too large for Python are refused without any place.
        place = _SYNTAX_PLACE.search(str(error))
        if place:
            nr, column = int(place[1]), int(place[2])
        elif "at end of document" in str(error):
            nr, column = len(lines), len(lines[-1]) + 1
        else:
            nr, column = 1, 1
        excerpt = lines[nr - 1].strip() if nr <= len(lines) else ""
        raise AnvandarFel(
            FIL_SYNTAX,
            fil=fil,
            rad_nr=nr,
            kolumn=column,
            utdrag=f" ({show_varde(excerpt)})" if excerpt else "",
        ) from error


def show_varde(value: object) -> str:
    """Return a value as it may stand in a message: short and on one line."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = f"'{value}'"
        case dict():
            text = "{…}"
        case list():
            text = "[…]"
        case int() if abs(value) > 10**18:  # str() refuses integers of thousands of digits
            text = "(ett mycket stort tal)"
        case _:
            text = str(value)
    text = "".join(c if c.isprintable() else "·" for c in text)
    return text if len(text) <= 60 else text[:59] + "…"


def suggest_ord(word: str, allowed: Iterable[str]) -> str:
    """Return 'Menade du …? ' for the nearest allowed word, or nothing."""
    import difflib  # only when something is wrong

    by_fold = {fold_id(a): a for a in allowed}
    hits = difflib.get_close_matches(fold_id(word)[:100], by_fold, n=1, cutoff=0.6)
    return f"Menade du {by_fold[hits[0]]}? " if hits else ""


def fold_id(text: str) -> str:
    """Return a name in the form of a profile's id: lower-case ASCII with hyphens."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@dataclass(slots=True)
class Felsamling:
    """Collects the faults of one file, so that all can be told at once."""

    fil: str
    lines: list[str]

    def add(self, plats: str, nyckel: str, meddelande: Meddelande, **falt: object) -> None:
        """Note a fault at a key of a place, both of which may be ''."""
        place = ", ".join(p for p in (plats, f"nyckeln {nyckel}" if nyckel else "") if p)
        self.lines.append(f"- {Path(self.fil).name}, {place}: {meddelande.format(**falt)}")

    def raise_if_any(self) -> None:
        """Raise AnvandarFel with all of the faults."""
        if self.lines:
            raise AnvandarFel(
                FIL_FEL, fil=self.fil, antal=len(self.lines), lista="\n".join(self.lines)
            )


_S = TypeVar("_S", bound=StrEnum)
_T = TypeVar("_T")


class Tomltabell:
    """One TOML table being read: takes keys out one by one and notes what is wrong with them.

    Every method answers with a usable value even after a fault, so that reading goes on to the
    next fault; what was read is thrown away if there was any.
    """

    def __init__(self, data: dict[str, Any], plats: str, faults: Felsamling) -> None:
        self._data = data
        self._known: list[str] = []
        self.plats = plats
        self.faults = faults

    def fault(self, nyckel: str, meddelande: Meddelande, **falt: object) -> None:
        """Note a fault at a key of this table."""
        self.faults.add(self.plats, nyckel, meddelande, **falt)

    def take(self, nyckel: str, exempel: str, *, required: bool) -> object:
        """Return the raw value, None when missing (a fault if `required`)."""
        self._known.append(nyckel)
        if nyckel not in self._data and required:
            self.fault(nyckel, SAKNAS, exempel=exempel)
        found: object = self._data.get(nyckel)
        return found

    def text(
        self,
        nyckel: str,
        exempel: str = "",
        *,
        required: bool = False,
        longest: int = MAX_TEXT,
    ) -> str:
        """Return a text on one line, composed (NFC) and trimmed; empty when left out."""
        value = self.take(nyckel, f'{nyckel} = "{exempel}"', required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(
                nyckel, FEL_TYP, varde=show_varde(value), slag="text", exempel=f'"{exempel}"'
            )
            return ""
        text = unicodedata.normalize("NFC", value).strip()
        # Control characters and U+FFFE/F cannot stand in a workbook's XML.
        if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in "\ufffe\uffff" for c in text):
            self.fault(nyckel, STYRTECKEN)
        elif required and not text:
            self.fault(nyckel, TOM_TEXT, exempel=f'"{exempel}"')
        elif len(text) > longest:
            self.fault(nyckel, LANG_TEXT, antal=len(text), hogst=longest)
        return text

    def flag(self, nyckel: str, default: bool) -> bool:
        """Return an optional truth value."""
        value = self.take(nyckel, "", required=False)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self.fault(
            nyckel, FEL_TYP, varde=show_varde(value), slag="true eller false", exempel="true"
        )
        return default

    def whole(self, nyckel: str, lowest: int, highest: int, exempel: str) -> int:
        """Return a required whole number within the bounds."""
        value = self.take(nyckel, f"{nyckel} = {exempel}", required=True)
        if value is None:
            return lowest
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(nyckel, FEL_TYP, varde=show_varde(value), slag="ett heltal", exempel=exempel)
            return lowest
        if not lowest <= value <= highest:
            self.fault(nyckel, UTANFOR, varde=show_varde(value), minst=lowest, mest=highest)
        return value

    def number(self, nyckel: str) -> float | None:
        """Return an optional number of ordinary size."""
        value = self.take(nyckel, "", required=False)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(nyckel, FEL_TYP, varde=show_varde(value), slag="ett tal", exempel="0")
            return 0.0
        if not math.isfinite(value if isinstance(value, float) else 0) or abs(value) > 1e9:
            self.fault(nyckel, UTANFOR, varde=show_varde(value), minst=-(10**9), mest=10**9)
            return 0.0
        return float(value)

    def choice(self, nyckel: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Return one of the allowed words; `default` when left out, required without one."""
        words = list(allowed)
        value = self.take(nyckel, f'till exempel {nyckel} = "{words[0]}"', required=default is None)
        if value is None:
            return words[0] if default is None else default
        found = unicodedata.normalize("NFC", value) if isinstance(value, str) else value
        if isinstance(found, str) and found in words:
            return found
        self.fault(
            nyckel,
            OKANT_VARDE,
            varde=show_varde(found),
            forslag=suggest_ord(found, words) if isinstance(found, str) else "",
            tillatna=", ".join(words),
        )
        return words[0]

    def enum(self, nyckel: str, kind: type[_S]) -> _S:
        """Return a required word of a word list."""
        return kind(self.choice(nyckel, [str(member) for member in kind]))

    def kolada_id(self, nyckel: str, *, required: bool = False) -> str | None:
        """Return the id of a figure in Kolada; None when left out."""
        value = self.take(nyckel, f'{nyckel} = "N15001"', required=required)
        return None if value is None else self._checked_id(nyckel, value)

    def _checked_id(self, nyckel: str, value: object) -> str:
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
        self.fault(nyckel, FEL_ID, varde=show_varde(value))
        return ""

    def items(self, nyckel: str, *, required: bool = False) -> list[object]:
        """Return a list's items; empty when left out."""
        value = self.take(nyckel, f"{nyckel} = []", required=required)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.fault(nyckel, FEL_TYP, varde=show_varde(value), slag="en lista", exempel="[]")
        return []

    def kolada_ids(self, nyckel: str) -> tuple[str, ...]:
        """Return the ids of a required list."""
        return tuple(self._checked_id(nyckel, v) for v in self.items(nyckel, required=True))

    def tables(self, nyckel: str, kind: str, read: Callable[["Tomltabell"], _T]) -> list[_T]:
        """Read each table of a list, placed as '<kind> nr n (id)' in messages."""
        answer = []
        for nr, item in enumerate(self.items(nyckel), start=1):
            place = ", ".join(p for p in (self.plats, f"{kind} nr {nr}") if p)
            if not isinstance(item, dict):
                self.faults.add(
                    place, "", FEL_TYP, varde=show_varde(item), slag="ett avsnitt", exempel="{ … }"
                )
                continue
            if isinstance(item.get("id"), str):
                place += f" ({show_varde(item['id'])[1:-1]})"
            table = Tomltabell(item, place, self.faults)
            answer.append(read(table))
            table.done()
        return answer

    def done(self) -> None:
        """Note the keys that nobody asked for."""
        for nyckel in self._data:
            if nyckel not in self._known:
                self.fault(
                    show_varde(nyckel)[1:-1],
                    OKAND_NYCKEL,
                    forslag=suggest_ord(nyckel, self._known),
                    tillatna=", ".join(self._known),
                )
