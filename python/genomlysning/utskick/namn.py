"""Workbook names: those that point at what is in the copy stay, the rest go."""

from collections.abc import Callable, Iterable

from lxml import etree

from genomlysning.bok.lasning import q
from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import remove
from genomlysning.utskick.hanvisning import (
    is_makro,
    is_omrade,
    list_all_namn,
)
from genomlysning.utskick.utfall import Slag

_INBYGGDA = ("_xlnm.print_area", "_xlnm.print_titles", "_xlnm._filterdatabase")


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
    for d in _definitions(arbete):
        text = (d.text or "").strip()
        number = d.get("localSheetId")
        if (number is not None and int(number) not in places) or _is_aldrig(d, text):
            _drop(arbete, d)
            continue
        if number is not None:
            d.set("localSheetId", str(places[int(number)]))
        if d.get("name", "").lower() in wanted and arbete.hanvisningar.is_broken(text):
            d.text = matris(text) or text
    while broken := [
        d for d in _definitions(arbete) if arbete.hanvisningar.is_broken((d.text or "").strip())
    ]:
        for d in broken:
            _drop(arbete, d)


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
    for d in _definitions(arbete):
        name = d.get("name", "").lower()
        hidden = d.get("hidden") in ("1", "true") and not arbete.behall_dolda
        if (
            name not in _INBYGGDA
            and name not in wanted
            and (hidden or not is_omrade((d.text or "").strip()))
        ):
            _drop(arbete, d)
    holder = arbete.delar.root(arbete.bok).find(q("definedNames"))
    if holder is not None and not len(holder):
        remove(holder)


def _definitions(arbete: Arbete) -> list[etree._Element]:
    root = arbete.delar.root(arbete.bok)
    return list(root.iterfind(f"{q('definedNames')}/{q('definedName')}"))


def _is_aldrig(d: etree._Element, text: str) -> bool:
    """Tell whether a name is of a kind that never stays: macros, saved views, empty ones."""
    name = d.get("name", "").lower()
    return (
        not text
        or any(d.get(a) in ("1", "true") for a in ("xlm", "function", "vbProcedure"))
        or is_makro(text)
        or ".wvu." in name
        or (name.startswith("_xlnm.") and name not in _INBYGGDA)
    )


def _drop(arbete: Arbete, d: etree._Element) -> None:
    name = d.get("name", "")
    # Several may have one name, each on its own sheet.
    remove(d)
    if not any(o.get("name", "").lower() == name.lower() for o in _definitions(arbete)):
        arbete.hanvisningar.borta.add(name.lower())
    if not name.lower().startswith("_xlnm."):
        arbete.utfall.remove(Slag.NAMN, name)
