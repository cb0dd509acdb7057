"""A mapping that says something against itself is refused with file and line, before anything is read or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.config import load_mapping
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.config.other_rules import with_rules
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import Rule

MAPPING = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("hubspot: mobilephone", "hubspot: phone", "    mobile:", "fields phone and mobile both write HubSpot"),
        ("hubspot: lastname, Lead: LastName", "hubspot: lastname, Lead: FirstName", "    name:", "two parts write"),
        (
            "rule: two_way\n      hubspot: birth_date",
            "rule: always_hubspot\n      tie_breaker: hubspot\n      hubspot: birth_date",
            "    birth_date:",
            "tie_breaker has nothing to decide under always_hubspot",
        ),
        (
            "rule: two_way\n      hubspot: birth_date",
            "rule: always_salesforce\n      edit_vs_clear: clear_wins\n      hubspot: birth_date",
            "    birth_date:",
            "edit_vs_clear has nothing to decide",
        ),
        (
            "rule: two_way\n      hubspot: birth_date",
            "rule: two_way\n      values: {to_salesforce: {a: b}}\n      hubspot: birth_date",
            "    birth_date:",
            "values are for text, picklist, multi_picklist",
        ),
        ('{Lead: "-"}', '{Leed: "-"}', "    company:", "names Leed, and the field has no line for it"),
        ('{Lead: "-"}', '{Contact: "-"}', "    company:", "the field is a path"),
        (
            "rule: two_way\n      hubspot: jobtitle\n      Lead: Title\n      Contact: Title",
            "rule: always_hubspot\n      hubspot: jobtitle\n      Contact: Account.Title__c",
            "    job_title:",
            "always_hubspot writes nothing",
        ),
    ],
)
def test_a_contradiction_names_its_field_and_line(tmp_path: Path, old: str, new: str, at: str, says: str) -> None:
    assert old in MAPPING
    path = tmp_path / "mapping.yaml"
    text = MAPPING.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_mapping(path)
    line = text.splitlines().index(at) + 1
    assert str(error.value).startswith(f"{path} line {line}: person.fields.{at.strip(' :')}")
    assert says in str(error.value)


def test_another_rule_that_contradicts_the_rest_is_refused_as_in_the_file(tmp_path: Path) -> None:
    old = "rule: prefer_salesforce\n      hubspot: mobilephone"
    assert old in MAPPING
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace(old, "rule: dont_sync\n      hubspot: phone", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="mobile=two_way: fields phone and mobile both write HubSpot "):
        with_rules(load_mapping(path), {"mobile": Rule.TWO_WAY})


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("{to_salesforce: {a: X, b: X}}", "has several HubSpot values; name one of"),
        ("{to_salesforce: {a: X, b: X}, preferred: {X: c}}", "has several HubSpot values; name one of"),
        ("{to_salesforce: {a: X, b: Y}, preferred: {X: b}}", "does not lead back; name one of"),
        ("{to_salesforce: {a: X}, preferred: {Z: c}}", "not under to_salesforce"),
    ],
)
def test_a_value_map_has_a_clear_way_back(tmp_path: Path, values: str, says: str) -> None:
    old = "      rule: prefer_salesforce\n      hubspot: lead_source"
    assert old in MAPPING
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace(old, f"      values: {values}\n{old}", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        load_mapping(path)
