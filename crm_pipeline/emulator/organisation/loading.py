"""Putting an organisation into the two emulated CRMs, as its users would have over the years.

Belongs here: users, records at their own times, edits, associations. Not here: custom fields (portal.py).
"""

from __future__ import annotations

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.model import (
    ACCOUNT,
    COMPANIES,
    CONTACT,
    CONTACTS,
    LEAD,
    Fields,
    Organisation,
    Place,
    Record,
)
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import System

#: HubSpot's association type "contact to primary company".
_PRIMARY_COMPANY = 1
#: Companies before the people who refer to them.
_ORDER = (COMPANIES, CONTACTS, ACCOUNT, CONTACT, LEAD)


def load(
    organisation: Organisation, hubspot: HubSpotStore, salesforce: SalesforceStore
) -> dict[tuple[System, str, int], str]:
    """Create all owners and records; gives the record id for (system, object, index), as in `Organisation.truth`.

    Every record is created and edited with the clock at its own times; afterwards both clocks run in real time. Owners
    whose e-mail is known already are not created again.
    """
    loader = _Loader(organisation, hubspot, salesforce)
    for place in _ORDER:
        loader.add_records(place)
    for contact, company in organisation.primary_companies:
        hubspot.associate(
            "contacts", loader.ids[*CONTACTS, contact], "companies", loader.ids[*COMPANIES, company], _PRIMARY_COMPANY
        )
    hubspot.clock.set(None)
    salesforce.clock.set(None)
    return loader.ids


class _Loader:
    """One load under way: the ids given so far."""

    def __init__(self, organisation: Organisation, hubspot: HubSpotStore, salesforce: SalesforceStore) -> None:
        self.ids: dict[tuple[System, str, int], str] = {}
        self._organisation, self._hubspot, self._salesforce = organisation, hubspot, salesforce
        self._add_owners()

    def add_records(self, place: Place) -> None:
        """Create the records of one object in the order of their creation, each with its later edit."""
        rows = self._organisation.records.get(place, [])
        for index in sorted(range(len(rows)), key=lambda index: rows[index].created_at):
            self.ids[*place, index] = self._add_record(place, rows[index])

    def _add_owners(self) -> None:
        self._hubspot_owners = {str(o["email"]): owner_id for owner_id, o in self._hubspot.owners.items()}
        self._salesforce_users = {
            str(self._salesforce.read("User", user_id)["Email"]): user_id for user_id in self._salesforce.ids("User")
        }
        for owner in self._organisation.owners:
            if System.HUBSPOT in owner.systems and owner.e_mail not in self._hubspot_owners:
                owner_id = self._hubspot.add_owner(owner.e_mail, owner.given_name, owner.family_name)
                self._hubspot_owners[owner.e_mail] = owner_id
            if System.SALESFORCE in owner.systems and owner.e_mail not in self._salesforce_users:
                user_id = self._salesforce.add_user(owner.e_mail, f"{owner.family_name} {owner.given_name}")
                self._salesforce_users[owner.e_mail] = user_id

    def _add_record(self, place: Place, record: Record) -> str:
        system, object_ = place
        at_first = {**record.fields, **record.before}
        edited = {name: record.fields[name] for name in record.before}
        record_id: str
        if system is System.HUBSPOT:
            self._hubspot.clock.set(record.created_at)
            record_id = self._hubspot.create(object_, self._in_hubspot(at_first))
            if edited:
                self._hubspot.clock.set(record.modified_at)
                self._hubspot.update(object_, record_id, self._in_hubspot(edited))
            return record_id
        self._salesforce.clock.set(record.created_at)
        record_id = self._salesforce.create(object_, self._in_salesforce(at_first))
        if edited:
            self._salesforce.clock.set(record.modified_at)
            self._salesforce.update(object_, record_id, self._in_salesforce(edited))
        return record_id

    def _in_hubspot(self, fields: Fields) -> dict[str, str]:
        """Texts as HubSpot takes them, without blanks (nothing here clears a value); the owner by id."""
        filled = {name: str(value) for name, value in fields.items() if value is not None}
        if "hubspot_owner_id" in filled:
            filled["hubspot_owner_id"] = self._hubspot_owners[filled["hubspot_owner_id"]]
        return filled

    def _in_salesforce(self, fields: Fields) -> dict[str, str | int]:
        """Values as Salesforce takes them, without blanks; owner and account by id."""
        filled = {name: value for name, value in fields.items() if value is not None}
        if "OwnerId" in filled:
            filled["OwnerId"] = self._salesforce_users[str(filled["OwnerId"])]
        if "AccountId" in filled:
            filled["AccountId"] = self.ids[*ACCOUNT, int(filled["AccountId"])]
        return filled
