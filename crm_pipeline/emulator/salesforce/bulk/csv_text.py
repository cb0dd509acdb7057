"""CSV as the Bulk APIs read and write it.

Belongs here: delimiters, line ends, quotes, the head line. Not here: what columns mean (columns.py, query_jobs.py).

Sources: Bulk API 2.0 guide, "Prepare CSV Files" and "Valid CSV Record Rows"; the text about line ends as users report
it. Choices where the platform is not documented: a byte order mark is passed over; a row with more or fewer values
than the head line, and quotes that do not close, refuse the whole file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
NULL = "#N/A"
"""The text that stands for null in an upload; an empty value means that none is given."""

_QUOTED = re.compile(r'"[^"]*"')


class CsvError(Exception):
    """An upload that cannot be read; the text is what the job's errorMessage says."""


@dataclass(frozen=True)
class Format:
    """How lines and columns end, by the names that the API uses."""

    column_delimiter: str = "COMMA"
    line_ending: str = "LF"

    @property
    def delimiter(self) -> str:
        """The character between columns."""
        return DELIMITERS[self.column_delimiter]

    @property
    def line_end(self) -> str:
        """The characters at the end of a line."""
        return LINE_ENDS[self.line_ending]


@dataclass(frozen=True)
class Upload:
    """A CSV file that can be read: its head line as it came, the column names, the number of rows below."""

    head: str
    columns: list[str]
    count: int
    text: str
    format: Format

    def rows(self) -> Iterator[list[str]]:
        """The rows, read anew: a million of them would fill the memory."""
        return islice(_lines(self.text, self.format), 1, None)


def read(content: bytes, format_: Format) -> Upload:
    """An upload whose rows have all been looked at. Raises CsvError."""
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise CsvError("InvalidBatch : Failed to parse CSV header. Content is not UTF-8.") from None
    _check_lines(text, format_)
    lines = _lines(text, format_)
    try:
        columns = [name.strip() for name in next(lines, [])]
        if not columns:
            raise CsvError("InvalidBatch : Failed to parse CSV header. The file has no content.")
        number = 0
        for number, row in enumerate(lines, start=1):
            if len(row) != len(columns):
                raise CsvError(
                    f"InvalidBatch : The number of values in row {number} ({len(row)}) is not that of the header "
                    f"({len(columns)})."
                )
    except csv.Error as error:
        raise CsvError(f"InvalidBatch : Failed to read CSV: {error}") from None
    return Upload(_head(text, format_), columns, number, text, format_)


def _lines(text: str, format_: Format) -> Iterator[list[str]]:
    """Head line and rows; empty lines are passed over."""
    return filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=format_.delimiter, strict=True))


def _check_lines(text: str, format_: Format) -> None:
    unquoted = _QUOTED.sub("", text)
    if '"' in unquoted:
        raise CsvError("InvalidBatch : Failed to read CSV: a quote is not closed.")
    if format_.line_ending == "CRLF":
        unquoted = unquoted.replace("\r\n", "")
        wrong = "\n" in unquoted or "\r" in unquoted
    else:
        wrong = "\r" in unquoted
    if wrong:
        raise CsvError(
            "ClientInputError : LineEnding is invalid on user data. "
            f"Current LineEnding setting is {format_.line_ending}"
        )


def _head(text: str, format_: Format) -> str:
    """The head line; a quoted column name may hold a line end, though no field has such a name."""
    return text.lstrip("\r\n").partition(format_.line_end)[0]


def write(head: str | None, rows: Iterable[Sequence[Any]], format_: Format) -> bytes:
    """Rows with every value in quotes, below a head line that is taken as it is (None: no head line)."""
    target = io.StringIO(newline="")
    if head is not None:
        target.write(head + format_.line_end)
    csv.writer(target, delimiter=format_.delimiter, lineterminator=format_.line_end, quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    return target.getvalue().encode()


def write_texts(head: str, rows: Sequence[Sequence[str]], format_: Format) -> bytes:
    """What `write` gives for rows of texts, in half the time when no text has a quote in it."""
    end = format_.line_end
    body = f'"{end}"'.join(map(f'"{format_.delimiter}"'.join, rows))
    cells = len(rows) * len(rows[0]) if rows else 0
    if cells and body.count('"') == 2 * cells - 2:
        return f'{head}{end}"{body}"{end}'.encode()
    return write(head, rows, format_)


def head_of(names: Iterable[str], format_: Format) -> str:
    """A head line with every name in quotes."""
    return format_.delimiter.join(f'"{name}"' for name in names)
