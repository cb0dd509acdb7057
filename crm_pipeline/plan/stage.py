"""The plan stage: every golden record decided, operations and guards written down as one plan with a content hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import Act, PlanState
from crm_pipeline.plan import load
from crm_pipeline.plan.decision.decide import Conflict
from crm_pipeline.plan.entity import Moved
from crm_pipeline.plan.fit.compatibility import Pairing, Schemas, pairings, schema_hash
from crm_pipeline.plan.fit.required import unfilled
from crm_pipeline.plan.gathered import Gathered
from crm_pipeline.plan.guards import Guard, guards
from crm_pipeline.plan.kept import compatibility_table, save, standing
from crm_pipeline.plan.kept.header import next_plan_id, open_plan
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.operation import Operation, plan_hash, quarantine_fingerprint
from crm_pipeline.plan.records import deletions, filters, newer, proposals, torn
from crm_pipeline.plan.references.reference import left_blank, resolved
from crm_pipeline.plan.said import answers, holds, recreations
from crm_pipeline.plan.undo import restore
from crm_pipeline.plan.whole import Ground, plan_whole
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert


@dataclass(frozen=True)
class PlanResult:
    """A plan in numbers. `operations` are those to be sent; `refused` are invalid or quarantined; `why` it is held.

    `explained`: what a person should know besides, as that an undo of theirs gave way, or that the mapping never fills
    what a CRM requires.
    """

    plan_id: int
    hash: str
    state: PlanState
    operations: int
    refused: int
    creates: int
    conflicts: int
    waiting: int
    incompatible: int
    why: str
    explained: str = ""


def run(warehouse: Warehouse, settings: Settings, run_id: int) -> PlanResult:
    """Plan what the last extract and match call for. Reads golden, raw and state; writes plan.*, and which undos' holds
    are over.

    Raises SafetyError when nothing was extracted yet.
    """
    with warehouse.connect(memory=_MEMORY) as connection:
        schemas = load.schemas(connection)
        if not schemas:
            raise SafetyError("there is nothing to plan: no extract has been made yet; run the pipeline once first")
        draft = _Draft(next_plan_id(connection), run_id, schemas)
        since = newer.load(connection)
        deletions.hold_restored(connection)
        recreations.end(connection)
        standing.end_others(connection, draft.plan_id, [mapping.kind for mapping in settings.mapping.kinds])
        for mapping in settings.mapping.kinds:
            _plan_kind(connection, mapping, _ground(connection, settings, mapping, schemas, since), draft)
        planned = draft.operations
        draft.operations = resolved(planned, schemas)
        operations = resolved(_fingerprinted(connection, settings, draft), schemas)
        saved = _saved(connection, settings, run_id, draft, operations)
        proposals.write(connection, settings, saved.plan_id)
        save.forget_moves(connection, saved.plan_id, left_blank(planned, operations, settings.mapping))
        return saved


#: What DuckDB may keep in memory; it works on disk beyond that.
_MEMORY = "1GB"
#: Moves of bases that are in memory at a time: a first plan has some for every field of every record.
_MOVES = 100_000


@dataclass
class _Draft:
    """A plan in the making: what its kinds add up to. `records`: those that operations are about, by key; `standing`:
    how many invalid writes of earlier plans go on; `unfilled`: what a CRM requires and no mapping fills, in words."""

    plan_id: int
    run_id: int
    schemas: Schemas
    operations: list[Operation] = field(default_factory=list)
    records: dict[str, Member] = field(default_factory=dict)
    moves: list[Moved] = field(default_factory=list)
    conflicts: list[tuple[str, str, Conflict]] = field(default_factory=list)
    waiting: list[tuple[str, str, str]] = field(default_factory=list)
    pairings: list[Pairing] = field(default_factory=list)
    standing: int = 0
    unfilled: list[str] = field(default_factory=list)

    @cached_property
    def schema_hash(self) -> str:
        return schema_hash(self.schemas)

    def add(self, of_kind: Gathered) -> None:
        self.operations.extend(of_kind.ordered(self.schemas))
        self.records.update(of_kind.records)
        self.moves.extend(of_kind.moves)
        self.conflicts.extend(of_kind.conflicts)
        self.waiting.extend(of_kind.waiting)


def _ground(
    connection: Connection, settings: Settings, mapping: KindMapping, schemas: Schemas, since: newer.Since
) -> Ground:
    return Ground(
        context=load.context(connection, settings, mapping.kind, schemas),
        obstacles=replace(load.obstacles(connection, mapping), asked=recreations.load_open(connection)),
        since=since,
        deletions=deletions.load(connection, settings, mapping),
        foreign=restore.load(connection, mapping.kind),
        apart=torn.torn(connection),
    )


def _plan_kind(connection: Connection, mapping: KindMapping, ground: Ground, draft: _Draft) -> None:
    """Plan all golden records of a kind that something may have happened to, and remember what that settles."""
    draft.pairings.extend(pairings(mapping, draft.schemas, load.owners(connection)))
    draft.unfilled.extend(unfilled(mapping, draft.schemas))
    gathered = Gathered()
    standing.look_again(connection, draft.plan_id, ground.apart)
    for golden_id, members, agreed in load.entities(connection, mapping, ground.context.basis):
        gathered.add(golden_id, members, plan_whole(golden_id, members, agreed, ground), ground.context)
        if len(gathered.moves) > _MOVES:
            save.save_moves(connection, draft.plan_id, gathered.moves)
            gathered.moves.clear()
    holds.end(connection, gathered.ended)
    answers.used_up(connection, gathered.answered, draft.run_id)
    filters.remember(connection, gathered.left_out, gathered.back, draft.run_id)
    draft.standing += standing.carry(connection, draft.plan_id, mapping.kind)
    load.settle(connection, mapping.kind, gathered.busy)
    draft.add(gathered)


def _fingerprinted(connection: Connection, settings: Settings, draft: _Draft) -> list[Operation]:
    """Operations with fingerprints; those that a CRM refused before, with nothing changed since, are quarantined."""
    known = {
        f
        for (f,) in connection.execute("select fingerprint from state.quarantine where released_at is null").fetchall()
    }
    mapping_hash = settings.mapping.hash

    def judged(operation: Operation) -> Operation:
        member = draft.records.get(operation.record_key or operation.source_key or "")
        fields = member.fields if member else {}
        fingerprint = quarantine_fingerprint(operation, fields, mapping_hash, draft.schema_hash)
        operation = replace(operation, fingerprint=fingerprint)
        if operation.problem is None and fingerprint in known:
            return operation.refused("refused by the CRM before, and nothing has changed since", "quarantined")
        return operation

    return [judged(o) for o in draft.operations]


def _saved(
    connection: Connection, settings: Settings, run_id: int, draft: _Draft, operations: Sequence[Operation]
) -> PlanResult:
    sending = [o for o in operations if o.problem is None]
    hashed = plan_hash(sending, settings.mapping.hash, draft.schema_hash)
    judged = _guards(connection, settings, operations)
    opened = open_plan(connection, settings, run_id, hashed, draft.schema_hash, judged)
    plan_id = opened.plan_id
    save.save_operations(connection, plan_id, operations)
    save.save_moves(connection, plan_id, draft.moves)
    save.save_conflicts(connection, plan_id, draft.conflicts)
    save.save_guards(connection, plan_id, judged)
    compatibility_table.save(connection, plan_id, settings.mapping, draft.pairings)
    insert(
        connection,
        "plan.waiting",
        (
            {"plan_id": plan_id, "record_key": key, "golden_id": golden_id, "reason": reason}
            for key, golden_id, reason in draft.waiting
        ),
    )
    return PlanResult(
        plan_id=plan_id,
        hash=hashed,
        state=opened.state,
        operations=len(sending),
        refused=len(operations) - len(sending) + draft.standing,
        creates=sum(o.operation is Act.CREATE for o in sending),
        conflicts=len({(golden_id, field) for golden_id, field, _ in draft.conflicts}),
        waiting=len(draft.waiting),
        incompatible=sum(not pairing.fits for pairing in draft.pairings),
        why=opened.why,
        explained="; ".join(filter(None, [opened.gave_way, *draft.unfilled])),
    )


def _guards(connection: Connection, settings: Settings, operations: Sequence[Operation]) -> list[Guard]:
    applied = connection.execute(
        "select count(*) from plan.plan p where p.mapping_hash = ? "
        "and exists (from push.outbox o where o.plan_id = p.plan_id and o.state = 'landed')",
        [settings.mapping.hash],
    ).fetchone()
    return guards(
        operations,
        load.linked(connection, settings.mapping),
        load.relinked(connection),
        settings.guards,
        first_run=not applied or applied[0] == 0,
    )
