"""`report`: the page of a run, for a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment

if TYPE_CHECKING:
    from crm_pipeline.report.page.page import Language


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False, type=click.IntRange(min=1))
@click.option(
    "--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="What the page shows first."
)
@click.option(
    "--values", is_flag=True, help="Show values in full, in a file of its own; without it only their first character."
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def report(run_id: int | None, lang: Language, values: bool, show: bool) -> None:
    """The report of the newest run, or of RUN: one page for a browser. Prints where it is.

    The newest run's is made anew. An earlier one's is as it was written then, if it is still there: it knows more than
    the database does by now.
    """
    from crm_pipeline.report.page import file
    from crm_pipeline.report.page.run import run

    settings, warehouse = environment.opened()
    with warehouse.read() as connection:
        about = run(connection, run_id)
        path = file.path_of(settings, about.run_id, in_full=values)
        if about.is_newest or not path.exists():
            file.write(connection, settings, about.run_id, in_full=values, language=lang)
    click.echo(path)
    if show and click.launch(str(path)):
        click.echo(f"crm-pipeline: no browser could be started; open {path.absolute()} yourself", err=True)
