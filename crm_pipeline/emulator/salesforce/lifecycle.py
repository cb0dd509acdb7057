"""What happens to whole records: recycle bin, merge.

Belongs here: operations that touch several records at once. Not here: their HTTP form; only delete
has one in the REST API, the others are done by people in the CRM.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crm_pipeline.emulator.salesforce.errors import ApiError
from crm_pipeline.emulator.salesforce.field_history import HISTORIES
from crm_pipeline.emulator.salesforce.rows import Deletion, Row

if TYPE_CHECKING:
    from crm_pipeline.emulator.salesforce.store import SalesforceStore

_GONE, _BACK = {"IsDeleted": True}, {"IsDeleted": False}


def delete(store: "SalesforceStore", object_: str, record_id: str, user_id: str) -> None:
    """Move a record, and the children that go with it, into the recycle bin.

    Raises ApiError DELETE_FAILED when cases or won opportunities hold it back.
    """
    row = store.live_row(object_, record_id)
    _delete_children(store, object_, row, row.id, user_id)
    store.replace(object_, store.live_row(object_, row.id), _GONE, user_id, Deletion(store.now_text()))


def _delete_children(store: "SalesforceStore", object_: str, row: Row, root_id: str, user_id: str) -> None:
    _check_deletable(store, object_, row)
    for sobject, field, child in list(store.rows.referring(row.id)):
        if store.rows.tables[sobject.name].deletions.get(child.id) is not None:
            continue
        current = store.live_row(sobject.name, child.id)
        if _relation(store, object_, sobject.name, field.name, "cascadeDelete"):
            _delete_children(store, sobject.name, current, root_id, user_id)
            gone = Deletion(store.now_text(), along_with=root_id)
            store.replace(sobject.name, store.live_row(sobject.name, child.id), _GONE, user_id, gone)
        elif field.nillable and field.updateable:
            store.rows.put(sobject.name, current.changed({field.name: None}))


def _check_deletable(store: "SalesforceStore", object_: str, row: Row) -> None:
    for sobject, field, child in store.rows.referring(row.id):
        if _relation(store, object_, sobject.name, field.name, "restrictedDelete"):
            which, known = (
                f"the following {sobject.described['labelPlural'].lower()}",
                child.get("CaseNumber", child.id),
            )
            raise _delete_failed(row, f"it is associated with {which}.: {known}")
        if object_ == "Account" and sobject.name == "Opportunity" and child["IsWon"]:
            raise _delete_failed(row, f"some opportunities in this account were closed won.: {child['Name']}")


def _delete_failed(row: Row, why: str) -> ApiError:
    message = f"Your attempt to delete {row['Name']} could not be completed because {why}\n"
    return ApiError("DELETE_FAILED", message, [])


def undelete(store: "SalesforceStore", object_: str, record_id: str, user_id: str) -> None:
    """Take a record, and the children deleted with it, out of the recycle bin."""
    row = store.rows.get(object_, record_id)
    if row is None or not row.get("IsDeleted") or row.get("MasterRecordId"):
        raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", [])
    store.replace(object_, row, _BACK, user_id)
    for name, table in store.rows.tables.items():
        for child_id in [i for i, deletion in table.deletions.items() if deletion.along_with == row.id]:
            store.replace(name, table[child_id], _BACK, user_id)


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
    for owner, field, child in list(store.rows.referring(loser.id)):
        if owner.name == HISTORIES.get(sobject.name, ("",))[0]:
            continue
        moved = {field.name: winner.id if child.id != winner.id else None}
        current = store.live_row(owner.name, child.id)
        if field.updateable or field.name.startswith("Converted") or owner.name == "OpportunityContactRole":
            store.replace(owner.name, current, moved, user_id)
        else:
            store.rows.put(owner.name, current.changed(moved | {"SystemModstamp": store.now_text()}))
    gone = {**_GONE, "MasterRecordId": winner.id}
    store.replace(sobject.name, store.live_row(sobject.name, loser.id), gone, user_id, Deletion(store.now_text()))
    store.update(sobject.name, winner["Id"], fields, user_id=user_id)


def _relation(store: "SalesforceStore", parent: str, child: str, field: str, rule: str) -> bool:
    """What describe says of the relation of a child: whether the rule (cascadeDelete, restrictedDelete) holds."""
    return any(
        relation["childSObject"] == child and relation["field"] == field and relation[rule]
        for relation in store.schema.objects[parent].children
    )
