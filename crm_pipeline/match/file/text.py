"""The text of a file, line by line, whatever it is encoded in.

Belongs here: which encoding a file has, and its lines as text. Not here: cells (csv_rows.py).
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Encodings that a line may have where the file's own does not fit. The last one fits everything.
_OTHERS = ("utf-8", "cp932", "euc_jp", "cp1252", "latin-1")
_BLOCK = 1 << 20
#: Lines with other characters than ASCII that are looked at.
_SAMPLE = 5_000
_RETURNS = re.compile("(?<=\r)(?!\n)")


@dataclass
class Text:
    """A file's encoding, and how many lines were in another one; that number grows while lines are read."""

    path: Path
    encoding: str
    strangers: int = field(default=0)

    def lines(self) -> Iterator[str]:
        """The lines with their ends. No character is lost: a line that does not fit is read in what it does fit."""
        if self.encoding.startswith(("utf-16", "utf-32")):
            yield from self._wide_lines()
            return
        first = True
        with opened(self.path) as file:
            for raw in file:
                line = self._decoded(raw)
                if first:
                    line, first = line.removeprefix("\ufeff"), False
                if "\0" in line:
                    line = line.replace("\0", "")
                yield from _RETURNS.split(line) if "\r" in line else (line,)

    def _wide_lines(self) -> Iterator[str]:
        with opened(self.path) as file, io.TextIOWrapper(file, self.encoding, errors="replace", newline="") as wide:
            for line in wide:
                yield line.replace("\0", "").removeprefix("\ufeff")

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self.encoding)
        except UnicodeDecodeError:
            self.strangers += 1
        for encoding in _OTHERS:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise AssertionError("latin-1 fits everything")


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, also of one that is packed by gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def text_of(path: Path) -> Text:
    """UTF-8 (with or without a mark), UTF-16, CP932 (Shift_JIS), EUC-JP or Windows-1252, whichever fits the bytes."""
    with opened(path) as file:
        head = file.read(4096)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return Text(path, encoding)
    if wide := _without_mark(head):
        return Text(path, wide)
    if _is_utf_8(path):
        return Text(path, "utf-8")
    lines = _not_ascii(path)
    if sum(_fits(line, "utf-8") for line in lines) * 2 > len(lines):
        return Text(path, "utf-8")
    good, encoding = max((_plausible(lines, name), name) for name in ("euc_jp", "cp932"))
    return Text(path, encoding if good > 0.6 else "cp1252")


def _without_mark(head: bytes) -> str | None:
    """UTF-16 whose mark was lost: of commas, digits and line ends, every other byte is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < max(3, len(head) / 50) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path) as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _not_ascii(path: Path) -> list[bytes]:
    lines: list[bytes] = []
    with opened(path) as file:
        for line in file:
            if not line.isascii():
                lines.append(line[:_BLOCK])
                if len(lines) == _SAMPLE:
                    break
    return lines


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _plausible(lines: list[bytes], encoding: str) -> float:
    """The share of characters that people write: kana and the 2,965 usual kanji. Wrongly read bytes give rare ones."""
    usual = seen = 0
    for line in lines:
        try:
            found = [character for character in line.decode(encoding) if ord(character) > 127]
        except UnicodeDecodeError:
            seen += sum(byte > 127 for byte in line)
            continue
        seen += len(found)
        usual += sum(_is_usual(character) for character in found)
    return usual / seen if seen else 0.0


def _is_usual(character: str) -> bool:
    """In the first half of JIS X 0208, or a variant of a kanji that only Windows has (髙, ㈱)."""
    if "\uff61" <= character <= "\uff9f":
        return False
    try:
        return character.encode("euc_jp")[0] <= 0xCF
    except UnicodeEncodeError:
        return True
