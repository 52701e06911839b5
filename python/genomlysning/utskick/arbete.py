"""What the modules that strip share: the parts, the sheets that stay, the outcome so far."""

from dataclasses import dataclass

from lxml import etree

from genomlysning.bok.lasning import NS_REL, q
from genomlysning.utskick.delar import Delar
from genomlysning.utskick.hanvisning import Hanvisningar
from genomlysning.utskick.utfall import Utfall


@dataclass(frozen=True, slots=True)
class Bladpost:
    """A sheet as the workbook lists it; `nummer` is its place among all, from 0."""

    namn: str
    del_: str
    kind: str
    dolt: bool
    nummer: int
    post: etree._Element


@dataclass
class Arbete:
    """One copy in the making. `rika_varden`: pictures in cells stay; `utsnitt`: slicers do."""

    delar: Delar
    bok: str
    kvar: list[Bladpost]
    borttagna: list[Bladpost]
    hanvisningar: Hanvisningar
    utfall: Utfall
    behall_dolda: bool
    rika_varden: bool = False
    utsnitt: bool = False


def read_bladposter(delar: Delar, bok: str) -> list[Bladpost]:
    """Return the workbook's sheets in their order."""
    relations = {r.id: r for r in delar.relations(bok) if not r.extern}
    found = []
    for number, post in enumerate(delar.root(bok).iterfind(f"{q('sheets')}/{q('sheet')}")):
        relation = relations.get(post.get(f"{{{NS_REL}}}id", ""))
        found.append(
            Bladpost(
                post.get("name", ""),
                relation.mal if relation else "",
                relation.kind if relation else "",
                post.get("state", "visible") != "visible",
                number,
                post,
            )
        )
    return found
