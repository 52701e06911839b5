"""Typer in Swedish: what it writes of its own in help texts and about a mistyped command line.

Typer's texts cannot be translated through its interface, so its errors are told by their kind.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup

from genomlysning.fel import AVBRUTET, Meddelande

OKAND_VAXEL = Meddelande("vaxel-okand", "Växeln {namn} finns inte.", "{forslag}")
VAXEL_UTAN_VARDE = Meddelande("vaxel-utan-varde", "Växeln {namn} måste följas av ett värde.")
OKANT_KOMMANDO = Meddelande("kommando-okant", "Kommandot ”{namn}” finns inte.", "{forslag}")
FELSKRIVET = Meddelande(
    "kommandorad-felskriven",
    "Kommandoraden gick inte att tolka: {vad}.",
    "Skriv genomlysning --help för att se hur den ska se ut.",
)


#: What the help shows as the value of an option that takes none.
FLAGGA = " "
RAPPORT = "--rapport"
#: How a document's name ends: the one kind that is written, and those that are refused by name.
_DOKUMENT = (".docx", ".doc", ".docm", ".dotx", ".odt", ".rtf", ".pdf")


class _Enkel:
    """Takes texts, paths and flags from the command line as they are.

    Typer would read in pydantic for it, which takes longer than the rest of a command that finds
    its values in the store.
    """

    def __init__(self, kind: type, many: bool) -> None:
        self._kind = kind
        self._many = many

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if self._many:
            return [self._kind(v) for v in value or ()]
        return None if value is None else self._kind(value)


#: What typer has decided about a parameter's type, and how its text is taken (see `_Enkel`).
_ENKLA: dict[Any, _Enkel] = {
    bool: _Enkel(bool, many=False),
    str: _Enkel(str, many=False),
    Path: _Enkel(Path, many=False),
    list[str]: _Enkel(str, many=True),
    list[Path]: _Enkel(Path, many=True),
}


def _simplify(parameter: Any) -> None:
    """Let a parameter be taken as it is. A typer without these inner names does as it always does.

    A flag needs nothing but to be left alone.
    """
    decided = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)
    simple = _ENKLA.get(decided)
    if simple is not None and getattr(parameter, "_runtime_param", simple) is None:
        parameter._runtime_param = simple


class _Svensk:
    """Swedish in the parts of a help text that typer writes itself."""

    def get_usage(self, ctx: Any) -> str:
        usage = str(super().get_usage(ctx))  # type: ignore[misc]
        return usage.replace("Usage: ", "Användning: ").replace("…]...", "…]")

    def format_help(self, ctx: Any, formatter: Any) -> None:
        # Late: rich is slow to import, and only a help text needs its panels.
        from typer import rich_utils

        rich_utils.OPTIONS_PANEL_TITLE = "Växlar"
        rich_utils.COMMANDS_PANEL_TITLE = "Kommandon"
        rich_utils.ARGUMENTS_PANEL_TITLE = "Argument"
        for parameter in ctx.command.params:
            if parameter.param_type_name == "argument":
                # What it is stands in its name; a type as Python has it tells nobody more.
                parameter.display_type_rich = lambda *_args, **_named: None
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "Visa den här hjälpen."
            option.metavar = FLAGGA
            _simplify(option)
        return option


class Kommando(_Svensk, TyperCommand):
    """A command whose help is in Swedish."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        for parameter in self.params:
            _simplify(parameter)


class Rapportkommando(Kommando):
    """A command whose option `--rapport` may stand without a value.

    What follows is its value only when it ends as a document does, since a command may go on with
    the files it works on.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        whole = [*args, ""]
        for i, (word, after) in enumerate(pairwise(whole)):
            if word == "--":
                break
            if word == RAPPORT and not after.lower().endswith(_DOKUMENT):
                args[i] = f"{RAPPORT}="
        return super().parse_args(ctx, args)


class Grupp(_Svensk, TyperGroup):
    """A group of commands whose help is in Swedish."""


def translate_error(error: Exception, kommandon: Sequence[str]) -> str | None:
    """Say in Swedish what typer found wrong with the command line; None for other errors."""
    name = type(error).__name__
    if not any(c.__name__ in ("ClickException", "Abort") for c in type(error).__mro__):
        return None
    if name == "Abort":
        return AVBRUTET.format()
    if name == "NoArgsIsHelpError":
        return str(error)
    if name == "NoSuchOption":
        option = getattr(error, "option_name", "")
        near = get_close_matches(option, getattr(error, "possibilities", None) or [], n=1)
        help_ = "Skriv genomlysning KOMMANDO --help för att se vilka som finns."
        return OKAND_VAXEL.format(namn=option, forslag=f"Menade du {near[0]}?" if near else help_)
    if name == "BadOptionUsage":
        return VAXEL_UTAN_VARDE.format(namn=getattr(error, "option_name", ""))
    text = getattr(error, "message", str(error))
    if text.startswith("No such command"):
        wanted = text.split("'")[1]
        near = get_close_matches(wanted, kommandon, n=2) or list(kommandon)
        return OKANT_KOMMANDO.format(namn=wanted, forslag=f"Menade du {' eller '.join(near)}?")
    if "unexpected extra argument" in text:
        extra = text.partition("(")[2].rstrip(")") if "(" in text else text
        return FELSKRIVET.format(vad=f"”{extra.removeprefix('s)').strip(' ()')}” är för mycket")
    return FELSKRIVET.format(vad=text.rstrip("."))
