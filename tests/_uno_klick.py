"""Click every button of a macro workbook in headless LibreOffice and print what came of it as JSON.

Run by `libreoffice.py`: `_uno_klick.py SOFFICE PROFILE_FOLDER FILE CELLS ROUNDS`. CELLS is a JSON
list `[sheet, cell, …]` of the cells to report after each click, cleared before it. ROUNDS is a
JSON list with a list of files for each round: they are made, and then every button is clicked.
Before the first round none of them is there.
Standard output is a JSON list with one list per round: of `[sheet, label, script, texts]`.
"""

import json
import sys
import time
from pathlib import Path

from _uno_dump import load, start

ANSWER_SECONDS = 20
ALWAYS_EXECUTE_NO_WARN = 4  # com.sun.star.document.MacroExecMode


def buttons(document):
    """Yield (sheet, control model, script bound to it) for every button."""
    for sheet in document.Sheets:
        forms = sheet.DrawPage.Forms
        for form in (forms.getByIndex(i) for i in range(forms.Count)):
            for i in range(form.Count):
                yield sheet, form.getByIndex(i), [e.ScriptCode for e in form.getScriptEvents(i)]


def click(document, sheet, model) -> None:
    """Press a button as a person does who gets about by the keyboard."""
    controller = document.CurrentController
    controller.setActiveSheet(sheet)
    controller.setFormDesignMode(False)
    action = controller.getControl(model).getAccessibleContext()
    action.doAccessibleAction(0)


def await_texts(cells, toolkit) -> list[str]:
    """Return what the cells say when the macro has run: a click is only put in a queue."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        toolkit.processEventsToIdle()
        texts = [cell.String for cell in cells]
        if any(texts) or time.monotonic() > deadline:
            toolkit.processEventsToIdle()
            return [cell.String for cell in cells]
        time.sleep(0.02)


def main(soffice: str, profile: str, file: str, cells: str, rounds: str) -> None:
    process, desktop = start(soffice, Path(profile))
    try:
        document = load(desktop, Path(file), MacroExecutionMode=ALWAYS_EXECUTE_NO_WARN)
        watched = [
            document.Sheets.getByName(sheet).getCellRangeByName(cell)
            for sheet, cell in json.loads(cells)
        ]
        toolkit = document.CurrentController.Frame.ContainerWindow.Toolkit
        answer = []
        for files in json.loads(rounds):
            for path in files:
                Path(path).unlink(missing_ok=True)
        for files in json.loads(rounds):
            for path in files:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).touch()
            answer.append([])
            for sheet, model, scripts in list(buttons(document)):
                for cell in watched:
                    cell.String = ""
                click(document, sheet, model)
                texts = await_texts(watched, toolkit)
                answer[-1].append([sheet.Name, model.Label, scripts, texts])
        json.dump(answer, sys.stdout)
        document.close(True)
        desktop.terminate()
        process.wait(20)
    finally:
        process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
