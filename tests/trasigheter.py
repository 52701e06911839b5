"""What the tests of bad input share: junk by generators, and what may come of it.

Every case must end in a result or in one of our own errors, in time, and leave the source as it
was. `FALL` says how many cases each test tries; SAKERHET.md cites the sum.
"""
# ruff: noqa: E501

import io
import random
import signal
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from lxml import etree

from genomlysning.fel import GenomlysningFel

#: Cases per test, by file and test. The tests ask here, so that the number told is the one tried.
FALL: dict[str, dict[str, int]] = {
    "test_daliga_bocker": {
        "uppdatera": 80,
        "kopia": 120,
        "rapport": 250,
        "nytt_ar": 60,
        "sammanstall": 500,
        "mall": 100,
    },
    "test_daliga_svar": {"tolkning": 1500, "muterade": 1000, "byte": 600, "anslutning": 400},
    "test_daliga_profiler": {"struktur": 800, "text": 500, "byte": 300},
    "test_daliga_installningar": {
        "uppdatera": 120,
        "klick": 150,
        "pengar": 1000,
        "namn": 200,
    },
}

#: Processor seconds that one case may take: what others do on the machine does not count.
MAX_TID = 40

#: What people, programs and attackers put where something else belongs.
SKRAP = (
    "", " ", "0", "-1", "1", "2", "007", "9" * 20, "9" * 5000, "1e999", "-1e999", "NaN", "inf",
    "1_000", "0x10", "١٢", "²", "true", "FALSE", "None", "A1", "A0", "XFD1048576", "XFE1", "A1048577",
    "ZZZZZZ99999999", "A1:A1", "B2:A1", "A1:XFD1048576", "A1:B2:C3", "$A$1", "A:A", "1:1", "#REF!",
    "Start!#REF!", "[1]Blad!A1", "Ekonomi[[", "Ekonomi[[#This Row],[x]]", "((((", "=1+1", "'", '"',
    "'x'!A1", "_x0000_", "_xD800_", "_xFFFF_", "_x000D_", "\u202e", "å" * 40_000, "../../x",
    "/etc/x", "\\\\server\\x", "C:\\x", "http://127.0.0.1:9/x", "file:///x", "2024-13-45",
    "2024", "9999", "10000", "1904", "n", "s", "str", "b", "e", "d", "inlineStr", "shared",
    "array", "dataTable", "rId1", "rId999", "worksheet", "{x}", "%s", "{0.__class__}", "\U0001f600",
)  # fmt: skip


#: Whether each test tries one case in twenty; conftest.py sets it before the tests are read in.
fewer = False


def profil_for(fall: int) -> settings:
    """Return the settings of a test of so many cases; CI's own profile decides the rest."""
    return settings(
        max_examples=max(fall // 20, 10) if fewer else fall,
        # A case is small as it is, and shrinking one that takes half a second takes minutes.
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


class Ohanterat(AssertionError):
    """The product took too long."""


@contextmanager
def within(seconds: int = MAX_TID) -> Iterator[None]:
    """Fail where the block does not end in time, where the system has an alarm clock."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def ring(*_: object) -> None:
        raise Ohanterat(f"not done in {seconds} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def result_or_fel(work: Callable[[], object], kalla: Path | None = None) -> GenomlysningFel | None:
    """Do the work; return our own error, or None for a result. Anything else gets out.

    `kalla` must afterwards hold the bytes it held before.
    """
    before = kalla.read_bytes() if kalla is not None else None
    fel = None
    with within():
        try:
            work()
        except GenomlysningFel as error:
            fel = error
    if fel is not None:
        assert str(fel).strip()
    if kalla is not None:
        assert kalla.read_bytes() == before
    return fel


# ---- packages --------------------------------------------------------------------------------


class Ingrepp(NamedTuple):
    """One change to a package: what kind, in which part, where in it, and to what."""

    slag: str
    del_: int
    plats: int
    varde: str
    mangd: int


TRADSLAG = ("attribut", "utan-attribut", "text", "ta-bort", "dubblera", "byt-namn", "flytta", "töm")
DELSLAG = ("utan-del", "dubbel-del", "byt-del", "byte", "kapa-del", "tom-del", "doctype", "rel")
FILSLAG = ("filbyte", "kapa-fil", "skräp-före", "skräp-efter")

#: Mostly trees: bytes thrown about are nearly always stopped at once.
INGREPP = st.builds(
    Ingrepp,
    st.sampled_from(TRADSLAG * 4 + DELSLAG * 2 + FILSLAG),
    st.integers(0, 10_000),
    st.integers(0, 1_000_000),
    st.sampled_from(SKRAP),
    st.integers(1, 6),
)
INGREPPEN = st.lists(INGREPP, min_size=1, max_size=3)


class Forpackning:
    """A package's parts, to be changed and packed over and over."""

    def __init__(self, content: bytes, viktiga: tuple[str, ...] = ()) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            self.delar = {n: package.read(n) for n in package.namelist()}
        self.original = content
        # The parts that decide most are tried as often as all others together.
        main = [n for n in self.delar if n.startswith(viktiga)] if viktiga else []
        self._val = [*self.delar, *main * max(1, len(self.delar) // max(1, len(main)))]
        self._trad: dict[str, etree._Element] = {}

    def pack(self, ingreppen: list[Ingrepp]) -> bytes:
        """Return the package with the changes made."""
        parts: list[tuple[str, bytes]] = list(self.delar.items())
        whole: list[Ingrepp] = []
        for i in ingreppen:
            if i.slag in FILSLAG:
                whole.append(i)
            else:
                parts = self._change(parts, i)
        content = io.BytesIO()
        if parts == list(self.delar.items()):
            content.write(self.original)
        else:
            with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as package:
                for name, data in parts:
                    info = zipfile.ZipInfo(name)
                    if name in package.NameToInfo:  # zipfile would warn of the repeated name
                        package.NameToInfo.pop(name)
                    package.writestr(info, data)
        packed = content.getvalue()
        for i in whole:
            packed = _change_file(packed, i)
        return packed

    def _change(self, parts: list[tuple[str, bytes]], i: Ingrepp) -> list[tuple[str, bytes]]:
        wanted = self._val[i.del_ % len(self._val)]
        at = next((n for n, (name, _) in enumerate(parts) if name == wanted), None)
        if at is None:
            return parts
        name, data = parts[at]
        other = parts[i.plats % len(parts)]
        new = parts.copy()
        match i.slag:
            case "utan-del":
                del new[at]
            case "dubbel-del":
                new.append((name, other[1]))
            case "byt-del":
                new[at] = (name, other[1])
            case "tom-del":
                new[at] = (name, b"")
            case "kapa-del":
                new[at] = (name, data[: i.plats % max(1, len(data))])
            case "byte":
                new[at] = (name, _flip(data, i))
            case "doctype":
                new[at] = (name, _add_doctype(data))
            case "rel":
                rels = [n for n, (p, _) in enumerate(parts) if p.endswith(".rels")]
                at = rels[i.del_ % len(rels)] if rels else at
                new[at] = (parts[at][0], _change_tree(parts[at][1], i._replace(slag="attribut")))
            case _:
                new[at] = (name, _change_tree(data, i))
        return new


def _flip(data: bytes, i: Ingrepp) -> bytes:
    rnd, changed = random.Random(i.plats), bytearray(data)
    for _ in range(i.mangd if changed else 0):
        changed[rnd.randrange(len(changed))] = rnd.randrange(256)
    return bytes(changed)


def _change_file(content: bytes, i: Ingrepp) -> bytes:
    match i.slag:
        case "filbyte":
            return _flip(content, i)
        case "kapa-fil":
            return content[: i.plats % (len(content) + 1)]
        case "skräp-före":
            return i.varde.encode() + content
        case _:
            return content + i.varde.encode()


def _add_doctype(data: bytes) -> bytes:
    head, found, rest = data.partition(b"?>")
    kind = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    return head + found + kind + rest if found else kind + data


def _change_tree(data: bytes, i: Ingrepp) -> bytes:
    """Change elements of an XML part; other parts get their bytes changed."""
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return _flip(data, i)
    elements = [e for e in root.iter() if isinstance(e.tag, str)]
    rnd = random.Random(i.plats)
    for _ in range(i.mangd):
        e, o = rnd.choice(elements), rnd.choice(elements)
        parent = e.getparent()
        match i.slag:
            case "attribut":
                with_some = [x for x in elements if x.attrib]
                e = rnd.choice(with_some or [root])
                if e.attrib:
                    e.set(rnd.choice(sorted(e.attrib)), i.varde)
            case "utan-attribut":
                if e.attrib:
                    del e.attrib[rnd.choice(sorted(e.attrib))]
            case "text":
                with_text = [x for x in elements if x.text and x.text.strip()]
                rnd.choice(with_text or elements).text = i.varde
            case "byt-namn":
                e.tag = o.tag
            case "töm":
                for child in list(e):
                    e.remove(child)
            case "dubblera" if parent is not None:
                parent.append(etree.fromstring(etree.tostring(e)))
            case "flytta" if parent is not None and e not in o.iterancestors() and o is not e:
                o.append(e)
            case "ta-bort" if parent is not None:
                parent.remove(e)
            case _:
                pass
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
