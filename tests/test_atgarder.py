"""What people write about measures and moves reaches the report; its sums say what they bear."""

import io
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from excelredigering import Excelredigering
from genomlysning import rapportskrivning
from genomlysning.bok.beskrivning import (
    FORFLYTTNINGSBLAD,
    JAMFORELSER,
    LISTOR,
    OVER_TID,
    UPPFOLJNINGSBLAD,
    find_tabell,
)
from genomlysning.bok.plan import plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.bok.ursprung import find_realiserad_effekt
from genomlysning.kommandorad import run
from genomlysning.rapport.atgarder import tell_status
from genomlysning.rapport.beloppsord import sum_lage, sum_utfall, tell_belopp, with_effekt
from genomlysning.rapport.bokdata import Bokrad
from genomlysning.regler.pengar import format_belopp
from genomlysning.skapa import collect_exempel
from worddokument import Avsnitt, read_avsnitt

BOK, DOCX = Path("bok.xlsx"), Path("rapport.docx")
UPPFOLJNINGAR = tuple(b.tabeller[0].namn for b in UPPFOLJNINGSBLAD)
FORFLYTTNINGAR = tuple(b.tabeller[0].namn for b in FORFLYTTNINGSBLAD)
MADE: list[bytes] = []


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rapportskrivning, "can_draw", lambda: False)
    if not MADE:
        memory = io.BytesIO()
        underlag = collect_exempel("generell", None, datetime(2026, 11, 24)).underlag
        write_bok(plan_bok(underlag), memory)
        MADE.append(memory.getvalue())
    BOK.write_bytes(MADE[0])


def fill(rows: dict[str, list[dict[str, object]]], **names: object) -> None:
    """Write rows of measures in the workbook, by header, and settings or texts by name."""
    bok = Excelredigering(BOK)
    for table, lines in rows.items():
        for nr, line in enumerate(lines, start=bok.area(table)[0] + 1):
            for header, value in line.items():
                bok.put_in(table, nr, header, value)
    for name, value in names.items():
        bok.put_name(name, value)
    bok.save(BOK)


def report(capsys: pytest.CaptureFixture[str]) -> tuple[list[Avsnitt], str]:
    capsys.readouterr()
    status = run(["rapport", str(BOK), "--ut", str(DOCX), "--idag", "2026-11-24"])
    _, err = capsys.readouterr()
    assert status == 0, err
    return read_avsnitt(DOCX), err


def find(parts: list[Avsnitt], nummer: str) -> Avsnitt:
    return next(a for a in parts if a.nummer == nummer)


def whole_text() -> str:
    body = docx.Document(str(DOCX)).element.body
    paragraphs = ("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))
    return "\n".join(paragraphs)


# ---- everything that people write ------------------------------------------------------------


def test_every_cell_that_a_person_writes_is_in_the_report(capsys):
    """Each with words of its own: every column, one of the person's own, and a row below."""
    bok = Excelredigering(BOK)
    words = (f"Ord{n}x" for n in count())
    written = []
    for table in (*UPPFOLJNINGAR, *FORFLYTTNINGAR, *JAMFORELSER, *OVER_TID):
        last_header = find_tabell(table).kolumner[-1].rubrik
        bok.insert_column(table, last_header, "Ansvarig")
        theirs = [k.rubrik for k in find_tabell(table).kolumner if k.ifylls]
        first, _, last, _ = bok.area(table)
        below = [last + 1] if table in (*UPPFOLJNINGAR, *FORFLYTTNINGAR) else []
        for nr in (first + 1, *below):
            for header in (*theirs, "Ansvarig"):
                bok.put_in(table, nr, header, word := next(words))
                written.append(word)
    # A row with nothing but what the template has no column for.
    first = bok.area("KortSikt")[0]
    bok.put_in("KortSikt", first + 2, "Kräver samordning", "Ja")
    bok.put_in("KortSikt", first + 3, "Ansvarig", word := next(words))
    bok.save(BOK)
    parts, err = report(capsys)
    text = whole_text()
    assert [w for w in (*written, word) if w not in text] == []
    assert "1 rad direkt under tabellen på bladet 3.1 Kort sikt räknas in i den" in err
    assert [r[0] for r in find(parts, "3.1").tabeller[0][2:4]] == ["–\u00a02)", "–\u00a03)"]
    assert any("Kräver samordning: Ja." in t for t in find(parts, "3.1").texter)


def test_what_stands_outside_the_tables_is_told_and_left_out(capsys):
    bok = Excelredigering(BOK)
    bok.put("4.1 Inom förvaltningen", "B20", "Fråga ekonomen")
    bok.put("4.1 Inom förvaltningen", "A20", "Summa")
    bok.put("3.2 Lång sikt", "K7", "Egen lapp")
    bok.save(BOK)
    _, err = report(capsys)
    assert "A20 och B20 på bladet 4.1 Inom förvaltningen är inte med" in err
    assert "K7 på bladet 3.2 Lång sikt är inte med" in err
    assert "Fråga ekonomen" not in whole_text()


def test_an_empty_follow_up_is_filled_from_status_and_effect(capsys):
    fill(
        {
            "KortSikt": [
                {"Åtgärd": "Pool", "Möjlig effektivisering": "500 tkr per år",
                 "Genomförandestatus": "Genomförd", "Realiserad effekt": "450 tkr"},
                {"Åtgärd": "E-tjänst", "Uppföljning": "Pågår", "Genomförandestatus": "Pågår"},
                {"Åtgärd": "Lokaler", "Uppföljning": "Två är lämnade.",
                 "Genomförandestatus": "Pågår", "Realiserad effekt": "1,6 mkr"},
                {"Åtgärd": "Kö"},
                {"Åtgärd": "Arkiv", "Realiserad effekt": "0,2 mkr/år"},
            ]
        }
    )  # fmt: skip
    part = find(report(capsys)[0], "3.1")
    assert [r[3] for r in part.tabeller[0][1:]] == [
        "Genomförd. Realiserad effekt: 450 tkr per år.\u00a01)",
        "Pågår",
        "Två är lämnade.",
        "–",
        "Realiserad effekt: 0,2 mkr/år.\u00a03)",
    ]
    assert [t for t in part.texter if t[:1].isdigit()] == [
        "1) Ur Genomförandestatus och Realiserad effekt i nämndens arbetsbok.",
        "2) Genomförandestatus: Pågår. Realiserad effekt: 1,6 mkr.",
        "3) Ur Realiserad effekt i nämndens arbetsbok.",
    ]
    opening = find(report(capsys)[0], "3").texter[1]
    assert opening == (
        "Uppföljningen gäller 5 åtgärder: 2 pågår, 1 är genomförd och 2 saknar "
        "genomförandestatus. Realiserad effekt är angiven med belopp för 3 av 5 åtgärder, "
        "tillsammans 650\u00a0tkr per år och 1,6\u00a0Mkr utan uppgift om årligt eller engång. Där "
        "uppgiften inte säger om det är per år eller en gång gäller det som står om åtgärdens "
        "möjliga effektivisering."
    )


def test_what_a_missing_column_would_have_held_stands_in_the_note(capsys):
    fill(
        {
            "InomForvaltningen": [{"Område": "A", "Effekt": "Årlig"}],
            "KortSikt": [{"Åtgärd": "B", "Genomförandestatus": "Avbruten"}],
        }
    )
    bok = Excelredigering(BOK)
    bok.delete_column("InomForvaltningen", "Möjlig effektivisering")
    bok.delete_column("KortSikt", "Uppföljning")
    bok.save(BOK)
    parts, _ = report(capsys)
    assert "1) Effekt: Årlig." in find(parts, "4.1").texter
    assert "1) Genomförandestatus: Avbruten." in find(parts, "3.1").texter


def test_notes_far_from_their_rows_name_them(capsys):
    rows = [{"Område": f"Del {i}", "Hanteras som": "Eget ärende"} for i in range(9)]
    fill({"InomForvaltningen": rows[:8]})
    told = find(report(capsys)[0], "4.1").texter
    assert "1) Hanteras som: Eget ärende." in told
    fill({"InomForvaltningen": rows})
    told = find(report(capsys)[0], "4.1").texter
    assert [t for t in told if ")" in t] == [
        f"{i + 1}) Del {i}. Hanteras som: Eget ärende." for i in range(9)
    ]


def test_moves_open_with_their_sum_and_the_reasons(capsys):
    fill(
        {
            "InomForvaltningen": [
                {"Område": "A", "Möjlig effektivisering": "0,5–1 mkr", "Effekt": "Årlig",
                 "Hanteras som": "Eget ärende", "Avstämt med": 46100.0},
                {"Område": "B", "Möjlig effektivisering": "mycket", "Effekt": "Årlig"},
                {"Område": "Summa", "Möjlig effektivisering": "9 mkr"},
            ],
            "Kommunovergripande": [
                {"Område": "C", "Möjlig effektivisering": "3 mkr", "Effekt": "Engång"},
                {"Område": "D", "Möjlig effektivisering": "går inte att beräkna"},
                {"Område": "E"},
            ],
        },
        Forflyttningsskal="Därför att analysen visar det.\n- lokaler",
    )  # fmt: skip
    parts, _ = report(capsys)
    texts = find(parts, "4").texter
    assert texts[2:] == [
        "Möjlig effektivisering är angiven med belopp för 2 av 5 förflyttningar, tillsammans "
        "0,5–1,0\u00a0Mkr per år och 3\u00a0Mkr en gång. 1 förflyttning går enligt nämnden inte "
        "att beräkna och 1 uppgift går inte att läsa som belopp; de ingår inte. Det är vad nämnden "
        "vill undersöka, inte beslutade besparingar.",
        "Därför att analysen visar det.",
        "lokaler",
    ]
    rows = [r[2] for n in ("4.1", "4.2") for r in find(parts, n).tabeller[0][1:]]
    assert rows == [
        *("0,5–1 mkr per år", "mycket (Effekt: Årlig)", "9 mkr"),
        *("3 mkr, engång", "går inte att beräkna", "–"),
    ]


def test_reasons_that_are_not_written_are_asked_for_where_there_is_room_for_them(capsys):
    moves = {"InomForvaltningen": [{"Område": "A"}]}
    fill(moves)
    parts, err = report(capsys)
    assert "Texten om varför det blev dessa förflyttningar är inte skriven" in err
    assert find(parts, "4").texter[-1].startswith("[Varför det blev dessa förflyttningar")


def test_a_workbook_of_an_earlier_form_is_not_asked_for_what_it_has_no_room_for(capsys):
    fill({"InomForvaltningen": [{"Område": "A"}]}, Ordningstal=2.0)
    bok = Excelredigering(BOK)
    for name in list(bok.root("xl/workbook.xml").iter()):
        if name.get("name", "").startswith(("Forflyttningsskal", "ForraAntagen")):
            name.getparent().remove(name)
    bok.save(BOK)
    parts, err = report(capsys)
    assert "det blev dessa" not in err + whole_text()
    assert "Den föregående är från 2025." in find(parts, "1.1").texter[-1]


def test_comments_stand_below_their_table(capsys):
    bok = Excelredigering(BOK)
    row = bok.area("Kvalitet")[0] + 1
    bok.put_in("Kvalitet", row, "Kommentar", "Vi bytte arbetssätt 2023")
    bok.save(BOK)
    part = find(report(capsys)[0], "2.3")
    assert any(t.endswith("Kommentar: Vi bytte arbetssätt 2023.") for t in part.texter)
    assert part.tabeller[0][1][0].endswith(")")


# ---- the former genomlysning -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            {"Ordningstal": 2.0, "ForraAret": 2025.0, "ForraAntagenDatum": 45735.0,
             "ForraAntagenParagraf": "9"},
            "Den föregående är från 2025, antogs den 19\u00a0mars 2025, §\u00a09, och ledde till 2 "
            "åtgärder, som följs upp i kapitel 3 tillsammans med 2 andra.",
        ),
        (
            {"Ordningstal": 2.0, "ForraAret": 2025.0},
            "Den föregående är från 2025 och ledde till 2 åtgärder, som följs upp i kapitel 3 "
            "tillsammans med 2 andra.",
        ),
        (
            {"ForraAret": None, "ForraAntagenDatum": "i mars 2025"},
            "Den föregående antogs i mars 2025, och ledde till 3 åtgärder, som följs upp i kapitel "
            "3 tillsammans med 1 andra.",
        ),
        ({"Ordningstal": 2.0, "ForraAret": 2019.0}, "Den föregående är från 2019 och ledde till 1 "
         "åtgärd, som följs upp i kapitel 3 tillsammans med 3 andra."),
        # A paragraph alone says nothing, and a first one has none before it.
        ({"ForraAntagenParagraf": "9"}, ""),
        ({"Ordningstal": 1.0, "ForraAntagenDatum": 45735.0}, ""),
    ],
)  # fmt: skip
def test_the_former_is_told_as_far_as_it_is_known(capsys, names, told):
    origins = (None, "Genomlysning 2025–2026, 4.1", "Genomlysning 2023, 4.2", "Budget 2025")
    rows = [{"Åtgärd": f"Å{i}", "Ursprung": origin} for i, origin in enumerate(origins)]
    fill({"LangSikt": rows}, **names)
    text = find(report(capsys)[0], "1.1").texter[-1]
    assert told in text if told else "föregående" not in text


def test_a_former_without_measures_led_to_none_that_are_told(capsys):
    fill({}, Ordningstal=2.0, ForraAret=2025.0, ForraAntagenDatum=45735.0)
    text = find(report(capsys)[0], "1.1").texter[-1]
    assert text.endswith("Den föregående är från 2025 och antogs den 19\u00a0mars 2025.")


# ---- sentences -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("belopp", "effekt", "shown"),
    [
        ("500 tkr", "Årlig", "500 tkr per år"),
        ("500 tkr.", "årlig", "500 tkr per år"),
        ("3 mkr", "Engång", "3 mkr, engång"),
        ("3 mkr", None, "3 mkr"),
        ("3 mkr per år", "Årlig", "3 mkr per år"),
        ("3 mkr per år", "Engång", "3 mkr per år (Effekt: Engång)"),
        ("3 mkr", "Vet ej", "3 mkr (Effekt: Vet ej)"),
        ("3", "Årlig", "3 (Effekt: Årlig)"),
        ("", "Årlig", "Effekt: Årlig"),
        ("", None, ""),
    ],
)
def test_yearly_or_one_off_stands_with_the_amount(belopp, effekt, shown):
    assert with_effekt(belopp, effekt) == shown


@pytest.mark.parametrize(
    ("realiserad", "belopp", "ursprung", "effekt"),
    [
        ("450 tkr", "500 tkr per år", None, "Årlig"),
        ("450 tkr", "500 tkr", "Genomlysning 2025, 4.1\nEffekt: Engång", "Engång"),
        # The measure's own amount has been written since it was a move.
        ("450 tkr", "500 tkr engång", "Genomlysning 2025, 4.1\nEffekt: Årlig", "Engång"),
        ("450 tkr en gång", "500 tkr per år", None, None),
        ("450 tkr", "500 tkr", None, None),
        ("en del", "500 tkr per år", None, None),
        (None, "500 tkr per år", None, None),
    ],
)
def test_a_realised_amount_is_of_its_measures_kind(realiserad, belopp, ursprung, effekt):
    assert find_realiserad_effekt(realiserad, belopp, ursprung) == effekt


VAD = ("Realiserad effekt", "åtgärd", "åtgärder")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["450 tkr per år"], "Realiserad effekt är 450\u00a0tkr per år."),
        (["0 kr"], "Realiserad effekt är 0\u00a0kr."),
        (["mycket"], "Realiserad effekt går inte att läsa som belopp."),
        (["går inte att beräkna"], "Realiserad effekt går enligt nämnden inte att beräkna."),
        ([None], "Realiserad effekt är inte angiven."),
        ([None, " "], "Realiserad effekt är inte angiven med belopp för någon åtgärd."),
        (
            ["mycket", "kan ej beräknas", 500.0],
            "Realiserad effekt är inte angiven med belopp för någon åtgärd: 1 åtgärd går enligt "
            "nämnden inte att beräkna och 2 uppgifter går inte att läsa som belopp.",
        ),
        (
            ["1 mkr", "1 mkr", "0 kr"],
            "Realiserad effekt är angiven med belopp för alla 3 åtgärder, tillsammans 2\u00a0Mkr "
            "utan uppgift om årligt eller engång.",
        ),
        (
            ["1 mkr per år", None],
            "Realiserad effekt är angiven med belopp för 1 av 2 åtgärder, 1\u00a0Mkr per år.",
        ),
        (
            ["1 mkr per år", "x"],
            "Realiserad effekt är angiven med belopp för 1 av 2 åtgärder, 1\u00a0Mkr per år. 1 "
            "uppgift går inte att läsa som belopp; den ingår inte.",
        ),
    ],
)
def test_a_sum_says_what_it_is_of_and_what_is_not_in_it(rows, told):
    assert tell_belopp(sum_lage((r, None) for r in rows), *VAD) == told


#: What people write, with what it comes to: kronor, and how often.
SKRIVET = {
    "500 tkr per år": (500_000, "per år"),
    "1,5 mkr engång": (1_500_000, "en gång"),
    "2 mkr": (2_000_000, ""),
    "0 kr": (0, ""),
    "0 kr per år": (0, "per år"),
}
OLASLIGA = ("mycket", "går inte att beräkna", "minst 1 mkr", 500.0)


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*SKRIVET, *OLASLIGA, None, ""]), min_size=1, max_size=12))
def test_no_sum_says_more_than_a_plain_reckoning_does(rows):
    told = tell_belopp(sum_lage((r, None) for r in rows), *VAD)
    known = [SKRIVET[r] for r in rows if r in SKRIVET]
    for how, words in (("per år", "per år"), ("en gång", "en gång"), ("", "utan uppgift")):
        total = sum(amount for amount, kind in known if kind == how)
        amount = format_belopp(Decimal(total), Decimal(total)).replace("mkr", "Mkr")
        assert (f"{amount} {words}" in told) == bool(total)
    lacking = [r for r in rows if r in OLASLIGA]
    if len(rows) > 1:
        assert (f"{len(known)} av {len(rows)} åtgärder" in told) == (0 < len(known) < len(rows))
        assert (f"alla {len(rows)} åtgärder" in told) == (len(known) == len(rows))
        assert ("någon åtgärd" in told) == (not known)
        assert ("ingår inte" in told) == bool(known and lacking)


def test_amounts_that_are_taken_for_yearly_are_counted():
    rows = [("450 tkr", "500 tkr per år", None), ("1 mkr", None, None), ("0 kr", "1 mkr/år", None)]
    total = sum_utfall(rows)
    assert (total.summa.arlig_hogst, total.summa.ej_angivet_hogst) == (450_000, 1_000_000)
    assert (total.rader, total.antagna) == (3, 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Genomförd"], "Uppföljningen gäller en åtgärd, som är genomförd."),
        ([None], "Uppföljningen gäller en åtgärd, som saknar genomförandestatus."),
        (["pågår ", "Pågår."], "Uppföljningen gäller 2 åtgärder: 2 pågår."),
        (
            [*LISTOR["genomforandestatus"], "Vilande", None],
            "Uppföljningen gäller 6 åtgärder: 1 är inte påbörjad, 1 pågår, 1 är genomförd, 1 är "
            "avbruten, 1 har en annan status och 1 saknar genomförandestatus.",
        ),
    ],
)
def test_how_far_the_measures_have_come_is_told_in_words(words, told):
    assert tell_status([Bokrad({"status": w}) for w in words]) == told
