"""Every command of the documentation is one that the program takes; those that only read are run and have an answer."""

import shlex

import click
import pytest
import yaml

from crm_pipeline.cli import commands as program
from crm_pipeline.match.review.review import waiting
from crm_pipeline.model import PlanState
from crm_pipeline.warehouse import Warehouse
from crm_pipeline.warehouse.bulk import insert
from crm_pipeline_tests.architecture.modules import ROOT
from crm_pipeline_tests.documentation.pages import commands
from crm_pipeline_tests.publish.office import published
from crm_pipeline_tests.report.night import HASH, _clear, _fill, _guard, _plan, _refused

COMMANDS = commands()
#: What only reads. Not here: what asks a CRM or needs what a whole night leaves (schemas, keys); tested elsewhere.
READING = {
    *("plan", "plan show", "review list", "review show", "conflicts", "hold list", "proposals", "why", "sql", "alerts"),
    *("coverage", "report", "export", "test-rules", "completion", "erase --list"),
}
#: Names that the pages make up -> those of the small office.
MADE_UP = {
    "hubspot/contacts/151": "hubspot/contacts/11",
    "salesforce/Lead/00Q5g00000A1b2c": "salesforce/Lead/00Q1",
    "person-12": "person-1",
    "phone": "e_mail",
    "RECORD_KEY": "hubspot/contacts/11",
    "FIELD": "e_mail",
    "3f2a9c1e": HASH,
    "41": "2",
    "rules/*.yaml": "data/demo/rule-tests.yaml",
}


def taken(words: tuple[str, ...]) -> tuple[str, click.Context]:
    """The command that the words name, and what click makes of the rest. Raises click.UsageError; nothing is run."""
    context = click.Context(program, info_name="crm-pipeline")
    command: click.Command = program
    rest, path = list(words), []
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            raise click.UsageError(f"no such command: {' '.join([*path, rest[0]])}")
        command, context = found, click.Context(found, parent=context, info_name=rest[0])
        path.append(rest.pop(0))
    command.parse_args(context, rest)
    return " ".join(path), context


@pytest.fixture(autouse=True)
def _files_are_made_up(monkeypatch):
    def below(command):
        yield command
        for one in getattr(command, "commands", {}).values():
            yield from below(one)

    for command in below(program):
        for option in command.params:
            if isinstance(option.type, click.Path):
                monkeypatch.setattr(option.type, "exists", False)


@pytest.mark.parametrize("typed", COMMANDS, ids=str)
def test_a_command_is_one_that_the_program_takes(typed):
    try:
        taken(typed.words)
    except click.MissingParameter:
        assert not typed.whole, "a block is to be typed as it stands"
        assert all(not word.startswith("-") for word in typed.words), "a mention by name has no options"
    except click.exceptions.NoArgsIsHelpError:
        assert not typed.whole


def test_every_command_is_documented_with_what_it_is_for():
    """docs/reference.md has them all; a page of its subject has to tell when one needs it."""
    told = {typed.words[0] for typed in COMMANDS if typed.words and typed.page.name != "reference.md"}
    assert set(program.commands) - told == {"demo"}, "`make demo` shows it"


def _reads(words: tuple[str, ...]) -> bool:
    given = set(words)
    if given & {"--send", "--test", "--live", "--apply", "--open", "--schemas"} or "..." in words:
        return False
    return " ".join(words[:1]) in READING or " ".join(words[:2]) in READING


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The folder of an office that was published; a night later there are a plan that is held and a pair in review."""
    folder = tmp_path_factory.mktemp("office")
    published(folder)
    night = {"plan_id": 2, "run_id": 2}
    with Warehouse(folder / "crm.duckdb").connect() as connection:
        insert(connection, "plan.plan", [{**_plan(PlanState.HELD), **night}])
        insert(connection, "plan.change", [{**change, "plan_id": 2} for change in (_fill(), _clear(), _refused())])
        insert(connection, "plan.guard", [{**_guard("first_run", tripped=True), "plan_id": 2}])
    paths = {"warehouse": "crm.duckdb", "published": "analytics.duckdb", "reports": "reports"}
    (folder / "settings.yaml").write_text(yaml.safe_dump({key: str(folder / name) for key, name in paths.items()}))
    (folder / "data").symlink_to(ROOT / "data")
    return folder


#: Of mentions in a sentence those that can be typed as they are; `crm-pipeline why` alone only names the command.
READ = sorted({t.words for t in COMMANDS if _reads(t.words) and (t.whole or len(t.words) > 2 or "sql" in t.words)})


@pytest.mark.parametrize("words", READ, ids=shlex.join)
def test_a_command_that_reads_has_an_answer(words, office, monkeypatch, capsys):
    monkeypatch.chdir(office)
    monkeypatch.setenv("CRM_PIPELINE_SETTINGS", str(office / "settings.yaml"))
    monkeypatch.delenv("CRM_PIPELINE_MAPPING", raising=False)
    with Warehouse(office / "crm.duckdb").read() as connection:
        here = {**MADE_UP, "1a2b3c4d": waiting(connection, 1)[0].pair_id}
    program.main([here.get(word, word) for word in words], prog_name="crm-pipeline", standalone_mode=False)
    assert capsys.readouterr().out
