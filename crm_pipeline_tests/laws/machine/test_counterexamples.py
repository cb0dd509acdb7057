"""Histories that violated a law once, in their smallest form, so that they never do again."""

from __future__ import annotations

from crm_pipeline_tests.laws.machine.history import History, Night, Step
from crm_pipeline_tests.laws.machine.running import violations
from crm_pipeline_tests.laws.machine.weather import Weather

QUIET = Night(())


def day(*steps: Step) -> Night:
    return Night(steps)


FOUND = {
    # The only other record of a golden record was deleted before the one that we had created was read: it got a new
    # golden id, which nobody had deleted anything of.
    "law 30, deleted while its new counterpart was unread": History(
        (1, 0, 0), (), (QUIET, day(Step("delete", 0, 0, 0)), QUIET), plain=False
    ),
    # What we had created was deleted before it was read: no tombstone stood in the crosswalk.
    "law 30, the new counterpart deleted unread": History(
        (1, 0, 0), (), (QUIET, day(Step("delete", 1, 0, 0)), QUIET), plain=False
    ),
    # What we had created left its golden record, with the create key that its successor was to get.
    "law 21, the new counterpart left": History(
        (1, 0, 0), (), (QUIET, day(Step("leave", 1, 0, 0)), QUIET), plain=False
    ),
    # A refused write of a ratchet was made up for by the create of another record: the decision counted as complete.
    "law 22, a ratchet and a create": History(
        (2, 0, 0),
        (Step("edit", 0, 6, 0),),
        (Night((), (Step("refuse", 1, 0, 0),)), QUIET),
        plain=False,
    ),
    # Half of a group was written beside the half that a user typed meanwhile.
    "law 51, edited in the window": History(
        (1, 1, 0),
        (Step("edit", 0, 1, 0),),
        (QUIET, Night((Step("edit", 1, 1, 1),), (Step("edit_late", 0, 1, 2),)), QUIET),
        plain=True,
    ),
    # The machine's HubSpot called our writes otherwise in the history than in its account: a receipt was never found,
    # and a lost write that had landed counted as not landed.
    "law 11, edited after a write whose answer was lost": History(
        (1, 1, 0),
        (Step("edit", 0, 5, 1),),
        (QUIET, Night((Step("edit", 1, 5, 2),), (Step("lose_landed", 0, 0, 0),)), day(Step("edit", 0, 5, 3)), QUIET),
        plain=True,
    ),
    # All records of a customer were deleted but one, which was converted before the next night: what it became got a
    # new golden id, which nobody had deleted anything of.
    "law 30, converted while the others were deleted": History(
        (0, 1, 0),
        (),
        (
            QUIET,
            day(Step("create", 0, 0, 0)),
            day(Step("delete", 1, 0, 0), Step("delete", 0, 0, 0), Step("convert", 0, 0, 0)),
            day(Step("create", 0, 0, 0)),
        ),
        plain=False,
    ),
    # What we had created was converted before it was read, and the only other record deleted: there was no row of the
    # lead, by which its contact keeps the golden id.
    "law 30, converted unread while the other was deleted": History(
        (1, 0, 0),
        (),
        (QUIET, day(Step("delete", 0, 0, 0), Step("convert", 0, 0, 0)), day(Step("create", 0, 0, 0))),
        plain=False,
    ),
    # The model took records that nobody had seen together with the deleted ones for the same customer.
    "law 30, begun anew after all was deleted": History(
        (0, 1, 0),
        (),
        (QUIET, day(Step("delete", 1, 0, 0)), QUIET, day(Step("create", 0, 0, 0), Step("delete", 0, 0, 0))),
        plain=False,
    ),
    # The model took a record that was deleted while it was another customer for one of those that it had left.
    "law 30, deleted apart and rejoined the same day": History(
        (1, 1, 0),
        (Step("edit", 0, 3, 1),),
        (
            QUIET,
            day(Step("leave", 0, 0, 0)),
            day(Step("rejoin", 0, 0, 0), Step("delete", 0, 0, 0), Step("delete", 1, 0, 0)),
        ),
        plain=False,
    ),
    # A user typed the customer into the CRM that lacked it while the plan waited for its approval.
    "law 50, typed into Salesforce between plan and push": History(
        (1, 0, 0), (), (Night((), (Step("create_early", 0, 0, 0),)), QUIET), plain=False
    ),
    "law 50, typed into HubSpot between plan and push": History(
        (0, 1, 0), (), (Night((), (Step("create_early", 0, 0, 0),)), QUIET), plain=False
    ),
    # The model put what was created for a converted lead beside the lead, not beside its contact.
    "law 50, created for a contact that left as it was converted": History(
        (3, 1, 1),
        (),
        (
            day(Step("rejoin", 0, 0, 0)),
            day(Step("merge", 20, 49, 65)),
            day(Step("leave", 59, 41, 548), Step("convert", 2, 10, 474), Step("leave", 31, 41, 569)),
        ),
        plain=False,
    ),
    # The model took a value that was typed in both CRMs for two edits that did not know of each other, for ever.
    "law 5, typed on both sides and then deleted on one": History(
        (1, 1, 0),
        (Step("edit", 1, 1, 2), Step("same", 0, 1, 0)),
        (QUIET, day(Step("clear", 1, 1, 0)), QUIET),
        plain=True,
    ),
    # The model took who was typed, merged and never read before the only record that had been was deleted for the same
    # customer.
    "law 30, typed and merged unread": History(
        (0, 1, 0),
        (),
        (
            Night((), (Step("create_early", 50, 10, 197), Step("create_early", 58, 3, 366))),
            day(Step("delete", 33, 46, 676), Step("merge", 52, 13, 258)),
        ),
        plain=False,
    ),
    # What was given back to a customer who had opted out by another record, too, was written again the next night.
    "law 12, an opt-out given back": History(
        (2, 1, 0),
        (Step("edit", 39, 39, 249), Step("edit", 38, 10, 198)),
        (
            Night(
                (Step("edit", 4, 6, 945), Step("merge", 20, 2, 450), Step("clear", 37, 52, 980)),
                (Step("create_early", 57, 49, 79), Step("edit_early", 6, 2, 541)),
            ),
            day(Step("create", 47, 49, 931)),
            Night((Step("leave", 8, 7, 245), Step("edit", 56, 24, 115)), (Step("refuse", 43, 44, 175),)),
            Night((), (Step("edit_early", 59, 58, 567), Step("later", 8, 16, 438))),
            Night(
                (Step("merge", 12, 2, 687), Step("leave", 1, 33, 957), Step("cosmetic", 49, 10, 507)),
                (Step("edit_early", 27, 27, 525), Step("lose", 32, 19, 220)),
            ),
        ),
        plain=False,
    ),
}


def test_law_12_and_21_and_22_and_30_and_51_counterexamples_of_old() -> None:
    found = violations(Weather(), dict(enumerate(FOUND.values())))
    assert {list(FOUND)[number]: broken for number, broken in found.items()} == {}
