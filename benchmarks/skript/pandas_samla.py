"""Every sheet of every workbook joined with pandas and openpyxl: `pandas_samla.py MAPP UT`.

What a script of one's own would do, without looking for the tables on the sheets.
"""

import json
import sys
from pathlib import Path

import pandas as pd

frames, unread = [], 0
for fil in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    try:
        sheets = pd.read_excel(fil, sheet_name=None, header=None, engine="openpyxl")
    except TypeError:  # openpyxl gives up on some of what people's edits leave in a file
        unread += 1
        continue
    for name, frame in sheets.items():
        frame.insert(0, "Fil", fil.name)
        frame.insert(1, "Blad", name)
        frames.append(frame)
joined = pd.concat(frames)
with pd.ExcelWriter(sys.argv[2], engine="openpyxl") as writer:
    joined.to_excel(writer, sheet_name="Alla", index=False)
print(json.dumps({"rader": len(joined), "olasta": unread}))
