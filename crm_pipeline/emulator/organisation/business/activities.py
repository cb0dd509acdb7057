"""Calls, e-mails, meetings, notes and tasks of HubSpot; tasks and events of Salesforce.

Belongs here: their fields, and whom and which deal they are about. Salesforce keeps calls and e-mails as tasks; what is
about a Lead can be about nothing else there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_pipeline.emulator.organisation.business.customers import Person
from crm_pipeline.emulator.organisation.business.deals import Made
from crm_pipeline.emulator.organisation.business.draft import Draft, day, moment
from crm_pipeline.emulator.organisation.business.words import ACTIVITY_TYPES, phrase
from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.emulator.organisation.model import EVENT, LEAD, TASK, Fields, Ref
from crm_pipeline.model import System

_IN_HUBSPOT = {"calls": 110, "emails": 130, "meetings": 60, "notes": 60, "tasks": 60}
_IN_SALESFORCE = {"Call": 80, "Email": 80, "Task": 90, "Event": 60}
#: Share of the activities that are about a deal.
_ABOUT_A_DEAL = 0.45


@dataclass(frozen=True)
class _Subject:
    """Whom an activity is about, and what happened when."""

    name: str
    person: Ref | None
    firm: Ref | None
    deal: Ref | None
    at: datetime
    owner: str


def add_activities(draft: Draft, deals: Sequence[Made], opportunities: Sequence[Made], size: float) -> None:
    """Activities in both CRMs, with the customers and deals of each."""
    for name, number in _IN_HUBSPOT.items():
        for _ in range(round(number * size)):
            subject = _subject(draft, System.HUBSPOT, deals, draft.customers.contacts)
            fields = _FIELDS[name](draft, subject)
            record = draft.add((System.HUBSPOT, name), {**fields, "hubspot_owner_id": subject.owner}, subject.at)
            for other, type_id in zip((subject.person, subject.firm, subject.deal), ACTIVITY_TYPES[name], strict=True):
                draft.relate(record, (other,), type_id)
    for name, number in _IN_SALESFORCE.items():
        for _ in range(round(number * size)):
            subject = _subject(draft, System.SALESFORCE, opportunities, draft.customers.people)
            what = subject.deal or subject.firm
            about: Fields = {"WhoId": subject.person, "WhatId": what, "OwnerId": subject.owner}
            if name == "Event":
                draft.add(EVENT, {**_event(draft, subject), **about}, subject.at)
            else:
                draft.add(TASK, {**_sales_task(draft, subject, name), **about}, subject.at)


def _subject(draft: Draft, system: System, deals: Sequence[Made], people: Sequence[Person]) -> _Subject:
    if deals and draft.chance(_ABOUT_A_DEAL):
        deal = draft.random.choice(deals)
        at = draft.later(deal.since)
        firm = deal.firm.company if system is System.HUBSPOT else deal.firm.account
        person = draft.random.choice(deal.people) if deal.people else None
        return _Subject(deal.firm.name, person, firm, deal.record, at, draft.owner(at, system))
    somebody = draft.random.choice(people)
    at = draft.later(somebody.since)
    if system is System.HUBSPOT:
        return _Subject(somebody.name, somebody.contact, somebody.company, None, at, draft.owner(at, system))
    account = None if somebody.record and somebody.record.place == LEAD else somebody.account
    return _Subject(somebody.name, somebody.record, account, None, at, draft.owner(at, system))


def _call(draft: Draft, subject: _Subject) -> Fields:
    inbound, done = draft.chance(0.3), draft.chance(0.8)
    kind = "call in" if inbound else "call out" if done else "call missed"
    return {
        "hs_timestamp": moment(subject.at),
        "hs_call_title": phrase(draft.random, kind, subject.name),
        "hs_call_direction": "INBOUND" if inbound else "OUTBOUND",
        "hs_call_status": "COMPLETED" if inbound or done else "NO_ANSWER",
        "hs_call_duration": draft.random.randrange(20, 1800) * 1000 if inbound or done else 0,
    }


def _email(draft: Draft, subject: _Subject) -> Fields:
    return {
        "hs_timestamp": moment(subject.at),
        "hs_email_subject": phrase(draft.random, "email", subject.name),
        "hs_email_direction": draft.random.choice(("EMAIL", "EMAIL", "INCOMING_EMAIL")),
        "hs_email_status": "SENT",
    }


def _meeting(draft: Draft, subject: _Subject) -> Fields:
    start, end = _hours(draft, subject.at)
    return {
        "hs_timestamp": moment(start),
        "hs_meeting_title": phrase(draft.random, "meeting", subject.name),
        "hs_meeting_start_time": moment(start),
        "hs_meeting_end_time": moment(end),
        "hs_meeting_outcome": "SCHEDULED" if end > NOW else "COMPLETED" if draft.chance(0.85) else "CANCELED",
    }


def _note(draft: Draft, subject: _Subject) -> Fields:
    return {"hs_timestamp": moment(subject.at), "hs_note_body": phrase(draft.random, "note", subject.name)}


def _task(draft: Draft, subject: _Subject) -> Fields:
    return {
        "hs_timestamp": moment(_due(draft, subject.at)),
        "hs_task_subject": phrase(draft.random, "task", subject.name),
        "hs_task_status": draft.random.choices(("NOT_STARTED", "IN_PROGRESS", "COMPLETED"), (2, 1, 7))[0],
        "hs_task_priority": draft.random.choice(("LOW", "MEDIUM", "HIGH")),
        "hs_task_type": draft.random.choice(("TODO", "CALL", "EMAIL")),
    }


def _sales_task(draft: Draft, subject: _Subject, subtype: str) -> Fields:
    kinds = {"Call": ("call out", "call in"), "Email": ("email",), "Task": ("task",)}
    fields: Fields = {
        "Subject": phrase(draft.random, draft.random.choice(kinds[subtype]), subject.name),
        "TaskSubtype": subtype,
        "Status": "Completed",
        "ActivityDate": day(subject.at),
        "Priority": "High" if draft.chance(0.15) else "Normal",
    }
    if subtype == "Task":
        fields["ActivityDate"] = day(_due(draft, subject.at))
        fields["Status"] = draft.random.choices(("Not Started", "In Progress", "Completed"), (2, 1, 7))[0]
    return fields


def _event(draft: Draft, subject: _Subject) -> Fields:
    start, end = _hours(draft, subject.at)
    return {
        "Subject": phrase(draft.random, "meeting", subject.name),
        "StartDateTime": moment(start),
        "EndDateTime": moment(end),
        "Location": phrase(draft.random, "location", subject.name) if draft.chance(0.7) else None,
    }


def _hours(draft: Draft, at: datetime) -> tuple[datetime, datetime]:
    """A meeting in the days after somebody entered it, in working hours."""
    start = at.replace(hour=draft.random.randrange(9), minute=draft.random.choice((0, 30)), second=0)
    start += timedelta(days=draft.random.randrange(1, 15))
    return start, start + timedelta(minutes=draft.random.choice((30, 60, 90)))


def _due(draft: Draft, at: datetime) -> datetime:
    return at + timedelta(days=draft.random.randrange(1, 15))


_FIELDS: dict[str, Callable[[Draft, _Subject], Fields]] = {
    "calls": _call,
    "emails": _email,
    "meetings": _meeting,
    "notes": _note,
    "tasks": _task,
}
