"""Bulk jobs of a CRM in a dictionary: what was uploaded is done there, whether its sender lives to hear of it or not.

Belongs here: the Jobs protocol (crm/jobs.py) over DictCrm. Not here: single writes (crm.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline_tests.laws.machine.crm import DictCrm


@dataclass
class DictJobs:
    """`results`: job id -> token -> result, of those that were started; `aborted`: those that never will be."""

    crm: DictCrm
    results: dict[str, dict[str, WriteResult]] = field(default_factory=dict)
    aborted: set[str] = field(default_factory=set)
    number: int = 0

    def takes(self, write: Write) -> bool:
        return True

    def open(self, object_: str, key_field: str = "") -> str:
        self.crm.before_call("open")
        self.number += 1
        self.crm.after_call("open")
        return f"job-{self.number}"

    def send(self, job_id: str, object_: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        assert job_id not in self.aborted, "a job that was given up is started"
        assert job_id not in self.results, "a job is started twice"
        self.crm.before_call("update")
        self.crm.requests += 1
        self.results[job_id] = {
            write.token: self.crm.make(object_, key_field, write) if key_field else self.crm.change(object_, write)
            for write in writes
        }
        self.crm.after_call("send")
        return [*self.results[job_id].values()]

    def receipt(self, job_id: str, key_field: str, writes: Sequence[Write]) -> list[WriteResult]:
        self.crm.before_call("receipt")
        known = self.results.get(job_id, {})
        return [known.get(write.token) or WriteResult(write.token, Outcome.RETRY) for write in writes]

    def abort(self, job_id: str) -> None:
        self.crm.before_call("abort")
        self.aborted.add(job_id)
