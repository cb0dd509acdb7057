"""The Dagster home inside a data folder: where `make demo` records its runs and `make dev` shows them; and that of
somebody's own CRMs."""

from __future__ import annotations

import shutil
from pathlib import Path

import crm_pipeline

#: Runs are kept until the folder is removed. Nothing is sent to anybody, no pop-up asks for an e-mail address, one run
#: at a time, a run that did not start within three minutes counts as failed, and what a schedule or sensor did on an
#: ordinary day is forgotten.
_INSTANCE = """\
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 1}
run_monitoring: {enabled: true, start_timeout_seconds: 180, cancel_timeout_seconds: 180}
retention:
  schedule: {purge_after_days: {skipped: 30, success: 90, failure: 90, started: 90}}
  sensor: {purge_after_days: {skipped: 1, success: 7, failure: 30, started: 30}}
"""


#: Of the runs against somebody's own CRMs, which no demo forgets.
OWN = "dagster-own"


def dagster_home(data: Path, *, fresh: bool, name: str = "dagster") -> Path:
    """The absolute path for DAGSTER_HOME inside the folder `data`, made and configured; `fresh` forgets its runs."""
    home = data.resolve() / name
    if fresh and home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(_INSTANCE, encoding="utf-8")
    return home


def data_folder(here: Path) -> Path:
    """The folder data/ of `here`, or of the checkout that this program runs from, so that any folder will do.

    What is started on it works in the folder above it: its settings name the databases relative to that.
    """
    for root in (here, Path(crm_pipeline.__file__).parents[1]):
        if (root / "data" / "demo").is_dir():
            return (root / "data").resolve()
    return here / "data"
