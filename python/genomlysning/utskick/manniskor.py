"""The people behind a copy: names that are seen at a comment stay, accounts and the unseen go."""

from lxml import etree

from genomlysning.bok.lasning import q
from genomlysning.utskick.arbete import Arbete
from genomlysning.utskick.delar import local
from genomlysning.utskick.utfall import Slag

_CP = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
#: The property that says what the file is; the rest says who made it, when and with what.
_SYNLIGA = ("title", "subject")
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
    core = delar.find_relation("", "core-properties")
    if core is not None and core in delar:
        root = delar.root(core)
        for e in list(root):
            name = local(e)
            if arbete.behall_dolda or name in _SYNLIGA:
                if (e.text or "").strip():
                    utfall.keep(Slag.EGENSKAPER, _EGENSKAPER.get(name, name))
                continue
            root.remove(e)
            if (e.text or "").strip():
                utfall.remove(Slag.EGENSKAPER, _EGENSKAPER.get(name, name))
    app = delar.find_relation("", "extended-properties")
    if app is not None and app in delar:
        root = delar.root(app)
        for e in list(root):
            # A list of sheets and names that may not be here, and folders of the sender's.
            if local(e) in ("HeadingPairs", "TitlesOfParts", "Template", "HyperlinkBase", "HLinks"):
                root.remove(e)
            elif local(e) in _EGENSKAPER and (e.text or "").strip():
                utfall.keep(Slag.EGENSKAPER, _EGENSKAPER[local(e)])
    custom = delar.find_relation("", "custom-properties")
    if custom is not None and custom in delar:
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
