"""What formulas refer to: other workbooks, sheets that are not in the copy, names, tables."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from genomlysning.bok.formeltext import split_formula

_BLAD = re.compile(r"(?<![\w.!$#])([^\W\d][\w.]*(?::[^\W\d][\w.]*)?)!")
_NAMN = re.compile(r"(?<![\w.\\$])[^\W\d][\w.\\?]*(?![\w.\\?(!])")
_NAMN_FORE = re.compile(r"[^\W\d][\w.\\]*$")
_OMRADE = re.compile(
    r"\$?[A-Za-z]{1,3}\$?\d{1,7}(:\$?[A-Za-z]{1,3}\$?\d{1,7})?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}"
    r"|\$?\d{1,7}:\$?\d{1,7}"
)
_KONSTANT = re.compile(r'\s*[+-]?\d+(?:\.\d+)?(?:E[+-]?\d+)?%?\s*|"(?:[^"]|"")*"|TRUE|FALSE')
#: Functions of Excel's old macro language that also work in a name, and so count as macros.
_MAKROFUNKTION = re.compile(
    r"\b(?:GET\.[A-Z.]+|EVALUATE|CALL|REGISTER(?:\.ID)?|EXEC|FILES|DIRECTORY|DOCUMENTS|LINKS|NAMES|"
    r"WINDOWS|TEXTREF|REFTEXT|CALLER|ACTIVE\.CELL|SELECTION|RUN|INITIATE|REQUEST|SEND\.KEYS|ECHO|"
    r"ALERT|HALT|RETURN|GOTO|FOPEN|APP\.[A-Z.]+)\(",
    re.IGNORECASE,
)


@dataclass
class Hanvisningar:
    """What formulas are judged by, all in lower case.

    `blad` are the sheets of the copy, `borta` the names and tables that are not in it.
    """

    blad: Collection[str]
    borta: set[str]

    def is_broken(self, formel: str) -> bool:
        """Tell whether a formula refers to another workbook, or to what is not in the copy."""
        if is_extern(formel) or "#REF!" in formel.upper():
            return True
        if any(sheet not in self.blad for sheet in list_blad(formel)):
            return True
        if any(name in self.borta for name in list_namn(formel)):
            return True
        return "INDIRECT(" in formel.upper() and any(
            sheet not in self.blad
            for kind, piece in split_formula(formel)
            if kind == "quoted" and piece.startswith('"')
            for sheet in list_blad(piece[1:-1])
        )


def is_extern(formel: str) -> bool:
    """Tell whether a formula refers to another workbook, or to a program through DDE."""
    pieces = list(split_formula(formel))
    for i, (kind, piece) in enumerate(pieces):
        following = pieces[i + 1][1] if i + 1 < len(pieces) else ""
        if kind == "text" and "|" in piece:
            return True
        if kind == "quoted" and piece.startswith("'") and following.startswith(("!", "|")):
            # [0] is the workbook itself.
            if "[" in piece.replace("[0]", ""):
                return True
        elif kind == "brackets" and piece != "[0]":
            before = pieces[i - 1][1] if i and pieces[i - 1][0] == "text" else ""
            if not _NAMN_FORE.search(before) and not piece.startswith(("[@", "[#", "[[")):
                return True
    return False


def is_makro(formel: str) -> bool:
    """Tell whether a name's formula uses a function of the old macro language."""
    text = "".join(piece for kind, piece in split_formula(formel) if kind == "text")
    return _MAKROFUNKTION.search(text) is not None


def is_omrade(formel: str) -> bool:
    """Tell whether a name is plain: cells on a sheet (several areas too), a number or a text."""
    if _KONSTANT.fullmatch(formel.removeprefix("=")):
        return True
    text = "".join(
        "Blad" if kind == "quoted" and piece.startswith("'") else piece
        for kind, piece in split_formula(formel)
    )
    return all(
        _OMRADE.fullmatch(area.rpartition("!")[2]) and "!" in area for area in text.split(",")
    )


def list_blad(formel: str) -> Iterator[str]:
    """Yield the sheets that a formula mentions, in lower case."""
    pieces = list(split_formula(formel))
    for i, (kind, piece) in enumerate(pieces):
        if kind == "quoted":
            following = pieces[i + 1][1] if i + 1 < len(pieces) else ""
            if piece.startswith("'") and following.startswith("!"):
                yield from piece[1:-1].replace("''", "'").replace("[0]", "").lower().split(":")
        elif kind == "text":
            for match in _BLAD.finditer(piece):
                yield from match[1].lower().split(":")


def list_namn(formel: str) -> Iterator[str]:
    """Yield the names and tables that a formula may mention, in lower case."""
    for kind, piece in split_formula(formel):
        if kind == "text":
            yield from (match[0].lower() for match in _NAMN.finditer(piece))


def list_all_namn(formler: Iterable[str]) -> set[str]:
    """Return the names that any of the formulas may mention."""
    return {name for formel in formler for name in list_namn(formel)}
