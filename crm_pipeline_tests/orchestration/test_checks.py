"""What the checks of a plan say."""

from crm_pipeline.orchestration.checks import build_checks
from crm_pipeline_tests.report.night import HASH, write_night


def checked(pipeline, name):
    settings = pipeline.settings()
    [check] = [check for check in build_checks(settings) if name in {key.name for key in check.check_keys}]
    return check(pipeline)


def test_a_tripped_guard_warns_and_says_what_to_type(pipeline):
    write_night(pipeline.settings().warehouse)
    result = checked(pipeline, "within_guards")
    assert not result.passed
    assert result.description.endswith(f"crm-pipeline approve {HASH} --by YOUR_NAME")
    within = [record.data["within"] for record in result.metadata["guards"].records]
    assert within == ["no", "yes"]


def test_only_the_first_guards_are_spelled_out(pipeline):
    with write_night(pipeline.settings().warehouse).connect() as connection:
        connection.execute(
            "insert into plan.guard select g.* replace ('relinked' || n as guard, true as tripped) "
            "from plan.guard g, range(4) t(n) where not tripped"
        )
    assert "; and 2 more. " in checked(pipeline, "within_guards").description


def test_a_plan_whose_fields_all_fit_shows_no_empty_table(pipeline):
    write_night(pipeline.settings().warehouse)
    result = checked(pipeline, "compatible")
    assert result.passed
    assert set(result.metadata) == {"plan id"}
