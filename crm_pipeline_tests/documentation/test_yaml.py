"""Every YAML block of the documentation is taken: settings, a piece of a mapping, rule tests, columns of a file.

A piece of a mapping stands under the keys where it belongs, and is tried laid over the default mapping.
"""

import pytest
import yaml

from crm_pipeline.config import load_settings
from crm_pipeline.config.load import DEFAULTS
from crm_pipeline.match.file.mapping import read_mapping
from crm_pipeline.report import rule_tests
from crm_pipeline_tests.documentation.pages import name, of

BLOCKS = of("yaml")
SETTINGS, MAPPING = ((yaml.safe_load((DEFAULTS / f"{n}.yaml").read_text("utf-8"))) for n in ("settings", "mapping"))


def laid_over(below, above):
    """Key by key; a field as a whole."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {
        **below,
        **{k: {**below[k], **v} if k == "fields" else laid_over(below.get(k), v) for k, v in above.items()},
    }


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{name(block.page)}: {block.text.split()[0]}")
def test_a_block_is_taken(block, tmp_path, monkeypatch):
    for variable in ("CRM_PIPELINE_SETTINGS", "CRM_PIPELINE_MAPPING"):
        monkeypatch.delenv(variable, raising=False)
    file, data = tmp_path / "block.yaml", yaml.safe_load(block.text)
    file.write_text(block.text, encoding="utf-8")
    if "tests" in data:
        assert not any(test.failures for test in rule_tests.tested([file], load_settings(), None))
    elif "columns" in data:
        read_mapping(file)
    elif set(data) <= set(SETTINGS):
        load_settings(settings=file)
    else:
        assert set(data) <= set(MAPPING)
        file.write_text(yaml.safe_dump(laid_over(MAPPING, data)), encoding="utf-8")
        load_settings(mapping=file)
