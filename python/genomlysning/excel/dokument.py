"""What is made of the workbook that is open: the copy to send, the report, next year's workbook.

All read a file, so Excel first saves a copy of the workbook as it is now, aside.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from genomlysning.excel.dialog import SPARA_KOPIA, Dialog, find_makro
from genomlysning.excel.levande import Levandebok
from genomlysning.fel import FilFel, Meddelande

EJ_SPARAD_KOPIA = Meddelande(
    "excel-ej-sparad-kopia",
    "Excel kunde inte spara en kopia att arbeta med.",
    "Spara arbetsboken på datorn med Spara som och försök igen.",
)


def save_kopia(bok: Levandebok, dialog: Dialog, nu: datetime) -> tuple[str, list[str]]:
    """Make the copy to send; return what to tell, and what the sender should look at."""
    from genomlysning.kopia import make_kopia, suggest_kopianamn

    target = _choose_mapp(bok) / suggest_kopianamn(bok.fil).name
    with _saved(bok, dialog) as fil:
        done = make_kopia(fil, target, nu.date(), visa=dialog.visa)
    text = f"Kopian är sparad som {done.fil}. Den har bara värden och inga makron."
    return text, list(done.utfall.varningar)


def save_rapport(bok: Levandebok, dialog: Dialog, nu: datetime) -> tuple[str, list[str]]:
    """Make the report; return what to tell, and what remains to be written or looked at."""
    from genomlysning.rapportera import make_rapport

    target = _choose_mapp(bok) / bok.fil.with_suffix(".docx").name
    with _saved(bok, dialog) as fil:
        done = make_rapport(fil, target, nu, visa=dialog.visa)
    return f"Rapporten är sparad som {done.fil}.", list(done.varningar)


def save_nytt_ar(bok: Levandebok, dialog: Dialog, nu: datetime, till: str) -> tuple[str, list[str]]:
    """Make next year's workbook; return what to tell, and what to look at in it."""
    from genomlysning.nytt_ar import format_nytt_ar, make_nytt_ar

    with _saved(bok, dialog) as fil:
        done = make_nytt_ar(fil, None, nu, till=till, mapp=_choose_mapp(bok), visa=dialog.visa)
    return format_nytt_ar(done), list(done.varningar)


def _choose_mapp(bok: Levandebok) -> Path:
    """Return the workbook's folder; for one that has none here, the user's own documents."""
    if bok.mapp is not None:
        return bok.mapp
    documents = Path.home() / "Documents"
    return documents if documents.is_dir() else Path.home()


@contextmanager
def _saved(bok: Levandebok, dialog: Dialog) -> Iterator[Path]:
    """Let Excel save the workbook as it is now, reckoned, under its own name in a folder aside."""
    dialog.visa("Sparar en kopia att arbeta med …")
    # Excel for macOS may write without asking in a folder of its own only.
    own = Path.home() / "Library/Containers/com.microsoft.Excel/Data"
    within = str(own) if own.is_dir() else None
    with TemporaryDirectory(
        prefix="genomlysning-", dir=within, ignore_cleanup_errors=True
    ) as folder:
        fil = Path(folder, bok.fil.name if bok.fil.suffix else f"{bok.fil.name}.xlsm")
        bok.book.app.calculate()
        if not find_makro(bok.book, SPARA_KOPIA)(str(fil)) or not fil.is_file():
            raise FilFel(EJ_SPARAD_KOPIA)
        yield fil
