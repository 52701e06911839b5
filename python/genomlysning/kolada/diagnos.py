"""Tries the way to Kolada one step at a time, so that a fault can be told to whoever mends it.

Municipal networks stop programs in ways that look alike from above: names that are not looked
up, proxies, inspection of encrypted traffic, sign-in pages.
"""

import ipaddress
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import Enum
from time import monotonic
from typing import Any, TypeVar

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from urllib3.util import parse_url

from genomlysning.begrepp import INVANARE
from genomlysning.kolada import BAS_URL, Kolada
from genomlysning.kolada.adress import check_adress
from genomlysning.kolada.anslutning import ANSLUTNINGSTID, make_system_trust

#: Seconds for each step, at most; a whole check ends within a minute. For an answer as long as a
#: command waits.
UPPSLAGSTID = 4.0
CERTIFIKATTID = 6.0
SVARSTID = 30.0

_T = TypeVar("_T")


class Uppslag(Enum):
    """How looking a name up went."""

    FANNS = "the name has an address"
    BEHOVS_EJ = "it is an address, or the proxy looks names up"
    OKANT = "the name is not known"
    TIDSGRANS = "no answer in time"


class Certifikat(Enum):
    """Who vouches for the encrypted connection."""

    OFFENTLIGT = "a publicly trusted issuer"
    EGET = "an issuer that this computer trusts, but not the public: the network inspects"
    UNDERKANT = "an issuer that nobody here trusts"
    OKLART = "no connection to judge"


@dataclass(frozen=True, slots=True)
class Adress:
    """Where Kolada is asked; `egen` when the environment says so, `proxy` is host and port."""

    url: str
    vard: str
    https: bool
    egen: bool
    proxy: str | None


@dataclass(frozen=True, slots=True)
class Intyg:
    """The outcome of the encrypted connection and, where it could be read, the issuer."""

    certifikat: Certifikat
    utfardare: str = ""


def read_adress() -> Adress:
    """Return where Kolada is asked. Raises AnvandarFel when that is no web address."""
    egen = os.environ.get("GENOMLYSNING_KOLADA_URL")
    url = egen or BAS_URL
    check_adress(url)
    parsed = parse_url(url.strip())
    chosen = select_proxy(url, get_environ_proxies(url))
    return Adress(url, parsed.host or "", parsed.scheme == "https", bool(egen), _show_proxy(chosen))


def resolve(adress: Adress) -> Uppslag:
    """Look Kolada's name up, or the proxy's, which then looks up the rest."""
    vard = adress.vard if adress.proxy is None else _host(adress.proxy)
    with suppress(ValueError):
        ipaddress.ip_address(vard.strip("[]"))
        return Uppslag.BEHOVS_EJ
    try:
        _within(UPPSLAGSTID, lambda: socket.getaddrinfo(vard, None))
    except TimeoutError:
        return Uppslag.TIDSGRANS
    except (OSError, UnicodeError):
        return Uppslag.OKANT
    return Uppslag.FANNS


def check_certifikat(adress: Adress) -> Intyg:
    """Connect with this computer's certificates, then with the public ones only."""
    try:
        return _within(CERTIFIKATTID, lambda: _compare_trust(adress.url))
    except TimeoutError:
        return Intyg(Certifikat.OKLART)


def measure_svar() -> tuple[float, tuple[date, date] | None]:
    """Ask Kolada one small question and return the seconds it took; raises KoladaFel.

    Also the days that this computer and Kolada say it is, where they differ.
    """
    begun = monotonic()
    kolada = Kolada(tidsgrans=SVARSTID)
    kolada.fetch_nyckeltal([INVANARE])
    return monotonic() - begun, kolada.klockor


def _compare_trust(url: str) -> Intyg:
    try:
        issuer = _shake_hands(url, system=True)
    except requests.exceptions.SSLError:
        return Intyg(Certifikat.UNDERKANT)
    except requests.RequestException:
        return Intyg(Certifikat.OKLART)
    try:
        _shake_hands(url, system=False)
    except requests.exceptions.SSLError:
        return Intyg(Certifikat.EGET, issuer)
    except requests.RequestException:
        pass
    return Intyg(Certifikat.OFFENTLIGT, issuer)


def _shake_hands(url: str, *, system: bool) -> str:
    """Make an encrypted connection and return the name of the certificate's issuer, if known."""
    with requests.Session() as session:
        if system:
            session.mount("https://", make_system_trust())
        # Given by name, so that a list of certificates in the environment doesn't replace it.
        answer = session.get(
            url,
            stream=True,
            allow_redirects=False,
            timeout=ANSLUTNINGSTID / 2,
            verify=True if system else DEFAULT_CA_BUNDLE_PATH,
        )
        with answer:
            return _read_issuer(answer)


def _read_issuer(answer: requests.Response) -> str:
    # Not every system lets us see the certificate, and the name is only to help.
    with suppress(Exception):
        connection: Any = answer.raw.connection
        certificate = connection.sock.getpeercert()
        names = {key: value for part in certificate["issuer"] for key, value in part}
        return str(names.get("organizationName") or names.get("commonName") or "")
    return ""


def _show_proxy(url: str | None) -> str | None:
    """Return host and port of a proxy; a password in its address is not for showing."""
    if not url:
        return None
    parsed = parse_url(url)
    return f"{parsed.host}:{parsed.port}" if parsed.port else str(parsed.host)


def _host(proxy: str) -> str:
    return parse_url(f"http://{proxy}").host or ""


def _within(seconds: float, work: Callable[[], _T]) -> _T:
    """Do `work` in a thread of its own, since a look-up can't be interrupted.

    Raises TimeoutError when it is not done in time; the thread never keeps the program alive.
    """
    answers: list[_T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError
    return answers[0]
