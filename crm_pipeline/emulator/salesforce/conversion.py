"""Lead conversion: a lead becomes a contact of an account, and an opportunity if wanted.

Belongs here: which values go where, and what becomes of the lead's activities. Not here: merges and deletions
(lifecycle.py). Source: Salesforce Help, "Considerations for Converting Leads"; the lead's activities go with the
contact, and belong to the opportunity if there is one.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Row
from crm_pipeline.emulator.salesforce.standard_values import CONVERTED_LEAD

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

_LEAD_TO_CONTACT = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Salutation": "Salutation",
    "Title": "Title",
    "Email": "Email",
    "Phone": "Phone",
    "MobilePhone": "MobilePhone",
    "Fax": "Fax",
    "LeadSource": "LeadSource",
    "Description": "Description",
    "OwnerId": "OwnerId",
    "Street": "MailingStreet",
    "City": "MailingCity",
    "State": "MailingState",
    "PostalCode": "MailingPostalCode",
    "Country": "MailingCountry",
}
_LEAD_TO_ACCOUNT = {
    "Company": "Name",
    "Phone": "Phone",
    "Fax": "Fax",
    "Website": "Website",
    "Industry": "Industry",
    "AnnualRevenue": "AnnualRevenue",
    "NumberOfEmployees": "NumberOfEmployees",
    "Rating": "Rating",
    "OwnerId": "OwnerId",
    "Street": "BillingStreet",
    "City": "BillingCity",
    "State": "BillingState",
    "PostalCode": "BillingPostalCode",
    "Country": "BillingCountry",
}


def convert_lead(
    store: "SalesforceStore",
    lead_id: str,
    account_id: str | None,
    contact_id: str | None,
    user_id: str,
    opportunity: str | None = None,
) -> tuple[str, str]:
    """Convert a lead into a contact of an account; both are created unless they are given.

    Custom fields of the same name are carried over, as a usual lead field mapping does. An existing
    account or contact only gets values where it had none. `opportunity` is the name of one to create, with the contact
    as its primary one. Returns the account's and contact's id.
    """
    lead = store.live_row("Lead", lead_id)
    if lead["IsConverted"]:
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
    account_id = _carry_over(store, lead, "Account", _LEAD_TO_ACCOUNT, account_id, {}, user_id)
    parent = {"AccountId": account_id}
    contact_id = _carry_over(store, lead, "Contact", _LEAD_TO_CONTACT, contact_id, parent, user_id)
    today = store.clock.now().astimezone(store.zone).date()
    deal = None
    if opportunity is not None:
        deal = _new_opportunity(store, lead, opportunity, account_id, contact_id, today, user_id)
    _move_activities(store, lead, contact_id, deal, user_id)
    converted = {
        "IsConverted": True,
        "Status": CONVERTED_LEAD,
        "ConvertedDate": today.isoformat(),
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": deal,
    }
    store.replace("Lead", store.live_row("Lead", lead.id), converted, user_id)
    return account_id, contact_id


def _new_opportunity(
    store: "SalesforceStore",
    lead: Row,
    name: str,
    account_id: str,
    contact_id: str,
    today: date,
    user_id: str,
) -> str:
    """It is in the first stage, and to be closed by the end of the quarter."""
    first_month = (today.month - 1) // 3 * 3 + 4
    next_quarter = date(today.year + first_month // 13, (first_month - 1) % 12 + 1, 1)
    values = {
        "Name": name,
        "AccountId": account_id,
        "ContactId": contact_id,
        "StageName": "Prospecting",
        "CloseDate": (next_quarter - timedelta(days=1)).isoformat(),
        "LeadSource": lead["LeadSource"],
        "OwnerId": lead["OwnerId"],
    }
    return store.create("Opportunity", values, user_id=user_id)


def _move_activities(store: "SalesforceStore", lead: Row, contact_id: str, deal: str | None, user_id: str) -> None:
    for sobject, field, activity in list(store.rows.referring(lead.id)):
        if field.name == "WhoId":
            moved = {"WhoId": contact_id} | ({"WhatId": deal} if deal is not None else {})
            store.replace(sobject.name, activity, moved, user_id)


def _carry_over(
    store: "SalesforceStore",
    lead: Row,
    target: str,
    mapping: Mapping[str, str],
    target_id: str | None,
    extra: dict[str, str],
    user_id: str,
) -> str:
    custom = {name: name for name in lead if name.endswith("__c")}
    known = store.schema.objects[target].fields
    values = {
        to: lead[name] for name, to in {**mapping, **custom}.items() if to in known and lead[name] is not None
    } | extra
    if target_id is None:
        return store.create(target, values, user_id=user_id)
    existing = store.live_row(target, target_id)
    blanks = {name: value for name, value in values.items() if existing[name] is None}
    store.update(target, target_id, blanks, user_id=user_id)
    return str(existing["Id"])
