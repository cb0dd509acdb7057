"""What a value becomes in the other CRM, by its type; and what is not sent, with the reason (spec, Values)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crm_pipeline.canonical import canonical
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.model import System, Value
from crm_pipeline.plan.decision.state import ChangeTime, FieldState
from crm_pipeline.plan.fit.stages import Stage, with_stages
from crm_pipeline.plan.fit.translate import Target, Untranslatable, translate

H, S = System.HUBSPOT, System.SALESFORCE
T = FieldType
T0 = datetime(2026, 1, 1, tzinfo=UTC)
TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")


def mapped(type_: FieldType, **more: object) -> FieldMapping:
    data = {"name": "f", "label": {"en": "f", "ja": "f"}, "type": type_, "hubspot": "x", "Lead": "y", **more}
    return FieldMapping.model_validate(data)


def sent(
    field: FieldMapping,
    raw: Value,
    to: System,
    schema: FieldSchema,
    *,
    zone: ZoneInfo = TOKYO,
    held: Mapping[str, Value] | None = None,
    object_: str = "",
) -> Value:
    """What is written for a raw value of the other CRM."""
    users = {(s, i): m for s, i, m in ((H, "11", "a@x.jp"), (S, "005A", "a@x.jp"), (S, "005C", "c@x.jp"))}
    value = canonical(field, to.other, (raw,), users=users, zone=zone)
    source = FieldState("k", to.other, value, (raw,), None, ChangeTime(T0, certain=True), T0)
    object_ = object_ or ("contacts" if to is H else "Lead")
    target = Target(to, object_, {schema.name: schema}, {(H, "a@x.jp"): "11", (S, "a@x.jp"): "005A"}, held or {}, zone)
    return translate(field, source, target)[schema.name]


def hub(type_: str, field_type: str = "text", *options: str) -> FieldSchema:
    return FieldSchema("x", "X", type_, field_type, options=tuple(Option(o, o) for o in options))


def sales(type_: str, *options: str, **more: object) -> FieldSchema:
    listed = tuple(Option(o, o) for o in options)
    return FieldSchema("y", "Y", type_, options=listed, **more)  # type: ignore[arg-type]


VALUES = {"to_salesforce": {"web": "Web", "seo": "Web", "fair": "Messe"}, "preferred": {"Web": "seo"}}


@pytest.mark.parametrize(
    ("type_", "raw", "to", "schema", "written"),
    [
        (T.TEXT, " 髙﨑 ", S, sales("string", length=80), " 髙﨑 "),  # the source's own spelling
        (T.PHONE, "０３−1234", S, sales("phone", length=40), "０３−1234"),
        (T.DATE, "1988-04-09", S, sales("date"), "1988-04-09"),
        (T.DATE, "576547200000", S, sales("date"), "1988-04-09"),  # midnight UTC, as HubSpot keeps dates
        (T.DATE, "1988-04-09", S, sales("datetime"), "1988-04-08T15:00:00+00:00"),  # its beginning in Tokyo
        (T.DATE, "2026-01-01T15:00:00.000+0000", H, hub("date", "date"), "2026-01-02"),  # already the 2nd in Tokyo
        (T.DATE, "2026-01-01", H, hub("datetime", "date"), "2025-12-31T15:00:00+00:00"),
        (T.DATETIME, "2026-01-01", H, hub("datetime", "date"), "2025-12-31T15:00:00+00:00"),
        (T.DATETIME, "2026-01-01T09:00:00.789+09:00", S, sales("datetime"), "2026-01-01T00:00:00+00:00"),
        (T.NUMBER, "1200.50", S, sales("currency", digits=16, scale=2), 1200.5),
        (T.NUMBER, "1200.0", S, sales("int", digits=8, scale=0), 1200),
        (T.NUMBER, 0.1 + 0.2, H, hub("number", "number"), "0.3"),  # no float noise
        (T.NUMBER, 1e21, H, hub("number", "number"), "1" + "0" * 21),
        (T.BOOLEAN, "true", S, sales("boolean"), True),
        (T.BOOLEAN, False, H, hub("bool", "booleancheckbox"), "false"),
        (T.MULTI_PICKLIST, "b;a", S, sales("multipicklist", "a", "b"), "a;b"),
        (T.USER, "11", S, sales("reference", references="User"), "005A"),
        (T.TEXT, "", S, sales("string"), None),
        (T.TEXT, None, H, hub("string"), ""),
    ],
)
def test_a_value_arrives_as_its_field_takes_it(
    type_: FieldType, raw: Value, to: System, schema: FieldSchema, written: Value
) -> None:
    got = sent(mapped(type_), raw, to, schema)
    assert got == written
    assert type(got) is type(written)


@pytest.mark.parametrize("zone", [TOKYO, NEW_YORK, ZoneInfo("UTC")])
@pytest.mark.parametrize("day", ["2026-03-08", "1988-04-09", "2026-12-31"])
def test_a_calendar_date_is_never_shifted(zone: ZoneInfo, day: str) -> None:
    field = mapped(T.DATE)
    moment = sent(field, day, S, sales("datetime"), zone=zone)
    assert canonical(field, S, (moment,), zone=zone) == (day,)
    assert sent(field, moment, H, hub("date", "date"), zone=zone) == day


@pytest.mark.parametrize(
    ("type_", "raw", "to", "schema", "says"),
    [
        (T.TEXT, "long", S, sales("string", length=3), "has 4 characters, y takes 3"),
        (T.TEXT, "a\nb", S, sales("textarea", length=3), "has 4 characters"),  # kept as two characters there
        (T.TEXT, "x" * 65_537, H, hub("string"), "has 65537 characters, x takes 65536"),
        (T.PICKLIST, "c", S, sales("picklist", "a"), "is not an option of Salesforce Lead.y"),
        (T.PICKLIST, "c", H, hub("enumeration", "select", "a"), "is not an option of HubSpot contacts.x"),
        (T.MULTI_PICKLIST, "a;c", S, sales("multipicklist", "a", "b"), "is not an option"),
        (T.NUMBER, "12 persons", S, sales("int"), "is not a number"),
        (T.NUMBER, "NaN", S, sales("double", digits=16, scale=2), "is not a number"),
        (T.NUMBER, "1.5", S, sales("int", digits=8, scale=0), "is a fraction"),
        (T.NUMBER, "1.005", S, sales("currency", digits=16, scale=2), "more decimals than the 2"),
        (T.NUMBER, "100", S, sales("double", digits=2, scale=0), "more digits before the decimal point"),
        (T.NUMBER, "3000000000", S, sales("int", digits=0, scale=0), "more digits"),
        (T.NUMBER, "1234567890123456.78", S, sales("double", digits=16, scale=2), "more digits"),
        (T.DATE, "April 9", S, sales("date"), "is not a date"),
        (T.DATE, "0088-04-09", S, sales("date"), "the years are 1700 to 4000"),
        (T.DATETIME, "soon", S, sales("datetime"), "is not a date"),
        (T.BOOLEAN, "yes", S, sales("boolean"), "neither true nor false"),
        (T.BOOLEAN, "", S, sales("boolean", nillable=False), "cannot be cleared"),
        (T.TEXT, "", S, sales("string", nillable=False), "cannot be cleared"),
        (T.E_MAIL, "a..b@x.jp", S, sales("email", length=80), "no e-mail address that Salesforce accepts"),
        (T.USER, "005C", H, FieldSchema("x", "X", "enumeration", "select", references="OWNER"), "has no active user"),
    ],
)
def test_a_value_without_a_place_is_not_sent_and_the_reason_does_not_quote_it(
    type_: FieldType, raw: Value, to: System, schema: FieldSchema, says: str
) -> None:
    with pytest.raises(Untranslatable, match=says) as reason:
        sent(mapped(type_), raw, to, schema)
    assert len(str(raw)) < 6 or str(raw) not in str(reason.value)


def test_hubspots_address_property_takes_addresses_only() -> None:
    email = FieldSchema("email", "Email", "string", "text")
    field = mapped(T.E_MAIL, hubspot="email")
    assert sent(field, "taro@example.jp", H, email) == "taro@example.jp"
    with pytest.raises(Untranslatable, match="no e-mail address that HubSpot accepts"):
        sent(field, "taro at example", H, email)


@pytest.mark.parametrize(
    ("raw", "to", "written"),
    [("web", S, "Web"), ("seo", S, "Web"), ("fair", S, "Messe"), ("Web", H, "seo"), ("Messe", H, "fair")],
)
@pytest.mark.parametrize("type_", [T.PICKLIST, T.TEXT])
def test_a_value_map_goes_both_ways_and_prefers_one_way_back(
    type_: FieldType, raw: str, to: System, written: str
) -> None:
    schema = sales("picklist", "Web", "Messe") if to is S else hub("enumeration", "select", "web", "seo", "fair")
    assert sent(mapped(type_, values=VALUES), raw, to, schema) == written


def test_a_value_map_reaches_every_chosen_value() -> None:
    field = mapped(T.MULTI_PICKLIST, values=VALUES)
    assert sent(field, "fair;web", S, sales("multipicklist", "Web", "Messe")) == "Messe;Web"
    assert sent(field, "Web;Messe", H, hub("enumeration", "checkbox", "web", "seo", "fair")) == "fair;seo"
    assert canonical(field, H, ("seo;fair",)) == canonical(field, S, ("Messe;Web",))


STAGES = [
    Stage(H, "deals", "p1", "won", "Won"),
    Stage(H, "deals", "p2", "81042", "受注"),
    Stage(H, "deals", "p2", "81043", "失注"),
    Stage(S, "Opportunity", "", "Closed Won", "Closed Won"),
]
STAGE_VALUES = {
    "to_salesforce": {"won": "Closed Won", "81042": "Closed Won", "81043": "Closed Lost"},
    "preferred": {"Closed Won": "won"},
}


def dealstage() -> tuple[FieldMapping, FieldSchema]:
    schemas = {(H, "deals"): {"dealstage": FieldSchema("dealstage", "Deal stage", "enumeration", "radio")}}
    data = {"name": "f", "label": {"en": "f", "ja": "f"}, "type": T.PICKLIST, "values": STAGE_VALUES}
    field = FieldMapping.model_validate({**data, "hubspot": "dealstage", "Opportunity": "StageName"})
    return field, with_stages(schemas, STAGES)[H, "deals"]["dealstage"]


@pytest.mark.parametrize(("pipeline", "stage"), [("p1", "won"), ("p2", "81042"), (None, "won")])
def test_a_deal_gets_the_stage_of_its_own_pipeline(pipeline: str | None, stage: str) -> None:
    field, schema = dealstage()
    assert sent(field, "Closed Won", H, schema, held={"pipeline": pipeline}, object_="deals") == stage


def test_a_stage_that_the_deals_pipeline_lacks_is_not_sent() -> None:
    field, schema = dealstage()
    with pytest.raises(Untranslatable, match="not an option of the record's pipeline 'p1'"):
        sent(field, "Closed Lost", H, schema, held={"pipeline": "p1"}, object_="deals")


def test_a_new_deal_gets_the_pipeline_of_its_stage() -> None:
    field, schema = dealstage()
    source = FieldState("k", S, ("Closed Lost",), ("Closed Lost",), None, ChangeTime(T0, certain=True), T0)
    written = translate(field, source, Target(H, "deals", {"dealstage": schema}, {}))
    assert written == {"dealstage": "81043", "pipeline": "p2"}


_STEPS = tuple(Option(step, step) for step in ("lead", "opportunity", "customer"))
LIFECYCLE = FieldSchema("lifecyclestage", "Lifecycle stage", "enumeration", "radio", options=_STEPS)


@pytest.mark.parametrize(("held", "value", "allowed"), [
    (None, "lead", True), ("", "lead", True), ("lead", "customer", True), ("opportunity", "customer", True),
    ("customer", "lead", False), ("opportunity", "lead", False), ("evangelist of our own", "lead", True),
])  # fmt: skip
def test_a_lifecycle_stage_moves_forward_only_unless_it_was_cleared(
    held: str | None, value: str, allowed: bool
) -> None:
    field = mapped(T.PICKLIST, hubspot="lifecyclestage")
    if allowed:
        assert sent(field, value, H, LIFECYCLE, held={"lifecyclestage": held}) == value
        return
    with pytest.raises(Untranslatable, match="forward only"):
        sent(field, value, H, LIFECYCLE, held={"lifecyclestage": held})
