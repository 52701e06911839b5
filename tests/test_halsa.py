"""The check of health: what is off is named with what to do, and nothing is changed."""

import json
import shutil
import socket
import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from arbete import HANGER, count_calls
from excelform import save_as_excel
from excelredigering import Excelredigering, q
from genomlysning import __version__, excelmiljo, kormiljo
from genomlysning import halsa as modul
from genomlysning.begrepp import Observation
from genomlysning.bok.beskrivning import BOKVERSION, KNAPPAR
from genomlysning.fel import FilFel
from genomlysning.kolada import diagnos
from genomlysning.kolada.diagnos import Certifikat
from genomlysning.kommandorad import run
from genomlysning.lager import Lager
from genomlysning.lagerfil import STEG, find_fil
from genomlysning.lagerkontroll import inspect_lager
from genomlysning.svenska import join_och
from koladaserver import Fel

EXCEL = "Programmet för Excel"
LOKALA = ["Python", "Klocka", "Genomlysning", "Sparade värden", "Mallar", EXCEL, "Adress"]
ALLA = [*LOKALA, "Proxy", "Namnuppslagning", "Säker anslutning", "Svar från Kolada"]


@pytest.fixture(autouse=True)
def _server(koladaserver, monkeypatch):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(diagnos, "SVARSTID", 2.0)


@pytest.fixture(autouse=True)
def svar(tmp_path_factory, monkeypatch):
    """A whole runtime for Excel, whose Python answers what the dictionary says of it."""
    home = tmp_path_factory.mktemp("hem")
    monkeypatch.setenv("HOME", str(home))
    place = kormiljo.find_kormiljo("linux", {"HOME": str(home)})
    place.mapp.mkdir(parents=True)
    (place.mapp / kormiljo.KLAR).touch()
    given: dict[str, object] = {}
    whole = kormiljo.Svar(
        (), (), excelmiljo.XLWINGS, __version__, str(place.mapp / "genomlysning"), pandas=False
    )

    def ask(_place, _seconds):
        if fault := given.get("fel"):
            raise fault
        return replace(whole, **given)

    monkeypatch.setattr(modul, "find_kormiljo", lambda: place)
    monkeypatch.setattr(modul, "ask_tolk", ask)
    return given


def check(capsys, *arguments):
    """Return status, the answer and its checks by name."""
    status = run(["halsa", "--json", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert err == ""
    answer = json.loads(out)
    for k in answer["kontroller"]:
        assert list(k) == ["namn", "status", "text", "atgard"]
        assert k["status"] in ("ok", "varning", "fel")
        assert k["text"]
        assert bool(k["atgard"]) == (k["status"] != "ok"), k
    return status, answer, {k["namn"]: k for k in answer["kontroller"]}


def test_all_is_well(capsys, koladaserver, tmp_path):
    status, answer, found = check(capsys)
    assert (status, answer["status"], list(found)) == (0, "ok", ALLA)
    assert "xlsxwriter 3.3.1" in found["Genomlysning"]["text"].lower()
    assert "profiler kan läsas" in found["Mallar"]["text"]
    assert koladaserver.bas_url in found["Adress"]["text"]
    assert [path for path, _ in koladaserver.anrop] == ["/v3/kpi/N01951"]
    # Nothing is made, not even the store that the first run will make.
    assert list(tmp_path.iterdir()) == []


def test_the_text_tells_the_same(capsys, koladaserver):
    assert run(["halsa"]) == 0
    out = capsys.readouterr().out
    assert all(f"ok       {namn}: " in out for namn in ALLA)
    assert out.endswith("Allt fungerar.\n")
    koladaserver.fel = Fel("html")
    assert run(["halsa"]) == 3
    out = capsys.readouterr().out
    assert "fel      Svar från Kolada: Nätet svarade med en webbsida" in out
    assert "         → Öppna en webbläsare och logga in" in out


@pytest.mark.parametrize(
    ("fault", "text", "remedy"),
    [
        (Fel("html"), "inloggningssida", "webbläsare"),
        (Fel("redirect"), "inloggningssida", "webbläsare"),
        (Fel("reset"), "få kontakt med Kolada", "nät"),
        (Fel("503"), "status 503", "Försök igen"),
        (Fel("429", sekunder=600), "600 sekunder", "efter den tiden"),
        (Fel("404"), "status 404", "Uppdatera Genomlysning"),
        (Fel("410"), "nedlagd", "uppdateras"),
        (Fel("407"), "proxyserver", "IT"),
        (Fel("not-json"), "inte data från Kolada", "IT"),
        (Fel("wrong-types", andra="values-saknas"), "inte känner igen", "senare"),
        (Fel("slow"), "svarade inte i tid", "långsamt"),
    ],
    ids=lambda x: getattr(x, "typ", ""),
)
def test_an_unwilling_kolada_is_told(capsys, koladaserver, fault, text, remedy):
    koladaserver.fel = fault
    status, answer, found = check(capsys)
    assert (status, answer["status"]) == (3, "fel")
    assert text in found["Svar från Kolada"]["text"]
    assert remedy in found["Svar från Kolada"]["atgard"]
    assert all(found[namn]["status"] == "ok" for namn in ALLA[:-1])


def test_a_closed_port(capsys, monkeypatch):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "http://127.0.0.1:9/v3")
    status, _, found = check(capsys)
    assert status == 3
    assert "få kontakt med Kolada (127.0.0.1)" in found["Svar från Kolada"]["text"]


def test_an_address_that_is_none(capsys, monkeypatch):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "kolada")
    status, answer, found = check(capsys)
    assert (status, answer["status"], list(found)) == (4, "fel", LOKALA)
    assert "GENOMLYSNING_KOLADA_URL" in found["Adress"]["atgard"]


def test_a_slow_kolada_is_a_warning(capsys, koladaserver, monkeypatch):
    monkeypatch.setattr(modul, "LANGSAMT", 0.0)
    status, answer, found = check(capsys)
    assert (status, answer["status"]) == (0, "varning")
    assert "tog" in found["Svar från Kolada"]["text"]


def test_a_name_that_is_not_known(capsys, monkeypatch):
    def unknown(*_args, **_named):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "https://kolada.invalid/v3")
    status, _, found = check(capsys)
    assert status == 3
    assert list(found)[-1] == "Namnuppslagning"
    assert "kolada.invalid går inte att slå upp" in found["Namnuppslagning"]["text"]
    assert "IT" in found["Namnuppslagning"]["atgard"]


def test_a_look_up_that_never_ends_is_given_up(capsys, monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: never.wait(20))
    monkeypatch.setattr(diagnos, "UPPSLAGSTID", 0.2)
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "https://kolada.invalid/v3")
    status, _, found = check(capsys)
    never.set()
    assert status == 3
    assert "inget svar i tid" in found["Namnuppslagning"]["text"]


def test_a_proxy_is_shown_without_its_password(capsys, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://olle:hemligt@127.0.0.1:9")
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", "https://kolada.invalid/v3")
    status, answer, found = check(capsys)
    assert status == 3
    assert found["Proxy"]["text"] == "127.0.0.1:9 används."
    assert "hemligt" not in json.dumps(answer)
    # The proxy looks names up, so that ours does not matter.
    assert found["Namnuppslagning"]["status"] == "ok"
    assert found["Svar från Kolada"]["status"] == "fel"


# ---- encrypted traffic ---------------------------------------------------------------------


def test_a_connection_that_is_not_accepted(capsys, koladaserver, monkeypatch):
    # A server that does not speak TLS stands for an inspecting network: the handshake fails.
    https = koladaserver.bas_url.replace("http://", "https://")
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", https)
    status, _, found = check(capsys)
    assert status == 3
    assert "granskar troligen krypterad trafik (TLS)" in found["Säker anslutning"]["text"]
    assert "IT" in found["Säker anslutning"]["atgard"]
    assert "Svar från Kolada" not in found


@pytest.mark.parametrize(
    ("system", "public", "expected"),
    [
        (None, None, Certifikat.OFFENTLIGT),
        (None, diagnos.requests.exceptions.SSLError(), Certifikat.EGET),
        (None, diagnos.requests.exceptions.ConnectionError(), Certifikat.OFFENTLIGT),
        (diagnos.requests.exceptions.SSLError(), None, Certifikat.UNDERKANT),
        (diagnos.requests.exceptions.ConnectTimeout(), None, Certifikat.OKLART),
    ],
)
def test_who_vouches_for_the_connection(monkeypatch, system, public, expected):
    def shake(_url, *, system: bool, answers=(public, system)):
        if error := answers[system]:
            raise error
        return "Kommunens brandvägg"

    monkeypatch.setattr(diagnos, "_shake_hands", shake)
    adress = diagnos.Adress("https://kolada.invalid/v3", "kolada.invalid", True, True, None)
    intyg = diagnos.check_certifikat(adress)
    assert intyg.certifikat is expected
    kontroll = modul._check_tls(adress)
    words = {
        Certifikat.OFFENTLIGT: ("ok", "Kommunens brandvägg är godkänt"),
        Certifikat.EGET: ("varning", "granskar troligen krypterad trafik (TLS): certifikatet från"),
        Certifikat.UNDERKANT: ("fel", "kunde inte godkännas"),
        Certifikat.OKLART: ("ok", "Kunde inte prövas"),
    }[expected]
    assert kontroll.status == words[0]
    assert words[1] in kontroll.text


# ---- this computer -------------------------------------------------------------------------


def lager(tmp_path: Path) -> Path:
    return tmp_path / "lager.sqlite"


def test_the_store_is_told_of_and_left_as_it_was(capsys, tmp_path):
    with Lager.open() as store:
        cell = Observation("N15001", "1489", 2024, "T", 1.0, 1, "")
        store.write_varden([cell], [("N15001", "1489", 2024)], datetime(2026, 1, 2))
    before = lager(tmp_path).read_bytes()
    status, _, found = check(capsys)
    assert status == 0
    assert "1 värde, senast hämtade 2026-01-02 (" in found["Sparade värden"]["text"]
    assert "dagar sedan" in found["Sparade värden"]["text"]
    assert lager(tmp_path).read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["lager.sqlite"]


def make_folder(fil: Path) -> None:
    fil.mkdir()


def make_text(fil: Path) -> None:
    fil.write_text("inte en databas" * 100, encoding="utf-8")


def make_other(fil: Path) -> None:
    with closing(sqlite3.connect(fil)) as con:
        con.execute("CREATE TABLE annat (x)")


def make_half(fil: Path) -> None:
    with closing(sqlite3.connect(fil)) as con:
        con.execute(f"PRAGMA user_version = {len(STEG)}")
        con.execute("CREATE TABLE annat (x)")


def make_newer(fil: Path) -> None:
    with closing(sqlite3.connect(fil)) as con:
        con.execute("CREATE TABLE annat (x)")
        con.execute(f"PRAGMA user_version = {len(STEG) + 1}")


def make_torn(fil: Path) -> None:
    with Lager(fil) as store:
        cells = [("N15001", str(n), 2024) for n in range(2000)]
        store.write_varden([], cells, datetime(2026, 1, 2))
    content = fil.read_bytes()
    fil.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_folder, "är en mapp"),
        (make_text, "är skadad"),
        (make_other, "är skadad"),
        (make_half, "är skadad"),
        (make_torn, "är skadad"),
        (make_newer, "nyare version"),
    ],
)
def test_a_store_that_cannot_be_used(capsys, tmp_path, make, words):
    make(lager(tmp_path))
    before = None if lager(tmp_path).is_dir() else lager(tmp_path).read_bytes()
    status, answer, found = check(capsys)
    assert (status, answer["status"]) == (4, "fel")
    assert words in found["Sparade värden"]["text"]
    assert found["Svar från Kolada"]["status"] == "ok"
    assert [p.name for p in tmp_path.iterdir()] == ["lager.sqlite"]
    if before is not None:
        assert lager(tmp_path).read_bytes() == before


def test_a_store_whose_folder_is_a_file(capsys, tmp_path, monkeypatch):
    (tmp_path / "fil").write_text("", encoding="utf-8")
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(tmp_path / "fil" / "lager.sqlite"))
    status, _, found = check(capsys)
    assert status == 4
    assert "kan inte läsas eller skrivas" in found["Sparade värden"]["text"]


def test_an_empty_file_is_a_store_to_be(capsys, tmp_path):
    lager(tmp_path).touch()
    status, _, found = check(capsys)
    assert (status, found["Sparade värden"]["status"]) == (0, "ok")
    assert lager(tmp_path).stat().st_size == 0


def test_a_store_in_use_is_a_warning(capsys, tmp_path, monkeypatch):
    Lager.open().close()
    monkeypatch.setattr("genomlysning.lagerkontroll.VANTETID", 0.1)
    with closing(sqlite3.connect(lager(tmp_path))) as con:
        con.execute("BEGIN EXCLUSIVE")
        status, answer, found = check(capsys)
    assert (status, answer["status"]) == (0, "varning")
    assert "används just nu" in found["Sparade värden"]["text"]


@pytest.mark.parametrize("damage", ["faulty", "unreadable", "missing"])
def test_templates_that_cannot_be_read(capsys, tmp_path, monkeypatch, damage):
    from genomlysning.mallar import find_templates

    copy = tmp_path / "mallar"
    (copy / "namnder").mkdir(parents=True)
    for source in find_templates().rglob("*.toml"):
        (copy / source.relative_to(find_templates())).write_bytes(source.read_bytes())
    match damage:
        case "faulty":
            (copy / "namnder" / "generell.toml").write_text('namn = "X"', encoding="utf-8")
        case "unreadable":
            (copy / "verksamheter.toml").write_bytes(b"\xff\xfe")
        case "missing":
            for profil in (copy / "namnder").iterdir():
                profil.unlink()
    for place in ("profil", "halsa"):
        monkeypatch.setattr(f"genomlysning.{place}.find_templates", lambda: copy)
    status, _, found = check(capsys)
    assert status == 4
    assert found["Mallar"]["status"] == "fel"
    assert "Installera om" in found["Mallar"]["atgard"]


def test_a_package_of_another_version_or_none(capsys, monkeypatch):
    def version(name):
        if name == "rich":
            raise modul.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(modul.metadata, "version", version)
    status, _, found = check(capsys)
    assert status == 4
    text = found["Genomlysning"]["text"]
    assert "rich saknas" in text
    assert "1.0 (ska vara == 3.3.1)" in text
    assert "requests 1.0 (ska vara >= " in text
    assert "pytest" not in text


def test_a_program_that_is_not_installed(capsys, monkeypatch):
    def requires(name):
        raise modul.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(modul.metadata, "requires", requires)
    status, answer, _ = check(capsys)
    assert (status, answer["status"]) == (0, "varning")


def test_an_old_python(capsys, monkeypatch):
    monkeypatch.setattr(modul, "PYTHON", (9, 0))
    status, _, found = check(capsys)
    assert status == 4
    assert "för gammal" in found["Python"]["text"]


def test_what_nobody_thought_of_is_told_and_not_a_crash(capsys, monkeypatch):
    def crash(_fil):
        raise ZeroDivisionError

    monkeypatch.setattr(modul, "inspect_lager", crash)
    status, _, found = check(capsys)
    assert status == 4
    assert "ZeroDivisionError" in found["Sparade värden"]["text"]
    assert found["Svar från Kolada"]["status"] == "ok"


def test_a_full_store_is_checked_without_a_call_for_each_row(monkeypatch, koladaserver):
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)
    assert run(["sok", "bibliotek", "--json"]) == 0
    assert run(["kontrollera", "--kommun", "Mark", "--namnd", "kommunstyrelsen", "--json"]) == 0
    found = []
    calls = count_calls(lambda: found.append(inspect_lager(find_fil())))
    assert calls < 200 < found[0].antal


# ---- Excel's part --------------------------------------------------------------------------


def test_a_whole_runtime_is_told(capsys):
    _, _, found = check(capsys)
    assert found[EXCEL]["text"].startswith(
        f"Version {__version__} med xlwings {excelmiljo.XLWINGS}"
    )


def test_a_computer_without_the_runtime_is_a_warning(capsys, monkeypatch, tmp_path):
    absent = kormiljo.find_kormiljo("linux", {"HOME": str(tmp_path / "hem")})
    monkeypatch.setattr(modul, "find_kormiljo", lambda: absent)
    status, answer, found = check(capsys)
    assert (status, answer["status"], found[EXCEL]["status"]) == (0, "varning", "varning")
    assert "genomlysning installera" in found[EXCEL]["atgard"]
    assert "kräver Windows eller macOS" in found[EXCEL]["text"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"version": "0.0.9"}, "finns version 0.0.9, men det här är"),
        ({"xlwings": "0.30.0"}, "0.30.0"),
        ({"fel": FilFel(kormiljo.STARTAR_INTE, tolk="python")}, "går inte att starta"),
    ],
)
def test_a_runtime_that_does_not_do(capsys, svar, given, words):
    svar.update(given)
    status, answer, found = check(capsys)
    assert (status, answer["status"]) == (4, "fel")
    assert words in found[EXCEL]["text"]
    assert "genomlysning installera" in found[EXCEL]["atgard"]


def test_a_runtime_that_is_slow_to_answer_is_a_warning(capsys, svar):
    svar["fel"] = FilFel(kormiljo.FOR_LANGSAM, tolk="python", sekunder="7")
    status, _, found = check(capsys)
    assert (status, found[EXCEL]["status"]) == (0, "varning")


def test_a_python_that_does_not_start(tmp_path):
    place = kormiljo.find_kormiljo("linux", {"HOME": str(tmp_path)})
    place.tolk.parent.mkdir(parents=True)
    for content in ("#!/bin/sh\nexit 3\n", "#!/bin/sh\necho '[]'\n", "inget program"):
        place.tolk.write_text(content, encoding="utf-8")
        place.tolk.chmod(0o755)
        with pytest.raises(FilFel, match="går inte att starta"):
            kormiljo.ask_tolk(place, HANGER)
    waits = f"#!{sys.executable}\nimport time\ntime.sleep({HANGER})\n"
    place.tolk.write_text(waits, encoding="utf-8")
    with pytest.raises(FilFel, match="svarade inte inom"):
        kormiljo.ask_tolk(place, 0.1)


def make_bok(fil: Path, form: object = None, program: str = "", tolk: str = "") -> Path:
    """Write a workbook with the names that the check looks for."""
    with xlsxwriter.Workbook(fil) as bok:
        sheet = bok.add_worksheet("Start")
        bok.define_name("Kommun", "=Start!$B$7")
        if form is not None:
            sheet.write("A1", form)
            sheet.write("A2", program)
            bok.define_name("Bokversion", "=Start!$A$1")
            bok.define_name("Programversion", "=Start!$A$2")
        if tolk:
            config = bok.add_worksheet("xlwings.conf")
            config.write_row(0, 0, ("INTERPRETER_WIN", tolk))
            config.write_row(1, 0, ("INTERPRETER_MAC", excelmiljo.TOLK_MAC))
    return fil


@pytest.mark.parametrize(
    ("form", "program", "status", "words"),
    [
        (None, "", 0, "version 1, från före Genomlysning 0.2"),
        (BOKVERSION, "0.2.0", 0, f"version {BOKVERSION}, gjord med Genomlysning 0.2.0"),
        (
            BOKVERSION + 1,
            "9.0",
            4,
            f"nyare version av Genomlysning (9.0) än den som finns här ({__version__})",
        ),
        ("två", "0.2.0", 4, "innehåller ”två”"),
    ],
)
def test_the_version_of_a_workbook(capsys, tmp_path, form, program, status, words):
    fil = make_bok(tmp_path / "bok.xlsx", form, program)
    before = fil.read_bytes()
    found_status, _, found = check(capsys, fil)
    assert (found_status, words in found["Arbetsbok"]["text"]) == (status, True)
    assert "Arbetsbokens knappar" not in found
    assert list(found)[-1] == "Svar från Kolada"
    assert fil.read_bytes() == before


def test_a_workbook_that_cannot_be_used(capsys, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "annan.xlsx") as bok:
        bok.add_worksheet("Start")
    (tmp_path / "trasig.xlsx").write_text("PK", encoding="utf-8")
    for name, words in (
        ("annan.xlsx", "ingen genomlysning"),
        ("trasig.xlsx", "skadad"),
        ("saknas.xlsx", "finns inte"),
    ):
        status, _, found = check(capsys, tmp_path / name)
        assert status == 4
        assert words in found["Arbetsbok"]["text"]


def test_where_the_buttons_of_a_workbook_look(capsys, tmp_path):
    fil = make_bok(tmp_path / "bok.xlsx", tolk=excelmiljo.TOLK_WIN)
    assert check(capsys, fil)[2]["Arbetsbokens knappar"]["status"] == "ok"
    make_bok(fil, tolk=r"C:\Python\python.exe")
    status, _, found = check(capsys, fil)
    assert status == 4
    assert r"C:\Python\python.exe" in found["Arbetsbokens knappar"]["text"]
    assert excelmiljo.TOLK_WIN in found["Arbetsbokens knappar"]["atgard"]


def draw_knappar(bok: Excelredigering) -> None:
    """Leave of each button a shape with its text, as ONLYOFFICE does."""
    for blad in bok.sheets:
        root = bok.sheet(blad)
        for legacy in root.findall(q("legacyDrawing")):
            root.remove(legacy)
    rels = bok.root("xl/worksheets/_rels/sheet1.xml.rels")
    rels.remove(next(r for r in rels if r.get("Type").endswith("/vmlDrawing")))
    bok.add_textbox("Start", "A5", "Hämta Kolada")


def drop_makron(bok: Excelredigering) -> None:
    rels = bok.root("xl/_rels/workbook.xml.rels")
    rels.remove(next(r for r in rels if r.get("Type").endswith("/vbaProject")))


@pytest.mark.parametrize(
    ("how", "lost"),
    [
        (None, []),
        (draw_knappar, ["Hämta Kolada"]),
        (drop_makron, [k.text for k in KNAPPAR]),
    ],
)
@pytest.mark.parametrize("excels", [False, True])
def test_buttons_that_have_lost_their_macros(capsys, tmp_path, how, lost, excels):
    fil = tmp_path / "bok.xlsm"
    shutil.copy(Path(__file__).parents[1] / "genomlysning.xlsm", fil)
    if excels and how is not draw_knappar:
        save_as_excel(fil, fil)
    if how is not None:
        bok = Excelredigering(fil)
        how(bok)
        bok.save(fil)
    status, _, found = check(capsys, fil)
    told = found["Arbetsbokens knappar"]
    assert (status, told["status"]) == ((4, "fel") if lost else (0, "ok"))
    if lost:
        assert f"gör ingenting: {join_och(lost)}." in told["text"]
        assert "HamtaKolada för Hämta Kolada" in told["atgard"]
