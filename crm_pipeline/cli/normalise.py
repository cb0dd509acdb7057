"""`normalise KIND`: raw values in, comparison keys out; other programs rely on its keys (docs/extend.md)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

from crm_pipeline.cli import wording

KINDS = ("name", "e-mail", "phone", "company", "address", "date")

#: Bytes that are read at once at most; what is there already is worked on without waiting for more.
_CHUNK = 1 << 20

#: Different values that are kept: exports repeat companies, cities and family names.
_KEPT = 200_000


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
def normalise(kind: str) -> None:
    """Read values from standard input (UTF-8), one a line, and write one JSON object a line."""
    import orjson

    from crm_pipeline.config import load_settings
    from crm_pipeline.normalise.keys import keys

    region = load_settings().phone_region
    damaged = 0
    known: dict[bytes, bytes] = {}
    for lines in _chunks(sys.stdin.buffer):
        written = []
        for line in lines:
            found = known.get(line)
            if found is None:
                value = line.decode("utf-8", errors="replace").rstrip("\r")
                found = bytes(memoryview(orjson.dumps(keys(kind, value, region))))  # a copy without orjson's spare room
                if len(known) >= _KEPT:
                    known.clear()
                known[line] = found
            written.append(found)
        damaged += sum(map(_is_damaged, lines))
        click.echo(b"\n".join(written))
    if damaged:
        click.echo(
            f"crm-pipeline: {wording.counted(damaged, 'line was', 'lines were')} not UTF-8; the bytes that "
            "could not be read became U+FFFD. Convert the input (iconv) and run again",
            err=True,
        )


def _chunks(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The lines of a stream without their ends, as many at once as are there; the last needs no end."""
    begun: list[bytes] = []
    read = getattr(stream, "read1", stream.read)
    while data := read(_CHUNK):
        first, newline, rest = data.partition(b"\n")
        begun.append(first)
        if newline:
            *lines, last = rest.split(b"\n")
            yield [b"".join(begun), *lines]
            begun = [last]
    if last := b"".join(begun):
        yield [last]


def _is_damaged(line: bytes) -> bool:
    """Whether a line is no text in UTF-8; a NUL is what UTF-16 looks like."""
    if line.isascii():
        return b"\0" in line
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return b"\0" in line
