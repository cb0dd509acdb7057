"""A first configuration as text: settings, mapping and rule tests, with the reasons as comments.

Belongs here: the YAML. Not here: what is suggested (suggest.py), the files (cli/init.py).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from crm_pipeline.config.load import DEFAULTS, load_mapping, read_yaml
from crm_pipeline.connecting import suggest
from crm_pipeline.connecting.suggest import Suggestion
from crm_pipeline.crm.protocol import Account
from crm_pipeline.model import Kind, System
from crm_pipeline.plan.fit.compatibility import Schemas
from crm_pipeline.plan.fit.verdict import Owners

_WIDTH = 116
_SETTINGS_HEAD = """\
# How the pipeline runs: written by crm-pipeline init for {hubspot} and {salesforce}. Change what you need.
"""
_HEAD = """\
# Which field of HubSpot is which field of Salesforce, and which rule decides: written by crm-pipeline init from
# {hubspot} and {salesforce}. It is yours: change what you like.
#
# Above each field stand both sides with their types and whether they fit. What is commented out was not sure, or does
# not fit: the reason stands above it. docs/sync-rules.md explains the rules; crm-pipeline fields --live checks it all.
"""
#: What the default mapping leaves out, because its fields are hidden in many organisations: it spreads by `ratchet`.
_CONSENT = {
    Kind.PERSON: {
        "e_mail_opt_out": {
            "label": {"en": "E-mail opt-out", "ja": "メール配信停止"},
            "hubspot": "hs_email_optout",
            "Lead": "HasOptedOutOfEmail",
            "Contact": "HasOptedOutOfEmail",
        }
    }
}
_RULE_TESTS = """\
# What the sync rules promise, as tests: crm-pipeline test-rules {name}. docs/mapping.md explains them.
tests:
"""


def settings(accounts: Mapping[System, Account]) -> str:
    """The default settings, for these two accounts."""
    text = (DEFAULTS / "settings.yaml").read_text(encoding="utf-8")
    hubspot, salesforce = accounts[System.HUBSPOT], accounts[System.SALESFORCE]
    text = _SETTINGS_HEAD.format(**_accounts(accounts)) + text.partition("\n")[2]
    for old, new in (
        ("portal_id: null", f"portal_id: {hubspot.account_id}"),
        ("organisation_id: null", f'organisation_id: "{salesforce.account_id}"'),
        ("time_zone: Asia/Tokyo", f"time_zone: {salesforce.time_zone}"),
    ):
        found = re.search(rf"{re.escape(old)} +(?=#)", text)
        assert found, old
        room = len(found.group()) - 1  # the comments stand in one column
        text = text.replace(found.group(), f"{new:{room}} ", 1)
    return text


def _accounts(accounts: Mapping[System, Account]) -> dict[str, str]:
    return {str(system): f"{system.label} {accounts[system].account_id}" for system in System}


def mapping(accounts: Mapping[System, Account], schemas: Schemas, owners: Owners) -> str:
    """A mapping that fits the schemas. An object without a schema is one that the user may not read."""
    default, raw = load_mapping(DEFAULTS / "mapping.yaml"), read_yaml(DEFAULTS / "mapping.yaml")
    parts = [_HEAD.format(**_accounts(accounts))]
    for kind in Kind:
        mapped = default.of(kind)
        hidden = [object_ for at in mapped.objects if at not in schemas for object_ in (at[1],)]
        if hidden:
            parts.append(
                f"# {kind}: left out, because {', '.join(hidden)} cannot be read; crm-pipeline preflight says more.\n"
            )
            continue
        head = {key: value for key, value in raw[kind].items() if key not in ("fields", "identity")}
        head["identity"] = [
            one for one in raw[kind].get("identity", ()) if one["hubspot"] in schemas[System.HUBSPOT, mapped.hubspot]
        ]
        text = _yaml({str(kind): {key: value for key, value in head.items() if value}})
        text += "  fields:\n"
        found = suggest.fields(mapped, {**raw[kind]["fields"], **_CONSENT.get(kind, {})}, schemas, owners)
        parts.append(text.replace(": false", ": off") + "".join(line for one in found for line in _field(one)))
    read = {
        str(system): {
            object_: [name for name in names if name in schemas[System(system), object_]]
            for object_, names in objects.items()
            if (System(system), object_) in schemas
        }
        for system, objects in raw["read"].items()
    }
    parts.append("# Read for the view of a customer, never written.\n" + _yaml({"read": read}))
    return "\n".join(parts)


def rule_tests(name: str, mapped: Mapping[str, Any]) -> str:
    """A test or two that hold for the written mapping (`mapped`: what its YAML says)."""
    text = _RULE_TESTS.format(name=name)
    fields = mapped["person"]["fields"]
    for field, value in (("e_mail", "yamada@example.com"), ("phone", "03-1234-5678"), ("job_title", "部長")):
        if fields.get(field, {}).get("rule") not in ("prefer_salesforce", "two_way"):
            continue
        case = {
            "given": {"hubspot": {field: None}, "salesforce": {field: value}},
            "expect": {"hubspot": {field: value}},
        }
        text += textwrap.indent(_yaml([{"test": f"Salesforce's {field} fills HubSpot's gap", **case}]), "  ")
    return text if "- test" in text else text.replace("tests:\n", "tests: []\n")


def _field(one: Suggestion) -> Iterator[str]:
    for note in (*one.types, *one.notes):
        yield from (f"    # {line}\n" for line in textwrap.wrap(note, _WIDTH - 6, break_long_words=False))
    for line in _yaml({one.name: one.raw}).splitlines():
        yield f"    {line}\n" if one.active else f"    # {line}\n"


def _yaml(data: Any) -> str:
    """As people write it: the innermost collections on one line."""
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=_WIDTH)
    return text
