"""Every sentence and word of the plan stage has a Japanese one: what the source can say, none is forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline.model import Act, OpState, PlanState, Rule
from crm_pipeline.push.refusals import registry
from crm_pipeline.report.diff.sentences import sentence_ja
from crm_pipeline.report.diff.words import ja

_PLAN = Path(__file__).parents[2] / "crm_pipeline" / "plan"
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
#: Calls whose texts a person reads in a plan, and the names under which such texts are put together.
_SAY = {"Decision", "_Verdict", "_conflict", "refused", "Untranslatable", "NoOption"}
_NAMES = {"why", "problem", "reason"}
#: Folders whose texts are not a plan's: verdicts of `fields` have their own Japanese, and errors end a command.
_OTHERS = {"fit/verdict.py", "fit/compatibility.py", "fit/types.py", "fit/stages.py"}

#: Beginnings and ends that the source puts together, and what comes of them.
_PIECES = {
    "X: let it be read, or choose another one there",
    "blocked: X refers to X X X, which is not read",
    "blocked: waits for X: X has no X of itX",
    "blocked: waits for its X record, which is not createdX",
    "X; X",
}
_WHOLE = (
    "blocked: X refers to X X X, which is not read: let it be read, or choose another one there",
    "blocked: waits for person-1: X has no X or Y of it, and none is being created",
    "blocked: waits for person-1: X has no X of it: HubSpot contacts needs a, which no linked record has",
    "blocked: waits for its X record, which is not created: X needs a, which the mapping does not fill; add the field, "
    "or set no create",
    "waits for a person; several answers wait, of X, Y: keep one of them in state.answer",
)


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts that an expression can be, with `X` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)


def said() -> dict[str, str]:
    """Sentence -> where it stands."""
    found: dict[str, str] = {}
    for path in sorted(_PLAN.rglob("*.py")):
        where = path.relative_to(_PLAN).as_posix()
        if where in _OTHERS or where.startswith(("rules/", "trial/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            expressions: list[ast.AST] = []
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                expressions += node.args if name in _SAY else []
                expressions += [keyword.value for keyword in node.keywords if keyword.arg in ("reason", "why")]
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in _NAMES:
                expressions.append(node.value)
            elif isinstance(node, ast.Return) and node.value is not None and where in ("undo/take_back.py",):
                expressions += node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for text in (text for one in expressions for text in _texts(one)):
                if " " in text and not text.startswith((": ", "select", ", and")):
                    found[text] = where
    return found


@pytest.mark.parametrize(
    ("text", "where"), sorted((text, where) for text, where in said().items() if text not in _PIECES)
)
def test_every_sentence_of_the_plan_stage_is_japanese_too(text, where):
    assert _JAPANESE.search(sentence_ja(text)), where


@pytest.mark.parametrize("text", _WHOLE)
def test_sentences_that_are_put_together_are_japanese_to_the_end(text):
    assert not re.search(r"\b(waits|which|needs|several)\b", sentence_ja(text))


def test_the_source_was_read():
    assert {"X has a value", "more complete", "X cannot be cleared", "both sides changed"} <= said().keys()


@pytest.mark.parametrize("word", [*Rule, *Act, *OpState, *PlanState])
def test_every_rule_and_state_has_a_japanese_word(word):
    assert _JAPANESE.search(ja(word))


def test_gaps_are_carried_over_and_their_words_translated():
    assert sentence_ja("HubSpot has no record of this person") == "HubSpotにこの人物のレコードがない"
    assert "5 %、50件以上" in sentence_ja(
        "HubSpot contacts: 9 creates for 10 linked records (allowed 5 %, at least 50); HubSpot contacts: first run of "
        "this mapping"
    )
    assert sentence_ja("of nobody's making") == "of nobody's making"


def test_a_code_without_a_japanese_meaning_would_be_seen():
    assert all(_JAPANESE.search(one.meaning_ja) for one in registry().values())
