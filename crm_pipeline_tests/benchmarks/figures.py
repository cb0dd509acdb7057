"""What was measured of one read, and the table that a benchmark prints (and docs/benchmarks.md shows)."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crm_pipeline_tests.benchmarks.crm_state import Usage


@dataclass(frozen=True)
class Figures:
    """One read of one CRM. `base` and `peak` in MiB; `wrong`: records that are not as the CRM has them afterwards, in
    words; `note`: what a reader of the table must know."""

    crm: str
    reader: str
    what: str
    rows: int
    seconds: float
    usage: Usage
    base: int
    peak: int
    wrong: str
    note: str = ""

    def cells(self) -> list[str]:
        share = "" if self.usage.share is None else f"{self.usage.share:.0%}"
        rate = f"{self.rows / self.seconds:,.0f}" if self.seconds else ""
        return [
            self.crm,
            self.reader,
            self.what,
            f"{self.rows:,}",
            f"{self.seconds:,.1f}",
            rate,
            f"{self.usage.calls:,}",
            str(self.usage.refused),
            share,
            f"{self.peak - self.base:,} + {self.base:,}",
            "; ".join(filter(None, [self.wrong, self.note])),
        ]


HEADS = [
    "CRM",
    "reader",
    "read",
    "rows",
    "seconds",
    "rows/s",
    "calls",
    "refused",
    "of the rate",
    "MiB + base",
    "afterwards",
]


def table(rows: Iterable[Figures]) -> str:
    """The figures as a Markdown table."""
    lines = [HEADS, ["---"] * 3 + ["---:"] * 7 + ["---"], *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Cores, memory and versions, without a name."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal:"))
    cores = sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
    gib = int(memory.split()[1]) / 1024**2
    return f"{cores} cores, {gib:.0f} GiB, Python {platform.python_version()}, DuckDB {duckdb.__version__}"
