"""`crm-pipeline report`: where the page of a run is."""

from __future__ import annotations

import pytest

from crm_pipeline.errors import NotFoundError
from crm_pipeline_tests.report.page.morning import write_morning


@pytest.fixture
def morning(home):
    return write_morning(home / "crm.duckdb")


def test_the_newest_runs_page_is_made_anew_and_its_place_printed(cli, morning, home):
    page = home / "reports" / "run-1.html"
    assert cli("report").strip() == str(page)
    page.write_text("old")
    cli("report", "1", "--lang", "ja")
    assert page.read_text().startswith('<!doctype html>\n<html lang="ja">')


def test_an_earlier_runs_page_stays_as_it_was_written_then(cli, morning, home):
    with morning.connect() as connection:
        connection.execute("update state.run set run_id = run_id + 1")
    assert cli("report", "1").strip().endswith("run-1.html")
    (home / "reports" / "run-1.html").write_text("as it was")
    cli("report", "1")
    assert (home / "reports" / "run-1.html").read_text() == "as it was"


def test_values_are_in_a_file_of_their_own(cli, morning, home):
    assert cli("report", "--values").strip().endswith("run-1-values.html")
    assert "部長" in (home / "reports" / "run-1-values.html").read_text()


def test_a_run_that_wrote_to_somebody_who_was_erased(cli, morning):
    with morning.connect() as connection:
        connection.execute("update plan.change set record_id = null, create_key = null, source_key = null")
        connection.execute("update push.outbox set record_id = null, create_key = null")
    assert cli("report", "1").strip().endswith("run-1.html")


def test_a_run_that_there_is_not(cli, morning):
    with pytest.raises(NotFoundError, match="there is no run 7"):
        cli("report", "7")
