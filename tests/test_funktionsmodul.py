"""The VBA module with the worksheet functions."""

import re
from pathlib import Path

import pytest

from genomlysning.bok.funktionsmodul import compose_modul
from genomlysning.funktionsbeskrivning import FUNKTIONER, KATEGORI, MODUL
from libreoffice import require_libreoffice, run_basic

SOURCE = compose_modul()
#: VBA's line continuations undone.
LINES = SOURCE.replace(" _\n", " ").splitlines()

#: A stand-in for xlwings' own module and for the process that answers.
XLWINGS = {
    "Server": """\
Option ClassModule
Public Function CallUDF(modul, funktion, argument, bok, cell) As Variant
    Dim svar(1, 1) As Variant
    Select Case funktion
    Case "KOLADA_VARDE"
        svar(0, 0) = 1.5
        svar(0, 1) = "#N/A"
        svar(1, 0) = "#VALUE!"
        svar(1, 1) = "Skola"
        CallUDF = svar
    Case "KOLADA_SNITT"
        CallUDF = Array("", "#N/A", -2.5)
    Case "KOLADA_TITEL"
        CallUDF = "#N/A-tal"
    Case "KOLADA_LIKNANDE"
        CallUDF = "#VALUE!"
    Case "KOLADA_PLACERING"
        CallUDF = UBound(argument) & modul
    Case Else
        Err.Raise 5
    End Select
End Function
""",
    "xlwings": """\
Public Function XLPy() As Object
    Dim svar As New Server
    Set XLPy = svar
End Function

Public Function Prova(funktion) As String
    Dim svar As Variant, i As Long, j As Long
    If funktion = "KOLADA_VARDE" Then
        svar = KOLADA_VARDE("N15001", "Mark", 2024)
        For i = 0 To 1
            For j = 0 To 1
                Prova = Prova & Visa(svar(i, j))
            Next j
        Next i
    ElseIf funktion = "KOLADA_SNITT" Then
        svar = KOLADA_SNITT("N15001", 2024)
        For i = 0 To 2
            Prova = Prova & Visa(svar(i))
        Next i
    ElseIf funktion = "KOLADA_TITEL" Then
        Prova = Visa(KOLADA_TITEL("N15001"))
    ElseIf funktion = "KOLADA_LIKNANDE" Then
        Prova = Visa(KOLADA_LIKNANDE("N15001", "Mark", 2024))
    ElseIf funktion = "KOLADA_PLACERING" Then
        Prova = Visa(KOLADA_PLACERING("N15001", "Mark", 2024))
    Else
        Prova = Visa(KOLADA_AVVIKELSE("LSS", "Mark", 2024))
    End If
End Function

Private Function Visa(svar) As String
    Visa = TypeName(svar) & " " & CStr(svar) & ";"
End Function
""",
}


def test_it_is_a_module_that_excel_can_import():
    assert SOURCE.splitlines()[:2] == [
        'Attribute VB_Name = "xlwings_udfs"',
        '#Const App = "Microsoft Excel"',
    ]
    SOURCE.encode("cp1252")
    assert max(map(len, SOURCE.splitlines())) < 1023
    assert all(SOURCE.count(f"{word} ") for word in ("Public Function", "Public Sub"))
    assert "MsgBox" not in SOURCE


@pytest.mark.parametrize("f", FUNKTIONER, ids=lambda f: f.namn)
def test_each_function_calls_the_python_function_of_its_name(f):
    names = [a.namn for a in f.argument]
    shown = [f"Optional {a.namn}" if a.valfri else a.namn for a in f.argument]
    assert f"Public Function {f.namn}({', '.join(shown)}) As Variant" in LINES
    [call] = [line for line in LINES if f'XLPy.CallUDF("{MODUL}", "{f.namn}", ' in line]
    assert f"Array({', '.join([*names, 'Application.Caller'])})" in call
    assert re.search(r",\s+ThisWorkbook, Application\.Caller\)", call)


@pytest.mark.parametrize("f", FUNKTIONER, ids=lambda f: f.namn)
def test_each_function_is_described_in_the_wizard(f):
    [line] = [row for row in LINES if f'bok & "{f.namn}"' in row]
    assert f'Category:="{KATEGORI}"' in line
    texts = re.findall(r'"((?:[^"]|"")*)"', line)
    assert texts == [f.namn, KATEGORI, f.text, *(a.text for a in f.argument)]
    assert all(len(text) <= 255 for text in texts)
    assert all(a.namn.isascii() and a.namn.isidentifier() for a in f.argument)


def test_errors_become_excels_own_and_a_failed_call_is_no_text(tmp_path: Path):
    require_libreoffice()
    functions = ["VARDE", "SNITT", "TITEL", "LIKNANDE", "PLACERING", "AVVIKELSE", "TITEL"]
    modules = {**XLWINGS, "xlwings_udfs": SOURCE.partition("\n")[2]}
    answers = run_basic(
        tmp_path / "anrop.json", modules, [("xlwings", "Prova", f"KOLADA_{n}") for n in functions]
    )
    na, wrong = "Error Error 2042;", "Error Error 2015;"
    assert answers == [
        f"Double 1,5;{na}{wrong}String Skola;",
        f"String ;{na}Double -2,5;",
        "String #N/A-tal;",
        wrong,
        f"String 4{MODUL};",
        na,
        na,  # the functions rest after a call that failed
    ]


def test_the_documentation_has_every_function():
    text = (Path(__file__).parents[1] / "docs" / "funktioner.md").read_text(encoding="utf-8")
    signatures = []
    for f in FUNKTIONER:
        shown = [f"[{a.namn}]" if a.valfri else a.namn for a in f.argument]
        signatures.append(f"{f.namn}({'; '.join(shown)})")
        assert f"\n={f.namn}(" in text
    assert re.findall(r"^\| `(KOLADA_.*?)`", text, re.MULTILINE) == signatures
    assert all("," not in line for line in re.findall(r"^=KOLADA.*", text, re.MULTILINE))
