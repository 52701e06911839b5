"""Formulas as text: their pieces, and other headers in their structured references."""

import re
from collections.abc import Iterator, Mapping

from genomlysning.bok.formler import escape_rubrik

#: Table (lower case) → former header (lower case) → new header.
Rubrikbyten = Mapping[str, Mapping[str, str]]

_OPPNAS = re.compile(r"[\"'\[]")
_I_HAKAR = re.compile(r"'.?|[\[\]]", re.DOTALL)
_NAMN_FORE = re.compile(r"[^\W\d][\w.\\]*$")


def split_formula(formel: str) -> Iterator[tuple[str, str]]:
    """Yield the formula in pieces: ('text' | 'quoted' | 'brackets', piece).

    Quoted are texts and sheet names in apostrophes; brackets are whole structured references
    without the table's name (or the number of another workbook).
    """
    start = 0
    while opening := _OPPNAS.search(formel, start):
        i = opening.start()
        brackets = opening[0] == "["
        end = end_of_brackets(formel, i) if brackets else _end_of_quoted(formel, i)
        if start < i:
            yield "text", formel[start:i]
        yield ("brackets" if brackets else "quoted"), formel[i:end]
        start = end
    if start < len(formel):
        yield "text", formel[start:]


def rename_columns(formel: str, byten: Rubrikbyten, egen_tabell: str = "") -> str:
    """Return the formula with former headers in structured references replaced by the new.

    `egen_tabell` is the table that the cell stands in, which references without a name mean.
    All headers change at once, so that 2023 → 2024 and 2024 → 2025 don't run together.
    """
    if "[" not in formel:
        return formel
    pieces: list[str] = []
    for kind, piece in split_formula(formel):
        if kind == "brackets":
            name = _NAMN_FORE.search(pieces[-1]) if pieces else None
            table = name[0] if name else egen_tabell
            # After '!' the table is another workbook's, whose headers are not ours to change.
            elsewhere = name is not None and pieces[-1][: name.start()].endswith("!")
            renames = None if elsewhere else byten.get(table.lower())
            piece = _rename(piece, renames) if renames else piece
        pieces.append(piece)
    return "".join(pieces)


def has_cell_reference(formel: str) -> bool:
    """Tell whether a formula refers to anything but numbers and texts."""
    for kind, piece in split_formula(formel):
        if kind == "brackets" or (kind == "text" and re.search(r"[A-Za-z_]", piece)):
            return True
    return False


def column_number(letters: str) -> int:
    """Return the number of a column, A is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column, 1 is A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _end_of_quoted(text: str, start: int) -> int:
    quote, i = text[start], start + 1
    while (i := text.find(quote, i)) >= 0:
        if not text.startswith(quote, i + 1):
            return i + 1
        i += 2  # a doubled one stands for itself
    return len(text)


def end_of_brackets(text: str, start: int) -> int:
    """Return where the brackets end that open at `start`, those inside them included."""
    depth = 0
    for mark in _I_HAKAR.finditer(text, start):  # after an apostrophe any character is itself
        if mark[0] == "[":
            depth += 1
        elif mark[0] == "]":
            depth -= 1
            if depth == 0:
                return mark.end()
    return len(text)


def _rename(reference: str, renames: Mapping[str, str]) -> str:
    """Rename in one structured reference, brackets included."""
    inner = reference[1:-1]
    if "[" not in re.sub("'.", "", inner):  # Table[Header], Table[@Header], Table[#All]
        at = "@" if inner.startswith("@") else ""
        return f"[{at}{_new(inner.removeprefix('@'), renames)}]"
    pieces, i = [], 0
    while i < len(inner):
        if inner[i] == "[":
            end = end_of_brackets(inner, i)
            pieces.append(f"[{_new(inner[i + 1 : end - 1], renames)}]")
            i = end
        else:
            pieces.append(inner[i])
            i += 1
    return f"[{''.join(pieces)}]"


def _new(written: str, renames: Mapping[str, str]) -> str:
    header = re.sub("'(.)", r"\1", written)
    new = renames.get(header.lower())
    return written if new is None else escape_rubrik(new)
