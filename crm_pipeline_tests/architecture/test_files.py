"""Rules that every file of the repository keeps."""

import ast
import re
import subprocess

import pytest

from crm_pipeline.warehouse.migrations import FILES
from crm_pipeline_tests.architecture.modules import PACKAGE, ROOT, modules

#: Of a machine, and of a package registry: neither belongs into what others check out. Split, so that this file passes.
PLACES = re.compile(r"(/work" r"/|/root" r"/|/home" r"/\w|pythonhosted" r"\.|pypi" r"\.|registry\.npm)")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]


def test_a_file_is_short_enough_for_one_noun():
    lines = {module.name: len(module.path.read_text(encoding="utf-8").splitlines()) for module in modules()}
    assert {name: number for name, number in lines.items() if number > 320} == {}


def test_a_module_says_what_it_is():
    silent = []
    for module in modules():
        text = module.path.read_text(encoding="utf-8")
        if text.strip() and not ast.get_docstring(ast.parse(text)):
            silent.append(module.name)
    assert not silent


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout: nothing is tracked")
def test_no_tracked_file_names_a_machine_or_a_registry():
    found = []
    for name in tracked():
        path = ROOT / name
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        found += [f"{name}: {match[0]}" for match in PLACES.finditer(text)]
    assert not found


def test_a_schema_begins_with_what_it_is_for_and_holds_its_own_tables_only():
    strangers = []
    for name in FILES:
        text = (PACKAGE / "warehouse" / "tables" / f"{name}.sql").read_text(encoding="utf-8")
        assert text.startswith("-- "), f"{name}.sql begins without a word about its schema"
        created = re.findall(r"^create (?:table|view) (\S+)", text, re.MULTILINE)
        strangers += [table for table in created if table.split(".")[0] != name]
    assert not strangers
