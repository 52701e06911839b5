"""Which addresses are Kolada's: the base url, and where its answers may lead from there."""

from requests.compat import urljoin
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from genomlysning.fel import AnvandarFel, Meddelande

ADRESS = Meddelande(
    "kolada-adress",
    "Adressen till Kolada, {adress}, är inte en webbadress.",
    "Rätta eller ta bort miljövariabeln GENOMLYSNING_KOLADA_URL. Adressen ska vara som "
    "https://api.kolada.se/v3.",
)

_PORTAR = {"http": 80, "https": 443}


def check_adress(bas_url: str) -> Url:
    """Return the parts of a base url. Raises AnvandarFel when it is no http address."""
    parsed = _parse(bas_url.strip().rstrip("/"))
    if parsed is None:
        raise AnvandarFel(ADRESS, adress=bas_url)
    return parsed


def find_path(url: str) -> str:
    """Return the path of a web address."""
    parsed = _parse(url)
    return (parsed and parsed.path) or ""


def locate(url: str, named: str) -> str | None:
    """Return the address that Kolada's answer at `url` names, None where that isn't Kolada's.

    One rule for the next page and for redirects: the same host and port, where those that http
    and https have by default count as one, and never from https down to http. A service behind a
    proxy that ends TLS names itself with http: that address is asked with https instead.
    """
    joined = _join(url, named).partition("#")[0]
    here, target = _parse(url), _parse(joined)
    if here is None or target is None or target.auth is not None or target.host != here.host:
        return None
    by_default = _is_default(here) and _is_default(target)
    if _find_port(here) != _find_port(target) and not by_default:
        return None
    if (here.scheme, target.scheme) == ("https", "http"):
        return target._replace(scheme="https", port=here.port).url
    return joined


def leads_away(url: str, named: str) -> bool:
    """Tell whether what is named at `url` is a web address of somebody else's domain."""
    here, target = _parse(url), _parse(_join(url, named))
    return here is not None and target is not None and _find_doman(here) != _find_doman(target)


def _find_doman(url: Url) -> str:
    """Return the last two parts of a host's name, such as kolada.se; of a number, all of it."""
    host = url.host or ""
    last = host.split(".")[-2:]
    return ".".join(last) if last[-1].isalpha() else host


def _join(url: str, named: str) -> str:
    """Return the address that `named` means on the page `url`; as it is when it is none."""
    try:
        return urljoin(url, named)
    except ValueError:
        return named


def _parse(url: str) -> Url | None:
    """Return the parts of an http address, None for anything else.

    urllib3's own parser, so that what is checked is what would be asked.
    """
    try:
        parsed = parse_url(url)
    except LocationParseError:
        return None
    return parsed if parsed.scheme in _PORTAR and parsed.host else None


def _find_port(url: Url) -> int:
    return url.port or _PORTAR[url.scheme or "http"]


def _is_default(url: Url) -> bool:
    return _find_port(url) == _PORTAR[url.scheme or "http"]
