"""Laws 8 and 46 on single values of every type: what is written is taken by the other CRM, whole, or not sent at all.

The judges are the emulators: they check and store a value as the CRMs do, and share no code with the translation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_pipeline.canonical import canonical
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.crm.hubspot.records import field_schema as hubspot_schema
from crm_pipeline.crm.salesforce.records import field_schema as salesforce_schema
from crm_pipeline.emulator.hubspot.properties import complete_definition
from crm_pipeline.emulator.hubspot.values import checked_values
from crm_pipeline.emulator.salesforce.schema import Field
from crm_pipeline.emulator.salesforce.values import coerce
from crm_pipeline.model import System, Value
from crm_pipeline.plan.decision.state import ChangeTime, FieldState
from crm_pipeline.plan.fit.translate import Target, Untranslatable, translate
from crm_pipeline.plan.fit.verdict import Fit, verdict

H, S = System.HUBSPOT, System.SALESFORCE
T = FieldType
T0 = datetime(2026, 1, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Tokyo")


def described(type_: str, **more: object) -> Field:
    """A field of Salesforce as its describe tells."""
    options = more.pop("options", ())
    return Field(
        {
            "name": "Y__c", "label": "Y", "type": type_, "length": 0, "precision": 0, "scale": 0, "digits": 0,
            "nillable": type_ != "boolean", "createable": True, "updateable": True, "filterable": True,
            "sortable": True, "unique": False, "caseSensitive": False, "idLookup": False, "externalId": False,
            "restrictedPicklist": True, "compoundFieldName": None, "referenceTo": [], "relationshipName": None,
            "defaultValue": None, "defaultedOnCreate": False,
            "picklistValues": [{"value": o, "label": f"label {o}", "active": True} for o in options],  # type: ignore[attr-defined]
            **more,
        }
    )  # fmt: skip


def defined(type_: str, field_type: str, *options: str) -> dict[str, object]:
    """A property of HubSpot as its definition tells."""
    listed = [{"label": f"label {option}", "value": option} for option in options]
    given = {"name": "x", "label": "X", "type": type_, "fieldType": field_type, "options": listed}
    return complete_definition(given, "group", "2026-01-01T00:00:00Z", hubspot_defined=bool(options) is False)


LETTERS = st.sampled_from(
    [*"ab1 ;.@-", "髙", "﨑", "ｶ", "ﾅ", "が", "か\u3099", "😀", "全", "\n", "\r\n", "\u200b", "é"]
)
TEXT = st.one_of(st.lists(LETTERS, max_size=14).map("".join), st.text(max_size=14))
NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    TEXT,
)
DAYS = st.one_of(st.dates().map(lambda day: day.isoformat()), st.integers(-(10**14), 10**14).map(str), TEXT)
MOMENTS = st.one_of(
    st.datetimes(timezones=st.sampled_from([UTC, ZONE])).map(lambda at: at.isoformat()),
    st.integers(-(10**14), 10**14).map(str),
    TEXT,
)
OPTIONS = st.lists(st.sampled_from(["a", "b", "c", "髙"]), min_size=1, max_size=4, unique=True)


@dataclass(frozen=True)
class Pair:
    """Two fields that fit, and the values that each CRM may hold."""

    type: FieldType
    hubspot: dict[str, object]
    salesforce: Field
    held_by_hubspot: st.SearchStrategy[Value]
    held_by_salesforce: st.SearchStrategy[Value]


ABC = ("a", "b", "髙")
PAIRS = {
    "text": Pair(T.TEXT, defined("string", "text"), described("string", length=9), TEXT, TEXT),
    "text area": Pair(T.TEXT, defined("string", "text"), described("textarea", length=9), TEXT, TEXT),
    "long text": Pair(T.TEXT, defined("string", "textarea"), described("textarea", length=300), TEXT, TEXT),
    "phone": Pair(T.PHONE, defined("string", "phonenumber"), described("phone", length=12), TEXT, TEXT),
    "e-mail": Pair(
        T.E_MAIL,
        defined("string", "text"),
        described("email", length=20),
        st.one_of(TEXT, st.emails()),
        st.one_of(TEXT, st.emails()),
    ),
    "int": Pair(T.NUMBER, defined("number", "number"), described("int", digits=8), NUMBERS, st.integers()),
    "double": Pair(
        T.NUMBER,
        defined("number", "number"),
        described("double", precision=18, scale=2),
        NUMBERS,
        st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**16), 10**16)),
    ),
    "date": Pair(T.DATE, defined("date", "date"), described("date"), DAYS, DAYS),
    "date and moment": Pair(T.DATE, defined("date", "date"), described("datetime"), DAYS, MOMENTS),
    "moment": Pair(T.DATETIME, defined("datetime", "date"), described("datetime"), MOMENTS, MOMENTS),
    "moment by its date": Pair(T.DATE, defined("datetime", "date"), described("date"), MOMENTS, DAYS),
    "checkbox": Pair(
        T.BOOLEAN,
        defined("bool", "booleancheckbox"),
        described("boolean"),
        st.one_of(st.sampled_from(["true", "false"]), TEXT),
        st.booleans(),
    ),
    "option": Pair(
        T.PICKLIST, defined("enumeration", "select", *ABC), described("picklist", length=9, options=("a", "b", "c")),
        st.one_of(OPTIONS.map(lambda chosen: chosen[0]), TEXT), st.one_of(OPTIONS.map(lambda chosen: chosen[0]), TEXT),
    ),
    "options": Pair(
        T.MULTI_PICKLIST, defined("enumeration", "checkbox", *ABC),
        described("multipicklist", length=5, options=("a", "b", "c")),
        st.one_of(OPTIONS.map(";".join), TEXT), st.one_of(OPTIONS.map(";".join), TEXT),
    ),
}  # fmt: skip
by_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())


def mapping(type_: FieldType) -> FieldMapping:
    return FieldMapping.model_validate(
        {"name": "f", "label": {"en": "f", "ja": "f"}, "type": type_, "hubspot": "x", "Lead": "Y__c"}
    )


def form(field: FieldMapping, system: System, value: Value) -> tuple[str, ...]:
    return canonical(field, system, (value,), zone=ZONE)


def state(field: FieldMapping, system: System, value: Value) -> FieldState:
    return FieldState("k", system, form(field, system, value), (value,), None, ChangeTime(T0, True), T0)


@by_pair
def test_each_pair_fits(pair: Pair) -> None:
    found = verdict(hubspot_schema("contacts", pair.hubspot), salesforce_schema(pair.salesforce.described), pair.type)
    assert found.fit in (Fit.COMPATIBLE, Fit.WITH_GAPS)


@by_pair
@settings(max_examples=60)
@given(data=st.data())
def test_law_8_what_salesforce_gets_it_keeps_whole(pair: Pair, data: st.DataObject) -> None:
    field, raw = mapping(pair.type), data.draw(pair.held_by_hubspot)
    source = state(field, H, raw)
    target = Target(S, "Lead", {"Y__c": salesforce_schema(pair.salesforce.described)}, {}, zone=ZONE)
    try:
        (written,) = translate(field, source, target).values()
    except Untranslatable as reason:
        assert_says_nothing_of_the_value(str(reason), raw)
        return
    assert form(field, S, coerce(pair.salesforce, written)) == source.value
    if pair.type in (T.TEXT, T.PHONE, T.E_MAIL) and not source.blank:
        assert written == raw, "law 46: byte for byte"


@by_pair
@settings(max_examples=60)
@given(data=st.data())
def test_law_8_what_hubspot_gets_it_keeps_whole(pair: Pair, data: st.DataObject) -> None:
    field, raw = mapping(pair.type), data.draw(pair.held_by_salesforce)
    source = state(field, S, raw)
    target = Target(H, "contacts", {"x": hubspot_schema("contacts", pair.hubspot)}, {}, zone=ZONE)
    try:
        (written,) = translate(field, source, target).values()
    except Untranslatable as reason:
        assert_says_nothing_of_the_value(str(reason), raw)
        return
    stored = checked_values({"x": pair.hubspot}, {"x": written}, (), {}, read_only_allowed=False)
    assert form(field, H, stored["x"]) == source.value
    if pair.type in (T.TEXT, T.PHONE, T.E_MAIL) and not source.blank:
        assert written == raw, "law 46: byte for byte"


def assert_says_nothing_of_the_value(reason: str, value: Value) -> None:
    """Law 45: no text of ours quotes a value."""
    assert reason
    text = str(value)
    assert len(text) < 10 or text not in reason


@given(st.text())
@example("髙﨑 ｶﾅ か\u3099 が 全角　ＡＢＣ 👨‍👩‍👧 é e\u0301")
def test_law_46_any_text_arrives_byte_for_byte(text: str) -> None:
    field = mapping(T.TEXT)
    for system, name in ((H, "x"), (S, "Y__c")):
        source = state(field, system.other, text)
        schema = (
            hubspot_schema("contacts", defined("string", "text"))
            if system is H
            else salesforce_schema(described("textarea", length=131_072).described)
        )
        object_ = "contacts" if system is H else "Lead"
        (written,) = translate(field, source, Target(system, object_, {name: schema}, {}, zone=ZONE)).values()
        assert written == (text if not source.blank else ("" if system is H else None))
