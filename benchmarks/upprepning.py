"""A warm repeat: the same again, with every value in the store."""

from benchmarks.matning import alternate, median, ratio
from benchmarks.miljo import IDAG, KOMMUN, YEAR, Miljo, write_profil
from benchmarks.resultat import KOSTNADER, Avsnitt, Mal, Tabell, kostnad, tal

ANTAL = 60
MAL_UPPREPNING = 3.0
TEXT = f"""\
Samma fråga en gång till, när värdelagret redan har alla svar: processen från start till slut, mot
`genomlysning --version`, som bara läser in kommandoraden. `kontrollera` hämtar och räknar
socialnämndens jämförelse mot referenskostnaden och visar den, utan att skriva någon fil. `skapa`
gör arbetsboken med de {ANTAL} nyckeltalen ovan, och `uppdatera` ändrar den. Målet gäller både den
rena frågan och den som dessutom skriver en arbetsbok."""


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
    found.mal += [
        Mal(f"Varm {name} mot --version", ratio(runs[name], base), MAL_UPPREPNING, "max")
        for name in ("kontrollera", "skapa")
    ]
    if not found.mal[-1].natt:
        whole, asked = median(runs["skapa"]), median(runs["kontrollera"])
        found.slutsatser.append(
            f"`skapa` tar {tal(whole - MAL_UPPREPNING * median(base), 2)} s mer än målet. Av dess "
            f"{tal(whole, 2)} s är {tal(whole - asked, 2)} s mer än vad `kontrollera` tar: att "
            "läsa in XlsxWriter och skriva arbetsboken. Den går inte att spara till nästa "
            "gång, för hela filen beror på dagen, profilen och värdena."
        )
    assert median(runs["skapa"], "anrop") == 0
    return found
