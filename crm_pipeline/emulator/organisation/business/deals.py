"""Deals of HubSpot and opportunities of Salesforce: one of them, or both of one deal, and not always of one mind.

Belongs here: a deal as it is, and as each CRM has it. Not here: what is done about it (activities).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crm_pipeline.emulator.organisation.business.customers import Firm
from crm_pipeline.emulator.organisation.business.draft import LEFT, LEFT_AT, Draft, day, moment
from crm_pipeline.emulator.organisation.business.words import (
    AMOUNTS,
    CLOSED_STAGES,
    DEAL_STAGES,
    DEAL_TYPES,
    OPPORTUNITY_STAGES,
    phrase,
)
from crm_pipeline.emulator.organisation.generate import NOW
from crm_pipeline.emulator.organisation.model import (
    COMPANIES,
    DEALS,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    Fields,
    Ref,
)
from crm_pipeline.emulator.organisation.portal import ON_HOLD
from crm_pipeline.model import System

_HUBSPOT_ONLY, _SALESFORCE_ONLY, _IN_BOTH = 90, 110, 120
_TO_CONTACT, _TO_COMPANY = DEAL_TYPES
_ROLES = ("Decision Maker", "Business User", "Economic Buyer", "Evaluator", "Influencer")
_CLOSED = {*DEAL_STAGES.words[-CLOSED_STAGES:], *OPPORTUNITY_STAGES.words[-CLOSED_STAGES:]}
#: What the stages of a deal are called in Salesforce where both have it.
_SAME = {
    "appointmentscheduled": "Prospecting",
    "qualifiedtobuy": "Qualification",
    "presentationscheduled": "Value Proposition",
    "decisionmakerboughtin": "Id. Decision Makers",
    "contractsent": "Proposal/Price Quote",
    "closedwon": "Closed Won",
    "closedlost": "Closed Lost",
}


@dataclass(frozen=True)
class Made:
    """A deal that is in a CRM: the record, whose it is, since when, and whether it is neither won nor lost."""

    record: Ref
    firm: Firm
    people: tuple[Ref, ...]
    since: datetime
    open: bool


@dataclass(frozen=True)
class _Deal:
    """A deal as one CRM knows it; `stage` as HubSpot calls it, of a deal of Salesforce alone as Salesforce does."""

    firm: Firm
    name: str
    stage: str
    amount: int | None
    closes: datetime
    owner: str
    created: datetime


@dataclass(frozen=True)
class _Known:
    """What a CRM holds of a deal now, and what it held until it was edited."""

    now: _Deal
    until: _Deal
    edited: datetime


def add_deals(draft: Draft, size: float) -> tuple[list[Made], list[Made]]:
    """Deals in HubSpot, in Salesforce, and in both; gives those of each CRM."""
    hubspot, salesforce, customers = [], [], draft.customers
    for _ in range(round(_HUBSPOT_ONLY * size)):
        firm = draft.random.choice(customers.companies)
        hubspot.append(_in_hubspot(draft, _moved(draft, _new(draft, firm, System.HUBSPOT))))
    for _ in range(round(_SALESFORCE_ONLY * size)):
        firm = draft.random.choice(customers.accounts)
        salesforce.append(_in_salesforce(draft, _moved(draft, _new(draft, firm, System.SALESFORCE))))
    for _ in range(round(_IN_BOTH * size)):
        one, other = _both(draft, _new(draft, draft.random.choice(customers.in_both), *System))
        salesforce.append(_in_salesforce(draft, other))
        hubspot.append(_in_hubspot(draft, one, salesforce[-1]))
    _add_troubled(draft)
    return hubspot, salesforce


def _new(draft: Draft, firm: Firm, *systems: System) -> _Deal:
    """A deal with that firm, as it is now in these CRMs."""
    created = draft.later(firm.since, 0.95)
    stages = OPPORTUNITY_STAGES if systems == (System.SALESFORCE,) else DEAL_STAGES
    stage = stages.draw(draft.random)
    if stage in stages.words[-CLOSED_STAGES:]:
        closes = draft.later(created)
    else:
        days = draft.random.randrange(-20, 120)  # some should be closed by now
        closes = NOW.replace(hour=draft.random.randrange(24)) + timedelta(days=days)
    return _Deal(
        firm=firm,
        name=f"{firm.name} {phrase(draft.random, 'deal', firm.name)}",
        stage=stage,
        amount=draft.random.choice(AMOUNTS) if draft.chance(0.92) else None,
        closes=closes,
        owner=draft.owner(created, *systems),
        created=created,
    )


def _moved(draft: Draft, deal: _Deal) -> _Known:
    """A deal that came to its stage from the one before."""
    stages = (DEAL_STAGES if deal.stage in DEAL_STAGES.words else OPPORTUNITY_STAGES).words
    first_closed = len(stages) - CLOSED_STAGES
    place = min(stages.index(deal.stage), first_closed)
    at = deal.closes if place == first_closed else draft.later(deal.created)
    return _Known(deal, replace(deal, stage=stages[max(place - 1, 0)]), at)


def _both(draft: Draft, deal: _Deal) -> tuple[_Known, _Known]:
    """A deal as HubSpot and Salesforce have it. One in three was edited in one of them only: nothing synced them."""
    known = _moved(draft, deal)
    if not draft.chance(0.35):
        return known, known
    edited, at = draft.random.choice(("stage", "amount", "closes", "owner")), draft.later(deal.created)
    if edited == "amount" and deal.amount is not None:  # loading clears no value
        known = _Known(deal, replace(deal, amount=draft.random.choice(AMOUNTS)), at)
    elif edited == "closes":
        known = _Known(deal, replace(deal, closes=deal.closes - timedelta(days=draft.random.randrange(7, 60))), at)
    elif edited == "owner" and deal.created < LEFT_AT:  # handed over when somebody left
        known = _Known(replace(deal, owner=draft.owner(NOW, *System)), replace(deal, owner=LEFT.e_mail), LEFT_AT)
    behind = _Known(known.until, known.until, known.edited)
    return (known, behind) if draft.chance(0.5) else (behind, known)


def _in_hubspot(draft: Draft, known: _Known, opportunity: Made | None = None) -> Made:
    """HubSpot's record; where Salesforce has the deal, too, HubSpot's own connector left that record's id."""
    deal, fields = known.now, _hubspot_fields(known.now)
    if opportunity:
        fields["hs_salesforceopportunityid"] = opportunity.record
    record = draft.add(DEALS, fields, deal.created, _hubspot_fields(known.until), known.edited)
    people = _some(draft, deal.firm.contacts)
    draft.relate(record, (deal.firm.company,) if draft.chance(0.85) or opportunity is None else (), _TO_COMPANY)
    draft.relate(record, people, _TO_CONTACT)
    return Made(record, deal.firm, people, deal.created, deal.stage not in _CLOSED)


def _in_salesforce(draft: Draft, known: _Known) -> Made:
    deal = known.now
    record = draft.add(
        OPPORTUNITY, _salesforce_fields(deal), deal.created, _salesforce_fields(known.until), known.edited
    )
    people = _some(draft, deal.firm.people)
    for number, person in enumerate(people):
        role: Fields = {
            "OpportunityId": record,
            "ContactId": person,
            "Role": draft.random.choice(_ROLES),
            "IsPrimary": number == 0,
        }
        draft.add(OPPORTUNITY_CONTACT_ROLE, role, deal.created)
    return Made(record, deal.firm, people, deal.created, deal.stage not in _CLOSED)


def _hubspot_fields(deal: _Deal) -> Fields:
    return {
        "dealname": deal.name,
        "pipeline": "default",
        "dealstage": deal.stage,
        "amount": deal.amount,
        "closedate": moment(deal.closes),
        "hubspot_owner_id": deal.owner,
    }


def _salesforce_fields(deal: _Deal) -> Fields:
    return {
        "Name": deal.name,
        "StageName": _SAME.get(deal.stage, deal.stage),
        "Amount": None if deal.amount is None else float(deal.amount),
        "CloseDate": day(deal.closes),
        "AccountId": deal.firm.account,
        "OwnerId": deal.owner,
    }


def _add_troubled(draft: Draft) -> None:
    """Three deals in every organisation that a sync cannot write whole: one at a stage without a partner, one that was
    given to somebody who left, and one with a company that Salesforce does not take, because it has no name."""
    made, edited = NOW - timedelta(days=200), NOW - timedelta(days=3)
    deal = replace(
        _new(draft, draft.customers.in_both[0], *System),
        stage="qualifiedtobuy",
        closes=NOW + timedelta(days=45),
        created=made,
        owner=draft.owner(NOW, *System),
    )
    calm = _Known(deal, deal, edited)
    _in_hubspot(draft, _Known(replace(deal, stage=ON_HOLD), deal, edited), _in_salesforce(draft, calm))
    _in_hubspot(draft, _Known(replace(deal, owner=LEFT.e_mail), deal, edited), _in_salesforce(draft, calm))
    nameless = draft.add(COMPANIES, {"domain": "kumo-no-ue.example"}, made)
    firm = Firm("雲の上", made, company=None, account=None, contacts=(), people=())
    deal = replace(deal, firm=firm, name="雲の上 新規導入")
    calm = _Known(deal, deal, edited)
    record = _in_hubspot(draft, calm, _in_salesforce(draft, calm)).record
    draft.relate(record, (nameless,), _TO_COMPANY)


def _some(draft: Draft, people: tuple[Ref, ...]) -> tuple[Ref, ...]:
    """One or two of them, where there are any and somebody entered them."""
    if not people or draft.chance(0.2):
        return ()
    return tuple(draft.random.sample(people, min(len(people), draft.random.choice((1, 1, 2)))))
