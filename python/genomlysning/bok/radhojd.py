"""How high a row must be for its texts: the one rule, from the widths of the font's own signs."""

from functools import lru_cache

#: A column's width is counted in digits. How wide the signs of Calibri are in hundredths of one,
#: as its own tables and those of Carlito have it. All others, and "?", which stands for them,
#: count as two digits.
_BREDDER = {
    44: "'",
    45: " \xa0ilìíîï",
    47: "j",
    49: ",‚‘’¹",
    50: ".I·ÌÍÎÏ",
    53: ":;",
    57: "`",
    58: "´",
    60: "()-f",
    61: "[]¸",
    62: "{}",
    63: "J",
    64: "!¡",
    66: "t²³",
    67: "‹›°",
    69: "r",
    76: "/\\",
    77: "sš¨",
    78: "zˆž¯",
    79: '"ª',
    83: "Lc„“”ºç",
    85: "x",
    89: "vy˜ýÿ",
    90: "k",
    91: "FS|Š¿",
    92: "ZŽ",
    93: "g",
    95: "aàáâãäå",
    96: "ETYŸÈÉÊËÝ",
    98: "#*+<=>^_e~ƒ†‡•–¢¤¦§¬±×èéêë÷",
    100: "$0123456789€£¥®",
    101: "«»",
    102: "PXÞ",
    103: "K",
    104: "bdhnopqußðñòóôõöøùúûüþ",
    105: "CÇ",
    107: "BR",
    108: "µ",
    112: "V",
    114: "AÀÁÂÃÄÅ",
    116: "¶",
    121: "D",
    123: "HÐ",
    124: "G",
    126: "¼",
    127: "NUÑÙÚÛÜ",
    131: "OÒÓÔÕÖØ",
    132: "½",
    133: "Q¾",
    135: "&",
    136: "…",
    139: "™",
    141: "%w",
    151: "Æ",
    153: "æ",
    158: "m",
    165: "©",
    168: "œ",
    169: "M",
    171: "Œ",
    176: "@W",
    179: "—",
    205: "‰",
}
_TECKEN = "cp1252"
_BREDD_AV = bytearray([200] * 256)
for _bredd, _tecken in _BREDDER.items():
    for _kod in _tecken.encode(_TECKEN):
        _BREDD_AV[_kod] = _bredd
#: Programs round the widths of signs differently.
_FYLLNAD = 0.95
#: How high a row may be, in points; Excel's limit is 409.
_HOGST = 400.0
#: The height in points of an empty row for people to write in.
TOM_RADHOJD = 32.0
#: So many lines have room in the highest row.
FLEST_RADER = 29
#: The height in points of a row that has none of its own.
VANLIG_RADHOJD = 15.0


def measure_text(text: str) -> float:
    """Return how wide a text is on one line, in digits."""
    return sum(text.encode(_TECKEN, "replace").translate(_BREDD_AV)) / 100


_measure_ord = lru_cache(1 << 16)(measure_text)


def count_lines(text: str, bredd: float) -> int:
    """Return how many lines a wrapped text takes in a column of this width (digits)."""
    room = max(bredd * _FYLLNAD, 1.0)
    return sum(_count_wrapped(part, room) for part in text.split("\n"))


def _count_wrapped(text: str, room: float) -> int:
    if measure_text(text) <= room:
        return 1
    lines, used, space = 1, 0.0, _BREDD_AV[32] / 100
    for word in text.split(" "):
        width = _measure_ord(word)
        if used and used + width > room:
            lines, used = lines + 1, 0.0
        while width > room:  # broken where the line ends, of signs of any width
            lines, width = lines + 1, width - max(room - 1.0, 1.0)
        used += width + space
    return lines


def text_height(text: str, bredd: float) -> float:
    """Return the height in points of an area of joined cells that shows a whole text."""
    return 13.5 * count_lines(text, bredd) + 4


def row_height(lines: int) -> float:
    """Return the height in points of a table's row with so many lines of text."""
    return min(13.5 * lines + 3, _HOGST)
