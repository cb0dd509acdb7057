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


def test_law_03_and_04_and_11_to_17_and_20_and_21_and_23_and_25_and_26_and_30_and_31_and_36_families() -> None:
    """A seed with crashes in the first two nights."""
    told = counterexamples(1, 30, replace(FAMILIES, histories=short))
    assert not told, "\n".join(told)
