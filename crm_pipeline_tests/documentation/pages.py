"""The pages of the documentation and what stands in them: code blocks, code spans, commands, links, anchors.

Belongs here: reading Markdown. Not here: what must be true of it (the tests beside this file).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_pipeline_tests.architecture.modules import ROOT

PAGES = [ROOT / "README.md", ROOT / "README.ja.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_OPERATORS = re.compile(r"[();<>|&]+")


def name(page: Path) -> str:
    """The page's name as tests show it."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """Fenced code. `language`: as the page says it, empty if it does not."""

    page: Path
    language: str
    text: str


BLOCKS = [Block(page, *found) for page in PAGES for found in _FENCED.findall(TEXT[page])]


def of(language: str) -> list[Block]:
    """The blocks of a language, page by page."""
    return [block for block in BLOCKS if block.language == language]


@dataclass(frozen=True)
class Typed:
    """A command of ours as a page has it. `words`: what follows `crm-pipeline`; `whole`: it stands in a block, to be
    typed as it is, and is no mention of a command by its name only."""

    page: Path
    words: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        return f"{name(self.page)}: {shlex.join(self.words)}"


def commands() -> list[Typed]:
    """Every `crm-pipeline ...` of the documentation, each once a page."""
    found = {Typed(block.page, words, True): None for block in BLOCKS for words in _in_shell(block.text)}
    for page, text in TEXT.items():
        for span in (
            spans(text) if page.name != "reference.md" else ()
        ):  # usage, as click writes it, and not as one types
            found |= {Typed(page, words, False): None for words in _in_shell(span)}
    whole = {(typed.page, typed.words) for typed in found if typed.whole}
    return [typed for typed in found if typed.whole or (typed.page, typed.words) not in whole]


def spans(text: str) -> list[str]:
    """Code within a line of text."""
    return re.findall(r"`([^`\n]+)`", _FENCED.sub("", text))


def _in_shell(text: str) -> Iterator[tuple[str, ...]]:
    for line in _lines(text):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split, lexer.commenters = True, "#"
        words: list[str] = []
        for token in [*lexer, ";"]:
            if not _OPERATORS.fullmatch(token):
                words.append(token)
                continue
            at = next((n for n, word in enumerate(words) if word in ("crm-pipeline", ".venv/bin/crm-pipeline")), None)
            if at is not None:
                yield tuple(words[at + 1 :])
            words = []


def _lines(text: str) -> Iterator[str]:
    """Lines as a shell reads them: a quotation mark stays open until it is closed. Lines without us are left out."""
    line = ""
    for part in text.splitlines():
        line = f"{line}\n{part}" if line else part
        if "crm-pipeline" not in line:
            line = ""
            continue
        try:
            shlex.split(line, comments=True)
        except ValueError:
            continue
        yield line
        line = ""
    assert not line, f"a quotation mark is left open: {line}"


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may name, as GitHub makes it."""
    slugs: dict[str, int] = {}
    found = set()
    for heading in re.findall(r"^#+ (.+)$", _FENCED.sub("", TEXT[page]), re.MULTILINE):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        found.add(f"{slug}-{slugs[slug]}" if slug in slugs else slug)
        slugs[slug] = slugs.get(slug, 0) + 1
    return found
