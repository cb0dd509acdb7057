"""Who is meant, and which records are theirs.

Belongs here: from an e-mail address, a record or a golden id to one person: golden ids, records of both CRMs, and the
calls, e-mails, meetings, notes and tasks that are with nobody else. Not here: where these stand (places.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.canonical import compared
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import OBJECTS, Kind, split_record_key
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Person:
    """`golden_ids`: those that redirect to theirs included. `records`: (record key, whether its CRM still has it)."""

    golden_ids: tuple[str, ...]
    records: tuple[tuple[str, bool], ...]


def find(connection: Connection, settings: Settings, name: str) -> Person:
    """The person with this address, record or golden id.

    Leaves the temporary tables `erased_golden (golden_id)` and `erased_record (record_key, system, object, record_id,
    live)`. Raises NotFoundError when there is none, or more than one.
    """
    golden, records = _named(connection, settings, name.strip())
    connection.execute(
        "create or replace temp table erased_golden as select unnest(?::varchar[]) as golden_id", [golden]
    )
    connection.execute(
        "insert into erased_golden select golden_id from golden.redirect semi join "
        "(select golden_id as survivor_id from erased_golden) using (survivor_id)"
    )
    connection.execute(
        "create or replace temp table erased_key as select unnest(?::varchar[]) as record_key", [records]
    )
    connection.execute(_RECORDS)
    connection.execute(_WITH_NOBODY_ELSE)
    connection.execute(_ALL)
    ids = connection.execute("select distinct golden_id from erased_golden order by all").fetchall()
    found = connection.execute("select record_key, live from erased_record order by all").fetchall()
    return Person(tuple(one for (one,) in ids), tuple(found))


def _named(connection: Connection, settings: Settings, name: str) -> tuple[list[str], list[str]]:
    """(golden ids, record keys) of what was typed: one customer, or records that belong to none yet."""
    if "/" in name:
        return _of_record(connection, name)
    if "@" in name:
        return _of_address(connection, settings, name)
    row = connection.execute(
        "select coalesce(r.survivor_id, e.golden_id) from (select $name as golden_id) e "
        "left join golden.redirect r using (golden_id) "
        "where exists (from golden.link l where l.golden_id = coalesce(r.survivor_id, e.golden_id))",
        {"name": name},
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"there is no golden record {name}; name a person by an e-mail address, a record such as "
            "hubspot/contacts/151, or a golden id such as person-12"
        )
    _require_person(str(row[0]))
    return [str(row[0])], []


def _of_record(connection: Connection, key: str) -> tuple[list[str], list[str]]:
    try:
        system, object_, record_id = split_record_key(key)
    except ValueError:
        raise NotFoundError(
            f"{key} names no record; a record is named system/object/id, such as hubspot/contacts/151"
        ) from None
    if OBJECTS.get((system, object_)) is not Kind.PERSON:
        raise NotFoundError(f"{key} is no person: name a contact or a lead, such as hubspot/contacts/151")
    row = connection.execute("select golden_id from golden.link where record_key = ?", [key]).fetchone()
    if row is not None:
        return [str(row[0])], [key]
    known = connection.execute(
        f"select 1 from raw.{system}_{object_.lower()} where record_id = $id "
        "union all select 1 from raw.quarantine where system = $system and object = $object and record_id = $id "
        "union all select 1 from raw.history where system = $system and object = $object and record_id = $id limit 1",
        {"system": system.value, "object": object_, "id": record_id},
    ).fetchone()
    if known is None:
        raise NotFoundError(f"nothing is known here of {key}: it was never read, or the person was erased before")
    return [], [key]


def _of_address(connection: Connection, settings: Settings, address: str) -> tuple[list[str], list[str]]:
    keys = holders(connection, settings, compared(FieldType.E_MAIL, address))
    rows = connection.execute(
        "select k.record_key, l.golden_id from (select unnest(?::varchar[]) as record_key) k "
        "left join golden.link l using (record_key) order by all",
        [keys],
    ).fetchall()
    golden = sorted({golden_id for _, golden_id in rows if golden_id})
    alone = [key for key, golden_id in rows if not golden_id]
    if not rows:
        raise NotFoundError(
            "nobody here has this e-mail address: it was never read, or the person was erased before "
            "(crm-pipeline erase --list)"
        )
    if len(golden) > 1 or (golden and alone) or len(alone) > 1:
        raise NotFoundError(
            f"several customers have this e-mail address: name one of {', '.join([*golden, *alone])} instead"
        )
    return golden, alone


def holders(connection: Connection, settings: Settings, address: str) -> list[str]:
    """Keys of the people's records, retired ones included, that have a canonical e-mail address."""
    found: list[str] = []
    mapping = settings.mapping.of(Kind.PERSON)
    for system, object_ in mapping.objects:
        for role, name in mapping.roles(object_):
            if role == "e_mail":
                rows = connection.execute(
                    f"select '{system}/{object_}/' || record_id, fields ->> $path from raw.{system}_{object_.lower()} "
                    "where contains(lower(nfc_normalize(fields ->> $path)), $address) "
                    "or not (fields ->> $path) similar to '[ -~]*'",
                    {"path": f'$."{name}"', "address": address},
                ).fetchall()
                found += [
                    key
                    for key, text in rows
                    if address in (compared(FieldType.E_MAIL, part) for part in str(text).split(";"))
                ]
    return sorted(set(found))


def _require_person(golden_id: str) -> None:
    if golden_id.rpartition("-")[0] != Kind.PERSON:
        raise NotFoundError(f"{golden_id} is no person: only people are erased")


#: Every record that is or was part of the person: linked, merged away (from one to the next), created by us, written by
#: us. One that is somebody else's by now, since people were told apart, is not theirs.
_RECORDS = """
insert into erased_key select record_key from golden.link semi join erased_golden using (golden_id);
insert into erased_key select record_key from state.link semi join erased_golden using (golden_id);
insert into erased_key select record_key from state.base semi join erased_golden using (golden_id);
insert into erased_key select system || '/' || object || '/' || record_id from push.outbox
    semi join erased_golden using (golden_id) where record_id is not null;
insert into erased_key with recursive merged as (
    from erased_key
    union
    select t.system || '/' || t.object || '/' || t.record_id from raw.tombstone t
    join merged m on t.system || '/' || t.survivor_object || '/' || t.survivor_id = m.record_key
) from merged;
delete from erased_key where record_key in (
    select record_key from golden.link anti join erased_golden using (golden_id)
);
"""

#: What belongs to a customer and is text about a person: removed where every person that it is with is erased, in one
#: CRM or the other.
_WITH_NOBODY_ELSE = """
create or replace temp table with_whom as
select system || '/' || from_object || '/' || from_id as record_key,
    bool_and(system || '/' || to_object || '/' || to_id in (from erased_key)) as theirs
from raw.association
where from_object in ('tasks', 'calls', 'emails', 'meetings', 'notes', 'Task', 'Event')
    and to_object in ('contacts', 'Contact', 'Lead')
group by all;

create or replace temp table their_activity as
select record_key, golden_id from with_whom left join golden.link using (record_key) where theirs;

delete from their_activity where golden_id in (
    select golden_id from golden.link join with_whom using (record_key) where not theirs
);

insert into erased_golden select golden_id from their_activity where golden_id is not null;
insert into erased_key select record_key from their_activity;
insert into erased_key select record_key from golden.link where golden_id in (select golden_id from their_activity);
drop table with_whom;
drop table their_activity;
"""

_ALL = """
create or replace temp table erased_record as
select k.record_key, split_part(k.record_key, '/', 1) as system, split_part(k.record_key, '/', 2) as object,
    regexp_extract(k.record_key, '^[^/]*/[^/]*/(.*)$', 1, 's') as record_id,
    r.record_key is not null and r.retired is null as live
from (select distinct record_key from erased_key) k left join raw.record r using (record_key);
drop table erased_key;
"""
