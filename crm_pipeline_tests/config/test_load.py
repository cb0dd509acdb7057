"""A mistake in a configuration file is one sentence with file, line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_pipeline.config import load_mapping, load_settings
from crm_pipeline.config.load import DEFAULTS, line_of
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import OBJECTS, OTHER_OBJECTS, Kind, Rule, System

MAPPING = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("gaurds: {}", 1, "'gaurds' is not a known key"),
        ("time_zone: Mars", 1, "not a time zone"),
        ("time_zone: UTC\nmapping: mine.yaml", 2, "name the file in CRM_PIPELINE_MAPPING"),
        ("guards:\n  updates_percent: 120", 2, "guards.updates_percent"),
        ("guards:\n  updates_pct: 1", 2, "'updates_pct' is not a known key"),
        ("match: [1", 1, "not valid YAML"),
        ("schedule: nightly", 1, "not a schedule"),
        ("warehouse: a\nwarehouse: b", 2, "given twice"),
        ("- a list", 1, "key: value"),
    ],
)
def test_settings_name_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_settings(path)
    assert str(error.value).startswith(f"{path} line {line}: ")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("rule: most_complete", "rule: prefer_sf", "person.fields.name.rule: 'prefer_sf' is not allowed"),
        ("Lead: Title", "Leed: Title", "'Leed' is not a known key"),
        ("      hubspot: jobtitle\n", "", "needs a HubSpot property"),
        ("hubspot: mobilephone", "hubspot: phone", "both write HubSpot contacts.phone"),
        ("hubspot: contacts", "hubspot: companies", "HubSpot keeps no person records in 'companies'"),
        ("rule: two_way\n      hubspot: birth_date", "rule: ratchet\n      hubspot: birth_date", "needs tight"),
        ("type: e_mail", "type: email", "is not allowed"),
    ],
)
def test_mapping_mistakes_are_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in MAPPING
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_mapping(path)
    assert f"{path} line " in str(error.value)
    assert says in str(error.value)


READ = "read:\n  hubspot:\n    deals: [dealname]\n"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("deals:", "dealz:", "read.hubspot.dealz: HubSpot has no such object to be read only; choose from deals, "),
        ("deals:", "contacts:", "read.hubspot.contacts: it is read already, with the fields of its mapping"),
        ("deals:", "Opportunity:", "read.hubspot.Opportunity: HubSpot has no such object"),
        ("  hubspot:", "  zoho:", "'zoho' is not allowed; choose one of 'hubspot' or 'salesforce'"),
        ("  hubspot:", "  zoho:", "read.zoho: 'zoho'"),
        ("[dealname]", '["deal name"]', "pattern"),
        ("[dealname]", "dealname", "read.hubspot.deals: write a list here, such as [one, two]"),
        ("[dealname]", "[amount, dealname, amount]", "read.hubspot.deals: amount: named twice"),
        (
            "  hubspot:\n    deals: [dealname]",
            "  hubspot:  # none",
            "read.hubspot: write keys with their values under it, or leave it out",
        ),
    ],
)
def test_a_mistake_in_what_is_read_names_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = _people_and_companies() + READ.replace(old, new)
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if new in row)
    with pytest.raises(ConfigError) as error:
        load_mapping(path)
    assert str(error.value).startswith(f"{path} line {line}: ")
    assert says in str(error.value)


def _people_and_companies() -> str:
    return MAPPING[: MAPPING.index("deal:\n")]


def test_a_mapping_that_names_nothing_to_read_reads_people_and_companies(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(_people_and_companies(), encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.read_objects == mapping.objects
    assert set(mapping.objects) == set(OBJECTS)


def test_what_is_read_only_has_no_part_in_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(_people_and_companies() + READ, encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.read_objects == (*mapping.objects, (System.HUBSPOT, "deals"))
    path.write_text(_people_and_companies(), encoding="utf-8")
    assert mapping.hash == load_mapping(path).hash


def test_the_default_mapping_reads_every_object_there_is() -> None:
    assert set(load_mapping().read_objects) == {*OBJECTS, *OTHER_OBJECTS}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings(tmp_path / "nowhere.yaml")


def test_own_settings_are_laid_over_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("guards: {archives: 3}", encoding="utf-8")
    settings = load_settings(path)
    assert settings.guards.archives == 3
    assert settings.guards.updates_percent == 20


def test_the_environment_names_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace("rule: most_complete", "rule: two_way"), encoding="utf-8")
    monkeypatch.setenv("CRM_PIPELINE_MAPPING", str(path))
    assert load_settings().mapping.person.field("name").rule is Rule.TWO_WAY


def test_the_default_mapping_covers_what_the_guide_asks_for() -> None:
    mapping = load_mapping()
    assert {f.name for f in mapping.person.fields} >= {
        "name",
        "e_mail",
        "phone",
        "mobile",
        "address",
        "birth_date",
        "job_title",
        "company",
        "industry",
        "lead_source",
        "owner",
    }
    assert {f.name for f in mapping.company.fields} >= {"name", "website", "phone", "address", "industry", "employees"}
    assert mapping.person.switch("Lead").towards(System.SALESFORCE) == "create"
    assert mapping.person.switch("Contact").towards(System.HUBSPOT) == "update"
    assert mapping.person.field("industry").read_only("Contact")
    assert ("birth_date", "Birthdate__c") in list(mapping.of(Kind.PERSON).roles("Lead"))


def test_the_hash_follows_rules_and_not_labels(tmp_path: Path) -> None:
    def hashed(old: str, new: str) -> str:
        path = tmp_path / "mapping.yaml"
        path.write_text(MAPPING.replace(old, new, 1), encoding="utf-8")
        return load_mapping(path).hash

    assert hashed("", "") == load_mapping().hash
    assert hashed("en: Birth date", "en: Date of birth") == load_mapping().hash
    assert hashed("rule: most_complete", "rule: two_way") != load_mapping().hash


def test_a_line_is_found_for_a_field_of_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    line = line_of(str(path), ["person", "fields", "birth_date", "Lead"])
    assert MAPPING.splitlines()[line - 1].strip() == "Lead: Birthdate__c"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('warehouse: ""', "is no file"),
        ("warehouse: a.duckdb\npublished: ./a.duckdb", "must be another file"),
        ("match: {auto: 0.5, recommended: 0.9}", "auto must not be below recommended"),
    ],
)
def test_settings_that_would_break_the_run_are_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        load_settings(path)


def test_a_path_with_an_empty_step_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace("Account.Name", "Account..Name", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="pattern"):
        load_mapping(path)
