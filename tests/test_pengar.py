"""Money in free text: what is read, what is not, and how sums are shown (docs/regler.md)."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genomlysning.regler.pengar import (
    Belopp,
    format_belopp,
    is_oberakneligt,
    parse_belopp,
    sum_belopp,
)

LASBARA = [
    # Units.
    ("500 kr", 500, 500, None),
    ("500 kronor", 500, 500, None),
    ("500:-", 500, 500, None),
    ("500 000:-/år", 500_000, 500_000, False),
    ("500 tkr", 500_000, 500_000, None),
    ("500tkr", 500_000, 500_000, None),
    ("500 tkr.", 500_000, 500_000, None),
    ("500 TKR", 500_000, 500_000, None),
    ("500 t kr", 500_000, 500_000, None),
    ("500 kkr", 500_000, 500_000, None),
    ("500 tusen kronor", 500_000, 500_000, None),
    ("500 tusen kr", 500_000, 500_000, None),
    ("1,5 mkr", 1_500_000, 1_500_000, None),
    ("1,5 Mkr", 1_500_000, 1_500_000, None),
    ("1.5 mkr", 1_500_000, 1_500_000, None),
    ("2 mnkr", 2_000_000, 2_000_000, None),
    ("2 mn kr", 2_000_000, 2_000_000, None),
    ("2 milj kr", 2_000_000, 2_000_000, None),
    ("2 milj. kr.", 2_000_000, 2_000_000, None),
    ("500 SEK", 500, 500, None),
    ("500 kSEK", 500_000, 500_000, None),
    ("500 tsek/år", 500_000, 500_000, False),
    ("4 MSEK", 4_000_000, 4_000_000, None),
    ("1 miljon", 1_000_000, 1_000_000, None),
    ("2 miljoner", 2_000_000, 2_000_000, None),
    ("2,25 miljoner kronor", 2_250_000, 2_250_000, None),
    ("1,2 md kr", 1_200_000_000, 1_200_000_000, None),
    ("1 miljard kronor", 1_000_000_000, 1_000_000_000, None),
    # Numbers.
    ("0 kr", 0, 0, None),
    ("12,50 kr", "12.5", "12.5", None),
    ("2000000 kr", 2_000_000, 2_000_000, None),
    ("2\u00a0000\u00a0000\u00a0kr", 2_000_000, 2_000_000, None),
    ("2\u202f000\u2009000 kr", 2_000_000, 2_000_000, None),
    ("1.500.000 kr", 1_500_000, 1_500_000, None),
    ("1 500,5 tkr", 1_500_500, 1_500_500, None),
    ("0,125 mkr", 125_000, 125_000, None),
    ("1,2345 mkr", 1_234_500, 1_234_500, None),
    # About.
    ("ca 2 000 000 kr", 2_000_000, 2_000_000, None),
    ("Cirka 500 tkr", 500_000, 500_000, None),
    ("c:a 500 tkr", 500_000, 500_000, None),
    ("ca. 500 tkr", 500_000, 500_000, None),
    ("ungefär 500 tkr", 500_000, 500_000, None),
    ("Uppskattningsvis ca 500 tkr", 500_000, 500_000, None),
    ("~500 tkr", 500_000, 500_000, None),
    ("upp till 1 mkr", 0, 1_000_000, None),
    ("högst ca 500 tkr per år", 0, 500_000, False),
    # Ranges.
    ("0,5–1 mnkr per år", 500_000, 1_000_000, False),
    ("500-700 tkr", 500_000, 700_000, None),
    ("500 – 700 tkr", 500_000, 700_000, None),
    ("500—700 tkr", 500_000, 700_000, None),
    ("500 tkr–1 mkr", 500_000, 1_000_000, None),
    ("500–1 000 tkr", 500_000, 1_000_000, None),
    ("0–500 tkr", 0, 500_000, None),
    ("500 tkr till 1 mkr", 500_000, 1_000_000, None),
    ("från 500 till 700 tkr", 500_000, 700_000, None),
    ("mellan 500 och 700 tkr", 500_000, 700_000, None),
    ("Mellan ca 500 tkr och 1 mkr årligen", 500_000, 1_000_000, False),
    ("mellan 1-2 mkr", 1_000_000, 2_000_000, None),
    ("2 kr–300 kr", 2, 300, None),
    ("500:- – 700:-", 500, 700, None),
    # Yearly and one-off.
    ("500 tkr/år", 500_000, 500_000, False),
    ("500 tkr per år.", 500_000, 500_000, False),
    ("500 tkr om året", 500_000, 500_000, False),
    ("500 tkr, årligen", 500_000, 500_000, False),
    ("500 tkr (årligen)", 500_000, 500_000, False),
    ("500 tkr p.a.", 500_000, 500_000, False),
    ("Årlig effekt: 500 tkr", 500_000, 500_000, False),
    ("årligen ca 500 tkr", 500_000, 500_000, False),
    ("500 tkr engångseffekt", 500_000, 500_000, True),
    ("500 tkr som engångseffekt", 500_000, 500_000, True),
    ("500 tkr engångsvis", 500_000, 500_000, True),
    ("500 tkr (en gång)", 500_000, 500_000, True),
    ("  500 tkr\nper år\r\n", 500_000, 500_000, False),
]

OLASBARA = [
    "",
    " ",
    "-",
    "går inte att beräkna",
    "kr",
    # No unit.
    "500",
    "0",
    "500–700",
    "500 tkr–700",
    # Numbers that can be read in two ways, or not at all.
    "1.500 kr",
    "1,500 kr",
    "1.500 tkr",
    "1,500 mkr",
    "1,5000 kr",
    "0,001 kr",
    "10 00 kr",
    "1 5 mkr",
    "1, 5 mkr",
    "1500 000 kr",
    "05 mkr",
    "1\n500 tkr",
    "1\t500 tkr",
    "10² kr",
    "½ mkr",
    "٥ kr",
    # Ends that are open, reversed or can be meant in two ways.
    "minst 1 mkr",
    "från 1 mkr",
    "> 1 mkr",
    "drygt 1 mkr",
    "700–500 tkr",
    "500–1 mkr",
    "1 mkr–500 tkr",
    "2–300 tkr",
    "5–10 000 kr",
    "upp till 1–2 mkr",
    # Saving or cost?
    "-500 tkr",
    "−500 tkr",
    "+500 tkr",
    "+/- 500 tkr",
    "500 tkr -700 tkr",
    "500 tkr i engångskostnad",
    "årlig kostnad 500 tkr",
    # Several amounts.
    "1 mkr 2026 och 2 mkr 2027",
    "500 tkr och 700 tkr",
    "500 och 700 tkr",
    "1 mkr 500 tkr",
    "500 tkr\n- 700 tkr",
    "500 tkr\n700 tkr",
    "500 tkr, varav 200 tkr per år",
    # Words that change the meaning, or that are not understood.
    "500 tkr per månad",
    "500 kr per elev",
    "500 kr/plats",
    "500 tkr per år i tre år",
    "500 tkr från 2026",
    "2026: 500 tkr",
    "1 mkr på sikt",
    "1 mkr brutto",
    "2 %",
    "2 procent av budget",
    "2 årsarbetare",
    "500 eur",
    "4 M SEK",
    "500 tkr?",
    "inte 500 tkr",
    "en miljon",
    "årligen 500 tkr engångsvis",
    "500 tkr en gång per år",
    "500 tkr (årligen",
    "500 tkrper år",
    "1 mkr" + " " * 10_000 + "x",
]


@pytest.mark.parametrize(("text", "lagst", "hogst", "engang"), LASBARA)
def test_lasbar(text: str, lagst: int | str, hogst: int | str, engang: bool | None) -> None:
    belopp = Belopp(Decimal(lagst), Decimal(hogst), engang)
    assert parse_belopp(text) == belopp
    for form in ("NFC", "NFD"):
        assert parse_belopp(unicodedata.normalize(form, text).upper()) == belopp


@pytest.mark.parametrize("text", OLASBARA)
def test_olasbar(text: str) -> None:
    assert parse_belopp(text) is None


@pytest.mark.parametrize("cell", [500, 500.0, 0, True, float("nan"), float("inf"), None])
def test_number_cell_has_no_unit(cell: float | None) -> None:
    assert parse_belopp(cell) is None


def test_sum_keeps_yearly_and_one_off_apart() -> None:
    summa = sum_belopp(
        [
            ("1 mkr per år", None),
            ("0,5–1 mkr", "Årlig"),
            ("200 tkr", " engång "),
            ("100 tkr engångsvis", ""),
            ("50 tkr", None),
            ("10 tkr", "Oklart"),
            ("1 tkr per år", "Engång"),  # contradiction
            ("går inte att beräkna", "Årlig"),
            (500, "Årlig"),
            (None, "Årlig"),
            (" \n", None),
        ]
    )
    assert tuple(summa) == (1_500_000, 2_000_000, 300_000, 300_000, 61_000, 61_000, 7, 2, 2)


def test_what_can_not_be_reckoned_is_told_from_what_can_not_be_read() -> None:
    said = ("går inte att beräkna", " Går  ej att räkna ut.", "Kan inte beräknas ännu")
    other = ("går inte att beräkna, kanske 1 mkr", "ej beräknat", "mycket", "", None, 500.0)
    assert [is_oberakneligt(t) for t in (*said, *other)] == [True] * 3 + [False] * 6


def test_sum_of_nothing() -> None:
    assert set(sum_belopp([])) == {0}


@pytest.mark.parametrize(
    ("lagst", "hogst", "text"),
    [
        (0, 0, "0 kr"),
        (999, 999, "999 kr"),
        ("12.5", "12.5", "12,50 kr"),
        (1_500, 1_500, "1 500 kr"),
        (500_000, 500_000, "500 tkr"),
        (0, 500_000, "0–500 tkr"),
        (500_000, 700_000, "500–700 tkr"),
        (500_000, 700_500, "500 000–700 500 kr"),
        (999_999, 999_999, "999 999 kr"),
        (1_000_000, 1_000_000, "1 mkr"),
        (1_500_000, 2_000_000, "1,5–2,0 mkr"),
        (1_250_000, 1_250_000, "1,25 mkr"),
        (1_234_000, 1_234_000, "1 234 tkr"),
        (1_234_567, 1_234_567, "ca 1,2 mkr"),
        (1_250_001, 1_250_001, "ca 1,3 mkr"),
        (1_249_999, 1_249_999, "ca 1,2 mkr"),
        (1_234_567, 1_234_568, "ca 1,2 mkr"),
        (450_000, 1_234_567, "ca 0,5–1,2 mkr"),
        (2_000, 300_000, "2 tkr – 300 tkr"),
        (1_234_000_000, 1_234_000_000, "1 234 mkr"),
    ],
)
def test_format(lagst: int | str, hogst: int | str, text: str) -> None:
    shown = format_belopp(Decimal(lagst), Decimal(hogst))
    assert shown.replace("\u00a0", " ") == text
    # The number never parts from its unit, nor do the thousands from each other.
    assert " " not in shown.replace(" – ", "–")


@pytest.mark.parametrize(("lagst", "hogst"), [(2, 1), (-1, 1)])
def test_format_refuses(lagst: int, hogst: int) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        format_belopp(Decimal(lagst), Decimal(hogst))


ENHETER = {
    0: ["kr", "kronor", ":-", "Kr.", "SEK"],
    3: ["tkr", "tkr.", "kkr", "t kr", "tusen kronor", "TKR", "kSEK"],
    6: ["mkr", "Mkr", "mnkr", "mn kr", "milj kr", "milj.", "miljoner", "miljoner kronor", "MSEK"],
    9: ["md kr", "mdkr", "miljarder", "miljarder kronor"],
}
MELLANSLAG = [" ", "\u00a0", "\u202f", "\u2009"]
TIDER = {None: [""], False: [" per år", "/år", ", årligen", " (p.a.)"], True: [" engångsvis"]}


@st.composite
def written_amounts(draw: st.DrawFn, ore: int) -> str:
    """Write an amount, given in öre, in one of the accepted notations."""
    potens = draw(st.sampled_from(sorted(ENHETER)))
    whole, rest = divmod(ore, 10 ** (potens + 2))
    decimals = str(rest).zfill(potens + 2).rstrip("0") if rest else ""
    # Three decimals are ambiguous; more than eight are not accepted.
    assume(len(decimals) <= 8)
    if len(decimals) == 3 and whole:
        decimals += "0"
    separator = draw(st.sampled_from(["", *MELLANSLAG]))
    text = f"{whole:,}".replace(",", separator)
    if decimals:
        text += draw(st.sampled_from([",", "."])) + decimals
    return text + draw(st.sampled_from(["", *MELLANSLAG])) + draw(st.sampled_from(ENHETER[potens]))


@given(st.data())
def test_any_notation_is_read_as_the_same_kronor(data: st.DataObject) -> None:
    amounts = st.integers(0, 10**13)
    lagst, hogst = sorted((data.draw(amounts), data.draw(amounts)))
    ca = data.draw(st.sampled_from(["", "ca ", "c:a ", "cirka "]))
    engang = data.draw(st.sampled_from([None, False, True]))
    tid = data.draw(st.sampled_from(TIDER[engang]))
    forsta, sista = data.draw(written_amounts(lagst)), data.draw(written_amounts(hogst))
    fore, mellan = data.draw(
        st.sampled_from([("", " – "), ("", "–"), ("", " till "), ("mellan ", " och ")])
    )
    kronor = (Decimal(lagst) / 100, Decimal(hogst) / 100)
    assert parse_belopp(ca + sista + tid) == Belopp(kronor[1], kronor[1], engang)
    assert parse_belopp(fore + ca + forsta + mellan + sista + tid) == Belopp(*kronor, engang)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_shown_sums_are_read_back(a: int, b: int) -> None:
    lagst, hogst = sorted((Decimal(a) / 100, Decimal(b) / 100))
    shown = format_belopp(lagst, hogst)
    belopp = parse_belopp(shown)
    assert belopp is not None
    if shown.startswith("ca"):
        assert abs(belopp.lagst - lagst) <= 50_000
        assert abs(belopp.hogst - hogst) <= 50_000
    else:
        assert belopp == Belopp(lagst, hogst, None)


TEXTER = st.one_of(
    st.none(),
    st.text(),
    st.floats(),
    st.integers(),
    st.sampled_from([text for text, *_ in LASBARA] + OLASBARA),
    st.text(alphabet="0123456789 .,-–:/()tkrmca\n", max_size=20),
)
EFFEKTER = st.one_of(st.none(), st.sampled_from(["Årlig", "Engång", "årlig"]), st.text())
ROWS = st.lists(st.tuples(TEXTER, EFFEKTER), max_size=12)


@given(TEXTER)
def test_any_text_is_read_or_refused(text: str | float | None) -> None:
    belopp = parse_belopp(text)
    assert belopp is None or 0 <= belopp.lagst <= belopp.hogst


@given(ROWS, st.randoms())
def test_sum_does_not_depend_on_order(rows: list[tuple[str, str]], rnd: object) -> None:
    shuffled = list(rows)
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sum_belopp(shuffled) == sum_belopp(rows)


@given(ROWS, ROWS)
def test_sum_is_additive(a: list[tuple[str, str]], b: list[tuple[str, str]]) -> None:
    parts = zip(tuple(sum_belopp(a)), tuple(sum_belopp(b)), strict=True)
    assert tuple(sum_belopp(a + b)) == tuple(x + y for x, y in parts)


@given(ROWS)
def test_counts_add_up(rows: list[tuple[str, str]]) -> None:
    summa = sum_belopp(rows)
    assert summa.antal_lasta + summa.antal_ej_lasta + summa.antal_tomma == len(rows)
