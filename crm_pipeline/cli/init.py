"""`init`: a first configuration, written from the two CRMs' own schemas."""

from __future__ import annotations

from pathlib import Path

import click

from crm_pipeline.cli import environment
from crm_pipeline.errors import ConfigError
from crm_pipeline.model import System

_FILES = ("settings.yaml", "mapping.yaml", "rules.yaml")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write settings, a mapping and rule tests into FOLDER, from what both CRMs have; nothing is overwritten.

    Fields that fit are mapped, the others stand there commented out with the reason. Asks both CRMs, writes into none.
    """
    import yaml

    from crm_pipeline.config import load_settings
    from crm_pipeline.connecting import written
    from crm_pipeline.connecting.live import live

    for name in _FILES:
        if (folder / name).exists():
            raise ConfigError(f"{folder / name} is there already and is not overwritten; name another folder")
    seen = live(environment.clients(load_settings(), System, read_only=True))
    mapping = written.mapping(seen.accounts, seen.schemas, seen.owners)
    texts = (
        written.settings(seen.accounts),
        mapping,
        written.rule_tests(str(folder / _FILES[2]), yaml.safe_load(mapping)),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in zip(_FILES, texts, strict=True):
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}; name another folder") from error
    click.echo(f"{', '.join(str(folder / name) for name in _FILES)} are written. Look through them, then:\n")
    click.echo(f"  export CRM_PIPELINE_SETTINGS={folder / _FILES[0]} CRM_PIPELINE_MAPPING={folder / _FILES[1]}")
    click.echo(f"  crm-pipeline preflight\n  crm-pipeline test-rules {folder / _FILES[2]}")
