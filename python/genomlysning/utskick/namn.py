"""Workbook names: those that point at what is in the copy stay, the rest go.

A name may stand there twice: LibreOffice writes the area of a filter so, and repeated headings that
another program has set. Excel takes such a file for damaged, so only the first is left.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from lxml import etree

from genomlysning.bok.formelmening import Sammanhang, describe_mening
from genomlysning.bok.lasning import q
from genomlysning.fel import Meddelande
from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import remove
from genomlysning.utskick.hanvisning import (
    is_makro,
    is_omrade,
    list_all_namn,
)
from genomlysning.utskick.utfall import Slag

_FILTER = "_xlnm._filterdatabase"
_INBYGGDA = ("_xlnm.print_area", "_xlnm.print_titles", _FILTER)

NAMN_TVA_GANGER = Meddelande(
    "kopia-namn-tva-ganger",
    "Namnet {namn} finns två gånger, för {celler}. I kopian finns bara det första.",
    "Ta bort det som är fel i Excel under Formler, Namnhanteraren, och gör kopian igen om det "
    "spelar någon roll.",
)


def merge_dubbla(arbete: Arbete) -> None:
    """Leave the first of names that stand twice; tell where the other meant something else."""
    seen: dict[tuple[str, str | None], etree._Element] = {}
    for d in _definitions(arbete):
        name = d.get("name", "")
        first = seen.setdefault((name.lower(), d.get("localSheetId")), d)
        if first is d:
            continue
        if name.lower() == _FILTER:  # what is filtered is the sheet's own to say
            first.set("hidden", "1")
        elif _mening(first) != _mening(d):
            cells = f"{first.text} och {d.text}"
            arbete.utfall.varningar.append(NAMN_TVA_GANGER.format(namn=name, celler=cells))
        remove(d)


def _mening(d: etree._Element) -> list[str]:
    """Return what a name is defined as; areas in any order."""
    text = (d.text or "").strip()
    described = describe_mening(text, Sammanhang("", 1, 1))
    return sorted(described.split(",")) if is_omrade(text) else [described]


def read_namn(arbete: Arbete) -> dict[str, str]:
    """Return what every workbook name is defined as, by its lower-case name."""
    return {d.get("name", "").lower(): d.text or "" for d in _definitions(arbete)}


def drop_trasiga(arbete: Arbete, used: Iterable[str], matris: Callable[[str], str | None]) -> None:
    """Drop the names that cannot stay and renumber the sheets of the others.

    A name among `used` (the formulas of conditional formats) that points at a look-up list that
    goes is given the list itself where `matris` can write it.
    """
    places = {b.nummer: i for i, b in enumerate(arbete.kvar)}
    wanted = list_all_namn(used)
    gone = [d for d in _definitions(arbete) if _is_aldrig(d) or _is_bladets(d, places)]
    _drop(arbete, gone)
    for d in _definitions(arbete):
        text = (d.text or "").strip()
        if number := d.get("localSheetId"):
            d.set("localSheetId", str(places[int(number)]))
        if d.get("name", "").lower() in wanted and arbete.hanvisningar.is_broken(text):
            d.text = matris(text) or text
    while broken := [
        d for d in _definitions(arbete) if arbete.hanvisningar.is_broken((d.text or "").strip())
    ]:
        _drop(arbete, broken)


def drop_onodiga(arbete: Arbete, used: Iterable[str]) -> None:
    """Drop names that are formulas or hidden, unless rules or charts (`used`) need them."""
    wanted = list_all_namn(used)
    while (
        more := {
            name
            for d in _definitions(arbete)
            if d.get("name", "").lower() in wanted
            for name in list_all_namn([d.text or ""])
        }
        - wanted
    ):
        wanted |= more
    _drop(arbete, [d for d in _definitions(arbete) if _is_onodig(arbete, d, wanted)])
    holder = arbete.delar.root(arbete.bok).find(q("definedNames"))
    if holder is not None and not len(holder):
        remove(holder)


def _definitions(arbete: Arbete) -> list[etree._Element]:
    root = arbete.delar.root(arbete.bok)
    return list(root.iterfind(f"{q('definedNames')}/{q('definedName')}"))


def _is_bladets(d: etree._Element, kvar: Collection[int]) -> bool:
    """Tell whether a name is a sheet's own, which is not among those left."""
    number = d.get("localSheetId")
    return number is not None and int(number) not in kvar


def _is_onodig(arbete: Arbete, d: etree._Element, wanted: Collection[str]) -> bool:
    name = d.get("name", "").lower()
    hidden = d.get("hidden") in ("1", "true") and not arbete.behall_dolda
    return (
        name not in _INBYGGDA
        and name not in wanted
        and (hidden or not is_omrade((d.text or "").strip()))
    )


def _is_aldrig(d: etree._Element) -> bool:
    """Tell whether a name is of a kind that never stays: macros, saved views, empty ones."""
    name, text = d.get("name", "").lower(), (d.text or "").strip()
    return (
        not text
        or any(d.get(a) in ("1", "true") for a in ("xlm", "function", "vbProcedure"))
        or is_makro(text)
        or ".wvu." in name
        or (name.startswith("_xlnm.") and name not in _INBYGGDA)
    )


def _drop(arbete: Arbete, gone: Sequence[etree._Element]) -> None:
    for d in gone:
        remove(d)
    # Several may have one name, each on its own sheet.
    left = {d.get("name", "").lower() for d in _definitions(arbete)}
    for name in (d.get("name", "") for d in gone):
        if name.lower() not in left:
            arbete.hanvisningar.borta.add(name.lower())
        if not name.lower().startswith("_xlnm."):
            arbete.utfall.remove(Slag.NAMN, name)
