"""How a button speaks with the person at the computer: status bar, messages, questions."""

from collections.abc import Callable
from contextlib import suppress

import xlwings as xw

from genomlysning.excel.tangentbord import is_esc_pressed

TITEL = "Genomlysning"
#: The workbook's own function that asks for a line of text; xlwings has none.
FRAGA = "Genomlysning.Fraga"
#: The workbook's own function that saves a copy of it and leaves it as it is.
SPARA_KOPIA = "Genomlysning.SparaKopia"
#: The longest text that VBA's InputBox shows.
MAX_FRAGA = 1000


class Avbrutet(Exception):
    """The user wants no more of it."""


class Dialog:
    """One button's conversation, in Excel's own windows.

    `skrivit` says that the workbook has been written to, which decides what a fault is told as.
    """

    def __init__(self, book: xw.Book, knapp: str) -> None:
        self.skrivit = False
        self._book = book
        self._title = f"{TITEL} – {knapp}"
        self._shown = ""
        self._pid = book.app.pid
        is_esc_pressed(self._pid)  # what was pressed before this is not meant for it

    def visa(self, text: str) -> None:
        """Show in the status bar what is going on."""
        self._shown = text
        self._book.app.status_bar = f"{TITEL}: {text}"

    def visa_hamtning(self, text: str) -> None:
        """Show what is being fetched, every moment; raises Avbrutet when Esc is pressed."""
        if is_esc_pressed(self._pid):
            raise Avbrutet
        if text != self._shown:
            self.visa(text)

    def clear(self) -> None:
        """Give the status bar back to Excel."""
        with suppress(Exception):  # Excel may be busy; what has been told stands
            self._book.app.status_bar = False

    def tell(self, text: str) -> None:
        """Tell how it went."""
        self._book.app.alert(text, title=self._title, mode="info")

    def tell_fault(self, text: str) -> None:
        """Tell what went wrong and what to do."""
        self._book.app.alert(text, title=self._title, mode="critical")

    def ask_ja(self, text: str) -> bool:
        """Ask a question that is answered with yes or no."""
        answer = self._book.app.alert(text, title=self._title, buttons="yes_no")
        return bool(answer == "yes")

    def ask_text(self, text: str, forval: str = "") -> str:
        """Ask for a line of text; empty when the person gave none or said cancel."""
        answer = find_makro(self._book, FRAGA)(text[:MAX_FRAGA], self._title, forval)
        return str(answer or "").strip()


def find_makro(book: xw.Book, namn: str) -> Callable[..., object]:
    """Return a function of the workbook's own VBA; its file may have an apostrophe in its name."""
    fil = book.name.replace("'", "''")
    makro: Callable[..., object] = book.app.macro(f"'{fil}'!{namn}")
    return makro
