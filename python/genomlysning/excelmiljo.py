"""Where Excel's buttons find their Python, and the xlwings that the workbook is made for."""

#: The per-user runtime, as the workbook's xlwings.conf and `installera` name it.
KORMAPP_WIN = r"%LOCALAPPDATA%\genomlysning\python"
KORMAPP_MAC = "$HOME/.genomlysning/python"
TOLK_WIN = KORMAPP_WIN + r"\Scripts\python.exe"
TOLK_MAC = KORMAPP_MAC + "/bin/python"
#: The version of xlwings, which its DLL and its VBA module carry in their names.
XLWINGS = "0.37.8"
