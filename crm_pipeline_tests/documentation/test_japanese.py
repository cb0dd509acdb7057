"""README.ja.md: what it says of names, companies and telephone numbers is what the comparison keys are."""

import json
import re

import pytest
from click.testing import CliRunner

from crm_pipeline.cli import commands
from crm_pipeline_tests.architecture.modules import ROOT
from crm_pipeline_tests.documentation.pages import TEXT

#: First word of a line of the table -> kind, and the keys by which records are compared.
KINDS = {
    "氏名": ("name", ("family_key", "given_key")),
    "会社名": ("company", ("key",)),
    "電話番号": ("phone", ("e164",)),
    "住所": ("address", ("prefecture", "city", "town", "number")),
    "日付": ("date", ("date",)),
    "メールアドレス": ("e-mail", ("identity",)),
}
TABLE = TEXT[ROOT / "README.ja.md"].partition("### 表記ゆれの吸収")[2].partition("###")[0]
ROWS = [(name, cell.split(" ・ ")) for name, cell in re.findall(r"^\| ([^|]+?) \| ([^|]+ ・ [^|]+?) \|$", TABLE, re.M)]


@pytest.mark.parametrize(("name", "spellings"), ROWS, ids=[name for name, _ in ROWS])
def test_spellings_that_are_said_to_be_the_same_have_the_same_keys(name, spellings):
    kind, keys = KINDS[name.partition("（")[0]]
    answer = CliRunner().invoke(commands, ["normalise", kind], input="\n".join(spellings)).stdout
    found = {tuple(json.loads(line)[key] for key in keys) for line in answer.splitlines()}
    assert len(spellings) > 1
    assert len(found) == 1
    assert all(found.pop())


def test_every_kind_has_a_line():
    assert {name.partition("（")[0] for name, _ in ROWS} == set(KINDS)
