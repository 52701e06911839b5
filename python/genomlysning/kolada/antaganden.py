"""What the program takes for granted about Kolada, the evidence for it, and a small test of each.

Nobody who wrote the program could reach the live service. Whoever can should look here first:
`genomlysning halsa --kolada` puts the questions below, one small request each.
"""

import json
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

import requests

from genomlysning.kolada import BAS_URL
from genomlysning.kolada.anslutning import make_system_trust
from genomlysning.kolada.fraga import MAX_PER_SEGMENT, PER_SIDA

#: Seconds to wait for each answer, and the longest answer that is read (bytes).
SVARSTID = 15.0
LANGSTA_SVAR = 2_000_000

ALINGSAS, GRUNDSKOLA = "1489", "G35866"
#: A year whose values are all final.
AR = "2023"
_TITEL = re.compile(r"Liknande kommuner,? .+?, .+, \d{4}")


class Belagg(StrEnum):
    """Where a belief comes from."""

    SETT = "sett"
    BERATTAT = "berättat"
    ANTAGET = "antaget"


class Utfall(StrEnum):
    """What came of a test."""

    HALLER = "håller"
    HALLER_INTE = "håller inte"
    EJ_PROVAT = "ej prövat"


class Antagande(NamedTuple):
    """A belief; `bygger` when the program goes wrong, or stops, where it does not hold.

    `prov` asks the service and returns whether it holds (None: that could not be seen) and what
    was seen; it is None where no single question can tell.
    """

    id: str
    text: str
    belagg: Belagg
    bygger: bool
    prov: "Callable[[_Fragare], tuple[bool | None, str]] | None" = None


class Provning(NamedTuple):
    """A belief that has been tested, and what was seen."""

    antagande: Antagande
    utfall: Utfall
    sett: str


class _Svar(NamedTuple):
    """An answer: its status, its JSON (None when it is none), and where it leads."""

    status: int
    json: Any
    vidare: str = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        values = self.json.get("values") if isinstance(self.json, dict) else None
        return [r for r in values if isinstance(r, dict)] if isinstance(values, list) else []

    @property
    def places(self) -> list[str]:
        return [str(r.get("municipality")) for r in self.rows]

    @property
    def cells(self) -> list[dict[str, Any]]:
        return [c for r in self.rows for c in r.get("values") or [] if isinstance(c, dict)]


class _Fragare:
    """Asks one question at a time, without trying again."""

    def __init__(self, bas_url: str) -> None:
        self._bas_url = bas_url.strip().rstrip("/")
        self._session = requests.Session()
        if self._bas_url.startswith("https://"):
            self._session.mount("https://", make_system_trust())

    def ask(self, sokvag: str, **query: object) -> _Svar:
        return self._get(self._bas_url + sokvag, query)

    def ask_root(self, sokvag: str) -> _Svar:
        return self._get(self._bas_url.rpartition("/")[0] + sokvag, {})

    def _get(self, url: str, query: dict[str, object]) -> _Svar:
        params = {k: str(v) for k, v in query.items()}
        with self._session.get(
            url, params=params, timeout=SVARSTID, allow_redirects=False, stream=True
        ) as answer:
            body = answer.raw.read(LANGSTA_SVAR, decode_content=True)
            try:
                content = json.loads(body)
            except (ValueError, RecursionError):
                content = None
            return _Svar(answer.status_code, content, answer.headers.get("Location", ""))


def try_antaganden(
    bas_url: str | None = None, visa: Callable[[str], None] = lambda _: None
) -> Iterator[Provning]:
    """Ask the service about each belief, in order; never raises for what the service does."""
    fragare = _Fragare(bas_url or BAS_URL)
    for a in ANTAGANDEN:
        if a.prov is None:
            yield Provning(a, Utfall.EJ_PROVAT, "Går inte att pröva med en fråga.")
            continue
        visa(f"Prövar: {a.id} …")
        try:
            holds, seen = a.prov(fragare)
        except requests.RequestException as error:
            yield Provning(a, Utfall.EJ_PROVAT, f"Inget svar ({type(error).__name__}).")
        except Exception as error:  # an answer of any form must not stop the others
            yield Provning(a, Utfall.HALLER_INTE, f"Svaret gick inte att läsa ({error!r}).")
        else:
            told = {True: Utfall.HALLER, False: Utfall.HALLER_INTE, None: Utfall.EJ_PROVAT}
            yield Provning(a, told[holds], seen)


# ---- the tests ---------------------------------------------------------------------------------


def _data(figures: str, places: str, years: str) -> str:
    return f"/data/kpi/{figures}/municipality/{places}/year/{years}"


def _try_form(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask(_data("N01951", ALINGSAS, f"{AR},2024"), per_page=PER_SIDA)
    years = [str(r.get("period")) for r in svar.rows]
    fields = {k for r in svar.rows for k in r} | {k for c in svar.cells for k in c}
    wanted = {"kpi", "municipality", "period", "values", "gender", "value", "count", "status"}
    whole = isinstance(svar.json, dict) and "next_url" in svar.json and "isdeleted" in fields
    seen = (
        f"Status {svar.status}, år {', '.join(years)}, fält {', '.join(sorted(fields)) or 'inga'}."
    )
    return svar.status == 200 and whole and wanted <= fields and sorted(years) == [AR, "2024"], seen


def _try_ids(fragare: _Fragare) -> tuple[bool, str]:
    ids = ",".join(f"{n:04}" for n in range(1401, 1401 + MAX_PER_SEGMENT + 1))
    svar = fragare.ask(_data("N01951", ids, AR))
    return svar.status == 422, f"{MAX_PER_SEGMENT + 1} kommuner gav status {svar.status}."


def _try_sida(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask("/municipality", per_page=PER_SIDA + 1)
    return svar.status == 422, f"per_page={PER_SIDA + 1} gav status {svar.status}."


def _try_okant(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask("/municipality", okant_namn=1, per_page=5)
    return svar.status == 200 and not svar.rows, f"Status {svar.status}, {len(svar.rows)} rader."


def _try_grupp(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask(_data("N01951", "G2328", AR))
    counts = [c.get("count") for c in svar.cells if c.get("gender") == "T"]
    return counts == [290], f"Antal i medelvärdet: {counts}."


def _try_medelvarde(fragare: _Fragare) -> tuple[bool, str]:
    [group] = fragare.ask(f"/municipality_groups/{GRUNDSKOLA}").rows
    members = [m["member_id"] for m in group["members"]]
    svar = fragare.ask(_data("N15001", ",".join([GRUNDSKOLA, *members]), AR))
    values = {r["municipality"]: r["values"][0]["value"] for r in svar.rows}
    own = [values[m] for m in members if values.get(m) is not None]
    mean, theirs = sum(own) / len(own), values[GRUNDSKOLA]
    return abs(mean - theirs) < 1e-4, f"Koladas {theirs:.5f}, medlemmarnas {mean:.5f}."


def _try_grupp_id(fragare: _Fragare) -> tuple[bool, str]:
    rows = fragare.ask(f"/municipality_groups/{GRUNDSKOLA},G2328").rows
    sizes = {r.get("id"): len(r.get("members") or []) for r in rows}
    return sizes == {GRUNDSKOLA: 7, "G2328": 290}, f"Medlemmar: {sizes}."


def _try_titlar(fragare: _Fragare) -> tuple[bool, str]:
    rows = fragare.ask("/municipality_groups", title="Alingsås", per_page=100).rows
    similar = [r for r in rows if str(r.get("title")).startswith("Liknande kommuner")]
    fits = [r for r in similar if _TITEL.fullmatch(str(r["title"]))]
    sizes = {len(r["members"]) for r in fits}
    own = sum(m.get("member_id") == ALINGSAS for r in fits for m in r["members"])
    holds = len(fits) == len(similar) > 0 and sizes == {7} and not own
    return holds, f"{len(fits)} av {len(similar)} titlar passar, storlek {sorted(sizes)}."


def _try_oppet(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask(f"/data/kpi/N01951/year/{AR}", per_page=500)
    groups = sum(p.startswith("G") for p in svar.places)
    more = bool(isinstance(svar.json, dict) and svar.json.get("next_url"))
    seen = f"{groups} grupper bland de {len(svar.rows)} första raderna"
    return groups > 0 or more, f"{seen}{', och fler sidor' if more else ''}."


def _try_region_type(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask(f"/data/kpi/N01951/year/{AR}", per_page=500, region_type="K")
    groups = sum(p.startswith("G") for p in svar.places)
    seen = f"Status {svar.status}, {len(svar.rows)} rader, varav {groups} grupper."
    return svar.status == 200 and len(svar.rows) == 290, seen


def _try_fragedel(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask("/data/", kpi_id="N01951", municipality_id=ALINGSAS, year=AR)
    return svar.status == 200 and len(
        svar.rows
    ) == 1, f"Status {svar.status}, {len(svar.rows)} rad."


def _try_konsdelat(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask(_data("N15419", ALINGSAS, AR))
    genders = sorted(str(c.get("gender")) for c in svar.cells)
    return genders == ["K", "M", "T"], f"Kön: {', '.join(genders)}."


def _try_forsta_ar(fragare: _Fragare) -> tuple[bool, str]:
    rows = fragare.ask(_data("N01951", ALINGSAS, "1969,1970")).rows
    years = [r.get("period") for r in rows]
    return years == [1970], f"År med värde: {years}."


def _try_datum(fragare: _Fragare) -> tuple[bool, str]:
    [row] = fragare.ask("/kpi/N15001").rows
    fields = ("publ_period", "prel_publication_date", "publication_date")
    return all(row.get(f) for f in fields), ", ".join(f"{f} {row.get(f)}" for f in fields) + "."


def _try_snedstreck(fragare: _Fragare) -> tuple[bool | None, str]:
    for path in ("/municipality", "/municipality/"):
        svar = fragare.ask(path, per_page=1)
        if svar.status in (301, 302, 307, 308):
            return True, f"{path} leder vidare till {svar.vidare[:80]}."
    return None, "Båda formerna svarar utan omdirigering."


def _try_v2(fragare: _Fragare) -> tuple[bool, str]:
    svar = fragare.ask_root("/v2/municipality")
    return svar.status in (404, 410), f"Status {svar.status}."


S, B, A = Belagg.SETT, Belagg.BERATTAT, Belagg.ANTAGET
ANTAGANDEN: tuple[Antagande, ...] = (
    Antagande(
        "form",
        "Värden frågas efter med /data/kpi/…/municipality/…/year/…, flera år på en gång, och "
        "svaret har values och next_url.",
        *(S, True, _try_form),
    ),
    Antagande(
        "25-ids", "Högst 25 beteckningar i varje led; fler ger status 422.", S, False, _try_ids
    ),
    Antagande("sida", "Högst 5 000 rader på en sida; mer ger status 422.", S, False, _try_sida),
    Antagande(
        "okant-namn",
        "Ett okänt namn i frågedelen ger ett tomt svar och inget fel.",
        *(B, False, _try_okant),
    ),
    Antagande(
        "grupp-som-kommun",
        "En grupps beteckning kan stå som kommun, och count säger hur många av dess kommuner som "
        "har värde. G2328 är alla 290.",
        *(S, True, _try_grupp),
    ),
    Antagande(
        "ovagt",
        "En grupps värde är det ovägda medelvärdet av kommunernas.",
        B,
        True,
        _try_medelvarde,
    ),
    Antagande(
        "grupp-med-id",
        "Gruppers medlemmar kan frågas efter med beteckningen. (Annars hämtas hela listan.)",
        *(B, False, _try_grupp_id),
    ),
    Antagande(
        "grupptitlar",
        "Grupperna heter Liknande kommuner OMRÅDE, KOMMUN, ÅR, har sju medlemmar och aldrig "
        "kommunen själv.",
        *(S, True, _try_titlar),
    ),
    Antagande(
        "grupper-gors-om",
        "Varje vår får grupperna nya medlemmar under samma beteckning (mars 2026: 281 av 290).",
        *(S, True),
    ),
    Antagande(
        "oppet-svar",
        "Ett svar utan kommuner i frågan har också alla 3 630 grupper. (Därför frågas aldrig så.)",
        *(S, False, _try_oppet),
    ),
    Antagande(
        "region-type",
        "region_type=K begränsar ett sådant svar till kommunerna. (Används inte.)",
        *(A, False, _try_region_type),
    ),
    Antagande(
        "fragedel",
        "Samma fråga kan ställas som /data/?kpi_id=…&municipality_id=…&year=…. (Används inte.)",
        *(B, False, _try_fragedel),
    ),
    Antagande(
        "kon",
        "Ett könsuppdelat nyckeltal har K, M och T (båda tillsammans) i varje rad.",
        *(S, True, _try_konsdelat),
    ),
    Antagande(
        "saknat",
        "Ett värde som saknas kommer som null med status Missing, som null med tom status och "
        "count 0, som borttaget (isdeleted) eller inte alls.",
        *(S, True),
    ),
    Antagande("1970", "Antal invånare finns från 1970.", S, False, _try_forsta_ar),
    Antagande(
        "datum",
        "Katalogens två datum gäller publ_period: preliminärt från det ena, slutligt från det "
        "andra.",
        *(B, True, _try_datum),
    ),
    Antagande(
        "snedstreck",
        "En omdirigering mellan adresser med och utan snedstreck sist kan komma, också till http.",
        *(B, False, _try_snedstreck),
    ),
    Antagande("v2", "Version 2 är nedlagd och ger status 410 eller 404.", S, False, _try_v2),
    Antagande(
        "takt",
        "Sex frågor åt gången tillåts; 429 och 503 kan komma, med Retry-After.",
        *(A, True),
    ),
)


def compose_tabell() -> list[str]:
    """Return the beliefs as the lines of a table, for docs/kolada.md."""
    lines = ["| antagande | belägg | prövas |", "|---|---|---|"]
    return lines + [
        f"| {a.text} | {a.belagg.value} | {f'`{a.id}`' if a.prov else '–'} |" for a in ANTAGANDEN
    ]
