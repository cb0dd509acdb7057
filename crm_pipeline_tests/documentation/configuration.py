"""The settings with defaults and meaning, the keys of a mapping, and the environment variables, as tables.

Belongs here: reading them from the models and defaults. Not here: commands (reference.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from crm_pipeline.config.field import FieldMapping, IdentityField, Label, Part, ValueMap
from crm_pipeline.config.filter import Condition, Filter
from crm_pipeline.config.kind import KeyFields, KindMapping, SyncSwitch
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.config.pair import Pair
from crm_pipeline.config.settings import Settings
from crm_pipeline.config.strict import Strict

#: Variable -> (what it is, whether it is a secret).
VARIABLES: dict[str, tuple[str, bool]] = {
    "HUBSPOT_ACCESS_TOKEN": ("HubSpot's token: of a service key or a private app", True),
    "HUBSPOT_BASE_URL": ("another address of HubSpot; for the emulators and tests", False),
    "SALESFORCE_LOGIN_URL": ("My Domain of the organisation, as https://example.my.salesforce.com", False),
    "SALESFORCE_CLIENT_ID": ("the consumer key of the External Client App", False),
    "SALESFORCE_CLIENT_SECRET": ("its secret, for the client-credentials flow", True),
    "SALESFORCE_USERNAME": ("the integration user, for the JWT flow", False),
    "SALESFORCE_PRIVATE_KEY": ("for the JWT flow: the private key, or the file in which it is", True),
    "CRM_PIPELINE_SETTINGS": ("the settings file; without it the defaults count", False),
    "CRM_PIPELINE_MAPPING": ("the mapping file; without it the default mapping counts", False),
    "CRM_PIPELINE_SLACK_WEBHOOK": ("where alerts go; without it Slack is told nothing", True),
    "CRM_PIPELINE_SMTP_PASSWORD": ("of alerts.mail.user", True),
    "HTTPS_PROXY": ("a proxy on the way to the CRMs and to Slack; NO_PROXY: hosts without it", False),
    "REQUESTS_CA_BUNDLE": ("certificates to trust, where a proxy has its own", False),
    "DAGSTER_HOME": ("where Dagster keeps runs and logs", False),
    "TMPDIR": ("where pages and rows pass through; it needs room for an object's records", False),
    "NO_COLOR": ("no colours on a terminal, if it is set; nor if TERM is `dumb`", False),
}

#: Model of the mapping -> (title, key -> meaning).
MAPPING_KEYS: dict[type[Strict], tuple[str, dict[str, str]]] = {
    KindMapping: (
        "A kind: `person`, `company`, `deal`, `ticket`, `task`, `activity`",
        {
            "hubspot": "its object in HubSpot, the first one of several",
            "salesforce": "its objects in Salesforce, each with its switch",
            "key": "our own unique field in each CRM, which makes a create safe to repeat",
            "identity": "what is read for matching only, and never written",
            "fields": "name -> field",
            "pairs": "linked kinds only: which objects are counterparts, where one stands for several",
            "linked_by": "linked kinds only: a field that holds the other CRM's record id, left by other software",
            "since": "linked kinds only: records created before it are not created on the other side",
            "backfill": "linked kinds only: they all are",
        },
    ),
    SyncSwitch: (
        "A switch, under `salesforce`",
        {
            "to_salesforce": "off, update or create",
            "to_hubspot": "off, update or create",
            "filter": "which records take part, for each direction",
            "on_record_delete": "unlink, or archive_other_side when the last record of a side was deleted",
        },
    ),
    Filter: (
        "A filter",
        {
            "to_salesforce": "conditions that HubSpot's records must meet, all of them",
            "to_hubspot": "conditions that Salesforce's records must meet, all of them",
        },
    ),
    Condition: (
        "A condition: one test of one field",
        {
            "field": "name of a mapped field",
            "in": "one of these values",
            "not_in": "none of these values",
            "not_blank": "it holds something",
            "blank": "it holds nothing",
        },
    ),
    KeyFields: ("`key`", {"hubspot": "name of the property", "salesforce": "name of the field"}),
    FieldMapping: (
        "A field, under `fields`",
        {
            "label": "what people read: {en: ..., ja: ...}",
            "type": "how values are compared and written; text if left out",
            "rule": "which side wins: docs/sync-rules.md; prefer_salesforce if left out",
            "parts": "several CRM fields that are one value; without it, the lines `hubspot`, `Lead` and so on",
            "values": "for picklists: which HubSpot value is which Salesforce value",
            "write_to": "all records of a customer on a side, or only the primary one",
            "edit_vs_clear": "as sync.edit_vs_clear, for this field",
            "tie_breaker": "as sync.tie_breaker, for this field",
            "tight": "rule ratchet: the values that may only be set",
            "default_on_create": "object -> what a new record gets where there is no value",
            "refers_to": "type reference: the kind of record that it leads to",
            "many": "type reference: it leads to any number of records, each decided by itself",
        },
    ),
    Part: (
        "A part, under `parts`",
        {
            "names": "its lines: `hubspot` or a Salesforce object -> name of a CRM field, or a path that is read only",
            "role": "what matching uses it for: family_name, e_mail, phone and so on",
        },
    ),
    IdentityField: ("A line under `identity`", {"names": "as in a part", "role": "as in a part"}),
    Label: ("`label`", {"en": "in English", "ja": "in Japanese"}),
    ValueMap: (
        "`values`",
        {
            "to_salesforce": "HubSpot value -> Salesforce value",
            "preferred": "Salesforce value -> HubSpot value, where several of HubSpot's meet in one",
        },
    ),
    Pair: (
        "A line under `pairs`",
        {
            "hubspot": "object",
            "salesforce": "object",
            "only": "Salesforce field -> values of the records that are meant",
        },
    ),
}


def settings_rows() -> Iterator[tuple[str, str, str, str]]:
    """(key, what it may be, default, meaning) of every setting, in the order of the defaults."""
    text = (DEFAULTS / "settings.yaml").read_text(encoding="utf-8")
    node = yaml.compose(text)
    schema = Settings.model_json_schema()
    yield from _rows(node, yaml.safe_load(text), schema, schema["$defs"], text.splitlines(), "")


def _rows(
    node: Any, data: Mapping[str, Any], schema: Mapping[str, Any], defs: Mapping[str, Any], lines: list[str], path: str
) -> Iterator[tuple[str, str, str, str]]:
    for key, value in node.value:
        name, default = key.value, data[key.value]
        shape = schema["properties"][name]
        shape = defs[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
        if isinstance(default, dict):
            yield from _rows(value, default, shape, defs, lines, f"{path}{name}.")
        else:
            yield f"{path}{name}", _shape(shape), _shown(default), _comment(lines, key.start_mark.line)


def _comment(lines: list[str], number: int) -> str:
    return lines[number].partition("  # ")[2].strip()


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value) or "empty"


def _shape(shape: Mapping[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(_shape(one) for one in shape["anyOf"]))
    if "enum" in shape:
        return ", ".join(shape["enum"])
    kind = {"integer": "whole number", "boolean": "true or false", "string": "text", "array": "list", "null": "none"}
    name = kind.get(shape.get("type", ""), shape.get("type", "text"))
    if shape.get("format") == "path":
        name = "file or folder"
    least, most = shape.get("minimum"), shape.get("maximum")
    above, below = shape.get("exclusiveMinimum"), shape.get("exclusiveMaximum")
    if above is not None and below is not None:
        return f"{name} between {above} and {below}"
    if least is not None and most is not None:
        return f"{name} from {least} to {most}"
    return f"{name} from {least}" if least is not None else name
