"""The computer's clock, which may be wrong: dates are written and data years chosen by it."""

from datetime import date, datetime

from genomlysning.fel import AnvandarFel, Meddelande

ORIMLIG = Meddelande(
    "klocka-orimlig",
    "Datorns klocka säger {dag}, vilket inte kan stämma.",
    "Ställ klockan, eller be IT göra det, och försök igen.",
)
#: The days that a run may have: Kolada's first figures, and as far as plans go.
FORSTA_DAG, SISTA_DAG = date(1998, 1, 1), date(2100, 12, 31)


def read_nu() -> datetime:
    """Return the time now, in whole seconds; raises AnvandarFel when the clock can't be right."""
    now = datetime.now().replace(microsecond=0)
    check_nu(now)
    return now


def check_nu(now: datetime) -> None:
    """Refuse a time that can't be right, with an AnvandarFel."""
    if not FORSTA_DAG <= now.date() <= SISTA_DAG:
        raise AnvandarFel(ORIMLIG, dag=now.date().isoformat())
