"""A copy of a workbook to send: macro-free, values only, nothing hidden; the package is stripped.

What is seen stays, what is not seen goes. `rensa` chooses the sheets and follows the relationships
between parts (`delar`) that `tillatet` lets through; each kind of part has a module that strips it:
`bok`, `namn`, `blad`, `regler`, `ritning`, `diagram`, `tabell`, `manniskor`. `hanvisning` tells
whether a formula points at what goes, `listor` puts the words in instead. `arbete` is what they
share and `utfall` what is told. `granskning` reads the finished file anew and proves what is
promised.
"""
