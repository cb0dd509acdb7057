import duckdb
import pytest

from crm_pipeline.errors import ConfigError


@pytest.fixture
def published(home):
    with duckdb.connect(str(home / "analytics.duckdb")) as connection:
        connection.execute("create table person as select '山田太郎' as name, 1 as number")


def test_a_query_runs_on_the_published_copy(cli, published):
    assert "山田太郎" in cli("sql", "select name from person")


def test_a_program_gets_csv(cli, published):
    assert cli("sql", "--csv", "from person") == "name,number\n山田太郎,1\n"


def test_columns_of_one_name_keep_their_own_values_in_csv(cli, published):
    assert cli("sql", "--csv", "select 1 as a, 2 as a, [3] as a").endswith("\n1,2,[3]\n")


def test_lists_in_csv_are_json(cli, published):
    assert cli("sql", "--csv", "select ['a', 'b'] as l, {'x': 1} as s, 1.5 as n, [] as \"no\"\"ne\"") == (
        'l,s,n,"no""ne"\n"[""a"",""b""]","{""x"":1}",1.5,[]\n'
    )


def test_columns_of_one_name_are_not_lost_in_json(cli, published):
    with pytest.raises(ConfigError, match=r"columns of the query are called a, b, .* select a\.a as first"):
        cli("sql", "--json", "select 1 as a, 2 as a, 3 as b, 4 as b, 5 as c")
    assert cli("sql", "--json", "select 1 as a, 2 as A") == '[{"a": 1, "A": 2}]\n'


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("delete from person", "the query would write; `sql` only reads"),
        ("select nonsense", "the query does not work"),
    ],
)
def test_what_cannot_run_is_said_and_nothing_changes(cli, published, query, says):
    with pytest.raises(ConfigError, match=says):
        cli("sql", query)
    assert "山田太郎" in cli("sql", "from person")
