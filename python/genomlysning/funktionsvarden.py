"""What the worksheet functions KOLADA_… answer: a grid in, a grid out (docs/funktioner.md).

Arguments are rows of cells and broadcast as numpy has it: a column of figures and a row of years
make a grid. All cells of a call are answered together, so that they are fetched together.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import Any, TypeVar

from genomlysning.begrepp import INVANARE, KOMMUNGENOMSNITT, Grupp, Kommun, Nyckeltal
from genomlysning.fel import GenomlysningFel
from genomlysning.funktionsbeskrivning import FEL_ARGUMENT, SAKNAS
from genomlysning.funktionsblad import Blad
from genomlysning.funktionskalla import Behov, Kalla, Uppgifter
from genomlysning.hamtning import Nyckel
from genomlysning.ord import Riktning
from genomlysning.profil import Verksamhet, list_profiler, load_profil, load_verksamheter
from genomlysning.regler.bedomning import Toleranser
from genomlysning.regler.placering import rank
from genomlysning.uppslag import Vardeuppslag
from genomlysning.urval import (
    RESERVOMRADE,
    Gruppval,
    choose_grupp,
    find_grupper,
    fold,
    index_kommuner,
)
from genomlysning.verksamhetskostnad import (
    Referensrad,
    collect_nyckeltal_ids,
    compute_referensrad,
)

#: Kolada is not asked for other years.
YEARS = range(1900, 2101)
#: So many values, and so many figures and years for all municipalities, are fetched ahead.
MAX_FORUT = 20_000
MAX_FORUT_ALLA = 200

_T = TypeVar("_T")
Cell = object
Rutnat = Sequence[Sequence[Cell]]

_ID = re.compile(r"[A-Z]\d{5}")
_KOD = re.compile(r"\d{1,4}")


class _ArgumentError(Exception):
    """An argument that can never be right, such as a year that is no number."""


class _SaknasError(Exception):
    """A name or an id that is not known."""


@dataclass(frozen=True, slots=True)
class _Profilerat:
    """What the shipped profiles say of a figure; `riktning` Ingen where it has no place."""

    omrade: str
    riktning: Riktning = Riktning.INGEN


@cache
def _read_profilerat() -> dict[str, _Profilerat]:
    found: dict[str, _Profilerat] = {}
    # A total's parts are also figures of verksamheter of their own, which come first.
    for v in load_verksamheter().values():
        for figure in collect_nyckeltal_ids([v]):
            if figure != INVANARE:
                found.setdefault(figure, _Profilerat(v.omrade))
    for profil in list_profiler():
        for post in load_profil(profil).nyckeltal:
            riktning = post.riktning if post.placeras else Riktning.INGEN
            found[post.id] = _Profilerat(post.omrade, riktning)
    return found


@cache
def _read_verksamheter() -> dict[str, Verksamhet]:
    """Return the verksamheter by folded name and by id; a hyphen serves as a dash."""
    found = {}
    for v in load_verksamheter().values():
        for key in (v.namn, v.namn.replace("–", "-"), v.id):
            found[fold(key)] = v
    return found


class _Register:
    """The municipalities and groups of the moment, with what has been looked up in them."""

    def __init__(self, kalla: Kalla) -> None:
        self._kalla = kalla
        self._kommuner: Sequence[Kommun] = ()
        self._index: dict[str, Kommun] = {}
        self._grupper: Sequence[Grupp] = ()
        self._of_kommun: dict[str, dict[str, Gruppval]] = {}

    def list_koder(self) -> list[str]:
        """Return the codes of all municipalities."""
        return self._kalla.list_koder()

    def find_kommun(self, cell: Cell) -> Kommun | None:
        """Return the municipality with this name or code, such as 180, '0180' or 'Stockholm'."""
        kommuner = self._kalla.read_kommuner()
        if kommuner is not self._kommuner:
            self._kommuner, self._index = kommuner, index_kommuner(kommuner)
        text = _text(cell)
        return self._index.get(text.zfill(4) if _KOD.fullmatch(text) else fold(text))

    def find_grupp(self, kommun: Kommun, nyckeltal: str) -> Gruppval | None:
        """Return the similar municipalities of a figure's area."""
        grupper = self._kalla.read_grupper()
        if grupper is not self._grupper:
            self._grupper, self._of_kommun = grupper, {}
        if kommun.id not in self._of_kommun:
            self._of_kommun[kommun.id] = find_grupper(kommun, grupper)
        known = _read_profilerat().get(nyckeltal)
        omrade = known.omrade if known else RESERVOMRADE
        return choose_grupp(omrade, self._of_kommun[kommun.id])


@dataclass(frozen=True, slots=True)
class _Lage:
    """What is known so far."""

    register: _Register
    uppslag: Vardeuppslag
    katalog: dict[str, Nyckeltal | None]

    def add(self, uppgifter: Uppgifter) -> None:
        self.uppslag.varden.update(uppgifter.varden)
        self.katalog.update(uppgifter.katalog)


# ---- arguments -----------------------------------------------------------------------------


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _parse_nyckeltal(cell: Cell, _: _Register) -> str:
    text = _text(cell).upper()
    if not _ID.fullmatch(text):
        raise _SaknasError
    return text


def _parse_kommun(cell: Cell, register: _Register) -> Kommun:
    found = register.find_kommun(cell)
    if found is None:
        raise _SaknasError
    return found


def _parse_year(cell: Cell, _: _Register) -> int:
    text = _text(cell)
    if isinstance(cell, bool) or not (text.isascii() and text.isdecimal()):
        raise _ArgumentError
    if len(text) != 4 or int(text) not in YEARS:
        raise _SaknasError
    return int(text)


def _parse_verksamhet(cell: Cell, _: _Register) -> Verksamhet:
    found = _read_verksamheter().get(fold(_text(cell)))
    if found is None:
        raise _SaknasError
    return found


def _parse_riktning(cell: Cell, _: _Register) -> Riktning | None:
    """Return the direction; None, where none was given, is that of the profiles."""
    if _is_empty(cell):
        return None
    try:
        return Riktning(_text(cell).capitalize())
    except ValueError:
        raise _ArgumentError from None


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


# ---- the functions -------------------------------------------------------------------------


def _needs_values(figures: Iterable[str], plats: str, year: int) -> Behov:
    return Behov(varden=frozenset((figure, plats, year) for figure in figures))


def _needs_varde(_: _Lage, nyckeltal: str, kommun: Kommun, year: int) -> Behov:
    return _needs_values([nyckeltal], kommun.id, year)


def _answer_varde(lage: _Lage, nyckeltal: str, kommun: Kommun, year: int) -> Cell:
    return lage.uppslag.value(nyckeltal, kommun.id, year)


def _needs_liknande(lage: _Lage, nyckeltal: str, kommun: Kommun, year: int) -> Behov:
    """Need the group's mean, and when it is known to be lacking, the members' values."""
    grupp = lage.register.find_grupp(kommun, nyckeltal)
    if grupp is None:
        return Behov()
    platser = [grupp.grupp.id]
    asked = lage.uppslag.get(nyckeltal, grupp.grupp.id, year)
    if asked is not None and asked.varde is None:
        platser += grupp.grupp.medlemmar
    return Behov(varden=frozenset((nyckeltal, plats, year) for plats in platser))


def _answer_liknande(lage: _Lage, nyckeltal: str, kommun: Kommun, year: int) -> Cell:
    grupp = lage.register.find_grupp(kommun, nyckeltal)
    return lage.uppslag.liknande(nyckeltal, grupp, year).varde


def _needs_snitt(_: _Lage, nyckeltal: str, year: int) -> Behov:
    return _needs_values([nyckeltal], KOMMUNGENOMSNITT, year)


def _answer_snitt(lage: _Lage, nyckeltal: str, year: int) -> Cell:
    return lage.uppslag.value(nyckeltal, KOMMUNGENOMSNITT, year)


def _needs_placering(
    _: _Lage, nyckeltal: str, __: Kommun, year: int, riktning: Riktning | None
) -> Behov:
    if _choose_riktning(nyckeltal, riktning) is Riktning.INGEN:
        return Behov()
    return Behov(alla=frozenset({(nyckeltal, year)}))


def _answer_placering(
    lage: _Lage, nyckeltal: str, kommun: Kommun, year: int, riktning: Riktning | None
) -> Cell:
    placering = rank(
        lage.uppslag.value(nyckeltal, kommun.id, year),
        lage.uppslag.known(nyckeltal, lage.register.list_koder(), year),
        _choose_riktning(nyckeltal, riktning),
    )
    return placering.plats if placering else None


def _choose_riktning(nyckeltal: str, riktning: Riktning | None) -> Riktning:
    if riktning is not None:
        return riktning
    known = _read_profilerat().get(nyckeltal)
    return known.riktning if known else Riktning.INGEN


def _needs_titel(_: _Lage, nyckeltal: str) -> Behov:
    return Behov(nyckeltal=frozenset({nyckeltal}))


def _answer_titel(lage: _Lage, nyckeltal: str) -> Cell:
    entry = lage.katalog.get(nyckeltal)
    return entry.titel if entry else None


def _needs_referenskostnad(_: _Lage, v: Verksamhet, kommun: Kommun, year: int) -> Behov:
    return _needs_values(v.referenskostnad, kommun.id, year)


def _answer_referenskostnad(lage: _Lage, v: Verksamhet, kommun: Kommun, year: int) -> Cell:
    return _compute_rad(lage, v, kommun, year).referenskostnad


def _needs_avvikelse(_: _Lage, v: Verksamhet, kommun: Kommun, year: int) -> Behov:
    figures = [v.avvikelse_procent] if v.avvikelse_procent else v.nettokostnad + v.referenskostnad
    return _needs_values(figures, kommun.id, year)


def _answer_avvikelse(lage: _Lage, v: Verksamhet, kommun: Kommun, year: int) -> Cell:
    return _compute_rad(lage, v, kommun, year).gallande_procent


def _compute_rad(lage: _Lage, v: Verksamhet, kommun: Kommun, year: int) -> Referensrad:
    """Return the row of the sheet Referenskostnad, from as many figures as were asked for."""
    # The day decides remarks only, which nobody sees here.
    return compute_referensrad(
        v, [year], lage.uppslag, kommun.id, None, [], Toleranser(), {}, date.min
    )


@dataclass(frozen=True, slots=True)
class _Funktion:
    """How a function is answered: its parsers, and what follows from the parsed arguments."""

    parsers: tuple[Callable[[Cell, _Register], Any], ...]
    needs: Callable[..., Behov]
    answer: Callable[..., Cell]


_PER_KOMMUN = (_parse_nyckeltal, _parse_kommun, _parse_year)
_PER_VERKSAMHET = (_parse_verksamhet, _parse_kommun, _parse_year)
_FUNKTIONER = {
    "KOLADA_VARDE": _Funktion(_PER_KOMMUN, _needs_varde, _answer_varde),
    "KOLADA_LIKNANDE": _Funktion(_PER_KOMMUN, _needs_liknande, _answer_liknande),
    "KOLADA_SNITT": _Funktion((_parse_nyckeltal, _parse_year), _needs_snitt, _answer_snitt),
    "KOLADA_PLACERING": _Funktion(
        (*_PER_KOMMUN, _parse_riktning), _needs_placering, _answer_placering
    ),
    "KOLADA_TITEL": _Funktion((_parse_nyckeltal,), _needs_titel, _answer_titel),
    "KOLADA_REFERENSKOSTNAD": _Funktion(
        _PER_VERKSAMHET, _needs_referenskostnad, _answer_referenskostnad
    ),
    "KOLADA_AVVIKELSE": _Funktion(_PER_VERKSAMHET, _needs_avvikelse, _answer_avvikelse),
}

#: A call: the function and its parsed arguments.
_Anrop = tuple[_Funktion, tuple[Any, ...]]


class Funktionsvarden:
    """Answers the worksheet functions. One for the whole life of Excel's process."""

    def __init__(self, kalla: Kalla | None = None) -> None:
        self._kalla = kalla or Kalla()
        self._register = _Register(self._kalla)

    def compute(
        self,
        namn: str,
        argument: Sequence[Rutnat],
        read_blad: Callable[[], Blad | None] = lambda: None,
    ) -> list[list[Cell]]:
        """Return the answers of a function (by its name in Excel) for grids of arguments.

        Numbers are in the figure's own unit, unrounded. SAKNAS stands where there is no answer,
        FEL_ARGUMENT where an argument is wrong in kind or the grids' shapes do not fit
        together, and '' where an argument is empty. `read_blad` tells what else stands on the
        sheet, and is called only when something must be fetched. Never raises for what a user
        can cause.
        """
        funktion = _FUNKTIONER[namn]
        rader = _broadcast(argument)
        if rader is None:
            return [[FEL_ARGUMENT]]
        try:
            parsed = [[self._parse(funktion, cells) for cells in rad] for rad in rader]
            asked = dict.fromkeys(p for rad in parsed for p in rad if isinstance(p, tuple))
            calls = [(funktion, p) for p in asked]
            lage = self._collect(calls, read_blad)
        except GenomlysningFel:
            return [[SAKNAS for _ in rad] for rad in rader]
        answers = {args: funktion.answer(lage, *args) for _, args in calls}

        def show(p: str | tuple[Any, ...]) -> Cell:
            if isinstance(p, str):
                return p
            return SAKNAS if answers[p] is None else answers[p]

        return [[show(p) for p in rad] for rad in parsed]

    def _parse(self, funktion: _Funktion, cells: Sequence[Cell]) -> str | tuple[Any, ...]:
        """Return the parsed arguments of one cell, or what the cell shows without an answer."""
        needed = [c for c, p in zip(cells, funktion.parsers, strict=True) if p != _parse_riktning]
        if any(isinstance(c, str) and c.startswith("#") for c in cells):
            return FEL_ARGUMENT if FEL_ARGUMENT in cells else SAKNAS
        if any(map(_is_empty, needed)):
            return ""
        parsed = []
        fault = ""
        for cell, parse in zip(cells, funktion.parsers, strict=True):
            try:
                parsed.append(parse(cell, self._register))
            except _ArgumentError:
                fault = FEL_ARGUMENT
            except _SaknasError:
                fault = fault or SAKNAS
        return fault or tuple(parsed)

    def _collect(self, calls: Sequence[_Anrop], read_blad: Callable[[], Blad | None]) -> _Lage:
        """Return what is needed to answer, fetched together with what the sheet will ask for."""
        lage = self._make_lage()
        read_blad = cache(read_blad)
        asked = Behov()
        while (needs := _join_needs(lage, calls)) != asked:
            lage.add(self._kalla.read(needs, lambda: self._foresee(calls, read_blad())))
            asked = needs
        return lage

    def _make_lage(self) -> _Lage:
        return _Lage(self._register, Vardeuppslag({}), {})

    def _foresee(self, calls: Sequence[_Anrop], blad: Blad | None) -> Behov:
        """Return what the functions on a sheet are likely to need, within reason."""
        if blad is None:
            return Behov()
        seen = dict.fromkeys(a for _, args in calls for a in args)
        # A direction is a text too, of a class of its own.
        figures = [a for a in seen if type(a) is str]
        funktioner = [(n, _FUNKTIONER[n]) for n in blad.funktioner if n in _FUNKTIONER]
        kommuner: list[Kommun] = []
        if any(_parse_kommun in f.parsers for _, f in funktioner):
            kommuner = [k for t in blad.texter if (k := self._register.find_kommun(t))]
            kommuner = _start_at([a for a in seen if isinstance(a, Kommun)], kommuner)
        known = _read_verksamheter()
        verksamheter = [v for t in blad.texter if (v := known.get(fold(t)))]
        offered: dict[Any, list[Any]] = {
            _parse_nyckeltal: _start_at(figures, blad.nyckeltal),
            _parse_kommun: kommuner,
            _parse_year: _start_at([a for a in seen if isinstance(a, int)], blad.years),
            _parse_verksamhet: _start_at(
                [a for a in seen if isinstance(a, Verksamhet)], verksamheter
            ),
            _parse_riktning: [None],
        }
        ahead: list[_Anrop] = []
        for namn, funktion in funktioner:
            lists, most = [offered[p] for p in funktion.parsers], MAX_FORUT
            if namn == "KOLADA_PLACERING":
                # One answer holds all municipalities, and any direction needs the same.
                lists[1], lists[3], most = kommuner[:1], [Riktning.HOGRE], MAX_FORUT_ALLA
            ahead += [(funktion, args) for args in product(*_trim(lists, most))]
        lage = self._make_lage()
        lage.add(self._kalla.peek(_join_needs(lage, ahead)))
        return _join_needs(lage, ahead)


def _join_needs(lage: _Lage, calls: Iterable[_Anrop]) -> Behov:
    varden: set[Nyckel] = set()
    alla: set[tuple[str, int]] = set()
    nyckeltal: set[str] = set()
    for funktion, args in calls:
        needs = funktion.needs(lage, *args)
        varden |= needs.varden
        alla |= needs.alla
        nyckeltal |= needs.nyckeltal
    return Behov(frozenset(varden), frozenset(alla), frozenset(nyckeltal))


def _start_at(asked: Sequence[_T], offered: Sequence[_T]) -> list[_T]:
    """Return what was asked for and then what follows it on the sheet, each once.

    Excel goes through a sheet in order, so what is cut off at the end is asked for later.
    """
    first = next((i for i, item in enumerate(offered) if item in asked), 0)
    return list(dict.fromkeys([*asked, *offered[first:], *offered[:first]]))


def _trim(lists: Sequence[list[_T]], most: int) -> list[list[_T]]:
    """Shorten the longest lists until there are at most so many combinations of them."""
    kept = list(lists)
    while math.prod(map(len, kept)) > most:
        longest = max(range(len(kept)), key=lambda i: len(kept[i]))
        kept[longest] = kept[longest][: len(kept[longest]) // 2]
    return kept


def _broadcast(argument: Sequence[Rutnat]) -> list[list[tuple[Cell, ...]]] | None:
    """Return the arguments of every cell of the answer; None when the shapes don't fit."""
    shapes = [(len(a), len(a[0])) for a in argument]
    height, width = (max(sizes) for sizes in zip(*shapes, strict=True))
    if any(h not in (1, height) or w not in (1, width) for h, w in shapes):
        return None
    return [
        [
            tuple(
                a[i if h > 1 else 0][j if w > 1 else 0]
                for a, (h, w) in zip(argument, shapes, strict=True)
            )
            for j in range(width)
        ]
        for i in range(height)
    ]
