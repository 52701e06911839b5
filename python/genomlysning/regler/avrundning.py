"""Rounding as a reader of the workbook does it, and as Excel's ROUND does."""

from decimal import ROUND_HALF_UP, Context, Decimal

#: Differences are compared with so many decimals, so that the last digits of floating-point
#: numbers, which differ between programs, decide nothing.
JAMFORDA_DECIMALER = 7

# Wide enough for any double written out in full.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_UP)


def round_half_away(value: float, decimaler: int) -> float:
    """Round half away from zero at `decimaler` decimals.

    Works on the shortest decimal text of the number, so that 2.675 becomes 2.68, as Excel's
    ROUND has it (both give the same answer). Never returns negative zero.
    """
    text = repr(float(value))
    decimals = text.partition(".")[2]
    short = decimals == "0" or (decimals.isdigit() and len(decimals) <= decimaler)
    if short and decimaler >= 0:
        return float(value) + 0.0  # has no more to round off, as most have not
    exact = Decimal(text)
    return float(exact.quantize(Decimal(1).scaleb(-decimaler), context=_CONTEXT)) + 0.0


def exceeds(tal: float, grans: float) -> bool:
    """Tell whether a number is above a limit by more than floating-point noise."""
    return round_half_away(tal - grans, JAMFORDA_DECIMALER) > 0
