"""What a test of the sync rules can say, and that it is judged as the planning decides."""

from __future__ import annotations

import pytest
import yaml

from crm_pipeline.config import Settings, load_settings
from crm_pipeline.model import Kind
from crm_pipeline.plan.rules.case import Case
from crm_pipeline.plan.rules.run import run
from crm_pipeline.plan.rules.values import BadCaseError

SETTINGS = load_settings()


def differences(text: str, settings: Settings = SETTINGS) -> list[tuple[str, str, str]]:
    case = Case.model_validate({"test": "t", **yaml.safe_load(text)})
    return [(one.place, one.expected, one.got) for one in run(case, settings)]


@pytest.mark.parametrize(
    "text",
    [
        # several records a side, each with its object, its bases and its times
        """
        given:
          hubspot: {job_title: 課長}
          salesforce:
            - {object: Contact, values: {job_title: 部長}, bases: {job_title: 課長}, changed: {job_title: 2026-11-02}}
            - {object: Lead, values: {job_title: 次長}, bases: {job_title: 課長}, changed: {job_title: 2026-11-03}}
          bases: {hubspot: {job_title: 課長}}
        expect:
          hubspot: {job_title: 次長}
          conflicts: {job_title: within_side}
        """,
        # a reference: the other record has one name, in both CRMs
        """
        kind: deal
        given:
          hubspot: {account: Fuji}
          salesforce: {account: Sakura}
          bases: {account: Fuji}
        expect: {hubspot: {account: Sakura}}
        """,
        """
        kind: deal
        rules: {account: two_way}
        given:
          hubspot: {account: null}
          salesforce: {account: Fuji}
          bases: {account: Fuji}
        expect: {salesforce: {account: null}}
        """,
        # sets: what is held afterwards, in any order; added on both sides, taken off only where somebody took them off
        """
        kind: deal
        given:
          hubspot: {people: [森, 山田]}
          salesforce: {people: [松本, 森]}
        expect:
          hubspot: {people: [松本, 山田, 森]}
          salesforce: {people: [松本, 森, 山田]}
        """,
        """
        kind: deal
        given:
          hubspot: {people: [森]}
          salesforce: {people: [森, 山田]}
          bases: {people: [森, 山田]}
        expect: {salesforce: {people: 森}}
        """,
        """
        kind: deal
        given:
          hubspot: {people: }
          salesforce: {people: 山田}
          bases: {people: 山田}
        expect: {salesforce: {people: []}}
        """,
        """
        kind: deal
        given:
          hubspot: {people: 森}
          salesforce: {people: }
          bases: {hubspot: {people: 森}, salesforce: {people: }}
          agreed: {people: 森}
        expect: {salesforce: {people: 森}}
        """,
        "{kind: deal, given: {hubspot: {people: [A, B]}, salesforce: {people: [B, A]}}, expect: nothing}",
        # a look-up of several kinds: the first of the mapped ones that HubSpot has
        """
        kind: task
        given:
          hubspot: {person: 森, deal: 大口, account: Fuji}
          salesforce: {person: , deal: , account: }
        expect:
          salesforce: {person: 森, deal: 大口}
          refused: {account: WhatId leads to one record}
        """,
        # a look-up that leads to a deal says nothing of the account
        """
        kind: task
        given:
          hubspot: {deal: , account: Fuji}
          salesforce: {deal: 大口, account: }
        expect: {hubspot: {deal: 大口}}
        """,
        # what was agreed, where the bases differ
        """
        given:
          hubspot: {job_title: 課長}
          salesforce: {job_title: 部長}
          bases: {hubspot: {job_title: 課長}, salesforce: {job_title: 部長}}
          agreed: {job_title: 部長}
        expect: {hubspot: {job_title: 部長}}
        """,
        # a number is one, however it is spelled; a date is a date
        """
        kind: company
        given: {hubspot: {employees: 1200.0}, salesforce: {employees: 1200}}
        expect: nothing
        """,
        """
        kind: company
        given: {hubspot: {employees: }, salesforce: {employees: 1200}}
        expect: {hubspot: {employees: 1200.0}}
        """,
        """
        given: {hubspot: {birth_date: 1988-04-09}, salesforce: {birth_date: }}
        expect: {salesforce: {birth_date: 1988-04-09}}
        """,
        # owners go by e-mail
        """
        given: {hubspot: {owner: a@x.jp}, salesforce: {owner: b@x.jp}, bases: {owner: b@x.jp}}
        expect: {salesforce: {owner: a@x.jp}}
        """,
        # one address of HubSpot is held by another contact
        """
        given:
          hubspot: [{e_mail: old@x.jp}, {e_mail: new@x.jp}]
          salesforce: {e_mail: new@x.jp}
        expect: {refused: {e_mail: held by hubspot/contacts/2}}
        """,
        # only one side: nothing to decide
        "{given: {hubspot: {phone: 03-1234-5678}}, expect: nothing}",
    ],
)
def test_what_the_planning_does_passes(text: str) -> None:
    assert differences(text) == []


def test_a_moment_is_one_in_whatever_zone_it_is_written() -> None:
    text = """
        kind: activity
        given:
          hubspot: {object: meetings, values: {start: }}
          salesforce: {object: Event, values: {start: 2026-01-01T09:00:00+09:00}}
        expect: {hubspot: {start: 2026-01-01T09:00:00+09:00}}
    """
    activity = SETTINGS.mapping.of(Kind.ACTIVITY)
    switches = {o: s.model_copy(update={"to_hubspot": "update"}) for o, s in activity.salesforce.items()}
    on = SETTINGS.mapping.model_copy(update={"activity": activity.model_copy(update={"salesforce": switches})})
    assert differences(text, SETTINGS.model_copy(update={"mapping": on})) == []


def test_a_write_that_is_refused_is_none_although_another_ones_refusal_is_expected() -> None:
    text = """
        given:
          hubspot: [{e_mail: old@x.jp}, {e_mail: new@x.jp}]
          salesforce: {e_mail: new@x.jp}
        expect: {hubspot: {e_mail: new@x.jp}, refused: {e_mail: held by}}
    """
    assert differences(text) == [("HubSpot contacts 1, e_mail", "new@x.jp", "refused: held by hubspot/contacts/2")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "{given: {hubspot: {phone: }, salesforce: {phone: 03-1234-5678}}, expect: nothing}",
            ("HubSpot contacts 1, phone", "(no write)", "03-1234-5678"),
        ),
        (
            "{given: {hubspot: {phone: }, salesforce: {phone: }}, expect: {hubspot: {phone: 03-1234-5678}}}",
            ("HubSpot contacts 1, phone", "03-1234-5678", "(no write)"),
        ),
        (
            "{given: {hubspot: {phone: 03-1}, salesforce: {phone: }, bases: {phone: 03-1}}, expect: nothing}",
            ("HubSpot contacts 1, phone", "(no write)", "(blank)"),
        ),
        (
            "{given: {hubspot: {phone: 03-1}, salesforce: {phone: 03-1}}, expect: {conflicts: {phone: both_changed}}}",
            ("conflict over phone", "both_changed", "(none)"),
        ),
        (
            "{given: {hubspot: {phone: 03-1}, salesforce: {phone: 03-1}}, expect: {refused: {phone: held}}}",
            ("phone", "refused: held", "nothing is refused"),
        ),
    ],
)
def test_what_it_does_not_do_is_a_difference(text: str, found: tuple[str, str, str]) -> None:
    assert differences(text) == [found]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{given: {hubspot: {fax: 1}}, expect: nothing}", "has no field 'fax'"),
        ("{given: {hubspot: {name: 山田}}, expect: nothing}", "is a group; write its parts: family_name, given_name"),
        ("{given: {hubspot: {name: {nick: a}}}, expect: nothing}", "has no part nick"),
        ("{given: {salesforce: {object: Account, values: {phone: 1}}}, expect: nothing}", "not synced with Salesforce"),
        ("{given: {hubspot: {phone: '1'}}, expect: {hubspot: [{}, {phone: '1'}]}}", "more records are expected"),
        (
            "{given: {hubspot: {phone: '1'}, salesforce: {phone: '2'}, "
            "bases: {hubspot: {phone: '1'}, salesforce: {phone: '2'}}}, expect: nothing}",
            "the bases of phone differ; write under agreed",
        ),
        ("{kind: deal, given: {hubspot: {account: [A, B]}}, expect: nothing}", "'account' leads to one record; 2 are"),
        ("{kind: deal, given: {hubspot: {people: {a: b}}}, expect: nothing}", "leads to records; write their names"),
        (
            "{kind: task, given: {salesforce: {deal: A, account: B}}, expect: nothing}",
            "WhatId leads to one record, and this is the second",
        ),
        (
            "{kind: deal, given: {hubspot: {people: A}, salesforce: {people: A}, "
            "bases: {hubspot: {people: A}, salesforce: {people: }}}, expect: nothing}",
            "the bases of people differ; write under agreed",
        ),
    ],
)
def test_a_test_that_cannot_be_run_says_why(text: str, says: str) -> None:
    with pytest.raises(BadCaseError, match=says):
        differences(text)
