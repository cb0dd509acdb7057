"""The words of deals, tickets and activities in both CRMs, each with how common it is.

Belongs here: what can stand in a field. Not here: which record holds which word (the other modules, synthetic/).
"""

from __future__ import annotations

from functools import cache
from random import Random

from crm_pipeline.emulator.organisation import vocabulary
from crm_pipeline.emulator.organisation.vocabulary import Weighted

DEAL_STAGES: Weighted[str] = Weighted(
    [
        ("appointmentscheduled", 14),
        ("qualifiedtobuy", 12),
        ("presentationscheduled", 10),
        ("decisionmakerboughtin", 7),
        ("contractsent", 7),
        ("closedwon", 30),
        ("closedlost", 20),
    ]
)
OPPORTUNITY_STAGES: Weighted[str] = Weighted(
    [
        ("Prospecting", 8),
        ("Qualification", 7),
        ("Needs Analysis", 7),
        ("Value Proposition", 5),
        ("Id. Decision Makers", 4),
        ("Perception Analysis", 3),
        ("Proposal/Price Quote", 8),
        ("Negotiation/Review", 8),
        ("Closed Won", 30),
        ("Closed Lost", 20),
    ]
)
#: The last two stages of either CRM are the end of a deal.
CLOSED_STAGES = 2
TICKET_STAGES: Weighted[str] = Weighted([("1", 15), ("2", 15), ("3", 10), ("4", 60)])
#: In yen, which has no smaller part.
AMOUNTS = (80_000, 120_000, 250_000, 480_000, 600_000, 980_000, 1_500_000, 3_200_000, 12_000_000)
#: Type ids of a deal and of a ticket of HubSpot, to a contact and a company (facts, HubSpot, "Type ids").
DEAL_TYPES, TICKET_TYPES = (3, 5), (16, 26)
#: Activity of HubSpot -> type ids to a contact, a company and a deal.
ACTIVITY_TYPES = {
    "calls": (194, 182, 206),
    "emails": (198, 186, 210),
    "meetings": (200, 188, 212),
    "notes": (202, 190, 214),
    "tasks": (204, 192, 216),
}


def phrase(random: Random, kind: str, customer: str) -> str:
    """What a user writes about such a thing: in English with customers in Latin letters, else in Japanese."""
    japanese, english = random.choice(_phrases(kind))
    return english if customer.isascii() else japanese


@cache
def _phrases(kind: str) -> list[tuple[str, str]]:
    return [(japanese, english) for row_kind, japanese, english in vocabulary.table("phrases") if row_kind == kind]
