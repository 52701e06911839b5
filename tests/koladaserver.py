"""A stand-in Kolada on 127.0.0.1, for the tests and for trying the program without a net.

As a context manager, `with Koladaserver() as server: Kolada(server.bas_url)`, or from the
command line, `python tests/koladaserver.py --port 8000`. It behaves as Kolada's API v3 is known
to, and misbehaves on demand (`Fel`).
"""

import argparse
import gzip
import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from koladavarden import (
    ABSENT,
    DELETED,
    YEARS,
    Cell,
    Lucka,
    figures,
    generate,
    load,
    members,
    places,
)

__all__ = ["ABSENT", "DELETED", "FELTYPER", "FORVANSKNINGAR", "Fel", "Koladaserver"]

MAX_IDS = 25
MAX_PER_PAGE = 5000
NEDLAGD = {"error": "This endpoint is deprecated. Please use /v3 instead."}
LOGIN_PAGE = (
    "<!DOCTYPE html><html lang='sv'><title>Logga in</title><body><h1>Gästnät</h1>"
    "<form><input name='user'></form></body></html>"
)
FELTYPER = (
    "<status> (429, 500, 503 …), reset, cut, cut-json, html, redirect, not-json, wrong-types, "
    "loop, foreign, empty-tail, slow, trickle"
)

Svar = dict[str, Any]


def _first_row(answer: Svar) -> Any:
    return answer["values"][0]


def _set(name: str, value: object) -> Callable[[Svar], object]:
    """Return a change of one field of the first row."""

    def change(answer: Svar) -> object:
        _first_row(answer)[name] = value
        return answer

    return change


def _set_value(name: str, value: object) -> Callable[[Svar], object]:
    """Return a change of one field of the first row's first value."""

    def change(answer: Svar) -> object:
        _first_row(answer)["values"][0][name] = value
        return answer

    return change


def _drop(name: str) -> Callable[[Svar], object]:
    def change(answer: Svar) -> object:
        del _first_row(answer)[name]
        return answer

    return change


def _drop_value(name: str) -> Callable[[Svar], object]:
    def change(answer: Svar) -> object:
        del _first_row(answer)["values"][0][name]
        return answer

    return change


def _repeat_differently(answer: Svar) -> object:
    again = json.loads(json.dumps(_first_row(answer)))
    again["values"][0]["value"] = -123456.0
    answer["values"].append(again)
    return answer


#: Ways to answer a question about values wrongly, by name; each changes the answer.
FORVANSKNINGAR: dict[str, Callable[[Svar], object]] = {
    "svaret-en-lista": lambda a: a["values"],
    "values-saknas": lambda a: {"count": 0},
    "values-ett-objekt": lambda a: {**a, "values": {"0": a["values"]}},
    "values-null": lambda a: {**a, "values": None},
    "raden-en-lista": lambda a: {**a, "values": [["N15001", "1384", 2024, 1.0]]},
    "raden-null": lambda a: {**a, "values": [None]},
    "kpi-saknas": _drop("kpi"),
    "kpi-ett-tal": _set("kpi", 15001),
    "municipality-saknas": _drop("municipality"),
    "municipality-ett-tal": _set("municipality", 1384),
    "period-saknas": _drop("period"),
    "period-text": _set("period", "i fjol"),
    "period-sant": _set("period", True),
    "period-brak": _set("period", 2024.5),
    "radens-values-saknas": _drop("values"),
    "radens-values-ett-objekt": _set("values", {"T": 1.0}),
    "radens-values-tal": _set("values", [1.0]),
    "gender-saknas": _drop_value("gender"),
    "gender-okant": _set_value("gender", "X"),
    "value-saknas": _drop_value("value"),
    "value-text": _set_value("value", "12,5"),
    "value-sant": _set_value("value", True),
    "value-nan": _set_value("value", float("nan")),
    "value-oandligt": _set_value("value", float("inf")),
    "value-lista": _set_value("value", [1.0]),
    "value-objekt": _set_value("value", {"T": 1.0}),
    "count-text": _set_value("count", "sju"),
    "count-sant": _set_value("count", True),
    "isdeleted-text": _set_value("isdeleted", "nej"),
    "status-tal": _set_value("status", 7),
    "annat-nyckeltal": _set("kpi", "N99999"),
    "annan-kommun": _set("municipality", "1480"),
    "annat-ar": _set("period", 1999),
    "dubblett-annat-varde": _repeat_differently,
    "next_url-ett-tal": lambda a: {**a, "next_url": 2},
}


@dataclass
class Fel:
    """A fault: what happens (see FELTYPER), to which requests, and how many times.

    `nummer` is the request's number since the start (from 1), `sokvag` a part of its path and
    query; without them all requests are hit. `antal` None means always. `sekunder` is the time
    before the first byte in 'slow', between bytes in 'trickle', and Retry-After of a status,
    unless `vanta` is the text of that. `till` is where 'redirect' leads, with {vard}, {sokvag} and
    {fraga} for the host and port, the path and the query that were asked, and `status` is its
    status; None names no place. `bitar` is how many bytes come at a time in 'trickle'. `andra`
    changes the answer of 'wrong-types', by name from FORVANSKNINGAR or as a function.
    """

    typ: str
    antal: int | None = None
    sokvag: str = ""
    nummer: int | None = None
    sekunder: float | None = None
    bitar: int = 1
    till: str | None = "http://login.invalid/logga-in"
    status: int = 302
    vanta: str | None = None
    andra: str | Callable[[Svar], object] = "value-text"
    traffar: int = field(default=0, init=False)

    def hits(self, nummer: int, path: str) -> bool:
        """Tell whether this request is to be hit, and count it."""
        if self.nummer not in (None, nummer) or self.sokvag not in path:
            return False
        if self.antal is not None and self.traffar >= self.antal:
            return False
        self.traffar += 1
        return True

    def change(self, answer: Svar) -> object:
        """Return the answer with its types wrong."""
        change = FORVANSKNINGAR[self.andra] if isinstance(self.andra, str) else self.andra
        return change(answer)


#: Faults as the tests set them: one, several (the first that hits), or a function of the
#: request's number and path.
Felval = Fel | Sequence[Fel] | Callable[[int, str], Fel | None] | None


class Koladaserver:
    """The server. `varden` overrides single values, `grupper` groups (title and members), and
    `fel` makes it misbehave.

    `anrop` lists the requests as (path, query); `latens` is seconds before each answer;
    `sidstorlek` gives shorter pages than were asked for; `komprimera` answers with gzip. With
    `minns` an answer is made once and then given again as it was, so that the server takes next
    to no time of its own. More than `hogst` requests within a second are answered with 429, as by
    a service that limits them. `tls` makes it https. `klockskillnad` is how many days its clock
    is ahead.
    """

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        for read in (figures, places, members):  # once a process, and not during an answer
            read()
        self.varden: dict[tuple[str, str, int], Cell] = {}
        self.grupper: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.fel: Felval = None
        self.anrop: list[tuple[str, str]] = []
        self.latens = 0.0
        self.hogst: int | None = None
        self.sidstorlek: int | None = None
        self.komprimera = False
        self.minns = False
        self.minne: dict[str, tuple[int, bytes]] = {}
        self.klockskillnad = 0
        self.samtidiga = 0
        self.flest_samtidiga = 0
        self.huvuden: list[dict[str, str]] = []
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self._senaste: list[float] = []
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._schema = "https" if tls else "http"
        if tls:
            # The handshake is left to the thread of each connection.
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._http.owner = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def bas_url(self) -> str:
        """The base url, `/v3` included."""
        return f"{self._schema}://{self.vard}/v3"

    @property
    def vard(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def value(self, kpi: str, kommun: str, year: int) -> tuple[float | None, int]:
        """Return what is answered for a municipality or a group, and how many had a value.

        A group's value is the unweighted mean over the members that have one.
        """
        cell, count = self._cell(kpi, kommun, year)
        return (None, 0) if cell is None or isinstance(cell, Lucka) else (cell, count)

    def remake_grupper(self, kommun: str, year: int, *, byter: int = 2) -> dict[str, list[str]]:
        """Give the groups of similar municipalities of one municipality a new year and members.

        They keep their ids, as Kolada's did in March 2026: the first `byter` members go and the
        same number of others come. Returns the members of before, by the group's id.
        """
        name = places()[kommun]["title"]
        codes = [c for c, p in places().items() if p["type"] == "K" and c != kommun]
        before = {}
        for row in load("groups"):
            title = re.fullmatch(r"(Liknande kommuner,? .+, )(.+)(, \d{4})", row["title"])
            if title is None or title[2] != name:
                continue
            old = list(self.members(row["id"]))
            new = [c for c in codes if c not in old][:byter] if byter else []
            before[row["id"]] = old
            self.grupper[row["id"]] = (f"{title[1]}{name}, {year}", (*old[byter:], *new))
        self.minne.clear()
        return before

    def members(self, grupp: str) -> tuple[str, ...]:
        """Return the codes of a group's members, as they are now."""
        return self.grupper[grupp][1] if grupp in self.grupper else members()[grupp]

    def _cell(self, kpi: str, kommun: str, year: int) -> tuple[Cell, int]:
        override = self.varden.get((kpi, kommun, year), ...)
        if kommun not in members():
            cell = generate(kpi, kommun, year) if override is ... else override
            return cell, 1 if isinstance(cell, int | float) else 0
        cells = [self._cell(kpi, m, year)[0] for m in self.members(kommun)]
        known = [c for c in cells if isinstance(c, int | float)]
        if override is not ...:
            return override, len(known)
        if all(c is ABSENT for c in cells):
            return ABSENT, 0
        return (round(sum(known) / len(known), 6) if known else None), len(known)

    def choose_fault(self, path: str) -> Fel | None:
        """Return the fault that hits this request; called once for each."""
        with self.lock:
            nummer = len(self.anrop)
            if callable(self.fel):
                return self.fel(nummer, path)
            if self.hogst is not None and self._is_too_fast(self.hogst):
                return Fel("429")
            faults = [self.fel] if isinstance(self.fel, Fel) else self.fel or []
            return next((f for f in faults if f.hits(nummer, path)), None)

    def _is_too_fast(self, most: int) -> bool:
        """Tell whether `most` requests have been let through within the last second."""
        now = time.monotonic()
        self._senaste = [t for t in self._senaste if now - t < 1.0]
        if len(self._senaste) >= most:
            return True
        self._senaste.append(now)
        return False

    # ---- answers ---------------------------------------------------------------------------

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Svar]:
        """Return status and answer for a path below the root."""
        if re.match(r"/v[12]/", path):
            return 410, NEDLAGD
        found = self._rows(path.removeprefix("/v3"), query)
        if isinstance(found, int):
            return found, {"detail": "Unprocessable" if found == 422 else "Not Found"}
        try:
            page = int(query.get("page", ["1"])[0])
            per_page = int(query.get("per_page", [str(MAX_PER_PAGE)])[0])
        except ValueError:
            return 422, {"detail": "not a number"}
        if not 1 <= per_page <= MAX_PER_PAGE or page < 1:
            return 422, {"detail": "per_page"}
        size = min(per_page, self.sidstorlek or per_page)
        rows = found[(page - 1) * size : page * size]

        def link(number: int) -> str:
            rest = {k: v[0] for k, v in query.items() if k != "page"}
            root = self.bas_url.removesuffix("/v3")
            return f"{root}{path}?{urlencode({**rest, 'page': number})}"

        return 200, {
            "values": rows,
            "count": len(rows),
            "next_url": link(page + 1) if page * size < len(found) else None,
            "previous_url": link(page - 1) if page > 1 else None,
        }

    def _rows(self, path: str, query: dict[str, list[str]]) -> list[Svar] | int:
        """Return all rows of an answer, or a status."""
        steps = path.strip("/").split("/")
        known = {"page", "per_page"}
        if steps == ["data"]:  # the same question with its ids in the query, as koladapy asks
            known |= {"kpi_id", "municipality_id", "year"}
            for name, key in (("kpi", "kpi_id"), ("municipality", "municipality_id")):
                steps += [name, ",".join(query[key])] if key in query else []
            steps += ["year", ",".join(query["year"])] if "year" in query else []
        if steps[0] != "data":
            known |= {"title", "region_type"} if steps[0] == "municipality" else {"title"}
        if steps[0] == "data":
            rows = self._data_rows(steps[1:])
        elif steps[0] in ("kpi", "municipality", "municipality_groups") and len(steps) <= 2:
            ids = steps[1].split(",") if len(steps) == 2 else None
            if ids and len(ids) > MAX_IDS:
                return 422
            rows = [r for r in self._list(steps[0]) if ids is None or r["id"] in ids]
            title = query.get("title", [""])[0].casefold()
            kind = query.get("region_type", [""])[0]
            rows = [r for r in rows if title in r["title"].casefold()]
            rows = [r for r in rows if not kind or r.get("type") == kind]
        else:
            return 404
        # Names that the service does not know give an empty answer and no error.
        return rows if isinstance(rows, int) or query.keys() <= known else []

    def _list(self, name: str) -> list[Svar]:
        if name != "municipality_groups":
            return load(name)
        names = {code: place["title"] for code, place in places().items()}
        return [
            {
                "id": g["id"],
                "title": self.grupper.get(g["id"], (g["title"],))[0],
                "members": [
                    {"member_id": m, "member_title": names[m]} for m in self.members(g["id"])
                ],
            }
            for g in load("groups")
        ]

    def _data_rows(self, steps: list[str]) -> list[Svar] | int:
        if len(steps) not in (4, 6):
            return 404
        asked = {name: ids.split(",") for name, ids in zip(steps[::2], steps[1::2], strict=True)}
        if not asked.keys() <= {"kpi", "municipality", "year"} or len(asked) < len(steps) // 2:
            return 404
        if any(len(ids) > MAX_IDS for ids in asked.values()):
            return 422
        if not all(y.isdigit() for y in asked.get("year", [])):
            return 422
        kpis = asked.get("kpi") or list(figures())
        # An answer for all holds the groups too, and there are eleven times as many of them.
        kommuner = asked.get("municipality") or [*places(), *members()]
        years = [int(y) for y in asked["year"]] if "year" in asked else list(YEARS)
        return [
            row
            for kpi in dict.fromkeys(kpis)
            for kommun in dict.fromkeys(kommuner)
            for year in dict.fromkeys(years)
            if (row := self._row(kpi, kommun, year)) is not None
        ]

    def _row(self, kpi: str, kommun: str, year: int) -> Svar | None:
        cell, count = self._cell(kpi, kommun, year)
        if cell is ABSENT:
            return None
        deleted = cell is DELETED
        value = -1.0 if isinstance(cell, Lucka) else cell
        divided = figures().get(kpi, {}).get("is_divided_by_gender", False)
        return {
            "kpi": kpi,
            "municipality": kommun,
            "period": year,
            "values": [
                {
                    "gender": gender,
                    "count": count,
                    # A missing value comes in two forms.
                    "status": "Missing" if value is None and year % 2 else "",
                    "value": None if value is None else round(value * factor, 6),
                    "isdeleted": deleted,
                }
                for gender, factor in (("K", 0.96), ("M", 1.04), ("T", 1.0))
                if gender == "T" or divided
            ],
        }


def _to_json(answer: object) -> bytes:
    """Return an answer as the framework of Kolada's service writes it: without blanks."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    owner: Koladaserver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that gives up is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return what the answer says that the time is."""
        ahead = self.server.owner.klockskillnad * 86400
        return super().date_time_string((timestamp or time.time()) + ahead)

    def do_GET(self) -> None:
        owner = self.server.owner
        parts = urlsplit(self.path)
        with owner.lock:
            owner.anrop.append((parts.path, parts.query))
            owner.huvuden.append(dict(self.headers))
            owner.samtidiga += 1
            owner.flest_samtidiga = max(owner.flest_samtidiga, owner.samtidiga)
        try:
            if owner.latens:
                owner.stopped.wait(owner.latens)
            fault = owner.choose_fault(self.path)
            kept = owner.minne.get(self.path) if owner.minns and fault is None else None
            if kept is None:
                status, answer = owner.answer(parts.path, parse_qs(parts.query))
        finally:
            with owner.lock:
                owner.samtidiga -= 1
        if kept is not None:
            self._send(*kept)
        elif fault is None:
            body = _to_json(answer)
            if owner.minns:
                owner.minne[self.path] = status, body
            self._send(status, body)
        else:
            self._misbehave(fault, status, answer)

    def _misbehave(self, fault: Fel, status: int, answer: Svar) -> None:
        owner = self.server.owner
        body = json.dumps(answer).encode()
        match fault.typ:
            case "reset":
                linger = struct.pack("ii", 1, 0)  # close with RST
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            case "cut":
                self._send(200, body[: len(body) // 2], length=len(body))
                self.close_connection = True
            case "cut-json":
                self._send(200, body[: len(body) // 2])
            case "html":
                self._send(200, LOGIN_PAGE.encode(), kind="text/html; charset=utf-8")
            case "redirect":
                asked = urlsplit(self.path)
                place = {"vard": owner.vard, "sokvag": asked.path, "fraga": asked.query}
                where = {} if fault.till is None else {"Location": fault.till.format(**place)}
                self._send(fault.status, b"", extra=where)
            case "not-json":
                self._send(200, b"OK", kind="text/plain")
            case "wrong-types":
                self._send_json(status, fault.change(answer))
            case "loop":
                here = owner.bas_url.removesuffix("/v3") + self.path
                self._send_json(status, {**answer, "next_url": here})
            case "foreign":
                self._send_json(status, {**answer, "next_url": "http://foreign.invalid/v3/kpi"})
            case "empty-tail":
                tail = f"{self.path}&page=9999"
                if answer.get("values") and not answer.get("next_url"):
                    answer = {**answer, "next_url": tail}
                self._send_json(status, answer)
            case "slow":
                owner.stopped.wait(60.0 if fault.sekunder is None else fault.sekunder)
                self._send_json(status, answer)
            case "trickle":
                self._send(200, b"", length=len(body))
                for start in range(0, len(body), fault.bitar):
                    if owner.stopped.wait(fault.sekunder or 0.05):
                        return
                    self.wfile.write(body[start : start + fault.bitar])
            case _:
                wait = f"{fault.sekunder:g}" if fault.sekunder is not None else None
                wait = fault.vanta or wait
                after = {} if wait is None else {"Retry-After": wait}
                self._send(int(fault.typ), b'{"error": "fault on demand"}', extra=after)

    def _send_json(self, status: int, answer: object) -> None:
        self._send(status, _to_json(answer))

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json",
        length: int | None = None,
        extra: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        if self.server.owner.komprimera:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def run_for_tests() -> Iterator[Koladaserver]:
    """Yield a running server, for a pytest fixture."""
    with Koladaserver() as server:
        yield server


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fel", metavar="NAMN", help=f"misbehave always: {FELTYPER}")
    parser.add_argument("--sekunder", type=float, help="of the fault, such as Retry-After")
    parser.add_argument("--antal", type=int, help="misbehave so many times only")
    parser.add_argument("--till", default=Fel.till, help="where a redirect leads (see Fel)")
    parser.add_argument("--hogst", type=int, help="most requests a second; 429 to the others")
    parser.add_argument("--latens", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    with Koladaserver(options.port) as server:
        if options.fel:
            server.fel = Fel(
                options.fel, antal=options.antal, sekunder=options.sekunder, till=options.till
            )
        server.latens, server.hogst = options.latens, options.hogst
        print(f"GENOMLYSNING_KOLADA_URL={server.bas_url}", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
