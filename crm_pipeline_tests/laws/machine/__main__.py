"""`python -m crm_pipeline_tests.laws.machine COUNT [SEED]`: so many histories; the count is printed."""

from __future__ import annotations

import sys
import time

from crm_pipeline_tests.laws.machine.running import CUSTOMERS, TOGETHER, Machine, counterexamples


def main(count: int, seed: int, machine: Machine = CUSTOMERS, together: int = TOGETHER) -> int:
    """Run `count` histories, `together` in a database. Returns the exit code: 1 if one of them violates a law."""
    started, done, failed = time.monotonic(), 0, 0
    while done < count:
        told = counterexamples(seed, min(together, count - done), machine)
        failed += bool(told)
        print(*told, sep="\n", end="\n" * bool(told), flush=True)
        done, seed = done + together, seed + 1
        print(f"{min(done, count)} histories, next seed {seed}, {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [1000, 0][len(numbers) :])))
