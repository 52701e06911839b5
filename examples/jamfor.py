"""Skriver ut var en nämnd har sämre värden än liknande kommuner, och kostnaderna."""

from genomlysning import compare

underlag = compare("Alingsås", "barn-och-ungdomsnamnden")
print(f"{underlag.profil.namn}, {underlag.kommun.namn} {underlag.year}. Källa: Kolada")
for rad in underlag.jamforelser:
    if rad.bedomning == "Sämre":
        print(f"{rad.post.namn}: {rad.varde:.1f}, liknande {rad.liknande:.1f} {rad.post.enhet}")
for kostnad in underlag.referensrader:
    print(f"{kostnad.verksamhet.namn}: bättre resultat inom referenskostnaden? {kostnad.uppfyller}")
