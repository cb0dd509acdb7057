import json

import pytest

from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline_tests.report.night import CONTACT, LEAD


def decisions(warehouse):
    with warehouse.read() as connection:
        return connection.execute(
            "select left_key, right_key, verdict, decided_by, why, evidence_hash from state.decision"
        ).fetchall()


def test_the_list_names_each_pair_without_showing_anybodys_values(cli, warehouse):
    shown = cli("review", "list")
    names, first = shown.splitlines()[:2]
    assert names.split() == ["pair", "tier", "sure", "records"]
    assert first.index(CONTACT) == names.index("records")
    assert LEAD in first
    assert "松本" not in shown


def test_a_script_gets_the_pairs_with_their_evidence(cli, warehouse):
    [pair] = json.loads(cli("review", "list", "--json"))
    assert (pair["left_key"], pair["tier"], pair["evidence"][0]["words"]) == (CONTACT, "possible", "both are 松本")


def test_both_records_are_shown_with_the_reasons_in_words(cli, warehouse):
    shown = cli("review", "show", CONTACT, LEAD)
    assert "+ both are 松本" in shown
    assert "not linked automatically: surname only" in shown
    assert "000-111-2222" in shown
    assert "松本 次郎" in shown


@pytest.mark.parametrize(("command", "verdict"), [("accept", "match"), ("reject", "not_a_match"), ("unsure", "unsure")])
def test_a_decision_is_remembered_with_who_and_why(cli, warehouse, command, verdict):
    cli("review", command, CONTACT, LEAD, "--by", "佐藤", "--why", "asked him")
    assert decisions(warehouse) == [(CONTACT, LEAD, verdict, "佐藤", "asked him", "e1")]


def test_a_pair_goes_by_its_short_id_or_by_its_records_in_either_order(cli, warehouse):
    [pair] = json.loads(cli("review", "list", "--json"))
    cli("review", "accept", pair["pair_id"], "--by", "佐藤")
    cli("review", "accept", LEAD, CONTACT, "--by", "佐藤")
    assert len(set(decisions(warehouse))) == 1


def test_a_decided_pair_waits_no_longer(cli, warehouse):
    cli("review", "reject", CONTACT, LEAD, "--by", "佐藤")
    assert "Nothing waits" in cli("review", "list")


@pytest.mark.parametrize(
    ("pair", "error"), [(("zzzz",), NotFoundError), ((CONTACT, CONTACT), NotFoundError), (("a", "b", "c"), ConfigError)]
)
def test_a_pair_that_is_none_changes_nothing(cli, warehouse, pair, error):
    with pytest.raises(error):
        cli("review", "accept", *pair, "--by", "佐藤")
    assert decisions(warehouse) == []


def test_a_decision_needs_a_name(cli, warehouse):
    with pytest.raises(ConfigError, match="--by"):
        cli("review", "accept", CONTACT, LEAD, "--by", " ")
