"""The golden value of consent: who opted out anywhere has opted out, whatever else is true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_pipeline.golden.stage import run
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.golden.test_stage import HUBSPOT, LEAD, add
from crm_pipeline_tests.plan.test_consent import CONSENT


@pytest.mark.parametrize(("hubspot", "lead"), [("false", True), ("true", False)])
@pytest.mark.parametrize("agreed", [None, "false", "true"])
@pytest.mark.parametrize("day", [1, 3])
def test_an_opt_out_is_golden_as_long_as_a_record_holds_it(
    tmp_path: Path, hubspot: str, lead: bool, agreed: str | None, day: int
) -> None:
    """Whichever changed later, and before the plan that carries it over was approved."""
    house = Warehouse(tmp_path / "crm.duckdb")
    at = {"hs_email_optout": f"2026-01-0{day}T00:00:00+00:00", "HasOptedOutOfEmail": "2026-01-02T00:00:00+00:00"}
    add(house, HUBSPOT, {"hs_email_optout": hubspot}, changed=at)
    add(house, LEAD, {"HasOptedOutOfEmail": lead}, changed=at)
    with house.connect() as connection:
        for key in (HUBSPOT, LEAD):
            connection.execute("insert into match.cluster values ('person', ?, ?)", [key, HUBSPOT])
        if agreed:
            connection.execute(
                "insert into state.agreed values ('person-1', 'opted_out', ?, 'ratchet', '', 1)",
                [json.dumps([agreed])],
            )
    run(house, CONSENT, 1)
    with house.connect() as connection:
        assert connection.execute("select opted_out from golden.person").fetchall() == [("true",)]
