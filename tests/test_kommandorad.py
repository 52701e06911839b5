"""The command line: names, options, messages and exit statuses as people meet them."""

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import typer

from genomlysning import __version__
from genomlysning.fel import REGISTER, GenomlysningFel, Meddelande
from genomlysning.kommandorad import app, run
from genomlysning.urval import KOMMUN_OKAND

DOCS = Path(__file__).parents[1] / "docs" / "kommandorad.md"
ENGLISH = re.compile(
    r"\b(the|usage|option|options|no such|missing|invalid|error|show|help|command|requires|"
    r"unexpected|try|got)\b",
    re.IGNORECASE,
)


def tell(capsys, *arguments):
    status = run(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def commands():
    return typer.main.get_command(app).commands


def test_every_command_and_option_is_documented():
    text = DOCS.read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"## `{name}`" in text
        section = text.split(f"## `{name}`")[1].split("\n## ")[0]
        for parameter in command.params:
            for option in parameter.opts:
                shown = (
                    f"`{option}"
                    if option.startswith("-")
                    else (parameter.metavar or option).upper()
                )
                assert option == "--help" or shown in section, (name, option)


def test_help_is_swedish_and_names_every_command(capsys):
    _, out, _ = tell(capsys, "--help")
    assert all(name in out for name in commands())
    for name in commands():
        status, out, _ = tell(capsys, name, "--help")
        assert status == 0
        words = re.sub(r"--[a-z-]+|genomlysning", "", out)
        assert not ENGLISH.findall(words), out


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["skapa", "--namnd", "generell"], 2, "Kommun saknas."),
        (["skapa", "--kommun", "Mark"], 2, "barn-och-ungdomsnamnden, generell"),
        (["skapa", "--kommun", "Mark", "--namnd", "skolnämnden"], 2, "skolnämnden"),
        (["skapa", "--komun", "Mark"], 2, "Växeln --komun finns inte. Menade du --kommun?"),
        (["skapa", "--xyz"], 2, "--help"),
        (["skapa", "--kommun"], 2, "Växeln --kommun måste följas av ett värde."),
        (["skapa", "Alingsås"], 2, "”Alingsås” är för mycket"),
        (["skpa"], 2, "Kommandot ”skpa” finns inte. Menade du skapa eller kopia?"),
        (["skapa", "--exempel", "--ar", "tjugo"], 2, "”tjugo” är inget årtal"),
        (["skapa", "--exempel", "--idag", "24/11"], 2, "ÅÅÅÅ-MM-DD"),
        (["kontrollera", "--kommun", "Mark", "--namnd", "generell", "--ar", "1066"], 2, "1066"),
    ],
)
def test_wrong_usage_is_told_in_swedish(capsys, arguments, status, words):
    found, out, err = tell(capsys, *arguments)
    assert (found, out) == (status, "")
    assert words in err
    assert not ENGLISH.findall(re.sub(r"--[a-z-]+", "", err)), err


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_options_may_be_written_with_swedish_letters(capsys, form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = [unicodedata.normalize(form, o) for o in ("--nämnd", "--år=2025")]
    found = tell(capsys, "skapa", "--exempel", options[0], "generell", options[1])
    assert found[0] == 0, found[2]
    assert Path("genomlysning-exempelkommun-generell-2025.xlsx").exists()


def test_version(capsys):
    assert tell(capsys, "--version") == (0, f"genomlysning {__version__}\n", "")


def test_installed_command_runs_and_speaks_utf8(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "genomlysning", "skapa", "--namnd", "generell"],
        capture_output=True,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii", "PATH": "", "SYSTEMROOT": ""},
        check=False,
    )
    assert done.returncode == 2
    assert "till exempel --kommun Alingsås." in done.stderr.decode("utf-8")


def test_messages_are_swedish_and_end_their_sentences():
    for kod, meddelande in REGISTER.items():
        assert re.fullmatch(r"[a-z0-9-]+", kod)
        assert not ENGLISH.findall(re.sub(r"\{\w+\}|--[a-z-]+", "", meddelande.text)), kod
        for part in (meddelande.text, meddelande.atgard):
            assert not part or part[-1] in ".?}", (kod, part)


def test_an_error_carries_its_message_and_fields():
    found = GenomlysningFel(KOMMUN_OKAND, namn="X", forslag="Y")
    assert (found.falt, found.meddelande.kod) == ({"namn": "X", "forslag": "Y"}, "kommun-okand")
    with pytest.raises(ValueError, match="twice"):
        Meddelande("kommun-okand", "Igen.")


def test_what_others_have_written_cant_steer_a_terminal() -> None:
    steering = "Lu\x1b]0;x\x07nd\u202e"
    shown = KOMMUN_OKAND.format(namn=steering, forslag="a\nb")
    assert "Lu]0;xnd" in shown
    assert "a\nb" in shown  # a list has its lines, the name of a file has not
    assert KOMMUN_OKAND.format(namn=Path("c\nd"), forslag="").count("\n") == 0
