"""Consent: the rule that such fields have by themselves, and HubSpot's opt-out, which tells and cannot be written."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crm_pipeline.canonical import canonical
from crm_pipeline.config import Settings
from crm_pipeline.config.field import FieldMapping, FieldType
from crm_pipeline.model import Rule, Value
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.entity import plan_entity
from crm_pipeline.plan.fit.compatibility import left_out, pairings
from crm_pipeline.plan.member import Agreed, Member, field_hash, policy
from crm_pipeline.plan.records.create import plan_create
from crm_pipeline.plan.records.torn import REASON
from crm_pipeline_tests.plan.people import SETTINGS, H, S, context, member
from crm_pipeline_tests.plan.world import World

OPTED_OUT = FieldMapping.model_validate(
    {
        "name": "opted_out",
        "label": {"en": "Opted out", "ja": "配信停止"},
        "hubspot": "hs_email_optout",
        "Lead": "HasOptedOutOfEmail",
    }
)


def with_consent() -> Settings:
    person = SETTINGS.mapping.person
    changed = person.model_copy(update={"fields": (*person.fields, OPTED_OUT)})
    return SETTINGS.model_copy(update={"mapping": SETTINGS.mapping.model_copy(update={"person": changed})})


CONSENT = with_consent()


def read_only_in_hubspot() -> Context:
    made = context(CONSENT)
    schemas = {place: dict(fields) for place, fields in made.schemas.items()}
    contacts, leads = schemas[H, "contacts"], schemas[S, "Lead"]
    contacts["hs_email_optout"] = replace(
        contacts["hs_email_optout"], type="bool", field_type="booleancheckbox", updateable=False, createable=False
    )
    leads["HasOptedOutOfEmail"] = replace(leads["HasOptedOutOfEmail"], type="boolean")
    return replace(made, schemas=schemas)


def pair(hubspot: Value, salesforce: Value, *, base: bool | None = None) -> list[Member]:
    def held(value: Value) -> dict[str, tuple[Value, ...]]:
        return {} if base is None else {"opted_out": (value,)}

    return [
        member(H, "contacts", {"hs_email_optout": hubspot}, bases=held(str(base).lower()), settings=CONSENT),
        member(S, "Lead", {"HasOptedOutOfEmail": salesforce}, bases=held(base), settings=CONSENT),
    ]


def written(members: list[Member], agreed: str | None = None) -> list[tuple[str | None, Value]]:
    before = {} if agreed is None else {"opted_out": Agreed((agreed,), field_hash(OPTED_OUT, CONSENT))}
    plan = plan_entity("person-1", members, before, read_only_in_hubspot())
    return [(o.record_key, next(iter(o.new.values()))) for o in plan.operations if o.field == "opted_out"]


@pytest.mark.parametrize("name", ["hs_email_optout", "HasOptedOutOfEmail", "DoNotCall"])
def test_a_field_of_consent_is_a_ratchet_unless_the_mapping_says_otherwise(name: str) -> None:
    lines = {"hubspot": "x", "Lead": name} if name != "hs_email_optout" else {"hubspot": name, "Lead": "X__c"}
    data = {"name": "f", "label": {"en": "f", "ja": "f"}, **lines}
    field = FieldMapping.model_validate(data)
    assert (field.rule, field.tight, field.type) == (Rule.RATCHET, (True,), FieldType.BOOLEAN)
    assert FieldMapping.model_validate({**data, "rule": "two_way"}).rule is Rule.TWO_WAY


def test_the_latest_owner_counts_where_the_mapping_says_nothing() -> None:
    data = {"name": "f", "label": {"en": "f", "ja": "f"}, "hubspot": "o", "Lead": "OwnerId", "type": "user"}
    assert FieldMapping.model_validate(data).rule is Rule.TWO_WAY
    assert FieldMapping.model_validate({**data, "type": "text"}).rule is Rule.PREFER_SALESFORCE


def test_an_opt_out_in_hubspot_reaches_salesforce() -> None:
    assert written(pair("true", False)) == [("salesforce/Lead/1", True)]


def test_an_opt_out_in_salesforce_is_not_written_where_it_cannot_be() -> None:
    assert written(pair("false", True)) == []


def test_a_loosening_is_neither_copied_nor_taken_back() -> None:
    contact, lead = pair("true", True, base=True)
    loosened = replace(lead, fields={**lead.fields, "HasOptedOutOfEmail": False})
    assert written([contact, loosened], "true") == []


def test_a_read_only_side_leaves_no_consent_out() -> None:
    given = read_only_in_hubspot()
    assert "opted_out" not in left_out(pairings(CONSENT.mapping.person, given.schemas))


def test_a_new_record_is_opted_out_if_any_record_is_and_says_nothing_otherwise() -> None:
    contact, _ = pair("true", None)
    other = replace(contact, key="hubspot/contacts/2", fields={**contact.fields, "hs_email_optout": "false"})
    (made,) = plan_create("person-1", [contact, other], {}, S, "Lead", read_only_in_hubspot()).operations
    assert made.new["HasOptedOutOfEmail"] is True
    (made,) = plan_create("person-1", [other], {}, S, "Lead", read_only_in_hubspot()).operations
    assert "HasOptedOutOfEmail" not in made.new
    _, lead = pair(None, True)
    (made,) = plan_create("person-1", [lead], {}, H, "contacts", read_only_in_hubspot()).operations
    assert "hs_email_optout" not in made.new


@pytest.mark.parametrize("tight", [True, "true", "True", " TRUE "])
def test_a_tight_value_protects_however_the_mapping_spells_it(tight: str | bool) -> None:
    assert policy(OPTED_OUT.model_copy(update={"tight": (tight,)}), SETTINGS).tight == {("true",)}


def test_a_tight_value_of_a_value_map_protects_as_salesforce_has_it() -> None:
    mapped = FieldMapping.model_validate(
        {
            "name": "mail",
            "label": {"en": "Mail", "ja": "メール"},
            "hubspot": "mail",
            "Lead": "Mail__c",
            "type": "picklist",
            "values": {"to_salesforce": {"NO": "No"}, "preferred": {"Never": "NO"}},
            "rule": "ratchet",
            "tight": ["Never"],
        }
    )
    held = canonical(mapped, S, ("Never",))
    assert policy(mapped, SETTINGS).tight == {held}


def test_a_ratchet_with_several_tight_values_has_one_hash_in_every_process() -> None:
    """Or its bases would count in no night but that of the decision, and a loosening would go unseen."""
    several = OPTED_OUT.model_copy(update={"tight": tuple("abcdefgh")})
    program = (
        "import sys; from crm_pipeline.config import FieldMapping, load_settings; "
        "from crm_pipeline.plan.member import field_hash; "
        "print(field_hash(FieldMapping.model_validate_json(sys.argv[1]), load_settings()))"
    )
    data = json.dumps({**several.model_dump(), "label": {"en": "x", "ja": "x"}})
    other = subprocess.run(
        [sys.executable, "-c", program, data], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == field_hash(several, SETTINGS)


def test_law_31_a_merge_against_a_decision_freezes_both_golden_records(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.record("person-1", H, "contacts", "9", {"lastname": "山田", "company": "C", "phone": "03-1111-1111"})
    world.record("person-1", S, "Lead", "1", {"LastName": "山田", "Company": "C"})
    world.record("person-2", S, "Lead", "2", {"LastName": "山田", "Company": "C"})
    world.plan()
    assert world.changes().keys() == {("Lead", "phone"), ("contacts", "*")}
    world.execute(
        "insert into raw.tombstone (system, object, record_id, reason, survivor_object, survivor_id, run_id) "
        "values ('hubspot', 'contacts', '2', 'merged', 'contacts', '9', 1)"
    )
    world.execute(
        "insert into match.problem values ('person', 'hubspot/contacts/9', 'salesforce/Lead/2', "
        "'accepted, but it would join hubspot/contacts/9 and salesforce/Lead/2, which are decided not to match')"
    )
    world.execute("delete from plan.settled")
    world.plan()
    assert world.changes() == {}
    newest = "select distinct record_key, reason from plan.waiting where plan_id = 2 order by all"
    keys = ("hubspot/contacts/9", "salesforce/Lead/1", "salesforce/Lead/2")
    assert world.execute(newest) == [(key, REASON) for key in keys]
