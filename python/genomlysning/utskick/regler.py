"""Rules in a sheet that are formulas of their own: dropdowns, conditional formats, sparklines."""

from collections.abc import Iterator, Sequence

from lxml import etree

from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import drop_attributes, local, remove
from genomlysning.utskick.listor import Listor
from genomlysning.utskick.utfall import Slag

_KONTROLL = ("type", "operator", "errorStyle", "error", "errorTitle", "showErrorMessage")
_FORMLER = ("formula", "formula1", "formula2", "f")


def list_villkor(root: etree._Element) -> Iterator[str]:
    """Yield the formulas of a sheet's conditional formats."""
    for rule in _find(root, "cfRule"):
        yield from _formler(rule)


def list_formler(root: etree._Element) -> Iterator[str]:
    """Yield the formulas of a sheet's conditional formats, dropdowns and sparklines."""
    for rule in _find(root, "cfRule", "dataValidation", "sparklineGroup"):
        yield from _formler(rule)


def clean_regler(arbete: Arbete, blad: str, root: etree._Element, listor: Listor) -> None:
    """Mend or drop the rules that refer to what is not in the copy."""
    for validation in _find(root, "dataValidation"):
        _clean_validering(arbete, blad, validation, listor)
    broken = [rule for rule in _find(root, "cfRule") if _is_broken(arbete, rule)]
    for rule in broken:
        arbete.utfall.remove(Slag.VILLKOR, f"{blad}!{_area(rule.getparent())}")
    _drop_villkor(root, broken)
    for line in _find(root, "sparkline"):
        if _is_broken(arbete, line):
            arbete.utfall.remove(Slag.MINIDIAGRAM, f"{blad}!{_area(line)}")
            _drop(line)
    for group in _find(root, "sparklineGroup"):
        if _is_broken(arbete, group):  # its axis of dates
            arbete.utfall.remove(Slag.MINIDIAGRAM, blad)
            _drop(group)
    for holder in _find(root, "dataValidations"):
        holder.set("count", str(len(holder)))
    _drop_tomma(root)


def _clean_validering(
    arbete: Arbete, blad: str, validation: etree._Element, listor: Listor
) -> None:
    if not _is_broken(arbete, validation):
        return
    place = f"{blad}!{_area(validation)}"
    source = next((e for e in validation.iter() if local(e) in _FORMLER and not len(e)), None)
    if validation.get("type") == "list" and source is not None:
        words = listor.format_rullista(source.text or "")
        if words is not None:
            source.text = words
            for other in [e for e in validation if local(e) == "formula2"]:
                validation.remove(other)  # LibreOffice writes one; a list has no use for it
            arbete.utfall.keep(Slag.RULLISTOR, place)
            return
    arbete.utfall.remove(Slag.VALIDERING, place)
    if not validation.get("prompt"):
        _drop(validation)
        return
    # The guidance at the cell is a person's words; only the check cannot stay.
    drop_attributes(validation, *_KONTROLL)
    for child in list(validation):
        if local(child) in ("formula1", "formula2"):
            validation.remove(child)


def _drop_villkor(root: etree._Element, rules: Sequence[etree._Element]) -> None:
    """Drop rules, and what newer versions of Excel keep about them apart."""
    ids = {rule.get("id") for rule in rules}
    ids |= {e.text for rule in rules for e in rule.iter() if local(e) == "id"}
    ids.discard(None)
    for rule in rules:
        _drop(rule)
    for other in _find(root, "cfRule") if ids else ():
        if other.get("id") in ids:
            _drop(other)
        for link in [e for e in other.iter() if local(e) == "id" and e.text in ids]:
            _drop(link)


def _drop(element: etree._Element) -> None:
    """Drop an element, and what holds nothing after it."""
    parent = element.getparent()
    remove(element)
    if parent is None or local(parent) not in ("ext", "extLst", "sparklineGroup", "sparklines"):
        return
    if not any(local(c) != "f" and not local(c).startswith("color") for c in parent):
        _drop(parent)


def _drop_tomma(root: etree._Element) -> None:
    """Drop holders that have nothing left in them."""
    for holder in _find(root, "conditionalFormatting"):
        if not any(local(c) == "cfRule" for c in holder):
            _drop(holder)
    for holder in _find(root, "dataValidations", "conditionalFormattings", "sparklineGroups"):
        if not len(holder):
            _drop(holder)


def _find(root: etree._Element, *names: str) -> list[etree._Element]:
    outside = (child for child in root if local(child) != "sheetData")
    return [e for child in outside for e in child.iter() if local(e) in names]


def _formler(element: etree._Element) -> Iterator[str]:
    for e in element.iter():
        if local(e) in _FORMLER and e.text and not len(e):
            yield e.text
        elif local(e) == "cfvo" and e.get("type") != "percent" and e.get("val"):
            yield e.get("val", "")


def _is_broken(arbete: Arbete, element: etree._Element) -> bool:
    return any(arbete.hanvisningar.is_broken(f) for f in _formler(element))


def _area(element: etree._Element | None) -> str:
    if element is None:
        return ""
    inner = next((e.text for e in element.iter() if local(e) == "sqref" and e.text), "")
    return element.get("sqref") or inner or ""
