"""One batch of one object: read again, write ahead, send, write down the answers. The only place that writes to a CRM.

Between the re-read and the write remains a window of one round trip in HubSpot, and of the job's time in a bulk job;
Salesforce's single writes close it, because each carries the time of the record as read (If-Unmodified-Since).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crm_pipeline.config.settings import Settings
from crm_pipeline.crm.protocol import Outcome, Write, WriteResult
from crm_pipeline.crm.writes import same
from crm_pipeline.errors import DailyLimitError, PermanentError
from crm_pipeline.model import OpState, SourceRecord
from crm_pipeline.push import job, refusals
from crm_pipeline.push.batches import Batch
from crm_pipeline.push.before.children import with_children
from crm_pipeline.push.before.newcomers import Newcomers
from crm_pipeline.push.before.own_writes import OwnWrites
from crm_pipeline.push.before.rereading import Crms, Rereading
from crm_pipeline.push.before.sent_before import SentBefore, without_repeats, without_strangers
from crm_pipeline.push.canary import Observed, read_back, require_gone, require_kept, without_swallowed
from crm_pipeline.push.operation import Group, Way
from crm_pipeline.push.outbox import Answers, write_ahead
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert

Results = dict[str, WriteResult]


@dataclass(frozen=True)
class Batcher:
    """What every batch of a push needs. `linked`: golden id -> the Salesforce objects of its records; `newcomers`: what
    came into the CRMs since the plan."""

    warehouse: Warehouse
    crms: Crms
    settings: Settings
    plan_id: int
    run_id: int
    before: SentBefore
    linked: Mapping[str, Collection[str]]
    newcomers: Newcomers

    def send(self, batch: Batch) -> None:
        """Send one batch. Raises CanaryError when it is the canary and an acknowledged write was not kept."""
        answers = Answers(self.settings, self.plan_id, self.run_id)
        ready, current = self._read_again(batch.groups, answers)
        read_at = {g.token: current[g.token].modified_at for g in ready if g.token in current}
        job_id = self._job(ready) if batch.bulk and ready else ""
        with self.warehouse.connect() as connection:
            answers.apply(connection)
            write_ahead(connection, self.plan_id, self.run_id, ready, read_at)
            if job_id:
                job.begun(connection, job_id, self.plan_id, self.run_id, ready)
        answers = Answers(self.settings, self.plan_id, self.run_id)
        results = self._by_job(job_id, ready) if job_id else self._request(ready, read_at)
        ready, results = self._once_more(ready, results, answers, by_job=bool(job_id))
        landed = [g for g in ready if results[g.token].outcome is Outcome.LANDED]
        observed = self._observed(landed, results)
        for group in ready:
            self._answered(group, results[group.token], observed, answers)
        with self.warehouse.connect() as connection:
            answers.apply(connection)
            _attempts(connection, self.plan_id, self.run_id, ready, results)
            if job_id:
                job.ended(connection, job_id)
        if batch.canary:
            self._require_kept(landed, results, observed)

    def _rereading(self) -> Rereading:
        own = OwnWrites(self.warehouse, self.settings, self.plan_id)
        return Rereading(self.crms, self.settings, self.linked, own)

    def _read_again(self, groups: Sequence[Group], answers: Answers) -> tuple[list[Group], dict[str, SourceRecord]]:
        """What still fits, and the records to be written as they are now."""
        rereading = self._rereading()
        sources = rereading.sources(groups)
        current = rereading.current(groups)  # last of all: the window in which a user's edit would be overwritten
        crm = self.crms[groups[0].first.system]
        ours = without_strangers(groups, current, self.before, answers)
        valid = self._childless(rereading.valid(ours, current, sources, answers), answers)
        valid = self.newcomers.without_met(valid, answers)
        return without_repeats(crm, self.settings, valid, current, self.before, answers), current

    def _childless(self, groups: Sequence[Group], answers: Answers) -> list[Group]:
        """The groups, less the archives of records to which something belongs by now."""
        if not groups or groups[0].way is not Way.ARCHIVE:
            return list(groups)
        in_use = with_children(self.warehouse, self.crms[groups[0].first.system], groups)
        for group in groups:
            if group.token in in_use:
                why = "other records belong to it, which would go or lose it"
                answers.ended(group, OpState.STALE, code="in_use", message=why)
        return [g for g in groups if g.token not in in_use]

    def _key_field(self, group: Group) -> str:
        """The unique field of ours that a create goes by; empty for anything else."""
        first = group.first
        creating = group.way is Way.CREATE
        return self.settings.mapping.kind_of(first.object).key.of(first.system) if creating else ""

    def _job(self, groups: Sequence[Group]) -> str:
        """The id of a new job; empty where the CRM makes none, then single writes do."""
        first = groups[0].first
        jobs = self.crms[first.system].jobs
        try:
            return jobs.open(first.object, self._key_field(groups[0])) if jobs else ""
        except DailyLimitError:
            raise
        except PermanentError:
            return ""

    def _by_job(self, job_id: str, groups: Sequence[Group]) -> Results:
        first = groups[0].first
        jobs = self.crms[first.system].jobs
        assert jobs is not None  # it gave us the id
        writes = [written(g) for g in groups]
        return {r.token: r for r in jobs.send(job_id, first.object, self._key_field(groups[0]), writes)}

    def _request(self, groups: Sequence[Group], read_at: Mapping[str, datetime]) -> Results:
        """A refusal of the whole call (the object may not be written, say) ends these and lets the others go on."""
        try:
            return self._asked(groups, read_at) if groups else {}
        except DailyLimitError:
            raise
        except PermanentError as error:
            if error.status == 401:
                raise
            refused = same([written(g) for g in groups], Outcome.RETRY, error)
            return {result.token: result for result in refused}

    def _asked(self, groups: Sequence[Group], read_at: Mapping[str, datetime]) -> Results:
        first = groups[0].first
        crm = self.crms[first.system]
        match groups[0].way:
            case Way.CREATE:
                results = crm.create(first.object, self._key_field(groups[0]), [written(g) for g in groups])
            case Way.ARCHIVE:
                by_id = {g.first.record_id or "": g.token for g in groups}
                results = crm.archive(first.object, list(by_id))
                return {by_id[r.token]: r for r in results}
            case _:
                results = crm.update(first.object, [written(g, read_at[g.token]) for g in groups])
        return {result.token: result for result in results}

    def _once_more(
        self, groups: Sequence[Group], results: Results, answers: Answers, *, by_job: bool
    ) -> tuple[list[Group], Results]:
        """Read, compare, and try once more what did not move: a 412 may come from another field, and a row of a job may
        fail because of its neighbours."""
        again = [g for g in groups if self._may_pass(g, results[g.token], by_job=by_job)]
        if not again:
            return list(groups), results
        tokens = {g.token for g in again}
        rest = [g for g in groups if g.token not in tokens]
        rereading = self._rereading()
        current = rereading.current(again)
        unmoved = rereading.unmoved(again, current, answers)
        read_at = {g.token: current[g.token].modified_at for g in unmoved if g.token in current}
        return rest + unmoved, results | self._request(unmoved, read_at)

    def _may_pass(self, group: Group, result: WriteResult, *, by_job: bool) -> bool:
        if not by_job:
            return result.outcome is Outcome.STALE
        blamed = refusals.refusal(group.first.system, result.code).category
        in_company = result.outcome is Outcome.REJECTED and blamed is refusals.Category.AUTOMATION
        return result.outcome is Outcome.RETRY or in_company

    def _observed(self, landed: Sequence[Group], results: Results) -> Observed:
        if not landed or landed[0].way is Way.ARCHIVE:
            return {}
        return read_back(self.crms[landed[0].first.system], self.settings, landed, results)

    def _require_kept(self, landed: Sequence[Group], results: Results, observed: Observed) -> None:
        if landed and landed[0].way is Way.ARCHIVE:
            require_gone(landed, self._rereading().current(landed))
        else:
            require_kept(self.settings, landed, results, observed)

    def _answered(self, group: Group, result: WriteResult, observed: Observed, answers: Answers) -> None:
        match result.outcome:
            case Outcome.LANDED:
                seen = observed.get(group.token)
                kept, lost = without_swallowed(self.settings, group, seen)
                if kept:
                    answers.landed(kept, record_id=result.record_id, observed=seen)
                if lost:
                    why = "the CRM acknowledged the write and did not keep it"
                    answers.ended(lost, OpState.REJECTED, code="not_kept", message=why)
            case Outcome.STALE:
                why = "the record is being edited; left for the next run"
                answers.ended(group, OpState.STALE, code="being_edited", message=why)
            case Outcome.REJECTED:
                answers.ended(group, OpState.REJECTED, code=result.code, message=result.message)
            case Outcome.RETRY:
                answers.ended(group, OpState.NOT_SENT, code=result.code, message=result.message)
            case Outcome.UNKNOWN:
                answers.ended(group, OpState.UNKNOWN, code=result.code, message=result.message)


def written(group: Group, unmodified_since: datetime | None = None) -> Write:
    """A group as a client takes it."""
    first = group.first
    return Write(group.token, group.fields, first.record_id or "", first.create_key or "", unmodified_since)


def _attempts(
    connection: Connection, plan_id: int, run_id: int, groups: Sequence[Group], results: Mapping[str, WriteResult]
) -> None:
    insert(
        connection,
        "push.attempt",
        (
            {
                "plan_id": plan_id,
                "run_id": run_id,
                "request_id": g.token,
                "system": g.first.system,
                "object": g.first.object,
                "outcome": results[g.token].outcome,
                "status": results[g.token].status,
                "code": results[g.token].code,
                "answered_at": datetime.now(UTC),
            }
            for g in groups
        ),
    )
