"""What the program costs beside what it could cost: `python -m benchmarks` (docs/prestanda.md)."""
