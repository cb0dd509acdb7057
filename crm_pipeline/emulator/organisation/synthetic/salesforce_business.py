"""Opportunities, their contacts, activities and cases of a district as Salesforce has them.

Belongs here: their fields and lookups. Not here: people and companies. A Task or Event of a Lead has no WhatId, as the
platform wants it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from crm_pipeline.emulator.organisation.business.words import AMOUNTS, CLOSED_STAGES, OPPORTUNITY_STAGES
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Flags, Ints, cumulate
from crm_pipeline.emulator.organisation.synthetic.ground import (
    Entries,
    Ground,
    Groups,
    any_owner,
    any_row,
    phrases,
)
from crm_pipeline.emulator.organisation.synthetic.people import NOW_SECONDS
from crm_pipeline.emulator.organisation.synthetic.rows import (
    DAY,
    References,
    Rows,
    closing,
    date_texts,
    later,
    time_texts,
)
from crm_pipeline.emulator.organisation.synthetic.texts import column, either, kept, numbers
from crm_pipeline.model import System

_ENDING = ".000+0000"
_STAGES = column(OPPORTUNITY_STAGES.words)
_STAGE_WEIGHTS = np.array(OPPORTUNITY_STAGES.cumulated).astype(np.int64)
_FIRST_CLOSED = len(_STAGES) - CLOSED_STAGES
_AMOUNTS = column(map(float, AMOUNTS))
_ROLES = column(("Decision Maker", "Business User", "Economic Buyer", "Evaluator", "Influencer", "Technical Buyer"))
_OPPORTUNITY_TYPES = column(("New Customer", "Existing Customer - Upgrade", "Existing Customer - Replacement"))
_STATUSES, _CLOSED = column(("New", "Working", "Escalated", "Closed")), 3
#: Seconds that the organisation's clocks (Japan) are ahead of UTC.
_TIME_ZONE = 9 * 3600
_SUBTYPES = column(("Task", "Call", "Email"))


class Business:
    """Opportunities, their contacts, activities and cases of a district."""

    def __init__(
        self, ground: Ground, draws: Draws, firms: Entries, contacts: Entries, leads: Entries, account_of: Ints
    ) -> None:
        self._ground, self._draws, self._counts = ground, draws, ground.district.salesforce
        self._firms, self._contacts, self._leads, self._account_of = firms, contacts, leads, account_of
        self._contacts_of = Groups(account_of, len(firms.rows))
        self._account = self._contact = self._created = np.zeros(0, dtype=np.int64)
        numbers_of = {"Account": len(firms.rows), "Contact": len(contacts.rows), "Lead": len(leads.rows)}
        numbers_of["Opportunity"] = self._counts["Opportunity"]
        self._last_activity = {name: np.zeros(number, dtype=np.int64) for name, number in numbers_of.items()}
        self._open, self._overdue = (np.zeros(numbers_of["Opportunity"], dtype=np.bool_) for _ in range(2))

    def records(self) -> list[Rows]:
        opportunities = self._opportunities(self._draws.below("opportunities"), self._counts["Opportunity"])
        roles = self._contact_roles(self._draws.below("roles"), self._counts["OpportunityContactRole"])
        tasks = self._tasks(self._draws.below("tasks"), self._counts["Task"])
        events = self._events(self._draws.below("events"), self._counts["Event"])
        cases = self._cases(self._draws.below("cases"), self._counts["Case"])
        opportunities = self.with_last_activity(self._with_primary_contact(opportunities, roles))
        flags = {"HasOpenActivity": self._open.astype(object), "HasOverdueTask": self._overdue.astype(object)}
        return [replace(opportunities, columns={**opportunities.columns, **flags}), roles, tasks, events, cases]

    def with_last_activity(self, rows: Rows) -> Rows:
        """The records with the date of their last activity: the latest of the dates of events and of closed tasks."""
        last = self._last_activity[rows.object]
        return replace(rows, columns={**rows.columns, "LastActivityDate": kept(date_texts(last), last > 0)})

    @staticmethod
    def _with_primary_contact(opportunities: Rows, roles: Rows) -> Rows:
        """The opportunities with the contact of their primary role."""
        ((_, opportunity),), ((_, contact),) = roles.references["OpportunityId"], roles.references["ContactId"]
        primary = roles.columns["IsPrimary"].astype(np.bool_)
        of = np.full(len(opportunities.created), -1, dtype=np.int64)
        of[opportunity[primary]] = contact[primary]
        return replace(opportunities, references={**opportunities.references, "ContactId": (("Contact", of),)})

    def _note(self, references: References, day: Ints, done: Flags) -> None:
        """Remember activities of these days with those whom they are about; only what is done can be the last one."""
        ((_, contact), (_, lead)), ((_, account), (_, opportunity)) = references["WhoId"], references["WhatId"]
        if len(self._account):
            account = np.where(opportunity >= 0, self._account[opportunity], account)
        about = {"Contact": contact, "Lead": lead, "Account": account, "Opportunity": opportunity}
        for object_, rows in about.items():
            where = done & (rows >= 0)
            np.maximum.at(self._last_activity[object_], rows[where], day[where])
        still_open = (opportunity >= 0) & ~done
        self._open[opportunity[still_open]] = True
        self._overdue[opportunity[still_open & (day < NOW_SECONDS - DAY)]] = True

    def _opportunities(self, draws: Draws, size: int) -> Rows:
        account = any_row(draws, "account", size, len(self._firms.rows))
        since = self._firms.created[account] if len(self._firms.rows) else np.full(size, NOW_SECONDS - 200 * DAY)
        created = later(draws, "created", since)
        order = np.argsort(created, kind="stable")
        account, created = account[order], created[order]
        contact = self._contacts_of.pick(account, draws.uniform("contact", size))
        stage = draws.choice("stage", size, _STAGE_WEIGHTS)
        closed = stage >= _FIRST_CLOSED
        close = closing(draws, created, closed)
        language, core = np.zeros(size, dtype=np.int64), np.full(size, "新規", dtype=object)
        if len(self._firms.rows):
            firm = self._firms.rows[account]
            language, core = self._ground.firms.language[firm], self._ground.firms.core[firm]
        columns = {
            "Name": core + " " + phrases(draws, "about", language, "deal"),
            "StageName": _STAGES[stage],
            "Amount": kept(
                _AMOUNTS[draws.number("amount", size, len(_AMOUNTS))], draws.chance("fill amount", size, 0.9)
            ),
            "CloseDate": date_texts(close),
            "Type": kept(_OPPORTUNITY_TYPES[draws.number("type", size, 3)], draws.chance("fill type", size, 0.7)),
        }
        old = {"StageName": kept(_STAGES[np.maximum(np.minimum(stage, _FIRST_CLOSED) - 1, 0)], stage > 0)}
        moved = np.where(closed, np.maximum(close, created), later(draws, "moved", created))
        references: References = {"AccountId": (("Account", account),), **self._owner(draws, size)}
        self._account, self._contact, self._created = account, contact, created
        modified = np.where(stage > 0, moved, created)
        columns["LastStageChangeDate"] = kept(time_texts(modified, _ENDING), stage > 0)
        return Rows("Opportunity", columns, references, created, modified, old)

    def _contact_roles(self, draws: Draws, size: int) -> Rows:
        """Contacts of an opportunity: one of its account, or, where that has none, somebody else; none twice."""
        opportunities = len(self._created)
        opportunity = draws.order("opportunity", max(opportunities, 1))[np.arange(size) % max(opportunities, 1)]
        own = self._contact[opportunity] if opportunities else np.full(size, -1, dtype=np.int64)
        somebody = any_row(draws, "somebody", size, len(self._contacts.rows))
        contact = np.where((own >= 0) & (np.arange(size) < opportunities), own, somebody)
        columns: dict[str, Any] = {
            "Role": kept(_ROLES[draws.number("role", size, len(_ROLES))], draws.chance("fill role", size, 0.85)),
            "IsPrimary": (np.arange(size) < opportunities).astype(object),
        }
        references: References = {
            "OpportunityId": (("Opportunity", opportunity),),
            "ContactId": (("Contact", contact),),
        }
        created = self._created[opportunity] if opportunities else np.full(size, NOW_SECONDS)
        order = np.argsort(created, kind="stable")
        return Rows(
            "OpportunityContactRole",
            {name: values[order] for name, values in columns.items()},
            {name: ((object_, rows[order]),) for name, ((object_, rows),) in references.items()},
            created[order],
            created[order],
        )

    def _owner(self, draws: Draws, size: int) -> References:
        return {"OwnerId": (("owner", any_owner(self._ground, draws, size, System.SALESFORCE)),)}

    def _about(self, draws: Draws, size: int) -> tuple[References, Ints, Ints]:
        """Whom and what activities are about, the customers' languages, and when they were made, in order.

        A third is about an opportunity and its contact, a third about a contact and its account, the rest about leads.
        """
        kind = draws.number("about whom", size, 3)
        opportunity = np.where(kind == 0, any_row(draws, "opportunity", size, len(self._created)), -1)
        lead = np.where(kind == 1, any_row(draws, "lead", size, len(self._leads.rows)), -1)
        contact = np.where(
            (opportunity < 0) & (lead < 0), any_row(draws, "contact", size, len(self._contacts.rows)), -1
        )
        account = np.where(contact >= 0, self._account_of[contact], -1) if len(self._account_of) else contact
        since = np.full(size, NOW_SECONDS - 400 * DAY)
        language = np.zeros(size, dtype=np.int64)
        for rows, entered in ((contact, self._contacts), (lead, self._leads)):
            if len(entered.rows):
                since = np.where(rows >= 0, entered.created[rows], since)
                language = np.where(rows >= 0, self._ground.people.language[entered.rows[rows]], language)
        if len(self._created):
            since = np.where(opportunity >= 0, self._created[opportunity], since)
            contact = np.where(opportunity >= 0, self._contact[opportunity], contact)
        created = later(draws, "created", since)
        order = np.argsort(created, kind="stable")
        references: References = {
            "WhoId": (("Contact", contact[order]), ("Lead", lead[order])),
            "WhatId": (("Account", account[order]), ("Opportunity", opportunity[order])),
        }
        return references, language[order], created[order]

    def _tasks(self, draws: Draws, size: int) -> Rows:
        references, language, created = self._about(draws, size)
        kind = draws.choice("kind", size, cumulate(5, 3, 2))
        is_call, is_email = kind == 1, kind == 2
        inbound = is_call & draws.chance("in", size, 0.3)
        done = (kind > 0) | draws.chance("done", size, 0.7)
        day = created + DAY * draws.number("days", size, 14)
        self._note(references, day, done)
        open_status = column(("Not Started", "In Progress"))[draws.choice("open", size, cumulate(3, 1))]
        call = either(inbound, phrases(draws, "in", language, "call in"), phrases(draws, "out", language, "call out"))
        other = either(is_email, phrases(draws, "email", language, "email"), phrases(draws, "task", language, "task"))
        columns = {
            "Subject": either(is_call, call, other),
            "ActivityDate": date_texts(day),
            "Status": either(done, "Completed", open_status),
            "CompletedDateTime": kept(time_texts(created, _ENDING), done),
            "Priority": either(draws.chance("high", size, 0.15), "High", "Normal"),
            "TaskSubtype": _SUBTYPES[kind],
            "CallType": kept(either(inbound, "Inbound", "Outbound"), is_call),
            "CallDurationInSeconds": kept(numbers(draws.number("seconds", size, 1800) + 5), is_call),
        }
        return Rows("Task", columns, references | self._owner(draws, size), created, created)

    def _events(self, draws: Draws, size: int) -> Rows:
        references, language, created = self._about(draws, size)
        start = (created + DAY * (1 + draws.number("days", size, 21))) // 1800 * 1800
        minutes = 30 * (1 + draws.number("half hours", size, 4))
        begin = time_texts(start, _ENDING)
        self._note(references, start + _TIME_ZONE, np.ones(size, dtype=np.bool_))
        columns = {
            "Subject": phrases(draws, "about", language, "meeting"),
            "StartDateTime": begin,
            "ActivityDateTime": begin,
            "EndDateTime": time_texts(start + minutes * 60, _ENDING),
            "DurationInMinutes": numbers(minutes),
            "Location": kept(phrases(draws, "where", language, "location"), draws.chance("fill where", size, 0.7)),
        }
        return Rows("Event", columns, references | self._owner(draws, size), created, created)

    def _cases(self, draws: Draws, size: int) -> Rows:
        contact = any_row(draws, "contact", size, len(self._contacts.rows))
        created = later(draws, "created", self._contacts.created[contact])
        order = np.argsort(created, kind="stable")
        contact, created = contact[order], created[order]
        language = self._ground.people.language[self._contacts.rows[contact]]
        subject = phrases(draws, "about", language, "ticket")
        status = draws.choice("status", size, cumulate(15, 20, 5, 60))
        columns = {
            "Subject": subject,
            "Description": kept(subject, draws.chance("description", size, 0.6)),
            "Status": _STATUSES[status],
            "Origin": column(("Phone", "Email", "Web"))[draws.number("origin", size, 3)],
            "Priority": column(("Low", "Medium", "High"))[draws.choice("priority", size, cumulate(2, 6, 2))],
        }
        old = {"Status": kept(np.full(size, "New", dtype=object), status > 0)}
        references: References = {
            "ContactId": (("Contact", contact),),
            "AccountId": (("Account", self._account_of[contact]),),
            **self._owner(draws, size),
        }
        modified = np.where(status > 0, later(draws, "moved", created, 0.1), created)
        columns["ClosedDate"] = kept(time_texts(modified, _ENDING), status == _CLOSED)
        return Rows("Case", columns, references, created, modified, old)
