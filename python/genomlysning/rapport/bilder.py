"""Draws the report's charts with matplotlib, in the workbook's palette.

matplotlib is an extra: it is large, and xlwings imports it wherever it is installed, which would
make every button in Excel slower. Without it a report has no pictures.
"""

import importlib.util
from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

from genomlysning.bok.kvadrant import limit_axel
from genomlysning.bok.utseende import (
    BLA,
    DIAGRAMTEXT,
    GRA,
    LINJE,
    LJUSBLA,
    MARKORER,
    RUTNAT,
    SERIER,
    STAPLAR,
    TYPSNITT,
    VIT,
    bedomningsrubrik,
)
from genomlysning.rapport.innehall import Avvikelser, Diagram, Kvadrant, Staplar, Tidslinje
from genomlysning.svenska import MINUS, format_tal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Dots per inch, which print and a projector both stand.
_DPI = 200
#: Carlito has Calibri's letters; the last comes with matplotlib.
_TYPSNITT = (TYPSNITT, "Carlito", "DejaVu Sans")
_TEXT, _LITEN = 9.5, 8.5
#: The workbook's markers by matplotlib's names; those that it lacks get others of their own.
_MARKORER = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle": "^",
    "x": "X",
    "star": "*",
    "plus": "P",
    "long_dash": "v",
    "short_dash": "<",
}
_RANDER = {"": "", "upp": "///", "ned": "\\\\\\\\"}
#: Where a point's name may stand, in points from it: the first that is free is taken.
_LAGEN = ((0, 9), (0, -17), (10, -4), (-10, -4), (0, 20), (0, -28))


_LEGEND: dict[str, Any] = {"fontsize": _LITEN, "columnspacing": 1.4, "handletextpad": 0.5}
#: A bar's name is broken after so many letters, and cut after so many lines.
_NAMNBREDD, _NAMNRADER = 28, 2


def can_draw() -> bool:
    """Tell whether the plotting library is installed, without importing it."""
    return importlib.util.find_spec("matplotlib") is not None


def draw(diagram: Diagram, bredd: float) -> bytes:
    """Return a chart as PNG, so many centimetres wide."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = _find_hojd(diagram)
    style: Any = {
        "font.family": [_find_typsnitt()],
        "font.size": _TEXT,
        "text.color": DIAGRAMTEXT,
        "axes.labelcolor": DIAGRAMTEXT,
        "xtick.color": DIAGRAMTEXT,
        "ytick.color": DIAGRAMTEXT,
        "axes.unicode_minus": True,
        "hatch.linewidth": 1.2,
        "legend.frameon": False,
    }
    with rc_context(style):
        figure = Figure(figsize=(bredd / 2.54, height / 2.54), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        match diagram:
            case Kvadrant():
                _draw_kvadrant(figure, axes, diagram)
            case Tidslinje():
                _draw_tidslinje(axes, diagram)
            case Staplar():
                _draw_staplar(figure, axes, diagram)
            case Avvikelser():
                _draw_avvikelser(axes, diagram)
        memory = BytesIO()
        # Without the version, so that the same report makes the same picture.
        figure.savefig(memory, format="png", metadata={"Software": None})
    return memory.getvalue()


def _find_hojd(diagram: Diagram) -> float:
    """Return a picture's height in centimetres: bars need so much each, and their legend."""
    match diagram:
        case Kvadrant():
            return 7.0
        case Tidslinje():
            return 5.9
        case Staplar():
            return max(4.4, 2.0 + 0.8 * len(diagram.antal))
        case Avvikelser():
            return 1.6 + 0.8 * len(diagram.mkr)


def _find_typsnitt() -> str:
    from matplotlib.font_manager import fontManager

    known = {f.name for f in fontManager.ttflist}
    return next((name for name in _TYPSNITT if name in known), _TYPSNITT[-1])


def _look(nummer: int) -> dict[str, Any]:
    colour = SERIER[nummer % len(SERIER)]
    marker = _MARKORER[MARKORER[nummer % len(MARKORER)]]
    return {"color": colour, "marker": marker, "markersize": 8, "markeredgecolor": VIT}


def _draw_kvadrant(figure: "Figure", axes: "Axes", diagram: Kvadrant) -> None:
    x_end = limit_axel(x for _, _, x, _ in diagram.punkter)
    y_end = limit_axel(y for *_, y in diagram.punkter)
    axes.set_xlim(-x_end, x_end)
    axes.set_ylim(-y_end, y_end)
    axes.axvspan(-x_end, 0, 0.5, 1, color=LJUSBLA, zorder=0)
    axes.axhline(0, color=GRA, linewidth=1)
    axes.axvline(0, color=GRA, linewidth=1)
    axes.set_xticks([-x_end, -x_end / 2, 0, x_end / 2, x_end])
    axes.set_yticks([-y_end, -y_end / 2, 0, y_end / 2, y_end])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_format_tecken)
    axes.set_xlabel("Kostnad mot referenskostnad (%)")
    axes.set_ylabel("Kvalitetsindex mot liknande kommuner")
    goal = axes.text(
        -x_end * 0.97,
        y_end * 0.95,
        "Målet: lägre kostnad och högre kvalitet",
        fontsize=_LITEN,
        color=BLA,
        va="top",
        fontweight="bold",
    )
    for nummer, _, x, y in diagram.punkter:
        axes.plot(x, y, linestyle="", **(_look(nummer) | {"markersize": 10}))
    figure.canvas.draw()
    taken = [goal.get_window_extent()]
    for _, name, x, y in diagram.punkter:
        for dx, dy in _LAGEN:
            label = axes.annotate(
                name,
                (x, y),
                (dx, dy),
                textcoords="offset points",
                ha="center" if not dx else "left" if dx > 0 else "right",
                annotation_clip=False,
            )
            box = label.get_window_extent()
            inside = axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1
            last = (dx, dy) == _LAGEN[-1]
            if last or (inside and not any(box.overlaps(other) for other in taken)):
                taken.append(box)
                break
            label.remove()


def _draw_tidslinje(axes: "Axes", diagram: Tidslinje) -> None:
    places = range(len(diagram.years))
    for nummer, name, values in diagram.serier:
        heights = [float("nan") if v is None else v for v in values]
        axes.plot(places, heights, linewidth=2, label=name, clip_on=False, **_look(nummer))
    axes.axhline(0, color=GRA, linewidth=1.2, zorder=1)
    axes.set_xticks(list(places), diagram.years)
    axes.set_ylabel("Procent")
    axes.yaxis.set_major_formatter(_format_tecken)
    _set_rutnat(axes, "y")
    _set_legend(axes, 3)


def _draw_staplar(figure: "Figure", axes: "Axes", diagram: Staplar) -> None:
    rows = list(diagram.antal)
    start = dict.fromkeys(rows, 0)
    for verdict, look in STAPLAR.items():
        widths = [diagram.antal[r].get(verdict, 0) for r in rows]
        if not any(widths):
            continue
        bars = axes.barh(
            rows,
            widths,
            left=[start[r] for r in rows],
            height=0.62,
            color=VIT if look.rander else look.farg,
            hatch=_RANDER[look.rander] or None,
            edgecolor=look.farg if look.rander else GRA,
            linewidth=0.7,
            label=bedomningsrubrik(verdict),
        )
        for row, bar, width in zip(rows, bars, widths, strict=True):
            if width:
                axes.text(
                    start[row] + width / 2,
                    bar.get_y() + bar.get_height() / 2,
                    str(width),
                    ha="center",
                    va="center",
                    fontweight="bold",
                    color=VIT if look.mork else DIAGRAMTEXT,
                    bbox={"facecolor": VIT, "edgecolor": "none", "pad": 1.2}
                    if look.rander
                    else None,
                )
            start[row] += width
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_color(LINJE)
    axes.tick_params(length=0)
    _wrap_namn(axes, rows)
    # Below the whole picture: with long names there is too little room below the bars alone.
    figure.legend(loc="outside lower center", ncols=4, **_LEGEND)


def _draw_avvikelser(axes: "Axes", diagram: Avvikelser) -> None:
    names, amounts = list(diagram.mkr), list(diagram.mkr.values())
    axes.barh(names, amounts, height=0.62, color=BLA)
    span = max(map(abs, amounts), default=0.0) or 1.0
    low, high = min(0.0, *amounts), max(0.0, *amounts)
    # Room for the numbers at the ends of the bars.
    axes.set_xlim(low - 0.22 * span * (low < 0), high + 0.22 * span * (high > 0))
    for row, amount in enumerate(amounts):
        axes.annotate(
            format_tal(amount, 1, tecken=True),
            (amount, row),
            (4 if amount >= 0 else -4, 0),
            textcoords="offset points",
            ha="left" if amount >= 0 else "right",
            va="center",
        )
    axes.axvline(0, color=GRA, linewidth=1)
    axes.invert_yaxis()
    _wrap_namn(axes, names)
    axes.set_xlabel("Mkr under (−) och över (+) referenskostnaden")
    axes.xaxis.set_major_formatter(_format_tecken)
    _set_rutnat(axes, "x")


def _wrap_namn(axes: "Axes", namn: Sequence[str]) -> None:
    """Write the names of the bars, long ones on several lines."""
    wrapped = ["\n".join(wrap(n, _NAMNBREDD, max_lines=_NAMNRADER, placeholder=" …")) for n in namn]
    axes.set_yticks(range(len(namn)), wrapped)


def _set_rutnat(axes: "Axes", axel: Literal["x", "y"]) -> None:
    """Rule faint lines for one axis behind what is drawn."""
    axes.grid(axis=axel, color=RUTNAT, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(LINJE)
    axes.tick_params(length=0)


def _set_legend(axes: "Axes", kolumner: int) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=kolumner, **_LEGEND)


def _format_tecken(value: float, _: object = None) -> str:
    """Write a number at an axis with its sign, as the workbook's charts do."""
    text = f"{abs(value):g}".replace(".", ",")
    return MINUS + text if value < 0 else f"+{text}" if value > 0 else text
