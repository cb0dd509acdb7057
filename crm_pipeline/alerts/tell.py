"""Telling at the end of a run, and at any other time: looks, finds what is news to each channel, sends, remembers.

Belongs here: the order of that, and that nothing of it ever fails a run. Not here: when it is done in Dagster
(orchestration/).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from crm_pipeline.alerts import look, memory
from crm_pipeline.alerts.channel import Channel, NotSentError
from crm_pipeline.alerts.finding import Finding
from crm_pipeline.alerts.mail import PASSWORD, Mail
from crm_pipeline.alerts.message import message
from crm_pipeline.alerts.news import News, news
from crm_pipeline.alerts.slack import WEBHOOK, Slack
from crm_pipeline.config import Settings
from crm_pipeline.errors import ConfigError, CrmPipelineError, WarehouseError
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.runs import at_work

#: Told what became of an alert, in a sentence.
Say = Callable[[str], None]


def channels(
    settings: Settings, environment: Mapping[str, str] = os.environ, without: Say | None = None
) -> list[Channel]:
    """Those that settings and environment name. Raises ConfigError for one that lacks something; `without`: is told of
    it instead, and the others are there."""
    found: list[Channel] = []
    for name, make in (("slack", _slack), ("mail", _mail)):
        try:
            way = make(settings, environment)
        except ConfigError as error:
            if without is None:
                raise
            without(f"no alert by {name}: {error}")
        else:
            found += [way] if way else []
    return found


def _slack(_: Settings, environment: Mapping[str, str]) -> Channel | None:
    webhook = environment.get(WEBHOOK)
    return Slack(webhook) if webhook else None


def _mail(settings: Settings, environment: Mapping[str, str]) -> Channel | None:
    mail = settings.alerts.mail
    if not mail.to:
        return None
    if mail.user and not environment.get(PASSWORD):
        raise ConfigError(f"the environment variable {PASSWORD} is not set; alerts.mail.user logs in with it")
    return Mail(mail, environment.get(PASSWORD, ""))


def tell(warehouse: Warehouse, settings: Settings, say: Say, failure: Finding | None = None) -> int:
    """Tell every channel what is news to it. Returns how many messages were sent; never raises.

    `failure`: of a run that could not write it down; it is told even where nothing can be remembered.
    """
    try:
        return _tell(warehouse, settings, say, failure)
    except CrmPipelineError as error:
        say(f"nobody was told: {error}")
    except Exception as error:  # the run that ends here is more than its alert; a text may quote a value (law 45)
        say(f"nobody was told: {type(error).__name__}")
    return 0


def _tell(warehouse: Warehouse, settings: Settings, say: Say, failure: Finding | None) -> int:
    ways = channels(settings, without=say)
    if not ways:
        return 0
    with _alone(warehouse) as alone:
        if not alone or at_work(warehouse):
            return 0  # whoever is at work tells it at the end
        try:
            found = _found(warehouse, settings, failure)
        except WarehouseError:
            if failure is None:
                raise
            return sum(_send(way, News([failure]), settings, say) for way in ways)
        return sum(_tell_one(warehouse, settings, way, found, say) for way in ways)


def _found(warehouse: Warehouse, settings: Settings, failure: Finding | None) -> Sequence[Finding]:
    if not warehouse.path.exists():
        raise WarehouseError(f"{warehouse.path} does not exist yet")
    with warehouse.connect() as connection:
        found = look.look(connection, settings, datetime.now(UTC))
    return found if failure is None else [*(one for one in found if one.kind is not failure.kind), failure]


def _tell_one(warehouse: Warehouse, settings: Settings, way: Channel, found: Sequence[Finding], say: Say) -> bool:
    with warehouse.connect() as connection:
        fresh = news(found, memory.told(connection, way.name))
    if fresh and not _send(way, fresh, settings, say):
        return False
    if fresh or fresh.forgotten:
        with warehouse.connect() as connection:
            memory.keep(connection, way.name, fresh)
    return bool(fresh)


def _send(way: Channel, fresh: News, settings: Settings, say: Say) -> bool:
    """Whether it has left; if not, it is news at the next time, too."""
    try:
        notice = way.send(message(fresh, settings.alerts.language, settings.zone))
    except NotSentError as error:
        say(f"no alert by {way.name}: {error}; it is tried again after the next run")
        return False
    say(f"alert by {way.name}: {len(fresh.begun)} found, {len(fresh.over)} over{f'; {notice}' if notice else ''}")
    return True


@contextmanager
def _alone(warehouse: Warehouse) -> Iterator[bool]:
    """Whether nobody else is telling at the moment: two would tell the same."""
    path = warehouse.path.with_suffix(".alerts.lock")
    try:
        file = path.open("a", encoding="utf-8")
    except OSError:
        yield True  # a folder that cannot be written to is worth an alert itself
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
