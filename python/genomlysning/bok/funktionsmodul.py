"""The VBA module of the worksheet functions."""


def compose_modul() -> str:
    """Return the module's source."""
    return (
        'Attribute VB_Name = "xlwings_udfs"\n'
        "Option Explicit\n"
        "\n"
        "Public Sub BeskrivFunktioner()\n"
        "End Sub\n"
    )
