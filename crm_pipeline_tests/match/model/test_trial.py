import pytest

from crm_pipeline.match.model.file import place, write
from crm_pipeline.match.model.groups import Regrouped
from crm_pipeline.match.model.start import start
from crm_pipeline.match.model.trial import Retiered, compared, trained
from crm_pipeline.match.people import PERSON
from crm_pipeline.model import Kind, Tier
from crm_pipeline_tests.match.records import copied, mailbox, matched, person, settings, together, warehouse

CONTACT, LEAD = "hubspot/contacts/1", "salesforce/Lead/1"


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """Two records of one person, linked."""
    values = {"birth_date": "1988-04-09", "e_mails": [mailbox("m@yamane.jp")]}
    found = warehouse(
        tmp_path_factory.mktemp("linked"),
        [person(CONTACT, "yamane", "shirou", **values), person(LEAD, "yamane", "shirou", **values)],
    )
    matched(found)
    assert together(found) == [[CONTACT, LEAD]]
    return found


@pytest.fixture
def house(tmp_path, linked):
    return copied(linked, tmp_path)


def trial(house, other=None, models=None):
    now = settings().model_copy(update={"warehouse": house.path})
    return {change.kind: change for change in compared(house, now, other or now, models or {})}


def test_the_same_configuration_changes_nothing(house):
    assert all(not change.groups and not change.pairs for change in trial(house).values())


def test_other_thresholds_show_who_would_be_split(house):
    strict = settings(auto=1 - 1e-12, recommended=0.9).model_copy(update={"warehouse": house.path})
    found = trial(house, strict)[Kind.PERSON]
    assert found.groups == [Regrouped("split", [[CONTACT, LEAD]], [[CONTACT], [LEAD]])]
    assert found.pairs == [Retiered(CONTACT, LEAD, Tier.AUTO, Tier.RECOMMENDED)]


def test_another_model_shows_what_it_would_change(house, tmp_path):
    unlikely = start(Kind.PERSON, PERSON, {"hubspot": 10**9, "salesforce": 10**9}, {}, {})
    write(unlikely, tmp_path / "other.json")
    found = trial(house, models={Kind.PERSON: tmp_path / "other.json"})
    assert [change.kind for change in found.values() if change.pairs] == [Kind.PERSON]


def test_neither_a_trial_nor_a_training_leaves_a_trace(house):
    files = sorted(house.path.parent.rglob("*"))
    content = place(house.path, Kind.PERSON).read_bytes()
    trial(house, settings(shared_by_names=1).model_copy(update={"warehouse": house.path}))
    models = trained(house, settings().model_copy(update={"warehouse": house.path}))
    assert models[Kind.PERSON].records == {"hubspot": 1, "salesforce": 1}
    assert sorted(house.path.parent.rglob("*")) == files
    assert together(house) == [[CONTACT, LEAD]]
    assert place(house.path, Kind.PERSON).read_bytes() == content
