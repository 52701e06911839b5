"""What the workbook's buttons do. Each is called by the VBA Sub of its own name.

A button reads and checks the settings, runs the same use case as the command line, writes, and
says in a sentence what happened. On a fault it says what to do, and the workbook is as it was.
"""

import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import xlwings as xw

from genomlysning.analys import draft_analys, draft_slutsatser
from genomlysning.bok import beskrivning
from genomlysning.bok.befintlig import describe_inaktuell
from genomlysning.bok.beskrivning import REFERENSTABELLER, fill_rubrik
from genomlysning.bok.bladunderlag import read_underlag
from genomlysning.bok.ifyllnad import add_nyckeltal, fill_bok, write_beloppssummor
from genomlysning.bok.listor import is_bedomd_forr
from genomlysning.bok.modell import read_namn
from genomlysning.bok.tabellplats import VARA_TABELLER
from genomlysning.bok.utkast import find_egna_utkast, write_utkast
from genomlysning.bokhamtning import Begaran, fetch_begaran, read_begaran
from genomlysning.excel.dialog import Avbrutet, Dialog
from genomlysning.excel.levande import Levandebok
from genomlysning.excel.skrivning import Samlare, stilla
from genomlysning.fel import AnvandarFel, GenomlysningFel, Meddelande
from genomlysning.klocka import read_nu
from genomlysning.lagerfil import find_fil
from genomlysning.ord import Riktning
from genomlysning.regler.referenskostnad import Svar
from genomlysning.summaord import join_text, tell_summa
from genomlysning.svenska import join_nagra, uppraknat
from genomlysning.underlag import Underlag

#: On macOS a button runs beside Excel, where the user can go on working meanwhile.
I_BAKGRUNDEN = sys.platform == "darwin"
#: So many of a run's remarks are told in its message; all of them stand in the log.
MAX_I_MEDDELANDET = 4

NYARE_BOK = Meddelande(
    "excel-nyare-bok",
    "Arbetsboken är gjord med en nyare version av Genomlysning än den som finns på datorn.",
    "Be IT installera den nya versionen (installera.ps1). Tills dess går allt att läsa och ändra.",
)
OVANTAT = Meddelande(
    "excel-ovantat",
    "Något oväntat hände ({fel}), och inget har ändrats.",
    "Spara, starta om Excel och försök igen. Står felet kvar, skicka filen {logg} till den som "
    "ansvarar för programmet.",
)
OVANTAT_EFTERAT = Meddelande(
    "excel-ovantat-efterat",
    "Värdena är skrivna, men något oväntat hände därefter ({fel}).",
    "Se över bladen innan du sparar. Står felet kvar nästa gång, skicka filen {logg} till den som "
    "ansvarar för programmet.",
)
ANDRAD_UNDER_TIDEN = Meddelande(
    "excel-andrad-under-tiden",
    "Arbetsboken ändrades medan värdena hämtades, så inget har skrivits.",
    "Klicka igen, och vänta tills rutan säger att det är klart.",
)
AVBRUTET_AV_ANVANDAREN = Meddelande("excel-avbrutet", "Inget har ändrats.")
FRAGA_ANTAGEN = Meddelande(
    "excel-fraga-antagen",
    "Nämnden har antagit genomlysningen ({datum}, {paragraf}). Ska siffrorna ändå hämtas på nytt?",
    "Svara nej om du inte först har sparat en kopia av den antagna.",
)
FRAGA_UTKAST = Meddelande(
    "excel-fraga-utkast",
    "Utkastet är ändrat för hand ({platser}). Ska det ersättas med ett nytt?",
    "Svara nej om du vill ha kvar din text.",
)
FRAGA_TILL = (
    "Var ska årets förflyttningar (4.1 och 4.2) följas upp i nästa års arbetsbok? Skriv numret.\n\n"
    + "\n".join(f"{i}  {b.namn}" for i, b in enumerate(beskrivning.UPPFOLJNINGSBLAD, start=1))
)
FEL_TILL = Meddelande(
    "excel-nytt-ar-fel-till",
    "”{svar}” är inget av numren.",
    "Klicka på knappen igen och skriv 1, 2 eller 3.",
)
KOLUMN_SAKNAS = Meddelande(
    "excel-kolumn-saknas",
    "Tabellen {tabell} saknar kolumnen {rubriker}, som därför inte fylls i.",
    "Ska den vara med, lägg till en kolumn med den rubriken.",
)
BEDOMD_FORR = Meddelande(
    "excel-bedomd-forr",
    "Arbetsboken är gjord med en tidigare version, så dess formler bedömer efter de regler som "
    "gällde då.",
    "Stäng den och kör genomlysning uppdatera på filen, så följer den reglerna som gäller nu. "
    "Nästa års arbetsbok följer dem av sig själv.",
)
HAMTA_FORST = Meddelande(
    "excel-hamta-forst",
    "Arbetsboken har inga värden ännu.",
    "Klicka först på Hämta Kolada.",
)
INAKTUELL = Meddelande("excel-inaktuell", "{vad}", "Inget har ändrats.")


def hamta_kolada() -> None:
    """Fetch the figures of all sheets anew; a workbook without values gets its profile's."""
    _run("Hämta Kolada", _hamta)


def kontrollera_referenskostnad() -> None:
    """Fetch the reference cost anew and say how the costs stand against it."""
    _run("Kontrollera referenskostnad", _kontrollera)


def skriv_sammanfattning() -> None:
    """Write the drafted texts anew from what the sheets now say, without asking Kolada."""
    _run("Skriv sammanfattning", _sammanfatta)


def sok_nyckeltal() -> None:
    """Find figures in the catalogue and add them to a table."""
    _run("Sök nyckeltal", _sok)


def kopia_for_utskick() -> None:
    """Save a copy without macros and formulas beside the workbook."""
    _run("Kopia för utskick", _kopiera)


def word_rapport() -> None:
    """Save the report that the committee decides on beside the workbook."""
    _run("Word-rapport", _rapportera)


def nytt_ar() -> None:
    """Save next year's workbook beside the workbook."""
    _run("Nytt år", _gor_nytt_ar)


def _run(knapp: str, work: Callable[[Levandebok, Dialog, datetime], str]) -> None:
    """Run one button's work and tell how it went; nothing gets out of here as an error."""
    book = xw.Book.caller()
    dialog = Dialog(book, knapp)
    try:
        dialog.visa("Läser arbetsboken …")
        bok = Levandebok(book)
        _check_version(bok)
        told = work(bok, dialog, read_nu())
    except Avbrutet:
        dialog.tell(AVBRUTET_AV_ANVANDAREN.format())
    except GenomlysningFel as error:
        dialog.tell_fault(str(error))
    except Exception as error:
        unexpected = OVANTAT_EFTERAT if dialog.skrivit else OVANTAT
        dialog.tell_fault(unexpected.format(fel=type(error).__name__, logg=_log_fault(knapp)))
    else:
        dialog.tell(told)
    finally:
        dialog.clear()


def _check_version(bok: Levandebok) -> None:
    cell = read_namn(bok, beskrivning.NAMN_BOKVERSION)
    if cell is not None and (cell.tal or 0) > beskrivning.BOKVERSION:
        raise AnvandarFel(NYARE_BOK)


def _log_fault(knapp: str) -> Path:
    """Write what went wrong to a file beside the store of values; return the file."""
    logg = find_fil().with_name("fel.log")
    try:
        logg.parent.mkdir(parents=True, exist_ok=True)
        with logg.open("a", encoding="utf-8") as out:
            out.write(f"{datetime.now().isoformat()} {knapp}\n{traceback.format_exc()}\n")
    except OSError:  # the message must come all the same
        pass
    return logg


def _write(bok: Levandebok, samlare: Samlare, dialog: Dialog) -> None:
    if I_BAKGRUNDEN and not _is_unchanged(bok):
        raise AnvandarFel(ANDRAD_UNDER_TIDEN)
    dialog.visa("Skriver i arbetsboken …")
    with stilla(bok.book.app):
        samlare.write()
    dialog.skrivit = True


def _is_unchanged(bok: Levandebok) -> bool:
    """Tell whether rows and columns still are where they were when the workbook was read."""
    now = Levandebok(bok.book)
    return bok.tabeller.keys() == now.tabeller.keys() and all(
        table.describe_lage() == now.tabeller[name].describe_lage()
        for name, table in bok.tabeller.items()
    )


def _list_anmarkningar(varningar: Iterable[str], most: int = MAX_I_MEDDELANDET) -> str:
    """Return the first remarks as lines below a message."""
    unique = list(dict.fromkeys(varningar))
    lines = [f"– {v}" for v in unique[:most]]
    if len(unique) > most:
        lines.append(f"– och {len(unique) - most} till.")
    return "\n\n" + "\n".join(lines) if lines else ""


# ---- Hämta Kolada ----------------------------------------------------------------------------


def _hamta(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    begaran = read_begaran(bok, nu)
    _ask_antagen(begaran, dialog)
    underlag, _ = fetch_begaran(begaran, nu, visa=dialog.visa_hamtning)
    samlare = Samlare(bok)
    begaran.val.varningar += _find_luckor(begaran, underlag.year)
    done = fill_bok(begaran.found, begaran.val, underlag, samlare)
    if is_bedomd_forr(bok):
        done.varningar.append(BEDOMD_FORR.format())
    _write(bok, samlare, dialog)
    number = uppraknat(len(done.andrade), "ändrat", "ändrade") if done.andrade else "inga ändrade"
    changed = "" if begaran.val.ny else f", {number}"
    missing = f"; {len(underlag.saknade)} saknar värde" if underlag.saknade else ""
    count = len(underlag.jamforelser) + len(underlag.tidsserier)
    text = (
        f"{uppraknat(count, 'nyckeltal', 'nyckeltal')} för {underlag.kommun.namn} {underlag.year} "
        f"är hämtade{changed}{missing}."
    )
    return text + _list_anmarkningar([*underlag.varningar, *begaran.val.varningar, *done.varningar])


def _ask_antagen(begaran: Begaran, dialog: Dialog) -> None:
    if begaran.antagen is not None:
        day, paragraph = begaran.antagen
        if not dialog.ask_ja(FRAGA_ANTAGEN.format(datum=day, paragraf=paragraph)):
            raise Avbrutet


def _find_luckor(begaran: Begaran, year: int) -> list[str]:
    """Tell of columns of values that are no longer found, and so are not filled."""
    lines = []
    for name in VARA_TABELLER:
        place = begaran.found.tabeller[name]
        gone = [
            fill_rubrik(k.rubrik, begaran.found.installningar.kommun, year)
            for k in place.tabell.kolumner
            if k.mall and not k.ifylls and k.nyckel not in place.kolumner
        ]
        if gone:
            lines.append(KOLUMN_SAKNAS.format(tabell=name, rubriker=join_nagra(gone, 3)))
    return lines


# ---- Kontrollera referenskostnad -------------------------------------------------------------


def _check_aktuell(begaran: Begaran) -> None:
    """Refuse where the sheets' values are of another year or municipality than Start says."""
    if not begaran.found.ifylld:
        raise AnvandarFel(HAMTA_FORST)
    if inaktuell := describe_inaktuell(begaran.found.bok):
        raise AnvandarFel(INAKTUELL, vad=inaktuell)


def _kontrollera(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    begaran = read_begaran(bok, nu)
    _check_aktuell(begaran)
    _ask_antagen(begaran, dialog)
    underlag, _ = fetch_begaran(begaran, nu, visa=dialog.visa_hamtning)
    samlare = Samlare(bok)
    done = fill_bok(
        begaran.found,
        begaran.val,
        underlag,
        samlare,
        handelse="Kontroll av referenskostnad",
        bara_referens=True,
    )
    _write(bok, samlare, dialog)
    with suppress(Exception):  # the sheet may be hidden
        bok.tabeller[REFERENSTABELLER[0].lower()].blad.sheet.activate()
    return _sum_up(underlag) + _list_anmarkningar(done.varningar)


def _sum_up(underlag: Underlag) -> str:
    rows = underlag.referensrader
    if not rows:
        return "Nämnden har ingen verksamhet med referenskostnad."
    met = [r.uppfyller for r in rows]
    within = sum(r.inom is Svar.JA for r in rows)
    text = (
        f"{within} av {uppraknat(len(rows), 'verksamhet', 'verksamheter')} ligger inom "
        f"referenskostnaden {underlag.year}. {met.count(Svar.JA)} uppfyller målet, "
        f"{met.count(Svar.NEJ)} gör det inte och {met.count(Svar.OKANT)} kan inte bedömas."
    )
    return join_text(text, tell_summa(underlag.summa))


# ---- Skriv sammanfattning --------------------------------------------------------------------


def _sammanfatta(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    begaran = read_begaran(bok, nu)
    _check_aktuell(begaran)
    own = find_egna_utkast(bok)
    replace = bool(own) and dialog.ask_ja(FRAGA_UTKAST.format(platser=" och ".join(own)))
    underlag = read_underlag(begaran.found, begaran.val.regler, begaran.profil, nu)
    samlare = Samlare(bok)
    warnings: list[str] = []
    write_utkast(
        bok,
        draft_analys(underlag),
        draft_slutsatser(underlag),
        samlare,
        warnings,
        ersatt=replace,
    )
    kept = write_beloppssummor(begaran.found, samlare, nu.date())
    _write(bok, samlare, dialog)
    if own and not replace:
        done = "Utkastet som är ändrat för hand är kvar; summorna i 3.1–4.2 är räknade på nytt."
    else:
        done = "Utkasten på Sammanfattning och 2.4 Analys är skrivna ur siffrorna som de nu står."
    return "\n".join([done, *kept])


# ---- Sök nyckeltal ---------------------------------------------------------------------------


def _sok(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    # Imported here: the other buttons have no use for the search.
    from genomlysning.excel.nyckeltalsval import choose_nyckeltal

    begaran = read_begaran(bok, nu)
    _check_aktuell(begaran)
    _ask_antagen(begaran, dialog)
    val = choose_nyckeltal(begaran, dialog, nu, bok.book.sheets.active.name)
    if val is None:
        raise Avbrutet
    chosen = Begaran(begaran.found, begaran.profil, val)
    underlag, _ = fetch_begaran(chosen, nu, visa=dialog.visa_hamtning)
    samlare = Samlare(bok)
    done = add_nyckeltal(begaran.found, val, underlag, samlare)
    _write(bok, samlare, dialog)
    names = join_nagra([r.post.namn for r in val.rader], 3)
    table = val.rader[0].plats.blad.namn
    undecided = any(r.post.riktning is Riktning.INGEN for r in val.rader)
    hint = " Välj Önskad riktning för att de ska bedömas." if undecided else ""
    return f"{names} finns nu sist på bladet {table}.{hint}" + _list_anmarkningar(done.varningar)


# ---- documents -------------------------------------------------------------------------------


def _kopiera(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    # Imported here, as in the next: what they need takes longer to import than a fetch takes.
    from genomlysning.excel.dokument import save_kopia

    text, warnings = save_kopia(bok, dialog, nu)
    return text + _list_anmarkningar(warnings, 3 * MAX_I_MEDDELANDET)


def _rapportera(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    from genomlysning.excel.dokument import save_rapport

    text, warnings = save_rapport(bok, dialog, nu)
    return text + _list_anmarkningar(warnings, 3 * MAX_I_MEDDELANDET)


def _gor_nytt_ar(bok: Levandebok, dialog: Dialog, nu: datetime) -> str:
    from genomlysning.bok.arsskifte import TILL
    from genomlysning.excel.dokument import save_nytt_ar

    answer = dialog.ask_text(FRAGA_TILL, str(len(TILL)))
    if not answer:
        raise Avbrutet
    choices = dict(enumerate(TILL, start=1))
    if not (answer.isdecimal() and int(answer) in choices):
        raise AnvandarFel(FEL_TILL, svar=answer)
    text, warnings = save_nytt_ar(bok, dialog, nu, choices[int(answer)])
    return text + _list_anmarkningar(warnings)
