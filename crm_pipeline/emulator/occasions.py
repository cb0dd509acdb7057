"""How often and by what chance something happens, the same way for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass
class Occasions:
    """The occasions on which a rule acts: at most `times` (None: without end), each by a chance of `probability`."""

    seed: str
    times: int | None = 1
    probability: float = 1.0
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - which request or record fails, not a secret

    def take(self) -> bool:
        """Whether this occasion is one of them; it is counted then."""
        if self.times == 0 or self._random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True
