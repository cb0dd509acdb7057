import json

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.errors import ConfigError, CrmPipelineError
from crm_pipeline.model import System
from crm_pipeline.plan.member import field_hash
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.plan.world import World

H, S = System.HUBSPOT, System.SALESFORCE


@pytest.fixture
def world(home, monkeypatch):
    """The job title of one person was edited on both sides, and the rule is to ask."""
    text = (DEFAULTS / "mapping.yaml").read_text(encoding="utf-8")
    head, title = text.split("    job_title:\n", 1)
    mapping = home / "mapping.yaml"
    mapping.write_text(f"{head}    job_title:\n{title.replace('two_way', 'ask', 1)}", encoding="utf-8")
    monkeypatch.setenv("CRM_PIPELINE_MAPPING", str(mapping))
    world = World(home, load_settings())
    world.record("person-1", H, "contacts", "1", {"lastname": "山田", "company": "C", "jobtitle": "次長"})
    world.record("person-1", S, "Lead", "1", {"LastName": "山田", "Company": "C", "Title": "部長"})
    hashed = field_hash(world.settings.mapping.person.field("job_title"), world.settings)
    with world.warehouse.connect() as connection:
        insert(connection, "state.agreed", [row(value=["課長"], rule="ask", field_hash=hashed)])
        for key in ("hubspot/contacts/1", "salesforce/Lead/1"):
            insert(connection, "state.base", [row(record_key=key, value=["課長"])])
    world.plan()
    return world


def row(**others):
    return {"golden_id": "person-1", "field": "job_title", "run_id": 1, **others}


def test_a_conflict_is_shown_answered_and_written_once(cli, world):
    shown = cli("conflicts", "--waiting")
    assert "person-1  job_title  (ask)  ask" in shown
    assert "部…" in shown
    assert "部長" not in shown
    assert "crm-pipeline answer person-1 job_title --side salesforce|hubspot" in shown
    assert "部長  since 2026-01-01" in cli("conflicts", "--values")

    cli("answer", "person-1", "job_title", "--side", "salesforce", "--by", "佐藤", "--why", "asked him")
    assert "answered by 佐藤" in cli("conflicts", "--waiting")
    world.plan()
    assert world.changes() == {("contacts", "job_title"): '{"jobtitle": "部長"}'}
    assert "Nothing waits" in cli("conflicts", "--waiting")

    world.execute('update raw.hubspot_contacts set fields = json_merge_patch(fields, \'{"jobtitle": "部長"}\')')
    world.plan()
    assert world.execute("select used_run from state.answer") == [(1,)]


WRONG = {
    ("person-1", "shoe_size", "--side", "hubspot"): "has no field shoe_size; choose from",
    ("person-9", "job_title", "--side", "hubspot"): "no golden record person-9",
    ("person-1", "phone", "--side", "hubspot"): "nothing about phone of person-1 waits",
    ("person-1", "job_title"): "say one thing",
    ("person-1", "job_title", "--side", "hubspot", "--value", "x"): "say one thing",
    ("person-1", "job_title", "--value", " "): "cannot be blank",
    ("person-1", "job_title", "--value", "a", "--value", "b"): "needs --value 1 times",
    ("person-1", "job_title", "--withdraw"): "no answer about job_title of person-1",
}


def test_an_answer_that_does_not_fit_is_told(cli, world):
    for words, said in WRONG.items():
        with pytest.raises(CrmPipelineError, match=said):
            cli("answer", *words, "--by", "佐藤")
    cli("answer", "person-1", "job_title", "--side", "salesforce", "--by", "佐藤")
    with pytest.raises(CrmPipelineError, match="was answered by 佐藤 already"):
        cli("answer", "person-1", "job_title", "--side", "hubspot", "--by", "鈴木")

    cli("answer", "person-1", "job_title", "--withdraw", "--by", "佐藤")
    cli("answer", "person-1", "job_title", "--value", "部長代理", "--by", "佐藤")
    world.plan()
    assert {value for new in world.changes().values() for value in json.loads(new).values()} == {"部長代理"}

    cli("answer", "person-1", "job_title", "--withdraw", "--by", "佐藤")
    world.execute(
        "insert into state.answer values ('person-1', 'job_title', 'left', null, '佐藤', now(), '', null, null)"
    )
    with pytest.raises(ConfigError, match=r"answer to person-1 job_title in state\.answer must have either a side"):
        world.plan()
