"""No sentence says more than the numbers bear, and no source line names Kolada for ours.

Workbooks with gaps of every kind are made, and what each output says is held to a plain reckoning
of the same numbers.
"""

import random
import re
from datetime import datetime

import pytest

from genomlysning import anmarkningar
from genomlysning.analys import draft_analys, draft_slutsatser
from genomlysning.bok.lasning import Arbetsbok
from genomlysning.bok.paket import Paket
from genomlysning.bok.plan import plan_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.kallrad import TALSLAG
from genomlysning.ord import KALLA_EGEN
from genomlysning.rapport.bokdata import read_bokdata
from genomlysning.rapport.disposition import compose_rapport
from genomlysning.rapport.innehall import Bild, Lista, Stil, Stycke, Tabell
from genomlysning.regler.bedomning import Bedomning, assess
from genomlysning.regler.referenskostnad import has_better_results, is_within, meets_goal
from genomlysning.sammanstallning.kommunrapport import compose_kommunrapport
from genomlysning.sammanstallning.lasning import read_namndbok
from genomlysning.sammanstallning.sammanforing import join_bocker
from genomlysning.skapa import collect_exempel
from genomlysning.svar import to_json_kontrollera
from genomlysning.verksamhetskostnad import find_dubbla
from libreoffice import compare_cached, require_libreoffice

NU = datetime(2026, 11, 24)
PROFILER = ("kultur-och-utbildningsnamnden", "barn-och-ungdomsnamnden")
LUCKOR = ("inget", "några", "lika", "nollor", "dolda", "egna", "orimliga")
NUMBER = r"(\d[\d\s]*,\d)\sMkr"


def some(rng, kind, value):
    """Return a number as it may be left in a workbook of this kind."""
    if kind == "inget":
        return None
    if kind in ("några", "dolda", "egna") and rng.random() < 0.4:
        return None
    return 0.0 if kind == "nollor" else value


def make_referensrad(rng, kind, row, tolerances):
    """Return a verksamhet's row with the gaps of a kind, and the remarks that it would have."""
    published = row.verksamhet.avvikelse_procent is not None
    percent = some(rng, kind, rng.uniform(-20, 20))
    if kind == "orimliga" and not published:
        percent = rng.choice([-75.0, 300.0])
    mkr = some(rng, kind, rng.uniform(-90, 90))
    index = similar = some(rng, kind, rng.uniform(0, 100))
    if kind != "lika":
        similar = some(rng, kind, rng.uniform(0, 100))
    if row.verksamhet.kvalitetsindex is None:
        index = similar = None
    own_mkr = mkr is not None and (not published or kind == "egna")
    means = ["index_liknande"] if kind == "egna" and similar is not None else []
    within, better = is_within(percent), has_better_results(index, similar, [], tolerances)
    remarks = [
        anmarkningar.INGEN_PUBLICERAD if not published and percent is not None else "",
        anmarkningar.EGET_BELOPP if own_mkr else "",
        anmarkningar.tell_egna_medel(means),
    ]
    return row._replace(
        nettokostnad=None,
        referenskostnad=None,
        egen_procent=percent,
        avvikelse_procent=percent if published else None,
        avvikelse_mkr=mkr,
        mkr_egen=own_mkr,
        kvalitetsindex=index,
        kvalitetsindex_liknande=similar,
        for_fa_liknande=False,
        egna_medel=frozenset(means),
        inom=within,
        battre=better,
        uppfyller=meets_goal(within, better),
        anmarkning=" ".join(r for r in remarks if r),
        over_tid=tuple((y, some(rng, kind, percent)) for y, _ in row.over_tid),
    )


def make_jamforelse(rng, kind, row, tolerances):
    own = some(rng, kind, row.varde)
    similar = own if kind == "lika" else some(rng, kind, row.liknande)
    count = 2 if kind == "dolda" else row.liknande_antal
    verdict = assess(
        own, similar, count, slag=row.post.bedomning, riktning=row.post.riktning,
        enhet=row.post.enhet, toleranser=tolerances, mal=row.post.mal,
        jamforbar=row.post.jamforbar,
    )  # fmt: skip
    difference = None if own is None or similar is None else own - similar
    return row._replace(
        varde=own,
        liknande=similar,
        liknande_antal=count,
        skillnad=difference,
        bedomning=verdict,
        preliminar=False,
        anmarkning=anmarkningar.EGET_MEDEL if kind == "egna" else "",
    )


def make_underlag(profil, kind, seed):
    rng = random.Random(seed)
    base = collect_exempel(profil, None, NU).underlag
    tolerances = base.toleranser
    return base._replace(
        exempel=False,
        referensrader=tuple(make_referensrad(rng, kind, r, tolerances) for r in base.referensrader),
        jamforelser=tuple(make_jamforelse(rng, kind, j, tolerances) for j in base.jamforelser),
        tidsserier=tuple(
            t._replace(varden=tuple(some(rng, kind, v) for v in t.varden)) for t in base.tidsserier
        ),
        varningar=(),
    )


def write(underlag, fil):
    write_bok(plan_bok(underlag), fil)
    return fil


def reckon(rows):
    """Return what is summed, plainly: the amounts by name, who lacks one, and who is left out."""
    twice = find_dubbla(r.verksamhet for r in rows)
    rows = [r for r in rows if r.verksamhet not in twice]
    unreal = [
        r for r in rows
        if r.verksamhet.avvikelse_procent is None and abs(r.egen_procent or 0) > 60
    ]  # fmt: skip
    summed = {
        r.verksamhet.namn: r.avvikelse_mkr
        for r in rows
        if r.avvikelse_mkr is not None and r not in unreal
    }
    missing = [r.verksamhet.namn for r in rows if r.avvikelse_mkr is None]
    return summed, missing, [r.verksamhet.namn for r in unreal if r.verksamhet.namn not in missing]


def find_summor(texts):
    return [t for t in texts if re.search(r"\bsina? referenskostnad", t)]


def check_summa(texts, rows):
    """Hold every sentence on the sum to the plain reckoning."""
    summed, missing, unreal = reckon(rows)
    every = len(summed) + len(missing) + len(unreal)
    found = find_summor(texts)
    if not summed or every < 2:
        assert found == []
        return
    assert found
    over, under = (
        sum(v for v in summed.values() if v > 0),
        -sum(v for v in summed.values() if v < 0),
    )
    for text in found:
        for amount, how in ((over, "över"), (under, "under")):
            told = re.findall(rf"{NUMBER} {how}\b", text)
            shown = [float(re.sub(r"\s", "", t).replace(",", ".")) for t in told]
            assert shown in ([[round(amount, 1)]] if round(amount, 1) else [[]]), text
        whole = "Tillsammans ligger verksamheterna" in text
        assert whole == (not missing and not unreal), text
        if not whole:
            assert f" av {every} verksamheter" in text
        for name in (*missing, *unreal):
            assert name[1:] in text
    return


def list_texter(blocks):
    for b in blocks:
        if isinstance(b, Stycke):
            yield b.text
        elif isinstance(b, Lista):
            yield from (getattr(p, "text", str(p)) for p in b.punkter)


def list_kallor(blocks):
    """Yield every source line with what it stands under."""
    before = None
    for b in blocks:
        if isinstance(b, Stycke) and b.stil is Stil.KALLA:
            yield before, b.text
        elif isinstance(b, Bild | Tabell):
            for line in b.kallor:
                yield b, line.text
        if isinstance(b, Lista):
            before = b


def parse_kalla(text):
    """Return the kinds that a source line says are Kolada's, and those it says are ours."""
    text = text.replace("Källa: nämndernas arbetsböcker. ", "")
    kolada, _, ours = text.partition(f"{KALLA_EGEN}: ")
    named = kolada.removeprefix("Källa: Kolada för ").strip().rstrip(".")
    return find_slag(named), find_slag(ours.rstrip(".")), ours


def find_slag(text):
    """Return the kinds of numbers that a part of a source line names."""
    return {
        kind
        for kind, word in TALSLAG.items()
        if re.search(rf"(^|, | och ){re.escape(word)}($|,| för | och )", text)
    }


def check_kallor(blocks, rows, keys_of):
    """Hold the lines on verksamheter to the origin of each number above them."""
    checked = 0
    for block, line in list_kallor(blocks):
        keys = keys_of(block)
        if keys is None:
            continue
        shown = {
            "procent": [(r, "procent") for r in rows if r.gallande_procent is not None],
            "mkr": [(r, "mkr") for r in rows if r.avvikelse_mkr is not None],
            "index": [(r, "index") for r in rows if r.kvalitetsindex is not None],
            "index_liknande": [
                (r, "index_liknande") for r in rows if r.kvalitetsindex_liknande is not None
            ],
        }
        kolada, own_kinds, ours = parse_kalla(line)
        for key in keys:
            own = {r.verksamhet.namn for r, k in shown[key] if k in r.egna_tal}
            theirs = {r.verksamhet.namn for r, k in shown[key]} - own
            assert (key in kolada) == bool(theirs), line
            assert (key in own_kinds) == bool(own), line
            if theirs:
                for name in own:
                    assert name[1:] in ours
        checked += 1
    return checked


@pytest.mark.parametrize("kind", LUCKOR)
@pytest.mark.parametrize("profil", PROFILER)
def test_the_committees_words_are_borne_by_the_numbers(tmp_path, profil, kind):
    for seed in range(4):
        underlag = make_underlag(profil, kind, seed)
        rows = underlag.referensrader
        check_summa(draft_slutsatser(underlag), rows)
        check_summa([m for a in draft_analys(underlag) for m in a.meningar], rows)
        summed, missing, unreal = reckon(rows)
        answer = to_json_kontrollera(underlag, [])
        assert (answer["summa_over_mkr"] is None) == (not summed)
        assert (answer["summa_saknar"], answer["summa_utan_orimliga"]) == (missing, unreal)

        fil = write(underlag, tmp_path / f"{seed}.xlsx")
        data = read_bokdata(Arbetsbok(Paket.open(fil), fil))
        report = compose_rapport(data, NU.date())
        check_summa(list(list_texter(report.block)), rows)
        empty = all(j.varde is None for j in underlag.jamforelser)
        assert bool(report.forst) == (empty and kind == "inget")

        def keys_of(block):
            if isinstance(block, Lista):
                return ("procent", "mkr", "index", "index_liknande")
            return None

        assert check_kallor(report.block, rows, keys_of) == bool(rows)
        for block, line in list_kallor(report.block):
            if isinstance(block, Tabell) and block.namn == "Kvalitet":
                own = any("vårt eget" in note for note in block.noter)
                assert ("utom där en not säger annat" in line) == own
            if isinstance(block, Bild) and "Antal nyckeltal" in block.bildtext:
                assert "Källa: Kolada" not in line


@pytest.mark.parametrize("kind", LUCKOR)
def test_the_municipalitys_words_are_borne_by_the_numbers(tmp_path, kind):
    every = [make_underlag(p, kind, 7) for p in PROFILER]
    books = [read_namndbok(write(u, tmp_path / f"{u.profil.id}.xlsx")) for u in every]
    data = join_bocker(books, [], NU.date())
    report = compose_kommunrapport(data, "kommun.xlsx")
    rows = [r for u in every for r in u.referensrader]
    check_summa(list(list_texter(report.block)), rows)

    def keys_of(block):
        named = isinstance(block, Tabell) and block.namn == "Verksamheter"
        return ("procent", "mkr") if named else None

    unreal = reckon(rows)[2]  # in a table of their own
    assert check_kallor(report.block, [r for r in rows if r.verksamhet.namn not in unreal], keys_of)
    assert "Ingen analys" in data.tomma_delar
    first = [b.text for b in report.block if isinstance(b, Stycke)][:2]
    assert any("ingen analys från" in t for t in first)


def test_the_sums_of_the_sheet_are_empty_where_there_is_nothing_to_sum(tmp_path):
    require_libreoffice()
    for kind in ("inget", "orimliga", "några"):
        underlag = make_underlag(PROFILER[0], kind, 1)
        fil = write(underlag, tmp_path / f"{kind}.xlsx")
        assert [d for d in compare_cached(fil) if d.startswith("Referenskostnad!B")] == []
        book = Arbetsbok(Paket.open(fil), fil)
        sheet = book.find_blad("", "Referenskostnad")
        (row,) = [
            nr for nr, col in sheet.celler
            if sheet.cell(nr, col).varde == "Summa över referenskostnad"
        ]  # fmt: skip
        summed, _, _ = reckon(underlag.referensrader)
        expected = sum(v for v in summed.values() if v > 0) if summed else ""
        assert sheet.cell(row, 2).varde == pytest.approx(expected) if summed else expected == ""


def test_level_indices_are_not_better_results():
    """One tolerance, one answer: what is level on 2.1 is not better on Referenskostnad."""
    underlag = make_underlag("barn-och-ungdomsnamnden", "lika", 3)
    levels = {j.post.id: j.bedomning for j in underlag.jamforelser}
    assert Bedomning.BATTRE not in levels.values()
    assert "Ja" not in {r.battre for r in underlag.referensrader}
