"""The files in which a person may stand beside the database's rows, and how each is made free of them.

Belongs here: the database file itself (deleted rows stay in its free blocks and its log), copies of it, half-read
pages, models, reports. Not here: rows (places.py), the published copy, which is published anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from crm_pipeline.config.settings import Settings
from crm_pipeline.errors import WarehouseError, WarehouseLockedError
from crm_pipeline.privacy import proof
from crm_pipeline.warehouse import kept
from crm_pipeline.warehouse.connection import configured

_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Files:
    """What lies beside a warehouse. `databases`: those of today; `copies`: from before an upgrade; `spools`: folders of
    pages that were read and not loaded; `models`, `reports`, `others`: files."""

    databases: tuple[Path, ...]
    copies: tuple[Path, ...]
    spools: tuple[Path, ...]
    models: tuple[Path, ...]
    reports: tuple[Path, ...]
    others: tuple[Path, ...]

    @property
    def every(self) -> list[Path]:
        """Each file once, for looking at its bytes."""
        inside = [path for folder in self.spools for path in folder.rglob("*") if path.is_file()]
        found = [*self.databases, *self.copies, *inside, *self.models, *self.reports, *self.others]
        return list(dict.fromkeys(found))


def known(settings: Settings) -> Files:
    """The files that there are. Dagster's home is among the others where DAGSTER_HOME names it."""
    warehouse, published = settings.warehouse, settings.published
    beside = [*_beside(warehouse), *_beside(published)]
    home = os.environ.get("DAGSTER_HOME")
    if home:
        beside += sorted(path for path in Path(home).rglob("*") if path.is_file())
    spool = warehouse.with_name(f"{warehouse.name}.spool")
    return Files(
        tuple(path for path in (warehouse, published) if path.exists()),
        tuple(kept.copies(warehouse)),
        tuple(sorted(path for path in spool.iterdir() if path.is_dir())) if spool.is_dir() else (),
        tuple(sorted(warehouse.with_name(f"{warehouse.stem}_match_model").glob("*.json"))),
        tuple(sorted(settings.reports.glob("*.html"))),
        tuple(beside),
    )


def _beside(database: Path) -> list[Path]:
    names = [f"{database.name}.{end}" for end in ("wal", "building", "building.wal", "erasing", "erasing.wal")]
    found = [path for name in names if (path := database.with_name(name)).exists()]
    spilled = database.with_name(f"{database.name}.tmp")
    return [*found, *sorted(path for path in spilled.rglob("*") if path.is_file())]


def require_nobody_reads(files: Files) -> None:
    """Raises WarehouseLockedError while another process reads pages into a spool."""
    for folder in files.spools:
        with (folder / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WarehouseLockedError(
                    f"another process is reading into {folder}; wait for it to end, then start again"
                ) from None


def rewrite(path: Path) -> None:
    """The database in a new file, in place of the old one: what was deleted is in no block and no log of it.

    The old file stays locked until the new one is in its place. Raises WarehouseError.
    """
    new = path.with_name(f"{path.name}.erasing")
    for leftover in (new, new.with_name(f"{new.name}.wal")):
        leftover.unlink(missing_ok=True)
    try:
        with configured(duckdb.connect(str(path))) as connection:
            connection.execute("checkpoint")
            connection.execute(f"attach '{str(new).replace(chr(39), chr(39) * 2)}' as renewed")
            new.chmod(_OWNER_ONLY)
            (name,) = connection.execute("select current_database()").fetchone() or ("",)
            connection.execute(f'copy from database "{name}" to renewed')
            connection.execute("checkpoint renewed")
            connection.execute("detach renewed")
            os.replace(new, path)
    except (duckdb.Error, OSError) as error:
        new.unlink(missing_ok=True)
        raise WarehouseError(
            f"{path} cannot be written anew ({type(error).__name__}): the person is out of its tables, but may "
            "still be in free blocks of the file; free some space and close what has it open, then run: "
            "crm-pipeline erase --again"
        ) from None


def remove(files: Files) -> list[Path]:
    """Delete what would bring the person back: copies from before an upgrade, pages that were not loaded, leftovers."""
    gone = [*files.copies, *(path for path in files.others if _is_leftover(path))]
    for path in gone:
        path.unlink(missing_ok=True)
    for folder in files.spools:
        shutil.rmtree(folder, ignore_errors=True)
    return [*gone, *files.spools]


def _is_leftover(path: Path) -> bool:
    return path.name.endswith((".building", ".building.wal", ".erasing", ".erasing.wal"))


def forget_in_models(files: Files, keys: Iterable[str]) -> list[Path]:
    """Take these texts out of the matching models: how common a name is that nobody has any more says who was here."""
    names = set(keys)
    changed = []
    for path in files.models:
        model = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps(model, ensure_ascii=False)
        for terms in model.get("terms", {}).values():
            terms["shares"] = {value: share for value, share in terms["shares"].items() if value not in names}
        shared = model.get("shared", {})
        for what, values in shared.items():
            shared[what] = [value for value in values if value not in names]
        if json.dumps(model, ensure_ascii=False) != text:
            new = path.with_suffix(".erasing")
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w", encoding="utf-8") as file:
                file.write(json.dumps(model, ensure_ascii=False, indent=1) + "\n")
            os.replace(new, path)
            changed.append(path)
    return changed


def remove_reports(files: Files, texts: Iterable[str]) -> list[Path]:
    """Delete the reports in which one of the texts stands; `crm-pipeline report RUN` makes them anew without it."""
    hits = {hit.place for hit in proof.in_files(files.reports, texts).hits} if files.reports else set()
    gone = [path for path in files.reports if str(path) in hits]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
