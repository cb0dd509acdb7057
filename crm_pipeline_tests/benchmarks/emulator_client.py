"""A client that asks an emulated CRM as fast as it can, and how fast the answers come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import requests


class Client:
    """Asks the CRM at `url`, which is served by process `pid` alone."""

    def __init__(self, url: str, token: str, pid: int) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self._cpu_seconds = processor_time(pid)

    def measure(self, what: str, answers: Iterator[None]) -> None:
        """Print the rate of `answers`, which yields once for each; the first is told apart: it may build an index."""
        started = time.perf_counter()
        next(answers)
        first, started, used = time.perf_counter() - started, time.perf_counter(), self._cpu_seconds()
        count = sum(1 for _ in answers)
        used, elapsed = self._cpu_seconds() - used, time.perf_counter() - started
        rates = f"{count / max(used, 0.01):>6,.0f} /s of one core, {count / elapsed:>6,.0f} /s here"
        print(f"  {what:<40} {count:>4}  {rates}, the first {first * 1000:>6,.0f} ms", flush=True)

    def get(self, url: str, **more: Any) -> Any:
        """The JSON of an answer that is no refusal."""
        answer = self.session.get(url, timeout=120, **more)
        answer.raise_for_status()
        return orjson.loads(answer.content)

    def send(self, method: str, url: str, body: Any) -> Any:
        """The JSON of an answer that is no refusal; None without a body."""
        answer = self.session.request(method, url, json=body, timeout=120)
        answer.raise_for_status()
        return orjson.loads(answer.content) if answer.content else None


def processor_time(pid: int) -> Callable[[], float]:
    """A function that tells how many seconds of processor time a process has used."""

    def read() -> float:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    return read


def most_memory(pid: int) -> int:
    """The largest resident size that a process has had, in MiB."""
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024
