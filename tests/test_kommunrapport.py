"""`sammanstall --rapport`: the municipality's Word document, held to its workbook."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from arbetsbok import open_bok, read_tabell
from excelredigering import Excelredigering
from genomlysning import filskrivning, pdf, rapportskrivning, sammanstall
from genomlysning.bok import paket
from genomlysning.fel import FilFel, Meddelande
from genomlysning.filskrivning import replace_all
from genomlysning.kommandorad import run
from genomlysning.rapport.innehall import Rapport, Rubrik, Stycke, Tabell
from genomlysning.rapport.standardmall import find_standardmall
from genomlysning.sammanstallning import (
    arbetare,
    barn,
    bladen,
    bokvarningar,
    lasning,
    snabbok,
    tabellasning,
)
from genomlysning.sammanstallning import kommunord as o
from genomlysning.sammanstallning.kommunrader import keep_fakta, make_cell, split_namnder
from genomlysning.sammanstallning.kommunrapport import compose_kommunrapport
from genomlysning.sammanstallning.lasning import read_namndbok
from genomlysning.sammanstallning.namndbok import Avvisad
from genomlysning.sammanstallning.sammanforing import KAN_VARA_OLAST, Sammanstallning, join_bocker
from genomlysning.sammanstallning.samordning import ALLA, AVSTAMT, EJ_NAMND, INGEN_ANGIVEN
from genomlysning.sammanstallning.tal import ARLIG, EJ_LASBAR, I_SUMMAN, OBERAKNELIGT
from genomlysning.svenska import format_tal, join_nagra
from namndbocker import fill, make_bok
from ooxml import require_validator, validate
from worddokument import Avsnitt, check_tillganglighet, read_avsnitt, read_innehall

NU = datetime(2026, 11, 24)
IDAG = "2026-11-24"
KS, SOCIAL, VARD = "kommunstyrelsen", "socialnamnden", "vard-och-omsorgsnamnden"
NAMNDER = ["Kommunstyrelsen", "Socialnämnden", "Vård- och omsorgsnämnden"]
FULT = 'cmd|"!A1 {{nämnd}} { HYPERLINK "http://x" } <w:p/>_x0001_\u202eslut'


@pytest.fixture(scope="module")
def mapp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three committees' workbooks with made-up values, filled in, and a file that is broken."""
    folder, sources = tmp_path_factory.mktemp("namnder"), tmp_path_factory.mktemp("mallar")
    for number, profil in enumerate((KS, SOCIAL, VARD)):
        make_bok(profil, sources / f"{profil}.xlsx", NU, exempel=True)
        fill(sources / f"{profil}.xlsx", folder / f"{profil}.xlsx", number)
    bok = Excelredigering(folder / f"{KS}.xlsx")
    row = bok.area("InomForvaltningen")[0] + 3
    for header, text in (("Område", FULT), ("Beskrivning", "x" * 5000), ("Berör även", "Bolag A")):
        bok.put_in("InomForvaltningen", row, header, text)
    bok.save(folder / f"{KS}.xlsx")
    (folder / "trasig.xlsx").write_bytes(b"PK\x03\x04")
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request) -> None:
    monkeypatch.chdir(tmp_path)
    if "riktiga_bilder" not in request.fixturenames:  # drawing takes most of the time
        monkeypatch.setattr(rapportskrivning, "can_draw", lambda: False)


@pytest.fixture
def riktiga_bilder() -> None:
    """Let the test draw its pictures."""


@pytest.fixture(scope="module")
def joined(mapp: Path) -> Sammanstallning:
    books = [read_namndbok(mapp / f"{profil}.xlsx") for profil in (KS, SOCIAL, VARD)]
    return join_bocker(books, [], NU.date())


def collect(capsys, *arguments: object):
    """Run the command; return status, answer (or None) and what was told."""
    capsys.readouterr()
    status = run(["sammanstall", *map(str, arguments), "--json", "--idag", IDAG])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


@dataclass(frozen=True)
class Gjord:
    """A workbook and a report without pictures, made once."""

    bok: Path
    rapport: Path

    @property
    def delar(self) -> list[Avsnitt]:
        return read_avsnitt(self.rapport)

    def rader(self, tabell: str) -> list[dict]:
        return read_tabell(open_bok(self.bok), tabell)


@pytest.fixture(scope="module")
def gjord(mapp: Path, tmp_path_factory: pytest.TempPathFactory) -> Gjord:
    bok = tmp_path_factory.mktemp("gjord") / "kommun.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rapportskrivning, "can_draw", lambda: False)
        status = run(["sammanstall", "--ut", str(bok), "--rapport", str(mapp), "--idag", IDAG])
    assert status == 1
    return Gjord(bok, bok.with_suffix(".docx"))


def find(avsnitt: list[Avsnitt], rubrik: str) -> Avsnitt:
    (found,) = (a for a in avsnitt if a.rubrik == rubrik)
    return found


# ---- what it says ----------------------------------------------------------------------------


def test_the_report_has_its_chapters_and_all_committees(gjord) -> None:
    parts = gjord.delar
    chapters = [a.rubrik for a in parts if a.nummer.isdigit()]
    assert chapters == [
        o.RUBRIK_SAMMANFATTNING,
        o.RUBRIK_NAMNDER,
        o.RUBRIK_REFERENS,
        o.RUBRIK_NYCKELTAL,
        o.RUBRIK_UPPFOLJNING,
        o.RUBRIK_FLYTTAR,
        o.RUBRIK_SAMORDNING,
        o.RUBRIK_LIKA,
        o.RUBRIK_UNDERLAG,
    ]
    assert [a.rubrik for a in parts if a.nummer.startswith("6.")] == NAMNDER
    entries = read_innehall(gjord.rapport)
    # With these many committees, headings of both levels would not fit the first page.
    assert [e.split("\t")[1] for e in entries] == chapters
    for table in find(parts, o.RUBRIK_NAMNDER).tabeller:
        assert [row[0].removesuffix("\u00a01)") for row in table[1:]] == NAMNDER


def test_the_numbers_are_those_of_the_workbook(gjord) -> None:
    parts = gjord.delar
    counted = [r for r in gjord.rader("Verksamheter") if r["I summan"] == "Ja"]
    cost, goal, *_ = find(parts, o.RUBRIK_REFERENS).tabeller
    *shown, net = cost[1:]
    assert [r[0] for r in shown] == [r["Verksamhet"] for r in counted] == [r[0] for r in goal[1:]]
    amounts = [r["Avvikelse (Mkr)"] for r in counted]
    assert [r[-1] for r in shown] == [format_tal(a, 1, tecken=True) for a in amounts]
    assert net[-1] == format_tal(sum(amounts), 1, tecken=True)

    moves = gjord.rader("AllaForflyttningar")
    (sums,) = find(parts, o.RUBRIK_FLYTTAR).tabeller
    assert sums[-1][:2] == ["Summa", str(len(moves))]
    yearly = [r for r in moves if r["Räknas som"] == "Årlig"]
    low, high = (sum(r[f"{end} (tkr)"] for r in yearly) for end in ("Lägst", "Högst"))
    assert low < high
    assert "".join(sums[-1][2].split()) == f"{low:.0f}–{high:.0f}"
    for column, kind in ((5, OBERAKNELIGT), (6, EJ_LASBAR)):
        assert sums[-1][column] == str(sum(r["Räknas som"] == kind for r in moves))
    for name in NAMNDER:
        part = next(a for a in parts if a.rubrik == name and a.nummer.startswith("6."))
        own = [r for r in moves if r["Nämnd"] == name]
        assert len(part.tabeller[0]) - 1 == len(own)
        assert [r[2] for r in part.tabeller[0][1:]] == [
            r["Möjlig effektivisering"] or "–" for r in own
        ]


def test_worst_figures_come_first_and_the_rest_is_pointed_at(gjord) -> None:
    parts = gjord.delar
    rows = gjord.rader("AllaNyckeltal")
    worse = find(parts, "Sämre än liknande kommuner")
    names = [r[0] for r in worse.tabeller[0][1:]]
    bad = ("Sämre", "Över målet")
    expected = list(dict.fromkeys(r["Nyckeltal"] for r in rows if r["Bedömning"] in bad))
    assert len(names) == 15
    assert all(n.startswith(e) for n, e in zip(names, expected, strict=False))
    assert (
        f"Här visas 15 av {len(expected)} nyckeltal. Alla står på bladet Nyckeltal i kommun.xlsx."
        in (worse.texter)
    )
    better = find(parts, "Bättre än liknande kommuner").tabeller[0][1:]
    told = [r[-1].replace("\u2212", "-").replace(",", ".").split() for r in better]
    shares = [abs(float(number)) for number, _ in told]
    assert shares == sorted(shares, reverse=True)
    assert {unit for _, unit in told} == {"%", "enheter"}


def test_coordination_is_by_committee_and_others_stand_together(gjord) -> None:
    parts = gjord.delar
    concerned = [a.rubrik for a in parts if a.nummer.startswith("7.")]
    assert concerned[-2:] == ["Andra som berörs", "Utan angiven berörd"]
    assert "Vård- och omsorgsnämnden" in concerned
    assert "Kultur- och utbildningsnämnden" in concerned, "a committee without a workbook"
    (others,) = find(parts, "Andra som berörs").tabeller
    assert [r[:2] for r in others[1:]] == [["Kommunstyrelsen\nInom förvaltningen", "Bolag A"]]
    part = next(a for a in parts if a.nummer == "7.1")
    states = {cell for row in part.tabeller[0][1:] for cell in row[3].split("\n")}
    assert part.rubrik == "Kommunstyrelsen"
    assert states == {AVSTAMT, "Avstämt med: Kommunledningskontoret 2026\u201103\u201101"}


def test_what_concerns_all_comes_first_and_what_is_finished_is_left_out(joined) -> None:
    move = dict.fromkeys(k.nyckel for k in bladen.SAMORDNING.kolumner) | {"namnd": "A"}
    measure = {**move, "kapitel": "3.3", "berord": INGEN_ANGIVEN}
    states = ("Genomförd", "avbruten", "Pågår", None)
    rows = [
        {**move, "kapitel": "4.2", "berord": "Socialnämnden", "belopp": "1 mkr", "lage": AVSTAMT},
        {**move, "kapitel": "4.1", "berord": ALLA, "belopp": "2 mkr", "lage": EJ_NAMND},
        *({**measure, "status": s, "omrade": s} for s in states),
    ]
    data = replace(joined, tabeller=joined.tabeller | {bladen.SAMORDNING.namn: rows})
    blocks = compose_kommunrapport(data, "kommun.xlsx").block
    headings = [b.text for b in blocks if isinstance(b, Rubrik) and b.nummer[0] == 7][1:]
    assert headings == [ALLA, "Socialnämnden", "Utan angiven berörd"]
    tables = [b for b in blocks if isinstance(b, Tabell) and b.namn == bladen.SAMORDNING.namn]
    shown = [[cell.text for cell in row] for t in tables for row in t.rader]
    assert [r[0].split("\n")[1] for r in shown] == [
        *("Inom förvaltningen", "Kommunövergripande"),
        *["Uppföljning, under utredning"] * 2,
    ]
    assert [(r[1], r[2]) for r in shown] == [
        *(("–", "2 mkr"), ("–", "1 mkr"), ("Pågår", "–"), ("–", "–")),
    ]
    told = o.tell_samordning([{"kapitel": "4.2", "beror": None}] * 2, [*rows, rows[0]])
    assert told == (
        "2 av 2 förslag kräver samordning eller berör andra. I 2 av de 3 fall där det står vem som "
        "berörs nämns den i Avstämt med."
    )


def test_what_the_measures_have_come_to_is_told(joined) -> None:
    empty = dict.fromkeys(k.nyckel for k in bladen.UPPFOLJNING.kolumner)
    first, other = joined.bocker[0].namnd, joined.bocker[1].namnd
    outside = "Nämnd (ingår inte)"
    rows = [
        {**empty, "namnd": first, "atgard": "Växel", "uppfoljning": "Klar i maj.",
         "status": "Pågår"},
        {**empty, "namnd": first, "atgard": "Pool", "status": "Genomförd",
         "belopp": "500 tkr per år", "realiserad": "450 tkr"},
        {**empty, "namnd": other, "atgard": "Lokaler", "realiserad": "en del"},
        {**empty, "namnd": outside, "atgard": "Annat", "realiserad": "9 mkr per år"},
    ]  # fmt: skip
    data = replace(
        joined,
        tabeller=joined.tabeller | {bladen.UPPFOLJNING.namn: rows},
        utanfor=frozenset([outside]),
    )
    blocks = list(compose_kommunrapport(data, "kommun.xlsx").block)
    at = next(i for i, b in enumerate(blocks) if getattr(b, "text", "") == o.RUBRIK_UPPFOLJNING)
    assert blocks[at + 2].text.startswith(
        "Realiserad effekt är angiven med belopp för 1 av 3 åtgärder, 450\u00a0tkr per år. 1 "
        "uppgift går inte att läsa som belopp; den ingår inte. Där uppgiften inte säger"
    )
    tables = {b.namn: b for b in blocks[at:] if isinstance(b, Tabell)}
    sums = [[c.text for c in r] for r in tables["RealiseradEffekt"].rader]
    assert sums == [
        [first, "1 av 2", "450", "–", "–", "0"],
        [other, "0 av 1", "–", "–", "–", "1"],
    ]
    shown = [[c.text for c in r] for r in tables["Atgarder"].rader]
    assert shown == [
        [first, "Pool", "Genomförd", "450 tkr per år", "–"],
        [first, "Växel", "Pågår", "–", "Klar i maj."],
        [other, "Lokaler", "–", "en del", "–"],
        [outside, "Annat", "–", "9 mkr per år", "–"],
    ]


def test_how_moves_are_dealt_with_and_comments_are_notes(joined) -> None:
    tables = dict(joined.tabeller)
    moves = [dict(r) for r in tables[bladen.FORFLYTTNINGAR.namn]]
    moves[0] |= {"hanteras": "Eget ärende", "bokslut": "Klart\ni mars", "ovrigt": "Ansvar: Anna"}
    figures = [dict(r) for r in tables[bladen.NYCKELTAL.namn]]
    worst = next(r for r in figures if r["bedomning"] == "Sämre")
    worst["kommentar"] = "Vi bytte system"
    changed = {bladen.FORFLYTTNINGAR.namn: moves, bladen.NYCKELTAL.namn: figures}
    data = replace(joined, tabeller=tables | changed)
    found = list(compose_kommunrapport(data, "kommun.xlsx").tabeller())
    notes = [n for t in found if t.namn == bladen.FORFLYTTNINGAR.namn for n in t.noter]
    told = "Hanteras som: Eget ärende. Läge vid årsbokslut: Klart\ni mars. Ansvar: Anna."
    assert notes[0] == told
    [samre] = [t for t in found if t.namn == "Samre"]
    assert any(n.startswith("Kommentar") and n.endswith("Vi bytte system.") for n in samre.noter)


def test_what_to_do_about_a_file_is_not_in_the_report() -> None:
    readers = (arbetare, barn, bokvarningar, lasning, paket, snabbok, tabellasning)
    messages = [m for r in readers for m in vars(r).values() if isinstance(m, Meddelande)]
    for m in (*messages, sammanstall.BLANDAD_EXEMPEL):
        whole, fact = (
            t.format_map(defaultdict(lambda: "X")) for t in (f"{m.text} {m.atgard}", m.text)
        )
        assert keep_fakta(whole) == keep_fakta(fact)
        assert keep_fakta(fact)[:20] == fact[:20]


def test_cells_are_not_in_the_report() -> None:
    told = (
        "A.xlsx: 1 rad ser ut som en summa, och räknas inte (4.1 Inom förvaltningen!A10). Ta bort."
    )
    assert keep_fakta(told) == "A.xlsx: 1 rad ser ut som en summa, och räknas inte."
    told = "Raderna under rubrikerna i 4.1 Inom förvaltningen!A10 är lästa. Kontrollera det."
    assert keep_fakta(told) == "Raderna under rubrikerna är lästa."
    assert keep_fakta("1 rad har också lästs (rad 12–13).") == "1 rad har också lästs."
    assert keep_fakta("Läs mig.xlsx gäller Mark. Öppna den.") == "Läs mig.xlsx gäller Mark."


def test_what_is_missing_comes_first_and_on_every_page(gjord) -> None:
    parts = gjord.delar
    document = docx.Document(str(gjord.rapport))
    texts = [(p.style.name.lower(), p.text) for p in document.paragraphs]
    warned = next(i for i, (style, _) in enumerate(texts) if style == "genomlysning varning")
    contents = next(i for i, (style, _) in enumerate(texts) if style == "toc heading")
    assert warned < contents
    assert texts[warned][1].startswith("OFULLSTÄNDIG: 1 fil är inte med (trasig.xlsx).")
    assert "Barn- och ungdomsnämnden" in texts[warned][1]
    header = "\n".join(p.text for p in document.sections[0].header.paragraphs)
    assert "OFULLSTÄNDIG: 1 fil är inte med" in header
    assert "EXEMPELDATA" in header
    told = [
        header,
        *(t for _, t in texts),
        *(c for a in parts for t in a.tabeller for r in t for c in r),
    ]
    assert not [t for t in told if "Alla nämnder" in t or "hela kommunen" in t]
    assert any(KAN_VARA_OLAST in t for t in find(parts, "Nämnder utan arbetsbok").texter)
    refused = find(parts, "Filer som inte är med")
    assert any("trasig.xlsx är skadad" in text for text in refused.texter)


def forst(rapport: Rapport) -> str:
    return " ".join(s.text for s in rapport.forst)


def test_the_warning_is_no_louder_than_it_must_be(joined) -> None:
    whole = replace(joined, saknade=())
    rapport = compose_kommunrapport(whole, "kommun.xlsx")
    assert (rapport.forst, rapport.sidmarke) == ((), "")
    rapport = compose_kommunrapport(joined, "kommun.xlsx")
    assert forst(rapport).startswith("KAN VARA OFULLSTÄNDIG: Ingen arbetsbok finns från")
    assert rapport.sidmarke == ""
    marked = replace(whole, utanfor=frozenset(["Socialnämnden"]))
    (opening,) = (
        b.text
        for b in compose_kommunrapport(marked, "kommun.xlsx").block
        if isinstance(b, Stycke) and b.text.startswith("Här är")
    )
    assert opening.startswith("Här är 2 nämnders genomlysningar")
    assert opening.endswith("och de räknas inte i kommunens tal.")
    assert "inte i kommunens tal: Socialnämnden (Exempelkommun 2025)." in (
        forst(compose_kommunrapport(marked, "kommun.xlsx"))
    )
    refused = tuple(Avvisad(f"{n}.xlsx", f"{n} är trasig.") for n in range(20))
    rapport = compose_kommunrapport(replace(whole, avvisade=refused), "kommun.xlsx")
    assert "20 filer är inte med (0.xlsx" in forst(rapport)
    assert "och 12 till" in forst(rapport)


def test_a_file_that_says_no_year_is_not_said_to_be_outside_the_numbers(joined) -> None:
    first, *books = joined.bocker
    data = join_bocker([replace(first, year=None), *books], [], NU.date())
    told = o.tell_forst(replace(data, saknade=()))
    assert (data.utanfor, "Annat år" in told) == (frozenset(), False)
    assert f"saknas i filen från {first.namnd}: förslagen är med i summorna" in told
    assert sum(r["namnd"] == first.namnd for r in data.egna(bladen.FORFLYTTNINGAR)) > 0


def test_a_municipality_without_anything_filled_in_still_gets_a_report(joined) -> None:
    empty = replace(joined, tabeller={name: [] for name in joined.tabeller})
    rapport = compose_kommunrapport(empty, "kommun.xlsx")
    assert Stycke(bladen.UTAN_RADER[bladen.FORFLYTTNINGAR.namn]) in rapport.block
    chapters = [b.nummer[0] for b in rapport.block if isinstance(b, Rubrik) and len(b.nummer) == 1]
    assert chapters == list(range(1, len(chapters) + 1))
    assert o.RUBRIK_LIKA not in [b.text for b in rapport.block if isinstance(b, Rubrik)]


def test_committees_that_cannot_be_judged_stand_apart() -> None:
    committees = [{"namnd": n, "verksamheter": 2} for n in "ABC"]
    answers = {"A": ("Ja", "Nej"), "B": ("Nej", "Kan inte bedömas"), "C": ("Kan inte bedömas",) * 2}
    reported = [{"namnd": n, "inom": s, "battre": s} for n, own in answers.items() for s in own]
    costs, results = o.tell_kostnader(committees, reported)
    assert costs.endswith("verksamhet hos 1 nämnd (B). Det kan inte bedömas hos 1 nämnd (C).")
    assert "i en del av verksamheterna hos 1 nämnd (A) och inte i någon som kan" in results
    costs, _ = o.tell_kostnader(committees[2:], reported)
    assert costs == ("Om kostnaden ligger inom referenskostnaden kan inte bedömas hos 1 nämnd (C).")


def test_what_is_not_in_the_sum_is_told_by_its_reason() -> None:
    counts = {OBERAKNELIGT: 3, EJ_LASBAR: 2}
    rows = [
        {"namnd": "A", "raknas": kind, "summan": I_SUMMAN[kind], "lagst": None, "hogst": None}
        for kind, count in counts.items()
        for _ in range(count)
    ]
    told = "3 förslag går enligt nämnden inte att beräkna och 2 belopp går inte att läsa; de ingår"
    assert told in o.tell_flyttar(rows)
    assert " 1 belopp går inte att läsa; det ingår inte." in o.tell_flyttar(rows[-1:])
    read = {"raknas": ARLIG, "summan": "Ja", "lagst": 1.0, "hogst": 2.0}
    assert o.FLERA_GANGER not in o.tell_flyttar([{**read, "namnd": "A"}] * 2)
    assert o.FLERA_GANGER in o.tell_flyttar([{**read, "namnd": n} for n in "AB"])


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    met = {"summan": "Ja", "verksamhet": "LSS"}
    yes, no, unknown = ({**met, "uppfyller": w} for w in ("Ja", "Nej", "Kan inte bedömas"))
    assert o.tell_mal([yes]) == ("Den enda verksamheten med referenskostnad uppfyller målet (LSS).")
    assert o.tell_mal([yes, no]) == (
        "1 av 2 verksamheter uppfyller målet (LSS) och 1 gör det inte."
    )
    assert o.tell_mal([no, unknown]) == (
        "Ingen av 2 verksamheter uppfyller målet, 1 gör det inte och 1 kan inte bedömas."
    )
    assert "1 kostnad är lägre" in o.tell_nyckeltal({"Lägre": 1}, [])
    assert [join_nagra("abcd"[:n], 2) for n in (3, 4)] == ["a, b och c", "a, b och 2 till"]


def test_dates_in_cells_are_on_one_line_and_numbers_are_left() -> None:
    assert make_cell("BUN 2026-02-20, 1-2").text == "BUN 2026\u201102\u201120, 1-2"


def test_many_committees_do_not_fill_a_cell(joined) -> None:
    names = [f"Nämnden för a, b och {n}" for n in range(10)]
    rows = joined.tabeller[bladen.NYCKELTAL.namn]
    figures = [{**rows[0], "bedomning": "Sämre", "namnd": n} for n in names]
    cost = {"summan": "Ja", "mkr": 1.0, "namnder": ", ".join(names), "anmarkning": ""}
    costs = [{k.nyckel: None for k in bladen.VERKSAMHETER.kolumner} | cost]
    tables = {bladen.NYCKELTAL.namn: figures, bladen.VERKSAMHETER.namn: costs}
    tables[bladen.NAMNDER.namn] = [
        {**joined.tabeller[bladen.NAMNDER.namn][0], "namnd": n} for n in names
    ]
    rapport = compose_kommunrapport(
        replace(joined, tabeller=joined.tabeller | tables), "kommun.xlsx"
    )
    for table in ("Samre", "Mal"):
        (found,) = (b for b in rapport.block if isinstance(b, Tabell) and b.namn == table)
        assert found.rader[0][1].text == f"{', '.join(names[:3])} och 7 till"
    assert split_namnder("A, x, A", ["A, x", "A"]) == ["A, x", "A"]


# ---- how it is written -----------------------------------------------------------------------


@pytest.mark.usefixtures("riktiga_bilder")
def test_the_document_is_accessible(capsys, mapp) -> None:
    status, answer, err = collect(capsys, "--ut", "kommun.xlsx", "--rapport", mapp)
    assert (status, answer["rapport"], answer["pdf"]) == (1, "kommun.docx", None), err
    assert "inga diagram" not in err
    document = docx.Document("kommun.docx")
    check_tillganglighet(document)
    assert document.core_properties.title == (
        "Genomlysning 2026–2027 – De nämnder vars filer är med, Exempelkommun"
    )
    bars, deviations = [p.get("descr") for p in document.element.iter(qn("wp:docPr"))]
    assert all(name in bars for name in NAMNDER)
    assert "Äldreomsorg +9,4" in deviations


def test_open_xml_is_valid(gjord) -> None:
    require_validator()
    assert validate(gjord.rapport) == []


def test_text_from_the_files_is_only_text(gjord) -> None:
    parts = gjord.delar
    part = next(a for a in parts if a.nummer == "6.1")
    cell = next(r[0] for r in part.tabeller[0] if r[0].startswith("cmd"))
    area, text = cell.split("\n")
    assert area == 'cmd|"!A1 {{nämnd}} { HYPERLINK "http://x" } <w:p/>slut:'
    assert text == "x" * 2000 + " … (förkortat; hela texten står i arbetsboken)"
    document = docx.Document(str(gjord.rapport))
    fields = {t.text.split()[0] for t in document.element.iter(qn("w:instrText"))}
    assert fields == {"TOC", "PAGEREF", "SEQ"}
    links = [h.get(qn("r:id")) for h in document.element.iter(qn("w:hyperlink"))]
    assert set(links) == {None}, "only within the document"


def test_an_older_report_is_kept_and_the_name_is_chosen(capsys, mapp) -> None:
    Path("r.docx").write_bytes(b"gammal")
    status, answer, err = collect(capsys, mapp, "--ut", "kommun.xlsx", "--rapport", "r.docx")
    assert (status, answer["rapport"]) == (1, "r.docx")
    assert Path(f"r (tidigare {IDAG}).docx").read_bytes() == b"gammal"
    assert "Den är sparad som" in err
    assert "Rapporten har inga diagram" in err
    kept = f"r (tidigare {IDAG}).docx"
    assert {p.name for p in Path().iterdir()} == {kept, "kommun.xlsx", "r.docx"}


def test_without_the_option_no_report_is_written(capsys, mapp) -> None:
    _, answer, _ = collect(capsys, mapp, "--ut", "kommun.xlsx")
    assert (answer["rapport"], answer["pdf"]) == (None, None)
    assert [p.name for p in Path().iterdir()] == ["kommun.xlsx"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pdf"], "--pdf gäller rapporten, som inte är beställd. Lägg till --rapport."),
        (["--mall", "egen.docx"], "--mall gäller rapporten"),
        (["--rapport", "r.pdf"], "bara skrivas som .docx, inte ”r.pdf”"),
        (["--rapport=kommun.xlsx"], "bara skrivas som .docx, inte ”kommun.xlsx”"),
        (["--rapport", "egen.docx", "--mall", "egen.docx"], "inte skrivas över mallen"),
        (["--rapport", "egen.docx", "egen.docx"], "egen.docx, som är en annan av filerna"),
        (["--rapport", "--mall", "egen.docx"], "ett första kapitel om en nämnd"),
        (["--rapport", "--mall", "annan.docx"], "Mallen annan.docx finns inte"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_written(capsys, mapp, arguments, words) -> None:
    document = docx.Document()
    document.add_paragraph("{{kapitel 2–4}}")
    document.save("egen.docx")
    before = Path("egen.docx").read_bytes()
    status, answer, err = collect(capsys, mapp, "--ut", "kommun.xlsx", *arguments)
    assert status in (2, 4)
    assert answer is None
    assert words in err
    assert [p.name for p in Path().iterdir()] == ["egen.docx"]
    assert Path("egen.docx").read_bytes() == before


def test_a_template_of_the_municipality_is_used(capsys, mapp) -> None:
    document = docx.Document(str(find_standardmall()))
    document.paragraphs[0].insert_paragraph_before("Antagna ord om {{kommun}}")
    document.save("egen.docx")
    collect(capsys, mapp, "--ut", "kommun.xlsx", "--rapport", "--mall", "egen.docx")
    assert read_avsnitt(Path("kommun.docx"))[0].texter[0] == "Antagna ord om Exempelkommun"


def test_a_report_that_fails_leaves_neither_file(capsys, mapp, monkeypatch) -> None:
    Path("kommun.xlsx").write_bytes(b"gammal")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "full")

    monkeypatch.setattr(rapportskrivning, "write_rapport", fail)
    status, _, err = collect(capsys, mapp, "--ut", "kommun.xlsx", "--rapport")
    assert status == 4
    assert "kommun.docx kunde inte skrivas (disken är full)" in err
    assert [p.name for p in Path().iterdir()] == ["kommun.xlsx"]
    assert Path("kommun.xlsx").read_bytes() == b"gammal"


@pytest.mark.parametrize("old", [True, False])
def test_files_that_belong_together_take_their_places_or_none_does(monkeypatch, old) -> None:
    first, second = Path("a.docx"), Path("b.xlsx")
    if old:
        first.write_bytes(b"gammal a")
    second.write_bytes(b"gammal b")
    replace_file = filskrivning.os.replace

    def refuse(source: Path, target: Path) -> None:
        if target == second:
            raise PermissionError(13, "")
        replace_file(source, target)

    monkeypatch.setattr(filskrivning.os, "replace", refuse)
    with pytest.raises(FilFel, match=r"b\.xlsx kunde inte skrivas"):
        replace_all([(f, lambda t: t.write_bytes(b"ny")) for f in (first, second)], date.today())
    left = {p.name: p.read_bytes() for p in Path().iterdir()}
    assert left == {"b.xlsx": b"gammal b", **({"a.docx": b"gammal a"} if old else {})}


def test_a_pdf_that_fails_leaves_the_others(capsys, mapp, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise FilFel(pdf.PDF_MISSLYCKADES, fil="rapport.docx", orsak="felkod 1")

    monkeypatch.setattr(pdf, "require_libreoffice", lambda: "")
    monkeypatch.setattr(rapportskrivning, "convert_to_pdf", fail)
    files = [mapp / f"{profil}.xlsx" for profil in (SOCIAL, VARD)]
    status, answer, err = collect(capsys, *files, "--ut", "kommun.xlsx", "--rapport", "--pdf")
    assert (status, answer["rapport"], answer["pdf"]) == (1, "kommun.docx", None)
    assert "Rapporten är skriven, men ingen PDF. LibreOffice kunde inte" in err
    assert {p.name for p in Path().iterdir()} == {"kommun.xlsx", "kommun.docx"}
