"""One night over all objects of both CRMs: records, relations, stages, users; and one without changes after it."""

from crm_pipeline.config import load_settings
from crm_pipeline.extract import stage
from crm_pipeline.model import System


def test_all_objects_arrive_with_their_relations_and_a_quiet_night_writes_nothing(world):
    world.settings = load_settings()
    hubspot, salesforce = world.hubspot, world.salesforce
    company = hubspot.create("companies", {"name": "山田製作所"})
    contact = hubspot.create("contacts", {"lastname": "山田"})
    deal = hubspot.create("deals", {"dealname": "保守"})
    task = hubspot.create("tasks", {"hs_task_subject": "電話", "hs_timestamp": "2026-11-20T09:00:00Z"})
    hubspot.associate("contacts", contact, "companies", company, 1)
    hubspot.associate("deals", deal, "contacts", contact, 3)
    hubspot.associate("tasks", task, "contacts", contact, 204)
    account = salesforce.create("Account", {"Name": "山田製作所"})
    person = salesforce.create("Contact", {"LastName": "山田", "AccountId": account})
    lead = salesforce.create("Lead", {"LastName": "松本", "Company": "-"})
    opportunity = salesforce.create(
        "Opportunity", {"Name": "保守", "AccountId": account, "StageName": "Prospecting", "CloseDate": "2026-12-01"}
    )
    role = {"OpportunityId": opportunity, "ContactId": person, "Role": "Evaluator", "IsPrimary": True}
    salesforce.create("OpportunityContactRole", role)
    case = salesforce.create("Case", {"Subject": "故障", "ContactId": person, "AccountId": account})
    call = salesforce.create("Task", {"Subject": "電話", "WhoId": lead, "Status": "Completed"})
    result = world.run()
    assert [(o.system, o.object) for o in result.objects] == list(world.settings.mapping.read_objects)
    related = world.rows("select from_object, from_id, to_object, to_id, is_primary, label from raw.association")
    assert set(related) == {
        ("contacts", contact, "companies", company, True, ""),
        ("deals", deal, "contacts", contact, False, ""),
        ("tasks", task, "contacts", contact, False, ""),
        ("Contact", person, "Account", account, True, ""),
        ("Opportunity", opportunity, "Account", account, True, ""),
        ("Opportunity", opportunity, "Contact", person, True, "Evaluator"),
        ("Case", case, "Account", account, True, ""),
        ("Case", case, "Contact", person, True, ""),
        ("Task", call, "Lead", lead, True, ""),
    }
    tables = ("association", "stage", "user", "schema_field", "schema_change", "record", "history")
    before = {table: world.rows(f"from raw.{table} order by all") for table in tables}
    assert before["stage"]
    world.run(later=86_400)
    assert {table: world.rows(f"from raw.{table} order by all") for table in tables} == before


def test_an_object_whose_scope_is_missing_is_named_until_the_scope_is_there(world):
    world.settings = load_settings()
    ticket = world.hubspot.create("tickets", {"subject": "故障"})
    assert _tickets(world).there == 1
    world.hubspot.scopes.remove("tickets")
    unread = _tickets(world)
    assert (unread.here, unread.there) == (1, None)
    ((hidden, why),) = world.rows("select object, why from raw.hidden_object")
    assert (hidden, "tickets" in why) == ("tickets", True)
    assert world.live("hubspot_tickets") == {ticket}
    world.hubspot.scopes.add("tickets")
    assert _tickets(world).there == 1
    assert world.rows("from raw.hidden_object") == []


def _tickets(world):
    """A night of HubSpot's schemas and its tickets, which are read only."""
    world.reconnect()
    stage.extract_schema(world.warehouse, world.crms[System.HUBSPOT], world.settings, world.next_run())
    return world.read(System.HUBSPOT, "tickets")
