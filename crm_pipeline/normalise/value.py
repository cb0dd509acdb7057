"""Which raw values need new keys: results are kept by (kind, raw value, version), so that a night costs what is new.

A value of several fields is kept as one text with SEPARATOR between them: `name` is family and given name, `address` is
postal code, prefecture, city, street and country. Belongs here: the cache. Not here: computing (worker.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import crm_pipeline
from crm_pipeline.normalise import NORMALISER_VERSION, name_lexicon
from crm_pipeline.normalise.worker import SEPARATOR, work
from crm_pipeline.warehouse import Connection

SEPARATOR_CODE = ord(SEPARATOR)

#: Values that one process works on faster than others start.
_FEW = 20_000

#: Values of one file of work: small against the memory, large against the cost of a file.
_FILE_BYTES = "2MB"


def fill(connection: Connection, wanted: str, region: str) -> int:
    """Compute the keys that normalise.value lacks. `wanted`: a relation with the columns kind and raw.

    Many values are shared out to processes of their own (worker.py), one a core; what they are does not depend on it.
    Returns how many values were new.
    """
    version = version_of(region)
    connection.execute("delete from normalise.value where version <> ?", [version])
    connection.execute(
        f"create or replace temp table new_value as select distinct w.kind, w.raw from {wanted} w "
        "anti join normalise.value v on v.kind = w.kind and v.raw = w.raw"
    )
    row = connection.execute("select count(*) from new_value").fetchone()
    assert row
    count = int(row[0])
    if count:
        with tempfile.TemporaryDirectory(prefix="crm-pipeline-") as name:
            _compute(connection, Path(name), region, version, many=count > _FEW)
    connection.execute("drop table new_value")
    return count


def forget(connection: Connection) -> None:
    """Delete the values that no record has any more: those of `dropped` (hash) that normalise.seen does not know."""
    connection.execute(_FORGET)


def version_of(region: str) -> str:
    """The keys' version: of the rules, the country of a number without a country code, and the optional lexicon."""
    lexicon = name_lexicon.edition()
    return f"{NORMALISER_VERSION}/{region}" + (f"/{lexicon}" if lexicon else "")


def _compute(connection: Connection, folder: Path, region: str, version: str, *, many: bool) -> None:
    raw, keys = folder / "raw", folder / "keys"
    keys.mkdir()
    if many:
        connection.execute(
            f"copy new_value to {_quoted(raw)} (format json, per_thread_output true, file_size_bytes '{_FILE_BYTES}')"
        )
    else:
        raw.mkdir()
        connection.execute(f"copy new_value to {_quoted(raw / 'few.json')} (format json)")
    files = sorted(raw.iterdir())
    if many:
        _share_out(files, keys, region)
    for file in files:
        if not (keys / file.name).exists():
            work(file, keys / file.name, region)
    types = connection.execute("from normalise.value limit 0").description or ()
    shape = ", ".join(f"\"{column}\": '{type_}'" for column, type_, *_ in types)
    connection.execute(
        f"insert into normalise.value by name select * replace (? as version) from read_json(?, columns = {{{shape}}}, "
        "format = 'newline_delimited')",
        [version, str(keys / "*.json")],
    )


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _share_out(files: list[Path], keys: Path, region: str) -> None:
    """Let one process a core work on the files. A file that one could not finish is left to the caller."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores == 1:
        return
    ours = str(Path(crm_pipeline.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))}
    command = [sys.executable, "-m", "crm_pipeline.normalise.worker", region, str(keys)]
    processes = [
        subprocess.Popen([*command, *map(str, files[core::cores])], env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 - our own module
        for core in range(cores)
        if files[core::cores]
    ]
    try:
        for process in processes:
            process.wait()
    finally:
        for process in processes:
            process.kill()
            process.wait()


_FORGET = """
delete from normalise.value where hash(kind, raw) in (
    select hash from dropped
    anti join (
        select distinct used.hash
        from (select unnest(value_hashes) as hash from normalise.seen) used semi join dropped using (hash)
    ) still using (hash)
)
"""
