"""Histories of families that violated a law once, in their smallest form, so that they never do again."""

from __future__ import annotations

from crm_pipeline_tests.laws.machine.history import History, Night, Step
from crm_pipeline_tests.laws.relations.ground import Climate
from crm_pipeline_tests.laws.relations.running import violations

QUIET = Night(())
#: A company in HubSpot and a person in both CRMs, numbers as of a family whose person is a contact in Salesforce.
COMPANY_AND_PERSON = (1, 1, 0)

FOUND = {
    # An association that was to become a look-up was read again as if it were a property, and never found.
    "law 11, a person's company in HubSpot becomes the account of the contact": History(
        COMPANY_AND_PERSON, (Step("point", 1, 0, 1),), (QUIET,), plain=True
    ),
    # HubSpot ends the associations of a company that is deleted: the contact's account was taken off in Salesforce.
    "law 4, the company was deleted in HubSpot": History(
        COMPANY_AND_PERSON,
        (),
        (QUIET, Night((Step("point", 3, 0, 1),)), Night((Step("delete", 0, 0, 0),))),
        plain=False,
    ),
    # A text held the id of a company that was merged on the day it was made: it led nowhere, until it was written anew.
    "law 17, the parent was merged before it was ever read": History(
        (2, 2, 1),
        (Step("create", 53, 24, 89), Step("create", 0, 32, 922)),
        (Night((Step("merge", 18, 52, 280),)), Night((Step("point", 21, 54, 842),))),
        plain=False,
    ),
    # The model had forgotten that who chose another parent, which was deleted the same day, had left the one before.
    "law 4, led elsewhere, where nothing is any more": History(
        (2, 1, 1),
        (Step("point", 43, 24, 560), Step("create", 4, 44, 541), Step("create", 59, 25, 232)),
        (QUIET, Night((Step("delete", 45, 16, 749), Step("point", 58, 35, 943), Step("delete", 19, 39, 946)))),
        plain=False,
    ),
}


def test_law_4_and_11_counterexamples_of_old() -> None:
    families = {2 * place: history for place, history in enumerate(FOUND.values())}
    found = violations(Climate(), families)
    assert {list(FOUND)[number // 2]: broken for number, broken in found.items()} == {}
