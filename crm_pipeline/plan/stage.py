"""The plan stage: every golden record decided, operations and guards written down as one plan with a content hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.relation import is_relation
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import SafetyError
from crm_pipeline.model import Act, PlanState, System
from crm_pipeline.plan import load
from crm_pipeline.plan.decision.decide import Conflict
from crm_pipeline.plan.entity import Moved, plan_entity
from crm_pipeline.plan.fit.compatibility import Pairing, Schemas, is_unique, pairings, schema_hash
from crm_pipeline.plan.guards import Guard, guards
from crm_pipeline.plan.kept import compatibility_table, save
from crm_pipeline.plan.kept.header import next_plan_id, open_plan
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.operation import Operation, plan_hash, quarantine_fingerprint
from crm_pipeline.plan.records import deletions, filters, newer, proposals, torn
from crm_pipeline.plan.records.create import Obstacles, missing_side, object_to_create, plan_create, source_of_create
from crm_pipeline.plan.references.reference import left_blank, resolved
from crm_pipeline.plan.said import answers, holds
from crm_pipeline.plan.undo import restore
from crm_pipeline.warehouse import Connection, Warehouse
from crm_pipeline.warehouse.bulk import insert


@dataclass(frozen=True)
class PlanResult:
    """A plan in numbers. `operations` are those to be sent; `refused` are invalid or quarantined; `why` it is held.

    `explained`: what a person should know besides, as that an undo of theirs gave way.
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
    with warehouse.connect() as connection:
        schemas = load.schemas(connection)
        if not schemas:
            raise SafetyError("there is nothing to plan: no extract has been made yet; run the extract assets first")
        draft = _Draft(schemas, next_plan_id(connection), run_id)
        draft.since = newer.load(connection)
        deletions.hold_restored(connection)
        for mapping in settings.mapping.kinds:
            _plan_kind(connection, settings, mapping, load.obstacles(connection, mapping), draft)
        planned = draft.operations
        draft.operations = resolved(planned, schemas)
        operations = resolved(_fingerprinted(connection, settings, draft), schemas)
        saved = _saved(connection, settings, run_id, draft, operations)
        proposals.write(connection, settings, saved.plan_id)
        for golden_id, field in left_blank(planned, operations, settings.mapping):
            save.forget_move(connection, saved.plan_id, golden_id, field)
        return saved


#: Moves of bases that are in memory at a time: a first plan has some for every field of every record.
_MOVES = 100_000


class _Draft:
    """What planning gathers from kind to kind. `records`: those that operations are about."""

    def __init__(self, schemas: Schemas, plan_id: int, run_id: int) -> None:
        self.plan_id = plan_id
        self.run_id = run_id
        self.schemas = schemas
        self.schema_hash = schema_hash(schemas)
        self.operations: list[Operation] = []
        self.records: dict[str, Member] = {}
        self.moves: list[Moved] = []
        self.conflicts: list[tuple[str, str, Conflict]] = []
        self.waiting: list[tuple[str, str, str]] = []
        self.pairings: list[Pairing] = []
        self.since: newer.Since = {}


def _plan_kind(
    connection: Connection, settings: Settings, mapping: KindMapping, obstacles: Obstacles, draft: _Draft
) -> None:
    kind = mapping.kind
    draft.pairings.extend(pairings(mapping, draft.schemas, load.owners(connection)))
    context = load.context(connection, settings, kind, draft.schemas)
    deleted = deletions.load(connection, settings, mapping)
    foreign = restore.load(connection, kind)
    apart = torn.torn(connection)
    operations: list[Operation] = []
    busy: set[str] = set()
    left_out: set[str] = set()
    back: set[str] = set()
    for golden_id, members, agreed in load.entities(connection, mapping, context.basis):
        if golden_id in apart:
            draft.waiting.extend((m.key, golden_id, torn.REASON) for m in members)
            busy.add(golden_id)
            continue
        given_back = foreign.operations(golden_id, members, context)
        frozen = {o.field for o in given_back if o.problem is None}
        plan = plan_entity(golden_id, members, agreed, context, frozen)
        plan.operations.extend(given_back)
        side = missing_side(members)
        object_ = object_to_create(mapping, plan.inside, side, draft.since) if side and plan.inside else None
        if side and object_:
            reason = obstacles.of(golden_id, side) or ("values_of_another_customer" if frozen else None)
            busy.add(golden_id)
            lead = source_of_create(plan.inside)
            if context.holds.holds(golden_id, lead.key):
                plan.pinned.append((lead.key, "*"))
            elif reason:
                draft.waiting.extend((m.key, golden_id, reason) for m in members)
            else:
                number = obstacles.number(golden_id, object_)
                created = plan_create(golden_id, plan.inside, agreed, side, object_, context, number)
                plan.add_create(created)
        everyone = plan.inside if len(plan.inside) == len(members) else ()
        archives, why_not = deletions.plan_archive(golden_id, everyone, agreed, context, deleted)
        plan.operations.extend(archives)
        if why_not:
            draft.waiting.extend((m.key, golden_id, why_not) for m in members)
            busy.add(golden_id)
        if plan.operations or plan.moves or plan.conflicts or context.holds.any_of(golden_id, (m.key for m in members)):
            busy.add(golden_id)
        operations.extend(plan.operations)
        draft.moves.extend(plan.moves)
        draft.conflicts.extend((golden_id, field, conflict) for field, conflict in plan.conflicts)
        draft.waiting.extend((key, golden_id, "pinned") for key in sorted({key for key, _ in plan.pinned}))
        holds.end(connection, ((hold.hold_id, why) for hold, why in plan.ended))
        left_out.update(plan.left_out)
        back.update(plan.back)
        answers.used_up(connection, ((golden_id, field) for field in plan.answered), draft.run_id)
        about = {o.record_key or o.source_key for o in plan.operations}
        draft.records.update((m.key, m) for m in members if m.key in about)
        if len(draft.moves) > _MOVES:
            save.save_moves(connection, draft.plan_id, draft.moves)
            draft.moves.clear()
    filters.remember(connection, left_out, back, draft.run_id)
    load.settle(connection, kind, busy)
    draft.operations.extend(_unique_once(_in_sending_order(operations), draft.schemas))


def _in_sending_order(operations: Sequence[Operation]) -> list[Operation]:
    """Creates before updates, and all fields of a record together: one request carries them."""

    def place(operation: Operation) -> tuple[str, str, bool, str, str]:
        record = operation.record_key or operation.create_key or ""
        return operation.system, operation.object, operation.record_key is not None, record, operation.field

    return sorted(operations, key=place)


def _unique_once(operations: Sequence[Operation], schemas: Schemas) -> list[Operation]:
    """Two operations of one plan must not give the same unique value to two records: the second is invalid."""
    taken: dict[tuple[System, str, str, str], str] = {}
    checked = []
    for operation in operations:
        for name, value in operation.new.items():
            if not value or operation.problem or is_relation(name):
                continue
            if not is_unique(operation.system, operation.object, schemas[operation.system, operation.object][name]):
                continue
            place = (operation.system, operation.object, name, str(value).strip().lower())
            holder = taken.setdefault(place, operation.record_key or f"the record of {operation.create_key}")
            if holder != (operation.record_key or f"the record of {operation.create_key}"):
                operation = operation.refused(f"held by {holder}")
        checked.append(operation)
    return checked


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
        refused=len(operations) - len(sending),
        creates=sum(o.operation is Act.CREATE for o in sending),
        conflicts=len({(golden_id, field) for golden_id, field, _ in draft.conflicts}),
        waiting=len(draft.waiting),
        incompatible=sum(not pairing.fits for pairing in draft.pairings),
        why=opened.why,
        explained=opened.gave_way,
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
