"""Run in a process of its own by onlyoffice.py: open a file, run a script, save it as asked.

Standard input is JSON: `fil`, `skript` (the body of a function in ONLYOFFICE's JavaScript, which
returns something), `spara` (pairs of format and file). Standard output ends with the answer.
"""

import json
import os
import sys

import docbuilder

asked = json.loads(sys.stdin.read())
builder = docbuilder.CDocBuilder()
if builder.OpenFile(asked["fil"], ""):
    raise SystemExit("ONLYOFFICE could not open the file")
scope = builder.GetContext().GetGlobal()
if not builder.ExecuteCommand(
    f"globalThis.svar = JSON.stringify((function() {{ {asked['skript']} }})() ?? null);"
):
    raise SystemExit("the script failed")
answer = scope["svar"]
for form, target in asked["spara"]:
    if builder.SaveFile(form, target):
        raise SystemExit(f"ONLYOFFICE could not save {target}")
print("\nSVAR " + (answer.ToString() if answer.IsString() else "ogjort"), flush=True)
os._exit(0)  # the library falls when it is left
