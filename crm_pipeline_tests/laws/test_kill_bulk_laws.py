"""Laws 16, 20 and 21: the push is killed (SIGKILL, a real process) while a bulk job of it is under way.

After a restart nothing was done twice and nothing is left undone, and no job is left that could start later. CI kills
once, after the upload; `make laws` at every step of a job, before it and after it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline_tests.laws.killing import ALL, killed_push
from crm_pipeline_tests.pipeline.cloud import Cloud
from crm_pipeline_tests.push.desk import S, create, look_again, plan, push, title, with_jobs
from crm_pipeline_tests.push.test_bulk import NUMBER, jobs, leads, operations, titles

#: The calls of one job, in their order: made, uploaded, closed, asked after, its results read.
STEPS = [
    ("PUT", r"/batches$"),
    ("POST", r"/jobs/ingest$"),
    ("PATCH", r"/jobs/ingest/\w+$"),
    ("GET", r"/jobs/ingest/\w+$"),
    ("GET", r"/successfulResults$"),
    ("GET", r"/failedResults$"),
]
#: Which job of the push: the creates', or the updates'.
MOMENTS = [(*step, number, after) for step in STEPS for number in (0, 1) for after in (True, False)]


@pytest.mark.parametrize(("method", "path", "number", "after"), MOMENTS if ALL else MOMENTS[:1])
def test_law_16_and_20_and_21_killed_inside_a_bulk_job(
    tmp_path: Path, method: str, path: str, number: int, after: bool
) -> None:
    with with_jobs(tmp_path) as crms:
        ids = leads(crms)
        plan(crms, operations(ids))
        crms.runs += 1
        killed_push(crms, S, number, after=after, method=method, path=path)
        assert (
            crms.execute("from push.outbox where state = 'sent' and op_id not in (select op_id from push.audit)") == []
        )
        crms.salesforce.bulk.worker.wait()
        look_again(crms)
        assert crms.execute("from push.outbox where state in ('sent', 'unknown')") == []
        _push_the_rest(crms, ids)
        assert titles(crms, ids) == [f"部長{n}" for n in range(NUMBER)]
        assert len(crms.salesforce.ids("Lead")) == 2 * NUMBER, "law 21"
        unheard_of = {"Open"} if method == "POST" else set()  # it holds nothing, and nobody knows its id
        assert set(jobs(crms)) <= {"JobComplete", "Aborted"} | unheard_of
        twice = "from push.outbox where state = 'landed' qualify count(*) over (partition by op_id) > 1"
        assert crms.execute(twice) == []


def _push_the_rest(crms: Cloud, ids: list[str]) -> None:
    """As the next night would plan it: what is not there."""
    made = {str(key) for (key,) in crms.execute("select create_key from push.outbox where state = 'landed'")}
    left = [title(S, one, None, f"部長{n}") for n, one in enumerate(ids) if not titles(crms, [one])[0]]
    again = [create(S, n, {"LastName": f"新{n}", "Company": "新"}) for n in range(NUMBER)]
    push(crms, [*(o for o in again if o.create_key not in made), *left])
