"""Profile files of any content: a profile or AnvandarFel, and the file as it was."""
# ruff: noqa: E501, PT017

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genomlysning.fel import AnvandarFel
from genomlysning.mallar import find_templates
from genomlysning.profil import Profil, load_profil
from trasigheter import FALL, SKRAP, profil_for, within

ANTAL = FALL["test_daliga_profiler"]
MEDFOLJANDE = [p.read_bytes() for p in sorted((find_templates() / "namnder").glob("*.toml"))]
RADER = [p.decode().splitlines() for p in MEDFOLJANDE]
NYCKLAR = (
    "namn", "forvaltning", "verksamheter", "omrade", "id", "kategori", "bedomning", "riktning",
    "enhet", "decimaler", "mal", "over_tid", "verksamhet", "jamforbar", "anmarkning", "metodbrott",
    "year", "text", "nyckeltal", "okänd",
)  # fmt: skip
#: TOML's own forms, right and wrong: dates, times, numbers of any base and size, text of any kind.
ORD = (
    "true", "false", "nan", "-inf", "1e400", "9" * 5000, "0x" + "f" * 5000, "-9223372036854775809",
    "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "2024-02-30", '"""\n"""', "'''x'''", '"\\u0000"',
    '"\\uD800"', '"\\U0010FFFF"', '"N15001"', '"Högre"', '"Mål"', '"mal"', '"Ekonomi"', '"resultat"',
    "[]", "{}", "[[[[]]]]", "{a.b.c = 1}", "[1, 'a', {}]", "{id = 1}", "1_000", "0o7", "+1", "=", "",
    '"' + "å" * 5000 + '"', "[" * 3000 + "]" * 3000, '"=1+1"', '"\\u202e"', "0", "-1", "3.5", "2019",
)  # fmt: skip
VARDEN = st.sampled_from([*ORD, *(f"'{s}'" for s in SKRAP if "'" not in s and len(s) < 100)])
RAD = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(NYCKLAR), VARDEN),
    st.sampled_from(
        ["[[nyckeltal]]", "[nyckeltal]", "[[nyckeltal.metodbrott]]", "[namn]", "[[a]]"]
    ),
    st.text(max_size=12),
)


@pytest.fixture(scope="module")
def fil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profil") / "egen.toml"


def check(fil: Path, content: bytes) -> None:
    fil.write_bytes(content)
    with within():
        try:
            found = load_profil(str(fil))
        except AnvandarFel as error:
            assert "egen.toml" in str(error)
            assert len(str(error)) < 100 * (50 + len(content))
        else:
            assert isinstance(found, Profil)
            assert found.nyckeltal
            assert found.namn.isprintable()
    assert fil.read_bytes() == content


def format_toml(data: Any) -> str:
    """Write a value as inline TOML."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{k} = {format_toml(v)}" for k, v in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(format_toml, data)) + "]"
    return str(data)


INRE = st.recursive(
    VARDEN,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from(NYCKLAR), v, max_size=4),
    max_leaves=6,
)
TABELL = st.dictionaries(st.sampled_from(NYCKLAR), INRE, max_size=8)


@profil_for(ANTAL["struktur"])
@given(topp=TABELL, tabeller=st.lists(TABELL, max_size=3))
def test_any_structure_is_a_profile_or_a_fault(
    fil: Path, topp: dict[str, Any], tabeller: list[dict[str, Any]]
) -> None:
    lines = [f"{k} = {format_toml(v)}" for k, v in topp.items()]
    for table in tabeller:
        lines += ["[[nyckeltal]]", *(f"{k} = {format_toml(v)}" for k, v in table.items())]
    check(fil, "\n".join(lines).encode("utf-8", "surrogatepass"))


@profil_for(ANTAL["text"])
@given(
    number=st.integers(0, len(RADER) - 1),
    changes=st.lists(
        st.tuples(st.sampled_from(("byt", "in", "bort", "dubbel")), st.integers(0, 5000), RAD),
        min_size=1,
        max_size=3,
    ),
)
def test_a_changed_profile_is_read_or_refused(
    fil: Path, number: int, changes: list[tuple[str, int, str]]
) -> None:
    lines = RADER[number].copy()
    for kind, place, line in changes:
        at = place % len(lines)
        match kind:
            case "byt":
                lines[at] = line
            case "in":
                lines.insert(at, line)
            case "bort":
                del lines[at]
            case _:
                lines.insert(at, lines[at])
    check(fil, "\n".join(lines).encode("utf-8", "surrogatepass"))


@profil_for(ANTAL["byte"])
@given(
    number=st.integers(0, len(MEDFOLJANDE) - 1),
    place=st.integers(0, 20_000),
    new=st.binary(max_size=4),
    cut=st.integers(0, 6),
    end=st.booleans(),
)
def test_a_profile_of_changed_bytes_is_read_or_refused(
    fil: Path, number: int, place: int, new: bytes, cut: int, end: bool
) -> None:
    content = MEDFOLJANDE[number]
    at = place % len(content)
    check(fil, content[:at] + new + (b"" if end else content[at + cut :]))
