"""Our extraction in a process of its own: `python -m crm_pipeline_tests.benchmarks.extract_ours [--full]`.

Works in the current folder, with the CRMs that the environment names, and prints one JSON object: the memory of a
process that has imported everything and opened the warehouse, the most that it had when all was read, and each step
with its seconds and the most memory until its end.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import sys
import time
from typing import Any

from crm_pipeline import flow
from crm_pipeline.cli.environment import clients
from crm_pipeline.config import load_settings
from crm_pipeline.model import System
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.benchmarks.emulator_client import most_memory

#: What the steps import when they run.
_LATER = ("crm_pipeline.extract.stage", "crm_pipeline.push.recovery.recover", "crm_pipeline.crm.connect", "pandas")


def main(*, full: bool) -> dict[str, Any]:
    """All extract steps once. `base` and `peak` in MiB, `started` and `ended` in seconds of the epoch."""
    for name in _LATER:
        importlib.import_module(name)
    settings = load_settings()
    warehouse = Warehouse(settings.warehouse)
    run_id = flow.begin(warehouse, settings, f"benchmark {time.time()}")
    base = most_memory(os.getpid())
    run = flow.Run(warehouse, settings, run_id, clients(settings, System, read_only=True), full=full)
    done = []
    for step in flow.steps(settings):
        if step.stage == "extract":
            started = time.time()
            result = step.do(run)
            memory = most_memory(os.getpid())
            done.append(
                _numbers(result) | {"name": step.name, "started": started, "ended": time.time(), "peak": memory}
            )
    return {"run_id": run_id, "base": base, "peak": most_memory(os.getpid()), "steps": done}


def _numbers(result: Any) -> dict[str, Any]:
    if not dataclasses.is_dataclass(result):
        return {}
    fields = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    return {name: value for name, value in fields.items() if isinstance(value, int | str)}


if __name__ == "__main__":
    print(json.dumps(main(full="--full" in sys.argv)))
