"""Helps people make profiles of their own: a starting file, and a check against Kolada's catalogue.

What a profile file may contain is `profil`'s business; here its ids meet the catalogue.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from genomlysning.begrepp import Nyckeltal
from genomlysning.efterfoljare import find_efterfoljare
from genomlysning.fel import AnvandarFel, FilFel, Meddelande
from genomlysning.hamtning import Hamtning
from genomlysning.kolada import Kolada
from genomlysning.lager import Lager
from genomlysning.mallar import find_templates
from genomlysning.profil import Profil, Profilnyckeltal, load_profil
from genomlysning.regler.enhet import find_nedlagd, parse_enhet

#: The name of a new profile when none is given.
NY_PROFIL = Path("min-namnd.toml")

#: A figure whose period is this many years back is not one that Kolada goes on publishing.
GAMMAL_PERIOD = 3

FINNS_REDAN = Meddelande(
    "profilkontroll-finns-redan",
    "Filen {fil} finns redan och har inte ändrats.",
    "Ange ett annat namn med --ut, till exempel --ut min-andra-namnd.toml.",
)
EJ_TOML = Meddelande(
    "profilkontroll-ej-toml",
    "En profilfil ska ha ett namn som slutar på .toml, och det gör inte ”{fil}”.",
    "Ange ett annat namn med --ut, till exempel --ut min-namnd.toml.",
)
KAN_INTE_SKRIVA = Meddelande(
    "profilkontroll-kan-inte-skrivas",
    "Filen {fil} kunde inte skrivas.",
    "Kontrollera att mappen finns, att du får skriva i den och att disken inte är full.",
)
MALL_SAKNAS = Meddelande(
    "profilkontroll-mall-saknas",
    "Mallen för nya profiler, {fil}, kan inte läsas.",
    "Installera om Genomlysning.",
)

OKANT_ID = Meddelande(
    "profilkontroll-okant-id",
    "Finns inte i Kolada.",
    "{forslag}Leta upp rätt id med genomlysning sok följt av några ord ur titeln.",
)
BARA_REGIONER = Meddelande(
    "profilkontroll-bara-regioner",
    "Gäller bara regioner och har inga värden för kommuner.",
    "Byt till ett nyckeltal för kommuner.",
)
NEDLAGT = Meddelande(
    "profilkontroll-nedlagt",
    "Nedlagt i Kolada efter {year}.",
    "Byt till ett nyckeltal som fortfarande publiceras, eller ta bort det.",
)
UTAN_PERIOD = Meddelande(
    "profilkontroll-utan-period",
    "Har ingen publiceringsperiod i Kolada: självrapporterat eller nedlagt.",
    "Kontrollera på kolada.se att det får nya värden.",
)
PERIOD_GAMMAL = Meddelande(
    "profilkontroll-gammal-period",
    "Senaste period i Kolada är {year}: självrapporterat eller nedlagt.",
    "Kontrollera på kolada.se att det får nya värden.",
)
ANNAN_ENHET = Meddelande(
    "profilkontroll-annan-enhet",
    "Enheten är ”{fil}” i profilen men ”{titel}” i Koladas titel.",
    "Kontrollera vilken som stämmer.",
)
OKAND_ENHET = Meddelande(
    "profilkontroll-okand-enhet",
    "Koladas titel säger inte vilken enheten är.",
    "Kontrollera ”{fil}” mot beskrivningen på kolada.se.",
)
KONSUPPDELAT = Meddelande(
    "profilkontroll-konsuppdelat",
    "Finns även för kvinnor och män var för sig; värdet för båda tillsammans används.",
)


@dataclass(frozen=True, slots=True)
class Postkontroll:
    """What the catalogue says of one figure of a profile; `allvarliga` must be put right."""

    post: Profilnyckeltal
    nyckeltal: Nyckeltal | None
    allvarliga: tuple[str, ...]
    anmarkningar: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profilkontroll:
    """The check of a whole profile, in the order of the file."""

    profil: Profil
    poster: tuple[Postkontroll, ...]
    varningar: tuple[str, ...]

    @property
    def felfri(self) -> bool:
        """Whether nothing must be put right."""
        return not any(p.allvarliga for p in self.poster)


def write_ny_profil(fil: Path) -> None:
    """Write a commented profile to start from; a file that has the name is left alone."""
    if fil.suffix.lower() != ".toml":
        raise AnvandarFel(EJ_TOML, fil=fil.name)
    mall = find_templates() / "ny-profil.toml"
    try:
        content = mall.read_bytes()
    except OSError as error:
        raise FilFel(MALL_SAKNAS, fil=mall) from error
    try:
        # Windows' Notepad of older versions shows a file without \r\n as one line.
        with open(fil, "xb") as file:
            try:
                file.write(content.replace(b"\n", os.linesep.encode()))
            except OSError:
                with suppress(OSError):
                    fil.unlink()
                raise
    except FileExistsError:
        raise AnvandarFel(FINNS_REDAN, fil=fil) from None
    except (OSError, ValueError) as error:
        raise FilFel(KAN_INTE_SKRIVA, fil=fil) from error


def check_profil(
    namn_eller_fil: str,
    nu: datetime,
    *,
    hamta_om: bool = False,
    visa: Callable[[str], None] = lambda _: None,
) -> Profilkontroll:
    """Compare a profile's figures with Kolada's catalogue.

    Raises AnvandarFel for a faulty file (with every fault) and KoladaFel without a catalogue.
    """
    profil = load_profil(namn_eller_fil)
    ids = list(dict.fromkeys(p.id for p in profil.nyckeltal))
    with Lager.open() as lager:
        hamtning = Hamtning(lager, Kolada(), nu, hamta_om=hamta_om, visa=visa)
        found = hamtning.read_nyckeltal(ids)
        twins = find_efterfoljare(
            hamtning,
            {p.id: p.namn for p in profil.nyckeltal if found[p.id] is None},
            [n for n in found.values() if n is not None],
        )
        varningar = tuple(hamtning.varningar)
    poster = tuple(check_post(p, found[p.id], nu.year, twins.get(p.id)) for p in profil.nyckeltal)
    return Profilkontroll(profil, poster, varningar)


def check_post(
    post: Profilnyckeltal, n: Nyckeltal | None, this_year: int, twin: Nyckeltal | None = None
) -> Postkontroll:
    """Return the remarks on one figure; `twin` is what an unknown id may have been meant to be."""
    if n is None:
        forslag = f"Menade du {twin.id} ({twin.titel})? " if twin else ""
        return Postkontroll(post, None, (OKANT_ID.format(forslag=forslag),), ())
    wrong: list[str] = []
    remarks: list[str] = []
    ended = find_nedlagd(n.titel)
    if n.kommuntyp not in ("K", "A"):
        wrong.append(BARA_REGIONER.format())
    if ended is not None:
        wrong.append(NEDLAGT.format(year=ended))
    elif n.publ_period is None:
        remarks.append(UTAN_PERIOD.format())
    elif n.publ_period <= this_year - GAMMAL_PERIOD:
        remarks.append(PERIOD_GAMMAL.format(year=n.publ_period))
    unit = parse_enhet(n.titel)
    if unit is None:
        remarks.append(OKAND_ENHET.format(fil=post.enhet))
    elif not _is_same_unit(post.enhet, unit):
        remarks.append(ANNAN_ENHET.format(fil=post.enhet, titel=unit))
    if n.konsuppdelat:
        remarks.append(KONSUPPDELAT.format())
    return Postkontroll(post, n, tuple(wrong), tuple(remarks))


def to_json_profil(kontroll: Profilkontroll) -> dict[str, Any]:
    """Return the answer of `profil` for other programs."""
    return {
        "profil": kontroll.profil.id,
        "namn": kontroll.profil.namn,
        "felfri": kontroll.felfri,
        "nyckeltal": [
            {
                "id": p.post.id,
                "namn": p.post.namn,
                "titel": p.nyckeltal.titel if p.nyckeltal else None,
                "period": p.nyckeltal.publ_period if p.nyckeltal else None,
                "enhet": p.post.enhet,
                "enhet_i_titeln": parse_enhet(p.nyckeltal.titel) if p.nyckeltal else None,
                "konsuppdelat": p.nyckeltal.konsuppdelat if p.nyckeltal else None,
                "fel": list(p.allvarliga),
                "anmarkningar": list(p.anmarkningar),
            }
            for p in kontroll.poster
        ],
        "varningar": list(kontroll.varningar),
    }


def format_profilkontroll(kontroll: Profilkontroll) -> str:
    """Return the check as text: a line per figure, its remarks below, and a summary."""
    lines = []
    for p in kontroll.poster:
        mark = "fel" if p.allvarliga else "ok "
        period = p.nyckeltal.publ_period if p.nyckeltal else None
        tail = f", period {period}" if period else ""
        lines.append(f"{mark}  {p.post.id}  {p.post.namn} ({p.post.enhet}{tail})")
        lines += [f"     Fel: {text}" for text in p.allvarliga]
        lines += [f"     Obs: {text}" for text in p.anmarkningar]
    wrong = sum(bool(p.allvarliga) for p in kontroll.poster)
    total = len(kontroll.poster)
    lines.append(
        f"{kontroll.profil.namn}: {total} nyckeltal, "
        + ("inga fel." if not wrong else f"varav {wrong} med fel att rätta.")
    )
    return "\n".join(lines)


def _is_same_unit(own: str, titel: str) -> bool:
    """Tell whether two units are written alike but for letter case, blanks and kinds of points."""

    def plain(text: str) -> str:
        text = "".join(text.casefold().split())
        return "poäng" if text.endswith("poäng") else text

    return plain(own) == plain(titel)
