"""What a read has brought so far, on disk beside the warehouse, because no database lock is held during a call.

Belongs here: the files of one object, and how a read that was killed is taken up again. Not here: what a line holds
(lines.py), loading (load.py).

Every part, of at most 50,000 records or 30 MB, is two files, keys and records, named by the first reading's number.
The state file says, page by page, how long each file was
when the page was whole, and which ids it covered; what lies beyond (a torn line, a page that had no state yet) is cut
off when the read is taken up again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from crm_pipeline.crm.protocol import FieldVersion, Page, Span, Tombstone
from crm_pipeline.errors import WarehouseLockedError
from crm_pipeline.extract.loading.changed_at import Same, iso
from crm_pipeline.extract.reading.lines import (
    UnusableRecordError,
    quarantine_line,
    record_lines,
    tombstone_id,
    tombstone_line,
    version_line,
)
from crm_pipeline.model import SourceRecord

#: Readings of one pair of files, and bytes of their records: loading handles as many at a time.
PART = 50_000
PART_BYTES = 30_000_000

#: A read that was killed longer ago is begun anew: what it brought is too old to be worth the pages.
_YOUNG = timedelta(days=1)

#: Between two orders to write to the disk itself. A killed process loses nothing without them, a power cut loses this.
_SYNC_SECONDS = 1.0

_GONE, _VERSIONS, _QUARANTINE = "gone.ndjson", "versions.ndjson", "quarantine.ndjson"
_STATE = "state.ndjson"


@dataclass(frozen=True)
class Question:
    """What a read asks: one that was interrupted goes on only for the same. `since` None: everything; `run_id`: only
    that run may go on with it."""

    account: str
    fields_hash: str
    since: datetime | None
    run_id: int | None = None


class Spool:
    """The files of one object's read; used in a `with` block. `remove` them after the load was committed.

    `started`: the CRM's clock when the read began first; `done`: spans of ids that need not be read any more;
    `complete`: all pages are here; `read`: number of readings; `resumed`: it goes on where another process ended;
    `returned`: ids that are live now, whatever their tombstones say. A record that `keeps_out` refuses is read by
    nobody here: it never comes into a file.
    Raises WarehouseLockedError when another process reads the same object.
    """

    def __init__(
        self,
        folder: Path,
        question: Question,
        now: datetime,
        same: Same,
        keeps_out: Callable[[SourceRecord], bool] = lambda record: False,
    ) -> None:
        self._folder = folder
        self._same = same
        self._keeps_out = keeps_out
        self._open = ExitStack()
        self._files: dict[str, BinaryIO] = {}
        self._sizes: dict[str, int] = {}
        self._synced = time.monotonic()
        self.started = now
        self.done: list[Span] = []
        self.complete = False
        self.read = 0
        self.resumed = False
        self._part: int | None = None
        self.returned: set[str] = set()
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        self._lock()
        self._resume(question, now)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    @property
    def keys(self) -> list[str]:
        return [str(path) for path in sorted(self._folder.glob("*.keys"))]

    @property
    def parts(self) -> list[int]:
        """The number of the first reading of each part."""
        return sorted(int(name.removesuffix(".keys")) for name in self._sizes if name.endswith(".keys"))

    def records(self, part: int) -> str:
        return str(self._folder / _name(part, "records"))

    @property
    def gone(self) -> str:
        return str(self._folder / _GONE)

    @property
    def versions(self) -> str:
        return str(self._folder / _VERSIONS)

    @property
    def quarantine(self) -> str:
        return str(self._folder / _QUARANTINE)

    @property
    def ids(self) -> Path:
        """Where the ids that would be live are kept for comparing."""
        return self._folder / "ids.parquet"

    def add_page(self, page: Page) -> None:
        """A page of the read; its span counts as done from now on."""
        self._write_records(page.records)
        self._write_tombstones(page.gone)
        if page.span is not None:
            self.done.append(page.span)
        self._note(span=page.span, loose=page.span is None)

    def add_records(self, records: Iterable[SourceRecord]) -> None:
        """Records that were read by their ids."""
        self._write_records(records)
        self._note()

    def add_tombstones(self, tombstones: Iterable[Tombstone]) -> None:
        self._write_tombstones(tombstones)
        self._note()

    def gone_among(self, ids: Set[str]) -> list[str]:
        """Those of the ids for which there is a tombstone."""
        self.flush()
        path = self._folder / _GONE
        if not ids or not path.exists():
            return []
        with path.open("rb") as lines:
            return sorted({one for line in lines if (one := tombstone_id(line)) in ids})

    def add_versions(self, versions: Iterable[FieldVersion]) -> None:
        """Entries of a field history; one that cannot be kept leaves its time uncertain."""
        for version in versions:
            try:
                self._append(_VERSIONS, version_line(version))
            except UnusableRecordError:
                continue
        self._note()

    def all_pages_are_here(self) -> None:
        self.complete = True
        self._note()

    def flush(self) -> None:
        """Everything that was written can be read by others."""
        for file in self._files.values():
            file.flush()

    def remove(self) -> None:
        self._open.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):  # other objects' spools may be in it
            self._folder.parent.rmdir()

    def _write_records(self, records: Iterable[SourceRecord]) -> None:
        for record in records:
            self.read += 1
            if self._keeps_out(record):
                continue
            try:
                key, body = record_lines(record, self.read, self._same)
            except UnusableRecordError as error:
                self._append(_QUARANTINE, quarantine_line(record, self.read, str(error)))
                continue
            part = self._part_for(len(body))
            self._append(_name(part, "records"), body)
            self._append(_name(part, "keys"), key)

    def _part_for(self, size: int) -> int:
        """The part that the reading at hand goes into: a new one when it would be too much for the last."""
        if self._part is not None:
            length = self._sizes[_name(self._part, "records")]
            if self.read < self._part + PART and length + size <= PART_BYTES:
                return self._part
            self._close_parts()
        self._part = self.read
        return self._part

    def _write_tombstones(self, tombstones: Iterable[Tombstone]) -> None:
        for tombstone in tombstones:
            self._append(_GONE, tombstone_line(tombstone))

    def _append(self, name: str, line: bytes) -> None:
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = self._open.enter_context((self._folder / name).open("ab"))
        file.write(line)
        if name != _STATE:
            self._sizes[name] = self._sizes.get(name, 0) + len(line)

    def _close_parts(self) -> None:
        for name in [name for name in self._files if name.endswith((".keys", ".records"))]:
            with self._files.pop(name) as file:
                file.flush()
                os.fsync(file.fileno())

    def _note(self, *, span: Span | None = None, loose: bool = False) -> None:
        """One line of state: how far each file goes now. Data before state, also on the disk."""
        data = [file for name, file in self._files.items() if name != _STATE]
        for file in data:
            file.flush()
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            for file in data:
                os.fsync(file.fileno())
            self._synced = time.monotonic()
        state = {
            "sizes": self._sizes,
            "read": self.read,
            "complete": self.complete,
            "loose": loose,
            "span": None if span is None else [span.after, span.to],
        }
        self._write_state(state)

    def _write_state(self, state: Mapping[str, Any]) -> None:
        self._append(_STATE, json.dumps(state).encode() + b"\n")
        self._files[_STATE].flush()

    def _lock(self) -> None:
        lock = self._open.enter_context((self._folder / "lock").open("ab"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._open.close()
            raise WarehouseLockedError(
                f"another process is reading into {self._folder}; wait for it to end, then start again"
            ) from None

    def _resume(self, question: Question, now: datetime) -> None:
        """Go on where the last process ended, if it asked the same, or begin with empty files."""
        head, states = self._states()
        asked = {**asdict(question), "since": question.since and iso(question.since)}
        if head.get("question") == asked and states and now < datetime.fromisoformat(head["started"]) + _YOUNG:
            last = states[-1]
            if last["complete"] or not any(state["loose"] for state in states):
                self.started = datetime.fromisoformat(head["started"])
                self.done = [Span(*state["span"]) for state in states if state["span"]]
                self.complete, self.read = last["complete"], last["read"]
                self._sizes = last["sizes"]
                self._part = max(self.parts, default=None)
                self._cut_off()
                self.resumed = True
                return
        self._cut_off()
        (self._folder / _STATE).unlink(missing_ok=True)
        self._write_state({"question": asked, "started": iso(now)})

    def _states(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The first line, and the lines that are whole and for which the files are long enough. Others are cut off."""
        path = self._folder / _STATE
        good: list[dict[str, Any]] = []
        length = 0
        for line in path.read_bytes().splitlines(keepends=True) if path.exists() else []:
            try:
                state = json.loads(line)
            except ValueError:
                break
            if not line.endswith(b"\n") or any(self._length(n) < size for n, size in state.get("sizes", {}).items()):
                break
            good.append(state)
            length += len(line)
        if path.exists():
            os.truncate(path, length)
        return (good[0], good[1:]) if good else ({}, [])

    def _length(self, name: str) -> int:
        path = self._folder / name
        return path.stat().st_size if path.exists() else 0

    def _cut_off(self) -> None:
        """What no state vouches for: torn lines, and pages whose span does not count as done."""
        for path in self._folder.iterdir():
            size = self._sizes.get(path.name)
            if path.name in (_STATE, "lock"):
                continue
            if size is None:
                path.unlink()
            elif path.stat().st_size > size:
                os.truncate(path, size)


def _name(part: int, kind: str) -> str:
    return f"{part:010}.{kind}"
