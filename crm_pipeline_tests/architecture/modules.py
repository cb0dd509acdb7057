"""The package's modules and what they import, read without running them."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "crm_pipeline"


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    imports: frozenset[str]

    @property
    def area(self) -> str:
        """The folder or file directly under the package."""
        return self.name.split(".")[1] if "." in self.name else self.name


@cache
def modules() -> list[Module]:
    """All modules of the package; each worker of the tests asks several times while it collects."""
    return [_module(path) for path in sorted(PACKAGE.rglob("*.py"))]


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base]).rstrip(".")
            imports.update(f"{base}.{alias.name}" for alias in node.names)
    return Module(name, path, frozenset(imports))
