"""The small tables of the normaliser; each file says where its rows come from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a table, split at tabs, without comments (lines that begin with "# ")."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("# "))


@cache
def words(name: str) -> frozenset[str]:
    """The lines of a table with one column."""
    return frozenset(row[0] for row in rows(name))


@cache
def listed(name: str) -> dict[str, tuple[str, ...]]:
    """A table of a key and words separated by spaces."""
    return {row[0]: tuple(row[-1].split(" ")) for row in rows(name)}
