"""Gör en arbetsbok av exempeldata, utan nät."""

from genomlysning import compare_exempel, save_arbetsbok

underlag = compare_exempel("socialnamnden")
for text in save_arbetsbok(underlag, "socialnamnden.xlsx"):
    print("Obs:", text)
bedomda = [rad for rad in underlag.jamforelser if rad.skillnad is not None]
print(f"{len(bedomda)} av {len(underlag.jamforelser)} nyckeltal kan jämföras.")
