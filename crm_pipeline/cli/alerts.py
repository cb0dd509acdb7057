"""`alerts`: what needs a person now, and telling it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from crm_pipeline.cli import environment, wording

if TYPE_CHECKING:
    from crm_pipeline.alerts.channel import Channel
    from crm_pipeline.alerts.message import Message


@click.command()
@click.option("--send", is_flag=True, help="Tell what is news now; every run does it at its end.")
@click.option("--test", "trial", is_flag=True, help="Send a message by every way that is set up, to see that it comes.")
@wording.as_json
def alerts(send: bool, trial: bool, as_json: bool) -> None:
    """What needs a person now: failed runs, held plans, refused writes, old data. Ends with 1 if there is something."""
    from datetime import UTC, datetime

    from crm_pipeline.alerts import look, message, tell
    from crm_pipeline.alerts.news import News
    from crm_pipeline.cli.exit_codes import FOUND
    from crm_pipeline.errors import ConfigError, RunAtWorkError
    from crm_pipeline.warehouse.runs import at_work

    settings, warehouse = environment.opened()
    unusable: list[str] = []
    ways = tell.channels(settings, without=unusable.append) if send or trial else []
    if (send or trial) and not ways:
        nobody = "nobody is told: set alerts.mail.to in the settings or the variable CRM_PIPELINE_SLACK_WEBHOOK"
        raise ConfigError("; ".join(unusable) or nobody)
    if trial:
        _try(ways, message.trial(settings.alerts.language), unusable)
        return
    warehouse.required()
    if busy := at_work(warehouse):
        if not send:
            raise RunAtWorkError(f"{busy} is at work; look again when it has ended")
        click.echo(f"{busy} is at work; it tells at its end")
        return
    if send:
        tell.tell(warehouse, settings, environment.say)
        return
    with warehouse.connect() as connection:
        found = look.look(connection, settings, datetime.now(UTC))
    if as_json:
        wording.put_out([dataclasses.asdict(one) for one in found])
        click.get_current_context().exit(FOUND if found else 0)
    click.echo(
        message.message(News(found), settings.alerts.language, settings.zone).text if found else "nothing", nl=not found
    )
    click.get_current_context().exit(FOUND if found else 0)


def _try(ways: Sequence[Channel], words: Message, unusable: Sequence[str]) -> None:
    """Send it by every way, also after one that does not work. Raises NotSentError for those."""
    from crm_pipeline.alerts.channel import NotSentError

    failed = [*unusable]
    for way in ways:
        try:
            notice = way.send(words)
        except NotSentError as error:
            failed.append(f"no alert by {way.name}: {error}")
        else:
            click.echo(f"{way.name}: sent{f'; {notice}' if notice else ''}")
    if failed:
        raise NotSentError("; ".join(failed))
