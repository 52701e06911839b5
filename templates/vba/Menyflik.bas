Attribute VB_Name = "Menyflik"
Option Explicit

' Fliken Genomlysning i menyfliksområdet. Var och en gör som knappen med samma namn på Start.

@KNAPPAR@
