import pytest

from crm_pipeline.errors import ConfigError, NotFoundError


def test_an_undo_of_a_run_that_wrote_nothing_is_refused_and_makes_no_plan(cli, warehouse):
    with pytest.raises(NotFoundError, match="there is no run 7; none was made yet"):
        cli("undo", "7", "--by", "佐藤")
    with pytest.raises(ConfigError, match="--record"):
        cli("undo", "--by", "佐藤")
    with warehouse.read() as connection:
        assert connection.execute("select count(*) from plan.plan").fetchone() == (1,)
