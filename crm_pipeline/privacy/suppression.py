"""Who may not be read again: salted hashes of the records, addresses and numbers of erased people.

Belongs here: making the hashes, asking them, and which suppressed records a CRM still has. Not here: who is erased
(person.py), and what extract does with a record that stays out (extract/reading/spool.py).

A record stays out by its own id, or, if it is new here, by the e-mail address, or by telephone number and name
together: a number alone is shared by families and offices.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from crm_pipeline.canonical import compared
from crm_pipeline.config.field import FieldType
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import OBJECTS, Kind, SourceRecord, System, Value, may_hold, record_key
from crm_pipeline.warehouse import Connection

RECORD, E_MAIL, PHONE_AND_NAME = "record", "e_mail", "phone_and_name"
_NAMES = ("family_name", "given_name", "full_name")


@dataclass(frozen=True)
class Suppression:
    """`hashes`: hash -> the erasure that it is of. Empty where nobody was erased, which costs nothing to ask."""

    salt: bytes = b""
    hashes: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def hash(self, what: str, text: str) -> str:
        return hmac.new(self.salt, f"{what}\x1f{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def of_record(self, system: System, object_: str, record_id: str) -> str | None:
        """The hash by which this record stays out; None: it does not."""
        found = self.hash(RECORD, record_key(system, object_, record_id))
        return found if found in self.hashes else None

    def of_person(self, traits: Iterable[tuple[str, str]]) -> int | None:
        """The erasure of the person with one of these traits."""
        return next((n for what, text in traits if (n := self.hashes.get(self.hash(what, text))) is not None), None)


def read(connection: Connection) -> Suppression:
    """Everybody who is suppressed now."""
    rows = connection.execute(
        "select s.hash, s.erasure_id from state.suppressed s join state.erasure e using (erasure_id) "
        "where e.lifted_at is null"
    ).fetchall()
    if not rows:
        return Suppression()
    return Suppression(_salt(connection), {found: int(erasure) for found, erasure in rows})


def new(connection: Connection) -> Suppression:
    """For making hashes: with the installation's salt, which the first erasure draws."""
    if not connection.execute("select 1 from state.salt").fetchall():
        connection.execute("insert into state.salt values (?)", [secrets.token_hex(32)])
    return Suppression(_salt(connection))


def _salt(connection: Connection) -> bytes:
    row = connection.execute("select salt from state.salt").fetchone()
    assert row
    return bytes.fromhex(row[0])


def traits(mapping: KindMapping, object_: str, fields: Mapping[str, Value], region: str) -> Iterator[tuple[str, str]]:
    """(what, canonical text) of everything in a person's record by which the person is known again."""
    held = [(role, str(fields[name])) for role, name in mapping.roles(object_) if fields.get(name) not in (None, "")]
    for role, text in held:
        if role == "e_mail":
            yield from ((E_MAIL, one) for part in text.split(";") if (one := compared(FieldType.E_MAIL, part)))
    name = "".join(_plain(text) for wanted in _NAMES for role, text in held if role == wanted)
    if name:
        numbers = (compared(FieldType.PHONE, text, region=region) for role, text in held if role == "phone")
        yield from ((PHONE_AND_NAME, f"{number}\x1f{name}") for number in numbers if number)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass
class Gate:
    """Before the records of one object that are read. `known`: whether a record id is here already: then an address
    that somebody typed into it does not keep it out. `seen`: hashes of the records that stayed out -> erasure."""

    suppression: Suppression
    system: System
    object_: str
    mapping: KindMapping | None = None
    region: str = "JP"
    known: Callable[[str], bool] = lambda record_id: False
    seen: dict[str, int] = field(default_factory=dict)

    def keeps_out(self, record: SourceRecord) -> bool:
        """Whether the record may not be read in."""
        if not self.suppression:
            return False
        if self.keeps_out_id(record.record_id):
            return True
        if self.mapping is None:
            return False
        erasure = self.suppression.of_person(traits(self.mapping, self.object_, record.fields, self.region))
        if erasure is None or self.known(record.record_id):
            return False
        key = record_key(self.system, self.object_, record.record_id)
        self.seen[self.suppression.hash(RECORD, key)] = erasure
        return True

    def keeps_out_id(self, record_id: str) -> bool:
        """The same, where nothing but the id is known."""
        if not self.suppression:
            return False
        found = self.suppression.of_record(self.system, self.object_, record_id)
        if found is not None:
            self.seen[found] = self.suppression.hashes[found]
        return found is not None

    def note(self, connection: Connection, gone: Iterable[str], *, everything: bool) -> None:
        """Write down which suppressed records the CRM has: those that were `seen` now, less those that are `gone`.

        `everything`: all ids that the CRM has were looked at, so that no other one is there any more.
        """
        if not self.suppression:
            return
        live = dict(self.seen)
        dead = [found for one in gone if (found := self.suppression.of_record(self.system, self.object_, one))]
        if everything:
            connection.execute(
                "update state.suppressed set live = false where what = 'record' and system = ? and object = ?",
                [self.system.value, self.object_],
            )
        connection.execute(
            "update state.suppressed set live = hash in (select unnest(?::varchar[])) "
            "where what = 'record' and hash in (select unnest(?::varchar[]))",
            [[one for one in live if one not in dead], [*live, *dead]],
        )
        known = {one for (one,) in connection.execute("select hash from state.suppressed").fetchall()}
        for one in live.keys() - known - set(dead):
            connection.execute(
                "insert into state.suppressed values (?, 'record', ?, ?, ?, true)",
                [live[one], one, self.system.value, self.object_],
            )


def gate(
    connection: Connection, system: System, object_: str, person: KindMapping, region: str, known: Callable[[str], bool]
) -> Gate:
    """The gate of one object, as things stand now."""
    of_people = OBJECTS.get((system, object_)) is Kind.PERSON
    return Gate(read(connection), system, object_, person if of_people else None, region, known)


def live(connection: Connection, system: System, object_: str) -> int:
    """How many records of an object its CRM has that stay out: they explain a difference of the counts."""
    row = connection.execute(
        "select count(distinct hash) from state.suppressed join state.erasure using (erasure_id) "
        "where what = 'record' and system = ? and object = ? and live and lifted_at is null",
        [system.value, object_],
    ).fetchone()
    return int(row[0]) if row else 0


def stage_survivors(connection: Connection) -> None:
    """Table `kept_out (record_key, erasure_id)`: the records, not here, that some record was merged or converted into
    and that stay out because of an erasure: with them a customer who was not erased leaves the sync."""
    connection.execute("create or replace temp table kept_out (record_key varchar, erasure_id integer)")
    suppression = read(connection)
    if not suppression:
        return
    rows = connection.execute(
        """
        select distinct t.system, t.survivor_object, t.survivor_id from raw.tombstone t
        anti join raw.record r
            on r.system = t.system and r.object = t.survivor_object and r.record_id = t.survivor_id
        where t.survivor_id is not null and t.survivor_object is not null
        """
    ).fetchall()
    for system, object_, record_id in rows:
        found = suppression.of_record(System(system), object_, record_id)
        if found is not None:
            connection.execute(
                "insert into kept_out values (?, ?)",
                [record_key(system, object_, record_id), suppression.hashes[found]],
            )


def stage_references(connection: Connection, referring: str) -> None:
    """Table `suppressed_reference (system, kind, raw_id)`: of the ids in the table `referring` (system, kind, raw_id,
    golden_id) that lead to nobody here, those that lead to somebody who was erased."""
    connection.execute(
        "create or replace temp table suppressed_reference (system varchar, kind varchar, raw_id varchar)"
    )
    suppression = read(connection)
    if not suppression:
        return
    rows = connection.execute(
        f"select distinct system, kind, raw_id from {referring} where golden_id is null and raw_id <> ''"
    ).fetchall()
    found = [
        (system, kind, raw_id)
        for system, kind, raw_id in rows
        if any(s.value == system and suppression.of_record(s, o, raw_id) for s, o in may_hold(Kind(kind)))
    ]
    if found:
        connection.executemany("insert into suppressed_reference values (?, ?, ?)", [list(one) for one in found])
