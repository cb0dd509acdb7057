"""The page docs/reference.md: every command, exit code, setting, mapping key and environment variable.

Pure but for reading the defaults. Belongs here: the page. Not here: what it is made of (answers.py, configuration.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from crm_pipeline.cli import commands
from crm_pipeline.cli.exit_codes import CODES
from crm_pipeline.cli.program import leaves
from crm_pipeline_tests.architecture.modules import ROOT
from crm_pipeline_tests.documentation.answers import ANSWERS
from crm_pipeline_tests.documentation.configuration import MAPPING_KEYS, VARIABLES, settings_rows

PAGE = ROOT / "docs" / "reference.md"

_HEAD = """\
# Reference

Made from the program by `make docs`; a test says that it is current. What the tables hold is in
[tables.md](tables.md), what the codes of refused writes mean in [errors.md](errors.md).

- [Commands](#commands), and [what `--json` holds](#what---json-holds)
- [Exit codes](#exit-codes)
- [Settings](#settings)
- [Mapping](#mapping)
- [Environment variables](#environment-variables)
- [Shell completion](#shell-completion)
"""
_COMPLETION = """\
## Shell completion

Commands and options, hashes of plans, numbers of runs, pairs in review and holds are completed. They are looked up in
the published copy, so that pressing Tab never stands in the way of a run.

```sh
source <(crm-pipeline completion bash)     # in ~/.bashrc
source <(crm-pipeline completion zsh)      # in ~/.zshrc
crm-pipeline completion fish > ~/.config/fish/completions/crm-pipeline.fish
```
"""
_JSON = """\
### What `--json` holds

On standard output, on one line, in UTF-8; progress and warnings go to standard error. Times are ISO 8601. A key may be
added by a newer version; none is taken away and none changes its meaning. Values of customers are masked unless
`--values` is given, where a command has that option.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join(
        [_HEAD, *_commands(), _JSON, *_answers(), *_codes(), *_settings(), *_mapping(), *_variables(), _COMPLETION]
    )


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    for title, names in commands.sections.items():
        yield f"### {title}\n"
        for name in names:
            for words, command in leaves(commands.commands[name], name):
                yield from _command(words, command)


def _command(words: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"crm-pipeline {words}")
    usage = "" if isinstance(command, click.Group) else " ".join(command.collect_usage_pieces(context))
    yield f"#### crm-pipeline {words}\n"
    yield f"`{context.command_path} {usage}".rstrip() + "`\n"
    yield f"{_text(command.help or '')}\n"
    options = [option for option in command.params if isinstance(option, click.Option)]
    if options:
        yield from _table(("option", "meaning"), (_option(option, context) for option in options))
    if command.epilog:
        examples = command.epilog.removeprefix("\b\nExamples:\n")
        yield "```text\n" + "\n".join(line.removeprefix("  ") for line in examples.splitlines()) + "\n```\n"


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    record = option.get_help_record(context)
    assert record is not None, f"{option.name} has no help"
    return f"`{record[0]}`", " ".join(record[1].split())


def _answers() -> Iterator[str]:
    rows = ((f"`{words}`", what, ", ".join(_name(key) for key in keys)) for words, (what, keys) in ANSWERS.items())
    yield from _table(("command", "answer", "keys"), rows)


def _name(key: str) -> str:
    return key if " " in key else f"`{key}`"


def _codes() -> Iterator[str]:
    yield "## Exit codes\n"
    yield from _table(("code", "means", "what to do"), ((code.numbers, code.means, code.to_do) for code in CODES))


def _settings() -> Iterator[str]:
    yield "## Settings\n"
    yield (
        "A YAML file, named by `CRM_PIPELINE_SETTINGS`; what it leaves out has its default. "
        "An unknown key is an error.\n"
    )
    rows = ((f"`{key}`", shape, f"`{default}`", meaning) for key, shape, default, meaning in settings_rows())
    yield from _table(("key", "may be", "default", "meaning"), rows)


def _mapping() -> Iterator[str]:
    yield "## Mapping\n"
    yield (
        "A YAML file, named by `CRM_PIPELINE_MAPPING`, that replaces the default mapping whole. "
        "[Mapping](mapping.md) walks through it, [Sync rules](sync-rules.md) says what each rule does.\n"
    )
    for title, keys in MAPPING_KEYS.values():
        yield f"**{title}**\n"
        yield from _table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in keys.items()))
    yield "`read`, beside the kinds: system -> object -> fields that are read and never written.\n"


def _variables() -> Iterator[str]:
    yield "## Environment variables\n"
    yield "Secrets come from here only, never from a file of settings.\n"
    rows = ((f"`{name}`", what, "yes" if secret else "") for name, (what, secret) in VARIABLES.items())
    yield from _table(("variable", "what it is", "secret"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _text(text: str) -> str:
    """A docstring as paragraphs; what click keeps as it is stays so."""
    paragraphs = [part.strip() for part in text.replace("\b", "").split("\n\n")]
    return "\n\n".join(" ".join(part.split()) for part in paragraphs if part)
