"""`python -m crm_pipeline_tests.laws.relations COUNT [SEED]`: so many histories of families; the count is printed."""

from __future__ import annotations

import sys

from crm_pipeline_tests.laws.machine.__main__ import main
from crm_pipeline_tests.laws.relations.running import FAMILIES, TOGETHER

if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    count, seed = numbers + [1000, 0][len(numbers) :]
    sys.exit(main(count, seed, FAMILIES, TOGETHER))
