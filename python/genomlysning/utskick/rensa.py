"""Strips an opened workbook to a copy: chooses the sheets and lets each module do its part."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from genomlysning.bok.lasning import (
    NS_STRIKT,
    STRIKT,
    Kalkylblad,
    q,
    read_text,
)
from genomlysning.bok.paket import FEL_FILTYP, TRASIG, Paket
from genomlysning.fel import FilFel, Meddelande
from genomlysning.utskick import diagram, regler
from genomlysning.utskick.arbete import Arbete, read_bladposter
from genomlysning.utskick.blad import clean_blad, find_oberaknade, iter_celler
from genomlysning.utskick.bok import clean_bok, drop_blad
from genomlysning.utskick.delar import Delar, local, remove
from genomlysning.utskick.hanvisning import Hanvisningar
from genomlysning.utskick.listor import Listor
from genomlysning.utskick.manniskor import (
    clean_egenskaper,
    clean_kommentarer,
    clean_personer,
    list_dolda_egenskaper,
)
from genomlysning.utskick.namn import drop_onodiga, drop_trasiga, merge_dubbla, read_namn
from genomlysning.utskick.ritning import clean_ritning, clean_sokvagar, clean_vml, drop_lost
from genomlysning.utskick.tabell import clean_tabell
from genomlysning.utskick.tillatet import (
    ARBETSBOK,
    ARBETSBOKSTYPER,
    BLADSLAG,
    DOLDA_EGENSKAPER,
    RIKA_VARDEN,
    SOKVAG,
    TILLATNA,
    find_slag,
    is_tillaten_lank,
)
from genomlysning.utskick.utfall import Slag, Utfall, name_some

#: Parts whose texts are for people to read; paths in them are told of, not changed.
_LASES_AV_ALLA = (*BLADSLAG, "sharedStrings", "comments", "threadedComment")
#: The settings of the macros, which hold folders of the sender's.
_MAKROBLAD = ("xlwings.conf", "_xlwings.conf")

OBERAKNADE = Meddelande(
    "kopia-oberaknade",
    "Formler i {fil} saknar beräknat värde: {celler}.",
    "Öppna filen i Excel, vänta tills den har räknat, spara och gör kopian igen.",
)
INGA_BLAD = Meddelande(
    "kopia-inga-blad",
    "Filen {fil} har inga synliga blad att skicka.",
    "Visa de blad som ska vara med, eller lägg till --behall-dolda.",
)
KAN_VARA_GAMLA = Meddelande(
    "kopia-kan-vara-gamla",
    "Filen är märkt för att räknas om, så formlernas värden kan vara gamla.",
    "Öppna den i Excel, spara och gör kopian igen om du är osäker.",
)
FORMATREGLER_BORT = Meddelande(
    "kopia-villkorsformat-bort",
    "Villkorsformat som använder celler på borttagna blad eller i andra arbetsböcker följer inte "
    "med: {platser}.",
    "Kontrollera hur cellerna ser ut, eller lägg till --behall-dolda.",
)
VALIDERING_BORT = Meddelande(
    "kopia-validering-bort",
    "Rullistor och kontroller som använder celler på borttagna blad eller i andra arbetsböcker "
    "följer inte med: {platser}.",
)
VISAR_SOKVAG = Meddelande(
    "kopia-visar-sokvag",
    "Celler visar en sökväg på en dator: {platser}.",
    "Ta bort den om den inte ska läsas av andra.",
)


def clean_paket(paket: Paket, fil: Path, *, behall_dolda: bool) -> tuple[Delar, Utfall]:
    """Strip a workbook; return the parts of the copy and what was done.

    Raises FilFel for a workbook that can't be read or whose formulas lack computed values.
    """
    try:
        return _clean(paket, fil, behall_dolda)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise FilFel(TRASIG, fil=fil, vad="en del saknas eller går inte att tolka") from error


def _clean(paket: Paket, fil: Path, behall_dolda: bool) -> tuple[Delar, Utfall]:
    delar = Delar(paket, fil)
    arbete = _start(delar, fil, behall_dolda)
    _check_beraknat(arbete, fil)
    merge_dubbla(arbete)
    listor = _read_listor(arbete, fil)
    context = _walk(arbete)
    looks = [f for b in arbete.kvar for f in regler.list_villkor(delar.root(b.del_))]
    drop_trasiga(arbete, looks, listor.format_matris)
    _clean_delar(arbete, context, listor)
    drop_onodiga(arbete, _list_formler(arbete, context))
    clean_bok(arbete)
    clean_egenskaper(arbete)
    _forget_texter(arbete)
    for part in delar.reachable():
        if delar.is_xml(part):
            drop_lost(arbete, part)
    _warn(arbete)
    return delar, arbete.utfall


def _start(delar: Delar, fil: Path, behall_dolda: bool) -> Arbete:
    """Choose the sheets and take the others out of the workbook's list."""
    bok = delar.find_relation("", "officeDocument")
    if bok is None or bok not in delar or delar.content_type(bok) not in ARBETSBOKSTYPER:
        raise FilFel(FEL_FILTYP, fil=fil)
    if delar.root(bok).tag == f"{{{NS_STRIKT}}}workbook":
        raise FilFel(STRIKT, fil=fil)
    delar.set_content_type(bok, ARBETSBOK)
    utfall = Utfall()
    kept, gone = [], []
    for sheet in read_bladposter(delar, bok):
        macro = sheet.namn.lower() in _MAKROBLAD
        if sheet.kind not in BLADSLAG or macro:
            gone.append(sheet)
            utfall.remove(Slag.MAKRON if not macro else Slag.DOLDA_BLAD, sheet.namn)
        elif sheet.dolt and not behall_dolda:
            gone.append(sheet)
            utfall.remove(Slag.DOLDA_BLAD, sheet.namn)
        else:
            kept.append(sheet)
            utfall.keep(Slag.DOLDA_BLAD if sheet.dolt else Slag.BLAD, sheet.namn)
    if all(b.dolt for b in kept):
        raise FilFel(INGA_BLAD, fil=fil)
    tables = {
        delar.root(r.mal).get(attribute, "").lower()
        for sheet in gone
        for r in delar.relations(sheet.del_)
        if r.kind == "table"
        for attribute in ("name", "displayName")
    }
    found = Hanvisningar({b.namn.lower() for b in kept}, tables)
    arbete = Arbete(delar, bok, kept, gone, found, utfall, behall_dolda)
    arbete.rika_varden = _are_pictures(delar, bok)
    arbete.utsnitt = _are_slicers_of_tables(arbete)
    drop_blad(arbete)
    return arbete


def _check_beraknat(arbete: Arbete, fil: Path) -> None:
    missing = [
        place
        for sheet in arbete.kvar
        for place in find_oberaknade(arbete.delar.root(sheet.del_), sheet.namn)
    ]
    if missing:
        raise FilFel(OBERAKNADE, fil=fil, celler=name_some(missing))
    calc = arbete.delar.root(arbete.bok).find(q("calcPr"))
    stale = calc is not None and calc.get("fullCalcOnLoad") in ("1", "true")
    roots = (arbete.delar.root(b.del_) for b in arbete.kvar)
    if stale and any(next(r.iter(q("f")), None) is not None for r in roots):
        arbete.utfall.varningar.append(KAN_VARA_GAMLA.format())


def _read_listor(arbete: Arbete, fil: Path) -> Listor:
    part = arbete.delar.find_relation(arbete.bok, "sharedStrings")
    strings = [] if part is None else [read_text(si) for si in arbete.delar.root(part)]
    sheets = [
        Kalkylblad(b.namn, b.del_, arbete.delar.root(b.del_), strings, fil)
        for b in arbete.borttagna
        if b.kind == "worksheet"
    ]
    return Listor(sheets, read_namn(arbete))


def _walk(arbete: Arbete) -> dict[str, tuple[str, str]]:
    """Follow the relationships that may stay and drop the others.

    Returns, for every part that stays, the kind of its relationship and the sheet it belongs to.
    """
    delar = arbete.delar
    allowed = dict(TILLATNA)
    if arbete.behall_dolda:
        allowed |= DOLDA_EGENSKAPER
    if not arbete.rika_varden:
        allowed = {k: v for k, v in allowed.items() if k not in RIKA_VARDEN}
    if not arbete.utsnitt:
        allowed = {k: v for k, v in allowed.items() if not k.startswith("slicer")}
    sheets = {b.del_: b.namn for b in arbete.kvar}
    found = {"": ("", "")}
    queue = deque([""])  # sheet by sheet, in their order
    while queue:
        part = queue.popleft()
        dropped = []
        for r in delar.relations(part):
            if r.extern:
                stays = r.kind == "hyperlink" and is_tillaten_lank(r.mal)
            else:
                content_type = delar.content_type(r.mal) if r.mal in delar else ""
                wanted = allowed.get(r.kind)
                stays = wanted is not None and content_type.startswith(wanted)
            if not stays:
                dropped.append(r.id)
                _tell_slopad(arbete, r.kind, r.mal, found[part][1], r.extern)
            elif not r.extern and r.mal not in found:
                found[r.mal] = (r.kind, sheets.get(r.mal, found[part][1]))
                queue.append(r.mal)
        delar.drop_relations(part, dropped)
    del found[""]
    return found


def _tell_slopad(arbete: Arbete, kind: str, part: str, blad: str, extern: bool) -> None:
    slag = find_slag(kind)
    if slag is None or (extern and kind == "hyperlink"):
        return
    if slag is Slag.EGENSKAPER and part in arbete.delar and arbete.delar.is_xml(part):
        for name in list_dolda_egenskaper(arbete.delar.root(part)):
            arbete.utfall.remove(slag, name)
        return
    if slag is Slag.PIVOT and part in arbete.delar:
        blad = f"{blad}: {arbete.delar.root(part).get('name', '')}"
    arbete.utfall.remove(slag, blad)


def _clean_delar(arbete: Arbete, context: Mapping[str, tuple[str, str]], listor: Listor) -> None:
    delar, utfall = arbete.delar, arbete.utfall
    for sheet in arbete.kvar:
        clean_blad(arbete, sheet)
        regler.clean_regler(arbete, sheet.namn, delar.root(sheet.del_), listor)
    threads = [p for p, (kind, _) in context.items() if kind == "threadedComment"]
    for part, (kind, blad) in context.items():
        if kind == "chart":
            utfall.keep(Slag.DIAGRAM, blad)
            diagram.clean_diagram(arbete, blad, delar.root(part))
        elif kind == "chartEx":
            utfall.keep(Slag.DIAGRAM, blad)
        elif kind == "image":
            utfall.keep(Slag.BILDER, blad)
        elif kind == "table":
            clean_tabell(delar.root(part))
        elif kind == "comments":
            clean_kommentarer(arbete, blad, part)
        elif kind == "person":
            clean_personer(arbete, part, threads)
    for part, (kind, blad) in context.items():
        if kind in ("drawing", "chartUserShapes"):
            clean_ritning(arbete, blad, part)
        elif kind == "vmlDrawing" and not clean_vml(arbete, blad, part):
            _drop_vml(arbete, part)
        if kind not in _LASES_AV_ALLA and delar.is_xml(part):
            clean_sokvagar(arbete, part)


def _drop_vml(arbete: Arbete, part: str) -> None:
    """Drop an older drawing that held nothing but buttons."""
    for sheet in arbete.kvar:
        ids = [r.id for r in arbete.delar.relations(sheet.del_) if r.mal == part]
        arbete.delar.drop_relations(sheet.del_, ids)
        for e in [e for e in arbete.delar.root(sheet.del_) if "egacyDrawing" in local(e)]:
            if set(map(str, e.attrib.values())) & set(ids):
                remove(e)


def _list_formler(arbete: Arbete, context: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the formulas that are left: of rules, of charts, and places that links lead to."""
    formulas = [f for b in arbete.kvar for f in regler.list_formler(arbete.delar.root(b.del_))]
    for part in arbete.delar.reachable():
        if context.get(part, ("",))[0] in ("chart", "chartEx"):
            formulas += diagram.list_formler(arbete.delar.root(part))
        formulas += [r.mal.lstrip("#") for r in arbete.delar.relations(part) if r.extern]
    for sheet in arbete.kvar:
        links = arbete.delar.root(sheet.del_).iter(q("hyperlink"))
        formulas += [link.get("location", "") for link in links]
    return formulas


def _forget_texter(arbete: Arbete) -> None:
    """Empty the texts that only cells on sheets that are gone had; warn of paths that are shown."""
    part = arbete.delar.find_relation(arbete.bok, "sharedStrings")
    items = [] if part is None else list(arbete.delar.root(part).iterchildren(q("si")))
    used, shown = set(), []
    for sheet in arbete.kvar:
        for place, c in iter_celler(arbete.delar.root(sheet.del_)):
            v = c.find(q("v"))
            text = "" if v is None else v.text or ""
            if c.get("t") == "s":
                used.add(int(text))
                text = read_text(items[int(text)])
            if SOKVAG.match(text):
                shown.append(f"{sheet.namn}!{place}")
    for number, si in enumerate(items):
        if number not in used:
            for child in list(si):
                si.remove(child)
            etree.SubElement(si, q("t"))
    if shown:
        arbete.utfall.varningar.append(VISAR_SOKVAG.format(platser=name_some(shown)))


def _warn(arbete: Arbete) -> None:
    found = arbete.utfall.borttaget
    for slag, message in (
        (Slag.VILLKOR, FORMATREGLER_BORT),
        (Slag.VALIDERING, VALIDERING_BORT),
    ):
        if slag in found:
            arbete.utfall.varningar.append(message.format(platser=name_some(found[slag])))


def _are_pictures(delar: Delar, bok: str) -> bool:
    """Tell whether what cells hold beyond text and numbers is pictures and error values only.

    Anything else is linked data, which leads to where it came from.
    """
    part = delar.find_relation(bok, "rdRichValueStructure")
    kinds = {e.get("t") for e in delar.root(part).iter() if local(e) == "s"} if part else set()
    known = {"_localImage", "_error", "_formattednumber"}
    cubes = delar.find_relation(bok, "sheetMetadata")
    tied = cubes is not None and any(local(e) == "mdxMetadata" for e in delar.root(cubes))
    return bool(kinds) and kinds <= known and not tied


def _are_slicers_of_tables(arbete: Arbete) -> bool:
    """Tell whether every slicer filters a table that stays; else all of them go."""
    delar = arbete.delar
    tables = {
        delar.root(r.mal).get("id")
        for sheet in arbete.kvar
        for r in delar.relations(sheet.del_)
        if r.kind == "table"
    }
    caches = [r.mal for r in delar.relations(arbete.bok) if r.kind == "slicerCache"]
    return bool(caches) and all(
        any(
            local(e) == "tableSlicerCache" and e.get("tableId") in tables
            for e in delar.root(part).iter()
        )
        for part in caches
    )
