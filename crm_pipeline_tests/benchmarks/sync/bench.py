"""`make bench PART=sync`: planning so many linked pairs, then pushing updates and creates at the CRMs' rate limits."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from crm_pipeline_tests.benchmarks.figures import machine
from crm_pipeline_tests.benchmarks.sync import pushing

#: What is pushed into each CRM.
_UPDATES, _CREATES = 10_000, 2_000


def main(pairs: int) -> None:
    """Print both tables. Planning has a process of its own, so that its memory is only its own."""
    print(machine(), flush=True)
    print(
        "| plan | seconds | CPU seconds | most MiB so far | operations |\n| --- | ---: | ---: | ---: | ---: |",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        planning = [sys.executable, "-m", "crm_pipeline_tests.benchmarks.sync.planning", str(pairs), folder]
        subprocess.run(planning, check=True)
    print(f"\n{_UPDATES:,} updates and {_CREATES:,} creates a side", flush=True)
    pushing.main(min(pairs, _UPDATES), min(pairs, _CREATES))
