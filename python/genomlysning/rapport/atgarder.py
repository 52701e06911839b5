"""The measures and moves of a report: the template's cells, and what else people have filled in.

The template has no columns for status, realised effect, coordination and the like. What stands in
them is told where it belongs: whether an amount is yearly beside the amount, how far a measure has
come in an empty Uppföljning, and the rest in a note to the row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from genomlysning.bok.arsskifte import find_forsta_ar
from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD, LISTOR, UPPFOLJNINGSBLAD
from genomlysning.bok.summarader import looks_like_summa
from genomlysning.bok.ursprung import (
    find_effekt,
    find_realiserad_effekt,
    list_delar,
    read_ursprung,
)
from genomlysning.rapport.beloppsord import Beloppslage, sum_lage, sum_utfall, with_effekt
from genomlysning.rapport.bokdata import Bokdata, Bokrad, Boktabell
from genomlysning.rapport.fritext import parse_fritext
from genomlysning.rapport.innehall import TOM_CELL, Cell, Stycke
from genomlysning.rapport.noter import Notapparat, tell_falt
from genomlysning.svenska import join_och

#: In a table with more rows than this a note says which row it is of.
_RADER_INTILL = 8
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

UR_ARBETSBOKEN = "Ur {kolumner} i nämndens arbetsbok."


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
    told: set[str] = {*keys, *(("effekt",) if "belopp" in keys else ())}
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
        name = cells[keys[0]].text.replace("\n", " ")
        # Below a long table a note stands pages away from its row.
        far = len(tabell.rader) > _RADER_INTILL and name != TOM_CELL
        mark = noter.mark(f"{name.rstrip('.')}. {said}" if far else said)
        cells[keys[0]] = _with_mark(cells[keys[0]], mark)
    if progress:
        used = [tabell.rubriker[k] for k in ("status", "realiserad") if rad.visat(k).strip()]
        mark = noter.mark(UR_ARBETSBOKEN.format(kolumner=join_och(used)))
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
    return with_effekt(amount, find_effekt(known, effect, _text(rad, "ursprung")))


def _tell_realiserat(rad: Bokrad) -> str:
    amount = rad.visat("realiserad").strip()
    columns = (_text(rad, k) for k in ("realiserad", "belopp", "ursprung"))
    return with_effekt(amount, find_realiserad_effekt(*columns))


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
        header, value = tabell.rubriker.get(kolumn.nyckel, ""), rad.visat(kolumn.nyckel)
        if kolumn.nyckel == "ursprung":
            origin = read_ursprung(value)
            for field in ((header, origin.fran), *list_delar(origin)):
                yield from tell_falt(*field)
            continue
        yield from tell_falt(
            header, _tell_realiserat(rad) if kolumn.nyckel == "realiserad" else value
        )
    for header, value in rad.ovrigt:
        yield from tell_falt(header, value)


# ---- sums ------------------------------------------------------------------------------------


def list_atgarder(data: Bokdata) -> list[Bokrad]:
    """Return all measures that are followed up."""
    return [r for b in UPPFOLJNINGSBLAD for r in list_rader(data, b.tabeller[0].namn)]


def count_atgarder(data: Bokdata, forra: str) -> tuple[int, int]:
    """Return how many measures come from the genomlysning of the year `forra`, and how many don't.

    One that does not say where it comes from is of the former: that is what the tables are for.
    """
    year = find_forsta_ar(forra)
    origins = [read_ursprung(_text(r, "ursprung")).fran for r in list_atgarder(data)]
    own = sum(not o or _is_fran(o, year) for o in origins)
    return own, len(origins) - own


def _is_fran(ursprung: str, year: int | None) -> bool:
    """Tell whether a measure says that it is from a genomlysning, and not from another year's."""
    own = find_forsta_ar(ursprung)
    return ursprung.casefold().startswith("genomlysning") and (None in (own, year) or own == year)


def sum_realiserat(rader: Sequence[Bokrad]) -> Beloppslage:
    """Return what the measures have come to so far."""
    columns = ("realiserad", "belopp", "ursprung")
    return sum_utfall(tuple(r.varden.get(k) for k in columns) for r in rader)


def sum_mojligt(data: Bokdata) -> Beloppslage:
    """Return what the new moves may come to."""
    rows = [r for b in FORFLYTTNINGSBLAD for r in list_rader(data, b.tabeller[0].namn)]
    return sum_lage((r.varden.get("belopp"), r.varden.get("effekt")) for r in rows)


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
