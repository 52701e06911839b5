"""Makes docs/handbok/meddelanden.md from the messages' own definitions.

Run from anywhere: `.venv/bin/python docs/gor_meddelanden.py`. A test holds the page to what this
gives. A new module with messages must be placed in `AVSNITT`, a new field in `FALT`.
"""

import ast
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from lxml import etree

import genomlysning
from genomlysning import installera
from genomlysning.bok import beskrivning
from genomlysning.bok.plan import plan_tom_bok
from genomlysning.bok.skriv import write_bok
from genomlysning.excel import knappar, nyckeltalsval
from genomlysning.fel import REGISTER, FilFel, GenomlysningFel, Meddelande
from genomlysning.installera import MISSLYCKADES
from genomlysning.skapa import TOM_BOK_DAG

ROOT = Path(__file__).parents[1]
SIDA = ROOT / "docs" / "handbok" / "meddelanden.md"

#: The sections in the order of the work, and the modules (or packages) whose messages they have.
AVSNITT: dict[str, tuple[str, ...]] = {
    "Installera": ("installera", "kormiljo"),
    "Kontrollera datorn (halsa)": ("halsa", "klocka", "lagerkontroll"),
    "Skriva kommandon": ("kommandorad", "svensk_typer", "fel"),
    "Välja kommun, nämnd och år": ("urval", "skapa", "underlagsberakning"),
    "Knapparna i Excel": ("bok.makron", "excel"),
    "Vägen till Kolada": ("kolada", "hamtning"),
    "Sparade värden på datorn": ("lagerfil",),
    "Arbetsboken": ("bok", "bokhamtning", "uppdatera"),
    "Filer som skrivs": ("filskrivning", "pdf"),
    "Söka nyckeltal": ("sok",),
    "Egna profiler": ("profilfil", "profil", "profilkontroll"),
    "Kopia för utskick": ("kopia", "utskick"),
    "Rapporten": ("rapportera", "rapportskrivning", "rapport"),
    "Nytt år": ("nytt_ar", "bok.arsskifte"),
    "Sammanställa kommunen": ("sammanstall", "sammanstallning"),
}

#: What the reader of a section should know first.
FORST = {
    "Kontrollera datorn (halsa)": "Slutkoden är 4 när något på datorn är fel, annars 3 när Kolada "
    "inte kan nås, annars 0.",
    "Knapparna i Excel": "De vars kod börjar på knapp står i arbetsbokens makron, och visas när "
    "Python inte kan startas.",
    "Egna profiler": "Felen i en profilfil räknas upp i ett meddelande, med nyckeltal och nyckel.",
    "Sammanställa kommunen": "En fil som inte går att läsa nämns med orsaken, och resten läses. "
    "Slutkoden är då 1, eller 4 när ingen fil gick att läsa.",
}

#: What stands in the place of each field, where its name does not say it all.
FALT = {
    "andring": "kommunerna som har kommit till och gått ut",
    "vaxel": "växeln som filnamnet angavs med",
    "adress": "en webbadress",
    "alder": "hur gammalt det är",
    "alla": "hur många de är",
    "annan": "en annan fil",
    "antal": "ett antal",
    "blad": "ett eller flera blad i arbetsboken",
    "bok": "arbetsbokens version",
    "brister": "vad som inte blev som det skulle",
    "cell": "en cell, som B7",
    "celler": "blad och cell för dem det gäller",
    "dag": "ett datum",
    "dar": "versionen som är installerad",
    "dator": "dagen som datorns klocka säger",
    "datum": "ett datum",
    "del_": "en del av filen",
    "etikett": "fältets namn på Start",
    "etiketter": "fältens namn på Start",
    "exempel": "ett exempel på hur det skrivs",
    "fel": "ett annat meddelande, eller felets namn",
    "fil": "filens namn",
    "filer": "filernas namn",
    "kvar": "antalet som inte visas",
    "forslag": "det som ligger närmast till hands",
    "forsta": "det första som godtas, eller raden där det redan står",
    "fraga": "vad som frågades efter",
    "fran": "vem som har utfärdat certifikatet",
    "hjalp": "vad fältet är till för",
    "hogst": "det största antalet",
    "id": "ett nyckeltals id i Kolada",
    "ids": "nyckeltals id i Kolada",
    "kalla": "det som angavs med --kalla",
    "kanda": "de märken som finns",
    "kolumn": "en kolumn",
    "kolumner": "kolumner, med rubriken som de har nu och den de ska ha",
    "kom": "vad som kom i stället",
    "knapp": "en knapp i arbetsboken",
    "knappar": "en eller flera knappar",
    "kolada": "dagen som Kolada säger",
    "kommun": "en kommun",
    "las": "Excels låsfil, som börjar med ~$",
    "lista": "en rad för varje fel eller fil",
    "logg": "filen där mer står",
    "makro": "namnet på ett makro",
    "mapp": "en mapp",
    "mappar": "en eller flera mappar",
    "marke": "ett märke i mallen",
    "marken": "märken i mallen",
    "mest": "det högsta som godtas",
    "minst": "det lägsta som godtas",
    "modul": "en del av Python",
    "namn": "det som skrevs, eller namnet på det som saknas",
    "namnd": "en nämnd",
    "namnder": "nämnder",
    "nr": "vilket i ordningen i filen",
    "nu": "det som står där nu",
    "nyckel": "inställningens namn",
    "nyckeltal": "ett nyckeltals namn eller id",
    "okanda": "det som inte känns igen",
    "omrade": "ett av Koladas områden, som grundskola",
    "ord": "ordet som söktes",
    "orsak": "vad systemet säger, som åtkomst nekad",
    "paket": "Pythonpaket",
    "paragraf": "paragrafen på Start",
    "plats": "blad och cell, eller en mapp",
    "platser": "blad och celler",
    "profil": "en profils id",
    "profiler": "profilerna som finns",
    "program": "programmets version",
    "python": "versionen av Python",
    "rad_nr": "raden i filen",
    "rader": "en eller flera rader i Excel",
    "ratt": "det som ska stå där",
    "reserv": "området som används i stället",
    "riktning": "det som står i riktning",
    "rubrik": "en kolumns rubrik",
    "rubriker": "kolumners rubriker",
    "sekunder": "ett antal sekunder",
    "senaste": "vilket år som senast har värden",
    "sista": "det sista som godtas",
    "slag": "vilket slag det är",
    "start": "det som står på Start",
    "status": "svarets nummer (HTTP)",
    "svar": "det som skrevs",
    "tabell": "tabellens namn i Excel",
    "text": "det som står där",
    "till": "det som angavs med --till",
    "tillatna": "det som går att välja",
    "tips": "vad sökningen säger",
    "titel": "det som står i titeln",
    "tolerans": "toleransen i procent och i enheter",
    "tolk": "programmet python på datorn",
    "typ": "filens ändelse",
    "undan": "namnet som den gamla filen har fått",
    "ut": "filen som angavs med --ut",
    "utdrag": "det som står där",
    "vad": "vad det gäller",
    "val": "det som går att välja",
    "vanlig": "den som de flesta har",
    "vanligt": "det som de flesta har",
    "vantad": "versionen som behövs",
    "var": "en förklaring, där den behövs",
    "vard": "värddatorns namn, som api.kolada.se",
    "varde": "det som står där",
    "version": "en version",
    "year": "ett år",
}

#: The exit statuses of messages that are chosen from a table, which the sources don't show.
UR_TABELL = {
    **dict.fromkeys(("vaxel-okand", "vaxel-utan-varde"), 2),
    **dict.fromkeys(("kommando-okant", "kommandorad-felskriven"), 2),
    **dict.fromkeys(("kolada-for-manga-fragor", "kolada-nekad", "kolada-nedlagd"), 3),
    **dict.fromkeys(("lager-fullt", "rapport-utan-varde", "rapport-felvarde"), 4),
    **{m.kod: FilFel.exit_status for m in (*dict(installera._TECKEN).values(), MISSLYCKADES)},
    "avbrutet": 130,
}
#: Questions that are answered with yes or no.
FRAGOR = (knappar.FRAGA_ANTAGEN, knappar.FRAGA_UTKAST)
#: What reads files from others: there an error is a reason among many, and no exit status.
LASER_FRAMMANDE = "sammanstallning."

_FALT = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}

INLEDNING = """# Meddelanden

Allt som Genomlysning kan säga när något är fel eller bör kännas till. Sök på några ord ur texten.
Sidan görs av programmets egna definitioner, och ingen saknas.

- Det inom ‹hakar› byts ut mot det som gäller: se [Fälten](#fälten).
- *Slutkod* är vad kommandoraden lämnar efter sig, se [slutkoderna](../kommandorad.md#slutkoder). Är
  den tom är det en upplysning, eller en del av ett annat meddelande. Upplysningar börjar med `Obs:`
  på kommandoraden, och står i rutan och i Logg i Excel.
- I Excel visas samma texter i en ruta, utan slutkod.
- Koden är meddelandets namn, till exempel i en felanmälan.
"""


def load_moduler() -> dict[str, ModuleType]:
    """Return every module of the package, by its name within it, so that REGISTER is full."""
    prefix = f"{genomlysning.__name__}."
    names = [m.name for m in walk_packages(genomlysning.__path__, prefix)]
    return {n.removeprefix(prefix): import_module(n) for n in names if not n.endswith(".__main__")}


def find_statusar(moduler: Mapping[str, ModuleType]) -> dict[str, int]:
    """Return the exit status of every message that is made an error, by its code."""
    found: dict[str, set[int]] = {kod: {status} for kod, status in UR_TABELL.items()}
    for name, module in moduler.items():
        if name.startswith(LASER_FRAMMANDE):
            continue
        helpers = _find_helpers(module)
        for call in _calls(module):
            error = helpers.get(getattr(call.func, "attr", ""), _value(call.func, module))
            for message in _list_forsta(call, module):
                if isinstance(message, Meddelande) and _is_error(error):
                    found.setdefault(message.kod, set()).add(error.exit_status)
    assert all(len(statuses) == 1 for statuses in found.values()), found
    return {kod: statuses.pop() for kod, statuses in found.items()}


def _is_error(found: object) -> bool:
    # The base class itself is used by `halsa`, where a check is shown and nothing raised.
    return (
        isinstance(found, type)
        and issubclass(found, GenomlysningFel)
        and found is not GenomlysningFel
    )


def _find_helpers(module: ModuleType) -> dict[str, Any]:
    """Return the methods that make an error of a message, with the error they make."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    return {
        node.name: _value(node.returns, module)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and _is_error(_value(node.returns, module))
    }


def _calls(module: ModuleType) -> Iterator[ast.Call]:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _list_forsta(call: ast.Call, module: ModuleType) -> list[Any]:
    """Return what the first argument of a call may be."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.IfExp):
        return [_value(first.body, module), _value(first.orelse, module)]
    return [_value(first, module)]


def _value(node: ast.expr | None, module: ModuleType) -> Any:
    """Return what a plain name stands for in a module, or None."""
    return getattr(module, node.id, None) if isinstance(node, ast.Name) else None


def find_hem(moduler: Mapping[str, ModuleType]) -> dict[str, str]:
    """Return the module that defines each message, by its code."""
    return {
        str(call.args[0].value): name
        for name, module in moduler.items()
        for call in _calls(module)
        if isinstance(call.func, ast.Name)
        and call.func.id == Meddelande.__name__
        and isinstance(call.args[0], ast.Constant)
    }


def place(modul: str) -> str:
    """Return the section of a module: that of its own name, else of the nearest package."""
    steps = modul.split(".")
    for length in range(len(steps), 0, -1):
        for avsnitt, moduler in AVSNITT.items():
            if ".".join(steps[:length]) in moduler:
                return avsnitt
    raise KeyError(f"{modul}: place it in AVSNITT of docs/gor_meddelanden.py")


def compose() -> str:
    """Return the page."""
    moduler = load_moduler()
    statuses, homes = find_statusar(moduler), find_hem(moduler)
    sections: dict[str, list[Meddelande]] = {avsnitt: [] for avsnitt in AVSNITT}
    for kod, modul in homes.items():
        sections[place(modul)].append(REGISTER[kod])
    lines = [INLEDNING]
    for avsnitt, messages in sections.items():
        first = [FORST[avsnitt], ""] if avsnitt in FORST else []
        lines += [f"## {avsnitt}", "", *first, *_tabell(messages, statuses), ""]
    lines += [*_excels_rutor(), *_fragor(), *_fore_python(), *_falt(sections)]
    return "\n".join(lines).rstrip() + "\n"


def _tabell(messages: list[Meddelande], statuses: Mapping[str, int]) -> list[str]:
    rows = ["| Det står | Du gör | Kod | Slutkod |", "|---|---|---|---|"]
    for m in sorted(messages, key=lambda m: m.text.lower()):
        status = statuses.get(m.kod, "")
        rows.append(f"| {_text(m.text)} | {_text(m.atgard)} | `{m.kod}` | {status} |")
    return rows


def _text(text: str) -> str:
    """Return a message's text as a cell, with its fields between guillemets."""
    shown = _FALT.sub(r"‹\1›", text).replace("{{", "{").replace("}}", "}")
    plain = shown.replace("|", r"\|").replace("\n", "<br>").replace("[", r"\[").replace("_", r"\_")
    return plain.replace("*", r"\*").replace("‹del\\_›", "‹del›").strip()


def _excels_rutor() -> list[str]:
    """What Excel itself says of a value that a cell does not take, read from a new workbook."""
    found: dict[tuple[str, str], list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        fil = Path(folder, "tom.xlsx")
        write_bok(plan_tom_bok(TOM_BOK_DAG), fil)
        with zipfile.ZipFile(fil) as package:
            for number, blad in enumerate(beskrivning.BLAD, start=1):
                sheet = etree.fromstring(package.read(f"xl/worksheets/sheet{number}.xml"))
                for rule in sheet.iterfind(".//m:dataValidation[@error]", _NS):
                    key = (str(rule.get("errorTitle")), str(rule.get("error")))
                    found.setdefault(key, []).append(blad.namn)
    lines = ["## Rutor i cellerna", "", "Det säger Excel när en cell inte tar det som skrevs.", ""]
    lines += ["| Rutan heter | Det står | På bladen |", "|---|---|---|"]
    for (title, text), sheets in found.items():
        lines.append(f"| {title} | {text} | {', '.join(dict.fromkeys(sheets))} |")
    return [*lines, ""]


def _fragor() -> list[str]:
    """The questions that buttons ask."""
    asked = [m.format(**{n: f"‹{n}›" for n in _FALT.findall(m.text)}) for m in FRAGOR]
    asked.append(knappar.FRAGA_TILL.partition("\n")[0])
    for call in _calls(nyckeltalsval):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "ask_text":
            text = next(n.value for n in ast.walk(call.args[0]) if isinstance(n, ast.Constant))
            asked.append(str(text).strip())
    asked.append(nyckeltalsval.LEDTEXT)
    lines = [f"- {_text(text)}" for text in asked if text]
    return ["## Frågor som knapparna ställer", "", *lines, ""]


def _fore_python() -> list[str]:
    """What is said before there is any Python that can run the program."""
    script = (ROOT / "installera.ps1").read_text(encoding="utf-8-sig")
    said = re.findall(r"Write-Host '([^']+)'", script)
    source = (Path(genomlysning.__path__[0]) / "installera.py").read_text(encoding="utf-8")
    old = next(
        str(call.func.value.value)
        for call in (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "format"
        and isinstance(call.func.value, ast.Constant)
    )
    return [
        "## Innan Python har startat",
        "",
        f"- `installera.ps1`: {' '.join(said)}",
        f"- `python -m genomlysning.installera`: {old.strip().replace('{}.{}', '‹version›')}",
        "",
    ]


def _falt(sections: Mapping[str, list[Meddelande]]) -> list[str]:
    texts = [m.text + m.atgard for messages in sections.values() for m in messages]
    names = sorted({name for text in texts for name in _FALT.findall(text)})
    lines = ["## Fälten", "", "| fält | i dess ställe står |", "|---|---|"]
    return [*lines, *(f"| ‹{n.strip('_')}› | {FALT[n]} |" for n in names)]


if __name__ == "__main__":
    SIDA.write_text(compose(), encoding="utf-8")
