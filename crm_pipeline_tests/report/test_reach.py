from crm_pipeline.report.reach import Reach, reach
from crm_pipeline.warehouse import Warehouse


def test_reach_is_that_of_the_run_with_and_without_our_writes(tmp_path):
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        for run_id, customers in ((1, 10), (2, 12)):
            row = [run_id, "hubspot", "mail", customers, 9, 20]
            connection.execute("insert into publish.reach values (?, now(), ?, ?, ?, ?, ?)", row)
        assert reach(connection, 2) == [Reach("marketing can mail", without_writes=9, customers=12, total=20)]
