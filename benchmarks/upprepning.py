"""A warm repeat: the same again, with every value in the store."""

from benchmarks.matning import alternate, median, ratio
from benchmarks.miljo import IDAG, KOMMUN, YEAR, Miljo, write_profil
from benchmarks.resultat import KOSTNADER, Avsnitt, Mal, Tabell, kostnad, tal

ANTAL = 60
MAL_UPPREPNING = 3.0
TEXT = f"""\
Samma {ANTAL} nyckeltal en gång till, när värdelagret redan har alla svar: processen från start
till slut, mot `genomlysning --version`, som bara läser in kommandoraden. `kontrollera` gör
hämtningen och räknar jämförelsen mot referenskostnaden utan att skriva någon fil, `skapa`
skriver dessutom en arbetsbok och `uppdatera` ändrar den. Målet gäller `kontrollera`, som är den
upprepade frågan och inget annat; att skriva en arbetsbok mäts också för sig nedan."""


def measure(miljo: Miljo) -> Avsnitt:
    """Measure the commands with a filled store."""
    found = Avsnitt("upprepning", "Varm upprepning", TEXT)
    miljo.visa("Varm upprepning …")
    profil = write_profil(miljo.mapp / f"profil{ANTAL}.toml", ANTAL)
    ut, bok = miljo.mapp / "upprepning.xlsx", miljo.mapp / "uppdaterad.xlsx"
    what = ("--kommun", KOMMUN, "--namnd", profil, "--ar", str(YEAR), "--idag", IDAG)
    social = ("--kommun", KOMMUN, "--namnd", "socialnamnden", "--ar", str(YEAR), "--idag", IDAG)
    miljo.forget()

    def create():
        ut.unlink(missing_ok=True)
        return miljo.genomlysning("skapa", *what, "--ut", ut)

    def update():
        bok.unlink(missing_ok=True)
        return miljo.genomlysning("uppdatera", ut, "--ut", bok, "--idag", IDAG)

    runs = alternate(
        {
            "--version": lambda: miljo.genomlysning("--version"),
            "kontrollera": lambda: miljo.genomlysning("kontrollera", *social, "--json"),
            "skapa": create,
            "uppdatera": update,
        },
        miljo.ganger(7),
    )
    base = runs["--version"]
    rows = tuple((n, *kostnad(r), tal(ratio(r, base), 2)) for n, r in runs.items())
    columns = ("", *KOSTNADER, "mot --version")
    found.tabeller.append(Tabell("med fyllt värdelager", columns, rows))
    found.mal.append(
        Mal(
            "Varm upprepning mot --version", ratio(runs["kontrollera"], base), MAL_UPPREPNING, "max"
        )
    )
    assert median(runs["skapa"], "anrop") == 0
    return found
