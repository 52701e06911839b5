"""Puts the municipality's report together from the joined workbooks.

It shows what politicians need to see and says where in the workbook the rest is. All text comes
from files that nobody answers for: it is cleaned, shortened where it is very long, and never
anything but text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from genomlysning.bok.beskrivning import LISTOR
from genomlysning.bok.plan import EXEMPELMARKNING, Rad
from genomlysning.bok.utseende import STAPLAR, bedomningsrubrik
from genomlysning.rapport.fritext import clean_text, parse_fritext
from genomlysning.rapport.innehall import (
    TOM_CELL,
    Avvikelser,
    Bild,
    Block,
    Cell,
    Kolumn,
    Lista,
    Punkt,
    Rapport,
    Rubrik,
    Staplar,
    Stil,
    Stycke,
    Tabell,
    Text,
    Uppgifter,
)
from genomlysning.rapport.noter import KALLRAD_EXEMPEL, Notapparat
from genomlysning.rapport.sammanstallning import find_enhet
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.referenskostnad import Svar
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning import kommunord as o
from genomlysning.sammanstallning.sammanforing import (
    ANNAT_UNDERLAG,
    ARLIG,
    DUBBLERAR,
    EJ_ANGIVET,
    EJ_LASBAR,
    ENGANG,
    OLIKA_VARDEN,
    SUMMERAS,
    UTAN_BELOPP,
    Sammanstallning,
)
from genomlysning.sammanstallning.samordning import INGEN_ANGIVEN
from genomlysning.sammanstallning.tal import (
    find_decimaler,
    list_summerade,
    sum_flyttar,
    sum_referens,
)
from genomlysning.svenska import format_tal, genitiv, join_nagra, join_och, lower_first, uppraknat
from genomlysning.urval import fold

ALLA_NAMNDER = "Alla nämnder"
#: Rows shown of what may be long; the workbook has them all.
MEST_NYCKELTAL, MEST_FORSLAG, MEST_PAR, MEST_FILER = 15, 60, 25, 100
#: A chart with more bars than this does not fit a page.
MEST_STAPLAR = 25
_MEST_TECKEN, _MEST_KORT, _MEST_RAD, _MEST_SPANN = 2_000, 300, 160, 13
_FORKORTAD = " … (förkortat; hela texten står i arbetsboken)"
_STATUS = LISTOR["genomforandestatus"]
_SAMRE = (Bedomning.SAMRE, Bedomning.OVER_MALET)
_BATTRE = (Bedomning.BATTRE, Bedomning.INOM_MALET)


def compose_kommunrapport(data: Sammanstallning, bok: str) -> Rapport:
    """Return the report of the joined workbooks, whose workbook is called `bok`."""
    work = _Arbete(data, _rad(bok))
    blocks = tuple(work.kapitel())
    first = _rad(o.tell_forst(data), _MEST_TECKEN)
    mark = ""
    if data.avvisade:
        mark = f"OFULLSTÄNDIG: {uppraknat(len(data.avvisade), 'fil', 'filer')} är inte med"
    return Rapport(
        uppgifter=_uppgifter(data),
        exempel=data.exempel,
        block=blocks,
        forst=(Stycke(first, Stil.VARNING),) if first else (),
        sidmarke=mark,
        hel=True,
    )


def _uppgifter(data: Sammanstallning) -> Uppgifter:
    inne = lower_first(ALLA_NAMNDER)
    return Uppgifter(
        kommun=_rad(data.kommun),
        namnd=ALLA_NAMNDER,
        namnd_i_text=inne,
        namndens=genitiv(inne),
        forvaltning="förvaltningarna",
        period=_rad(data.period),
        dataar=str(data.year or ""),
        datum=data.idag.isoformat(),
        diarienummer="",
        antagen="",
        ordning="",
        forra="",
    )


# ---- text from the files ---------------------------------------------------------------------


def _text(value: object, most: int = _MEST_TECKEN, slut: str = _FORKORTAD) -> str:
    """Return a text that a document can hold, without the blanks around it."""
    cleaned = clean_text("" if value is None else str(value))[0].strip()
    return cleaned if len(cleaned) <= most else cleaned[:most].rstrip() + slut


def _rad(value: object, most: int = _MEST_RAD) -> str:
    """Return a text as one line: a name, a heading, a caption."""
    line = " ".join(clean_text("" if value is None else str(value))[0].split())
    return line if len(line) <= most else f"{line[:most]} …"


def _cell(value: object, marken: tuple[int, ...] = (), enhet: str = "") -> Cell:
    return Cell((Stycke(_rad(value, _MEST_TECKEN) or TOM_CELL),), enhet, marken)


def _tal(value: object, decimaler: int, *, tecken: bool = False) -> Cell:
    number = isinstance(value, int | float)
    return _cell(format_tal(float(str(value)), decimaler, tecken=tecken) if number else value)


def _forslag(rad: Rad, *, kort: bool = False) -> Cell:
    """Return a proposal as it is written: its area on a line, and the description.

    `kort` cuts a long one, which stands in full in the chapter of moves.
    """
    area, text = _rad(rad["omrade"]), _text(rad["beskrivning"])
    if kort:
        text = _text(rad["beskrivning"], _MEST_KORT, " …")
    written: tuple[Text, ...] = parse_fritext(text)
    if area:
        written = (Stycke(f"{area}:" if written else area), *written)
    return Cell(written or (Stycke(TOM_CELL),))


def _kolumner(*kolumner: tuple[str, float] | tuple[str, float, bool]) -> tuple[Kolumn, ...]:
    """Return columns of header, share of the width and whether they hold numbers."""
    return tuple(Kolumn(k[0], k[1], len(k) > 2) for k in kolumner)


_T = True  # a column of numbers


@dataclass(slots=True)
class _Arbete:
    """The report while it is being put together."""

    data: Sammanstallning
    bok: str
    nummer: list[int] = field(default_factory=lambda: [0, 0])

    def kapitel(self) -> Iterator[Block]:
        """Yield all chapters."""
        yield from self._sammanfattning()
        yield from self._namnder()
        yield from self._referens()
        yield from self._nyckeltal()
        yield from self._flyttar()
        yield from self._samordning()
        yield from self._lika()
        yield from self._underlag()

    # ---- parts -----------------------------------------------------------------------------

    def _rader(self, namn: str) -> Sequence[Rad]:
        return self.data.tabeller[namn]

    def _rubrik(self, text: str, niva: int = 1) -> Rubrik:
        """Return the next heading of a level."""
        self.nummer[niva - 1] += 1
        self.nummer[niva:] = [0] * (2 - niva)
        return Rubrik(tuple(self.nummer[:niva]), text)

    def _kallor(self, text: str = o.KALLA_NAMNDERNA) -> tuple[Stycke, ...]:
        if not self.data.exempel:
            return (Stycke(text, Stil.KALLA),)
        own = text == o.KALLA_NAMNDERNA
        made_up = f"{EXEMPELMARKNING} – påhittade uppgifter." if own else KALLRAD_EXEMPEL
        return (Stycke(made_up, Stil.EXEMPEL),)

    def _tabell(
        self,
        namn: str,
        bildtext: str,
        kolumner: tuple[Kolumn, ...],
        rader: Iterable[Iterable[Cell]],
        kalla: str = o.KALLA_NAMNDERNA,
        noter: Notapparat | None = None,
    ) -> Tabell:
        rows = tuple(tuple(r) for r in rader)
        notes = tuple(noter.noter) if noter else ()
        return Tabell(namn, bildtext, kolumner, rows, self._kallor(kalla), notes)

    def _resten(self, visade: int, alla: int, vad: str, blad: str) -> Iterator[Stycke]:
        if text := o.tell_resten(visade, alla, vad, blad, self.bok):
            yield Stycke(text)

    # ---- chapters --------------------------------------------------------------------------

    def _sammanfattning(self) -> Iterator[Block]:
        costs = self._rader(bladen.VERKSAMHETER.namn)
        figures = self._rader(bladen.NYCKELTAL.namn)
        moves = self._rader(bladen.FORFLYTTNINGAR.namn)
        once = [group[0] for group in _group_lika(figures, tuple(Bedomning))]
        worst = [_rad(r["nyckeltal"]) for r in once if r["bedomning"] in _SAMRE]
        told = [
            o.tell_mal(costs),
            *o.tell_kostnader(self._rader(bladen.NAMNDER.namn)),
            o.tell_summa(costs),
            o.tell_nyckeltal(Counter(str(r["bedomning"]) for r in once), worst),
            o.tell_flyttar(moves),
            o.tell_samordning(moves, self._rader(bladen.SAMORDNING.namn)),
        ]
        if alike := len(self._rader(bladen.LIKA.namn)):
            told.append(o.tell_lika(alike))
        yield self._rubrik(o.RUBRIK_SAMMANFATTNING)
        yield Stycke(_rad(o.tell_inledning(self.data)))
        yield Stycke(o.MALET)
        yield Lista(tuple(Punkt(_rad(t, _MEST_TECKEN)) for t in told))
        yield Stycke(
            f"Alla uppgifter, också nämndernas egna analyser, står i arbetsboken {self.bok}."
        )

    def _namnder(self) -> Iterator[Block]:
        rows = self._rader(bladen.NAMNDER.namn)
        notes = Notapparat()
        yield self._rubrik(o.RUBRIK_NAMNDER)
        yield Stycke(o.NAMNDER)
        yield self._tabell(
            bladen.NAMNDER.namn,
            "Nämndernas verksamheter mot målet",
            _kolumner(
                ("Nämnd", 34),
                ("Inom referenskostnaden", 14, _T),
                ("Bättre resultat", 14, _T),
                ("Uppfyller målet", 14, _T),
                ("Över (Mkr)", 14, _T),
                ("Under (Mkr)", 14, _T),
            ),
            (self._namndrad(r, notes) for r in rows),
            o.KALLA,
            notes,
        )
        yield Stycke(o.BEDOMNINGAR)
        kinds = ("battre", "niva", "samre", "lagre", "hogre", "okant")
        headers = ("Bättre", "I nivå", "Sämre", "Lägre kostnad", "Högre kostnad", "Ej bedömda")
        yield self._tabell(
            "Bedomningar",
            "Antal nyckeltal per bedömning och nämnd",
            _kolumner(("Nämnd", 34), *((h, 11, _T) for h in headers)),
            ((_cell(r["namnd"]), *(_tal(r[k], 0) for k in kinds)) for r in rows),
            o.KALLA,
        )
        if len(rows) <= MEST_STAPLAR:
            yield from self._staplar()
        yield from self._uppfoljning()

    def _namndrad(self, rad: Rad, noter: Notapparat) -> Iterator[Cell]:
        total = rad["verksamheter"]
        if not total:
            yield _cell(rad["namnd"], (noter.mark("Har ingen verksamhet med referenskostnad."),))
            yield from (_cell(TOM_CELL) for _ in range(5))
            return
        own = [r for r in self._rader(bladen.REDOVISAT.namn) if r["namnd"] == rad["namnd"]]
        yield _cell(rad["namnd"])
        for key, source in (("inom", "inom"), ("battre_resultat", "battre"), ("uppfyller",) * 2):
            unknown = [str(r["verksamhet"]) for r in own if r[source] == Svar.OKANT.value]
            note = f"Kan inte bedömas för {join_och(unknown)}."
            marks = (noter.mark(_rad(note, _MEST_TECKEN)),) if unknown else ()
            yield _cell(f"{rad[key]} av {total}", marks)
        for key in ("over", "under"):
            yield _tal(rad[key], 1, tecken=True)

    def _staplar(self) -> Iterator[Bild]:
        counts: dict[str, dict[Bedomning, int]] = {}
        for r in self._rader(bladen.NYCKELTAL.namn):
            own = counts.setdefault(_rad(r["namnd"]), dict.fromkeys(STAPLAR, 0))
            if r["bedomning"] in own:
                own[Bedomning(str(r["bedomning"]))] += 1
        if not any(n for c in counts.values() for b, n in c.items() if b is not Bedomning.OKANT):
            return
        shown = dict(sorted(counts.items(), key=lambda pair: fold(pair[0])))
        told = "; ".join(
            f"{name}: {join_och([f'{n} {bedomningsrubrik(b).lower()}' for b, n in c.items() if n])}"
            for name, c in shown.items()
        )
        yield Bild(
            Staplar(shown),
            "Antal nyckeltal per bedömning, mot liknande kommuner eller mot mål.",
            f"Liggande staplar med antal nyckeltal per bedömning för varje nämnd. {told}.",
            self._kallor(o.KALLA),
        )

    def _referens(self) -> Iterator[Block]:
        rows = self._rader(bladen.VERKSAMHETER.namn)
        counted = list_summerade(rows)
        yield self._rubrik(o.RUBRIK_REFERENS)
        if not rows:
            yield Stycke(o.tell_mal(rows))
            return
        yield Stycke(f"{o.REFERENS} {o.tell_summa(rows)}")
        total = sum_referens(rows)
        last = (
            _cell("Netto, hela kommunen"),
            *(_cell(TOM_CELL) for _ in range(4)),
            _tal(total.netto, 1, tecken=True),
        )
        if counted:
            title = "Kostnad per verksamhet, dyrast mot referenskostnaden först"
            yield self._kostnader("Verksamheter", title, counted, last)
            yield from self._avvikelser(counted)
            yield self._maltabell(counted)
        outside = [r for r in rows if r["summan"] != "Ja"]
        if outside:
            yield Stycke(o.UTANFOR)
            yield self._kostnader("Utanfor", "Verksamheter som inte ingår i summan", outside)

    def _kostnader(
        self, namn: str, bildtext: str, rader: Sequence[Rad], sist: tuple[Cell, ...] = ()
    ) -> Tabell:
        notes = Notapparat()
        return self._tabell(
            namn,
            bildtext,
            _kolumner(
                ("Verksamhet", 30),
                ("Nettokostnad (kr/inv)", 14, _T),
                ("Referenskostnad (kr/inv)", 14, _T),
                ("Liknande avvikelse (%)", 14, _T),
                ("Avvikelse (%)", 14, _T),
                ("Avvikelse (Mkr)", 14, _T),
            ),
            [
                *(
                    (
                        _cell(r["verksamhet"], notes.mark_all(self._kostnadsnoter(r))),
                        *(_tal(r[k], 0) for k in ("netto", "referens")),
                        *(_tal(r[k], 1, tecken=True) for k in ("liknande", "procent", "mkr")),
                    )
                    for r in rader
                ),
                *([sist] if sist else []),
            ],
            o.KALLA,
            notes,
        )

    def _kostnadsnoter(self, rad: Rad) -> Iterator[str]:
        remark = str(rad["anmarkning"] or "")
        yield from (t for t in (OLIKA_VARDEN, DUBBLERAR, UTAN_BELOPP) if t in remark)
        if ANNAT_UNDERLAG in remark:
            year = f" för {rad['year']}" if rad["year"] else ""
            yield f"{ANNAT_UNDERLAG} Redovisas{year} av {_rad(rad['namnder'])}."

    def _maltabell(self, rader: Sequence[Rad]) -> Tabell:
        return self._tabell(
            "Mal",
            "Så står sig verksamheterna mot målet",
            _kolumner(
                ("Verksamhet", 26),
                ("Redovisas av", 32),
                ("Inom referenskostnaden", 18),
                ("Bättre resultat", 14),
                ("Uppfyller målet", 14),
            ),
            (
                [_cell(r[k]) for k in ("verksamhet", "namnder", "inom", "battre", "uppfyller")]
                for r in rader
            ),
            o.KALLA,
        )

    def _avvikelser(self, rader: Sequence[Rad]) -> Iterator[Bild]:
        known = {_rad(r["verksamhet"]): v for r in rader if isinstance(v := r["mkr"], float)}
        if not 0 < len(known) <= MEST_STAPLAR:
            return
        told = "; ".join(f"{n} {format_tal(v, 1, tecken=True)}" for n, v in known.items())
        yield Bild(
            Avvikelser(known),
            "Nettokostnadens avvikelse från referenskostnaden, Mkr. Jämförelsen gäller "
            "räkenskaperna och är ingen besparing.",
            f"Liggande staplar över avvikelsen i Mkr för varje verksamhet. {told}.",
            self._kallor(o.KALLA),
        )

    def _nyckeltal(self) -> Iterator[Block]:
        rows = self._rader(bladen.NYCKELTAL.namn)
        yield self._rubrik(o.RUBRIK_NYCKELTAL)
        if not rows:
            yield Stycke("Nämndernas arbetsböcker har inga jämförda nyckeltal.")
            return
        yield Stycke(o.SKILLNAD)
        for namn, heading, words in (
            ("Samre", "Sämre än liknande kommuner", _SAMRE),
            ("Hogre", "Högre kostnad än liknande kommuner", (Bedomning.HOGRE,)),
            ("Lagre", "Lägre kostnad än liknande kommuner", (Bedomning.LAGRE,)),
            ("Battre", "Bättre än liknande kommuner", _BATTRE),
        ):
            groups = _group_lika(rows, words)
            if not groups:
                continue
            if words in (_BATTRE, (Bedomning.LAGRE,)):
                groups.sort(key=_storlek, reverse=True)
            shown = groups[:MEST_NYCKELTAL]
            yield self._rubrik(heading, 2)
            yield self._nyckeltalstabell(namn, heading, shown)
            yield from self._resten(
                len(shown), len(groups), "nyckeltal", bladen.NYCKELTALSBLAD.namn
            )

    def _nyckeltalstabell(self, namn: str, rubrik: str, grupper: Sequence[list[Rad]]) -> Tabell:
        notes = Notapparat()
        return self._tabell(
            namn,
            f"{rubrik}, störst skillnad först",
            _kolumner(
                ("Nyckeltal", 37),
                ("Nämnd", 27),
                ("Eget värde", 12, _T),
                ("Liknande kommuner", 12, _T),
                ("Skillnad (%)", 12, _T),
            ),
            (self._nyckeltalsrad(g, notes) for g in grupper),
            o.KALLA,
            notes,
        )

    def _nyckeltalsrad(self, grupp: list[Rad], noter: Notapparat) -> Iterator[Cell]:
        first = grupp[0]
        name = _rad(first["nyckeltal"])
        told = []
        if first["year"] and first["year"] != self.data.year:
            told.append(f"Avser {float(str(first['year'])):.0f}.")
        if first["bedomning"] in (Bedomning.OVER_MALET, Bedomning.INOM_MALET):
            told.append("Bedöms mot ett mål, inte mot liknande kommuner.")
        unit = find_enhet(name.lower(), _rad(first["enhet"]))
        yield _cell(name, noter.mark_all(told), unit)
        who = list(dict.fromkeys(_rad(r["namnd"]) for r in grupp))
        every = len(who) > 1 and len(who) == len(self.data.bocker)
        yield _cell(ALLA_NAMNDER if every else ", ".join(who))
        decimals = find_decimaler(first)
        for key in ("varde", "liknande"):
            yield _tal(first[key], decimals)
        yield _tal(first["andel"], 1, tecken=True)

    def _uppfoljning(self) -> Iterator[Block]:
        rows = self._rader(bladen.UPPFOLJNING.namn)
        if not rows:
            return
        known = {fold(s): s for s in _STATUS}
        counts: dict[str, Counter[str]] = {}
        for r in rows:
            own = counts.setdefault(str(r["namnd"]), Counter())
            own[known.get(fold(str(r["status"] or "").strip()), "")] += 1
        yield Stycke(
            "Så långt har nämnderna kommit med åtgärderna från förra genomlysningen. Vad som har "
            f"gjorts står på bladet {bladen.UPPFOLJNINGSBLAD.namn} i {self.bok}."
        )
        yield self._tabell(
            bladen.UPPFOLJNING.namn,
            "Antal åtgärder från förra genomlysningen per nämnd och genomförandestatus",
            _kolumner(
                ("Nämnd", 34),
                ("Åtgärder", 11, _T),
                *((s, 11, _T) for s in _STATUS),
                ("Ej angivet", 11, _T),
            ),
            (
                (
                    _cell(name),
                    *(_tal(n, 0) for n in (c.total(), *(c[s] for s in _STATUS), c[""])),
                )
                for name, c in counts.items()
            ),
        )

    def _flyttar(self) -> Iterator[Block]:
        rows = self._rader(bladen.FORFLYTTNINGAR.namn)
        yield self._rubrik(o.RUBRIK_FLYTTAR)
        if not rows:
            yield Stycke(o.INGA_FLYTTAR)
            return
        names = list(dict.fromkeys(str(r["namnd"]) for r in rows))
        own = {name: [r for r in rows if r["namnd"] == name] for name in names}
        yield Stycke(o.FLYTTAR)
        yield self._tabell(
            "Flyttsummor",
            "Möjlig effektivisering per nämnd, tkr",
            _kolumner(
                ("Nämnd", 28),
                *((h, 14.4, _T) for h in ("Förslag", "Per år", "En gång", "Ej angivet")),
                ("Kan inte läsas", 14.4, _T),
            ),
            (
                *(_summarad(name, own[name]) for name in names),
                *([_summarad(ALLA_NAMNDER, rows)] if len(names) > 1 else []),
            ),
        )
        yield Stycke(o.SLAGEN)
        for name in names:
            yield self._rubrik(_rad(name), 2)
            shown = own[name][:MEST_FORSLAG]
            yield self._tabell(
                bladen.FORFLYTTNINGAR.namn,
                f"Förslag från {_rad(name)}",
                _kolumner(
                    ("Förslag", 45),
                    ("Kapitel", 9),
                    ("Möjlig effektivisering", 19),
                    ("Räknas som", 14),
                    ("Tkr", 13, _T),
                ),
                (_flyttrad(r) for r in shown),
            )
            yield from self._resten(
                len(shown), len(own[name]), "förslag", bladen.FORFLYTTNINGSBLAD.namn
            )

    def _samordning(self) -> Iterator[Block]:
        rows = self._rader(bladen.SAMORDNING.namn)
        if not rows:
            return
        moves = self._rader(bladen.FORFLYTTNINGAR.namn)
        yield self._rubrik(o.RUBRIK_SAMORDNING)
        yield Stycke(f"{o.tell_samordning(moves, rows)} {o.SAMORDNING}")
        known = {str(r["namnd"]) for r in self._rader(bladen.NAMNDER.namn)} | {*self.data.saknade}
        for who in dict.fromkeys(str(r["berord"]) for r in rows if r["berord"] in known):
            own = [r for r in rows if r["berord"] == who]
            yield from self._samordningstabell(_rad(who), f"Berör {_rad(who)}", own)
        others = [r for r in rows if r["berord"] not in {*known, INGEN_ANGIVEN}]
        if others:
            yield from self._andra_berorda(others)
        nobody = [r for r in rows if r["berord"] == INGEN_ANGIVEN]
        if nobody:
            title = "Förslag som inte säger vem de berör"
            yield from self._samordningstabell("Utan angiven berörd", title, nobody)

    def _samordningstabell(
        self, rubrik: str, bildtext: str, rader: Sequence[Rad]
    ) -> Iterator[Block]:
        shown = rader[:MEST_FORSLAG]
        yield self._rubrik(rubrik, 2)
        yield self._tabell(
            bladen.SAMORDNING.namn,
            bildtext,
            _kolumner(
                ("Nämnd", 27),
                ("Förslag", 31),
                ("Möjlig effektivisering", 17),
                ("Avstämning", 25),
            ),
            (_samordningsrad(r) for r in shown),
        )
        yield from self._resten(len(shown), len(rader), "förslag", bladen.SAMORDNINGSBLAD.namn)

    def _andra_berorda(self, rader: Sequence[Rad]) -> Iterator[Block]:
        """Yield the proposals that concern others than committees, each once."""
        proposals: dict[tuple[object, ...], list[Rad]] = {}
        for r in rader:
            key = tuple(r[k] for k in ("namnd", "kapitel", "omrade", "beskrivning", "belopp"))
            proposals.setdefault(key, []).append(r)
        shown = list(proposals.values())[:MEST_FORSLAG]
        yield self._rubrik("Andra som berörs", 2)
        yield self._tabell(
            "AndraBerorda",
            "Berör bolag, enheter och andra, som nämnden har skrivit dem",
            _kolumner(("Nämnd", 27), ("Berörd", 20), ("Förslag", 30), ("Avstämning", 25)),
            (_andrarad(group) for group in shown),
        )
        yield from self._resten(len(shown), len(proposals), "förslag", bladen.SAMORDNINGSBLAD.namn)

    def _lika(self) -> Iterator[Block]:
        rows = self._rader(bladen.LIKA.namn)
        if not rows:
            return
        shown = rows[:MEST_PAR]
        yield self._rubrik(o.RUBRIK_LIKA)
        yield Stycke(o.LIKA)
        yield self._tabell(
            bladen.LIKA.namn,
            "Förslag att läsa bredvid varandra, mest lika först",
            _kolumner(("Förslag", 40), ("Liknande förslag", 40), ("Gemensamma ord", 20)),
            (
                (
                    _likacell(r["namnd"], r["text"], r["belopp"]),
                    _likacell(r["namnd_2"], r["text_2"], r["belopp_2"], lika=r["likhet"] == 100),
                    _cell(r["gemensamt"]),
                )
                for r in shown
            ),
        )
        yield from self._resten(len(shown), len(rows), "par", bladen.LIKABLAD.namn)

    def _underlag(self) -> Iterator[Block]:
        data, rows = self.data, self._rader(bladen.FILER.namn)
        yield self._rubrik(o.RUBRIK_UNDERLAG)
        if data.avvisade:
            yield self._rubrik("Filer som inte är med", 2)
            yield from _lista(a.skal for a in data.avvisade)
        if data.saknade:
            yield self._rubrik("Nämnder utan arbetsbok", 2)
            yield Stycke(
                f"{_rad(join_och(data.saknade))}. Det är nämnder som programmet har en profil för; "
                "kommunen kan ha andra, eller sakna dem."
            )
        if data.dubbletter:
            yield self._rubrik("Flera filer från samma nämnd", 2)
            yield from _lista(data.dubbletter)
        yield self._rubrik("Arbetsböckerna", 2)
        shown = rows[:MEST_FILER]
        remarks = [_text(r["anmarkning"]) for r in shown]
        columns = [("Nämnd", 27.0), ("Fil", 24.0), ("Dataår", 9.0), ("Hämtad", 14.0)]
        if any(remarks):
            columns.append(("Att känna till", 30.0))
        yield self._tabell(
            bladen.FILER.namn,
            "Arbetsböckerna som är med",
            _kolumner(*columns),
            (
                (
                    *(_cell(r[k]) for k in ("namnd", "fil", "year", "hamtad")),
                    *([Cell((Stycke(text or TOM_CELL),))] if any(remarks) else []),
                )
                for r, text in zip(shown, remarks, strict=True)
            ),
        )
        yield from self._resten(len(shown), len(rows), "arbetsböcker", bladen.FILBLAD.namn)


# ---- rows ------------------------------------------------------------------------------------


def _lista(texter: Iterable[str]) -> Iterator[Block]:
    found = list(texter)
    yield Lista(tuple(Punkt(_rad(t, _MEST_TECKEN)) for t in found[:MEST_FILER]))
    if len(found) > MEST_FILER:
        yield Stycke(f"Och {len(found) - MEST_FILER} till, som står i arbetsboken.")


def _group_lika(rader: Sequence[Rad], ord_: Sequence[Bedomning]) -> list[list[Rad]]:
    """Return the figures with one of these verdicts; the same one of several committees once."""
    groups: dict[tuple[object, ...], list[Rad]] = {}
    for r in rader:
        if r["bedomning"] in ord_:
            key = (r["nyckeltal"], r["varde"], r["liknande"], r["year"], r["enhet"])
            groups.setdefault(key, []).append(r)
    return list(groups.values())


def _storlek(grupp: Sequence[Rad]) -> float:
    share = grupp[0]["andel"]
    return abs(share) if isinstance(share, float) else -1.0


def _summarad(namn: str, rader: Sequence[Rad]) -> Iterator[Cell]:
    yield _cell(namn)
    yield _tal(len(rader), 0)
    for kind in (ARLIG, ENGANG, EJ_ANGIVET):
        total = sum_flyttar(rader, kind)
        yield _spann(total.lagst, total.hogst) if total.antal else _cell(TOM_CELL)
    yield _tal(sum_flyttar(rader, EJ_LASBAR).antal, 0)


def _spann(lagst: float, hogst: float) -> Cell:
    """Return a range, on two lines where it hardly fits one."""
    text = o.format_spann(lagst, hogst)
    return Cell((Stycke(text if len(text) <= _MEST_SPANN else text.replace("–", "–\n")),))


def _flyttrad(rad: Rad) -> Iterator[Cell]:
    low, high = rad["lagst"], rad["hogst"]
    yield _forslag(rad)
    yield _cell(rad["kapitel"])
    yield _cell(rad["belopp"])
    yield _cell(rad["raknas"])
    known = rad["raknas"] in SUMMERAS and isinstance(low, float) and isinstance(high, float)
    yield _spann(float(str(low)), float(str(high))) if known else _cell(TOM_CELL)


def _samordningsrad(rad: Rad) -> Iterator[Cell]:
    yield _cell(rad["namnd"])
    yield _forslag(rad, kort=True)
    yield _cell(rad["belopp"])
    yield _avstamning(rad, str(rad["lage"] or f"Åtgärd i {rad['kapitel']}"))


def _andrarad(grupp: Sequence[Rad]) -> Iterator[Cell]:
    by_state: dict[str, list[str]] = {}
    for r in grupp:
        by_state.setdefault(str(r["lage"]), []).append(_rad(r["berord"]))
    told = [
        state if len(by_state) == 1 else f"{state}: {join_nagra(names, o.MEST_NAMN)}"
        for state, names in by_state.items()
    ]
    yield _cell(grupp[0]["namnd"])
    yield _cell(join_nagra([_rad(r["berord"]) for r in grupp], o.MEST_NAMN))
    yield _forslag(grupp[0], kort=True)
    yield _avstamning(grupp[0], *told)


def _avstamning(rad: Rad, *lagen: str) -> Cell:
    """Return what is said of whom it has been checked with, and who the committee names."""
    checked = _rad(rad["avstamt"])
    own = (f"Avstämt med: {checked}",) if checked else ()
    return Cell(tuple(Stycke(t) for t in (*lagen, *own)))


def _likacell(namnd: object, text: object, belopp: object, *, lika: bool = False) -> Cell:
    """Return one side of a pair: whose it is, what it says and what it may come to."""
    parts = [_rad(namnd), "Samma text" if lika else _rad(text, _MEST_KORT)]
    amount = _rad(belopp)
    parts += [f"Möjlig effektivisering: {amount}"] if amount else []
    return Cell(tuple(Stycke(p) for p in parts if p) or (Stycke(TOM_CELL),))
