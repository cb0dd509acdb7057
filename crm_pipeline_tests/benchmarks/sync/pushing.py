"""A push of updates and creates into both emulated CRMs at the platforms' limits: calls, share of the limit, seconds.

The first night plans it, a person approves it, `push` is what is measured. Each CRM is a process of its own; answers
take 0.1 seconds longer.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from crm_pipeline import flow
from crm_pipeline.cli.environment import clients
from crm_pipeline.config import Settings, load_settings
from crm_pipeline.demo.endpoint import Options
from crm_pipeline.emulator.organisation.synthetic import Synthetic
from crm_pipeline.model import System
from crm_pipeline.plan.kept.approval import approve
from crm_pipeline.push.forecast import forecast
from crm_pipeline.report import plan as plans
from crm_pipeline.report.result import words
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.benchmarks import crm_state, emulated
from crm_pipeline_tests.benchmarks.emulator_client import most_memory
from crm_pipeline_tests.benchmarks.sync import customers

#: The least that an emulated organisation can have.
_EMPTY = Synthetic(100)


def main(updates: int, creates: int) -> None:
    """Print what pushing so many updates and creates a side costs, and that the night after it has nothing to do."""
    options = Options(rate_limits=True, lags=1.0, latency=emulated.LATENCY)
    with tempfile.TemporaryDirectory() as folder, emulated.serving(_EMPTY, options) as world:
        world.crms[System.HUBSPOT].ask(customers.fill_hubspot, updates, creates)
        world.crms[System.SALESFORCE].ask(customers.fill_salesforce, updates, creates)
        os.environ.update(world.environment)
        os.chdir(folder)
        settings = load_settings()
        warehouse = Warehouse(Path(settings.warehouse))
        for night in ("first night", "second night"):
            print(night, flush=True)
            run_id = flow.begin(warehouse, settings, night)
            for step in flow.steps(settings):
                if step.stage == "push":
                    _approve(warehouse, settings)
                    for crm in world.crms.values():
                        crm.ask(crm_state.forget_calls)
                _step(step, flow.Run(warehouse, settings, run_id, clients(settings, System, read_only=False)), world)


def _approve(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.read() as connection:
        plan = plans.plan(connection)
        row = connection.execute("select max(plan_id) from plan.plan").fetchone()
        least = forecast(connection, settings, row[0]) if row else {}
    for system, calls in least.items():
        print(f"           {system.label}: {calls:,} calls are the batch minimum", flush=True)
    if plan.waits:
        approve(warehouse, plan.hash, "benchmark")


def _step(step: flow.Step, run: flow.Run, world: emulated.World) -> None:
    started, cpu = time.time(), time.process_time()
    result = step.do(run)
    ended = time.time()
    used = time.process_time() - cpu
    print(f"  {ended - started:>8.1f} s  {used:>7.1f} s CPU  {step.name:<24} {words(result)}", flush=True)
    if step.stage == "push":
        for system, crm in world.crms.items():
            usage = crm.ask(crm_state.usage, [(started, ended)])
            share = "" if usage.share is None else f", {usage.share:.0%} of the rate"
            print(f"           {system.label}: {usage.calls:,} calls, {usage.refused} refused{share}", flush=True)
        print(f"           most memory {most_memory(os.getpid()):,} MiB", flush=True)
