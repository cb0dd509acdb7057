"""Labelled samples: tables of raw values and what a person says they are. "-" is null, except for a raw value."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "samples"


def sample(name: str) -> list[tuple[str, ...]]:
    """The rows of a table; the first line is a comment, the second the header."""
    _, header, *lines = (_FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    width = len(header.split("\t"))
    return [tuple((line.split("\t") + [""] * width)[:width]) for line in lines]


def text(value: object) -> str:
    return "-" if value is None else str(value)


def flags_missed(wanted: str, flags: frozenset[str]) -> list[str]:
    """Of "a,!b": what is wrong with the flags. a must be there, b must not."""
    items = [flag for flag in wanted.split(",") if flag]
    return [f for f in items if (f[1:] in flags if f.startswith("!") else f not in flags)]
