"""Searching the catalogue: what is found, in which order, and what is asked of Kolada."""

import json
import sys
import unicodedata
from datetime import datetime
from functools import partial

import pytest

from genomlysning import sok as modul
from genomlysning.begrepp import Nyckeltal
from genomlysning.kolada import Kolada
from genomlysning.kommandorad import run
from genomlysning.lager import Lager
from genomlysning.lagerfil import STEG
from genomlysning.regler.enhet import parse_enhet
from koladaserver import Fel
from koladavarden import figures


@pytest.fixture(autouse=True)
def _server(koladaserver, monkeypatch):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.setenv("COLUMNS", "160")


def seek(capsys, *words):
    """Return status, what was written on standard output, and on standard error."""
    status = run(["sok", *words])
    return status, *capsys.readouterr()


def seek_json(capsys, *words):
    status, out, err = seek(capsys, *words, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def titles_with(*words):
    """Return the ids whose titles contain all the words, found in a way of the test's own."""

    def plain(text):
        return text.lower().translate(str.maketrans("åäöéü", "aaoeu"))

    return {i for i, r in figures().items() if all(plain(w) in plain(r["title"]) for w in words)}


@pytest.mark.parametrize(
    "words",
    [["förskola"], ["personal", "förskola"], ["kr/elev"], ["andel (%)"], ["ÅK", "9", "behöriga"]],
)
def test_every_figure_with_all_the_words_is_found(capsys, words):
    found = seek_json(capsys, *words)
    asked = [w for text in words for w in text.split()]
    assert {f["id"] for f in found} == titles_with(*asked)
    assert len({f["id"] for f in found}) == len(found) > 0
    for f in found:
        row = figures()[f["id"]]
        period = row.get("publ_period")
        assert f == {
            "id": f["id"],
            "titel": row["title"],
            "enhet": parse_enhet(row["title"]),
            "period": int(period) if period else None,
        }


def test_letters_may_be_folded_composed_or_decomposed(capsys):
    wanted = seek_json(capsys, "äldreomsorg", "särskilt")
    assert len(wanted) > 100
    for form in ("NFC", "NFD"):
        assert seek_json(capsys, unicodedata.normalize(form, "ÄLDREOMSORG"), "sarskilt") == wanted


def test_an_id_is_found_and_comes_first(capsys):
    assert [f["id"] for f in seek_json(capsys, "n15001")] == ["N15001"]
    beginning = [f["id"] for f in seek_json(capsys, "U154")]
    assert beginning
    assert all(i.startswith("U154") for i in beginning)
    # Digits alone are words of a title, not parts of an id.
    assert {f["id"] for f in seek_json(capsys, "65+")} == titles_with("65+")


def test_unknown_unit_and_period_are_null(capsys):
    [found] = seek_json(capsys, "U07553")
    assert found["enhet"] is None
    without = next(i for i, r in figures().items() if not r.get("publ_period"))
    [found] = seek_json(capsys, without)
    assert found["period"] is None


def test_the_order_is_id_then_beginning_then_rest_and_regions_last():
    def figure(id_, titel, typ="K"):
        return Nyckeltal(id_, titel, typ, False, None, None, None)

    katalog = [
        figure("N00001", "Böcker och bibliotek, antal"),
        figure("N00003", "Bibliotek i regionen, antal", "L"),
        figure("N00004", "Öppna bibliotek, antal"),
        figure("N00002", "Bibliotek, antal"),
        figure("N00005", "Helt annat"),
    ]
    assert [n.id for n in modul.rank(["bibliotek"], katalog)] == [
        "N00002",
        "N00003",
        "N00001",
        "N00004",
    ]
    assert [n.id for n in modul.rank(["n00005"], katalog)] == ["N00005"]


@pytest.mark.parametrize("as_json", [True, False])
def test_no_hit_suggests_words_that_are_near(capsys, as_json):
    status, out, err = seek(capsys, "biblotek", *(["--json"] if as_json else []))
    assert status == 0
    assert out.strip() == ("[]" if as_json else "")
    assert "”biblotek”. Menade du bibliotek" in err


def test_words_that_are_not_found_together_are_counted(capsys):
    status, out, err = seek(capsys, "förskola", "bibliotek")
    assert (status, out) == (0, "")
    alone = len(titles_with("förskola")), len(titles_with("bibliotek"))
    assert f"(förskola: {alone[0]}, bibliotek: {alone[1]})" in err


@pytest.mark.parametrize("words", [[], [""], ["  "]])
def test_nothing_to_search_for(capsys, koladaserver, words):
    status, out, err = seek(capsys, *words)
    assert (status, out) == (2, "")
    assert "genomlysning sok förskola personal" in err
    assert koladaserver.anrop == []


def test_a_pipe_gets_every_figure_on_a_line(capsys):
    status, out, _ = seek(capsys, "andel")
    assert status == 0
    lines = [line.split("\t") for line in out.splitlines()]
    assert {line[0] for line in lines} == titles_with("andel")
    row = figures()["N15419"]
    title = " ".join(row["title"].split())  # a tab in a title would shift the columns
    assert next(line for line in lines if line[0] == "N15419") == [
        "N15419",
        title,
        "%",
        row["publ_period"],
        row["operating_area"],
    ]


def test_a_screen_shows_fifty_and_tells_of_the_rest(capsys, monkeypatch):
    with monkeypatch.context() as terminal:
        terminal.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        assert run(["sok", "andel"]) == 0
    out = capsys.readouterr().out
    shown = [i for i in titles_with("andel") if f" {i} " in out]
    assert len(shown) == 50
    assert f"Ytterligare {len(titles_with('andel')) - 50} nyckeltal" in out
    assert "Källa: Kolada" in out


# ---- what is asked -------------------------------------------------------------------------


def test_the_catalogue_is_fetched_once_a_week(capsys, koladaserver):
    seek_json(capsys, "förskola", "--idag", "2026-11-20")
    assert [path for path, _ in koladaserver.anrop] == ["/v3/kpi"] * 2
    first = len(koladaserver.anrop)
    seek_json(capsys, "bibliotek", "--idag", "2026-11-26")
    assert len(koladaserver.anrop) == first
    seek_json(capsys, "bibliotek", "--idag", "2026-11-26", "--hamta-om")
    assert len(koladaserver.anrop) == 2 * first
    seek_json(capsys, "bibliotek", "--idag", "2026-12-03")
    assert len(koladaserver.anrop) == 3 * first


def test_figures_known_one_by_one_are_no_catalogue(capsys, koladaserver, tmp_path):
    with Lager.open() as store:
        one = Nyckeltal("N15001", "Gammal titel", "K", False, None, None, None)
        store.write_nyckeltal([one], ["N15001", "N99999"], datetime(2026, 11, 20))
        store.write_katalog([one], datetime(2026, 1, 1))
    assert len(seek_json(capsys, "nettokostnadsavvikelse", "--idag", "2026-11-20")) > 5
    assert koladaserver.anrop


def test_the_stored_catalogue_serves_when_kolada_cannot_be_reached(
    capsys, koladaserver, monkeypatch
):
    wanted = seek_json(capsys, "bibliotek", "--idag", "2026-11-01")
    monkeypatch.setattr(modul, "Kolada", partial(Kolada, tidsgrans=1.0))
    koladaserver.fel = Fel("503")
    status, out, err = seek(capsys, "bibliotek", "--idag", "2026-11-24", "--json")
    assert (status, json.loads(out)) == (0, wanted)
    assert "2026-11-01 (23 dygn gamla)" in err


@pytest.mark.parametrize(
    ("fault", "words"),
    [("503", "tillfälligt fel"), ("html", "inloggningssida"), ("reset", "kontakt med Kolada")],
)
def test_without_a_catalogue_the_fault_is_told(capsys, koladaserver, monkeypatch, fault, words):
    monkeypatch.setattr(modul, "Kolada", partial(Kolada, tidsgrans=1.0))
    koladaserver.fel = Fel(fault)
    status, out, err = seek(capsys, "bibliotek", "--json")
    assert (status, out) == (3, "")
    assert words in err
    assert "Traceback" not in err


# ---- the store -----------------------------------------------------------------------------


def test_the_catalogue_comes_back_from_the_store_and_replaces_the_former():
    then, now = datetime(2026, 11, 1), datetime(2026, 11, 20)
    one = Nyckeltal("N1", "Ett", "K", True, 2025, None, None, omrade="Demokrati")
    two = Nyckeltal("N2", "Två", "A", False, None, None, None)
    with Lager.open(":memory:") as store:
        assert store.read_katalog() == ([], None)
        store.write_katalog([one, two], then)
        assert store.read_katalog() == ([one, two], then)
        store.write_katalog([two], now)
        assert store.read_katalog() == ([two], now)
        # One that is gone is remembered as unknown, so that nobody asks for it again.
        assert store.read_nyckeltal(["N1", "N2"]) == {"N1": (None, now), "N2": (two, now)}


def test_a_store_of_the_first_version_keeps_its_catalogue_entries(tmp_path, monkeypatch):
    from genomlysning import lagerfil as lagermodul

    fil = tmp_path / "gammalt.sqlite"
    entry = ("N1", True, "Ett", "K", 1, 2025, None, None, "2026-11-01T00:00:00")
    with monkeypatch.context() as older:
        older.setattr(lagermodul, "STEG", STEG[:1])
        lagermodul._expected_schema.cache_clear()
        with Lager(fil) as store:
            marks = ", ".join("?" * len(entry))
            store._con.execute(f"INSERT INTO nyckeltal VALUES ({marks})", entry)
    lagermodul._expected_schema.cache_clear()
    with Lager(fil) as store:
        assert store.varningar == []
        [(found, _)] = store.read_nyckeltal(["N1"]).values()
        assert found == Nyckeltal("N1", "Ett", "K", True, 2025, None, None, omrade="")
