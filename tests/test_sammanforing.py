"""How committees' rows become the municipality's: what is counted, and whose it is."""

from datetime import date, datetime
from pathlib import Path

import pytest

from arbetsbok import find_text, open_bok, read_tabell
from genomlysning.bok.beskrivning import UPPFOLJNINGSBLAD as NAMNDENS_UPPFOLJNINGSBLAD
from genomlysning.bok.radhojd import count_lines
from genomlysning.profil import list_profiler, load_profil
from genomlysning.regler.bedomning import Toleranser
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning.arbetare import name_filer
from genomlysning.sammanstallning.kommunkostnad import OKANT_UNDERLAG, OLIKA_VARDEN
from genomlysning.sammanstallning.namndbok import Avvisad, Namndbok, decode_svar, encode_svar
from genomlysning.sammanstallning.sammanforing import KAN_VARA_OLAST, join_bocker
from genomlysning.sammanstallning.samordning import AVSTAMT, EJ_NAMND, MEST_PAR
from genomlysning.sammanstallning.skriv import write_sammanstallning
from genomlysning.sammanstallning.tal import ARLIG, ENGANG, sum_flyttar, sum_referens

IDAG = date(2026, 11, 24)
NEJ = "går inte att beräkna"
FLYTT = {
    "omrade": "Lokaler",
    "beskrivning": "Färre lokaler för förskolan",
    "belopp": "5 mkr per år",
}


def make_bok(namnd: str = "Socialnämnden", **falt) -> Namndbok:
    plain = {
        "fil": f"{namnd}.xlsx",
        "kommun": "Mark",
        "profil": "",
        "year": 2025,
        "period": "2026–2027",
        "antagen": "",
        "hamtad": IDAG,
        "exempel": False,
        "tabeller": {"InomForvaltningen": (FLYTT,)},
    }
    return Namndbok(namnd=namnd, **{**plain, **falt})


def make_kostnad(mkr: float | None, **falt) -> dict:
    return {"Referenskostnad": ({"verksamhet": "LSS", "mkr": mkr, "procent": mkr, **falt},)}


def join(*bocker: Namndbok):
    return join_bocker(bocker, [], IDAG)


def test_moves_of_another_year_are_shown_but_not_summed() -> None:
    data = join(make_bok(fil="a.xlsx", year=2024), make_bok(fil="b.xlsx"), make_bok("Valnämnden"))
    moves = data.tabeller[bladen.FORFLYTTNINGAR.namn]
    assert [(r["namnd"], r["summan"]) for r in moves] == [
        ("Socialnämnden", "Ja"),
        ("Valnämnden", "Ja"),
        ("Socialnämnden (Mark 2024, ingår inte)", "Nej, annat år"),
    ]
    assert sum_flyttar(moves, ARLIG).hogst == 10_000
    told = "\n".join(data.varningar)
    assert "a.xlsx har dataår 2024, men sammanställningen gäller 2025" in told
    assert "olika år gäller Socialnämnden: b.xlsx (2025) och a.xlsx (2024)" in told


def test_a_committee_is_not_paired_with_itself_of_another_year() -> None:
    two = (make_bok(fil="a.xlsx", year=2024), make_bok(fil="b.xlsx"))
    assert join(*two).tabeller[bladen.LIKA.namn] == []
    (pair,) = join(*two, make_bok("Valnämnden")).tabeller[bladen.LIKA.namn]
    assert (pair["namnd"], pair["namnd_2"]) == ("Socialnämnden", "Valnämnden")


def test_rows_of_another_municipality_come_last_and_say_so() -> None:
    worse = {"namn": "Nöjda", "bedomning": "Sämre", "skillnad": -9.0, "liknande": 10.0}
    better = {"namn": "Nöjda", "bedomning": "Bättre"}
    move = FLYTT | {"beror": "Valnämnden"}
    own = {"Kvalitet": (better,), "InomForvaltningen": (move,)}
    other = {"Kvalitet": (worse,), "InomForvaltningen": (move,)}
    books = [make_bok(n, tabeller=own) for n in ("Socialnämnden", "Valnämnden")]
    data = join(*books, make_bok("Byggnadsnämnden", kommun="Borås", year=2024, tabeller=other))
    marked = "Byggnadsnämnden (Borås 2024, ingår inte)"
    assert data.utanfor == {marked}
    for tabell in (bladen.NYCKELTAL, bladen.FORFLYTTNINGAR, bladen.SAMORDNING, bladen.NAMNDER):
        names = [r["namnd"] for r in data.tabeller[tabell.namn]]
        assert (names[-1], names.count(marked)) == (marked, 1), tabell.namn
        assert [r["namnd"] for r in data.egna(tabell)] == names[:-1]
    assert {r["summan"] for r in data.tabeller[bladen.FORFLYTTNINGAR.namn]} == {
        "Ja",
        "Nej, annan kommun",
    }
    assert not any(marked in str(r.values()) for r in data.tabeller[bladen.LIKA.namn])


def test_a_move_without_a_readable_amount_is_not_said_to_be_in_the_sum() -> None:
    moves = tuple(FLYTT | {"belopp": b} for b in ("mycket", "", "1 mkr per år", NEJ))
    rows = join(make_bok(tabeller={"InomForvaltningen": moves})).tabeller["AllaForflyttningar"]
    assert [r["summan"] for r in rows] == [
        *("Nej, kan inte läsas", "Nej, inget belopp", "Ja", "Nej, går inte att beräkna"),
    ]
    assert [sum_flyttar(rows, r["raknas"]).antal for r in rows] == [1, 1, 1, 1]


@pytest.mark.parametrize("antal", [3, 38])
def test_a_chart_is_on_one_page_and_long_names_show_in_full(tmp_path, antal) -> None:
    figure = {"namn": "Nöjda", "bedomning": "Sämre", "skillnad": -9.0, "liknande": 10.0}
    long = "Nämnden för arbetsmarknad, integration och vuxenutbildning"
    books = [make_bok(f"N{n:02}", tabeller={"Kvalitet": (figure,)}) for n in range(antal)]
    books.append(make_bok(long, tabeller={"Kvalitet": (figure,)}))
    write_sammanstallning(join(*books), tmp_path / "k.xlsx", datetime(2026, 11, 24))
    bok = open_bok(tmp_path / "k.xlsx")
    sheet = bok["Nämnderna"]
    (anchor,) = (c.anchor for c in sheet._charts)
    breaks = [b.id for b in sheet.row_breaks.brk]
    # A break is below a row, the chart's first row counted from 0: the same number.
    assert breaks[-1:] == ([] if antal == 3 else [anchor._from.row])
    header = bladen.NAMNDER.kolumner[0].rubrik
    first = next(r for r in range(1, 20) if sheet.cell(r, 1).value == header)
    assert sheet.row_dimensions[first + 1].height is None
    named = next(r for r in range(first, first + antal + 2) if sheet.cell(r, 1).value == long)
    assert sheet.row_dimensions[named].height > 40, "three lines, in bold"


def test_names_stand_on_one_line_and_are_no_longer_than_a_message_holds() -> None:
    long = "Nämnd\n" + "x" * 5000
    data = join(make_bok("A"), make_bok("B"), make_bok(long, kommun=long, year=2024, fil=long))
    told = [w for w in data.varningar if "xxx" in w]
    assert told
    assert all("\n" not in w and len(w) < 1000 for w in told)
    assert max(len(r["namnd"]) for r in data.tabeller[bladen.FILER.namn]) < 1000


@pytest.mark.parametrize("spelled", ["mark", "Mark kommun", "Marks kommun", " MARK "])
def test_a_municipality_is_the_same_however_it_is_spelled(spelled) -> None:
    data = join(make_bok("A"), make_bok("B"), make_bok("C", kommun=spelled))
    assert {r["kommun"] for r in data.tabeller[bladen.FILER.namn]} == {"Mark"}
    assert not [w for w in data.varningar if "men sammanställningen" in w]


def test_a_newer_file_without_the_amount_does_not_hide_an_older_ones() -> None:
    older = make_bok("A", hamtad=date(2026, 1, 2), tabeller=make_kostnad(-13.0))
    newer = make_bok("B", tabeller=make_kostnad(None, anmarkning="Vi driver ingen LSS."))
    (row,) = join(older, newer).tabeller[bladen.VERKSAMHETER.namn]
    assert row["mkr"] == -13.0
    assert OLIKA_VARDEN in row["anmarkning"]
    assert "Vi driver ingen LSS." in row["anmarkning"]


def test_two_other_municipalities_are_two_rows() -> None:
    books = [make_bok(n, tabeller=make_kostnad(1.0)) for n in "AB"]
    books += [make_bok(k, kommun=k, tabeller=make_kostnad(9.0)) for k in ("Bollebygd", "Borås")]
    rows = join(*books).tabeller[bladen.VERKSAMHETER.namn]
    assert [(r["namnder"], r["summan"]) for r in rows] == [
        ("A, B", "Ja"),
        ("Bollebygd (Bollebygd 2025, ingår inte)", "Nej"),
        ("Borås (Borås 2025, ingår inte)", "Nej"),
    ]
    assert sum_referens(rows).over == 1.0


def test_the_newest_year_is_the_municipalitys_when_as_many_have_another() -> None:
    data = join(make_bok("A", year=2024), make_bok("B"))
    assert data.year == 2025


def test_files_and_committees_with_the_same_names_are_told_apart() -> None:
    folder = Path("in")
    files = [folder / "a" / "x.xlsx", folder / "b" / "x.xlsx", folder / "b" / "y.xlsx"]
    assert name_filer(files) == ["a/x.xlsx", "b/x.xlsx", "y.xlsx"]
    deeper = [Path("1/k/x.xlsx"), Path("2/k/x.xlsx")]
    assert name_filer(deeper) == ["1/k/x.xlsx", "2/k/x.xlsx"]
    assert name_filer([Path("n\udcff.xlsx")]) == ["n?.xlsx"]
    assert decode_svar(encode_svar(Avvisad("n\udcff.xlsx", "Trasig."))).fil == "n?.xlsx"
    old = date(2025, 1, 2)
    data = join(make_bok(fil="a/x.xlsx", hamtad=old), make_bok(fil="b/x.xlsx"))
    first, second = data.tabeller[bladen.FILER.namn]
    assert first["namnd"] != second["namnd"]
    assert "2025-01-02" in first["anmarkning"]
    assert second["anmarkning"] == ""
    same = join(make_bok(fil="x.xlsx"), make_bok(fil="x.xlsm")).tabeller[bladen.FILER.namn]
    assert [r["namnd"] for r in same] == ["Socialnämnden (x)", "Socialnämnden (x) 2"]


def make_atgard(ursprung: str, samordning: str = "Ja") -> dict:
    row = {"atgard": "Lokaler", "ursprung": ursprung, "samordning": samordning}
    return {"FoljInom": (row | {"status": "Pågår", "uppfoljning": "Halva vägen"},)}


def test_a_measure_concerns_those_that_its_proposal_did() -> None:
    table = NAMNDENS_UPPFOLJNINGSBLAD[0].tabeller[0].namn
    ursprung = "Genomlysning 2025, 4.2\nBerör även: Valnämnden, Bolaget\nAvstämt med: Valchefen"
    (rows,) = make_atgard(ursprung).values()
    data = join(make_bok(tabeller={table: rows}), make_bok("Valnämnden", tabeller={}))
    told = data.tabeller[bladen.SAMORDNING.namn]
    assert [(r["berord"], r["lage"], r["avstamt"], r["status"]) for r in told] == [
        ("Bolaget", EJ_NAMND, "Valchefen", "Pågår"),
        ("Valnämnden", AVSTAMT, "Valchefen", "Pågår"),
    ]
    assert told[0]["uppfoljning"] == "Halva vägen"


def test_nothing_in_one_go_is_not_counted_as_yearly() -> None:
    move = FLYTT | {"belopp": "0 kr", "effekt": ENGANG}
    data = join(make_bok(tabeller={"InomForvaltningen": (move,)}))
    assert data.tabeller[bladen.FORFLYTTNINGAR.namn][0]["raknas"] == ENGANG


def test_how_many_alike_proposals_are_left_out_is_told() -> None:
    words = ("fordonspool tjänsteresor", "livsmedel måltider", "lokaler förskola")
    moves = [
        {"beskrivning": f"{w} nummer{chr(97 + n)}{chr(97 + k)}xyz"}
        for n in range(12)
        for k, w in enumerate(words)
    ]
    books = [
        make_bok(f"N{chr(97 + n)}", tabeller={"InomForvaltningen": tuple(moves[3 * n : 3 * n + 3])})
        for n in range(12)
    ]
    data = join(*books)
    shown = len(data.tabeller[bladen.LIKA.namn])
    assert 0 < shown <= MEST_PAR
    every = len(words) * 12 * 11 // 2
    assert any(f"visas {shown} par" in w and f" {every - shown} par" in w for w in data.varningar)


def test_a_file_that_says_no_year_is_not_said_to_be_of_another() -> None:
    cost = {"verksamhet": "Grundskola", "mkr": 5.0}
    data = join(make_bok("A"), make_bok("B", year=None, tabeller={"Referenskostnad": (cost,)}))
    (row,) = data.tabeller[bladen.VERKSAMHETER.namn]
    assert row["summan"] == "Nej"
    assert row["anmarkning"] == OKANT_UNDERLAG


def test_files_that_judge_by_other_tolerances_are_named() -> None:
    books = [make_bok(n) for n in "ABC"]
    data = join(*books, make_bok("D", toleranser=Toleranser(5.0, 1.5)))
    (told,) = (w for w in data.varningar if "tolerans" in w)
    assert told.startswith(
        "D.xlsx bedömer med toleransen 5 % och 1,5 enheter, de flesta andra med 2 % och 1 enhet."
    )


def test_a_committee_without_a_name_is_called_as_its_file() -> None:
    data = join(make_bok("", fil="a/bolag.xlsx"), make_bok("", fil="b/bolag.xlsx"))
    assert [r["namnd"] for r in data.tabeller[bladen.FILER.namn]] == ["a/bolag", "b/bolag"]
    assert data.dubbletter == ()
    (pair,) = data.tabeller[bladen.LIKA.namn]
    assert (pair["namnd"], pair["namnd_2"]) == ("a/bolag", "b/bolag")


def test_what_is_said_of_a_file_stands_beside_its_name_without_it() -> None:
    data = join(make_bok(varningar=("Socialnämnden.xlsx: bladet A heter nu B.",), hamtad=None))
    assert data.varningar[0].startswith("Socialnämnden.xlsx: bladet")
    (row,) = data.tabeller[bladen.FILER.namn]
    assert row["anmarkning"] == "Bladet A heter nu B. Har aldrig fyllts med värden från Kolada."


def test_wide_letters_get_the_room_that_they_take() -> None:
    assert count_lines("SBN 2026-03-02; inte BUN", 22) == 2
    assert count_lines("samnyttja lokalerna i vår.", 22) == 1
    assert count_lines("Samhällsbyggnadsnämnden", 22) == 2
    assert count_lines("Barn- och\nungdomsnämnden", 22) == 2
    assert count_lines("", 22) == 1


def test_the_contents_account_for_every_move_and_empty_sheets_say_so(tmp_path) -> None:
    moves = tuple(FLYTT | {"belopp": b} for b in ("mycket", "", "", "1 mkr per år", NEJ))
    data = join(make_bok(tabeller={"InomForvaltningen": moves}))
    write_sammanstallning(data, tmp_path / "k.xlsx", datetime(2026, 11, 24))
    bok = open_bok(tmp_path / "k.xlsx")
    counts = {r[0]: r[1] for r in bok["Innehåll"].iter_rows(values_only=True)}
    assert (counts["Belopp som inte kan läsas"], counts["Inget belopp"]) == (1, 2)
    assert counts["Går inte att beräkna"] == 1
    for blad in (bladen.LIKABLAD, bladen.UPPFOLJNINGSBLAD, bladen.REFERENSBLAD, bladen.TEXTBLAD):
        (text,) = (bladen.UTAN_RADER[t.namn] for t in blad.tabeller)
        assert find_text(bok, blad.namn, text)
    assert not find_text(bok, "Förflyttningar", "inte fyllt i")


def test_a_committee_without_a_workbook_may_have_sent_one_that_was_refused(tmp_path) -> None:
    data = join_bocker([make_bok()], [Avvisad("x.xlsx", "x.xlsx är trasig.")], IDAG)
    write_sammanstallning(data, tmp_path / "k.xlsx", datetime(2026, 11, 24))
    bok = open_bok(tmp_path / "k.xlsx")
    assert find_text(bok, "Innehåll", KAN_VARA_OLAST)
    assert find_text(bok, "Underlaget", KAN_VARA_OLAST)
    assert join(make_bok()).om_saknade == ""


def test_all_committees_are_said_only_when_none_is_missing(tmp_path) -> None:
    profiles = [load_profil(p).namn for p in list_profiler() if p != "generell"]
    whole = [make_bok(n, tabeller=make_kostnad(1.0)) for n in profiles]
    assert join(*whole).namnder == bladen.ALLA_NAMNDER
    assert join(*whole[1:]).namnder == bladen.LASTA_NAMNDER
    refused = [Avvisad("x.xlsx", "Trasig.")]
    assert join_bocker(whole, refused, IDAG).namnder == bladen.LASTA_NAMNDER
    write_sammanstallning(join(*whole[1:]), tmp_path / "k.xlsx", datetime(2026, 11, 24))
    bok = open_bok(tmp_path / "k.xlsx")
    for sheet in ("Innehåll", "Referenskostnad", "Nyckeltal"):
        assert find_text(bok, sheet, bladen.LASTA_NAMNDER), sheet
    said = [str(c.value) for s in bok for row in s.iter_rows() for c in row if c.value]
    assert not [t for t in said if "hela kommunen" in t.lower() or bladen.ALLA_NAMNDER in t]


def test_sums_are_empty_where_nothing_is_counted_and_a_total_is_named(tmp_path) -> None:
    total = {"verksamhet": "Totalt exkl. LSS", "mkr": 5.0}
    part = {"verksamhet": "Förskola", "mkr": 2.0}
    books = [
        make_bok("Kommunstyrelsen", tabeller={"Referenskostnad": (total,)}),
        make_bok("Skolnämnden", tabeller={"Referenskostnad": (part,)}),
        make_bok("Valnämnden", tabeller={}),
    ]
    write_sammanstallning(join(*books), tmp_path / "k.xlsx", datetime(2026, 11, 24))
    bok = open_bok(tmp_path / "k.xlsx")
    rows = read_tabell(bok, "Namnder")
    sums = [r["Över referenskostnad (Mkr)"] for r in rows]
    assert sums == [5.0, 2.0, None]
    assert find_text(bok, "Nämnderna", "Totalt exkl. LSS, som Kommunstyrelsen redovisar, omfattar")
    assert find_text(bok, "Nämnderna", "kolumnerna kan inte summeras")


def test_the_parts_that_committees_have_left_empty_are_named(tmp_path) -> None:
    done = make_bok("A", texter={"Analys": "Bra.", "Uppfoljning": "Klart."})
    data = join(done, make_bok("B", tabeller={}), make_bok("C", year=2024, tabeller={}))
    assert data.tomma_delar == {
        "Ingen analys": ["B"],
        "Ingen övergripande uppföljning": ["B"],
        "Inga förflyttningar": ["B"],
    }
    assert join(done).tomma_delar == {}
    write_sammanstallning(data, tmp_path / "k.xlsx", datetime(2026, 11, 24))
    for sheet in ("Innehåll", "Underlaget"):
        assert find_text(open_bok(tmp_path / "k.xlsx"), sheet, "Inga förflyttningar")


def test_rows_show_the_whole_text_also_of_columns_that_are_not_printed(tmp_path) -> None:
    figure = {"namn": "Nöjda", "bedomning": "Sämre"}
    rows = [figure | {"anmarkning": "Läs detta. " * 30}, figure | {"kommentar": "Läs. " * 20}]
    data = join(make_bok(tabeller={"Kvalitet": tuple(rows)}))
    write_sammanstallning(data, tmp_path / "k.xlsx", datetime(2026, 11, 24))
    sheet = open_bok(tmp_path / "k.xlsx")["Nyckeltal"]
    (table,) = sheet.tables.values()
    first = sheet[table.ref][1][0].row
    heights = {
        bool(sheet.cell(r, 10).value): sheet.row_dimensions[r].height for r in (first, first + 1)
    }
    assert heights[False] > 20, "a text that is not printed"
    assert heights[True] > 40


def test_columns_have_room_for_names_and_the_contents_tell_units(tmp_path) -> None:
    for tabell in (bladen.SAMORDNING, bladen.FORFLYTTNINGAR):
        (who,) = (k for k in tabell.kolumner if k.nyckel == "beror")
        for name in ("Barn- och ungdomsnämnden", "Samhällsbyggnadsnämnden"):
            assert count_lines(name, who.fit(who.bredd)) == 1
    data = join(make_bok(tabeller=make_kostnad(-1.0, uppfyller="Nej")))
    write_sammanstallning(data, tmp_path / "k.xlsx", datetime(2026, 11, 24))
    bok = open_bok(tmp_path / "k.xlsx")
    assert find_text(bok, "Innehåll", "Netto (Mkr)")
    assert find_text(bok, "Innehåll", "1 har inte det, och 0 kan inte bedömas.")
