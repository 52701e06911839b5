"""Lägger ett eget blad med Koladas värden i genomlysningen som är öppen i Excel (Windows).

Formlerna räknas av Excel och räknas om när inställningarna på Start ändras. Samma formler kan
skrivas för hand: se docs/funktioner.md.
"""

import xlwings as xw

NYCKELTAL = ["N15419", "N15436", "N15505"]
RUBRIKER = ["Id", "Nyckeltal", "Kommunen", "Liknande kommuner", "Alla kommuner", "Placering"]

blad = xw.books.active.sheets.add("Mina nyckeltal", after="2.3 Kvalitet över tid")
blad["A1:F1"].value = RUBRIKER
for rad, nyckeltal in enumerate(NYCKELTAL, start=2):
    blad[f"A{rad}"].value = nyckeltal
    blad[f"B{rad}"].formula = f"=KOLADA_TITEL(A{rad})"
    blad[f"C{rad}"].formula = f"=KOLADA_VARDE(A{rad},Kommun,Dataar)"
    blad[f"D{rad}"].formula = f"=KOLADA_LIKNANDE(A{rad},Kommun,Dataar)"
    blad[f"E{rad}"].formula = f"=KOLADA_SNITT(A{rad},Dataar)"
    blad[f"F{rad}"].formula = f'=KOLADA_PLACERING(A{rad},Kommun,Dataar,"Högre")'
blad["A:F"].autofit()
