"""The measures and moves of a report: the template's cells, and what else people have filled in.

The template has no columns for status, realised effect, coordination and the like. What stands in
them is told where it belongs: whether an amount is yearly beside the amount, how far a measure has
come in an empty Uppföljning, and the rest in a note to the row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from genomlysning.bok.arsskifte import find_forsta_ar
from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD, LISTOR, UPPFOLJNINGSBLAD
from genomlysning.bok.summarader import looks_like_summa
from genomlysning.bok.ursprung import (
    ARLIG,
    ENGANG,
    find_effekt,
    find_realiserad_effekt,
    read_ursprung,
)
from genomlysning.rapport.bokdata import Bokdata, Bokrad, Boktabell
from genomlysning.rapport.fritext import parse_fritext
from genomlysning.rapport.innehall import TOM_CELL, Cell, Stycke
from genomlysning.rapport.noter import Notapparat, tell_falt
from genomlysning.regler.pengar import (
    Beloppssumma,
    describe_belopp,
    is_oberakneligt,
    parse_belopp,
    sum_belopp,
)
from genomlysning.svenska import join_och, uppraknat

#: Columns whose content stands in one of the template's.
_I_CELLEN = ("effekt",)
#: What an amount of each kind has after it.
_EFTER = {ARLIG: " per år", ENGANG: ", engång"}
#: How measures of each status are told of, one and several.
_STATUS = dict(
    zip(
        LISTOR["genomforandestatus"],
        (
            ("är inte påbörjad", "är inte påbörjade"),
            ("pågår", "pågår"),
            ("är genomförd", "är genomförda"),
            ("är avbruten", "är avbrutna"),
        ),
        strict=True,
    )
)
_INGEN_STATUS = ("saknar genomförandestatus", "saknar genomförandestatus")
_ANNAN_STATUS = ("har en annan status", "har en annan status")

_OBERAKNELIGT = "går enligt nämnden inte att beräkna"
_OLASBART = "går inte att läsa som belopp"
UR_ARBETSBOKEN = "Ur Genomförandestatus och Realiserad effekt i nämndens arbetsbok."


class Beloppslage(NamedTuple):
    """What amounts come to, of how many rows, and how many that can't be read or reckoned.

    `antagna` are those that are yearly or one-off since the measure was said to be.
    """

    summa: Beloppssumma
    rader: int
    oberakneliga: int
    antagna: int = 0


# ---- rows ------------------------------------------------------------------------------------


def list_rader(data: Bokdata, tabell: str) -> list[Bokrad]:
    """Return a table's measures or moves, without what people have summed them up in."""
    return [r for r in data.rader(tabell) if not looks_like_summa(_texter(r))]


def _texter(rad: Bokrad) -> Mapping[str, str]:
    return {k: rad.text(k) for k in rad.varden if rad.varden[k] is not None}


def make_rad(
    rad: Bokrad, tabell: Boktabell, kolumner: Iterable[str], noter: Notapparat
) -> list[Cell]:
    """Return a row's cells in the template's columns, with marks of what the notes say of it."""
    keys = list(kolumner)
    cells = {k: _make_cell(rad, k) for k in keys}
    told: set[str] = {*keys, *_I_CELLEN}
    written = rad.visat("uppfoljning").strip()
    if "uppfoljning" in keys:
        progress = "" if written else " ".join(_tell_laget(rad))
        if progress or written.rstrip(".").casefold() == rad.visat("status").strip().casefold():
            told.add("status")
        if progress:
            told.add("realiserad")
    else:
        progress = ""
    said = " ".join(_tell_ovrigt(rad, tabell, told))
    if said and keys:
        cells[keys[0]] = _with_mark(cells[keys[0]], noter.mark(said))
    if progress:
        mark = noter.mark(UR_ARBETSBOKEN)
        cells["uppfoljning"] = _with_mark(Cell((Stycke(progress),)), mark)
    return [cells[k] for k in keys]


def _with_mark(cell: Cell, mark: int) -> Cell:
    return Cell(cell.innehall, cell.enhet, (*cell.marken, mark))


def _make_cell(rad: Bokrad, nyckel: str) -> Cell:
    text = _tell_belopp(rad) if nyckel == "belopp" else rad.visat(nyckel)
    return Cell(parse_fritext(text) or (Stycke(TOM_CELL),))


def _tell_belopp(rad: Bokrad) -> str:
    """Return what a move may come to, with Effekt where the amount does not say it."""
    amount, effect = rad.visat("belopp"), rad.visat("effekt").strip()
    known = _text(rad, "belopp")
    return _with_effekt(amount, find_effekt(known, effect, _text(rad, "ursprung")))


def _tell_realiserat(rad: Bokrad) -> str:
    amount = rad.visat("realiserad").strip()
    columns = (_text(rad, k) for k in ("realiserad", "belopp", "ursprung"))
    return _with_effekt(amount, find_realiserad_effekt(*columns))


def _with_effekt(belopp: str, effekt: str | None) -> str:
    """Return an amount with whether it is yearly or one-off, unless it tells so itself.

    Where it contradicts Effekt, or is no amount, both stand as they are written.
    """
    known = parse_belopp(belopp)
    kind = next((word for word in _EFTER if word.casefold() == (effekt or "").casefold()), None)
    if not effekt or (known and known.engang is not None and kind == _name_slag(known.engang)):
        return belopp
    if known is not None and known.engang is None and kind is not None:
        return belopp.rstrip().rstrip(".") + _EFTER[kind]
    return f"{belopp.rstrip()} (Effekt: {effekt})" if belopp.strip() else f"Effekt: {effekt}"


def _name_slag(engang: bool) -> str:
    return ENGANG if engang else ARLIG


def _text(rad: Bokrad, nyckel: str) -> str | None:
    value = rad.varden.get(nyckel)
    return value if isinstance(value, str) else None


def _tell_laget(rad: Bokrad) -> Iterator[str]:
    """Yield how far a measure has come, in the words of its other columns."""
    if status := rad.visat("status").strip():
        yield f"{status.rstrip('.')}."
    if realised := _tell_realiserat(rad):
        yield f"Realiserad effekt: {realised.rstrip('.')}."


def _tell_ovrigt(rad: Bokrad, tabell: Boktabell, sagt: Iterable[str]) -> Iterator[str]:
    """Yield what the columns say that are not told of elsewhere, people's own columns last."""
    for kolumn in tabell.tabell.kolumner:
        if kolumn.nyckel in sagt:
            continue
        value = _tell_realiserat(rad) if kolumn.nyckel == "realiserad" else rad.visat(kolumn.nyckel)
        if kolumn.nyckel == "ursprung":
            value = "\n".join(line.strip() for line in value.splitlines())
        yield from tell_falt(tabell.rubriker.get(kolumn.nyckel, ""), value)
    for header, value in rad.ovrigt:
        yield from tell_falt(header, value)


# ---- sums ------------------------------------------------------------------------------------


def list_atgarder(data: Bokdata) -> list[Bokrad]:
    """Return all measures that are followed up."""
    return [r for b in UPPFOLJNINGSBLAD for r in list_rader(data, b.tabeller[0].namn)]


def count_atgarder(data: Bokdata, forra: str) -> tuple[int, int]:
    """Return how many measures come from the genomlysning of the year `forra`, and from earlier.

    One that does not say where it comes from is of the former: that is what the tables are for.
    """
    origins = [
        find_forsta_ar(read_ursprung(_text(r, "ursprung")).fran) for r in list_atgarder(data)
    ]
    year = find_forsta_ar(forra)
    earlier = sum(o is not None and year is not None and o < year for o in origins)
    return len(origins) - earlier, earlier


def sum_realiserat(rader: Sequence[Bokrad]) -> Beloppslage:
    """Return what the measures have come to so far."""
    columns = ("realiserad", "belopp", "ursprung")
    kinds = [find_realiserad_effekt(*(_text(r, k) for k in columns)) for r in rader]
    summa = sum_belopp((r.varden.get("realiserad"), e) for r, e in zip(rader, kinds, strict=True))
    hopeless = sum(is_oberakneligt(r.varden.get("realiserad")) for r in rader)
    return Beloppslage(summa, len(rader), hopeless, sum(e is not None for e in kinds))


def sum_mojligt(data: Bokdata) -> Beloppslage:
    """Return what the new moves may come to."""
    rows = [r for b in FORFLYTTNINGSBLAD for r in list_rader(data, b.tabeller[0].namn)]
    summa = sum_belopp(
        (r.varden.get("belopp"), find_effekt(_text(r, "belopp"), _text(r, "effekt"), None))
        for r in rows
    )
    return Beloppslage(summa, len(rows), sum(is_oberakneligt(r.varden.get("belopp")) for r in rows))


def tell_status(rader: Sequence[Bokrad]) -> str:
    """Return how many measures there are, and how far they have come."""
    known = {word.casefold(): told for word, told in _STATUS.items()}
    counts = dict.fromkeys((*_STATUS.values(), _ANNAN_STATUS, _INGEN_STATUS), 0)
    for r in rader:
        word = r.visat("status").strip().rstrip(".").casefold()
        counts[known.get(word, _ANNAN_STATUS) if word else _INGEN_STATUS] += 1
    total = len(rader)
    if total == 1:
        how = next(one for (one, _), n in counts.items() if n)
        return f"Uppföljningen gäller en åtgärd, som {how}."
    told = [f"{n} {one if n == 1 else several}" for (one, several), n in counts.items() if n]
    return f"Uppföljningen gäller {total} åtgärder: {join_och(told)}."


def tell_belopp(lage: Beloppslage, vad: str, ental: str, flertal: str) -> str:
    """Return what amounts come to and of how many rows, and how many are not in it and why.

    `vad` is what the amounts are, `ental` and `flertal` what the rows are called.
    """
    total, read = lage.rader, lage.summa.antal_lasta
    hopeless, unread = lage.oberakneliga, lage.summa.antal_ej_lasta - lage.oberakneliga
    outside = [
        f"{uppraknat(count, *noun)} {how}"
        for count, noun, how in (
            (hopeless, (ental, flertal), _OBERAKNELIGT),
            (unread, ("uppgift", "uppgifter"), _OLASBART),
        )
        if count
    ]
    sums = join_och(describe_belopp(lage.summa)).replace("mkr", "Mkr")  # as the other sums
    if total == 1:
        one = f"är {sums}" if read else _OBERAKNELIGT if hopeless else _OLASBART
        return f"{vad} {one if read or outside else 'är inte angiven'}."
    if not read:
        why = f": {join_och(outside)}" if outside else ""
        return f"{vad} är inte angiven med belopp för någon {ental}{why}."
    who = f"alla {total} {flertal}" if read == total else f"{read} av {total} {flertal}"
    text = f"{vad} är angiven med belopp för {who}, {'tillsammans ' if read > 1 else ''}{sums}."
    if outside:
        text += f" {join_och(outside)}; {'de' if hopeless + unread > 1 else 'den'} ingår inte."
    return text
