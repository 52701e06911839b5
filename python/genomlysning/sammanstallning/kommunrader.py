"""The cells and rows of the municipality's report, of text that nobody answers for.

It is cleaned, shortened where it is very long, and never anything but text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD, UPPFOLJNINGSBLAD, Blad
from genomlysning.bok.plan import Rad
from genomlysning.bok.ursprung import find_realiserad_effekt
from genomlysning.rapport.beloppsord import Beloppslage, sum_utfall, with_effekt
from genomlysning.rapport.fritext import clean_text, parse_fritext
from genomlysning.rapport.innehall import TOM_CELL, Block, Cell, Lista, Punkt, Stycke, Text
from genomlysning.rapport.noter import Notapparat, tell_falt
from genomlysning.regler.bedomning import Bedomning
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning import kommunord as o
from genomlysning.sammanstallning.namndbok import STORLEK
from genomlysning.sammanstallning.tal import (
    ARLIG,
    EJ_ANGIVET,
    EJ_LASBAR,
    ENGANG,
    OBERAKNELIGT,
    SUMMERAS,
    sum_flyttar,
)
from genomlysning.svenska import (
    format_tal,
    join_meningar,
    join_nagra,
    lower_first,
    split_meningar,
)

#: The most letters of a text, of one that stands in full elsewhere, and of a name; and of a range
#: on one line, in a column of sums and in one of a proposal's own.
MEST_TECKEN = 2_000
_MEST_KORT, _MEST_RAD, _MEST_SUMMASPANN, _MEST_SPANN = 300, 160, 9, 11
#: What the report tells of a move in a note, by the workbook's columns: how it is dealt with, and
#: what committees have columns of their own for. Whom it concerns has a chapter.
OM_FLYTTEN = {
    **{
        k.nyckel: k.rubrik
        for k in bladen.FORFLYTTNINGAR.kolumner
        if k.nyckel in ("hanteras", "bokslut")
    },
    "ovrigt": "",
}
#: The most items of a list.
_MEST_PUNKTER = 100
_FORKORTAD = " … (förkortat; hela texten står i arbetsboken)"


def _name_slag(blad: Sequence[Blad]) -> dict[str, str]:
    """Return what sheets are called, by the chapter that their names begin with."""
    return dict(b.namn.split(maxsplit=1) for b in blad)


#: What a row is, by its chapter in the committee's workbook: this report has chapters of its own.
_SLAG: Mapping[str, str] = _name_slag(FORFLYTTNINGSBLAD) | {
    chapter: f"Uppföljning, {lower_first(name)}"
    for chapter, name in _name_slag(UPPFOLJNINGSBLAD).items()
}
#: What to do about a file begins so, and is for whoever puts the workbook together.
_RAD = re.compile(
    r"(?:Ange|Be|Fyll|Kom|Kör|Kontrollera|Lägg|Läs|Skriv|Spara|Stäng|Ta|Uppdatera|Välj|Öppna)\b"
    r"|(?:Är det ett förslag|Heter den något annat), skriv"
)
_DATUM, _FAST_BINDESTRECK = re.compile(r"\b\d{4}-\d{2}-\d{2}\b"), "\u2011"
_PLATS = re.compile(r" \([^()]*(?:![A-Z]{1,3}|\brad )\d[^()]*\)| i [^()!]{1,31}![A-Z]{1,3}\d+")


def cut_text(value: object, most: int = MEST_TECKEN, slut: str = _FORKORTAD) -> str:
    """Return a text that a document can hold, without the blanks around it."""
    cleaned = clean_text("" if value is None else str(value))[0].strip()
    return cleaned if len(cleaned) <= most else cleaned[:most].rstrip() + slut


def cut_rad(value: object, most: int = _MEST_RAD) -> str:
    """Return a text as one line: a name, a heading, a caption."""
    line = " ".join(clean_text("" if value is None else str(value))[0].split())
    return line if len(line) <= most else f"{line[:most]} …"


def keep_fakta(text: str) -> str:
    """Return what is said of a file, without what to do about it and in which cells."""
    first, *rest = split_meningar(_PLATS.sub("", text)) or [""]
    return join_meningar([first, *(s for s in rest if not _RAD.match(s))])


def make_cell(value: object, marken: tuple[int, ...] = (), enhet: str = "") -> Cell:
    """Return a cell of one line, with the marks of its notes and a unit after it."""
    return Cell((Stycke(keep_datum(cut_rad(value, MEST_TECKEN)) or TOM_CELL),), enhet, marken)


def keep_datum(text: str) -> str:
    """Return a text whose dates are not broken over lines where a column is narrow."""
    return _DATUM.sub(lambda m: m[0].replace("-", _FAST_BINDESTRECK), text)


def make_tal(value: object, decimaler: int, *, tecken: bool = False) -> Cell:
    """Return a cell with a number, or with what stands in its place."""
    number = isinstance(value, int | float)
    return make_cell(format_tal(float(str(value)), decimaler, tecken=tecken) if number else value)


def make_forslag(rad: Rad, *, kort: bool = False) -> Cell:
    """Return a proposal as it is written: its area on a line, and the description.

    `kort` cuts a long one, which stands in full in the chapter of moves.
    """
    area, text = keep_datum(cut_rad(rad["omrade"])), cut_text(rad["beskrivning"])
    if kort:
        text = cut_text(rad["beskrivning"], _MEST_KORT, " …")
    written: tuple[Text, ...] = parse_fritext(keep_datum(text))
    if area:
        written = (Stycke(f"{area}:" if written else area), *written)
    return Cell(written or (Stycke(TOM_CELL),))


def split_namnder(text: str, namnder: Sequence[str]) -> list[str]:
    """Return the committees that a text names, with a comma and a space between them.

    A name may hold commas too, so the committees' names must be given, the longest first.
    """
    found: list[str] = []
    while text:
        known = next((n for n in namnder if text == n or text.startswith(f"{n}, ")), text)
        found.append(known)
        text = text[len(known) + 2 :]
    return found


def make_lista(texter: Iterable[str]) -> Iterator[Block]:
    """Yield a list of texts, and how many more there are than it holds."""
    found = list(texter)
    yield Lista(tuple(Punkt(cut_rad(t, MEST_TECKEN)) for t in found[:_MEST_PUNKTER]))
    if len(found) > _MEST_PUNKTER:
        yield Stycke(f"Och {len(found) - _MEST_PUNKTER} till, som står i arbetsboken.")


def group_lika(rader: Sequence[Rad], ord_: Sequence[Bedomning]) -> list[list[Rad]]:
    """Return the figures with one of these verdicts; the same one of several committees once."""
    groups: dict[tuple[object, ...], list[Rad]] = {}
    for r in rader:
        if r["bedomning"] in ord_:
            key = (r["nyckeltal"], r["varde"], r["liknande"], r["year"], r["enhet"])
            groups.setdefault(key, []).append(r)
    return list(groups.values())


def find_storlek(grupp: Sequence[Rad]) -> float:
    """Return how far a figure is from similar (`STORLEK`); less than any where that is unknown."""
    size = grupp[0][STORLEK]
    return size if isinstance(size, float) else -1.0


def make_summarad(namn: str, rader: Sequence[Rad]) -> Iterator[Cell]:
    """Yield what the moves come to: how many, the ranges by kind, and how many are in none."""
    yield make_cell(namn)
    yield make_tal(len(rader), 0)
    for kind in (ARLIG, ENGANG, EJ_ANGIVET):
        total = sum_flyttar(rader, kind)
        known = total.antal > 0
        yield make_spann(*total[1:], _MEST_SUMMASPANN) if known else make_cell(TOM_CELL)
    for kind in (OBERAKNELIGT, EJ_LASBAR):
        yield make_tal(sum_flyttar(rader, kind).antal, 0)


def make_spann(lagst: float, hogst: float, most: int = _MEST_SPANN) -> Cell:
    """Return a range, on two lines where it is longer than fits one."""
    text = o.format_spann(lagst, hogst)
    return Cell((Stycke(text if len(text) <= most else text.replace("–", "–\n")),))


def make_utfallsrad(namn: str, rader: Sequence[Rad]) -> Iterator[Cell]:
    """Yield what a committee's measures have come to, in tkr, and of how many that is known."""
    total = sum_realiserat(rader)
    s = total.summa
    yield make_cell(namn)
    yield make_cell(f"{s.antal_lasta} av {total.rader}")
    for low, high in (
        (s.arlig_lagst, s.arlig_hogst),
        (s.engang_lagst, s.engang_hogst),
        (s.ej_angivet_lagst, s.ej_angivet_hogst),
    ):
        yield (
            make_spann(float(low) / 1000, float(high) / 1000, _MEST_SUMMASPANN)
            if high
            else make_cell(TOM_CELL)
        )
    yield make_tal(s.antal_ej_lasta, 0)


def make_atgardsrad(rad: Rad) -> Iterator[Cell]:
    """Yield a measure: whose it is, what it is, how far it has come and what it has come to."""
    amount = cut_rad(rad["realiserad"])
    kind = find_realiserad_effekt(*(None if v is None else str(v) for v in _list_utfall(rad)))
    progress = keep_datum(cut_text(rad["uppfoljning"], _MEST_KORT, " …"))
    yield make_cell(rad["namnd"])
    yield make_cell(rad["atgard"] or rad["beskrivning"])
    yield make_cell(rad["status"])
    yield make_cell(with_effekt(amount, kind))
    yield Cell(parse_fritext(progress) or (Stycke(TOM_CELL),))


def sum_realiserat(rader: Sequence[Rad]) -> Beloppslage:
    """Return what measures have come to."""
    return sum_utfall(tuple(_list_utfall(r)) for r in rader)


def _list_utfall(rad: Rad) -> Iterator[str | None]:
    for key in ("realiserad", "belopp", "ursprung"):
        value = rad[key]
        yield None if value is None else str(value)


def tell_om_rad(rad: Rad, kolumner: Mapping[str, str]) -> Iterator[str]:
    """Yield what a row says in columns that have no place of their own in a table."""
    for key, header in kolumner.items():
        text = keep_datum(cut_text(rad[key], _MEST_KORT, " …"))
        # A committee's own columns stand on a line each, with their headers.
        for line in (text,) if header else text.splitlines():
            yield from tell_falt(header, line)


def make_flyttrad(rad: Rad, noter: Notapparat) -> Iterator[Cell]:
    """Yield a move: the proposal, what kind it is, the amount as written and as it counts."""
    low, high = rad["lagst"], rad["hogst"]
    said = " ".join(tell_om_rad(rad, OM_FLYTTEN))
    proposal = make_forslag(rad)
    yield Cell(proposal.innehall, "", (noter.mark(said),)) if said else proposal
    yield make_cell(_SLAG.get(str(rad["kapitel"])))
    yield make_cell(rad["belopp"])
    yield make_cell(rad["raknas"])
    known = rad["raknas"] in SUMMERAS and isinstance(low, float) and isinstance(high, float)
    yield make_spann(float(str(low)), float(str(high))) if known else make_cell(TOM_CELL)


def make_samordningsrad(rad: Rad) -> Iterator[Cell]:
    """Yield what concerns a committee: whose it is, its kind, what it says and what is checked."""
    yield _make_forslagen_av(rad)
    yield make_forslag(rad, kort=True)
    yield make_cell(rad["belopp"])
    yield _avstamning(rad, *([str(rad["lage"])] if rad["lage"] else []))


def make_andrarad(grupp: Sequence[Rad]) -> Iterator[Cell]:
    """Yield a proposal or measure with all others than committees that it concerns."""
    by_state: dict[str, list[str]] = {}
    for r in grupp:
        by_state.setdefault(str(r["lage"]), []).append(cut_rad(r["berord"]))
    told = [
        state if len(by_state) == 1 else f"{state}: {join_nagra(names, o.MEST_NAMN)}"
        for state, names in by_state.items()
    ]
    yield _make_forslagen_av(grupp[0])
    yield make_cell(join_nagra([cut_rad(r["berord"]) for r in grupp], o.MEST_NAMN))
    yield make_forslag(grupp[0], kort=True)
    yield _avstamning(grupp[0], *told)


def _make_forslagen_av(rad: Rad) -> Cell:
    """Return who proposes it, and what kind it is: as columns of their own they are too narrow."""
    parts = (cut_rad(rad["namnd"]), _SLAG.get(str(rad["kapitel"]), ""))
    return Cell(tuple(Stycke(p) for p in parts if p) or (Stycke(TOM_CELL),))


def _avstamning(rad: Rad, *lagen: str) -> Cell:
    """Return what is said of whom it has been checked with, and who the committee names."""
    checked = keep_datum(cut_rad(rad["avstamt"]))
    own = (f"Avstämt med: {checked}",) if checked else ()
    return Cell(tuple(Stycke(t) for t in (*lagen, *own)) or (Stycke(TOM_CELL),))


def make_likacell(namnd: object, text: object, belopp: object, *, lika: bool = False) -> Cell:
    """Return one side of a pair: whose it is, what it says and what it may come to."""
    parts = [cut_rad(namnd, _MEST_KORT), "Samma text" if lika else cut_rad(text, _MEST_KORT)]
    amount = cut_rad(belopp)
    parts += [f"Möjlig effektivisering: {amount}"] if amount else []
    return Cell(tuple(Stycke(keep_datum(p)) for p in parts if p) or (Stycke(TOM_CELL),))
