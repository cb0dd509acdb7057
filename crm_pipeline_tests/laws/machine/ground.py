"""The mapping of the machine: one text field a rule, a group of two parts, in both CRMs under the same plain names.

Belongs here: what a field is called where, and canonical equality as the tests see it. Not here: values.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.model import System
from crm_pipeline_tests.narrow import people_and_companies

H, S = System.HUBSPOT, System.SALESFORCE
CONTACTS, LEAD, CONTACT = "contacts", "Lead", "Contact"
US = "us"
TIGHT = "STOP"
KEYS = {H: "crm_pipeline_key", S: "CRM_Pipeline_Key__c"}

#: Mapped field -> (rule, its parts).
FIELDS = {
    "two": ("two_way", ("two",)),
    "pair": ("two_way", ("one_half", "other_half")),
    "sf": ("prefer_salesforce", ("sf",)),
    "hs": ("prefer_hubspot", ("hs",)),
    "master": ("always_salesforce", ("master",)),
    "asked": ("ask", ("asked",)),
    "tight": ("ratchet", ("tight",)),
}
#: Part -> mapped field.
FIELD_OF = {part: field for field, (_, parts) in FIELDS.items() for part in parts}


def crm_name(system: System, part: str) -> str:
    """The name of a part in a CRM."""
    return f"law_{part}" if system is H else f"Law_{part.title()}__c"


#: (system, CRM name) -> part.
PART_OF = {(system, crm_name(system, part)): part for system in System for part in FIELD_OF}


def k(value: object) -> str:
    """The value as the laws compare it."""
    return unicodedata.normalize("NFC", str(value)).strip() if value is not None else ""


@cache
def settings(edit_vs_clear: str = "edit_wins", *, jobs: bool = False) -> Settings:
    """The product's settings with the machine's fields for people; nothing else is read or written. `jobs`: more than a
    canary goes by a bulk job."""
    default = people_and_companies(load_settings())
    person = default.mapping.person
    kept = tuple(f for f in person.fields if f.name in ("name", "company"))
    fields = tuple(_mapped(name, rule, parts) for name, (rule, parts) in FIELDS.items())
    person = person.model_copy(update={"fields": kept + fields, "identity": ()})
    mapping = default.mapping.model_copy(update={"person": person, "read": {}})
    sync = default.sync.model_copy(update={"edit_vs_clear": edit_vs_clear})
    salesforce = default.salesforce.model_copy(update={"bulk_from": 6} if jobs else {})
    return default.model_copy(update={"mapping": mapping, "sync": sync, "salesforce": salesforce})


def _mapped(name: str, rule: str, parts: tuple[str, ...]) -> FieldMapping:
    def lines(part: str) -> dict[str, str]:
        return {"hubspot": crm_name(H, part), LEAD: crm_name(S, part), CONTACT: crm_name(S, part)}

    told: dict[str, object] = {"name": name, "label": {"en": name, "ja": name}, "rule": rule}
    told |= lines(parts[0]) if len(parts) == 1 else {"parts": {part: lines(part) for part in parts}}
    if rule == "ratchet":
        told["tight"] = [TIGHT]
    return FieldMapping.model_validate(told)
