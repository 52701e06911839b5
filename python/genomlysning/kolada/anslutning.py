"""HTTP towards Kolada: GET with retries, all pages of an answer, as long as answers keep coming.

urllib3's Retry decides how often and how long to wait, but the loop is ours: Retry does not
cover a body that is cut short, and its sleep cannot be interrupted. The questions are asked in
threads. The one that waits for them does so a moment at a time: it tells how long nothing has
come, gives up when that is too long, and can be interrupted, whatever the threads are stuck in.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from time import monotonic
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.models import REDIRECT_STATI
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError
from urllib3.util import Retry

from genomlysning import __version__
from genomlysning.fel import KoladaFel, KoladaOnabar, KoladaSvarFel, Meddelande
from genomlysning.kolada.adress import check_adress, find_path, leads_away, locate
from genomlysning.kolada.fraga import FORM, PER_SIDA, Fraga, halve_fraga
from genomlysning.kolada.takt import Takt
from genomlysning.kolada.talamod import Talamod
from genomlysning.kolada.tradar import Tradar

ANSLUTNING = Meddelande(
    "kolada-anslutning",
    "Det gick inte att få kontakt med Kolada ({vard}).",
    "Kontrollera att datorn har nät och försök igen. Står felet kvar, be IT om åtkomst till "
    "{vard}. Frågan som inte kom fram: {fraga}.",
)
TLS = Meddelande(
    "kolada-tls",
    "Den säkra anslutningen till Kolada ({vard}) kunde inte godkännas, så {fraga} hämtades inte.",
    "Kontrollera att datorns klocka går rätt. Gör den det granskar nätet troligen krypterad trafik "
    "(TLS) med ett eget certifikat: be IT lägga in det på datorn eller undanta {vard} från "
    "granskningen.",
)
PROXY = Meddelande(
    "kolada-proxy",
    "Nätets proxyserver kräver inloggning och släppte inte fram frågan till Kolada om {fraga}.",
    "Kontakta IT och be om åtkomst till {vard} utan inloggning i proxyservern.",
)
INLOGGNING = Meddelande(
    "kolada-inloggning",
    "Nätet svarade med en webbsida, troligen en inloggningssida, i stället för att släppa fram "
    "frågan till Kolada om {fraga}.",
    "Öppna en webbläsare och logga in på nätet, eller be IT om åtkomst till {vard}. Försök sedan "
    "igen.",
)
TIDSGRANS = Meddelande(
    "kolada-tidsgrans",
    "Kolada svarade inte i tid på frågan {fraga}.",
    "Kolada är troligen långsamt eller överbelastat just nu. Försök igen om en stund.",
)
TILLFALLIGT = Meddelande(
    "kolada-tillfalligt-fel",
    "Kolada har ett tillfälligt fel (status {status}) och kunde inte svara på frågan {fraga}.",
    "Försök igen om en stund.",
)
FOR_MANGA = Meddelande(
    "kolada-for-manga-fragor",
    "Kolada tar inte emot fler frågor just nu (status {status}); frågan gällde {fraga}.",
    "Vänta några minuter och försök igen.",
)
VANTA = Meddelande(
    "kolada-vanta",
    "Kolada är upptaget (status {status}) och ber oss vänta {sekunder} sekunder innan vi frågar "
    "efter {fraga} igen.",
    "Försök igen efter den tiden.",
)
AVKORTAT = Meddelande(
    "kolada-avkortat",
    "Svaret från Kolada på frågan {fraga} kom inte fram helt.",
    "Kontrollera att nätet fungerar och försök igen om en stund.",
)
NEKAD = Meddelande(
    "kolada-nekad",
    "Kolada ville inte svara på frågan {fraga} (status {status}).",
    "Uppdatera Genomlysning om det finns en nyare version. Står felet kvar, kontakta den som "
    "ansvarar för programmet; status 401 och 403 kan också betyda att nätet spärrar, fråga då IT.",
)
NEDLAGD = Meddelande(
    "kolada-nedlagd",
    "Den version av Koladas gränssnitt som programmet använder är nedlagd (status 410 på frågan "
    "{fraga}).",
    "Genomlysning måste uppdateras. Kontakta den som ansvarar för programmet.",
)
INTE_JSON = Meddelande(
    "kolada-inte-json",
    "Svaret på frågan {fraga} är inte data från Kolada (det är inte JSON).",
    "Inget har ändrats. Försök igen; står felet kvar, kontrollera adressen i "
    "GENOMLYSNING_KOLADA_URL om den är satt, och fråga annars IT om nätet ändrar svaren.",
)
SLINGA = Meddelande(
    "kolada-slinga",
    "Kolada hänvisade runt i en cirkel när svaret på frågan {fraga} skulle hämtas.",
    "Inget har ändrats. Försök igen senare; står felet kvar, anmäl det till Kolada.",
)
FRAMMANDE = Meddelande(
    "kolada-frammande-adress",
    "Fortsättningen på svaret på frågan {fraga} sades finnas på en annan plats, {adress}, och "
    "hämtades därför inte.",
    "Inget har ändrats. Försök igen; står felet kvar, fråga IT om nätet ändrar svaren.",
)

OMDIRIGERAD = Meddelande(
    "kolada-omdirigerad",
    "Kolada hänvisade frågan {fraga} vidare, men inte till en plats som programmet får fråga: "
    "{adress}.",
    "Inget har ändrats. Är GENOMLYSNING_KOLADA_URL satt, kontrollera den. Försök annars igen "
    "senare; står felet kvar behöver Genomlysning uppdateras.",
)

#: A clock that differs more from Kolada's is wrong; its dates are what matters, not its hours.
KLOCKSKILLNAD = timedelta(days=1)
#: Seconds to wait for a connection, and for the first and the next bytes of an answer, at most.
ANSLUTNINGSTID = 5.0
LASTID = 30.0
#: Seconds between looks at whether something has come, and whether to go on waiting.
TITT = 0.1
#: No answer has so many pages, and no page takes so many seconds or is of so many bytes (the
#: longest is of five million): a service that never ends must not keep us, or fill the memory.
MAX_SIDOR = 1000
MAX_SIDTID = 300.0
MAX_SIDLANGD = 64_000_000
MAX_OMDIRIGERINGAR = 5
#: The most seconds that Kolada is believed to ask us to wait; a mistyped date may be years away.
LANGSTA_VANTA = 6 * 3600
#: How a question that is too large is refused: by its length, or by the number of its ids.
FOR_STOR = (413, 414, 422)
#: Questions under way at once; as many as a web browser has to one host.
MAX_SAMTIDIGA = 6

#: How many times a question is asked again; and so many times in a row may all of them be told
#: that it is too much.
FORSOK = 4
OMFORSOK = Retry(
    total=FORSOK,
    status_forcelist=(408, 429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    backoff_factor=0.25,
    backoff_jitter=0.1,
)


_Fragad = tuple[Fraga, Future[list[object]]]


class _Tillfalligt(Exception):
    """Something that may pass, with the error if it stays."""

    def __init__(self, fel: KoladaFel) -> None:
        super().__init__(str(fel))
        self.fel = fel


class _Avbruten(Exception):
    """Another question has failed, so this one is no longer needed."""


class Anslutning:
    """The connection to one base url, kept open between questions.

    It gives up when nothing has come for `tidsgrans` seconds (`Talamod`), and keeps to one pace
    (`Takt`), all questions together. While somebody waits for answers, `vid_vantan` is called
    every moment with the seconds that nothing has come; what it raises ends the waiting.
    """

    def __init__(
        self, bas_url: str, tidsgrans: float, vid_vantan: Callable[[float], None] = lambda _: None
    ) -> None:
        self._bas_url = bas_url.strip().rstrip("/")
        bas = check_adress(bas_url)
        self._vard, self._bas_sokvag = bas.host, bas.path or ""
        self._talamod = Talamod(tidsgrans)
        self._takt = Takt()
        self._vid_vantan = vid_vantan
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._begun: dict[str, Future[list[object]]] = {}
        self._tradar: Tradar[list[object]] | None = None
        self._stop = threading.Event()
        self.anrop = 0
        #: What the computer's clock and Kolada said, when they have differed much.
        self.klockor: tuple[datetime, datetime] | None = None

    def begin(self, fragor: Sequence[Fraga]) -> None:
        """Send questions now; `fetch_rows` for the same ones waits for these answers."""
        if not self._begun:
            self._talamod.begin()
        for fraga in fragor:
            if fraga.sokvag not in self._begun:
                self._begun[fraga.sokvag] = self._submit(fraga)

    def fetch_rows(self, fragor: Sequence[Fraga]) -> list[list[object]]:
        """Return the rows of each question, all pages together, in the order of the questions.

        Raises KoladaOnabar or KoladaSvarFel; the first failure ends all of them, and all that
        has been begun.
        """
        with self._waiting():
            asked = [
                (f, self._begun.pop(f.sokvag) if f.sokvag in self._begun else self._submit(f))
                for f in fragor
            ]
            self._wait(asked)
            return [future.result() for _, future in asked]

    def fetch_each(self, fragor: Sequence[Fraga]) -> Iterator[list[object]]:
        """Yield the rows of each question in order, as they come.

        The first failure ends them all, whichever question it hits.
        """
        self.begin(fragor)
        asked = [(f, self._begun[f.sokvag]) for f in fragor]
        while asked:
            with self._waiting():
                self._wait(asked, bara_forsta=True)
                fraga, future = asked.pop(0)
                self._begun.pop(fraga.sokvag, None)
                rows = future.result()
                del future  # and with it the rows, when they have been used
            yield rows

    def abort(self) -> None:
        """End all questions, also those begun whose answers nobody has fetched."""
        self._stop.set()
        self._stop = threading.Event()
        self._begun.clear()
        if self._tradar is not None:
            # A thread still reading ends by itself, when its answer comes or after LASTID.
            self._tradar.close()
        self._tradar = None

    def _submit(self, fraga: Fraga) -> Future[list[object]]:
        if self._tradar is None:
            self._tradar = Tradar(MAX_SAMTIDIGA, "kolada")
        return self._tradar.submit(partial(self._fetch_whole, fraga, self._stop))

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Count the time within as waited for Kolada; what is raised there ends all questions."""
        self._talamod.begin()
        try:
            yield
        except BaseException:
            self.abort()
            raise
        finally:
            self._talamod.end()
            if not self._begun:
                self.abort()  # of which nothing is left but the threads

    def _wait(self, asked: Sequence[_Fragad], *, bara_forsta: bool = False) -> None:
        """Wait until all are answered, or just the first.

        Raises the failure of any of them, and KoladaOnabar when nothing comes any more.
        """
        wanted = asked[:1] if bara_forsta else asked
        while True:
            for _, future in asked:
                if future.done():
                    future.result()
            if all(future.done() for _, future in wanted):
                return
            pending = {future: fraga for fraga, future in asked if not future.done()}
            if self._is_given_up():
                raise self._too_late(next(iter(pending.values())))
            wait(pending, TITT, FIRST_COMPLETED)
            self._vid_vantan(self._talamod.vantat)

    def _fetch_whole(self, fraga: Fraga, stop: threading.Event) -> list[object]:
        """Return all rows; a question that is refused as too large is asked in two halves."""
        try:
            return self._fetch_pages(fraga, stop)
        except KoladaSvarFel as exc:
            halves = halve_fraga(fraga) if exc.falt.get("status") in FOR_STOR else []
            if not halves:
                raise
            try:
                return [row for half in halves for row in self._fetch_whole(half, stop)]
            except KoladaSvarFel as smaller:
                if smaller.falt.get("status") in FOR_STOR:
                    raise exc from smaller  # its size was not what was wrong
                raise

    def _fetch_pages(self, fraga: Fraga, stop: threading.Event) -> list[object]:
        rows: list[object] = []
        url = f"{self._bas_url}{fraga.sokvag}?per_page={PER_SIDA}"
        seen: set[str] = set()
        while True:
            if url in seen or len(seen) >= MAX_SIDOR:
                raise KoladaSvarFel(SLINGA, fraga=fraga.kort)
            seen.add(url)
            answer = self._get(url, fraga, stop)
            if not isinstance(answer, dict):
                raise KoladaSvarFel(FORM, fraga=fraga.kort, kom="svaret är inte ett objekt")
            values = answer.get("values")
            if not isinstance(values, list):
                raise KoladaSvarFel(FORM, fraga=fraga.kort, kom="svaret saknar listan values")
            rows += values
            # Never `count`: it is not always the total.
            following = answer.get("next_url")
            if following is None or following == "":
                return rows
            url = self._resolve(url, following, fraga)

    def _resolve(self, url: str, following: object, fraga: Fraga) -> str:
        """Return the address of the next page, which must be below our own base url."""
        if not isinstance(following, str):
            raise KoladaSvarFel(FORM, fraga=fraga.kort, kom="next_url är inte en adress")
        target = locate(url, following)
        if target is None or not find_path(target).startswith(f"{self._bas_sokvag}/"):
            raise KoladaSvarFel(FRAMMANDE, fraga=fraga.kort, adress=following[:100])
        return target

    # ---- one address -----------------------------------------------------------------------

    def _get(self, url: str, fraga: Fraga, stop: threading.Event) -> object:
        """Return the JSON at `url`, asking again while the policy and the clock allow it."""
        policy = OMFORSOK
        while True:
            if stop.is_set():
                raise _Avbruten
            try:
                answer = self._attempt(url, fraga, stop)
            except _Tillfalligt as exc:
                self._talamod.hinder = exc.fel
                try:
                    policy = policy.increment("GET", fraga.kort)
                except MaxRetryError:
                    raise exc.fel from exc
                pause = policy.get_backoff_time()
                if self._is_given_up(pause):
                    raise exc.fel from exc
                if stop.wait(pause):
                    raise _Avbruten from exc
            else:
                self._talamod.came()
                return answer

    def _is_given_up(self, pause: float = 0.0) -> bool:
        """Tell whether nothing is to be expected any more, after so many seconds of waiting."""
        return self._talamod.kvar <= pause or self._takt.i_rad > FORSOK

    def _too_late(self, fraga: Fraga) -> KoladaFel:
        """Return the error for a Kolada of which nothing comes: the fault that stays, if any."""
        return self._talamod.hinder or self._onabar(TIDSGRANS, fraga)

    def _attempt(self, url: str, fraga: Fraga, stop: threading.Event) -> object:
        with self._lock:
            session = self._sessions.pop() if self._sessions else self._new_session()
        try:
            with self._send(session, url, fraga, stop) as answer:
                self._check_status(answer, fraga)
                self._talamod.came()
                self._takt.i_rad = 0
                self._compare_klockor(answer)
                body = self._read_body(answer, fraga, stop)
                return self._parse_body(body, answer.headers.get("Content-Type", ""), fraga)
        except (requests.RequestException, HTTPError) as exc:
            raise self._explain(exc, fraga) from exc
        finally:
            with self._lock:
                self._sessions.append(session)

    def _send(
        self, session: requests.Session, url: str, fraga: Fraga, stop: threading.Event
    ) -> requests.Response:
        """Return the response, its body unread, after redirects within Kolada."""
        for _ in range(MAX_OMDIRIGERINGAR + 1):
            varv = self._wait_for_turn(fraga, stop)
            answer = session.get(
                url, stream=True, allow_redirects=False, timeout=(ANSLUTNINGSTID, LASTID)
            )
            if answer.status_code not in REDIRECT_STATI:
                self._keep_pace(answer, varv)
                return answer
            answer.close()
            url = self._follow(url, answer.headers.get("Location"), fraga)
            if url.startswith("https://"):
                self._trust_system(session)
        raise KoladaSvarFel(SLINGA, fraga=fraga.kort)

    def _wait_for_turn(self, fraga: Fraga, stop: threading.Event) -> int:
        """Wait until a question may be sent, count it, and return at which pace it is sent."""
        while True:
            if self._is_given_up():
                raise self._too_late(fraga)
            with self._lock:
                pause = self._takt.take(monotonic())
                held = self._takt.held(monotonic())
                if not pause:
                    self.anrop += 1
                    return self._takt.varv
            if held and held >= self._talamod.kvar:
                status, seconds = self._takt.status, round(held)
                raise KoladaOnabar(VANTA, fraga=fraga.kort, status=status, sekunder=seconds)
            if stop.wait(pause):
                raise _Avbruten

    def _keep_pace(self, answer: requests.Response, varv: int) -> None:
        """Let all questions wait when the answer to one says that Kolada has too much to do."""
        if not OMFORSOK.is_retry("GET", answer.status_code):
            return
        try:
            pause = min(OMFORSOK.get_retry_after(answer.raw) or 0, LANGSTA_VANTA)
        except (InvalidHeader, ValueError, OverflowError):
            pause = 0
        with self._lock:
            self._takt.hold(monotonic(), answer.status_code, pause, varv)

    def _follow(self, url: str, named: str | None, fraga: Fraga) -> str:
        """Return where a redirect leads; only Kolada's own addresses are followed."""
        target = locate(url, named) if named else None
        if target is not None:
            return target
        if named and leads_away(url, named):  # a network that wants a sign-in sends us to its page
            raise self._onabar(INLOGGNING, fraga)
        adress = named[:100] if named else "ingen adress angavs"
        raise KoladaSvarFel(OMDIRIGERAD, fraga=fraga.kort, adress=adress)

    def _check_status(self, answer: requests.Response, fraga: Fraga) -> None:
        status = answer.status_code
        if status == 200:
            return
        if OMFORSOK.is_retry("GET", status):
            message = FOR_MANGA if status == 429 else TILLFALLIGT
            raise _Tillfalligt(self._onabar(message, fraga, status=status))
        if status == 407:
            raise self._onabar(PROXY, fraga)
        if status == 511:  # 'Network Authentication Required', RFC 6585
            raise self._onabar(INLOGGNING, fraga)
        if status >= 500:
            raise self._onabar(TILLFALLIGT, fraga, status=status)
        message = NEDLAGD if status == 410 else NEKAD
        raise KoladaSvarFel(message, fraga=fraga.kort, status=status)

    def _compare_klockor(self, answer: requests.Response) -> None:
        """Note it when the computer's clock says another day than the service's."""
        told = answer.headers.get("Date")
        if told is None or "Age" in answer.headers:  # an answer kept by a proxy tells its own day
            return
        try:
            theirs = parsedate_to_datetime(told)
        except ValueError:
            return
        ours = datetime.now(UTC)
        if theirs.tzinfo is not None and abs(ours - theirs) > KLOCKSKILLNAD:
            self.klockor = ours, theirs

    def _read_body(self, answer: requests.Response, fraga: Fraga, stop: threading.Event) -> bytes:
        # read1 returns what has come; a plain read would wait for a whole chunk that trickles.
        parts: list[bytes] = []
        length, cutoff = 0, monotonic() + MAX_SIDTID
        while part := answer.raw.read1(65536, decode_content=True):
            parts.append(part)
            length += len(part)
            if stop.is_set():
                raise _Avbruten
            if length > MAX_SIDLANGD:
                raise KoladaSvarFel(FORM, fraga=fraga.kort, kom="svaret är orimligt långt")
            if monotonic() > cutoff:
                raise self._onabar(TIDSGRANS, fraga)
            self._talamod.count(len(part))
        return b"".join(parts)

    def _parse_body(self, body: bytes, content_type: str, fraga: Fraga) -> object:
        text = body.removeprefix(b"\xef\xbb\xbf").strip()
        kind = content_type.lower()
        if "html" in kind or text.startswith(b"<"):
            raise self._onabar(INLOGGNING, fraga)
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as exc:
            if "json" in kind and _ends_too_early(text, exc):
                raise _Tillfalligt(self._onabar(AVKORTAT, fraga)) from exc
            raise KoladaSvarFel(INTE_JSON, fraga=fraga.kort) from exc

    def _explain(self, exc: Exception, fraga: Fraga) -> Exception:
        """Return the error for a failed request; requests' errors come before the body."""
        if isinstance(exc, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
            return self._onabar(TLS, fraga)
        if isinstance(exc, requests.exceptions.ProxyError) and "407" in str(exc):
            return self._onabar(PROXY, fraga)
        # No connection in time is no contact: a Kolada that is slow lets itself be connected to.
        if isinstance(exc, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
            return _Tillfalligt(self._onabar(TIDSGRANS, fraga))
        if isinstance(exc, requests.RequestException):
            return _Tillfalligt(self._onabar(ANSLUTNING, fraga))
        return _Tillfalligt(self._onabar(AVKORTAT, fraga))

    def _onabar(self, meddelande: Meddelande, fraga: Fraga, **falt: object) -> KoladaOnabar:
        return KoladaOnabar(meddelande, fraga=fraga.kort, vard=self._vard, **falt)

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.headers["User-Agent"] = f"genomlysning/{__version__}"
        session.headers["Accept"] = "application/json"
        if self._bas_url.startswith("https://"):
            self._trust_system(session)
        return session

    def _trust_system(self, session: requests.Session) -> None:
        if not isinstance(session.get_adapter("https://"), _SystemTrust):
            session.mount("https://", _SystemTrust())


class _SystemTrust(HTTPAdapter):
    """TLS by the operating system's certificates: municipal networks inspect with their own.

    Both ways to a host are covered, straight and through a proxy.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=_make_context(), **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=_make_context(), **kwargs)


def make_system_trust() -> HTTPAdapter:
    """Return an adapter that trusts what the operating system trusts."""
    return _SystemTrust()


def _make_context() -> Any:
    # Late, since most runs of the tests and all of the store's need no TLS.
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _ends_too_early(text: bytes, exc: Exception) -> bool:
    """Tell whether text that is not JSON seems to be the beginning of JSON."""
    if not text.endswith(b"}"):  # every whole answer is an object
        return True
    return isinstance(exc, json.JSONDecodeError) and (
        exc.pos >= len(exc.doc) or exc.msg.startswith("Unterminated")
    )
