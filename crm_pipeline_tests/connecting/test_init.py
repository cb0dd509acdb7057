"""`crm-pipeline init`: a configuration from two schemas that holds at once, with reasons for what it leaves out."""

import pytest
import yaml

from crm_pipeline.config import load_settings
from crm_pipeline.config.load import DEFAULTS, load_mapping
from crm_pipeline.connecting.values import suggested_values, without_unknown
from crm_pipeline.crm.protocol import FieldSchema, Option
from crm_pipeline.errors import ConfigError, PermanentError
from crm_pipeline_tests.connecting.conftest import lead_to


@pytest.fixture
def written(run, tmp_path, monkeypatch):
    """Write it, let the environment lead to it; gives the mapping's text and what it says."""

    def init():
        folder = tmp_path / "mine"
        run("init", str(folder))
        monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(folder / "settings.yaml"))
        monkeypatch.setenv("CRM_PIPELINE_MAPPING", str(folder / "mapping.yaml"))
        monkeypatch.chdir(tmp_path)
        text = (folder / "mapping.yaml").read_text(encoding="utf-8")
        return text, yaml.safe_load(text)

    return init


def test_of_the_demos_crms_it_writes_the_default_mapping(world, written, run, tmp_path):
    for log in world.logs:
        log.clear()
    _, mapping = written()
    assert all(log.writing() == [] for log in world.logs)
    settings = load_settings()
    assert settings.hubspot.portal_id == 12345678
    assert settings.salesforce.organisation_id == world.salesforce.organisation_id
    default = load_mapping(DEFAULTS / "mapping.yaml")
    assert [kind.kind for kind in settings.mapping.kinds] == [kind.kind for kind in default.kinds]
    assert mapping["person"]["fields"]["job_title"]["rule"] == "two_way"
    (consent,) = (one for one in settings.mapping.person.fields if one.name == "e_mail_opt_out")
    assert (consent.rule, consent.tight) == ("ratchet", (True,))
    assert run("fields", "--live")[0] == 0
    code, shown = run("test-rules", str(tmp_path / "mine" / "rules.yaml"))
    assert (code, "3 passed, 0 failed" in shown) == (0, True)
    assert run("preflight")[0] == 0


def test_the_settings_say_whose_they_are_and_their_comments_stand_in_one_column(world, written, tmp_path):
    written()
    lines = (tmp_path / "mine" / "settings.yaml").read_text(encoding="utf-8").splitlines()
    organisation = world.salesforce.organisation_id
    assert lines[0].startswith(
        "# How the pipeline runs: written by crm-pipeline init for HubSpot 12345678 and Salesforce"
    )
    keys = ("portal_id: 12345678", f'organisation_id: "{organisation}"', "time_zone: Asia/Tokyo", "path_version:")
    columns = {key: line.index("#") for key in keys for line in lines if line.strip().startswith(key)}
    assert len(columns) == len(keys)
    assert len(set(columns.values())) == 1


def test_of_two_new_accounts_it_writes_what_fits_and_says_why_the_rest_does_not(
    portal, organisation, tmp_path, monkeypatch, written, run
):
    lead_to(portal, organisation, tmp_path, monkeypatch)
    text, mapping = written()
    fields = mapping["person"]["fields"]
    assert "lead_source" not in fields
    assert "# not there, or hidden: contacts.lead_source; crm-pipeline setup creates it" in text
    assert fields["industry"]["rule"] == "always_salesforce"
    assert "# prefer_salesforce is not possible here: HubSpot contacts.industry" in text
    assert mapping["company"]["fields"]["industry"]["values"]["to_salesforce"]["BANKING"] == "Banking"
    assert "# contacts.email (string, text) - Lead.Email (email): compatible" in text
    assert run("fields", "--live")[0] == 0


def test_own_fields_are_paired_by_name_and_only_offered_by_label(world, written, run):
    for name, label in (("rank", "顧客ランク"), ("zone", "地域")):
        world.hubspot.define_property("contacts", {"name": name, "label": label, "type": "string", "fieldType": "text"})
    for name, label in (("Rank__c", "Rank"), ("Area__c", "地域")):
        world.salesforce.define_field("Lead", {"name": name, "label": label, "type": "string", "length": 40})
    text, mapping = written()
    assert mapping["person"]["fields"]["rank"] == {
        "label": {"en": "顧客ランク", "ja": "Rank"},
        "rule": "prefer_salesforce",
        "hubspot": "rank",
        "Lead": "Rank__c",
    }
    assert "zone" not in mapping["person"]["fields"]
    assert "# unsure: only the same label; take the # away if it is the same thing\n    # zone:" in text
    assert run("fields", "--live")[0] == 0


def test_a_kind_that_may_not_be_read_is_left_out_and_people_are_not(world, written):
    world.hubspot.scopes -= {"crm.objects.deals.read", "crm.schemas.deals.read"}
    text, mapping = written()
    assert "deal" not in mapping
    assert "# deal: left out, because deals cannot be read; crm-pipeline preflight says more." in text
    assert load_settings().mapping.deal is None


def test_without_people_or_companies_there_is_no_mapping(world, run, tmp_path):
    world.salesforce.set_object_permission("Account", read=False)
    with pytest.raises(PermanentError, match="Account"):
        run("init", str(tmp_path / "mine"))
    assert not (tmp_path / "mine").exists()


def test_nothing_is_overwritten(world, run, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "mapping.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mapping\.yaml is there already and is not overwritten"):
        run("init", str(mine))
    assert [(path.name, path.read_text(encoding="utf-8")) for path in mine.iterdir()] == [("mapping.yaml", "mine")]


def _options(*pairs):
    return FieldSchema("f", "F", "x", options=tuple(Option(value, label) for value, label in pairs))


def test_options_are_paired_by_label_and_unknown_lines_leave_a_map():
    hubspot = _options(("OTHER", "Other"), ("a", "製造業"), ("Same", "Same"), ("z", "Z"))
    salesforce = _options(("other_1", "ＯＴＨＥＲ"), ("Manufacturing", "製造業"), ("Same", "Same"))
    assert suggested_values(hubspot, salesforce) == {"to_salesforce": {"OTHER": "other_1", "a": "Manufacturing"}}
    values = {"to_salesforce": {"a": "Manufacturing", "gone": "Same"}, "preferred": {"Manufacturing": "a", "x": "a"}}
    less, dropped = without_unknown(values, hubspot, salesforce)
    assert less == {"to_salesforce": {"a": "Manufacturing"}, "preferred": {"Manufacturing": "a"}}
    assert dropped == ["gone: Same", "x: a"]
