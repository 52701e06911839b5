"""Puts the report together from a workbook: chapters as in the template, in its order.

A table without rows of content is left out, and a heading when nothing is left under it. The
chapters and their numbers stay, so that what people write about '2.3' still points right.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from genomlysning.bok import beskrivning
from genomlysning.bok.beskrivning import (
    ARSKOLUMNER,
    ARSKOLUMNER_REFERENSKOSTNAD,
    EXEMPELMARKNING,
    JAMFORELSER,
    OVER_TID,
    TALSLAG,
    UTAN_NAMND,
    Blad,
)
from genomlysning.bok.formler import EJ_JAMFORBAR
from genomlysning.bok.kvadrant import Punktlage, describe_saknas
from genomlysning.bok.omrakning import find_regel, parse_riktning
from genomlysning.bok.utseende import STAPLAR
from genomlysning.fel import AnvandarFel, Meddelande
from genomlysning.kallrad import Tal, tell_kalla
from genomlysning.ord import Kategori, Riktning
from genomlysning.profil import load_verksamheter
from genomlysning.rapport import texter
from genomlysning.rapport.atgarder import (
    count_atgarder,
    list_atgarder,
    make_rad,
    sum_mojligt,
    sum_realiserat,
    tell_status,
)
from genomlysning.rapport.beloppsord import tell_belopp
from genomlysning.rapport.bokdata import Bokdata, Bokrad, Boktabell, find_year
from genomlysning.rapport.fritext import parse_fritext
from genomlysning.rapport.innehall import (
    TOM_CELL,
    Bild,
    Block,
    Cell,
    Kolumn,
    Kvadrant,
    Lista,
    Punkt,
    Rapport,
    Rubrik,
    Staplar,
    Stil,
    Stycke,
    Tabell,
    Text,
    Tidslinje,
    Uppgifter,
)
from genomlysning.rapport.noter import (
    KALLRAD_EXEMPEL,
    Andringar,
    Notapparat,
    read_andringar,
    tell_anmarkningar,
    tell_falt,
    tell_kallor,
    tell_revidering,
)
from genomlysning.regler.bedomning import Bedomning, Toleranser
from genomlysning.regler.referenskostnad import Svar
from genomlysning.regler.visning import choose_decimaler, choose_index_decimaler
from genomlysning.summaord import describe_avvikelse, tell_summa
from genomlysning.svenska import (
    format_datum,
    format_ordning,
    format_tal,
    genitiv,
    join_och,
    lower_first,
    namn_i_text,
    uppraknat,
)
from genomlysning.verksamhetskostnad import Avvikelserad, sum_avvikelserader

INSTALLNING_TOM = Meddelande(
    "rapport-installning-tom",
    "{etikett} är tomt på bladet Start, så det går inte att säga vems genomlysning det är.",
    "Fyll i det och spara arbetsboken. Ingen rapport har skrivits.",
)
UTELAMNAT = Meddelande(
    "rapport-utelamnat",
    "På bladet Start saknas {etiketter}, och det som skulle ha sagt det är utelämnat.",
    "Fyll i det och skriv rapporten igen om det ska vara med.",
)
UTAN_NAMN = Meddelande(
    "rapport-utan-namn",
    "Nämndens namn är inte ifyllt på bladet Start: rapporten säger ”{namnd}”.",
    "Skriv namnet i fältet Nämnd.",
)
INGA_VARDEN = Meddelande(
    "rapport-inga-varden",
    "Arbetsboken har inga värden{year}, så rapporten säger inget om kostnader och resultat.",
    "Hämta värden, eller välj på bladet Start ett dataår som Kolada har värden för.",
)
INDEX_SAKNAS = Meddelande(
    "rapport-index-saknas",
    "Koladas index {ids} ska redovisas bland ekonominyckeltalen i 2.1 men finns inte där.",
    "Lägg tillbaka raderna, om index fortfarande gäller nämndens verksamheter.",
)
KOLUMN_SAKNAS = Meddelande(
    "rapport-kolumn-saknas",
    "Tabellen {tabell} saknar kolumnen {kolumn}, som därför inte är med.",
)
TEXT_SAKNAS = Meddelande(
    "rapport-text-saknas",
    "{vad} är inte skriven; en påminnelse står i rapporten där den ska vara.",
    "Skriv den på bladet {blad}.",
)
INGA_FORFLYTTNINGAR = Meddelande(
    "rapport-inga-forflyttningar",
    "Inga nya förflyttningar är ifyllda; en påminnelse står i kapitel 4.",
    "Skriv dem på bladen 4.1 och 4.2.",
)

_JAMFORDA = ("varde", "liknande", "snitt")
_NUMMER = re.compile(r"^\d+(?:\.\d+)*\.?\s+")
#: The settings that a sentence or a line of the report tells; empty ones are warned of.
_BERATTADE = ("Period", "Ordningstal", "Diarienummer")


def compose_rapport(data: Bokdata, idag: date) -> Rapport:
    """Return the report; raises AnvandarFel where the workbook does not say whose it is."""
    work = _Arbete(data, _read_uppgifter(data, idag))
    blocks = (*work.kapitel_1(), *work.kapitel_2(), *work.kapitel_3(), *work.kapitel_4())
    return Rapport(
        uppgifter=work.uppgifter,
        exempel=data.exempel,
        block=blocks,
        utelamnade=work.utelamnade,
        varningar=(*data.varningar, *_warn(data, work.uppgifter), *work.varningar),
        forst=tuple(_tell_forst(data, work.uppgifter)),
    )


def _read_uppgifter(data: Bokdata, idag: date) -> Uppgifter:
    for namn in ("Kommun", "Namnd"):
        if not data.installning(namn):
            raise AnvandarFel(INSTALLNING_TOM, etikett=_etikett(namn))
    namnd = data.installning("Namnd")
    inne = namn_i_text(namnd)
    ordning = data.installning("Ordningstal")
    number = int(ordning) if ordning.isdigit() else 0
    datum = data.installning("AntagenDatum")
    # Start suggests a year; a first genomlysning has none before it.
    forra = "" if number == 1 else data.installning("ForraAret")
    count, _ = (0, 0) if number == 1 else count_atgarder(data, forra)
    return Uppgifter(
        kommun=data.installning("Kommun"),
        namnd=namnd,
        namnd_i_text=inne,
        namndens=genitiv(inne),
        forvaltning=_read_forvaltning(data),
        period=data.installning("Period"),
        dataar=data.installning("Dataar"),
        datum=datum or idag.isoformat(),
        diarienummer=data.installning("Diarienummer"),
        antagen=_read_beslut(data, "Antagen"),
        ordning=format_ordning(number) if number else ordning,
        forra=forra,
        forra_antagen="" if number == 1 else _read_beslut(data, "ForraAntagen"),
        forra_atgarder=uppraknat(count, "åtgärd", "åtgärder") if count else "",
    )


def _read_beslut(data: Bokdata, namn: str) -> str:
    """Return when and under which paragraph a genomlysning was adopted; empty without a day."""
    datum, paragraf = (data.installning(f"{namn}{n}") for n in ("Datum", "Paragraf"))
    if paragraf and paragraf[0].isdigit():
        paragraf = f"§\u00a0{paragraf}"
    return ", ".join(t for t in (_i_text(datum), paragraf) if t) if datum else ""


def _i_text(datum: str) -> str:
    """Return a day as running text has it; what is no day is told as written."""
    try:
        return f"den {format_datum(date.fromisoformat(datum))}"
    except ValueError:
        return datum


def _read_forvaltning(data: Bokdata) -> str:
    """Return the administration's name from the heading of 4.1, which the profile gave."""
    blad = beskrivning.FORFLYTTNINGSBLAD[0]
    before, after = blad.rubrik.split("{forvaltning}")
    heading = data.rubriker.get(blad.kodnamn, "")
    if heading.startswith(before) and heading.endswith(after):
        found = heading[len(before) : len(heading) - len(after)].strip()
    else:
        found = ""
    return found or "förvaltningen"


def _has_varden(data: Bokdata) -> bool:
    """Tell whether a workbook has anything to report of the data year, but for words."""
    return (
        any(r.tal("varde") is not None for name in JAMFORELSER for r in data.rader(name))
        or any(r.tal(ARSKOLUMNER[-1]) is not None for name in OVER_TID for r in data.rader(name))
        or any(r.tal("procent") is not None for r in data.rader("Referenskostnad"))
    )


def _namnge_index(nyckeltal: str) -> str:
    """Return an index by what it is called, with its id."""
    for v in load_verksamheter().values():
        for kind, figure in (
            ("kvalitetsindex", v.kvalitetsindex),
            ("resursindex", v.resursindex),
            ("effektivitetsindex", v.effektivitetsindex),
        ):
            if figure == nyckeltal:
                return f"{kind} för {lower_first(v.namn)} ({nyckeltal})"
    return nyckeltal


def _tell_forst(data: Bokdata, uppgifter: Uppgifter) -> Iterator[Stycke]:
    """Yield what must be known before anything else is read."""
    if not _has_varden(data):
        year = f" för {uppgifter.dataar}" if uppgifter.dataar else ""
        yield Stycke(texter.UTAN_VARDEN.format(year=year), Stil.VARNING)


def _etikett(namn: str) -> str:
    return next(p.etikett for p in beskrivning.INSTALLNINGAR if p.namn == namn)


def _warn(data: Bokdata, uppgifter: Uppgifter) -> Iterator[str]:
    empty = [_etikett(n) for n in _BERATTADE if not data.installning(n)]
    if empty:
        yield UTELAMNAT.format(etiketter=join_och(empty))
    if not _has_varden(data):
        yield INGA_VARDEN.format(year=f" för {uppgifter.dataar}" if uppgifter.dataar else "")
    if uppgifter.namnd == UTAN_NAMND:
        yield UTAN_NAMN.format(namnd=UTAN_NAMND)
    shown = {r.text("id").strip().upper() for r in data.rader(Kategori.EKONOMI.value)}
    missing = [i for i in data.indexkrav if i.upper() not in shown]
    if missing:
        yield INDEX_SAKNAS.format(ids=join_och([_namnge_index(i) for i in missing]))


@dataclass(slots=True)
class _Arbete:
    """The report while it is being put together."""

    data: Bokdata
    uppgifter: Uppgifter
    utelamnade: list[str] = field(default_factory=list)
    varningar: list[str] = field(default_factory=list)

    # ---- chapters --------------------------------------------------------------------------

    def kapitel_1(self) -> Iterator[Block]:
        """Yield the introduction."""
        u = self.uppgifter
        yield Rubrik((1,), texter.RUBRIK_1)
        yield Stycke(texter.MAL)
        yield Stycke(texter.MATT.format(kommun=u.kommun))
        yield Rubrik((1, 1), f"{_stor(u.namndens)} genomlysning {u.period}".strip())
        yield Stycke(texter.GENOMLYSNINGEN.format(namndens=u.namndens))
        yield Stycke(texter.DISPOSITION)
        _, others = count_atgarder(self.data, u.forra)
        if text := texter.tell_ordning(u, others):
            yield Stycke(text)

    def kapitel_2(self) -> Iterator[Block]:
        """Yield the figures, how the verksamheter stand, and the committee's analysis."""
        u = self.uppgifter
        sections = [(k, list(self._nyckeltal(i, k))) for i, k in enumerate(Kategori, start=1)]
        yield Rubrik((2,), f"{_stor(u.namndens)} effektivitet")
        yield Stycke(texter.tell_nyckeltal(u, [k for k, blocks in sections if blocks]))
        if any(r.text("id") for name in JAMFORELSER for r in self.data.rader(name)):
            yield Stycke(texter.LIKNANDE.format(kommun=u.kommun))
            yield from self._grupper()
        if any(self.data.rader(name) for name in OVER_TID):
            yield Stycke(texter.OVER_TID)
        yield from self._oversikt()
        for _, blocks in sections:
            yield from blocks
        yield Rubrik((2, 4), f"Analys av {u.namndens} effektivitet")
        yield from self._fritext(
            beskrivning.ANALYSTEXT,
            texter.EJ_ANALYS,
            beskrivning.TEXTRUTOR[beskrivning.ANALYSTEXT][1],
            beskrivning.ANALYS,
        )

    def kapitel_3(self) -> Iterator[Block]:
        """Yield the follow-up of the former genomlysning's measures."""
        u, blad = self.uppgifter, beskrivning.UPPFOLJNING
        yield Rubrik((3,), texter.RUBRIK_3, blad.ledtext)
        tables = [self._atgarder(b, (3, i)) for i, b in enumerate(beskrivning.UPPFOLJNINGSBLAD, 1)]
        written = beskrivning.UPPFOLJNINGSTEXT in self.data.texter or any(tables)
        if not written and u.ordning == format_ordning(1):
            yield Stycke(texter.FORSTA)
            return
        yield Stycke(texter.tell_uppfoljning(u))
        if measures := list_atgarder(self.data):
            yield Stycke(self._tell_realiserat(measures))
        yield from self._fritext(
            beskrivning.UPPFOLJNINGSTEXT,
            texter.EJ_UPPFOLJNING,
            "Den övergripande uppföljningen",
            blad,
        )
        for blocks in tables:
            yield from blocks

    def kapitel_4(self) -> Iterator[Block]:
        """Yield the new possible moves."""
        u = self.uppgifter
        heading = f"Möjliga förflyttningar för ökad effektivitet {u.period}".strip()
        yield Rubrik((4,), heading, texter.RAD_4)
        inom, over = beskrivning.FORFLYTTNINGSBLAD
        own = _NUMMER.sub("", inom.rubrik).format(forvaltning=u.forvaltning)
        tables = [
            self._atgarder(inom, (4, 1), own),
            self._atgarder(over, (4, 2), texter.RUBRIK_42),
        ]
        if any(tables):
            for text in texter.tell_forflyttningar(u):
                yield Stycke(text)
            yield from self._mojligt()
        else:
            self.varningar.append(INGA_FORFLYTTNINGAR.format())
            yield Stycke(texter.EJ_FORFLYTTNINGAR, Stil.SAKNAS)
        name = beskrivning.FORFLYTTNINGSTEXT
        # A workbook of an earlier form has no area for it.
        if name in self.data.texter or (any(tables) and name in self.data.textrutor):
            yield from self._fritext(
                name,
                texter.EJ_RESONEMANG,
                "Texten om varför det blev dessa förflyttningar",
                beskrivning.ANALYS,
            )
        for blocks in tables:
            yield from blocks

    def _tell_realiserat(self, atgarder: Sequence[Bokrad]) -> str:
        """Return how far the measures have come, and what they have come to."""
        total = sum_realiserat(atgarder)
        told = tell_belopp(total, "Realiserad effekt", "åtgärd", "åtgärder")
        guessed = [texter.ANTAGET] if total.antagna else []
        return " ".join([tell_status(atgarder), told, *guessed])

    def _mojligt(self) -> Iterator[Text]:
        """Yield what the new moves may come to."""
        total = sum_mojligt(self.data)
        if total.rader:
            told = tell_belopp(total, "Möjlig effektivisering", "förflyttning", "förflyttningar")
            yield Stycke(f"{told} {texter.MOJLIGT}" if total.summa.antal_lasta else told)

    # ---- text ------------------------------------------------------------------------------

    def _fritext(self, namn: str, annars: str, vad: str, blad: Blad) -> Iterator[Text]:
        """Yield what people have written, else a reminder that can't be missed."""
        text = self.data.texter.get(namn)
        if text is None:
            self.varningar.append(TEXT_SAKNAS.format(vad=vad, blad=blad.namn))
            yield Stycke(annars, Stil.SAKNAS)
        else:
            yield from parse_fritext(text)

    def _grupper(self) -> Iterator[Text]:
        """Yield which municipalities are the similar ones, area by area."""
        rows = [r for r in self.data.rader("Jamforelsegrupper") if r.text("kommuner")]
        if not rows:
            return
        yield Stycke(texter.GRUPPER if len(rows) > 1 else texter.GRUPP)
        yield Lista(tuple(Punkt(_grupprad(r)) for r in rows))

    # ---- how the verksamheter stand --------------------------------------------------------

    def _oversikt(self) -> Iterator[Block]:
        """Yield cost against reference cost and results, in words and pictures."""
        rows = [r for r in self.data.rader("Referenskostnad") if r.text("verksamhet")]
        if rows:
            year = self.uppgifter.dataar
            yield Stycke(texter.MALET.format(year=f" {year}" if year else ""))
            tolerances = self.data.toleranser
            yield Lista(tuple(Punkt(_verksamhetsrad(r, tolerances)) for r in rows))
            told = tell_summa(sum_avvikelserader([_avvikelserad(r) for r in rows]))
            if told:
                yield Stycke(told)
            shown = ("procent", "mkr", "index", "index_liknande")
            yield from self._kallor(rows, shown, "bedömningar", *(["summor"] if told else []))
        for bild in (self._kvadrant(rows), self._tidslinje(), self._staplar()):
            if bild is not None:
                yield bild

    def _kallor(
        self, rader: Sequence[Bokrad], nycklar: Sequence[str], *egna: str
    ) -> tuple[Stycke, ...]:
        """Return the source of numbers shown of verksamheter, by column; `egna` is all else."""
        if self.data.exempel:
            return (Stycke(KALLRAD_EXEMPEL, Stil.EXEMPEL),)
        numbers = [
            Tal(key, r.text("verksamhet"), key in _avvikelserad(r).egna_tal)
            for r in rader
            for key in nycklar
            if r.tal(key) is not None
        ]
        return (Stycke(tell_kalla(numbers, egna), Stil.KALLA),)

    def _kvadrant(self, rader: Sequence[Bokrad]) -> Bild | None:
        points = tuple(
            (i, r.text("verksamhet"), percent, own - similar)
            for i, r in enumerate(rader)
            if (percent := r.tal("procent")) is not None
            and (own := r.tal("index")) is not None
            and (similar := r.tal("index_liknande")) is not None
        )
        if not points:
            return None
        placed = "; ".join(
            f"{name} {format_tal(x, 1, tecken=True)} procent och "
            f"{format_tal(y, 1, tecken=True)} indexenheter"
            for _, name, x, y in points
        )
        known = {p[0] for p in points}
        note = describe_saknas(
            Punktlage(
                r.text("verksamhet"), *(r.tal(k) for k in ("procent", "index", "index_liknande"))
            )
            for r in rader
        )
        note = f" {note}" if note else ""
        return Bild(
            Kvadrant(points),
            f"Kostnad mot referenskostnad och kvalitetsindex mot liknande kommuner.{note}",
            "Punktdiagram där målet, lägre kostnad än referenskostnaden och högre kvalitetsindex "
            f"än liknande kommuner, är uppe till vänster. {placed}.",
            self._kallor(
                [r for i, r in enumerate(rader) if i in known],
                ("procent",),
                "skillnader i kvalitetsindex",
            ),
        )

    def _tidslinje(self) -> Bild | None:
        table = self.data.tabeller.get("ReferenskostnadOverTid")
        if table is None:
            return None
        keys = [k for k in ARSKOLUMNER_REFERENSKOSTNAD if k in table.rubriker]
        series = tuple(
            (i, r.text("verksamhet"), tuple(r.tal(k) for k in keys))
            for i, r in enumerate(table.rader)
        )
        series = tuple(s for s in series if sum(v is not None for v in s[2]) > 1)
        if not series:
            return None
        years = tuple(table.rubriker[k] for k in keys)
        told = "; ".join(
            f"{name} "
            + ", ".join(
                f"{year}: {TOM_CELL if v is None else format_tal(v, 1, tecken=True)}"
                for year, v in zip(years, values, strict=True)
            )
            for _, name, values in series
        )
        return Bild(
            Tidslinje(years, series),
            "Nettokostnadens avvikelse från referenskostnaden, procent. Under noll är kostnaden "
            "lägre än referenskostnaden.",
            f"Linjediagram över avvikelsen i procent. {told}.",
            self._kallor_over_tid([name for _, name, _ in series]),
        )

    def _staplar(self) -> Bild | None:
        counts = {
            name: {b: sum(r.text("bedomning") == b.value for r in rows) for b in STAPLAR}
            for name in JAMFORELSER
            if (rows := self.data.rader(name))
        }
        if not any(n for c in counts.values() for b, n in c.items() if b is not Bedomning.OKANT):
            return None
        told = "; ".join(
            f"{kategori}: {join_och([f'{n} {b.value.lower()}' for b, n in c.items() if n])}"
            for kategori, c in counts.items()
        )
        return Bild(
            Staplar(counts),
            "Antal nyckeltal per bedömning, mot liknande kommuner eller mot mål. Lägre och högre "
            "kostnad är varken bra eller dåligt i sig.",
            f"Liggande staplar med antal nyckeltal per bedömning. {told}.",
            self._kallor((), (), "antal nyckeltal per bedömning"),
        )

    def _kallor_over_tid(self, namn: Sequence[str]) -> tuple[Stycke, ...]:
        """Return the source of the deviations over the years of some verksamheter."""
        if self.data.exempel:
            return (Stycke(KALLRAD_EXEMPEL, Stil.EXEMPEL),)
        rows = {r.text("verksamhet"): r for r in self.data.rader("Referenskostnad")}
        own = {
            n: "procent" in _avvikelserad(rows.get(n, Bokrad({"verksamhet": n}))).egna_tal
            for n in namn
        }
        text = tell_kalla(Tal("procent", n, ours) for n, ours in own.items())
        return (Stycke(text, Stil.KALLA),)

    # ---- tables ----------------------------------------------------------------------------

    def _nyckeltal(self, nummer: int, kategori: Kategori) -> Iterator[Block]:
        """Yield one category's heading and tables; nothing where both tables are empty."""
        andringar = read_andringar(self.data, self.uppgifter.kommun)
        compared = beskrivning.jamforelseblad(kategori)
        followed = beskrivning.over_tid_blad(kategori)
        heading = _NUMMER.sub("", compared.rubrik)
        tables = [
            self._nyckeltalstabell(
                compared, _JAMFORDA, andringar, f"{heading} jämförda med andra kommuner"
            ),
            self._nyckeltalstabell(followed, ARSKOLUMNER, andringar, f"{heading} över tid"),
        ]
        if any(tables):
            yield Rubrik((2, nummer), heading)
        for table in tables:
            if table is not None:
                yield table

    def _nyckeltalstabell(
        self, blad: Blad, varden: tuple[str, ...], andringar: Andringar, bildtext: str
    ) -> Tabell | None:
        found = self._find(blad)
        if found is None:
            return None
        notes = Notapparat()
        sources, other_source = tell_kallor(found.rader, varden)
        columns = self._kolumner(found)
        rows = []
        for i, row in enumerate(found.rader):
            decimals = self._choose_decimaler(row, varden)
            told = [*self._noter(row, found, varden, andringar, decimals)]
            told += [other_source[i]] if i in other_source else []
            told += tell_falt(found.rubriker.get("kommentar", ""), row.visat("kommentar"))
            told += [text for field in row.ovrigt for text in tell_falt(*field)]
            marks = notes.mark_all(told)
            cells = []
            for key in columns:
                if key == "namn":
                    cells.append(_namncell(row, marks))
                else:
                    cells.append(_talcell(row, key, decimals))
            rows.append(tuple(cells))
        return Tabell(
            found.tabell.namn,
            bildtext,
            tuple(columns.values()),
            tuple(rows),
            sources,
            tuple(notes.noter),
            blad.ledtext,
        )

    def _choose_decimaler(self, rad: Bokrad, varden: tuple[str, ...]) -> int:
        """Return the decimals of a row's values, for a reader to see why they are judged so."""
        rule = find_regel(rad.varden, self.data.regler)
        pair = (varden[-1], varden[0]) if varden == ARSKOLUMNER else ("varde", "liknande")
        judged = rule.slag != EJ_JAMFORBAR
        return choose_decimaler(
            rad.tal(pair[0]),
            rad.tal(pair[1]),
            decimaler=rule.decimaler,
            riktning=parse_riktning(rad.text("riktning")) if judged else Riktning.INGEN,
            enhet=rad.text("enhet"),
            toleranser=self.data.toleranser,
            mal=rule.mal,
        )

    def _noter(
        self,
        rad: Bokrad,
        tabell: Boktabell,
        varden: tuple[str, ...],
        andringar: Andringar,
        decimaler: int,
    ) -> Iterator[str]:
        """Yield what a reader must know of a row's values."""
        over_tid = varden == ARSKOLUMNER
        if not over_tid:
            headers = (tabell.rubriker.get(k, "") for k in ("liknande", "snitt", "varde"))
            shown = next((y for h in headers if (y := find_year(h))), self.uppgifter.dataar)
            year = rad.text("year").strip() or shown
            if year != shown:
                yield f"Avser {year}."
            yield from tell_revidering(rad, "varde", year, decimaler, andringar)
        else:
            for key in varden:
                year = find_year(tabell.rubriker.get(key, ""))
                yield from tell_revidering(rad, key, year, decimaler, andringar)
        # Over time a change of method or of prices decides how the figures may be read.
        yield from tell_anmarkningar(rad, alla=over_tid)

    def _atgarder(self, blad: Blad, nummer: tuple[int, int], rubrik: str = "") -> tuple[Block, ...]:
        """Return a table of measures under its heading; nothing where there are none."""
        found = self._find(blad)
        if found is None:
            return ()
        columns = self._kolumner(found)
        notes = Notapparat()
        rows = tuple(tuple(make_rad(r, found, columns, notes)) for r in found.rader)
        heading = rubrik or _NUMMER.sub("", blad.rubrik)
        sources: tuple[Stycke, ...] = ()
        if self.data.exempel:
            sources = (Stycke(f"{EXEMPELMARKNING} – påhittade uppgifter.", Stil.EXEMPEL),)
        table = Tabell(
            found.tabell.namn,
            texter.BILDTEXTER[found.tabell.namn],
            tuple(columns.values()),
            rows,
            sources,
            tuple(notes.noter),
        )
        return Rubrik(nummer, heading, blad.ledtext), table

    def _find(self, blad: Blad) -> Boktabell | None:
        """Return a sheet's table if it has content; else take note that it is left out."""
        (tabell,) = blad.tabeller
        found = self.data.tabeller.get(tabell.namn)
        if found is None or not found.rader:
            self.utelamnade.append(tabell.namn)
            return None
        return found

    def _kolumner(self, tabell: Boktabell) -> dict[str, Kolumn]:
        """Return the template's columns that are left, with the headers that they have."""
        columns = {}
        for k in tabell.tabell.kolumner:
            if not k.mall:
                continue
            if k.nyckel not in tabell.rubriker:
                title = k.rubrik.split("{")[0].strip() or k.rubrik
                self.varningar.append(KOLUMN_SAKNAS.format(tabell=tabell.tabell.namn, kolumn=title))
                continue
            columns[k.nyckel] = Kolumn(tabell.rubriker[k.nyckel], k.bredd, k.slag in TALSLAG)
        return columns


def _stor(text: str) -> str:
    return text[:1].upper() + text[1:]


def _grupprad(rad: Bokrad) -> str:
    area = _stor(rad.text("omrade").strip())
    year = f" ({y})" if (y := rad.text("year").strip()) else ""
    return f"{area}{year}: {rad.text('kommuner').strip()}" if area else rad.text("kommuner").strip()


def _avvikelserad(rad: Bokrad) -> Avvikelserad:
    """Return the deviation of a row of the reference cost."""
    return Avvikelserad(
        rad.text("verksamhet").strip(), rad.tal("procent"), rad.tal("mkr"), rad.text("anmarkning")
    )


def _verksamhetsrad(rad: Bokrad, toleranser: Toleranser) -> str:
    """Return how one verksamhet stands, in sentences of what is known."""
    name, percent, mkr, _ = deviation = _avvikelserad(rad)
    if percent is None:
        said = [f"{name}: kostnaden går inte att ställa mot referenskostnaden."]
    else:
        ours = deviation.egna_tal
        how = describe_avvikelse(percent, egen="procent" in ours, orimlig=deviation.orimlig)
        amount = f", {format_tal(mkr, 1, tecken=True)}\u00a0Mkr" if mkr is not None else ""
        if amount and "mkr" in ours and "procent" not in ours:
            amount += " (egen beräkning)"
        said = [f"{name}: kostnaden är {how}{amount}."]
    own, similar = rad.tal("index"), rad.tal("index_liknande")
    if own is not None and similar is not None:
        decimals = choose_index_decimaler(own, similar, toleranser)
        shown = (format_tal(v, decimals) for v in (own, similar))
        said.append("Kvalitetsindex är {}, liknande kommuner {}.".format(*shown))
    goal = {
        Svar.JA.value: "Målet uppfylls.",
        Svar.NEJ.value: "Målet uppfylls inte.",
        Svar.OKANT.value: "Om målet uppfylls kan inte bedömas.",
    }
    said.append(goal.get(rad.text("uppfyller"), ""))
    return " ".join(s for s in said if s)


def _namncell(rad: Bokrad, marken: tuple[int, ...]) -> Cell:
    """Return a figure's name with its unit, unless the name already tells it."""
    name = rad.text("namn").strip()
    unit = find_enhet(name.lower(), rad.text("enhet").strip())
    return Cell((Stycke(name or TOM_CELL),), unit, marken)


def find_enhet(namn: str, enhet: str) -> str:
    """Return what of a unit the name (in small letters) does not tell already."""
    amount, _, per = enhet.partition("/")
    told = enhet.lower()
    if told in ("index", "antal") or f"({told})" in namn:
        return ""
    if told == "mkr" and ("miljoner kronor" in namn or "mkr" in namn):
        return ""
    if per and f"per {per.lower()}" in namn:
        return "" if amount == "antal" else amount
    return enhet


def _talcell(rad: Bokrad, nyckel: str, decimaler: int) -> Cell:
    value = rad.varden.get(nyckel)
    if isinstance(value, float):
        return Cell((Stycke(format_tal(value, decimaler)),))
    return Cell((Stycke(value.strip() if value else TOM_CELL),))
