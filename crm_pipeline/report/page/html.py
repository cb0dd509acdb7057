"""HTML of the report: texts in both languages, tables, folded parts, commands.

Belongs here: markup without a subject. Not here: what the parts say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from crm_pipeline.report.diff.page import both, linked, rule, sentence
from crm_pipeline.report.diff.words import ja

__all__ = ["Column", "both", "code", "folded", "linked", "number", "part", "rule", "sentence", "table", "word"]


@dataclass(frozen=True)
class Column:
    """Of a table. `is_number`: aligned at the right."""

    english: str
    japanese: str
    is_number: bool = False


def word(english: str) -> str:
    """A word of a table or an enum, whose Japanese is in diff/words.py."""
    return both(english.replace("_", " "), ja(english).replace("_", " "))


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def code(command: str) -> str:
    """What is typed as it stands, line by line."""
    return f"<pre><code>{escape(command)}</code></pre>"


def part(name: str, english: str, japanese: str) -> str:
    """The heading of a part of the page; `name`: what the table of contents leads to."""
    return f'<h2 id="{name}">{both(english, japanese)}</h2>'


def folded(title: str, inside: Iterable[str], *, is_open: bool = False, style: str = "") -> Iterator[str]:
    """A part that opens with a click. `title` and `inside` are HTML."""
    yield f"<details{f' class={style}' if style else ''}{' open' if is_open else ''}><summary>{title}</summary>"
    yield from inside
    yield "</details>"


def table(
    title: tuple[str, str], columns: Sequence[Column], rows: Iterable[Sequence[str]], *, style: str = ""
) -> Iterator[str]:
    """A table whose first cell of a row is its heading; cells are HTML. On a phone a row becomes a list, in which each
    cell says what it is. `title`: for those who hear the page."""
    yield f'<table class="list {style}"><caption>{both(*title)}</caption><thead><tr>'
    names = [both(column.english, column.japanese) for column in columns]
    kinds = [" class=n" if column.is_number else "" for column in columns]
    yield "".join(f"<th scope=col{kind}>{name}</th>" for name, kind in zip(names, kinds, strict=True))
    yield "</tr></thead><tbody>"
    for first, *cells in rows:
        yield f"<tr><th scope=row>{first}</th>"
        yield "".join(
            f'<td{kind}><span class=l aria-hidden="true">{name}</span> {cell}</td>'
            for name, kind, cell in zip(names[1:], kinds[1:], cells, strict=True)
        )
        yield "</tr>\n"
    yield "</tbody></table>"
