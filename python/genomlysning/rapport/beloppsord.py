"""What people's amounts come to, and how a report of one committee or of all tells it."""

from collections.abc import Iterable
from typing import NamedTuple

from genomlysning.bok.ursprung import ARLIG, ENGANG, find_realiserad_effekt
from genomlysning.regler.pengar import (
    Beloppssumma,
    Cell,
    describe_belopp,
    is_oberakneligt,
    parse_belopp,
    sum_belopp,
)
from genomlysning.svenska import join_och, uppraknat

#: What an amount of each kind has after it.
_EFTER = {ARLIG: " per år", ENGANG: ", engång"}
_OBERAKNELIGT = "går enligt nämnden inte att beräkna"
_OLASBART = "går inte att läsa som belopp"


class Beloppslage(NamedTuple):
    """What amounts come to, of how many rows, and how many that can't be read or reckoned.

    `antagna` are those that are yearly or one-off since the measure was said to be.
    """

    summa: Beloppssumma
    rader: int
    oberakneliga: int
    antagna: int = 0


def sum_lage(rader: Iterable[tuple[Cell, Cell]]) -> Beloppslage:
    """Return what amounts come to, each given with its Effekt."""
    rows = list(rader)
    return Beloppslage(
        sum_belopp(rows), len(rows), sum(is_oberakneligt(amount) for amount, _ in rows)
    )


def sum_utfall(rader: Iterable[tuple[Cell, ...]]) -> Beloppslage:
    """Return what measures have come to.

    Each is given with Realiserad effekt, the amount that was possible, and Ursprung.
    """
    rows = list(rader)
    kinds = [
        find_realiserad_effekt(*(v if isinstance(v, str) else None for v in row)) for row in rows
    ]
    total = sum_lage((row[0], kind) for row, kind in zip(rows, kinds, strict=True))
    counted = [parse_belopp(row[0]) for row, kind in zip(rows, kinds, strict=True) if kind]
    return total._replace(antagna=sum(b is not None and b.hogst > 0 for b in counted))


def with_effekt(belopp: str, effekt: str | None) -> str:
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
