"""The golden values: golden.person, golden.deal and so on, and golden.provenance, of the golden records that changed.

Belongs here: which golden records are computed again, and writing them. Not here: what their records say (said.py),
which value survives (surviving.py, survivorship.py).
"""

from __future__ import annotations

from crm_pipeline.config import Settings
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.golden import history, said, surviving
from crm_pipeline.model import Kind
from crm_pipeline.warehouse import Connection

#: Golden records that are computed at a time, for the memory.
_PART = 50_000
#: What a value follows from beside its inputs: counted up when this package decides otherwise than before.
_VERSION = 2


def write_values(connection: Connection, settings: Settings, kind: Kind, run_id: int) -> int:
    """Bring a kind's table, with a column for every mapped part, and its provenance up to date.

    Only golden records of which something changed since they were computed are computed again. Returns how many golden
    records have a live record.
    """
    mapping = settings.mapping.of(kind)
    _inputs(connection, settings, kind)
    _make_room(connection, mapping, kind)
    (pending,) = connection.execute("select count(*) from pending").fetchone() or (0,)
    for start in range(0, int(pending), _PART):
        said.read_members(connection, mapping, start, start + _PART)
        surviving.choose(connection, settings, mapping)
        _write(connection, mapping, kind)
    history.keep_values(connection, run_id)
    connection.execute(
        "insert into golden.computed select golden_id, ?, inputs from inputs semi join pending using (golden_id)",
        [kind],
    )
    (count,) = connection.execute("select count(*) from inputs").fetchone() or (0,)
    for table in ("inputs", "pending", "outdated"):
        connection.execute(f"drop table {table}")
    return int(count)


def _inputs(connection: Connection, settings: Settings, kind: Kind) -> None:
    """`inputs (golden_id, inputs)`: a hash of everything that the values of a golden record follow from."""
    users = "select bit_xor(hash(system, user_id, lower(e_mail))) from raw.user"
    mapping = settings.mapping.of(kind)
    context = f"{_VERSION} {settings.phone_region} {settings.time_zone} {mapping.model_dump_json()}"
    # Records without a digest come from before it was kept; for the others the JSON is not touched.
    told = " union all ".join(
        f"select '{system}/{object_}/' || record_id as record_key, "
        f"hash(record_key, {said}, created_at, modified_at, changed::varchar) as told "
        f"from raw.{system}_{object_.lower()} where digest is {test}"
        for system, object_ in mapping.objects
        for said, test in (("digest", "not null"), ("fields::varchar", "null"))
    )
    connection.execute(
        f"""
        create or replace temp table inputs as
        with told as (
            {told}
        ), agreed as (
            select golden_id, bit_xor(hash(field, value::varchar)) as agreed from state.agreed group by golden_id
        ), members as (
            select golden_id, bit_xor(hash(told, is_primary)) as members, count(*) as live
            from golden.link join told using (record_key) where kind = $kind and retired is null group by golden_id
        )
        select golden_id, hash(members, live, agreed, $context, ({users})) as inputs
        from members left join agreed using (golden_id)
        """,
        {"kind": kind, "context": context},
    )


def _make_room(connection: Connection, mapping: KindMapping, kind: Kind) -> None:
    """`pending (golden_id, place)`: what is computed. Away with what is not so any more, and with other columns."""
    parts = [part.name for field in mapping.valued for part in field.parts]
    columns = ["golden_id", *parts, "hubspot_records", "salesforce_records"]
    present = connection.execute(
        "select column_name from duckdb_columns() where schema_name = 'golden' and table_name = ? "
        "and database_name = current_database() order by column_index",
        [kind],
    ).fetchall()
    anew = [name for (name,) in present] != columns
    if anew:
        texts = "".join(f', "{name}" varchar' for name in parts)
        connection.execute(
            f"create or replace table golden.{kind} (golden_id varchar not null{texts}, "
            "hubspot_records integer not null, salesforce_records integer not null)"
        )
    connection.execute(
        "create or replace temp table outdated as select golden_id from golden.computed c "
        "left join inputs i using (golden_id) where c.kind = ? and (? or i.inputs is distinct from c.inputs)",
        [kind, anew],
    )
    history.take_values(connection)
    for table in (f"golden.{kind}", "golden.provenance", "golden.computed"):
        connection.execute(f"delete from {table} where golden_id in (select golden_id from outdated)")
    if anew:
        connection.execute("delete from golden.provenance where starts_with(golden_id, ?)", [f"{kind}-"])
    connection.execute(
        "create or replace temp table pending as select golden_id, row_number() over (order by golden_id) - 1 as place "
        "from inputs anti join (select golden_id from golden.computed where kind = ?) using (golden_id)",
        [kind],
    )


def _write(connection: Connection, mapping: KindMapping, kind: Kind) -> None:
    """Write what survived (surviving.py) of the golden records of `member`."""
    connection.execute(
        """
        insert into golden.provenance
        select golden_id, field, unnest(names), unnest(parts), record_key, rule, unnest(losing)::json
        from survived join (select unnest(?::varchar[]) as field, unnest(?::varchar[][]) as names) using (field)
        """,
        [[field.name for field in mapping.valued], [[part.name for part in field.parts] for field in mapping.valued]],
    )
    parts = [
        f"any_value(parts[{place}]) filter (field = '{field.name}')"
        for field in mapping.valued
        for place in range(1, len(field.parts) + 1)
    ]
    values = "".join(f', {part} as "v{number}"' for number, part in enumerate(parts))
    connection.execute(
        f"""
        insert into golden.{kind}
        with wide as (select golden_id{values} from survived group by golden_id)
        select golden_id{"".join(f", v{number}" for number in range(len(parts)))}, hubspot, salesforce
        from (
            select golden_id, count(*) filter (system = 'hubspot') as hubspot,
                count(*) filter (system = 'salesforce') as salesforce
            from member group by golden_id
        ) left join wide using (golden_id)
        order by golden_id
        """
    )
