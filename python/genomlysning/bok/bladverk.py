"""The common ground of every sheet: heading, guidance, page set-up, and careful writing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from genomlysning.analys import Avsnitt
from genomlysning.bok import formler
from genomlysning.bok.beskrivning import (
    EXEMPELMARKNING,
    MAX_HJALP,
    TALSLAG,
    Blad,
    Knapp,
    Kolumn,
    Slag,
    list_reference,
)
from genomlysning.bok.cellvarde import SAKERT_RUM, Cellvarde, shorten_text
from genomlysning.bok.formatbok import Formatbok
from genomlysning.bok.plan import UTAN_KOMMUN, Bokplan, Tabellinnehall, compose_avsnitt
from genomlysning.bok.programtexter import EXEMPELFORKLARING, EXEMPELKALLA, EXEMPELTEXT
from genomlysning.bok.radblad import Radblad, is_rich
from genomlysning.bok.radhojd import TOM_RADHOJD, count_lines, row_height
from genomlysning.bok.utseende import (
    BLA,
    DATUM,
    DATUM_TID,
    EXEMPEL,
    GRA,
    GRON,
    GRON_TEXT,
    NEUTRAL,
    NEUTRAL_TEXT,
    ROD,
    ROD_TEXT,
    SKRIV,
    VIT,
    talformat,
    talformat_tecken,
)
from genomlysning.bok.vaxrader import Vaxblad
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.referenskostnad import DECIMALER_INDEX, DECIMALER_PROCENT
from genomlysning.regler.utveckling import Utveckling
from genomlysning.regler.visning import MEST_DECIMALER

RUBRIKRAD, UNDERRUBRIKRAD, MARKNINGSRAD, LEDTEXTRAD, KALLRAD, TABELLRAD = range(6)

GODA = (Bedomning.BATTRE, Bedomning.INOM_MALET, Utveckling.FORBATTRAD, "Ja")
DALIGA = (Bedomning.SAMRE, Bedomning.OVER_MALET, Utveckling.FORSAMRAD, "Nej")
MITTEMELLAN = (
    Bedomning.I_NIVA,
    Bedomning.LAGRE,
    Bedomning.HOGRE,
    Utveckling.OFORANDRAD,
)

#: Columns whose numbers show a plus sign.
_MED_TECKEN = ("skillnad", "forandring", "avvikelse_kr")
#: In a first column no wider than this the line of whose genomlysning it is takes three lines.
_SMAL_KOLUMN = 40
#: So many rows below a table are ready for figures that are added later.
_LEDIGA_RADER = 60
#: The last row that Excel has, from 0.
_SISTA_RAD = 1_048_575
#: Width in pixels of an A4 landscape page at scale 100 with our margins, a little less than it is,
#: since programs round differently; and of a column's digit and of its edges.
_SIDBREDD, _SIFFRA, _KANT = 1000, 7, 5
_LAGSTA_SKALA, _HOGSTA_SKALA = 48, 95
#: Buttons in pixels, and the height in points of the row that they stand in.
_KNAPPHOJD, _KNAPPMELLANRUM, _KNAPPRAD = 26, 8, 24


class _TomText(str):
    """An empty text as the result of a formula.

    XlsxWriter leaves out the type of an ordinary empty one, and Excel, which is not told to
    recalculate at opening, could show it as 0.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is self

    __hash__ = str.__hash__


TOM_TEXT = _TomText()


@dataclass
class Bladverk:
    """One sheet while it is being written, with the means to write it."""

    bok: xlsxwriter.Workbook
    sheet: Vaxblad
    blad: Blad
    plan: Bokplan
    format: Formatbok
    knappar: Sequence[Knapp] = ()
    bredder: list[float] = field(default_factory=list)
    _rader: dict[tuple[str, float], int] = field(default_factory=dict)

    def write(self, row: int, col: int, value: Cellvarde, fmt: Format | None = None) -> None:
        """Write a value as what it is: text stays text, whatever it looks like."""
        if value is None or value == "":
            done = self.sheet.write_blank(row, col, None, fmt)
        elif isinstance(value, datetime | date):
            done = self.sheet.write_datetime(row, col, value, fmt)
        elif isinstance(value, str) and is_rich(value):
            # In pieces, or it would be written as the XML that it looks like.
            plain = self.format.get()
            done = self.sheet.write_rich_string(row, col, "<", plain, value[1:], fmt or plain)
        elif isinstance(value, str):
            done = self.sheet.write_string(row, col, value, fmt)
        else:
            done = self.sheet.write_number(row, col, value, fmt)
        if done:
            raise ValueError(f"not written: {self.blad.namn} {xl_rowcol_to_cell(row, col)}")

    def write_formula(
        self, row: int, col: int, formula: str, value: Cellvarde, fmt: Format | None = None
    ) -> None:
        """Write a native formula with the value it gives, so that a preview shows it too."""
        cached = TOM_TEXT if value is None or value == "" else value
        if self.sheet.write_formula(row, col, formula, fmt, cached):
            raise ValueError(f"not written: {self.blad.namn} {xl_rowcol_to_cell(row, col)}")

    def write_avsnitt(self, row: int, col: int, avsnitt: Sequence[Avsnitt], fmt: Format) -> None:
        """Write headed sentences in one cell, headings bold, an empty line between paragraphs."""
        bold = self.format.get(bold=True, font_color=BLA)
        plain = self.format.get()
        parts: list[Any] = []
        for text, heading in compose_avsnitt(avsnitt):
            parts += [bold if heading else plain, text]
        if parts and self.sheet.write_rich_string(row, col, *parts, fmt):
            raise ValueError(f"not written: {self.blad.namn} {xl_rowcol_to_cell(row, col)}")

    def write_huvud(self, bredd: float, sista_kolumn: int, kalla: str = "") -> None:
        """Write the heading, whose genomlysning it is, any example mark, guidance and source.

        `bredd` is the width in characters of the columns up to `sista_kolumn`, over which
        longer texts are merged. `kalla` replaces the sheet's own line of sources.
        """
        sheet, fmt = self.sheet, self.format
        kalla = kalla or (
            EXEMPELKALLA if self.plan.exempel and self.blad.kalla else self.blad.kalla
        )
        # A wide table is printed on two pages with the first column on both. There the texts
        # keep to the columns of the first page, or they would be cut off on the second.
        split = bool(self.blad.sidbrytning_efter)
        sheet.hide_gridlines(2)
        sheet.set_row(RUBRIKRAD, 26)
        heading = self.plan.fill_namn(self.blad.rubrik)
        before, named, after = self.blad.rubrik.partition("{namnd_genitiv}")
        big = fmt.get(bold=True, font_size=18, font_color=BLA)
        if named:  # follows the committee's name on Start
            formula = f'="{before}"&{formler.NAMND_GENITIV}&"{after}"'
            self.write_formula(RUBRIKRAD, 0, formula, heading, big)
        else:
            self.write(RUBRIKRAD, 0, heading, big)
        self.write_formula(
            UNDERRUBRIKRAD,
            0,
            f'=IF(Kommun="","{UTAN_KOMMUN}",IF(Namnd="","",Namnd&", ")&Kommun'
            '&IF(Period="",""," · genomlysning "&Period))',
            self.plan.underrubrik,
            fmt.get(font_size=11, font_color=GRA, text_wrap=split),
        )
        self._write_markning(sista_kolumn, split)
        guidance = fmt.get(text_wrap=True, font_color=GRA, valign="top")
        source = fmt.get(text_wrap=True, font_color=GRA, italic=True, font_size=9)
        if split:
            sheet.set_row(UNDERRUBRIKRAD, 32 if self.bredder[0] > _SMAL_KOLUMN else 46)
            sheet.merge_range(RUBRIKRAD, 1, UNDERRUBRIKRAD, sista_kolumn, "", guidance)
            self.write(RUBRIKRAD, 1, self.blad.ledtext, guidance)
            sheet.set_row(LEDTEXTRAD, 4)
            self._merge(KALLRAD, 1, sista_kolumn, kalla, source)
            height = 12.5 * count_lines(kalla, bredd - self.bredder[0]) + 3
            sheet.set_row(KALLRAD, max(height, _KNAPPRAD) if self.knappar else height)
            self._insert_knappar()
            return
        for row, text, style in (
            (LEDTEXTRAD, self.blad.ledtext, guidance),
            (KALLRAD, kalla, source),
        ):
            if text:
                self._merge(row, 0, sista_kolumn, text, style)
                sheet.set_row(row, 13.5 * count_lines(text, bredd) + 4)
            else:
                sheet.set_row(row, 4)
        if self.knappar:
            sheet.set_row(KALLRAD, _KNAPPRAD)
            self._insert_knappar()

    def _insert_knappar(self) -> None:
        """Put the sheet's buttons side by side, from the left above its table."""
        x = 0
        for knapp in self.knappar:
            width = 24 + 7 * len(knapp.text)
            done = self.sheet.insert_button(
                KALLRAD,
                0,
                {
                    "macro": knapp.sub,
                    "caption": knapp.text,
                    "description": knapp.hjalp,
                    "width": width,
                    "height": _KNAPPHOJD,
                    "x_offset": x,
                    "y_offset": 2,
                },
            )
            if done:
                raise ValueError(f"button not written: {self.blad.namn} {knapp.text}")
            x += width + _KNAPPMELLANRUM

    def _write_markning(self, sista_kolumn: int, split: bool) -> None:
        """Mark example data on every sheet that shows any."""
        if not self.plan.exempel:
            self.sheet.set_row(MARKNINGSRAD, 4)
            return
        mark = self.format.get(bold=True, font_color=VIT, bg_color=EXEMPEL, font_size=11, indent=1)
        self.sheet.set_row(MARKNINGSRAD, 18)
        self.write(MARKNINGSRAD, 0, EXEMPELMARKNING if split else EXEMPELTEXT, mark)
        if split:
            self._merge(MARKNINGSRAD, 1, sista_kolumn, EXEMPELFORKLARING, mark)
        else:
            for col in range(1, sista_kolumn + 1):
                self.write(MARKNINGSRAD, col, None, mark)

    def _merge(self, row: int, first: int, last: int, text: str, fmt: Format) -> None:
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", fmt)
        self.write(row, first, text, fmt)

    def set_page(
        self,
        bredder: Sequence[float],
        *,
        repetera: tuple[int, int] | None = None,
        en_sida: bool = False,
    ) -> None:
        """Set A4 landscape, margins, header and footer; scale so that the columns fit the page.

        `bredder` are their widths in characters.
        """
        sheet = self.sheet
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        mark = f"&C&B{self.plan.amne}" if self.plan.exempel else ""
        # A space after the size, or a name that begins with a digit would be read as part of it.
        # Whose it is stands on the sheet, where it follows the settings; a header can't.
        sheet.set_header(f"{mark}&R&9 &A")
        sheet.set_footer("&L&9 Genomlysning&C&9 Sida &P av &N&R&9 Utskrivet &D")
        if repetera:
            sheet.repeat_rows(*repetera)
        if en_sida:
            sheet.fit_to_pages(1, 1)
            sheet.center_horizontally()
        else:
            scale = int(100 * _SIDBREDD / sum(_SIFFRA * b + _KANT for b in bredder))
            sheet.set_print_scale(max(_LAGSTA_SKALA, min(_HOGSTA_SKALA, scale)))

    def kolumnformat(self, kolumn: Kolumn, decimaler: int = 1) -> Format:
        """Return the format of a table cell in this column."""
        signed = kolumn.nyckel in _MED_TECKEN
        number = {
            Slag.TAL: talformat_tecken(decimaler) if signed else talformat(decimaler),
            Slag.KRONOR: talformat_tecken(0) if signed else talformat(0),
            Slag.PROCENT: talformat_tecken(DECIMALER_PROCENT),
            Slag.MKR: talformat_tecken(1),
            Slag.INDEX: talformat(DECIMALER_INDEX),
            Slag.HELTAL: "0",
            Slag.DATUM: DATUM,
            Slag.DATUM_TID: DATUM_TID,
        }.get(kolumn.slag)
        style: dict[str, Any] = {}
        if number:
            style["num_format"] = number
        if kolumn.slag in (Slag.DATUM, Slag.DATUM_TID):
            style |= {"align": "left", "indent": 1}
        if kolumn.slag in (Slag.TEXT, Slag.LANG_TEXT):
            style["text_wrap"] = True
        if kolumn.ifylls:
            # What people write stays text; longer texts than 255 characters suffer from it.
            style["num_format"] = "@"
        if kolumn.indragen:
            style |= {"align": "left", "indent": 1}
        if kolumn.ifylls:
            style["bg_color"] = SKRIV
        if kolumn.fet:
            style["bold"] = True
        return self.format.cell(**style)

    def write_tabell(self, innehall: Tabellinnehall, rad: int = TABELLRAD) -> int:
        """Write a table with its header at row `rad`; return the row after its last.

        An empty table gets rows to write in, since Excel's tables need at least one.
        """
        tabell = innehall.tabell
        kolumner = tabell.kolumner
        rows = list(innehall.rader)
        rows += [{}] * max(tabell.tomma - len(rows), 0 if rows else 1)
        first, last = rad + 1, rad + len(rows)
        style = {
            "bold": True,
            "font_color": VIT,
            "bg_color": BLA,
            "text_wrap": True,
            "border": 1,
            "border_color": BLA,
        }
        right, left = ({"align": "right"}, {"align": "left", "indent": 1})
        plain: dict[str, Any] = {}
        references = {
            k.nyckel: formler.this_row(tabell.namn, innehall.rubriker[k.nyckel]) for k in kolumner
        }
        formulas = {k.nyckel: k.formel.format(**references) for k in kolumner if k.formel}
        done = self.sheet.add_table(
            rad,
            0,
            last,
            len(kolumner) - 1,
            {
                "name": tabell.namn,
                "style": None,
                "autofilter": False,
                "columns": [
                    {
                        "header": innehall.rubriker[k.nyckel],
                        "header_format": self.format.get(
                            **style
                            | (right if k.slag in TALSLAG else plain if k.rubrikkolumn else left)
                        ),
                        "formula": formulas.get(k.nyckel, ""),
                    }
                    for k in kolumner
                ],
            },
        )
        if done:
            raise ValueError(f"table not written: {tabell.namn}")
        header_lines = (
            count_lines(innehall.rubriker[k.nyckel], bredd * 0.85)
            for k, bredd in zip(kolumner, self.bredder, strict=False)
        )
        self.sheet.set_row(rad, 13.5 * max(header_lines) + 6)
        styles: dict[int, list[Format]] = {}
        tall = any(k.ifylls and k.mall for k in kolumner)
        room = [k.fit(bredd) for k, bredd in zip(kolumner, self.bredder, strict=False)]
        keys = [k.nyckel for k in kolumner]
        for i, values in enumerate(rows):
            decimaler = innehall.decimaler[i] if i < len(innehall.decimaler) else 1
            if decimaler not in styles:
                styles[decimaler] = [self.kolumnformat(k, decimaler) for k in kolumner]
            get = values.get
            content = [None if (v := get(key)) == "" else v for key in keys]
            lines = self._fit_texts(content, room)
            height = None
            if lines > 1 or tall:
                height = row_height(lines) if values else TOM_RADHOJD
            self._write_row(innehall, first + i, content, formulas, styles[decimaler], height)
        # Rows that are added below get the same prompts and looks.
        reach = min(last + (_LEDIGA_RADER if len(self.blad.tabeller) == 1 else 0), _SISTA_RAD)
        for col, kolumn in enumerate(kolumner):
            self._validate(kolumn, rad, first, reach, col)
            if kolumn.slag is Slag.OMDOME:
                self.color_omdome(first, col, reach, col)
        self._strike_placering(kolumner, first, reach)
        self._show_decimaler(kolumner, first, reach)
        self._show_avgorande(kolumner, first, reach)
        return last + 1

    def _show_decimaler(self, kolumner: Sequence[Kolumn], first: int, last: int) -> None:
        """Show numbers with the decimals of the row's figure, also in rows that come later."""
        figure = next((i for i, k in enumerate(kolumner) if k.nyckel == "id"), None)
        if figure is None:
            return
        cell = f"{xl_col_to_name(figure, col_abs=True)}{first + 1}"
        for col, kolumn in enumerate(kolumner):
            if kolumn.slag is not Slag.TAL:
                continue
            shown = talformat_tecken if kolumn.nyckel in _MED_TECKEN else talformat
            for decimals in range(MEST_DECIMALER + 1):
                rule = f"=IFERROR(VLOOKUP({cell},{formler.REGLER},3,FALSE)={decimals},FALSE)"
                self.sheet.conditional_format(
                    first,
                    col,
                    last,
                    col,
                    {
                        "type": "formula",
                        "criteria": rule,
                        "format": self.format.villkor_tal(shown(decimals)),
                    },
                )

    def _show_avgorande(self, kolumner: Sequence[Kolumn], first: int, last: int) -> None:
        """Show what decides on the reference cost with the decimals that it takes to see why."""
        places = {k.nyckel: i for i, k in enumerate(kolumner)}
        index, similar = (places.get(k) for k in ("index", "index_liknande"))
        if (percent := places.get("procent")) is not None and "inom" in places:
            self.show_procent(first, percent, last)
        if index is None or similar is None:
            return
        for decimals in range(MEST_DECIMALER, DECIMALER_INDEX, -1):
            rule = formler.needs_decimaler(
                formler.BATTRE_INDEX,
                decimals,
                index=f"{xl_col_to_name(index, col_abs=True)}{first + 1}",
                index_liknande=f"{xl_col_to_name(similar, col_abs=True)}{first + 1}",
            )
            self._show_om(rule, decimals, talformat, (first, index, last, similar))

    def show_procent(self, first: int, col: int, last: int) -> None:
        """Show deviations with the decimals that it takes to see if they are above zero."""
        cell = f"{xl_col_to_name(col, col_abs=True)}{first + 1}"
        for decimals in range(MEST_DECIMALER, DECIMALER_PROCENT, -1):
            rule = formler.needs_decimaler(formler.OVER_NOLL, decimals, procent=cell)
            self._show_om(rule, decimals, talformat_tecken, (first, col, last, col))

    def _show_om(
        self,
        regel: str,
        decimaler: int,
        form: Callable[[int], str],
        omrade: tuple[int, int, int, int],
    ) -> None:
        style = {"type": "formula", "criteria": regel, "stop_if_true": True}
        self.sheet.conditional_format(
            *omrade, style | {"format": self.format.villkor_tal(form(decimaler))}
        )

    def _strike_placering(self, kolumner: Sequence[Kolumn], first: int, last: int) -> None:
        """Strike out a place that was fetched for another wanted direction than the row's."""
        columns = {k.nyckel: xl_col_to_name(i, col_abs=True) for i, k in enumerate(kolumner)}
        if "placering" not in columns:
            return
        row = first + 1
        figure, direction = (f"{columns[k]}{row}" for k in ("id", "riktning"))
        fetched = f"VLOOKUP({figure},{formler.REGLER},6,FALSE)"
        self.sheet.conditional_format(
            f"{columns['placering']}{row}:{columns['av']}{last + 1}",
            {
                "type": "formula",
                "criteria": f'=AND({figure}<>"",IFERROR({fetched}<>{direction},FALSE))',
                "format": self.format.struken,
            },
        )

    def _fit_texts(self, content: list[Cellvarde], rum: Sequence[float]) -> int:
        """Shorten what no cell has room for; return the lines that a row's texts take.

        `rum` is the room of the columns, in characters.
        """
        lines = 1
        for i, (value, room) in enumerate(zip(content, rum, strict=False)):
            # Counting takes its time: the shortest have one, and long ones come again.
            if type(value) is str and (len(value) > room / 2 or "\n" in value):
                if len(value) > SAKERT_RUM:
                    content[i] = value = shorten_text(value)
                known = self._rader.get((value, room))
                if known is None:
                    known = self._rader[value, room] = count_lines(value, room)
                lines = max(lines, known)
        return lines

    def _write_row(
        self,
        innehall: Tabellinnehall,
        row: int,
        content: Sequence[Cellvarde],
        formulas: Mapping[str, str],
        styles: Sequence[Format],
        height: float | None,
    ) -> None:
        """Write a row, `height` points high or as high as rows are."""
        if (
            not formulas
            and isinstance(self.sheet, Radblad)
            and self.sheet.write_rad(row, content, styles, height)
        ):
            return
        kolumner = innehall.tabell.kolumner
        for col, (kolumn, value, fmt) in enumerate(zip(kolumner, content, styles, strict=True)):
            if kolumn.nyckel in formulas:
                self.write_formula(row, col, formulas[kolumn.nyckel], value, fmt)
            else:
                self.write(row, col, value, fmt)
        if height is not None:
            self.sheet.set_least_height(row, height)

    def _validate(self, kolumn: Kolumn, header: int, first: int, last: int, col: int) -> None:
        """Attach the dropdown and the prompt; ours are explained at the header alone."""
        if not (kolumn.lista or kolumn.hjalp):
            return
        title, text = kolumn.rubrik.split("{")[0].strip()[: MAX_HJALP[0]], kolumn.hjalp
        if len(text) > MAX_HJALP[1]:
            raise ValueError(f"prompt too long: {kolumn.nyckel}")
        prompt = {"input_title": title, "input_message": text} if text else {}
        if kolumn.lista:
            done = self.sheet.data_validation(
                first,
                col,
                last,
                col,
                prompt
                | {
                    "validate": "list",
                    "source": list_reference(kolumn.lista),
                    "error_title": "Välj ur listan",
                    "error_message": "Välj ett av orden i listan, eller lämna tomt.",
                },
            )
        elif kolumn.ifylls:
            done = self.sheet.data_validation(first, col, last, col, prompt | {"validate": "any"})
        else:
            done = self.sheet.data_validation(
                header, col, header, col, prompt | {"validate": "any"}
            )
        if done:
            raise ValueError(f"validation not written: {kolumn.nyckel}")

    def color_omdome(self, r1: int, c1: int, r2: int, c2: int) -> None:
        """Colour verdicts; bold or italic tells good from bad in black and white."""
        good = {"bg_color": GRON, "font_color": GRON_TEXT, "bold": True}
        bad = {"bg_color": ROD, "font_color": ROD_TEXT, "bold": True, "italic": True}
        level = {"bg_color": NEUTRAL, "font_color": NEUTRAL_TEXT}
        for words, style in ((GODA, good), (DALIGA, bad), (MITTEMELLAN, level)):
            fmt = self.bok.add_format(style) if id(words) not in self.format.villkor else None
            fmt = self.format.villkor.setdefault(id(words), fmt)
            for word in words:
                self.sheet.conditional_format(
                    r1,
                    c1,
                    r2,
                    c2,
                    {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": fmt},
                )

    def set_column_widths(self, bredder: Sequence[float]) -> None:
        """Set the widths of the columns from A on, in characters."""
        self.bredder = list(bredder)
        for col, bredd in enumerate(self.bredder):
            self.sheet.set_column(col, col, bredd)

    def write_rutnat_rubriker(self, row: int, col: int, words: Sequence[str]) -> None:
        """Write the header of a grid that is not a table."""
        style = {"bold": True, "font_color": BLA, "bottom": 2, "bottom_color": BLA}
        for i, word in enumerate(words):
            align = {} if i == 0 else {"align": "center"}
            self.write(row, col + i, word, self.format.get(text_wrap=True, **style, **align))

    def mellanrubrik(self, row: int, col: int, text: str) -> None:
        """Write a heading within the sheet."""
        self.sheet.set_row(row, 20)
        self.write(
            row,
            col,
            text,
            self.format.get(bold=True, font_size=13, font_color=BLA, valign="bottom"),
        )


def _escape(text: str) -> str:
    """Return a text for Excel's header and footer codes."""
    return text.replace("&", "&&")
