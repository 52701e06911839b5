"""Gives a workbook of form 2 the formulas of form 3, and the rules that show more decimals.

Only formulas that are the program's own are replaced: a person's own in their place stays.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy

from lxml import etree

from genomlysning.bok import form2, formler
from genomlysning.bok.beskrivning import NYCKELTALSTABELLER, REFERENSKOSTNAD
from genomlysning.bok.formelmening import Sammanhang, describe_mening
from genomlysning.bok.lappning import Lappning
from genomlysning.bok.lasning import Arbetsbok, Kalkylblad, q
from genomlysning.bok.programtexter import SUMMA_NETTO, SUMMA_OVER, SUMMA_UNDER
from genomlysning.bok.tabellplats import Tabellplats, read_platser
from genomlysning.bok.tabellrader import compose_formler, fill_formler
from genomlysning.bok.utseende import talformat, talformat_tecken
from genomlysning.regler.visning import MEST_DECIMALER

#: How a rule that shows a figure's decimals begins and ends, in any form.
_REGEL = f",{formler.REGLER},3,FALSE)={{}},FALSE)"


def replace_formler(bok: Arbetsbok, lapp: Lappning) -> None:
    """Replace the program's formulas of form 2, in the tables and in the sums below one."""
    for name, place in read_platser(bok).items():
        if name in (*NYCKELTALSTABELLER, REFERENSKOSTNAD.namn):
            _replace_i_tabell(bok, lapp, place)
        if name == REFERENSKOSTNAD.namn:
            _replace_summor(bok, lapp, place)


def _replace_i_tabell(bok: Arbetsbok, lapp: Lappning, place: Tabellplats) -> None:
    new, own = compose_formler(place), bok.tabeller[place.tabell.namn.lower()]
    for key, old in fill_formler(place, form2.FORMLER).items():
        if key not in new:
            continue
        col = place.kolumner[key]
        first = place.excel.datarader[0]

        def is_old(there: str, nr: int = first, col: int = col, old: str = old) -> bool:
            return _is_samma(there, old, Sammanhang(own.blad.namn, nr, col, place.excel.namn))

        for nr in place.excel.datarader:
            if is_old(own.blad.cell(nr, col).formel or "", nr):
                lapp.set_formula(own.blad, nr, col, new[key])
        lapp.set_kolumnformel(own, col, new[key], is_old)


def _is_samma(there: str, formel: str, plats: Sammanhang) -> bool:
    """Tell whether a formula is this one of ours, whoever has saved it."""
    return there == formel or describe_mening(there, plats) == describe_mening(formel, plats)


def _replace_summor(bok: Arbetsbok, lapp: Lappning, place: Tabellplats) -> None:
    """Replace the formulas beside the words for the sums, which are in column A."""
    blad = bok.tabeller[place.tabell.namn.lower()].blad
    rows = {
        word: nr
        for nr, col in blad.celler
        if col == 1 and (word := blad.cell(nr, 1).varde) in (SUMMA_OVER, SUMMA_UNDER, SUMMA_NETTO)
    }
    columns = [
        formler.column(place.excel.namn, place.rubriker.get(k, "")) for k in ("mkr", "verksamhet")
    ]
    if len(rows) < 3 or not {"mkr", "verksamhet"} <= place.kolumner.keys():
        return
    first = rows[SUMMA_OVER]
    for word, old, new in zip(
        (SUMMA_OVER, SUMMA_UNDER, SUMMA_NETTO),
        form2.compose_summor(columns[0], columns[1], first),
        formler.compose_summor(columns[0], columns[1], first),
        strict=True,
    ):
        there = blad.cell(rows[word], 2).formel or ""
        if _is_samma(there, old.removeprefix("="), Sammanhang(blad.namn, rows[word], 2)):
            lapp.set_formula(blad, rows[word], 2, new.removeprefix("="))


def show_fler_decimaler(bok: Arbetsbok, lapp: Lappning) -> None:
    """Give the tables of figures a rule for each number of decimals, as there were for two."""
    tables = {name.lower() for name in NYCKELTALSTABELLER}
    sheets = {t.blad.namn: t.blad for name, t in bok.tabeller.items() if name in tables}
    for blad in sheets.values():
        for holder in blad.root.findall(q("conditionalFormatting")):
            known = {
                n: rule
                for rule in holder.iterfind(q("cfRule"))
                for n in range(MEST_DECIMALER + 1)
                if (rule.findtext(q("formula")) or "").endswith(_REGEL.format(n))
            }
            if known:
                _add_regler(bok, lapp, blad, holder, known)


def _add_regler(
    bok: Arbetsbok,
    lapp: Lappning,
    blad: Kalkylblad,
    holder: etree._Element,
    known: Mapping[int, etree._Element],
) -> None:
    decimals, model = next(iter(known.items()))
    priorities = [int(r.get("priority", "0")) for r in blad.root.iter(q("cfRule"))]
    for n in range(MEST_DECIMALER + 1):
        style = None if n in known else lapp.copy_villkorsformat(model, _list_format(decimals, n))
        if style is None:
            continue
        rule = deepcopy(model)
        formula = rule.find(q("formula"))
        assert formula is not None
        formula.text = (formula.text or "").removesuffix(_REGEL.format(decimals)) + _REGEL.format(n)
        priorities.append(max(priorities) + 1)
        rule.attrib.update({"priority": str(priorities[-1]), "dxfId": str(style)})
        holder.append(rule)
    lapp.touch(blad)


def _list_format(fran: int, till: int) -> Sequence[tuple[str, str]]:
    """Return number formats of ours with so many decimals, and what they are with others."""
    return [(form(fran), form(till)) for form in (talformat, talformat_tecken)]
