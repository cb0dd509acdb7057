"""An undo as a plan: what a run wrote, or what we wrote last to one record, is taken back by the same push.

Belongs here: which writes are meant, read from the outbox, and the plan that takes them back. Not here: whether one
write can be taken back (take_back.py), sending it (push/), and the words of the command (cli/undo.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import NotFoundError, SafetyError
from crm_pipeline.model import Act, PlanState
from crm_pipeline.plan import load
from crm_pipeline.plan.fit.compatibility import Schemas, schema_hash
from crm_pipeline.plan.guards import Guard, guards
from crm_pipeline.plan.kept import save
from crm_pipeline.plan.kept.header import Asked, open_plan
from crm_pipeline.plan.operation import Operation, plan_hash, quarantine_fingerprint
from crm_pipeline.plan.undo.take_back import Standing, Written, take_back
from crm_pipeline.warehouse import Connection, Warehouse

#: Writes of ours that are to be taken back, each with the newest write of ours over it. `run`, `record` and `field` may
#: be null. Without a run the newest write of each field of the record is meant.
_WRITTEN = """
with sent as (
    select o.plan_id, o.op_id, o.run_id, o.state, o.system, o.object, o.record_id, o.golden_id, o.operation, o.field,
        o.old, o.new, o.observed, coalesce(a.rule, '') as rule, o.system || '/' || o.object || '/' || o.record_id as key
    from push.outbox o
    left join (from push.audit qualify row_number() over (partition by plan_id, op_id order by written_at) = 1) a
        on a.plan_id = o.plan_id and a.op_id = o.op_id
    where o.state in ('landed', 'sent', 'unknown') and o.record_id is not null
),
meant as (
    select * from sent
    where ($run is null or run_id = $run) and ($record is null or key = $record)
        and ($field is null or field = $field)
    qualify $run is not null
        or plan_id = max(plan_id) over (partition by key, if($field is null and field = '*', '', field))
)
select split_part(coalesce(l.golden_id, r.survivor_id, m.golden_id), '-', 1) as kind, m.system, m.object, m.record_id,
    coalesce(l.golden_id, r.survivor_id, m.golden_id) as golden_id, m.operation, m.field, m.old, m.new, m.observed,
    m.run_id, m.rule, m.state = 'landed' as certain,
    (select max_by({'run': n.run_id, 'rule': n.rule}, n.plan_id) from sent n
     where n.key = m.key and n.plan_id > m.plan_id and (n.field = m.field or m.field = '*' or n.operation = 'archive')
    ) as later
from meant m
left join golden.link l on l.record_key = m.key
left join golden.redirect r on r.golden_id = m.golden_id
order by m.system, m.object, m.record_id, m.field, m.plan_id
"""

#: What is known of the written records (temporary table `undone`: key, run_id of the write). A record that was read
#: before the write tells nothing about the time after it.
_STANDING = """
with ours as (select record_key from state.link where origin = 'created'),
used as (
    select system || '/' || from_object || '/' || from_id as key, system || '/' || to_object || '/' || to_id as other
    from raw.association
    union all
    select system || '/' || to_object || '/' || to_id, system || '/' || from_object || '/' || from_id
    from raw.association
)
select u.key, u.run_id, case when u.run_id < w.run_id then r.fields end as fields,
    coalesce(l.retired, r.retired) as retired,
    coalesce(u.run_id < w.run_id and r.modified_by not in ('', a.integration_user), false) as edited,
    exists (
        from used x join raw.record o on o.record_key = x.other and o.retired is null
        where x.key = u.key and o.kind not in ('person', 'company') and o.record_key not in (from ours)
    ) as in_use
from undone u
left join raw.record r on r.record_key = u.key
left join golden.link l on l.record_key = u.key
left join raw.watermark w on w.system = split_part(u.key, '/', 1) and w.object = split_part(u.key, '/', 2)
left join raw.account a on a.system = split_part(u.key, '/', 1)
"""


@dataclass(frozen=True)
class Target:
    """What is taken back: what a run wrote, what was written last to a record, or both; of one field, if it is named.

    Raises SafetyError when it names neither a run nor a record.
    """

    run_id: int | None = None
    record_key: str | None = None
    field: str | None = None

    def __post_init__(self) -> None:
        if self.run_id is None and self.record_key is None:
            raise SafetyError("say what to take back: the number of a run (run_id), or a record: system/object/id")

    @property
    def words(self) -> str:
        """As it is typed after `crm-pipeline undo`."""
        parts = [
            "" if self.run_id is None else str(self.run_id),
            f"--record {self.record_key}" if self.record_key else "",
            f"--field {self.field}" if self.field else "",
        ]
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class UndoResult:
    """The plan that was made; `plan_id` None: nothing can be taken back, no plan was made and none gave way.

    `refused`: (record key, field, why) of each write that stays as it is.
    """

    plan_id: int | None
    hash: str
    state: PlanState | None
    operations: int
    refused: tuple[tuple[str, str, str], ...]
    why: str
    explained: str


def run(warehouse: Warehouse, settings: Settings, run_id: int, target: Target, by: str, why: str = "") -> UndoResult:
    """Plan to take back what `target` names, asked for by a person. Nothing is sent: that is done by push.

    Raises SafetyError without a name, NotFoundError when we wrote nothing there.
    """
    if not by.strip():
        raise SafetyError("an undo needs a name: say who asks for it (by)")
    with warehouse.connect() as connection:
        written = _written(connection, target)
        if not written:
            raise NotFoundError(_nothing(connection, target))
        schemas = load.schemas(connection)
        reason = f"takes back what was written; asked for by {by.strip()}" + (f": {why.strip()}" if why.strip() else "")
        operations = list(_operations(connection, settings, schemas, written, reason))
        sending = [o for o in operations if o.problem is None]
        refused = tuple((o.record_key or "", o.field, o.problem) for o in operations if o.problem)
        if not sending:
            return UndoResult(None, "", None, 0, refused, "", "nothing can be taken back")
        hashed, schema = plan_hash(sending, settings.mapping.hash, schema_hash(schemas)), schema_hash(schemas)
        judged = _guards(connection, settings, sending)
        asked = Asked(target.words, by.strip(), why.strip())
        opened = open_plan(connection, settings, run_id, hashed, schema, judged, asked)
        save.save_operations(connection, opened.plan_id, operations)
        save.save_guards(connection, opened.plan_id, judged)
        return UndoResult(opened.plan_id, hashed, opened.state, len(sending), refused, opened.why, opened.gave_way)


def _operations(
    connection: Connection, settings: Settings, schemas: Schemas, written: Sequence[Written], reason: str
) -> Iterable[Operation]:
    """In sending order: values first, then records that we created, children before their parents."""
    contexts = {kind: load.context(connection, settings, kind, schemas) for kind in {w.kind for w in written}}
    standing = _standing(connection, written)
    found = []
    for one in written:
        operation = take_back(one, standing.get((one.key, one.run_id), Standing()), contexts[one.kind], reason)
        if operation is not None:
            known = standing.get((one.key, one.run_id), Standing()).fields or one.made
            fingerprint = quarantine_fingerprint(operation, known, settings.mapping.hash, schema_hash(schemas))
            found.append(replace(operation, fingerprint=fingerprint))
    parents_first = list(settings.mapping.objects)

    def place(operation: Operation) -> tuple[int, str, str, str, str]:
        late = operation.operation is Act.ARCHIVE
        depth = 1 + len(parents_first) - parents_first.index((operation.system, operation.object)) if late else 0
        return depth, operation.system, operation.object, operation.record_id or "", operation.field

    return sorted(found, key=place)


def _guards(connection: Connection, settings: Settings, operations: Sequence[Operation]) -> list[Guard]:
    """As for any plan; that it is no first run is sure, since something was written before."""
    judged: list[Guard] = []
    for kind in sorted({o.kind for o in operations}):
        linked = load.linked(connection, settings.mapping.of(kind))
        judged += guards([o for o in operations if o.kind is kind], linked, {}, settings.guards, first_run=False)
    return judged


def _written(connection: Connection, target: Target) -> list[Written]:
    rows = connection.execute(
        _WRITTEN, {"run": target.run_id, "record": target.record_key, "field": target.field}
    ).fetchall()
    return [Written.read(*row) for row in rows]


def _standing(connection: Connection, written: Sequence[Written]) -> Mapping[tuple[str, int], Standing]:
    """By record key and run of the write."""
    connection.execute(
        "create or replace temp table undone as "
        "select distinct unnest(?::varchar[]) as key, unnest(?::integer[]) as run_id",
        [[w.key for w in written], [w.run_id for w in written]],
    )
    rows = connection.execute(_STANDING).fetchall()
    return {
        (key, run_id): Standing(json.loads(fields) if fields else None, retired, edited, in_use)
        for key, run_id, fields, retired, edited, in_use in rows
    }


def _nothing(connection: Connection, target: Target) -> str:
    runs = connection.execute(
        "select distinct run_id from push.outbox where state = 'landed' order by run_id desc limit 5"
    ).fetchall()
    known = f"; the last runs that wrote are {', '.join(str(run_id) for (run_id,) in runs)}" if runs else ""
    return f"there is nothing to take back: we wrote nothing for `undo {target.words}`{known}"
