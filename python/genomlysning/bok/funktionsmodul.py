"""Composes the VBA module `xlwings_udfs`: the worksheet functions as Excel knows them.

xlwings can generate it, but only inside Excel, and with the error's text as a cell's value. A
text in a sum is silently ignored, so here whatever goes wrong gives #N/A.
"""

from genomlysning.funktionsbeskrivning import (
    FEL_ARGUMENT,
    FUNKTIONER,
    KATEGORI,
    MODUL,
    SAKNAS,
    Funktion,
)

#: Seconds that the functions rest after a call that failed: each attempt takes time on a
#: computer without the Python part, and a sheet may have hundreds of cells.
VILA = 10

_HUVUD = """\
Attribute VB_Name = "xlwings_udfs"
#Const App = "Microsoft Excel"
' Kalkylbladsfunktionerna KOLADA_... Modulen skapas av "genomlysning bygg"; ändra inte här.
Option Explicit

Private vilarTill As Date
"""

_FUNKTION = """\
Public Function {namn}({parametrar}) As Variant
    On Error GoTo misslyckades
    If GuidenArOppen() Then Exit Function
    KravSvar
    {namn} = MedFel(XLPy.CallUDF("{modul}", "{namn}", Array({argument}), _
        ThisWorkbook, Application.Caller))
    Exit Function
misslyckades:
    {namn} = Misslyckat()
End Function
"""

_HJALP = f"""\
Private Sub KravSvar()
    If Now < vilarTill Then Err.Raise vbObjectError + 1
End Sub

' Medan guiden Infoga funktion är öppen går menyerna inte att välja. Då hämtas inget.
Private Function GuidenArOppen() As Boolean
    On Error Resume Next
    GuidenArOppen = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function

Private Function Misslyckat() As Variant
    If Now >= vilarTill Then vilarTill = Now + TimeSerial(0, 0, {VILA})
    Misslyckat = CVErr(xlErrNA)
End Function

Private Function MedFel(ByVal svar As Variant) As Variant
    Dim i As Long, j As Long
    If Not IsArray(svar) Then
        svar = TillFel(svar)
    ElseIf HarKolumner(svar) Then
        For i = LBound(svar, 1) To UBound(svar, 1)
            For j = LBound(svar, 2) To UBound(svar, 2)
                svar(i, j) = TillFel(svar(i, j))
            Next j
        Next i
    Else
        For i = LBound(svar) To UBound(svar)
            svar(i) = TillFel(svar(i))
        Next i
    End If
    MedFel = svar
End Function

Private Function HarKolumner(ByVal svar As Variant) As Boolean
    Dim sista As Long
    On Error Resume Next
    sista = UBound(svar, 2)
    HarKolumner = (Err.Number = 0)
End Function

Private Function TillFel(ByVal svar As Variant) As Variant
    TillFel = svar
    If VarType(svar) = vbString Then
        If svar = "{SAKNAS}" Then TillFel = CVErr(xlErrNA)
        If svar = "{FEL_ARGUMENT}" Then TillFel = CVErr(xlErrValue)
    End If
End Function
"""

_BESKRIV = """\
' Visar funktionerna och deras argument på svenska i Infoga funktion.
Public Sub BeskrivFunktioner()
    Dim sparad As Boolean, bok As String
    On Error Resume Next
    sparad = ThisWorkbook.Saved
    bok = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!"
{rader}
    ThisWorkbook.Saved = sparad
End Sub
"""

_MACROOPTIONS = """\
    Application.MacroOptions Macro:=bok & {namn}, Category:={kategori}, _
        Description:={text}, _
        ArgumentDescriptions:=Array( _
            {argument})"""


def compose_modul() -> str:
    """Return the source of the module, with lines ended by a line feed."""
    parts = [
        _HUVUD,
        *(_compose_funktion(f) for f in FUNKTIONER),
        _HJALP,
        _BESKRIV.format(rader="\n".join(map(_compose_beskrivning, FUNKTIONER))),
    ]
    return "\n".join(parts)


def _compose_funktion(f: Funktion) -> str:
    parameters = (f"Optional {a.namn}" if a.valfri else a.namn for a in f.argument)
    return _FUNKTION.format(
        namn=f.namn,
        modul=MODUL,
        parametrar=", ".join(parameters),
        argument=", ".join([*(a.namn for a in f.argument), "Application.Caller"]),
    )


def _compose_beskrivning(f: Funktion) -> str:
    return _MACROOPTIONS.format(
        namn=_quote(f.namn),
        kategori=_quote(KATEGORI),
        text=_quote(f.text),
        argument=", _\n            ".join(_quote(a.text) for a in f.argument),
    )


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
