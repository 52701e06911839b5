"""What was taken out of a copy and what was left in, as told to people and in JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: So many names or places are told in a sentence; JSON has them all.
MAX_NAMNDA = 6


class Slag(StrEnum):
    """A kind of thing that is taken out or left in; the value is its name in JSON."""

    FORMLER = "formler"
    MAKRON = "makron"
    KNAPPAR = "knappar"
    MENYFLIKAR = "menyflikar"
    DOLDA_BLAD = "dolda-blad"
    LANKADE = "lankade-arbetsbocker"
    ANSLUTNINGAR = "anslutningar"
    INBADDAT = "inbaddat"
    LANKAR = "lankar"
    NAMN = "namn"
    RULLISTOR = "rullistor"
    VALIDERING = "datavalidering"
    VILLKOR = "villkorsformat"
    DIAGRAM = "diagram"
    MINIDIAGRAM = "miniatyrdiagram"
    PIVOT = "pivottabeller"
    UTSNITT = "utsnitt"
    EGENSKAPER = "dokumentegenskaper"
    KONTON = "konton"
    SKRIVARE = "skrivarinstallningar"
    SOKVAGAR = "sokvagar"
    VYER = "vyer"
    SCENARIER = "scenarier"
    ANDRINGSLOGG = "andringslogg"
    TILLAGG = "tillagg"
    EGNA_DATA = "inbaddade-data"
    OVRIGT = "ovrigt"
    BLAD = "blad"
    BILDER = "bilder"
    KOMMENTARER = "kommentarer"
    FORFATTARE = "forfattare"


_BORTTAGET = {
    Slag.FORMLER: "Formler (värdena står kvar)",
    Slag.MAKRON: "Makron",
    Slag.KNAPPAR: "Knappar",
    Slag.MENYFLIKAR: "Egna menyflikar",
    Slag.DOLDA_BLAD: "Dolda blad",
    Slag.LANKADE: "Länkar till andra arbetsböcker",
    Slag.ANSLUTNINGAR: "Anslutningar till datakällor",
    Slag.INBADDAT: "Inbäddade filer och objekt",
    Slag.LANKAR: "Länkar till filer, mappar och borttagna blad (texten står kvar)",
    Slag.NAMN: "Namn på formler, dolda eller borttagna celler",
    Slag.VALIDERING: "Datavalidering",
    Slag.VILLKOR: "Villkorsformat",
    Slag.DIAGRAM: "Diagram",
    Slag.MINIDIAGRAM: "Miniatyrdiagram",
    Slag.PIVOT: "Pivottabeller (värdena står kvar)",
    Slag.UTSNITT: "Utsnitt",
    Slag.EGENSKAPER: "Dokumentegenskaper",
    Slag.KONTON: "Kontouppgifter om dem som skrivit kommentarer",
    Slag.SKRIVARE: "Skrivarinställningar",
    Slag.SOKVAGAR: "Sökvägar",
    Slag.VYER: "Sparade vyer",
    Slag.SCENARIER: "Scenarier",
    Slag.ANDRINGSLOGG: "Ändringslogg och användare",
    Slag.TILLAGG: "Tillägg",
    Slag.EGNA_DATA: "Inbäddade data",
    Slag.OVRIGT: "Övrigt som inte säkert är ofarligt",
}
_KVAR = {
    Slag.BLAD: "Blad",
    Slag.DOLDA_BLAD: "Dolda blad",
    Slag.DIAGRAM: "Diagram",
    Slag.BILDER: "Bilder",
    Slag.KOMMENTARER: "Kommentarer och anteckningar",
    Slag.FORFATTARE: "De som skrivit dem",
    Slag.RULLISTOR: "Rullistor, med orden i listan i stället för en hänvisning",
    Slag.EGENSKAPER: "Dokumentegenskaper",
    Slag.KONTON: "Kontouppgifter om dem som skrivit kommentarer",
}


@dataclass
class Utfall:
    """Collects, per kind, the names or places of what was taken out or left in."""

    borttaget: dict[Slag, list[str]] = field(default_factory=dict)
    kvar: dict[Slag, list[str]] = field(default_factory=dict)
    varningar: list[str] = field(default_factory=list)

    def remove(self, slag: Slag | None, vad: str = "") -> None:
        """Note that something was taken out; `vad` names it or its place, empty just counts it."""
        if slag is not None:
            self.borttaget.setdefault(slag, []).append(vad)

    def keep(self, slag: Slag, vad: str = "") -> None:
        """Note that something was left in."""
        self.kvar.setdefault(slag, []).append(vad)

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """Return both lists: kind, how many, and their names or places where they have any."""
        return {
            "borttaget": _list(self.borttaget),
            "kvar": _list(self.kvar),
        }

    def format(self) -> str:
        """Return both lists as text."""
        lines = []
        for heading, found, labels in (
            ("Borttaget:", self.borttaget, _BORTTAGET),
            ("Kvar:", self.kvar, _KVAR),
        ):
            told = [
                f"  {label}: {name_some(found[slag])}"
                for slag, label in labels.items()
                if slag in found
            ]
            lines += [heading, *told] if told else []
        return "\n".join(lines)


def name_some(vad: Iterable[str]) -> str:
    """Return how many there are, and the first names among them."""
    found = list(vad)
    names = list(dict.fromkeys(v for v in found if v))
    if not names:
        return str(len(found))
    more = f" och {len(names) - MAX_NAMNDA} till" if len(names) > MAX_NAMNDA else ""
    return f"{len(found)} ({', '.join(names[:MAX_NAMNDA])}{more})"


def _list(found: dict[Slag, list[str]]) -> list[dict[str, Any]]:
    return [
        {
            "slag": slag.value,
            "antal": len(found[slag]),
            "vad": list(dict.fromkeys(v for v in found[slag] if v)),
        }
        for slag in Slag
        if slag in found
    ]
