"""Removing a person from the database, in one transaction, and keeping them out from then on.

Belongs here: what is removed beside whole rows (cached values, what the next match must do anew, open plans), the
suppression, and lifting it. Not here: whose rows these are (places.py), the files (files.py), the words of the command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_pipeline.canonical import compared
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import NotFoundError
from crm_pipeline.model import Kind, PlanState, Value, split_record_key
from crm_pipeline.privacy import places, suppression
from crm_pipeline.privacy.person import Person, find, holders
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Found:
    """What would be removed. `rows`: table -> rows of the person; those that stay without values are counted too."""

    person: Person
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Erased:
    """What was removed. `keys`: texts by which people are compared that nobody else here has: models may know them.
    `values`: what the person's records said, `contacts`: the addresses and numbers among them, for looking for what is
    left; never to be shown or kept."""

    number: int
    found: Found
    keys: frozenset[str]
    values: frozenset[str]
    contacts: frozenset[str]


@dataclass(frozen=True)
class Erasure:
    """An erasure of the past, as it may be told: nothing says whose."""

    number: int
    at: str
    by: str
    records: int
    hashes: int
    lifted_at: str | None
    lifted_by: str | None


def preview(connection: Connection, settings: Settings, name: str) -> Found:
    """What `erase` would remove. Raises NotFoundError."""
    person = find(connection, settings, name)
    counted = {place.table: place.count(connection) for place in places.places(connection)}
    return Found(person, {table: number for table, number in counted.items() if number})


def erase(connection: Connection, settings: Settings, name: str, by: str) -> Erased:
    """Remove the person, in the transaction of the connection. Raises NotFoundError."""
    found = preview(connection, settings, name)
    told = _told(connection)
    number = _suppress(connection, settings, found.person, told, by)
    before = _keys(connection, "record_key in (select record_key from erased_record)")
    _forget_cached(connection)
    _forget_tokens(connection)
    _supersede(connection)
    _rename_operations(connection)
    for place in places.places(connection):
        place.clear(connection)
    _match_anew(connection)
    _spare_others(connection, settings, number, told)
    keys = before - _keys(connection, "true", of=before)
    values = {text for _, fields in told for value in fields.values() if (text := str(value or "").strip())}
    return Erased(number, found, frozenset(keys), frozenset(values), _contacts(settings, told))


def past(connection: Connection) -> list[Erasure]:
    """All erasures, the oldest first."""
    rows = connection.execute(
        "select erasure_id, strftime(erased_at, '%Y-%m-%d %H:%M UTC'), erased_by, records, "
        "(select count(*) from state.suppressed s where s.erasure_id = e.erasure_id), "
        "strftime(lifted_at, '%Y-%m-%d %H:%M UTC'), lifted_by from state.erasure e order by erasure_id"
    ).fetchall()
    return [Erasure(*row) for row in rows]


def lift(connection: Connection, number: int, by: str) -> list[int]:
    """Let the person be read again: the next run finds the records by comparing ids. Raises NotFoundError.

    Returns the other erasures that keep them out as well: a person who came back and was erased again.
    """
    found = next((one for one in past(connection) if one.number == number), None)
    if found is None or found.lifted_at:
        raise NotFoundError(
            f"there is no suppression {number} to lift; crm-pipeline erase --list shows those that there are"
        )
    others = connection.execute(
        "select distinct erasure_id from state.suppressed where erasure_id <> $number "
        "and hash in (select hash from state.suppressed where erasure_id = $number) order by all",
        {"number": number},
    ).fetchall()
    connection.execute("update state.erasure set lifted_at = now(), lifted_by = ? where erasure_id = ?", [by, number])
    connection.execute("delete from state.suppressed where erasure_id = ?", [number])
    return [other for (other,) in others]


Told = Sequence[tuple[str, Mapping[str, Value]]]


def _told(connection: Connection) -> Told:
    """(record key, fields) of every version of every record of the person, and of what we wrote to them."""
    rows = connection.execute(
        """
        select record_key, fields::varchar from raw.record semi join erased_record using (record_key)
        union all
        select e.record_key, h.fields::varchar from raw.history h join erased_record e using (system, object, record_id)
        union all
        select e.record_key, unnest([o.old::varchar, o.new::varchar]) from push.outbox o
            join erased_record e using (system, object, record_id)
        """
    ).fetchall()
    return [(key, json.loads(fields)) for key, fields in rows]


def _suppress(connection: Connection, settings: Settings, person: Person, told: Told, by: str) -> int:
    """Note the hashes. Returns the number of the erasure."""
    row = connection.execute(
        "insert into state.erasure select coalesce(max(erasure_id), 0) + 1, now(), ?, ?, null, null "
        "from state.erasure returning erasure_id",
        [by, len(person.records)],
    ).fetchone()
    assert row
    number = int(row[0])
    hashes = suppression.new(connection)
    for key, live in person.records:
        system, object_, _ = split_record_key(key)
        connection.execute(
            "insert into state.suppressed values (?, 'record', ?, ?, ?, ?)",
            [number, hashes.hash(suppression.RECORD, key), system.value, object_, live],
        )
    for what, text in sorted(_traits(settings, told)):
        connection.execute(
            "insert into state.suppressed values (?, ?, ?, null, null, null)", [number, what, hashes.hash(what, text)]
        )
    return number


def _traits(settings: Settings, told: Told) -> set[tuple[str, str]]:
    mapping = settings.mapping.of(Kind.PERSON)
    people = {(system.value, object_) for system, object_ in mapping.objects}
    return {
        trait
        for key, fields in told
        if tuple(key.split("/", 2)[:2]) in people
        for trait in suppression.traits(mapping, key.split("/", 2)[1], fields, settings.phone_region)
    }


def _spare_others(connection: Connection, settings: Settings, number: int, told: Told) -> None:
    """An address that somebody else here has as well keeps nobody out."""
    hashes = suppression.new(connection)
    for what, text in _traits(settings, told):
        if what == suppression.E_MAIL and holders(connection, settings, text):
            connection.execute(
                "delete from state.suppressed where erasure_id = ? and hash = ?", [number, hashes.hash(what, text)]
            )


def _keys(connection: Connection, where: str, *, of: set[str] | None = None) -> set[str]:
    """Texts that people are compared by, of the people in question; `of`: only these."""
    rows = connection.execute(
        f"""
        select distinct text from (
            select unnest([family_key, given_key, company_key, prefecture, city, town, city || town, postal_code,
                birth_date::varchar] || readings || list_transform(e_mails, lambda m: m.identity)
                || list_transform(e_mails, lambda m: m.domain) || list_transform(phones, lambda t: t.e164)) as text
            from normalise.person where {where}
        ) where text is not null and ($of is null or text in (select unnest($of::varchar[])))
        """,
        {"of": None if of is None else sorted(of)},
    ).fetchall()
    return {text for (text,) in rows}


def _forget_cached(connection: Connection) -> None:
    """Cached values that no record of anybody else has, and the domains that a company is known by from its people."""
    connection.execute(
        """
        update match.company set sites = [], row_hash = 0 where record_key in (
            select company_record_key from normalise.person semi join erased_record using (record_key)
        )
        """
    )
    connection.execute(
        """
        delete from normalise.value where hash(kind, raw) in (
            select unnest(value_hashes) from normalise.seen where record_key in (select record_key from erased_record)
            except
            select unnest(value_hashes) from normalise.seen
            where record_key not in (select record_key from erased_record)
        )
        """
    )


def _forget_tokens(connection: Connection) -> None:
    """What requests of ours called the person's records, in the list of a bulk job."""
    tokens = [token for (token,) in connection.execute(f"select distinct request_id from ({places.TOKENS})").fetchall()]
    connection.execute(
        "update push.job set requests = to_json(list_transform(requests::varchar[], "
        "lambda token: if(list_contains($tokens::varchar[], token), 'erased', token))) "
        "where list_has_any(requests::varchar[], $tokens::varchar[])",
        {"tokens": tokens},
    )
    connection.execute(
        "update plan.plan set undoes = 'erased', asked_why = null "
        "where exists (from erased_record e where contains(undoes || ' ', '--record ' || e.record_key || ' '))"
    )


def _rename_operations(connection: Connection) -> None:
    """Ids and hashes that say nothing of what was written to the person's records.

    An operation's id is a hash of record and values without a salt, a plan's hash one of such ids: by trying addresses
    and numbers, whoever has the copy for analysts would find those that fit. The salt is not in it.
    """
    tables = ("plan.change", "push.outbox", "push.audit")  # plan.standing only repeats ids of plan.change
    theirs = " union ".join(
        f"select plan_id, op_id from {table} where golden_id in (select golden_id from erased_golden) "
        "or (system, object, record_id) in (select (system, object, record_id) from erased_record)"
        for table in tables
    )
    connection.execute(f"create or replace temp table erased_operation as {theirs}")
    columns = [(table, "op_id", "select op_id from erased_operation") for table in (*tables, "plan.standing")]
    plans = "select hash from plan.plan semi join erased_operation using (plan_id)"
    for table, column, old in [*columns, ("state.approval", "plan_hash", plans), ("plan.plan", "hash", plans)]:
        connection.execute(
            f"update {table} set {column} = left(sha256((select salt from state.salt) || {column}), 16) "
            f"where {column} in ({old})"
        )
    connection.execute("drop table erased_operation")


def _supersede(connection: Connection) -> None:
    """An open plan gives way: the next run plans without the person."""
    ended = [PlanState.APPLIED.value, PlanState.SUPERSEDED.value]
    connection.execute("update plan.plan set state = 'superseded' where not list_contains(?, state)", [ended])


def _match_anew(connection: Connection) -> None:
    """Whoever competed with the person is judged anew, and so are linked records whose relations went."""
    connection.execute("delete from match.state where kind = 'person'")
    connection.execute("delete from match.block_rules where kind = 'person'")
    connection.execute("delete from golden.followed")


def _contacts(settings: Settings, told: Told) -> frozenset[str]:
    """E-mail addresses and telephone numbers of the person, as typed and canonical."""
    mapping = settings.mapping.of(Kind.PERSON)
    forms = {"e_mail": FieldType.E_MAIL, "phone": FieldType.PHONE}
    found = set()
    for key, fields in told:
        for role, name in mapping.roles(key.split("/", 2)[1]):
            if role in forms and fields.get(name):
                text = str(fields[name]).strip()
                found |= {text, *(compared(forms[role], one, region=settings.phone_region) for one in text.split(";"))}
    return frozenset(text for text in found if text)
