"""Reads the profiles of the committees and the table of verksamheter from `templates/`.

A profile says which key figures a committee is shown and how each may be judged (docs/regler.md,
docs/profiler.md). People write their own, so a faulty file is answered with every fault at once:
file, place and remedy, in Swedish.
"""

import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.mallar import find_templates
from genomlysning.ord import Kategori, Riktning, Slag, tabellnamn

__all__ = [
    "OMRADEN",
    "Metodbrott",
    "PerBrukare",
    "Profil",
    "Profilnyckeltal",
    "Verksamhet",
    "list_profiler",
    "load_profil",
    "load_verksamheter",
]

#: The areas for which Kolada has groups of similar municipalities, as it writes them.
OMRADEN: Final = (
    "övergripande",
    "förskola",
    "fritidshem",
    "grundskola",
    "gymnasieskola",
    "äldreomsorg",
    "LSS",
    "IFO",
    "ekonomiskt bistånd",
    "arbetsmarknad",
    "socioekonomi",
    "räddningstjänst",
)

#: What a `metodbrott` of a verksamhet may concern.
METODBROTT_GALLER: Final = ("avvikelse", "referenskostnad")

# Kolada's ids as its catalogue has them: a letter and five digits.
_ID = re.compile(r"[A-Z][0-9]{5}")
_SYNTAX_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_MAX_BYTES = 1_000_000
_MAX_NAMN = 200
_MAX_TEXT = 1000

# ---------------------------------------------------------------------------- messages

OKAND_PROFIL = Meddelande(
    "profil-okand",
    "Det finns ingen profil som heter ”{namn}”.",
    "{forslag}Välj en av dessa: {profiler}. Du kan också ange sökvägen till en egen profilfil, "
    "som ska sluta på .toml.",
)
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
DUBBELT_ID = Meddelande(
    "profil-dubbelt-id",
    "{varde} står redan i samma tabell (nyckeltal nr {nr}).",
    "Ta bort det ena.",
)
DUBBELT_NAMN = Meddelande(
    "profil-dubbelt-namn",
    "namnet {varde} används redan av nyckeltal nr {nr}.",
    "Ge nyckeltalen olika namn.",
)
DUBBEL_VERKSAMHET = Meddelande(
    "profil-dubbel-verksamhet", "{varde} står två gånger.", "Ta bort den ena."
)
TOM_PROFIL = Meddelande(
    "profil-tom",
    "det finns inga nyckeltal.",
    "Lägg till minst ett avsnitt som börjar med [[nyckeltal]].",
)
UTANFOR = Meddelande(
    "profil-utanfor",
    "värdet {varde} är utanför gränserna.",
    "Ange ett tal från {minst} till {mest}.",
)
RIKTNING_SLAG = Meddelande(
    "profil-riktning-bedomning",
    "riktningen {riktning} passar inte till bedomning = '{slag}'.",
    "Välj {tillatna}.",
)
MAL_SAKNAS = Meddelande(
    "profil-mal-saknas",
    "ett nyckeltal med bedomning = 'mal' behöver ett mål.",
    "Lägg till det högsta värde som godtas, till exempel mal = 0.",
)
MAL_OVERFLODIGT = Meddelande(
    "profil-mal-overflodigt",
    "nyckeln hör bara till bedomning = 'mal'.",
    "Ta bort den, eller ändra bedomning.",
)

# -------------------------------------------------------------------------------- data


class Metodbrott(NamedTuple):
    """A change of method: values before and from `year` are not comparable.

    `galler` is 'avvikelse' or 'referenskostnad' for a verksamhet, empty for a key figure.
    """

    year: int
    text: str
    galler: str = ""


class PerBrukare(NamedTuple):
    """Net cost and reference cost per user in the same unit (`enhet`, such as kr/elev)."""

    enhet: str
    nettokostnad: str
    referenskostnad: str


class Verksamhet(NamedTuple):
    """The ids behind one row of the reference cost check.

    `nettokostnad` and `referenskostnad` are in kr/inv and summed when several, as is
    `avvikelse_mkr`. `kvalitet_avser` tells what the indices cover when not everything.
    """

    id: str
    namn: str
    omrade: str
    nettokostnad: tuple[str, ...]
    referenskostnad: tuple[str, ...]
    avvikelse_procent: str | None
    avvikelse_mkr: tuple[str, ...]
    per_brukare: PerBrukare | None
    kvalitetsindex: str | None
    resursindex: str | None
    effektivitetsindex: str | None
    kvalitet_avser: str
    anmarkning: str
    metodbrott: tuple[Metodbrott, ...]


class Profilnyckeltal(NamedTuple):
    """One key figure of a profile.

    `mal` is the highest accepted value, set exactly when `bedomning` is ``Slag.MAL``.
    `jamforbar` False marks figures that cannot be compared between municipalities.
    `verksamhet` is the id of the verksamhet that the figure tells of, if any.
    """

    id: str
    namn: str
    kategori: Kategori
    over_tid: bool
    bedomning: Slag
    riktning: Riktning
    mal: float | None
    enhet: str
    decimaler: int
    omrade: str
    verksamhet: str | None
    jamforbar: bool
    anmarkning: str
    metodbrott: tuple[Metodbrott, ...]

    @property
    def tabell(self) -> str:
        """The table that the figure stands in."""
        return tabellnamn(self.kategori, over_tid=self.over_tid)

    @property
    def placeras(self) -> bool:
        """Whether the figure has a place among all municipalities (docs/regler.md)."""
        return self.jamforbar and self.riktning is not Riktning.INGEN


class Profil(NamedTuple):
    """The key figures of one committee, in the order of the file."""

    id: str
    namn: str
    forvaltning: str
    verksamheter: tuple[Verksamhet, ...]
    omrade: str
    nyckeltal: tuple[Profilnyckeltal, ...]


#: Which directions each kind of verdict may have (docs/regler.md).
_RIKTNINGAR: Final[dict[Slag, tuple[Riktning, ...]]] = {
    Slag.RESULTAT: (Riktning.HOGRE, Riktning.LAGRE),
    Slag.KOSTNAD: (Riktning.LAGRE, Riktning.INGEN),
    Slag.MAL: (Riktning.MAL,),
    Slag.INGEN: (Riktning.INGEN,),
}

# ------------------------------------------------------------------------------ faults


def _show(value: object) -> str:
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


def _nearest(word: str, allowed: Iterable[str]) -> str:
    """Return 'Menade du …? ' for the nearest allowed word, or nothing."""
    import difflib  # only when something is wrong

    by_fold = {_fold(a): a for a in allowed}
    hits = difflib.get_close_matches(_fold(word)[:100], by_fold, n=1, cutoff=0.6)
    return f"Menade du {by_fold[hits[0]]}? " if hits else ""


def _fold(text: str) -> str:
    """Return a name in the form of a profile's id: lower-case ASCII with hyphens."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@dataclass(slots=True)
class _Faults:
    """Collects the faults of one file, so that all can be told at once."""

    fil: str
    lines: list[str]

    def add(self, plats: str, nyckel: str, meddelande: Meddelande, **falt: object) -> None:
        place = ", ".join(p for p in (plats, f"nyckeln {nyckel}" if nyckel else "") if p)
        self.lines.append(f"- {Path(self.fil).name}, {place}: {meddelande.format(**falt)}")

    def raise_if_any(self) -> None:
        if self.lines:
            raise AnvandarFel(
                FIL_FEL, fil=self.fil, antal=len(self.lines), lista="\n".join(self.lines)
            )


_S = TypeVar("_S", bound=StrEnum)
_T = TypeVar("_T")


class _Tabell:
    """One TOML table being read: takes keys out one by one and notes what is wrong with them.

    Every method answers with a usable value even after a fault, so that reading goes on to the
    next fault; what was read is thrown away if there was any.
    """

    def __init__(self, data: dict[str, Any], plats: str, faults: _Faults) -> None:
        self._data = data
        self._known: list[str] = []
        self.plats = plats
        self.faults = faults

    def fault(self, nyckel: str, meddelande: Meddelande, **falt: object) -> None:
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
        longest: int = _MAX_TEXT,
    ) -> str:
        """Return a text on one line, composed (NFC) and trimmed; empty when left out."""
        value = self.take(nyckel, f'{nyckel} = "{exempel}"', required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(nyckel, FEL_TYP, varde=_show(value), slag="text", exempel=f'"{exempel}"')
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
        value = self.take(nyckel, "", required=False)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        self.fault(nyckel, FEL_TYP, varde=_show(value), slag="true eller false", exempel="true")
        return default

    def whole(self, nyckel: str, lowest: int, highest: int, exempel: str) -> int:
        """Return a required whole number within the bounds."""
        value = self.take(nyckel, f"{nyckel} = {exempel}", required=True)
        if value is None:
            return lowest
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(nyckel, FEL_TYP, varde=_show(value), slag="ett heltal", exempel=exempel)
            return lowest
        if not lowest <= value <= highest:
            self.fault(nyckel, UTANFOR, varde=_show(value), minst=lowest, mest=highest)
        return value

    def number(self, nyckel: str) -> float | None:
        """Return an optional number of ordinary size."""
        value = self.take(nyckel, "", required=False)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(nyckel, FEL_TYP, varde=_show(value), slag="ett tal", exempel="0")
            return 0.0
        if not math.isfinite(value if isinstance(value, float) else 0) or abs(value) > 1e9:
            self.fault(nyckel, UTANFOR, varde=_show(value), minst=-(10**9), mest=10**9)
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
            varde=_show(found),
            forslag=_nearest(found, words) if isinstance(found, str) else "",
            tillatna=", ".join(words),
        )
        return words[0]

    def enum(self, nyckel: str, kind: type[_S]) -> _S:
        return kind(self.choice(nyckel, [str(member) for member in kind]))

    def kolada_id(self, nyckel: str, *, required: bool = False) -> str | None:
        value = self.take(nyckel, f'{nyckel} = "N15001"', required=required)
        return None if value is None else self._checked_id(nyckel, value)

    def _checked_id(self, nyckel: str, value: object) -> str:
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
        self.fault(nyckel, FEL_ID, varde=_show(value))
        return ""

    def items(self, nyckel: str, *, required: bool = False) -> list[object]:
        """Return a list's items; empty when left out."""
        value = self.take(nyckel, f"{nyckel} = []", required=required)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.fault(nyckel, FEL_TYP, varde=_show(value), slag="en lista", exempel="[]")
        return []

    def kolada_ids(self, nyckel: str) -> tuple[str, ...]:
        return tuple(self._checked_id(nyckel, v) for v in self.items(nyckel, required=True))

    def tables(self, nyckel: str, kind: str, read: Callable[["_Tabell"], _T]) -> list[_T]:
        """Read each table of a list, placed as '<kind> nr n (id)' in messages."""
        answer = []
        for nr, item in enumerate(self.items(nyckel), start=1):
            place = ", ".join(p for p in (self.plats, f"{kind} nr {nr}") if p)
            if not isinstance(item, dict):
                self.faults.add(
                    place, "", FEL_TYP, varde=_show(item), slag="ett avsnitt", exempel="{ … }"
                )
                continue
            if isinstance(item.get("id"), str):
                place += f" ({_show(item['id'])[1:-1]})"
            table = _Tabell(item, place, self.faults)
            answer.append(read(table))
            table.done()
        return answer

    def done(self) -> None:
        """Note the keys that nobody asked for."""
        for nyckel in self._data:
            if nyckel not in self._known:
                self.fault(
                    _show(nyckel)[1:-1],
                    OKAND_NYCKEL,
                    forslag=_nearest(nyckel, self._known),
                    tillatna=", ".join(self._known),
                )


# ----------------------------------------------------------------------------- parsing


def _read_metodbrott(table: _Tabell) -> Metodbrott:
    return Metodbrott(
        year=table.whole("year", 1990, 2100, "2022"),
        text=table.text("text", "Ny definition från 2022.", required=True),
    )


def _read_metodbrott_verksamhet(table: _Tabell) -> Metodbrott:
    plain = _read_metodbrott(table)
    return Metodbrott(plain.year, plain.text, table.choice("galler", METODBROTT_GALLER))


def _read_per_brukare(table: _Tabell) -> PerBrukare | None:
    value = table.take("per_brukare", "", required=False)
    if value is None:
        return None
    if not isinstance(value, dict):
        table.fault("per_brukare", FEL_TYP, varde=_show(value), slag="ett avsnitt", exempel="{ … }")
        return None
    inner = _Tabell(value, f"{table.plats}, per_brukare", table.faults)
    answer = PerBrukare(
        enhet=inner.text("enhet", "kr/elev", required=True, longest=40),
        nettokostnad=inner.kolada_id("nettokostnad", required=True) or "",
        referenskostnad=inner.kolada_id("referenskostnad", required=True) or "",
    )
    inner.done()
    return answer


def _read_verksamhet(table: _Tabell) -> Verksamhet:
    return Verksamhet(
        id=table.text("id", "grundskola", required=True, longest=40),
        namn=table.text("namn", "Grundskola F–9", required=True, longest=_MAX_NAMN),
        omrade=table.choice("omrade", OMRADEN),
        nettokostnad=table.kolada_ids("nettokostnad"),
        referenskostnad=table.kolada_ids("referenskostnad"),
        avvikelse_procent=table.kolada_id("avvikelse_procent"),
        avvikelse_mkr=table.kolada_ids("avvikelse_mkr"),
        per_brukare=_read_per_brukare(table),
        kvalitetsindex=table.kolada_id("kvalitetsindex"),
        resursindex=table.kolada_id("resursindex"),
        effektivitetsindex=table.kolada_id("effektivitetsindex"),
        kvalitet_avser=table.text("kvalitet_avser"),
        anmarkning=table.text("anmarkning"),
        metodbrott=tuple(table.tables("metodbrott", "metodbrott", _read_metodbrott_verksamhet)),
    )


def _read_nyckeltal(table: _Tabell, omrade: str, verksamheter: Iterable[str]) -> Profilnyckeltal:
    before = len(table.faults.lines)
    bedomning = table.enum("bedomning", Slag)
    riktning = table.enum("riktning", Riktning)
    mal = table.number("mal")
    # Only meaningful when the words themselves were understood.
    if len(table.faults.lines) == before:
        allowed = _RIKTNINGAR[bedomning]
        if riktning not in allowed:
            table.fault(
                "riktning",
                RIKTNING_SLAG,
                riktning=f"'{riktning}'",
                slag=bedomning,
                tillatna=" eller ".join(f"'{r}'" for r in allowed),
            )
        if bedomning is Slag.MAL and mal is None:
            table.fault("mal", MAL_SAKNAS)
        if bedomning is not Slag.MAL and mal is not None:
            table.fault("mal", MAL_OVERFLODIGT)
    return Profilnyckeltal(
        id=table.kolada_id("id", required=True) or "",
        namn=table.text("namn", "Sjukfrånvaro totalt", required=True, longest=_MAX_NAMN),
        kategori=table.enum("kategori", Kategori),
        over_tid=table.flag("over_tid", default=False),
        bedomning=bedomning,
        riktning=riktning,
        mal=mal,
        enhet=table.text("enhet", "%", required=True, longest=40),
        decimaler=table.whole("decimaler", 0, 3, "1"),
        omrade=table.choice("omrade", OMRADEN, default=omrade),
        verksamhet=table.choice("verksamhet", verksamheter, default="") or None,
        jamforbar=table.flag("jamforbar", default=True),
        anmarkning=table.text("anmarkning"),
        metodbrott=tuple(table.tables("metodbrott", "metodbrott", _read_metodbrott)),
    )


def _check_duplicates(nyckeltal: list[Profilnyckeltal], faults: _Faults) -> None:
    """A figure stands once per table; two figures never share a name.

    The same figure may stand both compared and over time.
    """
    ids: dict[tuple[str, Kategori, bool], int] = {}
    names: dict[str, tuple[int, str]] = {}
    for nr, figure in enumerate(nyckeltal, start=1):
        place = f"nyckeltal nr {nr} ({figure.id})"
        if figure.id:
            key = (figure.id, figure.kategori, figure.over_tid)
            if key in ids:
                faults.add(place, "id", DUBBELT_ID, varde=figure.id, nr=ids[key])
                continue
            ids[key] = nr
        if figure.namn:
            first, first_id = names.setdefault(figure.namn.casefold(), (nr, figure.id))
            if first != nr and first_id != figure.id:
                faults.add(place, "namn", DUBBELT_NAMN, varde=_show(figure.namn), nr=first)


def _parse_profil(
    data: dict[str, Any], profil_id: str, verksamheter: dict[str, Verksamhet], faults: _Faults
) -> Profil:
    """Read a profile; the result is to be used only when `faults` stays empty."""
    table = _Tabell(data, "", faults)
    namn = table.text("namn", "Kommunstyrelsen", required=True, longest=_MAX_NAMN)
    forvaltning = table.text("forvaltning", "förvaltningen", required=True, longest=_MAX_NAMN)
    omrade = table.choice("omrade", OMRADEN)
    own: dict[str, Verksamhet] = {}
    for item in table.items("verksamheter"):
        if not isinstance(item, str) or item not in verksamheter:
            table.fault(
                "verksamheter",
                OKANT_VARDE,
                varde=_show(item),
                forslag=_nearest(item, verksamheter) if isinstance(item, str) else "",
                tillatna=", ".join(verksamheter),
            )
        elif item in own:
            table.fault("verksamheter", DUBBEL_VERKSAMHET, varde=item)
        else:
            own[item] = verksamheter[item]
    before = len(faults.lines)
    figures = table.tables(
        "nyckeltal", "nyckeltal", lambda t: _read_nyckeltal(t, omrade, verksamheter)
    )
    if not figures and len(faults.lines) == before:
        faults.add("", "nyckeltal", TOM_PROFIL)
    _check_duplicates(figures, faults)
    table.done()
    return Profil(profil_id, namn, forvaltning, tuple(own.values()), omrade, tuple(figures))


# ----------------------------------------------------------------------------- reading


def _read_bytes(path: Path) -> bytes:
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
        raise AnvandarFel(FIL_OLASBAR, fil=_show(str(path))[1:-1]) from error


def _parse_toml(content: bytes, fil: str) -> dict[str, Any]:
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
            utdrag=f" ({_show(excerpt)})" if excerpt else "",
        ) from error


def _profile_files() -> dict[str, Path]:
    """Return the shipped profiles by id, in alphabetical order."""
    return {p.stem: p for p in sorted((find_templates() / "namnder").glob("*.toml"))}


def _load_file(path: Path) -> Profil:
    faults = _Faults(str(path), [])
    data = _parse_toml(_read_bytes(path), faults.fil)
    profil = _parse_profil(data, _fold(path.stem) or "egen", load_verksamheter(), faults)
    faults.raise_if_any()
    return profil


def _looks_like_path(text: str) -> bool:
    return text.lower().endswith(".toml") or "/" in text or "\\" in text


def list_profiler() -> list[str]:
    """Return the ids of the profiles that come with the program, alphabetically."""
    return list(_profile_files())


def list_profilnamn() -> list[str]:
    """Return the committees' names of the profiles that come with the program, in that order.

    Only the part of each file before its first table is read, which holds the name.
    """
    names = []
    for path in _profile_files().values():
        head = re.split(rb"(?m)^\[", _read_bytes(path), maxsplit=1)[0]
        names.append(str(_parse_toml(head, str(path))["namn"]))
    return names


def load_profil(namn_eller_fil: str) -> Profil:
    """Load a profile by id, by the committee's proper name or from a file of one's own.

    Names are matched without regard to case, å ä ö (composed, decomposed or folded), spaces,
    hyphens and underscores. Text ending in .toml or containing a path separator is a path.

    Raises AnvandarFel for an unknown name (with the nearest suggestions) and for a file that
    is missing, unreadable or faulty (with every fault).
    """
    text = namn_eller_fil.strip()
    if _looks_like_path(text):
        try:
            path = Path(text).expanduser()
        except RuntimeError:  # no such user after ~
            path = Path(text)
        return _load_file(path)
    files = _profile_files()
    wanted = _fold(text)
    joined = wanted.replace("-", "")
    for profil_id, path in files.items():
        if joined == profil_id.replace("-", ""):
            return _load_file(path)
    for path in files.values():
        profil = _load_file(path)
        if joined and _fold(profil.namn).replace("-", "") == joined:
            return profil
    raise AnvandarFel(
        OKAND_PROFIL,
        namn=_show(text)[1:-1],
        forslag=_suggest_profil(wanted, list(files)),
        profiler=", ".join(files),
    )


def _suggest_profil(wanted: str, ids: list[str]) -> str:
    """Return 'Menade du a eller b? ' for the nearest ids: by part of the name, then by spelling."""
    import difflib  # only when something is wrong

    parts = [i for i in ids if len(wanted) >= 3 and wanted in i]
    close = difflib.get_close_matches(wanted[:100], ids, n=3, cutoff=0.55)
    hits = list(dict.fromkeys(parts + close))[:3]
    return f"Menade du {' eller '.join(hits)}? " if hits else ""


def load_verksamheter() -> dict[str, Verksamhet]:
    """Load the verksamheter of the reference cost check, by id, in the order of the file.

    Raises AnvandarFel when the shipped file has been damaged.
    """
    path = find_templates() / "verksamheter.toml"
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:  # told by who reads it
        stamp = 0
    return dict(_parse_verksamheter(path, stamp))


@lru_cache(maxsize=1)
def _parse_verksamheter(path: Path, stamp: int) -> dict[str, Verksamhet]:
    """Parse the file, once for each time it is changed: a run asks for it several times."""
    faults = _Faults(str(path), [])
    table = _Tabell(_parse_toml(_read_bytes(path), faults.fil), "", faults)
    answer: dict[str, Verksamhet] = {}
    for nr, item in enumerate(table.tables("verksamhet", "verksamhet", _read_verksamhet), start=1):
        if item.id in answer:
            faults.add(f"verksamhet nr {nr}", "id", DUBBEL_VERKSAMHET, varde=_show(item.id))
        answer[item.id] = item
    table.done()
    faults.raise_if_any()
    return answer
