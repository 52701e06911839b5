"""The unit in a figure's title, pattern by pattern and over Kolada's whole catalogue."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomlysning.profil import list_profiler, load_profil
from genomlysning.regler.enhet import Monster, find_nedlagd, parse_enhet, tolka_titel

KATALOG = Path(__file__).parent / "katalog" / "kpi.json.gz"

#: Figures of municipalities by pattern, as counted independently over the catalogue: 3,649 in
#: all. The three titles that contradict themselves were counted as shares there, and the one
#: with a unit from its description among the 12 without.
ANTAL = {
    Monster.KOD: 121,
    Monster.PROCENTENHETER: 5,
    Monster.PROMILLE: 1,
    Monster.KR_PER: 595,
    Monster.KRONOR: 31,
    Monster.ANDEL: 1529 - 3,
    Monster.MOTSAGELSE: 3,
    Monster.PROCENT: 247,
    Monster.ANDEL_AV: 48,
    Monster.NAKEN_PROCENT: 1,
    Monster.ANTAL_PER: 153,
    Monster.FYSISK_PER: 36,
    Monster.TID: 27,
    Monster.ANTAL: 439,
    Monster.INDEX: 230,
    Monster.ANTAL_MEDEL: 5,
    Monster.POANG: 151,
    Monster.FYSISK: 10,
    Monster.ANTAL_INNE: 8,
    Monster.OKAND: 12 - 1,
    Monster.MANUELL: 1,
}

#: The figures of municipalities that no pattern fits, and last three that contradict themselves.
UTAN_ENHET = (
    *("N09817", "N11705", "N11706", "N24014", "U07356", "U07552", "U07553"),
    *("U15041", "U17904", "U21563", "U23564", "N21604", "N21610", "N21611"),
)


@pytest.fixture(scope="module")
def katalog() -> dict[str, dict[str, Any]]:
    with gzip.open(KATALOG, "rt", encoding="utf-8") as file:
        return {row["id"]: row for row in json.load(file)}


def test_each_pattern_takes_as_many_titles_as_were_counted(
    katalog: dict[str, dict[str, Any]],
) -> None:
    titles = [r["title"] for r in katalog.values() if r["municipality_type"] == "K"]
    assert len(titles) == 3649
    assert Counter(tolka_titel(t).monster for t in titles) == ANTAL


def test_few_titles_for_all_kinds_of_places_lack_a_unit(
    katalog: dict[str, dict[str, Any]],
) -> None:
    titles = [r["title"] for r in katalog.values() if r["municipality_type"] == "A"]
    assert sum(parse_enhet(t) is None for t in titles) == 14


def test_what_is_not_known_is_not_guessed(katalog: dict[str, dict[str, Any]]) -> None:
    for unknown in UTAN_ENHET:
        assert parse_enhet(katalog[unknown]["title"]) is None, unknown
    assert parse_enhet(katalog["U15049"]["title"]) == "kr/elev"


def test_the_shipped_profiles_have_the_units_of_the_titles(
    katalog: dict[str, dict[str, Any]],
) -> None:
    compared = 0
    for profil in list_profiler():
        for figure in load_profil(profil).nyckeltal:
            unit = parse_enhet(katalog[figure.id]["title"])
            if unit not in (None, "poäng"):  # meritvärdespoäng is a word of ours
                assert figure.enhet == unit, figure.id
                compared += 1
    assert compared > 40


@pytest.mark.parametrize(
    ("title", "unit", "pattern"),
    [
        ("Erbjuder kommunen något, (Ja=1/Nej=0)", "kod", Monster.KOD),
        ("Hemlösa, (Ja=1, Nej=2)", "kod", Monster.KOD),
        ("Utvecklade bränder, (Färre än=2, fler än=0) (-2023)", "kod", Monster.KOD),
        ("Organisation, (kodade svarsalternativ)", "kod", Monster.KOD),
        ("Avvikelse från SALSA, procentenheter", "procentenheter", Monster.PROCENTENHETER),
        ("Nettokostnad, revision, promille av allt", "‰", Monster.PROMILLE),
        ("Personalkostnader, kr/inv", "kr/inv", Monster.KR_PER),
        ("Kostnad, kr/inv (- 2024)", "kr/inv", Monster.KR_PER),
        ("Skulder, kr/inv (publiceras när K03138 har värde)", "kr/inv", Monster.KR_PER),
        ("Netto, kr/inv, 1 nov fg år", "kr/inv 1 nov fg år", Monster.KR_PER),
        ("Nettokostnad hemtjänst, kr/inv 80+", "kr/inv 80+", Monster.KR_PER),
        ("Försäljning, 1000 kr/invånare", "tkr/inv", Monster.KR_PER),
        ("Nettokostnadsavvikelse LSS, miljoner kronor", "Mkr", Monster.KRONOR),
        ("Köp av verksamhet, revision, tkr", "tkr", Monster.KRONOR),
        ("Medianlön, kr", "kr", Monster.KRONOR),
        ("Sjukfrånvaro,  andel (%)", "%", Monster.ANDEL),
        ("Trygg utomhus, andel(%)", "%", Monster.ANDEL),
        ("Deltar i program, andel (%). Källa: SCB.", "%", Monster.ANDEL),
        ("Examen, avvikelse från modellberäknat värde, (%)", "procentenheter", Monster.PROCENT),
        ("Elever, anel (%)", "%", Monster.PROCENT),
        ("Nettokostnadsavvikelse grundskola F-9, (%)", "%", Monster.PROCENT),
        ("Resultat, andel (%) av skatt & generella statsbidrag", "%", Monster.ANDEL_AV),
        ("Examen, andel (%), modellberäknat värde (-2024)", "%", Monster.ANDEL_AV),
        ("Uppräkningsfaktor, %", "%", Monster.NAKEN_PROCENT),
        ("Bostäder, antal/1000inv", "antal/1000 inv", Monster.ANTAL_PER),
        ("Hallar, antal/ 10 000 inv", "antal/10 000 inv", Monster.ANTAL_PER),
        ("Invånare, antal per 1000 invånare", "antal/1000 inv", Monster.ANTAL_PER),
        ("Vräkningar, antal barn/100 000 inv", "antal/100 000 inv", Monster.ANTAL_PER),
        ("Boyta, kvm/inv", "m²/inv", Monster.FYSISK_PER),
        ("Mängd\xa0avfall, kg/invånare (justerat)", "kg/inv (justerat)", Monster.FYSISK_PER),
        ("Energi, kWh/ljuspunkt", "kWh/ljuspunkt", Monster.FYSISK_PER),
        ("Larmbehandlingstid, mediantid i minuter.", "minuter", Monster.TID),
        ("Väntetid i antal dagar till beslut, medelvärde", "dagar", Monster.TID),
        ("Medelålder, år", "år", Monster.TID),
        ("Invånare totalt, antal", "antal", Monster.ANTAL),
        ("Insikt, antal svar, ny definition", "antal", Monster.ANTAL),
        ("Hållbart medarbetarengagemang (HME) - Totalindex", "index", Monster.INDEX),
        ("Personal, antal personal under 14 dagar, median", "antal", Monster.ANTAL_MEDEL),
        ("Elever i åk 9, meritvärde, genomsnitt (17 ämnen)", "poäng", Monster.POANG),
        ("Brukarbedömning - bemötande, medelvärde", None, Monster.POANG),
        ("Bilväg i kommunen, total, meter", "meter", Monster.FYSISK),
        ("Utsläpp av NMVOC, ton NMVOC", "ton NMVOC", Monster.FYSISK),
        ("Öppen förskola, antal heltidstjänster", "antal", Monster.ANTAL_INNE),
        ("Antal tagare, andel - Antal per en, andel (%)", None, Monster.MOTSAGELSE),
        ("Demografisk försörjningskvot", None, Monster.OKAND),
        ("", None, Monster.OKAND),
    ],
)
def test_a_title_of_each_pattern(title: str, unit: str | None, pattern: Monster) -> None:
    found = tolka_titel(title)
    assert (found.enhet, found.monster) == (unit, pattern)


def test_decomposed_letters_are_the_same() -> None:
    assert parse_enhet("Meda\u0308lder, a\u030ar".replace("Meda\u0308", "Medel")) == "år"


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("Insikt, antal svar (-2024)", 2024),
        ("Väntetid, median (- 2023)", 2023),
        ("Boende 1990-2024, antal", None),
        ("Invånare 0-20 år, antal", None),
    ],
)
def test_the_mark_of_a_discontinued_figure(title: str, year: int | None) -> None:
    assert find_nedlagd(title) == year


@given(st.text(max_size=200))
def test_any_text_is_answered(title: str) -> None:
    found = tolka_titel(title)
    assert found.enhet is None or found.enhet.strip()
