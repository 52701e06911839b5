"""A row that people have added the others up in is not counted as one of them."""

from datetime import date

from genomlysning.bok.plan import describe_summa
from genomlysning.bok.programtexter import is_beloppssumma
from genomlysning.bok.summarader import looks_like_summa


def test_a_sum_is_known_by_its_name_alone() -> None:
    for name in ("Summa", "SUMMA:", "Delsumma 4.1", "totalt", "Totalt per år", "Summa förslag"):
        assert looks_like_summa({"omrade": name, "belopp": "1 mkr"}), name
        assert looks_like_summa({"atgard": None, "beskrivning": name}), name
    for name in ("Total översyn", "Summering av arkiv", "Lokaler", "Totalentreprenad", ""):
        assert not looks_like_summa({"omrade": name, "belopp": "1 mkr"}), name
    assert not looks_like_summa({"omrade": "Summa", "beskrivning": "Flera små åtgärder"})


def test_the_line_above_the_table_leaves_it_out_and_says_so() -> None:
    moves = [
        {"omrade": "Lokaler", "belopp": "1 mkr", "effekt": "Årlig"},
        {"omrade": "Fordon", "belopp": "500 tkr", "effekt": "Årlig"},
        {"omrade": "Summa", "belopp": "1,5 mkr", "effekt": "Årlig"},
    ]
    line = describe_summa(moves, date(2026, 11, 24))
    assert line == (
        "Möjlig effektivisering, räknat 2026-11-24: 1,5\u00a0mkr per år. 1 rad ser ut som en summa "
        "och räknas inte."
    )
    assert is_beloppssumma(line)


def test_the_line_above_the_table_is_known_from_a_persons_own() -> None:
    day = date(2026, 11, 24)
    several = ("1,5–2 mkr", "Årlig"), ("500 tkr", "Engång"), ("300 kr", None), ("oklart", None)
    moves = [{"omrade": "Lokaler", "belopp": b, "effekt": e} for b, e in several]
    for rows in ([], moves, moves[-1:], [{"omrade": "Summa", "belopp": "1 mkr"}]):
        line = describe_summa(rows, day)
        assert is_beloppssumma(line)
        assert not is_beloppssumma(f"{line} Se protokollet.")
    assert describe_summa(moves, day).count(".") == 2
