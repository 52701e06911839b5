"""What municipalities, committees and files are called where many of them stand together."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from genomlysning.sammanstallning.namndbok import Namndbok, is_samma
from genomlysning.svenska import cut_namn
from genomlysning.urval import fold

#: Follows the name of a committee whose file is of another year or municipality.
INGAR_INTE = "ingår inte"


def spell_kommuner(bocker: Iterable[Namndbok]) -> list[Namndbok]:
    """Return the workbooks with one spelling of each municipality: 'alingsås', 'Alingsås kommun'.

    'Borås stad' is Borås, and 'Region Gotland' Gotland. The spelling is that of most files, and
    no name is longer than a message can hold. A committee that nobody has named is called as its
    file.
    """
    bocker = list(bocker)
    names = {_fold_kommun(b.kommun) for b in bocker}

    def find_key(kommun: str) -> str:
        key = _fold_kommun(kommun)
        short = key.removesuffix(" kommun").removesuffix(" stad")
        # 'Marks kommun' is Mark where another file says so; 'Alingsås kommun' is Alingsås.
        genitive = short != key and short not in names and short.removesuffix("s") in names
        return short.removesuffix("s") if genitive else short

    spelled: dict[str, Counter[str]] = {}
    for b in bocker:
        spelled.setdefault(find_key(b.kommun), Counter())[b.kommun] += 1
    best = {key: found.most_common(1)[0][0] for key, found in spelled.items()}
    return [
        replace(
            b,
            kommun=cut_namn(best[find_key(b.kommun)]),
            namnd=cut_namn(b.namnd or _drop_andelse(b.fil)),
        )
        for b in bocker
    ]


def _fold_kommun(kommun: str) -> str:
    return fold(kommun).removeprefix("region ")


def _drop_andelse(fil: str) -> str:
    return fil.removesuffix(Path(fil).suffix)


def drop_fil(text: str, fil: str) -> str:
    """Return what is said of a file without its name first, for where that stands beside it."""
    name = cut_namn(fil)
    if not text.startswith(name):
        return text
    rest = text.removeprefix(name).lstrip(": ")
    return rest[:1].upper() + rest[1:]


def name_namnder(bocker: Sequence[Namndbok], kommun: str, year: int | None) -> list[str]:
    """Return what each workbook's committee is called here; told apart where several share it.

    One of another year or municipality says so, since its rows stand among the others'.
    """
    by_name: dict[tuple[str, bool], list[Namndbok]] = {}
    for b in bocker:
        by_name.setdefault((fold(b.namnd), is_samma(b, kommun, year)), []).append(b)
    names = []
    for b in bocker:
        same = is_samma(b, kommun, year)
        alike = by_name[fold(b.namnd), same]
        told = f"{b.kommun} {b.year or 'utan år'}".strip()
        if len({(x.kommun, x.year) for x in alike}) < len(alike):
            told = _drop_andelse(b.fil)
        told = re.sub("[()]", "", cut_namn(told))
        if not same:
            names.append(f"{b.namnd} ({told}, {INGAR_INTE})")
        else:
            names.append(b.namnd if len(alike) == 1 else f"{b.namnd} ({told})")
    taken: Counter[str] = Counter()
    for i, name in enumerate(names):
        taken[fold(name)] += 1
        if taken[fold(name)] > 1:
            names[i] = f"{name} {taken[fold(name)]}"
    return names
