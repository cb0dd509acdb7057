"""How many drawn examples a law is tried on: few in CI, many with `make laws`."""

from __future__ import annotations

import os

from hypothesis import settings

#: `make laws` sets it: every state and every moment, many examples.
ALL = bool(os.environ.get("CRM_PIPELINE_ALL_STATES"))


def examples(few: int, many: int) -> settings:
    """Settings of a test whose examples take long. `few`: in CI."""
    return settings(max_examples=many if ALL else few, deadline=None)
