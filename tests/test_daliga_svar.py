"""Answers that are not Kolada's: any JSON, real answers changed, any bytes, any content type.

What comes of each is values that could be true, or KoladaFel.
"""
# ruff: noqa: PT017

import json
import math
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomlysning.fel import KoladaFel, KoladaSvarFel
from genomlysning.kolada import Kolada, anslutning
from genomlysning.kolada.fraga import ask_lista, ask_nyckeltal, ask_varden
from genomlysning.kolada.tolkning import (
    read_grupper,
    read_kommuner,
    read_nyckeltal,
    read_observationer,
)
from trasigheter import FALL, SKRAP, profil_for, within

ANTAL = FALL["test_daliga_svar"]
FALT = (
    "kpi", "municipality", "period", "values", "gender", "value", "count", "status", "isdeleted",
    "is_deleted", "id", "title", "type", "members", "member_id", "municipality_type",
    "is_divided_by_gender", "publ_period", "prel_publication_date", "publication_date",
    "operating_area", "next_url",
)  # fmt: skip
[VARDEN] = ask_varden(["N15001", "N15002"], ["1489"], [2024])
[NYCKELTAL] = ask_nyckeltal(["N15001"])
LASARE = (
    (read_observationer, VARDEN),
    (read_nyckeltal, NYCKELTAL),
    (read_kommuner, ask_lista("/municipality")),
    (read_grupper, ask_lista("/municipality_groups")),
)
RIKTIGA: tuple[list[dict[str, Any]], ...] = (
    [
        {
            "kpi": "N15001", "municipality": "1489", "period": 2024,
            "values": [
                {"gender": g, "value": 1.5, "count": 1, "status": "", "isdeleted": False}
                for g in "TKM"
            ],
        }
    ],
    [
        {
            "id": "N15001", "title": "Avvikelse", "municipality_type": "K",
            "is_divided_by_gender": 0, "publ_period": "2024",
            "prel_publication_date": "2025-04-01", "publication_date": None,
            "operating_area": "Skola",
        }
    ],
    [{"id": "1489", "title": "Alingsås", "type": "K"}],
    [{"id": "G1", "title": "Lika", "members": [{"member_id": "1489", "member_title": "Alingsås"}]}],
)  # fmt: skip

BLAD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, -1, 2024, 9999, 10**30, 10**400, -(10**400), 1e308, -0.0]),
    st.floats(),
    st.sampled_from([*SKRAP, "N15001", "1489", "2024", "T", "K", "M", "0000"]),
    st.text(max_size=20),
    st.just("\ud800"),
)
NAMN = st.one_of(st.sampled_from(FALT), st.text(max_size=8))
JSON = st.recursive(
    BLAD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMN, inner, max_size=6),
    max_leaves=15,
)


def check(number: int, rows: object) -> None:
    """Read rows in one of the four ways; what is read must be what the domain allows."""
    read, fraga = LASARE[number]
    try:
        with within():
            found = read(rows, fraga)  # type: ignore[operator]
    except KoladaSvarFel as error:
        assert fraga.kort in str(error)
        return
    if number == 0:
        for o in found:
            assert (o.nyckeltal, o.kommun, o.year) in {(k, "1489", 2024) for k in VARDEN.nyckeltal}
            assert o.varde is None or math.isfinite(o.varde)


@profil_for(ANTAL["tolkning"])
@given(number=st.integers(0, 3), rows=st.lists(JSON, max_size=4))
def test_any_rows_are_read_or_refused(number: int, rows: list[object]) -> None:
    check(number, rows)


@st.composite
def changed(draw: st.DrawFn) -> tuple[int, list[Any]]:
    """A real answer with up to three of its fields changed, dropped, repeated or moved."""
    number = draw(st.integers(0, 3))
    rows = json.loads(json.dumps(RIKTIGA[number]))
    for _ in range(draw(st.integers(1, 3))):
        places: list[tuple[Any, Any]] = []

        def walk(node: Any, places: list[tuple[Any, Any]] = places) -> None:
            keys = node if isinstance(node, dict) else range(len(node))
            for key in keys:
                places.append((node, key))
                if isinstance(node[key], dict | list):
                    walk(node[key])

        walk(rows)
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(("byt", "byt", "byt", "ta bort", "dubblera"))):
            case "byt":
                holder[key] = draw(JSON)
            case "ta bort":
                del holder[key]
            case _ if isinstance(holder, list):
                holder.append(holder[key])
            case _:
                holder[draw(NAMN)] = holder[key]
    return number, rows


@profil_for(ANTAL["muterade"])
@given(fall=changed())
def test_a_changed_answer_is_read_or_refused(fall: tuple[int, list[Any]]) -> None:
    check(*fall)


# ---- over HTTP -------------------------------------------------------------------------------


class Svarare:
    """A server that answers everything with the bytes and the content type it was told."""

    def __init__(self) -> None:
        self.kropp, self.slag = b"", ""
        svarare = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self.send_response(200)
                if svarare.slag:
                    self.send_header("Content-Type", svarare.slag)
                self.send_header("Content-Length", str(len(svarare.kropp)))
                self.end_headers()
                self.wfile.write(svarare.kropp)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.bas_url = f"http://127.0.0.1:{self.server.server_address[1]}/v3"


@pytest.fixture(scope="module")
def svarare() -> Iterator[Svarare]:
    made = Svarare()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        quick = anslutning.OMFORSOK.new(total=1, backoff_factor=0.0, backoff_jitter=0.0)
        patch.setattr(anslutning, "OMFORSOK", quick)
        yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


SLAG = st.sampled_from(
    ["application/json", "application/json; charset=latin-1", "text/html", "text/plain", "", "x",
     "application/octet-stream", "application/json; charset=\xff"]
)  # fmt: skip
HELA = json.dumps({"count": 1, "values": RIKTIGA[2]}).encode()
KROPPAR = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda at, new, cut: HELA[:at] + new + HELA[at + cut :],
        st.integers(0, len(HELA)), st.binary(max_size=4), st.integers(0, 8),
    ),
    st.sampled_from(
        [
            b"[" * 100_000, b'{"values":' * 50_000, b'{"values": [NaN]}', b'{"values": [1e999]}',
            b'{"values": [' + b"9" * 100_000 + b"]}", b'{"values": [], "values": [1]}',
            b'{"values": [{"id": "1", "id": 2, "title": "x"}]}', HELA.decode().encode("utf-16"),
            b"\xef\xbb\xbf" + HELA, b"\xff\xfe", b"\x00" * 50, b'"\\ud800"', b"null", b"<html>",
            b'{"values": [{"id": "\\ud800", "title": "x"}]}', b'{"values": [{"id": "\\u0000"}]}',
            HELA.replace("å".encode(), b"\xe5"), b"", b"Infinity", b"{}", b'{"values": {}}',
        ]
    ),
)  # fmt: skip


def fetch(svarare: Svarare) -> object:
    with within():
        try:
            return Kolada(svarare.bas_url, tidsgrans=20).fetch_kommuner()
        except KoladaFel as error:
            assert str(error).strip()
            return None


@profil_for(ANTAL["byte"])
@given(kropp=KROPPAR, slag=SLAG)
def test_any_bytes_are_an_answer_or_an_error(svarare: Svarare, kropp: bytes, slag: str) -> None:
    svarare.kropp, svarare.slag = kropp, slag
    fetch(svarare)


@profil_for(ANTAL["anslutning"])
@given(answer=st.one_of(JSON, st.fixed_dictionaries({"values": JSON, "next_url": JSON})))
def test_any_json_is_an_answer_or_an_error(svarare: Svarare, answer: object) -> None:
    svarare.kropp, svarare.slag = json.dumps(answer).encode(), "application/json"
    fetch(svarare)
