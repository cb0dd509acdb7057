"""Laws 3-5, 11-17, 20-25, 30, 31, 50 and 51 over random histories of customers, with faults and crashes.

Two CRMs in dictionaries, the real golden, plan, push and recovery. `make laws` runs 100,000 of them.
"""

from __future__ import annotations

from crm_pipeline_tests.laws.machine.running import counterexamples


def test_law_11_to_17_and_20_to_25_and_30_and_31_and_50_and_51_histories() -> None:
    """A seed with crashes in the first two nights, in which the latest of an edit and a clear wins."""
    told = counterexamples(4, 150)
    assert not told, "\n".join(told)
