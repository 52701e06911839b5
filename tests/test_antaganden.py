"""The beliefs about Kolada: `halsa --kolada` tells which hold, and the documentation lists them."""

import json
from pathlib import Path

import pytest

from genomlysning.kolada.antaganden import ANTAGANDEN, Utfall, compose_tabell, try_antaganden
from genomlysning.kommandorad import run
from koladaserver import Fel, Koladaserver

SIDA = Path(__file__).parents[1] / "docs" / "kolada.md"
#: What the stand-in does not do: nobody has seen the service do the one, and not always the other.
EJ_BELAGT = {"region-type", "snedstreck"}


def test_the_documentation_lists_every_belief() -> None:
    text = SIDA.read_text(encoding="utf-8")
    start, end = (f"<!-- antaganden: {w} -->\n" for w in ("början", "slut"))
    assert text.partition(start)[2].partition(end)[0] == "\n".join(compose_tabell()) + "\n"


def test_the_stand_in_behaves_as_the_beliefs_say(koladaserver: Koladaserver) -> None:
    found = {p.antagande.id: p for p in try_antaganden(koladaserver.bas_url)}
    assert len(found) == len(ANTAGANDEN)
    holding = {i for i, p in found.items() if p.utfall is Utfall.HALLER}
    assert holding == {a.id for a in ANTAGANDEN if a.prov} - EJ_BELAGT
    assert found["oppet-svar"].sett.startswith("188 grupper bland de 500 första raderna")
    assert len(koladaserver.anrop) < 20


def test_an_answer_that_is_otherwise_is_told(koladaserver, capsys, monkeypatch) -> None:
    monkeypatch.setenv("GENOMLYSNING_KOLADA_URL", koladaserver.bas_url)

    def count_six(answer):
        answer["values"][0]["values"][-1]["count"] = 6
        return answer

    koladaserver.fel = Fel("wrong-types", sokvag="/municipality/G2328/year", andra=count_six)
    assert run(["halsa", "--kolada", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    wrong = [a for a in answer["antaganden"] if a["utfall"] == "håller inte" and a["bygger"]]
    assert [(a["id"], a["sett"]) for a in wrong] == [
        ("grupp-som-kommun", "Antal i medelvärdet: [6].")
    ]
    assert run(["halsa", "--kolada"]) == 1
    assert "bygger på antaganden som inte håller: grupp-som-kommun" in capsys.readouterr().out


@pytest.mark.parametrize("typ", ["500", "reset", "cut", "html", "not-json", "redirect", "loop"])
def test_no_answer_of_any_kind_stops_the_rest(koladaserver: Koladaserver, typ: str) -> None:
    koladaserver.fel = Fel(typ)
    found = list(try_antaganden(koladaserver.bas_url))
    assert len(found) == len(ANTAGANDEN)
    assert all(p.sett for p in found)


def test_a_service_that_is_away_is_no_broken_belief(capsys) -> None:
    assert run(["halsa", "--kolada"]) == 3
    out = capsys.readouterr().out
    assert "Inget kunde prövas" in out
    assert "håller inte" not in out
