Attribute VB_Name = "Dialogruta"
Option Explicit
Option Private Module

' Allt som visas för användaren i en ruta går genom den här modulen.

Public Sub VisaText(ByVal Text As String)
    MsgBox Text, vbExclamation, "Genomlysning"
End Sub

Public Function LasText(ByVal Prompt As String, ByVal Titel As String, ByVal Forval As String) As String
    LasText = InputBox(Prompt, Titel, Forval)
End Function
