"""The fields and picklist values that both CRMs of a demo organisation need beyond the standard ones.

Belongs here: what an administrator would click together before the first record. Not here: records, owners.
"""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.emulator.salesforce.schema import Field

INDUSTRIES = (
    "製造業",
    "建設業",
    "情報通信業",
    "卸売業",
    "小売業",
    "金融業",
    "不動産業",
    "運輸業",
    "医療・福祉",
    "教育",
    "サービス業",
)
#: The id of the stage of `set_up_business`: the first that a portal gives.
ON_HOLD = "1000001"
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Trade Show", "Other")


def set_up(hubspot: HubSpotStore, salesforce: SalesforceStore) -> None:
    """Make the custom fields in two new CRMs and set the picklist values."""
    set_up_hubspot(hubspot)
    set_up_salesforce(salesforce)


def set_up_hubspot(hubspot: HubSpotStore) -> None:
    """Make the custom properties of a new portal."""
    for object_, definition in _PROPERTIES:
        hubspot.definitions[object_].pop(definition["name"], None)  # the portal's industry is in Japanese
        hubspot.define_property(object_, definition)


def set_up_salesforce(salesforce: SalesforceStore) -> None:
    """Make the custom fields of a new organisation and set its picklist values."""
    for object_, field in _FIELDS:
        salesforce.define_field(object_, field)
    offer_picklist_values(salesforce)


def set_up_business(hubspot: HubSpotStore) -> None:
    """Make what `with_business` needs in a new portal: the properties that HubSpot's own connector to Salesforce left,
    and a stage of deals that Salesforce does not have."""
    for object_, name, label in _LEFT_BY_THE_CONNECTOR:
        hubspot.define_property(object_, {"name": name, "label": label, "type": "string", "fieldType": "text"})
    stage = {"label": "保留（社内調整中）", "displayOrder": 7, "metadata": {"isClosed": "false", "probability": "0.3"}}
    pipeline = hubspot.pipelines.find("deals", "default")
    hubspot.pipelines.create_stage("deals", pipeline, stage, hubspot.now())
    hubspot.schema.refresh_stages("deals", hubspot.now())


def offer_picklist_values(salesforce: SalesforceStore) -> None:
    """Set the values of Salesforce's standard picklists; needed again after an organisation was loaded from a file."""
    for object_, name, values in _PICKLISTS:
        sobject = salesforce.schema.objects[object_]
        choices = [
            {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}
            for value in values
        ]
        sobject.add(Field({**sobject.fields[name].described, "picklistValues": choices}))


def _dropdown(name: str, label: str, values: tuple[str, ...]) -> dict[str, Any]:
    options = [{"label": value, "value": value} for value in values]
    return {"name": name, "label": label, "type": "enumeration", "fieldType": "select", "options": options}


def _key_field(object_: str) -> tuple[str, dict[str, Any]]:
    return object_, {
        "name": "crm_pipeline_key",
        "label": "crm-pipeline key",
        "type": "string",
        "fieldType": "text",
        "hasUniqueValue": True,
    }


_PROPERTIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("contacts", _dropdown("industry", "業種", INDUSTRIES)),
    ("contacts", {"name": "birth_date", "label": "生年月日", "type": "date", "fieldType": "date"}),
    ("contacts", _dropdown("lead_source", "リードソース", LEAD_SOURCES)),
    ("companies", _dropdown("industry", "業種", INDUSTRIES)),
    *(
        _key_field(object_)
        for object_ in ("contacts", "companies", "deals", "tickets", "tasks", "calls", "emails", "meetings")
    ),
)
_LEFT_BY_THE_CONNECTOR = (
    ("deals", "hs_salesforceopportunityid", "Salesforce Opportunity ID"),
    ("tickets", "salesforcecaseid", "Salesforce Case ID"),
)
_KEY = {"name": "CRM_Pipeline_Key__c", "type": "string", "length": 80, "externalId": True, "unique": True}
_FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Lead", {"name": "Birthdate__c", "label": "生年月日", "type": "date"}),
    ("Lead", {"name": "Legacy_No__c", "label": "旧番号", "type": "string", "length": 20}),
    *((object_, _KEY) for object_ in ("Lead", "Contact", "Account", "Opportunity", "Case", "Task", "Event")),
)
_PICKLISTS = (
    ("Lead", "Industry", INDUSTRIES),
    ("Account", "Industry", INDUSTRIES),
    ("Lead", "LeadSource", LEAD_SOURCES),
    ("Contact", "LeadSource", LEAD_SOURCES),
)
