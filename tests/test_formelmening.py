"""A formula is known by what it means, whichever program has saved it."""

import re

import pytest
from openpyxl.formula import Tokenizer
from openpyxl.formula.translate import Translator

from genomlysning.bok import beskrivning
from genomlysning.bok.formelmening import (
    Sammanhang,
    describe_mening,
    describe_monster,
    list_egna,
    list_tabeller,
    move_formula,
)
from genomlysning.bok.formler import this_row

HAR = Sammanhang("2.1 Ekonomi", 12, 5, "Ekonomi")


def mening(formel, plats=HAR):
    return describe_mening(formel, plats)


@pytest.mark.parametrize(
    "spelt",
    [
        # short and long, blanks, capitals, the part that is meant where none is named
        [
            "Ekonomi[[Kolada-id]]",
            "Ekonomi[Kolada-id]",
            "ekonomi[ [kolada-ID] ]",
            "EKONOMI[[#Data],[Kolada-id]]",
        ],
        [
            "Ekonomi[[#This Row],[Enhet]]",
            "Ekonomi[@Enhet]",
            "[@Enhet]",
            "[@[Enhet]]",
            "Ekonomi[[#this row], [Enhet]]",
        ],
        ["Ekonomi[[#This Row],[Nettokostnad (kr/inv)]]", "Ekonomi[@[Nettokostnad (kr/inv)]]"],
        ["Ekonomi[[#All],[A]:[B]]", "Ekonomi[ [#all] , [a]:[b] ]"],
        ["ROWS(Ekonomi)", "ROWS(Ekonomi[])", "ROWS(ekonomi[#Data])"],
        ["Ekonomi['#1 av '[2']]", "Ekonomi[['#1 av '[2']]]"],
        # functions, names, truth values, numbers, errors, blanks
        [
            'IF(Namnd="","",Tolerans)',
            'if( NAMND = "" , "" , tolerans )',
            'IF(Namnd="",\n"",Tolerans)',
        ],
        [
            "VLOOKUP(x,NyckeltalRegler,3,FALSE)",
            "VLOOKUP(x,NyckeltalRegler,3,FALSE())",
            "vlookup(X,nyckeltalregler,3,false)",
        ],
        [
            "IFERROR(SORT(x),0.5)",
            "_xlfn.IFERROR(_xlfn._xlws.SORT(x),.5)",
            "_XLFN.IFERROR(SORT(x),0.50)",
        ],
        ["SUM(Ekonomi[Av])", "SUM(@Ekonomi[Av])", "SUM(_xlfn.SINGLE(Ekonomi[Av]))"],
        ["_xlfn.SINGLE(INDEX(A1,2,3))", "@INDEX(A1,2,3)", "INDEX(A1,2,3)"],
        ["IF(x=1E3,#N/A,1)", "IF(x=1000,#n/a,1)"],
        # places
        ["Listor!$N$2:$N$41", "'Listor'!N2:N41", "listor!$N$2:Listor!$N$41", "Listor!$n$2:n$41"],
        ["B12+B13", "$B$12+$B13", "'2.1 Ekonomi'!B12+'2.1 ekonomi'!$B$13"],
        ["SUM($A:$A)+SUM(1:3)", "SUM(A:A)+SUM($1:$3)"],
        ["[0]!Kommun", "Kommun", "KOMMUN"],
    ],
)
def test_however_it_is_spelt_it_means_the_same(spelt):
    assert len({mening(s) for s in spelt}) == 1, [mening(s) for s in spelt]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('IF(x="Ja",1,0)', 'IF(x="ja",1,0)'),  # what is in quotes is a text
        ('"A 1"', '"A1"'),
        ('"Ekonomi[[X]]"', '"Ekonomi[X]"'),
        ('"TRUE()"', '"TRUE"'),
        ('""""&x', '""&x'),
        ("Ekonomi[Av]", "Personal[Av]"),
        ("Ekonomi[Av]", "Ekonomi[[#This Row],[Av]]"),
        ("Ekonomi[[#Headers],[Av]]", "Ekonomi[Av]"),
        ("Ekonomi[[A]:[B]]", "Ekonomi[[B]:[A]]"),
        ("Ekonomi[A:B]", "Ekonomi[[A]:[B]]"),  # a header with a colon in it
        ("[1]Blad!A1", "Blad!A1"),
        ("'[1]Blad'!A1", "Blad!A1"),
        ("B12", "Listor!B12"),
        ("LOG10(x)", "LOG(10,x)"),
        ("SUM(A1:B2 B2:C3)", "SUM(A1:B2,B2:C3)"),
        ("SUM((A1,B2))", "SUM(A1,B2)"),
        ("_xlfn.SINGLE(A1+B1)*2", "A1+B1*2"),
        ("{SUM(A1:A3)}", "SUM(A1:A3)"),  # fills several cells
        ("-2^2", "(-2)^2"),
        ("A1%", "A1"),
        ("IF(x,TRUE)", 'IF(x,"TRUE")'),
    ],
)
def test_what_means_something_else_is_told_apart(one, other):
    assert mening(one) != mening(other)


def test_a_row_inserted_above_moves_it_with_its_own_cells_only():
    below = HAR._replace(rad=13)
    assert mening("B10+B11+Listor!N2") == mening("$B$11+B12+Listor!$N$2", below)
    assert mening("B10") != mening("B10", below)
    assert mening("Listor!N2") != mening("Listor!N3", below)


def test_copies_of_a_formula_are_told_as_equal():
    def monster(formel, row, col):
        return describe_monster(formel, Sammanhang("Blad", row, col, "T"))

    assert monster('=IFERROR($A12,B$1)&"A12"', 12, 5) == monster('=IFERROR($A20,B$1)&"A12"', 20, 5)
    assert monster("A$1", 12, 5) != monster("A1", 12, 5)
    assert monster("Listor!$N$2+LOG10(A1)", 3, 3) == "listor!R2C14+LOG10(R[-2]C[-2])"
    assert monster("Listor!A7", 7, 2) == monster("Listor!A8", 8, 2)
    assert monster("T[[A1]]+'A1'!x", 1, 1) == "t[|a1]+a1!x"
    assert monster("[@A]*2", 7, 2) == monster("T[[#This Row],[A]]*2", 8, 2)


@pytest.mark.parametrize(
    "formel",
    [
        'IF(A1="A1",$A1+A$1,$A$1)',
        "SUM(A:B,$A:B,1:2,$1:2)",
        "Blad!C3+'A1 b'!C3+LOG10(C3)+Tab1[A1]+A1.b",
        "COUNTIF(A10:A12,\"?*\")&'Ä B'!$C$4",
    ],
)
def test_a_formula_is_copied_as_others_copy_it(formel):
    # openpyxl, which has been tried on many formulas, moves each as Excel does.
    expected = Translator(f"={formel}", origin="C3").translate_formula("E8")
    assert f"={move_formula(formel, 5, 2)}" == expected
    assert move_formula(formel, 0, 0) == formel


def test_a_copy_goes_round_the_edges_of_the_sheet():
    assert move_formula("A1", -1, -1) == "XFD1048576"
    assert move_formula("XFD1048576", 1, 1) == "A1"


def test_what_a_formula_refers_to():
    assert list_tabeller('SUM(Ekonomi[Av])&"Personal[Av]"&kvalitet[[A]]') == {"ekonomi", "kvalitet"}
    areas = list(list_egna("B12+SUM(C1:D3)+Listor!A1+'2.1 Ekonomi'!E5+F:F", HAR))
    assert areas == [(12, 2, 12, 2), (1, 3, 3, 4), (5, 5, 5, 5), (0, 6, 0, 6)]


def ours():
    for blad in beskrivning.BLAD:
        for tabell in blad.tabeller:
            headers = {k.nyckel: this_row(tabell.namn, k.rubrik) for k in tabell.kolumner}
            for kolumn in tabell.kolumner:
                if kolumn.formel:
                    yield tabell.namn, kolumn.formel.format(**headers).removeprefix("=")


@pytest.mark.parametrize(("tabell", "formel"), list(ours()))
def test_our_own_formulas_are_known_however_they_are_spelt(tabell, formel):
    """Each is spelt anew from openpyxl's reading of it, so that no fault of ours is hidden."""
    spelt = ""
    for token in Tokenizer(f"={formel}").items:
        text = token.value
        if token.type == "OPERAND" and token.subtype == "RANGE":
            text = re.sub(rf"{tabell}\[\[#This Row\],(.*)\]", r"[@\1]", text).upper()
            text = re.sub(r"(KVALITET)\[(\[.*\])\]", r"\1\2", text)
        elif token.type == "FUNC" and token.subtype == "OPEN":
            text = f"_xlfn.{text.lower()}"
        spelt += {"FALSE": "FALSE()", ",": " , "}.get(text, text)
    assert spelt != formel
    place = Sammanhang("Blad", 7, 1, tabell)
    assert describe_mening(spelt, place) == describe_mening(formel, place)
