"""The way to Kolada: where answers may lead, how long they are waited for, how fast it is asked."""

import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import requests

from genomlysning.fel import KoladaOnabar, KoladaSvarFel
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import BAS_URL, GRUPPER, Kolada, adress, anslutning, takt
from genomlysning.kolada.adress import leads_away, locate
from genomlysning.kolada.takt import MELLANRUM, STORSTA_MELLANRUM, VILA, Takt
from genomlysning.kolada.talamod import Talamod
from genomlysning.kolada.tradar import Tradar
from genomlysning.lager import Lager
from koladaserver import Fel, Koladaserver
from koladavarden import figures

K_FIGURES = [i for i, f in figures().items() if f["municipality_type"] == "K"]
KUNGSBACKA = "1384"
HTTPS = f"{BAS_URL}/municipality_groups?per_page=5000"
LOKALT = "http://127.0.0.1:5000/v3/kpi"


class Klocka:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.nu = 1000.0

    def __call__(self) -> float:
        return self.nu


@pytest.fixture
def klocka(monkeypatch: pytest.MonkeyPatch) -> Klocka:
    """The clock by which the client waits for answers."""
    clock = Klocka()
    monkeypatch.setattr(anslutning, "Talamod", partial(Talamod, now=clock))
    return clock


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = anslutning.OMFORSOK.new(backoff_factor=0.01, backoff_jitter=0.0)
    monkeypatch.setattr(anslutning, "OMFORSOK", policy)


@pytest.fixture
def takten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace that users have."""
    monkeypatch.setattr(takt, "VILA", VILA)
    monkeypatch.setattr(takt, "MELLANRUM", MELLANRUM)


# ---- where answers may lead ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "named", "asked"),
    [
        (HTTPS, "http://api.kolada.se/v3/a/?per_page=5000", f"{BAS_URL}/a/?per_page=5000"),
        (HTTPS, "http://api.kolada.se:80/v3/a", f"{BAS_URL}/a"),
        (HTTPS, "http://api.kolada.se:443/v3/a", f"{BAS_URL}/a"),
        (HTTPS, "HTTP://API.Kolada.se/v3/a", f"{BAS_URL}/a"),
        (HTTPS, "http://api.kolada.se/v3/a#b", f"{BAS_URL}/a"),
        (HTTPS, "https://api.kolada.se:443/v3/a", "https://api.kolada.se:443/v3/a"),
        (HTTPS, "https://api.kolada.se/v4/a", "https://api.kolada.se/v4/a"),
        (HTTPS, "//api.kolada.se/v3/a", f"{BAS_URL}/a"),
        (HTTPS, "/v3/a/", f"{BAS_URL}/a/"),
        (HTTPS, "?page=2", f"{BAS_URL}/municipality_groups?page=2"),
        ("https://k.se:8443/v3/a", "http://k.se:8443/v3/a/", "https://k.se:8443/v3/a/"),
        ("http://k.se/v3/a", "https://k.se/v3/a", "https://k.se/v3/a"),
        ("http://k.se/v3/a", "http://k.se/v3/b", "http://k.se/v3/b"),
        (LOKALT, "https://127.0.0.1:5000/v3/a", "https://127.0.0.1:5000/v3/a"),
        (LOKALT, "/v3/a", "http://127.0.0.1:5000/v3/a"),
        (HTTPS, "http://api.kolada.se:8080/v3/a", None),
        (HTTPS, "https://api.kolada.se:8443/v3/a", None),
        (HTTPS, "https://api.kolada.se:80/v3/a", None),
        (HTTPS, "https://kolada.se/v3/a", None),
        (HTTPS, "http://www.kolada.se/v3/a", None),
        (HTTPS, "https://api.kolada.se.example/v3/a", None),
        (HTTPS, "https://anna@api.kolada.se/v3/a", None),
        (HTTPS, "https://api.kolada.se@login.invalid/v3/a", None),
        (HTTPS, "ftp://api.kolada.se/v3/a", None),
        (HTTPS, "javascript:alert(1)", None),
        (HTTPS, "http://[", None),
        ("https://k.se:8443/v3/a", "http://k.se/v3/a", None),
        (LOKALT, "https://127.0.0.1/v3/a", None),
        (LOKALT, "http://127.0.0.2:5000/v3/a", None),
    ],
)
def test_where_an_answer_may_lead(url: str, named: str, asked: str | None) -> None:
    assert locate(url, named) == asked


@pytest.mark.parametrize(
    ("url", "named", "away"),
    [
        (HTTPS, "https://login.invalid/", True),
        (HTTPS, "http://10.0.0.1/", True),
        (LOKALT, "http://10.0.0.1/", True),
        (HTTPS, "https://kolada.se/", False),
        (HTTPS, "https://www.kolada.se/v3", False),
        (HTTPS, "http://api.kolada.se:8080/", False),
        (HTTPS, "ftp://ftp.example/", False),
        (LOKALT, "http://127.0.0.1:9/", False),
    ],
)
def test_what_is_somebody_elses(url: str, named: str, away: bool) -> None:
    assert leads_away(url, named) is away


@pytest.fixture(scope="module")
def certifikat(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certifikat")
    files = folder / "c.pem", folder / "k.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture
def tls(certifikat: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Koladaserver]:
    """A stand-in with https, which the client trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certifikat)
    trusting = partial(ssl.create_default_context, cafile=str(certifikat[0]))
    monkeypatch.setattr(anslutning, "_make_context", trusting)
    with Koladaserver(tls=context) as server:
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "till",
    ["http://{vard}{sokvag}/?{fraga}", "https://{vard}{sokvag}/?{fraga}", "{sokvag}/?{fraga}"],
)
def test_a_redirect_within_kolada_is_followed_with_https(
    tls: Koladaserver, status: int, till: str
) -> None:
    tls.fel = Fel("redirect", sokvag="municipality_groups?", till=till, status=status)
    assert len(Kolada(tls.bas_url).fetch_grupper()) == 3630
    assert [path for path, _ in tls.anrop] == [
        "/v3/municipality_groups",
        "/v3/municipality_groups/",
    ]
    assert {query for _, query in tls.anrop} == {"per_page=5000"}


def test_a_redirect_to_http_without_the_last_slash_is_followed_with_https(
    tls: Koladaserver,
) -> None:
    tls.fel = Fel("redirect", antal=1, till="http://{vard}{sokvag}?{fraga}", status=307)
    kolada = Kolada(tls.bas_url)
    assert len(kolada.fetch_kommuner()) == 312
    assert kolada.anrop == len(tls.anrop) == 2


def test_a_next_page_named_with_http_is_asked_with_https(tls: Koladaserver) -> None:
    tls.sidstorlek = 200

    def name_with_http(answer: dict[str, object]) -> object:
        following = str(answer["next_url"] or "").replace("https://", "http://")
        return {**answer, "next_url": following or None}

    tls.fel = Fel("wrong-types", andra=name_with_http)
    assert len(Kolada(tls.bas_url).fetch_kommuner()) == 312
    assert len(tls.anrop) == 2


def test_an_http_address_that_redirects_to_https_is_followed_up(
    tls: Koladaserver, koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default ports stand here for the two servers'."""
    plain, secure = (int(s.vard.split(":")[1]) for s in (koladaserver, tls))
    monkeypatch.setattr(adress, "_PORTAR", {"http": plain, "https": secure})
    koladaserver.fel = Fel("redirect", till=f"https://{tls.vard}{{sokvag}}?{{fraga}}")
    assert len(Kolada(koladaserver.bas_url).fetch_kommuner()) == 312
    assert len(koladaserver.anrop) == len(tls.anrop) == 1
    # And never down again: that would go round for ever.
    tls.fel = Fel("redirect", till=f"http://{koladaserver.vard}{{sokvag}}?{{fraga}}")
    with pytest.raises(KoladaSvarFel, match="i en cirkel"):
        Kolada(koladaserver.bas_url).fetch_kommuner()
    assert len(koladaserver.anrop) == 2


def test_a_redirect_from_https_to_another_server_is_never_followed(
    tls: Koladaserver, koladaserver: Koladaserver
) -> None:
    for till in (f"http://{koladaserver.vard}/v3/kpi", f"https://{koladaserver.vard}/v3/kpi"):
        tls.fel = Fel("redirect", till=till)
        with pytest.raises(KoladaSvarFel, match="plats som programmet får fråga") as caught:
            Kolada(tls.bas_url).fetch_kommuner()
        assert caught.value.meddelande is anslutning.OMDIRIGERAD
        assert till in str(caught.value)
        assert "logga" not in str(caught.value)
    assert koladaserver.anrop == []


def test_a_redirect_without_an_address_is_told(koladaserver: Koladaserver) -> None:
    koladaserver.fel = Fel("redirect", till=None)
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaSvarFel, match="ingen adress angavs"):
        kolada.fetch_kommuner()
    assert kolada.anrop == 1


def test_a_sign_in_page_is_told_from_a_redirect_of_koladas_own() -> None:
    connection = anslutning.Anslutning(BAS_URL, 30)
    with pytest.raises(KoladaOnabar) as network:
        connection._follow(HTTPS, "https://login.kommun.example/", GRUPPER)
    assert network.value.meddelande is anslutning.INLOGGNING
    with pytest.raises(KoladaSvarFel) as own:
        connection._follow(HTTPS, "https://www.kolada.se/v3/municipality_groups", GRUPPER)
    assert own.value.meddelande is anslutning.OMDIRIGERAD


# ---- how long answers are waited for -------------------------------------------------------


def test_patience_is_renewed_by_what_comes_and_not_by_what_drips() -> None:
    clock = Klocka()
    patience = Talamod(30, now=clock)
    patience.begin()
    clock.nu += 29
    assert patience.kvar == 1
    patience.came()  # an answer begins
    for _ in range(30):  # 20 bytes a second
        clock.nu += 1
        patience.count(20)
    assert (patience.vantat, patience.kvar) == (30, 0)
    patience.came()
    for _ in range(300):  # 1000 bytes a second
        clock.nu += 1
        patience.count(1000)
        assert patience.kvar > 0


def test_patience_does_not_run_out_between_calls_but_is_not_given_anew() -> None:
    clock = Klocka()
    patience = Talamod(30, now=clock)
    clock.nu += 100
    patience.begin()
    assert patience.kvar == 30
    clock.nu += 20  # in vain
    patience.end()
    clock.nu += 100
    patience.begin()
    assert patience.kvar == 10


def test_half_a_minute_is_what_was_agreed() -> None:
    assert (Kolada()._tidsgrans, anslutning.LASTID) == (30, 30)


def test_an_answer_that_begins_late_is_waited_for(
    koladaserver: Koladaserver, klocka: Klocka
) -> None:
    def late(*_: object) -> None:
        klocka.nu += 29

    koladaserver.fel = late
    assert len(Kolada(koladaserver.bas_url).fetch_kommuner()) == 312


def test_a_run_takes_as_long_as_answers_keep_coming(
    koladaserver: Koladaserver, klocka: Klocka
) -> None:
    koladaserver.sidstorlek = 40
    began = klocka.nu

    def late(*_: object) -> None:
        klocka.nu += 25

    koladaserver.fel = late
    kolada = Kolada(koladaserver.bas_url)
    assert len(kolada.fetch_kommuner()) == 312
    assert klocka.nu - began == 8 * 25
    assert kolada.anrop == 8


def test_one_answer_may_be_late_while_others_come(
    koladaserver: Koladaserver, klocka: Klocka
) -> None:
    """The first question's answer begins when the pages of the second have all come."""
    koladaserver.sidstorlek = 5
    first, second = K_FIGURES[0], K_FIGURES[25]
    last_page = threading.Event()
    answer = koladaserver.answer

    def wait_for_the_other(path: str, query: dict[str, list[str]]) -> object:
        found = answer(path, query)
        if f"/{first}," in path and "page" not in query:
            last_page.wait(60)
        elif f"/{second}" in path:
            klocka.nu += 20
            if found[1]["next_url"] is None:
                last_page.set()
        return found

    koladaserver.answer = wait_for_the_other  # type: ignore[assignment, method-assign]
    began = klocka.nu
    found = Kolada(koladaserver.bas_url).fetch_varden(K_FIGURES[:50], [KUNGSBACKA], [2024])
    assert klocka.nu - began >= 40
    assert {first, second} <= {o.nyckeltal for o in found}


def test_nothing_for_half_a_minute_is_given_up_without_blaming_the_net(
    koladaserver: Koladaserver, klocka: Klocka
) -> None:
    def silent(*_: object) -> Fel:
        klocka.nu += 30
        return Fel("slow")

    koladaserver.fel = silent
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaOnabar, match="svarade inte i tid på frågan /municipality") as caught:
        kolada.fetch_kommuner()
    assert "nät" not in str(caught.value)
    assert "långsamt" in str(caught.value)
    # The client stays that way, and asks no more.
    with pytest.raises(KoladaOnabar, match="i tid"):
        kolada.fetch_grupper()
    assert kolada.anrop == len(koladaserver.anrop) == 1


def test_the_fault_that_stayed_is_told_when_patience_runs_out(
    koladaserver: Koladaserver, klocka: Klocka
) -> None:
    def broken_then_silent(number: int, _: str) -> Fel:
        if number == 1:
            return Fel("503")
        klocka.nu += 30
        return Fel("slow")

    koladaserver.fel = broken_then_silent
    with pytest.raises(KoladaOnabar, match=r"tillfälligt fel .*503"):
        Kolada(koladaserver.bas_url).fetch_kommuner()


def test_no_connection_in_time_is_a_matter_of_the_net(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_way(*_: object, **__: object) -> object:
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests.Session, "get", no_way)
    with pytest.raises(KoladaOnabar, match=r"få kontakt med Kolada.*nät"):
        Kolada(BAS_URL).fetch_kommuner()


def test_a_page_that_takes_too_long_is_not_asked_for_again(
    koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anslutning, "MAX_SIDTID", 0.0)
    kolada = Kolada(koladaserver.bas_url)
    with pytest.raises(KoladaOnabar, match="i tid"):
        kolada.fetch_kommuner()
    assert kolada.anrop == 1


def test_a_page_without_end_does_not_fill_the_memory(
    koladaserver: Koladaserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anslutning, "MAX_SIDLANGD", 10_000)
    koladaserver.komprimera = True
    with pytest.raises(KoladaSvarFel, match="orimligt långt"):
        Kolada(koladaserver.bas_url).fetch_kommuner()


def test_what_is_shown_says_that_kolada_is_waited_for(
    koladaserver: Koladaserver, klocka: Klocka
) -> None:
    def late(*_: object) -> Fel:
        klocka.nu += 12.3
        return Fel("slow", sekunder=0.5)

    koladaserver.fel = late
    shown: list[str] = []
    with Lager.open(":memory:") as lager:
        hamtning = Hamtning(
            lager, Kolada(koladaserver.bas_url), datetime(2026, 12, 1), visa=shown.append
        )
        assert len(hamtning.read_kommuner()) == 312
    assert list(dict.fromkeys(shown)) == [
        "Hämtar kommunerna …",
        "Hämtar kommunerna … Kolada dröjer; väntar fortfarande (12 s) …",
    ]


@pytest.mark.parametrize("typ", ["slow", "trickle"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_whoever_waits_can_be_interrupted(
    koladaserver: Koladaserver, typ: str, error: type[BaseException]
) -> None:
    koladaserver.fel = Fel(typ, sekunder=60)
    kolada = Kolada(koladaserver.bas_url)

    def interrupt(_: float) -> None:
        if koladaserver.anrop:
            raise error

    kolada.vid_vantan = interrupt
    with pytest.raises(error):
        kolada.fetch_varden(K_FIGURES[:1000], [KUNGSBACKA], [2024])
    assert kolada.anrop <= 6


def test_threads_work_in_order_and_never_keep_the_program_alive() -> None:
    threads: Tradar[tuple[int, bool]] = Tradar(2, "prov")
    gate, begun = threading.Event(), threading.Semaphore(0)
    order: list[int] = []

    def work(number: int) -> tuple[int, bool]:
        order.append(number)
        begun.release()
        gate.wait(60)
        return number, threading.current_thread().daemon

    def fail() -> tuple[int, bool]:
        raise KeyError

    tasks: list[Callable[[], tuple[int, bool]]] = [partial(work, n) for n in range(4)]
    futures = [threads.submit(task) for task in (*tasks, fail)]
    assert all(begun.acquire(timeout=60) for _ in range(2))
    assert sorted(order) == [0, 1]
    assert not any(f.running() for f in futures[2:])
    gate.set()
    assert [f.result(60) for f in futures[:4]] == [(n, True) for n in range(4)]
    assert isinstance(futures[4].exception(60), KeyError)
    gate.clear()
    busy = [threads.submit(partial(work, n)) for n in (5, 6)]
    assert all(begun.acquire(timeout=60) for _ in range(4))
    left = threads.submit(partial(work, 7))
    threads.close()
    assert left.cancelled()
    gate.set()
    assert [f.result(60)[0] for f in busy] == [5, 6]


# ---- how fast it is asked ------------------------------------------------------------------


@pytest.mark.usefixtures("takten")
def test_questions_follow_each_other_freely_until_kolada_has_too_much_to_do() -> None:
    pace = Takt()
    assert [pace.take(5.0) for _ in range(100)] == [0.0] * 100
    pace.hold(5.0, 429, 0, varv=0)
    assert pace.take(5.0) == VILA
    assert pace.held(5.0) == 0
    now = 5.0 + VILA
    for _ in range(10):
        assert pace.take(now) == 0
        assert pace.take(now) == pytest.approx(MELLANRUM)
        now += MELLANRUM + 1e-9
    assert 1 / MELLANRUM == 5  # a second


@pytest.mark.usefixtures("takten")
def test_those_under_way_at_one_pace_slow_it_once_and_a_later_one_again() -> None:
    pace = Takt()
    for _ in range(6):
        pace.hold(0.0, 503, 0, varv=0)
    assert pace.varv == 1
    gaps = []
    for varv in range(1, 8):
        now = 100.0 * varv
        assert pace.take(now) == 0
        gaps.append(pace.take(now))
        pace.hold(now, 429, 0, varv=varv)
    assert gaps[:4] == pytest.approx([MELLANRUM, 2 * MELLANRUM, 4 * MELLANRUM, 8 * MELLANRUM])
    assert max(gaps) == gaps[-1] == pytest.approx(STORSTA_MELLANRUM)


def test_a_wait_that_is_asked_for_holds_all_back() -> None:
    pace = Takt()
    pace.hold(10.0, 429, 20, varv=0)
    assert (pace.take(10.0), pace.held(10.0), pace.status) == (20, 20, 429)
    pace.hold(11.0, 503, 5, varv=0)  # less than what is left
    assert (pace.held(11.0), pace.status) == (19, 429)
    assert pace.take(30.0) == 0


def test_a_broken_answer_may_ask_for_a_wait_but_does_not_slow_the_rest() -> None:
    pace = Takt()
    pace.hold(0.0, 500, 3, varv=0)
    assert pace.take(0.0) == 3
    assert [pace.take(3.0) for _ in range(10)] == [0.0] * 10
    pace.hold(4.0, 500, 0, varv=0)
    assert pace.take(4.0) == 0


def test_a_service_that_always_has_too_much_to_do_is_left_in_peace(
    koladaserver: Koladaserver,
) -> None:
    """Each time all are told so counts once, however many are under way."""
    koladaserver.latens = 0.05
    koladaserver.fel = Fel("503")
    kolada = Kolada(koladaserver.bas_url)
    for _ in range(3):
        with pytest.raises(KoladaOnabar, match="status 503"):
            kolada.fetch_varden(K_FIGURES[:1000], [KUNGSBACKA], [2024])
    assert kolada.anrop <= 6 * 5


@pytest.mark.usefixtures("takten")
def test_a_service_with_a_limit_is_asked_slower_and_answers_all(
    koladaserver: Koladaserver,
) -> None:
    koladaserver.hogst = 10
    ids = K_FIGURES[:400]
    found = Kolada(koladaserver.bas_url).fetch_varden(ids, [KUNGSBACKA], [2024])
    koladaserver.hogst = None
    assert found == Kolada(koladaserver.bas_url).fetch_varden(ids, [KUNGSBACKA], [2024])


def test_a_wait_beyond_the_limit_is_told_to_the_whole_run_and_nothing_more_is_asked(
    koladaserver: Koladaserver,
) -> None:
    koladaserver.fel = Fel("503", antal=1, sekunder=600)
    kolada = Kolada(koladaserver.bas_url)
    for fetch in (kolada.fetch_kommuner, kolada.fetch_grupper, kolada.fetch_katalog):
        with pytest.raises(KoladaOnabar, match=r"upptaget \(status 503\).*vänta \d{3} sekunder"):
            fetch()
    assert kolada.anrop == 1


@pytest.mark.parametrize("after", ["-1", "snart", "Tue, 01 Dec 1998 00:00:00 GMT", "0"])
def test_a_retry_after_that_says_nothing_is_no_wait(koladaserver: Koladaserver, after: str) -> None:
    koladaserver.fel = Fel("429", antal=1, vanta=after)
    assert len(Kolada(koladaserver.bas_url).fetch_kommuner()) == 312


@pytest.mark.parametrize("after", ["9" * 400, "Tue, 01 Dec 2998 00:00:00 GMT"])
def test_a_retry_after_of_years_is_told_as_hours(koladaserver: Koladaserver, after: str) -> None:
    koladaserver.fel = Fel("429", antal=1, vanta=after)
    with pytest.raises(KoladaOnabar, match="vänta 21600 sekunder"):
        Kolada(koladaserver.bas_url).fetch_kommuner()
