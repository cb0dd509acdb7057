"""`--json`: one line of JSON with the keys that docs/reference.md promises, also where there is nothing to tell."""

import json

import pytest

from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.documentation.answers import ANSWERS
from crm_pipeline_tests.report.night import CONTACT, LEAD

CONFLICT = {
    "golden_id": "person-1",
    "field": "job_title",
    "kind": "both_changed",
    "salesforce": ["部長"],
    "hubspot": ["課長"],
    "certain": True,
    "winner": "nobody",
    "why": "",
    "first_plan": 1,
    "last_plan": 1,
}
PROPOSAL = {
    "plan_id": 1,
    "golden_id": "person-1",
    "system": "hubspot",
    "object": "contacts",
    "winner_key": "hubspot/contacts/151",
    "loser_key": "hubspot/contacts/152",
    "fields": {"phone": {"winner": ["0312345678"], "loser": [None], "kept": ["0312345678"]}},
    "reason": "",
}


@pytest.fixture
def filled(warehouse):
    """Something for every question that the night alone leaves empty."""
    with warehouse.connect() as connection:
        connection.execute(
            "insert into state.hold (hold_id, golden_id, origin, held_by, held_at, why) "
            "values (3, 'person-1', 'pinned', '佐藤', now(), '')"
        )
        insert(connection, "plan.conflict", [CONFLICT])
        insert(connection, "plan.proposal", [PROPOSAL])
    return warehouse


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "show"),
        ("conflicts",),
        ("hold", "list"),
        ("proposals",),
        ("review", "list"),
        ("review", "show", CONTACT, LEAD),
        ("coverage",),
        ("retry",),
    ],
)
def test_an_answer_has_the_keys_that_the_reference_promises(cli, filled, words):
    command = " ".join(word for word in words if "/" not in word)
    what, keys = ANSWERS[command]
    text = cli(*words, "--json")
    assert text.count("\n") == 1
    answer = json.loads(text)
    assert isinstance(answer, list if what == "a list" else dict)
    one = answer[0] if isinstance(answer, list) else answer
    assert tuple(one) == keys


@pytest.mark.parametrize(("options", "shown"), [((), False), (("--values",), True)])
def test_values_are_masked_unless_asked_for(cli, filled, options, shown):
    assert ("0312345678" in cli("proposals", "--json", *options)) is shown
    assert ("部長" in cli("conflicts", "--json", *options)) is shown


@pytest.mark.parametrize("words", [("conflicts",), ("hold", "list"), ("proposals",)])
def test_nothing_to_tell_is_an_empty_list(cli, warehouse, words):
    assert json.loads(cli(*words, "--json")) == []
