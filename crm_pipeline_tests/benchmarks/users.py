"""Users of both CRMs who edit, create, delete, merge and convert records all the time, through the control API.

Belongs here: what they do and what came of it. Not here: who reads meanwhile, who compares afterwards (proof.py).
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from crm_pipeline.model import System
from crm_pipeline_tests.benchmarks.crm_state import EDITED, MERGED, NEW

_WEIGHTS = {"edit": 60, "create": 12, "delete": 12, "merge": 10, "convert": 6}
#: So many ids of an object are never forgotten: there must be something to try.
_FEWEST = 2
#: What the address of each CRM is called in the environment.
ADDRESS = {System.HUBSPOT: "HUBSPOT_BASE_URL", System.SALESFORCE: "SALESFORCE_LOGIN_URL"}


class Users:
    """Acts on a CRM; `ids`: the records that they know, by object.

    `done` counts what they did; `gone`: what became of a record (deleted, merged, converted, also one after the other).
    """

    def __init__(self, system: System, url: str, ids: Mapping[str, list[str]], seed: int, pause: float) -> None:
        self.system, self.url, self.pause = system, url, pause
        self.ids = {name: list(known) for name, known in ids.items() if known}
        self.done: Counter[str] = Counter()
        self.gone: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._draw = random.Random(seed)
        self._session = requests.Session()
        self._stop = threading.Event()

    def stop(self) -> None:
        """They go home."""
        self._stop.set()

    def work(self) -> None:
        """One thing after the other until `stop`."""
        while not self._stop.wait(self.pause):
            action = self._draw.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
            name = self._draw.choices(list(self.ids), [len(known) for known in self.ids.values()])[0]
            if getattr(self, f"_{action}")(name):
                self.done[action] += 1

    def _edit(self, name: str) -> bool:
        number = sum(self.done.values())
        value = f"改 {number}"
        if name == "notes":
            value = f"2026-01-{1 + number % 28:02}T{number % 24:02}:00:00Z"
        elif name == "OpportunityContactRole":
            value = ("Decision Maker", "Evaluator", "Influencer")[number % 3]
        return self._tell("edit", object=name, id=self._any(name), **{self._fields: {EDITED[name]: value}})[0]

    def _create(self, name: str) -> bool:
        name = name if name in NEW else next(one for one in NEW if one in self.ids)
        allowed, record_id = self._tell("create", object=name, **{self._fields: NEW[name]})
        if allowed:
            self.ids[name].append(record_id)
        return allowed

    def _delete(self, name: str) -> bool:
        record_id = self._any(name)
        allowed, _ = self._tell("archive" if self.system is System.HUBSPOT else "delete", object=name, id=record_id)
        if allowed:
            self._note(name, record_id, "deleted")
        return allowed

    def _merge(self, name: str) -> bool:
        name = name if name in MERGED else next(one for one in MERGED if one in self.ids)
        one, other = self._any(name), self._any(name)
        if self.system is System.HUBSPOT:
            allowed, survivor = self._tell("merge", object=name, primary=one, other=other)
            if allowed:
                self.ids[name].append(survivor)
                for record_id in (one, other):
                    self._note(name, record_id, "merged")
        else:
            allowed, _ = self._tell("merge", winner=one, loser=other)
            if allowed:
                self._note(name, other, "merged")
        return allowed

    def _convert(self, _: str) -> bool:
        if "Lead" not in self.ids:
            return False
        lead = self._any("Lead")
        allowed, _ids = self._tell("convert_lead", id=lead)
        if allowed:
            self._note("Lead", lead, "converted")
        return allowed

    @property
    def _fields(self) -> str:
        return "properties" if self.system is System.HUBSPOT else "fields"

    def _note(self, name: str, record_id: str, fate: str) -> None:
        """A record is gone; they forget its id, which would lead them to the survivor of a merge."""
        self.gone[name, record_id].add(fate)
        if len(self.ids[name]) > _FEWEST:
            self.ids[name].remove(record_id)

    def _any(self, name: str) -> str:
        return self._draw.choice(self.ids[name])

    def _tell(self, operation: str, **arguments: Any) -> tuple[bool, Any]:
        """Whether the CRM allowed it (a record may be gone, a won deal holds its account), and what it gave."""
        answer = self._session.post(f"{self.url}/emulator/{operation}", json=arguments, timeout=60)
        return answer.ok, answer.json().get("result")


@contextmanager
def working(
    environment: Mapping[str, str], ids: Mapping[System, Mapping[str, list[str]]], *, pause: float
) -> Iterator[dict[System, Users]]:
    """Users of both CRMs at work while the block runs; `pause` seconds between two things that they do."""
    users = {system: Users(system, environment[ADDRESS[system]], ids[system], 5, pause) for system in System}
    threads = [threading.Thread(target=one.work, daemon=True) for one in users.values()]
    for thread in threads:
        thread.start()
    try:
        yield users
    finally:
        for one in users.values():
            one.stop()
        for thread in threads:
            thread.join()
        time.sleep(pause)
