"""What both departments enter on the day after the first night, so that the next night has new records to bring over.

Belongs here: a few deals and tasks, entered as users of the CRMs do. Not here: what was there before (emulator/
organisation), the nights (run.py). Only new deals get a counterpart: what stood in both CRMs before is not doubled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from crm_pipeline.demo.world import World
from crm_pipeline.emulator.hubspot import HubSpotStore
from crm_pipeline.emulator.organisation.business.draft import day, moment
from crm_pipeline.emulator.organisation.business.words import ACTIVITY_TYPES, DEAL_TYPES
from crm_pipeline.emulator.organisation.portal import ON_HOLD
from crm_pipeline.emulator.salesforce import SalesforceStore

_DEAL_TO_CONTACT, _DEAL_TO_COMPANY = DEAL_TYPES
#: Name, stage and amount of new deals. Salesforce has no stage for one of them, and takes none without a date.
DEALS = (
    ("新規導入のご相談", "qualifiedtobuy", 1_500_000, True),
    ("展示会からの引き合い", "appointmentscheduled", 480_000, True),
    ("予算承認待ちの案件", ON_HOLD, 980_000, True),
    ("時期未定の案件", "appointmentscheduled", 250_000, False),
)
OPPORTUNITIES = (("設備増設", "Negotiation/Review", 3_200_000.0), ("追加ライセンス", "Prospecting", 600_000.0))


def pass_day(world: World) -> str:
    """Enter it all; gives what happened in a sentence."""
    won = _win(world)
    deals, opportunities = _in_hubspot(world.hubspot), _in_salesforce(world.salesforce)
    return (
        f"Marketing enters {deals} deals and a task in HubSpot; sales enters {opportunities} opportunities and a task "
        f"in Salesforce and wins {won}."
    )


def _in_hubspot(hubspot: HubSpotStore) -> int:
    at = hubspot.clock.now()
    owner = min(hubspot.active_owners)
    customers = list(islice(_customers(hubspot), len(DEALS)))
    for (contact, company), (name, stage, amount, dated) in zip(customers, DEALS, strict=False):
        fields = {
            "dealname": f"{hubspot.read('companies', company)['name']} {name}",
            "dealstage": stage,
            "amount": str(amount),
            "hubspot_owner_id": owner,
        }
        if dated:
            fields["closedate"] = moment(at + timedelta(days=60))
        deal = hubspot.create("deals", fields)
        hubspot.associate("deals", deal, "companies", company, _DEAL_TO_COMPANY)
        hubspot.associate("deals", deal, "contacts", contact, _DEAL_TO_CONTACT)
    for contact, _ in customers[:1]:
        due = moment(at + timedelta(days=3))
        task = hubspot.create(
            "tasks", {"hs_task_subject": "お礼の電話をする", "hs_timestamp": due, "hubspot_owner_id": owner}
        )
        hubspot.associate("tasks", task, "contacts", contact, ACTIVITY_TYPES["tasks"][0])
    return min(len(customers), len(DEALS))


def _customers(hubspot: HubSpotStore) -> Iterator[tuple[str, str]]:
    """(contact, company), each company once, of those that have a name."""
    seen = set()
    for contact in hubspot.ids("contacts"):
        for company in hubspot.associations.of("contacts", contact, "companies"):
            if company not in seen and hubspot.read("companies", company).get("name"):
                seen.add(company)
                yield contact, company
                break


def _in_salesforce(salesforce: SalesforceStore) -> int:
    at = salesforce.clock.now()
    contacts = [salesforce.read("Contact", contact) for contact in salesforce.ids("Contact")]
    customers = list({contact["AccountId"]: contact for contact in contacts if contact["AccountId"]}.values())
    for contact, (name, stage, amount) in zip(customers, OPPORTUNITIES, strict=False):
        account = salesforce.read("Account", str(contact["AccountId"]))
        fields = {
            "Name": f"{account['Name']} {name}",
            "StageName": stage,
            "Amount": amount,
            "CloseDate": day(at + timedelta(days=30)),
            "AccountId": account["Id"],
            "OwnerId": contact["OwnerId"],
        }
        opportunity = salesforce.create("Opportunity", fields)
        role = {"OpportunityId": opportunity, "ContactId": contact["Id"], "Role": "Decision Maker", "IsPrimary": True}
        salesforce.create("OpportunityContactRole", role)
    for contact in customers[:1]:
        due = day(at + timedelta(days=2))
        task = {
            "Subject": "見積書を作成する",
            "ActivityDate": due,
            "WhoId": contact["Id"],
            "OwnerId": contact["OwnerId"],
        }
        salesforce.create("Task", task)
    return min(len(customers), len(OPPORTUNITIES))


def _win(world: World) -> str:
    """Sales closes an opportunity that HubSpot has, too; gives its name."""
    deals = world.hubspot.objects("deals").values()
    for opportunity in (deal.get("hs_salesforceopportunityid") for deal in deals):
        if opportunity and not (found := world.salesforce.read("Opportunity", opportunity))["IsClosed"]:
            today = day(world.salesforce.clock.now())
            world.salesforce.update("Opportunity", opportunity, {"StageName": "Closed Won", "CloseDate": today})
            return str(found["Name"])
    return "none"
