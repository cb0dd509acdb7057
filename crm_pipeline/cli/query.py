"""`sql`: one query on the published copy, so that nobody's open shell stops the nightly run."""

from __future__ import annotations

from collections.abc import Sequence

import click

from crm_pipeline.cli import environment, wording


@click.command()
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="CSV on standard output instead of a table.")
@click.option("--warehouse", "from_warehouse", is_flag=True, help="On the pipeline's own database: a failed run, too.")
@wording.as_json
def sql(query: str, as_csv: bool, as_json: bool, from_warehouse: bool) -> None:
    """Run QUERY on the copy for analysts (read-only). docs/query.md has examples."""
    import duckdb

    from crm_pipeline.errors import ConfigError

    if as_csv and as_json:
        raise ConfigError("choose one form: --csv or --json")
    if not query.strip():
        raise ConfigError('the query is empty; try: crm-pipeline sql "from sync_status limit 5"')
    settings, warehouse = environment.opened()
    with warehouse.read() if from_warehouse else environment.published(settings) as connection:
        try:
            rows = connection.sql(query)
            if rows is None:
                return
            if as_json:
                _require_names(rows.columns)
                wording.put_out([dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()])
            elif as_csv:
                from crm_pipeline.publish.export import plain  # knows the stages, which the other forms need not load

                flat = rows.project(plain(zip(rows.columns, rows.types, strict=True)))
                click.echo(flat.df().to_csv(index=False), nl=False)
            else:
                rows.show(max_width=200)
        except duckdb.Error as error:
            if "read-only mode" in str(error):
                raise ConfigError(
                    "the query would write; `sql` only reads: change data in a CRM, or in a copy of your own"
                ) from None
            raise ConfigError(f"the query does not work: {error}") from None


def _require_names(columns: Sequence[str]) -> None:
    """Raises ConfigError where two columns have one name: of these a JSON object would keep the last only."""
    from crm_pipeline.errors import ConfigError

    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise ConfigError(
            f"several columns of the query are called {', '.join(twice)}, and JSON has one value a name; "
            f"give each its own: select a.{twice[0]} as first, b.{twice[0]} as second"
        )
