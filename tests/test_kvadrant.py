"""The diagram of cost and quality: its axes follow from the verksamheter that it draws."""

from genomlysning.bok.kvadrant import Verksamhetslage, limit_axel, list_diagramhorn


def lage(namn: str, procent: float | None, skillnad: float | None) -> Verksamhetslage:
    return Verksamhetslage(namn, procent, None, skillnad, "", "", "")


def test_the_axes_reckon_with_those_that_are_drawn() -> None:
    drawn = [lage("Förskola", 2.4, 7.2), lage("Grundskola", -3.1, -6.4)]
    corners = list_diagramhorn(drawn)
    x, y = limit_axel([2.4, -3.1]), limit_axel([7.2, -6.4])
    assert corners == [("Hörn", -x, -y), ("Hörn", x, y)]
    # Without an index, or a deviation, there is no point, however far away the other is.
    assert list_diagramhorn([*drawn, lage("LSS", 55.0, None), lage("IFO", None, 60.0)]) == corners
