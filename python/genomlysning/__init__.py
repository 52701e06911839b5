"""Genomlysning: a municipal committee's yearly look at its own efficiency.

    from genomlysning import compare

    underlag = compare("Alingsås", "barn-och-ungdomsnamnden")

What is in `__all__` is for other programs; the rest may change. `bibliotek` says what each does.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genomlysning.bibliotek import (
        GenomlysningFel,
        Jamforelse,
        Referensrad,
        Underlag,
        compare,
        compare_exempel,
        save_arbetsbok,
    )

__version__ = "0.2.0"

__all__ = [
    "GenomlysningFel",
    "Jamforelse",
    "Referensrad",
    "Underlag",
    "__version__",
    "compare",
    "compare_exempel",
    "save_arbetsbok",
]


def __getattr__(name: str) -> object:
    """Import what is asked for; `import genomlysning` alone is light, for Excel's sake."""
    if name in __all__:
        return getattr(import_module("genomlysning.bibliotek"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
