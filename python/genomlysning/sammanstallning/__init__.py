"""Many committees' workbooks put together into one for the municipality.

`filval` finds the files to read. `arbetare` starts `barn`, processes that read files which nobody
trusts, one at a time and with limits: there `lasning` makes each file a `namndbok`, with `snabbok`
for the cells, `tabellasning` for the tables, `anteckningar` for what stands beside them and
`kommentarer` for notes and text boxes. `losanamn` finds the cells of names that are gone.

`sammanforing` joins the rows. `bokbenamning` says what committees are called, `kommunkostnad` is
the reference cost, `forslagsrader` the proposals and measures, of which `samordning` says who is
concerned and what looks alike, and `bokvarningar` what to know of the files. `skriv` writes the
sheets that `bladen` describes. The municipality's report is of the same rows: `kommunrapport` is
its chapters, `kommunrader` the rows of its tables, `kommunord` its sentences, and `tal` the sums.
"""
