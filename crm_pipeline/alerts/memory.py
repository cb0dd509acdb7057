"""The rows of `state.alert`: what each channel was told of and not yet of its end.

A row is written after its message has left, so that what could not be sent is news at the next time, too.
"""

from __future__ import annotations

from datetime import UTC, datetime

from crm_pipeline.alerts.finding import Kind, Told
from crm_pipeline.alerts.news import News
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import Row, insert


def told(connection: Connection, channel: str) -> list[Told]:
    """What the channel was told. A kind that a later version dropped is none."""
    rows = connection.execute(
        "select kind, subject, cause, number, told_at from state.alert where channel = ? "
        "and list_contains(?::varchar[], kind)",
        [channel, [str(kind) for kind in Kind]],
    ).fetchall()
    return [Told(Kind(kind), *rest) for kind, *rest in rows]


def keep(connection: Connection, channel: str, news: News) -> None:
    """Note that the channel was told these news."""
    places = [(one.kind, one.subject) for one in news.begun]
    places += [(one.kind, one.subject) for one in (*news.over, *news.forgotten)]
    for kind, subject in places:
        connection.execute(
            "delete from state.alert where channel = ? and kind = ? and subject = ?", [channel, kind, subject]
        )
    now = datetime.now(UTC)
    rows: list[Row] = [
        {
            "channel": channel,
            "kind": one.kind,
            "subject": one.subject,
            "cause": one.cause,
            "number": one.number,
            "run_id": one.run_id,
            "told_at": now,
        }
        for one in news.begun
    ]
    insert(connection, "state.alert", rows)
