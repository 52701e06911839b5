"""Worksheets whose rows can grow with what people write in them."""

from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

_Attribut = Sequence[tuple[str, Any]]


class Vaxblad(Worksheet):  # type: ignore[misc]
    """A worksheet of XlsxWriter's, which otherwise fixes each height that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self._vaxande: set[int] = set()

    def set_least_height(self, row: int, height: float) -> None:
        """Give a row a height in points until something is written in it; then it fits its text."""
        self.set_row(row, height)
        self._vaxande.add(row)

    # XlsxWriter writes the tag of a row, and of nothing else, with these two. The height of a
    # row that can grow is a hint, without the mark that keeps it (ECMA-376 18.3.1.73).
    def _xml_start_tag_unencoded(self, tag: str, attributes: _Attribut = ()) -> None:
        super()._xml_start_tag_unencoded(tag, self._let_grow(attributes))

    def _xml_empty_tag_unencoded(self, tag: str, attributes: _Attribut = ()) -> None:
        super()._xml_empty_tag_unencoded(tag, self._let_grow(attributes))

    def _let_grow(self, attributes: _Attribut) -> _Attribut:
        number = next((value for name, value in attributes if name == "r"), 0)
        if number - 1 not in self._vaxande:
            return attributes
        return [a for a in attributes if a[0] != "customHeight"]
