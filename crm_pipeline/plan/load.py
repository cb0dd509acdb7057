"""What planning reads: linked live records with their bases, schemas, users, obstacles. SQL in, values out."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from crm_pipeline.config import Mapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.extract.schema import schema_table
from crm_pipeline.model import LINKED, OBJECTS, OTHER_OBJECTS, Kind, System
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import ChangeTime
from crm_pipeline.plan.fit.compatibility import Schemas, left_out, pairings
from crm_pipeline.plan.fit.stages import Stage, with_stages
from crm_pipeline.plan.fit.verdict import Owners
from crm_pipeline.plan.member import Agreed, Base, Member
from crm_pipeline.plan.records import filters, tombstones
from crm_pipeline.plan.records.create import Obstacles
from crm_pipeline.plan.references import referring
from crm_pipeline.plan.said import answers, holds
from crm_pipeline.warehouse import Connection

Entity = tuple[str, list[Member], dict[str, Agreed]]

#: Golden records that are in memory at a time.
_CHUNK = 20_000


def entities(connection: Connection, mapping: KindMapping, context_hash: str) -> Iterator[Entity]:
    """(golden id, live members, agreed values by field) of every golden record of a kind that may need something.

    Passed over are those for which the last plan had nothing to do, as long as their records, and what else decides
    (`context_hash`), are the same. `settle` remembers them.
    """
    kind = mapping.kind
    of_objects = {**OBJECTS, **OTHER_OBJECTS}
    kinds = ", ".join(sorted({f"'{of_objects[of]}'" for of in mapping.objects}))  # as raw.record calls them
    refers = referring.stage(connection, mapping)
    connection.execute(
        f"""
        create or replace temp table entity_inputs as
        select l.golden_id, $context || bit_xor(hash(l.record_key, l.is_primary,
            coalesce(r.digest, md5_number(r.fields::varchar)){", f.inputs" if refers else ""})) as inputs
        from golden.link l join raw.record r using (record_key)
        {f"left join ({referring.INPUTS}) f using (record_key)" if refers else ""}
        where l.kind = $kind and r.kind in ({kinds}) and l.retired is null and r.retired is null
        group by l.golden_id
        """,
        {"kind": kind, "context": hashlib.sha256(context_hash.encode()).hexdigest()[:16] + " "},
    )
    connection.execute(
        "create or replace temp table pending as select golden_id from entity_inputs i "
        "anti join plan.settled s on s.golden_id = i.golden_id and s.inputs = i.inputs"
    )
    yield from _pending(connection, mapping)


def chosen(connection: Connection, mapping: KindMapping, golden_ids: Iterable[str]) -> dict[str, Entity]:
    """These golden records, by id; one without a live record is left out."""
    connection.execute(
        "create or replace temp table pending as select distinct unnest(?::varchar[]) as golden_id", [list(golden_ids)]
    )
    referring.stage(connection, mapping, within="pending")
    return {entity[0]: entity for entity in _pending(connection, mapping)}


def _pending(connection: Connection, mapping: KindMapping) -> Iterator[Entity]:
    """The golden records of the temporary table `pending` (golden_id), in the order of their ids."""
    (number,) = connection.execute("select count(*) from pending").fetchone() or (0,)
    for start in range(0, int(number), _CHUNK):
        connection.execute(
            "create or replace temp table chunk as select golden_id from pending order by golden_id limit ? offset ?",
            [_CHUNK, start],
        )
        bases = _bases(connection)
        agreed = _agreed(connection)
        refers = referring.read(connection, mapping, bases)
        rows = connection.execute(
            """
            select l.golden_id, l.record_key, l.system, l.object, l.record_id, r.created_at, r.modified_at,
                   l.is_primary, r.fields, r.changed
            from golden.link l join raw.record r using (record_key) semi join chunk using (golden_id)
            where l.retired is null and r.retired is null
            order by l.golden_id, l.record_key
            """
        ).fetchall()
        for golden_id, group in groupby(rows, key=itemgetter(0)):
            members = [_member(row, bases.get((golden_id, row[1]), {}), refers.get(row[1])) for row in group]
            yield golden_id, members, agreed.get(golden_id, {})


def context(connection: Connection, settings: Settings, kind: Kind, schemas: Schemas) -> Context:
    """What decides about every golden record of a kind. Fields that do not fit both schemas are skipped."""
    mapping = settings.mapping.of(kind)
    e_mails, ids = users(connection)
    skipped = left_out(pairings(mapping, schemas))
    held_by = holders(connection, mapping, settings)
    said = holds.load(connection), answers.load(connection), filters.load(connection)
    return Context(mapping, settings, schemas, e_mails, ids, skipped, held_by, *said)


def settle(connection: Connection, kind: Kind, busy: Iterable[str]) -> None:
    """Remember the golden records of a kind that need nothing: all but the `busy` ones. Call it after `entities`."""
    connection.execute(
        "create or replace temp table still as select golden_id, inputs from entity_inputs "
        "anti join (select unnest(?::varchar[]) as golden_id) using (golden_id)",
        [sorted(busy)],
    )
    # what stays as it is, is not written again
    connection.execute(
        "delete from plan.settled where rowid in (select s.rowid from plan.settled s "
        "anti join still t on t.golden_id = s.golden_id and t.inputs = s.inputs where starts_with(s.golden_id, ?))",
        [f"{kind}-"],
    )
    connection.execute("insert into plan.settled from still anti join plan.settled using (golden_id, inputs)")
    connection.execute("drop table still; drop table entity_inputs; drop table pending")


def schemas(connection: Connection) -> Schemas:
    """The field descriptions of the last extract, by (system, object) and name; a field of stages has its stages."""
    rows = connection.execute(
        "select system, object, pipeline_id, stage_id, label from raw.stage "
        "order by system, object, pipeline_id, position"
    ).fetchall()
    stages = [(System(system), *rest) for system, *rest in rows]
    return with_stages(schema_table.every(connection), (Stage(*one) for one in stages))


def users(connection: Connection) -> tuple[dict[tuple[System, str], str], dict[tuple[System, str], str]]:
    """(system, user id) -> e-mail, and (system, e-mail) -> id of an active user. E-mails in lower case."""
    rows = connection.execute("select system, user_id, lower(e_mail), active from raw.user order by all").fetchall()
    e_mails = {(System(system), user_id): e_mail for system, user_id, e_mail, _ in rows}
    ids = {(System(system), e_mail): user_id for system, user_id, e_mail, active in rows if active and e_mail}
    return e_mails, ids


def owners(connection: Connection) -> Owners:
    """The active users of both CRMs: system -> user id -> e-mail address in lower case."""
    found: dict[System, dict[str, str]] = {}
    for (system, e_mail), user_id in users(connection)[1].items():
        found.setdefault(system, {})[user_id] = e_mail
    return found


def obstacles(connection: Connection, mapping: KindMapping) -> Obstacles:
    """What stands in the way of creates of a kind. A side is incomplete when the last read of one of its objects was:
    people and companies ask each other's, which contradict each other in matching, a kind that is linked its own."""
    review = connection.execute(
        """
        with asked as (
            select l.golden_id, r.golden_id as other from match.review v
            join golden.link l on l.record_key = v.left_key join golden.link r on r.record_key = v.right_key
        ), both_ways as (
            from asked union select other, golden_id from asked
        )
        -- of a pair inside one CRM, the record that the other customer has on the other side is asked about as well
        select distinct b.golden_id, o.system from both_ways b
        join golden.link o on o.golden_id = b.other and o.retired is null
        where b.other <> b.golden_id
        """
    ).fetchall()
    incomplete = connection.execute(
        """
        select distinct system from (
            from raw.reconciliation where system || '/' || object in (select unnest(?::varchar[]))
            qualify row_number() over (partition by system, object order by run_id desc) = 1
        )
        where method = 'unread' or (here is distinct from there and explained = '')
        """,
        [[f"{system}/{object_}" for system, object_ in (mapping.objects if mapping.kind in LINKED else OBJECTS)]],
    ).fetchall()
    made = connection.execute(
        """
        with used as (
            select golden_id, record_key, split_part(record_key, '/', 2) as object
            from state.link where origin = 'created'
            union -- on a record that this database did not make
            select golden_id, create_key, object from push.outbox where code = 'key_taken'
        )
        select coalesce(r.survivor_id, s.golden_id), s.object, count(distinct s.record_key)
        from used s left join golden.redirect r on r.golden_id = s.golden_id
        group by all
        """
    ).fetchall()
    return Obstacles(
        in_review=frozenset((golden_id, System(system)) for golden_id, system in review),
        deleted=tombstones.load(connection),
        incomplete=frozenset(System(system) for (system,) in incomplete),
        made={(golden_id, object_): number for golden_id, object_, number in made},
    )


def holders(
    connection: Connection, mapping: KindMapping, settings: Settings
) -> Callable[[System, str, str, str], frozenset[str]]:
    """Who holds a unique value: (system, object, CRM field, canonical value) -> record keys. HubSpot's secondary e-mail
    addresses are held as well (facts/hubspot.md 4). Each field is read when it is first asked for."""
    indexes: dict[tuple[System, str, str], dict[str, set[str]]] = {}

    def index(system: System, object_: str, name: str) -> dict[str, set[str]]:
        names = (
            [name, "hs_additional_emails"]
            if (system, object_, name) == (System.HUBSPOT, "contacts", "email")
            else [name]
        )
        held: dict[str, set[str]] = defaultdict(set)
        for column in names:
            rows = connection.execute(
                "select record_key, fields->>? from raw.record where system = ? and object = ? and retired is null "
                "and fields->>? is not null",
                [f'$."{column}"', system, object_, f'$."{column}"'],
            ).fetchall()
            for key, text in rows:
                for value in text.split(";"):
                    held[value.strip().lower()].add(key)
        return held

    def held_by(system: System, object_: str, name: str, value: str) -> frozenset[str]:
        wanted = (system, object_, name)
        if wanted not in indexes:
            indexes[wanted] = index(*wanted)
        return frozenset(indexes[wanted].get(value.strip().lower(), ()))

    return held_by


def linked(connection: Connection, mapping: KindMapping | Mapping) -> dict[tuple[System, str], int | None]:
    """Live linked records of each object: the denominators of the guards."""
    rows = connection.execute(
        "select system, object, count(*) from golden.link where retired is null group by all"
    ).fetchall()
    counts: dict[tuple[System, str], int | None] = dict.fromkeys(mapping.objects, 0)
    counts.update({(System(s), o): n for s, o, n in rows if (System(s), o) in counts})
    return counts


def relinked(connection: Connection) -> dict[tuple[System, str], int]:
    """Live records that were synced as part of another golden record before."""
    rows = connection.execute(
        """
        select l.system, l.object, count(distinct l.record_key)
        from golden.link l
        join state.base b on b.record_key = l.record_key and b.golden_id <> l.golden_id
        where l.retired is null
        group by all
        """
    ).fetchall()
    return {(System(system), object_): number for system, object_, number in rows}


def _member(row: tuple[object, ...], bases: dict[str, Base], refers: referring.Refers | None) -> Member:
    _, key, system, object_, record_id, created, modified, primary, fields, changed = row
    times = {
        name: ChangeTime(datetime.fromisoformat(entry["at"]), bool(entry["certain"]))
        for name, entry in json.loads(str(changed)).items()
    }
    return Member(
        key=str(key),
        system=System(str(system)),
        object=str(object_),
        record_id=str(record_id),
        created=created,  # type: ignore[arg-type] # TIMESTAMPTZ comes back as datetime
        modified=modified,  # type: ignore[arg-type]
        primary=bool(primary),
        fields=refers.over(json.loads(str(fields))) if refers else json.loads(str(fields)),
        changed=times,
        bases=bases,
        refers=refers.leads if refers else {},
    )


def _bases(connection: Connection) -> dict[tuple[str, str], dict[str, Base]]:
    found: dict[tuple[str, str], dict[str, Base]] = defaultdict(dict)
    rows = connection.execute(
        "select golden_id, record_key, field, value, observed from state.base semi join chunk using (golden_id)"
    ).fetchall()
    for golden_id, key, name, value, observed in rows:
        made = None if observed is None else tuple(json.loads(observed))
        found[golden_id, key][name] = Base(tuple(json.loads(value)), made)
    return dict(found)


def _agreed(connection: Connection) -> dict[str, dict[str, Agreed]]:
    found: dict[str, dict[str, Agreed]] = defaultdict(dict)
    rows = connection.execute(
        "select golden_id, field, value, field_hash from state.agreed semi join chunk using (golden_id)"
    ).fetchall()
    for golden_id, name, value, hashed in rows:
        found[golden_id][name] = Agreed(tuple(json.loads(value)), hashed)
    return dict(found)
