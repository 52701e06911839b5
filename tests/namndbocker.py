"""Workbooks of a dozen committees, filled in and edited as people do, for the tests.

`skrivet` of each holds every text that a person has written, as it is to be found again.
"""

from dataclasses import dataclass, field
from pathlib import Path

from excelredigering import Excelredigering, q
from genomlysning.bok.beskrivning import (
    BLAD,
    JAMFORELSER,
    LISTBLAD,
    OVER_TID,
    REFERENSTABELLER,
    SAMMANFATTNING,
    TALSLAG,
    Slag,
    find_tabell,
)
from genomlysning.bok.plan import plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.skapa import collect_exempel, collect_underlag

PROFILER = (
    "kommunstyrelsen",
    "barn-och-ungdomsnamnden",
    "socialnamnden",
    "vard-och-omsorgsnamnden",
    "generell",
)
#: Tables for people to write in and the columns that the helper fills, by key.
FORFLYTTNINGAR = ("InomForvaltningen", "Kommunovergripande")
UPPFOLJNINGAR = ("KortSikt", "LangSikt", "UnderUtredning")
#: Område, beskrivning, belopp, effekt, berör även, avstämt med: what committees write.
_FORSLAG = (
    (
        "Lokaler",
        "Samnyttja gymnastiksalar och möteslokaler på kvällar mellan skolan och föreningslivet.",
        *("0,5–1 mkr per år", "Årlig", "Kultur- och utbildningsförvaltningen", ""),
    ),
    (
        "Fordon",
        "Gemensam fordonspool för tjänsteresor med elbilar i stället för leasade bilar.",
        *("500 tkr", "Årlig", "Socialförvaltningen, Vård- och omsorgsförvaltningen", "Socialch."),
    ),
    (
        "Digitala arkiv",
        "Avsluta pappersarkivet och skanna äldre akter en gång för alla.",
        *("ca 2 000 000 kr", "Engång", "", ""),
    ),
    (
        "Vikarier",
        "Bemanna korttidsfrånvaro tillsammans över enhetsgränser.",
        *("går inte att beräkna", "", "", ""),
    ),
    (
        "Bilpool",
        "Elbilar i en gemensam pool för tjänsteresor, med färre leasade fordon.",
        *("300 tkr", "", "Kommunledningskontoret", "Kommunledningskontoret 2026-03-01"),
    ),
    ("Upphandling", "Köp livsmedel tillsammans med grannkommunerna.", *("1,5 mkr", "", "", "")),
)
_ATGARDER = (
    ("Gemensam växel", "En växel för alla förvaltningar.", "200 tkr", "Infört i maj.", "Pågår"),
    ("Färre tidskrifter", "Avsluta prenumerationer.", "50 tkr per år", "Klart.", "Genomförd"),
)


@dataclass
class Namndbokfil:
    """One workbook on disk and what people have written in it."""

    fil: Path
    namnd: str
    skrivet: list[str] = field(default_factory=list)
    tal: list[float] = field(default_factory=list)


def make_bok(profil: str, fil: Path, nu, *, kommun: str = "", exempel: bool = False) -> None:
    """Write a filled workbook of a profile, from the stand-in server or with made-up data."""
    run = (
        collect_exempel(profil, None, nu) if exempel else collect_underlag(kommun, profil, 2024, nu)
    )
    write_bok(plan_bok(run.underlag), fil)


def fill(source: Path, fil: Path, number: int, namnd: str = "") -> Namndbokfil:
    """Write in a workbook what a committee writes; `number` tells the committees apart."""
    bok = Excelredigering(source)
    made = Namndbokfil(fil, namnd)
    if namnd:
        bok.put_name("Namnd", namnd)
    for offset, table in enumerate(FORFLYTTNINGAR):
        keys = ("omrade", "beskrivning", "belopp", "effekt", "beror", "avstamt")
        for i in range(2):
            words = _FORSLAG[(number + 2 * offset + i) % len(_FORSLAG)]
            _put(bok, made, table, i, keys, words)
    for table in UPPFOLJNINGAR:
        keys = ("atgard", "beskrivning", "belopp", "uppfoljning", "status", "samordning")
        for i, words in enumerate(_ATGARDER):
            yes = "Ja" if table == "UnderUtredning" else "Nej"
            _put(bok, made, table, i, keys, (*words, yes))
    for table in JAMFORELSER:
        row = bok.area(table)[0] + 1
        bok.put_in(table, row, "Kommentar", f"Läs tillsammans med {table} i budgeten, not {number}")
        made.skrivet.append(f"Läs tillsammans med {table} i budgeten, not {number}")
    bok.save(fil)
    return made


def write_overallt(made: Namndbokfil, number: int) -> None:
    """Write wherever a person can write; `number` tells the committees apart."""
    bok = Excelredigering(made.fil)
    _write_egna_rader(bok, made, number)
    _write_vid_sidan(bok, made, number)
    bok.save(made.fil)


def _write_egna_rader(bok: Excelredigering, made: Namndbokfil, number: int) -> None:
    """Fill a row of people's own in every table, in every column that they can write in."""
    tables = (*JAMFORELSER, *OVER_TID, *REFERENSTABELLER, *FORFLYTTNINGAR, *UPPFOLJNINGAR)
    for t, table in enumerate(tables):
        kolumner = find_tabell(table).kolumner
        first, _, last, _ = bok.area(table)
        headers = [c.get("name") for c in bok.table(table)[1].iter(q("tableColumn"))]
        rows = range(first + 1, last + 1)
        letters = bok.column(table, headers[0])
        sheet = bok.table(table)[0]
        # A free row of the table, else one below it, where Excel would extend it.
        free = (n for n in reversed(rows) if bok.value(sheet, f"{letters}{n}") in (None, ""))
        row = next(free, 0)
        if not row:
            row = last + 1
            bok.insert_row(table, row, {})
            element = bok.table(table)[1]
            element.set("ref", element.get("ref").replace(f"{last}", f"{row}"))
        for n, (kolumn, header) in enumerate(zip(kolumner, headers, strict=True)):
            if kolumn.formel or kolumn.nyckel == "id":
                continue
            if kolumn.slag is Slag.DATUM:
                bok.put_in(table, row, header, 46_000.0 + number)
            elif kolumn.slag in TALSLAG:
                value = (
                    2020.0 if kolumn.nyckel == "year" else 7000.125 + 100 * t + number + n / 1000
                )
                bok.put_in(table, row, header, value)
                made.tal.append(value)
            else:
                text = _own_text(kolumn.nyckel, table, number)
                bok.put_in(table, row, header, text)
                made.skrivet.append(text)


def _own_text(nyckel: str, table: str, number: int) -> str:
    """Return a word that no other committee has, so that it makes no proposals alike."""
    return f"{4 * chr(97 + number)}{nyckel}{table}"


def _write_vid_sidan(bok: Excelredigering, made: Namndbokfil, number: int) -> None:
    """Write beside the tables: cells below, to the right and between, notes, and on Start."""
    for blad in BLAD:
        if blad in (LISTBLAD, SAMMANFATTNING):
            continue
        for ref in ("A90", "D91", "Z7", "Y3"):
            _note(bok, made, blad.namn, ref, f"Vid sidan {blad.namn} {ref}, not {number}")
    _note(bok, made, SAMMANFATTNING.namn, "A60", f"Under sammanfattningen, not {number}")
    _note(bok, made, "2.4 Analys", "D20", f"Bredvid analysen, not {number}")
    bok.put("3.1 Kort sikt", "B95", 12345.5 + number)
    made.skrivet.append(f"{12345 + number},5")
    for name, text in (("Diarienummer", f"KS 2026/{number}"), ("AntagenParagraf", f"§ 1{number}")):
        bok.put_name(name, text)
        made.skrivet.append(text)
    for name in ("Analys", "Uppfoljning"):
        bok.put_name(name, f"Löpande text om {name}, not {number}")
        made.skrivet.append(f"Löpande text om {name}, not {number}")
    # A real date, as Excel stores one: a number in a cell that is shown as a day.
    sheet, row = bok.table("InomForvaltningen")[0], bok.area("InomForvaltningen")[0] + 1
    ref = f"{bok.column('InomForvaltningen', 'Avstämt med')}{row}"
    bok.put(sheet, ref, 46_082.0)
    day = next(
        s for s in (bok.cell("Logg", f"A{n}") for n in range(7, 9)) if s is not None and s.get("s")
    )
    bok.cell(sheet, ref).set("s", day.get("s"))
    made.skrivet.append("2026-03-01")
    bok.add_comments("4.1 Inom förvaltningen", {"B8": f"Anteckning i cellen, not {number}"})
    made.skrivet.append(f"Anteckning i cellen, not {number}")
    bok.add_textbox("4.2 Kommunövergripande", "C12", f"I en textruta, not {number}")
    made.skrivet.append(f"I en textruta, not {number}")


def _note(bok: Excelredigering, made: Namndbokfil, blad: str, ref: str, text: str) -> None:
    bok.put(blad, ref, text)
    made.skrivet.append(text)


def _put(bok: Excelredigering, made: Namndbokfil, table: str, i: int, keys, words) -> None:
    headers = {k.nyckel: k.rubrik for k in find_tabell(table).kolumner}
    row = bok.area(table)[0] + 1 + i
    for key, text in zip(keys, words, strict=True):
        if text:
            bok.put_in(table, row, headers[key], text)
            made.skrivet.append(text)


def edit(made: Namndbokfil, how: int) -> None:
    """Change a workbook in one of the ways that people do."""
    bok = Excelredigering(made.fil)
    extra = f"Eget tillägg {how}"
    way = how % 6
    if way == 0:  # a row in the middle, and one taken out
        row = bok.area("InomForvaltningen")[0] + 2
        bok.insert_row("InomForvaltningen", row, {"Område": extra, "Beskrivning": "Mitt emellan"})
        made.skrivet += [extra, "Mitt emellan"]
        bok.delete_row("Ekonomi", bok.area("Ekonomi")[0] + 2)
    elif way == 1:  # a column of their own, in the middle and last
        bok.insert_column("InomForvaltningen", "Beskrivning", "Ansvarig")
        bok.put_in("InomForvaltningen", bok.area("InomForvaltningen")[0] + 1, "Ansvarig", extra)
        bok.insert_column("KortSikt", "", "Klart när")
        bok.put_in("KortSikt", bok.area("KortSikt")[0] + 1, "Klart när", f"{extra} b")
        made.skrivet += [extra, f"{extra} b"]
    elif way == 2:  # sheets renamed and added
        entry = next(
            s
            for s in bok.root("xl/workbook.xml").find(q("sheets"))
            if s.get("name") == "4.1 Inom förvaltningen"
        )
        entry.set("name", "Våra förslag")
        bok.add_sheet("Anteckningar", {"A1": f"{extra} på eget blad", "C3": 4711.5})
        made.skrivet += [f"{extra} på eget blad", "4711,5"]
    elif way == 3:  # rows sorted, a filter left on, and a row typed below the table
        bok.reverse_rows("Kvalitet")
        r1, _, last, _ = bok.area("Kommunovergripande")
        for n in range(r1 + 3, last):
            bok.put_in("Kommunovergripande", n, "Beskrivning", f"Rad {n}")
            made.skrivet.append(f"Rad {n}")
        sheet = bok.table("Kommunovergripande")[0]
        bok.put(sheet, f"A{last + 1}", extra)
        made.skrivet.append(extra)
        table = bok.table("LangSikt")[1]
        table.insert(0, table.makeelement(q("autoFilter"), {"ref": table.get("ref")}))
        for nr in range(bok.area("LangSikt")[0] + 1, bok.area("LangSikt")[2]):
            row = next(
                r for r in bok.sheet("3.2 Lång sikt").find(q("sheetData")) if r.get("r") == str(nr)
            )
            row.set("hidden", "1")
    elif way == 4:  # values pasted as text
        row = bok.area("Ekonomi")[0] + 1
        own = next(
            c.get("name")
            for c in bok.table("Ekonomi")[1].iter(q("tableColumn"))
            if c.get("name").endswith(" 2024") or c.get("name").endswith(" 2025")
        )
        bok.put_in("Ekonomi", row, own, "1 234,5")
        bok.put_in("Ekonomi", row, "Nyckeltal", "Inklistrat som text")
    else:  # a column taken out and a header changed
        gone = _own_text("bokslut", "Kommunovergripande", how)
        made.skrivet = [text for text in made.skrivet if text != gone]
        bok.delete_column("Kommunovergripande", "Läge vid årsbokslut")
        bok.rename_column("KortSikt", "Uppföljning", "Hur har det gått?")
    bok.save(made.fil)
