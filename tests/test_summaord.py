"""What is said of sums, and where numbers are said to come from."""

import pytest

from genomlysning.kallrad import Tal, tell_kalla
from genomlysning.profil import load_verksamheter
from genomlysning.regler.referenskostnad import Summapost, sum_avvikelser
from genomlysning.summaord import describe_avvikelse, tell_summa
from genomlysning.verksamhetskostnad import Avvikelserad

NOTE = (
    "Beloppen gäller räkenskaperna per verksamhet, inte nämndens budget, och är inte besparingar."
)
NAMES = ("Alfa", "Beta", "Gamma", "Delta")
UNREAL = (
    "Den egna beräkningen för gamma räknas inte med, eftersom en avvikelse på mer än 60 procent "
    "inte är verklig."
)


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        ([], ""),
        ([None, None], ""),
        ([5.0], ""),  # a single one is no sum
        (
            [12.34, -64.8],
            "Tillsammans ligger verksamheterna 12,3 Mkr över och 64,8 Mkr under sina "
            "referenskostnader, netto −52,5 Mkr.",
        ),
        # A part that is zero as shown is not told.
        (
            [-60.0, -4.8, 0.04],
            "Tillsammans ligger verksamheterna 64,8 Mkr under sina referenskostnader.",
        ),
        ([0.0, 0.0], "Tillsammans ligger verksamheterna i nivå med sina referenskostnader."),
        (
            [-73.1, None],
            "Bara alfa av 2 verksamheter kan räknas in, och ligger 73,1 Mkr under sin "
            "referenskostnad. Belopp saknas för beta.",
        ),
        (
            [3.0, 2.0, None, None],
            "De 2 av 4 verksamheter som kan räknas in ligger tillsammans 5,0 Mkr över sina "
            "referenskostnader. Belopp saknas för gamma och delta.",
        ),
    ],
)
def test_a_sum_says_what_is_in_it(amounts, told):
    summa = sum_avvikelser(Summapost(NAMES[i], v) for i, v in enumerate(amounts))
    assert tell_summa(summa).replace("\u00a0", " ") == (f"{told} {NOTE}" if told else "")


def test_what_cannot_be_real_is_not_in_the_sum():
    summa = sum_avvikelser(
        [Summapost("Alfa", 1.0), Summapost("Beta", 2.0), Summapost("Gamma", 90.0, orimlig=True)]
    )
    assert tell_summa(summa).replace("\u00a0", " ") == (
        "De 2 av 3 verksamheter som kan räknas in ligger tillsammans 3,0 Mkr över sina "
        f"referenskostnader. {UNREAL} {NOTE}"
    )
    assert (
        tell_summa(sum_avvikelser([Summapost("Alfa", None), Summapost("Gamma", 9.0, True)])) == ""
    )


@pytest.mark.parametrize(
    ("percent", "told"),
    [
        (0.0, "lika hög som referenskostnaden"),
        (0.04, "0,04 % högre än referenskostnaden"),
        (-3.04, "3,0 % lägre än referenskostnaden"),
    ],
)
def test_a_deviation_in_words(percent, told):
    said = describe_avvikelse(percent, egen=False, orimlig=False)
    assert said.replace("\u00a0", " ") == told
    assert describe_avvikelse(percent, egen=True, orimlig=False) == f"{said} (egen beräkning)"


@pytest.mark.parametrize(
    ("numbers", "ours", "told"),
    [
        ([], ("summor",), "Egen bearbetning av uppgifter från Kolada: summor."),
        (
            [Tal("procent", "Förskola", False), Tal("mkr", "Förskola", False)],
            (),
            "Källa: Kolada för avvikelser i procent och avvikelser i Mkr.",
        ),
        (
            [Tal("procent", "Förskola", False), Tal("procent", "Vuxenutbildning", True)],
            ("bedömningar",),
            "Källa: Kolada för avvikelser i procent. Egen bearbetning av uppgifter från Kolada: "
            "avvikelser i procent för vuxenutbildning och bedömningar.",
        ),
        # Nothing of Kolada's, so Kolada is not named as the source.
        (
            [Tal("procent", "Vuxenutbildning", True)],
            (),
            "Egen bearbetning av uppgifter från Kolada: avvikelser i procent.",
        ),
    ],
)
def test_the_source_follows_from_the_numbers(numbers, ours, told):
    assert tell_kalla(numbers, ours) == told


def test_what_we_have_added_up_is_not_koladas():
    for v in load_verksamheter().values():
        ours = Avvikelserad(v.namn, 1.0, 2.0).egna_tal
        assert ("netto" in ours) is (len(v.nettokostnad) > 1), v.namn
        assert ("referens" in ours) is (len(v.referenskostnad) > 1), v.namn
        assert ("mkr" in ours) is (len(v.avvikelse_mkr) != 1 or v.avvikelse_procent is None)
    adult = next(v for v in load_verksamheter().values() if v.id == "vuxenutbildning")
    assert Avvikelserad(adult.namn, 1.0, 2.0).egna_tal == {"netto", "procent", "mkr"}
