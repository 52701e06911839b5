"""The workbook: one description of its sheets, and what writes them.

For every workbook: `beskrivning` describes sheets, tables, columns, settings and buttons,
`programtexter` what else the program writes on them, `formler` the rules' twins as formulas,
`utseende` the look (`formatbok` makes XlsxWriter's formats of it).

A new one: `plan` says what goes in every cell (`kvadrant` and `rutnat` for the summary), `skriv`
writes it in a `nybok`, with a module for each kind of sheet on the common ground of `bladverk`:
`startblad`, `sammanfattning`, `tabellblad`, `analysblad`, `listblad`, `konfigurationsblad`;
`diagram` draws, `radhojd` reckons heights, `vaxrader` has rows that grow and `radblad` writes long
tables a row at a time. With buttons: `makron` and `funktionsmodul` make the VBA project, `menyflik`
the tab in the ribbon.

One that exists: `modell` is what it looks like, `lasning` reads a file through `paket`, `cellvarde`
what a cell holds. `befintlig` says whether it can be changed: `installningar` reads Start,
`vara_blad` finds our sheets, `tabellplats` our tables and their columns (`omdopta`: under other
names too), `listor` reads the rules;
`bladrader` finds the figures, `bladunderlag` what the sheets say, and `foregaende` the groups they
were compared with. `ifyllnad` says what newly
fetched values put where, to a `skrivare`, with `tabellrader` for the rows and `utkast` for the
drafts. For a file, `uppdatering` is in charge and `lappning` the writer; `textruta` finds the text
areas and fits them, `radpassning` fits the rows of tables, and
`formelvarden` puts values beside the formulas: `omrakning` reckons our own, `beroenden` finds what
others' depend on. `formeltext` renames in formulas, `formelmening` says what one means however it
is spelt. `knappar` tells which buttons have lost their macros.

Next year's: `migrering` brings an older form up to date (an update does too), with `formelbyte` for
the formulas that `form2` knows and `nya_falt` for what people write in; `losarader` finds rows that
have fallen out of their tables and `summarader` those that only add up others, `arsskifte` plans,
`arsskrivning` writes; `ursprung` is what a measure says of the move it was.
"""
