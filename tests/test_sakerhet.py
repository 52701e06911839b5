"""What SAKERHET.md promises of texts from outside, of what is written and of who is asked."""

import ast
import json
import os
import re
import subprocess
import sys
import zipfile
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from excelredigering import Excelredigering
from genomlysning import mallar
from genomlysning.kommandorad import run
from koladavarden import load
from trasigheter import FALL

ROOT = Path(__file__).parents[1]
#: What Excel would take for a formula, a link or a command, were it not text.
FARLIGT = (
    *('=HYPERLINK("http://x.invalid","FARLIGT")', "+FARLIGT", "-FARLIGT", "@FARLIGT"),
    *("=cmd|'/c FARLIGT'!A0", "{=FARLIGT}", "'=FARLIGT"),
)


def make_profil(fil: Path) -> Path:
    """An own profile whose every text looks like something else."""
    text = (mallar.find_templates() / "ny-profil.toml").read_text(encoding="utf-8")
    words = iter(FARLIGT * 20)

    def replace(match: re.Match[str]) -> str:
        return f"{match[1]} = {json.dumps(next(words))}"

    fil.write_text(
        re.sub(r'^(namn|forvaltning|anmarkning) *= *"[^"]*"', replace, text, flags=re.MULTILINE),
        encoding="utf-8",
    )
    return fil


def find_aktivt(fil: Path) -> list[str]:
    """Every formula, link, field code or name with the dangerous word, in any part."""
    active = ("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "definedName")
    active += ("instrText", "oddHeader", "oddFooter", "ddeLink", "externalBook", "hyperlink")
    found = []
    with zipfile.ZipFile(fil) as package:
        for part in package.namelist():
            if not part.endswith((".xml", ".rels", ".vml")):
                continue
            for element in etree.fromstring(package.read(part)).iter(etree.Element):
                name = etree.QName(element).localname
                told = [element.text or ""] if name in active else []
                told += [v for k, v in element.attrib.items() if k.endswith(("instr", "Target"))]
                found += [f"{part}: {name}: {t}" for t in told if "FARLIGT" in t]
    return found


def test_texts_from_outside_stay_texts(
    koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    monkeypatch.chdir(tmp_path)
    figures = [row | {"title": f"{FARLIGT[0]} {row['title']}"} for row in load("kpi")]
    places = [
        row if row["title"] == "Alingsås" else row | {"title": f"{text} {row['title']}"}
        for row, text in zip(load("municipality"), cycle(FARLIGT), strict=False)
    ]
    changed = {"kpi": figures, "municipality": places}
    whole = koladaserver._list
    monkeypatch.setattr(koladaserver, "_list", lambda name: changed.get(name) or whole(name))
    profil = make_profil(tmp_path / "profil.toml")

    def call(*arguments: str) -> None:
        status = run(list(arguments))
        assert status == 0, capsys.readouterr().err

    call("skapa", "--kommun", "Alingsås", "--namnd", str(profil), "--ar", "2024", "--ut", "a.xlsx")
    bok = Excelredigering(tmp_path / "a.xlsx")
    for i, text in enumerate(FARLIGT[:6]):
        table = ("InomForvaltningen", "Kommunovergripande")[i % 2]
        bok.put_in(table, bok.area(table)[0] + 1 + i // 2, "Beskrivning", f"'{text}")
    bok.put_name("Namnd", f"'{FARLIGT[0]}")
    bok.save(tmp_path / "a.xlsx")
    call("uppdatera", "a.xlsx")
    call("kopia", "a.xlsx", "--ut", "b.xlsx")
    call("rapport", "a.xlsx", "--ut", "c.docx")
    call("nytt-ar", "a.xlsx", "--ut", "d.xlsx")
    call("sammanstall", "a.xlsx", "--ut", "e.xlsx")
    for name in ("a.xlsx", "b.xlsx", "c.docx", "d.xlsx", "e.xlsx"):
        with zipfile.ZipFile(tmp_path / name) as package:
            whole = b"".join(package.read(n) for n in package.namelist())
        assert b"FARLIGT" in whole, name
        assert not find_aktivt(tmp_path / name)


# ---- what is written, and who is asked -----------------------------------------------------

#: Put before everything in each process: notes what it opens to write, and whom it asks.
VAKT = """
import os, sys

_log = os.open(os.environ["VAKT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_skriver = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_filer = {"os.rename": 2, "os.remove": 1, "os.mkdir": 1, "os.rmdir": 1, "os.link": 2}
_filer |= {"os.symlink": 2, "os.truncate": 1, "os.chmod": 1, "sqlite3.connect": 1}
_natet = {"socket.connect": 1, "socket.getaddrinfo": 0, "socket.sendto": 1, "urllib.Request": 0}


def _note(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        if args[2] & _skriver:
            os.write(_log, f"fil\\t{os.path.abspath(os.fsdecode(args[0]))}\\n".encode())
    elif event in _filer:
        for name in args[:_filer[event]]:
            if isinstance(name, (str, bytes, os.PathLike)) and os.fsdecode(name):
                os.write(_log, f"fil\\t{os.path.abspath(os.fsdecode(name))}\\n".encode())
    elif event in _natet:
        os.write(_log, f"net\\t{args[_natet[event]]}\\n".encode())
    elif event == "subprocess.Popen":
        program = os.path.basename(os.fsdecode(args[0] or args[1][0]))
        os.write(_log, f"program\\t{program}\\n".encode())
    elif event in ("os.system", "os.exec", "os.posix_spawn", "exec.code"):
        os.write(_log, f"program\\t{event}\\n".encode())


sys.addaudithook(_note)
"""


def test_commands_write_where_they_are_told_and_ask_kolada_only(
    koladaserver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    places = {n: tmp_path / n for n in ("hem", "arbete", "tmp", "data", "vakt")}
    for place in places.values():
        place.mkdir()
    (places["vakt"] / "sitecustomize.py").write_text(VAKT, encoding="utf-8")
    told = tmp_path / "vakt.txt"
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(places["vakt"]), str(ROOT / "python")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "GENOMLYSNING_KOLADA_URL": koladaserver.bas_url,
        "GENOMLYSNING_LAGER": str(places["data"] / "lager.sqlite"),
        "HOME": str(places["hem"]),
        "TMPDIR": str(places["tmp"]),
        "VAKT": str(told),
    }
    monkeypatch.chdir(places["arbete"])
    commands = [
        "skapa --kommun Alingsås --namnd kommunstyrelsen --ar 2024 --ut a.xlsx",
        "uppdatera a.xlsx",
        "kopia a.xlsx --ut b.xlsx",
        "rapport a.xlsx --ut c.docx",
        "nytt-ar a.xlsx --ut d.xlsx",
        "sammanstall a.xlsx --ut e.xlsx",
        "kontrollera --kommun Alingsås --namnd kommunstyrelsen --ar 2024",
        "sok förskola",
        "halsa",
    ]
    script = f"""
from genomlysning.kommandorad import run
for command in {commands!r}:
    status = run(command.split())
    assert status == 0 or command == "halsa", command
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t", 1) for line in told.read_text(encoding="utf-8").splitlines()]
    written = {Path(name) for kind, name in lines if kind == "fil"}
    allowed = [*(places[n] for n in ("arbete", "tmp", "data")), Path(os.devnull)]
    # matplotlib lists the computer's fonts for the next time.
    allowed += [places["hem"] / folder for folder in (".config", ".cache")]
    outside = [p for p in written if not any(p.is_relative_to(a) for a in allowed)]
    assert not outside
    assert {p.name for p in places["arbete"].iterdir()} >= {"a.xlsx", "b.xlsx", "c.docx"}
    assert any(p.is_relative_to(places["arbete"]) for p in written)
    assert not list(places["tmp"].iterdir())
    left = {p.relative_to(places["hem"]).as_posix() for p in places["hem"].rglob("*/*")}
    assert all("/matplotlib/" in f"/{p}/" for p in left)
    address = urlsplit(koladaserver.bas_url)
    asked = {name for kind, name in lines if kind == "net"}
    assert asked <= {address.hostname, f"('{address.hostname}', {address.port})"}
    assert len(asked) == 2
    # Untrusted files are read in a Python of its own; matplotlib asks for the fonts.
    started = {name for kind, name in lines if kind == "program"}
    assert started <= {Path(sys.executable).name, "fc-list"}


# ---- the document ---------------------------------------------------------------------------


def test_every_promise_names_tests_that_exist() -> None:
    text = (ROOT / "SAKERHET.md").read_text(encoding="utf-8")
    files = set(re.findall(r"`(tests/test_\w+\.py)`", text))
    assert files
    functions = set()
    for name in files:
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        functions |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    assert set(re.findall(r"`(test_\w+)`", text)) <= functions


def test_the_number_of_bad_inputs_is_what_the_tests_try() -> None:
    text = (ROOT / "SAKERHET.md").read_text(encoding="utf-8")
    total = sum(sum(cases.values()) for cases in FALL.values())
    assert f"{total:,} slumpade".replace(",", " ") in " ".join(text.split())
