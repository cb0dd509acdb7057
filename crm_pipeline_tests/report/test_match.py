from crm_pipeline.report.match import tiers
from crm_pipeline_tests.report.night import write_night


def test_pairs_are_counted_by_kind_and_tier(tmp_path):
    with write_night(tmp_path / "crm.duckdb").connect() as connection:
        connection.execute(
            "insert into match.pair select * replace ('auto' as tier, 0.9999 as posterior) from match.pair"
        )
        assert list(tiers(connection, "match.pair").items()) == [("person auto", 1), ("person possible", 1)]
