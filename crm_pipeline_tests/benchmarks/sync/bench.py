"""`make bench PART=sync`: planning so many linked pairs, then pushing updates and creates at the CRMs' rate limits."""

from __future__ import annotations

import tempfile
from pathlib import Path

from crm_pipeline_tests.benchmarks.figures import machine
from crm_pipeline_tests.benchmarks.sync import planning, pushing

#: What is pushed into each CRM.
_UPDATES, _CREATES = 10_000, 2_000


def main(pairs: int) -> None:
    """Print both tables."""
    print(machine(), flush=True)
    print(
        "| plan | seconds | CPU seconds | most MiB so far | operations |\n| --- | ---: | ---: | ---: | ---: |",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        planning.main(pairs, Path(folder))
    print(f"\n{_UPDATES:,} updates and {_CREATES:,} creates a side", flush=True)
    pushing.main(min(pairs, _UPDATES), min(pairs, _CREATES))
