"""The demo's Dagster home: where `make demo` records its runs and `make dev` shows them."""

from __future__ import annotations

import shutil
from pathlib import Path

#: Run history is kept; nothing is sent to anybody, and no pop-up asks for an e-mail address.
_INSTANCE = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 1}
"""


def dagster_home(data: Path, *, fresh: bool) -> Path:
    """The absolute path for DAGSTER_HOME inside the folder `data`, made and configured; `fresh` forgets its runs."""
    home = data.resolve() / "dagster"
    if fresh and home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(_INSTANCE, encoding="utf-8")
    return home
