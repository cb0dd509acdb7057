"""The table of spec objects-and-fields.md: which types fit, and in which direction."""

from dataclasses import replace

import pytest

from crm_pipeline.config import load_mapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.fit.compatibility import incompatible
from crm_pipeline.plan.fit.types import shape, writable

_BOTH, _NEITHER, _TO_HUBSPOT = set(System), set(), {System.HUBSPOT}


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "allowed"),
    [
        (("enumeration", "select"), ("picklist", 255), _BOTH),
        (("enumeration", "radio"), ("picklist", 255), _BOTH),
        (("string", "text"), ("picklist", 255), _TO_HUBSPOT),
        (("enumeration", "checkbox"), ("multipicklist", 4099), _BOTH),
        (("string", "text"), ("multipicklist", 4099), _TO_HUBSPOT),
        (("enumeration", "select"), ("multipicklist", 4099), _NEITHER),
        (("enumeration", "booleancheckbox"), ("boolean", 0), _BOTH),
        (("bool", "booleancheckbox"), ("boolean", 0), _BOTH),
        (("string", "text"), ("boolean", 0), _NEITHER),
        (("number", "number"), ("double", 0), _BOTH),
        (("number", "number"), ("int", 0), _BOTH),
        (("number", "number"), ("currency", 0), _BOTH),
        (("number", "number"), ("percent", 0), _BOTH),
        (("number", "number"), ("string", 80), _NEITHER),
        (("string", "text"), ("double", 0), _NEITHER),
        (("string", "text"), ("string", 80), _BOTH),
        (("string", "phonenumber"), ("phone", 40), _BOTH),
        (("string", "text"), ("email", 80), _BOTH),
        (("string", "text"), ("url", 255), _BOTH),
        (("string", "text"), ("textarea", 255), _BOTH),
        (("string", "text"), ("textarea", 32_000), _BOTH),
        (("string", "textarea"), ("textarea", 32_000), _BOTH),
        (("string", "textarea"), ("textarea", 255), _TO_HUBSPOT),
        (("string", "textarea"), ("string", 80), _TO_HUBSPOT),
        (("date", "date"), ("date", 0), _BOTH),
        (("date", "date"), ("datetime", 0), _TO_HUBSPOT),
        (("datetime", "date"), ("datetime", 0), _BOTH),
        (("datetime", "date"), ("date", 0), _TO_HUBSPOT),
        (("string", "text"), ("reference", 18), _TO_HUBSPOT),
        (("string", "text"), ("address", 0), _NEITHER),
        (("object_coordinates", "text"), ("location", 0), _NEITHER),
    ],
)
def test_types_fit_as_the_table_says(hubspot, salesforce, allowed):
    left = shape(System.HUBSPOT, FieldSchema("x", "X", *hubspot))
    right = shape(System.SALESFORCE, FieldSchema("y", "Y", salesforce[0], length=salesforce[1]))
    assert writable(left, right, value_map=False) == allowed


def test_an_owner_fits_a_user():
    owner = FieldSchema("o", "O", "enumeration", "select", references="OWNER")
    user = FieldSchema("OwnerId", "O", "reference", references="User")
    shapes = shape(System.HUBSPOT, owner), shape(System.SALESFORCE, user)
    assert writable(*shapes, value_map=False) == _BOTH


def test_a_value_map_makes_a_text_as_good_as_an_option():
    text, option = FieldSchema("x", "X", "string", "text"), FieldSchema("y", "Y", "picklist")
    shapes = shape(System.HUBSPOT, text), shape(System.SALESFORCE, option)
    assert writable(*shapes, value_map=True) == _BOTH


_MAPPING = load_mapping().person.model_copy(
    update={"fields": (load_mapping().person.field("job_title"), load_mapping().person.field("company"))}
)
_FITTING = {
    (System.HUBSPOT, "contacts"): {n: FieldSchema(n, n, "string", "text") for n in ("jobtitle", "company")},
    (System.SALESFORCE, "Lead"): {n: FieldSchema(n, n, "string", length=80) for n in ("Title", "Company")},
    (System.SALESFORCE, "Contact"): {"Title": FieldSchema("Title", "Title", "string", length=80)},
    (System.SALESFORCE, "Account"): {"Name": FieldSchema("Name", "Name", "string", length=80)},
}


def _misfits(place, name, rule=Rule.TWO_WAY, **changes):
    """(field, object) of what does not fit when one field of a CRM is otherwise."""
    schemas = {of: dict(fields) for of, fields in _FITTING.items()}
    schemas[place][name] = replace(schemas[place][name], **changes)
    fields = tuple(f.model_copy(update={"rule": rule}) if f.name == "job_title" else f for f in _MAPPING.fields)
    found = incompatible(_MAPPING.model_copy(update={"fields": fields}), schemas)
    assert all("holds" in one.why for one in found)
    return [(one.field, one.object) for one in found]


@pytest.mark.parametrize(
    ("place", "name", "rule", "changes", "misfits"),
    [
        ((System.HUBSPOT, "contacts"), "jobtitle", Rule.TWO_WAY, {"label": "another"}, []),
        (
            (System.HUBSPOT, "contacts"),
            "jobtitle",
            Rule.TWO_WAY,
            {"type": "number", "field_type": "number"},
            [("job_title", "Lead"), ("job_title", "Contact")],
        ),
        ((System.SALESFORCE, "Lead"), "Title", Rule.TWO_WAY, {"type": "picklist"}, [("job_title", "Lead")]),
        ((System.SALESFORCE, "Lead"), "Title", Rule.ALWAYS_SALESFORCE, {"type": "picklist"}, []),
        ((System.SALESFORCE, "Lead"), "Title", Rule.ALWAYS_HUBSPOT, {"type": "picklist"}, [("job_title", "Lead")]),
        ((System.SALESFORCE, "Lead"), "Title", Rule.DONT_SYNC, {"type": "double"}, []),
        ((System.SALESFORCE, "Account"), "Name", Rule.TWO_WAY, {"type": "picklist"}, []),  # a path is only read
        ((System.SALESFORCE, "Account"), "Name", Rule.TWO_WAY, {"type": "double"}, [("company", "Contact")]),
    ],
)
def test_a_rule_needs_its_direction(place, name, rule, changes, misfits):
    assert _misfits(place, name, rule, **changes) == misfits
