"""One line of the contract: a request, and what the client's model of its answer is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A request, the status of its answer, and the model of its body ("": no body)."""

    method: str
    route: str
    model: str
    path: str
    body: Any = None
    status: int = 200
    form: bool = False
