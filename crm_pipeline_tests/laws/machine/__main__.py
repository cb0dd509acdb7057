"""`python -m crm_pipeline_tests.laws.machine COUNT [SEED]`: so many histories; the count is printed."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from crm_pipeline_tests.laws.machine.running import CUSTOMERS, TOGETHER, Machine, counterexamples


def main(count: int, seed: int, machine: Machine = CUSTOMERS, together: int = TOGETHER) -> int:
    """Run `count` histories, `together` in a database, a database a core. Returns the exit code: 1 if one of them
    violates a law."""
    started, done, failed = time.monotonic(), 0, 0
    counts = [min(together, count - before) for before in range(0, count, together)]
    seeds = range(seed, seed + len(counts))
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(counts))) as cores:
        all_told = cores.map(counterexamples, seeds, counts, [machine] * len(counts))
        for one, number, told in zip(seeds, counts, all_told, strict=True):
            failed += bool(told)
            print(*told, sep="\n", end="\n" * bool(told), flush=True)
            done += number
            print(f"{done} histories, next seed {one + 1}, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [1000, 0][len(numbers) :])))
