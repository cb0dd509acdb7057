"""Tickets of HubSpot and cases of Salesforce, some of them both of one question.

Belongs here: their fields. Not here: whose they are (customers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from crm_pipeline.emulator.organisation.business.customers import Person
from crm_pipeline.emulator.organisation.business.deals import Made
from crm_pipeline.emulator.organisation.business.draft import Draft
from crm_pipeline.emulator.organisation.business.words import TICKET_STAGES, TICKET_TYPES, phrase
from crm_pipeline.emulator.organisation.model import CASE, TICKETS, Fields, Ref
from crm_pipeline.model import System

_HUBSPOT_ONLY, _SALESFORCE_ONLY, _IN_BOTH, _OF_BUYERS = 60, 50, 20, 3
_TO_CONTACT, _TO_COMPANY = TICKET_TYPES
_STATUS = {"1": "New", "2": "Working", "3": "Working", "4": "Closed"}
_PRIORITIES = {"LOW": "Low", "MEDIUM": "Medium", "HIGH": "High"}


def add_tickets(draft: Draft, deals: Sequence[Made], size: float) -> None:
    """Tickets in HubSpot, in Salesforce, and in both; and, at any size, of some who are about to buy: `deals` of
    HubSpot."""
    customers = draft.customers
    for _ in range(round(_HUBSPOT_ONLY * size)):
        _Question(draft, draft.random.choice(customers.contacts)).in_hubspot(System.HUBSPOT)
    for _ in range(round(_SALESFORCE_ONLY * size)):
        _Question(draft, draft.random.choice(customers.contacts_of_accounts)).in_salesforce(System.SALESFORCE)
    for _ in range(round(_IN_BOTH * size)):
        question = _Question(draft, draft.random.choice(customers.known_to_both))
        question.in_hubspot(*System, case=question.in_salesforce(*System))
    buyers = {person for deal in deals if deal.open for person in deal.people}
    asking = (person for person in customers.contacts if person.contact in buyers)
    for person in islice(asking, _OF_BUYERS):
        _Question(draft, person, stage="2").in_hubspot(System.HUBSPOT)


class _Question:
    """What a customer asks, and how far it is."""

    def __init__(self, draft: Draft, person: Person, stage: str | None = None) -> None:
        self._draft, self._person = draft, person
        self._subject = phrase(draft.random, "ticket", person.name)
        self._asked: datetime = draft.later(person.since)
        self._moved = draft.later(self._asked, 0.1)
        self._stage, self._priority = stage or TICKET_STAGES.draw(draft.random), draft.random.choice(tuple(_PRIORITIES))

    def in_hubspot(self, *systems: System, case: Ref | None = None) -> Ref:
        fields: Fields = {
            "subject": self._subject,
            "content": self._subject,
            "hs_pipeline": "0",
            "hs_pipeline_stage": self._stage,
            "hs_ticket_priority": self._priority,
            "source_type": self._draft.random.choice(("EMAIL", "PHONE", "FORM")),
            "hubspot_owner_id": self._draft.owner(self._asked, *systems),
            "salesforcecaseid": case,
        }
        record = self._draft.add(TICKETS, fields, self._asked, {"hs_pipeline_stage": "1"}, self._moved)
        self._draft.relate(record, (self._person.contact,), _TO_CONTACT)
        self._draft.relate(record, (self._person.company,), _TO_COMPANY)
        return record

    def in_salesforce(self, *systems: System) -> Ref:
        fields: Fields = {
            "Subject": self._subject,
            "Description": self._subject,
            "Status": _STATUS[self._stage],
            "Origin": self._draft.random.choice(("Phone", "Email", "Web")),
            "Priority": _PRIORITIES[self._priority],
            "ContactId": self._person.record,
            "AccountId": self._person.account,
            "OwnerId": self._draft.owner(self._asked, *systems),
        }
        return self._draft.add(CASE, fields, self._asked, {"Status": "New"}, self._moved)
