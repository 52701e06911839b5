Option Explicit

Private Sub Workbook_Open()
    ' Texterna om funktionerna är till hjälp men aldrig nödvändiga: ett fel här ska inte märkas.
    On Error Resume Next
    BeskrivFunktioner
End Sub
