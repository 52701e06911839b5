"""The charts: one palette, markers and patterns that also tell apart in black and white."""

from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart

from genomlysning.bok.utseende import (
    BLA,
    DIAGRAMTEXT,
    GRA,
    LINJE,
    MARKORER,
    RUTNAT,
    SERIER,
    STAPLAR,
    TYPSNITT,
    VIT,
    Stapelfarg,
)
from genomlysning.regler.bedomning import Bedomning
from genomlysning.svenska import MINUS

_TEXT = {"name": TYPSNITT, "size": 9, "color": DIAGRAMTEXT}
_RUBRIK = {"name": TYPSNITT, "size": 11, "bold": True, "color": BLA}
#: Size of each chart in pixels, three side by side over the page.
BREDD, _HOJD = 432, 295
_RUTLINJE = {"visible": True, "line": {"color": RUTNAT, "width": 0.5}}

_AXELFORMAT = f'+0;"{MINUS}"0;0'

_RANDER = {"upp": "light_upward_diagonal", "ned": "dark_downward_diagonal"}


def make_kvadrant(
    bok: Workbook, blad: str, plats: tuple[int, int], antal: int, punkter: Sequence[int]
) -> Chart:
    """Return a chart placing each verksamhet by cost deviation (x) and quality (y).

    `punkter` are the numbers of those to draw, which give them the same colour and marker in
    every chart. `plats` is the first row and column (zero-based) of the names and places of the
    `antal` verksamheter on the sheet, and below them of two corners that centre the axes.
    """
    chart = bok.add_chart({"type": "scatter"})
    # Rows that wait for a verksamhet are hidden.
    chart.show_hidden_data()
    first, col = plats
    for i in punkter:
        colour = SERIER[i % len(SERIER)]
        row = first + i
        chart.add_series(
            {
                "name": [blad, row, col],
                "categories": [blad, row, col + 1, row, col + 1],
                "values": [blad, row, col + 2, row, col + 2],
                "marker": {
                    "type": MARKORER[i % len(MARKORER)],
                    "size": 11,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
                "data_labels": {
                    "series_name": True,
                    "value": False,
                    "position": "above",
                    "font": _TEXT,
                },
            }
        )
    corner = first + antal
    chart.add_series(
        {
            "name": [blad, corner, col],
            "categories": [blad, corner, col + 1, corner + 1, col + 1],
            "values": [blad, corner, col + 2, corner + 1, col + 2],
            "marker": {"type": "none"},
        }
    )
    axis = {
        "num_font": _TEXT,
        "name_font": _TEXT | {"bold": False},
        "label_position": "low",
        "major_gridlines": _RUTLINJE,
        "line": {"color": GRA, "width": 1.25},
        "num_format": _AXELFORMAT,
    }
    chart.set_x_axis(axis | {"name": "Kostnad mot referenskostnad (%)"})
    chart.set_y_axis(axis | {"name": "Kvalitetsindex mot liknande"})
    chart.set_title(
        {"name": "Kostnad och kvalitet – målet är uppe till vänster", "name_font": _RUBRIK}
    )
    return _finish(chart, legend=False)


def make_tidslinje(bok: Workbook, blad: str, rubrikrad: int, antal: int) -> Chart:
    """Return a line chart of the deviation over the years, a line per verksamhet."""
    chart = bok.add_chart({"type": "line"})
    for i in range(antal):
        colour = SERIER[i % len(SERIER)]
        row = rubrikrad + 1 + i
        chart.add_series(
            {
                "name": [blad, row, 0],
                "categories": [blad, rubrikrad, 1, rubrikrad, 5],
                "values": [blad, row, 1, row, 5],
                "line": {"color": colour, "width": 2},
                "marker": {
                    "type": MARKORER[i % len(MARKORER)],
                    "size": 7,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        )
    chart.set_x_axis({"num_font": _TEXT, "label_position": "low", "line": {"color": GRA}})
    chart.set_y_axis(
        {
            "num_font": _TEXT,
            "num_format": _AXELFORMAT,
            "major_gridlines": _RUTLINJE,
            "line": {"none": True},
            "name": "Procent",
            "name_font": _TEXT | {"bold": False},
        }
    )
    chart.set_title({"name": "Avvikelse från referenskostnaden över åren", "name_font": _RUBRIK})
    chart.show_blanks_as("gap")
    return _finish(chart, legend=True)


def make_bedomningar(bok: Workbook, blad: str, rubrikrad: int, antal: int) -> Chart:
    """Return stacked bars of how many figures got which verdict, a bar per category."""
    columns = enumerate(STAPLAR, start=1)
    return _stack(bok, blad, rubrikrad, antal, columns, "Nyckeltal per bedömning")


def make_staplar(
    bok: Workbook, blad: str, rubrikrad: int, antal: int, kolumner: Sequence[int]
) -> Chart:
    """Return stacked bars of how many figures got which verdict, a bar per row of a table.

    `kolumner` are those of better, level, lower and higher cost, worse and unknown.
    """
    verdicts = (
        Bedomning.BATTRE,
        *(Bedomning.I_NIVA, Bedomning.LAGRE, Bedomning.HOGRE),
        *(Bedomning.SAMRE, Bedomning.OKANT),
    )
    columns = zip(kolumner, verdicts, strict=True)
    return _stack(bok, blad, rubrikrad, antal, columns, "Nyckeltal per bedömning och nämnd")


def _stack(
    bok: Workbook,
    blad: str,
    rubrikrad: int,
    antal: int,
    kolumner: Iterable[tuple[int, Bedomning]],
    rubrik: str,
) -> Chart:
    chart = bok.add_chart({"type": "bar", "subtype": "stacked"})
    for col, b in kolumner:
        label = _TEXT | ({"color": VIT} if STAPLAR[b].mork else {})
        chart.add_series(
            {
                "name": [blad, rubrikrad, col],
                "categories": [blad, rubrikrad + 1, 0, rubrikrad + antal, 0],
                "values": [blad, rubrikrad + 1, col, rubrikrad + antal, col],
                **_fill(STAPLAR[b]),
                "border": {"color": GRA, "width": 0.75},
                "gap": 45,
                "data_labels": {"value": True, "num_format": "0;;", "font": label},
            }
        )
    chart.set_x_axis({"num_font": _TEXT, "major_gridlines": {"visible": False}, "visible": False})
    chart.set_y_axis(
        {
            "num_font": _TEXT,
            "reverse": True,
            "line": {"color": LINJE},
            "major_gridlines": {"visible": False},
        }
    )
    chart.set_title({"name": rubrik, "name_font": _RUBRIK})
    return _finish(chart, legend=True)


def make_avvikelser(bok: Workbook, blad: str, rubrikrad: int, antal: int, kolumn: int) -> Chart:
    """Return bars of the deviation in Mkr, one per row of a table."""
    chart = bok.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": [blad, rubrikrad, kolumn],
            "categories": [blad, rubrikrad + 1, 0, rubrikrad + antal, 0],
            "values": [blad, rubrikrad + 1, kolumn, rubrikrad + antal, kolumn],
            "fill": {"color": BLA},
            "gap": 45,
            "data_labels": {"value": True, "font": _TEXT},
        }
    )
    axis = {"num_font": _TEXT, "num_format": _AXELFORMAT, "major_gridlines": _RUTLINJE}
    chart.set_x_axis(axis)
    chart.set_y_axis(
        {"num_font": _TEXT, "reverse": True, "label_position": "low", "line": {"color": GRA}}
    )
    chart.set_title({"name": "Avvikelse från referenskostnaden (Mkr)", "name_font": _RUBRIK})
    return _finish(chart, legend=False)


def _fill(stapel: Stapelfarg) -> dict[str, Any]:
    if not stapel.rander:
        return {"fill": {"color": stapel.farg}}
    stripes = {"pattern": _RANDER[stapel.rander], "fg_color": stapel.farg, "bg_color": VIT}
    return {"pattern": stripes}


def _finish(chart: Chart, *, legend: bool) -> Chart:
    chart.set_size({"width": BREDD, "height": _HOJD})
    chart.set_legend({"position": "bottom", "font": _TEXT} if legend else {"none": True})
    chart.set_chartarea({"border": {"color": LINJE}})
    return chart
