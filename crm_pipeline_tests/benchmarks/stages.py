"""`make bench`: seconds of each step on the demo organisation, for a first run and for a second one without changes.

Works in a temporary folder, over HTTP against the emulated CRMs, without Dagster; the plan is approved in between.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path

from crm_pipeline import flow
from crm_pipeline.cli.environment import clients
from crm_pipeline.config import Settings, load_settings
from crm_pipeline.demo.world import running
from crm_pipeline.model import System
from crm_pipeline.plan.kept.approval import approve
from crm_pipeline.report import plan as plans
from crm_pipeline.report.result import words
from crm_pipeline.warehouse import Warehouse

DEMO = Path(__file__).parents[2] / "data" / "demo"


def main(size: float) -> None:
    """Print the seconds for the demo organisation times `size`."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(DEMO, data / "demo")
        with running(data, fresh=True, size=size) as world:
            os.environ.update(world.environment)
            os.chdir(folder)
            settings = load_settings()
            warehouse = Warehouse(settings.warehouse)
            crms = {writes: clients(settings, System, read_only=not writes) for writes in (False, True)}
            for number in (1, 2):
                run(settings, warehouse, crms, number)


def run(settings: Settings, warehouse: Warehouse, crms: dict, number: int) -> None:
    """Every step once; a held plan is approved before the push."""
    run_id = flow.begin(warehouse, settings, f"benchmark {number}")
    print(f"\nrun {number}")
    total = 0.0
    for step in flow.steps(settings):
        if step.stage == "push":
            with warehouse.read() as connection:
                plan = plans.plan(connection)
            if plan.waits:
                approve(warehouse, plan.hash, "benchmark")
        arguments = flow.Run(warehouse, settings, run_id, crms[step.stage == "push"])
        started = time.perf_counter()
        result = step.do(arguments)
        seconds = time.perf_counter() - started
        total += seconds
        print(f"  {seconds:>8.2f} s  {step.name:<22} {words(result)}", flush=True)
    print(f"  {total:>8.2f} s  all")
