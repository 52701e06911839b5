"""HTTP towards Kolada: GET with retries, all pages of an answer, within a time limit.

urllib3's Retry decides how often and how long to wait, but the loop is ours: Retry does not
cover a body that is cut short, and its sleep cannot be interrupted.
"""

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.compat import urljoin
from urllib3.exceptions import HTTPError, InvalidHeader, LocationParseError, MaxRetryError
from urllib3.util import Retry, Url, parse_url

from genomlysning import __version__
from genomlysning.fel import AnvandarFel, KoladaFel, KoladaOnabar, KoladaSvarFel, Meddelande
from genomlysning.kolada.fraga import FORM, PER_SIDA, Fraga, halve_fraga

ADRESS = Meddelande(
    "kolada-adress",
    "Adressen till Kolada, {adress}, är inte en webbadress.",
    "Rätta eller ta bort miljövariabeln GENOMLYSNING_KOLADA_URL. Adressen ska vara som "
    "https://api.kolada.se/v3.",
)
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
    "Kontrollera att nätet fungerar och försök igen om en stund.",
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

#: A clock that differs more from Kolada's is wrong; its dates are what matters, not its hours.
KLOCKSKILLNAD = timedelta(days=1)
#: Seconds to wait for a connection and for the next bytes, at most.
ANSLUTNINGSTID = 5.0
LASTID = 10.0
#: No answer is this long; a service that always names one more page must not keep us for ever.
MAX_SIDOR = 1000
MAX_OMDIRIGERINGAR = 5
#: How a question that is too large is refused: by its length, or by the number of its ids.
FOR_STOR = (413, 414, 422)
#: Questions under way at once; as many as a web browser has to one host.
MAX_SAMTIDIGA = 6

OMFORSOK = Retry(
    total=4,
    status_forcelist=(408, 429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    backoff_factor=0.25,
    backoff_jitter=0.1,
)


class _Tillfalligt(Exception):
    """Something that may pass: the error if it stays, and the wait asked for in seconds."""

    def __init__(self, fel: KoladaFel, vanta: float = 0.0) -> None:
        super().__init__(str(fel))
        self.fel = fel
        self.vanta = vanta


class _Avbruten(Exception):
    """Another question has failed, so this one is no longer needed."""


def check_adress(bas_url: str) -> Url:
    """Return the parts of a base url. Raises AnvandarFel when it is no http address."""
    parsed = _parse(bas_url.strip().rstrip("/"))
    if parsed is None:
        raise AnvandarFel(ADRESS, adress=bas_url)
    return parsed


class Anslutning:
    """The connection to one base url, kept open between questions.

    It gives up when `tidsgrans` seconds of waiting have passed since the last answer. Time
    between the calls does not count, but time wasted in a call that failed does: a run that
    asks five times of a dead service still ends within the limit.
    """

    def __init__(self, bas_url: str, tidsgrans: float) -> None:
        self._bas_url = bas_url.strip().rstrip("/")
        self._bas = check_adress(bas_url)
        self._vard = self._bas.host
        self._tidsgrans = tidsgrans
        self._wasted = 0.0
        self._since = monotonic()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._begun: dict[str, Future[list[object]]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._stop = threading.Event()
        self.anrop = 0
        #: What the computer's clock and Kolada said, when they have differed much.
        self.klockor: tuple[datetime, datetime] | None = None

    def begin(self, fragor: Sequence[Fraga]) -> None:
        """Send questions now; `fetch_rows` for the same ones waits for these answers."""
        if not self._begun:
            self._since = monotonic() - self._wasted
        for fraga in fragor:
            if fraga.sokvag not in self._begun:
                self._begun[fraga.sokvag] = self._submit(fraga)

    def fetch_rows(self, fragor: Sequence[Fraga]) -> list[list[object]]:
        """Return the rows of each question, all pages together, in the order of the questions.

        Raises KoladaOnabar or KoladaSvarFel; the first failure ends all of them, and all that
        has been begun.
        """
        self._since = monotonic() - self._wasted
        try:
            futures = [
                self._begun.pop(f.sokvag) if f.sokvag in self._begun else self._submit(f)
                for f in fragor
            ]
            wait(futures, return_when=FIRST_EXCEPTION)
            answers = _collect(futures)
        except BaseException:
            self.abort()
            raise
        finally:
            self._wasted = monotonic() - self._since
            if not self._begun:
                self.abort()  # of which nothing is left but the threads
        return answers

    def fetch_each(self, fragor: Sequence[Fraga]) -> Iterator[list[object]]:
        """Yield the rows of each question in order, as they come.

        The first failure ends them all, whichever question it hits.
        """
        self.begin(fragor)
        futures = [self._begun[f.sokvag] for f in fragor]
        for fraga, future in zip(fragor, futures, strict=True):
            wanted = fraga
            while not future.done():
                done, _ = wait([f for f in futures if not f.done()], return_when=FIRST_COMPLETED)
                failed = [f for f in done if f.exception() is not None]
                if failed:
                    wanted = fragor[futures.index(failed[0])]
                    break
            [rows] = self.fetch_rows([wanted])
            yield rows

    def abort(self) -> None:
        """End all questions, also those begun whose answers nobody has fetched."""
        self._stop.set()
        self._stop = threading.Event()
        self._begun.clear()
        if self._pool is not None:
            # Not waited for: a thread still reading ends by itself at the time limit.
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None

    def _submit(self, fraga: Fraga) -> Future[list[object]]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(MAX_SAMTIDIGA, thread_name_prefix="kolada")
        return self._pool.submit(self._fetch_whole, fraga, self._stop)

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
        target = _join(url, following)
        # A service behind a TLS proxy may name itself with http; we stay with https.
        if self._bas_url.startswith("https://") and target.startswith("http://"):
            target = "https://" + target.removeprefix("http://")
        parsed = _parse(target)
        base_path = self._bas.path or ""
        below = parsed is not None and (parsed.path or "").startswith(f"{base_path}/")
        if not below or not self._is_same_host(target):
            raise KoladaSvarFel(FRAMMANDE, fraga=fraga.kort, adress=target[:100])
        return target.partition("#")[0]

    def _is_same_host(self, url: str) -> bool:
        return _origin(_parse(url)) == _origin(self._bas)

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
                try:
                    policy = policy.increment("GET", fraga.kort)
                except MaxRetryError:
                    raise exc.fel from exc
                pause = exc.vanta or policy.get_backoff_time()
                if pause >= self._remaining():
                    raise self._too_long(exc, fraga) from exc
                if stop.wait(pause):
                    raise _Avbruten from exc
            else:
                with self._lock:
                    if not stop.is_set():
                        self._since = monotonic()
                return answer

    def _too_long(self, exc: _Tillfalligt, fraga: Fraga) -> KoladaFel:
        if not exc.vanta:
            return exc.fel
        status = exc.fel.falt["status"]
        return KoladaOnabar(VANTA, fraga=fraga.kort, status=status, sekunder=round(exc.vanta))

    def _remaining(self) -> float:
        with self._lock:
            return self._tidsgrans - (monotonic() - self._since)

    def _attempt(self, url: str, fraga: Fraga, stop: threading.Event) -> object:
        left = self._remaining()
        if left <= 0:
            raise self._onabar(TIDSGRANS, fraga)
        # Nothing can interrupt a read that waits for bytes. Half the time at most is for that,
        # so that a body which trickles and then stalls still ends within the limit.
        patience = min(LASTID, left / 2)
        cutoff = monotonic() + left - patience
        with self._lock:
            session = self._sessions.pop() if self._sessions else self._new_session()
        try:
            with self._send(session, url, fraga, min(ANSLUTNINGSTID, patience), patience) as answer:
                self._check_status(answer, fraga)
                self._compare_klockor(answer)
                body = self._read_body(answer, fraga, cutoff, stop)
                return self._parse_body(body, answer.headers.get("Content-Type", ""), fraga)
        except (requests.RequestException, HTTPError) as exc:
            raise self._explain(exc, fraga) from exc
        finally:
            with self._lock:
                self._sessions.append(session)

    def _send(
        self, session: requests.Session, url: str, fraga: Fraga, connect: float, read: float
    ) -> requests.Response:
        """Return the response, its body unread, after redirects within the same host."""
        for _ in range(MAX_OMDIRIGERINGAR + 1):
            with self._lock:
                self.anrop += 1
            answer = session.get(url, stream=True, allow_redirects=False, timeout=(connect, read))
            if not answer.is_redirect:
                return answer
            answer.close()
            url = _join(url, answer.headers["Location"])
            if not self._is_same_host(url):
                raise self._onabar(INLOGGNING, fraga)
        raise KoladaSvarFel(SLINGA, fraga=fraga.kort)

    def _check_status(self, answer: requests.Response, fraga: Fraga) -> None:
        status = answer.status_code
        if status == 200:
            return
        if OMFORSOK.is_retry("GET", status):
            message = FOR_MANGA if status == 429 else TILLFALLIGT
            try:
                pause = OMFORSOK.get_retry_after(answer.raw) or 0.0
            except InvalidHeader:
                pause = 0.0
            raise _Tillfalligt(self._onabar(message, fraga, status=status), pause)
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

    def _read_body(
        self, answer: requests.Response, fraga: Fraga, cutoff: float, stop: threading.Event
    ) -> bytes:
        # read1 returns what has come; a plain read would wait for a whole chunk that trickles.
        parts: list[bytes] = []
        while part := answer.raw.read1(65536, decode_content=True):
            parts.append(part)
            if stop.is_set():
                raise _Avbruten
            if monotonic() > cutoff:
                raise _Tillfalligt(self._onabar(TIDSGRANS, fraga))
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
        if isinstance(exc, requests.Timeout | urllib3.exceptions.TimeoutError):
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
            session.mount("https://", _SystemTrust())
        return session


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


def _collect(futures: Sequence[Future[list[object]]]) -> list[list[object]]:
    """Return all results, or raise the failure of the first question that has one."""
    for future in futures:
        if future.done():
            future.result()
    return [future.result() for future in futures]


def _ends_too_early(text: bytes, exc: Exception) -> bool:
    """Tell whether text that is not JSON seems to be the beginning of JSON."""
    if not text.endswith(b"}"):  # every whole answer is an object
        return True
    return isinstance(exc, json.JSONDecodeError) and (
        exc.pos >= len(exc.doc) or exc.msg.startswith("Unterminated")
    )


def _join(url: str, other: str) -> str:
    """Return the address that `other` means on the page `url`; as it is when it is none."""
    try:
        return urljoin(url, other)
    except ValueError:
        return other


def _parse(url: str) -> Url | None:
    """Return the parts of an http address, None for anything else.

    urllib3's own parser, so that what is checked is what would be asked.
    """
    try:
        parsed = parse_url(url)
    except LocationParseError:
        return None
    return parsed if parsed.scheme in ("http", "https") and parsed.host else None


def _origin(url: Url | None) -> tuple[object, ...] | None:
    if url is None or url.auth is not None:
        return None
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}[url.scheme or "http"]
