"""Reads the profiles of the committees and the table of verksamheter from `templates/`.

A profile says which key figures a committee is shown and how each may be judged (docs/regler.md,
docs/profiler.md). People write their own, so a faulty file is answered with every fault at once
(`profilfil`).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.mallar import find_templates
from genomlysning.ord import Kategori, Riktning, Slag, is_index, tabellnamn
from genomlysning.profilfil import (
    FEL_TYP,
    OKANT_VARDE,
    Felsamling,
    Tomltabell,
    fold_id,
    parse_toml,
    read_bytes,
    show_varde,
    suggest_ord,
)

__all__ = [
    "OMRADEN",
    "Metodbrott",
    "PerBrukare",
    "Profil",
    "Profilnyckeltal",
    "Verksamhet",
    "list_profiler",
    "load_profil",
    "load_verksamheter",
]

#: The areas for which Kolada has groups of similar municipalities, as it writes them.
OMRADEN: Final = (
    "övergripande",
    "förskola",
    "fritidshem",
    "grundskola",
    "gymnasieskola",
    "äldreomsorg",
    "LSS",
    "IFO",
    "ekonomiskt bistånd",
    "arbetsmarknad",
    "socioekonomi",
    "räddningstjänst",
)

#: What a `metodbrott` of a verksamhet may concern.
METODBROTT_GALLER: Final = ("avvikelse", "referenskostnad")

_MAX_NAMN = 200

# ---------------------------------------------------------------------------- messages

OKAND_PROFIL = Meddelande(
    "profil-okand",
    "Det finns ingen profil som heter ”{namn}”.",
    "{forslag}Välj en av dessa: {profiler}. Du kan också ange sökvägen till en egen profilfil, "
    "som ska sluta på .toml.",
)
DUBBELT_ID = Meddelande(
    "profil-dubbelt-id",
    "{varde} står redan i samma tabell (nyckeltal nr {nr}).",
    "Ta bort det ena.",
)
DUBBELT_NAMN = Meddelande(
    "profil-dubbelt-namn",
    "namnet {varde} används redan av nyckeltal nr {nr}.",
    "Ge nyckeltalen olika namn.",
)
DUBBEL_VERKSAMHET = Meddelande(
    "profil-dubbel-verksamhet", "{varde} står två gånger.", "Ta bort den ena."
)
TOM_PROFIL = Meddelande(
    "profil-tom",
    "det finns inga nyckeltal.",
    "Lägg till minst ett avsnitt som börjar med [[nyckeltal]].",
)
RIKTNING_SLAG = Meddelande(
    "profil-riktning-bedomning",
    "riktningen {riktning} passar inte till bedomning = '{slag}'.",
    "Välj {tillatna}.",
)
MAL_SAKNAS = Meddelande(
    "profil-mal-saknas",
    "ett nyckeltal med bedomning = 'mal' behöver ett mål.",
    "Lägg till det högsta värde som godtas, till exempel mal = 0.",
)
MAL_OVERFLODIGT = Meddelande(
    "profil-mal-overflodigt",
    "nyckeln hör bara till bedomning = 'mal'.",
    "Ta bort den, eller ändra bedomning.",
)

# -------------------------------------------------------------------------------- data


class Metodbrott(NamedTuple):
    """A change of method: values before and from `year` are not comparable.

    `galler` is 'avvikelse' or 'referenskostnad' for a verksamhet, empty for a key figure.
    """

    year: int
    text: str
    galler: str = ""


class PerBrukare(NamedTuple):
    """Net cost and reference cost per user in the same unit (`enhet`, such as kr/elev)."""

    enhet: str
    nettokostnad: str
    referenskostnad: str


class Verksamhet(NamedTuple):
    """The ids behind one row of the reference cost check.

    `nettokostnad` and `referenskostnad` are in kr/inv and summed when several, as is
    `avvikelse_mkr`. `kvalitet_avser` tells what the indices cover when not everything.
    """

    id: str
    namn: str
    omrade: str
    nettokostnad: tuple[str, ...]
    referenskostnad: tuple[str, ...]
    avvikelse_procent: str | None
    avvikelse_mkr: tuple[str, ...]
    per_brukare: PerBrukare | None
    kvalitetsindex: str | None
    resursindex: str | None
    effektivitetsindex: str | None
    kvalitet_avser: str
    anmarkning: str
    metodbrott: tuple[Metodbrott, ...]


class Profilnyckeltal(NamedTuple):
    """One key figure of a profile.

    `mal` is the highest accepted value, set exactly when `bedomning` is ``Slag.MAL``.
    `jamforbar` False marks figures that cannot be compared between municipalities.
    `verksamhet` is the id of the verksamhet that the figure tells of, if any.
    """

    id: str
    namn: str
    kategori: Kategori
    over_tid: bool
    bedomning: Slag
    riktning: Riktning
    mal: float | None
    enhet: str
    decimaler: int
    omrade: str
    verksamhet: str | None = None
    jamforbar: bool = True
    anmarkning: str = ""
    metodbrott: tuple[Metodbrott, ...] = ()

    @property
    def tabell(self) -> str:
        """The table that the figure stands in."""
        return tabellnamn(self.kategori, over_tid=self.over_tid)

    @property
    def placeras(self) -> bool:
        """Whether the figure has a place among all municipalities (docs/regler.md)."""
        return self.jamforbar and self.riktning is not Riktning.INGEN


class Profil(NamedTuple):
    """The key figures of one committee, in the order of the file."""

    id: str
    namn: str
    forvaltning: str
    verksamheter: tuple[Verksamhet, ...]
    omrade: str
    nyckeltal: tuple[Profilnyckeltal, ...]


#: Which directions each kind of verdict may have (docs/regler.md).
_RIKTNINGAR: Final[dict[Slag, tuple[Riktning, ...]]] = {
    Slag.RESULTAT: (Riktning.HOGRE, Riktning.LAGRE),
    Slag.KOSTNAD: (Riktning.LAGRE, Riktning.INGEN),
    Slag.MAL: (Riktning.MAL,),
    Slag.INGEN: (Riktning.INGEN,),
}

# ----------------------------------------------------------------------------- parsing


def _read_metodbrott(table: Tomltabell) -> Metodbrott:
    return Metodbrott(
        year=table.whole("year", 1990, 2100, "2022"),
        text=table.text("text", "Ny definition från 2022.", required=True),
    )


def _read_metodbrott_verksamhet(table: Tomltabell) -> Metodbrott:
    plain = _read_metodbrott(table)
    return Metodbrott(plain.year, plain.text, table.choice("galler", METODBROTT_GALLER))


def _read_per_brukare(table: Tomltabell) -> PerBrukare | None:
    value = table.take("per_brukare", "", required=False)
    if value is None:
        return None
    if not isinstance(value, dict):
        table.fault(
            "per_brukare", FEL_TYP, varde=show_varde(value), slag="ett avsnitt", exempel="{ … }"
        )
        return None
    inner = Tomltabell(value, f"{table.plats}, per_brukare", table.faults)
    answer = PerBrukare(
        enhet=inner.text("enhet", "kr/elev", required=True, longest=40),
        nettokostnad=inner.kolada_id("nettokostnad", required=True) or "",
        referenskostnad=inner.kolada_id("referenskostnad", required=True) or "",
    )
    inner.done()
    return answer


def _read_verksamhet(table: Tomltabell) -> Verksamhet:
    return Verksamhet(
        id=table.text("id", "grundskola", required=True, longest=40),
        namn=table.text("namn", "Grundskola F–9", required=True, longest=_MAX_NAMN),
        omrade=table.choice("omrade", OMRADEN),
        nettokostnad=table.kolada_ids("nettokostnad"),
        referenskostnad=table.kolada_ids("referenskostnad"),
        avvikelse_procent=table.kolada_id("avvikelse_procent"),
        avvikelse_mkr=table.kolada_ids("avvikelse_mkr"),
        per_brukare=_read_per_brukare(table),
        kvalitetsindex=table.kolada_id("kvalitetsindex"),
        resursindex=table.kolada_id("resursindex"),
        effektivitetsindex=table.kolada_id("effektivitetsindex"),
        kvalitet_avser=table.text("kvalitet_avser"),
        anmarkning=table.text("anmarkning"),
        metodbrott=tuple(table.tables("metodbrott", "metodbrott", _read_metodbrott_verksamhet)),
    )


def _read_nyckeltal(table: Tomltabell, omrade: str, verksamheter: Iterable[str]) -> Profilnyckeltal:
    before = len(table.faults.lines)
    bedomning = table.enum("bedomning", Slag)
    riktning = table.enum("riktning", Riktning)
    mal = table.number("mal")
    # Only meaningful when the words themselves were understood.
    if len(table.faults.lines) == before:
        allowed = _RIKTNINGAR[bedomning]
        if bedomning is Slag.KOSTNAD and is_index(table.text("enhet")):
            allowed = (*allowed, Riktning.HOGRE)  # 100 is the lowest cost
        if riktning not in allowed:
            table.fault(
                "riktning",
                RIKTNING_SLAG,
                riktning=f"'{riktning}'",
                slag=bedomning,
                tillatna=" eller ".join(f"'{r}'" for r in allowed),
            )
        if bedomning is Slag.MAL and mal is None:
            table.fault("mal", MAL_SAKNAS)
        if bedomning is not Slag.MAL and mal is not None:
            table.fault("mal", MAL_OVERFLODIGT)
    return Profilnyckeltal(
        id=table.kolada_id("id", required=True) or "",
        namn=table.text("namn", "Sjukfrånvaro totalt", required=True, longest=_MAX_NAMN),
        kategori=table.enum("kategori", Kategori),
        over_tid=table.flag("over_tid", default=False),
        bedomning=bedomning,
        riktning=riktning,
        mal=mal,
        enhet=table.text("enhet", "%", required=True, longest=40),
        decimaler=table.whole("decimaler", 0, 3, "1"),
        omrade=table.choice("omrade", OMRADEN, default=omrade),
        verksamhet=table.choice("verksamhet", verksamheter, default="") or None,
        jamforbar=table.flag("jamforbar", default=True),
        anmarkning=table.text("anmarkning"),
        metodbrott=tuple(table.tables("metodbrott", "metodbrott", _read_metodbrott)),
    )


def _check_duplicates(nyckeltal: list[Profilnyckeltal], faults: Felsamling) -> None:
    """A figure stands once per table; two figures never share a name.

    The same figure may stand both compared and over time.
    """
    ids: dict[tuple[str, Kategori, bool], int] = {}
    names: dict[str, tuple[int, str]] = {}
    for nr, figure in enumerate(nyckeltal, start=1):
        place = f"nyckeltal nr {nr} ({figure.id})"
        if figure.id:
            key = (figure.id, figure.kategori, figure.over_tid)
            if key in ids:
                faults.add(place, "id", DUBBELT_ID, varde=figure.id, nr=ids[key])
                continue
            ids[key] = nr
        if figure.namn:
            first, first_id = names.setdefault(figure.namn.casefold(), (nr, figure.id))
            if first != nr and first_id != figure.id:
                faults.add(place, "namn", DUBBELT_NAMN, varde=show_varde(figure.namn), nr=first)


def _parse_profil(
    data: dict[str, Any], profil_id: str, verksamheter: dict[str, Verksamhet], faults: Felsamling
) -> Profil:
    """Read a profile; the result is to be used only when `faults` stays empty."""
    table = Tomltabell(data, "", faults)
    namn = table.text("namn", "Kommunstyrelsen", required=True, longest=_MAX_NAMN)
    forvaltning = table.text("forvaltning", "förvaltningen", required=True, longest=_MAX_NAMN)
    omrade = table.choice("omrade", OMRADEN)
    own: dict[str, Verksamhet] = {}
    for item in table.items("verksamheter"):
        if not isinstance(item, str) or item not in verksamheter:
            table.fault(
                "verksamheter",
                OKANT_VARDE,
                varde=show_varde(item),
                forslag=suggest_ord(item, verksamheter) if isinstance(item, str) else "",
                tillatna=", ".join(verksamheter),
            )
        elif item in own:
            table.fault("verksamheter", DUBBEL_VERKSAMHET, varde=item)
        else:
            own[item] = verksamheter[item]
    before = len(faults.lines)
    figures = table.tables(
        "nyckeltal", "nyckeltal", lambda t: _read_nyckeltal(t, omrade, verksamheter)
    )
    if not figures and len(faults.lines) == before:
        faults.add("", "nyckeltal", TOM_PROFIL)
    _check_duplicates(figures, faults)
    table.done()
    return Profil(profil_id, namn, forvaltning, tuple(own.values()), omrade, tuple(figures))


# ----------------------------------------------------------------------------- reading


def _profile_files() -> dict[str, Path]:
    """Return the shipped profiles by id, in alphabetical order."""
    return {p.stem: p for p in sorted((find_templates() / "namnder").glob("*.toml"))}


def _load_file(path: Path) -> Profil:
    faults = Felsamling(str(path), [])
    data = parse_toml(read_bytes(path), faults.fil)
    profil = _parse_profil(data, fold_id(path.stem) or "egen", load_verksamheter(), faults)
    faults.raise_if_any()
    return profil


def _looks_like_path(text: str) -> bool:
    return text.lower().endswith(".toml") or "/" in text or "\\" in text


def list_profiler() -> list[str]:
    """Return the ids of the profiles that come with the program, alphabetically."""
    return list(_profile_files())


def list_profilnamn() -> list[str]:
    """Return the committees' names of the profiles that come with the program, in that order.

    Only the part of each file before its first table is read, which holds the name.
    """
    names = []
    for path in _profile_files().values():
        head = re.split(rb"(?m)^\[", read_bytes(path), maxsplit=1)[0]
        names.append(str(parse_toml(head, str(path))["namn"]))
    return names


def load_profil(namn_eller_fil: str) -> Profil:
    """Load a profile by id, by the committee's proper name or from a file of one's own.

    Names are matched without regard to case, å ä ö (composed, decomposed or folded), spaces,
    hyphens and underscores. Text ending in .toml or containing a path separator is a path.

    Raises AnvandarFel for an unknown name (with the nearest suggestions) and for a file that
    is missing, unreadable or faulty (with every fault).
    """
    text = namn_eller_fil.strip()
    if _looks_like_path(text):
        try:
            path = Path(text).expanduser()
        except RuntimeError:  # no such user after ~
            path = Path(text)
        return _load_file(path)
    files = _profile_files()
    wanted = fold_id(text)
    joined = wanted.replace("-", "")
    for profil_id, path in files.items():
        if joined == profil_id.replace("-", ""):
            return _load_file(path)
    for path in files.values():
        profil = _load_file(path)
        if joined and fold_id(profil.namn).replace("-", "") == joined:
            return profil
    raise AnvandarFel(
        OKAND_PROFIL,
        namn=show_varde(text)[1:-1],
        forslag=_suggest_profil(wanted, list(files)),
        profiler=", ".join(files),
    )


def _suggest_profil(wanted: str, ids: list[str]) -> str:
    """Return 'Menade du a eller b? ' for the nearest ids: by part of the name, then by spelling."""
    import difflib  # only when something is wrong

    parts = [i for i in ids if len(wanted) >= 3 and wanted in i]
    close = difflib.get_close_matches(wanted[:100], ids, n=3, cutoff=0.55)
    hits = list(dict.fromkeys(parts + close))[:3]
    return f"Menade du {' eller '.join(hits)}? " if hits else ""


def load_verksamheter() -> dict[str, Verksamhet]:
    """Load the verksamheter of the reference cost check, by id, in the order of the file.

    Raises AnvandarFel when the shipped file has been damaged.
    """
    path = find_templates() / "verksamheter.toml"
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:  # told by who reads it
        stamp = 0
    return dict(_parse_verksamheter(path, stamp))


@lru_cache(maxsize=1)
def _parse_verksamheter(path: Path, stamp: int) -> dict[str, Verksamhet]:
    """Parse the file, once for each time it is changed: a run asks for it several times."""
    faults = Felsamling(str(path), [])
    table = Tomltabell(parse_toml(read_bytes(path), faults.fil), "", faults)
    answer: dict[str, Verksamhet] = {}
    for nr, item in enumerate(table.tables("verksamhet", "verksamhet", _read_verksamhet), start=1):
        if item.id in answer:
            faults.add(f"verksamhet nr {nr}", "id", DUBBEL_VERKSAMHET, varde=show_varde(item.id))
        answer[item.id] = item
    table.done()
    faults.raise_if_any()
    return answer
