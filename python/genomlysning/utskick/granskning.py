"""Audits a finished copy: reads the file anew and proves each promise about it.

Written apart from what strips, and cruder, so that a fault there is not hidden here. Run on every
copy before it takes its place.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from genomlysning.bok.lasning import q
from genomlysning.bok.paket import Paket
from genomlysning.utskick.arbete import read_bladposter
from genomlysning.utskick.delar import INNEHALLSTYPER, Delar, local, rel_attributes
from genomlysning.utskick.tillatet import (
    ARBETSBOK,
    DOLDA_EGENSKAPER,
    EGENSKAPER_KVAR,
    SOKVAG,
    TILLATNA,
    is_tillaten_lank,
)

_RELATIONER = re.compile(r"(?:.*/)?_rels/[^/]*\.rels")
#: Elements that only macros, controls, menus and ties to elsewhere have.
_FORBJUDNA = re.compile(
    r"Fmla\w+|controls?|oleObjects?|oleSize|absPath|revisionPtr|fileSharing|connections?|"
    r"externalReferences?|externalData|dataConsolidate|queryTable\w*|pivotCaches?|pivotSource|"
    r"pivotTableDefinition|scenarios?|customSheetViews?|customWorkbookViews?|webPublish\w*|"
    r"calculatedColumnFormula|totalsRowFormula|sheetCalcPr|customPr|cameraTool|compatExt"
)
#: Attributes that bind a shape to a macro or a cell.
_BINDNINGAR = ("macro", "textlink")
#: Another workbook by number or name, or another program. [0] is the workbook itself.
_EXTERN = re.compile(
    r"'[^']*\[(?!0\])[^'\]]*\][^']*'!|(?<![\w\]])\[(?!0\])[^\]@#\[]*\][\w.:]*!|\|'|#REF!"
)
_BLAD = re.compile(r"'((?:[^']|'')+)'!|(?<![\w.!$#'\]])([^\W\d][\w.]*)!")
_FORMLER = ("definedName", "formula", "formula1", "formula2", "f")
_LASES_AV_ALLA = ("worksheet", "sst", "comments", "ThreadedComments")


def check_kopia(fil: Path, *, med_dolda: bool) -> list[str]:
    """Return a sentence for every promise that a copy breaks, none for a good one.

    `med_dolda`: what is not seen was to be kept. Raises FilFel when the file can't be read.
    """
    delar = Delar(Paket.open(fil), fil)
    names = [n for n in Paket.open(fil) if n != INNEHALLSTYPER and not _RELATIONER.fullmatch(n)]
    faults = [
        *_check_paket(delar, names, med_dolda),
        *_check_element(delar, names),
        *_check_hanvisade_id(delar, names),
    ]
    if not faults:  # what follows reads a package that hangs together
        faults += [
            *_check_bok(delar, med_dolda),
            *_check_celler(delar),
            *_check_formler(delar, names),
            *_check_sokvagar(delar, names),
            *_check_egenskaper(delar, med_dolda),
        ]
    return faults


def _check_paket(delar: Delar, names: list[str], med_dolda: bool) -> Iterator[str]:
    """Only known kinds of parts, each with its type and led to; nothing leads elsewhere."""
    kinds = TILLATNA | (DOLDA_EGENSKAPER if med_dolda else {})
    allowed = set(kinds.values())
    reached = set(delar.reachable())
    for name in names:
        kind = delar.content_type(name)
        if not any(kind.startswith(a) for a in allowed):
            yield f"delen {name} är av en sort som inte får vara med ({kind or 'okänd'})"
        if name not in reached:
            yield f"delen {name} hör inte till något"
    for part in ("", *names):
        for r in delar.relations(part):
            if r.extern and not (r.kind == "hyperlink" and is_tillaten_lank(r.mal)):
                yield f"{part or 'filen'} leder till {r.mal}"
            elif not r.extern and r.kind not in kinds:
                yield f"{part or 'filen'} har kvar en hänvisning ({r.kind})"
            elif not r.extern and r.mal not in delar:
                yield f"{part or 'filen'} saknar delen {r.mal}"


def _check_element(delar: Delar, names: list[str]) -> Iterator[str]:
    """No trace of macros, controls, menus, connections."""
    for name in names:
        for e in delar.root(name).iter() if delar.is_xml(name) else ():
            if _FORBJUDNA.fullmatch(local(e)):
                yield f"delen {name} har {local(e)}"
            elif _is_element(e) and any(e.get(a) for a in _BINDNINGAR):
                yield f"delen {name} har en form som är bunden till ett makro eller en cell"


def _check_hanvisade_id(delar: Delar, names: list[str]) -> Iterator[str]:
    """No element names a relationship that there is none of, which Excel would repair."""
    for name in names:
        if delar.is_xml(name):
            ids = {r.id for r in delar.relations(name)}
            for e in delar.root(name).iter():
                lost = set(rel_attributes(e).values()) - ids - {""} if _is_element(e) else set()
                if lost:
                    yield f"delen {name} hänvisar till {', '.join(sorted(lost))} som saknas"


def _check_bok(delar: Delar, med_dolda: bool) -> Iterator[str]:
    """No hidden sheets or names, every name in its place, nothing to reckon at opening."""
    bok = delar.find_relation("", "officeDocument") or ""
    if delar.content_type(bok) != ARBETSBOK:
        yield "filen är inte en arbetsbok utan makron"
    root, sheets = delar.root(bok), read_bladposter(delar, bok)
    if not any(not b.dolt for b in sheets):
        yield "inget blad syns"
    if not med_dolda:
        yield from (f"bladet {b.namn} är dolt" for b in sheets if b.dolt)
    seen = set()
    for d in root.iter(q("definedName")):
        name, number = d.get("name", ""), d.get("localSheetId")
        if (name.lower(), number) in seen:
            yield f"namnet {name} finns två gånger"
        seen.add((name.lower(), number))
        if number is not None and int(number) >= len(sheets):
            yield f"namnet {name} hör till ett blad som saknas"
        if any(d.get(a) in ("1", "true") for a in ("xlm", "function", "vbProcedure")):
            yield f"namnet {name} är ett makro"
    calc = root.find(q("calcPr"))
    if calc is not None and calc.get("fullCalcOnLoad"):
        yield "filen räknas om när den öppnas"


def _check_celler(delar: Delar) -> Iterator[str]:
    """No formula in any cell, and every cell has its value."""
    bok = delar.find_relation("", "officeDocument") or ""
    strings = delar.find_relation(bok, "sharedStrings")
    count = len(delar.root(strings).findall(q("si"))) if strings else 0
    for sheet in read_bladposter(delar, bok):
        for e in delar.root(sheet.del_).iter(q("f"), q("c")):
            if e.tag == q("f"):
                yield f"bladet {sheet.namn} har en formel"
            elif e.get("cm"):
                yield f"{sheet.namn}!{e.get('r')} har kvar uppgifter om en formel"
            elif e.get("t") == "s" and int(e.findtext(q("v"), "-1")) not in range(count):
                yield f"{sheet.namn}!{e.get('r')} har tappat sin text"


def _check_formler(delar: Delar, names: list[str]) -> Iterator[str]:
    """No rule, chart or name refers to another workbook or to a sheet that is not here."""
    bok = delar.find_relation("", "officeDocument") or ""
    sheets = {b.namn.lower() for b in read_bladposter(delar, bok)}
    for name in names:
        for e in delar.root(name).iter() if delar.is_xml(name) else ():
            if local(e) not in _FORMLER or not e.text:
                continue
            # Words in quotes are words.
            text = re.sub(r'"[^"]*"', '""', e.text)
            if _EXTERN.search(text):
                yield f"delen {name} har en hänvisning utåt: {e.text}"
                continue
            for quoted, plain in _BLAD.findall(text):
                wanted = (quoted.replace("''", "'") or plain).replace("[0]", "").lower()
                if any(w and w not in sheets for w in wanted.split(":")):
                    yield f"delen {name} hänvisar till bladet {quoted or plain} som saknas"


def _check_sokvagar(delar: Delar, names: list[str]) -> Iterator[str]:
    """No folder of the sender's in what people don't read."""
    for name in names:
        if not delar.is_xml(name) or local(delar.root(name)) in _LASES_AV_ALLA:
            continue
        for e in delar.root(name).iter():
            values = [str(v) for v in e.attrib.values()] if _is_element(e) else []
            if any(SOKVAG.match(v) for v in values):
                yield f"delen {name} har en sökväg"


def _check_egenskaper(delar: Delar, med_dolda: bool) -> Iterator[str]:
    """The file says what it is, not who made it; accounts are nobody's to see."""
    if med_dolda:
        return
    for kind in ("core-properties", "extended-properties"):
        part = delar.find_relation("", kind)
        for e in delar.root(part) if part else ():
            if local(e) not in EGENSKAPER_KVAR:
                yield f"filen har egenskapen {local(e)}"
    for part in delar.reachable():
        root = delar.root(part) if delar.content_type(part).endswith("person+xml") else ()
        for person in root:
            if _is_element(person) and person.get("userId") != person.get("displayName"):
                yield "filen har kontouppgifter"


def _is_element(e: etree._Element) -> bool:
    return isinstance(e.tag, str)
