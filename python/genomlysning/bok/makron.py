"""The VBA project of the macro workbook, made from text.

Our own modules are in templates/vba/, with `@NAMES@` for what is described elsewhere. The modules
of xlwings come from the installed package, whose version is pinned.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from pyopenvba import ExcelFile, PyOpenVBAError, VBAModuleKind

from genomlysning import excelmiljo
from genomlysning.bok import beskrivning, menyflik
from genomlysning.bok.beskrivning import ARBETSBOKENS_KODNAMN, KNAPPAR
from genomlysning.bok.funktionsmodul import compose_modul
from genomlysning.bok.menyflik import PROJEKTDEL, add_menyflik, lacks_menyflik
from genomlysning.bok.paket import Paket
from genomlysning.fel import FilFel, Meddelande
from genomlysning.mallar import find_templates

#: VBA reads sources in the code page of Western Europe.
KODSIDA = "cp1252"
#: The module that the buttons are bound to.
KNAPPMODUL = "Genomlysning"
_BRYT_VID = 80

XLWINGS_SAKNAS = Meddelande(
    "makron-xlwings-saknas",
    "Paketet xlwings {version} saknas, så arbetsboken kan inte få sina makron.",
    "Installera om Genomlysning, eller skriv arbetsboken som .xlsx.",
)
SAKNAS_WIN = Meddelande(
    "knapp-python-saknas",
    "Den här datorn saknar den del av Genomlysning (Python) som knapparna behöver. Allt i "
    "arbetsboken går ändå att läsa, ändra och spara.",
    "Vill du hämta värden på den här datorn: be IT köra installera.ps1 från Genomlysning. "
    "Administratör behövs inte.",
)
FEL_VERSION = Meddelande(
    "knapp-fel-version",
    "Genomlysning på den här datorn är av en annan version än arbetsboken. Allt i arbetsboken går "
    "ändå att läsa, ändra och spara.",
    "Be IT köra installera.ps1 från den Genomlysning som arbetsboken kommer från.",
)
SAKNAS_MAC = Meddelande(
    "knapp-python-saknas-mac",
    "Den här datorn saknar den del av Genomlysning (Python) som knapparna behöver, eller har en "
    "annan version av den. Allt i arbetsboken går ändå att läsa, ändra och spara.",
    "Be IT köra genomlysning installera från den Genomlysning som arbetsboken kommer från.",
)
AVBRUTET = Meddelande(
    "knapp-avbruten",
    "Knappen kunde inte göra klart sitt arbete. Se i Logg om något hann ändras.",
    "Spara, stäng Excel och försök igen. Händer det igen: be IT köra genomlysning halsa, som säger "
    "vad som är fel.",
)
MISSLYCKADES = Meddelande(
    "knapp-startade-inte",
    "Python kunde inte startas eller svarade inte. Se i Logg om något hann ändras.",
    "Spara, stäng Excel och försök igen. Händer det igen: be IT köra genomlysning halsa, som säger "
    "vad som är fel.",
)


@dataclass(frozen=True, slots=True)
class Modul:
    """A module of the project: its name, its kind and its source, with CRLF between lines."""

    namn: str
    text: str
    slag: VBAModuleKind = VBAModuleKind.standard


def compose_makron() -> bytes:
    """Return the VBA project (vbaProject.bin); the same every time."""
    return pack_moduler(compose_moduler())


def compose_moduler() -> list[Modul]:
    """Return all modules that have any source. Raises FilFel without the right xlwings."""
    return [
        Modul(ARBETSBOKENS_KODNAMN, _read_mall(ARBETSBOKENS_KODNAMN), VBAModuleKind.other),
        Modul(KNAPPMODUL, compose_genomlysning()),
        Modul(menyflik.MODUL, compose_menyfliksmodul()),
        Modul("Dialogruta", _read_mall("Dialogruta")),
        Modul("xlwings_udfs", _crlf(compose_modul())),
        Modul("xlwings", _read_xlwings("xlwings.bas")),
        Modul("Dictionary", _read_xlwings("addin/Dictionary.cls"), VBAModuleKind.other),
    ]


def compose_genomlysning() -> str:
    """Return the source of the module that the buttons are bound to."""
    fields = {
        "KNAPPAR": "\n\n".join(
            f'Public Sub {k.sub}()\n    Kor "{k.funktion}"\nEnd Sub' for k in KNAPPAR
        ),
        "KNAPPMODUL": excelmiljo.KNAPPMODUL,
        "TOLK_WIN": excelmiljo.TOLK_WIN,
        "KORMAPP_WIN": excelmiljo.KORMAPP_WIN,
        "XLWINGS_DLL": excelmiljo.XLWINGS_DLL,
        "SKRIPTMAPP_MAC": excelmiljo.SKRIPTMAPP_MAC,
        "XLWINGS_SKRIPT": excelmiljo.XLWINGS_SKRIPT,
        "SAKNAS_WIN": _quote(SAKNAS_WIN),
        "SAKNAS_MAC": _quote(SAKNAS_MAC),
        "FEL_VERSION": _quote(FEL_VERSION),
        "AVBRUTET": _quote(AVBRUTET),
        "MISSLYCKADES": _quote(MISSLYCKADES),
    }
    source = _read_mall(KNAPPMODUL)
    return _crlf(re.sub(r"@([A-Z_]+)@", lambda m: fields[m[1]], source))


def compose_menyfliksmodul() -> str:
    """Return the source of the module that the tab in the ribbon is bound to.

    Excel hands over the control that was clicked; taking it as any object asks for no reference
    to Office's own library.
    """
    subs = "\n\n".join(
        f"Public Sub {menyflik.FORLED}{k.sub}(ByVal Kontroll As Object)\n"
        f"    {KNAPPMODUL}.{k.sub}\nEnd Sub"
        for k in KNAPPAR
    )
    return _crlf(_read_mall(menyflik.MODUL).replace("@KNAPPAR@", subs))


def give_menyflik(paket: Paket) -> bool:
    """Give an older macro workbook the tab in the ribbon, if its buttons are ours; tell if so.

    A module is added to its VBA project; what is there stays. One that is signed, locked or has
    been changed so that the buttons are not there is left alone.
    """
    if not lacks_menyflik(paket) or any("vbaprojectsignature" in n.lower() for n in paket):
        return False
    with TemporaryDirectory() as folder:
        before, after = Path(folder, "fore.xlsm"), Path(folder, "efter.xlsm")
        paket.write(before)
        try:
            project = _add_menyfliksmodul(before, after)
        except PyOpenVBAError:
            return False
    if project is None:
        return False
    paket.replace(PROJEKTDEL, project)
    add_menyflik(paket)
    return True


def _add_menyfliksmodul(fore: Path, efter: Path) -> bytes | None:
    with ExcelFile(fore) as file:
        modules = file.module_names()
        if KNAPPMODUL not in modules:
            return None
        source = file.get_module(KNAPPMODUL)
        if any(f"Public Sub {k.sub}()" not in source for k in KNAPPAR):
            return None
        if menyflik.MODUL not in modules:
            file.vba_project().add_module(menyflik.MODUL, compose_menyfliksmodul())
        file.save(efter)
    with ExcelFile(efter) as file:
        project: bytes = file.vba_project_bytes()
    return project


def pack_moduler(moduler: Sequence[Modul]) -> bytes:
    """Return the VBA project with these modules and a document module for every sheet.

    pyOpenVBA gives a project to a workbook file, so a bare one with our sheets is made for it.
    """
    for modul in moduler:
        modul.text.encode(KODSIDA)  # pyOpenVBA would put question marks for what is not in it
    with TemporaryDirectory() as folder:
        bare, made = Path(folder, "tom.xlsm"), Path(folder, "med.xlsm")
        with xlsxwriter.Workbook(str(bare)) as bok:
            bok.set_vba_name(ARBETSBOKENS_KODNAMN)
            for blad in beskrivning.MAKROBOKENS_BLAD:
                bok.add_worksheet(blad.namn).set_vba_name(blad.kodnamn)
        with ExcelFile(bare) as file:
            project = file.add_vba_project()
            documents = project.module_names()
            for modul in moduler:
                if modul.namn in documents:
                    file.set_module(modul.namn, modul.text)
                else:
                    project.add_module(modul.namn, modul.text, kind=modul.slag)
            file.save(made)
        with ExcelFile(made) as file:
            project_bytes: bytes = file.vba_project_bytes()
    return project_bytes


def _read_mall(namn: str) -> str:
    return _crlf((find_templates() / "vba" / f"{namn}.bas").read_text(encoding="utf-8"))


def _read_xlwings(fil: str) -> str:
    """Return a source of the installed xlwings, which is found without importing it."""
    spec = find_spec("xlwings")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    if folder is None or not (folder / excelmiljo.XLWINGS_SKRIPT).is_file():
        raise FilFel(XLWINGS_SAKNAS, version=excelmiljo.XLWINGS)
    return _crlf((folder / fil).read_text(encoding=KODSIDA))


def _crlf(text: str) -> str:
    return "\r\n".join(text.splitlines()) + "\r\n"


def _quote(meddelande: Meddelande) -> str:
    """Return a message as an expression of VBA, what to do in a paragraph of its own."""
    paragraphs = (_quote_text(t) for t in (meddelande.text, meddelande.atgard) if t)
    return " & vbCrLf & vbCrLf & _\n        ".join(paragraphs)


def _quote_text(text: str) -> str:
    lines = re.findall(rf".{{1,{_BRYT_VID}}}(?:\s|$)", text)
    return " & _\n        ".join('"' + line.replace('"', '""') + '"' for line in lines)
