"""Laws 3, 4, 9, 11, 12, 14-17, 20, 21, 23, 25, 26, 30, 31 and 36 over random histories of families, with faults and
crashes.

Two CRMs in dictionaries, the real golden, plan, push and recovery. CI has the first two nights of some; `make laws`
runs a tenth as many as of customers.
"""

from __future__ import annotations

from dataclasses import replace

from crm_pipeline_tests.laws.machine.history import History
from crm_pipeline_tests.laws.machine.running import counterexamples
from crm_pipeline_tests.laws.relations.running import FAMILIES, histories


def short(seed: int, count: int) -> dict[int, History]:
    return {n: replace(one, nights=one.nights[:2]) for n, one in histories(seed, count).items()}


def test_law_3_4_9_11_12_14_to_17_20_21_23_25_26_30_31_and_36_histories_of_families() -> None:
    """A seed with crashes in the first two nights."""
    told = counterexamples(1, 30, replace(FAMILIES, histories=short))
    assert not told, "\n".join(told)
