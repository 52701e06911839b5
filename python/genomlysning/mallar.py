"""Finds the project's `templates/`, in an installed package as in a checkout."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def find_templates() -> Path:
    """Return the folder of templates.

    A wheel carries it inside the package; an editable install and a checkout have it at the
    top of the repository.
    """
    inside = _HERE / "templates"
    return inside if inside.is_dir() else _HERE.parents[1] / "templates"
