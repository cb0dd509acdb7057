"""What the documentation says is so: commands, options, make targets, settings, links, SQL."""

import re

import click
import duckdb
import pytest
import yaml

from crm_pipeline.cli import commands
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.model import OpState, Rule
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.architecture.modules import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
page_by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def typed(text: str) -> set[tuple[str, ...]]:
    """Every `crm-pipeline ...` of a page, up to a comment, a pipe or the end of the line or code span."""
    found = re.findall(r"crm-pipeline ((?:\"[^\"]*\"|[^`#|>\n])+)", text)
    return {tuple(re.findall(r"\"[^\"]*\"|\S+", words)) for words in found}


def resolve(words: tuple[str, ...]) -> tuple[click.Command, set[str]]:
    """The command that the words name, and the options they give it. Raises KeyError if there is none."""
    command: click.Command = commands
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command = command.commands[rest.pop(0).strip('".,:;')]
    return command, {word.split("=")[0] for word in rest if word.startswith("--")}


@page_by_page
def test_every_command_exists_with_its_options(page):
    for words in typed(TEXT[page]):
        command, options = resolve(words)
        known = {name for parameter in command.params for name in parameter.opts}
        assert options <= known, f"{' '.join(words)}"


def test_every_command_is_documented():
    named = {words[0].strip('".,:;') for text in TEXT.values() for words in typed(text)}
    shown_by_make = {"demo", "dev", "emulator"}
    assert set(commands.commands) - shown_by_make <= named


@page_by_page
def test_every_make_target_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)\b(?=`|  )", TEXT[page])) <= targets


@page_by_page
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT[page]):
        assert (page.parent / target).exists(), target


@page_by_page
def test_every_path_of_the_package_exists(page):
    for path in re.findall(r"`(crm_pipeline(?:_tests)?/[\w/.]+)`", TEXT[page]):
        assert (ROOT / path).exists(), path


def test_every_setting_exists_with_its_default():
    defaults = yaml.safe_load((DEFAULTS / "settings.yaml").read_text(encoding="utf-8"))
    sections = {name for name, keys in defaults.items() if isinstance(keys, dict)}
    named = {key for text in TEXT.values() for key in re.findall(r"`(\w+)\.(\w+)`", text) if key[0] in sections}
    assert named
    assert [f"{section}.{key}" for section, key in named if key not in defaults[section]] == []


def test_every_rule_and_every_end_state_is_explained():
    rules = TEXT[ROOT / "docs" / "sync-rules.md"]
    assert [rule for rule in Rule if f"`{rule}`" not in rules] == []
    states = TEXT[ROOT / "docs" / "operate.md"]
    assert [state for state in OpState if state is not OpState.SENT and f"| `{state}` |" not in states] == []


def test_every_sql_example_is_sql():
    examples = re.findall(r"```sql\n(.*?)```", TEXT[ROOT / "docs" / "query.md"], re.DOTALL)
    assert len(examples) >= 5
    for example in examples:
        assert len(duckdb.extract_statements(example)) == 1


def test_every_sql_example_about_reading_runs(tmp_path):
    examples = re.findall(r"```sql\n(.*?)```", TEXT[ROOT / "docs" / "extract.md"], re.DOTALL)
    assert len(examples) >= 2
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        for example in examples:
            for statement in duckdb.extract_statements(example):
                connection.execute(statement)


def test_a_page_is_reached_from_the_readme():
    readme = TEXT[ROOT / "README.md"]
    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme] == []
