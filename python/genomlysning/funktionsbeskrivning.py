"""The worksheet functions described once: for Excel's function wizard, VBA and docs.

The functions themselves are in excel/funktioner.py; a test holds them to this list.
"""

from dataclasses import dataclass

from genomlysning import excelmiljo

#: The heading that Excel's function wizard lists the functions under.
KATEGORI = "Genomlysning"
#: The module that Excel calls for them.
MODUL = excelmiljo.FUNKTIONSMODUL
#: What stands for an error in an answer; the VBA module makes Excel's own errors of them.
SAKNAS = "#N/A"
FEL_ARGUMENT = "#VALUE!"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument as the wizard shows it; `namn` must also be a name in VBA (ASCII)."""

    namn: str
    text: str
    valfri: bool = False


@dataclass(frozen=True, slots=True)
class Funktion:
    """A function: its name, what it gives, and its arguments in order.

    Excel shows at most 255 characters of each text.
    """

    namn: str
    text: str
    argument: tuple[Argument, ...]


NYCKELTAL = Argument(
    "nyckeltal", "Nyckeltalets id i Kolada, till exempel N15001, eller ett cellområde."
)
KOMMUN = Argument("kommun", "Kommunens namn eller kod, till exempel Alingsås eller 1489.")
AR = Argument("ar", "Året med fyra siffror, till exempel 2024.")
VERKSAMHET = Argument(
    "verksamhet", "Verksamhetens namn som på bladet Referenskostnad, till exempel Äldreomsorg."
)
RIKTNING = Argument(
    "riktning",
    "Vad som är bäst: Högre eller Lägre. Utelämnad: som i nämndernas profiler.",
    valfri=True,
)

FUNKTIONER: tuple[Funktion, ...] = (
    Funktion(
        "KOLADA_VARDE",
        "Kommunens värde för nyckeltalet och året, ur Kolada.",
        (NYCKELTAL, KOMMUN, AR),
    ),
    Funktion(
        "KOLADA_LIKNANDE",
        "Medelvärdet för de kommuner som liknar kommunen. Jämförelsegruppen är den för "
        "nyckeltalets område i nämndernas profiler, annars den övergripande.",
        (NYCKELTAL, KOMMUN, AR),
    ),
    Funktion(
        "KOLADA_SNITT",
        "Medelvärdet för alla kommuner (ovägt) för nyckeltalet och året, ur Kolada.",
        (NYCKELTAL, AR),
    ),
    Funktion(
        "KOLADA_PLACERING",
        "Kommunens placering bland alla kommuner som har ett värde. 1 är bäst.",
        (NYCKELTAL, KOMMUN, AR, RIKTNING),
    ),
    Funktion("KOLADA_TITEL", "Nyckeltalets titel i Kolada.", (NYCKELTAL,)),
    Funktion(
        "KOLADA_REFERENSKOSTNAD",
        "Verksamhetens referenskostnad i kronor per invånare, som på bladet Referenskostnad.",
        (VERKSAMHET, KOMMUN, AR),
    ),
    Funktion(
        "KOLADA_AVVIKELSE",
        "Verksamhetens nettokostnadsavvikelse i procent, som på bladet Referenskostnad.",
        (VERKSAMHET, KOMMUN, AR),
    ),
)
