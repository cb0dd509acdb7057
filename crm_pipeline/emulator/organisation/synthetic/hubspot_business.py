"""Deals, tickets and activities of a district as HubSpot has them.

Belongs here: their fields, and their associations with contacts, companies and deals. Not here: people and companies.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from crm_pipeline.emulator.organisation.business.words import (
    ACTIVITY_TYPES,
    AMOUNTS,
    CLOSED_STAGES,
    DEAL_STAGES,
    DEAL_TYPES,
    TICKET_STAGES,
    TICKET_TYPES,
)
from crm_pipeline.emulator.organisation.synthetic.draws import Draws, Ints, cumulate
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
    Links,
    References,
    Rows,
    closing,
    later,
    links,
    time_texts,
)
from crm_pipeline.emulator.organisation.synthetic.texts import NUMBERS, Texts, column, either, kept
from crm_pipeline.model import System

_ENDING = ".000Z"
_STAGES = column(DEAL_STAGES.words)
_STAGE_WEIGHTS = np.array(DEAL_STAGES.cumulated).astype(np.int64)
_FIRST_CLOSED = len(_STAGES) - CLOSED_STAGES
_AMOUNTS = column(map(str, AMOUNTS))
_TICKET_STAGES = column(TICKET_STAGES.words)
_TICKET_STAGE_WEIGHTS = np.array(TICKET_STAGES.cumulated).astype(np.int64)
_PRIORITIES = column(("LOW", "MEDIUM", "HIGH"))
_TICKET_SOURCES = column(("EMAIL", "PHONE", "FORM", "CHAT"))
_CATEGORIES = column(("PRODUCT_ISSUE", "BILLING_ISSUE", "FEATURE_REQUEST", "GENERAL_INQUIRY"))
_TASK_KINDS, _TASK_STATUSES = column(("TODO", "CALL", "EMAIL")), column(("NOT_STARTED", "IN_PROGRESS", "COMPLETED"))


class Business:
    """Deals, tickets and activities with the contacts and companies of a district."""

    def __init__(self, ground: Ground, draws: Draws, firms: Entries, people: Entries, company_of: Ints) -> None:
        self._ground, self._draws = ground, draws
        self._firms, self._people, self._company_of = firms, people, company_of
        self._contacts_of = Groups(company_of, len(firms.rows))
        self._counts = ground.district.hubspot
        self._deal_company = self._deal_contact = self._deal_created = np.zeros(0, dtype=np.int64)

    def records(self) -> Iterator[Rows | Links]:
        yield from self._deals(self._draws.below("deals"), self._counts["deals"])
        yield from self._tickets(self._draws.below("tickets"), self._counts["tickets"])
        for object_, types in ACTIVITY_TYPES.items():
            yield from self._activities(object_, self._draws.below(object_), self._counts[object_], types)

    def _deals(self, draws: Draws, size: int) -> Iterator[Rows | Links]:
        company = any_row(draws, "company", size, len(self._firms.rows))
        contact = self._contacts_of.pick(company, draws.uniform("contact", size))
        started = self._firms.created[company] if len(self._firms.rows) else np.full(size, NOW_SECONDS - 200 * DAY)
        created = later(draws, "created", started)
        order = np.argsort(created, kind="stable")
        company, contact, created = company[order], contact[order], created[order]
        stage = draws.choice("stage", size, _STAGE_WEIGHTS)
        closed = stage >= _FIRST_CLOSED
        close = closing(draws, created, closed)
        language, core = self._customers(company)
        columns = {
            "dealname": core + " " + phrases(draws, "about", language, "deal"),
            "pipeline": np.full(size, "default", dtype=object),
            "dealstage": _STAGES[stage],
            "amount": kept(
                _AMOUNTS[draws.number("amount", size, len(_AMOUNTS))], draws.chance("fill amount", size, 0.9)
            ),
            "closedate": time_texts(close, _ENDING),
            "dealtype": either(draws.chance("new", size, 0.6), "newbusiness", "existingbusiness"),
        }
        old = {"dealstage": kept(_STAGES[np.maximum(np.minimum(stage, _FIRST_CLOSED) - 1, 0)], stage > 0)}
        modified = np.where(
            stage > 0, np.where(closed, np.maximum(close, created), later(draws, "moved", created)), created
        )
        yield Rows("deals", columns, self._owner(draws, size, 0.95), created, modified, old)
        to_contact, to_company = DEAL_TYPES
        yield links("deals", "companies", to_company, company)
        yield links("deals", "contacts", to_contact, contact)
        self._deal_company, self._deal_contact, self._deal_created = company, contact, created

    def _tickets(self, draws: Draws, size: int) -> Iterator[Rows | Links]:
        contact = any_row(draws, "contact", size, len(self._people.rows))
        created = later(draws, "created", self._people.created[contact])
        order = np.argsort(created, kind="stable")
        contact, created = contact[order], created[order]
        language = self._ground.people.language[self._people.rows[contact]]
        stage = draws.choice("stage", size, _TICKET_STAGE_WEIGHTS)
        subject = phrases(draws, "about", language, "ticket")
        columns = {
            "subject": subject,
            "content": kept(subject, draws.chance("content", size, 0.6)),
            "hs_pipeline": np.full(size, "0", dtype=object),
            "hs_pipeline_stage": _TICKET_STAGES[stage],
            "hs_ticket_priority": kept(_PRIORITIES[draws.number("priority", size, 3)], draws.chance("has", size, 0.7)),
            "hs_ticket_category": kept(_CATEGORIES[draws.number("kind", size, 4)], draws.chance("has kind", size, 0.5)),
            "source_type": _TICKET_SOURCES[draws.number("source", size, 4)],
        }
        old = {"hs_pipeline_stage": kept(_TICKET_STAGES[np.maximum(stage - 1, 0)], stage > 0)}
        modified = np.where(stage > 0, later(draws, "moved", created, 0.1), created)
        yield Rows("tickets", columns, self._owner(draws, size, 0.9), created, modified, old)
        to_contact, to_company = TICKET_TYPES
        yield links("tickets", "contacts", to_contact, contact)
        yield links("tickets", "companies", to_company, self._company_of[contact])

    def _activities(self, object_: str, draws: Draws, size: int, types: tuple[int, int, int]) -> Iterator[Rows | Links]:
        """Two in five belong to a deal and its people, the others to a contact."""
        deal = any_row(draws, "deal", size, len(self._deal_created))
        deal = np.where(draws.chance("with a deal", size, 0.4), deal, -1)
        contact = any_row(draws, "contact", size, len(self._people.rows))
        since = self._people.created[contact]
        company = self._company_of[contact]
        if len(self._deal_created):
            contact = np.where(deal >= 0, self._deal_contact[deal], contact)
            company = np.where(deal >= 0, self._deal_company[deal], company)
            since = np.where(deal >= 0, self._deal_created[deal], since)
        created = later(draws, "created", since)
        order = np.argsort(created, kind="stable")
        deal, contact, company, created = deal[order], contact[order], company[order], created[order]
        language = self._ground.people.language[self._people.rows[contact]]
        columns = _ACTIVITIES[object_](draws, language, created)
        yield Rows(object_, columns, self._owner(draws, size, 0.95), created, created)
        for other, type_id, rows in zip(
            ("contacts", "companies", "deals"), types, (contact, company, deal), strict=True
        ):
            yield links(object_, other, type_id, rows)

    def _owner(self, draws: Draws, size: int, share: float) -> References:
        return {"hubspot_owner_id": (("owner", any_owner(self._ground, draws, size, System.HUBSPOT, share)),)}

    def _customers(self, company: Ints) -> tuple[Ints, Texts]:
        """(language, name) of the company of each deal."""
        if not len(self._firms.rows):
            return np.zeros(len(company), dtype=np.int64), np.full(len(company), "新規", dtype=object)
        firm = self._firms.rows[company]
        return self._ground.firms.language[firm], self._ground.firms.core[firm]


def _call(draws: Draws, language: Ints, at: Ints) -> dict[str, Texts]:
    size = len(at)
    inbound = draws.chance("in", size, 0.3)
    done = inbound | draws.chance("done", size, 0.75)
    spoken = either(inbound, phrases(draws, "in", language, "call in"), phrases(draws, "out", language, "call out"))
    title = either(done, spoken, phrases(draws, "missed", language, "call missed"))
    return {
        "hs_timestamp": time_texts(at, _ENDING),
        "hs_call_title": title,
        "hs_call_body": kept(title, draws.chance("body", size, 0.5)),
        "hs_call_direction": either(inbound, "INBOUND", "OUTBOUND"),
        "hs_call_status": either(done, "COMPLETED", "NO_ANSWER"),
        "hs_call_duration": either(done, NUMBERS[draws.number("seconds", size, 1800) + 5] + "000", "0"),
    }


def _email(draws: Draws, language: Ints, at: Ints) -> dict[str, Texts]:
    subject, size = phrases(draws, "about", language, "email"), len(at)
    return {
        "hs_timestamp": time_texts(at, _ENDING),
        "hs_email_subject": subject,
        "hs_email_text": phrases(draws, "text", language, "email"),
        "hs_email_direction": either(draws.chance("in", size, 0.4), "INCOMING_EMAIL", "EMAIL"),
        "hs_email_status": np.full(size, "SENT", dtype=object),
    }


def _meeting(draws: Draws, language: Ints, at: Ints) -> dict[str, Texts]:
    title, size = phrases(draws, "about", language, "meeting"), len(at)
    start = (at // 1800 + 1) * 1800
    end = start + 1800 * (1 + draws.number("half hours", size, 4))
    outcome = either(draws.chance("done", size, 0.85), "COMPLETED", "CANCELED")
    return {
        "hs_timestamp": time_texts(start, _ENDING),
        "hs_meeting_title": title,
        "hs_meeting_body": kept(title, draws.chance("body", size, 0.4)),
        "hs_meeting_start_time": time_texts(start, _ENDING),
        "hs_meeting_end_time": time_texts(end, _ENDING),
        "hs_meeting_outcome": outcome,
    }


def _note(draws: Draws, language: Ints, at: Ints) -> dict[str, Texts]:
    return {"hs_timestamp": time_texts(at, _ENDING), "hs_note_body": phrases(draws, "about", language, "note")}


def _task(draws: Draws, language: Ints, at: Ints) -> dict[str, Texts]:
    size = len(at)
    return {
        "hs_timestamp": time_texts(at + DAY * (1 + draws.number("days", size, 14)), _ENDING),
        "hs_task_subject": phrases(draws, "about", language, "task"),
        "hs_task_status": _TASK_STATUSES[draws.choice("status", size, cumulate(2, 1, 7))],
        "hs_task_priority": _PRIORITIES[draws.number("priority", size, 3)],
        "hs_task_type": _TASK_KINDS[draws.number("kind", size, 3)],
    }


_ACTIVITIES = {"calls": _call, "emails": _email, "meetings": _meeting, "notes": _note, "tasks": _task}
