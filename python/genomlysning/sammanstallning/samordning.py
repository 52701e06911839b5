"""Who a move concerns besides its own committee, and which moves of different ones look alike."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple

from genomlysning.urval import fold

#: Stands for whoever is concerned where nobody is named.
INGEN_ANGIVEN = "Ingen angiven"
AVSTAMT, EJ_NAMND, EJ_AVSTAMT = (
    "Avstämt",
    "Nämns inte i Avstämt med",
    "Ingen avstämning angiven",
)
_ORDSLUT = re.compile(
    r"(nämnden|nämnd|förvaltningen|förvaltning|styrelsen|styrelse|kontoret|kontor)$"
)
_DELARE = re.compile(r"[,;/\n•]+|\bsamt\b")

#: Words this alike (0–1) make two moves worth a look, and so many pairs are shown.
MINSTA_LIKHET, MEST_PAR = 0.34, 60
_MINST_GEMENSAMMA = 2
#: A word in more proposals than this says nothing of any of them.
_VANLIGT = 40
_STAM = 6
_STOPPORD = frozenset(
    (
        *("samt", "eller", "alla", "andra", "från", "till", "inom", "genom", "mellan", "även"),
        *("inte", "olika", "kommunen", "kommunens", "nämnden", "nämndens", "förvaltningen"),
        *("över", "möjlig", "möjligt", "minska", "bättre", "utreda", "undersöka", "samordna"),
        *("gemensam", "gemensamma"),
    )
)


class Par(NamedTuple):
    """Two proposals by their numbers, how alike they are (0–1), and the words they share."""

    forsta: int
    andra: int
    likhet: float
    gemensamt: tuple[str, ...]


def list_kanda(namnder: Iterable[str]) -> list[tuple[str, str]]:
    """Return what each committee is known by in a text, and its name; the longest first."""
    known = {(stem, n) for n in namnder for stem in _stems(n)}
    return sorted(known, key=lambda pair: (-len(pair[0]), pair))


def find_berorda(text: str, kanda: Sequence[tuple[str, str]]) -> list[str]:
    """Return who a text such as 'Socialförvaltningen, bolaget X' names: committees where known.

    A committee is known by its own name and by that of its administration, as in `kanda`. What is
    not known stands as it was written.
    """
    found: list[str] = []
    rest = fold(text)
    originals = []
    for part in _DELARE.split(text):
        folded = fold(part)
        hit = False
        for stem, namnd in kanda:
            if _names(stem, folded):
                found.append(namnd)
                folded = folded.replace(stem, " ")
                hit = True
        if not hit and part.strip():
            originals.append(part)
    # 'Barn- och ungdomsförvaltningen' has no comma in it, but others might part a name.
    if not found:
        found = [n for stem, n in kanda if _names(stem, rest)]
    found += [p.strip(" .–-") for p in originals]
    return list(dict.fromkeys(f for f in found if f)) or [INGEN_ANGIVEN]


def describe_avstamning(berord: str, avstamt: str) -> str:
    """Say whether whoever is concerned is named among those it has been checked with."""
    if not avstamt.strip():
        return EJ_AVSTAMT
    stems = _stems(berord) or (fold(berord),)
    return AVSTAMT if any(_names(s, fold(avstamt)) for s in stems) else EJ_NAMND


def find_lika(texter: Sequence[str], namnder: Sequence[Collection[str]]) -> list[Par]:
    """Return the pairs of texts from different committees that share unusual words, alike first.

    No two texts are the same: `namnder` are all the committees that have written each, and one
    that several have written makes a pair with itself. Words are compared by their beginnings. A
    word weighs more the fewer texts it stands in.
    """
    words = [_words(t) for t in texter]
    by_word: dict[str, list[int]] = defaultdict(list)
    for number, found in enumerate(words):
        for word in found:
            by_word[word].append(number)
    weight = {w: log(1 + len(texter) / len(n)) for w, n in by_word.items()}
    total = [sum(weight[w] for w in found) for found in words]
    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    for word, numbers in by_word.items():
        if len(numbers) > _VANLIGT:
            continue
        for i, a in enumerate(numbers):
            for b in numbers[i + 1 :]:
                if len({*namnder[a], *namnder[b]}) > 1:
                    shared[a, b].append(word)
    pairs = [
        Par(n, n, 1.0, tuple(sorted(words[n].values())))
        for n, who in enumerate(namnder)
        if len(who) > 1
    ]
    for (a, b), common in shared.items():
        if len(common) < _MINST_GEMENSAMMA:
            continue
        both = sum(weight[w] for w in common)
        likeness = 2 * both / (total[a] + total[b])
        if likeness >= MINSTA_LIKHET:
            pairs.append(Par(a, b, likeness, tuple(sorted(words[a][w] for w in common))))
    return sorted(pairs, key=lambda p: (-p.likhet, p.forsta, p.andra))[:MEST_PAR]


def _stems(namnd: str) -> tuple[str, ...]:
    """Return what a committee and its administration have in common: 'social', 'barn- och ungdom'.

    Empty where too little is left to know it by.
    """
    name = fold(namnd)
    if name.startswith("kommunstyrelse"):  # 'kommun' alone is anything municipal
        return ("kommunstyrelse", "kommunledning", "kommunkansli")
    stem = _ORDSLUT.sub("", name).rstrip("s -")
    return (stem,) if len(stem) >= 4 else ()


def _names(stem: str, folded: str) -> bool:
    # The plain search first: it says no to most, and fast.
    return stem in folded and re.search(rf"\b{re.escape(stem)}", folded) is not None


def _words(text: str) -> Mapping[str, str]:
    """Return the telling words of a text: their beginning → the word as first written."""
    found: dict[str, str] = {}
    for word in re.findall(r"[^\W\d_]{4,}", text.lower()):
        if word not in _STOPPORD:
            found.setdefault(fold(word)[:_STAM], word)
    return found
