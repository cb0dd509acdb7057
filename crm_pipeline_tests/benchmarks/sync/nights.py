"""What the first night of linked pairs leaves behind, made by DuckDB: bases, agreed values, landed writes, their audit.

`test_nights.py` shows that planning and pushing the pairs leaves the same. Belongs here: rows of state and push. Not
here: the pairs (pairs.py).
"""

from __future__ import annotations

from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.config.relation import is_relation, leads_to
from crm_pipeline.model import System
from crm_pipeline.plan import load
from crm_pipeline.plan.member import Ruled
from crm_pipeline.warehouse import Connection
from crm_pipeline_tests.benchmarks.sync.pairs import Pairs, raw_value, record_id
from crm_pipeline_tests.plan.world import World


def remember(world: World, number: int) -> None:
    """The bases and agreed values of `fill(world, number)`, as the first plan's push leaves them."""
    pairs = Pairs(number)
    with world.warehouse.connect() as connection:
        schemas = load.schemas(connection)
        for kind, object_, first, last in pairs.parts(world.settings):
            for ruled in load.context(connection, world.settings, kind.kind, schemas).fields:
                if not (ruled.mapped.has(object_) and ruled.mapped.has(kind.hubspot)):
                    continue
                _agreed(connection, ruled, kind.kind, pairs, (first, last))
                for system, one in ((System.HUBSPOT, kind.hubspot), (System.SALESFORCE, object_)):
                    _bases(connection, ruled.mapped, kind.kind, system, one, pairs, (first, last))


def write(world: World, number: int, every: int) -> None:
    """The e-mail address of every n-th person's HubSpot record was written by us in an earlier run."""
    pairs = Pairs(number)
    with world.warehouse.connect() as connection:
        connection.execute(
            "insert into plan.plan by name select 1 as plan_id, 1 as run_id, 'earlier' as hash, 'applied' as state, "
            "'' as why, '' as mapping_hash, '' as schema_hash, now() as created_at, now() as expires_at"
        )
        connection.execute(
            """
            create or replace temp table landed as
            select 'op-' || n as op_id, 1 as plan_id, 0 as run_id, 'hubspot' as system, 'contacts' as object,
                n::varchar as record_id, 'person-' || n as golden_id, 'update' as operation, 'e_mail' as field,
                '{"email": null}'::json as old, json_object('email', 'user' || n || '@example.jp') as new,
                'prefer_salesforce' as rule, 'Salesforce has a value' as reason, now() as written_at
            from range(?, ?) t(n) where n % ? = 0
            """,
            [pairs.companies, pairs.total, every],
        )
        connection.execute("insert into push.audit by name from landed")
        connection.execute(
            "insert into push.outbox by name select * exclude (rule, reason, written_at), op_id as request_id, "
            "'landed' as state, written_at as sent_at, written_at as ended_at from landed"
        )
        connection.execute(
            "insert into plan.change by name select landed.* exclude (run_id, written_at), 0 as seq, 'person' as kind, "
            "'' as fingerprint, k.record_key as source_key, '{}' as source_value from landed "
            "join golden.link k on k.golden_id = landed.golden_id and k.system = 'salesforce'"
        )
        connection.execute(
            "insert into state.written by name select 'hubspot/contacts/' || record_id as record_key, "
            "'email' as name, new -> 'email' as value, null as observed, null as held_before, 0 as run_id from landed"
        )
        connection.execute("drop table landed")


def _agreed(connection: Connection, ruled: Ruled, kind: str, pairs: Pairs, numbers: tuple[int, int]) -> None:
    field = ruled.mapped
    connection.execute(
        f"""
        insert into state.agreed
        select $kind || '-' || n, {_name(field, pairs)}, json_array({_canonical(field, pairs)}), $rule, $hash, 1
        from range($first, $last) t(n)
        """,
        {"kind": kind, "rule": field.rule, "hash": ruled.hash, "first": numbers[0], "last": numbers[1]},
    )


def _bases(
    connection: Connection,
    field: FieldMapping,
    kind: str,
    system: System,
    object_: str,
    pairs: Pairs,
    numbers: tuple[int, int],
) -> None:
    connection.execute(
        f"""
        insert into state.base
        select $kind || '-' || n, $start || {record_id(system, object_)}, {_name(field, pairs)},
            json_array({_raw(field, system, object_, pairs)}), null, 1
        from range($first, $last) t(n)
        """,
        {"kind": kind, "start": f"{system}/{object_}/", "first": numbers[0], "last": numbers[1]},
    )


def _name(field: FieldMapping, pairs: Pairs) -> str:
    if not field.many:
        return f"'{field.name}'"
    return f"'{field.name}/{field.refers_to}-' || {pairs.referred(field.refers_to)}" if field.refers_to else "''"


def _raw(field: FieldMapping, system: System, object_: str, pairs: Pairs) -> str:
    if field.refers_to is None:
        return ", ".join(raw_value(field, place, system) for place in range(len(field.parts)))
    (name,) = field.names(object_)
    to = leads_to(name) if is_relation(name) else "Account"
    return record_id(system, to, pairs.referred(field.refers_to))


def _canonical(field: FieldMapping, pairs: Pairs) -> str:
    if field.refers_to is not None:
        return f"'{field.refers_to}-' || {pairs.referred(field.refers_to)}"
    values = [raw_value(field, place, System.SALESFORCE) for place in range(len(field.parts))]
    if field.type is FieldType.PHONE:
        values = [f"'+81' || replace(({value})[2:], '-', '')" for value in values]
    return ", ".join(f"coalesce(({value})::varchar, '')" for value in values)


def settle(world: World) -> None:
    """Nothing is left to do for any pair, as a plan before has noted. Call it last."""
    with world.warehouse.connect() as connection:
        schemas = load.schemas(connection)
        for kind in world.settings.mapping.kinds:
            context = load.context(connection, world.settings, kind.kind, schemas)
            next(load.entities(connection, kind, context.basis), None)
            load.settle(connection, kind.kind, ())
