"""The day's calls run out in the middle of a read: the run stops, nothing is lost, the next one goes on."""

import pytest

from crm_pipeline.emulator.faults import Call
from crm_pipeline.errors import DailyLimitError
from crm_pipeline.model import System

H = System.HUBSPOT


@pytest.mark.parametrize(
    ("used_by_others", "per_day", "whose"), [(900_000, 1_000_000, "the organisation's"), (0, 40, "this run's")]
)
def test_a_read_that_the_budget_stops_is_taken_up_by_the_next_run(world, used_by_others, per_day, whose):
    world.read(H, "companies")
    there = set(world.contacts(1_500))
    world.reconnect()

    def use_up() -> None:
        world.hubspot.limits.calls_today = used_by_others
        world.hubspot.limits.per_day = per_day

    world.faults.add(path="objects/.*contacts$", action=Call(use_up), after=20)
    with pytest.raises(DailyLimitError, match=f"{whose} share of"):
        world.read(H, "contacts")
    assert world.live() == set()
    assert world.rows("select count(*) from raw.watermark where object = 'contacts'") == [(0,)]

    world.faults.clear()
    world.hubspot.limits.calls_today, world.hubspot.limits.per_day = 0, 1_000_000
    world.reconnect()
    world.log.clear()
    result = world.read(H, "contacts")
    assert (result.resumed, result.new) == (True, 1_500)
    assert world.live() == there
    pages = [r for r in world.log.requests if r.path.endswith("/contacts") and r.method == "GET"]
    assert len(pages) < 30  # of 50 records each: what was read before is not read again
