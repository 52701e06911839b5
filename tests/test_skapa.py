"""`skapa` and `kontrollera` end to end, against the stand-in Kolada."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from arbetsbok import find_text, open_bok, read_namn, read_tabell
from genomlysning import skapa as skapa_modul
from genomlysning.begrepp import KOMMUNGENOMSNITT
from genomlysning.bok import beskrivning
from genomlysning.filskrivning import replace_whole
from genomlysning.kolada import Kolada, anslutning
from genomlysning.kommandorad import run
from genomlysning.profil import load_profil, load_verksamheter
from koladaserver import ABSENT, DELETED, Fel, Koladaserver
from koladavarden import members
from libreoffice import compare_cached, require_libreoffice
from ooxml import compare_parts, require_validator, validate

BUN = "barn-och-ungdomsnamnden"
PROFILER = (BUN, "kommunstyrelsen", "generell")
ALINGSAS, KUNGSBACKA = "1489", "1384"
IDAG = "2026-11-24"
#: Alingsås's groups, by verksamhet.
GRUPPER = {
    "forskola": "G85752",
    "fritidshem": "G85460",
    "grundskola": "G35866",
    "totalt_exkl_lss": "G37326",
}


@pytest.fixture(autouse=True)
def _server(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)


def make(capsys, *options, namnd=BUN, kommun="Alingsås", year=2024, idag=IDAG):
    """Run `skapa` with --json; return status, answer (or None) and what was told."""
    arguments = ["skapa", "--kommun", kommun, "--namnd", namnd, "--ut", "bok.xlsx", "--json"]
    arguments += ["--ar", str(year)] if year else []
    status = run([*arguments, "--idag", idag, *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def check(capsys, *options, namnd=BUN, kommun="Alingsås", year=2024):
    arguments = ["kontrollera", "--kommun", kommun, "--namnd", namnd, "--json", "--idag", IDAG]
    arguments += ["--ar", str(year)] if year else []
    status = run([*arguments, *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


# ---- what comes out is what Kolada has -----------------------------------------------------


@pytest.mark.parametrize("year", [2022, 2023, 2024])
@pytest.mark.parametrize("namnd", PROFILER)
def test_every_value_in_json_and_cells_is_the_servers(capsys, koladaserver, namnd, year):
    status, answer, _ = make(capsys, namnd=namnd, year=year)
    assert status == 0
    assert (answer["kommun"], answer["namnd"], answer["ar"]) == (
        {"id": ALINGSAS, "namn": "Alingsås"},
        namnd,
        year,
    )
    bok = open_bok(Path(answer["fil"]))
    poster = load_profil(namnd).nyckeltal
    assert len(answer["nyckeltal"]) == len(poster) >= 18
    for n in answer["nyckeltal"]:
        row = next(r for r in read_tabell(bok, n["tabell"]) if r["Kolada-id"] == n["id"])
        assert n["varde"] == koladaserver.value(n["id"], ALINGSAS, n["avser_ar"])[0]
        if n["tabell"].endswith("OverTid"):
            for one, value in n["varden"].items():
                assert value == koladaserver.value(n["id"], ALINGSAS, int(one))[0]
                assert row[f"År {one}"] == value
            continue
        assert row[f"Alingsås {year}"] == n["varde"]
        assert row[f"Liknande kommuner {year}"] == n["liknande"]
        assert row[f"Kommungenomsnitt {year}"] == n["snitt"]
        assert (row["Placering"], row["Av"]) == (n["placering"], n["placering_av"])
        assert row["Antal liknande"] == n["liknande_antal"]
        assert (row["Bedömning"], row["Avser år"]) == (n["bedomning"], year)
        similar, count = koladaserver.value(n["id"], n["grupp"], year)
        assert (n["liknande"], n["liknande_antal"]) == (similar, count)
        assert n["snitt"] == koladaserver.value(n["id"], KOMMUNGENOMSNITT, year)[0]
        check_place(koladaserver, n, next(p for p in poster if p.id == n["id"]), year)


def check_place(koladaserver, n, post, year):
    if post.riktning.value == "Ingen" or not post.jamforbar or n["varde"] is None:
        assert n["placering"] is None
        return
    values = [koladaserver.value(n["id"], k, year)[0] for k in members()[KOMMUNGENOMSNITT]]
    known = [v for v in values if v is not None]
    higher = post.riktning.value == "Högre"
    ahead = sum(v > n["varde"] if higher else v < n["varde"] for v in known)
    assert (n["placering"], n["placering_av"]) == (ahead + 1, len(known))


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
def test_published_kungsbacka(capsys, year):
    published = {2022: -2.1192, 2023: -2.4134, 2024: -3.0424, 2025: -2.7256}[year]
    status, answer, _ = check(capsys, kommun="Kungsbacka", year=year)
    assert status == 0
    (grundskola,) = [v for v in answer["verksamheter"] if v["id"] == "grundskola"]
    assert grundskola["per_brukare"]["enhet"] == "kr/elev"
    assert grundskola["per_brukare"]["egen_procent"] == pytest.approx(published, abs=1e-4)
    assert grundskola["avvikelse_procent"] == published


@pytest.mark.parametrize("namnd", PROFILER)
def test_reference_cost_in_sheet_and_json_agree(capsys, koladaserver, namnd):
    _, answer, _ = check(capsys, namnd=namnd)
    make(capsys, namnd=namnd)
    rows = read_tabell(open_bok(Path("bok.xlsx")), "Referenskostnad")
    years = read_tabell(open_bok(Path("bok.xlsx")), "ReferenskostnadOverTid")
    verksamheter = load_verksamheter()
    assert [r["Verksamhet"] for r in rows if r["Verksamhet"]] == [
        v["namn"] for v in answer["verksamheter"]
    ]
    words = {"ja": "Ja", "nej": "Nej", "okant": "Kan inte bedömas"}
    for v, row in zip(answer["verksamheter"], rows, strict=False):
        known = verksamheter[v["id"]]
        net = [koladaserver.value(i, ALINGSAS, 2024)[0] for i in known.nettokostnad]
        assert v["nettokostnad"] == pytest.approx(row["Nettokostnad (kr/inv)"], rel=1e-12)
        assert v["nettokostnad"] == (None if None in net else pytest.approx(sum(net)))
        reference = [koladaserver.value(i, ALINGSAS, 2024)[0] for i in known.referenskostnad]
        assert v["referenskostnad"] == pytest.approx(row["Referenskostnad (kr/inv)"], rel=1e-12)
        assert v["referenskostnad"] == (None if None in reference else sum(reference))
        for key, figure, place in (
            ("avvikelse_procent", known.avvikelse_procent, ALINGSAS),
            ("liknande_procent", known.avvikelse_procent, GRUPPER[v["id"]]),
            ("kvalitetsindex", known.kvalitetsindex, ALINGSAS),
            ("kvalitetsindex_liknande", known.kvalitetsindex, GRUPPER[v["id"]]),
        ):
            expected = koladaserver.value(figure, place, 2024)[0] if figure else None
            assert v[key] == expected, key
        if len(known.avvikelse_mkr) == 1:
            assert (
                v["avvikelse_mkr"] == koladaserver.value(known.avvikelse_mkr[0], ALINGSAS, 2024)[0]
            )
        over_time = next(r for r in years if r["Verksamhet"] == v["namn"])
        for year in range(2020, 2025):
            published = koladaserver.value(known.avvikelse_procent, ALINGSAS, year)[0]
            assert over_time[str(year)] == published
        assert row["Egen beräkning (%)"] == pytest.approx(v["egen_procent"])
        assert row["Nettokostnadsavvikelse (%)"] == v["avvikelse_procent"]
        assert row["Nettokostnadsavvikelse (Mkr)"] == pytest.approx(v["avvikelse_mkr"])
        assert row["Kvalitetsindex"] == v["kvalitetsindex"]
        assert row["Kvalitetsindex liknande"] == v["kvalitetsindex_liknande"]
        assert row["Inom referenskostnaden"] == words[v["inom_referenskostnaden"]]
        assert row["Bättre resultat"] == words[v["battre_resultat"]]
        assert row["Uppfyller målet"] == words[v["uppfyller_malet"]]


def test_sums_above_and_below(capsys):
    _, answer, _ = check(capsys)
    mkr = [v["avvikelse_mkr"] for v in answer["verksamheter"]]
    assert answer["summa_over_mkr"] == pytest.approx(sum(m for m in mkr if m > 0))
    assert answer["summa_under_mkr"] == pytest.approx(sum(m for m in mkr if m < 0))


# ---- the workbook as such ------------------------------------------------------------------


@pytest.mark.parametrize("year", [2022, 2023, 2024])
@pytest.mark.parametrize("namnd", PROFILER)
def test_recalculation_and_validator_find_nothing(capsys, namnd, year):
    require_libreoffice()
    require_validator()
    make(capsys, namnd=namnd, year=year)
    assert compare_cached(Path("bok.xlsx")) == []
    if year == 2024:  # formulas must not depend on the reader's language
        assert compare_cached(Path("bok.xlsx"), locale="en-US") == []
    assert validate(Path("bok.xlsx")) == []


def test_the_same_day_gives_the_same_parts(capsys, koladaserver):
    make(capsys)
    Path("bok.xlsx").rename("forsta.xlsx")
    make(capsys)
    assert compare_parts(Path("forsta.xlsx"), Path("bok.xlsx")) == []


SHEETS = [
    "Start", "Sammanfattning", "Referenskostnad", "2.1 Ekonomi", "2.1 Ekonomi över tid",
    "2.2 Personal", "2.2 Personal över tid", "2.3 Kvalitet", "2.3 Kvalitet över tid", "2.4 Analys",
    "3 Uppföljning", "3.1 Kort sikt", "3.2 Lång sikt", "3.3 Under utredning",
    "4.1 Inom förvaltningen", "4.2 Kommunövergripande", "Jämförelsegrupper", "Logg", "Listor",
]  # fmt: skip
COMPARED = [
    "Nyckeltal", "Alingsås 2024", "Liknande kommuner 2024", "Kommungenomsnitt 2024", "Avser år",
    "Enhet", "Önskad riktning", "Skillnad", "Bedömning", "Placering", "Av", "Antal liknande",
    "Jämförelsegrupp", "Kolada-id", "Anmärkning", "Källa", "Hämtad", "Kommentar",
]  # fmt: skip
OVER_TIME = [
    "Nyckeltal", "År 2022", "År 2023", "År 2024", "Enhet", "Önskad riktning", "Förändring",
    "Utveckling", "Kolada-id", "Anmärkning", "Källa", "Hämtad", "Kommentar",
]  # fmt: skip
FOLLOWED = [
    "Åtgärd", "Beskrivning", "Möjlig effektivisering", "Uppföljning", "Genomförandestatus",
    "Realiserad effekt", "Kräver samordning", "Ursprung",
]  # fmt: skip
MOVES = [
    "Område", "Beskrivning", "Möjlig effektivisering", "Effekt", "Berör även", "Avstämt med",
    "Hanteras som", "Läge vid årsbokslut",
]  # fmt: skip
TABLES = {
    "Ekonomi": COMPARED, "Personal": COMPARED, "Kvalitet": COMPARED,
    "EkonomiOverTid": OVER_TIME, "PersonalOverTid": OVER_TIME, "KvalitetOverTid": OVER_TIME,
    "KortSikt": FOLLOWED, "LangSikt": FOLLOWED, "UnderUtredning": FOLLOWED,
    "InomForvaltningen": MOVES, "Kommunovergripande": MOVES,
    "Referenskostnad": [
        "Verksamhet", "Nettokostnad (kr/inv)", "Referenskostnad (kr/inv)", "Avvikelse (kr/inv)",
        "Egen beräkning (%)", "Nettokostnadsavvikelse (%)", "Nettokostnadsavvikelse (Mkr)",
        "Nettokostnadsavvikelse liknande (%)", "Inom referenskostnaden", "Kvalitetsindex",
        "Kvalitetsindex liknande", "Resursindex", "Effektivitetsindex", "Bättre resultat",
        "Uppfyller målet", "Anmärkning",
    ],
    "ReferenskostnadOverTid": ["Verksamhet", "2020", "2021", "2022", "2023", "2024", "Anmärkning"],
}  # fmt: skip


def test_sheets_tables_columns_and_names_are_those_agreed(capsys):
    make(capsys)
    bok = open_bok(Path("bok.xlsx"))
    assert bok.sheetnames == SHEETS
    assert bok["Listor"].sheet_state == "hidden"
    for name, headers in TABLES.items():
        assert list(read_tabell(bok, name)[0]) == headers
    assert {"Jamforelsegrupper", "Logg"} <= {t for s in bok.worksheets for t in s.tables}
    assert read_namn(bok, "Kommun") == "Alingsås"
    assert read_namn(bok, "Namnd") == "Barn- och ungdomsnämnden"
    assert (read_namn(bok, "Profil"), read_namn(bok, "Dataar")) == (BUN, 2024)
    assert (read_namn(bok, "Period"), read_namn(bok, "Tolerans")) == ("2025–2026", 2)
    assert (read_namn(bok, "ToleransEnheter"), read_namn(bok, "Ordningstal")) == (1, None)
    assert read_namn(bok, "SenastHamtad").date() == date(2026, 11, 24)
    for name in ("ForraAret", "Diarienummer", "AntagenDatum", "AntagenParagraf"):
        assert name in bok.defined_names


def test_template_columns_come_first_everywhere():
    for blad in beskrivning.BLAD:
        for tabell in blad.tabeller:
            marks = [k.mall for k in tabell.kolumner]
            assert marks == sorted(marks, reverse=True)


def test_dropdowns_have_words_and_prompts(capsys):
    make(capsys)
    sheet = open_bok(Path("bok.xlsx"))["4.1 Inom förvaltningen"]
    found = {str(v.sqref): v for v in sheet.data_validations.dataValidation}
    effekt = next(v for v in found.values() if v.promptTitle == "Effekt")
    assert effekt.type == "list"
    assert effekt.formula1.startswith("Listor!")
    assert any("Stäm av" in (v.prompt or "") for v in found.values())


def test_groups_and_log_tell_what_was_used(capsys):
    make(capsys)
    bok = open_bok(Path("bok.xlsx"))
    groups = {r["Område"]: r for r in read_tabell(bok, "Jamforelsegrupper")}
    assert groups["grundskola"]["Grupp-id"] == "G35866"
    assert groups["grundskola"]["Kommunkoder"].split(", ") == list(members()["G35866"])
    (entry,) = read_tabell(bok, "Logg")
    assert (entry["Händelse"], entry["Kommun"], entry["År"]) == ("Ny arbetsbok", "Alingsås", 2024)


def test_text_from_a_profile_is_never_a_formula(capsys, tmp_path):
    text = (
        'namn = "=CMD()"\nforvaltning = "f"\nomrade = "grundskola"\n[[nyckeltal]]\nid = "N15001"\n'
        'namn = "=1+1"\nkategori = "Ekonomi"\nbedomning = "mal"\nriktning = "Mål"\nmal = 0\n'
        'enhet = "%"\ndecimaler = 1\nanmarkning = "@SUM(A1)"\n'
    )
    Path("egen.toml").write_text(text, encoding="utf-8")
    status, _, err = make(capsys, namnd="egen.toml")
    assert status == 0, err
    bok = open_bok(Path("bok.xlsx"))
    (row,) = read_tabell(bok, "Ekonomi")
    assert row["Nyckeltal"] == "=1+1"
    cell = bok["2.1 Ekonomi"]["A7"]
    assert cell.data_type == "s"
    assert read_namn(bok, "Namnd") == "=CMD()"


# ---- missing, preliminary, revised ---------------------------------------------------------


def the_figure(answer, figure):
    (found,) = [n for n in answer["nyckeltal"] if n["id"] == figure]
    return found


def test_a_missing_value_stays_empty_and_names_the_newest_year(capsys, koladaserver):
    koladaserver.varden[("N15814", ALINGSAS, 2024)] = None
    koladaserver.varden[("N15814", ALINGSAS, 2025)] = ABSENT
    koladaserver.varden[("N15814", ALINGSAS, 2023)] = 70.0
    koladaserver.varden[("N15034", ALINGSAS, 2024)] = DELETED
    koladaserver.varden[("N15205", ALINGSAS, 2024)] = 0.0
    _, answer, _ = make(capsys)
    missing = the_figure(answer, "N15814")
    assert (missing["varde"], missing["placering"]) == (None, None)
    assert missing["bedomning"] == "Kan inte bedömas"
    assert missing["anmarkning"].startswith("Värde saknas för 2024; senaste år med värde är 2023.")
    assert the_figure(answer, "N15034")["varde"] is None
    assert the_figure(answer, "N15205")["varde"] == 0.0
    assert {"N15814", "N15034"} <= set(answer["saknade"])
    assert "N15205" not in answer["saknade"]


def test_no_group_mean_gives_our_own_and_says_so(capsys, koladaserver):
    group = "G35866"
    koladaserver.varden[("N15814", group, 2024)] = None
    values = dict(zip(members()[group], [60.0, 70.0, None, 80.0, ABSENT, 90.0, 75.0], strict=True))
    for kommun, value in values.items():
        koladaserver.varden[("N15814", kommun, 2024)] = value
    _, answer, _ = make(capsys)
    found = the_figure(answer, "N15814")
    assert (found["liknande"], found["liknande_antal"]) == (75.0, 5)
    assert "Egen bearbetning av uppgifter från Kolada" in found["anmarkning"]
    assert "5 av de 7 liknande kommunerna har värde." in found["anmarkning"]
    rows = read_tabell(open_bok(Path("bok.xlsx")), "Personal")
    (row,) = [r for r in rows if r["Kolada-id"] == "N15814"]
    assert "Egen bearbetning" in row["Källa"]


def test_preliminary_values_are_marked_with_their_final_date(capsys):
    _, answer, _ = make(capsys, year=2025, idag="2026-06-15")
    assert "Preliminärt värde, slutligt 2026-09-30." in the_figure(answer, "N15001")["anmarkning"]
    _, answer, _ = make(capsys, year=2025, idag="2026-10-01")
    assert "Preliminärt" not in the_figure(answer, "N15001")["anmarkning"]


def test_preliminary_values_are_seen_where_the_verdicts_are(capsys):
    _, _, err = make(capsys, year=2025, idag="2026-09-10")
    assert "Jämförda värden som är preliminära: " in err
    bok = open_bok(Path("bok.xlsx"))
    assert find_text(bok, "Sammanfattning", "är preliminära")
    row = read_tabell(bok, "Referenskostnad")[0]
    assert row["Anmärkning"].startswith(
        "Preliminärt för referenskostnaden, avvikelsen och indexen, slutligt 2026-09-30."
    )
    remark = read_tabell(bok, "ReferenskostnadOverTid")[0]["Anmärkning"]
    assert remark.startswith("2025: preliminärt för")
    make(capsys, year=2025, idag="2026-11-01")
    assert not find_text(open_bok(Path("bok.xlsx")), "Sammanfattning", "preliminär")


def test_a_year_without_values_is_warned_of(capsys):
    status, _, err = make(capsys, year=2026)
    assert status == 0
    assert "Inget av nyckeltalen har något värde för 2026. Senaste år med värden är 2025." in err


def test_a_change_of_method_within_the_years_is_told_everywhere(capsys):
    _, answer, _ = make(capsys, year=2024)
    assert "från 2023" in the_figure(answer, "N15045")["anmarkning"]
    bok = open_bok(Path("bok.xlsx"))
    remarks = [r["Anmärkning"] for r in read_tabell(bok, "ReferenskostnadOverTid")]
    assert all("från 2023" in r for r in remarks)
    make(capsys, year=2021)
    assert (
        "från 2019"
        in read_tabell(open_bok(Path("bok.xlsx")), "ReferenskostnadOverTid")[0]["Anmärkning"]
    )


def test_the_default_year_is_the_newest_mostly_final(capsys):
    assert make(capsys, year=None, idag="2026-06-15")[1]["ar"] == 2024
    assert check(capsys, year=None)[1]["ar"] == 2025
    assert make(capsys, year=None)[1]["ar"] == 2025


def test_a_changed_value_is_reported_with_old_and_new(capsys, koladaserver):
    _, first, _ = make(capsys)
    before = the_figure(first, "N15814")["varde"]
    assert first["reviderade"] == []
    koladaserver.varden[("N15814", ALINGSAS, 2024)] = before + 1
    _, second, _ = make(capsys, "--hamta-om")
    assert {
        "id": "N15814", "kommun": ALINGSAS, "ar": 2024, "fran": before, "till": before + 1
    } in second["reviderade"]  # fmt: skip
    (entry,) = read_tabell(open_bok(Path("bok.xlsx")), "Logg")
    assert "N15814 2024 (Alingsås)" in entry["Ändrade värden"]


def test_a_revision_of_everything_fits_in_the_workbook(capsys, koladaserver):
    make(capsys)
    for figure in [p.id for p in load_profil(BUN).nyckeltal]:
        for kommun in members()[KOMMUNGENOMSNITT]:
            for year in range(2020, 2026):
                known = koladaserver.value(figure, kommun, year)[0]
                if known is not None:
                    koladaserver.varden[(figure, kommun, year)] = known + 0.125
    status, answer, err = make(capsys, "--hamta-om")
    assert status == 0, err
    assert len(answer["reviderade"]) > 100
    shown = {ALINGSAS, KOMMUNGENOMSNITT, "G85752", "G85460", "G35866"}
    assert {r["kommun"] for r in answer["reviderade"]} <= shown
    (entry,) = read_tabell(open_bok(Path("bok.xlsx")), "Logg")
    assert entry["Ändrade värden"].endswith(" till")


def test_the_date_of_fetch_is_that_of_the_values(capsys, koladaserver):
    make(capsys, idag="2026-11-20")
    koladaserver.fel = Fel("503")
    make(capsys, idag="2026-11-23")
    assert read_namn(open_bok(Path("bok.xlsx")), "SenastHamtad").date() == date(2026, 11, 20)


@pytest.mark.parametrize("idag", ["2025-05-01", "2026-01-15", "2026-08-29", "2026-11-24"])
@pytest.mark.parametrize("namnd", [BUN, "kommunstyrelsen"])
def test_both_commands_settle_on_the_same_year(capsys, namnd, idag):
    _, made, _ = make(capsys, namnd=namnd, year=None, idag=idag)
    _, checked, _ = check(capsys, "--idag", idag, namnd=namnd, year=None)
    assert made["ar"] == checked["ar"] <= int(idag[:4]) - 1


def test_the_index_of_similar_ones_is_our_own_mean_where_kolada_has_none(capsys, koladaserver):
    koladaserver.varden[("U15401", "G35866", 2024)] = None
    known = [koladaserver.value("U15401", m, 2024)[0] for m in members()["G35866"]]
    known = [v for v in known if v is not None]
    _, checked, _ = check(capsys)
    (grundskola,) = [v for v in checked["verksamheter"] if v["id"] == "grundskola"]
    assert grundskola["kvalitetsindex_liknande"] == pytest.approx(sum(known) / len(known))
    assert grundskola["battre_resultat"] in ("ja", "nej")
    _, made, _ = make(capsys)
    assert the_figure(made, "U15401")["liknande"] == grundskola["kvalitetsindex_liknande"]


def test_too_few_similar_ones_do_not_decide_about_results(capsys, koladaserver):
    for kommun in members()["G35866"]:
        koladaserver.varden[("U15401", kommun, 2024)] = None
    for kommun in members()["G35866"][:3]:
        koladaserver.varden[("U15401", kommun, 2024)] = 40.0
    _, checked, _ = check(capsys)
    (grundskola,) = [v for v in checked["verksamheter"] if v["id"] == "grundskola"]
    assert "Bara 3 av de liknande kommunerna har kvalitetsindex." in grundskola["anmarkning"]
    _, made, _ = make(capsys)
    assert the_figure(made, "U15401")["bedomning"] == "Kan inte bedömas"
    require_libreoffice()
    assert compare_cached(Path("bok.xlsx")) == []


ODD = """
namn = '4H-nämnden & "Kultur" [/b]'
forvaltning = "f"
omrade = "grundskola"
verksamheter = ["totalt_exkl_lss", "grundskola", "lss"]
[[nyckeltal]]
id = "U15011"
namn = "[bold]Kostnad"
kategori = "Ekonomi"
bedomning = "kostnad"
riktning = "Lägre"
enhet = "kr/elev"
decimaler = 0
"""


def test_an_odd_committee_is_written_and_shown_as_it_is(capsys):
    require_libreoffice()
    Path("egen.toml").write_text(ODD, encoding="utf-8")
    _, checked, _ = check(capsys, namnd="egen.toml")
    shown = ["kontrollera", "--kommun", "Alingsås", "--namnd", "egen.toml", "--ar", "2024"]
    assert run([*shown, "--idag", IDAG]) == 0
    assert '4H-nämnden & "Kultur" [/b]' in capsys.readouterr().out
    status, _, err = make(capsys, namnd="egen.toml")
    assert status == 0, err
    assert compare_cached(Path("bok.xlsx")) == []
    # Beside only some of its parts the total is what is summed.
    mkr = {v["id"]: v["avvikelse_mkr"] for v in checked["verksamheter"]}
    summed = [mkr["totalt_exkl_lss"], mkr["lss"]]
    assert checked["summa_over_mkr"] == pytest.approx(sum(m for m in summed if m > 0))
    assert checked["summa_under_mkr"] == pytest.approx(sum(m for m in summed if m < 0))


def test_empty_results_of_formulas_are_typed_as_text(capsys, koladaserver):
    koladaserver.varden[("N15814", ALINGSAS, 2024)] = None
    make(capsys)
    with zipfile.ZipFile("bok.xlsx") as package:
        sheets = [package.read(n).decode() for n in package.namelist() if "worksheets/s" in n]
    empty = [m for s in sheets for m in re.findall(r"<c [^>]*><f>[^<]*</f><v></v>", s)]
    assert empty
    assert all('t="str"' in cell for cell in empty)


def test_unknown_figures_are_reported(capsys):
    text = 'namn = "Egen"\nforvaltning = "f"\nomrade = "grundskola"\n'
    for figure in ("N15001", "N99999"):
        text += (
            f'[[nyckeltal]]\nid = "{figure}"\nnamn = "{figure}"\nkategori = "Kvalitet"\n'
            'bedomning = "resultat"\nriktning = "Högre"\nenhet = "%"\ndecimaler = 1\n'
        )
    Path("egen.toml").write_text(text, encoding="utf-8")
    status, answer, err = make(capsys, namnd="egen.toml")
    assert (status, answer["saknade"]) == (0, ["N99999"])
    assert "Kolada känner inte till N99999." in err
    assert "finns inte i Kolada" in the_figure(answer, "N99999")["anmarkning"]


def test_a_municipality_without_a_group_for_an_area_gets_the_reserve(capsys, koladaserver):
    text = (
        'namn = "Egen"\nforvaltning = "f"\nomrade = "LSS"\nverksamheter = ["lss"]\n'
        '[[nyckeltal]]\nid = "U28408"\nnamn = "Kvalitet"\nkategori = "Ekonomi"\n'
        'bedomning = "resultat"\nriktning = "Högre"\nenhet = "index"\ndecimaler = 1\n'
    )
    Path("egen.toml").write_text(text, encoding="utf-8")
    _, answer, err = make(capsys, namnd="egen.toml", kommun="Gnosjö")
    (n,) = answer["nyckeltal"]
    assert n["liknande"] == koladaserver.value("U28408", n["grupp"], 2024)[0]
    assert "Gruppen för LSS saknas" in n["anmarkning"]
    assert "Gnosjö har ingen grupp för området LSS" in err


# ---- as few questions as possible ----------------------------------------------------------


def test_a_second_run_within_a_day_asks_nothing(capsys, koladaserver):
    _, first, _ = make(capsys)
    asked = len(koladaserver.anrop)
    assert first["anrop"] == asked
    _, second, _ = make(capsys)
    assert len(koladaserver.anrop) == asked
    assert second["anrop"] == 0
    assert second["nyckeltal"] == first["nyckeltal"]


def test_questions_are_as_few_as_agreed(capsys, koladaserver):
    make(capsys)
    asked = [p.split("/")[4::2] for p, _ in koladaserver.anrop if "/data/" in p]
    assert len(asked) == len({tuple(a) for a in asked}) <= 24
    assert all(len(a) == 3 for a in asked)  # an answer for all would hold the groups too
    own = [a for a in asked if KOMMUNGENOMSNITT in a[1]]
    assert {n.id for n in load_profil(BUN).nyckeltal} <= {i for a in own for i in a[0].split(",")}
    assert len(own) == 2
    lists = [p for p, _ in koladaserver.anrop if p.endswith(("/municipality", "_groups"))]
    assert len(lists) == 2


def test_values_go_stale_after_a_day_and_metadata_after_a_week(capsys, koladaserver):
    make(capsys, idag="2026-11-20")
    koladaserver.anrop.clear()
    make(capsys, idag="2026-11-22")
    others = [p for p, _ in koladaserver.anrop if "/data/" not in p]
    assert len(koladaserver.anrop) > len(others)
    # The members come with the values of their groups.
    assert [p.partition("_groups/")[2].count("G") for p in others] == [3]
    koladaserver.anrop.clear()
    make(capsys, idag="2026-11-28")
    assert any(p.endswith("/municipality_groups") for p, _ in koladaserver.anrop)


# ---- when Kolada fails ---------------------------------------------------------------------

STAYING = [
    # fault, words of the message
    (Fel("429", sekunder=0), ["tar inte emot fler frågor"]),
    (Fel("429", sekunder=120), ["ber oss vänta 120 sekunder"]),
    (Fel("500"), ["tillfälligt fel (status 500)", "Försök igen"]),
    (Fel("503"), ["tillfälligt fel (status 503)"]),
    (Fel("reset"), ["få kontakt med Kolada"]),
    (Fel("cut"), ["kom inte fram helt"]),
    (Fel("cut-json"), ["kom inte fram helt"]),
    (Fel("html"), ["inloggningssida", "logga in på nätet"]),
    (Fel("wrong-types", sokvag="/data/"), ["fältet value är", "inte ett tal"]),
    (Fel("loop"), ["i en cirkel"]),
    (Fel("slow", sekunder=30), ["svarade inte i tid"]),
    (Fel("trickle", sekunder=30), ["svarade inte i tid"]),
    (Fel("422"), ["status 422", "Uppdatera Genomlysning"]),
]


@pytest.mark.parametrize(("fault", "words"), STAYING, ids=lambda x: getattr(x, "typ", ""))
def test_a_fault_that_stays_tells_what_to_do_and_writes_nothing(
    capsys, koladaserver, monkeypatch, fault, words
):
    if fault.typ in ("slow", "trickle"):
        monkeypatch.setattr(skapa_modul, "Kolada", partial(Kolada, tidsgrans=3.0))
        monkeypatch.setattr(anslutning, "LASTID", 0.5)
    koladaserver.fel = fault
    status, answer, err = make(capsys)
    assert (status, answer) == (3, None)
    assert all(w in err for w in words), err
    assert "Traceback" not in err
    assert list(Path().glob("*.xlsx")) == []
    assert list(Path().glob(".*.tmp")) == []
    with sqlite3.connect("lager.sqlite") as store:
        assert store.execute("select count(*) from varde").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["429", "500", "503", "reset", "cut", "cut-json", "empty-tail"])
@pytest.mark.parametrize("at", ["/municipality?", "/kpi/", "/data/"])
def test_a_fault_that_passes_is_not_noticed(capsys, koladaserver, kind, at):
    koladaserver.fel = Fel(kind, antal=1, sokvag=at, sekunder=0)
    status, answer, err = make(capsys)
    assert (status, err) == (0, "")
    figure = the_figure(answer, "N15001")
    assert figure["varde"] == koladaserver.value("N15001", ALINGSAS, 2024)[0]


def test_values_lost_from_an_answer_are_not_taken_for_missing(capsys, koladaserver):
    def is_of_all(n, path):
        lost = "/data/" in path and KOMMUNGENOMSNITT not in path
        return Fel("wrong-types", andra=lambda a: a | {"values": []}) if lost else None

    koladaserver.fel = is_of_all
    status, answer, err = make(capsys)
    assert (status, answer) == (3, None)
    assert "Kolada gav inte ett enda värde" in err
    koladaserver.fel = None
    _, answer, _ = make(capsys)
    assert the_figure(answer, "N15001")["varde"] is not None


def test_values_lost_from_one_answer_of_many_are_not_taken_for_missing(capsys, koladaserver):
    parts = []

    def is_one_of_all(n, path):
        if "/data/" in path and KOMMUNGENOMSNITT not in path and "N15001" in path:
            parts.append(path)
        lost = len(parts) == 5 and path == parts[-1]
        return Fel("wrong-types", andra=lambda a: a | {"values": []}) if lost else None

    koladaserver.fel = is_one_of_all
    status, answer, err = make(capsys)
    assert (status, answer) == (3, None)
    assert "år 2024 på frågan /data/kpi/" in err


def test_values_lost_from_the_own_answer_are_not_taken_for_missing(capsys, koladaserver):
    def lose(answer):
        left = [r for r in answer["values"] if (r["kpi"], r["period"]) != ("N15001", 2024)]
        return answer | {"values": left}

    koladaserver.fel = Fel("wrong-types", sokvag=KOMMUNGENOMSNITT, andra=lose)
    status, answer, err = make(capsys)
    assert (status, answer) == (3, None)
    assert "Kolada gav inte ett enda värde för N15001 år 2024" in err
    koladaserver.fel = None
    _, answer, _ = make(capsys)
    assert the_figure(answer, "N15001")["placering"] is not None


def test_what_is_asked_for_in_advance_is_asked_for_once(capsys, koladaserver):
    koladaserver.latens = 0.3
    make(capsys)
    assert koladaserver.flest_samtidiga >= 5  # not one round for each kind of question
    assert len(set(koladaserver.anrop)) == len(koladaserver.anrop) == 4 + 24
    asked = len(koladaserver.anrop)
    make(capsys)
    assert len(koladaserver.anrop) == asked


def test_an_unknown_municipality_does_not_wait_for_answers_in_advance(capsys, koladaserver):
    koladaserver.fel = lambda n, path: None if path.startswith("/v3/municipality?") else Fel("slow")
    # Not 3, as if it had waited until they were given up.
    assert make(capsys, kommun="Finnsinte")[0] == 2


def test_a_catalogue_that_knows_no_figure_is_not_believed(capsys, koladaserver):
    koladaserver.fel = lambda n, path: (
        Fel("wrong-types", andra=lambda a: a | {"values": []}) if "/v3/kpi/" in path else None
    )
    status, _, err = make(capsys)
    assert status == 3
    assert "utan att känna till ett enda av nyckeltalen" in err
    koladaserver.fel = None
    assert make(capsys)[1]["saknade"] == []


@pytest.mark.lang
@pytest.mark.parametrize("number", [1, 2, 4, 5, 6, 7, 17, 28])
def test_a_failure_at_any_request_writes_nothing(capsys, koladaserver, number):
    koladaserver.fel = lambda n, path: Fel("500") if n >= number else None
    status, answer, _ = make(capsys)
    assert (status, answer) == (3, None)
    assert list(Path().glob("*.xlsx")) == []
    koladaserver.fel = None
    assert make(capsys)[0] == 0


def test_more_than_25_ids_are_never_asked_for(capsys, koladaserver):
    for namnd in PROFILER:
        make(capsys, namnd=namnd)
    for path, _ in koladaserver.anrop:
        assert all(segment.count(",") < 25 for segment in path.split("/"))


def test_stored_values_are_used_when_kolada_cannot_be_reached(capsys, koladaserver):
    _, first, _ = make(capsys, idag="2026-11-20")
    koladaserver.fel = Fel("503")
    status, second, err = make(capsys, idag="2026-11-23")
    assert status == 0
    assert second["nyckeltal"] == first["nyckeltal"]
    assert "Kolada kunde inte nås. Det som hämtades 2026-11-20 (3 dygn gamla)" in err
    assert any("2026-11-20" in w for w in second["varningar"])
    # Another municipality is not in the store: nothing can stand in for it.
    assert make(capsys, kommun="Mark", idag="2026-11-23")[0] == 3


def test_a_wrong_answer_is_not_hidden_by_stored_values(capsys, koladaserver):
    make(capsys, idag="2026-11-20")
    koladaserver.fel = Fel("wrong-types", sokvag="/data/")
    status, _, err = make(capsys, idag="2026-11-23")
    assert status == 3
    assert "fältet value" in err


def test_nothing_listens_and_nothing_is_stored(capsys, monkeypatch):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "http://127.0.0.1:9/v3")
    status, _, err = make(capsys)
    assert status == 3
    assert "få kontakt med Kolada (127.0.0.1)" in err


# ---- files, and interrupted runs -----------------------------------------------------------


def test_a_file_of_that_name_is_kept(capsys):
    Path("bok.xlsx").write_bytes(b"min egen")
    _, _, err = make(capsys)
    kept = Path("bok (tidigare 2026-11-24).xlsx")
    assert kept.read_bytes() == b"min egen"
    assert kept.name in err
    make(capsys)
    assert kept.read_bytes() == b"min egen"
    assert Path("bok (tidigare 2026-11-24 2).xlsx").exists()


def test_two_runs_at_once_lose_nothing(tmp_path):
    target = tmp_path / "bok.xlsx"
    target.write_bytes(b"min egen")
    start = threading.Barrier(8)

    def one(n):
        start.wait()
        return replace_whole(target, lambda t: t.write_bytes(b"ny"), date(2026, 11, 24))

    with ThreadPoolExecutor(8) as pool:
        kept = [f.result() for f in [pool.submit(one, n) for n in range(8)]]
    assert len(set(kept)) == 8
    assert b"min egen" in {k.read_bytes() for k in kept}


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("bok.ods", 2, "slutar på .xlsx"),
        ("saknas/bok.xlsx", 4, "Mappen"),
        ("mapp.xlsx", 4, "det är en mapp"),
        ("x" * 300 + ".xlsx", 4, "namnet är för långt"),
    ],
)
def test_targets_that_cannot_be(capsys, koladaserver, target, status, words):
    Path("mapp.xlsx").mkdir()
    assert make(capsys, "--ut", target)[0] == status
    assert words in make(capsys, "--ut", target)[2]
    assert koladaserver.anrop == []


def test_a_full_disk_leaves_the_old_file(capsys, monkeypatch):
    make(capsys)
    before = Path("bok.xlsx").read_bytes()

    def full(fil, egenskaper):
        fil.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("genomlysning.bok.skriv.open_bok", full)
    status, _, err = make(capsys)
    assert status == 4
    assert "disken inte är full" in err
    assert Path("bok.xlsx").read_bytes() == before
    assert sorted(p.name for p in Path().iterdir() if "bok" in p.name) == ["bok.xlsx"]


@pytest.mark.lang
@pytest.mark.parametrize("request_number", [1, 3, 5, 6, 7, 8])
@pytest.mark.parametrize("delay", [0.0, 0.3])
def test_killed_at_any_moment_leaves_a_usable_store_and_no_half_workbook(
    capsys, koladaserver, request_number, delay
):
    reached = threading.Event()

    def notice(number, path):
        if number >= request_number:
            reached.set()

    koladaserver.fel = notice
    process = subprocess.Popen(
        [sys.executable, "-m", "genomlysning", "skapa", "--kommun", "Alingsås", "--namnd", BUN,
         "--ar", "2024", "--ut", "bok.xlsx", "--idag", IDAG],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert reached.wait(30)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if Path("bok.xlsx").exists():
        assert read_namn(open_bok(Path("bok.xlsx")), "Kommun") == "Alingsås"
    koladaserver.fel = None
    status, answer, err = make(capsys)
    assert status == 0
    assert "skadat" not in err
    assert the_figure(answer, "N15001")["varde"] is not None


# ---- the example ---------------------------------------------------------------------------


@pytest.mark.parametrize("namnd", PROFILER)
def test_the_example_needs_no_net_and_says_what_it_is_everywhere(capsys, koladaserver, namnd):
    require_libreoffice()
    require_validator()
    status = run(["skapa", "--exempel", "--namnd", namnd, "--ut", "exempel.xlsx", "--idag", IDAG])
    out, err = capsys.readouterr()
    assert status == 0
    assert all("preliminära" in line for line in err.splitlines())
    assert "EXEMPELDATA" in out
    assert koladaserver.anrop == []
    assert not Path("lager.sqlite").exists()
    fil = Path("exempel.xlsx")
    bok = open_bok(fil)
    assert bok.properties.subject == "EXEMPELDATA"
    assert {r["Källa"] for r in read_tabell(bok, "Ekonomi")} == {"Påhittat värde"}
    for sheet in bok.sheetnames:
        assert sheet == "Listor" or find_text(bok, sheet, "EXEMPELDATA"), sheet
    assert compare_cached(fil) == []
    assert validate(fil) == []


def test_the_example_has_no_other_municipality_or_year(capsys):
    assert run(["skapa", "--exempel", "--kommun", "Alingsås"]) == 2
    assert "bara för den påhittade kommunen" in capsys.readouterr().err
    assert run(["skapa", "--exempel", "--ar", "2024"]) == 2
    assert "bara för dataåret 2025" in capsys.readouterr().err


def test_a_figure_without_values_added_later_does_not_stop_the_run(capsys, koladaserver):
    def profile(*figures):
        return 'namn = "Egen"\nforvaltning = "f"\nomrade = "grundskola"\n' + "".join(
            f'[[nyckeltal]]\nid = "{i}"\nnamn = "{i}"\nkategori = "Kvalitet"\nenhet = "%"\n'
            'bedomning = "resultat"\nriktning = "Högre"\ndecimaler = 1\n'
            for i in figures
        )

    Path("egen.toml").write_text(profile("N15001"), encoding="utf-8")
    make(capsys, namnd="egen.toml")
    for kommun in (ALINGSAS, "G35866", KOMMUNGENOMSNITT):
        for year in range(2015, 2027):
            koladaserver.varden[("N15814", kommun, year)] = ABSENT
    Path("egen.toml").write_text(profile("N15001", "N15814"), encoding="utf-8")
    status, answer, err = make(capsys, namnd="egen.toml")
    assert (status, answer["saknade"]) == (0, ["N15814"]), err


def test_real_values_are_not_marked_as_example(capsys):
    make(capsys)
    bok = open_bok(Path("bok.xlsx"))
    assert bok.properties.subject != "EXEMPELDATA"
    assert not any(find_text(bok, s, "EXEMPEL") for s in bok.sheetnames)
