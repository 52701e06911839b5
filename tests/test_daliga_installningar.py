"""Settings, money and names of files as people and programs may write them: anything at all.

Every case ends in a result or in one of our own errors, for the command and for the buttons.
"""
# ruff: noqa: E501

import copy
import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from excelmotor import Excelfel, motor, open_live
from excelredigering import Excelredigering, q
from genomlysning.bok.beskrivning import INSTALLNINGAR
from genomlysning.excel import knappar
from genomlysning.fel import AnvandarFel
from genomlysning.kolada import anslutning
from genomlysning.kommandorad import run
from genomlysning.regler.pengar import format_belopp, parse_belopp, sum_belopp
from genomlysning.uppdatera import update_fil
from koladaserver import run_for_tests
from trasigheter import FALL, SKRAP, profil_for, result_or_fel, within

ANTAL = FALL["test_daliga_installningar"]
NU = datetime(2026, 11, 24)
NAMNEN = [post.namn for post in INSTALLNINGAR]
#: Those that decide what is fetched and how it is judged.
VIKTIGA = ["Kommun", "Profil", "Dataar", "Tolerans", "ToleransEnheter", "AntagenDatum"]
TALORD = [repr(n) for n in (0, -1, 0.5, 2024, 2024.5, 1998, 2030, 1e15, 45000, 1489)]
ORD = st.one_of(
    st.sampled_from([*SKRAP, *TALORD, "Alingsås", "alingsås ", "1489", "0000", "Riket", "generell"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20),
)  # fmt: skip
#: A cell as a file may have it: its type, its value and its formula.
CELLER = st.tuples(
    st.sampled_from(["n", "str", "str", "inlineStr", "inlineStr", "b", "e", "d", "s", "x"]),
    ORD,
    st.one_of(st.none(), st.none(), st.sampled_from(["1+1", "NOW()", "A1", "#REF!", "((", ""])),
)
ANDRINGAR = st.dictionaries(
    st.sampled_from([*NAMNEN, *VIKTIGA * 3]), CELLER, min_size=1, max_size=3
)


class Arbetsplats:
    """A filled workbook whose settings are changed over and over."""

    def __init__(self, fil: Path, mapp: Path, server: str) -> None:
        self.fil, self.mapp, self.server = fil, mapp, server
        edited = Excelredigering(fil)
        self.delar = edited.parts
        names = edited.root("xl/workbook.xml").find(q("definedNames"))
        places = {n.get("name"): n.text.replace("$", "").rpartition("!") for n in names}
        self.platser = {n: places[n][2].partition(":")[0] for n in NAMNEN}
        self.start = edited.sheets[places["Kommun"][0].strip("'")]
        self.blad = etree.fromstring(self.delar[self.start])

    def write(self, andringar: dict[str, tuple[str, str, str | None]]) -> Path:
        root = copy.deepcopy(self.blad)
        cells = {c.get("r"): c for c in root.iter(q("c"))}
        for name, (kind, value, formula) in andringar.items():
            c = cells[self.platser[name]]
            for child in list(c):
                c.remove(child)
            c.set("t", kind)
            if formula is not None:
                etree.SubElement(c, q("f")).text = formula
            if kind == "inlineStr":
                etree.SubElement(etree.SubElement(c, q("is")), q("t")).text = value
            else:
                etree.SubElement(c, q("v")).text = value
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_STORED) as package:
            for part, content in self.delar.items():
                package.writestr(part, etree.tostring(root) if part == self.start else content)
        for old in self.mapp.glob("*.xlsx"):
            old.unlink()
        fil = self.mapp / "bok.xlsx"
        fil.write_bytes(memory.getvalue())
        return fil


@pytest.fixture(scope="module")
def plats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arbetsplats]:
    mapp = tmp_path_factory.mktemp("installningar")
    made = tmp_path_factory.mktemp("bok") / "bok.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        quick = anslutning.OMFORSOK.new(total=1, backoff_factor=0.0, backoff_jitter=0.0)
        patch.setattr(anslutning, "OMFORSOK", quick)
        for server in run_for_tests():
            patch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)
            patch.setenv("GENOMLYSNING_LAGER", str(mapp / "lager.sqlite"))
            arguments = ["--kommun", "Alingsås", "--namnd", "miljoskyddsnamnden", "--ar", "2024"]
            assert run(["skapa", *arguments, "--ut", str(made), "--idag", "2026-11-24"]) == 0
            yield Arbetsplats(made, mapp, server.bas_url)


@pytest.fixture(autouse=True)
def _miljo(_isolated: None, plats: Arbetsplats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(plats.mapp / "lager.sqlite"))
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", plats.server)


@profil_for(ANTAL["uppdatera"])
@given(andringar=ANDRINGAR)
def test_any_settings_are_used_or_refused_by_the_command(
    plats: Arbetsplats, andringar: dict[str, tuple[str, str, str | None]]
) -> None:
    fil = plats.write(andringar)
    result_or_fel(lambda: update_fil(fil, fil.with_name("ny.xlsx"), NU), fil)


def test_a_profile_name_may_be_longer_than_that_of_any_file(plats: Arbetsplats) -> None:
    fil = plats.write({"Profil": ("inlineStr", "9" * 2000, None)})
    with pytest.raises(AnvandarFel, match="det finns ingen profil som heter"):
        update_fil(fil, fil.with_name("ny.xlsx"), NU)


# ---- the buttons -----------------------------------------------------------------------------

VARDEN = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([float(t) for t in TALORD]),
    st.just(datetime(2024, 1, 1)),
    ORD.filter(lambda t: len(t) <= 32_767),
)
KNAPPAR = [knappar.hamta_kolada, knappar.kontrollera_referenskostnad, knappar.skriv_sammanfattning]


class Oppen:
    """The workbook open, opened anew only when a click has changed it."""

    def __init__(self, fil: Path) -> None:
        self.fil, self.bok = fil, open_live(fil)

    def click(self, knapp: Any, values: dict[str, object]) -> str:
        ranges: dict[str, xw.Range] = {n: self.bok.names[n].refers_to_range for n in values}
        before = {n: r.value for n, r in ranges.items()}
        for n, value in values.items():
            with suppress(Excelfel):  # a formula that Excel itself refuses
                ranges[n].value = value
        motor(self.bok).alerts.clear()
        motor(self.bok).answers.clear()
        motor(self.bok).answers.append("yes")  # an adopted one is to be fetched anew
        with within():
            knapp()
        text, _, _, icon = motor(self.bok).alerts[-1]
        if icon == "info":
            self.bok.app.quit()
            self.bok = open_live(self.fil)
        else:
            for n, value in before.items():
                ranges[n].value = value
        return text


@pytest.fixture(scope="module")
def oppen(plats: Arbetsplats) -> Iterator[Oppen]:
    made = Oppen(plats.fil)
    yield made
    made.bok.app.quit()


@profil_for(ANTAL["klick"])
@given(
    knapp=st.sampled_from(KNAPPAR),
    values=st.dictionaries(st.sampled_from([*NAMNEN, *VIKTIGA * 2]), VARDEN, min_size=1, max_size=3),
)  # fmt: skip
def test_any_settings_are_used_or_refused_by_the_buttons(
    oppen: Oppen, monkeypatch: pytest.MonkeyPatch, knapp: Any, values: dict[str, object]
) -> None:
    def reveal(_: str) -> Path:
        raise  # what the button would have called unexpected

    monkeypatch.setattr(knappar, "_log_fault", reveal)
    assert oppen.click(knapp, values).strip()


# ---- money -----------------------------------------------------------------------------------

BITAR = (
    "1", "500", "1 000", "0,5", "1.500.000", " ", "  ", "\n", "\u00a0", "–", "-", " till ", "mellan ",
    "från ", "ca ", "c:a ", "upp till ", "högst ", "kr", "tkr", "mkr", "mnkr", "md kr", "miljoner",
    " per år", "/år", "årligen", "engångs", "(", ")", ".", ",", "=", "%", "\u0301", "९", "\0", "🙂",
    "1 " * 90, "ca " * 60, "1.000" * 30, "0" * 150, " " * 150,
)  # fmt: skip
TEXTER = st.lists(st.sampled_from(BITAR), max_size=25).map("".join)


@profil_for(ANTAL["pengar"])
@given(
    rader=st.lists(st.tuples(TEXTER, st.sampled_from(["Årlig", "Engång", None, ""])), max_size=3)
)
def test_any_text_of_money_is_summed_and_shown(rader: list[tuple[str, str | None]]) -> None:
    with within(5):
        summa = sum_belopp(rader)
        assert summa.antal_lasta == sum(parse_belopp(t) is not None for t, _ in rader)
        for lagst, hogst in (summa[:2], summa[2:4], summa[4:6]):
            assert format_belopp(lagst, hogst)


# ---- names of files --------------------------------------------------------------------------

# No operating system lets a NUL into a command's arguments.
FILNAMN = st.one_of(
    st.sampled_from(
        [
            "",
            ".",
            "..",
            "~",
            "~x/a",
            "a\0b",
            "CON",
            "a" * 300,
            "a/" * 2000,
            "/",
            "//",
            "\\\\?\\x",
            "-",
            "--",
            "\udcff",
            "\u202e",
            "*",
            "a\nb",
            "finns-inte/a",
            "bok.xlsx/a",
            "{x}",
            "%s",
        ]
    ),
    st.text(max_size=12),
).filter(lambda namn: "\0" not in namn)  # fmt: skip
ANDELSER = st.sampled_from(["", ".xlsx", ".xlsm", ".XLSX", ".docx", ".toml", "/", ".xlsx/"])
KOMMANDON = (
    ["uppdatera", "NAMN"],
    ["uppdatera", "BOK", "--ut", "NAMN"],
    ["kopia", "NAMN"],
    ["kopia", "BOK", "--ut", "NAMN"],
    ["rapport", "NAMN"],
    ["rapport", "BOK", "--mall", "NAMN"],
    ["nytt-ar", "NAMN"],
    ["sammanstall", "NAMN", "--ut", "kommun.xlsx"],
    ["skapa", "--exempel", "--namnd", "NAMN"],
    ["profil", "kontrollera", "NAMN"],
)


@profil_for(ANTAL["namn"])
@given(number=st.integers(0, len(KOMMANDON) - 1), namn=FILNAMN, andelse=ANDELSER)
def test_any_name_is_a_file_or_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, namn: str, andelse: str
) -> None:
    # Nothing outside the folder may be met by chance.
    if (namn + andelse).startswith(("/", "~")) or ".." in namn:
        namn = "x" + namn.replace("..", "x")
    mapp = tmp_path / "mapp"
    mapp.mkdir(exist_ok=True)
    monkeypatch.chdir(mapp)
    bok = mapp / "tom.xlsx"
    bok.write_bytes(b"PK")
    arguments = [{"NAMN": namn + andelse, "BOK": "tom.xlsx"}.get(a, a) for a in KOMMANDON[number]]
    with within():
        assert run(arguments) in range(5)
    assert bok.read_bytes() == b"PK"
