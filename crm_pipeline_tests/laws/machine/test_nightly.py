"""Law 12 of the machines: a night that sends what nobody planned is told, too."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline_tests.laws.machine.nights import Nights
from crm_pipeline_tests.laws.machine.weather import Weather


class Restless(Nights):
    """Sends a request in every night, whatever the plan says."""

    def _run(self, n: int | None) -> None:
        super()._run(n)
        next(iter(self.crms.values())).requests += 1


def test_a_request_that_no_plan_asks_for_is_a_violation(tmp_path: Path) -> None:
    (told,) = Restless(tmp_path, Weather()).run()[-1]
    assert told == "law 12: writing requests that no plan asks for after 2 quiet nights"
