"""`crm-pipeline why`: where a record stands."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from crm_pipeline.cli import environment
from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.report import why as report

WRITE = report.Write(
    datetime(2026, 1, 1, tzinfo=UTC), 1, "salesforce/Lead/1", "phone", {"Phone": None}, {"Phone": "03-1234-5678"},
    "two_way", "the later edit", "landed",
)  # fmt: skip


@pytest.mark.parametrize(("options", "new"), [((), "0…"), (("--values",), "03-1234-5678")])
def test_a_script_gets_values_only_when_it_asks_for_them(cli, monkeypatch, options, new):
    monkeypatch.setattr(environment, "published", lambda settings: nullcontext())
    monkeypatch.setattr(report, "why", lambda *about: report.Why((), (), (), (WRITE,)))
    (write,) = json.loads(cli("why", "salesforce/Lead/1", "phone", "--json", *options))["writes"]
    assert write["new"] == {"Phone": new}


@pytest.mark.parametrize("subject", ["", " "])
def test_a_blank_name_is_called_so(cli, monkeypatch, subject):
    monkeypatch.setattr(environment, "published", lambda settings: nullcontext())
    with pytest.raises(ConfigError, match="the name is blank; write a record, system/object/id"):
        cli("why", subject)


def test_why_needs_a_published_copy(cli, warehouse):
    with pytest.raises(NotFoundError, match="run the pipeline once first"):
        cli("why", "hubspot/contacts/151")
