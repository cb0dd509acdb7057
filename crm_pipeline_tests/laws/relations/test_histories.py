"""Laws 3, 4, 9, 11, 12, 14-17, 20, 21, 23, 25, 26, 30, 31 and 36 over random histories of families, with faults and
crashes.

Two CRMs in dictionaries, the real golden, plan, push and recovery. `make laws` runs a tenth as many as of customers.
"""

from __future__ import annotations

from crm_pipeline_tests.laws.machine.running import counterexamples
from crm_pipeline_tests.laws.relations.running import FAMILIES


def test_law_3_4_9_11_12_14_to_17_20_21_23_25_26_30_31_and_36_histories_of_families() -> None:
    told = counterexamples(2, 20, FAMILIES)
    assert not told, "\n".join(told)
