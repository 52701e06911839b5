"""The measurements of docs/prestanda.md work; what they show is not tested here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genomlysning.profil import load_profil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import __main__ as command  # noqa: E402
from benchmarks.matning import Korning, Misslyckad, alternate, ratio, run  # noqa: E402
from benchmarks.miljo import write_profil  # noqa: E402
from benchmarks.resultat import Avsnitt, Mal, Tabell, vaxtmal  # noqa: E402


def test_the_command_measures_and_writes(tmp_path: Path) -> None:
    fil = tmp_path / "prestanda.md"
    fil.write_text(f"Före\n{command.BORJAN}\nGammalt\n{command.SLUT}\nEfter\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--snabb", "--bara", "upprepning", "--ut", str(fil)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = fil.read_text("utf-8")
    assert text.startswith("Före\n")
    assert text.endswith("\nEfter\n")
    assert "Gammalt" not in text
    assert "## Varm upprepning" in text
    assert "| Varm kontrollera mot --version | högst 3 gånger |" in text
    assert str(tmp_path) not in text


def test_the_document_has_every_part() -> None:
    text = command.DOKUMENT.read_text("utf-8")
    assert text.count("\n## ") == len(command.DELAR) + 1
    assert text.index(command.BORJAN) < text.index("## Målen") < text.index(command.SLUT)


def test_a_profile_of_any_size_can_be_read(tmp_path: Path) -> None:
    for antal in (1, 100):
        profil = load_profil(str(write_profil(tmp_path / "p.toml", antal)))
        assert len({n.id for n in profil.nyckeltal}) == antal
        assert profil.verksamheter == ()


def _korning(sekunder: float) -> Korning:
    return Korning(sekunder, sekunder, 1.0, 1, 0.1)


def test_ratios_are_of_runs_in_the_same_turn() -> None:
    left = iter([9.0, 1.0, 2.0, 6.0])
    runs = alternate({"a": lambda: _korning(next(left)), "b": lambda: _korning(2.0)}, 3)
    assert [r.sekunder for r in runs["a"]] == [1.0, 2.0, 6.0]
    assert ratio(runs["a"], runs["b"]) == 1.0


def test_aims_tell_by_how_much_they_are_missed() -> None:
    assert Mal("x", 2.5, 5.0, "min").describe()[3] == "inte nått: 50 % under"
    assert Mal("x", 4.5, 3.0, "max").describe() == (
        *("x", "högst 3 gånger", "4,50"),
        "inte nått: 50 % över",
    )
    assert Mal("x", 3.004, 3.0, "max").natt
    assert not vaxtmal("x", {1: [_korning(1.0)], 10: [_korning(11.0)]}).natt


def test_a_failed_command_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(Misslyckad, match="nej"):
        run([sys.executable, "-c", "raise SystemExit('nej')"], os.environ, tmp_path)


def test_sections_are_markdown() -> None:
    part = Avsnitt("x", "Rubrik", "Text.", [Tabell("Tabellen", ("", "a"), (("rad", "1"),))])
    text = command.compose([part], 1.0)
    assert "## Rubrik\n\nText.\n\n**Tabellen**\n\n|  | a |\n| --- | ---: |\n| rad | 1 |" in text
