"""`crm-pipeline test-rules`: the example passes, and a failure says where, what was expected and what is planned."""

import json

import pytest

from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline_tests.architecture.modules import ROOT
from crm_pipeline_tests.cli.matched_only import built

EXAMPLE = ROOT / "data" / "demo" / "rule-tests.yaml"
WRONG = """\
tests:
  - test: sales wins
    given:
      hubspot: {e_mail: old@aaa.jp}
      salesforce: {e_mail: yamada@aaa.jp}
    expect:
      hubspot:
        e_mail: other@aaa.jp
  - test: nothing to do
    given: {hubspot: {phone: 03-1234-5678}, salesforce: {phone: 0312345678}}
    expect: nothing
"""


def test_the_example_covers_the_rules_of_the_guide_and_passes(cli):
    assert "0 failed" in cli("test-rules", str(EXAMPLE))
    text = EXAMPLE.read_text(encoding="utf-8")
    assert all(rule in text for rule in ("prefer_salesforce", "always_salesforce", "two_way", "dont_sync"))


def test_a_failure_shows_both_values_and_its_lines(cli, home, capsys):
    path = home / "tests.yaml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        cli("test-rules", str(path))
    assert end.value.code == 1
    shown = capsys.readouterr().out
    assert f"FAILED  {path} line 2: sales wins" in shown
    assert "line 8: HubSpot contacts 1, e_mail" in shown
    assert "- expected  other@aaa.jp" in shown
    assert "+ planned   yamada@aaa.jp" in shown
    assert "1 passed, 1 failed" in shown


def test_a_script_gets_one_object(cli, home, capsys):
    path = home / "tests.yaml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(SystemExit):
        cli("test-rules", "--json", str(path))
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["failed"]) == (1, 1)
    (failure,) = found["tests"][0]["failures"]
    assert failure == {
        "place": "HubSpot contacts 1, e_mail", "expected": "other@aaa.jp", "got": "yamada@aaa.jp", "line": 8
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("{e_mail: old@aaa.jp}", "{e_male: old@aaa.jp}", 4, "sales wins: person has no field 'e_male'; it has name,"),
        ("expect: nothing", "expects: nothing", 9, "'expect' is missing; add it"),
        ("    expect:\n", "    rules: {e_mail: ratchet}\n    expect:\n", 6, "the rule ratchet needs tight"),
        ("hubspot: {phone", "hubspot: {name", 10, "'name' is a group; write its parts: family_name, given_name"),
    ],
)
def test_a_test_that_cannot_be_run_names_its_line(cli, home, old, new, line, says):
    path = home / "tests.yaml"
    assert old in WRONG
    path.write_text(WRONG.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        cli("test-rules", str(path))
    assert str(error.value).startswith(f"{path} line {line}: ")
    assert says in str(error.value)


def test_schemas_of_the_last_extract_count_when_asked_for(cli, home, capsys, monkeypatch):
    world, environment = built(home)
    monkeypatch.setenv("CRM_PIPELINE_MAPPING", environment["CRM_PIPELINE_MAPPING"])
    world.execute("update raw.schema_field set length = 3 where name = 'jobtitle'")
    path = home / "tests.yaml"
    path.write_text(
        "tests:\n- test: a long title\n  given: {hubspot: {job_title: }, salesforce: {job_title: 営業部長}}\n"
        "  expect: {refused: {job_title: takes 3}}\n",
        encoding="utf-8",
    )
    assert "1 passed" in cli("test-rules", "--schemas", str(path))
    with pytest.raises(SystemExit):
        cli("test-rules", str(path))
    assert "営業部長" in capsys.readouterr().out
    world.execute("delete from raw.schema_field")
    with pytest.raises(NotFoundError, match="no schema was read yet"):
        cli("test-rules", "--schemas", str(path))
