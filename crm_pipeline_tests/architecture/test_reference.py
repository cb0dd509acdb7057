"""docs/reference.md is what the program says of itself, and leaves nothing out."""

import re
import shlex

import click
import pytest

from crm_pipeline.cli import commands
from crm_pipeline.cli.examples import EXAMPLES
from crm_pipeline.cli.exit_codes import CODES, DEFECT, FOUND, STOPPED, UNREAD
from crm_pipeline.cli.program import leaves, short
from crm_pipeline.errors import CrmPipelineError
from crm_pipeline_tests.architecture.modules import PACKAGE
from crm_pipeline_tests.documentation.answers import ANSWERS
from crm_pipeline_tests.documentation.configuration import MAPPING_KEYS, VARIABLES, settings_rows
from crm_pipeline_tests.documentation.reference import PAGE, reference

LEAVES = {words: command for name in commands.commands for words, command in leaves(commands.commands[name], name)}
LINES = [line for lines in EXAMPLES.values() for line, _ in lines]
#: Of other clients than ours: the emulators print them.
OTHERS = {
    "HUBSPOT_CLIENT_ID",
    "HUBSPOT_CLIENT_SECRET",
    "HUBSPOT_REFRESH_TOKEN",
    "SALESFORCE_PASSWORD",
    "SALESFORCE_SECURITY_TOKEN",
    "SALESFORCE_REFRESH_TOKEN",
    "CRM_PIPELINE_TRUTH",
}


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == reference(), "run: make docs"


def test_every_command_is_in_a_section_with_an_example_and_a_short_sentence():
    assert {name for names in commands.sections.values() for name in names} == set(commands.commands)
    assert set(EXAMPLES) == set(LEAVES)
    assert [words for words, command in LEAVES.items() if not 10 < len(short(command)) < 125] == []


@pytest.mark.parametrize("line", LINES)
def test_an_example_is_a_command_that_the_program_takes(line, monkeypatch):
    words = shlex.split(line.replace("<(", "").replace(")", ""))
    command, rest = commands, words[words.index("crm-pipeline") + 1 :]
    rest = rest[: next((n for n, word in enumerate(rest) if word in (">", "|")), len(rest))]
    context = click.Context(commands, info_name="crm-pipeline")
    while isinstance(command, click.Group) and rest:
        command = command.commands[rest.pop(0)]
        context = click.Context(command, parent=context)
    for option in command.params:
        if isinstance(option.type, click.Path):
            monkeypatch.setattr(option.type, "exists", False)  # the files of an example are made up
    command.parse_args(context, rest)


def test_every_json_answer_is_described():
    answering = {w for w, c in LEAVES.items() if any("--json" in option.opts for option in c.params)}
    assert answering == set(ANSWERS)


def test_every_exit_code_is_in_the_table():
    def types(of):
        return {of, *(below for one in of.__subclasses__() for below in types(one))}

    known = {int(code.numbers) for code in CODES}
    assert {one.exit_code for one in types(CrmPipelineError)} <= known
    assert {0, DEFECT, FOUND, STOPPED, UNREAD} <= known


def test_every_setting_says_what_it_means():
    rows = list(settings_rows())
    assert len(rows) > 40
    assert [key for key, _, _, meaning in rows if not meaning] == []


def test_every_key_of_a_mapping_says_what_it_means():
    internal = {"kind", "name"}
    for model, (_, keys) in MAPPING_KEYS.items():
        names = {field.alias or name for name, field in model.model_fields.items()}
        assert names - internal == set(keys) - internal, model.__name__


def test_every_variable_is_described():
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    used = set(re.findall(r'"((?:CRM_PIPELINE|HUBSPOT|SALESFORCE)_[A-Z_]+)"', text))
    assert used - OTHERS - {"HUBSPOT_DEFINED"} <= set(VARIABLES)
