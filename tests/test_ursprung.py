"""Ursprung: what was written of a move is read again, whoever has written it."""

import pytest

from genomlysning.bok.ursprung import Ursprung, compose_ursprung, find_effekt, read_ursprung

ALLT = Ursprung(
    fran="Genomlysning 2025–2026, 4.2",
    effekt="Engång",
    beror="Barn- och ungdomsnämnden, Alingsåshem AB",
    avstamt="Barn- och ungdomsnämnden 2026-02-03\nAlingsåshem: väntar på svar",
    hanteras="Eget ärende",
    bokslut="Klart i mars",
    ovrigt=(("Ansvarig", "Kim"), ("Tid: start", "2026")),
)


def test_what_is_composed_is_read_again():
    short = Ursprung(fran="Genomlysning 2025–2026, 4.1")
    assert compose_ursprung(short) == "Genomlysning 2025–2026, 4.1"
    whole = ALLT._replace(ovrigt=ALLT.ovrigt[:1])
    for parts in (short, whole, Ursprung(), whole._replace(fran="")):
        assert read_ursprung(compose_ursprung(parts)) == parts


def test_texts_of_version_0_2_0_are_read():
    text = (
        "Genomlysning 2025–2026, 4.1\nEffekt: Årlig\nAnsvarig: Kim\n"
        "Berör även: Barn- och ungdomsnämnden\nKommunstyrelsen\nAvstämt med: Lo, 2026-02-03\n"
        "2026-03-01: klart\nKräver samordning: Ja"
    )
    assert read_ursprung(text) == Ursprung(
        fran="Genomlysning 2025–2026, 4.1",
        effekt="Årlig",
        beror="Barn- och ungdomsnämnden\nKommunstyrelsen",
        avstamt="Lo, 2026-02-03\n2026-03-01: klart",
        ovrigt=(("Ansvarig", "Kim"), ("Kräver samordning", "Ja")),
    )


@pytest.mark.parametrize("text", ["Genomlysning 2023", "Beslut: KF 2024 § 3", "Se\nprotokollet"])
def test_what_a_person_has_written_is_where_it_comes_from(text):
    assert read_ursprung(text) == Ursprung(fran=text)


def test_a_missing_text_has_no_parts():
    assert read_ursprung(None) == read_ursprung(" ") == Ursprung()
    assert read_ursprung("EFFEKT: årlig\nberör även:\nKommunstyrelsen") == Ursprung(
        effekt="årlig", beror="Kommunstyrelsen"
    )


@pytest.mark.parametrize(
    ("belopp", "effekt", "ursprung", "expected"),
    [
        ("500 tkr", None, "Genomlysning 2023, 4.1\nEffekt: Årlig", "Årlig"),
        ("500 tkr", "Engång", "Effekt: Årlig", "Engång"),
        ("500 tkr engång", None, "Effekt: Årlig", None),
        ("500 tkr", None, "Genomlysning 2023", None),
        (None, None, None, None),
    ],
)
def test_ursprung_tells_yearly_from_one_off_where_nothing_else_does(
    belopp, effekt, ursprung, expected
):
    assert find_effekt(belopp, effekt, ursprung) == expected
