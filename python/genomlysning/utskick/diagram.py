"""Charts of a copy: those that draw what is not in it keep the values they show."""

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from genomlysning.fel import Meddelande
from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import local, remove

VARDEN_I_DIAGRAM = Meddelande(
    "kopia-varden-i-diagram",
    "Ett diagram på {blad} visade celler som inte följer med. Det visar nu sina värden som de var.",
)

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def list_formler(root: etree._Element) -> Iterator[str]:
    """Yield the references of a chart."""
    for e in root.iter():
        if local(e) == "f" and e.text:
            yield e.text


def is_broken(arbete: Arbete, root: etree._Element) -> bool:
    """Tell whether a chart draws anything that is not in the copy."""
    return any(arbete.hanvisningar.is_broken(f) for f in list_formler(root))


def clean_diagram(arbete: Arbete, blad: str, root: etree._Element) -> None:
    """Cut a chart's ties to pivot tables and other files; write in the values where needed."""
    for e in [e for e in root.iter() if local(e) in ("pivotSource", "pivotFmts", "externalData")]:
        remove(e)
    for e in [e for e in root.iter() if local(e).startswith("pivotOptions")]:
        _drop_ext(e)
    frozen = False
    for e in list(root.iter()):
        if local(e) == "f" and e.text and arbete.hanvisningar.is_broken(e.text):
            frozen = True
            reference = e.getparent()
            if reference is not None:
                _freeze(reference)
    if frozen:
        arbete.utfall.varningar.append(VARDEN_I_DIAGRAM.format(blad=blad))


def _freeze(reference: etree._Element) -> None:
    """Replace a reference with the values that the chart has of it."""
    name = local(reference)
    cache = next((c for c in reference if local(c).endswith("Cache")), None)
    parent = reference.getparent()
    if parent is None:
        return
    if name == "numRef":
        new = etree.Element(f"{_C}numLit")
        new.extend([] if cache is None else [c for c in cache if local(c) != "extLst"])
        _fill_antal(new)
    elif name == "strRef" and local(parent) == "tx" and _is_rubrik(parent):
        new = _as_rik_text(_first_text(cache), parent)
    elif name == "strRef" and local(parent) == "tx":
        new = etree.Element(f"{_C}v")
        new.text = _first_text(cache)
    elif name in ("strRef", "multiLvlStrRef"):
        new = etree.Element(f"{_C}strLit")
        level = None if cache is None else next(cache.iter(f"{_C}lvl"), None)
        if level is not None and cache is not None:
            new.extend([c for c in cache if local(c) == "ptCount"])
            new.extend(list(level))
        elif cache is not None:
            new.extend([c for c in cache if local(c) != "extLst"])
        _fill_antal(new)
    else:  # labels from cells and the like, an extension that can do without
        _drop_ext(reference)
        return
    parent.replace(reference, new)


def _is_rubrik(tx: etree._Element) -> bool:
    """Tell whether a text is a title, where only a formatted text may stand."""
    owner = tx.getparent()
    return owner is not None and local(owner) not in ("ser",)


def _as_rik_text(text: str, tx: etree._Element) -> etree._Element:
    """Return a title as formatted text, in the looks that it had beside its reference."""
    owner = tx.getparent()
    looks = None if owner is None else owner.find(f"{_C}txPr")
    rich = etree.Element(f"{_C}rich")
    if looks is None:
        etree.SubElement(rich, f"{_A}bodyPr")
        paragraph = etree.SubElement(rich, f"{_A}p")
    else:
        rich.extend(list(looks))
        remove(looks)
        paragraph = next(rich.iter(f"{_A}p"))
        for end in paragraph.findall(f"{_A}endParaRPr"):
            paragraph.remove(end)
    run = etree.SubElement(paragraph, f"{_A}r")
    font = paragraph.find(f"{_A}pPr/{_A}defRPr")
    if font is not None:
        own = deepcopy(font)
        own.tag = f"{_A}rPr"
        run.append(own)
    etree.SubElement(run, f"{_A}t").text = text
    return rich


def _first_text(cache: etree._Element | None) -> str:
    found = None if cache is None else next(cache.iter(f"{_C}v"), None)
    return "" if found is None else found.text or ""


def _fill_antal(values: etree._Element) -> None:
    """Make sure that a list of values says how many it has, which it must."""
    if not any(local(c) == "ptCount" for c in values):
        count = etree.Element(f"{_C}ptCount", {"val": str(len(values.findall(f"{_C}pt")))})
        at = next((i for i, c in enumerate(values) if local(c) == "pt"), len(values))
        values.insert(at, count)


def _drop_ext(element: etree._Element) -> None:
    """Drop an extension of a chart, found by something in it."""
    inside: etree._Element | None = element
    while inside is not None and local(inside) != "ext":
        inside = inside.getparent()
    found = element if inside is None else inside
    if local(element) == "datalabelsRange":
        for shown in found.getroottree().getroot().iter():
            if local(shown) == "showDataLabelsRange":
                shown.set("val", "0")
    remove(found)
