"""Genomlysning: a municipal committee's yearly look at its own efficiency."""

__version__ = "0.2.0"
