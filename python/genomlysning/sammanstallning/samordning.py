"""Who a move concerns besides its own committee, and which moves of different ones look alike."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, log
from typing import NamedTuple
from unicodedata import normalize

from genomlysning.urval import fold

#: Stands for whoever is concerned where nobody is named, and where everybody is.
INGEN_ANGIVEN, ALLA = "Ingen angiven", "Alla nämnder"
#: What the program can tell of a check; that somebody is named says no more than that.
AVSTAMT, OKLART, EJ_NAMND, EJ_AVSTAMT = (
    "Nämns i Avstämt med",
    "Oklart, läs",
    "Nämns inte i Avstämt med",
    "Ingen avstämning angiven",
)

# ---- names -----------------------------------------------------------------------------------

_TILLAGG = re.compile(r" ?\([^()]*\)$")
_ORDSLUT = re.compile(
    r"(nämnden|nämnd|förvaltningen|förvaltning|styrelsen|styrelse|kontoret|kontor)$"
)
_OCH = r"s?\s*-?\s*(?:\boch\b|&|\+)\s*"
#: What may follow a committee's stem: its ending, its administration and who speaks for that.
_LED = (
    r"(?:s?[ -]?(?:nämnd|förvaltning|tjänst|kontor|styrelse|kansli|chef|ch|direktör|sekreterare|"
    r"sektor|avdelning|verksamhet|enhet|ordförande|ledning)(?:erna|er|en|et|n)?)"
)
#: 'Social- och barnnämnden' is a committee of its own: neither half is one.
_FORE, _EFTER = r"(?<!\w)(?<!- och )(?<!-och )(?<!- & )", r"(?!\w)(?!\s?-\s*(?:och\b|&))"
#: Parts inside a word that have a letter of their own in its abbreviation (SBN, ÖFN, KLK).
_FORLED = re.compile(
    r"(?<=\w)(?:byggnad|skydd|förmyndar|marknad|ledning|nämnd|styrelse|förvaltning|kontor)"
)
_KOMMUNSTYRELSE = ("kommunstyrelse", "kommunledning", "kommunkansli")
_KOMMUNSTYRELSENS = (
    *("kommunledningskontoret", "kommunledningsförvaltningen", "kommunstyrelseförvaltningen"),
)
_FORKORTNING = re.compile(r"(?<![\w-])([^\W\d_]{2,5})(?:[:-]\w+)?(?!\w)")
_NAMNDER = r"(?:fack)?(?:nämnder|förvaltningar|förvaltningschefer)(?:na)?"
_ALLA = re.compile(
    rf"(?<!\w)(?:(?:alla|samtliga)\s+(?:(?:andra|övriga|kommunens)\s+)?|övriga\s+){_NAMNDER}(?!\w)"
    rf"(?:\s*(?:och|,|&|/)\s*{_NAMNDER}(?!\w))?",
    re.IGNORECASE,
)

# ---- texts -----------------------------------------------------------------------------------

#: A municipality has a dozen committees; a text that names more than this names nobody.
MEST_BERORDA = 30
#: Says that somebody is not concerned, which the parts of a text would not.
_UNDANTAG = re.compile(
    r"\b(?:(?:för)?utom|exkl|exklusive|undantag\w*|inte|ej|icke)\b", re.IGNORECASE
)
#: A slash in a date parts nothing.
_DELARE = re.compile(r"[,;\n•]+|(?<!\d)/|/(?!\d)|\bsamt\b", re.IGNORECASE)
_SATSGRANS = re.compile(r"[,;\n•]+|[.!](?=\s|$)|\s[–—-]\s(?!och\b)|\b(?:men|samt)\b", re.IGNORECASE)
_OVISST = re.compile(
    r"\?|\b(?:inte|ej|nej|icke|aldrig|ännu|än|ingen|inga|inget|ska|skall|kommer|planera\w*|"
    r"återstår|kvarstår|saknas|(?:in)?väntar|avvaktar|bör|behöver|måste|påbörja\w*|pågår|"
    r"delvis|(?:för)?utom|exkl|exklusive|undantag\w*)\b",
    re.IGNORECASE,
)
_NEKAT = frozenset(("nej", "inte", "ej", "än", "ännu", "ingen", "inga", "inget", "saknas"))
_ORD = re.compile(r"[^\W\d_]+")
#: Words that name nobody beside a committee's name.
_FYLLNAD = frozenset(
    (
        *("och", "samt", "med", "även", "via", "hos", "ev", "eventuellt", "främst", "mfl", "m"),
        *("fl", "den", "ok", "ja", "klart", "avstämt", "avstämd", "tillsammans", "samarbete"),
        *("samverkan", "dialog", "möte", "mejl", "januari", "februari", "mars", "april", "maj"),
        *("juni", "juli", "augusti", "september", "oktober", "november", "december", "jan", "feb"),
        *("mar", "apr", "jun", "jul", "aug", "sep", "sept", "okt", "nov", "dec"),
    )
)
_BINDEORD, _TECKEN = frozenset(("", "och", "samt", "med", "även", "via")), ".:&+()–-"
#: What follows a name and one of these tells more of that name.
_BESTAMNING = re.compile(
    r"\s+(?:genom|kring|om|för|vid|i|på|inom|avseende|angående|gällande|när|där|som)\b",
    re.IGNORECASE,
)

# ---- likeness --------------------------------------------------------------------------------

#: Words this alike (0–1) make two moves worth a look, and so many pairs are shown.
MINSTA_LIKHET, MEST_PAR = 0.34, 60
#: A proposal like many others is shown with this many, so that one subject does not fill the list.
_MEST_PAR_AV_ETT = 3
_MINST_GEMENSAMMA = 2
#: A word in at most so many proposals is enough alone; in more than the latter it says nothing.
_OVANLIGT, _VANLIGT = 3, 40
#: In more than five hundred proposals a word must be rarer, or the pairs to weigh fill the memory.
_MEST_ORDPAR = 20_000
#: Only proposals in the very same words are wholly alike.
_NASTAN_LIKA = 0.99
_STAM = 6
_STOPPORD = frozenset(
    (
        *("samt", "eller", "alla", "andra", "från", "till", "inom", "genom", "mellan", "även"),
        *("inte", "olika", "kommunen", "kommunens", "nämnden", "nämndens", "förvaltningen"),
        *("över", "möjlig", "möjligt", "minska", "bättre", "utreda", "undersöka", "samordna"),
        *("gemensam", "gemensamma", "gemensamt", "hela", "både", "flera", "färre", "fler"),
        *("stället", "istället", "utan", "under", "efter", "kring", "vara", "finns", "varje"),
        *("verksamhet", "verksamheten", "verksamheter", "verksamheterna", "förvaltningar"),
        *("nämnder", "minskad", "minskade", "minskar", "ökad", "ökade", "tillsammans", "övrigt"),
        *("effektivare", "annat", "diverse", "allmänt"),
        *("kostnad", "kostnader", "kostnaden", "kostnaderna", "arbete", "arbetet", "genomföra"),
        *("införa", "ersätta", "avsluta", "översyn", "samordning", "samverkan", "effektivisera"),
        *("egen", "eget", "egna", "annan", "några", "vissa", "många", "lika", "befintlig"),
        *("befintliga", "nuvarande", "större", "största", "stora", "stort", "mindre", "minsta"),
        *("högre", "lägre", "längre", "kortare", "dyrare", "billigare", "enkel", "enkla"),
        *("enklare", "enkelt", "tydlig", "tydliga", "tydligare", "goda", "gott", "nytt", "gamla"),
        *("kommunal", "kommunala", "kommunalt", "kommuner", "kommunerna", "grannkommun"),
        *("grannkommunen", "grannkommuner", "grannkommunerna", "grannkommunernas", "möjlighet"),
        *("möjligheter", "möjligheten", "behov", "behovet", "förslag", "åtgärd", "åtgärder"),
        *("använda", "dela", "delar", "skapa", "planera", "prova", "pröva", "ändra", "göra"),
    )
)
#: An Område that says nothing of what the proposals are about.
_INGET_OMRADE = frozenset(("", "övrigt", "annat", "diverse", "allmänt", "-", "–"))


class Par(NamedTuple):
    """Two proposals by their numbers, how alike they are (0–1), and the words they share."""

    forsta: int
    andra: int
    likhet: float
    gemensamt: tuple[str, ...]


class Lika(NamedTuple):
    """The pairs most alike, and how many more there were."""

    par: list[Par]
    utelamnade: int


class _Stam(NamedTuple):
    """A pattern for a committee's name; a text without `ledtrad` cannot match it."""

    ledtrad: str
    monster: re.Pattern[str]
    namn: str


@dataclass(frozen=True, eq=False, slots=True)
class Kanda:
    """What committees are known by: stems, the longest first, abbreviations and first words."""

    stammar: tuple[_Stam, ...]
    forkortningar: Mapping[str, str]
    forsta_ord: Mapping[str, str]


def cut_tillagg(namnd: str) -> str:
    """Return a committee's name without what tells several files of it apart: '(Mark 2024)'."""
    namnd = " ".join(namnd.split())
    return _TILLAGG.sub("", namnd) or namnd


def is_samma_namnd(en: str, annan: str) -> bool:
    """Tell whether two names are one committee's, letter case and additions aside."""
    return fold(cut_tillagg(en)) == fold(cut_tillagg(annan))


def is_samordnad(forslag: Mapping[str, object]) -> bool:
    """Tell whether a proposal needs others: by its chapter, or since it names somebody."""
    beror = str(forslag["beror"] or "")
    return forslag["kapitel"] == "4.2" or "?" in beror or not _is_nekat(beror)


def list_kanda(namnder: Iterable[str], profiler: Iterable[str] = ()) -> Kanda:
    """Return what each committee is known by in a text; names are without additions.

    An abbreviation or a first word that several of `namnder` share is known by neither.
    `profiler` are committees that the municipality may have: theirs count where no other has them.
    """
    own = _bare(namnder)
    others = {k: n for k, n in _bare(profiler).items() if k not in own}
    stems = sorted(
        {(s, n) for n in (*own.values(), *others.values()) for s in _stems(n)},
        key=lambda pair: (-len(pair[0]), pair),
    )
    return Kanda(
        tuple(_make_stam(s, n) for s, n in stems),
        _pick(_abbreviate, own.values(), others.values()),
        _pick(_first_words, own.values(), others.values()),
    )


def find_berorda(text: str, kanda: Kanda) -> list[str]:
    """Return who a text such as 'Socialförvaltningen, bolaget X' names: committees where known.

    A committee is known by its own name, by that of its administration, and by what else `kanda`
    has of it. What is not known stands as it was written, after the known ones. A text that makes
    an exception ('Alla nämnder utom KS') stands whole, since its parts would say something else,
    and so does one that names more than there can be.
    """
    text = _tidy(text)
    if _UNDANTAG.search(text) and not _is_nekat(text):
        return [" ".join(text.split())]
    hits, parts = _read(text, kanda)
    found = list(dict.fromkeys((*(name for _, name in sorted(hits)), *parts)))
    if len(found) > MEST_BERORDA:
        return [" ".join(text.split())]
    return found or [INGEN_ANGIVEN]


def describe_avstamning(berord: str, avstamt: str, kanda: Kanda) -> str:
    """Say whether whoever is concerned is named among those it has been checked with.

    Where the clause that names them, or one that names nobody, holds a no, a question or a plan,
    the text must be read.
    """
    if "?" not in avstamt and _is_nekat(avstamt):
        return EJ_AVSTAMT
    if berord == INGEN_ANGIVEN:
        return OKLART
    bare = berord.removeprefix("kommunens ")
    own = [_make_stam(s, berord) for s in _stems(bare)] or [_make_stam(fold(bare), berord)]
    named = unsure = False
    for clause, who in _read_satser(avstamt, kanda):
        is_own = any(is_samma_namnd(berord, w) or w == ALLA for w in who) or any(
            s.monster.search(clause) for s in own
        )
        named |= is_own
        unsure |= (is_own or not who) and _OVISST.search(clause) is not None
    return OKLART if unsure else AVSTAMT if named else EJ_NAMND


@lru_cache(maxsize=256)
def _read_satser(avstamt: str, kanda: Kanda) -> list[tuple[str, frozenset[str]]]:
    """Return the clauses of a text, each with the committees that it names."""
    clauses = filter(str.strip, _SATSGRANS.split(_tidy(avstamt)))
    return [(c, frozenset(name for _, name in _read(c, kanda)[0])) for c in clauses]


def rank_lika(
    texter: Sequence[str], namnder: Sequence[Collection[str]], omraden: Sequence[str] = ()
) -> Lika:
    """Return the pairs of texts from different committees that are alike, most alike first.

    No two texts are the same: `namnder` are all the committees that have written each, and one
    that several have written makes a pair with itself. Words are compared by their beginnings, and
    weigh more the fewer texts they stand in. One very unusual word is enough, as is the same
    `omraden`; else several words. An area of very many texts makes no pairs by itself: those count
    as left out, as do the less alike of a text that is in very many pairs.
    """
    words = [_words(t) for t in texter]
    writers = [_single_namnd(who) for who in namnder]
    by_word = _index(words)
    weight = {w: log(1 + len(texter) / len(n)) for w, n in by_word.items()}
    total = [sum(weight[w] for w in found) for found in words]
    area_of = [fold(a) for a in omraden]
    areas = _index((a,) if a not in _INGET_OMRADE else () for a in area_of)
    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    common_from = max(_OVANLIGT, min(_VANLIGT, _MEST_ORDPAR // max(len(texter), 1)))
    for word, numbers in by_word.items():
        if len(numbers) <= common_from:
            for pair in _pair(numbers, writers):
                shared[pair].append(word)
    by_area = {
        p for numbers in areas.values() if len(numbers) <= _VANLIGT for p in _pair(numbers, writers)
    }
    pairs = [
        Par(n, n, 1.0, tuple(sorted(set(words[n].values()))))
        for n, who in enumerate(writers)
        if who is None
    ]
    for a, b in shared.keys() | by_area:
        common = shared.get((a, b), [])
        if (a, b) in by_area:  # a word too common to be searched by is shared all the same
            common = [w for w in words[a] if w in words[b]]
        both = sum(weight[w] for w in common)
        likeness = 2 * both / (total[a] + total[b]) if common else 0.0
        if (
            (a, b) in by_area
            or (len(common) >= _MINST_GEMENSAMMA and likeness >= MINSTA_LIKHET)
            or any(len(by_word[w]) <= _OVANLIGT for w in common)
        ):
            seen = tuple(sorted({words[a][w] for w in common}))
            pairs.append(Par(a, b, min(likeness, _NASTAN_LIKA), seen))
    large = {area: numbers for area, numbers in areas.items() if len(numbers) > _VANLIGT}
    left_out = sum(_count_pairs(numbers, writers) for numbers in large.values()) - sum(
        p.forsta != p.andra and area_of[p.forsta] == area_of[p.andra] in large
        for p in (pairs if large else ())
    )
    pairs.sort(key=lambda p: (-p.likhet, p.forsta, p.andra))
    shown = _pick_narmaste(pairs)[:MEST_PAR]
    return Lika(shown, len(pairs) - len(shown) + left_out)


# ---- names -----------------------------------------------------------------------------------


def _bare(namnder: Iterable[str]) -> dict[str, str]:
    """Return names without additions, by how they are compared; the first spelling of each."""
    found: dict[str, str] = {}
    for n in map(cut_tillagg, namnder):
        found.setdefault(fold(n), n)
    return found


def _stems(namnd: str) -> tuple[str, ...]:
    """Return what a committee and its administration have in common: 'social', 'barn- och ungdom'.

    Empty where nothing is left to know it by.
    """
    name = fold(cut_tillagg(namnd))
    if name.startswith("kommunstyrelse"):  # 'kommun' alone is anything municipal
        return _KOMMUNSTYRELSE
    stem = _ORDSLUT.sub("", name).rstrip("s -")
    return (stem,) if len(stem) >= 2 else ()


@lru_cache(maxsize=1024)
def _make_stam(stem: str, namn: str) -> _Stam:
    words = [w for w in re.split(_OCH, stem) if w.strip()] or [stem]
    body = _OCH.join(re.escape(w).replace(r"\ ", r"\s+") for w in words)
    # A short one, such as 'val', is a word of its own: there the ending must be.
    tail = (
        rf"(?:erna|er|en|et|n)?{_LED}*s?" if len(stem) >= 4 or stem == fold(namn) else f"{_LED}+s?"
    )
    return _Stam(
        words[0].split()[0], re.compile(rf"{_FORE}{body}{tail}{_EFTER}", re.IGNORECASE), namn
    )


def _pick(
    derive: Callable[[str], Iterable[str]], namnder: Iterable[str], profiler: Iterable[str]
) -> dict[str, str]:
    """Return what stands for one name only → that name; `namnder` before `profiler`."""
    own: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    for found, names in ((own, namnder), (others, profiler)):
        for name in names:
            for key in derive(name):
                found[key].add(name)
    return {k: min(names) for k, names in (others | own).items() if len(names) == 1}


def _abbreviate(namnd: str) -> Iterator[str]:
    """Yield a committee's abbreviations: 'bun', its administration's 'buf', and 'bou'."""
    name = fold(namnd)
    if name.startswith("kommunstyrelse"):
        yield "ks"
        yield from map(_initials, _KOMMUNSTYRELSENS)
    elif name.endswith(("nämnd", "nämnden")):
        letters = _initials(name)
        if len(letters) >= 2:
            yield letters
            yield f"{letters[:-1]}f"
        if len(letters) == 3 and len(re.split(_OCH, name)) == 2:
            yield f"{letters[0]}o{letters[1]}"


def _initials(name: str) -> str:
    words = [w for w in _ORD.findall(name) if w not in ("och", "samt")]
    return "".join(w[0] + "".join(m[0][0] for m in _FORLED.finditer(w)) for w in words)


def _first_words(namnd: str) -> Iterator[str]:
    parts = re.split(_OCH, fold(namnd))
    if len(parts) > 1 and len(parts[0]) >= 3:
        yield parts[0]


# ---- texts -----------------------------------------------------------------------------------


def _read(text: str, kanda: Kanda) -> tuple[list[tuple[int, str]], list[str]]:
    """Return the committees that a text names, with where, and what else it names, in order."""
    rest = _tidy(text)
    hits: list[tuple[int, str]] = []

    def take(found: re.Match[str], name: str) -> str:
        hits.append((found.start(), name))
        return "\0" * len(found[0])  # as long, so that places stay true

    rest = _ALLA.sub(lambda m: take(m, ALLA), rest)
    folded = rest.casefold()
    for stam in kanda.stammar:
        if stam.ledtrad in folded:  # says no to most, and fast
            rest = stam.monster.sub(lambda m, name=stam.namn: take(m, name), rest)  # type: ignore[misc]
    lower = rest == rest.lower()

    def expand(found: re.Match[str]) -> str:
        name = kanda.forkortningar.get(fold(found[1]))
        # 'von' is a name, 'VON' a committee, unless all is written in small letters.
        if name is None or not (lower or sum(map(str.isupper, found[1])) >= 2):
            return found[0]
        return take(found, name)

    rest = _FORKORTNING.sub(expand, rest)
    rest = _DELARE.sub(lambda m: "\1" * len(m[0]), rest)
    parts: list[str] = []
    for part in re.finditer(r"[^\0\1]+", rest):
        follows = rest[: part.start()].endswith("\0")
        by_name = follows or rest[part.end() :].startswith("\0")
        if first := _find_first_words(part[0], kanda):
            hits += [(part.start(), name) for name in first]
        elif not by_name:
            if not _is_nekat(part[0]):
                parts.append(part[0].strip(" .–-"))
        elif not (follows and _BESTAMNING.match(part[0])) and _names_someone(part[0]):
            parts.append(_trim(part[0]))
    return hits, parts


def _tidy(text: str) -> str:
    """Return a text with single blanks: the patterns are slow on long rows of them."""
    lines = (
        " ".join(line.replace("\0", " ").split()) for line in normalize("NFC", text).split("\n")
    )
    return "\n".join(filter(None, lines))


def _find_first_words(part: str, kanda: Kanda) -> list[str]:
    """Return the committees whose first words, and nobody else, a part of a text names."""
    found: list[str] = []
    if re.search(r"\w-\s*(?:och\b|&)", part):
        return found
    for piece in re.split(_OCH, part):
        words = [w for w in _ORD.findall(fold(piece)) if w not in _FYLLNAD]
        if not words:
            continue
        if words in (["alla"], ["samtliga"]):
            found.append(ALLA)
            continue
        core = re.sub(rf"{_LED}+s?$", "", " ".join(words))
        if core not in kanda.forsta_ord:
            return []
        found.append(kanda.forsta_ord[core])
    return found


def _is_nekat(text: str) -> bool:
    """Tell whether a text is empty, a dash or a bare no."""
    return set(_ORD.findall(fold(text))) <= _NEKAT and not re.search(r"\d", text)


def _trim(part: str) -> str:
    """Return a part of a text without the signs and the joining words at its ends."""
    words = part.split()
    kept = [n for n, w in enumerate(words) if fold(w).strip(_TECKEN) not in _BINDEORD]
    return " ".join(words[kept[0] : kept[-1] + 1]).strip(_TECKEN) if kept else ""


def _names_someone(part: str) -> bool:
    """Tell whether what stands beside a committee's name can be somebody else."""
    kept = [w for w in _ORD.findall(part) if fold(w) not in _FYLLNAD]
    return sum(map(len, kept)) >= 3 or any(len(w) == 2 and w.isupper() for w in kept)


# ---- likeness --------------------------------------------------------------------------------


def _single_namnd(namnder: Collection[str]) -> str | None:
    """Return the only committee that has written a text; None where they are several."""
    names = {fold(cut_tillagg(n)) for n in namnder}
    return names.pop() if len(names) == 1 else None


def _index(keys: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(keys):
        for key in own:
            found[key].append(number)
    return found


def _pair(numbers: Sequence[int], writers: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that are not of one committee."""
    for i, a in enumerate(numbers):
        for b in numbers[i + 1 :]:
            if writers[a] != writers[b] or writers[a] is None:
                yield a, b


def _count_pairs(numbers: Sequence[int], writers: Sequence[str | None]) -> int:
    """Return how many pairs `_pair` would yield, without making them."""
    own = Counter(writers[n] for n in numbers if writers[n] is not None)
    return comb(len(numbers), 2) - sum(comb(n, 2) for n in own.values())


def _pick_narmaste(par: Sequence[Par]) -> list[Par]:
    """Return the first pairs of each text; one that would be in none keeps its first."""
    seen: Counter[int] = Counter()
    picked: set[Par] = set()

    def pick(p: Par) -> None:
        picked.add(p)
        seen.update({p.forsta, p.andra})

    for p in par:
        if max(seen[p.forsta], seen[p.andra]) < _MEST_PAR_AV_ETT:
            pick(p)
    for p in par:
        if not min(seen[p.forsta], seen[p.andra]):
            pick(p)
    return [p for p in par if p in picked]


def _words(text: str) -> Mapping[str, str]:
    """Return the telling words of a text: their beginning → the word as first written.

    A word with hyphens is known as a whole, and by its longer parts.
    """
    found: dict[str, str] = {}
    for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", normalize("NFC", text).lower()):
        for part in dict.fromkeys((word.replace("-", ""), *word.split("-"))):
            if len(part) >= 4 and part not in _STOPPORD and word not in _STOPPORD:
                found.setdefault(fold(part)[:_STAM], word)
    return found
