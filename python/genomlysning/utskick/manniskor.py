"""The people behind a copy: names that are seen at a comment stay, accounts and the unseen go."""

from lxml import etree

from genomlysning.bok.lasning import q
from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import local, remove
from genomlysning.utskick.tillatet import EGENSKAPER_KVAR
from genomlysning.utskick.utfall import Slag

#: A list of sheets and names that may not be in the copy, and folders of the sender's.
_ALDRIG = ("HeadingPairs", "TitlesOfParts", "Template", "HyperlinkBase", "HLinks", "DocSecurity")
_TRADMARKE = "tc={"


def clean_kommentarer(arbete: Arbete, blad: str, part: str) -> None:
    """Note a sheet's notes and who wrote them; forget authors who have none left."""
    root = arbete.delar.root(part)
    holder = root.find(q("authors"))
    authors = [] if holder is None else holder.findall(q("author"))
    used = set()
    for comment in root.iter(q("comment")):
        number = int(comment.get("authorId", "0"))
        used.add(number)
        arbete.utfall.keep(Slag.KOMMENTARER, f"{blad}!{comment.get('ref', '')}")
    for number, author in enumerate(authors):
        name = (author.text or "").strip()
        if number not in used:
            author.text = ""
        elif name and not name.startswith(_TRADMARKE):
            arbete.utfall.keep(Slag.FORFATTARE, name)


def clean_personer(arbete: Arbete, part: str, tradar: list[str]) -> None:
    """Leave the names of those who wrote in a thread or are mentioned in one, not their accounts.

    `tradar` are the parts with threads of comments.
    """
    used = {
        value
        for thread in tradar
        for e in arbete.delar.root(thread).iter()
        if isinstance(e.tag, str)
        for value in (e.get("personId"), e.get("mentionpersonId"))
        if value
    }
    root = arbete.delar.root(part)
    for person in [e for e in root if local(e) == "person"]:
        name = person.get("displayName", "")
        if person.get("id") not in used:
            root.remove(person)
            arbete.utfall.remove(Slag.KONTON, name)
            continue
        arbete.utfall.keep(Slag.FORFATTARE, name)
        if arbete.behall_dolda:
            arbete.utfall.keep(Slag.KONTON, name)
            continue
        if person.get("userId") and person.get("userId") != name:
            arbete.utfall.remove(Slag.KONTON, name)
        # As Excel writes it for someone without an account.
        person.set("userId", name)
        person.set("providerId", "None")


def clean_egenskaper(arbete: Arbete) -> None:
    """Strip the document's properties of who, when and where, unless those are to be kept."""
    delar, utfall = arbete.delar, arbete.utfall
    for kind in ("core-properties", "extended-properties"):
        part = delar.find_relation("", kind)
        for e in list(delar.root(part)) if part is not None else ():
            name = local(e)
            told = (e.text or "").strip() and _EGENSKAPER.get(name)
            if name in EGENSKAPER_KVAR or (arbete.behall_dolda and name not in _ALDRIG):
                if told:
                    utfall.keep(Slag.EGENSKAPER, told)
                continue
            remove(e)
            if told:
                utfall.remove(Slag.EGENSKAPER, told)
    custom = delar.find_relation("", "custom-properties")
    if custom is not None:
        for e in delar.root(custom):
            if isinstance(e.tag, str):
                utfall.keep(Slag.EGENSKAPER, e.get("name", ""))


def list_dolda_egenskaper(root: etree._Element) -> list[str]:
    """Return what a part of properties tells, to say what goes with it."""
    found = []
    for e in root:
        name = e.get("name") if local(e) == "property" else _EGENSKAPER.get(local(e))
        if name and "".join(str(t) for t in e.itertext()).strip():
            found.append(name)
    return found


_EGENSKAPER = {
    "title": "titel",
    "subject": "ämne",
    "creator": "författare",
    "lastModifiedBy": "senast ändrad av",
    "keywords": "nyckelord",
    "description": "kommentar",
    "category": "kategori",
    "created": "skapad",
    "modified": "ändrad",
    "lastPrinted": "utskriven",
    "revision": "revision",
    "contentStatus": "status",
    "identifier": "beteckning",
    "language": "språk",
    "version": "version",
    "Company": "företag",
    "Manager": "chef",
    "HyperlinkBase": "länkarnas mapp",
}
