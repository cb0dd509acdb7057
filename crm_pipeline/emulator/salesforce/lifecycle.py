"""What happens to whole records: recycle bin, merge, lead conversion.

Belongs here: operations that touch several records at once. Not here: their HTTP form; only delete
has one in the REST API, the others are done by people in the CRM.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.rows import Deletion, Row

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
_CONVERTED_STATUS = "Closed - Converted"
_GONE, _BACK = {"IsDeleted": True}, {"IsDeleted": False}


def delete(store: "SalesforceStore", object_: str, record_id: str, user_id: str) -> None:
    """Move a record, and the children that go with it, into the recycle bin."""
    row = store.live_row(object_, record_id)
    for sobject, field, child in list(store.rows.referring(row["Id"])):
        if _cascades(store, object_, sobject.name, field.name):
            store.replace(sobject.name, child, _GONE, user_id, Deletion(store.now_text(), along_with=row.id))
        elif field.nillable and field.updateable:
            store.rows.put(sobject.name, child.changed({field.name: None}))
    store.replace(object_, row, _GONE, user_id, Deletion(store.now_text()))


def undelete(store: "SalesforceStore", object_: str, record_id: str, user_id: str) -> None:
    """Take a record, and the children deleted with it, out of the recycle bin."""
    row = store.rows.get(object_, record_id)
    if row is None or not row["IsDeleted"] or row["MasterRecordId"]:
        raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", [])
    for name, table in store.rows.tables.items():
        for child_id in [i for i, deletion in table.deletions.items() if deletion.along_with == row.id]:
            store.replace(name, table[child_id], _BACK, user_id)
    store.replace(object_, row, _BACK, user_id)


def merge(
    store: "SalesforceStore",
    winner_id: str,
    loser_id: str,
    fields: Mapping[str, Any],
    user_id: str,
) -> None:
    """Merge two records of one object: what referred to the loser refers to the winner.

    The winner keeps its own values but for `fields`; the loser goes into the recycle bin with
    MasterRecordId set.
    """
    sobject = store.object_of(winner_id)
    if not sobject.described["mergeable"] or sobject is not store.object_of(loser_id):
        raise ApiError("INVALID_OPERATION", "Only two records of one mergeable object can be merged")
    winner = store.live_row(sobject.name, winner_id)
    loser = store.live_row(sobject.name, loser_id)
    if winner["Id"] == loser["Id"]:
        raise ApiError("INVALID_OPERATION", "A record cannot be merged with itself")
    for owner, field, child in list(store.rows.referring(loser["Id"])):
        store.replace(owner.name, child, {field.name: winner["Id"]}, user_id)
    gone = {**_GONE, "MasterRecordId": winner.id}
    store.replace(sobject.name, store.live_row(sobject.name, loser.id), gone, user_id, Deletion(store.now_text()))
    store.update(sobject.name, winner["Id"], fields, user_id=user_id)


def convert_lead(
    store: "SalesforceStore",
    lead_id: str,
    account_id: str | None,
    contact_id: str | None,
    user_id: str,
) -> tuple[str, str]:
    """Convert a lead into a contact of an account; both are created unless they are given.

    Custom fields of the same name are carried over, as a usual lead field mapping does. An existing
    account or contact only gets values where it had none. Returns the account's and contact's id.
    """
    lead = store.live_row("Lead", lead_id)
    if lead["IsConverted"]:
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
    account_id = _carry_over(store, lead, "Account", _LEAD_TO_ACCOUNT, account_id, {}, user_id)
    parent = {"AccountId": account_id}
    contact_id = _carry_over(store, lead, "Contact", _LEAD_TO_CONTACT, contact_id, parent, user_id)
    converted = {
        "IsConverted": True,
        "Status": _CONVERTED_STATUS,
        "ConvertedDate": store.clock.now().astimezone(store.zone).date().isoformat(),
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
    }
    store.replace("Lead", lead, converted, user_id)
    return account_id, contact_id


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


def _cascades(store: "SalesforceStore", parent: str, child: str, field: str) -> bool:
    return any(
        relation["childSObject"] == child and relation["field"] == field
        for relation in store.schema.objects[parent].children
        if relation["cascadeDelete"]
    )
