"""The program as a group of commands: in sections by what a person needs, each with examples in its help.

Belongs here: how the list of commands and their help look. Not here: the commands, the examples (examples.py), what
exit codes mean (exit_codes.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from crm_pipeline.cli.examples import EXAMPLES
from crm_pipeline.cli.exit_codes import CODES


class UnreadError(Exception):
    """Whoever read our output closed it. Click would take it for a success."""


class Program(click.Group):
    """Commands in the order in which a person needs them, not of the alphabet."""

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.sections: dict[str, list[str]] = {}

    def add_section(self, title: str, *commands: click.Command) -> None:
        """`title`: what these commands are for. Examples are put into the help of each."""
        self.sections[title] = [command.name or "" for command in commands]
        for command in commands:
            self.add_command(command)
            _give_examples(command, command.name or "")

    def invoke(self, ctx: click.Context) -> object:
        """Raises UnreadError for a closed pipe."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise UnreadError from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A sentence each, whole: what is cut off says nothing."""
        for title, names in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, short(self.commands[name])) for name in names])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(code.numbers, code.means) for code in CODES])
        formatter.write_paragraph()
        formatter.write_text("`crm-pipeline COMMAND --help` says what a command does, with examples.")


def short(command: click.Command) -> str:
    """The first sentence of a command's help."""
    return command.get_short_help_str(limit=1000)


def leaves(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that name it: `review list`."""
    if isinstance(command, click.Group):
        if command.invoke_without_command:
            yield path, command
        for name, below in command.commands.items():
            yield from leaves(below, f"{path} {name}".strip())
    else:
        yield path, command


def _give_examples(command: click.Command, path: str) -> None:
    for words, leaf in leaves(command, path):
        if lines := EXAMPLES.get(words):
            width = max(len(line) for line, _ in lines)
            shown = (f"  {line:<{width}}  {f'# {why}' if why else ''}".rstrip() for line, why in lines)
            leaf.epilog = "\b\nExamples:\n" + "\n".join(shown)
