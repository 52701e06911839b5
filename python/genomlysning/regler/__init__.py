"""Pure rules: no HTTP, SQLite, Excel or pandas.

`bedomning` against similar municipalities or a target, `visning` (how many decimals show why),
`utveckling` over the years, `placering`
among all, `referenskostnad` and the goal, `publicering` of preliminary and final values,
`avrundning` as it is shown, `pengar` that people write, `enhet` as titles state it. docs/regler.md
tells of them in words, and `bok/formler.py` has them as formulas.
"""
