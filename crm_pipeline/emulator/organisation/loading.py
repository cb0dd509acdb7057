"""Putting an organisation into the two emulated CRMs, as its users would have over the years.

Belongs here: users, records at their own times, edits, associations. Not here: custom fields (portal.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.model import (
    ACCOUNT,
    ACTIVITIES,
    CASE,
    COMPANIES,
    CONTACT,
    CONTACTS,
    DEALS,
    EVENT,
    LEAD,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    TASK,
    TICKETS,
    Fields,
    Organisation,
    Place,
    Record,
    Ref,
)
from crm_pipeline.emulator.salesforce import SalesforceStore
from crm_pipeline.model import System

#: Records after those that they refer to: people after companies, deals of HubSpot after those of Salesforce.
_ORDER = (
    *(COMPANIES, CONTACTS, ACCOUNT, CONTACT, LEAD),
    *(OPPORTUNITY, OPPORTUNITY_CONTACT_ROLE, CASE, TASK, EVENT),
    *(DEALS, TICKETS, *ACTIVITIES),
)


def load(
    organisation: Organisation, hubspot: HubSpotStore, salesforce: SalesforceStore
) -> dict[tuple[System, str, int], str]:
    """Create all owners and records; gives the record id for (system, object, index), as in `Organisation.truth`.

    Every record is created and edited with the clock at its own times; afterwards both clocks run in real time. Owners
    whose e-mail is known already are not created again; those who left are deactivated at the end.
    """
    loader = _Loader(organisation, hubspot, salesforce)
    for place in _ORDER:
        loader.add_records(place)
    for link in organisation.associations:
        (_, one), (_, other) = link.one.place, link.other.place
        hubspot.associate(one, loader.id_of(link.one), other, loader.id_of(link.other), link.type_id)
    loader.part_with_owners()
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

    def id_of(self, ref: Ref) -> str:
        return self.ids[*ref.place, ref.index]

    def part_with_owners(self) -> None:
        """Deactivate who left."""
        for owner in self._organisation.owners:
            if owner.left:
                self._hubspot.archive_owner(self._hubspot_owners[owner.e_mail])
                self._salesforce.update("User", self._salesforce_users[owner.e_mail], {"IsActive": False})

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
        filled = {name: str(value) for name, value in self._filled(fields)}
        if "hubspot_owner_id" in filled:
            filled["hubspot_owner_id"] = self._hubspot_owners[filled["hubspot_owner_id"]]
        return filled

    def _in_salesforce(self, fields: Fields) -> dict[str, str | int | float]:
        """Values as Salesforce takes them, without blanks; the owner by id."""
        filled = dict(self._filled(fields))
        if "OwnerId" in filled:
            filled["OwnerId"] = self._salesforce_users[str(filled["OwnerId"])]
        return filled

    def _filled(self, fields: Fields) -> Iterator[tuple[str, str | int | float]]:
        """The fields that have a value, other records by id."""
        for name, value in fields.items():
            if isinstance(value, Ref):
                yield name, self.id_of(value)
            elif value is not None:
                yield name, value
