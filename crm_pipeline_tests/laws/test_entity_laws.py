"""Laws of planning one golden record, on random records: 6 locality, 8 type safety, 10 stamps, 46 text, 51 groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.config import load_settings
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Kind, System, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.state import ChangeTime
from crm_pipeline.plan.entity import plan_entity
from crm_pipeline.plan.member import Agreed, Base, Member, field_hash
from crm_pipeline.plan.operation import Operation

H, S = System.HUBSPOT, System.SALESFORCE
T0 = datetime(2026, 1, 1, tzinfo=UTC)
LENGTH = 8
SETTINGS = load_settings()
MAPPING = SETTINGS.mapping.of(Kind.PERSON)


def context() -> Context:
    schemas = {
        (system, object_): {
            name: FieldSchema(name, name, "string", length=LENGTH) for name in MAPPING.crm_fields(object_)
        }
        for system, object_ in MAPPING.objects
    }
    nobody: frozenset[str] = frozenset()
    return Context(MAPPING, SETTINGS, schemas, {}, {}, nobody, lambda *_: nobody)


text = st.text(alphabet=st.sampled_from("ab 髙﨑ｶﾅが😀\u200b"), max_size=10)
value = st.one_of(st.none(), text)
part_values = st.dictionaries(st.sampled_from(["postal", "pref", "city", "street"]), value, max_size=4)
NAMES = {
    "contacts": {"postal": "zip", "pref": "state", "city": "city", "street": "address", "title": "jobtitle"},
    "Lead": {"postal": "PostalCode", "pref": "State", "city": "City", "street": "Street", "title": "Title"},
}


@st.composite
def members(draw: st.DrawFn) -> list[Member]:
    found = []
    for system, object_ in ((H, "contacts"), (S, "Lead")):
        for n in range(draw(st.integers(1, 2))):
            fields: dict[str, Value] = dict.fromkeys(MAPPING.crm_fields(object_))
            fields |= {NAMES[object_][k]: v for k, v in draw(part_values).items()}
            fields[NAMES[object_]["title"]] = draw(value)
            bases = {}
            if draw(st.booleans()):
                bases["address"] = Base((draw(value), draw(value), draw(value), draw(value), None))
                bases["job_title"] = Base((draw(value),))
            at = T0 + timedelta(seconds=draw(st.integers(0, 100)))
            changed = {name: ChangeTime(at, draw(st.booleans())) for name in fields}
            found.append(
                Member(f"{system}/{object_}/{n}", system, object_, str(n), T0, at, n == 0, fields, changed, bases)
            )
    return found


agreed = st.one_of(
    st.just({}),
    st.builds(
        lambda title: {"job_title": Agreed((title,), field_hash(MAPPING.field("job_title"), SETTINGS))},
        st.sampled_from(["", "a"]),
    ),
)


def written(members: list[Member], operations: list[Operation]) -> dict[str, Mapping[str, Value]]:
    """Fields of every record after the operations have landed."""
    found = {m.key: dict(m.fields) for m in members}
    for operation in operations:
        if operation.problem is None:
            found[str(operation.record_key)] |= operation.new
    return found


def address(object_: str, fields: Mapping[str, Value]) -> tuple[str, ...]:
    names = MAPPING.field("address").names(object_)
    return tuple(str(fields[n] or "").strip() for n in names)


@given(members(), agreed)
def test_law_51_an_address_after_a_push_existed_whole_before(found: list[Member], before: dict[str, Agreed]) -> None:
    known = {address(m.object, m.fields) for m in found} | {("",) * 5}
    after = written(found, plan_entity("person-1", found, before, context()).operations)
    for member in found:
        assert address(member.object, after[member.key]) in known


@given(members(), agreed)
def test_law_08_and_46_what_is_written_fits_and_is_never_cut(found: list[Member], before: dict[str, Agreed]) -> None:
    values = {str(v) for m in found for v in m.fields.values() if v}
    for operation in plan_entity("person-1", found, before, context()).operations:
        if operation.problem is not None:
            continue
        for new in operation.new.values():
            assert new in ("", None) or len(str(new)) <= LENGTH
            assert new in ("", None) or new in values, "law 46: byte for byte as some record holds it"


@given(members(), agreed, value)
def test_law_06_another_field_does_not_change_the_operations_of_this_one(
    found: list[Member], before: dict[str, Agreed], other: str | None
) -> None:
    def titles(ms: list[Member]) -> list[tuple[object, object]]:
        operations = plan_entity("person-1", ms, before, context()).operations
        return [(o.record_key, o.new) for o in operations if o.field == "job_title"]

    def edited(member: Member) -> Member:
        name = NAMES[member.object]["city"]
        late = ChangeTime(T0 + timedelta(days=1), certain=True)
        return Member(
            member.key,
            member.system,
            member.object,
            member.record_id,
            member.created,
            member.modified + timedelta(days=1),
            member.primary,
            {**member.fields, name: other},
            {**member.changed, name: late},
            member.bases,
        )

    assert titles([edited(m) for m in found]) == titles(found)


@given(members(), agreed, st.integers(0, 3))
def test_law_10_a_cosmetic_save_does_not_change_the_winner(
    found: list[Member], before: dict[str, Agreed], which: int
) -> None:
    """Saved again with blanks around a value: the record's stamp moves, the field's change time does not."""

    def titles(ms: list[Member]) -> list[tuple[object, object]]:
        operations = plan_entity("person-1", ms, before, context()).operations
        return [(o.record_key, {n: str(v or "").strip() for n, v in o.new.items()}) for o in operations]

    member = found[which % len(found)]
    name = NAMES[member.object]["title"]
    padded = {**member.fields, name: f" {member.fields[name] or ''} "}
    saved = replace(member, modified=member.modified + timedelta(days=1), fields=padded)
    # the length of what would be written may grow by the blanks: only values that fit either way are compared
    if len(str(padded[name])) <= LENGTH:
        assert titles([saved if m is member else m for m in found]) == titles(found)
