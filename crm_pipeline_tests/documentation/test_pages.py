"""What the documentation says is there: links, anchors, files, make targets, settings, variables, rules, states."""

import importlib.util
import re

import duckdb
import pytest
import yaml

from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.model import OpState, Rule
from crm_pipeline.warehouse import Warehouse
from crm_pipeline_tests.architecture.modules import ROOT
from crm_pipeline_tests.architecture.test_reference import OTHERS
from crm_pipeline_tests.documentation.configuration import VARIABLES
from crm_pipeline_tests.documentation.pages import PAGES, TEXT, anchors, name, of, spans

page_by_page = pytest.mark.parametrize("page", PAGES, ids=name)
DOCS = ROOT / "docs"


@page_by_page
def test_every_link_and_anchor_leads_somewhere(page):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", TEXT[page]):
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


@page_by_page
def test_every_make_target_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make (?:[A-Z]+=\S+ )*([a-z-]+)\b", TEXT[page], re.MULTILINE)) <= targets


@page_by_page
def test_every_file_of_the_repository_that_is_named_exists(page):
    for path in spans(TEXT[page]):
        if re.fullmatch(r"(crm_pipeline(_tests)?|docs|data/demo)/[\w./-]+", path):
            assert (ROOT / path).exists(), path
        if found := re.match(r"python -m (crm_pipeline[\w.]+)", path):
            assert importlib.util.find_spec(found[1]), path


@page_by_page
def test_every_variable_of_the_environment_is_one_of_the_reference(page):
    named = set(re.findall(r"\b((?:CRM_PIPELINE|HUBSPOT|SALESFORCE)_[A-Z_]+)\b", TEXT[page]))
    laws = {"CRM_PIPELINE_NEW_EXAMPLES", "CRM_PIPELINE_ALL_FAULTS", "CRM_PIPELINE_ALL_STATES"}
    assert named - OTHERS - laws <= set(VARIABLES)


def test_every_setting_exists():
    defaults = yaml.safe_load((DEFAULTS / "settings.yaml").read_text(encoding="utf-8"))
    sections = {key for key, value in defaults.items() if isinstance(value, dict)}
    named = {key for text in TEXT.values() for key in re.findall(r"`(\w+)\.(\w+)`", text) if key[0] in sections}
    assert named
    assert [f"{section}.{key}" for section, key in named if key not in defaults[section]] == []


def test_every_rule_and_every_end_state_is_explained():
    assert [rule for rule in Rule if f"`{rule}`" not in TEXT[DOCS / "sync-rules.md"]] == []
    states = TEXT[DOCS / "recover.md"]
    assert [state for state in OpState if state is not OpState.SENT and f"| `{state}` |" not in states] == []


def test_every_query_runs_on_the_warehouse(tmp_path):
    """Those of query.md are for the copy, and have an answer: crm_pipeline_tests/publish/test_questions.py."""
    queries = [block.text for block in of("sql") if block.page.name != "query.md"]
    assert len(queries) > 5
    with Warehouse(tmp_path / "crm.duckdb").connect() as connection:
        for query in queries:
            for statement in duckdb.extract_statements(query):
                connection.execute(statement)


def test_every_page_is_in_the_index():
    index = TEXT[DOCS / "README.md"]
    assert [
        page.name for page in DOCS.glob("*.md") if f"]({page.name})" not in index and page.name != "README.md"
    ] == []
    for readme in ("README.md", "README.ja.md"):
        assert "](docs/README.md)" in TEXT[ROOT / readme]


def test_both_readmes_have_the_same_commands():
    """Nobody has to read the other one to know what to type."""
    ours, theirs = (
        re.findall(r"^```sh\n(.*?)^```", TEXT[ROOT / n], re.M | re.S) for n in ("README.md", "README.ja.md")
    )
    typed = [[line.partition("#")[0].strip() for line in block.splitlines()] for block in (ours[0], theirs[0])]
    assert typed[0] == typed[1]
