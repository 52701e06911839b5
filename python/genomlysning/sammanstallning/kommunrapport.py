"""Puts the municipality's report together from the joined workbooks.

It shows what politicians need to see and says where in the workbook the rest is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from genomlysning.anmarkningar import EGET_BELOPP, EGET_MEDEL, INGEN_PUBLICERAD, ORIMLIG
from genomlysning.bok.arsskifte import AVSLUTADE
from genomlysning.bok.beskrivning import EXEMPELMARKNING, LISTOR
from genomlysning.bok.plan import Rad
from genomlysning.bok.utseende import STAPLAR, bedomningsrubrik
from genomlysning.ord import KALLA_EGEN
from genomlysning.rapport.disposition import find_enhet
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
    Uppgifter,
)
from genomlysning.rapport.noter import KALLRAD_EXEMPEL, UTOM_NOTER, Notapparat
from genomlysning.regler.bedomning import Bedomning
from genomlysning.regler.referenskostnad import Svar
from genomlysning.sammanstallning import bladen
from genomlysning.sammanstallning import kommunord as o
from genomlysning.sammanstallning.kommunkostnad import (
    ANNAT_UNDERLAG,
    DUBBLERAR,
    OKANT_UNDERLAG,
    OLIKA_VARDEN,
    UTAN_BELOPP,
    read_avvikelse,
)
from genomlysning.sammanstallning.kommunrader import (
    MEST_TECKEN,
    cut_rad,
    cut_text,
    find_storlek,
    group_lika,
    keep_datum,
    keep_fakta,
    make_andrarad,
    make_atgardsrad,
    make_cell,
    make_flyttrad,
    make_likacell,
    make_lista,
    make_samordningsrad,
    make_summarad,
    make_tal,
    make_utfallsrad,
    split_namnder,
    sum_realiserat,
    tell_om_rad,
)
from genomlysning.sammanstallning.namndbok import EGEN_UPPGIFT, STORLEK
from genomlysning.sammanstallning.sammanforing import Sammanstallning
from genomlysning.sammanstallning.samordning import ALLA, INGEN_ANGIVEN, cut_tillagg
from genomlysning.sammanstallning.tal import find_decimaler, list_summerade, sum_referens
from genomlysning.summaord import tell_utanfor
from genomlysning.svenska import (
    format_procent,
    format_tal,
    join_nagra,
    join_och,
    lower_first,
    namn_i_text,
    uppraknat,
)
from genomlysning.urval import fold
from genomlysning.verksamhetskostnad import sum_avvikelserader

#: Rows shown of what may be long; the workbook has them all.
MEST_NYCKELTAL, MEST_FORSLAG, MEST_PAR, MEST_FILER = 15, 60, 25, 100
#: So many lines of contents, and of what stands before them, have room on the first page.
_RADER_FORSTA_SIDAN, _TECKEN_PER_RAD = 23, 80
#: A chart with more bars than this does not fit a page.
MEST_STAPLAR = 25
_STATUS = LISTOR["genomforandestatus"]
_SAMRE = (Bedomning.SAMRE, Bedomning.OVER_MALET)
#: Said of a figure that the committee has put in itself.
EGEN_NOT = "Nämndens egen uppgift, inte Koladas."
_BATTRE = (Bedomning.BATTRE, Bedomning.INOM_MALET)


def compose_kommunrapport(data: Sammanstallning, bok: str) -> Rapport:
    """Return the report of the joined workbooks, whose workbook is called `bok`."""
    work = _Arbete(data, cut_rad(bok))
    blocks = tuple(work.kapitel())
    first = cut_rad(o.tell_forst(data), MEST_TECKEN)
    lines = sum(isinstance(b, Rubrik) for b in blocks) + len(first) // _TECKEN_PER_RAD
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
        nivaer=2 if lines <= _RADER_FORSTA_SIDAN else 1,
    )


def _uppgifter(data: Sammanstallning) -> Uppgifter:
    who = data.namnder
    inne = lower_first(who)
    return Uppgifter(
        kommun=cut_rad(data.kommun),
        namnd=who,
        namnd_i_text=inne,
        namndens="nämndernas",
        forvaltning="förvaltningarna",
        period=cut_rad(data.period),
        dataar=str(data.year or ""),
        datum=data.idag.isoformat(),
        diarienummer="",
        antagen="",
        ordning="",
        forra="",
    )


def _kolumner(*kolumner: tuple[str, float] | tuple[str, float, bool]) -> tuple[Kolumn, ...]:
    """Return columns of header, share of the width and whether they hold numbers."""
    return tuple(Kolumn(k[0], k[1], len(k) > 2) for k in kolumner)


_T = True  # a column of numbers


def _tell_nyckeltalskalla(rader: Iterable[Rad]) -> str:
    """Return the source of the figures in a table, which a note tells of those that differ."""
    rows = list(rader)
    ours = f"Skillnader: {KALLA_EGEN}."
    if all(r[EGEN_UPPGIFT] for r in rows):
        return o.KALLA_NAMNDERNA
    apart = any(r[EGEN_UPPGIFT] or EGET_MEDEL in str(r["anmarkning"] or "") for r in rows)
    except_ = UTOM_NOTER if apart else ""
    return f"Källa: nämndernas arbetsböcker, med värden från Kolada{except_}. {ours}"


def _tell_skillnad(rad: Rad) -> str:
    """Return how far a figure is from similar: in per cent of them, of an index in its units."""
    share, difference = rad["andel"], rad["skillnad"]
    if isinstance(share, float):
        return format_procent(share, 1, tecken=True)
    if isinstance(difference, float) and isinstance(rad[STORLEK], float):
        return f"{format_tal(difference, find_decimaler(rad), tecken=True)}\u00a0enheter"
    return TOM_CELL


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
        yield from self._uppfoljning()
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
        figures = self.data.egna(bladen.NYCKELTAL)
        moves = self.data.egna(bladen.FORFLYTTNINGAR)
        followed = self.data.egna(bladen.UPPFOLJNING)
        once = [group[0] for group in group_lika(figures, tuple(Bedomning))]
        worst = [cut_rad(r["nyckeltal"]) for r in once if r["bedomning"] in _SAMRE]
        told = [
            o.tell_mal(costs),
            *o.tell_kostnader(self.data.egna(bladen.NAMNDER), self._rader(bladen.REDOVISAT.namn)),
            o.tell_summa(costs),
            o.tell_nyckeltal(Counter(str(r["bedomning"]) for r in once), worst),
            *([o.tell_utfall(sum_realiserat(followed))] if followed else []),
            o.tell_flyttar(moves),
            o.tell_samordning(moves, self.data.egna(bladen.SAMORDNING)),
        ]
        if alike := len(self._rader(bladen.LIKA.namn)):
            told.append(o.tell_lika(alike))
        yield self._rubrik(o.RUBRIK_SAMMANFATTNING)
        yield Stycke(cut_rad(o.tell_inledning(self.data), MEST_TECKEN))
        if unwritten := o.tell_oskrivet(self.data):
            yield Stycke(cut_rad(unwritten, MEST_TECKEN))
        yield Stycke(o.MALET)
        yield Lista(tuple(Punkt(cut_rad(t, MEST_TECKEN)) for t in told if t))
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
            o.tell_kallor((), "antal verksamheter och summor"),
            notes,
        )
        yield Stycke(o.BEDOMNINGAR)
        kinds = ("battre", "niva", "samre", "lagre", "hogre", "okant")
        headers = ("Bättre", "I nivå", "Sämre", "Lägre kostnad", "Högre kostnad", "Ej bedömda")
        yield self._tabell(
            "Bedomningar",
            "Antal nyckeltal per bedömning och nämnd",
            _kolumner(("Nämnd", 34), *((h, 11, _T) for h in headers)),
            ((make_cell(r["namnd"]), *(make_tal(r[k], 0) for k in kinds)) for r in rows),
            o.tell_kallor((), "antal nyckeltal per bedömning"),
        )
        if len(rows) <= MEST_STAPLAR:
            yield from self._staplar()

    def _namndrad(self, rad: Rad, noter: Notapparat) -> Iterator[Cell]:
        total = rad["verksamheter"]
        if not total:
            yield make_cell(
                rad["namnd"], (noter.mark("Har ingen verksamhet med referenskostnad."),)
            )
            yield from (make_cell(TOM_CELL) for _ in range(5))
            return
        own = [r for r in self._rader(bladen.REDOVISAT.namn) if r["namnd"] == rad["namnd"]]
        yield make_cell(rad["namnd"])
        for key, source in (("inom", "inom"), ("battre_resultat", "battre"), ("uppfyller",) * 2):
            unknown = [str(r["verksamhet"]) for r in own if r[source] == Svar.OKANT.value]
            note = f"Kan inte bedömas för {join_och(unknown)}."
            marks = (noter.mark(cut_rad(note, MEST_TECKEN)),) if unknown else ()
            yield make_cell(f"{rad[key]} av {total}", marks)
        outside = tell_utanfor(sum_avvikelserader([read_avvikelse(r) for r in own]))
        marks = (noter.mark(cut_rad(outside, MEST_TECKEN)),) if outside else ()
        for key in ("over", "under"):
            amount = rad[key]
            known = isinstance(amount, int | float)
            text = format_tal(float(str(amount)), 1, tecken=True) if known else TOM_CELL
            yield make_cell(text, marks if known else ())

    def _staplar(self) -> Iterator[Bild]:
        counts: dict[str, dict[Bedomning, int]] = {}
        for r in self.data.egna(bladen.NYCKELTAL):
            own = counts.setdefault(cut_rad(r["namnd"]), dict.fromkeys(STAPLAR, 0))
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
            self._kallor(o.tell_kallor((), "antal nyckeltal per bedömning")),
        )

    def _referens(self) -> Iterator[Block]:
        rows = self._rader(bladen.VERKSAMHETER.namn)
        counted = list_summerade(rows)
        yield self._rubrik(o.RUBRIK_REFERENS)
        if not rows:
            yield Stycke(o.tell_mal(rows))
            return
        yield Stycke(f"{o.REFERENS} {o.tell_summa(rows)}".strip())
        total = sum_referens(rows)
        last: tuple[Cell, ...] = ()
        if total.finns:
            last = (
                make_cell(
                    "Netto, de av verksamheterna ovan som har belopp"
                    if total.saknas
                    else "Netto, verksamheterna ovan"
                ),
                *(make_cell(TOM_CELL) for _ in range(4)),
                make_tal(total.netto, 1, tecken=True),
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
                        make_cell(r["verksamhet"], notes.mark_all(self._kostnadsnoter(r))),
                        *(make_tal(r[k], 0) for k in ("netto", "referens")),
                        *(make_tal(r[k], 1, tecken=True) for k in ("liknande", "procent", "mkr")),
                    )
                    for r in rader
                ),
                *([sist] if sist else []),
            ],
            o.tell_kallor(
                o.list_tal(rader, ("netto", "referens", "liknande", "procent", "mkr")),
                *(["netto för verksamheterna"] if sist else []),
            ),
            notes,
        )

    def _kostnadsnoter(self, rad: Rad) -> Iterator[str]:
        remark = str(rad["anmarkning"] or "")
        told = (OLIKA_VARDEN, DUBBLERAR, UTAN_BELOPP, ORIMLIG, INGEN_PUBLICERAD, EGET_BELOPP)
        yield from (t for t in told if t in remark)
        for apart in (ANNAT_UNDERLAG, OKANT_UNDERLAG):
            if apart in remark:
                year = f" för {rad['year']}" if rad["year"] else ""
                yield f"{apart} Redovisas{year} av {cut_rad(rad['namnder'])}."

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
                (
                    make_cell(r["verksamhet"]),
                    make_cell(self._korta_namnder(r["namnder"])),
                    *(make_cell(r[k]) for k in ("inom", "battre", "uppfyller")),
                )
                for r in rader
            ),
            o.tell_kallor((), "bedömningar"),
        )

    def _korta_namnder(self, namnder: object) -> str:
        """Return the committees that a cell of the workbook names, the first of them by name."""
        names = sorted((str(r["namnd"]) for r in self._rader(bladen.NAMNDER.namn)), key=len)
        return join_nagra(split_namnder(str(namnder), names[::-1]), o.MEST_I_CELL)

    def _avvikelser(self, rader: Sequence[Rad]) -> Iterator[Bild]:
        known = {cut_rad(r["verksamhet"]): v for r in rader if isinstance(v := r["mkr"], float)}
        if not 0 < len(known) <= MEST_STAPLAR:
            return
        told = "; ".join(f"{n} {format_tal(v, 1, tecken=True)}" for n, v in known.items())
        yield Bild(
            Avvikelser(known),
            "Nettokostnadens avvikelse från referenskostnaden, Mkr. Jämförelsen gäller "
            "räkenskaperna och är ingen besparing.",
            f"Liggande staplar över avvikelsen i Mkr för varje verksamhet. {told}.",
            self._kallor(o.tell_kallor(o.list_tal(rader, ("mkr",)))),
        )

    def _nyckeltal(self) -> Iterator[Block]:
        rows = self.data.egna(bladen.NYCKELTAL)
        yield self._rubrik(o.RUBRIK_NYCKELTAL)
        if not rows:
            yield Stycke(bladen.UTAN_RADER[bladen.NYCKELTAL.namn])
            return
        yield Stycke(o.SKILLNAD)
        for namn, heading, words in (
            ("Samre", "Sämre än liknande kommuner", _SAMRE),
            ("Hogre", "Högre kostnad än liknande kommuner", (Bedomning.HOGRE,)),
            ("Lagre", "Lägre kostnad än liknande kommuner", (Bedomning.LAGRE,)),
            ("Battre", "Bättre än liknande kommuner", _BATTRE),
        ):
            groups = group_lika(rows, words)
            if not groups:
                continue
            if words in (_BATTRE, (Bedomning.LAGRE,)):
                groups.sort(key=find_storlek, reverse=True)
            shown = groups[:MEST_NYCKELTAL]
            yield self._rubrik(heading, 2)
            # Before the table, since it would stand alone where that fills the page.
            yield from self._resten(
                len(shown), len(groups), "nyckeltal", bladen.NYCKELTALSBLAD.namn
            )
            yield self._nyckeltalstabell(namn, heading, shown)

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
                ("Skillnad", 12, _T),
            ),
            (self._nyckeltalsrad(g, notes) for g in grupper),
            _tell_nyckeltalskalla(g[0] for g in grupper),
            notes,
        )

    def _nyckeltalsrad(self, grupp: list[Rad], noter: Notapparat) -> Iterator[Cell]:
        first = grupp[0]
        name = cut_rad(first["nyckeltal"])
        told = []
        if first["year"] and first["year"] != self.data.year:
            told.append(f"Avser {float(str(first['year'])):.0f}.")
        if first["bedomning"] in (Bedomning.OVER_MALET, Bedomning.INOM_MALET):
            told.append("Bedöms mot ett mål, inte mot liknande kommuner.")
        if first[EGEN_UPPGIFT]:
            told.append(EGEN_NOT)
        elif EGET_MEDEL in str(first["anmarkning"] or ""):
            told.append(EGET_MEDEL)
        for r in grupp:
            title = f"Kommentar ({cut_rad(r['namnd'])})" if len(grupp) > 1 else "Kommentar"
            told += tell_om_rad(r, {"kommentar": title, "ovrigt": ""})
        unit = find_enhet(name.lower(), cut_rad(first["enhet"]))
        yield make_cell(name, noter.mark_all(told), unit)
        who = list(dict.fromkeys(cut_rad(r["namnd"]) for r in grupp))
        every = len(who) > 1 and len(who) == len(self.data.bocker) - len(self.data.utanfor)
        yield make_cell(self.data.namnder if every else join_nagra(who, o.MEST_I_CELL))
        decimals = find_decimaler(first)
        for key in ("varde", "liknande"):
            yield make_tal(first[key], decimals)
        yield make_cell(_tell_skillnad(first))

    def _uppfoljning(self) -> Iterator[Block]:
        rows = self._rader(bladen.UPPFOLJNING.namn)
        if not rows:
            return
        own = self.data.egna(bladen.UPPFOLJNING)
        total = sum_realiserat(own)
        known = {fold(s): s for s in _STATUS}
        counts: dict[str, Counter[str]] = {}
        for r in rows:
            mine = counts.setdefault(str(r["namnd"]), Counter())
            mine[known.get(fold(str(r["status"] or "").strip()), "")] += 1
        yield self._rubrik(o.RUBRIK_UPPFOLJNING)
        yield Stycke(
            "Så långt har nämnderna kommit med åtgärderna från förra genomlysningen. Allt som står "
            f"om dem finns på bladet {bladen.UPPFOLJNINGSBLAD.namn} i {self.bok}."
        )
        if own:
            yield Stycke(o.tell_utfall(total))
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
                    make_cell(name),
                    *(make_tal(n, 0) for n in (c.total(), *(c[s] for s in _STATUS), c[""])),
                )
                for name, c in counts.items()
            ),
        )
        if total.summa.antal_lasta:
            yield self._utfall(own)
        yield from self._atgarder(rows)

    def _utfall(self, rader: Sequence[Rad]) -> Tabell:
        """Return what each committee's measures have come to."""
        names = list(dict.fromkeys(str(r["namnd"]) for r in rader))
        return self._tabell(
            "RealiseradEffekt",
            "Realiserad effekt per nämnd, tkr",
            _kolumner(
                ("Nämnd", 34),
                ("Åtgärder med belopp", 13, _T),
                *((h, 12, _T) for h in ("Per år", "En gång", "Ej angivet", "Kan inte läsas")),
            ),
            (make_utfallsrad(n, [r for r in rader if r["namnd"] == n]) for n in names),
        )

    def _atgarder(self, rader: Sequence[Rad]) -> Iterator[Block]:
        """Yield the measures; where not all have room, those that have come to something."""
        order = {str(r["namnd"]): i for i, r in reversed(list(enumerate(rader)))}
        first = sorted(rader, key=lambda r: not (r["realiserad"] or _is_avslutad(r)))
        shown = sorted(first[:MEST_FORSLAG], key=lambda r: order[str(r["namnd"])])
        yield from self._resten(len(shown), len(rader), "åtgärder", bladen.UPPFOLJNINGSBLAD.namn)
        yield self._tabell(
            "Atgarder",
            "Åtgärderna nämnd för nämnd, de som är avslutade eller har gett något först",
            _kolumner(
                ("Nämnd", 22),
                ("Åtgärd", 26),
                ("Status", 14),
                ("Realiserad effekt", 14),
                ("Uppföljning", 30),
            ),
            (make_atgardsrad(r) for r in shown),
        )

    def _flyttar(self) -> Iterator[Block]:
        rows = self._rader(bladen.FORFLYTTNINGAR.namn)
        yield self._rubrik(o.RUBRIK_FLYTTAR)
        if not rows:
            yield Stycke(o.tell_flyttar(rows))
            return
        names = list(dict.fromkeys(str(r["namnd"]) for r in rows))
        own = {name: [r for r in rows if r["namnd"] == name] for name in names}
        counted = {n: own[n] for n in names if n not in self.data.utanfor}
        yield Stycke(o.FLYTTAR)
        if len(counted) < len(names):
            yield Stycke(o.describe_utanfor(self.data))
        yield self._tabell(
            "Flyttsummor",
            "Möjlig effektivisering per nämnd, tkr",
            _kolumner(
                ("Nämnd", 28),
                *((h, 12, _T) for h in ("Förslag", "Per år", "En gång", "Ej angivet")),
                *((h, 12, _T) for h in ("Går inte att beräkna", "Kan inte läsas")),
            ),
            (
                *(make_summarad(name, found) for name, found in counted.items()),
                *(
                    [make_summarad("Summa", self.data.egna(bladen.FORFLYTTNINGAR))]
                    if len(counted) > 1
                    else []
                ),
            ),
        )
        yield Stycke(o.SLAGEN)
        for name in names:
            yield self._rubrik(cut_rad(name), 2)
            shown = own[name][:MEST_FORSLAG]
            notes = Notapparat()
            yield self._tabell(
                bladen.FORFLYTTNINGAR.namn,
                f"Förslag från {cut_rad(name)}",
                _kolumner(
                    ("Förslag", 35),
                    ("Slag", 21),
                    ("Möjlig effektivisering", 18),
                    ("Räknas som", 13),
                    ("Tkr", 13, _T),
                ),
                (make_flyttrad(r, notes) for r in shown),
                noter=notes,
            )
            yield from self._resten(
                len(shown), len(own[name]), "förslag", bladen.FORFLYTTNINGSBLAD.namn
            )

    def _samordning(self) -> Iterator[Block]:
        every = self._rader(bladen.SAMORDNING.namn)
        rows = [r for r in every if not _is_avslutad(r)]
        if not rows:
            return
        told = o.tell_samordning(
            self.data.egna(bladen.FORFLYTTNINGAR), self.data.egna(bladen.SAMORDNING)
        )
        yield self._rubrik(o.RUBRIK_SAMORDNING)
        yield Stycke(f"{told} {o.SAMORDNING}")
        if len(rows) < len(every):
            yield Stycke(
                f"{o.UTAN_AVSLUTADE} De står på bladet {bladen.SAMORDNINGSBLAD.namn} i {self.bok}."
            )
        own_names = (str(r["namnd"]) for r in self._rader(bladen.NAMNDER.namn))
        known = {cut_tillagg(n) for n in (*own_names, *self.data.saknade)}
        named = dict.fromkeys(str(r["berord"]) for r in rows if r["berord"] in known)
        # What concerns all of them is what the kommunstyrelse must coordinate.
        for who in (ALLA, *named):
            if own := [r for r in rows if r["berord"] == who]:
                yield from self._samordningstabell(
                    cut_rad(who), f"Berör {namn_i_text(cut_rad(who))}", own
                )
        others = [r for r in rows if r["berord"] not in {*known, ALLA, INGEN_ANGIVEN}]
        if others:
            yield from self._andra_berorda(others)
        nobody = [r for r in rows if r["berord"] == INGEN_ANGIVEN]
        if nobody:
            title = "Förslag och åtgärder utan angiven berörd"
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
                ("Föreslås av, slag", 27),
                ("Förslag", 31),
                ("Möjlig effektivisering", 17),
                ("Avstämning", 25),
            ),
            (make_samordningsrad(r) for r in shown),
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
            _kolumner(
                ("Föreslås av, slag", 27),
                ("Berörd", 20),
                ("Förslag", 29),
                ("Avstämning", 24),
            ),
            (make_andrarad(group) for group in shown),
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
                    make_likacell(self._korta_namnder(r["namnd"]), r["text"], r["belopp"]),
                    make_likacell(
                        self._korta_namnder(r["namnd_2"]),
                        *(r["text_2"], r["belopp_2"]),
                        lika=r["likhet"] == 100,
                    ),
                    make_cell(r["gemensamt"]),
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
            yield from make_lista(keep_fakta(a.skal) for a in data.avvisade)
        if data.saknade:
            yield self._rubrik("Nämnder utan arbetsbok", 2)
            yield Stycke(
                f"{cut_rad(join_och(data.saknade))}. Det är nämnder som programmet har en profil "
                f"för; kommunen kan ha andra, eller sakna dem.{self.data.om_saknade}"
            )
        if data.dubbletter:
            yield self._rubrik("Flera filer från samma nämnd", 2)
            yield from make_lista(map(keep_fakta, data.dubbletter))
        yield self._rubrik("Arbetsböckerna", 2)
        shown = rows[:MEST_FILER]
        remarks = [cut_text(keep_fakta(str(r["anmarkning"]))) for r in shown]
        columns = [("Nämnd", 27.0), ("Fil", 24.0), ("Dataår", 9.0), ("Hämtad", 14.0)]
        if any(remarks):
            columns.append(("Att känna till", 30.0))
        yield self._tabell(
            bladen.FILER.namn,
            "Arbetsböckerna som är med",
            _kolumner(*columns),
            (
                (
                    *(make_cell(r[k]) for k in ("namnd", "fil", "year", "hamtad")),
                    *([Cell((Stycke(keep_datum(text) or TOM_CELL),))] if any(remarks) else []),
                )
                for r, text in zip(shown, remarks, strict=True)
            ),
        )
        yield from self._resten(len(shown), len(rows), "arbetsböcker", bladen.FILBLAD.namn)


def _is_avslutad(rad: Rad) -> bool:
    """Tell whether a measure is not followed up again."""
    return fold(str(rad["status"] or "").strip()) in {fold(s) for s in AVSLUTADE}
