"""Typer in Swedish: what it writes of its own in help texts and about a mistyped command line.

Typer's texts cannot be translated through its interface, so its errors are told by their kind.
"""

from collections.abc import Sequence
from difflib import get_close_matches
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
        return option


class Kommando(_Svensk, TyperCommand):
    """A command whose help is in Swedish."""


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
