"""Decisions that come in a table: a CSV file that somebody filled in, checked as a whole before any row is taken.

Belongs here: reading and checking. Not here: the columns for people (report/review.py), remembering (review.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline.errors import ConfigError
from crm_pipeline.match.file.csv_rows import Damaged, Rows
from crm_pipeline.match.file.text import text_of
from crm_pipeline.match.review.review import Pair, Verdict, every_pair
from crm_pipeline.warehouse import Connection

#: What a person may write into the column `verdict`, in lower case.
_VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(("accept", "match", "同一"), "match"),
    **dict.fromkeys(("reject", "not a match", "not_a_match", "別"), "not_a_match"),
    **dict.fromkeys(("unsure", "不明"), "unsure"),
}
#: Mistakes that are named one by one; the rest is counted.
_NAMED = 10


@dataclass(frozen=True)
class Decided:
    """One filled row."""

    pair: Pair
    verdict: Verdict
    why: str


def read(connection: Connection, path: Path) -> list[Decided]:
    """The filled rows of a table that `review export` wrote; rows without a verdict are passed over.

    Raises ConfigError, naming the lines, when a column is missing, a verdict is no word of ours, a pair is unknown or
    decided twice, or its evidence has changed since the table was written.
    """
    header, table = _table(path)
    missing = [name for name in ("pair", "left", "right", "evidence", "verdict") if name not in header]
    if missing:
        raise ConfigError(f"{path}: there is no column {', '.join(missing)}; `crm-pipeline review export` writes them")
    pairs = {(pair.left_key, pair.right_key): pair for pair in every_pair(connection)}
    decided: list[Decided] = []
    mistakes: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in _filled(table):
        keys = row["left"].strip(), row["right"].strip()
        verdict = _VERDICTS.get(row["verdict"].strip().lower())
        pair = pairs.get(keys)
        mistake = (
            f"the verdict is none of {', '.join(_VERDICTS)}"
            if verdict is None
            else "there is no such pair any more; export the review again"
            if pair is None
            else f"row {seen[keys]} decides the same pair"
            if keys in seen
            else "the evidence has changed since the table was written; export it again and look"
            if pair.evidence_hash != row["evidence"].strip()
            else None
        )
        seen.setdefault(keys, number)
        if mistake:
            mistakes.append(f"row {number}: {mistake}")
        elif pair and verdict:
            decided.append(Decided(pair, verdict, row.get("why", "").strip()))
    if mistakes:
        more = f"\n... and {len(mistakes) - _NAMED:,} more" if len(mistakes) > _NAMED else ""
        listed = "\n".join(mistakes[:_NAMED])
        raise ConfigError(f"{path}: nothing was taken, as some rows cannot be (row 1 is the header):\n{listed}{more}")
    return decided


def _filled(table: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(row in the spreadsheet, its cells) of each row with a verdict."""
    return ((number, cells) for number, cells in enumerate(table, start=2) if cells["verdict"].strip())


def _table(path: Path) -> tuple[Sequence[str], Sequence[Mapping[str, str]]]:
    """The header and the rows, in whatever encoding and with whatever separator a spreadsheet saved them."""
    rows = []
    for row in Rows(text_of(path).lines()):
        if isinstance(row, Damaged):
            raise ConfigError(f"{path} line {row.line} is no row of a table: {row.reason}; nothing was taken")
        rows.append(row[1])
    if not rows:
        raise ConfigError(f"{path} is empty; `crm-pipeline review export` writes a table")
    header = [cell.strip() for cell in rows[0]]
    return header, [dict(zip(header, cells, strict=True)) for cells in rows[1:]]
