"""The table of spec objects-and-fields.md: which fields fit, in which direction, why not, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from crm_pipeline.config import load_mapping
from crm_pipeline.config.field import FieldType, ValueMap
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.fit.compatibility import Pairing, pairings
from crm_pipeline.plan.fit.verdict import Fit, Gap, verdict

H, S = System.HUBSPOT, System.SALESFORCE
T = FieldType


def hub(type_: str, field_type: str = "", *options: str, **more: object) -> FieldSchema:
    listed = tuple(Option(value, f"label of {value}") for value in options)
    return FieldSchema("x", "X", type_, field_type, options=listed, **more)  # type: ignore[arg-type]


def sales(type_: str, length: int = 0, *options: str, **more: object) -> FieldSchema:
    listed = tuple(Option(value, f"label of {value}") for value in options)
    return FieldSchema("y", "Y", type_, length=length, options=listed, **more)  # type: ignore[arg-type]


SELECT, RADIO, CHECKS = hub("enumeration", "select"), hub("enumeration", "radio"), hub("enumeration", "checkbox")
TEXT, AREA, PHONE = hub("string", "text"), hub("string", "textarea"), hub("string", "phonenumber")
NUMBER, DATE, MOMENT = hub("number", "number"), hub("date", "date"), hub("datetime", "date")
OWNER = hub("enumeration", "select", references="OWNER")
USER = sales("reference", 18, references="User")

#: In the order of the specification: HubSpot field, Salesforce field, type in the mapping, verdict.
TABLE = [
    # dropdown select, radio | picklist
    (SELECT, sales("picklist", 255), T.PICKLIST, Fit.COMPATIBLE),
    (RADIO, sales("picklist", 255), T.PICKLIST, Fit.COMPATIBLE),
    (hub("enumeration", "select", "a"), sales("picklist", 255, "a"), T.PICKLIST, Fit.COMPATIBLE),
    (hub("enumeration", "select", "a", "b"), sales("picklist", 255, "a"), T.PICKLIST, Fit.WITH_GAPS),
    (hub("enumeration", "select", "a"), sales("picklist", 255, "a", "b"), T.PICKLIST, Fit.WITH_GAPS),
    (SELECT, sales("multipicklist", 4099), T.PICKLIST, Fit.INCOMPATIBLE),
    # single-line text | picklist
    (TEXT, sales("picklist", 255), T.TEXT, Fit.TO_HUBSPOT),
    (TEXT, sales("combobox", 255, "Call", "Email"), T.TEXT, Fit.COMPATIBLE),  # suggestions
    (TEXT, sales("multipicklist", 4099), T.TEXT, Fit.TO_HUBSPOT),
    (SELECT, sales("string", 80), T.PICKLIST, Fit.INCOMPATIBLE),
    # multiple checkboxes | multipicklist
    (CHECKS, sales("multipicklist", 4099), T.MULTI_PICKLIST, Fit.COMPATIBLE),
    (hub("enumeration", "checkbox", "a", "b"), sales("multipicklist", 4099, "a"), T.MULTI_PICKLIST, Fit.WITH_GAPS),
    (CHECKS, sales("picklist", 255), T.PICKLIST, Fit.INCOMPATIBLE),
    # single checkbox | checkbox
    (hub("enumeration", "booleancheckbox"), sales("boolean"), T.BOOLEAN, Fit.COMPATIBLE),
    (hub("bool", "booleancheckbox"), sales("boolean"), T.BOOLEAN, Fit.COMPATIBLE),
    (TEXT, sales("boolean"), T.BOOLEAN, Fit.INCOMPATIBLE),
    (SELECT, sales("boolean"), T.BOOLEAN, Fit.INCOMPATIBLE),
    # number | double, int, currency, percent
    *((NUMBER, sales(kind), T.NUMBER, Fit.COMPATIBLE) for kind in ("double", "int", "currency", "percent", "long")),
    (NUMBER, sales("string", 80), T.NUMBER, Fit.INCOMPATIBLE),
    (TEXT, sales("double"), T.NUMBER, Fit.INCOMPATIBLE),
    # single-line text, phone number | string, textarea, phone, email, url
    *((TEXT, sales(kind, 80), T.TEXT, Fit.COMPATIBLE) for kind in ("string", "textarea", "phone", "email", "url")),
    (PHONE, sales("phone", 40), T.PHONE, Fit.COMPATIBLE),
    (hub("phone_number", "phonenumber"), sales("phone", 40), T.PHONE, Fit.COMPATIBLE),
    (TEXT, sales("textarea", 32_000), T.TEXT, Fit.COMPATIBLE),
    # multi-line text | long text area; short text area one-way
    (AREA, sales("textarea", 32_000), T.TEXT, Fit.COMPATIBLE),
    (AREA, sales("textarea", 256), T.TEXT, Fit.COMPATIBLE),
    (AREA, sales("textarea", 255), T.TEXT, Fit.TO_HUBSPOT),
    (AREA, sales("string", 80), T.TEXT, Fit.TO_HUBSPOT),
    # date | date, datetime
    (DATE, sales("date"), T.DATE, Fit.COMPATIBLE),
    (DATE, sales("datetime"), T.DATE, Fit.COMPATIBLE),
    (DATE, sales("string", 80), T.DATE, Fit.INCOMPATIBLE),
    # datetime | datetime, date: one-way or an explicit choice
    (MOMENT, sales("datetime"), T.DATETIME, Fit.COMPATIBLE),
    (MOMENT, sales("date"), T.DATETIME, Fit.TO_HUBSPOT),
    (MOMENT, sales("date"), T.DATE, Fit.COMPATIBLE),
    # owner | reference to User
    (OWNER, USER, T.USER, Fit.COMPATIBLE),
    (TEXT, USER, T.TEXT, Fit.TO_HUBSPOT),
    # text holding an id, or an association | reference to a synced object; text | reference to another one
    (TEXT, sales("reference", 18, references="Account"), T.REFERENCE, Fit.COMPATIBLE),
    (
        replace(TEXT, name="associations.companies", type="relation"),
        sales("reference", 18),
        T.REFERENCE,
        Fit.COMPATIBLE,
    ),
    (TEXT, sales("reference", 18, references="Campaign"), T.TEXT, Fit.TO_HUBSPOT),
    (NUMBER, sales("reference", 18, references="Campaign"), T.TEXT, Fit.INCOMPATIBLE),
    # any | calculated, auto-number, compound, not updateable
    (NUMBER, sales("double", calculated=True, updateable=False), T.NUMBER, Fit.TO_HUBSPOT),
    (TEXT, sales("string", 80, updateable=False), T.TEXT, Fit.TO_HUBSPOT),  # auto-number, Contact.Name
    (NUMBER, sales("string", 80, calculated=True), T.TEXT, Fit.INCOMPATIBLE),
    (TEXT, sales("address"), T.TEXT, Fit.INCOMPATIBLE),
    # calculated or read-only property | any
    (hub("number", "calculation_equation", calculated=True), sales("double"), T.NUMBER, Fit.TO_SALESFORCE),
    (hub("string", "text", updateable=False), sales("string", 80), T.TEXT, Fit.TO_SALESFORCE),
    (hub("string", "text", updateable=False), sales("string", 80, updateable=False), T.TEXT, Fit.INCOMPATIBLE),
    (hub("string", "text", updateable=False), sales("picklist", 255), T.TEXT, Fit.INCOMPATIBLE),
    # anything else
    (hub("object_coordinates", "text"), sales("location"), T.TEXT, Fit.INCOMPATIBLE),
    (hub("object_coordinates", "text"), sales("string", 80), T.TEXT, Fit.INCOMPATIBLE),
    (hub("json", "text"), sales("base64"), T.TEXT, Fit.INCOMPATIBLE),
]


@pytest.mark.parametrize(("hubspot", "salesforce", "type_", "fit"), TABLE)
def test_fields_fit_as_the_table_says(
    hubspot: FieldSchema, salesforce: FieldSchema, type_: FieldType, fit: Fit
) -> None:
    found = verdict(hubspot, salesforce, type_)
    assert found.fit is fit
    said = [found.why.en, found.why.ja, found.to_do.en, found.to_do.ja]
    assert all(said) if fit is not Fit.COMPATIBLE else not any(said), "the reason and what to do, in both languages"
    assert ("互換性がありません" in found.why.ja) <= (fit is Fit.INCOMPATIBLE)


@pytest.mark.parametrize(
    ("fit", "allowed", "refused"),
    [
        ((TEXT, sales("picklist", 255)), {Rule.ALWAYS_SALESFORCE, Rule.DONT_SYNC}, {Rule.TWO_WAY, Rule.ALWAYS_HUBSPOT}),
        ((hub("string", "text", updateable=False), sales("string", 80)), {Rule.ALWAYS_HUBSPOT}, {Rule.RATCHET}),
        ((TEXT, sales("string", 80)), set(Rule), set()),
        ((TEXT, sales("boolean")), {Rule.DONT_SYNC}, set(Rule) - {Rule.DONT_SYNC}),
    ],
)
def test_a_verdict_names_the_rules_that_it_allows(
    fit: tuple[FieldSchema, FieldSchema], allowed: set[Rule], refused: set[Rule]
) -> None:
    rules = set(verdict(*fit, T.TEXT).rules)
    assert allowed <= rules
    assert not rules & refused


@pytest.mark.parametrize(
    ("type_", "hubspot", "salesforce", "write"),
    [
        (T.TEXT, NUMBER, sales("double"), "type: number"),
        (T.TEXT, DATE, sales("date"), "type: date"),
        (T.DATETIME, DATE, sales("datetime"), "type: date"),
        (T.PICKLIST, CHECKS, sales("multipicklist", 99), "type: multi_picklist"),
        (T.TEXT, OWNER, USER, "type: user"),
    ],
)
def test_a_type_that_would_compare_values_as_what_they_are_not_is_refused(
    type_: FieldType, hubspot: FieldSchema, salesforce: FieldSchema, write: str
) -> None:
    found = verdict(hubspot, salesforce, type_)
    assert found.fit is Fit.INCOMPATIBLE
    assert write in found.to_do.en
    assert write in found.to_do.ja


def test_gaps_are_listed_by_api_value_in_each_direction() -> None:
    hubspot, salesforce = hub("enumeration", "select", "a", "web"), sales("picklist", 255, "a", "Fair")
    assert verdict(hubspot, salesforce, T.PICKLIST).gaps == (Gap(S, "web"), Gap(H, "Fair"))
    labels_alike = replace(salesforce, options=(Option("a", "a"), Option("Web", "label of web")))
    assert Gap(S, "web") in verdict(hubspot, labels_alike, T.PICKLIST).gaps


def test_an_inactive_option_is_no_partner() -> None:
    salesforce = replace(sales("picklist", 255), options=(Option("a", "a"), Option("b", "b", active=False)))
    assert verdict(hub("enumeration", "select", "a", "b"), salesforce, T.PICKLIST).gaps == (Gap(S, "b"),)


def test_a_whole_value_map_closes_the_gaps_and_names_the_preferred_way_back() -> None:
    hubspot, salesforce = hub("enumeration", "select", "web", "seo", "fair"), sales("picklist", 255, "Web", "Fair")
    values = ValueMap(to_salesforce={"web": "Web", "seo": "Web", "fair": "Fair"}, preferred={"Web": "web"})
    assert verdict(hubspot, salesforce, T.PICKLIST, values).fit is Fit.COMPATIBLE
    half = ValueMap(to_salesforce={"web": "Web", "fair": "Fair"})
    assert verdict(hubspot, salesforce, T.PICKLIST, half).gaps == (Gap(S, "seo"),)
    typo = ValueMap(to_salesforce={"wep": "Web", "web": "Webb", "seo": "Fair", "fair": "Messe"})
    unknown = {gap for gap in verdict(hubspot, salesforce, T.PICKLIST, typo).gaps if gap.unknown}
    assert unknown == {Gap(H, "wep", True), Gap(S, "Webb", True), Gap(S, "Messe", True)}


def test_a_text_goes_both_ways_with_a_picklist_only_under_a_whole_value_map() -> None:
    salesforce = sales("picklist", 255, "Web", "Fair")
    whole = ValueMap(to_salesforce={"web": "Web", "fair": "Fair"})
    assert verdict(TEXT, salesforce, T.PICKLIST, whole).fit is Fit.COMPATIBLE
    half = verdict(TEXT, salesforce, T.PICKLIST, ValueMap(to_salesforce={"web": "Web"}))
    assert half.fit is Fit.TO_HUBSPOT
    assert "missing: Fair" in half.to_do.en


def test_owners_without_a_partner_are_counted_and_not_named() -> None:
    owners = {H: {"1": "a@x.jp", "2": "b@x.jp"}, S: {"005A": "a@x.jp", "005C": "c@x.jp"}}
    found = verdict(OWNER, USER, T.USER, owners=owners)
    assert found.gaps == (Gap(S, "2"), Gap(H, "005C"))
    assert "@" not in found.why.en + found.why.ja


_FIELDS = {f.name: f for f in load_mapping().person.fields}
_FITTING = {
    (H, "contacts"): {n: FieldSchema(n, n, "string", "text") for n in ("jobtitle", "company", "zip")},
    (S, "Lead"): {n: FieldSchema(n, n, "string", length=80) for n in ("Title", "Company", "PostalCode")},
    (S, "Contact"): {"Title": FieldSchema("Title", "Title", "string", length=80)},
    (S, "Account"): {"Name": FieldSchema("Name", "Name", "string", length=80)},
}


def _found(place: tuple[System, str], name: str, rule: Rule, changes: Mapping[str, object]) -> list[Pairing]:
    """Pairings of job title and company when one field of a CRM is otherwise."""
    schemas = {of: dict(fields) for of, fields in _FITTING.items()}
    schemas[place][name] = replace(schemas[place][name], **changes)  # type: ignore[arg-type]
    fields = (_FIELDS["job_title"].model_copy(update={"rule": rule}), _FIELDS["company"])
    return pairings(load_mapping().person.model_copy(update={"fields": fields}), schemas)


@pytest.mark.parametrize(
    ("place", "name", "rule", "changes", "misfits"),
    [
        ((H, "contacts"), "jobtitle", Rule.TWO_WAY, {"label": "another"}, []),
        (
            (H, "contacts"),
            "jobtitle",
            Rule.TWO_WAY,
            {"type": "number", "field_type": "number"},
            [("job_title", "Lead"), ("job_title", "Contact")],
        ),
        ((S, "Lead"), "Title", Rule.TWO_WAY, {"type": "picklist"}, [("job_title", "Lead")]),
        ((S, "Lead"), "Title", Rule.ALWAYS_SALESFORCE, {"type": "picklist"}, []),
        ((S, "Lead"), "Title", Rule.ALWAYS_HUBSPOT, {"type": "picklist"}, [("job_title", "Lead")]),
        ((S, "Lead"), "Title", Rule.DONT_SYNC, {"type": "double"}, []),
        ((S, "Account"), "Name", Rule.TWO_WAY, {"type": "picklist"}, []),  # a path is only read
        ((S, "Account"), "Name", Rule.TWO_WAY, {"type": "double"}, [("company", "Contact")]),
    ],
)
def test_a_rule_needs_its_direction(
    place: tuple[System, str],
    name: str,
    rule: Rule,
    changes: Mapping[str, object],
    misfits: list[tuple[str, str]],
) -> None:
    found = [one for one in _found(place, name, rule, changes) if not one.fits]
    assert [(one.field, one.salesforce.object) for one in found] == misfits
    assert all("holds" in one.problem.en and "互換性がありません" in one.problem.ja for one in found)


def test_a_rule_against_the_direction_is_told_the_allowed_ones_and_both_fields() -> None:
    (problem,) = [
        one.problem for one in _found((S, "Lead"), "Title", Rule.TWO_WAY, {"type": "picklist"}) if not one.fits
    ]
    for word in ("contacts.jobtitle", "Lead.Title", "always_salesforce, dont_sync", "two_way"):
        assert word in problem.en
        assert word.replace("always_salesforce, dont_sync", "always_salesforce") in problem.ja


def test_a_calculated_field_is_no_source_of_two_way() -> None:
    changes = {"calculated": True, "updateable": False}
    (lead,) = [one for one in _found((S, "Lead"), "Title", Rule.TWO_WAY, changes) if not one.fits]
    assert "is calculated" in lead.problem.en
    company = _FIELDS["company"].model_copy(update={"rule": Rule.TWO_WAY})
    schemas = {of: dict(fields) for of, fields in _FITTING.items()}
    schemas[S, "Account"]["Name"] = replace(schemas[S, "Account"]["Name"], calculated=True)
    found = pairings(load_mapping().person.model_copy(update={"fields": (company,)}), schemas)
    (path,) = [one for one in found if not one.fits]
    assert "cannot be a source of two_way" in path.problem.en
    assert "always_salesforce" in path.problem.en


def test_a_group_has_a_row_for_each_part_and_gaps_only_where_its_rule_writes() -> None:
    address = _FIELDS["address"]
    found = pairings(load_mapping().person.model_copy(update={"fields": (address,)}), _FITTING)
    assert len(found) == 2 * len(address.parts)
    assert {one.part for one in found} == {part.name for part in address.parts}
    assert [one.part for one in found if one.fits] == ["postal_code"]
    assert all("cannot be seen" in one.problem.en for one in found if not one.fits)


def test_gaps_of_a_direction_that_the_rule_does_not_write_are_none() -> None:
    source = _FIELDS["lead_source"].model_copy(update={"rule": Rule.ALWAYS_SALESFORCE})
    schemas = {
        (H, "contacts"): {"lead_source": replace(hub("enumeration", "select", "a", "b"), name="lead_source")},
        (S, "Lead"): {"LeadSource": sales("picklist", 255, "a", "c")},
        (S, "Contact"): {"LeadSource": sales("picklist", 255, "a", "c")},
    }
    found = pairings(load_mapping().person.model_copy(update={"fields": (source,)}), schemas)
    assert [one.verdict.gaps for one in found] == [(Gap(H, "c"),)] * 2
