"""Who is concerned, what has been checked with whom, and what looks alike: texts and answers."""

import random
import tracemalloc
from collections import Counter

import pytest

from arbete import count_calls
from genomlysning.sammanstallning.samordning import (
    ALLA,
    AVSTAMT,
    EJ_AVSTAMT,
    EJ_NAMND,
    INGEN_ANGIVEN,
    OKLART,
    describe_avstamning,
    find_berorda,
    list_kanda,
    rank_lika,
)
from trasigheter import within

KS, SN, BUN = "Kommunstyrelsen", "Socialnämnden", "Barn- och ungdomsnämnden"
VON, KUN, SBN = (
    "Vård- och omsorgsnämnden",
    "Kultur- och utbildningsnämnden",
    "Samhällsbyggnadsnämnden",
)
TEKNIK, VAL = "Teknik- och servicenämnden", "Valnämnden"
SERVICE_2024 = f"{TEKNIK} (Exempelkommun 2024)"
KANDA = list_kanda([KS, SN, BUN, SERVICE_2024, f"{TEKNIK} (Mark 2023)", VAL], [SN, VON, KUN, SBN])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Socialförvaltningen, Bostadsbolaget", [SN, "Bostadsbolaget"]),
        ("Kommunledningskontoret och bygg- och miljö", [KS, "bygg- och miljö"]),
        ("Socialnämnden och Miljö- och byggnadsnämnden", [SN, "Miljö- och byggnadsnämnden"]),
        ("Bostadsbolaget & socialtjänsten", [SN, "Bostadsbolaget"]),
        ("Samarbete med socialförvaltningen kring lokaler", [SN]),
        ("Socialnämnden och IT", [SN, "IT"]),
        ("Socialnämnden (SN)", [SN]),
        ("BUN, SN/KS", [BUN, SN, KS]),
        ("VON", [VON]),
        ("VoO och SBN", [VON, SBN]),
        ("ks, bun", [KS, BUN]),
        ("Stiftelsen von Otter", ["Stiftelsen von Otter"]),
        ("barn och ungdomsnämnden", [BUN]),
        ("Barn-och ungdomsförvaltningen", [BUN]),
        ("Vård & omsorg", [VON]),
        ("Kultur och utbildning", [KUN]),
        ("Kultur och socialchefen", [KUN, SN]),
        ("Barn och elever", ["Barn och elever"]),
        ("Teknik- och service", [TEKNIK]),
        ("Social- och barnnämnden", ["Social- och barnnämnden"]),
        ("Miljö- och samhällsbyggnad, KS", [KS, "Miljö- och samhällsbyggnad"]),
        ("socialdemokraterna", ["socialdemokraterna"]),
        ("valfria bolag", ["valfria bolag"]),
        ("valnämnden", [VAL]),
        ("alla nämnder", [ALLA]),
        ("Samtliga förvaltningar samt Bolag A", [ALLA, "Bolag A"]),
        ("Alla", [ALLA]),
        ("kommunens bolag", ["kommunens bolag"]),
        ("Alla nämnder utom KS", ["Alla nämnder utom KS"]),
        ("Alla förutom  SN,\nBUN", ["Alla förutom SN, BUN"]),
        ("Samtliga förvaltningar exkl. KLK", ["Samtliga förvaltningar exkl. KLK"]),
        ("BUN, ej KS", ["BUN, ej KS"]),
        ("Nej", [INGEN_ANGIVEN]),
        ("Nej, inte", [INGEN_ANGIVEN]),
        ("", [INGEN_ANGIVEN]),
    ],
)
def test_who_a_text_names(text, expected) -> None:
    assert sorted(find_berorda(text, KANDA)) == sorted(expected)


def test_a_cell_of_blanks_takes_no_time_of_its_square() -> None:
    # Forty full cells: what grows with the square would take an hour, and is stopped.
    n = 1_000_000
    text = f"BUN{' ' * n}och{'.' * n} Socialnämnden ({'(' * n}"
    with within():
        assert find_berorda(text, KANDA) == [BUN, SN]
        assert describe_avstamning(SN, text, KANDA) == AVSTAMT


@pytest.mark.parametrize(
    "text", ["och", "Och", "s &", "och och", "och nämnden", "och-nämnden", "och/och", "++", "& &"]
)
def test_joining_words_alone_name_nobody_and_stop_nothing(text) -> None:
    known = list_kanda([KS, text])
    for who in find_berorda(text, known):
        assert describe_avstamning(who, "KS", known) in (AVSTAMT, EJ_NAMND, OKLART)
    assert find_berorda("KS", known) == [KS]


def test_a_cell_full_of_names_stands_whole_and_its_names_are_read_once_each() -> None:
    def read(names: int) -> None:
        text = ", ".join(f"Enhet {n:04}" for n in range(names))
        concerned = find_berorda(text, KANDA)
        assert concerned == [text]
        assert {describe_avstamning(who, text, KANDA) for who in concerned} <= {AVSTAMT, EJ_NAMND}

    # Four times as many; sixteen times the work if each were held to each.
    assert count_calls(lambda: read(2000)) < 6 * count_calls(lambda: read(500))


def test_an_abbreviation_of_two_committees_is_neither() -> None:
    for profiles in ((), ["Skolnämnden"]):
        names = list_kanda(["Socialnämnden", "Servicenämnden"], profiles)
        assert find_berorda("SN", names) == ["SN"]
    own_before_profiles = list_kanda(["Servicenämnden"], ["Socialnämnden"])
    assert find_berorda("SN", own_before_profiles) == ["Servicenämnden"]


@pytest.mark.parametrize(
    ("berord", "text", "expected"),
    [
        (SN, "Socialchefen 3 mars", AVSTAMT),
        (SN, "Socialch.", AVSTAMT),
        (KS, "KS inköp 12/3", AVSTAMT),
        (VON, "Vård och omsorg 3/2", AVSTAMT),
        (KUN, "Kultur 2026-02-03, ok", AVSTAMT),
        (TEKNIK, "teknik & service", AVSTAMT),
        (SERVICE_2024, "Teknik- och serviceförvaltningen", AVSTAMT),
        (BUN, "Samtliga förvaltningar", AVSTAMT),
        ("Bolag A", "vd för bolag A", AVSTAMT),
        (SN, "Socialchefen 3/2, inte med BUN", AVSTAMT),
        (BUN, "Socialchefen 3/2, inte med BUN", OKLART),
        (SN, "inte avstämt med socialförvaltningen än", OKLART),
        (TEKNIK, "nej, inte med teknik- och service", OKLART),
        (SN, "Socialnämnden – inte än", OKLART),
        (SN, "Socialnämnden?", OKLART),
        (SN, "SN planeras i höst", OKLART),
        (SN, "Ska ske i höst", OKLART),
        (KS, "Alla nämnder utom KS", OKLART),
        ("Alla nämnder utom KS", "Alla nämnder", AVSTAMT),
        (INGEN_ANGIVEN, "Socialchefen", OKLART),
        (SN, "socialdemokraterna", EJ_NAMND),
        (SN, "Rektor", EJ_NAMND),
        (SN, " ", EJ_AVSTAMT),
        (SN, "Nej", EJ_AVSTAMT),
        (SN, "Nej, inte än.", EJ_AVSTAMT),
        (SN, "-", EJ_AVSTAMT),
        (SN, "Inga", EJ_AVSTAMT),
    ],
)
def test_what_is_said_of_a_check(berord, text, expected) -> None:
    assert describe_avstamning(berord, text, KANDA) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "Fordon: Gemensam bilpool för hela kommunen",
            "Bilar: Gemensam bilpool med hemtjänsten",
        ),
        ("Lokaler: Lämna Storgatan 3", "Lokaler: Samnyttja gymnastiksalar"),
        ("E-arkiv: Inför under året", "E-arkiv: Skanna gamla akter"),
        ("Digitala arkiv: Skanna", "E-arkiv: Upphandla"),
    ],
)
def test_one_unusual_word_makes_a_pair(first, second) -> None:
    (pair,) = rank_lika([first, second], [[SN], [BUN]]).par
    assert pair.likhet < 1
    assert rank_lika([first, second], [[SN], [f"{SN.upper()} (Mark 2024)"]]).par == []


def test_common_words_alone_make_no_pair() -> None:
    texts = ["Minska kostnaderna i verksamheten", "Ökade kostnader i hela verksamheten"]
    assert rank_lika(texts, [[SN], [BUN]]).par == []
    often = [f"Lokalvård {'abcdefgh'[n] * 6} {'ijklmnop'[n] * 6}" for n in range(8)]
    assert rank_lika(often, [[f"Nämnd {n}"] for n in range(8)]).par == []


def test_the_same_area_makes_a_pair_and_what_is_left_out_is_counted() -> None:
    texts = ["IT: Byt avtal", "IT: Egen drift", "Övrigt: Sälj skog", "Övrigt: Hyr båt"]
    areas = ["IT", "it", "Övrigt", "Övrigt"]
    found = rank_lika(texts, [[SN], [BUN], [SN], [BUN]], areas)
    assert ([p[:2] for p in found.par], found.utelamnade) == ([(0, 1)], 0)
    for size in (20, 60):  # few enough to be paired, and too many
        # Two texts from each committee, which make no pair.
        writers = [[f"Nämnd {n // 2}"] for n in range(size)]
        found = rank_lika([f"IT: {n}" for n in range(size)], writers, ["IT"] * size)
        assert (0 < len(found.par) <= 3 * size / 2) if size == 20 else not found.par
        assert len(found.par) + found.utelamnade == size * (size - 2) // 2


def test_one_subject_does_not_fill_the_list() -> None:
    texts = [f"Bilpool: {4 * chr(97 + n)} {4 * chr(98 + n)} bilar" for n in range(8)]
    found = rank_lika(texts, [[f"Nämnd {n}"] for n in range(8)], ["Bilpool"] * 8)
    counts = Counter(n for p in found.par for n in p[:2])
    assert set(counts) == set(range(8)), "none of them is lost"
    assert max(counts.values()) <= 4
    assert len(found.par) + found.utelamnade == 8 * 7 // 2


def test_words_that_any_proposal_has_make_no_pair() -> None:
    texts = ["Egen kartdatabas med grannkommunen", "Större enheter, eget kök, grannkommunerna"]
    assert rank_lika(texts, [[SN], [BUN]]).par == []


def test_a_crowd_of_proposals_does_not_fill_the_memory() -> None:
    # Each word in forty of them, which are as many pairs as a word can make.
    draw = random.Random(1).randrange
    words = [
        f"ord{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(3000)
    ]
    texts = [" ".join(words[draw(3000)] for _ in range(50)) for _ in range(2000)]
    writers = [[(SN, BUN)[i % 2]] for i in range(2000)]
    tracemalloc.start()
    rank_lika(texts, writers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_work_grows_with_the_proposals_and_not_with_their_square() -> None:
    def measure(size: int) -> int:
        words = ["".join(chr(97 + int(d)) for d in f"{n // 3:04}") for n in range(size)]
        texts = [f"Lokaler: skola {word}" for word in words]
        writers = [[f"Nämnd {n % 300}"] for n in range(size)]
        return count_calls(lambda: rank_lika(texts, writers, ["Lokaler"] * size))

    # Four times as many; sixteen times the work if all were compared with all.
    assert measure(8000) < 6 * measure(2000)
