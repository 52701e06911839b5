"""Lets a person find figures in Kolada's catalogue and say which to add to which table."""

import re
from datetime import datetime

from genomlysning.bok.befintlig import Befintlig
from genomlysning.bok.beskrivning import NYCKELTALSTABELLER
from genomlysning.bok.bladrader import Bladrad, Radval
from genomlysning.bok.plan import plan_regler
from genomlysning.bok.tabellplats import Tabellplats
from genomlysning.bokhamtning import Begaran
from genomlysning.excel.dialog import MAX_FRAGA, Dialog
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.ord import Riktning, Slag, parse_tabellnamn
from genomlysning.profil import Profil, Profilnyckeltal, list_profiler, load_profil
from genomlysning.regler.enhet import shorten_titel
from genomlysning.sok import Traff, search_katalog

#: More titles than this do not fit in a question.
MEST = 12
_TITELLANGD = 62
LEDTEXT = "Skriv numret på det du vill lägga till, eller flera med komma emellan."

FINNS_REDAN = Meddelande(
    "excel-nyckeltal-finns-redan",
    "{ids} finns redan på bladet {blad}.",
    "Välj ett annat nyckeltal, eller en annan tabell.",
)
INGEN_TRAFF = Meddelande(
    "excel-ingen-traff", "{tips}", "Klicka på Sök nyckeltal igen och skriv andra ord."
)
FEL_NUMMER = Meddelande(
    "excel-fel-nummer",
    "”{text}” är inget av numren i listan.",
    "Klicka på Sök nyckeltal igen och skriv ett nummer, eller flera med komma emellan.",
)


def choose_nyckeltal(begaran: Begaran, dialog: Dialog, nu: datetime, active: str) -> Radval | None:
    """Return the rows to add, all for one table; None if the person gave up.

    `active` is the tab that is shown: the table on it is the one meant, else it is asked for.
    Raises AnvandarFel for an answer that is none, and KoladaFel without a catalogue.
    """
    words = dialog.ask_text(
        "Skriv ord som ska finnas i nyckeltalets namn, eller dess beteckning i Kolada. "
        "Till exempel: förskola personal, eller N15001."
    )
    if not words:
        return None
    sokning = search_katalog([words], nu, visa=dialog.visa_hamtning)
    hits = [t for t in sokning.traffar if t.nyckeltal.kommuntyp != "L"]
    if not hits:
        raise AnvandarFel(INGEN_TRAFF, tips=sokning.tips or "Kommuner har inget sådant nyckeltal.")
    chosen = _ask_traffar(hits, dialog)
    if not chosen:
        return None
    place = _find_tabell(begaran.found, active) or _ask_tabell(begaran.found, dialog)
    if place is None:
        return None
    existing = begaran.val
    there = {r.post.id for r in existing.rader if r.plats.tabell.namn == place.tabell.namn}
    again = [t.nyckeltal.id for t in chosen if t.nyckeltal.id in there]
    if again:
        raise AnvandarFel(FINNS_REDAN, ids=", ".join(again), blad=place.blad.namn)
    posts = [_make_post(t, place, begaran.profil) for t in chosen]
    rules = {
        r.id: r
        for p, known in posts
        if known is not None
        for r in plan_regler(known)
        if r.id == p.id and r.id not in existing.regler
    }
    return Radval(rader=[Bladrad(place, 0, p) for p, _ in posts], regler=rules)


def _ask_traffar(hits: list[Traff], dialog: Dialog) -> list[Traff]:
    """Ask which of the figures found are meant."""
    lines: list[str] = []
    for number, hit in enumerate(hits[:MEST], start=1):
        title = " ".join(hit.nyckeltal.titel.split())
        if len(title) > _TITELLANGD:
            # Titles of one family differ at their ends.
            title = f"{title[: _TITELLANGD // 2]}…{title[-_TITELLANGD // 2 + 1 :]}"
        line = f"{number}  {title} ({hit.nyckeltal.id})"
        if sum(map(len, lines)) + len(line) + len(LEDTEXT) + 60 > MAX_FRAGA:
            break
        lines.append(line)
    rest = len(hits) - len(lines)
    more = f"\nYtterligare {rest} visas inte: sök med fler ord." if rest else ""
    answer = dialog.ask_text(f"{LEDTEXT}\n\n" + "\n".join(lines) + more, "1")
    if not answer:
        return []
    numbers = re.findall(r"\d+", answer)
    if not numbers or any(not 1 <= int(n) <= len(lines) for n in numbers):
        raise AnvandarFel(FEL_NUMMER, text=answer)
    return [hits[int(n) - 1] for n in dict.fromkeys(numbers)]


def _find_tabell(found: Befintlig, active: str) -> Tabellplats | None:
    places = [found.tabeller[n] for n in NYCKELTALSTABELLER]
    return next((p for p in places if p.blad.namn == active), None)


def _ask_tabell(found: Befintlig, dialog: Dialog) -> Tabellplats | None:
    places = [found.tabeller[n] for n in NYCKELTALSTABELLER]
    lines = [f"{i}  {p.blad.namn}" for i, p in enumerate(places, start=1)]
    answer = dialog.ask_text("Vilket blad ska det stå på? Skriv numret.\n\n" + "\n".join(lines))
    if not answer:
        return None
    if not answer.isdigit() or not 1 <= int(answer) <= len(places):
        raise AnvandarFel(FEL_NUMMER, text=answer)
    return places[int(answer) - 1]


def _make_post(
    traff: Traff, place: Tabellplats, profil: Profil
) -> tuple[Profilnyckeltal, Profil | None]:
    """Return the figure as a row has it, and the shipped profile that says how it is judged.

    Without such a profile the direction is for the controller to choose.
    """
    kategori, over_tid = parse_tabellnamn(place.tabell.namn)
    figure = traff.nyckeltal.id
    for known in (profil, *map(load_profil, list_profiler())):
        for post in known.nyckeltal:
            if post.id == figure:
                return post._replace(kategori=kategori, over_tid=over_tid), known
    unit = traff.enhet or ""
    money = unit.lower().startswith("kr")
    return (
        Profilnyckeltal(
            id=figure,
            namn=shorten_titel(traff.nyckeltal.titel),
            kategori=kategori,
            over_tid=over_tid,
            bedomning=Slag.KOSTNAD if money else Slag.RESULTAT,
            riktning=Riktning.INGEN,
            mal=None,
            enhet=unit,
            decimaler=0 if money else 1,
            omrade=profil.omrade,
        ),
        None,
    )
