"""Run functions of VBA modules in headless LibreOffice and print their answers as JSON.

Run by `libreoffice.py` like `_uno_dump.py`: `_uno_basic.py SOFFICE PROFILE_FOLDER FILE`, where the
file is JSON: {"moduler": {name: source}, "anrop": [[module, function, argument …], …]}.
"""

import json
import sys
from pathlib import Path

import uno

from _uno_dump import start

ALWAYS_EXECUTE_NO_WARN = 4


def main(soffice: str, profile: str, file: str) -> None:
    asked = json.loads(Path(file).read_text(encoding="utf-8"))
    process, desktop = start(soffice, Path(profile))
    try:
        properties = []
        for name, value in (("Hidden", True), ("MacroExecutionMode", ALWAYS_EXECUTE_NO_WARN)):
            one = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
            one.Name, one.Value = name, value
            properties.append(one)
        document = desktop.loadComponentFromURL(
            "private:factory/scalc", "_blank", 0, tuple(properties)
        )
        document.BasicLibraries.VBACompatibilityMode = True
        library = document.BasicLibraries.getByName("Standard")
        for name, source in asked["moduler"].items():
            library.insertByName(name, f"Option VBASupport 1\n{source}")
        answers = []
        for module, function, *arguments in asked["anrop"]:
            url = f"Standard.{module}.{function}?language=Basic&location=document"
            script = document.getScriptProvider().getScript(f"vnd.sun.star.script:{url}")
            answers.append(script.invoke(tuple(arguments), (), ())[0])
        json.dump(answers, sys.stdout)
        document.close(True)
        desktop.terminate()
        process.wait(20)
    finally:
        process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
