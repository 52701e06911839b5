Attribute VB_Name = "Genomlysning"
Option Explicit

' Knapparna i arbetsboken. Var och en startar en funktion i Pythonpaketet genomlysning, som ska
' finnas på en fast plats på datorn. Finns den inte säger knappen det, och inget annat händer.

@KNAPPAR@

' Frågar användaren; Python anropar den. Tom text betyder avbrutet.
Public Function Fraga(ByVal Prompt As String, ByVal Titel As String, ByVal Forval As String) As String
    Fraga = Dialogruta.LasText(Prompt, Titel, Forval)
End Function

' Sparar en kopia av arbetsboken som den är nu; Python anropar den.
Public Function SparaKopia(ByVal Plats As String) As Boolean
    On Error Resume Next
    ThisWorkbook.SaveCopyAs Plats
    SparaKopia = (Err.Number = 0)
End Function

Private Sub Kor(ByVal Funktion As String)
    Dim Hinder As String, Fel As String, Berakning As Long
    On Error GoTo Avbrott
    Hinder = HittaHinder()
    If Hinder <> "" Then
        Dialogruta.VisaText Hinder
        Exit Sub
    End If
    Berakning = Application.Calculation
    ' Esc är till för Python, som slutar hämta: Excel ska inte fråga om makrot ska fortsätta.
    Application.EnableCancelKey = xlDisabled
    If RunPython("import @KNAPPMODUL@ as knappar; knappar." & Funktion & "()") = -1 Then
        Aterstall Berakning
        Dialogruta.VisaText @AVBRUTET@
    End If
    Exit Sub
Avbrott:
    Fel = Left(Err.Description, 300)
    Aterstall Berakning
    Dialogruta.VisaText @MISSLYCKADES@ & vbCrLf & vbCrLf & "Excel säger: " & Fel
End Sub

' Har Python avslutats mitt i arbetet kan den inte själv lämna tillbaka Excel som det var.
Private Sub Aterstall(ByVal Berakning As Long)
    On Error Resume Next
    Application.StatusBar = False
    Application.ScreenUpdating = True
    Application.EnableEvents = True
    If Berakning <> 0 Then Application.Calculation = Berakning
End Sub

' Säger vad som saknas på datorn, eller ingenting. Andra system än Windows och macOS prövas inte.
Private Function HittaHinder() As String
    If Environ("LOCALAPPDATA") <> "" Then
        If Not FinnsFil(FyllI("@TOLK_WIN@")) Then
            HittaHinder = @SAKNAS_WIN@
        ElseIf Not FinnsFil(FyllI("@KORMAPP_WIN@\@XLWINGS_DLL@")) Then
            HittaHinder = @FEL_VERSION@
        End If
    ElseIf Left(Environ("HOME"), 7) = "/Users/" Then
        If Not FinnsFil(FyllI("@SKRIPTMAPP_MAC@/@XLWINGS_SKRIPT@")) Then
            HittaHinder = @SAKNAS_MAC@
        End If
    End If
End Function

Private Function FyllI(ByVal Plats As String) As String
    Dim Hem As String
    ' Excel för macOS ser en egen mapp som hem, inuti den riktiga.
    Hem = Replace(Environ("HOME"), "/Library/Containers/com.microsoft.Excel/Data", "")
    FyllI = Replace(Replace(Plats, "%LOCALAPPDATA%", Environ("LOCALAPPDATA")), "$HOME", Hem)
End Function

Private Function FinnsFil(ByVal Plats As String) As Boolean
    On Error Resume Next
    FinnsFil = Dir(Plats) <> ""
End Function
