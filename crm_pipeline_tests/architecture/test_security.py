"""What the package never does, read from its source."""

import ast
import re

from crm_pipeline_tests.architecture.modules import PACKAGE, ROOT, modules

PRODUCT = [module for module in modules() if module.area != "emulator"]
#: Ways not to verify a certificate.
UNVERIFIED = re.compile(
    r"verify\s*=\s*False|verify_ssl\s*=\s*False|CERT_NONE|_create_unverified|check_hostname\s*=\s*False|disable_warnings"
)


def test_certificates_are_verified_everywhere():
    assert [m.name for m in PRODUCT if UNVERIFIED.search(m.path.read_text(encoding="utf-8"))] == []


def test_nothing_runs_text_as_a_program_or_reads_objects_from_bytes():
    forbidden = {"pickle", "marshal", "shelve", "dill"}
    assert [m.name for m in PRODUCT if {name.split(".")[0] for name in m.imports} & forbidden] == []
    called = [
        (module.name, node.func.id)
        for module in PRODUCT
        for node in ast.walk(ast.parse(module.path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec")
    ]
    assert called == []


def test_no_setting_and_no_default_holds_a_secret():
    for path in (PACKAGE / "config").rglob("*"):
        if path.suffix in (".py", ".yaml"):
            named = re.findall(r"^\s*(\w*(?:token|secret|password)\w*)\s*:", path.read_text(encoding="utf-8"), re.M)
            assert named == [], path.name


def test_security_rules_of_the_linter_are_on_for_the_whole_package():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"S"' in text.split("select = [")[1].split("]")[0]
    spared = text.split("per-file-ignores]")[1].split("[tool.")[0]
    assert re.findall(r'^"([^"]+)"', spared, re.M) == ["crm_pipeline_tests/**"]


def test_an_exception_from_a_security_rule_says_why():
    silent = [
        f"{module.name}: {line.strip()}"
        for module in PRODUCT
        for line in module.path.read_text(encoding="utf-8").splitlines()
        if re.search(r"# noqa: S\d+\s*$", line)
    ]
    assert silent == []
