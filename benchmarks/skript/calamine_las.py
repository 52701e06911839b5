"""Every cell of every workbook in a folder with python-calamine alone: `calamine_las.py MAPP`."""

import json
import sys
from pathlib import Path

from python_calamine import CalamineWorkbook

cells = 0
for fil in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    with CalamineWorkbook.from_path(str(fil)) as bok:
        for name in bok.sheet_names:
            cells += sum(map(len, bok.get_sheet_by_name(name).to_python()))
print(json.dumps({"celler": cells}))
