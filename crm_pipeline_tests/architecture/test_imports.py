"""Imports run down only, and two borders that nothing crosses: Dagster and the emulators."""

import pytest

from crm_pipeline.flow import STAGES
from crm_pipeline_tests.architecture.modules import Module, modules

#: From the top down; a module imports its own layer and what stands below.
LAYERS = (
    ("definitions", "orchestration", "cli", "demo"),
    ("flow", "report", "alerts", "connecting"),
    STAGES,
    ("privacy",),
    ("warehouse", "crm"),
    ("config", "canonical", "defect"),
    ("model", "errors"),
)
DEPTH = {area: depth for depth, layer in enumerate(LAYERS) for area in layer}
PRODUCT = [module for module in modules() if module.area not in ("crm_pipeline", "emulator")]


def areas_imported(module: Module) -> set[str]:
    return {name.split(".")[1] for name in module.imports if name.startswith("crm_pipeline.")}


def imports(module: Module, package: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in module.imports)


def test_every_folder_has_a_layer():
    assert {module.area for module in PRODUCT} <= DEPTH.keys()


def test_imports_run_down_only():
    upwards = [
        (module.name, area)
        for module in PRODUCT
        for area in areas_imported(module) - {"emulator"}
        if DEPTH[area] < DEPTH[module.area]
    ]
    assert not upwards


def test_a_stage_imports_no_later_stage():
    order = {stage: number for number, stage in enumerate(STAGES)}
    later = [
        (module.name, area)
        for module in PRODUCT
        if module.area in order
        for area in areas_imported(module) & order.keys()
        if order[area] > order[module.area]
    ]
    assert not later


def test_only_orchestration_and_definitions_import_dagster():
    assert {m.area for m in modules() if imports(m, "dagster")} == {"orchestration"}
    assert {m.area for m in modules() if imports(m, "crm_pipeline.orchestration")} <= {
        "definitions",
        "orchestration",
        "demo",
    }


def test_only_the_demo_imports_the_emulators():
    assert {m.area for m in modules() if imports(m, "crm_pipeline.emulator")} == {"demo", "emulator"}


def test_only_the_command_line_imports_the_demo():
    assert {m.area for m in modules() if imports(m, "crm_pipeline.demo")} <= {"cli", "demo"}


@pytest.mark.parametrize(("library", "area"), [("simple_salesforce", "crm"), ("hubspot", "crm"), ("requests", "crm")])
def test_only_the_clients_talk_to_a_crm(library, area):
    assert {m.area for m in modules() if imports(m, library)} == {area}
