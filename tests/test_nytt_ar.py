"""`nytt-ar`: next year's workbook from this year's, with nothing lost on the way."""

import json
import zipfile
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from arbete import count_calls
from arbetsbok import find_text, read_namn, read_tabell
from excelredigering import MAIN, REL, Excelredigering, etree, q
from genomlysning.bok.arsskifte import find_forsta_ar, step_period
from genomlysning.bok.beskrivning import BOKVERSION, STODBREDD
from genomlysning.bok.modell import cell_name
from genomlysning.bok.radhojd import text_height
from genomlysning.kolada import anslutning
from genomlysning.kommandorad import run
from genomlysning.nytt_ar import _suggest_namn
from koladaserver import Koladaserver
from libreoffice import compare_cached, require_libreoffice
from ooxml import faults, parts, require_validator
from test_uppdatera import add_chart, add_threaded_comment, cells

ARKIV = Path(__file__).parent / "arkiv"
BOK, NY = Path("bok.xlsx"), Path("ny.xlsx")
HOST = "2027-10-01"
ALINGSAS = "1489"


@pytest.fixture(autouse=True)
def _mapp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    BOK.write_bytes((ARKIV / "version2.xlsx").read_bytes())


def roll(capsys, *options, fil=BOK, ut=NY):
    capsys.readouterr()
    arguments = ["nytt-ar", str(fil), "--ut", str(ut), "--json", "--idag", HOST, *options]
    status = run(arguments)
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def edit(change, fil=BOK):
    bok = Excelredigering(fil)
    change(bok)
    bok.save(fil)


@lru_cache(maxsize=4)
def _read(content):
    return load_workbook(BytesIO(content), data_only=True)


def opened(fil=NY):
    """Return a workbook with its saved values, read once however many ask."""
    return _read(fil.read_bytes())


def rows(table, fil=NY):
    return [r for r in read_tabell(opened(fil), table) if any(r.values())]


# ---- each rule -------------------------------------------------------------------------------


def test_settings_advance(capsys):
    before = BOK.read_bytes()
    status, answer, err = roll(capsys)
    assert (status, answer["fil"], answer["ar"]) == (0, "ny.xlsx", 2025), err
    bok = opened()
    names = ("Kommun", "Dataar", "Period", "ForraAret", "Ordningstal", "Profil")
    assert [read_namn(bok, n) for n in names] == [
        "Alingsås", 2025, "2026–2027", 2025, 3, "kultur-och-utbildningsnamnden"
    ]  # fmt: skip
    for name in ("Diarienummer", "AntagenDatum", "AntagenParagraf"):
        assert read_namn(bok, name) is None
    former = [read_namn(bok, n) for n in ("ForraAntagenDatum", "ForraAntagenParagraf")]
    assert former == [datetime(2026, 3, 19), "§ 14"]
    log = rows("Logg")[-1]
    assert (log["Händelse"], log["År"], log["Tidpunkt"]) == ("Nytt år", 2025, datetime(2027, 10, 1))
    assert "KUN 2026/7; Antagen den: 2026-03-19; Antagen, paragraf: § 14" in log["Meddelande"]
    assert BOK.read_bytes() == before
    printed = parts(NY)["xl/worksheets/sheet2.xml"].decode()
    assert "genomlysning 2026–2027&amp;R" in printed


def test_a_sum_row_becomes_no_measure(capsys):
    def add_up(bok):
        last = bok.area("InomForvaltningen")[2]
        bok.put_in("InomForvaltningen", last, "Område", "Summa")
        bok.put_in("InomForvaltningen", last, "Möjlig effektivisering", "2 mkr")

    edit(add_up)
    _, _, err = roll(capsys)
    assert "(”Summa; 2 mkr”) ser ut som en summa" in err
    assert [r["Åtgärd"] for r in rows("UnderUtredning")] == ["Vikarier", "Transporter"]
    assert rows("InomForvaltningen") == []


def test_moves_are_followed_up(capsys):
    edit(lambda b: b.put_in("Kommunovergripande", 8, "Möjlig effektivisering", 1500000.0))
    _, answer, _ = roll(capsys)
    pool, transport = rows("UnderUtredning")
    assert (pool["Åtgärd"], pool["Beskrivning"], pool["Möjlig effektivisering"]) == (
        "Vikarier", "Gemensam pool", "500 tkr"
    )  # fmt: skip
    assert pool["Ursprung"].split("\n") == [
        "Genomlysning 2025–2026, 4.1", "Effekt: Årlig", "Berör även: Barn- och ungdomsnämnden"
    ]  # fmt: skip
    assert (pool["Uppföljning"], pool["Kräver samordning"]) == (None, None)
    assert transport["Ursprung"] == "Genomlysning 2025–2026, 4.2"
    assert transport["Kräver samordning"] == "Ja"
    assert transport["Möjlig effektivisering"] == 1500000  # a number stays one
    assert not rows("InomForvaltningen") + rows("Kommunovergripande")
    assert [(a["atgard"], a["fran"], a["till"]) for a in answer["flyttade"]] == [
        ("Vikarier", "4.1", "3.3"), ("Transporter", "4.2", "3.3")
    ]  # fmt: skip
    # The table has no Effekt: whether an amount is yearly is told by Ursprung.
    assert "500\xa0tkr per år" in read_namn(opened(), "SummaUnderUtredning")


@pytest.mark.parametrize(
    ("till", "table", "count"), [("kort", "KortSikt", 2), ("lång", "LangSikt", 3)]
)
def test_the_controller_says_where(capsys, till, table, count):
    assert roll(capsys, "--till", till)[0] == 0
    assert len(rows(table)) == count


def test_finished_measures_go_and_others_stay_as_they_are(capsys):
    [before] = rows("LangSikt", BOK)
    _, answer, err = roll(capsys)
    assert rows("LangSikt") == [before]
    assert not rows("KortSikt")
    assert answer["kvar"] == [
        {"atgard": "Ny ledning", "fran": "3.2", "till": "3.2",
         "ursprung": "Genomlysning 2023", "status": "Pågår"}
    ]  # fmt: skip
    assert [a["atgard"] for a in answer["avslutade"]] == ["Samla lokaler"]
    assert "1 åtgärd är kvar med förra årets text i Uppföljning" in err


def test_values_move_one_year_back(capsys):
    old = {r["Nyckeltal"]: r for t in ("EkonomiOverTid",) for r in rows(t, BOK)}
    deviations = rows("ReferenskostnadOverTid", BOK)
    roll(capsys)
    for row in rows("EkonomiOverTid"):
        was = old[row["Nyckeltal"]]
        assert [row[f"År {y}"] for y in (2023, 2024, 2025)] == [
            was["År 2023"],
            was["År 2024"],
            None,
        ]
    assert rows("EkonomiOverTid")[-1]["Kommentar"] == "2022: 1,5"
    for row, was in zip(rows("ReferenskostnadOverTid"), deviations, strict=True):
        assert [row[str(y)] for y in range(2021, 2026)] == [
            *(was[str(y)] for y in range(2021, 2025)), None
        ]  # fmt: skip


def test_figures_stay_without_the_old_years_values(capsys):
    before = rows("Kvalitet", BOK)
    roll(capsys)
    kept = ("Nyckeltal", "Enhet", "Önskad riktning", "Kolada-id")
    assert [[r[k] for k in kept] for r in rows("Kvalitet")] == [
        [r[k] for k in kept] for r in before
    ]
    for row in rows("Kvalitet"):
        assert row["Alingsås 2025"] is row["Liknande kommuner 2025"] is row["Anmärkning"] is None
        assert row["Avser år"] == (2025 if row["Kolada-id"] else None)
    own = next(r for r in rows("Kvalitet") if r["Nyckeltal"] == "Egen enkät")
    assert own["Kommentar"] == "Görs i mars.\n2024: 4,2; Liknande kommuner 4"
    cost = rows("Referenskostnad")
    assert [r["Verksamhet"] for r in cost] == [
        r["Verksamhet"] for r in rows("Referenskostnad", BOK)
    ]
    assert all(r["Nettokostnad (kr/inv)"] is None for r in cost)


def test_a_survey_of_another_year_keeps_its_value(capsys):
    def survey(bok):
        bok.put_in("Kvalitet", 7, "Avser år", 2022)

    edit(survey)
    before = rows("Kvalitet", BOK)[0]
    roll(capsys)
    assert list(rows("Kvalitet")[0].values()) == list(before.values())


def test_texts_start_empty_with_last_years_beside(capsys):
    roll(capsys)
    bok = opened()
    assert read_namn(bok, "Analys") is read_namn(bok, "Uppfoljning") is None
    assert not read_namn(bok, "Analysunderlag")
    assert (
        read_namn(bok, "ForraAnalysen") == "Fler elever når målen.\nKostnaden är högre än väntat."
    )
    assert read_namn(bok, "ForraUppfoljningen") == "Lokalerna är samlade."
    assert find_text(bok, "3 Uppföljning", "Förra uppföljningen (2025–2026)")

    def next_year(bok):
        bok.put_name("Analys", "Året därpå.")
        bok.put_name("Forflyttningsskal", "Lokalerna kostar mest.")
        bok.put_in("Kvalitet", 7, "Alingsås 2025", 1.0)

    edit(next_year, NY)
    assert roll(capsys, fil=NY, ut=Path("ny2.xlsx"))[0] == 0
    later = opened(Path("ny2.xlsx"))
    assert read_namn(later, "ForraAnalysen") == "Året därpå."
    assert not find_text(later, "2.4 Analys", "Fler elever")
    assert read_namn(later, "ForraForflyttningsskalen") == "Lokalerna kostar mest."
    assert read_namn(later, "Forflyttningsskal") is None
    assert not find_text(later, "3 Uppföljning", "Lokalerna")
    assert faults(Path("ny2.xlsx")) == []


def lose_names(bok):
    """Do as LibreOffice does when the first row of an area is deleted and another inserted."""
    for name in bok.root("xl/workbook.xml").iter(q("definedName")):
        if name.get("name") in ("Analys", "Uppfoljning"):
            name.text = "#REF!"
    areas = bok.sheet("2.4 Analys").find(q("mergeCells"))
    areas.remove(next(a for a in areas if a.get("ref").startswith("A7:")))
    areas.set("count", str(len(areas)))
    bok.put("2.4 Analys", "A9", "Personalen räcker.")


def test_texts_are_found_where_their_names_are_lost(capsys):
    edit(lose_names)
    status, _, err = roll(capsys)
    assert status == 0, err
    bok = opened()
    assert read_namn(bok, "Analys") is read_namn(bok, "Uppfoljning") is None
    assert bok["2.4 Analys"]["A9"].value is None
    assert read_namn(bok, "ForraAnalysen").endswith("väntat.\nPersonalen räcker.")
    assert read_namn(bok, "ForraUppfoljningen") == "Lokalerna är samlade."
    assert faults(NY) == []


def test_a_text_that_cannot_be_found_is_told(capsys):
    edit(lose_names)
    edit(lambda b: b.put("3 Uppföljning", "A6", "Vår uppföljning"))
    status, _, err = roll(capsys)
    assert status == 0, err
    assert "Namnet Uppfoljning och rubriken ”Övergripande uppföljning” saknas" in err
    assert "Namnet Analys" not in err
    assert "Namnet Forflyttningsskal" not in err
    assert opened()["3 Uppföljning"]["A7"].value == "Lokalerna är samlade."


def test_formulas_that_libreoffice_has_saved_are_known(capsys):
    def save_in_libreoffice(bok):
        for sheet in bok.sheets:
            for f in bok.sheet(sheet).iter(q("f")):
                f.text = f.text and f.text.replace(",FALSE)", ",FALSE())")

    edit(save_in_libreoffice)
    status, _, err = roll(capsys)
    assert status == 0, err
    assert "Egna formler" not in err
    # Known as ours, so that the verdict's formula of form 2 has made room for that of form 3.
    c = Excelredigering(NY).cell("2.3 Kvalitet", "I7")
    assert "ROUND(ABS(Kvalitet[[#This Row],[Skillnad]])" in c.find(q("f")).text
    assert c.find(q("v")).text == "Kan inte bedömas"


def test_a_persons_formulas_stay(capsys):
    def formulas(bok):
        row = bok.area("EkonomiOverTid")[2]
        bok.put_in("EkonomiOverTid", row, "År 2024", "=1+1")
        c = bok.cell("2.1 Ekonomi över tid", f"{bok.column('EkonomiOverTid', 'År 2024')}{row}")
        etree.SubElement(c, q("v")).text = "2"

    edit(formulas)
    status, _, err = roll(capsys)
    assert status == 0
    own = rows("EkonomiOverTid")[-1]
    assert (own["År 2023"], own["År 2024"]) == (2.5, 2)
    assert "2.1 Ekonomi över tid!D9 har en egen formel" in err
    assert Excelredigering(NY).cell("2.1 Ekonomi över tid", "D9").find(q("f")).text == "1+1"


def test_nothing_is_lost_where_columns_are_gone(capsys):
    def change(bok):
        for sheet in ("3.3 Under utredning", "2.1 Ekonomi över tid"):
            bok.sheet(sheet).remove(bok.sheet(sheet).find(q("dataValidations")))
        bok.delete_column("UnderUtredning", "Kräver samordning")
        bok.delete_column("EkonomiOverTid", "Kommentar")
        bok.rename_column("InomForvaltningen", "Möjlig effektivisering", "Belopp")
        bok.insert_column("InomForvaltningen", "Effekt", "Ansvarig")
        bok.put_in("InomForvaltningen", 7, "Ansvarig", "Kim")

    edit(change)
    status, _, err = roll(capsys)
    assert status == 0, err
    pool, transport = rows("UnderUtredning")
    assert pool["Möjlig effektivisering"] == "500 tkr"
    assert "\nAnsvarig: Kim" in pool["Ursprung"]
    assert transport["Ursprung"] == "Genomlysning 2025–2026, 4.2\nKräver samordning: Ja"
    assert "som var: 2022: 1,5" in err


def test_what_has_no_comment_to_go_to_stays_with_its_year(capsys):
    """An own row gets its year where there is room for that, and else the log has its values."""

    def change(bok):
        for table in ("Kvalitet", "Personal"):
            sheet = bok.table(table)[0]
            bok.sheet(sheet).remove(bok.sheet(sheet).find(q("dataValidations")))
            bok.delete_column(table, "Kommentar")
        bok.insert_row("Personal", 8, {"Nyckeltal": "Vårt eget", "Alingsås 2024": 12.0})
        bok.delete_column("Personal", "Avser år")

    edit(change)
    status, _, err = roll(capsys)
    assert status == 0, err
    own = next(r for r in rows("Kvalitet") if r["Nyckeltal"] == "Egen enkät")
    assert (own["Alingsås 2025"], own["Avser år"]) == (4.2, 2024)
    own = next(r for r in rows("Personal") if r["Nyckeltal"] == "Vårt eget")
    assert own["Alingsås 2025"] is None
    assert "som var: 2024: 12" in rows("Logg")[-1]["Meddelande"]


def test_a_value_written_by_hand_over_a_fetched_one_is_told(capsys):
    def by_hand(bok):
        for header, value in (
            ("Alingsås 2024", 99.5), ("Källa", "Egen mätning"), ("Anmärkning", "Gäller maj")
        ):  # fmt: skip
            bok.put_in("Kvalitet", 7, header, value)
        bok.put_in("EkonomiOverTid", 7, "Källa", "Ekonomisystemet")

    edit(by_hand)
    first = rows("EkonomiOverTid", BOK)[0]["År 2022"]
    height = row_height_of(BOK, "2.3 Kvalitet", 7)
    roll(capsys)
    row = rows("Kvalitet")[0]
    assert row["Kommentar"].startswith("2024: 99,5; ")
    assert row["Kommentar"].endswith("Källa Egen mätning; Anmärkning Gäller maj")
    assert row["Alingsås 2025"] is row["Källa"] is row["Anmärkning"] is None
    assert row_height_of(NY, "2.3 Kvalitet", 7) > height
    told = rows("EkonomiOverTid")[0]["Kommentar"]
    assert told.startswith("2024: Källa Ekonomisystemet")
    assert told.endswith("\n2022: " + f"{first:.15g}".replace(".", ","))


def row_height_of(fil, sheet, row):
    return opened(fil)[sheet].row_dimensions[row].height or 15


def test_every_row_of_moves_is_taken(capsys):
    """Also one below the table, one with own words only and one that a filter hides."""

    def change(bok):
        bok.insert_column("Kommunovergripande", "", "Vår idé")
        bok.put_in("Kommunovergripande", 9, "Vår idé", "Samla inköpen")
        bok.insert_column("InomForvaltningen", "", "Nr")
        for nr in range(7, 15):
            bok.put_in("InomForvaltningen", nr, "Nr", float(nr))
        below = bok.area("InomForvaltningen")[2] + 1
        bok.put("4.1 Inom förvaltningen", f"A{below}", "Skrivet under")
        for nr in (7, 8):
            line = bok.cell("4.1 Inom förvaltningen", f"A{nr}").getparent()
            line.set("hidden", "1")

    edit(change)
    below = Excelredigering(BOK).area("InomForvaltningen")[2] + 1
    status, answer, err = roll(capsys)
    assert status == 0, err
    assert [a["atgard"] for a in answer["flyttade"]] == [
        *("Vikarier", "Skrivet under", "Transporter", "Förflyttning från 4.2"),
    ]
    assert rows("UnderUtredning")[-1]["Ursprung"].endswith("4.2\nVår idé: Samla inköpen")
    assert (
        f"1 rad direkt under tabellen på bladet 4.1 Inom förvaltningen (A{below}:"
        in err.replace(" räknas in i den", "")
    )
    assert "1 förflyttning på bladet 4.2 Kommunövergripande hade inget i Område" in err
    assert not find_text(opened(), "4.1 Inom förvaltningen", "Skrivet under")
    assert not opened()["4.1 Inom förvaltningen"].row_dimensions[7].hidden
    assert faults(NY) == []


def test_what_is_no_row_of_a_table_is_told(capsys):
    """What stands further down, and a row of formulas alone."""
    moves, joint = "4.1 Inom förvaltningen", "4.2 Kommunövergripande"

    def change(bok):
        bok.put(moves, "A40", "Skrivet längre ned")
        bok.put(moves, "C40", "700 tkr")
        bok.put(moves, "B43", 5.0)
        bok.put(joint, "A9", '="Samla "&"inköpen"')
        c = bok.cell(joint, "A9")
        c.set("t", "str")
        etree.SubElement(c, q("v")).text = "Samla inköpen"

    edit(change)
    status, _, err = roll(capsys)
    assert status == 0, err
    assert f"A40:C40 och B43 på bladet {moves} är kvar där" in err
    assert f"A9:H9 på bladet {joint} är kvar där" in err
    assert err.count("är kvar där") == 2
    assert opened()[moves]["C40"].value == "700 tkr"


def test_a_day_stays_a_day(capsys):
    def dated(bok):
        [style] = [c.get("s") for c in bok.sheet("Logg").iter(q("c")) if c.get("r") == "A7"]
        sheet = bok.table("InomForvaltningen")[0]
        for header in ("Avstämt med", "Möjlig effektivisering", "Läge vid årsbokslut"):
            bok.put_in("InomForvaltningen", 7, header, 46082.0)
            if header != "Läge vid årsbokslut":
                bok.cell(sheet, f"{bok.column('InomForvaltningen', header)}7").set("s", style)

    edit(dated)
    roll(capsys)
    pool = rows("UnderUtredning")[0]
    assert pool["Möjlig effektivisering"] == "2026-03-01"
    assert "\nAvstämt med: 2026-03-01\nLäge vid årsbokslut: 46082" in pool["Ursprung"]


@pytest.mark.parametrize("status", ["genomförd", " AVBRUTEN ", "Genomförd."])
def test_a_finished_measure_is_known_however_it_is_written(capsys, status):
    edit(lambda b: b.put_in("LangSikt", 7, "Genomförandestatus", status))
    assert "Ny ledning" in [a["atgard"] for a in roll(capsys)[1]["avslutade"]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2025–2026", "2026–2027"),
        ("2026/27", "2027/28"),
        ("2025-26 (två år)", "2026-27 (två år)"),
        ("2098/99", "2099/00"),
        ("2025", "2026"),
        ("2025-11", "2025-11"),
        ("HT25", "HT25"),
        ("2025_26", "2026_27"),
        ("2026 – 2027", "2027 – 2028"),
        ("2099-2100", "2100-2101"),
        ("2026-2027 dnr 1234", "2027-2028 dnr 1234"),
        ("KS 2025/1234", "KS 2025/1234"),
        ("KS 2025/456", "KS 2025/456"),
        ("2026–2027 (KS 2025/12345)", "2027–2028 (KS 2025/12345)"),
        ("2026–2027, budget 2026", "2027–2028, budget 2027"),
        ("2026-2027 enligt program 2013", "2027-2028 enligt program 2013"),
        ("0180", "0180"),
    ],
)
def test_a_period_moves_one_year_on(before, after):
    assert step_period(before) == after


@pytest.mark.parametrize(
    ("period", "year"),
    [("2026–2027", 2026), ("dnr 2013 2026/27", 2026), ("HT 2025", 2025), ("dnr 1234", None)],
)
def test_the_first_year_of_a_period_is_found(period, year):
    assert find_forsta_ar(period) == year


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Genomlysning 2025–2026", "Genomlysning 2026–2027"),
        ("Genomlysning 2026-2027", "Genomlysning 2027-2028"),
        ("2025_26 SN", "2026_27 SN"),
        ("2026-2027 dnr 1234", "2027-2028 dnr 1234"),
        ("2025 SN 20251103", "2026 SN 20251103"),
        ("SN 20251103", "SN 20251103 2026"),
        ("SN 2025", "SN 2026"),
        ("SN", "SN 2026"),
    ],
)
def test_the_suggested_name_has_the_new_year(name, expected):
    assert _suggest_namn(Path(f"{name}.xlsx"), 2026) == Path(f"{expected}.xlsx").name


@pytest.mark.parametrize("number", ["3:e", "²"])
def test_settings_that_cannot_be_stepped_are_told(capsys, number):
    def words(bok):
        bok.put_name("Ordningstal", number)
        bok.put_name("Period", "HT25")

    edit(words)
    status, _, err = roll(capsys)
    assert status == 0, err
    assert read_namn(opened(), "Ordningstal") == number
    assert f"är kvar som ”{number}”" in err
    assert "är kvar som ”HT25”" in err


def test_the_line_that_sums_amounts_shows(capsys):
    assert row_height_of(BOK, "3.3 Under utredning", 5) < 10
    roll(capsys)
    assert row_height_of(NY, "3.3 Under utredning", 5) > 15


@pytest.mark.parametrize("version", [1, 2])
def test_a_text_of_ones_own_above_a_table_is_not_written_over(capsys, version):
    BOK.write_bytes((ARKIV / f"version{version}.xlsx").read_bytes())
    edit(lambda b: b.put("3.1 Kort sikt", "A5", "Se protokollet."))
    status, _, err = roll(capsys)
    assert status == 0, err
    assert opened()["3.1 Kort sikt"]["A5"].value == "Se protokollet."
    assert read_namn(opened(), "SummaUnderUtredning")
    assert "3.1 Kort sikt!A5 har en egen text" in err


def test_formulas_among_measures(capsys):
    """One of a whole column reckons on; a single one leaves Excel's order of reckoning too."""

    def formulas(bok):
        for nr in range(7, 10):
            bok.put_in("KortSikt", nr, "Realiserad effekt", f"=LEN(A{nr})")
        bok.put_in("InomForvaltningen", 7, "Möjlig effektivisering", "=1+1")
        for sheet, ref in (
            *(("3.1 Kort sikt", f"F{nr}") for nr in range(7, 10)),
            ("4.1 Inom förvaltningen", "C7"),
        ):
            etree.SubElement(bok.cell(sheet, ref), q("v")).text = "2"
        chain = '<c r="B10" i="1"/><c r="C7" i="15"/><c r="C8"/>'
        bok.add_part(
            "xl/calcChain.xml",
            f'<calcChain xmlns="{MAIN}">{chain}</calcChain>'.encode(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
        )
        bok.relate("xl/workbook.xml", f"{REL}/calcChain", "calcChain.xml")

    edit(formulas)
    sheets = Excelredigering(BOK).root("xl/workbook.xml").iter(q("sheet"))
    assert next(s.get("sheetId") for s in sheets if s.get("name").startswith("4.1")) == "15"
    status, answer, err = roll(capsys)
    assert status == 0, err
    assert len(answer["avslutade"]) == 1  # the rows with a formula only are none
    new = Excelredigering(NY)
    assert new.cell("3.1 Kort sikt", "F7").find(q("f")).text == "LEN(A7)"
    assert new.cell("4.1 Inom förvaltningen", "C7").find(q("f")) is None
    assert rows("UnderUtredning")[0]["Möjlig effektivisering"] == 2
    chain = [(c.get("r"), c.get("i")) for c in new.root("xl/calcChain.xml")]
    assert chain == [("B10", "1"), ("C8", "15")]


def test_a_note_is_not_given_to_another_measure(capsys):
    def noted(bok):
        for row in (7, 8):
            bok.put_in("UnderUtredning", row, "Åtgärd", f"Klar {row}")
            bok.put_in("UnderUtredning", row, "Genomförandestatus", "Avbruten")
        add_threaded_comment(bok, "3.3 Under utredning")

    edit(noted)
    bok = Excelredigering(BOK)
    [part] = [p for p in bok.parts if "threadedComments/" in p]
    [ref] = [e.get("ref") for e in bok.root(part).iter() if e.get("ref")]
    roll(capsys)
    names = [r["Åtgärd"] for r in read_tabell(opened(), "UnderUtredning")]
    assert names[int(ref[1:]) - 7] is None
    assert "Vikarier" in names
    assert "Transporter" in names


# ---- the whole -------------------------------------------------------------------------------


def edit_as_people_do(bok):
    bok.put_in("Ekonomi", 7, "Nyckeltal", "Kort namn")
    bok.insert_column("Ekonomi", "Avser år", "Vår kolumn")
    bok.put_in("Ekonomi", 8, "Vår kolumn", "vår text")
    bok.insert_row("Personal", 8, {"Nyckeltal": "Vårt eget", "Alingsås 2024": 12.0})
    bok.reverse_rows("Kvalitet")
    bok.add_sheet("Egen flik", {"A1": "=SUM(Ekonomi[[Alingsås 2024]])", "A4": "text"})
    add_chart(bok, "Egen flik")
    add_threaded_comment(bok, "2.2 Personal")
    for nr in range(7, 15):
        bok.put_in("InomForvaltningen", nr, "Område", f"Område {nr}")


def test_an_edited_workbook_keeps_what_people_have_made(capsys):
    require_libreoffice()
    require_validator()
    edit(edit_as_people_do)
    status, answer, err = roll(capsys)
    assert status == 0, err
    assert len(answer["flyttade"]) == 9  # more than there were empty rows for
    assert [r["Åtgärd"] for r in rows("UnderUtredning")][:2] == ["Område 7", "Område 8"]
    a, b = parts(BOK), parts(NY)
    assert list(a) == list(b)
    # Of form 2, it gets rules that show more decimals, whose looks are among the styles.
    kinds = ("xl/worksheets/sheet", "xl/tables/", "xl/workbook.xml", "xl/styles.xml")
    touched = {n for n in a if a[n] != b[n]}
    assert all(n.startswith((*kinds, "xl/worksheets/egenflik")) for n in touched)
    economy = rows("Ekonomi")
    assert (economy[0]["Nyckeltal"], economy[1]["Vår kolumn"]) == ("Kort namn", "vår text")
    before, after = cells(BOK), cells(NY)
    for place, (_, style, formula) in before.items():
        if formula is None or place[0] == "Egen flik":
            assert after[place][1] == style, place
    formula = Excelredigering(NY).cell("Egen flik", "A1").find(q("f")).text
    assert formula == "SUM(Ekonomi[[Alingsås 2025]])"
    assert faults(NY) == []
    assert [d for d in compare_cached(NY) if not d.startswith("Egen flik!")] == []


@pytest.mark.parametrize("version", [1, 2])
def test_every_version_is_rolled_over_and_filled(
    capsys, version, koladaserver: Koladaserver, monkeypatch
):
    require_libreoffice()
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.setattr(
        anslutning, "OMFORSOK", anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    )
    BOK.write_bytes((ARKIV / f"version{version}.xlsx").read_bytes())
    assert roll(capsys)[0] == 0
    assert faults(NY) == []
    bok = opened()
    assert read_namn(bok, "Bokversion") == BOKVERSION
    assert len(rows("UnderUtredning")) == 2
    assert read_namn(bok, "SummaUnderUtredning").startswith("Möjlig effektivisering, räknat 2027")
    if version == 2:
        assert compare_cached(NY) == []
    else:  # formulas of an earlier form are reckoned when the file is opened
        assert b'fullCalcOnLoad="1"' in parts(NY)["xl/workbook.xml"]

    figures = [r["Kolada-id"] for r in rows("Kvalitet")]
    assert run(["uppdatera", str(NY), "--idag", "2027-10-02"]) == 0
    filled = rows("Kvalitet")
    assert [r["Kolada-id"] for r in filled] == figures
    underlag = read_namn(opened(), "Analysunderlag")
    assert underlag
    if version == 2:
        assert analysis_heights(NY)[0] >= text_height(underlag, STODBREDD + 1) - 1
    for row in filled:
        if row["Kolada-id"]:
            expected = koladaserver.value(row["Kolada-id"], ALINGSAS, 2025)[0]
            assert row["Alingsås 2025"] == expected
    assert faults(NY) == []


def test_five_years_keep_every_unfinished_measure_and_its_origin(capsys):
    fil, expected = BOK, {"Ny ledning": "Genomlysning 2023"}
    for year in range(2025, 2030):

        def one_more(bok, year=year):
            bok.put_in("InomForvaltningen", 9, "Område", f"Från {year}")
            bok.put_in("Kvalitet", 7, f"Alingsås {year - 1}", 1.0)

        edit(one_more, fil)
        if year == 2025:
            expected |= {"Vikarier": "2025–2026, 4.1", "Transporter": "2025–2026, 4.2"}
        expected[f"Från {year}"] = f"{year}–{year + 1}, 4.1"
        ut = Path(f"{year}.xlsx")
        status, answer, err = roll(capsys, fil=fil, ut=ut)
        assert (status, answer["ar"]) == (0, year), err
        fil = ut
    found = {
        r["Åtgärd"]: r["Ursprung"] for t in ("LangSikt", "UnderUtredning") for r in rows(t, fil)
    }
    assert found.keys() == expected.keys()
    assert all(origin in found[name] for name, origin in expected.items())
    assert read_namn(opened(fil), "Ordningstal") == 7
    assert faults(fil) == []
    assert rows("EkonomiOverTid", fil)[-1]["Kommentar"] == "2022: 1,5\n2023: 2,5\n2024: 3,5"


def test_example_data_stay_marked(capsys):
    assert run(["skapa", "--exempel", "--ut", "exempel 2024.xlsx", "--idag", "2026-11-24"]) == 0
    capsys.readouterr()
    [fil] = Path().glob("exempel*.xlsx")
    before = read_namn(opened(fil), "Dataar")
    assert run(["nytt-ar", str(fil), "--idag", HOST]) == 0
    [new] = [f for f in Path().glob("exempel*.xlsx") if f != fil]
    assert read_namn(opened(new), "Dataar") == before + 1
    assert read_namn(opened(new), "Exempelmarkning") == "EXEMPELDATA"
    assert find_text(opened(new), "Start", "EXEMPELDATA")
    assert "går inte att hämta värden" in capsys.readouterr().out
    assert run(["uppdatera", str(new)]) == 2
    capsys.readouterr()
    assert run(["nytt-ar", str(new), "--idag", HOST]) == 2
    assert "Värden kan inte hämtas till ett exempel" in capsys.readouterr().err


def analysis_heights(fil):
    """Return the height of the analysis's area and of each of its rows."""
    sheet = opened(fil)["2.4 Analys"]
    (area,) = (m for m in sheet.merged_cells.ranges if m.start_cell.coordinate == "A7")
    rows = [sheet.row_dimensions[r].height or 15.0 for r in range(area.min_row, area.max_row + 1)]
    return sum(rows), rows


def test_the_analysis_is_no_higher_than_a_text_as_last_years_needs(capsys):
    assert run(["skapa", "--exempel", "--ut", "exempel.xlsx", "--idag", "2026-11-24"]) == 0
    assert roll(capsys, fil=Path("exempel.xlsx"))[0] == 0
    before, _ = analysis_heights(Path("exempel.xlsx"))
    after, rows = analysis_heights(NY)
    assert 375 <= after < before * 0.6
    assert len(set(rows)) == 1
    sheet = opened()["3.3 Under utredning"]
    ursprung = next(c for c in sheet[6] if c.value == "Ursprung")
    assert sheet.column_dimensions[ursprung.column_letter].width > 30


def test_a_note_beside_the_analysis_keeps_its_row(capsys):
    assert run(["skapa", "--exempel", "--ut", "exempel.xlsx", "--idag", "2026-11-24"]) == 0
    edit(lambda b: b.put("2.4 Analys", "E20", "Fråga ekonomen."), Path("exempel.xlsx"))
    assert roll(capsys, fil=Path("exempel.xlsx"))[0] == 0
    assert analysis_heights(NY) == analysis_heights(Path("exempel.xlsx"))


# ---- what cannot be done ---------------------------------------------------------------------


def strip_formulas(bok):
    for name in bok.sheets:
        for f in list(bok.sheet(name).iter(q("f"))):
            f.getparent().remove(f)


def to_cells(bok):
    """Make 4.1 ordinary cells, as Convert to range does."""
    sheet, _, part = bok.table("InomForvaltningen")
    rels = bok.root(part.replace("worksheets/", "worksheets/_rels/") + ".rels")
    for r in [r for r in rels if r.get("Type").endswith("/table")]:
        rels.remove(r)
    bok.sheet(sheet).remove(bok.sheet(sheet).find(q("tableParts")))


def without_values(bok):
    """Empty what the year has, as in a workbook that has been rolled over and not filled."""
    for table, header in (
        *((t, "Alingsås 2024") for t in ("Ekonomi", "Personal", "Kvalitet")),
        *((f"{t}OverTid", "År 2024") for t in ("Ekonomi", "Personal", "Kvalitet")),
        ("Referenskostnad", "Nettokostnad (kr/inv)"),
        ("Referenskostnad", "Nettokostnadsavvikelse (%)"),
        ("Referenskostnad", "Nettokostnadsavvikelse (Mkr)"),
    ):
        first, _, last, _ = bok.area(table)
        for nr in range(first + 1, last + 1):
            bok.put_in(table, nr, header, None)


def unsaved(bok):
    bok.put_in("InomForvaltningen", 7, "Möjlig effektivisering", "=1+1")


@pytest.mark.parametrize(
    ("change", "options", "expected", "words"),
    [
        (
            lambda b: b.put_name("Dataar", 2025),
            [],
            2,
            "Dataår på Start är 2025, men värdena gäller",
        ),
        (lambda b: b.put_name("Bokversion", 9), [], 2, "nyare version"),
        (strip_formulas, [], 4, "bara värden"),
        (to_cells, [], 4, "4.1 Inom förvaltningen!A6 är ingen Exceltabell längre"),
        (without_values, [], 2, "inga värden för 2024"),
        (unsaved, [], 4, "4.1 Inom förvaltningen!C7"),
        (
            lambda b: b.move_column_out("InomForvaltningen", "Möjlig effektivisering"),
            [],
            4,
            "”Möjlig effektivisering” i 4.1 Inom förvaltningen!H6 står till höger",
        ),
        (
            lambda b: None,
            ["--till", "aldrig"],
            2,
            "Skriv --till kort, --till lang eller --till utredning.",
        ),
        (lambda b: None, ["--ut", "bok.xlsx"], 2, "kan inte skrivas över"),
        (lambda b: None, ["--ut", "ny.xlsm"], 2, "samma typ"),
        (lambda b: None, ["--ut", "finns/inte.xlsx"], 4, "Mappen"),
        (
            lambda b: etree.SubElement(
                b.sheet("4.1 Inom förvaltningen"), q("sheetProtection"), {"sheet": "1"}
            ),
            [],
            4,
            "Bladet 4.1 Inom förvaltningen är skyddat",
        ),
    ],
)
def test_what_stops_it_is_told_and_writes_nothing(capsys, change, options, expected, words):
    edit(change)
    before = BOK.read_bytes()
    status, answer, err = roll(capsys, *options)
    assert (status, answer) == (expected, None)
    assert words in err
    assert [f.name for f in Path().iterdir()] == ["bok.xlsx"]
    assert BOK.read_bytes() == before


def test_missing_and_unfilled_workbooks(capsys):
    assert roll(capsys, fil=Path("saknas.xlsx"))[0] == 4
    assert run(["nytt-ar"]) == 2
    assert run(["bygg", "--ut", "tom.xlsx"]) == 0
    edit(lambda b: b.put_name("Kommun", "Mark"), Path("tom.xlsx"))
    edit(lambda b: b.put_name("Profil", "generell"), Path("tom.xlsx"))
    status, _, err = roll(capsys, fil=Path("tom.xlsx"))
    assert (status, "har inga värden ännu" in err) == (2, True)


def test_a_file_that_had_the_name_is_kept(capsys):
    NY.write_bytes(b"mitt")
    _, answer, _ = roll(capsys)
    assert Path(f"ny (tidigare {HOST}).xlsx").read_bytes() == b"mitt"
    assert "sparad som" in answer["varningar"][-1]
    assert zipfile.is_zipfile(NY)


def test_tables_of_whole_columns_are_no_more_work(capsys):
    calls = count_calls(lambda: roll(capsys))
    expected = {t: rows(t) for t in ("UnderUtredning", "KortSikt", "Ekonomi")}

    def whole_columns(bok):
        for name in ("Ekonomi", "KortSikt", "UnderUtredning", "InomForvaltningen"):
            _, root, _ = bok.table(name)
            first, left, _, right = bok.area(name)
            ref = f"{cell_name(first, left)}:{cell_name(1_048_576, right)}"
            for element in (root, *root.iter(q("autoFilter"))):
                element.set("ref", ref)
        # As ordinary workbooks have.
        data = bok.sheet("3.1 Kort sikt").find(q("sheetData"))
        last = etree.SubElement(data, q("row"), {"r": "1048576"})
        etree.SubElement(last, q("c"), {"r": "A1048576", "s": "1"})

    edit(whole_columns)
    answers = []
    # A million rows more in each of four tables, and not a call for each.
    assert count_calls(lambda: answers.append(roll(capsys))) < calls + 2 * 1_048_576
    [(status, _, err)] = answers
    assert status == 0, err
    bok = opened()
    for table, wanted in expected.items():
        sheet = next(s for s in bok if table in s.tables)
        area = sheet[sheet.tables[table].ref.replace("1048576", "60")]
        headers = [c.value for c in area[0]]
        found = [dict(zip(headers, (c.value for c in row), strict=True)) for row in area[1:]]
        assert [r for r in found if any(r.values())] == wanted
