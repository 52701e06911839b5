"""Reads text that people have written in a cell: paragraphs, line breaks and lists."""

import re
import unicodedata

from genomlysning.rapport.innehall import Lista, Punkt, Stycke, Text

_PUNKT = re.compile(
    r"(?P<indrag>[ \t]*)(?:[-–—•·*]|(?P<nummer>\d{1,3})[.)])[ \t]+(?P<text>\S.*)", re.DOTALL
)
#: What XML can't hold, and what turns the direction of the text that follows.
_OSYNLIGA = "\ufffe\uffff\ufffd\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
#: So many spaces further in is a level further down; a tab counts as as many.
_STEG = 2
_DJUPAST = 2


def clean_text(text: str) -> tuple[str, int]:
    """Return a text that XML can hold, and how many characters had to be taken out.

    Line breaks become one kind. Halves of characters beyond the basic plane, which Excel escapes
    one by one, are put together.
    """
    text = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    kept = "".join(c for c in whole if c in "\n\t" or not _is_control(c))
    return kept, len(whole) - len(kept)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" or char in _OSYNLIGA


def parse_fritext(text: str) -> tuple[Text, ...]:
    """Return a text as paragraphs and lists, in order and with nothing lost.

    A line that begins with -, –, • or 1. is an item; an empty line parts two paragraphs.
    """
    blocks: list[Text] = []
    lines: list[str] = []
    items: list[Punkt] = []

    def end_paragraph() -> None:
        if lines:
            blocks.append(Stycke("\n".join(lines)))
            lines.clear()

    def end_list() -> None:
        if items:
            blocks.append(Lista(tuple(items)))
            items.clear()

    for line in text.split("\n"):
        match = _PUNKT.fullmatch(line.rstrip())
        if match:
            end_paragraph()
            indent = len(match["indrag"].replace("\t", " " * _STEG))
            number = int(match["nummer"]) if match["nummer"] else None
            items.append(Punkt(match["text"], min(indent // _STEG, _DJUPAST), number))
        elif not line.strip():
            end_paragraph()
            end_list()
        elif items and line[:1] in (" ", "\t"):  # goes on with the item above
            last = items.pop()
            items.append(Punkt(f"{last.text}\n{line.strip()}", last.niva, last.nummer))
        else:
            end_list()
            lines.append(line.rstrip())
    end_paragraph()
    end_list()
    return tuple(blocks)
