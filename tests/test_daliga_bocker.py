"""Damaged and hostile workbooks and templates: a result or our own error, and nothing changed.

Each command that reads a workbook is given one whose parts, cells, references and bytes have been
changed by a generator.
"""
# ruff: noqa: E501

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given

from excelredigering import Excelredigering
from genomlysning import rapportskrivning
from genomlysning.bok.plan import plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.exempel import read_exempeltext
from genomlysning.kolada import anslutning
from genomlysning.kommandorad import run
from genomlysning.kopia import make_kopia
from genomlysning.nytt_ar import make_nytt_ar
from genomlysning.rapport.standardmall import find_standardmall
from genomlysning.rapportera import make_rapport
from genomlysning.sammanstallning.arbetare import Lasare
from genomlysning.sammanstallning.namndbok import Avvisad, Namndbok
from genomlysning.skapa import collect_exempel
from genomlysning.uppdatera import update_fil
from koladaserver import run_for_tests
from trasigheter import FALL, INGREPPEN, Forpackning, Ingrepp, profil_for, result_or_fel, within

NU = datetime(2026, 11, 24)
ANTAL = FALL["test_daliga_bocker"]
NAMND = "miljoskyddsnamnden"
VIKTIGA = (
    "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet5.xml",
    "xl/worksheets/sheet12.xml", "xl/tables/", "xl/workbook.xml", "xl/_rels/", "xl/sharedStrings",
)  # fmt: skip


class Verkstad:
    """Two workbooks to damage, with Kolada's values and with made-up ones, and where to put them."""

    def __init__(self, mapp: Path, hamtad: bytes, exempel: bytes) -> None:
        self.mapp = mapp
        self.hamtad = Forpackning(hamtad, VIKTIGA)
        self.exempel = Forpackning(exempel, VIKTIGA)
        self.mall = Forpackning(find_standardmall().read_bytes(), ("word/document", "word/styles"))

    def put(self, kalla: Forpackning, ingreppen: list[Ingrepp], namn: str = "bok.xlsx") -> Path:
        """Write a damaged file where nothing else is."""
        for old in self.mapp.iterdir():
            if not old.name.startswith("lager"):
                old.unlink()
        fil = self.mapp / namn
        fil.write_bytes(kalla.pack(ingreppen))
        return fil


@pytest.fixture(scope="module")
def verkstad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verkstad]:
    mapp = tmp_path_factory.mktemp("verkstad")
    made = tmp_path_factory.mktemp("bok") / "bok.xlsx"
    memory = io.BytesIO()
    write_bok(plan_bok(collect_exempel(NAMND, None, NU).underlag, read_exempeltext(NAMND)), memory)
    with pytest.MonkeyPatch.context() as patch:
        quick = anslutning.OMFORSOK.new(total=1, backoff_factor=0.0, backoff_jitter=0.0)
        patch.setattr(anslutning, "OMFORSOK", quick)
        patch.setattr(rapportskrivning, "can_draw", lambda: False)
        for server in run_for_tests():
            patch.setenv("GENOMLYSNING_KOLADA_URL", server.bas_url)
            patch.setenv("GENOMLYSNING_LAGER", str(mapp / "lager.sqlite"))
            SERVER[:] = [server.bas_url]
            arguments = ["--kommun", "Alingsås", "--namnd", NAMND, "--ar", "2024"]
            assert run(["skapa", *arguments, "--ut", str(made), "--idag", "2026-11-24"]) == 0
            edited = Excelredigering(made)
            edited.insert_row("KortSikt", 7, {"Åtgärd": "Ny", "Genomförandestatus": "Pågår"})
            edited.save(made)
            yield Verkstad(mapp, made.read_bytes(), memory.getvalue())


@pytest.fixture(autouse=True)
def _lager(_isolated: None, verkstad: Verkstad, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_LAGER", str(verkstad.mapp / "lager.sqlite"))
    # The server of the module, which the fixture for every test has put out of reach.
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", SERVER[0])


SERVER: list[str] = []


@profil_for(ANTAL["uppdatera"])
@given(ingreppen=INGREPPEN)
def test_a_damaged_workbook_is_updated_or_refused(
    verkstad: Verkstad, ingreppen: list[Ingrepp]
) -> None:
    fil = verkstad.put(verkstad.hamtad, ingreppen)
    result_or_fel(lambda: update_fil(fil, fil.with_name("ny.xlsx"), NU), fil)


@profil_for(ANTAL["kopia"])
@given(ingreppen=INGREPPEN)
def test_a_damaged_workbook_is_copied_or_refused(
    verkstad: Verkstad, ingreppen: list[Ingrepp]
) -> None:
    fil = verkstad.put(verkstad.exempel, ingreppen)
    result_or_fel(lambda: make_kopia(fil, fil.with_name("kopia.xlsx"), NU.date()), fil)


@profil_for(ANTAL["rapport"])
@given(ingreppen=INGREPPEN)
def test_a_damaged_workbook_is_reported_or_refused(
    verkstad: Verkstad, ingreppen: list[Ingrepp]
) -> None:
    fil = verkstad.put(verkstad.exempel, ingreppen)
    result_or_fel(lambda: make_rapport(fil, fil.with_name("rapport.docx"), NU), fil)


@profil_for(ANTAL["nytt_ar"])
@given(ingreppen=INGREPPEN)
def test_a_damaged_workbook_gives_a_new_year_or_is_refused(
    verkstad: Verkstad, ingreppen: list[Ingrepp]
) -> None:
    fil = verkstad.put(verkstad.hamtad, ingreppen)
    result_or_fel(lambda: make_nytt_ar(fil, fil.with_name("nytt.xlsx"), NU), fil)


@pytest.fixture(scope="module")
def lasare() -> Iterator[Lasare]:
    """The process that reads for `sammanstall`: a file may well end it, but not us."""
    made = Lasare()
    yield made
    made.stop()


@profil_for(ANTAL["sammanstall"])
@given(ingreppen=INGREPPEN)
def test_a_damaged_workbook_is_collected_or_rejected(
    verkstad: Verkstad, lasare: Lasare, ingreppen: list[Ingrepp]
) -> None:
    fil = verkstad.put(verkstad.hamtad, ingreppen)
    before = fil.read_bytes()
    with within():
        read = lasare.read(fil)
    assert isinstance(read, Namndbok | Avvisad)
    if isinstance(read, Avvisad):
        assert read.skal.strip()
    assert fil.read_bytes() == before


@profil_for(ANTAL["mall"])
@given(ingreppen=INGREPPEN)
def test_a_damaged_template_is_used_or_refused(
    verkstad: Verkstad, ingreppen: list[Ingrepp]
) -> None:
    fil = verkstad.put(verkstad.exempel, [])
    mall = verkstad.mapp / "mall.docx"
    mall.write_bytes(verkstad.mall.pack(ingreppen))
    ut = fil.with_name("rapport.docx")
    result_or_fel(lambda: make_rapport(fil, ut, NU, mall=mall), mall)
