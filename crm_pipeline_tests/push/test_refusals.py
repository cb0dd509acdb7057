"""Every code that a write can end with is in the registry, and the documentation's page is the registry's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_pipeline.push.refusals import OURS, Category, Retry, code_of, page, refusal, registry
from crm_pipeline_tests.architecture.modules import ROOT

PACKAGE = ROOT / "crm_pipeline"
FILES = sorted(one for area in ("plan", "push") for one in (PACKAGE / area).rglob("*.py"))


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def _text(node: ast.expr) -> str | None:
    """A literal text; what an f-string fills in is a 9, which may be a number or a name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "9" for one in node.values)
    return None


def codes() -> set[str]:
    """Every literal `code=...` of the stages that end operations."""
    named = (k for path in FILES for call in _calls(path) for k in call.keywords if k.arg == "code")
    return {text for k in named if (text := _text(k.value))}


def sentences() -> dict[str, str]:
    """Every literal reason for which planning refuses an operation -> where it stands."""
    found = {}
    for path in FILES:
        for call in _calls(path):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in ("refused", "Untranslatable") and call.args and (text := _text(call.args[0])):
                found[text] = f"{path.relative_to(ROOT)}:{call.lineno}"
    return found


def test_every_code_of_ours_is_registered() -> None:
    ours = {code for system, code in registry() if system == OURS}
    assert len(codes()) >= 6
    assert codes() <= ours


def test_every_refusal_of_a_plan_has_a_code() -> None:
    assert len(sentences()) >= 6
    assert {place: text for text, place in sentences().items() if not code_of(text)} == {}


@pytest.mark.parametrize(
    "problem", ["held by hubspot/contacts/7", "Salesforce Lead needs Company, which no linked record has"]
)
def test_a_code_is_found_by_the_sentence(problem: str) -> None:
    assert code_of(problem) in ("held_by", "required_blank")


def test_a_code_that_nobody_listed_is_a_refusal_for_good() -> None:
    found = refusal("salesforce", "NEW_IN_WINTER")
    assert (found.category, found.retry) == (Category.VALUE, Retry.CHANGED)
    assert "NEW_IN_WINTER" not in {code for _, code in registry()}


def test_every_entry_says_something_in_both_languages() -> None:
    for one in registry().values():
        assert one.meaning.endswith(".")
        assert one.meaning_ja.endswith(("。", "）。"))
        assert one.action.endswith(".")


def test_the_page_is_current() -> None:
    """Otherwise: python -m crm_pipeline.push.refusals > docs/errors.md"""
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == "\n".join(page()) + "\n"
