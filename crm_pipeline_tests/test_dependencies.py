"""The audit of what is installed finds what it is there for."""

from importlib.metadata import distributions

import pytest

from crm_pipeline_tests import dependencies as audit

LOCK = "urllib3==2.8.0 \\\n    --hash=sha256:00\nnumpy==2.4.6 ; python_full_version < '3.0' \\\n    --hash=sha256:01\n"


def test_a_lock_with_versions_and_hashes_is_well():
    assert list(audit.of_the_lock(LOCK)) == []
    assert audit.locked(LOCK) == {"urllib3": "2.8.0"}


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("urllib3==2.8.0\n", "urllib3 has no hash"),
        ("urllib3>=2 \\\n    --hash=sha256:00\n", "has no version"),
        (LOCK.replace("2.8.0", "2.6.0"), "urllib3 2.6.0 must not be used"),
        ("--index-url https://x.example/simple\n" + LOCK, "it names where packages come from"),
    ],
)
def test_a_lock_that_is_not_whole_is_told(lock, said):
    assert said in "\n".join(audit.of_the_lock(lock))


def test_what_is_installed_and_not_locked_is_told(tmp_path):
    for name, version in (("urllib3", "2.8.0"), ("crm-pipeline", "1"), ("stranger", "1")):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Name: {name}\nVersion: {version}\nLicense-Expression: MIT\n", encoding="utf-8"
        )
    found = list(distributions(path=[str(tmp_path)]))
    assert list(audit.of_the_installed(found, audit.locked(LOCK))) == [
        "stranger 1 is installed, the lock does not have it: nobody checked it; "
        "uninstall it, or name it in pyproject.toml and run make lock"
    ]


def test_a_dependency_without_a_reason_is_told():
    text = 'dependencies = [\n  "a>=1",\n  # For b.\n  "b>=1",\n]\n'
    assert list(audit.of_the_reasons(text)) == ['pyproject.toml: "a>=1" has no comment that says what it is for']


@pytest.mark.parametrize(
    "licence", ["MIT", "Apache-2.0 OR GPL-3.0-only", "MPL-2.0 AND (Apache-2.0 OR MIT)", "BSD License"]
)
def test_a_permissive_licence_is_allowed(licence):
    assert audit.permissive(licence)


@pytest.mark.parametrize("licence", ["", "GPL-3.0-only", "MIT AND AGPL-3.0-only", "Proprietary", "UNKNOWN"])
def test_any_other_licence_is_for_a_person_to_decide(licence):
    assert not audit.permissive(licence)
