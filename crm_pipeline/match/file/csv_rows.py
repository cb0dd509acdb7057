"""The rows of a CSV file; what cannot be a row is told with its line and the reason, never dropped in silence.

Belongs here: separators, quotes, line breaks in cells, damaged lines. Not here: encodings (text.py), tables
(reading.py).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

_SEPARATORS = (",", "\t", ";", "|")
#: Lines that are looked at to find the separator.
_SAMPLE = 50
#: A cell of more lines is a quote that nobody closed.
_LONGEST = 10_000
#: csv refuses cells of more than 128 kB otherwise.
WIDEST = 1 << 30


@dataclass(frozen=True)
class Damaged:
    """A line of the file that is not a row. `reason`: a few words without the line's content."""

    line: int
    reason: str
    text: str


#: A row's first line in the file, from 1, and its cells.
Row = tuple[int, list[str]]


class _UnclosedError(Exception):
    """A quote whose end is not found."""


class Rows:
    """Iterates over header and rows as Row and Damaged. All rows have as many cells as the first."""

    def __init__(self, lines: Iterator[str]) -> None:
        csv.field_size_limit(WIDEST)
        first = list(islice(lines, _SAMPLE))
        self.separator = separator_of(first)
        self._lines = _Lines(chain(first, lines))
        self._width = 0

    def __iter__(self) -> Iterator[Row | Damaged]:
        reader = self._reader()
        taken = self._lines.taken
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _UnclosedError):
                yield self._damaged("a quotation mark has no other one")
                reader = self._reader()
                continue
            wrong = self._wrong(cells)
            if wrong:
                yield self._damaged(wrong)
                reader = self._reader()
                continue
            if cells:
                yield self._lines.first, cells
            taken.clear()

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines, delimiter=self.separator, skipinitialspace=True, strict=True)

    def _wrong(self, cells: list[str]) -> str:
        """What is wrong with the number of cells; empty if nothing is. Empty cells too many are taken away."""
        if not self._width and cells:
            self._width = len(cells)
        if not cells or len(cells) == self._width:
            return ""
        while len(cells) > self._width and not cells[-1].strip():
            cells.pop()
        return "" if len(cells) == self._width else f"{len(cells)} cells, the header has {self._width}"

    def _damaged(self, reason: str) -> Row | Damaged:
        """The first line of what was taken; the others are read again, as rows of their own."""
        number, line = self._lines.first, self._lines.keep_first()
        stripped = line.rstrip("\r\n")
        cells = next(csv.reader([stripped], delimiter=self.separator, skipinitialspace=True), [])
        if not reason[0].isdigit() and stripped.count('"') != 1 and not self._wrong(cells) and cells:
            return number, cells  # such as "Joe "Doc" Smith": quotes inside quotes
        return Damaged(number, reason, stripped)


class _Lines:
    """Lines with their numbers. `taken`: those of the row that is being read; a damaged row gives some of them back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []
        self._number = 0
        self.taken: list[str] = []

    @property
    def first(self) -> int:
        """The number of the first line taken, from 1."""
        return self._number - len(self.taken) + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _LONGEST:
            raise _UnclosedError
        line = self._again.pop() if self._again else next(self._lines)
        self._number += 1
        self.taken.append(line)
        return line

    def keep_first(self) -> str:
        """The first line taken; the others come again."""
        first, *others = self.taken
        self._again.extend(reversed(others))
        self._number -= len(others)
        self.taken.clear()
        return first


def separator_of(lines: list[str]) -> str:
    """The separator that divides the most lines into the same number of cells, and into the most cells."""
    best, found = (0, 0), _SEPARATORS[0]
    for separator in _SEPARATORS:
        widths = Counter(
            len(cells) for cells in csv.reader(lines, delimiter=separator, skipinitialspace=True) if len(cells) > 1
        )
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        if (count, width) > best:
            best, found = (count, width), separator
    return found
