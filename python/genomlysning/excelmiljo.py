"""Where Excel finds Python: the fixed places that the macro workbook names and `installera` fills.

The places hold environment variables that Excel expands on each computer, so a workbook that is
mailed on finds the reader's own installation.
"""

#: The version of xlwings that workbook and installation must share; pyproject.toml pins it.
XLWINGS = "0.37.8"

#: The folder of the installation, a virtual environment of the user's own.
KORMAPP_WIN = r"%LOCALAPPDATA%\genomlysning\python"
KORMAPP_MAC = "$HOME/.genomlysning/python"
TOLK_WIN = KORMAPP_WIN + r"\Scripts\python.exe"
TOLK_MAC = KORMAPP_MAC + "/bin/python"

#: What shows that this very version of xlwings is installed: its library in the folder on Windows
#: (both the 32 and the 64 bit one are always there), and its script among Excel's on macOS.
XLWINGS_DLL = f"xlwings64-{XLWINGS}.dll"
XLWINGS_SKRIPT = f"xlwings-{XLWINGS}.applescript"
SKRIPTMAPP_MAC = "$HOME/Library/Application Scripts/com.microsoft.Excel"

#: The modules whose functions the buttons call and the cells use.
KNAPPMODUL = "genomlysning.excel.knappar"
FUNKTIONSMODUL = "genomlysning.excel.funktioner"

#: The sheet that tells xlwings its settings, from A1, and what it says. Truth values are words in
#: English: xlwings expands every value as text, and a truth value of Excel's own would become a
#: word in the reader's language.
KONFIGURATIONSBLAD = "xlwings.conf"
KONFIGURATION = {
    "INTERPRETER_WIN": TOLK_WIN,
    "INTERPRETER_MAC": TOLK_MAC,
    "UDF MODULES": FUNKTIONSMODUL,
    "USE UDF SERVER": "True",
    # A mailed workbook lies among downloads or on a web address: no place to import from.
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    "SHOW CONSOLE": "False",
    # Said here, or a file xlwings.conf beside the workbook could say where to import from.
    "PYTHONPATH": "",
    "DEBUG UDFS": "False",
}
