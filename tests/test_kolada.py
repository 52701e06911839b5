"""The client gives every value as Kolada has it, or an error that says what to do."""

import json
import re
import socket
import time
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from genomlysning.begrepp import KOMMUNGENOMSNITT, Grupp, Kommun, Observation
from genomlysning.fel import AnvandarFel, KoladaFel, KoladaOnabar, KoladaSvarFel
from genomlysning.kolada import BAS_URL, Behov, Kolada, anslutning, plan_block
from genomlysning.kolada.fraga import ask_varden
from genomlysning.kolada.tolkning import _read_plain, _read_row
from koladaserver import ABSENT, DELETED, FORVANSKNINGAR, Fel, Koladaserver
from koladavarden import INVANARE, KOSTNADER, PER_ELEV, PUBLICERADE, figures, members, places

N15001 = "N15001"
KUNGSBACKA = "1384"
LIKNANDE = "G35866"  # Liknande kommuner grundskola, Alingsås
K_FIGURES = [i for i, f in figures().items() if f["municipality_type"] == "K"]
DIVIDED = next(
    i
    for i in K_FIGURES
    if figures()[i]["is_divided_by_gender"] and "(-" not in figures()[i]["title"]
)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", policy)


@pytest.fixture
def kolada(koladaserver: Koladaserver) -> Kolada:
    return Kolada(koladaserver.bas_url)


def _as_dict(observationer: list[Observation]) -> dict[tuple[str, str, int], float | None]:
    return {(o.nyckeltal, o.kommun, o.year): o.varde for o in observationer if o.gender == "T"}


def _ask(kolada: Kolada) -> dict[tuple[str, str, int], float | None]:
    return _as_dict(kolada.fetch_varden([N15001], [KUNGSBACKA], [2023, 2024]))


RIGHT = {(N15001, KUNGSBACKA, 2023): -2.4134, (N15001, KUNGSBACKA, 2024): -3.0424}


# ---- what comes when all is well -----------------------------------------------------------


def test_municipalities_and_regions_with_their_kind(kolada: Kolada) -> None:
    kommuner = kolada.fetch_kommuner()
    assert len(kommuner) == 312
    assert Kommun("1384", "Kungsbacka", "K") in kommuner
    assert Kommun("0000", "Riket", "L") in kommuner


def test_groups_with_their_members(kolada: Kolada) -> None:
    grupper = {g.id: g for g in kolada.fetch_grupper()}
    assert len(grupper) == 3630
    assert grupper["G35866"].titel == "Liknande kommuner grundskola, Alingsås, 2024"
    assert len(grupper["G35866"].medlemmar) == 7
    assert len(grupper[KOMMUNGENOMSNITT].medlemmar) == 290


def test_groups_of_the_older_form_are_read(koladaserver: Koladaserver) -> None:
    def older(answer: dict[str, Any]) -> object:
        members = [{"id": "1380", "title": "Halmstad"}, {"id": "1382", "title": "Falkenberg"}]
        return {"values": [{"id": "G1", "title": "Två kommuner", "members": members}]}

    koladaserver.fel = Fel("wrong-types", andra=older)
    assert Kolada(koladaserver.bas_url).fetch_grupper() == [
        Grupp("G1", "Två kommuner", ("1380", "1382"))
    ]


def test_the_whole_catalogue_comes_on_two_pages(kolada: Kolada, koladaserver: Koladaserver) -> None:
    katalog = {n.id: n for n in kolada.fetch_katalog()}
    assert len(katalog) == len(figures()) == 6099
    assert len(koladaserver.anrop) == kolada.anrop == 2
    n = katalog["N15001"]
    assert n.titel == "Nettokostnadsavvikelse grundskola F-9, (%)"
    assert (n.kommuntyp, n.konsuppdelat, n.publ_period) == ("K", False, 2025)
    assert (n.prel_datum, n.slut_datum) == (date(2026, 5, 5), date(2026, 9, 30))
    assert katalog[DIVIDED].konsuppdelat is True
    without = next(i for i, f in figures().items() if f["publ_period"] is None)
    assert katalog[without].publ_period is None


def test_unknown_figures_are_missing_from_the_answer(
    kolada: Kolada, koladaserver: Koladaserver
) -> None:
    found = kolada.fetch_nyckeltal(["N15001", "N00000", "U15011"])
    assert sorted(n.id for n in found) == ["N15001", "U15011"]


def test_what_cannot_be_an_id_is_not_asked_for(kolada: Kolada, koladaserver: Koladaserver) -> None:
    odd = ["N15001,N15045", "N15001/municipality/0180", "N15001?", "../kpi", "", " ", "Å1"]
    assert kolada.fetch_nyckeltal(odd) == []
    assert kolada.fetch_varden(odd, [KUNGSBACKA], [2024]) == []
    assert koladaserver.anrop == []
    assert [n.id for n in kolada.fetch_nyckeltal([*odd, "N15001"])] == ["N15001"]


@pytest.mark.parametrize("publ_period", [2025, "2025"])
def test_lenient_about_the_form_of_the_catalogue(
    koladaserver: Koladaserver, publ_period: object
) -> None:
    row = {
        "id": "N1",
        "title": "Något, antal",
        "municipality_type": "K",
        "is_divided_by_gender": 1,
        "publication_date": "2026-08-28T00:00:00",
        "prel_publication_date": "",
        "nytt_falt": {"a": [1]},
        "publ_period": publ_period,
    }
    koladaserver.fel = Fel("wrong-types", andra=lambda _: {"values": [row]})
    [n] = Kolada(koladaserver.bas_url).fetch_nyckeltal(["N1"])
    assert (n.publ_period, n.konsuppdelat) == (2025, True)
    assert (n.prel_datum, n.slut_datum) == (None, date(2026, 8, 28))


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 1},
        {"title": None},
        {"title": ["a"]},
        {"municipality_type": 1},
        {"is_divided_by_gender": "ja"},
        {"is_divided_by_gender": None},
        {"publ_period": "snart"},
        {"publ_period": True},
        {"publ_period": 2025.5},
        {"publication_date": "28/8 2026"},
        {"publication_date": 20260828},
    ],
)
def test_strict_about_the_meaning_of_the_catalogue(
    koladaserver: Koladaserver, wrong: dict[str, Any]
) -> None:
    def spoil(answer: dict[str, Any]) -> object:
        answer["values"] = [{**answer["values"][0], **wrong}]
        return answer

    koladaserver.fel = Fel("wrong-types", andra=spoil)
    [field] = wrong
    with pytest.raises(KoladaSvarFel, match=rf"/kpi/N15001 .*{field}"):
        Kolada(koladaserver.bas_url).fetch_nyckeltal(["N15001"])


def test_values_are_those_that_the_service_has(kolada: Kolada, koladaserver: Koladaserver) -> None:
    ids, places = [*K_FIGURES[:30], N15001], [KUNGSBACKA, LIKNANDE, KOMMUNGENOMSNITT]
    years = [2023, 2024, 2025]
    found = kolada.fetch_varden(ids, places, years)
    assert len(found) > 150
    for o in found:
        if o.gender == "T":
            value, count = koladaserver.value(o.nyckeltal, o.kommun, o.year)
            assert (o.varde, o.antal) == (value, count)
    absent = {(i, p, y) for i in ids for p in places for y in years} - _as_dict(found).keys()
    assert all(koladaserver.value(*key) == (None, 0) for key in absent)


def test_published_values_of_kungsbacka_come_through(kolada: Kolada) -> None:
    ids = ["U15011", "N15058", "N15001", "N15045"]
    found = _as_dict(kolada.fetch_varden(ids, [KUNGSBACKA], [2022, 2023, 2024, 2025]))
    assert found == PUBLICERADE
    for year in range(2022, 2026):
        netto, referens = found["U15011", KUNGSBACKA, year], found["N15058", KUNGSBACKA, year]
        assert netto is not None
        assert referens is not None
        assert (netto / referens - 1) * 100 == pytest.approx(
            found["N15001", KUNGSBACKA, year], abs=0.0001
        )


def test_all_genders_are_kept(kolada: Kolada, koladaserver: Koladaserver) -> None:
    koladaserver.varden[DIVIDED, KUNGSBACKA, 2024] = 50.0
    found = kolada.fetch_varden([DIVIDED], [KUNGSBACKA], [2024])
    assert {o.gender: o.varde for o in found} == {"T": 50.0, "K": 48.0, "M": 52.0}


def test_zero_missing_deleted_and_absent_are_four_things(
    kolada: Kolada, koladaserver: Koladaserver
) -> None:
    koladaserver.varden = {
        (N15001, KUNGSBACKA, 2021): 0.0,
        (N15001, KUNGSBACKA, 2022): None,
        (N15001, KUNGSBACKA, 2023): DELETED,
        (N15001, KUNGSBACKA, 2024): ABSENT,
    }
    found = kolada.fetch_varden([N15001], [KUNGSBACKA], [2021, 2022, 2023, 2024, 2025])
    assert [(o.year, o.varde, o.status) for o in found] == [
        (2021, 0.0, ""),
        (2022, None, ""),
        (2025, -2.7256, ""),
    ]
    assert found[0].varde is not None


def test_deleted_is_recognised_in_the_older_spelling(koladaserver: Koladaserver) -> None:
    def older(answer: dict[str, Any]) -> object:
        for row, deleted in zip(answer["values"], (True, False), strict=True):
            del row["values"][0]["isdeleted"]
            row["values"][0]["is_deleted"] = deleted
        return answer

    koladaserver.fel = Fel("wrong-types", andra=older)
    assert _ask(Kolada(koladaserver.bas_url)) == {(N15001, KUNGSBACKA, 2024): -3.0424}


def test_lenient_about_the_form_of_values(koladaserver: Koladaserver) -> None:
    def other_form(answer: dict[str, Any]) -> object:
        first, second = answer["values"]
        first["period"] = "2023"
        first["values"] = [{"gender": "T", "value": -3, "more": [1]}]
        second["values"][0] |= {"count": 1.0, "status": None}
        return {"values": [first, second, dict(second)]}  # repeated, no count, no next_url

    koladaserver.fel = Fel("wrong-types", andra=other_form)
    found = Kolada(koladaserver.bas_url).fetch_varden([N15001], [KUNGSBACKA], [2023, 2024])
    assert found == [
        Observation(N15001, KUNGSBACKA, 2023, "T", -3.0, None, ""),
        Observation(N15001, KUNGSBACKA, 2024, "T", -3.0424, 1, ""),
    ]
    assert type(found[0].varde) is float


def test_compressed_answers_are_read(koladaserver: Koladaserver) -> None:
    koladaserver.komprimera = True
    assert _ask(Kolada(koladaserver.bas_url)) == RIGHT


def test_requests_say_who_asks(kolada: Kolada, koladaserver: Koladaserver) -> None:
    _ask(kolada)
    assert re.fullmatch(r"genomlysning/\d+\.\d+\.\d+", koladaserver.huvuden[0]["User-Agent"])


def test_base_url_from_argument_then_environment_then_kolada(
    koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", f"{koladaserver.bas_url}/")
    assert _ask(Kolada()) == RIGHT
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "http://127.0.0.1:9/v3")
    assert _ask(Kolada(koladaserver.bas_url)) == RIGHT
    monkeypatch.delenv("GENOMLYSNING_KOLADA_URL")
    monkeypatch.setattr("genomlysning.kolada.BAS_URL", koladaserver.bas_url)
    assert _ask(Kolada()) == RIGHT
    assert BAS_URL == "https://api.kolada.se/v3"


@pytest.mark.parametrize(
    "url", ["ftp://api.kolada.se", "api.kolada.se/v3", "http://", "http://a:b"]
)
def test_a_base_url_that_is_none_is_the_users_mistake(url: str) -> None:
    with pytest.raises(AnvandarFel, match="GENOMLYSNING_KOLADA_URL"):
        Kolada(url).fetch_kommuner()


def test_system_certificates_are_used_for_https_straight_and_through_a_proxy() -> None:
    import truststore

    adapter = anslutning.Anslutning(BAS_URL, 1)._new_session().get_adapter(BAS_URL)
    pools = adapter.poolmanager, adapter.proxy_manager_for("http://proxy.invalid:8080")
    for pool in pools:
        assert isinstance(pool.connection_pool_kw["ssl_context"], truststore.SSLContext)


# ---- how many requests ---------------------------------------------------------------------


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (25, 1), (26, 2), (50, 2), (51, 3)])
def test_one_request_per_25_figures(
    kolada: Kolada, koladaserver: Koladaserver, count: int, requests: int
) -> None:
    ids = [*K_FIGURES[: count - 1], N15001]
    places = [KUNGSBACKA, LIKNANDE, KOMMUNGENOMSNITT]
    found = kolada.fetch_varden([*ids, N15001], places, [2023, 2024, 2025])
    assert kolada.anrop == len(koladaserver.anrop) == requests
    segments = [s for path, _ in koladaserver.anrop for s in path.split("/")]
    assert max(len(s.split(",")) for s in segments) == max(3, min(count, 25))
    assert _as_dict(found)[N15001, KUNGSBACKA, 2024] == -3.0424
    assert len(kolada.fetch_nyckeltal(ids)) == count
    assert kolada.anrop == 2 * requests


def test_many_places_and_years_are_divided_too(kolada: Kolada, koladaserver: Koladaserver) -> None:
    places = [*members()[KOMMUNGENOMSNITT][:30], KUNGSBACKA]
    found = kolada.fetch_varden([N15001], places, range(2000, 2026))
    assert kolada.anrop == 4
    assert len({o.kommun for o in found}) >= 30
    assert [line for line in kolada.varningar if "inga värden alls" in line] == []


def test_no_question_is_refused(kolada: Kolada, koladaserver: Koladaserver) -> None:
    statuses: list[int] = []
    answer = koladaserver.answer

    def spy(path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        status, body = answer(path, query)
        statuses.append(status)
        return status, body

    koladaserver.answer = spy  # type: ignore[method-assign]
    kolada.fetch_kommuner()
    kolada.fetch_grupper()
    kolada.fetch_katalog()
    kolada.fetch_nyckeltal(K_FIGURES[:101])
    kolada.fetch_varden(K_FIGURES[:101], [KUNGSBACKA, KOMMUNGENOMSNITT], [2023, 2024])
    codes = [i for i, p in places().items() if p["type"] == "K"]
    behov = Behov({N15001: range(2015, 2026)}, [KUNGSBACKA], {2024: K_FIGURES[:101]}, codes)
    assert sum(len(found) for _, found in kolada.fetch_block(plan_block(behov))) > 20_000
    assert len(statuses) == kolada.anrop
    assert set(statuses) == {200}


@pytest.mark.parametrize("most", [1, 7, 24])
def test_a_service_with_a_lower_limit_is_asked_in_smaller_parts(
    koladaserver: Koladaserver, most: int
) -> None:
    def refuse(_: int, path: str) -> Fel | None:
        asked = path.partition("?")[0].split("/")[4:]
        return Fel("422") if any(len(s.split(",")) > most for s in asked) else None

    codes = members()[KOMMUNGENOMSNITT][:25]
    whole = Kolada(koladaserver.bas_url).fetch_varden(K_FIGURES[:25], codes, [2024])
    koladaserver.fel = refuse
    parts = Kolada(koladaserver.bas_url).fetch_varden(K_FIGURES[:25], codes, [2024])
    assert sorted(parts) == sorted(whole)
    assert len(whole) > 300
    assert len(Kolada(koladaserver.bas_url).fetch_nyckeltal(K_FIGURES[:25])) == 25


def test_nothing_asked_sends_nothing(kolada: Kolada) -> None:
    assert kolada.fetch_varden([], [KUNGSBACKA], [2024]) == []
    assert kolada.fetch_varden([N15001], [], [2024]) == []
    assert kolada.fetch_varden([N15001], [KUNGSBACKA], []) == []
    assert list(kolada.fetch_block(plan_block(Behov({})))) == []
    assert kolada.fetch_nyckeltal([]) == []
    assert kolada.anrop == 0


def test_at_most_six_requests_at_once_and_the_order_is_that_of_the_question(
    kolada: Kolada, koladaserver: Koladaserver
) -> None:
    koladaserver.latens = 0.05
    ids = K_FIGURES[:250]
    found = kolada.fetch_varden(ids, [KUNGSBACKA], [2024])
    assert 2 <= koladaserver.flest_samtidiga <= 6
    order = [ids.index(o.nyckeltal) for o in found]
    assert order == sorted(order)


def test_pages_are_followed_to_the_end(koladaserver: Koladaserver) -> None:
    koladaserver.sidstorlek = 100
    kolada = Kolada(koladaserver.bas_url)
    assert len(kolada.fetch_kommuner()) == 312
    assert [q for _, q in koladaserver.anrop] == [
        "per_page=5000",
        *[f"per_page=5000&page={n}" for n in (2, 3, 4)],
    ]


def test_a_relative_next_url_and_an_empty_last_page_are_followed(
    koladaserver: Koladaserver,
) -> None:
    koladaserver.fel = Fel("empty-tail")
    kolada = Kolada(koladaserver.bas_url)
    assert len(kolada.fetch_kommuner()) == 312
    assert kolada.anrop == 2
    assert "page=9999" in koladaserver.anrop[1][1]


def test_a_paging_loop_is_an_error(koladaserver: Koladaserver) -> None:
    koladaserver.fel = Fel("loop")
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaSvarFel, match=r"i en cirkel .*/municipality "):
        kolada.fetch_kommuner()
    assert kolada.anrop == 1


def test_pages_without_end_are_an_error(
    koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anslutning, "MAX_SIDOR", 5)

    def one_more(answer: dict[str, Any]) -> object:
        here = f"{koladaserver.bas_url}/municipality?page={len(koladaserver.anrop) + 1}"
        return {"values": [], "next_url": here}

    koladaserver.fel = Fel("wrong-types", andra=one_more)
    with pytest.raises(KoladaSvarFel, match="i en cirkel"):
        Kolada(koladaserver.bas_url).fetch_kommuner()
    assert len(koladaserver.anrop) == 5


@pytest.mark.parametrize(
    "following",
    [
        "http://foreign.invalid/v3/kpi?page=2",
        "//foreign.invalid/v3/kpi?page=2",
        "https://127.0.0.1/v3/kpi",
        "http://127.0.0.1:9/v3/kpi",
        "/annat/kpi?page=2",
        "/v33/kpi",
        "file:///etc/passwd",
        "http://user@{host}/v3/kpi",
        "http://{host}@foreign.invalid/v3/kpi",
        "http://[",
    ],
)
def test_a_next_url_elsewhere_is_never_followed(koladaserver: Koladaserver, following: str) -> None:
    host = koladaserver.bas_url.removeprefix("http://").removesuffix("/v3")
    next_url = following.format(host=host)
    koladaserver.fel = Fel("wrong-types", andra=lambda a: {**a, "next_url": next_url})
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaSvarFel, match=r"/municipality .*annan plats"):
        kolada.fetch_kommuner()
    assert kolada.anrop == 1


def test_https_is_kept_when_the_next_page_is_named_with_http() -> None:
    [fraga] = ask_varden([N15001], [KUNGSBACKA], [2024])
    connection = anslutning.Anslutning(BAS_URL, 1)
    following = "http://api.kolada.se/v3/kpi?page=2"
    assert connection._resolve(f"{BAS_URL}/kpi", following, fraga) == (
        "https://api.kolada.se/v3/kpi?page=2"
    )


# ---- faults that pass ----------------------------------------------------------------------

PASSING = ["408", "429", "500", "502", "503", "504", "reset", "cut", "cut-json"]


@pytest.mark.parametrize("typ", PASSING)
def test_a_fault_that_passes_leaves_right_values(koladaserver: Koladaserver, typ: str) -> None:
    koladaserver.fel = Fel(typ, antal=2)
    kolada = Kolada(koladaserver.bas_url)
    assert _ask(kolada) == RIGHT
    assert kolada.anrop == len(koladaserver.anrop) == 3


def test_a_slow_answer_is_asked_for_again(
    koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anslutning, "LASTID", 0.15)
    koladaserver.fel = Fel("slow", antal=1)
    kolada = Kolada(koladaserver.bas_url)
    assert _ask(kolada) == RIGHT
    assert kolada.anrop == 2


def test_a_fault_on_the_second_page_loses_and_repeats_nothing(
    koladaserver: Koladaserver,
) -> None:
    koladaserver.sidstorlek = 100
    koladaserver.fel = [Fel("cut", antal=1, sokvag="page=2"), Fel("503", antal=1, sokvag="page=3")]
    kommuner = Kolada(koladaserver.bas_url).fetch_kommuner()
    assert len({k.id for k in kommuner}) == len(kommuner) == 312


@pytest.mark.parametrize("cut", [1, 7, 9, 40, 55, 80, 120, 150])
def test_json_cut_anywhere_is_asked_for_again(koladaserver: Koladaserver, cut: int) -> None:
    whole = json.dumps(koladaserver.answer(f"/v3/data/kpi/N15001/municipality/{KUNGSBACKA}", {})[1])
    assert anslutning._ends_too_early(whole[:-cut].rstrip().encode(), _json_error(whole[:-cut]))


def _json_error(text: str) -> Exception:
    try:
        json.loads(text)
    except ValueError as exc:
        return exc
    raise AssertionError(f"this is whole: {text}")


def test_retry_after_is_respected(koladaserver: Koladaserver) -> None:
    koladaserver.fel = Fel("429", antal=1, sekunder=1)
    started = time.monotonic()
    assert _ask(Kolada(koladaserver.bas_url)) == RIGHT
    assert time.monotonic() - started >= 1.0


def test_a_retry_after_beyond_the_limit_gives_up_at_once_and_tells_it(
    koladaserver: Koladaserver,
) -> None:
    koladaserver.fel = Fel("429", sekunder=600)
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaOnabar, match=r"429.*vänta 600 sekunder"):
        _ask(kolada)
    assert kolada.anrop == 1


# ---- faults that stay ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typ", "error", "words", "requests"),
    [
        ("429", KoladaOnabar, "inte emot fler frågor .*429.*Vänta", 5),
        ("408", KoladaOnabar, "tillfälligt fel .*408", 5),
        ("500", KoladaOnabar, "tillfälligt fel .*500.*Försök igen", 5),
        ("503", KoladaOnabar, "tillfälligt fel .*503.*Försök igen", 5),
        ("501", KoladaOnabar, "tillfälligt fel .*501", 1),
        ("reset", KoladaOnabar, "få kontakt med Kolada.*nät.*IT", 5),
        ("cut", KoladaOnabar, "kom inte fram helt", 5),
        ("cut-json", KoladaOnabar, "kom inte fram helt", 5),
        ("html", KoladaOnabar, "webbsida.*inloggningssida.*webbläsare.*logga in.*IT", 1),
        ("redirect", KoladaOnabar, "webbsida.*inloggningssida.*webbläsare.*logga in.*IT", 1),
        ("511", KoladaOnabar, "inloggningssida", 1),
        ("407", KoladaOnabar, "proxyserver kräver inloggning.*IT", 1),
        ("400", KoladaSvarFel, "ville inte svara .*400", 1),
        ("403", KoladaSvarFel, "ville inte svara .*403.*IT", 1),
        ("404", KoladaSvarFel, "ville inte svara .*404", 1),
        ("422", KoladaSvarFel, "ville inte svara .*422.*Uppdatera", 1),
        ("204", KoladaSvarFel, "ville inte svara .*204", 1),
        ("410", KoladaSvarFel, "nedlagd.*måste uppdateras", 1),
        ("not-json", KoladaSvarFel, "inte data från Kolada", 1),
    ],
)
def test_a_fault_that_stays_is_told(
    koladaserver: Koladaserver, typ: str, error: type[KoladaFel], words: str, requests: int
) -> None:
    koladaserver.fel = Fel(typ)
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(error, match=words) as caught:
        _ask(kolada)
    assert type(caught.value) is error
    assert f"/data/kpi/N15001/municipality/{KUNGSBACKA}/year/2023,…(2 st)" in str(caught.value)
    assert kolada.anrop == requests


def test_the_shut_down_version_is_told(koladaserver: Koladaserver) -> None:
    kolada = Kolada(koladaserver.bas_url.replace("/v3", "/v2"))
    with pytest.raises(KoladaSvarFel, match="nedlagd"):
        kolada.fetch_kommuner()


def test_messages_name_a_short_path(koladaserver: Koladaserver) -> None:
    koladaserver.fel = Fel("422")
    with pytest.raises(KoladaSvarFel) as caught:
        Kolada(koladaserver.bas_url).fetch_varden(K_FIGURES[:25], [KUNGSBACKA], [2024])
    short = f"/data/kpi/{K_FIGURES[0]},…(25 st)/municipality/{KUNGSBACKA}/year/2024"
    assert short in str(caught.value)
    assert K_FIGURES[1] not in str(caught.value)


def test_nobody_listening_is_unreachable() -> None:
    kolada = Kolada()  # the closed port of conftest
    with pytest.raises(KoladaOnabar, match=r"få kontakt med Kolada \(127\.0\.0\.1\)"):
        _ask(kolada)
    assert kolada.anrop == 5


def test_a_name_that_does_not_exist_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(KoladaOnabar, match=r"få kontakt med Kolada \(kolada\.invalid\)"):
        _ask(Kolada("http://kolada.invalid/v3"))


def test_a_certificate_that_is_not_accepted_is_a_matter_for_it(
    koladaserver: Koladaserver,
) -> None:
    # A server that does not speak TLS stands for an inspecting network: the handshake fails.
    kolada = Kolada(koladaserver.bas_url.replace("http://", "https://"))
    with pytest.raises(KoladaOnabar, match=r"säkra anslutningen.*granskar.*TLS.*IT"):
        _ask(kolada)
    assert kolada.anrop == 1


def test_a_proxy_that_wants_authentication_is_a_matter_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_error(407)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.server_port}")
        try:
            with pytest.raises(KoladaOnabar, match=r"proxyserver kräver inloggning.*IT"):
                _ask(Kolada("https://kolada.invalid/v3"))
        finally:
            proxy.shutdown()


def test_a_redirect_within_the_host_is_followed(koladaserver: Koladaserver) -> None:
    koladaserver.fel = Fel("redirect", antal=1, till="/v3/municipality?page=1")
    kolada = Kolada(koladaserver.bas_url)
    assert len(kolada.fetch_kommuner()) == 312
    assert kolada.anrop == 2


def test_redirects_without_end_are_an_error(koladaserver: Koladaserver) -> None:
    koladaserver.fel = Fel("redirect", till="/v3/municipality")
    with pytest.raises(KoladaSvarFel, match="i en cirkel"):
        Kolada(koladaserver.bas_url).fetch_kommuner()


def test_rows_of_the_usual_form_are_read_as_all_others(koladaserver: Koladaserver) -> None:
    [fraga] = ask_varden([N15001, *K_FIGURES[:24]], [KUNGSBACKA, LIKNANDE], [2023, 2024])
    rows = koladaserver.answer("/v3" + fraga.sokvag, {})[1]["values"]
    plain = [_read_plain(r, fraga) for r in rows]
    assert sum(p is not None for p in plain) > 0.9 * len(rows)
    assert all(p in (None, _read_row(r, fraga)) for p, r in zip(plain, rows, strict=True))


@pytest.mark.parametrize("change", FORVANSKNINGAR.values(), ids=FORVANSKNINGAR.keys())
def test_a_row_of_an_unusual_form_is_not_taken_for_usual(
    koladaserver: Koladaserver, change: Callable[[dict[str, Any]], Any]
) -> None:
    [fraga] = ask_varden([N15001], [KUNGSBACKA], [2024])
    answer = change(koladaserver.answer("/v3" + fraga.sokvag, {})[1])
    rows = answer.get("values") if isinstance(answer, dict) else answer
    for row in rows if isinstance(rows, list) else []:
        plain = _read_plain(row, fraga)
        assert plain is None or plain == _read_row(row, fraga)


@pytest.mark.parametrize("variant", FORVANSKNINGAR)
def test_an_answer_of_the_wrong_kind_is_no_value(koladaserver: Koladaserver, variant: str) -> None:
    koladaserver.fel = Fel("wrong-types", andra=variant)
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaSvarFel, match=r"/data/kpi/N15001/municipality/1384") as caught:
        _ask(kolada)
    assert type(caught.value) is KoladaSvarFel
    assert "Inget har ändrats" in str(caught.value)
    assert kolada.anrop == 1


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("value-text", 'fältet value är "12,5" och inte ett tal'),
        ("value-nan", "fältet value är NaN och inte ett tal"),
        ("value-saknas", "fältet value saknas"),
        ("gender-okant", 'fältet gender är "X" och inte T, K eller M'),
        ("kpi-saknas", "fältet kpi saknas"),
        ("annan-kommun", "inte efterfrågades: N15001 för 1480 år 2023"),
        ("annat-ar", "inte efterfrågades: N15001 för 1384 år 1999"),
        ("dubblett-annat-varde", "två olika värden .*N15001 för 1384 år 2023, -2.4134 och -123456"),
        ("values-saknas", "saknar listan values"),
    ],
)
def test_the_message_tells_what_came(koladaserver: Koladaserver, variant: str, words: str) -> None:
    koladaserver.fel = Fel("wrong-types", andra=variant)
    with pytest.raises(KoladaSvarFel, match=words):
        _ask(Kolada(koladaserver.bas_url))


@pytest.mark.parametrize(
    "fetch", [Kolada.fetch_kommuner, Kolada.fetch_grupper, Kolada.fetch_katalog]
)
def test_an_empty_list_is_an_error(
    koladaserver: Koladaserver, fetch: Callable[[Kolada], object]
) -> None:
    koladaserver.fel = Fel("wrong-types", andra=lambda a: {"values": [], "count": 0})
    with pytest.raises(KoladaSvarFel, match="tom lista"):
        fetch(Kolada(koladaserver.bas_url))


def test_no_value_at_all_is_an_error(kolada: Kolada, koladaserver: Koladaserver) -> None:
    with pytest.raises(KoladaSvarFel, match=r"utan ett enda värde .*year/2014.*publicerade"):
        kolada.fetch_varden(K_FIGURES[:30], [KUNGSBACKA], [2014])


def test_one_empty_answer_among_others_is_a_warning(kolada: Kolada) -> None:
    unknown = [f"N{n:05}" for n in range(99900, 99925)]
    found = kolada.fetch_varden([N15001, *unknown[1:], unknown[0]], [KUNGSBACKA], [2024])
    assert _as_dict(found) == {(N15001, KUNGSBACKA, 2024): -3.0424}
    [line] = kolada.varningar
    assert "inga värden alls för N99900 år 2024" in line


def test_the_first_failure_ends_the_other_requests(koladaserver: Koladaserver) -> None:
    koladaserver.latens = 0.02
    koladaserver.fel = Fel("404", sokvag=f"/data/kpi/{K_FIGURES[0]},")
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaSvarFel, match="404"):
        kolada.fetch_varden(K_FIGURES[:1000], [KUNGSBACKA], [2024])
    assert kolada.anrop < 20


def test_a_failure_interrupts_the_pause_of_others(koladaserver: Koladaserver) -> None:
    first, second = K_FIGURES[0], K_FIGURES[25]
    koladaserver.latens = 0.2  # so that both have been asked when the first is answered
    koladaserver.fel = [
        Fel("429", sekunder=600, sokvag=f"kpi/{first},"),
        Fel("404", sokvag=f"kpi/{second},"),
    ]
    # The pause would last as long as a test may hang.
    kolada = Kolada(koladaserver.bas_url, tidsgrans=1000)
    with pytest.raises(KoladaSvarFel, match="404"):
        kolada.fetch_varden(K_FIGURES[:50], [KUNGSBACKA], [2024])


# ---- the time limit ------------------------------------------------------------------------


@pytest.mark.parametrize("typ", ["slow", "trickle"])
def test_an_unwilling_service_is_given_up_in_time(koladaserver: Koladaserver, typ: str) -> None:
    koladaserver.fel = Fel(typ)
    with pytest.raises(KoladaOnabar, match=r"svarade inte i tid .*/data/kpi/N15001"):
        _ask(Kolada(koladaserver.bas_url, tidsgrans=0.6))


def test_a_body_that_trickles_and_then_stalls_is_given_up_in_time(
    koladaserver: Koladaserver,
) -> None:
    # The first byte comes at once and the next one never.
    koladaserver.fel = Fel("trickle", sekunder=30)
    with pytest.raises(KoladaOnabar, match="svarade inte i tid"):
        _ask(Kolada(koladaserver.bas_url, tidsgrans=0.6))


def test_the_limit_holds_for_the_client_and_not_for_each_question(
    koladaserver: Koladaserver,
) -> None:
    koladaserver.fel = Fel("slow")
    kolada = Kolada(koladaserver.bas_url, tidsgrans=0.5)
    for fetch in (kolada.fetch_kommuner, kolada.fetch_grupper, kolada.fetch_katalog):
        with pytest.raises(KoladaOnabar, match="i tid"):
            fetch()
    assert kolada.anrop == 1  # nothing is asked when the limit has passed


def test_every_answer_renews_the_limit(koladaserver: Koladaserver) -> None:
    koladaserver.sidstorlek = 40
    koladaserver.latens = 0.4
    kolada = Kolada(koladaserver.bas_url, tidsgrans=3.0)
    started = time.monotonic()
    assert len(kolada.fetch_kommuner()) == 312
    assert time.monotonic() - started > 3.0


def test_time_between_questions_does_not_count(koladaserver: Koladaserver) -> None:
    kolada = Kolada(koladaserver.bas_url, tidsgrans=0.5)
    time.sleep(0.6)
    assert _ask(kolada) == RIGHT
    time.sleep(0.6)
    assert _ask(kolada) == RIGHT


# ---- the stand-in itself -------------------------------------------------------------------


def test_the_stand_ins_costs_agree(koladaserver: Koladaserver) -> None:
    def value(kpi: str, kommun: str, year: int) -> float:
        found, _ = koladaserver.value(kpi, kommun, year)
        assert found is not None
        return found

    for kommun in (KUNGSBACKA, "0180", "1489"):
        for year in (2023, 2025):
            for net, reference, percent, mkr, _ in KOSTNADER.values():
                spent, cost = (
                    sum(value(n, kommun, year) for n in net),
                    value(reference, kommun, year),
                )
                if percent and mkr:
                    inhabitants = value(INVANARE, kommun, year)
                    assert (spent / cost - 1) * 100 == pytest.approx(value(percent, kommun, year))
                    amount = (spent - cost) * inhabitants / 1e6
                    assert amount == pytest.approx(value(mkr, kommun, year), abs=1e-4)
            for name, net_id, reference_id, _ in PER_ELEV:
                ratio = value(net_id, kommun, year) / value(reference_id, kommun, year) - 1
                percent = KOSTNADER[name][2] or ""
                assert ratio * 100 == pytest.approx(value(percent, kommun, year), abs=1e-4)


def test_the_stand_in_refuses_and_ignores_as_kolada_does(koladaserver: Koladaserver) -> None:
    ask = koladaserver.answer
    assert ask(f"/v3/kpi/{','.join(K_FIGURES[:25])}", {})[0] == 200
    assert ask(f"/v3/kpi/{','.join(K_FIGURES[:26])}", {})[0] == 422
    assert ask("/v3/kpi", {"per_page": ["5001"]})[0] == 422
    assert ask("/v3/kpi", {"titel": ["x"]}) == (200, ask("/v3/kpi", {"titel": ["x"]})[1])
    assert ask("/v3/kpi", {"titel": ["x"]})[1]["values"] == []
    assert ask("/v3/data/kpi/N15001", {})[0] == 404
    assert ask("/v2/kpi", {})[0] == 410
    assert len(ask("/v3/municipality", {"region_type": ["K"]})[1]["values"]) == 290
    found = ask("/v3/kpi", {"title": ["NETTOKOSTNADSAVVIKELSE GRUNDSKOLA"]})[1]["values"]
    assert {r["id"] for r in found} >= {"N15001", "N15045"}
    by_year = ask("/v3/data/municipality/1384/year/2024", {})[1]["values"]
    assert {r["municipality"] for r in by_year} == {KUNGSBACKA}
    assert len(by_year) > 1000


def test_a_group_in_the_stand_in_is_the_mean_of_those_that_have_a_value(
    koladaserver: Koladaserver,
) -> None:
    seven = members()[LIKNANDE]
    gaps: list[Any] = [None, ABSENT, DELETED]
    for kommun, cell in zip(seven, [*gaps, 0.0, 1.0, 2.0, 5.0], strict=True):
        koladaserver.varden[N15001, kommun, 2024] = cell
    assert koladaserver.value(N15001, LIKNANDE, 2024) == (2.0, 4)
