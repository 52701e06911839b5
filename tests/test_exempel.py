"""The embedded example: fictional names, coherent figures, and a story with every verdict."""

import gzip
import json
import math
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from genomlysning.begrepp import KOMMUNGENOMSNITT
from genomlysning.bok.beskrivning import FORFLYTTNINGSBLAD, LISTOR, UPPFOLJNINGSBLAD, find_tabell
from genomlysning.bok.plan import EXEMPELKOMMUN
from genomlysning.exempel import EXEMPEL_YEAR, load_exempel, read_exempeltext
from genomlysning.exempel.generera import (
    ANTAL_KOMMUNER,
    EGEN,
    FIL,
    INVANARE,
    NEWEST,
    YEARS,
    Exempel,
    generate,
    serialize,
)
from genomlysning.exempel.nivaer import choose_niva
from genomlysning.hamtning import Hamtning
from genomlysning.lager import Lager
from genomlysning.profil import (
    OMRADEN,
    Verksamhet,
    list_profiler,
    load_profil,
    load_verksamheter,
)
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.pengar import parse_belopp
from genomlysning.regler.referenskostnad import Svar
from genomlysning.svenska import format_tal
from genomlysning.underlag import Underlag
from genomlysning.underlagsberakning import compute_underlag
from genomlysning.urval import find_grupper
from genomlysning.verksamhetskostnad import collect_nyckeltal_ids

NU = datetime(2026, 11, 24, 9, 30)
KATALOG = Path(__file__).parent / "katalog" / "municipality.json.gz"
MED_TEXT = "barn-och-ungdomsnamnden"


@pytest.fixture(scope="module")
def exempel() -> Exempel:
    return generate()


@pytest.fixture(scope="module")
def lager() -> Iterator[Lager]:
    with Lager.open(":memory:") as lager:
        load_exempel(lager, NU)
        yield lager


@pytest.fixture(scope="module")
def underlag(lager: Lager) -> dict[str, Underlag]:
    return {
        p: compute_underlag(Hamtning(lager, None, NU), load_profil(p), EXEMPELKOMMUN)
        for p in list_profiler()
    }


def _ids() -> set[str]:
    posts = {p.id for profil in list_profiler() for p in load_profil(profil).nyckeltal}
    return posts | set(collect_nyckeltal_ids(load_verksamheter().values()))


def _cells(exempel: Exempel, ids: tuple[str, ...]) -> Iterator[list[float]]:
    """Yield the values of some figures for each year and municipality that has them all."""
    for y in range(len(YEARS)):
        for k in range(ANTAL_KOMMUNER):
            values = [exempel.figurer[i].varden[y][k] for i in ids]
            known = [v for v in values if v is not None]
            if len(known) == len(values):
                yield known


# ---- the file ------------------------------------------------------------------------------


def test_the_committed_file_is_what_the_script_makes(exempel: Exempel) -> None:
    # Not the compressed bytes, which differ between builds of zlib.
    assert gzip.decompress(FIL.read_bytes()) == serialize(exempel), (
        "kör python -m genomlysning.exempel.generera"
    )
    assert FIL.stat().st_size < 250_000


def test_values_for_every_figure_of_profiles_and_verksamheter(lager: Lager) -> None:
    ids = sorted(_ids())
    assert [i for i, (n, _) in lager.read_nyckeltal(ids).items() if n and n.titel] == ids
    # Exempelkommun is the first of the municipalities, which are in the order of their codes.
    varden = lager.read_varden(ids, ["9001", KOMMUNGENOMSNITT], YEARS)
    for id_ in ids:
        assert any((id_, "9001", y) in varden for y in YEARS), id_
        assert (id_, KOMMUNGENOMSNITT, EXEMPEL_YEAR) in varden, id_


def test_loading_some_figures_only() -> None:
    with Lager.open(":memory:") as lager:
        load_exempel(lager, NU, {"N15001", INVANARE})
        assert set(lager.read_nyckeltal(sorted(_ids()))) == {"N15001", INVANARE}
        assert len(lager.read_kommuner()[0]) == ANTAL_KOMMUNER


def test_some_values_are_still_preliminary(lager: Lager) -> None:
    katalog = [n for n, _ in lager.read_nyckeltal(sorted(_ids())).values() if n]
    late = {n.id for n in katalog if n.slut_datum and n.slut_datum.year == 2027}
    assert 1 <= len(late) <= 5
    by_id = {n.id: n for n in katalog}
    assert by_id["N11031"].slut_datum == date(2026, 8, 28)
    assert by_id["N11025"].slut_datum == by_id["N11024"].slut_datum == date(2026, 9, 30)


# ---- municipalities and groups -------------------------------------------------------------


def test_no_municipality_is_a_real_one(lager: Lager) -> None:
    kommuner, _ = lager.read_kommuner()
    assert len({k.id for k in kommuner}) == len({k.namn for k in kommuner}) == ANTAL_KOMMUNER
    assert kommuner[EGEN].namn == EXEMPELKOMMUN
    # Codes of real municipalities begin with the county's, at most 25.
    assert all(9001 <= int(k.id) <= 9290 for k in kommuner)
    if not KATALOG.exists():
        pytest.skip("tests/katalog/municipality.json.gz saknas")
    content = json.loads(gzip.decompress(KATALOG.read_bytes()))
    real = content["values"] if isinstance(content, dict) else content
    assert not {k.namn.casefold() for k in kommuner} & {r["title"].casefold() for r in real}
    assert not {k.id for k in kommuner} & {r["id"] for r in real}


def test_a_group_of_seven_for_every_area(lager: Lager) -> None:
    kommuner, _ = lager.read_kommuner()
    grupper, _ = lager.read_grupper()
    found = find_grupper(kommuner[EGEN], grupper)
    assert set(found) == {o.lower() for o in OMRADEN}
    for val in found.values():
        assert len(set(val.grupp.medlemmar)) == 7
        assert kommuner[EGEN].id not in val.grupp.medlemmar
    assert found["övergripande"].grupp.titel == (
        "Liknande kommuner, övergripande, Exempelkommun, 2025"
    )
    assert found["ekonomiskt bistånd"].year == 2023
    assert found["grundskola"].grupp.titel == "Liknande kommuner grundskola, Exempelkommun, 2024"
    alla = next(g for g in grupper if g.id == KOMMUNGENOMSNITT)
    assert len(alla.medlemmar) == ANTAL_KOMMUNER


def test_group_means_are_those_of_the_members_with_a_value(lager: Lager, exempel: Exempel) -> None:
    ids = sorted(_ids())
    koder = [k.id for k in lager.read_kommuner()[0]]
    grupper, _ = lager.read_grupper()
    varden = lager.read_varden(ids, [*koder, *(g.id for g in grupper)], YEARS)
    for id_ in ids:
        figur = exempel.figurer[id_]
        for grupp in grupper:
            medlemmar = [koder.index(m) for m in grupp.medlemmar]
            for y, year in enumerate(YEARS):
                known = [v for m in medlemmar if (v := figur.varden[y][m]) is not None]
                stored = varden.get((id_, grupp.id, year))
                if not known:
                    assert stored is None
                    continue
                assert stored is not None
                assert stored.varde is not None
                assert stored.antal == len(known)
                step = 10.0 ** -(figur.decimaler + 2)
                assert abs(stored.varde - math.fsum(known) / len(known)) <= step, (id_, year)
        for k, kod in enumerate(koder):
            newest = varden.get((id_, kod, EXEMPEL_YEAR))
            assert (newest.varde if newest else None) == figur.varden[NEWEST][k]


# ---- formulas ------------------------------------------------------------------------------


def _with_parts() -> list[Verksamhet]:
    return [v for v in load_verksamheter().values() if v.avvikelse_procent]


@pytest.mark.parametrize("v", _with_parts(), ids=lambda v: v.id)
def test_the_deviation_follows_from_the_costs(exempel: Exempel, v: Verksamhet) -> None:
    assert v.avvikelse_procent is not None
    # The published deviation of LSS concerns a little less than the net cost.
    narrower = 1.009 if v.id == "lss" else 1.0
    split = len(v.nettokostnad)
    for values in _cells(exempel, (*v.nettokostnad, *v.referenskostnad, v.avvikelse_procent)):
        netto, referens = math.fsum(values[:split]), math.fsum(values[split:-1])
        own = (netto / narrower / referens - 1) * 100
        assert values[-1] == pytest.approx(own, abs=0.0051 if narrower == 1 else 0.02)


@pytest.mark.parametrize(
    "v", [v for v in _with_parts() if len(v.avvikelse_mkr) == 1], ids=lambda v: v.id
)
def test_the_amount_follows_from_costs_and_inhabitants(exempel: Exempel, v: Verksamhet) -> None:
    assert v.avvikelse_procent is not None
    ids = (*v.nettokostnad, *v.referenskostnad, v.avvikelse_procent, INVANARE, *v.avvikelse_mkr)
    for netto, referens, procent, invanare, mkr in _cells(exempel, ids):
        kronor = referens * procent / 100 if v.id == "lss" else netto - referens
        # What two decimals of the deviation in per cent may hide.
        slack = referens * 5.1e-5 * invanare / 1e6 if v.id == "lss" else 0
        assert mkr == pytest.approx(kronor * invanare / 1e6, abs=0.0051 + slack)


def test_cost_per_pupil_gives_the_same_ratio_in_grundskola_only(exempel: Exempel) -> None:
    for id_, same in (("grundskola", True), ("gymnasieskola", False)):
        v = load_verksamheter()[id_]
        assert v.per_brukare
        ids = (*v.nettokostnad, *v.referenskostnad)
        ids += (v.per_brukare.nettokostnad, v.per_brukare.referenskostnad)
        for netto, referens, netto_elev, referens_elev in _cells(exempel, ids):
            difference = abs(netto / referens - netto_elev / referens_elev) * 100
            assert (difference < 0.01) is same


def test_effectiveness_is_the_mean_of_quality_and_resources(exempel: Exempel) -> None:
    for v in load_verksamheter().values():
        if v.kvalitetsindex and v.resursindex and v.effektivitetsindex:
            ids = (v.kvalitetsindex, v.resursindex, v.effektivitetsindex)
            for kvalitet, resurs, effektivitet in _cells(exempel, ids):
                assert effektivitet == pytest.approx((kvalitet + resurs) / 2, abs=1e-9)


def test_figures_that_follow_from_others(exempel: Exempel) -> None:
    for total, brutto, intakter in _cells(exempel, ("N07026", "N07006", "N07017")):
        assert total == brutto - intakter
    for total, *parts in _cells(exempel, ("N07040", "N07026", "N07027", "N07028")):
        assert total == math.fsum(parts)
    for effektivitet, kvalitet, resurs in _cells(exempel, ("U31904", "U31401", "U31002")):
        assert effektivitet == pytest.approx((kvalitet + resurs) / 2, abs=0.051)


def test_percentages_and_indices_are_possible(exempel: Exempel) -> None:
    outside = {"N11800", "N03100", "N03102", "N03103", "N03002", "N00953"}
    for profil in list_profiler():
        for post in load_profil(profil).nyckeltal:
            if post.enhet not in ("%", "index") or post.mal is not None or post.id in outside:
                continue
            assert all(0 <= v <= 100 for (v,) in _cells(exempel, (post.id,))), post.id


def test_a_figure_without_a_level_of_its_own_gets_one_by_its_unit() -> None:
    post = load_profil(MED_TEXT).nyckeltal[-1]._replace(id="N99999", jamforbar=True)
    levels = {
        enhet: choose_niva(post._replace(enhet=enhet)).medel
        for enhet in ("%", "index", "kr/inv", "kr/elev", "poäng", "dagar")
    }
    assert len(set(levels.values())) == len(levels)
    assert 1 < levels["%"] < 100 < levels["kr/inv"] < levels["kr/elev"]
    assert choose_niva(post._replace(enhet="antal", jamforbar=False)).per_tusen


# ---- the story -----------------------------------------------------------------------------


def test_every_profile_can_be_shown(underlag: dict[str, Underlag]) -> None:
    for profil, found in underlag.items():
        assert found.year == EXEMPEL_YEAR, profil
        assert all("preliminära" in v for v in found.varningar)
        assert len({j.bedomning for j in found.jamforelser}) >= 3, profil


def test_the_committee_with_texts_shows_every_verdict(underlag: dict[str, Underlag]) -> None:
    found = underlag[MED_TEXT]
    assert {j.bedomning for j in found.jamforelser} == set(Bedomning)
    by_id = {j.post.id: j for j in found.jamforelser}
    assert (by_id["N15643"].liknande_antal, by_id["N15643"].bedomning) == (3, Bedomning.OKANT)
    assert by_id["N15613"].liknande_antal == 5
    assert by_id["N13037"].varde is None
    assert "senaste år med värde är 2024" in by_id["N13037"].anmarkning
    assert found.saknade == ("N13037",)
    assert "Preliminärt värde, slutligt 2027" in by_id["N15060"].anmarkning


def test_the_committee_meets_the_goal_in_grundskola_only(underlag: dict[str, Underlag]) -> None:
    by_id = {r.verksamhet.id: r for r in underlag[MED_TEXT].referensrader}
    assert by_id["grundskola"].uppfyller is Svar.JA
    assert by_id["forskola"].uppfyller is Svar.NEJ
    assert by_id["forskola"].battre is Svar.JA
    assert by_id["fritidshem"].inom is Svar.JA
    assert by_id["fritidshem"].uppfyller is Svar.OKANT
    for r in by_id.values():
        line = [v for _, v in r.over_tid if v is not None]
        assert len(line) == 5
        assert max(line) - min(line) > 2


# ---- free text -----------------------------------------------------------------------------


def test_the_analysis_quotes_the_figures_as_they_are(underlag: dict[str, Underlag]) -> None:
    found = underlag[MED_TEXT]
    text = read_exempeltext(MED_TEXT).analys
    by_id = {j.post.id: j for j in found.jamforelser}
    for id_ in ("U15401", "U11404", "N15505", "N15454", "N15613", "N11205"):
        j = by_id[id_]
        assert j.varde is not None
        assert j.liknande is not None
        if id_ == "N15505":
            quoted = f"{format_tal(j.varde, 1)} poäng mot {format_tal(j.liknande, 1)}"
        else:
            quoted = f"{format_tal(j.varde, 1)} mot {format_tal(j.liknande, 1)}"
        assert quoted in text, (id_, quoted)
    rows = {r.verksamhet.id: r for r in found.referensrader}
    for id_, more in (("forskola", "mer"), ("fritidshem", "mindre"), ("grundskola", "under")):
        procent = rows[id_].avvikelse_procent
        assert procent is not None
        assert f"{format_tal(abs(procent), 1)} procent {more}" in text
    mkr, first = rows["forskola"].avvikelse_mkr, rows["forskola"].over_tid[0]
    assert mkr is not None
    assert first[1] is not None
    assert f"{format_tal(mkr, 1)} miljoner kronor" in text
    assert f"från {format_tal(first[1], 1)} procent år {first[0]}" in text
    for better in ("N11810", "N11703", "N15419"):
        assert by_id[better].bedomning is Bedomning.BATTRE
    assert by_id["N13805"].bedomning is Bedomning.SAMRE
    assert by_id["U15011"].bedomning is Bedomning.HOGRE


def test_only_one_profile_has_texts() -> None:
    assert read_exempeltext("generell").analys == ""
    assert not read_exempeltext("finns-inte").rader


def test_rows_fit_the_tables_and_their_word_lists() -> None:
    rader = read_exempeltext(MED_TEXT).rader
    tables = [t.namn for b in (*UPPFOLJNINGSBLAD, *FORFLYTTNINGSBLAD) for t in b.tabeller]
    assert list(rader) == tables
    for namn, rows in rader.items():
        columns = {k.nyckel: k for k in find_tabell(namn).kolumner}
        for row in rows:
            assert set(row) == set(columns)
            for nyckel, value in row.items():
                words = LISTOR.get(columns[nyckel].lista)
                assert not value or not words or value in words, value


def test_amounts_are_read_as_they_are_meant() -> None:
    rader = read_exempeltext(MED_TEXT).rader
    amounts = []
    for rows in rader.values():
        for row in rows:
            belopp = parse_belopp(str(row["belopp"]))
            amounts.append(belopp and (int(belopp.lagst), int(belopp.hogst), belopp.engang))
    assert amounts == [
        (1_500_000, 1_500_000, False),
        (900_000, 900_000, False),
        (2_000_000, 3_500_000, False),
        (400_000, 400_000, False),
        None,
        (300_000, 300_000, False),
        (500_000, 1_000_000, None),
        (500_000, 500_000, None),
        None,
        (1_800_000, 1_800_000, False),
        (0, 250_000, None),
    ]
