"""Kolada's catalogue changes: figures go and are renamed, and the workbook says so."""

import json

import pytest

from arbetsbok import open_bok, read_tabell
from genomlysning.begrepp import Nyckeltal
from genomlysning.efterfoljare import choose_efterfoljare
from genomlysning.kolada import anslutning
from genomlysning.kommandorad import run
from genomlysning.regler.enhet import shorten_titel
from koladaserver import Fel, Koladaserver
from koladavarden import figures, load

GENERELL = "generell"


@pytest.fixture(autouse=True)
def _server(koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    quick = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", quick)


def change_katalog(server, change):
    """Have the catalogue be what `change` makes of each of its rows (None: gone)."""
    rows = [new for row in load("kpi") if (new := change(dict(row))) is not None]
    answer = server._list
    server._list = lambda name: rows if name == "kpi" else answer(name)


def make(capsys, *arguments):
    status = run([*arguments, "--json"])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else None, err


def make_bok(capsys, idag):
    options = ["--kommun", "Alingsås", "--namnd", GENERELL, "--ar", "2024", "--ut", "bok.xlsx"]
    return make(capsys, "skapa", *options, "--idag", idag)


def test_a_figure_that_is_gone_is_told_with_its_likely_successor(capsys, koladaserver):
    _, first, _ = make_bok(capsys, "2026-11-01")
    gone, name = (first["nyckeltal"][3][k] for k in ("id", "namn"))

    def renumber(row):
        return row | {"id": "N99001"} if row["id"] == gone else row

    change_katalog(koladaserver, renumber)
    _, answer, err = make(capsys, "uppdatera", "bok.xlsx", "--idag", "2026-11-24")
    title = figures()[gone]["title"]
    assert f"Kolada känner inte till {name} ({gone}). {gone} är troligen N99001 ({title})." in err
    (row,) = [n for n in answer["nyckeltal"] if n["id"] == gone]
    assert "finns inte i Kolada. Det har troligen ersatts av N99001." in row["anmarkning"]
    asked = len(koladaserver.anrop)
    make(capsys, "uppdatera", "bok.xlsx", "--idag", "2026-11-24")
    assert len(koladaserver.anrop) == asked  # neither the catalogue nor the figure again


def test_a_catalogue_that_cannot_be_had_stops_nothing(capsys, koladaserver):
    _, first, _ = make_bok(capsys, "2026-11-01")
    gone, name = (first["nyckeltal"][3][k] for k in ("id", "namn"))
    change_katalog(koladaserver, lambda row: None if row["id"] == gone else row)
    koladaserver.fel = lambda n, path: Fel("500") if path.startswith("/v3/kpi?") else None
    status, _, err = make(capsys, "uppdatera", "bok.xlsx", "--idag", "2026-11-24")
    assert status == 0
    assert f"Kolada känner inte till {name} ({gone}). Kontrollera beteckningarna." in err


def nyckeltal(id_, titel, omrade="Grundskola", kommuntyp="K"):
    return Nyckeltal(id_, titel, kommuntyp, False, 2025, None, None, omrade)


KATALOG = [
    nyckeltal("U15010", "Elever som är trygga i årskurs 8, andel (%)"),
    nyckeltal("U15011", "Elever som är trygga i årskurs 5, andel (%)"),
    nyckeltal("U11010", "Elever som är trygga i årskurs 9, andel (%)", omrade="Förskola"),
    nyckeltal("U15012", "Elever som är trygga i årskurs 9 (-2024), andel (%)"),
    nyckeltal("N15099", "Något helt annat, kr/inv", kommuntyp="L"),
]


@pytest.mark.parametrize(
    ("figure", "namn", "expected"),
    [
        ("N15001", "Elever som är trygga i årskurs 8", "U15010"),
        ("N15001", "Trygga elever, årskurs 5", "U15011"),
        (
            "N15001",
            "Elever som är trygga i årskurs 9, andel",
            None,
        ),  # neither another year nor one ended
        ("N15001", "Nettokostnad grundskola", None),
        ("N15010", "Nettokostnad grundskola", "U15010"),  # the same digits
        ("U15099", "Något", None),  # only for regions
    ],
)
def test_a_successor_has_the_same_words_in_the_same_area(figure, namn, expected):
    found = choose_efterfoljare(figure, [namn], {"Grundskola"}, KATALOG)
    assert (found.id if found else None) == expected


def test_a_name_follows_the_catalogue_only_where_nobody_has_changed_it(capsys, koladaserver):
    import openpyxl

    _, first, _ = make_bok(capsys, "2026-11-01")
    ids = [n["id"] for n in first["nyckeltal"] if n["tabell"] == "Ekonomi"][:3]
    old = {i: figures()[i]["title"] for i in ids}
    whole, short, own = ids
    book = openpyxl.load_workbook("bok.xlsx")
    names = {whole: old[whole], short: shorten_titel(old[short]), own: "Vårt eget namn"}
    sheet = book["2.1 Ekonomi"]
    for row in sheet.iter_rows():
        cells = {c.value for c in row}
        for i, name in names.items():
            if i in cells:
                row[0].value = name
    book.save("bok.xlsx")
    rename = {i: "Omdöpt " + old[i] for i in ids}
    change_katalog(koladaserver, lambda row: row | {"title": rename.get(row["id"], row["title"])})
    _, answer, _ = make(capsys, "uppdatera", "bok.xlsx", "--idag", "2026-11-24")
    shown = {n["Kolada-id"]: n["Nyckeltal"] for n in read_tabell(open_bok("bok.xlsx"), "Ekonomi")}
    assert shown[whole] == rename[whole]
    assert shown[short] == shorten_titel(rename[short])
    assert shown[own] == "Vårt eget namn"
    others = {n["id"]: n["namn"] for n in first["nyckeltal"] if n["tabell"] == "Ekonomi"}
    assert {i: n for i, n in shown.items() if i not in ids} == {
        i: n for i, n in others.items() if i not in ids
    }
    log = read_tabell(open_bok("bok.xlsx"), "Logg")[-1]
    assert f"{whole} heter i Kolada nu {rename[whole]}" in log["Ändrade värden"]
    assert answer["nyckeltal"]
