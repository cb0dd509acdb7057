"""What is installed: pinned by hash, whole, under known licences, no version known to be bad. Part of `make lint`.

Belongs here: what can be said honestly without a network. Not here: a database of vulnerabilities, which lives on one:
docs/privacy.md has the command that asks it. `python -m crm_pipeline_tests.dependencies` prints what is wrong.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]

#: Licences under which we may hand on what we install. MPL-2.0 binds who changes its files: we change none.
ALLOWED = re.compile(
    r"(MIT(-0)?|Apache(-2\.0)?|BSD(-[23]-Clause)?|[23]-Clause BSD|0BSD|PSF-2\.0|Python Software Foundation|ISC|Zlib"
    r"|CC0-1\.0|Unlicense|HPND|Mozilla Public License 2\.0 \(MPL 2\.0\)|MPL-2\.0)"
    r"( License| Software License|, Version 2\.0| License, Version 2\.0| 2\.0)?",
    re.IGNORECASE,
)
#: Versions that must not come back, and why.
FORBIDDEN = {
    ("urllib3", "2.6.0"): "it lacks getheader(), which the HubSpot client calls",
    ("requests", "2.32.0"): "withdrawn: its TLS contexts ignored verify",
    ("requests", "2.32.1"): "withdrawn: its TLS contexts ignored verify",
}
#: Our own package, and what only builds environments.
_NOT_LOCKED = {"crm-pipeline", "pip", "setuptools", "wheel", "uv"}
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)((?: ;[^\\]*)?) \\$", re.MULTILINE)


def locked(text: str) -> dict[str, str]:
    """Package -> version that a lock file says for this Python on this machine."""
    found = ((name, version, marker.strip(" ;")) for name, version, marker in _LOCKED.findall(text))
    return {canonicalize_name(n): version for n, version, marker in found if not marker or Marker(marker).evaluate()}


def of_the_lock(text: str) -> Iterator[str]:
    """What is wrong with a lock file: something without a version or hash, an address of a registry."""
    entries = re.split(r"\n(?=\S)", text.strip())
    for entry in entries:
        name = entry.split(" ")[0].split("=")[0]
        if "==" not in entry.split("\n")[0]:
            yield f"requirements.lock: {name} has no version"
        if "--hash=sha256:" not in entry:
            yield f"requirements.lock: {name} has no hash"
    for (name, version), why in FORBIDDEN.items():
        if locked(text).get(name) == version:
            yield f"requirements.lock: {name} {version} must not be used: {why}"
    if re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text):
        yield "requirements.lock: it names where packages come from; that is the machine's business"


def of_the_reasons(text: str) -> Iterator[str]:
    """Direct dependencies of pyproject.toml without a reason in the comment above them (or above their group)."""
    lines = text.splitlines()
    start = lines.index("dependencies = [")
    reason = False
    for line in lines[start + 1 : lines.index("]", start)]:
        stripped = line.strip()
        if stripped.startswith("#"):
            reason = True
        elif not reason:
            yield f"pyproject.toml: {stripped.rstrip(',')} has no comment that says what it is for"


def of_the_installed(found: list[Distribution], lock: dict[str, str]) -> Iterator[str]:
    """What is wrong with what is installed: not as the lock says, unmet requirements, licences."""
    versions = {canonicalize_name(one.metadata["Name"]): one.version for one in found}
    for one in found:
        name = canonicalize_name(one.metadata["Name"])
        if name not in lock and name not in _NOT_LOCKED:
            yield (
                f"{name} {one.version} is installed, the lock does not have it: nobody checked it; "
                "uninstall it, or name it in pyproject.toml and run make lock"
            )
        if name in lock and lock[name] != one.version:
            yield f"{name} {one.version} is installed, the lock says {lock[name]}: run make lint, which installs it"
        for text in one.requires or ():
            needed = Requirement(text)
            if needed.marker and not needed.marker.evaluate({"extra": ""}):
                continue
            version = versions.get(canonicalize_name(needed.name))
            if version is None or not needed.specifier.contains(version, prereleases=True):
                yield f"{name} needs {needed.name}{needed.specifier}, {version or 'nothing'} is installed"
        if name in lock and not permissive(licence(one)):
            yield f"{name}: its licence is {licence(one) or 'not told'}; see whether we may use it, then allow it here"


def licence(one: Distribution) -> str:
    """As its metadata tell, the newest way of telling first."""
    told = one.metadata.get("License-Expression")
    classifiers = [
        text.rpartition("::")[2].strip()
        for text in one.metadata.get_all("Classifier") or ()
        if text.startswith("License ::") and text.count("::") > 1
    ]
    return told or " AND ".join(classifiers) or (one.metadata.get("License") or "").split("\n")[0]


def permissive(expression: str) -> bool:
    """Whether every licence that must be kept is allowed: of `A OR B` one is enough."""
    parts = [part.strip(" ()") if " OR " in part else part.strip() for part in expression.split(" AND ")]
    return bool(expression) and all(
        any(ALLOWED.fullmatch(one.strip(" ")) for one in part.split(" OR ")) for part in parts
    )


def problems() -> list[str]:
    """Everything that is wrong, a sentence each."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return [*of_the_lock(lock), *of_the_reasons(project), *of_the_installed(list(distributions()), locked(lock))]


if __name__ == "__main__":
    wrong = problems()
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(bool(wrong))
