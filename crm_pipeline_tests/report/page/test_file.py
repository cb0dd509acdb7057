"""A report is its owner's alone, the last few are kept, and one that cannot be written stops nothing."""

from __future__ import annotations

import stat

import pytest

from crm_pipeline.config import load_settings
from crm_pipeline.report.page import file
from crm_pipeline.report.page.night import Night
from crm_pipeline_tests.report.page.morning import write_morning


@pytest.fixture
def house(tmp_path):
    """(the warehouse, settings that keep reports beside it)."""
    settings = load_settings().model_copy(update={"reports": tmp_path / "reports"})
    return write_morning(tmp_path / "crm.duckdb"), settings


def test_it_is_for_its_owners_eyes_and_values_are_in_another_file(house):
    warehouse, settings = house
    with warehouse.read() as connection:
        masked = file.write(connection, settings)
        full = file.write(connection, settings, in_full=True)
    assert [path.name for path in (masked, full)] == ["run-1.html", "run-1-values.html"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (masked, full)} == {0o600}
    assert ("部長" in masked.read_text(), "部長" in full.read_text()) == (False, True)


def test_the_oldest_are_removed_and_other_files_stay(tmp_path):
    for number in range(1, 71):
        (tmp_path / f"run-{number}.html").touch()
    (tmp_path / "run-3-values.html").touch()
    (tmp_path / "notes.html").touch()
    file.prune(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == file.KEPT + 1
    assert {"notes.html", "run-11.html", "run-70.html"} <= left
    assert not {"run-10.html", "run-3-values.html"} & left


def test_the_end_of_a_run_names_its_report(house):
    warehouse, settings = house
    path, told = Night().report(warehouse, settings, 1)
    assert told == f"its report is {path}"
    assert "publishing" in (settings.reports / "run-1.html").read_text()


def test_a_report_that_cannot_be_written_is_told_and_stops_nothing(house, tmp_path):
    warehouse, settings = house
    (tmp_path / "reports").touch()
    path, told = Night().report(warehouse, settings, 1)
    assert path == ""
    assert told.startswith("the report could not be written (")
    assert told.endswith("make it with: crm-pipeline report 1")


def test_law_45_a_mistake_in_the_page_quotes_no_value(house, monkeypatch):
    def broken(*_, **__):
        raise ValueError("部長")

    monkeypatch.setattr("crm_pipeline.report.page.night.write", broken)
    assert "部長" not in Night().report(*house, 1)[1]
