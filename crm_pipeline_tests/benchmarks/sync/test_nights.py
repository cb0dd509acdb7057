"""The state that the planning benchmark starts from is what planning and pushing its pairs leaves."""

from __future__ import annotations

from pathlib import Path

from crm_pipeline.config import load_settings
from crm_pipeline.push import stage as push
from crm_pipeline_tests.benchmarks.sync.nights import remember
from crm_pipeline_tests.benchmarks.sync.pairs import fill
from crm_pipeline_tests.plan.world import World

_PAIRS = 40
_STATE = (
    "select golden_id, '' as record_key, field, value::varchar as value, field_hash as more from state.agreed",
    "select golden_id, record_key, field, value::varchar, coalesce(observed::varchar, '') from state.base",
)


def test_the_made_state_is_the_one_that_a_first_night_leaves(tmp_path: Path) -> None:
    planned, made = (World(tmp_path / name, load_settings()) for name in ("planned", "made"))
    for world in (planned, made):
        fill(world, _PAIRS)
    assert planned.plan().operations == 0
    push.run(planned.warehouse, {}, planned.settings, planned.run_id)
    remember(made, _PAIRS)
    for query in _STATE:
        assert made.execute(f"{query} order by all") == planned.execute(f"{query} order by all")
    assert made.plan().operations == 0
    assert made.execute("select count(*) from plan.decision") == [(0,)]
